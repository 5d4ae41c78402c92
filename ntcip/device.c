#include "device.h"
#include <string.h>

void device_init(struct device *device)
{
    memset(device, 0, sizeof *device);
    eventlog_init(&device->eventlog);
    unit_clock_init(&device->clock);
    prg_device_init(&device->prg);
    block_init(&device->block);
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    device->now_ms = now_ms;
    eventlog_step(&device->eventlog, view);
    prg_device_step(&device->prg, view, now_ms);
}

void device_follow(struct device *device, const struct device_rows *rows)
{
    eventlog_follow(&device->eventlog, &rows->event);
}

void device_refused(struct device *device, const struct object_view *view, const struct set_item *culprit,
                    enum set_error error)
{
    block_refused(&device->block, view, culprit, error);
}
