#include "recorder.h"
#include <string.h>

static const int64_t second_us = 1000000;
static const int64_t step_us = RECORDER_STEP_MS * INT64_C(1000);

void recorder_begin(struct recorder *recorder, const struct feed_config *config, struct journal *journal,
                    int keep_days)
{
    memset(recorder, 0, sizeof *recorder);
    recorder->config = config;
    recorder->journal = journal;
    recorder->keep_us = keep_days * INT64_C(86400) * second_us;
    recorder->begin_as = JOURNAL_START;
    recorder->refused_us = -RECORDER_RETRY_S * second_us;
}

static bool is_running(const struct recorder *recorder)
{
    return recorder->begin_as == JOURNAL_FULL;
}

static int refused(struct recorder *recorder)
{
    if (is_running(recorder))
        recorder->begin_as = JOURNAL_REFUSED;
    recorder->refused_us = recorder->newest.sent_us;
    return -1;
}

static int put(struct recorder *recorder, enum journal_kind kind, const struct feed_message *message)
{
    if (journal_put(recorder->journal, kind, recorder->config, message) < 0)
        return refused(recorder);
    recorder->put_us = message->sent_us;
    return 0;
}

/* What does not fit what came before: a change was missed, or the clock was stepped. */
static void look_for_breaks(struct recorder *recorder, const struct feed_message *m)
{
    if (!recorder->heard || !is_running(recorder))
        return;
    const int64_t moved_us = m->clock.utc_offset_us - recorder->newest.clock.utc_offset_us;
    if (m->state_seq != recorder->state_seq)
        recorder->begin_as = JOURNAL_MISSED;
    else if (moved_us > step_us || moved_us < -step_us)
        recorder->begin_as = JOURNAL_CLOCK;
}

/* Age is judged by a clock that somebody vouches for, or what is young might go. */
static int prune(struct recorder *recorder, const struct feed_message *m)
{
    if (m->clock.state == CLOCK_UNSYNCED)
        return 0;
    const int64_t now_utc_us = m->sent_us + m->clock.utc_offset_us;
    return journal_prune(recorder->journal, now_utc_us - recorder->keep_us) < 0 ? refused(recorder) : 0;
}

static int take_full(struct recorder *recorder, const struct feed_message *m)
{
    if (is_running(recorder) && m->sent_us - recorder->full_us < RECORDER_FULL_S * second_us)
        return m->sent_us - recorder->put_us < RECORDER_ALIVE_S * second_us ? 0
                                                                            : put(recorder, JOURNAL_ALIVE, m);
    if (m->sent_us - recorder->refused_us < RECORDER_RETRY_S * second_us)
        return 0;
    if (put(recorder, recorder->begin_as, m) < 0)
        return -1;
    recorder->begin_as = JOURNAL_FULL;
    recorder->full_us = m->sent_us;
    recorder->state_seq = m->state_seq;
    return prune(recorder, m);
}

int recorder_take(struct recorder *recorder, const struct feed_message *message)
{
    look_for_breaks(recorder, message);
    recorder->newest = *message;
    recorder->newest.group_count = 0;
    recorder->heard = true;
    switch (message->kind) {
    case FEED_FULL:
        return take_full(recorder, message);
    case FEED_CHANGE:
        if (!is_running(recorder))
            return 0;
        recorder->state_seq = message->seq;
        return put(recorder, JOURNAL_CHANGE, message);
    case FEED_ALIVE:
        break;
    }
    return 0;
}

int recorder_commit(struct recorder *recorder)
{
    return journal_commit(recorder->journal) < 0 ? refused(recorder) : 0;
}

int recorder_settle(struct recorder *recorder)
{
    if (is_running(recorder) && recorder->newest.sent_us > recorder->put_us &&
        put(recorder, JOURNAL_ALIVE, &recorder->newest) < 0)
        return -1;
    return recorder_commit(recorder);
}

int recorder_end(struct recorder *recorder)
{
    if (is_running(recorder) && put(recorder, JOURNAL_STOP, &recorder->newest) < 0)
        return -1;
    return recorder_commit(recorder);
}
