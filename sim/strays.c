#include "strays.h"
#include <string.h>

static const double TICK_S = TICK_MS / 1000.0;
static const double BRAKING = 1.5, SETTING_OFF = 1.5;       /* m/s2 */
static const double COMES_FROM_M = 30, LEAVES_AFTER_M = 25; /* there it came from its lane, here it is back */
static const double ROOM_M = 14; /* from one place at the kerb to the next: they back up, too */
static const double FARTHEST_PLACE_M = 60;
static const double COMING_MS = 7, BACKING_MS = 1.2, BACKING_M = 4;
static const double BACKS_SHARE = 0.3;
enum { SECOND_TICKS = 1000 / TICK_MS };

void strays_init(struct strays *strays, const struct intersection *junction, uint64_t seed)
{
    memset(strays, 0, sizeof *strays);
    strays->junction = junction;
    strays->rng = rng_stream(seed, 200);
    for (int a = 0; a < junction->config->approach_count; a++) {
        uint64_t lanes = junction->lane_mask[a];
        strays->kerb_ix[a] = (int8_t)(lanes ? 63 - __builtin_clzll(lanes) : -1);
    }
}

void strays_set_pace(struct strays *strays, double pace)
{
    for (int a = 0; a < strays->junction->config->approach_count; a++) {
        const struct offence_rates *rates = &strays->junction->config->approach[a].offences;
        strays->chance[a] = (struct offence_rates){
            .wrong_way = rates->wrong_way * pace / 3600,
            .parking = rates->parking * pace / 3600,
            .short_stops = rates->short_stops * pace / 3600,
        };
    }
}

/* Whether the kerb is free for somebody at this place; `all_of_it` for one who drives along it. */
static bool kerb_free(const struct strays *strays, int lane_ix, double x_m, bool all_of_it)
{
    for (int i = 0; strays->count > 0 && i < STRAYS_MAX; i++) {
        const struct stray *other = &strays->stray[i];
        if (other->no == 0 || other->lane_ix != lane_ix)
            continue;
        if (all_of_it || other->state == STRAY_AGAINST)
            return false;
        double apart_m = other->goal_m - x_m;
        if (apart_m < ROOM_M && apart_m > -ROOM_M)
            return false;
    }
    return true;
}

static struct stray *put(struct strays *strays, int lane_ix, uint32_t *numbers)
{
    struct stray *stray = strays->stray;
    while (stray < strays->stray + STRAYS_MAX && stray->no != 0)
        stray++;
    if (stray == strays->stray + STRAYS_MAX)
        return NULL;
    *stray = (struct stray){
        .no = ++*numbers,
        .lane_ix = (uint8_t)lane_ix,
        .length_m = (float)rng_between(&strays->rng, 4.0, 5.0),
        .standing_from_us = -1,
    };
    strays->count++;
    return stray;
}

struct stray *strays_put_against(struct strays *strays, int approach_ix, double far_m, uint32_t *numbers)
{
    int lane_ix = strays->kerb_ix[approach_ix];
    if (lane_ix < 0 || !kerb_free(strays, lane_ix, 0, true))
        return NULL;
    struct stray *stray = put(strays, lane_ix, numbers);
    if (!stray)
        return NULL;
    stray->state = STRAY_AGAINST;
    stray->x_m = 8;
    stray->pace_ms = rng_between(&strays->rng, 5, 9);
    stray->v_ms = -stray->pace_ms;
    stray->goal_m = -far_m;
    return stray;
}

struct stray *strays_put_at_kerb(struct strays *strays, int approach_ix, double place_m, double stay_s,
                                 uint32_t *numbers)
{
    int lane_ix = strays->kerb_ix[approach_ix];
    if (lane_ix < 0 || !kerb_free(strays, lane_ix, -place_m, false))
        return NULL;
    struct stray *stray = put(strays, lane_ix, numbers);
    if (!stray)
        return NULL;
    stray->state = STRAY_COMING;
    stray->x_m = -place_m - COMES_FROM_M;
    stray->v_ms = stray->pace_ms = COMING_MS;
    stray->goal_m = -place_m;
    stray->stay_us = (int64_t)(stay_s * 1e6);
    stray->backs = rng_chance(&strays->rng, BACKS_SHARE);
    return stray;
}

