/* The red-light camera, which knows the lamps by the feed alone, and the referee, which knows them truly. */
#include "../../io/feed.h"
#include "../../io/sigstate_message.h"
#include "../../sim/camera.h"
#include "../../sim/referee.h"
#include "harness.h"
#include <string.h>

enum { GROUP_NO = 1, ARROW_NO = 2, TICK_US = TICK_MS * 1000, CLOCK_OFFSET_S = 1767225600 };

static const int64_t OFFSET_US = INT64_C(1000000) * CLOCK_OFFSET_S;

static struct config config;
static struct intersection junction;
static struct sim_cabinet cabinet;
static struct referee referee;
static struct camera camera;
static struct sigstate *receiver;
static struct feed *feed;
static struct output output;
static int64_t now_us;
static bool feed_heard; /* the camera's cable is plugged in */
static int pictures, records, stands, voids;
static enum camera_void void_reason;

static void to_camera(void *arg, const struct feed_message *message)
{
    (void)arg;
    if (feed_heard)
        sigstate_message(receiver, &config.feed, message, message->sent_us, message->sent_us + OFFSET_US);
}

static bool count(void *arg, enum camera_event event, const struct camera_case *the_case)
{
    static enum capture capture;
    (void)arg;
    switch (event) {
    case CAMERA_PICTURE:
        pictures++;
        break;
    case CAMERA_RECORD:
        records++;
        capture = referee_captured(&referee, camera.config->kind, the_case->vehicle_no, now_us);
        return capture != CAPTURE_DUPLICATE;
    case CAMERA_STANDS:
        stands++;
        break;
    case CAMERA_VOID:
        voids++;
        void_reason = the_case->why;
        referee_voided(&referee, camera.config->kind, the_case->why, capture);
        break;
    }
    return true;
}

static const struct offence_score *score(void)
{
    return &referee.score[camera.config->kind];
}

/* One lane for through traffic under group 1, for left turns under an arrow (2), and for right turns that no
 * lamp holds. */
static int begin_with(enum camera_kind kind)
{
    memset(&config, 0, sizeof config);
    config.approach_count = 1;
    strcpy(config.approach[0].id, "S");
    config.approach[0].lane_count = 1;
    config.approach[0].lane[0] = (struct lane_config){.no = 1,
                                                      .movements = MOVE_LEFT | MOVE_THROUGH | MOVE_RIGHT,
                                                      .through_group_no = GROUP_NO,
                                                      .length_m = 200};
    strcpy(config.feed.controller, "test-01");
    config.feed.group_count = 2;
    config.feed.group[0] = (struct feed_group){.no = GROUP_NO, .phase_no = 2, .yellow_floor_ms = 3000};
    config.feed.group[1] =
        (struct feed_group){.no = ARROW_NO, .kind = GROUP_ARROW_LEFT, .phase_no = 5, .yellow_floor_ms = 3000};
    config.camera_count = 1;
    config.camera[0] = (struct camera_config){
        .kind = kind, .approach = "S", .lane_count = 1, .lane = {1}, .from_m = 5, .to_m = 50, .dwell_s = 60};
    channel_add(&config.card.used, GROUP_NO);
    channel_add(&config.card.used, ARROW_NO);
    memset(&output, 0, sizeof output);
    output.healthy = true;
    now_us = 0;
    pictures = records = stands = voids = 0;
    feed_heard = true;
    intersection_init(&junction, &config);
    sim_cabinet_init(&cabinet, &config.card, 1000, 0);
    referee_init(&referee, &junction, &cabinet);
    feed = feed_new(&config.feed, 1, to_camera, NULL);
    receiver = sigstate_open_feed(&config.feed, SIGSTATE_SAME_CLOCK);
    camera_init(&camera, &config.camera[0], &junction, receiver, count, NULL);
    return feed && receiver ? 0 : -1;
}

static int begin(void)
{
    return begin_with(CAMERA_RED_LIGHT);
}

