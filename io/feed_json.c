#include "feed_json.h"
#include "feed_sign.h"
#include "text.h"

/* A monotonic instant as UTC; -1 is null. */
static void put_instant(struct text *t, int64_t at_us, int64_t utc_offset_us)
{
    if (at_us < 0)
        text_raw(t, "null");
    else
        text_utc(t, at_us + utc_offset_us, 6);
}

static const char *movement_name(int ix)
{
    return movement_words[ix];
}

static void put_wiring(struct text *t, const struct feed_group *g)
{
    text_raw(t, "{\"no\":");
    text_number(t, g->no);
    text_raw(t, ",\"name\":");
    text_string(t, g->name);
    text_raw(t, ",\"kind\":");
    text_string(t, group_kind_words[g->kind]);
    text_raw(t, ",\"phase\":");
    text_number(t, g->phase_no);
    if (g->overlap_no != 0) {
        text_raw(t, ",\"overlap\":");
        text_number(t, g->overlap_no);
    }
    text_raw(t, ",\"approach\":");
    text_string(t, g->approach);
    text_raw(t, ",\"movements\":[");
    text_names(t, g->movements, MOVEMENTS, movement_name);
    text_raw(t, "],\"lanes\":[");
    for (int i = 0; i < g->lane_count; i++) {
        if (i > 0)
            text_raw(t, ",");
        text_number(t, g->lane[i]);
    }
    text_raw(t, "],\"dark_ok\":");
    text_bool(t, g->dark_ok);
}

static void put_state(struct text *t, const struct feed_state *s, int64_t utc_offset_us)
{
    text_raw(t, ",\"color\":");
    text_string(t, feed_color_name(s->color));
    text_raw(t, ",\"since\":");
    text_utc(t, s->since_us + utc_offset_us, 6);
    text_raw(t, ",\"since_mono_us\":");
    text_number(t, s->since_us);
    text_raw(t, ",\"since_error_ms\":");
    text_ms(t, s->since_error_us);
    text_raw(t, ",\"red_since\":");
    put_instant(t, s->red_since_us, utc_offset_us);
    text_raw(t, ",\"yellow_since\":");
    put_instant(t, s->yellow_since_us, utc_offset_us);
    text_raw(t, ",\"yellow_ms\":");
    text_number(t, s->yellow_ms);
    /* Of an unknown earliest change it is true that it may come at once. */
    text_raw(t, ",\"min_change_ms\":");
    text_number(t, s->min_change_ms == CHANGE_UNKNOWN ? 0 : s->min_change_ms);
    text_raw(t, ",\"max_change_ms\":");
    if (s->max_change_ms == CHANGE_UNKNOWN)
        text_raw(t, "null");
    else
        text_number(t, s->max_change_ms);
    text_raw(t, ",\"verified\":");
    text_bool(t, s->verified);
    text_raw(t, ",\"enforceable\":");
    text_bool(t, s->enforceable);
    text_raw(t, ",\"enforceable_since\":");
    put_instant(t, s->enforceable ? s->enforceable_since_us : -1, utc_offset_us);
    text_raw(t, "}");
}

static void put_header(struct text *t, const struct feed_config *config, const struct feed_message *m)
{
    text_raw(t, "{\"feed\":1,\"controller\":");
    text_string(t, config->controller);
    text_raw(t, ",\"boot\":");
    text_number(t, (int64_t)m->boot);
    text_raw(t, ",\"seq\":");
    text_number(t, (int64_t)m->seq);
    text_raw(t, ",\"state_seq\":");
    text_number(t, (int64_t)m->state_seq);
    text_raw(t, ",\"kind\":");
    text_string(t, feed_kind_name(m->kind));
    if (m->parts > 1) {
        text_raw(t, ",\"part\":");
        text_number(t, m->part);
        text_raw(t, ",\"parts\":");
        text_number(t, m->parts);
    }
    text_raw(t, ",\"sent\":");
    text_utc(t, m->sent_us + m->clock.utc_offset_us, 6);
    text_raw(t, ",\"sent_mono_us\":");
    text_number(t, m->sent_us);
    text_raw(t, ",\"clock\":{\"state\":");
    text_string(t, feed_clock_name(m->clock.state));
    text_raw(t, ",\"error_ms\":");
    text_ms(t, m->clock.error_us);
    text_raw(t, "},\"valid\":");
    text_bool(t, m->valid);
    text_raw(t, ",\"reasons\":[");
    text_names(t, m->reasons, FEED_REASONS, feed_reason_name);
    text_raw(t, "],\"groups\":[");
}

int feed_encode(const struct feed_config *config, const struct feed_message *message, char *text, size_t size)
{
    struct text t = {text, text + size, false};
    put_header(&t, config, message);
    for (int i = 0; i < message->group_count; i++) {
        const struct feed_state *s = &message->group[i];
        if (i > 0)
            text_raw(&t, ",");
        put_wiring(&t, &config->group[s->group_ix]);
        put_state(&t, s, message->clock.utc_offset_us);
    }
    text_raw(&t, "]}");
    return t.full ? -1 : (int)(t.at - text);
}

int feed_encode_wiring(const struct feed_group *group, char *text, size_t size)
{
    struct text t = {text, text + size, false};
    put_wiring(&t, group);
    text_raw(&t, "}");
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
    text_raw(&t, ",");
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
