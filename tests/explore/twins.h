/* The test of the canonical form: a world that is brought into it after every step, and its twin that
 * never is, do the same for ever. */
#ifndef TESTS_EXPLORE_TWINS_H
#define TESTS_EXPLORE_TWINS_H

#include "world.h"

struct twins {
    long steps;
    long different;   /* steps after which the two differed in octets that the form makes equal */
    long parted_step; /* where their lamps or their canonical forms differed; -1 nowhere */
};

/* Walks so many steps by random choices, from power-up again every now and then. Returns whether the
 * twins stayed together. */
bool twins_walk(const struct junction *junction, long steps, struct twins *result);

#endif
