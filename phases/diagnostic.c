/* Detectors that fail (semantics of TS 2 3.9.3.1.4, 1202 v03 5.3.2.8 to 5.3.2.12): no activity, presence
 * without end, too many actuations, and what a detector's own unit reports. Time is told in full
 * seconds and minutes of the engine's clock, so that a tick costs nothing while nothing changes; a limit
 * of some minutes is exact to a second and never early. */
#include "engine_internal.h"
#include <string.h>

enum { FAIL_TIME_RECALL = 255 }; /* vehicleDetectorFailTime: a constant call */

/* What the diagnostics see of 64 vehicle detectors, or of the pedestrian ones. */
struct bank {
    struct diagnostic_state *state;
    const struct plan_diagnosis *limits;
    uint8_t *alarms_seen;
    int first_ix;
    uint64_t watched;
    uint64_t on, edges, faulty; /* inputs of this tick */
    uint64_t *failed, *moved;
    int failed_code, restored_code; /* events */
};

static void set_alarms(struct engine *e, const struct bank *b, int ix, int alarms)
{
    struct diagnostic_state *s = &b->state[ix];
    bool failed = alarms != 0;
    b->alarms_seen[ix] |= (uint8_t)alarms;
    s->alarms = (uint8_t)alarms;
    if (failed == ((*b->failed & bit(ix)) != 0))
        return;
    *b->failed ^= bit(ix);
    emit(e, failed ? b->failed_code : b->restored_code, b->first_ix + ix + 1);
}

/* An erratic fault ends with a minute in range, and as many more as unitDetectorGoodTime asks for. */
static void end_minute(struct engine *e, const struct bank *b, int ix)
{
    struct diagnostic_state *s = &b->state[ix];
    bool in_range = s->count <= b->limits[ix].erratic_counts;
    s->count = 0;
    s->good_min = (uint8_t)(!in_range ? 0 : s->good_min < UINT8_MAX ? s->good_min + 1 : UINT8_MAX);
    if ((s->alarms & DETECTOR_ERRATIC) && s->good_min > e->plan->detector_good_min)
        set_alarms(e, b, ix, s->alarms & ~DETECTOR_ERRATIC);
}

static void see_edge(struct engine *e, const struct bank *b, int ix)
{
    struct diagnostic_state *s = &b->state[ix];
    int alarms = s->alarms, limit = b->limits[ix].erratic_counts;
    if (b->on & bit(ix)) {
        alarms &= ~DETECTOR_NO_ACTIVITY;
        if (s->count < UINT16_MAX)
            s->count++;
        if (limit && s->count > limit)
            alarms |= DETECTOR_ERRATIC;
    } else {
        alarms &= ~DETECTOR_MAX_PRESENCE;
    }
    set_alarms(e, b, ix, alarms);
}

/* Looks at every limit anew, for the plan may have changed it. */
static void end_second(struct engine *e, const struct bank *b, int ix, int32_t seconds)
{
    struct diagnostic_state *s = &b->state[ix];
    const struct plan_diagnosis *limits = &b->limits[ix];
    int alarms = s->alarms & DETECTOR_OTHER_FAULT;
    bool on = b->on & bit(ix);
    int32_t steady_s = *b->moved & bit(ix) ? 0 : s->steady_s + seconds;
    s->steady_s = (uint16_t)(steady_s < UINT16_MAX ? steady_s : UINT16_MAX);
    if (limits->erratic_counts)
        alarms |= s->alarms & DETECTOR_ERRATIC;
    if (!on && limits->no_activity_s && steady_s >= limits->no_activity_s)
        alarms |= DETECTOR_NO_ACTIVITY;
    if (on && limits->max_presence_s && steady_s >= limits->max_presence_s)
        alarms |= DETECTOR_MAX_PRESENCE;
    set_alarms(e, b, ix, alarms);
}

static void reset(struct engine *e, const struct bank *b, uint64_t asked)
{
    int ix;
    FOR_EACH_BIT(ix, asked) {
        int alarms = b->state[ix].alarms & DETECTOR_OTHER_FAULT;
        memset(&b->state[ix], 0, sizeof b->state[ix]);
        set_alarms(e, b, ix, alarms);
    }
    *b->moved |= asked;
}

static void diagnose(struct engine *e, const struct tick *t, const struct bank *b)
{
    int32_t seconds = (int32_t)(e->ctl.now_ds / 10 - (e->ctl.now_ds - t->dt_ds) / 10);
    bool minute = e->ctl.now_ds / 600 != (e->ctl.now_ds - t->dt_ds) / 600;
    int ix;
    FOR_EACH_BIT(ix, minute ? b->watched : 0)
        end_minute(e, b, ix);
    FOR_EACH_BIT(ix, b->edges & b->watched)
        see_edge(e, b, ix);
    *b->moved |= b->edges;
    if (seconds) {
        FOR_EACH_BIT(ix, b->watched | *b->failed)
            end_second(e, b, ix, seconds);
        *b->moved = 0;
    }
    /* A fault of the unit stands as long as the unit reports it. */
    FOR_EACH_BIT(ix, b->faulty | *b->failed) {
        int others = b->state[ix].alarms & ~DETECTOR_OTHER_FAULT;
        set_alarms(e, b, ix, others | (b->faulty & bit(ix) ? DETECTOR_OTHER_FAULT : 0));
    }
}

