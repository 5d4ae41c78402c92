#include "engine_internal.h"
#include <string.h>

/* Maximum recall and a failed detector of the phase leave the dynamic maximum alone. */
static bool is_dynamic(const struct engine *e, int ix)
{
    return e->plan->phase[ix].dynamic_limit_ds &&
           !((e->directions.max_recall | e->ctl.failed_phases) & bit(ix));
}

/* The maximum in force: the remote selection wins over the running dynamic maximum. Which of them it is
 * is looked at anew in every tick, how long they are was settled when the green began. */
static enum maximum_kind maximum_kind(const struct engine *e, int ring, int ix)
{
    const struct directions *d = &e->directions;
    if (bit_set(d->max2_rings | d->max3_rings, ring))
        return bit_set(d->max3_rings, ring) ? KIND_MAXIMUM_3 : KIND_MAXIMUM_2;
    return is_dynamic(e, ix) ? KIND_DYNAMIC : KIND_MAXIMUM_1;
}

int32_t green_maximum(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    return r->maximum_ds[maximum_kind(e, ring, r->phase_ix)];
}

static int32_t largest(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smallest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Bicycles move off slowly; a transition may have a minimum of its own, which is never shorter. */
static int32_t minimum_ds(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    int32_t minimum = p->minimum_ds;
    bool transition = e->ctl.coord.stage == COORD_RUNNING && e->ctl.coord.correction != COORD_IN_STEP;
    if (e->ctl.bicycle & bit(ix))
        minimum = largest(minimum, p->bicycle_minimum_ds);
    return transition ? largest(minimum, p->alternate_minimum_ds) : minimum;
}

/* Variable initial: as many seconds as the vehicles counted in yellow and red need to move off. */
static int32_t variable_initial_ds(struct engine *e, int ix)
{
    int32_t counted = detector_added_initial(e, ix), most = e->plan->phase[ix].maximum_initial_ds;
    return most ? smallest(counted, most) : counted;
}

/* It starts at maximum 1, and may come from other times than those of now. */
static int32_t running_maximum_ds(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    if (!e->ctl.phase[ix].streak)
        return p->maximum_ds[0];
    int32_t low = smallest(p->maximum_ds[0], p->dynamic_limit_ds);
    int32_t high = largest(p->maximum_ds[0], p->dynamic_limit_ds);
    return smallest(largest(e->ctl.phase[ix].dynamic_max_ds, low), high);
}

/* One green, looked at in one tick. */
struct green {
    struct engine *e;
    const struct tick *t;
    struct ring_state *r;
    const struct plan_phase *p;
    uint64_t phase;
    int ring, phase_no;
    int32_t dt_ds;
    bool conflicting; /* a serviceable conflicting call stands */
    bool max_recall;
};

void green_begin(struct engine *e, struct tick *t, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    int ix = r->phase_ix;
    int32_t split_ds = coord_maximum(e, ix);
    for (int kind = KIND_MAXIMUM_1; kind <= KIND_MAXIMUM_3; kind++)
        r->maximum_ds[kind] = split_ds ? split_ds : e->plan->phase[ix].maximum_ds[kind];
    r->maximum_ds[KIND_DYNAMIC] = split_ds ? split_ds : running_maximum_ds(e, ix);
    r->minimum_left_ds = minimum_ds(e, ix);
    r->initial_left_ds = largest(variable_initial_ds(e, ix), r->minimum_left_ds);
    r->green_ds = r->gap_ds = r->max_ds = r->reduction_ds = 0;
    r->guaranteed_left_ds = 0;
    r->reduction = REDUCTION_OFF;
    r->occupied = e->actuation.passage & bit(ix);
    r->max_running = r->gap_latched = r->guaranteed = false;
    r->gapped = r->maxed = r->forced = false;
    r->minimum_timed = r->minimum_done = false;
    e->ctl.phase[ix].waiting = 0;
    e->ctl.locked &= ~bit(ix);
    e->ctl.bicycle &= ~bit(ix);
    green_step(e, t, r, ring, 0, call_conflicting(e, t, ix));
}

/* Whether so many cars wait on phases that can be served that the reduction begins early. */
static bool cars_wait(const struct green *g)
{
    int waiting = 0, other;
    if (!g->p->cars_before_reduction)
        return false;
    FOR_EACH_BIT(other, g->e->plan->structure.conflicts[g->phase_no - 1] & g->t->serviceable)
        waiting += g->e->ctl.phase[other].waiting;
    return waiting >= g->p->cars_before_reduction;
}

/* Gap reduction runs only while a serviceable conflicting call stands. */
static void reduction_step(const struct green *g)
{
    struct ring_state *r = g->r;
    if (!g->conflicting || !g->p->to_reduce_ds) {
        r->reduction = REDUCTION_OFF;
        return;
    }
    r->reduction_ds = r->reduction == REDUCTION_OFF ? 0 : age(r->reduction_ds, g->dt_ds);
    if (r->reduction < REDUCTION_RUNNING) {
        r->reduction = REDUCTION_BEFORE;
        bool cars = cars_wait(g);
        if (!cars && r->reduction_ds < g->p->before_reduction_ds)
            return;
        r->reduction_ds = cars ? 0 : r->reduction_ds - g->p->before_reduction_ds;
        r->reduction = REDUCTION_RUNNING;
        emit(g->e, EVENT_REDUCTION_START, g->phase_no);
    }
    if (r->reduction == REDUCTION_RUNNING && r->reduction_ds >= g->p->to_reduce_ds) {
        r->reduction = REDUCTION_DONE;
        emit(g->e, EVENT_MINIMUM_GAP, g->phase_no);
    }
}

/* Whether the time since the last vehicle left has reached the gap allowed now. Compared as
 * fractions of the time to reduce, so that tenths are never rounded. */
static bool gap_reached(const struct plan_phase *p, const struct ring_state *r)
{
    if (r->reduction < REDUCTION_RUNNING || p->minimum_gap_ds >= p->passage_ds)
        return r->gap_ds >= p->passage_ds;
    if (r->reduction == REDUCTION_DONE)
        return r->gap_ds >= p->minimum_gap_ds;
    int32_t span_ds = p->passage_ds - p->minimum_gap_ds;
    if (p->reduce_by_ds) {
        int32_t steps = (span_ds + p->reduce_by_ds - 1) / p->reduce_by_ds;
        int32_t taken = r->reduction_ds * steps / p->to_reduce_ds;
        return r->gap_ds >= largest(p->passage_ds - taken * p->reduce_by_ds, p->minimum_gap_ds);
    }
    int64_t allowed = (int64_t)p->passage_ds * p->to_reduce_ds - (int64_t)span_ds * r->reduction_ds;
    return (int64_t)r->gap_ds * p->to_reduce_ds >= allowed;
}

/* Guaranteed passage (phaseOptions bit 12): a green about to end by a reduced gap keeps the right
 * of way for the rest of the full passage of the last actuation. Later ones do not extend it; while it
 * waits at a barrier after that, they do, as in every other green. */
static bool guaranteed_gap(const struct green *g, bool gapped)
{
    struct ring_state *r = g->r;
    if (!g->conflicting || (r->guaranteed && r->guaranteed_left_ds == 0 && r->occupied)) {
        r->guaranteed = false;
        return gapped;
    }
    if (r->guaranteed)
        r->guaranteed_left_ds = largest(r->guaranteed_left_ds - g->dt_ds, 0);
    else if (gapped && r->minimum_done && r->reduction >= REDUCTION_RUNNING)
        r->guaranteed_left_ds = largest(g->p->passage_ds - r->gap_ds, 0);
    else
        return gapped;
    r->guaranteed = true;
    return r->guaranteed_left_ds == 0;
}

static void passage_step(const struct green *g)
{
    struct ring_state *r = g->r;
    const struct plan *plan = g->e->plan;
    bool occupied = g->e->actuation.passage & g->phase;
    bool non_actuated = g->e->directions.non_actuated & g->phase;
    r->gap_ds = occupied || r->occupied ? 0 : age(r->gap_ds, g->dt_ds);
    r->occupied = occupied;
    reduction_step(g);
    bool gapped = !occupied && !(g->t->queue & g->phase) && gap_reached(g->p, r);
    if (plan->guaranteed_passage & g->phase)
        gapped = guaranteed_gap(g, gapped);
    bool decides = g->conflicting && r->minimum_done;
    if (decides && gapped && (plan->simultaneous_gap_disable & g->phase))
        r->gap_latched = true;
    if (!g->conflicting)
        r->gap_latched = false;
    gapped = (gapped || r->gap_latched) && !g->max_recall;
    if (decides && gapped && !r->gapped)
        emit(g->e, EVENT_EXTENSION_GAP, g->phase_no);
    r->gapped = gapped || (non_actuated && !g->max_recall);
}

/* The maximum in force is another one than the phase's last. There is no event for maximum 3. */
static void maximum_changed(const struct green *g, enum maximum_kind kind)
{
    static const int code[] = {
        [KIND_MAXIMUM_1] = EVENT_MAXIMUM_1,
        [KIND_MAXIMUM_2] = EVENT_MAXIMUM_2,
        [KIND_MAXIMUM_3] = -1,
        [KIND_DYNAMIC] = EVENT_MAXIMUM_DYNAMIC,
    };
    g->e->obs.maximum_kind[g->phase_no - 1] = (uint8_t)kind;
    if (code[kind] >= 0)
        emit(g->e, code[kind], g->phase_no);
}

/* The maximum runs from the first tick in which a serviceable conflicting call stands, or, under
 * max recall, from the start of green. */
static void maximum_step(const struct green *g)
{
    struct ring_state *r = g->r;
    if (!g->conflicting && !g->max_recall) {
        r->max_running = r->maxed = false;
        return;
    }
    r->max_ds = r->max_running ? age(r->max_ds, g->dt_ds) : 0;
    if (!r->max_running)
        emit(g->e, EVENT_MAX_TIMER_START, g->phase_no);
    r->max_running = true;
    enum maximum_kind kind = maximum_kind(g->e, g->ring, g->phase_no - 1);
    if (kind != g->e->obs.maximum_kind[g->phase_no - 1])
        maximum_changed(g, kind);
    r->maxed = r->max_ds >= r->maximum_ds[kind] && !bit_set(g->e->directions.max_inhibit_rings, g->ring);
}

static void initial_step(const struct green *g)
{
    struct ring_state *r = g->r;
    bool added = r->minimum_timed; /* by vehicles that waited */
    r->minimum_left_ds = largest(r->minimum_left_ds - g->dt_ds, 0);
    r->initial_left_ds = largest(r->initial_left_ds - g->dt_ds, 0);
    if (r->minimum_left_ds == 0 && !r->minimum_timed) {
        r->minimum_timed = true;
        emit(g->e, EVENT_MIN_COMPLETE, g->phase_no);
    }
    if (r->initial_left_ds > 0)
        return;
    r->minimum_done = true;
    if (added)
        emit(g->e, EVENT_ADDED_INITIAL_COMPLETE, g->phase_no);
}

void green_step(struct engine *e, const struct tick *t, struct ring_state *r, int ring, int32_t dt_ds,
                bool conflicting)
{
    uint64_t phase = bit(r->phase_ix);
    struct green g = {.e = e,
                      .t = t,
                      .r = r,
                      .p = &e->plan->phase[r->phase_ix],
                      .phase = phase,
                      .ring = ring,
                      .phase_no = r->phase_ix + 1,
                      .dt_ds = dt_ds,
                      .conflicting = conflicting,
                      .max_recall = e->directions.max_recall & phase};
    r->green_ds = age(r->green_ds, dt_ds);
    if (!r->minimum_done)
        initial_step(&g);
    passage_step(&g);
    maximum_step(&g);
    r->forced = e->directions.force_off & phase;
}

/* Dynamic maximum (1202 v03 5.2.2.18): two outcomes of a kind move the running maximum by a step
 * between maximum 1 and the limit, each further one of that kind again; another kind starts the
 * count anew. A step that would leave the range is not taken. */
static void dynamic_maximum(struct engine *e, int ix, bool max_out)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    struct phase_state *s = &e->ctl.phase[ix];
    if (!is_dynamic(e, ix))
        return;
    int32_t running_ds = running_maximum_ds(e, ix);
    int32_t wanted_ds = running_ds + (max_out ? p->dynamic_step_ds : -p->dynamic_step_ds);
    bool again = max_out ? s->streak > 0 : s->streak < 0;
    bool within = wanted_ds >= smallest(p->maximum_ds[0], p->dynamic_limit_ds) &&
                  wanted_ds <= largest(p->maximum_ds[0], p->dynamic_limit_ds);
    s->streak = max_out ? 1 : -1;
    s->dynamic_max_ds = again && within ? wanted_ds : running_ds;
    if (s->dynamic_max_ds != running_ds)
        emit(e, max_out ? EVENT_MAXIMUM_UP : EVENT_MAXIMUM_DOWN, ix + 1);
}

