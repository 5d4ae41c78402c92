/* The readers of the I/O mapping objects. */
#include "io_map.h"
#include "device.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

static const char *const input_names[IO_INPUT_FUNCTIONS] = {
    "unusedInput",
    "ioUsedAsOutput",
    "logicInput",
    "addressBit",
    "alarmInput",
    "alternateSequence",
    "autoFlashRequest",
    "cabinetDoorOpen",
    "callToNonActuated",
    "clockUpdate",
    "conflictMonitorStatus",
    "cycleAdvance",
    "dimmingEnable",
    "externalStart",
    "forceOffRing",
    "freeRequest",
    "hardwareControl",
    "indicatorLampControl",
    "inhibitMaxRing",
    "intervalAdvance",
    "localFlashSense",
    "manualControlEnable",
    "max2Ring",
    "max3AllRings",
    "max4AllRings",
    "maxRecall",
    "maxWalk",
    "minRecall",
    "mmuCmuFlashSense",
    "modeSelectBit",
    "offsetInput",
    "omitRedClearRing",
    "patternSelect",
    "pedestrianDetector",
    "pedestrianOmit",
    "pedestrianRecycleRing",
    "phaseHold",
    "phaseOmit",
    "preemptGateDown",
    "preemptGateUp",
    "preemptHealthy",
    "preemptInput",
    "preemptInputAdvanced",
    "priorityCheckout",
    "priorityRequest",
    "redRestRing",
    "specialFunctionInput",
    "stopTimeAllRings",
    "stopTimeRing",
    "tbcOnline",
    "testInput",
    "timingPlanInput",
    "vehicleDetector",
    "vehicleDetectorFault",
    "walkRestModifier",
};

static const char *const output_names[IO_OUTPUT_FUNCTIONS] = {
    "unusedOutput",
    "ioUsedAsInput",
    "logicOutput",
    "advWarnGrn",
    "advWarnRed",
    "alarmOutput",
    "automaticFlashStatus",
    "channelGreen",
    "channelRed",
    "channelYellow",
    "codedStatusBitA",
    "codedStatusBitB",
    "codedStatusBitC",
    "detectorResetSlots",
    "detectorReset",
    "faultMonitor",
    "flashingLogic",
    "freeStatus",
    "offsetOutput",
    "phaseCheck",
    "phaseNext",
    "phaseOn",
    "preemptActive",
    "preemptActiveAdvanced",
    "specialFunctionOutput",
    "tbcAuxOutput",
    "timingPlanOutput",
    "voltageMonitor",
    "watchdog",
};

/* Always IO_TEXT octets, spaces behind. */
static void put_padded(struct value *out, const char *text)
{
    size_t length = strnlen(text, IO_TEXT);
    out->length = IO_TEXT;
    memset(out->octet, ' ', IO_TEXT);
    memcpy(out->octet, text, length);
}

static void put_pin(struct value *out, const struct io_pin *pin, const char *name)
{
    char text[64];
    snprintf(text, sizeof text, "%u.%u %s %u", pin->register_no, pin->bit_ix, name, pin->index);
    put_padded(out, text);
}

bool object_rows_io_input(const struct object_view *view, const uint16_t row[2])
{
    return view->device && row[1] <= view->device->io.input_count;
}

bool object_rows_io_output(const struct object_view *view, const uint16_t row[2])
{
    return view->device && row[1] <= view->device->io.output_count;
}

static const struct io_pin *input_at(const struct object_view *view, const struct object_instance *at)
{
    return &view->device->io.input[at->row[1] - 1];
}

static const struct io_pin *output_at(const struct object_view *view, const struct object_instance *at)
{
    return &view->device->io.output[at->row[1] - 1];
}

int object_read_io_inputs(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)at;
    out->number = view->device->io.input_count;
    return OBJECT_OK;
}

int object_read_io_outputs(const struct object_view *view, const struct object_instance *at,
                           struct value *out)
{
    (void)at;
    out->number = view->device->io.output_count;
    return OBJECT_OK;
}

