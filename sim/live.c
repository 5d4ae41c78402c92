#include "live.h"
#include "../io/address.h"
#include "../io/io_thread.h"
#include "feed_client.h"
#include "modbus_server.h"
#include "screen.h"
#include "street.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    /* Scheduling may eat this much of a yellow that the controller timed well. */
    TOLERANCE_US = 100 * 1000,
    CATCH_UP_MAX = 50, /* ticks made up for at once; after a longer stop the street just goes on */
};

struct live {
    const struct config *config;
    struct street street;
    struct screen screen;
    struct screen_links links;
    struct modbus_server *server;
    struct feed_client *feed; /* NULL: there is none to hear */
    char modbus_address[ADDRESS_TEXT];
    int timer_fd, signal_fd;
    int64_t tick_us; /* of the tick that comes next */
    int64_t now_us;
    bool was_flashing;
};

/* The cameras' own clock. */
static int64_t utc_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 * 1000 + now.tv_nsec / 1000;
}

static int64_t since_begin(const struct live *live)
{
    return live->now_us - live->street.begun_us;
}

static bool valid_at_cabinet(const struct sim_cabinet *cabinet)
{
    return !sim_cabinet_shows_flash(cabinet) &&
           (cabinet->inputs & (CABINET_MANUAL_CONTROL | CABINET_STOP_TIME)) == 0;
}

static void watch(struct live *live)
{
    const struct sim_cabinet *cabinet = &live->street.cabinet;
    bool flash = sim_cabinet_flashes(cabinet);
    if (flash != live->was_flashing) {
        live->was_flashing = flash;
        screen_tell(&live->screen, since_begin(live),
                    flash ? "the cabinet falls into its own flash" : "the controller has the lamps");
    }
    street_watch(&live->street, flash || sim_cabinet_shows_flash(cabinet), valid_at_cabinet(cabinet),
                 live->now_us);
}

static void taken(void *arg, int64_t now_us)
{
    struct live *live = arg;
    live->now_us = now_us;
    watch(live);
}

static void heard(void *arg, const char *line, size_t length)
{
    struct live *live = arg;
    street_hear_line(&live->street, line, length, live->now_us);
}

static void feed_link(void *arg, bool up)
{
    struct live *live = arg;
    screen_tell(&live->screen, since_begin(live),
                up ? "the feed of %s is heard" : "the feed of %s is lost; trying again", live->links.feed);
}

static void recorded(void *arg, const struct camera *camera, enum camera_event event,
                     const struct camera_case *the_case)
{
    struct live *live = arg;
    if (event != CAMERA_RECORD && event != CAMERA_VOID)
        return;
    const struct lane_layout *lane = &live->street.junction.lane[the_case->lane_ix];
    screen_tell(
        &live->screen, since_begin(live), "camera %s (%s) %s vehicle %u, lane %s/%d%s%s", camera->config->id,
        camera_kind_name(camera->config->kind), event == CAMERA_RECORD ? "records" : "voids its record of",
        the_case->vehicle_no, live->config->approach[lane->approach_ix].id, lane->config->no,
        event == CAMERA_VOID ? ": " : "", event == CAMERA_VOID ? camera_void_name(the_case->why) : "");
}

static int open_clockwork(struct live *live)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN); /* a client may go while it is being answered */
    live->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    live->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    const struct itimerspec every = {
        .it_interval = {0, TICK_MS * 1000L * 1000},
        .it_value = {live->tick_us / 1000000, live->tick_us % 1000000 * 1000},
    };
    if (live->signal_fd < 0 || live->timer_fd < 0 ||
        timerfd_settime(live->timer_fd, TFD_TIMER_ABSTIME, &every, NULL) < 0) {
        fprintf(stderr, "tscsim: timer: %m\n");
        return -1;
    }
    return 0;
}

/* Where the cameras listen: the option, or the first TCP address of the config. */
static const char *feed_address(const struct config *config, const struct options *options)
{
    if (options->feed)
        return options->feed;
    for (int i = 0; config->has_feed && i < config->feed.listen_count; i++) {
        if (strncmp(config->feed.listen[i], "tcp", 3) == 0)
            return config->feed.listen[i];
    }
    return NULL;
}

