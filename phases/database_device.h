/* Stored parameters that the engine never reads: those of the unit around it. They are part of the one
 * database, so that a transaction, the store and the config file treat them like all others. */
#ifndef PHASES_DATABASE_DEVICE_H
#define PHASES_DATABASE_DEVICE_H

#include "database_notify.h"
#include "types.h"

struct device_rows {
    uint8_t
        elevation_offset_m; /* of the position receiver's antenna above the foot of the cabinet; 31 unknown */
    uint8_t authentication_traps; /* 1 enabled, 2 disabled */
    struct notify_rows notify;
};

#endif
