/* A controller on this machine, as far as a receiver sees it: one socket, and lines made by a real feed in
 * the present. */
#ifndef TESTS_UNIT_SIGSTATE_SERVER_H
#define TESTS_UNIT_SIGSTATE_SERVER_H

#include "../../io/address.h"
#include "../../io/feed_sign.h"
#include "../../io/sigstate.h"
#include "feed_fixture.h"
#include "harness.h"
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SERVER_DEADLINE_MS = 20000, SERVER_LINE_OCTETS = 16384 };

struct server {
    struct fixture feed;
    int listener; /* or the socket that datagrams leave by */
    int peer;     /* -1: nobody is connected */
    char address[ADDRESS_TEXT];
    char line[SERVER_LINE_OCTETS];
    size_t length;
};

/* The junction has been red for a while when the test begins. */
static inline void server_begin(struct server *server, const struct sigstate_key *key)
{
    struct timespec utc;
    clock_gettime(CLOCK_REALTIME, &utc);
    struct fixture *f = &server->feed;
    fixture_begin(f);
    f->now_us = sigstate_now_us() - 2000000;
    f->clock.utc_offset_us = (int64_t)utc.tv_sec * 1000000 + utc.tv_nsec / 1000 - sigstate_now_us();
    if (key) {
        f->config.key_count = 1;
        strcpy(f->config.key[0].id, key->id);
        memcpy(f->config.key[0].secret, key->secret, key->secret_length);
        f->config.key[0].secret_length = (uint8_t)key->secret_length;
    }
    fixture_run(f, 12);
    server->listener = server->peer = -1;
}

/* Listens, or sends datagrams, at a port of its own; a port for datagrams is free for the receiver to take.
 */
static inline bool server_open(struct server *server, const char *address)
{
    struct address a;
    const int on = 1;
    if (!CHECK_INT(0, address_parse(&a, address)))
        return false;
    server->listener = socket(AF_INET, a.stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    CHECK_INT(0, bind(server->listener, (struct sockaddr *)&a.socket, a.length));
    if (a.stream)
        CHECK_INT(0, listen(server->listener, 1));
    CHECK_INT(0, address_of_socket(&a, server->listener));
    address_print(&a, server->address, sizeof server->address);
    return true;
}

static inline void server_end(struct server *server)
{
    if (server->peer >= 0)
        close(server->peer);
    if (server->listener >= 0)
        close(server->listener);
    fixture_end(&server->feed);
}

/* Writes a full message, sent now, signed if there is a key, with its newline. */
static inline void server_write_full(struct server *server)
{
    struct fixture *f = &server->feed;
    f->count = 0;
    if (f->now_us < sigstate_now_us())
        f->now_us = sigstate_now_us();
    feed_full(f->feed, f->now_us, &f->clock, fixture_record, f);
    const int length = feed_encode(&f->config, fixture_newest(f), server->line, sizeof server->line);
    CHECK(length > 0);
    CHECK_INT(0, feed_sign(&f->config, server->line, (size_t)length, server->line + length));
    server->length = (size_t)length + feed_sign_length(&f->config);
    server->line[server->length++] = '\n';
}

static inline int64_t server_taken(const struct sigstate *s)
{
    struct sigstate_counts counts;
    sigstate_counts(s, &counts);
    return (int64_t)counts.taken;
}

/* Follows until the receiver has connected. */
static inline bool server_accept(struct server *server, struct sigstate *s)
{
    struct pollfd polls = {.fd = server->listener, .events = POLLIN};
    for (int waited_ms = 0; waited_ms < SERVER_DEADLINE_MS; waited_ms += 10) {
        sigstate_follow(s, 0);
        if (poll(&polls, 1, 10) == 1) {
            server->peer = accept(server->listener, NULL, NULL);
            return CHECK(server->peer >= 0);
        }
    }
    return CHECK(false);
}

static inline void server_hang_up(struct server *server)
{
    close(server->peer);
    server->peer = -1;
}

static inline void server_send(struct server *server, const char *text, size_t length)
{
    CHECK_INT((int64_t)length, send(server->peer, text, length, MSG_NOSIGNAL));
}

/* Follows until so many messages have been taken in all. */
static inline bool server_wait(struct sigstate *s, int64_t taken)
{
    for (int waited_ms = 0; waited_ms < SERVER_DEADLINE_MS && server_taken(s) < taken; waited_ms += 10)
        sigstate_follow(s, 10);
    return CHECK_INT(taken, server_taken(s));
}

#endif
