/* The SNMP library's own start and end: its engine, its users, and keeping it quiet. It reads no
 * file, writes none, parses no MIB and never prints. */
#ifndef NTCIP_AGENT_LIBRARY_H
#define NTCIP_AGENT_LIBRARY_H

#include "agent.h"

/* Starts the library with this engine, deriving the keys of the config's users. Until
 * library_keep_quiet() what it has to say goes to the backend's `log`. Returns 0, or AGENT_BAD_CONFIG or
 * AGENT_NO_MEMORY with the reason in `message`; then library_stop() is still due. */
int library_start(const struct snmp_config *config, const struct agent_engine *engine, struct sets *sets,
                  char *message, size_t size);

/* From now on drops the library's log lines: a sender of broken messages could fill a disk with them. */
void library_keep_quiet(void);

void library_stop(void);

#endif
