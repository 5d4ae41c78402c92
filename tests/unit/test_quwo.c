/* The twenty-three points of configs/quwo: each is of its place, keeps to the formulas of the README there,
 * and runs by its schedule; those of one road hold a green wave by the distance between them. */
#include "../../controller/config.h"
#include "../../phases/engine.h"
#include "../../sim/run.h"
#include "harness.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 23, CAMERAS = 8, MORNING_NO = 1, DAY_NO = 2, EVENING_NO = 3, MINUTE_DS = 600 };

static struct config config;
static struct plan plan;
static struct engine engine;
static struct engine_status status;

static void tell(void *arg, const char *line)
{
    (void)arg;
    CHECK_FAIL("%s", line);
}

static bool load(int no)
{
    char path[512], id[16];
    snprintf(path, sizeof path, "%s/configs/quwo/%02d.json", SOURCE_ROOT, no);
    snprintf(id, sizeof id, "quwo-%02d", no);
    memset(&config, 0, sizeof config);
    harness_at("%s", id);
    if (!CHECK_INT(0, config_load(&config, path, CONFIG_WHOLE, tell, NULL)))
        return false;
    CHECK_STR(id, config.site.id);
    return true;
}

static void each_may_run_and_has_eight_cameras(void)
{
    for (int no = 1; no <= POINTS; no++) {
        if (!load(no))
            continue;
        int kinds[3] = {0};
        for (int i = 0; i < config.camera_count; i++)
            kinds[config.camera[i].kind]++;
        CHECK_INT(CAMERAS, config.camera_count);
        CHECK(kinds[CAMERA_RED_LIGHT] > 0 && kinds[CAMERA_WRONG_WAY] > 0 && kinds[CAMERA_PARKING] > 0);
        CHECK_INT(28800, config.db.standard_time_zone_s);
        CHECK(config.has_feed && config.snmp.user_count > 0);
    }
}

/* ---- times ---- */

/* 1 s to understand, then braking with 3 m/s2; never below 3 s. */
static int yellow_least_ds(double kmh)
{
    return (int)fmax(30, ceil((1 + kmh / 3.6 / 6) * 10 - 1e-6));
}

static void check_yellow(const struct approach_config *approach, const struct feed_group *group)
{
    const struct phase_row *phase = &config.db.phase[group->phase_no - 1];
    const bool turns = group->kind == GROUP_ARROW_LEFT || group->kind == GROUP_ARROW_RIGHT;
    const double kmh = turns ? fmin(approach->speed_limit_kmh, 40) : approach->speed_limit_kmh;
    CHECK(phase->yellow_ds >= yellow_least_ds(kmh));
    CHECK(phase->red_clear_ds >= 10);
    CHECK(group->yellow_floor_ms >= 3000 && group->yellow_floor_ms <= phase->yellow_ds * 100);
}

static void check_walk(const struct approach_config *approach, const struct feed_group *group)
{
    const struct phase_row *phase = &config.db.phase[group->phase_no - 1];
    CHECK(phase->walk_s >= 7);
    CHECK(phase->ped_clear_s * 1.2 >= approach->crosswalk.length_m);
}

static void yellow_follows_from_speed_and_clearance_from_the_way_across(void)
{
    for (int no = 1; no <= POINTS; no++) {
        if (!load(no))
            continue;
        for (int i = 0; i < config.feed.group_count; i++) {
            const struct feed_group *group = &config.feed.group[i];
            for (int a = 0; a < config.approach_count; a++) {
                const struct approach_config *approach = &config.approach[a];
                if (strcmp(approach->id, group->approach) != 0 || group->phase_no == 0)
                    continue;
                harness_at("%s, lamp group %d", config.site.id, group->no);
                if (group->kind == GROUP_PEDESTRIAN)
                    check_walk(approach, group);
                else
                    check_yellow(approach, group);
            }
        }
    }
}

/* ---- the schedule ---- */

static const int64_t monday_s = INT64_C(1767542400); /* 2026-01-05, 00:00 in China */

/* What runs after a while from that time on, with somebody waiting everywhere; the pattern's number, 254 or
 * 255. */
static int runs_at(int64_t utc_s, int minutes)
{
    struct inputs in = {.utc_ds = utc_s * 10};
    struct frame frame;
    for (int i = 1; i <= VEHICLE_DETECTORS_MAX; i++)
        detector_put(&in.vehicle, i, true);
    plan_compile(&plan, &config.db, 1);
    engine_init(&engine, &plan);
    for (int ds = 0; ds < minutes * MINUTE_DS; ds++) {
        engine_step(&engine, &in, 1, &frame);
        in.utc_ds++;
    }
    engine_get_status(&engine, &status);
    return status.pattern_no;
}

static int pattern_at(int hour)
{
    return runs_at(monday_s + hour * 3600, 8);
}

