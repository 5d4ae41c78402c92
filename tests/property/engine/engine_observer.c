/* An observer that knows the database and sees only what engine_get_status() and the frame tell. */
#include "../random_plan.h"
#include "../random_preempts.h"
#include "engine_run.h"
#include "harness.h"

static const char *const colour_name[] = {"red", "green", "flashing green", "yellow"};

void run_expect(const struct run *r, bool held, int phase_no, const char *what, int64_t expected,
                int64_t came)
{
    if (!held)
        harness_fail(__FILE__, __LINE__, "tick %lld, phase %d: %s: expected %lld, came %lld",
                     (long long)r->tick, phase_no, what, (long long)expected, (long long)came);
}

static enum colour colour_of(const struct engine_status *s, int phase_no)
{
    if (mask_has(s->flashing_green, phase_no))
        return FLASHING_GREEN;
    return mask_has(s->green, phase_no) ? GREEN : mask_has(s->yellow, phase_no) ? YELLOW : RED;
}

static void check_start(struct run *r, int phase_no)
{
    for (int other = 1; other <= PHASES_MAX; other++) {
        const struct watch *w = &r->watch[other];
        if (other != phase_no && phases_concurrent(r->now, phase_no, other))
            continue;
        int64_t red_ds = r->tick - w->yellow_end_ds;
        run_expect(r, red_ds >= w->red_clear_ds, phase_no, "red clearance of its rival", w->red_clear_ds,
                   red_ds);
    }
    bool omitted = mask_has(r->engine.ctl.control.phase_omit_mask, phase_no) && !r->preempt_no;
    run_expect(r, !omitted, phase_no, "green while omitted", 0, omitted);
    const struct watch *w = &r->watch[phase_no];
    int unit_ds = r->now->unit.red_revert_ds, own_ds = r->now->phase[phase_no - 1].red_revert_ds;
    int revert_ds = unit_ds > own_ds ? unit_ds : own_ds;
    run_expect(r, r->tick - w->yellow_end_ds >= revert_ds, phase_no, "red revert", revert_ds,
               r->tick - w->yellow_end_ds);
}

static int due_of(const struct run *r, int phase_no, enum colour colour)
{
    const struct phase_row *row = &r->now->phase[phase_no - 1];
    switch (colour) {
    case GREEN:
        return row->minimum_green_s * 10;
    case FLASHING_GREEN:
        return row->flashing_green_s * 10;
    case YELLOW:
        return row->yellow_ds;
    case RED:
        break;
    }
    return 0;
}

static int allowed_of(const struct run *r, int phase_no, enum colour colour)
{
    int own_ds = due_of(r, phase_no, colour);
    if (colour == GREEN)
        return allowed_green_ds(r->now, own_ds);
    return colour == YELLOW ? allowed_yellow_ds(r->now, own_ds) : own_ds;
}

static bool order_is_legal(const struct run *r, int phase_no, enum colour from, enum colour to)
{
    switch (from) {
    case RED:
        return to == GREEN || (to == YELLOW && !r->running);
    case GREEN:
        return to == (r->now->phase[phase_no - 1].flashing_green_s ? FLASHING_GREEN : YELLOW);
    case FLASHING_GREEN:
        return to == YELLOW;
    case YELLOW:
        return to == RED;
    }
    return false;
}

/* How much of the pedestrian clearance may be left when the green's end is decided. */
static int clearance_after_green(const struct run *r, int phase_no)
{
    const struct phase_row *row = &r->now->phase[phase_no - 1];
    int into = row->ped_clear_into_yellow_red_ds, clearance = row->yellow_ds + row->red_clear_ds;
    return (into < clearance ? into : clearance) +
           (row->ped_clear_before_flash ? 0 : row->flashing_green_s * 10);
}

static void follow_colour(struct run *r, int phase_no)
{
    struct watch *w = &r->watch[phase_no];
    enum colour next = colour_of(&r->status, phase_no);
    int64_t lasted_ds = r->tick - w->since_ds;
    int ring = r->now->phase[phase_no - 1].ring_no - 1;
    w->frozen = w->frozen || r->status.ring_stopped[ring];
    if (w->colour == FLASHING_GREEN || w->colour == YELLOW)
        run_expect(r, next != w->colour || w->frozen || lasted_ds < w->most_ds, phase_no,
                   "clearance should be over", w->most_ds, lasted_ds);
    if (next == w->colour)
        return;
    if (!order_is_legal(r, phase_no, w->colour, next))
        harness_fail(__FILE__, __LINE__, "tick %lld, phase %d: %s after %s", (long long)r->tick, phase_no,
                     colour_name[next], colour_name[w->colour]);
    run_expect(r, lasted_ds >= w->due_ds, phase_no, colour_name[w->colour], w->due_ds, lasted_ds);
    if (w->colour == YELLOW) {
        bool omitted = (r->engine.ctl.control.ring_omit_red_clear_mask & (1 << ring)) != 0;
        w->yellow_end_ds = r->tick;
        w->red_clear_ds = omitted ? 0 : r->now->phase[phase_no - 1].red_clear_ds;
    }
    if (w->colour == GREEN && w->walk == PED_CLEARING && mask_has(r->status.ped_clear, phase_no)) {
        int64_t left_ds = w->walk_since_ds + w->walk_due_ds - r->tick;
        run_expect(r, w->by_hand || left_ds <= clearance_after_green(r, phase_no), phase_no,
                   "ped clearance left at the end of green", clearance_after_green(r, phase_no), left_ds);
    }
    w->colour = next;
    w->since_ds = r->tick;
    w->due_ds = allowed_of(r, phase_no, next);
    w->most_ds = due_of(r, phase_no, next);
    w->frozen = r->status.ring_stopped[ring];
}

