/* The people at the crosswalks: they come, press the button, wait for a steady Walk or a dark lamp, and
 * cross. */
#ifndef SIM_PEDESTRIANS_H
#define SIM_PEDESTRIANS_H

#include "../controller/config.h"
#include "lamps.h"
#include "rng.h"

struct crosswalk {
    const struct crosswalk_config *config;
    uint32_t waiting;
    int64_t waiting_sum_us; /* of the waiting: sum of their arrival times */
    int64_t press_us;       /* the button is pressed at this instant, or was */
    int64_t busy_until_us;  /* somebody is in a vehicle's way until then */
};

struct pedestrian_totals {
    uint64_t arrived;
    uint64_t crossed; /* began to cross */
    double wait_s;    /* of those */
};

struct pedestrians {
    int count;
    struct crosswalk crosswalk[APPROACHES_MAX]; /* by approach; config NULL: none there */
    struct rng rng;
    double chance; /* of an arrival in one tick at one crosswalk */
    struct pedestrian_totals totals;
};

/* `per_hour` at each crosswalk. `config` must outlive it. */
void pedestrians_init(struct pedestrians *walkers, const struct config *config, double per_hour,
                      uint64_t seed);

/* From now on so many come. */
void pedestrians_set_rate(struct pedestrians *walkers, double per_hour);

/* One tick. */
void pedestrians_step(struct pedestrians *walkers, const struct lamps *lamps, int64_t from_us);

/* Buttons pressed at `now_us`, as a mask of pedestrian detectors. */
uint64_t pedestrians_buttons(const struct pedestrians *walkers, int64_t now_us);

static inline bool crosswalk_busy(const struct pedestrians *walkers, int approach_ix, int64_t now_us)
{
    return approach_ix >= 0 && now_us < walkers->crosswalk[approach_ix].busy_until_us;
}

#endif
