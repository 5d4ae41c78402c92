/* Red and yellow together before green (Chinese and European practice; a setting of the phase). Drivers make
 * ready on it, so it is never shown without its green: it begins only when nothing but clearances that
 * already run stand before that green, and from then on the successor is past recall. It runs beside those
 * clearances; only where they are shorter does it lengthen the time between the greens. Behind a walk that
 * leads its green it is the end of that lead. */
#include "engine_internal.h"

static int32_t longer(int32_t a_ds, int32_t b_ds)
{
    return a_ds > b_ds ? a_ds : b_ds;
}

/* How long what is on in the ring takes to clear; INT32_MAX while that is not decided. */
static int32_t clearing_ds(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->interval == INTERVAL_REST)
        return 0;
    const struct plan_phase *p = &e->plan->phase[r->phase_ix];
    int32_t red_clear_ds = bit_set(e->ctl.control.ring_omit_red_clear_mask, ring) ? 0 : p->red_clear_ds;
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_GREEN:
    case INTERVAL_BEFORE_GREEN:
    case INTERVAL_FLASHING_GREEN: /* an overlap may yet trail behind it */
        break;
    case INTERVAL_YELLOW:
        return r->left_ds + red_clear_ds;
    case INTERVAL_RED_CLEAR:
        return r->left_ds;
    case INTERVAL_REST:
        return 0;
    }
    return INT32_MAX;
}

/* How long the phase's own lamp has to stay red after its last yellow. */
static int32_t revert_ds(const struct engine *e, const struct ring_state *r)
{
    int32_t minimum_ds = e->plan->phase[r->next_ix].red_revert_ds;
    if (r->phase_ix == r->next_ix && r->interval == INTERVAL_YELLOW)
        return r->left_ds + minimum_ds;
    int64_t left_ds = e->ctl.phase[r->next_ix].yellow_end_ds + minimum_ds - e->ctl.now_ds;
    return left_ds > 0 ? (int32_t)left_ds : 0;
}

/* A walk that leads the green waits for no red-yellow. */
static bool walk_leads(const struct engine *e, int phase_ix)
{
    return e->plan->phase[phase_ix].ped_advance_ds && ped_comes_with_green(e, phase_ix);
}

static int32_t red_yellow_ds(const struct engine *e, const struct ring_state *r)
{
    if (r->red_yellow)
        return r->red_yellow_left_ds;
    return walk_leads(e, r->next_ix) ? 0 : e->plan->phase[r->next_ix].red_yellow_ds;
}

/* Time until the ring's successor could begin, its own red-yellow included; INT32_MAX: not known. */
static int32_t due_ds(struct engine *e, const struct plan_cluster *cluster, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    int32_t due_ds = clearing_ds(e, ring);
    int other;
    if (r->next_ix < 0)
        return due_ds;
    uint64_t conflicts = e->plan->structure.conflicts[r->next_ix];
    FOR_EACH_BIT(other, (uint64_t)cluster->ring_mask) {
        const struct ring_state *o = &e->ctl.ring[other];
        if (o->interval != INTERVAL_REST && (conflicts & bit(o->phase_ix)))
            due_ds = longer(due_ds, clearing_ds(e, other));
        if (o->red_yellow && o->next_ix >= 0 && (conflicts & bit(o->next_ix)))
            return INT32_MAX;
    }
    due_ds = longer(longer(due_ds, revert_ds(e, r)), overlap_wait_ds(e, r->next_ix));
    return longer(due_ds, red_yellow_ds(e, r));
}

void red_yellow_count(struct engine *e, const struct tick *t, const struct plan_cluster *cluster)
{
    int ring;
    FOR_EACH_BIT(ring, (uint64_t)cluster->ring_mask) {
        struct ring_state *r = &e->ctl.ring[ring];
        if (r->red_yellow && !unit_ring_stopped(e, ring))
            r->red_yellow_left_ds = longer(r->red_yellow_left_ds - t->dt_ds, 0);
    }
}

/* Over a barrier all rings begin together. */
static void begin_in(struct engine *e, const struct plan_cluster *cluster, bool crossing)
{
    int32_t slowest_ds = 0;
    int ring;
    if (crossing)
        FOR_EACH_BIT(ring, (uint64_t)cluster->ring_mask)
            slowest_ds = longer(slowest_ds, due_ds(e, cluster, ring));
    FOR_EACH_BIT(ring, (uint64_t)cluster->ring_mask) {
        struct ring_state *r = &e->ctl.ring[ring];
        if (r->interval == INTERVAL_BEFORE_GREEN)
            r->red_yellow |= r->left_ds <= e->plan->phase[r->phase_ix].red_yellow_ds;
        if (r->next_ix < 0 || r->red_yellow || unit_ring_stopped(e, ring) || walk_leads(e, r->next_ix))
            continue;
        int32_t length_ds = e->plan->phase[r->next_ix].red_yellow_ds;
        if (!length_ds || longer(slowest_ds, due_ds(e, cluster, ring)) > length_ds)
            continue;
        r->red_yellow_left_ds = length_ds;
        r->red_yellow = true;
    }
}

static uint64_t lit(const struct engine *e)
{
    uint64_t phases = 0;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        if (r->red_yellow)
            phases |= bit(r->interval == INTERVAL_BEFORE_GREEN ? r->phase_ix : r->next_ix);
    }
    return phases;
}

void red_yellow_step(struct engine *e)
{
    const struct plan_structure *s = &e->plan->structure;
    if (!((e->ctl.next | e->ctl.before_green) & e->plan->red_yellow) && !e->ctl.red_yellow)
        return;
    for (int cluster = 0; cluster < s->cluster_count; cluster++)
        begin_in(e, &s->cluster[cluster], e->ctl.cluster[cluster].crossing);
    uint64_t was = e->ctl.red_yellow;
    e->ctl.red_yellow = lit(e);
    if (e->ctl.red_yellow & ~was)
        overlap_red_yellow(e, e->ctl.red_yellow & ~was);
}

bool red_yellow_lets_start(const struct engine *e, int ring)
{
    const struct ring_state *r = &e->ctl.ring[ring];
    if (r->red_yellow)
        return r->red_yellow_left_ds == 0;
    return !e->plan->phase[r->next_ix].red_yellow_ds || e->ctl.start_pending || walk_leads(e, r->next_ix);
}
