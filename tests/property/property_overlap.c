/* What must hold for every overlap, whatever its phases, modifiers and pedestrians are and whoever commands:
 * the guard, whose card knows only who may meet whom, finds nothing to hold and nothing to trip over; no
 * walk or clearance of an overlap is cut; and no phase is kept waiting for ever.
 *
 *     property_overlap          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_overlap SEED     this seed alone */
#include "../../controller/card.h"
#include "../../controller/config.h"
#include "../../phases/engine.h"
#include "harness.h"
#include "random_overlaps.h"
#include <stdio.h>
#include <stdlib.h>

enum { TICKS = 36000, PREEMPTS = 3, WAIT_MAX_DS = 1200, RED_YELLOW_MAX_DS = 150 };

/* What the observer remembers of the pedestrians of one overlap. */
struct walk {
    enum ped_interval interval;
    int64_t since;
    int due_ds;
};

struct run {
    uint64_t random;
    struct database db;
    struct plan plan[2];
    const struct plan *offered; /* not adopted yet, or NULL */
    struct guard_card card;
    struct guard guard;
    struct engine engine;
    struct inputs in;
    bool preempts;
    struct walk walk[RANDOM_OVERLAPS];
    int64_t waiting_ds[RINGS_MAX]; /* a committed successor */
    int64_t red_yellow_ds[RINGS_MAX];
    int64_t tick;
};

/* Of all runs together: what never came up has not been tested. */
static uint64_t colours_in_all;

/* A phase, and another that may be on with it. */
static void random_together(struct phase_list *list, const struct database *db, uint64_t *random)
{
    random_members(list, db, 1, random);
    for (int tries = 0; list->count == 1 && tries < 40; tries++) {
        int no = random_between(random, 1, PHASES_MAX);
        if (database_phase_enabled(db, no) && phases_concurrent(db, list->number[0], no))
            list_add(list, no);
    }
}

static void random_preempt(struct preempt_row *row, const struct database *db, uint64_t *random)
{
    *row = (struct preempt_row){
        .control = PREEMPT_ENABLED,
        .minimum_green_s = (uint8_t)random_int(random, 4),
        .minimum_walk_s = (uint8_t)random_int(random, 3),
        .enter_ped_clear_s = (uint8_t)random_int(random, 6),
        .enter_yellow_ds = 255,
        .enter_red_clear_ds = 255,
        .track_green_s = (uint8_t)random_between(random, 1, 6),
        .track_yellow_ds = 255,
        .track_red_clear_ds = 255,
        .dwell_green_s = (uint8_t)random_between(random, 1, 6),
        .exit_type = PREEMPT_EXIT_PHASES,
    };
    if (one_in(random, 2))
        random_together(&row->track_phase, db, random);
    random_together(&row->dwell_phase, db, random);
    random_together(&row->exit_phase, db, random);
    if (one_in(random, 2))
        random_together(&row->cycling_phase, db, random);
    if (one_in(random, 5))
        row->control |= PREEMPT_FLASH_DWELL;
    for (int no = 1; no <= RANDOM_OVERLAPS && one_in(random, 2); no++)
        row->dwell_overlap.number[row->dwell_overlap.count++] = (uint8_t)no;
    for (int no = 1; no <= RANDOM_OVERLAPS && one_in(random, 2); no++)
        row->track_overlap.number[row->track_overlap.count++] = (uint8_t)no;
}

static void random_inputs(struct run *r)
{
    uint64_t flips =
        random_bits(&r->random) & random_bits(&r->random) & random_bits(&r->random) & random_bits(&r->random);
    if (one_in(&r->random, 8))
        r->in.vehicle.word[0] ^= flips;
    r->in.pedestrian = one_in(&r->random, 20) ? random_bits(&r->random) & flips : 0;
    if (one_in(&r->random, 300))
        r->in.unit ^= INPUT_STOP_TIME;
    else if (one_in(&r->random, 20))
        r->in.unit &= ~(uint32_t)INPUT_STOP_TIME;
    if (r->preempts && one_in(&r->random, 400))
        r->in.preempt ^= (uint16_t)(1U << random_int(&r->random, PREEMPTS));
    if (one_in(&r->random, 2000))
        r->engine.ctl.timebase.lamps_off ^= true;
}

static void random_command(struct run *r)
{
    static const uint16_t fields[] = {
        offsetof(struct control, phase_omit_mask), offsetof(struct control, ped_omit_mask),
        offsetof(struct control, hold_mask),       offsetof(struct control, force_off_mask),
        offsetof(struct control, ped_call_mask),   offsetof(struct control, vehicle_call_mask),
    };
    struct control_op op = {.offset = fields[random_int(&r->random, 6)], .size = 8, .clear = UINT64_MAX};
    if (one_in(&r->random, 2))
        op.set = random_bits(&r->random) & random_bits(&r->random) & random_bits(&r->random);
    engine_command(&r->engine, &op);
}

/* Times change at any tick; what changes structure waits for all red. */
static void random_replan(struct run *r)
{
    struct plan *spare = r->engine.plan == &r->plan[0] ? &r->plan[1] : &r->plan[0];
    for (int i = 0; i < RANDOM_OVERLAPS; i++) {
        struct overlap_row *row = &r->db.overlap[i];
        if (row->trail_green_s)
            row->trail_green_s = (uint8_t)random_between(&r->random, 1, 6);
        row->walk_s = (uint8_t)random_int(&r->random, 8);
        row->ped_clear_s = (uint8_t)random_int(&r->random, 8);
    }
    for (int no = 1; no <= CHANNELS_MAX; no++)
        if (one_in(&r->random, 200))
            r->db.channel[no - 1].ped_clear_indication ^= PED_CLEAR_FLASHING_RED ^ PED_CLEAR_FLASHING_GREEN;
    plan_compile(spare, &r->db, 1);
    r->offered = spare;
}

