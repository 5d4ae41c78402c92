/* Coordination as the street sees it: when the greens of plan A begin and end by the system's clock. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan, other_plan;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;

/* Tenths at which each phase last turned green and last left it. */
static int64_t green_at[PHASES_MAX], yellow_at[PHASES_MAX];

static void begin(uint64_t start_mask)
{
    memset(&in, 0, sizeof(in));
    memset(&status, 0, sizeof(status));
    memset(green_at, 0xff, sizeof(green_at));
    memset(yellow_at, 0xff, sizeof(yellow_at));
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, start_mask));
    engine_get_status(&engine, &status);
}

static void tick(void)
{
    uint64_t before = status.green;
    int ix;
    engine_step(&engine, &in, 1, &frame);
    engine_get_status(&engine, &status);
    FOR_EACH_BIT(ix, status.green & ~before)
        green_at[ix] = status.now_ds;
    FOR_EACH_BIT(ix, before & ~status.green)
        yellow_at[ix] = status.now_ds;
}

static void run(int64_t until_ds)
{
    do {
        tick();
    } while (status.now_ds < until_ds);
}

static void occupy(uint64_t phases, bool on)
{
    int ix;
    FOR_EACH_BIT(ix, phases)
        detector_put(&in.vehicle, ix + 1, on);
}

static void coordinate(enum sync_point point, int offset_s)
{
    plans_coordinated(&db);
    db.coord.operational_mode = 1;
    db.pattern[0].sync_point = (uint8_t)point;
    db.pattern[0].offset_s = (uint8_t)offset_s;
}

/* ---- offset references ---- */

static void yields_lag_by_the_offset(void)
{
    static const struct {
        enum sync_point point;
        int yield_s;
    } reference[] = {{SYNC_FIRST_GREEN_BEGIN, 65}, {SYNC_LAST_GREEN_BEGIN, 60}, {SYNC_FIRST_GREEN_END, 30}};
    for (size_t i = 0; i < sizeof(reference) / sizeof(reference[0]); i++) {
        harness_at("sync point %d", reference[i].point);
        coordinate(reference[i].point, 30);
        begin(0x22);
        occupy(0xff, true);
        run(10000);
        CHECK_INT(FREE_NOT, status.free_reason);
        CHECK(!status.in_transition);
        for (int cycle = 0; cycle < 5; cycle++) {
            run(status.now_ds + 1000);
            CHECK_INT(reference[i].yield_s * 10, yellow_at[1] % 1000);
            CHECK_INT(reference[i].yield_s * 10, yellow_at[5] % 1000);
        }
    }
}

/* All splits are used up under constant calls: each green begins where it is planned. */
static void constant_calls_fill_every_split(void)
{
    coordinate(SYNC_SEQUENCE_START, 0);
    begin(0x22);
    occupy(0xff, true);
    run(10000);
    static const int begin_s[8] = {0, 15, 55, 70, 0, 20, 55, 67},
                     force_s[8] = {10, 50, 65, 95, 15, 50, 62, 95};
    for (int ix = 0; ix < 8; ix++) {
        harness_at("phase %d", ix + 1);
        CHECK_INT(begin_s[ix] * 10, green_at[ix] % 1000);
        CHECK_INT(force_s[ix] * 10, yellow_at[ix] % 1000);
    }
}

static void a_lagging_left_yields_twice(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    db.sequence[0][0] = (struct phase_list){.count = 4, .number = {2, 1, 3, 4}};
    begin(0x22);
    occupy(0xff, true);
    run(10000);
    CHECK_INT(350, yellow_at[1] % 1000);
    CHECK_INT(500, yellow_at[5] % 1000);
}

/* ---- force-offs and permissives, in the time of the sequence ---- */

/* Runs to local 0 of a cycle in step, resting in 2 and 6. */
static int64_t settle(void)
{
    run(2000);
    CHECK(status.coordinated && !status.in_transition);
    CHECK_HEX(0x22, status.green);
    return status.now_ds;
}

static void fixed_force_offs_inherit_floating_ones_do_not(void)
{
    for (int floating = 0; floating <= 1; floating++) {
        harness_at("%s", floating ? "floating" : "fixed");
        coordinate(SYNC_SEQUENCE_START, 0);
        db.coord.force_mode = floating ? FORCE_FLOATING : FORCE_FIXED;
        begin(0x22);
        int64_t zero_ds = settle();
        occupy(mask_of(4), true); /* 3 is skipped: 4 begins at 55 */
        run(zero_ds + 1000);
        CHECK_INT(zero_ds + 550, green_at[3]);
        CHECK_INT(zero_ds + (floating ? 800 : 950), yellow_at[3]);
    }
}

