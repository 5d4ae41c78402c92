/* The layout of a compiled plan. Include plan.h instead. */
#ifndef PHASES_PLAN_LAYOUT_H
#define PHASES_PLAN_LAYOUT_H

#include "database.h"

/* Times and numbers of one phase. */
struct plan_phase {
    int16_t walk_ds;
    int16_t ped_clear_ds;
    int16_t ped_into_clearance_ds; /* how much of the ped clearance may run after the end of green */
    int16_t dont_walk_revert_ds;
    int16_t minimum_ds;
    int16_t passage_ds;
    int16_t minimum_gap_ds;
    int16_t before_reduction_ds;
    int16_t to_reduce_ds;
    int16_t reduce_by_ds;
    int16_t cars_before_reduction;
    int16_t added_initial_ds;
    int16_t maximum_initial_ds; /* 0: no cap */
    int16_t flashing_green_ds;
    int16_t yellow_ds;
    int16_t red_clear_ds;
    int16_t red_revert_ds; /* the larger of the unit's and the phase's */
    int16_t red_yellow_ds; /* red and yellow together before green; 0 none */
    int16_t bicycle_minimum_ds;
    int16_t alternate_walk_ds, alternate_ped_clear_ds; /* for those who ask for more time: never less */
    int16_t alternate_minimum_ds;                      /* in a transition; 0: minimum_ds */
    int16_t ped_advance_ds;                            /* walk so long before green, or */
    int16_t ped_delay_ds;                              /* so long after its start; one of them is 0 */
    int16_t dynamic_step_ds;
    int32_t dynamic_limit_ds; /* 0: no dynamic maximum */
    int32_t maximum_ds[3];
    uint8_t ped_services; /* phasePedWalkService: 1 forbids a second walk in one green */
};

/* One vehicle detector that has work to do. */
struct plan_detector {
    int16_t delay_ds;
    int16_t extend_ds;
    int16_t queue_limit_ds;
    int8_t phase_ix;     /* -1: none */
    int8_t switch_ix;    /* -1: none */
    uint8_t options;     /* enum vehicle_detector_option */
    uint8_t fail_time_s; /* as stored: 0 and 255 are special */
    bool bicycle;
};

/* When a detector counts as failed; 0: it is not watched for that. */
struct plan_diagnosis {
    uint16_t no_activity_s;
    uint16_t max_presence_s;
    uint8_t erratic_counts; /* in a minute */
};

/* How a detector measures speed. */
struct plan_speed {
    int16_t partner_ix;   /* the other one of its pair; -1: none */
    uint16_t spacing_cm;  /* of the pair, leading edge to leading edge */
    uint16_t presence_cm; /* zone and average vehicle: what passes while it is occupied; 0 unknown */
};

/* Periods of the volume reports that are not a time. */
enum { PERIOD_NONE = 0, PERIOD_CYCLE = -1 };

enum channel_source {
    SOURCE_NONE,
    SOURCE_VEHICLE,
    SOURCE_PEDESTRIAN,
    SOURCE_OVERLAP,
    SOURCE_PED_OVERLAP,
};

struct plan_channel {
    uint8_t source;       /* enum channel_source */
    int8_t source_ix;     /* of the phase or overlap */
    uint8_t flash;        /* enum channel_flash */
    bool ped_clear_green; /* pedestrian clearance flashes green */
    bool dark_when_red;
    bool off_by_schedule;
    uint8_t countdown_pulse_s;
};

/* A cluster is a set of rings that can stand in each other's way; its phases fall into sides: the
 * groups between two barriers. Rings of different clusters never wait for each other. */
struct plan_cluster {
    uint8_t ring_mask;
    uint8_t side_count;
    uint64_t phases; /* of all its rings */
    uint64_t side_phases[PHASES_MAX];
};

/* The order in which one sequence passes phases and sides. Phases, conflicts and sides are the same
 * in all of them, so a cluster may go over to another order at any time but on the way over a barrier. */
