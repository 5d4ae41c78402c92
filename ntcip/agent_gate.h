/* The gate before the agent: which source addresses may speak at all, how often, and which
 * community opens which role from where. Knows no SNMP library, no clock and no socket. */
#ifndef NTCIP_AGENT_GATE_H
#define NTCIP_AGENT_GATE_H

#include "../phases/database_notify.h"
#include "agent_config.h"
#include <stddef.h>

struct sockaddr;

enum {
    GATE_SETS = 128, /* of remembered sources, by hash */
    GATE_WAYS = 4,
};

/* An address of either family: IPv4 stands in ::ffff:0:0/96. */
struct gate_address {
    uint8_t octet[16];
};

struct gate_network {
    struct gate_address address;
    uint8_t bits; /* 0..128 of the mapped form */
    bool ipv4;
};

/* How far ahead of its allowance a source is: the instant at which it would have used up exactly
 * what its rate grants. A whole second may be used at once. */
struct gate_source {
    struct gate_address address;
    int64_t spent_until_ns;
};

struct gate {
    bool open_to_all;      /* version 3 users come from anywhere */
    uint8_t network_count; /* one for each community, if there are any */
    struct gate_network network[SNMP_COMMUNITIES_MAX];
    struct snmp_community community[SNMP_COMMUNITIES_MAX];
    uint8_t name_network_count;
    struct gate_network name_network[SNMP_NETWORKS_MAX];
    int64_t source_step_ns; /* one request costs this; 0: no limit */
    int64_t total_step_ns;
    bool rate_loopback;
    int64_t total_spent_until_ns;
    struct gate_source source[GATE_SETS][GATE_WAYS];
};

enum gate_verdict { GATE_PASS, GATE_NOT_ALLOWED, GATE_OVER_SOURCE, GATE_OVER_TOTAL };

/* Parses "10.1.0.0/16", "fd00::/8" or a bare address. Octets behind the prefix must be 0: a network
 * that does not say what it means is an error. Returns 0 or -1. */
int gate_parse_network(const char *text, struct gate_network *out);

/* Takes what it needs from the config. Returns 0, or -1 if a network cannot be read: *bad is its text. */
int gate_init(struct gate *gate, const struct snmp_config *config, const char **bad);

/* The same for STMP, which has no communities: the networks alone. */
int gate_init_stmp(struct gate *gate, const struct stmp_config *config, size_t *bad_ix);

/* The address of an AF_INET or AF_INET6 socket address; any other family becomes ::. */
void gate_address_of(const struct sockaddr *from, struct gate_address *out);

/* Judges one message that came from `from` at monotonic time `now_ns` and counts it against its
 * allowance. Sources of IPv6 share one per /64. */
enum gate_verdict gate_judge(struct gate *gate, const struct gate_address *from, int64_t now_ns);

/* The community that opens a message: its index in the config, or -1. The first that fits counts. */
int gate_find_community(const struct gate *gate, bool v1, const uint8_t *name, size_t length,
                        const struct gate_address *from);

/* The stored community name that opens a message (NTCIP 1103, security node), versions 1 and 2c alike:
 * 0 for communityNameAdmin, n for row n of communityNameTable, or -1. Every name opens nothing from outside
 * the networks that the config gives them. */
int gate_find_name(const struct gate *gate, const struct notify_rows *stored, const uint8_t *name,
                   size_t length, const struct gate_address *from);

/* What the name that gate_find_name() found may do. */
enum snmp_role gate_name_role(const struct notify_rows *stored, int name_no);

#endif
