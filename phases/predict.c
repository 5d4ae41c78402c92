#include "predict.h"
#include "engine_internal.h"
#include "timetable.h"
#include <string.h>

/* Unknown is the largest time, so that bounds can be added up and compared; it becomes PREDICT_UNKNOWN on
 * the way out. */
enum { NEVER = INT32_MAX / 4 };

struct bounds {
    int32_t min_ds, max_ds;
};

/* What all bounds of one moment share. */
struct outlook {
    const struct engine *e;
    const struct plan_structure *s;
    int32_t surprise_ds; /* the schedule may ask for something else after this */
    int32_t zero_ds;     /* until local zero, where coordinated */
    bool coordinated;
    int32_t flash_ds;           /* no red begins to flash before */
    bool timed;                 /* the cycle follows its program, whatever traffic does */
    uint64_t standing;          /* called, and bound to stay called until served */
    int32_t done_ds[RINGS_MAX]; /* by cluster: when all its rings are done with this side; NEVER */
};

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t sum(int32_t a, int32_t b)
{
    return a >= NEVER || b >= NEVER ? NEVER : a + b;
}

/* ---- what a preempt may cut short ---- */

/* What is left of an interval of `length_ds` when a preempt allows `allowed_ds` of it. */
static int32_t least_left(int32_t left_ds, int32_t length_ds, int32_t allowed_ds)
{
    return smaller(left_ds, larger(allowed_ds - (length_ds - left_ds), 0));
}

/* The track green ends at its own time, whatever minimum the phase has. */
static int32_t preempted_green_left(const struct plan_preempt *p, const struct ring_state *r,
                                    const struct plan_phase *phase)
{
    bool track = p->track & bit(r->phase_ix);
    int32_t allowed_ds = track ? smaller(p->track_green_ds, p->minimum_green_ds) : p->minimum_green_ds;
    int32_t green_ds = least_left(r->minimum_left_ds, r->minimum_left_ds + r->green_ds, allowed_ds);
    int32_t ped_ds = 0;
    if (r->ped == PED_WALK)
        ped_ds = least_left(r->ped_left_ds, r->ped_length_ds, p->minimum_walk_ds) +
                 smaller(phase->ped_clear_ds, p->enter_ped_clear_ds);
    else if (r->ped == PED_CLEAR)
        ped_ds = least_left(r->ped_left_ds, r->ped_length_ds, p->enter_ped_clear_ds);
    return larger(green_ds, ped_ds - phase->ped_into_clearance_ds);
}

/* ---- earliest ---- */

/* Least time until the running green may end. */
static int32_t earliest_green_end(const struct outlook *o, int ring)
{
    const struct engine *e = o->e;
    const struct ring_state *r = &e->ctl.ring[ring];
    int32_t least_ds = r->initial_left_ds;
    int ix;
    if (!e->ctl.manual)
        least_ds = larger(least_ds, ped_holds_green_ds(e, ring));
    if (o->coordinated && !e->plan->priorities && (e->ctl.coord.windows.held & bit(r->phase_ix))) {
        int32_t held_ds = coord_time_to_yield_ds(e, ring) - e->ctl.coord.program.early_ds;
        least_ds = larger(least_ds, smaller(held_ds, smaller(o->surprise_ds, o->zero_ds)));
    }
    FOR_EACH_BIT(ix, (uint64_t)e->plan->preempts)
        least_ds =
            smaller(least_ds, preempted_green_left(&e->plan->preempt[ix], r, &e->plan->phase[r->phase_ix]));
    return larger(least_ds, 0);
}

static int32_t earliest_yellow_end(const struct engine *e, const struct ring_state *r)
{
    int32_t least_ds = r->left_ds;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->preempts)
        least_ds =
            smaller(least_ds, least_left(r->left_ds, r->length_ds, e->plan->preempt[ix].enter_yellow_ds));
    return least_ds;
}

