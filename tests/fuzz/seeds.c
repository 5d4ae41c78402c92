/* Writes what the fuzz targets begin with, from the object table: DIR/TARGET/NUMBER, and DIR/TARGET.dict.
 *
 *     fuzz_seeds DIR
 *
 * Nothing of it is kept with the sources: a new line of the table is in the next run. */
#include "../../io/tscbm.h"
#include "../../ntcip/block.h"
#include "fuzz.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_OCTETS = 512, SEED_OCTETS = 4096 };

struct seed {
    size_t length;
    uint8_t octet[SEED_OCTETS];
};

static const char *directory;
static unsigned written;

static FILE *open_file(const char *name)
{
    char path[PATH_OCTETS];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "we");
    if (!file) {
        perror(path);
        exit(3);
    }
    return file;
}

static void close_file(FILE *file)
{
    if (fclose(file) != 0) {
        perror(directory);
        exit(3);
    }
}

static void make_directory(const char *target)
{
    char path[PATH_OCTETS];
    snprintf(path, sizeof path, "%s/%s", directory, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        perror(path);
        exit(3);
    }
}

static void write_seed(const char *target, const void *octets, size_t length)
{
    char name[64];
    snprintf(name, sizeof name, "%s/%05u", target, written++);
    FILE *file = open_file(name);
    fwrite(octets, 1, length, file);
    close_file(file);
}

static void add(struct seed *seed, uint8_t octet)
{
    if (seed->length < SEED_OCTETS)
        seed->octet[seed->length++] = octet;
}

/* The first row of an object, as fuzz_id() reads it. */
static void add_object(struct seed *seed, size_t object_ix)
{
    const struct object_table *table = object_all[object_ix].table;
    add(seed, 0);
    add(seed, (uint8_t)(object_ix >> 8));
    add(seed, (uint8_t)object_ix);
    for (int key = 0; table && key < table->keys; key++) {
        add(seed, 0);
        if (table->rows[key] > 256)
            add(seed, 0);
    }
}

/* A value that fits, as fuzz_value() reads it: the lowest number there is, or an empty list. */
static void add_value(struct seed *seed)
{
    add(seed, 1);
    add(seed, 1);
    add(seed, 0);
}

static void write_object_seed(size_t object_ix)
{
    struct seed seed = {0};
    add(&seed, 0);
    add_object(&seed, object_ix);
    write_seed("object", seed.octet, seed.length);
}

/* One SET of one object, by who may do everything. */
static void write_set_seed(size_t object_ix)
{
    struct seed seed = {0};
    add(&seed, 8 | 16);
    add(&seed, 1);
    add_object(&seed, object_ix);
    add_value(&seed);
    write_seed("set", seed.octet, seed.length);
}

/* A GET, a GETNEXT and a SET of it by version 2c. */
static void write_snmp_seed(size_t object_ix)
{
    enum { VERSION_2C = 1, MAY_WRITE = 1 << 1, PDUS = 3 };
    for (uint8_t pdu = 0; pdu < PDUS; pdu++) {
        struct seed seed = {0};
        add(&seed, (uint8_t)(VERSION_2C | MAY_WRITE | pdu << 3));
        add(&seed, 1);
        add_object(&seed, object_ix);
        add_value(&seed);
        add(&seed, 1);
        write_seed("snmp", seed.octet, seed.length);
    }
}

/* A dynamic object of that one member, a GET of it, and a SET of octets that may be its value. */
static void write_stmp_seed(size_t object_ix)
{
    static const uint8_t messages[] = {1, 0x81, 6, 0x91, 1, 1, 1, 1, 1};
    struct seed seed = {3, {0, 0, 1}};
    add(&seed, 0);
    add_object(&seed, object_ix);
    for (size_t i = 0; i < sizeof messages; i++)
        add(&seed, messages[i]);
    write_seed("stmp", seed.octet, seed.length);
}

/* Each tick its uptime is logged, which changes all the time. */
static void write_eventlog_seed(void)
{
    struct seed seed = {0};
    size_t uptime_ix = (size_t)(object_by_name("sysUpTime") - object_all);
    const uint8_t watch[] = {1, 0, 0, 9, 1, 0, 0};
    for (size_t i = 0; i < sizeof watch; i++)
        add(&seed, watch[i]);
    add_object(&seed, uptime_ix);
    add_object(&seed, uptime_ix);
    for (int i = 0; i < 12; i++)
        add(&seed, 15);
    write_seed("eventlog", seed.octet, seed.length);
}

