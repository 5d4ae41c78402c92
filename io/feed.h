/* The signal-state feed, its pure half: from completed exchanges with the cabinet to messages. No
 * sockets, no clock: times come in as arguments. feed_tcp.c and feed_udp.c carry the messages,
 * the simulator's cameras are handed the decoded ones. Format: docs/feed.md. */
#ifndef IO_FEED_H
#define IO_FEED_H

#include "cabinet.h"
#include "io_config.h"

enum feed_kind { FEED_FULL, FEED_CHANGE, FEED_ALIVE };

enum feed_color {
    COLOR_RED,
    COLOR_YELLOW,
    COLOR_GREEN,
    COLOR_RED_FLASH,
    COLOR_YELLOW_FLASH,
    COLOR_GREEN_FLASH,
    COLOR_RED_YELLOW,
    COLOR_DARK,
};

enum clock_state { CLOCK_SYNCED, CLOCK_HOLDOVER, CLOCK_UNSYNCED };

/* How monotonic time maps to UTC at this moment, and how far that is to be trusted. */
struct feed_clock {
    enum clock_state state;
    int32_t error_us;
    int64_t utc_offset_us; /* UTC = monotonic + offset */
};

enum {
    FEED_FULL_MS = 1000,
    FEED_ALIVE_MS = 200,
    FEED_VERIFY_LONG_MS = 60 * 1000, /* verified without interruption this long: enforceable without a yellow */
    FEED_MESSAGE_MAX = 1400,         /* octets of one datagram */
    FEED_PARTS_MAX = 32,
};

/* One group in a message. */
struct feed_state {
    uint8_t group_ix;   /* into feed_config.group */
    enum feed_color color;
    int64_t since_us;   /* monotonic instant at which the colour was lit */
    int32_t since_error_us;
    int64_t red_since_us, yellow_since_us; /* start of the present or, while not red/yellow, last one; -1 never */
    int32_t yellow_ms;  /* length of the last complete yellow, or of the running one so far; 0 none seen */
    int32_t min_change_ms, max_change_ms; /* counted from `sent`; CHANGE_UNKNOWN: not known */
    bool verified;
    bool enforceable;
};

/* One message, decoded. */
struct feed_message {
    enum feed_kind kind;
    uint64_t boot, seq, state_seq;
    int64_t sent_us; /* monotonic */
    struct feed_clock clock;
    bool valid;
    uint32_t reasons; /* enum invalid_reason */
    uint8_t part, parts; /* of a split full; 1 of 1 otherwise */
    uint8_t group_count;
    struct feed_state group[CHANNELS_MAX];
};

struct feed;

/* Called once per message, in order. */
typedef void feed_emit(void *arg, const struct feed_message *message);

/* Allocates. `config` must outlive the feed. `boot` distinguishes starts of this controller and
 * grows with each. */
struct feed *feed_new(const struct feed_config *config, uint64_t boot, feed_emit *emit, void *arg);
void feed_free(struct feed *feed);

/* A frame was taken by the cabinet: updates all groups and emits a change message if a colour,
 * `verified`, `enforceable` or `valid` changed. */
void feed_exchange(struct feed *feed, const struct cabinet_exchange *exchange, const struct feed_clock *clock);

/* Time passes: emits the full of each second and the alive of each 200 ms, notices a cabinet that
 * has gone silent and margins that have run. Call at least every 50 ms. */
void feed_poll(struct feed *feed, int64_t now_us, const struct feed_clock *clock);

/* Composes a full message now, for a subscriber that has just come (takes a seq). */
void feed_full(struct feed *feed, int64_t now_us, const struct feed_clock *clock, feed_emit *emit, void *arg);

/* Encodes one message as JSON without a newline and without signatures. A full that is longer than
 * `limit` is the caller's to split (feed_split). Returns the length, or -1 if it does not fit. */
int feed_encode(const struct feed_config *config, const struct feed_message *message, char *text, size_t size);

const char *feed_color_name(enum feed_color color);

#endif
