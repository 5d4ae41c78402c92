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
#include "program.h"

enum {
    ENGINE_AGE_MAX_DS = 24 * 3600 * 10,
    FRAME_WORDS = 11, /* all that a frame shows */
};

enum ring_interval {
    INTERVAL_REST, /* red, nothing timing: idle, or waiting to start `next_ix` */
    INTERVAL_GREEN,
    INTERVAL_FLASHING_GREEN,
    INTERVAL_YELLOW,
    INTERVAL_RED_CLEAR,
    INTERVAL_BEFORE_GREEN, /* on, but red: pedestrians lead */
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
    TERMINATION_PREEMPT,
};

enum reduction {
    REDUCTION_OFF,
    REDUCTION_BEFORE, /* time before reduction runs */
    REDUCTION_RUNNING,
    REDUCTION_DONE, /* the minimum gap is reached */
};

/* Which maximum ends a green. */
enum maximum_kind {
    KIND_MAXIMUM_1,
    KIND_MAXIMUM_2,
    KIND_MAXIMUM_3,
    KIND_DYNAMIC, /* the running maximum */
    MAXIMUM_KINDS,
};

/* A ring serves one phase after the other; the timers belong to the phase that is on. */
struct ring_state {
    int8_t phase_ix;     /* on now, or last on; -1: none yet */
    int8_t next_ix;      /* committed successor; -1: none */
    uint8_t interval;    /* enum ring_interval */
    uint8_t ped;         /* enum ped_interval, of the phase that is on */
    bool red_yellow;     /* lit for next_ix, or for phase_ix before its green: nothing takes that away */
    bool walk_waits;     /* its walk comes ped_left_ds from now */
    bool ped_alternate;  /* this walk and clearance have their alternate length */
    uint8_t termination; /* enum termination: why the last green ended */
    /* clearances */
    int32_t left_ds;            /* of any interval but rest and green */
    int32_t length_ds;          /* how long a clearance lasts as a whole; 0: it is not to be shortened */
    int32_t red_yellow_left_ds; /* before next_ix may begin */
    /* green */
    int32_t maximum_ds[MAXIMUM_KINDS]; /* as they stood when the green began */
    int32_t minimum_left_ds;
    int32_t initial_left_ds;    /* of the minimum and what waiting vehicles add to it */
    int32_t green_ds;           /* since the start of green */
    int32_t gap_ds;             /* since the last vehicle left */
    int32_t max_ds;             /* since a serviceable conflicting call stands */
    int32_t reduction_ds;       /* in the present stage of gap reduction */
    int32_t guaranteed_left_ds; /* rest of the full passage after a reduced gap */
    uint8_t reduction;          /* enum reduction */
    bool occupied;              /* a passage detector was on in the last tick */
    bool max_running;
    bool gap_latched;
    bool guaranteed;            /* the guaranteed passage runs, or has run */
    bool gapped, maxed, forced; /* verdicts of this tick */
    bool minimum_timed;         /* the minimum is over */
    bool minimum_done;          /* the initial is over, and with it the minimum */
    /* pedestrians of the phase that is on */
    int32_t ped_left_ds;
    int32_t ped_length_ds; /* of walk or clearance as a whole */
    /* this visit of a side */
    uint64_t skipped; /* called phases passed over because another ring's green forbade them */
    bool served_here; /* phase_ix was served on the side now in service */
    bool conditional_used;
};

struct cluster_state {
    uint8_t side;        /* in service, or being entered */
    uint8_t sequence_ix; /* the order it follows */
    bool crossing;       /* the rings are on their way over a barrier */
};

struct phase_state {
    int64_t yellow_end_ds;   /* engine time; the red revert runs from here */
    int64_t dont_walk_at_ds; /* engine time; the don't walk revert runs from here */
    int32_t dynamic_max_ds;  /* running maximum */
    uint8_t walks;           /* in this cycle of the coordination */
    int8_t streak;           /* consecutive max-outs (+) or gap-outs (-) */
    uint8_t waiting;         /* vehicles counted since the end of green */
};

struct detector_state {
    int32_t timer_ds; /* of the delay while occupied, of the extension after it */
    uint8_t count;    /* actuations for the added initial */
    bool passed;      /* the delay has run, or was not needed */
    bool extending;
    bool queue_done; /* a gap or the queue limit: ignored until the next green */
};

