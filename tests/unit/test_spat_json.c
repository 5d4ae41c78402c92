/* The state in the form of the traffic platforms: every octet of it, and that no red that must not be
 * enforced reads as red. */
#include "../../io/spat_json.h"
#include "feed_fixture.h"
#include "harness.h"
#include <stdlib.h>

enum { TEXT_MAX = 64 * 1024 };

static struct feed_config config;
static struct spat_state state;
static char text[TEXT_MAX];

static const int64_t utc_offset_us = INT64_C(1795334400000000); /* 2026-11-22T08:00:00Z at monotonic 0 */

static struct feed_message message_of(enum feed_kind kind, uint64_t seq, int64_t sent_us)
{
    return (struct feed_message){.kind = kind,
                                 .boot = 7,
                                 .seq = seq,
                                 .sent_us = sent_us,
                                 .clock = {CLOCK_SYNCED, 400, utc_offset_us},
                                 .valid = true,
                                 .part = 1,
                                 .parts = 1};
}

static void add(struct feed_message *m, int group_ix, enum feed_color color, int64_t since_us)
{
    m->group[m->group_count++] = (struct feed_state){.group_ix = (uint8_t)group_ix,
                                                     .color = color,
                                                     .since_us = since_us,
                                                     .verified = true,
                                                     .min_change_ms = CHANGE_UNKNOWN,
                                                     .max_change_ms = CHANGE_UNKNOWN};
}

static void begin(void)
{
    memset(&state, 0, sizeof state);
    fixture_config(&config);
    config.mqtt.region = 12;
    config.mqtt.node = 345;
}

