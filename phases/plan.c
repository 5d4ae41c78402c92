#include "plan.h"
#include <string.h>

static uint64_t option_mask(const struct database *db, uint64_t phases, int option)
{
    uint64_t mask = 0;
    int ix;
    FOR_EACH_BIT(ix, phases)
        if (db->phase[ix].options & option)
            mask |= UINT64_C(1) << ix;
    return mask;
}

static uint64_t startup_mask(const struct database *db, uint64_t phases, enum phase_startup state)
{
    uint64_t mask = 0;
    int ix;
    FOR_EACH_BIT(ix, phases)
        if (db->phase[ix].startup == state)
            mask |= UINT64_C(1) << ix;
    return mask;
}

static uint64_t list_mask(const struct phase_list *list)
{
    uint64_t mask = 0;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] >= 1 && list->number[i] <= PHASES_MAX)
            mask |= mask_of(list->number[i]);
    return mask;
}

/* ---- rings and conflicts ---- */

static void compile_rings(struct plan_structure *s, const struct database *db, int sequence_no)
{
    memset(s->ring_of, RINGS_MAX, sizeof s->ring_of);
    for (int ring = 0; ring < RINGS_MAX; ring++) {
        const struct phase_list *list = &db->sequence[sequence_no - 1][ring];
        for (int i = 0; i < list->count; i++) {
            int no = list->number[i];
            if (no < 1 || no > PHASES_MAX || !database_phase_enabled(db, no) || mask_has(s->phases, no) ||
                db->phase[no - 1].ring_no != ring + 1)
                continue;
            s->phases |= mask_of(no);
            s->ring_phases[ring] |= mask_of(no);
            s->ring_of[no - 1] = (uint8_t)ring;
            s->ring_phase[ring][s->ring_length[ring]++] = (int8_t)(no - 1);
            s->ring_count = (uint8_t)(ring + 1);
        }
    }
}

static void compile_conflicts(struct plan_structure *s, const struct database *db)
{
    uint64_t listed[PHASES_MAX] = {0};
    int a, b;
    FOR_EACH_BIT(a, s->phases)
        listed[a] = list_mask(&db->phase[a].concurrency);
    for (a = 0; a < PHASES_MAX; a++) {
        uint64_t bit = UINT64_C(1) << a;
        if (!(s->phases & bit))
            continue;
        for (b = 0; b < PHASES_MAX; b++) {
            bool together = s->ring_of[a] != s->ring_of[b] && (listed[a] >> b & 1U) && (listed[b] & bit);
            if (a != b && (s->phases >> b & 1U) && !together)
                s->conflicts[a] |= UINT64_C(1) << b;
        }
    }
}

/* ---- clusters and sides ---- */

static bool rings_coupled(const struct plan_structure *s, int a, int b)
{
    uint64_t others = s->ring_phases[b];
    for (int i = 0; i < s->ring_length[a]; i++)
        if (s->conflicts[s->ring_phase[a][i]] & others)
            return true;
    return false;
}

static void compile_clusters(struct plan_structure *s)
{
    uint8_t left = 0;
    for (int ring = 0; ring < s->ring_count; ring++)
        if (s->ring_length[ring])
            left |= (uint8_t)(1U << ring);
    while (left) {
        unsigned members = left & (~(unsigned)left + 1U), before;
        do {
            before = members;
            for (int a = 0; a < s->ring_count; a++)
                for (int b = 0; b < s->ring_count; b++)
                    if (bit_set(members, a) && bit_set(left, b) && rings_coupled(s, a, b))
                        members |= 1U << b;
        } while (members != before);
        for (int ring = 0; ring < s->ring_count; ring++)
            if (bit_set(members, ring))
                s->cluster_of_ring[ring] = s->cluster_count;
        s->cluster[s->cluster_count++].ring_mask = (uint8_t)members;
        left = (uint8_t)(left & ~members);
    }
}

