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

uint64_t plan_list_mask(const struct phase_list *list)
{
    uint64_t mask = 0;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] >= 1 && list->number[i] <= PHASES_MAX)
            mask |= mask_of(list->number[i]);
    return mask;
}

/* ---- rings and conflicts ---- */

/* The phases of ring `ring` that sequence `sequence_ix` names, in its order. Returns their number. */
static int written_order(const struct database *db, int sequence_ix, int ring, int8_t written[PHASES_MAX])
{
    const struct phase_list *list = &db->sequence[sequence_ix][ring];
    uint64_t seen = 0;
    int length = 0;
    for (int i = 0; i < list->count; i++) {
        int no = list->number[i];
        if (no < 1 || no > PHASES_MAX || !database_phase_enabled(db, no) || mask_has(seen, no) ||
            db->phase[no - 1].ring_no != ring + 1)
            continue;
        seen |= mask_of(no);
        written[length++] = (int8_t)(no - 1);
    }
    return length;
}

static void compile_rings(struct plan_structure *s, const struct database *db)
{
    memset(s->ring_of, RINGS_MAX, sizeof s->ring_of);
    for (int ring = 0; ring < RINGS_MAX; ring++) {
        int8_t written[PHASES_MAX];
        int length = written_order(db, s->free_sequence_ix, ring, written);
        s->ring_length[ring] = (uint8_t)length;
        if (length)
            s->ring_count = (uint8_t)(ring + 1);
        for (int i = 0; i < length; i++) {
            s->phases |= UINT64_C(1) << written[i];
            s->ring_phases[ring] |= UINT64_C(1) << written[i];
            s->ring_of[written[i]] = (uint8_t)ring;
        }
    }
}

