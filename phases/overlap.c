/* Overlaps: lamps that go by several phases (1202 v03 5.10.2.2). What an overlap begins, it begins with the
 * green of one of its phases. It ends with theirs where it can: then their yellow and red clearance are its
 * own. Where it cannot (a modifier or a pedestrian is coming, the successor it waited for was dropped, it
 * trails), it clears alone, by its own timer, and whoever conflicts with it waits. So no overlap ever turns
 * from green to red without a whole yellow. */
#include "overlap.h"
#include <string.h>

/* The rings' intervals in the middle of a tick, before their masks are drawn up. */
static void look_at_clearances(struct overlap_sight *s, const struct engine *e)
{
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        if (r->interval == INTERVAL_YELLOW)
            s->yellow |= bit(r->phase_ix);
        else if (r->interval == INTERVAL_RED_CLEAR)
            s->clearing |= bit(r->phase_ix);
    }
}

static void look_around(struct overlap_sight *s, const struct engine *e)
{
    const struct directions *d = &e->directions;
    s->green = e->ctl.green;
    s->flashing = e->ctl.flashing_green;
    s->yellow = e->ctl.yellow;
    s->clearing = e->ctl.red_clear;
    s->next = e->ctl.next | e->ctl.before_green;
    s->walk = e->ctl.walk | e->ctl.walk_waits;
    s->ped_clear = e->ctl.ped_clear;
    s->called = (e->ctl.ped_call | d->non_actuated) & e->plan->pedestrians & ~d->ped_omit;
    s->walk_ends = d->walk_ends;
    s->lingering = e->ctl.overlap_lamps.lingering;
    s->preempted = preempt_active(e);
    s->permitted = s->preempted ? preempt_overlaps(e) : UINT32_MAX;
    s->recycling_rings = e->ctl.control.ring_ped_recycle_mask;
    s->lamps_off = e->ctl.timebase.lamps_off;
}

static struct overlap overlap_of(struct scene *s, int ix)
{
    return (struct overlap){
        s, ix, &s->e->plan->structure.overlap[ix], &s->e->plan->overlap[ix], &s->e->ctl.overlap[ix],
    };
}

static int32_t longer(int32_t a_ds, int32_t b_ds)
{
    return a_ds > b_ds ? a_ds : b_ds;
}

struct times overlap_times(const struct overlap *o)
{
    struct times t = {.yellow_ds = 1};
    int ix;
    FOR_EACH_BIT(ix, o->state->parents) {
        const struct plan_phase *p = &o->s->e->plan->phase[ix];
        t.flashing_green_ds = longer(t.flashing_green_ds, p->flashing_green_ds);
        t.yellow_ds = longer(t.yellow_ds, p->yellow_ds);
        t.red_clear_ds = longer(t.red_clear_ds, p->red_clear_ds);
        t.red_revert_ds = longer(t.red_revert_ds, p->red_revert_ds);
    }
    return t;
}

bool overlap_is_minus(const struct overlap *o)
{
    return o->of->type == OVERLAP_MINUS_GREEN_YELLOW || o->of->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
}

bool overlap_has_arrow(const struct overlap *o)
{
    return o->of->type >= OVERLAP_FLASHING_YELLOW_3 && o->of->type <= OVERLAP_FLASHING_RED_4;
}

void overlap_enter(const struct overlap *o, enum overlap_color color)
{
    static const uint8_t code[] = {
        [OVERLAP_RED] = EVENT_OVERLAP_OFF,
        [OVERLAP_GREEN] = EVENT_OVERLAP_GREEN,
        [OVERLAP_FLASHING_GREEN] = 0,
        [OVERLAP_TRAIL_GREEN] = EVENT_OVERLAP_TRAIL_GREEN,
        [OVERLAP_ARROW] = EVENT_ARROW_START,
        [OVERLAP_YELLOW] = EVENT_OVERLAP_YELLOW,
        [OVERLAP_RED_CLEAR] = EVENT_OVERLAP_RED_CLEAR,
        [OVERLAP_DARK] = EVENT_OVERLAP_DARK,
        [OVERLAP_RED_YELLOW] = 0,
    };
    if (o->state->color == OVERLAP_ARROW)
        emit(o->s->e, EVENT_ARROW_END, o->ix + 1);
    if (code[color])
        emit(o->s->e, code[color], o->ix + 1);
    o->state->color = (uint8_t)color;
    if (color == OVERLAP_RED)
        o->state->alone = o->state->trailing = false;
    o->s->moved = true;
}

