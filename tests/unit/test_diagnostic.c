/* Detectors that fail, what is asked for in their place, and how they are trusted again. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan, other_plan;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;
static uint64_t cursor;

static void begin(uint64_t start_mask)
{
    memset(&in, 0, sizeof(in));
    memset(&status, 0, sizeof(status));
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, start_mask));
    status.now_ds = -1;
    cursor = 0;
}

static void tick(int32_t quantum_ds)
{
    engine_step(&engine, &in, quantum_ds, &frame);
    engine_get_status(&engine, &status);
}

/* Runs every tick before `until_ds`: what is set then acts in the tick of that time. */
static void run_to(int64_t until_ds)
{
    while (status.now_ds + 1 < until_ds)
        tick(1);
}

static void run_through(int64_t at_ds)
{
    run_to(at_ds + 1);
}

static void on(int detector_no, bool occupied)
{
    detector_put(&in.vehicle, detector_no, occupied);
}

/* `count` actuations of one tick each, every other tick from the next one on. */
static void chatter(int detector_no, int count)
{
    for (int i = 0; i < count; i++) {
        on(detector_no, true);
        tick(1);
        on(detector_no, false);
        tick(1);
    }
}

static bool failed(int detector_no)
{
    return detector_has(&status.detector_failed, detector_no);
}

/* How often `code` came with `parameter` since the last question about any event. */
static int events(int code, int parameter)
{
    struct hires_event event[EVENTS_KEPT];
    uint64_t lost = 0;
    size_t got = hires_read(&engine.obs.events, &cursor, event, EVENTS_KEPT, &lost);
    int found = 0;
    for (size_t i = 0; i < got; i++)
        found += event[i].code == code && event[i].parameter == parameter;
    return found;
}

/* Phase 2 rests in green; detector 4 is the one to fail. */
static struct vehicle_detector_row *watched(void)
{
    plans_eight(&db);
    db.phase[1].options |= PHASE_MIN_RECALL;
    return &db.vehicle_detector[3];
}

/* ---- how they fail and recover ---- */

static void erratic_counts(void)
{
    watched()->erratic_counts = 60;
    begin(0x22);
    chatter(4, 60);
    CHECK(!failed(4));
    CHECK_INT(0, events(EVENT_DETECTOR_FAILED, 4));
    chatter(4, 1); /* the 61st within one minute */
    CHECK(failed(4));
    CHECK_INT(DETECTOR_ERRATIC, status.detector_alarms[3]);
    CHECK_INT(1, events(EVENT_DETECTOR_FAILED, 4));
    run_to(600);
    chatter(4, 60); /* in range */
    run_to(1200);
    CHECK(failed(4));
    CHECK_INT(0, events(EVENT_DETECTOR_RESTORED, 4));
    run_through(1200);
    CHECK(!failed(4));
    CHECK_INT(0, status.detector_alarms[3]);
    CHECK_INT(1, events(EVENT_DETECTOR_RESTORED, 4));
}

static void a_minute_is_the_clocks(void)
{
    watched()->erratic_counts = 60;
    begin(0x22);
    run_to(500);
    chatter(4, 50);
    CHECK_INT(599, status.now_ds);
    chatter(4, 60);
    CHECK(!failed(4));
    chatter(4, 1);
    CHECK(failed(4));
}

static void good_time_after_an_erratic_fault(void)
{
    watched()->erratic_counts = 10;
    db.unit.detector_good_min = 2;
    begin(0x22);
    chatter(4, 11);
    CHECK(failed(4));
    run_to(1300);
    chatter(4, 11); /* the second minute is not in range: the time begins anew */
    run_to(3600);
    CHECK(failed(4));
    run_through(3600);
    CHECK(!failed(4));
}

static void no_activity(void)
{
    watched()->no_activity_min = 3;
    begin(0x22);
    run_to(100);
    on(4, true);
    run_to(127);
    on(4, false); /* silent from 12.7 s on */
    run_to(127 + 1800);
    CHECK(!failed(4));
    run_to(127 + 1800 + 10);
    CHECK(failed(4));
    CHECK_INT(DETECTOR_NO_ACTIVITY, status.detector_alarms[3]);
    CHECK_INT(1, events(EVENT_DETECTOR_FAILED, 4));
    run_to(5003);
    CHECK(failed(4));
    on(4, true);
    tick(1);
    CHECK(!failed(4));
    CHECK_INT(1, events(EVENT_DETECTOR_RESTORED, 4));
}

static void maximum_presence(void)
{
    watched()->max_presence_min = 2;
    begin(0x22);
    run_to(55);
    on(4, true);
    run_to(55 + 1200);
    CHECK(!failed(4));
    run_to(55 + 1200 + 10);
    CHECK(failed(4));
    CHECK_INT(DETECTOR_MAX_PRESENCE, status.detector_alarms[3]);
    run_to(9000);
    CHECK(failed(4));
    on(4, false);
    tick(1);
    CHECK(!failed(4));
}

