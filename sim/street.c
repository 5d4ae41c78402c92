#include "street.h"
#include <string.h>

/* People an hour at each crosswalk. */
static double walkers_per_hour(enum demand demand)
{
    switch (demand) {
    case DEMAND_NIGHT:
        return 4;
    case DEMAND_LOW:
        return 20;
    case DEMAND_MEDIUM:
        return 60;
    case DEMAND_HIGH:
        break;
    }
    return 150;
}

static void crossed(void *arg, int lane_ix, const struct vehicle *vehicle)
{
    struct street *street = arg;
    referee_crossed(&street->referee, lane_ix, vehicle);
    for (int i = 0; i < street->camera_count; i++)
        camera_crossed(&street->camera[i].camera, lane_ix, (enum turn)vehicle->turn, vehicle->no,
                       vehicle->crossed_us, vehicle->crossed_us + street->utc_offset_us);
}

static void far(void *arg, int lane_ix, const struct vehicle *vehicle)
{
    struct street *street = arg;
    (void)lane_ix;
    for (int i = 0; i < street->camera_count; i++)
        camera_far(&street->camera[i].camera, vehicle->no);
}

static void judged(void *arg, enum camera_verdict verdict, const struct camera_case *the_case)
{
    const struct street_camera *camera = arg;
    struct street *street = camera->street;
    switch (verdict) {
    case CAMERA_RECORD:
        referee_captured(&street->referee, the_case->vehicle_no);
        break;
    case CAMERA_VOID:
        street->referee.score.voided++;
        break;
    }
    if (street->record)
        street->record(street->record_arg, &camera->camera, verdict, the_case);
}

static int put_up_cameras(struct street *street)
{
    for (int i = 0; i < street->config->camera_count; i++) {
        if (street->config->camera[i].kind != CAMERA_RED_LIGHT)
            continue;
        struct street_camera *camera = &street->camera[street->camera_count];
        camera->street = street;
        if (camera_init(&camera->camera, &street->config->camera[i], &street->junction, judged, camera) < 0)
            return -1;
        street->camera_count++;
    }
    return 0;
}

int street_init(struct street *street, const struct config *config, enum demand demand, uint64_t seed,
                int64_t tolerance_us, int64_t now_us)
{
    const struct traffic_observer observer = {crossed, far, street};
    memset(street, 0, sizeof *street);
    street->config = config;
    street->seed = seed;
    street->demand = demand;
    street->begun_us = now_us;
    if (intersection_init(&street->junction, config) < 0)
        return -1;
    pedestrians_init(&street->walkers, config, walkers_per_hour(demand), seed);
    sim_cabinet_init(&street->cabinet, &config->card, config->cabinet.heartbeat_ms, now_us);
    referee_init(&street->referee, &street->junction, &street->cabinet);
    checker_init(&street->checker, &config->card, tolerance_us);
    street->traffic = traffic_new(&street->junction, demand, seed, &observer);
    return street->traffic ? put_up_cameras(street) : -1;
}

void street_done(struct street *street)
{
    for (int i = 0; i < street->camera_count; i++)
        camera_done(&street->camera[i].camera);
    street->camera_count = 0;
    traffic_free(street->traffic);
    street->traffic = NULL;
}

void street_sense(struct street *street, int64_t now_us)
{
    detectors_read(street->traffic, &street->cabinet.vehicle);
    street->cabinet.pedestrian = pedestrians_buttons(&street->walkers, now_us);
}

static int first_green(const struct street *street)
{
    const struct guard_card *card = street->cabinet.card;
    for (int i = 0; i < 2; i++) {
        uint64_t green = street->cabinet.lamps.green.word[i] & card->used.word[i] & ~card->pedestrian.word[i];
        if (green != 0)
            return 64 * i + mask_lowest_no(green);
    }
    return 0;
}

static void count_cycles(struct street *street)
{
    if (street->cycle_group_no == 0)
        street->cycle_group_no = (uint8_t)first_green(street);
    if (street->cycle_group_no == 0)
        return;
    const struct lamp_span *span = lamp_now(&street->cabinet.lamps.lamp[street->cycle_group_no - 1]);
    if (span->color == LAMP_GREEN && span->since_us != street->cycle_green_us) {
        street->cycle_green_us = span->since_us;
        street->cycles++;
    }
}

void street_watch(struct street *street, bool flash, bool valid, int64_t now_us)
{
    checker_look(&street->checker, &street->cabinet.lamps, flash);
    referee_observe(&street->referee, valid, now_us);
    count_cycles(street);
}

void street_hear(struct street *street, const struct feed_message *message, int64_t now_us)
{
    for (int i = 0; i < street->camera_count; i++)
        sigstate_message(street->camera[i].camera.state, &street->config->feed, message, now_us,
                         now_us + street->utc_offset_us);
}

void street_hear_line(struct street *street, const char *line, size_t length, int64_t now_us)
{
    for (int i = 0; i < street->camera_count; i++)
        sigstate_take(street->camera[i].camera.state, line, length, now_us, now_us + street->utc_offset_us);
}

void street_judge(struct street *street, int64_t now_us)
{
    for (int i = 0; i < street->camera_count; i++)
        camera_poll(&street->camera[i].camera, now_us);
}

void street_move(struct street *street, int64_t from_us)
{
    pedestrians_step(&street->walkers, &street->cabinet.lamps, from_us);
    traffic_step(street->traffic, &street->cabinet.lamps, &street->walkers, from_us);
    street->ticks++;
}

void street_sum_up(const struct street *street, struct summary *summary)
{
    *summary = (struct summary){
        .id = street->config->site.id,
        .seed = street->seed,
        .demand = street->demand,
        .seconds = (double)street->ticks * TICK_MS / 1000,
        .cycles = street->cycles,
        .traffic = street->traffic->totals,
        .pedestrians = street->walkers.totals,
        .red_light = street->referee.score,
    };
    memcpy(summary->breaches, street->checker.breaches, sizeof summary->breaches);
}
