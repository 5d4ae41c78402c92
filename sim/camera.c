#include "camera.h"
#include <string.h>

const double CAMERA_STEP_M = 8;
const double CAMERA_BEYOND_M = 12;

static const double STANDING_MS = 0.3; /* slower than this is standing, */
static const double STANDING_M = 1;    /* and within this it is still the same place */
static const double AGAINST_MS = 0.5;
/* A queue sets off this long after green at the latest, and from its head to its tail no slower than this. */
enum { QUEUE_REACTION_US = 3000 * 1000 };
static const double QUEUE_WAVE_MS = 3;

void camera_init(struct camera *camera, const struct camera_config *config,
                 const struct intersection *junction, const struct sigstate *state, camera_report *report,
                 void *arg)
{
    memset(camera, 0, sizeof *camera);
    camera->config = config;
    camera->junction = junction;
    camera->lanes = intersection_watched(junction, config);
    camera->state = state;
    camera->report = report;
    camera->report_arg = arg;
}

/* ---- cases ---- */

static struct camera_case *find_case(struct camera *camera, uint32_t vehicle_no)
{
    for (uint64_t left = camera->busy; left != 0; left &= left - 1) {
        struct camera_case *the_case = &camera->cases[__builtin_ctzll(left)];
        if (the_case->vehicle_no == vehicle_no)
            return the_case;
    }
    return NULL;
}

static struct camera_case *open_case(struct camera *camera, uint32_t vehicle_no, int lane_ix, enum turn turn,
                                     int group_no)
{
    if (camera->busy == UINT64_MAX)
        return NULL;
    int ix = __builtin_ctzll(~camera->busy);
    camera->busy |= UINT64_C(1) << ix;
    camera->cases[ix] = (struct camera_case){
        .vehicle_no = vehicle_no,
        .lane_ix = (uint8_t)lane_ix,
        .turn = (uint8_t)turn,
        .group_no = (uint8_t)group_no,
    };
    return &camera->cases[ix];
}

static void forget(struct camera *camera, const struct camera_case *the_case)
{
    camera->busy &= ~(UINT64_C(1) << camera_case_ix(camera, the_case));
}

/* ---- what libsigstate says ---- */

static enum camera_void void_of(enum sigstate_why why)
{
    switch (why) {
    case SIGSTATE_NOTHING_HEARD:
    case SIGSTATE_NO_SUCH_GROUP:
    case SIGSTATE_SILENT:
    case SIGSTATE_NEW_BOOT:
    case SIGSTATE_GAP:
    case SIGSTATE_NOT_KEPT:
    case SIGSTATE_FUTURE:
        break;
    case SIGSTATE_CLOCK:
        return VOID_CLOCK;
    case SIGSTATE_NOT_RED:
        return VOID_COLOR;
    case SIGSTATE_INVALID:
        return VOID_INVALID;
    case SIGSTATE_UNVERIFIED:
        return VOID_UNVERIFIED;
    case SIGSTATE_ENFORCEABLE:
    case SIGSTATE_UNPROVEN:
    case SIGSTATE_NEAR_EDGE:
        return VOID_NOT_ENFORCEABLE;
    }
    return VOID_UNKNOWN;
}

/* Asks again for a picture's instant. */
static const struct sigstate_answer *ask_again(const struct camera *camera, struct camera_case *the_case,
                                               int picture_ix, int64_t now_us)
{
    struct camera_picture *picture = &the_case->picture[picture_ix];
    sigstate_at(camera->state, the_case->group_no, picture->utc_us, now_us, &picture->sure);
    return &picture->sure;
}

static bool all_red(const struct camera *camera, struct camera_case *the_case, int64_t now_us,
                    enum camera_void *why)
{
    bool red = true;
    for (int i = 0; i < the_case->pictures; i++) {
        const struct sigstate_answer *answer = ask_again(camera, the_case, i, now_us);
        if (red && !answer->enforceable) {
            red = false;
            *why = void_of(answer->why);
        }
    }
    return red;
}

/* Whether a queue in front of this lamp would have reached a vehicle here and gone. */
static bool queue_gone(const struct sigstate_answer *answer, double x_m, enum camera_void *why)
{
    int64_t needed_us = QUEUE_REACTION_US + (int64_t)(-x_m / QUEUE_WAVE_MS * 1e6);
    bool lets_go = answer->color == SIGSTATE_GREEN || answer->color == SIGSTATE_YELLOW_FLASH;
    bool gone = answer->known && answer->why != SIGSTATE_CLOCK && answer->verified && lets_go &&
                answer->age_us >= needed_us;
    if (!gone)
        *why = void_of(answer->why);
    return gone;
}

