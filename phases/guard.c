#include "guard.h"

#include <string.h>

/* What each channel shows next follows from what it shows and what is asked for it. A channel shows
 * stop (red, red-yellow, or a permitted dark), green (or a flashing arrow) or yellow:
 *
 *   shown    asked    next
 *   stop     stop     stop; trip if red-yellow loses its yellow
 *   stop     green    green once its clearances are over, stop until then
 *   stop     yellow   opening, or a dark arrow: yellow, like a green; held before: stop, for its
 *                     green was never shown; else trip: yellow after red
 *   green    green    green; trip if it is to be an arrow, or an arrow to be green: skipped yellow
 *   green    yellow   yellow
 *   green    stop     pedestrian or bar: stop; else trip: skipped yellow
 *   yellow   yellow   yellow
 *   yellow   stop     stop once the yellow floor is reached, yellow until then
 *   yellow   green    the same: stop must be shown before green
 *
 * A new right of way is given only where nothing shown conflicts with it, so what is shown is free
 * of conflicts by induction, whatever is asked. */

enum {
    WORDS = 2,
    DS_MS = 100,
};

/* Far enough back that every clearance is over. */
static const int64_t long_ago_ms = INT64_MIN / 2;

/* A frame read by the card. */
struct asked {
    struct channel_mask green; /* right of way, arrows included */
    struct channel_mask yellow;
    struct channel_mask arrow; /* flashing */
    struct channel_mask red_yellow;
};

static bool any(const struct channel_mask *m)
{
    return (m->word[0] | m->word[1]) != 0;
}

/* Number of the lowest channel of a mask that is not empty. */
static int lowest_no(const struct channel_mask *m)
{
    return m->word[0] ? mask_lowest_no(m->word[0]) : 64 + mask_lowest_no(m->word[1]);
}

/* Takes the lowest channel out of the mask: its number, or 0 if the mask is empty. */
static int take_no(struct channel_mask *m)
{
    if (!any(m))
        return 0;
    int no = lowest_no(m);
    channel_remove(m, no);
    return no;
}

static bool same_mask(const struct channel_mask *a, const struct channel_mask *b)
{
    return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1])) == 0;
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
    return same_mask(&a->red, &b->red) && same_mask(&a->yellow, &b->yellow) &&
           same_mask(&a->green, &b->green) && same_mask(&a->flashing, &b->flashing) &&
           same_mask(&a->alternate, &b->alternate) && a->all_flash == b->all_flash;
}

/* Whether `floor_ms` have passed since `since_ms`, counted in whole ticks. */
static bool is_over(int64_t since_ms, int floor_ms, int64_t now_ms)
{
    return (now_ms - since_ms + TICK_MS / 2) / TICK_MS * TICK_MS >= floor_ms;
}

void guard_flash_frame(const struct guard_card *card, struct frame *out)
{
    memset(out, 0, sizeof(*out));
    for (int w = 0; w < WORDS; w++) {
        out->red.word[w] = card->used.word[w] & card->flash_red.word[w];
        out->yellow.word[w] = card->used.word[w] & card->flash_yellow.word[w] & ~out->red.word[w];
        out->flashing.word[w] = out->red.word[w] | out->yellow.word[w];
    }
    out->all_flash = true;
}

/* A flash may differ from the card's image only towards red, as in an all-red start-up. */
static bool flash_allowed(const struct guard_card *card, const struct frame *want)
{
    struct frame image;
    guard_flash_frame(card, &image);
    uint64_t wrong = 0;
    for (int w = 0; w < WORDS; w++) {
        uint64_t red = want->red.word[w];
        uint64_t yellow = want->yellow.word[w];
        wrong |= want->green.word[w] | (red & yellow) | (red & ~card->used.word[w]);
        wrong |= yellow & ~image.yellow.word[w];
        wrong |= image.flashing.word[w] & ~(red | yellow);
        wrong |= (red | yellow) & ~want->flashing.word[w];
    }
    return wrong == 0;
}