static void follow_walk(struct run *r, int phase_no)
{
    struct watch *w = &r->watch[phase_no];
    const struct phase_row *row = &r->now->phase[phase_no - 1];
    enum walk next = mask_has(r->status.walk, phase_no)        ? WALK
                     : mask_has(r->status.ped_clear, phase_no) ? PED_CLEARING
                                                               : DONT_WALK;
    bool dont_walk = mask_has(r->status.dont_walk, phase_no);
    run_expect(r, dont_walk == (next == DONT_WALK), phase_no, "don't walk", next == DONT_WALK, dont_walk);
    run_expect(r, next != WALK || w->colour == GREEN, phase_no, "walk only with green", GREEN, w->colour);
    w->by_hand = w->by_hand || r->status.manual;
    if (next == w->walk)
        return;
    int64_t lasted_ds = r->tick - w->walk_since_ds;
    bool skipped =
        w->walk == WALK && next == DONT_WALK && allowed_ped_clear_ds(r->now, row->ped_clear_s * 10);
    run_expect(r, !skipped && (next != PED_CLEARING || w->walk == WALK), phase_no, "order of walk", w->walk,
               next);
    bool advanced = w->by_hand && (w->walk == WALK || r->now->unit.auto_ped_clear != 2);
    run_expect(r, advanced || lasted_ds >= w->walk_due_ds, phase_no,
               w->walk == WALK ? "walk" : "pedestrian clearance", w->walk_due_ds, lasted_ds);
    w->walk = next;
    w->walk_since_ds = r->tick;
    w->walk_due_ds = next == WALK           ? allowed_walk_ds(r->now, row->walk_s * 10)
                     : next == PED_CLEARING ? allowed_ped_clear_ds(r->now, row->ped_clear_s * 10)
                                            : 0;
    w->by_hand = r->status.manual;
}

/* Without anyone to hold them up, calls are served. Not promised: to a soft recall, which asks only when
 * nobody else does; under backup prevention, where a call may wait for one across the barrier; and while
 * structures change. */
static void follow_calls(struct run *r, int phase_no)
{
    struct watch *w = &r->watch[phase_no];
    bool green = mask_has(r->status.green, phase_no);
    bool soft = r->now->phase[phase_no - 1].options & PHASE_SOFT_RECALL;
    w->called_ds = mask_has(r->status.vehicle_call, phase_no) && !green && !soft ? w->called_ds + 1 : 0;
    w->ped_called_ds = mask_has(r->status.ped_call, phase_no) && !green ? w->ped_called_ds + 1 : 0;
    if (r->mode.commands || r->mode.structure || r->mode.preempts || r->mode.flash ||
        r->now->unit.backup_prevent)
        return;
    run_expect(r, w->called_ds <= r->bound_ds, phase_no, "call waiting", r->bound_ds, w->called_ds);
    run_expect(r, w->ped_called_ds <= r->bound_ds, phase_no, "pedestrian waiting", r->bound_ds,
               w->ped_called_ds);
}

/* A preempt gets where it leads to. */
static void follow_preempt(struct run *r, struct run_counts *counts)
{
    int no = r->status.preempt_no;
    r->preempt_no = no ? no : r->preempt_no;
    int stage = no ? r->status.preempt_stage[no - 1] : PREEMPT_NOT_ACTIVE;
    bool leads = stage == PREEMPT_ENTRY || stage == PREEMPT_TRACK || stage == PREEMPT_EXIT;
    counts->in_dwell += stage == PREEMPT_DWELL;
    r->leading_ds = leads && !r->mode.commands ? r->leading_ds + 1 : 0;
    run_expect(r, r->leading_ds <= r->bound_ds, no, "preempt on its way", r->bound_ds, r->leading_ds);
}

