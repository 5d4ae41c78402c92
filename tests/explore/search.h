/* Breadth-first search over everything that may happen in a junction. States are kept as 128-bit hashes
 * of their canonical form, each with the state and the choice it was first reached by; whole states are
 * kept only while they wait to be expanded. */
#ifndef TESTS_EXPLORE_SEARCH_H
#define TESTS_EXPLORE_SEARCH_H

#include "world.h"

struct hash {
    uint64_t low, high;
};

struct search {
    const struct junction *junction;
    struct world start;
    uint32_t limit;  /* states at most */
    uint32_t states; /* found; number 0 is power-up */
    uint32_t expanded;
    uint64_t transitions;
    int depth;     /* steps from power-up to the last state expanded */
    bool complete; /* every state was expanded */

    struct hash *hash; /* by state */
    uint32_t *parent;
    uint8_t *choice;   /* that led here from the parent */
    uint64_t *waiting; /* see world_waiting() */
    uint32_t *slot;    /* hash table of state numbers + 1 */
    uint32_t slots;    /* a power of two */

    /* Undisturbed transitions: those of state i are edge[first[i]] to edge[first[i + 1] - 1]. */
    uint64_t *first;
    uint32_t *edge;
    uint64_t edges, edge_room;

    struct breach breach;  /* rule NULL: none found */
    uint32_t breach_state; /* from which */
    int breach_choice;     /* by this it is reached */
};

/* Searches from power-up until a rule is broken, everything is expanded or `limit` states are found.
 * Returns 0, or -1 if memory does not suffice. search_free() in either case. */
int search_run(struct search *s, const struct junction *junction, uint32_t limit);
void search_free(struct search *s);

/* Writes the choices that lead from power-up to `state` into `path`, as far as `room` goes, and returns
 * their number. */
int search_path(const struct search *s, uint32_t state, int *path, int room);

/* The number of the state the world is in, or UINT32_MAX if it was not found. The world is settled. */
uint32_t search_find(const struct search *s, struct world *w);

#endif
