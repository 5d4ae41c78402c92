/* The bus thread against a real Modbus server in this process, well and unwell. */
#include "../../io/cabinet_map.h"
#include "../../io/cabinet_modbus.h"
#include "harness.h"
#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE_S = 20, REGISTERS = 64, LINES_MAX = 64 };

enum behaviour {
    SERVE,
    MUTE,     /* takes the request, acts on it, and says nothing */
    SLOW,     /* answers one octet every 20 ms */
    WRONG_ID, /* answers another request than the one asked */
    HANG_UP,  /* closes the connection on a request */
};

/* Everything below the lock is shared by the test, the bus thread and the server thread; each change
 * wakes who waits. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;

    struct cabinet_config config;
    struct cabinet_modbus *modbus;
    int listen_fd;
    pthread_t server;
    bool stop;

    enum behaviour behaviour;
    bool deaf;                  /* does not echo the heartbeat */
    struct cabinet_image image; /* inputs to report; lamps are those commanded */
    struct cabinet_command command;
    int writes, reads, connections;
    int torn_down; /* connections that the bus reset, with all that was still under way */

    int taken;
    struct cabinet_exchange exchange;
    int lines;
    char line[LINES_MAX][128];
} b = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Waits until `condition`, evaluated under the lock, holds; leaves the lock held. */
#define LOCK_WHEN(condition)                                                                                 \
    do {                                                                                                     \
        struct timespec deadline;                                                                            \
        clock_gettime(CLOCK_MONOTONIC, &deadline);                                                           \
        deadline.tv_sec += DEADLINE_S;                                                                       \
        pthread_mutex_lock(&b.lock);                                                                         \
        while (!(condition) && pthread_cond_timedwait(&b.changed, &b.lock, &deadline) == 0) {                \
        }                                                                                                    \
        CHECK(condition);                                                                                    \
    } while (0)

#define WAIT_FOR(condition)                                                                                  \
    do {                                                                                                     \
        LOCK_WHEN(condition);                                                                                \
        pthread_mutex_unlock(&b.lock);                                                                       \
    } while (0)

static void on_taken(void *arg, const struct cabinet_exchange *exchange)
{
    (void)arg;
    pthread_mutex_lock(&b.lock);
    b.exchange = *exchange;
    b.taken++;
    pthread_cond_broadcast(&b.changed);
    pthread_mutex_unlock(&b.lock);
}

/* Whether real-time priority is granted depends on who runs the test. */
static void on_line(void *arg, const char *line)
{
    (void)arg;
    if (strncmp(line, "cabinet ", 8) != 0)
        return;
    pthread_mutex_lock(&b.lock);
    if (b.lines < LINES_MAX)
        snprintf(b.line[b.lines++], sizeof b.line[0], "%s", line);
    pthread_cond_broadcast(&b.changed);
    pthread_mutex_unlock(&b.lock);
}

static bool said(const char *part)
{
    for (int i = 0; i < b.lines; i++) {
        if (strstr(b.line[i], part))
            return true;
    }
    return false;
}

/* ---- the server ---- */

static int word_at(const uint8_t *octet)
{
    return octet[0] << 8 | octet[1];
}

/* The lamps follow before the answer reads them, as function 23 has it. */
static void act_on_request(const uint8_t *request, modbus_mapping_t *mapping)
{
    pthread_mutex_lock(&b.lock);
    struct cabinet_registers run = {0, REGISTERS, mapping->tab_registers};
    if (request[7] == MODBUS_FC_WRITE_AND_READ_REGISTERS) {
        const int first = word_at(request + 12), count = word_at(request + 14);
        for (int i = 0; i < count && first + i < REGISTERS; i++)
            run.value[first + i] = (uint16_t)word_at(request + 17 + 2 * i);
        cabinet_map_get_command(&b.config.map, &run, &b.command);
        b.image.red = b.command.red;
        b.image.yellow = b.command.yellow;
        b.image.green = b.command.green;
        b.writes++;
    } else {
        b.reads++;
    }
    cabinet_map_put_image(&b.config.map, &b.image, b.deaf ? 0 : b.command.heartbeat, &run);
    pthread_cond_broadcast(&b.changed);
    pthread_mutex_unlock(&b.lock);
}

