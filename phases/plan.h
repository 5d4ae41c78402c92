/* The database compiled for the engine: sequences, barriers and conflicts worked out, every time in
 * tenths of a second, everything inert left out. Immutable once compiled; holds no pointers, so it
 * may be copied and compared. */
#ifndef PHASES_PLAN_H
#define PHASES_PLAN_H

#include "database.h"

/* Compiles sequence `sequence_no` of a database that passed database_check() (the engine's safety
 * does not rest on that: the guard stands behind it). Never fails, never blocks. */
struct plan;
void plan_compile(struct plan *plan, const struct database *db, int sequence_no);

/* Whether going from `a` to `b` changes more than times: rings, sequence, concurrency, channels. */
bool plan_structure_differs(const struct plan *a, const struct plan *b);

#include "plan_layout.h"

#endif
