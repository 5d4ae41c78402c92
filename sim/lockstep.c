#include "lockstep.h"
#include "../controller/app.h"
#include "../controller/config.h"
#include "../ntcip/device.h"
#include "../ntcip/json.h"
#include "../ntcip/set.h"
#include "inputs.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum {
    HEX_DIGITS_MAX = 40, /* 160 detectors */
    JSON_TEXT_MAX = 2048,
    NAME_MAX_OCTETS = 96,
};

/* Bits of buttons that exist: those beyond stand for nothing. */
static const uint64_t BUTTONS = (UINT64_C(1) << PEDESTRIAN_DETECTORS_MAX) - 1;
static const int64_t ADVANCE_MAX_MS = INT64_C(366) * 24 * 3600 * 1000; /* in one line */

struct lockstep {
    struct cabinet port; /* first: the cabinet the controller sees */
    struct cabinet_image image;
    struct app *app;
    struct app_status status;
    struct guard_card card;
    struct database db;          /* with every SET so far */
    struct database db_in_force; /* what the plan in force was made of */
    uint64_t plan_seq, plan_seq_in_force;
    uint16_t database_id;
    struct object_extra extra;
    struct object_latches latches;
    struct control control; /* with the commands that the next tick will take */
    int64_t now_ms;         /* of the last tick; -TICK_MS before the first */
    bool skipped_startup;
    uint64_t events_seen;
    bool civil;                   /* an N line came */
    int64_t civil_s, civil_at_ms; /* civil time at a tick */
    struct set_stage stage;
    struct device device;
    struct hires_event event[EVENTS_KEPT];
};

static int64_t port_read(struct cabinet *port, struct cabinet_image *image, int64_t now_us)
{
    (void)now_us;
    *image = ((struct lockstep *)port)->image;
    return 0;
}

/* There are no lamps: the answer tells what they would show. */
static void port_write(struct cabinet *port, const struct output *output)
{
    (void)port;
    (void)output;
}

struct lockstep *lockstep_new(const struct database *db, uint64_t start_mask)
{
    struct lockstep *step = calloc(1, sizeof *step);
    if (!step)
        return NULL;
    step->extra.restarted = true;
    step->skipped_startup = start_mask != 0;
    step->port.read = port_read;
    step->port.write = port_write;
    step->db = step->db_in_force = *db;
    step->database_id = object_database_id(db);
    step->now_ms = -TICK_MS;
    config_card_from_database(&step->card, db);
    step->app = app_new(&step->db, &step->card, &step->port, start_mask);
    if (!step->app) {
        free(step);
        return NULL;
    }
    app_get_status(step->app, &step->status);
    step->control = step->status.control;
    return step;
}

void lockstep_free(struct lockstep *step)
{
    if (step)
        app_free(step->app);
    free(step);
}

/* ---- words of a line ---- */

/* Takes the next word of *rest, which it shortens; an empty one when there is none. Words stand apart by
 * one space or more. */
static size_t next_word(const char **rest, const char **word)
{
    while (**rest == ' ')
        ++*rest;
    *word = *rest;
    size_t length = strcspn(*rest, " ");
    *rest += length;
    return length;
}

static bool at_end(const char *rest)
{
    return rest[strspn(rest, " ")] == '\0';
}

/* A decimal number of up to `digits` digits. Returns -1 if it is not one. */
static int64_t parse_number(const char *word, size_t length, size_t digits)
{
    if (length == 0 || length > digits)
        return -1;
    int64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)word[i]))
            return -1;
        number = number * 10 + (word[i] - '0');
    }
    return number;
}

/* A mask of up to 160 bits. Returns 0 or -1. */
static int parse_mask(const char *word, size_t length, uint64_t mask[3])
{
    if (length == 0 || length > HEX_DIGITS_MAX)
        return -1;
    memset(mask, 0, 3 * sizeof *mask);
    for (size_t i = 0; i < length; i++) {
        char c = word[length - 1 - i];
        if (!isxdigit((unsigned char)c))
            return -1;
        uint64_t digit =
            (uint64_t)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
        mask[i / 16] |= digit << (i % 16 * 4);
    }
    return 0;
}

/* ---- T ---- */

