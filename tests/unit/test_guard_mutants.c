/* The guard by mutation: legal sequences of frames are damaged in every way we can think of, and
 * frames are made up at random. An observer follows both what is asked and what is shown. As long as
 * what is asked is legal it must be shown unchanged; what is shown must be legal always. */
#include "harness.h"
#include "lamp_checker.h"
#include <string.h>

enum { CYCLE = 270, TICKS = 2 * CYCLE, AFTER = 150 };

static struct guard_card card;
static struct frame script[TICKS];

struct run {
    struct guard guard;
    struct lamp_checker asked, shown;
    bool asked_legal;
    int64_t now_ms;
};

static void run_init(struct run *r)
{
    guard_init(&r->guard, &card);
    lamp_checker_init(&r->asked, &card);
    lamp_checker_init(&r->shown, &card);
    r->asked_legal = true;
    r->now_ms = 0;
}

static uint64_t difference(const struct frame *a, const struct frame *b)
{
    uint64_t d = a->all_flash != b->all_flash;
    for (int w = 0; w < 2; w++) {
        uint64_t lit = a->red.word[w] | a->yellow.word[w] | a->green.word[w];
        d |= (a->red.word[w] ^ b->red.word[w]) | (a->yellow.word[w] ^ b->yellow.word[w]);
        d |= (a->green.word[w] ^ b->green.word[w]) | ((a->flashing.word[w] ^ b->flashing.word[w]) & lit);
    }
    return d;
}

/* One tick of guard and observers. False after a failure has been told. */
static bool run_step(struct run *r, const struct frame *want)
{
    struct frame out;
    enum guard_trip before = r->guard.trip;
    enum guard_trip trip = guard_step(&r->guard, want, r->now_ms, &out);
    r->asked_legal = r->asked_legal && lamp_check(&r->asked, want, r->now_ms);
    int tick = (int)(r->now_ms / TICK_MS);
    r->now_ms += TICK_MS;
    if (!lamp_check(&r->shown, &out, r->now_ms - TICK_MS)) {
        harness_fail(__FILE__, __LINE__, "tick %d: expected a legal indication, came %s (guard: %s)", tick,
                     r->shown.fault, guard_trip_name(trip));
        return false;
    }
    if (r->asked_legal && (trip != GUARD_OK || difference(want, &out))) {
        harness_fail(__FILE__, __LINE__, "tick %d: expected the legal frame unchanged, came %s", tick,
                     trip ? guard_trip_name(trip) : "another");
        return false;
    }
    if (before != GUARD_OK && trip != before) {
        harness_fail(__FILE__, __LINE__, "tick %d: expected the trip to stay, came %s", tick,
                     guard_trip_name(trip));
        return false;
    }
    return true;
}

/* ---- a fixed-time junction: three stages, channels in both words, pedestrians, an overlap ---- */

enum { STAGES = 3, USED = 10, AT_ONCE = 5 };
static const int used_no[USED] = {1, 3, 6, 14, 33, 40, 64, 65, 72, 80};
/* 6 is green through stages 0 and 1, 33 is dark outside stage 2; 14 and 72 are pedestrians, 65 is a bar
 * signal. 40 is an arrow: green in stage 0, flashing beside 3 in stage 2. 80 shows red-yellow. */
static const int stage_no[STAGES][AT_ONCE] = {{1, 6, 14, 40, 65}, {6, 64, 80, 0, 0}, {3, 33, 72, 0, 0}};
enum { ARROW_NO = 40, ARROW_STAGE = 2, RED_YELLOW_NO = 80 };

static bool in_stage(int no, int stage)
{
    for (int i = 0; i < AT_ONCE; i++)
        if (stage_no[stage % STAGES][i] == no)
            return true;
    return false;
}

static void build_card(void)
{
    memset(&card, 0, sizeof(card));
    for (int i = 0; i < USED; i++) {
        int no = used_no[i];
        channel_add(&card.used, no);
        card.yellow_floor_ms[no - 1] = 3000;
        card.red_floor_ms[no - 1] = 1000;
        for (int k = 0; k < USED; k++)
            for (int stage = 0; stage < STAGES; stage++)
                if (in_stage(no, stage) && in_stage(used_no[k], stage))
                    channel_add(&card.permissive[no - 1], used_no[k]);
        channel_add(no == 1 || no == 6 ? &card.flash_yellow : &card.flash_red, no);
    }
    channel_add(&card.pedestrian, 14);
    channel_add(&card.pedestrian, 72);
    channel_add(&card.bar, 65);
    channel_add(&card.red_yellow, RED_YELLOW_NO);
    channel_add(&card.arrow, ARROW_NO);
    for (int i = 0; i < AT_ONCE; i++)
        if (stage_no[ARROW_STAGE][i]) {
            channel_add(&card.yields[ARROW_NO - 1], stage_no[ARROW_STAGE][i]);
            channel_add(&card.yields[stage_no[ARROW_STAGE][i] - 1], ARROW_NO);
        }
    channel_add(&card.dark_ok, 33);
    card.intergreen_ds[64 - 1][3 - 1] = 40;
}

