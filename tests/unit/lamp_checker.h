/* An observer at the kerb for the guard's tests: it sees the frames one after the other, knows the
 * card, and says when what is lit breaks a rule. Written channel by channel, so that it shares no
 * idea with the guard's words of bits. */
#ifndef TESTS_UNIT_LAMP_CHECKER_H
#define TESTS_UNIT_LAMP_CHECKER_H

#include "../../phases/guard.h"
#include <stdio.h>

enum lamp_state { LAMP_STOP, LAMP_GREEN, LAMP_YELLOW, LAMP_ARROW, LAMP_RED_YELLOW };

struct lamp {
    enum lamp_state state;
    bool yields; /* its present or last right of way: a flashing arrow */
    bool dark;
    int64_t yellow_ms, green_end_ms, stop_ms;
};

struct lamp_checker {
    const struct guard_card *card;
    struct lamp lamp[CHANNELS_MAX + 1]; /* by number */
    int used_no[CHANNELS_MAX], used_count;
    bool opening; /* nothing has gone since the start or the last flash */
    char fault[160];
};

static inline void lamp_checker_init(struct lamp_checker *c, const struct guard_card *card)
{
    *c = (struct lamp_checker){.card = card, .opening = true};
    for (int no = 1; no <= CHANNELS_MAX; no++)
        c->lamp[no] = (struct lamp){LAMP_STOP, false, false, -1000000, -1000000, -1000000};
    for (int no = 1; no <= CHANNELS_MAX; no++)
        if (channel_has(&card->used, no))
            c->used_no[c->used_count++] = no;
}

static inline bool lamp_fault(struct lamp_checker *c, const char *what, int no, int other_no)
{
    snprintf(c->fault, sizeof(c->fault), "%s: channel %d, %d", what, no, other_no);
    return false;
}

/* Nothing but the card's channels is lit. */
static inline bool lamp_check_stray(struct lamp_checker *c, const struct frame *f)
{
    for (int w = 0; w < 2; w++)
        if ((f->red.word[w] | f->yellow.word[w] | f->green.word[w]) & ~c->card->used.word[w])
            return lamp_fault(c, "channel without lamps lit", 0, 0);
    return true;
}

/* In flash nothing is green, and each channel shows what the card says, or flashing red. What was
 * going is taken to have had its yellow from now on. */
static inline bool lamp_check_flash(struct lamp_checker *c, const struct frame *f, int64_t now_ms)
{
    for (int i = 0; i < c->used_count; i++) {
        int no = c->used_no[i];
        bool red = channel_has(&f->red, no), yellow = channel_has(&f->yellow, no);
        if (channel_has(&f->green, no) || (red && yellow))
            return lamp_fault(c, "not a flash image", no, 0);
        if ((red || yellow) && !channel_has(&f->flashing, no))
            return lamp_fault(c, "steady in flash", no, 0);
        if (yellow && !channel_has(&c->card->flash_yellow, no))
            return lamp_fault(c, "yellow against the card in flash", no, 0);
        if (!red && !yellow &&
            (channel_has(&c->card->flash_yellow, no) || channel_has(&c->card->flash_red, no)))
            return lamp_fault(c, "dark in flash", no, 0);

        struct lamp *lamp = &c->lamp[no];
        if (lamp->state == LAMP_GREEN || lamp->state == LAMP_ARROW)
            lamp->green_end_ms = lamp->yellow_ms = now_ms;
        if (lamp->state != LAMP_STOP && lamp->state != LAMP_RED_YELLOW) {
            lamp->stop_ms = lamp->yellow_ms + c->card->yellow_floor_ms[no - 1];
            lamp->stop_ms = lamp->stop_ms > now_ms ? lamp->stop_ms : now_ms;
        }
        lamp->state = LAMP_STOP;
        lamp->yields = lamp->dark = false;
    }
    c->opening = true;
    return true;
}

/* The colour of a channel by itself; -1 if it shows none that it may. */
static inline int lamp_read(struct lamp_checker *c, const struct frame *f, int no)
{
    bool red = channel_has(&f->red, no), yellow = channel_has(&f->yellow, no),
         green = channel_has(&f->green, no);
    int lit = red + yellow + green;
    bool flashing = channel_has(&f->flashing, no);
    bool dark_may = channel_has(&c->card->dark_ok, no);
    bool yellow_may = !channel_has(&c->card->pedestrian, no) && !channel_has(&c->card->bar, no) && !flashing;
    if (lit == 1 && !green && flashing && channel_has(&c->card->arrow, no))
        return LAMP_ARROW;
    if (lit == 2 && !green && !flashing && channel_has(&c->card->red_yellow, no))
        return LAMP_RED_YELLOW;
    if (lit > 1 || (lit == 0 && !dark_may) || (yellow && !yellow_may)) {
        lamp_fault(c, "lamps", no, red + 2 * yellow + 4 * green);
        return -1;
    }
    return green ? LAMP_GREEN : yellow ? LAMP_YELLOW : LAMP_STOP;
}