/* Least time until the phase that is on has left yellow; its red clearance counts only once it runs, for
 * it may be omitted. A preempt may shorten all of it. */
static int32_t earliest_red(const struct outlook *o, int ring)
{
    const struct engine *e = o->e;
    const struct ring_state *r = &e->ctl.ring[ring];
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    bool whole = !e->plan->preempts;
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_GREEN:
        return earliest_green_end(o, ring) + p->flashing_green_ds + (whole ? p->yellow_ds : 0);
    case INTERVAL_FLASHING_GREEN:
        return r->left_ds + (whole ? p->yellow_ds : 0);
    case INTERVAL_YELLOW:
        return earliest_yellow_end(e, r);
    case INTERVAL_RED_CLEAR:
        return whole ? r->left_ds : 0;
    case INTERVAL_BEFORE_GREEN: /* it may yet have to give way */
        return whole ? p->yellow_ds : 0;
    case INTERVAL_REST:
        break;
    }
    return 0;
}

/* Least time until a phase that is not on may turn green. */
static int32_t earliest_green(const struct outlook *o, int ix)
{
    const struct engine *e = o->e;
    int64_t revert_ds = e->ctl.phase[ix].yellow_end_ds + e->plan->phase[ix].red_revert_ds - e->ctl.now_ds;
    int32_t left_ds = revert_ds > 0 ? (int32_t)revert_ds : 0;
    for (int ring = 0; ring < o->s->ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        if (r->interval != INTERVAL_REST && (o->s->conflicts[ix] & bit(r->phase_ix)))
            left_ds = larger(left_ds, earliest_red(o, ring));
    }
    return left_ds;
}

/* ---- latest ---- */

/* Whether something that is not traffic may keep the green, or make its end mean something else. */
static bool open_ended(const struct outlook *o, int ring)
{
    const struct engine *e = o->e;
    return e->ctl.manual || unit_ring_stopped(e, ring) || e->ctl.control.hold_mask || e->ctl.draining ||
           e->plan->preempts || e->plan->priorities || e->directions.steering ||
           e->ctl.flash.stage != FLASH_OFF;
}

/* The longest that yellow, red and all that may stand between this green and the next can take. */
static int32_t longest_clearance(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    int32_t trail_ds = 0;
    int k;
    FOR_EACH_BIT(k, (uint64_t)e->plan->overlaps) {
        const struct plan_overlap *overlap = &e->plan->overlap[k];
        if (e->plan->structure.overlap[k].included & bit(ix))
            trail_ds =
                larger(trail_ds, overlap->trail_green_ds + overlap->trail_yellow_ds + overlap->trail_red_ds);
    }
    return p->flashing_green_ds + p->yellow_ds + larger(p->red_clear_ds, p->red_revert_ds) + trail_ds;
}

/* The longest that a green which has not begun can be bound to last. */
static int32_t longest_minimum(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    int32_t initial_ds = p->maximum_initial_ds ? p->maximum_initial_ds : p->added_initial_ds ? NEVER : 0;
    int32_t walk_ds = larger(p->walk_ds, p->alternate_walk_ds);
    int32_t clear_ds = larger(p->ped_clear_ds, p->alternate_ped_clear_ds);
    int32_t least_ds =
        larger(larger(p->minimum_ds, p->bicycle_minimum_ds), 1); /* no green ends as it begins */
    int32_t service_ds = p->red_yellow_ds + p->ped_advance_ds + least_ds;
    return larger(larger(service_ds, initial_ds),
                  p->red_yellow_ds + p->ped_advance_ds + p->ped_delay_ds + walk_ds + clear_ds);
}

static int32_t longest_maximum(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    int32_t most_ds = larger(p->maximum_ds[0], p->dynamic_limit_ds);
    return larger(most_ds, coord_maximum(e, ix));
}

