/* High-resolution events, numbered as in the Indiana enumerations (August 2020): each is written
 * in the tick in which it happens. (Not named after events alone: libevent owns that word.) */
#ifndef PHASES_HIRES_H
#define PHASES_HIRES_H

#include "types.h"

enum hires_code {
    EVENT_PHASE_ON = 0,
    EVENT_GREEN_START = 1,
    EVENT_MAX_TIMER_START = 2,
    EVENT_MIN_COMPLETE = 3,
    EVENT_GAP_OUT = 4,
    EVENT_MAX_OUT = 5,
    EVENT_FORCE_OFF = 6,
    EVENT_GREEN_END = 7,
    EVENT_YELLOW_START = 8,
    EVENT_YELLOW_END = 9,
    EVENT_RED_CLEAR_START = 10,
    EVENT_RED_CLEAR_END = 11,
    EVENT_PHASE_INACTIVE = 12,
    EVENT_EXTENSION_GAP = 13,
    EVENT_PHASE_SKIPPED = 14,
    EVENT_REDUCTION_START = 15,
    EVENT_MINIMUM_GAP = 16,
    EVENT_ADDED_INITIAL_COMPLETE = 17,
    EVENT_NEXT_DECIDED = 18,
    EVENT_PRIORITY_FORCE_OFF = 19,
    EVENT_PREEMPT_FORCE_OFF = 20, /* the phase's green is ended by a preempt */
    EVENT_WALK = 21,
    EVENT_PED_CLEAR = 22,
    EVENT_DONT_WALK = 23,
    EVENT_PED_DARK = 24,
    EVENT_PED_EXTENDED = 25,
    EVENT_PED_OVERSIZED = 26,
    EVENT_BARRIER = 31,
    EVENT_ARROW_START = 32, /* a flashing arrow */
    EVENT_ARROW_END = 33,
    EVENT_HOLD_ON = 41,
    EVENT_HOLD_OFF = 42,
    EVENT_CALL_ON = 43,
    EVENT_CALL_OFF = 44,
    EVENT_PED_CALL = 45,
    EVENT_OMIT_ON = 46,
    EVENT_OMIT_OFF = 47,
    EVENT_PED_OMIT_ON = 48,
    EVENT_PED_OMIT_OFF = 49,
    EVENT_MAXIMUM_1 = 50,
    EVENT_MAXIMUM_2 = 51,
    EVENT_MAXIMUM_DYNAMIC = 52,
    EVENT_MAXIMUM_UP = 53,
    EVENT_MAXIMUM_DOWN = 54,
    EVENT_OVERLAP_GREEN = 61,
    EVENT_OVERLAP_TRAIL_GREEN = 62,
    EVENT_OVERLAP_YELLOW = 63,
    EVENT_OVERLAP_RED_CLEAR = 64,
    EVENT_OVERLAP_OFF = 65,
    EVENT_OVERLAP_DARK = 66,
    EVENT_PED_OVERLAP_WALK = 67,
    EVENT_PED_OVERLAP_CLEAR = 68,
    EVENT_PED_OVERLAP_DONT_WALK = 69,
    EVENT_PED_OVERLAP_DARK = 70,
    EVENT_DETECTOR_OFF = 81,
    EVENT_DETECTOR_ON = 82,
    EVENT_DETECTOR_RESTORED = 83,
    EVENT_DETECTOR_FAILED = 84, /* by the diagnostics, or for a reason the unit does not tell */
    EVENT_PED_DETECTOR_OFF = 89,
    EVENT_PED_DETECTOR_ON = 90,
    EVENT_PED_DETECTOR_FAILED = 91,
    EVENT_PED_DETECTOR_RESTORED = 92,
    EVENT_PRIORITY_DETECTOR_OFF = 93, /* the input of a priority */
    EVENT_PRIORITY_DETECTOR_ON = 94,
    EVENT_PREEMPT_ADVANCE = 101, /* from here on the parameter is the preempt */
    EVENT_PREEMPT_CALL_ON = 102,
    EVENT_PREEMPT_CALL_OFF = 104,
    EVENT_PREEMPT_ENTRY = 105,
    EVENT_PREEMPT_TRACK = 106,
    EVENT_PREEMPT_DWELL = 107,
    EVENT_PREEMPT_LINK_ON = 108, /* of the preempt that is called */
    EVENT_PREEMPT_LINK_OFF = 109,
    EVENT_PREEMPT_MAX_PRESENCE = 110,
    EVENT_PREEMPT_EXIT = 111,
    EVENT_PRIORITY_CHECK_IN = 112,
    EVENT_PRIORITY_EARLY_GREEN = 113,
    EVENT_PRIORITY_EXTENSION = 114,
    EVENT_PRIORITY_CHECK_OUT = 115,
    EVENT_PREEMPT_FORCES_OFF = 116,  /* the preempt, where 20 tells of the phase */
    EVENT_PRIORITY_FORCES_OFF = 117, /* the priority, where 19 tells of the phase */
    EVENT_PRIORITY_SERVICE_START = 118,
    EVENT_PRIORITY_SERVICE_END = 119,
    EVENT_COORD_PATTERN = 131,
    EVENT_COORD_CYCLE = 132,
    EVENT_COORD_OFFSET = 133,
    EVENT_COORD_SPLIT_1 = 134, /* to 149: splits 1 to 16 */
    EVENT_COORD_STATE = 150,
    EVENT_COORD_YIELD = 151,
    EVENT_COORD_BEGIN = 152,
    EVENT_UNIT_CONTROL = 155, /* enum unit_control_status */
    EVENT_UNIT_FLASH = 173,   /* enum flash_status */
    EVENT_ALARM_1 = 174,      /* enum alarm1 */
    EVENT_ALARM_GROUP = 175,
    EVENT_SPECIAL_FUNCTION_ON = 176,
    EVENT_SPECIAL_FUNCTION_OFF = 177,
    EVENT_MANUAL_CONTROL = 178,
    EVENT_INTERVAL_ADVANCE = 179,
    EVENT_STOP_TIME = 180,
    EVENT_CLOCK_UPDATED = 181, /* by how many seconds; 0 when it was unknown before */
    EVENT_POWER_RESTORED = 184,
    EVENT_ALARM_ON = 200,
    EVENT_ALARM_OFF = 201,
    EVENT_COORD_SPLIT_17 = 203, /* to 218: splits 17 to 32 */
    /* Ours, docs/events.md */
    EVENT_SPEED_MANAGED = 340,  /* 1 acts, 0 does not */
    EVENT_SPEED_WITHHELD = 341, /* phase */
    EVENT_SPEED_RELEASED = 342, /* phase */
    EVENT_SPEED = 400,          /* and the detector's number: km/h, 255 at most */
};

struct hires_event {
    int64_t at_ds; /* engine time of the tick */
    uint16_t code;
    uint16_t parameter;
};

enum { EVENTS_KEPT = 1024 };

/* A ring that overwrites its oldest; `written` counts all events ever. */
struct hires_ring {
    uint64_t written;
    struct hires_event slot[EVENTS_KEPT];
};

void hires_add(struct hires_ring *ring, int64_t at_ds, int code, int parameter);

/* Copies up to `max` events from number *cursor (counting from 0) on into `out` and moves the
 * cursor. Events already overwritten are skipped; their number is added to *lost. Returns the
 * number copied. */
size_t hires_read(const struct hires_ring *ring, uint64_t *cursor, struct hires_event *out, size_t max,
                  uint64_t *lost);

#endif