static inline bool lamp_goes(enum lamp_state state)
{
    return state == LAMP_GREEN || state == LAMP_ARROW;
}

static inline bool lamp_stands(enum lamp_state state)
{
    return state == LAMP_STOP || state == LAMP_RED_YELLOW;
}

/* One channel's step in time, rivals apart. */
static inline bool lamp_follow(struct lamp_checker *c, int no, enum lamp_state next, bool dark,
                               int64_t now_ms)
{
    struct lamp *lamp = &c->lamp[no];
    enum lamp_state was = lamp->state;
    bool no_yellow = channel_has(&c->card->pedestrian, no) || channel_has(&c->card->bar, no);
    bool dark_arrow = lamp->dark && channel_has(&c->card->arrow, no);
    if (lamp_goes(was) && lamp_stands(next) && !no_yellow)
        return lamp_fault(c, "yellow skipped", no, 0);
    if (lamp_goes(was) && lamp_goes(next) && next != was)
        return lamp_fault(c, "arrow and green in one", no, 0);
    if (lamp_stands(was) && next == LAMP_YELLOW && !c->opening && !dark_arrow)
        return lamp_fault(c, "yellow after red", no, 0);
    if (was == LAMP_YELLOW && lamp_goes(next))
        return lamp_fault(c, "green after yellow", no, 0);
    if (was == LAMP_RED_YELLOW && next != LAMP_RED_YELLOW && next != LAMP_GREEN)
        return lamp_fault(c, "red-yellow for nothing", no, 0);
    if (was == LAMP_YELLOW && lamp_stands(next) &&
        now_ms - lamp->yellow_ms < c->card->yellow_floor_ms[no - 1])
        return lamp_fault(c, "yellow too short", no, (int)(now_ms - lamp->yellow_ms));
    if (lamp_goes(was) && !lamp_goes(next))
        lamp->green_end_ms = now_ms;
    if (was != LAMP_YELLOW && next == LAMP_YELLOW)
        lamp->yellow_ms = now_ms;
    if (!lamp_stands(was) && lamp_stands(next))
        lamp->stop_ms = now_ms;
    lamp->yields = next == LAMP_ARROW || (next != LAMP_GREEN && lamp->yields);
    lamp->dark = dark;
    return true;
}

static inline bool lamp_rivals(const struct lamp_checker *c, int a, int b)
{
    bool yields = channel_has(&c->card->yields[a - 1], b) && (c->lamp[a].yields || c->lamp[b].yields);
    return a != b && !yields && !channel_has(&c->card->permissive[a - 1], b);
}

/* Beside pedestrians who still clear on flashing red nobody who conflicts starts. */
static inline bool lamp_check_start(struct lamp_checker *c, const struct frame *f, int no, int64_t now_ms)
{
    const struct guard_card *card = c->card;
    for (int i = 0; i < c->used_count; i++) {
        int other = c->used_no[i];
        bool self = other == no && !channel_has(&card->pedestrian, no);
        bool rival = lamp_rivals(c, no, other);
        if (!self && !rival)
            continue;
        if (rival && channel_has(&card->pedestrian, other) && channel_has(&f->red, other) &&
            channel_has(&f->flashing, other))
            return lamp_fault(c, "start into a pedestrian clearance", no, other);
        if (now_ms - c->lamp[other].stop_ms < card->red_floor_ms[other - 1])
            return lamp_fault(c, "red clearance too short", no, other);
        if (now_ms - c->lamp[other].green_end_ms < 100 * card->intergreen_ds[other - 1][no - 1])
            return lamp_fault(c, "intergreen too short", no, other);
    }
    return true;
}

/* Follows one frame. False, and `fault` says why, if it may not be lit after those before it. */
static inline bool lamp_check(struct lamp_checker *c, const struct frame *f, int64_t now_ms)
{
    if (!lamp_check_stray(c, f))
        return false;
    if (f->all_flash)
        return lamp_check_flash(c, f, now_ms);

    int going[CHANNELS_MAX], count = 0;
    bool starts[CHANNELS_MAX + 1] = {false};
    for (int i = 0; i < c->used_count; i++) {
        int no = c->used_no[i];
        int next = lamp_read(c, f, no);
        bool dark = !channel_has(&f->red, no) && !channel_has(&f->yellow, no) && !channel_has(&f->green, no);
        if (next < 0 || !lamp_follow(c, no, (enum lamp_state)next, dark, now_ms))
            return false;
        starts[no] = lamp_stands(c->lamp[no].state) && !lamp_stands((enum lamp_state)next);
        c->lamp[no].state = (enum lamp_state)next;
        if (!lamp_stands((enum lamp_state)next))
            going[count++] = no;
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (lamp_rivals(c, going[i], going[k]))
                return lamp_fault(c, "conflict", going[i], going[k]);
    for (int i = 0; i < count; i++)
        if (starts[going[i]] && !lamp_check_start(c, f, going[i], now_ms))
            return false;
    c->opening = c->opening && count == 0;
    return true;
}

#endif
