/* Tries everything that may happen in a junction, step by step of three seconds, on the real engine and
 * the real guard, and looks whether every invariant holds in every state it can get into.
 *
 *     explore [--states N] [--mutant] JUNCTION...
 *     explore --features
 *
 * A JUNCTION is a shape, and features added to it by '+': `eight`, `five+manual`. At most N states are
 * looked at in each (default 5 million). Prints `ok` or `FAIL` for each, and the way that leads to what is
 * wrong. With --mutant it is the other way round: a breach is what is expected. --features prints their
 * names. README.md tells the method. */
#include "junctions.h"
#include "liveness.h"
#include "trace.h"
#include "twins.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TWIN_STEPS = 100000 };

static const char *program;

struct options {
    uint32_t states;
    bool mutant;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool say(bool good, const char *junction, const char *what)
{
    printf("%s %s: %s: %s\n", good ? "ok" : "FAIL", program, junction, what);
    return good;
}

static bool twins_stay_together(const struct junction *j, const char *name)
{
    struct twins twins;
    char text[128];
    bool together = twins_walk(j, TWIN_STEPS, &twins);
    if (together)
        snprintf(text, sizeof text, "equal keys act equally (%ld steps, %ld of different octets)",
                 twins.steps, twins.different);
    else
        snprintf(text, sizeof text, "equal keys part in step %ld", twins.parted_step);
    return say(together && twins.different > 0, name, text);
}

/* What was found, in one line; a counterexample below it. */
static bool judge(const struct search *s, const char *name, const struct options *options, double took_s)
{
    struct lasso lasso = {0};
    char size[128], text[256];
    snprintf(size, sizeof size, "%u states%s, %llu transitions, %d steps deep, %.1f s", s->states,
             s->complete ? " (all)" : "", (unsigned long long)s->transitions, s->depth, took_s);
    int wait = s->breach.rule ? 0 : liveness_check(s, &lasso);
    bool broken = s->breach.rule || wait == -1;
    if (wait == -2)
        return say(false, name, "not enough memory for the waits");
    if (broken)
        snprintf(text, sizeof text, "%s%s (%s)", options->mutant ? "caught: " : "",
                 s->breach.rule ? s->breach.rule : "I7: somebody waits for ever", size);
    else
        snprintf(text, sizeof text, "every invariant holds, longest wait %d s: %s", wait * STEP_DS / 10,
                 size);
    bool good = say(broken == options->mutant, name, text);
    if (s->breach.rule)
        trace_breach(s);
    else if (wait == -1)
        trace_lasso(s, &lasso);
    free(lasso.cycle);
    return good;
}

static bool explore(const char *name, const struct options *options)
{
    static struct junction junction;
    static struct search search;
    if (junction_build(&junction, name) != 0)
        return say(false, name, "no such junction");
    if (!options->mutant && !twins_stay_together(&junction, name))
        return false;
    double began_s = cpu_seconds();
    bool good = search_run(&search, &junction, options->states) == 0
                    ? judge(&search, name, options, cpu_seconds() - began_s)
                    : say(false, name, "not enough memory");
    search_free(&search);
    return good;
}

static void print_features(void)
{
    for (int i = 0; junction_feature(i); i++)
        printf("%s\n", junction_feature(i));
}

int main(int argc, char **argv)
{
    struct options options = {.states = 5000000};
    int i = 1;
    bool good = true;
    program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 2 && strcmp(argv[1], "--features") == 0) {
        print_features();
        return EXIT_SUCCESS;
    }
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--mutant") == 0)
            options.mutant = true;
        else if (strcmp(argv[i], "--states") == 0 && i + 1 < argc)
            options.states = (uint32_t)strtoul(argv[++i], NULL, 10);
        else
            options.states = 0;
    }
    if (i == argc || options.states < 2) {
        fprintf(stderr, "usage: %s [--states N] [--mutant] JUNCTION...\n", program);
        return 2;
    }
    for (; i < argc; i++)
        good = explore(argv[i], &options) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
