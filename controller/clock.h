/* The clocks, and how far UTC is to be trusted. Intervals are timed by the monotonic clock alone
 * (io_now_us()); UTC is for stamps. Nothing here blocks. */
#ifndef CONTROLLER_CLOCK_H
#define CONTROLLER_CLOCK_H

#include "../io/feed.h"
#include <stdint.h>

enum { CLOCK_STAMP = 32 };

/* UTC in microseconds since 1970, as the system has it. */
int64_t clock_utc_us(void);

/* Writes "2026-11-23T08:00:00.123Z". */
void clock_stamp(int64_t utc_us, char out[CLOCK_STAMP]);

/* What was known of the system clock when it was last looked at. */
struct clock_watch {
    bool was_synced;
    int64_t synced_at_us; /* monotonic */
    int32_t synced_error_us;
};

/* Reads how monotonic time maps to UTC and how well the kernel believes it is disciplined. A clock
 * that loses its source is in holdover, its error growing, until the error passes a second. One thread
 * per watch; start with a zeroed one. */
void clock_read(struct clock_watch *watch, struct feed_clock *clock);

/* The rule behind clock_read(), for tests: `disciplined` and `error_us` as the kernel reports them. */
void clock_judge(struct clock_watch *watch, bool disciplined, int64_t error_us, int64_t now_us,
                 struct feed_clock *clock);

#endif
