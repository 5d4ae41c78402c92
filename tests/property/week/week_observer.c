#include "week_observer.h"
#include "../../../controller/wiring.h"
#include "../random_preempts.h"
#include <stdarg.h>
#include <stdio.h>

/* In coordination a call may just miss its yield, and the cycles until then may be stretched. */
enum { LONGEST_CYCLES_DS = 3 * 2 * 2550, LOOK_DS = 100, LONG_AGO = -1000000 };

void observer_blame(struct observer *o, const char *format, ...)
{
    if (o->fault[0])
        return;
    int used = snprintf(o->fault, sizeof o->fault, "tick %lld: ", (long long)o->tick);
    va_list args;
    va_start(args, format);
    vsnprintf(o->fault + used, sizeof o->fault - (size_t)used, format, args);
    va_end(args);
}

/* ---- what the database says ---- */

static uint64_t mask_of_list(const struct database *db, const struct phase_list *list)
{
    uint64_t mask = 0;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] && database_phase_enabled(db, list->number[i]))
            mask |= mask_of(list->number[i]);
    return mask;
}

static void read_overlap(struct rights *r, const struct database *db, int ix)
{
    const struct overlap_row *row = &db->overlap[ix];
    bool arrow = row->type >= OVERLAP_FLASHING_YELLOW_3 && row->type <= OVERLAP_FLASHING_RED_4;
    uint64_t included = mask_of_list(db, &row->included);
    int member;
    if (row->type < OVERLAP_NORMAL || !included)
        return;
    uint32_t bit = 1U << ix;
    r->overlaps |= bit;
    r->pedestrian |= row->type == OVERLAP_PEDESTRIAN ? bit : 0;
    r->transit |= row->type == OVERLAP_TRANSIT_2 ? bit : 0;
    r->included[ix] = included;
    r->members[ix] = included | (arrow ? mask_of_list(db, &row->modifier) : 0);
    FOR_EACH_BIT(member, r->members[ix])
        r->overlap_with[ix] |= r->with[member] | mask_of(member + 1);
}

static void read_rights(struct rights *r, const struct database *db)
{
    memset(r, 0, sizeof *r);
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (!database_phase_enabled(db, no))
            continue;
        r->phases |= mask_of(no);
        r->soft |= db->phase[no - 1].options & PHASE_SOFT_RECALL ? mask_of(no) : 0;
        for (int other = 1; other <= PHASES_MAX; other++)
            if (database_phase_enabled(db, other) && phases_concurrent(db, no, other))
                r->with[no - 1] |= mask_of(other);
    }
    for (int ix = 0; ix < OVERLAPS_MAX; ix++)
        read_overlap(r, db, ix);
    for (int a = 0; a < OVERLAPS_MAX; a++)
        for (int b = 0; b < OVERLAPS_MAX; b++)
            if (r->overlap_with[a] & r->members[b])
                r->beside[a] |= 1U << b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* No call may wait longer than two turns of everything at its longest. */
static int64_t longest_turn_ds(const struct database *db)
{
    int64_t turn_ds = 600;
    for (int no = 1; no <= PHASES_MAX; no++) {
        const struct phase_row *row = &db->phase[no - 1];
        int walk_s = larger(row->walk_s, row->ped_alternate_walk_s);
        int clear_s = larger(row->ped_clear_s, row->ped_alternate_clear_s);
        int green_s = larger(larger(row->maximum1_s, row->maximum2_s), row->maximum3_s);
        green_s = larger(larger(green_s, row->dynamic_max_limit_s), row->minimum_green_s);
        green_s = larger(larger(green_s, row->bicycle_minimum_s), row->maximum_initial_s);
        if (database_phase_enabled(db, no))
            turn_ds += 10 * (15 + green_s + walk_s + clear_s + row->flashing_green_s) + row->yellow_ds +
                       row->red_clear_ds + larger(row->red_revert_ds, db->unit.red_revert_ds) +
                       row->ped_advance_walk_ds + row->ped_delay_ds + row->red_yellow_ds;
    }
    for (int i = 0; i < OVERLAPS_MAX; i++) {
        const struct overlap_row *row = &db->overlap[i];
        turn_ds += 10 * (row->trail_green_s + row->walk_s + row->ped_clear_s) + row->trail_yellow_ds +
                   row->trail_red_ds;
    }
    return 2 * turn_ds;
}