void guard_init(struct guard *g, const struct guard_card *card)
{
    memset(g, 0, sizeof(*g));
    g->card = card;
    g->now_ms = long_ago_ms;
    g->opening = true;
    for (int ix = 0; ix < CHANNELS_MAX; ix++)
        g->yellow_at_ms[ix] = g->green_end_ms[ix] = g->red_at_ms[ix] = long_ago_ms;
}

void guard_doubt_past(struct guard *g)
{
    g->past_doubtful = true;
}

void guard_reset(struct guard *g)
{
    g->trip = GUARD_OK;
    g->trip_channel_no = 0;
    g->trip_other_no = 0;
    g->started = false; /* the frame that tripped may come again: it is to be judged again */
}

static enum guard_trip latch(struct guard *g, enum guard_trip reason, int channel_no, int other_no)
{
    g->trip = reason;
    g->trip_channel_no = (uint8_t)channel_no;
    g->trip_other_no = (uint8_t)other_no;
    return reason;
}

static struct asked read_frame(const struct guard_card *card, const struct frame *want)
{
    struct asked asked;
    for (int w = 0; w < WORDS; w++) {
        uint64_t red = want->red.word[w];
        uint64_t yellow = want->yellow.word[w];
        uint64_t green = want->green.word[w];
        uint64_t arrow = card->arrow.word[w] & want->flashing.word[w] & (red ^ yellow) & ~green;
        asked.arrow.word[w] = arrow;
        asked.green.word[w] = green | arrow;
        asked.yellow.word[w] = yellow & ~red & ~arrow;
        asked.red_yellow.word[w] = yellow & red;
    }
    return asked;
}

/* Channels that may not have right of way, or clear, beside channel `no`; `arrow` are those that yield. */
static struct channel_mask rivals_of(const struct guard_card *card, int no, const struct channel_mask *arrow)
{
    const struct channel_mask *permissive = &card->permissive[no - 1], *yields = &card->yields[no - 1];
    bool is_arrow = channel_has(arrow, no);
    struct channel_mask rivals;
    for (int w = 0; w < WORDS; w++) {
        uint64_t yielding = is_arrow ? yields->word[w] : yields->word[w] & arrow->word[w];
        rivals.word[w] = card->used.word[w] & ~permissive->word[w] & ~yielding;
    }
    channel_remove(&rivals, no);
    return rivals;
}

/* Two channels with right of way, or clearing, that may not be so together. */
static enum guard_trip find_conflict(struct guard *g, const struct asked *asked)
{
    struct channel_mask going, arrow, left;
    for (int w = 0; w < WORDS; w++) {
        uint64_t cleared = g->arrow.word[w] & (g->green.word[w] | g->yellow.word[w]);
        going.word[w] = asked->green.word[w] | asked->yellow.word[w];
        arrow.word[w] = asked->arrow.word[w] | (cleared & asked->yellow.word[w]);
    }
    left = going;
    for (int no = take_no(&left); no; no = take_no(&left)) {
        struct channel_mask other = rivals_of(g->card, no, &arrow);
        other.word[0] &= going.word[0];
        other.word[1] &= going.word[1];
        if (any(&other))
            return latch(g, GUARD_CONFLICT, no, lowest_no(&other));
    }
    return GUARD_OK;
}

