#include "record.h"
#include "snapshot.h"
#include "street.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME_MAX_TEXT = 128, TIME_TEXT = 40 };

struct album {
    struct snapshot snapshot[CAMERA_PICTURES];
};

struct record_book {
    const struct street *street;
    const char *directory;
    int directory_fd;
    bool ended; /* something could not be written, or there are enough */
    uint64_t count;
    struct album *albums; /* of each camera CAMERA_CASES_MAX, by the index of the case */
};

/* One record being written. */
struct record {
    const struct record_book *book;
    const struct camera *camera;
    const struct camera_case *the_case;
    const struct album *album;
    bool stands;
    char name[NAME_MAX_TEXT];
    char plate[PLATE_TEXT];
};

struct record_book *record_book_open(const char *directory, const struct street *street)
{
    struct record_book *book = calloc(1, sizeof *book);
    size_t albums = (size_t)street->camera_count * CAMERA_CASES_MAX;
    if (book)
        book->albums = calloc(albums ? albums : 1, sizeof *book->albums);
    if (!book || !book->albums) {
        fputs("tscsim: not enough memory for records\n", stderr);
        free(book);
        return NULL;
    }
    book->street = street;
    book->directory = directory;
    if (mkdir(directory, 0777) < 0 && errno != EEXIST)
        book->directory_fd = -1;
    else
        book->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (book->directory_fd >= 0 && faccessat(book->directory_fd, ".", W_OK | X_OK, 0) == 0)
        return book;
    fprintf(stderr, "tscsim: --records %s: %m\n", directory);
    record_book_close(book);
    return NULL;
}

void record_book_close(struct record_book *book)
{
    if (!book)
        return;
    if (book->directory_fd >= 0)
        close(book->directory_fd);
    free(book->albums);
    free(book);
}

uint64_t record_book_count(const struct record_book *book)
{
    return book->count;
}

void record_plate(uint32_t vehicle_no, char plate[PLATE_TEXT])
{
    /* Plates leave out I and O. The factor shares no divisor with the 34^5 plates, so none comes twice. */
    static const char signs[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const uint64_t plates = UINT64_C(34) * 34 * 34 * 34 * 34;
    uint64_t left = vehicle_no * UINT64_C(15485863) % plates;
    char text[6] = "";
    for (int i = 0; i < 5; i++, left /= 34)
        text[i] = signs[left % 34];
    snprintf(plate, PLATE_TEXT, "晋L%s", text);
}

/* ---- texts ---- */

static void write_utc(int64_t utc_us, char text[TIME_TEXT])
{
    time_t seconds = (time_t)(utc_us / 1000000);
    struct tm when;
    char day[24];
    gmtime_r(&seconds, &when);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &when);
    snprintf(text, TIME_TEXT, "%s.%06dZ", day, (int)(utc_us % 1000000));
}

/* As people at the junction read it, in standard time, to the millisecond. */
static void write_local(int64_t utc_us, int64_t zone_s, char text[TIME_TEXT])
{
    char utc[TIME_TEXT];
    write_utc(utc_us + zone_s * 1000000, utc);
    snprintf(text, TIME_TEXT, "%.10s %.12s", utc, utc + 11);
}

/* A JSON text. Names come from a config that was valid UTF-8. */
static void put_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", *text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void put_member(FILE *out, const char *key, const char *text)
{
    fprintf(out, "  \"%s\": ", key);
    put_json_text(out, text);
    fputs(",\n", out);
}

static const char *turn_name(int turn)
{
    static const char *const names[TURNS] = {"left", "through", "right"};
    return names[turn];
}

static const char *picture_name(enum camera_kind kind, int picture_ix)
{
    static const char *const names[CAMERA_KINDS][CAMERA_PICTURES] = {
        {"the front on the stop line", "the rear over the line", "further on"},
        {"driving against its lane", "further against it", "and further"},
        {"standing", "standing while a queue would have gone", "still standing"},
    };
    return names[kind][picture_ix];
}

static const char *title(enum camera_kind kind)
{
    static const char *const titles[CAMERA_KINDS] = {"闯红灯  red light", "逆行  wrong way",
                                                     "违法停车  parking"};
    return titles[kind];
}

/* ---- the JSON file ---- */

