#include "spat_json.h"
#include "text.h"

enum {
    NAME_CHARS = 63,      /* that the form grants a name */
    STAMP_ERROR_US = 500, /* a time stamp is rounded to milliseconds */
    MARK_US = 100 * 1000, /* a time mark counts tenths of the UTC hour */
    MARKS_PER_HOUR = 36000,
    MARK_UNKNOWN = 36001,
};

/* ---- what is known ---- */

static void tell_groups(struct spat_state *state, const struct feed_message *message)
{
    for (int i = 0; i < message->group_count; i++) {
        const struct feed_state *told = &message->group[i];
        state->group[told->group_ix] = (struct spat_group){true, *told, message->sent_us};
    }
}

bool spat_state_take(struct spat_state *state, const struct feed_message *message)
{
    const bool whole = message->kind == FEED_FULL && message->group_count > 0;
    if (whole) {
        for (int i = 0; i < CHANNELS_MAX; i++)
            state->group[i].told = false;
        state->known = true;
    }
    if (!state->known)
        return false;
    const enum feed_kind news = message->kind == FEED_ALIVE ? state->newest.kind : message->kind;
    state->newest = *message;
    state->newest.kind = news;
    state->stamp_us = message->sent_us;
    tell_groups(state, message);
    return message->kind != FEED_ALIVE;
}

void spat_state_forget(struct spat_state *state, int64_t now_us)
{
    state->known = false;
    if (state->stamp_us > 0) /* before the first message there is no clock to tell the time by */
        state->stamp_us = now_us;
}

/* ---- codes ---- */

static bool is_arrow(enum group_kind kind)
{
    return kind == GROUP_ARROW_LEFT || kind == GROUP_ARROW_THROUGH || kind == GROUP_ARROW_RIGHT;
}

enum spat_light spat_light(const struct feed_group *group, const struct feed_state *state, uint32_t reasons)
{
    if (reasons & REASON_STALE_CABINET)
        return SPAT_UNAVAILABLE;
    switch (state->color) {
    case COLOR_RED:
        return state->enforceable ? SPAT_RED : SPAT_UNAVAILABLE;
    case COLOR_RED_FLASH:
    case COLOR_RED_YELLOW:
        return SPAT_UNAVAILABLE;
    case COLOR_YELLOW_FLASH:
        return SPAT_YELLOW_FLASH; /* also by the cabinet's own flasher, which nothing verifies */
    case COLOR_YELLOW:
        return state->verified ? SPAT_YELLOW : SPAT_UNAVAILABLE;
    case COLOR_GREEN:
        if (!state->verified)
            return SPAT_UNAVAILABLE;
        return is_arrow(group->kind) ? SPAT_GREEN_PROTECTED : SPAT_GREEN_PERMISSIVE;
    case COLOR_GREEN_FLASH:
        return state->verified ? SPAT_GREEN_FLASH : SPAT_UNAVAILABLE;
    case COLOR_DARK:
        return state->verified ? SPAT_DARK : SPAT_UNAVAILABLE;
    }
    return SPAT_UNAVAILABLE;
}

int spat_time_confidence(enum clock_state state, int64_t error_us)
{
    static const int32_t better_than_us[] = {
        100 * 1000000, 50 * 1000000, 20 * 1000000, 10 * 1000000, 2 * 1000000, 1000000, 500000, 200000,
        100000,        50000,        20000,        10000,        5000,        2000,    1000,   500,
    };
    int code = 0;
    if (state == CLOCK_UNSYNCED)
        return 0;
    for (size_t i = 0; i < sizeof better_than_us / sizeof *better_than_us; i++) {
        if (error_us <= better_than_us[i])
            code = (int)i + 1;
    }
    return code;
}

/* ---- times ---- */

