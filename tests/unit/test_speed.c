/* Speeds as detectors measure them, and the mode that lets fast vehicles wait. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"

enum { LEAD = 21, TRAIL = 22, LIMIT_KMH = 60, SPACING_CM = 2000 };

static struct database db;
static struct plan plan;
static struct engine engine, twin;
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

static void tick(void)
{
    engine_step(&engine, &in, 1, &frame);
    engine_get_status(&engine, &status);
}

/* Runs every tick before `until_ds`: what is set then acts in the tick of that time. */
static void run_to(int64_t until_ds)
{
    while (status.now_ds + 1 < until_ds)
        tick();
}

static void on(int detector_no, bool occupied)
{
    detector_put(&in.vehicle, detector_no, occupied);
}

/* The parameter of the newest event `code` since the last question; -1 if there was none. */
static int newest(int code)
{
    struct hires_event event[EVENTS_KEPT];
    uint64_t lost = 0;
    size_t got = hires_read(&engine.obs.events, &cursor, event, EVENTS_KEPT, &lost);
    int found = -1;
    for (size_t i = 0; i < got; i++)
        if (event[i].code == code)
            found = event[i].parameter;
    return found;
}

/* Phase 2 with a pair of detectors 20 m apart; only the second one calls, and locks its call. */
static void measuring(void)
{
    plans_eight(&db);
    db.volume_period_s = 60;
    db.vehicle_detector[LEAD - 1] = (struct vehicle_detector_row){
        .call_phase_no = 2,
        .options2 = DETECTOR_SPEED | DETECTOR_LEAD,
        .paired_detector_no = TRAIL,
        .paired_spacing_cm = SPACING_CM,
        .average_vehicle_length_cm = 450,
        .length_cm = 200,
    };
    db.vehicle_detector[TRAIL - 1] = (struct vehicle_detector_row){
        .call_phase_no = 2,
        .options = DETECTOR_CALL | DETECTOR_RED_LOCK,
        .options2 = DETECTOR_SPEED,
        .average_vehicle_length_cm = 450,
        .length_cm = 200,
    };
}

/* A vehicle that needs `travel_ds` from one detector to the other and stands on each for `on_ds`. */
static void pass(int travel_ds, int on_ds)
{
    int64_t from_ds = status.now_ds + 1;
    for (int i = 0; i <= travel_ds + on_ds; i++) {
        run_to(from_ds + i);
        on(LEAD, i < on_ds);
        on(TRAIL, i >= travel_ds && i < travel_ds + on_ds);
        tick();
    }
}

/* ---- measuring ---- */

static void a_pair_times_a_vehicle(void)
{
    measuring();
    begin(0x22);
    run_to(100);
    pass(12, 4);
    CHECK_INT(60, newest(EVENT_SPEED + TRAIL)); /* 20 m in 1.2 s */
    run_to(601);
    CHECK_INT(120, status.speed[LEAD - 1]);
    CHECK_INT(120, status.speed[TRAIL - 1]);
    CHECK(detector_has(&status.volume_detectors, LEAD));
    CHECK_INT(SPEED_UNKNOWN, status.speed[0]);
    run_to(1201);
    CHECK_INT(SPEED_UNKNOWN, status.speed[TRAIL - 1]);
}

static void speeds_are_averaged(void)
{
    measuring();
    begin(0x22);
    run_to(50);
    pass(10, 4); /* 72 */
    run_to(100);
    pass(20, 8); /* 36 */
    run_to(200);
    pass(12, 4); /* 60 */
    run_to(601);
    CHECK_INT(112, status.speed[TRAIL - 1]);
}

static void the_impossible_is_not_believed(void)
{
    measuring();
    begin(0x22);
    run_to(50);
    pass(0, 4); /* both in one tick */
    run_to(100);
    pass(2, 2); /* 360 km/h */
    run_to(150);
    pass(150, 4); /* below walking pace */
    on(TRAIL, true);
    tick();
    on(TRAIL, false);
    CHECK_INT(-1, newest(EVENT_SPEED + TRAIL));
    run_to(601);
    CHECK_INT(SPEED_UNKNOWN, status.speed[TRAIL - 1]);
}

