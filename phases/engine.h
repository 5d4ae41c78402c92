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
};

struct inputs {
    struct detector_mask vehicle; /* bit on: occupied now */
    uint64_t pedestrian;          /* bit on: button pressed now */
    uint32_t unit;                /* enum unit_input */
};

enum unit_state {
    UNIT_STARTUP_FLASH,
    UNIT_STARTUP_ALL_RED,
    UNIT_RUNNING,
};

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
    uint16_t volume_duration_s;
    bool manual; /* local or remote manual control */
    bool remote_manual;
    bool stop_time;       /* any ring */
    bool remote_control;  /* a hold, force-off, omit or remote manual of the centre acts */
    bool backup_mode;     /* the backup timer has expired since the last remote command */
    bool structure_waits; /* a structural plan change is draining the rings */
    uint32_t backup_left_s;
};

/* Power-up: start-up flash, all-red, then the start-up phases (1202 5.4.1, semantics of TS 2
 * 3.9.1). `plan` must outlive its use. */
void engine_init(struct engine *e, const struct plan *plan);

/* Back to the beginning of start-up: calls, commands and timers are forgotten; plan, events and
 * the engine's time go on. */
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
