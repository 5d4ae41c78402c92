/* The records of the cameras as files. */
#include "../../sim/record.h"
#include "../../sim/street.h"
#include "harness.h"
#include <cJSON.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUP_NO = 1, TEXT_MAX = 64 * 1024 };

/* All that JSON or XML might stumble over. */
static const char hostile[] = "a<b>&\"c\"\\'\t]]>城东街";

static struct config config;
static struct street street;
static char directory[64];
static char text[TEXT_MAX];

static void lay_street(enum camera_kind kind)
{
    memset(&config, 0, sizeof config);
    memset(&street, 0, sizeof street);
    struct approach_config *approach = &config.approach[0];
    config.approach_count = 1;
    strcpy(approach->id, "S");
    strcpy(approach->name, hostile);
    approach->speed_limit_kmh = 50;
    approach->crosswalk.present = true;
    approach->lane_count = 2;
    approach->lane[0] = (struct lane_config){.no = 1,
                                             .movements = MOVE_LEFT | MOVE_THROUGH,
                                             .left_group_no = 1,
                                             .through_group_no = 1,
                                             .length_m = 200};
    approach->lane[1] = (struct lane_config){.no = 2, .movements = MOVE_RIGHT, .length_m = 200};
    strcpy(config.site.name, hostile);
    strcpy(config.feed.controller, "test-01");
    config.feed.group_count = 1;
    config.feed.group[0] = (struct feed_group){.no = GROUP_NO, .phase_no = 2};
    strcpy(config.feed.group[0].name, hostile);
    strcpy(config.feed.group[0].approach, "S");
    config.db.standard_time_zone_s = 8 * 3600;
    config.camera_count = 1;
    config.camera[0] = (struct camera_config){
        .id = "S-1", .kind = kind, .approach = "S", .lane_count = 2, .lane = {1, 2}, .from_m = 5, .to_m = 50};
    street.config = &config;
    intersection_init(&street.junction, &config);
    sim_cabinet_init(&street.cabinet, &config.card, 1000, 0);
    street.traffic = traffic_new(&street.junction, DEMAND_NIGHT, 1, NULL);
    street.camera_count = 1;
    camera_init(&street.camera[0].camera, &config.camera[0], &street.junction, NULL, NULL, NULL);
}

static struct record_book *begin(enum camera_kind kind)
{
    lay_street(kind);
    strcpy(directory, "/tmp/tsc-record.XXXXXX");
    if (!street.traffic || !CHECK(mkdtemp(directory) != NULL))
        return NULL;
    struct record_book *book = record_book_open(directory, &street);
    CHECK(book != NULL);
    return book;
}

/* Does something with every file of the directory; returns how many there are. */
static int for_files(void (*look)(const char *path))
{
    int count = 0;
    DIR *list = opendir(directory);
    for (struct dirent *entry; list && (entry = readdir(list));) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        count++;
        if (look)
            look(path);
    }
    if (list)
        closedir(list);
    return count;
}

static void remove_file(const char *path)
{
    unlink(path);
}

static void end(struct record_book *book)
{
    record_book_close(book);
    traffic_free(street.traffic);
    for_files(remove_file);
    rmdir(directory);
}

static struct sigstate_answer red_answer(void)
{
    return (struct sigstate_answer){.known = true,
                                    .enforceable = true,
                                    .why = SIGSTATE_ENFORCEABLE,
                                    .color = SIGSTATE_RED,
                                    .valid = true,
                                    .verified = true,
                                    .age_us = 1500 * 1000,
                                    .since_utc_us = INT64_C(1767569560) * 1000000};
}

/* A vehicle of lane 1 goes the way of a record, event by event; it turns left. */
static void go_through(struct record_book *book, uint32_t vehicle_no, enum camera_event fate)
{
    struct camera_case *place = &street.camera[0].camera.cases[0];
    struct vehicle *vehicle = traffic_put(street.traffic, 0, TURN_LEFT, -1, 8, 0);
    vehicle->no = vehicle_no;
    bool lamp = config.camera[0].kind == CAMERA_RED_LIGHT;
    *place = (struct camera_case){
        .vehicle_no = vehicle_no, .turn = TURN_LEFT, .group_no = lamp ? GROUP_NO : 0, .why = VOID_UNKNOWN};
    for (int i = 0; i < CAMERA_PICTURES; i++) {
        vehicle->x_m = 9 * i;
        place->picture[place->pictures++] =
            (struct camera_picture){.utc_us = INT64_C(1767569561) * 1000000 + 123456 + i * 500000,
                                    .x_m = vehicle->x_m,
                                    .told = red_answer()};
        place->picture[i].sure = place->picture[i].told;
        record_book_note(book, 0, CAMERA_PICTURE, place);
    }
    record_book_note(book, 0, CAMERA_RECORD, place);
    record_book_note(book, 0, fate, place);
}