void observer_adopt(struct observer *o, const struct database *db)
{
    o->db = db;
    o->calm_since = o->tick;
    o->bound_ds = longest_turn_ds(db) + LONGEST_CYCLES_DS;
    read_rights(&o->rights, db);
}

void observer_init(struct observer *o, const struct database *db)
{
    memset(o, 0, sizeof *o);
    o->preempt_tick = LONG_AGO;
    for (int ix = 0; ix < PHASES_MAX; ix++)
        o->phase[ix].yellow_end = LONG_AGO;
    observer_adopt(o, db);
}

/* ---- right of way ---- */

static uint64_t rights_of(const struct engine_status *s)
{
    return s->green | s->yellow | s->walk | s->ped_clear;
}

static void check_conflicts(struct observer *o, const struct engine_status *s)
{
    const struct rights *r = &o->rights;
    uint64_t going = rights_of(s);
    uint64_t overlaps = s->overlap_green | s->overlap_yellow | (s->overlap_red & s->overlap_flashing);
    int ix;
    FOR_EACH_BIT(ix, going) {
        uint64_t beside = going & ~r->with[ix] & ~mask_of(ix + 1);
        if (beside)
            observer_blame(o, "phase %d beside phase %d", ix + 1, mask_lowest_no(beside));
    }
    FOR_EACH_BIT(ix, overlaps) {
        uint64_t beside = going & ~r->overlap_with[ix];
        uint64_t others = overlaps & ~(uint64_t)r->beside[ix];
        if (beside)
            observer_blame(o, "overlap %d beside phase %d", ix + 1, mask_lowest_no(beside));
        if (others)
            observer_blame(o, "overlap %d beside overlap %d", ix + 1, mask_lowest_no(others));
    }
}

/* A preempt was served at some time since then. */
static bool preempted_since(const struct observer *o, int64_t since)
{
    return o->preempt_tick >= since - 1;
}

static int due_ds(const struct observer *o, int64_t since, int own_ds, int least_ds)
{
    return preempted_since(o, since) && least_ds < own_ds ? least_ds : own_ds;
}

/* Green, or a walk that leads it: all rivals have cleared. */
static void check_start(struct observer *o, int ix, const struct week_hands *hands)
{
    int other;
    FOR_EACH_BIT(other, o->rights.phases & ~o->rights.with[ix]) {
        const struct phase_watch *w = &o->phase[other];
        int red_ds = other == ix ? 0 : due_ds(o, w->yellow_end, w->red_clear_ds, w->least_red_ds);
        if (o->tick - w->yellow_end < red_ds)
            observer_blame(o, "phase %d begins %lld ds behind the yellow of %d, not %d", ix + 1,
                           (long long)(o->tick - w->yellow_end), other + 1, red_ds);
    }
    const struct phase_row *row = &o->db->phase[ix];
    int revert_ds = larger(row->red_revert_ds, o->db->unit.red_revert_ds);
    if (o->tick - o->phase[ix].yellow_end < revert_ds)
        observer_blame(o, "phase %d: red revert of %lld ds, not %d", ix + 1,
                       (long long)(o->tick - o->phase[ix].yellow_end), revert_ds);
    bool decided = row->red_yellow_ds || mask_has(o->before.on, ix + 1);
    if (mask_has(hands->control->phase_omit_mask, ix + 1) && !decided && !preempted_since(o, o->tick))
        observer_blame(o, "phase %d begins while omitted", ix + 1);
}

/* ---- colours ---- */

static enum colour colour_of(const struct engine_status *s, int ix)
{
    uint64_t phase = mask_of(ix + 1);
    if (s->flashing_green & phase)
        return FLASHING_GREEN;
    return s->green & phase ? GREEN : s->yellow & phase ? YELLOW : RED;
}

