/* What must hold for every plan and every input: random plans, random traffic, random hands on the
 * switches. An observer knows the database and sees only what engine_get_status() and the frame tell.
 *
 *     property_engine          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_engine SEED     this seed alone; PROPERTY_TRACE=1 shows what it does */
#include "engine/engine_run.h"
#include "harness.h"
#include "random_plan.h"
#include "random_preempts.h"
#include <stdio.h>
#include <stdlib.h>

static bool tracing; /* set once, from the environment */
static struct run_counts counts;

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
        run_hands(&r);
        engine_step(&r.engine, &r.in, 1, &r.frame);
        engine_step(&r.twin, &r.in, 1, &twin_frame);
        run_observe(&r, &counts);
        if (tracing)
            trace(&r);
        if (r.tick % 100 == 0) {
            run_expect(&r, engine_digest(&r.engine) == engine_digest(&r.twin), 0, "digest of the twin",
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
    counts = (struct run_counts){0};
    all_seeds((struct mode){.coordination = true});
    if (first_seed != last_seed) {
        CHECK(counts.in_step > counts.all / 20);
        CHECK(counts.in_transition > counts.all / 20);
    }
}

static void preempted(void)
{
    counts = (struct run_counts){0};
    all_seeds((struct mode){.preempts = true});
    if (first_seed != last_seed)
        CHECK(counts.in_dwell > counts.all / 20);
}

static void flashes(void)
{
    counts = (struct run_counts){0};
    all_seeds((struct mode){.coordination = true, .flash = true});
    if (first_seed != last_seed)
        CHECK(counts.in_flash > counts.all / 20);
}

static void scheduled(void)
{
    counts = (struct run_counts){0};
    all_seeds((struct mode){.coordination = true, .flash = true, .schedule = true});
    if (first_seed != last_seed) {
        CHECK(counts.in_flash > counts.all / 20);
        CHECK(counts.in_step > counts.all / 20);
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
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
