/* Asks the operating system how it has set up the Ethernet ports. Linux alone. */
#ifndef CONTROLLER_NETPORTS_H
#define CONTROLLER_NETPORTS_H

#include "../ntcip/ports.h"

/* Finds the ports there are, and the name server. Call it at the start: it allocates, and reads
 * /etc/resolv.conf. Returns a descriptor for netports_look(), or -1 with no ports found. */
int netports_open(struct ports *ports);

/* Looks again at their addresses and states. Neither blocks nor allocates; a port that is gone is down. */
void netports_look(int fd, struct ports *ports);

/* Takes the default gateways out of the text of /proc/net/route. */
void netports_read_routes(const char *text, struct ports *ports);

/* The first IPv4 name server in the text of /etc/resolv.conf; all 0 if there is none. */
void netports_read_resolver(const char *text, uint8_t name_server[4]);

#endif
