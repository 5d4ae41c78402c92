/* The red-lamp detectors of a junction at work: one thread, in one poll loop, for all their clients and
 * lines. It hears the feed through an outlet; the feed never waits for it. */
#ifndef IO_LAMP_SERVER_H
#define IO_LAMP_SERVER_H

#include "feed_outlet.h"
#include "io_thread.h"

struct lamp_server;

/* Allocates and opens every TCP port. A serial line is tried for again and again: that it is missing is no
 * reason not to start. `config` must outlive the server; `log` is called from its thread. Returns 0, or -1
 * with the reason in `why`. */
int lamp_server_new(struct lamp_server **server, const struct feed_config *config, io_log *log, void *arg,
                    char *why, size_t size);

/* What the feed has to be given before it starts (feed_server_attach()). */
struct feed_outlet *lamp_server_outlet(struct lamp_server *server);

/* Starts the thread. Returns 0, or -1 if the system has none left. */
int lamp_server_start(struct lamp_server *server);

/* Stops the thread, closes ports and lines, frees. The feed must have ended before. Waits a tenth of a second
 * for each line that uploads. NULL is allowed. */
void lamp_server_free(struct lamp_server *server);

/* Where detector `ix` of the config is found: "tcp:127.0.0.1:1503" with the port in use, or the line's name.
 */
void lamp_server_address(const struct lamp_server *server, int ix, char *text, size_t size);

#endif
