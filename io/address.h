/* Addresses as the config writes them: udp:127.0.0.1:1161, udp6:[::1]:1161, tcp:..., tcp6:...
 * Numeric only: a name would have to be resolved, and that can take minutes. */
#ifndef IO_ADDRESS_H
#define IO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    bool stream; /* tcp */
    struct sockaddr_storage socket;
    socklen_t length;
};

/* Returns 0, or -1 if the text is not an address (`address` untouched). */
int address_parse(struct address *address, const char *text);

/* Writes it back as the config would. */
void address_print(const struct address *address, char *text, size_t size);

/* The host alone, without brackets. */
void address_host(const struct address *address, char *text, size_t size);

uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);

/* Whether both are the same host and port, datagram or stream alike. */
bool address_equals(const struct address *a, const struct address *b);

bool address_is_loopback(const struct address *address);
/* Makes `address` what the socket is really bound to (the port, if it was 0). Returns 0 or -1. */
int address_of_socket(struct address *address, int fd);

#endif
