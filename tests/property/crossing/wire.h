/* A network in virtual time between a feed and those who listen: datagrams of signed text, sent as the feed's
 * thread sends them (a full in parts, a change again after 50 and 100 ms), and lost, delayed, overtaken and
 * doubled by a seeded chance. Times are those of the world, not of anybody's clock. */
#ifndef TESTS_PROPERTY_CROSSING_WIRE_H
#define TESTS_PROPERTY_CROSSING_WIRE_H

#include "../../../io/feed.h"
#include "../../../sim/rng.h"

enum {
    WIRE_OCTETS = FEED_MESSAGE_MAX,
    WIRE_FLYING_MAX = 256,
    WIRE_KEPT_MAX = 8192, /* datagrams remembered of one run */
};

struct wire_manners {
    double loss;       /* share of datagrams that never arrive */
    double muted;      /* share of messages of which none arrives, whatever its repeats */
    double doubled;    /* share that arrives twice */
    int64_t delay_us;  /* of every datagram */
    int64_t jitter_us; /* and up to so much more of each: they overtake one another */
};

/* One datagram as it was sent, its repeats counted with it. */
struct wire_datagram {
    enum feed_kind kind;
    uint64_t boot, seq;
    uint8_t part, parts;
    int64_t sent_us;
    int64_t arrived_us; /* the first copy; INT64_MAX: none yet */
    size_t length;
    char text[WIRE_OCTETS];
};

typedef void wire_arrived(void *arg, const char *text, size_t length, int64_t now_us);

struct wire {
    const struct feed_config *config;
    struct wire_manners manners;
    struct rng rng;
    wire_arrived *arrived;
    void *arg;
    int64_t now_us;
    int flying;
    struct {
        int64_t at_us;
        int datagram_ix;
    } flight[WIRE_FLYING_MAX];
    int count; /* ever sent; the newest WIRE_KEPT_MAX are kept */
    struct wire_datagram datagram[WIRE_KEPT_MAX];
};

/* `config` and what `arg` points to must outlive the wire, which is large: put it on the heap. */
void wire_init(struct wire *wire, const struct feed_config *config, const struct wire_manners *manners,
               uint64_t seed, wire_arrived *arrived, void *arg);

/* A feed_emit: signs the message and sends it at wire->now_us. */
void wire_send(void *wire, const struct feed_message *message);

/* Time passes: hands over what arrives until then, in the order of arrival. */
void wire_advance(struct wire *wire, int64_t now_us);

#endif
