#include "device.h"

void device_init(struct device *device)
{
    *device = (struct device){0};
    prg_device_init(&device->prg);
    block_init(&device->block);
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    device->now_ms = now_ms;
    prg_device_step(&device->prg, view, now_ms);
}

void device_refused(struct device *device, const struct object_view *view, const struct object_id *id,
                    const struct value *value, enum set_error error)
{
    block_refused(&device->block, view, id, value, error);
}
