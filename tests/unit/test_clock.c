/* When the next tick is due, and what UTC is worth. */
#include "../../controller/clock.h"
#include "../../controller/tick.h"
#include "harness.h"
#include <limits.h>

static void deadlines_stay_on_the_grid(void)
{
    CHECK_INT(200000, tick_next_due(100000, 100000));
    CHECK_INT(200000, tick_next_due(100000, 100050));
    CHECK_INT(200000, tick_next_due(100000, 199999));
    CHECK_INT(300000, tick_next_due(100000, 200000)); /* one whole period late: left out */
    CHECK_INT(2300000, tick_next_due(100000, 2250000));
    CHECK_INT(200000, tick_next_due(100000, 99000));
}

static void a_clock_goes_from_synced_over_holdover_to_unsynced(void)
{
    struct clock_watch watch = {0};
    struct feed_clock clock = {0};
    const int64_t second_us = 1000000;
    clock_judge(&watch, false, 16 * second_us, 0, &clock);
    CHECK_INT(CLOCK_UNSYNCED, clock.state);
    CHECK_INT(16 * second_us, clock.error_us);
    clock_judge(&watch, true, 2000, 10 * second_us, &clock);
    CHECK_INT(CLOCK_SYNCED, clock.state);
    CHECK_INT(2000, clock.error_us);
    clock_judge(&watch, false, 16 * second_us, 110 * second_us, &clock);
    CHECK_INT(CLOCK_HOLDOVER, clock.state);
    CHECK_INT(2000 + 100 * 500, clock.error_us);
    clock_judge(&watch, true, 400000, 120 * second_us, &clock); /* disciplined, but long not heard */
    CHECK_INT(CLOCK_HOLDOVER, clock.state);
    clock_judge(&watch, false, INT64_MAX, 3000 * second_us, &clock);
    CHECK_INT(CLOCK_UNSYNCED, clock.state);
    CHECK_INT(INT32_MAX, clock.error_us);
    clock_judge(&watch, false, 1000, 3001 * second_us, &clock);
    CHECK_INT(CLOCK_UNSYNCED, clock.state);
}

static void a_stamp_is_utc_with_milliseconds(void)
{
    char stamp[CLOCK_STAMP];
    clock_stamp(INT64_C(1795334400123999), stamp);
    CHECK_STR("2026-11-22T08:00:00.123Z", stamp);
}

HARNESS_MAIN({"deadlines stay on the grid", deadlines_stay_on_the_grid},
             {"a clock goes from synced over holdover to unsynced",
              a_clock_goes_from_synced_over_holdover_to_unsynced},
             {"a stamp is UTC with milliseconds", a_stamp_is_utc_with_milliseconds}, )