static const char *encoded(void)
{
    const int length = spat_json_encode(&config, &state, text, sizeof text - 1);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

#define STATUS(manual, flash, preempt, standby, failure, off, none)                                          \
    "\"intersection_status_object\":{\"manual_control_is_enabled\":" manual ",\"failure_flash\":" flash      \
    ",\"preempt_is_active\":" preempt ",\"standby_operation\":" standby ",\"failure_mode\":" failure         \
    ",\"off\":" off ",\"no_valid_spat_is_available_at_this_time\":" none "}"
#define NORMAL STATUS("false", "false", "false", "false", "false", "false", "false")
#define TIMING(start, min, max, likely)                                                                      \
    "\"timing\":{\"utc_timing\":{\"start_utc_time\":{\"time_mark\":" start                                   \
    "},\"min_end_utc_time\":{\"time_mark\":" min "},\"max_end_utc_time\":{\"time_mark\":" max                \
    "},\"likely_end_utc_time\":{\"time_mark\":" likely "}}}"

static void the_text_is_exactly_this(void)
{
    begin();
    struct feed_message m = message_of(FEED_FULL, 1234, 10123456);
    m.valid = false;
    m.reasons = REASON_MANUAL | REASON_PREEMPT;
    add(&m, LEFT, COLOR_GREEN, 9000000);
    m.group[0].min_change_ms = m.group[0].max_change_ms = 5000;
    add(&m, RIGHT, COLOR_RED, 4040000);
    m.group[1].min_change_ms = 12345;
    CHECK(spat_state_take(&state, &m));
    CHECK_STR(
        "{\"name\":\"quwo-01\",\"content\":{\"name\":\"quwo-01\",\"time_stamp\":\"2026-11-22T08:00:10.123Z\","
        "\"intersections\":[{\"intersection_id\":{\"region\":12,\"node_id\":345}," STATUS(
            "true", "false", "true", "false", "false", "false",
            "false") ",\"time_stamp\":\"2026-11-22T08:00:10.123Z\",\"time_confidence\":15,"
                     "\"phases\":[{\"phase_id\":1,\"phase_states\":[{\"light_state\":6," TIMING(
                         "90", "151", "152",
                         "151") ",\"feed\":{\"color\":\"green\",\"since\":\"2026-11-22T08:00:09.000Z\","
                                "\"verified\":true,\"enforceable\":false}}]},"
                                "{\"phase_id\":20,\"phase_states\":[{\"light_state\":0," TIMING(
                                    "40", "224", "36001",
                                    "36001") ",\"feed\":{\"color\":\"red\",\"since\":\"2026-11-22T08:00:04."
                                             "040Z\","
                                             "\"verified\":true,\"enforceable\":false}}]},"
                                             "{\"phase_id\":70,\"phase_states\":[{\"light_state\":0}]}],"
                                             "\"feed\":{\"controller\":\"quwo-01\",\"kind\":\"full\","
                                             "\"boot\":7,\"seq\":1234,"
                                             "\"clock\":{\"state\":\"synced\",\"error_ms\":0.400},\"valid\":"
                                             "false,"
                                             "\"reasons\":[\"manual\",\"preempt\"]}}]}}",
        encoded());
}

static void nothing_known_is_said_so(void)
{
    begin();
    const char *const unknown =
        "\"intersections\":[{\"intersection_id\":{\"region\":12,\"node_id\":345}," STATUS(
            "false", "false", "false", "false", "false", "false",
            "true") "%s,\"time_confidence\":%d,"
                    "\"phases\":[{\"phase_id\":1,\"phase_states\":[{\"light_state\":0}]},"
                    "{\"phase_id\":20,\"phase_states\":[{\"light_state\":0}]},"
                    "{\"phase_id\":70,\"phase_states\":[{\"light_state\":0}]}],"
                    "\"feed\":{\"controller\":\"quwo-01\",\"kind\":\"unknown\",\"valid\":false}}]}}";
    char expected[2048];
    /* As a will: nobody knows when it will be read out. */
    int length =
        snprintf(expected, sizeof expected, "{\"name\":\"quwo-01\",\"content\":{\"name\":\"quwo-01\",");
    snprintf(expected + length, sizeof expected - (size_t)length, unknown, "", 0);
    CHECK_STR(expected, encoded());
    /* As a farewell. */
    struct feed_message m = message_of(FEED_FULL, 1, 10000000);
    add(&m, LEFT, COLOR_RED, 9000000);
    m.group[0].enforceable = true;
    CHECK(spat_state_take(&state, &m));
    spat_state_forget(&state, 12500000);
    const char *const stamp = "\"time_stamp\":\"2026-11-22T08:00:12.500Z\"";
    length = snprintf(expected, sizeof expected,
                      "{\"name\":\"quwo-01\",\"content\":{\"name\":\"quwo-01\",%s,", stamp);
    char with_comma[64];
    snprintf(with_comma, sizeof with_comma, ",%s", stamp);
    snprintf(expected + length, sizeof expected - (size_t)length, unknown, with_comma, 15);
    CHECK_STR(expected, encoded());
}

static enum spat_light light(enum group_kind kind, enum feed_color color, bool verified, bool enforceable,
                             uint32_t reasons)
{
    const struct feed_group group = {.kind = kind};
    const struct feed_state of = {.color = color, .verified = verified, .enforceable = enforceable};
    return spat_light(&group, &of, reasons);
}

static void every_color_has_its_code(void)
{
    static const struct {
        enum feed_color color;
        int enforceable, verified, unverified, stale;
    } row[FEED_COLORS] = {
        {COLOR_RED, 3, 0, 0, 0},        {COLOR_YELLOW, 7, 7, 0, 0},       {COLOR_GREEN, 5, 5, 0, 0},
        {COLOR_RED_FLASH, 0, 0, 0, 0},  {COLOR_YELLOW_FLASH, 8, 8, 8, 0}, {COLOR_GREEN_FLASH, 4, 4, 0, 0},
        {COLOR_RED_YELLOW, 0, 0, 0, 0}, {COLOR_DARK, 1, 1, 0, 0},
    };
    for (int i = 0; i < FEED_COLORS; i++) {
        harness_at("%s", feed_color_name(row[i].color));
        CHECK_INT(row[i].enforceable, light(GROUP_ROUND, row[i].color, true, true, 0));
        CHECK_INT(row[i].verified, light(GROUP_ROUND, row[i].color, true, false, 0));
        CHECK_INT(row[i].unverified, light(GROUP_ROUND, row[i].color, false, false, 0));
        CHECK_INT(row[i].stale, light(GROUP_ROUND, row[i].color, true, true, REASON_STALE_CABINET));
    }
}

static void an_arrow_is_protected(void)
{
    for (int kind = 0; kind < GROUP_KINDS; kind++) {
        const bool arrow =
            kind == GROUP_ARROW_LEFT || kind == GROUP_ARROW_THROUGH || kind == GROUP_ARROW_RIGHT;
        harness_at("%s", group_kind_words[kind]);
        CHECK_INT(arrow ? SPAT_GREEN_PROTECTED : SPAT_GREEN_PERMISSIVE,
                  light((enum group_kind)kind, COLOR_GREEN, true, false, 0));
    }
}

static void the_status_follows_the_reasons(void)
{
    static const struct {
        uint32_t reasons;
        const char *status;
    } row[] = {
        {0, NORMAL},
        {REASON_MANUAL, STATUS("true", "false", "false", "false", "false", "false", "false")},
        {REASON_REMOTE, STATUS("true", "false", "false", "false", "false", "false", "false")},
        {REASON_FLASH | REASON_FAULT, STATUS("false", "true", "false", "true", "true", "false", "false")},
        {REASON_PREEMPT, STATUS("false", "false", "true", "false", "false", "false", "false")},
        {REASON_STARTUP, STATUS("false", "false", "false", "true", "false", "false", "false")},
        {REASON_FLASH, STATUS("false", "false", "false", "true", "false", "false", "false")},
        {REASON_ALL_RED, STATUS("false", "false", "false", "true", "false", "false", "false")},
        {REASON_FAULT, STATUS("false", "false", "false", "false", "true", "false", "false")},
        {REASON_DARK, STATUS("false", "false", "false", "false", "false", "true", "false")},
        {REASON_STALE_CABINET, STATUS("false", "false", "false", "false", "false", "false", "true")},
        {REASON_CLOCK | REASON_CONFIG, NORMAL},
    };
    begin();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct feed_message m = message_of(FEED_FULL, i + 1, 1000000);
        m.reasons = row[i].reasons;
        add(&m, LEFT, COLOR_RED, 1000);
        CHECK(spat_state_take(&state, &m));
        harness_at("reasons %x", row[i].reasons);
        if (!CHECK(strstr(encoded(), row[i].status)))
            CHECK_STR(row[i].status, text);
    }
}

