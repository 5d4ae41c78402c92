#include "intersection.h"
#include <string.h>

static enum movement turn_movement(enum turn turn)
{
    switch (turn) {
    case TURN_LEFT:
        return MOVE_LEFT;
    case TURN_THROUGH:
        return MOVE_THROUGH;
    case TURN_RIGHT:
    case TURNS:
        break;
    }
    return MOVE_RIGHT;
}

/* The approach whose traffic comes from `bearing`, within 45 degrees. */
static int8_t approach_at(const struct config *config, double bearing)
{
    for (int ix = 0; ix < config->approach_count; ix++) {
        double off = config->approach[ix].bearing_deg - bearing;
        while (off > 180)
            off -= 360;
        while (off < -180)
            off += 360;
        if (off > -45 && off < 45)
            return (int8_t)ix;
    }
    return NO_APPROACH;
}

static void lay_lane(struct lane_layout *lane, const struct lane_config *config, int approach_ix)
{
    lane->config = config;
    lane->approach_ix = (uint8_t)approach_ix;
    for (enum turn turn = TURN_LEFT; turn < TURNS; turn++)
        lane->allowed[turn] = (config->movements & turn_movement(turn)) != 0;
    lane->group_no[TURN_LEFT] = config->left_group_no;
    lane->group_no[TURN_THROUGH] = config->through_group_no;
    lane->group_no[TURN_RIGHT] = config->right_group_no;
    lane->sight_group_no = config->through_group_no ? config->through_group_no : config->left_group_no;
}

static void share_turns(struct intersection *junction, int approach_ix)
{
    const struct approach_config *approach = &junction->config->approach[approach_ix];
    const double wanted[TURNS] = {approach->left_share, approach->through_share, approach->right_share};
    double sum = 0;
    for (enum turn turn = TURN_LEFT; turn < TURNS; turn++) {
        bool possible = false;
        for (int i = 0; i < junction->lane_count; i++)
            possible |= junction->lane[i].approach_ix == approach_ix && junction->lane[i].allowed[turn];
        junction->turn_share[approach_ix][turn] = possible ? wanted[turn] : 0;
        sum += junction->turn_share[approach_ix][turn];
    }
    for (enum turn turn = TURN_LEFT; turn < TURNS && sum > 0; turn++)
        junction->turn_share[approach_ix][turn] /= sum;
}

int intersection_init(struct intersection *junction, const struct config *config)
{
    memset(junction, 0, sizeof *junction);
    junction->config = config;
    for (int a = 0; a < config->approach_count; a++) {
        const struct approach_config *approach = &config->approach[a];
        for (int i = 0; i < approach->lane_count; i++) {
            if (junction->lane_count == INTERSECTION_LANES_MAX)
                return -1;
            junction->lane_mask[a] |= UINT64_C(1) << junction->lane_count;
            junction->lane[junction->lane_count].limit_ms = approach->speed_limit_kmh / 3.6;
            lay_lane(&junction->lane[junction->lane_count++], &approach->lane[i], a);
        }
        junction->opposite_ix[a] = approach_at(config, approach->bearing_deg + 180);
        junction->from_left_ix[a] = approach_at(config, approach->bearing_deg + 90);
        junction->from_right_ix[a] = approach_at(config, approach->bearing_deg - 90);
        junction->share_sum += approach->share;
    }
    for (int a = 0; a < config->approach_count; a++)
        share_turns(junction, a);
    return 0;
}

uint64_t intersection_watched(const struct intersection *junction, const struct camera_config *camera)
{
    uint64_t watched = 0;
    for (int ix = 0; ix < junction->lane_count; ix++) {
        const struct lane_layout *lane = &junction->lane[ix];
        if (strcmp(junction->config->approach[lane->approach_ix].id, camera->approach) != 0)
            continue;
        for (int i = 0; i < camera->lane_count; i++) {
            if (lane->config->no == camera->lane[i])
                watched |= UINT64_C(1) << ix;
        }
    }
    return watched;
}

int intersection_binding_group(const struct intersection *junction, int lane_ix, enum turn turn)
{
    int group_no = junction->lane[lane_ix].group_no[turn];
    const struct feed_config *feed = &junction->config->feed;
    for (int i = 0; turn == TURN_RIGHT && i < feed->group_count; i++) {
        if (feed->group[i].no == group_no && feed->group[i].kind == GROUP_ROUND)
            return 0;
    }
    return group_no;
}
