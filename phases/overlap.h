/* What the files of the overlaps share: overlap.c runs them, overlap_kind.c knows the types. */
#ifndef PHASES_OVERLAP_H
#define PHASES_OVERLAP_H

#include "engine_internal.h"

/* One tick. */
struct scene {
    struct engine *e;
    const struct tick *t;
    struct overlap_sight is;
    bool moved; /* an overlap has changed */
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
/* Whether it shows the red-yellow that `phases` begin now. */
bool overlap_joins(const struct overlap *o, uint64_t phases);

#endif
