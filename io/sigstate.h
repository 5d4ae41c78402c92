/* libsigstate: what the signal lamps of a junction showed, for cameras that have to know.
 *
 * A receiver listens to the signal-state feed of one controller and answers what a group of lamps showed at
 * an instant, and whether a red of it bears an accusation. It would rather say "unknown" than guess: after
 * one second without fresh news, at a new start of the controller until a full message came, and from a
 * missed change until the next full one.
 *
 *     struct sigstate *s = sigstate_open(&options);
 *     while (sigstate_follow(s, 100) >= 0) {
 *         if (sigstate_at(s, group_no, crossed_utc_us, sigstate_now_us(), &answer) && answer.final)
 *             ...the wheel crossed the line on an enforceable red
 *     }
 *
 * Instants are UTC in microseconds since 1970, as the caller's clock tells it. `now_us` is the caller's
 * monotonic time, and no step of a clock moves it: sigstate_now_us(), or a caller's own if it feeds the
 * receiver by itself, but always the same one.
 *
 * Memory is allocated by sigstate_open() and by nothing else; nothing but sigstate_follow() ever waits.
 * A receiver belongs to one thread at a time; several receivers know nothing of each other. */
#ifndef SIGSTATE_H
#define SIGSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIGSTATE_API __attribute__((visibility("default")))

struct sigstate;

enum {
    SIGSTATE_GROUPS_MAX = 80,
    SIGSTATE_KEYS_MAX = 8,
    SIGSTATE_SECRET_MAX = 64, /* octets of a key */
    SIGSTATE_LANES_MAX = 8,
    SIGSTATE_HISTORY = 32,             /* states kept of each group: some minutes of ordinary traffic */
    SIGSTATE_LINE_MAX = 128 * 1024,    /* octets of a message */
    SIGSTATE_SILENCE_US = 1000 * 1000, /* without fresh news for so long: unknown */
    SIGSTATE_FINAL_US = 1000 * 1000,   /* after so long no message changes an answer any more */
    SIGSTATE_APART_US = 500 * 1000,    /* two clocks further apart than this are no evidence */
    SIGSTATE_DOUBT_US = 10000 * 1000,  /* nor are they for so long after they disagreed, or one was set */
    SIGSTATE_SENT_US = 5000 * 1000,    /* a message sent so long ago, or ahead, is a replay */
};

/* ---- opening ---- */

struct sigstate_key {
    const char *id; /* at most 32 letters, digits, '_' and '-' */
    const void *secret;
    size_t secret_length; /* 1 to SIGSTATE_SECRET_MAX */
};

/* `clock_error_us` of a caller that stamps its instants with the controller's own clock, on the same machine
 * and by no other: what that clock is worth does not matter then. */
enum { SIGSTATE_SAME_CLOCK = -1 };

struct sigstate_options {
    const char *controller; /* listens to this one only; NULL: to the one it hears first */
    /* tcp:192.0.2.1:7070, tcp6:[2001:db8::1]:7070: the controller's. udp:239.1.2.3:7071, udp6:[ff05::1]:7071:
     * a multicast group; another udp address is one of this machine. NULL: the caller has a transport of
     * its own, sigstate_take(). Numeric only. */
    const char *address;
    const char *interface; /* where a multicast group is joined: eth0; NULL: as the routing table says */
    const struct sigstate_key *keys; /* copied. With keys, a message must be signed with one of them */
    int key_count;
    /* How far the clock of the caller's instants may be off UTC, at most. 0 says that it never is. */
    int32_t clock_error_us;
};

/* NULL with errno: EINVAL if an option is not as above, ENOMEM, or what the system says. A controller that
 * cannot be reached is no error: it may come. */
SIGSTATE_API struct sigstate *sigstate_open(const struct sigstate_options *options);
SIGSTATE_API void sigstate_close(struct sigstate *s);

/* ---- hearing ---- */

/* Connects, connects again, takes what has come; waits for it no longer than `timeout_ms` (0: not at all).
 * Call it at least every 100 ms, or whenever sigstate_fd() is readable. Returns how many messages were
 * taken, or -1 with errno EINVAL for a receiver without an address. */
