#include "cabinet_modbus.h"
#include "address.h"
#include "cabinet_map.h"
#include "latest.h"
#include <errno.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PRIORITY = 40,
    READ_ONLY_US = 150 * 1000,  /* no output for this long: ask for the inputs all the same */
    OUTPUT_OLD_US = 300 * 1000, /* an output that waited longer is not sent any more */
    BACKOFF_MIN_US = 100 * 1000,
    BACKOFF_MAX_US = 1000 * 1000,
    GOOD_RUN = 10, /* transactions in a row that make a cabinet trusted again */
    DEAF_RUN = 10, /* answers in a row without our heartbeat in them */
    CLOCK_ERROR_US = 500,
};

struct timed_image {
    struct cabinet_image image;
    int64_t read_us; /* -1: there never was one */
};

struct cabinet_modbus {
    struct cabinet port; /* first, so that the port is this */
    const struct cabinet_config *config;
    cabinet_taken_fn *taken;
    void *taken_arg;
    io_log *log;
    void *log_arg;
    char name[ADDRESS_TEXT];

    modbus_t *context;
    int wake_fd;
    pthread_t thread;
    bool started;
    atomic_bool stop;

    /* Between the tick and the bus. */
    struct latest output_latest, image_latest;
    struct output output[LATEST_SLOTS];
    struct timed_image image[LATEST_SLOTS];

    /* The bus's own. */
    struct cabinet_registers written, read;
    uint16_t written_value[CABINET_WRITE_MAX], read_value[CABINET_READ_MAX];
    uint16_t heartbeat;
    bool connected;
    bool told, told_found; /* what the log was last told */
    bool ever_found;
    int64_t backoff_us, retry_us;
    int64_t last_us;   /* end of the last transaction */
    int64_t unsure_us; /* begin of the first write since the last answer that may have arrived; -1 none */
    int good_run, deaf_run;
    struct cabinet_exchange exchange;
};

/* ---- the tick's side ---- */

static int64_t port_read(struct cabinet *cabinet, struct cabinet_image *image, int64_t now_us)
{
    struct cabinet_modbus *m = (struct cabinet_modbus *)cabinet;
    latest_take(&m->image_latest);
    const struct timed_image *newest = &m->image[m->image_latest.front];
    if (newest->read_us < 0)
        return -1;
    *image = newest->image;
    return now_us > newest->read_us ? now_us - newest->read_us : 0;
}

static void wake_up(struct cabinet_modbus *m)
{
    const uint64_t one = 1;
    (void)!write(m->wake_fd, &one, sizeof one);
}

static void port_write(struct cabinet *cabinet, const struct output *output)
{
    struct cabinet_modbus *m = (struct cabinet_modbus *)cabinet;
    m->output[m->output_latest.back] = *output;
    latest_publish(&m->output_latest);
    wake_up(m);
}

struct cabinet *cabinet_modbus_port(struct cabinet_modbus *modbus)
{
    return &modbus->port;
}

/* ---- the bus thread ---- */

static void say(const struct cabinet_modbus *m, const char *what, const char *why)
{
    char line[256];
    snprintf(line, sizeof line, "cabinet %s %s%s%s", m->name, what, why ? ": " : "", why ? why : "");
    m->log(m->log_arg, line);
}

static void say_lost(struct cabinet_modbus *m, int error)
{
    if (m->told && !m->told_found)
        return;
    /* libmodbus leaves EINPROGRESS behind when connecting takes too long. */
    say(m, m->ever_found ? "lost" : "not reached yet",
        error == EINPROGRESS ? "no answer" : modbus_strerror(error));
    m->told = true;
    m->told_found = false;
}

static void say_found(struct cabinet_modbus *m)
{
    if (m->told_found)
        return;
    say(m, m->ever_found ? "found again" : "found", NULL);
    m->told = m->told_found = m->ever_found = true;
}

/* Resets the connection: merely closed, the kernel would go on delivering a write that nobody waits for
 * any more, and old greens would be lit with a fresh heartbeat. */
static void tear_down(struct cabinet_modbus *m)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(modbus_get_socket(m->context), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    modbus_close(m->context);
    m->connected = false;
}

/* After any error the connection is of no use: an answer still under way would be taken for that of
 * the next request. */
static void fail(struct cabinet_modbus *m, int error)
{
    tear_down(m);
    m->good_run = 0;
    m->retry_us = io_now_us() + m->backoff_us;
    m->backoff_us = 2 * m->backoff_us < BACKOFF_MAX_US ? 2 * m->backoff_us : BACKOFF_MAX_US;
    say_lost(m, error);
}

