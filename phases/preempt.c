/* The service of one preempt (1202 v03 5.7.2): entry, track clearance, dwell, exit. In each stage the rings
 * are led to a set of phases, past calls and barriers; only a dwell with cycling phases runs by calls.
 * Timers and decisions stand before the rings' step, arrivals behind it, so that a stage begins in the
 * tick in which its last green begins. */
#include "engine_internal.h"

static const struct plan_preempt *plan_of(const struct engine *e)
{
    return &e->plan->preempt[e->ctl.preempt.active_ix];
}

static int32_t lesser(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t less(int32_t left_ds, int32_t dt_ds)
{
    return left_ds > dt_ds ? left_ds - dt_ds : 0;
}

static uint64_t greens(const struct engine *e)
{
    uint64_t mask = 0;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->ctl.ring[ring].interval == INTERVAL_GREEN)
            mask |= bit(e->ctl.ring[ring].phase_ix);
    return mask;
}

static bool clearing_track(const struct engine *e)
{
    const struct preempt_state *s = &e->ctl.preempt;
    return (s->stage == PREEMPT_ENTRY && plan_of(e)->track) || (s->stage == PREEMPT_TRACK && s->left_ds);
}

/* Without dwell phases the dwell begins with whatever of its cycling phases is green. */
static uint64_t dwell_target(const struct engine *e)
{
    const struct plan_preempt *p = plan_of(e);
    if (p->control & PREEMPT_FLASH_DWELL)
        return 0;
    return p->dwell ? p->dwell : p->cycling & greens(e);
}

/* The preempt that goes before the active one; -1: none waits. */
static int overriding(const struct engine *e)
{
    int ix = preempt_wanted(e);
    return ix >= 0 && preempt_outranks(e, ix, e->ctl.preempt.active_ix) ? ix : -1;
}

/* A railway's track clearance is never interrupted, and who waits for its end comes before its dwell. */
static bool railway_clears(const struct engine *e)
{
    const struct preempt_state *s = &e->ctl.preempt;
    return s->stage == PREEMPT_TRACK && plan_of(e)->railroad &&
           (s->left_ds || (e->ctl.on & plan_of(e)->track));
}

static uint64_t target(const struct engine *e)
{
    const struct preempt_state *s = &e->ctl.preempt;
    bool gives_way = s->stage == PREEMPT_TRACK && !s->left_ds && overriding(e) >= 0;
    if (s->red_left_ds || s->stage == PREEMPT_MAX_PRESENCE || gives_way)
        return 0;
    if (s->stage == PREEMPT_EXIT)
        return plan_compatible(&e->plan->structure, s->exit);
    return clearing_track(e) ? plan_of(e)->track : dwell_target(e);
}

/* Phases whose pedestrians may walk. */
static uint64_t peds(const struct engine *e)
{
    const struct preempt_state *s = &e->ctl.preempt;
    const struct plan_preempt *p = plan_of(e);
    if (s->stage == PREEMPT_EXIT)
        return e->plan->pedestrians & ~e->ctl.control.ped_omit_mask;
    if (clearing_track(e) || s->stage == PREEMPT_MAX_PRESENCE || (p->control & PREEMPT_FLASH_DWELL))
        return 0;
    return p->dwell_ped | p->cycling_ped;
}

/* ---- entry ---- */

/* Cuts a running interval of `length_ds` down to `allowed_ds` in all, if that is less. */
static void shorten(int32_t *left_ds, int32_t *length_ds, int32_t allowed_ds)
{
    if (allowed_ds >= *length_ds)
        return;
    int32_t run_ds = *length_ds - *left_ds;
    *left_ds = allowed_ds > run_ds ? allowed_ds - run_ds : 0;
    *length_ds = run_ds + *left_ds;
}

