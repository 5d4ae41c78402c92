/* A virtual week of each of some random junctions with everything in them: civil time, coordination, flash at
 * night, preempts, priority, overlaps, faults, commands, switches, other plans. See week/.
 *
 *     property_week            three seeds in an optimised build, another one with sanitizers
 *     property_week SEED...    these
 *     --days N                 so long instead of a week; WEEK_DAYS=N in the environment likewise
 *     --config FILE            this junction instead of random ones
 *     --trace TICK             of one seed, every change from there on
 *     --mutant                 the engine is a damaged one: a fault has to be found */
#include "harness.h"
#include "week/week.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

enum { SEEDS_MAX = 1000, DAYS_OF_WEEK = 7 };

static struct {
    uint64_t seed[SEEDS_MAX];
    int seeds;
    bool chosen, mutant; /* seeds on the command line */
    int days;
    struct week_task task;
} options = {.days = DAYS_OF_WEEK, .task = {.trace_from = -1}};

static struct week_counts sum;

static const struct {
    const char *name;
    size_t offset;
} counted[] = {
    {"in step", offsetof(struct week_counts, in_step)},
    {"in transition", offsetof(struct week_counts, in_transition)},
    {"preempted", offsetof(struct week_counts, preempted)},
    {"in flash", offsetof(struct week_counts, in_flash)},
    {"overlaps green", offsetof(struct week_counts, overlap_green)},
    {"trailing", offsetof(struct week_counts, trailing)},
    {"priority", offsetof(struct week_counts, priority)},
    {"speed mode waits", offsetof(struct week_counts, withheld)},
    {"detectors failed", offsetof(struct week_counts, failed)},
    {"by hand", offsetof(struct week_counts, manual)},
    {"walking", offsetof(struct week_counts, walking)},
    {"calm", offsetof(struct week_counts, calm)},
    {"greens", offsetof(struct week_counts, greens)},
    {"calls served", offsetof(struct week_counts, served)},
    {"plans adopted", offsetof(struct week_counts, plans)},
};

enum { COUNTED = sizeof counted / sizeof counted[0] };

static int64_t value_of(const struct week_counts *c, int i)
{
    return *(const int64_t *)((const char *)c + counted[i].offset);
}

static void tell(const struct week_counts *c)
{
    printf("    %lld ticks:", (long long)c->ticks);
    for (int i = 0; i < COUNTED; i++)
        printf("%s %s %lld", i ? "," : "", counted[i].name, (long long)value_of(c, i));
    printf("\n");
}

/* Without an engine to be caught at it, nothing may go wrong, and everything must have been there. */
static void weeks(void)
{
    const char *caught = NULL;
    for (int i = 0; i < options.seeds; i++) {
        struct week_counts counts = {0};
        options.task.seed = options.seed[i];
        options.task.ticks = (int64_t)options.days * WEEK_DAY_TICKS;
        const char *fault = week_play(&options.task, &counts);
        const int64_t *from = (const int64_t *)&counts;
        for (size_t k = 0; k < sizeof counts / sizeof *from; k++)
            ((int64_t *)&sum)[k] += from[k];
        printf("    seed %llu: %s\n", (unsigned long long)options.seed[i], fault ? fault : "all held");
        tell(&counts);
        fflush(stdout);
        if (fault && !options.mutant)
            CHECK_FAIL("seed %llu, %s", (unsigned long long)options.seed[i], fault);
        caught = fault ? "caught" : caught;
    }
    if (options.mutant)
        CHECK_STR("caught", caught ? caught : "not caught");
    CHECK(options.seeds > 0);
}

static void everything_came_up(void)
{
    for (int i = 0; i < COUNTED; i++) {
        harness_at("%s", counted[i].name);
        CHECK(value_of(&sum, i) > 0);
    }
}

static const struct harness_test tests[] = {
    {"random junctions with everything in them, day and night", weeks},
    {"and everything came up", everything_came_up},
};

static int usage(void)
{
    fprintf(stderr, "usage: property_week [--days N] [--config FILE] [--trace TICK] [--mutant] [SEED...]\n");
    return 2;
}

static void take_seed(uint64_t seed)
{
    if (options.seeds < SEEDS_MAX)
        options.seed[options.seeds++] = seed;
}

/* The four weeks of ./check: the sanitizers slow one down by ten. */
static void default_seeds(void)
{
#ifdef SANITIZED
    take_seed(4);
#else
    for (uint64_t seed = 1; seed <= 3; seed++)
        take_seed(seed);
#endif
}

int main(int argc, char **argv)
{
    const char *days = getenv("WEEK_DAYS");
    if (days)
        options.days = atoi(days);
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--mutant") == 0)
            options.mutant = true;
        else if (strcmp(argv[i], "--days") == 0 && more)
            options.days = atoi(argv[++i]);
        else if (strcmp(argv[i], "--config") == 0 && more)
            options.task.config_path = argv[++i];
        else if (strcmp(argv[i], "--trace") == 0 && more)
            options.task.trace_from = atoll(argv[++i]);
        else if (strtoull(argv[i], NULL, 10) > 0)
            take_seed(strtoull(argv[i], NULL, 10));
        else
            return usage();
    }
    options.chosen = options.seeds > 0;
    if (!options.chosen)
        default_seeds();
    bool whole = !options.chosen && options.seeds > 1 && options.days >= DAYS_OF_WEEK;
    return harness_run(1, argv, tests, whole ? 2 : 1, NULL, NULL);
}
