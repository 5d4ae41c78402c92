/* Registers <-> bits, both ways. */
#include "../../io/cabinet_map.h"
#include "harness.h"
#include <string.h>

static const struct cabinet_map example = {
    .channels = 20,
    .vehicles = 33,
    .pedestrians = 4,
    .heartbeat = 0,
    .control = 1,
    .red = 2,
    .yellow = 4,
    .green = 6,
    .status = 100,
    .inputs = 101,
    .heartbeat_echo = 102,
    .lit_red = 103,
    .lit_yellow = 105,
    .lit_green = 107,
    .vehicle = 109,
    .pedestrian = 112,
};

static void check_refused(const struct cabinet_map *map, const char *reason)
{
    char why[128] = "";
    CHECK_INT(-1, cabinet_map_check(map, why, sizeof why));
    CHECK_STR(reason, why);
}

static void runs_are_as_small_as_can_be(void)
{
    char why[128];
    CHECK_INT(0, cabinet_map_check(&example, why, sizeof why));
    struct cabinet_registers run = {0};
    cabinet_map_written(&example, &run);
    CHECK_INT(0, run.first);
    CHECK_INT(8, run.count);
    cabinet_map_read(&example, &run);
    CHECK_INT(100, run.first);
    CHECK_INT(13, run.count);
}

static void bad_maps_are_refused_by_name(void)
{
    struct cabinet_map map = example;
    map.channels = 0;
    check_refused(&map, "channels: 0 is not within 1..80");
    map = example;
    map.vehicles = 161;
    check_refused(&map, "vehicles: 161 is more than 160");
    map = example;
    map.pedestrians = 41;
    check_refused(&map, "pedestrians: 41 is more than 40");
    map = example;
    map.yellow = 3;
    check_refused(&map, "yellow: shares a register with red");
    map = example;
    map.inputs = 7;
    check_refused(&map, "inputs: shares a register with green");
    map = example;
    map.lit_green = 65535;
    check_refused(&map, "lit_green: ends beyond register 65535");
    map = example;
    map.green = 120;
    check_refused(&map, "written fields: span 122 registers, one transaction writes 121");
    map = example;
    map.vehicle = 223;
    check_refused(&map, "read fields: span 126 registers, one transaction reads 125");
    map = example;
    map.green = 110;
    map.vehicle = 120;
    check_refused(&map, "status: lies between written fields");
}

static void a_field_of_no_bits_takes_no_register(void)
{
    struct cabinet_map map = example;
    map.pedestrians = 0;
    map.pedestrian = map.status;
    char why[128];
    CHECK_INT(0, cabinet_map_check(&map, why, sizeof why));
}

static void commands_come_back_as_they_went(void)
{
    uint16_t value[8];
    struct cabinet_registers run = {0, 8, value};
    struct cabinet_command in = {.heartbeat = 65535, .healthy = true};
    in.red.word[0] = UINT64_C(0xFFFFFFFFFFF80001);
    in.yellow.word[0] = 0x10002;
    in.green.word[0] = 0x4;
    memset(value, 0, sizeof value);
    cabinet_map_put_command(&example, &in, &run);
    CHECK_HEX(0xFFFF, value[0]);
    CHECK_HEX(1, value[1]);
    CHECK_HEX(0x0001, value[2]);
    CHECK_HEX(0x0008, value[3]); /* channel 20; 21 and beyond are not wired */
    CHECK_HEX(0x0002, value[4]);
    CHECK_HEX(0x0001, value[5]); /* channel 17 */
    struct cabinet_command out;
    cabinet_map_get_command(&example, &run, &out);
    CHECK_INT(65535, out.heartbeat);
    CHECK(out.healthy);
    CHECK_HEX(0x80001, out.red.word[0]);
    CHECK_HEX(0x10002, out.yellow.word[0]);
    CHECK_HEX(0x4, out.green.word[0]);
    CHECK(!out.dimmed);
    in = (struct cabinet_command){.dimmed = true};
    cabinet_map_put_command(&example, &in, &run);
    CHECK_HEX(2, value[1]);
    cabinet_map_get_command(&example, &run, &out);
    CHECK(out.dimmed && !out.healthy);
}

static void countdowns_are_written_where_displays_are_wired(void)
{
    struct cabinet_map map = example;
    map.options = MAP_COUNTDOWN;
    map.countdown = 8;
    char why[128];
    CHECK_INT(0, cabinet_map_check(&map, why, sizeof why));
    struct cabinet_registers run = {0};
    cabinet_map_written(&map, &run);
    CHECK_INT(28, run.count);
    uint16_t value[28] = {0};
    run.value = value;
    struct cabinet_command in = {.countdown_s = {[0] = 3, [19] = 255}};
    cabinet_map_put_command(&map, &in, &run);
    CHECK_INT(3, value[8]);
    CHECK_INT(255, value[27]);
    struct cabinet_command out;
    cabinet_map_get_command(&map, &run, &out);
    CHECK_BYTES(in.countdown_s, out.countdown_s, sizeof in.countdown_s);
}

