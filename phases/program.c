#include "program.h"
#include <string.h>

/* What is being worked out. Splits and positions in the sequence's own time: 0 is the begin of the
 * first side. */
struct work {
    const struct plan *plan;
    const struct plan_structure *s;
    const struct plan_order *order;
    const struct split_row *split;
    struct coord_program *program;
    uint64_t phases; /* with a split */
    int32_t split_ds[PHASES_MAX];
    int32_t left_ds[PHASES_MAX];  /* split of a phase that the pattern leaves out */
    int32_t least_ds[PHASES_MAX]; /* smallest split: minimum service and clearance */
    int32_t end_ds[PHASES_MAX];
    int32_t side_ds[RINGS_MAX][PHASES_MAX]; /* length of each side of each cluster */
};

static uint64_t bit(int ix)
{
    return UINT64_C(1) << ix;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* value * part / whole, rounded to the nearest. */
static int32_t share(int32_t value, int32_t part, int32_t whole)
{
    return whole ? (int32_t)(((int64_t)value * part + whole / 2) / whole) : 0;
}

static int32_t own_clearance_ds(const struct work *w, int ix)
{
    const struct plan_phase *p = &w->plan->phase[ix];
    return p->flashing_green_ds + p->yellow_ds + p->red_clear_ds;
}

/* The last phase with a split of a ring on a side; -1 without one. */
static int last_of_side(const struct work *w, int ring, uint64_t side)
{
    int last = -1;
    for (int i = 0; i < w->s->ring_length[ring]; i++)
        if (w->phases & side & bit(w->order->ring_phase[ring][i]))
            last = w->order->ring_phase[ring][i];
    return last;
}

/* Rings leave a side together: the slowest clearance counts for all of them. */
static void find_clearances(struct work *w)
{
    int ix;
    FOR_EACH_BIT(ix, w->phases)
        w->program->clear_ds[ix] = own_clearance_ds(w, ix);
    for (int c = 0; c < w->s->cluster_count; c++)
        for (int side = 0; side < w->s->cluster[c].side_count; side++) {
            uint64_t phases = w->s->cluster[c].side_phases[side], last = 0;
            int32_t slowest_ds = 0;
            for (int ring = 0; ring < w->s->ring_count; ring++) {
                ix = last_of_side(w, ring, phases);
                if (ix < 0 || w->s->cluster_of_ring[ring] != c)
                    continue;
                last |= bit(ix);
                slowest_ds = larger(slowest_ds, own_clearance_ds(w, ix));
            }
            FOR_EACH_BIT(ix, last)
                w->program->clear_ds[ix] = slowest_ds;
        }
}

static int32_t ped_service_ds(const struct work *w, int ix)
{
    const struct plan_phase *p = &w->plan->phase[ix];
    return p->ped_delay_ds + p->walk_ds + p->ped_clear_ds - p->ped_into_clearance_ds;
}

/* ---- what the pattern asks for ---- */

/* A pedestrian who comes in every cycle belongs into the split; one who presses a button may exceed it,
 * and the cycle is corrected afterwards (1202 v03 5.5.7.2). */
static void read_phase(struct work *w, int ix)
{
    const struct split_row *row = &w->split[ix];
    struct coord_program *p = w->program;
    switch ((enum split_mode)row->mode) {
    case SPLIT_OTHER:
    case SPLIT_NONE:
        break;
    case SPLIT_MIN_RECALL:
        p->min_recall |= bit(ix);
        break;
    case SPLIT_MAX_RECALL:
        p->max_recall |= bit(ix);
        break;
    case SPLIT_PED_RECALL:
        p->ped_recall |= bit(ix);
        break;
    case SPLIT_MAX_AND_PED_RECALL:
    case SPLIT_NON_ACTUATED:
        p->max_recall |= bit(ix);
        p->ped_recall |= bit(ix);
        break;
    case SPLIT_OMITTED:
        p->omit |= bit(ix);
        w->left_ds[ix] = row->time_s * 10;
        return;
    }
    w->phases |= bit(ix);
    w->split_ds[ix] = row->time_s * 10;
    if (row->coord)
        p->coordinated |= bit(ix);
}

static void find_least(struct work *w, int ix)
{
    int32_t service_ds = w->plan->phase[ix].minimum_ds;
    uint64_t fixed_peds = (w->program->ped_recall | w->plan->ped_recall) & w->plan->pedestrians;
    if (fixed_peds & bit(ix))
        service_ds = larger(service_ds, ped_service_ds(w, ix));
    w->least_ds[ix] = service_ds + w->program->clear_ds[ix];
}

/* Rings of a cluster that has a coordinated phase. */
static bool governed(const struct work *w, int cluster)
{
    return w->s->cluster[cluster].phases & w->program->coordinated;
}

static int ring_cluster_if_governed(const struct work *w, int ring)
{
    int cluster = w->s->cluster_of_ring[ring];
    return w->s->ring_length[ring] && governed(w, cluster) ? cluster : -1;
}

static int32_t sum(const int32_t *value, uint64_t phases)
{
    int32_t total = 0;
    int ix;
    FOR_EACH_BIT(ix, phases)
        total += value[ix];
    return total;
}

/* At most one coordinated phase in a ring, and none that may not be on with the others. */
static bool coordinated_fit(const struct work *w)
{
    uint64_t all = w->program->coordinated;
    int ix;
    if (!all)
        return false;
    FOR_EACH_BIT(ix, all)
        if (w->s->conflicts[ix] & all)
            return false;
    return true;
}

/* The phase with a split that follows `phase[i]` in its ring and side, else the one before it; -1: none. */
static int heir_of(const struct work *w, const int8_t *phase, int length, int i)
{
    int heir = -1;
    for (int k = 0; k < length; k++) {
        bool served = w->phases & bit(phase[k]);
        if (!served || w->s->side_of[phase[k]] != w->s->side_of[phase[i]])
            continue;
        heir = phase[k];
        if (k > i)
            break;
    }
    return heir;
}

/* The split of a phase that is left out goes to its neighbour, where the engineer did not give it away. */
static void inherit(struct work *w)
{
    for (int ring = 0; ring < w->s->ring_count; ring++) {
        const int8_t *phase = w->order->ring_phase[ring];
        for (int i = 0; i < w->s->ring_length[ring]; i++) {
            int heir = w->left_ds[phase[i]] ? heir_of(w, phase, w->s->ring_length[ring], i) : -1;
            if (heir >= 0)
                w->split_ds[heir] += w->left_ds[phase[i]];
        }
    }
}

/* Every ring must fill a side alike, or the barrier has no planned place. */
static bool sides_fit(struct work *w)
{
    memset(w->side_ds, 0, sizeof w->side_ds);
    for (int ring = 0; ring < w->s->ring_count; ring++) {
        int cluster = ring_cluster_if_governed(w, ring);
        for (int side = 0; cluster >= 0 && side < w->s->cluster[cluster].side_count; side++) {
            uint64_t mine = w->s->ring_phases[ring] & w->s->cluster[cluster].side_phases[side] & w->phases;
            int32_t length_ds = sum(w->split_ds, mine);
            int32_t *planned_ds = &w->side_ds[cluster][side];
            if (!mine)
                continue;
            if (*planned_ds && *planned_ds != length_ds)
                return false;
            *planned_ds = length_ds;
        }
    }
    return true;
}

/* How long a cycle of these splits takes: of each side the longest ring. */
static int32_t longest_path(const struct work *w, int cluster, const int32_t *split_ds)
{
    int32_t total_ds = 0;
    for (int side = 0; side < w->s->cluster[cluster].side_count; side++) {
        int32_t longest_ds = 0;
        for (int ring = 0; ring < w->s->ring_count; ring++)
            if (bit_set(w->s->cluster[cluster].ring_mask, ring)) {
                uint64_t mine = w->s->ring_phases[ring] & w->s->cluster[cluster].side_phases[side];
                longest_ds = larger(longest_ds, sum(split_ds, mine & w->phases));
            }
        total_ds += longest_ds;
    }
    return total_ds;
}

static bool overruns(const struct work *w)
{
    for (int c = 0; c < w->s->cluster_count; c++)
        if (governed(w, c) && longest_path(w, c, w->split_ds) > w->program->nominal_ds)
            return true;
    return false;
}

static enum free_reason check(struct work *w)
{
    const struct coord_program *p = w->program;
    int ix;
    if (!coordinated_fit(w))
        return FREE_BAD_PLAN;
    for (int c = 0; c < w->s->cluster_count; c++)
        if (governed(w, c) && longest_path(w, c, w->least_ds) > p->nominal_ds)
            return FREE_BAD_CYCLE;
    if (p->offset_ds >= p->nominal_ds)
        return FREE_INVALID_OFFSET;
    if (overruns(w))
        return FREE_SPLIT_OVERRUN;
    FOR_EACH_BIT(ix, w->phases)
        if (governed(w, w->s->cluster_of_ring[w->s->ring_of[ix]]) && w->split_ds[ix] < w->least_ds[ix])
            return FREE_BAD_PLAN;
    if (sides_fit(w))
        return FREE_NOT;
    inherit(w);
    return sides_fit(w) && !overruns(w) ? FREE_NOT : FREE_BAD_PLAN;
}

/* ---- lengths ---- */

/* The phase of a ring that takes what a side gains without the others: the coordinated one, else the
 * last with a split. -1 where the ring has none on this side. */
static int taker(const struct work *w, int ring, uint64_t side)
{
    uint64_t coordinated = w->s->ring_phases[ring] & side & w->program->coordinated;
    return coordinated ? __builtin_ctzll(coordinated) : last_of_side(w, ring, side);
}

static void give_to_coordinated(struct work *w, int cluster, int32_t gain_ds)
{
    const struct plan_cluster *c = &w->s->cluster[cluster];
    int side = w->s->side_of[__builtin_ctzll(c->phases & w->program->coordinated)];
    w->side_ds[cluster][side] += gain_ds;
    for (int ring = 0; ring < w->s->ring_count; ring++)
        if (bit_set(c->ring_mask, ring)) {
            int ix = taker(w, ring, c->side_phases[side]);
            if (ix >= 0)
                w->split_ds[ix] += gain_ds;
        }
}

/* Splits one side of one ring anew so that it fills `length_ds`. Each phase keeps the share `weight_ds`
 * gives it of the difference; rounding is carried along, so that the sum is exact. */
static void fill_side(struct work *w, uint64_t mine, int32_t length_ds, const int32_t *weight_ds)
{
    int32_t difference_ds = length_ds - sum(w->split_ds, mine), whole_ds = sum(weight_ds, mine);
    int32_t passed_ds = 0, given_ds = 0;
    int ix;
    FOR_EACH_BIT(ix, mine) {
        passed_ds += weight_ds[ix];
        int32_t due_ds = difference_ds < 0 ? -share(-difference_ds, passed_ds, whole_ds)
                                           : share(difference_ds, passed_ds, whole_ds);
        w->split_ds[ix] += due_ds - given_ds;
        given_ds = due_ds;
    }
}

static void fill_sides(struct work *w, int cluster, const int32_t *length_ds, const int32_t *weight_ds)
{
    const struct plan_cluster *c = &w->s->cluster[cluster];
    for (int side = 0; side < c->side_count; side++) {
        for (int ring = 0; ring < w->s->ring_count; ring++) {
            uint64_t mine = w->s->ring_phases[ring] & c->side_phases[side] & w->phases;
            if (bit_set(c->ring_mask, ring) && mine)
                fill_side(w, mine, length_ds[side], weight_ds);
        }
        w->side_ds[cluster][side] = length_ds[side];
    }
}

/* Every split grows in proportion. */
static void stretch(struct work *w, int cluster, int32_t correction_ds)
{
    int32_t length_ds[PHASES_MAX] = {0}, passed_ds = 0, end_ds = 0, whole_ds = w->program->nominal_ds;
    for (int side = 0; side < w->s->cluster[cluster].side_count; side++) {
        passed_ds += w->side_ds[cluster][side];
        int32_t stretched_ds = passed_ds + share(correction_ds, passed_ds, whole_ds);
        length_ds[side] = stretched_ds - end_ds;
        end_ds = stretched_ds;
    }
    int32_t weight_ds[PHASES_MAX];
    memcpy(weight_ds, w->split_ds, sizeof weight_ds);
    fill_sides(w, cluster, length_ds, weight_ds);
}

/* What a side can lose before a phase of it falls below its minimum. */
static int32_t room_of_side(const struct work *w, int cluster, int side, const int32_t *room_ds)
{
    const struct plan_cluster *c = &w->s->cluster[cluster];
    int32_t least_ds = INT32_MAX;
    for (int ring = 0; ring < w->s->ring_count; ring++) {
        uint64_t mine = w->s->ring_phases[ring] & c->side_phases[side] & w->phases;
        int32_t ring_ds = sum(room_ds, mine);
        if (bit_set(c->ring_mask, ring) && mine && ring_ds < least_ds)
            least_ds = ring_ds;
    }
    return least_ds == INT32_MAX ? 0 : least_ds;
}

/* Phases above their minimum lose in proportion to what they have above it. */
static void shrink(struct work *w, int cluster, const int32_t *room_ds, int32_t loss_ds)
{
    int32_t length_ds[PHASES_MAX] = {0}, passed_ds = 0, taken_ds = 0, whole_ds = 0;
    for (int side = 0; side < w->s->cluster[cluster].side_count; side++)
        whole_ds += room_of_side(w, cluster, side, room_ds);
    for (int side = 0; side < w->s->cluster[cluster].side_count; side++) {
        passed_ds += room_of_side(w, cluster, side, room_ds);
        int32_t due_ds = share(loss_ds, passed_ds, whole_ds);
        length_ds[side] = w->side_ds[cluster][side] - (due_ds - taken_ds);
        taken_ds = due_ds;
    }
    fill_sides(w, cluster, length_ds, room_ds);
}

/* The smallest split in a shortened cycle: a phase with an alternate minimum has that, and one that may
 * be left out in a transition none at all. */
static int32_t least_in_transition(const struct work *w, int ix)
{
    const struct plan_phase *p = &w->plan->phase[ix];
    bool fixed_ped = (w->program->ped_recall | w->plan->ped_recall) & w->plan->pedestrians & bit(ix);
    if ((w->split[ix].options & SPLIT_OMIT_IN_TRANSITION) && !w->split[ix].coord)
        return 0;
    if (p->alternate_minimum_ds && p->alternate_minimum_ds < p->minimum_ds && !fixed_ped)
        return p->alternate_minimum_ds + w->program->clear_ds[ix];
    return w->least_ds[ix];
}

static void correct(struct work *w, int32_t correction_ds, enum correction_kind kind)
{
    struct coord_program *p = w->program;
    int32_t room_ds[PHASES_MAX] = {0};
    int ix;
    FOR_EACH_BIT(ix, w->phases)
        room_ds[ix] = w->split_ds[ix] - least_in_transition(w, ix);
    p->shorten_most_ds = INT32_MAX;
    for (int c = 0; c < w->s->cluster_count; c++) {
        int32_t most_ds = 0;
        for (int side = 0; side < w->s->cluster[c].side_count; side++)
            most_ds += room_of_side(w, c, side, room_ds);
        if (governed(w, c) && most_ds < p->shorten_most_ds)
            p->shorten_most_ds = most_ds;
    }
    if (correction_ds < -p->shorten_most_ds)
        correction_ds = -p->shorten_most_ds;
    p->cycle_ds = p->nominal_ds + correction_ds;
    for (int c = 0; c < w->s->cluster_count; c++) {
        if (!governed(w, c) || !correction_ds)
            continue;
        if (correction_ds < 0)
            shrink(w, c, room_ds, -correction_ds);
        else if (kind == CORRECTION_STRETCH)
            stretch(w, c, correction_ds);
        else
            give_to_coordinated(w, c, correction_ds);
    }
    FOR_EACH_BIT(ix, w->phases)
        if (correction_ds < 0 &&
            w->split_ds[ix] < larger(least_in_transition(w, ix), w->program->clear_ds[ix] + 1))
            p->omit |= bit(ix); /* left out in this transition */
}

/* ---- positions ---- */

/* When each split ends, in the sequence's time. */
static void place(struct work *w, int ring, int cluster)
{
    const struct plan_order *order = w->order;
    int side = order->first_side[cluster];
    int32_t begin_ds = 0;
    for (int k = 0; k < w->s->cluster[cluster].side_count; k++) {
        int32_t at_ds = begin_ds;
        for (int i = 0; i < w->s->ring_length[ring]; i++) {
            int ix = order->ring_phase[ring][i];
            if (w->s->side_of[ix] != side)
                continue;
            w->program->start_ds[ix] = at_ds;
            at_ds += w->split_ds[ix];
            w->end_ds[ix] = at_ds;
        }
        begin_ds += w->side_ds[cluster][side];
        side = order->next_side[cluster][side];
    }
}

static int32_t event_ds(const struct work *w, enum sync_point point, int ix)
{
    const struct plan_phase *phase = &w->plan->phase[ix];
    switch (point) {
    case SYNC_SEQUENCE_START:
    case SYNC_UNIT:
        break;
    case SYNC_FIRST_GREEN_BEGIN:
    case SYNC_LAST_GREEN_BEGIN:
        return w->program->start_ds[ix];
    case SYNC_FIRST_GREEN_END:
    case SYNC_LAST_GREEN_END:
        return w->end_ds[ix] - w->program->clear_ds[ix] + phase->flashing_green_ds;
    case SYNC_FIRST_YELLOW_END:
    case SYNC_LAST_YELLOW_END:
        return w->end_ds[ix] - w->program->clear_ds[ix] + phase->flashing_green_ds + phase->yellow_ds;
    }
    return 0;
}

/* Where the event that local zero is tied to lies in the sequence's time. */
static int32_t reference_ds(const struct work *w, enum sync_point point)
{
    bool last =
        point == SYNC_LAST_GREEN_BEGIN || point == SYNC_LAST_GREEN_END || point == SYNC_LAST_YELLOW_END;
    int32_t found_ds = -1;
    int ix;
    FOR_EACH_BIT(ix, w->program->coordinated) {
        int32_t at_ds = event_ds(w, point, ix);
        if (found_ds < 0 || (last ? at_ds > found_ds : at_ds < found_ds))
            found_ds = at_ds;
    }
    return found_ds;
}

static int32_t wrap(int32_t at_ds, int32_t cycle_ds)
{
    at_ds %= cycle_ds;
    return at_ds < 0 ? at_ds + cycle_ds : at_ds;
}

/* The coordinated phase whose yield lets phase `ix` in: of its own ring, else the first of the cluster
 * to yield. */
static int yielding(const struct work *w, int ix)
{
    const struct coord_program *p = w->program;
    int ring = w->s->ring_of[ix], first = -1, other;
    if (w->s->ring_phases[ring] & p->coordinated)
        return __builtin_ctzll(w->s->ring_phases[ring] & p->coordinated);
    FOR_EACH_BIT(other, w->s->cluster[w->s->cluster_of_ring[ring]].phases & p->coordinated)
        if (first < 0 || w->end_ds[other] < w->end_ds[first])
            first = other;
    return first;
}

/* How long after the yield a service of `service_ds` may still begin. */
static int32_t window_ds(const struct work *w, int ix, int32_t service_ds)
{
    const struct coord_program *p = w->program;
    return program_ahead(p, p->yield_ds[ix] + 1, p->force_ds[ix]) + 1 - service_ds;
}

static void open_windows(struct work *w, int ix)
{
    struct coord_program *p = w->program;
    int32_t minimum_ds = w->plan->phase[ix].minimum_ds;
    if (w->split_ds[ix] < w->least_ds[ix]) /* a shortened cycle with an alternate minimum */
        minimum_ds = w->split_ds[ix] - p->clear_ds[ix];
    p->open_ds[ix] = window_ds(w, ix, minimum_ds);
    int32_t ped_ds = larger(ped_service_ds(w, ix), minimum_ds);
    bool fits = p->green_ds[ix] >= ped_ds;
    p->ped_open_ds[ix] = fits ? window_ds(w, ix, ped_ds) : p->open_ds[ix];
    p->walk_ds[ix] = fits ? p->ped_open_ds[ix] : p->cycle_ds;
}

static void place_all(struct work *w, enum sync_point point)
{
    struct coord_program *p = w->program;
    int ix;
    for (int ring = 0; ring < w->s->ring_count; ring++) {
        int cluster = ring_cluster_if_governed(w, ring);
        if (cluster < 0)
            continue;
        p->governed |= w->s->ring_phases[ring];
        place(w, ring, cluster);
    }
    int32_t zero_ds = reference_ds(w, point);
    FOR_EACH_BIT(ix, p->governed) {
        p->green_ds[ix] = larger(w->split_ds[ix] - w->program->clear_ds[ix], 0);
        p->force_ds[ix] = wrap(w->end_ds[ix] - w->program->clear_ds[ix] - zero_ds, p->cycle_ds);
        p->start_ds[ix] = wrap(p->start_ds[ix] - zero_ds, p->cycle_ds);
    }
    FOR_EACH_BIT(ix, p->governed)
        p->yield_ds[ix] = p->force_ds[yielding(w, ix)];
    FOR_EACH_BIT(ix, p->governed)
        open_windows(w, ix);
}

/* ---- */

static enum sync_point sync_point(const struct plan *plan, const struct pattern_row *pattern)
{
    if (pattern->sync_point == SYNC_UNIT)
        return plan->tables.coord.unit_sync_point <= 1
                   ? SYNC_SEQUENCE_START
                   : (enum sync_point)(plan->tables.coord.unit_sync_point + 1);
    return pattern->sync_point ? (enum sync_point)pattern->sync_point : SYNC_FIRST_GREEN_BEGIN;
}

static uint8_t maximum_mode(const struct plan *plan, const struct pattern_row *pattern)
{
    switch ((enum pattern_option)pattern->options) {
    case PATTERN_OPTION_INHIBIT:
        return MAXIMUM_INHIBIT;
    case PATTERN_OPTION_MAXIMUM_1:
        return MAXIMUM_1;
    case PATTERN_OPTION_MAXIMUM_2:
        return MAXIMUM_2;
    case PATTERN_OPTION_MAXIMUM_3:
        return MAXIMUM_3;
    case PATTERN_OPTION_OTHER:
    case PATTERN_OPTION_UNIT:
        break;
    }
    return plan->tables.coord.maximum_mode;
}

/* How long before its yield a coordinated phase may gap out: as set, or a third of the shortest green. */
static int32_t early_ds(const struct plan *plan, const struct coord_program *p)
{
    const struct coord_row *coord = &plan->tables.coord;
    int32_t shortest_ds = INT32_MAX;
    int ix;
    if (!coord->actuated)
        return 0;
    FOR_EACH_BIT(ix, p->coordinated)
        if (p->green_ds[ix] < shortest_ds)
            shortest_ds = p->green_ds[ix];
    int32_t wanted_ds = coord->actuated_s ? coord->actuated_s * 10 : shortest_ds / 3;
    return wanted_ds < shortest_ds ? wanted_ds : shortest_ds;
}

enum free_reason program_build(struct coord_program *program, const struct plan *plan, int pattern_no,
                               int32_t correction_ds, enum correction_kind kind)
{
    const struct pattern_row *pattern = &plan->tables.pattern[pattern_no - 1];
    memset(program, 0, sizeof *program);
    if (pattern->split_no < 1 || pattern->split_no > SPLITS_MAX || pattern->sequence_no < 1 ||
        pattern->sequence_no > SEQUENCES_MAX || !bit_set(plan->structure.sequences, pattern->sequence_no - 1))
        return FREE_BAD_PLAN;
    struct work w = {
        .plan = plan,
        .s = &plan->structure,
        .order = &plan->structure.order[pattern->sequence_no - 1],
        .split = plan->tables.split[pattern->split_no - 1],
        .program = program,
    };
    int ix;
    program->nominal_ds = pattern->cycle_s * 10;
    program->offset_ds = pattern->offset_s * 10;
    program->sequence_ix = (uint8_t)(pattern->sequence_no - 1);
    program->maximum_mode = maximum_mode(plan, pattern);
    program->floating = plan->tables.coord.force_mode == FORCE_FLOATING;
    FOR_EACH_BIT(ix, plan->structure.phases)
        read_phase(&w, ix);
    find_clearances(&w);
    FOR_EACH_BIT(ix, w.phases)
        find_least(&w, ix);
    if (!program->nominal_ds)
        return sum(w.split_ds, w.phases) ? FREE_COORD : FREE_BAD_PLAN;
    enum free_reason reason = check(&w);
    if (reason != FREE_NOT)
        return reason;
    for (int c = 0; c < w.s->cluster_count; c++)
        if (governed(&w, c))
            give_to_coordinated(&w, c, program->nominal_ds - longest_path(&w, c, w.split_ds));
    correct(&w, correction_ds, kind);
    place_all(&w, sync_point(plan, pattern));
    program->early_ds = early_ds(plan, program);
    return FREE_NOT;
}
