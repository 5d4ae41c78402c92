/* Stored parameters that the engine never reads: those of the unit around it. They are part of the one
 * database, so that a transaction, the store and the config file treat them like all others. */
#ifndef PHASES_DATABASE_DEVICE_H
#define PHASES_DATABASE_DEVICE_H

#include "database_dynamic.h"
#include "types.h"

enum { PACKED_ID_MAX = 39 };

/* An object identifier as BER writes it, without tag and length; no octets at all for 0.0. */
struct packed_id {
    uint8_t length;
    uint8_t octet[PACKED_ID_MAX];
};

enum {
    BACKUP_CONTENTS_MAX = 16,
    GLOBAL_SET_IDS_MAX = 32,
    CABINET_DEVICES_MAX = 2,
    SHORT_TEXT_MAX = 64,
};

struct short_text {
    uint8_t length;
    uint8_t octet[SHORT_TEXT_MAX];
};

/* unitUserDefinedBackupTimeContentTable: what the centre writes while it is there. */
struct backup_content_row {
    struct packed_id id; /* of an instance */
    struct short_text description;
};

struct device_rows {
    struct dynamic_rows dynamic;
    uint32_t user_backup_time_s; /* takes the place of backup_time_s; 0: does not */
    struct backup_content_row backup_content[BACKUP_CONTENTS_MAX];
    struct packed_id global_set_id[GLOBAL_SET_IDS_MAX]; /* what globalSetIDParameter looks at; none: all */
    struct short_text cabinet_device[CABINET_DEVICES_MAX];
    uint8_t authentication_traps; /* 1 enabled, 2 disabled */
    uint8_t
        elevation_offset_m; /* of the position receiver's antenna above the foot of the cabinet; 31 unknown */
};

#endif
