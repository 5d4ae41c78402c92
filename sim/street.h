/* The street: everything around the controller in one place, advanced tick by tick. Both forms of the
 * simulation share it: in virtual time with the controller inside the program, in real time with the
 * controller at the other end of a Modbus connection. */
#ifndef SIM_STREET_H
#define SIM_STREET_H

#include "../io/feed.h"
#include "camera.h"
#include "checker.h"
#include "detectors.h"
#include "record.h"
#include "referee.h"
#include "sim_cabinet.h"
#include "summary.h"

/* A camera has taken a picture, or submitted a record, or it is known what became of one. */
typedef void street_record(void *arg, const struct camera *camera, enum camera_event event,
                           const struct camera_case *the_case);

struct street {
    const struct config *config;
    struct intersection junction;
    struct pedestrians walkers;
    struct sim_cabinet cabinet;
    struct traffic *traffic;
    struct referee referee;
    struct checker checker;
    uint64_t seed;
    enum demand demand;
    enum demand level; /* what it is at this hour; never DEMAND_DAY */
    int64_t begun_us;
    uint64_t ticks;
    uint8_t cycle_group_no; /* the first group to get green; its greens are the cycles. 0: none yet */
    int64_t cycle_green_us; /* start of its newest green */
    uint64_t cycles;
    int64_t utc_offset_us;     /* of the cameras' clock: UTC = now_us + offset */
    struct sigstate *receiver; /* of the feed; all cameras of the junction ask this one */
    struct record_book *book;  /* where records are written; NULL: nowhere */
    street_record *record;     /* may be NULL */
    void *record_arg;
    int camera_count;
    struct street_camera {
        struct street *street;
        struct camera camera;
        enum capture capture[CAMERA_CASES_MAX]; /* what the referee said of the submitted record */
    } camera[CAMERAS_MAX];
    /* The cameras of each lane that are told who passes its line; bit = index in camera[]. */
    uint32_t line_cameras[INTERSECTION_LANES_MAX];
    uint32_t way_cameras, kerb_cameras;
};

/* `tolerance_us` is granted to the floors (real time jitters). `config` must outlive the street, which must
 * not move. Allocates; returns 0, or -1 if memory is short or the config has too many lanes; either way
 * street_done() releases what there is. */
int street_init(struct street *street, const struct config *config, enum demand demand, uint64_t seed,
                int64_t tolerance_us, int64_t now_us);
void street_done(struct street *street);

/* Says on standard error why street_init() may have failed. Returns -1. */
int street_refuse(void);

/* From now on the cameras' records are written into this directory. Returns 0, or -1 after saying on standard
 * error why not. */
int street_keep_records(struct street *street, const char *directory);

/* Puts what detectors and buttons say now into the cabinet. */
void street_sense(struct street *street, int64_t now_us);

/* Lets checker and referee look at the lamps. `flash`: the junction is in flash; `valid`: the controller
 * vouches for its state. */
void street_watch(struct street *street, bool flash, bool valid, int64_t now_us);

/* One decoded message of the feed, or one line of it, reaches the cameras. */
void street_hear(struct street *street, const struct feed_message *message, int64_t now_us);
void street_hear_line(struct street *street, const char *line, size_t length, int64_t now_us);

/* The cameras look at the road and judge what has been waiting long enough. */
void street_judge(struct street *street, int64_t now_us);

/* The end: what has been submitted is reviewed. */
void street_finish(struct street *street, int64_t now_us);

/* Everybody moves from `from_us` on for one tick. */
void street_move(struct street *street, int64_t from_us);

/* Fills all of it but wall_s and the guard's trips. */
void street_sum_up(const struct street *street, struct summary *summary);

#endif
