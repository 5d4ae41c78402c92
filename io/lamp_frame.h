/* The frames of a polled red-lamp detector on a serial line. Pure.
 *
 *     poll   head head unit command check             from the camera, or its host
 *     reply  head head unit command data... check     data: the channels, the highest first
 *
 * Known of such devices are the commands 0x11 and 0x12, that the octet of channels 9 to 16 comes before that
 * of 1 to 8, and that a bit is 0 while its lamp is on. The rest differs from maker to maker; each way of it
 * is one line of lamp_layouts. */
#ifndef IO_LAMP_FRAME_H
#define IO_LAMP_FRAME_H

#include <stdbool.h>
#include <stdint.h>

enum lamp_check { LAMP_CHECK_SUM, LAMP_CHECK_XOR };

struct lamp_layout {
    const char *word; /* in the config */
    uint8_t head[2];
    uint8_t poll, reply;   /* commands */
    enum lamp_check check; /* one octet, over everything between head and check */
    bool zero_is_on;
};

enum {
    LAMP_LAYOUTS = 2,
    LAMP_FRAME_HEAD = 4, /* head, unit, command */
    LAMP_POLL_LENGTH = LAMP_FRAME_HEAD + 1,
    LAMP_REPLY_MAX = LAMP_FRAME_HEAD + 4 + 1,
};

extern const struct lamp_layout lamp_layouts[LAMP_LAYOUTS];

/* Both write a frame and return its length. `channel_count` is 16 or 32; bit n-1 of `on` is channel n. */
int lamp_frame_poll(const struct lamp_layout *layout, uint8_t unit, uint8_t *octet);
int lamp_frame_reply(const struct lamp_layout *layout, uint8_t unit, uint32_t on, int channel_count,
                     uint8_t *octet);

/* Each looks for such a frame of `unit` among what came and returns the offset of its end, or 0. */
int lamp_frame_find_poll(const struct lamp_layout *layout, uint8_t unit, const uint8_t *octet, int length);
int lamp_frame_find_reply(const struct lamp_layout *layout, uint8_t unit, const uint8_t *octet, int length,
                          int channel_count, uint32_t *on);

#endif
