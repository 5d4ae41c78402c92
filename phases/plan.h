/* The database compiled for the engine: sequences, barriers and conflicts worked out, every time in
 * tenths of a second, everything inert left out. Immutable once compiled; holds no pointers, so it
 * may be copied and compared. */
#ifndef PHASES_PLAN_H
#define PHASES_PLAN_H

#include "database.h"

/* Compiles a database that passed database_check() (the engine's safety does not rest on that: the
 * guard stands behind it). Free operation runs sequence `sequence_no`, patterns and preempts name
 * their own. Never fails, never blocks. */
struct plan;
void plan_compile(struct plan *plan, const struct database *db, int sequence_no);

/* The rings, conflicts, sides and orders alone; no channels. */
struct plan_structure;
void plan_compile_rings(struct plan_structure *s, const struct database *db, int sequence_no);

/* The detectors' part of it; the phases are known by then. */
void plan_compile_detectors(struct plan *plan, const struct database *db);

/* The lamps' part, likewise: overlaps and channels. */
void plan_compile_lamps(struct plan *plan, const struct database *db);

/* The numbers of a list that are phases. */
uint64_t plan_list_mask(const struct phase_list *list);

/* Those of `phases` that may all be on together; of two that may not, the one with the lower number. */
uint64_t plan_compatible(const struct plan_structure *s, uint64_t phases);

/* Whether going from `a` to `b` changes more than times: rings, sequence, concurrency, channels. */
bool plan_structure_differs(const struct plan *a, const struct plan *b);

#include "plan_layout.h"

#endif
