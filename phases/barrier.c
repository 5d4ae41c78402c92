/* Which phase comes next. A ring may move on alone while its successor is compatible with what the
 * other rings show and have committed; otherwise all rings of its cluster must be ready and cross
 * the barrier in one tick (semantics of TS 2 3.5.5.3). The successor is chosen when the green ends
 * and stays committed; only an omit undoes it. */
#include "engine_internal.h"

#define FOR_EACH_RING(ring, cluster) FOR_EACH_BIT(ring, (uint64_t)(cluster)->ring_mask)

/* One cluster, looked at in one tick. */
struct crossing {
    struct engine *e;
    struct tick *t;
    const struct plan_structure *s;
    const struct plan_cluster *plan;
    struct cluster_state *state;
    int cluster_ix;
};

static struct ring_state *ring_of(const struct crossing *x, int ring)
{
    return &x->e->ctl.ring[ring];
}

static const struct plan_order *order_of(const struct crossing *x)
{
    return &x->s->order[x->state->sequence_ix];
}

static uint64_t side_phases(const struct crossing *x)
{
    return x->plan->side_phases[x->state->side];
}

static bool idle(const struct crossing *x, int ring)
{
    const struct ring_state *r = ring_of(x, ring);
    return r->interval == INTERVAL_REST && r->next_ix < 0 && !unit_ring_stopped(x->e, ring);
}

/* First phase of `mask` in the ring's order; -1 if there is none. */
static int first_in_order(const struct crossing *x, int ring, uint64_t mask)
{
    if (!(mask & x->s->ring_phases[ring]))
        return -1;
    const int8_t *phase = order_of(x)->ring_phase[ring];
    for (int i = 0; i < x->s->ring_length[ring]; i++)
        if (mask & bit(phase[i]))
            return phase[i];
    return -1;
}

/* What the other rings have settled on: greens that stay, and committed successors. */
static uint64_t settled_elsewhere(const struct crossing *x, int ring)
{
    uint64_t mask = 0;
    int other;
    FOR_EACH_RING(other, x->plan) {
        const struct ring_state *r = ring_of(x, other);
        if (other == ring)
            continue;
        if (r->interval == INTERVAL_GREEN || r->interval == INTERVAL_BEFORE_GREEN)
            mask |= bit(r->phase_ix);
        if (r->next_ix >= 0)
            mask |= bit(r->next_ix);
    }
    return mask;
}

/* Phases of `mask` that may be on together with all of `settled`. */
static uint64_t compatible(const struct crossing *x, uint64_t mask, uint64_t settled)
{
    int ix;
    FOR_EACH_BIT(ix, settled)
        mask &= ~x->s->conflicts[ix];
    return mask;
}

/* Called phases of this ring and side that still lie ahead in the sequence, or had to be skipped. */
static uint64_t ahead(const struct crossing *x, int ring)
{
    const struct ring_state *r = ring_of(x, ring);
    uint64_t mask = x->t->serviceable & side_phases(x) & x->s->ring_phases[ring];
    if (r->served_here)
        mask &= order_of(x)->later[r->phase_ix] | r->skipped;
    return mask;
}

/* And those behind: an idle ring may take its last phase again. */
static uint64_t behind(const struct crossing *x, int ring)
{
    const struct ring_state *r = ring_of(x, ring);
    uint64_t mask = x->t->serviceable & side_phases(x) & x->s->ring_phases[ring] & ~ahead(x, ring);
    if (r->interval == INTERVAL_GREEN || r->interval == INTERVAL_BEFORE_GREEN)
        mask &= ~bit(r->phase_ix);
    return mask;
}

/* Phases of `wanted` that the ring's order puts before `next_ix`. */
static uint64_t passed_over(const struct crossing *x, int ring, uint64_t wanted, int next_ix)
{
    const int8_t *phase = order_of(x)->ring_phase[ring];
    uint64_t mask = 0;
    for (int i = 0; i < x->s->ring_length[ring] && phase[i] != next_ix; i++)
        mask |= wanted & bit(phase[i]);
    return mask;
}

