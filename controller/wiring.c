#include "wiring.h"

static uint64_t enabled_phases(const struct database *db, const struct phase_list *list)
{
    uint64_t mask = 0;
    for (int i = 0; i < list->count; i++) {
        int no = list->number[i];
        if (no >= 1 && no <= PHASES_MAX && database_phase_enabled(db, no))
            mask |= mask_of(no);
    }
    return mask;
}

bool wiring_is_pedestrian(const struct channel_row *row)
{
    return row->type == CHANNEL_PEDESTRIAN || row->type == CHANNEL_PED_OVERLAP;
}

const struct overlap_row *wiring_overlap(const struct database *db, int channel_no)
{
    const struct channel_row *row = &db->channel[channel_no - 1];
    bool overlap = row->type == CHANNEL_OVERLAP || row->type == CHANNEL_PED_OVERLAP;
    return overlap && row->source_no >= 1 && row->source_no <= OVERLAPS_MAX ? &db->overlap[row->source_no - 1]
                                                                            : NULL;
}

static void read_overlap(struct wiring *wiring, const struct database *db, int channel_no,
                         const struct overlap_row *overlap)
{
    uint64_t included = enabled_phases(db, &overlap->included);
    uint64_t modifier = enabled_phases(db, &overlap->modifier);
    if (!included)
        return;
    switch ((enum overlap_type)overlap->type) {
    case OVERLAP_OTHER:
        return;
    case OVERLAP_NORMAL:
    case OVERLAP_PEDESTRIAN:
    case OVERLAP_TRANSIT_2:
        break;
    case OVERLAP_MINUS_GREEN_YELLOW:
    case OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE:
        /* Without the setting it may turn green while the modifier still clears. */
        if (overlap->after_modifier)
            wiring->barred[channel_no - 1] = modifier & ~included;
        break;
    case OVERLAP_FLASHING_YELLOW_3:
    case OVERLAP_FLASHING_YELLOW_4:
    case OVERLAP_FLASHING_RED_3:
    case OVERLAP_FLASHING_RED_4:
        included |= modifier;
        break;
    }
    wiring->driving[channel_no - 1] = included;
}

static void read_channel(struct wiring *wiring, const struct database *db, int channel_no)
{
    const struct channel_row *row = &db->channel[channel_no - 1];
    const struct overlap_row *overlap = wiring_overlap(db, channel_no);
    bool of_phase = row->type == CHANNEL_VEHICLE || row->type == CHANNEL_PEDESTRIAN;
    if (overlap)
        read_overlap(wiring, db, channel_no, overlap);
    else if (of_phase && row->source_no >= 1 && row->source_no <= PHASES_MAX &&
             database_phase_enabled(db, row->source_no))
        wiring->driving[channel_no - 1] = mask_of(row->source_no);
}

void wiring_read(struct wiring *wiring, const struct database *db)
{
    int other_ix;
    *wiring = (struct wiring){0};
    for (int ix = 0; ix < PHASES_MAX; ix++) {
        uint64_t listed = enabled_phases(db, &db->phase[ix].concurrency);
        wiring->with[ix] |= listed | mask_of(ix + 1);
        FOR_EACH_BIT(other_ix, listed)
            wiring->with[other_ix] |= mask_of(ix + 1);
    }
    for (int no = 1; no <= CHANNELS_MAX; no++)
        read_channel(wiring, db, no);
}

bool wiring_together(const struct wiring *wiring, int channel_no, int other_no)
{
    uint64_t here = wiring->driving[channel_no - 1] & ~wiring->barred[other_no - 1];
    uint64_t there = wiring->driving[other_no - 1] & ~wiring->barred[channel_no - 1];
    int ix;
    FOR_EACH_BIT(ix, here)
        if (wiring->with[ix] & there)
            return true;
    return false;
}
