#include "sigstate_json.h"
#include "json_reader.h"
#include <string.h>

enum { WORD_TEXT = 32 };

/* Instants of UTC are kept where those of monotonic time will stand, until `sent` says how they differ. */
static const int64_t no_instant = INT64_MIN;
static const int64_t not_told = INT64_MAX;
static const int64_t most = INT64_C(1) << 53;

/* ---- values ---- */

/* Which of the words a text is; -1: none. */
static int word_ix(const char *text, int count, const char *name_of(int))
{
    for (int i = 0; i < count; i++) {
        if (strcmp(text, name_of(i)) == 0)
            return i;
    }
    return -1;
}

static int get_optional_word(struct json_reader *r, int count, const char *name_of(int))
{
    char text[WORD_TEXT];
    return json_string(r, text, sizeof text) ? word_ix(text, count, name_of) : -1;
}

static int get_word(struct json_reader *r, int count, const char *name_of(int))
{
    const int ix = get_optional_word(r, count, name_of);
    if (ix < 0)
        json_fail(r);
    return ix < 0 ? 0 : ix;
}

static const char *color_word(int ix)
{
    return feed_color_name((enum feed_color)ix);
}

static const char *message_kind_word(int ix)
{
    return feed_kind_name((enum feed_kind)ix);
}

static const char *clock_word(int ix)
{
    return feed_clock_name((enum clock_state)ix);
}

static const char *group_kind_word(int ix)
{
    return group_kind_words[ix];
}

static const char *movement_word(int ix)
{
    return movement_words[ix];
}

static int two_digits(const char *s)
{
    return (s[0] - '0') * 10 + s[1] - '0';
}

/* "2026-11-22T08:00:00.123456Z" in microseconds since 1970. */
static int64_t get_utc(struct json_reader *r)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    char s[WORD_TEXT];
    if (!json_string(r, s, sizeof s) || strlen(s) != sizeof shape - 1) {
        json_fail(r);
        return 0;
    }
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
            json_fail(r);
    }
    const int month = two_digits(s + 5), day = two_digits(s + 8);
    const int hour = two_digits(s + 11), minute = two_digits(s + 14), second = two_digits(s + 17);
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        json_fail(r);
    if (r->bad)
        return 0;
    /* Years counted from March, so that the leap day comes last. */
    const int64_t year = two_digits(s) * 100 + two_digits(s + 2) - (month <= 2);
    const int64_t march_month = month > 2 ? month - 3 : month + 9;
    const int64_t days =
        365 * year + year / 4 - year / 100 + year / 400 + (153 * march_month + 2) / 5 + day - 1;
    const int64_t seconds = (days - 719468) * 86400 + hour * 3600 + minute * 60 + second;
    int64_t fraction = 0;
    for (int i = 20; i < 26; i++)
        fraction = fraction * 10 + s[i] - '0';
    return seconds * 1000000 + fraction;
}

static int64_t get_instant(struct json_reader *r)
{
    return json_null(r) ? no_instant : get_utc(r);
}

/* The words of an array as bits. Returns whether all were known. */
static bool get_words(struct json_reader *r, int count, const char *name_of(int), uint32_t *bits)
{
    bool all_known = true;
    json_enter(r, '[');
    while (json_element(r)) {
        const int ix = get_optional_word(r, count, name_of);
        if (ix >= 0)
            *bits |= 1U << ix;
        else
            all_known = false;
    }
    return all_known;
}

/* Which key comes next, -1: the object is over. Keys that are not among the words are passed over, one that
 * comes again is an error: who reads the first and who reads the last would disagree. */
static int next_key(struct json_reader *r, const char *const *words, int count, uint32_t *seen)
{
    char text[WORD_TEXT];
    while (json_key(r, text, sizeof text)) {
        int ix = 0;
        while (ix < count && strcmp(text, words[ix]) != 0)
            ix++;
        if (ix == count) {
            json_skip(r);
            continue;
        }
        if (*seen >> ix & 1U)
            json_fail(r);
        *seen |= 1U << ix;
        return r->bad ? -1 : ix;
    }
    return -1;
}