struct plan_order {
    int8_t ring_phase[RINGS_MAX][PHASES_MAX]; /* phase indices, side after side; plan_structure.ring_length */
    uint64_t later[PHASES_MAX];               /* phases of the same ring and side behind it */
    uint64_t earlier[PHASES_MAX];             /* and before it */
    uint8_t next_side[RINGS_MAX][PHASES_MAX]; /* by cluster: the side behind each side */
    uint8_t first_side[RINGS_MAX];            /* by cluster */
};

/* Which phases an overlap goes by. Phases as masks. */
struct plan_parents {
    uint8_t type; /* enum overlap_type; 0: the overlap is not used */
    uint64_t included, modifier, conflicting_peds;
    uint64_t conflicts;          /* phases that may be on together with none of the included */
    uint64_t modifier_conflicts; /* and with none of the modifiers */
};

/* What makes a plan another plan rather than the same one with other times. */
struct plan_structure {
    uint64_t phases;                /* enabled and in the sequence */
    uint64_t conflicts[PHASES_MAX]; /* phases that may not be on together with it */
    uint8_t ring_of[PHASES_MAX];    /* ring index; RINGS_MAX: none */
    uint8_t ring_length[RINGS_MAX];
    uint8_t cluster_of_ring[RINGS_MAX];
    uint8_t side_of[PHASES_MAX]; /* within its cluster */
    uint64_t ring_phases[RINGS_MAX];
    uint8_t ring_count;       /* highest used ring index + 1 */
    uint8_t free_sequence_ix; /* in force without a pattern */
    uint32_t sequences;       /* bit n-1: sequence n names every phase; others are run as the free one */
    struct plan_order order[SEQUENCES_MAX];
    uint8_t cluster_count;
    struct plan_cluster cluster[RINGS_MAX];
    struct plan_parents overlap[OVERLAPS_MAX];
    uint8_t channel_count; /* highest used channel number */
    struct plan_channel channel[CHANNELS_MAX];
};

/* Times and settings of one overlap. */
struct plan_overlap {
    int16_t trail_green_ds, trail_yellow_ds, trail_red_ds;
    int16_t walk_ds, ped_clear_ds; /* its own, or else the longest of its phases */
    int16_t arrow_delay_ds;
    bool after_modifier;
    bool trail_in_preempt;
    bool off_by_schedule;
};

struct plan_preempt {
    int32_t delay_ds, advance_ds, minimum_duration_ds, maximum_presence_ds;
    uint8_t control; /* enum preempt_control */
    int8_t link_ix;  /* -1: none */
    uint8_t sequence_ix;
    uint8_t exit_type;  /* enum preempt_exit */
    uint8_t exit_calls; /* enum preempt_exit_calls */
    bool railroad;
    /* The most that may be asked of an interval before the preempt ends it; the phase's own time may be
     * less, and always is where 255 is stored. */
    int16_t minimum_green_ds, minimum_walk_ds, enter_ped_clear_ds;
    int16_t enter_yellow_ds, enter_red_clear_ds, track_yellow_ds, track_red_clear_ds;
    int16_t track_green_ds, dwell_green_ds;
    /* phases; track, dwell and exit each may be on together; no track phases: no track interval */
    uint64_t track, dwell, dwell_ped, exit, cycling, cycling_ped;
    uint32_t track_overlaps, dwell_overlaps, cycling_overlaps;
};

struct plan_priority {
    uint8_t class_no;
    bool early_green;
    uint8_t lockout_cycles;
    int32_t arrival_ds, max_extension_ds, time_to_live_ds;
    uint64_t phases, omit;
};

/* Tables the engine looks up seldom stand as they are stored. */
struct plan_tables {
    struct coord_row coord;
    struct pattern_row pattern[PATTERNS_MAX];
    struct split_row split[SPLITS_MAX][PHASES_MAX];
    struct timebase_row timebase;
    int32_t standard_time_zone_s;
    uint8_t daylight_saving;
    bool scheduled; /* a row of the schedule can match */
};

