/* The config file: what is read, and what each slip is called. A test takes the shipped T-junction,
 * changes a passage and looks at the lines that come. */
#include "../../controller/config.h"
#include "harness.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES_MAX = 32, LINE_OCTETS = 700 };

static const char shipped[] = SOURCE_ROOT "/configs/chengdong-s234.json";
static const char four_leg[] = SOURCE_ROOT "/configs/four-leg.json";
static const char four_leg_north[] = SOURCE_ROOT "/configs/four-leg-north.json";

static char *base; /* text of the shipped config */
static struct config config;
static char lines[LINES_MAX][LINE_OCTETS];
static int line_count;

static void keep_line(void *arg, const char *line)
{
    (void)arg;
    if (line_count < LINES_MAX)
        snprintf(lines[line_count], LINE_OCTETS, "%s", line);
    line_count++;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 20);
    if (text && fread(text, 1, (1 << 20) - 1, file) == 0) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

static int set_up(void)
{
    base = read_text(shipped);
    return base ? 0 : -1;
}

static int tear_down(void)
{
    free(base);
    return 0;
}

static int load_text(const char *text, enum config_scope scope)
{
    char path[] = "/tmp/test_config.XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return -1;
    fputs(text, file);
    fclose(file);
    line_count = 0;
    int result = config_load(&config, path, scope, keep_line, NULL);
    unlink(path);
    return result;
}

/* Replaces the first `from` by `to` in a text to be freed; a passage that is not there fails the test. */
static char *replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    if (!at) {
        CHECK_FAIL("the config has no passage %s", from);
        return text;
    }
    size_t size = strlen(text) + strlen(to) + 1;
    char *out = malloc(size);
    if (out)
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    return out;
}

/* Loads the shipped config with one passage changed. */
static int load_changed(const char *from, const char *to)
{
    char *text = replace(strdup(base), from, to);
    int result = load_text(text, CONFIG_WHOLE);
    free(text);
    return result;
}

static void evidence_and_its_journal_are_settings(void)
{
    CHECK_INT(0, load_changed("\"asc\": {",
                              "\"http\": {\"listen\": \"tcp:127.0.0.1:8080\"},"
                              "\"history\": {\"journal_days\": 0, \"journal_mb\": 10}, \"asc\": {"));
    CHECK_STR("tcp:127.0.0.1:8080", config.http_listen);
    CHECK_INT(0, config.history.journal_days);
    CHECK_INT(10, config.history.journal_mb);
}

/* Expects exactly one fault, whose line has `part` in it. */
static void expect_fault(const char *from, const char *to, const char *part)
{
    harness_at("%s -> %s", from, to);
    CHECK_INT(1, load_changed(from, to));
    if (!CHECK_INT(1, line_count) || !strstr(lines[0], part)) {
        for (int i = 0; i < line_count && i < LINES_MAX; i++)
            CHECK_FAIL("expected \"%s\", came %s", part, lines[i]);
        if (line_count == 0)
            CHECK_FAIL("expected \"%s\", nothing came", part);
    }
}

static void the_shipped_configs_are_sound(void)
{
    const char *const paths[] = {shipped, four_leg, four_leg_north};
    for (int i = 0; i < 3; i++) {
        line_count = 0;
        harness_at("%s", paths[i]);
        if (!CHECK_INT(0, config_load(&config, paths[i], CONFIG_WHOLE, keep_line, NULL)))
            CHECK_FAIL("%s", lines[0]);
        CHECK_INT(0, config_load(&config, paths[i], CONFIG_ASC_ONLY, keep_line, NULL));
    }
}

