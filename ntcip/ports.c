/* The readers of the network ports. */
#include "ports.h"
#include "device.h"
#include "object_read.h"
#include <string.h>

static const struct port *port_at(const struct object_view *view, const struct object_instance *at)
{
    return &view->device->ports.port[at->row[0] - 1];
}

bool object_rows_port(const struct object_view *view, const uint16_t row[2])
{
    return view->device && row[0] <= view->device->ports.count;
}

int object_read_ports(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)at;
    out->number = view->device->ports.count;
    return OBJECT_OK;
}

static void put_octets(struct value *out, const void *octet, size_t length)
{
    out->length = (uint16_t)length;
    memcpy(out->octet, octet, length);
}

int object_read_port_name(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    const struct port *port = port_at(view, at);
    put_octets(out, port->name, strnlen(port->name, PORT_NAME));
    return OBJECT_OK;
}

int object_read_port_mac(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    put_octets(out, port_at(view, at)->mac, PORT_MAC);
    return OBJECT_OK;
}

/* ifOperStatus and commPortEnable: both have 1 for yes and 2 for no. */
int object_read_port_up(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    out->number = port_at(view, at)->up ? 1 : 2;
    return OBJECT_OK;
}

int object_read_port_protocol(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    enum { NTCIP_BIT = 1 };
    out->number = port_at(view, at)->up ? NTCIP_BIT + 1 : 0;
    return OBJECT_OK;
}

int object_read_port_address(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    put_octets(out, port_at(view, at)->address, 4);
    return OBJECT_OK;
}

int object_read_port_mask(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    put_octets(out, port_at(view, at)->mask, 4);
    return OBJECT_OK;
}

int object_read_port_gateway(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    put_octets(out, port_at(view, at)->gateway, 4);
    return OBJECT_OK;
}

int object_read_name_server(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)at;
    put_octets(out, view->device->ports.name_server, 4);
    return OBJECT_OK;
}

int object_read_no_address(const struct object_view *view, const struct object_instance *at,
                           struct value *out)
{
    static const uint8_t none[4];
    (void)view, (void)at;
    put_octets(out, none, sizeof none);
    return OBJECT_OK;
}

int object_read_no_text(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)view, (void)at;
    out->length = 0;
    return OBJECT_OK;
}
