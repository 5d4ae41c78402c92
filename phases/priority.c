#include "engine_internal.h"

void priority_step(struct engine *e, struct tick *t)
{
    (void)e;
    (void)t;
}
