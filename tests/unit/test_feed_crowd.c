/* A full house: as many subscribers as there may be, some of whom never read, and datagrams beside. */
#include "feed_server_fixture.h"

enum { READERS = FEED_SUBSCRIBERS_MAX - 20 };

static struct subscriber crowd[FEED_SUBSCRIBERS_MAX];

/* Takes a frame, and every reader is told of it before the next. */
static void change_all_of(int readers)
{
    static enum feed_color color = COLOR_RED;
    char line[LINE_OCTETS], since[64];
    color = color == COLOR_RED ? COLOR_GREEN : COLOR_RED;
    take_frame(color);
    snprintf(since, sizeof since, "\"since_mono_us\":%lld,", (long long)exchange.taken_us);
    for (int i = 0; i < readers && !harness_failed(); i++) {
        harness_at("reader %d", i);
        line_with(&crowd[i], since, line);
        CHECK(strstr(line, color == COLOR_RED ? "\"color\":\"red\"" : "\"color\":\"green\""));
    }
    harness_at("%s", "");
}

static void who_does_not_read_is_felt_by_nobody(void)
{
    char line[LINE_OCTETS];
    const int small = 4096;
    configure();
    add_key("k");
    begin();
    for (int i = 0; i < FEED_SUBSCRIBERS_MAX; i++) {
        subscribe(&crowd[i]);
        if (i >= READERS)
            setsockopt(crowd[i].fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        CHECK(next_line(&crowd[i], line) > 0);
    }
    CHECK_INT(FEED_SUBSCRIBERS_MAX, count_of(FEED_SUBSCRIBERS));
    for (int i = 0; count_of(FEED_DROPPED) < FEED_SUBSCRIBERS_MAX - READERS && !harness_failed(); i++) {
        change_all_of(READERS);
        CHECK(i < 100000);
    }
    CHECK_INT(READERS, count_of(FEED_SUBSCRIBERS));
    CHECK_INT(0, count_of(FEED_LOST));
    CHECK(strstr(feed_status_last_trouble(feed_server_status(server)), " dropped: it reads too slowly"));
    change_all_of(READERS);
    change_all_of(READERS);
    for (int i = 0; i < FEED_SUBSCRIBERS_MAX; i++)
        close(crowd[i].fd);
    feed_server_free(server);
}

/* Comes, and goes at once. */
static void knock(void)
{
    char text[ADDRESS_TEXT];
    struct address address;
    feed_server_address(server, 0, text, sizeof text);
    CHECK_INT(0, address_parse(&address, text));
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)connect(fd, (struct sockaddr *)&address.socket, address.length);
    close(fd);
}

/* One that talks without end, and one that comes again and again. */
static void noise_at_the_door_is_heard_by_nobody(void)
{
    static struct subscriber reader, loud;
    static char noise[65536];
    char line[LINE_OCTETS];
    configure();
    begin();
    subscribe(&crowd[0]);
    subscribe(&loud);
    const int64_t begun_us = io_now_us();
    for (int i = 0; i < 500 && !harness_failed(); i++) {
        change_all_of(1);
        (void)!send(loud.fd, noise, sizeof noise, MSG_DONTWAIT | MSG_NOSIGNAL);
        knock();
    }
    const int64_t seconds = (io_now_us() - begun_us) / 1000000 + 2;
    CHECK(count_of(FEED_JOINED) <= seconds * FEED_SUBSCRIBERS_MAX);
    subscribe(&reader); /* in its turn */
    CHECK(next_line(&reader, line) > 0);
    CHECK(strstr(line, "\"kind\":\"full\""));
    close(reader.fd);
    close(loud.fd);
    close(crowd[0].fd);
    feed_server_free(server);
}

static void expect_change(int fd, const char *who)
{
    char datagram[FEED_MESSAGE_MAX + 1];
    int times = 0;
    harness_at("%s", who);
    while (times < 3) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (!CHECK(poll(&readable, 1, DEADLINE_MS) == 1))
            break;
        const ssize_t length = recv(fd, datagram, sizeof datagram - 1, 0);
        if (!CHECK(length > 0))
            break;
        datagram[length] = '\0';
        times += strstr(datagram, "\"kind\":\"change\"") && strstr(datagram, "\"color\":\"green\"");
    }
}

