/* The invariants, as somebody sees them who knows the database and looks at the lamps.
 *
 *   I1  no two channels that may not be together have right of way or are clearing
 *   I2  green, yellow, red, green: no colour is skipped; an arrow ends with the green it yields to
 *   I3  a yellow lasts as long as it was configured when it began, and not longer
 *   I4  a green begins only when every rival's red clearance is over, and its own red revert
 *   I5  minimum green, walk and pedestrian clearance are never cut
 *   I6  all rings that share a barrier are on the same side of it
 *   I7  a car or a pedestrian who asked stays owed a green (see liveness.h)
 *   I8  a channel shows exactly one indication
 *   I9  the lamps are what the engine's state says
 *
 * A preempt on its way in may shorten what I3 to I5 protect, by the values in its row and by no more. */
#ifndef TESTS_EXPLORE_OBSERVER_H
#define TESTS_EXPLORE_OBSERVER_H

#include "../../phases/engine.h"
#include "known.h"

/* What is remembered of one channel. Ages stop where they make no more difference. */
struct watch {
    uint8_t shown;     /* enum shown */
    bool arrow;        /* it is, or clears behind, a flashing arrow */
    bool after_yellow; /* red, and its yellow is no longer ago than any rule may ask */
    int16_t age_ds;    /* of what is shown */
    int16_t least_ds;  /* it is to be shown at least so long, */
    int16_t most_ds;   /* and no longer than so; 0: no limit */
    int16_t clear_ds;  /* red clearance due after that yellow */
};

struct observer {
    struct watch channel[KNOWN_CHANNELS];
    uint64_t cars, buttons; /* phases that owe a green, and a walk, to those who asked; masks */
};

/* What the world does in one step: masks of phases. */
struct event {
    uint64_t cars, buttons;
    bool stopped; /* stop time: clearances may last longer */
    bool manual;  /* interval advance may cut a walk, and a pedestrian clearance that is not protected */
    const struct preempt_row *entering; /* the preempt on its way in; NULL none */
    int dt_ds;
};

/* An invariant that does not hold. */
struct breach {
    const char *rule; /* NULL: none */
    int no, other_no; /* channels, or 0 */
    int expected, came;
};

/* Looks at the frame that follows the last one after `event`. Returns whether all holds. */
bool observer_step(struct observer *o, const struct known *known, const struct engine *e,
                   const struct frame *frame, const struct event *event, struct breach *breach);

#endif
