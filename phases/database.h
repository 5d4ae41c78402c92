/* Every stored parameter of the controller as one flat struct, in NTCIP's own units and ranges.
 *
 * The object table (ntcip/objects.def) binds each NTCIP object to one field here and holds its
 * range and default; this file holds the shape, and the rules that need two objects at once.
 * Row n of a table is element n-1. A list packed by NTCIP into an OCTET STRING of numbers is a
 * count and that many numbers.
 *
 * The struct is plain bytes: copy it, compare it, hash it (no padding is left uninitialised if
 * it was zeroed first, which object_defaults() does). */
#ifndef PHASES_DATABASE_H
#define PHASES_DATABASE_H

#include "types.h"

struct phase_list {
    uint8_t count;
    uint8_t number[PHASES_MAX];
};

struct channel_list {
    uint8_t count;
    uint8_t number[CHANNELS_MAX];
};

/* Bits of phaseOptions, NTCIP 1202 v03 5.2.2.21. */
enum phase_option {
    PHASE_ENABLED = 1 << 0,
    PHASE_FLASH_ENTRY = 1 << 1,
    PHASE_FLASH_EXIT = 1 << 2,
    PHASE_NON_ACTUATED_1 = 1 << 3,
    PHASE_NON_ACTUATED_2 = 1 << 4,
    PHASE_NON_LOCKING = 1 << 5,
    PHASE_MIN_RECALL = 1 << 6,
    PHASE_MAX_RECALL = 1 << 7,
    PHASE_PED_RECALL = 1 << 8,
    PHASE_SOFT_RECALL = 1 << 9,
    PHASE_DUAL_ENTRY = 1 << 10,
    PHASE_SIMULTANEOUS_GAP_DISABLE = 1 << 11,
    PHASE_GUARANTEED_PASSAGE = 1 << 12,
    PHASE_REST_IN_WALK = 1 << 13,
    PHASE_CONDITIONAL_SERVICE = 1 << 14,
    PHASE_ADDED_INITIAL_LARGEST = 1 << 15,
};

enum phase_startup {
    STARTUP_OTHER = 1,
    STARTUP_NOT_ON = 2,
    STARTUP_GREEN_WALK = 3,
    STARTUP_GREEN_NO_WALK = 4,
    STARTUP_YELLOW = 5,
    STARTUP_RED_CLEAR = 6,
};

struct phase_row {
    uint8_t walk_s;
    uint8_t ped_clear_s;
    uint8_t minimum_green_s;
    uint8_t passage_ds;
    uint8_t maximum1_s;
    uint8_t maximum2_s;
    uint8_t yellow_ds;
    uint8_t red_clear_ds;
    uint8_t red_revert_ds;
    uint8_t added_initial_ds;
    uint8_t maximum_initial_s;
    uint8_t time_before_reduction_s;
    uint8_t cars_before_reduction;
    uint8_t time_to_reduce_s;
    uint8_t reduce_by_ds;
    uint8_t minimum_gap_ds;
    uint8_t dynamic_max_limit_s;
    uint8_t dynamic_max_step_ds;
    uint8_t startup;  /* enum phase_startup */
    uint8_t ring_no;  /* 0: the phase is not used */
    uint16_t options; /* enum phase_option */
    uint16_t maximum3_s;
    struct phase_list concurrency;
    uint8_t ped_clear_into_yellow_red_ds;
    uint8_t ped_walk_service;
    uint8_t dont_walk_revert_ds;
    uint8_t ped_alternate_clear_s;
    uint8_t ped_alternate_walk_s;
    uint8_t ped_advance_walk_ds;
    uint8_t ped_delay_ds;
    uint8_t advance_warning_green_ds;
    uint8_t advance_warning_red_ds;
    uint8_t alternate_minimum_s;
    uint8_t flashing_green_s;       /* ours: green flashes this long before yellow; 0 off */
    uint8_t ped_clear_before_flash; /* ours, 0|1: ped clearance ends before flashing green begins */
};

/* Bits of vehicleDetectorOptions, 5.3.2.2. */
enum vehicle_detector_option {
    DETECTOR_VOLUME = 1 << 0,
    DETECTOR_OCCUPANCY = 1 << 1,
    DETECTOR_YELLOW_LOCK = 1 << 2,
    DETECTOR_RED_LOCK = 1 << 3,
    DETECTOR_PASSAGE = 1 << 4,
    DETECTOR_ADDED_INITIAL = 1 << 5,
    DETECTOR_QUEUE = 1 << 6,
    DETECTOR_CALL = 1 << 7,
};

struct vehicle_detector_row {
    uint16_t delay_ds;
    uint8_t options; /* enum vehicle_detector_option */
    uint8_t call_phase_no;
    uint8_t switch_phase_no;
    uint8_t extend_ds;
    uint8_t queue_limit_s;
    uint8_t no_activity_min;
    uint8_t max_presence_min;
    uint8_t erratic_counts;
    uint8_t fail_time_s;
    uint8_t options2;
    uint8_t paired_detector_no;
    uint8_t travel_mode;
    uint16_t paired_spacing_cm;
    uint16_t average_vehicle_length_cm;
    uint16_t length_cm;
};

