#include "watch.h"
#include "oer.h"
#include <string.h>

static bool is_block(const struct object *object)
{
    return strcmp(object->name, "watchBlockValue") == 0 || strcmp(object->name, "reportBlockValue") == 0;
}

bool watch_may_hold(const struct object_id *id, struct object_instance *out)
{
    return object_find(id, out) == OBJECT_OK && !out->object->admin && !is_block(out->object);
}

/* Adds one object. False if it has no value now. */
static bool put_object(struct oer_writer *writer, const struct packed_id *packed,
                       const struct object_view *view)
{
    struct object_id id;
    struct object_instance at;
    struct value value;
    object_unpack_id(packed, &id);
    if (!watch_may_hold(&id, &at) || object_get(&at, view, &value) != OBJECT_OK)
        return false;
    oer_put_value(writer, at.object, &value);
    return true;
}

void watch_value(const struct block_rows *rows, int block_no, const struct object_view *view,
                 struct block_value *out)
{
    struct object_view look = *view;
    look.latches = NULL;
    look.admin = false;
    out->length = 0;
    if (rows->block[block_no - 1].status != ROW_AVAILABLE)
        return;
    struct oer_writer writer = oer_write_to(out->octet, sizeof out->octet);
    bool whole = true;
    for (int ix = 0; ix < BLOCK_OBJECTS_MAX && whole; ix++) {
        const struct block_object_row *row = &rows->object[ix];
        if (row->status == ROW_AVAILABLE && row->block_no == block_no)
            whole = put_object(&writer, &row->object, &look);
    }
    if (whole && !writer.full)
        out->length = (uint16_t)writer.used;
}

void reports_take(struct reports *reports, const struct object_view *view)
{
    for (int block_no = 1; block_no <= BLOCKS_MAX; block_no++)
        watch_value(&view->db->device.notify.report, block_no, view, &reports->value[block_no - 1]);
}