/* The arrow flashes from 1.0 s into its stage on and shows its yellow with those it yields to. */
static void script_arrow(struct frame *f, int at)
{
    channel_remove(&f->red, ARROW_NO);
    channel_add(at < 10 || at >= 80 ? &f->red : &f->yellow, ARROW_NO);
    if (at >= 10 && at < 50)
        channel_add(&f->flashing, ARROW_NO);
}

/* A stage of 9.0 s: green 5.0 s, the last second of it flashing, yellow 3.0 s, red 1.0 s. */
static struct frame script_frame(int tick)
{
    int stage = tick / 90, at = tick % 90;
    struct frame f;
    memset(&f, 0, sizeof(f));
    for (int i = 0; i < USED; i++) {
        int no = used_no[i];
        bool goes_on = in_stage(no, stage + 1) && at >= 40;
        if (!in_stage(no, stage)) {
            if (no != 33)
                channel_add(&f.red, no);
        } else if (at < 50 || goes_on) {
            channel_add(&f.green, no);
            if (at >= 40 && !goes_on)
                channel_add(&f.flashing, no);
        } else {
            bool yellow = at < 80 && !channel_has(&card.pedestrian, no) && !channel_has(&card.bar, no);
            channel_add(yellow ? &f.yellow : &f.red, no);
        }
    }
    if (stage % STAGES == ARROW_STAGE)
        script_arrow(&f, at);
    if (in_stage(RED_YELLOW_NO, stage + 1) && at >= 70)
        channel_add(&f.yellow, RED_YELLOW_NO);
    return f;
}

static int set_up(void)
{
    build_card();
    for (int tick = 0; tick < TICKS; tick++)
        script[tick] = script_frame(tick);
    return 0;
}

static void script_is_legal(void)
{
    struct run r;
    run_init(&r);
    for (int tick = 0; tick < TICKS; tick++)
        if (!run_step(&r, &script[tick]))
            return;
    CHECK(r.asked_legal);
    CHECK_INT(0, (int64_t)r.guard.held_frames);
}

/* Runs `base`, as it stands after `tick` ticks of the script, through `count` frames from `frames` and then
 * on with the script from `next`. */
static bool survives(const struct run *base, const struct frame *frames, int count, int next)
{
    struct run r = *base;
    for (int i = 0; i < count; i++)
        if (!run_step(&r, &frames[i]))
            return false;
    int after = r.guard.trip == GUARD_OK ? AFTER : 3; /* a trip is latched: nothing more can come */
    for (int i = 0; i < after && next < TICKS; i++, next++)
        if (!run_step(&r, &script[next]))
            return false;
    return true;
}

typedef bool mutate(const struct run *base, int tick);

/* Applies a mutation at each tick of the second cycle. */
static void at_every_tick(mutate *mutation)
{
    struct run base;
    run_init(&base);
    for (int tick = 0; tick < TICKS; tick++) {
        if (tick >= CYCLE - 20 && tick < TICKS - AFTER && !mutation(&base, tick))
            return;
        if (!run_step(&base, &script[tick]))
            return;
    }
}

static struct channel_mask *colour_of(struct frame *f, int colour)
{
    struct channel_mask *const masks[] = {&f->red, &f->yellow, &f->green, &f->flashing, &f->alternate};
    return masks[colour];
}

static bool flip_one_lamp(const struct run *base, int tick)
{
    static const int unused_no[] = {2, 63, 79};
    for (int i = 0; i < USED + 3; i++)
        for (int colour = 0; colour < 5; colour++) {
            int no = i < USED ? used_no[i] : unused_no[i - USED];
            struct frame f = script[tick];
            struct channel_mask *mask = colour_of(&f, colour);
            mask->word[(no - 1) / 64] ^= UINT64_C(1) << ((no - 1) % 64);
            harness_at("lamp %d of channel %d flipped in tick %d", colour, no, tick);
            if (!survives(base, &f, 1, tick + 1))
                return false;
        }
    return true;
}

