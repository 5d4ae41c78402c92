/* From the switching of a lamp to the decision of a camera: the simulated cabinet on one side of a running
 * tscd, 64 subscribers of its feed on the other, all on one clock. Beside it the same message sent to 64
 * sockets by nobody but send(): what the machine makes of that by itself.
 *
 *     bench_feed CONFIG SECONDS FILE
 *
 * Tells the cabinet's address in its ready line and reads the feed's from FILE, a pipe.
 *
 * Four of the 64 are cameras with a receiver (libsigstate): the first, the last and two between, each in a
 * thread of its own, as each has a machine of its own in the field. The others only read. */
#include "../../controller/config.h"
#include "../../io/io_thread.h"
#include "../../io/sigstate.h"
#include "../../sim/modbus_server.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SUBSCRIBERS = 64,
    CAMERAS = 4,
    SAMPLES_MAX = 1 << 16, /* of one camera */
    BUFFER_OCTETS = 64 * 1024,
    BARE_OCTETS = 800, /* a signed change of one group */
    BARE_PERIOD_US = 250 * 1000,
    /* Below the controller's own threads, above everything that is only load. */
    PRIORITY = 20,
};

static const int camera_place[CAMERAS] = {0, 21, 42, SUBSCRIBERS - 1};

struct samples {
    int count;
    uint32_t us[SAMPLES_MAX];
};

struct camera {
    int fd, bare_fd;
    struct sigstate *state;
    bool known[CHANNELS_MAX];
    enum sigstate_color color[CHANNELS_MAX];
    size_t have;
    char text[BUFFER_OCTETS];
    struct samples decided, bare;
};

static struct config config;
static struct sim_cabinet cabinet;
static struct modbus_server *server;
static atomic_bool stop;
static _Atomic int64_t switched_us[CHANNELS_MAX]; /* when the lamps of a channel last changed */
static struct lamps before;
static struct camera camera[CAMERAS];
static int idle_fd[2 * SUBSCRIBERS], idle_count;
static int bare_fd[SUBSCRIBERS]; /* the sender's ends */

static void give_up(const char *what)
{
    fprintf(stderr, "bench_feed: %s: %m\n", what);
    exit(3);
}

static int64_t utc_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void keep(struct samples *samples, int64_t us)
{
    if (samples->count < SAMPLES_MAX)
        samples->us[samples->count++] = us > 0 ? (uint32_t)us : 0;
}

/* ---- the cabinet ---- */

static void taken(void *arg, int64_t now_us)
{
    (void)arg;
    const struct lamps *lamps = &cabinet.lamps;
    for (int i = 0; i < 2; i++) {
        uint64_t changed = (lamps->red.word[i] ^ before.red.word[i]) |
                           (lamps->yellow.word[i] ^ before.yellow.word[i]) |
                           (lamps->green.word[i] ^ before.green.word[i]);
        for (; changed != 0; changed &= changed - 1) {
            const int channel_ix = 64 * i + mask_lowest_no(changed) - 1;
            if (channel_ix < CHANNELS_MAX)
                atomic_store(&switched_us[channel_ix], now_us);
        }
    }
    before = *lamps;
}

static void *be_cabinet(void *arg)
{
    (void)arg;
    io_thread_begin("bench-cabinet", PRIORITY);
    while (!atomic_load(&stop)) {
        struct pollfd polls[MODBUS_POLLS_MAX];
        const int count = modbus_server_polls(server, polls);
        poll(polls, (nfds_t)count, 50);
        const int64_t now_us = io_now_us();
        modbus_server_serve(server, polls, count, now_us);
        sim_cabinet_advance(&cabinet, now_us);
    }
    return NULL;
}

static void begin_cabinet(pthread_t *thread)
{
    char address[ADDRESS_TEXT];
    sim_cabinet_init(&cabinet, &config.card, config.cabinet.heartbeat_ms, io_now_us());
    before = cabinet.lamps;
    server = modbus_server_new("tcp:127.0.0.1:0", &config.cabinet, &cabinet, taken, NULL);
    if (!server || pthread_create(thread, NULL, be_cabinet, NULL) != 0)
        give_up("cabinet");
    modbus_server_address(server, address, sizeof address);
    printf("bench_feed ready modbus=%s\n", address);
    fflush(stdout);
}