/* What a phase that has not begun can add at most; in coordination on top of its force-off. */
static int32_t longest_service(const struct outlook *o, int ix)
{
    int32_t before_ds = 0;
    int other;
    FOR_EACH_BIT(other, o->s->ring_phases[o->s->ring_of[ix]])
        before_ds = larger(before_ds, longest_clearance(o->e, other));
    int32_t green_ds = longest_minimum(o->e, ix);
    return sum(before_ds, o->coordinated ? green_ds : larger(green_ds, longest_maximum(o->e, ix)));
}

/* Time until the clock forces phase `ix` off, if that is known now: beyond local zero the cycle may be
 * another. */
static int32_t forced_in(const struct outlook *o, int ix)
{
    const struct coord_program *p = &o->e->ctl.coord.program;
    if (!o->coordinated || !(p->governed & bit(ix)))
        return NEVER;
    int32_t left_ds = program_ahead(p, o->e->ctl.coord.local_ds, p->force_ds[ix]);
    return left_ds < o->zero_ds ? left_ds : NEVER;
}

/* When a green that runs against a standing call is ready to end. */
static int32_t latest_ready(const struct outlook *o, int ring)
{
    const struct engine *e = o->e;
    const struct ring_state *r = &e->ctl.ring[ring];
    int ix = r->phase_ix;
    uint64_t phase = bit(ix);
    int32_t end_ds = NEVER;
    if (!(o->standing & o->s->conflicts[ix]) || open_ended(o, ring))
        return NEVER;
    if (o->coordinated) {
        int32_t left_ds = coord_time_to_force_ds(e, ring);
        end_ds = left_ds < o->zero_ds ? left_ds : NEVER;
    } else if (r->max_running && !bit_set(e->directions.max_inhibit_rings, ring)) {
        int32_t most_ds = green_maximum(e, ring);
        if (e->plan->phase[ix].dynamic_limit_ds) /* a detector may fail or recover */
            most_ds = larger(most_ds, larger(r->maximum_ds[KIND_MAXIMUM_1], r->maximum_ds[KIND_DYNAMIC]));
        end_ds = larger(most_ds - r->max_ds, 0);
    }
    int32_t ped_ds = ped_holds_green_ds(e, ring);
    bool rests = (e->plan->rest_in_walk | e->directions.non_actuated) & phase;
    if (r->walk_waits)
        ped_ds = longest_minimum(e, ix);
    else if (r->ped == PED_WALK && rests) /* its clearance may begin as late as at the end */
        ped_ds = sum(larger(end_ds, r->ped_left_ds), longest_minimum(e, ix));
    return larger(larger(larger(end_ds, r->initial_left_ds), ped_ds), 1);
}

/* Phases of the ring that may still be served before the barrier. */
static uint64_t still_to_come(const struct outlook *o, int ring)
{
    const struct engine *e = o->e;
    const struct ring_state *r = &e->ctl.ring[ring];
    int cluster = o->s->cluster_of_ring[ring];
    uint64_t side =
        o->s->cluster[cluster].side_phases[e->ctl.cluster[cluster].side] & o->s->ring_phases[ring];
    uint64_t coming = r->next_ix >= 0 ? bit(r->next_ix) : 0;
    if (r->served_here)
        side &= engine_order(e, cluster)->later[r->phase_ix] | r->skipped;
    if (coming) /* and what lies behind that */
        side |= engine_order(e, cluster)->later[r->next_ix];
    return side | coming;
}

/* When what the ring shows now is over, or ready to be. */
static int32_t latest_now(const struct outlook *o, int ring)
{
    const struct ring_state *r = &o->e->ctl.ring[ring];
    if (open_ended(o, ring))
        return NEVER;
    if (r->interval == INTERVAL_GREEN)
        return latest_ready(o, ring);
    return r->interval == INTERVAL_REST ? 0 : sum(r->left_ds, longest_clearance(o->e, r->phase_ix));
}

/* Whether every phase of the side in service goes with every one of another ring: otherwise rings wait for
 * each other in ways that are not followed here. */
