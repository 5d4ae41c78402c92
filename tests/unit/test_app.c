/* One tick from the cabinet's image to the lamps: what the app promises around engine and guard. */
#include "../../controller/app.h"
#include "../../controller/config.h"
#include "../../ntcip/object.h"
#include "harness.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A cabinet that shows what the test put there and keeps what it was told. */
struct bench {
    struct cabinet cabinet;
    struct cabinet_image image;
    int64_t age_us;
    struct output output;
    struct database db;
    struct guard_card card;
    struct app *app;
    struct app_status status;
    int64_t now_us;
};

static int64_t bench_read(struct cabinet *cabinet, struct cabinet_image *image, int64_t now_us)
{
    struct bench *b = (struct bench *)cabinet;
    (void)now_us;
    if (b->age_us >= 0)
        *image = b->image;
    return b->age_us;
}

static void bench_write(struct cabinet *cabinet, const struct output *output)
{
    ((struct bench *)cabinet)->output = *output;
}

/* Phases 2 and 4 of one ring, each with a lamp group; 2 is on recall. */
static void two_phases(struct database *db)
{
    object_defaults(db);
    static const int numbers[] = {2, 4};
    for (int i = 0; i < 2; i++) {
        struct phase_row *row = &db->phase[numbers[i] - 1];
        row->ring_no = 1;
        row->options = PHASE_ENABLED | (numbers[i] == 2 ? PHASE_MIN_RECALL : 0);
        row->startup = numbers[i] == 2 ? STARTUP_GREEN_NO_WALK : STARTUP_NOT_ON;
        row->minimum_green_s = 5;
        row->maximum1_s = 20;
        row->yellow_ds = 30;
        row->red_clear_ds = 10;
        row->passage_ds = 20;
        db->sequence[0][0].number[i] = (uint8_t)numbers[i];
        db->channel[numbers[i] - 1].source_no = (uint8_t)numbers[i];
        db->channel[numbers[i] - 1].type = CHANNEL_VEHICLE;
        db->channel[numbers[i] - 1].flash = CHANNEL_FLASH_RED;
        db->vehicle_detector[numbers[i] - 1].call_phase_no = (uint8_t)numbers[i];
        db->vehicle_detector[numbers[i] - 1].options = DETECTOR_CALL | DETECTOR_PASSAGE;
    }
    db->sequence[0][0].count = 2;
    db->unit.startup_flash_s = 2;
    db->unit.startup_all_red_s = 1;
    db->unit.startup_calls = 0;
}

static void set_up(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->cabinet = (struct cabinet){bench_read, bench_write};
    two_phases(&b->db);
    config_card_from_database(&b->card, &b->db);
    b->app = app_new(&b->db, &b->card, &b->cabinet, 0);
}

static void step(struct bench *b, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        app_step(b->app, b->now_us);
        b->now_us += TICK_MS * 1000;
    }
    app_get_status(b->app, &b->status);
}

/* Steps until phase 2 is green; a test that does not get there fails. */
static bool step_to_green(struct bench *b)
{
    for (int i = 0; i < 100; i++) {
        step(b, 1);
        if (b->status.engine.green & mask_of(2))
            return true;
    }
    CHECK_FAIL("phase 2 is not green after 100 ticks");
    return false;
}

static void start_up_runs_flash_all_red_green(void)
{
    struct bench b;
    set_up(&b);
    step(&b, 1);
    CHECK_HEX(REASON_STARTUP | REASON_FLASH, b.output.reasons);
    CHECK(b.output.frame.all_flash);
    CHECK(b.output.healthy);
    step(&b, 20);
    CHECK_HEX(REASON_STARTUP | REASON_ALL_RED, b.output.reasons);
    step(&b, 10);
    CHECK_HEX(0, b.output.reasons);
    CHECK(channel_has(&b.output.frame.green, 2));
    CHECK(channel_has(&b.output.frame.red, 4));
    CHECK_INT(31, (int64_t)b.output.seq);
    app_free(b.app);
}