/* Two vehicles between the detectors: nobody knows which is which until both have left. */
static void two_at_a_time_are_not_measured(void)
{
    static const int leads[] = {100, 110, 200}, trails[] = {115, 125, 212};
    measuring();
    begin(0x22);
    for (int64_t at_ds = 0; at_ds < 300; at_ds++) {
        run_to(at_ds);
        for (int i = 0; i < 3; i++) {
            if (at_ds == leads[i] || at_ds == leads[i] + 4)
                on(LEAD, at_ds == leads[i]);
            if (at_ds == trails[i] || at_ds == trails[i] + 4)
                on(TRAIL, at_ds == trails[i]);
        }
        tick();
        harness_at("%lld", (long long)at_ds);
        CHECK_INT(at_ds == 212 ? 60 : -1, newest(EVENT_SPEED + TRAIL));
    }
}

static void a_lost_vehicle_is_forgotten(void)
{
    measuring();
    begin(0x22);
    run_to(50);
    on(LEAD, true); /* and it changes lanes */
    run_to(54);
    on(LEAD, false);
    run_to(300);
    pass(12, 4);
    CHECK_INT(60, newest(EVENT_SPEED + TRAIL));
}

static void one_detector_goes_by_length(void)
{
    measuring();
    db.vehicle_detector[9] = (struct vehicle_detector_row){
        .options2 = DETECTOR_SPEED, .average_vehicle_length_cm = 450, .length_cm = 200};
    db.vehicle_detector[10] = (struct vehicle_detector_row){
        .options2 = DETECTOR_SPEED, .average_vehicle_length_cm = 450, .length_cm = UINT16_MAX};
    begin(0x22);
    run_to(50);
    on(10, true);
    on(11, true);
    run_to(54);
    on(10, false);
    on(11, false);
    run_to(56);
    CHECK_INT(59, newest(EVENT_SPEED + 10)); /* 6.5 m in 0.4 s: 58.5 */
    run_to(601);
    CHECK_INT(117, status.speed[9]);
    CHECK_INT(SPEED_UNKNOWN, status.speed[10]); /* its length is not known */
}

static void a_pair_with_a_failed_partner(void)
{
    for (int by_length = 0; by_length <= 1; by_length++) {
        measuring();
        db.vehicle_detector[TRAIL - 1].options2 |= by_length ? DETECTOR_SPEED_BY_LENGTH : 0;
        begin(0x22);
        detector_put(&in.vehicle_fault, LEAD, true);
        run_to(50);
        pass(12, 4);
        run_to(601);
        CHECK_INT(by_length ? 117 : SPEED_UNKNOWN, status.speed[TRAIL - 1]);
        CHECK_INT(SPEED_UNKNOWN, status.speed[LEAD - 1]);
    }
}

static void a_pair_may_be_named_from_either_side(void)
{
    measuring();
    db.vehicle_detector[LEAD - 1].paired_detector_no = 0;
    db.vehicle_detector[TRAIL - 1].paired_detector_no = LEAD;
    begin(0x22);
    CHECK(detector_has(&plan.speed_leads, LEAD) && detector_has(&plan.speed_trails, TRAIL));
    db.vehicle_detector[TRAIL - 1].options2 |= DETECTOR_LEAD; /* two leaders are no pair */
    begin(0x22);
    CHECK(!plan.measures || !detector_has(&plan.speed_leads, LEAD));
    db.vehicle_detector[TRAIL - 1].options2 = DETECTOR_SPEED;
    db.vehicle_detector[TRAIL - 1].paired_detector_no = 30; /* it thinks otherwise */
    db.vehicle_detector[LEAD - 1].paired_detector_no = TRAIL;
    begin(0x22);
    CHECK(!detector_has(&plan.speed_leads, LEAD));
}

/* ---- the mode ---- */

static void managing(void)
{
    measuring();
    db.vehicle_detector[22] = db.vehicle_detector[LEAD - 1];
    db.vehicle_detector[23] = db.vehicle_detector[TRAIL - 1];
    db.vehicle_detector[22].paired_detector_no = 24;
    db.vehicle_detector[22].call_phase_no = db.vehicle_detector[23].call_phase_no = 6;
    db.phase[1].options |= PHASE_MIN_RECALL;
    db.phase[5].options |= PHASE_MIN_RECALL;
    db.speed = (struct speed_row){
        .mode = SPEED_ON,
        .limit_kmh = LIMIT_KMH,
        .delay_ds = 80,
        .bound_s = 20,
        .low_demand_veh = 10,
    };
}

/* At rest in red: the demand of a whole minute is known at 60.0. */
static void at_rest(void)
{
    managing();
    begin(0x22);
    run_to(700);
    CHECK(status.speed_managed);
    CHECK_HEX(0, status.green | status.yellow);
}

