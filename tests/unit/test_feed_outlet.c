/* Messages from the feed's thread to another one: in order, whole, and nobody waits. */
#include "../../io/feed_outlet.h"
#include "harness.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

static struct feed_outlet *outlet;
static struct feed_message message;
static uint64_t lost;

static void put(uint64_t seq)
{
    struct feed_message m = {.kind = FEED_CHANGE, .seq = seq, .group_count = CHANNELS_MAX};
    m.group[CHANNELS_MAX - 1].min_change_ms = (int32_t)seq;
    feed_outlet_put(outlet, &m);
}

static bool readable(void)
{
    struct pollfd p = {.fd = feed_outlet_fd(outlet), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static void messages_come_in_order(void)
{
    outlet = feed_outlet_new();
    CHECK(outlet != NULL);
    CHECK(!feed_outlet_take(outlet, &message, &lost));
    CHECK(!readable());
    put(1);
    put(2);
    CHECK(readable());
    for (uint64_t seq = 1; seq <= 2; seq++) {
        CHECK(feed_outlet_take(outlet, &message, &lost));
        CHECK_INT((int64_t)seq, (int64_t)message.seq);
        CHECK_INT((int64_t)seq, message.group[CHANNELS_MAX - 1].min_change_ms);
        CHECK_INT(0, (int64_t)lost);
    }
    CHECK(!feed_outlet_take(outlet, &message, &lost));
    CHECK(!readable());
    put(3);
    CHECK(readable());
    feed_outlet_free(outlet);
}

static void who_falls_behind_is_told(void)
{
    outlet = feed_outlet_new();
    for (uint64_t seq = 1; seq <= FEED_OUTLET_MESSAGES + 5; seq++)
        put(seq);
    for (uint64_t seq = 1; seq <= FEED_OUTLET_MESSAGES; seq++) {
        CHECK(feed_outlet_take(outlet, &message, &lost));
        CHECK_INT((int64_t)seq, (int64_t)message.seq);
        CHECK_INT(0, (int64_t)lost);
    }
    put(100);
    CHECK(feed_outlet_take(outlet, &message, &lost));
    CHECK_INT(100, (int64_t)message.seq);
    CHECK_INT(5, (int64_t)lost);
    feed_outlet_free(outlet);
}

enum { MANY = 20000 };

static atomic_bool enough;

static void *write_on(void *arg)
{
    (void)arg;
    for (uint64_t seq = 1; !atomic_load(&enough); seq++)
        put(seq);
    return NULL;
}

/* Whatever the reader's speed: every message is taken whole or counted as lost. */
static void two_threads_agree(void)
{
    outlet = feed_outlet_new();
    pthread_t writer;
    CHECK_INT(0, pthread_create(&writer, NULL, write_on, NULL));
    uint64_t newest = 0;
    while (newest < MANY && !harness_failed()) {
        struct pollfd p = {.fd = feed_outlet_fd(outlet), .events = POLLIN};
        CHECK_INT(1, poll(&p, 1, 10000));
        while (newest < MANY && feed_outlet_take(outlet, &message, &lost)) {
            CHECK_INT((int64_t)(newest + lost + 1), (int64_t)message.seq);
            CHECK_INT((int64_t)(int32_t)message.seq, message.group[CHANNELS_MAX - 1].min_change_ms);
            newest = message.seq;
        }
    }
    atomic_store(&enough, true);
    pthread_join(writer, NULL);
    feed_outlet_free(outlet);
}

HARNESS_MAIN({"messages come in order", messages_come_in_order},
             {"who falls behind is told how far", who_falls_behind_is_told},
             {"two threads agree on what was lost", two_threads_agree}, )
