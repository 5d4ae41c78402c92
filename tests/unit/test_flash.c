/* Automatic flash, and what the unit tells about itself. */
#include "../../phases/engine.h"
#include "../../phases/guard.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct guard_card card;
static struct guard guard;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;

enum {
    P2_6 = 0x22,
    P4_8 = 0x88,
    P1_5 = 0x11,
};

/* Eight phases, yellow 3 s, red clearance 1 s; no start-up calls, so that nothing asks but the test. */
static void prepare(void)
{
    plans_eight(&db);
    db.unit.startup_calls = 0;
}

static void option(uint64_t phases, uint16_t flag)
{
    for (int no = 1; no <= 8; no++)
        if (mask_has(phases, no))
            db.phase[no - 1].options |= flag;
}

static int phase_of(int channel_no)
{
    const struct channel_row *row = &db.channel[channel_no - 1];
    return database_phase_enabled(&db, row->source_no) && row->type != CHANNEL_OVERLAP ? row->source_no : 0;
}

static bool concurrent(int a, int b)
{
    const struct phase_list *list = &db.phase[a - 1].concurrency;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] == b)
            return true;
    return a == b;
}

/* A card with the conflicts of the phases, yellows and reds as long as theirs, everything flashing red. */
static void fit_card(void)
{
    memset(&card, 0, sizeof card);
    for (int a = 1; a <= 16; a++) {
        if (!phase_of(a))
            continue;
        bool pedestrian = db.channel[a - 1].type == CHANNEL_PEDESTRIAN;
        channel_add(&card.used, a);
        channel_add(&card.flash_red, a);
        if (pedestrian)
            channel_add(&card.pedestrian, a);
        card.yellow_floor_ms[a - 1] = (uint16_t)(pedestrian ? 0 : 3000);
        card.red_floor_ms[a - 1] = (uint16_t)(pedestrian ? 0 : 1000);
        for (int b = 1; b <= 16; b++)
            if (phase_of(b) && concurrent(phase_of(a), phase_of(b)))
                channel_add(&card.permissive[a - 1], b);
    }
}

static void tick(int32_t quantum_ds)
{
    struct frame shown;
    engine_step(&engine, &in, quantum_ds, &frame);
    engine_get_status(&engine, &status);
    harness_at("%lld.%lld s", (long long)status.now_ds / 10, (long long)status.now_ds % 10);
    CHECK_INT(GUARD_OK, guard_step(&guard, &frame, status.now_ds * TICK_MS, &shown));
    CHECK_INT(0, (int64_t)guard.held_frames);
}

/* Up to and including the first tick, in which the phases of `start_mask` turn green. */
static void begin(uint64_t start_mask)
{
    memset(&in, 0, sizeof in);
    plan_compile(&plan, &db, 1);
    fit_card();
    guard_init(&guard, &card);
    if (start_mask)
        CHECK_INT(0, engine_init_green(&engine, &plan, start_mask));
    else
        engine_init(&engine, &plan);
    tick(1);
}

/* Runs every tick up to and including `until_ds`. */
static void run(int64_t until_ds)
{
    do
        tick(1);
    while (status.now_ds < until_ds);
}

/* Runs until the unit is in this state; the time, or -1 after half an hour. */
static int64_t run_to_state(enum unit_state state)
{
    for (int i = 0; i < 18000; i++) {
        tick(1);
        if (status.unit == state)
            return status.now_ds;
    }
    return -1;
}

static void flash_switch(bool on)
{
    in.unit = on ? in.unit | INPUT_AUTOMATIC_FLASH : in.unit & ~(uint32_t)INPUT_AUTOMATIC_FLASH;
}

static void command(size_t offset, uint8_t size, uint64_t value)
{
    struct control_op op = {
        .offset = (uint16_t)offset, .size = size, .clear = UINT64_MAX, .set = value, .restarts_backup = true};
    CHECK_INT(0, engine_command(&engine, &op));
}

#define COMMAND(field, value)                                                                                \
    command(offsetof(struct control, field), sizeof(((struct control *)0)->field), value)

/* The parameter of the last event with this code; -1 without one. */
static int last_event(int code)
{
    int parameter = -1;
    for (uint64_t i = 0; i < engine.obs.events.written && i < EVENTS_KEPT; i++)
        if (engine.obs.events.slot[i].code == code)
            parameter = engine.obs.events.slot[i].parameter;
    return parameter;
}

static void flash_shows(void)
{
    CHECK_INT(UNIT_AUTOMATIC_FLASH, status.unit);
    CHECK(frame.all_flash);
    CHECK_HEX(0, status.red | status.yellow | status.green | status.walk | status.dont_walk | status.on);
    CHECK(channel_has(&frame.red, 4) && channel_has(&frame.flashing, 4));
}

/* ---- the way in ---- */

