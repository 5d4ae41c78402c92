/* The objects of notifications, watch and report blocks, and community names: readers, writers, and what a
 * SET may not write. */
#include "device.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

static int put_block(struct value *out, const struct block_value *value)
{
    out->length = value->length;
    memcpy(out->octet, value->octet, value->length);
    return OBJECT_OK;
}

/* ---- blocks ---- */

int object_read_watch_block_value(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    struct block_value value;
    watch_value(&view->db->device.notify.watch, at->row[0], view, &value);
    return put_block(out, &value);
}

int object_read_report_block_value(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    return put_block(out, &view->device->reports.value[at->row[0] - 1]);
}

enum set_error object_judge_block_object(const struct object_view *view, const struct object_instance *at,
                                         const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    const struct object_id *id = &value->id;
    struct object_instance held;
    bool none = id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0;
    if (none || watch_may_hold(id, &held))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "this is no object instance that a block may hold");
    return SET_WRONG_VALUE;
}

/* ---- community names ---- */

enum set_error object_judge_community_name(const struct object_view *view, const struct object_instance *at,
                                           const struct value *value, char message[SET_MESSAGE_MAX])
{
    enum { USER_LEAST = 6, ADMINISTRATOR_LEAST = 8 };
    (void)view;
    int least = at->object->table ? USER_LEAST : ADMINISTRATOR_LEAST;
    if (value->length == 0 || value->length >= least)
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "a name has %d to %d octets, or none where it is not used", least,
             COMMUNITY_NAME_MAX);
    return SET_WRONG_LENGTH;
}

enum set_error object_judge_access_mask(const struct object_view *view, const struct object_instance *at,
                                        const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    if (value->number == 0 || value->number == UINT32_MAX)
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "0 reads, 4294967295 also writes; no other mask has a meaning here");
    return SET_WRONG_VALUE;
}

/* ---- commands ---- */

int object_read_clear_log(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)view, (void)at;
    out->number = 0;
    return OBJECT_OK;
}

void object_write_clear_log(struct device *device, const struct object_instance *at,
                            const struct value *value, const struct set_sender *sender)
{
    (void)at, (void)sender;
    if (value->number == 1)
        eventlog_clear(&device->eventlog);
}

/* ---- notifications ---- */

static const struct trap_manager *manager_at(const struct object_view *view, const struct object_instance *at)
{
    return &view->device->traps.manager[at->row[0] - 1];
}

int object_read_trap_data(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)at;
    const struct trap_station *traps = &view->device->traps;
    out->length = traps->last_length;
    if (out->length > VALUE_OCTETS_MAX)
        out->all = traps->last;
    else
        memcpy(out->octet, traps->last, out->length);
    return OBJECT_OK;
}

int object_read_trap_link_state(const struct object_view *view, const struct object_instance *at,
                                struct value *out)
{
    out->number = manager_at(view, at)->link;
    return OBJECT_OK;
}

int object_read_trap_error(const struct object_view *view, const struct object_instance *at,
                           struct value *out)
{
    out->number = manager_at(view, at)->error;
    return OBJECT_OK;
}

int object_read_trap_lost(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    out->number = manager_at(view, at)->lost;
    return OBJECT_OK;
}

int object_read_trap_sequence(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    out->number = manager_at(view, at)->sent;
    return OBJECT_OK;
}

int object_read_trap_acknowledged(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    out->number = manager_at(view, at)->acknowledged;
    return OBJECT_OK;
}

void object_write_trap_acknowledged(struct device *device, const struct object_instance *at,
                                    const struct value *value, const struct set_sender *sender)
{
    (void)sender;
    trap_acknowledge(&device->traps, at->row[0], (uint16_t)value->number);
}

int object_read_trap_counter(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    out->number = view->device->traps.counter[at->row[0] - 1][at->row[1] - 1];
    return OBJECT_OK;
}
