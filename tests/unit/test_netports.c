/* What the operating system says about its network. */
#include "../../controller/netports.h"
#include "harness.h"
#include <string.h>
#include <unistd.h>

static void gateways(void)
{
    static const char routes[] =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth1\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "eth1\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "a-name-that-is-far-too-long\t00000000\t0100000A\t0003\n"
        "eth0";
    struct ports ports = {.count = 2, .port = {{.name = "eth0", .gateway = {9, 9, 9, 9}}, {.name = "eth1"}}};
    static const uint8_t none[4] = {0};
    uint8_t expected[4];
    uint32_t gateway = 0x0100000A; /* as a machine of either order prints it */
    memcpy(expected, &gateway, 4);
    netports_read_routes(routes, &ports);
    CHECK_BYTES(none, ports.port[0].gateway, 4);
    CHECK_BYTES(expected, ports.port[1].gateway, 4);
    netports_read_routes("", &ports);
    CHECK_BYTES(none, ports.port[1].gateway, 4);
}

static void name_servers(void)
{
    uint8_t server[4];
    netports_read_resolver(
        "# nothing\nsearch here\nnameserver ::1\nnameserver 192.0.2.7\nnameserver 192.0.2.8\n", server);
    CHECK_BYTES("\300\0\2\7", server, 4);
    netports_read_resolver("nameserver 1.2.3.4.5.6.7.8.9.10\n", server);
    CHECK_BYTES("\0\0\0\0", server, 4);
}

static void this_machine(void)
{
    struct ports ports;
    int fd = netports_open(&ports);
    CHECK(fd >= 0);
    CHECK(ports.count <= PORTS_MAX);
    for (int ix = 0; ix < ports.count; ix++)
        CHECK(strcmp(ports.port[ix].name, "lo") != 0);
    netports_look(fd, &ports);
    netports_look(-1, &ports);
    close(fd);
}

HARNESS_MAIN({"default routes", gateways}, {"name servers", name_servers}, {"this machine", this_machine}, )
