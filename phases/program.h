/* A pattern worked out into one cycle: when each phase is planned to begin, when it is forced off,
 * and until when it may still be chosen. Pure; nothing here blocks.
 *
 * Positions are tenths of a second in the local cycle, 0 <= position < cycle_ds, counted from local
 * zero, the event that the pattern's sync point names (1202 v03 5.5.7.6). Planned means worked out
 * from the splits: no position depends on what the traffic did. */
#ifndef PHASES_PROGRAM_H
#define PHASES_PROGRAM_H

#include "plan.h"

/* localFreeStatus, 5.5.11. */
enum free_reason {
    FREE_OTHER = 1,
    FREE_NOT = 2,
    FREE_COMMAND = 3,
    FREE_TRANSITION = 4, /* on the way to a coordinated phase */
    FREE_INPUT = 5,
    FREE_COORD = 6, /* the pattern called is to run free */
    FREE_BAD_PLAN = 7,
    FREE_BAD_CYCLE = 8,
    FREE_SPLIT_OVERRUN = 9,
    FREE_INVALID_OFFSET = 10,
    FREE_FAILED = 11, /* cycle diagnostics */
};

struct coord_program {
    int32_t cycle_ds;        /* of this cycle, its correction included */
    int32_t nominal_ds;      /* patternCycleTime */
    int32_t offset_ds;       /* patternOffsetTime */
    int32_t shorten_most_ds; /* what the splits have beyond the phases' minimums */
    uint8_t sequence_ix;
    uint8_t maximum_mode; /* enum maximum_mode */
    bool floating;
    uint64_t coordinated;
    uint64_t governed;                                 /* phases of clusters that have a coordinated phase */
    uint64_t min_recall, max_recall, ped_recall, omit; /* by split mode; omit also what this cycle skips */
    int32_t start_ds[PHASES_MAX];                      /* planned begin of green */
    int32_t green_ds[PHASES_MAX];                      /* planned length of green */
    int32_t force_ds[PHASES_MAX];                      /* force-off; of a coordinated phase its yield */
    int32_t yield_ds[PHASES_MAX]; /* of the coordinated phase in whose ring (else: cluster) it is */
    int32_t
        clear_ds[PHASES_MAX]; /* from the end of green to the next phase, other rings at a barrier included */
    /* How long after the yield a service may still begin: of a vehicle, of a pedestrian. Who comes next is
     * decided earlier by the clearance of the phase that leaves. */
    int32_t open_ds[PHASES_MAX], ped_open_ds[PHASES_MAX];
    int32_t walk_ds[PHASES_MAX]; /* how long after the yield its walk may still begin */
    int32_t early_ds;            /* coordinated phases may gap out so long before their yield */
};

enum correction_kind {
    CORRECTION_STRETCH, /* every split, in proportion */
    CORRECTION_REST,    /* the coordinated phases alone */
};

/* Works pattern `pattern_no` (1..PATTERNS_MAX) out, lengthened by `correction_ds` as `kind` says, or
 * shortened where it is negative, by no more than shorten_most_ds. Returns FREE_NOT, or why the pattern
 * cannot be run; `program` is then incomplete. */
enum free_reason program_build(struct coord_program *program, const struct plan *plan, int pattern_no,
                               int32_t correction_ds, enum correction_kind kind);

/* Distance on the circle of the cycle from `from_ds` forward to `to_ds`: 0 .. cycle_ds - 1. */
static inline int32_t program_ahead(const struct coord_program *p, int32_t from_ds, int32_t to_ds)
{
    int32_t distance_ds = (to_ds - from_ds) % p->cycle_ds;
    return distance_ds < 0 ? distance_ds + p->cycle_ds : distance_ds;
}

#endif
