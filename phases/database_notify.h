/* Stored parameters of who is told what (NTCIP 1103): notifications, watch and report blocks, logical names,
 * community names. The engine reads none of them. */
#ifndef PHASES_DATABASE_NOTIFY_H
#define PHASES_DATABASE_NOTIFY_H

#include "packed_id.h"

enum {
    TRAP_MANAGERS_MAX = 4,
    TRAP_EVENTS_MAX = 64, /* configurations of the event log, whose entries they carry */
    LOGICAL_NAMES_MAX = 8,
    LOGICAL_NAME_MAX = 32,
    COMMUNITY_NAMES_MAX = 8,
    COMMUNITY_NAME_MAX = 16,
    BLOCK_OBJECTS_MAX = 64, /* of all watch blocks together, and as many of all report blocks */
    BLOCKS_MAX = 8,         /* of each kind */
    BLOCK_TEXT_MAX = 32,
};

/* RowStatusStatic (NTCIP 8004). Activating makes a row available, deactivating puts it on standby: only the
 * three states are kept. */
enum row_status {
    ROW_STANDBY = 2,
    ROW_AVAILABLE = 3,
    ROW_INVALID = 4,
    ROW_ACTIVATE = 5,
    ROW_DEACTIVATE = 6,
};

/* Up to 16 octets, which need not be letters. */
struct community_name {
    uint8_t length; /* 0: the row is not used */
    uint8_t octet[COMMUNITY_NAME_MAX];
};

struct community_row {
    struct community_name name;
    uint32_t access_mask;
};

struct logical_name {
    uint8_t length;
    uint8_t octet[LOGICAL_NAME_MAX];
};

struct logical_name_row {
    struct logical_name name;
    uint8_t address[4];
    uint8_t status; /* enum row_status */
};

/* trapMgmtApplicationProtocol. */
enum trap_protocol {
    TRAP_SNMP_V1 = 2,
    TRAP_SNMP_V2C = 3,
    TRAP_SNMP_V3 = 4,
};

enum trap_mode {
    TRAP_ONCE = 2,         /* sent and forgotten */
    TRAP_ACKNOWLEDGED = 3, /* sent until it is acknowledged or given up */
};

/* One manager that notifications go to. */
struct trap_manager_row {
    uint8_t status;         /* enum row_status */
    uint8_t name_no;        /* logical name with the address; 0: none */
    uint8_t credentials_no; /* community name, or user of version 3; 0: none */
    uint8_t protocol;       /* enum trap_protocol */
    uint8_t transport;
    uint8_t retries; /* after the first try */
    uint8_t queue_depth;
    uint16_t port;
    uint16_t repeat_s; /* from a try to the first repeat */
    uint16_t delta_s;  /* by which each pause is longer than the one before */
    uint16_t rate;     /* messages a minute at most; 0: no limit */
};

/* What one manager wants of one event. */
struct trap_event_row {
    uint8_t enable; /* enum trap_switch */
    uint8_t mode;   /* enum trap_mode */
    uint16_t aggregation_ds;
};

enum trap_switch { TRAP_DISABLE = 1, TRAP_ENABLE = 2 };

struct trap_rows {
    uint8_t control; /* enum trap_switch */
    struct trap_manager_row manager[TRAP_MANAGERS_MAX];
    struct trap_event_row event[TRAP_EVENTS_MAX][TRAP_MANAGERS_MAX];
};

/* One object that a watch or report block holds. */
struct block_object_row {
    uint8_t status;   /* enum row_status */
    uint8_t block_no; /* 0: none */
    struct packed_id object;
};

struct block_text {
    uint8_t length;
    uint8_t octet[BLOCK_TEXT_MAX];
};

struct block_row {
    uint8_t status; /* enum row_status */
    struct block_text description;
};

/* All watch blocks, or all report blocks. */
struct block_rows {
    struct block_object_row object[BLOCK_OBJECTS_MAX];
    struct block_row block[BLOCKS_MAX];
};

struct notify_rows {
    struct community_name administrator;
    struct community_row community[COMMUNITY_NAMES_MAX];
    struct logical_name_row logical_name[LOGICAL_NAMES_MAX];
    struct trap_rows trap;
    struct block_rows watch, report;
};

#endif
