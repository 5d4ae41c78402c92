#include "engine_internal.h"

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* How long the clearance of the service that runs lasts. */
static int32_t clear_ds(const struct engine *e, const struct ring_state *r)
{
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    return r->ped_alternate ? p->alternate_ped_clear_ds : p->ped_clear_ds;
}

/* How long a walk that begins now would hold the green. */
static int32_t service_ds(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    bool alternate = e->ctl.ped_alternate & bit(ix);
    int32_t walk_ds = alternate ? p->alternate_walk_ds : p->walk_ds;
    return walk_ds + (alternate ? p->alternate_ped_clear_ds : p->ped_clear_ds) - p->ped_into_clearance_ds;
}

static void enter(struct engine *e, struct tick *t, struct ring_state *r, enum ped_interval interval)
{
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    int phase_no = r->phase_ix + 1;
    r->ped = (uint8_t)interval;
    t->moved = true;
    switch (interval) {
    case PED_WALK:
        r->ped_left_ds = r->ped_alternate ? p->alternate_walk_ds : p->walk_ds;
        emit(e, EVENT_WALK, phase_no);
        break;
    case PED_CLEAR:
        r->ped_left_ds = preempt_ped_clearance(e, r->phase_ix, clear_ds(e, r));
        emit(e, EVENT_PED_CLEAR, phase_no);
        if (r->ped_left_ds > p->ped_clear_ds)
            emit(e, EVENT_PED_EXTENDED, phase_no);
        break;
    case PED_DONT_WALK:
        r->ped_left_ds = 0;
        e->ctl.phase[r->phase_ix].dont_walk_at_ds = e->ctl.now_ds;
        emit(e, EVENT_DONT_WALK, phase_no);
        break;
    }
    r->ped_length_ds = r->ped_left_ds;
}

static bool exceeds_split(const struct engine *e, int ix)
{
    const struct coord_state *c = &e->ctl.coord;
    return c->stage == COORD_RUNNING && (c->program.governed & bit(ix)) &&
           service_ds(e, ix) > c->program.green_ds[ix];
}

static void start_walk(struct engine *e, struct tick *t, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    struct phase_state *s = &e->ctl.phase[r->phase_ix];
    uint64_t phase = bit(r->phase_ix);
    bool oversized = exceeds_split(e, r->phase_ix);
    r->walk_waits = false;
    r->ped_alternate = e->ctl.ped_alternate & phase;
    e->ctl.ped_alternate &= ~phase;
    e->ctl.ped_locked &= ~phase;
    e->ctl.ped_call &= ~phase;
    e->ctl.served_since_walk &= ~phase;
    if (s->walks < UINT8_MAX)
        s->walks++;
    enter(e, t, r, PED_WALK);
    if (oversized)
        emit(e, EVENT_PED_OVERSIZED, r->phase_ix + 1);
}

static bool barred(const struct engine *e, uint64_t phase)
{
    return (e->directions.ped_omit | e->directions.ped_closed) & phase;
}

/* What is left of the don't walk that must be seen between a clearance and the next walk. */
static int32_t revert_left(const struct engine *e, int ix)
{
    int64_t over_ds = e->ctl.phase[ix].dont_walk_at_ds + e->plan->phase[ix].dont_walk_revert_ds;
    return over_ds > e->ctl.now_ds ? (int32_t)(over_ds - e->ctl.now_ds) : 0;
}

bool ped_comes_with_green(const struct engine *e, int phase_ix)
{
    uint64_t phase = bit(phase_ix);
    bool called = (e->ctl.ped_call | e->directions.non_actuated | e->ctl.walk_start) & phase;
    return called && (e->plan->pedestrians & ~e->ctl.no_walk_start & phase) && !barred(e, phase);
}

