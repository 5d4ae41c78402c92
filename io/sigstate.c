#include "sigstate.h"
#include "feed_sign.h"
#include "sigstate_json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REORDERED_MAX = 64,
    DRIFT = 5000, /* our clock may gain one microsecond in as many on the controller's */
};

#define NEVER_US INT64_MAX

/* What is known of a group from `from_us` until the next record. */
struct record {
    int64_t from_us;
    bool known;
    bool verified;
    enum feed_color color;
    int64_t since_us;
    int32_t since_error_us;
    int64_t red_since_us;
    int64_t valid_from_us;       /* NEVER_US: the message was not valid */
    int64_t enforceable_from_us; /* NEVER_US: it is not */
};

struct history {
    uint32_t count; /* records ever; the newest SIGSTATE_HISTORY are kept */
    struct record record[SIGSTATE_HISTORY];
};

struct sigstate {
    char controller[NAME_TEXT];
    bool named; /* which controller is meant is known */
    const struct feed_key *key;
    int key_count;

    bool heard;
    uint64_t boot, seq, state_seq;
    bool trusted; /* a full came, and no change was missed since */
    int64_t received_us;
    int64_t ahead_us;   /* our clock less the controller's, by the message that was delayed least */
    int64_t covered_us; /* when the newest message was sent */
    int64_t utc_offset_us;
    uint32_t reasons;

    /* A full that comes in parts. */
    uint64_t part_seq; /* of its first part; 0: none */
    uint8_t parts_have;
    struct feed_message collected;

    struct feed_message decoded;
    struct history group[CHANNELS_MAX]; /* by channel number less one */
};

struct sigstate *sigstate_new(const char *controller, const struct feed_key *key, int key_count)
{
    if (controller && strlen(controller) >= NAME_TEXT)
        return NULL;
    struct sigstate *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    if (controller) {
        snprintf(s->controller, sizeof s->controller, "%s", controller);
        s->named = true;
    }
    s->key = key;
    s->key_count = key_count;
    return s;
}

void sigstate_free(struct sigstate *s)
{
    free(s);
}

/* ---- history ---- */

static struct record *newest(struct history *h)
{
    return h->count > 0 ? &h->record[(h->count - 1) % SIGSTATE_HISTORY] : NULL;
}

/* Adds what is known from r->from_us on. Nothing is ever put before the newest record: one that would
 * begin there takes its place. */
static void push(struct history *h, const struct record *r)
{
    struct record *last = newest(h);
    if (last && r->from_us <= last->from_us) {
        const int64_t from_us = last->from_us;
        *last = *r;
        last->from_us = from_us;
        return;
    }
    h->record[h->count++ % SIGSTATE_HISTORY] = *r;
}

static void push_unknown(struct history *h, int64_t from_us)
{
    const struct record *last = newest(h);
    if (last && last->known)
        push(h, &(struct record){
                    .from_us = from_us, .valid_from_us = NEVER_US, .enforceable_from_us = NEVER_US});
}

/* Something was missed: since the last message nothing is sure, until a full comes. */
static void distrust(struct sigstate *s)
{
    s->trusted = false;
    for (int i = 0; i < CHANNELS_MAX; i++)
        push_unknown(&s->group[i], s->covered_us - SIGSTATE_REACH_US);
}

/* The controller was silent for too long; nothing was missed, but nobody could know that. */
static void note_silence(struct sigstate *s, int64_t until_us)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        const struct record *last = newest(&s->group[i]);
        if (!last || !last->known)
            continue;
        struct record again = *last;
        again.from_us = until_us;
        push_unknown(&s->group[i], s->covered_us + SIGSTATE_SILENCE_US);
        push(&s->group[i], &again);
    }
}

static void apply_state(struct history *h, const struct feed_state *state, const struct feed_message *m)
{
    struct record *last = newest(h);
    const bool known = last && last->known;
    const bool was_valid = known && last->valid_from_us != NEVER_US;
    struct record r = {
        .from_us = state->since_us,
        .known = true,
        .verified = state->verified,
        .color = state->color,
        .since_us = state->since_us,
        .since_error_us = state->since_error_us,
        .red_since_us = state->red_since_us,
        .valid_from_us = !m->valid   ? NEVER_US
                         : was_valid ? last->valid_from_us
                                     : m->sent_us,
        .enforceable_from_us = state->enforceable ? state->enforceable_since_us : NEVER_US,
    };
    if (!known || last->color != r.color || last->since_us != r.since_us) {
        push(h, &r);
        return;
    }
    const bool lost = (was_valid && !m->valid) || (last->verified && !r.verified) ||
                      (last->enforceable_from_us != NEVER_US && !state->enforceable);
    if (lost) {
        r.from_us = m->sent_us - SIGSTATE_REACH_US;
        push(h, &r);
    } else {
        r.from_us = last->from_us;
        *last = r;
    }
}

/* Brings the groups that a message does not name in line with its validity. */
static void apply_validity(struct sigstate *s, const struct feed_message *m)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        struct record *last = newest(&s->group[i]);
        if (!last || !last->known || (last->valid_from_us != NEVER_US) == m->valid)
            continue;
        if (m->valid) {
            last->valid_from_us = m->sent_us;
        } else {
            struct record r = *last;
            r.from_us = m->sent_us - SIGSTATE_REACH_US;
            r.valid_from_us = r.enforceable_from_us = NEVER_US;
            push(&s->group[i], &r);
        }
    }
}

/* ---- messages ---- */