static void late_calls_wait_for_the_next_cycle(void)
{
    coordinate(SYNC_SEQUENCE_START, 0);
    db.phase[3].minimum_green_s = 7;
    begin(0x22);
    int64_t zero_ds = settle();
    run(zero_ds + 549);
    occupy(mask_of(3), true); /* the last moment for 3 */
    run(zero_ds + 700);
    CHECK_INT(zero_ds + 600, green_at[2]);

    begin(0x22);
    zero_ds = settle();
    run(zero_ds + 559);
    occupy(mask_of(3), true);
    run(zero_ds + 1600);
    CHECK_INT(zero_ds + 1550, green_at[2]);

    begin(0x22);
    zero_ds = settle();
    run(zero_ds + 829);
    occupy(mask_of(4), true);
    run(zero_ds + 900);
    CHECK_INT(zero_ds + 880, green_at[3]);

    begin(0x22);
    zero_ds = settle();
    run(zero_ds + 830);
    occupy(mask_of(4), true);
    run(zero_ds + 1600);
    CHECK_INT(zero_ds + 1550, green_at[3]);
}

/* A split of no more than minimum and clearance is served although the phase before it, which is not the
 * coordinated one, uses all of its own, and although the coordinated phase clears more slowly. */
static void an_exact_split_is_served(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    db.phase[1].red_clear_ds = 30;
    db.split[0][0].time_s = 10;
    db.split[0][1].time_s = 45;
    begin(0x22);
    occupy(mask_of(1) | mask_of(4), true);
    run(8000);
    CHECK(status.now_ds - green_at[0] <= 1000);
}

static void a_pedestrian_has_a_window_of_his_own(void)
{
    coordinate(SYNC_SEQUENCE_START, 0);
    db.phase[3].walk_s = 7;
    db.phase[3].ped_clear_s = 18;
    for (int press_s = 65; press_s <= 66; press_s++) {
        harness_at("pressed at %d", press_s);
        begin(0x22);
        int64_t zero_ds = settle();
        run(zero_ds + press_s * 10 - 1);
        in.pedestrian = mask_of(4);
        tick();
        in.pedestrian = 0;
        run(zero_ds + 2000);
        CHECK_INT(zero_ds + (press_s == 65 ? 700 : 1550), green_at[3]);
        CHECK(yellow_at[3] >= green_at[3] + 250);
    }
}

/* ---- correction ---- */

static void check_cycles(const int32_t *cycle_s, int count)
{
    for (int i = 0; i < count; i++) {
        harness_at("cycle %d", i + 1);
        uint32_t zeros = status.cycle_zeros;
        while (status.cycle_zeros == zeros)
            tick();
        CHECK_INT(cycle_s[i] * 10, status.cycle_ds);
    }
    CHECK(!status.in_transition);
}

/* Shifts the system's clock so that the local one is `ahead_s` ahead. */
static void shift_clock(int ahead_s)
{
    struct control_op sync = {
        .offset = offsetof(struct control, system_sync_s),
        .size = 1,
        .clear = UINT64_MAX,
        .set = (uint64_t)((1001 + status.local_ds - ahead_s * 10) % 1000 / 10),
    };
    CHECK_INT(0, engine_command(&engine, &sync));
}

static void corrections(void)
{
    static const struct {
        uint8_t mode, dwell_max_s;
        int ahead_s;
        int32_t cycle_s[6];
        int count;
    } cases[] = {
        {CORRECTION_SHORTWAY, 0, 30, {120, 110, 100}, 3},
        {CORRECTION_SHORTWAY, 0, 90, {90, 100}, 2},
        {CORRECTION_SHORTWAY, 0, 50, {120, 120, 110, 100}, 4},
        {CORRECTION_DWELL, 0, 30, {130, 100}, 2},
        {CORRECTION_DWELL, 20, 30, {120, 110, 100}, 3},
        {CORRECTION_ADD_ONLY, 0, 90, {120, 120, 120, 120, 110, 100}, 6},
        {CORRECTION_SUBTRACT_ONLY, 0, 70, {83, 87, 100}, 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
        db.coord.correction_mode = cases[i].mode;
        db.coord.dwell_max_s = cases[i].dwell_max_s;
        begin(0x22);
        occupy(0xff, true);
        run(1499); /* the command acts in the next tick */
        CHECK_INT(499, status.local_ds);
        shift_clock(cases[i].ahead_s);
        harness_at("case %zu", i);
        check_cycles(cases[i].cycle_s, cases[i].count);
        if (harness_failed())
            return;
    }
}

/* ---- coming and going ---- */

static void a_bad_pattern_runs_free_and_says_why(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    db.pattern[0].offset_s = 100;
    begin(0x22);
    occupy(0xff, true);
    run(1000);
    CHECK_INT(FREE_INVALID_OFFSET, status.free_reason);
    CHECK_INT(PATTERN_FREE, status.pattern_no);
    CHECK(!status.coordinated);
    db.pattern[0].offset_s = 10; /* put right: taken up */
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&engine, &other_plan));
    run(3000);
    CHECK_INT(FREE_NOT, status.free_reason);
    CHECK_INT(1, status.pattern_no);
}

