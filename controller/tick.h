/* The thread that times the street: one app_step() every 100 ms of the monotonic clock. */
#ifndef CONTROLLER_TICK_H
#define CONTROLLER_TICK_H

#include "app.h"

struct tick;

/* How late ticks began, since the start. A tick whose whole period has passed is left out, not made
 * up for: intervals may grow by it, never shrink. */
struct tick_stats {
    uint64_t ticks;
    uint64_t late_50ms;
    uint64_t late_100ms;
    uint64_t late_500ms; /* the cabinet was told to flash */
    uint64_t left_out;
    int64_t worst_us;
    int64_t sum_us; /* over all ticks */
};

/* Starts the thread, at real-time priority where that is permitted (`*refused` is the errno otherwise,
 * 0 if it was granted). `app` must outlive it. Returns 0, or -1 if the system has no thread left. */
int tick_start(struct tick **out, struct app *app, int *refused);

/* Stops and frees; waits for the running tick. NULL is allowed. */
void tick_stop(struct tick *tick);

/* Any thread. */
void tick_get_stats(const struct tick *tick, struct tick_stats *stats);

/* When the tick after one that was due at `due_us` is due, given that it is now `now_us`. */
int64_t tick_next_due(int64_t due_us, int64_t now_us);

#endif
