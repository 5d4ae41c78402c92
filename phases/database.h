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

#include "database_device.h"

struct phase_list {
    uint8_t count;
    uint8_t number[PHASES_MAX];
};

struct channel_list {
    uint8_t count;
    uint8_t number[CHANNELS_MAX];
};

struct overlap_list {
    uint8_t count;
    uint8_t number[OVERLAPS_MAX];
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
    uint8_t red_yellow_ds;          /* ours: red and yellow together this long before green; 0 off */
    uint8_t bicycle_minimum_s;      /* ours: minimum green after a bicycle detector's call; 0 off */
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

/* Bits of vehicleDetectorOptions2, 5.3.2.15. */
enum vehicle_detector_option2 {
    DETECTOR_SPEED = 1 << 0,
    DETECTOR_LEAD = 1 << 1,            /* of a pair: vehicles meet it first */
    DETECTOR_SPEED_BY_LENGTH = 1 << 2, /* while the other one of the pair has failed; else no speed */
};

enum { DETECTOR_LENGTH_MAX_CM = 4000 }; /* a longer one is not known, 5.3.2.19 */

/* vehicleDetectorTravelMode, 5.3.2.21. */
enum travel_mode {
    TRAVEL_OTHER = 1,
    TRAVEL_VEHICLE = 2,
    TRAVEL_TRANSIT = 3,
    TRAVEL_BICYCLE = 4,
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
    uint8_t options2; /* enum vehicle_detector_option2 */
    uint8_t paired_detector_no;
    uint8_t travel_mode; /* enum travel_mode */
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

enum preempt_enable_bit {
    PREEMPT_ENABLE_BIT_USED = 1,
    PREEMPT_ENABLE_BIT_IGNORED = 2,
};

struct unit_row {
    uint32_t user_backup_time_s; /* takes the place of backup_time_s; 0: does not */
    uint16_t backup_time_s;
    uint8_t startup_flash_s;
    uint8_t auto_ped_clear; /* 1 disable, 2 enable */
    uint8_t red_revert_ds;
    uint8_t startup_flash_mode; /* enum startup_flash_mode */
    uint8_t startup_all_red_s;  /* ours */
    uint8_t startup_calls;      /* ours, 0|1: vehicle and ped calls on every phase when it ends */
    uint8_t backup_prevent;     /* ours, 0|1: no earlier phase of the same side again */
    uint8_t last_car_recall;    /* ours, 0|1: green ended with passage unexpired leaves a call */
    uint8_t flash_exit_red_s;   /* ours: all red between automatic flash and the exit phases */
    uint8_t ped_fail_recall;    /* ours, 0|1: a failed pedestrian detector is a recall */
    uint8_t preempt_enable_bit; /* ours, enum preempt_enable_bit: of bit 4 of preemptControl */
    uint8_t detector_good_min;  /* ours: minutes in range, beyond the first, that end an erratic fault */
    uint8_t cycle_fault_cycles; /* ours: cycles a call may wait before it is a fault; 0 off */
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
    uint8_t dark_when_red;        /* ours, 0|1: an arrow that is dark outside its phase */
    uint8_t off_by_schedule;      /* ours, 0|1: dark while an action switches lamps off */
    uint8_t countdown_pulse_s;    /* ours: its drive is pulsed so long before its end; 0 never */
    uint16_t intersection_id;
    struct channel_list green_included;
};

enum overlap_type {
    OVERLAP_OTHER = 1,
    OVERLAP_NORMAL = 2,
    OVERLAP_MINUS_GREEN_YELLOW = 3,
    OVERLAP_PEDESTRIAN = 4,
    OVERLAP_FLASHING_YELLOW_3 = 5,
    OVERLAP_FLASHING_YELLOW_4 = 6,
    OVERLAP_FLASHING_RED_3 = 7,
    OVERLAP_FLASHING_RED_4 = 8,
    OVERLAP_TRANSIT_2 = 9,
    OVERLAP_MINUS_GREEN_YELLOW_ALTERNATE = 10,
};

struct overlap_row {
    uint8_t type; /* enum overlap_type */
    uint8_t trail_green_s;
    uint8_t trail_yellow_ds;
    uint8_t trail_red_ds;
    uint8_t walk_s;
    uint8_t ped_clear_s;
    uint8_t arrow_delay_ds;   /* ours: a flashing arrow begins this long after the through green */
    uint8_t after_modifier;   /* ours, 0|1: minusGreenYellow waits for the end of the modifier's clearance */
    uint8_t trail_in_preempt; /* ours, 0|1: trailing also on the way into a preempt */
    uint8_t off_by_schedule;  /* ours, 0|1: a flashing arrow stays red while an action says so */
    struct phase_list included;
    struct phase_list modifier;
    struct phase_list conflicting_peds;
};

/* ---- coordination, 1202 v03 5.5 ---- */

enum correction_mode {
    CORRECTION_OTHER = 1,
    CORRECTION_DWELL = 2,
    CORRECTION_SHORTWAY = 3,
    CORRECTION_ADD_ONLY = 4,
    CORRECTION_SUBTRACT_ONLY = 5,
};

enum maximum_mode {
    MAXIMUM_OTHER = 1,
    MAXIMUM_1 = 2,
    MAXIMUM_2 = 3,
    MAXIMUM_INHIBIT = 4,
    MAXIMUM_3 = 5,
};

enum force_mode {
    FORCE_OTHER = 1,
    FORCE_FLOATING = 2,
    FORCE_FIXED = 3,
};

/* patternCoordSyncPoint; unitCoordSyncPoint counts from firstPhaseGreenBegin(2) instead. */
enum sync_point {
    SYNC_SEQUENCE_START = 1, /* NTCIP's other: here the begin of the first barrier */
    SYNC_UNIT = 2,
    SYNC_FIRST_GREEN_BEGIN = 3, /* TS 2 */
    SYNC_LAST_GREEN_BEGIN = 4,  /* TS 1 */
    SYNC_FIRST_GREEN_END = 5,   /* 170: the yield */
    SYNC_LAST_GREEN_END = 6,
    SYNC_FIRST_YELLOW_END = 7,
    SYNC_LAST_YELLOW_END = 8,
};

struct coord_row {
    uint8_t operational_mode; /* 0 automatic, 1..253 pattern, 254 free, 255 flash */
    uint8_t correction_mode;  /* enum correction_mode */
    uint8_t maximum_mode;     /* enum maximum_mode */
    uint8_t force_mode;       /* enum force_mode */
    uint8_t unit_sync_point;  /* unitCoordSyncPoint, one less than enum sync_point */
    uint8_t add_percent;      /* ours: most a cycle is lengthened by a correction */
    uint8_t subtract_percent; /* ours: most a cycle is shortened */
    uint8_t dwell_max_s;      /* ours: most a cycle dwells; 0 no limit */
    uint8_t actuated;         /* ours, 0|1: coordinated phases may gap out before their force-off */
    uint8_t actuated_s; /* ours: so long before the force-off at the earliest; 0: a split's last third */
};

enum pattern_option {
    PATTERN_OPTION_OTHER = 1,
    PATTERN_OPTION_UNIT = 2, /* coordMaximumMode */
    PATTERN_OPTION_INHIBIT = 3,
    PATTERN_OPTION_MAXIMUM_1 = 4,
    PATTERN_OPTION_MAXIMUM_2 = 5,
    PATTERN_OPTION_MAXIMUM_3 = 6,
};

struct pattern_row {
    uint8_t cycle_s;
    uint8_t offset_s;
    uint8_t split_no;
    uint8_t sequence_no;
    uint8_t sync_point; /* enum sync_point */
    uint8_t options;    /* enum pattern_option */
};

enum split_mode {
    SPLIT_OTHER = 1,
    SPLIT_NONE = 2,
    SPLIT_MIN_RECALL = 3,
    SPLIT_MAX_RECALL = 4,
    SPLIT_PED_RECALL = 5,
    SPLIT_MAX_AND_PED_RECALL = 6,
    SPLIT_OMITTED = 7,
    SPLIT_NON_ACTUATED = 8,
};

enum split_option {
    SPLIT_OMIT_IN_TRANSITION = 1 << 0,
};

struct split_row {
    uint8_t time_s;
    uint8_t mode;    /* enum split_mode */
    uint8_t coord;   /* 0|1 */
    uint8_t options; /* enum split_option */
};

/* ---- time base, 1202 v03 5.6 and 1201 v03 2.4 ---- */

enum auxiliary_function {
    AUXILIARY_1 = 1 << 0,
    AUXILIARY_2 = 1 << 1,
    AUXILIARY_3 = 1 << 2,
    AUXILIARY_DIMMING = 1 << 3,
};

struct action_row {
    uint8_t pattern_no; /* 0: none of its own */
    uint8_t auxiliary;  /* enum auxiliary_function */
    uint8_t special_functions;
    uint8_t speed_management; /* ours, 0|1 */
    uint8_t lamps_off;        /* ours, 0|1: channels and arrows marked off_by_schedule are dark */
};

struct schedule_row {
    uint32_t date;  /* bit 1..31: day of the month */
    uint16_t month; /* bit 1..12 */
    uint8_t day;    /* bit 1 Sunday .. bit 7 Saturday */
    uint8_t day_plan_no;
};

struct day_plan_event {
    uint8_t hour;
    uint8_t minute;
    uint8_t action_no; /* 0: no event */
};

enum daylight_month {
    DAYLIGHT_ABSOLUTE = 13, /* the seconds are UTC since 1970 */
    DAYLIGHT_DISABLED = 14,
};

enum daylight_occurrence {
    DAYLIGHT_LAST = 5, /* below: first to fourth; above: last but one to last but three */
    DAYLIGHT_SPECIFIC_DAY = 9,
};

struct daylight_rule {
    uint8_t begin_month; /* 1..12, enum daylight_month */
    uint8_t begin_occurrence;
    uint8_t begin_day_of_week; /* 1 Sunday */
    uint8_t begin_day_of_month;
    uint32_t begin_s;
    uint8_t end_month;
    uint8_t end_occurrence;
    uint8_t end_day_of_week;
    uint8_t end_day_of_month;
    uint32_t end_s;
    uint16_t adjust_s;
};

enum daylight_saving {
    DAYLIGHT_NONE = 2,
    DAYLIGHT_US = 3, /* as it was until 2006 */
    DAYLIGHT_EUROPE = 4,
    DAYLIGHT_TABLE = 20, /* the rows of dstTable */
};

enum { PATTERN_SYNC_AT_ACTION = 65535 };

struct timebase_row {
    uint16_t pattern_sync_min; /* minutes past midnight; PATTERN_SYNC_AT_ACTION */
    struct action_row action[ACTIONS_MAX];
    struct schedule_row schedule[SCHEDULE_ROWS_MAX];
    struct day_plan_event day_plan[DAY_PLANS_MAX][DAY_PLAN_EVENTS_MAX];
    struct daylight_rule daylight[DAYLIGHT_ROWS_MAX];
};

/* ---- preemption, 1202 v03 5.7 ---- */

enum preempt_control {
    PREEMPT_NON_LOCKING = 1 << 0,
    PREEMPT_YIELDS_TO_FLASH = 1 << 1, /* does not override automatic flash */
    PREEMPT_EQUALS_NEXT = 1 << 2,     /* does not override the next higher number */
    PREEMPT_FLASH_DWELL = 1 << 3,
    PREEMPT_ENABLED = 1 << 4,
    PREEMPT_ALL_RED_FLASH = 1 << 5, /* instead of normal operation, after the maximum presence */
};

enum preempt_exit {
    PREEMPT_EXIT_PHASES = 1,
    PREEMPT_EXIT_QUEUE_DELAY = 2,
    PREEMPT_EXIT_SHORT_SERVICE = 3,
    PREEMPT_EXIT_COORD = 4,
};

enum preempt_exit_calls {
    PREEMPT_CALLS_NONE = 1,
    PREEMPT_CALLS_VEHICLES = 2,
    PREEMPT_CALLS_ALL = 3,
};

/* Of the entry values 0 ends the interval at once and 255 keeps the phase's own. */
struct preempt_row {
    uint16_t delay_s;
    uint16_t minimum_duration_s;
    uint16_t maximum_presence_s;
    uint8_t control; /* enum preempt_control */
    uint8_t link_no;
    uint8_t minimum_green_s;
    uint8_t minimum_walk_s;
    uint8_t enter_ped_clear_s;
    uint8_t enter_yellow_ds;
    uint8_t enter_red_clear_ds;
    uint8_t track_green_s;
    uint8_t track_yellow_ds;
    uint8_t track_red_clear_ds;
    uint8_t dwell_green_s;
    uint8_t sequence_no;
    uint8_t exit_type;  /* enum preempt_exit */
    uint8_t railroad;   /* ours, 0|1: its track clearance is never interrupted */
    uint8_t advance_s;  /* ours: so long before the entry no walk begins, and those that run are cleared */
    uint8_t exit_calls; /* ours, enum preempt_exit_calls: left on all phases at the exit */
    struct phase_list track_phase, dwell_phase, dwell_ped, exit_phase, cycling_phase, cycling_ped;
    struct overlap_list track_overlap, dwell_overlap, cycling_overlap;
};

/* ---- priority, after NTCIP 1211; the objects are ours ---- */

/* One class of requests, called by an input or by the centre. */
struct priority_row {
    uint8_t enabled;         /* 0|1 */
    uint8_t class_no;        /* 1 is served before 10 */
    uint8_t arrival_s;       /* from check-in to the stop line */
    uint8_t max_extension_s; /* green held beyond its force-off; 0: no extension */
    uint8_t early_green;     /* 0|1: other phases may be shortened */
    uint8_t lockout_cycles;  /* after a service, in free operation 60 s each */
    uint8_t time_to_live_s;  /* a request not renewed is forgotten; 0: lives while it is called */
    struct phase_list phase; /* that the vehicle needs */
    struct phase_list omit;  /* phases that may be skipped, once in a row, unless a pedestrian waits */
};

struct priority_unit_row {
    struct priority_row request[PRIORITIES_MAX];
    uint8_t max_reduction_s[PHASES_MAX]; /* how much of its split each phase may lose to priority */
};

/* ---- speed management: ours ---- */

enum speed_mode {
    SPEED_OFF = 1,
    SPEED_SCHEDULED = 2, /* while the action in force says so */
    SPEED_ON = 3,
};

struct speed_row {
    uint8_t mode;           /* enum speed_mode */
    uint8_t limit_kmh;      /* the set speed; 0: of the phases that have one of their own only */
    uint8_t delay_ds;       /* how long a vehicle above it waits at most, tenths */
    uint8_t bound_s;        /* longest a phase is kept waiting by the mode, whoever comes */
    uint8_t low_demand_veh; /* vehicles a minute over all measuring detectors up to which it acts */
    uint8_t phase_limit_kmh[PHASES_MAX]; /* where an approach has another set speed; 0: limit_kmh */
};

enum {
    PERIOD_MAX_S = 3600,                /* of a volume report */
    PERIOD_AS_VEHICLES_S = 65534,       /* pedestrianDetectorPeriod: as long as the vehicles' */
    PERIOD_COORDINATED_CYCLE_S = 65535, /* one cycle; none while free */
};

struct database {
    struct unit_row unit;
    struct coord_row coord;
    struct pattern_row pattern[PATTERNS_MAX];
    struct split_row split[SPLITS_MAX][PHASES_MAX];
    struct timebase_row timebase;
    struct overlap_row overlap[OVERLAPS_MAX];
    struct preempt_row preempt[PREEMPTS_MAX];
    struct priority_unit_row priority;
    struct speed_row speed;
    struct phase_row phase[PHASES_MAX];
    struct phase_list sequence[SEQUENCES_MAX][RINGS_MAX];
    struct vehicle_detector_row vehicle_detector[VEHICLE_DETECTORS_MAX];
    struct pedestrian_detector_row pedestrian_detector[PEDESTRIAN_DETECTORS_MAX];
    struct channel_row channel[CHANNELS_MAX];
    uint16_t volume_period_v3_s;
    uint8_t volume_period_s;
    uint16_t ped_volume_period_s;
    int32_t standard_time_zone_s;
    uint8_t daylight_saving;
    struct device_rows device; /* the last: the engine reads nothing from here on */
};

/* Whether two databases differ in anything that the engine reads. Padding counts. */
bool database_differs_for_engine(const struct database *a, const struct database *b);

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
    RULE_PED_CLEAR_BUFFER,       /* PHASE row1: its clearance leaves `value` tenths of yellow and red */
    RULE_FLASH_ENTRY_CONFLICT,   /* flash entry phases row1 and row2 may not be on together */
    RULE_FLASH_EXIT_CONFLICT,    /* flash exit phases row1 and row2 may not be on together */
    RULE_OVERLAP_PHASE_TWICE,    /* OVERLAP row1 includes a phase twice */
    RULE_OVERLAP_MODIFIER,       /* OVERLAP row1 includes a phase that takes its green away */
    RULE_PREEMPT_TRACK_CONFLICT, /* PREEMPT row1: track phases row2 and `value` may not be on together */
    RULE_PREEMPT_DWELL_CONFLICT, /* PREEMPT row1: dwell phases likewise */
    RULE_PREEMPT_EXIT_CONFLICT,  /* PREEMPT row1: exit phases likewise */
    RULE_EVENT_LOG_SIZE,         /* EVENT LOG: the limits of the classes add up to `value` entries */
};

/* Steady don't walk that must be left between a clearance and the next green. */
enum { PED_BUFFER_DS = 30 };

struct database_fault {
    enum database_rule rule;
    size_t field_offset; /* of the culprit inside struct database */
    int row1;
    int row2;  /* 0 where the rule needs one row */
    int value; /* the offending number (a phase, a time), 0 where there is none */
};

typedef void database_report(void *arg, const struct database_fault *fault);

/* Runs every rule and reports each breach. A phase that is disabled (option bit 0 clear or
 * ring 0) takes part in no rule; references to rows that do not exist are inert, and so are the lists
 * of a preempt that is not enabled. A sequence whose rings are all empty is unused. Whether a pattern
 * can be run in coordination is no rule: one that cannot runs free. Returns the number of breaches.
 * Pure; never blocks. */
int database_check(const struct database *db, database_report *report, void *arg);

/* The phase is enabled and belongs to a ring. `phase_no` 1..PHASES_MAX. */
bool database_phase_enabled(const struct database *db, int phase_no);

/* The NEMA default: channels 1-8 vehicle phases 1-8, 9-12 overlaps A-D, 13-16 pedestrians of
 * phases 2, 4, 6 and 8; all flash red. Other channels are left unused. */
void database_default_channels(struct database *db);

#endif
