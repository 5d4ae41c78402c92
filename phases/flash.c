#include "engine_internal.h"

void flash_step(struct engine *e, struct tick *t)
{
    (void)e;
    (void)t;
}

bool flash_running(struct engine *e, struct tick *t)
{
    (void)t;
    return e->ctl.unit == UNIT_RUNNING;
}
