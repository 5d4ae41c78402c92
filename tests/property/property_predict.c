/* What is predicted comes true: at random moments of random junctions the earliest and latest changes are
 * noted, then the future is played several times from there, each time with other traffic, and no change
 * may come before or after what was said.
 *
 *     property_predict          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_predict SEED     this seed alone */
#include "../../phases/engine.h"
#include "../../phases/predict.h"
#include "harness.h"
#include "random_overlaps.h"
#include "random_plan.h"
#include "random_preempts.h"
#include <stdlib.h>

enum { FUTURES = 4, HORIZON_DS = 1500, MOMENTS = 60 };

struct world {
    uint64_t random;
    struct inputs in;
    int traffic;
};

static struct database db;
static struct plan plan;

/* What the camera of a channel would see: colours and whether they flash. */
static int shown(const struct frame *f, int channel_no)
{
    return channel_has(&f->red, channel_no) | channel_has(&f->yellow, channel_no) << 1 |
           channel_has(&f->green, channel_no) << 2 | channel_has(&f->flashing, channel_no) << 3;
}

/* A clearance on flashing don't walk looks like the don't walk behind it. */
static int colour(const struct frame *f, int channel_no)
{
    int lamps = shown(f, channel_no);
    bool ped = db.channel[channel_no - 1].type == CHANNEL_PEDESTRIAN;
    return ped && (lamps & 1) ? 1 : lamps;
}

static void traffic(struct world *w)
{
    for (uint64_t left = plan.structure.phases; left; left &= left - 1) {
        int no = mask_lowest_no(left);
        bool occupied = detector_has(&w->in.vehicle, no);
        if (one_in(&w->random, occupied ? 12 : w->traffic))
            detector_put(&w->in.vehicle, no, !occupied);
        bool pressed = mask_has(w->in.pedestrian, no);
        if (one_in(&w->random, pressed ? 8 : 4 * w->traffic))
            w->in.pedestrian ^= mask_of(no);
    }
    if (plan.preempts)
        random_calls(&w->in.preempt, &w->random);
}

static void step(struct engine *e, struct world *w, struct frame *frame)
{
    traffic(w);
    engine_step(e, &w->in, 1, frame);
}

/* Bounds of one moment, and which channels have yet to change. */
struct forecast {
    int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    struct frame frame;
};

static int64_t certain, latest_given, judged;

static void play(const struct engine *from, const struct forecast *f, struct world w, int future)
{
    static struct engine e;
    bool waiting[CHANNELS_MAX + 1];
    struct frame frame;
    e = *from;
    w.random ^= UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(future + 1);
    w.traffic = 5 << random_int(&w.random, 9);
    for (int no = 1; no <= CHANNELS_MAX; no++)
        waiting[no] = db.channel[no - 1].source_no && f->min_ds[no - 1] != PREDICT_UNKNOWN;
    for (int after_ds = 1; after_ds <= HORIZON_DS && !harness_failed(); after_ds++) {
        step(&e, &w, &frame);
        for (int no = 1; no <= CHANNELS_MAX; no++) {
            if (!waiting[no])
                continue;
            int32_t min_ds = f->min_ds[no - 1], max_ds = f->max_ds[no - 1];
            bool changed = colour(&frame, no) != colour(&f->frame, no);
            if (changed && after_ds < min_ds)
                CHECK_FAIL("channel %d changes after %d ds, said not before %d", no, after_ds, min_ds);
            if (!changed && max_ds != PREDICT_UNKNOWN && after_ds > max_ds)
                CHECK_FAIL("channel %d has not changed after %d ds, said not later than %d", no, after_ds,
                           max_ds);
            waiting[no] = !changed;
            judged += changed;
        }
    }
}

static void count(const struct forecast *f)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        latest_given += f->max_ds[i] != PREDICT_UNKNOWN;
        certain += f->max_ds[i] != PREDICT_UNKNOWN && f->max_ds[i] == f->min_ds[i] && f->max_ds[i] > 0;
    }
}

/* How much of a random junction follows a timetable. */
enum operation { FREE, COORDINATED, FIXED_TIME, OVERLAPPED, PREEMPTED };

/* Every phase on recall up to its force-off, and alike in what decides when rings leave a side. */
static void fix_time(void)
{
    db.coord.maximum_mode = MAXIMUM_INHIBIT;
    db.coord.actuated = 0;
    for (int i = 0; i < RANDOM_PATTERNS; i++)
        db.pattern[i].options = PATTERN_OPTION_UNIT;
    for (int i = 0; i < SPLITS_MAX; i++)
        for (int ix = 0; ix < PHASES_MAX; ix++)
            db.split[i][ix].mode = SPLIT_MAX_RECALL;
    for (int ix = 0; ix < PHASES_MAX; ix++) {
        struct phase_row *row = &db.phase[ix];
        row->yellow_ds = 30;
        row->red_clear_ds = 10;
        row->flashing_green_s = row->red_yellow_ds = row->ped_advance_walk_ds = 0;
        row->minimum_green_s = row->added_initial_ds = row->maximum_initial_s = 0;
        row->walk_s = 0;
        row->options &= (uint16_t)~PHASE_CONDITIONAL_SERVICE;
    }
}

static void run(uint64_t seed, enum operation operation)
{
    static struct engine e;
    static struct forecast f;
    struct world w = {.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1, .traffic = 80};
    struct frame frame;
    random_bits(&w.random);
    random_database(&db, &w.random);
    if (operation == OVERLAPPED || operation == PREEMPTED)
        random_overlaps(&db, &w.random);
    if (operation == PREEMPTED)
        random_preempts(&db, &w.random);
    if (operation != FREE) {
        random_coordination(&db, &w.random);
        db.coord.operational_mode = 1;
    }
    if (operation == FIXED_TIME)
        fix_time();
    plan_compile(&plan, &db, 1);
    engine_init(&e, &plan);
    w.in.utc_ds = 0;
    for (int moment = 0; moment < MOMENTS && !harness_failed(); moment++) {
        w.traffic = 10 << random_int(&w.random, 8);
        for (int ticks = random_between(&w.random, 1, 400); ticks > 0; ticks--)
            step(&e, &w, &frame);
        predict_channels(&e, f.min_ds, f.max_ds);
        f.frame = frame;
        count(&f);
        harness_at("seed %llu, tick %lld", (unsigned long long)seed, (long long)e.ctl.now_ds);
        for (int future = 0; future < FUTURES && !harness_failed(); future++)
            play(&e, &f, w, future);
    }
}

static uint64_t first_seed = 1, last_seed = 12;

static void all_seeds(enum operation operation)
{
    certain = latest_given = judged = 0;
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++)
        run(seed, operation);
    CHECK(judged > 0);
    if (first_seed != last_seed)
        CHECK(latest_given > 0 && certain > 0);
}

static void free_running(void)
{
    all_seeds(FREE);
}

static void coordinated(void)
{
    all_seeds(COORDINATED);
}

static void timed(void)
{
    all_seeds(FIXED_TIME);
    if (first_seed != last_seed)
        CHECK(certain > 20 * (int64_t)(last_seed - first_seed + 1));
}

static void overlapped(void)
{
    all_seeds(OVERLAPPED);
}

static void preempted(void)
{
    all_seeds(PREEMPTED);
}

static const struct harness_test tests[] = {
    {"no change falls outside its bounds, in free operation", free_running},
    {"nor in coordination", coordinated},
    {"nor in fixed time, where most of them are certain", timed},
    {"nor with overlaps", overlapped},
    {"nor where preempts may come", preempted},
};

int main(int argc, char **argv)
{
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
