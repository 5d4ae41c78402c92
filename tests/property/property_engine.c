/* What must hold for every plan and every input: random plans, random traffic, random hands on the
 * switches. An observer knows the database and sees only what engine_get_status() and the frame tell.
 *
 *     property_engine          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_engine SEED     this seed alone; PROPERTY_TRACE=1 shows what it does */
#include "../../phases/engine.h"
#include "harness.h"
#include "random_plan.h"
#include "random_preempts.h"
#include <stdio.h>
#include <stdlib.h>

enum colour { RED, GREEN, FLASHING_GREEN, YELLOW };
enum walk { DONT_WALK, WALK, PED_CLEARING };
static const char *const colour_name[] = {"red", "green", "flashing green", "yellow"};

/* What the observer remembers of one phase. Durations due are those in force when the interval began. */
struct watch {
    enum colour colour;
    int64_t since_ds;
    int due_ds, most_ds; /* a preempt may leave less of the first, never more than the other */
    bool frozen;         /* stop time fell into the interval */
    int64_t yellow_end_ds;
    int red_clear_ds;
    enum walk walk;
    int64_t walk_since_ds;
    int walk_due_ds;
    bool by_hand;                     /* manual control fell into the walk interval */
    int64_t called_ds, ped_called_ds; /* waiting so long, not green */
};

/* What a run may do besides traffic. */
struct mode {
    bool commands, times, structure, coordination, preempts, flash, schedule;
};

/* In coordination a call may just miss its yield, and the cycles until then may be stretched. */
enum { LONGEST_CYCLES_DS = 3 * 2 * 2550 };

struct run {
    struct mode mode;
    uint64_t random;
    struct database db[2];
    struct plan plan[2];
    struct guard_card card;
    struct guard guard;
    struct engine engine, twin;
    struct inputs in;
    struct engine_status status;
    struct frame frame;
    struct watch watch[PHASES_MAX + 1];
    const struct database *now; /* in force */
    const struct plan *offered; /* not adopted yet, or NULL */
    uint64_t traced[6];
    bool running;       /* something had right of way since the start or the last flash */
    int preempt_no;     /* in service in this tick or the last */
    int64_t leading_ds; /* so long the stage lasts in which a preempt leads the rings */
    int64_t tick, bound_ds, offered_tick;
    int64_t utc_ds;
    bool clock_lost;
    int64_t flash_asked_ds; /* automatic flash is asked for so long */
    int traffic, buttons;   /* one in so many ticks */
};

static bool tracing; /* set once, from the environment */

/* Of all runs together: a mode in which its subject never comes up proves nothing. */
static int64_t ticks_in_all, ticks_in_step, ticks_in_transition, ticks_in_dwell, ticks_in_flash;

static void expect(struct run *r, bool held, int phase_no, const char *what, int64_t expected, int64_t came)
{
    if (!held)
        harness_fail(__FILE__, __LINE__, "tick %lld, phase %d: %s: expected %lld, came %lld",
                     (long long)r->tick, phase_no, what, (long long)expected, (long long)came);
}

