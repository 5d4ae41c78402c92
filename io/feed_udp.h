/* Datagrams of the feed to the destinations of the config. Belongs to the feed's thread. */
#ifndef IO_FEED_UDP_H
#define IO_FEED_UDP_H

#include "feed_status.h"

struct feed_udp;

/* Opens what the destinations need. Without a key only loopback ones are accepted. Returns 0, or -1
 * with the reason in `why`. What leaves and what does not is told to `status`, which must outlive it. */
int feed_udp_open(struct feed_udp **udp, const struct feed_config *config, struct feed_status *status,
                  char *why, size_t size);
void feed_udp_close(struct feed_udp *udp);

/* Sends one datagram of at most FEED_MESSAGE_MAX octets to all destinations; with `repeat` it goes out
 * again, byte for byte, after 50 and 100 ms. Never blocks: what the system does not take is lost. */
void feed_udp_send(struct feed_udp *udp, const char *text, size_t length, bool repeat, int64_t now_us);

/* Sends the repeats that are due. Returns when the next one is, INT64_MAX if none waits. */
int64_t feed_udp_poll(struct feed_udp *udp, int64_t now_us);

#endif
