/* Object identifiers as the database keeps them. */
#include "object.h"

static int pack_arc(uint32_t arc, struct packed_id *out)
{
    int groups = 1;
    while (groups < 5 && arc >> (7 * groups))
        groups++;
    if (out->length + groups > PACKED_ID_MAX)
        return -1;
    for (int group = groups - 1; group >= 0; group--)
        out->octet[out->length++] = (uint8_t)((arc >> (7 * group) & 0x7F) | (group > 0 ? 0x80 : 0));
    return 0;
}

int object_pack_id(const struct object_id *id, struct packed_id *out)
{
    struct packed_id packed = {0};
    if (id->length < 2 || id->arc[0] > 2 || (id->arc[0] < 2 && id->arc[1] > 39) ||
        id->arc[1] > UINT32_MAX - 80)
        return -1;
    bool nothing = id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0;
    if (!nothing && pack_arc(id->arc[0] * 40 + id->arc[1], &packed) != 0)
        return -1;
    for (int i = 2; i < id->length; i++) {
        if (pack_arc(id->arc[i], &packed) != 0)
            return -1;
    }
    *out = packed;
    return 0;
}

void object_unpack_id(const struct packed_id *packed, struct object_id *out)
{
    *out = (struct object_id){.length = 2};
    int at = 0;
    for (int arc_ix = 1; at < packed->length && arc_ix < OBJECT_ID_MAX; arc_ix++) {
        uint32_t arc = 0;
        do
            arc = arc << 7 | (packed->octet[at] & 0x7F);
        while (packed->octet[at++] & 0x80 && at < packed->length);
        if (arc_ix == 1) {
            out->arc[0] = arc < 80 ? arc / 40 : 2;
            arc -= out->arc[0] * 40;
        }
        out->arc[arc_ix] = arc;
        out->length = (uint8_t)(arc_ix + 1);
    }
}
