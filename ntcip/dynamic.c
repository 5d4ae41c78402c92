#include "dynamic.h"
#include "object_arcs.h"
#include "object_read.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum set_error __attribute__((format(printf, 3, 4)))
refuse(char message[SET_MESSAGE_MAX], enum set_error error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, SET_MESSAGE_MAX, format, arguments);
    va_end(arguments);
    return error;
}

/* ---- members ---- */

static bool is_under(const struct object_id *id, const struct object_id *root)
{
    return id->length >= root->length && memcmp(id->arc, root->arc, root->length * sizeof id->arc[0]) == 0;
}

/* STMP knows nobody's name: what only an administrator may read never travels by it, nor do the
 * definitions themselves. */
static bool may_be_member(const struct object *object)
{
    static const struct object_id definitions = OID(DYNAMIC_OBJECTS);
    return !object->admin && !is_under(&object->id, &definitions);
}

int dynamic_member_from_id(const struct object_id *id, struct dynamic_member *out)
{
    struct object_instance at;
    if (id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0) {
        *out = (struct dynamic_member){.object_no = 0};
        return 0;
    }
    if (object_find(id, &at) != OBJECT_OK || !may_be_member(at.object))
        return -1;
    *out = (struct dynamic_member){.object_no = (uint16_t)(at.object - object_all + 1),
                                   .row = {at.row[0], at.row[1]}};
    return 0;
}

bool dynamic_member_instance(const struct dynamic_member *member, struct object_instance *out)
{
    if (member->object_no == 0)
        return false;
    *out = (struct object_instance){.object = &object_all[member->object_no - 1],
                                    .row = {member->row[0], member->row[1]}};
    return true;
}

void dynamic_member_id(const struct dynamic_member *member, struct object_id *out)
{
    struct object_instance at;
    if (dynamic_member_instance(member, &at))
        object_instance_id(&at, out);
    else
        *out = (struct object_id){.length = 2};
}

/* ---- definitions ---- */

static bool has_members(const struct dynamic_rows *rows, int number)
{
    for (int ix = 0; ix < DYNAMIC_MEMBERS_MAX; ix++) {
        if (rows->member[number - 1][ix].object_no != 0)
            return true;
    }
    return false;
}

enum set_error dynamic_judge_status(const struct dynamic_rows *rows, int number, int64_t wanted,
                                    char message[SET_MESSAGE_MAX])
{
    if (wanted != DYNAMIC_VALID || rows->status[number - 1] == DYNAMIC_VALID)
        return SET_OK;
    if (rows->status[number - 1] != DYNAMIC_UNDER_CREATION)
        return refuse(message, SET_INCONSISTENT_VALUE, "dynamic object %d is not under creation", number);
    if (!has_members(rows, number))
        return refuse(message, SET_INCONSISTENT_VALUE, "dynamic object %d has no members", number);
    return SET_OK;
}

void dynamic_set_status(struct dynamic_rows *rows, int number, int64_t wanted)
{
    int ix = number - 1;
    if (wanted == DYNAMIC_INVALID) {
        memset(&rows->owner[ix], 0, sizeof rows->owner[ix]);
        memset(rows->member[ix], 0, sizeof rows->member[ix]);
    }
    rows->status[ix] = (uint8_t)wanted;
}

enum set_error dynamic_judge_owner(const struct dynamic_rows *rows, int number, char message[SET_MESSAGE_MAX])
{
    if (rows->status[number - 1] != DYNAMIC_UNDER_CREATION)
        return refuse(message, SET_INCONSISTENT_VALUE, "dynamic object %d is not under creation", number);
    return SET_OK;
}

enum set_error dynamic_judge_variable(const struct dynamic_rows *rows, int number, const struct object_id *id,
                                      char message[SET_MESSAGE_MAX])
{
    struct dynamic_member member;
    if (dynamic_member_from_id(id, &member) != 0)
        return refuse(message, SET_WRONG_VALUE, "no object that a dynamic object may hold");
    return dynamic_judge_owner(rows, number, message);
}

const struct dynamic_member *dynamic_members(const struct dynamic_rows *rows, int number)
{
    if (number < 1 || number > DYNAMIC_OBJECTS_MAX || rows->status[number - 1] != DYNAMIC_VALID)
        return NULL;
    return rows->member[number - 1];
}