static void every_section_is_read(void)
{
    CHECK_INT(0, load_text(base, CONFIG_WHOLE));
    CHECK_STR("quwo-01", config.site.id);
    CHECK_STR("城东街与省道234交叉口", config.site.name);
    CHECK_INT(3, config.approach_count);
    CHECK_INT(8, config.camera_count);
    CHECK_INT(CAMERA_PARKING, config.camera[2].kind);
    CHECK_INT(50, (int64_t)config.camera[2].to_m);
    CHECK_INT(180, config.camera[2].dwell_s);
    CHECK_STR("127.0.0.1", config.cabinet.host);
    CHECK_INT(1502, config.cabinet.port);
    CHECK_INT(132, config.cabinet.map.vehicle);
    CHECK_HEX(0x3F, config.card.used.word[0]);
    CHECK_HEX(0x30, config.card.pedestrian.word[0]);
    CHECK_HEX(0x16, config.card.permissive[0].word[0]); /* channel 1 with 2, 3 and 5 */
    CHECK_INT(3000, config.card.yellow_floor_ms[0]);
    CHECK_INT(50, config.card.intergreen_ds[3][0]);
    CHECK_INT(6, config.feed.group_count);
    CHECK_STR("quwo-01", config.feed.controller);
    CHECK_INT(3000, config.feed.group[0].yellow_floor_ms);
    CHECK_STR("tcp:127.0.0.1:7070", config.feed.listen[0]);
    CHECK_STR("", config.http_listen);
    CHECK_INT(90, config.history.journal_days);
    CHECK_INT(500, config.history.journal_mb);
    CHECK(config.snmp.present && config.snmp.community[0].v1);
    CHECK_INT(300, config.snmp.transaction_idle_s);
    CHECK(!config.snmp.structure_at_once);
    CHECK_INT(ROLE_ENGINEER, config.snmp.user[0].role);
    CHECK_INT(15, config.db.phase[1].minimum_green_s);
    CHECK_INT(3, config.db.phase[1].flashing_green_s);
    const struct lane_config *right = &config.approach[2].lane[1];
    CHECK_HEX(MOVE_RIGHT, right->movements);
    CHECK_INT(0, right->right_group_no);
}

static void arrows_stand_on_the_card(void)
{
    load_changed("\"floors\"", "\"arrows\": [{\"channel\": 1, \"yields_to\": [4]}], \"floors\"");
    CHECK_INT(0, line_count);
    CHECK(channel_has(&config.card.arrow, 1));
    CHECK(!channel_has(&config.card.arrow, 4));
    CHECK(channel_has(&config.card.yields[0], 4) && channel_has(&config.card.yields[3], 1));
    CHECK(config.feed.group[0].arrow && !config.feed.group[1].arrow);
}

