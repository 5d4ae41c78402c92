/* Overlaps: lamps that go by several phases (1202 v03 5.10.2.2). What an overlap begins, it begins with the
 * green of one of its phases. It ends with theirs where it can: then their yellow and red clearance are its
 * own. Where it cannot (a modifier or a pedestrian is coming, the successor it waited for was dropped, it
 * trails), it clears alone, by its own timer, and whoever conflicts with it waits. So no overlap ever turns
 * from green to red without a whole yellow. */
#include "engine_internal.h"

/* Steady don't walk between a pedestrian clearance and traffic released across it (MUTCD 4I.06). */
enum { PED_BUFFER_DS = 30 };

/* The rings of this tick, as masks of phases. */
struct scene {
    struct engine *e;
    const struct tick *t;
    uint64_t green;    /* flashing included */
    uint64_t flashing; /* greens about to end */
    uint64_t yellow, clearing, next;
    uint64_t walk, ped_clear;
    uint64_t stopped;   /* phases of rings whose time stands still */
    uint32_t permitted; /* overlaps that a preempt lets be more than red */
    bool moved;         /* an overlap has changed */
};

/* One overlap in it. */
struct overlap {
    struct scene *s;
    int ix;
    const struct plan_parents *of;
    const struct plan_overlap *plan;
    struct overlap_state *state;
};

static struct scene scene_of(struct engine *e, const struct tick *t)
{
    struct scene s = {.e = e, .t = t, .permitted = UINT32_MAX};
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        if (r->next_ix >= 0)
            s.next |= bit(r->next_ix);
        if (unit_ring_stopped(e, ring))
            s.stopped |= e->plan->structure.ring_phases[ring];
        if (r->interval == INTERVAL_REST)
            continue;
        uint64_t phase = bit(r->phase_ix);
        if (r->interval <= INTERVAL_FLASHING_GREEN)
            s.green |= phase;
        if (r->interval == INTERVAL_FLASHING_GREEN)
            s.flashing |= phase;
        else if (r->interval == INTERVAL_YELLOW)
            s.yellow |= phase;
        else if (r->interval == INTERVAL_RED_CLEAR)
            s.clearing |= phase;
        if (r->ped == PED_WALK)
            s.walk |= phase;
        else if (r->ped == PED_CLEAR)
            s.ped_clear |= phase;
    }
    if (e->ctl.preempt.active_ix >= 0)
        s.permitted = preempt_overlaps(e);
    return s;
}

static struct overlap overlap_of(struct scene *s, int ix)
{
    return (struct overlap){
        s, ix, &s->e->plan->structure.overlap[ix], &s->e->plan->overlap[ix], &s->e->ctl.overlap[ix],
    };
}

/* The longest of its parents' times. */
struct times {
    int32_t flashing_green_ds, yellow_ds, red_clear_ds, red_revert_ds;
};

static int32_t longer(int32_t a_ds, int32_t b_ds)
{
    return a_ds > b_ds ? a_ds : b_ds;
}

static struct times parents_times(const struct overlap *o)
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

static bool is_minus(const struct overlap *o)
{
    return o->of->type == OVERLAP_MINUS_GREEN_YELLOW || o->of->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
}

static bool has_arrow(const struct overlap *o)
{
    return o->of->type >= OVERLAP_FLASHING_YELLOW_3 && o->of->type <= OVERLAP_FLASHING_RED_4;
}

static bool permitted(const struct overlap *o)
{
    return bit_set(o->s->permitted, o->ix);
}

static void enter(const struct overlap *o, enum overlap_color color)
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

static void walk_enter(const struct overlap *o, enum ped_interval interval)
{
    static const uint8_t code[] = {
        [PED_DONT_WALK] = EVENT_PED_OVERLAP_DONT_WALK,
        [PED_WALK] = EVENT_PED_OVERLAP_WALK,
        [PED_CLEAR] = EVENT_PED_OVERLAP_CLEAR,
    };
    struct overlap_state *state = o->state;
    if (state->ped != interval)
        emit(o->s->e, code[interval], o->ix + 1);
    state->ped = (uint8_t)interval;
    state->left_ds = interval == PED_WALK    ? o->plan->walk_ds + o->plan->trail_green_ds
                     : interval == PED_CLEAR ? o->plan->ped_clear_ds
                                             : longer(parents_times(o).red_clear_ds, o->plan->trail_red_ds);
    state->alone = true;
    o->s->moved = true;
}

/* ---- what all of them show, and whom they keep waiting ---- */

