/* The publisher against a broker of a few lines, which does just what a test needs: accept, refuse, not read.
 * A real one is in tests/integration/mqtt.sh. */
#include "../../io/mqtt.h"
#include "feed_fixture.h"
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONNECT = 1, PUBLISH = 3, PINGREQ = 12, DISCONNECT = 14, PACKET_MAX = 128 * 1024, WAIT_MS = 5000 };

static struct feed_config config;
static struct mqtt_publisher *publisher;
static int listener, link_fd;
static struct packet {
    int kind;
    bool retain;
    size_t length;
    char body[PACKET_MAX + 1];
} packet;

static void ignore(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

/* ---- the broker ---- */

static void begin_broker(int receive_octets)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (receive_octets > 0)
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive_octets, sizeof receive_octets);
    CHECK_INT(0, bind(listener, (struct sockaddr *)&at, sizeof at));
    CHECK_INT(0, listen(listener, 4));
    getsockname(listener, (struct sockaddr *)&at, &size);
    fixture_config(&config);
    config.mqtt = (struct mqtt_config){.present = true, .version = 3};
    snprintf(config.mqtt.broker, sizeof config.mqtt.broker, "tcp:127.0.0.1:%u", ntohs(at.sin_port));
    snprintf(config.mqtt.client, sizeof config.mqtt.client, "quwo-01");
    snprintf(config.mqtt.topic, sizeof config.mqtt.topic, "lamps/quwo-01");
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, WAIT_MS) == 1;
}

