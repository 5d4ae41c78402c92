#include "wire.h"
#include "../../../io/feed_sign.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 2, REPEAT_US = 50 * 1000 };

void wire_init(struct wire *wire, const struct feed_config *config, const struct wire_manners *manners,
               uint64_t seed, wire_arrived *arrived, void *arg)
{
    wire->config = config;
    wire->manners = *manners;
    wire->rng = rng_stream(seed, 1);
    wire->arrived = arrived;
    wire->arg = arg;
    wire->now_us = 0;
    wire->flying = wire->count = 0;
}

static void fly(struct wire *wire, int datagram_ix, int64_t leaves_us)
{
    const struct wire_manners *m = &wire->manners;
    const int copies = 1 + rng_chance(&wire->rng, m->doubled);
    for (int i = 0; i < copies; i++) {
        const int64_t delay_us = m->delay_us + (int64_t)(rng_unit(&wire->rng) * (double)m->jitter_us);
        if (rng_chance(&wire->rng, m->loss))
            continue;
        if (wire->flying == WIRE_FLYING_MAX)
            abort();
        wire->flight[wire->flying].at_us = leaves_us + delay_us;
        wire->flight[wire->flying++].datagram_ix = datagram_ix;
    }
}

static void send_datagram(void *arg, const struct feed_message *message)
{
    struct wire *wire = arg;
    struct wire_datagram *d = &wire->datagram[wire->count % WIRE_KEPT_MAX];
    const int length = feed_encode(wire->config, message, d->text, sizeof d->text);
    const size_t suffix = feed_sign_length(wire->config);
    if (length < 0 || (size_t)length + suffix > sizeof d->text ||
        feed_sign(wire->config, d->text, (size_t)length, d->text + length) != 0)
        abort();
    d->length = (size_t)length + suffix;
    d->kind = message->kind;
    d->boot = message->boot;
    d->seq = message->seq;
    d->part = message->part;
    d->parts = message->parts;
    d->sent_us = wire->now_us;
    d->arrived_us = INT64_MAX;
    const bool muted = rng_chance(&wire->rng, wire->manners.muted);
    const int times = muted ? 0 : message->kind == FEED_CHANGE ? 1 + REPEATS : 1;
    for (int i = 0; i < times; i++)
        fly(wire, wire->count, wire->now_us + i * REPEAT_US);
    wire->count++;
}

void wire_send(void *arg, const struct feed_message *message)
{
    struct wire *wire = arg;
    if (message->kind == FEED_FULL)
        feed_split(wire->config, message, send_datagram, wire);
    else
        send_datagram(wire, message);
}

/* The place in flight[] of what arrives next; -1: nothing flies. */
static int next_to_arrive(const struct wire *wire)
{
    int next = -1;
    for (int i = 0; i < wire->flying; i++) {
        if (next < 0 || wire->flight[i].at_us < wire->flight[next].at_us ||
            (wire->flight[i].at_us == wire->flight[next].at_us &&
             wire->flight[i].datagram_ix < wire->flight[next].datagram_ix))
            next = i;
    }
    return next;
}

void wire_advance(struct wire *wire, int64_t now_us)
{
    for (int next; (next = next_to_arrive(wire)) >= 0 && wire->flight[next].at_us <= now_us;) {
        struct wire_datagram *d = &wire->datagram[wire->flight[next].datagram_ix % WIRE_KEPT_MAX];
        wire->now_us = wire->flight[next].at_us;
        wire->flight[next] = wire->flight[--wire->flying];
        if (d->arrived_us == INT64_MAX)
            d->arrived_us = wire->now_us;
        wire->arrived(wire->arg, d->text, d->length, wire->now_us);
    }
    wire->now_us = now_us;
}