static void a_silence_of_one_kind_is_not_the_other(void)
{
    struct vehicle_detector_row *row = watched();
    row->no_activity_min = 1;
    begin(0x22);
    on(4, true);
    run_to(36000);
    CHECK(!failed(4));
    row->no_activity_min = 0;
    row->max_presence_min = 1;
    begin(0x22);
    run_to(36000);
    CHECK(!failed(4));
}

static void coarse_ticks_find_the_same(void)
{
    struct vehicle_detector_row *row = watched();
    row->no_activity_min = 1;
    db.vehicle_detector[4].max_presence_min = 1;
    begin(0x22);
    on(5, true);
    for (int i = 0; i < 20; i++)
        tick(30);
    CHECK(!failed(4) && !failed(5));
    tick(30);
    tick(30);
    CHECK(failed(4) && failed(5));
}

static void what_the_unit_reports(void)
{
    watched();
    begin(0x22);
    run_to(50);
    detector_put(&in.vehicle_fault, 4, true);
    detector_put(&in.vehicle_fault, 40, true); /* assigned to nothing */
    tick(1);
    CHECK(failed(4));
    CHECK(!failed(40));
    CHECK_INT(DETECTOR_OTHER_FAULT, status.detector_alarms[3]);
    CHECK_INT(1, events(EVENT_DETECTOR_FAILED, 4));
    run_to(500);
    detector_put(&in.vehicle_fault, 4, false);
    tick(1);
    CHECK(!failed(4));
    CHECK_INT(1, events(EVENT_DETECTOR_RESTORED, 4));
}

static void a_limit_taken_away_ends_the_fault(void)
{
    struct vehicle_detector_row *row = watched();
    row->erratic_counts = 10;
    row->max_presence_min = 1;
    begin(0x22);
    chatter(4, 11);
    on(4, true);
    run_to(700);
    CHECK_INT(DETECTOR_ERRATIC | DETECTOR_MAX_PRESENCE, status.detector_alarms[3]);
    row->erratic_counts = row->max_presence_min = 0;
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&engine, &other_plan));
    run_to(720);
    CHECK(!failed(4));
}

static void reset_by_the_centre(void)
{
    static const struct control_op reset_4 = {
        .offset = offsetof(struct control, vehicle_reset), .size = 8, .set = 1 << 3};
    watched()->max_presence_min = 1;
    begin(0x22);
    on(4, true);
    run_to(700);
    CHECK(failed(4));
    CHECK_INT(0, engine_command(&engine, &reset_4));
    tick(1);
    CHECK(!failed(4));
    CHECK_HEX(0, engine.ctl.control.vehicle_reset.word[0]);
    run_to(700 + 600);
    CHECK(!failed(4));
    run_to(700 + 620);
    CHECK(failed(4)); /* nothing has got better */
}

/* ---- what they ask for meanwhile ---- */

/* Detector 4 fails by chatter in the red of its phase, 12.2 s after the start. */
static void fail_with(int fail_time_s)
{
    struct vehicle_detector_row *row = watched();
    row->erratic_counts = 60;
    row->fail_time_s = (uint8_t)fail_time_s;
    row->options &= (uint8_t)~DETECTOR_CALL; /* so that 2 stays until it has failed */
    begin(0x22);
    chatter(4, 61);
    CHECK(failed(4));
}

/* Start and length of the next green of phase 4. */
static int64_t next_green(int64_t *length_ds)
{
    while (!(status.green & 8) && status.now_ds < 3000)
        tick(1);
    int64_t at_ds = status.now_ds;
    while (status.green & 8 && status.now_ds < 3000)
        tick(1);
    *length_ds = status.now_ds - at_ds;
    return at_ds;
}

static void a_call_held_for_the_fail_time(void)
{
    int64_t length_ds;
    fail_with(10);
    CHECK(status.vehicle_call & 8);
    CHECK_INT(120 + 40, next_green(&length_ds)); /* yellow 3.0, red clearance 1.0 */
    CHECK_INT(100 + 20, length_ds);              /* the fail time, and the passage */
    tick(1);
    CHECK(status.vehicle_call & 8);
}

static void a_short_fail_time_leaves_the_minimum(void)
{
    int64_t length_ds;
    fail_with(2);
    next_green(&length_ds);
    CHECK_INT(50, length_ds);
}

static void fail_time_0_is_no_call(void)
{
    fail_with(0);
    on(4, true); /* nor is it heard */
    run_to(590);
    CHECK_HEX(0, status.vehicle_call);
    CHECK(status.green & 2);
}

