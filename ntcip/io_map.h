/* What the cabinet's field I/O is wired to, as the I/O mapping objects of 1202 v03 5.14 tell it: one map,
 * which comes from the config file and cannot be changed over the network. Part of struct device; who knows
 * the wiring fills it in at the start and keeps the states of the pins up to date. */
#ifndef NTCIP_IO_MAP_H
#define NTCIP_IO_MAP_H

#include <stdbool.h>
#include <stdint.h>

enum { IO_INPUTS_MAX = 512, IO_OUTPUTS_MAX = 256, IO_TEXT = 32 };

/* What a pin is for, with the standard's numbers; those that this controller has a use for. */
enum io_input_function {
    IO_ALARM_INPUT = 5,
    IO_AUTO_FLASH_REQUEST = 7,
    IO_CABINET_DOOR_OPEN = 8,
    IO_CALL_TO_NON_ACTUATED = 9,
    IO_CONFLICT_MONITOR_STATUS = 11,
    IO_DIMMING_ENABLE = 13,
    IO_FREE_REQUEST = 16,
    IO_INTERVAL_ADVANCE = 20,
    IO_LOCAL_FLASH_SENSE = 21,
    IO_MANUAL_CONTROL_ENABLE = 22,
    IO_MIN_RECALL = 28,
    IO_MONITOR_FLASH_SENSE = 29,
    IO_PEDESTRIAN_DETECTOR = 34,
    IO_PREEMPT_INPUT = 42,
    IO_PRIORITY_REQUEST = 45,
    IO_STOP_TIME_ALL_RINGS = 48,
    IO_VEHICLE_DETECTOR = 53,
    IO_VEHICLE_DETECTOR_FAULT = 54,
    IO_WALK_REST_MODIFIER = 55,
    IO_INPUT_FUNCTIONS = 55,
};

enum io_output_function {
    IO_CHANNEL_GREEN = 8,
    IO_CHANNEL_RED = 9,
    IO_CHANNEL_YELLOW = 10,
    IO_FAULT_MONITOR = 16,
    IO_OUTPUT_FUNCTIONS = 29,
};

struct io_pin {
    uint8_t function; /* enum io_input_function or io_output_function */
    uint8_t index;    /* which detector, channel, ...: from 1 */
    uint8_t place;    /* of its register behind the first one of its direction */
    uint8_t bit_ix;
    uint16_t register_no;
};

struct io_map {
    uint16_t input_count, output_count;
    struct io_pin input[IO_INPUTS_MAX];
    struct io_pin output[IO_OUTPUTS_MAX];
    bool input_on[IO_INPUTS_MAX];
    bool output_on[IO_OUTPUTS_MAX];
};

#endif
