/* Schedule, day plan and action, by the clock of the wall. */
#include "../../phases/calendar.h"
#include "../../phases/engine_internal.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;

enum {
    ALL_MONTHS = 0x1ffe,
    ALL_DAYS = 0xfe,
    SATURDAY_SUNDAY = 1 << 1 | 1 << 7,
    DECEMBER = 1 << 12,
    CHINA_S = 8 * 3600,
    NEW_YORK_S = -5 * 3600,
};

static const uint32_t all_dates = 0xfffffffe;

static void row(int row_no, uint16_t months, uint8_t days, uint32_t dates, uint8_t day_plan_no)
{
    db.timebase.schedule[row_no - 1] =
        (struct schedule_row){.date = dates, .month = months, .day = days, .day_plan_no = day_plan_no};
}

static void event(int day_plan_no, int event_no, uint8_t hour, uint8_t minute, uint8_t action_no)
{
    db.timebase.day_plan[day_plan_no - 1][event_no - 1] = (struct day_plan_event){hour, minute, action_no};
}

/* Action n asks for pattern n; one row for every day; midnight is the sync reference. */
static void prepare(int32_t zone_s)
{
    plans_eight(&db);
    db.standard_time_zone_s = zone_s;
    db.daylight_saving = DAYLIGHT_NONE;
    for (int no = 1; no <= ACTIONS_MAX; no++)
        db.timebase.action[no - 1].pattern_no = (uint8_t)no;
    row(1, ALL_MONTHS, ALL_DAYS, all_dates, 1);
}

static void begin(void)
{
    memset(&in, 0, sizeof(in));
    plan_compile(&plan, &db, 1);
    engine_init_green(&engine, &plan, 0);
}

static int64_t local(int year, int month, int day, int hour, int minute, int second)
{
    int64_t local_s = calendar_day(year, month, day) * CALENDAR_DAY_S + hour * 3600 + minute * 60 + second;
    return (local_s - db.standard_time_zone_s) * 10;
}

/* One tick at this time. */
static void at(int64_t utc_ds)
{
    in.utc_ds = utc_ds;
    engine_step(&engine, &in, 1, &frame);
    engine_get_status(&engine, &status);
}

/* Every tick from the one after the last to this time. */
static void run_to(int64_t utc_ds)
{
    while (in.utc_ds < utc_ds)
        at(in.utc_ds + 1);
}

static int count_events(int code)
{
    int count = 0;
    for (uint64_t i = 0; i < engine.obs.events.written && i < EVENTS_KEPT; i++)
        count += engine.obs.events.slot[i].code == code;
    return count;
}

/* tb-1: months are compared first, then dates, then days of the week. */
static void tb_1(void)
{
    prepare(CHINA_S);
    row(2, ALL_MONTHS, SATURDAY_SUNDAY, all_dates, 2);
    row(3, DECEMBER, ALL_DAYS, UINT32_C(1) << 25, 3);
    row(4, DECEMBER, ALL_DAYS, all_dates, 4);
    begin();
    at(local(2026, 12, 25, 12, 0, 0));
    CHECK_INT(3, status.schedule_row_no);
    CHECK_INT(3, status.day_plan_no);
    at(local(2026, 12, 26, 12, 0, 0));
    CHECK_INT(4, status.schedule_row_no);
    at(local(2026, 6, 27, 12, 0, 0));
    CHECK_INT(2, status.schedule_row_no);
    at(local(2026, 6, 26, 12, 0, 0));
    CHECK_INT(1, status.schedule_row_no);
}

static void lowest_of_equal_rows(void)
{
    prepare(CHINA_S);
    row(1, 0, 0, 0, 0);
    row(7, ALL_MONTHS, 1 << 2, all_dates, 7);
    row(5, ALL_MONTHS, 1 << 2, all_dates, 5);
    begin();
    at(local(2026, 11, 23, 0, 0, 0)); /* a Monday */
    CHECK_INT(5, status.schedule_row_no);
    at(local(2026, 11, 24, 0, 0, 0));
    CHECK_INT(0, status.schedule_row_no);
    CHECK_INT(0, status.day_plan_no);
}

