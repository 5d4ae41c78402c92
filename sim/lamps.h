/* What is truly lit at the junction, and since when: the truth that drivers see and that the referee
 * judges by. Fed with the lamps found burning, it tells flashing from a change of colour, because a
 * lamp that is out for half a second still means what it meant before. */
#ifndef SIM_LAMPS_H
#define SIM_LAMPS_H

#include "../phases/types.h"

enum lamp_color { LAMP_DARK, LAMP_RED, LAMP_YELLOW, LAMP_GREEN };

enum {
    LAMP_HISTORY = 8,
    /* Flashing is 1 Hz, half on, half off: out for longer than this is dark, on for longer is steady. */
    LAMP_FLASH_US = 700 * 1000,
    LAMP_PULSE_US = 350 * 1000, /* out for no longer than this, a countdown pulse: not even flashing */
};

/* One stretch of time in one colour. */
struct lamp_span {
    enum lamp_color color;
    int64_t since_us;
};

struct lamp {
    /* The present colour and the ones before it: newest first is span[newest], span[newest - 1]... */
    struct lamp_span span[LAMP_HISTORY];
    uint8_t newest; /* index modulo LAMP_HISTORY */
    bool flashing;
    int64_t out_at_us; /* nothing lit since; -1: something is lit */
    int64_t lit_at_us; /* lit without interruption since */
};

struct lamps {
    struct channel_mask red, yellow, green; /* burning now */
    struct channel_mask restless;           /* out or flashing: needs lamps_settle() */
    struct lamp lamp[CHANNELS_MAX];
};

/* Everything dark since `now_us`. */
void lamps_init(struct lamps *lamps, int64_t now_us);

/* The lamps found burning from `now_us` on. Returns true if any lamp changed. */
bool lamps_set(struct lamps *lamps, const struct channel_mask *red, const struct channel_mask *yellow,
               const struct channel_mask *green, int64_t now_us);

/* Time has passed: what has been out too long is dark, what has burned long enough is steady. */
void lamps_settle(struct lamps *lamps, int64_t now_us);

/* The channel's colour now; flashing or not is in lamp.flashing. */
static inline const struct lamp_span *lamp_now(const struct lamp *lamp)
{
    return &lamp->span[lamp->newest % LAMP_HISTORY];
}

/* The colour before the present one. */
static inline const struct lamp_span *lamp_before(const struct lamp *lamp)
{
    return &lamp->span[(lamp->newest + LAMP_HISTORY - 1) % LAMP_HISTORY];
}

/* The span that held at `at_us`, and the one before it in *before (may be NULL). An instant older
 * than the history gives its oldest span. */
const struct lamp_span *lamp_at(const struct lamp *lamp, int64_t at_us, const struct lamp_span **before);

/* A flashing or half-second-old dark lamp is a blinking one to whoever looks at it. */
static inline bool lamp_blinks(const struct lamp *lamp)
{
    return lamp->flashing || lamp->out_at_us >= 0;
}

const char *lamp_color_name(enum lamp_color color);

#endif
