/* The invariants, as somebody sees them who knows the database and looks at the lamps.
 *
 *   I1  no two channels that may not be together have right of way or are clearing
 *   I2  green, yellow, red, green: no colour is skipped
 *   I3  a yellow lasts as long as it was configured when it began, and not longer
 *   I4  a green begins only when every rival's red clearance is over, and its own red revert
 *   I5  minimum green, walk and pedestrian clearance are never cut
 *   I6  all rings that share a barrier are on the same side of it
 *   I7  a car or a pedestrian who asked stays owed a green (see liveness.h)
 *   I8  a channel shows exactly one indication
 *   I9  the lamps are what the engine's state says
 *
 * Beside them stands the guard, which must neither trip nor hold anything back. */
#ifndef TESTS_EXPLORE_OBSERVER_H
#define TESTS_EXPLORE_OBSERVER_H

#include "../../phases/engine.h"

enum { OBSERVED_CHANNELS = 32 };

/* What an observer knows beforehand of one of a junction's databases. Masks of channels; sides are masks of
 * phases. */
struct observed {
    const struct database *db;
    int revert_ds; /* the longest red revert in any of them */
    uint64_t phases;
    uint64_t recalled; /* phases that ask for themselves */
    uint64_t prompt;   /* phases that remember who came to them, however short */
    uint32_t used;
    uint32_t rivals[OBSERVED_CHANNELS];
    uint64_t rival_phases[PHASES_MAX];
    uint64_t side_of[PHASES_MAX]; /* phases tied to it by chains of concurrency, itself included */
};

enum shown {
    SHOWN_NOTHING,  /* unknown, or a flash */
    SHOWN_RED,      /* don't walk */
    SHOWN_GREEN,    /* walk */
    SHOWN_FLASHING, /* green, on its way to yellow */
    SHOWN_YELLOW,
    SHOWN_CLEARING, /* pedestrians */
};

/* What is remembered of one channel. Ages stop where they make no more difference. */
struct watch {
    uint8_t shown;     /* enum shown */
    int16_t age_ds;    /* of what is shown */
    int16_t due_ds;    /* at least so long it is to be shown */
    int16_t most_ds;   /* and no longer than so; 0 no limit */
    int16_t clear_ds;  /* red clearance due after the yellow before this red */
    bool after_yellow; /* this red, and not longer ago than any rule may ask */
};

struct observer {
    struct watch channel[OBSERVED_CHANNELS];
    uint64_t cars, buttons; /* phases that owe a green, and a walk, to those who asked; masks */
};

/* What the world does in one step: masks of phases. */
struct event {
    uint64_t cars, buttons;
    bool stopped; /* stop time: intervals may last longer */
    /* A preempt is on its way in: this is what it asks of the intervals that it ends; else NULL. */
    const struct preempt_row *entering;
    bool manual; /* interval advance may cut a walk, and a pedestrian clearance that is not protected */
    int dt_ds;
};

/* An invariant that does not hold. */
struct breach {
    const char *rule; /* NULL: none */
    int no, other_no; /* channels, or 0 */
    int expected, came;
};

/* Prepares what is known of db[0] to db[count - 1], which must outlive it. */
void observed_init(struct observed *known, const struct database *db, int count);

/* Looks at the frame that follows the last one after `event`. Returns whether all holds. */
bool observer_step(struct observer *o, const struct observed *known, const struct engine *e,
                   const struct frame *frame, const struct event *event, struct breach *breach);

#endif
