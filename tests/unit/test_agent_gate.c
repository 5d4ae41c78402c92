/* The gate before the agent: networks, allow-list, communities, rates. */
#include "../../ntcip/agent_gate.h"
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const int64_t second_ns = 1000000000;
static struct gate gate;

static struct gate_address address(const char *text)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct gate_address out;
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        gate_address_of((const struct sockaddr *)&in, &out);
    } else {
        CHECK_INT(1, inet_pton(AF_INET6, text, &in6.sin6_addr));
        gate_address_of((const struct sockaddr *)&in6, &out);
    }
    return out;
}

static enum gate_verdict judge(const char *from, int64_t now_ns)
{
    struct gate_address a = address(from);
    return gate_judge(&gate, &a, now_ns);
}

static int find(const char *community, bool v1, const char *from)
{
    struct gate_address a = address(from);
    return gate_find_community(&gate, v1, (const uint8_t *)community, strlen(community), &a);
}

static void open_gate(struct snmp_config *config, size_t count, const struct snmp_community community[])
{
    config->present = true;
    config->community_count = (uint8_t)count;
    if (count > 0)
        memcpy(config->community, community, count * sizeof(community[0]));
    const char *bad;
    CHECK_INT(0, gate_init(&gate, config, &bad));
}

static void networks_are_parsed_strictly(void)
{
    static const char *const good[] = {"10.1.0.0/16", "127.0.0.1",   "0.0.0.0/0", "192.0.2.128/25",
                                       "fd00::/8",    "2001:db8::1", "::/0",      "::1/128"};
    static const char *const bad[] = {"",
                                      "10.1.0.0/",
                                      "10.1.0.0/33",
                                      "10.1.0.1/16",
                                      "10.1.0.0/1x",
                                      "10.1.0.0/-1",
                                      "10.1.0",
                                      "fd00::/129",
                                      "fd00::1/64",
                                      "host",
                                      "10.1.0.0/16 ",
                                      "/8",
                                      "10.1.0.0/+8",
                                      "1:2:3:4:5:6:7:8:9"};
    struct gate_network n;
    for (size_t ix = 0; ix < sizeof(good) / sizeof(good[0]); ix++) {
        harness_at("%s", good[ix]);
        CHECK_INT(0, gate_parse_network(good[ix], &n));
    }
    for (size_t ix = 0; ix < sizeof(bad) / sizeof(bad[0]); ix++) {
        harness_at("'%s'", bad[ix]);
        CHECK_INT(-1, gate_parse_network(bad[ix], &n));
    }
}

static void only_sources_of_some_network_may_speak(void)
{
    struct snmp_config config = {0};
    open_gate(&config, 2,
              (const struct snmp_community[]){{.community = "a", .from = "10.1.0.0/20"},
                                              {.community = "b", .from = "fd00:1::/33"}});
    CHECK_INT(GATE_PASS, judge("10.1.0.0", 0));
    CHECK_INT(GATE_PASS, judge("10.1.15.255", 0));
    CHECK_INT(GATE_NOT_ALLOWED, judge("10.1.16.0", 0));
    CHECK_INT(GATE_NOT_ALLOWED, judge("11.1.0.0", 0));
    CHECK_INT(GATE_PASS, judge("fd00:1:7fff::9", 0));
    CHECK_INT(GATE_NOT_ALLOWED, judge("fd00:1:8000::9", 0));
    CHECK_INT(GATE_NOT_ALLOWED, judge("127.0.0.1", 0));
}

static void users_of_version_3_open_it_to_all(void)
{
    struct snmp_config config = {.user_count = 1};
    open_gate(&config, 0, NULL);
    CHECK_INT(GATE_PASS, judge("203.0.113.9", 0));
    CHECK_INT(GATE_PASS, judge("2001:db8::1", 0));
}

