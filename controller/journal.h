/* The journal: every change of every lamp group with its stamps, kept in one SQLite file for as long as an
 * appeal may take. It is a list of reports, each one message of the feed, and of the states that they told.
 *
 * An unbroken stretch of it begins with the states of all groups; nothing is inferred from what lies before
 * such a beginning. Reports are written in batches, each in one transaction and sealed with a SHA-256 over
 * the batch and the seal before it, so that a row changed, added or removed later is found. Format:
 * docs/evidence.md. Everything here blocks on the disk, and one thread alone may use a journal. */
#ifndef CONTROLLER_JOURNAL_H
#define CONTROLLER_JOURNAL_H

#include "../io/feed.h"
#include <stdatomic.h>

enum journal_kind {
    /* With these a stretch begins: what happened just before is not known. */
    JOURNAL_START = 1, /* the controller was started */
    JOURNAL_MISSED,    /* messages of the feed were missed */
    JOURNAL_REFUSED,   /* the disk refused what came before */
    JOURNAL_CLOCK,     /* the system clock was stepped */
    /* With these it goes on. */
    JOURNAL_FULL,   /* all states once more, so that nobody has to look back for long */
    JOURNAL_CHANGE, /* of some groups, or of the validity of all */
    JOURNAL_ALIVE,  /* nothing has changed until here */
    JOURNAL_STOP,   /* the controller was told to end */
};

static inline bool journal_breaks(enum journal_kind kind)
{
    return kind < JOURNAL_FULL;
}

enum { JOURNAL_DIGEST = 32, JOURNAL_WIRING = 1024 };

struct journal;

/* ---- writing ---- */

struct journal_limits {
    int64_t octets; /* of the file; the write-ahead log beside it takes some 4 MB more */
};

enum journal_result {
    JOURNAL_OK = 0,
    JOURNAL_FAILED = -1,  /* the system refused, or `stop` was raised */
    JOURNAL_DAMAGED = -2, /* not a sound journal */
};

/* Opens or creates the file for writing, and reads it once to see that it is sound, which takes a second or
 * more for a full journal; gives up when `stop` is raised meanwhile (NULL: never). The reason of a failure
 * is in `why`. */
enum journal_result journal_open(struct journal **out, const char *path, const struct journal_limits *limits,
                                 const atomic_bool *stop, char *why, size_t size);

/* Renames a damaged journal and what belongs to it to PATH.damaged-BOOT, its new name in `name`. Returns 0,
 * or -1 with errno set. */
int journal_set_aside(const char *path, uint64_t boot, char *name, size_t size);

/* Takes one message into the open batch, or begins one. A stretch carries the states of all its groups and
 * how they are wired; JOURNAL_ALIVE and JOURNAL_STOP carry no states. Returns 0, or -1: then the whole batch
 * is gone, and journal_error() tells why. */
int journal_put(struct journal *journal, enum journal_kind kind, const struct feed_config *config,
                const struct feed_message *message);

/* Seals the open batch and makes it durable, then makes room if the journal has outgrown its limit. Nothing
 * to do without a batch. Returns 0, or -1 as journal_put(). */
int journal_commit(struct journal *journal);

/* Removes the oldest stretches that ended before `horizon_utc_us`, two at most, so that a clock that is wrong
 * for a moment does not empty the journal. Returns 0 or -1. */
int journal_prune(struct journal *journal, int64_t horizon_utc_us);

/* The last failure in words, and whether it means that the file is damaged. */
const char *journal_error(const struct journal *journal);
bool journal_is_damaged(const struct journal *journal);

/* Without journal_commit() what is in the open batch is lost. NULL is allowed. */
void journal_close(struct journal *journal);

/* ---- reading ---- */

/* Opens it for reading alone, beside a writer too. Returns 0, or -1 with the reason in `why`. */
int journal_open_to_read(struct journal **out, const char *path, char *why, size_t size);

/* A report, and the state of the group asked for if it tells one. */
struct journal_entry {
    int64_t report; /* its number: grows by one with each */
    enum journal_kind kind;
    int64_t mono_us, utc_us; /* when it was sent */
    enum clock_state clock;
    int32_t clock_error_us;
    bool valid;
    uint32_t reasons;
    bool has_state;
    struct feed_state state; /* group_ix means nothing */
};

struct journal_stretch {
    int64_t report; /* its first */
    enum journal_kind kind;
    uint64_t boot;
    int64_t from_utc_us, to_utc_us; /* of its first and last report */
    char controller[NAME_TEXT];
};

/* Each calls `fn` in the order of writing until that returns false. They return 0, or -1 (journal_error()).
 */
typedef bool journal_stretch_fn(void *arg, const struct journal_stretch *stretch);
int journal_stretches(struct journal *journal, journal_stretch_fn *fn, void *arg);
typedef bool journal_entry_fn(void *arg, const struct journal_entry *entry);
int journal_entries(struct journal *journal, int group_no, int64_t from_report, journal_entry_fn *fn,
                    void *arg);

/* How a group was wired when that report was written, as the JSON of the feed. Returns 1, 0 if there was no
 * such group, or -1. */
int journal_wiring(struct journal *journal, int group_no, int64_t report, char wiring[JOURNAL_WIRING]);

/* The newest seal and the report up to which it reaches. Returns 0 or -1. */
int journal_seal(struct journal *journal, int64_t *report, uint8_t digest[JOURNAL_DIGEST]);

struct journal_audit {
    int64_t seals, reports;
    int64_t first_report, last_report;
    int64_t wrong_from, wrong_to; /* reports of the first batch whose seal does not hold; 0: all hold */
};

/* Works out every seal anew. Returns 0 or -1. */
int journal_audit(struct journal *journal, struct journal_audit *audit);

#endif
