#include "camera.h"
#include <string.h>

int camera_init(struct camera *camera, const struct camera_config *config,
                const struct intersection *junction, camera_report *report, void *arg)
{
    const struct feed_config *feed = &junction->config->feed;
    memset(camera, 0, sizeof *camera);
    camera->config = config;
    camera->junction = junction;
    camera->lanes = intersection_watched(junction, config);
    camera->report = report;
    camera->report_arg = arg;
    camera->state = sigstate_open_feed(feed, SIGSTATE_SAME_CLOCK);
    return camera->state ? 0 : -1;
}

void camera_done(struct camera *camera)
{
    sigstate_close(camera->state);
    camera->state = NULL;
}

void camera_crossed(struct camera *camera, int lane_ix, enum turn turn, uint32_t vehicle_no,
                    int64_t crossed_us, int64_t utc_us)
{
    int group_no = camera->junction->lane[lane_ix].group_no[turn];
    if (!(camera->lanes >> lane_ix & 1) || group_no == 0)
        return;
    if (camera->pending == CAMERA_PENDING_MAX) {
        camera->missed++;
        return;
    }
    camera->pending_case[camera->pending++] = (struct camera_case){
        .vehicle_no = vehicle_no,
        .lane_ix = (uint8_t)lane_ix,
        .group_no = (uint8_t)group_no,
        .crossed_us = crossed_us,
        .utc_us = utc_us,
    };
}

void camera_far(struct camera *camera, uint32_t vehicle_no)
{
    for (int i = 0; i < camera->pending; i++) {
        if (camera->pending_case[i].vehicle_no == vehicle_no)
            camera->pending_case[i].far = true;
    }
}

static bool was_enforceable(const struct camera *camera, const struct camera_case *the_case, int64_t now_us)
{
    struct sigstate_answer answer;
    return sigstate_at(camera->state, the_case->group_no, the_case->utc_us, now_us, &answer);
}

/* Looks at one case. Returns false when it is closed. */
static bool judge(struct camera *camera, struct camera_case *the_case, int64_t now_us)
{
    if (the_case->issued) {
        if (now_us - the_case->issued_us < CAMERA_REVIEW_US)
            return true;
        if (!was_enforceable(camera, the_case, now_us))
            camera->report(camera->report_arg, CAMERA_VOID, the_case);
        return false;
    }
    if (now_us - the_case->crossed_us < CAMERA_SECOND_LOOK_US)
        return true;
    if (!was_enforceable(camera, the_case, now_us))
        return false;
    if (!the_case->far)
        return now_us - the_case->crossed_us < CAMERA_FAR_US;
    the_case->issued = true;
    the_case->issued_us = now_us;
    camera->report(camera->report_arg, CAMERA_RECORD, the_case);
    return true;
}

void camera_poll(struct camera *camera, int64_t now_us)
{
    int kept = 0;
    for (int i = 0; i < camera->pending; i++) {
        if (judge(camera, &camera->pending_case[i], now_us))
            camera->pending_case[kept++] = camera->pending_case[i];
    }
    camera->pending = kept;
}
