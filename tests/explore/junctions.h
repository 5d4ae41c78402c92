/* The junctions that are explored: a few phases in two rings, and features added to them. */
#ifndef TESTS_EXPLORE_JUNCTIONS_H
#define TESTS_EXPLORE_JUNCTIONS_H

#include "world.h"

/* Builds the junction `name`: a shape, and features added to it by '+'. Returns 0, or -1 if there is no
 * such shape or feature, or the database would not be accepted. */
int junction_build(struct junction *j, const char *name);

/* The name of feature 0, 1, ...; NULL behind the last. */
const char *junction_feature(int ix);

#endif
