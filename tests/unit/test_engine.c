/* What the engine promises its callers, beyond the scenarios. */
#include "../../phases/engine.h"
#include "../../phases/predict.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan, other_plan;
static struct engine engine, twin;
static struct inputs in;
static struct frame frame;
static struct engine_status status;

static const struct control_op hold_2 = {
    .offset = offsetof(struct control, hold_mask),
    .size = 8,
    .restarts_backup = true,
    .set = 1 << 1,
};

static void begin(uint64_t start_mask)
{
    memset(&in, 0, sizeof(in));
    plan_compile(&plan, &db, 1);
    if (start_mask)
        CHECK_INT(0, engine_init_green(&engine, &plan, start_mask));
    else
        engine_init(&engine, &plan);
}

/* Runs every tick up to and including `until_ds`. */
static void run(int64_t until_ds)
{
    do {
        engine_step(&engine, &in, 1, &frame);
        engine_get_status(&engine, &status);
    } while (status.now_ds < until_ds);
}

static void startup_stages(void)
{
    plans_eight(&db);
    db.unit.startup_flash_s = 10;
    db.unit.startup_all_red_s = 5;
    db.phase[1].startup = db.phase[5].startup = STARTUP_GREEN_NO_WALK;
    begin(0);
    run(99);
    CHECK_INT(UNIT_STARTUP_FLASH, status.unit);
    CHECK(frame.all_flash);
    CHECK_HEX(0, status.green | status.yellow | status.red);
    run(100);
    CHECK_INT(UNIT_STARTUP_ALL_RED, status.unit);
    CHECK(!frame.all_flash);
    CHECK_HEX(0xff, status.red);
    run(149);
    CHECK_HEX(0xff, status.red);
    run(150);
    CHECK_HEX(0x22, status.green);
    CHECK_HEX(0xdd, status.vehicle_call);
}

static void no_command_in_startup(void)
{
    plans_eight(&db);
    db.unit.startup_flash_s = 1;
    begin(0);
    run(5);
    CHECK_INT(-1, engine_command(&engine, &hold_2));
    CHECK_HEX(0, engine.ctl.control.hold_mask);
    run(10);
    CHECK_INT(0, engine_command(&engine, &hold_2));
    CHECK_HEX(2, engine.ctl.control.hold_mask);
}

static void conflicting_start_refused(void)
{
    plans_eight(&db);
    begin(0x22);
    twin = engine;
    CHECK_INT(-1, engine_init_green(&engine, &plan, 0x82));
    CHECK_INT(-1, engine_init_green(&engine, &plan, 0x03));
    CHECK_INT(-1, engine_init_green(&engine, &plan, 1 << 20));
    CHECK_HEX(engine_digest(&twin), engine_digest(&engine));
}

static void copies_have_one_future(void)
{
    plans_eight(&db);
    begin(0x22);
    detector_put(&in.vehicle, 4, true);
    run(77);
    twin = engine;
    detector_put(&in.vehicle, 3, true);
    for (int i = 0; i < 500; i++) {
        struct frame twin_frame;
        engine_step(&engine, &in, 1, &frame);
        engine_step(&twin, &in, 1, &twin_frame);
        harness_at("tick %d", i);
        CHECK_HEX(engine_digest(&engine), engine_digest(&twin));
        CHECK_BYTES(&frame, &twin_frame, sizeof(frame));
    }
}

/* A change of times in the middle of intervals: those that run keep their length. */
static void timing_adopted_in_yellow(void)
{
    plans_eight(&db);
    begin(0x22);
    detector_put(&in.vehicle, 4, true);
    run(50);
    CHECK_HEX(0x22, status.yellow);
    for (int phase_no = 1; phase_no <= 8; phase_no++) {
        db.phase[phase_no - 1].yellow_ds = 50;
        db.phase[phase_no - 1].red_clear_ds = 30;
    }
    plan_compile(&other_plan, &db, 1);
    run(60);
    CHECK(engine_adopt(&engine, &other_plan));
    run(79);
    CHECK_HEX(0x22, status.yellow);
    run(80);
    CHECK_HEX(0, status.yellow);
    run(109);
    CHECK_HEX(0, status.green);
    run(110);
    CHECK_HEX(0x08, status.green);
}

