#include "device.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

enum { TICKS_OF_HOUR = 36000, DAY_DS = 24 * TICKS_OF_HOUR };

/* ---- the tick ---- */

/* 5.17.1: when the state was made that a reader sees now, in UTC; empty while nobody knows the time of day.
 */
int object_read_spat_timestamp(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    (void)at;
    int64_t day_ds = view->status->utc_ds % DAY_DS;
    int ms = (int)(day_ds % 10) * 100;
    out->length = view->status->utc_ds ? 5 : 0;
    out->octet[0] = (uint8_t)(day_ds / TICKS_OF_HOUR);
    out->octet[1] = (uint8_t)(day_ds / 600 % 60);
    out->octet[2] = (uint8_t)(day_ds / 10 % 60);
    out->octet[3] = (uint8_t)(ms >> 8);
    out->octet[4] = (uint8_t)ms;
    return OBJECT_OK;
}

/* 5.17.6: while the time of day is not known the count still goes on, from the start of the controller. */
int object_read_current_tick(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    (void)at;
    int64_t ds = view->status->utc_ds ? view->status->utc_ds : view->status->now_ds;
    out->number = ds > 0 ? ds % TICKS_OF_HOUR : 0; /* before the first tick there is no time at all */
    return OBJECT_OK;
}

/* ---- the broadcast message ---- */

int object_read_tscbm_enable(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    (void)at;
    out->number = view->device->spat.enabled;
    return OBJECT_OK;
}

void object_write_tscbm_enable(struct device *device, const struct object_instance *at,
                               const struct value *value, const struct set_sender *sender)
{
    (void)at;
    spat_enable(&device->spat, (uint8_t)value->number, sender->source, device->now_ms);
}

/* ---- revocable lanes: there are none ---- */

int object_read_no_lanes(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)view, (void)at;
    out->length = 0;
    return OBJECT_OK;
}

int object_read_spat_lanes_command(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    const struct spat_device *spat = &view->device->spat;
    out->length = spat->lane_count;
    memcpy(out->octet, spat->lane, spat->lane_count);
    return OBJECT_OK;
}

/* 5.17.2: a set of lanes that cannot be is no refused SET; it stops the message on all ports. */
void object_write_spat_lanes_command(struct device *device, const struct object_instance *at,
                                     const struct value *value, const struct set_sender *sender)
{
    (void)at, (void)sender;
    struct spat_device *spat = &device->spat;
    spat->lane_count = (uint8_t)value->length;
    memcpy(spat->lane, value->octet, spat->lane_count);
}

/* ---- roadside units ---- */

int object_read_spat_port_status(const struct object_view *view, const struct object_instance *at,
                                 struct value *out)
{
    out->number = spat_port_status(view->db, &view->device->spat, at->row[0]);
    return OBJECT_OK;
}

enum set_error object_judge_map_activation(const struct object_view *view, const struct object_instance *at,
                                           const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    enum { MAP_PLANS = 8 };
    const uint8_t *octet = value->octet;
    if (octet[0] <= MAP_PLANS && (octet[0] || !(octet[1] | octet[2])))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "a plan from 1 to %d and its checksum, or three octets of 0",
             MAP_PLANS);
    return SET_WRONG_VALUE;
}

int object_read_no_map(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)view, (void)at;
    out->length = 3;
    memset(out->octet, 0, 3);
    return OBJECT_OK;
}

/* 5.18.1.4: an activation that fails is answered with genErr. */
enum set_error object_judge_no_map(const struct object_view *view, const struct object_instance *at,
                                   const struct value *value, char message[SET_MESSAGE_MAX])
{
    (void)view, (void)at;
    if (!(value->octet[0] | value->octet[1] | value->octet[2]))
        return SET_OK;
    snprintf(message, SET_MESSAGE_MAX, "this controller has no map of the intersection");
    return SET_GENERAL;
}

void object_write_no_map(struct device *device, const struct object_instance *at, const struct value *value,
                         const struct set_sender *sender)
{
    (void)device, (void)at, (void)value, (void)sender; /* none is active before and after */
}
