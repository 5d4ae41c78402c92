#include "netports.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILE_OCTETS = 16384 };

/* Reads what there is of a small file; an empty text if there is none. */
static void read_text(const char *path, char *text, size_t size)
{
    size_t length = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t came = 0;
    while (fd >= 0 && length + 1 < size && (came = read(fd, text + length, size - 1 - length)) > 0)
        length += (size_t)came;
    if (fd >= 0)
        close(fd);
    text[length] = '\0';
}

static struct ifreq request_for(const struct port *port)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    memcpy(request.ifr_name, port->name, PORT_NAME);
    return request;
}

static void read_address(int fd, unsigned long what, const struct port *port, uint8_t out[4])
{
    struct ifreq request = request_for(port);
    struct sockaddr_in in;
    memset(out, 0, 4);
    if (ioctl(fd, what, &request) < 0)
        return;
    memcpy(&in, &request.ifr_addr, sizeof in);
    memcpy(out, &in.sin_addr, 4);
}

void netports_read_routes(const char *text, struct ports *ports)
{
    for (int ix = 0; ix < ports->count; ix++)
        memset(ports->port[ix].gateway, 0, 4);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        char name[PORT_NAME];
        uint32_t to, gateway; /* in the order of the network, printed as the machine reads them */
        if (sscanf(line, "%15s %x %x", name, &to, &gateway) != 3 || to != 0)
            continue;
        for (int ix = 0; ix < ports->count; ix++) {
            if (strncmp(ports->port[ix].name, name, PORT_NAME) == 0)
                memcpy(ports->port[ix].gateway, &gateway, 4);
        }
    }
}

void netports_read_resolver(const char *text, uint8_t name_server[4])
{
    memset(name_server, 0, 4);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        char address[INET_ADDRSTRLEN];
        if (sscanf(line, "nameserver %15s", address) == 1 && inet_pton(AF_INET, address, name_server) == 1)
            return;
    }
}

void netports_look(int fd, struct ports *ports)
{
    char text[FILE_OCTETS];
    if (fd < 0)
        return;
    for (int ix = 0; ix < ports->count; ix++) {
        struct port *port = &ports->port[ix];
        struct ifreq request = request_for(port);
        port->up = ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING);
        read_address(fd, SIOCGIFADDR, port, port->address);
        read_address(fd, SIOCGIFNETMASK, port, port->mask);
    }
    read_text("/proc/net/route", text, sizeof text);
    netports_read_routes(text, ports);
}

/* Whether it is an Ethernet port (or looks like one), with its hardware address. */
static bool is_ethernet(int fd, struct port *port)
{
    struct ifreq request = request_for(port);
    if (ioctl(fd, SIOCGIFHWADDR, &request) < 0 || request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return false;
    memcpy(port->mac, request.ifr_hwaddr.sa_data, PORT_MAC);
    return true;
}

int netports_open(struct ports *ports)
{
    char text[FILE_OCTETS];
    memset(ports, 0, sizeof *ports);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct if_nameindex *found = fd >= 0 ? if_nameindex() : NULL;
    for (int ix = 0; found && found[ix].if_index != 0 && ports->count < PORTS_MAX; ix++) {
        struct port *port = &ports->port[ports->count];
        memset(port, 0, sizeof *port);
        snprintf(port->name, PORT_NAME, "%s", found[ix].if_name);
        if (is_ethernet(fd, port))
            ports->count++;
    }
    if (found)
        if_freenameindex(found);
    read_text("/etc/resolv.conf", text, sizeof text);
    netports_read_resolver(text, ports->name_server);
    netports_look(fd, ports);
    return fd;
}
