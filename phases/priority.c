/* Priority for buses and other vehicles, after NTCIP 1211: a green is held a little longer, or comes a
 * little earlier. Time is only taken from what other phases have above their minimums, within what they
 * may lose; force-offs and yields stay where the pattern has them, so that the cycle is whole again by
 * its end and the offset is never lost. No minimum, walk or clearance is touched. */
#include "engine_internal.h"

enum { FREE_LOCKOUT_DS = 600 }; /* what a cycle of lock-out is where no cycle runs */

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t lockout_ds(const struct engine *e, const struct plan_priority *p)
{
    int32_t cycle_ds =
        e->ctl.coord.stage == COORD_RUNNING ? e->ctl.coord.program.nominal_ds : FREE_LOCKOUT_DS;
    return p->lockout_cycles * cycle_ds;
}

static void finish(struct engine *e)
{
    struct priority_state *s = &e->ctl.priority;
    emit(e, EVENT_PRIORITY_SERVICE_END, s->active_ix + 1);
    s->active_ix = -1;
    s->extending = s->early = false;
    s->extended_ds = 0;
    s->passed_over |= s->skipping;
    s->skipping = 0;
}

/* Check-in, check-out, time to live, lock-out. */
static void follow_requests(struct engine *e, const struct tick *t)
{
    struct priority_state *s = &e->ctl.priority;
    uint16_t inputs = (uint16_t)((t->in->priority | e->ctl.control.priority_mask) & e->plan->priorities);
    int ix;
    emit_changes(e, s->inputs, inputs, EVENT_PRIORITY_DETECTOR_ON, EVENT_PRIORITY_DETECTOR_OFF);
    FOR_EACH_BIT(ix, (uint64_t)e->plan->priorities) {
        const struct plan_priority *p = &e->plan->priority[ix];
        struct priority_request *r = &s->request[ix];
        bool on = bit_set(inputs, ix), was_on = bit_set(s->inputs, ix);
        r->lockout_ds = r->lockout_ds > t->dt_ds ? r->lockout_ds - t->dt_ds : 0;
        r->age_ds = on && was_on ? age(r->age_ds, t->dt_ds) : 0;
        if (on && !was_on) {
            emit(e, EVENT_PRIORITY_CHECK_IN, ix + 1);
            r->waiting = true;
        }
        bool outlived = p->time_to_live_ds && r->age_ds >= p->time_to_live_ds;
        if (!on || outlived) {
            if (s->active_ix == ix) {
                r->lockout_ds = lockout_ds(e, p);
                finish(e);
            }
            r->waiting = false;
        }
        if (!on && was_on)
            emit(e, EVENT_PRIORITY_CHECK_OUT, ix + 1);
    }
    s->inputs = inputs;
}

/* The lowest class first, then who has waited longest. */
static int most_urgent(const struct engine *e)
{
    const struct priority_state *s = &e->ctl.priority;
    int best = -1, ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->priorities) {
        const struct priority_request *r = &s->request[ix];
        if (!r->waiting || r->lockout_ds)
            continue;
        int class_no = e->plan->priority[ix].class_no;
        if (best < 0 || class_no < e->plan->priority[best].class_no ||
            (class_no == e->plan->priority[best].class_no && r->age_ds > s->request[best].age_ds))
            best = ix;
    }
    return best;
}

static void take_up(struct engine *e, int ix)
{
    e->ctl.priority.active_ix = (int8_t)ix;
    if (ix >= 0)
        emit(e, EVENT_PRIORITY_SERVICE_START, ix + 1);
}

/* What the phase may lose of its planned green. */
static int32_t reduction_ds(const struct engine *e, int ix)
{
    const struct coord_state *c = &e->ctl.coord;
    int32_t spare_ds = INT32_MAX;
    if (c->stage == COORD_RUNNING && (c->program.governed & bit(ix)))
        spare_ds = c->program.green_ds[ix] - e->plan->phase[ix].minimum_ds;
    return smaller(e->plan->max_reduction_ds[ix], spare_ds > 0 ? spare_ds : 0);
}

/* The ring's next called phase pays for an extension with the time before its own force-off. */
static int32_t payable_ds(const struct engine *e, uint64_t called, int ring)
{
    const struct plan_structure *s = &e->plan->structure;
    const struct plan_order *order = engine_order(e, s->cluster_of_ring[ring]);
    int length = s->ring_length[ring], at = 0;
    while (at < length && order->ring_phase[ring][at] != e->ctl.ring[ring].phase_ix)
        at++;
    for (int i = 1; i < length; i++) {
        int ix = order->ring_phase[ring][(at + i) % length];
        if (called & bit(ix))
            return reduction_ds(e, ix);
    }
    return INT32_MAX;
}

/* ---- green extension ---- */

