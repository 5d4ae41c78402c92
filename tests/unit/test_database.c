/* The rules between objects, each broken once, and what a plan is made of. */
#include "../../phases/plan.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct database_fault last;

static void remember(void *arg, const struct database_fault *fault)
{
    (void)arg;
    last = *fault;
}

static int check(void)
{
    memset(&last, 0, sizeof(last));
    return database_check(&db, remember, NULL);
}

static void eight_phases_pass(void)
{
    plans_eight(&db);
    CHECK_INT(0, check());
}

static void inert_things_pass(void)
{
    plans_eight(&db);
    db.phase[2].options = 0; /* 3 stays in its sequence and in the lists of 7 and 8 */
    db.phase[0].concurrency.number[db.phase[0].concurrency.count++] = 77;
    db.phase[1].maximum1_s = 1;
    db.phase[1].red_clear_ds = 0;
    db.vehicle_detector[9].call_phase_no = 40;
    CHECK_INT(0, check());
}

static void concurrency_within_a_ring(void)
{
    plans_eight(&db);
    db.phase[0].concurrency.number[db.phase[0].concurrency.count++] = 2;
    CHECK_INT(1, check());
    CHECK_INT(RULE_CONCURRENT_SAME_RING, last.rule);
    CHECK_INT(1, last.row1);
    CHECK_INT(2, last.value);
    CHECK_INT((int64_t)offsetof(struct database, phase[0].concurrency), (int64_t)last.field_offset);
}

static void concurrency_one_sided(void)
{
    plans_eight(&db);
    db.phase[0].concurrency.number[db.phase[0].concurrency.count++] = 8;
    CHECK_INT(1, check());
    CHECK_INT(RULE_CONCURRENCY_ONE_SIDED, last.rule);
    CHECK_INT(1, last.row1);
    CHECK_INT(8, last.row2);
}

static void phase_twice(void)
{
    plans_eight(&db);
    db.sequence[0][0] = (struct phase_list){5, {1, 2, 3, 4, 1}};
    CHECK_INT(1, check());
    CHECK_INT(RULE_SEQUENCE_PHASE_TWICE, last.rule);
    CHECK_INT(1, last.value);
}

static void phase_of_another_ring(void)
{
    plans_eight(&db);
    db.sequence[0][0] = (struct phase_list){5, {1, 2, 3, 4, 8}};
    CHECK_INT(1, check());
    CHECK_INT(RULE_SEQUENCE_WRONG_RING, last.rule);
    CHECK_INT(8, last.value);
}

static void phase_left_out(void)
{
    plans_eight(&db);
    db.sequence[0][1] = (struct phase_list){3, {5, 6, 7}};
    CHECK_INT(1, check());
    CHECK_INT(RULE_SEQUENCE_PHASE_MISSING, last.rule);
    CHECK_INT(2, last.row2);
    CHECK_INT(8, last.value);
}

static void barriers_out_of_line(void)
{
    plans_eight(&db);
    db.sequence[0][0] = (struct phase_list){4, {1, 3, 2, 4}};
    CHECK_INT(1, check());
    CHECK_INT(RULE_SEQUENCE_ORDER, last.rule);
}

static void sequence_may_begin_inside_a_side(void)
{
    plans_eight(&db);
    db.sequence[0][0] = (struct phase_list){4, {2, 3, 4, 1}};
    CHECK_INT(0, check());
    static struct plan plan;
    plan_compile(&plan, &db, 1);
    static const int8_t order[] = {0, 1, 2, 3};
    CHECK_BYTES(order, plan.structure.order[0].ring_phase[0], sizeof(order));
}

static void startup_conflict(void)
{
    plans_eight(&db);
    db.phase[1].startup = STARTUP_GREEN_WALK;
    db.phase[7].startup = STARTUP_RED_CLEAR;
    CHECK_INT(1, check());
    CHECK_INT(RULE_STARTUP_CONFLICT, last.rule);
    CHECK_INT((int64_t)offsetof(struct database, phase[7].startup), (int64_t)last.field_offset);
}

static void unknown_ring(void)
{
    plans_eight(&db);
    db.phase[8].options = PHASE_ENABLED;
    db.phase[8].ring_no = 9;
    CHECK_INT(1, check());
    CHECK_INT(RULE_PHASE_RING_RANGE, last.rule);
    CHECK_INT(9, last.value);
}

