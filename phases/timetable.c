#include "timetable.h"
#include "engine_internal.h"

enum { DAY_DS = 24 * 3600 * 10 };

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static const struct coord_program *program(const struct engine *e)
{
    return &e->ctl.coord.program;
}

/* Phases that the cycle serves. */
static uint64_t timed_phases(const struct engine *e)
{
    return program(e)->governed & ~program(e)->omit;
}

static int32_t clearance_ds(const struct plan_phase *p)
{
    return p->flashing_green_ds + p->yellow_ds + p->red_clear_ds;
}

/* Nothing is configured, and nothing commanded, that may move a green. */
static bool undisturbed(const struct engine *e)
{
    const struct plan *plan = e->plan;
    const struct control *control = &e->ctl.control;
    uint64_t timed = timed_phases(e);
    uint8_t rings = (uint8_t)((1U << plan->structure.ring_count) - 1);
    bool configured = plan->preempts || plan->priorities || plan->overlaps || program(e)->early_ds ||
                      (plan->conditional_service & timed) || (rings & ~e->directions.max_inhibit_rings) != 0;
    bool commanded = control->force_off_mask || control->ring_force_off_mask ||
                     control->ring_omit_red_clear_mask || control->hold_mask ||
                     (e->directions.omit & timed) || e->ctl.manual;
    return !configured && !commanded && !e->ctl.speed.managed && !e->directions.steering;
}

/* Whatever may be served in a green of the phase fits into its split. */
static bool service_fits(const struct engine *e, int ix)
{
    const struct plan_phase *p = &e->plan->phase[ix];
    int32_t most_ds = larger(larger(p->minimum_ds, p->bicycle_minimum_ds), p->maximum_initial_ds);
    if (p->red_yellow_ds || p->ped_advance_ds || (p->added_initial_ds && !p->maximum_initial_ds))
        return false;
    if (e->plan->pedestrians & bit(ix)) {
        if ((e->plan->rest_in_walk | e->directions.non_actuated) & bit(ix))
            return false;
        most_ds = larger(most_ds, p->ped_delay_ds + larger(p->walk_ds, p->alternate_walk_ds) +
                                      larger(p->ped_clear_ds, p->alternate_ped_clear_ds));
    }
    return larger(most_ds, 1) <= program(e)->green_ds[ix]; /* no green is shorter than a tick */
}

/* The phase goes with all of the other rings on its side and with none across the barrier: otherwise rings
 * wait for each other in ways that no split tells. */
static bool sides_are_plain(const struct engine *e, int ix)
{
    const struct plan_structure *s = &e->plan->structure;
    const struct plan_cluster *cluster = &s->cluster[s->cluster_of_ring[s->ring_of[ix]]];
    uint64_t others = timed_phases(e) & cluster->phases & ~bit(ix);
    uint64_t with = cluster->side_phases[s->side_of[ix]] & ~s->ring_phases[s->ring_of[ix]];
    return (s->conflicts[ix] & others) == (others & ~with);
}

/* A green ends at its force-off and not before, and somebody always waits behind it. */
static bool runs_to_its_end(const struct engine *e, int ix)
{
    uint64_t held = e->directions.max_recall | program(e)->coordinated;
    return (held & bit(ix)) && (e->plan->structure.conflicts[ix] & timed_phases(e)) && service_fits(e, ix) &&
           sides_are_plain(e, ix);
}

/* The phase is let in when the one before it in its ring is forced off, and its split begins when that one
 * has cleared: one that is left out between them may leave a gap, in which it begins early. */
static bool let_in(const struct coord_program *p, int before_ix, int ix)
{
    if (program_ahead(p, p->force_ds[before_ix], p->start_ds[ix]) != p->clear_ds[before_ix])
        return false;
    return (p->coordinated & bit(ix)) || program_ahead(p, p->yield_ds[ix], p->force_ds[before_ix]) <=
                                             p->open_ds[ix] - p->clear_ds[before_ix];
}

/* The rings leave every side together: the last phases of all of them are forced off at the same time. */
static bool leaves_with_the_others(const struct engine *e, int ix, int32_t leave_ds[RINGS_MAX][PHASES_MAX])
{
    const struct plan_structure *s = &e->plan->structure;
    int32_t *leave = &leave_ds[s->cluster_of_ring[s->ring_of[ix]]][s->side_of[ix]];
    int32_t force_ds = program(e)->force_ds[ix] + 1; /* 0: nobody yet */
    if (*leave && *leave != force_ds)
        return false;
    *leave = force_ds;
    return true;
}

