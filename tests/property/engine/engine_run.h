/* One run of a random plan: what the observer follows, and whose hands are on it. */
#ifndef TESTS_PROPERTY_ENGINE_RUN_H
#define TESTS_PROPERTY_ENGINE_RUN_H

#include "../../../phases/engine.h"
#include "../../../phases/guard.h"

enum colour { RED, GREEN, FLASHING_GREEN, YELLOW };
enum walk { DONT_WALK, WALK, PED_CLEARING };

/* What the observer remembers of one phase. Durations due are those in force when the interval began. */
struct watch {
    enum colour colour;
    int64_t since_ds;
    int due_ds, most_ds; /* a preempt may leave less of the first, never more than the other */
    bool frozen;         /* stop time fell into the interval */
    int64_t yellow_end_ds;
    int red_clear_ds;
    enum walk walk;
    int64_t walk_since_ds;
    int walk_due_ds;
    bool by_hand;                     /* manual control fell into the walk interval */
    int64_t called_ds, ped_called_ds; /* waiting so long, not green */
};

/* What a run may do besides traffic. */
struct mode {
    bool commands, times, structure, coordination, preempts, flash, schedule;
};

/* In coordination a call may just miss its yield, and the cycles until then may be stretched. */
enum { LONGEST_CYCLES_DS = 3 * 2 * 2550 };

struct run {
    struct mode mode;
    uint64_t random;
    struct database db[2];
    struct plan plan[2];
    struct guard_card card;
    struct guard guard;
    struct engine engine, twin;
    struct inputs in;
    struct engine_status status;
    struct frame frame;
    struct watch watch[PHASES_MAX + 1];
    const struct database *now; /* in force */
    const struct plan *offered; /* not adopted yet, or NULL */
    uint64_t traced[6];
    bool running;       /* something had right of way since the start or the last flash */
    int preempt_no;     /* in service in this tick or the last */
    int64_t leading_ds; /* so long the stage lasts in which a preempt leads the rings */
    int64_t tick, bound_ds, offered_tick;
    int64_t utc_ds;
    bool clock_lost;
    int64_t flash_asked_ds; /* automatic flash is asked for so long */
    int traffic, buttons;   /* one in so many ticks */
};

/* Ticks of all runs together, by what they were about: a mode whose subject never comes up proves nothing. */
struct run_counts {
    int64_t all, in_step, in_transition, in_dwell, in_flash;
};

void run_expect(const struct run *r, bool held, int phase_no, const char *what, int64_t expected,
                int64_t came);

/* The tick that the engine has just taken. */
void run_observe(struct run *r, struct run_counts *counts);

/* Traffic, and what the mode has besides it, before the next tick. */
void run_hands(struct run *r);

#endif
