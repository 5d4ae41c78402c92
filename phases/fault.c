#include "engine_internal.h"

uint8_t fault_alarm1(const struct engine *e)
{
    return e->ctl.fault.alarms;
}

void fault_step(struct engine *e, const struct tick *t)
{
    (void)e;
    (void)t;
}