static void the_junction_rests_in_red(void)
{
    managing();
    begin(0x22);
    run_to(600);
    CHECK_HEX(0x22, status.green); /* on recall */
    CHECK(!status.speed_managed);
    tick();
    CHECK(status.speed_managed);
    CHECK_INT(1, newest(EVENT_SPEED_MANAGED));
    CHECK_HEX(0x22, status.yellow);
    run_to(3000);
    CHECK_HEX(0, status.green | status.vehicle_call);
}

static void who_keeps_the_limit_finds_green(void)
{
    at_rest();
    on(TRAIL, false);
    int64_t from_ds = status.now_ds + 1;
    on(LEAD, true);
    run_to(from_ds + 13);
    CHECK_HEX(0, status.green);
    on(TRAIL, true); /* 55 km/h */
    tick();
    CHECK_HEX(2, status.green);
}

static void who_is_faster_waits(void)
{
    at_rest();
    int64_t trail_ds = status.now_ds + 1 + 9; /* 80 km/h */
    pass(9, 3);
    CHECK_HEX(2, status.speed_withheld);
    CHECK_INT(2, newest(EVENT_SPEED_WITHHELD));
    CHECK_HEX(2, status.vehicle_call);
    run_to(trail_ds + 80);
    CHECK_HEX(0, status.green);
    tick();
    CHECK_HEX(2, status.green);
    CHECK_INT(2, newest(EVENT_SPEED_RELEASED));
    CHECK_HEX(0, status.speed_withheld);
}

/* 65 km/h may be what was read of 60: of that nobody is accused. */
static void a_reading_that_may_be_lawful(void)
{
    at_rest();
    pass(11, 4);
    CHECK_HEX(0, status.speed_withheld);
    CHECK_HEX(2, status.green);
}

/* Every speed against every moment between two ticks: the reading is never surer than the clock. */
static void nobody_within_the_limit_is_held_up(void)
{
    at_rest();
    twin = engine;
    struct inputs quiet = in;
    for (int kmh = 20; kmh <= 140; kmh++)
        for (int part = 0; part < 10; part++) {
            engine = twin;
            in = quiet;
            engine_get_status(&engine, &status);
            int start_ms = 1000 + 10 * part;
            int arrival_ms = start_ms + 36 * SPACING_CM / kmh; /* 1 cm at 1 km/h: 36 ms */
            int lead_ds = (start_ms + 99) / 100, trail_ds = (arrival_ms + 99) / 100;
            int64_t zero_ds = status.now_ds + 1;
            run_to(zero_ds + lead_ds);
            on(LEAD, true);
            run_to(zero_ds + trail_ds);
            on(TRAIL, true);
            tick();
            harness_at("%d km/h, %d ms", kmh, start_ms);
            bool held = status.speed_withheld & 2;
            if (kmh <= LIMIT_KMH)
                CHECK(!held);
            if (kmh >= 72) /* 1.0 s: two ticks less than the limit takes */
                CHECK(held);
        }
}

static void standing_at_the_line_is_slow_enough(void)
{
    at_rest();
    pass(9, 3);
    int64_t at_ds = status.now_ds + 30;
    run_to(at_ds);
    on(2, true);
    run_to(at_ds + 10);
    CHECK_HEX(2, status.speed_withheld);
    run_to(at_ds + 16);
    CHECK_HEX(2, status.green);
}

static void a_slower_one_frees_the_way(void)
{
    at_rest();
    pass(9, 3);
    run_to(status.now_ds + 10);
    pass(15, 4);
    CHECK_HEX(2, status.green);
}

static void pedestrians_never_wait_for_it(void)
{
    at_rest();
    db.phase[1].walk_s = 5;
    db.phase[1].ped_clear_s = 5;
    begin(0x22);
    run_to(700);
    pass(9, 3);
    CHECK_HEX(2, status.speed_withheld);
    run_to(status.now_ds + 5);
    in.pedestrian = 2;
    tick();
    CHECK_HEX(2, status.green);
    CHECK_HEX(2, status.walk);
}

static void others_are_served_meanwhile(void)
{
    at_rest();
    pass(9, 3);
    int64_t at_ds = status.now_ds + 5;
    run_to(at_ds);
    on(4, true);
    tick();
    CHECK_HEX(8, status.green);
    on(4, false);
    run_to(at_ds + 40);
    CHECK_HEX(8, status.green);
    run_to(at_ds + 60);
    CHECK_HEX(0, status.green & 2);
    CHECK_HEX(8, status.yellow); /* minimum green, and the gap: it rests in red again */
}

