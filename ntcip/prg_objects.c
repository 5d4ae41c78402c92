#include "device.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

/* ---- the calls ---- */

void prg_device_init(struct prg_device *prg)
{
    memset(prg, 0, sizeof *prg);
    prg_init(&prg->table);
}

void prg_device_step(struct prg_device *prg, const struct object_view *view, int64_t now_ms)
{
    const struct engine_status *status = view->status;
    const struct prg_world world = {
        .strategy = view->db->priority.request,
        .flashing = status->unit != UNIT_RUNNING || view->extra->frame.all_flash,
        .active_no = status->priority_no,
        .waiting_mask = status->priority_requests,
    };
    prg->now_ds = now_ms / 100;
    prg->utc_s = status->utc_ds / 10;
    prg->called = prg_step(&prg->table, &world, prg->now_ds);
}

bool prg_device_command(const struct prg_device *prg, const struct control *control, struct control_op *op)
{
    uint16_t on = (uint16_t)(prg->called & ~control->priority_mask);
    uint16_t off = (uint16_t)(prg->made & control->priority_mask & ~prg->called);
    *op = (struct control_op){
        .offset = offsetof(struct control, priority_mask),
        .size = sizeof control->priority_mask,
        .clear = off,
        .set = on,
    };
    return on || off;
}

void prg_device_commanded(struct prg_device *prg, const struct control_op *op)
{
    prg->made = (uint16_t)((prg->made & ~op->clear) | op->set);
}

/* ---- objects ---- */

static int last_arc(const struct object *object)
{
    return (int)object->id.arc[object->id.length - 1];
}

static bool is_absolute(const struct object *object)
{
    return object->low == PRG_ABSOLUTE_OCTETS;
}

static int read_written(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    out->length = (uint16_t)at->object->low;
    memcpy(out->octet, view->device->prg.written[last_arc(at->object) - 1], out->length);
    return OBJECT_OK;
}

int object_read_prg_request(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    return read_written(view, at, out);
}

int object_read_prg_key(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    return read_written(view, at, out);
}

int object_read_prg_status(const struct object_view *view, const struct object_instance *at,
                           struct value *out)
{
    (void)at;
    out->length = PRG_STATUS_OCTETS;
    prg_write_status(&view->device->prg.table, out->octet);
    return OBJECT_OK;
}

static void note(struct prg_device *prg, const struct object_instance *at, const struct value *value)
{
    memcpy(prg->written[last_arc(at->object) - 1], value->octet, value->length);
}

static enum set_error out_of_range(char message[SET_MESSAGE_MAX])
{
    snprintf(message, SET_MESSAGE_MAX,
             "identifier, strategy and times are 1 or more, class type and level 1 to %d", PRG_CLASSES);
    return SET_WRONG_VALUE;
}

static enum set_error judge_request(const struct object_view *view, const struct object_instance *at,
                                    const struct value *value, struct prg_request *request,
                                    char message[SET_MESSAGE_MAX])
{
    if (prg_read_request(value->octet, value->length, request) != 0)
        return out_of_range(message);
    if (is_absolute(at->object) && view->status->utc_ds == 0) {
        snprintf(message, SET_MESSAGE_MAX, "the time of day is not known here");
        return SET_INCONSISTENT_VALUE;
    }
    return SET_OK;
}

enum set_error object_judge_prg_request(const struct object_view *view, const struct object_instance *at,
                                        const struct value *value, char message[SET_MESSAGE_MAX])
{
    struct prg_request request;
    enum set_error error = judge_request(view, at, value, &request, message);
    const struct prg *table = &view->device->prg.table;
    if (error == SET_OK && !prg_find(table, &request.key) && !prg_has_room(table)) {
        snprintf(message, SET_MESSAGE_MAX, "%d requests are open already", PRG_ROWS);
        return SET_RESOURCE_UNAVAILABLE;
    }
    return error;
}

enum set_error object_judge_prg_update(const struct object_view *view, const struct object_instance *at,
                                       const struct value *value, char message[SET_MESSAGE_MAX])
{
    struct prg_request request;
    enum set_error error = judge_request(view, at, value, &request, message);
    const struct prg_row *row = error == SET_OK ? prg_find(&view->device->prg.table, &request.key) : NULL;
    if (error == SET_OK && !(row && prg_is_open(row))) {
        snprintf(message, SET_MESSAGE_MAX, "no such request is open");
        return SET_INCONSISTENT_VALUE;
    }
    return error;
}

void object_write_prg_request(struct device *device, const struct object_instance *at,
                              const struct value *value, const struct set_sender *sender)
{
    struct prg_device *prg = &device->prg;
    struct prg_request request;
    (void)sender;
    if (prg_read_request(value->octet, value->length, &request) != 0)
        return;
    note(prg, at, value);
    prg_take(&prg->table, &request, prg->now_ds, prg->utc_s);
}

static enum set_error judge_key(const struct object_view *view, const struct value *value,
                                const struct prg_row **row, char message[SET_MESSAGE_MAX])
{
    struct prg_key key;
    if (prg_read_key(value->octet, &key) != 0)
        return out_of_range(message);
    *row = prg_find(&view->device->prg.table, &key);
    return SET_OK;
}

enum set_error object_judge_prg_key(const struct object_view *view, const struct object_instance *at,
                                    const struct value *value, char message[SET_MESSAGE_MAX])
{
    const struct prg_row *row;
    (void)at;
    return judge_key(view, value, &row, message);
}

enum set_error object_judge_prg_cancel(const struct object_view *view, const struct object_instance *at,
                                       const struct value *value, char message[SET_MESSAGE_MAX])
{
    const struct prg_row *row;
    enum set_error error = judge_key(view, value, &row, message);
    (void)at;
    if (error == SET_OK && !row) {
        snprintf(message, SET_MESSAGE_MAX, "there is no such request");
        return SET_INCONSISTENT_VALUE;
    }
    return error;
}

enum set_error object_judge_prg_clear(const struct object_view *view, const struct object_instance *at,
                                      const struct value *value, char message[SET_MESSAGE_MAX])
{
    const struct prg_row *row;
    enum set_error error = judge_key(view, value, &row, message);
    (void)at;
    if (error == SET_OK && row && prg_is_open(row)) {
        snprintf(message, SET_MESSAGE_MAX, "the request is open: it has to be cancelled first");
        return SET_INCONSISTENT_VALUE;
    }
    return error;
}

/* Which of the objects that carry a key was written, by its last arc. */
enum { STATUS_CONTROL = 3, CANCEL = 5, CLEAR = 6 };

void object_write_prg_key(struct device *device, const struct object_instance *at, const struct value *value,
                          const struct set_sender *sender)
{
    struct prg *table = &device->prg.table;
    struct prg_key key;
    (void)sender;
    if (prg_read_key(value->octet, &key) != 0)
        return;
    note(&device->prg, at, value);
    switch (last_arc(at->object)) {
    case STATUS_CONTROL:
        prg_select(table, &key);
        break;
    case CANCEL:
        prg_cancel(table, &key);
        break;
    case CLEAR:
        prg_clear(table, &key);
        break;
    }
}