static bool plain_side(const struct outlook *o, int cluster)
{
    const struct plan_cluster *c = &o->s->cluster[cluster];
    uint64_t side = c->side_phases[o->e->ctl.cluster[cluster].side];
    int ix;
    FOR_EACH_BIT(ix, side)
        if (side & o->s->conflicts[ix] & ~o->s->ring_phases[o->s->ring_of[ix]])
            return false;
    return !(o->e->plan->conditional_service & side);
}

/* When all rings are done with the side. A phase that is still to come may be called in the last moment, when
 * the other rings are ready; but each only once, for nobody goes back while somebody waits across. */
static int32_t latest_crossing(const struct outlook *o, int cluster)
{
    const struct plan_cluster *c = &o->s->cluster[cluster];
    int32_t latest_ds = 0, coming_ds = 0;
    int ring, ix;
    if (!plain_side(o, cluster) ||
        !(o->standing & c->phases & ~c->side_phases[o->e->ctl.cluster[cluster].side]))
        return NEVER;
    FOR_EACH_BIT(ring, (uint64_t)c->ring_mask) {
        latest_ds = larger(latest_ds, latest_now(o, ring));
        FOR_EACH_BIT(ix, still_to_come(o, ring)) {
            if (o->coordinated)
                latest_ds = larger(latest_ds, forced_in(o, ix));
            coming_ds = sum(coming_ds, longest_service(o, ix));
        }
    }
    return sum(latest_ds, coming_ds);
}

/* The green ends for a standing call behind it on this side as soon as it is ready, and for one across the
 * barrier when all rings are. */
static int32_t latest_green_end(const struct outlook *o, int ring)
{
    const struct ring_state *r = &o->e->ctl.ring[ring];
    int cluster = o->s->cluster_of_ring[ring];
    int32_t end_ds = NEVER;
    if (plain_side(o, cluster) && (engine_order(o->e, cluster)->later[r->phase_ix] & o->standing))
        end_ds = latest_ready(o, ring);
    else if (o->done_ds[cluster] < NEVER)
        end_ds = larger(o->done_ds[cluster], latest_ready(o, ring));
    return end_ds < o->surprise_ds ? end_ds : NEVER;
}

/* A committed successor begins when the slowest of those it waits for has cleared. */
static int32_t latest_green(const struct outlook *o, int ix)
{
    const struct engine *e = o->e;
    int own = o->s->ring_of[ix], cluster = o->s->cluster_of_ring[own], ring;
    bool crossing = e->ctl.cluster[cluster].crossing;
    int32_t latest_ds = 0;
    if (e->ctl.ring[own].next_ix != ix || e->plan->overlaps || e->plan->phase[ix].ped_advance_ds ||
        e->plan->phase[ix].red_yellow_ds)
        return NEVER;
    FOR_EACH_BIT(ring, (uint64_t)o->s->cluster[cluster].ring_mask) {
        const struct ring_state *r = &e->ctl.ring[ring];
        bool in_the_way = ring == own || crossing ||
                          (r->interval != INTERVAL_REST && (o->s->conflicts[ix] & bit(r->phase_ix)));
        if (!in_the_way)
            continue;
        if (open_ended(o, ring) || r->interval == INTERVAL_GREEN)
            return NEVER;
        if (r->interval != INTERVAL_REST) {
            const struct plan_phase *p = &e->plan->phase[r->phase_ix];
            int32_t after_ds = (r->interval == INTERVAL_FLASHING_GREEN ? p->yellow_ds : 0) +
                               (r->interval != INTERVAL_RED_CLEAR ? larger(p->red_clear_ds, 0) : 0);
            int32_t ped_ds = r->ped == PED_CLEAR ? r->ped_left_ds : 0;
            latest_ds = larger(latest_ds, larger(r->left_ds + after_ds, ped_ds));
        }
        if (r->next_ix >= 0 && (ring == own || crossing)) {
            int64_t revert_ds = e->ctl.phase[r->next_ix].yellow_end_ds +
                                e->plan->phase[r->next_ix].red_revert_ds - e->ctl.now_ds;
            bool reverts = r->next_ix == r->phase_ix && r->interval != INTERVAL_RED_CLEAR &&
                           r->interval != INTERVAL_REST;
            if (reverts)
                return NEVER;
            latest_ds = larger(latest_ds, revert_ds > 0 ? (int32_t)revert_ds : 0);
        }
    }
    bool replanned = o->coordinated && latest_ds >= o->zero_ds; /* another pattern may leave it out */
    return latest_ds < o->surprise_ds && !replanned ? latest_ds : NEVER;
}

