/* Definitions of the dynamic objects of STMP (NTCIP 1103 A.5) as they are stored. The engine never
 * reads them. */
#ifndef PHASES_DATABASE_DYNAMIC_H
#define PHASES_DATABASE_DYNAMIC_H

#include <stdint.h>

enum {
    DYNAMIC_OBJECTS_MAX = 13,
    DYNAMIC_MEMBERS_MAX = 255,
    DYNAMIC_OWNER_MAX = 127,
    DYNAMIC_PERSISTENCE_EVER = 65535,
};

/* dynObjConfigStatus. */
enum dynamic_status { DYNAMIC_VALID = 1, DYNAMIC_UNDER_CREATION = 2, DYNAMIC_INVALID = 3 };

/* One dynObjVariable, six octets of it because there are 3,315. */
struct dynamic_member {
    uint16_t object_no; /* place in the object table; 0: none. It differs from version to version, so
                           that files hold the identifier itself */
    uint16_t row[2];
};

struct dynamic_owner {
    uint8_t length;
    char octet[DYNAMIC_OWNER_MAX];
};

struct dynamic_rows {
    uint16_t persistence_min;            /* the longest outage that definitions outlive; 65535: any */
    uint8_t status[DYNAMIC_OBJECTS_MAX]; /* enum dynamic_status */
    struct dynamic_owner owner[DYNAMIC_OBJECTS_MAX];
    struct dynamic_member member[DYNAMIC_OBJECTS_MAX][DYNAMIC_MEMBERS_MAX];
};

#endif