int dynamic_next(const struct dynamic_rows *rows, int number)
{
    while (++number <= DYNAMIC_OBJECTS_MAX) {
        if (dynamic_members(rows, number))
            return number;
    }
    return 0;
}

/* ---- what a centre compares ---- */

/* FNV-1a, four octets at a time taken one by one, so that every machine comes to the same. */
static uint32_t mix(uint32_t hash, uint32_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        hash = (hash ^ (number >> shift & 0xFF)) * UINT32_C(16777619);
    return hash;
}

static uint32_t mix_member(uint32_t hash, int index, const struct dynamic_member *member)
{
    struct object_id id;
    dynamic_member_id(member, &id);
    hash = mix(hash, (uint32_t)index);
    hash = mix(hash, id.length);
    for (int ix = 0; ix < id.length; ix++)
        hash = mix(hash, id.arc[ix]);
    return hash;
}

uint16_t dynamic_config_id(const struct dynamic_rows *rows)
{
    uint32_t hash = UINT32_C(2166136261);
    if (dynamic_next(rows, 0) == 0)
        return 0;
    for (int number = dynamic_next(rows, 0); number != 0; number = dynamic_next(rows, number)) {
        const struct dynamic_member *member = dynamic_members(rows, number);
        hash = mix(hash, (uint32_t)number);
        const struct dynamic_owner *owner = &rows->owner[number - 1];
        for (int ix = 0; ix < owner->length; ix++)
            hash = mix(hash, (uint8_t)owner->octet[ix]);
        for (int index = 1; index <= DYNAMIC_MEMBERS_MAX; index++) {
            if (member[index - 1].object_no != 0)
                hash = mix_member(hash, index, &member[index - 1]);
        }
    }
    return (uint16_t)(hash >> 16 ^ hash);
}

bool dynamic_survive(struct dynamic_rows *rows, int64_t outage_s)
{
    bool outlive =
        rows->persistence_min == DYNAMIC_PERSISTENCE_EVER ||
        (rows->persistence_min > 0 && outage_s >= 0 && outage_s <= (int64_t)rows->persistence_min * 60);
    bool lost = false;
    for (int number = 1; number <= DYNAMIC_OBJECTS_MAX && !outlive; number++) {
        lost = lost || rows->status[number - 1] != DYNAMIC_INVALID;
        dynamic_set_status(rows, number, DYNAMIC_INVALID);
    }
    return lost;
}

/* ---- as objects ---- */

int object_read_dynamic_config_id(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    (void)at;
    out->number = dynamic_config_id(&view->db->device.dynamic);
    return OBJECT_OK;
}

int object_read_dynamic_variable(const struct object_view *view, const struct object_instance *at,
                                 struct value *out)
{
    dynamic_member_id(&view->db->device.dynamic.member[at->row[0] - 1][at->row[1] - 1], &out->id);
    return OBJECT_OK;
}

enum set_error object_judge_dynamic_status(const struct object_view *view, const struct object_instance *at,
                                           const struct value *value, char message[SET_MESSAGE_MAX])
{
    return dynamic_judge_status(&view->db->device.dynamic, at->row[0], value->number, message);
}

enum set_error object_judge_dynamic_owner(const struct object_view *view, const struct object_instance *at,
                                          const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)value;
    return dynamic_judge_owner(&view->db->device.dynamic, at->row[0], message);
}

enum set_error object_judge_dynamic_variable(const struct object_view *view, const struct object_instance *at,
                                             const struct value *value, char message[SET_MESSAGE_MAX])
{
    return dynamic_judge_variable(&view->db->device.dynamic, at->row[0], &value->id, message);
}

int object_keep_dynamic_status(struct database *db, const struct object_instance *at,
                               const struct value *value)
{
    dynamic_set_status(&db->device.dynamic, at->row[0], value->number);
    return 0;
}

int object_keep_dynamic_variable(struct database *db, const struct object_instance *at,
                                 const struct value *value)
{
    return dynamic_member_from_id(&value->id, &db->device.dynamic.member[at->row[0] - 1][at->row[1] - 1]);
}