/* ---- channels ---- */

/* Time until red turns into red-yellow, or that into green. */
static int32_t earliest_red_end(const struct outlook *o, int ix)
{
    const struct engine *e = o->e;
    const struct ring_state *r = &e->ctl.ring[o->s->ring_of[ix]];
    bool unlit = r->phase_ix == ix && r->interval == INTERVAL_BEFORE_GREEN;
    int32_t green_ds = unlit ? larger(r->left_ds, 0) : earliest_green(o, ix);
    if (!(e->ctl.red_yellow & bit(ix)))
        return larger(green_ds - e->plan->phase[ix].red_yellow_ds, 0);
    return unlit ? green_ds : larger(green_ds, r->red_yellow_left_ds);
}

static struct bounds vehicle_bounds(const struct outlook *o, int ix)
{
    const struct engine *e = o->e;
    int ring = o->s->ring_of[ix];
    const struct ring_state *r = &e->ctl.ring[ring];
    int32_t clearance_ds = unit_ring_stopped(e, ring) ? NEVER : r->left_ds;
    int32_t timed_ds = o->timed ? timetable_change_ds(e, ix) : -1;
    if (timed_ds >= 0 && timed_ds < o->surprise_ds)
        return (struct bounds){timed_ds, timed_ds};
    if (r->phase_ix != ix || r->interval == INTERVAL_REST)
        return (struct bounds){earliest_red_end(o, ix), latest_green(o, ix)};
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_GREEN:
        return (struct bounds){earliest_green_end(o, ring), latest_green_end(o, ring)};
    case INTERVAL_FLASHING_GREEN:
        return (struct bounds){r->left_ds, clearance_ds};
    case INTERVAL_YELLOW:
        return (struct bounds){earliest_yellow_end(e, r), clearance_ds};
    case INTERVAL_BEFORE_GREEN:
        return (struct bounds){earliest_red_end(o, ix), NEVER};
    case INTERVAL_RED_CLEAR:
    case INTERVAL_REST:
        break;
    }
    int32_t green_ds = larger(earliest_red(o, ring), earliest_green(o, ix));
    return (struct bounds){larger(green_ds - e->plan->phase[ix].red_yellow_ds, 0), NEVER};
}

/* A clearance on flashing red looks like the don't walk that follows: its end is no change of colour. */
static struct bounds ped_bounds(const struct outlook *o, int ix, bool clear_green)
{
    const struct engine *e = o->e;
    int ring = o->s->ring_of[ix];
    const struct ring_state *r = &e->ctl.ring[ring];
    bool by_hand = e->ctl.manual;
    bool certain = clear_green && !by_hand && !unit_ring_stopped(e, ring);
    if (r->phase_ix != ix || r->interval == INTERVAL_REST)
        return (struct bounds){earliest_green(o, ix), NEVER};
    int32_t least_ds = by_hand || e->plan->preempts ? 0 : r->ped_left_ds;
    switch ((enum ped_interval)r->ped) {
    case PED_WALK:
        return (struct bounds){least_ds, NEVER};
    case PED_CLEAR:
        return (struct bounds){by_hand && e->plan->auto_ped_clear ? r->ped_left_ds : least_ds,
                               certain ? r->ped_left_ds : NEVER};
    case PED_DONT_WALK:
        break;
    }
    return (struct bounds){0, NEVER};
}