static void no_green_is_cut(void)
{
    at_rest();
    pass(13, 4);
    CHECK_HEX(2, status.green);
    int64_t green_ds = status.now_ds - 4;
    pass(9, 3);
    CHECK_HEX(0, status.speed_withheld);
    CHECK_HEX(2, status.green);
    run_to(green_ds + 50);
    CHECK_HEX(2, status.green);
}

/* One after the other, all too fast: the first of them waits no longer than the bound. */
static void the_bound_holds(void)
{
    managing();
    db.speed.low_demand_veh = 100;
    begin(0x22);
    run_to(700);
    int64_t trail_ds = status.now_ds + 1 + 9;
    while (!(status.green & 2) && status.now_ds < 3000)
        pass(9, 3);
    CHECK(status.now_ds >= trail_ds + 200);
    CHECK(status.now_ds <= trail_ds + 200 + 12);
}

static void who_is_waited_for_is_not_held_up(void)
{
    at_rest();
    on(4, true);
    tick();
    CHECK_HEX(8, status.green);
    on(2, true); /* waits at the line, behind 4 */
    run_to(status.now_ds + 10);
    pass(9, 3);
    CHECK_HEX(0, status.speed_withheld);
}

static void too_many_for_the_mode(void)
{
    managing();
    db.speed.low_demand_veh = 3;
    begin(0x22);
    run_to(700);
    CHECK(status.speed_managed);
    for (int i = 0; i < 4; i++) {
        CHECK(status.speed_managed);
        run_to(status.now_ds + 30);
        pass(15, 4);
    }
    CHECK(!status.speed_managed);
    CHECK_INT(0, newest(EVENT_SPEED_MANAGED));
    run_to(1801); /* that minute, and one that was quiet */
    CHECK(status.speed_managed);
}

static void send(size_t offset, uint64_t value)
{
    const struct control_op op = {.offset = (uint16_t)offset, .size = 1, .clear = UINT8_MAX, .set = value};
    CHECK_INT(0, engine_command(&engine, &op));
}

static void scheduled_like_any_action(void)
{
    managing();
    db.speed.mode = SPEED_SCHEDULED;
    db.timebase.action[4].speed_management = 1;
    begin(0x22);
    run_to(1300);
    CHECK(!status.speed_managed);
    CHECK_HEX(0x22, status.green);
    send(offsetof(struct control, action_no), 5);
    run_to(1310);
    CHECK(status.speed_managed);
    send(offsetof(struct control, action_no), 4);
    run_to(1320);
    CHECK(!status.speed_managed);
}

static void others_have_the_word(void)
{
    at_rest();
    pass(9, 3);
    CHECK_HEX(2, status.speed_withheld);
    in.unit = INPUT_MANUAL_CONTROL;
    tick();
    CHECK(!status.speed_managed);
    CHECK_HEX(0, status.speed_withheld);

    at_rest();
    in.unit = INPUT_AUTOMATIC_FLASH;
    run_to(status.now_ds + 100);
    CHECK(!status.speed_managed);

    plans_coordinated(&db);
    struct database coordinated = db;
    managing();
    memcpy(db.split, coordinated.split, sizeof db.split);
    memcpy(db.pattern, coordinated.pattern, sizeof db.pattern);
    db.coord = coordinated.coord;
    db.coord.operational_mode = 1;
    begin(0x22);
    run_to(6000);
    CHECK_INT(FREE_NOT, status.free_reason);
    CHECK(!status.speed_managed);
}

/* A phase whose detectors cannot be trusted keeps its recall. */
static void recalls_of_the_blind_stay(void)
{
    at_rest();
    detector_put(&in.vehicle_fault, 6, true);
    run_to(status.now_ds + 20);
    CHECK_HEX(0x20, status.green);
}

/* ---- promises ---- */

static uint64_t next(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 33;
}

/* Vehicles of all speeds on the pair, others and pedestrians everywhere. */
static void traffic(uint64_t *random, int64_t now_ds, int64_t *trail_ds)
{
    if (now_ds > *trail_ds + 3 && next(random) % 40 == 0)
        *trail_ds = now_ds + 7 + (int64_t)(next(random) % 12);
    on(LEAD, now_ds < *trail_ds && now_ds + 4 > *trail_ds - 3);
    on(TRAIL, now_ds >= *trail_ds && now_ds < *trail_ds + 3);
    for (int no = 1; no <= 8; no++)
        if (next(random) % (detector_has(&in.vehicle, no) ? 20 : 400) == 0)
            on(no, !detector_has(&in.vehicle, no));
    in.pedestrian = next(random) % 500 == 0 ? 0xaa : 0;
}

