/* Preemption among the other ways of operation: by hand, stopped, commanded, with another plan. */
#include "preempt_fixture.h"

static struct plan other_plan;

static void red_revert_holds(void)
{
    junction();
    for (int phase_no = 1; phase_no <= 8; phase_no++)
        db.phase[phase_no - 1].red_revert_ds = 50;
    preempt(1, 2, 6);
    begin(0x22);
    detector_put(&in.vehicle, 4, true);
    run(60); /* yellow since 5.0, red at 8.0 */
    call(1, true);
    run(129);
    CHECK_HEX(0, site.status.green);
    run(130);
    CHECK_HEX(0x22, site.status.green);
    CHECK_INT(PREEMPT_DWELL, stage(1));
}

static void manual_control_gives_way(void)
{
    junction();
    preempt(1, 2, 6);
    in.unit = INPUT_MANUAL_CONTROL;
    begin(0x88);
    run(100);
    CHECK(site.status.manual);
    call(1, true);
    run(101); /* the walk that waited to be ended by hand is timed */
    CHECK(!site.status.manual);
    CHECK_HEX(0x88, site.status.ped_clear);
    call(1, false);
    run(161);
    CHECK_HEX(0x88, site.status.yellow);
    run(302);
    CHECK(site.status.manual);
}

static void stop_time_freezes(void)
{
    junction();
    preempt(1, 2, 6);
    begin(0x88);
    call(1, true);
    run(90);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    call(1, false);
    in.unit = INPUT_STOP_TIME;
    run(500);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    in.unit = 0;
    run(600);
    CHECK(logged(EVENT_PREEMPT_EXIT, 1, 600));
}

static void centre_is_not_heard(void)
{
    static const struct control_op hold = {
        .offset = offsetof(struct control, hold_mask), .size = 8, .set = 8};
    static const struct control_op omit = {
        .offset = offsetof(struct control, phase_omit_mask), .size = 8, .set = 2};
    junction();
    preempt(1, 2, 6);
    begin(0x88);
    run(10);
    engine_command(&site.engine, &hold);
    engine_command(&site.engine, &omit);
    call(1, true);
    run(100);
    CHECK_HEX(0x22, site.status.green);
}

/* A structure offered in the middle of a preempt waits for its end, or for an all-red on its way. */
static void structure_waits_for_the_preempt(void)
{
    junction();
    preempt(1, 2, 6);
    begin(0x22);
    call(1, true);
    run(100);
    db.phase[2].options &= (uint16_t)~PHASE_ENABLED;
    channel_add(&card.dark_ok, 3);
    plan_compile(&other_plan, &db, 1);
    for (int tick = 0; tick < 300; tick++) {
        CHECK(!engine_adopt(&site.engine, &other_plan));
        step(&site, 1);
    }
    CHECK_HEX(0x22, site.status.green);
    call(1, false);
    bool adopted = false;
    for (int tick = 0; tick < 100 && !adopted; tick++) {
        adopted = engine_adopt(&site.engine, &other_plan);
        step(&site, 1);
    }
    CHECK(adopted);
    CHECK_INT(0, site.status.preempt_no);
}

/* The plan that comes knows the running preempt no more: it is left in order. */
static void preempt_taken_out_of_the_plan(void)
{
    for (int target = 0; target <= 1; target++) {
        junction();
        preempt(1, 2, 6);
        list(&row(1)->exit_phase, 4, 8);
        begin(0x88);
        call(1, true);
        run(target ? 100 : 60);
        row(1)->control = 0;
        plan_compile(&other_plan, &db, 1);
        CHECK(engine_adopt(&site.engine, &other_plan));
        run(target ? 185 : 145);
        CHECK_INT(0, site.status.preempt_no);
        CHECK_HEX(0x88, site.status.green);
        call(1, false);
    }
}

/* Adopted in an all-red on the way, the plan knows the phases no more that the preempt waits for. */
static void phases_taken_out_of_the_plan(void)
{
    junction();
    db.unit.red_revert_ds = 50;
    preempt(1, 2, 6);
    begin(0x22);
    detector_put(&in.vehicle, 4, true);
    run(60);
    call(1, true);
    run(100); /* all red until the red revert of 2 and 6 has run */
    db.phase[1].options &= (uint16_t)~PHASE_ENABLED;
    db.phase[5].options &= (uint16_t)~PHASE_ENABLED;
    card.dark_ok.word[0] = 0x5022; /* theirs, and their pedestrians' */
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&site.engine, &other_plan));
    run(101);
    CHECK_INT(0, site.status.preempt_no);
    run(200);
    CHECK(site.status.green != 0);
}

/* ---- coordination ---- */

/* Plan A under constant calls, in step; local zero is where 2 and 6 begin. */
static void coordinated(void)
{
    plans_coordinated(&db);
    memset(&in, 0, sizeof(in));
    db.coord.operational_mode = 1;
    preempt(1, 3, 7);
    list(&row(1)->exit_phase, 4, 8);
}

static void occupy_all(void)
{
    for (int no = 1; no <= 8; no++)
        detector_put(&in.vehicle, no, true);
}

