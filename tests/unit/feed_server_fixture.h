/* A feed at work on real sockets, fed by hand, and those who hear it. */
#ifndef TESTS_UNIT_FEED_SERVER_FIXTURE_H
#define TESTS_UNIT_FEED_SERVER_FIXTURE_H

#include "../../io/address.h"
#include "../../io/feed_tcp.h"
#include "../../io/feed_thread.h"
#include "feed_fixture.h"
#include "harness.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEADLINE_MS = 20000, LINE_OCTETS = 16384 };

static struct feed_config config;
static const struct feed_clock clock = {CLOCK_SYNCED, 400, INT64_C(1795334400000000)};
static struct feed_server *server;
static struct cabinet_exchange exchange;

static inline void on_line(void *arg, const char *line)
{
    (void)arg, (void)line;
}

static inline int open_server(char *why, size_t size)
{
    why[0] = '\0';
    return feed_server_new(&server, &config, 7, &clock, on_line, NULL, why, size);
}

static inline void begin(void)
{
    char why[200];
    CHECK_INT(0, open_server(why, sizeof why));
    CHECK_STR("", why);
    CHECK_INT(0, feed_server_start(server));
    memset(&exchange, 0, sizeof exchange);
    for (int i = 0; i < GROUPS; i++)
        channel_add(&exchange.output.frame.red, config.group[i].no);
}

static inline void configure(void)
{
    fixture_config(&config);
    config.listen_count = 1;
    strcpy(config.listen[0], "tcp:127.0.0.1:0");
}

static inline void add_key(const char *id)
{
    struct feed_key *key = &config.key[config.key_count++];
    strcpy(key->id, id);
    memset(key->secret, id[0], 32);
    key->secret_length = 32;
}

static inline void take_frame(enum feed_color color)
{
    struct frame *frame = &exchange.output.frame;
    const int no = config.group[RIGHT].no;
    (color == COLOR_RED ? channel_add : channel_remove)(&frame->red, no);
    (color == COLOR_GREEN ? channel_add : channel_remove)(&frame->green, no);
    exchange.output.seq++;
    exchange.taken_us = exchange.output.tick_us = io_now_us();
    exchange.image.red = frame->red;
    exchange.image.green = frame->green;
    feed_server_exchange(server, &exchange);
}

/* ---- a subscriber ---- */

struct subscriber {
    int fd;
    size_t have;
    char text[LINE_OCTETS];
};

static inline void subscribe(struct subscriber *s)
{
    char text[ADDRESS_TEXT];
    struct address address;
    feed_server_address(server, 0, text, sizeof text);
    CHECK_INT(0, address_parse(&address, text));
    s->have = 0;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(s->fd, (struct sockaddr *)&address.socket, address.length) == 0);
}

/* Next line without its newline, in `line`. Returns its length, 0 at the end of the stream. */
static inline size_t next_line(struct subscriber *s, char line[LINE_OCTETS])
{
    for (;;) {
        const char *end = memchr(s->text, '\n', s->have);
        if (end) {
            const size_t length = (size_t)(end - s->text);
            memcpy(line, s->text, length);
            line[length] = '\0';
            s->have -= length + 1;
            memmove(s->text, end + 1, s->have);
            return length;
        }
        struct pollfd readable = {.fd = s->fd, .events = POLLIN};
        if (!CHECK(poll(&readable, 1, DEADLINE_MS) == 1) || !CHECK(s->have < sizeof s->text))
            return 0;
        const ssize_t got = recv(s->fd, s->text + s->have, sizeof s->text - s->have, 0);
        if (got <= 0)
            return 0;
        s->have += (size_t)got;
    }
}

/* Reads on until a line has `part` in it. */
static inline size_t line_with(struct subscriber *s, const char *part, char line[LINE_OCTETS])
{
    size_t length;
    while ((length = next_line(s, line)) > 0 && !strstr(line, part)) {
    }
    if (length == 0)
        CHECK_FAIL("the stream ended without %s", part);
    return length;
}

/* Somebody who waits for datagrams; `text` is where. */
static inline int open_udp(char text[ADDRESS_TEXT])
{
    struct address address;
    CHECK_INT(0, address_parse(&address, "udp:127.0.0.1:0"));
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&address.socket, address.length) == 0);
    CHECK_INT(0, address_of_socket(&address, fd));
    address_print(&address, text, ADDRESS_TEXT);
    return fd;
}

static inline unsigned count_of(enum feed_counter counter)
{
    return feed_status_get(feed_server_status(server), counter);
}

#endif
