/* The signal-state feed at work: its own thread with its own event loop, so that nothing else in the
 * controller delays a message. */
#ifndef IO_FEED_THREAD_H
#define IO_FEED_THREAD_H

#include "feed_outlet.h"
#include "io_thread.h"
#include "tscbm_sender.h"

struct feed_server;

/* Allocates and opens every port; nothing is accepted before feed_server_start(). `config` must
 * outlive the server. `log`
 * is called from the feed's thread. Returns 0, or -1 with the reason in `why` (an address that cannot be
 * used, a port that is taken, a group too long for a datagram). */
int feed_server_new(struct feed_server **server, const struct feed_config *config, uint64_t boot,
                    const struct feed_clock *clock, io_log *log, void *arg, char *why, size_t size);

/* Every message of the feed goes to the outlet too, which must outlive the server. At most FEED_OUTLETS_MAX,
 * and none after feed_server_start(). Returns 0, or -1 if there are too many. */
enum { FEED_OUTLETS_MAX = 24 };
int feed_server_attach(struct feed_server *server, struct feed_outlet *outlet);

/* Starts the thread. Returns 0, or -1 if the system has none left. */
int feed_server_start(struct feed_server *server);

/* Stops the thread, closes the ports, frees. NULL is allowed. Waits for the thread, which waits for
 * nobody. */
void feed_server_free(struct feed_server *server);

/* Where listening address `ix` of the config really listens: "tcp:127.0.0.1:7070". */
void feed_server_address(const struct feed_server *server, int ix, char *text, size_t size);

/* The keys of `config` take the place of those in use, within 50 ms; nothing else of it counts. One thread
 * only; never blocks. Returns 0, or -1 with the reason in `why` and all as it was: a group too long with that
 * many signatures, or a feed that was to begin or to stop signing. */
int feed_server_keys(struct feed_server *server, const struct feed_config *config, char *why, size_t size);

/* How the feed is doing. Lives as long as the server. */
struct feed_status *feed_server_status(struct feed_server *server);

/* Hands over an exchange. One thread only (the bus); never blocks. Should the feed's thread be so far
 * behind that there is no room, the exchange is lost, and the feed knows it. */
void feed_server_exchange(struct feed_server *server, const struct cabinet_exchange *exchange);

/* Who is sent the broadcast message from now on (io/tscbm_sender.h). One thread only; never blocks. */
void feed_server_receivers(struct feed_server *server, const struct tscbm_receivers *receivers);

/* What the clock is worth from now on. One thread only; never blocks. */
void feed_server_clock(struct feed_server *server, const struct feed_clock *clock);

#endif