/* What unit, time base, coordination, preemption and the centre ask of the phases in this tick.
 * Built anew in every tick before anything reads it. Masks of phases, or of rings. */
struct directions {
    uint64_t hold;      /* greens that may not end */
    uint64_t force_off; /* greens to be ended for a conflicting call */
    uint64_t omit;      /* not to be served, even where committed */
    uint64_t closed;    /* not to be chosen now: outside the permissive period */
    uint64_t ped_omit;
    uint64_t ped_closed;                         /* no walk begins now, but its call stands */
    uint64_t ped_recycle;                        /* walk may begin in a green that runs */
    uint64_t walk_ends;                          /* a walk that has timed out does not rest */
    uint64_t min_recall, max_recall, ped_recall; /* the phases' own included */
    uint64_t coordinated;                        /* dwell until their yield */
    uint64_t non_actuated;                       /* called in every cycle, walk held by HOLD */
    uint8_t max2_rings, max3_rings, max_inhibit_rings, red_rest_rings;
    uint8_t sequence_ix; /* to be followed from the next barrier on */
    bool draining;       /* nothing begins; greens end when they are ready */
    bool steering;       /* the rings are led to `target`, past calls and barriers */
    uint64_t target;     /* phases to be on together; a ring without one rests in red */
};

/* ---- overlaps ---- */

enum overlap_color {
    OVERLAP_RED,
    OVERLAP_GREEN,
    OVERLAP_FLASHING_GREEN, /* with its parents, before their yellow */
    OVERLAP_TRAIL_GREEN,    /* beyond its parents */
    OVERLAP_ARROW,          /* flashing yellow or red: turn, but yield */
    OVERLAP_YELLOW,
    OVERLAP_RED_CLEAR,
    OVERLAP_DARK, /* four sections: the protected green is on another channel */
    OVERLAP_RED_YELLOW,
};

struct overlap_state {
    uint8_t color;          /* enum overlap_color */
    uint8_t ped;            /* enum ped_interval, of a pedestrian overlap */
    bool alone;             /* clears by its own timer, not with its parents */
    bool trailing;          /* and by the trailing times */
    int32_t left_ds;        /* of what it times itself */
    int32_t revert_left_ds; /* red before it may turn green again */
    int32_t delay_left_ds;  /* before a flashing arrow begins beside the through green */
    int32_t ped_left_ds;    /* steady don't walk of those who cross it, before it may begin */
    uint64_t parents;       /* phases whose green it shows, or showed last */
};

/* All that overlaps go by; masks of phases. Nothing of it changed and no timer runs: nor do they. Compared
 * whole, so it has no padding. */
struct overlap_sight {
    uint64_t green;    /* flashing included */
    uint64_t flashing; /* greens about to end */
    uint64_t yellow, clearing;
    uint64_t next;            /* or on, but not yet green */
    uint64_t walk, ped_clear; /* a walk that is due is one */
    uint64_t called;          /* pedestrians who wait */
    uint64_t walk_ends;       /* pedestrians whom a preempt wants off the road */
    uint64_t lingering;       /* phases that other overlaps outlast */
    uint32_t permitted;       /* overlaps that a preempt lets be more than red */
    uint16_t recycling_rings;
    bool preempted, lamps_off;
};

/* What all overlaps show, as masks of overlaps, and whom they keep waiting. */
struct overlap_lamps {
    uint32_t green, yellow, flashing, dark; /* none of them: red */
    uint32_t walk, ped_clear;
    uint32_t red_yellow;
    uint32_t timing;      /* overlaps with a timer that runs */
    uint64_t bars;        /* phases that may not begin */
    uint64_t bars_walk;   /* phases that may not begin with a walk */
    uint64_t closes_walk; /* phases whose walk waits, while they may begin */
    uint64_t lingering;   /* phases that overlaps outlast, clearing alone */
};

/* ---- coordination ---- */

enum coord_stage {
    COORD_FREE,
    COORD_PICKUP, /* free, on the way to the coordinated phases */
    COORD_RUNNING,
};

