/* Coordination (1202 v03 5.5): which pattern is in force, the local clock, and what follows from it for
 * the phases: coordinated greens dwell until their yield, the others are forced off where their split
 * ends, and nobody is called up so late that the next yield would suffer. The clock is corrected once a
 * cycle, at local zero, by lengthening or shortening the cycle; no interval is ever touched. */
#include "engine_internal.h"
#include <string.h>

enum { SYNC_BY_TIME_BASE = 255 }; /* of systemSyncControl */

/* Parameters of event 150. */
enum { STATE_FREE = 0, STATE_LOCAL_ZERO = 5, STATE_PICKUP = 6, STATE_SYSTEM_ZERO = 7 };

static const struct plan_tables *tables(const struct engine *e)
{
    return &e->plan->tables;
}

/* ---- which pattern ---- */

struct choice {
    uint8_t pattern_no;
    uint8_t source;
};

/* Manual before the centre before the hardwired interconnect (if its bit is set) before the schedule
 * (1202 v03 5.4.5, 5.5.1, 5.5.14). */
static struct choice choose_pattern(const struct engine *e, const struct tick *t)
{
    const struct control *control = &e->ctl.control;
    if (tables(e)->coord.operational_mode)
        return (struct choice){tables(e)->coord.operational_mode, CONTROL_MANUAL};
    if (control->system_pattern_no && !(control->unit & UNIT_DISABLE_REMOTE))
        return (struct choice){control->system_pattern_no, CONTROL_SYSTEM};
    if (t->in->interconnect_pattern_no && (control->unit & UNIT_INTERCONNECT))
        return (struct choice){t->in->interconnect_pattern_no, CONTROL_INTERCONNECT};
    if (e->ctl.timebase.pattern_no)
        return (struct choice){e->ctl.timebase.pattern_no,
                               e->ctl.backup_mode ? CONTROL_BACKUP : CONTROL_TIMEBASE};
    return (struct choice){PATTERN_FREE, e->ctl.backup_mode ? CONTROL_BACKUP : CONTROL_STANDBY};
}

/* Why coordination ends at once; FREE_NOT if nothing ends it. A pattern that is running gives way to
 * free operation, as to any other pattern, at local zero. */
static enum free_reason shut_out(const struct engine *e, const struct tick *t, int pattern_no)
{
    bool free = pattern_no == PATTERN_FREE && e->ctl.coord.stage != COORD_RUNNING;
    if (free || pattern_no == PATTERN_FLASH)
        return FREE_COMMAND;
    bool flashing = e->ctl.flash.stage != FLASH_OFF && !e->ctl.preempt.flashing;
    if ((t->in->unit & INPUT_FREE) || e->ctl.manual || flashing)
        return FREE_INPUT;
    if (e->ctl.fault.coord_shut)
        return FREE_FAILED;
    return FREE_NOT;
}

/* ---- coming and going ---- */

static void log_pattern(struct engine *e, int pattern_no)
{
    const struct coord_program *p = &e->ctl.coord.program;
    int32_t cycle_s = p->nominal_ds / 10;
    int ix;
    emit(e, EVENT_COORD_PATTERN, pattern_no);
    emit(e, EVENT_COORD_CYCLE, cycle_s);
    emit(e, EVENT_COORD_OFFSET, p->offset_ds / 10);
    const struct split_row *split = tables(e)->split[tables(e)->pattern[pattern_no - 1].split_no - 1];
    FOR_EACH_BIT(ix, e->plan->structure.phases)
        if (ix < 32)
            emit(e, ix < 16 ? EVENT_COORD_SPLIT_1 + ix : EVENT_COORD_SPLIT_17 + ix - 16, split[ix].time_s);
}

/* Under the name of `pattern_no`: free, flash, or a pattern that is to run free. */
static void go_free(struct engine *e, enum free_reason reason, int pattern_no)
{
    struct coord_state *c = &e->ctl.coord;
    c->free_reason = (uint8_t)reason;
    if (c->stage == COORD_FREE && c->pattern_no == pattern_no)
        return;
    emit(e, EVENT_COORD_PATTERN, pattern_no);
    emit(e, EVENT_COORD_STATE, STATE_FREE);
    c->stage = COORD_FREE;
    c->pattern_no = (uint8_t)pattern_no;
}

