#include "io_pins.h"
#include "../io/cabinet_map.h"
#include <string.h>

enum { REGISTER_BITS = 16 };

/* The bits of the two registers that have a function each, in their order. */
static const struct {
    uint8_t function, index;
} panel[] =
    {
        {IO_STOP_TIME_ALL_RINGS, 1},  {IO_MANUAL_CONTROL_ENABLE, 1}, {IO_INTERVAL_ADVANCE, 1},
        {IO_CABINET_DOOR_OPEN, 1},    {IO_LOCAL_FLASH_SENSE, 1},     {IO_MIN_RECALL, 1},
        {IO_CALL_TO_NON_ACTUATED, 1}, {IO_CALL_TO_NON_ACTUATED, 2},  {IO_WALK_REST_MODIFIER, 1},
        {IO_AUTO_FLASH_REQUEST, 1},   {IO_FREE_REQUEST, 1},          {IO_DIMMING_ENABLE, 1},
},
  monitor[] = {
      {IO_MONITOR_FLASH_SENSE, 1},     {IO_CONFLICT_MONITOR_STATUS, 1}, {IO_CONFLICT_MONITOR_STATUS, 2},
      {IO_CONFLICT_MONITOR_STATUS, 3}, {IO_CONFLICT_MONITOR_STATUS, 4},
};

static struct io_pin pin_at(const struct cabinet_registers *run, uint32_t first, int bit_ix, uint8_t function,
                            int index)
{
    uint16_t register_no = (uint16_t)(first + (uint32_t)(bit_ix / REGISTER_BITS));
    return (struct io_pin){
        .function = function,
        .index = (uint8_t)index,
        .place = (uint8_t)(register_no - run->first),
        .bit_ix = (uint8_t)(bit_ix % REGISTER_BITS),
        .register_no = register_no,
    };
}

/* `count` inputs of one function, number 1 in the lowest bit of register `first`. */
static void add_inputs(struct io_map *io, const struct cabinet_registers *run, uint16_t first, int count,
                       uint8_t function)
{
    for (int i = 0; i < count && io->input_count < IO_INPUTS_MAX; i++)
        io->input[io->input_count++] = pin_at(run, first, i, function, i + 1);
}

static void add_outputs(struct io_map *io, const struct cabinet_registers *run, uint16_t first, int count,
                        uint8_t function)
{
    for (int i = 0; i < count && io->output_count < IO_OUTPUTS_MAX; i++)
        io->output[io->output_count++] = pin_at(run, first, i, function, i + 1);
}

void io_pins_list(const struct cabinet_map *map, struct io_map *io)
{
    struct cabinet_registers read, written;
    cabinet_map_read(map, &read);
    cabinet_map_written(map, &written);
    memset(io, 0, sizeof *io);
    for (size_t i = 0; i < sizeof panel / sizeof panel[0]; i++)
        io->input[io->input_count++] = pin_at(&read, map->inputs, (int)i, panel[i].function, panel[i].index);
    for (size_t i = 0; i < sizeof monitor / sizeof monitor[0]; i++)
        io->input[io->input_count++] =
            pin_at(&read, map->status, (int)i, monitor[i].function, monitor[i].index);
    add_inputs(io, &read, map->vehicle, map->vehicles, IO_VEHICLE_DETECTOR);
    if (map->options & MAP_VEHICLE_FAULT)
        add_inputs(io, &read, map->vehicle_fault, map->vehicles, IO_VEHICLE_DETECTOR_FAULT);
    add_inputs(io, &read, map->pedestrian, map->pedestrians, IO_PEDESTRIAN_DETECTOR);
    if (map->options & MAP_PREEMPT)
        add_inputs(io, &read, map->preempt, PREEMPTS_MAX, IO_PREEMPT_INPUT);
    if (map->options & MAP_PRIORITY)
        add_inputs(io, &read, map->priority, PRIORITIES_MAX, IO_PRIORITY_REQUEST);
    if (map->options & MAP_ALARM)
        add_inputs(io, &read, map->alarm, ALARM_INPUTS, IO_ALARM_INPUT);
    add_outputs(io, &written, map->control, 1, IO_FAULT_MONITOR);
    add_outputs(io, &written, map->red, map->channels, IO_CHANNEL_RED);
    add_outputs(io, &written, map->yellow, map->channels, IO_CHANNEL_YELLOW);
    add_outputs(io, &written, map->green, map->channels, IO_CHANNEL_GREEN);
}

/* The bit of `word` that stands for the pin, among those of the same register. */
static bool panel_bit(const struct io_pin *pin, uint32_t word)
{
    return word >> pin->bit_ix & 1U;
}

static bool input_state(const struct io_pin *pin, const struct cabinet_image *image)
{
    switch ((enum io_input_function)pin->function) {
    case IO_VEHICLE_DETECTOR:
        return detector_has(&image->vehicle, pin->index);
    case IO_VEHICLE_DETECTOR_FAULT:
        return detector_has(&image->vehicle_fault, pin->index);
    case IO_PEDESTRIAN_DETECTOR:
        return image->pedestrian >> (pin->index - 1) & 1U;
    case IO_PREEMPT_INPUT:
        return image->preempt >> (pin->index - 1) & 1U;
    case IO_PRIORITY_REQUEST:
        return image->priority >> (pin->index - 1) & 1U;
    case IO_ALARM_INPUT:
        return image->alarms >> (pin->index - 1) & 1U;
    case IO_MONITOR_FLASH_SENSE:
    case IO_CONFLICT_MONITOR_STATUS:
        return panel_bit(pin, image->status);
    case IO_AUTO_FLASH_REQUEST:
    case IO_CABINET_DOOR_OPEN:
    case IO_CALL_TO_NON_ACTUATED:
    case IO_DIMMING_ENABLE:
    case IO_FREE_REQUEST:
    case IO_INTERVAL_ADVANCE:
    case IO_LOCAL_FLASH_SENSE:
    case IO_MANUAL_CONTROL_ENABLE:
    case IO_MIN_RECALL:
    case IO_STOP_TIME_ALL_RINGS:
    case IO_WALK_REST_MODIFIER:
        return panel_bit(pin, image->inputs);
    }
    return false;
}

static bool output_state(const struct io_pin *pin, const struct frame *frame, bool healthy)
{
    switch ((enum io_output_function)pin->function) {
    case IO_CHANNEL_RED:
        return channel_has(&frame->red, pin->index);
    case IO_CHANNEL_YELLOW:
        return channel_has(&frame->yellow, pin->index);
    case IO_CHANNEL_GREEN:
        return channel_has(&frame->green, pin->index);
    case IO_FAULT_MONITOR:
        return healthy;
    case IO_OUTPUT_FUNCTIONS:
        break;
    }
    return false;
}

void io_pins_put(struct io_map *io, const struct cabinet_image *image, bool lost, const struct frame *frame,
                 bool healthy)
{
    for (int i = 0; i < io->input_count; i++)
        io->input_on[i] = !lost && input_state(&io->input[i], image);
    for (int i = 0; i < io->output_count; i++)
        io->output_on[i] = output_state(&io->output[i], frame, healthy);
}
