/* A junction told as stages: which lamp groups are green together, in which order, for how long. One ring
 * serves them, a phase for each; a lamp group of several stages becomes an overlap, so that it stays green
 * from one into the next. */
#ifndef CONTROLLER_STAGES_H
#define CONTROLLER_STAGES_H

#include "../phases/database.h"
#include "../phases/guard.h"

enum { STAGE_DETECTORS_MAX = 16 };

enum stage_recall { STAGE_NO_RECALL, STAGE_MIN_RECALL, STAGE_MAX_RECALL };

struct stage {
    struct channel_mask green; /* vehicle lamp groups */
    struct channel_mask walk;  /* pedestrian lamp groups */
    uint8_t minimum_green_s, maximum_green_s;
    uint8_t extension_ds;
    uint8_t flashing_green_s;
    uint8_t yellow_ds, all_red_ds, red_yellow_ds;
    uint8_t walk_s, ped_clear_s;
    enum stage_recall recall;
    bool ped_recall; /* pedestrians walk every time, and call the stage */
    uint8_t detector_count, button_count;
    uint8_t detector_no[STAGE_DETECTORS_MAX], button_no[STAGE_DETECTORS_MAX];
};

/* What holds for the lamp groups in all stages. */
struct stages {
    int count;
    struct stage stage[PHASES_MAX];
    bool ped_clear_red; /* their clearance flashes red, not green */
    struct channel_mask dark_when_red, off_by_schedule;
};

/* Lamp groups that need an overlap: green in several stages, or in one and a bar signal. */
int stages_overlaps(const struct stages *stages, const struct guard_card *card);

/* Writes phases 1 to count, ring 1 of sequence 1, the channels, the overlaps from 1 on, and what the named
 * detectors and buttons call; all else stays. `card` says how each lamp group flashes and which are bar
 * signals; a zeroed one: all flash nothing, none is. There must be no more than OVERLAPS_MAX overlaps. Pure.
 */
void stages_translate(const struct stages *stages, const struct guard_card *card, struct database *db);

#endif
