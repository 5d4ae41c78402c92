/* How long the text of a feed message gets. Private to the feed. */
#ifndef IO_FEED_JSON_H
#define IO_FEED_JSON_H

#include "feed.h"

/* Whether the message fits into a datagram together with its signatures. */
bool feed_json_fits(const struct feed_config *config, const struct feed_message *message);

/* Parts that the longest full of this config is split into. */
int feed_json_parts_max(const struct feed_config *config);

#endif
