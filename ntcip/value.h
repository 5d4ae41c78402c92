/* One value of one object, as it travels between the network, the config file and the stores. */
#ifndef NTCIP_VALUE_H
#define NTCIP_VALUE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    OBJECT_ID_MAX = 24,     /* arcs; the longest instance we have needs 16 */
    VALUE_OCTETS_MAX = 256, /* controllerBaseStandards is the longest text */
    VALUE_LONG_MAX = 32768, /* the longest value we answer, ascBlockData */
};

/* An object identifier. One from outside that is longer may be cut to OBJECT_ID_MAX arcs: every
 * comparison with an instance of ours is decided long before. */
struct object_id {
    uint8_t length;
    uint32_t arc[OBJECT_ID_MAX];
};

/* The types of SMIv2 we use. INTEGER also stands for enumerations and bit masks. */
enum value_type {
    VALUE_INTEGER,
    VALUE_COUNTER,
    VALUE_GAUGE,
    VALUE_TIMETICKS,
    VALUE_OCTETS,
    VALUE_IP_ADDRESS, /* four octets */
    VALUE_OPAQUE,     /* octets that are BER themselves */
    VALUE_OBJECT_ID,
    VALUE_OTHER, /* anything else a SET may carry: it fits no object */
};

struct value {
    enum value_type type;
    union {
        int64_t number; /* INTEGER, COUNTER, GAUGE, TIMETICKS */
        struct {
            uint16_t length;
            uint8_t octet[VALUE_OCTETS_MAX];
            const uint8_t *all; /* set, and all that counts, where `length` exceeds VALUE_OCTETS_MAX */
        };
        struct object_id id;
    };
};

/* The octets of a value that has some. Longer ones than a value itself holds belong to whoever made it, and
 * stay until that is asked again: those of a PDU for as long as it is worked on. */
static inline const uint8_t *value_octets(const struct value *value)
{
    return value->length > VALUE_OCTETS_MAX ? value->all : value->octet;
}

/* Whether two values are of one type and equal. */
bool value_same(const struct value *a, const struct value *b);

#endif