/* Whether what has been seen so far is an offence by the lamps, as far as they matter. */
static bool bears_out(const struct camera *camera, struct camera_case *the_case, int64_t now_us,
                      enum camera_void *why)
{
    if (the_case->group_no == 0)
        return true;
    switch (camera->config->kind) {
    case CAMERA_RED_LIGHT:
        return all_red(camera, the_case, now_us, why);
    case CAMERA_PARKING:
        return queue_gone(ask_again(camera, the_case, 1, now_us), the_case->picture[1].x_m, why);
    case CAMERA_WRONG_WAY:
    case CAMERA_KINDS:
        break;
    }
    return true;
}

/* ---- records ---- */

static void take_picture(struct camera *camera, struct camera_case *the_case, int64_t at_us, int64_t utc_us,
                         double x_m)
{
    struct camera_picture *picture = &the_case->picture[the_case->pictures++];
    *picture = (struct camera_picture){.at_us = at_us, .utc_us = utc_us, .x_m = x_m};
    if (the_case->group_no != 0)
        sigstate_at(camera->state, the_case->group_no, utc_us, at_us, &picture->told);
    picture->sure = picture->told;
    the_case->seen_us = at_us;
    camera->report(camera->report_arg, CAMERA_PICTURE, the_case);
}

static void close_case(struct camera *camera, struct camera_case *the_case, bool stands)
{
    camera->report(camera->report_arg, stands ? CAMERA_STANDS : CAMERA_VOID, the_case);
    the_case->state = CASE_CLOSED;
    if (camera->config->kind == CAMERA_RED_LIGHT)
        forget(camera, the_case);
}

static void submit(struct camera *camera, struct camera_case *the_case, int64_t now_us)
{
    the_case->state = CASE_SUBMITTED;
    the_case->submitted_us = now_us;
    if (camera->report(camera->report_arg, CAMERA_RECORD, the_case))
        return;
    the_case->why = VOID_DUPLICATE;
    close_case(camera, the_case, false);
}

static void review(struct camera *camera, struct camera_case *the_case, int64_t now_us)
{
    close_case(camera, the_case, bears_out(camera, the_case, now_us, &the_case->why));
}

/* ---- red light ---- */

void camera_passed(struct camera *camera, const struct passing *passing)
{
    struct camera_case *the_case;
    if (camera->config->kind != CAMERA_RED_LIGHT || !(camera->lanes >> passing->lane_ix & 1))
        return;
    if (passing->place == PLACE_LINE) {
        int group_no = intersection_binding_group(camera->junction, passing->lane_ix, passing->turn);
        if (group_no == 0)
            return;
        struct sigstate_answer now;
        sigstate_at(camera->state, group_no, passing->utc_us, passing->at_us, &now);
        if (now.known && now.color == SIGSTATE_GREEN)
            return;
        the_case = open_case(camera, passing->vehicle_no, passing->lane_ix, passing->turn, group_no);
    } else {
        the_case = find_case(camera, passing->vehicle_no);
        if (the_case && the_case->pictures != (int)passing->place)
            return;
    }
    if (the_case)
        take_picture(camera, the_case, passing->at_us, passing->utc_us, passing->x_m);
}

static void judge_red(struct camera *camera, struct camera_case *the_case, int64_t now_us)
{
    bool offends = bears_out(camera, the_case, now_us, &the_case->why);
    bool final = the_case->picture[the_case->pictures - 1].sure.final;
    if (offends && final && the_case->pictures == CAMERA_PICTURES)
        submit(camera, the_case, now_us);
    else if ((!offends && final) || now_us - the_case->picture[0].at_us >= CAMERA_FAR_US)
        forget(camera, the_case);
}

/* ---- wrong way ---- */

static void look_for_wrong_way(struct camera *camera, const struct seen *seen, int64_t at_us, int64_t utc_us)
{
    if (seen->v_ms > -AGAINST_MS)
        return;
    struct camera_case *the_case = find_case(camera, seen->no);
    if (!the_case)
        the_case = open_case(camera, seen->no, seen->lane_ix, TURN_THROUGH, 0);
    else
        the_case->seen_us = at_us;
    if (!the_case || the_case->state != CASE_OPEN ||
        (the_case->pictures > 0 && the_case->picture[the_case->pictures - 1].x_m - seen->x_m < CAMERA_STEP_M))
        return;
    take_picture(camera, the_case, at_us, utc_us, seen->x_m);
    if (the_case->pictures == CAMERA_PICTURES)
        submit(camera, the_case, at_us);
}

/* ---- parking ---- */

/* The lamp whose queue a vehicle standing on this lane might belong to; 0: none holds anybody here. */
static int queue_group(const struct lane_layout *lane)
{
    return lane->group_no[TURN_THROUGH] ? lane->group_no[TURN_THROUGH]
           : lane->group_no[TURN_LEFT]  ? lane->group_no[TURN_LEFT]
                                        : lane->group_no[TURN_RIGHT];
}

static bool stands(const struct seen *seen)
{
    return seen->v_ms < STANDING_MS && seen->v_ms > -STANDING_MS;
}