static bool order_is_legal(const struct observer *o, int ix, enum colour from, enum colour to)
{
    switch (from) {
    case RED:
        return to == GREEN || (to == YELLOW && !o->opened);
    case GREEN:
        return to == (o->db->phase[ix].flashing_green_s ? FLASHING_GREEN : YELLOW);
    case FLASHING_GREEN:
        return to == YELLOW;
    case YELLOW:
        return to == RED;
    }
    return false;
}

static void begin_colour(struct observer *o, const struct engine_status *s, int ix, enum colour colour)
{
    struct phase_watch *w = &o->phase[ix];
    const struct phase_row *row = &o->db->phase[ix];
    bool transition = s->in_transition || o->before.in_transition;
    int minimum_s = row->minimum_green_s;
    if (transition && row->alternate_minimum_s && row->alternate_minimum_s < minimum_s)
        minimum_s = row->alternate_minimum_s;
    w->colour = colour;
    w->since = o->tick;
    w->frozen = s->stop_time;
    w->own_ds = colour == GREEN            ? minimum_s * 10
                : colour == FLASHING_GREEN ? row->flashing_green_s * 10
                : colour == YELLOW         ? row->yellow_ds
                                           : 0;
    w->least_ds = colour == GREEN    ? allowed_green_ds(o->db, w->own_ds)
                  : colour == YELLOW ? allowed_yellow_ds(o->db, w->own_ds)
                                     : w->own_ds;
}

static void end_yellow(struct observer *o, int ix, const struct week_hands *hands)
{
    struct phase_watch *w = &o->phase[ix];
    const struct phase_row *row = &o->db->phase[ix];
    bool omitted = hands->control->ring_omit_red_clear_mask & (1U << (row->ring_no - 1));
    w->yellow_end = o->tick;
    w->red_clear_ds = omitted ? 0 : row->red_clear_ds;
    int enter_ds = allowed_ds(o->db, w->red_clear_ds, offsetof(struct preempt_row, enter_red_clear_ds), 1);
    w->least_red_ds = allowed_ds(o->db, enter_ds, offsetof(struct preempt_row, track_red_clear_ds), 1);
}

/* How much of a pedestrian clearance may be left when the end of the green is decided. */
static int clearance_after_green_ds(const struct phase_row *row)
{
    int into_ds = row->ped_clear_into_yellow_red_ds, clearance_ds = row->yellow_ds + row->red_clear_ds;
    return (into_ds < clearance_ds ? into_ds : clearance_ds) +
           (row->ped_clear_before_flash ? 0 : row->flashing_green_s * 10);
}

static void end_green(struct observer *o, const struct engine_status *s, int ix)
{
    const struct phase_watch *w = &o->phase[ix];
    int64_t left_ds = w->walk_since + w->walk_own_ds - o->tick;
    bool clearing = s->ped_clear & o->before.ped_clear & mask_of(ix + 1);
    bool excused = w->by_hand || preempted_since(o, w->walk_since);
    if (clearing && !excused && left_ds > clearance_after_green_ds(&o->db->phase[ix]))
        observer_blame(o, "phase %d: green ends %lld ds before its pedestrians have cleared", ix + 1,
                       (long long)left_ds);
}

static void follow_colour(struct observer *o, const struct engine_status *s, int ix,
                          const struct week_hands *hands)
{
    static const char *const name[] = {"red", "green", "flashing green", "yellow"};
    struct phase_watch *w = &o->phase[ix];
    enum colour next = colour_of(s, ix);
    int64_t lasted_ds = o->tick - w->since;
    int least_ds = due_ds(o, w->since, w->own_ds, w->least_ds);
    bool timed = w->colour == FLASHING_GREEN || w->colour == YELLOW;
    if (next == w->colour)
        return;
    if (!order_is_legal(o, ix, w->colour, next))
        observer_blame(o, "phase %d: %s after %s", ix + 1, name[next], name[w->colour]);
    if (lasted_ds < least_ds || (timed && !w->frozen && lasted_ds > w->own_ds))
        observer_blame(o, "phase %d: %s of %lld ds, not %d", ix + 1, name[w->colour], (long long)lasted_ds,
                       least_ds);
    if (w->colour == GREEN)
        end_green(o, s, ix);
    if (w->colour == YELLOW)
        end_yellow(o, ix, hands);
    w->sum_ds[w->colour == RED] += lasted_ds;
    begin_colour(o, s, ix, next);
    o->counts.greens += next == GREEN;
    o->counts.served += next == GREEN && mask_has(o->waiting | o->ped_waiting, ix + 1);
    if (next == GREEN)
        check_start(o, ix, hands);
}

