#include "week_world.h"
#include "../random_preempts.h"

enum { MINUTE = 600, HOUR = 36000, DAY_DS = 24 * HOUR, PEAK = 700 };

void world_init(struct world *w, const struct week_junction *junction, uint64_t seed)
{
    *w = (struct world){.junction = junction, .random = seed * UINT64_C(0x9E3779B97F4A7C15) + 7};
    random_bits(&w->random);
    w->in.utc_ds = junction->utc_ds;
    for (int no = 1; no <= PHASES_MAX; no++)
        if (database_phase_enabled(&junction->db[0], no))
            w->phase_no[w->phase_count++] = (uint8_t)no;
}

static uint64_t random_phase_mask(struct world *w)
{
    return mask_of(w->phase_no[random_int(&w->random, w->phase_count)]);
}

/* ---- traffic ---- */

/* In each minute as many as come at that time of day, give or take a half; of a hundred, so many. */
static void set_demand(struct world *w)
{
    static const uint8_t of_hour[24] = {4,  2,  1,  1,  2,  10,  40, 90, 100, 70, 55, 60,
                                        65, 60, 60, 65, 80, 100, 95, 70, 45,  30, 20, 10};
    int64_t local_ds = w->in.utc_ds + (int64_t)w->junction->db[0].standard_time_zone_s * 10;
    int percent = of_hour[(local_ds / HOUR) % 24];
    w->arrivals = PEAK * percent / 100 * random_between(&w->random, 50, 150) / 100;
    w->buttons = w->arrivals / 8 + 1;
}

/* Detectors that are stuck or chatter at ten a second, for hours. */
static void set_faults(struct world *w)
{
    uint64_t *const fault[] = {&w->stuck_on, &w->stuck_off, &w->chattering};
    for (int i = 0; i < 3; i++)
        *fault[i] = one_in(&w->random, 6) ? random_phase_mask(w) : 0;
    w->in.vehicle_fault.word[0] = one_in(&w->random, 8) ? random_phase_mask(w) : 0;
}

/* A vehicle passes the detector ahead now, and the one at the stop line half a second or more later. */
static void approach(struct world *w, int64_t tick, uint64_t draw)
{
    uint64_t phase = random_phase_mask(w);
    w->leads |= phase;
    w->coming[(tick + 5 + (int)(draw >> 40 & 15)) % 32] |= phase;
}

static void traffic(struct world *w, int64_t tick)
{
    uint64_t draw = random_bits(&w->random);
    uint64_t leave = random_bits(&w->random);
    leave &= leave >> 21 & leave >> 42; /* one in eight */
    w->occupied &= ~leave;
    w->leads &= ~(draw & 1 << 20 ? leave >> 3 | leave : UINT64_MAX);
    w->pressed &= ~(draw >> 32 & 1 ? leave >> 7 : 0);
    if ((int)(draw & 1023) < w->arrivals)
        approach(w, tick, draw);
    w->occupied |= w->coming[tick % 32];
    w->coming[tick % 32] = 0;
    if ((int)(draw >> 10 & 1023) < w->buttons)
        w->pressed |= random_phase_mask(w);
    uint64_t chatter = tick & 1 ? w->chattering : 0;
    w->in.vehicle.word[0] = ((w->occupied | w->stuck_on) & ~w->stuck_off) ^ chatter;
    w->in.vehicle.word[0] |= w->leads << WEEK_LEADS;
    w->in.vehicle.word[1] = w->leads >> (64 - WEEK_LEADS);
    w->in.pedestrian = w->pressed;
}

/* ---- hands ---- */

static bool is_on(const struct world *w, enum mood mood)
{
    return w->mood == mood || w->mood == MOOD_ALL;
}

static void switches(struct world *w)
{
    static const uint32_t all[] = {
        INPUT_STOP_TIME,        INPUT_MANUAL_CONTROL, INPUT_INTERVAL_ADVANCE,
        INPUT_INTERVAL_ADVANCE, INPUT_DOOR,           INPUT_EXTERNAL_MIN_RECALL,
        INPUT_NON_ACTUATED_1,   INPUT_NON_ACTUATED_2, INPUT_WALK_REST,
        INPUT_AUTOMATIC_FLASH,  INPUT_FREE,           INPUT_DIMMING,
    };
    if (one_in(&w->random, 150))
        w->in.unit ^= all[random_int(&w->random, sizeof all / sizeof all[0])];
    if ((w->in.unit & INPUT_STOP_TIME) && one_in(&w->random, 100))
        w->in.unit &= ~(uint32_t)INPUT_STOP_TIME;
    if (one_in(&w->random, 500))
        w->in.alarms ^= (uint8_t)(1U << random_int(&w->random, 8));
}

/* The clock is set: by seconds, by hours, by a day; or it is lost for a moment. */
static void set_clock(struct world *w)
{
    static const int64_t jump_ds[] = {5, 70, 36000, 864000};
    if (!one_in(&w->random, 6000))
        return;
    int64_t by_ds = jump_ds[random_int(&w->random, 4)];
    w->in.utc_ds += one_in(&w->random, 2) ? by_ds : -by_ds;
}

