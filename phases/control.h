/* The volatile commands of the centre: never stored, cleared when the backup timer expires.
 * The engine owns the live struct; others write it through operations, so that no pulse is lost. */
#ifndef PHASES_CONTROL_H
#define PHASES_CONTROL_H

#include "types.h"

/* Bits of unitControl, 1202 v03 5.4.10. */
enum unit_control {
    UNIT_DISABLE_REMOTE = 1 << 1,
    UNIT_EXTERNAL_MIN_RECALL = 1 << 2,
    UNIT_CALL_NON_ACTUATED_1 = 1 << 3,
    UNIT_CALL_NON_ACTUATED_2 = 1 << 4,
    UNIT_WALK_REST = 1 << 5,
    UNIT_INTERCONNECT = 1 << 6,
    UNIT_DIMMING = 1 << 7,
};

struct control {
    uint64_t phase_omit_mask;
    uint64_t ped_omit_mask;
    uint64_t hold_mask;
    uint64_t force_off_mask; /* a bit clears itself when that green ends */
    uint64_t vehicle_call_mask;
    uint64_t ped_call_mask;
    struct detector_mask vehicle_actuation;
    uint64_t ped_actuation_mask;
    uint8_t ring_stop_time_mask;
    uint8_t ring_force_off_mask;
    uint8_t ring_max2_mask;
    uint8_t ring_max3_mask;
    uint8_t ring_max_inhibit_mask;
    uint8_t ring_ped_recycle_mask;
    uint8_t ring_red_rest_mask;
    uint8_t ring_omit_red_clear_mask;
    uint8_t unit;              /* enum unit_control */
    uint8_t manual_timeout_s;  /* unitMCETimeout: remote manual runs while not 0, counts down */
    uint8_t interval_advance;  /* unitMCEIntAdv: back to 0 when taken */
    uint8_t system_pattern_no; /* systemPatternControl: 0 standby, 254 free, 255 flash */
    uint8_t system_sync_s;     /* systemSyncControl: position in the system's cycle when written */
    bool system_synced;        /* it was written, and not with 255: the engine sets it */
    uint8_t action_no;         /* actionPlanControl: 0 the schedule's own */
    uint16_t preempt_mask;     /* preemptControlState */
    uint16_t priority_mask;    /* ours: priority called by the centre */
    uint16_t special_function_mask;
    struct detector_mask vehicle_reset; /* vehicleDetectorReset: back to 0 when taken */
    uint64_t ped_reset_mask;
};

/* One write into struct control: field = (field & ~clear) | set. `offset` and `size` (1, 2, 4 or
 * 8 octets) name the field; a 64-bit word of a detector_mask is a field of its own. */
struct control_op {
    uint16_t offset;
    uint8_t size;
    bool restarts_backup; /* a system control parameter: see unitBackupTime */
    bool starts_backup;   /* begins that time where it does not run; see unitUserDefinedBackupTime */
    uint64_t clear;
    uint64_t set;
};

/* Applies one operation to any control struct (the engine's own, or a reader's overlay). */
void control_apply(struct control *control, const struct control_op *op);

#endif
