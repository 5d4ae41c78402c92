/* How one vehicle moves in one tick: car-following, the lamp, and giving way. Private to traffic.c. */
#ifndef SIM_DRIVE_H
#define SIM_DRIVE_H

#include "traffic.h"

/* What everybody sees in this tick. */
struct scene {
    struct traffic *traffic;
    const struct lamps *lamps;
    const struct pedestrians *walkers;
    int64_t now_us;
};

/* Moves all vehicles of a lane by one tick, tells the observer who passed what, and takes away those
 * that have left. */
void drive_lane(const struct scene *scene, int lane_ix);

extern const double DRIVE_STANDSTILL_M; /* gap between standing vehicles */
extern const double DRIVE_EXIT_M;       /* a vehicle this far beyond the line has left */

#endif
