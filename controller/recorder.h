/* What of the feed's messages goes into the journal, and where the record is broken. No clock and no thread
 * of its own; blocks on the disk where the journal does. */
#ifndef CONTROLLER_RECORDER_H
#define CONTROLLER_RECORDER_H

#include "journal.h"

struct recorder {
    const struct feed_config *config;
    struct journal *journal;
    int64_t keep_us;
    enum journal_kind begin_as; /* how the next stretch begins; JOURNAL_FULL: one is running */
    bool heard;                 /* `newest` is a message of this run */
    struct feed_message newest; /* its head alone: no groups */
    uint64_t state_seq;         /* the seq of the newest change put down */
    int64_t put_us, full_us;    /* monotonic time of the newest report, and of the newest with all states */
    int64_t refused_us;         /* when the journal last failed */
};

enum {
    RECORDER_FULL_S = 3600, /* so often all states are put down once more */
    RECORDER_ALIVE_S = 10,  /* so often that nothing has changed */
    RECORDER_RETRY_S = 10,  /* after a failure */
    RECORDER_STEP_MS = 50,  /* more between two messages is no slewing of a clock */
};

/* Begins a run of the controller. `config` and `journal` must outlive the recorder; reports older than
 * `keep_days` are removed as new ones come. */
void recorder_begin(struct recorder *recorder, const struct feed_config *config, struct journal *journal,
                    int keep_days);

/* Takes the feed's next message. Returns 0, or -1 if the journal failed: it is asked again later, and the gap
 * is put down when it takes something. */
int recorder_take(struct recorder *recorder, const struct feed_message *message);

/* Makes durable what was taken; to be called about once a second. Returns as recorder_take(). */
int recorder_commit(struct recorder *recorder);

/* Puts down that nothing has changed until the newest message, and makes it durable, so that an instant just
 * past can be answered. Returns as recorder_take(). */
int recorder_settle(struct recorder *recorder);

/* The controller ends in good order. */
int recorder_end(struct recorder *recorder);

#endif
