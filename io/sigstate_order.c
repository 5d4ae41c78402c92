/* From what arrives to what is taken. Datagrams overtake one another, and the repeat of a lost one comes
 * late: what has come ahead of a change waits for it a little, and only then counts the change as missed. */
#include "sigstate_core.h"
#include <string.h>

enum {
    WINDOW = 64, /* bits of sigstate_order.seen */
    /* A change goes out for the last time 100 ms after the first, and is on its way for 80 ms at most. */
    WAIT_US = 200 * 1000,
    DRIFT = 5000, /* our clock may gain one microsecond in as many on the controller's */
    /* Reading two clocks one after the other, and passing the difference on, is no better than this. */
    CLOCK_SLACK_US = 5 * 1000,
};

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

/* ---- order ---- */

bool sigstate_waits(const struct sigstate *s)
{
    return s->trusted && s->order.told_seq > s->state_seq;
}

/* Notes a message as come. False if it has come before, or is so far behind that nobody knows: where that is
 * not because a full of many parts was sent meanwhile, something is wrong. */
static bool note_seq(struct sigstate *s, const struct feed_message *m)
{
    struct sigstate_order *o = &s->order;
    if (m->seq > s->seq) {
        const uint64_t ahead = m->seq - s->seq;
        o->seen = (ahead < WINDOW ? o->seen << ahead : 0) | 1;
        s->seq = m->seq;
        return true;
    }
    const uint64_t behind = s->seq - m->seq;
    if (behind > WINDOW && o->sent_us - m->sent_us > SIGSTATE_SILENCE_US && s->trusted)
        sigstate_distrust(s);
    if (behind >= WINDOW || o->seen >> behind & 1)
        return false;
    o->seen |= UINT64_C(1) << behind;
    return true;
}

/* Adds a part of a full to those there are, in whatever order they come; true if it was the last one missing.
 */
static bool collect_part(struct sigstate *s, const struct sigstate_heard *part)
{
    const struct feed_message *m = &part->message;
    struct feed_message *all = &s->order.full.message;
    const uint64_t first_seq = m->seq - (uint64_t)(m->part - 1);
    if (m->seq < m->part || first_seq < all->seq)
        return false;
    if (first_seq > all->seq) {
        s->order.full = *part;
        all->seq = first_seq;
        s->order.parts_have = 1;
        s->order.full_waits = false;
        return false;
    }
    if (m->parts != all->parts || m->state_seq != all->state_seq ||
        all->group_count + m->group_count > CHANNELS_MAX)
        return false;
    memcpy(all->group + all->group_count, m->group, m->group_count * sizeof *m->group);
    memcpy(s->order.full.group + all->group_count, part->group, m->group_count * sizeof *part->group);
    all->group_count = (uint8_t)(all->group_count + m->group_count);
    return ++s->order.parts_have == all->parts;
}

/* Of a change that has been missed nothing can be known, but a full that came after it ends the ignorance. */
static void give_up(struct sigstate *s)
{
    sigstate_distrust(s);
    if (s->order.full_waits)
        sigstate_apply_full(s, &s->order.full);
    s->order.full_waits = false;
    s->order.waits_since_us = SIGSTATE_NEVER_US;
}

static void park(struct sigstate *s, const struct feed_message *m)
{
    struct sigstate_order *o = &s->order;
    if (o->parked == SIGSTATE_PARKED_MAX) {
        o->parked = 0;
        give_up(s);
        return;
    }
    memcpy(&o->change[o->parked++], m,
           offsetof(struct feed_message, group) + m->group_count * sizeof *m->group);
}

static enum sigstate_result offer_change(struct sigstate *s, const struct feed_message *m)
{
    if (!s->trusted)
        return SIGSTATE_TAKEN;
    if (m->seq <= s->state_seq)
        return SIGSTATE_OLD;
    if (m->state_seq == s->state_seq)
        sigstate_apply_change(s, m);
    else
        park(s, m);
    return SIGSTATE_TAKEN;
}

static enum sigstate_result offer_full(struct sigstate *s, const struct sigstate_heard *full)
{
    const uint64_t state_seq = full->message.state_seq;
    if (state_seq < (s->trusted ? s->state_seq : s->order.told_seq))
        return SIGSTATE_OLD;
    if (!s->trusted || state_seq == s->state_seq) {
        sigstate_apply_full(s, full);
        return SIGSTATE_TAKEN;
    }
    if (full != &s->order.full)
        s->order.full = *full;
    s->order.full_waits = true;
    return SIGSTATE_TAKEN;
}

