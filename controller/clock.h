/* The clocks, and how far UTC is to be trusted. Intervals are timed by the monotonic clock alone
 * (io_now_us()); UTC is for stamps. Nothing here blocks. */
#ifndef CONTROLLER_CLOCK_H
#define CONTROLLER_CLOCK_H

#include "chrony.h"
#include "clock_watch.h"

enum { CLOCK_STAMP = 32 };

/* UTC in microseconds since 1970, as the system has it. */
int64_t clock_utc_us(void);

/* Writes "2026-11-23T08:00:00.123Z". */
void clock_stamp(int64_t utc_us, char out[CLOCK_STAMP]);

/* What a look at the system clock says: see clock_judge(). */
struct clock_look {
    enum clock_source source;
    struct feed_clock clock;
    struct feed_clock evidence;
};

/* Reads how monotonic time maps to UTC and who keeps it how well: chronyd, if it is to be heard, else the
 * kernel. Returns the step just found in microseconds, or 0. One thread; call once a second. */
int64_t clock_look(struct clock_watch *watch, struct chrony *chrony, struct clock_look *look);

/* Logs what has changed since the look before (NULL: all is news); an alarm where the feed requires the
 * clock. */
void clock_tell(const struct clock_look *before, const struct clock_look *now, int64_t step_us,
                bool required);

#endif
