/* Measured speeds, and the mode that makes fast driving useless when few are about (docs/speed.md).
 *
 * A pair of detectors times a vehicle from leading edge to leading edge. Both are seen only to the tick,
 * so the time may be off by one: over 20 m at 60 km/h (1.2 s) that is 8 %. Averages and events take the
 * time as it came, which is right in the mean; nobody is made to wait whose speed may have been
 * within the limit. A single detector times how long the zone is occupied by a vehicle of average
 * length: good enough for an average and to see that somebody has slowed, never to hold anybody up. */
#include "engine_internal.h"

enum {
    SLOWEST_KMH = 5, /* what comes out below is no passage but a stop, or two vehicles taken for one */
    FASTEST_KMH = 250,
    STANDING_DS = 15, /* so long on a detector at the stop line: no longer fast */
};

/* A distance passed in a time. */
struct way {
    int32_t distance_cm, time_ds;
};

/* 1 cm in a tenth of a second is 0.36 km/h. */
static bool above(struct way way, int kmh)
{
    return 9 * way.distance_cm > 25 * kmh * way.time_ds;
}

static bool possible(struct way way)
{
    return way.time_ds > 0 && !above(way, FASTEST_KMH) && above(way, SLOWEST_KMH);
}

static uint32_t half_kmh(struct way way)
{
    return (uint32_t)((18 * way.distance_cm + 25 * way.time_ds / 2) / (25 * way.time_ds));
}

static bool failed(const struct engine *e, int ix)
{
    return detector_has(&e->ctl.failed, ix + 1);
}

/* ---- the mode ---- */

static void release(struct engine *e, int phase_ix)
{
    struct speed_state *s = &e->ctl.speed;
    if (!(s->withheld & bit(phase_ix)))
        return;
    s->withheld &= ~bit(phase_ix);
    emit(e, EVENT_SPEED_RELEASED, phase_ix + 1);
}

/* A phase that is green, about to be, waited for by somebody else, or not wholly seen is left alone, and so
 * is one that has waited as long as the mode may keep it waiting. */
static void withhold(struct engine *e, int phase_ix)
{
    struct speed_state *s = &e->ctl.speed;
    uint64_t phase = bit(phase_ix);
    uint64_t others = e->ctl.vehicle_call & ~s->withheld;
    bool spared = (others | e->ctl.green | e->ctl.next | e->ctl.failed_phases) & phase;
    if (!s->managed || spared || s->waited_ds[phase_ix] >= e->plan->speed.bound_s * 10)
        return;
    if (!(s->withheld & phase))
        emit(e, EVENT_SPEED_WITHHELD, phase_ix + 1);
    s->withheld |= phase;
    s->delayed |= phase;
    s->left_ds[phase_ix] = e->plan->speed.delay_ds;
    s->standing_ds[phase_ix] = 0;
}

static bool phase_occupied(const struct engine *e, int phase_ix)
{
    const struct plan *plan = e->plan;
    int ix;
    for (int word = 0; word < 3; word++) {
        uint64_t pairs = plan->speed_leads.word[word] | plan->speed_trails.word[word];
        FOR_EACH_BIT(ix, e->ctl.sensed.word[word] & plan->detectors.word[word] & ~pairs)
            if (plan->detector[word * 64 + ix].phase_ix == phase_ix)
                return true;
    }
    return false;
}

static void wait_on(struct engine *e, int phase_ix, int32_t dt_ds)
{
    struct speed_state *s = &e->ctl.speed;
    int32_t left_ds = s->left_ds[phase_ix] - dt_ds;
    int32_t standing_ds = phase_occupied(e, phase_ix) ? s->standing_ds[phase_ix] + dt_ds : 0;
    s->left_ds[phase_ix] = (uint8_t)(left_ds > 0 ? left_ds : 0);
    s->standing_ds[phase_ix] = (uint8_t)(standing_ds < STANDING_DS ? standing_ds : STANDING_DS);
    s->waited_ds[phase_ix] = (uint16_t)(s->waited_ds[phase_ix] + dt_ds);
    if (left_ds <= 0 || standing_ds >= STANDING_DS || s->waited_ds[phase_ix] >= e->plan->speed.bound_s * 10)
        release(e, phase_ix);
}

