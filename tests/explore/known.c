#include "known.h"
#include <string.h>

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static uint64_t members(const struct phase_list *list)
{
    uint64_t mask = 0;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] >= 1 && list->number[i] <= PHASES_MAX)
            mask |= mask_of(list->number[i]);
    return mask;
}

/* ---- phases ---- */

static void know_phase(struct known *known, int no)
{
    const struct database *db = known->db;
    const struct phase_row *row = &db->phase[no - 1];
    uint64_t together = members(&row->concurrency) & known->phases;
    known->rivals[no - 1] = known->phases & ~together & ~mask_of(no);
    known->tied[no - 1] = together | mask_of(no);
    if (row->options & (PHASE_MIN_RECALL | PHASE_MAX_RECALL))
        known->recalled |= mask_of(no);
    if (!(row->options & PHASE_NON_LOCKING) && !db->vehicle_detector[no - 1].delay_ds)
        known->prompt |= mask_of(no);
}

static void know_phases(struct known *known)
{
    int ix, other;
    for (int no = 1; no <= PHASES_MAX; no++)
        if (database_phase_enabled(known->db, no))
            known->phases |= mask_of(no);
    FOR_EACH_BIT(ix, known->phases)
        know_phase(known, ix + 1);
    for (int round = 0; round < PHASES_MAX; round++)
        FOR_EACH_BIT(ix, known->phases)
            FOR_EACH_BIT(other, known->tied[ix])
                known->tied[ix] |= known->tied[other];
}

/* ---- channels ---- */

static void know_vehicle(struct known_channel *c, const struct phase_row *row)
{
    c->flashes = row->flashing_green_s;
    c->red_yellow = row->red_yellow_ds;
    c->least_ds[SHOWN_GREEN] = (int16_t)(10 * row->minimum_green_s);
    c->least_ds[SHOWN_FLASHING] = c->most_ds[SHOWN_FLASHING] = (int16_t)(10 * row->flashing_green_s);
    c->least_ds[SHOWN_YELLOW] = c->most_ds[SHOWN_YELLOW] = row->yellow_ds;
    c->red_clear_ds = row->red_clear_ds;
}

static void know_pedestrian(struct known_channel *c, const struct phase_row *row)
{
    int into_ds = lesser(row->ped_clear_into_yellow_red_ds, row->yellow_ds + row->red_clear_ds);
    c->pedestrian = true;
    c->least_ds[SHOWN_GREEN] = (int16_t)(10 * row->walk_s);
    c->least_ds[SHOWN_CLEARING] = (int16_t)(10 * row->ped_clear_s);
    c->after_green_ds = (int16_t)(into_ds + (row->ped_clear_before_flash ? 0 : 10 * row->flashing_green_s));
}

/* An overlap has the clearances of the phases it goes by, or its own where it trails; which of them is not
 * known beforehand. */
static void know_overlap(struct known *known, struct known_channel *c, const struct overlap_row *row)
{
    bool trails = row->trail_green_s, trail_yellow = trails && row->trail_yellow_ds;
    int least_ds = trail_yellow ? row->trail_yellow_ds : UINT8_MAX, most_ds = trail_yellow ? least_ds : 0;
    int red_ds = trails ? row->trail_red_ds : UINT8_MAX, revert_ds = UINT8_MAX, ix;
    c->overlap = true;
    c->arrow = row->type >= OVERLAP_FLASHING_YELLOW_3 && row->type <= OVERLAP_FLASHING_RED_4;
    c->phases = (members(&row->included) | (c->arrow ? members(&row->modifier) : 0)) & known->phases;
    c->through = c->arrow ? members(&row->included) & known->phases : 0;
    FOR_EACH_BIT(ix, c->phases) {
        const struct phase_row *phase = &known->db->phase[ix];
        least_ds = lesser(least_ds, phase->yellow_ds);
        most_ds = larger(most_ds, phase->yellow_ds);
        red_ds = lesser(red_ds, phase->red_clear_ds);
        revert_ds = lesser(revert_ds, larger(phase->red_revert_ds, known->db->unit.red_revert_ds));
        c->flashes = c->flashes || phase->flashing_green_s;
    }
    c->least_ds[SHOWN_YELLOW] = (int16_t)least_ds;
    c->most_ds[SHOWN_YELLOW] = (int16_t)most_ds;
    c->red_clear_ds = (int16_t)red_ds;
    c->revert_ds = (int16_t)(c->arrow ? 0 : revert_ds);
}