static void write_oer_seed(size_t object_ix)
{
    static struct fuzz_world world;
    const struct object *object = &object_all[object_ix];
    struct object_instance at = {.object = object};
    struct object_view view;
    struct value value;
    if (world.db.unit.red_revert_ds == 0)
        fuzz_world_init(&world);
    fuzz_world_view(&world, &view);
    for (int key = 0; object->table && key < object->table->keys; key++)
        at.row[key] = 1;
    if (object_get(&at, &view, &value) != OBJECT_OK)
        return;
    struct seed seed = {2, {(uint8_t)(object_ix >> 8), (uint8_t)object_ix}};
    struct oer_writer writer = oer_write_to(seed.octet + seed.length, SEED_OCTETS - seed.length);
    oer_put_value(&writer, object, &value);
    write_seed("oer", seed.octet, seed.length + writer.used);
}

/* A selector of the first row of each block, and what it brings. */
static void write_block_seeds(void)
{
    static struct fuzz_world world;
    struct object_view view;
    fuzz_world_init(&world);
    fuzz_world_view(&world, &view);
    for (size_t i = 0; i < block_count; i++) {
        struct block_selection selection;
        struct seed seed = {7, {0, 0, block_all[i].id, 1, 1, 1, 1}};
        while (seed.length > 1 &&
               block_select(seed.octet + 1, seed.length - 1, &view, &selection) != BLOCK_OK)
            seed.length--;
        if (seed.length == 1)
            continue;
        write_seed("block", seed.octet, seed.length);
        seed.octet[0] = 1;
        struct oer_writer writer = oer_write_to(seed.octet + 1, SEED_OCTETS - 1);
        if (block_encode(&selection, &view, &writer) == 0)
            write_seed("block", seed.octet, 1 + writer.used);
    }
}

/* The database's default in a section of a config of its own. */
static void write_config_seed(size_t object_ix)
{
    const struct object *object = &object_all[object_ix];
    char text[512];
    if (object->store != STORE_DATABASE || !object->writable)
        return;
    bool list = object->syntax == SYNTAX_LIST;
    if (!object->table)
        snprintf(text, sizeof text, "{\"%s\": %s}", object->name, list ? "[]" : "1");
    else
        snprintf(text, sizeof text, "{\"%s\": [{\"%s\": 1, %s%s%s\"%s\": %s}]}", object->table->section,
                 object->table->key[0], object->table->keys == 2 ? "\"" : "",
                 object->table->keys == 2 ? object->table->key[1] : "",
                 object->table->keys == 2 ? "\": 1, " : "", object->name, list ? "[1, 2]" : "1");
    write_seed("config", text, strlen(text));
}

static void write_file_seed(const char *target, const char *path)
{
    FILE *in = fopen(path, "re");
    static char text[1 << 20];
    if (!in) {
        perror(path);
        exit(3);
    }
    size_t length = fread(text, 1, sizeof text, in);
    fclose(in);
    write_seed(target, text, length);
}

static void write_config_words(void)
{
    static const char *const words[] = {"site",      "approaches", "cabinet",    "snmp",   "feed", "http",
                                        "asc",       "stages",     "permissive", "listen", "v2c",  "v3",
                                        "community", "from",       "role",       "id",     "name", "lanes",
                                        "detectors", "cameras",    "groups"};
    FILE *file = open_file("config.dict");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        fprintf(file, "\"\\\"%s\\\"\"\n", words[i]);
    for (size_t i = 0; i < object_count; i++)
        fprintf(file, "\"\\\"%s\\\"\"\n", object_all[i].name);
    for (size_t i = 0; i < object_table_count; i++)
        fprintf(file, "\"\\\"%s\\\"\"\n", object_tables[i].section);
    close_file(file);
}

