/* The feed's messages for another thread of this process (the lamp detectors, the publisher, the journal),
 * decoded and in order. The feed's thread puts, one other thread takes, and neither waits: who falls behind
 * loses messages and is told how many, as a subscriber of the feed would find out from `state_seq`. */
#ifndef IO_FEED_OUTLET_H
#define IO_FEED_OUTLET_H

#include "feed.h"

enum { FEED_OUTLET_MESSAGES = 64 };

struct feed_outlet;

/* Allocates. NULL if memory or descriptors are short. */
struct feed_outlet *feed_outlet_new(void);

/* Neither thread may use it any more. NULL is allowed. */
void feed_outlet_free(struct feed_outlet *outlet);

/* The writer's side. Never blocks. */
void feed_outlet_put(struct feed_outlet *outlet, const struct feed_message *message);

/* A descriptor that is readable while messages wait; it is the outlet's. */
int feed_outlet_fd(const struct feed_outlet *outlet);

/* The reader's side: the next message, and how many found no room just before it. False if none waits. Never
 * blocks. */
bool feed_outlet_take(struct feed_outlet *outlet, struct feed_message *message, uint64_t *lost);

#endif