static void use_hands(struct world *w)
{
    if (is_on(w, MOOD_PREEMPTS))
        random_calls(&w->in.preempt, &w->random);
    if (is_on(w, MOOD_PRIORITY))
        random_calls(&w->in.priority, &w->random);
    if (is_on(w, MOOD_SWITCHES))
        switches(w);
    if (is_on(w, MOOD_CLOCK))
        set_clock(w);
    w->changes_plan = is_on(w, MOOD_PLANS) && one_in(&w->random, 900);
}

/* Half of the time nobody does anything. */
static void change_mood(struct world *w)
{
    w->mood = one_in(&w->random, 2) ? MOOD_CALM : (enum mood)random_int(&w->random, MOODS);
    w->mood_left = MINUTE * (int64_t)random_between(&w->random, 5, w->mood == MOOD_CALM ? 240 : 40);
    w->in.preempt = w->in.priority = 0;
    w->in.unit = 0;
    w->in.alarms = 0;
    w->changes_plan = false;
    w->soon_over = true;
    set_faults(w);
}

void world_step(struct world *w, int64_t tick)
{
    w->in.utc_ds++;
    if (tick % MINUTE == 0)
        set_demand(w);
    traffic(w, tick);
    if (w->mood_left-- <= 0)
        change_mood(w);
    else if (w->mood != MOOD_CALM)
        use_hands(w);
}

bool world_disturbs(const struct world *w)
{
    return w->mood != MOOD_CALM;
}

/* ---- the centre ---- */

#define FIELD(name, most)                                                                                    \
    {                                                                                                        \
        offsetof(struct control, name), sizeof(((struct control *)0)->name), most                            \
    }

static const struct field {
    uint16_t offset;
    uint8_t size;
    uint8_t most; /* a number up to this; 0: bits */
} fields[] = {
    FIELD(phase_omit_mask, 0),
    FIELD(ped_omit_mask, 0),
    FIELD(hold_mask, 0),
    FIELD(force_off_mask, 0),
    FIELD(vehicle_call_mask, 0),
    FIELD(ped_call_mask, 0),
    FIELD(ped_actuation_mask, 0),
    FIELD(ring_stop_time_mask, 0),
    FIELD(ring_force_off_mask, 0),
    FIELD(ring_max2_mask, 0),
    FIELD(ring_max3_mask, 0),
    FIELD(ring_max_inhibit_mask, 0),
    FIELD(ring_ped_recycle_mask, 0),
    FIELD(ring_red_rest_mask, 0),
    FIELD(unit, 0),
    FIELD(manual_timeout_s, 60),
    FIELD(interval_advance, 1),
    FIELD(action_no, 8),
    FIELD(preempt_mask, 0),
    FIELD(priority_mask, 0),
    FIELD(special_function_mask, 0),
    FIELD(ped_reset_mask, 0),
    FIELD(ring_omit_red_clear_mask, 0),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static struct control_op write_field(const struct field *field, uint64_t value)
{
    return (struct control_op){.offset = field->offset,
                               .size = field->size,
                               .restarts_backup = true,
                               .clear = UINT64_MAX,
                               .set = value};
}

static bool random_command(struct world *w, struct control_op *op)
{
    if (!one_in(&w->random, 40))
        return false;
    bool takes_red = w->junction->omits_red_clear;
    const struct field *field = &fields[random_int(&w->random, FIELDS - !takes_red)];
    uint64_t value = random_bits(&w->random) & random_bits(&w->random) & random_bits(&w->random);
    if (field->most)
        value = (uint64_t)random_int(&w->random, field->most + 1);
    *op = write_field(field, one_in(&w->random, 2) ? 0 : value);
    return true;
}

/* Patterns, and where the system's cycle stands. */
static bool pattern_command(struct world *w, struct control_op *op)
{
    static const struct field pattern = FIELD(system_pattern_no, 0), sync = FIELD(system_sync_s, 0),
                              synced = FIELD(system_synced, 0);
    if (!one_in(&w->random, 1500))
        return false;
    int which = random_int(&w->random, 4);
    if (which == 0)
        *op = write_field(&sync, (uint64_t)random_int(&w->random, 255));
    else if (which == 1)
        *op = write_field(&synced, 1);
    else
        *op = write_field(
            &pattern,
            (uint64_t)(one_in(&w->random, 4) ? PATTERN_FREE : random_int(&w->random, RANDOM_PATTERNS + 1)));
    return true;
}

/* When the centre leaves the junction alone, it takes everything back, one field a tick. */
static bool take_back(struct world *w, struct control_op *op, int field_ix)
{
    static const struct field pattern = FIELD(system_pattern_no, 0);
    *op = write_field(field_ix < FIELDS ? &fields[field_ix] : &pattern, 0);
    w->soon_over = field_ix < FIELDS;
    return true;
}

bool world_command(struct world *w, struct control_op *op)
{
    if (w->soon_over)
        return take_back(w, op, w->taken_back++);
    w->taken_back = 0;
    return (is_on(w, MOOD_COMMANDS) && random_command(w, op)) ||
           (is_on(w, MOOD_PATTERNS) && pattern_command(w, op));
}