/* Steady don't walk behind the clearance, before whoever conflicts may begin. */
static int32_t dont_walk_ds(const struct overlap *o)
{
    return longer(overlap_times(o).red_clear_ds, o->plan->trail_red_ds);
}

void overlap_enter_walk(const struct overlap *o, enum ped_interval interval)
{
    static const uint8_t code[] = {
        [PED_DONT_WALK] = EVENT_PED_OVERLAP_DONT_WALK,
        [PED_WALK] = EVENT_PED_OVERLAP_WALK,
        [PED_CLEAR] = EVENT_PED_OVERLAP_CLEAR,
    };
    struct overlap_state *state = o->state;
    int32_t walked_on_ds = interval == state->ped ? state->left_ds : 0; /* begun anew with another green */
    if (state->ped != interval)
        emit(o->s->e, code[interval], o->ix + 1);
    state->ped = (uint8_t)interval;
    state->left_ds = interval == PED_WALK ? longer(o->plan->walk_ds + o->plan->trail_green_ds, walked_on_ds)
                     : interval == PED_CLEAR ? o->plan->ped_clear_ds
                                             : dont_walk_ds(o);
    state->alone = true;
    o->s->moved = true;
}

/* ---- what all of them show, and whom they keep waiting ---- */

/* An arrow goes by the phases that protect it, not by those it yields to. */
static bool is_protected(const struct overlap *o)
{
    return overlap_has_arrow(o) && (o->state->parents & o->of->modifier);
}

/* Whoever conflicts with one of its parents, but never a phase it could go on with. */
static uint64_t parents_conflicts(const struct overlap *o)
{
    uint64_t conflicts = 0;
    int ix;
    FOR_EACH_BIT(ix, o->state->parents)
        conflicts |= o->s->e->plan->structure.conflicts[ix];
    return conflicts & ~(is_protected(o) ? o->of->modifier : o->of->included);
}

/* While an overlap goes by phases that are on, these keep their rivals away. Whatever clears alone, and a
 * green held between two of its phases, has to do so itself. */
static uint64_t barred_by(const struct overlap *o)
{
    const struct overlap_state *state = o->state;
    bool held = state->color == OVERLAP_GREEN || state->color == OVERLAP_ARROW || state->ped == PED_WALK;
    uint64_t barred = 0;
    if (state->alone)
        barred = parents_conflicts(o);
    else if (held)
        barred = is_protected(o) ? o->of->modifier_conflicts : o->of->conflicts;
    if (overlap_is_minus(o) && o->plan->after_modifier && state->color != OVERLAP_RED)
        barred |= o->of->modifier;
    return barred;
}

/* Phases whose pedestrians may not walk into it. Where a protected green meets them they are not its concern.
 */
static uint64_t walks_barred_by(const struct overlap *o)
{
    return o->state->color == OVERLAP_RED || is_protected(o) ? 0 : o->of->conflicting_peds;
}

/* Beside an arrow a phase may begin while its walk waits, and the arrow's phases are asked to end for it. A
 * rival of these has to end them to be served at all: its call stands, and it begins when the arrow is red.
 */
static uint64_t walks_closed_by(const struct overlap *o)
{
    uint64_t rivals = 0;
    int ix;
    if (!overlap_has_arrow(o))
        return 0;
    FOR_EACH_BIT(ix, o->state->parents)
        rivals |= o->s->e->plan->structure.conflicts[ix];
    return walks_barred_by(o) & ~rivals;
}

