/* The canonical form of engine and guard: two states that nothing can ever tell apart become equal.
 * Clocks are counted from now, or, where patterns run, from the last moment at which all cycles are at zero;
 * timers that nothing reads in the present interval are zeroed; ages stop at the longest duration anything
 * compares them with. */
#ifndef TESTS_EXPLORE_CANONICAL_H
#define TESTS_EXPLORE_CANONICAL_H

#include "../../phases/engine.h"
#include "../../phases/guard.h"

/* The longest durations of one phase in any of the plans. */
struct phase_caps {
    int32_t green_ds, passage_ds, maximum_ds, reduction_ds, dont_walk_ds, revert_ds, walks;
};

struct caps {
    const struct guard_card *card;
    uint64_t phases;
    uint64_t ped_recall;
    struct phase_caps phase[PHASES_MAX];
    struct detector_mask detectors, timed; /* timed: those with a memory of their own */
    bool counting;                         /* vehicles are counted for an added initial */
    int32_t cars;                          /* so many waiting vehicles make a difference at most */
    bool verdicts;                         /* priority asks how the last tick judged a green */
    bool backup;                           /* commands may expire */
    int32_t cycle_ds; /* after so long every pattern is at the same place again; 0 without any */
    uint64_t included[OVERLAPS_MAX];    /* phases that overlaps go by */
    int32_t presence_ds[PREEMPTS_MAX];  /* of preempt calls, */
    int32_t request_ds[PRIORITIES_MAX]; /* and of requests for priority, as far as it counts */
    int intergreen_ms[CHANNELS_MAX];
};

void caps_init(struct caps *caps, const struct plan *plans, int count, const struct guard_card *card);

void canonical_engine(struct engine_ctl *c, const struct caps *caps);
void canonical_guard(struct guard *g, const struct caps *caps);

#endif
