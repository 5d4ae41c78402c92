#include "engine_internal.h"
#include <string.h>

static void reset_rings(struct engine *e)
{
    memset(e->ctl.ring, 0, sizeof e->ctl.ring);
    memset(e->ctl.cluster, 0, sizeof e->ctl.cluster);
    overlap_reset(e);
    memset(&e->overlap_seen, 0, sizeof e->overlap_seen);
    for (int cluster = 0; cluster < RINGS_MAX; cluster++)
        e->ctl.cluster[cluster].sequence_ix = e->plan->structure.free_sequence_ix;
    for (int ring = 0; ring < RINGS_MAX; ring++)
        e->ctl.ring[ring].phase_ix = e->ctl.ring[ring].next_ix = -1;
    memset(&e->actuation, 0, sizeof e->actuation);
    memset(e->framed, 0, sizeof e->framed);
}

/* Everything but the plan, the events and the engine's time begins anew. */
static void reset_ctl(struct engine *e, int64_t now_ds)
{
    memset(&e->ctl, 0, sizeof e->ctl);
    e->ctl.now_ds = now_ds;
    reset_rings(e);
    for (int ix = 0; ix < PHASES_MAX; ix++)
        e->ctl.phase[ix].yellow_end_ds = e->ctl.phase[ix].dont_walk_at_ds = INT64_MIN / 2;
    e->ctl.served_since_walk = ~UINT64_C(0);
    e->ctl.preempt.active_ix = -1;
    e->ctl.preempt.stage = PREEMPT_NOT_ACTIVE;
    e->ctl.priority.active_ix = -1;
    e->ctl.coord.pattern_no = e->ctl.coord.requested_no = PATTERN_FREE;
    e->ctl.coord.source = CONTROL_STANDBY;
    e->obs.control_stale = true;
    e->ctl.coord.free_reason = FREE_COMMAND;
}

static void begin_startup(struct engine *e)
{
    e->ctl.unit = UNIT_STARTUP_FLASH;
    e->ctl.startup_left_ds = e->plan->startup_flash_ds;
}

void engine_init(struct engine *e, const struct plan *plan)
{
    memset(e, 0, sizeof *e);
    e->plan = plan;
    e->obs.flash_status = FLASH_STATUS_NONE;
    reset_ctl(e, -1);
    begin_startup(e);
}

void engine_restart(struct engine *e)
{
    struct timebase_state timebase = e->ctl.timebase;
    reset_ctl(e, e->ctl.now_ds);
    e->ctl.timebase = timebase;
    begin_startup(e);
}

int engine_init_green(struct engine *e, const struct plan *plan, uint64_t start_mask)
{
    const struct plan_structure *s = &plan->structure;
    int ix;
    if (start_mask & ~s->phases)
        return -1;
    FOR_EACH_BIT(ix, start_mask)
        if (s->conflicts[ix] & start_mask)
            return -1;
    engine_init(e, plan);
    e->ctl.unit = UNIT_RUNNING;
    e->ctl.start_pending = true;
    FOR_EACH_BIT(ix, start_mask) {
        int cluster = s->cluster_of_ring[s->ring_of[ix]];
        e->ctl.ring[s->ring_of[ix]].next_ix = (int8_t)ix;
        e->ctl.cluster[cluster].side = s->side_of[ix];
        e->ctl.cluster[cluster].crossing = true;
    }
    return 0;
}