/* Whoever conflicts with one of its parents, but never a phase of its own. */
static uint64_t parents_conflicts(const struct overlap *o)
{
    uint64_t conflicts = 0;
    int ix;
    FOR_EACH_BIT(ix, o->state->parents)
        conflicts |= o->s->e->plan->structure.conflicts[ix];
    return conflicts & ~o->of->included;
}

/* While an overlap goes by phases that are on, these keep their rivals away. Whatever clears alone, and a
 * green held between two of its phases, has to do so itself. */
static uint64_t barred_by(const struct overlap *o)
{
    const struct overlap_state *state = o->state;
    bool held = state->color == OVERLAP_GREEN || state->color == OVERLAP_ARROW || state->ped == PED_WALK;
    if (state->alone)
        return parents_conflicts(o);
    if (!held)
        return 0;
    bool protected = has_arrow(o) && (state->parents & o->of->modifier);
    return protected ? o->of->modifier_conflicts : o->of->conflicts;
}

static void show(const struct overlap *o, struct overlap_lamps *lamps)
{
    const struct overlap_state *state = o->state;
    uint32_t overlap = (uint32_t)bit(o->ix);
    bool bar = o->of->type == OVERLAP_TRANSIT_2; /* has no yellow: its green flashes instead */
    switch ((enum overlap_color)state->color) {
    case OVERLAP_TRAIL_GREEN:
        if (state->left_ds <= parents_times(o).flashing_green_ds)
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
    struct overlap_lamps *lamps = &s->e->ctl.overlap_lamps;
    int ix;
    *lamps = (struct overlap_lamps){0};
    FOR_EACH_BIT(ix, (uint64_t)s->e->plan->overlaps) {
        struct overlap o = overlap_of(s, ix);
        show(&o, lamps);
        lamps->bars |= barred_by(&o);
        if (o.state->color == OVERLAP_RED)
            continue;
        lamps->bars_walk |= o.of->conflicting_peds;
        if (is_minus(&o) && o.plan->after_modifier)
            lamps->bars |= o.of->modifier;
    }
}

/* Walk of phase `ix` begins with its green, if that began now. */
static bool walk_awaits_green(const struct engine *e, int ix)
{
    return (e->ctl.ped_call & bit(ix)) || ped_non_actuated(e, ix);
}

bool overlap_blocks(const struct engine *e, int ix)
{
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    return (lamps->bars & bit(ix)) || ((lamps->bars_walk & bit(ix)) && walk_awaits_green(e, ix));
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

/* ---- what runs out ---- */

static void yellow_over(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    struct times times = parents_times(o);
    if (!has_arrow(o))
        state->revert_left_ds = times.red_revert_ds;
    if (state->alone)
        state->left_ds = state->trailing ? o->plan->trail_red_ds : times.red_clear_ds;
    bool clears = state->alone ? state->left_ds > 0 : (state->parents & o->s->clearing) != 0;
    enter(o, clears ? OVERLAP_RED_CLEAR : OVERLAP_RED);
}

static void run_out(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    switch ((enum overlap_color)state->color) {
    case OVERLAP_TRAIL_GREEN:
        o->s->moved = true; /* its end may flash */
        if (state->left_ds > 0)
            break;
        state->left_ds = o->plan->trail_yellow_ds ? o->plan->trail_yellow_ds : parents_times(o).yellow_ds;
        enter(o, OVERLAP_YELLOW);
        break;
    case OVERLAP_YELLOW:
        if (state->alone ? state->left_ds == 0 : !(state->parents & o->s->yellow))
            yellow_over(o);
        break;
    case OVERLAP_RED_CLEAR:
        if (state->alone ? state->left_ds == 0 : !(state->parents & o->s->clearing))
            enter(o, OVERLAP_RED);
        break;
    case OVERLAP_RED:
    case OVERLAP_GREEN:
    case OVERLAP_FLASHING_GREEN:
    case OVERLAP_ARROW:
    case OVERLAP_DARK:
        break;
    }
}

/* The clearance of a pedestrian overlap, and the steady don't walk behind it. */
static void walk_run_out(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    if (state->ped == PED_CLEAR && state->left_ds == 0)
        walk_enter(o, PED_DONT_WALK);
    if (state->ped == PED_DONT_WALK && state->alone && state->left_ds == 0) {
        state->alone = false;
        o->s->moved = true;
    }
}

static int32_t less(int32_t left_ds, int32_t dt_ds)
{
    return left_ds > dt_ds ? left_ds - dt_ds : 0;
}

void overlap_clear(struct engine *e, const struct tick *t)
{
    if (!e->plan->overlaps)
        return;
    struct scene s = scene_of(e, t);
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->overlaps) {
        struct overlap o = overlap_of(&s, ix);
        int32_t dt_ds = o.state->parents & s.stopped ? 0 : t->dt_ds;
        o.state->left_ds = less(o.state->left_ds, dt_ds);
        o.state->revert_left_ds = less(o.state->revert_left_ds, dt_ds);
        bool crossed = o.of->conflicting_peds & (e->ctl.walk | e->ctl.ped_clear);
        o.state->ped_left_ds = crossed ? PED_BUFFER_DS : less(o.state->ped_left_ds, dt_ds);
        if (o.of->included & t->was_green)
            o.state->delay_left_ds = less(o.state->delay_left_ds, dt_ds);
        if (o.of->type == OVERLAP_PEDESTRIAN)
            walk_run_out(&o);
        else
            run_out(&o);
    }
    if (s.moved)
        settle(&s);
}

/* ---- what keeps an overlap red ---- */

/* Pedestrians of phase `ix` are about to walk: with the green that comes next, or in the one that is on. */
static bool walk_is_due(const struct scene *s, int ix)
{
    const struct engine *e = s->e;
    int ring = e->plan->structure.ring_of[ix];
    bool recycles =
        e->plan->phase[ix].ped_services > 1 || bit_set(e->ctl.control.ring_ped_recycle_mask, ring);
    return walk_awaits_green(e, ix) && ((s->next & bit(ix)) || (recycles && (s->green & bit(ix))));
}

static bool pedestrians_cross(const struct overlap *o)
{
    uint64_t crossing = o->of->conflicting_peds;
    int ix;
    if (o->state->ped_left_ds > 0 || (crossing & (o->s->walk | o->s->ped_clear)))
        return true;
    FOR_EACH_BIT(ix, crossing & (o->s->next | o->s->green))
        if (walk_is_due(o->s, ix))
            return true;
    return false;
}

/* minusGreenYellow and its alternate. By the letter only a modifier's green counts, and for the alternate
 * one that is next when no included phase is green. By default the overlap is red before the modifier
 * begins and until it has cleared. */
static bool modifier_forbids(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t modifier = o->of->modifier;
    if (o->plan->after_modifier)
        return modifier & (s->green | s->yellow | s->clearing | s->next);
    bool alternate = o->of->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
    return (modifier & s->green) || (alternate && !(o->of->included & s->green) && (modifier & s->next));
}

static bool forbidden(const struct overlap *o)
{
    return !permitted(o) || (is_minus(o) && modifier_forbids(o)) || pedestrians_cross(o);
}

/* ---- vehicles ---- */

static bool may_trail(const struct overlap *o)
{
    bool preempted = o->s->e->ctl.preempt.active_ix >= 0;
    return o->plan->trail_green_ds > 0 && !has_arrow(o) && (!preempted || o->plan->trail_in_preempt);
}

static void begin(const struct overlap *o, enum overlap_color color, uint64_t parents)
{
    o->state->parents = parents;
    enter(o, color);
}

/* The green or the arrow ends: with its parents, if their yellow begins in this tick, else alone. */
static void leave(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    uint64_t ended = state->parents & o->s->t->was_green & o->s->yellow;
    state->alone = !ended;
    if (ended)
        state->parents = ended;
    else
        state->left_ds = parents_times(o).yellow_ds;
    enter(o, OVERLAP_YELLOW);
}

static void trail(const struct overlap *o)
{
    o->state->alone = o->state->trailing = true;
    o->state->left_ds = o->plan->trail_green_ds;
    enter(o, OVERLAP_TRAIL_GREEN);
}

/* A green that goes by `phases`. */
static void shine(const struct overlap *o, uint64_t phases, bool forbids)
{
    const struct scene *s = o->s;
    uint64_t green = phases & s->green;
    bool stays = phases & s->next;
    if (green)
        o->state->parents = green;
    if (forbids)
        leave(o);
    else if (!green && !stays && may_trail(o))
        trail(o);
    else if (!green && !stays)
        leave(o);
    else if (green && !(green & ~s->flashing) && !stays && !may_trail(o))
        enter(o, OVERLAP_FLASHING_GREEN);
}

/* A flash that has begun is not recalled. */
static void blink(const struct overlap *o)
{
    if (!(o->state->parents & o->s->green))
        leave(o);
}

static void trail_step(const struct overlap *o, bool forbids)
{
    struct overlap_state *state = o->state;
    if (!forbids && (o->of->included & (o->s->green | o->s->next))) {
        state->alone = state->trailing = false;
        state->color = OVERLAP_GREEN;
        o->s->moved = true;
    } else if (forbids || !may_trail(o)) {
        state->left_ds = 0;
        run_out(o);
    }
}

static void vehicle_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t starting = o->of->included & s->green & ~s->flashing;
    switch ((enum overlap_color)o->state->color) {
    case OVERLAP_RED:
        if (starting && o->state->revert_left_ds == 0 && !forbidden(o))
            begin(o, OVERLAP_GREEN, starting);
        break;
    case OVERLAP_GREEN:
        shine(o, o->of->included, forbidden(o));
        break;
    case OVERLAP_FLASHING_GREEN:
        blink(o);
        break;
    case OVERLAP_TRAIL_GREEN:
        trail_step(o, forbidden(o));
        break;
    case OVERLAP_YELLOW:
    case OVERLAP_RED_CLEAR:
    case OVERLAP_ARROW:
    case OVERLAP_DARK:
        break;
    }
}