static void a_cabinet_never_heard_keeps_flash(void)
{
    struct bench b;
    set_up(&b);
    b.age_us = -1;
    step(&b, 100);
    CHECK(b.status.cabinet_lost);
    CHECK_INT(-1, b.status.image_age_us);
    CHECK(b.output.frame.all_flash);
    CHECK(b.output.healthy);
    CHECK_HEX(REASON_STARTUP | REASON_FLASH | REASON_STALE_CABINET, b.output.reasons);
    b.age_us = 0;
    step(&b, 25);
    CHECK_HEX(REASON_STARTUP | REASON_ALL_RED, b.output.reasons);
    app_free(b.app);
}

static void a_lost_cabinet_means_flash_and_start_up(void)
{
    struct bench b;
    set_up(&b);
    if (!step_to_green(&b))
        return;
    b.age_us = CABINET_STALE_US;
    step(&b, 1);
    CHECK(!b.status.cabinet_lost);
    b.age_us = CABINET_STALE_US + 1;
    step(&b, 1);
    CHECK(b.status.cabinet_lost);
    CHECK(b.output.frame.all_flash);
    CHECK_INT(CHANGE_UNKNOWN, b.output.min_change_ds[1]);
    CHECK_HEX(0, b.status.engine.green);
    b.age_us = 0;
    step(&b, 1);
    CHECK_HEX(REASON_STARTUP | REASON_FLASH, b.output.reasons);
    step(&b, 21);
    CHECK_HEX(REASON_STARTUP | REASON_ALL_RED, b.output.reasons);
    app_free(b.app);
}

static void the_cabinets_own_flash_holds_start_up(void)
{
    struct bench b;
    set_up(&b);
    b.image.status = CABINET_FLASHING;
    step(&b, 200);
    CHECK_INT(UNIT_STARTUP_FLASH, b.status.engine.unit);
    CHECK(b.output.healthy); /* else the cabinet would never leave its flash */
    b.image.status = 0;
    step_to_green(&b);
    b.image.inputs = CABINET_FLASH_SWITCH;
    step(&b, 1);
    CHECK(b.output.frame.all_flash);
    CHECK(!b.status.cabinet_lost);
    app_free(b.app);
}

static void detectors_and_switches_reach_the_engine(void)
{
    struct bench b;
    set_up(&b);
    if (!step_to_green(&b))
        return;
    detector_put(&b.image.vehicle, 4, true);
    step(&b, 1);
    CHECK_HEX(mask_of(4), b.status.engine.vehicle_call);
    b.image.inputs = CABINET_STOP_TIME;
    step(&b, 200);
    CHECK_HEX(mask_of(2), b.status.engine.green);
    CHECK(b.status.engine.stop_time);
    CHECK_HEX(REASON_MANUAL, b.output.reasons);
    app_free(b.app);
}

static void civil_time_runs_with_the_ticks(void)
{
    struct bench b;
    set_up(&b);
    step(&b, 2);
    CHECK_INT(0, b.status.utc_ds);
    int64_t ahead_us = INT64_C(1800000000) * 1000000 - b.now_us;
    app_set_civil(b.app, true, ahead_us);
    step(&b, 1);
    CHECK_INT(INT64_C(18000000000), b.status.utc_ds);
    static const int64_t slack_us[] = {40000, -40000, 99000,
                                       0}; /* a wake-up early or late, a clock that slews */
    for (int i = 0; i < 4; i++) {
        app_set_civil(b.app, true, ahead_us + slack_us[i]);
        step(&b, 1);
        CHECK_INT(INT64_C(18000000001) + i, b.status.utc_ds);
    }
    app_set_civil(b.app, true, ahead_us + 100000);
    step(&b, 1);
    CHECK_INT(INT64_C(18000000006), b.status.utc_ds);
    app_set_civil(b.app, true, ahead_us - INT64_C(86400) * 1000000);
    step(&b, 1);
    CHECK_INT(INT64_C(18000000006) - 864000, b.status.utc_ds);
    app_set_civil(b.app, false, 0);
    step(&b, 1);
    CHECK_INT(0, b.status.utc_ds);
    app_free(b.app);
}