static void clearance_leaves_a_buffer(void)
{
    plans_eight(&db);
    db.phase[1].ped_clear_into_yellow_red_ds = 40;
    db.phase[1].yellow_ds = 40;
    db.phase[1].red_clear_ds = 29;
    db.phase[1].ped_clear_s = 0; /* nobody walks */
    CHECK_INT(0, check());
    db.phase[1].ped_clear_s = 12;
    CHECK_INT(1, check());
    CHECK_INT(RULE_PED_CLEAR_BUFFER, last.rule);
    CHECK_INT(2, last.row1);
    CHECK_INT(29, last.value);
    db.phase[1].red_clear_ds = 30;
    CHECK_INT(0, check());
    db.phase[1].ped_clear_into_yellow_red_ds = 255;
    CHECK_INT(1, check());
    CHECK_INT(0, last.value);
}

static void flash_phases_in_conflict(void)
{
    plans_eight(&db);
    db.phase[3].options |= PHASE_FLASH_ENTRY;
    db.phase[7].options |= PHASE_FLASH_ENTRY;
    db.phase[1].options |= PHASE_FLASH_EXIT;
    db.phase[5].options |= PHASE_FLASH_EXIT;
    CHECK_INT(0, check());
    db.phase[5].options |= PHASE_FLASH_ENTRY;
    CHECK_INT(2, check()); /* 4 with 6, and 6 with 8 */
    CHECK_INT(RULE_FLASH_ENTRY_CONFLICT, last.rule);
    db.phase[5].options = PHASE_ENABLED;
    db.phase[2].options |= PHASE_FLASH_EXIT;
    CHECK_INT(1, check());
    CHECK_INT(RULE_FLASH_EXIT_CONFLICT, last.rule);
    CHECK_INT(2, last.row1);
    CHECK_INT(3, last.row2);
    CHECK_INT((int64_t)offsetof(struct database, phase[2].options), (int64_t)last.field_offset);
}

static void overlap_against_itself(void)
{
    plans_eight(&db);
    db.overlap[1].type = OVERLAP_NORMAL;
    db.overlap[1].included = (struct phase_list){4, {2, 3, 77, 77}};
    db.overlap[1].modifier = (struct phase_list){1, {3}};
    CHECK_INT(0, check());
    db.overlap[1].type = OVERLAP_MINUS_GREEN_YELLOW;
    CHECK_INT(1, check());
    CHECK_INT(RULE_OVERLAP_MODIFIER, last.rule);
    CHECK_INT(2, last.row1);
    CHECK_INT(3, last.value);
    db.overlap[1].type = OVERLAP_NORMAL;
    db.overlap[1].included = (struct phase_list){3, {2, 3, 2}};
    CHECK_INT(1, check());
    CHECK_INT(RULE_OVERLAP_PHASE_TWICE, last.rule);
    CHECK_INT(2, last.value);
}

static void preempt_phases_in_conflict(void)
{
    plans_eight(&db);
    db.unit.preempt_enable_bit = PREEMPT_ENABLE_BIT_USED;
    struct preempt_row *row = &db.preempt[2];
    row->track_phase = (struct phase_list){2, {4, 2}};
    row->dwell_phase = (struct phase_list){3, {2, 5, 77}};
    row->exit_phase = (struct phase_list){2, {4, 8}};
    CHECK_INT(0, check()); /* not enabled */
    row->control = PREEMPT_ENABLED;
    CHECK_INT(0, check()); /* no track clearance */
    row->track_green_s = 10;
    CHECK_INT(1, check());
    CHECK_INT(RULE_PREEMPT_TRACK_CONFLICT, last.rule);
    CHECK_INT(3, last.row1);
    CHECK_INT(2, last.row2);
    CHECK_INT(4, last.value);
    row->track_green_s = 0;
    row->dwell_phase.number[2] = 8;
    CHECK_INT(2, check());
    CHECK_INT(RULE_PREEMPT_DWELL_CONFLICT, last.rule);
    row->control |= PREEMPT_FLASH_DWELL;
    CHECK_INT(0, check());
    row->exit_phase.number[1] = 3;
    row->control = 0;
    db.unit.preempt_enable_bit = PREEMPT_ENABLE_BIT_IGNORED;
    row->dwell_phase.count = 0;
    CHECK_INT(1, check());
    CHECK_INT(RULE_PREEMPT_EXIT_CONFLICT, last.rule);
    CHECK_INT((int64_t)offsetof(struct database, preempt[2].exit_phase), (int64_t)last.field_offset);
}