static void show(const struct overlap *o, struct overlap_lamps *lamps)
{
    const struct overlap_state *state = o->state;
    uint32_t overlap = (uint32_t)bit(o->ix);
    bool bar = o->of->type == OVERLAP_TRANSIT_2; /* has no yellow: its green flashes instead */
    switch ((enum overlap_color)state->color) {
    case OVERLAP_TRAIL_GREEN:
        if (state->left_ds <= overlap_times(o).flashing_green_ds)
            lamps->flashing |= overlap;
        lamps->green |= overlap;
        break;
    case OVERLAP_FLASHING_GREEN:
        lamps->flashing |= overlap;
        lamps->green |= overlap;
        break;
    case OVERLAP_GREEN:
        lamps->green |= overlap;
        break;
    case OVERLAP_ARROW:
        lamps->flashing |= overlap;
        if (o->of->type == OVERLAP_FLASHING_YELLOW_3 || o->of->type == OVERLAP_FLASHING_YELLOW_4)
            lamps->yellow |= overlap;
        break;
    case OVERLAP_YELLOW:
        lamps->flashing |= bar ? overlap : 0;
        *(bar ? &lamps->green : &lamps->yellow) |= overlap;
        break;
    case OVERLAP_DARK:
        lamps->dark |= overlap;
        break;
    case OVERLAP_RED_YELLOW:
        lamps->red_yellow |= overlap;
        break;
    case OVERLAP_RED:
    case OVERLAP_RED_CLEAR:
        break;
    }
    if (state->ped == PED_WALK)
        lamps->walk |= overlap;
    else if (state->ped == PED_CLEAR)
        lamps->ped_clear |= overlap;
}

static void settle(struct scene *s)
{
    _Static_assert(sizeof(struct overlap_lamps) == 8 * 4 + 4 * 8, "no padding, which the digest would see");
    struct overlap_lamps lamps = {.timing = s->e->ctl.overlap_lamps.timing};
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)s->e->plan->overlaps) {
        struct overlap o = overlap_of(s, ix);
        show(&o, &lamps);
        lamps.bars |= barred_by(&o);
        lamps.closes_walk |= walks_closed_by(&o);
        lamps.bars_walk |= walks_barred_by(&o) & ~walks_closed_by(&o);
        if (o.state->alone)
            lamps.lingering |= o.state->parents;
    }
    s->e->ctl.overlap_lamps = lamps;
}

bool overlap_blocks(const struct engine *e, int ix)
{
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    return (lamps->bars & bit(ix)) || ((lamps->bars_walk & bit(ix)) && ped_comes_with_green(e, ix));
}

/* Time until nothing of it is lit but red, with the clearances as they are set now; INT32_MAX where it
 * depends on more than them. */
static int32_t clearing_ds(const struct overlap *o)
{
    const struct overlap_state *state = o->state;
    struct times times = overlap_times(o);
    bool yellow = state->color == OVERLAP_YELLOW;
    int32_t longest_ds = 0;
    int ix;
    if (o->of->type == OVERLAP_PEDESTRIAN) {
        int32_t red_ds = state->ped == PED_CLEAR ? dont_walk_ds(o) : 0;
        return state->ped == PED_WALK ? INT32_MAX : state->left_ds + red_ds;
    }
    if (!yellow && state->color != OVERLAP_RED_CLEAR)
        return INT32_MAX;
    if (state->alone)
        return state->left_ds + (!yellow ? 0 : state->trailing ? o->plan->trail_red_ds : times.red_clear_ds);
    FOR_EACH_BIT(ix, state->parents) {
        const struct ring_state *r = &o->s->e->ctl.ring[o->s->e->plan->structure.ring_of[ix]];
        if (r->phase_ix == ix && r->interval != INTERVAL_REST)
            longest_ds = longer(longest_ds, r->left_ds + (yellow ? times.red_clear_ds : 0));
    }
    return longest_ds;
}

