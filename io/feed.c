#include "feed.h"
#include "cabinet_map.h"
#include "feed_json.h"
#include <stdlib.h>
#include <string.h>

enum {
    STALE_US = 300 * 1000, /* the newest exchange is older: the state is not known any more */
    /* A lamp needs a moment before the read-back sees it: this many exchanges from the one that
     * changed it on, a difference is not held against it. */
    SETTLE_EXCHANGES = 2,
    /* The bus delays one frame more than another: a yellow may come out shorter than commanded by
     * this much and is still a full one. */
    YELLOW_TOLERANCE_US = 50 * 1000,
    CABINET_FLASH_PERIOD_US = 1000 * 1000,
    /* The longest that a countdown pulse may take, and what the bus may add. */
    PULSE_US = 300 * 1000 + 20 * 1000,
    /* By then the exchange must have come that finds the lamp lit again. */
    PULSE_WAIT_US = PULSE_US + 110 * 1000,
};

#define NEVER_US INT64_MAX

enum lamp { LAMP_RED = 1, LAMP_YELLOW = 2, LAMP_GREEN = 4 };

struct group {
    enum feed_color color;
    unsigned commanded;    /* enum lamp, as last written */
    uint64_t commanded_at; /* count of exchanges when that last changed */
    int64_t since_us;
    int32_t since_error_us;
    int64_t red_since_us, yellow_since_us;
    int32_t yellow_ms;
    bool after_full_yellow; /* a full yellow led to this red */
    int64_t found_lit_us;   /* last read-back with any lamp lit */
    int64_t agreed_us;      /* last read-back as it should be */
    bool pulsed;            /* a countdown pulse since then */
    bool excused;           /* found dark at the last exchange, perhaps for such a pulse */
    bool verified;
    bool anew;          /* verification was interrupted: when it returns, `since` moves there */
    bool awaits_yellow; /* since a structural change */
    bool enforceable;
    int64_t enforceable_since_us;
    bool changed; /* belongs in the change message being prepared */
};

struct feed {
    const struct feed_config *config;
    uint64_t boot;
    feed_emit *emit;
    void *arg;

    uint64_t seq, state_seq;
    uint64_t full_seqs; /* numbers that a full takes: one per part it may be sent in */

    struct cabinet_exchange last;
    uint64_t exchanges;
    bool heard;   /* there is a last exchange */
    bool missed;  /* there were some between it and the next */
    bool settled; /* an exchange like the last one changes nothing */

    uint32_t reasons;
    bool valid;
    int64_t valid_since_us; /* NEVER_US while not */
    int64_t structure_us;   /* when the last structural change was adopted */
    int64_t due_us;         /* the next red becomes enforceable by nothing but age */

    enum clock_state clock_state; /* when last judged */
    bool clock_doubtful;
    int64_t now_us; /* newest time heard of */
    bool polled;
    int64_t full_due_us, alive_due_us;

    struct group group[CHANNELS_MAX];
    struct feed_message message; /* being composed */
};

struct feed *feed_new(const struct feed_config *config, uint64_t boot, feed_emit *emit, void *arg)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return NULL;
    feed->config = config;
    feed->boot = boot;
    feed->emit = emit;
    feed->arg = arg;
    feed_keys_changed(feed);
    feed->reasons = REASON_STALE_CABINET;
    feed->valid_since_us = feed->due_us = NEVER_US;
    for (int i = 0; i < config->group_count; i++) {
        struct group *g = &feed->group[i];
        g->red_since_us = g->yellow_since_us = g->enforceable_since_us = -1;
    }
    return feed;
}

void feed_free(struct feed *feed)
{
    free(feed);
}

void feed_keys_changed(struct feed *feed)
{
    const struct feed_config *config = feed->config;
    feed->full_seqs = config->destination_count > 0 ? (uint64_t)feed_json_parts_max(config) : 1;
}

/* ---- what an exchange shows ---- */

static unsigned lamps_of(const struct channel_mask *red, const struct channel_mask *yellow,
                         const struct channel_mask *green, int no)
{
    return (channel_has(red, no) ? LAMP_RED : 0U) | (channel_has(yellow, no) ? LAMP_YELLOW : 0U) |
           (channel_has(green, no) ? LAMP_GREEN : 0U);
}