SIGSTATE_API int sigstate_follow(struct sigstate *s, int timeout_ms);

/* Readable when sigstate_follow() has something to do; the same for as long as the receiver lives. -1
 * without an address. */
SIGSTATE_API int sigstate_fd(const struct sigstate *s);

/* The monotonic time of the system, in microseconds. */
SIGSTATE_API int64_t sigstate_now_us(void);

enum sigstate_result {
    SIGSTATE_TAKEN = 0,
    SIGSTATE_OLD = 1,          /* seen before, or overtaken and of no use any more: dropped, as is normal */
    SIGSTATE_MALFORMED = -1,   /* no message of this format */
    SIGSTATE_UNSIGNED = -2,    /* keys are wanted and there is no signature */
    SIGSTATE_UNKNOWN_KEY = -3, /* signed, but with none of our keys */
    SIGSTATE_FORGED = -4,      /* the signature is wrong: damaged on the way, or forged */
    SIGSTATE_FOREIGN = -5,     /* another controller's */
    SIGSTATE_REPLAYED = -6,    /* of an earlier start, or sent too long ago (SIGSTATE_SENT_US) */
};

/* For a caller with a transport of its own: one datagram, or one line without its newline. `utc_us` is the
 * present by its clock; 0 if it has none, and then nothing can be said of old messages and of the clocks. */
SIGSTATE_API enum sigstate_result sigstate_take(struct sigstate *s, const char *line, size_t length,
                                                int64_t now_us, int64_t utc_us);

/* ---- asking ---- */

enum sigstate_color {
    SIGSTATE_RED,
    SIGSTATE_YELLOW,
    SIGSTATE_GREEN,
    SIGSTATE_RED_FLASH,
    SIGSTATE_YELLOW_FLASH,
    SIGSTATE_GREEN_FLASH,
    SIGSTATE_RED_YELLOW,
    SIGSTATE_DARK,
};

/* Why a state does not bear an accusation. */
enum sigstate_why {
    SIGSTATE_ENFORCEABLE, /* it does */
    /* The state is not known: */
    SIGSTATE_NOTHING_HEARD,
    SIGSTATE_NO_SUCH_GROUP,
    SIGSTATE_SILENT,   /* no fresh news for a second */
    SIGSTATE_NEW_BOOT, /* the controller started anew, and a full message has not come yet */
    SIGSTATE_GAP,      /* a change was missed, and a full message has not come yet */
    SIGSTATE_NOT_KEPT, /* before what is kept */
    SIGSTATE_FUTURE,   /* later than now */
    /* It is known, but: */
    SIGSTATE_CLOCK,      /* a clock is not synchronised, two disagree, or one was set: which instant is it? */
    SIGSTATE_NOT_RED,    /* by the steady lamp; a flash is no red */
    SIGSTATE_INVALID,    /* `reasons` says why */
    SIGSTATE_UNVERIFIED, /* the cabinet's read-back does not bear it out */
    SIGSTATE_UNPROVEN,   /* younger than its margin, or neither after a full yellow nor verified for 60 s */
    SIGSTATE_NEAR_EDGE,  /* the errors of both clocks and of the edge reach across it */
};

/* Bits of sigstate_answer.reasons. */
enum sigstate_reason {
    SIGSTATE_REASON_STARTUP = 1 << 0,
    SIGSTATE_REASON_FLASH = 1 << 1,
    SIGSTATE_REASON_ALL_RED = 1 << 2,
    SIGSTATE_REASON_DARK = 1 << 3,
    SIGSTATE_REASON_MANUAL = 1 << 4,
    SIGSTATE_REASON_REMOTE = 1 << 5,
    SIGSTATE_REASON_PREEMPT = 1 << 6,
    SIGSTATE_REASON_FAULT = 1 << 7,
    SIGSTATE_REASON_CLOCK = 1 << 8,
    SIGSTATE_REASON_CONFIG = 1 << 9,
    SIGSTATE_REASON_STALE_CABINET = 1 << 10,
    SIGSTATE_REASON_OTHER = 1 << 30, /* one that this version does not know */
};

