/* Stored parameters of who is told what (NTCIP 1103): notifications, watch and report blocks, logical names,
 * community names. The engine reads none of them. */
#ifndef PHASES_DATABASE_NOTIFY_H
#define PHASES_DATABASE_NOTIFY_H

#include <stdint.h>

enum {
    TRAP_MANAGERS_MAX = 4,
    TRAP_EVENTS_MAX = 64, /* event definitions that may cause one: EVENT_CONFIGS_MAX */
    LOGICAL_NAMES_MAX = 8,
    LOGICAL_NAME_MAX = 32,
    COMMUNITY_NAMES_MAX = 8,
    COMMUNITY_NAME_MAX = 16,
};

/* RowStatusStatic (NTCIP 8004). What is kept is the last command; whether a row that was activated is
 * available is for its readers to work out. */
enum row_status {
    ROW_STANDBY = 2,
    ROW_AVAILABLE = 3,
    ROW_INVALID = 4,
    ROW_ACTIVATE = 5,
    ROW_DEACTIVATE = 6,
};

static inline int row_is_on(uint8_t status)
{
    return status == ROW_AVAILABLE || status == ROW_ACTIVATE;
}

/* Up to 16 octets, which need not be letters. */
struct community_name {
    uint8_t length; /* 0: the row is not used */
    uint8_t octet[COMMUNITY_NAME_MAX];
};

struct community_row {
    struct community_name name;
    uint32_t access_mask;
};

struct logical_name_row {
    char name[LOGICAL_NAME_MAX + 1];
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

struct notify_rows {
    struct community_name administrator;
    struct community_row community[COMMUNITY_NAMES_MAX];
    struct logical_name_row logical_name[LOGICAL_NAMES_MAX];
    struct trap_rows trap;
};

#endif
