/* The controller alone, in lock-step with whoever types: one line in, one answer out, virtual time, no
 * ports. The protocol stands in sim/README.md. */
#ifndef SIM_LOCKSTEP_H
#define SIM_LOCKSTEP_H

#include "../phases/database.h"
#include <stdio.h>

struct lockstep;

/* `db` is copied. With start_mask != 0 start-up is skipped and just these phases are green at 0 ms.
 * Returns NULL if they conflict or memory is short. */
struct lockstep *lockstep_new(const struct database *db, uint64_t start_mask);
void lockstep_free(struct lockstep *step);

/* Answers every line of `in` until it ends, flushing each answer; what makes no sense is answered with ERR
 * and changes nothing. Returns 0, or -1 if reading or writing
 * failed. */
int lockstep_serve(struct lockstep *step, FILE *in, FILE *out);

#endif
