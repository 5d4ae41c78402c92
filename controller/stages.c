#include "stages.h"
#include <string.h>

/* Phases of the stages in which the channel is green, or walks. */
static uint64_t stages_of(const struct stages *stages, int channel_no, bool *walks)
{
    uint64_t phases = 0;
    for (int i = 0; i < stages->count; i++) {
        bool walk = channel_has(&stages->stage[i].walk, channel_no);
        *walks |= walk;
        if (walk || channel_has(&stages->stage[i].green, channel_no))
            phases |= mask_of(i + 1);
    }
    return phases;
}

static bool needs_overlap(uint64_t phases, bool bar)
{
    return (phases & (phases - 1)) || (phases && bar);
}

int stages_overlaps(const struct stages *stages, const struct guard_card *card)
{
    int count = 0;
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        bool walks = false;
        count += needs_overlap(stages_of(stages, no, &walks), channel_has(&card->bar, no));
    }
    return count;
}

static void write_phase(const struct stages *stages, int phase_no, struct database *db)
{
    static const uint16_t recall[] = {
        [STAGE_NO_RECALL] = 0,
        [STAGE_MIN_RECALL] = PHASE_MIN_RECALL,
        [STAGE_MAX_RECALL] = PHASE_MAX_RECALL,
    };
    const struct stage *stage = &stages->stage[phase_no - 1];
    struct phase_row *row = &db->phase[phase_no - 1];
    row->ring_no = 1;
    row->options =
        (uint16_t)(PHASE_ENABLED | recall[stage->recall] | (stage->ped_recall ? PHASE_PED_RECALL : 0));
    row->startup = phase_no > 1 ? STARTUP_NOT_ON : stage->walk_s ? STARTUP_GREEN_WALK : STARTUP_GREEN_NO_WALK;
    row->minimum_green_s = stage->minimum_green_s;
    row->maximum1_s = stage->maximum_green_s;
    row->passage_ds = stage->extension_ds;
    row->flashing_green_s = stage->flashing_green_s;
    row->yellow_ds = stage->yellow_ds;
    row->red_clear_ds = stage->all_red_ds;
    row->red_yellow_ds = stage->red_yellow_ds;
    row->walk_s = stage->walk_s;
    row->ped_clear_s = stage->ped_clear_s;
    for (int i = 0; i < stage->detector_count; i++) {
        struct vehicle_detector_row *detector = &db->vehicle_detector[stage->detector_no[i] - 1];
        detector->call_phase_no = (uint8_t)phase_no;
        detector->options |= DETECTOR_CALL | DETECTOR_PASSAGE;
    }
    for (int i = 0; i < stage->button_count; i++)
        db->pedestrian_detector[stage->button_no[i] - 1].call_phase_no = (uint8_t)phase_no;
}

static void write_overlap(struct overlap_row *row, uint64_t phases, bool walks, bool bar)
{
    int ix;
    row->type = walks ? OVERLAP_PEDESTRIAN : bar ? OVERLAP_TRANSIT_2 : OVERLAP_NORMAL;
    row->included = (struct phase_list){0};
    FOR_EACH_BIT(ix, phases)
        row->included.number[row->included.count++] = (uint8_t)(ix + 1);
}

/* Returns the number of the last overlap used. */
static int write_channel(const struct stages *stages, const struct guard_card *card, int channel_no,
                         int overlap_no, struct database *db)
{
    struct channel_row *row = &db->channel[channel_no - 1];
    bool walks = false, bar = channel_has(&card->bar, channel_no);
    uint64_t phases = stages_of(stages, channel_no, &walks);
    row->source_no = 0;
    row->type = CHANNEL_OTHER;
    if (!phases)
        return overlap_no;
    if (needs_overlap(phases, bar)) {
        write_overlap(&db->overlap[overlap_no++], phases, walks, bar);
        row->type = walks ? CHANNEL_PED_OVERLAP : CHANNEL_OVERLAP;
        row->source_no = (uint8_t)overlap_no;
    } else {
        row->type = walks ? CHANNEL_PEDESTRIAN : CHANNEL_VEHICLE;
        row->source_no = (uint8_t)mask_lowest_no(phases);
    }
    row->flash = channel_has(&card->flash_red, channel_no)      ? CHANNEL_FLASH_RED
                 : channel_has(&card->flash_yellow, channel_no) ? CHANNEL_FLASH_YELLOW
                                                                : 0;
    row->ped_clear_indication = stages->ped_clear_red ? PED_CLEAR_FLASHING_RED : PED_CLEAR_FLASHING_GREEN;
    row->dark_when_red = channel_has(&stages->dark_when_red, channel_no);
    row->off_by_schedule = channel_has(&stages->off_by_schedule, channel_no);
    return overlap_no;
}

void stages_translate(const struct stages *stages, const struct guard_card *card, struct database *db)
{
    struct phase_list *sequence = &db->sequence[0][0];
    int overlap_no = 0;
    memset(sequence, 0, sizeof *sequence);
    for (int no = 1; no <= stages->count; no++) {
        write_phase(stages, no, db);
        sequence->number[sequence->count++] = (uint8_t)no;
    }
    for (int no = 1; no <= CHANNELS_MAX; no++)
        overlap_no = write_channel(stages, card, no, overlap_no, db);
}
