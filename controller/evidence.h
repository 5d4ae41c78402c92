/* What a lamp group showed at an instant, by the journal: the answer to an appeal, signed. The rules are
 * those of a camera (docs/feed.md): what came later completes the answer or takes it back, near an edge
 * nothing is sure, and across a gap nothing is inferred. */
#ifndef CONTROLLER_EVIDENCE_H
#define CONTROLLER_EVIDENCE_H

#include "evidence_key.h"
#include "journal.h"

enum {
    EVIDENCE_MOMENTS = 96,   /* kept while looking */
    EVIDENCE_TOLD = 8,       /* told of before, and of after, the instant */
    EVIDENCE_LATER_S = 3600, /* nothing is told of what came later than this */
    EVIDENCE_TEXT = 16 * 1024,
    /* A loss of validity takes back half a second, and may be told late: before the record has gone on this
     * long nothing may be held against anyone. */
    EVIDENCE_SETTLED_MS = 1000,
};

/* What was known of a group from `from_utc_us` until the next moment. */
struct evidence_moment {
    int64_t from_utc_us;
    int64_t stretch; /* first report of the unbroken stretch it belongs to */
    bool known;      /* else a gap: `gap` says why, and nothing below means anything */
    enum journal_kind gap;
    int64_t report; /* the one that told it last */
    enum feed_color color;
    int64_t since_us;                                            /* monotonic, as below in UTC */
    int64_t since_utc_us, red_since_utc_us, yellow_since_utc_us; /* -1: none was seen */
    int32_t since_error_us, yellow_ms;
    bool verified, valid;
    int64_t enforceable_from_utc_us; /* INT64_MAX: it is not */
    uint32_t reasons;
    enum clock_state clock;
    int32_t clock_error_us;
};

/* Bits of evidence.why_not. */
enum evidence_doubt {
    DOUBT_UNKNOWN = 1 << 0, /* a gap, or nothing had been heard of the lamps yet */
    DOUBT_TWICE = 1 << 1,   /* the clock was set back: the instant came twice */
    DOUBT_NOT_RED = 1 << 2,
    DOUBT_INVALID = 1 << 3, /* the reasons say why */
    DOUBT_UNVERIFIED = 1 << 4,
    DOUBT_NOT_PROVEN = 1 << 5,  /* within the margin; or neither after a full yellow nor verified for long */
    DOUBT_EDGE = 1 << 6,        /* the colour before or after may have been lit instead */
    DOUBT_NOT_SETTLED = 1 << 7, /* the record does not go on for long enough behind it */
};

struct evidence {
    char controller[NAME_TEXT];
    int group_no;
    char wiring[JOURNAL_WIRING];
    int64_t at_utc_us;
    uint64_t boot;
    bool known, enforceable;
    uint32_t why_not; /* enum evidence_doubt */
    bool in_gap;
    int count, at_ix; /* at_ix: the moment that holds the instant; -1 none does */
    struct evidence_moment moment[EVIDENCE_MOMENTS];
    int64_t unbroken_from_utc_us, unbroken_to_utc_us; /* the stretch around it, or the gap */
    int64_t first_utc_us, last_utc_us;                /* of the whole journal */
    int64_t seal_report;
    uint8_t seal[JOURNAL_DIGEST];
};

enum evidence_result {
    EVIDENCE_FOUND = 0,
    EVIDENCE_NO_GROUP = -1,    /* there was none of that number */
    EVIDENCE_NOT_REACHED = -2, /* the instant lies before the journal or after it */
    EVIDENCE_FAILED = -3,      /* the journal cannot be read */
};

/* Looks it up. The reason of a failure is in `why`. */
enum evidence_result evidence_find(struct journal *journal, int group_no, int64_t at_utc_us,
                                   struct evidence *evidence, char *why, size_t size);

/* Writes it down, one fact a line, and signs it with `key` (NULL: it stays unsigned). Returns the length, or
 * -1. */
int evidence_write(const struct evidence *evidence, const struct evidence_key *key, char text[EVIDENCE_TEXT]);

/* Whether a text as written above was signed with that key and is unchanged. Returns 0, or -1 with the reason
 * in `why`. */
int evidence_check(const char *text, size_t length, const struct evidence_key *key, char *why, size_t size);

#endif
