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
    int dark;   /* ticks that its pulse has lasted */
};

struct replay {
    struct database db;
    struct plan plan;
    struct engine engine;
    struct inputs in;
    struct frame frame;
    struct display display[CHANNELS_MAX];
    uint64_t random;
    struct channel_mask pulse;
    int64_t counted; /* changes that a display had announced */
    int64_t pulses;  /* whole ones */
};

static enum indication lamp_of(const struct frame *f, int no)
{
    if (channel_has(&f->green, no))
        return LAMP_GREEN;
    if (channel_has(&f->red, no))
        return LAMP_RED;
    return channel_has(&f->yellow, no) ? LAMP_YELLOW : LAMP_DARK;
}

static int longest_s; /* that any display has shown */

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
    longest_s = seconds > longest_s ? seconds : longest_s;
    bool goes_on = !changed && seconds == was;
    d->first = changed || was == 0 || (goes_on && d->first);
    d->ticks = goes_on ? d->ticks + 1 : 1;
    d->lamp = lamp;
    d->seconds = seconds;
}

/* A pulse begins at its second and lasts two ticks; less only where the end is no longer certain. */
static void look_at_pulse(struct replay *r, int tick, int no, int seconds)
{
    enum { WHOLE = 2 };
    struct display *d = &r->display[no - 1];
    bool dark = channel_has(&r->pulse, no);
    bool ends = !dark && d->dark > 0;
    bool begins = dark && d->dark == 0;
    if ((begins && seconds != r->db.channel[no - 1].countdown_pulse_s) || (dark && d->dark == WHOLE) ||
        (ends && d->dark < WHOLE && seconds != 0))
        CHECK_FAIL("tick %d, channel %d: %d s are left, the pulse has lasted %d", tick, no, seconds, d->dark);
    r->pulses += ends && d->dark == WHOLE;
    d->dark = dark ? d->dark + 1 : 0;
}

static void look_at_all(struct replay *r, int tick)
{
    int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    uint8_t seconds[CHANNELS_MAX];
    predict_channels(&r->engine, min_ds, max_ds);
    countdown_channels(&r->engine, &r->frame, min_ds, max_ds, seconds);
    countdown_pulses(&r->engine, &r->frame, min_ds, max_ds, &r->pulse);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        look_at_pulse(r, tick, no, seconds[no - 1]);
        look(r, tick, no, seconds[no - 1]);
    }
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

static void replay(struct replay *r)
{
    for (int ix = 0; ix < CHANNELS_MAX; ix++)
        r->db.channel[ix].countdown_pulse_s = (uint8_t)(ix % 10);
    plan_compile(&r->plan, &r->db, 1);
    engine_init(&r->engine, &r->plan);
    for (int tick = 0; tick < TICKS && !harness_failed(); tick++) {
        traffic(r);
        r->in.utc_ds += r->in.utc_ds != 0;
        engine_step(&r->engine, &r->in, 1, &r->frame);
        look_at_all(r, tick);
    }
}

typedef void make_database(struct database *db, uint64_t *random);

static int64_t pulses; /* of all seeds */

/* Civil time begins at `utc_ds`, 0: nobody knows it. Returns how many changes were announced. */
static int64_t replay_seeds(make_database *make, int64_t utc_ds)
{
    static struct replay r;
    int64_t counted = 0;
    for (uint64_t seed = 1; seed <= SEEDS && !harness_failed(); seed++) {
        harness_at("seed %llu", (unsigned long long)seed);
        memset(&r, 0, sizeof r);
        r.random = seed * UINT64_C(0x9E3779B97F4A7C15);
        make(&r.db, &r.random);
        r.in.utc_ds = utc_ds;
        replay(&r);
        counted += r.counted;
        pulses += r.pulses;
    }
    return counted;
}

static void numbers_fall_by_one_a_second_until_the_lamp_changes(void)
{
    CHECK(replay_seeds(random_database, 0) > 1000);
}

