#include "feed_thread.h"
#include "feed_sign.h"
#include "feed_tcp.h"
#include "feed_udp.h"
#include "latest.h"
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    PRIORITY = 30,
    POLL_US = 50 * 1000,
    EXCHANGES_WAITING = 16,
    SUFFIX_MAX = FEED_KEYS_MAX * 128,
};

/* All keys of the config, valid or not. */
struct keys {
    uint8_t count;
    struct feed_key key[FEED_KEYS_MAX];
};

struct waiting_exchange {
    struct cabinet_exchange exchange;
    uint64_t lost; /* how many before it found no room */
};

struct feed_server {
    const struct feed_config *given;
    struct feed_config config; /* the feed's thread's own: its keys are those that are valid now */
    bool mute;                 /* there are keys, and none is valid */
    struct feed *feed;
    struct feed_tcp *tcp;
    struct feed_udp *udp;
    struct tscbm_sender *tscbm;
    struct feed_outlet *outlet[FEED_OUTLETS_MAX];
    int outlet_count;
    struct feed_status status;

    struct event_base *base;
    struct event *wake, *timer;
    int wake_fd, timer_fd;
    pthread_t thread;
    bool started;
    atomic_bool stop;

    /* From the bus: a ring with one writer and one reader. */
    struct waiting_exchange waiting[EXCHANGES_WAITING];
    atomic_uint put, taken;
    uint64_t lost; /* the bus's own */

    struct latest clock_latest;
    struct feed_clock clock[LATEST_SLOTS];
    struct latest keys_latest;
    struct keys keys[LATEST_SLOTS];
    struct latest receivers_latest;
    struct tscbm_receivers receivers[LATEST_SLOTS];

    int64_t poll_due_us, repeat_due_us;
    size_t text_size;
    char *text;
};

/* ---- sending ---- */

/* Encodes and signs into server->text. Returns the length without newline, 0 if that fails. */
static size_t write_text(struct feed_server *server, const struct feed_message *message)
{
    const struct feed_config *config = &server->config;
    if (server->mute) {
        feed_status_add(&server->status, FEED_UNSENT, 1);
        return 0;
    }
    const int length = feed_encode(config, message, server->text, server->text_size);
    if (length < 0 || feed_sign(config, server->text, (size_t)length, server->text + length) != 0) {
        feed_status_add(&server->status, FEED_UNSENT, 1);
        feed_status_trouble(&server->status, "feed: a message could not be written");
        return 0;
    }
    return (size_t)length + feed_sign_length(config);
}

static void send_datagram(void *arg, const struct feed_message *message)
{
    struct feed_server *server = arg;
    const size_t length = write_text(server, message);
    if (length > 0)
        feed_udp_send(server->udp, server->text, length, message->kind == FEED_CHANGE, io_now_us());
}

static void send_message(void *arg, const struct feed_message *message)
{
    struct feed_server *server = arg;
    feed_status_add(&server->status, FEED_MESSAGES, 1);
    if (server->config.destination_count > 0) {
        if (message->kind == FEED_FULL)
            feed_split(&server->config, message, send_datagram, server);
        else
            send_datagram(server, message);
    }
    if (feed_tcp_subscribers(server->tcp) > 0) {
        const size_t length = write_text(server, message);
        server->text[length] = '\n';
        if (length > 0)
            feed_tcp_send(server->tcp, server->text, length + 1);
    }
    for (int i = 0; i < server->outlet_count; i++)
        feed_outlet_put(server->outlet[i], message);
}

struct one_subscriber {
    struct feed_server *server;
    struct feed_subscriber *subscriber;
};

static void send_to_one(void *arg, const struct feed_message *message)
{
    const struct one_subscriber *one = arg;
    struct feed_server *server = one->server;
    const size_t length = write_text(server, message);
    server->text[length] = '\n';
    if (length > 0)
        feed_tcp_send_to(server->tcp, one->subscriber, server->text, length + 1);
}

