/* The violation cameras. Each sees what passes in front of it and takes three pictures of whoever seems to
 * offend; of the lamps it knows what libsigstate tells it, and whatever that does not vouch for is no
 * offence.
 *
 * red light  the front on the stop line, the rear over it, and further on. Submitted when the lamp of this
 *            very movement was enforceably red at all three instants, and no message to come can change that.
 * wrong way  seen driving against its lane, and twice again, each time CAMERA_STEP_M further. No lamp
 *            matters.
 * parking    first seen standing, found not to wait for a lamp, and still there when dwell_s is over. It does
 *            not wait when the lamps of its lane have been green for so long that a queue would have gone,
 *            and nobody in front of it stands who might hold it up.
 *
 * A record is looked at once more a moment after it was submitted. */
#ifndef SIM_CAMERA_H
#define SIM_CAMERA_H

#include "../io/sigstate.h"
#include "sight.h"

enum {
    CAMERA_CASES_MAX = 64, /* vehicles in its eye at once: bits of a mask */
    CAMERA_PICTURES = 3,
    CAMERA_REVIEW_US = 2000 * 1000,     /* a record is looked at once more so long after it was submitted */
    CAMERA_FAR_US = 30 * 1000 * 1000,   /* who needs longer for the third picture did not run the red */
    CAMERA_LOST_US = 3000 * 1000,       /* not seen for so long: gone */
    CAMERA_APART_US = 10 * 1000 * 1000, /* between the second and the third picture of a parked vehicle */
};

extern const double CAMERA_STEP_M;
extern const double CAMERA_BEYOND_M; /* so far beyond the line whoever may hold up a queue is looked for */

/* Why a record does not stand. */
enum camera_void {
    VOID_UNKNOWN,         /* nobody knows any more what the lamp showed */
    VOID_COLOR,           /* it showed something else */
    VOID_INVALID,         /* the controller did not vouch for its state */
    VOID_UNVERIFIED,      /* the read-back did not agree */
    VOID_NOT_ENFORCEABLE, /* within the margin, after a yellow too short, or too near an edge */
    VOID_CLOCK,           /* two clocks differ, or one was set: which instant is meant? */
    VOID_DUPLICATE,       /* this offence has been recorded already */
    VOID_REASONS,
};

struct camera_picture {
    int64_t at_us;               /* the camera's own monotonic time */
    int64_t utc_us;              /* the same instant by its clock */
    double x_m;                  /* of the vehicle's end towards the junction, beyond the line */
    struct sigstate_answer told; /* of the group: asked at the instant itself */
    struct sigstate_answer sure; /* asked again when the record was submitted, or reviewed */
};

enum case_state {
    CASE_OPEN,
    CASE_SUBMITTED, /* the review is to come */
    CASE_CLOSED,    /* kept in mind until the vehicle is gone, lest it be recorded again */
};

/* One vehicle on its way to a record, or out of mind. */
struct camera_case {
    enum case_state state;
    enum camera_void why; /* of a void record */
    uint32_t vehicle_no;
    uint8_t lane_ix;
    uint8_t turn;
    uint8_t group_no; /* whose lamp is asked for; 0: none concerns it */
    uint8_t pictures; /* taken */
    int64_t seen_us;  /* last */
    int64_t submitted_us;
    struct camera_picture picture[CAMERA_PICTURES];
};

enum camera_event {
    CAMERA_PICTURE, /* the newest of the case has just been taken */
    CAMERA_RECORD,  /* submitted */
    CAMERA_STANDS,  /* the review found nothing */
    CAMERA_VOID,    /* why says what it found */
};

/* Returns, for CAMERA_RECORD, whether the record is taken; if not, it is a duplicate, and void. */
typedef bool camera_report(void *arg, enum camera_event event, const struct camera_case *the_case);

struct camera {
    const struct camera_config *config;
    const struct intersection *junction;
    const struct sigstate *state;
    camera_report *report;
    void *report_arg;
    uint64_t lanes; /* bit = index of the lane */
    uint64_t busy;  /* bit = index of a case in use */
    struct camera_case cases[CAMERA_CASES_MAX];
};

/* What a red-light camera is told of a vehicle on its way across. */
struct passing {
    uint32_t vehicle_no;
    uint8_t lane_ix;
    enum turn turn;
    enum place place;
    double x_m;
    int64_t at_us, utc_us;
};

/* `state` is the receiver it asks; several cameras may share one. All pointers must outlive the camera. */
void camera_init(struct camera *camera, const struct camera_config *config,
                 const struct intersection *junction, const struct sigstate *state, camera_report *report,
                 void *arg);

/* A vehicle passed the stop line, or a place beyond. Ignored where the lane is not the camera's, where no
 * lamp forbids the movement (a right turn past a round red), where the lamp is known to be green, and while
 * CAMERA_CASES_MAX others are in its eye. */
void camera_passed(struct camera *camera, const struct passing *passing);

/* What it sees at this instant: for the two kinds that watch a stretch, which is to reach from config->to_m
 * before the line to CAMERA_BEYOND_M beyond it. Every tick while somebody drives against a lane, every second
 * for parking. */
void camera_look(struct camera *camera, const struct sight *sight, int64_t at_us, int64_t utc_us);

/* Time passes: judges what has been waiting long enough, forgets who is gone. */
void camera_poll(struct camera *camera, int64_t now_us);

/* The end of the day: what has been submitted is reviewed at once. */
void camera_finish(struct camera *camera, int64_t now_us);

static inline int camera_case_ix(const struct camera *camera, const struct camera_case *the_case)
{
    return (int)(the_case - camera->cases);
}

const char *camera_kind_name(enum camera_kind kind);
const char *camera_void_name(enum camera_void why);

#endif