static bool low_demand(const struct engine *e)
{
    const struct speed_state *s = &e->ctl.speed;
    int most = e->plan->speed.low_demand_veh;
    return s->demand_known && s->last_minute_count <= most && s->minute_count <= most;
}

static bool acts(const struct engine *e)
{
    const struct engine_ctl *c = &e->ctl;
    bool on = e->plan->speed.mode == SPEED_ON || c->timebase.speed_management;
    return on && e->plan->speed_phases && c->unit == UNIT_RUNNING && c->flash.stage == FLASH_OFF &&
           c->preempt.active_ix < 0 && c->priority.active_ix < 0 && c->coord.stage == COORD_FREE &&
           !c->manual && !c->draining && low_demand(e);
}

static void stop_managing(struct engine *e)
{
    struct speed_state *s = &e->ctl.speed;
    int ix;
    FOR_EACH_BIT(ix, s->withheld)
        release(e, ix);
    FOR_EACH_BIT(ix, s->delayed)
        s->waited_ds[ix] = 0;
    s->delayed = 0;
}

/* Minimum recalls would keep the junction in green. Those of phases rest whose vehicles are measured, and so
 * seen in time; where a detector has failed they stay. */
static void manage(struct engine *e, const struct tick *t)
{
    struct speed_state *s = &e->ctl.speed;
    int ix;
    if (e->ctl.now_ds / 600 != (e->ctl.now_ds - t->dt_ds) / 600) {
        s->last_minute_count = s->minute_count;
        s->minute_count = 0;
        s->demand_known = true;
    }
    bool managed = acts(e);
    if (managed != s->managed)
        emit(e, EVENT_SPEED_MANAGED, managed);
    s->managed = managed;
    if (!managed) {
        stop_managing(e);
        return;
    }
    FOR_EACH_BIT(ix, s->withheld)
        wait_on(e, ix, t->dt_ds);
    e->directions.min_recall &= ~(e->plan->speed_phases & ~e->ctl.failed_phases);
}

/* ---- measuring ---- */

static void note(struct engine *e, int ix, uint32_t half)
{
    if (e->obs.speed_count[ix] == UINT16_MAX)
        return;
    e->obs.speed_sum[ix] += half;
    e->obs.speed_count[ix]++;
}

/* What detector `ix` has measured: counted, told as an event, and if a slow vehicle comes, nobody needs
 * to wait for it to slow down. Returns the phase concerned if its set speed is known, else -1. */
static int tell(struct engine *e, int ix, struct way way)
{
    uint32_t half = half_kmh(way), kmh = (half + 1) / 2;
    int phase_ix = e->plan->detector[ix].phase_ix;
    note(e, ix, half);
    emit(e, EVENT_SPEED + ix + 1, (int)(kmh < UINT8_MAX ? kmh : UINT8_MAX));
    if (phase_ix < 0 || !(e->plan->speed_phases & bit(phase_ix)))
        return -1;
    if (!above(way, e->plan->speed.phase_limit_kmh[phase_ix]))
        release(e, phase_ix);
    return phase_ix;
}

static void leave_pair(struct engine *e, int lead_ix)
{
    struct speed_detector_state *lead = &e->ctl.speed.detector[lead_ix];
    lead->between = 0;
    lead->crowded = false;
}

/* A vehicle reaches the trailing detector. Only one that was alone between the two is surely the one
 * that passed the first. */
static void finish_pair(struct engine *e, const struct tick *t, int trail_ix)
{
    int lead_ix = e->plan->speed_detector[trail_ix].partner_ix;
    struct speed_detector_state *lead = &e->ctl.speed.detector[lead_ix];
    struct way way = {e->plan->speed_detector[lead_ix].spacing_cm, lead->since_ds};
    bool alone = lead->between == 1 && !lead->crowded;
    if (lead->between > 1)
        lead->between--;
    else
        leave_pair(e, lead_ix);
    if (!alone || failed(e, lead_ix) || failed(e, trail_ix) || !possible(way))
        return;
    note(e, lead_ix, half_kmh(way));
    int phase_ix = tell(e, trail_ix, way);
    struct way at_least = {way.distance_cm, way.time_ds + t->dt_ds};
    if (phase_ix >= 0 && above(at_least, e->plan->speed.phase_limit_kmh[phase_ix]))
        withhold(e, phase_ix);
}