/* The masks of an answer, in its order. */
enum shown {
    SHOWN_GREEN,
    SHOWN_YELLOW,
    SHOWN_RED,
    SHOWN_WALK,
    SHOWN_PED_CLEAR,
    SHOWN_DONT_WALK,
    SHOWN_OVERLAP_GREEN,
    SHOWN_OVERLAP_YELLOW,
    SHOWN_OVERLAP_RED,
    SHOWN_MASKS,
};

/* Where the lamps of a channel go in the answer: `first` and the two masks behind it. */
static bool shown_at(const struct channel_row *channel, enum shown *first)
{
    switch ((enum channel_type)channel->type) {
    case CHANNEL_VEHICLE:
        *first = SHOWN_GREEN;
        return true;
    case CHANNEL_PEDESTRIAN:
        *first = SHOWN_WALK;
        return true;
    case CHANNEL_OVERLAP:
    case CHANNEL_PED_OVERLAP:
        *first = SHOWN_OVERLAP_GREEN;
        return true;
    case CHANNEL_OTHER:
    case CHANNEL_QUEUE_JUMP:
        break;
    }
    return false;
}

/* What the lamps of channel `no` say, one bit for each of the three masks. Red and yellow together are red;
 * what flashes on a pedestrian lamp is a clearance, on an arrow it is its colour. A channel that is dark says
 * nothing: -1. */
static int read_lamps(const struct frame *frame, int no, bool pedestrian)
{
    bool red = channel_has(&frame->red, no), yellow = channel_has(&frame->yellow, no);
    bool green = channel_has(&frame->green, no), flashes = channel_has(&frame->flashing, no);
    if (!red && !yellow && !green)
        return -1;
    if (pedestrian)
        return flashes ? 1 : red ? 2 : 0;
    return red ? 2 : yellow ? 1 : 0;
}

/* The engine's view, corrected by what the guard let through on the channels. */
static void see(const struct lockstep *step, uint64_t shown[SHOWN_MASKS])
{
    const struct engine_status *engine = &step->status.engine;
    const struct frame *frame = &step->status.frame;
    const uint64_t seen[SHOWN_MASKS] = {
        engine->green,         engine->yellow,         engine->red,
        engine->walk,          engine->ped_clear,      engine->dont_walk,
        engine->overlap_green, engine->overlap_yellow, engine->overlap_red,
    };
    memcpy(shown, seen, sizeof seen);
    if (frame->all_flash) {
        shown[SHOWN_GREEN] = shown[SHOWN_YELLOW] = shown[SHOWN_RED] = 0;
        shown[SHOWN_OVERLAP_GREEN] = shown[SHOWN_OVERLAP_YELLOW] = shown[SHOWN_OVERLAP_RED] = 0;
        return;
    }
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        const struct channel_row *channel = &step->db_in_force.channel[no - 1];
        enum shown first;
        if (!channel_has(&step->card.used, no) || !shown_at(channel, &first))
            continue;
        int lamps = read_lamps(frame, no, channel_has(&step->card.pedestrian, no));
        for (int i = 0; lamps >= 0 && i < 3; i++) {
            uint64_t *mask = &shown[first + (enum shown)i];
            *mask = i == lamps ? *mask | mask_of(channel->source_no) : *mask & ~mask_of(channel->source_no);
        }
    }
}

static int64_t civil_now(const struct lockstep *step)
{
    int64_t now_ms = step->now_ms > 0 ? step->now_ms : 0;
    if (!step->civil || now_ms < step->civil_at_ms)
        return step->civil ? step->civil_s : 0;
    return step->civil_s + (now_ms - step->civil_at_ms) / 1000;
}

static void view_now(struct lockstep *step, struct object_view *view)
{
    struct object_extra *extra = &step->extra;
    extra->uptime_cs = (uint32_t)((step->now_ms > 0 ? step->now_ms : 0) / 10);
    extra->utc_s = civil_now(step);
    extra->database_id = step->database_id;
    extra->frame = step->status.frame;
    extra->guard_tripped = step->status.trip != GUARD_OK;
    extra->cabinet_flash = step->status.image.status & CABINET_FLASHING;
    extra->local_flash = step->status.image.inputs & CABINET_FLASH_SWITCH;
    memcpy(extra->countdown_s, step->status.countdown_s, sizeof extra->countdown_s);
    *view = (struct object_view){
        .db = &step->db,
        .control = &step->control,
        .status = &step->status.engine,
        .extra = extra,
        .latches = &step->latches,
        .device = &step->device,
        .admin = true,
    };
}