/* All phases tied to `seed` by chains of "may be on together" within the cluster. */
static uint64_t side_around(const struct plan_structure *s, uint64_t cluster_phases, int seed)
{
    uint64_t side = UINT64_C(1) << seed, before;
    do {
        int ix;
        before = side;
        FOR_EACH_BIT(ix, before)
            side |= cluster_phases & ~s->conflicts[ix] & s->phases;
    } while (side != before);
    return side;
}

static int side_index(const struct plan_cluster *cluster, int phase_ix)
{
    for (int i = 0; i < cluster->side_count; i++)
        if (cluster->side_phases[i] >> phase_ix & 1U)
            return i;
    return -1;
}

/* Lists the sides in the order in which the rings pass them: each ring adds the sides it knows
 * and the list does not, behind the side it passed before. */
static void compile_sides(struct plan_structure *s, struct plan_cluster *cluster)
{
    for (int ring = 0; ring < s->ring_count; ring++)
        if (bit_set(cluster->ring_mask, ring))
            cluster->phases |= s->ring_phases[ring];
    for (int ring = 0; ring < s->ring_count; ring++) {
        int at = -1;
        if (!bit_set(cluster->ring_mask, ring))
            continue;
        for (int i = 0; i < s->ring_length[ring]; i++) {
            int phase_ix = s->ring_phase[ring][i];
            int known = side_index(cluster, phase_ix);
            if (known < 0) {
                known = at + 1;
                memmove(&cluster->side_phases[known + 1], &cluster->side_phases[known],
                        sizeof cluster->side_phases[0] * (size_t)(cluster->side_count - known));
                cluster->side_phases[known] = side_around(s, cluster->phases, phase_ix);
                cluster->side_count++;
            }
            at = known;
        }
    }
    int ix;
    FOR_EACH_BIT(ix, cluster->phases)
        s->side_of[ix] = (uint8_t)side_index(cluster, ix);
}

/* Reorders a ring's phases side after side. A side that the written sequence cuts in two (its
 * list begins in the middle of a side) is put together again in the order of travel. */
static void compile_ring_order(struct plan_structure *s, int ring)
{
    int8_t written[PHASES_MAX];
    int length = s->ring_length[ring], start = 0, out = 0;
    memcpy(written, s->ring_phase[ring], sizeof written);
    for (int i = 1; i < length && s->side_of[written[0]] == s->side_of[written[length - 1]]; i++)
        if (s->side_of[written[i]] != s->side_of[written[i - 1]])
            start = i; /* the last change of side: the cut side begins here */
    const struct plan_cluster *cluster = &s->cluster[s->cluster_of_ring[ring]];
    for (int side = 0; side < cluster->side_count; side++)
        for (int i = 0; i < length; i++) {
            int8_t phase_ix = written[(start + i) % length];
            if (s->side_of[phase_ix] == side)
                s->ring_phase[ring][out++] = phase_ix;
        }
    for (int i = 0; i < length; i++)
        for (int k = i + 1; k < length; k++) {
            int8_t first = s->ring_phase[ring][i], second = s->ring_phase[ring][k];
            if (s->side_of[first] != s->side_of[second])
                continue;
            s->later[first] |= UINT64_C(1) << second;
            s->earlier[second] |= UINT64_C(1) << first;
        }
}

static void compile_channels(struct plan_structure *s, const struct database *db)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        const struct channel_row *row = &db->channel[i];
        struct plan_channel *channel = &s->channel[i];
        channel->flash = row->flash;
        channel->phase_ix = -1;
        bool phase =
            row->source_no >= 1 && row->source_no <= PHASES_MAX && (s->phases & mask_of(row->source_no));
        if (!phase || (row->type != CHANNEL_VEHICLE && row->type != CHANNEL_PEDESTRIAN))
            continue;
        channel->source = row->type == CHANNEL_VEHICLE ? SOURCE_VEHICLE : SOURCE_PEDESTRIAN;
        channel->phase_ix = (int8_t)(row->source_no - 1);
        channel->ped_clear_green = row->ped_clear_indication == PED_CLEAR_FLASHING_GREEN;
        s->channel_count = (uint8_t)(i + 1);
    }
}

/* ---- times ---- */

