/* What detectors counted in the last completed period (1202 v03 5.3.5 and 5.3.10). It only tells about the
 * past: nothing here is looked at by the phases. */
#include "engine_internal.h"

enum { PED_ACTUATIONS_OVER = 201 }; /* pedestrianDetectorActuations: more than 200 */

static uint8_t at_most_255(uint32_t count)
{
    return (uint8_t)(count < UINT8_MAX ? count : UINT8_MAX);
}

/* One detector's sample becomes its row. Occupancy in half percents, rounded down; a fault at any time
 * of the period stands in its place, whatever is collected. */
static void finish_detector(struct engine *e, int ix)
{
    struct engine_obs *o = &e->obs;
    int options = e->plan->detector[ix].options;
    int code = diagnostic_code(o->alarms_seen[ix] | e->ctl.diagnostic[ix].alarms);
    int half_percents = (int)(o->occupied_ds[ix] * 200 / (uint32_t)o->vehicles.sampled_ds);
    o->volume[ix] = options & DETECTOR_VOLUME ? at_most_255(o->count[ix]) : 0;
    o->occupancy[ix] = (uint8_t)(code ? code : options & DETECTOR_OCCUPANCY ? half_percents : 0);
    o->speed[ix] = (uint16_t)(o->speed_count[ix] ? o->speed_sum[ix] / o->speed_count[ix] : 0);
}

static void clear_detector(struct engine *e, int ix)
{
    struct engine_obs *o = &e->obs;
    o->count[ix] = 0;
    o->occupied_ds[ix] = 0;
    o->speed_sum[ix] = 0;
    o->speed_count[ix] = 0;
    o->alarms_seen[ix] = 0;
}

static void finish_pedestrians(struct engine *e, int ix)
{
    struct engine_obs *o = &e->obs;
    int phase_ix = e->plan->ped_detector_phase[ix];
    int code = diagnostic_code(o->ped_alarms_seen[ix] | e->ctl.ped_diagnostic[ix].alarms);
    int count = o->ped_count[ix] < PED_ACTUATIONS_OVER ? o->ped_count[ix] : PED_ACTUATIONS_OVER;
    o->ped_actuations[ix] = (uint8_t)(code ? code : count);
    o->ped_services[ix] = at_most_255(o->walk_count[phase_ix]);
}

static void clear_pedestrians(struct engine *e, int ix)
{
    e->obs.ped_count[ix] = 0;
    e->obs.ped_alarms_seen[ix] = 0;
}

enum period_end {
    PERIOD_GOES_ON,
    PERIOD_COMPLETE,
    PERIOD_DROPPED, /* what was counted is no whole period */
};

/* A cycle begins and ends at a local zero, of which the coordinator tells in the tick after it. Free
 * operation has none: nothing is collected. */
static enum period_end cycle_end(const struct engine *e, struct report *r)
{
    bool zero = r->zeros != e->obs.cycle_zeros, whole = r->collecting;
    r->zeros = e->obs.cycle_zeros;
    if (e->ctl.coord.stage != COORD_RUNNING)
        r->collecting = false;
    else if (zero)
        r->collecting = true;
    if (!zero || !r->collecting)
        return PERIOD_GOES_ON;
    return whole ? PERIOD_COMPLETE : PERIOD_DROPPED;
}

static enum period_end advance(const struct engine *e, struct report *r, int32_t period_ds, int32_t dt_ds)
{
    r->sampled_ds += dt_ds;
    enum period_end end = period_ds == PERIOD_CYCLE    ? cycle_end(e, r)
                          : r->sampled_ds >= period_ds ? PERIOD_COMPLETE
                                                       : PERIOD_GOES_ON;
    if (end == PERIOD_COMPLETE) {
        r->duration_s = (uint16_t)(r->sampled_ds / 10);
        r->ended_ds = e->ctl.now_ds;
        r->sequence++;
    }
    return end;
}

static void vehicles_step(struct engine *e, const struct tick *t, const struct detector_mask *raw)
{
    struct engine_obs *o = &e->obs;
    int ix;
    for (int word = 0; word < 3; word++)
        FOR_EACH_BIT(ix, e->ctl.raw.word[word] & e->plan->volume_detectors.word[word])
            o->occupied_ds[word * 64 + ix] += (uint32_t)t->dt_ds;
    enum period_end end = advance(e, &o->vehicles, e->plan->volume_period_ds, t->dt_ds);
    for (int word = 0; word < 3 && end != PERIOD_GOES_ON; word++)
        FOR_EACH_BIT(ix, e->plan->volume_detectors.word[word]) {
            if (end == PERIOD_COMPLETE)
                finish_detector(e, word * 64 + ix);
            clear_detector(e, word * 64 + ix);
        }
    if (end != PERIOD_GOES_ON)
        o->vehicles.sampled_ds = 0;
    for (int word = 0; word < 3; word++) {
        uint64_t arrived = raw->word[word] & ~e->ctl.raw.word[word];
        FOR_EACH_BIT(ix, arrived & e->plan->volume_detectors.word[word])
            if (o->count[word * 64 + ix] < UINT16_MAX)
                o->count[word * 64 + ix]++;
    }
}

static void pedestrians_step(struct engine *e, const struct tick *t)
{
    struct engine_obs *o = &e->obs;
    uint64_t pressed = t->in->pedestrian & t->ped_edges & e->plan->ped_detectors_reported;
    uint64_t begun = e->ctl.walk & ~o->walk_seen;
    int ix;
    enum period_end end = advance(e, &o->pedestrians, e->plan->ped_period_ds, t->dt_ds);
    FOR_EACH_BIT(ix, end != PERIOD_GOES_ON ? e->plan->ped_detectors_reported : 0) {
        if (end == PERIOD_COMPLETE)
            finish_pedestrians(e, ix);
        clear_pedestrians(e, ix);
    }
    if (end != PERIOD_GOES_ON) {
        o->pedestrians.sampled_ds = 0;
        for (ix = 0; ix < PHASES_MAX; ix++)
            o->walk_count[ix] = 0;
    }
    FOR_EACH_BIT(ix, pressed)
        if (o->ped_count[ix] < UINT16_MAX)
            o->ped_count[ix]++;
    FOR_EACH_BIT(ix, begun)
        o->walk_count[ix]++;
    o->walk_seen = e->ctl.walk;
}

void report_step(struct engine *e, const struct tick *t, const struct detector_mask *raw)
{
    bool vehicles = e->plan->volume_period_ds != PERIOD_NONE;
    bool pedestrians = e->plan->ped_period_ds != PERIOD_NONE;
    if (!vehicles && !pedestrians)
        return;
    if (vehicles)
        vehicles_step(e, t, raw);
    if (pedestrians)
        pedestrians_step(e, t);
}
