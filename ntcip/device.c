#include "device.h"

void device_init(struct device *device)
{
    *device = (struct device){0};
    block_init(&device->block);
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    (void)view;
    device->now_ms = now_ms;
}

void device_refused(struct device *device, const struct object_view *view, const struct set_item *culprit,
                    enum set_error error)
{
    block_refused(&device->block, view, culprit, error);
}