static void shorten_ped(struct engine *e, struct ring_state *r)
{
    const struct plan_preempt *p = plan_of(e);
    if (r->ped == PED_WALK) {
        int32_t was_ds = r->ped_left_ds;
        shorten(&r->ped_left_ds, &r->ped_length_ds, p->minimum_walk_ds);
        if (r->ped_left_ds < was_ds) /* who found no time to start asks again */
            e->ctl.ped_locked |= bit(r->phase_ix);
    } else if (r->ped == PED_CLEAR) {
        shorten(&r->ped_left_ds, &r->ped_length_ds, p->enter_ped_clear_ds);
    }
}

/* What runs when the entry begins may end as early as what begins after it. A pedestrian clearance that
 * was let into the vehicle's still ends before it. */
static void shorten_intervals(struct engine *e)
{
    const struct plan_preempt *p = plan_of(e);
    uint64_t walking = target(e) & peds(e);
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++) {
        struct ring_state *r = &e->ctl.ring[ring];
        if (r->interval == INTERVAL_REST)
            continue;
        if (!(walking & bit(r->phase_ix)))
            shorten_ped(e, r);
        if (r->interval == INTERVAL_YELLOW)
            shorten(&r->left_ds, &r->length_ds, p->enter_yellow_ds);
        if (r->interval == INTERVAL_RED_CLEAR) {
            int32_t ped_end_ds = r->length_ds - r->left_ds + (r->ped == PED_CLEAR ? r->ped_left_ds : 0);
            shorten(&r->left_ds, &r->length_ds, larger(p->enter_red_clear_ds, ped_end_ds));
        }
    }
}

/* Pedestrians of the dwell are served like called ones, also in greens that stand already. */
static void call_dwell_peds(struct engine *e)
{
    e->ctl.ped_locked |= plan_of(e)->dwell_ped & peds(e) & ~e->ctl.walk;
}

/* Leaves its own flash, or the automatic one. */
static void end_flash(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    if (e->ctl.unit == UNIT_AUTOMATIC_FLASH)
        s->red_left_ds = e->plan->flash_exit_red_ds;
    s->flashing = false;
}

static void end_manual(struct engine *e)
{
    if (e->ctl.manual)
        emit(e, EVENT_MANUAL_CONTROL, 0);
    e->ctl.manual = false;
    e->ctl.advance_rings = 0;
}

static void begin(struct engine *e, int ix)
{
    struct preempt_state *s = &e->ctl.preempt;
    const struct plan_preempt *p = &e->plan->preempt[ix];
    s->active_ix = (int8_t)ix;
    s->exit = 0;
    s->left_ds = 0;
    s->duration_left_ds = less(p->minimum_duration_ds, p->advance_ds);
    end_manual(e);
    if (bit_set(s->ignored, ix)) {
        s->stage = PREEMPT_MAX_PRESENCE;
        s->flashing = e->ctl.unit == UNIT_AUTOMATIC_FLASH;
        return;
    }
    s->stage = PREEMPT_ENTRY;
    end_flash(e);
    emit(e, EVENT_PREEMPT_ENTRY, ix + 1);
    shorten_intervals(e);
    if (!p->track)
        call_dwell_peds(e);
}

/* In its exit a preempt gives way to any other. */
static void choose(struct engine *e)
{
    bool leaves = !preempt_active(e) || e->ctl.preempt.stage == PREEMPT_EXIT;
    int ix = leaves ? preempt_wanted(e) : railway_clears(e) ? -1 : overriding(e);
    if (ix >= 0)
        begin(e, ix);
}

/* ---- exit ---- */

/* More vehicles since the end of their green, or as many and a longer wait. */
static bool waits_more(const struct engine *e, int ix, int other_ix)
{
    const struct phase_state *a = &e->ctl.phase[ix], *b = &e->ctl.phase[other_ix];
    return a->waiting != b->waiting ? a->waiting > b->waiting : a->yellow_end_ds < b->yellow_end_ds;
}

/* The called phase with the highest demand, and beside it those with the highest of the rest. */
static uint64_t busiest(const struct engine *e)
{
    uint64_t called = e->ctl.vehicle_call | e->ctl.ped_call, chosen = 0;
    uint64_t left = called & e->plan->structure.phases & ~e->ctl.control.phase_omit_mask;
    while (left) {
        int best = __builtin_ctzll(left), ix;
        FOR_EACH_BIT(ix, left)
            if (waits_more(e, ix, best))
                best = ix;
        chosen |= bit(best);
        left &= ~(e->plan->structure.conflicts[best] | bit(best));
    }
    return chosen;
}

