/* The types of overlaps (1202 v03 5.10.2.2): what each begins and ends because of the phases of this tick. */
#include "overlap.h"

static bool permitted(const struct overlap *o)
{
    return bit_set(o->s->is.permitted, o->ix);
}

/* ---- what keeps an overlap red ---- */

/* Pedestrians of phase `ix` are about to walk: with the green that comes next, or in the one that is on. */
static bool walk_is_due(const struct scene *s, int ix)
{
    const struct plan *plan = s->e->plan;
    bool recycles =
        plan->phase[ix].ped_services > 1 || bit_set(s->is.recycling_rings, plan->structure.ring_of[ix]);
    return s->is.called & bit(ix) & (s->is.next | (recycles ? s->is.green : 0));
}

static bool pedestrians_cross(const struct overlap *o)
{
    uint64_t crossing = o->of->conflicting_peds;
    int ix;
    if (o->state->ped_left_ds > 0 || (crossing & (o->s->is.walk | o->s->is.ped_clear)))
        return true;
    FOR_EACH_BIT(ix, crossing & (o->s->is.next | o->s->is.green))
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
        return modifier & (s->is.green | s->is.yellow | s->is.clearing | s->is.next | s->is.lingering);
    bool alternate = o->of->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
    return (modifier & s->is.green) ||
           (alternate && !(o->of->included & s->is.green) && (modifier & s->is.next));
}

static bool forbidden(const struct overlap *o)
{
    return !permitted(o) || (overlap_is_minus(o) && modifier_forbids(o)) || pedestrians_cross(o);
}

/* ---- vehicles ---- */

static bool may_trail(const struct overlap *o)
{
    return o->plan->trail_green_ds > 0 && !overlap_has_arrow(o) &&
           (!o->s->is.preempted || o->plan->trail_in_preempt);
}

static void begin(const struct overlap *o, enum overlap_color color, uint64_t parents)
{
    o->state->parents = parents;
    overlap_enter(o, color);
}

/* The green or the arrow ends: with its parents, if their yellow begins in this tick, else alone. */
static void leave(const struct overlap *o)
{
    struct overlap_state *state = o->state;
    uint64_t ended = state->parents & o->s->t->was_green & o->s->is.yellow;
    state->alone = !ended;
    if (ended)
        state->parents = ended;
    else
        state->left_ds = overlap_times(o).yellow_ds;
    overlap_enter(o, OVERLAP_YELLOW);
}

static void trail(const struct overlap *o)
{
    o->state->alone = o->state->trailing = true;
    o->state->left_ds = o->plan->trail_green_ds;
    overlap_enter(o, OVERLAP_TRAIL_GREEN);
}

/* A green that goes by `phases`. */
static void follow_green(const struct overlap *o, uint64_t phases, bool forbids)
{
    const struct scene *s = o->s;
    uint64_t green = phases & s->is.green;
    bool stays = phases & s->is.next, over = !green && !stays;
    if (green)
        o->state->parents = green;
    if (forbids || (over && !may_trail(o)))
        leave(o);
    else if (over)
        trail(o);
    else if (green && !(green & ~s->is.flashing) && !stays && !may_trail(o))
        overlap_enter(o, OVERLAP_FLASHING_GREEN);
}

/* A flash that has begun is not recalled. */
static void follow_flash(const struct overlap *o)
{
    if (!(o->state->parents & o->s->is.green))
        leave(o);
}

static void trail_step(const struct overlap *o, bool forbids)
{
    struct overlap_state *state = o->state;
    if (!forbids && (o->of->included & (o->s->is.green | o->s->is.next))) {
        state->alone = state->trailing = false;
        state->color = OVERLAP_GREEN;
        o->s->moved = true;
    } else if (forbids || !may_trail(o)) {
        state->left_ds = 0;
        overlap_run_out(o);
    }
}

/* If nothing can come between: no modifier, no pedestrian. Like the phase's own it is past recall. */
bool overlap_joins(const struct overlap *o, uint64_t phases)
{
    bool plain = o->of->type == OVERLAP_NORMAL || overlap_is_minus(o);
    int ix;
    if (!plain || o->state->color != OVERLAP_RED || o->of->modifier || o->of->conflicting_peds ||
        !permitted(o))
        return false;
    FOR_EACH_BIT(ix, o->of->included & phases)
        if (o->state->revert_left_ds <= o->s->e->plan->phase[ix].red_yellow_ds)
            return true;
    return false;
}