int32_t overlap_wait_ds(struct engine *e, int phase_ix)
{
    struct scene s = {.e = e};
    int32_t wait_ds = 0;
    int ix;
    if (!overlap_blocks(e, phase_ix))
        return 0;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->overlaps) {
        struct overlap o = overlap_of(&s, ix);
        bool walk =
            (walks_barred_by(&o) & ~walks_closed_by(&o) & bit(phase_ix)) && ped_comes_with_green(e, phase_ix);
        if (walk || (barred_by(&o) & bit(phase_ix)))
            wait_ds = longer(wait_ds, clearing_ds(&o));
    }
    return wait_ds;
}

uint64_t overlap_arrows_closing(struct engine *e, uint64_t phases)
{
    struct scene s = {.e = e};
    uint64_t parents = 0;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->overlaps) {
        struct overlap o = overlap_of(&s, ix);
        if (walks_closed_by(&o) & phases)
            parents |= o.state->parents;
    }
    return parents;
}

bool overlap_all_red(const struct engine *e)
{
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->overlaps) {
        const struct overlap_state *state = &e->ctl.overlap[ix];
        if (state->color != OVERLAP_RED || state->ped != PED_DONT_WALK || state->alone)
            return false;
    }
    return true;
}

/* Another structure: the streets have not forgotten the yellow before it, nor the pedestrians. */
void overlap_reset(struct engine *e)
{
    memset(&e->ctl.overlap_lamps, 0, sizeof e->ctl.overlap_lamps);
    for (int ix = 0; ix < OVERLAPS_MAX; ix++) {
        struct overlap_state *state = &e->ctl.overlap[ix];
        int32_t revert_ds = state->revert_left_ds, ped_ds = state->ped_left_ds;
        memset(state, 0, sizeof *state);
        state->revert_left_ds = revert_ds;
        state->ped_left_ds = ped_ds;
        if (bit_set(e->plan->overlaps, ix) && (revert_ds || ped_ds))
            e->ctl.overlap_lamps.timing |= (uint32_t)bit(ix);
    }
}

/* ---- what runs out ---- */

static void yellow_over(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    struct times times = overlap_times(o);
    state->revert_left_ds = overlap_has_arrow(o) ? 1 : times.red_revert_ds; /* some red there always is */
    if (state->alone)
        state->left_ds = state->trailing ? o->plan->trail_red_ds : times.red_clear_ds;
    bool clears = state->alone ? state->left_ds > 0 : (state->parents & o->s->is.clearing) != 0;
    overlap_enter(o, clears ? OVERLAP_RED_CLEAR : OVERLAP_RED);
}

void overlap_run_out(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    switch ((enum overlap_color)state->color) {
    case OVERLAP_TRAIL_GREEN:
        o->s->moved = true; /* its end may flash */
        if (state->left_ds > 0)
            break;
        state->left_ds = o->plan->trail_yellow_ds ? o->plan->trail_yellow_ds : overlap_times(o).yellow_ds;
        overlap_enter(o, OVERLAP_YELLOW);
        break;
    case OVERLAP_YELLOW:
        if (state->alone ? state->left_ds == 0 : !(state->parents & o->s->is.yellow))
            yellow_over(o);
        break;
    case OVERLAP_RED_CLEAR:
        if (state->alone ? state->left_ds == 0 : !(state->parents & o->s->is.clearing))
            overlap_enter(o, OVERLAP_RED);
        break;
    case OVERLAP_RED:
    case OVERLAP_GREEN:
    case OVERLAP_FLASHING_GREEN:
    case OVERLAP_ARROW:
    case OVERLAP_DARK:
    case OVERLAP_RED_YELLOW:
        break;
    }
}

/* The clearance of a pedestrian overlap, and the steady don't walk behind it. */
static void walk_run_out(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    if (state->ped == PED_CLEAR && state->left_ds == 0)
        overlap_enter_walk(o, PED_DONT_WALK);
    if (state->ped == PED_DONT_WALK && state->alone && state->left_ds == 0) {
        state->alone = false;
        o->s->moved = true;
    }
}

