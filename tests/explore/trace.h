/* A way through a junction, told line by line: the choice of each step and the lamps after it. */
#ifndef TESTS_EXPLORE_TRACE_H
#define TESTS_EXPLORE_TRACE_H

#include "liveness.h"

/* Replays the way from power-up to the breach that was found, and prints it. */
void trace_breach(const struct search *s);

/* Replays the way into a cycle and once around. */
void trace_lasso(const struct search *s, const struct lasso *lasso);

#endif
