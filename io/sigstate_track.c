/* From messages to the history of each group. */
#include "sigstate_core.h"
#include <string.h>

enum {
    REORDERED_MAX = 64,
    DRIFT = 5000, /* our clock may gain one microsecond in as many on the controller's */
    /* What a message takes back (validity, verification) may have been untrue since the last exchange
     * before it: this much earlier. */
    REACH_US = 400 * 1000,
    /* Reading two clocks one after the other, and passing the difference on, is no better than this. */
    CLOCK_SLACK_US = 5 * 1000,
};

/* ---- history ---- */

static struct sigstate_record *newest(struct sigstate_history *h)
{
    return h->count > 0 ? &h->record[(h->count - 1) % SIGSTATE_HISTORY] : NULL;
}

static bool is_known(const struct sigstate_record *r)
{
    return r && r->unknown == SIGSTATE_ENFORCEABLE;
}

/* Adds what is known from r->from_us on. Nothing is ever put before the newest record: one that would
 * begin there takes its place. */
static void push(struct sigstate_history *h, const struct sigstate_record *r)
{
    struct sigstate_record *last = newest(h);
    if (last && r->from_us <= last->from_us) {
        const int64_t from_us = last->from_us;
        *last = *r;
        last->from_us = from_us;
        return;
    }
    h->record[h->count++ % SIGSTATE_HISTORY] = *r;
}

static void push_unknown(struct sigstate_history *h, int64_t from_us, enum sigstate_why why)
{
    if (is_known(newest(h)))
        push(h, &(struct sigstate_record){.from_us = from_us,
                                          .unknown = why,
                                          .valid_from_us = SIGSTATE_NEVER_US,
                                          .enforceable_from_us = SIGSTATE_NEVER_US});
}

/* Something was missed: since the last message nothing is sure, until a full comes. */
static void distrust(struct sigstate *s)
{
    s->trusted = false;
    s->distrust = SIGSTATE_GAP;
    s->counts.gaps++;
    for (int i = 0; i < CHANNELS_MAX; i++)
        push_unknown(&s->history[i], s->covered_us - REACH_US, SIGSTATE_GAP);
}

/* The controller was silent for too long; nothing was missed, but nobody could know that. */
static void note_silence(struct sigstate *s, int64_t until_us)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        const struct sigstate_record *last = newest(&s->history[i]);
        if (!is_known(last))
            continue;
        struct sigstate_record again = *last;
        again.from_us = until_us;
        push_unknown(&s->history[i], s->covered_us + SIGSTATE_SILENCE_US, SIGSTATE_SILENT);
        push(&s->history[i], &again);
    }
}

static void apply_state(struct sigstate_history *h, const struct feed_state *state,
                        const struct feed_message *m)
{
    struct sigstate_record *last = newest(h);
    const bool known = is_known(last);
    const bool was_valid = known && last->valid_from_us != SIGSTATE_NEVER_US;
    struct sigstate_record r = {
        .from_us = state->since_us,
        .color = state->color,
        .verified = state->verified,
        .reasons = m->reasons,
        .since_us = state->since_us,
        .since_error_us = state->since_error_us,
        .red_since_us = state->red_since_us,
        .valid_from_us = !m->valid   ? SIGSTATE_NEVER_US
                         : was_valid ? last->valid_from_us
                                     : m->sent_us,
        .enforceable_from_us = state->enforceable ? state->enforceable_since_us : SIGSTATE_NEVER_US,
    };
    /* Enforceable was valid all the while. */
    if (r.enforceable_from_us < r.valid_from_us)
        r.valid_from_us = r.enforceable_from_us;
    if (!known || last->color != r.color || last->since_us != r.since_us) {
        push(h, &r);
        return;
    }
    const bool lost = (was_valid && !m->valid) || (last->verified && !r.verified) ||
                      (last->enforceable_from_us != SIGSTATE_NEVER_US && !state->enforceable);
    if (lost) {
        r.from_us = m->sent_us - REACH_US;
        push(h, &r);
    } else {
        r.from_us = last->from_us;
        r.reasons |= last->reasons;
        *last = r;
    }
}

/* Brings the groups that a message does not name in line with its validity. */
static void apply_validity(struct sigstate *s, const struct feed_message *m)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        struct sigstate_record *last = newest(&s->history[i]);
        if (!is_known(last))
            continue;
        last->reasons |= m->reasons;
        if ((last->valid_from_us != SIGSTATE_NEVER_US) == m->valid)
            continue;
        if (m->valid) {
            last->valid_from_us = m->sent_us;
        } else {
            struct sigstate_record r = *last;
            r.from_us = m->sent_us - REACH_US;
            r.reasons = m->reasons;
            r.valid_from_us = r.enforceable_from_us = SIGSTATE_NEVER_US;
            push(&s->history[i], &r);
        }
    }
}

/* ---- messages ---- */

static void take_full(struct sigstate *s, const struct sigstate_heard *heard)
{
    const struct feed_message *m = &heard->message;
    struct channel_mask named = {0};
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
    for (int i = 0; i < m->group_count; i++) {
        apply_state(&s->history[m->group[i].group_ix], &m->group[i], m);
        channel_add(&named, m->group[i].group_ix + 1);
    }
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (!channel_has(&named, no))
            push_unknown(&s->history[no - 1], m->sent_us, SIGSTATE_NO_SUCH_GROUP);
    }
    memcpy(s->group, heard->group, m->group_count * sizeof *s->group);
    s->group_count = m->group_count;
    s->trusted = true;
    s->state_seq = m->state_seq;
}