static void images_come_back_as_they_went(void)
{
    struct cabinet_map map = example;
    map.channels = 80;
    map.vehicles = 160;
    map.pedestrians = 40;
    map.lit_yellow = 110;
    map.lit_green = 120;
    map.vehicle = 130;
    map.pedestrian = 140;
    char why[128];
    map.red = 2, map.yellow = 10, map.green = 20;
    CHECK_INT(0, cabinet_map_check(&map, why, sizeof why));
    uint16_t value[64];
    memset(value, 0xAA, sizeof value);
    struct cabinet_registers run = {100, 64, value};
    struct cabinet_image in, out;
    memset(&in, 0, sizeof in);
    in.status = CABINET_FLASHING | CABINET_TRIP_CVM;
    in.inputs = CABINET_DOOR;
    in.red.word[1] = 0x8001;
    in.green.word[0] = UINT64_C(1) << 63;
    in.vehicle.word[2] = UINT64_C(1) << 31;
    in.pedestrian = UINT64_C(1) << 39;
    cabinet_map_put_image(&map, &in, 77, &run);
    uint16_t echo;
    cabinet_map_get_image(&map, &run, &out, &echo);
    CHECK_INT(77, echo);
    CHECK_BYTES(&in, &out, sizeof in);
    CHECK_HEX(0xAAAA, value[8]); /* a gap stays as it was */
}

/* Fields a cabinet may do without: read where they are wired, nothing where they are not. */
static void further_inputs_are_read_where_they_are_wired(void)
{
    struct cabinet_map map = example;
    map.options = MAP_VEHICLE_FAULT | MAP_PREEMPT | MAP_PRIORITY | MAP_ALARM | MAP_INTERCONNECT;
    map.vehicle_fault = 113;
    map.preempt = 116;
    map.priority = 117;
    map.alarm = 118;
    map.interconnect = 119;
    char why[128];
    CHECK_INT(0, cabinet_map_check(&map, why, sizeof why));
    uint16_t value[20] = {0};
    struct cabinet_registers run = {100, 20, value};
    struct cabinet_image in = {
        .preempt = 0x8001, .priority = 2, .alarms = 0x81, .interconnect_pattern_no = 254};
    detector_put(&in.vehicle_fault, 33, true);
    cabinet_map_put_image(&map, &in, 0, &run);
    CHECK_HEX(1, value[15]);
    CHECK_HEX(0x8001, value[16]);
    struct cabinet_image out;
    uint16_t echo;
    cabinet_map_get_image(&map, &run, &out, &echo);
    CHECK_BYTES(&in, &out, sizeof in);
    value[19] = 256; /* no such pattern */
    cabinet_map_get_image(&map, &run, &out, &echo);
    CHECK_INT(0, out.interconnect_pattern_no);
    map.options = 0;
    cabinet_map_get_image(&map, &run, &out, &echo);
    CHECK_HEX(0, out.preempt | out.priority | out.alarms);
    map.options = MAP_PREEMPT;
    map.preempt = 101;
    check_refused(&map, "preempt: shares a register with inputs");
}

static void detectors_that_are_not_wired_are_not_believed(void)
{
    uint16_t value[13];
    memset(value, 0xFF, sizeof value);
    struct cabinet_registers run = {100, 13, value};
    struct cabinet_image image;
    uint16_t echo;
    cabinet_map_get_image(&example, &run, &image, &echo);
    CHECK_HEX(0xFFFFF, image.red.word[0]);
    CHECK_HEX(UINT64_C(0x1FFFFFFFF), image.vehicle.word[0]);
    CHECK_HEX(0, image.vehicle.word[1]);
    CHECK_HEX(0xF, image.pedestrian);
}

static void flashing_lamps_are_dark_in_their_other_half(void)
{
    struct output output;
    memset(&output, 0, sizeof output);
    output.frame.red.word[0] = 0x1;
    output.frame.yellow.word[0] = 0x6;
    output.frame.green.word[0] = 0x8;
    output.frame.flashing.word[0] = 0x7;
    output.frame.alternate.word[0] = 0xC; /* 3 flashes in the other half; 4 does not flash at all */
    struct channel_mask red, yellow, green;
    output.flash_on = true;
    cabinet_map_lit(&output, &red, &yellow, &green);
    CHECK_HEX(0x1, red.word[0]);
    CHECK_HEX(0x2, yellow.word[0]);
    CHECK_HEX(0x8, green.word[0]);
    output.flash_on = false;
    cabinet_map_lit(&output, &red, &yellow, &green);
    CHECK_HEX(0x0, red.word[0]);
    CHECK_HEX(0x4, yellow.word[0]);
    CHECK_HEX(0x8, green.word[0]);
}

HARNESS_MAIN({"runs are as small as can be", runs_are_as_small_as_can_be},
             {"bad maps are refused by name", bad_maps_are_refused_by_name},
             {"a field of no bits takes no register", a_field_of_no_bits_takes_no_register},
             {"commands come back as they went", commands_come_back_as_they_went},
             {"countdowns are written where displays are wired",
              countdowns_are_written_where_displays_are_wired},
             {"images come back as they went", images_come_back_as_they_went},
             {"further inputs are read where they are wired", further_inputs_are_read_where_they_are_wired},
             {"detectors that are not wired are not believed", detectors_that_are_not_wired_are_not_believed},
             {"flashing lamps are dark in their other half", flashing_lamps_are_dark_in_their_other_half}, )
