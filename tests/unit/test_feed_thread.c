/* The feed at work on real sockets: who subscribes, what arrives, who is refused or dropped. */
#include "../../io/feed_sign.h"
#include "../../io/sigstate_message.h"
#include "feed_server_fixture.h"

/* ---- tests ---- */

static void a_subscriber_is_told_all_at_once_and_then_each_change(void)
{
    static struct subscriber s;
    char line[LINE_OCTETS];
    configure();
    begin();
    subscribe(&s);
    next_line(&s, line);
    CHECK(strstr(line, "\"kind\":\"full\",\"sent\""));
    CHECK(strstr(line, "\"valid\":false,\"reasons\":[\"stale-cabinet\"],\"groups\":[]}"));
    take_frame(COLOR_RED);
    line_with(&s, "\"kind\":\"change\"", line);
    CHECK(strstr(line, "\"no\":1,") && strstr(line, "\"no\":20,"));
    next_line(&s, line); /* three groups are more than one change can carry */
    CHECK(strstr(line, "\"kind\":\"change\"") && strstr(line, "\"no\":70,"));
    take_frame(COLOR_GREEN);
    line_with(&s, "\"color\":\"green\"", line);
    CHECK(strstr(line, "\"no\":20,") && !strstr(line, "\"no\":1,"));
    line_with(&s, "\"kind\":\"alive\"", line);
    line_with(&s, "\"kind\":\"full\"", line);
    CHECK(strstr(line, "\"no\":1,") && strstr(line, "\"no\":20,") && strstr(line, "\"no\":70,"));
    CHECK(!strchr(line, '\t'));
    close(s.fd);
    feed_server_free(server);
}

static void a_receiver_follows_a_signed_stream(void)
{
    static struct subscriber s;
    char line[LINE_OCTETS];
    struct sigstate_answer answer;
    configure();
    add_key("camera-1");
    add_key("camera-2");
    begin();
    subscribe(&s);
    const struct sigstate_key key = {config.key[1].id, config.key[1].secret, config.key[1].secret_length};
    struct sigstate *receiver =
        sigstate_open(&(struct sigstate_options){.controller = "quwo-01", .keys = &key, .key_count = 1});
    take_frame(COLOR_GREEN);
    do {
        const size_t length = next_line(&s, line);
        if (!CHECK(length > 0))
            break;
        CHECK_INT(SIGSTATE_TAKEN, sigstate_take(receiver, line, length, io_now_us(), 0));
        sigstate_at_mono(receiver, 20, io_now_us(), io_now_us(), &answer);
    } while (!answer.known || answer.color != SIGSTATE_GREEN);
    CHECK(answer.verified);
    CHECK_INT(exchange.taken_us + clock.utc_offset_us, answer.since_utc_us);
    sigstate_close(receiver);
    close(s.fd);
    feed_server_free(server);
}

/* ---- keys ---- */

static const int64_t utc_us = INT64_C(1795334400000000);

/* From here on it is `seconds` later than that for the feed. */
static void set_utc(int seconds)
{
    const struct feed_clock later = {CLOCK_SYNCED, 400, utc_us + seconds * INT64_C(1000000) - io_now_us()};
    feed_server_clock(server, &later);
}

static void add_key_for(const char *id, int from_s, int until_s)
{
    add_key(id);
    struct feed_key *key = &config.key[config.key_count - 1];
    key->from_us = from_s ? utc_us + from_s * INT64_C(1000000) : 0;
    key->until_us = until_s ? utc_us + until_s * INT64_C(1000000) : 0;
}

/* Reads on until exactly these keys have signed a line, and that truly. */
static void expect_signed_by(struct subscriber *s, const char *ids)
{
    char line[LINE_OCTETS], came[64];
    size_t length;
    do {
        came[0] = '\0';
        length = next_line(s, line);
        for (int i = 0; i < config.key_count; i++) {
            if (fixture_verify(&config.key[i], line, length))
                strcat(came, config.key[i].id);
        }
    } while (length > 0 && strcmp(came, ids) != 0);
    CHECK_STR(ids, came);
    int fields = 0;
    for (const char *tab = line; (tab = strchr(tab, '\t')) != NULL; tab++)
        fields++;
    CHECK_INT((int)strlen(ids), fields);
}

