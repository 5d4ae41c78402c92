/* tscsim: the intersection around the controller. */
#include "../controller/config.h"
#include "fleet.h"
#include "live.h"
#include "lockstep.h"
#include "options.h"
#include "run.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_FAULTS = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

static void print_fault(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static int no_memory(void)
{
    fputs("tscsim: not enough memory\n", stderr);
    return EXIT_ENVIRONMENT;
}

/* Opens the file for the summary before anything runs: hours of work are not to end in a typing error. */
static FILE *open_summary(const char *path)
{
    FILE *out = path ? fopen(path, "w") : stdout;
    if (!out)
        fprintf(stderr, "tscsim: %s: cannot be written: %m\n", path);
    return out;
}

/* `result` is that of the writing before. */
static int close_summary(const struct options *options, int result, FILE *out)
{
    if (out != stdout && fclose(out) != 0)
        result = -1;
    if (result < 0)
        fprintf(stderr, "tscsim: %s: cannot be written: %m\n",
                options->json_path ? options->json_path : "output");
    return result < 0 ? EXIT_ENVIRONMENT : EXIT_SUCCESS;
}

static struct run_options run_options(const struct options *options)
{
    return (struct run_options){.hours = options->hours,
                                .demand = options->demand,
                                .seed = options->seed,
                                .from_s = options->from_s,
                                .records = options->records};
}

static int main_run(const struct options *options, const struct config *config)
{
    FILE *out = open_summary(options->json_path);
    if (!out)
        return EXIT_ENVIRONMENT;
    struct summary summary;
    const struct run_options run = run_options(options);
    if (run_intersection(config, &run, &summary) < 0)
        return EXIT_ENVIRONMENT;
    if (out != stdout && summary_print(&summary, stdout) < 0)
        return EXIT_ENVIRONMENT;
    return close_summary(options, summary_print(&summary, out), out);
}

static int main_live(const struct options *options, const struct config *config)
{
    FILE *out = open_summary(options->json_path);
    if (!out)
        return EXIT_ENVIRONMENT;
    struct summary summary;
    if (live_intersection(config, options, &summary) < 0)
        return EXIT_ENVIRONMENT;
    return close_summary(options, summary_print(&summary, out), out);
}

static int main_step(const struct options *options, const struct config *config)
{
    struct lockstep *step = lockstep_new(&config->db, options->start_mask);
    if (!step) {
        fputs("tscsim: --start: these phases cannot all be green: in conflict, or not enabled\n", stderr);
        return EXIT_USAGE;
    }
    int result = lockstep_serve(step, stdin, stdout);
    lockstep_free(step);
    if (result < 0)
        fputs("tscsim: reading or writing failed\n", stderr);
    return result < 0 ? EXIT_ENVIRONMENT : EXIT_SUCCESS;
}

/* As many as this process may use. */
static int processors(void)
{
    cpu_set_t mine;
    return sched_getaffinity(0, sizeof mine, &mine) == 0 ? CPU_COUNT(&mine) : 1;
}

static void show_progress(void *arg, int points)
{
    const struct fleet *fleet = arg;
    fprintf(stderr, "\r%d of %d points%s", points, fleet->count, points == fleet->count ? "\n" : "");
}

static int play_fleet(struct fleet *fleet, const struct options *options, FILE *out)
{
    const struct run_options run = run_options(options);
    int jobs = options->jobs ? options->jobs : processors();
    if (fleet_run(fleet, &run, jobs, isatty(STDERR_FILENO) ? show_progress : NULL, fleet) < 0)
        return EXIT_ENVIRONMENT;
    fleet_print_table(fleet, stdout);
    return close_summary(options, fleet_print_json(fleet, out), out);
}

static int main_fleet(const struct options *options)
{
    struct fleet fleet;
    int status = fleet_load(&fleet, options->config_path, print_fault, NULL);
    if (status != 0)
        return status;
    FILE *out = open_summary(options->json_path);
    status = out ? play_fleet(&fleet, options, out) : EXIT_ENVIRONMENT;
    fleet_free(&fleet);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    int parsed = options_parse(&options, argc, argv);
    if (parsed != 0)
        return parsed > 0 ? EXIT_SUCCESS : EXIT_USAGE;
    if (options.mode == MODE_FLEET)
        return main_fleet(&options);
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return no_memory();
    enum config_scope scope = options.mode == MODE_STEP ? CONFIG_ASC_ONLY : CONFIG_WHOLE;
    int status = config_load(config, options.config_path, scope, print_fault, NULL);
    if (status == 0) {
        switch (options.mode) {
        case MODE_LIVE:
            status = main_live(&options, config);
            break;
        case MODE_RUN:
            status = main_run(&options, config);
            break;
        case MODE_FLEET:
            break;
        case MODE_STEP:
            status = main_step(&options, config);
            break;
        }
    }
    free(config);
    return status;
}