/* What no frame may be, whatever came before it. */
static enum guard_trip judge_alone(struct guard *g, const struct frame *want, const struct asked *asked)
{
    const struct guard_card *card = g->card;
    struct channel_mask unknown, dual, dark;
    for (int w = 0; w < WORDS; w++) {
        uint64_t red = want->red.word[w];
        uint64_t yellow = want->yellow.word[w];
        uint64_t green = want->green.word[w];
        uint64_t lit = red | yellow | green;
        uint64_t no_yellow = card->pedestrian.word[w] | card->bar.word[w];
        unknown.word[w] = (lit & ~card->used.word[w]) | (yellow & no_yellow);
        dual.word[w] = (red & yellow & ~card->red_yellow.word[w]) | (red & green) | (yellow & green);
        dark.word[w] = card->used.word[w] & ~card->dark_ok.word[w] & ~lit;
    }
    if (any(&unknown))
        return latch(g, GUARD_UNUSED_LIT, lowest_no(&unknown), 0);
    if (any(&dual))
        return latch(g, GUARD_DUAL, lowest_no(&dual), 0);
    if (any(&dark))
        return latch(g, GUARD_DARK, lowest_no(&dark), 0);
    return find_conflict(g, asked);
}

/* Dark arrows: while they are, another channel shows their green, so their yellow may follow. */
static uint64_t dark_arrows(const struct guard *g, int w)
{
    const struct frame *shown = &g->shown;
    uint64_t lit = shown->red.word[w] | shown->yellow.word[w] | shown->green.word[w];
    return g->card->arrow.word[w] & g->card->dark_ok.word[w] & ~lit;
}

/* What no frame may be after the one shown: the trips of the table. */
static enum guard_trip judge_order(struct guard *g, const struct asked *asked)
{
    struct channel_mask skipped, lone, alone;
    for (int w = 0; w < WORDS; w++) {
        uint64_t going = asked->green.word[w] | asked->yellow.word[w];
        uint64_t shown = g->green.word[w] | g->yellow.word[w];
        uint64_t no_yellow = g->card->pedestrian.word[w] | g->card->bar.word[w];
        uint64_t turned = asked->green.word[w] & (asked->arrow.word[w] ^ g->arrow.word[w]);
        uint64_t plain = asked->green.word[w] & ~asked->arrow.word[w];
        skipped.word[w] = g->green.word[w] & ((~going & ~no_yellow) | turned);
        lone.word[w] = asked->yellow.word[w] & ~shown & ~g->holding.word[w] & ~dark_arrows(g, w);
        alone.word[w] = g->red_yellow.word[w] & ~asked->red_yellow.word[w] & ~plain;
    }
    if (any(&skipped))
        return latch(g, GUARD_SKIPPED_YELLOW, lowest_no(&skipped), 0);
    if (any(&lone) && !g->opening)
        return latch(g, GUARD_YELLOW_AFTER_RED, lowest_no(&lone), 0);
    if (any(&alone))
        return latch(g, GUARD_RED_YELLOW_ALONE, lowest_no(&alone), 0);
    return GUARD_OK;
}

/* Yellows that are asked to end before their floor. */
static struct channel_mask short_yellows(const struct guard *g, const struct asked *asked, int64_t now_ms)
{
    struct channel_mask leaving, shorts = {{0}};
    for (int w = 0; w < WORDS; w++)
        leaving.word[w] = g->yellow.word[w] & ~asked->yellow.word[w];
    for (int no = take_no(&leaving); no; no = take_no(&leaving))
        if (!is_over(g->yellow_at_ms[no - 1], g->card->yellow_floor_ms[no - 1], now_ms))
            channel_add(&shorts, no);
    return shorts;
}

/* Whether channel `no`, now stopped, may be given right of way beside those that bar it if they
 * conflict. A vehicle channel also waits for its own red, lest yellow seem to turn green. */
static bool may_start(const struct guard *g, int no, const struct channel_mask *arrow,
                      const struct channel_mask *barring, int64_t now_ms)
{
    const struct guard_card *card = g->card;
    struct channel_mask rivals = rivals_of(card, no, arrow);
    if ((rivals.word[0] & barring->word[0]) | (rivals.word[1] & barring->word[1]))
        return false;
    if (!channel_has(&card->pedestrian, no))
        channel_add(&rivals, no);
    for (int rival = take_no(&rivals); rival; rival = take_no(&rivals)) {
        int intergreen_ms = card->intergreen_ds[rival - 1][no - 1] * DS_MS;
        if (!is_over(g->red_at_ms[rival - 1], card->red_floor_ms[rival - 1], now_ms) ||
            !is_over(g->green_end_ms[rival - 1], intergreen_ms, now_ms))
            return false;
    }
    return true;
}

