/* The red-light camera, which knows the lamps by the feed alone, and the referee, which knows them truly. */
#include "../../io/feed.h"
#include "../../sim/camera.h"
#include "../../sim/referee.h"
#include "harness.h"
#include <string.h>

enum { GROUP_NO = 1, TICK_US = TICK_MS * 1000, CLOCK_OFFSET_S = 1767225600 };

static const int64_t OFFSET_US = INT64_C(1000000) * CLOCK_OFFSET_S;

static struct config config;
static struct intersection junction;
static struct sim_cabinet cabinet;
static struct referee referee;
static struct camera camera;
static struct feed *feed;
static struct output output;
static int64_t now_us;
static bool feed_heard; /* the camera's cable is plugged in */
static int records, voids;

static void to_camera(void *arg, const struct feed_message *message)
{
    (void)arg;
    if (feed_heard)
        sigstate_message(camera.state, &config.feed, message, message->sent_us, message->sent_us + OFFSET_US);
}

static void count(void *arg, enum camera_verdict verdict, const struct camera_case *the_case)
{
    (void)arg;
    records += verdict == CAMERA_RECORD;
    voids += verdict == CAMERA_VOID;
    if (verdict == CAMERA_RECORD)
        referee_captured(&referee, the_case->vehicle_no);
}

/* One lane for through traffic under group 1, and for right turns that no lamp holds. */
static int begin(void)
{
    memset(&config, 0, sizeof config);
    config.approach_count = 1;
    strcpy(config.approach[0].id, "S");
    config.approach[0].lane_count = 1;
    config.approach[0].lane[0] = (struct lane_config){
        .no = 1, .movements = MOVE_THROUGH | MOVE_RIGHT, .through_group_no = GROUP_NO, .length_m = 200};
    strcpy(config.feed.controller, "test-01");
    config.feed.group_count = 1;
    config.feed.group[0] = (struct feed_group){.no = GROUP_NO, .phase_no = 2, .yellow_floor_ms = 3000};
    config.camera_count = 1;
    config.camera[0] =
        (struct camera_config){.kind = CAMERA_RED_LIGHT, .approach = "S", .lane_count = 1, .lane = {1}};
    channel_add(&config.card.used, GROUP_NO);
    memset(&output, 0, sizeof output);
    output.healthy = true;
    now_us = 0;
    records = voids = 0;
    feed_heard = true;
    intersection_init(&junction, &config);
    sim_cabinet_init(&cabinet, &config.card, 1000, 0);
    referee_init(&referee, &junction, &cabinet);
    feed = feed_new(&config.feed, 1, to_camera, NULL);
    return camera_init(&camera, &config.camera[0], &junction, count, NULL);
}

static void end(void)
{
    camera_done(&camera);
    feed_free(feed);
}

/* The controller shows this colour for so many ticks; the cabinet takes it at once. */
static void show(enum lamp_color color, int ticks)
{
    static const struct feed_clock clock = {CLOCK_SYNCED, 400, INT64_C(1000000) * CLOCK_OFFSET_S};
    for (int i = 0; i < ticks; i++, now_us += TICK_US) {
        struct cabinet_command command = {.heartbeat = (uint16_t)output.seq, .healthy = true};
        output.seq++;
        output.tick_us = now_us;
        output.frame = (struct frame){0};
        struct channel_mask *mask = color == LAMP_RED      ? &output.frame.red
                                    : color == LAMP_YELLOW ? &output.frame.yellow
                                                           : &output.frame.green;
        channel_add(mask, GROUP_NO);
        cabinet_map_lit(&output, &command.red, &command.yellow, &command.green);
        sim_cabinet_take(&cabinet, &command, now_us);
        struct cabinet_exchange exchange = {.output = output, .taken_us = now_us, .error_us = 500};
        sim_cabinet_image(&cabinet, &exchange.image);
        referee_observe(&referee, output.reasons == 0, now_us);
        feed_exchange(feed, &exchange, &clock);
        sim_cabinet_advance(&cabinet, now_us);
        camera_poll(&camera, now_us);
        feed_poll(feed, now_us + TICK_US / 2, &clock);
    }
}

/* A vehicle crosses the line `after_us` from now. */
static void cross(uint32_t no, enum turn turn, int64_t after_us)
{
    const struct vehicle vehicle = {.no = no, .turn = (uint8_t)turn, .crossed_us = now_us + after_us};
    referee_crossed(&referee, 0, &vehicle);
    camera_crossed(&camera, 0, turn, no, vehicle.crossed_us, vehicle.crossed_us + OFFSET_US);
}

static void cycle_to_red(void)
{
    show(LAMP_RED, 20);
    show(LAMP_GREEN, 100);
    show(LAMP_YELLOW, 30);
}