static void diagnose_vehicles(struct engine *e, const struct tick *t, int word)
{
    const struct plan *plan = e->plan;
    struct engine_ctl *c = &e->ctl;
    uint64_t used = plan->detectors.word[word] | plan->volume_detectors.word[word];
    const struct bank bank = {
        .state = &c->diagnostic[word * 64],
        .limits = &plan->diagnosis[word * 64],
        .alarms_seen = &e->obs.alarms_seen[word * 64],
        .first_ix = word * 64,
        .watched = plan->diagnosed.word[word],
        .on = t->in->vehicle.word[word],
        .edges = t->edges.word[word],
        .faulty = t->in->vehicle_fault.word[word] & used,
        .failed = &c->failed.word[word],
        .moved = &c->moved.word[word],
        .failed_code = EVENT_DETECTOR_FAILED,
        .restored_code = EVENT_DETECTOR_RESTORED,
    };
    reset(e, &bank, c->control.vehicle_reset.word[word]);
    c->control.vehicle_reset.word[word] = 0;
    diagnose(e, t, &bank);
}

static void diagnose_pedestrians(struct engine *e, const struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    const struct bank bank = {
        .state = c->ped_diagnostic,
        .limits = e->plan->ped_diagnosis,
        .alarms_seen = e->obs.ped_alarms_seen,
        .watched = e->plan->ped_detectors_diagnosed,
        .on = t->in->pedestrian,
        .edges = t->ped_edges,
        .failed = &c->ped_failed,
        .moved = &c->ped_moved,
        .failed_code = EVENT_PED_DETECTOR_FAILED,
        .restored_code = EVENT_PED_DETECTOR_RESTORED,
    };
    reset(e, &bank, c->control.ped_reset_mask);
    c->control.ped_reset_mask = 0;
    diagnose(e, t, &bank);
}

/* vehicleDetectorFailTime: a call while the phase is not green, held so long into each green; 0 is no
 * call at all, 255 a maximum recall. A detector that only counts asks for nothing. */
static void fail_action(struct engine *e, struct tick *t, const struct plan_detector *d)
{
    uint64_t phase = bit(d->phase_ix);
    bool serves = d->options & ~(DETECTOR_VOLUME | DETECTOR_OCCUPANCY);
    e->ctl.failed_phases |= phase;
    if (!serves || !d->fail_time_s)
        return;
    if (d->fail_time_s == FAIL_TIME_RECALL) {
        e->directions.max_recall |= phase;
        return;
    }
    const struct ring_state *r = &e->ctl.ring[e->plan->structure.ring_of[d->phase_ix]];
    t->failed_call |= phase;
    if (!(e->ctl.green & phase) || r->green_ds + t->dt_ds < d->fail_time_s * 10)
        t->failed_passage |= phase;
}

/* With every detector of the junction gone nothing is left to be actuated by: fixed time. A single one
 * is left to its fail time. */
static bool all_failed(const struct engine *e)
{
    bool one = false, several = false;
    for (int word = 0; word < 3; word++) {
        uint64_t assigned = e->plan->detectors.word[word];
        if (assigned & ~e->ctl.failed.word[word])
            return false;
        several = several || (assigned & (assigned - 1)) || (one && assigned);
        one = one || assigned;
    }
    return several;
}

static void fail_actions(struct engine *e, struct tick *t)
{
    int ix;
    e->ctl.failed_phases = 0;
    for (int word = 0; word < 3; word++)
        FOR_EACH_BIT(ix, e->ctl.failed.word[word] & e->plan->detectors.word[word])
            fail_action(e, t, &e->plan->detector[word * 64 + ix]);
    if (all_failed(e))
        e->directions.max_recall |= e->plan->structure.phases;
}

/* Nobody can ask any more for the walk of a phase whose button has failed. */
static void ped_fail_actions(struct engine *e)
{
    int ix;
    if (!e->plan->ped_fail_recall)
        return;
    FOR_EACH_BIT(ix, e->ctl.ped_failed & e->plan->ped_detectors)
        e->directions.ped_recall |= bit(e->plan->ped_detector_phase[ix]);
}

static bool any(const struct detector_mask *m)
{
    return m->word[0] | m->word[1] | m->word[2];
}

void diagnostic_step(struct engine *e, struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    if (e->plan->edges_matter) {
        for (int word = 0; word < 3; word++)
            t->edges.word[word] = t->in->vehicle.word[word] ^ c->sensed.word[word];
        t->ped_edges = t->in->pedestrian ^ c->ped_sensed;
    }
    c->sensed = t->in->vehicle;
    c->ped_sensed = t->in->pedestrian;
    if (e->plan->diagnoses || any(&t->in->vehicle_fault) || any(&c->failed) ||
        any(&c->control.vehicle_reset)) {
        for (int word = 0; word < 3; word++)
            diagnose_vehicles(e, t, word);
        fail_actions(e, t);
    }
    if (e->plan->ped_detectors_diagnosed | c->ped_failed | c->control.ped_reset_mask) {
        diagnose_pedestrians(e, t);
        ped_fail_actions(e);
    }
}

/* The highest code wins. Of a fault the unit reports no more is known than that there is one; vehicle
 * detectors have no number for that, so pedestrian detectors' number for it is used for both. */
int diagnostic_code(uint8_t alarms)
{
    static const struct {
        uint8_t alarm, code;
    } codes[] = {
        {DETECTOR_ERRATIC, 217},
        {DETECTOR_NO_ACTIVITY, 211},
        {DETECTOR_MAX_PRESENCE, 210},
        {DETECTOR_OTHER_FAULT, 209},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (alarms & codes[i].alarm)
            return codes[i].code;
    return 0;
}