/* A zero in any field, or a day plan that does not exist, disables a row. */
static void disabled_rows(void)
{
    prepare(CHINA_S);
    row(2, 1 << 11, 0, all_dates, 2);
    row(3, 1 << 11, ALL_DAYS, 0, 3);
    row(4, 1 << 11, ALL_DAYS, all_dates, 0);
    row(5, 1 << 11, ALL_DAYS, all_dates, DAY_PLANS_MAX + 1);
    begin();
    at(local(2026, 11, 23, 9, 0, 0));
    CHECK_INT(1, status.schedule_row_no);
}

static void day_of_tb_2(void)
{
    prepare(CHINA_S);
    event(1, 1, 6, 0, 7);
    event(1, 2, 6, 30, 1);
    event(1, 3, 20, 0, PATTERN_FREE);
}

/* tb-2: before the first event of the day yesterday's last one stands. */
static void tb_2(void)
{
    day_of_tb_2();
    begin();
    at(local(2026, 11, 23, 5, 10, 0));
    CHECK_INT(PATTERN_FREE, engine.ctl.timebase.pattern_no);
    CHECK_INT(PATTERN_FREE, status.action_no);
    at(local(2026, 11, 23, 6, 29, 59));
    run_to(local(2026, 11, 23, 6, 30, 0) - 1);
    CHECK_INT(7, engine.ctl.timebase.pattern_no);
    at(local(2026, 11, 23, 6, 30, 0));
    CHECK_INT(1, engine.ctl.timebase.pattern_no);
    CHECK_INT(1, status.action_no);
}

/* An action of Friday holds over a weekend without events, and no longer than a week is looked back. */
static void previous_days(void)
{
    prepare(CHINA_S);
    row(1, ALL_MONTHS, 1 << 6, all_dates, 1); /* Fridays */
    event(1, 1, 21, 15, 9);
    begin();
    at(local(2026, 11, 22, 12, 0, 0));
    CHECK_INT(9, status.action_no);
    CHECK_INT(0, status.schedule_row_no);
    at(local(2026, 11, 27, 21, 0, 0));
    CHECK_INT(9, status.action_no);
    db.timebase.schedule[0].month = 1 << 10; /* the last Friday of October is too long ago */
    plan_compile(&plan, &db, 1);
    engine_adopt(&engine, &plan);
    at(local(2026, 11, 6, 21, 0, 0));
    CHECK_INT(9, status.action_no);
    at(local(2026, 11, 7, 0, 0, 0));
    CHECK_INT(0, status.action_no);
    CHECK_INT(0, engine.ctl.timebase.pattern_no);
}

/* Of two events of one minute the one with the higher number stands, wherever it is written. */
static void same_minute(void)
{
    prepare(CHINA_S);
    event(1, 2, 8, 0, 12);
    event(1, 5, 8, 0, 3);
    event(1, 9, 7, 0, 4);
    begin();
    at(local(2026, 11, 23, 8, 0, 0));
    CHECK_INT(3, status.action_no);
}

static void unknown_time(void)
{
    day_of_tb_2();
    begin();
    at(0);
    CHECK(!status.civil_known);
    CHECK_INT(0, status.action_no);
    CHECK_INT(-1, timebase_since_sync_ds(&engine));
    at(36000); /* one o'clock on 1 January 1970: a clock that has lost its time */
    CHECK(!status.civil_known);
    at(local(2026, 11, 23, 6, 10, 0));
    CHECK(status.civil_known);
    CHECK_INT(calendar_day(2026, 11, 23) * CALENDAR_DAY_S + 6 * 3600 + 600, status.local_time_s);
    CHECK_INT(CHINA_S, status.utc_offset_s);
    CHECK_INT(7, status.action_no);
    CHECK_INT(1, count_events(EVENT_CLOCK_UPDATED));
    at(0);
    CHECK(!status.civil_known);
    CHECK_INT(0, status.action_no);
    CHECK_INT(0, status.day_plan_no);
}

