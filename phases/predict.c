#include "predict.h"
#include "engine_internal.h"

struct bounds {
    int32_t min_ds, max_ds;
};

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Least time until the running green may end. */
static int32_t green_left(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (e->ctl.manual)
        return r->initial_left_ds;
    return larger(r->initial_left_ds, ped_holds_green_ds(e, ring));
}

/* Least time until the phase that is on has left yellow; its red clearance counts only once it
 * runs, for it may be omitted. */
static int32_t phase_left(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_GREEN:
        return green_left(e, ring) + p->flashing_green_ds + p->yellow_ds;
    case INTERVAL_FLASHING_GREEN:
        return r->left_ds + p->yellow_ds;
    case INTERVAL_YELLOW:
    case INTERVAL_RED_CLEAR:
        return r->left_ds;
    case INTERVAL_BEFORE_GREEN: /* it may yet have to give way */
        return p->yellow_ds;
    case INTERVAL_REST:
        break;
    }
    return 0;
}

/* Least time until a phase that is not on may turn green. */
static int32_t red_left(const struct engine *e, int ix)
{
    const struct plan_structure *s = &e->plan->structure;
    const struct plan_phase *p = &e->plan->phase[ix];
    int64_t revert_ds = e->ctl.phase[ix].yellow_end_ds + p->red_revert_ds - e->ctl.now_ds;
    int32_t left_ds = revert_ds > 0 ? (int32_t)revert_ds : 0;
    for (int ring = 0; ring < s->ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        int32_t ring_ds = 0;
        if (r->interval != INTERVAL_REST && (s->conflicts[ix] & bit(r->phase_ix)))
            ring_ds = phase_left(e, ring);
        left_ds = larger(left_ds, ring_ds);
    }
    return left_ds;
}

static struct bounds vehicle_bounds(const struct engine *e, int ix)
{
    int ring = e->plan->structure.ring_of[ix];
    const struct ring_state *r = &e->ctl.ring[ring];
    bool certain = !unit_ring_stopped(e, ring);
    if (r->phase_ix != ix || r->interval == INTERVAL_REST)
        return (struct bounds){red_left(e, ix), PREDICT_UNKNOWN};
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_GREEN:
        return (struct bounds){green_left(e, ring), PREDICT_UNKNOWN};
    case INTERVAL_FLASHING_GREEN:
    case INTERVAL_YELLOW:
        return (struct bounds){r->left_ds, certain ? r->left_ds : PREDICT_UNKNOWN};
    case INTERVAL_BEFORE_GREEN:
        return (struct bounds){larger(r->left_ds, 0), PREDICT_UNKNOWN};
    case INTERVAL_RED_CLEAR:
    case INTERVAL_REST:
        break;
    }
    return (struct bounds){larger(r->left_ds, red_left(e, ix)), PREDICT_UNKNOWN};
}

/* A clearance on flashing red looks like the don't walk that follows: its end is no change of colour. */
static struct bounds ped_bounds(const struct engine *e, int ix, bool clear_green)
{
    int ring = e->plan->structure.ring_of[ix];
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->phase_ix != ix || r->interval == INTERVAL_REST)
        return (struct bounds){red_left(e, ix), PREDICT_UNKNOWN};
    bool by_hand = e->ctl.manual;
    bool certain = clear_green && !by_hand && !unit_ring_stopped(e, ring);
    switch ((enum ped_interval)r->ped) {
    case PED_WALK:
        return (struct bounds){by_hand ? 0 : r->ped_left_ds, PREDICT_UNKNOWN};
    case PED_CLEAR:
        return (struct bounds){by_hand && !e->plan->auto_ped_clear ? 0 : r->ped_left_ds,
                               certain ? r->ped_left_ds : PREDICT_UNKNOWN};
    case PED_DONT_WALK:
        break;
    }
    return (struct bounds){0, PREDICT_UNKNOWN};
}

void predict_channels(const struct engine *e, int32_t min_ds[CHANNELS_MAX], int32_t max_ds[CHANNELS_MAX])
{
    const struct plan_structure *s = &e->plan->structure;
    for (int i = 0; i < CHANNELS_MAX; i++) {
        const struct plan_channel *channel = &s->channel[i];
        struct bounds b = {PREDICT_UNKNOWN, PREDICT_UNKNOWN};
        if (e->ctl.unit == UNIT_RUNNING && channel->source == SOURCE_VEHICLE)
            b = vehicle_bounds(e, channel->source_ix);
        else if (e->ctl.unit == UNIT_RUNNING && channel->source == SOURCE_PEDESTRIAN)
            b = ped_bounds(e, channel->source_ix, channel->ped_clear_green);
        min_ds[i] = b.min_ds;
        max_ds[i] = b.max_ds;
    }
}