static bool receive(void *out, size_t length)
{
    for (size_t got = 0; got < length;) {
        const ssize_t n = readable(link_fd) ? recv(link_fd, (char *)out + got, length - got, 0) : 0;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

static bool next_packet(void)
{
    uint8_t head, digit = 128;
    packet.length = 0;
    if (!receive(&head, 1))
        return false;
    for (size_t shift = 0; digit & 128U; shift += 7) {
        if (!receive(&digit, 1))
            return false;
        packet.length |= (size_t)(digit & 127U) << shift;
    }
    packet.kind = head >> 4;
    packet.retain = head & 1;
    if (packet.length > PACKET_MAX || !receive(packet.body, packet.length))
        return false;
    for (size_t i = 0; i < packet.length; i++)
        packet.body[i] = packet.body[i] == '\0' ? ' ' : packet.body[i]; /* to be searched as a text */
    packet.body[packet.length] = '\0';
    return true;
}

/* Waits for the next publication. */
static bool published(void)
{
    do {
        if (!next_packet())
            return false;
    } while (packet.kind == PINGREQ);
    return packet.kind == PUBLISH;
}

static bool says(const char *part)
{
    return strstr(packet.body, part) != NULL;
}

/* Waits for a publication that says so. */
static bool published_saying(const char *part)
{
    while (published()) {
        if (says(part))
            return true;
    }
    return false;
}

/* Waits for the publisher and answers its CONNECT with `code`. */
static bool answer(uint8_t code)
{
    const uint8_t connack[] = {0x20, 2, 0, code};
    link_fd = readable(listener) ? accept(listener, NULL, NULL) : -1;
    return link_fd >= 0 && next_packet() && packet.kind == CONNECT &&
           send(link_fd, connack, sizeof connack, MSG_NOSIGNAL) == sizeof connack;
}

static void end_broker(void)
{
    close(link_fd);
    close(listener);
}

/* ---- the feed ---- */

static void begin_publisher(void)
{
    char why[200] = "";
    if (!CHECK_INT(0, mqtt_publisher_new(&publisher, &config, ignore, NULL, why, sizeof why)))
        CHECK_FAIL("%s", why);
}

static void tell(enum feed_kind kind, uint64_t seq, enum feed_color color)
{
    struct feed_message m = {.kind = kind, .boot = 7, .seq = seq, .sent_us = io_now_us(), .valid = true};
    m.group_count = kind == FEED_FULL ? config.group_count : 1;
    for (int i = 0; i < m.group_count; i++)
        m.group[i] = (struct feed_state){.group_ix = (uint8_t)i, .color = color, .verified = true};
    feed_outlet_put(mqtt_publisher_outlet(publisher), &m);
}

static struct mqtt_counts counts(void)
{
    struct mqtt_counts c;
    mqtt_publisher_counts(publisher, &c);
    return c;
}

/* ---- the tests ---- */

static void the_newest_state_is_published(void)
{
    begin_broker(0);
    begin_publisher();
    CHECK_INT(0, mqtt_publisher_start(publisher));
    CHECK(answer(0));
    CHECK(says("lamps/quwo-01"));
    CHECK(says("\"kind\":\"unknown\"")); /* the will */
    CHECK(!says("time_stamp"));
    CHECK(published()); /* what may be kept from an earlier life is not to be believed */
    CHECK(packet.retain && says("\"kind\":\"unknown\""));
    uint64_t seq = 0;
    do { /* on a busy machine a second may pass between the two, and the feed counts as silent */
        tell(FEED_FULL, ++seq, COLOR_GREEN);
        CHECK(published_saying("\"kind\":\"full\""));
        CHECK(packet.retain && says("lamps/quwo-01") && says("\"light_state\":6"));
        tell(FEED_ALIVE, ++seq, COLOR_GREEN);
        tell(FEED_CHANGE, ++seq, COLOR_YELLOW);
        CHECK(published());
    } while (says("\"kind\":\"unknown\"") && seq < 30);
    CHECK(packet.retain && says("\"kind\":\"change\"") && says("\"light_state\":7"));
    CHECK(counts().connected);
    for (int i = 0; i < WAIT_MS && counts().published < 3; i++)
        usleep(1000); /* it is counted when it has left */
    CHECK(counts().published >= 3);
    CHECK_INT(0, counts().failures);
    mqtt_publisher_free(publisher);
    bool farewell = false;
    while (next_packet() && packet.kind != DISCONNECT) {
        if (packet.kind == PUBLISH)
            farewell = packet.retain && says("\"kind\":\"unknown\"") && says("time_stamp");
    }
    CHECK(farewell);
    CHECK_INT(DISCONNECT, packet.kind);
    end_broker();
}

static void a_silent_feed_is_unknown(void)
{
    begin_broker(0);
    begin_publisher();
    mqtt_publisher_start(publisher);
    CHECK(answer(0));
    CHECK(published());
    const int64_t from_us = io_now_us();
    tell(FEED_FULL, 1, COLOR_GREEN);
    CHECK(published_saying("\"kind\":\"full\""));
    CHECK(published());
    CHECK(says("\"kind\":\"unknown\""));
    CHECK(io_now_us() - from_us > 1000 * 1000);
    tell(FEED_CHANGE, 2, COLOR_YELLOW); /* of what is not known */
    tell(FEED_FULL, 3, COLOR_YELLOW);
    CHECK(published_saying("\"seq\":3,"));
    CHECK(says("\"kind\":\"full\""));
    mqtt_publisher_free(publisher);
    end_broker();
}

static void what_was_missed_is_unknown(void)
{
    begin_broker(0);
    begin_publisher();
    tell(FEED_FULL, 1, COLOR_GREEN);
    for (uint64_t seq = 2; seq <= FEED_OUTLET_MESSAGES + 5; seq++)
        tell(FEED_CHANGE, seq, COLOR_GREEN);
    mqtt_publisher_start(publisher);
    CHECK(answer(0));
    CHECK(published_saying("\"seq\":64,"));
    tell(FEED_CHANGE, 100, COLOR_YELLOW);
    CHECK(published());
    CHECK(says("\"kind\":\"unknown\""));
    for (int i = 0; i < WAIT_MS && counts().lost == 0; i++)
        usleep(1000);
    CHECK_INT(5, counts().lost);
    tell(FEED_FULL, 101, COLOR_YELLOW);
    CHECK(published_saying("\"seq\":101,"));
    mqtt_publisher_free(publisher);
    end_broker();
}

/* A broker that takes nothing: what waits is the newest state, not all that came meanwhile. */
static void nothing_is_queued(void)
{
    enum { ROUNDS = 2000, ENOUGH = 50, PATIENCE_MS = 100 };
    begin_broker(4096);
    for (config.group_count = 0; config.group_count < CHANNELS_MAX; config.group_count++)
        config.group[config.group_count] = config.group[LEFT];
    begin_publisher();
    mqtt_publisher_start(publisher);
    CHECK(answer(0));
    CHECK(published());
    uint64_t seq = 0;
    while (seq < ROUNDS && counts().replaced < ENOUGH) {
        tell(FEED_FULL, ++seq, COLOR_GREEN);
        for (int i = 0; i < PATIENCE_MS && counts().published + counts().replaced + 1 < seq; i++)
            usleep(1000); /* until it has been taken: one may wait, the others have left or were replaced */
    }
    CHECK(counts().replaced >= ENOUGH);
    CHECK_INT(0, counts().lost);
    char newest[32];
    snprintf(newest, sizeof newest, "\"seq\":%u,", (unsigned)seq);
    unsigned taken = 0;
    do {
        if (!CHECK(published()))
            break;
        taken++;
    } while (!says(newest));
    CHECK(taken < seq);
    mqtt_publisher_free(publisher);
    end_broker();
}

static void a_hung_broker_does_not_hold_up_the_end(void)
{
    begin_broker(4096);
    begin_publisher();
    mqtt_publisher_start(publisher);
    CHECK(answer(0));
    for (uint64_t seq = 1; seq < 50; seq++)
        tell(FEED_FULL, seq, COLOR_GREEN);
    const int64_t from_us = io_now_us();
    mqtt_publisher_free(publisher);
    CHECK(io_now_us() - from_us < 2000 * 1000);
    end_broker();
}

static void a_refusal_is_told_and_tried_again(void)
{
    begin_broker(0);
    begin_publisher();
    mqtt_publisher_start(publisher);
    tell(FEED_FULL, 1, COLOR_GREEN);
    CHECK(answer(5));
    CHECK(!next_packet());
    close(link_fd);
    CHECK(answer(0));
    CHECK(strstr(mqtt_publisher_trouble(publisher), "not authorised") != NULL);
    CHECK_INT(1, counts().failures);
    CHECK(published());
    CHECK_INT(1, counts().connections);
    mqtt_publisher_free(publisher);
    end_broker();
}

static void a_certificate_that_is_not_there(void)
{
    char why[200] = "";
    begin_broker(0);
    snprintf(config.mqtt.ca, sizeof config.mqtt.ca, "/nowhere/ca.pem");
    CHECK_INT(-1, mqtt_publisher_new(&publisher, &config, ignore, NULL, why, sizeof why));
    CHECK(strstr(why, "feed.mqtt") != NULL);
    close(listener);
}

HARNESS_MAIN({"the newest state is published, retained", the_newest_state_is_published},
             {"a silent feed is unknown", a_silent_feed_is_unknown},
             {"what was missed is unknown until the next full", what_was_missed_is_unknown},
             {"nothing is queued but the newest state", nothing_is_queued},
             {"a hung broker does not hold up the end", a_hung_broker_does_not_hold_up_the_end},
             {"a refusal is told and tried again", a_refusal_is_told_and_tried_again},
             {"a certificate that is not there ends the start", a_certificate_that_is_not_there}, )