/* An instant as a mark, tenths of its UTC hour, where that is clear: less than an hour from `stamp_us`. */
static int time_mark(const struct spat_state *state, int64_t at_us, int64_t round_us)
{
    const int64_t away_us = at_us - state->stamp_us;
    const int64_t hour_us = (int64_t)MARKS_PER_HOUR * MARK_US;
    if (away_us >= hour_us || away_us <= -hour_us)
        return MARK_UNKNOWN;
    return (int)((at_us + state->newest.clock.utc_offset_us + round_us) / MARK_US % MARKS_PER_HOUR);
}

static void put_mark(struct text *t, const char *key, int mark)
{
    text_raw(t, key);
    text_raw(t, "{\"time_mark\":");
    text_number(t, mark);
    text_raw(t, "}");
}

/* The earliest end is rounded down and the latest up. A likely one is known only where both are the same. */
static void put_timing(struct text *t, const struct spat_state *state, const struct spat_group *g)
{
    const int32_t min_ms = g->state.min_change_ms, max_ms = g->state.max_change_ms;
    const int64_t min_us = g->told_us + min_ms * INT64_C(1000), max_us = g->told_us + max_ms * INT64_C(1000);
    const int start = time_mark(state, g->state.since_us, 0);
    const int min = min_ms == CHANGE_UNKNOWN ? MARK_UNKNOWN : time_mark(state, min_us, 0);
    const int max = max_ms == CHANGE_UNKNOWN ? MARK_UNKNOWN : time_mark(state, max_us, MARK_US - 1);
    put_mark(t, ",\"timing\":{\"utc_timing\":{\"start_utc_time\":", start);
    put_mark(t, ",\"min_end_utc_time\":", min);
    put_mark(t, ",\"max_end_utc_time\":", max);
    put_mark(t, ",\"likely_end_utc_time\":", min_ms == max_ms ? min : MARK_UNKNOWN);
    text_raw(t, "}}");
}

static void put_stamp(struct text *t, const struct spat_state *state)
{
    text_raw(t, ",\"time_stamp\":");
    text_utc(t, state->stamp_us + state->newest.clock.utc_offset_us, 3);
}

/* ---- the text ---- */

static void put_name(struct text *t, const char *name)
{
    char cut[NAME_CHARS + 1] = "";
    memcpy(cut, name, strnlen(name, NAME_CHARS));
    text_raw(t, "\"name\":");
    text_string(t, cut);
}

static void put_flag(struct text *t, const char *key, bool value)
{
    text_raw(t, key);
    text_bool(t, value);
}

/* Only what the feed knows: whether the plan is fixed or actuated, or has given priority, is not in it. */
static void put_status(struct text *t, bool known, uint32_t reasons)
{
    const bool fault = reasons & REASON_FAULT;
    put_flag(t, ",\"intersection_status_object\":{\"manual_control_is_enabled\":",
             reasons & (REASON_MANUAL | REASON_REMOTE));
    put_flag(t, ",\"failure_flash\":", fault && reasons & REASON_FLASH);
    put_flag(t, ",\"preempt_is_active\":", reasons & REASON_PREEMPT);
    put_flag(t, ",\"standby_operation\":", reasons & (REASON_STARTUP | REASON_FLASH | REASON_ALL_RED));
    put_flag(t, ",\"failure_mode\":", fault);
    put_flag(t, ",\"off\":", reasons & REASON_DARK);
    put_flag(t, ",\"no_valid_spat_is_available_at_this_time\":", !known || reasons & REASON_STALE_CABINET);
    text_raw(t, "}");
}

static void put_phase(struct text *t, const struct feed_config *config, const struct spat_state *state,
                      int ix)
{
    const struct feed_group *group = &config->group[ix];
    const struct spat_group *g = &state->group[ix];
    const bool known = state->known && g->told;
    text_raw(t, "{\"phase_id\":");
    text_number(t, group->no);
    text_raw(t, ",\"phase_states\":[{\"light_state\":");
    text_number(t, known ? spat_light(group, &g->state, state->newest.reasons) : SPAT_UNAVAILABLE);
    if (known) {
        put_timing(t, state, g);
        text_raw(t, ",\"feed\":{\"color\":");
        text_string(t, feed_color_name(g->state.color));
        text_raw(t, ",\"since\":");
        text_utc(t, g->state.since_us + state->newest.clock.utc_offset_us, 3);
        put_flag(t, ",\"verified\":", g->state.verified);
        put_flag(t, ",\"enforceable\":", g->state.enforceable);
        text_raw(t, "}");
    }
    text_raw(t, "}]}");
}

