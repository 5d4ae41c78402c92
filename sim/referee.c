#include "referee.h"
#include <string.h>

static const double AGAINST_M = 10; /* who only backs up to get out of his place drives less */
static const double SHOWN_M = 16;   /* enough for a camera's three pictures: 2 * CAMERA_STEP_M */

void referee_init(struct referee *referee, const struct intersection *junction,
                  const struct sim_cabinet *cabinet)
{
    memset(referee, 0, sizeof *referee);
    referee->junction = junction;
    referee->cabinet = cabinet;
    const struct config *config = junction->config;
    for (int i = 0; i < config->feed.group_count; i++)
        referee->group[config->feed.group[i].no - 1] = &config->feed.group[i];
    for (int i = 0; i < config->camera_count; i++) {
        if (config->camera[i].kind == CAMERA_RED_LIGHT)
            referee->watched_lanes |= intersection_watched(junction, &config->camera[i]);
    }
    referee->valid_since_us = -1;
    for (int ix = 0; ix < CHANNELS_MAX; ix++)
        referee->agrees_since_us[ix] = -1;
}

void referee_observe(struct referee *referee, bool valid, int64_t now_us)
{
    const struct sim_cabinet *cabinet = referee->cabinet;
    if (!valid || sim_cabinet_flashes(cabinet))
        referee->valid_since_us = -1;
    else if (referee->valid_since_us < 0)
        referee->valid_since_us = now_us;
    for (int i = 0; i < 2; i++) {
        uint64_t differs = (cabinet->lamps.red.word[i] ^ cabinet->command.red.word[i]) |
                           (cabinet->lamps.yellow.word[i] ^ cabinet->command.yellow.word[i]) |
                           (cabinet->lamps.green.word[i] ^ cabinet->command.green.word[i]);
        for (uint64_t left = cabinet->card->used.word[i]; left != 0; left &= left - 1) {
            int64_t *since_us = &referee->agrees_since_us[64 * i + mask_lowest_no(left) - 1];
            if (differs & (left & -left))
                *since_us = -1;
            else if (*since_us < 0)
                *since_us = now_us;
        }
    }
}

static bool may_be_recorded(const struct referee *referee, int group_no, int64_t at_us)
{
    const struct lamp_span *before;
    const struct lamp_span *red = lamp_at(&referee->cabinet->lamps.lamp[group_no - 1], at_us, &before);
    const struct feed_group *group = referee->group[group_no - 1];
    int64_t agrees_us = referee->agrees_since_us[group_no - 1];
    if (!group || referee->valid_since_us < 0 || referee->valid_since_us > at_us || agrees_us < 0 ||
        agrees_us > red->since_us)
        return false;
    if (at_us - red->since_us < (int64_t)group->margin_ms * 1000)
        return false;
    bool after_yellow = before->color == LAMP_YELLOW && before->since_us >= referee->valid_since_us &&
                        red->since_us - before->since_us >= (int64_t)group->yellow_floor_ms * 1000;
    return after_yellow || at_us - agrees_us >= REFEREE_LONG_US;
}

/* ---- offences ---- */

/* How long a record may be on its way. */
static int64_t patience_us(enum camera_kind kind)
{
    switch (kind) {
    case CAMERA_RED_LIGHT:
        return CAMERA_FAR_US + 10 * 1000 * 1000;
    case CAMERA_WRONG_WAY:
        return 60 * 1000 * 1000;
    case CAMERA_PARKING:
    case CAMERA_KINDS:
        break;
    }
    return INT64_C(1800) * 1000 * 1000; /* until a green of its lane shows that it does not wait */
}

static void close_offence(struct referee *referee, struct open_offence *offence)
{
    if (offence->vehicle_no != 0 && !offence->captured)
        referee->score[offence->kind].missed++;
    offence->vehicle_no = 0;
}

static void expect_record(struct referee *referee, enum camera_kind kind, uint32_t vehicle_no, int64_t at_us)
{
    referee->score[kind].watched++;
    struct open_offence *offence = &referee->open[referee->opened++ % REFEREE_REMEMBERS];
    close_offence(referee, offence); /* the oldest makes room */
    *offence = (struct open_offence){.kind = kind, .vehicle_no = vehicle_no, .at_us = at_us};
}

void referee_crossed(struct referee *referee, int lane_ix, const struct vehicle *vehicle)
{
    int group_no = intersection_binding_group(referee->junction, lane_ix, (enum turn)vehicle->turn);
    if (group_no == 0) /* nobody's lamp forbids it */
        return;
    const struct lamp *lamp = &referee->cabinet->lamps.lamp[group_no - 1];
    if (lamp->flashing || lamp_at(lamp, vehicle->crossed_us, NULL)->color != LAMP_RED)
        return;
    referee->score[CAMERA_RED_LIGHT].passages++;
    if (!may_be_recorded(referee, group_no, vehicle->crossed_us))
        return;
    referee->score[CAMERA_RED_LIGHT].violations++;
    if (referee->watched_lanes >> lane_ix & 1)
        expect_record(referee, CAMERA_RED_LIGHT, vehicle->no, vehicle->crossed_us);
}

