/* The network ports, as the operating system has set them up: for the interfaces group of MIB-II and the
 * communication ports of 1202 v03 5.4.23. Part of struct device; who can ask the system fills it in. */
#ifndef NTCIP_PORTS_H
#define NTCIP_PORTS_H

#include <stdbool.h>
#include <stdint.h>

enum { PORTS_MAX = 16, PORT_NAME = 16, PORT_MAC = 6 };

struct port {
    char name[PORT_NAME]; /* the system's: "eth0" */
    uint8_t mac[PORT_MAC];
    bool up;
    /* Of its first IPv4 address; all 0 while there is none. In the order of the network. */
    uint8_t address[4];
    uint8_t mask[4];
    uint8_t gateway[4];
};

struct ports {
    uint8_t count;
    struct port port[PORTS_MAX];
    uint8_t name_server[4]; /* first one of IPv4; all 0: none */
};

#endif
