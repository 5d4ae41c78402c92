/* What a city's worth of junctions makes of a broker: the messages that the real controller gives out in ten
 * minutes of virtual traffic, published by as many connections as there are junctions, each at its own place
 * in those ten minutes, in real time, and received by one subscriber to all of them.
 *
 *     bench_mqtt spat  CONFIG JUNCTIONS SECONDS PUBLISH_PORT SUBSCRIBE_PORT BROKER_PID...
 *     bench_mqtt small CONFIG JUNCTIONS SECONDS PUBLISH_PORT SUBSCRIBE_PORT BROKER_PID...
 *     bench_mqtt udp   CONFIG JUNCTIONS SECONDS
 *
 * `spat` publishes as tscd does (io/spat_json.h; QoS 0, retained), `small` eight octets instead, which tells
 * what the broker costs whatever is in it, and `udp` sends the feed's own datagrams to a multicast group on
 * this machine's loopback, which tells what the machine makes of the same news without any broker. */
#include "../../controller/app.h"
#include "../../controller/config.h"
#include "../../io/spat_json.h"
#include "../../sim/direct_port.h"
#include "../../sim/street.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    TRACK_S = 600,
    WARM_UP_S = 60,    /* of virtual time, before the track: start-up, and verified for long enough */
    TRACK_MAX = 16384, /* messages of the track */
    STAMPS = 1024,     /* sent messages of a junction that may be on their way */
    TEXT_MAX = 65536,
    BROKERS_MAX = 4,
    SETTLE_MS = 1000, /* for what is on its way at the end */
};

static const char *const topic_form = "v2x/v1/signalcontroller/b%04d/spat/up";

enum mode { MODE_SPAT, MODE_SMALL, MODE_UDP };

/* ---- the track: what one controller says in ten minutes ---- */

static struct config config;
static struct feed_message *track;
static int track_count;

static struct street street;
static struct direct_port direct;
static struct feed *feed;
static struct feed_clock clock_now = {CLOCK_SYNCED, 400, INT64_C(1767567600000000)};

static void keep(void *arg, const struct feed_message *message)
{
    (void)arg;
    if (message->kind != FEED_ALIVE && message->sent_us >= WARM_UP_S * INT64_C(1000000) &&
        track_count < TRACK_MAX)
        track[track_count++] = *message;
}

static void taken(void *arg, const struct cabinet_exchange *exchange)
{
    (void)arg;
    feed_exchange(feed, exchange, &clock_now);
}

static int record_track(void)
{
    track = malloc(TRACK_MAX * sizeof *track);
    if (!track || street_init(&street, &config, DEMAND_MEDIUM, 1, 0, 0) < 0)
        return -1;
    direct_port_init(&direct, &street.cabinet, taken, NULL);
    feed = feed_new(&config.feed, 1, keep, NULL);
    struct app *app = app_new(&config.db, &config.card, &direct.port, 0);
    if (!feed || !app)
        return -1;
    for (int64_t now_us = 0; now_us < (WARM_UP_S + TRACK_S) * INT64_C(1000000); now_us += 100000) {
        street_sense(&street, now_us);
        app_step(app, now_us);
        sim_cabinet_advance(&street.cabinet, now_us + 50000);
        feed_poll(feed, now_us + 50000, &clock_now);
        street_move(&street, now_us);
    }
    feed_free(feed);
    app_free(app);
    street_done(&street);
    return 0;
}

/* ---- the plan: who sends which message of the track when ---- */

struct sending {
    int64_t due_us; /* since the beginning */
    int junction, message;
};

static int earlier(const void *a, const void *b)
{
    const int64_t x = ((const struct sending *)a)->due_us, y = ((const struct sending *)b)->due_us;
    return (x > y) - (x < y);
}

static struct sending *plan(int junctions, int seconds, int *count)
{
    const int64_t whole_us = TRACK_S * INT64_C(1000000);
    struct sending *list = malloc((size_t)junctions * (size_t)track_count * sizeof *list);
    *count = 0;
    for (int j = 0; list && j < junctions; j++) {
        /* Spread over the second as well: the controllers of a city were not started together. */
        const int64_t offset_us = (whole_us * j / junctions + j * INT64_C(618034)) % whole_us;
        for (int i = 0; i < track_count; i++) {
            const int64_t at_us = track[i].sent_us - WARM_UP_S * INT64_C(1000000);
            const int64_t due_us = (at_us - offset_us + whole_us) % whole_us;
            if (due_us < seconds * INT64_C(1000000))
                list[(*count)++] = (struct sending){due_us, j, i};
        }
    }
    if (list)
        qsort(list, (size_t)*count, sizeof *list, earlier);
    return list;
}

