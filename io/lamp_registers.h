/* The Modbus side of a red-lamp detector, its pure half: what stands in which register, which requests are
 * answered, and where a request lies in what came over a serial line. The map is documented in
 * docs/lamp-detector.md. */
#ifndef IO_LAMP_REGISTERS_H
#define IO_LAMP_REGISTERS_H

#include "lamp_detector.h"

/* Discrete inputs. Channel n is number n-1. */
enum {
    LAMP_INPUT_KNOWN = LAMP_CHANNELS_MAX,
    LAMP_INPUT_VALID,
    LAMP_INPUT_SYNCED,
    LAMP_INPUTS,
};

/* Registers, the same in the input and in the holding space. */
enum {
    LAMP_REGISTER_CHANNELS = 0, /* 1..16, then 17..32; bit 0 is the first */
    LAMP_REGISTER_STATUS = 2,   /* bit 0 known, 1 valid, 2 clock synchronised */
    LAMP_REGISTER_REASONS = 3,  /* enum invalid_reason */
    LAMP_REGISTER_HEARTBEAT = 4,
    LAMP_REGISTER_CHANGES = 5,
    LAMP_REGISTER_AGE_MS = 6, /* of the newest message; LAMP_AGE_MAX: as much or more, or never */
    LAMP_REGISTER_SIZE = 7,   /* 16 or 32 channels */
    LAMP_REGISTER_ANSWERED = 8,
    LAMP_REGISTER_REFUSED = 9,
    LAMP_REGISTER_COLOR = 100, /* and on: of group 1, 2, ... */
    LAMP_REGISTER_TIME_DS = 200,
    LAMP_REGISTERS = LAMP_REGISTER_TIME_DS + CHANNELS_MAX,
    LAMP_AGE_MAX = 0xFFFF,
};

/* Counted by whoever serves, mod 65536. */
struct lamp_counts {
    uint16_t changes;  /* of the channels */
    uint16_t answered; /* requests; frames sent where they are sent unasked */
    uint16_t refused;  /* exceptions, and runs of octets that were no request */
};

/* Fills LAMP_INPUTS inputs (0 or 1 each) and LAMP_REGISTERS registers as of `now_us`. */
void lamp_registers_fill(const struct lamp_detector *d, const struct lamp_detector_config *config,
                         const struct lamp_counts *counts, int64_t now_us, uint8_t *input,
                         uint16_t *registers);

/* Whether a request (`length` octets from the function code on, at least one) is answered: 0, or the Modbus
 * exception. Functions 2, 3 and 4 are; whatever writes is an illegal function. */
int lamp_registers_judge(const uint8_t *pdu, size_t length);

/* Looks for a request to `unit` among what came over a serial line, other units' traffic perhaps among it.
 * `silent`: nothing more has come for a while, by which a function we do not know ends. Returns its length
 * with the check octets and sets `from`, or returns 0. */
int lamp_registers_find(const uint8_t *octet, int length, uint8_t unit, bool silent, int *from);

#endif