/* One of the group's members, on the loopback interface, where multicast leaves too. */
static int join_group(const char *group, char text[ADDRESS_TEXT])
{
    char own[ADDRESS_TEXT];
    struct ip_mreqn request = {.imr_ifindex = 1};
    struct address any;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK_INT(0, address_parse(&any, "udp:0.0.0.0:0"));
    CHECK_INT(0, bind(fd, (struct sockaddr *)&any.socket, any.length));
    CHECK_INT(0, address_of_socket(&any, fd));
    snprintf(own, sizeof own, "udp:%s:%u", group, address_port(&any));
    memcpy(text, own, sizeof own);
    CHECK_INT(0, address_parse(&any, own));
    request.imr_multiaddr = ((const struct sockaddr_in *)&any.socket)->sin_addr;
    CHECK_INT(0, setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request));
    return fd;
}

static void multicast_and_unicast_go_side_by_side(void)
{
    static struct subscriber s;
    char line[LINE_OCTETS];
    configure();
    add_key("k");
    strcpy(config.multicast_interface, "lo");
    const int alone = open_udp(config.destination[0]);
    const int member = join_group("239.255.70.71", config.destination[1]);
    config.destination_count = 2;
    begin();
    subscribe(&s);
    take_frame(COLOR_RED);
    take_frame(COLOR_GREEN);
    expect_change(alone, "unicast");
    expect_change(member, "multicast");
    line_with(&s, "\"color\":\"green\"", line);
    const struct feed_destination_status *to = feed_server_status(server)->destination;
    CHECK(atomic_load(&to[0].sent) >= 3 && atomic_load(&to[1].sent) >= 3);
    CHECK_INT(0, count_of(FEED_DATAGRAMS_FAILED));
    close(s.fd);
    close(member);
    close(alone);
    feed_server_free(server);
}

static void a_destination_that_is_not_allowed_is_counted_and_told(void)
{
    static struct subscriber s;
    char line[LINE_OCTETS];
    configure();
    config.destination_count = 2;
    strcpy(config.destination[0], "udp:127.255.255.255:9"); /* to all: no program may without asking */
    const int fd = open_udp(config.destination[1]);
    begin();
    subscribe(&s);
    take_frame(COLOR_RED);
    take_frame(COLOR_GREEN);
    expect_change(fd, "the one that is allowed");
    line_with(&s, "\"color\":\"green\"", line);
    struct feed_status *status = feed_server_status(server);
    CHECK_STR("feed: datagrams to udp:127.255.255.255:9 do not leave: Permission denied",
              feed_status_last_trouble(status));
    CHECK_INT(0, atomic_load(&status->destination[0].sent));
    CHECK(atomic_load(&status->destination[0].failed) >= 3);
    CHECK_INT(EACCES, atomic_load(&status->destination[0].error));
    CHECK_INT(0, atomic_load(&status->destination[1].failed));
    close(s.fd);
    close(fd);
    feed_server_free(server);
}

static void an_interface_that_is_not_there_ends_the_start(void)
{
    char why[200];
    configure();
    config.destination_count = 1;
    strcpy(config.destination[0], "udp:127.0.0.1:9");
    strcpy(config.multicast_interface, "nowhere0");
    CHECK_INT(-1, open_server(why, sizeof why));
    CHECK_STR("multicast cannot leave on nowhere0: No such device", why);
}

HARNESS_MAIN({"who does not read is felt by nobody", who_does_not_read_is_felt_by_nobody},
             {"noise at the door is heard by nobody", noise_at_the_door_is_heard_by_nobody},
             {"multicast and unicast go side by side", multicast_and_unicast_go_side_by_side},
             {"a destination that is not allowed is counted and told",
              a_destination_that_is_not_allowed_is_counted_and_told},
             {"an interface that is not there ends the start",
              an_interface_that_is_not_there_ends_the_start}, )