/* Without entry phases the greens finish, all of them together, and nothing else is served. */
static void without_entry_phases(void)
{
    prepare();
    begin(P2_6);
    detector_put(&in.vehicle, 4, true);
    flash_switch(true);
    run(50);
    CHECK_HEX(P2_6, status.yellow);
    run(89);
    CHECK_INT(UNIT_RUNNING, status.unit);
    run(90);
    flash_shows();
    CHECK_INT(FLASH_STATUS_AUTOMATIC, last_event(EVENT_UNIT_FLASH));
}

/* A vehicle on 2 keeps both greens until it has gone, or the maximum comes. */
static void greens_finish_together(void)
{
    prepare();
    begin(P2_6);
    detector_put(&in.vehicle, 2, true);
    flash_switch(true);
    run(300);
    CHECK_HEX(P2_6, status.green);
    run(301);
    CHECK_HEX(P2_6, status.yellow);
}

/* The entry phases have their minimum and no more, a pedestrian who has called his walk and clearance. */
static void entry_phases_have_their_minimum(void)
{
    prepare();
    option(P4_8, PHASE_FLASH_ENTRY);
    db.phase[7].walk_s = 4;
    db.phase[7].ped_clear_s = 6;
    begin(P2_6);
    detector_put(&in.vehicle, 4, true);
    detector_put(&in.vehicle, 3, true);
    flash_switch(true);
    run(10);
    in.pedestrian = mask_of(8);
    run(90);
    CHECK_HEX(P4_8, status.green);
    CHECK_HEX(0x80, status.walk);
    in.pedestrian = 0;
    run(189);
    CHECK_HEX(P4_8, status.green);
    run(190);
    CHECK_HEX(P4_8, status.yellow);
    run(230);
    flash_shows();
}

/* Entry phases that are on already need not come again. */
static void entry_phases_already_on(void)
{
    prepare();
    option(P2_6, PHASE_FLASH_ENTRY);
    begin(P2_6);
    detector_put(&in.vehicle, 2, true);
    run(20);
    flash_switch(true);
    run(50);
    CHECK_HEX(P2_6, status.yellow);
}

/* 1 lies behind 2, and backup prevention forbids to go back: it is left out. */
static void unreachable_entry_phase(void)
{
    prepare();
    option(P1_5, PHASE_FLASH_ENTRY);
    db.unit.backup_prevent = 1;
    begin(P2_6);
    flash_switch(true);
    run(90);
    flash_shows();
}

/* A phase the centre has closed stays closed; its hold does not keep the flash away. */
static void commands_on_the_way(void)
{
    prepare();
    option(P4_8, PHASE_FLASH_ENTRY);
    begin(P2_6);
    COMMAND(hold_mask, P2_6);
    COMMAND(phase_omit_mask, 1 << 3);
    flash_switch(true);
    run(90);
    CHECK_HEX(1 << 7, status.green);
    run(180);
    flash_shows();
}

/* Taken back on the way, nothing is left of it. */
static void withdrawn(void)
{
    prepare();
    option(P4_8, PHASE_FLASH_ENTRY);
    begin(P2_6);
    flash_switch(true);
    run(60);
    CHECK_HEX(P2_6, status.yellow);
    CHECK_HEX(P4_8, status.next);
    flash_switch(false);
    run(90);
    CHECK_HEX(P4_8, status.green);
    run(600);
    CHECK_HEX(P4_8, status.green);

    flash_switch(true); /* and on the way to all red, with everything committed gone */
    run(610);
    CHECK_HEX(P4_8, status.yellow);
    flash_switch(false);
    detector_put(&in.vehicle, 1, true);
    run(700);
    CHECK_HEX(1, status.green);
}

/* In steps of three seconds the way is the same. */
static void coarse_steps(void)
{
    prepare();
    option(P4_8, PHASE_FLASH_ENTRY);
    option(P2_6, PHASE_FLASH_EXIT);
    for (int no = 1; no <= 8; no++)
        db.phase[no - 1].minimum_green_s = 6;
    begin(P2_6);
    flash_switch(true);
    for (int i = 0; i < 12 && status.unit != UNIT_AUTOMATIC_FLASH; i++)
        tick(30);
    flash_shows();
    flash_switch(false);
    tick(30);
    CHECK_HEX(P2_6, status.green);
}

/* Two halves that never wait for each other: only one has an entry phase. */
static void halves(void)
{
    memset(&db, 0, sizeof db);
    for (int no = 1; no <= 4; no++)
        plans_phase(&db, no, no <= 2 ? 1 : 2);
    for (int a = 1; a <= 2; a++)
        for (int b = 3; b <= 4; b++)
            plans_concurrent(&db, a, b);
    database_default_channels(&db);
    option(1 << 1, PHASE_FLASH_ENTRY);
    begin(0x5);
    detector_put(&in.vehicle, 4, true);
    flash_switch(true);
    run(90);
    CHECK_HEX(0x6, status.green);
    CHECK(run_to_state(UNIT_AUTOMATIC_FLASH) > 0);
}

