#include "device.h"
#include <string.h>

void device_init(struct device *device)
{
    memset(device, 0, sizeof *device);
    eventlog_init(&device->eventlog);
    unit_clock_init(&device->clock);
    prg_device_init(&device->prg);
    block_init(&device->block);
    trap_init(&device->traps);
}

/* What the event log has entered since the last step goes to whoever wants to be notified. Of more entries
 * than the class keeps, those are gone that the class has already dropped. */
static void notify_entries(struct device *device, const struct trap_rows *rows)
{
    for (int class_no = 1; class_no <= EVENT_CLASSES_MAX; class_no++) {
        uint16_t entries = device->eventlog.class[class_no - 1].entries;
        int count = eventlog_rows(&device->eventlog, class_no);
        int fresh = (uint16_t)(entries - device->notified[class_no - 1]);
        device->notified[class_no - 1] = entries;
        for (int number = fresh < count ? count - fresh + 1 : 1; number <= count && fresh > 0; number++) {
            const struct event_entry *entry = eventlog_entry(&device->eventlog, class_no, number);
            const struct trap_event event = {.config_no = entry->config_no,
                                             .class_no = (uint8_t)class_no,
                                             .number = (uint8_t)number,
                                             .time_s = entry->time_s,
                                             .value = entry->octet,
                                             .length = entry->length};
            trap_event(&device->traps, rows, &event, device->now_ms);
        }
    }
}

void device_step(struct device *device, const struct object_view *view, int64_t now_ms)
{
    device->now_ms = now_ms;
    reports_take(&device->reports, view);
    eventlog_step(&device->eventlog, view);
    notify_entries(device, &view->db->device.notify.trap);
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
