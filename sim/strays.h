/* The drivers who do not keep to their lane: some stand at the kerb, for a moment or for many minutes, some
 * of them back up before they leave, and now and then one drives against his lane. They use the strip beside
 * the outermost lane of an approach, are seen by the cameras, and stand in nobody's way. */
#ifndef SIM_STRAYS_H
#define SIM_STRAYS_H

#include "intersection.h"
#include "rng.h"

enum {
    STRAYS_MAX = 32,
    STRAY_LONG_S = 240, /* who means to stay stays at least so long, */
    STRAY_SHORT_S = 90, /* and who only lets somebody out at most so long */
};

enum stray_state {
    STRAY_AGAINST,  /* drives against the lane */
    STRAY_COMING,   /* towards its place at the kerb */
    STRAY_STANDING, /* there */
    STRAY_BACKING,  /* a few metres backwards, to get out */
    STRAY_LEAVING,  /* forward, and away */
};

struct stray {
    enum stray_state state;
    uint32_t no; /* of the vehicle, as in struct vehicle; 0: the place in the table is free */
    uint8_t lane_ix;
    bool backs;
    float length_m;
    double x_m;  /* its end towards the junction, beyond the stop line; negative: before it */
    double v_ms; /* negative: against the lane */
    double pace_ms;
    double goal_m;            /* where it stops, turns to leave, or turns off */
    double against_m;         /* distance driven against the lane */
    int64_t stay_us;          /* at the kerb */
    int64_t standing_from_us; /* -1: it moves */
};

struct strays {
    const struct intersection *junction;
    struct rng rng;
    uint64_t steps;
    /* Of each approach: the lane at its kerb (-1 none), and chances in one second. */
    int8_t kerb_ix[APPROACHES_MAX];
    struct offence_rates chance[APPROACHES_MAX];
    int count;     /* on the street now */
    int backwards; /* of these: drive against their lane now */
    struct stray stray[STRAYS_MAX];
};

/* Nobody comes before strays_set_pace(). `junction` must outlive it. */
void strays_init(struct strays *strays, const struct intersection *junction, uint64_t seed);

/* From now on the config's rates, times `pace`. */
void strays_set_pace(struct strays *strays, double pace);

/* Moves everyone by one tick. New vehicles take their numbers from *numbers. */
void strays_step(struct strays *strays, uint32_t *numbers, int64_t from_us);

/* Lets one drive against the lane at the kerb of an approach, or stand there, `place_m` before the stop line,
 * for `stay_s`. NULL: the kerb has no room for it now. (Tests.) */
struct stray *strays_put_against(struct strays *strays, int approach_ix, double far_m, uint32_t *numbers);
struct stray *strays_put_at_kerb(struct strays *strays, int approach_ix, double place_m, double stay_s,
                                 uint32_t *numbers);

#endif
