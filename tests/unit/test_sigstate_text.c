/* The receiver's reading of a line: whatever order its keys stand in, whatever was added to the format since,
 * and nothing at all of what was damaged, forged or malformed. */
#include "../../io/feed_sign.h"
#include "../../io/sigstate_message.h"
#include "feed_fixture.h"
#include "harness.h"
#include <stdlib.h>

enum { LINE_OCTETS = 8192, NORTH = 20, ARROW = 1 };

static struct fixture f;
static struct sigstate *s;
static char line[LINE_OCTETS];
static const struct sigstate_key key = {"camera-1", "a secret of the test", 20};

/* A receiver that wants signatures or not, and in `line` a full message. */
static size_t begin(bool wants_signature)
{
    fixture_begin(&f);
    f.config.key_count = 1;
    strcpy(f.config.key[0].id, key.id);
    memcpy(f.config.key[0].secret, key.secret, key.secret_length);
    f.config.key[0].secret_length = (uint8_t)key.secret_length;
    fixture_run(&f, 15);
    s = sigstate_open(&(struct sigstate_options){.keys = &key, .key_count = wants_signature});
    int full = f.count - 1;
    while (f.message[full].kind != FEED_FULL)
        full--;
    return (size_t)feed_encode(&f.config, &f.message[full], line, sizeof line);
}

static void end(void)
{
    sigstate_close(s);
    fixture_end(&f);
}

static size_t sign(size_t length)
{
    CHECK_INT(0, feed_sign(&f.config, line, length, line + length));
    return length + feed_sign_length(&f.config);
}

/* Takes it from memory of its own length, so that reading beyond is found out. */
static enum sigstate_result take(const char *text, size_t length)
{
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, text, length);
    const enum sigstate_result result = sigstate_take(s, exact, length, f.now_us, 0);
    free(exact);
    return result;
}

static struct sigstate_counts counts(void)
{
    struct sigstate_counts c;
    sigstate_counts(s, &c);
    return c;
}

static void the_groups_can_be_found(void)
{
    const size_t length = begin(false);
    CHECK(!sigstate_group(s, 0));
    CHECK_STR("", sigstate_controller(s));
    CHECK_INT(SIGSTATE_TAKEN, take(line, length));
    CHECK_STR("quwo-01", sigstate_controller(s));
    const struct sigstate_group *group = sigstate_group(s, 0);
    if (!CHECK(group))
        return;
    CHECK_INT(ARROW, group->no);
    CHECK_STR("北进口\"左转\"", group->name);
    CHECK_STR("arrow-left", sigstate_kind_text(group->kind));
    CHECK_STR("N", group->approach);
    CHECK_INT(5, group->phase_no);
    CHECK_INT(0, group->overlap_no);
    CHECK_HEX(SIGSTATE_MOVE_LEFT | SIGSTATE_MOVE_U_TURN, group->movements);
    CHECK_INT(2, group->lane_count);
    CHECK_INT(2, group->lane[1]);
    CHECK(!group->dark_ok && sigstate_group(s, 2)->dark_ok);
    CHECK_INT(SIGSTATE_PEDESTRIAN, sigstate_group(s, 2)->kind);
    CHECK(!sigstate_group(s, 3));
    CHECK(!sigstate_group(s, -1));
    end();
}

static const char shuffled[] =
    "{ \"groups\" : [ {\"enforceable\":true, \"color\":\"red\", \"new\":{\"a\":[1,{}]}, \"verified\":true,\n"
    "  \"kind\":\"tram\", \"movements\":[\"left\",\"sideways\"], \"max_change_ms\":null, "
    "\"min_change_ms\":0,\r"
    "  \"yellow_ms\":3e3, \"yellow_since\":null, \"red_since\":\"2026-11-22T08:00:00.000000Z\", \"no\":20,\n"
    "  \"since_error_ms\":0.0001, \"since_mono_us\":1000000 } ], \"later\" : \"\\u00e9\", \"valid\":false,\n"
    "  \"reasons\":[\"manual\",\"earthquake\"], "
    "\"clock\":{\"error_ms\":1e0,\"leap\":0,\"state\":\"holdover\"},\n"
    "  \"sent_mono_us\":2000000, \"sent\":\"2026-11-22T08:00:01.000000Z\", \"kind\":\"full\", "
    "\"state_seq\":0,\n"
    "  \"seq\":1, \"boot\":1, \"controller\":\"x\", \"feed\":1 } ";

