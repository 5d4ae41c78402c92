/* How the feed itself is doing: what it counts, and what went wrong last. Written by the feed's thread alone;
 * the counters may be read by any thread, at any time. */
#ifndef IO_FEED_STATUS_H
#define IO_FEED_STATUS_H

#include "io_config.h"
#include "io_thread.h"
#include "latest.h"

enum feed_counter {
    FEED_SUBSCRIBERS,      /* over TCP, at present; all others count up from the start */
    FEED_JOINED,           /* subscribers welcomed */
    FEED_REFUSED,          /* subscribers turned away: too many, or not allowed */
    FEED_DROPPED,          /* subscribers dropped because they read too slowly */
    FEED_LOST,             /* subscribers whose connection broke */
    FEED_MESSAGES,         /* messages composed */
    FEED_UNSENT,           /* messages that went nowhere: no key was valid, or they could not be written */
    FEED_EXCHANGES_LOST,   /* exchanges with the cabinet that the feed was too late for */
    FEED_DATAGRAMS_FAILED, /* datagrams that the system did not take, to all destinations */
    FEED_COUNTERS,
};

/* Of one destination of the config, repeats included. */
struct feed_destination_status {
    atomic_uint sent;
    atomic_uint failed;
    atomic_int error; /* errno of the newest datagram; 0: it left */
};

enum { FEED_TROUBLE_TEXT = 200 };

struct feed_status {
    io_log *log;
    void *arg;
    atomic_uint counter[FEED_COUNTERS];
    struct feed_destination_status destination[FEED_DESTINATIONS_MAX];
    struct latest trouble_latest;
    char trouble[LATEST_SLOTS][FEED_TROUBLE_TEXT];
};

void feed_status_init(struct feed_status *status, io_log *log, void *arg);

/* ---- the feed's thread ---- */

void feed_status_add(struct feed_status *status, enum feed_counter counter, unsigned count);
void feed_status_set(struct feed_status *status, enum feed_counter counter, unsigned value);

/* A datagram to destination `ix` left (`error` 0) or did not (errno). Logs when that changes. */
void feed_status_datagram(struct feed_status *status, int ix, const char *destination, int error);

/* A line for the log. Trouble is also kept, for the centre to see. */
void feed_status_say(struct feed_status *status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void feed_status_trouble(struct feed_status *status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- other threads ---- */

unsigned feed_status_get(const struct feed_status *status, enum feed_counter counter);

/* The newest trouble, "" if there was none. Valid until the next call. For one thread. */
const char *feed_status_last_trouble(struct feed_status *status);

#endif