/* Until the phases that are on have cleared. */
static int32_t clearance_ds(const struct engine *e)
{
    int32_t longest_ds = 0;
    int ix;
    FOR_EACH_BIT(ix, e->ctl.on) {
        const struct plan_phase *p = &e->plan->phase[ix];
        longest_ds = larger(longest_ds, p->flashing_green_ds + p->yellow_ds + p->red_clear_ds);
    }
    return longest_ds;
}

static uint64_t exit_phases(const struct engine *e)
{
    const struct plan_preempt *p = plan_of(e);
    uint64_t phases = 0;
    switch ((enum preempt_exit)p->exit_type) {
    case PREEMPT_EXIT_PHASES:
        break;
    case PREEMPT_EXIT_QUEUE_DELAY:
        phases = busiest(e);
        break;
    case PREEMPT_EXIT_SHORT_SERVICE:
        phases = e->ctl.preempt.cut;
        break;
    case PREEMPT_EXIT_COORD:
        phases = coord_due(e, clearance_ds(e));
        break;
    }
    return phases ? phases : p->exit;
}

static void finish(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    s->active_ix = -1;
    s->stage = PREEMPT_NOT_ACTIVE;
    s->left_ds = s->duration_left_ds = s->red_left_ds = 0;
    s->exit = s->cut = 0;
    s->flashing = false;
}

static void begin_exit(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    const struct plan_preempt *p = plan_of(e);
    s->exit = exit_phases(e);
    s->cut = 0;
    s->stage = PREEMPT_EXIT;
    emit(e, EVENT_PREEMPT_EXIT, s->active_ix + 1);
    end_flash(e);
    if (p->exit_calls != PREEMPT_CALLS_NONE)
        e->ctl.locked |= e->plan->structure.phases;
    if (p->exit_calls == PREEMPT_CALLS_ALL)
        e->ctl.ped_locked |= e->plan->pedestrians & ~e->ctl.walk;
}

/* ---- the stages ---- */

/* The dwell lasts until its green and the minimum duration have run and nobody calls any more. Then
 * another preempt that waits takes over without an exit. */
static void dwell_step(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    int ix = s->active_ix;
    if (s->left_ds)
        return;
    preempt_link(e, ix);
    if (s->duration_left_ds || bit_set(s->called, ix))
        return;
    if (bit_set(s->ignored, ix) && (plan_of(e)->control & PREEMPT_ALL_RED_FLASH))
        s->stage = PREEMPT_MAX_PRESENCE;
    else if (preempt_wanted(e) >= 0)
        begin(e, preempt_wanted(e));
    else
        begin_exit(e);
}

static void time_stage(struct engine *e, const struct tick *t)
{
    struct preempt_state *s = &e->ctl.preempt;
    int32_t dt_ds = unit_stopped_rings(e) ? 0 : t->dt_ds;
    bool clearing = s->stage == PREEMPT_TRACK && s->left_ds;
    s->left_ds = less(s->left_ds, dt_ds);
    s->duration_left_ds = less(s->duration_left_ds, dt_ds);
    s->red_left_ds = less(s->red_left_ds, dt_ds);
    if (clearing && !s->left_ds)
        call_dwell_peds(e);
    if (s->stage == PREEMPT_DWELL)
        dwell_step(e);
    bool valid = bit_set(e->plan->preempts, s->active_ix);
    bool flash_over = s->stage == PREEMPT_MAX_PRESENCE && !bit_set(s->ignored, s->active_ix);
    if (s->stage != PREEMPT_EXIT && (flash_over || !valid))
        begin_exit(e);
    if (s->stage == PREEMPT_EXIT && !s->exit)
        finish(e);
}

