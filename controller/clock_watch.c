#include "clock_watch.h"
#include <stdlib.h>

enum {
    ANEW_US = 500 * 1000, /* a measurement whose time differs by more is another one */
    /* What chronyd answers this soon after a step was found may be from before it. */
    OLD_NEWS_US = 2500 * 1000,
};

static int32_t bounded(int64_t error_us)
{
    return error_us > INT32_MAX ? INT32_MAX : (int32_t)error_us;
}

static void judge_error(struct clock_watch *watch, const struct clock_reading *reading,
                        struct feed_clock *clock)
{
    if (reading->disciplined && reading->error_us <= CLOCK_SYNCED_US) {
        watch->was_synced = !watch->stepped; /* or this may be old news, and no bound on what comes */
        watch->synced_at_us = reading->now_us;
        watch->synced_error_us = reading->error_us;
        clock->state = CLOCK_SYNCED;
        clock->error_us = bounded(reading->error_us);
        return;
    }
    /* Two bounds, and both hold: what the source says, and how far the clock may have drifted since. */
    int64_t error_us = reading->disciplined ? reading->error_us : INT64_MAX;
    const int64_t drifted_us =
        watch->synced_error_us + (reading->now_us - watch->synced_at_us) / 1000000 * CLOCK_DRIFT_PPM;
    if (watch->was_synced && drifted_us < error_us)
        error_us = drifted_us;
    if (error_us <= CLOCK_HOLDOVER_US) {
        clock->state = CLOCK_HOLDOVER;
        clock->error_us = bounded(error_us);
        return;
    }
    watch->was_synced = false;
    clock->state = CLOCK_UNSYNCED;
    clock->error_us = bounded(reading->error_us);
}

static int64_t find_step(const struct clock_watch *watch, const struct clock_reading *reading)
{
    const int64_t moved_us = reading->utc_offset_us - watch->utc_offset_us;
    const int64_t passed_us = reading->now_us - watch->looked_at_us;
    return watch->looked && llabs(moved_us) > CLOCK_STEP_US + passed_us / 10 ? moved_us : 0;
}

/* The kernel takes its word back by itself when the clock is stepped. chronyd does not notice a step until it
 * measures again: its word counts from then on. */
static bool trusted_again(const struct clock_watch *watch, const struct clock_reading *reading)
{
    const bool anew = reading->source == CLOCK_KERNEL ||
                      (watch->measured_us >= 0 && llabs(reading->measured_us - watch->measured_us) > ANEW_US);
    return reading->disciplined && anew && reading->now_us - watch->stepped_at_us >= CLOCK_SETTLE_US;
}

/* UTC from before is held on to where it was worth something. Where it was not, and nobody says that it is
 * now, there is nothing to doubt either. */
static void note_step(struct clock_watch *watch, const struct clock_reading *reading, int64_t step_us)
{
    if (!watch->stepped) {
        watch->holds = watch->was_synced;
        watch->step_us = 0;
    }
    watch->stepped |= watch->was_synced || reading->disciplined;
    watch->step_us += watch->holds ? step_us : 0;
    watch->stepped_at_us = reading->now_us;
    watch->was_synced = false;
}

int64_t clock_judge(struct clock_watch *watch, const struct clock_reading *reading, struct feed_clock *clock,
                    struct feed_clock *evidence)
{
    const int64_t step_us = find_step(watch, reading);
    if (step_us != 0)
        note_step(watch, reading, step_us);
    else if (watch->stepped && trusted_again(watch, reading))
        watch->stepped = false;
    watch->looked = true;
    watch->looked_at_us = reading->now_us;
    watch->utc_offset_us = reading->utc_offset_us;
    if (!watch->stepped || watch->measured_us < 0 || reading->now_us - watch->stepped_at_us < OLD_NEWS_US)
        watch->measured_us = reading->source == CLOCK_CHRONY ? reading->measured_us : -1;

    judge_error(watch, reading, clock);
    clock->utc_offset_us = reading->utc_offset_us;
    *evidence = *clock;
    if (watch->stepped) {
        evidence->state = CLOCK_UNSYNCED;
        evidence->error_us = bounded(clock->error_us + llabs(watch->step_us));
        evidence->utc_offset_us -= watch->step_us;
    }
    return step_us;
}
