/* The whole intersection, controller included, in virtual time. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "../io/feed.h"
#include "summary.h"

struct run_options {
    double hours;
    enum demand demand;
    uint64_t seed;
    int64_t from_s;      /* local time at the start, as seconds since 1970; 0: RUN_FROM_S */
    const char *records; /* directory for the cameras' records; NULL: none are written */
    feed_emit *hear;     /* hears every message of the feed, as the cameras do; may be NULL */
    void *hear_arg;
};

#define RUN_FROM_S INT64_C(1767596400) /* Monday, 2026-01-05 07:00 */

/* Runs it as fast as the machine goes and fills `summary` (its `id` points into `config`). Returns 0, or -1
 * after saying on standard error why it cannot begin. */
int run_intersection(const struct config *config, const struct run_options *options, struct summary *summary);

#endif
