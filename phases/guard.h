/* The independent last gate over each output frame. It knows lamps, not phases: its only truth is
 * the cabinet's permissive card and its floors, which nobody can write from outside. It shares no
 * table and no code with the engine.
 *
 * What it does with a frame:
 *   short yellow            the yellow is held to its floor, what conflicts with it is held red
 *   short red clearance     the coming green is held red until every conflicting channel has
 *                           been red for its floor (and the pair's intergreen has passed)
 *   yellow to green         red is shown in between
 *   a flash image not ours  the card's own is shown instead
 *   conflicting indications, a channel dark or showing two colours, skipped yellow, yellow out of
 *   red, red-yellow without its green
 *                           the frame never leaves; flash is latched until guard_reset()
 * A channel has right of way while it shows green, steady or flashing, and is clearing while it
 * shows yellow; red, steady or flashing, is neither, nor is a permitted dark. A flashing arrow, yellow
 * or red, is a right of way that yields: the card says to whom. Red and yellow together, where the card
 * permits them, are a red that only green may follow. Times are counted in whole ticks, so a call may
 * come up to half a tick early or late. */
#ifndef PHASES_GUARD_H
#define PHASES_GUARD_H

#include "frame.h"

struct guard_card {
    struct channel_mask used;       /* must show exactly one indication outside flash */
    struct channel_mask pedestrian; /* among them: no yellow; walk goes straight to don't walk */
    struct channel_mask bar;        /* no yellow either: a transit signal of two sections */
    struct channel_mask arrow;      /* may flash yellow or red beside those it yields to */
    struct channel_mask red_yellow; /* may show both before green */
    struct channel_mask dark_ok;    /* may be dark */
    /* [a] has b: a and b may have right of way together; symmetric */
    struct channel_mask permissive[CHANNELS_MAX];
    /* [a] has b: the same, but only while one of them is a flashing arrow, or clears behind one; symmetric */
    struct channel_mask yields[CHANNELS_MAX];
    struct channel_mask flash_yellow; /* the image in flash; in neither: dark */
    struct channel_mask flash_red;
    uint16_t yellow_floor_ms[CHANNELS_MAX];
    uint16_t red_floor_ms[CHANNELS_MAX];
    /* [a][b]: end of a's green to start of b's; 0 none */
    uint8_t intergreen_ds[CHANNELS_MAX][CHANNELS_MAX];
};

enum guard_trip {
    GUARD_OK = 0,
    GUARD_CONFLICT,
    GUARD_DARK,
    GUARD_DUAL,
    GUARD_SKIPPED_YELLOW,
    GUARD_YELLOW_AFTER_RED,
    GUARD_UNUSED_LIT,       /* a lamp the card does not know is lit */
    GUARD_RED_YELLOW_ALONE, /* no green behind it */
};

struct guard {
    const struct guard_card *card;
    struct frame want;                  /* last frame asked for, to pass the unchanged ones quickly */
    struct frame shown;                 /* last frame let through */
    struct channel_mask green;          /* of it: right of way; empty in flash */
    struct channel_mask yellow;         /* of it: clearing; empty in flash */
    struct channel_mask arrow;          /* had their present or last right of way by a flashing arrow */
    struct channel_mask red_yellow;     /* of it; empty in flash */
    struct channel_mask holding;        /* channels shown otherwise than asked */
    int64_t yellow_at_ms[CHANNELS_MAX]; /* start of the present or last yellow */
    int64_t green_end_ms[CHANNELS_MAX]; /* end of the last green */
    int64_t red_at_ms[CHANNELS_MAX];    /* start of the present red */
    int64_t now_ms;                     /* of the last frame: time never runs backwards */
    int64_t held_ms;                    /* statistics: time spent holding */
    uint64_t held_frames;
    enum guard_trip trip; /* latched */
    uint8_t trip_channel_no;
    uint8_t trip_other_no; /* the other side of a conflict, 0 otherwise */
    bool started;          /* a frame has passed since guard_init() */
    bool past_doubtful;    /* see guard_doubt_past() */
    bool opening;          /* no right of way since the start or the last flash */
};

/* `card` must outlive the guard. The first frame, and the first after a flash, follows an unknown
 * past: any consistent indication may open. At the start every clearance counts as done; over a
 * flash, what had right of way when it began is cleared as from that moment. */
void guard_init(struct guard *g, const struct guard_card *card);

/* A process that died and came back at once finds lamps that were green a moment ago: from here on the
 * next flash counts as the end of right of way on every channel. Call after guard_init() on the street. */
void guard_doubt_past(struct guard *g);

/* Judges `want` at monotonic time `now_ms` and writes what may leave. Returns the latched trip
 * (GUARD_OK while none). A time before the last one counts as equal to it. Never blocks; equal to the
 * last frame and nothing held: a few compares. */
enum guard_trip guard_step(struct guard *g, const struct frame *want, int64_t now_ms, struct frame *out);

/* Clears a latched trip; the next frame is judged as the first after a flash. */
void guard_reset(struct guard *g);

/* The flash image of the card. */
void guard_flash_frame(const struct guard_card *card, struct frame *out);

/* Short English name of a trip, for messages. */
const char *guard_trip_name(enum guard_trip trip);

#endif