/* What the form has no place for, in the words of the feed. */
static void put_feed(struct text *t, const struct feed_config *config, const struct spat_state *state)
{
    const struct feed_message *m = &state->newest;
    text_raw(t, "],\"feed\":{\"controller\":");
    text_string(t, config->controller);
    if (!state->known) {
        text_raw(t, ",\"kind\":\"unknown\",\"valid\":false}}");
        return;
    }
    text_raw(t, ",\"kind\":");
    text_string(t, feed_kind_name(m->kind));
    text_raw(t, ",\"boot\":");
    text_number(t, (int64_t)m->boot);
    text_raw(t, ",\"seq\":");
    text_number(t, (int64_t)m->seq);
    text_raw(t, ",\"clock\":{\"state\":");
    text_string(t, feed_clock_name(m->clock.state));
    text_raw(t, ",\"error_ms\":");
    text_ms(t, m->clock.error_us);
    put_flag(t, "},\"valid\":", m->valid);
    text_raw(t, ",\"reasons\":[");
    text_names(t, m->reasons, FEED_REASONS, feed_reason_name);
    text_raw(t, "]}}");
}

/* An element for groups first..end-1; a junction with more than the form allows takes several, of one id. */
static void put_intersection(struct text *t, const struct feed_config *config, const struct spat_state *state,
                             int first, int end)
{
    const struct feed_clock *clock = &state->newest.clock;
    const bool timed = state->stamp_us > 0;
    text_raw(t, "{\"intersection_id\":{\"region\":");
    text_number(t, config->mqtt.region);
    text_raw(t, ",\"node_id\":");
    text_number(t, config->mqtt.node);
    text_raw(t, "}");
    put_status(t, state->known, state->known ? state->newest.reasons : 0);
    if (timed)
        put_stamp(t, state);
    text_raw(t, ",\"time_confidence\":");
    text_number(t, timed ? spat_time_confidence(clock->state, (int64_t)clock->error_us + STAMP_ERROR_US) : 0);
    text_raw(t, ",\"phases\":[");
    for (int i = first; i < end; i++) {
        if (i > first)
            text_raw(t, ",");
        put_phase(t, config, state, i);
    }
    put_feed(t, config, state);
}

int spat_json_encode(const struct feed_config *config, const struct spat_state *state, char *text,
                     size_t size)
{
    struct text t = {text, text + size, false};
    text_raw(&t, "{");
    put_name(&t, config->controller);
    text_raw(&t, ",\"content\":{");
    put_name(&t, config->controller);
    if (state->stamp_us > 0)
        put_stamp(&t, state);
    text_raw(&t, ",\"intersections\":[");
    for (int first = 0; first < config->group_count; first += SPAT_PHASES_MAX) {
        const int left = config->group_count - first;
        if (first > 0)
            text_raw(&t, ",");
        put_intersection(&t, config, state, first, first + (left < SPAT_PHASES_MAX ? left : SPAT_PHASES_MAX));
    }
    text_raw(&t, "]}}");
    return t.full ? -1 : (int)(t.at - text);
}

size_t spat_json_max(const struct feed_config *config)
{
    /* Counted on the longest words and numbers that can occur, and rounded up. */
    enum { FRAME_MAX = 512, ELEMENT_MAX = 1024, PHASE_MAX = 448 };
    const size_t groups = config->group_count, elements = (groups + SPAT_PHASES_MAX - 1) / SPAT_PHASES_MAX;
    return FRAME_MAX + elements * ELEMENT_MAX + groups * PHASE_MAX;
}
