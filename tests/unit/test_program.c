/* Patterns worked out into cycles: the planned positions of every sync point, corrections, and every
 * reason why a pattern cannot be run. */
#include "../../phases/program.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct coord_program program;

static enum free_reason build(int32_t correction_ds, enum correction_kind kind)
{
    plan_compile(&plan, &db, 1);
    return program_build(&program, &plan, 1, correction_ds, kind);
}

static void check_force_offs(enum sync_point point, const int32_t force_s[8])
{
    db.pattern[0].sync_point = (uint8_t)point;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    for (int ix = 0; ix < 8; ix++) {
        harness_at("sync point %d, phase %d", point, ix + 1);
        CHECK_INT(force_s[ix] * 10, program.force_ds[ix]);
    }
}

/* The same numbers, four fields of green. */
static void force_offs_of_every_sync_point(void)
{
    plans_coordinated(&db);
    check_force_offs(SYNC_SEQUENCE_START, (const int32_t[]){10, 50, 65, 95, 15, 50, 62, 95});
    check_force_offs(SYNC_FIRST_GREEN_BEGIN, (const int32_t[]){95, 35, 50, 80, 0, 35, 47, 80});
    check_force_offs(SYNC_LAST_GREEN_BEGIN, (const int32_t[]){90, 30, 45, 75, 95, 30, 42, 75});
    check_force_offs(SYNC_FIRST_GREEN_END, (const int32_t[]){60, 0, 15, 45, 65, 0, 12, 45});
}

static void a_lagging_left_has_two_yields(void)
{
    plans_coordinated(&db);
    db.sequence[0][0] = (struct phase_list){.count = 4, .number = {2, 1, 3, 4}};
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(350, program.force_ds[1]);
    CHECK_INT(500, program.force_ds[5]);
    db.pattern[0].sync_point = SYNC_FIRST_GREEN_END;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(0, program.force_ds[1]);
    CHECK_INT(150, program.force_ds[5]);
}

static void permissives(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    db.phase[3].minimum_green_s = 7;
    db.phase[3].walk_s = 7;
    db.phase[3].ped_clear_s = 18;
    db.split[0][3].time_s = 30;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(500, program.yield_ds[2]);
    int32_t leave_ds = program.clear_ds[1]; /* from the coordinated phase */
    CHECK_INT(550, program.yield_ds[2] + program.open_ds[2] - leave_ds);
    CHECK_INT(830, program.yield_ds[3] + program.open_ds[3] - leave_ds);
    CHECK_INT(650, program.yield_ds[3] + program.ped_open_ds[3] - leave_ds);
}

/* Rings leave a side together: all are forced off as early as the slowest clearance asks. */
static void the_slowest_clearance_counts(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    db.phase[7].red_clear_ds = 30;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(930, program.force_ds[7]);
    CHECK_INT(930, program.force_ds[3]);
    CHECK_INT(650, program.force_ds[2]);
}

/* What the splits leave of the cycle belongs to the coordinated phases. */
static void the_rest_goes_to_the_coordinated_phases(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    db.pattern[0].cycle_s = 120;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(1200, program.cycle_ds);
    CHECK_INT(550, program.green_ds[1]);
    CHECK_INT(100, program.green_ds[2]);
    CHECK_INT(700, program.force_ds[1]);
    CHECK_INT(1150, program.force_ds[3]);
}

static void a_longer_cycle_stretches_every_split(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    CHECK_INT(FREE_NOT, build(200, CORRECTION_STRETCH));
    CHECK_INT(1200, program.cycle_ds);
    CHECK_INT(180 - 50, program.force_ds[0]);
    CHECK_INT(660 - 50, program.force_ds[1]);
    CHECK_INT(660 - 50, program.force_ds[5]);
    CHECK_INT(840 - 50, program.force_ds[2]);
    CHECK_INT(1200 - 50, program.force_ds[7]);
}

static void dwell_lengthens_the_coordinated_phases_alone(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    CHECK_INT(FREE_NOT, build(300, CORRECTION_REST));
    CHECK_INT(1300, program.cycle_ds);
    CHECK_INT(100, program.force_ds[0]);
    CHECK_INT(350 + 300, program.green_ds[1]);
    CHECK_INT(300 + 300, program.green_ds[5]);
    CHECK_INT(100, program.green_ds[2]);
}

