#include "observer.h"
#include <string.h>

/* One look at the lamps. */
struct look {
    struct observer *o;
    const struct known *known;
    const struct engine *e;
    const struct frame *frame;
    const struct event *event;
    struct breach *breach;
};

static bool complain(const struct look *look, const char *rule, int no, int other_no, int expected, int came)
{
    *look->breach = (struct breach){rule, no, other_no, expected, came};
    return false;
}

static const struct known_channel *channel_of(const struct look *look, int no)
{
    return &look->known->channel[no - 1];
}

static struct watch *watch_of(const struct look *look, int no)
{
    return &look->o->channel[no - 1];
}

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* ---- one frame alone ---- */

static enum shown shown_by(const struct look *look, int no)
{
    const struct frame *f = look->frame;
    bool flashing = channel_has(&f->flashing, no);
    if (channel_of(look, no)->pedestrian && flashing)
        return SHOWN_CLEARING;
    if (channel_has(&f->green, no))
        return flashing ? SHOWN_FLASHING : SHOWN_GREEN;
    if (channel_has(&f->red, no))
        return flashing ? SHOWN_ARROW : SHOWN_RED;
    return flashing ? SHOWN_ARROW : SHOWN_YELLOW;
}

static bool one_indication(const struct look *look)
{
    const struct frame *f = look->frame;
    for (int no = 1; no <= KNOWN_CHANNELS; no++) {
        bool red = channel_has(&f->red, no), yellow = channel_has(&f->yellow, no);
        int lit = red + yellow + channel_has(&f->green, no), due = mask_has(look->known->used, no);
        if (channel_of(look, no)->red_yellow && red && yellow)
            due = 2;
        if (lit != due)
            return complain(look, "I8: indications of a channel", no, 0, due, lit);
    }
    return true;
}

/* An arrow's own yellow follows the through green's: until it is over the arrow yields. */
static bool is_arrow(const struct look *look, int no)
{
    enum shown shown = shown_by(look, no);
    const struct watch *w = watch_of(look, no);
    return shown == SHOWN_ARROW || (shown == SHOWN_YELLOW && w->arrow);
}

static bool conflict(const struct look *look, int no, int other_no)
{
    const struct known_channel *c = channel_of(look, no);
    bool lax = is_arrow(look, no) || is_arrow(look, other_no);
    return mask_has(lax ? c->lax : c->rivals, other_no);
}

static bool no_conflict(const struct look *look)
{
    uint32_t going = 0;
    int a, b;
    FOR_EACH_BIT(a, (uint64_t)look->known->used)
        if (shown_by(look, a + 1) != SHOWN_RED)
            going |= (uint32_t)mask_of(a + 1);
    FOR_EACH_BIT(a, (uint64_t)going)
        FOR_EACH_BIT(b, (uint64_t)(going & look->known->channel[a].rivals))
            if (conflict(look, a + 1, b + 1))
                return complain(look, "I1: right of way together", a + 1, b + 1, 0, 1);
    return true;
}

static enum shown shown_by_phase(const struct look *look, const struct known_channel *c)
{
    int ring = look->known->db->phase[c->phase_no - 1].ring_no - 1;
    const struct ring_state *r = &look->e->ctl.ring[ring];
    if (r->phase_ix != c->phase_no - 1)
        return SHOWN_RED;
    if (c->pedestrian)
        return r->ped == PED_WALK ? SHOWN_GREEN : r->ped == PED_CLEAR ? SHOWN_CLEARING : SHOWN_RED;
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_GREEN:
        return SHOWN_GREEN;
    case INTERVAL_FLASHING_GREEN:
        return SHOWN_FLASHING;
    case INTERVAL_YELLOW:
        return SHOWN_YELLOW;
    case INTERVAL_REST:
    case INTERVAL_RED_CLEAR:
    case INTERVAL_BEFORE_GREEN:
        break;
    }
    return SHOWN_RED;
}

