/* The red-lamp detectors at work, on real sockets and pseudo-terminals: who is served while others stall,
 * what happens when nobody takes the feed's messages, when a line comes and goes. */
#include "../../io/address.h"
#include "../../io/lamp_frame.h"
#include "../../io/lamp_server.h"
#include "../../io/lamp_tcp.h"
#include "../../io/serial_port.h"
#include "feed_fixture.h"
#include "harness.h"
#include <errno.h>
#include <fcntl.h>
#include <modbus.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum { DEADLINE_MS = 10000, CLIENTS = 16 };

static struct feed_config config;
static struct lamp_server *server;
static struct feed_message message;
static char link_path[ADDRESS_TEXT];
static atomic_int lines_lost, lines_found;

static void on_line(void *arg, const char *line)
{
    (void)arg;
    if (strstr(line, "cannot be opened") || strstr(line, " lost"))
        atomic_fetch_add(&lines_lost, 1);
    if (strstr(line, "found again"))
        atomic_fetch_add(&lines_found, 1);
}

static void configure(enum lamp_form form, bool serial)
{
    fixture_config(&config);
    config.detector_count = 1;
    struct lamp_detector_config *d = config.detector;
    *d = (struct lamp_detector_config){
        .form = form, .baud = 38400, .unit = 1, .period_ms = 100, .channel_count = 16};
    snprintf(link_path, sizeof link_path, "/tmp/test_lamp_server.%d", (int)getpid());
    if (serial)
        memcpy(d->serial, link_path, sizeof d->serial);
    else
        strcpy(d->listen, "tcp:127.0.0.1:0");
    d->channel[0] = (struct lamp_channel){config.group[LEFT].no, CHANNEL_RED};
    memset(&message, 0, sizeof message);
    message = (struct feed_message){
        .kind = FEED_FULL, .boot = 1, .valid = true, .parts = 1, .part = 1, .group_count = 1};
    message.group[0] =
        (struct feed_state){.group_ix = LEFT, .color = COLOR_RED, .verified = true, .enforceable = true};
    atomic_store(&lines_lost, 0);
    atomic_store(&lines_found, 0);
}

static void begin(void)
{
    char why[200] = "";
    CHECK_INT(0, lamp_server_new(&server, &config, on_line, NULL, why, sizeof why));
    CHECK_STR("", why);
    CHECK_INT(0, lamp_server_start(server));
}

static void end(void)
{
    lamp_server_free(server);
    unlink(link_path);
}

static void tell(enum feed_kind kind, bool red)
{
    message.kind = kind;
    message.seq++;
    message.sent_us = io_now_us();
    message.group_count = kind == FEED_ALIVE ? 0 : 1;
    message.group[0].color = red ? COLOR_RED : COLOR_GREEN;
    message.group[0].enforceable = red;
    feed_outlet_put(lamp_server_outlet(server), &message);
    if (kind == FEED_CHANGE)
        message.state_seq = message.seq;
}

/* ---- cameras ---- */

static int connect_raw(void)
{
    char text[ADDRESS_TEXT];
    struct address address;
    lamp_server_address(server, 0, text, sizeof text);
    address_parse(&address, text);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(0, connect(fd, (const struct sockaddr *)&address.socket, address.length));
    return fd;
}

static modbus_t *connect_camera(void)
{
    char text[ADDRESS_TEXT];
    struct address address;
    lamp_server_address(server, 0, text, sizeof text);
    address_parse(&address, text);
    modbus_t *camera = modbus_new_tcp("127.0.0.1", address_port(&address));
    modbus_set_slave(camera, 1);
    modbus_set_response_timeout(camera, DEADLINE_MS / 1000, 0);
    CHECK_INT(0, modbus_connect(camera));
    return camera;
}

static void disconnect(modbus_t *camera)
{
    modbus_close(camera);
    modbus_free(camera);
}

/* Channel 1 as the camera finds it; -1 without an answer. */
static int found(modbus_t *camera)
{
    uint8_t bit = 0;
    return modbus_read_input_bits(camera, 0, 1, &bit) == 1 ? bit : -1;
}