static int16_t tenths(int seconds)
{
    return (int16_t)(seconds * 10);
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static void compile_phase(struct plan_phase *p, const struct phase_row *row, const struct unit_row *unit)
{
    p->walk_ds = tenths(row->walk_s);
    p->ped_clear_ds = tenths(row->ped_clear_s);
    p->dont_walk_revert_ds = row->dont_walk_revert_ds;
    p->minimum_ds = tenths(row->minimum_green_s);
    p->passage_ds = row->passage_ds;
    p->minimum_gap_ds = row->minimum_gap_ds;
    p->before_reduction_ds = tenths(row->time_before_reduction_s);
    p->to_reduce_ds = tenths(row->time_to_reduce_s);
    p->reduce_by_ds = row->reduce_by_ds;
    p->cars_before_reduction = row->cars_before_reduction;
    p->added_initial_ds = row->added_initial_ds;
    p->maximum_initial_ds = tenths(row->maximum_initial_s);
    p->flashing_green_ds = tenths(row->flashing_green_s);
    /* A yellow of 0 is shown for one tick, so that the order of colours stands and the guard's
     * floor has something to hold. */
    p->yellow_ds = row->yellow_ds ? row->yellow_ds : 1;
    p->red_clear_ds = row->red_clear_ds;
    p->red_revert_ds = row->red_revert_ds > unit->red_revert_ds ? row->red_revert_ds : unit->red_revert_ds;
    if (!p->red_revert_ds)
        p->red_revert_ds = 1; /* yellow never turns green again without red between */
    p->dynamic_step_ds = row->dynamic_max_step_ds;
    p->dynamic_limit_ds = row->dynamic_max_limit_s * 10;
    p->maximum_ds[0] = row->maximum1_s * 10;
    p->maximum_ds[1] = row->maximum2_s * 10;
    p->maximum_ds[2] = row->maximum3_s * 10;
    p->ped_services = row->ped_walk_service;
    int clearance = p->yellow_ds + p->red_clear_ds;
    p->ped_into_clearance_ds = (int16_t)min_int(row->ped_clear_into_yellow_red_ds, clearance);
    if (!row->ped_clear_before_flash)
        p->ped_into_clearance_ds = (int16_t)(p->ped_into_clearance_ds + p->flashing_green_ds);
}

static void compile_options(struct plan *plan, const struct database *db)
{
    uint64_t phases = plan->structure.phases;
    plan->non_actuated1 = option_mask(db, phases, PHASE_NON_ACTUATED_1);
    plan->non_actuated2 = option_mask(db, phases, PHASE_NON_ACTUATED_2);
    plan->non_locking = option_mask(db, phases, PHASE_NON_LOCKING);
    plan->min_recall = option_mask(db, phases, PHASE_MIN_RECALL);
    plan->max_recall = option_mask(db, phases, PHASE_MAX_RECALL);
    plan->ped_recall = option_mask(db, phases, PHASE_PED_RECALL);
    plan->soft_recall = option_mask(db, phases, PHASE_SOFT_RECALL);
    plan->dual_entry = option_mask(db, phases, PHASE_DUAL_ENTRY);
    plan->simultaneous_gap_disable = option_mask(db, phases, PHASE_SIMULTANEOUS_GAP_DISABLE);
    plan->guaranteed_passage = option_mask(db, phases, PHASE_GUARANTEED_PASSAGE);
    plan->rest_in_walk = option_mask(db, phases, PHASE_REST_IN_WALK);
    plan->conditional_service = option_mask(db, phases, PHASE_CONDITIONAL_SERVICE);
    plan->added_initial_largest = option_mask(db, phases, PHASE_ADDED_INITIAL_LARGEST);
    plan->startup_green_walk = startup_mask(db, phases, STARTUP_GREEN_WALK);
    plan->startup_green = startup_mask(db, phases, STARTUP_GREEN_NO_WALK) | plan->startup_green_walk;
    plan->startup_yellow = startup_mask(db, phases, STARTUP_YELLOW);
    plan->startup_red_clear = startup_mask(db, phases, STARTUP_RED_CLEAR);
    int ix;
    FOR_EACH_BIT(ix, phases)
        if (db->phase[ix].walk_s)
            plan->pedestrians |= UINT64_C(1) << ix;
}

/* ---- detectors ---- */

static int8_t served_phase(const struct plan_structure *s, int phase_no)
{
    bool served = phase_no >= 1 && phase_no <= PHASES_MAX && (s->phases & mask_of(phase_no));
    return (int8_t)(served ? phase_no - 1 : -1);
}

static void compile_detectors(struct plan *plan, const struct database *db)
{
    for (int no = 1; no <= VEHICLE_DETECTORS_MAX; no++) {
        const struct vehicle_detector_row *row = &db->vehicle_detector[no - 1];
        struct plan_detector *d = &plan->detector[no - 1];
        d->phase_ix = served_phase(&plan->structure, row->call_phase_no);
        d->switch_ix = served_phase(&plan->structure, row->switch_phase_no);
        d->delay_ds = (int16_t)min_int(row->delay_ds, 2550);
        d->extend_ds = row->extend_ds;
        d->queue_limit_ds = tenths(row->queue_limit_s);
        d->options = row->options;
        if (row->options & (DETECTOR_VOLUME | DETECTOR_OCCUPANCY))
            detector_put(&plan->volume_detectors, no, true);
        if (d->phase_ix < 0)
            continue;
        detector_put(&plan->detectors, no, true);
        if (d->delay_ds || d->extend_ds || (row->options & DETECTOR_QUEUE))
            detector_put(&plan->timed_detectors, no, true);
    }
    for (int no = 1; no <= PEDESTRIAN_DETECTORS_MAX; no++) {
        const struct pedestrian_detector_row *row = &db->pedestrian_detector[no - 1];
        int8_t phase_ix = served_phase(&plan->structure, row->call_phase_no);
        plan->ped_detector_phase[no - 1] = phase_ix;
        if (phase_ix < 0 || (row->options & PED_DETECTOR_PRESENCE))
            continue;
        plan->ped_detectors |= mask_of(no);
        if (row->options & PED_DETECTOR_NON_LOCKING)
            plan->ped_detectors_nonlocking |= mask_of(no);
    }
}

static void compile_unit(struct plan *plan, const struct database *db)
{
    const struct unit_row *unit = &db->unit;
    plan->backup_ds = unit->backup_time_s * 10;
    plan->startup_flash_ds = unit->startup_flash_s * 10;
    plan->startup_all_red_ds = unit->startup_all_red_s * 10;
    plan->startup_flash_red = unit->startup_flash_mode == STARTUP_FLASH_ALL_RED;
    plan->startup_calls = unit->startup_calls;
    plan->auto_ped_clear = unit->auto_ped_clear == 2;
    plan->backup_prevent = unit->backup_prevent;
    plan->last_car_recall = unit->last_car_recall;
    /* The old period wins when both are set; 65535 asks for one cycle, which free operation has
     * not. */
    uint16_t v3 = db->volume_period_v3_s == UINT16_MAX ? 0 : db->volume_period_v3_s;
    plan->volume_period_ds = (db->volume_period_s ? db->volume_period_s : v3) * 10;
}

void plan_compile(struct plan *plan, const struct database *db, int sequence_no)
{
    memset(plan, 0, sizeof *plan);
    struct plan_structure *s = &plan->structure;
    compile_rings(s, db, sequence_no);
    compile_conflicts(s, db);
    compile_clusters(s);
    for (int i = 0; i < s->cluster_count; i++)
        compile_sides(s, &s->cluster[i]);
    for (int ring = 0; ring < s->ring_count; ring++)
        if (s->ring_length[ring])
            compile_ring_order(s, ring);
    compile_channels(s, db);
    for (int ix = 0; ix < PHASES_MAX; ix++)
        compile_phase(&plan->phase[ix], &db->phase[ix], &db->unit);
    compile_options(plan, db);
    compile_detectors(plan, db);
    compile_unit(plan, db);
}

bool plan_structure_differs(const struct plan *a, const struct plan *b)
{
    return memcmp(&a->structure, &b->structure, sizeof a->structure) != 0;
}
