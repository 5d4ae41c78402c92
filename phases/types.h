/* Limits, masks and units shared by the whole project.
 *
 * Numbers in names: `_no` counts from 1 as on the cabinet's labels, `_ix` counts from 0,
 * in a `_mask` bit n-1 stands for number n. Times carry their unit: `_ds` tenths of a second,
 * `_s` seconds, `_ms` milliseconds, `_us` microseconds. */
#ifndef PHASES_TYPES_H
#define PHASES_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PHASES_MAX = 40,
    RINGS_MAX = 8,
    SEQUENCES_MAX = 20,
    OVERLAPS_MAX = 32,
    CHANNELS_MAX = 80,
    VEHICLE_DETECTORS_MAX = 160,
    PEDESTRIAN_DETECTORS_MAX = 40,
    PATTERNS_MAX = 253,
    SPLITS_MAX = 253,
    PATTERN_FREE = 254,  /* numbers of two patterns that have no row */
    PATTERN_FLASH = 255, /* automatic flash */
    PREEMPTS_MAX = 16,
    PRIORITIES_MAX = 16,
    ACTIONS_MAX = 255,
    DAY_PLANS_MAX = 99,
    DAY_PLAN_EVENTS_MAX = 64,
    SCHEDULE_ROWS_MAX = 255,
    DAYLIGHT_ROWS_MAX = 8,
    SPECIAL_FUNCTIONS_MAX = 16,
    TICK_MS = 100, /* one quantum on the street */
};

/* Sets too wide for one word. Bit (n-1) % 64 of word[(n-1) / 64] is number n. */
struct channel_mask {
    uint64_t word[2];
};

struct detector_mask {
    uint64_t word[3];
};

static inline uint64_t mask_of(int no)
{
    return UINT64_C(1) << (no - 1);
}

static inline bool mask_has(uint64_t mask, int no)
{
    return (mask >> (no - 1)) & 1U;
}

/* Walks the members of a 64-bit mask as indices, lowest first. */
#define FOR_EACH_BIT(ix, mask)                                                                               \
    for (uint64_t rest_##ix = (mask); rest_##ix && ((ix) = __builtin_ctzll(rest_##ix), true);                \
         rest_##ix &= rest_##ix - 1)

/* Whether bit `ix` of a small mask (of rings, of bits in a register) is set. */
static inline bool bit_set(unsigned mask, int ix)
{
    return (mask >> ix) & 1U;
}

/* Number of the lowest member; `mask` must not be empty. */
static inline int mask_lowest_no(uint64_t mask)
{
    return __builtin_ctzll(mask) + 1;
}

static inline bool channel_has(const struct channel_mask *m, int channel_no)
{
    return (m->word[(channel_no - 1) / 64] >> ((channel_no - 1) % 64)) & 1U;
}

static inline void channel_add(struct channel_mask *m, int channel_no)
{
    m->word[(channel_no - 1) / 64] |= UINT64_C(1) << ((channel_no - 1) % 64);
}

static inline void channel_remove(struct channel_mask *m, int channel_no)
{
    m->word[(channel_no - 1) / 64] &= ~(UINT64_C(1) << ((channel_no - 1) % 64));
}

static inline bool detector_has(const struct detector_mask *m, int detector_no)
{
    return (m->word[(detector_no - 1) / 64] >> ((detector_no - 1) % 64)) & 1U;
}

static inline void detector_put(struct detector_mask *m, int detector_no, bool on)
{
    uint64_t bit = UINT64_C(1) << ((detector_no - 1) % 64);
    uint64_t *word = &m->word[(detector_no - 1) / 64];
    *word = on ? *word | bit : *word & ~bit;
}

#endif
