#include "feed_client.h"
#include "../io/address.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_MAX_OCTETS = 128 * 1024, /* a full message of 80 groups with signatures stays well below */
    RETRY_US = 500 * 1000,
    CONNECT_US = 3000 * 1000,
};

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };

struct feed_client {
    struct address address;
    feed_client_line *line;
    feed_client_link *link;
    void *arg;
    enum link_state state;
    int fd;
    int64_t since_us; /* of LINK_CONNECTING; of LINK_DOWN: when to try again */
    size_t length;
    char text[LINE_MAX_OCTETS];
};

struct feed_client *feed_client_new(const char *address, feed_client_line *line, feed_client_link *link,
                                    void *arg)
{
    struct feed_client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    client->line = line;
    client->link = link;
    client->arg = arg;
    client->fd = -1;
    if (address_parse(&client->address, address) < 0 || !client->address.stream) {
        fprintf(stderr, "tscsim: %s: not an address for the feed, such as tcp:127.0.0.1:7070\n", address);
        free(client);
        return NULL;
    }
    return client;
}

void feed_client_free(struct feed_client *client)
{
    if (client && client->fd >= 0)
        close(client->fd);
    free(client);
}

bool feed_client_up(const struct feed_client *client)
{
    return client->state == LINK_UP;
}

bool feed_client_poll(const struct feed_client *client, struct pollfd *poll)
{
    if (client->state == LINK_DOWN)
        return false;
    *poll = (struct pollfd){.fd = client->fd, .events = client->state == LINK_UP ? POLLIN : POLLOUT};
    return true;
}

static void hang_up(struct feed_client *client, int64_t now_us)
{
    bool was_up = client->state == LINK_UP;
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    client->length = 0;
    client->state = LINK_DOWN;
    client->since_us = now_us + RETRY_US;
    if (was_up)
        client->link(client->arg, false);
}

static void call(struct feed_client *client, int64_t now_us)
{
    client->fd = socket(client->address.socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    client->state = LINK_CONNECTING;
    client->since_us = now_us;
    if (client->fd < 0 ||
        (connect(client->fd, (const struct sockaddr *)&client->address.socket, client->address.length) < 0 &&
         errno != EINPROGRESS))
        hang_up(client, now_us);
}

static void finish_call(struct feed_client *client, int64_t now_us)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
        hang_up(client, now_us);
        return;
    }
    client->state = LINK_UP;
    client->link(client->arg, true);
}

static void hand_over(struct feed_client *client)
{
    size_t done = 0;
    char *end;
    while ((end = memchr(client->text + done, '\n', client->length - done)) != NULL) {
        size_t length = (size_t)(end - (client->text + done));
        *end = '\0';
        client->line(client->arg, client->text + done, length);
        done += length + 1;
    }
    client->length -= done;
    memmove(client->text, client->text + done, client->length);
}

static void hear(struct feed_client *client, int64_t now_us)
{
    ssize_t got = recv(client->fd, client->text + client->length, sizeof client->text - client->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        hang_up(client, now_us);
        return;
    }
    client->length += (size_t)got;
    hand_over(client);
    if (client->length == sizeof client->text)
        hang_up(client, now_us); /* no line is that long */
}

void feed_client_serve(struct feed_client *client, const struct pollfd *poll, int64_t now_us)
{
    switch (client->state) {
    case LINK_DOWN:
        if (now_us >= client->since_us)
            call(client, now_us);
        break;
    case LINK_CONNECTING:
        if (poll && poll->fd == client->fd && poll->revents != 0)
            finish_call(client, now_us);
        else if (now_us - client->since_us >= CONNECT_US)
            hang_up(client, now_us);
        break;
    case LINK_UP:
        if (poll && poll->fd == client->fd && poll->revents != 0)
            hear(client, now_us);
        break;
    }
}
