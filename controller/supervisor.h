/* Watches the running controller from beside: says in the log what somebody has to know, once when it
 * begins and once when it ends, and lets the hand at the cabinet clear a latched guard. Belongs to the
 * main thread. */
#ifndef CONTROLLER_SUPERVISOR_H
#define CONTROLLER_SUPERVISOR_H

#include "app.h"
#include "tick.h"

enum { SUPERVISOR_PERIOD_MS = 100 };

struct supervisor {
    struct app *app;
    const struct tick *tick;
    struct app_status last;
    struct tick_stats ticks;
    bool started;
    bool hung;
};

/* Call every SUPERVISOR_PERIOD_MS. */
void supervisor_look(struct supervisor *supervisor, int64_t now_us);

#endif
