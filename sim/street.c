#include "street.h"
#include "../io/sigstate_message.h"
#include <string.h>

enum { SECOND_TICKS = 1000 / TICK_MS };

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
    case DEMAND_DAY:
        break;
    }
    return 150;
}

static int local_hour(const struct street *street, int64_t now_us)
{
    const int64_t local_s =
        (now_us + street->utc_offset_us) / 1000000 + street->config->db.standard_time_zone_s;
    return (int)(local_s / 3600 % 24);
}

/* Follows the day, where the demand is that of a day. */
static void follow_hour(struct street *street, int64_t now_us)
{
    const enum demand level = demand_at(street->demand, local_hour(street, now_us));
    if (level == street->level)
        return;
    street->level = level;
    pedestrians_set_rate(&street->walkers, walkers_per_hour(level));
    traffic_set_demand(street->traffic, level);
}

static void passed(void *arg, int lane_ix, const struct vehicle *vehicle, enum place place, int64_t at_us)
{
    struct street *street = arg;
    const struct passing passing = {
        .vehicle_no = vehicle->no,
        .lane_ix = (uint8_t)lane_ix,
        .turn = (enum turn)vehicle->turn,
        .place = place,
        .x_m = traffic_place_m(vehicle, place),
        .at_us = at_us,
        .utc_us = at_us + street->utc_offset_us,
    };
    if (place == PLACE_LINE)
        referee_crossed(&street->referee, lane_ix, vehicle);
    for (uint32_t left = street->line_cameras[lane_ix]; left != 0; left &= left - 1)
        camera_passed(&street->camera[__builtin_ctz(left)].camera, &passing);
}

/* A record goes to the desk; returns whether it is taken. */
static bool submitted(struct street_camera *camera, const struct camera_case *the_case)
{
    enum capture *capture = &camera->capture[camera_case_ix(&camera->camera, the_case)];
    *capture = referee_captured(&camera->street->referee, camera->camera.config->kind, the_case->vehicle_no,
                                the_case->submitted_us);
    return *capture != CAPTURE_DUPLICATE;
}

static bool reported(void *arg, enum camera_event event, const struct camera_case *the_case)
{
    struct street_camera *camera = arg;
    struct street *street = camera->street;
    bool taken = true;
    switch (event) {
    case CAMERA_RECORD:
        taken = submitted(camera, the_case);
        break;
    case CAMERA_VOID:
        referee_voided(&street->referee, camera->camera.config->kind, the_case->why,
                       camera->capture[camera_case_ix(&camera->camera, the_case)]);
        break;
    case CAMERA_PICTURE:
    case CAMERA_STANDS:
        break;
    }
    if (street->book)
        record_book_note(street->book, (int)(camera - street->camera), event, the_case);
    if (street->record)
        street->record(street->record_arg, &camera->camera, event, the_case);
    return taken;
}

static int put_up_cameras(struct street *street)
{
    street->receiver = sigstate_open_feed(&street->config->feed, SIGSTATE_SAME_CLOCK);
    if (!street->receiver)
        return -1;
    for (int i = 0; i < street->config->camera_count; i++) {
        struct street_camera *camera = &street->camera[street->camera_count];
        camera->street = street;
        camera_init(&camera->camera, &street->config->camera[i], &street->junction, street->receiver,
                    reported, camera);
        uint32_t bit = UINT32_C(1) << street->camera_count++;
        switch (camera->camera.config->kind) {
        case CAMERA_RED_LIGHT:
            for (uint64_t left = camera->camera.lanes; left != 0; left &= left - 1)
                street->line_cameras[__builtin_ctzll(left)] |= bit;
            break;
        case CAMERA_WRONG_WAY:
            street->way_cameras |= bit;
            break;
        case CAMERA_PARKING:
            street->kerb_cameras |= bit;
            break;
        case CAMERA_KINDS:
            break;
        }
    }
    return 0;
}

int street_init(struct street *street, const struct config *config, enum demand demand, uint64_t seed,
                int64_t tolerance_us, int64_t now_us)
{
    const struct traffic_observer observer = {passed, street};
    memset(street, 0, sizeof *street);
    street->config = config;
    street->seed = seed;
    street->demand = demand;
    street->level = demand_at(demand, 0);
    street->begun_us = now_us;
    if (intersection_init(&street->junction, config) < 0)
        return -1;
    pedestrians_init(&street->walkers, config, walkers_per_hour(street->level), seed);
    sim_cabinet_init(&street->cabinet, &config->card, config->cabinet.heartbeat_ms, now_us);
    referee_init(&street->referee, &street->junction, &street->cabinet);
    checker_init(&street->checker, &config->card, tolerance_us);
    street->traffic = traffic_new(&street->junction, street->level, seed, &observer);
    return street->traffic ? put_up_cameras(street) : -1;
}

void street_done(struct street *street)
{
    record_book_close(street->book);
    street->book = NULL;
    sigstate_close(street->receiver);
    street->receiver = NULL;
    street->camera_count = 0;
    traffic_free(street->traffic);
    street->traffic = NULL;
}

int street_refuse(void)
{
    fputs("tscsim: not enough memory, or more lanes than the simulation takes\n", stderr);
    return -1;
}

int street_keep_records(struct street *street, const char *directory)
{
    street->book = record_book_open(directory, street);
    return street->book ? 0 : -1;
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
    sigstate_message(street->receiver, &street->config->feed, message, now_us,
                     now_us + street->utc_offset_us);
}

void street_hear_line(struct street *street, const char *line, size_t length, int64_t now_us)
{
    sigstate_take(street->receiver, line, length, now_us, now_us + street->utc_offset_us);
}

/* The cameras of a mask look at their stretches. */
static void look(struct street *street, uint32_t cameras, int64_t now_us)
{
    for (; cameras != 0; cameras &= cameras - 1) {
        struct camera *camera = &street->camera[__builtin_ctz(cameras)].camera;
        struct sight sight;
        sight_take(&sight, street->traffic, camera->lanes, -camera->config->to_m, CAMERA_BEYOND_M);
        camera_look(camera, &sight, now_us, now_us + street->utc_offset_us);
    }
}

void street_judge(struct street *street, int64_t now_us)
{
    const struct strays *strays = &street->traffic->strays;
    bool second = street->ticks % SECOND_TICKS == 0;
    if (strays->count > 0)
        referee_look(&street->referee, strays, now_us);
    if (strays->backwards > 0)
        look(street, street->way_cameras, now_us);
    if (second) {
        look(street, street->kerb_cameras, now_us);
        referee_close(&street->referee, now_us);
    }
    for (int i = 0; i < street->camera_count; i++) {
        if (street->camera[i].camera.busy != 0)
            camera_poll(&street->camera[i].camera, now_us);
    }
}

void street_finish(struct street *street, int64_t now_us)
{
    for (int i = 0; i < street->camera_count; i++)
        camera_finish(&street->camera[i].camera, now_us);
}

void street_move(struct street *street, int64_t from_us)
{
    if (street->ticks % SECOND_TICKS == 0)
        follow_hour(street, from_us);
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
    };
    memcpy(summary->score, street->referee.score, sizeof summary->score);
    memcpy(summary->breaches, street->checker.breaches, sizeof summary->breaches);
}
