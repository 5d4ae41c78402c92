/* A red-light camera. It sees vehicles pass the stop line and a place further on, and it knows the lamps
 * from the signal-state feed alone: whatever the feed does not vouch for is no offence. */
#ifndef SIM_CAMERA_H
#define SIM_CAMERA_H

#include "../io/sigstate_message.h"
#include "intersection.h"

enum {
    CAMERA_PENDING_MAX = 64,             /* vehicles in its eye at once */
    CAMERA_SECOND_LOOK_US = 1100 * 1000, /* what the feed said of the crossing may change this long */
    CAMERA_REVIEW_US = 2000 * 1000,      /* a record is looked at once more so long after it was issued */
    CAMERA_FAR_US = 30 * 1000 * 1000,    /* who needs longer for the third picture did not run the red */
};

/* One vehicle that crossed the line, on its way to a record or out of mind. */
struct camera_case {
    uint32_t vehicle_no;
    uint8_t lane_ix;
    uint8_t group_no;
    bool far; /* the third picture is taken */
    bool issued;
    int64_t crossed_us; /* the camera's own monotonic time */
    int64_t utc_us;     /* the same instant by its clock */
    int64_t issued_us;
};

enum camera_verdict { CAMERA_RECORD, CAMERA_VOID };

typedef void camera_report(void *arg, enum camera_verdict verdict, const struct camera_case *the_case);

struct camera {
    const struct camera_config *config;
    const struct intersection *junction;
    uint64_t lanes; /* bit = index of the lane */
    struct sigstate *state;
    camera_report *report;
    void *report_arg;
    int pending;
    struct camera_case pending_case[CAMERA_PENDING_MAX];
    uint64_t missed; /* crossings it had no room for */
};

/* Allocates its receiver of the feed. The pointers must outlive it. Returns 0, or -1 if memory is short. */
int camera_init(struct camera *camera, const struct camera_config *config,
                const struct intersection *junction, camera_report *report, void *arg);
void camera_done(struct camera *camera);

/* A vehicle crossed the stop line of a lane; ignored if the lane is not the camera's, or if no lamp speaks
 * to its movement (a right turn that may pass any red). */
void camera_crossed(struct camera *camera, int lane_ix, enum turn turn, uint32_t vehicle_no,
                    int64_t crossed_us, int64_t utc_us);

/* The vehicle has come so far that it clearly has not stopped behind the line. */
void camera_far(struct camera *camera, uint32_t vehicle_no);

/* Time passes: judges what has been waiting long enough. */
void camera_poll(struct camera *camera, int64_t now_us);

#endif