static void write_sigstate_seeds(void)
{
#define HEAD                                                                                                 \
    "\"controller\":\"quwo-01\",\"boot\":7,\"sent\":\"2026-11-22T08:00:00.123456Z\","                        \
    "\"sent_mono_us\":81234567890,\"clock\":{\"state\":\"synced\",\"error_ms\":0.4},\"valid\":true,"         \
    "\"reasons\":[],"
#define GROUP "{" GROUP_STATE "}"
#define GROUP_STATE                                                                                          \
    "\"no\":1,\"color\":\"red\",\"since\":\"2026-11-22T07:59:00.000000Z\",\"since_mono_us\":81170000000,"    \
    "\"since_error_ms\":3.0,\"red_since\":\"2026-11-22T07:59:00.000000Z\","                                  \
    "\"yellow_since\":\"2026-11-22T07:58:57.000000Z\",\"yellow_ms\":3000,\"min_change_ms\":0,"               \
    "\"max_change_ms\":null,\"verified\":true,\"enforceable\":true"
    static const char *const feeds[] = {
        "\2{\"feed\":1,\"seq\":1,\"state_seq\":0,\"kind\":\"full\"," HEAD "\"groups\":[" GROUP "]}\n"
        "{\"feed\":1,\"seq\":2,\"state_seq\":2,\"kind\":\"change\"," HEAD "\"groups\":[" GROUP "]}\n"
        "{\"feed\":1,\"seq\":3,\"state_seq\":2,\"kind\":\"alive\"," HEAD "\"groups\":[]}\n",
        "\6{\"feed\":1,\"seq\":1,\"state_seq\":0,\"kind\":\"full\",\"part\":1,\"parts\":1," HEAD
        "\"groups\":[{\"name\":\"\\u5317\\ud83d\\ude00\",\"kind\":\"arrow-left\",\"phase\":5,\"overlap\":0,"
        "\"approach\":\"N\",\"movements\":[\"left\",\"u-turn\"],\"lanes\":[1,2],\"dark_ok\":false,"
        "\"enforceable_since\":\"2026-11-22T07:59:00.000000Z\"," GROUP_STATE "}]}\n",
        "\1{\"feed\":1,\"seq\":3,\"state_seq\":2,\"kind\":\"alive\"," HEAD "\"groups\":[]}\tk1:00ff\n"};
    static const char *const words[] = {
        "feed",    "controller", "boot",      "seq",       "state_seq",   "kind",         "full",
        "sent",    "change",     "alive",     "clock",     "synced",      "holdover",     "unsynced",
        "part",    "parts",      "reasons",   "groups",    "no",          "color",        "red",
        "green",   "yellow",     "red-flash", "dark",      "since",       "red_since",    "yellow_ms",
        "valid",   "name",       "lanes",     "movements", "approach",    "overlap",      "phase",
        "dark_ok", "verified",   "preempt",   "error_ms",  "enforceable", "sent_mono_us", "yellow_since"};
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        write_seed("sigstate", feeds[i], strlen(feeds[i]));
    FILE *file = open_file("sigstate.dict");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        fprintf(file, "\"\\\"%s\\\"\"\n", words[i]);
    close_file(file);
}

/* A question for the engine of version 3, which no community guards. */
static void write_discovery_seed(void)
{
    static const uint8_t datagram[] = {
        0x80, 0x00, 0x3c, 0x30, 0x3a, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02, 0x02, 0x4a, 0x69, 0x02, 0x03,
        0x00, 0xff, 0xe3, 0x04, 0x01, 0x04, 0x02, 0x01, 0x03, 0x04, 0x10, 0x30, 0x0e, 0x04, 0x00, 0x02,
        0x01, 0x00, 0x02, 0x01, 0x00, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x12, 0x04, 0x00, 0x04,
        0x00, 0xa0, 0x0c, 0x02, 0x02, 0x1b, 0x55, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};
    write_seed("snmp", datagram, sizeof datagram);
}

static void write_spat_seeds(void)
{
    static const uint8_t forms[] = {TSCBM_ENABLED, TSCBM_ENABLED | TSCBM_CALLS};
    const struct spat spat = {.green = 0x22, .red = 0xDD};
    for (size_t i = 0; i < sizeof forms; i++) {
        uint8_t octet[TSCBM_LENGTH_CALLS];
        struct tscbm message;
        tscbm_make(&message, &spat, forms[i], INT64_C(1795413599987654));
        write_seed("spat", octet, tscbm_encode(&message, octet));
    }
}

/* What a red-lamp detector is asked, behind the octets that choose layout, unit, silence and channels. */
static void write_lamp_seeds(void)
{
    static const uint8_t polled[] = {0, 1, 0, 0, 0, 1, 5, 0x55, 0xAA, 0x01, 0x11, 0x12};
    static const uint8_t asked[] = {1, 1, 1, 0, 0, 0, 0, 0x01, 0x03, 0x00, 0x00, 0x00, 0x01, 0x84, 0x0A};
    write_seed("lamp", polled, sizeof polled);
    write_seed("lamp", asked, sizeof asked);
}

int main(int argc, char **argv)
{
    static const char *const targets[] = {"object",   "set",    "snmp",     "oer",  "block", "stmp",
                                          "eventlog", "config", "sigstate", "spat", "lamp"};
    if (argc != 2) {
        fprintf(stderr, "usage: fuzz_seeds DIR\n");
        return 2;
    }
    directory = argv[1];
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        make_directory(targets[i]);
    for (size_t object_ix = 0; object_ix < object_count; object_ix++) {
        write_object_seed(object_ix);
        write_set_seed(object_ix);
        write_snmp_seed(object_ix);
        write_oer_seed(object_ix);
        write_stmp_seed(object_ix);
        write_config_seed(object_ix);
    }
    write_block_seeds();
    write_eventlog_seed();
    write_file_seed("config", SOURCE_ROOT "/configs/chengdong-s234.json");
    write_config_words();
    write_sigstate_seeds();
    write_discovery_seed();
    write_spat_seeds();
    write_lamp_seeds();
    printf("%u seeds\n", written);
    return 0;
}