/* ---- arrows ---- */

/* Included are the through phases against which the arrow flashes, modifiers those that protect it. */
static bool arrow_may_begin(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t protecting = o->of->modifier & (s->green | s->yellow | s->clearing | s->next);
    bool off = o->plan->off_by_schedule && s->e->ctl.timebase.lamps_off;
    return (o->of->included & s->green & ~s->flashing) && o->state->delay_left_ds == 0 && !protecting &&
           !off && permitted(o) && !pedestrians_cross(o);
}

static void arrow_red_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    bool four = o->of->type == OVERLAP_FLASHING_YELLOW_4 || o->of->type == OVERLAP_FLASHING_RED_4;
    uint64_t protecting = o->of->modifier & s->green & ~s->flashing;
    if (protecting && (four || permitted(o)))
        begin(o, four ? OVERLAP_DARK : OVERLAP_GREEN, protecting);
    else if (arrow_may_begin(o))
        begin(o, OVERLAP_ARROW, o->of->included & s->green);
}

/* No yellow trap: whatever else is wanted, a flashing arrow ends with the through green it yields to, and
 * shows its yellow beside that one's. */
static void arrow_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t through = o->of->included & s->green;
    if (!(o->of->included & s->t->was_green))
        o->state->delay_left_ds = o->plan->arrow_delay_ds;
    switch ((enum overlap_color)o->state->color) {
    case OVERLAP_RED:
        arrow_red_step(o);
        break;
    case OVERLAP_ARROW:
        if (through)
            o->state->parents = through;
        else if (!(o->of->included & s->next))
            leave(o);
        break;
    case OVERLAP_GREEN:
        shine(o, o->of->modifier, !permitted(o));
        break;
    case OVERLAP_FLASHING_GREEN:
        blink(o);
        break;
    case OVERLAP_DARK:
        if (!(o->of->modifier & s->green))
            leave(o);
        break;
    case OVERLAP_YELLOW:
    case OVERLAP_RED_CLEAR:
    case OVERLAP_TRAIL_GREEN:
        break;
    }
}