static void a_violation_is_recorded_once(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 8);
    cross(7, TURN_THROUGH, 0);
    camera_far(&camera, 7);
    show(LAMP_RED, 9);
    CHECK_INT(0, records); /* not before the feed had time to take it back */
    show(LAMP_RED, 40);
    CHECK_INT(1, records);
    CHECK_INT(0, voids);
    CHECK_INT(1, (int64_t)referee.score.violations);
    CHECK_INT(1, (int64_t)referee.score.captured);
    CHECK_INT(0, (int64_t)referee.score.false_captures);
    CHECK_INT(0, camera.pending);
    end();
}

static void crossings_around_the_edge_are_told_apart(void)
{
    /* The red begins with the next tick: from -200 ms to +500 ms around it. */
    for (int64_t after_us = -200 * 1000; after_us <= 500 * 1000; after_us += 10 * 1000) {
        if (!CHECK_INT(0, begin()))
            return;
        harness_at("%lld ms after the edge", (long long)after_us / 1000);
        show(LAMP_RED, 20);
        show(LAMP_GREEN, 100);
        show(LAMP_YELLOW, 30);
        int64_t edge_us = now_us;
        show(LAMP_RED, 6);
        const struct vehicle vehicle = {.no = 1, .turn = TURN_THROUGH, .crossed_us = edge_us + after_us};
        referee_crossed(&referee, 0, &vehicle);
        camera_crossed(&camera, 0, TURN_THROUGH, 1, vehicle.crossed_us, vehicle.crossed_us + OFFSET_US);
        camera_far(&camera, 1);
        show(LAMP_RED, 40);
        CHECK_INT(after_us >= 0, (int64_t)referee.score.passages);
        CHECK_INT(0, (int64_t)referee.score.false_captures);
        if (after_us > 10 * 1000)
            CHECK_INT(1, records);
        if (after_us < 0)
            CHECK_INT(0, records);
        end();
    }
}

static void who_stops_behind_the_line_is_not_recorded(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 5);
    cross(1, TURN_THROUGH, 0);
    show(LAMP_RED, 350);
    CHECK_INT(0, records);
    CHECK_INT(0, camera.pending);
    end();
}

static void a_right_turn_without_a_lamp_is_no_offence(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 20);
    cross(1, TURN_RIGHT, 0);
    camera_far(&camera, 1);
    show(LAMP_RED, 40);
    CHECK_INT(0, records);
    CHECK_INT(0, (int64_t)referee.score.passages);
    end();
}

static void without_the_feed_nobody_is_accused(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    feed_heard = false;
    show(LAMP_RED, 30);
    cross(1, TURN_THROUGH, 0);
    camera_far(&camera, 1);
    show(LAMP_RED, 60);
    CHECK_INT(0, records);
    CHECK_INT(1, (int64_t)referee.score.violations);
    end();
}

static void a_state_nobody_vouches_for_accuses_nobody(void)
{
    static const uint32_t reasons[] = {REASON_STARTUP, REASON_FLASH, REASON_MANUAL, REASON_REMOTE,
                                       REASON_FAULT};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (!CHECK_INT(0, begin()))
            return;
        harness_at("reason %u", reasons[i]);
        cycle_to_red();
        output.reasons = reasons[i];
        show(LAMP_RED, 20);
        cross(1, TURN_THROUGH, 0);
        camera_far(&camera, 1);
        show(LAMP_RED, 40);
        CHECK_INT(0, records);
        CHECK_INT(1, (int64_t)referee.score.passages);
        CHECK_INT(0, (int64_t)referee.score.violations);
        end();
    }
}

static void a_short_yellow_excuses(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    show(LAMP_RED, 20);
    show(LAMP_GREEN, 100);
    show(LAMP_YELLOW, 29);
    show(LAMP_RED, 10);
    cross(1, TURN_THROUGH, 0);
    camera_far(&camera, 1);
    show(LAMP_RED, 40);
    CHECK_INT(0, records);
    CHECK_INT(0, (int64_t)referee.score.violations);
    end();
}

static void a_red_that_does_not_burn_accuses_nobody(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    channel_add(&cabinet.faults.broken[0], GROUP_NO);
    show(LAMP_RED, 5);
    cross(1, TURN_THROUGH, 0);
    camera_far(&camera, 1);
    show(LAMP_RED, 40);
    CHECK_INT(0, records);
    CHECK_INT(0, (int64_t)referee.score.violations);
    end();
}

HARNESS_MAIN({"a violation is recorded once", a_violation_is_recorded_once},
             {"crossings around the edge are told apart", crossings_around_the_edge_are_told_apart},
             {"who stops behind the line is not recorded", who_stops_behind_the_line_is_not_recorded},
             {"a right turn without a lamp is no offence", a_right_turn_without_a_lamp_is_no_offence},
             {"without the feed nobody is accused", without_the_feed_nobody_is_accused},
             {"a state nobody vouches for accuses nobody", a_state_nobody_vouches_for_accuses_nobody},
             {"a short yellow excuses", a_short_yellow_excuses},
             {"a red that does not burn accuses nobody", a_red_that_does_not_burn_accuses_nobody}, )
