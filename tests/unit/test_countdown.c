/* A display that has begun to count never has to take a second back: replays of random plans. */
#include "../../phases/countdown.h"
#include "../../phases/predict.h"
#include "../property/random_plan.h"
#include "harness.h"
#include "plans.h"

enum { SEEDS = 30, TICKS = 6000, SECOND = 10 };

enum indication { LAMP_DARK, LAMP_RED, LAMP_YELLOW, LAMP_GREEN };

/* One display and the lamp beside it. */
struct display {
    enum indication lamp;
    int seconds;
    int ticks;  /* that it has shown this number */
    bool first; /* the first number of this indication: it may be short */
};

struct replay {
    struct database db;
    struct plan plan;
    struct engine engine;
    struct inputs in;
    struct frame frame;
    struct display display[CHANNELS_MAX];
    uint64_t random;
    bool commands;
    int64_t counted; /* changes that a display had announced */
};

static enum indication lamp_of(const struct frame *f, int no)
{
    if (channel_has(&f->green, no))
        return LAMP_GREEN;
    if (channel_has(&f->red, no))
        return LAMP_RED;
    return channel_has(&f->yellow, no) ? LAMP_YELLOW : LAMP_DARK;
}

static void look(struct replay *r, int tick, int no, int seconds)
{
    struct display *d = &r->display[no - 1];
    enum indication lamp = lamp_of(&r->frame, no);
    bool changed = lamp != d->lamp;
    int was = d->seconds;
    bool whole = d->first || d->ticks == SECOND;
    bool sound = was == 0         ? true
                 : changed        ? was == 1 && whole
                 : seconds == was ? d->ticks < SECOND
                                  : seconds == was - 1 && seconds > 0 && whole;
    if (!sound)
        CHECK_FAIL("tick %d, channel %d: %d after %d ticks of %d, the lamp %s", tick, no, seconds, d->ticks,
                   was, changed ? "changed" : "did not change");
    r->counted += changed && was == 1;
    bool goes_on = !changed && seconds == was;
    d->first = changed || was == 0 || (goes_on && d->first);
    d->ticks = goes_on ? d->ticks + 1 : 1;
    d->lamp = lamp;
    d->seconds = seconds;
}

static void look_at_all(struct replay *r, int tick)
{
    int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    uint8_t seconds[CHANNELS_MAX];
    predict_channels(&r->engine, min_ds, max_ds);
    countdown_channels(&r->engine, &r->frame, min_ds, max_ds, seconds);
    for (int no = 1; no <= CHANNELS_MAX; no++)
        look(r, tick, no, seconds[no - 1]);
}

/* Somebody comes, somebody goes. */
static void traffic(struct replay *r)
{
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (one_in(&r->random, 60))
            detector_put(&r->in.vehicle, no, !detector_has(&r->in.vehicle, no));
        r->in.pedestrian = one_in(&r->random, 300) ? r->in.pedestrian ^ mask_of(no) : r->in.pedestrian;
    }
}

static void command(struct replay *r)
{
    static const uint16_t masks[] = {
        offsetof(struct control, hold_mask), offsetof(struct control, force_off_mask),
        offsetof(struct control, phase_omit_mask), offsetof(struct control, ped_omit_mask)};
    if (!one_in(&r->random, 50))
        return;
    struct control_op op = {.offset = masks[random_int(&r->random, 4)], .size = 8};
    uint64_t *bits = one_in(&r->random, 3) ? &op.set : &op.clear;
    *bits = mask_of(random_between(&r->random, 1, 8));
    engine_command(&r->engine, &op);
}

static void replay(struct replay *r)
{
    plan_compile(&r->plan, &r->db, 1);
    engine_init(&r->engine, &r->plan);
    for (int tick = 0; tick < TICKS && !harness_failed(); tick++) {
        traffic(r);
        if (r->commands)
            command(r);
        engine_step(&r->engine, &r->in, 1, &r->frame);
        look_at_all(r, tick);
    }
}

static int64_t replay_seeds(bool commands)
{
    static struct replay r;
    int64_t counted = 0;
    for (uint64_t seed = 1; seed <= SEEDS && !harness_failed(); seed++) {
        harness_at("seed %llu", (unsigned long long)seed);
        memset(&r, 0, sizeof r);
        r.random = seed * UINT64_C(0x9E3779B97F4A7C15);
        r.commands = commands;
        random_database(&r.db, &r.random);
        replay(&r);
        counted += r.counted;
    }
    return counted;
}

static void numbers_fall_by_one_a_second_until_the_lamp_changes(void)
{
    CHECK(replay_seeds(false) > 1000);
}

static void whatever_the_centre_commands(void)
{
    CHECK(replay_seeds(true) > 500);
}

/* A stop time is a hand on the lamps: the number goes, and comes back with the lamp where it was. */
static void a_number_goes_where_the_end_is_in_somebodys_hand(void)
{
    static struct engine e;
    static struct plan plan;
    struct database db;
    struct inputs in = {0};
    struct frame frame;
    int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    uint8_t seconds[CHANNELS_MAX];
    plans_eight(&db);
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&e, &plan, mask_of(2) | mask_of(6)));
    detector_put(&in.vehicle, 4, true);
    for (int tick = 0; tick <= 60; tick++)
        engine_step(&e, &in, 1, &frame);
    static const struct {
        uint32_t unit;
        int seconds;
    } steps[] = {{0, 2}, {INPUT_STOP_TIME, 0}, {INPUT_STOP_TIME, 0}, {0, 2}};
    for (int i = 0; i < 4; i++) {
        in.unit = steps[i].unit;
        engine_step(&e, &in, 1, &frame);
        CHECK(channel_has(&frame.yellow, 2));
        predict_channels(&e, min_ds, max_ds);
        countdown_channels(&e, &frame, min_ds, max_ds, seconds);
        CHECK_INT(steps[i].seconds, seconds[1]);
    }
}

HARNESS_MAIN({"numbers fall by one a second until the lamp changes",
              numbers_fall_by_one_a_second_until_the_lamp_changes},
             {"whatever the centre commands", whatever_the_centre_commands},
             {"a number goes where the end is in somebody's hand",
              a_number_goes_where_the_end_is_in_somebodys_hand}, )
