/* The text of feed messages: every octet of it, how long ones are divided, how they are signed. */
#include "../../io/feed.h"
#include "../../io/feed_sign.h"
#include "feed_fixture.h"
#include "harness.h"
#include <stdlib.h>

static struct fixture f;

static void the_text_is_exactly_this(void)
{
    fixture_begin(&f);
    struct feed_message m = {
        .kind = FEED_CHANGE,
        .boot = 7,
        .seq = 1234,
        .state_seq = 1230,
        .sent_us = 81234567890,
        .clock = {CLOCK_SYNCED, 400, INT64_C(1795334400123456) - 81234567890},
        .reasons = REASON_STARTUP | REASON_STALE_CABINET,
        .part = 1,
        .parts = 1,
        .group_count = 1,
        .group[0] = {.group_ix = LEFT,
                     .color = COLOR_RED_YELLOW,
                     .since_us = 81234567889,
                     .since_error_us = 3000,
                     .red_since_us = 81234567889,
                     .yellow_since_us = -1,
                     .yellow_ms = 3000,
                     .min_change_ms = CHANGE_UNKNOWN,
                     .max_change_ms = CHANGE_UNKNOWN,
                     .verified = true,
                     .enforceable_since_us = -1},
    };
    char text[2048];
    const int length = feed_encode(&f.config, &m, text, sizeof text - 1);
    if (!CHECK(length > 0))
        return;
    text[length] = '\0';
    CHECK_STR("{\"feed\":1,\"controller\":\"quwo-01\",\"boot\":7,\"seq\":1234,\"state_seq\":1230,"
              "\"kind\":\"change\",\"sent\":\"2026-11-22T08:00:00.123456Z\",\"sent_mono_us\":81234567890,"
              "\"clock\":{\"state\":\"synced\",\"error_ms\":0.400},\"valid\":false,"
              "\"reasons\":[\"startup\",\"stale-cabinet\"],\"groups\":[{\"no\":1,"
              "\"name\":\"北进口\\\"左转\\\"\",\"kind\":\"arrow-left\",\"phase\":5,\"approach\":\"N\","
              "\"movements\":[\"left\",\"u-turn\"],\"lanes\":[1,2],\"dark_ok\":false,"
              "\"color\":\"red-yellow\",\"since\":\"2026-11-22T08:00:00.123455Z\","
              "\"since_mono_us\":81234567889,\"since_error_ms\":3.000,"
              "\"red_since\":\"2026-11-22T08:00:00.123455Z\",\"yellow_since\":null,\"yellow_ms\":3000,"
              "\"min_change_ms\":0,\"max_change_ms\":null,\"verified\":true,\"enforceable\":false,"
              "\"enforceable_since\":null}]}",
              text);
    CHECK_INT(-1, feed_encode(&f.config, &m, text, (size_t)length - 1));
    fixture_end(&f);
}

static void dates_are_right(void)
{
    static const struct {
        int64_t utc_s;
        const char *text;
    } date[] = {
        {0, "1970-01-01T00:00:00.000000Z"},          {951782399, "2000-02-28T23:59:59.000000Z"},
        {951782400, "2000-02-29T00:00:00.000000Z"},  {1709164800, "2024-02-29T00:00:00.000000Z"},
        {1735689599, "2024-12-31T23:59:59.000000Z"}, {2147483648, "2038-01-19T03:14:08.000000Z"},
        {4107542400, "2100-03-01T00:00:00.000000Z"},
    };
    fixture_begin(&f);
    for (size_t i = 0; i < sizeof date / sizeof *date; i++) {
        struct feed_message m = {
            .kind = FEED_ALIVE, .seq = 1, .clock.utc_offset_us = date[i].utc_s * 1000000};
        char text[512] = "";
        CHECK(feed_encode(&f.config, &m, text, sizeof text - 1) > 0);
        if (!CHECK(strstr(text, date[i].text)))
            CHECK_STR(date[i].text, text);
    }
    fixture_end(&f);
}

/* A config that needs every octet it can get. */
static void many_groups(struct feed_config *config, int keys)
{
    fixture_config(config);
    config->group_count = CHANNELS_MAX;
    for (int i = 0; i < CHANNELS_MAX; i++) {
        config->group[i] = config->group[RIGHT];
        config->group[i].no = (uint8_t)(i + 1);
    }
    config->key_count = (uint8_t)keys;
    for (int i = 0; i < keys; i++) {
        snprintf(config->key[i].id, sizeof config->key[i].id, "camera-%d", i);
        memset(config->key[i].secret, 'a' + i, 32);
        config->key[i].secret_length = 32;
    }
}

struct parts {
    const struct feed_config *config;
    int count;
    int groups;
    uint64_t next_seq;
};

static void check_part(void *arg, const struct feed_message *m)
{
    struct parts *p = arg;
    char text[FEED_MESSAGE_MAX + 1];
    const int length = feed_encode(p->config, m, text, sizeof text);
    CHECK(length > 0 && (size_t)length + feed_sign_length(p->config) <= FEED_MESSAGE_MAX);
    CHECK_INT(++p->count, m->part);
    CHECK_INT((int64_t)p->next_seq++, (int64_t)m->seq);
    for (int i = 0; i < m->group_count; i++)
        CHECK_INT(p->groups++, m->group[i].group_ix);
}