static void try_to_connect(struct cabinet_modbus *m)
{
    if (modbus_connect(m->context) != 0) {
        fail(m, errno);
        return;
    }
    m->connected = true;
}

/* An image came in: for the tick, for the log, for the back-off. */
static void heard(struct cabinet_modbus *m, const struct cabinet_image *image)
{
    struct timed_image *slot = &m->image[m->image_latest.back];
    slot->image = *image;
    slot->read_us = m->last_us = io_now_us();
    latest_publish(&m->image_latest);
    if (++m->good_run == GOOD_RUN)
        m->backoff_us = BACKOFF_MIN_US;
    say_found(m);
}

/* A cabinet may answer and yet not act on what it is told. */
static void watch_echo(struct cabinet_modbus *m, uint16_t echo)
{
    if (echo == m->heartbeat)
        m->deaf_run = 0;
    else if (++m->deaf_run == DEAF_RUN)
        say(m, "answers, but does not echo the heartbeat", NULL);
}

static void put_output(struct cabinet_modbus *m, const struct output *output)
{
    struct cabinet_command command = {.healthy = output->healthy, .dimmed = output->dimmed};
    memcpy(command.countdown_s, output->countdown_s, sizeof command.countdown_s);
    /* Only a new output of a healthy controller beats: when the tick hangs the cabinet shall know. */
    if (output->healthy)
        m->heartbeat++;
    command.heartbeat = m->heartbeat;
    cabinet_map_lit(output, &command.red, &command.yellow, &command.green);
    cabinet_map_put_command(&m->config->map, &command, &m->written);
}

/* The newest output, if the tick is still at work: a frame from before an outage must not come to
 * light after it, with a heartbeat besides. */
static bool take_output(struct cabinet_modbus *m)
{
    if (!latest_take(&m->output_latest))
        return false;
    m->exchange.output = m->output[m->output_latest.front];
    return io_now_us() - m->exchange.output.tick_us <= OUTPUT_OLD_US;
}

static void write_and_read(struct cabinet_modbus *m)
{
    struct cabinet_exchange *x = &m->exchange;
    put_output(m, &x->output);
    const int64_t begin_us = io_now_us();
    const int count =
        modbus_write_and_read_registers(m->context, m->written.first, m->written.count, m->written.value,
                                        m->read.first, m->read.count, m->read.value);
    /* A write whose answer was lost may have been taken all the same: the frame may have been lit as
     * early as that one. */
    const int64_t from_us = m->unsure_us >= 0 ? m->unsure_us : begin_us;
    if (count != m->read.count) {
        m->unsure_us = from_us;
        fail(m, count < 0 ? errno : EMBBADDATA);
        return;
    }
    m->unsure_us = -1;
    uint16_t echo;
    cabinet_map_get_image(&m->config->map, &m->read, &x->image, &echo);
    heard(m, &x->image);
    watch_echo(m, echo);
    const int64_t half_us = (m->last_us - from_us) / 2;
    x->taken_us = from_us + half_us;
    x->error_us = half_us < INT32_MAX - CLOCK_ERROR_US ? (int32_t)half_us + CLOCK_ERROR_US : INT32_MAX;
    if (m->taken)
        m->taken(m->taken_arg, x);
}

static void read_only(struct cabinet_modbus *m)
{
    const int count = modbus_read_registers(m->context, m->read.first, m->read.count, m->read.value);
    if (count != m->read.count) {
        fail(m, count < 0 ? errno : EMBBADDATA);
        return;
    }
    struct cabinet_image image;
    uint16_t echo;
    cabinet_map_get_image(&m->config->map, &m->read, &image, &echo);
    heard(m, &image);
}

/* Sleeps until woken or until `until_us`. */
static void wait_until(struct cabinet_modbus *m, int64_t until_us)
{
    struct pollfd wake = {.fd = m->wake_fd, .events = POLLIN};
    const int64_t left_us = until_us - io_now_us();
    const struct timespec left = {.tv_sec = (time_t)(left_us / 1000000),
                                  .tv_nsec = (long)(left_us % 1000000 * 1000)};
    uint64_t count;
    if (left_us > 0 && ppoll(&wake, 1, &left, NULL) > 0)
        (void)!read(m->wake_fd, &count, sizeof count);
}