/* Here and below memset clears, since the digest of the state looks at padding too. */
static void begin_ring(struct coord_ring *ring, int phase_ix)
{
    memset(ring, 0, sizeof *ring);
    ring->phase_ix = (int8_t)phase_ix;
}

static void forget_greens(struct coord_state *c)
{
    for (int ring = 0; ring < RINGS_MAX; ring++)
        begin_ring(&c->ring[ring], -1);
}

/* Takes the pattern asked for in hand: from here on the rings run freely towards its coordinated
 * phases. */
static void take_pattern(struct engine *e, int pattern_no)
{
    struct coord_state *c = &e->ctl.coord;
    c->stale = false;
    c->cycles_out = 0;
    if (pattern_no == PATTERN_FREE) {
        go_free(e, FREE_COMMAND, PATTERN_FREE);
        return;
    }
    enum free_reason reason = program_build(&c->program, e->plan, pattern_no, 0, CORRECTION_STRETCH);
    if (reason != FREE_NOT) {
        go_free(e, reason, reason == FREE_COORD ? pattern_no : PATTERN_FREE);
        return;
    }
    c->stage = COORD_PICKUP;
    c->pattern_no = (uint8_t)pattern_no;
    c->free_reason = FREE_TRANSITION;
    forget_greens(c);
    log_pattern(e, pattern_no);
    emit(e, EVENT_COORD_STATE, STATE_PICKUP);
}

/* ---- the local clock ---- */

/* How long ago the system's cycle was at its zero; any whole number of cycles may be left out. Without
 * the centre's word and without civil time the cycle counts from power-up. */
static int64_t since_system_zero(const struct engine *e)
{
    if (e->ctl.control.system_synced)
        return e->ctl.now_ds - e->ctl.coord.system_zero_ds;
    int64_t since_ds = timebase_since_sync_ds(e);
    return since_ds >= 0 ? since_ds : e->ctl.now_ds;
}

void coord_system_sync(struct engine *e)
{
    struct control *control = &e->ctl.control;
    control->system_synced = control->system_sync_s != SYNC_BY_TIME_BASE;
    e->ctl.coord.sync_written = true;
}

/* Like every command it counts from the tick in which it acts. */
static void take_system_sync(struct engine *e)
{
    e->ctl.coord.system_zero_ds = e->ctl.now_ds - e->ctl.control.system_sync_s * 10;
    e->ctl.coord.sync_written = false;
}

/* Where the local clock ought to be: local zero lags the system's zero by the offset. */
static int32_t required_local_ds(const struct engine *e)
{
    const struct coord_program *p = &e->ctl.coord.program;
    int64_t required = (since_system_zero(e) - p->offset_ds) % p->nominal_ds;
    return (int32_t)(required < 0 ? required + p->nominal_ds : required);
}

/* By how much the local clock is ahead of that, 0 .. nominal - 1. */
static int32_t coord_error_ds(const struct engine *e)
{
    const struct coord_state *c = &e->ctl.coord;
    int32_t error_ds = (c->local_ds - required_local_ds(e)) % c->program.nominal_ds;
    return error_ds < 0 ? error_ds + c->program.nominal_ds : error_ds;
}