/* Green wins over anything beside it: what is not surely red must not be called so. */
static enum feed_color color_of(unsigned lamps, bool flashing)
{
    if (lamps & LAMP_GREEN)
        return flashing ? COLOR_GREEN_FLASH : COLOR_GREEN;
    if (lamps == (LAMP_RED | LAMP_YELLOW))
        return COLOR_RED_YELLOW;
    if (lamps & LAMP_YELLOW)
        return flashing ? COLOR_YELLOW_FLASH : COLOR_YELLOW;
    if (lamps & LAMP_RED)
        return flashing ? COLOR_RED_FLASH : COLOR_RED;
    return COLOR_DARK;
}

/* A red that flashes while the junction is not in flash (pedestrians clear, a countdown) is a red: nobody may
 * set out on it. But on a flashing red arrow one may, having stopped. */
static enum feed_color frame_color(const struct frame *f, const struct feed_group *group)
{
    const int no = group->no;
    const unsigned lamps = lamps_of(&f->red, &f->yellow, &f->green, no);
    const bool flash = channel_has(&f->flashing, no) && (f->all_flash || group->arrow || lamps != LAMP_RED);
    return color_of(lamps, flash);
}

/* On the cabinet's own flasher the read-back is all there is: its dark half belongs to the flash. */
static enum feed_color flasher_color(struct group *g, unsigned found, int64_t at_us)
{
    if (found != 0) {
        g->found_lit_us = at_us;
        return color_of(found, true);
    }
    const bool was_flash = g->color == COLOR_RED_FLASH || g->color == COLOR_YELLOW_FLASH;
    return was_flash && at_us - g->found_lit_us <= CABINET_FLASH_PERIOD_US ? g->color : COLOR_DARK;
}

static void lose_verification(struct group *g)
{
    g->changed |= g->verified;
    g->verified = false;
    g->anew = true;
}

/* A yellow ends: was it seen to the end, and long enough even if it was lit as late and ended as early as may
 * be? */
static bool yellow_was_full(const struct group *g, const struct feed_group *config,
                            const struct cabinet_exchange *end)
{
    const int64_t sure_us = end->taken_us - end->error_us - g->since_us - g->since_error_us;
    return g->verified && sure_us + YELLOW_TOLERANCE_US >= config->yellow_floor_ms * INT64_C(1000);
}

static void enter_color(struct feed *feed, int ix, enum feed_color color, const struct cabinet_exchange *x)
{
    struct group *g = &feed->group[ix];
    const int64_t at_us = x->taken_us;
    g->after_full_yellow = false;
    if (feed->heard && g->color == COLOR_YELLOW) {
        g->yellow_ms = (int32_t)((at_us - g->since_us + 500) / 1000);
        if (yellow_was_full(g, &feed->config->group[ix], x)) {
            g->after_full_yellow = color == COLOR_RED;
            if (g->since_us >= feed->structure_us)
                g->awaits_yellow = false;
        }
    }
    g->color = color;
    g->since_us = at_us;
    g->since_error_us = x->error_us;
    if (color == COLOR_RED)
        g->red_since_us = at_us;
    if (color == COLOR_YELLOW)
        g->yellow_since_us = at_us;
    g->verified = g->anew = false;
    g->changed = true;
}

/* A group that goes dark for a countdown pulse, and the read-back that finds it dark, say nothing: neither
 * that the lamp is well nor that it is not. Dark for longer than a pulse may take, since it was last found as
 * it should be, it is a dark lamp. */
static bool is_pulse(struct group *g, bool pulsed, unsigned shown, unsigned found,
                     const struct cabinet_exchange *x)
{
    if (found == shown) {
        g->agreed_us = x->taken_us;
        g->pulsed = pulsed;
        return false;
    }
    g->pulsed |= pulsed;
    return g->pulsed && found == 0 && x->taken_us - g->agreed_us <= PULSE_US;
}

