#include "device.h"
#include <string.h>

void device_init(struct device *device)
{
    memset(device, 0, sizeof *device);
    eventlog_init(&device->eventlog);
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    device->now_ms = now_ms;
    eventlog_step(&device->eventlog, view);
}

void device_follow(struct device *device, const struct device_rows *rows)
{
    eventlog_follow(&device->eventlog, &rows->event);
}
