#include "sigstate.h"
#include "sigstate_core.h"
#include "sigstate_json.h"
#include "sigstate_message.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The public header stands alone; its numbers are those of the project. */
static_assert((int)SIGSTATE_GROUPS_MAX == (int)CHANNELS_MAX && (int)SIGSTATE_KEYS_MAX == (int)FEED_KEYS_MAX &&
                  (int)SIGSTATE_LANES_MAX == (int)GROUP_LANES_MAX,
              "limits");
static_assert((int)SIGSTATE_RED == (int)COLOR_RED && (int)SIGSTATE_DARK == (int)COLOR_DARK, "colours");
static_assert((int)SIGSTATE_ROUND == (int)GROUP_ROUND && (int)SIGSTATE_OTHER_KIND == (int)GROUP_KINDS,
              "kinds");
static_assert((int)SIGSTATE_MOVE_CROSS == (int)MOVE_CROSS, "movements");
static_assert((int)SIGSTATE_REASON_STARTUP == (int)REASON_STARTUP &&
                  (int)SIGSTATE_REASON_STALE_CABINET == (int)REASON_STALE_CABINET,
              "reasons");

/* ---- opening ---- */

static int open_with(struct sigstate *s, const struct sigstate_options *o)
{
    const size_t name = o->controller ? strlen(o->controller) : 0;
    if (o->clock_error_us < SIGSTATE_SAME_CLOCK || (o->controller && name == 0) ||
        name >= sizeof s->controller || verifier_open(&s->verifier, o->keys, o->key_count) != 0) {
        errno = EINVAL;
        return -1;
    }
    memcpy(s->controller, o->controller ? o->controller : "", name);
    s->named = name > 0;
    s->own_clock_error_us = o->clock_error_us;
    return o->address ? sigstate_link_open(s, o->address, o->interface) : 0;
}

struct sigstate *sigstate_open(const struct sigstate_options *options)
{
    struct sigstate *s = calloc(1, sizeof *s);
    if (s && open_with(s, options) != 0) {
        const int why = errno;
        sigstate_close(s);
        errno = why;
        return NULL;
    }
    return s;
}

struct sigstate *sigstate_open_feed(const struct feed_config *config, int32_t clock_error_us)
{
    struct sigstate_key key[FEED_KEYS_MAX];
    for (int i = 0; i < config->key_count; i++)
        key[i] =
            (struct sigstate_key){config->key[i].id, config->key[i].secret, config->key[i].secret_length};
    return sigstate_open(&(struct sigstate_options){.controller = config->controller,
                                                    .keys = key,
                                                    .key_count = config->key_count,
                                                    .clock_error_us = clock_error_us});
}

void sigstate_close(struct sigstate *s)
{
    if (!s)
        return;
    sigstate_link_close(s);
    verifier_close(&s->verifier);
    free(s);
}

/* ---- hearing ---- */

static enum sigstate_result count(struct sigstate *s, enum sigstate_result result)
{
    switch (result) {
    case SIGSTATE_TAKEN:
        s->counts.taken++;
        break;
    case SIGSTATE_OLD:
        s->counts.old++;
        break;
    case SIGSTATE_MALFORMED:
        s->counts.malformed++;
        break;
    case SIGSTATE_UNSIGNED:
        s->counts.not_signed++;
        break;
    case SIGSTATE_UNKNOWN_KEY:
        s->counts.unknown_key++;
        break;
    case SIGSTATE_FORGED:
        s->counts.forged++;
        break;
    case SIGSTATE_FOREIGN:
        s->counts.foreign++;
        break;
    case SIGSTATE_REPLAYED:
        s->counts.replayed++;
        break;
    }
    return result;
}

static enum sigstate_result take_line(struct sigstate *s, const char *line, size_t length, int64_t now_us,
                                      int64_t utc_us)
{
    if (length == 0 || length > SIGSTATE_LINE_MAX)
        return SIGSTATE_MALFORMED;
    const enum sigstate_result signature = verifier_check(&s->verifier, line, length);
    if (signature != SIGSTATE_TAKEN)
        return signature;
    if (sigstate_decode(line, verifier_json_length(line, length), &s->incoming) != 0)
        return SIGSTATE_MALFORMED;
    if (s->named && strcmp(s->incoming.controller, s->controller) != 0)
        return SIGSTATE_FOREIGN;
    const enum sigstate_result result = sigstate_arrive(s, now_us, utc_us);
    if (result == SIGSTATE_TAKEN && !s->named) {
        memcpy(s->controller, s->incoming.controller, sizeof s->controller);
        s->named = true;
    }
    return result;
}