static const struct feed_clock *clock_now(struct feed_server *server)
{
    latest_take(&server->clock_latest);
    return &server->clock[server->clock_latest.front];
}

static void on_joined(void *arg, struct feed_subscriber *subscriber)
{
    struct feed_server *server = arg;
    struct one_subscriber one = {server, subscriber};
    feed_full(server->feed, io_now_us(), clock_now(server), send_to_one, &one);
}

/* ---- keys ---- */

static void tell_keys(struct feed_server *server)
{
    char ids[FEED_TROUBLE_TEXT] = "";
    for (int i = 0; i < server->config.key_count; i++) {
        const size_t length = strlen(ids);
        snprintf(ids + length, sizeof ids - length, "%s%s", i > 0 ? ", " : "", server->config.key[i].id);
    }
    if (server->mute)
        feed_status_trouble(&server->status, "feed: no key is valid: nothing is sent");
    else
        feed_status_say(&server->status, "feed: signs with %s", ids);
}

/* Signs with what is valid now. Keys come and go by UTC, or because others were handed over. */
static void follow_keys(struct feed_server *server, int64_t utc_us)
{
    struct feed_config *config = &server->config;
    latest_take(&server->keys_latest);
    const struct keys *keys = &server->keys[server->keys_latest.front];
    struct keys valid;
    memset(&valid, 0, sizeof valid);
    for (int i = 0; i < keys->count; i++) {
        if (feed_key_is_valid(&keys->key[i], utc_us))
            memcpy(&valid.key[valid.count++], &keys->key[i], sizeof keys->key[i]);
    }
    const bool mute = keys->count > 0 && valid.count == 0;
    if (valid.count == config->key_count && mute == server->mute &&
        memcmp(valid.key, config->key, sizeof valid.key) == 0)
        return;
    config->key_count = valid.count;
    memcpy(config->key, valid.key, sizeof valid.key);
    server->mute = mute;
    feed_keys_changed(server->feed);
    tell_keys(server);
}

/* ---- the loop ---- */