static void keys_overlap_while_they_are_rolled_over(void)
{
    static struct subscriber s;
    configure();
    add_key_for("a", 0, 20);
    add_key_for("b", 10, 30);
    begin();
    set_utc(0);
    subscribe(&s);
    expect_signed_by(&s, "a");
    set_utc(10);
    expect_signed_by(&s, "ab");
    set_utc(20);
    expect_signed_by(&s, "b");
    close(s.fd);
    feed_server_free(server);
}

static void without_a_valid_key_nothing_is_sent(void)
{
    static struct subscriber s;
    char line[LINE_OCTETS];
    configure();
    add_key_for("a", 0, 20);
    begin();
    set_utc(0);
    subscribe(&s);
    expect_signed_by(&s, "a");
    set_utc(20);
    const struct feed_status *status = feed_server_status(server);
    const int64_t deadline_us = io_now_us() + DEADLINE_MS * 1000;
    while (feed_status_get(status, FEED_UNSENT) < 10 && CHECK(io_now_us() < deadline_us))
        poll(NULL, 0, 10);
    CHECK_STR("feed: no key is valid: nothing is sent", feed_status_last_trouble(feed_server_status(server)));
    set_utc(0);
    while (next_line(&s, line) > 0 && !strstr(line, "\"kind\":\"full\""))
        CHECK(fixture_verify(config.key, line, strlen(line)));
    close(s.fd);
    feed_server_free(server);
}

static void keys_are_changed_without_a_new_start(void)
{
    static struct subscriber s;
    static struct feed_config next;
    char why[200];
    configure();
    config.destination_count = 1;
    strcpy(config.destination[0], "udp:127.0.0.1:9");
    add_key("a");
    begin();
    subscribe(&s);
    expect_signed_by(&s, "a");
    add_key("b");
    next = config;
    CHECK_INT(0, feed_server_keys(server, &next, why, sizeof why));
    expect_signed_by(&s, "ab");
    next.key[0] = next.key[1];
    next.key_count = 1;
    CHECK_INT(0, feed_server_keys(server, &next, why, sizeof why));
    expect_signed_by(&s, "b");
    next.key_count = 0;
    CHECK_INT(-1, feed_server_keys(server, &next, why, sizeof why));
    CHECK_STR("the feed cannot cease to sign without a new start", why);
    next.key_count = FEED_KEYS_MAX;
    CHECK_INT(-1, feed_server_keys(server, &next, why, sizeof why));
    CHECK(strstr(why, "is too long for a datagram of 1400 octets with the signatures of 8 keys"));
    expect_signed_by(&s, "b");
    close(s.fd);
    feed_server_free(server);
}

static void datagrams_of_a_change_come_three_times(void)
{
    char datagram[2048], first[2048] = "";
    ssize_t first_length = 0;
    int times = 0;
    int64_t first_us = 0, last_us = 0;
    configure();
    config.destination_count = 1;
    const int fd = open_udp(config.destination[0]);
    add_key("k");
    begin();
    take_frame(COLOR_RED);
    take_frame(COLOR_GREEN);
    while (times < 3) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (!CHECK(poll(&readable, 1, DEADLINE_MS) == 1))
            break;
        const ssize_t length = recv(fd, datagram, sizeof datagram - 1, 0);
        if (!CHECK(length > 0 && length <= FEED_MESSAGE_MAX))
            break;
        datagram[length] = '\0';
        CHECK(fixture_verify(config.key, datagram, (size_t)length));
        CHECK(!strchr(datagram, '\n'));
        if (!strstr(datagram, "\"color\":\"green\"") || !strstr(datagram, "\"kind\":\"change\""))
            continue;
        if (times++ == 0) {
            memcpy(first, datagram, (size_t)length + 1);
            first_length = length;
            first_us = io_now_us();
        }
        CHECK_INT(first_length, length);
        CHECK_STR(first, datagram);
        last_us = io_now_us();
    }
    CHECK(last_us - first_us >= 90000);
    close(fd);
    feed_server_free(server);
}

