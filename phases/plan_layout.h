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
    int8_t phase_ix;
    int8_t switch_ix; /* -1: none */
    uint8_t options;  /* enum vehicle_detector_option */
};

enum channel_source {
    SOURCE_NONE,
    SOURCE_VEHICLE,
    SOURCE_PEDESTRIAN,
};

struct plan_channel {
    uint8_t source; /* enum channel_source */
    int8_t phase_ix;
    uint8_t flash;        /* enum channel_flash */
    bool ped_clear_green; /* pedestrian clearance flashes green */
};

/* A cluster is a set of rings that can stand in each other's way; its phases fall into sides: the
 * groups between two barriers. Rings of different clusters never wait for each other. */
struct plan_cluster {
    uint8_t ring_mask;
    uint8_t side_count;
    uint64_t phases;                  /* of all its rings */
    uint64_t side_phases[PHASES_MAX]; /* in the order in which the sequence passes them */
};

/* What makes a plan another plan rather than the same one with other times. */
struct plan_structure {
    uint64_t phases;                /* enabled and in the sequence */
    uint64_t conflicts[PHASES_MAX]; /* phases that may not be on together with it */
    uint8_t ring_of[PHASES_MAX];    /* ring index; RINGS_MAX: none */
    uint8_t ring_length[RINGS_MAX];
    int8_t ring_phase[RINGS_MAX][PHASES_MAX]; /* phase indices, side after side, in sequence order */
    uint8_t cluster_of_ring[RINGS_MAX];
    uint8_t side_of[PHASES_MAX]; /* within its cluster */
    uint64_t ring_phases[RINGS_MAX];
    uint64_t later[PHASES_MAX];   /* phases of the same ring and side behind it in the sequence */
    uint64_t earlier[PHASES_MAX]; /* and before it */
    uint8_t ring_count;           /* highest used ring index + 1 */
    uint8_t cluster_count;
    struct plan_cluster cluster[RINGS_MAX];
    uint8_t channel_count; /* highest used channel number */
    struct plan_channel channel[CHANNELS_MAX];
};

struct plan {
    struct plan_structure structure;
    struct plan_phase phase[PHASES_MAX];
    /* options, as masks of phases */
    uint64_t non_actuated1, non_actuated2, non_locking, min_recall, max_recall, ped_recall, soft_recall,
        dual_entry, simultaneous_gap_disable, guaranteed_passage, rest_in_walk, conditional_service,
        added_initial_largest;
    uint64_t pedestrians; /* phases with a walk interval */
    uint64_t startup_green_walk, startup_green, startup_yellow, startup_red_clear;
    struct detector_mask detectors;       /* assigned to a phase */
    struct detector_mask timed_detectors; /* among them: with delay, extension or queue limit */
    struct detector_mask volume_detectors;
    struct plan_detector detector[VEHICLE_DETECTORS_MAX];
    int8_t ped_detector_phase[PEDESTRIAN_DETECTORS_MAX]; /* phase index; -1: none */
    uint64_t ped_detectors;                              /* assigned */
    uint64_t ped_detectors_nonlocking;                   /* call only while pressed */
    int32_t startup_flash_ds;
    int32_t startup_all_red_ds;
    int32_t backup_ds;        /* 0: remote commands never expire */
    int32_t volume_period_ds; /* 0: no report */
    bool startup_flash_red;
    bool startup_calls;
    bool auto_ped_clear;
    bool backup_prevent;
    bool last_car_recall;
};

#endif
