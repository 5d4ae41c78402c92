/* tscsim: the intersection around the controller. */
#include "../controller/config.h"
#include "live.h"
#include "lockstep.h"
#include "options.h"
#include "run.h"
#include <stdlib.h>
#include <string.h>

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

static int close_summary(const struct options *options, const struct summary *summary, FILE *out)
{
    int result = summary_print(summary, out);
    if (out != stdout && fclose(out) != 0)
        result = -1;
    if (result < 0)
        fprintf(stderr, "tscsim: %s: cannot be written: %m\n",
                options->json_path ? options->json_path : "output");
    return result < 0 ? EXIT_ENVIRONMENT : EXIT_SUCCESS;
}

static int main_run(const struct options *options, const struct config *config)
{
    FILE *out = open_summary(options->json_path);
    if (!out)
        return EXIT_ENVIRONMENT;
    struct summary summary;
    const struct run_options run = {options->hours, options->demand, options->seed, options->from_s,
                                    options->records};
    if (run_intersection(config, &run, &summary) < 0)
        return EXIT_ENVIRONMENT;
    if (out != stdout && summary_print(&summary, stdout) < 0)
        return EXIT_ENVIRONMENT;
    return close_summary(options, &summary, out);
}

static int main_live(const struct options *options, const struct config *config)
{
    FILE *out = open_summary(options->json_path);
    if (!out)
        return EXIT_ENVIRONMENT;
    struct summary summary;
    if (live_intersection(config, options, &summary) < 0)
        return EXIT_ENVIRONMENT;
    return close_summary(options, &summary, out);
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

int main(int argc, char **argv)
{
    struct options options;
    int parsed = options_parse(&options, argc, argv);
    if (parsed != 0)
        return parsed > 0 ? EXIT_SUCCESS : EXIT_USAGE;
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
        case MODE_STEP:
            status = main_step(&options, config);
            break;
        }
    }
    free(config);
    return status;
}
