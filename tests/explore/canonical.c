#include "canonical.h"
#include <string.h>

/* What each rule here throws away, the engine does not read again before it writes it, or only compares
 * with less. Where that were not so, the walk of the twins would part them. */

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* ---- caps ---- */

static void raise(int32_t *cap, int32_t duration_ds)
{
    *cap = larger(*cap, duration_ds);
}

static void caps_of_phase(struct caps *caps, const struct plan_phase *p, int ix)
{
    struct phase_caps *cap = &caps->phase[ix];
    raise(&cap->green_ds, p->minimum_ds);
    raise(&cap->passage_ds, p->passage_ds);
    for (int i = 0; i < 3; i++)
        raise(&cap->maximum_ds, p->maximum_ds[i]);
    raise(&cap->maximum_ds, p->dynamic_limit_ds);
    raise(&cap->reduction_ds, p->before_reduction_ds);
    raise(&cap->reduction_ds, p->to_reduce_ds);
    raise(&cap->dont_walk_ds, p->dont_walk_revert_ds);
    raise(&cap->revert_ds, p->red_revert_ds);
    raise(&cap->walks, p->ped_services > 1 ? p->ped_services : 0);
    caps->counting = caps->counting || p->added_initial_ds;
    raise(&caps->cars, p->cars_before_reduction);
}

/* The least common multiple. */
static int32_t common(int32_t a, int32_t b)
{
    int32_t multiple = a;
    while (multiple % b)
        multiple += a;
    return multiple;
}

static void caps_of_patterns(struct caps *caps, const struct plan *plan)
{
    for (int i = 0; i < PATTERNS_MAX; i++) {
        int32_t cycle_ds = plan->tables.pattern[i].cycle_s * 10;
        if (cycle_ds)
            caps->cycle_ds = caps->cycle_ds ? common(caps->cycle_ds, cycle_ds) : cycle_ds;
    }
}

static void caps_of_plan(struct caps *caps, const struct plan *plan)
{
    int ix;
    caps_of_patterns(caps, plan);
    caps->phases |= plan->structure.phases;
    caps->ped_recall |= plan->ped_recall;
    caps->backup = caps->backup || plan->backup_ds;
    caps->verdicts = caps->verdicts || plan->priorities;
    FOR_EACH_BIT(ix, plan->structure.phases)
        caps_of_phase(caps, &plan->phase[ix], ix);
    FOR_EACH_BIT(ix, (uint64_t)plan->preempts)
        raise(&caps->presence_ds[ix], plan->preempt[ix].maximum_presence_ds);
    FOR_EACH_BIT(ix, (uint64_t)plan->priorities) {
        raise(&caps->request_ds[ix], plan->priority[ix].arrival_ds);
        raise(&caps->request_ds[ix], plan->priority[ix].time_to_live_ds);
    }
    for (int word = 0; word < 3; word++) {
        caps->detectors.word[word] |= plan->detectors.word[word];
        caps->timed.word[word] |= plan->timed_detectors.word[word];
        FOR_EACH_BIT(ix, plan->timed_detectors.word[word]) {
            const struct plan_detector *d = &plan->detector[word * 64 + ix];
            raise(&caps->phase[d->phase_ix].green_ds, d->queue_limit_ds);
        }
    }
}

void caps_init(struct caps *caps, const struct plan *plans, int count, const struct guard_card *card)
{
    memset(caps, 0, sizeof *caps);
    caps->card = card;
    for (int i = 0; i < count; i++)
        caps_of_plan(caps, &plans[i]);
    for (int from = 0; from < CHANNELS_MAX; from++)
        for (int to = 0; to < CHANNELS_MAX; to++)
            raise(&caps->intergreen_ms[from], card->intergreen_ds[from][to] * TICK_MS);
}

/* ---- rings ---- */

/* A field that is not named here is kept: what is new in the engine costs states, never truth. */