static void compile_conflicts(struct plan_structure *s, const struct database *db)
{
    uint64_t listed[PHASES_MAX] = {0};
    int a, b;
    FOR_EACH_BIT(a, s->phases)
        listed[a] = plan_list_mask(&db->phase[a].concurrency);
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
    int ix;
    FOR_EACH_BIT(ix, s->ring_phases[a])
        if (s->conflicts[ix] & others)
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

/* Finds the sides of a cluster; they are numbered by their lowest phase. */
static void compile_sides(struct plan_structure *s, struct plan_cluster *cluster)
{
    int ix;
    for (int ring = 0; ring < s->ring_count; ring++)
        if (bit_set(cluster->ring_mask, ring))
            cluster->phases |= s->ring_phases[ring];
    FOR_EACH_BIT(ix, cluster->phases)
        if (side_index(cluster, ix) < 0)
            cluster->side_phases[cluster->side_count++] = side_around(s, cluster->phases, ix);
    FOR_EACH_BIT(ix, cluster->phases)
        s->side_of[ix] = (uint8_t)side_index(cluster, ix);
}

/* ---- the order of one sequence ---- */

/* What a sequence's lists say before they are put in order. */
struct written {
    int8_t phase[RINGS_MAX][PHASES_MAX];
    int length[RINGS_MAX];
};

/* Lists the sides of a cluster in the order in which the rings pass them: each ring adds the sides
 * it knows and the list does not, behind the side it passed before. */
static void order_sides(const struct plan_structure *s, struct plan_order *order, int c,
                        const struct written *w)
{
    const struct plan_cluster *cluster = &s->cluster[c];
    uint8_t sides[PHASES_MAX] = {0};
    int count = 0;
    for (int ring = 0; ring < s->ring_count; ring++) {
        int at = -1;
        for (int i = 0; bit_set(cluster->ring_mask, ring) && i < w->length[ring]; i++) {
            uint8_t side = s->side_of[w->phase[ring][i]];
            int known = 0;
            while (known < count && sides[known] != side)
                known++;
            if (known == count) {
                known = at + 1;
                memmove(&sides[known + 1], &sides[known], (size_t)(count - known));
                sides[known] = side;
                count++;
            }
            at = known;
        }
    }
    for (int i = 0; i < count; i++)
        order->next_side[c][sides[i]] = sides[(i + 1) % count];
    order->first_side[c] = sides[0];
}

/* Writes a ring's phases side after side. A side that the written sequence cuts in two (its list
 * begins in the middle of a side) is put together again in the order of travel. */
static void order_ring(const struct plan_structure *s, struct plan_order *order, int ring,
                       const struct written *w)
{
    const int8_t *written = w->phase[ring];
    int length = w->length[ring], start = 0, out = 0, c = s->cluster_of_ring[ring];
    for (int i = 1; i < length && s->side_of[written[0]] == s->side_of[written[length - 1]]; i++)
        if (s->side_of[written[i]] != s->side_of[written[i - 1]])
            start = i; /* the last change of side: the cut side begins here */
    int side = order->first_side[c];
    for (int k = 0; k < s->cluster[c].side_count; k++, side = order->next_side[c][side])
        for (int i = 0; i < length; i++) {
            int8_t phase_ix = written[(start + i) % length];
            if (s->side_of[phase_ix] == side)
                order->ring_phase[ring][out++] = phase_ix;
        }
    for (int i = 0; i < length; i++)
        for (int k = i + 1; k < length; k++) {
            int8_t first = order->ring_phase[ring][i], second = order->ring_phase[ring][k];
            if (s->side_of[first] != s->side_of[second])
                continue;
            order->later[first] |= UINT64_C(1) << second;
            order->earlier[second] |= UINT64_C(1) << first;
        }
}

/* Whether the sequence can be run: it names every phase of every ring. */
static bool read_sequence(const struct plan_structure *s, const struct database *db, int sequence_ix,
                          struct written *w)
{
    for (int ring = 0; ring < RINGS_MAX; ring++) {
        w->length[ring] = written_order(db, sequence_ix, ring, w->phase[ring]);
        if (w->length[ring] != s->ring_length[ring])
            return false;
    }
    return true;
}

/* A sequence that is not used, or cannot be, is run as the free one. */
static void compile_orders(struct plan_structure *s, const struct database *db)
{
    for (int i = 0; i < SEQUENCES_MAX; i++) {
        struct written w;
        if (read_sequence(s, db, i, &w))
            s->sequences |= (uint32_t)1 << i;
        else
            read_sequence(s, db, s->free_sequence_ix, &w);
        for (int c = 0; c < s->cluster_count; c++)
            order_sides(s, &s->order[i], c, &w);
        for (int ring = 0; ring < s->ring_count; ring++)
            if (w.length[ring])
                order_ring(s, &s->order[i], ring, &w);
    }
}

/* ---- times ---- */

/* No yellow is shorter, whatever is stored: were it left to the guard to hold it, the red clearance behind it
 * would be lost. */
enum { YELLOW_LEAST_DS = 30 };

static int16_t tenths(int seconds)
{
    return (int16_t)(seconds * 10);
}

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int max_int(int a, int b)
{
    return a > b ? a : b;
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
    p->red_yellow_ds = row->red_yellow_ds;
    p->bicycle_minimum_ds = tenths(row->bicycle_minimum_s);
    p->alternate_walk_ds = (int16_t)max_int(p->walk_ds, tenths(row->ped_alternate_walk_s));
    p->alternate_ped_clear_ds = (int16_t)max_int(p->ped_clear_ds, tenths(row->ped_alternate_clear_s));
    p->alternate_minimum_ds = tenths(row->alternate_minimum_s);
    p->ped_advance_ds = (int16_t)max_int(row->ped_advance_walk_ds - row->ped_delay_ds, 0);
    p->ped_delay_ds = (int16_t)max_int(row->ped_delay_ds - row->ped_advance_walk_ds, 0);
    p->yellow_ds = (int16_t)max_int(row->yellow_ds, YELLOW_LEAST_DS);
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
    plan->flash_entry = option_mask(db, phases, PHASE_FLASH_ENTRY);
    plan->flash_exit = option_mask(db, phases, PHASE_FLASH_EXIT);
    plan->added_initial_largest = option_mask(db, phases, PHASE_ADDED_INITIAL_LARGEST);
    plan->startup_green_walk = startup_mask(db, phases, STARTUP_GREEN_WALK);
    plan->startup_green = startup_mask(db, phases, STARTUP_GREEN_NO_WALK) | plan->startup_green_walk;
    plan->startup_yellow = startup_mask(db, phases, STARTUP_YELLOW);
    plan->startup_red_clear = startup_mask(db, phases, STARTUP_RED_CLEAR);
    int ix;
    FOR_EACH_BIT(ix, phases) {
        if (db->phase[ix].walk_s)
            plan->pedestrians |= UINT64_C(1) << ix;
        if (db->phase[ix].red_yellow_ds)
            plan->red_yellow |= UINT64_C(1) << ix;
    }
}

/* ---- unit, preempts, priority ---- */

/* The longest a phase may take where nobody holds it. */
static int32_t longest_service(const struct plan_phase *p)
{
    int32_t green_ds = p->walk_ds + p->ped_clear_ds;
    int32_t alternate_ds = p->alternate_walk_ds + p->alternate_ped_clear_ds;
    green_ds = alternate_ds > green_ds ? alternate_ds : green_ds;
    for (int i = 0; i < 3; i++)
        green_ds = p->maximum_ds[i] > green_ds ? p->maximum_ds[i] : green_ds;
    green_ds = p->minimum_ds > green_ds ? p->minimum_ds : green_ds;
    green_ds = p->dynamic_limit_ds > green_ds ? p->dynamic_limit_ds : green_ds;
    return green_ds + p->flashing_green_ds + p->yellow_ds + p->red_clear_ds;
}

/* Side after side, each as long as its slowest ring; of the clusters the slowest. */
static int32_t longest_round(const struct plan *plan)
{
    const struct plan_structure *s = &plan->structure;
    int32_t longest_ds = 0;
    for (int c = 0; c < s->cluster_count; c++) {
        int32_t round_ds = 0;
        for (int side = 0; side < s->cluster[c].side_count; side++) {
            int32_t side_ds = 0;
            for (int ring = 0; ring < s->ring_count; ring++) {
                int32_t ring_ds = 0;
                int ix;
                FOR_EACH_BIT(ix, s->ring_phases[ring] & s->cluster[c].side_phases[side])
                    ring_ds += longest_service(&plan->phase[ix]);
                side_ds = ring_ds > side_ds ? ring_ds : side_ds;
            }
            round_ds += side_ds;
        }
        longest_ds = round_ds > longest_ds ? round_ds : longest_ds;
    }
    return longest_ds;
}

static void compile_unit(struct plan *plan, const struct database *db)
{
    const struct unit_row *unit = &db->unit;
    uint32_t user_s = db->unit.user_backup_time_s;
    plan->backup_ds = (int32_t)(user_s ? user_s : unit->backup_time_s) * 10;
    plan->startup_flash_ds = unit->startup_flash_s * 10;
    plan->startup_all_red_ds = unit->startup_all_red_s * 10;
    plan->startup_flash_red = unit->startup_flash_mode == STARTUP_FLASH_ALL_RED;
    plan->startup_calls = unit->startup_calls;
    plan->auto_ped_clear = unit->auto_ped_clear == 2;
    plan->backup_prevent = unit->backup_prevent;
    plan->last_car_recall = unit->last_car_recall;
    plan->flash_exit_red_ds = unit->flash_exit_red_s * 10;
    plan->cycle_fault_cycles = unit->cycle_fault_cycles;
    plan->longest_round_ds = longest_round(plan);
    plan->ped_fail_recall = unit->ped_fail_recall;
    plan->detector_good_min = unit->detector_good_min;
}

static uint32_t overlap_mask(const struct overlap_list *list)
{
    uint32_t mask = 0;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] >= 1 && list->number[i] <= OVERLAPS_MAX)
            mask |= (uint32_t)1 << (list->number[i] - 1);
    return mask;
}