static void put_answer(FILE *out, const char *key, const struct sigstate_answer *answer)
{
    char since[TIME_TEXT];
    fprintf(out, "     \"%s\": {\"known\": %s, \"why\": ", key, answer->known ? "true" : "false");
    put_json_text(out, sigstate_why_text(answer->why));
    if (answer->known) {
        write_utc(answer->since_utc_us, since);
        fprintf(out,
                ", \"color\": \"%s\", \"since\": \"%s\", \"since_error_ms\": %.3f, \"age_ms\": %lld,\n"
                "       \"valid\": %s, \"verified\": %s, \"enforceable\": %s, \"reasons\": [",
                sigstate_color_text(answer->color), since, answer->since_error_us / 1e3,
                (long long)(answer->age_us / 1000), answer->valid ? "true" : "false",
                answer->verified ? "true" : "false", answer->enforceable ? "true" : "false");
        const char *comma = "";
        for (uint32_t left = answer->reasons; left != 0; left &= left - 1) {
            fprintf(out, "%s\"%s\"", comma, sigstate_reason_text((enum sigstate_reason)(left & -left)));
            comma = ", ";
        }
        fputc(']', out);
    }
    fputc('}', out);
}

static void put_picture(FILE *out, const struct record *record, int ix)
{
    const struct camera_picture *picture = &record->the_case->picture[ix];
    const struct snapshot_lamp *lamp =
        snapshot_lamp_of(&record->album->snapshot[ix], record->the_case->group_no);
    char utc[TIME_TEXT];
    write_utc(picture->utc_us, utc);
    fprintf(out,
            "    {\"file\": \"%s-%d.svg\", \"shows\": \"%s\",\n     \"utc\": \"%s\", \"distance_m\": %.2f",
            record->name, ix + 1, picture_name(record->camera->config->kind, ix), utc, picture->x_m);
    if (lamp)
        fprintf(out, ", \"lamp\": \"%s\", \"lamp_flashing\": %s", lamp_color_name(lamp->color),
                lamp->flashing ? "true" : "false");
    if (record->the_case->group_no != 0) {
        fputs(",\n", out);
        put_answer(out, "told", &picture->told);
        fputs(",\n", out);
        put_answer(out, "confirmed", &picture->sure);
    }
    fprintf(out, "}%s\n", ix + 1 < record->the_case->pictures ? "," : "");
}

static void put_group(FILE *out, const struct record *record)
{
    const struct feed_config *feed = &record->book->street->config->feed;
    for (int i = 0; i < feed->group_count; i++) {
        if (feed->group[i].no != record->the_case->group_no)
            continue;
        fprintf(out, "  \"group\": {\"no\": %d, \"kind\": \"%s\", \"name\": ", feed->group[i].no,
                group_kind_words[feed->group[i].kind]);
        put_json_text(out, feed->group[i].name);
        fputs("},\n", out);
        return;
    }
    fputs("  \"group\": null,\n", out);
}

static void put_json(FILE *out, const struct record *record)
{
    const struct config *config = record->book->street->config;
    const struct camera_case *the_case = record->the_case;
    const struct lane_layout *lane = &record->book->street->junction.lane[the_case->lane_ix];
    fputs("{\n  \"record\": 1,\n", out);
    put_member(out, "id", record->name);
    put_member(out, "controller", config->feed.controller);
    put_member(out, "site", config->site.name);
    put_member(out, "camera", record->camera->config->id);
    put_member(out, "kind", camera_kind_name(record->camera->config->kind));
    put_member(out, "plate", record->plate);
    fprintf(out, "  \"vehicle\": %u,\n", the_case->vehicle_no);
    put_member(out, "approach", config->approach[lane->approach_ix].id);
    put_member(out, "approach_name", config->approach[lane->approach_ix].name);
    fprintf(out, "  \"lane\": %d,\n", lane->config->no);
    if (record->camera->config->kind == CAMERA_RED_LIGHT)
        put_member(out, "movement", turn_name(the_case->turn));
    put_group(out, record);
    put_member(out, "verdict", record->stands ? "stands" : "void");
    if (record->stands)
        fputs("  \"void_reason\": null,\n", out);
    else
        put_member(out, "void_reason", camera_void_name(the_case->why));
    fputs("  \"pictures\": [\n", out);
    for (int i = 0; i < the_case->pictures; i++)
        put_picture(out, record, i);
    fputs("  ]\n}\n", out);
}

/* ---- the pictures ---- */

static void describe_state(const struct record *record, const struct camera_picture *picture, char *text,
                           size_t size)
{
    const struct sigstate_answer *answer = &picture->sure;
    if (record->the_case->group_no == 0)
        snprintf(text, size, "no lamp concerns it");
    else if (!answer->known)
        snprintf(text, size, "group %d by the feed: unknown, %s", record->the_case->group_no,
                 sigstate_why_text(answer->why));
    else
        snprintf(text, size, "group %d by the feed: %s for %.2f s, %s", record->the_case->group_no,
                 sigstate_color_text(answer->color), (double)answer->age_us / 1e6,
                 record->camera->config->kind == CAMERA_RED_LIGHT ? sigstate_why_text(answer->why)
                 : answer->verified                               ? "verified"
                                                                  : "not verified");
}

