#include "lamp_tcp.h"
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    UNIT_AT = 6, /* behind transaction (2), protocol (2), length (2) */
    FRAME_MAX = MODBUS_TCP_MAX_ADU_LENGTH,
    UNIT_NONE = 0xFF, /* what clients say who mean the machine, not a unit behind it */
    ANSWERS_OCTETS = 8 * 1024,
    PAUSE_US = 1000 * 1000, /* after accepting failed */
};

struct client {
    int fd; /* -1: free */
    int64_t asked_us;
    int length;
    uint8_t frame[FRAME_MAX];
};

struct lamp_tcp {
    struct lamp_unit *unit;
    int listener;
    int64_t accept_us; /* not before */
    struct address address;
    struct client client[LAMP_CLIENTS_MAX];
};

/* ---- clients ---- */

static void drop(struct client *client)
{
    close(client->fd);
    client->fd = -1;
}

/* A free place, made free if need be: a client whose machine lost its power never says good-bye. */
static struct client *place(struct lamp_tcp *tcp, int64_t now_us)
{
    struct client *oldest = tcp->client;
    for (struct client *c = tcp->client; c < tcp->client + LAMP_CLIENTS_MAX; c++) {
        if (c->fd < 0)
            return c;
        if (c->asked_us < oldest->asked_us)
            oldest = c;
    }
    if (now_us - oldest->asked_us < LAMP_IDLE_US)
        return NULL;
    drop(oldest);
    return oldest;
}

static void welcome(struct lamp_tcp *tcp, int64_t now_us)
{
    const int fd = accept4(tcp->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        /* With no descriptor left it would fail again at once and for ever. */
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            tcp->accept_us = now_us + PAUSE_US;
        return;
    }
    struct client *c = place(tcp, now_us);
    if (!c) {
        close(fd);
        return;
    }
    /* Answers that lie about unread are news of the past: few may. */
    const int on = 1, octets = ANSWERS_OCTETS;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
    *c = (struct client){.fd = fd, .asked_us = now_us};
}

static int word_at(const uint8_t *octet)
{
    return octet[0] << 8 | octet[1];
}

static int answer(struct lamp_tcp *tcp, struct client *client, const uint8_t *frame, int length,
                  int64_t now_us)
{
    const uint8_t unit = frame[UNIT_AT];
    client->asked_us = now_us;
    if (unit != tcp->unit->config->unit && unit != 0 && unit != UNIT_NONE)
        return 0; /* meant for somebody else behind this address */
    return lamp_unit_answer(tcp->unit, client->fd, frame, length, now_us);
}

/* Answers the complete frames at hand and keeps the rest. Returns 0, or -1 if the client cannot be served any
 * longer. */
static int answer_all(struct lamp_tcp *tcp, struct client *client, int64_t now_us)
{
    int done = 0;
    while (client->length - done > UNIT_AT) {
        const uint8_t *frame = client->frame + done;
        const int behind = word_at(frame + 4); /* unit and what follows */
        if (word_at(frame + 2) != 0 || behind < 2 || behind > FRAME_MAX - UNIT_AT) {
            tcp->unit->counts.refused++;
            return -1; /* not Modbus: there is no way back into step */
        }
        if (client->length - done < UNIT_AT + behind)
            break;
        if (answer(tcp, client, frame, UNIT_AT + behind, now_us) < 0)
            return -1;
        done += UNIT_AT + behind;
    }
    client->length -= done;
    memmove(client->frame, client->frame + done, (size_t)client->length);
    return 0;
}

static void listen_to(struct lamp_tcp *tcp, struct client *client, int64_t now_us)
{
    const ssize_t got =
        recv(client->fd, client->frame + client->length, sizeof client->frame - (size_t)client->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0)
        client->length += (int)got;
    if (got <= 0 || answer_all(tcp, client, now_us) < 0)
        drop(client);
}

/* ---- the poll loop's side ---- */

int lamp_tcp_polls(const struct lamp_tcp *tcp, struct pollfd *polls, int64_t now_us)
{
    int count = 0;
    for (int i = 0; i < LAMP_CLIENTS_MAX; i++) {
        if (tcp->client[i].fd >= 0)
            polls[count++] = (struct pollfd){.fd = tcp->client[i].fd, .events = POLLIN};
    }
    if (now_us >= tcp->accept_us)
        polls[count++] = (struct pollfd){.fd = tcp->listener, .events = POLLIN};
    return count;
}

void lamp_tcp_serve(struct lamp_tcp *tcp, const struct pollfd *polls, int count, int64_t now_us)
{
    for (int i = 0; i < count; i++) {
        if (polls[i].revents == 0)
            continue;
        if (polls[i].fd == tcp->listener) {
            welcome(tcp, now_us);
            continue;
        }
        for (struct client *c = tcp->client; c < tcp->client + LAMP_CLIENTS_MAX; c++) {
            if (c->fd == polls[i].fd)
                listen_to(tcp, c, now_us);
        }
    }
}

/* ---- beginning and end ---- */

static int open_listener(struct address *address)
{
    const int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&address->socket, address->length) < 0 ||
        listen(fd, LAMP_CLIENTS_MAX) < 0 || address_of_socket(address, fd) < 0) {
        const int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int lamp_tcp_open(struct lamp_tcp **tcp, struct lamp_unit *unit, char *why, size_t size)
{
    struct lamp_tcp *t = calloc(1, sizeof *t);
    if (!t) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    t->unit = unit;
    for (int i = 0; i < LAMP_CLIENTS_MAX; i++)
        t->client[i].fd = -1;
    t->listener = -1;
    if (address_parse(&t->address, unit->config->listen) == 0 && t->address.stream)
        t->listener = open_listener(&t->address);
    else
        errno = EINVAL;
    if (t->listener < 0) {
        snprintf(why, size, "lamp detector on %s: %s", unit->config->listen, strerror(errno));
        lamp_tcp_close(t);
        return -1;
    }
    *tcp = t;
    return 0;
}

void lamp_tcp_close(struct lamp_tcp *tcp)
{
    if (!tcp)
        return;
    for (int i = 0; i < LAMP_CLIENTS_MAX; i++) {
        if (tcp->client[i].fd >= 0)
            drop(&tcp->client[i]);
    }
    if (tcp->listener >= 0)
        close(tcp->listener);
    free(tcp);
}

void lamp_tcp_address(const struct lamp_tcp *tcp, char *text, size_t size)
{
    address_print(&tcp->address, text, size);
}