/* Recalls that stay: not those in place of a failed detector, nor those that speed management suspends. */
static uint64_t standing_recalls(const struct engine *e)
{
    if (e->ctl.failed_phases)
        return 0;
    return (e->plan->speed_phases ? 0 : e->directions.min_recall) | e->directions.max_recall;
}

/* ---- overlaps ---- */

/* Least time until one of `phases` may turn green; 0 where one is on, for then anything may come. */
static int32_t earliest_of(const struct outlook *o, uint64_t phases)
{
    int32_t least_ds = NEVER;
    int ix;
    if (phases & (o->e->ctl.on | o->e->ctl.before_green))
        return 0;
    FOR_EACH_BIT(ix, phases)
        least_ds = smaller(least_ds, earliest_red_end(o, ix));
    return least_ds;
}

/* An overlap without modifiers stays green as long as one of its phases does. */
static int32_t earliest_overlap_end(const struct outlook *o, const struct plan_parents *overlap)
{
    int32_t least_ds = 0;
    if (overlap->modifier || overlap->conflicting_peds || o->e->plan->preempts)
        return 0;
    for (int ring = 0; ring < o->s->ring_count; ring++) {
        const struct ring_state *r = &o->e->ctl.ring[ring];
        if (r->interval == INTERVAL_GREEN && (overlap->included & bit(r->phase_ix)))
            least_ds = larger(least_ds, earliest_green_end(o, ring));
    }
    return least_ds;
}

/* Yellow with the phases, or by its own timer. */
static struct bounds overlap_yellow(const struct outlook *o, const struct overlap_state *state)
{
    struct bounds b = {NEVER, 0};
    bool stopped = false;
    for (int ring = 0; ring < o->s->ring_count; ring++) {
        const struct ring_state *r = &o->e->ctl.ring[ring];
        stopped = stopped || unit_ring_stopped(o->e, ring);
        if (state->alone || r->interval != INTERVAL_YELLOW || !(state->parents & bit(r->phase_ix)))
            continue;
        b.min_ds = smaller(b.min_ds, earliest_yellow_end(o->e, r));
        b.max_ds = larger(b.max_ds, r->left_ds);
    }
    if (state->alone)
        b = (struct bounds){o->e->plan->preempts ? 0 : state->left_ds, state->left_ds};
    return (struct bounds){b.min_ds < NEVER ? b.min_ds : 0, b.min_ds < NEVER && !stopped ? b.max_ds : NEVER};
}

static struct bounds overlap_bounds(const struct outlook *o, int ix)
{
    const struct plan_parents *overlap = &o->s->overlap[ix];
    const struct overlap_state *state = &o->e->ctl.overlap[ix];
    switch ((enum overlap_color)state->color) {
    case OVERLAP_GREEN:
        return (struct bounds){earliest_overlap_end(o, overlap), NEVER};
    case OVERLAP_YELLOW:
        return overlap_yellow(o, state);
    case OVERLAP_RED:
    case OVERLAP_RED_CLEAR:
        return (struct bounds){earliest_of(o, overlap->included | overlap->modifier), NEVER};
    case OVERLAP_FLASHING_GREEN:
    case OVERLAP_TRAIL_GREEN:
    case OVERLAP_ARROW:
    case OVERLAP_DARK:
    case OVERLAP_RED_YELLOW:
        break;
    }
    return (struct bounds){0, NEVER};
}

/* A walk lasts its own time at least, its clearance exactly: but the next of its phases may turn it into a
 * walk again, and a preempt ends walks. */