/* One second's chances of an approach. */
static void appear(struct strays *strays, int approach_ix, uint32_t *numbers)
{
    struct rng *rng = &strays->rng;
    const struct offence_rates *chance = &strays->chance[approach_ix];
    int lane_ix = strays->kerb_ix[approach_ix];
    if (lane_ix < 0)
        return;
    double length_m = strays->junction->lane[lane_ix].config->length_m;
    double last_m = length_m - COMES_FROM_M < FARTHEST_PLACE_M ? length_m - COMES_FROM_M : FARTHEST_PLACE_M;
    if (rng_chance(rng, chance->wrong_way))
        strays_put_against(strays, approach_ix, rng_between(rng, 40, length_m > 120 ? 120 : length_m),
                           numbers);
    bool parks = rng_chance(rng, chance->parking);
    bool stops = rng_chance(rng, chance->short_stops);
    if ((parks || stops) && last_m > 10) {
        double stay_s =
            parks ? rng_between(rng, STRAY_LONG_S, 5 * STRAY_LONG_S) : rng_between(rng, 8, STRAY_SHORT_S);
        strays_put_at_kerb(strays, approach_ix, rng_between(rng, 8, last_m), stay_s, numbers);
    }
}

static void vanish(struct strays *strays, struct stray *stray)
{
    stray->no = 0;
    strays->count--;
}

/* Towards its place, the slower the nearer; from a walking pace it stops. */
static void come(struct stray *stray, int64_t from_us)
{
    double left_m = stray->goal_m - stray->x_m;
    double most_ms = left_m * BRAKING;
    stray->v_ms = most_ms < stray->pace_ms ? most_ms : stray->pace_ms;
    if (left_m > 0.25)
        return;
    stray->v_ms = 0;
    stray->state = STRAY_STANDING;
    stray->standing_from_us = from_us;
}

static void stand(struct stray *stray, int64_t from_us)
{
    if (from_us - stray->standing_from_us < stray->stay_us)
        return;
    stray->standing_from_us = -1;
    stray->state = stray->backs ? STRAY_BACKING : STRAY_LEAVING;
}

static void step(struct strays *strays, struct stray *stray, int64_t from_us)
{
    switch (stray->state) {
    case STRAY_AGAINST:
        if (stray->x_m <= stray->goal_m) {
            vanish(strays, stray);
            return;
        }
        break;
    case STRAY_COMING:
        come(stray, from_us);
        break;
    case STRAY_STANDING:
        stand(stray, from_us);
        break;
    case STRAY_BACKING:
        stray->v_ms = -BACKING_MS;
        if (stray->x_m <= stray->goal_m - BACKING_M) {
            stray->v_ms = 0;
            stray->state = STRAY_LEAVING;
        }
        break;
    case STRAY_LEAVING:
        stray->v_ms += SETTING_OFF * TICK_S;
        if (stray->x_m >= stray->goal_m + LEAVES_AFTER_M || stray->x_m >= -2) {
            vanish(strays, stray);
            return;
        }
        break;
    }
    stray->x_m += stray->v_ms * TICK_S;
    if (stray->v_ms < 0) {
        stray->against_m -= stray->v_ms * TICK_S;
        strays->backwards++;
    }
}

void strays_step(struct strays *strays, uint32_t *numbers, int64_t from_us)
{
    if (strays->steps++ % SECOND_TICKS == 0) {
        for (int a = 0; a < strays->junction->config->approach_count; a++)
            appear(strays, a, numbers);
    }
    strays->backwards = 0;
    for (int i = 0; strays->count > 0 && i < STRAYS_MAX; i++) {
        if (strays->stray[i].no != 0)
            step(strays, &strays->stray[i], from_us);
    }
}