static void end(void)
{
    sigstate_close(receiver);
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
        channel_add(&output.frame.red, ARROW_NO);
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

static void pass(uint32_t no, enum turn turn, enum place place, int64_t at_us)
{
    const struct vehicle vehicle = {.no = no, .turn = (uint8_t)turn, .crossed_us = at_us, .length_m = 4.5F};
    if (place == PLACE_LINE)
        referee_crossed(&referee, 0, &vehicle);
    camera_passed(&camera, &(struct passing){.vehicle_no = no,
                                             .turn = turn,
                                             .place = place,
                                             .x_m = traffic_place_m(&vehicle, place),
                                             .at_us = at_us,
                                             .utc_us = at_us + OFFSET_US});
}

static void cycle_to_red(void)
{
    show(LAMP_RED, 20);
    show(LAMP_GREEN, 100);
    show(LAMP_YELLOW, 30);
}

/* A vehicle crosses the line now and goes on at 10 m/s while the through lamp has this colour. */
static void run_the_light(uint32_t no, enum turn turn, enum lamp_color color)
{
    pass(no, turn, PLACE_LINE, now_us);
    show(color, 5);
    pass(no, turn, PLACE_OVER, now_us);
    show(color, 7);
    pass(no, turn, PLACE_FAR, now_us);
}

static void check_nobody_accused(int passages, int violations)
{
    CHECK_INT(0, records);
    CHECK_INT(0, (int64_t)camera.busy);
    CHECK_INT(passages, (int64_t)score()->passages);
    CHECK_INT(violations, (int64_t)score()->violations);
}

static void check_captured(int count)
{
    CHECK_INT(count, records);
    CHECK_INT(count, stands);
    CHECK_INT(0, voids);
    CHECK_INT(count, (int64_t)score()->watched);
    CHECK_INT(count, (int64_t)score()->captured);
    CHECK_INT(0, (int64_t)score()->false_captures);
    CHECK_NEAR(1, offence_score_share(score()), 0);
}

/* ---- red light ---- */

static void a_violation_is_recorded_once(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 8);
    run_the_light(7, TURN_THROUGH, LAMP_RED);
    show(LAMP_RED, 9);
    CHECK_INT(3, pictures);
    CHECK_INT(0, records); /* not before the feed had time to take it back */
    show(LAMP_RED, 40);
    check_captured(1);
    CHECK_INT(0, (int64_t)camera.busy);
    end();
}

static void crossings_around_the_edge_are_told_apart(void)
{
    /* The red begins with the next tick: from -200 ms to +500 ms around it. */
    for (int64_t after_us = -200 * 1000; after_us <= 500 * 1000; after_us += 10 * 1000) {
        if (!CHECK_INT(0, begin()))
            return;
        harness_at("%lld ms after the edge", (long long)after_us / 1000);
        cycle_to_red();
        int64_t edge_us = now_us;
        show(LAMP_RED, 6);
        pass(1, TURN_THROUGH, PLACE_LINE, edge_us + after_us);
        pass(1, TURN_THROUGH, PLACE_OVER, now_us);
        show(LAMP_RED, 6);
        pass(1, TURN_THROUGH, PLACE_FAR, now_us);
        show(LAMP_RED, 40);
        CHECK_INT(after_us >= 0, (int64_t)score()->passages);
        CHECK_INT(0, (int64_t)score()->false_captures);
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
    pass(1, TURN_THROUGH, PLACE_LINE, now_us);
    show(LAMP_RED, 350);
    check_nobody_accused(1, 1);
    referee_close(&referee, now_us + 10 * 1000 * 1000);
    CHECK_INT(1, (int64_t)score()->missed);
    end();
}

static void a_red_that_ends_under_the_wheels_shows_too_little(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 50);
    pass(1, TURN_THROUGH, PLACE_LINE, now_us);
    show(LAMP_RED, 5);
    pass(1, TURN_THROUGH, PLACE_OVER, now_us);
    show(LAMP_GREEN, 7);
    pass(1, TURN_THROUGH, PLACE_FAR, now_us);
    show(LAMP_GREEN, 40);
    check_nobody_accused(1, 1);
    end();
}

static void a_right_turn_may_pass_a_round_red(void)
{
    for (int waits = 0; waits < 2; waits++) {
        if (!CHECK_INT(0, begin()))
            return;
        /* Even where its drivers wait for the round lamp it is no offence. */
        config.approach[0].lane[0].right_group_no = waits ? GROUP_NO : 0;
        intersection_init(&junction, &config);
        cycle_to_red();
        show(LAMP_RED, 20);
        run_the_light(1, TURN_RIGHT, LAMP_RED);
        show(LAMP_RED, 40);
        CHECK_INT(0, pictures);
        check_nobody_accused(0, 0);
        end();
    }
}

