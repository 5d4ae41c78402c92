/* What can be seen of an approach from above at one moment: who is where, and how fast. The cameras' eyes;
 * the pictures in their records show the same. */
#ifndef SIM_SIGHT_H
#define SIM_SIGHT_H

#include "traffic.h"

enum { SIGHT_MAX = 96 };

struct seen {
    uint32_t no;
    uint8_t lane_ix;
    uint8_t turn; /* enum turn */
    bool kerb;    /* on the strip beside the lane: for the pictures, no camera judges by it */
    float x_m;    /* its end towards the junction, beyond the stop line */
    float v_ms;   /* negative: against the lane */
    float length_m;
};

struct sight {
    int count;
    struct seen seen[SIGHT_MAX];
};

/* Everybody on these lanes (bit = index) and at their kerbs from `from_m` to `to_m` beyond the stop line.
 * What finds no room is not seen. */
void sight_take(struct sight *sight, const struct traffic *traffic, uint64_t lanes, double from_m,
                double to_m);

#endif