/* Stop time makes intervals longer than they are, and manual control walks shorter. */
static void follow_hands(struct observer *o, const struct engine_status *s)
{
    int ix;
    if (s->stop_time)
        FOR_EACH_BIT(ix, s->green | s->yellow)
            o->phase[ix].frozen = true;
    if (s->manual)
        FOR_EACH_BIT(ix, s->walk | s->ped_clear | o->before.walk | o->before.ped_clear)
            o->phase[ix].by_hand = true;
}

/* ---- pedestrians ---- */

static void follow_walk(struct observer *o, const struct engine_status *s, int ix,
                        const struct week_hands *hands)
{
    struct phase_watch *w = &o->phase[ix];
    const struct phase_row *row = &o->db->phase[ix];
    uint64_t phase = mask_of(ix + 1);
    bool walked = o->before.walk & phase, cleared = o->before.ped_clear & phase;
    bool walks = s->walk & phase, clears = s->ped_clear & phase;
    int64_t lasted_ds = o->tick - w->walk_since;
    int least_ds = due_ds(o, w->walk_since, w->walk_own_ds, w->walk_least_ds);
    bool by_hand = w->by_hand && (walked || o->db->unit.auto_ped_clear != 2);
    if ((walks && clears) || (walks && cleared) || (clears && !walked && !cleared))
        observer_blame(o, "phase %d: order of walk", ix + 1);
    if (walked && !clears && allowed_ped_clear_ds(o->db, row->ped_clear_s * 10) > 0)
        observer_blame(o, "phase %d: walk without clearance", ix + 1);
    if ((walked || cleared) && !by_hand && lasted_ds < least_ds)
        observer_blame(o, "phase %d: %s of %lld ds, not %d", ix + 1, walked ? "walk" : "clearance",
                       (long long)lasted_ds, least_ds);
    int own_ds = 10 * (walks ? row->walk_s : clears ? row->ped_clear_s : 0);
    w->walk_since = o->tick;
    w->walk_own_ds = own_ds;
    w->walk_least_ds = walks ? allowed_walk_ds(o->db, own_ds) : allowed_ped_clear_ds(o->db, own_ds);
    w->by_hand = s->manual;
    if (walks && !(s->green & phase)) {
        if (!row->ped_advance_walk_ds || !(s->on & phase))
            observer_blame(o, "phase %d: walk without green", ix + 1);
        check_start(o, ix, hands);
    }
}

/* ---- overlaps ---- */

/* Every yellow, but for one that a preempt cuts with its parents', is whole. */
static int overlap_yellow_ds(const struct observer *o, int ix)
{
    const struct overlap_row *row = &o->db->overlap[ix];
    int least_ds = row->trail_green_s && row->trail_yellow_ds ? row->trail_yellow_ds : UINT8_MAX, member;
    FOR_EACH_BIT(member, o->rights.members[ix])
        if (o->db->phase[member].yellow_ds < least_ds)
            least_ds = o->db->phase[member].yellow_ds;
    return allowed_yellow_ds(o->db, least_ds);
}

static uint64_t clearing_of(const struct rights *r, const struct engine_status *s)
{
    return s->overlap_yellow & ~s->overlap_flashing & ~(uint64_t)r->pedestrian;
}