static void arm_timer(struct feed_server *server)
{
    const int64_t due_us =
        server->repeat_due_us < server->poll_due_us ? server->repeat_due_us : server->poll_due_us;
    const struct itimerspec at = {
        .it_value = {.tv_sec = (time_t)(due_us / 1000000), .tv_nsec = (long)(due_us % 1000000 * 1000)}};
    timerfd_settime(server->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct feed_server *server = arg;
    uint64_t expired;
    (void)!read(fd, &expired, sizeof expired);
    const int64_t now_us = io_now_us();
    if (now_us >= server->poll_due_us) {
        const struct feed_clock *clock = clock_now(server);
        follow_keys(server, now_us + clock->utc_offset_us);
        feed_poll(server->feed, now_us, clock);
        server->poll_due_us = now_us - now_us % POLL_US + POLL_US;
    }
    server->repeat_due_us = feed_udp_poll(server->udp, now_us);
    arm_timer(server);
}

/* A message that cannot say "not enforceable" says nothing of such a red to a camera. */
static void take_out_doubtful_reds(const struct feed *feed, struct spat *spat)
{
    struct feed_reds vouched;
    feed_vouched_reds(feed, &vouched);
    spat->red &= vouched.phase;
    spat->dont_walk &= vouched.pedestrian;
    spat->overlap_red &= vouched.overlap;
}

/* What is told to vehicles goes out once a tick, after what is told to the cameras. */
static void broadcast(struct feed_server *server, const struct cabinet_exchange *exchange,
                      const struct feed_clock *clock)
{
    if (latest_take(&server->receivers_latest))
        tscbm_sender_receivers(server->tscbm, &server->receivers[server->receivers_latest.front]);
    struct spat for_cameras = exchange->output.spat;
    take_out_doubtful_reds(server->feed, &for_cameras);
    tscbm_sender_send(server->tscbm, &exchange->output.spat, &for_cameras,
                      exchange->taken_us + clock->utc_offset_us, io_now_us());
}

static void take_exchanges(struct feed_server *server)
{
    unsigned taken = atomic_load_explicit(&server->taken, memory_order_relaxed);
    while (taken != atomic_load_explicit(&server->put, memory_order_acquire)) {
        const struct waiting_exchange *w = &server->waiting[taken % EXCHANGES_WAITING];
        if (w->lost > 0) {
            feed_status_add(&server->status, FEED_EXCHANGES_LOST, (unsigned)w->lost);
            feed_status_trouble(&server->status, "feed fell behind: %llu exchanges lost",
                                (unsigned long long)w->lost);
            feed_missed(server->feed);
        }
        const struct feed_clock *clock = clock_now(server);
        feed_exchange_at(server->feed, &w->exchange, clock, io_now_us());
        broadcast(server, &w->exchange, clock);
        atomic_store_explicit(&server->taken, ++taken, memory_order_release);
    }
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct feed_server *server = arg;
    uint64_t count;
    (void)!read(fd, &count, sizeof count);
    if (atomic_load(&server->stop)) {
        event_base_loopbreak(server->base);
        return;
    }
    take_exchanges(server);
    server->repeat_due_us = feed_udp_poll(server->udp, io_now_us());
    arm_timer(server);
}

static void *run(void *arg)
{
    struct feed_server *server = arg;
    const int refused = io_thread_begin("tsc-feed", PRIORITY);
    if (refused)
        feed_status_say(&server->status, "feed: real-time priority refused (%s), going on without",
                        strerror(refused));
    server->poll_due_us = io_now_us();
    follow_keys(server, server->poll_due_us + clock_now(server)->utc_offset_us);
    server->repeat_due_us = INT64_MAX;
    arm_timer(server);
    event_base_dispatch(server->base);
    return NULL;
}

/* ---- from other threads ---- */

static int check_lengths(const struct feed_config *config, char *why, size_t size)
{
    int group_ix;
    if (config->destination_count == 0 || feed_check_lengths(config, &group_ix) == 0)
        return 0;
    snprintf(why, size, "group %u is too long for a datagram of %d octets with the signatures of %u keys",
             config->group[group_ix].no, FEED_MESSAGE_MAX, config->key_count);
    return -1;
}

static void wake_up(struct feed_server *server)
{
    const uint64_t one = 1;
    (void)!write(server->wake_fd, &one, sizeof one);
}

void feed_server_exchange(struct feed_server *server, const struct cabinet_exchange *exchange)
{
    const unsigned put = atomic_load_explicit(&server->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&server->taken, memory_order_acquire) == EXCHANGES_WAITING) {
        server->lost++;
        return;
    }
    struct waiting_exchange *w = &server->waiting[put % EXCHANGES_WAITING];
    w->exchange = *exchange;
    w->lost = server->lost;
    server->lost = 0;
    atomic_store_explicit(&server->put, put + 1, memory_order_release);
    wake_up(server);
}

void feed_server_clock(struct feed_server *server, const struct feed_clock *clock)
{
    server->clock[server->clock_latest.back] = *clock;
    latest_publish(&server->clock_latest);
}

static void publish_keys(struct feed_server *server, const struct feed_config *config)
{
    struct keys *keys = &server->keys[server->keys_latest.back];
    memset(keys, 0, sizeof *keys);
    keys->count = config->key_count;
    memcpy(keys->key, config->key, config->key_count * sizeof *config->key);
    latest_publish(&server->keys_latest);
}

int feed_server_keys(struct feed_server *server, const struct feed_config *config, char *why, size_t size)
{
    const bool signs = server->given->key_count > 0;
    if ((config->key_count > 0) != signs) {
        snprintf(why, size, "the feed cannot %s to sign without a new start", signs ? "cease" : "begin");
        return -1;
    }
    struct feed_config next = *server->given;
    next.key_count = config->key_count;
    memcpy(next.key, config->key, sizeof next.key);
    if (check_lengths(&next, why, size) != 0)
        return -1;
    publish_keys(server, config);
    return 0;
}

