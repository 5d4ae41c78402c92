/* How the feed and its clock are doing, as their objects tell it. */
#ifndef CONTROLLER_FEED_OBJECTS_H
#define CONTROLLER_FEED_OBJECTS_H

#include "../io/feed_status.h"
#include "../io/mqtt.h"
#include "../ntcip/feed_device.h"
#include "clock.h"

/* For the one thread that asks for the newest trouble. Never blocks. */
void feed_objects_put(struct feed_device *out, struct feed_status *status, const struct feed_config *config,
                      const struct clock_look *clock);

/* The same of its publisher. */
void feed_objects_put_publisher(struct feed_device_publisher *out, struct mqtt_publisher *publisher);

#endif