int32_t ped_begin(struct engine *e, int ring)
{
    struct ring_state *r = &e->ctl.ring[ring];
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    uint64_t phase = bit(r->phase_ix);
    bool first = e->ctl.start_pending || ((e->ctl.walk_start | e->ctl.no_walk_start) & phase);
    r->ped = PED_DONT_WALK;
    r->walk_waits = ped_comes_with_green(e, r->phase_ix);
    r->ped_left_ds = r->walk_waits ? larger(revert_left(e, r->phase_ix), p->ped_delay_ds) : 0;
    e->ctl.no_walk_start &= ~phase;
    e->ctl.walk_start &= ~phase;
    return r->walk_waits && !first && p->ped_advance_ds ? r->ped_left_ds + p->ped_advance_ds : 0;
}

/* A walk that has timed out rests: in non-actuated operation and in a coordinated phase while HOLD
 * stands, else until the first conflicting call. Where the hold has a planned end, the clearance is to
 * be over then, provided that anybody is waiting for it. */
static bool walk_rests(const struct engine *e, int ring, bool conflicting)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    uint64_t phase = bit(r->phase_ix);
    bool non_actuated = e->directions.non_actuated & phase;
    if ((e->directions.walk_ends & phase) || (!non_actuated && !(e->plan->rest_in_walk & phase)))
        return false;
    if ((e->directions.hold & phase) && (non_actuated || (e->directions.coordinated & phase))) {
        bool wanted = (e->ctl.vehicle_call | e->ctl.ped_call) & e->plan->structure.conflicts[r->phase_ix];
        int32_t after_walk_ds = clear_ds(e, r) - e->plan->phase[r->phase_ix].ped_into_clearance_ds;
        bool forced = (e->directions.force_off & phase) && conflicting;
        return !forced && (!wanted || coord_time_to_yield_ds(e, ring) > after_walk_ds);
    }
    if (non_actuated && !((e->ctl.control.unit & UNIT_WALK_REST) || (e->ctl.unit_inputs & INPUT_WALK_REST)))
        return false;
    return !conflicting;
}

/* A call that comes in green is served at once only where recycling is allowed, nobody who conflicts is
 * waiting and the service fits before a planned end of green; otherwise it stays for the next green.
 * phasePedWalkService bounds the walks of a coordinated cycle; a green at rest has none. */
static bool may_recycle(const struct engine *e, int ring, bool conflicting)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    bool counted = e->ctl.coord.stage == COORD_RUNNING;
    bool allowed = p->ped_services > 1 && (!counted || e->ctl.phase[r->phase_ix].walks < p->ped_services);
    if (!allowed && !bit_set(e->ctl.control.ring_ped_recycle_mask, ring) &&
        !(e->directions.ped_recycle & bit(r->phase_ix)))
        return false;
    bool met =
        e->ctl.overlap_lamps.bars_walk & bit(r->phase_ix); /* by an overlap, also as the green begins */
    return !conflicting && !met && !barred(e, bit(r->phase_ix)) && revert_left(e, r->phase_ix) == 0 &&
           service_ds(e, r->phase_ix) <= coord_time_to_force_ds(e, ring);
}

/* Somebody has held a button since before this walk: its times become the longer ones. */
static void lengthen_walk(struct engine *e, struct ring_state *r)
{
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    uint64_t phase = bit(r->phase_ix);
    if (!(e->ctl.ped_alternate & ~e->directions.walk_ends & phase))
        return;
    e->ctl.ped_alternate &= ~phase;
    if (!r->ped_alternate && r->ped_left_ds > 0) {
        r->ped_left_ds += p->alternate_walk_ds - p->walk_ds;
        r->ped_length_ds += p->alternate_walk_ds - p->walk_ds;
    }
    r->ped_alternate = true;
}

