/* The receiver's side of the signal-state feed: checks, orders and keeps what a controller says, and
 * answers what a group showed at an instant. It would rather say "unknown" than guess: after one second
 * without fresh news (silence, or messages that come that late), at a new start of the controller until a
 * full message, and from a missed change until the next full one.
 *
 * An instant is the controller's monotonic time (`since_mono_us` of the messages), so that no step of
 * anybody's wall clock can move it; sigstate_from_utc() and sigstate_now() lead there. `now_us` is the
 * receiver's own monotonic time, used for that freshness only. Not thread-safe. */
#ifndef IO_SIGSTATE_H
#define IO_SIGSTATE_H

#include "feed.h"

struct sigstate;

enum {
    SIGSTATE_SILENCE_US = 1000 * 1000,
    /* What a message takes back (validity, verification) may have been untrue since the last exchange
     * before it: this much earlier. */
    SIGSTATE_REACH_US = 400 * 1000,
    SIGSTATE_HISTORY = 32, /* states kept of each group */
};

enum sigstate_result {
    SIGSTATE_TAKEN = 0,
    SIGSTATE_OLD = 1,        /* seen before, or overtaken: dropped, as is normal */
    SIGSTATE_MALFORMED = -1, /* not a message of this format */
    SIGSTATE_UNSIGNED = -2,  /* no signature by any of the keys */
    SIGSTATE_FOREIGN = -3,   /* another controller's */
};

/* Listens to `controller` only (NULL: to whom it hears first). With keys, a message must be signed with
 * one of them; `key` must outlive the receiver. NULL if memory is short. */
struct sigstate *sigstate_new(const char *controller, const struct feed_key *key, int key_count);
void sigstate_free(struct sigstate *s);

/* One datagram, or one line of the TCP stream without its newline. */
enum sigstate_result sigstate_line(struct sigstate *s, const char *line, size_t length, int64_t now_us);

/* One decoded message of a feed with this config. */
enum sigstate_result sigstate_message(struct sigstate *s, const struct feed_config *config,
                                      const struct feed_message *message, int64_t now_us);

struct sigstate_answer {
    bool known; /* nothing below means anything otherwise */
    enum feed_color color;
    bool valid;
    bool verified;
    bool enforceable;
    int64_t since_us;
    int32_t since_error_us;
    int64_t red_since_us; /* -1: no red seen */
    int64_t age_us;       /* of the colour at the instant asked for */
};

/* What group `group_no` showed at `at_us`. What is said of the last half second may still be taken
 * back, or completed by a verification: who accuses somebody asks again a second later. */
void sigstate_at(const struct sigstate *s, int group_no, int64_t at_us, int64_t now_us,
                 struct sigstate_answer *answer);

/* An instant of UTC (by the newest message), or the present one (by the message delayed least), in the
 * controller's monotonic time. Returns 0, or -1 if there has been none. */
int sigstate_from_utc(const struct sigstate *s, int64_t utc_us, int64_t *at_us);
int sigstate_now(const struct sigstate *s, int64_t now_us, int64_t *at_us);

/* Reasons in the newest message; enum invalid_reason. */
uint32_t sigstate_reasons(const struct sigstate *s);

#endif