void engine_summarize(struct engine *e)
{
    e->masks_moved = true;
    uint64_t shown[INTERVAL_BEFORE_GREEN + 1] = {0}; /* phases by their interval */
    uint64_t next = 0, walk = 0, ped_clear = 0, walk_waits = 0;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        if (r->next_ix >= 0)
            next |= bit(r->next_ix);
        if (r->interval == INTERVAL_REST)
            continue;
        uint64_t phase = bit(r->phase_ix);
        shown[r->interval] |= phase;
        if (r->ped == PED_WALK)
            walk |= phase;
        else if (r->ped == PED_CLEAR)
            ped_clear |= phase;
        else if (r->walk_waits)
            walk_waits |= phase;
    }
    e->ctl.flashing_green = shown[INTERVAL_FLASHING_GREEN];
    e->ctl.green = shown[INTERVAL_GREEN] | shown[INTERVAL_FLASHING_GREEN];
    e->ctl.yellow = shown[INTERVAL_YELLOW];
    e->ctl.red_clear = shown[INTERVAL_RED_CLEAR];
    e->ctl.before_green = shown[INTERVAL_BEFORE_GREEN];
    e->ctl.on = e->ctl.green | e->ctl.yellow | e->ctl.red_clear | e->ctl.before_green;
    e->ctl.next = next;
    e->ctl.walk = walk;
    e->ctl.ped_clear = ped_clear;
    e->ctl.walk_waits = walk_waits;
}

static uint64_t called_to_non_actuated(const struct engine *e)
{
    int called = e->ctl.control.unit;
    bool first = (called & UNIT_CALL_NON_ACTUATED_1) || (e->ctl.unit_inputs & INPUT_NON_ACTUATED_1);
    bool second = (called & UNIT_CALL_NON_ACTUATED_2) || (e->ctl.unit_inputs & INPUT_NON_ACTUATED_2);
    return (first ? e->plan->non_actuated1 : 0) | (second ? e->plan->non_actuated2 : 0);
}

/* What the phases' own options and the centre ask for; the modules add to it. */
static void begin_directions(struct engine *e)
{
    const struct plan *plan = e->plan;
    const struct control *control = &e->ctl.control;
    uint64_t forced = control->force_off_mask, non_actuated = 0;
    if (plan->non_actuated1 | plan->non_actuated2)
        non_actuated = called_to_non_actuated(e);
    int ring;
    FOR_EACH_BIT(ring, (uint64_t)control->ring_force_off_mask)
        forced |= plan->structure.ring_phases[ring];
    e->directions = (struct directions){
        .hold = control->hold_mask,
        .force_off = forced,
        .omit = control->phase_omit_mask,
        .ped_omit = control->ped_omit_mask,
        .ped_closed = (e->ctl.overlap_lamps.bars_walk & e->ctl.green) | e->ctl.overlap_lamps.closes_walk,
        .min_recall = plan->min_recall | non_actuated,
        .max_recall = plan->max_recall,
        .ped_recall = plan->ped_recall | non_actuated,
        .non_actuated = non_actuated,
        .max2_rings = control->ring_max2_mask,
        .max3_rings = control->ring_max3_mask,
        .max_inhibit_rings = control->ring_max_inhibit_mask,
        .red_rest_rings = control->ring_red_rest_mask,
        .sequence_ix = plan->structure.free_sequence_ix,
        .draining = e->ctl.draining,
    };
}

/* Holds and omits, whoever asks for them. */
static void log_directions(struct engine *e)
{
    uint64_t phases = e->plan->structure.phases;
    const struct directions *d = &e->directions;
    struct engine_obs *told = &e->obs;
    if (!((d->hold ^ told->hold) | (d->omit ^ told->omit) | (d->ped_omit ^ told->ped_omit)))
        return;
    emit_changes(e, told->hold & phases, d->hold & phases, EVENT_HOLD_ON, EVENT_HOLD_OFF);
    emit_changes(e, told->omit & phases, d->omit & phases, EVENT_OMIT_ON, EVENT_OMIT_OFF);
    emit_changes(e, told->ped_omit & phases, d->ped_omit & phases, EVENT_PED_OMIT_ON, EVENT_PED_OMIT_OFF);
    told->hold = d->hold;
    told->omit = d->omit;
    told->ped_omit = d->ped_omit;
}