enum sigstate_result sigstate_take(struct sigstate *s, const char *line, size_t length, int64_t now_us,
                                   int64_t utc_us)
{
    return count(s, take_line(s, line, length, now_us, utc_us));
}

static void describe(struct sigstate_group *to, const struct feed_group *from)
{
    to->no = from->no;
    memcpy(to->name, from->name, sizeof to->name);
    to->kind = (enum sigstate_kind)from->kind;
    to->phase_no = from->phase_no;
    to->overlap_no = from->overlap_no;
    memcpy(to->approach, from->approach, sizeof to->approach);
    to->movements = from->movements;
    to->lane_count = from->lane_count;
    memcpy(to->lane, from->lane, sizeof to->lane);
    to->dark_ok = from->dark_ok;
}

enum sigstate_result sigstate_message(struct sigstate *s, const struct feed_config *config,
                                      const struct feed_message *message, int64_t now_us, int64_t utc_us)
{
    struct feed_message *m = &s->incoming.message;
    /* Cameras hear a million of these in a virtual day: no more is copied than there is. */
    memcpy(m, message, offsetof(struct feed_message, group) + message->group_count * sizeof *message->group);
    for (int i = 0; i < m->group_count; i++) {
        const struct feed_group *group = &config->group[message->group[i].group_ix];
        m->group[i].group_ix = (uint8_t)(group->no - 1);
        if (m->kind == FEED_FULL)
            describe(&s->incoming.group[i], group);
    }
    return count(s, sigstate_arrive(s, now_us, utc_us));
}

/* ---- what it knows besides ---- */

const struct sigstate_group *sigstate_group(const struct sigstate *s, int ix)
{
    return ix >= 0 && ix < s->group_count ? &s->group[ix] : NULL;
}

const char *sigstate_controller(const struct sigstate *s)
{
    return s->controller;
}

uint32_t sigstate_reasons(const struct sigstate *s)
{
    return s->reasons;
}

void sigstate_counts(const struct sigstate *s, struct sigstate_counts *counts)
{
    *counts = s->counts;
}

/* ---- words ---- */

const char *sigstate_why_text(enum sigstate_why why)
{
    switch (why) {
    case SIGSTATE_ENFORCEABLE:
        return "enforceable";
    case SIGSTATE_NOTHING_HEARD:
        return "nothing heard yet";
    case SIGSTATE_NO_SUCH_GROUP:
        return "no such group";
    case SIGSTATE_SILENT:
        return "silent for a second";
    case SIGSTATE_NEW_BOOT:
        return "the controller started anew";
    case SIGSTATE_GAP:
        return "a change was missed";
    case SIGSTATE_NOT_KEPT:
        return "before what is kept";
    case SIGSTATE_FUTURE:
        return "in the future";
    case SIGSTATE_CLOCK:
        return "the clocks are no evidence";
    case SIGSTATE_NOT_RED:
        return "not red";
    case SIGSTATE_INVALID:
        return "invalid";
    case SIGSTATE_UNVERIFIED:
        return "unverified";
    case SIGSTATE_UNPROVEN:
        return "younger than its margin, or no full yellow before it";
    case SIGSTATE_NEAR_EDGE:
        return "too near an edge";
    }
    return "?";
}

const char *sigstate_color_text(enum sigstate_color color)
{
    return (unsigned)color < FEED_COLORS ? feed_color_name((enum feed_color)color) : "?";
}

const char *sigstate_kind_text(enum sigstate_kind kind)
{
    return (unsigned)kind < GROUP_KINDS ? group_kind_words[kind] : "?";
}

const char *sigstate_reason_text(enum sigstate_reason reason)
{
    for (int i = 0; i < FEED_REASONS; i++) {
        if ((unsigned)reason == 1U << i)
            return feed_reason_name(i);
    }
    return reason == SIGSTATE_REASON_OTHER ? "other" : "?";
}