static bool called_across(const struct crossing *x)
{
    return x->t->serviceable & x->plan->phases & ~side_phases(x);
}

static void commit(const struct crossing *x, int ring, int next_ix)
{
    struct ring_state *r = ring_of(x, ring);
    if (r->interval == INTERVAL_GREEN) {
        ring_end_green(x->e, ring, next_ix);
        return;
    }
    r->next_ix = (int8_t)next_ix;
    if (next_ix >= 0)
        emit(x->e, EVENT_NEXT_DECIDED, next_ix + 1);
}

/* A ring that is ready, or idle, moves on alone: to the next called phase ahead of it on this
 * side, or, when nobody across is waiting, back to one behind. */
static bool move_alone(const struct crossing *x, int ring)
{
    uint64_t settled = settled_elsewhere(x, ring);
    int next_ix = first_in_order(x, ring, compatible(x, ahead(x, ring), settled));
    if (next_ix < 0 && !ahead(x, ring) && !called_across(x))
        next_ix = first_in_order(x, ring, compatible(x, behind(x, ring), settled));
    if (next_ix < 0)
        return false;
    ring_of(x, ring)->skipped |= passed_over(x, ring, ahead(x, ring), next_ix);
    commit(x, ring, next_ix);
    return true;
}

/* Partial concurrency: the phase ahead conflicts with greens of other rings on the same side. Once
 * all of those are ready too, they make way. */
static bool move_against(const struct crossing *x, int ring)
{
    uint64_t wanted = ahead(x, ring);
    if (!wanted && !called_across(x))
        wanted = behind(x, ring);
    int next_ix = first_in_order(x, ring, wanted), other;
    if (next_ix < 0)
        return false;
    uint64_t conflicts = x->s->conflicts[next_ix];
    unsigned yielding = 0;
    FOR_EACH_RING(other, x->plan) {
        const struct ring_state *r = ring_of(x, other);
        if (other == ring)
            continue;
        if (r->next_ix >= 0 && (conflicts & bit(r->next_ix)))
            return false;
        bool stays = r->interval == INTERVAL_GREEN || r->interval == INTERVAL_BEFORE_GREEN;
        if (!stays || !(conflicts & bit(r->phase_ix)))
            continue;
        if (!ring_ready(x->e, other))
            return false;
        yielding |= 1U << other;
    }
    FOR_EACH_BIT(other, (uint64_t)yielding)
        commit(x, other, -1);
    commit(x, ring, next_ix);
    return true;
}

/* ---- crossing ---- */

static int target_side(const struct crossing *x)
{
    const uint8_t *next = order_of(x)->next_side[x->cluster_ix];
    int side = x->state->side;
    for (int i = 1; i < x->plan->side_count; i++) {
        side = next[side];
        if (x->t->serviceable & x->plan->side_phases[side])
            return side;
    }
    return -1;
}

/* A ring that has nothing to wait for but the others. */
static bool open(const struct crossing *x, int ring)
{
    return idle(x, ring) || ring_ready(x->e, ring);
}

/* Every ring has finished with this side. */
static bool all_done(const struct crossing *x)
{
    int ring;
    FOR_EACH_RING(ring, x->plan) {
        if (!open(x, ring) || ahead(x, ring))
            return false;
    }
    return true;
}

/* Chooses the first phase of each ring on the side entered: called ones first, ring by ring, then
 * dual entry for rings without a call. */
static void choose(const struct crossing *x, int8_t chosen[RINGS_MAX], uint64_t called, uint64_t dual)
{
    uint64_t settled = 0;
    int ring;
    FOR_EACH_RING(ring, x->plan) {
        if (chosen[ring] >= 0)
            settled |= bit(chosen[ring]);
    }
    uint64_t pass[] = {called, dual};
    for (int i = 0; i < 2; i++)
        FOR_EACH_RING(ring, x->plan) {
            if (chosen[ring] >= 0)
                continue;
            int ix = first_in_order(x, ring, compatible(x, pass[i] & side_phases(x), settled));
            if (ix < 0)
                continue;
            chosen[ring] = (int8_t)ix;
            settled |= bit(ix);
        }
}