/* Bits of pedestrianDetectorOptions, 5.3.8.9. */
enum ped_detector_option {
    PED_DETECTOR_PRESENCE = 1 << 0,
    PED_DETECTOR_ALTERNATE = 1 << 1,
    PED_DETECTOR_NON_LOCKING = 1 << 2,
};

struct pedestrian_detector_row {
    uint8_t call_phase_no;
    uint8_t no_activity_min;
    uint8_t max_presence_min;
    uint8_t erratic_counts;
    uint8_t push_time_ds;
    uint8_t options; /* enum ped_detector_option */
};

enum startup_flash_mode {
    STARTUP_FLASH_AUTO = 1,
    STARTUP_FLASH_ALL_RED = 2,
};

struct unit_row {
    uint16_t backup_time_s;
    uint8_t startup_flash_s;
    uint8_t auto_ped_clear; /* 1 disable, 2 enable */
    uint8_t red_revert_ds;
    uint8_t startup_flash_mode; /* enum startup_flash_mode */
    uint8_t startup_all_red_s;  /* ours */
    uint8_t startup_calls;      /* ours, 0|1: vehicle and ped calls on every phase when it ends */
    uint8_t backup_prevent;     /* ours, 0|1: no earlier phase of the same side again */
    uint8_t last_car_recall;    /* ours, 0|1: green ended with passage unexpired leaves a call */
};

enum channel_type {
    CHANNEL_OTHER = 1,
    CHANNEL_VEHICLE = 2,
    CHANNEL_PEDESTRIAN = 3,
    CHANNEL_OVERLAP = 4,
    CHANNEL_PED_OVERLAP = 5,
    CHANNEL_QUEUE_JUMP = 6,
};

/* Bits of channelFlash, 5.9.2.4. */
enum channel_flash {
    CHANNEL_FLASH_YELLOW = 1 << 1,
    CHANNEL_FLASH_RED = 1 << 2,
    CHANNEL_FLASH_ALTERNATE = 1 << 3,
};

enum ped_clear_indication {
    PED_CLEAR_FLASHING_RED = 1,   /* flashing don't walk */
    PED_CLEAR_FLASHING_GREEN = 2, /* Chinese practice */
};

struct channel_row {
    uint8_t source_no; /* phase or overlap; 0: the channel is not used */
    uint8_t type;      /* enum channel_type */
    uint8_t flash;     /* enum channel_flash */
    uint8_t dim;
    uint8_t green_type;
    uint8_t ped_clear_indication; /* ours, enum ped_clear_indication */
    uint16_t intersection_id;
    struct channel_list green_included;
};

struct database {
    struct unit_row unit;
    struct phase_row phase[PHASES_MAX];
    struct phase_list sequence[SEQUENCES_MAX][RINGS_MAX];
    struct vehicle_detector_row vehicle_detector[VEHICLE_DETECTORS_MAX];
    struct pedestrian_detector_row pedestrian_detector[PEDESTRIAN_DETECTORS_MAX];
    struct channel_row channel[CHANNELS_MAX];
    uint16_t volume_period_v3_s;
    uint8_t volume_period_s;
    int32_t standard_time_zone_s;
    uint8_t daylight_saving;
};

/* Rules between objects, 1202 v03 4.3.2.1. Each is found once, here, and reported with the
 * field that carries the blame. */
enum database_rule {
    RULE_CONCURRENT_SAME_RING,   /* PHASE row1 lists a phase of its own ring, or itself */
    RULE_CONCURRENCY_ONE_SIDED,  /* PHASE row1 lists row2, row2 does not list row1 */
    RULE_SEQUENCE_PHASE_TWICE,   /* SEQ row1 RING row2 names a phase twice */
    RULE_SEQUENCE_WRONG_RING,    /* SEQ row1 RING row2 names a phase of another ring */
    RULE_SEQUENCE_PHASE_MISSING, /* SEQ row1 RING row2 leaves an enabled phase of the ring out */
    RULE_SEQUENCE_ORDER,         /* SEQ row1: rings pass the barriers in different order */
    RULE_STARTUP_CONFLICT,       /* start-up phases row1 and row2 may not be on together */
    RULE_PHASE_RING_RANGE,       /* PHASE row1 belongs to a ring that does not exist */
};

struct database_fault {
    enum database_rule rule;
    size_t field_offset; /* of the culprit inside struct database */
    int row1;
    int row2;  /* 0 where the rule needs one row */
    int value; /* the offending number (a phase), 0 where there is none */
};

typedef void database_report(void *arg, const struct database_fault *fault);

/* Runs every rule and reports each breach. A phase that is disabled (option bit 0 clear or
 * ring 0) takes part in no rule; references to rows that do not exist are inert. A sequence whose
 * rings are all empty is unused. Returns the number of breaches. Pure; never blocks. */
int database_check(const struct database *db, database_report *report, void *arg);

/* The phase is enabled and belongs to a ring. `phase_no` 1..PHASES_MAX. */
bool database_phase_enabled(const struct database *db, int phase_no);

/* The NEMA default: channels 1-8 vehicle phases 1-8, 9-12 overlaps A-D, 13-16 pedestrians of
 * phases 2, 4, 6 and 8; all flash red. Other channels are left unused. */
void database_default_channels(struct database *db);

#endif
