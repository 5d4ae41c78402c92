/* What SNMP and STMP work on: the newest state for reading; for a SET the check against the
 * cabinet's card, the store, the offered plan and the queued commands, and one line of audit. Belongs to
 * the main thread. */
#ifndef CONTROLLER_BACKEND_H
#define CONTROLLER_BACKEND_H

#include "../ntcip/agent.h"
#include "app.h"
#include "clock.h"
#include "config.h"
#include "spat_receivers.h"
#include "store.h"

struct backend;

/* `db` is the database in force. Everything given must outlive the backend. Returns NULL if memory is
 * short. */
struct backend *backend_new(struct app *app, struct store *store, const struct config *config,
                            const struct database *db);
void backend_free(struct backend *backend);

/* Fills in the callbacks for sets_new(). */
void backend_callbacks(struct backend *backend, struct agent_backend *out);

/* What the clock is worth from now on: the tick is told the civil time its schedule may go by. Call once a
 * second, and before the first tick. */
void backend_clock(struct backend *backend, const struct feed_clock *clock);

/* Where STMP counts. */
struct stmp_statistics *backend_stmp(struct backend *backend);

/* Where it is told how the feed is doing. */
struct feed_device *backend_feed(struct backend *backend);

/* What goes on in the objects by itself: call every DEVICE_STEP_MS. */
void backend_step(struct backend *backend);

/* Sends, repeats and gives up notifications. Call after backend_step(). */
void backend_notify(struct backend *backend, struct agent *agent);

/* Who is to be sent the broadcast message now. */
void backend_receivers(const struct backend *backend, struct tscbm_receivers *out);

/* Call when store_event_fd() is readable: tells `sets` how the save went. */
void backend_store_ready(struct backend *backend, struct sets *sets);

/* Before the end: waits up to a second for a save under way, so that its SET is still answered. */
void backend_finish(struct backend *backend, struct sets *sets);

#endif