/* Takes what the newest change has made fit. */
static void take_parked(struct sigstate *s)
{
    struct sigstate_order *o = &s->order;
    for (int i = 0; i < o->parked;) {
        const bool fits = o->change[i].state_seq == s->state_seq;
        if (fits)
            sigstate_apply_change(s, &o->change[i]);
        if (!fits && o->change[i].seq > s->state_seq) {
            i++;
            continue;
        }
        o->change[i] = o->change[--o->parked];
        i = 0;
    }
    if (o->full_waits && o->full.message.state_seq <= s->state_seq) {
        if (o->full.message.state_seq == s->state_seq)
            sigstate_apply_full(s, &o->full);
        o->full_waits = false;
    }
}

/* What is known by now reaches up to the newest message, unless something is still on its way. */
static void settle(struct sigstate *s, int64_t now_us)
{
    struct sigstate_order *o = &s->order;
    take_parked(s);
    if (sigstate_waits(s) && o->waits_since_us != SIGSTATE_NEVER_US && now_us - o->waits_since_us > WAIT_US) {
        give_up(s);
        take_parked(s);
    }
    if (!sigstate_waits(s)) {
        o->waits_since_us = SIGSTATE_NEVER_US;
        if (o->sent_us > s->covered_us)
            s->covered_us = o->sent_us;
    } else if (o->waits_since_us == SIGSTATE_NEVER_US) {
        o->waits_since_us = now_us;
    }
}

static enum sigstate_result offer(struct sigstate *s, bool overtaken)
{
    const struct sigstate_heard *heard = &s->incoming;
    switch (heard->message.kind) {
    case FEED_FULL:
        if (heard->message.parts == 1)
            return offer_full(s, heard);
        return collect_part(s, heard) ? offer_full(s, &s->order.full) : SIGSTATE_TAKEN;
    case FEED_CHANGE:
        return offer_change(s, &heard->message);
    case FEED_ALIVE:
        break;
    }
    return overtaken ? SIGSTATE_OLD : SIGSTATE_TAKEN;
}

/* At a new start of the controller its monotonic time may have begun anew: the past is gone. */
static void begin_boot(struct sigstate *s, const struct feed_message *m, int64_t now_us)
{
    s->heard = true;
    s->boot = m->boot;
    s->seq = s->state_seq = 0;
    s->trusted = false;
    s->distrust = SIGSTATE_NEW_BOOT;
    s->counts.boots++;
    s->covered_us = 0;
    s->received_us = now_us;
    s->ahead_us = now_us - m->sent_us;
    s->clock = m->clock;
    s->group_count = 0;
    s->order.seen = s->order.told_seq = s->order.full.message.seq = 0;
    s->order.sent_us = 0;
    s->order.waits_since_us = SIGSTATE_NEVER_US;
    s->order.parked = 0;
    s->order.full_waits = false;
    for (int i = 0; i < CHANNELS_MAX; i++)
        s->history[i].count = 0;
}

enum sigstate_result sigstate_arrive(struct sigstate *s, int64_t now_us, int64_t utc_us)
{
    const struct feed_message *m = &s->incoming.message;
    if ((s->heard && m->boot < s->boot) || is_replay(m, utc_us))
        return SIGSTATE_REPLAYED;
    if (!s->heard || m->boot > s->boot)
        begin_boot(s, m, now_us);
    const bool overtaken = m->seq < s->seq;
    if (!note_seq(s, m))
        return SIGSTATE_OLD;
    if (s->trusted && m->sent_us - s->covered_us > SIGSTATE_SILENCE_US) {
        if (sigstate_waits(s))
            give_up(s);
        else
            sigstate_note_silence(s, m->sent_us);
    }
    const uint64_t told_seq = m->kind == FEED_CHANGE ? m->seq : m->state_seq;
    const enum sigstate_result result = offer(s, overtaken);
    if (told_seq > s->order.told_seq)
        s->order.told_seq = told_seq;
    note_delay(s, m->sent_us, now_us);
    if (!overtaken) {
        s->order.sent_us = m->sent_us;
        check_clocks(s, &m->clock, now_us, utc_us);
        s->reasons = m->reasons;
    }
    settle(s, now_us);
    return result;
}