static void a_long_full_comes_in_parts_by_datagram_only(void)
{
    static struct subscriber s;
    char line[LINE_OCTETS], datagram[2048];
    struct sigstate_answer answer = {0};
    configure();
    for (int i = 0; i < GROUPS; i++)
        memset(config.group[i].name, 'x', NAME_TEXT - 1);
    config.destination_count = 1;
    const int fd = open_udp(config.destination[0]);
    begin();
    take_frame(COLOR_RED);
    struct sigstate *receiver =
        sigstate_open(&(struct sigstate_options){.clock_error_us = SIGSTATE_SAME_CLOCK});
    while (!answer.known) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (!CHECK(poll(&readable, 1, DEADLINE_MS) == 1))
            break;
        const ssize_t length = recv(fd, datagram, sizeof datagram, 0);
        if (!CHECK(length > 0 && length <= FEED_MESSAGE_MAX))
            break;
        CHECK_INT(SIGSTATE_TAKEN + (sigstate_take(receiver, datagram, (size_t)length, io_now_us(), 0) < 0),
                  SIGSTATE_TAKEN);
        sigstate_at_mono(receiver, 70, io_now_us(), io_now_us(), &answer);
    }
    CHECK_INT(COLOR_RED, answer.color);
    subscribe(&s);
    next_line(&s, line);
    CHECK(strlen(line) > FEED_MESSAGE_MAX);
    CHECK(!strstr(line, "\"parts\""));
    sigstate_close(receiver);
    close(s.fd);
    close(fd);
    feed_server_free(server);
}