static void vehicle_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t starting = o->of->included & s->is.green & ~s->is.flashing;
    switch ((enum overlap_color)o->state->color) {
    case OVERLAP_RED:
        if (starting && o->state->revert_left_ds == 0 && !forbidden(o))
            begin(o, OVERLAP_GREEN, starting);
        break;
    case OVERLAP_RED_YELLOW:
        if (starting)
            begin(o, OVERLAP_GREEN, starting);
        break;
    case OVERLAP_GREEN:
        follow_green(o, o->of->included, forbidden(o));
        break;
    case OVERLAP_FLASHING_GREEN:
        follow_flash(o);
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

/* Pedestrians of a phase that can still begin beside this through green: an arrow that has begun would keep
 * them waiting as long as it lasts, in coordination in every cycle. */
static bool pedestrians_wait(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t waiting = o->of->conflicting_peds & s->is.called & ~s->is.green & ~s->e->directions.omit;
    int ix;
    FOR_EACH_BIT(ix, o->of->included & s->is.green)
        waiting &= ~s->e->plan->structure.conflicts[ix];
    return waiting;
}

/* Included are the through phases against which the arrow flashes, modifiers those that protect it. */
static bool arrow_may_begin(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t protecting = o->of->modifier & (s->is.green | s->is.yellow | s->is.clearing | s->is.next);
    bool off = o->plan->off_by_schedule && s->is.lamps_off;
    return (o->of->included & s->is.green & ~s->is.flashing) && o->state->delay_left_ds == 0 && !protecting &&
           !off && permitted(o) && !pedestrians_cross(o) && !pedestrians_wait(o);
}

static void arrow_red_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    bool four = o->of->type == OVERLAP_FLASHING_YELLOW_4 || o->of->type == OVERLAP_FLASHING_RED_4;
    uint64_t protecting = o->of->modifier & s->is.green & ~s->is.flashing;
    if (o->state->revert_left_ds > 0)
        return;
    if (protecting && (four || permitted(o)))
        begin(o, four ? OVERLAP_DARK : OVERLAP_GREEN, protecting);
    else if (arrow_may_begin(o))
        begin(o, OVERLAP_ARROW, o->of->included & s->is.green);
}

/* No yellow trap: whatever else is wanted, pedestrians too, a flashing arrow ends with the through green it
 * yields to, and shows its yellow beside that one's. */
static void arrow_step(const struct overlap *o)
{
    const struct scene *s = o->s;
    uint64_t through = o->of->included & s->is.green;
    if (!(o->of->included & s->t->was_green))
        o->state->delay_left_ds = o->plan->arrow_delay_ds;
    switch ((enum overlap_color)o->state->color) {
    case OVERLAP_RED:
        arrow_red_step(o);
        break;
    case OVERLAP_ARROW:
        if (through)
            o->state->parents = through;
        else if (!(o->of->included & s->is.next) || pedestrians_cross(o))
            leave(o);
        break;
    case OVERLAP_GREEN:
        follow_green(o, o->of->modifier, !permitted(o));
        break;
    case OVERLAP_FLASHING_GREEN:
        follow_flash(o);
        break;
    case OVERLAP_DARK:
        if (!(o->of->modifier & s->is.green))
            leave(o);
        break;
    case OVERLAP_YELLOW:
    case OVERLAP_RED_CLEAR:
    case OVERLAP_TRAIL_GREEN:
    case OVERLAP_RED_YELLOW:
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
    uint64_t included = o->of->included, green = included & s->is.green;
    bool begins = green & ~s->t->was_green;
    bool continues = (included & s->is.next) && (!green || (included & s->is.ped_clear));
    bool holds = (included & s->is.walk) || continues;
    bool may = permitted(o) && (included & ~s->is.walk_ends); /* a preempt ends walks */
    if (green && green != state->parents) {
        state->parents = green;
        o->s->moved = true;
    }
    switch ((enum ped_interval)state->ped) {
    case PED_DONT_WALK:
        if (may && (begins || (included & s->is.walk)))
            overlap_enter_walk(o, PED_WALK);
        break;
    case PED_WALK:
        if (!may || (state->left_ds == 0 && !begins && !holds))
            overlap_enter_walk(o, PED_CLEAR);
        else if (begins)
            overlap_enter_walk(o, PED_WALK);
        break;
    case PED_CLEAR:
        if (may && (begins || holds))
            overlap_enter_walk(o, PED_WALK);
        break;
    }
    if (state->ped == PED_WALK && state->alone == continues) {
        state->alone = !continues;
        o->s->moved = true;
    }
}

void overlap_follow(const struct overlap *o)
{
    if (o->of->type == OVERLAP_PEDESTRIAN)
        walk_step(o);
    else if (overlap_has_arrow(o))
        arrow_step(o);
    else
        vehicle_step(o);
}