struct plan {
    struct plan_structure structure;
    struct plan_phase phase[PHASES_MAX];
    struct plan_overlap overlap[OVERLAPS_MAX];
    uint32_t overlaps; /* that are used */
    struct plan_preempt preempt[PREEMPTS_MAX];
    uint16_t preempts; /* that are used: enabled, with a phase or a flash dwell */
    struct plan_priority priority[PRIORITIES_MAX];
    uint16_t priorities;                  /* that are used: enabled, with a phase */
    int16_t max_reduction_ds[PHASES_MAX]; /* what priority may take of each phase's green */
    struct speed_row speed;
    struct plan_tables tables;
    uint64_t flash_entry, flash_exit; /* phases, by their option; database_check() keeps them in accord */
    /* options, as masks of phases */
    uint64_t non_actuated1, non_actuated2, non_locking, min_recall, max_recall, ped_recall, soft_recall,
        dual_entry, simultaneous_gap_disable, guaranteed_passage, rest_in_walk, conditional_service,
        added_initial_largest;
    uint64_t red_yellow;  /* phases that announce their green so */
    uint64_t pedestrians; /* phases with a walk interval */
    uint64_t startup_green_walk, startup_green, startup_yellow, startup_red_clear;
    struct detector_mask detectors;                 /* assigned to a phase */
    struct detector_mask timed_detectors;           /* among them: with delay, extension or queue limit */
    struct detector_mask volume_detectors;          /* that count volume, occupancy or speed */
    struct detector_mask diagnosed;                 /* watched by a diagnostic */
    struct detector_mask speed_leads, speed_trails; /* of the speed pairs */
    struct detector_mask speed_alone;               /* measure by the length of vehicle and zone */
    struct detector_mask speed_fallback;            /* do so while the other one of their pair has failed */
    bool measures;                                  /* any of these */
    bool times_detectors, diagnoses;                /* any of those above */
    bool edges_matter;                              /* somebody looks at the moments when inputs change */
    uint64_t speed_phases; /* that speed management knows the set speed of, and measures; 0: it is off */
    struct plan_detector detector[VEHICLE_DETECTORS_MAX];
    struct plan_diagnosis diagnosis[VEHICLE_DETECTORS_MAX];
    struct plan_speed speed_detector[VEHICLE_DETECTORS_MAX];
    struct plan_diagnosis ped_diagnosis[PEDESTRIAN_DETECTORS_MAX];
    int8_t ped_detector_phase[PEDESTRIAN_DETECTORS_MAX]; /* phase index; -1: none */
    uint64_t ped_detectors;                              /* assigned */
    uint64_t ped_detectors_nonlocking;                   /* call only while pressed */
    uint64_t ped_push_detectors;                         /* that can ask for the alternate times */
    int16_t ped_push_ds[PEDESTRIAN_DETECTORS_MAX];       /* by a press so long */
    uint64_t ped_detectors_diagnosed;
    uint64_t ped_detectors_reported; /* assigned, crosswalk presence included */
    int32_t startup_flash_ds;
    int32_t startup_all_red_ds;
    int32_t backup_ds;        /* 0: remote commands never expire */
    int32_t volume_period_ds; /* or PERIOD_NONE, PERIOD_CYCLE */
    int32_t ped_period_ds;    /* likewise */
    int32_t flash_exit_red_ds;
    uint8_t cycle_fault_cycles;
    uint8_t detector_good_min;
    int32_t longest_round_ds; /* in free operation: every phase served at its longest */
    bool ped_fail_recall;
    bool startup_flash_red;
    bool startup_calls;
    bool auto_ped_clear;
    bool backup_prevent;
    bool last_car_recall;
};

#endif
