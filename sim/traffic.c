#include "drive.h"
#include <stdlib.h>

/* Vehicles an hour for each lane of the junction, shared out among the approaches by their share. */
static double demand_per_lane(enum demand demand)
{
    switch (demand) {
    case DEMAND_NIGHT:
        return 12;
    case DEMAND_LOW:
        return 60;
    case DEMAND_MEDIUM:
        return 140;
    case DEMAND_HIGH:
    case DEMAND_DAY:
        break;
    }
    return 240;
}

enum demand demand_at(enum demand demand, int hour)
{
    if (demand != DEMAND_DAY)
        return demand;
    if (hour < 5 || hour >= 23)
        return DEMAND_NIGHT;
    if (hour < 6 || hour >= 21)
        return DEMAND_LOW;
    return hour == 7 || hour == 8 || hour == 17 || hour == 18 ? DEMAND_HIGH : DEMAND_MEDIUM;
}

/* Speeds on a free road: normal about the limit, so that half of the drivers would like to exceed it and one
 * in five by more than a tenth. */
static const double WISH_MEAN = 1.0, WISH_DEVIATION = 0.12;

static const double HASTY_SHARE = 0.05;
static const double RECKLESS_SHARE = 0.002;

struct traffic *traffic_new(const struct intersection *junction, enum demand demand, uint64_t seed,
                            const struct traffic_observer *observer)
{
    struct traffic *traffic = calloc(1, sizeof *traffic);
    if (!traffic)
        return NULL;
    traffic->junction = junction;
    if (observer)
        traffic->observer = *observer;
    traffic->drivers = rng_stream(seed, 100);
    strays_init(&traffic->strays, junction, seed);
    for (int a = 0; a < junction->config->approach_count; a++)
        traffic->arrivals[a] = rng_stream(seed, (uint64_t)a + 1);
    traffic_set_demand(traffic, demand);
    return traffic;
}

void traffic_set_demand(struct traffic *traffic, enum demand demand)
{
    const struct intersection *junction = traffic->junction;
    double per_hour = demand_per_lane(demand) * junction->lane_count;
    strays_set_pace(&traffic->strays, demand_per_lane(demand) / demand_per_lane(DEMAND_MEDIUM));
    for (int a = 0; a < junction->config->approach_count; a++) {
        const double *turns = junction->turn_share[a];
        bool served = turns[TURN_LEFT] + turns[TURN_THROUGH] + turns[TURN_RIGHT] > 0;
        if (served && junction->share_sum > 0)
            traffic->arrival_chance[a] =
                per_hour * junction->config->approach[a].share / junction->share_sum / 3600 * TICK_MS / 1000;
    }
}

void traffic_free(struct traffic *traffic)
{
    free(traffic);
}

/* A new vehicle behind all others; the lane has room for it. */
static struct vehicle *append(struct traffic *traffic, int lane_ix, enum turn turn, double x_m,
                              int64_t arrived_us)
{
    struct traffic_lane *lane = &traffic->lane[lane_ix];
    struct vehicle *vehicle = traffic_vehicle(lane, lane->count++);
    *vehicle = (struct vehicle){
        .x_m = x_m,
        .wish_ms = traffic->junction->lane[lane_ix].limit_ms,
        .headway_s = 1.15,
        .reaction_us = 1000 * 1000,
        .arrived_us = arrived_us,
        .crossed_us = -1,
        .no = ++traffic->numbers,
        .length_m = 4.5F,
        .turn = (uint8_t)turn,
        .temper = TEMPER_LAWFUL,
    };
    traffic->active_mask |= UINT64_C(1) << lane_ix;
    return vehicle;
}

struct vehicle *traffic_put(struct traffic *traffic, int lane_ix, enum turn turn, double x_m, double v_ms,
                            int64_t now_us)
{
    if (traffic->lane[lane_ix].count == LANE_VEHICLES)
        return NULL;
    struct vehicle *vehicle = append(traffic, lane_ix, turn, x_m, now_us);
    vehicle->v_ms = v_ms;
    traffic->totals.vehicles++;
    return vehicle;
}

/* Nobody is quite like the next one. */
static void give_character(struct traffic *traffic, struct vehicle *vehicle)
{
    struct rng *rng = &traffic->drivers;
    vehicle->wish_ms *= WISH_MEAN + WISH_DEVIATION * rng_normal(rng);
    vehicle->headway_s *= rng_between(rng, 0.85, 1.15);
    vehicle->reaction_us = (int64_t)(rng_between(rng, 0.6, 1.4) * 1e6);
    vehicle->length_m = (float)rng_between(rng, 4.0, 5.0);
    double draw = rng_unit(rng);
    if (draw < RECKLESS_SHARE)
        vehicle->temper = TEMPER_RECKLESS;
    else if (draw < RECKLESS_SHARE + HASTY_SHARE)
        vehicle->temper = TEMPER_HASTY;
}