bool coord_in_step(const struct engine *e)
{
    const struct coord_state *c = &e->ctl.coord;
    return c->stage == COORD_RUNNING && c->program.cycle_ds == c->program.nominal_ds && !c->stale &&
           c->requested_no == c->pattern_no && c->local_ds == required_local_ds(e);
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t cycles_for(int32_t way_ds, int32_t step_ds)
{
    return step_ds > 0 ? (way_ds + step_ds - 1) / step_ds : INT32_MAX;
}

/* What the coming cycle does about an error: by how much the local clock is ahead of where it ought to
 * be, 0 .. nominal. Positive lengthens. */
static int32_t correction_for(const struct engine *e, int32_t ahead_ds, enum correction_kind *kind)
{
    const struct coord_row *row = &tables(e)->coord;
    const struct coord_program *p = &e->ctl.coord.program;
    int32_t behind_ds = p->nominal_ds - ahead_ds;
    int32_t most_longer_ds = p->nominal_ds * row->add_percent / 100;
    int32_t most_shorter_ds = smaller(p->nominal_ds * row->subtract_percent / 100, p->shorten_most_ds);
    *kind = CORRECTION_STRETCH;
    if (!ahead_ds)
        return 0;
    switch ((enum correction_mode)row->correction_mode) {
    case CORRECTION_DWELL:
        *kind = CORRECTION_REST;
        return row->dwell_max_s ? smaller(ahead_ds, row->dwell_max_s * 10) : ahead_ds;
    case CORRECTION_ADD_ONLY:
        return smaller(ahead_ds, most_longer_ds);
    case CORRECTION_SUBTRACT_ONLY:
        return -smaller(behind_ds, most_shorter_ds);
    case CORRECTION_OTHER:
    case CORRECTION_SHORTWAY:
        break;
    }
    if (cycles_for(ahead_ds, most_longer_ds) <= cycles_for(behind_ds, most_shorter_ds))
        return smaller(ahead_ds, most_longer_ds);
    return -smaller(behind_ds, most_shorter_ds);
}

/* Works the cycle out that begins, or is joined, now. */
static void plan_cycle(struct engine *e)
{
    struct coord_state *c = &e->ctl.coord;
    enum correction_kind kind;
    int32_t correction_ds = correction_for(e, coord_error_ds(e), &kind);
    if (correction_ds || c->program.cycle_ds != c->program.nominal_ds)
        program_build(&c->program, e->plan, c->pattern_no, correction_ds, kind);
    uint8_t correction = correction_ds < 0         ? COORD_SUBTRACTING
                         : correction_ds == 0      ? COORD_IN_STEP
                         : kind == CORRECTION_REST ? COORD_DWELLING
                                                   : COORD_ADDING;
    if (correction == COORD_IN_STEP)
        c->cycles_out = 0;
    else if (c->cycles_out < UINT8_MAX)
        c->cycles_out++;
    if (correction != c->correction)
        emit(e, EVENT_COORD_STATE, correction);
    c->correction = correction;
    c->windows.until_ds = -1;
}

/* ---- joining ---- */

static uint64_t steady_greens(const struct engine *e)
{
    uint64_t mask = 0;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->ctl.ring[ring].interval == INTERVAL_GREEN)
            mask |= bit(e->ctl.ring[ring].phase_ix);
    return mask;
}

/* Whether the clock, where it ought to be, has one of these phases green. */
static bool planned_green(const struct coord_program *p, uint64_t phases, int32_t local_ds)
{
    int ix;
    FOR_EACH_BIT(ix, phases)
        if (program_ahead(p, p->start_ds[ix], local_ds) < p->green_ds[ix])
            return true;
    return false;
}

/* Planned begin of the last of these greens: the others then run as planned, too. */
static int32_t last_begin_ds(const struct coord_program *p, uint64_t phases)
{
    int last = __builtin_ctzll(phases), ix;
    FOR_EACH_BIT(ix, phases)
        if (program_ahead(p, p->start_ds[last], p->start_ds[ix]) < p->cycle_ds / 2)
            last = ix;
    return p->start_ds[last];
}

/* Starts the local clock in the first coordinated green that comes: where it ought to be, if that green is
 * planned there; else at the planned begin of the green, and the clock is corrected from there. To wait until
 * all coordinated phases are green could take for ever. */
static void join(struct engine *e)
{
    struct coord_state *c = &e->ctl.coord;
    uint64_t green = steady_greens(e) & c->program.coordinated;
    if (!green)
        return;
    int32_t required_ds = required_local_ds(e);
    bool there = planned_green(&c->program, green, required_ds);
    c->stage = COORD_RUNNING;
    c->free_reason = FREE_NOT;
    c->correction = 0;
    c->local_ds = there ? required_ds : last_begin_ds(&c->program, green);
    plan_cycle(e);
    if (!there) /* the corrected cycle may begin its greens elsewhere */
        c->local_ds = last_begin_ds(&c->program, green);
}

/* Local zero: a new cycle, its correction, and the one moment at which another pattern is taken up. */
static void begin_cycle(struct engine *e)
{
    struct coord_state *c = &e->ctl.coord;
    e->obs.cycle_zeros++;
    emit(e, EVENT_COORD_STATE, STATE_LOCAL_ZERO);
    ped_begin_cycle(e);
    if (c->stale || c->requested_no != c->pattern_no) {
        take_pattern(e, c->requested_no);
        if (c->stage == COORD_PICKUP)
            join(e);
        return;
    }
    plan_cycle(e);
}

/* ---- force-offs ---- */

/* A green that begins behind its own force-off, because the cycle ran late, is forced at once: further
 * ahead than a whole round from the yield its force-off cannot be. */