/* ---- a group ---- */

/* What it shows. */
enum state_key {
    KEY_NO,
    KEY_COLOR,
    KEY_SINCE_MONO,
    KEY_SINCE_ERROR,
    KEY_RED_SINCE,
    KEY_YELLOW_SINCE,
    KEY_YELLOW_MS,
    KEY_MIN_CHANGE,
    KEY_MAX_CHANGE,
    KEY_VERIFIED,
    KEY_ENFORCEABLE,
    STATE_KEYS_NEEDED,
    KEY_ENFORCEABLE_SINCE = STATE_KEYS_NEEDED,
    STATE_KEYS,
};

/* What it is. */
enum wiring_key {
    KEY_NAME,
    KEY_KIND,
    KEY_PHASE,
    KEY_OVERLAP,
    KEY_APPROACH,
    KEY_MOVEMENTS,
    KEY_LANES,
    KEY_DARK_OK,
    WIRING_KEYS,
};

static const char *const group_keys[STATE_KEYS + WIRING_KEYS] = {
    "no",        "color",         "since_mono_us", "since_error_ms", "red_since",   "yellow_since",
    "yellow_ms", "min_change_ms", "max_change_ms", "verified",       "enforceable", "enforceable_since",
    "name",      "kind",          "phase",         "overlap",        "approach",    "movements",
    "lanes",     "dark_ok",
};

static int32_t get_change(struct json_reader *r)
{
    return json_null(r) ? CHANGE_UNKNOWN : (int32_t)json_integer(r, 0, INT32_MAX);
}

static void get_state_value(struct json_reader *r, enum state_key key, struct feed_state *s)
{
    switch (key) {
    case KEY_NO:
        s->group_ix = (uint8_t)(json_integer(r, 1, CHANNELS_MAX) - 1);
        break;
    case KEY_COLOR:
        s->color = (enum feed_color)get_word(r, FEED_COLORS, color_word);
        break;
    case KEY_SINCE_MONO:
        s->since_us = json_integer(r, 0, most);
        break;
    case KEY_SINCE_ERROR:
        s->since_error_us = (int32_t)json_thousandths(r, INT32_MAX);
        break;
    case KEY_RED_SINCE:
        s->red_since_us = get_instant(r);
        break;
    case KEY_YELLOW_SINCE:
        s->yellow_since_us = get_instant(r);
        break;
    case KEY_YELLOW_MS:
        s->yellow_ms = (int32_t)json_integer(r, 0, INT32_MAX);
        break;
    case KEY_MIN_CHANGE:
        s->min_change_ms = get_change(r);
        break;
    case KEY_MAX_CHANGE:
        s->max_change_ms = get_change(r);
        break;
    case KEY_VERIFIED:
        s->verified = json_bool(r);
        break;
    case KEY_ENFORCEABLE:
        s->enforceable = json_bool(r);
        break;
    case KEY_ENFORCEABLE_SINCE:
        s->enforceable_since_us = get_instant(r);
        break;
    case STATE_KEYS:
        break;
    }
}

static void get_lanes(struct json_reader *r, struct sigstate_group *group)
{
    json_enter(r, '[');
    while (json_element(r)) {
        const uint8_t lane = (uint8_t)json_integer(r, 0, UINT8_MAX);
        if (group->lane_count == SIGSTATE_LANES_MAX)
            json_fail(r);
        else
            group->lane[group->lane_count++] = lane;
    }
}

