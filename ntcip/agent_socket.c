#include "agent_socket.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RECEIVE_BUFFER = 1 << 20, /* a burst waits while this process is off the processor */
    BACKLOG = 16,
};

static int fill_address(const char *host, uint16_t port, bool ipv6, struct socket_address *out)
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
static int parse_endpoint(const char *text, bool ipv6, struct socket_address *out)
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

int socket_parse(const char *text, struct socket_address *out, char *message, size_t size)
{
    static const struct {
        const char *prefix;
        bool stream, ipv6;
    } kinds[] = {
        {"udp:", false, false}, {"tcp:", true, false}, {"udp6:[", false, true}, {"tcp6:[", true, true}};
    for (size_t ix = 0; ix < sizeof(kinds) / sizeof(kinds[0]); ix++) {
        struct socket_address address = {.stream = kinds[ix].stream};
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

void socket_format(bool stream, const struct sockaddr *address, char *out, size_t size)
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

static int prepare(int fd, const struct socket_address *address)
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

int socket_open(const struct socket_address *address, char *message, size_t size)
{
    int type = (address->stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(address->socket.ss_family, type, 0);
    if (fd < 0 || prepare(fd, address) != 0) {
        char text[80];
        int error = errno;
        socket_format(address->stream, (const struct sockaddr *)&address->socket, text, sizeof(text));
        snprintf(message, size, "%s: %s", text, strerror(error));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static void keep_local(struct socket_peer *peer, struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&peer->local.ipv4, CMSG_DATA(c), sizeof(peer->local.ipv4));
            peer->local.ipv4.ipi_spec_dst = peer->local.ipv4.ipi_addr;
            peer->local.ipv4.ipi_ifindex = 0; /* the route back need not be the way it came */
            peer->local_known = true;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&peer->local.ipv6, CMSG_DATA(c), sizeof(peer->local.ipv6));
            if (!IN6_IS_ADDR_LINKLOCAL(&peer->local.ipv6.ipi6_addr)) {
                peer->local.ipv6.ipi6_ifindex = 0;
            }
            peer->local_known = true;
        }
    }
}

ssize_t socket_receive(int fd, void *buffer, size_t size, struct socket_peer *peer)
{
    memset(peer, 0, sizeof(*peer));
    union {
        struct cmsghdr align;
        char octet[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr header = {.msg_name = &peer->from,
                            .msg_namelen = sizeof(peer->from),
                            .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};
    ssize_t n = recvmsg(fd, &header, MSG_DONTWAIT);
    if (n >= 0) {
        peer->from_length = header.msg_namelen;
        keep_local(peer, &header);
    }
    return n;
}

ssize_t socket_send(int fd, const void *data, size_t size, const struct socket_peer *to)
{
    union {
        struct cmsghdr align;
        char octet[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    } control;
    memset(&control, 0, sizeof(control));
    struct sockaddr_storage address = to->from;
    struct iovec part = {.iov_len = size};
    memcpy(&part.iov_base, &data, sizeof(data)); /* a vector knows no const */
    struct msghdr header = {
        .msg_name = &address, .msg_namelen = to->from_length, .msg_iov = &part, .msg_iovlen = 1};
    if (to->local_known) {
        bool ipv6 = to->from.ss_family == AF_INET6;
        size_t length = ipv6 ? sizeof(to->local.ipv6) : sizeof(to->local.ipv4);
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(length);
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
        c->cmsg_type = ipv6 ? IPV6_PKTINFO : IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(length);
        if (ipv6) {
            memcpy(CMSG_DATA(c), &to->local.ipv6, length);
        } else {
            memcpy(CMSG_DATA(c), &to->local.ipv4, length);
        }
    }
    return sendmsg(fd, &header, MSG_DONTWAIT);
}
