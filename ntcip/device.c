#include "device.h"
#include <string.h>

void device_init(struct device *device)
{
    memset(device, 0, sizeof *device);
    trap_init(&device->traps);
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    device->now_ms = now_ms;
    reports_take(&device->reports, view);
}