/* ---- who asks ---- */

static void asked_by_the_schedule(void)
{
    prepare();
    db.timebase.schedule[0] = (struct schedule_row){0xfffffffe, 0x1ffe, 0xfe, 1};
    db.timebase.day_plan[0][0] = (struct day_plan_event){0, 0, 1};
    db.timebase.day_plan[0][1] = (struct day_plan_event){5, 30, 2};
    db.timebase.action[0].pattern_no = PATTERN_FLASH;
    begin(P2_6);
    in.utc_ds = (INT64_C(20000) * 86400 + 5 * 3600 + 29 * 60) * 10;
    for (int i = 0; i < 599; i++, in.utc_ds++)
        tick(1);
    flash_shows();
    CHECK_INT(PATTERN_FLASH, status.pattern_no);
    in.utc_ds++;
    tick(1);
    CHECK_INT(UNIT_RUNNING, status.unit);
}

/* A policeman with manual control gets lamps to direct with, unless the switch says flash. */
static void manual_control(void)
{
    prepare();
    begin(P2_6);
    COMMAND(system_pattern_no, PATTERN_FLASH);
    in.unit |= INPUT_MANUAL_CONTROL;
    run(300);
    CHECK_HEX(P2_6, status.green);
    in.unit = 0;
    CHECK(run_to_state(UNIT_AUTOMATIC_FLASH) > 0);
    in.unit |= INPUT_MANUAL_CONTROL;
    tick(1);
    CHECK_INT(UNIT_RUNNING, status.unit);
    in.unit = INPUT_AUTOMATIC_FLASH;
    CHECK(run_to_state(UNIT_AUTOMATIC_FLASH) > 0);
    in.unit |= INPUT_MANUAL_CONTROL;
    run(status.now_ds + 100);
    flash_shows();
}

/* Power comes back at night: start-up flash goes over into flash. */
static void start_up_into_flash(void)
{
    prepare();
    db.unit.startup_flash_s = 5;
    db.unit.startup_all_red_s = 5;
    option(P2_6, PHASE_FLASH_EXIT);
    begin(0);
    flash_switch(true);
    run(20);
    CHECK_INT(FLASH_STATUS_STARTUP, last_event(EVENT_UNIT_FLASH));
    run(100);
    flash_shows();
    CHECK_INT(FLASH_STATUS_AUTOMATIC, last_event(EVENT_UNIT_FLASH));
    flash_switch(false);
    tick(1);
    CHECK_HEX(P2_6, status.green);
    CHECK_INT(FLASH_STATUS_NONE, last_event(EVENT_UNIT_FLASH));
}

/* The switch throws the pattern out of step; afterwards it is taken up anew. */
static void out_of_coordination(void)
{
    plans_coordinated(&db);
    option(P2_6, PHASE_FLASH_EXIT);
    db.coord.operational_mode = 1;
    begin(P2_6);
    run(100);
    CHECK(status.coordinated);
    flash_switch(true);
    CHECK(run_to_state(UNIT_AUTOMATIC_FLASH) > 0);
    CHECK(!status.coordinated);
    CHECK_INT(FREE_INPUT, status.free_reason);
    flash_switch(false);
    run(status.now_ds + 20);
    CHECK(status.coordinated);
}

/* ---- in flash, and out of it ---- */

/* The centre may command; calls are kept; a new structure is adopted at once. */
static void life_in_flash(void)
{
    static struct plan other;
    prepare();
    begin(P2_6);
    flash_switch(true);
    CHECK(run_to_state(UNIT_AUTOMATIC_FLASH) > 0);
    detector_put(&in.vehicle, 3, true);
    COMMAND(phase_omit_mask, 1 << 1);
    run(status.now_ds + 10);
    CHECK_HEX(1 << 2, status.vehicle_call);
    CHECK_HEX(1 << 1, engine.ctl.control.phase_omit_mask);
    db.phase[3].options = 0;
    channel_add(&card.dark_ok, 4);
    channel_add(&card.dark_ok, 14);
    option(P2_6, PHASE_FLASH_EXIT);
    plan_compile(&other, &db, 1);
    CHECK(engine_adopt(&engine, &other));
    flash_switch(false);
    tick(1);
    CHECK_HEX(1 << 5, status.green); /* 2 is closed by the centre */
}

