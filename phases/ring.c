#include "engine_internal.h"

/* Enters a clearance interval with its duration of this moment; one of length 0 is passed over
 * by ring_step() in the same tick. */
void ring_begin_clearance(struct engine *e, int ring, enum ring_interval interval)
{
    struct ring_state *r = &e->ctl.ring[ring];
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    int phase_no = r->phase_ix + 1;
    switch (interval) {
    case INTERVAL_FLASHING_GREEN:
        r->left_ds = p->flashing_green_ds;
        break;
    case INTERVAL_YELLOW:
        if (r->interval != INTERVAL_REST) /* a phase may begin in yellow at start-up */
            emit(e, EVENT_GREEN_END, phase_no);
        emit(e, EVENT_YELLOW_START, phase_no);
        r->left_ds = preempt_clearance(e, ring, interval, p->yellow_ds);
        break;
    case INTERVAL_RED_CLEAR:
        r->left_ds = bit_set(e->ctl.control.ring_omit_red_clear_mask, ring) ? 0 : p->red_clear_ds;
        r->left_ds = preempt_clearance(e, ring, interval, r->left_ds);
        /* A pedestrian clearance that was let into the vehicle clearance is never cut, even if
         * that was shortened meanwhile. */
        if (r->ped == PED_CLEAR && r->ped_left_ds > r->left_ds)
            r->left_ds = r->ped_left_ds;
        if (r->left_ds)
            emit(e, EVENT_RED_CLEAR_START, phase_no);
        break;
    case INTERVAL_REST:
        emit(e, EVENT_PHASE_INACTIVE, phase_no);
        break;
    case INTERVAL_GREEN:
    case INTERVAL_BEFORE_GREEN:
        break;
    }
    r->length_ds = r->left_ds;
    r->interval = (uint8_t)interval;
}

static void begin_green(struct engine *e, struct tick *t, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    uint64_t phase = bit(r->phase_ix);
    r->interval = INTERVAL_GREEN;
    r->red_yellow = false;
    emit(e, EVENT_GREEN_START, r->phase_ix + 1);
    if ((e->ctl.vehicle_call | e->ctl.soft_call) & phase)
        emit(e, EVENT_CALL_OFF, r->phase_ix + 1);
    e->ctl.vehicle_call &= ~phase;
    e->ctl.soft_call &= ~phase;
    green_begin(e, t, ring);
}

/* The interval that has run out gives way to the next. */
static void interval_over(struct engine *e, struct tick *t, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_FLASHING_GREEN:
        ring_begin_clearance(e, ring, INTERVAL_YELLOW);
        break;
    case INTERVAL_YELLOW:
        emit(e, EVENT_YELLOW_END, r->phase_ix + 1);
        e->ctl.phase[r->phase_ix].yellow_end_ds = e->ctl.now_ds;
        ring_begin_clearance(e, ring, INTERVAL_RED_CLEAR);
        if (r->left_ds == 0)
            ring_begin_clearance(e, ring, INTERVAL_REST);
        break;
    case INTERVAL_RED_CLEAR:
        emit(e, EVENT_RED_CLEAR_END, r->phase_ix + 1);
        ring_begin_clearance(e, ring, INTERVAL_REST);
        break;
    case INTERVAL_BEFORE_GREEN:
        /* Nobody is shown a green that a preempt would end at once, unless it has been announced. */
        if (r->red_yellow || !e->directions.steering || (e->directions.target & bit(r->phase_ix)))
            begin_green(e, t, ring);
        break;
    case INTERVAL_REST:
    case INTERVAL_GREEN:
        break;
    }
}

