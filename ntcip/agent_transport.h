/* Sockets for the agent, dressed as transports of the SNMP library. Ours instead of the library's
 * own because those look two files up on the disk for each datagram, block on a stream whose reader
 * is slow, and take anything for an address. */
#ifndef NTCIP_AGENT_TRANSPORT_H
#define NTCIP_AGENT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct netsnmp_transport_s;

struct transport_address {
    bool stream;
    struct sockaddr_storage socket;
    socklen_t length;
};

/* Parses "udp:127.0.0.1:1161", "udp6:[::1]:1161", "tcp:...", "tcp6:..."; numeric addresses only, port 0
 * is any free one. Returns 0, or -1 with the reason in `message`. */
int transport_parse(const char *text, struct transport_address *out, char *message, size_t size);

/* Opens a non-blocking socket on the address (a stream listens). Returns it, or -1 with the reason. */
int transport_open(const struct transport_address *address, char *message, size_t size);

/* Writes an address as transport_parse() reads it. */
void transport_format(bool stream, const struct sockaddr *address, char *out, size_t size);

/* A transport over `fd`, which it closes with itself: datagrams, or one accepted stream. NULL if
 * memory is short. */
struct netsnmp_transport_s *transport_new(int fd, bool stream);

/* Whether the last read found nothing more to read. */
bool transport_drained(const struct netsnmp_transport_s *transport);

/* What the library wants with a message to say where it goes: octets it will free. Returns 0, or -1 if memory
 * is short. */
int transport_address_to(const struct sockaddr *to, socklen_t length, void **data, int *data_length);

/* The sender of a message, out of what the library kept of it (pdu->transport_data); NULL if that is
 * not ours. */
const struct sockaddr *transport_sender(const void *data, int length);

#endif