/* One channel shows another colour for a while: dropped, shortened and lengthened intervals. */
static bool recolour_channel(const struct run *base, int tick)
{
    static const int lengths[] = {1, 5, 10, 29, 30, 31, 60};
    struct frame frames[60];
    for (int i = 0; i < USED; i++)
        for (int colour = 0; colour < 3; colour++)
            for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
                for (int n = 0; n < lengths[k]; n++) {
                    frames[n] = script[tick + n];
                    for (int other = 0; other < 4; other++)
                        channel_remove(colour_of(&frames[n], other), used_no[i]);
                    channel_add(colour_of(&frames[n], colour), used_no[i]);
                }
                harness_at("channel %d shows colour %d for %d ticks from tick %d", used_no[i], colour,
                           lengths[k], tick);
                if (!survives(base, frames, lengths[k], tick + lengths[k]))
                    return false;
            }
    return true;
}

/* Ticks left out: every interval of the junction is shortened by every amount. */
static bool leave_out(const struct run *base, int tick)
{
    for (int count = 1; count <= 45; count++) {
        harness_at("%d ticks left out from tick %d", count, tick);
        if (!survives(base, NULL, 0, tick + count))
            return false;
    }
    return true;
}

static bool jump_back(const struct run *base, int tick)
{
    for (int count = 1; count <= 200; count += 7) {
        harness_at("%d ticks back from tick %d", count, tick);
        if (!survives(base, NULL, 0, tick - count))
            return false;
    }
    return true;
}

static bool flash_for_a_while(const struct run *base, int tick)
{
    struct frame frames[60];
    for (int n = 0; n < 60; n++)
        guard_flash_frame(&card, &frames[n]);
    for (int count = 1; count <= 60; count += 13)
        for (int skip = 0; skip <= 60; skip += 20) {
            harness_at("%d ticks of flash at tick %d, %d left out", count, tick, skip);
            if (!survives(base, frames, count, tick + skip))
                return false;
        }
    for (int i = 0; i < USED; i++)
        for (int colour = 0; colour < 5; colour++) {
            struct channel_mask *mask = colour_of(&frames[0], colour);
            struct frame whole = frames[0];
            mask->word[(used_no[i] - 1) / 64] ^= UINT64_C(1) << ((used_no[i] - 1) % 64);
            harness_at("flash at tick %d, lamp %d of channel %d flipped", tick, colour, used_no[i]);
            if (!survives(base, frames, 1, tick + 1))
                return false;
            frames[0] = whole;
        }
    return true;
}

static void swap_bits(struct channel_mask *m, int a, int b)
{
    bool has_a = channel_has(m, a), has_b = channel_has(m, b);
    channel_remove(m, a);
    channel_remove(m, b);
    if (has_a)
        channel_add(m, b);
    if (has_b)
        channel_add(m, a);
}

/* Two wires exchanged: from this tick on, and for a moment. */
static bool swap_channels(const struct run *base, int tick)
{
    struct frame frames[60];
    for (int i = 0; i < USED; i++)
        for (int k = 0; k < i; k++)
            for (int count = 1; count <= 60; count += 59) {
                for (int n = 0; n < count; n++) {
                    frames[n] = script[tick + n];
                    for (int colour = 0; colour < 5; colour++)
                        swap_bits(colour_of(&frames[n], colour), used_no[i], used_no[k]);
                }
                harness_at("channels %d and %d exchanged for %d ticks at tick %d", used_no[i], used_no[k],
                           count, tick);
                if (!survives(base, frames, count, tick + count))
                    return false;
            }
    return true;
}

static void flipped(void)
{
    at_every_tick(flip_one_lamp);
}

static void recoloured(void)
{
    at_every_tick(recolour_channel);
}

static void left_out(void)
{
    at_every_tick(leave_out);
}

static void jumped(void)
{
    at_every_tick(jump_back);
}

static void flashed(void)
{
    at_every_tick(flash_for_a_while);
}

static void swapped(void)
{
    at_every_tick(swap_channels);
}

/* ---- every short sequence there is, of two rivals ---- */

static uint64_t sequences;

static bool explore(const struct run *base, int depth)
{
    if (depth == 0 || base->guard.trip != GUARD_OK) {
        sequences++;
        return true;
    }
    for (int pair = 0; pair < 10; pair++) {
        struct frame f;
        memset(&f, 0, sizeof(f));
        if (pair == 9) {
            guard_flash_frame(&card, &f);
        } else {
            channel_add(colour_of(&f, pair % 3), 5);
            channel_add(colour_of(&f, pair / 3), 77);
        }
        struct run r = *base;
        if (!run_step(&r, &f) || !explore(&r, depth - 1))
            return false;
    }
    return true;
}

