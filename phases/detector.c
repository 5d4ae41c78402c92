#include "engine_internal.h"

/* The phase that gets the actuation: the switch phase while that one is green and the detector's own
 * is not. */
static int served_ix(const struct engine *e, const struct plan_detector *d)
{
    bool switched =
        d->switch_ix >= 0 && !(e->ctl.green & bit(d->phase_ix)) && (e->ctl.green & bit(d->switch_ix));
    return switched ? d->switch_ix : d->phase_ix;
}

/* Delay while the phase is not green, extension while it is (semantics of TS 2 3.5.5.5.4 and 1202 v03
 * 5.3.2). A vehicle that is left standing at the end of a green begins its delay then; an extension
 * counts from the end of the actuation, whatever the phase does meanwhile. */
static bool timed_detector(struct engine *e, const struct tick *t, int ix, bool raw, bool was_raw)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    struct detector_state *s = &e->ctl.detector[ix];
    bool green = e->ctl.green & bit(served_ix(e, d));
    if (raw) {
        s->timer_ds = was_raw && !green ? age(s->timer_ds, t->dt_ds) : 0;
        s->extending = false;
        s->passed = green || s->timer_ds >= d->delay_ds;
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

/* A queue detector extends from the start of green to its first gap or its limit, whichever comes
 * first; from then on it is ignored in this green. Returns whether that has changed. */
static bool queue_detector(struct engine *e, struct tick *t, int ix, bool active)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    struct detector_state *s = &e->ctl.detector[ix];
    bool was_done = s->queue_done;
    if (!(e->ctl.green & bit(d->phase_ix))) {
        s->queue_done = false;
        return was_done;
    }
    const struct ring_state *r = &e->ctl.ring[e->plan->structure.ring_of[d->phase_ix]];
    if (!active || r->green_ds + t->dt_ds >= d->queue_limit_ds)
        s->queue_done = true;
    if (!s->queue_done)
        t->queue |= bit(d->phase_ix);
    return s->queue_done != was_done;
}

static void actuate(struct engine *e, int ix)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    struct actuation *asked = &e->actuation;
    uint64_t phase = bit(served_ix(e, d));
    bool ignored = (d->options & DETECTOR_QUEUE) && e->ctl.detector[ix].queue_done;
    if (d->options & DETECTOR_CALL)
        asked->call |= phase;
    if (d->bicycle)
        asked->bicycle |= phase;
    if ((d->options & DETECTOR_PASSAGE) && !ignored)
        asked->passage |= phase;
    if (d->options & DETECTOR_YELLOW_LOCK)
        asked->yellow_lock |= phase;
    if (d->options & DETECTOR_RED_LOCK)
        asked->red_lock |= phase;
}

/* What is to be believed of `mask`: a failed detector is heard only where the centre actuates it. */
static uint64_t trusted(const struct engine *e, int word, uint64_t mask)
{
    return mask & ~(e->ctl.failed.word[word] & ~e->ctl.control.vehicle_actuation.word[word]);
}

/* Nothing has changed but perhaps the detectors themselves. */
static bool known(const struct engine *e, const struct tick *t)
{
    const struct actuation *asked = &e->actuation;
    return asked->plan == e->plan && asked->green == e->ctl.green && asked->failed_call == t->failed_call &&
           asked->failed_passage == t->failed_passage;
}

/* What the detectors ask for changes only with those that are heard, with the plan, or (switching) with a
 * green, and where a queue ends. */
static void actuations(struct engine *e, const struct tick *t, bool changed)
{
    struct actuation *asked = &e->actuation;
    struct detector_mask heard;
    int ix;
    for (int word = 0; word < 3; word++) {
        heard.word[word] = trusted(e, word, e->ctl.active.word[word] & e->plan->detectors.word[word]);
        changed |= heard.word[word] != asked->heard.word[word];
    }
    if (!changed && known(e, t))
        return;
    *asked = (struct actuation){
        .plan = e->plan,
        .green = e->ctl.green,
        .heard = heard,
        .failed_call = t->failed_call,
        .failed_passage = t->failed_passage,
        .call = t->failed_call,
        .passage = t->failed_passage,
    };
    for (int word = 0; word < 3; word++)
        FOR_EACH_BIT(ix, heard.word[word])
            actuate(e, word * 64 + ix);
}

/* Vehicles that arrive while their phase is not green: for added initial and cars before
 * reduction. */
static void count_waiting(struct engine *e, int ix)
{
    const struct plan_detector *d = &e->plan->detector[ix];
    if (d->phase_ix < 0 || (e->ctl.green & bit(served_ix(e, d))))
        return;
    struct detector_state *s = &e->ctl.detector[ix];
    if ((d->options & DETECTOR_ADDED_INITIAL) && s->count < UINT8_MAX)
        s->count++;
    struct phase_state *phase = &e->ctl.phase[d->phase_ix];
    if ((d->options & DETECTOR_CALL) && phase->waiting < UINT8_MAX)
        phase->waiting++;
}

static uint64_t timed_word(struct engine *e, struct tick *t, int word, uint64_t raw, bool *queues_changed)
{
    uint64_t active = 0;
    int ix;
    FOR_EACH_BIT(ix, e->plan->timed_detectors.word[word]) {
        int d = word * 64 + ix;
        bool on = timed_detector(e, t, d, raw & bit(ix), e->ctl.raw.word[word] & bit(ix));
        if (e->plan->detector[d].options & DETECTOR_QUEUE)
            *queues_changed |= queue_detector(e, t, d, on && trusted(e, word, bit(ix)));
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
        if (on && trusted(e, word, bit(ix)))
            count_waiting(e, word * 64 + ix);
    }
}

void detector_step(struct engine *e, struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    bool queues_changed = false;
    uint64_t news = e->plan->times_detectors; /* most ticks bring none */
    struct detector_mask raw;
    for (int word = 0; word < 3; word++) {
        raw.word[word] = t->in->vehicle.word[word] | c->control.vehicle_actuation.word[word];
        news |= (raw.word[word] ^ c->raw.word[word]) | c->failed.word[word];
    }
    report_step(e, t, &raw);
    if (!news && known(e, t))
        return;
    for (int word = 0; word < 3; word++) {
        uint64_t timed = e->plan->timed_detectors.word[word];
        uint64_t active = raw.word[word] & ~timed;
        if (timed)
            active |= timed_word(e, t, word, raw.word[word], &queues_changed);
        c->raw.word[word] = raw.word[word];
        if (active != c->active.word[word])
            log_detectors(e, word, active);
        c->active.word[word] = active;
    }
    actuations(e, t, queues_changed);
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
