#include "engine_internal.h"

/* Pedestrian buttons that are down now, as phases. */
static uint64_t pressed_phases(const struct engine *e, uint64_t buttons)
{
    uint64_t phases = 0;
    int ix;
    FOR_EACH_BIT(ix, buttons)
        phases |= bit(e->plan->ped_detector_phase[ix]);
    return phases;
}

static void log_changes(struct engine *e, uint64_t vehicle, uint64_t ped)
{
    int ix;
    emit_changes(e, e->ctl.vehicle_call | e->ctl.soft_call, vehicle | e->ctl.soft_call, EVENT_CALL_ON,
                 EVENT_CALL_OFF);
    FOR_EACH_BIT(ix, ped & ~e->ctl.ped_call)
        emit(e, EVENT_PED_CALL, ix + 1);
}

/* Locking memory: by presence in yellow and red, phaseOptions bit 5 and the detector's own lock
 * options (1202 v03 5.2.2.21, 5.3.2.2). The phase masks are those of the last tick, so the tick
 * in which a green ends does not lock, and the one in which it starts still does. */
static uint64_t vehicle_calls(struct engine *e, const struct tick *t)
{
    const struct plan *plan = e->plan;
    struct engine_ctl *c = &e->ctl;
    const struct actuation *asked = &e->actuation;
    uint64_t phases = plan->structure.phases;
    uint64_t lock = (asked->call & ~plan->non_locking) | asked->yellow_lock | (asked->red_lock & ~c->yellow);
    c->locked |= lock & ~c->green & phases;
    c->bicycle |= asked->bicycle & ~c->green;
    uint64_t calls = asked->call | c->locked | e->directions.min_recall | e->directions.max_recall |
                     c->control.vehicle_call_mask;
    bool external = (c->control.unit & UNIT_EXTERNAL_MIN_RECALL) || (t->in->unit & INPUT_EXTERNAL_MIN_RECALL);
    if (external || c->manual)
        calls = phases;
    return calls & ~c->green & phases;
}

/* A button that is held asks for the alternate times (1202 v03 5.3.8.8); one of a detector with bit 1 of
 * its options does so at once. A press that begins in the walk itself is dropped. */
static void long_presses(struct engine *e, uint64_t buttons, int32_t dt_ds)
{
    struct engine_ctl *c = &e->ctl;
    int ix;
    FOR_EACH_BIT(ix, e->plan->ped_push_detectors & (buttons | c->ped_pushing)) {
        uint64_t button = bit(ix), phase = bit(e->plan->ped_detector_phase[ix]);
        if (!(buttons & button)) {
            c->ped_pushing &= ~button;
        } else if (!(c->ped_raw & button) && !(c->walk & phase)) {
            c->ped_pushing |= button;
            c->push_ds[ix] = 0;
        } else if (c->ped_pushing & button) {
            c->push_ds[ix] = (int16_t)(c->push_ds[ix] + dt_ds);
        }
        if ((c->ped_pushing & button) && c->push_ds[ix] >= e->plan->ped_push_ds[ix]) {
            c->ped_pushing &= ~button;
            c->ped_alternate |= phase;
        }
    }
}

/* What the buttons ask for: locked until the walk, or (returned) only while they are pressed. A press during
 * the walk itself is dropped. */
static uint64_t presses(struct engine *e, uint64_t buttons, int32_t dt_ds)
{
    const struct plan *plan = e->plan;
    struct engine_ctl *c = &e->ctl;
    emit_changes(e, c->ped_raw, buttons, EVENT_PED_DETECTOR_ON, EVENT_PED_DETECTOR_OFF);
    if (plan->ped_push_detectors)
        long_presses(e, buttons, dt_ds);
    c->ped_raw = buttons;
    uint64_t heard = buttons & plan->ped_detectors & ~(c->ped_failed & ~c->control.ped_actuation_mask);
    c->ped_locked |=
        pressed_phases(e, heard & ~plan->ped_detectors_nonlocking) & ~c->walk & plan->pedestrians;
    return pressed_phases(e, heard & plan->ped_detectors_nonlocking);
}

