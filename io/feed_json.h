/* The text of a feed message, and how long it can get. Private to the feed. */
#ifndef IO_FEED_JSON_H
#define IO_FEED_JSON_H

#include "feed.h"

/* Octets that the JSON of one datagram may take beside its signatures. */
size_t feed_json_limit(const struct feed_config *config);

/* Longest that a message without groups, or one group with its comma, can get. */
size_t feed_json_header_bound(const struct feed_config *config);
size_t feed_json_group_bound(const struct feed_config *config, int group_ix);

#endif
