/* The broadcast message over real sockets: who gets which form, and who is given up. */
#include "../../io/tscbm_sender.h"
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SECOND_US = 1000000 };

static struct tscbm_sender *sender;
static struct tscbm_receivers to;
static struct spat spat = {.green = 0x22, .red = 0xDD}, for_cameras = {.green = 0x22, .red = 0x08};

static int set_up(void)
{
    char why[128];
    return tscbm_sender_open(&sender, why, sizeof why);
}

static int tear_down(void)
{
    tscbm_sender_close(sender);
    return 0;
}

/* A socket on `port`, or on any free one with 0, told back. */
static int listener(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_INT(0, bind(fd, (struct sockaddr *)&at, sizeof at));
    getsockname(fd, (struct sockaddr *)&at, &size);
    *port = ntohs(at.sin_port);
    return fd;
}

static void add(uint16_t port, uint8_t form, uint32_t asked_no)
{
    char text[64];
    struct tscbm_receiver *receiver = &to.receiver[to.count++];
    snprintf(text, sizeof text, "udp:127.0.0.1:%u", port);
    CHECK_INT(0, address_parse(&receiver->address, text));
    receiver->form = form;
    receiver->asked_no = asked_no;
}

/* What waits at a socket: the length of the next datagram, or 0. On loopback it is there at once. */
static size_t next(int fd, struct tscbm *message)
{
    uint8_t octet[512];
    ssize_t length = recv(fd, octet, sizeof octet, MSG_DONTWAIT);
    if (length <= 0)
        return 0;
    CHECK_INT(0, tscbm_decode(octet, (size_t)length, message));
    return (size_t)length;
}

static void each_its_form(void)
{
    struct tscbm m;
    uint16_t port[2] = {0, 0};
    int fd[2] = {listener(&port[0]), listener(&port[1])};
    to.count = 0;
    tscbm_sender_receivers(sender, &to);
    tscbm_sender_send(sender, &spat, &for_cameras, 0, SECOND_US);
    add(port[0], TSCBM_ENABLED, 0);
    add(port[1], TSCBM_ENABLED | TSCBM_CALLS, 1);
    tscbm_sender_receivers(sender, &to);
    tscbm_sender_send(sender, &spat, &for_cameras, INT64_C(1795413599987654), SECOND_US);
    CHECK_INT(TSCBM_LENGTH, (int64_t)next(fd[0], &m));
    CHECK_HEX(0x22, m.spat.green);
    CHECK_INT(1, m.version);
    CHECK_INT(987, m.millisecond);
    CHECK_INT(TSCBM_LENGTH_CALLS, (int64_t)next(fd[1], &m));
    CHECK_HEX(0xDD, m.spat.red);
    CHECK_INT(2, m.version);
    CHECK_INT(0, (int64_t)next(fd[0], &m));
    CHECK_INT(0, (int64_t)next(fd[1], &m));
    close(fd[0]);
    close(fd[1]);
}

static void a_camera_hears_of_vouched_reds_alone(void)
{
    struct tscbm m;
    uint16_t port[2] = {0, 0};
    int fd[2] = {listener(&port[0]), listener(&port[1])};
    to.count = 0;
    add(port[0], TSCBM_ENABLED, 0);
    add(port[1], TSCBM_ENABLED, 0);
    to.receiver[1].camera = true;
    tscbm_sender_receivers(sender, &to);
    tscbm_sender_send(sender, &spat, &for_cameras, 0, SECOND_US);
    CHECK_INT(TSCBM_LENGTH, (int64_t)next(fd[0], &m));
    CHECK_HEX(0xDD, m.spat.red);
    CHECK_INT(TSCBM_LENGTH, (int64_t)next(fd[1], &m));
    CHECK_HEX(0x08, m.spat.red);
    CHECK_HEX(0x22, m.spat.green);
    to.receiver[0].camera = to.receiver[1].camera = false;
    close(fd[0]);
    close(fd[1]);
}

static void who_does_not_listen(void)
{
    struct tscbm m;
    uint16_t asked = 0, configured = 0, good = 0;
    int fd = listener(&good);
    close(listener(&asked));
    close(listener(&configured));
    to.count = 0;
    add(asked, TSCBM_ENABLED, 7);
    add(configured, TSCBM_ENABLED, 0);
    add(good, TSCBM_ENABLED, 8);
    tscbm_sender_receivers(sender, &to);
    int64_t now_us = SECOND_US;
    for (int i = 0; i <= TSCBM_REFUSED_S + 1; i++, now_us += SECOND_US) {
        tscbm_sender_send(sender, &spat, &for_cameras, 0, now_us);
        harness_at("second %d", i);
        CHECK_INT(TSCBM_LENGTH, (int64_t)next(fd, &m)); /* the others' refusals cost nothing */
    }
    harness_at("afterwards");
    int late[2] = {listener(&asked), listener(&configured)};
    tscbm_sender_send(sender, &spat, &for_cameras, 0, now_us);
    CHECK_INT(0, (int64_t)next(late[0], &m));
    CHECK_INT(TSCBM_LENGTH, (int64_t)next(late[1], &m));
    tscbm_sender_receivers(sender, &to); /* the same again: still given up */
    tscbm_sender_send(sender, &spat, &for_cameras, 0, now_us);
    CHECK_INT(0, (int64_t)next(late[0], &m));
    to.receiver[0].asked_no = 9;
    tscbm_sender_receivers(sender, &to);
    tscbm_sender_send(sender, &spat, &for_cameras, 0, now_us);
    CHECK_INT(TSCBM_LENGTH, (int64_t)next(late[0], &m));
    close(fd);
    close(late[0]);
    close(late[1]);
}

HARNESS_MAIN_WITH(set_up, tear_down, {"every receiver gets its form", each_its_form},
                  {"a camera hears of vouched reds alone", a_camera_hears_of_vouched_reds_alone},
                  {"who asked and does not listen is given up after a minute", who_does_not_listen}, )
