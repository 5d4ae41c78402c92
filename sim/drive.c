#include "drive.h"
#include <math.h>

/* Car-following after Treiber's intelligent driver model. The figures are tuned so that a standing
 * queue of passenger cars discharges at 1,800 to 1,900 an hour and lane (tests/unit/test_traffic.c). */
static const double ACCELERATION = 2.0;      /* m/s2, the most a driver uses */
static const double INTERACTION = 0.2041241; /* 1 / (2 sqrt(ACCELERATION * 3.0 m/s2 of braking)) */
static const double BRAKING_MAX = 9.0;
static const double TICK_S = TICK_MS / 1000.0;
const double DRIVE_STANDSTILL_M = 2.0;
const double DRIVE_EXIT_M = 40.0;
const double TRAFFIC_FAR_M = 12.0;
const double TRAFFIC_APPROACH_M = 100.0;

static const double COMFORTABLE = 3.0;   /* m/s2: who needs to brake harder than this goes through a yellow */
static const double EMERGENCY = 5.0;     /* ... and through a red that came without a yellow */
static const double LINE_MARGIN_M = 1.0; /* where a stopping driver wants to stand before the line */
static const double HASTY_CARRY_S = 3.9; /* a hasty driver believes a yellow to last this long */
static const double LEFT_MS = 9.0, RIGHT_MS = 7.0; /* the pace of a turn */
static const double YIELD_INSIDE_M = 8.0;          /* where a turn waits inside the junction */
enum { FLASH_HEADWAY_US = 2000 * 1000 };           /* between two vehicles that pass a junction in flash */

static double follow(const struct vehicle *vehicle, double gap_m, double closing_ms)
{
    double wanted = vehicle->v_ms * (vehicle->headway_s + closing_ms * INTERACTION);
    wanted = DRIVE_STANDSTILL_M + (wanted > 0 ? wanted : 0);
    double ratio = wanted / (gap_m > 0.1 ? gap_m : 0.1);
    return ratio * ratio;
}

/* The speed aimed at: turns are taken slower, and the braking for them begins before the line. */
static double target_speed(const struct vehicle *vehicle)
{
    double turn_ms = vehicle->turn == TURN_LEFT ? LEFT_MS : RIGHT_MS;
    if (vehicle->turn == TURN_THROUGH || vehicle->x_m < -60 || vehicle->wish_ms <= turn_ms)
        return vehicle->wish_ms;
    if (vehicle->x_m >= 0)
        return turn_ms;
    double square = turn_ms * turn_ms - 4.0 * vehicle->x_m;
    return square < vehicle->wish_ms * vehicle->wish_ms ? sqrt(square) : vehicle->wish_ms;
}

/* Whether someone on this lane comes with one of `turns` and leaves no gap to pass before him. */
static bool lane_threatens(const struct scene *scene, int lane_ix, unsigned turns)
{
    struct traffic_lane *lane = &scene->traffic->lane[lane_ix];
    const struct lane_layout *layout = &scene->traffic->junction->lane[lane_ix];
    for (uint32_t n = 0; n < lane->count; n++) {
        const struct vehicle *other = traffic_vehicle(lane, n);
        if (other->x_m < -80)
            break;
        if (other->x_m >= 0 && other->x_m < YIELD_INSIDE_M + 1 && other->v_ms < 0.5)
            break; /* it waits inside for somebody itself, and all behind it wait for it */
        if (!(turns & 1U << other->turn) || other->x_m > 20)
            continue;
        if (other->x_m >= 0) {
            if (other->v_ms > 2)
                return true;
            continue;
        }
        int group_no = layout->group_no[other->turn];
        bool stops = group_no == 0 ? other->verdict == VERDICT_STOP
                                   : other->verdict != VERDICT_GO &&
                                         lamp_now(&scene->lamps->lamp[group_no - 1])->color != LAMP_GREEN;
        if (!stops && -other->x_m < 4.0 * (other->v_ms > 3 ? other->v_ms : 3))
            return true;
    }
    return false;
}

static bool approach_threatens(const struct scene *scene, int approach_ix, unsigned turns)
{
    if (approach_ix < 0)
        return false;
    uint64_t lanes = scene->traffic->junction->lane_mask[approach_ix] & scene->traffic->active_mask;
    for (; lanes != 0; lanes &= lanes - 1) {
        if (lane_threatens(scene, __builtin_ctzll(lanes), turns))
            return true;
    }
    return false;
}

/* A right turn past a red: the traffic from the left, the left turns from across, and who walks here. */
static bool right_on_red_clear(const struct scene *scene, int approach_ix)
{
    const struct intersection *junction = scene->traffic->junction;
    return !crosswalk_busy(scene->walkers, approach_ix, scene->now_us) &&
           !approach_threatens(scene, junction->from_left_ix[approach_ix], 1U << TURN_THROUGH) &&
           !approach_threatens(scene, junction->opposite_ix[approach_ix], 1U << TURN_LEFT);
}

/* Whether a turn inside the junction must let someone pass: oncoming traffic, and people on the
 * crosswalk of the leg it leaves by. */
