/* Stored parameters that the engine never reads: those of the unit around it. They are part of the one
 * database, so that a transaction, the store and the config file treat them like all others. */
#ifndef PHASES_DATABASE_DEVICE_H
#define PHASES_DATABASE_DEVICE_H

#include "database_dynamic.h"
#include "database_notify.h"
#include "database_rsu.h"
#include "types.h"

/* ---- the event log (NTCIP 1103, globalReport) ---- */

enum {
    EVENT_CONFIGS_MAX = 64,
    EVENT_CLASSES_MAX = 16,
    EVENT_CLASS_LIMIT_MAX = 255, /* entries of one class */
    EVENT_LOG_MAX = 1024,        /* entries of all classes together */
    EVENT_DESCRIPTION_MAX = 255,
};

/* eventLogConfigTable: what is watched for, and what is logged then. */
struct event_config_row {
    int32_t compare_value;
    int32_t compare_value2;
    struct packed_id compare_id;
    struct packed_id log_id;
    uint8_t class_no;
    uint8_t mode;   /* enum event_mode */
    uint8_t action; /* enum event_status */
};

struct event_description {
    uint8_t length;
    uint8_t octet[EVENT_DESCRIPTION_MAX];
};

/* eventClassTable */
struct event_class_row {
    uint32_t clear_time_s; /* entries up to this time are gone, and none is made before it; 0: no such time */
    uint8_t limit;         /* entries that are kept; 0 logs nothing */
    struct event_description description;
};

struct event_rows {
    struct event_config_row config[EVENT_CONFIGS_MAX];
    struct event_class_row class[EVENT_CLASSES_MAX];
};

/* ---- the rest ---- */

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
    struct backup_content_row backup_content[BACKUP_CONTENTS_MAX];
    struct packed_id global_set_id[GLOBAL_SET_IDS_MAX]; /* what globalSetIDParameter looks at; none: all */
    struct short_text cabinet_device[CABINET_DEVICES_MAX];
    uint8_t elevation_offset_m; /* of the position receiver above the foot of the cabinet; 31 unknown */
    struct rsu_rows rsu;
    struct event_rows event;
    uint8_t authentication_traps; /* snmpEnableAuthenTraps: 1 enabled, 2 disabled */
    struct notify_rows notify;
};

#endif
