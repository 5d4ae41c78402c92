/* Readers of the devices that watch the cabinet: those among its inputs that stand for one. */
#include "object_read.h"

enum { CABINET_DEVICE_DOOR = 1 }; /* the other is the flash switch of the police panel */

int object_read_cabinet_device_type(const struct object_view *view, const struct object_instance *at,
                                    struct value *out)
{
    enum { TYPE_OTHER = 1, TYPE_DOOR = 2 };
    (void)view;
    out->number = at->row[0] == CABINET_DEVICE_DOOR ? TYPE_DOOR : TYPE_OTHER;
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
