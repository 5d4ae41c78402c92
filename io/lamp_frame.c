#include "lamp_frame.h"
#include <string.h>

const struct lamp_layout lamp_layouts[LAMP_LAYOUTS] = {
    {.word = "sum",
     .head = {0x55, 0xAA},
     .poll = 0x11,
     .reply = 0x12,
     .check = LAMP_CHECK_SUM,
     .zero_is_on = true},
    {.word = "xor",
     .head = {0x55, 0xAA},
     .poll = 0x11,
     .reply = 0x12,
     .check = LAMP_CHECK_XOR,
     .zero_is_on = true},
};

/* Of the octets between the head and `end`. */
static uint8_t check_of(const struct lamp_layout *layout, const uint8_t *frame, int end)
{
    unsigned sum = 0, parity = 0;
    for (int i = (int)sizeof layout->head; i < end; i++) {
        sum += frame[i];
        parity ^= frame[i];
    }
    return (uint8_t)(layout->check == LAMP_CHECK_SUM ? sum : parity);
}

static int begin(const struct lamp_layout *layout, uint8_t unit, uint8_t command, uint8_t *octet)
{
    octet[0] = layout->head[0];
    octet[1] = layout->head[1];
    octet[2] = unit;
    octet[3] = command;
    return LAMP_FRAME_HEAD;
}

int lamp_frame_poll(const struct lamp_layout *layout, uint8_t unit, uint8_t *octet)
{
    const int end = begin(layout, unit, layout->poll, octet);
    octet[end] = check_of(layout, octet, end);
    return end + 1;
}

int lamp_frame_reply(const struct lamp_layout *layout, uint8_t unit, uint32_t on, int channel_count,
                     uint8_t *octet)
{
    int end = begin(layout, unit, layout->reply, octet);
    const uint32_t bits = layout->zero_is_on ? ~on : on;
    for (int shift = channel_count - 8; shift >= 0; shift -= 8)
        octet[end++] = (uint8_t)(bits >> shift);
    octet[end] = check_of(layout, octet, end);
    return end + 1;
}

/* The offset of a sound frame of `size` octets, or -1. */
static int find(const struct lamp_layout *layout, uint8_t unit, uint8_t command, int size,
                const uint8_t *octet, int length)
{
    uint8_t head[LAMP_FRAME_HEAD];
    begin(layout, unit, command, head);
    for (int i = 0; length - i >= size; i++) {
        if (memcmp(octet + i, head, sizeof head) == 0 &&
            octet[i + size - 1] == check_of(layout, octet + i, size - 1))
            return i;
    }
    return -1;
}

int lamp_frame_find_poll(const struct lamp_layout *layout, uint8_t unit, const uint8_t *octet, int length)
{
    const int from = find(layout, unit, layout->poll, LAMP_POLL_LENGTH, octet, length);
    return from < 0 ? 0 : from + LAMP_POLL_LENGTH;
}

int lamp_frame_find_reply(const struct lamp_layout *layout, uint8_t unit, const uint8_t *octet, int length,
                          int channel_count, uint32_t *on)
{
    const int size = LAMP_FRAME_HEAD + channel_count / 8 + 1;
    const int from = find(layout, unit, layout->reply, size, octet, length);
    if (from < 0)
        return 0;
    uint32_t bits = 0;
    for (int i = LAMP_FRAME_HEAD; i < size - 1; i++)
        bits = bits << 8 | octet[from + i];
    if (layout->zero_is_on)
        bits = ~bits;
    *on = channel_count < 32 ? bits & 0xFFFF : bits;
    return from + size;
}