static void stamp(int64_t *at_ms, struct channel_mask channels, int64_t now_ms)
{
    for (int no = take_no(&channels); no; no = take_no(&channels))
        at_ms[no - 1] = now_ms;
}

/* The table: first what goes on and what ends, all channels at once, then the starts one by one in
 * ascending order, each judged beside what is given by then. */
static void guard_next(struct guard *g, const struct frame *want, const struct asked *asked, int64_t now_ms)
{
    struct channel_mask green, yellow, arrow, going, barring, ended, stopped, starting, began;
    struct channel_mask shorts = short_yellows(g, asked, now_ms);
    for (int w = 0; w < WORDS; w++) {
        uint64_t shown = g->green.word[w] | g->yellow.word[w];
        uint64_t yellow_may = g->opening ? asked->yellow.word[w] : asked->yellow.word[w] & dark_arrows(g, w);
        green.word[w] = g->green.word[w] & asked->green.word[w];
        yellow.word[w] = (shown & asked->yellow.word[w]) | shorts.word[w];
        going.word[w] = green.word[w] | yellow.word[w];
        uint64_t plain = asked->green.word[w] & ~asked->arrow.word[w];
        arrow.word[w] = g->arrow.word[w] & ~((plain | yellow_may) & ~shown);
        ended.word[w] = g->green.word[w] & ~green.word[w];
        stopped.word[w] = shown & ~going.word[w];
        starting.word[w] = (asked->green.word[w] | yellow_may) & ~shown;
    }
    stamp(g->green_end_ms, ended, now_ms);
    stamp(g->red_at_ms, stopped, now_ms);

    /* Pedestrians who clear on flashing red are still on the road. */
    for (int w = 0; w < WORDS; w++)
        barring.word[w] =
            going.word[w] | (g->card->pedestrian.word[w] & want->red.word[w] & want->flashing.word[w]);
    for (int no = take_no(&starting); no; no = take_no(&starting)) {
        if (channel_has(&asked->arrow, no))
            channel_add(&arrow, no);
        if (may_start(g, no, &arrow, &barring, now_ms)) {
            channel_add(&going, no);
            channel_add(&barring, no);
            channel_add(channel_has(&asked->green, no) ? &green : &yellow, no);
        } else {
            channel_remove(&arrow, no);
        }
    }
    for (int w = 0; w < WORDS; w++) {
        uint64_t waiting = asked->red_yellow.word[w] | (g->red_yellow.word[w] & asked->green.word[w]);
        began.word[w] = yellow.word[w] & ~g->yellow.word[w];
        g->arrow.word[w] = arrow.word[w];
        g->red_yellow.word[w] = waiting & ~going.word[w];
    }
    stamp(g->yellow_at_ms, began, now_ms);

    g->green = green;
    g->yellow = yellow;
    if (any(&going))
        g->opening = false;
}

/* Lights what guard_next() decided. What is asked lit and has no right of way is red. Nothing held
 * flashes, nor does any yellow: a flashing yellow clears nobody. */