/* ---- cameras ---- */

/* What a camera can say now and could not before: a group whose colour is another one, and verified. */
static void decide(struct camera *c)
{
    for (int i = 0; i < config.feed.group_count; i++) {
        const int no = config.feed.group[i].no;
        struct sigstate_answer answer;
        sigstate_at(c->state, no, utc_now_us(), io_now_us(), &answer);
        if (!answer.known || !answer.verified || (c->known[i] && answer.color == c->color[i]))
            continue;
        if (c->known[i])
            keep(&c->decided, io_now_us() - atomic_load(&switched_us[no - 1]));
        c->known[i] = true;
        c->color[i] = answer.color;
    }
}

static void hear(struct camera *c)
{
    const ssize_t got = recv(c->fd, c->text + c->have, sizeof c->text - c->have, 0);
    char *line = c->text, *end;
    if (got <= 0)
        give_up("the feed is gone");
    c->have += (size_t)got;
    for (; (end = memchr(line, '\n', c->have)) != NULL; line = end + 1) {
        const size_t length = (size_t)(end - line);
        if (sigstate_take(c->state, line, length, io_now_us(), utc_now_us()) == SIGSTATE_TAKEN)
            decide(c);
        c->have -= length + 1;
    }
    memmove(c->text, line, c->have);
}

static void *be_camera(void *arg)
{
    struct camera *c = arg;
    io_thread_begin("bench-camera", PRIORITY);
    while (!atomic_load(&stop))
        hear(c);
    return NULL;
}

static void *be_bare_receiver(void *arg)
{
    struct camera *c = arg;
    char message[BARE_OCTETS];
    io_thread_begin("bench-receiver", PRIORITY);
    while (recv(c->bare_fd, message, sizeof message, MSG_WAITALL) == sizeof message) {
        int64_t sent_us;
        memcpy(&sent_us, message, sizeof sent_us);
        keep(&c->bare, io_now_us() - sent_us);
    }
    return NULL;
}

/* All others: they read, and that is all. */
static void *be_idle(void *arg)
{
    static char text[BUFFER_OCTETS];
    struct pollfd polls[2 * SUBSCRIBERS];
    (void)arg;
    for (int i = 0; i < idle_count; i++)
        polls[i] = (struct pollfd){.fd = idle_fd[i], .events = POLLIN};
    while (!atomic_load(&stop)) {
        poll(polls, (nfds_t)idle_count, 100);
        for (int i = 0; i < idle_count; i++) {
            if (polls[i].revents && recv(polls[i].fd, text, sizeof text, 0) <= 0)
                polls[i].fd = -1;
        }
    }
    return NULL;
}

/* ---- the bare send ---- */

static void *be_bare_sender(void *arg)
{
    char message[BARE_OCTETS] = {0};
    (void)arg;
    io_thread_begin("bench-sender", PRIORITY);
    for (int64_t due_us = io_now_us(); !atomic_load(&stop); due_us += BARE_PERIOD_US) {
        const struct timespec due = {due_us / 1000000, due_us % 1000000 * 1000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) != 0)
            continue;
        const int64_t now_us = io_now_us();
        memcpy(message, &now_us, sizeof now_us);
        for (int i = 0; i < SUBSCRIBERS; i++)
            (void)!send(bare_fd[i], message, sizeof message, MSG_NOSIGNAL);
    }
    return NULL;
}

/* ---- connecting ---- */

