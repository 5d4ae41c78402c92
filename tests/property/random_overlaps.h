/* Random overlaps of every type over a random plan, and how high the card's red floors may then be. */
#ifndef TESTS_PROPERTY_RANDOM_OVERLAPS_H
#define TESTS_PROPERTY_RANDOM_OVERLAPS_H

#include "../../controller/wiring.h"
#include "random_plan.h"

enum { RANDOM_OVERLAPS = 8 };

static inline void random_members(struct phase_list *list, const struct database *db, int most,
                                  uint64_t *random)
{
    int count = random_int(random, most + 1);
    list->count = 0;
    for (int tries = 0; list->count < count && tries < 200; tries++) {
        int no = random_between(random, 1, PHASES_MAX);
        bool there = false;
        for (int i = 0; i < list->count; i++)
            there |= list->number[i] == no;
        if (!there && database_phase_enabled(db, no))
            list_add(list, no);
    }
}

static inline void random_overlap(struct overlap_row *row, const struct database *db, uint64_t *random)
{
    row->type = (uint8_t)random_between(random, OVERLAP_NORMAL, OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE);
    random_members(&row->included, db, 3, random);
    random_members(&row->modifier, db, 2, random);
    for (int i = 0; i < row->included.count; i++)
        list_remove(&row->modifier, row->included.number[i]);
    if (one_in(random, 3))
        random_members(&row->conflicting_peds, db, 3, random);
    row->trail_green_s = (uint8_t)(one_in(random, 3) ? random_between(random, 1, 6) : 0);
    row->trail_yellow_ds = (uint8_t)(one_in(random, 3) ? 0 : random_between(random, 30, 50));
    row->trail_red_ds = (uint8_t)random_int(random, 30);
    row->walk_s = (uint8_t)random_int(random, 8);
    row->ped_clear_s = (uint8_t)random_int(random, 8);
    row->arrow_delay_ds = (uint8_t)(one_in(random, 2) ? random_int(random, 40) : 0);
    row->after_modifier = (uint8_t)random_int(random, 2);
}

/* A turn that may not meet what it gives way to could not be guarded: an arrow's protecting phases conflict
 * with those it yields to. */
static inline bool arrow_makes_sense(const struct database *db, const struct overlap_row *row)
{
    if (row->type < OVERLAP_FLASHING_YELLOW_3 || row->type > OVERLAP_FLASHING_RED_4)
        return true;
    for (int i = 0; i < row->included.count; i++)
        for (int k = 0; k < row->modifier.count; k++)
            if (phases_concurrent(db, row->included.number[i], row->modifier.number[k]))
                return false;
    return true;
}

static inline void random_overlaps(struct database *db, uint64_t *random)
{
    for (int i = 0; i < RANDOM_OVERLAPS; i++) {
        struct overlap_row *row = &db->overlap[i];
        do {
            *row = (struct overlap_row){0};
            random_overlap(row, db, random);
        } while (!arrow_makes_sense(db, row));
        for (int no = 1; no <= CHANNELS_MAX; no++) {
            if (db->channel[no - 1].source_no)
                continue;
            db->channel[no - 1] = (struct channel_row){
                .source_no = (uint8_t)(i + 1),
                .type = CHANNEL_OVERLAP,
                .flash = CHANNEL_FLASH_RED,
                .ped_clear_indication = (uint8_t)random_between(random, 1, 2),
                .dark_when_red = (uint8_t)one_in(random, 4),
                .off_by_schedule = (uint8_t)one_in(random, 4),
            };
            break;
        }
    }
    for (int no = 1; no <= PHASES_MAX; no++)
        if (database_phase_enabled(db, no) && one_in(random, 3))
            db->phase[no - 1].red_yellow_ds = (uint8_t)random_between(random, 5, 30);
}

/* Red floors as high as the plan lets them be. */
static inline void raise_floors(struct guard_card *card, const struct database *db)
{
    struct wiring wiring;
    wiring_read(&wiring, db);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        const struct overlap_row *overlap = wiring_overlap(db, no);
        int least_ds = 255, ix;
        if (!wiring.driving[no - 1] || (wiring_is_pedestrian(db, no) && !overlap))
            continue;
        FOR_EACH_BIT(ix, wiring.driving[no - 1])
            if (db->phase[ix].red_clear_ds < least_ds)
                least_ds = db->phase[ix].red_clear_ds;
        if (overlap && overlap->trail_green_s && overlap->trail_red_ds < least_ds)
            least_ds = overlap->trail_red_ds;
        card->red_floor_ms[no - 1] = (uint16_t)(least_ds * 100);
    }
}

#endif