/* By way of the entry phase to all red, to the flash, to all red, and on. */
static void a_flash_of_the_controllers_own_says_so(void)
{
    struct bench b;
    set_up(&b);
    b.db.phase[3].options |= PHASE_FLASH_ENTRY;
    b.db.phase[1].options |= PHASE_FLASH_EXIT;
    b.db.unit.flash_exit_red_s = 2;
    app_free(b.app);
    b.app = app_new(&b.db, &b.card, &b.cabinet, 0);
    step_to_green(&b);
    b.image.inputs = CABINET_AUTOMATIC_FLASH;
    uint32_t seen = 0;
    for (int i = 0; i < 600 && !b.output.frame.all_flash; i++) {
        step(&b, 1);
        seen |= b.output.reasons;
    }
    CHECK_HEX(REASON_FLASH, b.output.reasons);
    CHECK_HEX(REASON_FLASH | REASON_ALL_RED, seen);
    CHECK(b.output.healthy);
    b.image.inputs = 0;
    step(&b, 1);
    CHECK_HEX(REASON_ALL_RED, b.output.reasons & REASON_ALL_RED);
    step_to_green(&b);
    CHECK_HEX(0, b.output.reasons);
    CHECK_INT(GUARD_OK, b.status.trip);
    app_free(b.app);
}

/* From the entry to the exit, whoever calls it. */
static void a_preempt_says_so(void)
{
    struct bench b;
    set_up(&b);
    b.db.preempt[2] = (struct preempt_row){
        .control = PREEMPT_ENABLED,
        .minimum_green_s = 255,
        .minimum_walk_s = 255,
        .enter_ped_clear_s = 255,
        .enter_yellow_ds = 255,
        .enter_red_clear_ds = 255,
        .dwell_green_s = 5,
        .exit_type = PREEMPT_EXIT_PHASES,
        .dwell_phase = {1, {4}},
        .exit_phase = {1, {2}},
    };
    app_free(b.app);
    b.app = app_new(&b.db, &b.card, &b.cabinet, 0);
    step_to_green(&b);
    b.image.preempt = 1 << 2;
    step(&b, 1);
    CHECK_HEX(REASON_PREEMPT, b.output.reasons);
    step(&b, 150);
    CHECK_HEX(mask_of(4), b.status.engine.green);
    CHECK_HEX(REASON_PREEMPT, b.output.reasons);
    b.image.preempt = 0;
    step(&b, 200);
    CHECK_HEX(0, b.output.reasons);
    CHECK_INT(GUARD_OK, b.status.trip);
    app_free(b.app);
}

/* A pattern, or free operation, that the centre commands is no hand on single lamps. */
static void a_pattern_of_the_centre_is_no_reason(void)
{
    struct bench b;
    set_up(&b);
    step_to_green(&b);
    struct control_op op = {.offset = offsetof(struct control, system_pattern_no),
                            .size = 1,
                            .restarts_backup = true,
                            .clear = UINT8_MAX,
                            .set = PATTERN_FREE};
    app_command(b.app, &op, 1);
    step(&b, 5);
    CHECK_INT(PATTERN_FREE, b.status.control.system_pattern_no);
    CHECK_HEX(0, b.output.reasons);
    app_free(b.app);
}

static struct control_op hold_op(uint64_t mask)
{
    return (struct control_op){.offset = offsetof(struct control, hold_mask),
                               .size = sizeof(uint64_t),
                               .clear = UINT64_MAX,
                               .set = mask};
}

static void commands_are_counted_and_refused_in_start_up(void)
{
    struct bench b;
    set_up(&b);
    struct control_op op = hold_op(mask_of(2));
    CHECK_INT(1, (int64_t)app_command(b.app, &op, 1));
    step(&b, 1);
    CHECK_INT(1, (int64_t)b.status.commands_taken);
    CHECK_INT(1, (int64_t)b.status.commands_refused);
    CHECK_HEX(0, b.status.control.hold_mask);
    step_to_green(&b);
    CHECK_INT(2, (int64_t)app_command(b.app, &op, 1));
    step(&b, 1);
    CHECK_INT(2, (int64_t)b.status.commands_taken);
    CHECK_HEX(mask_of(2), b.status.control.hold_mask);
    CHECK_HEX(REASON_REMOTE, b.output.reasons);
    app_free(b.app);
}

