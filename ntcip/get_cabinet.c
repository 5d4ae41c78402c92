/* Readers of the devices that watch the cabinet: those among its inputs that stand for one. */
#include "object_read.h"
#include <string.h>

enum cabinet_device { CABINET_DEVICE_DOOR = 1, CABINET_DEVICE_FLASH_SWITCH = 2 };

int object_read_cabinet_device_type(const struct object_view *view, const struct object_instance *at,
                                    struct value *out)
{
    enum { TYPE_OTHER = 1, TYPE_DOOR = 2 };
    (void)view;
    out->number = at->row[0] == CABINET_DEVICE_DOOR ? TYPE_DOOR : TYPE_OTHER;
    return OBJECT_OK;
}

/* What the centre has called it, else what it is. */
int object_read_cabinet_device_text(const struct object_view *view, const struct object_instance *at,
                                    struct value *out)
{
    const struct short_text *stored = &view->db->device.cabinet_device[at->row[0] - 1];
    const char *own = at->row[0] == CABINET_DEVICE_DOOR ? "cabinet door" : "flash switch of the police panel";
    out->length = stored->length > 0 ? stored->length : (uint16_t)strlen(own);
    memcpy(out->octet, stored->length > 0 ? (const void *)stored->octet : own, out->length);
    return OBJECT_OK;
}

int object_read_cabinet_device_on(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    enum { ON_TRUE = 1, ON_FALSE = 2 };
    bool on = at->row[0] == CABINET_DEVICE_DOOR ? view->extra->door_open : view->extra->local_flash;
    out->number = on ? ON_TRUE : ON_FALSE;
    return OBJECT_OK;
}

int object_read_cabinet_device_error(const struct object_view *view, const struct object_instance *at,
                                     struct value *out)
{
    enum { ERROR_NONE = 2, ERROR_NOT_MONITORED = 4 };
    (void)at;
    out->number = view->extra->cabinet_lost ? ERROR_NOT_MONITORED : ERROR_NONE;
    return OBJECT_OK;
}
