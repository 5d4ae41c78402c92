#include "mqtt.h"
#include "address.h"
#include "latest.h"
#include "spat_json.h"
#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    KEEPALIVE_S = 5, /* the least there is; a broker misses us after one and a half of these */
    EXPIRY_S = 2,    /* after which the broker forgets a retained state that nobody has renewed */
    ON_AIR_MAX = 4,  /* messages the broker has not confirmed (QoS 1) */
    LOOK_MS = 100,   /* how often the thread looks about when nothing wakes it */
    ATTEMPT_US = 10 * 1000 * 1000, /* for a connection to be accepted */
    SILENCE_US = 1000 * 1000,      /* of the feed: nothing is known any more */
    GOODBYE_US = 500 * 1000,
    STEADY_US = 10 * 1000 * 1000, /* a connection that held so long was none to be slow after */
    RETRY_FIRST_MS = 1000,
    RETRY_MAX_MS = 30 * 1000,
    REASON_TEXT = 160,
};

struct mqtt_publisher {
    const struct feed_config *config;
    io_log *log;
    void *log_arg;
    struct feed_outlet *outlet;
    int stop_fd;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    char host[INET6_ADDRSTRLEN];
    int port;

    struct spat_state state;
    int64_t heard_us; /* when the feed last said something */
    bool news;        /* the broker does not have the newest yet */
    char *text;
    size_t text_size;

    /* One client is one attempt and, where it is accepted, one connection: what an old connection did not
     * carry away goes with it. */
    struct mosquitto *client;
    mosquitto_property *expiry; /* of retained messages; NULL before version 5 of the protocol */
    bool accepted;
    int on_air;
    int64_t attempt_us, retry_us; /* when this attempt began; when to make the next */
    int32_t retry_ms;
    uint32_t random;
    char reason[REASON_TEXT]; /* why the present attempt failed; empty: not yet */
    char told[REASON_TEXT];   /* the one that stands in the log */

    struct latest trouble_latest;
    char trouble[LATEST_SLOTS][REASON_TEXT];
    atomic_uint connections, failures, published, replaced, lost;
    atomic_bool connected;
};

static void say(struct mqtt_publisher *p, const char *what, const char *more)
{
    char line[REASON_TEXT + ADDRESS_TEXT + 64];
    snprintf(line, sizeof line, "mqtt: %s: %s%s", p->config->mqtt.broker, what, more);
    p->log(p->log_arg, line);
}

/* ---- what the library calls ---- */

static void on_connect(struct mosquitto *client, void *arg, int code)
{
    (void)client;
    struct mqtt_publisher *p = arg;
    if (code != 0) {
        snprintf(p->reason, sizeof p->reason, "%s",
                 p->config->mqtt.version == 5 ? mosquitto_reason_string(code)
                                              : mosquitto_connack_string(code));
        return;
    }
    p->accepted = true;
    p->news = true; /* it has, at best, what we said before */
    p->told[0] = '\0';
    atomic_fetch_add(&p->connections, 1);
    atomic_store(&p->connected, true);
    say(p, "connected", "");
}

/* QoS 0: it is on its way; QoS 1: the broker has it. */
static void on_publish(struct mosquitto *client, void *arg, int id)
{
    (void)client;
    (void)id;
    struct mqtt_publisher *p = arg;
    p->on_air--;
}

/* ---- one attempt ---- */

static int set_will(struct mqtt_publisher *p, struct mosquitto *client)
{
    const struct spat_state unknown = {.known = false};
    const struct mqtt_config *mqtt = &p->config->mqtt;
    const int length = spat_json_encode(p->config, &unknown, p->text, p->text_size);
    return length < 0 ? MOSQ_ERR_PAYLOAD_SIZE
                      : mosquitto_will_set(client, mqtt->topic, length, p->text, mqtt->qos, true);
}

/* Tells the library everything but where the broker is. Returns one of its codes. */
static int configure(struct mqtt_publisher *p, struct mosquitto *client)
{
    const struct mqtt_config *mqtt = &p->config->mqtt;
    const int version = mqtt->version == 5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
    int result = mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version);
    if (result == 0)
        result = mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    if (result == 0 && mqtt->user[0])
        result = mosquitto_username_pw_set(client, mqtt->user, mqtt->password[0] ? mqtt->password : NULL);
    if (result == 0 && mqtt->ca[0])
        result = mosquitto_tls_set(client, mqtt->ca, NULL, mqtt->cert[0] ? mqtt->cert : NULL,
                                   mqtt->key[0] ? mqtt->key : NULL, NULL);
    if (result == 0)
        result = set_will(p, client);
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_publish_callback_set(client, on_publish);
    return result;
}

/* Half of the delay by chance: the controllers of a city shall not all come back in the same instant. */
static int64_t next_delay_us(struct mqtt_publisher *p)
{
    const int32_t delay_ms = p->retry_ms;
    p->retry_ms = delay_ms * 2 < RETRY_MAX_MS ? delay_ms * 2 : RETRY_MAX_MS;
    p->random = p->random * 1664525U + 1013904223U;
    return (delay_ms / 2 + (int32_t)(p->random >> 16) * delay_ms / 2 / 65536) * INT64_C(1000);
}

