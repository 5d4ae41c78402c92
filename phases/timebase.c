/* Civil time and what it asks for. The schedule names a day plan for a date, the day plan's events name
 * actions, and the last event that has come is in force, however long ago it came: so power-up, a clock set
 * anew and the end of daylight saving all lead to the same answer, and nothing is ever run twice. */
#include "calendar.h"
#include "engine_internal.h"

enum {
    DAY_DS = CALENDAR_DAY_S * 10,
    JUMP_DS = 10, /* a correction this large is a clock set anew; less is drift */
    LOOK_BACK_DAYS = 7,
    MINUTES_OF_DAY = 24 * 60,
};

/* Takes over the time of this tick; a clock that says 1 January 1970 has lost it. Returns whether it went
 * otherwise than the ticks did. */
static bool read_clock(struct engine *e, const struct tick *t)
{
    struct timebase_state *tb = &e->ctl.timebase;
    int64_t was_ds = tb->utc_ds, is_ds = t->in->utc_ds >= DAY_DS ? t->in->utc_ds : 0;
    tb->utc_ds = is_ds;
    if (!is_ds)
        return was_ds != 0;
    int64_t error_ds = was_ds ? is_ds - was_ds - t->dt_ds : 0;
    if (error_ds < 0)
        error_ds = -error_ds;
    if (was_ds && error_ds < JUMP_DS)
        return false;
    if (e->ctl.now_ds > 0)
        emit(e, EVENT_CLOCK_UPDATED, error_ds / 10 < UINT8_MAX ? (int)(error_ds / 10) : UINT8_MAX);
    return true;
}

/* The row for a date: the one with the fewest months, then dates, then days of the week; the lowest of
 * equals (1201 v03 2.4.3.2). A row with a mask of 0 matches nothing. Returns its index, -1 without one. */
static int find_row(const struct timebase_row *timebase, struct calendar_date date)
{
    int found = -1, least = INT32_MAX;
    for (int i = 0; i < SCHEDULE_ROWS_MAX; i++) {
        const struct schedule_row *row = &timebase->schedule[i];
        bool matches = (row->month >> date.month & 1U) && (row->date >> date.day & 1U) &&
                       bit_set(row->day, date.day_of_week);
        if (!matches || row->day_plan_no < 1 || row->day_plan_no > DAY_PLANS_MAX)
            continue;
        int breadth = __builtin_popcount(row->month >> 1) << 16 | __builtin_popcount(row->date >> 1) << 8 |
                      __builtin_popcount(row->day >> 1U);
        if (breadth < least) {
            least = breadth;
            found = i;
        }
    }
    return found;
}

/* The last event of a day plan up to `minute`; NULL without one. One action is in force at a time, so those
 * of one minute are always in conflict: the highest event number stands (2.4.4.3.2). */
static const struct day_plan_event *last_event(const struct day_plan_event *events, int minute)
{
    const struct day_plan_event *last = NULL;
    int last_minute = 0;
    for (int i = 0; i < DAY_PLAN_EVENTS_MAX; i++) {
        int at = events[i].hour * 60 + events[i].minute;
        if (!events[i].action_no || at > minute || at < last_minute)
            continue;
        last = &events[i];
        last_minute = at;
    }
    return last;
}

/* When the schedule may ask for something else: at the next event of the day plan, or when the day ends.
 * Where the clock is put forward or back before that, nothing beyond this minute is sure. */
static int64_t steady_until_ds(const struct plan_tables *tables, int day_plan_no, int64_t utc_s,
                               const struct calendar_clock *clock)
{
    const struct timebase_row *timebase = &tables->timebase;
    int32_t shown_s = (int32_t)(clock->shown_s % CALENDAR_DAY_S), next_s = CALENDAR_DAY_S;
    for (int i = 0; day_plan_no && i < DAY_PLAN_EVENTS_MAX; i++) {
        const struct day_plan_event *event = &timebase->day_plan[day_plan_no - 1][i];
        int32_t at_s = (event->hour * 60 + event->minute) * 60;
        if (event->action_no && at_s > shown_s && at_s < next_s)
            next_s = at_s;
    }
    int64_t until_s = utc_s + next_s - clock->local_s % CALENDAR_DAY_S;
    struct calendar_clock then =
        calendar_clock(until_s, tables->standard_time_zone_s, tables->daylight_saving, timebase->daylight);
    return then.offset_s == clock->offset_s ? until_s * 10 : (utc_s + 60 - clock->local_s % 60) * 10;
}