/* ---- pedestrians ---- */

/* The walk begins with the green or the walk of an included phase and lasts its own time, or until the next
 * included phase is green. What it and its clearance need beyond the green, the next phases wait for. */
static void walk_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    struct overlap_state *state = o->state;
    uint64_t included = o->of->included, green = included & s->green;
    bool begins = green & ~s->t->was_green;
    bool continues = (included & s->next) && (!green || (included & s->ped_clear));
    bool holds = (included & s->walk) || continues;
    if (green)
        state->parents = green;
    switch ((enum ped_interval)state->ped) {
    case PED_DONT_WALK:
        if ((begins || (included & s->walk)) && permitted(o))
            walk_enter(o, PED_WALK);
        break;
    case PED_WALK:
        if (!permitted(o) || (state->left_ds == 0 && !begins && !holds))
            walk_enter(o, PED_CLEAR);
        else if (begins)
            walk_enter(o, PED_WALK);
        break;
    case PED_CLEAR:
        if ((begins || holds) && permitted(o))
            walk_enter(o, PED_WALK);
        break;
    }
    if (state->ped == PED_WALK && state->alone == continues) {
        state->alone = !continues;
        o->s->moved = true;
    }
}

/* ---- */

void overlap_step(struct engine *e, const struct tick *t)
{
    if (!e->plan->overlaps)
        return;
    struct scene s = scene_of(e, t);
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)e->plan->overlaps) {
        struct overlap o = overlap_of(&s, ix);
        if (o.of->type == OVERLAP_PEDESTRIAN)
            walk_step(&o);
        else if (has_arrow(&o))
            arrow_step(&o);
        else
            vehicle_step(&o);
    }
    if (s.moved)
        settle(&s);
}
