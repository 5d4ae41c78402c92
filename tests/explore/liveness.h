/* I7: nobody waits for ever. In the graph of undisturbed transitions there is no cycle along which
 * somebody stays owed a green. */
#ifndef TESTS_EXPLORE_LIVENESS_H
#define TESTS_EXPLORE_LIVENESS_H

#include "search.h"

struct lasso {
    int bit;         /* of world_waiting(): who waits */
    uint32_t entry;  /* the first state of the cycle */
    uint32_t length; /* states of the cycle */
    uint32_t *cycle; /* their numbers, from malloc() */
};

/* Looks for such a cycle. Returns the longest wait in steps, -1 if a cycle was found (`lasso` is filled and
 * its cycle to be freed), or -2 if memory does not suffice. */
int liveness_check(const struct search *s, struct lasso *lasso);

#endif