static void follow_overlaps(struct observer *o, const struct engine_status *s)
{
    const struct rights *r = &o->rights;
    const struct engine_status *b = &o->before;
    uint64_t yellow = clearing_of(r, s), was_yellow = clearing_of(r, b);
    uint64_t arrow = s->overlap_flashing & (s->overlap_yellow | s->overlap_red);
    uint64_t was_arrow = b->overlap_flashing & (b->overlap_yellow | b->overlap_red);
    uint64_t went = b->overlap_green | was_arrow, goes = s->overlap_green | arrow;
    uint64_t skipped = went & ~goes & ~yellow & ~(uint64_t)r->transit & ~(uint64_t)r->pedestrian;
    uint64_t turned = was_yellow & goes;
    int ix;
    if (skipped | turned)
        observer_blame(o, "overlap %d: order of its colours", mask_lowest_no(skipped | turned));
    FOR_EACH_BIT(ix, yellow & ~was_yellow) {
        o->overlap[ix].yellow_since = o->tick;
        o->overlap[ix].yellow_ds = overlap_yellow_ds(o, ix);
    }
    FOR_EACH_BIT(ix, was_yellow & ~yellow)
        if (o->tick - o->overlap[ix].yellow_since < o->overlap[ix].yellow_ds)
            observer_blame(o, "overlap %d: yellow of %lld ds, not %d", ix + 1,
                           (long long)(o->tick - o->overlap[ix].yellow_since), o->overlap[ix].yellow_ds);
    if ((s->overlap_green | s->overlap_yellow | s->overlap_red | s->overlap_flashing) &
        ~(uint64_t)r->overlaps)
        observer_blame(o, "an overlap that is not used is lit");
}

/* Green beyond its phases. */
static bool any_trailing(const struct observer *o, const struct engine_status *s)
{
    int ix;
    FOR_EACH_BIT(ix, s->overlap_green & ~(uint64_t)o->rights.pedestrian)
        if (!(o->rights.members[ix] & (s->green | s->next)))
            return true;
    return false;
}

/* ---- lamps ---- */

/* Red, yellow, green and flashing as bits. */
enum { LIT_RED = 1, LIT_YELLOW = 2, LIT_GREEN = 4, LIT_FLASHING = 8 };

static int lit(const struct frame *f, int no)
{
    return (channel_has(&f->red, no) ? LIT_RED : 0) | (channel_has(&f->yellow, no) ? LIT_YELLOW : 0) |
           (channel_has(&f->green, no) ? LIT_GREEN : 0) | (channel_has(&f->flashing, no) ? LIT_FLASHING : 0);
}

static int walk_lamps(const struct channel_row *row, bool walks, bool clears)
{
    bool green = walks || (clears && row->ped_clear_indication == PED_CLEAR_FLASHING_GREEN);
    return (green ? LIT_GREEN : LIT_RED) | (clears ? LIT_FLASHING : 0);
}

static int vehicle_lamps(bool red, bool yellow, bool green, bool flashing)
{
    return (green ? LIT_GREEN : yellow ? LIT_YELLOW : red ? LIT_RED : 0) | (flashing ? LIT_FLASHING : 0);
}

static int expected_lamps(const struct observer *o, const struct engine_status *s, int channel_no)
{
    const struct channel_row *row = &o->db->channel[channel_no - 1];
    int no = row->source_no;
    if (!wiring_overlap(o->db, channel_no))
        return row->type == CHANNEL_PEDESTRIAN
                   ? walk_lamps(row, mask_has(s->walk, no), mask_has(s->ped_clear, no))
                   : vehicle_lamps(mask_has(s->red, no), mask_has(s->yellow, no), mask_has(s->green, no),
                                   mask_has(s->flashing_green, no));
    bool green = mask_has(s->overlap_green, no), yellow = mask_has(s->overlap_yellow, no);
    return wiring_is_pedestrian(o->db, channel_no) ? walk_lamps(row, green, yellow)
                                                   : vehicle_lamps(mask_has(s->overlap_red, no), yellow,
                                                                   green, mask_has(s->overlap_flashing, no));
}

static bool is_driven(const struct observer *o, int channel_no)
{
    const struct channel_row *row = &o->db->channel[channel_no - 1];
    if (!row->source_no)
        return false;
    return wiring_overlap(o->db, channel_no) ? mask_has(o->rights.overlaps, row->source_no)
                                             : mask_has(o->rights.phases, row->source_no);
}