static void fail_time_255_is_a_maximum_recall(void)
{
    int64_t length_ds;
    fail_with(255);
    CHECK(engine.directions.max_recall & 8);
    next_green(&length_ds);
    CHECK_INT(300, length_ds);
}

static void a_counting_detector_asks_for_nothing(void)
{
    struct vehicle_detector_row *row = watched();
    row->erratic_counts = 10;
    row->fail_time_s = 10;
    row->options = DETECTOR_VOLUME;
    begin(0x22);
    chatter(4, 11);
    CHECK(failed(4));
    CHECK(!(status.vehicle_call & 8));
}

static void the_centre_may_actuate_a_failed_detector(void)
{
    static const struct control_op actuate_4 = {
        .offset = offsetof(struct control, vehicle_actuation), .size = 8, .set = 1 << 3};
    struct vehicle_detector_row *row = watched();
    row->no_activity_min = 1;
    begin(0x22);
    run_to(650);
    CHECK(failed(4));
    CHECK_INT(0, engine_command(&engine, &actuate_4));
    tick(1);
    CHECK(status.vehicle_call & 8);
    CHECK(failed(4)); /* that says nothing about the detector */

    static const struct control_op release_4 = {
        .offset = offsetof(struct control, vehicle_actuation), .size = 8, .clear = 1 << 3};
    watched()->max_presence_min = 1;
    begin(0x22);
    on(4, true); /* and so it stays: the centre is heard all the same */
    run_to(900);
    CHECK(failed(4));
    CHECK(!(status.vehicle_call & 8));
    CHECK_INT(0, engine_command(&engine, &actuate_4));
    tick(1);
    CHECK(status.vehicle_call & 8);
    CHECK_INT(0, engine_command(&engine, &release_4));
    tick(1);
    CHECK(!(status.vehicle_call & 8));
}

static void without_any_detector_fixed_time(void)
{
    plans_eight(&db);
    begin(0x22);
    run_to(10);
    for (int no = 1; no <= 7; no++)
        detector_put(&in.vehicle_fault, no, true);
    tick(1);
    CHECK_HEX(0, engine.directions.max_recall);
    detector_put(&in.vehicle_fault, 8, true);
    tick(1);
    CHECK_HEX(0xff, engine.directions.max_recall);
    for (int no = 1; no <= 7; no++)
        db.vehicle_detector[no - 1].call_phase_no = 0;
    begin(0x22);
    detector_put(&in.vehicle_fault, 8, true);
    tick(1);
    CHECK(failed(8));
    CHECK_HEX(0, engine.directions.max_recall); /* the only one there is: its fail time decides */
}

static void the_dynamic_maximum_stands_still(void)
{
    for (int broken = 0; broken <= 1; broken++) {
        watched();
        db.phase[1].dynamic_max_limit_s = 60;
        db.phase[1].dynamic_max_step_ds = 100;
        begin(0x22);
        on(2, true);
        on(4, true);
        detector_put(&in.vehicle_fault, 9, true);
        db.vehicle_detector[8] = (struct vehicle_detector_row){.call_phase_no = 2};
        plan_compile(&plan, &db, 1);
        detector_put(&in.vehicle_fault, 9, broken);
        int64_t length_ds[4] = {0}, at_ds = 0;
        for (int green = 0; green < 4; green++) {
            while (!(status.green & 2))
                tick(1);
            at_ds = status.now_ds;
            while (status.green & 2)
                tick(1);
            length_ds[green] = status.now_ds - at_ds;
        }
        harness_at(broken ? "failed" : "in order");
        CHECK_INT(broken ? 300 : 500, length_ds[3]);
    }
}

/* ---- reports ---- */

static void the_highest_fault_is_reported(void)
{
    struct vehicle_detector_row *row = watched();
    db.volume_period_s = 100;
    row->options |= DETECTOR_VOLUME; /* even where occupancy is not collected */
    row->erratic_counts = 10;
    row->max_presence_min = 1;
    begin(0x22);
    chatter(4, 11);
    on(4, true);
    run_through(1000);
    CHECK_INT(217, status.occupancy[3]);
    CHECK_INT(12, status.volume[3]);
    run_through(1100);
    on(4, false);
    run_through(2000);
    CHECK_INT(217, status.occupancy[3]); /* it stood in a part of that period */
    run_through(3000);
    CHECK_INT(0, status.occupancy[3]);
    detector_put(&in.vehicle_fault, 4, true);
    on(4, true);
    run_through(3100);
    detector_put(&in.vehicle_fault, 4, false);
    run_through(4000);
    CHECK_INT(210, status.occupancy[3]);
}

/* ---- pedestrians ---- */

static void ped_begin(void)
{
    plans_eight(&db);
    db.phase[1].options |= PHASE_MIN_RECALL;
    db.phase[3].walk_s = 5;
    db.phase[3].ped_clear_s = 8;
    db.ped_volume_period_s = 100;
    db.unit.ped_fail_recall = 1;
}

