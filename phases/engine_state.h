/* The engine's memory. Include engine.h instead; only the engine's own files look inside.
 *
 * `ctl` is all that decides the future; `obs` only tells about the past. A ring's timers count
 * tenths of a second; those that could run for ever stop at ENGINE_AGE_MAX. */
#ifndef PHASES_ENGINE_STATE_H
#define PHASES_ENGINE_STATE_H

#include "control.h"
#include "frame.h"
#include "hires.h"
#include "plan.h"

enum { ENGINE_AGE_MAX_DS = 24 * 3600 * 10 };

enum ring_interval {
    INTERVAL_REST, /* red, nothing timing: idle, or waiting to start `next_ix` */
    INTERVAL_GREEN,
    INTERVAL_FLASHING_GREEN,
    INTERVAL_YELLOW,
    INTERVAL_RED_CLEAR,
};

enum ped_interval {
    PED_DONT_WALK,
    PED_WALK,
    PED_CLEAR,
};

enum termination {
    TERMINATION_NONE,
    TERMINATION_GAP,
    TERMINATION_MAX,
    TERMINATION_FORCE_OFF,
};

enum reduction {
    REDUCTION_OFF,
    REDUCTION_BEFORE, /* time before reduction runs */
    REDUCTION_RUNNING,
};

/* A ring serves one phase after the other; the timers belong to the phase that is on. */
struct ring_state {
    int8_t phase_ix;     /* on now, or last on; -1: none yet */
    int8_t next_ix;      /* committed successor; -1: none */
    uint8_t interval;    /* enum ring_interval */
    uint8_t termination; /* enum termination: why the last green ended */
    int32_t left_ds;     /* of flashing green, yellow or red clearance */
    /* green */
    int32_t maximum_ds[3]; /* maximum 1, 2 and 3 as they stood when the green began */
    int32_t initial_left_ds;
    int32_t green_ds;           /* since the start of green */
    int32_t gap_ds;             /* since the last vehicle left */
    int32_t max_ds;             /* since a serviceable conflicting call stands */
    int32_t reduction_ds;       /* in the present stage of gap reduction */
    int32_t guaranteed_left_ds; /* rest of the full passage after a reduced gap */
    uint8_t reduction;          /* enum reduction */
    bool occupied;              /* a passage detector was on in the last tick */
    bool queue_held;            /* a queue detector extends the green */
    bool max_running;
    bool gap_latched;
    bool guaranteed;            /* the guaranteed passage runs, or has run */
    bool gapped, maxed, forced; /* verdicts of this tick */
    bool minimum_done;
    /* pedestrians of the phase that is on */
    uint8_t ped; /* enum ped_interval */
    int32_t ped_left_ds;
    int32_t dont_walk_ds; /* since the last clearance of this green ended */
    /* this visit of a side */
    uint64_t skipped; /* called phases passed over because another ring's green forbade them */
    bool served_here; /* phase_ix was served on the side now in service */
    bool conditional_used;
};

struct cluster_state {
    uint8_t side;  /* in service, or being entered */
    bool crossing; /* the rings are on their way over a barrier */
};

struct phase_state {
    int64_t yellow_end_ds;  /* engine time; the red revert runs from here */
    int32_t dynamic_max_ds; /* running maximum */
    int8_t streak;          /* consecutive max-outs (+) or gap-outs (-) */
    uint8_t waiting;        /* vehicles counted since the end of green */
};

struct detector_state {
    int32_t timer_ds; /* of the delay while red, of the extension while green */
    uint8_t count;    /* actuations for the added initial */
    bool active;      /* raw, after delay */
    bool passed;      /* the delay has run, or was not needed */
    bool extending;
    bool queue_done;
};

/* What the active detectors ask for, as phases, beside what it was derived from. */
struct actuation {
    const struct plan *plan;
    uint64_t green;
    uint64_t call, passage;
    uint64_t yellow_lock, red_lock; /* from detectors that lock by their own option */
};

struct engine_ctl {
    int64_t now_ds; /* -1 before the first tick */
    uint8_t unit;   /* enum unit_state */
    int32_t startup_left_ds;
    struct ring_state ring[RINGS_MAX];
    struct cluster_state cluster[RINGS_MAX];
    struct phase_state phase[PHASES_MAX];
    struct detector_state detector[VEHICLE_DETECTORS_MAX];
    struct detector_mask raw;    /* vehicle inputs of the last tick, with remote actuations */
    struct detector_mask active; /* after delay and extension */
    uint64_t ped_raw;
    uint64_t green, yellow, on, next; /* masks of phases after the last tick; flashing green is green */
    uint64_t walk, ped_clear;
    uint64_t locked;       /* vehicle calls in memory */
    uint64_t ped_locked;   /* pedestrian calls in memory */
    uint64_t vehicle_call; /* all vehicle calls of this tick, soft recalls apart */
    uint64_t soft_call;
    uint64_t ped_call;
    uint64_t served_since_walk; /* phases of which a conflicting one has been served since their walk */
    struct control control;
    bool commanded; /* by the centre, since the last fall back to local control */
    int32_t command_age_ds;
    int32_t manual_left_ds; /* of remote manual control */
    uint32_t unit_inputs;   /* of the last tick */
    bool backup_mode;
    bool manual;
    uint8_t advance_rings;  /* greens on which an interval advance waits to be carried out */
    bool draining;          /* a structural plan waits for all-red */
    bool start_pending;     /* engine_init_green: the phases start in the first tick */
    uint64_t no_walk_start; /* start-up phases that begin without walk */
    uint64_t walk_start;    /* and those that begin with it, called or not */
};

struct engine_obs {
    struct hires_ring events;
    uint64_t cycles; /* barriers crossed into the first side, all clusters */
    uint8_t volume_sequence;
    int32_t volume_left_ds;
    int32_t volume_sampled_ds;
    uint16_t volume_duration_s; /* of the report below */
    uint8_t volume[VEHICLE_DETECTORS_MAX];
    uint8_t occupancy[VEHICLE_DETECTORS_MAX];
    uint16_t count[VEHICLE_DETECTORS_MAX]; /* running sample */
    uint32_t occupied_ds[VEHICLE_DETECTORS_MAX];
};

struct engine {
    const struct plan *plan;
    struct engine_ctl ctl;
    struct engine_obs obs;
    /* Derived, kept to save work: */
    struct actuation actuation;
    struct frame frame; /* of the last tick: built again only when a mask below changes */
    uint64_t framed[6];
};

#endif
