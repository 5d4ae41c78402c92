/* Random traffic, and random hands on the centre's commands, the cabinet's switches, the clock and the plan.
 */
#include "../random_plan.h"
#include "../random_preempts.h"
#include "engine_run.h"
#include <stdlib.h>

static void traffic(struct run *r)
{
    uint64_t phases = r->plan[0].structure.phases;
    for (uint64_t left = phases; left; left &= left - 1) {
        int no = mask_lowest_no(left);
        bool occupied = detector_has(&r->in.vehicle, no);
        if (one_in(&r->random, occupied ? 12 : r->traffic))
            detector_put(&r->in.vehicle, no, !occupied);
        bool pressed = mask_has(r->in.pedestrian, no);
        if (one_in(&r->random, pressed ? 8 : r->buttons))
            r->in.pedestrian ^= mask_of(no);
    }
    if (one_in(&r->random, 600)) { /* rush hour, night */
        r->traffic = 10 << random_int(&r->random, 8);
        r->buttons = 50 << random_int(&r->random, 8);
    }
}

static void send(struct run *r, const struct control_op *op)
{
    int one = engine_command(&r->engine, op), two = engine_command(&r->twin, op);
    run_expect(r, one == two, 0, "answer to a command", one, two);
}

/* The centre's commands come and go, as do the switches in the cabinet. */
static void commands(struct run *r)
{
    static const struct {
        size_t offset;
        uint8_t size;
    } fields[] = {
        {offsetof(struct control, phase_omit_mask), 8},
        {offsetof(struct control, ped_omit_mask), 8},
        {offsetof(struct control, hold_mask), 8},
        {offsetof(struct control, force_off_mask), 8},
        {offsetof(struct control, vehicle_call_mask), 8},
        {offsetof(struct control, ped_call_mask), 8},
        {offsetof(struct control, vehicle_actuation), 8},
        {offsetof(struct control, ped_actuation_mask), 8},
        {offsetof(struct control, ring_stop_time_mask), 1},
        {offsetof(struct control, ring_force_off_mask), 1},
        {offsetof(struct control, ring_max2_mask), 1},
        {offsetof(struct control, ring_max3_mask), 1},
        {offsetof(struct control, ring_max_inhibit_mask), 1},
        {offsetof(struct control, ring_ped_recycle_mask), 1},
        {offsetof(struct control, ring_red_rest_mask), 1},
        {offsetof(struct control, unit), 1},
        {offsetof(struct control, manual_timeout_s), 1},
        {offsetof(struct control, interval_advance), 1},
        {offsetof(struct control, ring_omit_red_clear_mask), 1},
    };
    if (one_in(&r->random, 20)) {
        size_t which = (size_t)random_int(&r->random, sizeof(fields) / sizeof(fields[0]));
        uint64_t bits = random_bits(&r->random) & random_bits(&r->random) & random_bits(&r->random);
        struct control_op op = {.offset = (uint16_t)fields[which].offset,
                                .size = fields[which].size,
                                .restarts_backup = true,
                                .clear = UINT64_MAX,
                                .set = one_in(&r->random, 2) ? 0 : bits};
        send(r, &op);
    }
    if (one_in(&r->random, 100))
        r->in.unit ^= 1U << random_int(&r->random, 8);
    if ((r->in.unit & INPUT_STOP_TIME) && one_in(&r->random, 30))
        r->in.unit &= ~(unsigned)INPUT_STOP_TIME;
}

/* The centre calls patterns, and says where the system's cycle stands. */
static void patterns(struct run *r)
{
    if (one_in(&r->random, 1500)) {
        struct control_op pattern = {.offset = offsetof(struct control, system_pattern_no),
                                     .size = 1,
                                     .clear = UINT64_MAX,
                                     .set = (uint64_t)(one_in(&r->random, 4)
                                                           ? PATTERN_FREE
                                                           : random_int(&r->random, RANDOM_PATTERNS + 1))};
        send(r, &pattern);
    }
    if (one_in(&r->random, 1500)) {
        struct control_op sync = {.offset = offsetof(struct control, system_sync_s),
                                  .size = 1,
                                  .clear = UINT64_MAX,
                                  .set = (uint64_t)random_int(&r->random, 256)};
        send(r, &sync);
    }
    if (one_in(&r->random, 3000))
        r->in.unit ^= INPUT_FREE;
}

static void switch_flash(struct run *r)
{
    if (one_in(&r->random, (r->in.unit & INPUT_AUTOMATIC_FLASH) ? 900 : 2000))
        r->in.unit ^= INPUT_AUTOMATIC_FLASH;
}

/* The clock of the wall, which is set anew or lost now and then. */
static void tell_time(struct run *r)
{
    enum { DAY_DS = 24 * 3600 * 10 };
    if (one_in(&r->random, 2000))
        r->utc_ds += random_between(&r->random, -DAY_DS, DAY_DS);
    if (!r->utc_ds || one_in(&r->random, 4000))
        r->utc_ds = INT64_C(20000) * DAY_DS + DAY_DS / 24 * 10; /* ten o'clock */
    r->utc_ds++;
    if (one_in(&r->random, r->clock_lost ? 200 : 4000))
        r->clock_lost = !r->clock_lost;
    r->in.utc_ds = r->clock_lost ? 0 : r->utc_ds;
}

static void change_plan(struct run *r)
{
    if (!r->offered && one_in(&r->random, 150)) {
        r->offered = r->now == &r->db[0] ? &r->plan[1] : &r->plan[0];
        r->offered_tick = r->tick;
    }
    if (!r->offered)
        return;
    bool adopted = engine_adopt(&r->engine, r->offered);
    bool twin_adopted = engine_adopt(&r->twin, r->offered);
    run_expect(r, adopted == twin_adopted, 0, "adoption", adopted, twin_adopted);
    if (!adopted && !r->mode.commands && !r->mode.preempts)
        run_expect(r, r->tick - r->offered_tick <= r->bound_ds, 0, "structure waiting", r->bound_ds,
                   r->tick - r->offered_tick);
    if (!adopted)
        return;
    r->now = r->offered == &r->plan[0] ? &r->db[0] : &r->db[1];
    r->offered = NULL;
}

void run_hands(struct run *r)
{
    traffic(r);
    if (r->mode.commands)
        commands(r);
    if (r->mode.coordination)
        patterns(r);
    if (r->mode.preempts)
        random_calls(&r->in.preempt, &r->random);
    if (r->mode.flash)
        switch_flash(r);
    if (r->mode.schedule)
        tell_time(r);
    if (r->mode.times || r->mode.structure)
        change_plan(r);
}
