/* Stored parameters of the ports towards roadside units (1202 v03 5.16 and 5.17). The engine reads none of
 * them. */
#ifndef PHASES_DATABASE_RSU_H
#define PHASES_DATABASE_RSU_H

#include "types.h"

enum { RSU_PORTS_MAX = 4, RSU_NAME_MAX = 255 };

struct rsu_name {
    uint8_t length;
    uint8_t octet[RSU_NAME_MAX];
};

/* A logical port towards a roadside unit, 1202 v03 5.16 and 5.17.5. */
struct rsu_port_row {
    uint8_t name_no; /* logical name that holds the unit's address */
    struct rsu_name name;
    uint16_t polling_ms, watchdog_ms; /* of a controller that polls; this one sends unasked */
    uint16_t port_no;                 /* UDP; 0: the port is off */
    uint8_t spat_options;             /* enum spat_option */
    uint8_t map_activation[3];        /* plan and checksum of the map that the phases are programmed for */
};

enum spat_option { SPAT_ENABLED = 1 << 0 };

struct rsu_rows {
    uint8_t comm_port_no; /* 0: nothing goes to roadside units */
    uint8_t spat_options; /* enum spat_option */
    struct rsu_port_row port[RSU_PORTS_MAX];
};

#endif