/* Holds what was found lit against what was commanded. */
static void verify(struct feed *feed, struct group *g, bool agrees, const struct cabinet_exchange *x)
{
    if (!agrees) {
        if (feed->exchanges - g->commanded_at >= SETTLE_EXCHANGES)
            lose_verification(g);
        return;
    }
    if (g->verified)
        return;
    if (g->anew) {
        g->since_us = x->taken_us;
        g->since_error_us = x->error_us;
        g->after_full_yellow = false;
    } else {
        /* Lit at the latest now; how much earlier is not known. */
        g->since_error_us = (int32_t)(x->taken_us - g->since_us) + x->error_us;
    }
    g->anew = false;
    g->verified = g->changed = true;
}

/* What the cabinet does by itself it may have done right after the exchange before. */
static int32_t since_last(const struct feed *feed, const struct cabinet_exchange *x)
{
    const int64_t unsure_us = x->taken_us - feed->last.taken_us + x->error_us;
    return unsure_us < INT32_MAX ? (int32_t)unsure_us : INT32_MAX;
}

static void update_groups(struct feed *feed, const struct cabinet_exchange *x, bool interrupted)
{
    struct channel_mask red, yellow, green;
    cabinet_map_shown(&x->output, &red, &yellow, &green);
    const struct frame *f = &x->output.frame;
    const bool flasher = x->image.status & CABINET_FLASHING;
    const bool was_settled = feed->settled;
    feed->settled = !flasher;
    for (int i = 0; i < feed->config->group_count; i++) {
        struct group *g = &feed->group[i];
        const int no = feed->config->group[i].no;
        const unsigned commanded = lamps_of(&red, &yellow, &green, no);
        const unsigned found = lamps_of(&x->image.red, &x->image.yellow, &x->image.green, no);
        const enum feed_color color =
            flasher ? flasher_color(g, found, x->taken_us) : frame_color(f, &feed->config->group[i]);
        if (was_settled)
            g->agreed_us = feed->last.taken_us;
        if (interrupted || flasher)
            lose_verification(g);
        if (!feed->heard || color != g->color) {
            enter_color(feed, i, color, x);
            if (flasher && feed->heard)
                g->since_error_us = since_last(feed, x);
        }
        if (!feed->heard || commanded != g->commanded) {
            g->commanded = commanded;
            g->commanded_at = feed->exchanges;
        }
        const bool pulsed = channel_has(&x->output.pulse, no) || feed->config->group[i].pulsed;
        g->excused = !flasher && is_pulse(g, pulsed, commanded, found, x);
        if (!g->excused)
            verify(feed, g, found == commanded && !flasher, x);
        feed->settled &= found == commanded;
    }
}

static void adopt_structure(struct feed *feed, const struct cabinet_exchange *x)
{
    if (!feed->heard || x->output.config_seq == feed->last.output.config_seq)
        return;
    feed->structure_us = x->taken_us;
    for (int i = 0; i < feed->config->group_count; i++) {
        const enum group_kind kind = feed->config->group[i].kind;
        feed->group[i].awaits_yellow = kind != GROUP_PEDESTRIAN && kind != GROUP_TRANSIT;
    }
}

/* ---- what it is worth ---- */

/* A controller that may be half a second off its cameras speaks of another moment than they do. */
static bool clock_is_doubtful(const struct feed *feed, const struct feed_clock *clock)
{
    return feed->config->clock_required &&
           (clock->state == CLOCK_UNSYNCED || clock->error_us > FEED_CLOCK_ERROR_MS * 1000);
}

static bool clock_changed(const struct feed *feed, const struct feed_clock *clock)
{
    return clock->state != feed->clock_state || clock_is_doubtful(feed, clock) != feed->clock_doubtful;
}

static uint32_t reasons_now(const struct feed *feed, bool stale)
{
    uint32_t reasons = feed->heard ? feed->last.output.reasons : 0;
    const uint32_t status = feed->heard ? feed->last.image.status : 0;
    if (status & CABINET_FLASHING)
        reasons |= REASON_FLASH;
    if (status & (CABINET_TRIP_CONFLICT | CABINET_TRIP_RED_FAIL))
        reasons |= REASON_FAULT;
    if (stale)
        reasons |= REASON_STALE_CABINET;
    if (feed->clock_doubtful)
        reasons |= REASON_CLOCK;
    for (int i = 0; i < feed->config->group_count; i++)
        reasons |= feed->group[i].awaits_yellow ? REASON_CONFIG : 0U;
    return reasons;
}

