/* A red-lamp detector on Modbus TCP: several clients from one poll loop, none of which another one feels. A
 * client that sends rubbish or does not take its answers is shown the door. Never blocks. */
#ifndef IO_LAMP_TCP_H
#define IO_LAMP_TCP_H

#include "address.h"
#include "lamp_unit.h"
#include <poll.h>

enum {
    LAMP_CLIENTS_MAX = 16,
    LAMP_TCP_POLLS = LAMP_CLIENTS_MAX + 1,
    LAMP_IDLE_US = 10 * 1000 * 1000, /* who has asked nothing for so long gives way when there is no room */
};

struct lamp_tcp;

/* Allocates and listens. Returns 0, or -1 with the reason in `why`. */
int lamp_tcp_open(struct lamp_tcp **tcp, struct lamp_unit *unit, char *why, size_t size);
void lamp_tcp_close(struct lamp_tcp *tcp);

/* The address in use. */
void lamp_tcp_address(const struct lamp_tcp *tcp, char *text, size_t size);

/* Fills what to poll for; returns the number, at most LAMP_TCP_POLLS. */
int lamp_tcp_polls(const struct lamp_tcp *tcp, struct pollfd *polls, int64_t now_us);

/* Serves what poll() reported on the same descriptors. */
void lamp_tcp_serve(struct lamp_tcp *tcp, const struct pollfd *polls, int count, int64_t now_us);

#endif
