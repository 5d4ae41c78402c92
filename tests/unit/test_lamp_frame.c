/* What travels between a red-lamp detector and a camera, octet by octet: frames of the polled form, and
 * Modbus requests on a line that others use too. */
#include "../../io/lamp_frame.h"
#include "../../io/lamp_registers.h"
#include "harness.h"
#include <modbus.h>
#include <stdlib.h>
#include <string.h>

static const struct lamp_layout *const sum = &lamp_layouts[0], *const xor = &lamp_layouts[1];

static void the_frames_are_these_octets(void)
{
    uint8_t octet[LAMP_REPLY_MAX];
    CHECK_INT(5, lamp_frame_poll(sum, 1, octet));
    CHECK_BYTES("\x55\xAA\x01\x11\x12", octet, 5);
    CHECK_INT(5, lamp_frame_poll(xor, 1, octet));
    CHECK_BYTES("\x55\xAA\x01\x11\x10", octet, 5);
    /* Channels 1, 3 and 9 are on: their bits are 0; 9 to 16 come first. */
    CHECK_INT(7, lamp_frame_reply(sum, 1, 0x0105, 16, octet));
    CHECK_BYTES("\x55\xAA\x01\x12\xFE\xFA\x0B", octet, 7);
    CHECK_INT(7, lamp_frame_reply(sum, 2, 0, 16, octet));
    CHECK_BYTES("\x55\xAA\x02\x12\xFF\xFF\x12", octet, 7);
    CHECK_INT(9, lamp_frame_reply(xor, 1, 0x80000001, 32, octet));
    CHECK_BYTES("\x55\xAA\x01\x12\x7F\xFF\xFF\xFE\x92", octet, 9);
}

static void what_is_written_is_read(void)
{
    uint8_t octet[LAMP_REPLY_MAX];
    for (int layout = 0; layout < LAMP_LAYOUTS; layout++) {
        for (int size = 16; size <= 32; size += 16) {
            for (uint32_t pattern = 1; pattern != 0; pattern <<= 1) {
                const uint32_t wanted = size == 32 ? ~pattern : ~pattern & 0xFFFF;
                uint32_t came = 0;
                const int length = lamp_frame_reply(&lamp_layouts[layout], 9, wanted, size, octet);
                CHECK_INT(length,
                          lamp_frame_find_reply(&lamp_layouts[layout], 9, octet, length, size, &came));
                CHECK_HEX(wanted, came);
            }
        }
    }
}

static void a_malformed_poll_is_none(void)
{
    uint8_t good[LAMP_POLL_LENGTH], bad[LAMP_POLL_LENGTH];
    lamp_frame_poll(sum, 1, good);
    CHECK_INT(5, lamp_frame_find_poll(sum, 1, good, 5));
    for (int length = 0; length < 5; length++)
        CHECK_INT(0, lamp_frame_find_poll(sum, 1, good, length));
    for (int bit = 0; bit < 8 * LAMP_POLL_LENGTH; bit++) {
        memcpy(bad, good, sizeof bad);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        harness_at("bit %d", bit);
        CHECK_INT(0, lamp_frame_find_poll(sum, 1, bad, 5));
    }
    CHECK_INT(0, lamp_frame_find_poll(sum, 2, good, 5)); /* for somebody else */
    CHECK_INT(0, lamp_frame_find_poll(xor, 1, good, 5));
}

static void a_poll_is_found_in_noise(void)
{
    static const uint8_t octet[] = {0x00, 0x55, 0x55, 0xAA, 0x02, 0x11, 0x13, 0x55, 0xAA, 0x02, 0x12,
                                    0xFF, 0xFF, 0x12, 0x55, 0x55, 0xAA, 0x01, 0x11, 0x12, 0x55, 0xAA};
    CHECK_INT(20, lamp_frame_find_poll(sum, 1, octet, sizeof octet));
    CHECK_INT(7, lamp_frame_find_poll(sum, 2, octet, sizeof octet));
    CHECK_INT(0, lamp_frame_find_poll(sum, 3, octet, sizeof octet));
}

/* ---- Modbus ---- */

static int judge(const char *pdu, size_t length)
{
    return lamp_registers_judge((const uint8_t *)pdu, length);
}

