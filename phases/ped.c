#include "engine_internal.h"

/* Called to non-actuated operation: served in every cycle, walk held by HOLD (TS 2 3.5.5.5.8). */
bool ped_non_actuated(const struct engine *e, int phase_ix)
{
    if (!((e->plan->non_actuated1 | e->plan->non_actuated2) & bit(phase_ix)))
        return false;
    int called = e->ctl.control.unit;
    bool first = (called & UNIT_CALL_NON_ACTUATED_1) || (e->ctl.unit_inputs & INPUT_NON_ACTUATED_1);
    bool second = (called & UNIT_CALL_NON_ACTUATED_2) || (e->ctl.unit_inputs & INPUT_NON_ACTUATED_2);
    return (first && (e->plan->non_actuated1 & bit(phase_ix))) ||
           (second && (e->plan->non_actuated2 & bit(phase_ix)));
}

static void set_interval(struct engine *e, struct ring_state *r, enum ped_interval interval)
{
    static const int code[] = {
        [PED_DONT_WALK] = EVENT_DONT_WALK,
        [PED_WALK] = EVENT_WALK,
        [PED_CLEAR] = EVENT_PED_CLEAR,
    };
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    r->ped = (uint8_t)interval;
    r->ped_left_ds = 0;
    if (interval == PED_WALK)
        r->ped_left_ds = p->walk_ds;
    else if (interval == PED_CLEAR)
        r->ped_left_ds = preempt_ped_clearance(e, r->phase_ix, p->ped_clear_ds);
    r->ped_length_ds = r->ped_left_ds;
    r->dont_walk_ds = 0;
    emit(e, code[interval], r->phase_ix + 1);
}

static void start_walk(struct engine *e, struct ring_state *r)
{
    uint64_t phase = bit(r->phase_ix);
    e->ctl.ped_locked &= ~phase;
    e->ctl.ped_call &= ~phase;
    e->ctl.served_since_walk &= ~phase;
    set_interval(e, r, PED_WALK);
}

void ped_begin(struct engine *e, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    uint64_t phase = bit(r->phase_ix);
    bool called =
        (e->ctl.ped_call & phase) || ped_non_actuated(e, r->phase_ix) || (e->ctl.walk_start & phase);
    r->ped = PED_DONT_WALK;
    r->dont_walk_ds = ENGINE_AGE_MAX_DS;
    if (called && (e->plan->pedestrians & phase) &&
        !((e->directions.ped_omit | e->directions.ped_closed) & phase) && !(e->ctl.no_walk_start & phase))
        start_walk(e, r);
    e->ctl.no_walk_start &= ~phase;
    e->ctl.walk_start &= ~phase;
}

/* A walk that has timed out rests: actuated phases by their option, non-actuated ones while HOLD
 * stands, or by the walk rest modifier. */
static bool walk_rests(const struct engine *e, const struct ring_state *r, bool conflicting)
{
    uint64_t phase = bit(r->phase_ix);
    if (e->directions.walk_ends & phase)
        return false;
    if (ped_non_actuated(e, r->phase_ix)) {
        bool modifier = (e->ctl.control.unit & UNIT_WALK_REST) || (e->ctl.unit_inputs & INPUT_WALK_REST);
        return (e->directions.hold & phase) || (modifier && !conflicting);
    }
    return (e->plan->rest_in_walk & phase) && !conflicting;
}

/* A call that comes in green is served at once only where recycling is allowed and nobody who
 * conflicts is waiting; otherwise it stays for the next green. phasePedWalkService above 1 allows it;
 * its count bounds a coordinated cycle, and a green at rest has none. */
static bool may_recycle(const struct engine *e, const struct ring_state *r, int ring, bool conflicting)
{
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    uint64_t phase = bit(r->phase_ix);
    bool allowed = p->ped_services > 1 || bit_set(e->ctl.control.ring_ped_recycle_mask, ring) ||
                   (e->directions.ped_recycle & phase);
    return allowed && !conflicting && !((e->directions.ped_omit | e->directions.ped_closed) & phase) &&
           r->dont_walk_ds >= p->dont_walk_revert_ds;
}

static void green_ped_step(struct engine *e, int ring, int32_t dt_ds, bool conflicting)
{
    struct ring_state *r = &e->ctl.ring[ring];
    bool manual = e->ctl.manual, advance = manual && bit_set(e->ctl.advance_rings, ring);
    r->ped_left_ds = r->ped_left_ds > dt_ds ? r->ped_left_ds - dt_ds : 0;
    switch ((enum ped_interval)r->ped) {
    case PED_WALK:
        if (manual ? advance : r->ped_left_ds == 0 && !walk_rests(e, r, conflicting)) {
            e->ctl.advance_rings &= (uint8_t) ~(1U << ring);
            set_interval(e, r, PED_CLEAR);
            if (r->ped_left_ds == 0)
                set_interval(e, r, PED_DONT_WALK);
        }
        break;
    case PED_CLEAR:
        if (manual && !e->plan->auto_ped_clear ? advance : r->ped_left_ds == 0) {
            if (advance && !e->plan->auto_ped_clear)
                e->ctl.advance_rings &= (uint8_t) ~(1U << ring);
            set_interval(e, r, PED_DONT_WALK);
        }
        break;
    case PED_DONT_WALK:
        r->dont_walk_ds = age(r->dont_walk_ds, dt_ds);
        if ((e->ctl.ped_call & bit(r->phase_ix)) && may_recycle(e, r, ring, conflicting))
            start_walk(e, r);
        break;
    }
}

void ped_step(struct engine *e, int ring, int32_t dt_ds, bool conflicting)
{
    struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval == INTERVAL_GREEN) {
        green_ped_step(e, ring, dt_ds, conflicting);
    } else if (r->ped == PED_CLEAR) {
        /* the part of the clearance that may run after the green */
        r->ped_left_ds = r->ped_left_ds > dt_ds ? r->ped_left_ds - dt_ds : 0;
        if (r->ped_left_ds == 0)
            set_interval(e, r, PED_DONT_WALK);
    }
}

bool ped_lets_green_end(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->ped == PED_CLEAR)
        return r->ped_left_ds <= e->plan->phase[r->phase_ix].ped_into_clearance_ds;
    return r->ped == PED_DONT_WALK;
}
