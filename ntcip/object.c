#include "object.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* <0, 0, >0 as `a` sorts before, with, behind `b`; a prefix sorts before what it begins. */
static int compare_ids(const struct object_id *a, const struct object_id *b)
{
    int shorter = a->length < b->length ? a->length : b->length;
    for (int i = 0; i < shorter; i++) {
        if (a->arc[i] != b->arc[i])
            return a->arc[i] < b->arc[i] ? -1 : 1;
    }
    return a->length - b->length;
}

static bool begins_with(const struct object_id *id, const struct object_id *prefix)
{
    return id->length >= prefix->length &&
           memcmp(id->arc, prefix->arc, prefix->length * sizeof prefix->arc[0]) == 0;
}

/* Number of objects whose OID is not behind `id`: the last of them is the only one that can have
 * an instance at `id`, since no object's OID begins another's. */
static size_t objects_up_to(const struct object_id *id)
{
    size_t low = 0;
    size_t high = object_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_ids(&object_all[middle].id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int row_total(const struct object *object)
{
    return object->table ? object->table->rows[0] * object->table->rows[1] : 1;
}

struct object_instance object_instance_at(const struct object *object, int row_ix)
{
    struct object_instance at = {.object = object};
    if (object->table) {
        at.row[0] = (uint16_t)(row_ix / object->table->rows[1] + 1);
        if (object->table->keys == 2)
            at.row[1] = (uint16_t)(row_ix % object->table->rows[1] + 1);
    }
    return at;
}

bool object_exists(const struct object_instance *at, const struct object_view *view)
{
    const struct object_table *table = at->object->table;
    if (at->object->admin && !(view && view->admin))
        return false;
    if (!table || (!table->present && !table->when))
        return true;
    if (!view || !view->status)
        return false;
    if (table->when)
        return table->when(view, at->row);
    const char *mask = (const char *)view->status + table->present;
    int bit_ix = at->row[0] - 1;
    uint64_t word;
    memcpy(&word, mask + bit_ix / 64 * 8, sizeof word);
    return (word >> (bit_ix % 64)) & 1U;
}

int object_find(const struct object_id *id, struct object_instance *out)
{
    size_t up_to = objects_up_to(id);
    if (up_to == 0 || !begins_with(id, &object_all[up_to - 1].id))
        return OBJECT_UNKNOWN;
    const struct object *object = &object_all[up_to - 1];
    const uint32_t *row = id->arc + object->id.length;
    int rows = id->length - object->id.length;
    struct object_instance at = {.object = object};
    out->object = object;
    if (!object->table) {
        bool exact = rows == 1 && row[0] == 0;
        bool lenient = object->lenient && (rows == 0 || (rows == 1 && row[0] == 1));
        if (!exact && !lenient)
            return OBJECT_NO_INSTANCE;
        *out = at;
        return OBJECT_OK;
    }
    if (rows != object->table->keys)
        return OBJECT_NO_INSTANCE;
    for (int key = 0; key < rows; key++) {
        if (row[key] < 1 || row[key] > object->table->rows[key])
            return OBJECT_NO_INSTANCE;
        at.row[key] = (uint16_t)row[key];
    }
    *out = at;
    return OBJECT_OK;
}

bool object_is_alias(const struct object_id *id, const struct object_instance *at)
{
    int rows = id->length - at->object->id.length;
    return !at->object->table && (rows == 0 || id->arc[id->length - 1] != 0);
}

/* How many rows of `object` are not behind the row named by `count` numbers (of which there may be
 * too few or too many). */
static int rows_up_to(const struct object *object, const uint32_t *row, int count)
{
    const struct object_table *table = object->table;
    if (count == 0)
        return 0;
    if (!table)
        return 1;
    if (row[0] == 0)
        return 0;
    if (row[0] > table->rows[0])
        return row_total(object);
    if (table->keys == 1)
        return (int)row[0];
    uint32_t second = count < 2 ? 0 : row[1];
    if (second > table->rows[1])
        second = table->rows[1];
    return ((int)row[0] - 1) * table->rows[1] + (int)second;
}

/* The next row that may be there, given that this one is not. To try them all would let a single GETBULK of
 * an empty log hold everybody up. */
static int row_behind_absent(const struct object *object, int row_ix)
{
    const struct object_table *table = object->table;
    if (!table || !table->when)
        return row_ix + 1;
    return table->keys == 2 ? (row_ix / table->rows[1] + 1) * table->rows[1] : row_total(object);
}

int object_next(const struct object_id *id, const struct object_view *view, struct object_instance *out)
{
    size_t object_ix = objects_up_to(id);
    int row_ix = 0;
    if (object_ix > 0) {
        const struct object *object = &object_all[object_ix - 1];
        if (begins_with(id, &object->id)) {
            object_ix--;
            row_ix = rows_up_to(object, id->arc + object->id.length, id->length - object->id.length);
        }
    }
    for (; object_ix < object_count; object_ix++, row_ix = 0) {
        while (row_ix < row_total(&object_all[object_ix])) {
            struct object_instance at = object_instance_at(&object_all[object_ix], row_ix);
            if (object_exists(&at, view)) {
                *out = at;
                return OBJECT_OK;
            }
            row_ix = row_behind_absent(&object_all[object_ix], row_ix);
        }
    }
    return OBJECT_UNKNOWN;
}

void object_instance_id(const struct object_instance *at, struct object_id *out)
{
    *out = at->object->id;
    int keys = at->object->table ? at->object->table->keys : 1;
    for (int key = 0; key < keys; key++)
        out->arc[out->length++] = at->row[key];
}

const struct object *object_by_name(const char *name)
{
    for (size_t i = 0; i < object_count; i++) {
        if (strcmp(object_all[i].name, name) == 0)
            return &object_all[i];
    }
    return NULL;
}

const struct object_table *object_table_by_name(const char *name)
{
    for (size_t i = 0; i < object_table_count; i++) {
        if (strcmp(object_tables[i].name, name) == 0)
            return &object_tables[i];
    }
    return NULL;
}

/* Reads ".12" and moves on; returns -1 where there is no such thing. */
static int parse_row(const char **text)
{
    const char *digit = *text + 1;
    if (**text != '.' || *digit < '0' || *digit > '9' ||
        (*digit == '0' && digit[1] >= '0' && digit[1] <= '9'))
        return -1;
    int row = 0;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        row = row * 10 + (*digit - '0');
        if (row > UINT16_MAX)
            return -1;
    }
    *text = digit;
    return row;
}

int object_parse(const char *text, struct object_instance *out)
{
    char name[64];
    size_t length = strcspn(text, ".");
    if (length >= sizeof name)
        return OBJECT_UNKNOWN;
    memcpy(name, text, length);
    name[length] = '\0';
    const struct object *object = object_by_name(name);
    if (!object)
        return OBJECT_UNKNOWN;
    text += length;
    struct object_instance at = {.object = object};
    int keys = object->table ? object->table->keys : 0;
    for (int key = 0; key < keys; key++) {
        int row = parse_row(&text);
        if (row < 1 || row > object->table->rows[key])
            return OBJECT_NO_INSTANCE;
        at.row[key] = (uint16_t)row;
    }
    bool ended = *text == '\0' || (keys == 0 && strcmp(text, ".0") == 0);
    if (!ended)
        return OBJECT_NO_INSTANCE;
    *out = at;
    return OBJECT_OK;
}

void object_format(const struct object_instance *at, char *out, size_t size)
{
    const struct object_table *table = at->object->table;
    if (table && table->keys == 2)
        snprintf(out, size, "%s.%d.%d", at->object->name, at->row[0], at->row[1]);
    else
        snprintf(out, size, "%s.%d", at->object->name, at->row[0]);
}

size_t object_field_offset(const struct object_instance *at)
{
    const struct object_table *table = at->object->table;
    int row_ix = 0;
    if (table)
        row_ix = (at->row[0] - 1) * table->rows[1] + (table->keys == 2 ? at->row[1] - 1 : 0);
    return at->object->offset + (size_t)row_ix * at->object->stride;
}

int object_at_offset(size_t offset, struct object_instance *out)
{
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        if (object->store != STORE_DATABASE || !object->writable || offset < object->offset)
            continue;
        size_t row_ix = object->stride ? (offset - object->offset) / object->stride : 0;
        if (row_ix >= (size_t)row_total(object) ||
            offset - object->offset - row_ix * object->stride >= object->size)
            continue;
        *out = object_instance_at(object, (int)row_ix);
        return OBJECT_OK;
    }
    return OBJECT_UNKNOWN;
}
