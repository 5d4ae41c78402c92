/* The feed's TCP subscribers: who connects is told, one line a message. Belongs to the feed's thread
 * and runs in its event loop. */
#ifndef IO_FEED_TCP_H
#define IO_FEED_TCP_H

#include "feed_status.h"

struct event_base;
struct feed_tcp;
struct feed_subscriber;

/* Called when somebody has subscribed: the place to send a full with feed_tcp_send_to(). */
typedef void feed_tcp_joined(void *arg, struct feed_subscriber *subscriber);

enum { FEED_SUBSCRIBERS_MAX = 64 };

/* Opens every listening address of the config (port 0: any). Returns 0, or -1 with the reason in
 * `why`. Without a key only subscribers on this machine are served. Who comes, goes and why is told to
 * `status`, which must outlive it. */
int feed_tcp_open(struct feed_tcp **tcp, const struct feed_config *config, struct event_base *base,
                  struct feed_status *status, feed_tcp_joined *joined, void *arg, char *why, size_t size);
void feed_tcp_close(struct feed_tcp *tcp);

/* The address that listening address `ix` of the config is really bound to. */
void feed_tcp_address(const struct feed_tcp *tcp, int ix, char *text, size_t size);

/* Queues a line (with its newline) for all, or for one. Never blocks; who is more than a few
 * seconds behind is dropped: better to subscribe anew than to hear of the past. */
void feed_tcp_send(struct feed_tcp *tcp, const char *line, size_t length);
void feed_tcp_send_to(struct feed_tcp *tcp, struct feed_subscriber *subscriber, const char *line,
                      size_t length);

int feed_tcp_subscribers(const struct feed_tcp *tcp);

#endif
