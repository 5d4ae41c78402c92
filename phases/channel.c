#include "engine_internal.h"
#include <string.h>

static void flash_channel(struct frame *frame, int channel_no, const struct plan_channel *channel,
                          bool all_red)
{
    bool red = (channel->flash & CHANNEL_FLASH_RED) || (all_red && channel->source == SOURCE_VEHICLE);
    if (!red && !(channel->flash & CHANNEL_FLASH_YELLOW))
        return;
    channel_add(red ? &frame->red : &frame->yellow, channel_no);
    channel_add(&frame->flashing, channel_no);
    if (channel->flash & CHANNEL_FLASH_ALTERNATE)
        channel_add(&frame->alternate, channel_no);
}

/* In a preempt's flash the phases and overlaps of its dwell flash yellow, all others red. */
static void preempt_channel(struct frame *frame, int channel_no, const struct plan_channel *channel,
                            uint64_t phases, uint32_t overlaps)
{
    struct plan_channel flashing = *channel;
    bool yellow = (channel->source == SOURCE_VEHICLE && (phases & bit(channel->source_ix))) ||
                  (channel->source == SOURCE_OVERLAP && (overlaps & bit(channel->source_ix)));
    if (channel->source == SOURCE_VEHICLE || channel->source == SOURCE_OVERLAP) {
        flashing.flash &= (uint8_t) ~(CHANNEL_FLASH_YELLOW | CHANNEL_FLASH_RED);
        flashing.flash |= yellow ? CHANNEL_FLASH_YELLOW : CHANNEL_FLASH_RED;
    }
    flash_channel(frame, channel_no, &flashing, false);
}

/* What one channel shows. */
struct indication {
    bool red, yellow, green, flashing;
};

static struct indication phase_indication(const struct engine *e, uint64_t phase)
{
    if (e->ctl.green & phase)
        return (struct indication){.green = true, .flashing = e->ctl.flashing_green & phase};
    if (e->ctl.yellow & phase)
        return (struct indication){.yellow = true};
    return (struct indication){.red = true, .yellow = e->ctl.red_yellow & phase};
}

static struct indication overlap_indication(const struct engine *e, uint64_t overlap)
{
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    struct indication shown = {
        .green = lamps->green & overlap,
        .yellow = lamps->yellow & overlap,
        .flashing = lamps->flashing & overlap,
    };
    shown.red = !shown.green && !shown.yellow && !(lamps->dark & overlap);
    shown.yellow |= lamps->red_yellow & overlap;
    return shown;
}

static struct indication ped_indication(bool walk, bool clearing, bool clear_green)
{
    bool green = walk || (clearing && clear_green);
    return (struct indication){.red = !green, .green = green, .flashing = clearing};
}

static struct indication channel_indication(const struct engine *e, const struct plan_channel *channel)
{
    uint64_t source = bit(channel->source_ix);
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    switch ((enum channel_source)channel->source) {
    case SOURCE_VEHICLE:
        return phase_indication(e, source);
    case SOURCE_PEDESTRIAN:
        return ped_indication(e->ctl.walk & source, e->ctl.ped_clear & source, channel->ped_clear_green);
    case SOURCE_OVERLAP:
        return overlap_indication(e, source);
    case SOURCE_PED_OVERLAP:
        return ped_indication(lamps->walk & source, lamps->ped_clear & source, channel->ped_clear_green);
    case SOURCE_NONE:
        break;
    }
    return (struct indication){0};
}

/* A channel goes dark, and comes back, only from its steady red: nobody sees a green or a yellow vanish. */
static bool channel_is_off(struct engine *e, int channel_no, bool steady_red)
{
    if (steady_red && e->ctl.timebase.lamps_off)
        channel_add(&e->ctl.channels_off, channel_no);
    else if (steady_red)
        channel_remove(&e->ctl.channels_off, channel_no);
    return channel_has(&e->ctl.channels_off, channel_no);
}

static void light_channel(struct engine *e, struct frame *frame, int channel_no)
{
    const struct plan_channel *channel = &e->plan->structure.channel[channel_no - 1];
    struct indication shown = channel_indication(e, channel);
    bool steady_red = shown.red && !shown.yellow && !shown.flashing;
    if (channel->off_by_schedule && channel_is_off(e, channel_no, steady_red))
        return;
    if (shown.red && !(steady_red && channel->dark_when_red))
        channel_add(&frame->red, channel_no);
    if (shown.yellow)
        channel_add(&frame->yellow, channel_no);
    if (shown.green)
        channel_add(&frame->green, channel_no);
    if (shown.flashing)
        channel_add(&frame->flashing, channel_no);
}

static void build(struct engine *e, struct frame *frame)
{
    const struct plan_structure *s = &e->plan->structure;
    uint64_t yellow_phases;
    uint32_t yellow_overlaps;
    bool preempted = preempt_flash(e, &yellow_phases, &yellow_overlaps);
    memset(frame, 0, sizeof *frame);
    bool startup = e->ctl.unit == UNIT_STARTUP_FLASH;
    frame->all_flash = startup || e->ctl.unit == UNIT_AUTOMATIC_FLASH;
    for (int channel_no = 1; channel_no <= s->channel_count; channel_no++) {
        const struct plan_channel *channel = &s->channel[channel_no - 1];
        if (channel->source == SOURCE_NONE)
            continue;
        if (frame->all_flash && preempted)
            preempt_channel(frame, channel_no, channel, yellow_phases, yellow_overlaps);
        else if (frame->all_flash)
            flash_channel(frame, channel_no, channel, startup && e->plan->startup_flash_red);
        else
            light_channel(e, frame, channel_no);
    }
}

/* Builds the frame again if anything it shows has changed. `mode` stands for what is not a mask. */
static void renew(struct engine *e, uint64_t mode)
{
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    const uint64_t shows[FRAME_WORDS] = {
        mode,
        e->ctl.green,
        e->ctl.yellow,
        e->ctl.red_yellow,
        e->ctl.walk,
        e->ctl.ped_clear,
        e->ctl.flashing_green,
        lamps->green | (uint64_t)lamps->yellow << 32,
        lamps->flashing | (uint64_t)lamps->dark << 32,
        lamps->walk | (uint64_t)lamps->ped_clear << 32,
        lamps->red_yellow,
    };
    e->masks_moved = false;
    if (memcmp(shows, e->framed, sizeof shows) == 0)
        return;
    memcpy(e->framed, shows, sizeof shows);
    build(e, &e->frame);
}

/* Most ticks change no lamp. */
void channel_frame(struct engine *e, struct frame *frame)
{
    int preempt_stage = e->ctl.preempt.flashing ? e->ctl.preempt.stage : 0;
    uint64_t mode = ((uint64_t)e->ctl.unit + 1) | (uint64_t)preempt_stage << 8 |
                    (uint64_t)e->ctl.timebase.lamps_off << 16;
    bool steady = !(e->plan->overlaps | e->plan->red_yellow | e->ctl.red_yellow);
    if (!steady || e->masks_moved || mode != e->framed[0])
        renew(e, mode);
    *frame = e->frame;
}