/* What goes on outside of the engine, and what it asks of it. */
static void step_device(struct lockstep *step)
{
    struct object_view view;
    struct control_op op;
    app_get_status(step->app, &step->status);
    step->control = step->status.control;
    view_now(step, &view);
    view.latches = NULL;
    device_step(&step->device, &view, step->now_ms);
    if (prg_device_command(&step->device.prg, &step->control, &op) && app_command(step->app, &op, 1) != 0)
        prg_device_commanded(&step->device.prg, &op);
}

static void tick(struct lockstep *step)
{
    step->now_ms += TICK_MS;
    app_step(step->app, step->now_ms * 1000);
    step_device(step);
}

/* After ticks: the status, and the card once a structural plan has been taken. */
static void catch_up(struct lockstep *step)
{
    app_get_status(step->app, &step->status);
    step->control = step->status.control;
    if (step->status.plan_seq == step->plan_seq && step->plan_seq_in_force != step->plan_seq) {
        step->plan_seq_in_force = step->plan_seq;
        step->db_in_force = step->db;
        config_card_from_database(&step->card, &step->db);
    }
}

static void answer_state(const struct lockstep *step, FILE *out)
{
    uint64_t shown[SHOWN_MASKS];
    see(step, shown);
    fprintf(out, "P %lld", (long long)step->now_ms);
    for (int i = 0; i < SHOWN_MASKS; i++)
        fprintf(out, " %llx", (unsigned long long)shown[i]);
    fputc('\n', out);
}

static void line_t(struct lockstep *step, const char *rest, FILE *out)
{
    const char *word;
    size_t length = next_word(&rest, &word);
    int64_t until_ms = parse_number(word, length, 15);
    uint64_t vehicle[3], pedestrian[3];
    length = next_word(&rest, &word);
    bool sound = parse_mask(word, length, vehicle) == 0;
    length = next_word(&rest, &word);
    sound = sound && parse_mask(word, length, pedestrian) == 0;
    if (until_ms < 0 || !sound || !at_end(rest)) {
        fputs("ERR T takes a time in ms and two masks in hex\n", out);
    } else if (until_ms % TICK_MS != 0) {
        fprintf(out, "ERR %lld ms is off the grid of %d ms\n", (long long)until_ms, TICK_MS);
    } else if (until_ms < step->now_ms) {
        fprintf(out, "ERR %lld ms is past: it is %lld ms\n", (long long)until_ms, (long long)step->now_ms);
    } else if (until_ms > step->now_ms + ADVANCE_MAX_MS) {
        fputs("ERR more than a year ahead\n", out);
    } else {
        memcpy(step->image.vehicle.word, vehicle, sizeof vehicle);
        step->image.pedestrian = pedestrian[0] & BUTTONS;
        while (step->now_ms < until_ms)
            tick(step);
        catch_up(step);
        answer_state(step, out);
    }
}

/* ---- C and G ---- */

static void set_civil(struct lockstep *step, int64_t utc_s)
{
    step->civil = true;
    step->civil_s = utc_s;
    step->civil_at_ms = step->now_ms + TICK_MS;
    app_set_civil(step->app, true, utc_s * 1000000 - step->civil_at_ms * 1000);
}

/* Finds the object a word names; answers ERR if there is none. */
static int find_object(const char *word, size_t length, struct object_instance *at, FILE *out)
{
    char name[NAME_MAX_OCTETS];
    if (length == 0 || length >= sizeof name) {
        fputs("ERR noSuchName: an object's name and index, such as phaseMinimumGreen.2\n", out);
        return -1;
    }
    memcpy(name, word, length);
    name[length] = '\0';
    int result = object_parse(name, at);
    if (result == OBJECT_UNKNOWN)
        fputs("ERR noSuchName: there is no such object\n", out);
    else if (result != OBJECT_OK)
        fputs("ERR noSuchInstance: the object has no such row\n", out);
    return result == OBJECT_OK ? 0 : -1;
}