static void put_svg(FILE *out, const struct record *record, int ix)
{
    const struct street *street = record->book->street;
    const struct camera_case *the_case = record->the_case;
    const struct camera_picture *picture = &the_case->picture[ix];
    char which[96], when[TIME_TEXT], state[256], name[3 * NAME_MAX_TEXT];
    snprintf(which, sizeof which, "picture %d of %d: %s", ix + 1, the_case->pictures,
             picture_name(record->camera->config->kind, ix));
    write_local(picture->utc_us, street->config->db.standard_time_zone_s, when);
    describe_state(record, picture, state, sizeof state);
    snprintf(name, sizeof name, "%s  %s  camera %s", street->config->feed.controller, record->name,
             record->camera->config->id);
    const struct snapshot_caption caption = {
        .junction = &street->junction,
        .vehicle_no = the_case->vehicle_no,
        .lane_ix = the_case->lane_ix,
        .group_no = the_case->group_no,
        .x_m = picture->x_m,
        .plate = record->plate,
        .title = title(record->camera->config->kind),
        .picture = which,
        .time = when,
        .state = state,
        .record = name,
    };
    snapshot_draw(&record->album->snapshot[ix], &caption, out);
}

/* ---- files ---- */

/* Picture `ix`, or the JSON file behind the last. */
static void name_file(const struct record *record, int ix, char *name, size_t size)
{
    if (ix < record->the_case->pictures)
        snprintf(name, size, "%s-%d.svg", record->name, ix + 1);
    else
        snprintf(name, size, "%s.json", record->name);
}

static int write_file(const struct record *record, int ix)
{
    char name[NAME_MAX_TEXT + 16];
    name_file(record, ix, name, sizeof name);
    int fd = openat(record->book->directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (ix < record->the_case->pictures)
        put_svg(out, record, ix);
    else
        put_json(out, record);
    bool failed = ferror(out) != 0;
    return fclose(out) != 0 || failed ? -1 : 0;
}

static void write_record(struct record_book *book, const struct record *record)
{
    int ix = 0;
    while (ix <= record->the_case->pictures && write_file(record, ix) == 0)
        ix++;
    if (ix > record->the_case->pictures) {
        if (++book->count == RECORDS_MAX) {
            fprintf(stderr, "tscsim: %s: %d records are written, and no more\n", book->directory,
                    RECORDS_MAX);
            book->ended = true;
        }
        return;
    }
    fprintf(stderr, "tscsim: %s: %m; no more records are written\n", book->directory);
    book->ended = true;
    for (; ix >= 0; ix--) {
        char name[NAME_MAX_TEXT + 16];
        name_file(record, ix, name, sizeof name);
        unlinkat(book->directory_fd, name, 0);
    }
}

static void close_record(struct record_book *book, const struct camera *camera, const struct album *album,
                         const struct camera_case *the_case, bool stands)
{
    struct record record = {
        .book = book, .camera = camera, .the_case = the_case, .album = album, .stands = stands};
    char utc[TIME_TEXT];
    write_utc(the_case->picture[0].utc_us, utc);
    /* 2026-01-05T07:12:33.450123Z as 20260105T071233450 */
    snprintf(record.name, sizeof record.name, "%.4s%.2s%.2sT%.2s%.2s%.2s%.3s-%s-%u", utc, utc + 5, utc + 8,
             utc + 11, utc + 14, utc + 17, utc + 20, camera->config->id, the_case->vehicle_no);
    record_plate(the_case->vehicle_no, record.plate);
    write_record(book, &record);
}

void record_book_note(struct record_book *book, int camera_ix, enum camera_event event,
                      const struct camera_case *the_case)
{
    const struct street *street = book->street;
    const struct camera *camera = &street->camera[camera_ix].camera;
    struct album *album = &book->albums[camera_ix * CAMERA_CASES_MAX + camera_case_ix(camera, the_case)];
    if (book->ended)
        return;
    switch (event) {
    case CAMERA_PICTURE: {
        int newest = the_case->pictures - 1;
        double far_m = camera->config->kind == CAMERA_RED_LIGHT ? 0 : camera->config->to_m + 12;
        snapshot_take(&album->snapshot[newest], street->traffic, &street->cabinet.lamps,
                      street->junction.lane[the_case->lane_ix].approach_ix, far_m,
                      the_case->picture[newest].at_us);
        break;
    }
    case CAMERA_RECORD:
        break;
    case CAMERA_STANDS:
    case CAMERA_VOID:
        close_record(book, camera, album, the_case, event == CAMERA_STANDS);
        break;
    }
}