static void arrive(struct engine *e, const struct tick *t, int ix)
{
    struct speed_state *s = &e->ctl.speed;
    struct speed_detector_state *d = &s->detector[ix];
    bool leads = detector_has(&e->plan->speed_leads, ix + 1);
    if (detector_has(&e->plan->speed_trails, ix + 1))
        finish_pair(e, t, ix);
    else if (s->minute_count < UINT16_MAX)
        s->minute_count++;
    d->since_ds = 0;
    detector_put(&s->timing, ix + 1, true);
    if (!leads)
        return;
    d->crowded = d->crowded || d->between > 0;
    d->between = (uint8_t)(d->between < UINT8_MAX ? d->between + 1 : UINT8_MAX);
}

/* The zone is free again. A detector of a pair goes by length only while the other one has failed. */
static void depart(struct engine *e, int ix)
{
    const struct plan_speed *plan = &e->plan->speed_detector[ix];
    bool by_length = detector_has(&e->plan->speed_alone, ix + 1) ||
                     (detector_has(&e->plan->speed_fallback, ix + 1) && failed(e, plan->partner_ix));
    struct way way = {plan->presence_cm, e->ctl.speed.detector[ix].since_ds};
    if (by_length && !failed(e, ix) && possible(way))
        tell(e, ix, way);
}

/* The times that run. One too long for any speed is given up, and with it who got lost on the way. */
static void pass_time(struct engine *e, int ix, int32_t dt_ds)
{
    struct speed_detector_state *d = &e->ctl.speed.detector[ix];
    const struct plan_speed *plan = &e->plan->speed_detector[ix];
    int32_t since_ds = d->since_ds + dt_ds;
    int32_t distance_cm = plan->spacing_cm > plan->presence_cm ? plan->spacing_cm : plan->presence_cm;
    d->since_ds = (uint16_t)(since_ds < UINT16_MAX ? since_ds : UINT16_MAX);
    if (above((struct way){distance_cm, since_ds}, SLOWEST_KMH))
        return;
    detector_put(&e->ctl.speed.timing, ix + 1, false);
    leave_pair(e, ix);
}

static void measure(struct engine *e, const struct tick *t, int word)
{
    const struct plan *plan = e->plan;
    uint64_t measuring =
        plan->speed_leads.word[word] | plan->speed_trails.word[word] | plan->speed_alone.word[word];
    int ix;
    FOR_EACH_BIT(ix, e->ctl.speed.timing.word[word])
        pass_time(e, word * 64 + ix, t->dt_ds);
    FOR_EACH_BIT(ix, t->edges.word[word] & measuring) {
        if (t->in->vehicle.word[word] & bit(ix))
            arrive(e, t, word * 64 + ix);
        else
            depart(e, word * 64 + ix);
    }
}

void speed_select(struct engine *e, const struct tick *t)
{
    if (!e->plan->measures && !e->ctl.speed.managed)
        return;
    if (e->plan->speed_phases || e->ctl.speed.managed)
        manage(e, t);
    for (int word = 0; word < 3; word++)
        measure(e, t, word);
}

/* Everybody waits in red for whoever comes. What is withheld is not chosen now; its call stands, others are
 * served, and a pedestrian is never made to wait. */
void speed_step(struct engine *e)
{
    struct speed_state *s = &e->ctl.speed;
    int ix;
    if (!s->managed)
        return;
    uint64_t idle = e->ctl.green | ~e->ctl.vehicle_call; /* nobody waits for these */
    FOR_EACH_BIT(ix, s->withheld & (idle | e->ctl.ped_call))
        release(e, ix);
    FOR_EACH_BIT(ix, s->delayed & idle)
        s->waited_ds[ix] = 0;
    s->delayed &= ~idle;
    if (e->directions.steering)
        return;
    e->directions.red_rest_rings |= (uint8_t)((1U << e->plan->structure.ring_count) - 1);
    e->directions.closed |= s->withheld;
}
