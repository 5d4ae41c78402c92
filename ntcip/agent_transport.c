#include "agent_transport.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    RECEIVE_BUFFER = 1 << 20, /* a burst waits while this process is off the processor */
    DATAGRAM_MAX = 65507,
    STREAM_MESSAGE_MAX = 65535,
    BACKLOG = 16,
};

/* The library keeps these octets with a request and hands them back with its answer. */
struct sender {
    struct sockaddr_storage from;
    socklen_t from_length;
    bool local_known; /* answer from the very address that was asked */
    union {
        struct in_pktinfo ipv4;
        struct in6_pktinfo ipv6;
    } local;
};

/* transport->data. The peer of a stream is known once and for all. */
struct state {
    bool drained;
    struct sender peer;
};

static const oid udp_domain[] = {1, 3, 6, 1, 6, 1, 1};

static int fill_address(const char *host, uint16_t port, bool ipv6, struct transport_address *out)
{
    if (ipv6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->socket;
        *in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
        out->length = sizeof(*in6);
        return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? 0 : -1;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)&out->socket;
    *in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    out->length = sizeof(*in);
    return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? 0 : -1;
}

/* What follows "udp:" or "udp6:[". */
static int parse_endpoint(const char *text, bool ipv6, struct transport_address *out)
{
    const char *end = ipv6 ? strstr(text, "]:") : strrchr(text, ':');
    char host[INET6_ADDRSTRLEN];
    if (end == NULL || (size_t)(end - text) >= sizeof(host)) {
        return -1;
    }
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    const char *digits = end + (ipv6 ? 2 : 1);
    char *rest;
    long port = strtol(digits, &rest, 10);
    if (*digits < '0' || *digits > '9' || *rest != '\0' || port > 65535) {
        return -1;
    }
    return fill_address(host, (uint16_t)port, ipv6, out);
}

int transport_parse(const char *text, struct transport_address *out, char *message, size_t size)
{
    static const struct {
        const char *prefix;
        bool stream, ipv6;
    } kinds[] = {
        {"udp:", false, false}, {"tcp:", true, false}, {"udp6:[", false, true}, {"tcp6:[", true, true}};
    for (size_t ix = 0; ix < sizeof(kinds) / sizeof(kinds[0]); ix++) {
        struct transport_address address = {.stream = kinds[ix].stream};
        size_t prefix = strlen(kinds[ix].prefix);
        if (strncmp(text, kinds[ix].prefix, prefix) == 0 &&
            parse_endpoint(text + prefix, kinds[ix].ipv6, &address) == 0) {
            *out = address;
            return 0;
        }
    }
    snprintf(message, size,
             "%s: not an address like udp:127.0.0.1:1161, udp6:[::1]:1161, tcp:... or tcp6:...", text);
    return -1;
}

void transport_format(bool stream, const struct sockaddr *address, char *out, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        snprintf(out, size, "%s:[%s]:%u", stream ? "tcp6" : "udp6", host, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        snprintf(out, size, "%s:%s:%u", stream ? "tcp" : "udp", host, ntohs(in->sin_port));
    }
}

static int set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value));
}

/* Whether an answer would leave from an address the kernel chooses. */
static bool is_wildcard(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6) {
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
    }
    return ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY);
}

static int prepare(int fd, const struct transport_address *address)
{
    bool ipv6 = address->socket.ss_family == AF_INET6;
    if (ipv6 && set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) {
        return -1;
    }
    if (address->stream) {
        if (set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0) { /* after a restart, not beside another */
            return -1;
        }
    } else {
        (void)set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER); /* the kernel may grant less */
        if (is_wildcard(&address->socket) &&
            set_option(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1) != 0) {
            return -1;
        }
    }
    if (bind(fd, (const struct sockaddr *)&address->socket, address->length) != 0) {
        return -1;
    }
    return address->stream ? listen(fd, BACKLOG) : 0;
}

int transport_open(const struct transport_address *address, char *message, size_t size)
{
    int type = (address->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(address->socket.ss_family, type, 0);
    if (fd < 0 || prepare(fd, address) != 0) {
        char text[80];
        int error = errno;
        transport_format(address->stream, (const struct sockaddr *)&address->socket, text, sizeof(text));
        snprintf(message, size, "%s: %s", text, strerror(error));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static void keep_local(struct sender *sender, struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&sender->local.ipv4, CMSG_DATA(c), sizeof(sender->local.ipv4));
            sender->local.ipv4.ipi_spec_dst = sender->local.ipv4.ipi_addr;
            sender->local.ipv4.ipi_ifindex = 0; /* the route back need not be the way it came */
            sender->local_known = true;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&sender->local.ipv6, CMSG_DATA(c), sizeof(sender->local.ipv6));
            if (!IN6_IS_ADDR_LINKLOCAL(&sender->local.ipv6.ipi6_addr)) {
                sender->local.ipv6.ipi6_ifindex = 0;
            }
            sender->local_known = true;
        }
    }
}

static int hand_over(const struct sender *sender, void **opaque, int *opaque_length)
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
    struct sender sender;
    memset(&sender, 0, sizeof(sender));
    union {
        struct cmsghdr align;
        char octet[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = (size_t)size};
    struct msghdr header = {.msg_name = &sender.from,
                            .msg_namelen = sizeof(sender.from),
                            .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(t->sock, &header, MSG_DONTWAIT);
    state->drained = n < 0;
    if (n < 0) {
        return -1;
    }
    sender.from_length = header.msg_namelen;
    keep_local(&sender, &header);
    return hand_over(&sender, opaque, opaque_length) == 0 ? (int)n : -1;
}

static int send_datagram(netsnmp_transport *t, const void *data, int size, void **opaque, int *opaque_length)
{
    if (opaque == NULL || *opaque == NULL || *opaque_length != (int)sizeof(struct sender)) {
        return -1;
    }
    struct sender *to = *opaque;
    union {
        struct cmsghdr align;
        char octet[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control;
    memset(&control, 0, sizeof(control));
    struct iovec part = {.iov_len = (size_t)size};
    memcpy(&part.iov_base, &data, sizeof(data)); /* a vector knows no const */
    struct msghdr header = {
        .msg_name = &to->from, .msg_namelen = to->from_length, .msg_iov = &part, .msg_iovlen = 1};
    if (to->local_known) {
        bool ipv6 = to->from.ss_family == AF_INET6;
        size_t length = ipv6 ? sizeof(to->local.ipv6) : sizeof(to->local.ipv4);
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(length);
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
        c->cmsg_type = ipv6 ? IPV6_PKTINFO : IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(c), &to->local, length);
    }
    return (int)sendmsg(t->sock, &header, MSG_DONTWAIT);
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
    return length == (int)sizeof(struct sender) ? (const struct sockaddr *)data : NULL;
}

int transport_address_to(const struct sockaddr *to, socklen_t length, void **data, int *data_length)
{
    struct sender sender;
    memset(&sender, 0, sizeof(sender));
    memcpy(&sender.from, to, length);
    sender.from_length = length;
    return hand_over(&sender, data, data_length);
}
