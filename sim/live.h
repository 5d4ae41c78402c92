/* The intersection in real time, around a controller that is another program. */
#ifndef SIM_LIVE_H
#define SIM_LIVE_H

#include "options.h"

/* Runs until SIGINT or SIGTERM and fills `summary`. Prints one line `tscsim ready` with the address in use
 * as soon as the Modbus port is open. Returns 0, or -1 after saying on standard error why it cannot begin. */
int live_intersection(const struct config *config, const struct options *options, struct summary *summary);

#endif
