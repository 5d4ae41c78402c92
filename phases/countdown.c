#include "countdown.h"
#include "predict.h"
#include <string.h>

/* What of the same indication follows behind the change that is foretold: the flashing part of a green,
 * red with yellow behind a red. */
static int32_t tail_ds(const struct engine *e, const struct frame *frame, int channel_no)
{
    const struct plan_channel *channel = &e->plan->structure.channel[channel_no - 1];
    if (channel->source != SOURCE_VEHICLE || channel_has(&frame->flashing, channel_no))
        return 0;
    const struct plan_phase *phase = &e->plan->phase[channel->source_ix];
    if (channel_has(&frame->green, channel_no))
        return phase->flashing_green_ds;
    if (channel_has(&frame->red, channel_no) && !channel_has(&frame->yellow, channel_no))
        return phase->red_yellow_ds;
    return 0;
}

/* Walk is followed by a clearance of the same lamp, or of one that flashes: how long that is going to be is
 * not certain before it has begun. */
static bool may_be_counted(const struct engine *e, const struct frame *frame, int channel_no)
{
    const struct plan_channel *channel = &e->plan->structure.channel[channel_no - 1];
    bool pedestrian = channel->source == SOURCE_PEDESTRIAN || channel->source == SOURCE_PED_OVERLAP;
    bool walk = channel_has(&frame->green, channel_no) && !channel_has(&frame->flashing, channel_no);
    return !pedestrian || !walk;
}

/* How much longer the channel certainly shows what it shows; PREDICT_UNKNOWN where that is not certain. */
static int32_t left_ds(const struct engine *e, const struct frame *frame, const int32_t min_ds[CHANNELS_MAX],
                       const int32_t max_ds[CHANNELS_MAX], int no)
{
    int32_t left = max_ds[no - 1];
    if (left == PREDICT_UNKNOWN || left != min_ds[no - 1] || !may_be_counted(e, frame, no))
        return PREDICT_UNKNOWN;
    return left + tail_ds(e, frame, no);
}

void countdown_channels(const struct engine *e, const struct frame *frame, const int32_t min_ds[CHANNELS_MAX],
                        const int32_t max_ds[CHANNELS_MAX], uint8_t seconds[CHANNELS_MAX])
{
    memset(seconds, COUNTDOWN_NONE, CHANNELS_MAX);
    for (int no = 1; no <= e->plan->structure.channel_count; no++) {
        int32_t left = left_ds(e, frame, min_ds, max_ds, no);
        int32_t left_s = (left + 9) / 10;
        if (left != PREDICT_UNKNOWN && left_s <= UINT8_MAX)
            seconds[no - 1] = (uint8_t)left_s;
    }
}

/* Yellow ends of itself, and what flashes shows no pulse. */
static bool may_be_pulsed(const struct frame *frame, int no)
{
    return !channel_has(&frame->yellow, no) && !channel_has(&frame->flashing, no) &&
           (channel_has(&frame->red, no) || channel_has(&frame->green, no));
}

void countdown_pulses(const struct engine *e, const struct frame *frame, const int32_t min_ds[CHANNELS_MAX],
                      const int32_t max_ds[CHANNELS_MAX], struct channel_mask *pulse)
{
    const struct channel_mask before = *pulse;
    memset(pulse, 0, sizeof *pulse);
    for (int no = 1; no <= e->plan->structure.channel_count; no++) {
        int32_t begin_ds = e->plan->structure.channel[no - 1].countdown_pulse_s * 10;
        if (begin_ds == 0 || !may_be_pulsed(frame, no))
            continue;
        int32_t left = left_ds(e, frame, min_ds, max_ds, no);
        bool goes_on = left == begin_ds - 1 && channel_has(&before, no);
        if (left == begin_ds || goes_on)
            channel_add(pulse, no);
    }
}