/* All red first, for so long; flash asked for again within it comes at once. */
static void all_red_before_the_exit(void)
{
    prepare();
    option(P4_8, PHASE_FLASH_EXIT);
    db.unit.flash_exit_red_s = 6;
    db.unit.startup_calls = 1;
    begin(P2_6);
    flash_switch(true);
    CHECK_INT(90, run_to_state(UNIT_AUTOMATIC_FLASH));
    run(199);
    flash_switch(false);
    run(200);
    CHECK_INT(UNIT_RUNNING, status.unit);
    CHECK_HEX(0xff, status.red);
    CHECK(!frame.all_flash);
    flash_switch(true);
    tick(1);
    flash_shows();
    flash_switch(false);
    run(261);
    CHECK_HEX(0xff, status.red);
    run(262);
    CHECK_HEX(P4_8, status.green);
    CHECK_HEX(0xff & ~P4_8, status.vehicle_call);
}

/* Without exit phases the way out is that of start-up. */
static void exit_like_start_up(void)
{
    prepare();
    db.phase[3].startup = db.phase[7].startup = STARTUP_YELLOW;
    db.unit.startup_calls = 1;
    begin(P2_6);
    flash_switch(true);
    CHECK(run_to_state(UNIT_AUTOMATIC_FLASH) > 0);
    flash_switch(false);
    tick(1);
    CHECK_HEX(P4_8, status.yellow);
    run(status.now_ds + 40);
    CHECK_HEX(P1_5, status.green);
}

/* ---- what the unit tells ---- */

static void special_functions(void)
{
    prepare();
    db.timebase.action[8].special_functions = 0x03;
    begin(P2_6);
    COMMAND(special_function_mask, 0x8002);
    COMMAND(action_no, 9);
    tick(1);
    CHECK_HEX(0x8003, status.special_functions);
    CHECK_INT(16, last_event(EVENT_SPECIAL_FUNCTION_ON));
    CHECK_INT(-1, last_event(EVENT_SPECIAL_FUNCTION_OFF));
    COMMAND(special_function_mask, 0);
    tick(1);
    CHECK_HEX(0x0003, status.special_functions);
    CHECK_INT(16, last_event(EVENT_SPECIAL_FUNCTION_OFF));
}

static void dimming(void)
{
    prepare();
    db.timebase.action[8].auxiliary = AUXILIARY_DIMMING;
    begin(P2_6);
    in.unit = INPUT_DIMMING;
    tick(1);
    CHECK(!status.dimmed);
    COMMAND(action_no, 9);
    tick(1);
    CHECK(status.dimmed);
    in.unit = 0;
    tick(1);
    CHECK(!status.dimmed);
    COMMAND(unit, UNIT_DIMMING);
    tick(1);
    CHECK(status.dimmed);
}

static void alarm_inputs(void)
{
    prepare();
    begin(P2_6);
    in.alarms = 0x81;
    tick(1);
    CHECK_HEX(0x81, status.alarm_inputs);
    CHECK_INT(0x81, last_event(EVENT_ALARM_GROUP));
    CHECK_INT(8, last_event(EVENT_ALARM_ON));
    in.alarms = 0x01;
    tick(1);
    CHECK_INT(0x01, last_event(EVENT_ALARM_GROUP));
    CHECK_INT(8, last_event(EVENT_ALARM_OFF));
}

/* The backup time drops everything the centre commanded. */
static void backup_drops_every_command(void)
{
    prepare();
    db.unit.backup_time_s = 10;
    begin(P2_6);
    COMMAND(action_no, 9);
    COMMAND(system_pattern_no, PATTERN_FLASH);
    COMMAND(special_function_mask, 0xffff);
    run(95);
    CHECK_INT(9, status.action_no);
    CHECK_INT(UNIT_AUTOMATIC_FLASH, status.unit);
    run(100);
    CHECK_INT(0, status.action_no);
    CHECK_HEX(0, status.special_functions);
    CHECK(status.backup_mode);
    CHECK_INT(UNIT_RUNNING, status.unit);
}

HARNESS_MAIN({"without entry phases the greens finish and nothing else is served", without_entry_phases},
             {"the greens finish together", greens_finish_together},
             {"entry phases have their minimum", entry_phases_have_their_minimum},
             {"entry phases that are on already", entry_phases_already_on},
             {"an entry phase that cannot be reached", unreachable_entry_phase},
             {"omit stands on the way into flash, hold does not", commands_on_the_way},
             {"flash withdrawn on the way in", withdrawn}, {"in steps of three seconds", coarse_steps},
             {"two halves, one entry phase", halves}, {"asked for by the schedule", asked_by_the_schedule},
             {"manual control", manual_control}, {"start-up goes over into flash", start_up_into_flash},
             {"out of coordination and back", out_of_coordination},
             {"commands, calls and plans in flash", life_in_flash},
             {"all red before the exit phases", all_red_before_the_exit},
             {"without exit phases the way out is that of start-up", exit_like_start_up},
             {"special functions: centre or action", special_functions},
             {"dimming: switch or centre, and the action", dimming}, {"alarm inputs", alarm_inputs},
             {"backup drops every command", backup_drops_every_command}, )
