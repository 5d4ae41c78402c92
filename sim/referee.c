#include "referee.h"
#include <string.h>

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

void referee_crossed(struct referee *referee, int lane_ix, const struct vehicle *vehicle)
{
    int group_no = referee->junction->lane[lane_ix].group_no[vehicle->turn];
    if (group_no == 0) /* nobody's lamp forbids it */
        return;
    const struct lamp *lamp = &referee->cabinet->lamps.lamp[group_no - 1];
    if (lamp->flashing || lamp_at(lamp, vehicle->crossed_us, NULL)->color != LAMP_RED)
        return;
    referee->score.passages++;
    if (!may_be_recorded(referee, group_no, vehicle->crossed_us))
        return;
    referee->score.violations++;
    referee->score.watched += referee->watched_lanes >> lane_ix & 1;
    referee->violator[referee->violators++ % REFEREE_REMEMBERS] = vehicle->no;
}

void referee_captured(struct referee *referee, uint32_t vehicle_no)
{
    referee->score.captured++;
    for (int i = 0; i < REFEREE_REMEMBERS; i++) {
        if (referee->violator[i] == vehicle_no)
            return;
    }
    referee->score.false_captures++;
}
