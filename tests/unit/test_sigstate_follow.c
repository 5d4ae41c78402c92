/* The receiver with a transport of its own: lines as they come, connections that are lost, datagrams. */
#include "sigstate_server.h"
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>

enum { NORTH = 20 };

static struct server server;
static struct sigstate *s;

static struct sigstate_counts counts(void)
{
    struct sigstate_counts c;
    sigstate_counts(s, &c);
    return c;
}

static bool begin(void)
{
    server_begin(&server, NULL);
    if (!server_open(&server, "tcp:127.0.0.1:0"))
        return false;
    s = sigstate_open(
        &(struct sigstate_options){.address = server.address, .clock_error_us = SIGSTATE_SAME_CLOCK});
    return CHECK(s) && server_accept(&server, s);
}

static void end(void)
{
    sigstate_close(s);
    server_end(&server);
}

static void send_full(void)
{
    server_write_full(&server);
    server_send(&server, server.line, server.length);
}

static void lines_come_whole_or_in_pieces(void)
{
    struct sigstate_answer a;
    if (!begin())
        return;
    send_full();
    server_wait(s, 1);
    server_write_full(&server);
    server_send(&server, server.line, 100);
    while (sigstate_follow(s, 100) != 0)
        ;
    CHECK_INT(1, server_taken(s));
    server_send(&server, server.line + 100, server.length - 100);
    server_wait(s, 2);
    for (int i = 0; i < 50; i++)
        send_full();
    server_wait(s, 52);
    sigstate_at(s, NORTH, server.feed.now_us + server.feed.clock.utc_offset_us, sigstate_now_us(), &a);
    CHECK(a.known);
    CHECK_STR("red", sigstate_color_text(a.color));
    end();
}

static void a_line_without_end_is_dropped_and_the_next_one_heard(void)
{
    static char long_line[3 * SIGSTATE_LINE_MAX];
    if (!begin())
        return;
    memset(long_line, '[', sizeof long_line);
    for (size_t sent = 0; sent < sizeof long_line;) {
        const ssize_t now =
            send(server.peer, long_line + sent, sizeof long_line - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += now > 0 ? (size_t)now : 0;
        sigstate_follow(s, 10);
    }
    server_send(&server, "\n", 1);
    send_full();
    server_wait(s, 1);
    CHECK_INT(1, (int64_t)counts().malformed);
    CHECK_INT(1, (int64_t)counts().connections);
    end();
}

static void a_lost_connection_is_made_again(void)
{
    if (!begin())
        return;
    const int fd = sigstate_fd(s);
    struct pollfd polls = {.fd = fd, .events = POLLIN};
    CHECK(fd >= 0);
    send_full();
    server_wait(s, 1);
    CHECK_INT(0, poll(&polls, 1, 0));
    server_hang_up(&server);
    CHECK_INT(1, poll(&polls, 1, SERVER_DEADLINE_MS));
    if (!server_accept(&server, s))
        return;
    send_full();
    server_wait(s, 2);
    CHECK_INT(2, (int64_t)counts().connections);
    CHECK_INT(fd, sigstate_fd(s));
    end();
}

/* As after a pulled cable, or a controller that lost its power: nobody closes the connection. */
static void who_falls_silent_is_called_again(void)
{
    if (!begin())
        return;
    send_full();
    server_wait(s, 1);
    const int silent = server.peer;
    server_accept(&server, s);
    CHECK_INT(0, recv(silent, server.line, 1, 0));
    close(silent);
    end();
}

static void nobody_there_costs_nothing(void)
{
    server_begin(&server, NULL);
    server_open(&server, "tcp:127.0.0.1:0");
    close(server.listener);
    server.listener = -1;
    s = sigstate_open(&(struct sigstate_options){.address = server.address});
    const int64_t begun_us = sigstate_now_us();
    int calls = 0;
    for (; sigstate_now_us() - begun_us < 1200000; calls++)
        CHECK_INT(0, sigstate_follow(s, 100));
    CHECK(calls < 40); /* it waits in between */
    CHECK_INT(0, (int64_t)counts().connections);
    end();
}

static void without_an_address_there_is_nothing_to_follow(void)
{
    s = sigstate_open(&(struct sigstate_options){0});
    errno = 0;
    CHECK_INT(-1, sigstate_follow(s, 0));
    CHECK_INT(EINVAL, errno);
    CHECK_INT(-1, sigstate_fd(s));
    sigstate_close(s);
}

/* Sends a full to the receiver's port until it has heard one; datagrams may get lost. */
static void send_datagrams(const char *to)
{
    struct address a;
    CHECK_INT(0, address_parse(&a, to));
    for (int i = 0; i < 100 && server_taken(s) == 0; i++) {
        server_write_full(&server);
        CHECK(sendto(server.listener, server.line, server.length - 1, 0, (struct sockaddr *)&a.socket,
                     a.length) > 0);
        sigstate_follow(s, 100);
    }
    CHECK(server_taken(s) > 0);
    CHECK_INT(1, (int64_t)counts().connections);
}

static void datagrams_to_this_machine_are_heard(void)
{
    server_begin(&server, NULL);
    server_open(&server, "udp:127.0.0.1:0");
    close(server.listener); /* its port is the receiver's now */
    s = sigstate_open(&(struct sigstate_options){.address = server.address});
    server.listener = socket(AF_INET, SOCK_DGRAM, 0);
    send_datagrams(server.address);
    end();
}

static void a_multicast_group_is_joined(void)
{
    char group[ADDRESS_TEXT];
    server_begin(&server, NULL);
    server_open(&server, "udp:127.0.0.1:0");
    snprintf(group, sizeof group, "udp:239.255.18.77:%s", strrchr(server.address, ':') + 1);
    s = sigstate_open(&(struct sigstate_options){.address = group, .interface = "lo"});
    const struct ip_mreqn loopback = {.imr_ifindex = (int)if_nametoindex("lo")};
    CHECK_INT(0, setsockopt(server.listener, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback));
    send_datagrams(group);
    sigstate_close(s);
    s = sigstate_open(&(struct sigstate_options){.address = group, .interface = "none-such"});
    CHECK_INT(0, sigstate_follow(s, 0)); /* it may come */
    CHECK_INT(0, (int64_t)counts().connections);
    end();
}

HARNESS_MAIN({"lines come whole or in pieces", lines_come_whole_or_in_pieces},
             {"a line without end is dropped and the next one heard",
              a_line_without_end_is_dropped_and_the_next_one_heard},
             {"a lost connection is made again", a_lost_connection_is_made_again},
             {"who falls silent is called again", who_falls_silent_is_called_again},
             {"nobody there costs nothing", nobody_there_costs_nothing},
             {"without an address there is nothing to follow", without_an_address_there_is_nothing_to_follow},
             {"datagrams to this machine are heard", datagrams_to_this_machine_are_heard},
             {"a multicast group is joined", a_multicast_group_is_joined}, )
