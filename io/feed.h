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
    FEED_VERIFY_LONG_MS = 60 * 1000, /* verified this long: enforceable without a yellow */
    /* What a message takes back (validity, verification) may have been untrue since the last exchange that
     * bore it out: so long before it was sent. */
    FEED_REACH_MS = 500,
    FEED_CLOCK_ERROR_MS = 500,     /* UTC further off than this is a reason not to use the state */
    FEED_MESSAGE_MAX = 1400,       /* octets of one datagram */
    FEED_PARTS_MAX = CHANNELS_MAX, /* a part carries one group or more */
};

/* One group in a message. */
struct feed_state {
    uint8_t group_ix; /* into feed_config.group */
    enum feed_color color;
    int64_t since_us; /* monotonic instant at which the colour was lit */
    int32_t since_error_us;
    int64_t red_since_us;    /* start of the present or else of the last red; -1 never */
    int64_t yellow_since_us; /* the same of yellow */
    int32_t yellow_ms;       /* length of the last yellow, or of the running one so far; 0 none seen */
    int32_t min_change_ms, max_change_ms; /* counted from `sent`; CHANGE_UNKNOWN: not known */
    bool verified;
    bool enforceable;
    int64_t enforceable_since_us; /* may lie before the message that first says so; -1: it is not */
};

/* One message, decoded. */
struct feed_message {
    enum feed_kind kind;
    uint64_t boot, seq, state_seq;
    int64_t sent_us; /* monotonic */
    struct feed_clock clock;
    bool valid;
    uint32_t reasons;    /* enum invalid_reason */
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

/* To be called when the keys of the config have changed: they decide how much fits into a datagram. */
void feed_keys_changed(struct feed *feed);

/* A frame was taken by the cabinet: updates all groups and emits a change message if a colour,
 * `verified`, `enforceable` or `valid` changed; several, each counted, where one would be longer than
 * a datagram. Sent at the end of the exchange, as in virtual time. */
void feed_exchange(struct feed *feed, const struct cabinet_exchange *exchange,
                   const struct feed_clock *clock);

/* The same, where a moment has passed since: what is emitted is sent at `now_us`. */
void feed_exchange_at(struct feed *feed, const struct cabinet_exchange *exchange,
                      const struct feed_clock *clock, int64_t now_us);

/* Exchanges were lost before the next one: no verification reaches back across the gap. */
void feed_missed(struct feed *feed);

/* Time passes: emits the full of each second and the alive of each 200 ms, notices a cabinet that
 * has gone silent and margins that have run. Call at least every 50 ms. */
void feed_poll(struct feed *feed, int64_t now_us, const struct feed_clock *clock);

/* Reds that bear an accusation, bit n-1 for phase or overlap n: each lamp group that shows it is enforceable,
 * and there is one. Of groups beyond 16 nothing is said. */
struct feed_reds {
    uint16_t phase, pedestrian, overlap;
};

/* As after the last call of the functions above. */
void feed_vouched_reds(const struct feed *feed, struct feed_reds *out);

/* Composes a full message now, for a subscriber that has just come. Takes a seq; where the config has
 * destinations for datagrams, as many as it may have parts (feed_split). */
void feed_full(struct feed *feed, int64_t now_us, const struct feed_clock *clock, feed_emit *emit, void *arg);

/* Hands a full message to `emit` in parts that fit into a datagram with its signatures, the message
 * itself if it does. The first part has the seq of the message, the others those after it. */
void feed_split(const struct feed_config *config, const struct feed_message *message, feed_emit *emit,
                void *arg);

/* Encodes one message as JSON without a newline and without signatures. Returns the length, or -1
 * if it does not fit. */
int feed_encode(const struct feed_config *config, const struct feed_message *message, char *text,
                size_t size);

/* How a group is wired, as a message tells it, as a JSON object by itself. Returns the length, or -1 if it
 * does not fit. */
int feed_encode_wiring(const struct feed_group *group, char *text, size_t size);

/* Octets that the longest message of this config may take, without signatures. */
size_t feed_text_max(const struct feed_config *config);

/* Whether each group alone fits into a datagram with all signatures. Returns 0, or -1 with the
 * element of the group that does not in *group_ix. */
int feed_check_lengths(const struct feed_config *config, int *group_ix);

/* Words of the format, shared by encoder and receiver. `reason_ix` counts the bits of
 * enum invalid_reason. */
enum { FEED_COLORS = COLOR_DARK + 1, FEED_REASONS = 11 };
const char *feed_color_name(enum feed_color color);
const char *feed_kind_name(enum feed_kind kind);
const char *feed_clock_name(enum clock_state state);
const char *feed_reason_name(int reason_ix);

#endif