/* What a cycle does about the offset, as event 150 numbers it. */
enum coord_correction {
    COORD_IN_STEP = 1,
    COORD_ADDING = 2,
    COORD_SUBTRACTING = 3,
    COORD_DWELLING = 4,
};

/* A green on its way to its force-off. */
struct coord_ring {
    int8_t phase_ix; /* whose green is timed; -1: none */
    bool forced;
    int32_t left_ds;
};

/* What the local clock says of the phases; holds until it reaches `until_ds` or another phase is on. */
struct coord_windows {
    int32_t until_ds;
    uint64_t on;              /* phases on that the masks were worked out for */
    uint64_t held;            /* coordinated, before their yield */
    uint64_t yielded;         /* coordinated, behind it */
    uint64_t closed;          /* no vehicle may call them up now */
    uint64_t ped_only_closed; /* no pedestrian */
    uint64_t walk_closed;     /* no walk may begin */
};

struct coord_state {
    uint8_t stage;      /* enum coord_stage */
    uint8_t pattern_no; /* in force: 254 free, 255 flash */
    uint8_t requested_no;
    uint8_t source;      /* of the pattern, enum unit_control_status */
    uint8_t free_reason; /* enum free_reason */
    uint8_t correction;  /* enum coord_correction, of this cycle */
    uint8_t cycles_out;  /* since the command, without being in step; stops at 255 */
    bool stale;          /* the plan changed: work the pattern out anew at local zero */
    bool sync_written;   /* systemSyncControl, since the last tick */
    int32_t local_ds;
    int64_t system_zero_ds; /* engine time of a zero of the system's cycle, from systemSyncControl */
    struct coord_program program;
    struct coord_windows windows;
    struct coord_ring ring[RINGS_MAX];
};

/* ---- time base ---- */

struct timebase_state {
    int64_t utc_ds;          /* of this tick; 0 unknown */
    int64_t next_look_ds;    /* UTC at which the local minute ends and the schedule is asked again */
    int64_t steady_until_ds; /* UTC before which it cannot ask for anything else */
    int32_t utc_offset_s;
    uint16_t scheduled_minute, commanded_minute, action_minute; /* of the day, at which it began */
    uint8_t schedule_row_no, day_plan_no;                       /* of today; 0 none */
    uint8_t scheduled_no, commanded_no, action_no;              /* the schedule's, the centre's, in force */
    uint8_t pattern_no;                                         /* asked for by the action; 0 none */
    uint8_t auxiliary;
    uint8_t special_functions;
    bool speed_management;
    bool lamps_off;
    bool stale; /* the plan changed: ask again */
};

/* ---- preemption ---- */

/* Masks of preempts. Timers of preempts that are not called, or not in service, are 0. */
struct preempt_state {
    uint16_t inputs;  /* of the cabinet and the centre, whether the preempt is used or not */
    uint16_t calls;   /* inputs and links of those used, in the last tick */
    uint16_t called;  /* calls that count, and remembered ones */
    uint16_t locked;  /* called until the dwell, even if the call goes away */
    uint16_t ignored; /* called beyond the maximum presence, until the call goes away */
    uint16_t linking; /* whose link is called */
    int8_t active_ix; /* in service, from the entry to the end of the exit; -1 none */
    uint8_t stage;    /* enum preempt_stage, of the one in service */
    bool flashing;    /* flash dwell, or all-red flash */
    int32_t left_ds;  /* of track green or dwell green */
    int32_t duration_left_ds;
    int32_t red_left_ds; /* all red between a flash and the next green */
    uint64_t exit;       /* phases the exit leads to */
    uint64_t cut;        /* phases the entry took part of their minimum green from */
    int32_t delay_left_ds[PREEMPTS_MAX];
    int32_t advance_left_ds[PREEMPTS_MAX];
    int32_t present_ds[PREEMPTS_MAX]; /* how long the call stands */
};

/* ---- automatic flash ---- */

enum flash_stage {
    FLASH_OFF,
    FLASH_ENTRY, /* on the way to the entry phases, and through their minimum */
    FLASH_CLEAR, /* all red before the flash */
    FLASH_ON,
    FLASH_EXIT, /* all red before the exit phases */
};