static void take_full(struct sigstate *s, const struct feed_message *m)
{
    struct channel_mask named = {0};
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
    for (int i = 0; i < m->group_count; i++) {
        apply_state(&s->group[m->group[i].group_ix], &m->group[i], m);
        channel_add(&named, m->group[i].group_ix + 1);
    }
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (!channel_has(&named, no))
            push_unknown(&s->group[no - 1], m->sent_us);
    }
    s->trusted = true;
    s->state_seq = m->state_seq;
}

static void take_part(struct sigstate *s, const struct feed_message *m)
{
    const uint64_t first_seq = m->seq - (uint64_t)(m->part - 1);
    struct feed_message *all = &s->collected;
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
    if (m->part == 1) {
        *all = *m;
        s->part_seq = first_seq;
        s->parts_have = 1;
        return;
    }
    if (s->part_seq != first_seq || m->part != s->parts_have + 1 || m->parts != all->parts ||
        all->group_count + m->group_count > CHANNELS_MAX)
        return;
    memcpy(all->group + all->group_count, m->group, m->group_count * sizeof *m->group);
    all->group_count = (uint8_t)(all->group_count + m->group_count);
    if (++s->parts_have == all->parts)
        take_full(s, all);
}

static void take_change(struct sigstate *s, const struct feed_message *m)
{
    if (s->trusted && m->state_seq != s->state_seq)
        distrust(s);
    if (!s->trusted)
        return;
    for (int i = 0; i < m->group_count; i++)
        apply_state(&s->group[m->group[i].group_ix], &m->group[i], m);
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
    s->covered_us = 0;
    s->received_us = now_us;
    s->ahead_us = now_us - m->sent_us;
    for (int i = 0; i < CHANNELS_MAX; i++)
        s->group[i].count = 0;
}

/* What came with little delay tells how far apart the clocks are; a message that comes late for that is
 * news of the past. */
static void note_delay(struct sigstate *s, int64_t sent_us, int64_t now_us)
{
    s->ahead_us += (now_us - s->received_us) / DRIFT;
    if (now_us - sent_us < s->ahead_us)
        s->ahead_us = now_us - sent_us;
    s->received_us = now_us;
}

static enum sigstate_result take(struct sigstate *s, const struct feed_message *m, int64_t now_us)
{
    if (s->heard && m->boot < s->boot)
        return SIGSTATE_OLD;
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
            take_part(s, m);
        else
            take_full(s, m);
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
    s->utc_offset_us = m->clock.utc_offset_us;
    s->reasons = m->reasons;
    return SIGSTATE_TAKEN;
}

enum sigstate_result sigstate_line(struct sigstate *s, const char *line, size_t length, int64_t now_us)
{
    if (s->key_count > 0 && !feed_sign_verify(s->key, s->key_count, line, length))
        return SIGSTATE_UNSIGNED;
    char controller[NAME_TEXT];
    if (sigstate_decode(line, feed_sign_json_length(line, length), controller, &s->decoded) != 0)
        return SIGSTATE_MALFORMED;
    if (s->named && strcmp(controller, s->controller) != 0)
        return SIGSTATE_FOREIGN;
    if (!s->named) {
        snprintf(s->controller, sizeof s->controller, "%s", controller);
        s->named = true;
    }
    return take(s, &s->decoded, now_us);
}

enum sigstate_result sigstate_message(struct sigstate *s, const struct feed_config *config,
                                      const struct feed_message *message, int64_t now_us)
{
    if (message->kind == FEED_ALIVE)
        return take(s, message, now_us);
    s->decoded = *message;
    for (int i = 0; i < message->group_count; i++)
        s->decoded.group[i].group_ix = (uint8_t)(config->group[message->group[i].group_ix].no - 1);
    return take(s, &s->decoded, now_us);
}

/* ---- answers ---- */

void sigstate_at(const struct sigstate *s, int group_no, int64_t at_us, int64_t now_us,
                 struct sigstate_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    if (group_no < 1 || group_no > CHANNELS_MAX)
        return;
    if (at_us > s->covered_us && (!s->trusted || now_us - s->ahead_us - s->covered_us > SIGSTATE_SILENCE_US ||
                                  at_us - s->covered_us > SIGSTATE_SILENCE_US))
        return;
    const struct history *h = &s->group[group_no - 1];
    const uint32_t kept = h->count < SIGSTATE_HISTORY ? h->count : SIGSTATE_HISTORY;
    const struct record *next = NULL;
    for (uint32_t i = 1; i <= kept; i++) {
        const struct record *r = &h->record[(h->count - i) % SIGSTATE_HISTORY];
        if (r->from_us > at_us) {
            next = r;
            continue;
        }
        if (!r->known)
            return;
        /* Not where the colour before or after may have been lit instead. */
        const bool near_end =
            next && next->from_us == next->since_us && at_us >= next->since_us - next->since_error_us;
        answer->known = true;
        answer->color = r->color;
        answer->valid = at_us >= r->valid_from_us;
        answer->verified = r->verified;
        answer->enforceable = r->enforceable_from_us != NEVER_US && at_us >= r->enforceable_from_us &&
                              at_us >= r->since_us + r->since_error_us && !near_end;
        answer->since_us = r->since_us;
        answer->since_error_us = r->since_error_us;
        answer->red_since_us = r->red_since_us;
        answer->age_us = at_us - r->since_us;
        return;
    }
}

int sigstate_from_utc(const struct sigstate *s, int64_t utc_us, int64_t *at_us)
{
    if (!s->heard)
        return -1;
    *at_us = utc_us - s->utc_offset_us;
    return 0;
}

int sigstate_now(const struct sigstate *s, int64_t now_us, int64_t *at_us)
{
    if (!s->heard)
        return -1;
    *at_us = now_us - s->ahead_us;
    return 0;
}

uint32_t sigstate_reasons(const struct sigstate *s)
{
    return s->reasons;
}
