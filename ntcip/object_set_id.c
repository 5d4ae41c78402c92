/* globalSetIDParameter, and what it looks at. */
#include "object.h"

static uint64_t hash_octets(uint64_t hash, const void *at, size_t size)
{
    const uint8_t *octet = at;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ octet[i]) * UINT64_C(0x100000001b3);
    return hash;
}

struct object_parameters object_parameters(const struct object_id *named)
{
    struct object_parameters walk = {.named = *named};
    walk.single = object_find(named, &walk.at) == OBJECT_OK;
    return walk;
}

static bool is_parameter(const struct object *object)
{
    return object->store == STORE_DATABASE && object->writable;
}

static bool is_named(const struct object *object, const struct object_id *named)
{
    if (named->length > object->id.length)
        return false;
    for (int i = 0; i < named->length; i++) {
        if (named->arc[i] != object->id.arc[i])
            return false;
    }
    return true;
}

bool object_next_parameter(struct object_parameters *walk, struct object_instance *out)
{
    if (walk->single) {
        *out = walk->at;
        bool first = walk->object_ix++ == 0;
        return first && is_parameter(walk->at.object);
    }
    for (; walk->object_ix < object_count; walk->object_ix++, walk->row_ix = 0) {
        const struct object *object = &object_all[walk->object_ix];
        if (!is_parameter(object) || !is_named(object, &walk->named))
            continue;
        int rows = object->table ? object->table->rows[0] * object->table->rows[1] : 1;
        if (walk->row_ix == rows)
            continue;
        *out = object_instance_at(object, walk->row_ix++);
        return true;
    }
    return false;
}

uint16_t object_database_id(const struct database *db)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    int ids = 0;
    for (; ids < GLOBAL_SET_IDS_MAX && db->device.global_set_id[ids].length > 0; ids++) {
        struct object_id named;
        struct object_instance at;
        object_unpack_id(&db->device.global_set_id[ids], &named);
        struct object_parameters walk = object_parameters(&named);
        while (object_next_parameter(&walk, &at))
            hash = hash_octets(hash, (const char *)db + object_field_offset(&at), at.object->size);
    }
    if (ids == 0)
        hash = hash_octets(hash, db, sizeof *db);
    return (uint16_t)(hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48);
}