static void the_local_clock_runs_on(void)
{
    coordinated();
    begin(0x22);
    occupy_all();
    run(5300);
    int32_t local_ds = site.status.local_ds;
    CHECK(site.status.coordinated);
    call(1, true);
    run(5301);
    CHECK(!site.status.coordinated);
    CHECK_INT(local_ds + 1, site.status.local_ds);
    run(5800);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    call(1, false);
    run(5900);
    CHECK_INT(0, site.status.preempt_no);
    CHECK(site.status.coordinated);
    CHECK_INT((local_ds + 600) % 1000, site.status.local_ds);
    int64_t yields = 0, in_step = 0;
    uint64_t before = 0;
    for (int tick = 0; tick < 6000; tick++) {
        run(site.status.now_ds + 1);
        if ((before & ~site.status.green & 0x02) && tick > 2000) {
            yields++;
            in_step += site.status.local_ds == 350;
        }
        before = site.status.green;
    }
    CHECK_INT(4, yields);
    CHECK_INT(yields, in_step);
}

/* The exit leads to whatever the cycle would have had green by then. */
static void exit_into_the_coordinated_cycle(void)
{
    static const struct {
        int local_ds; /* in which the dwell of 3 and 7 ends */
        uint64_t green;
    } moment[] = {{100, 0x22}, {380, 0x44}, {600, 0x88}, {870, 0x11}};
    for (size_t i = 0; i < sizeof(moment) / sizeof(moment[0]); i++) {
        harness_at("local %d", moment[i].local_ds);
        coordinated();
        row(1)->exit_type = PREEMPT_EXIT_COORD;
        begin(0x22);
        occupy_all();
        run(5000);
        call(1, true);
        while (site.status.now_ds < 5500 || site.status.local_ds != moment[i].local_ds - 1)
            run(site.status.now_ds + 1);
        CHECK_INT(PREEMPT_DWELL, stage(1));
        call(1, false);
        run(site.status.now_ds + 60);
        CHECK_HEX(moment[i].green, site.status.green);
        CHECK_INT(0, site.status.preempt_no);
    }
}

static void exit_into_no_cycle(void)
{
    coordinated();
    row(1)->exit_type = PREEMPT_EXIT_COORD;
    db.coord.operational_mode = PATTERN_FREE;
    begin(0x44);
    run(100);
    call(1, true);
    run(300);
    call(1, false);
    run(360);
    CHECK_HEX(0x88, site.status.green);
}

/* ---- automatic flash ---- */

static void flashing_junction(void)
{
    junction();
    preempt(1, 4, 8);
    list(&row(1)->exit_phase, 2, 6);
    db.phase[1].options |= PHASE_FLASH_ENTRY | PHASE_FLASH_EXIT;
    db.phase[5].options |= PHASE_FLASH_ENTRY | PHASE_FLASH_EXIT;
    db.unit.flash_exit_red_s = 2;
    begin(0x22);
    in.unit = INPUT_AUTOMATIC_FLASH;
    run(200);
    CHECK(site.shown.all_flash);
}

static void preempt_overrides_flash(void)
{
    flashing_junction();
    call(1, true);
    run(201);
    CHECK(!site.shown.all_flash);
    CHECK_HEX(0, site.status.green);
    CHECK_INT(PREEMPT_ENTRY, stage(1));
    run(220);
    CHECK_HEX(0, site.status.green);
    run(221);
    CHECK_HEX(0x88, site.status.green);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    run(600); /* the flash that is still wanted waits */
    CHECK_HEX(0x88, site.status.green);
    call(1, false);
    run(641);
    CHECK_HEX(0x22, site.status.green);
    run(1000);
    CHECK(site.shown.all_flash);
    CHECK(!site.status.preempt_flash);
}

static void preempt_that_yields_waits_for_the_end_of_flash(void)
{
    flashing_junction();
    db.preempt[0].control |= PREEMPT_YIELDS_TO_FLASH;
    plan_compile(&plan, &db, 1);
    CHECK(engine_adopt(&site.engine, &plan));
    call(1, true);
    run(600);
    CHECK(site.shown.all_flash);
    CHECK_INT(PREEMPT_CALLED, stage(1));
    in.unit = 0;
    run(765); /* the exit phases have had their walk */
    CHECK_INT(1, site.status.preempt_no);
    CHECK_HEX(0x88, site.status.green);
}

static void flash_waits_for_the_preempt(void)
{
    junction();
    preempt(1, 4, 8);
    row(1)->control |= PREEMPT_YIELDS_TO_FLASH;
    begin(0x22);
    call(1, true);
    run(100);
    in.unit = INPUT_AUTOMATIC_FLASH;
    run(600);
    CHECK_HEX(0x88, site.status.green);
    call(1, false);
    run(1000);
    CHECK(site.shown.all_flash);
}

HARNESS_MAIN({"red revert holds", red_revert_holds}, {"manual control gives way", manual_control_gives_way},
             {"stop time freezes", stop_time_freezes},
             {"hold and omit of the centre are not heard", centre_is_not_heard},
             {"a new structure waits for the preempt", structure_waits_for_the_preempt},
             {"a preempt taken out of the plan is left in order", preempt_taken_out_of_the_plan},
             {"phases taken out of the plan", phases_taken_out_of_the_plan},
             {"the local clock runs on", the_local_clock_runs_on},
             {"exit into the coordinated cycle", exit_into_the_coordinated_cycle},
             {"exit into no cycle", exit_into_no_cycle},
             {"a preempt overrides automatic flash", preempt_overrides_flash},
             {"one that yields waits for the end of flash", preempt_that_yields_waits_for_the_end_of_flash},
             {"flash waits for the preempt", flash_waits_for_the_preempt})
