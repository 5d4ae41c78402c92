/* The lamps' part of a plan: which phases each overlap goes by, what drives each channel. */
#include "plan.h"

static int16_t tenths(int seconds)
{
    return (int16_t)(seconds * 10);
}

/* ---- overlaps ---- */

/* Phases that may be on together with none of `members`. */
static uint64_t common_conflicts(const struct plan_structure *s, uint64_t members)
{
    uint64_t conflicts = s->phases & ~members;
    int ix;
    FOR_EACH_BIT(ix, members)
        conflicts &= s->conflicts[ix];
    return conflicts;
}

/* An overlap is used when it includes a phase that runs. */
static void compile_parents(struct plan *plan, const struct overlap_row *row, int i)
{
    struct plan_structure *s = &plan->structure;
    struct plan_parents *o = &s->overlap[i];
    uint64_t included = plan_list_mask(&row->included) & s->phases;
    if (!included || row->type <= OVERLAP_OTHER || row->type > OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE)
        return;
    plan->overlaps |= (uint32_t)1 << i;
    o->type = row->type;
    o->included = included;
    o->modifier = plan_list_mask(&row->modifier) & s->phases;
    o->conflicting_peds = plan_list_mask(&row->conflicting_peds) & s->phases;
    o->conflicts = common_conflicts(s, o->included);
    o->modifier_conflicts = common_conflicts(s, o->modifier);
}

static void compile_overlaps(struct plan *plan, const struct database *db)
{
    for (int i = 0; i < OVERLAPS_MAX; i++) {
        const struct overlap_row *row = &db->overlap[i];
        struct plan_overlap *o = &plan->overlap[i];
        int ix;
        compile_parents(plan, row, i);
        o->trail_green_ds = tenths(row->trail_green_s);
        o->trail_yellow_ds = row->trail_yellow_ds;
        o->trail_red_ds = row->trail_red_ds;
        o->walk_ds = tenths(row->walk_s);
        o->ped_clear_ds = tenths(row->ped_clear_s);
        FOR_EACH_BIT(ix, plan->structure.overlap[i].included) {
            if (!row->walk_s && tenths(db->phase[ix].walk_s) > o->walk_ds)
                o->walk_ds = tenths(db->phase[ix].walk_s);
            if (!row->ped_clear_s && tenths(db->phase[ix].ped_clear_s) > o->ped_clear_ds)
                o->ped_clear_ds = tenths(db->phase[ix].ped_clear_s);
        }
        o->arrow_delay_ds = row->arrow_delay_ds;
        o->after_modifier = row->after_modifier;
        o->trail_in_preempt = row->trail_in_preempt;
        o->off_by_schedule = row->off_by_schedule;
    }
}

/* ---- channels ---- */

/* What drives the channel; SOURCE_NONE if the phase or overlap it names does not run. A pedestrian overlap
 * has no yellow whatever the channel calls it. */
static enum channel_source channel_source(const struct plan *plan, const struct channel_row *row)
{
    int no = row->source_no;
    bool phase = no >= 1 && no <= PHASES_MAX && mask_has(plan->structure.phases, no);
    bool overlap = no >= 1 && no <= OVERLAPS_MAX && mask_has(plan->overlaps, no);
    bool walks = overlap && plan->structure.overlap[no - 1].type == OVERLAP_PEDESTRIAN;
    if (row->type == CHANNEL_VEHICLE && phase)
        return SOURCE_VEHICLE;
    if (row->type == CHANNEL_PEDESTRIAN && phase)
        return SOURCE_PEDESTRIAN;
    if (row->type == CHANNEL_OVERLAP && overlap && !walks)
        return SOURCE_OVERLAP;
    if ((row->type == CHANNEL_OVERLAP || row->type == CHANNEL_PED_OVERLAP) && walks)
        return SOURCE_PED_OVERLAP;
    return SOURCE_NONE;
}

static void compile_channel(struct plan_channel *channel, const struct plan *plan,
                            const struct channel_row *row)
{
    channel->flash = row->flash;
    channel->source_ix = -1;
    channel->source = (uint8_t)channel_source(plan, row);
    if (channel->source == SOURCE_NONE)
        return;
    channel->source_ix = (int8_t)(row->source_no - 1);
    channel->ped_clear_green = row->ped_clear_indication == PED_CLEAR_FLASHING_GREEN;
    channel->dark_when_red = row->dark_when_red;
    channel->off_by_schedule = row->off_by_schedule;
    channel->countdown_pulse_s = row->countdown_pulse_s;
}

static void compile_channels(struct plan *plan, const struct database *db)
{
    struct plan_structure *s = &plan->structure;
    for (int i = 0; i < CHANNELS_MAX; i++) {
        compile_channel(&s->channel[i], plan, &db->channel[i]);
        if (s->channel[i].source != SOURCE_NONE)
            s->channel_count = (uint8_t)(i + 1);
    }
}

void plan_compile_lamps(struct plan *plan, const struct database *db)
{
    compile_overlaps(plan, db);
    compile_channels(plan, db);
}
