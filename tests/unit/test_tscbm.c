/* The broadcast message octet by octet: each field at its offset, round trips, and what is no message. */
#include "../../io/tscbm.h"
#include "harness.h"
#include <stdlib.h>
#include <string.h>

static uint8_t octet[TSCBM_LENGTH_CALLS + 1];

/* A message in which nothing but `make` has set something, and which octets it then holds. */
static void written(const struct tscbm *message)
{
    memset(octet, 0xEE, sizeof octet);
    size_t length = tscbm_encode(message, octet);
    CHECK_INT(message->calls ? TSCBM_LENGTH_CALLS : TSCBM_LENGTH, (int64_t)length);
    CHECK_HEX(0xEE, octet[length]);
}

static unsigned at16(size_t offset)
{
    return (unsigned)octet[offset] << 8 | octet[offset + 1];
}

static void head_and_blocks(void)
{
    struct tscbm m = {.calls = false};
    for (unsigned i = 0; i < SPAT_ROWS; i++) {
        uint16_t n = (uint16_t)(0x0100 * (i + 1));
        m.spat.vehicle[i] = (struct spat_change){(uint16_t)(n + 1), (uint16_t)(n + 2)};
        m.spat.pedestrian[i] = (struct spat_change){(uint16_t)(n + 3), (uint16_t)(n + 4)};
        m.spat.overlap[i] = (struct spat_change){(uint16_t)(n + 5), SPAT_UNKNOWN_DS};
    }
    written(&m);
    CHECK_HEX(0xCD, octet[0]);
    CHECK_INT(16, octet[1]);
    for (unsigned i = 0; i < SPAT_ROWS; i++) {
        harness_at("block %u", i + 1);
        size_t offset = 2 + 13 * i;
        CHECK_INT(i + 1, octet[offset]);
        for (unsigned field = 0; field < 5; field++)
            CHECK_HEX(0x0100 * (i + 1) + field + 1, at16(offset + 1 + 2 * field));
        CHECK_HEX(0xFFFF, at16(offset + 11));
    }
}

static void masks(void)
{
    struct tscbm m = {.calls = true};
    uint16_t *const mask[] = {&m.spat.red,         &m.spat.yellow,          &m.spat.green,
                              &m.spat.dont_walk,   &m.spat.ped_clear,       &m.spat.walk,
                              &m.spat.overlap_red, &m.spat.overlap_yellow,  &m.spat.overlap_green,
                              &m.spat.flashing,    &m.spat.overlap_flashing};
    for (size_t i = 0; i < sizeof mask / sizeof *mask; i++) {
        harness_at("mask %zu", i);
        *mask[i] = 0x8001; /* phase 16 and phase 1 */
        written(&m);
        for (size_t j = 0; j < sizeof mask / sizeof *mask; j++)
            CHECK_HEX(i == j ? 0x8001 : 0, at16(210 + 2 * j));
        *mask[i] = 0;
    }
    m.spat.ped_pressed = 0x1234;
    m.spat.ped_call = 0x5678;
    written(&m);
    CHECK_HEX(0x1234, at16(241));
    CHECK_HEX(0x5678, at16(243));
}

static void state_and_time(void)
{
    struct spat spat = {.status = SPAT_PREEMPT | SPAT_PROGRAMMED_FLASH, .action_no = 77, .tick_octet = 0xA5};
    struct tscbm m;
    tscbm_make(&m, &spat, TSCBM_ENABLED, INT64_C(1795413599987654)); /* 2026-11-23 05:59:59.987654 UTC */
    written(&m);
    CHECK_HEX(0x88, octet[232]);
    CHECK_INT(77, octet[233]);
    CHECK_HEX(0x08, octet[234]);
    CHECK_HEX(0xA5, octet[235]);
    CHECK_INT(5 * 3600 + 59 * 60 + 59, (unsigned)octet[236] << 16 | (unsigned)octet[237] << 8 | octet[238]);
    CHECK_INT(987, at16(239));
    tscbm_make(&m, &spat, TSCBM_ENABLED | TSCBM_CALLS, INT64_C(86399999999));
    m.discontinuity = 5;
    written(&m);
    CHECK_HEX(0x15, octet[234]);
    CHECK_HEX(0x01517F, (unsigned)octet[236] << 16 | (unsigned)octet[237] << 8 | octet[238]);
}

static void random_round_trips(void)
{
    struct tscbm m, back;
    srand(7);
    for (int round = 0; round < 2000 && !harness_failed(); round++) {
        memset(&m, 0, sizeof m);
        for (size_t i = 0; i < TSCBM_LENGTH_CALLS; i++)
            octet[i] = (uint8_t)(rand() >> 8);
        m.calls = round & 1;
        octet[0] = 0xCD;
        octet[1] = 16;
        for (int i = 0; i < 16; i++)
            octet[2 + 13 * i] = (uint8_t)(i + 1);
        octet[236] = 0;
        octet[239] &= 1;
        size_t length = m.calls ? TSCBM_LENGTH_CALLS : TSCBM_LENGTH;
        CHECK_INT(0, tscbm_decode(octet, length, &back));
        uint8_t again[TSCBM_LENGTH_CALLS];
        CHECK_INT((int64_t)length, (int64_t)tscbm_encode(&back, again));
        CHECK_BYTES(octet, again, length);
    }
}

static void what_is_no_message(void)
{
    struct tscbm m = {.version = 1}, before, out;
    memset(&out, 0x5A, sizeof out);
    before = out;
    written(&m);
    CHECK_INT(-1, tscbm_decode(octet, 0, &out));
    CHECK_INT(-1, tscbm_decode(octet, TSCBM_LENGTH - 1, &out));
    CHECK_INT(-1, tscbm_decode(octet, TSCBM_LENGTH + 1, &out));
    CHECK_INT(-1, tscbm_decode(octet, TSCBM_LENGTH_CALLS + 1, &out));
    static const struct {
        size_t offset;
        uint8_t value;
    } wrong[] = {{0, 0xCC}, {1, 15}, {2, 0}, {2 + 13, 1}, {2 + 13 * 15, 17}, {236, 2}, {239, 0x04}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        harness_at("octet %zu", wrong[i].offset);
        written(&m);
        octet[wrong[i].offset] = wrong[i].value;
        CHECK_INT(-1, tscbm_decode(octet, TSCBM_LENGTH, &out));
    }
    CHECK_BYTES(&before, &out, sizeof out);
}

HARNESS_MAIN({"head and sixteen blocks", head_and_blocks}, {"each mask has its two octets", masks},
             {"state, version, sequence and time of day", state_and_time},
             {"octets come back as they were", random_round_trips},
             {"what is no message is refused", what_is_no_message}, )