/* `lively`: the feed goes on saying that it lives. */
static bool comes_to(modbus_t *camera, int wanted, bool lively)
{
    for (const int64_t until_us = io_now_us() + DEADLINE_MS * 1000; io_now_us() < until_us;) {
        if (found(camera) == wanted)
            return true;
        if (lively && io_now_us() - message.sent_us > 100000)
            tell(FEED_ALIVE, false);
    }
    return false;
}

static void a_client_finds_what_the_feed_said(void)
{
    configure(LAMP_MODBUS, false);
    begin();
    modbus_t *camera = connect_camera();
    CHECK_INT(0, found(camera));
    tell(FEED_FULL, true);
    CHECK(comes_to(camera, 1, true));
    tell(FEED_CHANGE, false);
    CHECK(comes_to(camera, 0, true));
    tell(FEED_CHANGE, true);
    CHECK(comes_to(camera, 1, true));
    CHECK(comes_to(camera, 0, false)); /* and then nothing more for a second */
    uint16_t age_ms = 0;
    CHECK_INT(1, modbus_read_registers(camera, 6, 1, &age_ms));
    CHECK(age_ms >= 1000 && age_ms < 1000 + DEADLINE_MS);
    disconnect(camera);
    end();
}

/* One asks without end and reads nothing, one leaves half a request: a third is answered all the same. */
static void a_stalled_client_is_not_felt(void)
{
    static const uint8_t request[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 100};
    configure(LAMP_MODBUS, false);
    begin();
    const int half = connect_raw(), glutton = connect_raw();
    modbus_t *camera = connect_camera();
    CHECK_INT(7, send(half, request, 7, 0));
    fcntl(glutton, F_SETFL, O_NONBLOCK);
    int64_t worst_us = 0;
    bool dropped = false;
    for (const int64_t until_us = io_now_us() + DEADLINE_MS * 1000; !dropped && io_now_us() < until_us;) {
        for (int i = 0; i < 50 && !dropped; i++)
            dropped = send(glutton, request, sizeof request, MSG_NOSIGNAL) < 0 && errno != EAGAIN;
        const int64_t asked_us = io_now_us();
        CHECK_INT(0, found(camera));
        if (io_now_us() - asked_us > worst_us)
            worst_us = io_now_us() - asked_us;
    }
    CHECK(dropped); /* when its answers found no room any more */
    CHECK(worst_us < 1000000);
    close(half);
    close(glutton);
    disconnect(camera);
    end();
}

static void one_too_many_is_turned_away(void)
{
    int fd[CLIENTS];
    char octet;
    configure(LAMP_MODBUS, false);
    begin();
    for (int i = 0; i < CLIENTS; i++)
        fd[i] = connect_raw();
    const int further = connect_raw();
    struct pollfd wait = {.fd = further, .events = POLLIN};
    CHECK_INT(1, poll(&wait, 1, DEADLINE_MS));
    CHECK_INT(0, recv(further, &octet, 1, 0));
    close(fd[3]);
    modbus_t *camera = NULL; /* the place is free as soon as the server has seen him go */
    for (int i = 0; i < DEADLINE_MS / 10 && (!camera || found(camera) < 0); i++) {
        if (camera)
            disconnect(camera);
        (void)poll(NULL, 0, 10);
        camera = connect_camera();
    }
    CHECK_INT(0, found(camera));
    disconnect(camera);
    for (int i = 0; i < CLIENTS; i++) {
        if (i != 3)
            close(fd[i]);
    }
    close(further);
    end();
}

/* Lets the port serve as if it were `now_us`, until nothing more is to be done. */
static void serve_at(struct lamp_tcp *tcp, int64_t now_us)
{
    struct pollfd polls[LAMP_TCP_POLLS];
    int count = lamp_tcp_polls(tcp, polls, now_us);
    while (poll(polls, (nfds_t)count, 100) > 0) {
        lamp_tcp_serve(tcp, polls, count, now_us);
        count = lamp_tcp_polls(tcp, polls, now_us);
    }
}