/* Recall asks again only after a conflicting phase has been served. */
static uint64_t ped_calls(struct engine *e, const struct tick *t)
{
    const struct plan *plan = e->plan;
    struct engine_ctl *c = &e->ctl;
    uint64_t buttons = t->in->pedestrian | c->control.ped_actuation_mask;
    uint64_t recall = e->directions.ped_recall & ~c->on & c->served_since_walk;
    uint64_t calls = c->control.ped_call_mask | recall;
    if (buttons | c->ped_raw)
        calls |= presses(e, buttons, t->dt_ds);
    calls |= c->ped_locked;
    if (c->manual)
        calls |= plan->pedestrians & ~c->on;
    calls &= plan->pedestrians;
    c->ped_alternate &= calls | c->walk;
    return calls & ~c->walk;
}

/* Backup prevention: phases that a ring may not go back to before the barrier is crossed; where there is no
 * barrier, nothing is prevented. */
uint64_t call_reachable(const struct engine *e, uint64_t phases)
{
    const struct plan_structure *s = &e->plan->structure;
    if (!e->plan->backup_prevent)
        return phases;
    for (int ring = 0; ring < s->ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        if (r->phase_ix >= 0 && r->served_here && s->cluster[s->cluster_of_ring[ring]].side_count > 1)
            phases &= ~engine_order(e, s->cluster_of_ring[ring])->earlier[r->phase_ix];
    }
    return phases;
}

void call_step(struct engine *e, struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    uint64_t vehicle = vehicle_calls(e, t);
    uint64_t ped = ped_calls(e, t);
    if (vehicle != c->vehicle_call || ped != c->ped_call)
        log_changes(e, vehicle, ped);
    c->vehicle_call = vehicle;
    c->ped_call = ped;
    uint64_t called = vehicle | (ped & ~(e->directions.ped_omit | e->directions.ped_closed));
    t->serviceable = call_reachable(e, called & ~c->green); /* omits are taken out when all are known */
}

/* Greens whose arrow keeps pedestrians waiting: no vehicle conflicts with them, so nothing else ends them. */
static uint64_t arrows_asked(struct engine *e)
{
    const struct directions *d = &e->directions;
    uint64_t excluded = e->ctl.green | d->omit | d->ped_omit | d->closed;
    uint64_t walkers = e->ctl.ped_call & e->ctl.overlap_lamps.closes_walk & ~excluded;
    return walkers ? overlap_arrows_closing(e, walkers) : 0;
}

void call_settle(struct engine *e, struct tick *t)
{
    const struct directions *d = &e->directions;
    t->serviceable &= ~(d->omit | d->closed);
    if (e->ctl.overlap_lamps.closes_walk | d->draining)
        t->asked_to_end = d->draining ? ~UINT64_C(0) : arrows_asked(e);
    t->wanted = t->serviceable | t->asked_to_end | d->red_rest_rings;
}

bool call_conflicting(const struct engine *e, const struct tick *t, int phase_ix)
{
    return (t->serviceable & e->plan->structure.conflicts[phase_ix]) || (t->asked_to_end & bit(phase_ix));
}

/* Green dwell: nothing keeps the green but the absence of a reason to end it. */
static bool dwells(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval == INTERVAL_REST)
        return r->next_ix < 0;
    return r->interval == INTERVAL_GREEN && r->minimum_done && r->gapped && ped_lets_green_end(e, ring);
}

/* Soft recall calls only where nothing else does and every conflicting phase dwells. */
void call_soft_recall(struct engine *e, struct tick *t)
{
    const struct plan_structure *s = &e->plan->structure;
    uint64_t asking = e->plan->soft_recall & ~e->ctl.green & ~(e->directions.omit | e->directions.closed);
    asking = call_reachable(e, asking);
    if (e->directions.steering || e->ctl.speed.managed)
        asking = 0;
    uint64_t calls = 0;
    int ix;
    FOR_EACH_BIT(ix, asking) {
        bool quiet = !(t->serviceable & (s->conflicts[ix] | bit(ix)));
        for (int ring = 0; quiet && ring < s->ring_count; ring++) {
            const struct ring_state *r = &e->ctl.ring[ring];
            bool opposed =
                ring == s->ring_of[ix] || (r->phase_ix >= 0 && (s->conflicts[ix] & bit(r->phase_ix)));
            quiet = !opposed || dwells(e, ring);
        }
        if (!quiet)
            continue;
        t->serviceable |= bit(ix);
        calls |= bit(ix);
    }
    uint64_t hard = e->ctl.vehicle_call;
    emit_changes(e, hard | e->ctl.soft_call, hard | calls, EVENT_CALL_ON, EVENT_CALL_OFF);
    e->ctl.soft_call = calls;
}
