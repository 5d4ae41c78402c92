/* Databases that many tests start from. */
#ifndef TESTS_UNIT_PLANS_H
#define TESTS_UNIT_PLANS_H

#include "../../phases/database.h"
#include <string.h>

static inline void plans_concurrent(struct database *db, int a, int b)
{
    struct phase_list *of_a = &db->phase[a - 1].concurrency, *of_b = &db->phase[b - 1].concurrency;
    of_a->number[of_a->count++] = (uint8_t)b;
    of_b->number[of_b->count++] = (uint8_t)a;
}

static inline void plans_phase(struct database *db, int phase_no, int ring_no)
{
    struct phase_row *row = &db->phase[phase_no - 1];
    *row = (struct phase_row){
        .ring_no = (uint8_t)ring_no,
        .options = PHASE_ENABLED | PHASE_NON_LOCKING,
        .minimum_green_s = 5,
        .passage_ds = 20,
        .maximum1_s = 30,
        .yellow_ds = 30,
        .red_clear_ds = 10,
        .ped_walk_service = 1,
        .ped_clear_before_flash = 1,
    };
    struct phase_list *sequence = &db->sequence[0][ring_no - 1];
    sequence->number[sequence->count++] = (uint8_t)phase_no;
    db->vehicle_detector[phase_no - 1] = (struct vehicle_detector_row){
        .call_phase_no = (uint8_t)phase_no,
        .options = DETECTOR_CALL | DETECTOR_PASSAGE,
    };
    db->pedestrian_detector[phase_no - 1].call_phase_no = (uint8_t)phase_no;
}

/* Two rings, 1-4 and 5-8, a barrier behind 2 and 6; detector and button n belong to phase n;
 * minimum 5 s, passage 2 s, maximum 30 s, yellow 3 s, red clearance 1 s. */
static inline void plans_eight(struct database *db)
{
    memset(db, 0, sizeof(*db));
    for (int phase_no = 1; phase_no <= 8; phase_no++)
        plans_phase(db, phase_no, phase_no <= 4 ? 1 : 2);
    for (int a = 1; a <= 2; a++)
        for (int b = 5; b <= 6; b++) {
            plans_concurrent(db, a, b);
            plans_concurrent(db, a + 2, b + 2);
        }
    db->unit.red_revert_ds = 20;
    db->unit.last_car_recall = 1;
    db->unit.startup_calls = 1;
    db->unit.auto_ped_clear = 1;
    db->unit.startup_flash_mode = STARTUP_FLASH_AUTO;
    database_default_channels(db);
}

/* Plan A: pattern 1 over eight phases, cycle 100 s, coordinated 2 and 6; yellow 4 s, red clearance 1 s. */
static inline void plans_coordinated(struct database *db)
{
    static const uint8_t split_s[8] = {15, 40, 15, 30, 20, 35, 12, 33};
    plans_eight(db);
    for (int ix = 0; ix < 8; ix++) {
        db->phase[ix].yellow_ds = 40;
        db->split[0][ix] = (struct split_row){.time_s = split_s[ix], .mode = SPLIT_NONE};
    }
    db->split[0][1].coord = db->split[0][5].coord = 1;
    db->pattern[0] = (struct pattern_row){
        .cycle_s = 100,
        .split_no = 1,
        .sequence_no = 1,
        .sync_point = SYNC_FIRST_GREEN_BEGIN,
        .options = PATTERN_OPTION_UNIT,
    };
    db->coord = (struct coord_row){
        .correction_mode = CORRECTION_SHORTWAY,
        .maximum_mode = MAXIMUM_INHIBIT,
        .force_mode = FORCE_FIXED,
        .unit_sync_point = SYNC_FIRST_GREEN_BEGIN - 1,
        .add_percent = 20,
        .subtract_percent = 17,
    };
}

#endif
