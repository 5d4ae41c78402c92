/* Watches the lamps that truly burn for what must never be seen on the street. Independent of guard and
 * engine: it knows the cabinet's card and what it sees. */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include "../phases/guard.h"
#include "lamps.h"

enum invariant {
    INVARIANT_CONFLICT,   /* right of way on two channels that the card keeps apart */
    INVARIANT_ORDER,      /* green, yellow, red; a pedestrian channel has no yellow */
    INVARIANT_YELLOW,     /* yellow shorter than its floor */
    INVARIANT_CLEARANCE,  /* green too soon after a conflicting channel's */
    INVARIANT_INDICATION, /* a channel dark, or with two colours */
    INVARIANTS,
};

struct checker {
    const struct guard_card *card;
    int64_t tolerance_us;
    struct lamp_span seen[CHANNELS_MAX];
    int64_t green_end_us[CHANNELS_MAX]; /* -1: none known */
    int64_t red_since_us[CHANNELS_MAX]; /* steady, after a known past; -1: not known */
    bool unknown[CHANNELS_MAX];         /* comes out of flash or darkness: its next change is free */
    bool in_conflict, in_dual;          /* a lasting breach counts once */
    uint64_t breaches[INVARIANTS];
};

/* `tolerance_us` is granted to every floor. `card` must outlive the checker. */
void checker_init(struct checker *checker, const struct guard_card *card, int64_t tolerance_us);

/* To be called after every change of a lamp. `flash`: the junction is in flash, no order is kept. */
void checker_look(struct checker *checker, const struct lamps *lamps, bool flash);

uint64_t checker_total(const struct checker *checker);

#endif