static int32_t distance_to_force(const struct coord_program *p, int ix, int32_t local_ds)
{
    int32_t distance_ds = program_ahead(p, local_ds, p->force_ds[ix]);
    int32_t most_ds = program_ahead(p, p->yield_ds[ix] + 1, p->force_ds[ix]) + 1;
    return distance_ds > most_ds ? 0 : distance_ds;
}

static void time_green(struct engine *e, int ring, int32_t dt_ds)
{
    struct coord_state *c = &e->ctl.coord;
    struct coord_ring *timed = &c->ring[ring];
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval != INTERVAL_GREEN || preempt_active(e)) {
        begin_ring(timed, -1);
        return;
    }
    int ix = r->phase_ix;
    if (timed->phase_ix != ix) {
        begin_ring(timed, ix);
        timed->left_ds = distance_to_force(&c->program, ix, c->local_ds);
        if (c->program.floating && c->program.green_ds[ix] - r->green_ds - dt_ds < timed->left_ds)
            timed->left_ds = c->program.green_ds[ix] - r->green_ds - dt_ds;
    } else {
        timed->left_ds -= dt_ds;
    }
    if (timed->left_ds <= 0)
        timed->forced = true;
}

/* Other splits, another cycle: greens that still run are forced where the new program says. */
static void time_greens_anew(struct engine *e)
{
    struct coord_state *c = &e->ctl.coord;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (c->ring[ring].phase_ix >= 0 && !c->ring[ring].forced && !c->program.floating)
            c->ring[ring].left_ds = distance_to_force(&c->program, c->ring[ring].phase_ix, c->local_ds);
}

/* ---- windows ---- */

/* Remembers the nearest moment at which a mask changes. */
static void changes_in(struct coord_windows *w, int32_t local_ds, int32_t distance_ds)
{
    if (distance_ds > 0 && local_ds + distance_ds < w->until_ds)
        w->until_ds = local_ds + distance_ds;
}

/* Whether the clock is less than `length_ds` past `since_ds` ago; notes when that ends. */
static bool within(struct coord_windows *w, int32_t local_ds, int32_t since_ds, int32_t length_ds)
{
    changes_in(w, local_ds, length_ds - since_ds + 1);
    return since_ds <= length_ds;
}

/* The clearance that stands between the phases on and a phase of this ring and side. */
static int32_t clearance_before(const struct engine *e, int ix)
{
    const struct plan_structure *s = &e->plan->structure;
    const struct coord_program *p = &e->ctl.coord.program;
    int cluster = s->cluster_of_ring[s->ring_of[ix]], other;
    bool here = s->side_of[ix] == e->ctl.cluster[cluster].side;
    uint64_t leaving = e->ctl.on & (here ? s->ring_phases[s->ring_of[ix]] : s->cluster[cluster].phases);
    int32_t clear_ds = 0;
    FOR_EACH_BIT(other, leaving & ~bit(ix))
        clear_ds = p->clear_ds[other] > clear_ds ? p->clear_ds[other] : clear_ds;
    return clear_ds;
}

static void look_at_phase(struct engine *e, int ix)
{
    struct coord_state *c = &e->ctl.coord;
    const struct coord_program *p = &c->program;
    struct coord_windows *w = &c->windows;
    bool coordinated = p->coordinated & bit(ix);
    int32_t since_ds = program_ahead(p, p->yield_ds[ix], c->local_ds);
    int32_t since_early_ds = program_ahead(p, p->yield_ds[ix] - p->early_ds, c->local_ds);
    changes_in(w, c->local_ds, program_ahead(p, c->local_ds, p->yield_ds[ix]));
    changes_in(w, c->local_ds, program_ahead(p, c->local_ds, p->yield_ds[ix] - p->early_ds));
    changes_in(w, c->local_ds, program_ahead(p, c->local_ds, p->start_ds[ix]));
    if (coordinated) {
        int32_t since_start_ds = program_ahead(p, p->start_ds[ix], c->local_ds);
        if (since_start_ds < p->green_ds[ix])
            w->held |= since_start_ds < p->green_ds[ix] - p->early_ds ? bit(ix) : 0;
        else
            w->yielded |= bit(ix);
    } else {
        int32_t lead_ds = clearance_before(e, ix) - p->early_ds;
        if (!within(w, c->local_ds, since_early_ds, p->open_ds[ix] - lead_ds))
            w->closed |= bit(ix);
        if (!within(w, c->local_ds, since_early_ds, p->ped_open_ds[ix] - lead_ds))
            w->ped_only_closed |= bit(ix);
    }
    if (!within(w, c->local_ds, since_ds, p->walk_ds[ix]))
        w->walk_closed |= bit(ix);
}

