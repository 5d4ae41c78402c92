#include "sigstate_json.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* Numbers come as double: exact up to 2^53, which the format stays below. */
static int get_integer(const cJSON *item, int64_t low, int64_t high, int64_t *value)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)low && item->valuedouble <= (double)high) ||
        item->valuedouble != floor(item->valuedouble))
        return -1;
    *value = (int64_t)item->valuedouble;
    return 0;
}

static int get_bool(const cJSON *item, bool *value)
{
    if (!cJSON_IsBool(item))
        return -1;
    *value = cJSON_IsTrue(item);
    return 0;
}

static int get_ms_as_us(const cJSON *item, int32_t *us)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0))
        return -1;
    *us = item->valuedouble < INT32_MAX / 1000 ? (int32_t)lround(item->valuedouble * 1000) : INT32_MAX;
    return 0;
}

static int get_word(const cJSON *item, int count, const char *name_of(int), int *ix)
{
    if (!cJSON_IsString(item))
        return -1;
    for (int i = 0; i < count; i++) {
        if (strcmp(item->valuestring, name_of(i)) == 0) {
            *ix = i;
            return 0;
        }
    }
    return -1;
}

static const char *color_word(int ix)
{
    return feed_color_name((enum feed_color)ix);
}

static const char *kind_word(int ix)
{
    return feed_kind_name((enum feed_kind)ix);
}

static const char *clock_word(int ix)
{
    return feed_clock_name((enum clock_state)ix);
}

static int two_digits(const char *s)
{
    return (s[0] - '0') * 10 + s[1] - '0';
}

/* "2026-11-22T08:00:00.123456Z" in microseconds since 1970. */
static int get_utc(const cJSON *item, int64_t *utc_us)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    if (!cJSON_IsString(item) || strlen(item->valuestring) != sizeof shape - 1)
        return -1;
    const char *s = item->valuestring;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
            return -1;
    }
    const int month = two_digits(s + 5), day = two_digits(s + 8);
    const int hour = two_digits(s + 11), minute = two_digits(s + 14), second = two_digits(s + 17);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return -1;
    /* Years counted from March, so that the leap day comes last. */
    const int64_t year = two_digits(s) * 100 + two_digits(s + 2) - (month <= 2);
    const int64_t march_month = month > 2 ? month - 3 : month + 9;
    const int64_t days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * march_month + 2) / 5 + day - 1;
    const int64_t seconds = (days - 719468) * 86400 + hour * 3600 + minute * 60 + second;
    int64_t fraction = 0;
    for (int i = 20; i < 26; i++)
        fraction = fraction * 10 + s[i] - '0';
    *utc_us = seconds * 1000000 + fraction;
    return 0;
}

/* An instant of UTC in monotonic time; null is -1. */
static int get_instant(const cJSON *item, int64_t utc_offset_us, int64_t *at_us)
{
    int64_t utc_us;
    if (cJSON_IsNull(item)) {
        *at_us = -1;
        return 0;
    }
    if (get_utc(item, &utc_us) != 0)
        return -1;
    *at_us = utc_us - utc_offset_us;
    return 0;
}

static int get_change(const cJSON *item, int32_t *ms)
{
    int64_t value;
    if (cJSON_IsNull(item)) {
        *ms = CHANGE_UNKNOWN;
        return 0;
    }
    if (get_integer(item, 0, INT32_MAX, &value) != 0)
        return -1;
    *ms = (int32_t)value;
    return 0;
}

static int decode_group(const cJSON *item, const struct feed_message *m, struct feed_state *s)
{
    const int64_t most = INT64_C(1) << 53;
    const int64_t offset_us = m->clock.utc_offset_us;
    int64_t no, yellow_ms;
    int color;
    if (get_integer(member(item, "no"), 1, CHANNELS_MAX, &no) != 0 ||
        get_word(member(item, "color"), FEED_COLORS, color_word, &color) != 0 ||
        get_integer(member(item, "since_mono_us"), 0, most, &s->since_us) != 0 ||
        get_ms_as_us(member(item, "since_error_ms"), &s->since_error_us) != 0 ||
        get_instant(member(item, "red_since"), offset_us, &s->red_since_us) != 0 ||
        get_instant(member(item, "yellow_since"), offset_us, &s->yellow_since_us) != 0 ||
        get_integer(member(item, "yellow_ms"), 0, INT32_MAX, &yellow_ms) != 0 ||
        get_change(member(item, "min_change_ms"), &s->min_change_ms) != 0 ||
        get_change(member(item, "max_change_ms"), &s->max_change_ms) != 0 ||
        get_bool(member(item, "verified"), &s->verified) != 0 ||
        get_bool(member(item, "enforceable"), &s->enforceable) != 0)
        return -1;
    s->group_ix = (uint8_t)(no - 1);
    s->color = (enum feed_color)color;
    s->yellow_ms = (int32_t)yellow_ms;
    /* A sender that does not say from when on means: from now on. */
    const cJSON *from = member(item, "enforceable_since");
    s->enforceable_since_us = s->enforceable ? m->sent_us : -1;
    if (from && get_instant(from, offset_us, &s->enforceable_since_us) != 0)
        return -1;
    return s->enforceable == (s->enforceable_since_us >= 0) ? 0 : -1;
}

