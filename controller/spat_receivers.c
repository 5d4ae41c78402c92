#include "spat_receivers.h"
#include <stdio.h>
#include <string.h>

/* Who is there already stays as he is. */
static void add(struct tscbm_receivers *to, const struct address *address, uint8_t form, uint32_t asked_no)
{
    for (int i = 0; i < to->count; i++) {
        if (address_equals(&to->receiver[i].address, address))
            return;
    }
    if (to->count == TSCBM_RECEIVERS_MAX)
        return;
    struct tscbm_receiver *receiver = &to->receiver[to->count++];
    receiver->address = *address;
    receiver->form = form;
    receiver->asked_no = asked_no;
}

/* To be called first, lest a camera that is somebody else besides hear of every red. */
static void add_cameras(struct tscbm_receivers *to, const struct tscbm_config *config, uint8_t form)
{
    for (int i = 0; i < config->camera_count; i++)
        add(to, &config->camera[i], form, 0);
    for (int i = 0; i < to->count; i++)
        to->receiver[i].camera = true;
}

static void add_requester(struct tscbm_receivers *to, const struct spat_requester *requester, uint16_t port)
{
    struct address address;
    memset(&address, 0, sizeof address);
    if (!requester->source[0] || address_parse(&address, requester->source) != 0)
        return;
    address.stream = false; /* a SET may come by TCP, the message does not go that way */
    address_set_port(&address, port);
    add(to, &address, requester->form, requester->asked_no);
}

static void add_roadside_unit(struct tscbm_receivers *to, const uint8_t ip[4], uint16_t port)
{
    struct address address;
    char text[ADDRESS_TEXT];
    memset(&address, 0, sizeof address);
    snprintf(text, sizeof text, "udp:%d.%d.%d.%d:%u", ip[0], ip[1], ip[2], ip[3], port);
    if (address_parse(&address, text) == 0)
        add(to, &address, TSCBM_ENABLED | TSCBM_CALLS, 0);
}

void spat_receivers(const struct tscbm_config *config, const struct database *db,
                    const struct spat_device *spat, struct tscbm_receivers *out)
{
    memset(out, 0, sizeof *out);
    if (spat->enabled & TSCBM_ENABLED)
        add_cameras(out, config, spat->enabled);
    for (int no = 1; no <= RSU_PORTS_MAX; no++) {
        uint8_t ip[4];
        if (spat_port_status(db, spat, no) == SPAT_PORT_NORMAL && spat_port_address(db, no, ip))
            add_roadside_unit(out, ip, db->device.rsu.port[no - 1].port_no);
    }
    if (!(spat->enabled & TSCBM_ENABLED))
        return;
    for (int i = 0; i < config->receiver_count; i++)
        add(out, &config->receiver[i], spat->enabled, 0);
    for (int i = 0; i < SPAT_REQUESTERS_MAX; i++)
        add_requester(out, &spat->requester[i], config->port);
}