/* From when on this red meets every condition but the message's validity; NEVER_US: it does not. */
static int64_t group_enforceable_from(const struct feed *feed, int ix)
{
    const struct group *g = &feed->group[ix];
    if (g->color != COLOR_RED || !g->verified || feed->last.output.frame.all_flash)
        return NEVER_US;
    const int64_t proven_us = g->since_us + (g->after_full_yellow ? 0 : FEED_VERIFY_LONG_MS * INT64_C(1000));
    const int64_t margin_us = g->since_us + feed->config->group[ix].margin_ms * INT64_C(1000);
    return proven_us > margin_us ? proven_us : margin_us;
}

void feed_vouched_reds(const struct feed *feed, struct feed_reds *out)
{
    struct feed_reds vouched = {0}, doubtful = {0};
    for (int i = 0; i < feed->config->group_count; i++) {
        const struct feed_group *of = &feed->config->group[i];
        struct feed_reds *reds = feed->valid && feed->group[i].enforceable ? &vouched : &doubtful;
        const int no = of->phase_no ? of->phase_no : of->overlap_no;
        if (no < 1 || no > 16)
            continue;
        const uint16_t bit = (uint16_t)(1U << (no - 1));
        if (!of->phase_no)
            reds->overlap |= bit;
        else if (of->kind == GROUP_PEDESTRIAN)
            reds->pedestrian |= bit;
        else
            reds->phase |= bit;
    }
    *out = (struct feed_reds){.phase = vouched.phase & (uint16_t)~doubtful.phase,
                              .pedestrian = vouched.pedestrian & (uint16_t)~doubtful.pedestrian,
                              .overlap = vouched.overlap & (uint16_t)~doubtful.overlap};
}

/* Found dark, and no exchange has come since to say that it was a pulse. */
static bool pulse_is_over(const struct group *g, int64_t now_us)
{
    return g->excused && g->verified && now_us - g->agreed_us > PULSE_WAIT_US;
}

static bool any_pulse_is_over(const struct feed *feed, int64_t now_us)
{
    for (int i = 0; !feed->settled && i < feed->config->group_count; i++) {
        if (pulse_is_over(&feed->group[i], now_us))
            return true;
    }
    return false;
}

/* Works out reasons, validity and which reds may be enforced. `at_us` is when the news became true,
 * `now_us` when it is told. */
static bool judge(struct feed *feed, int64_t at_us, int64_t now_us, const struct feed_clock *clock)
{
    const bool stale = !feed->heard || now_us - feed->last.taken_us > STALE_US;
    for (int i = 0; i < feed->config->group_count; i++) {
        if (stale || pulse_is_over(&feed->group[i], now_us))
            lose_verification(&feed->group[i]);
    }
    feed->settled &= !stale;

    feed->clock_state = clock->state;
    feed->clock_doubtful = clock_is_doubtful(feed, clock);
    feed->reasons = reasons_now(feed, stale);
    const bool was_valid = feed->valid;
    feed->valid = feed->reasons == 0;
    if (!feed->valid)
        feed->valid_since_us = NEVER_US;
    else if (!was_valid)
        feed->valid_since_us = at_us;

    feed->due_us = NEVER_US;
    for (int i = 0; i < feed->config->group_count; i++) {
        struct group *g = &feed->group[i];
        int64_t from_us = feed->valid ? group_enforceable_from(feed, i) : NEVER_US;
        if (from_us < feed->valid_since_us)
            from_us = feed->valid_since_us;
        const bool enforceable = from_us <= now_us;
        g->changed |= enforceable != g->enforceable;
        g->enforceable = enforceable;
        g->enforceable_since_us = enforceable ? from_us : -1;
        if (!enforceable && from_us < feed->due_us)
            feed->due_us = from_us;
    }
    return feed->valid != was_valid;
}