static void all_of_one_family_is_not_all_of_the_other(void)
{
    struct snmp_config config = {0};
    open_gate(&config, 1, (const struct snmp_community[]){{.community = "a", .from = "::/0"}});
    CHECK_INT(GATE_PASS, judge("2001:db8::1", 0));
    CHECK_INT(GATE_NOT_ALLOWED, judge("192.0.2.1", 0));
    open_gate(&config, 1, (const struct snmp_community[]){{.community = "a", .from = "0.0.0.0/0"}});
    CHECK_INT(GATE_PASS, judge("192.0.2.1", 0));
    CHECK_INT(GATE_NOT_ALLOWED, judge("2001:db8::1", 0));
}

static void a_community_counts_from_its_network_and_version(void)
{
    struct snmp_config config = {0};
    open_gate(&config, 3,
              (const struct snmp_community[]){{.community = "look", .from = "10.0.0.0/8"},
                                              {.community = "look", .from = "192.0.2.0/24", .v1 = true},
                                              {.community = "act", .from = "10.0.0.0/8"}});
    CHECK_INT(0, find("look", false, "10.9.9.9"));
    CHECK_INT(1, find("look", false, "192.0.2.7"));
    CHECK_INT(1, find("look", true, "192.0.2.7"));
    CHECK_INT(-1, find("look", true, "10.9.9.9"));
    CHECK_INT(2, find("act", false, "10.9.9.9"));
    CHECK_INT(-1, find("act", false, "192.0.2.7"));
    CHECK_INT(-1, find("loo", false, "10.9.9.9"));
    CHECK_INT(-1, find("look2", false, "10.9.9.9"));
    CHECK_INT(-1, find("", false, "10.9.9.9"));
}

static int passed(const char *from, int tries, int64_t now_ns)
{
    int count = 0;
    for (int n = 0; n < tries; n++) {
        count += judge(from, now_ns) == GATE_PASS;
    }
    return count;
}

static void a_source_has_a_second_of_its_rate_at_once(void)
{
    struct snmp_config config = {.rate_per_source = 50};
    open_gate(&config, 1, (const struct snmp_community[]){{.community = "a", .from = "0.0.0.0/0"}});
    int64_t now = 100 * second_ns;
    CHECK_INT(50, passed("192.0.2.1", 200, now));
    CHECK_INT(GATE_OVER_SOURCE, judge("192.0.2.1", now));
    CHECK_INT(50, passed("192.0.2.2", 200, now));
    CHECK_INT(5, passed("192.0.2.1", 200, now + second_ns / 10));
    CHECK_INT(50, passed("192.0.2.1", 200, now + 60 * second_ns));
}

static void all_together_have_a_rate_too(void)
{
    struct snmp_config config = {.rate_per_source = 50, .rate_total = 80};
    open_gate(&config, 1, (const struct snmp_community[]){{.community = "a", .from = "0.0.0.0/0"}});
    CHECK_INT(50, passed("192.0.2.1", 60, second_ns));
    CHECK_INT(30, passed("192.0.2.2", 60, second_ns));
    CHECK_INT(GATE_OVER_TOTAL, judge("192.0.2.3", second_ns));
}

static void loopback_is_unlimited_unless_told(void)
{
    struct snmp_config config = {.rate_per_source = 5, .rate_total = 5, .user_count = 1};
    open_gate(&config, 0, NULL);
    CHECK_INT(1000, passed("127.0.0.1", 1000, second_ns));
    CHECK_INT(1000, passed("127.9.9.9", 1000, second_ns));
    CHECK_INT(1000, passed("::1", 1000, second_ns));
    config.rate_loopback = true;
    open_gate(&config, 0, NULL);
    CHECK_INT(5, passed("127.0.0.1", 1000, second_ns));
}

static void addresses_of_one_ipv6_network_share_their_rate(void)
{
    struct snmp_config config = {.rate_per_source = 10, .user_count = 1};
    open_gate(&config, 0, NULL);
    CHECK_INT(10, passed("2001:db8:0:1::1", 20, second_ns));
    CHECK_INT(0, passed("2001:db8:0:1:ffff::7", 20, second_ns));
    CHECK_INT(10, passed("2001:db8:0:2::1", 20, second_ns));
}