/* A pattern that cannot be kept shows here: the junction would run free. */
static void patterns_run_by_day_and_quiet_points_flash_by_night(void)
{
    int coordinated = 0, flashing = 0;
    for (int no = 1; no <= POINTS; no++) {
        if (!load(no))
            continue;
        if (config.db.pattern[MORNING_NO - 1].cycle_s != 0) {
            coordinated++;
            CHECK_INT(MORNING_NO, pattern_at(8));
            CHECK_INT(DAY_NO, pattern_at(11));
            CHECK_INT(EVENING_NO, pattern_at(17));
            CHECK(pattern_at(11 - 2 * 24) != PATTERN_FREE); /* on Saturday */
        } else {
            CHECK_INT(PATTERN_FREE, pattern_at(8));
        }
        const int night = runs_at(monday_s + 2 * 3600, 1);
        CHECK(night == PATTERN_FREE || night == PATTERN_FLASH);
        flashing += night == PATTERN_FLASH;
    }
    CHECK_INT(16, coordinated);
    CHECK_INT(9, flashing);
}

/* ---- the green waves ---- */

struct stop {
    int no;
    double along_m; /* in the direction of the morning's wave */
};

static int apart_s(int a_s, int b_s, int cycle_s)
{
    const int difference_s = ((a_s - b_s) % cycle_s + cycle_s) % cycle_s;
    return difference_s < cycle_s - difference_s ? difference_s : cycle_s - difference_s;
}

/* In the morning the wave goes one way, in the evening the other. By day it is half a cycle or none,
 * whichever is nearer to both: no further off than a quarter of the cycle. */
static void check_wave(const struct stop *stop, int count, double kmh)
{
    for (int i = 0; i < count; i++) {
        if (!load(stop[i].no))
            continue;
        const struct pattern_row *pattern = config.db.pattern;
        const int travel_s = (int)lround(stop[i].along_m / (kmh / 3.6));
        CHECK(apart_s(pattern[MORNING_NO - 1].offset_s, travel_s, pattern[MORNING_NO - 1].cycle_s) <= 1);
        CHECK(apart_s(pattern[EVENING_NO - 1].offset_s, -travel_s, pattern[EVENING_NO - 1].cycle_s) <= 1);
        const int day_s = pattern[DAY_NO - 1].cycle_s;
        CHECK(pattern[DAY_NO - 1].offset_s % (day_s / 2) == 0);
        CHECK(4 * apart_s(pattern[DAY_NO - 1].offset_s, travel_s, day_s) <= day_s + 4);
    }
}

static void offsets_follow_from_distance_and_speed(void)
{
    static const struct stop s234[] = {{15, -1080}, {14, -430}, {1, 0}, {13, 720}, {17, 1650}};
    static const struct stop g108[] = {{18, 0}, {19, 1150}, {20, 1780}, {21, 2210}, {22, 2900}, {23, 4300}};
    static const struct stop jindu[] = {{9, -730}, {8, 0}};
    static const struct stop xinjian[] = {{4, -480}, {2, 0}, {3, 625}};
    check_wave(s234, 5, 60);
    check_wave(g108, 6, 60);
    check_wave(jindu, 2, 60);
    check_wave(xinjian, 3, 50);
}

/* ---- on the street ---- */

/* A quarter of an hour of the morning's peak: no lamp that must not be, no record that must not be, and
 * whoever waits has his turn within the cycle. */
static void nobody_is_stuck_or_falsely_accused(void)
{
    static const struct run_options options = {.hours = 0.25, .demand = DEMAND_HIGH, .seed = 9};
    for (int no = 1; no <= POINTS; no++) {
        struct summary summary = {0};
        if (!load(no) || !CHECK_INT(0, run_intersection(&config, &options, &summary)))
            continue;
        const struct pedestrian_totals *walkers = &summary.pedestrians;
        CHECK_INT(0, (int64_t)summary.guard_trips);
        for (int i = 0; i < INVARIANTS; i++)
            CHECK_INT(0, (int64_t)summary.breaches[i]);
        for (int kind = 0; kind < CAMERA_KINDS; kind++)
            CHECK_INT(0, (int64_t)summary.score[kind].unfit);
        CHECK(summary.cycles >= 5);
        CHECK(summary.traffic.served * 10 > summary.traffic.vehicles * 7);
        CHECK_INT(0, (int64_t)summary.traffic.turned_away);
        CHECK(walkers->wait_s <= 120 * (double)walkers->crossed);
    }
}

HARNESS_MAIN({"each may run and has eight cameras", each_may_run_and_has_eight_cameras},
             {"yellow follows from speed, and clearance from the way across",
              yellow_follows_from_speed_and_clearance_from_the_way_across},
             {"patterns run by day, and quiet points flash by night",
              patterns_run_by_day_and_quiet_points_flash_by_night},
             {"offsets follow from distance and speed", offsets_follow_from_distance_and_speed},
             {"nobody is stuck or falsely accused", nobody_is_stuck_or_falsely_accused}, )
