/* Every promise of signal phase and timing is kept: random junctions run with random traffic, and whatever a
 * phase, a walk or an overlap shows next comes neither before the latest "not before" nor after the earliest
 * "not after" that any tick since its last change has told.
 *
 *     property_spat          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_spat SEED     this seed alone */
#include "../../phases/predict.h"
#include "../../phases/spat.h"
#include "harness.h"
#include "random_overlaps.h"
#include "random_plan.h"
#include "random_preempts.h"
#include <stdlib.h>

enum { TICKS = 36000 / 4, KINDS = 3 };

enum operation { FREE, COORDINATED, OVERLAPPED, PREEMPTED };

static const char *const kind_name[KINDS] = {"phase", "walk of phase", "overlap"};

struct promise {
    int shown;
    int64_t not_before_ds, not_after_ds;
};

static struct database db;
static struct plan plan;
static struct engine engine;
static struct promise promised[KINDS][SPAT_ROWS];
static int64_t changes, bounded;

static int shown(const struct spat *s, int kind, int ix)
{
    const uint16_t mask[KINDS][4] = {
        {s->red, s->yellow, s->green, s->flashing},
        {s->dont_walk, s->ped_clear, s->walk, 0},
        {s->overlap_red, s->overlap_yellow, s->overlap_green, s->overlap_flashing}};
    int bits = 0;
    for (int i = 0; i < 4; i++)
        bits |= (mask[kind][i] >> ix & 1) << i;
    return bits;
}

static const struct spat_change *told(const struct spat *s, int kind, int ix)
{
    const struct spat_change *const table[KINDS] = {s->vehicle, s->pedestrian, s->overlap};
    return &table[kind][ix];
}

static void judge(const struct spat *s, int kind, int ix, int64_t now_ds, bool sound)
{
    struct promise *p = &promised[kind][ix];
    const struct spat_change *c = told(s, kind, ix);
    int shows = shown(s, kind, ix);
    if (shows != p->shown || !sound) {
        changes++;
        if (sound && now_ds < p->not_before_ds)
            CHECK_FAIL("%s %d changes at %lld, told not before %lld", kind_name[kind], ix + 1,
                       (long long)now_ds, (long long)p->not_before_ds);
        *p = (struct promise){shows, 0, INT64_MAX};
    }
    if (sound && now_ds > p->not_after_ds)
        CHECK_FAIL("%s %d has not changed at %lld, told not after %lld", kind_name[kind], ix + 1,
                   (long long)now_ds, (long long)p->not_after_ds);
    if (p->not_before_ds < now_ds + c->min_ds)
        p->not_before_ds = now_ds + c->min_ds;
    if (c->max_ds != SPAT_UNKNOWN_DS && p->not_after_ds > now_ds + c->max_ds) {
        p->not_after_ds = now_ds + c->max_ds;
        bounded++;
    }
}

static void traffic(struct inputs *in, uint64_t *random)
{
    for (uint64_t left = plan.structure.phases; left; left &= left - 1) {
        int no = mask_lowest_no(left);
        bool occupied = detector_has(&in->vehicle, no);
        if (one_in(random, occupied ? 12 : 200))
            detector_put(&in->vehicle, no, !occupied);
        if (one_in(random, mask_has(in->pedestrian, no) ? 8 : 500))
            in->pedestrian ^= mask_of(no);
    }
    if (plan.preempts)
        random_calls(&in->preempt, random);
}

/* The masks are those that the centre reads, but in flash. */
static void compare(const struct spat *s, const struct engine_status *status)
{
    CHECK_HEX((uint16_t)status->red, s->red);
    CHECK_HEX((uint16_t)status->yellow, s->yellow);
    CHECK_HEX((uint16_t)status->green, s->green);
    CHECK_HEX((uint16_t)status->overlap_green, s->overlap_green);
}

static void run(uint64_t seed, enum operation operation)
{
    static struct engine_status status;
    uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    struct inputs in = {.utc_ds = 0};
    struct frame frame;
    bool flashed = true;
    random_database(&db, &random);
    if (operation == OVERLAPPED || operation == PREEMPTED)
        random_overlaps(&db, &random);
    if (operation == PREEMPTED)
        random_preempts(&db, &random);
    if (operation == COORDINATED) {
        random_coordination(&db, &random);
        db.coord.operational_mode = 1;
    }
    plan_compile(&plan, &db, 1);
    engine_init(&engine, &plan);
    for (int tick = 0; tick < TICKS && !harness_failed(); tick++) {
        int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
        struct spat spat;
        harness_at("seed %llu, tick %d", (unsigned long long)seed, tick);
        traffic(&in, &random);
        engine_step(&engine, &in, 1, &frame);
        engine_get_status(&engine, &status);
        predict_channels(&engine, min_ds, max_ds);
        spat_collect(&engine, &status, &frame, min_ds, max_ds, false, &spat);
        for (int kind = 0; kind < KINDS; kind++)
            for (int ix = 0; ix < SPAT_ROWS; ix++)
                judge(&spat, kind, ix, status.now_ds, !flashed && !frame.all_flash);
        if (!frame.all_flash)
            compare(&spat, &status);
        flashed = frame.all_flash;
    }
}

static uint64_t first_seed = 1, last_seed = 12;

static void all_seeds(enum operation operation)
{
    changes = bounded = 0;
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++)
        run(seed, operation);
    CHECK(changes > 0);
    if (first_seed != last_seed)
        CHECK(bounded > 100);
}

static void free_running(void)
{
    all_seeds(FREE);
}

static void coordinated(void)
{
    all_seeds(COORDINATED);
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
    {"what is told of the next change comes true, in free operation", free_running},
    {"and in coordination", coordinated},
    {"and with overlaps", overlapped},
    {"and where preempts may come", preempted},
};

int main(int argc, char **argv)
{
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