static void who_does_not_read_is_dropped_and_nobody_waits(void)
{
    static struct subscriber lazy, eager;
    char line[LINE_OCTETS];
    size_t unread = 0;
    configure();
    begin();
    subscribe(&lazy);
    const int small = 4096;
    setsockopt(lazy.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    subscribe(&eager);
    for (int i = 0; i < 100000 && (int)count_of(FEED_DROPPED) == 0; i++) {
        take_frame(i % 2 ? COLOR_RED : COLOR_GREEN);
        if (!CHECK(line_with(&eager, "\"kind\":\"change\"", line) > 0))
            break;
    }
    CHECK_INT(1, (int)count_of(FEED_DROPPED));
    for (size_t length; (length = next_line(&lazy, line)) > 0;)
        unread += length;
    CHECK(unread < 64 * 1024); /* most of it its own receive buffer: what is queued here gets old */
    close(lazy.fd);
    close(eager.fd);
    feed_server_free(server);
}

static void subscribers_are_counted(void)
{
    static struct subscriber s[FEED_SUBSCRIBERS_MAX + 1];
    char line[LINE_OCTETS];
    configure();
    begin();
    for (int i = 0; i < FEED_SUBSCRIBERS_MAX; i++) {
        subscribe(&s[i]);
        CHECK(next_line(&s[i], line) > 0);
    }
    subscribe(&s[FEED_SUBSCRIBERS_MAX]);
    CHECK_INT(0, (int64_t)next_line(&s[FEED_SUBSCRIBERS_MAX], line));
    CHECK_INT(1, (int)count_of(FEED_REFUSED));
    for (int i = 0; i <= FEED_SUBSCRIBERS_MAX; i++)
        close(s[i].fd);
    feed_server_free(server);
}

static void an_occupied_port_is_told(void)
{
    char address[ADDRESS_TEXT], why[200], expected[200];
    configure();
    begin();
    struct feed_server *first = server;
    feed_server_address(first, 0, address, sizeof address);
    CHECK(strcmp(address, "tcp:127.0.0.1:0") != 0);
    snprintf(config.listen[0], sizeof config.listen[0], "%s", address);
    CHECK_INT(-1, open_server(why, sizeof why));
    snprintf(expected, sizeof expected, "cannot listen at %s: Address already in use", address);
    CHECK_STR(expected, why);
    feed_server_free(first);
}

static void what_cannot_work_is_refused_at_once(void)
{
    char why[200];
    configure();
    strcpy(config.listen[0], "udp:127.0.0.1:7070");
    CHECK_INT(-1, open_server(why, sizeof why));
    CHECK_STR("udp:127.0.0.1:7070 is not an address to listen at", why);
    configure();
    config.destination_count = 1;
    strcpy(config.destination[0], "udp:239.1.2.3:7071");
    CHECK_INT(-1, open_server(why, sizeof why));
    CHECK_STR("udp:239.1.2.3:7071 is not on this machine: without a key the feed goes nowhere else", why);
    strcpy(config.destination[0], "udp:camera:7071");
    CHECK_INT(-1, open_server(why, sizeof why));
    CHECK_STR("udp:camera:7071 is not an address to send datagrams to", why);
    configure();
    config.destination_count = 1;
    strcpy(config.destination[0], "udp:239.1.2.3:7071");
    add_key("k");
    memset(config.group[1].name, '\x01', NAME_TEXT - 1);
    CHECK_INT(-1, open_server(why, sizeof why));
    CHECK_STR("group 20 is too long for a datagram of 1400 octets with the signatures of 1 keys", why);
}

static void addresses_are_numeric(void)
{
    static const char *const good[] = {"udp:127.0.0.1:1161", "udp6:[::1]:1161", "tcp:0.0.0.0:0",
                                       "tcp6:[fe80::1]:65535"};
    static const char *const bad[] = {"",
                                      "127.0.0.1:1",
                                      "tcp:localhost:1",
                                      "tcp:127.0.0.1",
                                      "tcp:127.0.0.1:",
                                      "tcp:1.2.3:1",
                                      "tcp:1.2.3.4:-1",
                                      "tcp:1.2.3.4:x",
                                      "tcp:[::1]:1",
                                      "tcp6:::1:1",
                                      "tcp6:[::1:1",
                                      "tcp6:]:1",
                                      "tcp:1.2.3.4:65536",
                                      "sctp:1.2.3.4:1",
                                      "udp6:[1.2.3.4]:1"};
    struct address address;
    char text[ADDRESS_TEXT];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        harness_at("%s", good[i]);
        CHECK_INT(0, address_parse(&address, good[i]));
        address_print(&address, text, sizeof text);
        CHECK_STR(good[i], text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        harness_at("%s", bad[i]);
        CHECK_INT(-1, address_parse(&address, bad[i]));
    }
    CHECK(address_parse(&address, "udp:127.8.9.1:1") == 0 && address_is_loopback(&address));
    CHECK(address_parse(&address, "udp6:[::1]:1") == 0 && address_is_loopback(&address));
    CHECK(address_parse(&address, "udp6:[::ffff:127.0.0.1]:1") == 0 && address_is_loopback(&address));
    CHECK(address_parse(&address, "udp:128.0.0.1:1") == 0 && !address_is_loopback(&address));
    CHECK(address_parse(&address, "udp6:[::2]:1") == 0 && !address_is_loopback(&address));
}

HARNESS_MAIN({"a subscriber is told all at once and then each change",
              a_subscriber_is_told_all_at_once_and_then_each_change},
             {"a receiver follows a signed stream", a_receiver_follows_a_signed_stream},
             {"keys overlap while they are rolled over", keys_overlap_while_they_are_rolled_over},
             {"without a valid key nothing is sent", without_a_valid_key_nothing_is_sent},
             {"keys are changed without a new start", keys_are_changed_without_a_new_start},
             {"datagrams of a change come three times", datagrams_of_a_change_come_three_times},
             {"a long full comes in parts by datagram only", a_long_full_comes_in_parts_by_datagram_only},
             {"who does not read is dropped and nobody waits", who_does_not_read_is_dropped_and_nobody_waits},
             {"subscribers are counted", subscribers_are_counted},
             {"an occupied port is told", an_occupied_port_is_told},
             {"what cannot work is refused at once", what_cannot_work_is_refused_at_once},
             {"addresses are numeric", addresses_are_numeric}, )