static void keys_may_stand_in_any_order_and_be_unknown(void)
{
    begin(false);
    CHECK_INT(SIGSTATE_TAKEN, take(shuffled, sizeof shuffled - 1));
    struct sigstate_answer a;
    sigstate_at_mono(s, NORTH, 1500000, f.now_us, &a);
    CHECK_STR("invalid", sigstate_why_text(a.why));
    CHECK_HEX(SIGSTATE_REASON_MANUAL | (unsigned)SIGSTATE_REASON_OTHER, a.reasons);
    CHECK_INT(1, a.since_error_us);
    CHECK_INT(INT64_C(1795334400000000), a.since_utc_us);
    CHECK_INT(INT64_C(1795334400000000), a.red_since_utc_us);
    CHECK_INT(SIGSTATE_OTHER_KIND, sigstate_group(s, 0)->kind);
    CHECK_HEX(SIGSTATE_MOVE_LEFT, sigstate_group(s, 0)->movements);
    CHECK_STR("", sigstate_group(s, 0)->name);
    end();
}

/* `shuffled` with one part replaced. */
static size_t write_slip(char *text, const char *old, const char *new)
{
    const char *found = strstr(shuffled, old);
    if (!CHECK(found))
        return 0;
    return (size_t)sprintf(text, "%.*s%s%s", (int)(found - shuffled), shuffled, new, found + strlen(old));
}

static void a_slip_anywhere_is_malformed(void)
{
    static const char *const slip[][2] = {
        {"\"feed\":1", "\"feed\":1,\"feed\":1"},
        {"\"no\":20", "\"no\":20,\"no\":20"},
        {"\"state\"", "\"error_ms\":1,\"state\""},
        {"\"error_ms\":1e0,", ""},
        {"\"verified\":true,", ""},
        {"\"boot\":1,", ""},
        {"\"yellow_ms\":3e3", "\"yellow_ms\":3e-3"},
        {"\"no\":20", "\"no\":0"},
        {"\"controller\":\"x\"", "\"controller\":7"},
        {"\"since_error_ms\":0.0001", "\"since_error_ms\":-1"},
        {"\"movements\":[\"left\"", "\"movements\":[1"},
        {"\"manual\"", "null"},
        {"\"kind\":\"tram\"", "\"kind\":null"},
        {"08:00:01.000000Z", "24:00:01.000000Z"},
        {"2026-11-22T08:00:00", "2026-13-22T08:00:00"},
        {"\"red_since\":\"2026", "\"red_since\":\"26"},
        {"\"enforceable\":true", "\"enforceable\":true,\"enforceable_since\":null"},
        {"\"enforceable\":true",
         "\"enforceable\":true,\"enforceable_since\":\"1969-01-01T00:00:00.000000Z\""},
        {"\"enforceable\":true",
         "\"enforceable\":false,\"enforceable_since\":\"2026-11-22T08:00:00.000000Z\""},
        {"\"kind\":\"full\"", "\"kind\":\"alive\",\"part\":1,\"parts\":2"},
        {"\"kind\":\"full\"", "\"kind\":\"full\",\"part\":3,\"parts\":2"},
        {"\"kind\":\"full\"", "\"kind\":\"full\",\"part\":2,\"parts\":2"}, /* with seq 1 */
        {"\"kind\":\"full\"", "\"kind\":\"full\",\"parts\":2"},
        {"\"later\" : ", "\"later\" "},
        {" } ", " }, "},
    };
    char text[2 * sizeof shuffled];
    begin(false);
    for (size_t i = 0; i < sizeof slip / sizeof *slip; i++) {
        harness_at("slip %s", slip[i][1]);
        CHECK_INT(SIGSTATE_MALFORMED, take(text, write_slip(text, slip[i][0], slip[i][1])));
    }
    for (size_t cut = 0; cut < sizeof shuffled - 2; cut++)
        CHECK_INT(SIGSTATE_MALFORMED, take(shuffled, cut));
    CHECK_INT(SIGSTATE_TAKEN, take(shuffled, sizeof shuffled - 1));
    end();
}

static void a_controller_with_too_long_a_name_is_nobody(void)
{
    char text[2 * sizeof shuffled], name[160];
    begin(false);
    snprintf(name, sizeof name, "\"controller\":\"%0100d\"", 0);
    CHECK_INT(SIGSTATE_MALFORMED, take(text, write_slip(text, "\"controller\":\"x\"", name)));
    end();
}