static void the_clock_is_told_as_it_is(void)
{
    static const struct {
        int64_t error_us;
        int code;
    } row[] = {
        {0, 16},     {500, 16},   {501, 15},   {1000, 15},   {1001, 14},     {5000, 13},
        {50000, 10}, {200000, 8}, {500001, 6}, {1000000, 6}, {100000000, 1}, {100000001, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        harness_at("%d us", (int)row[i].error_us);
        CHECK_INT(row[i].code, spat_time_confidence(CLOCK_SYNCED, row[i].error_us));
        CHECK_INT(row[i].code, spat_time_confidence(CLOCK_HOLDOVER, row[i].error_us));
        CHECK_INT(0, spat_time_confidence(CLOCK_UNSYNCED, row[i].error_us));
    }
}

/* What is published is the whole junction, whatever the feed told last. */
static void changes_add_up(void)
{
    begin();
    struct feed_message change = message_of(FEED_CHANGE, 2, 2000000);
    add(&change, RIGHT, COLOR_YELLOW, 1990000);
    CHECK(!spat_state_take(&state, &change)); /* of what is not known */
    struct feed_message full = message_of(FEED_FULL, 3, 3000000);
    CHECK(!spat_state_take(&state, &full)); /* before the first exchange with the cabinet */
    add(&full, LEFT, COLOR_RED, 1000000);
    full.group[0].enforceable = true;
    full.group[0].min_change_ms = full.group[0].max_change_ms = 4000;
    add(&full, RIGHT, COLOR_GREEN, 1000000);
    add(&full, WALK, COLOR_DARK, 1000000);
    CHECK(spat_state_take(&state, &full));
    change.sent_us = 3500000;
    CHECK(spat_state_take(&state, &change));
    const struct feed_message alive = message_of(FEED_ALIVE, 4, 3600000);
    CHECK(!spat_state_take(&state, &alive));
    encoded();
    CHECK(
        strstr(text, "\"phase_id\":1,\"phase_states\":[{\"light_state\":3," TIMING("10", "70", "70", "70")));
    CHECK(strstr(text, "\"phase_id\":20,\"phase_states\":[{\"light_state\":7,"));
    CHECK(strstr(text, "\"phase_id\":70,\"phase_states\":[{\"light_state\":1,"));
    CHECK(strstr(text, "\"time_stamp\":\"2026-11-22T08:00:03.600Z\""));
    CHECK(strstr(text, "\"kind\":\"change\",\"boot\":7,\"seq\":4,"));
    spat_state_forget(&state, 4000000);
    CHECK(!spat_state_take(&state, &alive));
    CHECK(!spat_state_take(&state, &change));
    CHECK(strstr(encoded(), "\"phase_id\":1,\"phase_states\":[{\"light_state\":0}]"));
    CHECK(spat_state_take(&state, &full));
}

static void marks_go_round_with_the_hour(void)
{
    begin();
    struct feed_message m = message_of(FEED_FULL, 1, INT64_C(3599950000));
    add(&m, LEFT, COLOR_RED, 0); /* the top of the hour, almost an hour ago */
    m.group[0].min_change_ms = 50;
    m.group[0].max_change_ms = 3600 * 1000 - 1;
    add(&m, RIGHT, COLOR_RED, -100000); /* more than an hour ago */
    m.group[1].min_change_ms = 49;
    m.group[1].max_change_ms = 3600 * 1000;
    CHECK(spat_state_take(&state, &m));
    encoded();
    CHECK(strstr(text, TIMING("0", "0", "0", "36001")));
    CHECK(strstr(text, TIMING("36001", "35999", "36001", "36001")));
}

/* A junction of eighty groups goes into elements of sixteen phases, of one id, and fits. */
static void many_groups_take_several_elements(void)
{
    begin();
    struct feed_message m = message_of(FEED_FULL, UINT64_C(9007199254740991), INT64_C(9007199254));
    m.boot = UINT64_C(9007199254740991);
    m.clock = (struct feed_clock){CLOCK_HOLDOVER, INT32_MAX, utc_offset_us};
    m.valid = false;
    m.reasons = (1U << FEED_REASONS) - 1;
    memset(config.controller, 'x', sizeof config.controller - 1);
    config.mqtt.region = config.mqtt.node = UINT16_MAX;
    config.group_count = CHANNELS_MAX;
    for (int i = 0; i < CHANNELS_MAX; i++) {
        config.group[i] = config.group[LEFT];
        config.group[i].no = 255;
        add(&m, i, COLOR_YELLOW_FLASH, m.sent_us);
        m.group[i].verified = false;
    }
    CHECK(spat_state_take(&state, &m));
    const size_t most = spat_json_max(&config);
    if (!CHECK(most < sizeof text))
        return;
    const int length = spat_json_encode(&config, &state, text, most);
    if (!CHECK(length > 0))
        return;
    CHECK_INT(-1, spat_json_encode(&config, &state, text, (size_t)length - 1));
    text[length] = '\0';
    int elements = 0, phases = 0;
    for (const char *at = text; (at = strstr(at, "\"intersection_id\":{\"region\":65535,")) != NULL; at++)
        elements++;
    for (const char *at = text; (at = strstr(at, "{\"phase_id\":255,")) != NULL; at++)
        phases++;
    CHECK_INT(5, elements);
    CHECK_INT(CHANNELS_MAX, phases);
    /* A name has 63 characters at most in this form. */
    CHECK(strstr(text, "\"name\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\","));
}

/* A whole cycle out of the feed itself: what it does not enforce never reads as red. */
static void a_cycle_of_the_feed(void)
{
    static struct fixture f;
    int reds = 0, others = 0;
    fixture_begin(&f);
    begin();
    fixture_run(&f, 5);
    fixture_show(&f, RIGHT, COLOR_GREEN);
    fixture_run(&f, 20);
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_RED);
    fixture_run(&f, 30);
    f.x.output.reasons = REASON_MANUAL;
    fixture_run(&f, 30);
    for (int i = 0; i < f.count; i++) {
        spat_state_take(&state, &f.message[i]);
        for (int ix = 0; ix < GROUPS; ix++) {
            const struct spat_group *g = &state.group[ix];
            if (!g->told)
                continue;
            const bool red = spat_light(&config.group[ix], &g->state, state.newest.reasons) == SPAT_RED;
            CHECK(!red || (g->state.enforceable && state.newest.valid));
            reds += red;
            others += !red;
        }
    }
    CHECK(reds > 0);
    CHECK(others > 0);
    CHECK_INT(0, spat_light(&config.group[RIGHT], &state.group[RIGHT].state, state.newest.reasons));
    fixture_end(&f);
}

HARNESS_MAIN({"the text is exactly this", the_text_is_exactly_this},
             {"nothing known is said so", nothing_known_is_said_so},
             {"every colour has its code", every_color_has_its_code},
             {"an arrow's green is protected", an_arrow_is_protected},
             {"the status follows the reasons", the_status_follows_the_reasons},
             {"the clock is told as it is", the_clock_is_told_as_it_is},
             {"changes add up to the whole junction", changes_add_up},
             {"time marks go round with the hour", marks_go_round_with_the_hour},
             {"many groups take several elements", many_groups_take_several_elements},
             {"a cycle of the feed: no red that is not enforceable", a_cycle_of_the_feed}, )