/* Sends one octet at a time until the other side has had enough. */
static void answer_slowly(int fd)
{
    static const uint8_t begin[] = {0, 1, 0, 0, 0, 100, 1, 23, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (size_t i = 0; i < sizeof begin; i++) {
        if (send(fd, begin + i, 1, MSG_NOSIGNAL) != 1)
            return;
        nanosleep(&(struct timespec){0, 20 * 1000 * 1000}, NULL);
    }
}

/* The bus has ended the connection. What it left unsent is lost only if a reset follows. */
static void watch_it_end(int fd)
{
    struct pollfd reset = {.fd = fd}; /* a mere end does not hang up */
    const bool torn_down = poll(&reset, 1, DEADLINE_S * 1000) == 1;
    pthread_mutex_lock(&b.lock);
    b.torn_down += torn_down;
    pthread_cond_broadcast(&b.changed);
    pthread_mutex_unlock(&b.lock);
}

static void serve(int fd, modbus_t *context, modbus_mapping_t *mapping)
{
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(context, fd);
    for (;;) {
        const int length = modbus_receive(context, request);
        if (length <= 0) {
            watch_it_end(fd);
            return;
        }
        act_on_request(request, mapping);
        pthread_mutex_lock(&b.lock);
        const enum behaviour behaviour = b.behaviour;
        pthread_mutex_unlock(&b.lock);
        switch (behaviour) {
        case SERVE:
            modbus_reply(context, request, length, mapping);
            break;
        case MUTE:
            break;
        case SLOW:
            answer_slowly(fd);
            break;
        case WRONG_ID:
            request[1]++;
            modbus_reply(context, request, length, mapping);
            break;
        case HANG_UP:
            return;
        }
    }
}

static void *run_server(void *arg)
{
    (void)arg;
    modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *mapping = modbus_mapping_new(0, 0, REGISTERS, 0);
    for (;;) {
        const int fd = accept(b.listen_fd, NULL, NULL);
        pthread_mutex_lock(&b.lock);
        const bool stop = b.stop || fd < 0;
        b.connections++;
        pthread_cond_broadcast(&b.changed);
        pthread_mutex_unlock(&b.lock);
        if (!stop)
            serve(fd, context, mapping);
        if (fd >= 0)
            close(fd);
        if (stop)
            break;
    }
    modbus_mapping_free(mapping);
    modbus_free(context);
    return NULL;
}

/* ---- the fixture ---- */

/* A port that is ours, but where nobody listens yet. */
static void reserve_port(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof in;
    b.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(b.listen_fd, (struct sockaddr *)&in, sizeof in) == 0);
    CHECK(getsockname(b.listen_fd, (struct sockaddr *)&in, &length) == 0);
    b.config.port = ntohs(in.sin_port);
}

static void start_server(void)
{
    CHECK(listen(b.listen_fd, 4) == 0);
    CHECK(pthread_create(&b.server, NULL, run_server, NULL) == 0);
}

static void start_bus(void)
{
    char why[128] = "";
    CHECK_INT(0, cabinet_modbus_new(&b.modbus, &b.config, on_taken, NULL, on_line, NULL, why, sizeof why));
    CHECK_STR("", why);
    CHECK_INT(0, cabinet_modbus_start(b.modbus));
}