/* What two cards ask for at once, while a plan of the one runs and one of the other waits: whatever either
 * allows, and the channels of only one may be dark. */
static void merge_card(struct guard_card *card, const struct guard_card *coming)
{
    for (int i = 0; i < 2; i++) {
        card->dark_ok.word[i] |= coming->dark_ok.word[i] | (card->used.word[i] ^ coming->used.word[i]);
        card->used.word[i] |= coming->used.word[i];
        card->pedestrian.word[i] |= coming->pedestrian.word[i];
        card->bar.word[i] |= coming->bar.word[i];
        card->arrow.word[i] |= coming->arrow.word[i];
        card->red_yellow.word[i] |= coming->red_yellow.word[i];
        card->flash_red.word[i] |= coming->flash_red.word[i];
        card->flash_yellow.word[i] |= coming->flash_yellow.word[i];
        for (int ix = 0; ix < CHANNELS_MAX; ix++) {
            card->permissive[ix].word[i] |= coming->permissive[ix].word[i];
            card->yields[ix].word[i] |= coming->yields[ix].word[i];
        }
    }
    for (int ix = 0; ix < CHANNELS_MAX; ix++) {
        if (coming->yellow_floor_ms[ix] > card->yellow_floor_ms[ix])
            card->yellow_floor_ms[ix] = coming->yellow_floor_ms[ix];
    }
}

/* No command of the centre acts before start-up is over. */
static bool starting_up(const struct lockstep *step)
{
    struct app_status status;
    if (step->now_ms < 0)
        return !step->skipped_startup;
    app_get_status(step->app, &status);
    return status.engine.unit == UNIT_STARTUP_FLASH || status.engine.unit == UNIT_STARTUP_ALL_RED;
}

static void carry_out(struct lockstep *step, FILE *out)
{
    const struct set_stage *stage = &step->stage;
    if (stage->op_count > 0 && starting_up(step)) {
        fputs("ERR resourceUnavailable: no command acts before start-up is over\n", out);
        return;
    }
    if (stage->op_count > 0 && app_command(step->app, stage->op, stage->op_count) == 0) {
        fprintf(out, "ERR resourceUnavailable: more than %d commands wait for the next tick\n", COMMANDS_MAX);
        return;
    }
    for (size_t i = 0; i < stage->op_count; i++)
        control_apply(&step->control, &stage->op[i]);
    if (stage->db_changed) {
        struct guard_card coming;
        config_card_from_database(&coming, &stage->db);
        merge_card(&step->card, &coming);
        step->db = stage->db;
        step->database_id = object_database_id(&step->db);
        step->plan_seq = app_offer_plan(step->app, &step->db);
    }
    if (stage->sets_clock)
        set_civil(step, stage->clock_utc_s);
    set_call_device(stage, &step->device);
    fputs("OK\n", out);
}

/* What is wrong with a text that is no value of the object: its type, or only its value. */
static enum set_error misfit(const struct object *object, const char *text)
{
    size_t digits = strspn(text + (*text == '-'), "0123456789");
    bool number = digits > 0 && at_end(text + (*text == '-') + digits);
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
        return number ? SET_WRONG_VALUE : SET_WRONG_TYPE;
    case SYNTAX_LIST:
        return *text == '[' ? SET_WRONG_VALUE : SET_WRONG_TYPE;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
    case SYNTAX_IP_ADDRESS:
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        break;
    }
    return *text == '"' ? SET_WRONG_VALUE : SET_WRONG_TYPE;
}

static void line_c(struct lockstep *step, const char *rest, FILE *out)
{
    const char *word;
    size_t length = next_word(&rest, &word);
    struct object_instance at;
    if (find_object(word, length, &at, out) < 0)
        return;
    struct set_item item = {0};
    char reason[SET_MESSAGE_MAX];
    rest += strspn(rest, " ");
    if (at.object->writable && json_parse_value(at.object, rest, &item.value, reason, sizeof reason) < 0) {
        fprintf(out, "ERR %s: %s\n", set_error_name(misfit(at.object, rest)), reason);
        return;
    }
    object_instance_id(&at, &item.id);
    struct object_view view;
    struct set_result result;
    view_now(step, &view);
    enum set_error error = set_stage(&item, 1, &view, NULL, NULL, NULL, &step->stage, &result);
    if (error != SET_OK)
        fprintf(out, "ERR %s: %s\n", set_error_name(error), result.message);
    else
        carry_out(step, out);
}