/* Each channel shows what its phase or overlap is told to be in, red-yellow and dark where they are set. */
static void check_lamps(struct observer *o, const struct engine_status *s, const struct frame *f)
{
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        const struct channel_row *row = &o->db->channel[no - 1];
        int came = lit(f, no), expected = is_driven(o, no) ? expected_lamps(o, s, no) : 0;
        bool red_yellow =
            came == (LIT_RED | LIT_YELLOW) && expected == LIT_RED && !wiring_is_pedestrian(o->db, no);
        bool dark = !came && (row->off_by_schedule || (row->dark_when_red && expected == LIT_RED));
        if (came != expected && !red_yellow && !dark)
            observer_blame(o, "channel %d lit %x, its source %x", no, (unsigned)came, (unsigned)expected);
    }
}

/* ---- calls ---- */

/* Not promised: to a soft recall, which asks only when nobody else does; under backup prevention, where a
 * call may wait for one across the barrier; to those whom the speed mode keeps waiting. */
static void follow_calls(struct observer *o, const struct engine_status *s)
{
    uint64_t waiting = s->vehicle_call & ~s->green & ~o->rights.soft & ~s->speed_withheld;
    uint64_t ped_waiting = s->ped_call & ~s->green;
    int ix;
    FOR_EACH_BIT(ix, waiting & ~o->waiting)
        o->phase[ix].called_since = o->tick;
    FOR_EACH_BIT(ix, ped_waiting & ~o->ped_waiting)
        o->phase[ix].ped_called_since = o->tick;
    o->waiting = waiting;
    o->ped_waiting = ped_waiting;
    if (o->tick % LOOK_DS || o->db->unit.backup_prevent)
        return;
    int64_t deadline = o->tick - o->bound_ds;
    if (o->calm_since > deadline)
        return;
    FOR_EACH_BIT(ix, waiting)
        if (o->phase[ix].called_since < deadline)
            observer_blame(o, "phase %d: call waiting longer than %lld ds", ix + 1, (long long)o->bound_ds);
    FOR_EACH_BIT(ix, ped_waiting)
        if (o->phase[ix].ped_called_since < deadline)
            observer_blame(o, "phase %d: pedestrian waiting longer than %lld ds", ix + 1,
                           (long long)o->bound_ds);
}

/* A clearance that does not end would never be noticed by its end. */
static void look_around(struct observer *o)
{
    for (int ix = 0; ix < PHASES_MAX; ix++) {
        const struct phase_watch *w = &o->phase[ix];
        bool timed = w->colour == FLASHING_GREEN || w->colour == YELLOW;
        if (timed && !w->frozen && o->tick - w->since > w->own_ds)
            observer_blame(o, "phase %d: a clearance should be over", ix + 1);
    }
}

/* ---- a tick ---- */

static void count(struct observer *o, const struct engine_status *s, bool calm)
{
    struct week_counts *c = &o->counts;
    bool failed = s->detector_failed.word[0] | s->detector_failed.word[1] | s->detector_failed.word[2] |
                  s->ped_detector_failed;
    c->ticks++;
    c->in_step += s->coordinated && !s->in_transition;
    c->in_transition += s->in_transition;
    c->preempted += s->preempt_no != 0;
    c->in_flash += s->unit == UNIT_AUTOMATIC_FLASH;
    c->trailing += s->overlap_green && any_trailing(o, s);
    c->priority += s->priority_no != 0;
    c->withheld += s->speed_withheld != 0;
    c->failed += failed;
    c->manual += s->manual;
    c->walking += s->walk != 0;
    c->overlap_green += s->overlap_green != 0;
    c->calm += calm;
}

