/* How the database keeps an object identifier. */
#ifndef PHASES_PACKED_ID_H
#define PHASES_PACKED_ID_H

#include <stdint.h>

enum { PACKED_ID_MAX = 39 };

/* An object identifier as BER writes it, without tag and length; no octets at all for 0.0. */
struct packed_id {
    uint8_t length;
    uint8_t octet[PACKED_ID_MAX];
};

#endif