static enum shown shown_by_overlap(const struct look *look, int overlap_no)
{
    switch ((enum overlap_color)look->e->ctl.overlap[overlap_no - 1].color) {
    case OVERLAP_GREEN:
    case OVERLAP_TRAIL_GREEN:
        return SHOWN_GREEN;
    case OVERLAP_FLASHING_GREEN:
        return SHOWN_FLASHING;
    case OVERLAP_ARROW:
        return SHOWN_ARROW;
    case OVERLAP_YELLOW:
        return SHOWN_YELLOW;
    case OVERLAP_RED:
    case OVERLAP_RED_CLEAR:
    case OVERLAP_DARK:
    case OVERLAP_RED_YELLOW:
        break;
    }
    return SHOWN_RED;
}

/* What rings and overlaps are in, without the engine's own summary of it. */
static bool lamps_tell_the_state(const struct look *look)
{
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        const struct known_channel *c = &look->known->channel[ix];
        enum shown expected = c->overlap ? shown_by_overlap(look, look->known->db->channel[ix].source_no)
                                         : shown_by_phase(look, c);
        enum shown came = shown_by(look, ix + 1);
        if (came != expected)
            return complain(look, "I9: lamps and state", ix + 1, 0, (int)expected, (int)came);
    }
    return true;
}

static bool on_one_side(const struct look *look)
{
    uint64_t on = look->e->ctl.green | look->e->ctl.yellow;
    int a, b;
    FOR_EACH_BIT(a, on)
        FOR_EACH_BIT(b, on & look->known->rivals[a] & ~look->known->tied[a])
            return complain(look, "I6: phases on two sides of a barrier", a + 1, b + 1, 0, 1);
    return true;
}

/* ---- one channel after its last frame ---- */

static bool in_order(const struct known_channel *c, enum shown from, enum shown to)
{
    switch (from) {
    case SHOWN_NOTHING:
        return true;
    case SHOWN_RED:
        return to == SHOWN_GREEN || (c->arrow && to == SHOWN_ARROW);
    case SHOWN_GREEN:
        if (c->pedestrian)
            return to == SHOWN_CLEARING;
        if (c->overlap && to == SHOWN_YELLOW)
            return true; /* an overlap need not end with a phase that flashes */
        return to == (c->flashes ? SHOWN_FLASHING : SHOWN_YELLOW);
    case SHOWN_FLASHING:
    case SHOWN_ARROW:
        return to == SHOWN_YELLOW;
    case SHOWN_YELLOW:
    case SHOWN_CLEARING:
        return to == SHOWN_RED;
    case SHOWN_KINDS:
        break;
    }
    return false;
}

/* Whether a hand on the switches may have cut the interval. */
static bool excused(const struct look *look, const struct known_channel *c, enum shown shown)
{
    if (!c->pedestrian || !look->event->manual)
        return false;
    return shown == SHOWN_GREEN || look->known->db->unit.auto_ped_clear != 2;
}

static bool ends_in_time(const struct look *look, int no, enum shown next)
{
    static const char *const rule[SHOWN_KINDS] = {
        [SHOWN_GREEN] = "I5: minimum green or walk",
        [SHOWN_FLASHING] = "I5: flashing green",
        [SHOWN_YELLOW] = "I3: yellow",
        [SHOWN_CLEARING] = "I5: pedestrian clearance",
    };
    const struct known_channel *c = channel_of(look, no);
    const struct watch *w = watch_of(look, no);
    enum shown shown = (enum shown)w->shown;
    if (shown == next) {
        if (w->most_ds && w->age_ds >= w->most_ds)
            return complain(look, "I3: a clearance that does not end", no, 0, w->most_ds, w->age_ds);
        return true;
    }
    if (!in_order(c, shown, next))
        return complain(look, "I2: order of colours", no, 0, (int)shown, (int)next);
    if (rule[shown] && w->age_ds < w->least_ds && !excused(look, c, shown))
        return complain(look, rule[shown], no, 0, w->least_ds, w->age_ds);
    return true;
}

/* Pedestrians walk with the green of their phase, and clear before it ends, but for the part of the
 * clearance that may run into yellow and red. `ended` are phases whose green ends in this frame. */
static bool keeps_to_its_green(const struct look *look, int no, uint64_t ended)
{
    const struct known_channel *c = channel_of(look, no);
    const struct watch *w = watch_of(look, no);
    int left_ds = w->least_ds - w->age_ds;
    if (!mask_has(ended, c->phase_no))
        return true;
    if (w->shown == SHOWN_GREEN)
        return complain(look, "I5: a green that ends in walk", no, 0, 0, 1);
    if (w->shown == SHOWN_CLEARING && left_ds > c->after_green_ds && !excused(look, c, SHOWN_CLEARING))
        return complain(look, "I5: pedestrian clearance after its green", no, 0, c->after_green_ds, left_ds);
    return true;
}

