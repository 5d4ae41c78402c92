#include "lamp_server.h"
#include "lamp_serial.h"
#include "lamp_tcp.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    ORDINARY = 0, /* a flood of requests must not keep anything else from the processor */
    LONGEST_US = 1000 * 1000,
    POLLS_MAX = 2 + LAMP_DETECTORS_MAX * LAMP_TCP_POLLS,
};

/* One configured detector: on a port or on a line. */
struct station {
    struct lamp_unit unit;
    struct lamp_tcp *tcp;
    struct lamp_serial *serial;
    int polls_at, polls_count; /* its part of what is polled for */
};

struct lamp_server {
    const struct feed_config *config;
    struct feed_outlet *outlet;
    struct lamp_detector state;
    struct feed_message message;
    struct station station[LAMP_DETECTORS_MAX];
    struct pollfd polls[POLLS_MAX];
    int stop_fd;
    pthread_t thread;
    bool started;
    atomic_bool stop;
};

/* ---- the loop ---- */

static void take_messages(struct lamp_server *server)
{
    uint64_t lost;
    int taken = 0;
    while (feed_outlet_take(server->outlet, &server->message, &lost)) {
        lamp_detector_take(&server->state, server->config, &server->message, lost);
        taken++;
    }
    /* Behind as many as there is room for, others may have found none. */
    if (taken >= FEED_OUTLET_MESSAGES)
        lamp_detector_missed(&server->state);
}

/* Returns how many descriptors to poll. */
static int collect_polls(struct lamp_server *server, int64_t now_us)
{
    int count = 0;
    server->polls[count++] = (struct pollfd){.fd = server->stop_fd, .events = POLLIN};
    server->polls[count++] = (struct pollfd){.fd = feed_outlet_fd(server->outlet), .events = POLLIN};
    for (int i = 0; i < server->config->detector_count; i++) {
        struct station *s = &server->station[i];
        s->polls_at = count;
        count += s->tcp ? lamp_tcp_polls(s->tcp, server->polls + count, now_us)
                        : lamp_serial_polls(s->serial, server->polls + count);
        s->polls_count = count - s->polls_at;
    }
    return count;
}

/* When something is to be done though nobody calls. */
static int64_t due_us(const struct lamp_server *server, int64_t now_us)
{
    int64_t due = now_us + LONGEST_US;
    for (int i = 0; i < server->config->detector_count; i++) {
        const struct station *s = &server->station[i];
        const int64_t until_us = lamp_detector_until(&server->state, s->unit.config, now_us);
        if (until_us < due)
            due = until_us;
        if (s->serial && lamp_serial_due_us(s->serial) < due)
            due = lamp_serial_due_us(s->serial);
    }
    return due;
}

static void serve(struct lamp_server *server, int64_t now_us)
{
    for (int i = 0; i < server->config->detector_count; i++) {
        struct station *s = &server->station[i];
        const bool changed = lamp_unit_look(&s->unit, now_us);
        if (s->tcp)
            lamp_tcp_serve(s->tcp, server->polls + s->polls_at, s->polls_count, now_us);
        else
            lamp_serial_serve(s->serial, changed, now_us);
    }
}

static void *run(void *arg)
{
    struct lamp_server *server = arg;
    (void)io_thread_begin("tsc-lamps", ORDINARY);
    while (!atomic_load(&server->stop)) {
        const int64_t now_us = io_now_us();
        const int count = collect_polls(server, now_us);
        const int64_t left_us = due_us(server, now_us) - now_us;
        const struct timespec left = {.tv_sec = (time_t)(left_us > 0 ? left_us / 1000000 : 0),
                                      .tv_nsec = (long)(left_us > 0 ? left_us % 1000000 * 1000 : 0)};
        if (ppoll(server->polls, (nfds_t)count, &left, NULL) < 0)
            continue;
        take_messages(server);
        serve(server, io_now_us());
    }
    return NULL;
}

/* ---- beginning and end ---- */

static int open_station(struct lamp_server *server, int ix, io_log *log, void *arg, char *why, size_t size)
{
    const struct lamp_detector_config *config = &server->config->detector[ix];
    struct station *s = &server->station[ix];
    if (lamp_unit_begin(&s->unit, config, &server->state, log, arg) < 0) {
        snprintf(why, size, "no Modbus context for a lamp detector: %s", strerror(errno));
        return -1;
    }
    if (config->listen[0])
        return lamp_tcp_open(&s->tcp, &s->unit, why, size);
    s->serial = lamp_serial_new(&s->unit);
    if (!s->serial)
        snprintf(why, size, "out of memory");
    return s->serial ? 0 : -1;
}

int lamp_server_new(struct lamp_server **server, const struct feed_config *config, io_log *log, void *arg,
                    char *why, size_t size)
{
    struct lamp_server *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    s->config = config;
    s->outlet = feed_outlet_new();
    s->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int result = s->outlet && s->stop_fd >= 0 ? 0 : -1;
    if (result < 0)
        snprintf(why, size, "no outlet for the lamp detectors: %s", strerror(errno));
    for (int ix = 0; result == 0 && ix < config->detector_count; ix++)
        result = open_station(s, ix, log, arg, why, size);
    if (result < 0) {
        lamp_server_free(s);
        return -1;
    }
    *server = s;
    return 0;
}

struct feed_outlet *lamp_server_outlet(struct lamp_server *server)
{
    return server->outlet;
}

int lamp_server_start(struct lamp_server *server)
{
    if (pthread_create(&server->thread, NULL, run, server) != 0)
        return -1;
    server->started = true;
    return 0;
}

void lamp_server_free(struct lamp_server *server)
{
    if (!server)
        return;
    if (server->started) {
        const uint64_t one = 1;
        atomic_store(&server->stop, true);
        (void)!write(server->stop_fd, &one, sizeof one);
        pthread_join(server->thread, NULL);
    }
    for (int i = 0; i < server->config->detector_count; i++) {
        lamp_tcp_close(server->station[i].tcp);
        lamp_serial_free(server->station[i].serial);
        lamp_unit_end(&server->station[i].unit);
    }
    if (server->stop_fd >= 0)
        close(server->stop_fd);
    feed_outlet_free(server->outlet);
    free(server);
}

void lamp_server_address(const struct lamp_server *server, int ix, char *text, size_t size)
{
    const struct station *s = &server->station[ix];
    if (s->tcp)
        lamp_tcp_address(s->tcp, text, size);
    else
        snprintf(text, size, "%s", s->unit.config->serial);
}
