#include "twins.h"
#include "../property/random_plan.h"
#include <string.h>

enum { LIFE_STEPS = 2000 };

static bool same_form(const struct world *settled, const struct world *raw)
{
    static struct world start, copy;
    static unsigned char a[PACKED_MAX], b[PACKED_MAX];
    world_init(&start, settled->junction);
    world_copy(&copy, raw);
    world_settle(&copy);
    size_t size = world_pack(settled, &start, a);
    return size == world_pack(&copy, &start, b) && memcmp(a, b, size) == 0;
}

static bool same_octets(const struct world *a, const struct world *b)
{
    return memcmp(&a->engine.ctl, &b->engine.ctl, sizeof a->engine.ctl) == 0 &&
           memcmp(&a->guard, &b->guard, sizeof a->guard) == 0;
}

/* One step of both. Most of the time nothing new happens: long waits let ages run out. Behind a breach,
 * which the search will find, begins another life. */
static bool step_together(struct world *settled, struct world *raw, uint64_t *random)
{
    const struct junction *j = settled->junction;
    const struct choice *choice = &j->choice[one_in(random, 2) ? 0 : random_int(random, j->choices)];
    struct breach breach;
    bool held = world_step(settled, choice, &breach);
    if (world_step(raw, choice, &breach) != held)
        return false;
    if (!held) {
        world_init(settled, j);
        world_init(raw, j);
        return true;
    }
    world_settle(settled);
    return memcmp(&settled->frame, &raw->frame, sizeof raw->frame) == 0 && same_form(settled, raw);
}

bool twins_walk(const struct junction *junction, long steps, struct twins *result)
{
    static struct world settled, raw;
    uint64_t random = 1;
    *result = (struct twins){.parted_step = -1};
    for (; result->steps < steps; result->steps++) {
        if (result->steps % LIFE_STEPS == 0) {
            world_init(&settled, junction);
            world_init(&raw, junction);
        }
        if (!step_together(&settled, &raw, &random)) {
            result->parted_step = result->steps;
            return false;
        }
        result->different += !same_octets(&settled, &raw);
    }
    return true;
}
