/* The objects of the event log: readers, which rows are there, and what a SET may not write. */
#include "device.h"
#include "document_scan.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

static const struct event_entry *entry_at(const struct object_view *view, const struct object_instance *at)
{
    return eventlog_entry(&view->device->eventlog, at->row[0], at->row[1]);
}

bool object_rows_event_log(const struct object_view *view, const uint16_t row[2])
{
    return view->device && eventlog_entry(&view->device->eventlog, row[0], row[1]);
}

int object_read_event_config_status(const struct object_view *view, const struct object_instance *at,
                                    struct value *out)
{
    out->number = eventlog_status(&view->db->device.event.config[at->row[0] - 1]);
    return OBJECT_OK;
}

int object_read_event_log_id(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    out->number = entry_at(view, at)->config_no;
    return OBJECT_OK;
}

int object_read_event_log_time(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    out->number = entry_at(view, at)->time_s;
    return OBJECT_OK;
}

int object_read_event_log_value(const struct object_view *view, const struct object_instance *at,
                                struct value *out)
{
    const struct event_entry *entry = entry_at(view, at);
    out->length = entry->length;
    if (entry->length > VALUE_OCTETS_MAX)
        out->all = entry->octet;
    else
        memcpy(out->octet, entry->octet, entry->length);
    return OBJECT_OK;
}

int object_read_event_log_ms(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    out->number = entry_at(view, at)->time_ms;
    return OBJECT_OK;
}

int object_read_event_class_rows(const struct object_view *view, const struct object_instance *at,
                                 struct value *out)
{
    out->number = eventlog_rows(&view->device->eventlog, at->row[0]);
    return OBJECT_OK;
}

int object_read_event_class_events(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    out->number = view->device->eventlog.class[at->row[0] - 1].events;
    return OBJECT_OK;
}

int object_read_event_count(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)at;
    out->number = view->device->eventlog.events;
    return OBJECT_OK;
}

static enum set_error judge_reference(const struct object_id *id, char message[SET_MESSAGE_MAX])
{
    bool none = id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0;
    if (none || eventlog_may_read(id, NULL))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "this is no object instance that may be watched or logged");
    return SET_WRONG_VALUE;
}

enum set_error object_judge_event_compare(const struct object_view *view, const struct object_instance *at,
                                          const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    return judge_reference(&value->id, message);
}

enum set_error object_judge_event_log(const struct object_view *view, const struct object_instance *at,
                                      const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    return judge_reference(&value->id, message);
}

/* The database is kept as JSON, which takes no other texts. */
enum set_error object_judge_event_text(const struct object_view *view, const struct object_instance *at,
                                       const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    if (document_is_plain_text(value->octet, value->length))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "a description is ASCII or UTF-8, without control characters");
    return SET_WRONG_VALUE;
}