static void forget_green(struct ring_state *r)
{
    memset(r->maximum_ds, 0, sizeof r->maximum_ds);
    r->minimum_left_ds = r->initial_left_ds = r->green_ds = r->gap_ds = r->max_ds = 0;
    r->reduction_ds = r->guaranteed_left_ds = 0;
    r->reduction = REDUCTION_OFF;
    r->occupied = r->max_running = r->gap_latched = r->guaranteed = false;
    r->gapped = r->maxed = r->minimum_timed = r->minimum_done = false;
}

static void settle_green(struct ring_state *r, const struct phase_caps *cap, bool verdicts)
{
    r->green_ds = smaller(r->green_ds, cap->green_ds);
    r->gap_ds = smaller(r->gap_ds, cap->passage_ds);
    r->occupied = r->occupied && cap->passage_ds;
    r->max_ds = r->max_running ? smaller(r->max_ds, cap->maximum_ds) : 0;
    r->reduction_ds = r->reduction == REDUCTION_OFF ? 0 : smaller(r->reduction_ds, cap->reduction_ds);
    r->guaranteed_left_ds = r->guaranteed ? r->guaranteed_left_ds : 0;
    if (!verdicts)
        r->gapped = r->maxed = false;
}

static void forget_ped(struct ring_state *r)
{
    r->ped_left_ds = r->ped_length_ds = 0;
    r->ped_alternate = false;
}

static void settle_ring(struct ring_state *r, const struct caps *caps)
{
    enum ring_interval interval = (enum ring_interval)r->interval;
    bool clears =
        interval == INTERVAL_FLASHING_GREEN || interval == INTERVAL_YELLOW || interval == INTERVAL_RED_CLEAR;
    r->termination = TERMINATION_NONE; /* told, never asked */
    r->forced = false;                 /* a verdict of the tick */
    if (interval == INTERVAL_GREEN)
        settle_green(r, &caps->phase[r->phase_ix], caps->verdicts);
    else
        forget_green(r);
    if (interval == INTERVAL_REST || interval == INTERVAL_GREEN)
        r->left_ds = r->length_ds = 0;
    if (interval == INTERVAL_REST || clears)
        r->walk_waits = r->ped_alternate = false;
    if (r->ped == PED_DONT_WALK && !r->walk_waits)
        forget_ped(r);
}

/* ---- the engine ---- */

/* An instant that lies more than `cap` back is as good as any other. */
static int64_t settled_instant(int64_t at, int64_t now, int64_t now_settled, int64_t cap)
{
    return now - at < cap ? at - now + now_settled : INT64_MIN / 2;
}

static void settle_phases(struct engine_ctl *c, const struct caps *caps, int64_t now_ds)
{
    int ix;
    FOR_EACH_BIT(ix, caps->phases) {
        struct phase_state *p = &c->phase[ix];
        const struct phase_caps *cap = &caps->phase[ix];
        p->yellow_end_ds = settled_instant(p->yellow_end_ds, c->now_ds, now_ds, cap->revert_ds);
        p->dont_walk_at_ds = settled_instant(p->dont_walk_at_ds, c->now_ds, now_ds, cap->dont_walk_ds);
        p->walks = (uint8_t)smaller(p->walks, cap->walks);
        p->waiting = (uint8_t)smaller(p->waiting, caps->cars); /* a sum is compared with no more */
    }
}

static void settle_detectors(struct engine_ctl *c, const struct caps *caps)
{
    int ix;
    c->ped_raw = c->ped_sensed = 0; /* their edges matter to diagnostics, which no junction here has */
    memset(&c->sensed, 0, sizeof c->sensed);
    for (int word = 0; word < 3; word++) {
        c->raw.word[word] &= caps->timed.word[word];
        if (!caps->counting && !caps->cars)
            c->active.word[word] = 0; /* matters only to those who count its edges */
        if (caps->counting)
            continue;
        FOR_EACH_BIT(ix, caps->detectors.word[word])
            c->detector[word * 64 + ix].count = 0;
    }
}

/* In free operation nothing is left of the last pattern; on the way to the next there is no clock yet.
 * What the clock says of the phases is looked up anew from where it stands. */