static void who_has_gone_without_a_word_gives_way(void)
{
    static const uint8_t request[] = {0, 1, 0, 0, 0, 6, 1, 2, 0, 0, 0, 1};
    static const struct lamp_detector nothing;
    struct lamp_unit unit;
    struct lamp_tcp *tcp = NULL;
    struct address address;
    char text[ADDRESS_TEXT], why[200] = "", octet;
    int fd[CLIENTS + 1];
    configure(LAMP_MODBUS, false);
    CHECK_INT(0, lamp_unit_begin(&unit, config.detector, &nothing, on_line, NULL));
    if (!CHECK_INT(0, lamp_tcp_open(&tcp, &unit, why, sizeof why)))
        return;
    lamp_tcp_address(tcp, text, sizeof text);
    address_parse(&address, text);
    for (int i = 0; i <= CLIENTS; i++) {
        if (i == CLIENTS) { /* meanwhile all but the sixth have asked once more */
            for (int k = 0; k < CLIENTS; k++)
                CHECK(k == 5 || send(fd[k], request, sizeof request, 0) == sizeof request);
            serve_at(tcp, LAMP_IDLE_US);
        }
        fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fd[i], (const struct sockaddr *)&address.socket, address.length);
        serve_at(tcp, i == CLIENTS ? LAMP_IDLE_US : 0);
    }
    for (int i = 0; i <= CLIENTS; i++) {
        harness_at("client %d", i);
        const ssize_t got = recv(fd[i], &octet, 1, 0);
        CHECK_INT(i == 5 ? 0 : i == CLIENTS ? -1 : 1, got);
        close(fd[i]);
    }
    lamp_tcp_close(tcp);
    lamp_unit_end(&unit);
}

static void what_found_no_room_is_not_known(void)
{
    char why[200] = "";
    configure(LAMP_MODBUS, false);
    CHECK_INT(0, lamp_server_new(&server, &config, on_line, NULL, why, sizeof why));
    for (int i = 0; i < FEED_OUTLET_MESSAGES; i++)
        tell(FEED_FULL, true);
    tell(FEED_CHANGE, false); /* lost: the outlet is full, and nobody has been told of it yet */
    CHECK_INT(0, lamp_server_start(server));
    modbus_t *camera = connect_camera();
    for (int i = 0; i < 20; i++)
        CHECK_INT(0, found(camera));
    tell(FEED_FULL, true);
    CHECK(comes_to(camera, 1, true));
    disconnect(camera);
    end();
}

static void a_port_that_is_taken_ends_the_start(void)
{
    char why[200] = "";
    struct lamp_server *second = NULL;
    configure(LAMP_MODBUS, false);
    begin();
    struct feed_config same = config;
    lamp_server_address(server, 0, same.detector[0].listen, ADDRESS_TEXT);
    CHECK_INT(-1, lamp_server_new(&second, &same, on_line, NULL, why, sizeof why));
    CHECK(strstr(why, same.detector[0].listen) && strstr(why, strerror(EADDRINUSE)));
    end();
}

/* ---- lines ---- */

/* A pseudo-terminal whose other end is found under link_path. */
static int open_line(void)
{
    const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;
    CHECK(fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0);
    CHECK_INT(0, tcgetattr(fd, &raw));
    cfmakeraw(&raw);
    CHECK_INT(0, tcsetattr(fd, TCSANOW, &raw));
    unlink(link_path);
    CHECK_INT(0, symlink(ptsname(fd), link_path));
    return fd;
}

static bool counted(atomic_int *count, int wanted)
{
    for (int i = 0; i < DEADLINE_MS / 10 && atomic_load(count) < wanted; i++)
        (void)poll(NULL, 0, 10);
    return atomic_load(count) == wanted;
}

/* The next reply on the line; -1 if none comes. A line that nobody has opened at its other end is silent. */
static int64_t next_reply(int fd, int timeout_ms)
{
    uint8_t octet[64];
    size_t length = 0;
    uint32_t on;
    const int64_t until_us = io_now_us() + timeout_ms * INT64_C(1000);
    do {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        (void)poll(&wait, 1, 10);
        if (!(wait.revents & POLLIN))
            continue;
        const ssize_t got = read(fd, octet + length, sizeof octet - length);
        length += got > 0 ? (size_t)got : 0;
        if (lamp_frame_find_reply(&lamp_layouts[0], 1, octet, (int)length, 16, &on) > 0)
            return on;
    } while (io_now_us() < until_us && length < sizeof octet);
    return -1;
}