/* ---- messages ---- */

static int32_t change_ms(const struct feed *feed, const int32_t *change_ds, int ix, int64_t sent_us)
{
    const int32_t ds = change_ds[feed->config->group[ix].no - 1];
    if (ds == CHANGE_UNKNOWN || feed->reasons & REASON_STALE_CABINET)
        return CHANGE_UNKNOWN;
    const int64_t left_ms = ds * INT64_C(100) - (sent_us - feed->last.output.tick_us) / 1000;
    return left_ms > 0 ? (int32_t)left_ms : 0;
}

static void begin_message(struct feed *feed, enum feed_kind kind, int64_t sent_us,
                          const struct feed_clock *clock)
{
    struct feed_message *m = &feed->message;
    m->kind = kind;
    m->boot = feed->boot;
    m->seq = ++feed->seq;
    m->state_seq = feed->state_seq;
    m->sent_us = sent_us;
    m->clock = *clock;
    m->valid = feed->valid;
    m->reasons = feed->reasons;
    m->part = m->parts = 1;
    m->group_count = 0;
}

/* Of the last yellow, or of the one that is running. */
static int32_t yellow_ms(const struct group *g, int64_t sent_us)
{
    if (g->color != COLOR_YELLOW)
        return g->yellow_ms;
    return sent_us > g->since_us ? (int32_t)((sent_us - g->since_us) / 1000) : 0;
}

static void add_group(struct feed *feed, int ix)
{
    struct feed_message *m = &feed->message;
    const struct group *g = &feed->group[ix];
    m->group[m->group_count++] = (struct feed_state){
        .group_ix = (uint8_t)ix,
        .color = g->color,
        .since_us = g->since_us,
        .since_error_us = g->since_error_us,
        .red_since_us = g->red_since_us,
        .yellow_since_us = g->yellow_since_us,
        .yellow_ms = yellow_ms(g, m->sent_us),
        .min_change_ms = change_ms(feed, feed->last.output.min_change_ds, ix, m->sent_us),
        .max_change_ms = change_ms(feed, feed->last.output.max_change_ds, ix, m->sent_us),
        .verified = g->verified,
        .enforceable = g->enforceable,
        .enforceable_since_us = g->enforceable_since_us,
    };
}

/* Each change carries the number of the one before, so that a receiver misses none unnoticed. */
static void emit_change(struct feed *feed)
{
    feed->emit(feed->arg, &feed->message);
    feed->state_seq = feed->message.seq;
}

/* Tells what has changed, in as many messages as it needs to fit into datagrams. */
static void report(struct feed *feed, bool validity_changed, int64_t now_us, const struct feed_clock *clock)
{
    struct feed_message *m = &feed->message;
    bool begun = false;
    for (int i = 0; i < feed->config->group_count; i++) {
        if (!feed->group[i].changed)
            continue;
        feed->group[i].changed = false;
        if (!begun)
            begin_message(feed, FEED_CHANGE, now_us, clock);
        begun = true;
        add_group(feed, i);
        if (m->group_count > 1 && !feed_json_fits(feed->config, m)) {
            m->group_count--;
            emit_change(feed);
            begin_message(feed, FEED_CHANGE, now_us, clock);
            add_group(feed, i);
        }
    }
    if (!begun && validity_changed) {
        begin_message(feed, FEED_CHANGE, now_us, clock);
        begun = true;
    }
    if (begun)
        emit_change(feed);
}

/* Polls and exchanges may come with times a little out of order; what is told never goes back. */
static int64_t advance(struct feed *feed, int64_t now_us)
{
    if (now_us > feed->now_us)
        feed->now_us = now_us;
    return feed->now_us;
}

static bool same(const struct channel_mask *a, const struct channel_mask *b)
{
    return a->word[0] == b->word[0] && a->word[1] == b->word[1];
}