/* A change of structure waits for all-red, and gets there although nobody calls. */
static void structure_adopted_in_all_red(void)
{
    plans_eight(&db);
    begin(0x22);
    run(20);
    db.phase[0].options &= (uint16_t)~PHASE_ENABLED;
    db.phase[1].options |= PHASE_MIN_RECALL;
    plan_compile(&other_plan, &db, 1);
    int64_t adopted_ds = -1;
    for (int i = 0; i < 600 && adopted_ds < 0; i++) {
        if (engine_adopt(&engine, &other_plan))
            adopted_ds = status.now_ds;
        if (adopted_ds < 0)
            CHECK(status.green == 0 || status.green == 0x22);
        run(status.now_ds + 1);
    }
    CHECK_INT(90, adopted_ds); /* minimum 5.0, yellow 3.0, red clearance 1.0 */
    CHECK_HEX(0xfe, status.red | status.green);
    run(adopted_ds + 30);
    CHECK_HEX(0x02, status.green);
}

/* The centre thinks better of it: the structure it had offered is withdrawn before all-red. */
static void withdrawn_structure_stops_the_draining(void)
{
    static struct plan first;
    plans_eight(&db);
    begin(0x22);
    run(20);
    first = plan;
    db.phase[0].options &= (uint16_t)~PHASE_ENABLED;
    plan_compile(&other_plan, &db, 1);
    CHECK(!engine_adopt(&engine, &other_plan));
    run(21);
    CHECK(engine_adopt(&engine, &first));
    run(1000);
    CHECK_HEX(0x22, status.green);
    CHECK(!status.structure_waits);
}

static void backup_timer_drops_commands(void)
{
    plans_eight(&db);
    db.unit.backup_time_s = 20;
    begin(0x22);
    run(10);
    CHECK_INT(0, engine_command(&engine, &hold_2));
    run(100);
    CHECK_INT(11, status.backup_left_s);
    CHECK(status.remote_control);
    CHECK_INT(0, engine_command(&engine, &hold_2)); /* begins anew */
    run(299);
    CHECK_HEX(2, engine.ctl.control.hold_mask);
    CHECK(!status.backup_mode);
    run(300);
    CHECK_HEX(0, engine.ctl.control.hold_mask);
    CHECK(status.backup_mode);
    CHECK(!status.remote_control);
}

/* The parameter of the last event with this code; -1 if there was none. */
static int last_event(int code)
{
    struct hires_event event;
    uint64_t cursor = 0, lost = 0;
    int parameter = -1;
    while (hires_read(&engine.obs.events, &cursor, &event, 1, &lost))
        if (event.code == code)
            parameter = event.parameter;
    return parameter;
}

static void who_controls_is_told_and_logged(void)
{
    plans_eight(&db);
    db.unit.backup_time_s = 20;
    begin(0x22);
    run(10);
    CHECK_INT(CONTROL_STANDBY, status.control);
    CHECK_INT(CONTROL_STANDBY, last_event(EVENT_UNIT_CONTROL));
    CHECK_INT(0, engine_command(&engine, &hold_2));
    run(20);
    CHECK_INT(CONTROL_SYSTEM, status.control);
    CHECK_INT(CONTROL_SYSTEM, last_event(EVENT_UNIT_CONTROL));
    in.unit = INPUT_MANUAL_CONTROL;
    run(30);
    CHECK_INT(CONTROL_LOCAL_MANUAL, status.control);
    CHECK_INT(CONTROL_LOCAL_MANUAL, last_event(EVENT_UNIT_CONTROL));
    in.unit = 0;
    run(300);
    CHECK_INT(CONTROL_BACKUP, status.control);
    CHECK_INT(CONTROL_BACKUP, last_event(EVENT_UNIT_CONTROL));
}

/* A backup time that comes after the command still ends it. */
static void backup_time_set_late(void)
{
    plans_eight(&db);
    db.unit.backup_time_s = 0;
    begin(0x22);
    run(10);
    CHECK_INT(0, engine_command(&engine, &hold_2));
    run(100);
    CHECK_HEX(2, engine.ctl.control.hold_mask);
    db.unit.backup_time_s = 20;
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&engine, &other_plan));
    run(209);
    CHECK_HEX(2, engine.ctl.control.hold_mask);
    run(210);
    CHECK_HEX(0, engine.ctl.control.hold_mask);
}

