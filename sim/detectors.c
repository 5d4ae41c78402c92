#include "detectors.h"

static bool covered(const struct traffic_lane *lane, const struct lane_detector *detector)
{
    double downstream_m = -detector->distance_m;
    double upstream_m = downstream_m - detector->length_m;
    for (uint32_t n = 0; n < lane->count; n++) {
        const struct vehicle *vehicle = &lane->slot[(lane->first + n) % LANE_VEHICLES];
        if (vehicle->x_m < upstream_m)
            return false; /* and so are all behind it */
        if (vehicle->x_m - vehicle->length_m <= downstream_m)
            return true;
    }
    return false;
}

void detectors_read(const struct traffic *traffic, struct detector_mask *occupied)
{
    *occupied = (struct detector_mask){{0}};
    for (uint64_t lanes = traffic->active_mask; lanes != 0; lanes &= lanes - 1) {
        int ix = __builtin_ctzll(lanes);
        const struct lane_config *config = traffic->junction->lane[ix].config;
        for (int i = 0; i < config->detector_count; i++) {
            if (covered(&traffic->lane[ix], &config->detector[i]))
                detector_put(occupied, config->detector[i].detector_no, true);
        }
    }
}