/* The next camera of this kind after camera_ix that looks at the lane; -1: no more. */
static int next_camera(const struct referee *referee, enum camera_kind kind, int lane_ix, int camera_ix)
{
    const struct config *config = referee->junction->config;
    while (++camera_ix < config->camera_count) {
        if (config->camera[camera_ix].kind == kind &&
            intersection_watched(referee->junction, &config->camera[camera_ix]) >> lane_ix & 1)
            return camera_ix;
    }
    return -1;
}

/* Whether one who drives away from the junction has been in front of a camera for long enough. */
static bool shown_against(const struct referee *referee, const struct stray *stray)
{
    for (int i = -1; (i = next_camera(referee, CAMERA_WRONG_WAY, stray->lane_ix, i)) >= 0;) {
        const struct camera_config *camera = &referee->junction->config->camera[i];
        double reached_m = -stray->x_m < camera->to_m ? -stray->x_m : camera->to_m;
        if (reached_m - camera->from_m >= SHOWN_M)
            return true;
    }
    return false;
}

static void look_backwards(struct referee *referee, const struct stray *stray, struct stray_note *note,
                           int64_t now_us)
{
    struct offence_score *score = &referee->score[CAMERA_WRONG_WAY];
    score->passages += !note->backwards;
    note->backwards = true;
    if (stray->state != STRAY_AGAINST)
        return;
    if (!note->against && stray->against_m >= AGAINST_M) {
        note->against = true;
        score->violations++;
    }
    if (!note->shown && shown_against(referee, stray)) {
        note->shown = true;
        expect_record(referee, CAMERA_WRONG_WAY, stray->no, now_us);
    }
}

static bool is_parked(const struct referee *referee, const struct stray *stray, int64_t now_us)
{
    for (int i = -1; (i = next_camera(referee, CAMERA_PARKING, stray->lane_ix, i)) >= 0;) {
        const struct camera_config *camera = &referee->junction->config->camera[i];
        if (-stray->x_m >= camera->from_m && -stray->x_m <= camera->to_m &&
            now_us - stray->standing_from_us >= camera->dwell_s * INT64_C(1000000))
            return true;
    }
    return false;
}

static void look_standing(struct referee *referee, const struct stray *stray, struct stray_note *note,
                          int64_t now_us)
{
    struct offence_score *score = &referee->score[CAMERA_PARKING];
    score->passages += !note->stood;
    note->stood = true;
    if (note->parked || !is_parked(referee, stray, now_us))
        return;
    note->parked = true;
    score->violations++;
    expect_record(referee, CAMERA_PARKING, stray->no, now_us);
}

void referee_look(struct referee *referee, const struct strays *strays, int64_t now_us)
{
    for (int i = 0; strays->count > 0 && i < STRAYS_MAX; i++) {
        const struct stray *stray = &strays->stray[i];
        struct stray_note *note = &referee->stray[i];
        if (note->vehicle_no != stray->no)
            *note = (struct stray_note){.vehicle_no = stray->no};
        if (stray->no == 0)
            continue;
        if (stray->v_ms < 0)
            look_backwards(referee, stray, note, now_us);
        else if (stray->state == STRAY_STANDING)
            look_standing(referee, stray, note, now_us);
    }
}

/* ---- records ---- */

enum capture referee_captured(struct referee *referee, enum camera_kind kind, uint32_t vehicle_no,
                              int64_t now_us)
{
    struct offence_score *score = &referee->score[kind];
    referee_close(referee, now_us);
    score->captured++;
    for (int i = 0; i < REFEREE_REMEMBERS; i++) {
        struct open_offence *offence = &referee->open[i];
        if (offence->vehicle_no != vehicle_no || offence->kind != kind)
            continue;
        if (offence->captured)
            return CAPTURE_DUPLICATE;
        offence->captured = true;
        return CAPTURE_TRUE;
    }
    score->false_captures++;
    score->unfit++;
    return CAPTURE_FALSE;
}

void referee_voided(struct referee *referee, enum camera_kind kind, enum camera_void why,
                    enum capture capture)
{
    struct offence_score *score = &referee->score[kind];
    score->voided++;
    score->void_reason[why]++;
    score->unfit += capture != CAPTURE_FALSE;
}

void referee_close(struct referee *referee, int64_t now_us)
{
    for (int i = 0; i < REFEREE_REMEMBERS; i++) {
        struct open_offence *offence = &referee->open[i];
        if (offence->vehicle_no != 0 && now_us - offence->at_us >= patience_us(offence->kind))
            close_offence(referee, offence);
    }
}

double offence_score_share(const struct offence_score *score)
{
    return score->captured > 0 ? (double)(score->captured - score->unfit) / (double)score->captured : -1;
}

double offence_scores_share(const struct offence_score scores[CAMERA_KINDS])
{
    struct offence_score all = {0};
    for (int kind = 0; kind < CAMERA_KINDS; kind++) {
        all.captured += scores[kind].captured;
        all.unfit += scores[kind].unfit;
    }
    return offence_score_share(&all);
}