/* A maximum set anew in a green that runs is for the next one. */
static void maximum_belongs_to_its_green(void)
{
    plans_eight(&db);
    begin(0x22);
    detector_put(&in.vehicle, 2, true);
    detector_put(&in.vehicle, 4, true);
    run(100);
    db.phase[1].maximum1_s = 15;
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&engine, &other_plan));
    run(299);
    CHECK_HEX(0x22, status.green);
    run(300);
    CHECK_HEX(0x22, status.yellow);
}

static void force_off_bit_clears_itself(void)
{
    static const struct control_op force_2 = {
        .offset = offsetof(struct control, force_off_mask), .size = 8, .set = 1 << 1};
    plans_eight(&db);
    begin(0x02);
    detector_put(&in.vehicle, 2, true);
    detector_put(&in.vehicle, 4, true);
    run(70);
    CHECK_INT(0, engine_command(&engine, &force_2));
    run(71);
    CHECK_HEX(0x02, status.yellow);
    CHECK_HEX(0, engine.ctl.control.force_off_mask);
    CHECK_INT(1 << 5 | RING_YELLOW, status.ring_status[0]);
}

static void restart_keeps_time_and_events(void)
{
    plans_eight(&db);
    db.unit.startup_flash_s = 3;
    begin(0);
    run(200);
    uint64_t events = engine.obs.events.written;
    engine_restart(&engine);
    run(201);
    CHECK_INT(201, status.now_ds);
    CHECK_INT(UNIT_STARTUP_FLASH, status.unit);
    CHECK(engine.obs.events.written >= events);
}

/* No change comes before its earliest time, nor after its latest. */
static void predictions_hold(void)
{
    static int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    static int64_t earliest[17], latest[17];
    plans_eight(&db);
    for (int phase_no = 2; phase_no <= 8; phase_no += 2) {
        db.phase[phase_no - 1].walk_s = 6;
        db.phase[phase_no - 1].ped_clear_s = 9;
        db.phase[phase_no - 1].flashing_green_s = 3;
    }
    begin(0x22);
    uint64_t seed = 7;
    char colour[17] = "";
    for (int tick = 0; tick < 20000; tick++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        if (seed >> 60 == 0)
            detector_put(&in.vehicle, (int)(seed >> 32 & 7) + 1, seed >> 40 & 1);
        in.pedestrian = seed >> 58 == 1 ? 1U << (seed >> 32 & 7) : 0;
        run(0);
        predict_channels(&engine, min_ds, max_ds);
        for (int no = 1; no <= 16; no++) {
            bool green = channel_has(&frame.green, no), flashes = channel_has(&frame.flashing, no);
            char now = green ? (flashes ? 'f' : 'G') : channel_has(&frame.yellow, no) ? 'Y' : 'R';
            if (!plan.structure.channel[no - 1].source)
                continue;
            harness_at("tick %d channel %d %c to %c", tick, no, colour[no] ? colour[no] : '-', now);
            if (tick && now != colour[no] &&
                !CHECK(status.now_ds >= earliest[no] && status.now_ds <= latest[no]))
                return;
            colour[no] = now;
            earliest[no] = status.now_ds + min_ds[no - 1];
            latest[no] = max_ds[no - 1] < 0 ? INT64_MAX : status.now_ds + max_ds[no - 1];
        }
    }
}

HARNESS_MAIN({"start-up: flash, all-red, phases", startup_stages},
             {"no remote command acts before the end of start-up", no_command_in_startup},
             {"start phases in conflict are refused", conflicting_start_refused},
             {"copies have one future", copies_have_one_future},
             {"new times leave running intervals alone", timing_adopted_in_yellow},
             {"a new structure waits for all-red", structure_adopted_in_all_red},
             {"a structure withdrawn in time stops the draining", withdrawn_structure_stops_the_draining},
             {"the backup timer drops remote commands", backup_timer_drops_commands},
             {"a backup time set late ends what stands", backup_time_set_late},
             {"a maximum belongs to its green", maximum_belongs_to_its_green},
             {"a phase force-off clears itself", force_off_bit_clears_itself},
             {"a restart keeps time and events", restart_keeps_time_and_events},
             {"who controls is told and logged", who_controls_is_told_and_logged},
             {"predictions hold", predictions_hold})