/* What the centre, the coordinator and the phases themselves asked for gives way. */
static void direct(struct engine *e, struct tick *t)
{
    const struct plan_preempt *p = plan_of(e);
    const struct control *control = &e->ctl.control;
    bool leaving = e->ctl.preempt.stage == PREEMPT_EXIT;
    uint64_t walking = peds(e);
    struct directions d = {
        .sequence_ix = leaving ? e->directions.sequence_ix : p->sequence_ix,
        .ped_closed = e->directions.ped_closed, /* by overlaps that walk would meet */
    };
    if (!leaving)
        d.ped_recycle = p->dwell_ped & walking;
    if (e->ctl.preempt.stage == PREEMPT_DWELL && p->cycling) {
        d.omit = ~(p->dwell | p->cycling);
        d.ped_omit = ~walking;
        d.max_recall = e->plan->max_recall;
        d.max2_rings = control->ring_max2_mask;
        d.max3_rings = control->ring_max3_mask;
        t->serviceable = (e->ctl.vehicle_call | (e->ctl.ped_call & walking)) & ~e->ctl.green & ~d.omit;
    } else {
        d.steering = true;
        d.target = target(e);
        d.ped_omit = d.walk_ends = ~(d.target & walking);
        t->serviceable = 0;
    }
    e->directions = d;
}

/* In the advance all goes on, but for walks the preempt would have to cut. */
static void prepare(struct engine *e, struct tick *t)
{
    const struct preempt_state *s = &e->ctl.preempt;
    uint64_t ends = 0;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)s->called) {
        const struct plan_preempt *p = &e->plan->preempt[ix];
        if (s->advance_left_ds[ix])
            ends |= p->track ? ~UINT64_C(0) : ~(p->dwell_ped | p->cycling_ped);
    }
    if (!ends)
        return;
    e->directions.ped_omit |= ends;
    e->directions.walk_ends |= ends;
    t->serviceable &= e->ctl.vehicle_call | (e->ctl.ped_call & ~ends);
}

void preempt_decide(struct engine *e, const struct tick *t)
{
    const struct preempt_state *s = &e->ctl.preempt;
    preempt_calls(e, t);
    if (preempt_active(e))
        time_stage(e, t);
    if (s->called | s->ignored)
        choose(e);
}

void preempt_step(struct engine *e, struct tick *t)
{
    if (preempt_active(e))
        direct(e, t);
    else if (e->ctl.preempt.called)
        prepare(e, t);
}

/* Every phase of the target is green; where there is none, all is red. */
static bool arrived(const struct engine *e)
{
    uint64_t wanted = e->directions.target;
    if (wanted)
        return !(wanted & ~greens(e));
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->ctl.ring[ring].interval != INTERVAL_REST)
            return false;
    return true;
}

/* All is red: nothing keeps the lamps from flashing but overlaps that still trail. */
static void begin_flash(struct engine *e)
{
    e->ctl.preempt.flashing = true;
    e->ctl.flash.stage = FLASH_CLEAR;
}

/* The dwell begins when no phase is left that has no part in it. */
static void begin_dwell(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    const struct plan_preempt *p = plan_of(e);
    if (greens(e) & ~(p->dwell | p->cycling))
        return;
    s->stage = PREEMPT_DWELL;
    s->left_ds = p->dwell_green_ds;
    if (p->control & PREEMPT_FLASH_DWELL)
        begin_flash(e);
    s->locked &= (uint16_t) ~(1U << s->active_ix);
    emit(e, EVENT_PREEMPT_DWELL, s->active_ix + 1);
}

void preempt_arrive(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    if (!preempt_active(e) || !e->directions.steering || s->red_left_ds || !arrived(e))
        return;
    switch ((enum preempt_stage)s->stage) {
    case PREEMPT_ENTRY:
        if (!plan_of(e)->track) {
            begin_dwell(e);
            break;
        }
        s->stage = PREEMPT_TRACK;
        s->left_ds = plan_of(e)->track_green_ds;
        emit(e, EVENT_PREEMPT_TRACK, s->active_ix + 1);
        break;
    case PREEMPT_TRACK:
        if (!s->left_ds && overriding(e) < 0)
            begin_dwell(e);
        break;
    case PREEMPT_MAX_PRESENCE:
        begin_flash(e);
        break;
    case PREEMPT_EXIT:
        finish(e);
        break;
    case PREEMPT_DWELL:
    case PREEMPT_NOT_ACTIVE:
    case PREEMPT_CALLED:
    case PREEMPT_LINK:
    case PREEMPT_ADVANCE:
        break;
    }
}