static uint64_t dual_entry(const struct crossing *x)
{
    return x->e->plan->dual_entry & ~(x->e->directions.omit | x->e->directions.closed);
}

/* Phases of the side that is left, and of those passed over on the way to `side`, that were not on. */
static void log_skipped(const struct crossing *x, int side)
{
    const uint8_t *next = order_of(x)->next_side[x->cluster_ix];
    uint64_t skipped = side_phases(x) & ~x->e->obs.served[x->cluster_ix];
    int ix;
    for (int passed = next[x->state->side]; passed != side; passed = next[passed])
        skipped |= x->plan->side_phases[passed];
    FOR_EACH_BIT(ix, skipped)
        emit(x->e, EVENT_PHASE_SKIPPED, ix + 1);
}

static void enter(const struct crossing *x, int side)
{
    x->state->side = (uint8_t)side;
    x->e->obs.served[x->cluster_ix] = 0;
    coord_side_changed(x->e);
}

static void cross(const struct crossing *x, int side)
{
    int8_t chosen[RINGS_MAX] = {-1, -1, -1, -1, -1, -1, -1, -1};
    int ring;
    log_skipped(x, side);
    enter(x, side);
    x->state->crossing = true;
    choose(x, chosen, x->t->serviceable, dual_entry(x));
    FOR_EACH_RING(ring, x->plan) {
        struct ring_state *r = ring_of(x, ring);
        commit(x, ring, chosen[ring]);
        r->served_here = false;
        r->conditional_used = false;
        r->skipped = 0;
        if (chosen[ring] >= 0)
            r->skipped = passed_over(x, ring, x->t->serviceable & side_phases(x), chosen[ring]);
    }
}

static bool may_start(const struct crossing *x, int ring)
{
    const struct ring_state *r = ring_of(x, ring);
    bool stopped = unit_ring_stopped(x->e, ring) && !x->e->ctl.start_pending;
    if (r->interval != INTERVAL_REST || r->next_ix < 0 || stopped)
        return false;
    const struct plan_phase *p = &x->e->plan->phase[r->next_ix];
    if (overlap_blocks(x->e, r->next_ix) || !red_yellow_lets_start(x->e, ring))
        return false;
    if (x->e->ctl.now_ds - x->e->ctl.phase[r->next_ix].yellow_end_ds < p->red_revert_ds)
        return false;
    int other;
    FOR_EACH_RING(other, x->plan) {
        const struct ring_state *o = ring_of(x, other);
        uint64_t shown = o->interval == INTERVAL_REST ? 0 : bit(o->phase_ix);
        if (o->red_yellow && o->next_ix >= 0)
            shown |= bit(o->next_ix);
        if (other != ring && (x->s->conflicts[r->next_ix] & shown))
            return false;
    }
    return true;
}

/* All rings enter the side in the same tick, when the slowest has cleared. A ring that had no
 * successor when its green ended gets one now, if it is called. */
static void enter_side(const struct crossing *x)
{
    int8_t chosen[RINGS_MAX];
    int ring;
    FOR_EACH_RING(ring, x->plan) {
        const struct ring_state *r = ring_of(x, ring);
        if (r->interval != INTERVAL_REST || (r->next_ix >= 0 && !may_start(x, ring)))
            return;
        chosen[ring] = r->next_ix;
    }
    if (!x->e->ctl.start_pending)
        choose(x, chosen, x->t->serviceable, 0);
    x->state->crossing = false;
    emit(x->e, EVENT_BARRIER, x->state->side + 1);
    if (x->state->side == order_of(x)->first_side[x->cluster_ix])
        x->e->obs.cycles++;
    FOR_EACH_RING(ring, x->plan) {
        if (chosen[ring] < 0)
            continue;
        ring_of(x, ring)->next_ix = chosen[ring];
        if (may_start(x, ring))
            ring_start(x->e, x->t, ring);
    }
}