static bool turn_must_wait(const struct scene *scene, int approach_ix, enum turn turn)
{
    const struct intersection *junction = scene->traffic->junction;
    switch (turn) {
    case TURN_LEFT:
        return crosswalk_busy(scene->walkers, junction->from_left_ix[approach_ix], scene->now_us) ||
               approach_threatens(scene, junction->opposite_ix[approach_ix],
                                  1U << TURN_THROUGH | 1U << TURN_RIGHT);
    case TURN_RIGHT:
        return crosswalk_busy(scene->walkers, junction->from_right_ix[approach_ix], scene->now_us);
    case TURN_THROUGH:
    case TURNS:
        break;
    }
    return false;
}

static double needed_braking(const struct vehicle *vehicle)
{
    double room_m = -vehicle->x_m - 0.3;
    return room_m > 0.1 ? vehicle->v_ms * vehicle->v_ms / (2 * room_m) : vehicle->v_ms * vehicle->v_ms * 5;
}

static enum verdict judge_yellow(const struct vehicle *vehicle)
{
    if (needed_braking(vehicle) > COMFORTABLE)
        return VERDICT_GO;
    bool believes = vehicle->temper != TEMPER_LAWFUL && vehicle->v_ms > 6 &&
                    -vehicle->x_m < vehicle->v_ms * HASTY_CARRY_S;
    return believes ? VERDICT_GO : VERDICT_STOP;
}

static enum verdict judge_red(const struct vehicle *vehicle)
{
    if (vehicle->temper == TEMPER_RECKLESS)
        return VERDICT_GO;
    if (vehicle->verdict == VERDICT_GO) /* decided under the yellow: think again if there is room */
        return needed_braking(vehicle) < COMFORTABLE ? VERDICT_STOP : VERDICT_GO;
    return vehicle->verdict == VERDICT_NONE && needed_braking(vehicle) > EMERGENCY ? VERDICT_GO
                                                                                   : VERDICT_STOP;
}

/* No lamp gives the right of way: whoever stands at the line goes, one after the other. */
static enum verdict judge_flash(const struct scene *scene, const struct vehicle *vehicle)
{
    if (vehicle->verdict == VERDICT_GO)
        return VERDICT_GO;
    if (vehicle->v_ms > 0.5 || vehicle->x_m < -4 ||
        scene->now_us < scene->traffic->turn_taken_us + FLASH_HEADWAY_US)
        return VERDICT_STOP;
    scene->traffic->turn_taken_us = scene->now_us;
    return VERDICT_GO;
}

static enum verdict judge_right_on_red(const struct scene *scene, const struct lane_layout *layout,
                                       const struct vehicle *vehicle)
{
    int sight_no = layout->sight_group_no;
    if (sight_no != 0 && lamp_now(&scene->lamps->lamp[sight_no - 1])->color == LAMP_GREEN)
        return VERDICT_NONE;
    if (vehicle->verdict == VERDICT_GO)
        return VERDICT_GO;
    if (vehicle->x_m < -6 || vehicle->v_ms > 5)
        return VERDICT_STOP;
    return right_on_red_clear(scene, layout->approach_ix) ? VERDICT_GO : VERDICT_STOP;
}

/* What the driver, whom nobody before the line hinders, makes of his lamp. VERDICT_NONE: it is green. */
static enum verdict judge(const struct scene *scene, const struct lane_layout *layout,
                          const struct vehicle *vehicle)
{
    int group_no = layout->group_no[vehicle->turn];
    if (group_no == 0)
        return judge_right_on_red(scene, layout, vehicle);
    const struct lamp *lamp = &scene->lamps->lamp[group_no - 1];
    const struct lamp_span *span = lamp_now(lamp);
    switch (span->color) {
    case LAMP_GREEN:
        /* Standing, one needs a moment to set off. */
        if (vehicle->v_ms < 0.3 && scene->now_us < span->since_us + vehicle->reaction_us)
            return VERDICT_STOP;
        return VERDICT_NONE;
    case LAMP_YELLOW:
        if (lamp->flashing)
            break;
        return vehicle->verdict == VERDICT_NONE ? judge_yellow(vehicle) : (enum verdict)vehicle->verdict;
    case LAMP_RED:
        if (lamp->flashing)
            break;
        return judge_red(vehicle);
    case LAMP_DARK:
        /* An arrow that may be dark means no more than its red. */
        if (channel_has(&scene->traffic->junction->config->card.dark_ok, group_no))
            return judge_red(vehicle);
        break;
    }
    return judge_flash(scene, vehicle);
}

/* Moves the vehicle by one tick with this acceleration; one that is to stop never slips over the line. */
static void move(struct vehicle *vehicle, double acceleration, bool stops)
{
    if (acceleration < -BRAKING_MAX)
        acceleration = -BRAKING_MAX;
    double v = vehicle->v_ms + acceleration * TICK_S;
    if (v < 0.01)
        v = 0;
    double x = vehicle->x_m + (vehicle->v_ms + v) / 2 * TICK_S;
    if (stops && vehicle->x_m < 0 && x > -0.1) {
        x = vehicle->x_m > -0.1 ? vehicle->x_m : -0.1;
        v = 0;
    }
    vehicle->x_m = x;
    vehicle->v_ms = v;
    if (v < 0.5 && !vehicle->slow) {
        vehicle->slow = true;
        vehicle->stops = (uint8_t)(vehicle->stops < UINT8_MAX ? vehicle->stops + 1 : UINT8_MAX);
    } else if (v > 3) {
        vehicle->slow = false;
    }
}

