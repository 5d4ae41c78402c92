/* How the signal-state feed is doing, and the clock that it stamps by: what the objects under tscFeed tell.
 * Part of struct device; who runs the feed fills it in. */
#ifndef NTCIP_FEED_DEVICE_H
#define NTCIP_FEED_DEVICE_H

#include <stdint.h>

enum { FEED_DEVICE_DESTINATIONS = 16, FEED_DEVICE_TEXT = 200 };

struct feed_device_destination {
    char address[FEED_DEVICE_TEXT];
    char error[FEED_DEVICE_TEXT]; /* why the newest datagram did not leave; empty: it left */
    uint32_t sent, failed;
};

struct feed_device_publisher {
    uint8_t state; /* the numbers of feedPublisherState */
    uint32_t connections, failures, published, replaced, lost;
    char trouble[FEED_DEVICE_TEXT];
};

struct feed_device {
    uint32_t subscribers, joined, refused, dropped, lost;
    uint32_t messages, unsent, exchanges_lost, datagrams_failed;
    char trouble[FEED_DEVICE_TEXT]; /* the newest */
    uint8_t clock_source;           /* the numbers of feedClockSource and feedClockState; 0: not yet known */
    uint8_t clock_state;
    uint32_t clock_error_ms;
    struct feed_device_publisher publisher;
    uint8_t destinations;
    struct feed_device_destination destination[FEED_DEVICE_DESTINATIONS];
};

#endif
