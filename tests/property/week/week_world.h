/* What happens around a junction in a week: traffic by the time of day, and hours in which hands are on it.
 */
#ifndef TESTS_PROPERTY_WEEK_WORLD_H
#define TESTS_PROPERTY_WEEK_WORLD_H

#include "../../../phases/engine.h"
#include "week_database.h"

/* What may go on at a time besides traffic. */
enum mood {
    MOOD_CALM,
    MOOD_PREEMPTS,
    MOOD_PRIORITY,
    MOOD_COMMANDS, /* of the centre */
    MOOD_SWITCHES, /* in the cabinet */
    MOOD_PATTERNS,
    MOOD_PLANS, /* another database, to and fro */
    MOOD_CLOCK,
    MOOD_ALL,
    MOODS,
};

struct world {
    const struct week_junction *junction;
    uint64_t random;
    struct inputs in;
    enum mood mood;
    int64_t mood_left;
    int phase_count;
    uint8_t phase_no[PHASES_MAX];
    uint64_t occupied, pressed; /* by who is really there */
    uint64_t leads;             /* occupied detectors ahead, by phase */
    uint64_t coming[32];        /* who arrives at the stop line in so many ticks */
    uint64_t stuck_on, stuck_off, chattering;
    int arrivals, buttons; /* in 1024 ticks, all phases */
    bool changes_plan;     /* another database is to be offered */
    bool soon_over;        /* a mood has just ended: the centre takes its commands back */
    int taken_back;        /* so many of them */
};

void world_init(struct world *w, const struct week_junction *junction, uint64_t seed);

/* The inputs of the next tick. */
void world_step(struct world *w, int64_t tick);

/* The centre's command in this tick. Returns whether there is one. */
bool world_command(struct world *w, struct control_op *op);

/* Somebody holds phases up, or did a moment ago. */
bool world_disturbs(const struct world *w);

#endif