static void line_g(struct lockstep *step, const char *rest, FILE *out)
{
    const char *word;
    size_t length = next_word(&rest, &word);
    struct object_instance at;
    if (find_object(word, length, &at, out) < 0)
        return;
    struct object_view view;
    struct value value;
    char text[JSON_TEXT_MAX];
    view_now(step, &view);
    if (!at_end(rest))
        fputs("ERR G takes one object\n", out);
    else if (object_get(&at, &view, &value) != OBJECT_OK)
        fputs("ERR noSuchInstance: the object has no such row\n", out);
    else if (json_print_value(at.object, &value, text, sizeof text) < 0)
        fputs("ERR genErr: the value is too long\n", out);
    else
        fprintf(out, "G %s\n", text);
    object_unlatch(&step->latches, &step->status.engine, &step->extra);
}

/* ---- I, N, E ---- */

static void line_i(struct lockstep *step, const char *rest, FILE *out)
{
    char name[NAME_MAX_OCTETS];
    const char *first, *word;
    size_t name_length = next_word(&rest, &first);
    size_t length = next_word(&rest, &word);
    if (length != 1 || (*word != '0' && *word != '1') || !at_end(rest) || name_length >= sizeof name) {
        fputs("ERR I takes an input and 0 or 1\n", out);
        return;
    }
    memcpy(name, first, name_length);
    name[name_length] = '\0';
    fputs(inputs_switch(&step->image, name, *word == '1') < 0 ? "ERR there is no such input\n" : "OK\n", out);
}

static void line_n(struct lockstep *step, const char *rest, FILE *out)
{
    const char *word;
    size_t length = next_word(&rest, &word);
    int64_t utc_s = parse_number(word, length, 12);
    if (utc_s < 0 || !at_end(rest)) {
        fputs("ERR N takes Unix seconds\n", out);
        return;
    }
    set_civil(step, utc_s);
    fputs("OK\n", out);
}

static void line_e(struct lockstep *step, const char *rest, FILE *out)
{
    if (!at_end(rest)) {
        fputs("ERR E stands alone\n", out);
        return;
    }
    uint64_t lost = 0;
    size_t count = app_read_events(step->app, &step->events_seen, step->event, EVENTS_KEPT, &lost);
    fprintf(out, "E %zu", count);
    if (lost > 0)
        fprintf(out, " lost %llu", (unsigned long long)lost);
    fputc('\n', out);
    for (size_t i = 0; i < count; i++) {
        const struct hires_event *event = &step->event[i];
        fprintf(out, "%lld %u %u\n", (long long)event->at_ds * 100, event->code, event->parameter);
    }
}

static void answer_line(struct lockstep *step, const char *line, size_t length, FILE *out)
{
    const char *rest = line;
    const char *word;
    if (strlen(line) != length || next_word(&rest, &word) != 1) {
        fputs("ERR a line begins with T, C, G, I, N or E\n", out);
        return;
    }
    switch (*word) {
    case 'T':
        line_t(step, rest, out);
        break;
    case 'C':
        line_c(step, rest, out);
        break;
    case 'G':
        line_g(step, rest, out);
        break;
    case 'I':
        line_i(step, rest, out);
        break;
    case 'N':
        line_n(step, rest, out);
        break;
    case 'E':
        line_e(step, rest, out);
        break;
    default:
        fputs("ERR a line begins with T, C, G, I, N or E\n", out);
        break;
    }
}

int lockstep_serve(struct lockstep *step, FILE *in, FILE *out)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    errno = 0;
    while ((length = getline(&line, &room, in)) >= 0) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            line[--length] = '\0';
        answer_line(step, line, (size_t)length, out);
        if (fflush(out) != 0)
            break;
    }
    free(line);
    return ferror(in) || ferror(out) ? -1 : 0;
}