static int decode_groups(const cJSON *groups, struct feed_message *m)
{
    struct channel_mask seen = {0};
    const cJSON *item;
    if (!cJSON_IsArray(groups))
        return -1;
    cJSON_ArrayForEach(item, groups)
    {
        struct feed_state *s = &m->group[m->group_count];
        if (m->group_count == CHANNELS_MAX || decode_group(item, m, s) != 0 ||
            channel_has(&seen, s->group_ix + 1))
            return -1;
        channel_add(&seen, s->group_ix + 1);
        m->group_count++;
    }
    return 0;
}

static int decode_reasons(const cJSON *reasons, struct feed_message *m)
{
    const cJSON *item;
    int ix;
    if (!cJSON_IsArray(reasons))
        return -1;
    cJSON_ArrayForEach(item, reasons)
    {
        /* A reason this receiver does not know is one all the same: `valid` says so. */
        if (!cJSON_IsString(item))
            return -1;
        if (get_word(item, FEED_REASONS, feed_reason_name, &ix) == 0)
            m->reasons |= 1U << ix;
    }
    return 0;
}

static int decode_parts(const cJSON *root, struct feed_message *m)
{
    const cJSON *part = member(root, "part"), *parts = member(root, "parts");
    int64_t of = 1, which = 1;
    if ((parts && get_integer(parts, 1, FEED_PARTS_MAX, &of) != 0) ||
        (part && get_integer(part, 1, of, &which) != 0) || (of > 1 && (!part || m->kind != FEED_FULL)))
        return -1;
    m->part = (uint8_t)which;
    m->parts = (uint8_t)of;
    return 0;
}

static int decode(const cJSON *root, char controller[NAME_TEXT], struct feed_message *m)
{
    const int64_t most = INT64_C(1) << 53;
    const cJSON *name = member(root, "controller"), *clock = member(root, "clock");
    int64_t version, boot, seq, state_seq, sent_utc_us;
    int kind, state;
    if (get_integer(member(root, "feed"), 1, 1, &version) != 0 || !cJSON_IsString(name) ||
        strlen(name->valuestring) >= NAME_TEXT || get_integer(member(root, "boot"), 0, most, &boot) != 0 ||
        get_integer(member(root, "seq"), 1, most, &seq) != 0 ||
        get_integer(member(root, "state_seq"), 0, most, &state_seq) != 0 ||
        get_word(member(root, "kind"), FEED_ALIVE + 1, kind_word, &kind) != 0 ||
        get_utc(member(root, "sent"), &sent_utc_us) != 0 ||
        get_integer(member(root, "sent_mono_us"), 0, most, &m->sent_us) != 0 ||
        get_word(member(clock, "state"), CLOCK_UNSYNCED + 1, clock_word, &state) != 0 ||
        get_ms_as_us(member(clock, "error_ms"), &m->clock.error_us) != 0 ||
        get_bool(member(root, "valid"), &m->valid) != 0)
        return -1;
    snprintf(controller, NAME_TEXT, "%s", name->valuestring);
    m->boot = (uint64_t)boot;
    m->seq = (uint64_t)seq;
    m->state_seq = (uint64_t)state_seq;
    m->kind = (enum feed_kind)kind;
    m->clock.state = (enum clock_state)state;
    m->clock.utc_offset_us = sent_utc_us - m->sent_us;
    if (decode_reasons(member(root, "reasons"), m) != 0 || decode_parts(root, m) != 0)
        return -1;
    return decode_groups(member(root, "groups"), m);
}

int sigstate_decode(const char *json, size_t length, char controller[NAME_TEXT], struct feed_message *message)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(json, length, &end, 0);
    memset(message, 0, sizeof *message);
    const int result = root && end == json + length ? decode(root, controller, message) : -1;
    cJSON_Delete(root);
    return result;
}
