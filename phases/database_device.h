/* Stored parameters that the engine never reads: those of the unit around it. They are part of the one
 * database, so that a transaction, the store and the config file treat them like all others. */
#ifndef PHASES_DATABASE_DEVICE_H
#define PHASES_DATABASE_DEVICE_H

#include "types.h"

enum { PACKED_ID_MAX = 39 };

/* An object identifier as BER writes it, without tag and length; no octets at all for 0.0. */
struct packed_id {
    uint8_t length;
    uint8_t octet[PACKED_ID_MAX];
};

struct device_rows {
    uint8_t
        elevation_offset_m; /* of the position receiver's antenna above the foot of the cabinet; 31 unknown */
};

#endif
