/* A subscriber of the signal-state feed over TCP: connects, connects again when the connection is lost, and
 * hands over complete lines. Never blocks. */
#ifndef SIM_FEED_CLIENT_H
#define SIM_FEED_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_client;

typedef void feed_client_line(void *arg, const char *line, size_t length);

/* Told when the connection comes and goes, once each time. */
typedef void feed_client_link(void *arg, bool up);

/* `address` is tcp:127.0.0.1:7070 or the like. NULL after saying on standard error why not. */
struct feed_client *feed_client_new(const char *address, feed_client_line *line, feed_client_link *link,
                                    void *arg);
void feed_client_free(struct feed_client *client);

/* What to poll for; false: nothing now. */
bool feed_client_poll(const struct feed_client *client, struct pollfd *poll);

/* Serves what poll() reported, and begins a connection when it is time to. Call at least every 100 ms;
 * `poll` may be NULL. */
void feed_client_serve(struct feed_client *client, const struct pollfd *poll, int64_t now_us);

bool feed_client_up(const struct feed_client *client);

#endif