/* The attempt, or the connection, is over. Its reason is told once, not with every attempt. */
static void give_up(struct mqtt_publisher *p, const char *reason)
{
    if (p->client)
        mosquitto_destroy(p->client);
    p->client = NULL;
    p->on_air = 0;
    if (p->accepted && io_now_us() - p->attempt_us > STEADY_US)
        p->retry_ms = RETRY_FIRST_MS;
    p->retry_us = io_now_us() + next_delay_us(p);
    atomic_fetch_add(&p->failures, 1);
    atomic_store(&p->connected, false);
    snprintf(p->trouble[p->trouble_latest.back], REASON_TEXT, "%s", reason);
    latest_publish(&p->trouble_latest);
    if (strcmp(p->told, reason) != 0) {
        snprintf(p->told, sizeof p->told, "%s", reason);
        say(p, p->accepted ? "connection lost: " : "no connection: ", reason);
    }
    p->accepted = false;
}

static const char *describe(const struct mqtt_publisher *p, int code)
{
    if (p->reason[0])
        return p->reason;
    return code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
}

static void attempt(struct mqtt_publisher *p)
{
    p->reason[0] = '\0';
    p->attempt_us = io_now_us();
    p->client = mosquitto_new(p->config->mqtt.client, true, p);
    int code = p->client ? configure(p, p->client) : MOSQ_ERR_NOMEM;
    if (code == MOSQ_ERR_SUCCESS)
        code = mosquitto_connect_async(p->client, p->host, p->port, KEEPALIVE_S);
    if (code != MOSQ_ERR_SUCCESS)
        give_up(p, describe(p, code));
}

/* ---- publishing ---- */

static int publish(struct mqtt_publisher *p)
{
    const struct mqtt_config *mqtt = &p->config->mqtt;
    const int length = spat_json_encode(p->config, &p->state, p->text, p->text_size);
    if (length < 0)
        return MOSQ_ERR_PAYLOAD_SIZE;
    p->on_air++; /* the library may confirm before it returns */
    /* That nothing is known stays true until we say otherwise; a state goes stale. */
    return mosquitto_publish_v5(p->client, NULL, mqtt->topic, length, p->text, mqtt->qos, true,
                                p->state.known ? p->expiry : NULL);
}

/* While the connection carries nothing away, only the newest state waits, and it waits here. */
static void publish_news(struct mqtt_publisher *p)
{
    if (!p->news || !p->accepted || mosquitto_want_write(p->client) || p->on_air >= ON_AIR_MAX)
        return;
    const int code = publish(p);
    if (code != MOSQ_ERR_SUCCESS) {
        give_up(p, describe(p, code));
        return;
    }
    p->news = false;
    atomic_fetch_add(&p->published, 1);
}

static void forget(struct mqtt_publisher *p, int64_t now_us, const char *why)
{
    if (!p->state.known)
        return;
    spat_state_forget(&p->state, now_us);
    p->news = true;
    say(p, "state unknown: ", why);
}

static void hear_feed(struct mqtt_publisher *p, int64_t now_us)
{
    struct feed_message message;
    uint64_t lost;
    while (feed_outlet_take(p->outlet, &message, &lost)) {
        p->heard_us = now_us;
        if (lost > 0) {
            atomic_fetch_add(&p->lost, (unsigned)lost);
            forget(p, now_us, "the feed was too fast for us");
        }
        if (!spat_state_take(&p->state, &message))
            continue;
        if (p->news && p->accepted)
            atomic_fetch_add(&p->replaced, 1);
        p->news = true;
    }
    if (now_us - p->heard_us > SILENCE_US)
        forget(p, now_us, "the feed is silent");
}

/* ---- the thread ---- */

static void wait_for_something(struct mqtt_publisher *p)
{
    struct pollfd fds[3] = {{.fd = p->stop_fd, .events = POLLIN},
                            {.fd = feed_outlet_fd(p->outlet), .events = POLLIN},
                            {.fd = -1, .events = POLLIN}};
    if (p->client) {
        fds[2].fd = mosquitto_socket(p->client);
        if (mosquitto_want_write(p->client))
            fds[2].events |= POLLOUT;
    }
    poll(fds, 3, LOOK_MS);
}

static void serve_broker(struct mqtt_publisher *p, int64_t now_us)
{
    if (!p->client) {
        if (now_us >= p->retry_us)
            attempt(p);
        return;
    }
    const int code = mosquitto_loop(p->client, 0, 1);
    if (code != MOSQ_ERR_SUCCESS)
        give_up(p, describe(p, code));
    else if (!p->accepted && now_us - p->attempt_us > ATTEMPT_US)
        give_up(p, "no answer");
}

