#include "pedestrians.h"
#include <string.h>

static const double WALKING_MS = 1.2;
enum { PRESS_US = 500 * 1000, PATIENCE_US = 20 * 1000 * 1000 };

void pedestrians_init(struct pedestrians *walkers, const struct config *config, double per_hour,
                      uint64_t seed)
{
    memset(walkers, 0, sizeof *walkers);
    walkers->count = config->approach_count;
    walkers->rng = rng_stream(seed, 200);
    pedestrians_set_rate(walkers, per_hour);
    for (int ix = 0; ix < config->approach_count; ix++) {
        if (config->approach[ix].crosswalk.present)
            walkers->crosswalk[ix].config = &config->approach[ix].crosswalk;
    }
}

void pedestrians_set_rate(struct pedestrians *walkers, double per_hour)
{
    walkers->chance = per_hour / 3600 * TICK_MS / 1000;
}

static void arrive(struct pedestrians *walkers, struct crosswalk *crosswalk, int64_t now_us)
{
    walkers->totals.arrived++;
    if (crosswalk->waiting == 0)
        crosswalk->press_us = now_us;
    crosswalk->waiting++;
    crosswalk->waiting_sum_us += now_us;
}

/* Nobody sets out once the green man blinks. A lamp that is out, as in a flash at night, asks for nothing but
 * care. */
static bool may_set_out(const struct crosswalk *crosswalk, const struct lamps *lamps)
{
    if (crosswalk->config->group_no == 0)
        return true;
    const struct lamp *lamp = &lamps->lamp[crosswalk->config->group_no - 1];
    enum lamp_color color = lamp_now(lamp)->color;
    return color == LAMP_DARK || (color == LAMP_GREEN && !lamp_blinks(lamp));
}

static void set_out(struct pedestrians *walkers, struct crosswalk *crosswalk, int64_t now_us)
{
    walkers->totals.crossed += crosswalk->waiting;
    int64_t waited_us = (int64_t)crosswalk->waiting * now_us - crosswalk->waiting_sum_us;
    walkers->totals.wait_s += (double)waited_us / 1e6;
    crosswalk->waiting = 0;
    crosswalk->waiting_sum_us = 0;
    /* Half of the way lies on the side where the turning vehicle wants to pass. */
    crosswalk->busy_until_us = now_us + (int64_t)(crosswalk->config->length_m / 2 / WALKING_MS * 1e6);
}

void pedestrians_step(struct pedestrians *walkers, const struct lamps *lamps, int64_t from_us)
{
    for (int ix = 0; ix < walkers->count; ix++) {
        struct crosswalk *crosswalk = &walkers->crosswalk[ix];
        if (!crosswalk->config)
            continue;
        if (rng_chance(&walkers->rng, walkers->chance))
            arrive(walkers, crosswalk, from_us);
        if (crosswalk->waiting == 0)
            continue;
        if (may_set_out(crosswalk, lamps))
            set_out(walkers, crosswalk, from_us);
        else if (from_us - crosswalk->press_us >= PATIENCE_US)
            crosswalk->press_us = from_us;
    }
}

uint64_t pedestrians_buttons(const struct pedestrians *walkers, int64_t now_us)
{
    uint64_t mask = 0;
    for (int ix = 0; ix < walkers->count; ix++) {
        const struct crosswalk *crosswalk = &walkers->crosswalk[ix];
        if (crosswalk->config && crosswalk->config->detector_no && crosswalk->waiting > 0 &&
            now_us - crosswalk->press_us < PRESS_US)
            mask |= mask_of(crosswalk->config->detector_no);
    }
    return mask;
}
