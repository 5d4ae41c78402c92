/* A junction under exploration: the real engine and the real guard, an observer who knows the database
 * and sees the lamps, and the switches that stay as they were put.
 *
 * A world moves in steps of STEP_DS. What decides its future is written down by world_pack() in a few
 * hundred octets; everything else in it is constant, derived, or the engine's memory of the past. */
#ifndef TESTS_EXPLORE_WORLD_H
#define TESTS_EXPLORE_WORLD_H

#include "../../phases/engine.h"
#include "../../phases/guard.h"
#include "canonical.h"
#include "observer.h"

enum {
    STEP_DS = 30,
    CHOICES_MAX = 96,
    PACKED_MAX = 8192, /* octets of a packed world, at most */
};

/* What may happen in one step: the world's inputs are all at rest but for these. */
struct choice {
    char name[32];
    uint64_t cars;             /* phases whose detector is occupied during the step */
    uint64_t buttons;          /* phases whose button is pressed during the step */
    uint32_t pressed;          /* enum unit_input, during the step */
    uint32_t turned;           /* enum unit_input, switched over before the step, and staying so */
    uint16_t preempt;          /* preempt inputs switched over, and staying so */
    uint16_t priority;         /* the same for priority */
    struct control_op command; /* of the centre, before the step; size 0: none */
    bool adopt;                /* the other plan is offered before the step, until it is taken */
    bool disturbs;             /* while what it switches lasts, calls may wait for ever */
};

/* What does not change while a junction is explored. */
struct junction {
    struct database db[2]; /* the second one is offered by choices that adopt */
    struct plan plan[2];
    struct guard_card card;
    struct known known[2];
    struct caps caps;
    struct choice choice[CHOICES_MAX];
    int choices;
};

/* Switches, and which plan is in force. */
struct switches {
    uint32_t unit;
    uint16_t preempt, priority;
    uint32_t plan_ix;
    bool offered; /* the other plan waits */
};

struct world {
    const struct junction *junction;
    struct engine engine;
    struct guard guard;
    struct observer observer;
    struct switches switches;
    struct frame frame; /* of the last step */
};

/* Power-up, before the first step. `junction` must outlive the world. */
void world_init(struct world *w, const struct junction *junction);

/* One step. Returns whether every invariant held; where one did not, `breach` says which. */
bool world_step(struct world *w, const struct choice *choice, struct breach *breach);

/* What waits for its green: vehicle calls in bits 0..31, pedestrian calls in bits 32..63, by phase index.
 * Empty while anything is switched that may keep a call waiting for ever. Ask before world_settle(). */
uint64_t world_waiting(const struct world *w);

/* Brings the world into its canonical form. Its future stays the same. */
void world_settle(struct world *w);

/* Writes what decides the future of a settled world as its difference from `start`, a world at power-up,
 * into `packed` (PACKED_MAX octets), and brings it back. world_pack() returns the number of octets. */
size_t world_pack(const struct world *w, const struct world *start, unsigned char *packed);
void world_unpack(struct world *w, const struct world *start, const unsigned char *packed, size_t size);

/* Copies what decides the future. */
void world_copy(struct world *to, const struct world *from);

#endif