/* An omit is the one reason to undo a committed successor, before it has shown red-yellow. */
static void drop_omitted(const struct crossing *x)
{
    uint64_t left = 0;
    int ring;
    FOR_EACH_RING(ring, x->plan) {
        struct ring_state *r = ring_of(x, ring);
        if (r->next_ix >= 0 && !r->red_yellow && (x->e->directions.omit & bit(r->next_ix)))
            r->next_ix = -1;
        if (r->next_ix >= 0)
            left |= bit(r->next_ix);
    }
    if (!left)
        x->state->crossing = false;
}

/* ---- leaving the beaten track ---- */

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* The smallest time until a green of another ring that is not ready runs into its maximum, or into the
 * planned end it has in coordination. */
static int32_t time_to_maximum(const struct crossing *x, int ring)
{
    int32_t least_ds = INT32_MAX;
    int other;
    FOR_EACH_RING(other, x->plan) {
        const struct ring_state *r = ring_of(x, other);
        if (other == ring || r->interval != INTERVAL_GREEN || ring_ready(x->e, other))
            continue;
        int32_t left_ds = coord_time_to_force_ds(x->e, other), max_left_ds = INT32_MAX;
        if (r->max_running && !bit_set(x->e->directions.max_inhibit_rings, other))
            max_left_ds = green_maximum(x->e, other) - r->max_ds;
        left_ds = smaller(left_ds, max_left_ds);
        least_ds = smaller(least_ds, left_ds == INT32_MAX ? 0 : left_ds);
    }
    return least_ds == INT32_MAX ? 0 : least_ds;
}

/* Conditional service (phaseOptions bit 14): while the other ring still runs, a ring that waits at
 * the barrier goes back to a called phase before it, once per side, if there is time for it. */
static bool serve_conditionally(const struct crossing *x, int ring)
{
    struct ring_state *r = ring_of(x, ring);
    if (!ring_ready(x->e, ring) || r->conditional_used || x->e->plan->backup_prevent ||
        !(x->e->plan->conditional_service & bit(r->phase_ix)) || ahead(x, ring) || !called_across(x))
        return false;
    uint64_t vehicles = x->e->ctl.vehicle_call & behind(x, ring);
    int next_ix = first_in_order(x, ring, compatible(x, vehicles, settled_elsewhere(x, ring)));
    if (next_ix < 0)
        return false;
    const struct plan_phase *p = &x->e->plan->phase[r->phase_ix];
    int32_t needed_ds =
        p->flashing_green_ds + p->yellow_ds + p->red_clear_ds + x->e->plan->phase[next_ix].minimum_ds;
    if (time_to_maximum(x, ring) < needed_ds)
        return false;
    r->conditional_used = true;
    commit(x, ring, next_ix);
    return true;
}

/* Red rest: a ring that nobody calls dwells in red instead of green. */
static bool rest_in_red(const struct crossing *x, int ring)
{
    if (!bit_set(x->e->directions.red_rest_rings, ring) || !ring_ready(x->e, ring) || called_across(x) ||
        (x->t->serviceable & x->s->ring_phases[ring]))
        return false;
    commit(x, ring, -1);
    return true;
}

/* The walk of a phase that could be on beside this green waits for the arrow that goes by it, and the arrow
 * ends with its green only: the ring goes over red, and comes back without the arrow. */
static bool end_arrow(const struct crossing *x, int ring)
{
    const struct ring_state *r = ring_of(x, ring);
    if (!ring_ready(x->e, ring) || !(x->t->asked_to_end & bit(r->phase_ix)))
        return false;
    commit(x, ring, -1);
    return true;
}

/* A structural plan or flash waits for all red: nothing new begins, and the greens end together when all are
 * ready, as at a barrier, lest a green be seen to end while the one it opposes goes on. */
