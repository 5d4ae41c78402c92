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

const struct overlap_row *wiring_overlap(const struct database *db, int channel_no)
{
    const struct channel_row *row = &db->channel[channel_no - 1];
    bool overlap = row->type == CHANNEL_OVERLAP || row->type == CHANNEL_PED_OVERLAP;
    return overlap && row->source_no >= 1 && row->source_no <= OVERLAPS_MAX ? &db->overlap[row->source_no - 1]
                                                                            : NULL;
}

bool wiring_is_pedestrian(const struct database *db, int channel_no)
{
    uint8_t type = db->channel[channel_no - 1].type;
    const struct overlap_row *overlap = wiring_overlap(db, channel_no);
    return type == CHANNEL_PEDESTRIAN || type == CHANNEL_PED_OVERLAP ||
           (overlap && overlap->type == OVERLAP_PEDESTRIAN);
}

bool wiring_is_bar(const struct database *db, int channel_no)
{
    const struct overlap_row *overlap = wiring_overlap(db, channel_no);
    return overlap && overlap->type == OVERLAP_TRANSIT_2;
}

bool wiring_shows_red_yellow(const struct database *db, int channel_no)
{
    const struct overlap_row *overlap = wiring_overlap(db, channel_no);
    if (!overlap)
        return db->channel[channel_no - 1].type == CHANNEL_VEHICLE;
    bool plain = overlap->type == OVERLAP_NORMAL || overlap->type == OVERLAP_MINUS_GREEN_YELLOW ||
                 overlap->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
    return plain && overlap->modifier.count == 0 && overlap->conflicting_peds.count == 0;
}

static void read_overlap(struct wiring *wiring, const struct database *db, int channel_no,
                         const struct overlap_row *overlap)
{
    uint64_t included = enabled_phases(db, &overlap->included);
    uint64_t modifier = enabled_phases(db, &overlap->modifier);
    bool ped_channel = db->channel[channel_no - 1].type == CHANNEL_PED_OVERLAP;
    if (!included || (ped_channel && overlap->type != OVERLAP_PEDESTRIAN))
        return;
    wiring->barred_peds[channel_no - 1] = enabled_phases(db, &overlap->conflicting_peds);
    switch ((enum overlap_type)overlap->type) {
    case OVERLAP_OTHER:
        return;
    case OVERLAP_PEDESTRIAN:
        wiring->barred_peds[channel_no - 1] = 0;
        break;
    case OVERLAP_NORMAL:
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
        wiring->yielding[channel_no - 1] = included & ~modifier;
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
    if (row->type == CHANNEL_PEDESTRIAN)
        wiring->walking[channel_no - 1] = wiring->driving[channel_no - 1];
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

static bool meet(const struct wiring *wiring, uint64_t here, uint64_t there)
{
    int ix;
    FOR_EACH_BIT(ix, here)
        if (wiring->with[ix] & there)
            return true;
    return false;
}

enum wiring_meeting wiring_meeting(const struct wiring *wiring, int channel_no, int other_no)
{
    int a = channel_no - 1, b = other_no - 1;
    uint64_t here = wiring->driving[a] & ~wiring->barred[b];
    uint64_t there = wiring->driving[b] & ~wiring->barred[a];
    bool waits =
        (wiring->walking[a] & wiring->barred_peds[b]) || (wiring->walking[b] & wiring->barred_peds[a]);
    bool arrow = wiring->yielding[a] || wiring->yielding[b];
    if ((!waits || arrow) && meet(wiring, here & ~wiring->yielding[a], there & ~wiring->yielding[b]))
        return WIRING_TOGETHER;
    return !waits && meet(wiring, here, there) ? WIRING_YIELDING : WIRING_NEVER;
}