/* A pattern with some phases on recall, so that the ends of many greens are known from afar. */
static void coordinated(struct database *db, uint64_t *random)
{
    static const enum split_mode modes[] = {SPLIT_NONE, SPLIT_MIN_RECALL, SPLIT_MAX_RECALL, SPLIT_PED_RECALL};
    plans_coordinated(db);
    db->coord.operational_mode = 1;
    for (int ix = 0; ix < 8; ix++) {
        db->split[0][ix].mode = (uint8_t)modes[random_int(random, 4)];
        db->phase[ix].flashing_green_s = (uint8_t)(one_in(random, 2) ? 3 : 0);
        if (one_in(random, 2))
            db->phase[ix].walk_s = db->phase[ix].ped_clear_s = 4;
    }
}

static void so_they_do_in_coordination(void)
{
    CHECK(replay_seeds(coordinated, 0) > 1000);
}

/* Every phase on recall up to its force-off: greens and reds are known from afar. */
static void fixed_time(struct database *db, uint64_t *random)
{
    plans_coordinated(db);
    db->coord.operational_mode = 1;
    db->coord.force_mode = (uint8_t)random_between(random, FORCE_FLOATING, FORCE_FIXED);
    db->coord.correction_mode = (uint8_t)random_between(random, CORRECTION_DWELL, CORRECTION_SUBTRACT_ONLY);
    db->pattern[0].offset_s = (uint8_t)random_int(random, 100);
    db->pattern[0].sync_point = (uint8_t)random_between(random, SYNC_SEQUENCE_START, SYNC_LAST_YELLOW_END);
    bool alike = !one_in(random, 3);
    for (int ix = 0; ix < 8; ix++) {
        db->split[0][ix].mode = SPLIT_MAX_RECALL;
        db->phase[ix].flashing_green_s = (uint8_t)(alike ? 3 : random_int(random, 4));
        db->phase[ix].yellow_ds = (uint8_t)(alike ? 30 : random_between(random, 30, 50));
        db->phase[ix].minimum_green_s = (uint8_t)random_int(random, 6);
        if (one_in(random, 3))
            db->phase[ix].walk_s = db->phase[ix].ped_clear_s = (uint8_t)random_int(random, 6);
    }
}

static void in_fixed_time_they_count_the_reds_down_too(void)
{
    longest_s = 0;
    pulses = 0;
    CHECK(replay_seeds(fixed_time, 0) > 1000);
    CHECK(pulses > 1000);
    CHECK(longest_s > 60);
}

/* A schedule that goes over to another pattern, to free or to flash, five minutes into the replay; and one
 * minute before that the reference of the cycles, midnight, which does not fall on one of their zeros. */
static void scheduled(struct database *db, uint64_t *random)
{
    static const uint8_t next[] = {2, PATTERN_FREE, PATTERN_FLASH};
    fixed_time(db, random);
    db->coord.operational_mode = 0;
    db->pattern[0].cycle_s = 110;
    db->pattern[1] = db->pattern[0];
    db->pattern[1].cycle_s = 120;
    db->timebase.action[0].pattern_no = 1;
    db->timebase.action[1].pattern_no = next[random_int(random, 3)];
    db->timebase.schedule[0] =
        (struct schedule_row){.month = 0x1FFE, .day = 0xFE, .date = 0xFFFFFFFE, .day_plan_no = 1};
    db->timebase.day_plan[0][0] = (struct day_plan_event){.hour = 23, .action_no = 1};
    db->timebase.day_plan[0][1] = (struct day_plan_event){.minute = 1, .action_no = 2};
}

static void so_they_do_whatever_the_schedule_brings(void)
{
    CHECK(replay_seeds(scheduled, (INT64_C(1767571200) - 4 * 60) * 10) > 500);
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
             {"so they do in coordination", so_they_do_in_coordination},
             {"in fixed time they count the reds down too", in_fixed_time_they_count_the_reds_down_too},
             {"so they do whatever the schedule brings", so_they_do_whatever_the_schedule_brings},
             {"a number goes where the end is in somebody's hand",
              a_number_goes_where_the_end_is_in_somebodys_hand}, )