static void get_wiring_value(struct json_reader *r, enum wiring_key key, struct sigstate_group *group)
{
    uint32_t bits = 0;
    int ix;
    switch (key) {
    case KEY_NAME:
        json_string(r, group->name, sizeof group->name);
        break;
    case KEY_KIND:
        ix = get_optional_word(r, GROUP_KINDS, group_kind_word);
        group->kind = ix < 0 ? SIGSTATE_OTHER_KIND : (enum sigstate_kind)ix;
        break;
    case KEY_PHASE:
        group->phase_no = (int)json_integer(r, 0, UINT8_MAX);
        break;
    case KEY_OVERLAP:
        group->overlap_no = (int)json_integer(r, 0, UINT8_MAX);
        break;
    case KEY_APPROACH:
        json_string(r, group->approach, sizeof group->approach);
        break;
    case KEY_MOVEMENTS:
        get_words(r, MOVEMENTS, movement_word, &bits);
        group->movements = bits;
        break;
    case KEY_LANES:
        get_lanes(r, group);
        break;
    case KEY_DARK_OK:
        group->dark_ok = json_bool(r);
        break;
    case WIRING_KEYS:
        break;
    }
}

static void get_group(struct json_reader *r, struct feed_state *s, struct sigstate_group *group)
{
    uint32_t seen = 0;
    int key;
    memset(s, 0, sizeof *s);
    memset(group, 0, sizeof *group);
    s->enforceable_since_us = not_told;
    json_enter(r, '{');
    while ((key = next_key(r, group_keys, STATE_KEYS + WIRING_KEYS, &seen)) >= 0) {
        if (key < STATE_KEYS)
            get_state_value(r, (enum state_key)key, s);
        else
            get_wiring_value(r, (enum wiring_key)(key - STATE_KEYS), group);
    }
    const uint32_t needed = (1U << STATE_KEYS_NEEDED) - 1;
    if ((seen & needed) != needed)
        json_fail(r);
    group->no = s->group_ix + 1;
    if (s->enforceable_since_us != not_told && s->enforceable != (s->enforceable_since_us != no_instant))
        json_fail(r);
}

static int64_t to_monotonic(int64_t utc_us, const struct feed_message *m)
{
    return utc_us == no_instant ? -1 : utc_us - m->clock.utc_offset_us;
}

static void finish_group(struct json_reader *r, struct feed_state *s, const struct feed_message *m)
{
    s->red_since_us = to_monotonic(s->red_since_us, m);
    s->yellow_since_us = to_monotonic(s->yellow_since_us, m);
    if (s->enforceable_since_us != not_told)
        s->enforceable_since_us = to_monotonic(s->enforceable_since_us, m);
    else /* a sender that does not say from when on means: from now on */
        s->enforceable_since_us = s->enforceable ? m->sent_us : -1;
    if (s->enforceable && s->enforceable_since_us < 0)
        json_fail(r);
}

/* ---- a message ---- */

enum head_key {
    HEAD_FEED,
    HEAD_CONTROLLER,
    HEAD_BOOT,
    HEAD_SEQ,
    HEAD_STATE_SEQ,
    HEAD_KIND,
    HEAD_SENT,
    HEAD_SENT_MONO,
    HEAD_CLOCK,
    HEAD_VALID,
    HEAD_REASONS,
    HEAD_GROUPS,
    HEAD_KEYS_NEEDED,
    HEAD_PART = HEAD_KEYS_NEEDED,
    HEAD_PARTS,
    HEAD_KEYS,
};

static const char *const head_keys[HEAD_KEYS] = {
    "feed",         "controller", "boot",  "seq",     "state_seq", "kind", "sent",
    "sent_mono_us", "clock",      "valid", "reasons", "groups",    "part", "parts",
};

static void get_clock(struct json_reader *r, struct feed_clock *clock)
{
    enum { STATE, ERROR, KEYS };
    static const char *const keys[KEYS] = {"state", "error_ms"};
    uint32_t seen = 0;
    int key;
    json_enter(r, '{');
    while ((key = next_key(r, keys, KEYS, &seen)) >= 0) {
        if (key == STATE)
            clock->state = (enum clock_state)get_word(r, CLOCK_UNSYNCED + 1, clock_word);
        else
            clock->error_us = (int32_t)json_thousandths(r, INT32_MAX);
    }
    if (seen != (1U << KEYS) - 1)
        json_fail(r);
}