static void many_sources_do_not_lock_out_a_quiet_one(void)
{
    struct snmp_config config = {.rate_per_source = 10, .user_count = 1};
    open_gate(&config, 0, NULL);
    for (int n = 0; n < 100000; n++) {
        char from[32];
        snprintf(from, sizeof(from), "10.%d.%d.%d", n >> 16, (n >> 8) & 255, n & 255);
        (void)judge(from, second_ns);
    }
    CHECK_INT(10, passed("192.0.2.1", 20, second_ns));
}

static struct notify_rows stored;

static int find_name(const char *name, const char *from)
{
    struct gate_address a = address(from);
    return gate_find_name(&gate, &stored, (const uint8_t *)name, strlen(name), &a);
}

static void stored_names_count_from_their_networks(void)
{
    struct snmp_config config = {.name_network_count = 1, .name_network = {{.from = "10.20.0.0/16"}}};
    open_gate(&config, 0, NULL);
    memset(&stored, 0, sizeof stored);
    CHECK_INT(-1, find_name("", "10.20.0.1")); /* shipped empty: no name, and the empty one is none */
    stored.administrator = (struct community_name){.length = 8, .octet = "thewheel"};
    stored.community[1].name = (struct community_name){.length = 6, .octet = "viewer"};
    stored.community[2] = (struct community_row){{.length = 6, .octet = "worker"}, UINT32_MAX};
    stored.community[3] = (struct community_row){{.length = 6, .octet = "strang"}, 0xff};
    CHECK_INT(0, find_name("thewheel", "10.20.0.1"));
    CHECK_INT(2, find_name("viewer", "10.20.3.4"));
    CHECK_INT(3, find_name("worker", "10.20.3.4"));
    CHECK_INT(-1, find_name("viewer", "10.21.0.1"));
    CHECK_INT(-1, find_name("view", "10.20.0.1"));
    CHECK_INT(-1, find_name("viewers", "10.20.0.1"));
    CHECK_INT(ROLE_ADMIN, gate_name_role(&stored, 0));
    CHECK_INT(ROLE_MONITOR, gate_name_role(&stored, 2));
    CHECK_INT(ROLE_ENGINEER, gate_name_role(&stored, 3));
    CHECK_INT(ROLE_MONITOR, gate_name_role(&stored, 4)); /* a mask nobody defined lets nobody write */
    CHECK_INT(GATE_PASS, judge("10.20.0.1", second_ns));
    CHECK_INT(GATE_NOT_ALLOWED, judge("10.21.0.1", second_ns));
}

static void stored_names_open_nothing_by_themselves(void)
{
    struct snmp_config config = {.user_count = 1};
    open_gate(&config, 0, NULL);
    stored.administrator = (struct community_name){.length = 8, .octet = "thewheel"};
    CHECK_INT(-1, find_name("thewheel", "127.0.0.1"));
}

HARNESS_MAIN({"networks are parsed strictly", networks_are_parsed_strictly},
             {"only sources of some network may speak", only_sources_of_some_network_may_speak},
             {"users of version 3 open it to all", users_of_version_3_open_it_to_all},
             {"all of one family is not all of the other", all_of_one_family_is_not_all_of_the_other},
             {"a community counts from its network and version",
              a_community_counts_from_its_network_and_version},
             {"a source has a second of its rate at once", a_source_has_a_second_of_its_rate_at_once},
             {"all together have a rate too", all_together_have_a_rate_too},
             {"loopback is unlimited unless told", loopback_is_unlimited_unless_told},
             {"addresses of one IPv6 network share their rate",
              addresses_of_one_ipv6_network_share_their_rate},
             {"many sources do not lock out a quiet one", many_sources_do_not_lock_out_a_quiet_one},
             {"stored names count from their networks", stored_names_count_from_their_networks},
             {"stored names open nothing by themselves", stored_names_open_nothing_by_themselves}, )
