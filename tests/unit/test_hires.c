/* The ring of events and the centre's operations on struct control. */
#include "../../phases/control.h"
#include "../../phases/hires.h"
#include "harness.h"
#include <string.h>

static struct hires_ring ring;
static struct hires_event out[2 * EVENTS_KEPT];

static void add(int count)
{
    for (int i = 0; i < count; i++)
        hires_add(&ring, (int64_t)ring.written * 10, EVENT_GREEN_START, (int)(ring.written % 40));
}

static void in_order(void)
{
    memset(&ring, 0, sizeof(ring));
    uint64_t cursor = 0, lost = 0;
    CHECK_INT(0, (int64_t)hires_read(&ring, &cursor, out, 10, &lost));
    hires_add(&ring, 123, EVENT_GREEN_START, 2);
    hires_add(&ring, 124, EVENT_UNIT_FLASH, 65535);
    CHECK_INT(2, (int64_t)hires_read(&ring, &cursor, out, 10, &lost));
    CHECK_INT(123, out[0].at_ds);
    CHECK_INT(EVENT_GREEN_START, out[0].code);
    CHECK_INT(2, out[0].parameter);
    CHECK_INT(124, out[1].at_ds);
    CHECK_INT(EVENT_UNIT_FLASH, out[1].code);
    CHECK_INT(65535, out[1].parameter);
    CHECK_INT(0, (int64_t)hires_read(&ring, &cursor, out, 10, &lost));
    CHECK_INT(2, (int64_t)cursor);
    CHECK_INT(0, (int64_t)lost);
}

static void in_portions(void)
{
    memset(&ring, 0, sizeof(ring));
    uint64_t cursor = 0, lost = 0;
    add(10);
    CHECK_INT(0, (int64_t)hires_read(&ring, &cursor, out, 0, &lost));
    CHECK_INT(7, (int64_t)hires_read(&ring, &cursor, out, 7, &lost));
    CHECK_INT(60, out[6].at_ds);
    CHECK_INT(3, (int64_t)hires_read(&ring, &cursor, out, 7, &lost));
    CHECK_INT(70, out[0].at_ds);
}

static void overrun(void)
{
    memset(&ring, 0, sizeof(ring));
    uint64_t cursor = 3, lost = 5;
    add(EVENTS_KEPT);
    CHECK_INT(EVENTS_KEPT - 3, (int64_t)hires_read(&ring, &cursor, out, 2 * EVENTS_KEPT, &lost));
    CHECK_INT(5, (int64_t)lost);
    add(EVENTS_KEPT + 20);
    CHECK_INT(EVENTS_KEPT, (int64_t)hires_read(&ring, &cursor, out, 2 * EVENTS_KEPT, &lost));
    CHECK_INT(25, (int64_t)lost);
    CHECK_INT((EVENTS_KEPT + 20) * 10, out[0].at_ds);
    CHECK_INT((int64_t)ring.written, (int64_t)cursor);
}

static void begun_anew(void)
{
    memset(&ring, 0, sizeof(ring));
    uint64_t cursor = 500, lost = 0;
    add(4);
    CHECK_INT(4, (int64_t)hires_read(&ring, &cursor, out, 10, &lost));
    CHECK_INT(0, out[0].at_ds);
    CHECK_INT(0, (int64_t)lost);
}

static struct control_op operation(size_t offset, size_t size, uint64_t clear, uint64_t set)
{
    return (struct control_op){.offset = (uint16_t)offset, .size = (uint8_t)size, .clear = clear, .set = set};
}

/* Every field of the struct has its neighbours' octets around it: none of them may change. */
static void fields_of_each_size(void)
{
    static const struct {
        size_t offset, size;
    } field[] = {
        {offsetof(struct control, hold_mask), 8},
        {offsetof(struct control, vehicle_actuation.word[2]), 8},
        {offsetof(struct control, ring_max2_mask), 1},
        {offsetof(struct control, manual_timeout_s), 1},
        {offsetof(struct control, phase_omit_mask) + 2, 2},
        {offsetof(struct control, phase_omit_mask) + 4, 4},
    };
    for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
        harness_at("offset %zu, size %zu", field[i].offset, field[i].size);
        unsigned char expected[sizeof(struct control)];
        struct control control;
        memset(&control, 0xff, sizeof(control));
        memset(expected, 0xff, sizeof(expected));
        memset(expected + field[i].offset, 0x21, field[i].size);
        struct control_op op = operation(field[i].offset, field[i].size, UINT64_MAX, 0x2121212121212121);
        control_apply(&control, &op);
        CHECK_BYTES(expected, &control, sizeof(control));
    }
}

static void set_and_clear(void)
{
    struct control control;
    memset(&control, 0, sizeof(control));
    control.hold_mask = 0xf0f0;
    struct control_op op = operation(offsetof(struct control, hold_mask), 8, 0x00f0, 0x10000000001);
    control_apply(&control, &op);
    CHECK_HEX(0x1000000f001, control.hold_mask);
    control.unit = UNIT_WALK_REST | UNIT_DIMMING;
    op = operation(offsetof(struct control, unit), 1, UNIT_DIMMING, UNIT_INTERCONNECT);
    control_apply(&control, &op);
    CHECK_HEX(UNIT_WALK_REST | UNIT_INTERCONNECT, control.unit);
}

static void no_such_field(void)
{
    struct control control, before;
    memset(&control, 0x55, sizeof(control));
    before = control;
    struct control_op op = operation(sizeof(control) - 1, 8, UINT64_MAX, 0);
    control_apply(&control, &op);
    op = operation(sizeof(control), 1, UINT64_MAX, 0);
    control_apply(&control, &op);
    op = operation(0, 3, UINT64_MAX, 0);
    control_apply(&control, &op);
    CHECK_BYTES(&before, &control, sizeof(control));
}

HARNESS_MAIN({"events come back in order", in_order}, {"events come back in portions", in_portions},
             {"an overrun tells how many are lost", overrun}, {"a ring begun anew is read anew", begun_anew},
             {"an operation changes its field alone", fields_of_each_size},
             {"an operation clears, then sets", set_and_clear},
             {"an operation on no field changes nothing", no_such_field})
