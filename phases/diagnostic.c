#include "engine_internal.h"

void diagnostic_step(struct engine *e, const struct tick *t)
{
    (void)e;
    (void)t;
}