struct flash_state {
    uint8_t stage; /* enum flash_stage */
    int32_t left_ds;
};

/* ---- priority ---- */

struct priority_request {
    int32_t age_ds;     /* since check-in */
    int32_t lockout_ds; /* left, after a service */
    bool waiting;       /* checked in, and not too old */
};

struct priority_state {
    uint16_t inputs;       /* of the last tick, with the centre's */
    int8_t active_ix;      /* the request being adjusted for; -1 none */
    bool extending, early; /* what is done for it: told once each */
    int32_t extended_ds;   /* green given beyond the moment at which it would have ended */
    uint64_t kept;         /* phases that an extension must not shut out: their calls came in time */
    uint64_t hurried;      /* greens forced off early: told once each */
    uint64_t skipping;     /* called phases that the request being served leaves out */
    uint64_t passed_over;  /* and that earlier ones did, not green since: never twice in a row */
    struct priority_request request[PRIORITIES_MAX];
};

/* ---- detector diagnostics and speed ---- */

struct diagnostic_state {
    uint16_t steady_s; /* full seconds without a change of the input */
    uint16_t count;    /* actuations in this minute */
    uint8_t alarms;    /* enum detector_alarm */
    uint8_t good_min;  /* full minutes with a count in range */
};

/* A measuring detector, and the way to its partner where it leads a pair. */
struct speed_detector_state {
    uint16_t since_ds; /* since the last vehicle reached it */
    uint8_t between;   /* vehicles on the way to the trailing detector */
    bool crowded;      /* more than one at a time: their order is not known */
};

struct speed_state {
    bool managed; /* the mode acts */
    bool demand_known;
    uint16_t minute_count, last_minute_count; /* vehicles on all measuring detectors */
    uint64_t withheld;                        /* phases that wait because of a fast vehicle */
    uint64_t delayed;                         /* phases with a time waited */
    uint8_t left_ds[PHASES_MAX];              /* of the delay */
    uint16_t waited_ds[PHASES_MAX];           /* withheld since the last green */
    uint8_t standing_ds[PHASES_MAX];          /* presence on a detector nobody measures with */
    struct detector_mask timing;              /* measuring detectors whose time runs */
    struct speed_detector_state detector[VEHICLE_DETECTORS_MAX];
};

/* ---- cycle diagnostics ---- */

struct fault_state {
    uint8_t alarms;               /* enum alarm1: the faults of cycle and coordination */
    bool coord_shut;              /* coordination is given up for now */
    bool coordinated;             /* in the last tick */
    uint8_t pattern_no;           /* asked for when coordination was given up */
    uint64_t waiting;             /* phases with a call that is not served */
    uint64_t unserved;            /* those among them that coordination was given up for */
    int64_t begun_ds;             /* engine time: coordination, or free operation, runs since */
    int64_t oldest_ds;            /* since when the first of `waiting` waits, */
    int64_t since_ds[PHASES_MAX]; /* and each of them */
};

/* What the active detectors ask for, as phases, beside what it was derived from. */
struct actuation {
    const struct plan *plan;
    uint64_t green;
    struct detector_mask heard;           /* active, and to be believed */
    uint64_t failed_call, failed_passage; /* asked for in place of failed detectors */
    uint64_t call, passage;
    uint64_t yellow_lock, red_lock; /* from detectors that lock by their own option */
    uint64_t bicycle;               /* calls of bicycle detectors */
};