static void a_full_queue_takes_all_or_nothing(void)
{
    struct bench b;
    set_up(&b);
    struct control_op op[COMMANDS_MAX];
    for (int i = 0; i < COMMANDS_MAX; i++)
        op[i] = hold_op(0);
    CHECK_INT(COMMANDS_MAX - 1, (int64_t)app_command(b.app, op, COMMANDS_MAX - 1));
    CHECK_INT(0, (int64_t)app_command(b.app, op, 2));
    CHECK_INT(COMMANDS_MAX, (int64_t)app_command(b.app, op, 1));
    CHECK_INT(0, (int64_t)app_command(b.app, op, 1));
    step(&b, 1);
    CHECK_INT(COMMANDS_MAX, (int64_t)b.status.commands_taken);
    CHECK_INT(2 * COMMANDS_MAX, (int64_t)app_command(b.app, op, COMMANDS_MAX));
    app_free(b.app);
}

static void a_timing_plan_is_adopted_at_once_and_the_newest_wins(void)
{
    struct bench b;
    set_up(&b);
    step_to_green(&b);
    b.db.phase[1].maximum1_s = 30;
    CHECK_INT(1, (int64_t)app_offer_plan(b.app, &b.db));
    b.db.phase[1].maximum1_s = 40;
    CHECK_INT(2, (int64_t)app_offer_plan(b.app, &b.db));
    CHECK_INT(0, (int64_t)b.status.plan_seq);
    step(&b, 1);
    CHECK_INT(2, (int64_t)b.status.plan_seq);
    CHECK(!b.status.plan_waits);
    CHECK_INT(0, (int64_t)b.output.config_seq);
    app_free(b.app);
}

static void a_structural_plan_waits_for_all_red(void)
{
    struct bench b;
    set_up(&b);
    step_to_green(&b);
    b.db.channel[3].flash = CHANNEL_FLASH_RED | CHANNEL_FLASH_ALTERNATE;
    app_offer_plan(b.app, &b.db);
    step(&b, 1);
    CHECK(b.status.plan_waits);
    CHECK_INT(0, (int64_t)b.status.plan_seq);
    int ticks = 0;
    while (b.status.plan_waits && ticks++ < 600)
        step(&b, 1);
    CHECK_INT(1, (int64_t)b.status.plan_seq);
    CHECK_INT(1, (int64_t)b.output.config_seq);
    CHECK_INT(GUARD_OK, b.status.trip);
    app_free(b.app);
}

static void a_tripped_guard_drops_health_until_it_is_reset(void)
{
    struct bench b;
    set_up(&b);
    channel_add(&b.card.used, 9); /* a lamp that nothing lights */
    step(&b, 40);
    CHECK_INT(GUARD_DARK, b.status.trip);
    CHECK(!b.output.healthy);
    CHECK(b.output.frame.all_flash);
    CHECK_INT(1, (int64_t)b.status.guard_trips);
    CHECK_HEX(REASON_STARTUP | REASON_FLASH | REASON_FAULT, b.output.reasons);
    channel_remove(&b.card.used, 9);
    step(&b, 50);
    CHECK_INT(GUARD_DARK, b.status.trip); /* latched */
    app_reset_guard(b.app);
    step_to_green(&b);
    CHECK(b.output.healthy);
    app_free(b.app);
}

static void a_late_tick_is_not_healthy(void)
{
    struct bench b;
    set_up(&b);
    step(&b, 5);
    b.now_us += 500 * 1000;
    step(&b, 1);
    CHECK(b.output.healthy);
    b.now_us += 500 * 1000 + 1;
    step(&b, 1);
    CHECK(!b.output.healthy);
    step(&b, 1);
    CHECK(b.output.healthy);
    app_free(b.app);
}

static void start_phases_that_conflict_are_refused(void)
{
    struct bench b;
    set_up(&b);
    app_free(b.app);
    b.app = app_new(&b.db, &b.card, &b.cabinet, mask_of(2) | mask_of(4));
    CHECK(b.app == NULL);
    b.app = app_new(&b.db, &b.card, &b.cabinet, mask_of(4));
    if (!CHECK(b.app != NULL))
        return;
    step(&b, 1);
    CHECK_HEX(mask_of(4), b.status.engine.green);
    app_free(b.app);
}