static bool read_file(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *in = fopen(path, "r");
    if (!in)
        return false;
    size_t length = fread(text, 1, sizeof text - 1, in);
    text[length] = '\0';
    fclose(in);
    return length > 0;
}

/* ---- is it XML? Strict, and no more than these pictures need. ---- */

static const char *skip_name(const char *at)
{
    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
           *at == '-')
        at++;
    return at;
}

/* Text up to `end`: no bare `<`, no `&` but an entity, no control character but a line's end. NULL at fault.
 */
static const char *skip_text(const char *at, char end)
{
    static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;"};
    for (; *at != '\0' && *at != end; at++) {
        bool sound = *at != '<' && ((unsigned char)*at >= 0x20 || *at == '\n');
        if (*at == '&') {
            sound = false;
            for (size_t i = 0; i < 4; i++)
                sound |= strncmp(at, entities[i], strlen(entities[i])) == 0;
        }
        if (!sound)
            return NULL;
    }
    return at;
}

/* One element with all it holds. Returns what follows it, or NULL. */
static const char *skip_element(const char *at, int depth)
{
    const char *name = at + 1, *name_end = skip_name(name);
    size_t length = (size_t)(name_end - name);
    if (*at != '<' || length == 0 || depth > 8)
        return NULL;
    for (at = name_end; *at == ' ';) {
        const char *key = at + 1;
        at = skip_name(key);
        if (at == key || strncmp(at, "=\"", 2) != 0 || !(at = skip_text(at + 2, '"')) || *at++ != '"')
            return NULL;
    }
    if (strncmp(at, "/>", 2) == 0)
        return at + 2;
    if (*at++ != '>')
        return NULL;
    for (;;) {
        at = skip_text(at, '<');
        if (!at || *at == '\0')
            return NULL;
        if (at[1] == '/')
            break;
        at = skip_element(at, depth + 1);
        if (!at)
            return NULL;
    }
    at += 2;
    return strncmp(at, name, length) == 0 && at[length] == '>' ? at + length + 1 : NULL;
}

static bool is_svg(const char *document)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    if (strncmp(document, head, strlen(head)) != 0 || strncmp(document + strlen(head), "<svg ", 5) != 0)
        return false;
    const char *rest = skip_element(document + strlen(head), 0);
    return rest && strcmp(rest, "\n") == 0;
}

static void check_svg(const char *path)
{
    if (!strstr(path, ".svg"))
        return;
    harness_at("%s", path);
    if (CHECK(read_file(strrchr(path, '/') + 1)))
        CHECK(is_svg(text));
}

/* ---- tests ---- */

static const char *member(const cJSON *object, const char *key)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return value ? value : "(none)";
}

static void the_json_file_says_all_of_it(void)
{
    struct record_book *book = begin(CAMERA_RED_LIGHT);
    if (!book)
        return;
    go_through(book, 77, CAMERA_STANDS);
    CHECK_INT(4, for_files(check_svg));
    CHECK_INT(1, (int64_t)record_book_count(book));
    char plate[PLATE_TEXT];
    record_plate(77, plate);
    cJSON *json = read_file("20260104T233241123-S-1-77.json") ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
    if (CHECK(json != NULL)) {
        CHECK_STR("test-01", member(json, "controller"));
        CHECK_STR(hostile, member(json, "site"));
        CHECK_STR(hostile, member(json, "approach_name"));
        CHECK_STR("S-1", member(json, "camera"));
        CHECK_STR("red-light", member(json, "kind"));
        CHECK_STR(plate, member(json, "plate"));
        CHECK_STR("left", member(json, "movement"));
        CHECK_STR("stands", member(json, "verdict"));
        CHECK_STR(hostile, member(cJSON_GetObjectItem(json, "group"), "name"));
        const cJSON *pictures = cJSON_GetObjectItem(json, "pictures");
        CHECK_INT(3, cJSON_GetArraySize(pictures));
        const cJSON *second = cJSON_GetArrayItem(pictures, 1);
        CHECK_STR("2026-01-04T23:32:41.623456Z", member(second, "utc"));
        CHECK_STR("dark", member(second, "lamp")); /* nothing drives this cabinet */
        CHECK_STR("red", member(cJSON_GetObjectItem(second, "told"), "color"));
        CHECK_STR("2026-01-04T23:32:40.000000Z", member(cJSON_GetObjectItem(second, "confirmed"), "since"));
        CHECK(read_file(member(second, "file")));
        CHECK(strstr(text, plate) != NULL);
        CHECK(strstr(text, "2026-01-05 07:32:41.623") != NULL); /* local time */
        CHECK(strstr(text, "group 1 by the feed: red for 1.50 s") != NULL);
    }
    cJSON_Delete(json);
    end(book);
}

