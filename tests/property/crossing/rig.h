/* The whole virtual intersection with someone running a red all the time: engine, guard, cabinet with its
 * faults, bus, feed, signed datagrams over a network, receiver and camera; and the truth, which none of them
 * is asked for. Every tenth of a second somebody crosses a stop line, whatever the lamp shows, at the lines
 * in turn.
 *
 * A record is false if at one of its three pictures the lamp was not lit a steady red, or neither a full
 * yellow had led to that red nor it had burned for a minute, or a doubt stood that the test has declared. A
 * doubt names groups, a beginning and an end; from `RIG_NOTICE_US` after the beginning no group of it may be
 * called enforceable by the newest that the feed has said of it. The junction in flash is a doubt of all
 * groups, whatever the test says. */
#ifndef TESTS_PROPERTY_CROSSING_RIG_H
#define TESTS_PROPERTY_CROSSING_RIG_H

#include "../../../controller/app.h"
#include "../../../controller/clock_watch.h"
#include "../../../sim/camera.h"
#include "../../../sim/sim_cabinet.h"
#include "wire.h"

enum {
    RIG_TICK_US = TICK_MS * 1000,
    RIG_NOTICE_US = 550 * 1000, /* no longer than what a message takes back, and a tick */
};

/* What `rig_doubt` and the faults take for "every group". */
extern const struct channel_mask rig_all_groups;

struct rig {
    struct cabinet port; /* first: the bus as the controller sees it */
    struct config *config;
    struct intersection junction;
    struct sim_cabinet cabinet;
    struct guard_card card; /* the controller's own copy */
    struct app *app;        /* NULL: the controller is down */
    struct feed *feed;
    struct wire *wire;
    struct sigstate *receiver;
    struct camera camera;
    uint64_t seed;
    struct rng rng;
    uint64_t boot;
    int64_t now_us; /* of the world */
    uint64_t ticks;

    /* The controller's clocks, and what keeps them. */
    int64_t mono_us;           /* its monotonic clock less the world's */
    int64_t utc_us;            /* the same of its UTC; RIG_UTC_US where it is right */
    bool unkept;               /* nobody keeps it */
    bool by_kernel;            /* the kernel is asked, not chronyd */
    bool one_clock;            /* the camera has none of its own */
    int64_t measured_us;       /* chronyd: when it last did, of the world */
    int64_t measured_error_us; /* and what it found */
    struct clock_watch clock_watch;
    struct feed_clock evidence; /* as of the newest look */

    /* The bus. */
    bool cut;                       /* nothing gets through */
    struct channel_mask unseen[3];  /* lamps lit that the read-back does not show: red, yellow, green */
    struct channel_mask phantom[3]; /* shows, though they are not lit */
    uint16_t preempt;               /* calls */
    struct lamp_faults faults;      /* they come and go between two exchanges */
    bool heard;
    uint16_t heartbeat;
    struct cabinet_exchange exchange; /* the newest */

    bool unplugged;           /* the camera's cable is out */
    struct feed_message full; /* the newest that was sent */

    /* The truth, and what is held against it. */
    int line_count;
    struct {
        uint8_t lane_ix, group_no;
        enum turn turn;
    } line[INTERSECTION_LANES_MAX];
    bool flash;
    int64_t flash_from_us, flash_to_us; /* the newest, to_us INT64_MAX while it lasts */
    struct {
        struct channel_mask groups;
        int64_t from_us, to_us;
    } doubt;                  /* the newest */
    struct channel_mask told; /* enforceable, by the newest said of each */
    uint64_t records, false_records;
    uint64_t doubted_bits; /* times that a message called a doubted group enforceable */
    char what[160];        /* the first thing that went wrong */
};

#define RIG_UTC_US INT64_C(1795334400000000)

/* Loads the config of a bundled four-leg junction, shortens its cycle, and starts the controller; every
 * message is signed. NULL after a failed check. */
struct rig *rig_new(uint64_t seed);
void rig_free(struct rig *rig);

/* Runs so many ticks. */
void rig_run(struct rig *rig, int ticks);

/* Runs until the controller times its phases, and each group has been green once; a failed check otherwise.
 */
void rig_run_in(struct rig *rig);

/* Whether this group's lamp is in the red after a green that began since then. */
bool rig_had_its_green(const struct rig *rig, int group_no, int64_t since_us);

/* Runs until this group has been red for so many ticks, after a green that is still to come; false if it
 * never comes. */
bool rig_run_to_red(struct rig *rig, int group_no, int ticks);

/* Runs on until somebody of this group will be in the third picture within the next tick. */
void rig_run_to_picture(struct rig *rig, int group_no);

/* Whether the controller times its phases and its lamps are its own. */
bool rig_runs(const struct rig *rig);

/* From now on these groups must not be called enforceable, until it is declared that they may since the last
 * tick. */
void rig_doubt(struct rig *rig, const struct channel_mask *groups);
void rig_trust(struct rig *rig);

/* The controller goes down, and comes up anew, its monotonic clock as after a cold start. */
void rig_stop(struct rig *rig);
void rig_start(struct rig *rig);

/* The camera gets another receiver, which knows nothing yet; its clock states this error (0 to begin with),
 * or is the controller's (SIGSTATE_SAME_CLOCK). */
void rig_renew_camera(struct rig *rig, int32_t clock_error_us);

/* The camera's clocks now. */
int64_t rig_camera_us(const struct rig *rig);
int64_t rig_camera_utc(const struct rig *rig);

/* So long nothing happens at all; the controller must be down. */
void rig_skip_days(struct rig *rig, int days);

/* Somebody puts a datagram on the camera's network. */
void rig_inject(struct rig *rig, const char *text, size_t length);

#endif
