#include "device.h"

void device_init(struct device *device)
{
    *device = (struct device){0};
    prg_device_init(&device->prg);
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    device->now_ms = now_ms;
    prg_device_step(&device->prg, view, now_ms);
}