static void an_arrow_binds_its_own_movement_only(void)
{
    static const struct {
        enum turn turn;
        enum group_kind kind;
    } arrows[] = {{TURN_LEFT, GROUP_ARROW_LEFT}, {TURN_RIGHT, GROUP_ARROW_RIGHT}};
    for (int i = 0; i < 2; i++) {
        if (!CHECK_INT(0, begin()))
            return;
        config.feed.group[1].kind = arrows[i].kind;
        config.approach[0].lane[0].left_group_no = ARROW_NO;
        config.approach[0].lane[0].right_group_no = ARROW_NO;
        intersection_init(&junction, &config);
        show(LAMP_GREEN, 620); /* the arrow is red, and for long enough to need no yellow */
        run_the_light(1, TURN_THROUGH, LAMP_GREEN);
        show(LAMP_GREEN, 40);
        check_nobody_accused(0, 0);
        run_the_light(2, arrows[i].turn, LAMP_GREEN);
        show(LAMP_GREEN, 40);
        check_captured(1);
        end();
    }
}

static void without_the_feed_nobody_is_accused(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    feed_heard = false;
    show(LAMP_RED, 30);
    run_the_light(1, TURN_THROUGH, LAMP_RED);
    show(LAMP_RED, 320);
    check_nobody_accused(1, 1);
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
        run_the_light(1, TURN_THROUGH, LAMP_RED);
        show(LAMP_RED, 40);
        check_nobody_accused(1, 0);
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
    run_the_light(1, TURN_THROUGH, LAMP_RED);
    show(LAMP_RED, 40);
    check_nobody_accused(1, 0);
    end();
}

static void a_red_that_does_not_burn_accuses_nobody(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    channel_add(&cabinet.faults.broken[0], GROUP_NO);
    show(LAMP_RED, 5);
    run_the_light(1, TURN_THROUGH, LAMP_RED);
    show(LAMP_RED, 40);
    CHECK_INT(0, records);
    CHECK_INT(0, (int64_t)score()->violations);
    end();
}

static void a_record_nobody_can_confirm_any_more_is_void(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 8);
    run_the_light(1, TURN_THROUGH, LAMP_RED);
    show(LAMP_RED, 15);
    CHECK_INT(1, records);
    /* The controller starts anew: what the receiver knew of before is gone. */
    feed_free(feed);
    feed = feed_new(&config.feed, 2, to_camera, NULL);
    show(LAMP_RED, 40);
    CHECK_INT(0, stands);
    CHECK_INT(1, voids);
    CHECK_INT(VOID_UNKNOWN, void_reason);
    CHECK_INT(1, (int64_t)score()->void_reason[VOID_UNKNOWN]);
    CHECK_INT(1, (int64_t)score()->captured);
    CHECK_INT(1, (int64_t)score()->voided);
    CHECK_INT(0, (int64_t)score()->false_captures);
    CHECK_NEAR(0, offence_score_share(score()), 0);
    end();
}

/* ---- the desk ---- */

static void a_second_record_of_one_offence_is_void(void)
{
    if (!CHECK_INT(0, begin()))
        return;
    cycle_to_red();
    show(LAMP_RED, 8);
    run_the_light(1, TURN_THROUGH, LAMP_RED);
    show(LAMP_RED, 40);
    check_captured(1);
    /* Another camera saw the same, and its record comes a little later. */
    for (enum place place = PLACE_LINE; place < PLACES; place++)
        camera_passed(&camera,
                      &(struct passing){.vehicle_no = 1,
                                        .turn = TURN_THROUGH,
                                        .place = place,
                                        .at_us = now_us - 3000 * 1000 + place * 500 * 1000,
                                        .utc_us = now_us - 3000 * 1000 + place * 500 * 1000 + OFFSET_US});
    show(LAMP_RED, 40);
    CHECK_INT(2, records);
    CHECK_INT(1, voids);
    CHECK_INT(VOID_DUPLICATE, void_reason);
    CHECK_INT(0, (int64_t)score()->false_captures);
    CHECK_NEAR(0.5, offence_score_share(score()), 0);
    end();
}

/* ---- wrong way and parking: what the camera sees is made up here ---- */

static struct strays strays;