struct sigstate_answer {
    bool known; /* nothing but `why` and `final` means anything otherwise */
    bool enforceable;
    bool final; /* no message to come will change this; until then ask again before accusing anybody */
    enum sigstate_why why;
    enum sigstate_color color;
    bool valid;    /* no reason stands */
    bool verified; /* the cabinet's read-back agreed */
    uint32_t reasons;
    int64_t age_us;           /* of the colour at the instant asked for */
    int64_t since_utc_us;     /* when the colour was lit */
    int32_t since_error_us;   /* how far off that may be */
    int32_t clock_error_us;   /* how far apart both clocks may be: counted in for `enforceable` */
    int64_t red_since_utc_us; /* start of this red, or else of the last one; -1 if none was seen */
};

/* What group `group_no` showed at `utc_us`. Returns answer->enforceable. Takes well under a microsecond. */
SIGSTATE_API bool sigstate_at(const struct sigstate *s, int group_no, int64_t utc_us, int64_t now_us,
                              struct sigstate_answer *answer);

/* English, for a log or a picture: "silent for a second". */
SIGSTATE_API const char *sigstate_why_text(enum sigstate_why why);
/* The words of the feed: "red-flash"; "stale-cabinet" for one bit of enum sigstate_reason. */
SIGSTATE_API const char *sigstate_color_text(enum sigstate_color color);
SIGSTATE_API const char *sigstate_reason_text(enum sigstate_reason reason);

/* ---- the junction ---- */

enum sigstate_kind {
    SIGSTATE_ROUND,
    SIGSTATE_ARROW_LEFT,
    SIGSTATE_ARROW_THROUGH,
    SIGSTATE_ARROW_RIGHT,
    SIGSTATE_U_TURN,
    SIGSTATE_BICYCLE,
    SIGSTATE_PEDESTRIAN,
    SIGSTATE_TRANSIT,
    SIGSTATE_OTHER_KIND, /* one that this version does not know */
};

/* Bits of sigstate_group.movements. */
enum sigstate_movement {
    SIGSTATE_MOVE_LEFT = 1 << 0,
    SIGSTATE_MOVE_THROUGH = 1 << 1,
    SIGSTATE_MOVE_RIGHT = 1 << 2,
    SIGSTATE_MOVE_U_TURN = 1 << 3,
    SIGSTATE_MOVE_CROSS = 1 << 4, /* pedestrians */
};

struct sigstate_group {
    int no;
    char name[96];
    enum sigstate_kind kind;
    int phase_no, overlap_no; /* 0: the other one */
    char approach[16];
    unsigned movements; /* enum sigstate_movement */
    int lane_count;
    uint8_t lane[SIGSTATE_LANES_MAX];
    bool dark_ok; /* may be dark outside its phase */
};

/* The groups of the newest full message, `ix` from 0; NULL behind the last one, and before there was a full.
 * Good until the receiver hears more. */
SIGSTATE_API const struct sigstate_group *sigstate_group(const struct sigstate *s, int ix);

/* The kind's word: "arrow-left". */
SIGSTATE_API const char *sigstate_kind_text(enum sigstate_kind kind);

/* Whom it listens to; "" while nobody was named or heard. */
SIGSTATE_API const char *sigstate_controller(const struct sigstate *s);

/* Reasons in the newest message: bits of enum sigstate_reason. */
SIGSTATE_API uint32_t sigstate_reasons(const struct sigstate *s);

/* ---- what was dropped, and why ---- */

struct sigstate_counts {
    uint64_t taken;
    uint64_t old; /* the results of sigstate_take() by their names */
    uint64_t malformed;
    uint64_t not_signed;
    uint64_t unknown_key;
    uint64_t forged;
    uint64_t foreign;
    uint64_t replayed;
    uint64_t gaps;        /* times a change was missed */
    uint64_t boots;       /* starts of the controller heard of */
    uint64_t connections; /* TCP connections that were made, UDP sockets that were opened */
};

SIGSTATE_API void sigstate_counts(const struct sigstate *s, struct sigstate_counts *counts);

#ifdef __cplusplus
}
#endif

#endif
