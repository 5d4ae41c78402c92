/* The timing engine: one call of engine_step() is one tick. Pure: no clock, no I/O, no
 * allocation, no floating point. Equal plan, state and inputs give equal results; copy the struct
 * to fork the future. */
#ifndef PHASES_ENGINE_H
#define PHASES_ENGINE_H

#include "control.h"
#include "engine_state.h"
#include "frame.h"
#include "hires.h"
#include "plan.h"
#include "program.h"

/* Bits of inputs.unit: what the cabinet's switches and the police panel say. */
enum unit_input {
    INPUT_STOP_TIME = 1 << 0,
    INPUT_MANUAL_CONTROL = 1 << 1,
    INPUT_INTERVAL_ADVANCE = 1 << 2, /* acts on its rising edge */
    INPUT_DOOR = 1 << 3,             /* reported only */
    INPUT_EXTERNAL_MIN_RECALL = 1 << 4,
    INPUT_NON_ACTUATED_1 = 1 << 5,
    INPUT_NON_ACTUATED_2 = 1 << 6,
    INPUT_WALK_REST = 1 << 7,
    INPUT_AUTOMATIC_FLASH = 1 << 8,
    INPUT_FREE = 1 << 9, /* no coordination while it is on */
    INPUT_DIMMING = 1 << 10,
    INPUT_CABINET_FLASH = 1 << 11, /* the monitor or the panel has the lamps */
};

struct inputs {
    struct detector_mask vehicle;       /* bit on: occupied now */
    struct detector_mask vehicle_fault; /* bit on: the detector unit itself reports a fault */
    uint64_t pedestrian;                /* bit on: button pressed now */
    int64_t utc_ds;                     /* civil time, tenths since 1970 UTC; 0 while unknown */
    uint32_t unit;                      /* enum unit_input */
    uint16_t preempt;                   /* bit n-1: preempt n is called */
    uint16_t priority;                  /* bit n-1: priority n is called */
    uint8_t alarms;                     /* physical alarm inputs 1..8 */
    uint8_t interconnect_pattern_no;    /* hardwire interconnect; 0 none */
};

enum unit_state {
    UNIT_STARTUP_FLASH,
    UNIT_STARTUP_ALL_RED,
    UNIT_RUNNING,
    UNIT_AUTOMATIC_FLASH, /* pattern 255, input, or a preempt's all-red flash */
};

/* unitFlashStatus, 5.4.6, but for the flashes the cabinet reports. */
enum flash_status {
    FLASH_STATUS_NONE = 2,
    FLASH_STATUS_AUTOMATIC = 3,
    FLASH_STATUS_STARTUP = 7,
    FLASH_STATUS_PREEMPT = 8,
};

/* Who controls the junction: unitControlStatus (1202 v03 5.4.5). */
enum unit_control_status {
    CONTROL_OTHER = 1,
    CONTROL_SYSTEM = 2,
    CONTROL_STANDBY = 3, /* free, nobody commands a pattern */
    CONTROL_BACKUP = 4,
    CONTROL_MANUAL = 5, /* coordOperationalMode */
    CONTROL_TIMEBASE = 6,
    CONTROL_INTERCONNECT = 7,
    CONTROL_REMOTE_MANUAL = 9,
    CONTROL_LOCAL_MANUAL = 10,
};

/* preemptState, 5.7.2.16. */
enum preempt_stage {
    PREEMPT_NOT_ACTIVE = 2,
    PREEMPT_CALLED = 3, /* not active with call */
    PREEMPT_ENTRY = 4,
    PREEMPT_TRACK = 5,
    PREEMPT_DWELL = 6,
    PREEMPT_LINK = 7,
    PREEMPT_EXIT = 8,
    PREEMPT_MAX_PRESENCE = 9,
    PREEMPT_ADVANCE = 10,
};