static void one_slip_is_one_line(void)
{
    static const struct {
        const char *from, *to, *part;
    } slips[] = {
        {"\"id\": \"quwo-01\"", "\"id\": \"quwo 01\"", ":3: site.id: letters, digits"},
        {"\"roads\"", "\"raods\"", "site.raods:"},
        {"\"unit\": 1,", "\"unit\": 1, \"unit\": 2,", "cabinet.unit"},
        {"\"unit\": 1,", "\"unit\": 1.5,", "cabinet.unit"},
        {"\"unit\": 1,", "\"unit\": 300,", "cabinet.unit"},
        {"tcp:127.0.0.1:1502", "tcp:localhost:1502",
         "cabinet.modbus: \"tcp:localhost:1502\" is not an address"},
        {"tcp:127.0.0.1:1502", "udp:127.0.0.1:1502", "cabinet.modbus: \"udp:127.0.0.1:1502\" is UDP"},
        {"\"yellow\": 16, \"green\"", "\"yellow\": 8, \"green\"", "cabinet.map"},
        {"\"share\": 0.25", "\"share\": \"much\"", "approaches[2].share"},
        {"\"groups\": {\"left\": 4}", "\"groups\": {\"left\": 7}", "there is no lamp group 7"},
        {"\"groups\": {\"left\": 4}", "\"groups\": {\"left\": 6}", "lamp group 6 is for pedestrians"},
        {"\"groups\": {\"left\": 4}", "\"groups\": {}", "no lamp group is given for the movement \"left\""},
        {"{\"no\": 12, \"kind\"", "{\"no\": 33, \"kind\"", "there is no vehicle detector 33"},
        {"{\"no\": 12, \"kind\"", "{\"no\": 11, \"kind\"", "vehicle detector 11 lies in another place"},
        {"\"crosswalk\": {\"group\": 5, \"detector\": 1", "\"crosswalk\": {\"group\": 5, \"detector\": 9",
         "there is no pedestrian detector 9"},
        {"\"crosswalk\": {\"group\": 5", "\"crosswalk\": {\"group\": 1",
         "lamp group 1 is not for pedestrians"},
        {"\"id\": \"S-way\"", "\"id\": \"S-red\"", "camera \"S-red\" stands there twice"},
        {"\"kind\": \"wrong-way\", \"lanes\": [3]", "\"kind\": \"wrong-way\", \"lanes\": [4]",
         "cameras[1].lanes"},
        {"\"kind\": \"wrong-way\", \"lanes\": [3]", "\"kind\": \"wrong-way\", \"lanes\": [3], \"from_m\": 40",
         "from 40 to 50 m is no stretch of 20 m"},
        {"\"kind\": \"wrong-way\", \"lanes\": [3]",
         "\"kind\": \"wrong-way\", \"lanes\": [3], \"dwell_s\": 60", "cameras[1].dwell_s"},
        {"\"kind\": \"parking\", \"lanes\": [3]", "\"kind\": \"parking\", \"lanes\": [3], \"dwell_s\": 9",
         "cameras[2].dwell_s: 9 is not from 10 to 3600"},
        {"\"kind\": \"red-light\", \"lanes\": [1]}", "\"kind\": \"red-light\", \"lanes\": [1], \"to_m\": 60}",
         "cameras[0].to_m"},
        {"\"cameras\": [{\"id\": \"W-red\"",
         "\"offences\": {\"parking\": 61}, \"cameras\": [{\"id\": \"W-red\"",
         "approaches[2].offences.parking"},
        {"\"left\": 0.55", "\"left\": 0.5", "the shares add up to 0.950"},
        {"\"approach\": \"S\",\n       \"movements\": [\"through\"]",
         "\"approach\": \"X\",\n       \"movements\": [\"through\"]", "there is no approach \"X\""},
        {"[1, 2], [1, 3]", "[1, 2], [1, 9]", "there is no lamp group 9"},
        {"[1, 2], [1, 3]", "[1, 2], [1, 3, 4]", "a pair has two channels, not 3"},
        {"\"floors\"", "\"arrows\": [{\"channel\": 1, \"yields_to\": [2]}], \"floors\"",
         "channels 1 and 2 do not conflict"},
        {"\"floors\"", "\"arrows\": [{\"channel\": 5, \"yields_to\": [4]}], \"floors\"",
         "lamp group 5 has no yellow to flash"},
        {"\"floors\"", "\"arrows\": [{\"channel\": 1, \"yields_to\": [4, 9]}], \"floors\"",
         "there is no lamp group 9"},
        {"\"from\": 4, \"to\": 1", "\"from\": 2, \"to\": 1", "channels 2 and 1 do not conflict"},
        {"[5, 6], \"red_clear_ms\"", "[5], \"red_clear_ms\"", "lamp group 6 has no floors"},
        {"\"yellow_ms\": 3000", "\"yellow_ms\": 2000", "cabinet.card.floors[0].yellow_ms"},
        {"\"yellow_ms\": 3000", "\"yellow_ms\": 3050", "3050 is not a multiple of 100"},
        {"\"auth\": \"SHA-256\"", "\"auth\": \"MD5\"", "snmp.v3[0].auth"},
        {"\"auth_pass\": \"for-trying-out-only\"", "\"auth_pass\": \"short\"", "5 characters, at least 12"},
        {"\"role\": \"engineer\", \"auth\"", "\"role\": \"god\", \"auth\"", "snmp.v3[0].role"},
        {"127.0.0.0/8", "127.0.0.0/40", "snmp.v2c[0].from"},
        {"udp:127.0.0.1:1161", "dup:127.0.0.1:1161", "snmp.listen[0]"},
        {"\"listen\": [\"udp", "\"transaction_idle_s\": 9, \"listen\": [\"udp", "snmp.transaction_idle_s"},
        {"\"feed\": {", "\"stmp\": {\"listen\": [\"udp:here\"], \"from\": []}, \"feed\": {",
         "stmp.listen[0]"},
        {"\"feed\": {", "\"stmp\": {\"listen\": [], \"from\": [\"10.0.0.1/8\"]}, \"feed\": {",
         "stmp.from[0]"},
        {"\"feed\": {", "\"stmp\": {\"listen\": []}, \"feed\": {", "stmp.from"},
        {"\"feed\": {", "\"stmp\": {\"listen\": [], \"from\": [], \"role\": \"admin\"}, \"feed\": {",
         "stmp.role"},
        {"[\"tcp:127.0.0.1:7070\"]", "[\"tcp:127.0.0.1:70700\"]", "feed.listen[0]"},
        {"[\"tcp:127.0.0.1:7070\"]", "[], \"destinations\": [\"udp:239.1.2.3:7071\"]",
         "without a key in feed.keys only this machine"},
        {"[\"tcp:127.0.0.1:7070\"]", "[], \"keys\": [{\"id\": \"k1\", \"secret\": \"00ff\"}]",
         "16 to 64 octets in hex"},
        {"[\"tcp:127.0.0.1:7070\"]",
         "[], \"keys\": [{\"id\": \"k1\", \"secret\": \"000102030405060708090a0b0c0d0e0f\", \"from\": "
         "\"2026-12-01 00:00\"}]",
         "is not UTC such as 2026-12-01T00:00:00Z"},
        {"[\"tcp:127.0.0.1:7070\"]",
         "[], \"keys\": [{\"id\": \"k1\", \"secret\": \"000102030405060708090a0b0c0d0e0f\", \"from\": "
         "\"2026-12-01T00:00:00Z\", \"until\": \"2026-12-01T00:00:00Z\"}]",
         "the key would never be valid"},
        {"\"clock\": \"any\"", "\"clock\": \"any\", \"chrony\": \"udp:192.0.2.1:323\"", "site.chrony"},
        {"\"clock\": \"any\"", "\"clock\": \"any\", \"chrony\": \"udp:127.0.0.1:0\"", "site.chrony"},
        {"\"snmp\": {", "\"tscbm\": {\"enabled\": 256}, \"snmp\": {", "tscbm.enabled"},
        {"\"snmp\": {", "\"tscbm\": {\"port\": 0}, \"snmp\": {", "tscbm.port"},
        {"\"snmp\": {", "\"tscbm\": {\"receivers\": [\"udp:192.0.2.1:0\"]}, \"snmp\": {",
         "a receiver needs a port"},
        {"\"snmp\": {", "\"tscbm\": {\"receivers\": [\"tcp:192.0.2.1:6053\"]}, \"snmp\": {",
         "tscbm.receivers[0]"},
        {"\"snmp\": {", "\"tscbm\": {\"receiver\": []}, \"snmp\": {", "tscbm.receiver"},
        {"\"snmp\": {", "\"tscbm\": {\"cameras\": [\"udp:192.0.2.1:0\"]}, \"snmp\": {", "tscbm.cameras[0]"},
        {"\"asc\": {", "\"http\": {\"listen\": \"127.0.0.1:8080\"}, \"asc\": {", "http.listen"},
        {"\"asc\": {", "\"http\": {\"listen\": \"udp:127.0.0.1:8080\"}, \"asc\": {", "http.listen"},
        {"\"asc\": {", "\"history\": {\"journal_days\": 3651}, \"asc\": {", "history.journal_days"},
        {"\"asc\": {", "\"history\": {\"journal_mb\": 9}, \"asc\": {", "history.journal_mb"},
        {"\"asc\": {", "\"history\": {\"days\": 9}, \"asc\": {", "history.days"},
        {"\"phaseMinimumGreen\": 8", "\"phaseMinimumGreen\": 256", "phaseMinimumGreen"},
        {"\"phaseMinimumGreen\": 8", "\"phaseMinimumGren\": 8", "phaseMinimumGren"},
        {"\"sequenceData\": [5, 6]", "\"sequenceData\": [5]", "phase 6"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++)
        expect_fault(slips[i].from, slips[i].to, slips[i].part);
}

/* The publisher: what it takes, and what each slip is called. */
static void the_publisher_has_a_section(void)
{
    const struct mqtt_config *mqtt = &config.feed.mqtt;
    CHECK_INT(0, load_changed("\"feed\": {", "\"feed\": {\"mqtt\": {\"broker\": \"tcp:10.0.0.1:1883\"}, "));
    CHECK(mqtt->present);
    CHECK_STR("tcp:10.0.0.1:1883", mqtt->broker);
    CHECK_STR("quwo-01", mqtt->client);
    CHECK_STR("v2x/v1/signalcontroller/quwo-01/spat/up", mqtt->topic);
    CHECK_INT(5, mqtt->version);
    CHECK_INT(0, mqtt->qos);
    CHECK_INT(0, load_changed("\"feed\": {",
                              "\"feed\": {\"mqtt\": {\"broker\": \"tcp6:[::1]:8883\", "
                              "\"id\": \"132293\", \"client\": \"132293_0\", "
                              "\"topic\": \"a/{id}/b/{id}\", \"user\": \"u\", \"password\": \"p\", "
                              "\"ca\": \"/ca\", \"cert\": \"/c\", \"key\": \"/k\", \"qos\": 1, "
                              "\"version\": \"3.1.1\", \"region\": 12, \"node\": 65535}, "));
    CHECK_STR("132293_0", mqtt->client);
    CHECK_STR("a/132293/b/132293", mqtt->topic);
    CHECK_STR("/k", mqtt->key);
    CHECK_INT(3, mqtt->version);
    CHECK_INT(1, mqtt->qos);
    CHECK_INT(12, mqtt->region);
    CHECK_INT(65535, mqtt->node);
    static const struct {
        const char *keys, *part;
    } slips[] = {
        {"", "feed.mqtt.broker"},
        {"\"broker\": \"udp:10.0.0.1:1883\"", "feed.mqtt.broker"},
        {"\"broker\": \"tcp:broker.example:1883\"", "a numeric host"},
        {"\"broker\": \"tcp:10.0.0.1:0\"", "a broker needs a port"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"id\": \"a/b\"", "feed.mqtt.id"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"client\": \"\"", "feed.mqtt.client"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"topic\": \"\"", "feed.mqtt.topic"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"topic\": \"lamps/#\"", "feed.mqtt.topic"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"topic\": \"$SYS/{id}\"", "feed.mqtt.topic"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"password\": \"p\"", "a password needs a user"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"ca\": \"/ca\", \"cert\": \"/c\"", "belong together"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"cert\": \"/c\", \"key\": \"/k\"", "without ca there is no TLS"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"qos\": 2", "feed.mqtt.qos"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"version\": \"4\"", "feed.mqtt.version"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"region\": 65536", "feed.mqtt.region"},
        {"\"broker\": \"tcp:10.0.0.1:1\", \"nod\": 1", "feed.mqtt.nod"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        char changed[256];
        snprintf(changed, sizeof changed, "\"feed\": {\"mqtt\": {%s}, ", slips[i].keys);
        expect_fault("\"feed\": {", changed, slips[i].part);
    }
}

static void the_card_is_held_against_the_plan(void)
{
    expect_fault("\"phaseYellowChange\": 30, \"phaseRedClear\": 25",
                 "\"phaseYellowChange\": 29, \"phaseRedClear\": 25",
                 "phase 4: 2900 ms of yellow is below the card's floor of 3000 ms for channel 4");
    expect_fault("\"phaseRedClear\": 25", "\"phaseRedClear\": 5",
                 "phase 4: 500 ms of red clearance is below the card's floor of 1000 ms for channel 4");
    expect_fault(
        "[[1, 2], [1, 3]", "[[1, 3]",
        "phase 2 may run with phase 5, and the card does not let their channels 1 and 2 run together");
    expect_fault("[3, 5], [4, 6]", "[3, 5]",
                 "channel 6 shows phase 4 like channel 4, and the card does not let 4 and 6 run together");
    expect_fault("{\"channelNumber\": 6, \"channelControlSource\": 4, \"channelControlType\": 3",
                 "{\"channelNumber\": 7, \"channelControlSource\": 2, \"channelControlType\": 2}, "
                 "{\"channelNumber\": 6, \"channelControlSource\": 4, \"channelControlType\": 3",
                 "channel 7 shows phase 2, and the cabinet has no lamp group 7");
    expect_fault("{\"channelNumber\": 6, \"channelControlSource\": 4,",
                 "{\"channelNumber\": 6, \"channelControlSource\": 0,",
                 "no enabled phase drives lamp group 6");
    expect_fault("\"channelControlType\": 2, \"channelFlash\": 2}",
                 "\"channelControlType\": 2, \"channelFlash\": 4}",
                 "channel 1 is red in flash, and the card says yellow");
    expect_fault("\"kind\": \"arrow-left\", \"phase\": 4", "\"kind\": \"arrow-left\", \"phase\": 5",
                 "channel 4 shows phase 4, and its lamp group belongs to phase 5");
}

static void the_line_is_that_of_the_key(void)
{
    char *text = replace(strdup(base), "\"phaseMinimumGreen\": 8", "\"phaseMinimumGreen\": 999");
    int line = 1;
    for (const char *c = text; c < strstr(text, "\"phaseMinimumGreen\": 999"); c++)
        line += *c == '\n';
    CHECK_INT(1, load_text(text, CONFIG_WHOLE));
    const char *colon = strchr(lines[0], ':');
    CHECK_INT(line, colon ? atoi(colon + 1) : -1);
    CHECK(strstr(lines[0], "asc.phaseTable[1].phaseMinimumGreen: ") != NULL);
    free(text);
}

static void ten_slips_are_ten_lines_in_order(void)
{
    static const char *const change[][2] = {
        {"\"id\": \"quwo-01\"", "\"id\": \"\""},
        {"\"bearing_deg\": 180", "\"bearing_deg\": 400"},
        {"\"kind\": \"advance\"", "\"kind\": \"advanced\""},
        {"\"heartbeat_ms\": 1000", "\"heartbeat_ms\": 10"},
        {"[4, 6]", "[4, 40]"},
        {"\"priv\": \"AES-128\"", "\"priv\": \"DES\""},
        {"tcp:127.0.0.1:7070", "tcp:127.0.0.1"},
        {"\"unitRedRevert\": 20", "\"unitRedRevert\": 2.5"},
        {"\"phaseMaximum1\": 30", "\"phaseMaximum1\": -1"},
        {"\"vehicleDetectorDelay\": 100", "\"vehicleDetectorDelya\": 100"},
    };
    char *text = strdup(base);
    for (int i = 0; i < 10; i++)
        text = replace(text, change[i][0], change[i][1]);
    CHECK_INT(1, load_text(text, CONFIG_WHOLE));
    CHECK_INT(10, line_count);
    int last = 0;
    for (int i = 0; i < line_count && i < LINES_MAX; i++) {
        const char *colon = strchr(lines[i], ':');
        int line = colon ? atoi(colon + 1) : -1;
        if (line < last || line <= 0)
            CHECK_FAIL("line %d after %d: %s", line, last, lines[i]);
        last = line;
    }
    if (line_count != 10) {
        for (int i = 0; i < line_count && i < LINES_MAX; i++)
            CHECK_FAIL("%s", lines[i]);
    }
    free(text);
}

static void what_is_no_json_is_one_line(void)
{
    CHECK_INT(1, load_text("{\"site\": ", CONFIG_WHOLE));
    CHECK_INT(1, line_count);
    CHECK_INT(1, load_text("", CONFIG_WHOLE));
    CHECK_INT(1, line_count);
    CHECK_INT(1, load_text("[]", CONFIG_WHOLE));
    CHECK_INT(1, line_count);
    char *text = replace(strdup(base), "\n}\n", "\n} trailing\n");
    CHECK_INT(1, load_text(text, CONFIG_WHOLE));
    CHECK_INT(1, line_count);
    free(text);
}

static void missing_sections_are_named(void)
{
    CHECK_INT(1, load_text("{}", CONFIG_WHOLE));
    CHECK_INT(3, line_count); /* site, cabinet, asc */
    CHECK_INT(1, load_text("{}", CONFIG_ASC_ONLY));
    CHECK_INT(1, line_count);
}

static void a_file_that_is_not_there_is_2(void)
{
    line_count = 0;
    CHECK_INT(2, config_load(&config, "/nowhere/at/all.json", CONFIG_WHOLE, keep_line, NULL));
    CHECK_INT(1, line_count);
    CHECK(strstr(lines[0], "/nowhere/at/all.json") != NULL);
}

static void lock_step_reads_asc_alone(void)
{
    static const char text[] = "{\"colour\": \"red\", \"cabinet\": 5, \"asc\": {\"unitStartUpFlash\": 7}}";
    CHECK_INT(0, load_text(text, CONFIG_ASC_ONLY));
    CHECK_INT(7, config.db.unit.startup_flash_s);
    CHECK_INT(2, config.db.channel[1].source_no); /* the default assignment */
    CHECK_INT(13, load_text("{\"asc\": {}}", CONFIG_ASC_ONLY) + 13);
}

static void the_digest_sees_values_not_layout(void)
{
    uint8_t before[32];
    load_text(base, CONFIG_WHOLE);
    memcpy(before, config.asc_digest, sizeof before);
    load_changed("\"unitRedRevert\": 20", "\"unitRedRevert\":\n\n     20");
    CHECK_BYTES(before, config.asc_digest, sizeof before);
    load_changed("\"unitRedRevert\": 20", "\"unitRedRevert\": 21");
    CHECK(memcmp(before, config.asc_digest, sizeof before) != 0);
}

static void the_lock_step_card_follows_concurrency(void)
{
    struct guard_card card;
    load_text(base, CONFIG_WHOLE);
    config_card_from_database(&card, &config.db);
    CHECK_HEX(0x3F, card.used.word[0]);
    CHECK_HEX(0x30, card.pedestrian.word[0]);
    CHECK_HEX(0x16, card.permissive[0].word[0]); /* phase 2 with 5, and 6 and its pedestrians */
    CHECK_HEX(0x20, card.permissive[3].word[0]); /* phase 4 with its pedestrians */
    CHECK_INT(3000, card.yellow_floor_ms[0]);
    CHECK_INT(0, card.yellow_floor_ms[4]);
    CHECK_INT(0, card.red_floor_ms[0]);
}

static void the_broadcast_message_has_a_section(void)
{
    CHECK_INT(0, load_text(base, CONFIG_WHOLE));
    CHECK_INT(0, config.tscbm.enabled);
    CHECK_INT(6053, config.tscbm.port);
    CHECK_INT(0, config.tscbm.receiver_count);
    CHECK_INT(0,
              load_changed("\"snmp\": {", "\"tscbm\": {\"enabled\": 6, \"port\": 7000, \"requester_s\": 600, "
                                          "\"cameras\": [\"udp:192.0.2.3:6053\"], "
                                          "\"receivers\": [\"udp:192.0.2.1:6053\", "
                                          "\"udp6:[2001:db8::1]:6054\"]}, \"snmp\": {"));
    CHECK_INT(6, config.tscbm.enabled);
    CHECK_INT(7000, config.tscbm.port);
    CHECK_INT(600, config.tscbm.requester_s);
    CHECK_INT(2, config.tscbm.receiver_count);
    CHECK_INT(6054, address_port(&config.tscbm.receiver[1]));
    CHECK_INT(1, config.tscbm.camera_count);
    CHECK_INT(6053, address_port(&config.tscbm.camera[0]));
}

static void red_lamp_detectors_are_read(void)
{
    CHECK_INT(0,
              load_changed("\"listen\": [\"tcp:127.0.0.1:7070\"]",
                           "\"detectors\": ["
                           "{\"form\": \"modbus\", \"listen\": \"tcp:0.0.0.0:1503\", \"unsigned\": true},"
                           "{\"form\": \"upload\", \"serial\": \"/dev/ttyS1\", \"baud\": 19200, \"unit\": 7,"
                           " \"size\": 32, \"period_ms\": 50, \"lead_ms\": 200, \"layout\": \"xor\","
                           " \"channels\": [{\"channel\": 32, \"group\": 2, \"color\": \"yellow\"}]}]"));
    const struct feed_config *feed = &config.feed;
    if (!CHECK_INT(2, feed->detector_count))
        return;
    const struct lamp_detector_config *d = feed->detector;
    CHECK_INT(LAMP_MODBUS, d->form);
    CHECK_STR("tcp:0.0.0.0:1503", d->listen);
    CHECK_INT(1, d->unit);
    CHECK_INT(16, d->channel_count);
    CHECK_INT(0, d->lead_ms);
    for (int no = 1; no <= LAMP_CHANNELS_MAX; no++) {
        bool wired = false;
        for (int i = 0; i < feed->group_count; i++)
            wired = wired || (no <= 16 && feed->group[i].no == no);
        CHECK_INT(wired ? no : 0, d->channel[no - 1].group_no);
        CHECK_INT(CHANNEL_RED, d->channel[no - 1].color);
    }
    d++;
    CHECK_INT(LAMP_UPLOAD, d->form);
    CHECK_STR("/dev/ttyS1", d->serial);
    CHECK_STR("", d->listen);
    CHECK_INT(19200, d->baud);
    CHECK_INT(7, d->unit);
    CHECK_INT(32, d->channel_count);
    CHECK_INT(50, d->period_ms);
    CHECK_INT(200, d->lead_ms);
    CHECK_INT(1, d->layout_ix);
    CHECK_INT(0, d->channel[1].group_no);
    CHECK_INT(2, d->channel[31].group_no);
    CHECK_INT(CHANNEL_YELLOW, d->channel[31].color);
}

/* One detector with a slip in it: one line, which names it. */
static void a_detectors_slip_is_one_line(void)
{
    static const struct {
        const char *detector, *part;
    } slips[] = {
        {"\"form\": \"modbus\"", "feed.detectors[0].listen: "},
        {"\"form\": \"modem\", \"serial\": \"/dev/ttyS1\"", "feed.detectors[0].form: "},
        {"\"form\": \"modbus\", \"listen\": \"udp:127.0.0.1:1503\"", "only TCP is possible here"},
        {"\"form\": \"modbus\", \"listen\": \"tcp:0.0.0.0:1503\"", "needs \"unsigned\": true"},
        {"\"form\": \"modbus\", \"listen\": \"tcp:127.0.0.1:1503\", \"serial\": \"/dev/ttyS1\"",
         "feed.detectors[0].listen: a detector is on a port or on a line"},
        {"\"form\": \"poll\", \"listen\": \"tcp:127.0.0.1:1503\", \"serial\": \"/dev/ttyS1\"",
         "feed.detectors[0].listen: a detector is on a port or on a line"},
        {"\"form\": \"poll\", \"serial\": \"ttyS1\"", "\"ttyS1\" is not a device such as /dev/ttyS1"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"baud\": 9601", "9601 is none of 2400"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"parity\": \"odd\"", "feed.detectors[0].parity"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"period_ms\": 50", "feed.detectors[0].period_ms"},
        {"\"form\": \"upload\", \"serial\": \"/dev/ttyS1\", \"period_ms\": 501", "501 is not from 20 to 500"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"layout\": \"crc\"", "feed.detectors[0].layout"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"unit\": 0", "0 is not from 1 to 247"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"size\": 24", "24 is neither 16 nor 32"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"channels\": [{\"channel\": 17, \"group\": 2}]",
         "feed.detectors[0].channels[0].channel: 17 is not from 1 to 16"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"channels\": [{\"channel\": 1, \"group\": 79}]",
         "feed.detectors[0].channels[0].group: there is no lamp group 79"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\", \"channels\": [{\"channel\": 1, \"group\": 2}, "
         "{\"channel\": 1, \"group\": 2, \"color\": \"green\"}]",
         "feed.detectors[0].channels[1].channel: channel 1 stands there twice"},
        {"\"form\": \"poll\", \"serial\": \"/dev/ttyS1\"}, {\"form\": \"upload\", \"serial\": \"/dev/ttyS1\"",
         "feed.detectors[1].serial: /dev/ttyS1 has a detector already"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        char to[400];
        snprintf(to, sizeof to, "\"detectors\": [{%s}]", slips[i].detector);
        expect_fault("\"listen\": [\"tcp:127.0.0.1:7070\"]", to, slips[i].part);
    }
}

HARNESS_MAIN_WITH(set_up, tear_down, {"the shipped configs are sound", the_shipped_configs_are_sound},
                  {"every section is read", every_section_is_read},
                  {"evidence and its journal are settings", evidence_and_its_journal_are_settings},
                  {"arrows stand on the card", arrows_stand_on_the_card},
                  {"one slip is one line", one_slip_is_one_line},
                  {"the publisher has a section", the_publisher_has_a_section},
                  {"the card is held against the plan", the_card_is_held_against_the_plan},
                  {"the line is that of the key", the_line_is_that_of_the_key},
                  {"ten slips are ten lines, in order", ten_slips_are_ten_lines_in_order},
                  {"what is no JSON is one line", what_is_no_json_is_one_line},
                  {"missing sections are named", missing_sections_are_named},
                  {"a file that is not there is 2", a_file_that_is_not_there_is_2},
                  {"lock-step reads asc alone", lock_step_reads_asc_alone},
                  {"the digest sees values, not layout", the_digest_sees_values_not_layout},
                  {"the broadcast message has a section", the_broadcast_message_has_a_section},
                  {"red-lamp detectors are read", red_lamp_detectors_are_read},
                  {"a detector's slip is one line", a_detectors_slip_is_one_line},
                  {"the lock-step card follows concurrency", the_lock_step_card_follows_concurrency}, )
