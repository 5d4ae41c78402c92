/* What vehicle detectors count, and that no input, however wild, cuts an interval short. What they do for
 * their phases stands in the scenarios det-*. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;

static void begin(uint64_t start_mask)
{
    memset(&in, 0, sizeof(in));
    memset(&status, 0, sizeof(status));
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, start_mask));
    status.now_ds = -1;
}

static void tick(int32_t quantum_ds)
{
    engine_step(&engine, &in, quantum_ds, &frame);
    engine_get_status(&engine, &status);
}

/* Runs every tick before `until_ds`: what is set then acts in the tick of that time. */
static void run_to(int64_t until_ds, int32_t quantum_ds)
{
    while (status.now_ds + (status.now_ds < 0 ? 1 : quantum_ds) < until_ds)
        tick(quantum_ds);
}

static void on(int detector_no, bool occupied)
{
    detector_put(&in.vehicle, detector_no, occupied);
}

static void counting(int period_s)
{
    plans_eight(&db);
    db.volume_period_s = (uint8_t)period_s;
    for (int no = 1; no <= 8; no++)
        db.vehicle_detector[no - 1].options |= DETECTOR_VOLUME | DETECTOR_OCCUPANCY;
}

static void occupancy_is_rounded_down(void)
{
    counting(60);
    begin(0x22);
    run_to(100, 1);
    on(1, true);
    run_to(233, 1);
    on(1, false);
    run_to(600, 1);
    CHECK_INT(0, status.volume_sequence);
    CHECK_INT(59, status.volume_elapsed_s);
    tick(1);
    CHECK_INT(600, status.now_ds);
    CHECK_INT(1, status.volume_sequence);
    CHECK_INT(0, status.volume_elapsed_s);
    CHECK_INT(1, status.volume[0]);
    CHECK_INT(44, status.occupancy[0]); /* 13.3 s of 60: 22.17 % */
    CHECK_INT(0, status.volume[1]);
    CHECK_INT(0, status.occupancy[1]);
    CHECK_INT(SPEED_UNKNOWN, status.speed[0]);
}

static void coarse_ticks_count_the_same(void)
{
    counting(60);
    begin(0x22);
    run_to(100, 5);
    on(1, true);
    run_to(235, 5);
    on(1, false);
    run_to(600, 5);
    tick(5);
    CHECK_INT(1, status.volume[0]);
    CHECK_INT(45, status.occupancy[0]);
}

static void presence_across_the_end_of_a_period(void)
{
    counting(60);
    begin(0x22);
    run_to(550, 1);
    on(3, true);
    run_to(650, 1);
    on(3, false);
    CHECK_INT(1, status.volume[2]);
    CHECK_INT(16, status.occupancy[2]); /* 5 s of 60 */
    run_to(1201, 1);
    CHECK_INT(2, status.volume_sequence);
    CHECK_INT(0, status.volume[2]);
    CHECK_INT(16, status.occupancy[2]);
}

static void options_choose_what_is_counted(void)
{
    counting(10);
    db.vehicle_detector[0].options &= (uint8_t)~DETECTOR_VOLUME;
    db.vehicle_detector[1].options &= (uint8_t)~DETECTOR_OCCUPANCY;
    db.vehicle_detector[2].options &= (uint8_t) ~(DETECTOR_VOLUME | DETECTOR_OCCUPANCY);
    begin(0x22);
    for (int no = 1; no <= 3; no++)
        on(no, true);
    run_to(101, 1);
    CHECK_INT(0, status.volume[0]);
    CHECK_INT(200, status.occupancy[0]);
    CHECK_INT(1, status.volume[1]);
    CHECK_INT(0, status.occupancy[1]);
    CHECK(!detector_has(&status.volume_detectors, 3));
}

static void more_than_254_vehicles(void)
{
    counting(255);
    begin(0x22);
    for (int i = 0; i < 2 * 254 + 1; i++) {
        run_to(i + 1, 1);
        on(1, i % 2 == 1);
        on(2, i % 2 == 1);
    }
    run_to(1000, 1);
    on(2, true);
    run_to(1002, 1);
    on(2, false);
    run_to(2551, 1);
    CHECK_INT(254, status.volume[0]);
    CHECK_INT(255, status.volume[1]);
}