static struct stray *stray_at(double x_m, double v_ms, enum stray_state state)
{
    memset(&strays, 0, sizeof strays);
    strays.count = 1;
    strays.stray[0] = (struct stray){.no = 9, .x_m = x_m, .v_ms = v_ms, .state = state, .length_m = 4.5F};
    return &strays.stray[0];
}

static struct seen seen_of(uint32_t no, double x_m, double v_ms)
{
    return (struct seen){
        .no = no, .turn = TURN_THROUGH, .x_m = (float)x_m, .v_ms = (float)v_ms, .length_m = 4.5F};
}

/* One tick on: the stray moves, referee and camera look. */
static void drive_against(struct stray *stray)
{
    struct sight sight = {.count = 1, .seen = {seen_of(stray->no, stray->x_m, stray->v_ms)}};
    referee_look(&referee, &strays, now_us);
    camera_look(&camera, &sight, now_us, now_us + OFFSET_US);
    stray->x_m += stray->v_ms * 0.1;
    stray->against_m -= stray->v_ms * 0.1;
    show(LAMP_RED, 1);
}

static void who_drives_against_his_lane_is_recorded(void)
{
    for (int way = 0; way < 2; way++) {
        if (!CHECK_INT(0, begin_with(CAMERA_WRONG_WAY)))
            return;
        feed_heard = way == 0; /* it needs no lamp */
        struct stray *stray = stray_at(8, -7, STRAY_AGAINST);
        while (stray->x_m > -100)
            drive_against(stray);
        show(LAMP_RED, 40);
        CHECK_INT(3, pictures);
        check_captured(1);
        CHECK_INT(1, (int64_t)score()->violations);
        CHECK_INT(0, (int64_t)camera.busy);
        end();
    }
}

static void who_backs_out_of_a_place_is_not(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_WRONG_WAY)))
        return;
    struct stray *stray = stray_at(-20, -1.2, STRAY_BACKING);
    while (stray->x_m > -26)
        drive_against(stray);
    show(LAMP_RED, 40);
    check_nobody_accused(1, 0);
    end();
}

/* `seconds` pass, once in each of which the camera sees these. */
static void watch(enum lamp_color color, int seconds, const struct seen *seen, int count)
{
    struct sight sight = {.count = count};
    memcpy(sight.seen, seen, (size_t)count * sizeof *seen);
    for (int i = 0; i < seconds; i++) {
        referee_look(&referee, &strays, now_us);
        camera_look(&camera, &sight, now_us, now_us + OFFSET_US);
        show(color, 10);
    }
}

static void who_parks_is_recorded_once(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    const struct seen parked = seen_of(9, -20, 0);
    show(LAMP_RED, 20);
    stray_at(-20, 0, STRAY_STANDING)->standing_from_us = now_us;
    watch(LAMP_GREEN, 59, &parked, 1);
    CHECK_INT(2, pictures);
    CHECK_INT(0, records);
    watch(LAMP_GREEN, 300, &parked, 1);
    CHECK_INT(3, pictures);
    check_captured(1);
    end();
}

static void the_pictures_of_a_parked_vehicle_lie_far_apart(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    const struct seen parked = seen_of(9, -20, 0);
    stray_at(-20, 0, STRAY_STANDING)->standing_from_us = now_us;
    watch(LAMP_RED, 100, &parked, 1); /* longer than dwell_s, but it might wait */
    CHECK_INT(1, pictures);
    const struct camera_case *the_case = &camera.cases[0];
    watch(LAMP_GREEN, 30, &parked, 1);
    check_captured(1);
    CHECK(the_case->picture[2].at_us - the_case->picture[0].at_us >= 60 * 1000 * 1000);
    CHECK(the_case->picture[2].at_us - the_case->picture[1].at_us >= 10 * 1000 * 1000);
    CHECK_INT(SIGSTATE_RED, the_case->picture[0].told.color);
    CHECK_INT(SIGSTATE_GREEN, the_case->picture[1].told.color);
    end();
}

