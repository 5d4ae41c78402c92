/* From the history of each group to what it showed at an instant. */
#include "sigstate_core.h"
#include "sigstate_message.h"
#include <string.h>

/* An instant in the controller's monotonic time, and how far off it may be. */
struct instant {
    int64_t at_us;
    int64_t error_us;
};

/* Why nothing at all is known of the instant; SIGSTATE_ENFORCEABLE: something may be. */
static enum sigstate_why find_ignorance(const struct sigstate *s, int group_no, int64_t at_us, int64_t now_us)
{
    const int64_t present_us = now_us - s->ahead_us;
    if (!s->heard)
        return SIGSTATE_NOTHING_HEARD;
    if (group_no < 1 || group_no > CHANNELS_MAX)
        return SIGSTATE_NO_SUCH_GROUP;
    if (sigstate_waits(s) && at_us > s->covered_us - SIGSTATE_REACH_US)
        return SIGSTATE_GAP;
    if (at_us > s->covered_us) {
        if (!s->trusted)
            return s->distrust;
        if (present_us - s->covered_us > SIGSTATE_SILENCE_US)
            return SIGSTATE_SILENT;
        if (at_us - present_us > SIGSTATE_APART_US)
            return SIGSTATE_FUTURE;
        if (at_us - s->covered_us > SIGSTATE_SILENCE_US)
            return SIGSTATE_SILENT;
    }
    if (s->history[group_no - 1].count == 0)
        return s->trusted ? SIGSTATE_NO_SUCH_GROUP : s->distrust;
    return SIGSTATE_ENFORCEABLE;
}

/* The record of the instant, NULL if it is not kept, and the one after it, NULL if there is none. */
static const struct sigstate_record *find_record(const struct sigstate_history *h, int64_t at_us,
                                                 const struct sigstate_record **next)
{
    const uint32_t kept = h->count < SIGSTATE_HISTORY ? h->count : SIGSTATE_HISTORY;
    *next = NULL;
    for (uint32_t i = 1; i <= kept; i++) {
        const struct sigstate_record *r = &h->record[(h->count - i) % SIGSTATE_HISTORY];
        if (r->from_us <= at_us)
            return r;
        *next = r;
    }
    return NULL;
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

/* Whether the instant may as well lie where all of this was not true yet, or where something else was. */
static bool is_near_edge(const struct sigstate_record *r, const struct sigstate_record *next,
                         const struct instant *t)
{
    const int64_t sure_from_us = later(later(r->from_us, r->valid_from_us),
                                       later(r->enforceable_from_us, r->since_us + r->since_error_us));
    if (t->at_us - t->error_us < sure_from_us)
        return true;
    if (!next)
        return false;
    const int64_t next_us =
        next->from_us == next->since_us ? next->since_us - next->since_error_us : next->from_us;
    return t->at_us + t->error_us >= next_us;
}

static enum sigstate_why judge(const struct sigstate_record *r, const struct sigstate_record *next,
                               const struct instant *t)
{
    if (r->color != COLOR_RED)
        return SIGSTATE_NOT_RED;
    if (t->at_us < r->valid_from_us)
        return SIGSTATE_INVALID;
    if (!r->verified)
        return SIGSTATE_UNVERIFIED;
    if (t->at_us < r->enforceable_from_us)
        return SIGSTATE_UNPROVEN;
    return is_near_edge(r, next, t) ? SIGSTATE_NEAR_EDGE : SIGSTATE_ENFORCEABLE;
}

static void answer_instant(const struct sigstate *s, int group_no, const struct instant *t, int64_t now_us,
                           struct sigstate_answer *answer)
{
    const struct sigstate_record *next;
    memset(answer, 0, sizeof *answer);
    answer->final = s->trusted && t->at_us + t->error_us + SIGSTATE_FINAL_US <= s->covered_us;
    answer->why = find_ignorance(s, group_no, t->at_us, now_us);
    if (answer->why != SIGSTATE_ENFORCEABLE)
        return;
    const struct sigstate_record *r = find_record(&s->history[group_no - 1], t->at_us, &next);
    answer->why = r ? r->unknown : SIGSTATE_NOT_KEPT;
    if (answer->why != SIGSTATE_ENFORCEABLE)
        return;
    answer->known = true;
    answer->why = judge(r, next, t);
    answer->color = (enum sigstate_color)r->color;
    answer->valid = t->at_us >= r->valid_from_us;
    answer->verified = r->verified;
    answer->reasons = answer->valid ? 0 : r->reasons;
    answer->age_us = t->at_us - r->since_us;
    answer->since_utc_us = r->since_us + s->clock.utc_offset_us;
    answer->since_error_us = r->since_error_us;
    answer->red_since_utc_us = r->red_since_us < 0 ? -1 : r->red_since_us + s->clock.utc_offset_us;
}

bool sigstate_at_mono(const struct sigstate *s, int group_no, int64_t at_us, int64_t now_us,
                      struct sigstate_answer *answer)
{
    answer_instant(s, group_no, &(struct instant){at_us, 0}, now_us, answer);
    return answer->enforceable = answer->why == SIGSTATE_ENFORCEABLE;
}

/* Who stamps with the controller's clock need not ask what it is worth, only whether it was set. */
static bool clocks_are_doubtful(const struct sigstate *s, int64_t error_us, int64_t now_us)
{
    if (now_us < s->clock_doubt_to_us)
        return true;
    return s->own_clock_error_us != SIGSTATE_SAME_CLOCK &&
           (s->clock.state == CLOCK_UNSYNCED || error_us > SIGSTATE_APART_US);
}

bool sigstate_at(const struct sigstate *s, int group_no, int64_t utc_us, int64_t now_us,
                 struct sigstate_answer *answer)
{
    const int64_t end_of_time_us = INT64_C(1) << 60;
    const bool same = s->own_clock_error_us == SIGSTATE_SAME_CLOCK;
    utc_us = utc_us < 0 ? 0 : utc_us > end_of_time_us ? end_of_time_us : utc_us;
    const struct instant t = {
        .at_us = utc_us - s->clock.utc_offset_us,
        .error_us = same ? 0 : (int64_t)s->own_clock_error_us + s->clock.error_us,
    };
    answer_instant(s, group_no, &t, now_us, answer);
    answer->clock_error_us = t.error_us > INT32_MAX ? INT32_MAX : (int32_t)t.error_us;
    if (answer->known && clocks_are_doubtful(s, t.error_us, now_us))
        answer->why = SIGSTATE_CLOCK;
    return answer->enforceable = answer->why == SIGSTATE_ENFORCEABLE;
}

int sigstate_from_utc(const struct sigstate *s, int64_t utc_us, int64_t *at_us)
{
    if (!s->heard)
        return -1;
    *at_us = utc_us - s->clock.utc_offset_us;
    return 0;
}

int sigstate_now(const struct sigstate *s, int64_t now_us, int64_t *at_us)
{
    if (!s->heard)
        return -1;
    *at_us = now_us - s->ahead_us;
    return 0;
}
