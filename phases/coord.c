#include "engine_internal.h"

void coord_select(struct engine *e, const struct tick *t)
{
    (void)e;
    (void)t;
}

void coord_step(struct engine *e, struct tick *t)
{
    (void)e;
    (void)t;
}

uint64_t coord_due(const struct engine *e)
{
    (void)e;
    return 0;
}
