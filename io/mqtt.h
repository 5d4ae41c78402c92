/* Publishes the state of the junction to an MQTT broker through libmosquitto, in a thread of its own: the
 * whole of it, retained, at every change and once a second. The broker may be away, hang or refuse us: the
 * feed does not feel it, and nothing is queued but the newest state. Form and topics: docs/mqtt.md. */
#ifndef IO_MQTT_H
#define IO_MQTT_H

#include "feed_outlet.h"
#include "io_thread.h"

struct mqtt_publisher;

/* Counted since the start. */
struct mqtt_counts {
    uint32_t connections; /* that the broker accepted */
    uint32_t failures;    /* attempts that came to nothing, and connections lost */
    uint32_t published;
    uint32_t replaced; /* news that the connection had no room for: the next has it */
    uint32_t lost;     /* messages of the feed that we were too slow for */
    bool connected;
};

/* Allocates, and checks what can be checked without the broker. `config` must outlive the publisher. Returns
 * 0, or -1 with the reason in `why` (a certificate that cannot be read). */
int mqtt_publisher_new(struct mqtt_publisher **publisher, const struct feed_config *config, io_log *log,
                       void *arg, char *why, size_t size);

/* To be attached to the feed before the feed starts. It is the publisher's. */
struct feed_outlet *mqtt_publisher_outlet(struct mqtt_publisher *publisher);

/* Starts the thread. Returns 0, or -1 if the system has none left. */
int mqtt_publisher_start(struct mqtt_publisher *publisher);

/* Any thread; never blocks. */
void mqtt_publisher_counts(const struct mqtt_publisher *publisher, struct mqtt_counts *counts);

/* Why the newest attempt failed or the newest connection ended; "" if none has. Valid until the next call.
 * For one thread. */
const char *mqtt_publisher_trouble(struct mqtt_publisher *publisher);

/* Says goodbye to the broker, leaving "unknown" behind, and frees. Waits for that a second at most. The feed
 * must have ended before. NULL is allowed. */
void mqtt_publisher_free(struct mqtt_publisher *publisher);

#endif
