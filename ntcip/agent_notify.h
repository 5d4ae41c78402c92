/* Notifications on the wire: traps of version 1, 2c and 3 from a socket of their own. Which, when and to
 * whom is trap.h's to decide. */
#ifndef NTCIP_AGENT_NOTIFY_H
#define NTCIP_AGENT_NOTIFY_H

#include "agent.h"

struct notify;

/* Opens a socket on any free port. NULL if there is none to be had. */
struct notify *notify_open(void);
void notify_close(struct notify *notify);

/* Sends one message and returns at once: a network that does not take it now loses it. `user` is the
 * user of version 3 that the route names, NULL if there is none. */
enum trap_error notify_send(struct notify *notify, const struct trap_message *message,
                            const struct trap_route *route, const struct agent_engine *engine,
                            const struct snmp_user *user, uint32_t uptime_cs);

#endif