static void check_conflicts(struct run *r)
{
    uint64_t going = r->status.green | r->status.yellow;
    for (uint64_t left = going; left; left &= left - 1) {
        int a = mask_lowest_no(left);
        for (uint64_t others = left & (left - 1); others; others &= others - 1) {
            int b = mask_lowest_no(others);
            run_expect(r, phases_concurrent(r->now, a, b), a, "no right of way beside", 0, b);
        }
    }
}

/* Each channel shows what its phase is told to be in. */
static void check_frame(struct run *r)
{
    const struct engine_status *s = &r->status;
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        const struct channel_row *row = &r->now->channel[no - 1];
        if (!row->source_no || !database_phase_enabled(r->now, row->source_no))
            continue;
        int phase_no = row->source_no;
        bool walk_lit =
            mask_has(s->walk, phase_no) ||
            (mask_has(s->ped_clear, phase_no) && row->ped_clear_indication == PED_CLEAR_FLASHING_GREEN);
        bool green = row->type == CHANNEL_VEHICLE ? mask_has(s->green, phase_no) : walk_lit;
        bool yellow = row->type == CHANNEL_VEHICLE && mask_has(s->yellow, phase_no);
        bool flashing = row->type == CHANNEL_VEHICLE ? mask_has(s->flashing_green, phase_no)
                                                     : mask_has(s->ped_clear, phase_no);
        int expected = green + 2 * yellow + 4 * (!green && !yellow) + 8 * flashing;
        int came = channel_has(&r->frame.green, no) + 2 * channel_has(&r->frame.yellow, no) +
                   4 * channel_has(&r->frame.red, no) + 8 * channel_has(&r->frame.flashing, no);
        run_expect(r, expected == came, phase_no, "lamps of its channel", expected, came);
    }
}

static void check_guard(struct run *r)
{
    struct frame shown;
    enum guard_trip trip = guard_step(&r->guard, &r->frame, r->tick * TICK_MS, &shown);
    if (trip != GUARD_OK)
        harness_fail(__FILE__, __LINE__, "tick %lld: expected no trip, came: %s, channels %d and %d",
                     (long long)r->tick, guard_trip_name(trip), r->guard.trip_channel_no,
                     r->guard.trip_other_no);
    run_expect(r, r->guard.held_frames == 0, 0, "frames held by the guard", 0, (int64_t)r->guard.held_frames);
}

/* Flash comes out of all red, and, unless somebody's hand is in it, soon after it is asked for. */
static void check_flash(struct run *r, struct run_counts *counts)
{
    const struct engine_status *s = &r->status;
    bool flash = s->unit == UNIT_AUTOMATIC_FLASH;
    counts->in_flash += flash;
    run_expect(r, r->frame.all_flash == (flash || s->unit == UNIT_STARTUP_FLASH), 0, "flash", s->unit,
               r->frame.all_flash);
    r->flash_asked_ds = (r->in.unit & INPUT_AUTOMATIC_FLASH) ? r->flash_asked_ds + 1 : 0;
    bool promised = !r->mode.commands && !r->mode.structure && !r->mode.preempts;
    run_expect(r, !promised || flash || r->flash_asked_ds <= r->bound_ds, 0, "flash waiting", r->bound_ds,
               r->flash_asked_ds);
    if (!flash)
        return;
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (database_phase_enabled(r->now, no))
            follow_colour(r, no);
        run_expect(r, r->watch[no].walk != WALK, no, "flash after", DONT_WALK, r->watch[no].walk);
    }
    run_expect(r, !(s->red | s->yellow | s->green | s->dont_walk), 0, "phases in flash", 0, 1);
    r->running = false; /* the way out may be that of start-up */
}

void run_observe(struct run *r, struct run_counts *counts)
{
    engine_get_status(&r->engine, &r->status);
    counts->all++;
    counts->in_step += r->status.coordinated && !r->status.in_transition;
    counts->in_transition += r->status.in_transition;
    check_guard(r);
    check_flash(r, counts);
    follow_preempt(r, counts);
    if (r->status.unit != UNIT_RUNNING)
        return;
    check_conflicts(r);
    check_frame(r);
    uint64_t started = 0;
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (!database_phase_enabled(r->now, no)) {
            run_expect(r, !mask_has(r->status.green | r->status.yellow | r->status.red, no), no, "disabled",
                       0, 1);
            continue;
        }
        bool was_red = r->watch[no].colour == RED;
        follow_colour(r, no);
        if (was_red && r->watch[no].colour == GREEN)
            started |= mask_of(no);
        follow_walk(r, no);
        follow_calls(r, no);
    }
    for (; started; started &= started - 1)
        check_start(r, mask_lowest_no(started));
    r->running = r->running || (r->status.green | r->status.yellow);
    r->preempt_no = r->status.preempt_no;
}