/* Whether clusters have more to do than to move on the rings that can. */
static bool clusters_led(const struct engine *e)
{
    const struct directions *d = &e->directions;
    return d->omit | e->ctl.soft_call | e->ctl.red_yellow | d->draining | d->steering;
}

static inline void phases_step(struct engine *e, struct tick *t)
{
    const struct plan_structure *s = &e->plan->structure;
    unsigned awake = 0;
    call_settle(e, t);
    for (int ring = 0; ring < s->ring_count; ring++)
        if (ring_step(e, t, ring))
            awake |= 1U << ring;
    overlap_clear(e, t);
    if (e->plan->soft_recall)
        call_soft_recall(e, t);
    if (clusters_led(e))
        awake = ~0U;
    for (int cluster = 0; cluster < s->cluster_count; cluster++)
        if ((awake & s->cluster[cluster].ring_mask) ||
            e->ctl.cluster[cluster].sequence_ix != e->directions.sequence_ix)
            barrier_step(e, t, cluster);
    e->ctl.start_pending = false;
}

/* In flash calls are kept, a preempt may come and its coordination goes on, but the phases stand still. */
static void operate(struct engine *e, struct tick *t)
{
    preempt_decide(e, t);
    bool running = flash_running(e, t);
    call_step(e, t);
    preempt_step(e, t);
    coord_step(e, t);
    if (!running)
        return;
    priority_step(e, t);
    speed_step(e);
    log_directions(e);
    flash_step(e, t);
    phases_step(e, t);
    preempt_arrive(e);
    if (t->moved)
        engine_summarize(e);
    if (e->plan->overlaps)
        overlap_step(e, t);
    red_yellow_step(e);
    fault_step(e);
    flash_enter(e, t);
}

void engine_step(struct engine *e, const struct inputs *in, int32_t quantum_ds, struct frame *frame)
{
    struct tick t = {.in = in, .was_green = e->ctl.green};
    if (e->ctl.now_ds < 0) {
        e->ctl.now_ds = 0;
        emit(e, EVENT_POWER_RESTORED, 1);
        ped_log_dark(e);
    } else {
        e->ctl.now_ds += quantum_ds;
        t.dt_ds = quantum_ds;
    }
    unit_step(e, &t);
    timebase_step(e, &t);
    begin_directions(e);
    coord_select(e, &t);
    diagnostic_step(e, &t);
    speed_select(e, &t);
    detector_step(e, &t);
    if (unit_startup(e, &t))
        operate(e, &t);
    unit_report(e, &t);
    channel_frame(e, frame);
}

static bool all_red(const struct engine *e)
{
    for (int ring = 0; ring < RINGS_MAX; ring++)
        if (e->ctl.ring[ring].interval != INTERVAL_REST || e->ctl.ring[ring].red_yellow)
            return false;
    return overlap_all_red(e);
}

bool engine_adopt(struct engine *e, const struct plan *plan)
{
    if (plan_structure_differs(e->plan, plan)) {
        if (e->ctl.unit == UNIT_RUNNING && !all_red(e)) {
            e->ctl.draining = true;
            return false;
        }
        e->plan = plan;
        reset_rings(e);
        engine_summarize(e);
        e->ctl.locked &= plan->structure.phases;
        e->ctl.ped_locked &= plan->pedestrians;
    }
    e->ctl.draining = false;
    e->actuation.plan = NULL;
    memset(&e->overlap_seen, 0, sizeof e->overlap_seen);
    memset(e->framed, 0, sizeof e->framed); /* a preempt's flash may have another image now */
    e->ctl.coord.stale = true;
    e->ctl.timebase.stale = true;
    fault_forget(e);
    e->plan = plan;
    return true;
}

uint64_t engine_digest(const struct engine *e)
{
    /* FNV-1a over words; the struct is zeroed before it is filled, padding included. */
    const unsigned char *p = (const unsigned char *)&e->ctl;
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < sizeof e->ctl; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}
