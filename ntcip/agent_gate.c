#include "agent_gate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { BURST_NS = 1000000000, IPV4_OFFSET = 12, IPV4_BITS = 96 };

static const uint8_t ipv4_prefix[IPV4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static int parse_bits(const char *text, int max, int *bits)
{
    if (*text < '0' || *text > '9' || strlen(text) > 3) {
        return -1;
    }
    char *end;
    long n = strtol(text, &end, 10);
    if (*end != '\0' || n > max) {
        return -1;
    }
    *bits = (int)n;
    return 0;
}

static bool bit_of(const struct gate_address *a, int ix)
{
    return (a->octet[ix / 8] >> (7 - ix % 8)) & 1;
}

int gate_parse_network(const char *text, struct gate_network *out)
{
    char host[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof(host)) {
        return -1;
    }
    memcpy(host, text, length);
    host[length] = '\0';

    struct gate_network n = {.ipv4 = strchr(host, ':') == NULL};
    memcpy(n.address.octet, ipv4_prefix, sizeof(ipv4_prefix));
    int parsed = n.ipv4 ? inet_pton(AF_INET, host, n.address.octet + IPV4_OFFSET)
                        : inet_pton(AF_INET6, host, n.address.octet);
    int bits = n.ipv4 ? 32 : 128;
    if (parsed != 1 || (slash != NULL && parse_bits(slash + 1, bits, &bits) != 0)) {
        return -1;
    }
    n.bits = (uint8_t)(n.ipv4 ? bits + IPV4_BITS : bits);
    for (int ix = n.bits; ix < 128; ix++) {
        if (bit_of(&n.address, ix)) {
            return -1;
        }
    }
    *out = n;
    return 0;
}

static bool network_has(const struct gate_network *n, const struct gate_address *a)
{
    size_t octets = n->bits / 8U;
    if (memcmp(n->address.octet, a->octet, octets) != 0) {
        return false;
    }
    for (int ix = (int)octets * 8; ix < n->bits; ix++) {
        if (bit_of(&n->address, ix) != bit_of(a, ix)) {
            return false;
        }
    }
    /* ::/0 is all of IPv6, not all of IPv4 as well */
    return n->ipv4 == (memcmp(a->octet, ipv4_prefix, sizeof(ipv4_prefix)) == 0);
}

static void set_rates(struct gate *gate, uint32_t per_source, uint32_t total, bool loopback)
{
    gate->source_step_ns = per_source > 0 ? BURST_NS / per_source : 0;
    gate->total_step_ns = total > 0 ? BURST_NS / total : 0;
    gate->rate_loopback = loopback;
}

int gate_init(struct gate *gate, const struct snmp_config *config, const char **bad)
{
    memset(gate, 0, sizeof(*gate));
    for (size_t ix = 0; ix < config->community_count; ix++) {
        *bad = config->community[ix].from;
        if (gate_parse_network(*bad, &gate->network[ix]) != 0) {
            return -1;
        }
        gate->community[ix] = config->community[ix];
    }
    gate->network_count = config->community_count;
    for (size_t ix = 0; ix < config->name_network_count; ix++) {
        *bad = config->name_network[ix].from;
        if (gate_parse_network(*bad, &gate->name_network[ix]) != 0) {
            return -1;
        }
    }
    gate->name_network_count = config->name_network_count;
    gate->open_to_all = config->user_count > 0;
    set_rates(gate, config->rate_per_source, config->rate_total, config->rate_loopback);
    return 0;
}

int gate_init_stmp(struct gate *gate, const struct stmp_config *config, size_t *bad_ix)
{
    memset(gate, 0, sizeof(*gate));
    for (size_t ix = 0; ix < config->from_count; ix++) {
        if (gate_parse_network(config->from[ix], &gate->network[ix]) != 0) {
            *bad_ix = ix;
            return -1;
        }
    }
    gate->network_count = config->from_count;
    set_rates(gate, config->rate_per_source, config->rate_total, config->rate_loopback);
    return 0;
}

void gate_address_of(const struct sockaddr *from, struct gate_address *out)
{
    memset(out, 0, sizeof(*out));
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
        memcpy(out->octet, ipv4_prefix, sizeof(ipv4_prefix));
        memcpy(out->octet + IPV4_OFFSET, &in->sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)from;
        memcpy(out->octet, &in6->sin6_addr, 16);
    }
}