/* ---- the observer ---- */

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
        expect(r, red_ds >= w->red_clear_ds, phase_no, "red clearance of its rival", w->red_clear_ds, red_ds);
    }
    bool omitted = mask_has(r->engine.ctl.control.phase_omit_mask, phase_no) && !r->preempt_no;
    expect(r, !omitted, phase_no, "green while omitted", 0, omitted);
    const struct watch *w = &r->watch[phase_no];
    int unit_ds = r->now->unit.red_revert_ds, own_ds = r->now->phase[phase_no - 1].red_revert_ds;
    int revert_ds = unit_ds > own_ds ? unit_ds : own_ds;
    expect(r, r->tick - w->yellow_end_ds >= revert_ds, phase_no, "red revert", revert_ds,
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
        expect(r, next != w->colour || w->frozen || lasted_ds < w->most_ds, phase_no,
               "clearance should be over", w->most_ds, lasted_ds);
    if (next == w->colour)
        return;
    if (!order_is_legal(r, phase_no, w->colour, next))
        harness_fail(__FILE__, __LINE__, "tick %lld, phase %d: %s after %s", (long long)r->tick, phase_no,
                     colour_name[next], colour_name[w->colour]);
    expect(r, lasted_ds >= w->due_ds, phase_no, colour_name[w->colour], w->due_ds, lasted_ds);
    if (w->colour == YELLOW) {
        bool omitted = (r->engine.ctl.control.ring_omit_red_clear_mask & (1 << ring)) != 0;
        w->yellow_end_ds = r->tick;
        w->red_clear_ds = omitted ? 0 : r->now->phase[phase_no - 1].red_clear_ds;
    }
    if (w->colour == GREEN && w->walk == PED_CLEARING && mask_has(r->status.ped_clear, phase_no)) {
        int64_t left_ds = w->walk_since_ds + w->walk_due_ds - r->tick;
        expect(r, w->by_hand || left_ds <= clearance_after_green(r, phase_no), phase_no,
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
    expect(r, dont_walk == (next == DONT_WALK), phase_no, "don't walk", next == DONT_WALK, dont_walk);
    expect(r, next != WALK || w->colour == GREEN, phase_no, "walk only with green", GREEN, w->colour);
    w->by_hand = w->by_hand || r->status.manual;
    if (next == w->walk)
        return;
    int64_t lasted_ds = r->tick - w->walk_since_ds;
    bool skipped =
        w->walk == WALK && next == DONT_WALK && allowed_ped_clear_ds(r->now, row->ped_clear_s * 10);
    expect(r, !skipped && (next != PED_CLEARING || w->walk == WALK), phase_no, "order of walk", w->walk,
           next);
    bool advanced = w->by_hand && (w->walk == WALK || r->now->unit.auto_ped_clear != 2);
    expect(r, advanced || lasted_ds >= w->walk_due_ds, phase_no,
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
    expect(r, w->called_ds <= r->bound_ds, phase_no, "call waiting", r->bound_ds, w->called_ds);
    expect(r, w->ped_called_ds <= r->bound_ds, phase_no, "pedestrian waiting", r->bound_ds, w->ped_called_ds);
}

/* A preempt gets where it leads to. */
static void follow_preempt(struct run *r)
{
    int no = r->status.preempt_no;
    r->preempt_no = no ? no : r->preempt_no;
    int stage = no ? r->status.preempt_stage[no - 1] : PREEMPT_NOT_ACTIVE;
    bool leads = stage == PREEMPT_ENTRY || stage == PREEMPT_TRACK || stage == PREEMPT_EXIT;
    ticks_in_dwell += stage == PREEMPT_DWELL;
    r->leading_ds = leads && !r->mode.commands ? r->leading_ds + 1 : 0;
    expect(r, r->leading_ds <= r->bound_ds, no, "preempt on its way", r->bound_ds, r->leading_ds);
}

static void check_conflicts(struct run *r)
{
    uint64_t going = r->status.green | r->status.yellow;
    for (uint64_t left = going; left; left &= left - 1) {
        int a = mask_lowest_no(left);
        for (uint64_t others = left & (left - 1); others; others &= others - 1) {
            int b = mask_lowest_no(others);
            expect(r, phases_concurrent(r->now, a, b), a, "no right of way beside", 0, b);
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
        expect(r, expected == came, phase_no, "lamps of its channel", expected, came);
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
    expect(r, r->guard.held_frames == 0, 0, "frames held by the guard", 0, (int64_t)r->guard.held_frames);
}

/* Flash comes out of all red, and, unless somebody's hand is in it, soon after it is asked for. */
static void check_flash(struct run *r)
{
    const struct engine_status *s = &r->status;
    bool flash = s->unit == UNIT_AUTOMATIC_FLASH;
    ticks_in_flash += flash;
    expect(r, r->frame.all_flash == (flash || s->unit == UNIT_STARTUP_FLASH), 0, "flash", s->unit,
           r->frame.all_flash);
    r->flash_asked_ds = (r->in.unit & INPUT_AUTOMATIC_FLASH) ? r->flash_asked_ds + 1 : 0;
    bool promised = !r->mode.commands && !r->mode.structure && !r->mode.preempts;
    expect(r, !promised || flash || r->flash_asked_ds <= r->bound_ds, 0, "flash waiting", r->bound_ds,
           r->flash_asked_ds);
    if (!flash)
        return;
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (database_phase_enabled(r->now, no))
            follow_colour(r, no);
        expect(r, r->watch[no].walk != WALK, no, "flash after", DONT_WALK, r->watch[no].walk);
    }
    expect(r, !(s->red | s->yellow | s->green | s->dont_walk), 0, "phases in flash", 0, 1);
    r->running = false; /* the way out may be that of start-up */
}

static void observe(struct run *r)
{
    engine_get_status(&r->engine, &r->status);
    ticks_in_all++;
    ticks_in_step += r->status.coordinated && !r->status.in_transition;
    ticks_in_transition += r->status.in_transition;
    check_guard(r);
    check_flash(r);
    follow_preempt(r);
    if (r->status.unit != UNIT_RUNNING)
        return;
    check_conflicts(r);
    check_frame(r);
    uint64_t started = 0;
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (!database_phase_enabled(r->now, no)) {
            expect(r, !mask_has(r->status.green | r->status.yellow | r->status.red, no), no, "disabled", 0,
                   1);
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

/* ---- the world ---- */

/* No call may wait longer than two turns of everything at its longest. */
static int64_t longest_turn_ds(const struct database *db)
{
    int64_t turn_ds = 600;
    for (int no = 1; no <= PHASES_MAX; no++) {
        const struct phase_row *row = &db->phase[no - 1];
        int revert_ds =
            row->red_revert_ds > db->unit.red_revert_ds ? row->red_revert_ds : db->unit.red_revert_ds;
        if (database_phase_enabled(db, no))
            turn_ds += 10 * (15 + 25 + row->walk_s + row->ped_clear_s + row->flashing_green_s) +
                       row->yellow_ds + row->red_clear_ds + revert_ds;
    }
    return 2 * turn_ds;
}

static void traffic(struct run *r)
{
    uint64_t phases = r->plan[0].structure.phases;
    for (uint64_t left = phases; left; left &= left - 1) {
        int no = mask_lowest_no(left);
        bool occupied = detector_has(&r->in.vehicle, no);
        if (one_in(&r->random, occupied ? 12 : r->traffic))
            detector_put(&r->in.vehicle, no, !occupied);
        bool pressed = mask_has(r->in.pedestrian, no);
        if (one_in(&r->random, pressed ? 8 : r->buttons))
            r->in.pedestrian ^= mask_of(no);
    }
    if (one_in(&r->random, 600)) { /* rush hour, night */
        r->traffic = 10 << random_int(&r->random, 8);
        r->buttons = 50 << random_int(&r->random, 8);
    }
}

static void send(struct run *r, const struct control_op *op)
{
    int one = engine_command(&r->engine, op), two = engine_command(&r->twin, op);
    expect(r, one == two, 0, "answer to a command", one, two);
}

/* The centre's commands come and go, as do the switches in the cabinet. */
static void commands(struct run *r)
{
    static const struct {
        size_t offset;
        uint8_t size;
    } fields[] = {
        {offsetof(struct control, phase_omit_mask), 8},
        {offsetof(struct control, ped_omit_mask), 8},
        {offsetof(struct control, hold_mask), 8},
        {offsetof(struct control, force_off_mask), 8},
        {offsetof(struct control, vehicle_call_mask), 8},
        {offsetof(struct control, ped_call_mask), 8},
        {offsetof(struct control, vehicle_actuation), 8},
        {offsetof(struct control, ped_actuation_mask), 8},
        {offsetof(struct control, ring_stop_time_mask), 1},
        {offsetof(struct control, ring_force_off_mask), 1},
        {offsetof(struct control, ring_max2_mask), 1},
        {offsetof(struct control, ring_max3_mask), 1},
        {offsetof(struct control, ring_max_inhibit_mask), 1},
        {offsetof(struct control, ring_ped_recycle_mask), 1},
        {offsetof(struct control, ring_red_rest_mask), 1},
        {offsetof(struct control, unit), 1},
        {offsetof(struct control, manual_timeout_s), 1},
        {offsetof(struct control, interval_advance), 1},
        {offsetof(struct control, ring_omit_red_clear_mask), 1},
    };
    if (one_in(&r->random, 20)) {
        size_t which = (size_t)random_int(&r->random, sizeof(fields) / sizeof(fields[0]));
        uint64_t bits = random_bits(&r->random) & random_bits(&r->random) & random_bits(&r->random);
        struct control_op op = {.offset = (uint16_t)fields[which].offset,
                                .size = fields[which].size,
                                .restarts_backup = true,
                                .clear = UINT64_MAX,
                                .set = one_in(&r->random, 2) ? 0 : bits};
        send(r, &op);
    }
    if (one_in(&r->random, 100))
        r->in.unit ^= 1U << random_int(&r->random, 8);
    if ((r->in.unit & INPUT_STOP_TIME) && one_in(&r->random, 30))
        r->in.unit &= ~(unsigned)INPUT_STOP_TIME;
}

/* The centre calls patterns, and says where the system's cycle stands. */
static void patterns(struct run *r)
{
    if (one_in(&r->random, 1500)) {
        struct control_op pattern = {.offset = offsetof(struct control, system_pattern_no),
                                     .size = 1,
                                     .clear = UINT64_MAX,
                                     .set = (uint64_t)(one_in(&r->random, 4)
                                                           ? PATTERN_FREE
                                                           : random_int(&r->random, RANDOM_PATTERNS + 1))};
        send(r, &pattern);
    }
    if (one_in(&r->random, 1500)) {
        struct control_op sync = {.offset = offsetof(struct control, system_sync_s),
                                  .size = 1,
                                  .clear = UINT64_MAX,
                                  .set = (uint64_t)random_int(&r->random, 256)};
        send(r, &sync);
    }
    if (one_in(&r->random, 3000))
        r->in.unit ^= INPUT_FREE;
}

static void switch_flash(struct run *r)
{
    if (one_in(&r->random, (r->in.unit & INPUT_AUTOMATIC_FLASH) ? 900 : 2000))
        r->in.unit ^= INPUT_AUTOMATIC_FLASH;
}

/* The clock of the wall, which is set anew or lost now and then. */
static void tell_time(struct run *r)
{
    enum { DAY_DS = 24 * 3600 * 10 };
    if (one_in(&r->random, 2000))
        r->utc_ds += random_between(&r->random, -DAY_DS, DAY_DS);
    if (!r->utc_ds || one_in(&r->random, 4000))
        r->utc_ds = INT64_C(20000) * DAY_DS + DAY_DS / 24 * 10; /* ten o'clock */
    r->utc_ds++;
    if (one_in(&r->random, r->clock_lost ? 200 : 4000))
        r->clock_lost = !r->clock_lost;
    r->in.utc_ds = r->clock_lost ? 0 : r->utc_ds;
}

static void change_plan(struct run *r)
{
    if (!r->offered && one_in(&r->random, 150)) {
        r->offered = r->now == &r->db[0] ? &r->plan[1] : &r->plan[0];
        r->offered_tick = r->tick;
    }
    if (!r->offered)
        return;
    bool adopted = engine_adopt(&r->engine, r->offered);
    bool twin_adopted = engine_adopt(&r->twin, r->offered);
    expect(r, adopted == twin_adopted, 0, "adoption", adopted, twin_adopted);
    if (!adopted && !r->mode.commands && !r->mode.preempts)
        expect(r, r->tick - r->offered_tick <= r->bound_ds, 0, "structure waiting", r->bound_ds,
               r->tick - r->offered_tick);
    if (!adopted)
        return;
    r->now = r->offered == &r->plan[0] ? &r->db[0] : &r->db[1];
    r->offered = NULL;
}

/* One line for each tick in which something changes, masks in hex. */
static void trace(struct run *r)
{
    const struct engine_status *s = &r->status;
    uint64_t seen[] = {s->green, s->flashing_green, s->yellow, s->walk, s->ped_clear, s->next};
    if (memcmp(seen, r->traced, sizeof(seen)) == 0)
        return;
    memcpy(r->traced, seen, sizeof(seen));
    printf("%lld green %llx flashing %llx yellow %llx walk %llx clear %llx next %llx calls %llx %llx\n",
           (long long)r->tick, (unsigned long long)s->green, (unsigned long long)s->flashing_green,
           (unsigned long long)s->yellow, (unsigned long long)s->walk, (unsigned long long)s->ped_clear,
           (unsigned long long)s->next, (unsigned long long)s->vehicle_call, (unsigned long long)s->ped_call);
}

static void begin(struct run *r, struct mode mode, uint64_t seed)
{
    memset(r, 0, sizeof(*r));
    r->mode = mode;
    r->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    random_bits(&r->random);
    random_database(&r->db[0], &r->random);
    if (mode.coordination)
        random_coordination(&r->db[0], &r->random);
    if (mode.preempts)
        random_preempts(&r->db[0], &r->random);
    if (mode.flash)
        random_flash(&r->db[0], &r->random);
    if (mode.schedule)
        random_schedule(&r->db[0], &r->random);
    r->db[1] = r->db[0];
    if (mode.times)
        vary_times(&r->db[1], &r->random);
    if (mode.times && mode.preempts)
        vary_preempts(&r->db[1], &r->random);
    if (mode.structure)
        vary_structure(&r->db[1], &r->random);
    for (int i = 0; i < 2; i++) {
        plan_compile(&r->plan[i], &r->db[i], 1);
        card_admit(&r->card, &r->db[i], i == 0, !mode.commands);
        int64_t turn_ds = longest_turn_ds(&r->db[i]) + (mode.coordination ? LONGEST_CYCLES_DS : 0);
        r->bound_ds = turn_ds > r->bound_ds ? turn_ds : r->bound_ds;
    }
    guard_init(&r->guard, &r->card);
    memset(&r->twin, 0xA5, sizeof(r->twin)); /* what lay in memory before must not matter */
    engine_init(&r->engine, &r->plan[0]);
    engine_init(&r->twin, &r->plan[0]);
    r->now = &r->db[0];
    r->traffic = 10 << random_int(&r->random, 8);
    r->buttons = 50 << random_int(&r->random, 8);
    for (int no = 0; no <= PHASES_MAX; no++)
        r->watch[no].yellow_end_ds = -1000000;
}

static bool run(struct mode mode, uint64_t seed)
{
    static struct run r;
    static struct frame twin_frame;
    begin(&r, mode, seed);
    int64_t ticks = 3 * r.bound_ds < 12000 ? 3 * r.bound_ds : 12000;
    for (; r.tick < ticks && !harness_failed(); r.tick++) {
        traffic(&r);
        if (mode.commands)
            commands(&r);
        if (mode.coordination)
            patterns(&r);
        if (mode.preempts)
            random_calls(&r.in.preempt, &r.random);
        if (mode.flash)
            switch_flash(&r);
        if (mode.schedule)
            tell_time(&r);
        if (mode.times || mode.structure)
            change_plan(&r);
        engine_step(&r.engine, &r.in, 1, &r.frame);
        engine_step(&r.twin, &r.in, 1, &twin_frame);
        observe(&r);
        if (tracing)
            trace(&r);
        if (r.tick % 100 == 0) {
            expect(&r, engine_digest(&r.engine) == engine_digest(&r.twin), 0, "digest of the twin",
                   (int64_t)engine_digest(&r.engine), (int64_t)engine_digest(&r.twin));
            r.twin = r.engine; /* and a copy goes on as its original does */
        }
    }
    return !harness_failed();
}

/* ---- the table of tests ---- */

static uint64_t first_seed = 1, last_seed = 40;

static void all_seeds(struct mode mode)
{
    for (uint64_t seed = first_seed; seed <= last_seed; seed++) {
        harness_at("seed %llu", (unsigned long long)seed);
        if (!run(mode, seed))
            return;
    }
    CHECK(first_seed <= last_seed);
}

static void calls_served(void)
{
    all_seeds((struct mode){0});
}

static void commanded(void)
{
    all_seeds((struct mode){.commands = true});
}

static void times_change(void)
{
    all_seeds((struct mode){.times = true});
}

static void structure_changes(void)
{
    all_seeds((struct mode){.times = true, .structure = true});
}

static void coordinated(void)
{
    ticks_in_all = ticks_in_step = ticks_in_transition = 0;
    all_seeds((struct mode){.coordination = true});
    if (first_seed != last_seed) {
        CHECK(ticks_in_step > ticks_in_all / 20);
        CHECK(ticks_in_transition > ticks_in_all / 20);
    }
}

static void preempted(void)
{
    ticks_in_all = ticks_in_dwell = 0;
    all_seeds((struct mode){.preempts = true});
    if (first_seed != last_seed)
        CHECK(ticks_in_dwell > ticks_in_all / 20);
}

static void flashes(void)
{
    ticks_in_all = ticks_in_flash = 0;
    all_seeds((struct mode){.coordination = true, .flash = true});
    if (first_seed != last_seed)
        CHECK(ticks_in_flash > ticks_in_all / 20);
}

static void scheduled(void)
{
    ticks_in_all = ticks_in_flash = ticks_in_step = 0;
    all_seeds((struct mode){.coordination = true, .flash = true, .schedule = true});
    if (first_seed != last_seed) {
        CHECK(ticks_in_flash > ticks_in_all / 20);
        CHECK(ticks_in_step > ticks_in_all / 20);
    }
}

static void everything(void)
{
    all_seeds((struct mode){.commands = true,
                            .times = true,
                            .structure = true,
                            .coordination = true,
                            .preempts = true,
                            .flash = true,
                            .schedule = true});
}

static const struct harness_test tests[] = {
    {"random plans and traffic: safe, in order, every call served", calls_served},
    {"and with commands and switches", commanded},
    {"and with times that change on the way", times_change},
    {"and with structures that change on the way", structure_changes},
    {"and coordinated, from pattern to pattern", coordinated},
    {"and preempted", preempted},
    {"and with automatic flash now and then", flashes},
    {"and by a schedule, on a clock that jumps and is lost", scheduled},
    {"and with all of it", everything},
};

int main(int argc, char **argv)
{
    tracing = getenv("PROPERTY_TRACE") != NULL;
    const char *count = getenv("PROPERTY_SEEDS");
    if (argc > 1 && strtoull(argv[1], NULL, 10) > 0) {
        first_seed = last_seed = strtoull(argv[1], NULL, 10);
        argc = 1;
    } else if (count) {
        last_seed = strtoull(count, NULL, 10);
    }
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