/* ---- what the rings and overlaps ask ---- */

/* A green is shown for the lesser of the phase's minimum and the preempt's; what waiting vehicles add does
 * not count, lest the time to clear the way depend on traffic. The track green has its own time. */
bool preempt_lets_end(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (!preempt_active(e))
        return ring_ready(e, ring);
    if (r->green_ds == 0 || unit_ring_stopped(e, ring) || !ped_lets_green_end(e, ring))
        return false;
    const struct plan_preempt *p = plan_of(e);
    int stage = e->ctl.preempt.stage;
    if (stage == PREEMPT_TRACK && (p->track & bit(r->phase_ix)) && r->green_ds >= p->track_green_ds)
        return true;
    if (stage == PREEMPT_ENTRY || stage == PREEMPT_TRACK)
        return r->minimum_left_ds == 0 || r->green_ds >= p->minimum_green_ds;
    return r->minimum_done;
}

bool preempt_ends_green(struct engine *e, int ring)
{
    struct preempt_state *s = &e->ctl.preempt;
    const struct ring_state *r = &e->ctl.ring[ring];
    if (!preempt_active(e) || !e->directions.steering)
        return false;
    /* the first that was cut short, and who was cut beside it */
    if (s->stage == PREEMPT_ENTRY && !r->minimum_done &&
        !(s->cut & e->plan->structure.conflicts[r->phase_ix]))
        s->cut |= bit(r->phase_ix);
    return true;
}

int32_t preempt_clearance(const struct engine *e, int ring, enum ring_interval interval, int32_t normal_ds)
{
    if (!preempt_active(e))
        return normal_ds;
    const struct plan_preempt *p = plan_of(e);
    int stage = e->ctl.preempt.stage;
    bool yellow = interval == INTERVAL_YELLOW;
    if (stage == PREEMPT_TRACK && (p->track & bit(e->ctl.ring[ring].phase_ix)))
        return lesser(normal_ds, yellow ? p->track_yellow_ds : p->track_red_clear_ds);
    if (stage == PREEMPT_ENTRY || stage == PREEMPT_TRACK)
        return lesser(normal_ds, yellow ? p->enter_yellow_ds : p->enter_red_clear_ds);
    return normal_ds;
}

int32_t preempt_ped_clearance(const struct engine *e, int phase_ix, int32_t normal_ds)
{
    int stage = e->ctl.preempt.stage;
    bool entering = stage == PREEMPT_ENTRY || stage == PREEMPT_TRACK;
    if (!entering || !(e->directions.walk_ends & bit(phase_ix)))
        return normal_ds;
    return lesser(normal_ds, plan_of(e)->enter_ped_clear_ds);
}

uint32_t preempt_overlaps(const struct engine *e)
{
    if (!preempt_active(e) || e->ctl.preempt.stage == PREEMPT_EXIT)
        return e->plan->overlaps;
    const struct plan_preempt *p = plan_of(e);
    if (!(p->track_overlaps | p->dwell_overlaps | p->cycling_overlaps))
        return e->plan->overlaps;
    return clearing_track(e) ? p->track_overlaps : p->dwell_overlaps | p->cycling_overlaps;
}

bool preempt_flash(const struct engine *e, uint64_t *phases, uint32_t *overlaps)
{
    const struct preempt_state *s = &e->ctl.preempt;
    bool dwell = s->flashing && s->stage == PREEMPT_DWELL;
    *phases = dwell ? plan_of(e)->dwell : 0;
    *overlaps = dwell ? plan_of(e)->dwell_overlaps : 0;
    return s->flashing;
}
