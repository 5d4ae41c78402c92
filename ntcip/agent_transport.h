/* The agent's sockets dressed as transports of the SNMP library. Ours instead of the library's own
 * because those look two files up on the disk for each datagram, block on a stream whose reader is
 * slow, and take anything for an address. */
#ifndef NTCIP_AGENT_TRANSPORT_H
#define NTCIP_AGENT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct netsnmp_transport_s;

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