static bool is_loopback(const struct gate_address *a)
{
    static const uint8_t ipv6[16] = {[15] = 1};
    return memcmp(a->octet, ipv6, sizeof(ipv6)) == 0 ||
           (memcmp(a->octet, ipv4_prefix, sizeof(ipv4_prefix)) == 0 && a->octet[IPV4_OFFSET] == 127);
}

static bool names_may_come(const struct gate *gate, const struct gate_address *from)
{
    bool may = false;
    for (size_t ix = 0; ix < gate->name_network_count && !may; ix++) {
        may = network_has(&gate->name_network[ix], from);
    }
    return may;
}

static bool may_come(const struct gate *gate, const struct gate_address *from)
{
    bool may = gate->open_to_all || names_may_come(gate, from);
    for (size_t ix = 0; ix < gate->network_count && !may; ix++) {
        may = network_has(&gate->network[ix], from);
    }
    return may;
}

static bool spend(int64_t *spent_until_ns, int64_t step_ns, int64_t now_ns)
{
    int64_t begin_ns = *spent_until_ns > now_ns ? *spent_until_ns : now_ns;
    if (begin_ns - now_ns + step_ns > BURST_NS) {
        return false;
    }
    *spent_until_ns = begin_ns + step_ns;
    return true;
}

/* The account of one source. A new one takes the place of the one longest quiet among those of the
 * same hash. Many forged sources can push each other out, which is what the total is for. */
static struct gate_source *find_source(struct gate *gate, const struct gate_address *from)
{
    struct gate_address key = *from;
    if (memcmp(key.octet, ipv4_prefix, sizeof(ipv4_prefix)) != 0) {
        memset(key.octet + 8, 0, 8); /* one site has as many addresses in its /64 as it likes */
    }
    uint32_t hash = 2166136261U;
    for (size_t ix = 0; ix < sizeof(key.octet); ix++) {
        hash = (hash ^ key.octet[ix]) * 16777619U;
    }
    struct gate_source *set = gate->source[hash % GATE_SETS];
    struct gate_source *quiet = &set[0];
    for (size_t way = 0; way < GATE_WAYS; way++) {
        if (memcmp(&set[way].address, &key, sizeof(key)) == 0) {
            return &set[way];
        }
        if (set[way].spent_until_ns < quiet->spent_until_ns) {
            quiet = &set[way];
        }
    }
    quiet->address = key;
    quiet->spent_until_ns = 0;
    return quiet;
}

enum gate_verdict gate_judge(struct gate *gate, const struct gate_address *from, int64_t now_ns)
{
    if (!may_come(gate, from)) {
        return GATE_NOT_ALLOWED;
    }
    if (!gate->rate_loopback && is_loopback(from)) {
        return GATE_PASS;
    }
    if (gate->source_step_ns > 0 &&
        !spend(&find_source(gate, from)->spent_until_ns, gate->source_step_ns, now_ns)) {
        return GATE_OVER_SOURCE;
    }
    if (gate->total_step_ns > 0 && !spend(&gate->total_spent_until_ns, gate->total_step_ns, now_ns)) {
        return GATE_OVER_TOTAL;
    }
    return GATE_PASS;
}

int gate_find_community(const struct gate *gate, bool v1, const uint8_t *name, size_t length,
                        const struct gate_address *from)
{
    for (int ix = 0; ix < gate->network_count; ix++) {
        const struct snmp_community *c = &gate->community[ix];
        if ((!v1 || c->v1) && strlen(c->community) == length && memcmp(c->community, name, length) == 0 &&
            network_has(&gate->network[ix], from)) {
            return ix;
        }
    }
    return -1;
}

static bool is_name(const struct community_name *stored, const uint8_t *name, size_t length)
{
    return length > 0 && stored->length == length && memcmp(stored->octet, name, length) == 0;
}

int gate_find_name(const struct gate *gate, const struct notify_rows *stored, const uint8_t *name,
                   size_t length, const struct gate_address *from)
{
    if (!names_may_come(gate, from)) {
        return -1;
    }
    if (is_name(&stored->administrator, name, length)) {
        return 0;
    }
    for (int ix = 0; ix < COMMUNITY_NAMES_MAX; ix++) {
        if (is_name(&stored->community[ix].name, name, length)) {
            return ix + 1;
        }
    }
    return -1;
}

enum snmp_role gate_name_role(const struct notify_rows *stored, int name_no)
{
    if (name_no == 0) {
        return ROLE_ADMIN;
    }
    return stored->community[name_no - 1].access_mask == UINT32_MAX ? ROLE_ENGINEER : ROLE_MONITOR;
}