static void green_ped_step(struct engine *e, struct tick *t, int ring, int32_t dt_ds, bool conflicting)
{
    struct ring_state *r = &e->ctl.ring[ring];
    bool manual = e->ctl.manual, advance = manual && bit_set(e->ctl.advance_rings, ring);
    r->ped_left_ds = r->ped_left_ds > dt_ds ? r->ped_left_ds - dt_ds : 0;
    switch ((enum ped_interval)r->ped) {
    case PED_WALK:
        lengthen_walk(e, r);
        if (manual ? advance : r->ped_left_ds == 0 && !walk_rests(e, ring, conflicting)) {
            e->ctl.advance_rings &= (uint8_t) ~(1U << ring);
            enter(e, t, r, PED_CLEAR);
            if (r->ped_left_ds == 0)
                enter(e, t, r, PED_DONT_WALK);
        }
        break;
    case PED_CLEAR:
        if (manual && !e->plan->auto_ped_clear ? advance : r->ped_left_ds == 0) {
            if (advance && !e->plan->auto_ped_clear)
                e->ctl.advance_rings &= (uint8_t) ~(1U << ring);
            enter(e, t, r, PED_DONT_WALK);
        }
        break;
    case PED_DONT_WALK:
        if (r->walk_waits && barred(e, bit(r->phase_ix))) {
            r->walk_waits = false;
            t->moved = true;
        }
        if (r->walk_waits ? r->ped_left_ds == 0
                          : r->interval == INTERVAL_GREEN && (e->ctl.ped_call & bit(r->phase_ix)) &&
                                may_recycle(e, ring, conflicting))
            start_walk(e, t, ring);
        break;
    }
}

void ped_step(struct engine *e, struct tick *t, int ring, int32_t dt_ds, bool conflicting)
{
    struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval == INTERVAL_GREEN || r->interval == INTERVAL_BEFORE_GREEN) {
        green_ped_step(e, t, ring, dt_ds, conflicting);
    } else if (r->ped == PED_CLEAR) {
        /* the part of the clearance that may run after the green */
        r->ped_left_ds = r->ped_left_ds > dt_ds ? r->ped_left_ds - dt_ds : 0;
        if (r->ped_left_ds == 0)
            enter(e, t, r, PED_DONT_WALK);
    }
}

int32_t ped_holds_green_ds(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    int32_t into_ds = e->plan->phase[r->phase_ix].ped_into_clearance_ds;
    switch ((enum ped_interval)r->ped) {
    case PED_WALK:
        return r->ped_left_ds + larger(clear_ds(e, r) - into_ds, 0);
    case PED_CLEAR:
        return larger(r->ped_left_ds - into_ds, 0);
    case PED_DONT_WALK:
        break;
    }
    return 0;
}

bool ped_lets_green_end(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->ped == PED_CLEAR)
        return r->ped_left_ds <= e->plan->phase[r->phase_ix].ped_into_clearance_ds;
    return r->ped == PED_DONT_WALK && !r->walk_waits;
}

void ped_begin_cycle(struct engine *e)
{
    for (int ix = 0; ix < PHASES_MAX; ix++)
        e->ctl.phase[ix].walks = 0;
}

/* In a flash pedestrian channels are dark unless they have a flash of their own. */
void ped_log_dark(struct engine *e)
{
    const struct plan_structure *s = &e->plan->structure;
    bool flash = e->ctl.unit == UNIT_STARTUP_FLASH || e->ctl.unit == UNIT_AUTOMATIC_FLASH;
    uint64_t phases = 0, overlaps = 0;
    int ix;
    if (flash == e->obs.ped_dark)
        return;
    e->obs.ped_dark = flash;
    for (int i = 0; i < s->channel_count; i++) {
        bool flashes = s->channel[i].flash & (CHANNEL_FLASH_RED | CHANNEL_FLASH_YELLOW);
        if (s->channel[i].source == SOURCE_PEDESTRIAN && !flashes)
            phases |= bit(s->channel[i].source_ix);
        else if (s->channel[i].source == SOURCE_PED_OVERLAP && !flashes)
            overlaps |= bit(s->channel[i].source_ix);
    }
    FOR_EACH_BIT(ix, phases)
        emit(e, flash ? EVENT_PED_DARK : EVENT_DONT_WALK, ix + 1);
    FOR_EACH_BIT(ix, overlaps)
        emit(e, flash ? EVENT_PED_OVERLAP_DARK : EVENT_PED_OVERLAP_DONT_WALK, ix + 1);
}