static void cycle_zero_takes_splits_for_maximums(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    db.pattern[0].cycle_s = 0;
    begin(0x22);
    occupy(0xff, true);
    run(1500);
    CHECK_INT(FREE_COORD, status.free_reason);
    CHECK_INT(150, yellow_at[2] - green_at[2]);
}

static void the_free_input_shuts_coordination_out(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    begin(0x22);
    run(100);
    CHECK_INT(FREE_NOT, status.free_reason);
    in.unit = INPUT_FREE;
    run(110);
    CHECK_INT(FREE_INPUT, status.free_reason);
    in.unit = 0;
    run(120);
    CHECK_INT(FREE_NOT, status.free_reason);
}

/* Another pattern is taken up at local zero, and not before. */
static void patterns_change_at_local_zero(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    db.coord.operational_mode = 0;
    db.pattern[1] = db.pattern[0];
    db.pattern[1].cycle_s = 120;
    const struct control_op pattern_2 = {
        .offset = offsetof(struct control, system_pattern_no), .size = 1, .clear = UINT64_MAX, .set = 2};
    struct control_op pattern_1 = pattern_2;
    pattern_1.set = 1;
    begin(0x22);
    tick();
    CHECK_INT(FREE_COMMAND, status.free_reason);
    CHECK_INT(0, engine_command(&engine, &pattern_1));
    run(500);
    CHECK_INT(1, status.pattern_no);
    CHECK_INT(CONTROL_SYSTEM, status.control);
    CHECK_INT(0, engine_command(&engine, &pattern_2));
    run(999);
    CHECK_INT(1, status.pattern_no);
    run(1000);
    CHECK_INT(2, status.pattern_no);
    run(20000);
    CHECK(!status.in_transition);
    CHECK_INT(status.now_ds % 1200, status.local_ds);
}

/* With an offset of 30 s the local clock is at zero so long after the system's, both once a cycle. */
static void both_zeros_are_events(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 30);
    begin(0x22);
    occupy(0xff, true);
    run(5000);
    struct hires_event event;
    uint64_t cursor = engine.obs.events.written, lost = 0;
    int64_t local_ds = -1, system_ds = -1;
    run(7000);
    while (hires_read(&engine.obs.events, &cursor, &event, 1, &lost)) {
        if (event.code == EVENT_COORD_STATE && event.parameter == 5)
            local_ds = event.at_ds;
        if (event.code == EVENT_COORD_STATE && event.parameter == 7)
            system_ds = event.at_ds;
    }
    CHECK_INT(0, (int64_t)lost);
    CHECK_INT(6300, local_ds);
    CHECK_INT(7000, system_ds);
}

/* A sequence of its own: the left of ring 1 lags in pattern 2. */
static void a_pattern_brings_its_sequence(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    memcpy(db.sequence[1], db.sequence[0], sizeof(db.sequence[1]));
    db.sequence[1][0] = (struct phase_list){.count = 4, .number = {2, 1, 3, 4}};
    db.pattern[0].sequence_no = 2;
    begin(0x22);
    occupy(0xff, true);
    run(10000);
    CHECK_INT(2, status.sequence_no);
    CHECK_INT(350, yellow_at[1] % 1000);
    CHECK_INT(400, green_at[0] % 1000);
}

/* No barrier need be crossed for it: one that is never crossed would shut phases out for ever. */
static void another_sequence_is_followed_at_once(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    memcpy(db.sequence[1], db.sequence[0], sizeof(db.sequence[1]));
    db.sequence[1][0] = (struct phase_list){.count = 4, .number = {2, 1, 3, 4}};
    db.pattern[1] = db.pattern[0];
    db.pattern[1].sequence_no = 2;
    begin(0x22);
    run(500);
    CHECK_INT(1, status.sequence_no);
    db.coord.operational_mode = 2;
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&engine, &other_plan));
    run(1010); /* past local zero, still resting in 2 and 6 */
    CHECK_INT(2, status.pattern_no);
    CHECK_HEX(0x22, status.green);
    CHECK_INT(2, status.sequence_no);
}