static void *run(void *arg)
{
    struct cabinet_modbus *m = arg;
    const int refused = io_thread_begin("tsc-bus", PRIORITY);
    if (refused) {
        char line[128];
        snprintf(line, sizeof line, "bus: real-time priority refused (%s), going on without",
                 strerror(refused));
        m->log(m->log_arg, line);
    }
    while (!atomic_load(&m->stop)) {
        if (!m->connected) {
            wait_until(m, m->retry_us);
            if (!atomic_load(&m->stop) && io_now_us() >= m->retry_us)
                try_to_connect(m);
        } else if (take_output(m)) {
            write_and_read(m);
        } else if (io_now_us() - m->last_us >= READ_ONLY_US) {
            read_only(m);
        } else {
            wait_until(m, m->last_us + READ_ONLY_US);
        }
    }
    tear_down(m);
    return NULL;
}

/* ---- beginning and end ---- */

/* libmodbus would also take a name, and resolve it for as long as that takes. */
static int make_name(struct cabinet_modbus *m, char *why, size_t size)
{
    const bool v6 = strchr(m->config->host, ':') != NULL;
    struct address address;
    const int length = snprintf(m->name, sizeof m->name, v6 ? "tcp6:[%s]:%u" : "tcp:%s:%u", m->config->host,
                                m->config->port);
    if (length >= (int)sizeof m->name || address_parse(&address, m->name) != 0 || m->config->port == 0) {
        snprintf(why, size, "host: %s port %u is not a numeric address", m->config->host, m->config->port);
        return -1;
    }
    return 0;
}

static int open_context(struct cabinet_modbus *m, char *why, size_t size)
{
    char service[8];
    snprintf(service, sizeof service, "%u", m->config->port);
    const uint32_t response_us = m->config->response_ms * 1000U;
    /* The family-independent one refuses an IPv4 address where the machine has none but loopback. */
    m->context = strchr(m->config->host, ':') ? modbus_new_tcp_pi(m->config->host, service)
                                              : modbus_new_tcp(m->config->host, m->config->port);
    m->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!m->context || m->wake_fd < 0) {
        snprintf(why, size, "no Modbus context: %s", strerror(errno));
        return -1;
    }
    if (modbus_set_slave(m->context, m->config->unit) != 0) {
        snprintf(why, size, "unit: %u is not a Modbus unit identifier", m->config->unit);
        return -1;
    }
    /* Without a timeout between bytes that for the response bounds the whole of it. */
    if (modbus_set_response_timeout(m->context, response_us / 1000000, response_us % 1000000) != 0 ||
        modbus_set_byte_timeout(m->context, 0, 0) != 0) {
        snprintf(why, size, "response_ms: %u is no time to wait", m->config->response_ms);
        return -1;
    }
    return 0;
}

int cabinet_modbus_new(struct cabinet_modbus **modbus, const struct cabinet_config *config,
                       cabinet_taken_fn *taken, void *taken_arg, io_log *log, void *log_arg, char *why,
                       size_t size)
{
    if (cabinet_map_check(&config->map, why, size) != 0)
        return -1;
    struct cabinet_modbus *m = calloc(1, sizeof *m);
    if (!m) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    m->port = (struct cabinet){port_read, port_write};
    m->config = config;
    m->taken = taken;
    m->taken_arg = taken_arg;
    m->log = log;
    m->log_arg = log_arg;
    m->wake_fd = -1;
    m->backoff_us = BACKOFF_MIN_US;
    m->unsure_us = -1;
    latest_init(&m->output_latest);
    latest_init(&m->image_latest);
    for (int i = 0; i < LATEST_SLOTS; i++)
        m->image[i].read_us = -1;
    m->written.value = m->written_value;
    m->read.value = m->read_value;
    cabinet_map_written(&config->map, &m->written);
    cabinet_map_read(&config->map, &m->read);
    if (make_name(m, why, size) != 0 || open_context(m, why, size) != 0) {
        cabinet_modbus_free(m);
        return -1;
    }
    *modbus = m;
    return 0;
}

int cabinet_modbus_start(struct cabinet_modbus *modbus)
{
    if (pthread_create(&modbus->thread, NULL, run, modbus) != 0)
        return -1;
    modbus->started = true;
    return 0;
}

void cabinet_modbus_free(struct cabinet_modbus *modbus)
{
    if (!modbus)
        return;
    if (modbus->started) {
        atomic_store(&modbus->stop, true);
        wake_up(modbus);
        pthread_join(modbus->thread, NULL);
    }
    if (modbus->context)
        modbus_free(modbus->context);
    if (modbus->wake_fd >= 0)
        close(modbus->wake_fd);
    free(modbus);
}
