/* What must survive a restart: the database as the centre left it, and how often the controller
 * started. One directory, one controller. Opening and loading block on the disk; saving happens in
 * the store's own thread. */
#ifndef CONTROLLER_STORE_H
#define CONTROLLER_STORE_H

#include "../phases/database.h"

enum { STORE_SEED = 12, STORE_DIGEST = 32 };

struct store;

/* Who this controller is to SNMPv3, and which of its starts this is, to SNMPv3 and to the feed. */
struct store_identity {
    uint8_t engine_seed[STORE_SEED]; /* drawn once, kept for ever */
    uint32_t boots;                  /* 1 and up: grows with every start */
    uint64_t feed_boot;              /* grows with every start, also where `boots` begins anew; below 2^53 */
};

/* Creates the directory if need be (its parents too) and locks it. Returns 0, or -1 with the reason
 * in `why`. */
int store_open(struct store **out, const char *path, char *why, size_t size);

/* Finishes what was submitted, stops the thread, unlocks. NULL is allowed. */
void store_close(struct store *store);

/* When a controller last used this directory, Unix seconds: to the minute, however it ended. */
int64_t store_last_seen_utc_s(const struct store *store);

/* Counts this start and makes that durable before it returns. Where the disk refuses, the identity
 * is a new one that no earlier run had: never an old one with an old count. The feed's boot is the
 * last one known + 1, or `utc_ms` (UTC) where that is more and the clock has been set. Returns 0, or
 * -1 with what went wrong in `why`; the identity is good either way. */
int store_count_start(struct store *store, int64_t utc_ms, struct store_identity *identity, char *why,
                      size_t size);

/* Loads the stored database into `db`. Returns 1 if there is one, 0 if not, -1 if what was there
 * cannot be used. `why` is set wherever somebody should be told: it is empty otherwise. */
int store_load(struct store *store, uint8_t asc_digest[STORE_DIGEST], struct database *db, char *why,
               size_t size);

/* Keeps the stored database as `database.previous`: the config file has been changed and wins. */
int store_retire(struct store *store, char *why, size_t size);

/* Writes the database and makes it durable. Returns 0, or -1 with the reason in `why`. */
int store_save(struct store *store, const uint8_t asc_digest[STORE_DIGEST], const struct database *db,
               char *why, size_t size);

/* Starts the thread, which also notes once a minute that the controller is there. Returns 0, or -1 if the
 * system has none left. */
int store_start(struct store *store);

/* Hands a copy of the database to the thread. When store_event_fd() becomes readable, store_finished()
 * tells how it went. Returns -1 while the last one is still under way. Never blocks. */
int store_submit(struct store *store, const uint8_t asc_digest[STORE_DIGEST], const struct database *db);
int store_event_fd(const struct store *store);

/* Whether a submitted save has ended: `*saved` tells how, `why` why not. Never blocks. */
bool store_finished(struct store *store, bool *saved, char *why, size_t size);

#endif