/* A clock set by a day, back and forth; drift is no jump. */
static void clock_set_anew(void)
{
    day_of_tb_2();
    event(1, 4, 12, 0, 5);
    begin();
    at(local(2026, 11, 23, 12, 30, 0));
    CHECK_INT(5, status.action_no);
    CHECK_INT(0, count_events(EVENT_CLOCK_UPDATED));
    at(in.utc_ds + 1 + 9);
    at(in.utc_ds + 1 - 9);
    CHECK_INT(0, count_events(EVENT_CLOCK_UPDATED));
    at(in.utc_ds + 1 - 3600 * 10);
    CHECK_INT(1, count_events(EVENT_CLOCK_UPDATED));
    CHECK_INT(1, status.action_no);
    at(in.utc_ds + 1 + 9 * 3600 * 10);
    CHECK_INT(PATTERN_FREE, status.action_no);
    at(in.utc_ds + 1 - 60); /* six seconds */
    CHECK_INT(3, count_events(EVENT_CLOCK_UPDATED));
    CHECK_INT(6, engine.obs.events.slot[engine.obs.events.written - 1].parameter);
}

/* Clock drift over the beginning of a minute undoes no event. */
static void drift_runs_nothing_twice(void)
{
    day_of_tb_2();
    begin();
    at(local(2026, 11, 23, 6, 30, 0));
    CHECK_INT(1, status.action_no);
    at(local(2026, 11, 23, 6, 30, 0) - 3);
    CHECK_INT(1, status.action_no);
}

static void plan_changes_at_once(void)
{
    static struct plan other;
    day_of_tb_2();
    begin();
    at(local(2026, 11, 23, 7, 0, 30));
    event(1, 2, 6, 30, 11);
    db.timebase.action[10] = (struct action_row){.pattern_no = 3,
                                                 .auxiliary = AUXILIARY_2,
                                                 .special_functions = 0x81,
                                                 .speed_management = 1,
                                                 .lamps_off = 1};
    plan_compile(&other, &db, 1);
    CHECK(engine_adopt(&engine, &other));
    at(in.utc_ds + 1);
    CHECK_INT(11, status.action_no);
    CHECK_INT(3, engine.ctl.timebase.pattern_no);
    CHECK_INT(AUXILIARY_2, status.auxiliary);
    CHECK_HEX(0x81, engine.ctl.timebase.special_functions);
    CHECK(engine.ctl.timebase.speed_management);
    CHECK(engine.ctl.timebase.lamps_off);
}

static void command(size_t offset, uint64_t value)
{
    struct control_op op = {.offset = (uint16_t)offset, .size = 1, .clear = 0xff, .set = value};
    CHECK_INT(0, engine_command(&engine, &op));
}

/* The centre's action stands until it takes it back, whatever the schedule runs meanwhile. */
static void action_of_the_centre(void)
{
    day_of_tb_2();
    db.timebase.pattern_sync_min = PATTERN_SYNC_AT_ACTION;
    begin();
    at(local(2026, 11, 23, 6, 29, 58));
    CHECK_INT((29 * 60 + 58) * 10, timebase_since_sync_ds(&engine));
    command(offsetof(struct control, action_no), 99);
    at(in.utc_ds + 1);
    CHECK_INT(99, status.action_no);
    CHECK_INT(99, engine.ctl.timebase.pattern_no);
    CHECK_INT(581, timebase_since_sync_ds(&engine));
    run_to(local(2026, 11, 23, 6, 30, 5));
    CHECK_INT(99, status.action_no);
    CHECK_INT(1, status.schedule_row_no);
    command(offsetof(struct control, action_no), 0);
    at(in.utc_ds + 1);
    CHECK_INT(1, status.action_no);
    CHECK_INT(51, timebase_since_sync_ds(&engine));
}

static void action_of_the_centre_without_time(void)
{
    day_of_tb_2();
    begin();
    at(0);
    command(offsetof(struct control, action_no), 99);
    at(0);
    CHECK_INT(99, engine.ctl.timebase.pattern_no);
    command(offsetof(struct control, action_no), 0);
    at(0);
    CHECK_INT(0, engine.ctl.timebase.pattern_no);
}