static void settle_coord(struct coord_state *c)
{
    bool running = c->stage == COORD_RUNNING, free = c->stage == COORD_FREE;
    c->cycles_out = (uint8_t)smaller(c->cycles_out, 3); /* then it is an alarm */
    c->windows = (struct coord_windows){.until_ds = running ? -1 : 0};
    for (int ring = 0; ring < RINGS_MAX; ring++) {
        if (!running)
            c->ring[ring] = (struct coord_ring){.phase_ix = free ? 0 : -1};
        else if (c->ring[ring].forced || c->ring[ring].phase_ix < 0)
            c->ring[ring].left_ds = 0;
    }
    if (free)
        memset(&c->program, 0, sizeof c->program);
    if (running)
        return;
    c->local_ds = 0;
    c->correction = 0;
}

/* A call is believed to last for ever once it has stood for the longest presence. */
static void settle_preempts(struct preempt_state *s, const struct caps *caps)
{
    s->inputs = 0; /* for status */
    for (int ix = 0; ix < PREEMPTS_MAX; ix++)
        s->present_ds[ix] = smaller(s->present_ds[ix], caps->presence_ds[ix]);
}

/* An overlap that goes by its phases has no time of its own. */
static void settle_overlaps(struct overlap_state *overlap)
{
    for (int ix = 0; ix < OVERLAPS_MAX; ix++)
        if (!overlap[ix].alone && overlap[ix].ped == PED_DONT_WALK)
            overlap[ix].left_ds = 0;
}

static void settle_priority(struct priority_state *s, const struct caps *caps)
{
    s->extending = s->early = false; /* for events */
    s->hurried = 0;
    for (int ix = 0; ix < PRIORITIES_MAX; ix++)
        s->request[ix].age_ds = smaller(s->request[ix].age_ds, caps->request_ds[ix]);
}

void canonical_engine(struct engine_ctl *c, const struct caps *caps)
{
    int64_t now_ds = caps->cycle_ds ? c->now_ds % caps->cycle_ds : 0;
    for (int ring = 0; ring < RINGS_MAX; ring++)
        settle_ring(&c->ring[ring], caps);
    settle_phases(c, caps, now_ds);
    settle_detectors(c, caps);
    settle_coord(&c->coord);
    settle_overlaps(c->overlap);
    settle_preempts(&c->preempt, caps);
    settle_priority(&c->priority, caps);
    c->vehicle_call = c->ped_call = c->soft_call = 0; /* gathered anew in every tick */
    c->served_since_walk |= ~caps->ped_recall;
    c->unit_inputs &= INPUT_INTERVAL_ADVANCE; /* the one that acts on its edge */
    if (!caps->backup) {
        c->commanded = c->backup_mode = false;
        c->command_age_ds = 0;
    }
    if (c->unit == UNIT_RUNNING || c->unit == UNIT_AUTOMATIC_FLASH)
        c->startup_left_ds = 0;
    if (c->flash.stage != FLASH_EXIT)
        c->flash.left_ds = 0;
    c->now_ds = now_ds;
}

/* ---- the guard ---- */

void canonical_guard(struct guard *g, const struct caps *caps)
{
    int64_t now_ms = g->now_ms;
    int64_t settled_ms = caps->cycle_ds ? now_ms % (caps->cycle_ds * TICK_MS) : 0;
    int ix;
    for (int word = 0; word < 2; word++)
        FOR_EACH_BIT(ix, caps->card->used.word[word]) {
            int channel = word * 64 + ix;
            bool clearing = channel_has(&g->yellow, channel + 1);
            int yellow_cap_ms = clearing ? caps->card->yellow_floor_ms[channel] : 0;
            g->yellow_at_ms[channel] =
                settled_instant(g->yellow_at_ms[channel], now_ms, settled_ms, yellow_cap_ms);
            g->green_end_ms[channel] =
                settled_instant(g->green_end_ms[channel], now_ms, settled_ms, caps->intergreen_ms[channel]);
            g->red_at_ms[channel] =
                settled_instant(g->red_at_ms[channel], now_ms, settled_ms, caps->card->red_floor_ms[channel]);
        }
    g->now_ms = settled_ms;
}