static void take_part(struct sigstate *s, const struct sigstate_heard *part)
{
    const struct feed_message *m = &part->message;
    struct feed_message *all = &s->collected.message;
    const uint64_t first_seq = m->seq - (uint64_t)(m->part - 1);
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
    if (m->part == 1) {
        s->collected = *part;
        s->part_seq = first_seq;
        s->parts_have = 1;
        return;
    }
    if (s->part_seq != first_seq || m->part != s->parts_have + 1 || m->parts != all->parts ||
        all->group_count + m->group_count > CHANNELS_MAX)
        return;
    memcpy(all->group + all->group_count, m->group, m->group_count * sizeof *m->group);
    memcpy(s->collected.group + all->group_count, part->group, m->group_count * sizeof *part->group);
    all->group_count = (uint8_t)(all->group_count + m->group_count);
    if (++s->parts_have == all->parts)
        take_full(s, &s->collected);
}

static void take_change(struct sigstate *s, const struct feed_message *m)
{
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
    if (!s->trusted)
        return;
    for (int i = 0; i < m->group_count; i++)
        apply_state(&s->history[m->group[i].group_ix], &m->group[i], m);
    apply_validity(s, m);
    s->state_seq = m->seq;
}

static void take_alive(struct sigstate *s, const struct feed_message *m)
{
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
}

/* At a new start of the controller its monotonic time may have begun anew: the past is gone. */
static void begin_boot(struct sigstate *s, const struct feed_message *m, int64_t now_us)
{
    s->heard = true;
    s->boot = m->boot;
    s->seq = s->state_seq = s->part_seq = 0;
    s->trusted = false;
    s->distrust = SIGSTATE_NEW_BOOT;
    s->counts.boots++;
    s->covered_us = 0;
    s->received_us = now_us;
    s->ahead_us = now_us - m->sent_us;
    s->clock = m->clock;
    s->group_count = 0;
    for (int i = 0; i < CHANNELS_MAX; i++)
        s->history[i].count = 0;
}

/* ---- clocks ---- */

/* What came with little delay tells how far apart the clocks are; a message that comes late for that is
 * news of the past. */
static void note_delay(struct sigstate *s, int64_t sent_us, int64_t now_us)
{
    s->ahead_us += (now_us - s->received_us) / DRIFT;
    if (now_us - sent_us < s->ahead_us)
        s->ahead_us = now_us - sent_us;
    s->received_us = now_us;
}

static bool is_further(int64_t a_us, int64_t b_us, int64_t bound_us)
{
    return a_us - b_us > bound_us || b_us - a_us > bound_us;
}

/* Neither clock moves against its own monotonic time by more than it says of itself; and what arrives has
 * been sent before, and not long before. Otherwise one of them is wrong, and who knows which. */
static void check_clocks(struct sigstate *s, const struct feed_clock *clock, int64_t now_us, int64_t utc_us)
{
    const bool same = s->own_clock_error_us == SIGSTATE_SAME_CLOCK;
    const int64_t own_error_us = same ? 0 : s->own_clock_error_us;
    const int64_t error_us = same ? 0 : clock->error_us;
    const int64_t was_error_us = same ? 0 : s->clock.error_us;
    bool doubtful =
        is_further(clock->utc_offset_us, s->clock.utc_offset_us, error_us + was_error_us + CLOCK_SLACK_US);
    if (utc_us != 0) {
        const int64_t own_offset_us = utc_us - now_us;
        const int64_t late_us = s->ahead_us + own_offset_us - clock->utc_offset_us;
        const int64_t bound_us = own_error_us + error_us + CLOCK_SLACK_US;
        doubtful |= late_us < -bound_us || late_us > bound_us + SIGSTATE_APART_US;
        doubtful |=
            s->own_known && is_further(own_offset_us, s->own_offset_us, 2 * own_error_us + CLOCK_SLACK_US);
        s->own_offset_us = own_offset_us;
        s->own_known = true;
    }
    if (doubtful)
        s->clock_doubt_to_us = now_us + SIGSTATE_DOUBT_US;
    s->clock = *clock;
}

static bool is_replay(const struct feed_message *m, int64_t utc_us)
{
    return utc_us != 0 && m->clock.state == CLOCK_SYNCED &&
           is_further(m->sent_us + m->clock.utc_offset_us, utc_us, SIGSTATE_SENT_US);
}

enum sigstate_result sigstate_track(struct sigstate *s, int64_t now_us, int64_t utc_us)
{
    const struct feed_message *m = &s->incoming.message;
    if ((s->heard && m->boot < s->boot) || is_replay(m, utc_us))
        return SIGSTATE_REPLAYED;
    if (!s->heard || m->boot > s->boot)
        begin_boot(s, m, now_us);
    if (m->seq <= s->seq) {
        if (s->seq - m->seq > REORDERED_MAX && s->trusted)
            distrust(s);
        return SIGSTATE_OLD;
    }
    s->seq = m->seq;
    if (s->trusted && m->sent_us - s->covered_us > SIGSTATE_SILENCE_US)
        note_silence(s, m->sent_us);
    switch (m->kind) {
    case FEED_FULL:
        if (m->parts > 1)
            take_part(s, &s->incoming);
        else
            take_full(s, &s->incoming);
        break;
    case FEED_CHANGE:
        take_change(s, m);
        break;
    case FEED_ALIVE:
        take_alive(s, m);
        break;
    }
    if (m->sent_us > s->covered_us)
        s->covered_us = m->sent_us;
    note_delay(s, m->sent_us, now_us);
    check_clocks(s, &m->clock, now_us, utc_us);
    s->reasons = m->reasons;
    return SIGSTATE_TAKEN;
}