/* tb-3, and a reference that has not come yet today. */
static void sync_reference(void)
{
    prepare(CHINA_S);
    begin();
    at(local(2026, 11, 23, 6, 0, 0));
    CHECK_INT(216000, timebase_since_sync_ds(&engine));
    CHECK_INT(880, (timebase_since_sync_ds(&engine) - 200) % 1080);
    db.timebase.pattern_sync_min = 7 * 60;
    plan_compile(&plan, &db, 1);
    CHECK_INT(23 * 36000, timebase_since_sync_ds(&engine));
    run_to(in.utc_ds + 7);
    CHECK_INT(23 * 36000 + 7, timebase_since_sync_ds(&engine));
}

static void new_york(void)
{
    prepare(NEW_YORK_S);
    db.daylight_saving = DAYLIGHT_TABLE;
    db.timebase.daylight[0] = (struct daylight_rule){
        .begin_month = 3,
        .begin_occurrence = 2,
        .begin_day_of_week = 1,
        .begin_day_of_month = 1,
        .begin_s = 7200,
        .end_month = 11,
        .end_occurrence = 1,
        .end_day_of_week = 1,
        .end_day_of_month = 1,
        .end_s = 7200,
        .adjust_s = 3600,
    };
}

/* 8 March 2026: an event in the missing hour is in force when the clock has passed it. */
static void spring(void)
{
    new_york();
    event(1, 1, 1, 0, 1);
    event(1, 2, 2, 30, 2);
    begin();
    at(local(2026, 3, 8, 1, 59, 58));
    CHECK_INT(1, status.action_no);
    CHECK_INT(NEW_YORK_S, status.utc_offset_s);
    run_to(local(2026, 3, 8, 2, 0, 0));
    CHECK_INT(2, status.action_no);
    CHECK_INT(NEW_YORK_S + 3600, status.utc_offset_s);
    CHECK_INT(0, count_events(EVENT_CLOCK_UPDATED));
}

/* 1 November 2026: in the hour that comes twice everything happens the first time. */
static void autumn(void)
{
    new_york();
    event(1, 1, 0, 30, 1);
    event(1, 2, 1, 20, 2);
    event(1, 3, 1, 40, 3);
    event(1, 4, 2, 0, 4);
    begin();
    int64_t first_ds = local(2026, 11, 1, 0, 0, 0); /* 01:00 of summer time */
    static const struct {
        int minute, action_no;
    } expected[] = {{0, 1}, {20, 2}, {40, 3}, {59, 3}, {60, 3}, {80, 3}, {100, 3}, {119, 3}, {120, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        at(first_ds + expected[i].minute * 600);
        harness_at("minute %d", expected[i].minute);
        CHECK_INT(expected[i].action_no, status.action_no);
    }
    begin(); /* and a controller that comes up within it finds the same */
    at(first_ds + 70 * 600);
    CHECK_INT(3, status.action_no);
    CHECK_INT(NEW_YORK_S, status.utc_offset_s);
}

/* While the lamps are not the controller's it begins start-up again and again. */
static void restart_keeps_the_schedule(void)
{
    day_of_tb_2();
    begin();
    at(local(2026, 11, 23, 7, 0, 0));
    engine_restart(&engine);
    at(in.utc_ds + 1);
    CHECK_INT(1, status.action_no);
    CHECK_INT(0, count_events(EVENT_CLOCK_UPDATED));
}

HARNESS_MAIN({"tb-1: months before dates before days of the week", tb_1},
             {"the lowest of equal rows", lowest_of_equal_rows}, {"a zero disables a row", disabled_rows},
             {"tb-2: yesterday's last event stands until the first of today", tb_2},
             {"looking back several days, at most a week", previous_days},
             {"two events of one minute", same_minute},
             {"nothing is scheduled before the time is known", unknown_time},
             {"a clock set anew", clock_set_anew}, {"drift runs nothing twice", drift_runs_nothing_twice},
             {"a changed schedule acts at once", plan_changes_at_once},
             {"actionPlanControl goes before the schedule", action_of_the_centre},
             {"actionPlanControl needs no clock", action_of_the_centre_without_time},
             {"tb-3: the pattern sync reference", sync_reference}, {"daylight saving begins", spring},
             {"daylight saving ends", autumn}, {"a restart keeps the schedule", restart_keeps_the_schedule}, )