/* Why the green ended, and what it leaves behind. */
void green_ended(struct engine *e, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    int ix = r->phase_ix;
    static const int code[] = {
        [TERMINATION_GAP] = EVENT_GAP_OUT,
        [TERMINATION_MAX] = EVENT_MAX_OUT,
        [TERMINATION_FORCE_OFF] = EVENT_FORCE_OFF,
        [TERMINATION_PREEMPT] = EVENT_PREEMPT_FORCE_OFF,
    };
    bool yielded = r->forced && (e->directions.coordinated & bit(ix));
    bool gapped = r->gapped && !(e->directions.non_actuated & bit(ix));
    r->termination = preempt_ends_green(e, ring) ? TERMINATION_PREEMPT
                     : yielded                   ? TERMINATION_FORCE_OFF
                     : gapped                    ? TERMINATION_GAP
                     : r->forced                 ? TERMINATION_FORCE_OFF
                     : r->maxed                  ? TERMINATION_MAX
                                : TERMINATION_NONE; /* advanced by hand, or released from a hold */
    if (r->termination != TERMINATION_NONE)
        emit(e, code[r->termination], ix + 1);
    if (r->termination == TERMINATION_PREEMPT)
        emit(e, EVENT_PREEMPT_FORCES_OFF, e->ctl.preempt.active_ix + 1);
    if (r->termination == TERMINATION_GAP || r->termination == TERMINATION_MAX)
        dynamic_maximum(e, ix, r->termination == TERMINATION_MAX);
    bool caught =
        r->occupied || (e->actuation.passage & bit(ix)) || r->gap_ds < e->plan->phase[ix].passage_ds;
    bool cut = r->termination >= TERMINATION_MAX;
    if (e->plan->last_car_recall && cut && caught && !(e->plan->non_locking & bit(ix)))
        e->ctl.locked |= bit(ix);
    e->ctl.control.force_off_mask &= ~bit(ix);
}
