#include "feed_json.h"
#include "feed_sign.h"
#include <stdio.h>
#include <string.h>

/* cJSON takes twenty times as long to build and print the same, so the text is put together here. */
struct text {
    char *at;
    char *end;
    bool full;
};

static void put(struct text *t, const char *s, size_t length)
{
    if ((size_t)(t->end - t->at) < length) {
        t->full = true;
        return;
    }
    memcpy(t->at, s, length);
    t->at += length;
}

static void put_raw(struct text *t, const char *s)
{
    put(t, s, strlen(s));
}

static void put_string(struct text *t, const char *s)
{
    put_raw(t, "\"");
    for (; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        char escape[8];
        if (c == '"' || c == '\\')
            put(t, (const char[]){'\\', *s}, 2);
        else if (c < 0x20)
            put(t, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
        else
            put(t, s, 1);
    }
    put_raw(t, "\"");
}

static void put_number(struct text *t, int64_t value)
{
    char digit[20];
    size_t first = sizeof digit;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digit[--first] = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (value < 0)
        put_raw(t, "-");
    put(t, digit + first, sizeof digit - first);
}

static void put_padded(struct text *t, int64_t value, size_t width)
{
    char digit[8];
    for (size_t i = width; i-- > 0; value /= 10)
        digit[i] = (char)('0' + value % 10);
    put(t, digit, width);
}

static void put_bool(struct text *t, bool value)
{
    put_raw(t, value ? "true" : "false");
}

/* Microseconds as milliseconds with their decimals. */
static void put_ms(struct text *t, int64_t us)
{
    put_number(t, us / 1000);
    put_raw(t, ".");
    put_padded(t, us % 1000, 3);
}

/* "2026-11-22T08:00:00.123456Z". The date by counting in years that begin in March, so that the leap
 * day is the last of its year. */
static void put_utc(struct text *t, int64_t utc_us)
{
    const int64_t second = 1000000, day = 86400 * second;
    const int64_t latest = INT64_C(253402300799) * second; /* the end of year 9999 */
    utc_us = utc_us < 0 ? 0 : utc_us > latest ? latest : utc_us;
    const int64_t days = utc_us / day + 719468; /* since 1 March of year 0 */
    const int64_t of_day = utc_us % day / second;
    const int64_t era = days / 146097, of_era = days % 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t march_month = (5 * of_year + 2) / 153;
    const int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    put_raw(t, "\"");
    put_padded(t, era * 400 + year_of_era + (month <= 2), 4);
    put_raw(t, "-");
    put_padded(t, month, 2);
    put_raw(t, "-");
    put_padded(t, of_year - (153 * march_month + 2) / 5 + 1, 2);
    put_raw(t, "T");
    put_padded(t, of_day / 3600, 2);
    put_raw(t, ":");
    put_padded(t, of_day / 60 % 60, 2);
    put_raw(t, ":");
    put_padded(t, of_day % 60, 2);
    put_raw(t, ".");
    put_padded(t, utc_us % second, 6);
    put_raw(t, "Z\"");
}

/* A monotonic instant as UTC; -1 is null. */
static void put_instant(struct text *t, int64_t at_us, int64_t utc_offset_us)
{
    if (at_us < 0)
        put_raw(t, "null");
    else
        put_utc(t, at_us + utc_offset_us);
}

const char *feed_color_name(enum feed_color color)
{
    static const char *const name[FEED_COLORS] = {
        [COLOR_RED] = "red",
        [COLOR_YELLOW] = "yellow",
        [COLOR_GREEN] = "green",
        [COLOR_RED_FLASH] = "red-flash",
        [COLOR_YELLOW_FLASH] = "yellow-flash",
        [COLOR_GREEN_FLASH] = "green-flash",
        [COLOR_RED_YELLOW] = "red-yellow",
        [COLOR_DARK] = "dark",
    };
    return name[color];
}

const char *feed_kind_name(enum feed_kind kind)
{
    static const char *const name[] = {
        [FEED_FULL] = "full", [FEED_CHANGE] = "change", [FEED_ALIVE] = "alive"};
    return name[kind];
}

const char *feed_clock_name(enum clock_state state)
{
    static const char *const name[] = {
        [CLOCK_SYNCED] = "synced", [CLOCK_HOLDOVER] = "holdover", [CLOCK_UNSYNCED] = "unsynced"};
    return name[state];
}

const char *feed_reason_name(int reason_ix)
{
    static const char *const name[FEED_REASONS] = {"startup", "flash",  "all-red",      "dark",
                                                   "manual",  "remote", "preempt",      "fault",
                                                   "clock",   "config", "stale-cabinet"};
    return name[reason_ix];
}

static void put_names(struct text *t, uint32_t bits, int count, const char *name_of(int))
{
    const char *comma = "";
    for (int i = 0; i < count; i++) {
        if (!(bits >> i & 1U))
            continue;
        put_raw(t, comma);
        put_string(t, name_of(i));
        comma = ",";
    }
}

static const char *movement_name(int ix)
{
    return movement_words[ix];
}

static void put_wiring(struct text *t, const struct feed_group *g)
{
    put_raw(t, "{\"no\":");
    put_number(t, g->no);
    put_raw(t, ",\"name\":");
    put_string(t, g->name);
    put_raw(t, ",\"kind\":");
    put_string(t, group_kind_words[g->kind]);
    put_raw(t, ",\"phase\":");
    put_number(t, g->phase_no);
    if (g->overlap_no != 0) {
        put_raw(t, ",\"overlap\":");
        put_number(t, g->overlap_no);
    }
    put_raw(t, ",\"approach\":");
    put_string(t, g->approach);
    put_raw(t, ",\"movements\":[");
    put_names(t, g->movements, MOVEMENTS, movement_name);
    put_raw(t, "],\"lanes\":[");
    for (int i = 0; i < g->lane_count; i++) {
        if (i > 0)
            put_raw(t, ",");
        put_number(t, g->lane[i]);
    }
    put_raw(t, "],\"dark_ok\":");
    put_bool(t, g->dark_ok);
}

static void put_state(struct text *t, const struct feed_state *s, int64_t utc_offset_us)
{
    put_raw(t, ",\"color\":");
    put_string(t, feed_color_name(s->color));
    put_raw(t, ",\"since\":");
    put_utc(t, s->since_us + utc_offset_us);
    put_raw(t, ",\"since_mono_us\":");
    put_number(t, s->since_us);
    put_raw(t, ",\"since_error_ms\":");
    put_ms(t, s->since_error_us);
    put_raw(t, ",\"red_since\":");
    put_instant(t, s->red_since_us, utc_offset_us);
    put_raw(t, ",\"yellow_since\":");
    put_instant(t, s->yellow_since_us, utc_offset_us);
    put_raw(t, ",\"yellow_ms\":");
    put_number(t, s->yellow_ms);
    /* Of an unknown earliest change it is true that it may come at once. */
    put_raw(t, ",\"min_change_ms\":");
    put_number(t, s->min_change_ms == CHANGE_UNKNOWN ? 0 : s->min_change_ms);
    put_raw(t, ",\"max_change_ms\":");
    if (s->max_change_ms == CHANGE_UNKNOWN)
        put_raw(t, "null");
    else
        put_number(t, s->max_change_ms);
    put_raw(t, ",\"verified\":");
    put_bool(t, s->verified);
    put_raw(t, ",\"enforceable\":");
    put_bool(t, s->enforceable);
    put_raw(t, ",\"enforceable_since\":");
    put_instant(t, s->enforceable ? s->enforceable_since_us : -1, utc_offset_us);
    put_raw(t, "}");
}

static void put_header(struct text *t, const struct feed_config *config, const struct feed_message *m)
{
    put_raw(t, "{\"feed\":1,\"controller\":");
    put_string(t, config->controller);
    put_raw(t, ",\"boot\":");
    put_number(t, (int64_t)m->boot);
    put_raw(t, ",\"seq\":");
    put_number(t, (int64_t)m->seq);
    put_raw(t, ",\"state_seq\":");
    put_number(t, (int64_t)m->state_seq);
    put_raw(t, ",\"kind\":");
    put_string(t, feed_kind_name(m->kind));
    if (m->parts > 1) {
        put_raw(t, ",\"part\":");
        put_number(t, m->part);
        put_raw(t, ",\"parts\":");
        put_number(t, m->parts);
    }
    put_raw(t, ",\"sent\":");
    put_utc(t, m->sent_us + m->clock.utc_offset_us);
    put_raw(t, ",\"sent_mono_us\":");
    put_number(t, m->sent_us);
    put_raw(t, ",\"clock\":{\"state\":");
    put_string(t, feed_clock_name(m->clock.state));
    put_raw(t, ",\"error_ms\":");
    put_ms(t, m->clock.error_us);
    put_raw(t, "},\"valid\":");
    put_bool(t, m->valid);
    put_raw(t, ",\"reasons\":[");
    put_names(t, m->reasons, FEED_REASONS, feed_reason_name);
    put_raw(t, "],\"groups\":[");
}

int feed_encode(const struct feed_config *config, const struct feed_message *message, char *text, size_t size)
{
    struct text t = {text, text + size, false};
    put_header(&t, config, message);
    for (int i = 0; i < message->group_count; i++) {
        const struct feed_state *s = &message->group[i];
        if (i > 0)
            put_raw(&t, ",");
        put_wiring(&t, &config->group[s->group_ix]);
        put_state(&t, s, message->clock.utc_offset_us);
    }
    put_raw(&t, "]}");
    return t.full ? -1 : (int)(t.at - text);
}

int feed_encode_wiring(const struct feed_group *group, char *text, size_t size)
{
    struct text t = {text, text + size, false};
    put_wiring(&t, group);
    put_raw(&t, "}");
    return t.full ? -1 : (int)(t.at - text);
}

/* The bounds come from the encoder itself, given the longest values that can occur. */
enum { BOUND_TEXT = 2048 };
static const int64_t longest_us = INT64_C(9007199254740991);

static size_t header_bound(const struct feed_config *config)
{
    const struct feed_message longest = {
        .kind = FEED_CHANGE,
        .boot = (uint64_t)longest_us,
        .seq = (uint64_t)longest_us,
        .state_seq = (uint64_t)longest_us,
        .sent_us = longest_us,
        .clock = {.state = CLOCK_HOLDOVER, .error_us = INT32_MAX},
        .reasons = (1U << FEED_REASONS) - 1,
        .part = 99,
        .parts = 99,
    };
    char text[BOUND_TEXT];
    return (size_t)feed_encode(config, &longest, text, sizeof text);
}

static size_t group_bound(const struct feed_config *config, int group_ix)
{
    const struct feed_state longest = {
        .color = COLOR_YELLOW_FLASH,
        .since_us = longest_us,
        .since_error_us = INT32_MAX,
        .red_since_us = longest_us,
        .yellow_since_us = longest_us,
        .yellow_ms = INT32_MAX,
        .min_change_ms = INT32_MAX,
        .max_change_ms = INT32_MAX,
        .enforceable = true,
        .enforceable_since_us = longest_us,
    };
    char text[BOUND_TEXT];
    struct text t = {text, text + sizeof text, false};
    put_wiring(&t, &config->group[group_ix]);
    put_state(&t, &longest, 0);
    put_raw(&t, ",");
    return (size_t)(t.at - text);
}

static size_t datagram_limit(const struct feed_config *config)
{
    return FEED_MESSAGE_MAX - feed_sign_length(config);
}

bool feed_json_fits(const struct feed_config *config, const struct feed_message *message)
{
    char text[FEED_MESSAGE_MAX];
    return feed_encode(config, message, text, datagram_limit(config)) >= 0;
}

int feed_json_parts_max(const struct feed_config *config)
{
    const size_t header = header_bound(config), limit = datagram_limit(config);
    size_t length = header;
    int parts = 1;
    for (int i = 0; i < config->group_count; i++) {
        const size_t group = group_bound(config, i);
        if (length + group > limit && length > header) {
            parts++;
            length = header;
        }
        length += group;
    }
    return parts;
}

size_t feed_text_max(const struct feed_config *config)
{
    size_t length = header_bound(config);
    for (int i = 0; i < config->group_count; i++)
        length += group_bound(config, i);
    return length;
}

int feed_check_lengths(const struct feed_config *config, int *group_ix)
{
    const size_t header = header_bound(config);
    for (int i = 0; i < config->group_count; i++) {
        if (header + group_bound(config, i) > datagram_limit(config)) {
            *group_ix = i;
            return -1;
        }
    }
    return 0;
}

/* Greedy: as many groups into each part as fit. */
static int find_parts(const struct feed_config *config, const struct feed_message *message,
                      uint8_t first[FEED_PARTS_MAX + 1])
{
    struct feed_message part = *message;
    int parts = 0;
    part.group_count = 0;
    part.part = part.parts = FEED_PARTS_MAX;
    for (int i = 0; i < message->group_count; i++) {
        part.group[part.group_count++] = message->group[i];
        if (part.group_count == 1 || !feed_json_fits(config, &part)) {
            first[parts++] = (uint8_t)i;
            part.group[0] = message->group[i];
            part.group_count = 1;
        }
    }
    first[parts] = message->group_count;
    return parts;
}

void feed_split(const struct feed_config *config, const struct feed_message *message, feed_emit *emit,
                void *arg)
{
    uint8_t first[FEED_PARTS_MAX + 1];
    if (feed_json_fits(config, message)) {
        emit(arg, message);
        return;
    }
    const int parts = find_parts(config, message, first);
    for (int i = 0; i < parts; i++) {
        struct feed_message part = *message;
        part.seq = message->seq + (uint64_t)i;
        part.part = (uint8_t)(i + 1);
        part.parts = (uint8_t)parts;
        part.group_count = (uint8_t)(first[i + 1] - first[i]);
        memmove(part.group, part.group + first[i], part.group_count * sizeof *part.group);
        emit(arg, &part);
    }
}
