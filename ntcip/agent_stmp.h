/* STMP on the network: UDP, one message a datagram, and TCP, one message after the other.
 *
 * STMP has no length of its own, and NTCIP 2202 adds none to TCP. None is needed: the definition of a
 * dynamic object tells where its values end (stmp_measure()), so that messages follow each other on a
 * stream bare, as they would lie in datagrams. Where an end cannot be told (no message of STMP, an
 * undefined object that is set), what can be answered is, and the connection ends.
 *
 * Nobody says who he is in STMP: the source address alone decides, before anything is parsed
 * (agent_gate.h), and all have one role. Everything runs in the thread of the event loop. */
#ifndef NTCIP_AGENT_STMP_H
#define NTCIP_AGENT_STMP_H

#include "agent_config.h"
#include "agent_sets.h"
#include "stmp.h"

enum {
    STMP_STREAMS_MAX = 16, /* connections at a time */
    STMP_IDLE_S = 60,      /* one that is silent for so long is closed */
    STMP_SETS_MAX = 4,     /* that may wait for the disk; one more is answered genErr */
};

struct stmp_server;
struct event_base;

/* Opens every address of `config` and serves it from `base`, counting in `statistics`. Both that and `sets`
 * must outlive the server; config is not kept. On error nothing stays open, and `message` says why. Returns
 * enum agent_error. */
int stmp_server_start(struct stmp_server **out, const struct stmp_config *config, struct sets *sets,
                      struct stmp_statistics *statistics, struct event_base *base, char *message,
                      size_t size);

/* Closes everything; after it `sets` may only be freed. NULL is allowed. */
void stmp_server_free(struct stmp_server *server);

/* The address in use, with the real port; `ix` counts as in the config. */
size_t stmp_server_address_count(const struct stmp_server *server);
void stmp_server_address(const struct stmp_server *server, size_t ix, char *out, size_t size);

#endif
