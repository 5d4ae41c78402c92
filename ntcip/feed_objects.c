/* The readers of the feed's objects. */
#include "device.h"
#include "object_read.h"
#include <string.h>

static const struct feed_device_destination *destination_at(const struct object_view *view,
                                                            const struct object_instance *at)
{
    return &view->device->feed.destination[at->row[0] - 1];
}

static int put_text(struct value *out, const char *text)
{
    out->length = (uint16_t)strnlen(text, FEED_DEVICE_TEXT);
    memcpy(out->octet, text, out->length);
    return OBJECT_OK;
}

bool object_rows_feed_destination(const struct object_view *view, const uint16_t row[2])
{
    return view->device && row[0] <= view->device->feed.destinations;
}

int object_read_feed_trouble(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    (void)at;
    return put_text(out, view->device->feed.trouble);
}

int object_read_feed_publisher_trouble(const struct object_view *view, const struct object_instance *at,
                                       struct value *out)
{
    (void)at;
    return put_text(out, view->device->feed.publisher.trouble);
}

int object_read_feed_destination_address(const struct object_view *view, const struct object_instance *at,
                                         struct value *out)
{
    return put_text(out, destination_at(view, at)->address);
}

int object_read_feed_destination_sent(const struct object_view *view, const struct object_instance *at,
                                      struct value *out)
{
    out->number = destination_at(view, at)->sent;
    return OBJECT_OK;
}

int object_read_feed_destination_failed(const struct object_view *view, const struct object_instance *at,
                                        struct value *out)
{
    out->number = destination_at(view, at)->failed;
    return OBJECT_OK;
}

int object_read_feed_destination_error(const struct object_view *view, const struct object_instance *at,
                                       struct value *out)
{
    return put_text(out, destination_at(view, at)->error);
}