static void take_speed(struct traffic_speeds *speeds, const struct lane_layout *layout,
                       const struct vehicle *vehicle)
{
    speeds->passed++;
    speeds->over += vehicle->v_ms > layout->limit_ms;
    speeds->sum_ms += vehicle->v_ms;
}

/* Tells of every place that the vehicle passed since it was at `before_m`. */
static void report(const struct scene *scene, int lane_ix, struct vehicle *vehicle, double before_m)
{
    const struct traffic_observer *observer = &scene->traffic->observer;
    while (vehicle->place < PLACES) {
        enum place place = (enum place)vehicle->place;
        double place_m = traffic_place_m(vehicle, place);
        if (vehicle->x_m < place_m)
            return;
        double part = (place_m - before_m) / (vehicle->x_m - before_m);
        int64_t at_us = scene->now_us + (int64_t)(part * TICK_MS * 1000);
        vehicle->place++;
        if (place == PLACE_LINE) {
            vehicle->crossed_us = at_us;
            take_speed(&scene->traffic->totals.stop_line, &scene->traffic->junction->lane[lane_ix], vehicle);
        }
        if (observer->passed)
            observer->passed(observer->arg, lane_ix, vehicle, place, at_us);
    }
}

static double approach_line(const struct vehicle *vehicle)
{
    return follow(vehicle, -vehicle->x_m - LINE_MARGIN_M + DRIVE_STANDSTILL_M, vehicle->v_ms);
}

/* How strongly the road ahead slows this vehicle: leader, lamp, or whoever has the right of way. */
static double hindrance(const struct scene *scene, const struct lane_layout *layout, struct vehicle *vehicle,
                        const struct vehicle *leader, bool *line_held)
{
    double most = 0;
    if (leader)
        most = follow(vehicle, leader->x_m - leader->length_m - vehicle->x_m, vehicle->v_ms - leader->v_ms);
    if (vehicle->x_m < 0) {
        if (*line_held)
            return most;
        vehicle->verdict = (uint8_t)judge(scene, layout, vehicle);
        if (vehicle->verdict == VERDICT_STOP) {
            *line_held = true;
            double line = approach_line(vehicle);
            return line > most ? line : most;
        }
    }
    if (vehicle->turn != TURN_THROUGH && vehicle->x_m > -10 && vehicle->x_m < YIELD_INSIDE_M &&
        turn_must_wait(scene, layout->approach_ix, (enum turn)vehicle->turn)) {
        double inside = follow(vehicle, YIELD_INSIDE_M + DRIVE_STANDSTILL_M - vehicle->x_m, vehicle->v_ms);
        most = inside > most ? inside : most;
    }
    return most;
}

static void leave(struct traffic *traffic, struct traffic_lane *lane, double length_m, int64_t now_us)
{
    const struct vehicle *vehicle = traffic_vehicle(lane, 0);
    traffic->totals.served++;
    traffic->totals.stops += vehicle->stops;
    double took_s = (double)(now_us - vehicle->arrived_us) / 1e6;
    double free_s = (length_m + DRIVE_EXIT_M) / vehicle->wish_ms;
    traffic->totals.delay_s += took_s > free_s ? took_s - free_s : 0;
    lane->first = (lane->first + 1) % LANE_VEHICLES;
    lane->count--;
}

void drive_lane(const struct scene *scene, int lane_ix)
{
    struct traffic_lane *lane = &scene->traffic->lane[lane_ix];
    const struct lane_layout *layout = &scene->traffic->junction->lane[lane_ix];
    const struct vehicle *leader = NULL;
    bool line_held = false;
    for (uint32_t n = 0; n < lane->count; n++) {
        struct vehicle *vehicle = traffic_vehicle(lane, n);
        double hindered = hindrance(scene, layout, vehicle, leader, &line_held);
        double ratio = vehicle->v_ms / target_speed(vehicle);
        double square = ratio * ratio;
        double before_m = vehicle->x_m;
        move(vehicle, ACCELERATION * (1 - square * square - hindered), vehicle->verdict == VERDICT_STOP);
        if (before_m < -TRAFFIC_APPROACH_M && vehicle->x_m >= -TRAFFIC_APPROACH_M)
            take_speed(&scene->traffic->totals.approach, layout, vehicle);
        if (vehicle->x_m >= 0 && vehicle->place < PLACES)
            report(scene, lane_ix, vehicle, before_m);
        leader = vehicle;
    }
    while (lane->count > 0 && traffic_vehicle(lane, 0)->x_m >= DRIVE_EXIT_M)
        leave(scene->traffic, lane, layout->config->length_m, scene->now_us + TICK_MS * 1000);
}