/* A preempt that names no phase and does not flash would only keep everybody waiting: it is unused. */
static bool preempt_used(const struct database *db, const struct plan_preempt *p)
{
    bool enabled =
        (p->control & PREEMPT_ENABLED) || db->unit.preempt_enable_bit == PREEMPT_ENABLE_BIT_IGNORED;
    return enabled && (p->track || p->dwell || p->cycling || (p->control & PREEMPT_FLASH_DWELL));
}

static void compile_preempt_phases(struct plan_preempt *p, const struct preempt_row *row,
                                   const struct plan *plan)
{
    const struct plan_structure *s = &plan->structure;
    p->track_green_ds = tenths(row->track_green_s);
    p->track = row->track_green_s ? plan_compatible(s, plan_list_mask(&row->track_phase)) : 0;
    p->dwell = plan_compatible(s, plan_list_mask(&row->dwell_phase));
    p->exit = plan_compatible(s, plan_list_mask(&row->exit_phase));
    p->cycling = row->control & PREEMPT_FLASH_DWELL ? 0 : plan_list_mask(&row->cycling_phase) & s->phases;
    uint64_t peds = plan->pedestrians & (p->dwell | p->cycling);
    p->dwell_ped = plan_list_mask(&row->dwell_ped) & peds;
    p->cycling_ped = plan_list_mask(&row->cycling_ped) & peds;
    p->track_overlaps = overlap_mask(&row->track_overlap) & plan->overlaps;
    p->dwell_overlaps = overlap_mask(&row->dwell_overlap) & plan->overlaps;
    p->cycling_overlaps = overlap_mask(&row->cycling_overlap) & plan->overlaps;
}