static int connect_to(const struct address *address)
{
    const int on = 1;
    const int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address->socket, address->length) != 0)
        give_up("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static struct camera *camera_at(int place)
{
    for (int i = 0; i < CAMERAS; i++) {
        if (camera_place[i] == place)
            return &camera[i];
    }
    return NULL;
}

static void connect_all(const struct address *feed)
{
    struct address bare;
    const int on = 1;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address_parse(&bare, "tcp:127.0.0.1:0");
    if (bind(listener, (struct sockaddr *)&bare.socket, bare.length) != 0 ||
        listen(listener, SUBSCRIBERS) != 0 || address_of_socket(&bare, listener) != 0)
        give_up("listen");
    for (int i = 0; i < SUBSCRIBERS; i++) {
        const int feed_end = connect_to(feed), bare_end = connect_to(&bare);
        struct camera *c = camera_at(i);
        bare_fd[i] = accept(listener, NULL, NULL);
        setsockopt(bare_fd[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (c) {
            c->fd = feed_end;
            c->bare_fd = bare_end;
        } else {
            idle_fd[idle_count++] = feed_end;
            idle_fd[idle_count++] = bare_end;
        }
    }
    close(listener);
}

static void open_receivers(void)
{
    struct sigstate_key key[FEED_KEYS_MAX];
    for (int i = 0; i < config.feed.key_count; i++)
        key[i] = (struct sigstate_key){config.feed.key[i].id, config.feed.key[i].secret,
                                       config.feed.key[i].secret_length};
    for (int i = 0; i < CAMERAS; i++) {
        camera[i].state = sigstate_open(&(struct sigstate_options){.controller = config.site.id,
                                                                   .keys = key,
                                                                   .key_count = config.feed.key_count,
                                                                   .clock_error_us = SIGSTATE_SAME_CLOCK});
        if (!camera[i].state)
            give_up("sigstate_open");
    }
}

/* ---- results ---- */

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_samples(const char *what, const struct samples *first, size_t stride)
{
    static uint32_t all[CAMERAS * SAMPLES_MAX];
    size_t count = 0;
    for (int i = 0; i < CAMERAS; i++) {
        const struct samples *s = (const struct samples *)((const char *)first + (size_t)i * stride);
        memcpy(all + count, s->us, (size_t)s->count * sizeof *s->us);
        count += (size_t)s->count;
    }
    qsort(all, count, sizeof *all, compare);
    if (count > 0)
        printf("%s: samples=%zu p50_us=%u p99_us=%u p999_us=%u max_us=%u\n", what, count, all[count / 2],
               all[count * 99 / 100], all[count * 999 / 1000], all[count - 1]);
}

static void print_fault(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

int main(int argc, char **argv)
{
    pthread_t thread[3 + 2 * CAMERAS];
    char text[ADDRESS_TEXT] = "";
    struct address feed;
    const int seconds = argc == 4 ? atoi(argv[2]) : 0;
    if (seconds <= 0 || config_load(&config, argv[1], CONFIG_WHOLE, print_fault, NULL) != 0) {
        fputs("usage: bench_feed CONFIG SECONDS FILE\n", stderr);
        return 2;
    }
    begin_cabinet(&thread[0]);
    FILE *file = fopen(argv[3], "r"); /* waits until somebody writes to it */
    if (!file || fscanf(file, "%95s", text) != 1 || address_parse(&feed, text) != 0 || !feed.stream) {
        fputs("bench_feed: no address of the feed\n", stderr);
        return 2;
    }
    fclose(file);
    open_receivers();
    connect_all(&feed);
    int started = pthread_create(&thread[1], NULL, be_idle, NULL);
    for (int i = 0; i < CAMERAS; i++) {
        started |= pthread_create(&thread[3 + 2 * i], NULL, be_camera, &camera[i]);
        started |= pthread_create(&thread[4 + 2 * i], NULL, be_bare_receiver, &camera[i]);
    }
    started |= pthread_create(&thread[2], NULL, be_bare_sender, NULL);
    if (started != 0)
        give_up("threads");
    sleep((unsigned)seconds);
    print_samples("lamp to decision", &camera[0].decided, sizeof camera[0]);
    print_samples("bare send to 64 sockets", &camera[0].bare, sizeof camera[0]);
    return camera[CAMERAS - 1].decided.count > 0 ? 0 : 1;
}
