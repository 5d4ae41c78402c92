#include "spat_device.h"
#include <stdio.h>
#include <string.h>

/* The part of a source that names the host: a client's next request may come from another port. */
static size_t host_length(const char *source)
{
    const char *colon = strrchr(source, ':');
    return colon ? (size_t)(colon - source) : strlen(source);
}

static struct spat_requester *place_for(struct spat_device *spat, const char *source)
{
    struct spat_requester *longest_ago = &spat->requester[0];
    size_t length = host_length(source);
    for (int i = 0; i < SPAT_REQUESTERS_MAX; i++) {
        struct spat_requester *r = &spat->requester[i];
        if (r->source[0] && host_length(r->source) == length && memcmp(r->source, source, length) == 0)
            return r;
        if (r->asked_no < longest_ago->asked_no)
            longest_ago = r;
    }
    return longest_ago;
}

void spat_enable(struct spat_device *spat, uint8_t form, const char *source, int64_t now_ms)
{
    spat->enabled = form;
    if (!(form & SPAT_BROADCAST)) {
        memset(spat->requester, 0, sizeof spat->requester);
        return;
    }
    if (!source || !source[0])
        return;
    struct spat_requester *r = place_for(spat, source);
    snprintf(r->source, sizeof r->source, "%s", source);
    r->form = form;
    r->asked_no = ++spat->asked;
    r->asked_ms = now_ms;
}

void spat_expire(struct spat_device *spat, uint32_t longest_s, int64_t now_ms)
{
    for (int i = 0; longest_s && i < SPAT_REQUESTERS_MAX; i++) {
        struct spat_requester *r = &spat->requester[i];
        if (r->source[0] && now_ms - r->asked_ms > longest_s * INT64_C(1000))
            memset(r, 0, sizeof *r);
    }
}

/* One octet 0xFF takes the command back. */
bool spat_lanes_valid(const struct spat_device *spat)
{
    return spat->lane_count == 0 || (spat->lane_count == 1 && spat->lane[0] == 0xFF);
}

/* "192.0.2.7" and nothing else. */
static bool parse_ip(const struct rsu_name *name, uint8_t ip[4])
{
    int part = 0, digits = 0, number = 0;
    for (int i = 0; i <= name->length; i++) {
        char c = i < name->length ? (char)name->octet[i] : '.';
        if (c >= '0' && c <= '9' && digits < 3) {
            number = number * 10 + c - '0';
            digits++;
        } else if (c == '.' && digits > 0 && number <= 255 && part < 4) {
            ip[part++] = (uint8_t)number;
            digits = number = 0;
        } else {
            return false;
        }
    }
    return part == 4;
}

/* The address behind a logical name that is in use. */
static bool look_up(const struct notify_rows *rows, int name_no, uint8_t ip[4])
{
    static const uint8_t nowhere[4];
    if (name_no < 1 || name_no > LOGICAL_NAMES_MAX)
        return false;
    const struct logical_name_row *name = &rows->logical_name[name_no - 1];
    memcpy(ip, name->address, sizeof nowhere);
    return name->status == ROW_AVAILABLE && memcmp(ip, nowhere, sizeof nowhere) != 0;
}

bool spat_port_address(const struct database *db, int port_no, uint8_t ip[4])
{
    const struct rsu_port_row *port = &db->device.rsu.port[port_no - 1];
    uint8_t found[4];
    if (!parse_ip(&port->name, found) && !look_up(&db->device.notify, port->name_no, found))
        return false;
    memcpy(ip, found, sizeof found);
    return true;
}

enum spat_port_status spat_port_status(const struct database *db, const struct spat_device *spat, int port_no)
{
    const struct rsu_rows *rsu = &db->device.rsu;
    const struct rsu_port_row *port = &rsu->port[port_no - 1];
    if (!rsu->comm_port_no || !(rsu->spat_options & SPAT_ENABLED) || !(port->spat_options & SPAT_ENABLED) ||
        !port->port_no)
        return SPAT_PORT_DISABLED;
    if (!spat_lanes_valid(spat))
        return SPAT_PORT_LANES_ERROR;
    uint8_t ip[4];
    return spat_port_address(db, port_no, ip) ? SPAT_PORT_NORMAL : SPAT_PORT_OTHER;
}