static int32_t less(int32_t left_ds, int32_t dt_ds)
{
    return left_ds > dt_ds ? left_ds - dt_ds : 0;
}

/* Whether it has to be looked at in the next tick even if nothing around it changes. */
static bool is_timing(const struct overlap *o)
{
    const struct overlap_state *state = o->state;
    bool clears = state->color == OVERLAP_YELLOW || state->color == OVERLAP_RED_CLEAR || state->alone;
    bool arrow_waits = state->delay_left_ds > 0 && (o->of->included & o->s->is.green);
    return clears || state->ped != PED_DONT_WALK || state->revert_left_ds > 0 || state->ped_left_ds > 0 ||
           arrow_waits;
}

static void put_timing(const struct overlap *o)
{
    uint32_t overlap = (uint32_t)bit(o->ix), *timing = &o->s->e->ctl.overlap_lamps.timing;
    *timing = is_timing(o) ? *timing | overlap : *timing & ~overlap;
}

/* The time of a ring it goes by stands still, and so does its own. */
static bool is_stopped(const struct overlap *o)
{
    int ring;
    FOR_EACH_BIT(ring, (uint64_t)unit_stopped_rings(o->s->e))
        if (o->state->parents & o->s->e->plan->structure.ring_phases[ring])
            return true;
    return false;
}

void overlap_clear(struct engine *e, const struct tick *t)
{
    int ix;
    if (!e->ctl.overlap_lamps.timing)
        return;
    struct scene s = {.e = e, .t = t};
    look_at_clearances(&s.is, e);
    FOR_EACH_BIT(ix, (uint64_t)e->ctl.overlap_lamps.timing) {
        struct overlap o = overlap_of(&s, ix);
        int32_t dt_ds = is_stopped(&o) ? 0 : t->dt_ds;
        o.state->left_ds = less(o.state->left_ds, dt_ds);
        o.state->revert_left_ds = less(o.state->revert_left_ds, dt_ds);
        bool crossed = o.of->conflicting_peds & (e->ctl.walk | e->ctl.ped_clear);
        o.state->ped_left_ds = crossed ? PED_BUFFER_DS : less(o.state->ped_left_ds, dt_ds);
        if (o.of->included & t->was_green)
            o.state->delay_left_ds = less(o.state->delay_left_ds, dt_ds);
        if (o.of->type == OVERLAP_PEDESTRIAN)
            walk_run_out(&o);
        else
            overlap_run_out(&o);
    }
    if (s.moved)
        settle(&s);
}

void overlap_step(struct engine *e, const struct tick *t)
{
    int ix;
    struct scene s = {.e = e, .t = t};
    look_around(&s.is, e);
    bool changed = memcmp(&s.is, &e->overlap_seen, sizeof s.is) != 0;
    if (!changed && !e->ctl.overlap_lamps.timing)
        return;
    e->overlap_seen = s.is;
    FOR_EACH_BIT(ix, (uint64_t)(changed ? e->plan->overlaps : e->ctl.overlap_lamps.timing)) {
        struct overlap o = overlap_of(&s, ix);
        if (o.of->conflicting_peds & (e->ctl.walk | e->ctl.ped_clear))
            o.state->ped_left_ds = PED_BUFFER_DS;
        overlap_follow(&o);
        put_timing(&o);
    }
    if (changed || s.moved) /* another plan, too, may bar others */
        settle(&s);
}

void overlap_red_yellow(struct engine *e, uint64_t phases)
{
    struct scene s = {.e = e, .is = e->overlap_seen};
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->overlaps) {
        struct overlap o = overlap_of(&s, ix);
        if (overlap_joins(&o, phases))
            overlap_enter(&o, OVERLAP_RED_YELLOW);
    }
    if (s.moved)
        settle(&s);
}