static bool ring_binds(const struct engine *e, int ring, int32_t leave_ds[RINGS_MAX][PHASES_MAX])
{
    const struct plan_structure *s = &e->plan->structure;
    const int8_t *order = s->order[program(e)->sequence_ix].ring_phase[ring];
    int first = -1, before = -1;
    for (int i = 0; i < s->ring_length[ring]; i++) {
        int ix = order[i];
        if (!(timed_phases(e) & bit(ix)))
            continue;
        if (!runs_to_its_end(e, ix) || (before >= 0 && !let_in(program(e), before, ix)))
            return false;
        if (before >= 0 && s->side_of[before] != s->side_of[ix] &&
            !leaves_with_the_others(e, before, leave_ds))
            return false;
        first = first < 0 ? ix : first;
        before = ix;
    }
    return before < 0 || (let_in(program(e), before, first) && leaves_with_the_others(e, before, leave_ds));
}

/* How long ago the green of `ix` was planned to end, by the clearance that runs. */
static int32_t cleared_ds(const struct engine *e, const struct ring_state *r)
{
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_FLASHING_GREEN:
        return p->flashing_green_ds - r->left_ds;
    case INTERVAL_YELLOW:
        return p->flashing_green_ds + p->yellow_ds - r->left_ds;
    case INTERVAL_RED_CLEAR:
        return clearance_ds(p) - r->left_ds;
    case INTERVAL_REST:
    case INTERVAL_BEFORE_GREEN:
    case INTERVAL_GREEN:
        break;
    }
    return -1;
}

static bool nobody_planned(const struct engine *e, int ring)
{
    const struct coord_program *p = program(e);
    int ix;
    FOR_EACH_BIT(ix, e->plan->structure.ring_phases[ring] & timed_phases(e))
        if (program_ahead(p, p->start_ds[ix], e->ctl.coord.local_ds) <
            p->green_ds[ix] + clearance_ds(&e->plan->phase[ix]))
            return false;
    return true;
}

/* The ring is where its program has it now, or will be when this green ends. */
static bool on_time(const struct engine *e, int ring)
{
    const struct coord_program *p = program(e);
    const struct ring_state *r = &e->ctl.ring[ring];
    int32_t local_ds = e->ctl.coord.local_ds;
    if (r->interval == INTERVAL_REST)
        return nobody_planned(e, ring);
    if (!(timed_phases(e) & bit(r->phase_ix)))
        return false;
    if (r->interval != INTERVAL_GREEN)
        return cleared_ds(e, r) == program_ahead(p, p->force_ds[r->phase_ix], local_ds);
    int32_t left_ds = program_ahead(p, local_ds, p->force_ds[r->phase_ix]);
    int32_t passed_ds = program_ahead(p, p->start_ds[r->phase_ix], local_ds);
    if (e->ctl.coord.ring[ring].phase_ix != r->phase_ix) /* its force-off is timed from the next tick on */
        return passed_ds == 0;
    return passed_ds < p->green_ds[r->phase_ix] && coord_time_to_force_ds(e, ring) == left_ds &&
           r->initial_left_ds <= left_ds && ped_holds_green_ds(e, ring) <= left_ds;
}

bool timetable_binds(const struct engine *e)
{
    const struct plan_structure *s = &e->plan->structure;
    int32_t leave_ds[RINGS_MAX][PHASES_MAX] = {{0}};
    if (e->ctl.coord.stage != COORD_RUNNING || !undisturbed(e))
        return false;
    for (int ring = 0; ring < s->ring_count; ring++) {
        bool governed = s->ring_phases[ring] & program(e)->governed;
        if (governed && (unit_ring_stopped(e, ring) || !on_time(e, ring) || !ring_binds(e, ring, leave_ds)))
            return false;
    }
    return true;
}

/* Whether the next cycle is going to be like this one: in step with the system's, whose own cycle does not
 * begin anew before, at its reference or because the clock is put forward or back. */
static bool next_cycle_alike(const struct engine *e)
{
    const struct timebase_state *tb = &e->ctl.timebase;
    int32_t zero_ds = program(e)->cycle_ds - e->ctl.coord.local_ds;
    if (!coord_in_step(e))
        return false;
    if (e->ctl.control.system_synced || !tb->utc_ds)
        return true;
    return timebase_since_sync_ds(e) + zero_ds < DAY_DS && tb->utc_ds + zero_ds < tb->steady_until_ds;
}

int32_t timetable_change_ds(const struct engine *e, int ix)
{
    const struct coord_program *p = program(e);
    const struct ring_state *r = &e->ctl.ring[e->plan->structure.ring_of[ix]];
    bool on = r->phase_ix == ix && r->interval != INTERVAL_REST;
    int32_t local_ds = e->ctl.coord.local_ds, change_ds;
    if (!(timed_phases(e) & bit(ix)))
        return -1;
    if (on && (r->interval == INTERVAL_FLASHING_GREEN || r->interval == INTERVAL_YELLOW))
        return r->left_ds;
    if (on && r->interval == INTERVAL_GREEN)
        change_ds = program_ahead(p, local_ds, p->force_ds[ix]);
    else
        change_ds = program_ahead(p, local_ds, p->start_ds[ix]);
    bool this_cycle = local_ds + change_ds < p->cycle_ds;
    return change_ds > 0 && (this_cycle || next_cycle_alike(e)) ? change_ds : -1;
}