/* ---- what was measured ---- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static _Atomic int64_t (*sent_ns)[STAMPS]; /* by junction and the lowest bits of the message's seq */
static int junction_count;
static int64_t *delay_ns;
static atomic_int received;
static int received_max;

static void note_received(int junction, uint64_t seq)
{
    if (junction < 0 || junction >= junction_count)
        return;
    const int64_t sent = atomic_exchange(&sent_ns[junction][seq % STAMPS], 0);
    const int n = atomic_load(&received);
    if (sent == 0 || n == received_max)
        return; /* kept by the broker from an earlier run */
    delay_ns[n] = now_ns() - sent;
    atomic_store(&received, n + 1);
}

static int shorter(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Seconds of processor time of a process so far. */
static double cpu_of(int pid)
{
    char path[64], line[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file) ||
        sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2)
        fprintf(stderr, "bench_mqtt: no process %d\n", pid);
    if (file)
        fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* ---- MQTT 3.1.1, as little of it as is needed ---- */

static size_t put_length(uint8_t *out, size_t length)
{
    size_t n = 0;
    do {
        out[n] = (uint8_t)(length % 128 | (length >= 128 ? 128U : 0U));
        n++;
    } while ((length /= 128) > 0);
    return n;
}

static size_t put_text(uint8_t *out, const char *text)
{
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        out[2 + length] = (uint8_t)text[length];
    out[0] = (uint8_t)(length >> 8);
    out[1] = (uint8_t)length;
    return length + 2;
}

static int send_all(int fd, const uint8_t *octet, size_t length)
{
    while (length > 0) {
        const ssize_t n = send(fd, octet, length, MSG_NOSIGNAL);
        if (n <= 0)
            return -1;
        octet += n;
        length -= (size_t)n;
    }
    return 0;
}

static int receive_all(int fd, uint8_t *octet, size_t length)
{
    while (length > 0) {
        const ssize_t n = recv(fd, octet, length, 0);
        if (n <= 0)
            return -1;
        octet += n;
        length -= (size_t)n;
    }
    return 0;
}

/* A connection that the broker has accepted, or -1. */
static int mqtt_connect(uint16_t port, const char *name)
{
    uint8_t packet[128] = {0x10}, answer[4];
    const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size_t n = 2;
    n += put_text(packet + n, "MQTT");
    packet[n++] = 4;
    packet[n++] = 2; /* clean session */
    packet[n++] = 0;
    packet[n++] = 0;
    n += put_text(packet + n, name);
    packet[1] = (uint8_t)(n - 2);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0 || send_all(fd, packet, n) != 0 ||
        receive_all(fd, answer, sizeof answer) != 0 || answer[0] != 0x20 || answer[3] != 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int mqtt_subscribe(int fd, const char *topics)
{
    uint8_t packet[128] = {0x82, 0, 0, 1}, answer[5];
    size_t n = 4;
    n += put_text(packet + n, topics);
    packet[n++] = 0;
    packet[1] = (uint8_t)(n - 2);
    return send_all(fd, packet, n) != 0 || receive_all(fd, answer, sizeof answer) != 0 || answer[0] != 0x90
               ? -1
               : 0;
}

/* Returns the octets written, 0 on failure. */
static size_t mqtt_publish(int fd, int junction, bool retain, const char *payload, size_t length)
{
    static uint8_t packet[TEXT_MAX + 128];
    char topic[64];
    snprintf(topic, sizeof topic, topic_form, junction);
    packet[0] = retain ? 0x31 : 0x30;
    size_t n = 1 + put_length(packet + 1, 2 + strlen(topic) + length);
    n += put_text(packet + n, topic);
    memcpy(packet + n, payload, length);
    return send_all(fd, packet, n + length) == 0 ? n + length : 0;
}

/* ---- the subscriber ---- */

struct listener {
    int fd;
    enum mode mode;
};

/* Who sent it and which message it is. */
static void take_publish(enum mode mode, char *body, size_t length)
{
    const size_t topic_length = (size_t)(uint8_t)body[0] << 8 | (uint8_t)body[1];
    int junction = -1;
    uint64_t seq = 0;
    if (topic_length + 2 > length || sscanf(body + 2, topic_form, &junction) != 1)
        return;
    const char *payload = body + 2 + topic_length;
    if (mode == MODE_SMALL) {
        memcpy(&seq, payload, sizeof seq);
    } else {
        const char *at = strstr(payload, "\"seq\":");
        seq = at ? strtoull(at + 6, NULL, 10) : 0;
    }
    note_received(junction, seq);
}

static void listen_mqtt(const struct listener *l)
{
    static char body[TEXT_MAX + 1];
    uint8_t head, digit;
    while (receive_all(l->fd, &head, 1) == 0) {
        size_t length = 0, shift = 0;
        do {
            if (receive_all(l->fd, &digit, 1) != 0)
                return;
            length |= (size_t)(digit & 127U) << shift;
            shift += 7;
        } while (digit & 128U);
        if (length > TEXT_MAX || receive_all(l->fd, (uint8_t *)body, length) != 0)
            return;
        body[length] = '\0';
        if ((head & 0xf0) == 0x30)
            take_publish(l->mode, body, length);
    }
}

static void listen_udp(const struct listener *l)
{
    static char text[TEXT_MAX + 1];
    ssize_t length;
    while ((length = recv(l->fd, text, TEXT_MAX, 0)) > 0) {
        text[length] = '\0';
        const char *controller = strstr(text, "\"controller\":\"b"), *seq = strstr(text, "\"seq\":");
        if (controller && seq)
            note_received(atoi(controller + 15), strtoull(seq + 6, NULL, 10));
    }
}

static void *run_listener(void *arg)
{
    const struct listener *l = arg;
    if (l->mode == MODE_UDP)
        listen_udp(l);
    else
        listen_mqtt(l);
    return NULL;
}

/* ---- the senders ---- */

struct senders {
    enum mode mode;
    int *fd; /* of each junction; one for all over UDP */
    struct sockaddr_in group;
    struct spat_state *state;
    uint64_t sent, octets, failures;
};

static void stamp(int junction, uint64_t seq)
{
    atomic_store(&sent_ns[junction][seq % STAMPS], now_ns());
}

struct datagram {
    struct senders *senders;
    int junction;
};

static void send_datagram(void *arg, const struct feed_message *message)
{
    const struct datagram *d = arg;
    struct senders *s = d->senders;
    char text[FEED_MESSAGE_MAX];
    const int length = feed_encode(&config.feed, message, text, sizeof text);
    stamp(d->junction, message->seq);
    if (length > 0 &&
        sendto(s->fd[0], text, (size_t)length, 0, (struct sockaddr *)&s->group, sizeof s->group) > 0)
        s->octets += (uint64_t)length;
    else
        s->failures++;
    s->sent++;
}

static void send_one(struct senders *s, const struct sending *sending)
{
    static char text[TEXT_MAX];
    const struct feed_message *message = &track[sending->message];
    const int j = sending->junction;
    int length = sizeof message->seq;
    snprintf(config.feed.controller, sizeof config.feed.controller, "b%04d", j);
    if (s->mode == MODE_UDP) {
        feed_split(&config.feed, message, send_datagram, &(struct datagram){s, j});
        return;
    }
    if (s->mode == MODE_SMALL)
        memcpy(text, &message->seq, sizeof message->seq);
    else if (!spat_state_take(&s->state[j], message))
        return; /* a change before this junction's first full */
    else
        length = spat_json_encode(&config.feed, &s->state[j], text, sizeof text);
    stamp(j, message->seq);
    const size_t octets = mqtt_publish(s->fd[j], j, s->mode == MODE_SPAT, text, (size_t)length);
    s->octets += octets;
    s->failures += octets == 0;
    s->sent++;
}

static void sleep_until_ns(int64_t at_ns)
{
    const struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

static int open_udp(struct senders *s, struct listener *l)
{
    const struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    const int large = 4 << 20;
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t size = sizeof any;
    inet_pton(AF_INET, "239.255.77.1", &any.sin_addr);
    const struct ip_mreq join = {any.sin_addr, loopback};
    l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    s->fd[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
    if (bind(l->fd, (struct sockaddr *)&any, sizeof any) != 0 ||
        getsockname(l->fd, (struct sockaddr *)&any, &size) != 0 ||
        setsockopt(l->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) != 0 ||
        setsockopt(s->fd[0], IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback) != 0)
        return -1;
    s->group = any;
    return 0;
}

static int open_mqtt(struct senders *s, struct listener *l, uint16_t publish_port, uint16_t subscribe_port)
{
    struct rlimit files;
    char name[32];
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    l->fd = mqtt_connect(subscribe_port, "bench-subscriber");
    if (l->fd < 0 || mqtt_subscribe(l->fd, "v2x/v1/signalcontroller/+/spat/up") != 0)
        return -1;
    for (int j = 0; j < junction_count; j++) {
        snprintf(name, sizeof name, "bench-%04d", j);
        s->fd[j] = mqtt_connect(publish_port, name);
        if (s->fd[j] < 0)
            return -1;
    }
    return 0;
}

/* ---- the run ---- */

/* The delay that `of_1000` thousandths of what arrived did not exceed, in microseconds. */
static double delay_us(int count, int of_1000)
{
    const int64_t at = INT64_C(1) * count * of_1000 / 1000;
    return count > 0 ? (double)delay_ns[at < count ? at : count - 1] / 1e3 : 0.0;
}

static void report(const struct senders *s, double seconds, const double *broker_cpu, int brokers)
{
    const int count = atomic_load(&received);
    qsort(delay_ns, (size_t)count, sizeof *delay_ns, shorter);
    printf("sent=%.0f/s octets=%.0f/s arrived=%.2f%% p50=%.0fus p99.9=%.0fus worst=%.0fus",
           (double)s->sent / seconds, (double)s->octets / seconds,
           s->sent > 0 ? 100.0 * count / (double)s->sent : 0.0, delay_us(count, 500), delay_us(count, 999),
           delay_us(count, 1000));
    for (int i = 0; i < brokers; i++)
        printf(" broker%d_cpu=%.1f%%", i + 1, 100.0 * broker_cpu[i] / seconds);
    printf(" send_failures=%llu\n", (unsigned long long)s->failures);
}

static void play(struct senders *s, const struct sending *list, int count, int seconds, char **pids,
                 int brokers)
{
    double cpu[BROKERS_MAX] = {0};
    for (int i = 0; i < brokers; i++)
        cpu[i] = -cpu_of(atoi(pids[i]));
    const int64_t begun_ns = now_ns();
    for (int i = 0; i < count; i++) {
        sleep_until_ns(begun_ns + list[i].due_us * 1000);
        send_one(s, &list[i]);
    }
    sleep_until_ns(begun_ns + seconds * INT64_C(1000000000));
    const double took_s = (double)(now_ns() - begun_ns) / 1e9;
    for (int64_t until = now_ns() + SETTLE_MS * INT64_C(1000000);
         now_ns() < until && (uint64_t)atomic_load(&received) < s->sent;)
        usleep(1000);
    for (int i = 0; i < brokers; i++)
        cpu[i] += cpu_of(atoi(pids[i]));
    report(s, took_s, cpu, brokers);
}

static int prepare(struct senders *s, struct listener *l, int count, char **ports)
{
    pthread_t thread;
    received_max = count * FEED_PARTS_MAX;
    sent_ns = calloc((size_t)junction_count, sizeof *sent_ns);
    delay_ns = malloc((size_t)received_max * sizeof *delay_ns);
    s->fd = calloc((size_t)junction_count, sizeof *s->fd);
    s->state = calloc((size_t)junction_count, sizeof *s->state);
    if (!sent_ns || !delay_ns || !s->fd || !s->state)
        return -1;
    if (s->mode == MODE_UDP ? open_udp(s, l) != 0
                            : open_mqtt(s, l, (uint16_t)atoi(ports[0]), (uint16_t)atoi(ports[1])) != 0) {
        perror("bench_mqtt: no connection");
        return -1;
    }
    return pthread_create(&thread, NULL, run_listener, l) == 0 ? pthread_detach(thread) : -1;
}

static void tell_fault(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static int usage(void)
{
    fputs("usage: bench_mqtt spat|small|udp CONFIG JUNCTIONS SECONDS [PUBLISH_PORT SUBSCRIBE_PORT PID...]\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static const char *const words[] = {"spat", "small", "udp"};
    static struct listener listener;
    static struct senders senders;
    int count;
    if (argc < 5 || argc > 7 + BROKERS_MAX)
        return usage();
    while (senders.mode < MODE_UDP && strcmp(argv[1], words[senders.mode]) != 0)
        senders.mode++;
    junction_count = atoi(argv[3]);
    const int seconds = atoi(argv[4]);
    if (strcmp(argv[1], words[senders.mode]) != 0 || (senders.mode != MODE_UDP && argc < 7) ||
        junction_count < 1 || junction_count > 9999 || seconds < 1)
        return usage();
    if (config_load(&config, argv[2], CONFIG_WHOLE, tell_fault, NULL) != 0 || record_track() != 0)
        return 3;
    struct sending *list = plan(junction_count, seconds, &count);
    listener.mode = senders.mode;
    if (!list || count == 0 || prepare(&senders, &listener, count, argv + 5) != 0)
        return 3;
    play(&senders, list, count, seconds, argv + 7, argc > 7 ? argc - 7 : 0);
    return senders.failures > 0;
}