static struct bounds ped_overlap_bounds(const struct outlook *o, int ix)
{
    const struct overlap_state *state = &o->e->ctl.overlap[ix];
    int32_t begin_ds = earliest_of(o, o->s->overlap[ix].included);
    switch ((enum ped_interval)state->ped) {
    case PED_WALK:
        return (struct bounds){o->e->plan->preempts ? 0 : state->left_ds, NEVER};
    case PED_CLEAR:
        return (struct bounds){smaller(begin_ds, state->left_ds),
                               unit_stopped_rings(o->e) ? NEVER : state->left_ds};
    case PED_DONT_WALK:
        break;
    }
    return (struct bounds){begin_ds, NEVER};
}

/* Calls that stay until they are served, whatever traffic does. */
static uint64_t standing_calls(const struct outlook *o)
{
    const struct engine *e = o->e;
    const struct directions *d = &e->directions;
    uint64_t mask = standing_recalls(e) | e->ctl.locked;
    mask =
        (mask & e->ctl.vehicle_call) | (e->ctl.ped_locked & e->ctl.ped_call & ~(d->ped_omit | d->ped_closed));
    if (o->coordinated)
        mask &= e->ctl.coord.program.coordinated; /* others may be shut out until the next yield */
    return mask & ~(d->omit | d->closed) & ~(e->plan->backup_prevent ? ~UINT64_C(0) : 0);
}

/* Whether a flash is on its way, or a preempt may bring one at any time. */
static bool flash_near(const struct engine *e)
{
    bool near = e->ctl.flash.stage != FLASH_OFF;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->preempts)
        near = near || (e->plan->preempt[ix].control & (PREEMPT_FLASH_DWELL | PREEMPT_ALL_RED_FLASH));
    return near;
}

static void look_ahead(struct outlook *o, const struct engine *e)
{
    *o = (struct outlook){.e = e, .s = &e->plan->structure};
    o->coordinated = e->ctl.coord.stage == COORD_RUNNING && e->ctl.preempt.active_ix < 0;
    o->surprise_ds = timebase_steady_ds(e);
    if (e->ctl.coord.stage == COORD_PICKUP) /* other rules in any tick now */
        o->surprise_ds = 0;
    if (o->coordinated)
        o->zero_ds = e->ctl.coord.program.cycle_ds - e->ctl.coord.local_ds;
    o->flash_ds = flash_near(e) ? 0 : o->surprise_ds;
    o->timed = o->coordinated && timetable_binds(e);
    o->standing = standing_calls(o);
    for (int cluster = 0; cluster < o->s->cluster_count; cluster++)
        o->done_ds[cluster] = latest_crossing(o, cluster);
}

void predict_channels(const struct engine *e, int32_t min_ds[CHANNELS_MAX], int32_t max_ds[CHANNELS_MAX])
{
    const struct plan_structure *s = &e->plan->structure;
    struct outlook o;
    bool running = e->ctl.unit == UNIT_RUNNING;
    if (running)
        look_ahead(&o, e);
    for (int i = 0; i < CHANNELS_MAX; i++) {
        const struct plan_channel *channel = &s->channel[i];
        struct bounds b = {PREDICT_UNKNOWN, NEVER};
        if (running && channel->source == SOURCE_VEHICLE)
            b = vehicle_bounds(&o, channel->source_ix);
        else if (running && channel->source == SOURCE_PEDESTRIAN)
            b = ped_bounds(&o, channel->source_ix, channel->ped_clear_green);
        else if (running && channel->source == SOURCE_OVERLAP)
            b = overlap_bounds(&o, channel->source_ix);
        else if (running && channel->source == SOURCE_PED_OVERLAP)
            b = ped_overlap_bounds(&o, channel->source_ix);
        bool on = channel_has(&e->frame.green, i + 1) || channel_has(&e->frame.yellow, i + 1);
        if (running && !on && b.min_ds > o.flash_ds) /* out of red, or of the dark in its place */
            b.min_ds = o.flash_ds;
        /* Nothing changes before the next tick. */
        min_ds[i] = b.min_ds == 0 ? 1 : b.min_ds;
        max_ds[i] = b.max_ds >= NEVER ? PREDICT_UNKNOWN : larger(b.max_ds, 1);
    }
}
