/* Watch and report blocks (NTCIP 1103 v03): values of objects of the centre's choice, gathered into one OCTET
 * STRING. A watch block is worked out when it is read; report blocks are all taken together in every step,
 * before the event log looks, so that an event which logs one keeps what was true as it occurred. */
#ifndef NTCIP_WATCH_H
#define NTCIP_WATCH_H

#include "object.h"

enum { BLOCK_VALUE_MAX = VALUE_OCTETS_MAX, /* what a struct value holds by itself */ };

/* OER of the values of a block's objects, in the order of their rows. */
struct block_value {
    uint16_t length;
    uint8_t octet[BLOCK_VALUE_MAX];
};

/* What the report blocks were at the last step. */
struct reports {
    struct block_value value[BLOCKS_MAX];
};

/* Whether a block may hold this: an instance of an object we have, neither a block itself nor for
 * administrators alone. Puts it into `out`. */
bool watch_may_hold(const struct object_id *id, struct object_instance *out);

/* Works a block out. It has no octets while its row is not available, while one of its objects cannot be
 * read, or where all of them do not fit. Reads no alarm away. */
void watch_value(const struct block_rows *rows, int block_no, const struct object_view *view,
                 struct block_value *out);

/* Takes every report block. */
void reports_take(struct reports *reports, const struct object_view *view);

#endif