struct engine_ctl {
    int64_t now_ds; /* -1 before the first tick */
    uint8_t unit;   /* enum unit_state */
    int32_t startup_left_ds;
    struct ring_state ring[RINGS_MAX];
    struct cluster_state cluster[RINGS_MAX];
    struct phase_state phase[PHASES_MAX];
    struct detector_state detector[VEHICLE_DETECTORS_MAX];
    struct detector_mask sensed; /* vehicle inputs of the last tick */
    struct detector_mask raw;    /* and with remote actuations */
    struct detector_mask active; /* after delay and extension */
    struct detector_mask failed; /* by diagnostics, or by what their units report */
    struct detector_mask moved;  /* vehicle inputs that have changed since the last full second */
    uint64_t failed_phases;      /* with a failed vehicle detector */
    uint64_t ped_sensed, ped_raw, ped_failed, ped_moved;
    uint64_t green, yellow, on, next; /* masks of phases after the last tick; flashing green is green */
    uint64_t flashing_green, red_clear, before_green;
    uint64_t walk, ped_clear, walk_waits;
    uint64_t red_yellow;    /* phases about to begin */
    uint64_t locked;        /* vehicle calls in memory */
    uint64_t bicycle;       /* phases that a bicycle has called since their last green */
    uint64_t ped_locked;    /* pedestrian calls in memory */
    uint64_t ped_alternate; /* pedestrian calls that ask for the alternate times */
    uint64_t ped_pushing;   /* buttons on their way to a long press */
    int16_t push_ds[PEDESTRIAN_DETECTORS_MAX];
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
    struct timebase_state timebase;
    struct coord_state coord;
    struct preempt_state preempt;
    struct flash_state flash;
    struct priority_state priority;
    struct speed_state speed;
    struct fault_state fault;
    struct overlap_state overlap[OVERLAPS_MAX];
    struct overlap_lamps overlap_lamps;
    struct channel_mask channels_off; /* dark by schedule */
    struct diagnostic_state diagnostic[VEHICLE_DETECTORS_MAX];
    struct diagnostic_state ped_diagnostic[PEDESTRIAN_DETECTORS_MAX];
};

/* A report by period, 1202 v03 5.3.5 and 5.3.10. */
struct report {
    bool collecting;
    uint8_t sequence;
    uint16_t duration_s; /* of the last completed period; 0 none */
    int32_t sampled_ds;  /* of the present one */
    int64_t ended_ds;    /* engine time at which the last one was completed */
    uint32_t zeros;      /* cycle zeros seen, where the period is a cycle */
};

struct engine_obs {
    struct hires_ring events;
    uint64_t cycles; /* barriers crossed into the first side, all clusters */
    uint32_t cycle_zeros;
    struct report vehicles, pedestrians;
    /* the last completed period */
    uint8_t volume[VEHICLE_DETECTORS_MAX];
    uint8_t occupancy[VEHICLE_DETECTORS_MAX];
    uint16_t speed[VEHICLE_DETECTORS_MAX]; /* half km/h; 0 none measured */
    uint8_t ped_actuations[PEDESTRIAN_DETECTORS_MAX];
    uint8_t ped_services[PEDESTRIAN_DETECTORS_MAX];
    /* the running sample */
    uint16_t count[VEHICLE_DETECTORS_MAX];
    uint32_t occupied_ds[VEHICLE_DETECTORS_MAX];
    uint32_t speed_sum[VEHICLE_DETECTORS_MAX]; /* half km/h */
    uint16_t speed_count[VEHICLE_DETECTORS_MAX];
    uint8_t alarms_seen[VEHICLE_DETECTORS_MAX]; /* enum detector_alarm, since the period began */
    uint16_t ped_count[PEDESTRIAN_DETECTORS_MAX];
    uint16_t walk_count[PHASES_MAX];
    uint64_t walk_seen; /* phases in walk when last looked at */
    uint8_t ped_alarms_seen[PEDESTRIAN_DETECTORS_MAX];
    uint64_t served[RINGS_MAX];       /* by cluster: phases that were on in this visit of its side */
    uint8_t maximum_kind[PHASES_MAX]; /* enum maximum_kind, as last written to the events */
    /* as last written to the events */
    uint64_t hold, omit, ped_omit;
    bool ped_dark;
    uint8_t flash_status; /* enum flash_status */
    uint8_t control;      /* enum unit_control_status */
    bool control_stale;   /* perhaps another one now */
    uint8_t alarm1;
    uint8_t alarm_inputs;
    uint16_t special_functions;
};

struct engine {
    const struct plan *plan;
    struct engine_ctl ctl;
    struct engine_obs obs;
    struct directions directions; /* of this tick */
    /* Derived, kept to save work: */
    struct actuation actuation;
    struct overlap_sight overlap_seen; /* at their last step */
    struct frame frame;                /* of the last tick: built again only when a mask below changes */
    uint64_t framed[FRAME_WORDS];
    bool masks_moved; /* since then */
};

#endif