void feed_server_receivers(struct feed_server *server, const struct tscbm_receivers *receivers)
{
    server->receivers[server->receivers_latest.back] = *receivers;
    latest_publish(&server->receivers_latest);
}

struct feed_status *feed_server_status(struct feed_server *server)
{
    return &server->status;
}

void feed_server_address(const struct feed_server *server, int ix, char *text, size_t size)
{
    feed_tcp_address(server->tcp, ix, text, size);
}

/* ---- beginning and end ---- */

static int open_loop(struct feed_server *server, char *why, size_t size)
{
    server->base = event_base_new();
    server->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    server->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (server->base && server->wake_fd >= 0 && server->timer_fd >= 0) {
        server->wake = event_new(server->base, server->wake_fd, EV_READ | EV_PERSIST, on_wake, server);
        server->timer = event_new(server->base, server->timer_fd, EV_READ | EV_PERSIST, on_timer, server);
    }
    if (!server->wake || !server->timer || event_add(server->wake, NULL) != 0 ||
        event_add(server->timer, NULL) != 0) {
        snprintf(why, size, "no event loop for the feed: %s", strerror(errno));
        return -1;
    }
    return 0;
}

static int open_all(struct feed_server *server, uint64_t boot, char *why, size_t size)
{
    const struct feed_config *config = server->given;
    if (check_lengths(config, why, size) != 0)
        return -1;
    server->text_size = feed_text_max(config) + SUFFIX_MAX + 1;
    server->text = malloc(server->text_size);
    server->feed = feed_new(&server->config, boot, send_message, server);
    if (!server->text || !server->feed) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    if (open_loop(server, why, size) != 0 ||
        feed_udp_open(&server->udp, config, &server->status, why, size) != 0 ||
        tscbm_sender_open(&server->tscbm, why, size) != 0)
        return -1;
    return feed_tcp_open(&server->tcp, config, server->base, &server->status, on_joined, server, why, size);
}

int feed_server_new(struct feed_server **server, const struct feed_config *config, uint64_t boot,
                    const struct feed_clock *clock, io_log *log, void *arg, char *why, size_t size)
{
    struct feed_server *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    s->given = config;
    s->config = *config;
    s->config.key_count = 0; /* until the feed's thread looks which are valid */
    memset(s->config.key, 0, sizeof s->config.key);
    feed_status_init(&s->status, log, arg);
    s->wake_fd = s->timer_fd = -1;
    latest_init(&s->clock_latest);
    latest_init(&s->keys_latest);
    latest_init(&s->receivers_latest);
    feed_server_clock(s, clock);
    publish_keys(s, config);
    if (open_all(s, boot, why, size) != 0) {
        feed_server_free(s);
        return -1;
    }
    *server = s;
    return 0;
}

int feed_server_attach(struct feed_server *server, struct feed_outlet *outlet)
{
    if (server->outlet_count == FEED_OUTLETS_MAX)
        return -1;
    server->outlet[server->outlet_count++] = outlet;
    return 0;
}

int feed_server_start(struct feed_server *server)
{
    if (pthread_create(&server->thread, NULL, run, server) != 0)
        return -1;
    server->started = true;
    return 0;
}

void feed_server_free(struct feed_server *server)
{
    if (!server)
        return;
    if (server->started) {
        atomic_store(&server->stop, true);
        wake_up(server);
        pthread_join(server->thread, NULL);
    }
    feed_tcp_close(server->tcp);
    feed_udp_close(server->udp);
    tscbm_sender_close(server->tscbm);
    if (server->wake)
        event_free(server->wake);
    if (server->timer)
        event_free(server->timer);
    if (server->base)
        event_base_free(server->base);
    if (server->wake_fd >= 0)
        close(server->wake_fd);
    if (server->timer_fd >= 0)
        close(server->timer_fd);
    feed_free(server->feed);
    free(server->text);
    free(server);
}