static void bounds_hold_in_random_traffic(void)
{
    managing();
    db.speed.low_demand_veh = 40;
    db.phase[1].walk_s = db.phase[3].walk_s = 5;
    db.phase[1].ped_clear_s = db.phase[3].ped_clear_s = 6;
    begin(0x22);
    uint64_t random = 1, green = 0;
    int64_t trail_ds = 0, held_ds = 0, green_ds[8] = {0}, yellow_ds[8] = {0};
    int held = 0, managed = 0;
    for (int i = 0; i < 10 * 3600 * 24 && !harness_failed(); i++) {
        traffic(&random, i, &trail_ds);
        bool was_held = status.speed_withheld;
        uint64_t yellow = status.yellow;
        tick();
        harness_at("%d.%d s", i / 10, i % 10);
        CHECK_HEX(0, status.speed_withheld & ~UINT64_C(2));
        CHECK_HEX(engine.directions.closed, status.speed_withheld);
        CHECK_HEX(0, status.speed_withheld & (status.ped_call | status.green));
        held += status.speed_withheld && !was_held;
        managed += status.speed_managed;
        held_ds = status.green & 2 || !(status.vehicle_call & 2) ? 0 : held_ds + (status.speed_withheld != 0);
        CHECK(held_ds <= 200);
        int ix;
        FOR_EACH_BIT(ix, status.green & ~green)
            green_ds[ix] = i;
        FOR_EACH_BIT(ix, green & ~status.green) {
            CHECK(i - green_ds[ix] >= 50);
            yellow_ds[ix] = i;
        }
        FOR_EACH_BIT(ix, yellow & ~status.yellow)
            CHECK_INT(30, i - yellow_ds[ix]);
        green = status.green;
    }
    CHECK(held > 100);
    CHECK(managed > 10 * 3600);
}

/* Switched off, whatever else is set: the same future to the bit. */
static void off_is_off(void)
{
    static struct plan other_plan;
    struct frame twin_frame;
    managing();
    db.speed.mode = SPEED_OFF;
    begin(0x22);
    db.speed = (struct speed_row){0};
    plan_compile(&other_plan, &db, 1);
    CHECK_INT(0, engine_init_green(&twin, &other_plan, 0x22));
    uint64_t random = 1;
    int64_t trail_ds = 0;
    for (int i = 0; i < 10 * 3600 * 4 && !harness_failed(); i++) {
        traffic(&random, i, &trail_ds);
        tick();
        engine_step(&twin, &in, 1, &twin_frame);
        harness_at("tick %d", i);
        CHECK_BYTES(&frame, &twin_frame, sizeof(frame));
        if (i % 100 == 0)
            CHECK_HEX(engine_digest(&twin), engine_digest(&engine));
    }
}

HARNESS_MAIN({"a pair times a vehicle", a_pair_times_a_vehicle},
             {"speeds are averaged by period", speeds_are_averaged},
             {"the impossible is not believed", the_impossible_is_not_believed},
             {"two at a time are not measured", two_at_a_time_are_not_measured},
             {"who gets lost between a pair is forgotten", a_lost_vehicle_is_forgotten},
             {"a single detector goes by length", one_detector_goes_by_length},
             {"so does one whose partner has failed", a_pair_with_a_failed_partner},
             {"a pair may be named from either side", a_pair_may_be_named_from_either_side},
             {"at low demand the junction rests in red", the_junction_rests_in_red},
             {"who keeps the limit finds green", who_keeps_the_limit_finds_green},
             {"who is faster waits for the delay", who_is_faster_waits},
             {"a reading that may be lawful holds nobody up", a_reading_that_may_be_lawful},
             {"nobody within the limit is held up, whatever the clock", nobody_within_the_limit_is_held_up},
             {"who stands at the line has slowed", standing_at_the_line_is_slow_enough},
             {"a slower one frees the way", a_slower_one_frees_the_way},
             {"pedestrians never wait for it", pedestrians_never_wait_for_it},
             {"others are served meanwhile", others_are_served_meanwhile},
             {"no green is cut", no_green_is_cut},
             {"a row of fast ones waits no longer than the bound", the_bound_holds},
             {"a phase somebody waits for is not held up", who_is_waited_for_is_not_held_up},
             {"it acts at low demand only", too_many_for_the_mode},
             {"it is scheduled like any action", scheduled_like_any_action},
             {"manual control, flash and coordination have the word", others_have_the_word},
             {"recalls of phases with failed detectors stay", recalls_of_the_blind_stay},
             {"the bounds hold in random traffic", bounds_hold_in_random_traffic},
             {"switched off it is not there", off_is_off})