/* Bits of unitAlarmStatus1, 5.4.8. */
enum alarm1 {
    ALARM_CYCLE_FAULT = 1 << 0,
    ALARM_COORD_FAULT = 1 << 1,
    ALARM_COORD_FAIL = 1 << 2,
    ALARM_CYCLE_FAIL = 1 << 3,
    ALARM_MMU_FLASH = 1 << 4,
    ALARM_LOCAL_FLASH = 1 << 5,
    ALARM_LOCAL_FREE = 1 << 6,
    ALARM_COORD_ACTIVE = 1 << 7,
};

/* Bits of vehicleDetectorAlarms and pedestrianDetectorAlarms, 5.3.2.12. */
enum detector_alarm {
    DETECTOR_NO_ACTIVITY = 1 << 0,
    DETECTOR_MAX_PRESENCE = 1 << 1,
    DETECTOR_ERRATIC = 1 << 2,
    DETECTOR_COMMUNICATIONS = 1 << 3,
    DETECTOR_CONFIGURATION = 1 << 4,
    DETECTOR_OTHER_FAULT = 1 << 7,
};

enum { SPEED_UNKNOWN = 511 };

/* Coded status of a ring, ringStatus bits 0-2 (1202 v03 5.8.6.1). */
enum ring_code {
    RING_MIN_GREEN = 0,
    RING_EXTENSION = 1,
    RING_MAXIMUM = 2,
    RING_GREEN_REST = 3,
    RING_YELLOW = 4,
    RING_RED_CLEAR = 5,
    RING_RED_REST = 6,
    RING_UNDEFINED = 7,
};

/* What others see of the engine after a tick. Masks of phases. */
struct engine_status {
    int64_t now_ds; /* engine time: 0 in the first tick */
    enum unit_state unit;
    uint64_t red, yellow, green; /* flashing green counts as green; all 0 in any flash */
    uint64_t flashing_green;
    uint64_t dont_walk, ped_clear, walk;
    uint64_t vehicle_call, ped_call;
    uint64_t on;                      /* green, yellow or red clearance */
    uint64_t next;                    /* committed successors */
    uint8_t ring_status[RINGS_MAX];   /* as NTCIP codes it */
    uint8_t ring_phase_no[RINGS_MAX]; /* phase on, or last on; 0 none */
    bool ring_stopped[RINGS_MAX];
    struct detector_mask detector_active; /* after delay and extension */
    uint64_t ped_detector_active;
    struct detector_mask volume_detectors; /* taking part in the volume report */
    uint8_t volume_sequence;
    uint8_t volume[VEHICLE_DETECTORS_MAX];
    uint8_t occupancy[VEHICLE_DETECTORS_MAX];
    uint32_t volume_ended_s;   /* local time at which the last period was completed; 0 unknown */
    uint16_t volume_elapsed_s; /* of the one that runs */
    bool manual;               /* local or remote manual control */
    bool stop_time;            /* any ring */
    bool remote_control;       /* a hold, force-off, omit or remote manual of the centre acts */
    enum unit_control_status control;
    bool backup_mode;     /* the backup timer has expired since the last remote command */
    bool structure_waits; /* a structural plan change is draining the rings */
    uint32_t backup_left_s;
    /* overlaps: masks of overlaps */
    uint64_t overlap_red, overlap_yellow, overlap_green;
    uint64_t overlap_flashing; /* arrows: what they show flashes */
    /* coordination */
    enum free_reason free_reason;
    uint8_t pattern_no; /* running: 1..253, 254 free, 255 flash */
    uint8_t requested_pattern_no;
    uint8_t sequence_no; /* in force in the first cluster */
    bool coordinated;    /* in step or in transition, not preempted */
    bool in_transition;
    int32_t local_ds;        /* since local zero */
    int32_t cycle_ds;        /* of this cycle, correction included; 0 free */
    int32_t sync_ds;         /* since the system reference point */
    int32_t offset_error_ds; /* by how much the local clock must yet be delayed, 0..cycle */
    bool coord_alarm;        /* not in step within three cycles of the command */
    uint64_t coordinated_phases;
    uint32_t cycle_zeros; /* local zeros passed since the start */
    /* time base */
    bool civil_known;
    int64_t utc_ds;       /* civil time of the tick, tenths since 1970 UTC; 0 unknown */
    int64_t local_time_s; /* local time, seconds since 1970 as if it were UTC */
    int32_t utc_offset_s; /* zone and daylight saving */
    uint8_t day_plan_no;
    uint8_t schedule_row_no;
    uint8_t action_no;
    uint8_t auxiliary;          /* enum auxiliary_function, in force */
    uint16_t special_functions; /* outputs */
    bool dimmed;
    /* preemption and priority */
    uint64_t preempt_inputs;
    uint8_t preempt_no;                  /* being served; 0 none */
    uint8_t preempt_stage[PREEMPTS_MAX]; /* enum preempt_stage */
    uint16_t priority_requests;          /* checked in */
    uint8_t priority_no;                 /* being adjusted for; 0 none */
    bool preempt_flash;                  /* the flash in force is a preempt's */
    /* diagnostics */
    uint8_t alarm1; /* enum alarm1, but for the flashes the cabinet reports */
    uint8_t alarm_inputs;
    uint8_t detector_alarms[VEHICLE_DETECTORS_MAX]; /* enum detector_alarm */
    uint8_t ped_detector_alarms[PEDESTRIAN_DETECTORS_MAX];
    struct detector_mask detector_failed;
    uint64_t ped_detector_failed;
    struct detector_mask detector_reported; /* the detector unit itself reports a fault */
    uint64_t ped_volume_detectors;          /* taking part in the pedestrian report */
    uint64_t speed_withheld;                /* phases that wait because of a fast vehicle */
    uint32_t unit_inputs;                   /* enum unit_input */
    uint32_t ped_volume_ended_s;            /* local time at which the last period was completed; 0 unknown */
    uint16_t ped_volume_duration_s;         /* of that period; 0 none */
    uint16_t speed[VEHICLE_DETECTORS_MAX];  /* mean of the last period, half km/h; SPEED_UNKNOWN */
    bool speed_managed;                     /* speed management acts */
    uint8_t ped_volume_sequence;
    uint8_t ped_actuations[PEDESTRIAN_DETECTORS_MAX];
    uint8_t ped_services[PEDESTRIAN_DETECTORS_MAX];
};