/* Asks the schedule anew: today's row, and the last event of today or the days before. */
static void look(struct engine *e)
{
    const struct plan_tables *tables = &e->plan->tables;
    const struct timebase_row *timebase = &tables->timebase;
    struct timebase_state *tb = &e->ctl.timebase;
    tb->stale = false;
    tb->schedule_row_no = tb->day_plan_no = tb->scheduled_no = 0;
    tb->next_look_ds = tb->steady_until_ds = 0;
    if (!tb->utc_ds)
        return;
    int64_t utc_s = tb->utc_ds / 10;
    struct calendar_clock clock =
        calendar_clock(utc_s, tables->standard_time_zone_s, tables->daylight_saving, timebase->daylight);
    tb->utc_offset_s = clock.offset_s;
    tb->next_look_ds = (utc_s + 60 - clock.local_s % 60) * 10;
    int64_t today = clock.shown_s / CALENDAR_DAY_S;
    int minute = (int)(clock.shown_s % CALENDAR_DAY_S / 60);
    for (int back = 0; back <= LOOK_BACK_DAYS && !tb->scheduled_no; back++) {
        int row = find_row(timebase, calendar_date(today - back));
        if (row < 0)
            continue;
        int day_plan_no = timebase->schedule[row].day_plan_no;
        if (back == 0) {
            tb->schedule_row_no = (uint8_t)(row + 1);
            tb->day_plan_no = (uint8_t)day_plan_no;
        }
        const struct day_plan_event *event =
            last_event(timebase->day_plan[day_plan_no - 1], back ? MINUTES_OF_DAY : minute);
        if (event) {
            tb->scheduled_no = event->action_no;
            tb->scheduled_minute = (uint16_t)(event->hour * 60 + event->minute);
        }
    }
    tb->steady_until_ds = steady_until_ds(tables, tb->day_plan_no, utc_s, &clock);
}

static uint16_t minute_of_day(const struct timebase_state *tb)
{
    return (uint16_t)((tb->utc_ds / 10 + tb->utc_offset_s) % CALENDAR_DAY_S / 60);
}

/* The centre's action goes before the schedule's (actionPlanControl, 1202 v03 5.6.5); it begins in the minute
 * in which it was commanded. */
static void take_action(struct engine *e)
{
    static const struct action_row none;
    struct timebase_state *tb = &e->ctl.timebase;
    uint8_t commanded_no = e->ctl.control.action_no;
    if (commanded_no != tb->commanded_no)
        tb->commanded_minute = tb->utc_ds ? minute_of_day(tb) : 0;
    tb->commanded_no = commanded_no;
    tb->action_no = commanded_no ? commanded_no : tb->scheduled_no;
    tb->action_minute = commanded_no ? tb->commanded_minute : tb->scheduled_minute;
    const struct action_row *action =
        tb->action_no ? &e->plan->tables.timebase.action[tb->action_no - 1] : &none;
    tb->pattern_no = action->pattern_no;
    tb->auxiliary = action->auxiliary;
    tb->special_functions = action->special_functions;
    tb->speed_management = action->speed_management;
    tb->lamps_off = action->lamps_off;
}

void timebase_step(struct engine *e, const struct tick *t)
{
    struct timebase_state *tb = &e->ctl.timebase;
    bool jumped = read_clock(e, t);
    bool due = tb->utc_ds && tb->utc_ds >= tb->next_look_ds;
    if (jumped || due || tb->stale)
        look(e);
    else if (e->ctl.control.action_no == tb->commanded_no)
        return;
    take_action(e);
}

int64_t timebase_since_sync_ds(const struct engine *e)
{
    const struct timebase_state *tb = &e->ctl.timebase;
    if (!tb->utc_ds)
        return -1;
    uint16_t stored_min = e->plan->tables.timebase.pattern_sync_min;
    int64_t sync_min = stored_min == PATTERN_SYNC_AT_ACTION ? tb->action_minute : stored_min;
    int64_t since_ds = (tb->utc_ds + tb->utc_offset_s * INT64_C(10) - sync_min * 600) % DAY_DS;
    return since_ds < 0 ? since_ds + DAY_DS : since_ds;
}

int32_t timebase_steady_ds(const struct engine *e)
{
    const struct timebase_state *tb = &e->ctl.timebase;
    if (!e->plan->tables.scheduled)
        return INT32_MAX;
    return tb->steady_until_ds > tb->utc_ds ? (int32_t)(tb->steady_until_ds - tb->utc_ds) : 0;
}
