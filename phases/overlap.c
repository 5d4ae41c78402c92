#include "engine_internal.h"

void overlap_step(struct engine *e, const struct tick *t)
{
    (void)e;
    (void)t;
}

bool overlap_blocks(const struct engine *e, int ix)
{
    (void)e;
    (void)ix;
    return false;
}