static void light(struct guard *g, const struct frame *want, const struct asked *asked)
{
    struct frame *shown = &g->shown;
    for (int w = 0; w < WORDS; w++) {
        uint64_t arrow = g->arrow.word[w] & g->green.word[w];
        uint64_t yellow = g->yellow.word[w] | g->red_yellow.word[w];
        uint64_t lit = want->red.word[w] | want->yellow.word[w] | want->green.word[w];
        uint64_t held =
            (g->green.word[w] ^ asked->green.word[w]) | (g->yellow.word[w] ^ asked->yellow.word[w]);
        shown->green.word[w] = g->green.word[w] & ~arrow;
        shown->yellow.word[w] = yellow | (arrow & want->yellow.word[w]);
        shown->red.word[w] = (lit & ~g->green.word[w] & ~g->yellow.word[w]) | (arrow & want->red.word[w]);
        shown->flashing.word[w] = want->flashing.word[w] & lit & ~(held | yellow);
        shown->alternate.word[w] = want->alternate.word[w] & shown->flashing.word[w];
        g->holding.word[w] = held;
    }
    shown->all_flash = false;
}

/* Right of way ends without a yellow. What had it is cleared as if its yellow began now, so that a
 * moment of flash shortens no clearance. Where the past is in doubt, every channel may have had it. */
static void enter_flash(struct guard *g, const struct frame *image, int64_t now_ms)
{
    if (g->past_doubtful)
        g->green = g->card->used;
    g->past_doubtful = false;
    struct channel_mask cut = g->green;
    cut.word[0] |= g->yellow.word[0];
    cut.word[1] |= g->yellow.word[1];
    stamp(g->green_end_ms, g->green, now_ms);
    stamp(g->yellow_at_ms, g->green, now_ms);
    for (int no = take_no(&cut); no; no = take_no(&cut)) {
        int64_t floor_end_ms = g->yellow_at_ms[no - 1] + g->card->yellow_floor_ms[no - 1];
        g->red_at_ms[no - 1] = floor_end_ms > now_ms ? floor_end_ms : now_ms;
    }

    memset(&g->green, 0, sizeof(g->green));
    memset(&g->yellow, 0, sizeof(g->yellow));
    memset(&g->arrow, 0, sizeof(g->arrow));
    memset(&g->red_yellow, 0, sizeof(g->red_yellow));
    memset(&g->holding, 0, sizeof(g->holding));
    g->opening = true;
    g->shown = *image;
}

/* A frame that may not leave gives way to the card's flash image. */
__attribute__((noinline)) static void judge(struct guard *g, const struct frame *want, int64_t now_ms)
{
    struct asked asked = read_frame(g->card, want);
    if (want->all_flash && flash_allowed(g->card, want)) {
        enter_flash(g, want, now_ms);
    } else if (!want->all_flash && judge_alone(g, want, &asked) == GUARD_OK &&
               judge_order(g, &asked) == GUARD_OK) {
        guard_next(g, want, &asked, now_ms);
        light(g, want, &asked);
    } else {
        struct frame image;
        guard_flash_frame(g->card, &image);
        enter_flash(g, &image, now_ms);
    }
}

enum guard_trip guard_step(struct guard *g, const struct frame *want, int64_t now_ms, struct frame *out)
{
    if (now_ms < g->now_ms)
        now_ms = g->now_ms;
    bool held = any(&g->holding);
    if (held)
        g->held_ms += now_ms - g->now_ms;
    g->now_ms = now_ms;

    if (g->trip == GUARD_OK && (held || !g->started || !same_frame(want, &g->want))) {
        judge(g, want, now_ms);
        g->want = *want;
        g->started = true;
        if (any(&g->holding))
            g->held_frames++;
    }
    *out = g->shown;
    return g->trip;
}

const char *guard_trip_name(enum guard_trip trip)
{
    switch (trip) {
    case GUARD_OK:
        return "none";
    case GUARD_CONFLICT:
        return "conflicting indications";
    case GUARD_DARK:
        return "dark channel";
    case GUARD_DUAL:
        return "two colours on one channel";
    case GUARD_SKIPPED_YELLOW:
        return "skipped yellow";
    case GUARD_YELLOW_AFTER_RED:
        return "yellow after red";
    case GUARD_UNUSED_LIT:
        return "lamp unknown to the card lit";
    case GUARD_RED_YELLOW_ALONE:
        return "red-yellow without its green";
    }
    return "unknown";
}