static void expect(const struct run *r, bool held, const char *what, int no, int64_t due, int64_t came)
{
    if (!held)
        harness_fail(__FILE__, __LINE__, "tick %lld, %s %d: expected %lld, came %lld", (long long)r->tick,
                     what, no, (long long)due, (long long)came);
}

/* A walk and its clearance last at least as long as was set when they began; a preempt may end a walk. */
static void watch_walks(struct run *r)
{
    for (int ix = 0; ix < RANDOM_OVERLAPS; ix++) {
        struct walk *w = &r->walk[ix];
        enum ped_interval now = (enum ped_interval)r->engine.ctl.overlap[ix].ped;
        const struct plan_overlap *o = &r->engine.plan->overlap[ix];
        if (now == w->interval)
            continue;
        bool cut = r->tick - w->since < w->due_ds && !(w->interval == PED_WALK && r->preempts) &&
                   !(w->interval == PED_CLEAR && now == PED_WALK);
        expect(r, !cut, "pedestrians of overlap", ix + 1, w->due_ds, r->tick - w->since);
        expect(r, w->interval != PED_WALK || now == PED_CLEAR, "clearance behind the walk of overlap", ix + 1,
               PED_CLEAR, now);
        *w = (struct walk){now, r->tick,
                           now == PED_WALK    ? o->walk_ds
                           : now == PED_CLEAR ? o->ped_clear_ds
                                              : 0};
    }
}

/* Nobody is committed and kept out. */
static void watch_waiting(struct run *r)
{
    bool stopped = r->in.unit & INPUT_STOP_TIME;
    for (int ring = 0; ring < RINGS_MAX; ring++) {
        const struct ring_state *state = &r->engine.ctl.ring[ring];
        bool waits = state->interval == INTERVAL_REST && state->next_ix >= 0 && !stopped;
        r->waiting_ds[ring] = waits ? r->waiting_ds[ring] + 1 : 0;
        expect(r, r->waiting_ds[ring] < WAIT_MAX_DS, "successor waiting in ring", ring + 1, WAIT_MAX_DS,
               r->waiting_ds[ring]);
        r->red_yellow_ds[ring] = state->red_yellow && !stopped ? r->red_yellow_ds[ring] + 1 : 0;
        expect(r, r->red_yellow_ds[ring] < RED_YELLOW_MAX_DS, "red-yellow in ring", ring + 1,
               RED_YELLOW_MAX_DS, r->red_yellow_ds[ring]);
    }
}

static void watch_guard(struct run *r, const struct frame *frame)
{
    struct frame shown;
    enum guard_trip trip = guard_step(&r->guard, frame, r->tick * TICK_MS, &shown);
    if (trip != GUARD_OK || r->guard.held_frames)
        harness_fail(__FILE__, __LINE__, "tick %lld: expected nothing to guard, came %s on %d, %d, %llu held",
                     (long long)r->tick, guard_trip_name(trip), r->guard.trip_channel_no,
                     r->guard.trip_other_no, (unsigned long long)r->guard.held_frames);
}

static void play(struct run *r)
{
    struct frame frame;
    for (r->tick = 0; r->tick < TICKS && !harness_failed(); r->tick++) {
        random_inputs(r);
        if (one_in(&r->random, 100))
            random_command(r);
        if (!r->offered && one_in(&r->random, 1500))
            random_replan(r);
        if (r->offered && engine_adopt(&r->engine, r->offered))
            r->offered = NULL;
        engine_step(&r->engine, &r->in, 1, &frame);
        watch_guard(r, &frame);
        watch_walks(r);
        watch_waiting(r);
        for (int ix = 0; ix < RANDOM_OVERLAPS; ix++)
            colours_in_all |= UINT64_C(1) << r->engine.ctl.overlap[ix].color;
    }
}

static void run_seed(uint64_t seed)
{
    static struct run r;
    memset(&r, 0, sizeof r);
    r.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    random_database(&r.db, &r.random);
    random_overlaps(&r.db, &r.random);
    r.preempts = seed % 2 == 0;
    for (int i = 0; i < PREEMPTS && r.preempts; i++)
        random_preempt(&r.db.preempt[i], &r.db, &r.random);
    harness_at("seed %llu", (unsigned long long)seed);
    config_card_from_database(&r.card, &r.db);
    raise_floors(&r.card, &r.db);
    guard_init(&r.guard, &r.card);
    plan_compile(&r.plan[0], &r.db, 1);
    engine_init(&r.engine, &r.plan[0]);
    play(&r);
}

static const char *only_seed;

static void every_seed(void)
{
    if (only_seed) {
        run_seed(strtoull(only_seed, NULL, 10));
        return;
    }
    const uint64_t last_seed = harness_seed_count(60);
    for (uint64_t seed = 1; seed <= last_seed && !harness_failed(); seed++)
        run_seed(seed);
    CHECK_HEX((UINT64_C(1) << (OVERLAP_RED_YELLOW + 1)) - 1, colours_in_all);
}

int main(int argc, char **argv)
{
    static const struct harness_test tests[] = {{"overlaps are safe and let everybody through", every_seed}};
    only_seed = argc > 1 ? argv[1] : NULL;
    return harness_run(1, argv, tests, 1, NULL, NULL);
}