static bool ask(int fd, const char *octets, int length)
{
    return write(fd, octets, (size_t)length) == length;
}

/* Asks until the line has been opened at its other end and there is an answer. */
static int64_t first_reply(int fd)
{
    int64_t on = -1;
    for (int i = 0; i < DEADLINE_MS / 100 && on < 0; i++) {
        CHECK(ask(fd, "\x55\xAA\x01\x11\x12", 5));
        on = next_reply(fd, 100);
    }
    return on;
}

static void a_poll_is_answered_and_nothing_else(void)
{
    configure(LAMP_POLL, true);
    const int fd = open_line();
    begin();
    CHECK_INT(0, first_reply(fd));
    tell(FEED_FULL, true);
    int64_t on = 0;
    for (int i = 0; i < 100 && on == 0; i++) {
        CHECK(ask(fd, "\x55\xAA\x01\x11\x12", 5));
        on = next_reply(fd, DEADLINE_MS);
    }
    CHECK_INT(1, on);
    CHECK(ask(fd, "\x55\xAA\x02\x11\x13", 5));         /* for another unit */
    CHECK(ask(fd, "\x55\xAA\x01\x11\x13", 5));         /* damaged */
    CHECK(ask(fd, "\x55\xAA\x01\x12\xFE\xFF\x10", 7)); /* a reply */
    CHECK_INT(-1, next_reply(fd, 300));
    CHECK(ask(fd, "\x55\xAA\x01", 3));
    CHECK(ask(fd, "\x11\x12", 2)); /* in two pieces */
    CHECK(next_reply(fd, DEADLINE_MS) >= 0);
    close(fd);
    end();
}

static void uploads_come_by_themselves(void)
{
    configure(LAMP_UPLOAD, true);
    const int fd = open_line();
    begin();
    CHECK_INT(0, next_reply(fd, DEADLINE_MS));
    tell(FEED_FULL, true);
    int64_t on = 0;
    for (int i = 0; i < 20 && on == 0; i++)
        on = next_reply(fd, DEADLINE_MS);
    CHECK_INT(1, on);
    for (int i = 0; i < 40 && on == 1; i++) /* a silence of the feed reads as nothing lit */
        on = next_reply(fd, DEADLINE_MS);
    CHECK_INT(0, on);
    tell(FEED_FULL, true);
    for (int i = 0; i < 20 && on == 0; i++)
        on = next_reply(fd, DEADLINE_MS);
    lamp_server_free(server);
    for (int64_t next; (next = next_reply(fd, 0)) >= 0;)
        on = next;
    CHECK_INT(0, on); /* the last word */
    close(fd);
    unlink(link_path);
}

static void a_line_may_come_late_and_go(void)
{
    configure(LAMP_POLL, true);
    unlink(link_path);
    begin();
    CHECK(counted(&lines_lost, 1));
    int fd = open_line();
    CHECK(counted(&lines_found, 1));
    CHECK_INT(0, first_reply(fd));
    close(fd);
    CHECK(counted(&lines_lost, 2));
    fd = open_line();
    CHECK(counted(&lines_found, 2));
    CHECK_INT(0, first_reply(fd));
    close(fd);
    end();
}

HARNESS_MAIN({"a client finds what the feed said", a_client_finds_what_the_feed_said},
             {"a stalled client is not felt", a_stalled_client_is_not_felt},
             {"one too many is turned away", one_too_many_is_turned_away},
             {"who has gone without a word gives way", who_has_gone_without_a_word_gives_way},
             {"what found no room is not known", what_found_no_room_is_not_known},
             {"a port that is taken ends the start", a_port_that_is_taken_ends_the_start},
             {"a poll is answered, and nothing else", a_poll_is_answered_and_nothing_else},
             {"uploads come by themselves", uploads_come_by_themselves},
             {"a line may come late, and go", a_line_may_come_late_and_go})
