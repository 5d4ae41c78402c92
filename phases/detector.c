#include "engine_internal.h"

/* Delay while the phase is not green, extension while it is, queue limit from the start of green
 * (semantics of TS 2 3.5.4.1 and 1202 v03 5.3.2). The order is raw, delay, extension. */
static bool timed_detector(struct engine *e, const struct tick *t, int ix, bool raw, bool was_raw)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    struct detector_state *s = &e->ctl.detector[ix];
    bool green = e->ctl.green & bit(d->phase_ix);
    if (raw) {
        s->timer_ds = was_raw ? age(s->timer_ds, t->dt_ds) : 0;
        s->extending = false;
        s->passed = (was_raw && s->passed) || green || s->timer_ds >= d->delay_ds;
        return s->passed;
    }
    if (was_raw) {
        s->extending = s->passed && d->extend_ds > 0;
        s->timer_ds = d->extend_ds;
    } else if (s->extending) {
        s->timer_ds -= t->dt_ds;
        s->extending = s->timer_ds > 0;
    }
    s->passed = false;
    return s->extending && green;
}

static void queue_detector(struct engine *e, struct tick *t, int ix, bool active)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    struct detector_state *s = &e->ctl.detector[ix];
    if (!(e->ctl.green & bit(d->phase_ix))) {
        s->queue_done = false;
        return;
    }
    const struct ring_state *r = &e->ctl.ring[e->plan->structure.ring_of[d->phase_ix]];
    if (!active || r->green_ds + t->dt_ds >= d->queue_limit_ds)
        s->queue_done = true;
    if (!s->queue_done)
        t->queue |= bit(d->phase_ix);
}

/* Hands a detector's actuation to its phase, or to the switch phase while that one is green and
 * the detector's own is not. */
static void actuate(struct engine *e, const struct plan_detector *d)
{
    const struct engine_ctl *c = &e->ctl;
    struct actuation *asked = &e->actuation;
    uint64_t phase = bit(d->phase_ix);
    if (d->switch_ix >= 0 && !(c->green & phase) && (c->green & bit(d->switch_ix)))
        phase = bit(d->switch_ix);
    if (d->options & DETECTOR_CALL)
        asked->call |= phase;
    if (d->bicycle)
        asked->bicycle |= phase;
    if (d->options & DETECTOR_PASSAGE)
        asked->passage |= phase;
    if (d->options & DETECTOR_YELLOW_LOCK)
        asked->yellow_lock |= phase;
    if (d->options & DETECTOR_RED_LOCK)
        asked->red_lock |= phase;
}

/* What the active detectors ask for changes only with them, with the plan, or (switching) with a
 * green. */
static void actuations(struct engine *e, bool changed)
{
    uint64_t green = e->ctl.green;
    int ix;
    if (!changed && e->actuation.plan == e->plan && e->actuation.green == green)
        return;
    e->actuation = (struct actuation){.plan = e->plan, .green = green};
    for (int word = 0; word < 3; word++)
        FOR_EACH_BIT(ix, e->ctl.active.word[word] & e->plan->detectors.word[word])
            actuate(e, &e->plan->detector[word * 64 + ix]);
}

/* Vehicles that arrive while their phase is not green: for added initial and cars before
 * reduction. */
static void count_waiting(struct engine *e, int ix)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    if (d->phase_ix < 0 || (e->ctl.green & bit(d->phase_ix)))
        return;
    struct detector_state *s = &e->ctl.detector[ix];
    if ((d->options & DETECTOR_ADDED_INITIAL) && s->count < UINT8_MAX)
        s->count++;
    struct phase_state *phase = &e->ctl.phase[d->phase_ix];
    if ((d->options & DETECTOR_CALL) && phase->waiting < UINT8_MAX)
        phase->waiting++;
}