static void look_at_clock(struct engine *e)
{
    struct coord_state *c = &e->ctl.coord;
    memset(&c->windows, 0, sizeof c->windows);
    c->windows.until_ds = c->program.cycle_ds;
    c->windows.on = e->ctl.on;
    int ix;
    FOR_EACH_BIT(ix, c->program.governed)
        look_at_phase(e, ix);
}

void coord_side_changed(struct engine *e)
{
    e->ctl.coord.windows.until_ds = -1;
}

static void log_yields(struct engine *e, uint64_t yielded_before)
{
    const struct coord_windows *w = &e->ctl.coord.windows;
    int ix;
    FOR_EACH_BIT(ix, w->yielded & ~yielded_before)
        emit(e, EVENT_COORD_YIELD, ix + 1);
    FOR_EACH_BIT(ix, yielded_before & ~w->yielded)
        emit(e, EVENT_COORD_BEGIN, ix + 1);
}

/* ---- the tick ---- */

static bool preempted(const struct engine *e)
{
    return e->ctl.preempt.active_ix >= 0;
}

static void direct_maximum(struct engine *e)
{
    struct directions *d = &e->directions;
    uint8_t all = 0; /* rings that have a force-off to end their greens */
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->plan->structure.ring_phases[ring] & e->ctl.coord.program.governed)
            all |= (uint8_t)(1U << ring);
    switch ((enum maximum_mode)e->ctl.coord.program.maximum_mode) {
    case MAXIMUM_INHIBIT:
        d->max_inhibit_rings |= all;
        break;
    case MAXIMUM_2:
        d->max2_rings |= all;
        break;
    case MAXIMUM_3:
        d->max3_rings |= all;
        break;
    case MAXIMUM_OTHER:
    case MAXIMUM_1:
        break;
    }
}

void coord_select(struct engine *e, const struct tick *t)
{
    struct coord_state *c = &e->ctl.coord;
    struct directions *d = &e->directions;
    if (c->sync_written)
        take_system_sync(e);
    struct choice choice = choose_pattern(e, t);
    enum free_reason reason = shut_out(e, t, choice.pattern_no);
    if (c->source != choice.source) {
        c->source = choice.source;
        e->obs.control_stale = true;
    }
    bool another = c->requested_no != choice.pattern_no;
    c->requested_no = choice.pattern_no;
    if (reason != FREE_NOT) {
        go_free(e, reason, choice.pattern_no == PATTERN_FLASH ? PATTERN_FLASH : PATTERN_FREE);
        return;
    }
    if (another)
        c->cycles_out = 0;
    bool barred = c->stage == COORD_FREE && !another && !c->stale && c->free_reason >= FREE_COORD &&
                  c->free_reason != FREE_FAILED;
    if (c->stage != COORD_RUNNING && !barred && (c->stage == COORD_FREE || another || c->stale))
        take_pattern(e, choice.pattern_no);
    if (c->stage == COORD_FREE || preempted(e))
        return;
    d->sequence_ix = c->program.sequence_ix;
    d->omit |= c->program.omit;
    d->coordinated = c->program.coordinated;
    d->min_recall |= c->program.min_recall | c->program.coordinated;
    d->max_recall |= c->program.max_recall;
    d->ped_recall |= c->program.ped_recall;
    if (c->stage == COORD_RUNNING)
        direct_maximum(e);
}

static void run_clock(struct engine *e, int32_t dt_ds)
{
    struct coord_state *c = &e->ctl.coord;
    c->local_ds += dt_ds;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        time_green(e, ring, dt_ds);
    if (c->local_ds >= c->program.cycle_ds) {
        c->local_ds -= c->program.cycle_ds;
        begin_cycle(e);
        if (c->stage == COORD_RUNNING)
            time_greens_anew(e);
    }
}