static void know_channel(struct known *known, int no)
{
    const struct database *db = known->db;
    const struct channel_row *row = &db->channel[no - 1];
    struct known_channel *c = &known->channel[no - 1];
    const struct phase_row *phase = &db->phase[row->source_no - 1];
    bool overlap =
        row->type == CHANNEL_OVERLAP && row->source_no && db->overlap[row->source_no - 1].included.count;
    bool shows_phase = row->type == CHANNEL_VEHICLE || row->type == CHANNEL_PEDESTRIAN;
    if (overlap) {
        know_overlap(known, c, &db->overlap[row->source_no - 1]);
    } else if (shows_phase && row->source_no && mask_has(known->phases, row->source_no)) {
        c->phase_no = row->source_no;
        c->phases = mask_of(c->phase_no);
        c->revert_ds = (int16_t)larger(db->unit.red_revert_ds, phase->red_revert_ds);
        if (row->type == CHANNEL_VEHICLE)
            know_vehicle(c, phase);
        else
            know_pedestrian(c, phase);
    }
    if (c->phases)
        known->used |= (uint32_t)mask_of(no);
}

/* Whether a phase of the one may not be on together with a phase of the other; phases that both go by do
 * not count. */
static bool clash(const struct known *known, uint64_t a, uint64_t b)
{
    int ix;
    FOR_EACH_BIT(ix, a & ~b)
        if (known->rivals[ix] & b & ~a)
            return true;
    return false;
}

/* What the other channel's phases must not meet while this one has right of way as an arrow (`lax`), or
 * else. An overlap that is to be red beside its modifiers is their rival. */
static bool are_rivals(const struct known *known, int a_ix, int b_ix, bool lax)
{
    const struct known_channel *a = &known->channel[a_ix], *b = &known->channel[b_ix];
    const struct database *db = known->db;
    uint64_t phases = a->arrow && !lax ? a->phases & ~a->through : a->phases;
    if (a->overlap) {
        const struct overlap_row *row = &db->overlap[db->channel[a_ix].source_no - 1];
        bool minus =
            row->type == OVERLAP_MINUS_GREEN_YELLOW || row->type == OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE;
        if (minus && row->after_modifier && b->phase_no && !b->pedestrian &&
            (members(&row->modifier) & b->phases))
            return true;
    }
    return clash(known, phases, b->phases);
}

static void know_channels(struct known *known)
{
    int a, b;
    for (int no = 1; no <= KNOWN_CHANNELS; no++)
        know_channel(known, no);
    FOR_EACH_BIT(a, (uint64_t)known->used)
        FOR_EACH_BIT(b, (uint64_t)known->used) {
            struct known_channel *c = &known->channel[a];
            if (are_rivals(known, a, b, false) || are_rivals(known, b, a, false))
                c->rivals |= (uint32_t)mask_of(b + 1);
            if (are_rivals(known, a, b, true) || are_rivals(known, b, a, true))
                c->lax |= (uint32_t)mask_of(b + 1);
        }
}

void known_init(struct known *known, const struct database *db, int count)
{
    int longest_ds = 0;
    memset(known, 0, (size_t)count * sizeof *known);
    for (int i = 0; i < count; i++) {
        known[i].db = &db[i];
        know_phases(&known[i]);
        know_channels(&known[i]);
        for (int ix = 0; ix < KNOWN_CHANNELS; ix++)
            longest_ds = larger(longest_ds, known[i].channel[ix].revert_ds);
    }
    for (int i = 0; i < count; i++)
        known[i].revert_ds = longest_ds;
}