/* No split falls below minimum green and clearance, and all rings still meet at the barriers. */
static void a_shorter_cycle_keeps_the_minimums(void)
{
    plans_coordinated(&db);
    for (int32_t loss_ds = 0; loss_ds <= 1000; loss_ds += 7) {
        harness_at("shortened by %d", loss_ds);
        CHECK_INT(FREE_NOT, build(-loss_ds, CORRECTION_STRETCH));
        CHECK_INT(1000 - (loss_ds < program.shorten_most_ds ? loss_ds : program.shorten_most_ds),
                  program.cycle_ds);
        for (int ix = 0; ix < 8; ix++)
            CHECK(program.green_ds[ix] >= plan.phase[ix].minimum_ds);
        CHECK_INT(program.force_ds[1], program.force_ds[5]);
        CHECK_INT(program.force_ds[3], program.force_ds[7]);
    }
}

static void one_ring_without_a_phase_on_a_side(void)
{
    plans_coordinated(&db);
    db.phase[6].options = db.phase[7].options = 0;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(350, program.force_ds[1]);
}

static void reasons_to_run_free(void)
{
    plans_coordinated(&db);
    db.pattern[0].offset_s = 100;
    CHECK_INT(FREE_INVALID_OFFSET, build(0, CORRECTION_STRETCH));
    db.pattern[0].offset_s = 99;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));

    db.pattern[0].cycle_s = 99;
    db.pattern[0].offset_s = 0;
    CHECK_INT(FREE_SPLIT_OVERRUN, build(0, CORRECTION_STRETCH));
    db.pattern[0].cycle_s = 39;
    CHECK_INT(FREE_BAD_CYCLE, build(0, CORRECTION_STRETCH));
    db.pattern[0].cycle_s = 0;
    CHECK_INT(FREE_COORD, build(0, CORRECTION_STRETCH));

    plans_coordinated(&db);
    db.split[0][0].time_s = 9; /* minimum 5, yellow 4, red 1 */
    db.split[0][1].time_s = 46;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    plans_coordinated(&db);
    db.split[0][0].time_s = 14; /* ring 1 no longer fills the side as ring 2 does */
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    plans_coordinated(&db);
    db.split[0][1].coord = db.split[0][5].coord = 0;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    plans_coordinated(&db);
    db.split[0][3].coord = 1;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    plans_coordinated(&db);
    db.pattern[0].split_no = 0;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    plans_coordinated(&db);
    db.pattern[0].sequence_no = 21;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    db.pattern[0].sequence_no = 2; /* names no phase */
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
}

/* Whether its time was given away by the engineer or not. */
static void the_split_of_a_phase_left_out(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    db.split[0][2].mode = SPLIT_OMITTED;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(400, program.green_ds[3]); /* 4 has the 15 s of 3 */
    db.split[0][3].mode = SPLIT_OMITTED;
    db.split[0][2].mode = SPLIT_NONE;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(400, program.green_ds[2]); /* 3 has the 30 s of 4 */
    db.split[0][2].time_s = 45;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(400, program.green_ds[2]);
}

/* A pedestrian in every cycle must fit; one who presses may exceed the split. */
static void pedestrians_and_splits(void)
{
    plans_coordinated(&db);
    db.phase[3].walk_s = 7;
    db.phase[3].ped_clear_s = 20; /* 27 + 5 > 30 */
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    db.split[0][3].mode = SPLIT_PED_RECALL;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
    db.split[0][3].mode = SPLIT_NONE;
    db.phase[3].options |= PHASE_PED_RECALL;
    CHECK_INT(FREE_BAD_PLAN, build(0, CORRECTION_STRETCH));
}

/* The flash belongs to the split: the force-off is earlier by it. */
static void flashing_green_belongs_to_the_split(void)
{
    plans_coordinated(&db);
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    db.phase[3].flashing_green_s = 3;
    CHECK_INT(FREE_NOT, build(0, CORRECTION_STRETCH));
    CHECK_INT(920, program.force_ds[3]);
}

HARNESS_MAIN({"force-offs of every sync point", force_offs_of_every_sync_point},
             {"a lagging left has two yields", a_lagging_left_has_two_yields}, {"permissives", permissives},
             {"the slowest clearance counts", the_slowest_clearance_counts},
             {"the rest goes to the coordinated phases", the_rest_goes_to_the_coordinated_phases},
             {"a longer cycle stretches every split", a_longer_cycle_stretches_every_split},
             {"dwell lengthens the coordinated phases alone", dwell_lengthens_the_coordinated_phases_alone},
             {"a shorter cycle keeps the minimums", a_shorter_cycle_keeps_the_minimums},
             {"one ring without a phase on a side", one_ring_without_a_phase_on_a_side},
             {"reasons to run free", reasons_to_run_free},
             {"the split of a phase left out", the_split_of_a_phase_left_out},
             {"pedestrians and splits", pedestrians_and_splits},
             {"flashing green belongs to the split", flashing_green_belongs_to_the_split})
