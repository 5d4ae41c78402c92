#include "observer.h"
#include <string.h>

/* One look at the lamps. */
struct look {
    struct observer *o;
    const struct observed *known;
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

/* ---- what is known beforehand ---- */

static bool lists(const struct phase_list *list, int phase_no)
{
    for (int i = 0; i < list->count; i++)
        if (list->number[i] == phase_no)
            return true;
    return false;
}

static bool together(const struct database *db, int a, int b)
{
    return db->phase[a - 1].ring_no != db->phase[b - 1].ring_no && lists(&db->phase[a - 1].concurrency, b);
}

static bool is_pedestrian(const struct channel_row *row)
{
    return row->type == CHANNEL_PEDESTRIAN;
}

static bool is_used(const struct database *db, const struct channel_row *row)
{
    return (row->type == CHANNEL_VEHICLE || row->type == CHANNEL_PEDESTRIAN) && row->source_no &&
           database_phase_enabled(db, row->source_no);
}

/* The phases whose right of way a channel shows. */
static uint64_t parents(const struct channel_row *row)
{
    return mask_of(row->source_no);
}

static void know_phases(struct observed *known)
{
    const struct database *db = known->db;
    for (int a = 1; a <= PHASES_MAX; a++) {
        known->side_of[a - 1] = mask_of(a);
        if (!database_phase_enabled(db, a))
            continue;
        known->phases |= mask_of(a);
        if (db->phase[a - 1].options & (PHASE_MIN_RECALL | PHASE_MAX_RECALL))
            known->recalled |= mask_of(a);
        if (!(db->phase[a - 1].options & PHASE_NON_LOCKING) && !db->vehicle_detector[a - 1].delay_ds)
            known->prompt |= mask_of(a);
        for (int b = 1; b <= PHASES_MAX; b++) {
            if (a == b || !database_phase_enabled(db, b))
                continue;
            known->rival_phases[a - 1] |= together(db, a, b) ? 0 : mask_of(b);
            known->side_of[a - 1] |= together(db, a, b) ? mask_of(b) : 0;
        }
    }
    for (int round = 0; round < PHASES_MAX; round++)
        for (int a = 0; a < PHASES_MAX; a++) {
            int b;
            FOR_EACH_BIT(b, known->side_of[a])
                known->side_of[a] |= known->side_of[b];
        }
}

/* Two channels are rivals if a phase of the one may not be on together with a phase of the other. */
static bool rivals(const struct observed *known, uint64_t a, uint64_t b)
{
    int ix;
    FOR_EACH_BIT(ix, a & ~b)
        if (known->rival_phases[ix] & b & ~a)
            return true;
    return false;
}

static int revert_ds(const struct database *db, int phase_no)
{
    int unit = db->unit.red_revert_ds, own = db->phase[phase_no - 1].red_revert_ds;
    return unit > own ? unit : own;
}

static void observe_one(struct observed *known, const struct database *db)
{
    int a, b;
    known->db = db;
    know_phases(known);
    for (int no = 1; no <= OBSERVED_CHANNELS; no++)
        if (is_used(db, &db->channel[no - 1]))
            known->used |= (uint32_t)mask_of(no);
    FOR_EACH_BIT(a, (uint64_t)known->used)
        FOR_EACH_BIT(b, (uint64_t)known->used)
            if (rivals(known, parents(&db->channel[a]), parents(&db->channel[b])))
                known->rivals[a] |= (uint32_t)mask_of(b + 1);
}

void observed_init(struct observed *known, const struct database *db, int count)
{
    int longest_ds = 0;
    memset(known, 0, (size_t)count * sizeof *known);
    for (int i = 0; i < count; i++) {
        observe_one(&known[i], &db[i]);
        for (int no = 1; no <= PHASES_MAX; no++)
            if (revert_ds(&db[i], no) > longest_ds)
                longest_ds = revert_ds(&db[i], no);
    }
    for (int i = 0; i < count; i++)
        known[i].revert_ds = longest_ds;
}

/* ---- one frame alone ---- */

static enum shown shown_by(const struct look *look, int no)
{
    const struct frame *f = look->frame;
    bool flashing = channel_has(&f->flashing, no);
    if (is_pedestrian(&look->known->db->channel[no - 1]) && flashing)
        return SHOWN_CLEARING;
    if (channel_has(&f->green, no))
        return flashing ? SHOWN_FLASHING : SHOWN_GREEN;
    return channel_has(&f->yellow, no) ? SHOWN_YELLOW : SHOWN_RED;
}

static bool one_indication(const struct look *look)
{
    const struct frame *f = look->frame;
    for (int no = 1; no <= OBSERVED_CHANNELS; no++) {
        int lit = channel_has(&f->red, no) + channel_has(&f->yellow, no) + channel_has(&f->green, no);
        if (lit != mask_has(look->known->used, no))
            return complain(look, "I8: indications of a channel", no, 0, mask_has(look->known->used, no),
                            lit);
    }
    return true;
}

static bool no_conflict(const struct look *look)
{
    const struct frame *f = look->frame;
    uint32_t going = (uint32_t)(f->green.word[0] | f->yellow.word[0]);
    int a;
    FOR_EACH_BIT(a, (uint64_t)going)
        if (look->known->rivals[a] & going)
            return complain(look, "I1: right of way together", a + 1,
                            mask_lowest_no(look->known->rivals[a] & going), 0, 1);
    return true;
}

/* What the intervals of its ring say of a channel, without the engine's own summary of them. */
static enum shown shown_by_state(const struct look *look, const struct channel_row *row)
{
    int ring = look->known->db->phase[row->source_no - 1].ring_no - 1;
    const struct ring_state *r = &look->e->ctl.ring[ring];
    if (r->phase_ix != row->source_no - 1)
        return SHOWN_RED;
    if (is_pedestrian(row))
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

static bool lamps_tell_the_state(const struct look *look)
{
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        enum shown expected = shown_by_state(look, &look->known->db->channel[ix]);
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
        FOR_EACH_BIT(b, on & look->known->rival_phases[a] & ~look->known->side_of[a])
            return complain(look, "I6: phases on two sides of a barrier", a + 1, b + 1, 0, 1);
    return true;
}

/* ---- one channel after its last frame ---- */

static int due_of(const struct channel_row *channel, const struct phase_row *row, enum shown shown)
{
    switch (shown) {
    case SHOWN_GREEN:
        return 10 * (is_pedestrian(channel) ? row->walk_s : row->minimum_green_s);
    case SHOWN_FLASHING:
        return 10 * row->flashing_green_s;
    case SHOWN_YELLOW:
        return row->yellow_ds;
    case SHOWN_CLEARING:
        return 10 * row->ped_clear_s;
    case SHOWN_RED:
    case SHOWN_NOTHING:
        break;
    }
    return 0;
}

static bool in_order(const struct look *look, int no, enum shown from, enum shown to)
{
    const struct channel_row *channel = &look->known->db->channel[no - 1];
    bool flashes = look->known->db->phase[channel->source_no - 1].flashing_green_s;
    switch (from) {
    case SHOWN_NOTHING:
        return true;
    case SHOWN_RED:
        return to == SHOWN_GREEN;
    case SHOWN_GREEN:
        return to == (is_pedestrian(channel) ? SHOWN_CLEARING : flashes ? SHOWN_FLASHING : SHOWN_YELLOW);
    case SHOWN_FLASHING:
        return to == SHOWN_YELLOW;
    case SHOWN_YELLOW:
    case SHOWN_CLEARING:
        return to == SHOWN_RED;
    }
    return false;
}

static bool excused(const struct look *look, bool pedestrian, enum shown shown)
{
    if (!pedestrian || !look->event->manual)
        return false;
    return shown == SHOWN_GREEN || look->known->db->unit.auto_ped_clear != 2;
}

static bool ends_in_time(const struct look *look, int no, enum shown next)
{
    static const char *const rule[] = {
        [SHOWN_GREEN] = "I5: minimum green or walk",
        [SHOWN_FLASHING] = "I5: flashing green",
        [SHOWN_YELLOW] = "I3: yellow",
        [SHOWN_CLEARING] = "I5: pedestrian clearance",
    };
    const struct watch *w = &look->o->channel[no - 1];
    bool pedestrian = is_pedestrian(&look->known->db->channel[no - 1]);
    enum shown shown = (enum shown)w->shown;
    if (shown == next) {
        if (w->most_ds && w->age_ds >= w->most_ds)
            return complain(look, "I3: a clearance that does not end", no, 0, w->most_ds, w->age_ds);
        return true;
    }
    if (!in_order(look, no, shown, next))
        return complain(look, "I2: order of colours", no, 0, (int)shown, (int)next);
    if (rule[shown] && w->age_ds < w->due_ds && !excused(look, pedestrian, shown))
        return complain(look, rule[shown], no, 0, w->due_ds, w->age_ds);
    return true;
}

/* Pedestrians walk with the green of their phase, and clear before it ends, but for the part of the
 * clearance that may run into yellow and red. `ped_no` is a pedestrian channel. */
static bool keeps_to_its_green(const struct look *look, int ped_no, uint64_t ended)
{
    const struct watch *w = &look->o->channel[ped_no - 1];
    int phase_no = look->known->db->channel[ped_no - 1].source_no;
    const struct phase_row *row = &look->known->db->phase[phase_no - 1];
    int clearance_ds = row->yellow_ds + row->red_clear_ds, left_ds = w->due_ds - w->age_ds;
    int into_ds = row->ped_clear_into_yellow_red_ds;
    int flash_ds = row->ped_clear_before_flash ? 0 : 10 * row->flashing_green_s;
    if (!mask_has(ended, phase_no))
        return true;
    into_ds = flash_ds + (into_ds < clearance_ds ? into_ds : clearance_ds);
    if (w->shown == SHOWN_GREEN)
        return complain(look, "I5: a green that ends in walk", ped_no, 0, 0, 1);
    if (w->shown == SHOWN_CLEARING && left_ds > into_ds && !excused(look, true, SHOWN_CLEARING))
        return complain(look, "I5: pedestrian clearance after its green", ped_no, 0, into_ds, left_ds);
    return true;
}

/* A green may begin: the red clearances of all rivals are over, and the channel's own revert. */
static bool begins_in_time(const struct look *look, int no)
{
    const struct watch *w = &look->o->channel[no - 1];
    const struct channel_row *row = &look->known->db->channel[no - 1];
    int revert = revert_ds(look->known->db, row->source_no), rival;
    if (w->after_yellow && w->age_ds < revert)
        return complain(look, "I4: red revert", no, 0, revert, w->age_ds);
    FOR_EACH_BIT(rival, (uint64_t)look->known->rivals[no - 1]) {
        const struct watch *r = &look->o->channel[rival];
        if (r->after_yellow && r->age_ds < r->clear_ds)
            return complain(look, "I4: red clearance of a rival", no, rival + 1, r->clear_ds, r->age_ds);
    }
    return true;
}

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

/* What a preempt on its way in asks of an interval, if that is less than the phase does: 0 to end at once,
 * 255 (no phase asks for more) for the phase's own time. The track's own clearances are asked for like those
 * before it. */
static int asked_by(const struct preempt_row *p, bool pedestrian, enum shown shown, int due_ds)
{
    int asked_ds = UINT8_MAX, track_ds = UINT8_MAX;
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
    case SHOWN_NOTHING:
        break;
    }
    asked_ds = p->track_phase.count ? lesser(asked_ds, track_ds) : asked_ds;
    return lesser(due_ds, asked_ds);
}

static void shorten(const struct look *look, int no)
{
    const struct preempt_row *p = look->event->entering;
    struct watch *w = &look->o->channel[no - 1];
    bool pedestrian = is_pedestrian(&look->known->db->channel[no - 1]);
    if (!p)
        return;
    w->due_ds = (int16_t)asked_by(p, pedestrian, (enum shown)w->shown, w->due_ds);
    w->clear_ds = (int16_t)asked_by(p, pedestrian, SHOWN_RED, w->clear_ds);
}

/* Ages grow as far as a later rule may ask for them. */
static void grow(const struct look *look, int no)
{
    struct watch *w = &look->o->channel[no - 1];
    shorten(look, no);
    if (look->event->stopped)
        w->most_ds = 0;
    int age = w->age_ds + look->event->dt_ds, cap = w->due_ds > w->most_ds ? w->due_ds : w->most_ds;
    if (w->after_yellow) {
        cap = w->clear_ds > look->known->revert_ds ? w->clear_ds : look->known->revert_ds;
        if (age >= cap)
            *w = (struct watch){.shown = SHOWN_RED};
        cap = w->after_yellow ? cap : 0;
    }
    w->age_ds = (int16_t)(age < cap ? age : cap);
}

static void enter(const struct look *look, int no, enum shown next)
{
    struct watch *w = &look->o->channel[no - 1];
    const struct channel_row *channel = &look->known->db->channel[no - 1];
    const struct phase_row *row = &look->known->db->phase[channel->source_no - 1];
    bool cleared = w->shown == SHOWN_YELLOW;
    *w = (struct watch){
        .shown = (uint8_t)next,
        .due_ds = (int16_t)due_of(channel, row, next),
        .most_ds = (int16_t)(next == SHOWN_FLASHING || next == SHOWN_YELLOW ? due_of(channel, row, next) : 0),
        .clear_ds = (int16_t)(cleared ? row->red_clear_ds : 0),
        .after_yellow = cleared,
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
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        const struct channel_row *row = &look->known->db->channel[ix];
        enum shown shown = (enum shown)look->o->channel[ix].shown;
        if (shown == SHOWN_GREEN || shown == SHOWN_FLASHING)
            *(is_pedestrian(row) ? &look->o->buttons : &look->o->cars) &= ~mask_of(row->source_no);
    }
}

/* ---- one step ---- */

/* A flash begins when every right of way has been cleared. */
static bool nothing_is_cut(const struct look *look)
{
    for (int ix = 0; ix < OBSERVED_CHANNELS; ix++) {
        const struct watch *w = &look->o->channel[ix];
        grow(look, ix + 1);
        bool running = w->after_yellow ? w->age_ds < w->clear_ds : w->age_ds < w->due_ds;
        if (w->shown == SHOWN_GREEN || w->shown == SHOWN_FLASHING || (w->shown != SHOWN_NOTHING && running))
            return complain(look, "I2: a flash before all is clear", ix + 1, 0, (int)SHOWN_RED, w->shown);
    }
    return true;
}

static bool follow(const struct look *look)
{
    uint32_t begun = 0, unused = ~look->known->used;
    uint64_t ended = 0; /* phases whose green ends in this frame */
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)unused)
        look->o->channel[ix] = (struct watch){0};
    FOR_EACH_BIT(ix, (uint64_t)look->known->used) {
        enum shown next = shown_by(look, ix + 1);
        grow(look, ix + 1);
        if (!ends_in_time(look, ix + 1, next))
            return false;
        if (next == (enum shown)look->o->channel[ix].shown)
            continue;
        if (look->o->channel[ix].shown == SHOWN_GREEN && !is_pedestrian(&look->known->db->channel[ix]))
            ended |= mask_of(look->known->db->channel[ix].source_no);
        if (next == SHOWN_GREEN)
            begun |= (uint32_t)mask_of(ix + 1);
        else
            enter(look, ix + 1, next);
    }
    FOR_EACH_BIT(ix, (uint64_t)look->known->used)
        if (is_pedestrian(&look->known->db->channel[ix]) && !keeps_to_its_green(look, ix + 1, ended))
            return false;
    FOR_EACH_BIT(ix, (uint64_t)begun)
        if (!begins_in_time(look, ix + 1))
            return false;
    FOR_EACH_BIT(ix, (uint64_t)begun)
        enter(look, ix + 1, SHOWN_GREEN);
    return true;
}

bool observer_step(struct observer *o, const struct observed *known, const struct engine *e,
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
    o->cars &= known->phases;
    o->buttons &= known->phases;
    return held;
}