static void whatever_bit_is_flipped_nothing_is_believed(void)
{
    const size_t length = sign(begin(true));
    for (size_t i = 0; i < length; i++) {
        line[i] ^= (char)(1 << i % 8);
        const enum sigstate_result result = take(line, length);
        harness_at("octet %zu", i);
        CHECK(result == SIGSTATE_FORGED || result == SIGSTATE_UNKNOWN_KEY || result == SIGSTATE_UNSIGNED);
        line[i] ^= (char)(1 << i % 8);
    }
    CHECK_INT(0, (int64_t)counts().taken);
    CHECK_INT((int64_t)length, (int64_t)(counts().forged + counts().unknown_key + counts().not_signed));
    for (size_t cut = 0; cut < length; cut++)
        CHECK(take(line, cut) < 0);
    CHECK_INT(SIGSTATE_TAKEN, take(line, length));
    CHECK_INT(SIGSTATE_OLD, take(line, length));
    end();
}

static void each_kind_of_signature_is_counted(void)
{
    const size_t length = begin(true);
    CHECK_INT(SIGSTATE_UNSIGNED, take(line, length));
    strcpy(f.config.key[0].id, "camera-2");
    CHECK_INT(SIGSTATE_UNKNOWN_KEY, take(line, sign(length)));
    strcpy(f.config.key[0].id, key.id);
    f.config.key[0].secret[0] ^= 1;
    CHECK_INT(SIGSTATE_FORGED, take(line, sign(length)));
    /* While a key is being replaced: one of two is enough. */
    f.config.key_count = 2;
    f.config.key[1] = f.config.key[0];
    f.config.key[1].secret[0] ^= 1;
    CHECK_INT(SIGSTATE_TAKEN, take(line, sign(length)));
    CHECK_INT(1, (int64_t)counts().not_signed);
    CHECK_INT(1, (int64_t)counts().unknown_key);
    CHECK_INT(1, (int64_t)counts().forged);
    CHECK_INT(1, (int64_t)counts().taken);
    end();
}

static void a_megabyte_of_brackets_is_dropped(void)
{
    enum { MEGABYTE = 1 << 20 };
    static char deep[MEGABYTE];
    begin(false);
    memset(deep, '[', sizeof deep);
    CHECK_INT(SIGSTATE_MALFORMED, take(deep, sizeof deep));
    CHECK_INT(SIGSTATE_MALFORMED, take(deep, SIGSTATE_LINE_MAX));
    memcpy(deep, "{\"new\":", 7);
    CHECK_INT(SIGSTATE_MALFORMED, take(deep, SIGSTATE_LINE_MAX));
    memcpy(deep, "{\"groups\":", 10);
    CHECK_INT(SIGSTATE_MALFORMED, take(deep, SIGSTATE_LINE_MAX));
    CHECK_INT(4, (int64_t)counts().malformed);
    end();
}

static void options_that_make_no_sense_are_refused(void)
{
    const struct sigstate_key no_id = {"", "secret", 6}, bad_id = {"a:b", "secret", 6}, empty = {"a", "", 0},
                              too_long = {"a", line, SIGSTATE_SECRET_MAX + 1};
    char long_name[200];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    const struct sigstate_options bad[] = {
        {.keys = &no_id, .key_count = 1},
        {.keys = &bad_id, .key_count = 1},
        {.keys = &empty, .key_count = 1},
        {.keys = &too_long, .key_count = 1},
        {.keys = NULL, .key_count = 1},
        {.keys = &key, .key_count = SIGSTATE_KEYS_MAX + 1},
        {.keys = &key, .key_count = -1},
        {.controller = ""},
        {.controller = long_name},
        {.clock_error_us = -2},
        {.address = "tcp:localhost:7070"},
        {.address = "tcp:127.0.0.1:0"},
        {.address = "127.0.0.1:7070"},
        {.address = ""},
        {.address = "udp:127.0.0.1:1", .interface = long_name},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        harness_at("options %zu", i);
        CHECK(!sigstate_open(&bad[i]));
    }
    sigstate_close(NULL);
}

HARNESS_MAIN({"the groups can be found", the_groups_can_be_found},
             {"keys may stand in any order and be unknown", keys_may_stand_in_any_order_and_be_unknown},
             {"a slip anywhere is malformed", a_slip_anywhere_is_malformed},
             {"a controller with too long a name is nobody", a_controller_with_too_long_a_name_is_nobody},
             {"whatever bit is flipped, nothing is believed", whatever_bit_is_flipped_nothing_is_believed},
             {"each kind of signature is counted", each_kind_of_signature_is_counted},
             {"a megabyte of brackets is dropped", a_megabyte_of_brackets_is_dropped},
             {"options that make no sense are refused", options_that_make_no_sense_are_refused}, )
