#include "engine_internal.h"

void speed_step(struct engine *e, struct tick *t)
{
    (void)e;
    (void)t;
}