static void drain(const struct crossing *x)
{
    int ring;
    bool ready = true;
    x->state->crossing = false;
    FOR_EACH_RING(ring, x->plan) {
        struct ring_state *r = ring_of(x, ring);
        if (!r->red_yellow)
            r->next_ix = -1;
        ready = ready && !r->red_yellow && r->interval != INTERVAL_BEFORE_GREEN &&
                (r->interval != INTERVAL_GREEN || ring_ready(x->e, ring));
    }
    if (!ready)
        return;
    FOR_EACH_RING(ring, x->plan) {
        if (ring_of(x, ring)->interval == INTERVAL_GREEN)
            commit(x, ring, -1);
    }
}

/* ---- led from outside ---- */

/* A preempt or the way into flash leads the rings to a set of phases: greens outside it end as soon as
 * their minimums allow, whatever stands behind a barrier, and committed successors outside it are
 * dropped. */
static void steer(const struct crossing *x)
{
    uint64_t target = x->e->directions.target & x->plan->phases;
    int ring;
    x->state->crossing = false;
    if (target && x->state->side != x->s->side_of[__builtin_ctzll(target)])
        enter(x, x->s->side_of[__builtin_ctzll(target)]);
    FOR_EACH_RING(ring, x->plan) {
        struct ring_state *r = ring_of(x, ring);
        bool green = r->interval == INTERVAL_GREEN, unlit = r->interval == INTERVAL_BEFORE_GREEN;
        if (r->red_yellow)
            continue;
        if ((green || unlit) && (target & bit(r->phase_ix))) {
            r->served_here = true;
            continue;
        }
        if (unlit && r->ped != PED_DONT_WALK)
            continue;
        if (unlit)
            ring_give_way(x->e, ring);
        int next_ix = first_in_order(x, ring, target);
        if (green ? preempt_lets_end(x->e, ring) : r->next_ix != next_ix) {
            r->next_ix = -1;
            r->served_here = r->conditional_used = false;
            r->skipped = 0;
            commit(x, ring, next_ix);
        }
    }
}

/* Rings that do not time an interval which nothing but time can end. */
static unsigned awake_rings(const struct crossing *x)
{
    unsigned mask = 0;
    int ring;
    FOR_EACH_RING(ring, x->plan) {
        if (ring_of(x, ring)->interval == INTERVAL_REST || ring_ready(x->e, ring))
            mask |= 1U << ring;
    }
    return mask;
}

static void decide(const struct crossing *x, unsigned awake)
{
    bool waiting = x->t->serviceable & x->plan->phases;
    int ring;
    if (!waiting && !x->t->wanted)
        return;
    FOR_EACH_BIT(ring, (uint64_t)awake) {
        if (!open(x, ring))
            continue;
        if (waiting && (move_alone(x, ring) || move_against(x, ring) || serve_conditionally(x, ring)))
            continue;
        if (!end_arrow(x, ring))
            rest_in_red(x, ring);
    }
    if (!waiting || awake != x->plan->ring_mask)
        return;
    int side = target_side(x);
    if (side >= 0 && all_done(x))
        cross(x, side);
}

void barrier_step(struct engine *e, struct tick *t, int cluster)
{
    const struct plan_structure *s = &e->plan->structure;
    struct crossing x = {e, t, s, &s->cluster[cluster], &e->ctl.cluster[cluster], cluster};
    bool steering = e->directions.steering && !e->ctl.start_pending;
    int ring;
    t->moved = true;
    if (e->ctl.red_yellow)
        red_yellow_count(e, t, x.plan);
    /* An order only says who comes next: another one may be followed at any time but on the way over a
     * barrier, whose far side is chosen already. */
    if (!x.state->crossing)
        x.state->sequence_ix = e->directions.sequence_ix;
    if (e->directions.omit)
        drop_omitted(&x);
    if (e->directions.draining)
        drain(&x);
    else if (steering)
        steer(&x);
    unsigned awake = awake_rings(&x);
    if (awake && !e->directions.draining && !steering && !x.state->crossing)
        decide(&x, awake);
    if (!awake)
        return;
    if (x.state->crossing) {
        enter_side(&x);
        return;
    }
    FOR_EACH_BIT(ring, (uint64_t)awake) {
        if (may_start(&x, ring))
            ring_start(e, t, ring);
    }
}