static void a_queue_at_red_is_not_parked(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    const struct seen queue[] = {seen_of(1, -1, 0), seen_of(2, -8, 0), seen_of(3, -15, 0),
                                 seen_of(4, -40, 0)};
    memset(&strays, 0, sizeof strays);
    show(LAMP_GREEN, 50);
    watch(LAMP_RED, 300, queue, 4);
    /* Green: it sets off from the head, one after the other. */
    for (int gone = 0; gone < 4; gone++)
        watch(LAMP_GREEN, 2, queue + gone, 4 - gone);
    show(LAMP_GREEN, 40);
    CHECK_INT(0, records);
    CHECK_INT(0, (int64_t)camera.busy);
    end();
}

static void a_queue_that_green_does_not_move_is_not_parked(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    /* The first one waits inside the junction until it may turn. */
    const struct seen queue[] = {seen_of(1, 8, 0), seen_of(2, -8, 0), seen_of(3, -15, 0)};
    memset(&strays, 0, sizeof strays);
    watch(LAMP_GREEN, 300, queue, 3);
    CHECK_INT(0, records);
    end();
}

static void one_who_parks_is_found_in_the_queue(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    const struct seen queue[] = {seen_of(1, -8, 0), seen_of(9, -20, 0), seen_of(3, -27, 0)};
    const struct seen parked = seen_of(9, -20, 0);
    stray_at(-20, 0, STRAY_STANDING)->standing_from_us = now_us;
    for (int cycle = 0; cycle < 3; cycle++) {
        watch(LAMP_RED, 30, queue, 3);
        watch(LAMP_GREEN, 5, queue, 3);
        watch(LAMP_GREEN, 15, &parked, 1);
        watch(LAMP_YELLOW, 3, &parked, 1);
    }
    check_captured(1);
    end();
}

static void a_short_stop_is_not_parking(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    const struct seen stopped = seen_of(9, -20, 0), moving = seen_of(9, -19, 2);
    show(LAMP_RED, 20);
    stray_at(-20, 0, STRAY_STANDING)->standing_from_us = now_us;
    watch(LAMP_GREEN, 55, &stopped, 1);
    strays.stray[0].state = STRAY_LEAVING;
    watch(LAMP_GREEN, 10, &moving, 1);
    check_nobody_accused(1, 0);
    end();
}

static void without_the_feed_nobody_is_parked(void)
{
    if (!CHECK_INT(0, begin_with(CAMERA_PARKING)))
        return;
    const struct seen parked = seen_of(9, -20, 0);
    feed_heard = false;
    stray_at(-20, 0, STRAY_STANDING)->standing_from_us = now_us;
    watch(LAMP_GREEN, 200, &parked, 1);
    CHECK_INT(0, records);
    CHECK_INT(1, (int64_t)score()->violations);
    end();
}

HARNESS_MAIN(
    {"a violation is recorded once", a_violation_is_recorded_once},
    {"crossings around the edge are told apart", crossings_around_the_edge_are_told_apart},
    {"who stops behind the line is not recorded", who_stops_behind_the_line_is_not_recorded},
    {"a red that ends under the wheels shows too little", a_red_that_ends_under_the_wheels_shows_too_little},
    {"a right turn may pass a round red", a_right_turn_may_pass_a_round_red},
    {"an arrow binds its own movement only", an_arrow_binds_its_own_movement_only},
    {"without the feed nobody is accused", without_the_feed_nobody_is_accused},
    {"a state nobody vouches for accuses nobody", a_state_nobody_vouches_for_accuses_nobody},
    {"a short yellow excuses", a_short_yellow_excuses},
    {"a red that does not burn accuses nobody", a_red_that_does_not_burn_accuses_nobody},
    {"a record nobody can confirm any more is void", a_record_nobody_can_confirm_any_more_is_void},
    {"a second record of one offence is void", a_second_record_of_one_offence_is_void},
    {"who drives against his lane is recorded", who_drives_against_his_lane_is_recorded},
    {"who backs out of a place is not", who_backs_out_of_a_place_is_not},
    {"who parks is recorded once", who_parks_is_recorded_once},
    {"the pictures of a parked vehicle lie far apart", the_pictures_of_a_parked_vehicle_lie_far_apart},
    {"a queue at red is not parked", a_queue_at_red_is_not_parked},
    {"a queue that green does not move is not parked", a_queue_that_green_does_not_move_is_not_parked},
    {"one who parks is found in the queue", one_who_parks_is_found_in_the_queue},
    {"a short stop is not parking", a_short_stop_is_not_parking},
    {"without the feed nobody is parked", without_the_feed_nobody_is_parked}, )