/* The yellow trap: an arrow's yellow says to its drivers that those they yield to have yellow too. */
static bool ends_with_its_through(const struct look *look, int no)
{
    const struct known_channel *c = channel_of(look, no);
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        const struct known_channel *other = &look->known->channel[ix];
        bool through = other->phase_no && !other->pedestrian && (other->phases & c->through);
        if (through && shown_by(look, ix + 1) == SHOWN_GREEN)
            return complain(look, "I2: an arrow ends beside the green it yields to", no, ix + 1, 0, 1);
    }
    return true;
}

/* A green may begin: the red clearances of all rivals are over, and the channel's own revert. */
static bool begins_in_time(const struct look *look, int no)
{
    const struct known_channel *c = channel_of(look, no);
    const struct watch *w = watch_of(look, no);
    int rival;
    if (w->after_yellow && w->age_ds < c->revert_ds)
        return complain(look, "I4: red revert", no, 0, c->revert_ds, w->age_ds);
    FOR_EACH_BIT(rival, (uint64_t)(shown_by(look, no) == SHOWN_ARROW ? c->lax : c->rivals)) {
        const struct watch *r = &look->o->channel[rival];
        if (r->after_yellow && r->age_ds < r->clear_ds)
            return complain(look, "I4: red clearance of a rival", no, rival + 1, r->clear_ds, r->age_ds);
    }
    return true;
}

/* What a preempt on its way in asks of an interval of `due_ds`, if that is less: 0 to end at once; 255 is
 * more than any phase asks. The track's own clearances are asked for like those before it. */
static int asked_by(const struct preempt_row *p, bool pedestrian, enum shown shown, int due_ds)
{
    int asked_ds = due_ds, track_ds = due_ds;
    switch (shown) {
    case SHOWN_GREEN:
        asked_ds = 10 * (pedestrian ? p->minimum_walk_s : p->minimum_green_s);
        break;
    case SHOWN_CLEARING:
        asked_ds = 10 * p->enter_ped_clear_s;
        break;
    case SHOWN_YELLOW:
        asked_ds = p->enter_yellow_ds;
        track_ds = p->track_yellow_ds;
        break;
    case SHOWN_RED:
        asked_ds = p->enter_red_clear_ds;
        track_ds = p->track_red_clear_ds;
        break;
    case SHOWN_FLASHING:
    case SHOWN_ARROW:
    case SHOWN_NOTHING:
    case SHOWN_KINDS:
        break;
    }
    return lesser(due_ds, p->track_phase.count ? lesser(asked_ds, track_ds) : asked_ds);
}

static void shorten(const struct look *look, int no)
{
    const struct preempt_row *p = look->event->entering;
    struct watch *w = watch_of(look, no);
    bool pedestrian = channel_of(look, no)->pedestrian;
    if (!p)
        return;
    w->least_ds = (int16_t)asked_by(p, pedestrian, (enum shown)w->shown, w->least_ds);
    w->clear_ds = (int16_t)asked_by(p, pedestrian, SHOWN_RED, w->clear_ds);
}

/* Ages grow as far as a later rule may ask for them. */
static void grow(const struct look *look, int no)
{
    struct watch *w = watch_of(look, no);
    shorten(look, no);
    if (look->event->stopped)
        w->most_ds = 0;
    int age = w->age_ds + look->event->dt_ds, cap = larger(w->least_ds, w->most_ds);
    if (w->after_yellow) {
        cap = larger(w->clear_ds, look->known->revert_ds);
        if (age >= cap)
            *w = (struct watch){.shown = SHOWN_RED};
        cap = w->after_yellow ? cap : 0;
    }
    w->age_ds = (int16_t)lesser(age, cap);
}

