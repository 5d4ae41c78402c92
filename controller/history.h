/* The journal at work: a thread of its own that takes what the feed says from an outlet, writes it down about
 * once a second, and answers what somebody asks of it over HTTP. Nobody waits for it, however slow the disk.
 */
#ifndef CONTROLLER_HISTORY_H
#define CONTROLLER_HISTORY_H

#include "../io/feed_outlet.h"
#include "config.h"

struct history;

/* Opens the port, if the config names one, and reads the key of the evidence, or makes one. The journal
 * itself is opened by the thread. `config` must outlive it. Returns 0, or -1 with the reason in
 * `why`. */
int history_new(struct history **out, const struct config *config, const char *state_dir, uint64_t boot,
                char *why, size_t size);

/* What to attach to the feed. */
struct feed_outlet *history_outlet(const struct history *history);

/* Starts the thread. Returns 0, or -1 if the system has none left. */
int history_start(struct history *history);

/* Where it is asked; false: nowhere. */
bool history_address(const struct history *history, char *text, size_t size);

/* Writes down what waits, and that this is an end in good order; stops the thread, frees. The feed must have
 * stopped. NULL is allowed. Waits for the disk. */
void history_free(struct history *history);

#endif