/* Under equal maximums a lagging left never lets 2 and 6 be green together in free operation. */
static void the_first_coordinated_green_joins(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    db.sequence[0][0] = (struct phase_list){.count = 4, .number = {2, 1, 3, 4}};
    begin(mask_of(2) | mask_of(5));
    occupy(0xff, true);
    run(10000);
    CHECK_INT(FREE_NOT, status.free_reason);
    CHECK_INT(350, yellow_at[1] % 1000);
    CHECK_INT(500, yellow_at[5] % 1000);
    db.pattern[0].offset_s = 10; /* and a change is through within a few cycles */
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&engine, &other_plan));
    run(15000);
    CHECK_INT(450, yellow_at[1] % 1000);
    CHECK_INT(600, yellow_at[5] % 1000);
}

static void split_modes(void)
{
    coordinate(SYNC_SEQUENCE_START, 0);
    db.split[0][2].mode = SPLIT_MIN_RECALL;
    db.split[0][3].mode = SPLIT_MAX_RECALL;
    db.split[0][6].time_s = 0;
    db.split[0][6].mode = SPLIT_OMITTED;
    db.split[0][7].time_s = 45;
    begin(0x22);
    occupy(mask_of(7), true);
    run(5000);
    CHECK_INT(550, green_at[2] % 1000);
    CHECK_INT(600, yellow_at[2] % 1000); /* its minimum */
    CHECK_INT(650, green_at[3] % 1000);
    CHECK_INT(950, yellow_at[3] % 1000); /* to its force-off */
    CHECK_INT(-1, green_at[6]);
}

/* The clock jumps by a day and an hour: nothing is cut, the offset is corrected. */
static void a_clock_that_jumps(void)
{
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    begin(0x22);
    occupy(0xff, true);
    run(3329);
    shift_clock(47);
    for (int i = 0; i < 6000; i++) {
        tick();
        for (int ix = 0; ix < 8; ix++)
            if (yellow_at[ix] == status.now_ds)
                CHECK(status.now_ds - green_at[ix] >= 50);
    }
    CHECK(!status.in_transition);
}

/* What the clock says of the phases is remembered until it says something else: looked up anew in every tick
 * it is the same. */
static void windows_are_never_stale(void)
{
    static struct engine anew;
    uint32_t random = 1;
    coordinate(SYNC_FIRST_GREEN_BEGIN, 0);
    begin(0x22);
    anew = engine;
    for (int64_t i = 0; i < 100000 && !harness_failed(); i++) {
        random = random * 1664525 + 1013904223;
        if (random >> 26 == 0)
            in.vehicle.word[0] ^= UINT64_C(1) << (random >> 23 & 7);
        anew.ctl.coord.windows.until_ds = -1;
        engine_step(&anew, &in, 1, &frame);
        tick();
        const struct coord_windows *kept = &engine.ctl.coord.windows, *looked_up = &anew.ctl.coord.windows;
        harness_at("tick %lld", (long long)status.now_ds);
        CHECK_HEX(looked_up->closed, kept->closed);
        CHECK_HEX(looked_up->ped_only_closed, kept->ped_only_closed);
        CHECK_HEX(looked_up->walk_closed, kept->walk_closed);
        CHECK_HEX(looked_up->held, kept->held);
    }
}

HARNESS_MAIN({"yields lag by the offset", yields_lag_by_the_offset},
             {"constant calls fill every split", constant_calls_fill_every_split},
             {"a lagging left yields twice", a_lagging_left_yields_twice},
             {"fixed force-offs inherit, floating ones do not",
              fixed_force_offs_inherit_floating_ones_do_not},
             {"late calls wait for the next cycle", late_calls_wait_for_the_next_cycle},
             {"an exact split is served", an_exact_split_is_served},
             {"a pedestrian has a window of his own", a_pedestrian_has_a_window_of_his_own},
             {"corrections", corrections},
             {"a bad pattern runs free and says why", a_bad_pattern_runs_free_and_says_why},
             {"cycle zero takes splits for maximums", cycle_zero_takes_splits_for_maximums},
             {"the free input shuts coordination out", the_free_input_shuts_coordination_out},
             {"patterns change at local zero", patterns_change_at_local_zero},
             {"both zeros are events", both_zeros_are_events},
             {"a pattern brings its sequence", a_pattern_brings_its_sequence},
             {"the first coordinated green joins", the_first_coordinated_green_joins},
             {"another sequence is followed at once", another_sequence_is_followed_at_once},
             {"split modes", split_modes}, {"a clock that jumps", a_clock_that_jumps},
             {"windows are never stale", windows_are_never_stale})
