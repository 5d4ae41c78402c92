/* Roots of the OIDs in objects.def, and the way to write one as a struct object_id. */
#ifndef NTCIP_OBJECT_ARCS_H
#define NTCIP_OBJECT_ARCS_H

#define SYSTEM          1, 3, 6, 1, 2, 1, 1
#define INTERFACES      1, 3, 6, 1, 2, 1, 2
#define SNMP_GROUP      1, 3, 6, 1, 2, 1, 11
#define TSCBM           1, 3, 6, 1, 4, 1, 1206, 3, 5, 2, 9, 44
#define PROTOCOLS       1, 3, 6, 1, 4, 1, 1206, 4, 1
#define APPLICATION     PROTOCOLS, 1, 7
#define DYNAMIC_OBJECTS PROTOCOLS, 3
#define TRAPS           PROTOCOLS, 4, 1
#define DEVICES         1, 3, 6, 1, 4, 1, 1206, 4, 2
#define ASC             DEVICES, 1
#define GLOBAL          DEVICES, 6
#define REPORT          GLOBAL, 4
#define SCP             DEVICES, 11
#define TSC             1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1206

#define OID(...)                                                                                             \
    {                                                                                                        \
        .length = sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), .arc = { __VA_ARGS__ }               \
    }

#define ALARM_GROUPS 1

#define GROUPS(count) (((count) + 7) / 8)

#endif
