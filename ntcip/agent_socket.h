/* Sockets that SNMP and STMP share: addresses as the config writes them, and datagrams whose answers leave
 * from the very address that was asked. Never blocks. */
#ifndef NTCIP_AGENT_SOCKET_H
#define NTCIP_AGENT_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

struct socket_address {
    bool stream;
    struct sockaddr_storage socket;
    socklen_t length;
};

/* Where a datagram came from, and to which of our addresses. */
struct socket_peer {
    struct sockaddr_storage from;
    socklen_t from_length;
    bool local_known;
    union {
        struct in_pktinfo ipv4;
        struct in6_pktinfo ipv6;
    } local;
};

/* Parses "udp:127.0.0.1:1161", "udp6:[::1]:1161", "tcp:...", "tcp6:..."; numeric addresses only, port 0
 * is any free one. Returns 0, or -1 with the reason in `message`. */
int socket_parse(const char *text, struct socket_address *out, char *message, size_t size);

/* Opens a non-blocking socket on the address (a stream listens). Returns it, or -1 with the reason. */
int socket_open(const struct socket_address *address, char *message, size_t size);

/* Writes an address as socket_parse() reads it. */
void socket_format(bool stream, const struct sockaddr *address, char *out, size_t size);

/* One datagram, as recvmsg() and sendmsg() would. */
ssize_t socket_receive(int fd, void *buffer, size_t size, struct socket_peer *peer);
ssize_t socket_send(int fd, const void *data, size_t size, const struct socket_peer *to);

#endif
