/* Watches a junction for a week. It knows the database, and sees what engine_get_status() and the frame tell.
 *
 * In every tick: nobody has right of way beside a conflicting phase or overlap; colours follow each other in
 * order; yellow, red clearance, minimum green, walk and its clearance last as long as the database says, but
 * for what a preempt may take of them; each channel shows one indication, that of its phase or overlap; flash
 * comes out of all red; and a call that nobody holds up is served within a bound. Most ticks change nothing,
 * so it looks closer only where a mask has changed. */
#ifndef TESTS_PROPERTY_WEEK_OBSERVER_H
#define TESTS_PROPERTY_WEEK_OBSERVER_H

#include "../../../phases/engine.h"

enum { FAULT_TEXT = 160 };

/* How many ticks something went on, or how often it happened: what never came up has not been tested. */
struct week_counts {
    int64_t ticks, in_step, in_transition, preempted, in_flash, trailing, priority, withheld, failed, manual,
        walking, overlap_green, calm, served, greens, plans;
};

enum colour { RED, GREEN, FLASHING_GREEN, YELLOW };

struct phase_watch {
    enum colour colour;
    int64_t since;
    int own_ds, least_ds; /* due when it began, and what a preempt may leave of it */
    bool frozen;          /* stop time fell into it */
    int64_t yellow_end;
    int red_clear_ds, least_red_ds;
    int64_t walk_since; /* of the walk or clearance that runs */
    int walk_own_ds, walk_least_ds;
    bool by_hand; /* manual control fell into it */
    int64_t called_since, ped_called_since;
    int64_t sum_ds[2]; /* right of way and red, while the phases run */
};

struct overlap_watch {
    int64_t yellow_since;
    int yellow_ds;
};

/* Which phases and overlaps may be on together, as the database has it. */
struct rights {
    uint64_t phases, soft, with[PHASES_MAX];
    uint32_t overlaps, pedestrian, transit, beside[OVERLAPS_MAX];
    uint64_t members[OVERLAPS_MAX], included[OVERLAPS_MAX], overlap_with[OVERLAPS_MAX];
};

struct observer {
    const struct database *db;
    struct rights rights;
    int64_t tick, bound_ds;
    struct engine_status before;
    struct frame frame;
    struct phase_watch phase[PHASES_MAX];
    struct overlap_watch overlap[OVERLAPS_MAX];
    uint64_t waiting, ped_waiting;
    bool opened; /* something had right of way since the start or the last flash */
    int64_t running_ds, calm_since, preempt_tick;
    struct week_counts counts;
    char fault[FAULT_TEXT]; /* the first; empty: none */
};

/* What else is to be known about a tick. */
struct week_hands {
    const struct control *control; /* the centre's commands */
    bool disturbed;                /* somebody holds up the phases */
};

void observer_init(struct observer *o, const struct database *db);

/* Another database is in force from the next tick on. */
void observer_adopt(struct observer *o, const struct database *db);

/* False from the first fault on. */
bool observer_step(struct observer *o, const struct engine_status *s, const struct frame *frame,
                   const struct week_hands *hands);

/* After the last tick: the times of every phase add up. */
bool observer_finish(struct observer *o);

__attribute__((format(printf, 2, 3))) void observer_blame(struct observer *o, const char *format, ...);

#endif
