#include "spat.h"
#include "engine_internal.h"
#include <string.h>

static struct spat_change change(int32_t min_ds, int32_t max_ds)
{
    struct spat_change c = {0, SPAT_UNKNOWN_DS};
    if (min_ds > 0)
        c.min_ds = (uint16_t)(min_ds < SPAT_UNKNOWN_DS ? min_ds : SPAT_UNKNOWN_DS - 1);
    if (max_ds >= 0 && max_ds < SPAT_UNKNOWN_DS)
        c.max_ds = (uint16_t)max_ds;
    return c;
}

/* The row of the movement that a channel shows; NULL if the form has none for it. */
static struct spat_change *row_of(struct spat *spat, const struct plan_channel *channel)
{
    int ix = channel->source_ix;
    if (ix < 0 || ix >= SPAT_ROWS)
        return NULL;
    switch ((enum channel_source)channel->source) {
    case SOURCE_VEHICLE:
        return &spat->vehicle[ix];
    case SOURCE_PEDESTRIAN:
        return &spat->pedestrian[ix];
    case SOURCE_OVERLAP:
        return &spat->overlap[ix];
    case SOURCE_PED_OVERLAP: /* walks of overlaps have no place in the form */
    case SOURCE_NONE:
        break;
    }
    return NULL;
}

/* The masks call red with yellow red, so what is foretold of it is not the change they show. */
static bool shows_red_yellow(const struct engine *e, const struct spat *spat,
                             const struct plan_channel *channel)
{
    int ix = channel->source_ix;
    return channel->source == SOURCE_VEHICLE && e->plan->phase[ix].red_yellow_ds && (spat->red & bit(ix));
}

static void collect_changes(const struct engine *e, const int32_t min_ds[CHANNELS_MAX],
                            const int32_t max_ds[CHANNELS_MAX], struct spat *spat)
{
    for (int i = 0; i < SPAT_ROWS; i++)
        spat->vehicle[i] = spat->pedestrian[i] = spat->overlap[i] = change(0, -1);
    for (int i = CHANNELS_MAX - 1; i >= 0; i--) {
        const struct plan_channel *channel = &e->plan->structure.channel[i];
        struct spat_change *row = row_of(spat, channel);
        if (row)
            *row = change(min_ds[i], shows_red_yellow(e, spat, channel) ? -1 : max_ds[i]);
    }
}

/* While the junction flashes the engine's masks are empty: the lamps say which colour flashes. */
static void collect_flash(const struct engine *e, const struct frame *frame, struct spat *spat)
{
    for (int i = 0; i < CHANNELS_MAX; i++) {
        const struct plan_channel *channel = &e->plan->structure.channel[i];
        bool overlap = channel->source == SOURCE_OVERLAP;
        int no = i + 1;
        if (!row_of(spat, channel) || !channel_has(&frame->flashing, no) ||
            (channel->source != SOURCE_VEHICLE && !overlap))
            continue;
        uint16_t mask = (uint16_t)bit(channel->source_ix);
        *(overlap ? &spat->overlap_flashing : &spat->flashing) |= mask;
        if (channel_has(&frame->red, no))
            *(overlap ? &spat->overlap_red : &spat->red) |= mask;
        if (channel_has(&frame->yellow, no))
            *(overlap ? &spat->overlap_yellow : &spat->yellow) |= mask;
    }
}

static bool all_stopped(const struct engine *e, const struct engine_status *status)
{
    int rings = e->plan->structure.ring_count, stopped = 0;
    for (int ring = 0; ring < rings; ring++)
        stopped += status->ring_stopped[ring];
    return rings > 0 && stopped == rings;
}

static uint8_t status_octet(const struct engine *e, const struct engine_status *status, bool flash,
                            bool fault)
{
    int bits = 0;
    bits |= status->manual ? SPAT_MANUAL : 0;
    bits |= all_stopped(e, status) ? SPAT_STOP_TIME : 0;
    bits |= fault ? SPAT_FAULT_FLASH : 0;
    bits |= status->preempt_no ? SPAT_PREEMPT : 0;
    bits |= status->priority_no ? SPAT_PRIORITY : 0;
    bits |= status->coordinated && !status->in_transition ? SPAT_IN_STEP : 0;
    bits |= status->coordinated && status->in_transition ? SPAT_IN_TRANSITION : 0;
    bits |= flash && !fault ? SPAT_PROGRAMMED_FLASH : 0;
    return (uint8_t)bits;
}

static uint16_t pressed_phases(const struct engine *e, const struct engine_status *status)
{
    uint64_t phases = 0;
    int detector;
    FOR_EACH_BIT(detector, status->ped_detector_active)
        if (e->plan->ped_detector_phase[detector] >= 0)
            phases |= bit(e->plan->ped_detector_phase[detector]);
    return (uint16_t)phases;
}

void spat_collect(const struct engine *e, const struct engine_status *status, const struct frame *frame,
                  const int32_t min_ds[CHANNELS_MAX], const int32_t max_ds[CHANNELS_MAX], bool fault,
                  struct spat *spat)
{
    memset(spat, 0, sizeof *spat);
    if (frame->all_flash) {
        collect_flash(e, frame, spat);
    } else {
        spat->red = (uint16_t)status->red;
        spat->yellow = (uint16_t)status->yellow;
        spat->green = (uint16_t)status->green;
        spat->dont_walk = (uint16_t)status->dont_walk;
        spat->ped_clear = (uint16_t)status->ped_clear;
        spat->walk = (uint16_t)status->walk;
        spat->overlap_red = (uint16_t)status->overlap_red;
        spat->overlap_yellow = (uint16_t)status->overlap_yellow;
        spat->overlap_green = (uint16_t)status->overlap_green;
        spat->flashing = (uint16_t)status->flashing_green;
        spat->overlap_flashing = (uint16_t)status->overlap_flashing;
    }
    collect_changes(e, min_ds, max_ds, spat);
    spat->status = status_octet(e, status, frame->all_flash, fault);
    spat->action_no = status->action_no;
    spat->tick_octet = (uint8_t)status->now_ds;
    spat->ped_pressed = pressed_phases(e, status);
    spat->ped_call = (uint16_t)status->ped_call;
}