static void prepare(void)
{
    pthread_condattr_t attributes;
    memset(&b, 0, sizeof b);
    pthread_mutex_init(&b.lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&b.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    strcpy(b.config.host, "127.0.0.1");
    b.config.unit = 1;
    b.config.response_ms = 80;
    b.config.map = (struct cabinet_map){
        .channels = 20,
        .vehicles = 16,
        .pedestrians = 4,
        .heartbeat = 0,
        .control = 1,
        .red = 2,
        .yellow = 4,
        .green = 6,
        .status = 20,
        .inputs = 21,
        .heartbeat_echo = 22,
        .lit_red = 23,
        .lit_yellow = 25,
        .lit_green = 27,
        .vehicle = 29,
        .pedestrian = 30,
    };
    reserve_port();
}

static void begin(void)
{
    prepare();
    start_server();
    start_bus();
}

static void end(void)
{
    cabinet_modbus_free(b.modbus);
    pthread_mutex_lock(&b.lock);
    b.stop = true;
    pthread_mutex_unlock(&b.lock);
    shutdown(b.listen_fd, SHUT_RDWR); /* ends accept() */
    pthread_join(b.server, NULL);
    close(b.listen_fd);
    pthread_mutex_destroy(&b.lock);
    pthread_cond_destroy(&b.changed);
}

static void behave(enum behaviour behaviour)
{
    pthread_mutex_lock(&b.lock);
    b.behaviour = behaviour;
    pthread_mutex_unlock(&b.lock);
}

static void write_output_of(uint64_t seq, bool healthy, int64_t tick_us)
{
    struct output output;
    struct cabinet *port = cabinet_modbus_port(b.modbus);
    memset(&output, 0, sizeof output);
    output.seq = seq;
    output.tick_us = tick_us;
    output.healthy = healthy;
    channel_add(&output.frame.red, 1);
    channel_add(&output.frame.green, 20);
    port->write(port, &output);
}

static void write_output(uint64_t seq, bool healthy)
{
    write_output_of(seq, healthy, io_now_us());
}

/* Writes outputs until one more was taken. */
static void exchange_once(void)
{
    static uint64_t seq;
    pthread_mutex_lock(&b.lock);
    const int before = b.taken;
    pthread_mutex_unlock(&b.lock);
    for (int i = 0; i < DEADLINE_S * 20; i++) {
        write_output(++seq, true);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 50 * 1000 * 1000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_mutex_lock(&b.lock);
        while (b.taken == before && pthread_cond_timedwait(&b.changed, &b.lock, &until) == 0) {
        }
        const bool done = b.taken > before;
        pthread_mutex_unlock(&b.lock);
        if (done)
            return;
    }
    CHECK_FAIL("no exchange within %d s", DEADLINE_S);
}

/* ---- tests ---- */

static void an_output_lights_the_lamps_and_brings_the_image(void)
{
    begin();
    pthread_mutex_lock(&b.lock);
    b.image.vehicle.word[0] = 0x8001;
    b.image.pedestrian = 0x5;
    b.image.inputs = CABINET_DOOR;
    b.image.status = CABINET_TRIP_HEARTBEAT;
    pthread_mutex_unlock(&b.lock);
    WAIT_FOR(b.reads > 0); /* connected; nothing written before the tick does */
    CHECK_INT(0, b.writes);
    const int64_t before_us = io_now_us();
    write_output(1, true);
    LOCK_WHEN(b.taken == 1);
    const int64_t after_us = io_now_us();
    CHECK_HEX(0x1, b.command.red.word[0]);
    CHECK_HEX(0x80000, b.command.green.word[0]);
    CHECK(b.command.healthy);
    CHECK_INT(1, b.command.heartbeat);
    CHECK_INT(1, (int64_t)b.exchange.output.seq);
    CHECK_HEX(0x1, b.exchange.image.red.word[0]);
    CHECK_HEX(0x80000, b.exchange.image.green.word[0]);
    CHECK(b.exchange.taken_us - b.exchange.error_us + 500 >= before_us);
    CHECK(b.exchange.taken_us + b.exchange.error_us - 500 <= after_us + 1);
    pthread_mutex_unlock(&b.lock);
    struct cabinet *port = cabinet_modbus_port(b.modbus);
    struct cabinet_image image;
    const int64_t now_us = io_now_us();
    const int64_t age_us = port->read(port, &image, now_us);
    CHECK(age_us >= 0 && age_us <= now_us - before_us);
    CHECK_HEX(0x8001, image.vehicle.word[0]);
    CHECK_HEX(0x5, image.pedestrian);
    CHECK_HEX(CABINET_DOOR, image.inputs);
    CHECK_HEX(CABINET_TRIP_HEARTBEAT, image.status);
    CHECK_INT(1, b.connections);
    CHECK(said(" found"));
    end();
}

static void there_is_no_image_before_the_first(void)
{
    prepare();
    char why[128];
    CHECK_INT(0, cabinet_modbus_new(&b.modbus, &b.config, NULL, NULL, on_line, NULL, why, sizeof why));
    struct cabinet *port = cabinet_modbus_port(b.modbus);
    struct cabinet_image image;
    CHECK_INT(-1, port->read(port, &image, io_now_us()));
    cabinet_modbus_free(b.modbus);
    close(b.listen_fd);
}

static void only_new_healthy_outputs_beat(void)
{
    begin();
    write_output(1, true);
    WAIT_FOR(b.taken == 1);
    write_output(2, false);
    LOCK_WHEN(b.taken == 2);
    CHECK_INT(1, b.command.heartbeat);
    CHECK(!b.command.healthy);
    const int reads = b.reads;
    pthread_mutex_unlock(&b.lock);
    /* The tick hangs: the inputs are still read, nothing is written. */
    LOCK_WHEN(b.reads >= reads + 2);
    CHECK_INT(2, b.writes);
    CHECK_INT(2, b.taken);
    CHECK_INT(1, b.command.heartbeat);
    pthread_mutex_unlock(&b.lock);
    write_output(3, true);
    LOCK_WHEN(b.taken == 3);
    CHECK_INT(2, b.command.heartbeat);
    pthread_mutex_unlock(&b.lock);
    end();
}

static void an_output_from_before_an_outage_is_not_sent(void)
{
    begin();
    WAIT_FOR(b.reads > 0);
    write_output_of(1, true, io_now_us() - 400000);
    LOCK_WHEN(b.reads >= 3);
    CHECK_INT(0, b.writes);
    pthread_mutex_unlock(&b.lock);
    write_output(2, true);
    LOCK_WHEN(b.taken == 1);
    CHECK_INT(1, b.command.heartbeat);
    pthread_mutex_unlock(&b.lock);
    end();
}

static void an_unreachable_cabinet_is_told_once_and_found_later(void)
{
    prepare();
    start_bus();
    WAIT_FOR(b.lines == 1);
    CHECK(said(" not reached yet: Connection refused"));
    start_server();
    exchange_once();
    LOCK_WHEN(b.lines == 2);
    CHECK(said(" found"));
    pthread_mutex_unlock(&b.lock);
    end();
}

static void check_recovery(enum behaviour behaviour, const char *reason)
{
    begin();
    exchange_once();
    behave(behaviour);
    const int64_t from_us = io_now_us();
    write_output(1000, true);
    WAIT_FOR(said(" lost: "));
    CHECK(io_now_us() - from_us < 2000000);
    if (!said(reason))
        CHECK_STR(reason, b.line[b.lines - 1]);
    behave(SERVE);
    exchange_once();
    pthread_mutex_lock(&b.lock);
    CHECK(said(" found again"));
    CHECK(b.connections >= 2);
    /* The write without an answer may have been taken: the frame may have been lit since then. */
    CHECK(b.exchange.taken_us - b.exchange.error_us <= from_us + 500000);
    CHECK(b.exchange.error_us > 500);
    pthread_mutex_unlock(&b.lock);
    end();
}

static void a_mute_cabinet_is_left_after_the_response_time(void)
{
    check_recovery(MUTE, "lost: Connection timed out");
}

static void a_slow_one_does_not_hold_the_bus(void)
{
    check_recovery(SLOW, "lost: Connection timed out");
}

static void an_answer_to_another_request_is_not_taken(void)
{
    check_recovery(WRONG_ID, "lost: Invalid data");
}

static void a_connection_that_breaks_is_opened_again(void)
{
    check_recovery(HANG_UP, "lost: Connection reset by peer");
}

static void what_was_not_answered_does_not_arrive_later(void)
{
    begin();
    exchange_once();
    behave(MUTE);
    write_output(1000, true);
    WAIT_FOR(b.torn_down == 1);
    behave(SERVE);
    exchange_once();
    end();
    CHECK_INT(2, b.torn_down); /* at the end of the bus as well */
}

static void a_cabinet_that_does_not_echo_is_told(void)
{
    begin();
    pthread_mutex_lock(&b.lock);
    b.deaf = true;
    pthread_mutex_unlock(&b.lock);
    for (int i = 0; i < 12; i++)
        exchange_once();
    LOCK_WHEN(said("does not echo the heartbeat"));
    CHECK_INT(2, b.lines);
    pthread_mutex_unlock(&b.lock);
    end();
}

static void bad_settings_are_refused(void)
{
    char why[160];
    prepare();
    close(b.listen_fd);
    strcpy(b.config.host, "cabinet.example");
    b.config.port = 502;
    CHECK_INT(-1, cabinet_modbus_new(&b.modbus, &b.config, NULL, NULL, on_line, NULL, why, sizeof why));
    CHECK_STR("host: cabinet.example port 502 is not a numeric address", why);
    strcpy(b.config.host, "127.0.0.1");
    b.config.unit = 248;
    CHECK_INT(-1, cabinet_modbus_new(&b.modbus, &b.config, NULL, NULL, on_line, NULL, why, sizeof why));
    CHECK_STR("unit: 248 is not a Modbus unit identifier", why);
    b.config.unit = 1;
    b.config.response_ms = 0;
    CHECK_INT(-1, cabinet_modbus_new(&b.modbus, &b.config, NULL, NULL, on_line, NULL, why, sizeof why));
    CHECK_STR("response_ms: 0 is no time to wait", why);
    b.config.response_ms = 80;
    b.config.map.green = 2;
    CHECK_INT(-1, cabinet_modbus_new(&b.modbus, &b.config, NULL, NULL, on_line, NULL, why, sizeof why));
    CHECK_STR("green: shares a register with red", why);
    CHECK(b.modbus == NULL);
}

HARNESS_MAIN({"an output lights the lamps and brings the image",
              an_output_lights_the_lamps_and_brings_the_image},
             {"there is no image before the first", there_is_no_image_before_the_first},
             {"only new healthy outputs beat", only_new_healthy_outputs_beat},
             {"an output from before an outage is not sent", an_output_from_before_an_outage_is_not_sent},
             {"an unreachable cabinet is told once and found later",
              an_unreachable_cabinet_is_told_once_and_found_later},
             {"a mute cabinet is left after the response time",
              a_mute_cabinet_is_left_after_the_response_time},
             {"a slow one does not hold the bus", a_slow_one_does_not_hold_the_bus},
             {"an answer to another request is not taken", an_answer_to_another_request_is_not_taken},
             {"a connection that breaks is opened again", a_connection_that_breaks_is_opened_again},
             {"what was not answered does not arrive later", what_was_not_answered_does_not_arrive_later},
             {"a cabinet that does not echo is told", a_cabinet_that_does_not_echo_is_told},
             {"bad settings are refused", bad_settings_are_refused}, )