static int begin(struct live *live, const struct options *options)
{
    const struct config *config = live->config;
    char modbus[2 * ADDRESS_TEXT];
    live->now_us = io_now_us();
    live->tick_us = live->now_us + TICK_MS * 1000;
    if (street_init(&live->street, config, options->demand, options->seed, TOLERANCE_US, live->now_us) < 0)
        return street_refuse();
    live->street.utc_offset_us = utc_us() - live->now_us;
    live->street.record = recorded;
    live->street.record_arg = live;
    if (options->records && street_keep_records(&live->street, options->records) < 0)
        return -1;
    live->was_flashing = true;
    bool v6 = strchr(config->cabinet.host, ':') != NULL;
    snprintf(modbus, sizeof modbus, v6 ? "tcp6:[%s]:%u" : "tcp:%s:%u", config->cabinet.host,
             config->cabinet.port);
    live->server = modbus_server_new(options->modbus ? options->modbus : modbus, &config->cabinet,
                                     &live->street.cabinet, taken, live);
    if (!live->server)
        return -1;
    live->links.feed = feed_address(config, options);
    live->links.note = options->note;
    live->links.status = options->status;
    if (live->links.feed) {
        live->feed = feed_client_new(live->links.feed, heard, feed_link, live);
        if (!live->feed)
            return -1;
    }
    return open_clockwork(live);
}

static void announce(struct live *live)
{
    modbus_server_address(live->server, live->modbus_address, sizeof live->modbus_address);
    live->links.modbus = live->modbus_address;
    printf("tscsim ready modbus=%s\n", live->modbus_address);
    fflush(stdout);
    screen_init(&live->screen);
    if (!live->links.feed)
        live->links.feed = "none";
}

/* The time up to `tick_us` has passed on the street. */
static void tick(struct live *live)
{
    sim_cabinet_advance(&live->street.cabinet, live->now_us);
    watch(live);
    live->street.utc_offset_us = utc_us() - live->now_us;
    street_move(&live->street, live->tick_us - TICK_MS * 1000);
    street_sense(&live->street, live->tick_us);
    street_judge(&live->street, live->now_us);
    live->tick_us += TICK_MS * 1000;
}

static void tick_all(struct live *live)
{
    uint64_t expired = 0;
    if (read(live->timer_fd, &expired, sizeof expired) != (ssize_t)sizeof expired)
        return;
    if (expired > CATCH_UP_MAX) {
        live->tick_us += (int64_t)(expired - 1) * TICK_MS * 1000;
        expired = 1;
    }
    for (; expired > 0; expired--)
        tick(live);
    live->links.modbus_clients = modbus_server_clients(live->server);
    live->links.feed_up = live->feed && feed_client_up(live->feed);
    live->links.feed_reasons = sigstate_reasons(live->street.receiver);
    screen_show(&live->screen, &live->street, &live->links, live->now_us);
}

static int serve(struct live *live)
{
    for (;;) {
        struct pollfd polls[3 + MODBUS_POLLS_MAX];
        polls[0] = (struct pollfd){.fd = live->signal_fd, .events = POLLIN};
        polls[1] = (struct pollfd){.fd = live->timer_fd, .events = POLLIN};
        int modbus = modbus_server_polls(live->server, polls + 2);
        nfds_t count = 2 + (nfds_t)modbus;
        bool feed = live->feed && feed_client_poll(live->feed, &polls[count]);
        if (poll(polls, count + feed, -1) < 0 && errno != EINTR) {
            fprintf(stderr, "tscsim: poll: %m\n");
            return -1;
        }
        live->now_us = io_now_us();
        if (polls[0].revents)
            return 0;
        /* The feed first: what it says is older than what comes over the bus now. */
        if (live->feed)
            feed_client_serve(live->feed, feed ? &polls[count] : NULL, live->now_us);
        modbus_server_serve(live->server, polls + 2, modbus, live->now_us);
        if (polls[1].revents)
            tick_all(live);
    }
}

static void end(struct live *live)
{
    modbus_server_free(live->server);
    feed_client_free(live->feed);
    if (live->timer_fd >= 0)
        close(live->timer_fd);
    if (live->signal_fd >= 0)
        close(live->signal_fd);
    street_done(&live->street);
    free(live);
}

int live_intersection(const struct config *config, const struct options *options, struct summary *summary)
{
    struct live *live = calloc(1, sizeof *live);
    if (!live) {
        fputs("tscsim: not enough memory\n", stderr);
        return -1;
    }
    live->config = config;
    live->timer_fd = live->signal_fd = -1;
    int result = begin(live, options);
    if (result == 0) {
        announce(live);
        result = serve(live);
        street_finish(&live->street, live->now_us);
        screen_done(&live->screen);
        street_sum_up(&live->street, summary);
        summary->wall_s = (double)since_begin(live) / 1e6;
    }
    end(live);
    return result;
}
