/* The SNMP agent: takes messages from the network, decides who may ask, reads and writes objects,
 * answers. Everything about the objects is object.h and set.h; everything about the library that
 * speaks SNMP stays behind this header.
 *
 * A request passes, in this order: allow-list and rate limit on its source address (agent_gate.h,
 * before anything of it is parsed), the library's decoding and, for version 3, authentication and
 * decryption, the question of the role, and only then the objects; a SET by way of agent_sets.h.
 *
 * One agent per process, because the library keeps its engine in globals; every function here and
 * every callback runs in the thread of the event loop. */
#ifndef NTCIP_AGENT_H
#define NTCIP_AGENT_H

#include "agent_config.h"
#include "agent_sets.h"
#include "trap.h"

enum {
    AGENT_ENGINE_ID_MAX = 32,
    AGENT_ENGINE_SEED = 12,
};

/* The identity SNMPv3 users' keys are bound to. `boots` must have been counted up and be safely on
 * disk before the agent starts: were it ever to go back, old messages could be played again. */
struct agent_engine {
    uint8_t id_length; /* 5..AGENT_ENGINE_ID_MAX */
    uint8_t id[AGENT_ENGINE_ID_MAX];
    uint32_t boots; /* 1..2147483647 */
};

/* Messages, counted since the start. */
struct agent_counters {
    uint64_t received;    /* datagrams, and complete messages on streams */
    uint64_t not_allowed; /* dropped: source in nobody's network */
    uint64_t over_source; /* dropped: that source's rate */
    uint64_t over_total;  /* dropped: the rate of all together */
    uint64_t unknown;     /* dropped: no such community from there, or wrong context */
    uint64_t denied;      /* version 3 below authPriv, or a SET beyond the role */
    uint64_t answered;
    uint64_t sets_taken;
    uint64_t sets_refused;
    uint64_t connections_refused; /* streams beyond the limit */
};

struct agent;
struct event_base;

/* Makes an engine identifier out of octets that no other controller has. */
void agent_engine_id(struct agent_engine *engine, const uint8_t seed[AGENT_ENGINE_SEED]);

/* Opens every address of `config` (which must be `present`) and serves it from `base`. `sets` must
 * outlive the agent; config and engine are not kept. Derives the users' keys, some ten milliseconds each. On
 * error nothing stays open, `message` says which address or user and why. Returns enum agent_error. */
int agent_start(struct agent **out, const struct snmp_config *config, const struct agent_engine *engine,
                struct sets *sets, struct event_base *base, char *message, size_t size);

/* Closes everything; after it `sets` may only be freed. A SET in PREPARE_WAIT is forgotten unanswered:
 * let it finish first. */
void agent_free(struct agent *agent);

/* The address in use, with the real port: "udp:127.0.0.1:1161". `ix` counts as in the config. */
size_t agent_address_count(const struct agent *agent);
void agent_address(const struct agent *agent, size_t ix, char *out, size_t size);

/* Sends one notification without waiting. Returns TRAP_OK, or why it did not leave: TRAP_NO_CREDENTIALS
 * where the route names no user of the config, TRAP_NOT_SENT. */
enum trap_error agent_notify(struct agent *agent, const struct trap_message *message,
                             const struct trap_route *route);

void agent_get_counters(const struct agent *agent, struct agent_counters *out);

/* Checks one network of the config ("10.1.0.0/16", "fd00::/8", a bare address is a network of one) or
 * one address to listen on, for the config loader. Returns 0, or -1 with the reason in `message`. */
int agent_check_network(const char *text, char *message, size_t size);
int agent_check_listen(const char *text, char *message, size_t size);

#endif