static void enter(const struct look *look, int no, enum shown next)
{
    const struct known_channel *c = channel_of(look, no);
    struct watch *w = watch_of(look, no);
    bool cleared = w->shown == SHOWN_YELLOW;
    *w = (struct watch){
        .shown = (uint8_t)next,
        .arrow = next == SHOWN_ARROW || (w->arrow && next == SHOWN_YELLOW),
        .after_yellow = cleared,
        .least_ds = c->least_ds[next],
        .most_ds = c->most_ds[next],
        .clear_ds = cleared ? c->red_clear_ds : 0,
    };
    shorten(look, no);
}

/* ---- who is owed a green ---- */

/* Who comes while the phase shows green is served; who comes in yellow or red is owed the next green, and
 * so is whom the engine itself remembers. A button is answered by a walk. */
static void remember(const struct look *look)
{
    struct observer *o = look->o;
    o->cars |= (look->event->cars & look->known->prompt) | look->e->ctl.locked | look->known->recalled;
    o->buttons |= look->event->buttons | look->e->ctl.ped_locked;
}

static void settle_debts(const struct look *look)
{
    struct observer *o = look->o;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        const struct known_channel *c = &look->known->channel[ix];
        enum shown shown = (enum shown)o->channel[ix].shown;
        if (c->phase_no && (shown == SHOWN_GREEN || shown == SHOWN_FLASHING))
            *(c->pedestrian ? &o->buttons : &o->cars) &= ~c->phases;
    }
    o->cars &= look->known->phases;
    o->buttons &= look->known->phases;
}

/* ---- one step ---- */

/* A flash begins when every right of way has been cleared. */
static bool nothing_is_cut(const struct look *look)
{
    for (int no = 1; no <= KNOWN_CHANNELS; no++) {
        const struct watch *w = watch_of(look, no);
        grow(look, no);
        bool runs = w->age_ds < (w->after_yellow ? w->clear_ds : w->least_ds);
        bool right_of_way = w->shown >= SHOWN_GREEN && w->shown <= SHOWN_ARROW;
        if (right_of_way || (w->shown != SHOWN_NOTHING && runs))
            return complain(look, "I2: a flash before all is clear", no, 0, (int)SHOWN_RED, w->shown);
    }
    return true;
}

/* What ends, each channel for itself. Starts are only noted: they are judged by what has ended. */
static bool follow_ends(const struct look *look, uint32_t *begun, uint64_t *ended)
{
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        const struct known_channel *c = &look->known->channel[ix];
        enum shown was = (enum shown)look->o->channel[ix].shown, next = shown_by(look, ix + 1);
        grow(look, ix + 1);
        if (!ends_in_time(look, ix + 1, next))
            return false;
        if (next == was)
            continue;
        if (was == SHOWN_ARROW && !ends_with_its_through(look, ix + 1))
            return false;
        if (was == SHOWN_GREEN && c->phase_no && !c->pedestrian)
            *ended |= c->phases;
        if (next == SHOWN_GREEN || next == SHOWN_ARROW)
            *begun |= (uint32_t)mask_of(ix + 1);
        else
            enter(look, ix + 1, next);
    }
    return true;
}

static bool follow(const struct look *look)
{
    uint32_t begun = 0, unused = ~look->known->used;
    uint64_t ended = 0;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)unused)
        look->o->channel[ix] = (struct watch){0};
    if (!follow_ends(look, &begun, &ended))
        return false;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used)
        if (look->known->channel[ix].pedestrian && !keeps_to_its_green(look, ix + 1, ended))
            return false;
    FOR_EACH_BIT(ix, (uint64_t)begun)
        if (!begins_in_time(look, ix + 1))
            return false;
    FOR_EACH_BIT(ix, (uint64_t)begun)
        enter(look, ix + 1, shown_by(look, ix + 1));
    return true;
}

bool observer_step(struct observer *o, const struct known *known, const struct engine *e,
                   const struct frame *frame, const struct event *event, struct breach *breach)
{
    struct look look = {o, known, e, frame, event, breach};
    *breach = (struct breach){0};
    if (frame->all_flash) {
        bool held = nothing_is_cut(&look);
        memset(o, 0, sizeof *o);
        return held;
    }
    if (e->ctl.unit == UNIT_RUNNING)
        remember(&look);
    settle_debts(&look); /* to those who came while it was green, */
    bool held = one_indication(&look) && no_conflict(&look) && on_one_side(&look) &&
                lamps_tell_the_state(&look) && follow(&look);
    settle_debts(&look); /* and to those whose green began */
    return held;
}
