/* What a receiver knows. Private to the receiver: sigstate.c opens it and hears lines, sigstate_order.c puts
 * what arrives in order, sigstate_track.c makes history of it, sigstate_answer.c answers from that,
 * sigstate_follow.c fetches the lines. */
#ifndef IO_SIGSTATE_CORE_H
#define IO_SIGSTATE_CORE_H

#include "feed.h"
#include "sigstate.h"
#include "sigstate_verify.h"

#define SIGSTATE_NEVER_US INT64_MAX

enum { SIGSTATE_REACH_US = FEED_REACH_MS * 1000 };

/* What is known of a group from `from_us` until the next record. Instants are the controller's monotonic
 * time. */
struct sigstate_record {
    int64_t from_us;
    enum sigstate_why unknown; /* SIGSTATE_ENFORCEABLE: it is known, and the rest means something */
    enum feed_color color;
    bool verified;
    uint32_t reasons; /* that stood before `valid_from_us` */
    int64_t since_us;
    int32_t since_error_us;
    int64_t red_since_us;
    int64_t valid_from_us;       /* SIGSTATE_NEVER_US: the message was not valid */
    int64_t enforceable_from_us; /* SIGSTATE_NEVER_US: it is not */
};

struct sigstate_history {
    uint32_t count; /* records ever; the newest SIGSTATE_HISTORY are kept */
    struct sigstate_record record[SIGSTATE_HISTORY];
};

/* One message as it was heard: the state, and of each of its groups what it is. */
struct sigstate_heard {
    char controller[NAME_TEXT];
    struct feed_message message; /* group_ix is the channel number less one */
    struct sigstate_group group[CHANNELS_MAX];
};

enum { SIGSTATE_PARKED_MAX = 16 };

/* What has come out of order. */
struct sigstate_order {
    uint64_t seen;          /* bit n: number `seq` - n has come */
    uint64_t told_seq;      /* the newest change there is, as any message says */
    int64_t sent_us;        /* of the message with the highest number */
    int64_t waits_since_us; /* for a change before told_seq; SIGSTATE_NEVER_US: it does not */
    int parked;
    struct feed_message change[SIGSTATE_PARKED_MAX]; /* came before the one they follow */
    uint8_t parts_have;
    bool full_waits;            /* it is complete, and came before a change that it knows of */
    struct sigstate_heard full; /* or its parts so far; message.seq is that of the first part */
};

struct sigstate {
    char controller[NAME_TEXT];
    bool named; /* which controller is meant is known */
    struct verifier verifier;
    int32_t own_clock_error_us; /* SIGSTATE_SAME_CLOCK */
    struct sigstate_counts counts;

    bool heard;
    uint64_t boot, seq, state_seq;
    bool trusted;               /* a full came, and no change was missed since */
    enum sigstate_why distrust; /* why not */
    int64_t received_us;
    int64_t ahead_us;   /* our monotonic time less the controller's, by the message that was delayed least */
    int64_t covered_us; /* when the newest message was sent before which nothing is missing */
    struct feed_clock clock;
    uint32_t reasons;

    int64_t own_offset_us;     /* the caller's UTC less its monotonic time */
    bool own_known;            /* it has been told */
    int64_t clock_doubt_to_us; /* in our monotonic time */

    struct sigstate_heard incoming;
    struct sigstate_order order;
    struct sigstate_history history[CHANNELS_MAX]; /* by channel number less one */
    int group_count;
    struct sigstate_group group[CHANNELS_MAX];

    struct sigstate_link *link; /* NULL: the caller has a transport of its own */
};

/* Takes s->incoming, which is a message of the right controller. `utc_us` 0: not known. */
enum sigstate_result sigstate_arrive(struct sigstate *s, int64_t now_us, int64_t utc_us);

/* A change is known to exist that has not come yet: from SIGSTATE_REACH_US before covered_us on nothing is
 * sure. */
bool sigstate_waits(const struct sigstate *s);

/* To the history of the groups: a complete full, a change that follows the newest one. */
void sigstate_apply_full(struct sigstate *s, const struct sigstate_heard *full);
void sigstate_apply_change(struct sigstate *s, const struct feed_message *change);

/* A change was missed: since the newest message before it nothing is sure, until a full comes. */
void sigstate_distrust(struct sigstate *s);

/* The controller was silent until then; nothing was missed, but nobody could know that. */
void sigstate_note_silence(struct sigstate *s, int64_t until_us);

/* Allocates the transport to `address`. Returns 0, or -1 with errno. */
int sigstate_link_open(struct sigstate *s, const char *address, const char *interface);
void sigstate_link_close(struct sigstate *s);

#endif
