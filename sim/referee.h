/* Knows which lamps truly burned at every instant and what everybody truly did, and so which crossings were
 * on red, who drove against his lane, who was parked, and which of them a camera may record: the cameras
 * never ask it, it only keeps the score. It is also the desk where the records arrive: a second one of the
 * same offence is void. */
#ifndef SIM_REFEREE_H
#define SIM_REFEREE_H

#include "camera.h"
#include "sim_cabinet.h"

enum {
    REFEREE_REMEMBERS = 256,            /* offences whose record may still come */
    REFEREE_LONG_US = 60 * 1000 * 1000, /* verified this long, a red needs no yellow before it */
};

/* The score of one kind of camera. Its passages are crossings on a red of the movement's own lamp; everybody
 * who drove backwards; everybody who stood at a kerb. */
struct offence_score {
    uint64_t passages;
    uint64_t violations;     /* of these: offences */
    uint64_t watched;        /* of these: under a camera */
    uint64_t captured;       /* records submitted */
    uint64_t false_captures; /* of these: without a violation */
    uint64_t voided;         /* of the submitted: rejected afterwards */
    uint64_t void_reason[VOID_REASONS];
    uint64_t unfit;  /* of the submitted: false, voided, or both */
    uint64_t missed; /* watched violations no record came of in time */
};

struct open_offence {
    enum camera_kind kind;
    uint32_t vehicle_no; /* 0: the place is free */
    int64_t at_us;
    bool captured;
};

struct referee {
    const struct intersection *junction;
    const struct sim_cabinet *cabinet;
    const struct feed_group *group[CHANNELS_MAX]; /* by channel; NULL: not described */
    uint64_t watched_lanes;                       /* by red-light cameras; bit = index of the lane */
    int64_t valid_since_us;                       /* -1: the state is not valid now */
    int64_t agrees_since_us[CHANNELS_MAX];        /* lit as commanded since; -1: not so now */
    uint32_t opened;                              /* offences ever written into the list */
    struct open_offence open[REFEREE_REMEMBERS];
    /* Of whoever is at the kerb, by his place in struct strays: what he has been counted for. */
    struct stray_note {
        uint32_t vehicle_no;
        bool backwards, against, shown; /* drove backwards, against its lane, in front of a camera */
        bool stood, parked;
    } stray[STRAYS_MAX];
    struct offence_score score[CAMERA_KINDS];
};

/* The pointers must outlive the referee. */
void referee_init(struct referee *referee, const struct intersection *junction,
                  const struct sim_cabinet *cabinet);

/* What holds from `now_us` on: whether the controller itself vouches for its state, and how the lamps
 * compare with the command. */
void referee_observe(struct referee *referee, bool valid, int64_t now_us);

/* A vehicle has crossed its stop line. */
void referee_crossed(struct referee *referee, int lane_ix, const struct vehicle *vehicle);

/* Where those at the kerbs are now, and what they do. */
void referee_look(struct referee *referee, const struct strays *strays, int64_t now_us);

enum capture { CAPTURE_TRUE, CAPTURE_FALSE, CAPTURE_DUPLICATE };

/* A camera has submitted a record of the vehicle with this number. */
enum capture referee_captured(struct referee *referee, enum camera_kind kind, uint32_t vehicle_no,
                              int64_t now_us);

/* A record that was submitted is void. `capture` is what referee_captured() said of it. */
void referee_voided(struct referee *referee, enum camera_kind kind, enum camera_void why,
                    enum capture capture);

/* Time passes: what no record has come of in time has been missed. Every second or so. */
void referee_close(struct referee *referee, int64_t now_us);

/* The share of the submitted records that stand: neither void nor false (the qualified share of data quality
 * control). -1: none was submitted. */
double offence_score_share(const struct offence_score *score);

/* The same of all kinds of cameras together. */
double offence_scores_share(const struct offence_score scores[CAMERA_KINDS]);

#endif
