#include "agent_transport.h"
#include "agent_socket.h"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    DATAGRAM_MAX = 65507,
    STREAM_MESSAGE_MAX = 65535,
};

/* transport->data. The peer of a stream is known once and for all. The library keeps a copy of the peer
 * with a request and hands it back with its answer. */
struct state {
    bool drained;
    struct socket_peer peer;
};

static const oid udp_domain[] = {1, 3, 6, 1, 6, 1, 1};

static int hand_over(const struct socket_peer *sender, void **opaque, int *opaque_length)
{
    *opaque = malloc(sizeof(*sender));
    if (*opaque == NULL) {
        return -1;
    }
    memcpy(*opaque, sender, sizeof(*sender));
    *opaque_length = (int)sizeof(*sender);
    return 0;
}

static int receive_datagram(netsnmp_transport *t, void *buffer, int size, void **opaque, int *opaque_length)
{
    struct state *state = t->data;
    struct socket_peer sender;
    ssize_t n = socket_receive(t->sock, buffer, (size_t)size, &sender);
    state->drained = n < 0;
    return n >= 0 && hand_over(&sender, opaque, opaque_length) == 0 ? (int)n : -1;
}

static int send_datagram(netsnmp_transport *t, const void *data, int size, void **opaque, int *opaque_length)
{
    if (opaque == NULL || *opaque == NULL || *opaque_length != (int)sizeof(struct socket_peer)) {
        return -1;
    }
    return (int)socket_send(t->sock, data, (size_t)size, *opaque);
}

static int receive_stream(netsnmp_transport *t, void *buffer, int size, void **opaque, int *opaque_length)
{
    struct state *state = t->data;
    ssize_t n = recv(t->sock, buffer, (size_t)size, MSG_DONTWAIT);
    state->drained = true; /* one read per wake-up: a stream has no message borders to lose */
    if (n <= 0) {
        return -1;
    }
    return hand_over(&state->peer, opaque, opaque_length) == 0 ? (int)n : -1;
}

/* A client that does not read its answers loses the connection: half an answer helps nobody and
 * waiting would hold up everybody. */
static int send_stream(netsnmp_transport *t, const void *data, int size, void **opaque, int *opaque_length)
{
    (void)opaque;
    (void)opaque_length;
    ssize_t n = send(t->sock, data, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n != size) {
        shutdown(t->sock, SHUT_RDWR);
        return -1;
    }
    return size;
}

static int close_socket(netsnmp_transport *t)
{
    int result = t->sock >= 0 ? close(t->sock) : -1;
    t->sock = -1;
    return result;
}

netsnmp_transport *transport_new(int fd, bool stream)
{
    netsnmp_transport *t = calloc(1, sizeof(*t));
    struct state *state = calloc(1, sizeof(*state));
    if (t == NULL || state == NULL) {
        free(t);
        free(state);
        return NULL;
    }
    state->peer.from_length = sizeof(state->peer.from);
    if (stream && getpeername(fd, (struct sockaddr *)&state->peer.from, &state->peer.from_length) != 0) {
        state->peer.from.ss_family = AF_UNSPEC; /* gone already; the gate lets nobody in from there */
    }
    t->domain = udp_domain;
    t->domain_length = sizeof(udp_domain) / sizeof(udp_domain[0]);
    t->sock = fd;
    t->flags = stream ? NETSNMP_TRANSPORT_FLAG_STREAM : 0;
    t->data = state;
    t->data_length = (int)sizeof(*state);
    t->msgMaxSize = stream ? STREAM_MESSAGE_MAX : DATAGRAM_MAX;
    t->f_recv = stream ? receive_stream : receive_datagram;
    t->f_send = stream ? send_stream : send_datagram;
    t->f_close = close_socket;
    return t;
}

bool transport_drained(const netsnmp_transport *transport)
{
    return ((const struct state *)transport->data)->drained;
}

const struct sockaddr *transport_sender(const void *data, int length)
{
    return length == (int)sizeof(struct socket_peer) ? (const struct sockaddr *)data : NULL;
}

int transport_address_to(const struct sockaddr *to, socklen_t length, void **data, int *data_length)
{
    struct socket_peer peer;
    memset(&peer, 0, sizeof(peer));
    memcpy(&peer.from, to, length);
    peer.from_length = length;
    return hand_over(&peer, data, data_length);
}
