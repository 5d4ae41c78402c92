/* The SNMP library's sessions inside libevent. Each datagram socket is one session, each accepted
 * stream another; listening for streams is done here, so that the library needs neither select sets
 * nor timers of its own. */
#ifndef NTCIP_AGENT_LOOP_H
#define NTCIP_AGENT_LOOP_H

#include "agent_config.h"
#include <stddef.h>

struct loop_link;
struct event_base;
struct netsnmp_transport_s;
struct snmp_session;
struct snmp_pdu;
struct sockaddr;

enum {
    STREAMS_MAX = 32,         /* connections at a time, over all listening addresses */
    STREAM_IDLE_S = 60,       /* one that is silent for so long is closed */
    MESSAGES_PER_WAKEUP = 16, /* of one socket, before the others have their turn */
};

/* What the sessions report to. The library hands a `struct loop_link *` back as the magic. */
struct loop_hooks {
    void *arg;
    /* Whether a stream from there may be opened. */
    bool (*accept)(void *arg, const struct sockaddr *from);
    /* A socket has messages: up to MESSAGES_PER_WAKEUP of them follow at once. */
    void (*wakeup)(void *arg);
    /* Before anything of a message is parsed: 0 drops it. */
    int (*before)(struct snmp_session *session, struct netsnmp_transport_s *transport, void *sender,
                  int sender_length);
    /* A parsed and, in version 3, authenticated message. */
    int (*message)(int operation, struct snmp_session *session, int request, struct snmp_pdu *pdu,
                   void *magic);
    /* The link is about to go; answers can no longer be sent through it. */
    void (*closing)(void *arg, struct loop_link *link);
};

struct loop;

/* Opens every address and reads from all of them. Returns enum agent_error, with the reason in `message`. */
int loop_open(struct loop **out, const struct snmp_config *config, struct event_base *base,
              const struct loop_hooks *hooks, char *message, size_t size);
void loop_close(struct loop *loop);

size_t loop_address_count(const struct loop *loop);
void loop_address(const struct loop *loop, size_t ix, char *out, size_t size);
uint64_t loop_connections_refused(const struct loop *loop);

/* The `arg` of the hooks, and whether it is a stream. */
void *loop_link_arg(const struct loop_link *link);
bool loop_link_is_stream(const struct loop_link *link);

/* Sends `reply` and frees it in any case. Returns 0, or -1 if it could not be sent. */
int loop_send(struct loop_link *link, struct snmp_pdu *reply);

#endif