static void get_groups(struct json_reader *r, struct sigstate_heard *heard)
{
    struct feed_message *m = &heard->message;
    struct channel_mask seen = {0};
    json_enter(r, '[');
    while (json_element(r)) {
        if (m->group_count == CHANNELS_MAX) {
            json_fail(r);
            return;
        }
        struct feed_state *s = &m->group[m->group_count];
        get_group(r, s, &heard->group[m->group_count]);
        if (r->bad || channel_has(&seen, s->group_ix + 1)) {
            json_fail(r);
            return;
        }
        channel_add(&seen, s->group_ix + 1);
        m->group_count++;
    }
}

/* A reason this receiver does not know is one all the same. */
static uint32_t get_reasons(struct json_reader *r)
{
    uint32_t reasons = 0;
    if (!get_words(r, FEED_REASONS, feed_reason_name, &reasons))
        reasons |= SIGSTATE_REASON_OTHER;
    return reasons;
}

static void get_head_value(struct json_reader *r, enum head_key key, struct sigstate_heard *heard,
                           int64_t *sent_utc_us)
{
    struct feed_message *m = &heard->message;
    switch (key) {
    case HEAD_FEED:
        json_integer(r, 1, 1);
        break;
    case HEAD_CONTROLLER:
        if (!json_string(r, heard->controller, sizeof heard->controller))
            json_fail(r);
        break;
    case HEAD_BOOT:
        m->boot = (uint64_t)json_integer(r, 0, most);
        break;
    case HEAD_SEQ:
        m->seq = (uint64_t)json_integer(r, 1, most);
        break;
    case HEAD_STATE_SEQ:
        m->state_seq = (uint64_t)json_integer(r, 0, most);
        break;
    case HEAD_KIND:
        m->kind = (enum feed_kind)get_word(r, FEED_ALIVE + 1, message_kind_word);
        break;
    case HEAD_SENT:
        *sent_utc_us = get_utc(r);
        break;
    case HEAD_SENT_MONO:
        m->sent_us = json_integer(r, 0, most);
        break;
    case HEAD_CLOCK:
        get_clock(r, &m->clock);
        break;
    case HEAD_VALID:
        m->valid = json_bool(r);
        break;
    case HEAD_REASONS:
        m->reasons = get_reasons(r);
        break;
    case HEAD_GROUPS:
        get_groups(r, heard);
        break;
    case HEAD_PART:
        m->part = (uint8_t)json_integer(r, 1, FEED_PARTS_MAX);
        break;
    case HEAD_PARTS:
        m->parts = (uint8_t)json_integer(r, 1, FEED_PARTS_MAX);
        break;
    case HEAD_KEYS:
        break;
    }
}

static bool parts_are_well(const struct feed_message *m, uint32_t seen)
{
    if (m->parts == 1)
        return m->part == 1;
    return m->kind == FEED_FULL && (seen >> HEAD_PART & 1U) && m->part <= m->parts && m->part <= m->seq;
}

int sigstate_decode(const char *json, size_t length, struct sigstate_heard *heard)
{
    struct json_reader r;
    struct feed_message *m = &heard->message;
    uint32_t seen = 0;
    int64_t sent_utc_us = 0;
    int key;
    memset(m, 0, offsetof(struct feed_message, group));
    m->part = m->parts = 1;
    json_begin(&r, json, length);
    json_enter(&r, '{');
    while ((key = next_key(&r, head_keys, HEAD_KEYS, &seen)) >= 0)
        get_head_value(&r, (enum head_key)key, heard, &sent_utc_us);
    const uint32_t needed = (1U << HEAD_KEYS_NEEDED) - 1;
    if ((seen & needed) != needed || !parts_are_well(m, seen))
        json_fail(&r);
    m->clock.utc_offset_us = sent_utc_us - m->sent_us;
    for (int i = 0; i < m->group_count && !r.bad; i++)
        finish_group(&r, &m->group[i], m);
    return json_end(&r) ? 0 : -1;
}