static void all_faults_at_once(void)
{
    plans_eight(&db);
    db.phase[0].concurrency.number[db.phase[0].concurrency.count++] = 2;
    db.phase[4].concurrency.number[db.phase[4].concurrency.count++] = 3;
    db.sequence[0][1] = (struct phase_list){3, {5, 6, 7}};
    CHECK_INT(3, check());
}

static void sides_and_clusters(void)
{
    static struct plan plan;
    plans_eight(&db);
    plan_compile(&plan, &db, 1);
    CHECK_INT(1, plan.structure.cluster_count);
    CHECK_INT(2, plan.structure.cluster[0].side_count);
    CHECK_HEX(0x33, plan.structure.cluster[0].side_phases[0]);
    CHECK_HEX(0xcc, plan.structure.cluster[0].side_phases[1]);
    CHECK_HEX(0xce, plan.structure.conflicts[0]);
}

/* Two intersections in one cabinet: rings 1 and 2 never meet rings 3 and 4. */
static void independent_rings_do_not_couple(void)
{
    static struct plan plan;
    plans_eight(&db);
    for (int phase_no = 9; phase_no <= 16; phase_no++)
        plans_phase(&db, phase_no, phase_no <= 12 ? 3 : 4);
    for (int a = 9; a <= 10; a++)
        for (int b = 13; b <= 14; b++) {
            plans_concurrent(&db, a, b);
            plans_concurrent(&db, a + 2, b + 2);
        }
    for (int a = 1; a <= 8; a++)
        for (int b = 9; b <= 16; b++)
            plans_concurrent(&db, a, b);
    CHECK_INT(0, check());
    plan_compile(&plan, &db, 1);
    CHECK_INT(2, plan.structure.cluster_count);
    CHECK_INT(3, plan.structure.cluster[0].ring_mask);
    CHECK_INT(12, plan.structure.cluster[1].ring_mask);
}

static void times_are_not_structure(void)
{
    static struct plan a, b;
    plans_eight(&db);
    plan_compile(&a, &db, 1);
    db.phase[1].minimum_green_s = 20;
    db.phase[1].yellow_ds = 50;
    plan_compile(&b, &db, 1);
    CHECK(!plan_structure_differs(&a, &b));
    db.phase[0].options &= (uint16_t)~PHASE_ENABLED;
    plan_compile(&b, &db, 1);
    CHECK(plan_structure_differs(&a, &b));
}

static void the_engine_reads_none_of_the_device(void)
{
    static struct database other;
    plans_eight(&db);
    other = db;
    CHECK(!database_differs_for_engine(&db, &other));
    other.device.event.class[15].limit = 7;
    other.device.elevation_offset_m++;
    CHECK(!database_differs_for_engine(&db, &other));
    other.daylight_saving++;
    CHECK(database_differs_for_engine(&db, &other));
}

HARNESS_MAIN({"eight phases pass", eight_phases_pass}, {"inert things pass", inert_things_pass},
             {"concurrency within a ring", concurrency_within_a_ring},
             {"concurrency one-sided", concurrency_one_sided}, {"a phase twice in a sequence", phase_twice},
             {"a phase of another ring in a sequence", phase_of_another_ring},
             {"an enabled phase left out of its sequence", phase_left_out},
             {"barriers out of line", barriers_out_of_line},
             {"a sequence may begin inside a side", sequence_may_begin_inside_a_side},
             {"start-up phases in conflict", startup_conflict}, {"a ring that does not exist", unknown_ring},
             {"pedestrian clearance leaves a buffer of don't walk", clearance_leaves_a_buffer},
             {"flash entry and exit phases in conflict", flash_phases_in_conflict},
             {"an overlap against itself", overlap_against_itself},
             {"phases of a preempt in conflict", preempt_phases_in_conflict},
             {"all faults at once", all_faults_at_once}, {"sides and clusters", sides_and_clusters},
             {"independent rings do not couple", independent_rings_do_not_couple},
             {"times are not structure", times_are_not_structure},
             {"the engine reads none of the device's parameters", the_engine_reads_none_of_the_device})