static void check_long_messages(int keys)
{
    struct feed_config config;
    many_groups(&config, keys);
    struct parts p = {&config, 0, 0, 1};
    struct feed_message *full = calloc(1, sizeof *full);
    full->kind = FEED_FULL;
    full->seq = 1;
    full->part = full->parts = 1;
    full->sent_us = INT64_C(1) << 40;
    full->group_count = CHANNELS_MAX;
    for (int i = 0; i < CHANNELS_MAX; i++)
        full->group[i] = (struct feed_state){.group_ix = (uint8_t)i,
                                             .color = COLOR_YELLOW_FLASH,
                                             .since_us = full->sent_us,
                                             .red_since_us = full->sent_us,
                                             .yellow_since_us = full->sent_us,
                                             .max_change_ms = 1000000};
    int group_ix;
    CHECK_INT(0, feed_check_lengths(&config, &group_ix));
    feed_split(&config, full, check_part, &p);
    CHECK_INT(CHANNELS_MAX, p.groups);
    CHECK(p.count > 1);

    char *text = malloc(feed_text_max(&config));
    CHECK(feed_encode(&config, full, text, feed_text_max(&config)) > 0);
    free(text);
    free(full);
}

static void a_long_full_goes_in_parts_that_fit(void)
{
    check_long_messages(0);
    check_long_messages(1);
    check_long_messages(4);
}

static void a_group_that_fits_nowhere_is_found(void)
{
    struct feed_config config;
    many_groups(&config, 4);
    memset(config.group[3].name, '\x01', NAME_TEXT - 1); /* six octets each when escaped */
    int group_ix = -1;
    CHECK_INT(-1, feed_check_lengths(&config, &group_ix));
    CHECK_INT(3, group_ix);
}

static void a_long_change_becomes_several_in_a_chain(void)
{
    fixture_begin(&f);
    many_groups(&f.config, 1);
    f.config.destination_count = 1;
    feed_free(f.feed);
    f.feed = feed_new(&f.config, 7, fixture_record, &f);
    feed_exchange(f.feed, &f.x, &f.clock);
    int groups = 0;
    CHECK(f.count > 1);
    for (int i = 0; i < f.count; i++) {
        CHECK_INT(FEED_CHANGE, f.message[i].kind);
        CHECK_INT(i, (int64_t)f.message[i].state_seq);
        CHECK_INT(i + 1, (int64_t)f.message[i].seq);
        groups += f.message[i].group_count;
        char text[FEED_MESSAGE_MAX];
        CHECK(feed_encode(&f.config, &f.message[i], text, sizeof text - feed_sign_length(&f.config)) > 0);
    }
    CHECK_INT(CHANNELS_MAX, groups);
    /* A full takes a number for each part. */
    f.count = 0;
    struct parts p = {&f.config, 0, 0, 0};
    feed_full(f.feed, f.now_us, &f.clock, fixture_record, &f);
    feed_full(f.feed, f.now_us, &f.clock, fixture_record, &f);
    p.next_seq = f.message[0].seq;
    feed_split(&f.config, &f.message[0], check_part, &p);
    CHECK(f.message[1].seq >= p.next_seq);
    fixture_end(&f);
}

/* The first of RFC 4231's test cases for HMAC-SHA-256. */
static void signatures_are_hmac_sha_256(void)
{
    struct feed_config config;
    memset(&config, 0, sizeof config);
    config.key_count = 1;
    strcpy(config.key[0].id, "a-1");
    memset(config.key[0].secret, 0x0b, 20);
    config.key[0].secret_length = 20;
    char line[128] = "Hi There";
    CHECK_INT(69, (int64_t)feed_sign_length(&config));
    CHECK_INT(0, feed_sign(&config, line, 8, line + 8));
    CHECK_STR("Hi There\ta-1:b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", line);
    CHECK_INT(8, (int64_t)verifier_json_length(line, 77));
    CHECK(fixture_verify(config.key, line, 77));
    CHECK(!fixture_verify(config.key, line, 76));
    CHECK(!fixture_verify(config.key, line, 8));
    line[0] = 'h';
    CHECK(!fixture_verify(config.key, line, 77));
}

static void one_good_signature_of_several_is_enough(void)
{
    struct feed_config config;
    many_groups(&config, 3);
    char line[512] = "{}";
    const size_t length = 2 + feed_sign_length(&config);
    CHECK_INT(0, feed_sign(&config, line, 2, line + 2));
    for (int i = 0; i < 3; i++)
        CHECK(fixture_verify(&config.key[i], line, length));
    struct feed_key other = config.key[1];
    other.secret[0] ^= 1;
    CHECK(!fixture_verify(&other, line, length));
}

HARNESS_MAIN({"the text is exactly this", the_text_is_exactly_this}, {"dates are right", dates_are_right},
             {"a long full goes in parts that fit", a_long_full_goes_in_parts_that_fit},
             {"a group that fits nowhere is found", a_group_that_fits_nowhere_is_found},
             {"a long change becomes several in a chain", a_long_change_becomes_several_in_a_chain},
             {"signatures are HMAC-SHA-256", signatures_are_hmac_sha_256},
             {"one good signature of several is enough", one_good_signature_of_several_is_enough}, )
