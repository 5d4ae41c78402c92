/* The traffic signal controller broadcast message, the "SPaT blob" that roadside units and vehicle
 * platforms listen to: a fixed layout of 241 octets, or 245 with the pedestrian calls, all numbers
 * big-endian. Offsets and meaning: docs/spat.md. Pure. */
#ifndef IO_TSCBM_H
#define IO_TSCBM_H

#include "../phases/spat.h"

enum {
    TSCBM_LENGTH = 241,
    TSCBM_LENGTH_CALLS = 245,
    TSCBM_DAY_S = 86400,
};

/* Bits of the object that switches the message. The others stand for other messages. */
enum tscbm_form {
    TSCBM_ENABLED = 1 << 1,
    TSCBM_CALLS = 1 << 2, /* with the pedestrian calls: 245 octets */
};

struct tscbm {
    struct spat spat;
    bool calls;             /* ped_pressed and ped_call are carried */
    uint8_t version;        /* 0..31: 1 without the calls, 2 with them */
    uint8_t discontinuity;  /* bits 0..2; this controller sets none */
    uint32_t second_of_day; /* UTC, 0..86400 for a leap second */
    uint16_t millisecond;   /* 0..999 */
};

/* The message of `spat` at `utc_us` (since 1970; a negative time counts as 0) in a form of enum tscbm_form.
 */
void tscbm_make(struct tscbm *message, const struct spat *spat, uint8_t form, int64_t utc_us);

/* Writes the message into `out` and returns its length. Values beyond their range are the caller's fault
 * and are cut to their field. */
size_t tscbm_encode(const struct tscbm *message, uint8_t out[TSCBM_LENGTH_CALLS]);

/* Reads a message. Returns 0, or -1 if it is none (`message` untouched): another length, another head,
 * blocks out of order, a time of day that does not exist. */
int tscbm_decode(const uint8_t *octet, size_t length, struct tscbm *message);

#endif
