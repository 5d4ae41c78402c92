/* Many intersections in virtual time on all processors. Each is a run of its own (run.h) with a seed of its
 * own, so that what comes out depends on neither their number nor on which thread ran them when. */
#ifndef SIM_FLEET_H
#define SIM_FLEET_H

#include "run.h"

enum { FLEET_JOBS_MAX = 256 };

enum fleet_fault {
    FLEET_FAULTS = 1,     /* a config has faults, or two are of the same site */
    FLEET_UNREADABLE = 2, /* the directory, or a config in it; or there is none */
    FLEET_MEMORY = 3,
};

struct fleet_point {
    char *path;
    struct config *config;
    struct summary summary;
    bool ran;
};

struct fleet {
    int count;
    struct fleet_point *point; /* in the order of the files' names */
    /* Of the last fleet_run(). */
    uint64_t seed;
    double wall_s;
};

/* Reads every *.json of the directory, and every fault of all of them goes to `report`. Returns 0 or an enum
 * fleet_fault, of several the highest; then *fleet holds nothing. Blocks on the files. */
int fleet_load(struct fleet *fleet, const char *directory, config_fault *report, void *arg);
void fleet_free(struct fleet *fleet);

/* The seed of a point: below 2^53, so that every reader of JSON gets it whole. With it `tscsim run` plays
 * the same. */
uint64_t fleet_seed(const char *id, uint64_t seed);

/* Runs all points on `jobs` threads, the caller's among them, with `options` and the seed each makes of
 * options->seed; the records of each go to a directory of its id below options->records. `done`, if not NULL,
 * hears how many are done, from any of the threads, one at a time. Returns 0, or -1 if a point could not
 * begin: its `ran` is false, and standard error has been told why. */
int fleet_run(struct fleet *fleet, const struct run_options *options, int jobs,
              void done(void *arg, int points), void *arg);

/* One line a point and one for all. */
void fleet_print_table(const struct fleet *fleet, FILE *out);

/* One JSON object on one line. Returns 0, or -1 if the stream failed. */
int fleet_print_json(const struct fleet *fleet, FILE *out);

#endif
