#include "feed_objects.h"
#include <stdio.h>
#include <string.h>

static uint8_t source_number(enum clock_source source)
{
    enum { SOURCE_KERNEL = 1, SOURCE_CHRONY = 2 };
    return source == CLOCK_CHRONY ? SOURCE_CHRONY : SOURCE_KERNEL;
}

static uint8_t state_number(enum clock_state state)
{
    enum { STATE_SYNCED = 1, STATE_HOLDOVER = 2, STATE_UNSYNCED = 3 };
    switch (state) {
    case CLOCK_SYNCED:
        return STATE_SYNCED;
    case CLOCK_HOLDOVER:
        return STATE_HOLDOVER;
    case CLOCK_UNSYNCED:
        break;
    }
    return STATE_UNSYNCED;
}

static void put_destination(struct feed_device_destination *out, const struct feed_destination_status *status,
                            const char *address)
{
    const int error = atomic_load_explicit(&status->error, memory_order_relaxed);
    out->sent = atomic_load_explicit(&status->sent, memory_order_relaxed);
    out->failed = atomic_load_explicit(&status->failed, memory_order_relaxed);
    snprintf(out->address, sizeof out->address, "%s", address);
    snprintf(out->error, sizeof out->error, "%s", error ? strerror(error) : "");
}

void feed_objects_put(struct feed_device *out, struct feed_status *status, const struct feed_config *config,
                      const struct clock_look *clock)
{
    out->subscribers = feed_status_get(status, FEED_SUBSCRIBERS);
    out->joined = feed_status_get(status, FEED_JOINED);
    out->refused = feed_status_get(status, FEED_REFUSED);
    out->dropped = feed_status_get(status, FEED_DROPPED);
    out->lost = feed_status_get(status, FEED_LOST);
    out->messages = feed_status_get(status, FEED_MESSAGES);
    out->unsent = feed_status_get(status, FEED_UNSENT);
    out->exchanges_lost = feed_status_get(status, FEED_EXCHANGES_LOST);
    out->datagrams_failed = feed_status_get(status, FEED_DATAGRAMS_FAILED);
    snprintf(out->trouble, sizeof out->trouble, "%s", feed_status_last_trouble(status));
    out->clock_source = source_number(clock->source);
    out->clock_state = state_number(clock->evidence.state);
    out->clock_error_ms = (uint32_t)(((int64_t)clock->evidence.error_us + 999) / 1000);
    out->destinations = config->destination_count;
    for (int i = 0; i < config->destination_count; i++)
        put_destination(&out->destination[i], &status->destination[i], config->destination[i]);
}

void feed_objects_put_publisher(struct feed_device_publisher *out, struct mqtt_publisher *publisher)
{
    enum { STATE_AWAY = 1, STATE_CONNECTED = 2 };
    struct mqtt_counts counts;
    mqtt_publisher_counts(publisher, &counts);
    out->state = counts.connected ? STATE_CONNECTED : STATE_AWAY;
    out->connections = counts.connections;
    out->failures = counts.failures;
    out->published = counts.published;
    out->replaced = counts.replaced;
    out->lost = counts.lost;
    snprintf(out->trouble, sizeof out->trouble, "%s", mqtt_publisher_trouble(publisher));
}
