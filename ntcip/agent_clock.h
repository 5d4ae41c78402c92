/* The one clock of the agents. */
#ifndef NTCIP_AGENT_CLOCK_H
#define NTCIP_AGENT_CLOCK_H

#include <stdint.h>

/* Nanoseconds on the monotonic clock. */
int64_t agent_now_ns(void);

#endif