/* In flash no phase has a colour, and before it none had right of way. */
static void follow_flash(struct observer *o, const struct engine_status *s)
{
    if (s->red | s->yellow | s->green | s->dont_walk | s->walk | s->ped_clear)
        observer_blame(o, "phases in flash");
    if (o->before.unit == UNIT_RUNNING) {
        if (rights_of(&o->before) | o->before.overlap_green | o->before.overlap_yellow)
            observer_blame(o, "flash out of something else than red");
        for (int ix = 0; ix < PHASES_MAX; ix++)
            o->phase[ix].sum_ds[1] += o->tick - o->phase[ix].since;
    }
    o->opened = false; /* the way out may be that of start-up */
}

/* Returns whether a lamp has a reason to change. */
static bool follow_phases(struct observer *o, const struct engine_status *s, const struct week_hands *hands)
{
    const struct engine_status *b = &o->before;
    uint64_t colours =
        (s->green ^ b->green) | (s->yellow ^ b->yellow) | (s->flashing_green ^ b->flashing_green);
    uint64_t walks = (s->walk ^ b->walk) | (s->ped_clear ^ b->ped_clear);
    int ix;
    if ((s->red | s->yellow | s->green) != o->rights.phases || (s->red & (s->yellow | s->green)) ||
        (s->yellow & s->green))
        observer_blame(o, "red, yellow and green are not all there is");
    if ((s->walk | s->ped_clear | s->dont_walk) != o->rights.phases)
        observer_blame(o, "walk, clearance and don't walk are not all there is");
    FOR_EACH_BIT(ix, colours)
        follow_colour(o, s, ix, hands);
    FOR_EACH_BIT(ix, walks)
        follow_walk(o, s, ix, hands);
    o->opened = o->opened || s->green || s->yellow;
    if (!(colours | walks | (s->overlap_green ^ b->overlap_green) | (s->overlap_yellow ^ b->overlap_yellow) |
          (s->overlap_red ^ b->overlap_red) | (s->overlap_flashing ^ b->overlap_flashing)))
        return false;
    follow_overlaps(o, s);
    check_conflicts(o, s);
    return true;
}

bool observer_step(struct observer *o, const struct engine_status *s, const struct frame *frame,
                   const struct week_hands *hands)
{
    bool running = s->unit == UNIT_RUNNING;
    bool calm = running && !hands->disturbed && !s->preempt_no && !s->manual && !s->stop_time &&
                !s->remote_control && !s->structure_waits && !s->priority_no &&
                s->requested_pattern_no != PATTERN_FLASH;
    if (s->preempt_no)
        o->preempt_tick = o->tick;
    if (!calm)
        o->calm_since = o->tick;
    follow_hands(o, s);
    if (frame->all_flash != (s->unit == UNIT_STARTUP_FLASH || s->unit == UNIT_AUTOMATIC_FLASH))
        observer_blame(o, "all flash in unit state %d", (int)s->unit);
    if (s->unit == UNIT_AUTOMATIC_FLASH || s->unit == UNIT_STARTUP_FLASH)
        follow_flash(o, s);
    if (running) {
        o->running_ds++;
        bool changed = follow_phases(o, s, hands);
        follow_calls(o, s);
        if (changed || memcmp(frame, &o->frame, sizeof *frame) != 0)
            check_lamps(o, s, frame);
        if (o->tick % LOOK_DS == 0)
            look_around(o);
    }
    for (int ix = 0; ix < PHASES_MAX && !running; ix++) /* what lies before the phases run does not count */
        o->phase[ix].since = o->tick + 1;
    count(o, s, calm);
    o->before = *s;
    o->frame = *frame;
    o->tick++;
    return !o->fault[0];
}

bool observer_finish(struct observer *o)
{
    bool running = o->before.unit == UNIT_RUNNING;
    for (int ix = 0; ix < PHASES_MAX; ix++) {
        const struct phase_watch *w = &o->phase[ix];
        int64_t last_ds = running ? o->tick - w->since : 0;
        int64_t sum_ds = w->sum_ds[0] + w->sum_ds[1] + last_ds;
        if (sum_ds != o->running_ds)
            observer_blame(o, "phase %d: its times come to %lld ds, not %lld", ix + 1, (long long)sum_ds,
                           (long long)o->running_ds);
    }
    return !o->fault[0];
}
