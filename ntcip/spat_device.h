/* What the unit around the engine keeps for signal phase and timing: who has asked for the broadcast message,
 * and the centre's word on revocable lanes. */
#ifndef NTCIP_SPAT_DEVICE_H
#define NTCIP_SPAT_DEVICE_H

#include "../phases/database.h"

enum {
    SPAT_REQUESTERS_MAX = 4, /* a fifth takes the place of the one that asked longest ago */
    SPAT_SOURCE_MAX = 64,
    SPAT_LANES_MAX = 254,
};

/* The bit of tscbmEnable that switches the message on. */
enum { SPAT_BROADCAST = 1 << 1 };

struct spat_requester {
    char source[SPAT_SOURCE_MAX]; /* of its SET: udp:192.0.2.7:40001; empty: none */
    uint8_t form;                 /* what it wrote */
    uint32_t asked_no;            /* counts such SETs, from 1 */
    int64_t asked_ms;
};

struct spat_device {
    uint8_t enabled; /* tscbmEnable as it was written last */
    uint32_t asked;
    struct spat_requester requester[SPAT_REQUESTERS_MAX];
    uint8_t lane_count; /* of spatEnabledLanesCommand */
    uint8_t lane[SPAT_LANES_MAX];
};

/* spatPortStatus, 1202 v03 5.17.5.2. */
enum spat_port_status {
    SPAT_PORT_OTHER = 1, /* switched on, but no address is known */
    SPAT_PORT_DISABLED = 2,
    SPAT_PORT_NORMAL = 3,
    SPAT_PORT_MAP_ERROR = 4, /* does not occur: nobody tells us which map the unit has */
    SPAT_PORT_LANES_ERROR = 5,
};

/* tscbmEnable := form, from `source` (empty: nobody that could be sent to). */
void spat_enable(struct spat_device *spat, uint8_t form, const char *source, int64_t now_ms);

/* Forgets who asked more than `longest_s` ago; 0: nobody. */
void spat_expire(struct spat_device *spat, uint32_t longest_s, int64_t now_ms);

/* Whether the commanded lanes are ones we have: no lane of ours is revocable, so only none are. */
bool spat_lanes_valid(const struct spat_device *spat);

/* The IPv4 address of the roadside unit at `port_no`, from 1: its name, where that is an address, else that
 * of its logical name. Returns false while none is known. */
bool spat_port_address(const struct database *db, int port_no, uint8_t ip[4]);

enum spat_port_status spat_port_status(const struct database *db, const struct spat_device *spat,
                                       int port_no);

#endif
