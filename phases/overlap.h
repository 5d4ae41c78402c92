/* What the files of the overlaps share: overlap.c runs them, overlap_kind.c knows the types. */
#ifndef PHASES_OVERLAP_H
#define PHASES_OVERLAP_H

#include "engine_internal.h"

/* The rings of this tick, as masks of phases. */
struct scene {
    struct engine *e;
    const struct tick *t;
    uint64_t green;    /* flashing included */
    uint64_t flashing; /* greens about to end */
    uint64_t yellow, clearing;
    uint64_t next;            /* or on, but not yet green */
    uint64_t walk, ped_clear; /* a walk that is due is one */
    uint64_t stopped;         /* phases of rings whose time stands still */
    uint32_t permitted;       /* overlaps that a preempt lets be more than red */
    bool moved;               /* an overlap has changed */
};

/* One overlap in it. */
struct overlap {
    struct scene *s;
    int ix;
    const struct plan_parents *of;
    const struct plan_overlap *plan;
    struct overlap_state *state;
};

/* The longest of its parents' times. */
struct times {
    int32_t flashing_green_ds, yellow_ds, red_clear_ds, red_revert_ds;
};

/* overlap.c */
struct times overlap_times(const struct overlap *o);
void overlap_enter(const struct overlap *o, enum overlap_color color);
void overlap_enter_walk(const struct overlap *o, enum ped_interval interval);
void overlap_run_out(const struct overlap *o); /* the interval it times itself is over */
bool overlap_is_minus(const struct overlap *o);
bool overlap_has_arrow(const struct overlap *o);

/* overlap_kind.c: what follows for each type from the phases of this tick. */
void overlap_follow(const struct overlap *o);

#endif