/* Lets the first of those before the entry onto the lane, if there is room. */
static void enter(struct traffic *traffic, int lane_ix)
{
    struct traffic_lane *lane = &traffic->lane[lane_ix];
    double entry_m = -traffic->junction->lane[lane_ix].config->length_m;
    double room_m = 1000;
    double ahead_ms = 1000;
    if (lane->count > 0) {
        const struct vehicle *last = traffic_vehicle(lane, lane->count - 1);
        room_m = last->x_m - last->length_m - entry_m;
        ahead_ms = last->v_ms;
    }
    if (lane->count == LANE_VEHICLES || room_m < DRIVE_STANDSTILL_M + 1)
        return;
    int64_t arrived_us = lane->waiting[lane->waiting_first].arrived_us;
    enum turn turn = (enum turn)lane->waiting[lane->waiting_first].turn;
    lane->waiting_first = (lane->waiting_first + 1) % LANE_WAITING;
    lane->waiting_count--;
    struct vehicle *vehicle = append(traffic, lane_ix, turn, entry_m, arrived_us);
    give_character(traffic, vehicle);
    double safe_ms = ahead_ms + (room_m - DRIVE_STANDSTILL_M) / vehicle->headway_s / 2;
    vehicle->v_ms = safe_ms < vehicle->wish_ms ? safe_ms : vehicle->wish_ms;
}

static enum turn choose_turn(const struct intersection *junction, int approach_ix, double draw)
{
    const double *share = junction->turn_share[approach_ix];
    for (enum turn turn = TURN_LEFT; turn < TURN_RIGHT; turn++) {
        if (draw < share[turn])
            return turn;
        draw -= share[turn];
    }
    /* Rounding may carry the draw past the last share: then the last possible turn it is. */
    return share[TURN_RIGHT] > 0 ? TURN_RIGHT : share[TURN_THROUGH] > 0 ? TURN_THROUGH : TURN_LEFT;
}

static void arrive(struct traffic *traffic, int approach_ix, int64_t now_us)
{
    const struct intersection *junction = traffic->junction;
    enum turn turn = choose_turn(junction, approach_ix, rng_unit(&traffic->arrivals[approach_ix]));
    int best_ix = -1;
    uint32_t best = UINT32_MAX;
    for (uint64_t lanes = junction->lane_mask[approach_ix]; lanes != 0; lanes &= lanes - 1) {
        int ix = __builtin_ctzll(lanes);
        uint32_t load = traffic->lane[ix].count + traffic->lane[ix].waiting_count;
        if (junction->lane[ix].allowed[turn] && load < best) {
            best = load;
            best_ix = ix;
        }
    }
    if (best_ix < 0)
        return; /* no lane allows this turn; the config gives it no share */
    struct traffic_lane *lane = &traffic->lane[best_ix];
    if (lane->waiting_count == LANE_WAITING) {
        traffic->totals.turned_away++;
        return;
    }
    uint32_t slot = (lane->waiting_first + lane->waiting_count++) % LANE_WAITING;
    lane->waiting[slot].arrived_us = now_us;
    lane->waiting[slot].turn = (uint8_t)turn;
    traffic->active_mask |= UINT64_C(1) << best_ix;
    traffic->totals.vehicles++;
}

void traffic_step(struct traffic *traffic, const struct lamps *lamps, const struct pedestrians *walkers,
                  int64_t from_us)
{
    for (int a = 0; a < traffic->junction->config->approach_count; a++) {
        if (rng_chance(&traffic->arrivals[a], traffic->arrival_chance[a]))
            arrive(traffic, a, from_us);
    }
    const struct scene scene = {traffic, lamps, walkers, from_us};
    for (uint64_t lanes = traffic->active_mask; lanes != 0; lanes &= lanes - 1) {
        int ix = __builtin_ctzll(lanes);
        struct traffic_lane *lane = &traffic->lane[ix];
        if (lane->waiting_count > 0)
            enter(traffic, ix);
        drive_lane(&scene, ix);
        if (lane->count == 0 && lane->waiting_count == 0)
            traffic->active_mask &= ~(UINT64_C(1) << ix);
    }
    strays_step(&traffic->strays, &traffic->numbers, from_us);
}

double traffic_place_m(const struct vehicle *vehicle, enum place place)
{
    switch (place) {
    case PLACE_LINE:
        return 0;
    case PLACE_OVER:
        return vehicle->length_m;
    case PLACE_FAR:
    case PLACES:
        break;
    }
    return TRAFFIC_FAR_M;
}

int traffic_queue(const struct traffic *traffic, int lane_ix)
{
    const struct traffic_lane *lane = &traffic->lane[lane_ix];
    int queue = (int)lane->waiting_count;
    for (uint32_t n = 0; n < lane->count; n++) {
        const struct vehicle *vehicle = &lane->slot[(lane->first + n) % LANE_VEHICLES];
        queue += vehicle->x_m < 0 && vehicle->v_ms < 1;
    }
    return queue;
}