/* Volume and occupancy by period, 1202 v03 5.3.5: occupancy in half percents, rounded down. */
static void finish_volume_report(struct engine *e)
{
    struct engine_obs *o = &e->obs;
    int ix;
    for (int word = 0; word < 3; word++)
        FOR_EACH_BIT(ix, e->plan->volume_detectors.word[word]) {
            int d = word * 64 + ix;
            int options = e->plan->detector[d].options;
            uint32_t half_percents = o->occupied_ds[d] * 200 / (uint32_t)o->volume_sampled_ds;
            o->volume[d] = (uint8_t)(!(options & DETECTOR_VOLUME) ? 0
                                     : o->count[d] < 255          ? o->count[d]
                                                                  : 255);
            o->occupancy[d] = (uint8_t)(options & DETECTOR_OCCUPANCY ? half_percents : 0);
            o->count[d] = 0;
            o->occupied_ds[d] = 0;
        }
    o->volume_duration_s = (uint16_t)(o->volume_sampled_ds / 10);
    o->volume_sequence++;
    o->volume_sampled_ds = 0;
}

static void volume_step(struct engine *e, const struct tick *t, const struct detector_mask *raw)
{
    struct engine_obs *o = &e->obs;
    int32_t period_ds = e->plan->volume_period_ds;
    if (!period_ds)
        return;
    o->volume_sampled_ds += t->dt_ds;
    if (o->volume_sampled_ds >= period_ds)
        finish_volume_report(e);
    int ix;
    for (int word = 0; word < 3; word++) {
        uint64_t counted = raw->word[word] & e->plan->volume_detectors.word[word];
        FOR_EACH_BIT(ix, counted) {
            o->occupied_ds[word * 64 + ix]++;
            if (!(e->ctl.raw.word[word] & bit(ix)) && o->count[word * 64 + ix] < UINT16_MAX)
                o->count[word * 64 + ix]++;
        }
    }
}

static uint64_t timed_word(struct engine *e, struct tick *t, int word, uint64_t raw)
{
    uint64_t active = 0;
    int ix;
    FOR_EACH_BIT(ix, e->plan->timed_detectors.word[word]) {
        int d = word * 64 + ix;
        bool on = timed_detector(e, t, d, raw & bit(ix), e->ctl.raw.word[word] & bit(ix));
        if (e->plan->detector[d].options & DETECTOR_QUEUE)
            queue_detector(e, t, d, on);
        if (on)
            active |= bit(ix);
    }
    return active;
}

static void log_detectors(struct engine *e, int word, uint64_t active)
{
    int ix;
    FOR_EACH_BIT(ix, active ^ e->ctl.active.word[word]) {
        bool on = active & bit(ix);
        emit(e, on ? EVENT_DETECTOR_ON : EVENT_DETECTOR_OFF, word * 64 + ix + 1);
        if (on)
            count_waiting(e, word * 64 + ix);
    }
}

void detector_step(struct engine *e, struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    bool changed = false;
    struct detector_mask raw;
    for (int word = 0; word < 3; word++)
        raw.word[word] = t->in->vehicle.word[word] | c->control.vehicle_actuation.word[word];
    volume_step(e, t, &raw);
    for (int word = 0; word < 3; word++) {
        uint64_t timed = e->plan->timed_detectors.word[word];
        uint64_t active = raw.word[word] & ~timed;
        if (timed)
            active |= timed_word(e, t, word, raw.word[word]);
        c->raw.word[word] = raw.word[word];
        if (active == c->active.word[word])
            continue;
        log_detectors(e, word, active);
        c->active.word[word] = active;
        changed = true;
    }
    actuations(e, changed);
}

/* Actuations counted since the start of yellow times the added initial: of all detectors of the
 * phase together, or of the busiest (phaseOptions bit 15). */
int32_t detector_added_initial(struct engine *e, int phase_ix)
{
    int sum = 0, largest = 0, ix;
    for (int word = 0; word < 3; word++)
        FOR_EACH_BIT(ix, e->plan->detectors.word[word]) {
            struct detector_state *s = &e->ctl.detector[word * 64 + ix];
            if (e->plan->detector[word * 64 + ix].phase_ix != phase_ix)
                continue;
            sum += s->count;
            largest = s->count > largest ? s->count : largest;
            s->count = 0;
        }
    bool busiest = e->plan->added_initial_largest & bit(phase_ix);
    return (busiest ? largest : sum) * e->plan->phase[phase_ix].added_initial_ds;
}