static void compile_preempt(struct plan *plan, const struct database *db, int i)
{
    const struct preempt_row *row = &db->preempt[i];
    struct plan_preempt *p = &plan->preempt[i];
    p->delay_ds = row->delay_s * 10;
    p->advance_ds = row->advance_s * 10;
    p->minimum_duration_ds = row->minimum_duration_s * 10;
    p->maximum_presence_ds = row->maximum_presence_s * 10;
    p->control = row->control;
    /* a link that is no preempt of higher priority is none */
    p->link_ix = (int8_t)(row->link_no <= i ? row->link_no - 1 : -1);
    bool sequence = row->sequence_no >= 1 && row->sequence_no <= SEQUENCES_MAX;
    p->sequence_ix = (uint8_t)(sequence ? row->sequence_no - 1 : plan->structure.free_sequence_ix);
    p->exit_type = row->exit_type;
    p->exit_calls = row->exit_calls;
    p->railroad = row->railroad;
    p->minimum_green_ds = tenths(row->minimum_green_s);
    p->minimum_walk_ds = tenths(row->minimum_walk_s);
    p->enter_ped_clear_ds = tenths(row->enter_ped_clear_s);
    p->enter_yellow_ds = (int16_t)max_int(row->enter_yellow_ds, YELLOW_LEAST_DS);
    p->enter_red_clear_ds = row->enter_red_clear_ds;
    p->track_yellow_ds = (int16_t)max_int(row->track_yellow_ds, YELLOW_LEAST_DS);
    p->track_red_clear_ds = row->track_red_clear_ds;
    p->dwell_green_ds = tenths(row->dwell_green_s);
    compile_preempt_phases(p, row, plan);
    if (preempt_used(db, p))
        plan->preempts |= (uint16_t)(1U << i);
}

static void compile_priority(struct plan *plan, const struct database *db)
{
    uint64_t phases = plan->structure.phases;
    for (int ix = 0; ix < PHASES_MAX; ix++)
        plan->max_reduction_ds[ix] = tenths(db->priority.max_reduction_s[ix]);
    for (int i = 0; i < PRIORITIES_MAX; i++) {
        const struct priority_row *row = &db->priority.request[i];
        plan->priority[i] = (struct plan_priority){
            .class_no = row->class_no,
            .early_green = row->early_green,
            .lockout_cycles = row->lockout_cycles,
            .arrival_ds = row->arrival_s * 10,
            .max_extension_ds = row->max_extension_s * 10,
            .time_to_live_ds = row->time_to_live_s * 10,
            .phases = plan_list_mask(&row->phase) & phases,
            .omit = plan_list_mask(&row->omit) & phases,
        };
        if (row->enabled && plan->priority[i].phases)
            plan->priorities |= (uint16_t)(1U << i);
    }
}

static void compile_tables(struct plan_tables *tables, const struct database *db)
{
    tables->coord = db->coord;
    memcpy(tables->pattern, db->pattern, sizeof tables->pattern);
    memcpy(tables->split, db->split, sizeof tables->split);
    tables->timebase = db->timebase;
    tables->standard_time_zone_s = db->standard_time_zone_s;
    tables->daylight_saving = db->daylight_saving;
    for (int i = 0; i < SCHEDULE_ROWS_MAX; i++) {
        const struct schedule_row *row = &db->timebase.schedule[i];
        tables->scheduled = tables->scheduled || (row->month && row->day && row->date && row->day_plan_no);
    }
}

void plan_compile_rings(struct plan_structure *s, const struct database *db, int sequence_no)
{
    memset(s, 0, sizeof *s);
    s->free_sequence_ix = (uint8_t)(sequence_no - 1);
    compile_rings(s, db);
    compile_conflicts(s, db);
    compile_clusters(s);
    for (int i = 0; i < s->cluster_count; i++)
        compile_sides(s, &s->cluster[i]);
    compile_orders(s, db);
}

void plan_compile(struct plan *plan, const struct database *db, int sequence_no)
{
    memset(plan, 0, sizeof *plan);
    plan_compile_rings(&plan->structure, db, sequence_no);
    plan_compile_lamps(plan, db);
    for (int ix = 0; ix < PHASES_MAX; ix++)
        compile_phase(&plan->phase[ix], &db->phase[ix], &db->unit);
    compile_options(plan, db);
    plan_compile_detectors(plan, db);
    compile_unit(plan, db);
    for (int i = 0; i < PREEMPTS_MAX; i++)
        compile_preempt(plan, db, i);
    compile_priority(plan, db);
    compile_tables(&plan->tables, db);
}

uint64_t plan_compatible(const struct plan_structure *s, uint64_t phases)
{
    uint64_t together = 0;
    int ix;
    FOR_EACH_BIT(ix, phases & s->phases)
        if (!(s->conflicts[ix] & together))
            together |= UINT64_C(1) << ix;
    return together;
}

bool plan_structure_differs(const struct plan *a, const struct plan *b)
{
    return memcmp(&a->structure, &b->structure, sizeof a->structure) != 0;
}
