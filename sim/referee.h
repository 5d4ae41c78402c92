/* Knows which lamps truly burned at every instant, and so which crossings were on red and which of them a
 * camera may record: the cameras never ask it, it only keeps the score. */
#ifndef SIM_REFEREE_H
#define SIM_REFEREE_H

#include "intersection.h"
#include "sim_cabinet.h"
#include "traffic.h"

enum {
    REFEREE_REMEMBERS = 256,            /* violations whose record may still come */
    REFEREE_LONG_US = 60 * 1000 * 1000, /* verified this long, a red needs no yellow before it */
};

struct red_light_score {
    uint64_t passages;       /* crossings on a red of the movement's own lamp */
    uint64_t violations;     /* of these: the true state met every condition of `enforceable` */
    uint64_t watched;        /* of these: under a camera */
    uint64_t captured;       /* records issued */
    uint64_t false_captures; /* records without a violation */
    uint64_t voided;         /* records rejected afterwards */
};

struct referee {
    const struct intersection *junction;
    const struct sim_cabinet *cabinet;
    const struct feed_group *group[CHANNELS_MAX]; /* by channel; NULL: not described */
    uint64_t watched_lanes;                       /* bit = index of the lane */
    int64_t valid_since_us;                       /* -1: the state is not valid now */
    int64_t agrees_since_us[CHANNELS_MAX];        /* lit as commanded since; -1: not so now */
    uint32_t violator[REFEREE_REMEMBERS];         /* numbers of vehicles */
    uint32_t violators;
    struct red_light_score score;
};

/* The pointers must outlive the referee. */
void referee_init(struct referee *referee, const struct intersection *junction,
                  const struct sim_cabinet *cabinet);

/* What holds from `now_us` on: whether the controller itself vouches for its state, and how the lamps
 * compare with the command. */
void referee_observe(struct referee *referee, bool valid, int64_t now_us);

/* A vehicle has crossed its stop line. */
void referee_crossed(struct referee *referee, int lane_ix, const struct vehicle *vehicle);

/* A camera has issued a record of the vehicle with this number. */
void referee_captured(struct referee *referee, uint32_t vehicle_no);

#endif