static void events_reach_a_reader(void)
{
    struct bench b;
    struct hires_event event[64];
    uint64_t cursor = 0, lost = 0;
    set_up(&b);
    step_to_green(&b);
    size_t count = app_read_events(b.app, &cursor, event, 64, &lost);
    bool green = false;
    for (size_t i = 0; i < count; i++)
        green |= event[i].code == EVENT_GREEN_START && event[i].parameter == 2;
    CHECK(green);
    CHECK_INT(0, (int64_t)lost);
    CHECK_INT(0, (int64_t)app_read_events(b.app, &cursor, event, 64, &lost));
    app_free(b.app);
}

static void *read_status_forever(void *arg)
{
    struct bench *b = arg;
    struct app_status status;
    uint64_t last = 0, cursor = 0, lost = 0;
    struct hires_event event[8];
    do {
        app_get_status(b->app, &status);
        if (status.tick < last ||
            (status.tick > 0 && status.tick_us != (int64_t)(status.tick - 1) * TICK_MS * 1000))
            return (void *)1; /* halves of two ticks */
        last = status.tick;
        app_read_events(b->app, &cursor, event, 8, &lost);
    } while (status.tick < 20000);
    return NULL;
}

static void readers_see_whole_ticks(void)
{
    struct bench b;
    set_up(&b);
    pthread_t reader;
    void *torn = (void *)1;
    if (!CHECK_INT(0, pthread_create(&reader, NULL, read_status_forever, &b)))
        return;
    for (int i = 0; i < 20000; i++) {
        app_step(b.app, b.now_us);
        b.now_us += TICK_MS * 1000;
        if (i % 50 == 0)
            app_offer_plan(b.app, &b.db);
    }
    pthread_join(reader, &torn);
    CHECK(torn == NULL);
    app_free(b.app);
}

static void no_cabinet_is_never_lost(void)
{
    struct bench b;
    set_up(&b);
    app_free(b.app);
    b.app = app_new(&b.db, &b.card, NULL, mask_of(2));
    step(&b, 10);
    CHECK(!b.status.cabinet_lost);
    CHECK_HEX(mask_of(2), b.status.engine.green);
    CHECK_HEX(0, b.status.reasons);
    app_free(b.app);
}

HARNESS_MAIN({"start-up runs flash, all-red, green", start_up_runs_flash_all_red_green},
             {"a cabinet never heard keeps flash", a_cabinet_never_heard_keeps_flash},
             {"a lost cabinet means flash, then start-up", a_lost_cabinet_means_flash_and_start_up},
             {"the cabinet's own flash holds start-up", the_cabinets_own_flash_holds_start_up},
             {"detectors and switches reach the engine", detectors_and_switches_reach_the_engine},
             {"a flash of the controller's own says so", a_flash_of_the_controllers_own_says_so},
             {"a preempt says so", a_preempt_says_so},
             {"a pattern of the centre is no reason", a_pattern_of_the_centre_is_no_reason},
             {"civil time runs with the ticks", civil_time_runs_with_the_ticks},
             {"commands are counted, and refused in start-up", commands_are_counted_and_refused_in_start_up},
             {"a full queue takes all or nothing", a_full_queue_takes_all_or_nothing},
             {"a timing plan is adopted at once, the newest wins",
              a_timing_plan_is_adopted_at_once_and_the_newest_wins},
             {"a structural plan waits for all-red", a_structural_plan_waits_for_all_red},
             {"a tripped guard drops health until it is reset",
              a_tripped_guard_drops_health_until_it_is_reset},
             {"a late tick is not healthy", a_late_tick_is_not_healthy},
             {"start phases that conflict are refused", start_phases_that_conflict_are_refused},
             {"events reach a reader", events_reach_a_reader},
             {"readers see whole ticks", readers_see_whole_ticks},
             {"no cabinet is never lost", no_cabinet_is_never_lost}, )