/* Whether the vehicle can still pass in this green, given what may be added to it. */
static bool reachable(const struct engine *e, const struct plan_priority *p, int ring)
{
    const struct priority_state *s = &e->ctl.priority;
    int32_t left_ds = coord_time_to_force_ds(e, ring);
    int32_t away_ds = p->arrival_ds - s->request[s->active_ix].age_ds;
    return left_ds == INT32_MAX || away_ds <= left_ds + p->max_extension_ds - s->extended_ds;
}

static void extend(struct engine *e, struct tick *t, const struct plan_priority *p, int ring)
{
    struct priority_state *s = &e->ctl.priority;
    const struct ring_state *r = &e->ctl.ring[ring];
    uint64_t phase = bit(r->phase_ix), conflicts = e->plan->structure.conflicts[r->phase_ix];
    uint64_t called = (t->serviceable | s->kept) & conflicts;
    int32_t most_ds = p->max_extension_ds;
    if (coord_time_to_force_ds(e, ring) != INT32_MAX)
        most_ds = smaller(most_ds, payable_ds(e, called, ring));
    bool would_end =
        r->minimum_done && called && (r->gapped || r->maxed || (e->directions.force_off & phase));
    if (s->extended_ds >= most_ds || !reachable(e, p, ring))
        return;
    e->directions.hold |= phase;
    s->kept |= t->serviceable & conflicts;
    if (!would_end)
        return;
    s->extended_ds = age(s->extended_ds, t->dt_ds);
    if (!s->extending)
        emit(e, EVENT_PRIORITY_EXTENSION, s->active_ix + 1);
    s->extending = true;
}

/* ---- early green ---- */

/* Greens in the way end as soon as they have lost what they may lose. */
static void hurry(struct engine *e, struct tick *t, const struct plan_priority *p, uint64_t wanted)
{
    struct priority_state *s = &e->ctl.priority;
    uint64_t in_the_way = 0;
    int ix;
    FOR_EACH_BIT(ix, wanted)
        in_the_way |= e->plan->structure.conflicts[ix];
    t->serviceable |= wanted & ~e->directions.omit;
    uint64_t left_out = t->serviceable & p->omit & ~(wanted | e->ctl.ped_call | s->passed_over);
    t->serviceable &= ~left_out;
    s->skipping |= left_out;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        int phase_ix = r->phase_ix;
        if (r->interval != INTERVAL_GREEN || !(in_the_way & bit(phase_ix)))
            continue;
        int32_t left_ds = coord_time_to_force_ds(e, ring);
        if (left_ds != INT32_MAX && left_ds > reduction_ds(e, phase_ix))
            continue;
        e->directions.hold &= ~bit(phase_ix) | e->ctl.control.hold_mask;
        if (!((e->directions.force_off | s->hurried) & bit(phase_ix))) {
            emit(e, EVENT_PRIORITY_FORCE_OFF, phase_ix + 1);
            emit(e, EVENT_PRIORITY_FORCES_OFF, s->active_ix + 1);
        }
        s->hurried |= bit(phase_ix);
        e->directions.force_off |= bit(phase_ix);
        if (!s->early)
            emit(e, EVENT_PRIORITY_EARLY_GREEN, s->active_ix + 1);
        s->early = true;
    }
}

/* ---- */

static uint64_t greens_of(const struct engine *e, uint64_t phases)
{
    uint64_t mask = 0;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->ctl.ring[ring].interval == INTERVAL_GREEN)
            mask |= bit(e->ctl.ring[ring].phase_ix);
    return mask & phases;
}

/* Calls that came before their permissive period closed are still served after an extension. */
static void keep_calls(struct engine *e, struct tick *t)
{
    struct priority_state *s = &e->ctl.priority;
    s->kept &= (e->ctl.vehicle_call | e->ctl.ped_call) & ~e->ctl.green & ~e->directions.omit;
    t->serviceable |= s->kept;
}

void priority_step(struct engine *e, struct tick *t)
{
    struct priority_state *s = &e->ctl.priority;
    if (!e->plan->priorities)
        return;
    follow_requests(e, t);
    s->hurried &= e->ctl.green;
    s->passed_over &= ~e->ctl.green;
    keep_calls(e, t);
    if (e->ctl.preempt.active_ix >= 0 || e->ctl.manual || e->directions.steering)
        return;
    if (s->active_ix < 0)
        take_up(e, most_urgent(e));
    if (s->active_ix < 0)
        return;
    const struct plan_priority *p = &e->plan->priority[s->active_ix];
    uint64_t green = greens_of(e, p->phases);
    int ix;
    FOR_EACH_BIT(ix, green)
        if (p->max_extension_ds)
            extend(e, t, p, e->plan->structure.ring_of[ix]);
    if (!green && p->early_green)
        hurry(e, t, p, p->phases & ~e->ctl.on);
}

void priority_get_status(const struct engine *e, struct engine_status *s)
{
    const struct priority_state *state = &e->ctl.priority;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->priorities)
        if (state->request[ix].waiting)
            s->priority_requests |= (uint16_t)(1U << ix);
    s->priority_no = (uint8_t)(state->active_ix + 1);
}
