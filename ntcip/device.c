#include "device.h"

void device_init(struct device *device)
{
    *device = (struct device){0};
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    (void)view;
    device->now_ms = now_ms;
}