static void a_void_record_says_why(void)
{
    struct record_book *book = begin(CAMERA_RED_LIGHT);
    if (!book)
        return;
    go_through(book, 5, CAMERA_VOID);
    cJSON *json = read_file("20260104T233241123-S-1-5.json") ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
    if (CHECK(json != NULL)) {
        CHECK_STR("void", member(json, "verdict"));
        CHECK_STR("unknown", member(json, "void_reason"));
    }
    cJSON_Delete(json);
    end(book);
}

static void what_no_lamp_concerns_has_no_state(void)
{
    struct record_book *book = begin(CAMERA_WRONG_WAY);
    if (!book)
        return;
    go_through(book, 5, CAMERA_STANDS);
    CHECK_INT(4, for_files(check_svg));
    cJSON *json = read_file("20260104T233241123-S-1-5.json") ? cJSON_ParseWithOpts(text, NULL, true) : NULL;
    if (CHECK(json != NULL)) {
        CHECK(cJSON_IsNull(cJSON_GetObjectItem(json, "group")));
        const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "pictures"), 0);
        CHECK(first && !cJSON_HasObjectItem(first, "told"));
    }
    cJSON_Delete(json);
    end(book);
}

static void no_two_vehicles_have_one_plate(void)
{
    char plate[5000][PLATE_TEXT];
    for (uint32_t i = 0; i < 5000; i++) {
        record_plate(i + 1, plate[i]);
        CHECK(strlen(plate[i]) == strlen("晋L00000"));
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(plate[i], plate[j]) == 0)
                CHECK_FAIL("vehicles %u and %u: %s", i + 1, j + 1, plate[i]);
        }
    }
}

static void what_is_no_directory_is_refused(void)
{
    lay_street(CAMERA_RED_LIGHT);
    char name[] = "/tmp/tsc-record.XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    CHECK(record_book_open(name, &street) == NULL);
    CHECK(record_book_open("/proc/nowhere", &street) == NULL);
    CHECK(record_book_open("", &street) == NULL);
    close(fd);
    unlink(name);
    traffic_free(street.traffic);
}

static void a_full_disk_ends_the_writing(void)
{
    struct record_book *book = begin(CAMERA_RED_LIGHT);
    if (!book)
        return;
    go_through(book, 1, CAMERA_STANDS);
    struct rlimit before, little = {.rlim_cur = 3000};
    getrlimit(RLIMIT_FSIZE, &before);
    little.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);
    go_through(book, 2, CAMERA_STANDS);
    setrlimit(RLIMIT_FSIZE, &before);
    go_through(book, 3, CAMERA_STANDS);
    CHECK_INT(
        4, for_files(
               NULL)); /* the first record is whole, of the second nothing is left, the third was not begun */
    CHECK_INT(1, (int64_t)record_book_count(book));
    end(book);
}

HARNESS_MAIN({"the JSON file says all of it", the_json_file_says_all_of_it},
             {"a void record says why", a_void_record_says_why},
             {"what no lamp concerns has no state", what_no_lamp_concerns_has_no_state},
             {"no two vehicles have one plate", no_two_vehicles_have_one_plate},
             {"what is no directory is refused", what_is_no_directory_is_refused},
             {"a full disk ends the writing", a_full_disk_ends_the_writing}, )