/* volumeOccupancyPeriodV3 65535: whole cycles, and nothing while there are none. */
static void a_period_is_a_cycle(void)
{
    plans_coordinated(&db);
    db.volume_period_v3_s = PERIOD_COORDINATED_CYCLE_S;
    db.vehicle_detector[0].options |= DETECTOR_VOLUME;
    begin(0x22);
    run_to(3000, 1);
    CHECK_INT(0, status.volume_sequence);
    CHECK_INT(0, status.volume_elapsed_s);

    db.coord.operational_mode = 1;
    begin(0x22);
    run_to(12000, 1);
    CHECK_INT(FREE_NOT, status.free_reason);
    uint8_t first = status.volume_sequence;
    CHECK(first > 5);
    for (int i = 0; i < 3; i++) {
        for (int vehicle = 0; vehicle < 20; vehicle++) {
            on(1, true);
            run_to(status.now_ds + 21, 1);
            on(1, false);
            run_to(status.now_ds + 31, 1);
        }
    }
    CHECK_INT((uint8_t)(first + 3), status.volume_sequence);
    CHECK_INT(20, status.volume[0]); /* 5 s apart, in 100 s */
}

static void reserved_periods_collect_nothing(void)
{
    counting(0);
    db.volume_period_v3_s = PERIOD_MAX_S + 1;
    begin(0x22);
    run_to(50000, 1);
    CHECK_INT(0, status.volume_sequence);
    CHECK(!detector_has(&status.volume_detectors, 1));
    counting(10);
    db.volume_period_v3_s = 20; /* the older object wins */
    begin(0x22);
    run_to(101, 1);
    CHECK_INT(1, status.volume_sequence);
}

/* Every input flickers as fast as it can: each interval has its length all the same. */
static void chatter_cuts_nothing(void)
{
    static const uint8_t switch_phase_no[8] = {6, 0, 8, 0, 2, 0, 4, 0};
    static int64_t green_at[8], yellow_at[8], red_at[8];
    plans_eight(&db);
    for (int ix = 0; ix < 8; ix++) {
        db.vehicle_detector[ix].options = (uint8_t)(ix % 2 ? 0xff : DETECTOR_CALL | DETECTOR_PASSAGE);
        db.vehicle_detector[ix].delay_ds = (uint16_t)(ix % 3 ? 0 : 2);
        db.vehicle_detector[ix].extend_ds = (uint8_t)(ix % 4 ? 0 : 5);
        db.vehicle_detector[ix].queue_limit_s = 8;
        db.vehicle_detector[ix].switch_phase_no = switch_phase_no[ix];
        db.vehicle_detector[ix].erratic_counts = (uint8_t)(ix % 2 ? 50 : 0);
        db.vehicle_detector[ix].fail_time_s = (uint8_t)(ix % 4 == 1 ? 255 : ix);
        if (ix % 2) {
            db.phase[ix].walk_s = 5;
            db.phase[ix].ped_clear_s = 8;
        }
    }
    begin(0x22);
    uint64_t seen = 0, random = 1;
    for (int i = 0; i < 72000; i++) {
        uint64_t green = status.green, yellow = status.yellow, walk = status.walk;
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        in.vehicle.word[0] ^= (random >> 40 | random >> 48) & 0xff; /* three of four change */
        in.pedestrian = i % 2 ? 0xff : 0;
        tick(1);
        harness_at("%d.%d s", i / 10, i % 10);
        int ix;
        FOR_EACH_BIT(ix, status.green & ~green) {
            green_at[ix] = status.now_ds;
            for (int other = 0; i > 0 && other < 8; other++)
                if (plan.structure.conflicts[ix] & mask_of(other + 1))
                    CHECK(red_at[other] + 10 <= status.now_ds && !(status.green & mask_of(other + 1)));
        }
        FOR_EACH_BIT(ix, green & ~status.green) {
            CHECK(status.yellow & mask_of(ix + 1));
            CHECK(status.now_ds - green_at[ix] >= 50);
            yellow_at[ix] = status.now_ds;
            seen |= mask_of(ix + 1);
        }
        FOR_EACH_BIT(ix, yellow & ~status.yellow) {
            CHECK_INT(30, status.now_ds - yellow_at[ix]);
            red_at[ix] = status.now_ds;
        }
        FOR_EACH_BIT(ix, walk & ~status.walk)
            CHECK(status.ped_clear & mask_of(ix + 1));
        if (harness_failed())
            return;
    }
    CHECK_HEX(0xff, seen); /* and everybody was served */
}

HARNESS_MAIN({"occupancy is rounded down to half percents", occupancy_is_rounded_down},
             {"coarse ticks count the same", coarse_ticks_count_the_same},
             {"presence across the end of a period belongs to both", presence_across_the_end_of_a_period},
             {"the options choose what is counted", options_choose_what_is_counted},
             {"more than 254 vehicles are 255", more_than_254_vehicles},
             {"a period is a coordinated cycle", a_period_is_a_cycle},
             {"reserved periods collect nothing", reserved_periods_collect_nothing},
             {"chatter at 10 Hz cuts no interval", chatter_cuts_nothing})
