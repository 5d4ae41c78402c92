/* The register map as the I/O map of NTCIP 1202 5.14. */
#include "../../controller/io_pins.h"
#include "../../io/cabinet_map.h"
#include "../../ntcip/device.h"
#include "harness.h"
#include <stdio.h>
#include <string.h>

static const struct cabinet_map map = {
    .channels = 18,
    .vehicles = 20,
    .pedestrians = 4,
    .heartbeat = 100,
    .control = 101,
    .red = 102,
    .yellow = 104,
    .green = 106,
    .status = 200,
    .inputs = 201,
    .heartbeat_echo = 202,
    .lit_red = 203,
    .lit_yellow = 205,
    .lit_green = 207,
    .vehicle = 209,
    .pedestrian = 211,
    .options = MAP_VEHICLE_FAULT | MAP_PREEMPT,
    .vehicle_fault = 212,
    .preempt = 214,
};
static struct device device;
static struct engine_status status;
static const struct object_view view = {.status = &status, .device = &device};

static int64_t get(const char *column, int row_no)
{
    char name[64];
    struct object_instance at;
    struct value value;
    snprintf(name, sizeof(name), "%s.1.%d", column, row_no);
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    return value.number;
}

static void list(void)
{
    char why[128];
    device_init(&device);
    CHECK_INT(0, cabinet_map_check(&map, why, sizeof(why)));
    io_pins_list(&map, &device.io);
}

/* The row of the pin with this function and index, 0 if there is none. */
static int input_row(int function, int index)
{
    for (int i = 0; i < device.io.input_count; i++) {
        if (device.io.input[i].function == function && device.io.input[i].index == index)
            return i + 1;
    }
    return 0;
}

static void every_wire_is_a_pin(void)
{
    list();
    CHECK_INT(12 + 5 + 20 + 20 + 4 + 16, device.io.input_count);
    CHECK_INT(1 + 3 * 18, device.io.output_count);
    int row_no = input_row(IO_VEHICLE_DETECTOR, 17);
    CHECK_INT(10, get("ascIOinputMapDeviceAddr", row_no)); /* register 210, the first read one is 200 */
    CHECK_INT(0, get("ascIOinputMapDevicePin", row_no));
    CHECK_INT(53, get("ascIOinputMapFunction", row_no));
    CHECK_INT(17, get("ascIOinputMapFuncIndex", row_no));
    row_no = 1 + 2 * 18 + 18; /* the green of channel 18 */
    CHECK_INT(7, get("ascIOoutputMapDeviceAddr", row_no));
    CHECK_INT(1, get("ascIOoutputMapDevicePin", row_no));
    CHECK_INT(8, get("ascIOoutputMapFunction", row_no));
    CHECK_INT(18, get("ascIOoutputMapFuncIndex", row_no));
    struct object_instance at;
    struct value value;
    CHECK_INT(OBJECT_OK, object_parse("ascIOoutputMapDevPinDescr.1.55", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    CHECK_INT(IO_TEXT, value.length);
    CHECK_BYTES("107.1 channelGreen 18           ", value.octet, IO_TEXT);
    CHECK_INT(OBJECT_OK, object_parse("ascIOoutputMapDevPinDescr.1.56", &at));
    CHECK_INT(OBJECT_NO_INSTANCE, object_get(&at, &view, &value));
}

/* Whatever the cabinet's input bit, exactly its pin is on. */
static void states_follow_their_bits(void)
{
    static const struct {
        uint32_t input;
        int function, index;
    } known[] = {
        {CABINET_STOP_TIME, IO_STOP_TIME_ALL_RINGS, 1},
        {CABINET_MANUAL_CONTROL, IO_MANUAL_CONTROL_ENABLE, 1},
        {CABINET_INTERVAL_ADVANCE, IO_INTERVAL_ADVANCE, 1},
        {CABINET_DOOR, IO_CABINET_DOOR_OPEN, 1},
        {CABINET_FLASH_SWITCH, IO_LOCAL_FLASH_SENSE, 1},
        {CABINET_EXTERNAL_MIN_RECALL, IO_MIN_RECALL, 1},
        {CABINET_NON_ACTUATED_1, IO_CALL_TO_NON_ACTUATED, 1},
        {CABINET_NON_ACTUATED_2, IO_CALL_TO_NON_ACTUATED, 2},
        {CABINET_WALK_REST, IO_WALK_REST_MODIFIER, 1},
        {CABINET_AUTOMATIC_FLASH, IO_AUTO_FLASH_REQUEST, 1},
        {CABINET_FREE, IO_FREE_REQUEST, 1},
        {CABINET_DIMMING, IO_DIMMING_ENABLE, 1},
    };
    list();
    struct frame frame = {0};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct cabinet_image image = {.inputs = known[i].input};
        io_pins_put(&device.io, &image, false, &frame, true);
        for (int row_no = 1; row_no <= device.io.input_count; row_no++)
            CHECK_INT(row_no == input_row(known[i].function, known[i].index),
                      get("ascIOinputMapDevPinStatus", row_no));
    }
    struct cabinet_image image = {.status = CABINET_TRIP_RED_FAIL, .pedestrian = 8, .preempt = 0x8000};
    detector_put(&image.vehicle, 20, true);
    detector_put(&image.vehicle_fault, 1, true);
    channel_add(&frame.yellow, 3);
    io_pins_put(&device.io, &image, false, &frame, false);
    CHECK_INT(1, get("ascIOinputMapDevPinStatus", input_row(IO_CONFLICT_MONITOR_STATUS, 2)));
    CHECK_INT(1, get("ascIOinputMapDevPinStatus", input_row(IO_PEDESTRIAN_DETECTOR, 4)));
    CHECK_INT(1, get("ascIOinputMapDevPinStatus", input_row(IO_PREEMPT_INPUT, 16)));
    CHECK_INT(1, get("ascIOinputMapDevPinStatus", input_row(IO_VEHICLE_DETECTOR, 20)));
    CHECK_INT(1, get("ascIOinputMapDevPinStatus", input_row(IO_VEHICLE_DETECTOR_FAULT, 1)));
    CHECK_INT(0, get("ascIOoutputMapDevPinStatus", 1));
    CHECK_INT(1, get("ascIOoutputMapDevPinStatus", 1 + 18 + 3));
    io_pins_put(&device.io, &image, true, &frame, true);
    CHECK_INT(0, get("ascIOinputMapDevPinStatus", input_row(IO_VEHICLE_DETECTOR, 20)));
    CHECK_INT(1, get("ascIOoutputMapDevPinStatus", 1));
}

HARNESS_MAIN({"every wire is a pin", every_wire_is_a_pin},
             {"states follow their bits", states_follow_their_bits}, )