bool ring_step(struct engine *e, struct tick *t, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval == INTERVAL_REST)
        return t->wanted || r->next_ix >= 0;
    int32_t dt_ds = unit_ring_stopped(e, ring) ? 0 : t->dt_ds;
    bool conflicting = call_conflicting(e, t, r->phase_ix);
    if (r->ped | r->walk_waits || (e->ctl.ped_call & bit(r->phase_ix)))
        ped_step(e, t, ring, dt_ds, conflicting);
    if (r->interval == INTERVAL_GREEN) {
        green_step(e, t, r, ring, dt_ds, conflicting);
    } else {
        r->left_ds -= dt_ds;
        if (r->left_ds <= 0) {
            interval_over(e, t, ring);
            t->moved = true;
        }
    }
    bool ending = r->gapped | r->maxed | r->forced | e->ctl.manual;
    return r->interval == INTERVAL_REST || (t->wanted && ending && ring_ready(e, ring));
}

/* The committed successor is on from now: with its green, or before it with pedestrians in the lead. */
void ring_start(struct engine *e, struct tick *t, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    r->phase_ix = r->next_ix;
    r->next_ix = -1;
    r->termination = TERMINATION_NONE;
    r->served_here = true;
    e->obs.served[e->plan->structure.cluster_of_ring[ring]] |= bit(r->phase_ix);
    r->skipped &= ~bit(r->phase_ix);
    uint64_t conflicts = e->plan->structure.conflicts[r->phase_ix];
    e->ctl.served_since_walk |= conflicts;
    t->serviceable &= ~bit(r->phase_ix);
    emit(e, EVENT_PHASE_ON, r->phase_ix + 1);
    int32_t lead_ds = ped_begin(e, ring), red_yellow_ds = e->plan->phase[r->phase_ix].red_yellow_ds;
    r->left_ds = lead_ds > red_yellow_ds ? lead_ds : red_yellow_ds;
    if (e->ctl.start_pending || r->red_yellow)
        r->left_ds = 0;
    r->interval = INTERVAL_BEFORE_GREEN;
    if (r->left_ds == 0)
        begin_green(e, t, ring);
    ped_step(e, t, ring, 0, call_conflicting(e, t, r->phase_ix));
}

/* A phase gives way before its green: nobody follows sooner than after a yellow. */
void ring_give_way(struct engine *e, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    r->walk_waits = false;
    r->interval = INTERVAL_RED_CLEAR;
    r->left_ds = p->yellow_ds + p->red_clear_ds;
    r->length_ds = 0;
    emit(e, EVENT_RED_CLEAR_START, r->phase_ix + 1);
}

/* Ends the green, towards `next_ix` or (-1) towards rest in red. */
void ring_end_green(struct engine *e, int ring, int next_ix)
{
    struct ring_state *r = &e->ctl.ring[ring];
    e->ctl.advance_rings &= (uint8_t) ~(1U << ring);
    green_ended(e, ring);
    r->next_ix = (int8_t)next_ix;
    if (next_ix >= 0)
        emit(e, EVENT_NEXT_DECIDED, next_ix + 1);
    bool flashes = e->plan->phase[r->phase_ix].flashing_green_ds > 0;
    ring_begin_clearance(e, ring, flashes ? INTERVAL_FLASHING_GREEN : INTERVAL_YELLOW);
}

/* HOLD keeps every green but that of a non-actuated phase whose walk hold is forced off. */
static bool held(const struct engine *e, const struct ring_state *r)
{
    uint64_t phase = bit(r->phase_ix);
    return (e->directions.hold & phase) && !(r->forced && (e->directions.non_actuated & phase));
}

/* The green has had its minimums and something would end it; whether it does end is the barrier's
 * decision. */
bool ring_ready(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval != INTERVAL_GREEN || !r->minimum_done)
        return false;
    bool ending = e->ctl.manual ? bit_set(e->ctl.advance_rings, ring) : r->gapped || r->maxed || r->forced;
    /* What turned green in this very tick is shown first. */
    return ending && r->green_ds > 0 && !unit_ring_stopped(e, ring) && !held(e, r) &&
           ped_lets_green_end(e, ring);
}