static void only_reading_is_allowed(void)
{
    CHECK_INT(0, judge("\x02\x00\x00\x00\x23", 5));
    CHECK_INT(0, judge("\x03\x00\x00\x00\x01", 5));
    CHECK_INT(0, judge("\x04\x00\xC8\x00\x50", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS, judge("\x02\x00\x00\x00\x24", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS, judge("\x03\x00\xC9\x00\x50", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS, judge("\x03\xFF\xFF\x00\x01", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE, judge("\x03\x00\x00\x00\x00", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE, judge("\x03\x00\x00\x00\x7E", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE, judge("\x02\x00\x00\x07\xD1", 5));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE, judge("\x03\x00\x00\x00", 4));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE, judge("\x03", 1));
    CHECK_INT(MODBUS_EXCEPTION_ILLEGAL_FUNCTION, judge("\x06\x00\x00\xFF\xFF", 5));
    for (int function = 0; function < 256; function++) {
        const char pdu[] = {(char)function, 0, 0, 0, 1};
        harness_at("function %d", function);
        CHECK_INT(function >= 2 && function <= 4 ? 0 : MODBUS_EXCEPTION_ILLEGAL_FUNCTION, judge(pdu, 5));
    }
}

static int find(const char *octet, int length, bool silent, int *from)
{
    *from = -1;
    return lamp_registers_find((const uint8_t *)octet, length, 1, silent, from);
}

static void a_request_is_found_among_the_traffic_of_others(void)
{
    /* 02 asks and is answered; then 01 is asked for its first register. */
    static const char line[] = "\x02\x03\x00\x00\x00\x01\x84\x39\x02\x03\x02\x01\x01\x3C\x14"
                               "\x01\x03\x00\x00\x00\x01\x84\x0A\x01";
    int from;
    CHECK_INT(8, find(line, 24, false, &from));
    CHECK_INT(15, from);
    CHECK_INT(0, find(line, 22, false, &from));
    CHECK_INT(0, find(line, 22, true, &from));
    char bad[8];
    for (int bit = 0; bit < 64; bit++) {
        memcpy(bad, line + 15, 8);
        bad[bit / 8] = (char)(bad[bit / 8] ^ 1 << bit % 8);
        harness_at("bit %d", bit);
        CHECK_INT(0, find(bad, 8, true, &from));
    }
}

static void longer_requests_are_measured(void)
{
    static const char write_two[] = "\x01\x10\x00\x00\x00\x02\x04\x00\x01\x00\x02\x23\xAE";
    static const char report[] = "\x01\x11\xC0\x2C", refusal[] = "\x01\x83\x02\xC0\xF1";
    int from;
    CHECK_INT(13, find(write_two, 13, false, &from));
    CHECK_INT(0, find(write_two, 12, false, &from));
    CHECK_INT(0, find(report, 4, false, &from)); /* it might go on */
    CHECK_INT(4, find(report, 4, true, &from));
    CHECK_INT(0, find(refusal, 5, true, &from)); /* an answer, echoed by the line */
}

static void the_map_is_as_documented(void)
{
    struct lamp_detector d = {.whole = true,
                              .heard = true,
                              .valid = true,
                              .synced = true,
                              .sent_us = 5000000,
                              .messages = 70,
                              .reasons = 0};
    struct lamp_detector_config config = {.channel_count = 32};
    const struct lamp_counts counts = {7, 8, 9};
    uint8_t input[LAMP_INPUTS];
    uint16_t registers[LAMP_REGISTERS];
    channel_add(&d.told, 5);
    channel_add(&d.told, 80);
    d.group[4] =
        (struct told_state){.color = COLOR_RED, .verified = true, .enforceable = true, .since_us = 1000000};
    d.group[79] = (struct told_state){.color = COLOR_GREEN, .verified = true, .since_us = 4100000};
    config.channel[1] = (struct lamp_channel){5, CHANNEL_RED};
    config.channel[31] = (struct lamp_channel){80, CHANNEL_GREEN};
    lamp_registers_fill(&d, &config, &counts, 5123456, input, registers);
    for (int i = 0; i < LAMP_INPUTS; i++)
        CHECK_INT(i == 1 || i >= 31, input[i]);
    static const uint16_t head[] = {0x0002, 0x8000, 7, 0, 70, 7, 123, 32, 8, 9};
    for (int i = 0; i < LAMP_REGISTERS; i++) {
        harness_at("register %d", i);
        CHECK_HEX(i < 10     ? head[i]
                  : i == 104 ? 0x10
                  : i == 179 ? 0x20
                  : i == 204 ? 41
                  : i == 279 ? 10
                             : 0,
                  registers[i]);
    }
    lamp_registers_fill(&d, &config, &counts, 6000001, input, registers);
    CHECK_HEX(0, registers[0] | registers[1] | registers[2] | registers[104] | input[1] | input[32]);
    CHECK_INT(1000, registers[6]);
    d.heard = false;
    lamp_registers_fill(&d, &config, &counts, 6000001, input, registers);
    CHECK_INT(LAMP_AGE_MAX, registers[6]);
}

HARNESS_MAIN({"the frames are these octets", the_frames_are_these_octets},
             {"what is written is read", what_is_written_is_read},
             {"a malformed poll is none", a_malformed_poll_is_none},
             {"a poll is found in noise", a_poll_is_found_in_noise},
             {"only reading is allowed", only_reading_is_allowed},
             {"a request is found among the traffic of others",
              a_request_is_found_among_the_traffic_of_others},
             {"longer requests are measured", longer_requests_are_measured},
             {"the register map is as documented", the_map_is_as_documented})
