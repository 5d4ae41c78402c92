#include "sight.h"

static void see_lane(struct sight *sight, const struct traffic_lane *lane, int lane_ix, double from_m,
                     double to_m)
{
    for (uint32_t n = 0; n < lane->count && sight->count < SIGHT_MAX; n++) {
        const struct vehicle *vehicle = &lane->slot[(lane->first + n) % LANE_VEHICLES];
        if (vehicle->x_m < from_m)
            return; /* and so are all behind it */
        if (vehicle->x_m > to_m)
            continue;
        sight->seen[sight->count++] = (struct seen){
            .no = vehicle->no,
            .lane_ix = (uint8_t)lane_ix,
            .turn = vehicle->turn,
            .x_m = (float)vehicle->x_m,
            .v_ms = (float)vehicle->v_ms,
            .length_m = vehicle->length_m,
        };
    }
}

static void see_kerbs(struct sight *sight, const struct strays *strays, uint64_t lanes, double from_m,
                      double to_m)
{
    for (int i = 0; i < STRAYS_MAX && sight->count < SIGHT_MAX; i++) {
        const struct stray *stray = &strays->stray[i];
        if (stray->no == 0 || !(lanes >> stray->lane_ix & 1) || stray->x_m < from_m || stray->x_m > to_m)
            continue;
        sight->seen[sight->count++] = (struct seen){
            .no = stray->no,
            .lane_ix = stray->lane_ix,
            .turn = TURN_THROUGH,
            .kerb = true,
            .x_m = (float)stray->x_m,
            .v_ms = (float)stray->v_ms,
            .length_m = stray->length_m,
        };
    }
}

void sight_take(struct sight *sight, const struct traffic *traffic, uint64_t lanes, double from_m,
                double to_m)
{
    sight->count = 0;
    if (traffic->strays.count > 0)
        see_kerbs(sight, &traffic->strays, lanes, from_m, to_m);
    for (uint64_t left = lanes & traffic->active_mask; left != 0; left &= left - 1) {
        int ix = __builtin_ctzll(left);
        see_lane(sight, &traffic->lane[ix], ix, from_m, to_m);
    }
}