static void press(int detector_no, int64_t at_ds)
{
    run_to(at_ds);
    in.pedestrian |= mask_of(detector_no);
    tick(1);
    in.pedestrian &= ~mask_of(detector_no);
}

static void a_failed_button_is_a_recall(void)
{
    ped_begin();
    db.pedestrian_detector[3].no_activity_min = 1;
    begin(0x22);
    run_to(600);
    CHECK_HEX(0, status.ped_call);
    run_to(620);
    CHECK_HEX(8, status.ped_detector_failed);
    CHECK_INT(DETECTOR_NO_ACTIVITY, status.ped_detector_alarms[3]);
    CHECK_INT(1, events(EVENT_PED_DETECTOR_FAILED, 4));
    CHECK((status.ped_call | status.on) & 8);
    run_to(2000);
    CHECK_INT(2, status.ped_services[3]); /* once in each half of the period */
    press(4, 2005);
    CHECK_HEX(0, status.ped_detector_failed);
    CHECK_INT(1, events(EVENT_PED_DETECTOR_RESTORED, 4));
}

static void or_it_is_not(void)
{
    ped_begin();
    db.unit.ped_fail_recall = 0;
    db.pedestrian_detector[3].max_presence_min = 1;
    begin(0x22);
    run_to(10);
    in.pedestrian = 8;
    run_to(700);
    CHECK_HEX(8, status.ped_detector_failed);
    run_to(1400);
    CHECK_HEX(0, status.ped_call & 8); /* what it asked for before has been served */
    in.pedestrian = 0;
    tick(1);
    CHECK_HEX(0, status.ped_detector_failed);
}

static void the_report_of_pedestrians(void)
{
    ped_begin();
    begin(0x22);
    press(4, 100);
    press(4, 105);
    press(4, 600);
    run_to(1000);
    CHECK_INT(0, status.ped_volume_sequence);
    run_through(1000);
    CHECK_INT(1, status.ped_volume_sequence);
    CHECK_INT(100, status.ped_volume_duration_s);
    CHECK_INT(3, status.ped_actuations[3]);
    CHECK_INT(2, status.ped_services[3]);
    CHECK_INT(0, status.ped_services[1]);
    for (int i = 0; i < 250; i++)
        press(4, 1010 + 2 * i);
    run_through(2000);
    CHECK_INT(201, status.ped_actuations[3]);
    db.pedestrian_detector[3].erratic_counts = 20;
    begin(0x22);
    for (int i = 0; i < 21; i++)
        press(4, 10 + 2 * i);
    CHECK_HEX(8, status.ped_detector_failed);
    run_through(1000);
    CHECK_INT(217, status.ped_actuations[3]);
}

static void the_period_of_the_vehicles(void)
{
    ped_begin();
    db.ped_volume_period_s = PERIOD_AS_VEHICLES_S;
    db.volume_period_s = 30;
    begin(0x22);
    run_through(900);
    CHECK_INT(3, status.volume_sequence);
    CHECK_INT(3, status.ped_volume_sequence);
}

HARNESS_MAIN({"erratic counts fail at once and recover with a minute in range", erratic_counts},
             {"a minute is the clock's", a_minute_is_the_clocks},
             {"good time follows an erratic fault", good_time_after_an_erratic_fault},
             {"no activity clears on actuation", no_activity},
             {"maximum presence clears on release", maximum_presence},
             {"a long presence is no silence", a_silence_of_one_kind_is_not_the_other},
             {"coarse ticks find the same faults", coarse_ticks_find_the_same},
             {"what the detector's unit reports", what_the_unit_reports},
             {"a limit taken away ends the fault", a_limit_taken_away_ends_the_fault},
             {"the centre resets a detector", reset_by_the_centre},
             {"det-f: a failed detector calls, and holds each green for its fail time",
              a_call_held_for_the_fail_time},
             {"a short fail time leaves the minimum green", a_short_fail_time_leaves_the_minimum},
             {"fail time 0 is no call at all", fail_time_0_is_no_call},
             {"fail time 255 is a maximum recall", fail_time_255_is_a_maximum_recall},
             {"a detector that only counts asks for nothing", a_counting_detector_asks_for_nothing},
             {"the centre may actuate a failed detector", the_centre_may_actuate_a_failed_detector},
             {"without any detector the junction runs fixed times", without_any_detector_fixed_time},
             {"the dynamic maximum stands still", the_dynamic_maximum_stands_still},
             {"the highest fault of the period is reported", the_highest_fault_is_reported},
             {"a failed button is a recall", a_failed_button_is_a_recall},
             {"or it is not, where the setting says so", or_it_is_not},
             {"the report of pedestrians", the_report_of_pedestrians},
             {"the period of the vehicles serves for pedestrians too", the_period_of_the_vehicles})