/* The way of almost every exchange: all as before, and everything known of it still true. */
static bool nothing_new(const struct feed *feed, const struct cabinet_exchange *x,
                        const struct feed_clock *clock, int64_t now_us)
{
    const struct output *is = &x->output, *was = &feed->last.output;
    const bool flashes = is->frame.flashing.word[0] != 0 || is->frame.flashing.word[1] != 0;
    return feed->settled && !feed->missed && now_us < feed->due_us &&
           x->taken_us - feed->last.taken_us <= STALE_US && now_us - x->taken_us <= STALE_US &&
           same(&is->frame.red, &was->frame.red) && same(&is->frame.yellow, &was->frame.yellow) &&
           same(&is->frame.green, &was->frame.green) && same(&is->frame.flashing, &was->frame.flashing) &&
           same(&is->frame.alternate, &was->frame.alternate) && same(&is->pulse, &was->pulse) &&
           is->frame.all_flash == was->frame.all_flash && (!flashes || is->flash_on == was->flash_on) &&
           is->reasons == was->reasons && is->config_seq == was->config_seq &&
           x->image.status == feed->last.image.status && same(&x->image.red, &feed->last.image.red) &&
           same(&x->image.yellow, &feed->last.image.yellow) &&
           same(&x->image.green, &feed->last.image.green) && !clock_changed(feed, clock);
}

void feed_exchange_at(struct feed *feed, const struct cabinet_exchange *exchange,
                      const struct feed_clock *clock, int64_t now_us)
{
    now_us = advance(feed, now_us);
    const bool news = !nothing_new(feed, exchange, clock, now_us);
    if (news) {
        const bool interrupted =
            feed->heard && (feed->missed || exchange->taken_us - feed->last.taken_us > STALE_US);
        adopt_structure(feed, exchange);
        update_groups(feed, exchange, interrupted);
    }
    feed->last = *exchange;
    feed->exchanges++;
    feed->heard = true;
    feed->missed = false;
    if (news)
        report(feed, judge(feed, exchange->taken_us, now_us, clock), now_us, clock);
}

void feed_exchange(struct feed *feed, const struct cabinet_exchange *exchange, const struct feed_clock *clock)
{
    feed_exchange_at(feed, exchange, clock, exchange->taken_us + exchange->error_us);
}

void feed_missed(struct feed *feed)
{
    feed->missed = true;
}

/* Moves a due time on by whole periods, past what a late call has slept through. */
static bool is_due(int64_t *due_us, int64_t now_us, int64_t period_us)
{
    if (now_us < *due_us)
        return false;
    *due_us += ((now_us - *due_us) / period_us + 1) * period_us;
    return true;
}

static void compose_full(struct feed *feed, int64_t now_us, const struct feed_clock *clock)
{
    begin_message(feed, FEED_FULL, now_us, clock);
    /* Before the first exchange nothing is known of any lamp, and nothing is said. */
    for (int i = 0; feed->heard && i < feed->config->group_count; i++)
        add_group(feed, i);
    feed->seq += feed->full_seqs - 1;
}

void feed_full(struct feed *feed, int64_t now_us, const struct feed_clock *clock, feed_emit *emit, void *arg)
{
    compose_full(feed, advance(feed, now_us), clock);
    emit(arg, &feed->message);
}

void feed_poll(struct feed *feed, int64_t now_us, const struct feed_clock *clock)
{
    now_us = advance(feed, now_us);
    if (!feed->polled) {
        feed->polled = true;
        /* On whole seconds of the clock, so that a caller with a steady beat meets them. */
        feed->full_due_us = feed->alive_due_us = now_us - now_us % 1000000;
    }
    const bool stale = !feed->heard || now_us - feed->last.taken_us > STALE_US;
    if (stale || now_us >= feed->due_us || clock_changed(feed, clock) || any_pulse_is_over(feed, now_us))
        report(feed, judge(feed, now_us, now_us, clock), now_us, clock);
    if (is_due(&feed->full_due_us, now_us, FEED_FULL_MS * INT64_C(1000))) {
        compose_full(feed, now_us, clock);
        feed->emit(feed->arg, &feed->message);
    }
    if (is_due(&feed->alive_due_us, now_us, FEED_ALIVE_MS * INT64_C(1000))) {
        begin_message(feed, FEED_ALIVE, now_us, clock);
        feed->emit(feed->arg, &feed->message);
    }
}
