#include "address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_TEXT = INET6_ADDRSTRLEN };

static int parse_port(const char *text, uint16_t *port)
{
    uint32_t value = 0;
    if (*text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = value * 10 + (uint32_t)(*text - '0');
        if (value > UINT16_MAX)
            return -1;
    }
    *port = (uint16_t)value;
    return 0;
}

/* Copies the host in front of the last colon, without the brackets of an IPv6 one. Returns the text
 * of the port, or NULL. */
static const char *split_host(const char *text, bool brackets, char host[HOST_TEXT])
{
    const char *colon = strrchr(text, ':');
    if (!colon)
        return NULL;
    const char *end = colon;
    if (brackets) {
        if (*text++ != '[' || end <= text || *--end != ']')
            return NULL;
    }
    const size_t length = (size_t)(end - text);
    if (length >= HOST_TEXT)
        return NULL;
    memcpy(host, text, length);
    host[length] = '\0';
    return colon + 1;
}

int address_parse(struct address *address, const char *text)
{
    static const struct {
        const char *prefix;
        bool stream, v6;
    } form[] = {{"udp:", false, false}, {"udp6:", false, true}, {"tcp:", true, false}, {"tcp6:", true, true}};
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        const size_t prefix = strlen(form[i].prefix);
        if (strncmp(text, form[i].prefix, prefix) != 0)
            continue;
        char host[HOST_TEXT];
        uint16_t port;
        const char *port_text = split_host(text + prefix, form[i].v6, host);
        if (!port_text || parse_port(port_text, &port) != 0)
            return -1;
        struct address a = {.stream = form[i].stream};
        if (form[i].v6) {
            struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a.socket;
            in6->sin6_family = AF_INET6;
            in6->sin6_port = htons(port);
            a.length = sizeof *in6;
            if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
                return -1;
        } else {
            struct sockaddr_in *in = (struct sockaddr_in *)&a.socket;
            in->sin_family = AF_INET;
            in->sin_port = htons(port);
            a.length = sizeof *in;
            if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
                return -1;
        }
        *address = a;
        return 0;
    }
    return -1;
}

void address_host(const struct address *address, char *text, size_t size)
{
    const int family = address->socket.ss_family;
    const void *host = &((const struct sockaddr_in *)&address->socket)->sin_addr;
    if (family == AF_INET6)
        host = &((const struct sockaddr_in6 *)&address->socket)->sin6_addr;
    if (!inet_ntop(family, host, text, (socklen_t)size))
        snprintf(text, size, "?");
}

void address_print(const struct address *address, char *text, size_t size)
{
    const char *transport = address->stream ? "tcp" : "udp";
    const bool v6 = address->socket.ss_family == AF_INET6;
    char host[HOST_TEXT];
    address_host(address, host, sizeof host);
    snprintf(text, size, v6 ? "%s6:[%s]:%u" : "%s:%s:%u", transport, host, address_port(address));
}

uint16_t address_port(const struct address *address)
{
    return ntohs(address->socket.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)&address->socket)->sin6_port
                     : ((const struct sockaddr_in *)&address->socket)->sin_port);
}

void address_set_port(struct address *address, uint16_t port)
{
    if (address->socket.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)&address->socket)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)(void *)&address->socket)->sin_port = htons(port);
}

bool address_equals(const struct address *a, const struct address *b)
{
    if (a->socket.ss_family != b->socket.ss_family || address_port(a) != address_port(b))
        return false;
    if (a->socket.ss_family == AF_INET6)
        return memcmp(&((const struct sockaddr_in6 *)(const void *)&a->socket)->sin6_addr,
                      &((const struct sockaddr_in6 *)(const void *)&b->socket)->sin6_addr,
                      sizeof(struct in6_addr)) == 0;
    return ((const struct sockaddr_in *)(const void *)&a->socket)->sin_addr.s_addr ==
           ((const struct sockaddr_in *)(const void *)&b->socket)->sin_addr.s_addr;
}

bool address_is_loopback(const struct address *address)
{
    if (address->socket.ss_family == AF_INET6) {
        const struct in6_addr *in6 = &((const struct sockaddr_in6 *)&address->socket)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(in6) || (IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == IN_LOOPBACKNET);
    }
    return ntohl(((const struct sockaddr_in *)&address->socket)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

int address_of_socket(struct address *address, int fd)
{
    struct address a = {.stream = address->stream, .length = sizeof a.socket};
    if (getsockname(fd, (struct sockaddr *)&a.socket, &a.length) != 0)
        return -1;
    *address = a;
    return 0;
}
