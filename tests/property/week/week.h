/* Weeks of random junctions with everything in them, engine and guard tick by tick under the observer's eyes.
 */
#ifndef TESTS_PROPERTY_WEEK_H
#define TESTS_PROPERTY_WEEK_H

#include "week_observer.h"

enum { WEEK_DAY_TICKS = 24 * 36000 };

struct week_task {
    uint64_t seed;
    int64_t ticks;
    const char *config_path; /* of the junction; NULL: a random one */
    int64_t trace_from;      /* on standard output, up to the end; -1: nothing */
};

/* Plays it. Returns NULL, or what went wrong first: it stays until the next call. `counts` is added to. */
const char *week_play(const struct week_task *task, struct week_counts *counts);

#endif
