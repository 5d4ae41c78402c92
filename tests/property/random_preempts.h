/* Random preempts over a random plan, sound or not, and what they may take of the phases' times. */
#ifndef TESTS_PROPERTY_RANDOM_PREEMPTS_H
#define TESTS_PROPERTY_RANDOM_PREEMPTS_H

#include "random_plan.h"

enum { RANDOM_PREEMPTS = 4 };

/* Some of the phases there are, in conflict with each other or not. */
static inline void random_phases(struct phase_list *list, const struct database *db, int one_of,
                                 uint64_t *random)
{
    list->count = 0;
    for (int no = 1; no <= PHASES_MAX; no++)
        if (db->phase[no - 1].ring_no && one_in(random, one_of))
            list_add(list, no);
}

/* 255, which leaves the phase its own, or a shorter time. */
static inline uint8_t random_allowance(int most, uint64_t *random)
{
    return (uint8_t)(one_in(random, 2) ? 255 : random_int(random, most + 1));
}

static inline void random_preempt(struct preempt_row *row, const struct database *db, int preempt_no,
                                  uint64_t *random)
{
    *row = (struct preempt_row){
        .control = (uint8_t)(PREEMPT_ENABLED | (random_bits(random) & 0x2f)),
        .delay_s = (uint16_t)(one_in(random, 2) ? 0 : random_int(random, 8)),
        .advance_s = (uint8_t)(one_in(random, 2) ? 0 : random_int(random, 12)),
        .minimum_duration_s = (uint16_t)(one_in(random, 2) ? 0 : random_int(random, 30)),
        .maximum_presence_s = (uint16_t)(one_in(random, 3) ? random_between(random, 5, 60) : 0),
        .link_no = (uint8_t)random_int(random, preempt_no + 1),
        .minimum_green_s = random_allowance(5, random),
        .minimum_walk_s = random_allowance(5, random),
        .enter_ped_clear_s = random_allowance(5, random),
        .enter_yellow_ds = one_in(random, 2) ? 255 : 30,
        .enter_red_clear_ds = 255,
        .track_green_s = (uint8_t)(one_in(random, 2) ? 0 : random_int(random, 12)),
        .track_yellow_ds = one_in(random, 2) ? 255 : 30,
        .track_red_clear_ds = 255,
        .dwell_green_s = (uint8_t)random_int(random, 12),
        .sequence_no = 1,
        .exit_type = (uint8_t)random_between(random, 1, 4),
        .exit_calls = (uint8_t)random_between(random, 1, 3),
        .railroad = (uint8_t)random_int(random, 2),
    };
    random_phases(&row->track_phase, db, 4, random);
    random_phases(&row->dwell_phase, db, 4, random);
    random_phases(&row->dwell_ped, db, 2, random);
    random_phases(&row->exit_phase, db, 4, random);
    if (one_in(random, 2))
        random_phases(&row->cycling_phase, db, 3, random);
    random_phases(&row->cycling_ped, db, 2, random);
}

static inline void random_preempts(struct database *db, uint64_t *random)
{
    db->unit.flash_exit_red_s = (uint8_t)random_int(random, 4);
    for (int preempt_no = 1; preempt_no <= RANDOM_PREEMPTS; preempt_no++)
        random_preempt(&db->preempt[preempt_no - 1], db, preempt_no, random);
}

/* Other preempts altogether, but for what they may take of the phases' times. */
static inline void vary_preempts(struct database *db, uint64_t *random)
{
    for (int preempt_no = 1; preempt_no <= RANDOM_PREEMPTS; preempt_no++) {
        struct preempt_row *row = &db->preempt[preempt_no - 1], before = *row;
        random_preempt(row, db, preempt_no, random);
        row->minimum_green_s = before.minimum_green_s;
        row->minimum_walk_s = before.minimum_walk_s;
        row->enter_ped_clear_s = before.enter_ped_clear_s;
        row->enter_yellow_ds = before.enter_yellow_ds;
        row->track_green_s = before.track_green_s;
        row->track_yellow_ds = before.track_yellow_ds;
        if (one_in(random, 4))
            row->control = 0;
    }
}

/* They come and go. */
static inline void random_calls(uint16_t *calls, uint64_t *random)
{
    for (int ix = 0; ix < RANDOM_PREEMPTS; ix++)
        if (one_in(random, bit_set(*calls, ix) ? 200 : 1500))
            *calls ^= (uint16_t)(1U << ix);
}

/* The least that any preempt leaves of `own_ds`, also one that only the other plan has enabled: plans
 * change in the midst of intervals. */
static inline int allowed_ds(const struct database *db, int own_ds, size_t offset, int unit_ds)
{
    for (int i = 0; i < PREEMPTS_MAX; i++) {
        const struct preempt_row *row = &db->preempt[i];
        int value_ds = ((const uint8_t *)row)[offset] * unit_ds;
        if (row->sequence_no && value_ds < own_ds)
            own_ds = value_ds;
    }
    return own_ds;
}

static inline int allowed_green_ds(const struct database *db, int own_ds)
{
    for (int i = 0; i < PREEMPTS_MAX; i++)
        if (db->preempt[i].track_green_s && db->preempt[i].track_green_s * 10 < own_ds)
            own_ds = db->preempt[i].track_green_s * 10;
    return allowed_ds(db, own_ds, offsetof(struct preempt_row, minimum_green_s), 10);
}

static inline int allowed_walk_ds(const struct database *db, int own_ds)
{
    return allowed_ds(db, own_ds, offsetof(struct preempt_row, minimum_walk_s), 10);
}

static inline int allowed_ped_clear_ds(const struct database *db, int own_ds)
{
    return allowed_ds(db, own_ds, offsetof(struct preempt_row, enter_ped_clear_s), 10);
}

static inline int allowed_yellow_ds(const struct database *db, int own_ds)
{
    own_ds = allowed_ds(db, own_ds, offsetof(struct preempt_row, enter_yellow_ds), 1);
    return allowed_ds(db, own_ds, offsetof(struct preempt_row, track_yellow_ds), 1);
}

#endif
