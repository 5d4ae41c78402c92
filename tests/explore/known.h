/* What an observer knows of a junction before he looks at its lamps: its database, drawn up by channel.
 * Worked out from the database alone, without the engine's plan. */
#ifndef TESTS_EXPLORE_KNOWN_H
#define TESTS_EXPLORE_KNOWN_H

#include "../../phases/database.h"

enum { KNOWN_CHANNELS = 32 };

enum shown {
    SHOWN_NOTHING,  /* unknown, or a flash */
    SHOWN_RED,      /* don't walk; red and yellow before a green */
    SHOWN_GREEN,    /* walk */
    SHOWN_FLASHING, /* green, on its way to yellow */
    SHOWN_ARROW,    /* flashing: yields */
    SHOWN_YELLOW,
    SHOWN_CLEARING, /* pedestrians */
    SHOWN_KINDS,
};

struct known_channel {
    bool pedestrian, overlap, arrow;
    bool red_yellow;               /* may show both before its green */
    bool flashes;                  /* its green flashes before its yellow */
    int phase_no;                  /* that it shows; 0: an overlap */
    uint64_t phases;               /* that it goes by */
    uint64_t through;              /* an arrow: those it flashes beside */
    uint32_t rivals;               /* channels that may not have right of way beside it */
    uint32_t lax;                  /* the same while it flashes as an arrow, or clears behind one */
    int16_t least_ds[SHOWN_KINDS]; /* what it shows it shows at least so long */
    int16_t most_ds[SHOWN_KINDS];  /* and no longer; 0: no limit */
    int16_t red_clear_ds;
    int16_t revert_ds;
    int16_t after_green_ds; /* pedestrians: how much of their clearance may run after the green */
};

struct known {
    const struct database *db;
    struct known_channel channel[KNOWN_CHANNELS];
    uint32_t used;               /* channels */
    int revert_ds;               /* the longest red revert of all databases */
    uint64_t phases;             /* in use */
    uint64_t recalled;           /* phases that ask for themselves */
    uint64_t prompt;             /* phases that remember who came to them, however short */
    uint64_t rivals[PHASES_MAX]; /* of each phase */
    uint64_t tied[PHASES_MAX];   /* phases on its side of the barrier: tied to it by chains of concurrency */
};

/* Draws up db[0] to db[count - 1], which must outlive it, into as many entries. */
void known_init(struct known *known, const struct database *db, int count);

#endif