int object_read_io_input_place(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    out->number = input_at(view, at)->place;
    return OBJECT_OK;
}

int object_read_io_input_bit(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    out->number = input_at(view, at)->bit_ix;
    return OBJECT_OK;
}

int object_read_io_input_function(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    out->number = input_at(view, at)->function;
    return OBJECT_OK;
}

int object_read_io_input_index(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    out->number = input_at(view, at)->index;
    return OBJECT_OK;
}

int object_read_io_input_pin(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    const struct io_pin *pin = input_at(view, at);
    put_pin(out, pin, input_names[pin->function - 1]);
    return OBJECT_OK;
}

int object_read_io_input_on(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    out->number = view->device->io.input_on[at->row[1] - 1];
    return OBJECT_OK;
}

int object_read_io_output_place(const struct object_view *view, const struct object_instance *at,
                                struct value *out)
{
    out->number = output_at(view, at)->place;
    return OBJECT_OK;
}

int object_read_io_output_bit(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    out->number = output_at(view, at)->bit_ix;
    return OBJECT_OK;
}

int object_read_io_output_function(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    out->number = output_at(view, at)->function;
    return OBJECT_OK;
}

int object_read_io_output_index(const struct object_view *view, const struct object_instance *at,
                                struct value *out)
{
    out->number = output_at(view, at)->index;
    return OBJECT_OK;
}

int object_read_io_output_pin(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    const struct io_pin *pin = output_at(view, at);
    put_pin(out, pin, output_names[pin->function - 1]);
    return OBJECT_OK;
}

int object_read_io_output_on(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    out->number = view->device->io.output_on[at->row[1] - 1];
    return OBJECT_OK;
}

int object_read_io_map_name(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)view, (void)at;
    put_padded(out, "as the config file has it");
    return OBJECT_OK;
}

/* How many there can be of each function; 0 where this controller has no use for it. */
int object_read_io_input_most(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    (void)view;
    switch (at->row[0]) {
    case IO_ALARM_INPUT:
        out->number = 8;
        break;
    case IO_CONFLICT_MONITOR_STATUS:
        out->number = 4;
        break;
    case IO_CALL_TO_NON_ACTUATED:
        out->number = 2;
        break;
    case IO_PEDESTRIAN_DETECTOR:
        out->number = PEDESTRIAN_DETECTORS_MAX;
        break;
    case IO_PREEMPT_INPUT:
        out->number = PREEMPTS_MAX;
        break;
    case IO_PRIORITY_REQUEST:
        out->number = PRIORITIES_MAX;
        break;
    case IO_VEHICLE_DETECTOR:
    case IO_VEHICLE_DETECTOR_FAULT:
        out->number = VEHICLE_DETECTORS_MAX;
        break;
    case IO_AUTO_FLASH_REQUEST:
    case IO_CABINET_DOOR_OPEN:
    case IO_DIMMING_ENABLE:
    case IO_FREE_REQUEST:
    case IO_INTERVAL_ADVANCE:
    case IO_LOCAL_FLASH_SENSE:
    case IO_MANUAL_CONTROL_ENABLE:
    case IO_MIN_RECALL:
    case IO_MONITOR_FLASH_SENSE:
    case IO_STOP_TIME_ALL_RINGS:
    case IO_WALK_REST_MODIFIER:
        out->number = 1;
        break;
    default:
        out->number = 0;
    }
    return OBJECT_OK;
}

int object_read_io_output_most(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    (void)view;
    int function = at->row[0];
    bool lamp = function == IO_CHANNEL_GREEN || function == IO_CHANNEL_YELLOW || function == IO_CHANNEL_RED;
    out->number = lamp ? CHANNELS_MAX : function == IO_FAULT_MONITOR;
    return OBJECT_OK;
}

int object_read_io_input_name(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    (void)view;
    put_padded(out, input_names[at->row[0] - 1]);
    return OBJECT_OK;
}

int object_read_io_output_name(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    (void)view;
    put_padded(out, output_names[at->row[0] - 1]);
    return OBJECT_OK;
}
