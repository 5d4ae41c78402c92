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

static void vehicle_channel(const struct engine *e, struct frame *frame, int channel_no, uint64_t phase,
                            uint64_t flashing_green)
{
    if (e->ctl.green & phase) {
        channel_add(&frame->green, channel_no);
        if (flashing_green & phase)
            channel_add(&frame->flashing, channel_no);
    } else if (e->ctl.yellow & phase) {
        channel_add(&frame->yellow, channel_no);
    } else {
        channel_add(&frame->red, channel_no);
    }
}

static void ped_channel(const struct engine *e, struct frame *frame, int channel_no, uint64_t phase,
                        bool clear_green)
{
    bool clearing = e->ctl.ped_clear & phase;
    if ((e->ctl.walk & phase) || (clearing && clear_green))
        channel_add(&frame->green, channel_no);
    else
        channel_add(&frame->red, channel_no);
    if (clearing)
        channel_add(&frame->flashing, channel_no);
}

static void build(const struct engine *e, struct frame *frame, uint64_t flashing_green)
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
        else if (channel->source == SOURCE_VEHICLE)
            vehicle_channel(e, frame, channel_no, bit(channel->source_ix), flashing_green);
        else if (channel->source == SOURCE_PEDESTRIAN)
            ped_channel(e, frame, channel_no, bit(channel->source_ix), channel->ped_clear_green);
    }
}

/* Most ticks change no lamp: the frame is built again only when a mask it shows has changed. */
void channel_frame(struct engine *e, struct frame *frame)
{
    uint64_t flashing_green = 0;
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->ctl.ring[ring].interval == INTERVAL_FLASHING_GREEN)
            flashing_green |= bit(e->ctl.ring[ring].phase_ix);
    uint64_t yellow_phases;
    uint32_t yellow_overlaps;
    bool preempted = preempt_flash(e, &yellow_phases, &yellow_overlaps);
    uint64_t shows[8] = {e->ctl.green,   e->ctl.yellow,
                         e->ctl.walk,    e->ctl.ped_clear,
                         flashing_green, (uint64_t)e->ctl.unit + 1,
                         yellow_phases,  preempted ? UINT64_C(1) << 32 | yellow_overlaps : 0};
    if (memcmp(shows, e->framed, sizeof shows) != 0) {
        memcpy(e->framed, shows, sizeof shows);
        build(e, &e->frame, flashing_green);
    }
    *frame = e->frame;
}