/* Power-up: start-up flash, all-red, then the start-up phases (1202 5.4.1, semantics of TS 2
 * 3.9.1). `plan` must outlive its use. */
void engine_init(struct engine *e, const struct plan *plan);

/* Back to the beginning of start-up: calls, commands and timers are forgotten; plan, events, the
 * schedule and the engine's time go on. */
void engine_restart(struct engine *e);

/* Skips start-up: exactly the phases of `start_mask` turn green in the first tick, no call is
 * remembered. Phases that may not be on together, or two of one ring: returns -1, `e` untouched. */
int engine_init_green(struct engine *e, const struct plan *plan, uint64_t start_mask);

/* Advances the engine by one tick of `quantum_ds` tenths (1 on the street; the first tick of all
 * happens at time 0) with the inputs of that tick, and writes what the lamps shall show. */
void engine_step(struct engine *e, const struct inputs *in, int32_t quantum_ds, struct frame *frame);

/* One command of the centre, acting from the next tick. Refused (-1) during start-up. */
int engine_command(struct engine *e, const struct control_op *op);

/* Offers a new plan. One that changes only times is adopted at once (every running interval
 * keeps the duration it was entered with): returns true. One that changes structure makes the
 * rings drain to all-red; call again before every tick until it returns true. */
bool engine_adopt(struct engine *e, const struct plan *plan);

/* Fills `status` from the state after the last step. */
void engine_get_status(const struct engine *e, struct engine_status *status);

/* Digest of the part of the state that decides the future: equal inputs, equal digest. */
uint64_t engine_digest(const struct engine *e);

#endif