/* Somebody in front who stands and may himself be waiting. */
static bool held_up(struct camera *camera, const struct sight *sight, const struct seen *seen)
{
    for (int i = 0; i < sight->count; i++) {
        const struct seen *other = &sight->seen[i];
        if (other->lane_ix != seen->lane_ix || other->x_m <= seen->x_m || !stands(other))
            continue;
        const struct camera_case *known = find_case(camera, other->no);
        if (!known || known->pictures < 2)
            return true;
    }
    return false;
}

/* Every lamp that may hold somebody on this lane has been green for long enough. */
static bool lamps_let_go(const struct camera *camera, const struct seen *seen, int64_t at_us, int64_t utc_us)
{
    const struct lane_layout *lane = &camera->junction->lane[seen->lane_ix];
    enum camera_void why;
    for (enum turn turn = TURN_LEFT; turn < TURNS; turn++) {
        struct sigstate_answer answer;
        if (lane->group_no[turn] == 0)
            continue;
        sigstate_at(camera->state, lane->group_no[turn], utc_us, at_us, &answer);
        if (!queue_gone(&answer, seen->x_m, &why))
            return false;
    }
    return true;
}

static void look_for_parked(struct camera *camera, const struct sight *sight, const struct seen *seen,
                            int64_t at_us, int64_t utc_us)
{
    if (!stands(seen))
        return;
    struct camera_case *the_case = find_case(camera, seen->no);
    double moved_m = the_case ? the_case->picture[0].x_m - seen->x_m : 0;
    if (moved_m > STANDING_M || moved_m < -STANDING_M) {
        if (the_case->state == CASE_SUBMITTED)
            return; /* it was parked: the review is still to come */
        forget(camera, the_case);
        the_case = NULL;
    }
    if (!the_case) {
        the_case = open_case(camera, seen->no, seen->lane_ix, TURN_THROUGH,
                             queue_group(&camera->junction->lane[seen->lane_ix]));
        if (the_case)
            take_picture(camera, the_case, at_us, utc_us, seen->x_m);
        return;
    }
    the_case->seen_us = at_us;
    if (the_case->state != CASE_OPEN)
        return;
    if (the_case->pictures == 1) {
        if (!held_up(camera, sight, seen) && lamps_let_go(camera, seen, at_us, utc_us))
            take_picture(camera, the_case, at_us, utc_us, seen->x_m);
    } else if (at_us - the_case->picture[0].at_us >= camera->config->dwell_s * INT64_C(1000000) &&
               at_us - the_case->picture[1].at_us >= CAMERA_APART_US) {
        if (!bears_out(camera, the_case, at_us, &the_case->why)) {
            the_case->pictures = 1; /* taken back meanwhile: look for another proof */
            return;
        }
        take_picture(camera, the_case, at_us, utc_us, seen->x_m);
        submit(camera, the_case, at_us);
    }
}

void camera_look(struct camera *camera, const struct sight *sight, int64_t at_us, int64_t utc_us)
{
    for (int i = 0; i < sight->count; i++) {
        const struct seen *seen = &sight->seen[i];
        if (!(camera->lanes >> seen->lane_ix & 1) || seen->x_m > -camera->config->from_m ||
            seen->x_m < -camera->config->to_m)
            continue;
        switch (camera->config->kind) {
        case CAMERA_RED_LIGHT:
        case CAMERA_KINDS:
            break;
        case CAMERA_WRONG_WAY:
            look_for_wrong_way(camera, seen, at_us, utc_us);
            break;
        case CAMERA_PARKING:
            look_for_parked(camera, sight, seen, at_us, utc_us);
            break;
        }
    }
}

/* ---- time ---- */

void camera_poll(struct camera *camera, int64_t now_us)
{
    for (uint64_t left = camera->busy; left != 0; left &= left - 1) {
        struct camera_case *the_case = &camera->cases[__builtin_ctzll(left)];
        if (the_case->state == CASE_SUBMITTED) {
            if (now_us - the_case->submitted_us >= CAMERA_REVIEW_US)
                review(camera, the_case, now_us);
        } else if (camera->config->kind == CAMERA_RED_LIGHT) {
            judge_red(camera, the_case, now_us);
        } else if (now_us - the_case->seen_us >= CAMERA_LOST_US) {
            forget(camera, the_case);
        }
    }
}

void camera_finish(struct camera *camera, int64_t now_us)
{
    for (uint64_t left = camera->busy; left != 0; left &= left - 1) {
        struct camera_case *the_case = &camera->cases[__builtin_ctzll(left)];
        if (the_case->state == CASE_SUBMITTED)
            review(camera, the_case, now_us);
    }
}

const char *camera_kind_name(enum camera_kind kind)
{
    static const char *const names[CAMERA_KINDS] = {"red-light", "wrong-way", "parking"};
    return names[kind];
}

const char *camera_void_name(enum camera_void why)
{
    static const char *const names[VOID_REASONS] = {"unknown",         "color", "invalid",  "unverified",
                                                    "not-enforceable", "clock", "duplicate"};
    return names[why];
}