/* A will is for those who die. Who ends leaves the same word behind himself. */
static void say_goodbye(struct mqtt_publisher *p)
{
    const int64_t until_us = io_now_us() + GOODBYE_US;
    if (p->accepted) {
        spat_state_forget(&p->state, io_now_us());
        publish(p);
        mosquitto_disconnect(p->client);
        while (io_now_us() < until_us && mosquitto_loop(p->client, LOOK_MS, 1) == MOSQ_ERR_SUCCESS)
            ;
    }
    if (p->client)
        mosquitto_destroy(p->client);
    p->client = NULL;
}

static void *run(void *arg)
{
    struct mqtt_publisher *p = arg;
    io_thread_begin("tsc-mqtt", 0);
    while (!atomic_load(&p->stop)) {
        const int64_t now_us = io_now_us();
        hear_feed(p, now_us);
        serve_broker(p, now_us);
        publish_news(p);
        wait_for_something(p);
    }
    say_goodbye(p);
    return NULL;
}

/* ---- beginning and end ---- */

/* What libmosquitto says to the configuration before there is any broker. */
static int try_configuration(struct mqtt_publisher *p, char *why, size_t size)
{
    const struct mqtt_config *mqtt = &p->config->mqtt;
    struct mosquitto *client = mosquitto_new(mqtt->client, true, p);
    const int code = client ? configure(p, client) : MOSQ_ERR_NOMEM;
    if (client)
        mosquitto_destroy(client);
    if (code == MOSQ_ERR_SUCCESS)
        return 0;
    snprintf(why, size, "feed.mqtt: %s%s", mosquitto_strerror(code),
             mqtt->ca[0] ? " (can ca, cert and key be read?)" : "");
    return -1;
}

static int open_all(struct mqtt_publisher *p, char *why, size_t size)
{
    struct address broker;
    if (address_parse(&broker, p->config->mqtt.broker) != 0) {
        snprintf(why, size, "feed.mqtt.broker: \"%s\" is no address", p->config->mqtt.broker);
        return -1;
    }
    address_host(&broker, p->host, sizeof p->host);
    p->port = address_port(&broker);
    p->text_size = spat_json_max(p->config);
    p->text = malloc(p->text_size);
    p->outlet = feed_outlet_new();
    p->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    const bool expiry = p->config->mqtt.version != 5 ||
                        mosquitto_property_add_int32(&p->expiry, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
                                                     EXPIRY_S) == MOSQ_ERR_SUCCESS;
    if (!p->text || !p->outlet || p->stop_fd < 0 || !expiry) {
        snprintf(why, size, "no memory or no descriptor for the MQTT publisher");
        return -1;
    }
    return try_configuration(p, why, size);
}

int mqtt_publisher_new(struct mqtt_publisher **publisher, const struct feed_config *config, io_log *log,
                       void *arg, char *why, size_t size)
{
    struct mqtt_publisher *p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    p->config = config;
    p->log = log;
    p->log_arg = arg;
    p->stop_fd = -1;
    latest_init(&p->trouble_latest);
    p->retry_ms = RETRY_FIRST_MS;
    p->random = (uint32_t)io_now_us() ^ (uint32_t)getpid() << 16;
    mosquitto_lib_init();
    if (open_all(p, why, size) != 0) {
        mqtt_publisher_free(p);
        return -1;
    }
    *publisher = p;
    return 0;
}

struct feed_outlet *mqtt_publisher_outlet(struct mqtt_publisher *publisher)
{
    return publisher->outlet;
}

int mqtt_publisher_start(struct mqtt_publisher *publisher)
{
    if (pthread_create(&publisher->thread, NULL, run, publisher) != 0)
        return -1;
    publisher->started = true;
    return 0;
}

void mqtt_publisher_counts(const struct mqtt_publisher *publisher, struct mqtt_counts *counts)
{
    *counts = (struct mqtt_counts){
        .connections = atomic_load(&publisher->connections),
        .failures = atomic_load(&publisher->failures),
        .published = atomic_load(&publisher->published),
        .replaced = atomic_load(&publisher->replaced),
        .lost = atomic_load(&publisher->lost),
        .connected = atomic_load(&publisher->connected),
    };
}

const char *mqtt_publisher_trouble(struct mqtt_publisher *publisher)
{
    latest_take(&publisher->trouble_latest);
    return publisher->trouble[publisher->trouble_latest.front];
}

void mqtt_publisher_free(struct mqtt_publisher *publisher)
{
    if (!publisher)
        return;
    if (publisher->started) {
        const uint64_t one = 1;
        atomic_store(&publisher->stop, true);
        (void)!write(publisher->stop_fd, &one, sizeof one);
        pthread_join(publisher->thread, NULL);
    }
    if (publisher->stop_fd >= 0)
        close(publisher->stop_fd);
    feed_outlet_free(publisher->outlet);
    mosquitto_property_free_all(&publisher->expiry);
    mosquitto_lib_cleanup();
    free(publisher->text);
    free(publisher);
}