static void every_sequence(void)
{
    memset(&card, 0, sizeof(card));
    channel_add(&card.used, 5);
    channel_add(&card.used, 77);
    card.flash_yellow.word[0] = mask_of(5);
    channel_add(&card.flash_red, 77);
    card.yellow_floor_ms[5 - 1] = card.yellow_floor_ms[77 - 1] = 200;
    card.red_floor_ms[5 - 1] = card.red_floor_ms[77 - 1] = 100;
    card.intergreen_ds[5 - 1][77 - 1] = 4;
    sequences = 0;
    struct run r;
    run_init(&r);
    explore(&r, 8);
    harness_at("%llu sequences", (unsigned long long)sequences);
    CHECK(sequences > 10000);
    build_card();
}

/* ---- storms ---- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}

/* Any bits at all. */
static struct frame noise(uint64_t *random, const struct frame *last)
{
    (void)last;
    struct frame f;
    memset(&f, 0, sizeof(f));
    for (int colour = 0; colour < 5; colour++)
        for (int w = 0; w < 2; w++)
            colour_of(&f, colour)->word[w] = next_random(random) & card.used.word[w];
    f.all_flash = next_random(random) % 64 == 0;
    return f;
}

/* Each channel shows one colour, and one in thirty changes it in a tick. */
static struct frame drift(uint64_t *random, const struct frame *last)
{
    struct frame f = *last;
    f.all_flash = false;
    for (int i = 0; i < USED; i++) {
        bool lit = channel_has(&f.red, used_no[i]) || channel_has(&f.yellow, used_no[i]) ||
                   channel_has(&f.green, used_no[i]);
        if (lit && next_random(random) % 30 != 0)
            continue;
        int colour = (int)(next_random(random) % 4) % 3;
        for (int other = 0; other < 4; other++)
            channel_remove(colour_of(&f, other), used_no[i]);
        channel_add(colour_of(&f, colour), used_no[i]);
    }
    return f;
}

/* Orders of colours that drivers know, at a pace that keeps no clearance. */
static struct frame haste(uint64_t *random, const struct frame *last)
{
    struct frame f = *last;
    f.all_flash = next_random(random) % 400 == 0;
    if (f.all_flash) {
        guard_flash_frame(&card, &f);
        return f;
    }
    for (int i = 0; i < USED; i++) {
        int no = used_no[i];
        int was = channel_has(&last->green, no) ? 2 : channel_has(&last->yellow, no) && !last->all_flash;
        int is = was;
        bool free = true;
        for (int k = 0; k < USED; k++)
            if (k != i && !channel_has(&card.permissive[no - 1], used_no[k]) &&
                (channel_has(&f.green, used_no[k]) ||
                 (channel_has(&f.yellow, used_no[k]) && !last->all_flash)))
                free = false;
        if (next_random(random) % 12 == 0)
            is = was == 2 ? !channel_has(&card.pedestrian, no) : was == 1 ? 0 : free ? 2 : 0;
        for (int other = 0; other < 4; other++)
            channel_remove(colour_of(&f, other), no);
        channel_add(colour_of(&f, is), no);
    }
    return f;
}

static void storm(struct frame next(uint64_t *random, const struct frame *last), uint64_t seed, int ticks)
{
    uint64_t random = seed, resets = 0, held;
    struct frame want = script[0];
    struct run r;
    run_init(&r);
    for (int tick = 0; tick < ticks; tick++) {
        want = next(&random, &want);
        harness_at("seed %llu", (unsigned long long)seed);
        if (!run_step(&r, &want))
            return;
        if (r.guard.trip != GUARD_OK && next_random(&random) % 4 == 0) {
            guard_reset(&r.guard);
            resets++;
        }
    }
    held = r.guard.held_frames;
    harness_at("%llu resets, %llu frames held", (unsigned long long)resets, (unsigned long long)held);
    CHECK(resets + held > (uint64_t)ticks / 100); /* the storm did blow */
}

static void storm_of_noise(void)
{
    storm(noise, 1, 100000);
}

static void storm_of_drift(void)
{
    storm(drift, 2, 100000);
}

static void storm_of_haste(void)
{
    storm(haste, 3, 100000);
}

HARNESS_MAIN_WITH(set_up, NULL, {"the undamaged sequence passes untouched", script_is_legal},
                  {"any one lamp flipped in any tick", flipped},
                  {"any channel recoloured for a while", recoloured}, {"any ticks left out", left_out},
                  {"any jump back", jumped}, {"any moment of flash", flashed},
                  {"any two channels exchanged", swapped},
                  {"every short sequence of two rivals", every_sequence},
                  {"a storm of noise", storm_of_noise}, {"a storm of single colours", storm_of_drift},
                  {"a storm of hasty sequences", storm_of_haste})