/* What the clock says becomes what the phases are told. */
static void direct(struct engine *e, struct tick *t)
{
    struct coord_state *c = &e->ctl.coord;
    struct directions *d = &e->directions;
    if (c->local_ds >= c->windows.until_ds || e->ctl.on != c->windows.on) {
        uint64_t yielded = c->windows.yielded;
        look_at_clock(e);
        log_yields(e, yielded);
    }
    const struct coord_windows *w = &c->windows;
    d->hold |= w->held;
    d->force_off |= w->yielded;
    d->closed |= w->closed;
    d->ped_closed |= w->walk_closed;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (c->ring[ring].forced)
            d->force_off |= bit(c->ring[ring].phase_ix) & c->program.governed & ~c->program.coordinated;
    uint64_t ped_only = t->serviceable & ~e->ctl.vehicle_call & ~e->ctl.soft_call;
    t->serviceable &= ~(w->closed | (ped_only & w->ped_only_closed));
}

void coord_step(struct engine *e, struct tick *t)
{
    struct coord_state *c = &e->ctl.coord;
    if (c->stage == COORD_PICKUP && !preempted(e))
        join(e);
    else if (c->stage == COORD_RUNNING)
        run_clock(e, t->dt_ds);
    if (c->stage == COORD_RUNNING && since_system_zero(e) % c->program.nominal_ds < t->dt_ds)
        emit(e, EVENT_COORD_STATE, STATE_SYSTEM_ZERO);
    if (c->stage == COORD_RUNNING && !preempted(e))
        direct(e, t);
}

/* ---- what others ask ---- */

int32_t coord_maximum(const struct engine *e, int ix)
{
    const struct coord_state *c = &e->ctl.coord;
    if (c->free_reason != FREE_COORD || c->pattern_no > PATTERNS_MAX)
        return 0;
    const struct pattern_row *pattern = &tables(e)->pattern[c->pattern_no - 1];
    return tables(e)->split[pattern->split_no - 1][ix].time_s * 10;
}

int32_t coord_time_to_yield_ds(const struct engine *e, int ring)
{
    const struct coord_state *c = &e->ctl.coord;
    const struct ring_state *r = &e->ctl.ring[ring];
    if (c->stage != COORD_RUNNING || preempted(e) || r->interval != INTERVAL_GREEN ||
        !(c->program.coordinated & bit(r->phase_ix)))
        return INT32_MAX;
    if (c->windows.yielded & bit(r->phase_ix))
        return 0;
    return program_ahead(&c->program, c->local_ds, c->program.force_ds[r->phase_ix]);
}

int32_t coord_time_to_force_ds(const struct engine *e, int ring)
{
    const struct coord_state *c = &e->ctl.coord;
    const struct coord_ring *timed = &c->ring[ring];
    int32_t yield_ds = coord_time_to_yield_ds(e, ring);
    if (yield_ds != INT32_MAX || c->stage != COORD_RUNNING || timed->phase_ix < 0 ||
        !(c->program.governed & bit(timed->phase_ix)))
        return yield_ds;
    return timed->forced || timed->left_ds < 0 ? 0 : timed->left_ds;
}

uint64_t coord_due(const struct engine *e, int32_t in_ds)
{
    const struct coord_state *c = &e->ctl.coord;
    const struct coord_program *p = &c->program;
    uint64_t due = 0;
    int ix;
    if (c->stage != COORD_RUNNING)
        return 0;
    FOR_EACH_BIT(ix, p->governed & ~p->omit)
        if (program_ahead(p, p->start_ds[ix], c->local_ds + in_ds) < p->green_ds[ix])
            due |= bit(ix);
    return due;
}

void coord_get_status(const struct engine *e, struct engine_status *s)
{
    const struct coord_state *c = &e->ctl.coord;
    bool running = c->stage == COORD_RUNNING;
    s->free_reason = (enum free_reason)c->free_reason;
    s->pattern_no = c->stage == COORD_PICKUP || c->pattern_no == 0 ? PATTERN_FREE : c->pattern_no;
    s->requested_pattern_no = c->requested_no;
    s->sequence_no = (uint8_t)(e->ctl.cluster[0].sequence_ix + 1);
    s->coordinated = running && !preempted(e);
    s->in_transition = running && c->correction != COORD_IN_STEP;
    s->cycle_zeros = e->obs.cycle_zeros;
    if (!running)
        return;
    s->local_ds = c->local_ds;
    s->cycle_ds = c->program.cycle_ds;
    s->sync_ds = (int32_t)(since_system_zero(e) % c->program.nominal_ds);
    s->offset_error_ds = coord_error_ds(e);
    s->coord_alarm = c->cycles_out >= 3;
    s->coordinated_phases = c->program.coordinated;
}
