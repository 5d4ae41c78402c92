/* From messages in their order to the history of each group. */
#include "sigstate_core.h"
#include <string.h>

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

static void forget(struct sigstate_record *r, enum sigstate_why why)
{
    *r = (struct sigstate_record){.from_us = r->from_us,
                                  .unknown = why,
                                  .valid_from_us = SIGSTATE_NEVER_US,
                                  .enforceable_from_us = SIGSTATE_NEVER_US};
}

/* Whatever was thought to be known since then is not, later records included. */
static void push_unknown(struct sigstate_history *h, int64_t from_us, enum sigstate_why why)
{
    const uint32_t kept = h->count < SIGSTATE_HISTORY ? h->count : SIGSTATE_HISTORY;
    struct sigstate_record *earliest = NULL;
    uint32_t i = 1;
    for (; i <= kept; i++) {
        struct sigstate_record *r = &h->record[(h->count - i) % SIGSTATE_HISTORY];
        if (r->from_us < from_us)
            break;
        if (is_known(r))
            forget(r, why);
        earliest = r;
    }
    if (i > kept || !is_known(&h->record[(h->count - i) % SIGSTATE_HISTORY]))
        return;
    if (earliest) {
        earliest->from_us = from_us;
        return;
    }
    struct sigstate_record *r = &h->record[h->count++ % SIGSTATE_HISTORY];
    r->from_us = from_us;
    forget(r, why);
}

void sigstate_distrust(struct sigstate *s)
{
    s->trusted = false;
    s->distrust = SIGSTATE_GAP;
    s->counts.gaps++;
    for (int i = 0; i < CHANNELS_MAX; i++)
        push_unknown(&s->history[i], s->covered_us - SIGSTATE_REACH_US, SIGSTATE_GAP);
}

void sigstate_note_silence(struct sigstate *s, int64_t until_us)
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

/* What was valid until this message had ceased to be, for all we know, some time before. */
static void take_back(struct sigstate_history *h, const struct feed_message *m)
{
    struct sigstate_record r = *newest(h);
    r.from_us = m->sent_us - SIGSTATE_REACH_US;
    r.reasons = m->reasons;
    r.valid_from_us = r.enforceable_from_us = SIGSTATE_NEVER_US;
    push(h, &r);
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
        if (was_valid && !m->valid)
            take_back(h, m);
        push(h, &r);
        return;
    }
    const bool lost = (was_valid && !m->valid) || (last->verified && !r.verified) ||
                      (last->enforceable_from_us != SIGSTATE_NEVER_US && !state->enforceable);
    if (lost) {
        r.from_us = m->sent_us - SIGSTATE_REACH_US;
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
            take_back(&s->history[i], m);
        }
    }
}

/* ---- messages ---- */

void sigstate_apply_full(struct sigstate *s, const struct sigstate_heard *full)
{
    const struct feed_message *m = &full->message;
    struct channel_mask named = {0};
    for (int i = 0; i < m->group_count; i++) {
        apply_state(&s->history[m->group[i].group_ix], &m->group[i], m);
        channel_add(&named, m->group[i].group_ix + 1);
    }
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (!channel_has(&named, no))
            push_unknown(&s->history[no - 1], m->sent_us, SIGSTATE_NO_SUCH_GROUP);
    }
    memcpy(s->group, full->group, m->group_count * sizeof *s->group);
    s->group_count = m->group_count;
    s->trusted = true;
    s->state_seq = m->state_seq;
}

void sigstate_apply_change(struct sigstate *s, const struct feed_message *change)
{
    for (int i = 0; i < change->group_count; i++)
        apply_state(&s->history[change->group[i].group_ix], &change->group[i], change);
    apply_validity(s, change);
    s->state_seq = change->seq;
}
