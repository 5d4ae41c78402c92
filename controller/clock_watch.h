/* What UTC is worth: from what is said of the system clock, once a second, to what the schedule and the feed
 * may rely on. Pure. */
#ifndef CONTROLLER_CLOCK_WATCH_H
#define CONTROLLER_CLOCK_WATCH_H

#include "../io/feed.h"

enum {
    CLOCK_SYNCED_US = 200 * 1000,    /* a clock that may be further off is one to alarm about */
    CLOCK_HOLDOVER_US = 1000 * 1000, /* further off than this it is no clock any more */
    CLOCK_DRIFT_PPM = 500,           /* what the kernel assumes of a clock that nobody keeps */
    CLOCK_STEP_US =
        100 * 1000, /* UTC that moved by more than this, and a tenth of the time passed, stepped */
    CLOCK_SETTLE_US = 10 * 1000 * 1000, /* after a step UTC is in doubt for this long at least */
};

enum clock_source { CLOCK_KERNEL, CLOCK_CHRONY };

/* One look at the system clock. */
struct clock_reading {
    enum clock_source source; /* who says what follows */
    bool disciplined;         /* somebody keeps the clock */
    int64_t error_us;         /* and knows it to be no further off than this */
    int64_t measured_us;      /* chrony: UTC of its newest measurement, by the clock itself */
    int64_t now_us;           /* monotonic */
    int64_t utc_offset_us;    /* UTC = monotonic + offset */
};

/* What the looks before have left. Begin with a zeroed one. */
struct clock_watch {
    bool was_synced;
    int64_t synced_at_us; /* monotonic */
    int64_t synced_error_us;

    bool looked;
    int64_t looked_at_us;
    int64_t utc_offset_us;
    int64_t measured_us; /* as of the newest look that may be from before the step; -1: not told */

    bool stepped; /* and not yet trusted again */
    int64_t stepped_at_us;
    bool holds;      /* to UTC from before it */
    int64_t step_us; /* from which UTC now differs by this */
};

/* Judges one look. `clock` is what the clock itself is worth: synchronised; or in holdover, its error
 * growing, until that passes a second; or neither. `evidence` is the same for the feed, which must not
 * believe a step: until a source is known to have looked at the clock since (CLOCK_SETTLE_US at the least) it
 * is unsynchronised, and UTC goes on as before the step. Returns the step just found in microseconds, 0 if
 * there is none. */
int64_t clock_judge(struct clock_watch *watch, const struct clock_reading *reading, struct feed_clock *clock,
                    struct feed_clock *evidence);

#endif
