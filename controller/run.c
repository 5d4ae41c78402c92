#include "run.h"
#include "../io/cabinet_modbus.h"
#include "../io/feed_thread.h"
#include "../io/lamp_server.h"
#include "../io/mqtt.h"
#include "../ntcip/agent.h"
#include "../ntcip/agent_stmp.h"
#include "../ntcip/device.h"
#include "backend.h"
#include "card.h"
#include "clock.h"
#include "feed_objects.h"
#include "history.h"
#include "log.h"
#include "mainloop.h"
#include "status_line.h"
#include "supervisor.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { WHY_OCTETS = 256, READY_OCTETS = 2048, CLOCK_PERIOD_MS = 1000 };

static const int stop_signals[] = {SIGTERM, SIGINT};

struct station {
    struct config *config;
    const struct run_files *files;
    struct database db;         /* to begin with */
    bool definitions_lost;      /* the dynamic objects of the stored database are not those of `db` */
    const char *retire_because; /* the stored database gives way, NULL if not */
    struct store *store;
    struct app *app;
    struct cabinet_modbus *modbus;
    struct feed_server *feed;
    struct history *history;
    struct mqtt_publisher *mqtt;
    struct lamp_server *lamps; /* NULL: there are no red-lamp detectors */
    struct tick *tick;
    struct mainloop *loop;
    struct backend *backend;
    struct sets *sets;
    struct agent *agent;
    struct stmp_server *stmp;
    struct supervisor supervisor;
    struct clock_watch clock_watch;
    struct chrony chrony;
    struct clock_look clock;
    bool clock_told;
    char status[STATUS_LINE];         /* as it was last written */
    struct tscbm_receivers receivers; /* as they were handed to the feed */
};

/* ---- the database: stored, or from the file ---- */

static void tell_breach(void *arg, const struct card_fault *fault)
{
    (void)arg;
    log_line(LOG_ERR, "store: %s", fault->reason);
}

/* Done when every port is open: a start that fails leaves the directory as it was. */
static void retire_database(struct station *station)
{
    const char *because = station->retire_because;
    char why[WHY_OCTETS];
    if (!because)
        return;
    if (store_retire(station->store, why, sizeof why) == 0)
        log_line(LOG_ALERT,
                 "store: %s: the config file is used, the stored database is kept as database.previous",
                 because);
    else
        log_line(LOG_ALERT, "store: %s: the config file is used; the stored database cannot be put aside: %s",
                 because, why);
}

/* Dynamic objects that have not outlived the outage must not come back with the next start. */
static void forget_definitions(struct station *station)
{
    char why[WHY_OCTETS];
    if (!station->definitions_lost)
        return;
    log_line(LOG_NOTICE, "stmp: the dynamic objects have not outlived the outage");
    if (store_save(station->store, station->config->asc_digest, &station->db, why, sizeof why) < 0)
        log_line(LOG_ALERT, "store: the database cannot be stored: %s", why);
}

/* Same asc section as when it was stored: the stored database is what the centre made of it. */
static void choose_database(struct station *station)
{
    const struct config *config = station->config;
    uint8_t digest[STORE_DIGEST];
    char why[WHY_OCTETS];
    station->db = config->db;
    struct database *stored = calloc(1, sizeof *stored);
    if (!stored)
        return;
    int found = store_load(station->store, digest, stored, why, sizeof why);
    if (why[0])
        log_line(LOG_ALERT, "store: %s", why);
    if (found < 0)
        station->retire_because = "the stored database cannot be used";
    if (found == 1) {
        if (memcmp(digest, config->asc_digest, sizeof digest) != 0)
            station->retire_because = "the asc section of the config file has changed";
        else if (card_check(&config->card, &config->feed, stored, tell_breach, NULL) > 0)
            station->retire_because = "the stored database breaks the cabinet's card";
        else
            station->db = *stored;
    }
    free(stored);
    int64_t seen_s = store_last_seen_utc_s(station->store), now_s = clock_utc_us() / 1000000;
    station->definitions_lost =
        dynamic_survive(&station->db.device.dynamic, now_s >= seen_s ? now_s - seen_s : -1);
}

/* ---- what the threads tell each other ---- */

static void exchange_taken(void *arg, const struct cabinet_exchange *exchange)
{
    struct station *station = arg;
    if (station->feed)
        feed_server_exchange(station->feed, exchange);
}

static void look(void *arg)
{
    struct station *station = arg;
    supervisor_look(&station->supervisor, io_now_us());
}

static void keep_status(struct station *station)
{
    char line[STATUS_LINE];
    if (!station->files->status)
        return;
    status_line(backend_feed(station->backend), line);
    if (strcmp(line, station->status) == 0)
        return;
    if (status_line_write(station->files->status, line) != 0)
        log_line(LOG_WARNING, "%s: %s", station->files->status, strerror(errno));
    memcpy(station->status, line, sizeof line);
}

/* Cameras on the controller's own clock follow it wherever it steps. */
static const struct feed_clock *clock_of_feed(const struct station *station)
{
    return station->config->feed.clock_required ? &station->clock.evidence : &station->clock.clock;
}

static void read_clock(void *arg)
{
    struct station *station = arg;
    struct clock_look look;
    const int64_t step_us = clock_look(&station->clock_watch, &station->chrony, &look);
    clock_tell(station->clock_told ? &station->clock : NULL, &look, step_us,
               station->config->feed.clock_required);
    station->clock_told = true;
    station->clock = look;
    if (station->feed)
        feed_server_clock(station->feed, clock_of_feed(station));
    backend_clock(station->backend, &look.clock);
    keep_status(station);
}

static void step_device(void *arg)
{
    struct station *station = arg;
    struct tscbm_receivers receivers;
    feed_objects_put(backend_feed(station->backend), feed_server_status(station->feed),
                     &station->config->feed, &station->clock);
    if (station->mqtt)
        feed_objects_put_publisher(&backend_feed(station->backend)->publisher, station->mqtt);
    backend_step(station->backend);
    if (station->agent)
        backend_notify(station->backend, station->agent);
    backend_receivers(station->backend, &receivers);
    if (memcmp(&receivers, &station->receivers, sizeof receivers) != 0) {
        station->receivers = receivers;
        feed_server_receivers(station->feed, &receivers);
    }
}

static void save_ended(void *arg)
{
    struct station *station = arg;
    backend_store_ready(station->backend, station->sets);
}

static void stop(void *arg)
{
    struct station *station = arg;
    log_line(LOG_NOTICE, "asked to end: stopping");
    mainloop_stop(station->loop);
}

static void tell_fault(void *arg, const char *line)
{
    (void)arg;
    log_line(LOG_ERR, "%s", line);
}

/* The whole file has to be sound, so that what is taken now will also start. */
static void reload_keys(void *arg)
{
    struct station *station = arg;
    char why[WHY_OCTETS] = "the config file cannot be taken as it is";
    struct config *fresh = calloc(1, sizeof *fresh);
    if (fresh && config_load(fresh, station->files->config, CONFIG_WHOLE, tell_fault, NULL) == 0 &&
        feed_server_keys(station->feed, &fresh->feed, why, sizeof why) == 0)
        log_line(LOG_NOTICE, "feed: its keys were read anew");
    else
        log_line(LOG_ALERT, "feed: its keys stay as they are: %s", why);
    if (fresh)
        explicit_bzero(&fresh->feed, sizeof fresh->feed);
    free(fresh);
}

/* ---- opening ---- */

static int open_agent(struct station *station, const struct store_identity *identity, char *why, size_t size)
{
    struct agent_engine engine;
    if (!station->config->snmp.present)
        return 0;
    agent_engine_id(&engine, identity->engine_seed);
    engine.boots = identity->boots;
    int result = agent_start(&station->agent, &station->config->snmp, &engine, station->sets,
                             mainloop_base(station->loop), why, size);
    /* The agent has derived its keys: the passphrases need not lie about. */
    for (int i = 0; i < SNMP_USERS_MAX; i++) {
        explicit_bzero(station->config->snmp.user[i].auth_pass,
                       sizeof station->config->snmp.user[i].auth_pass);
        explicit_bzero(station->config->snmp.user[i].priv_pass,
                       sizeof station->config->snmp.user[i].priv_pass);
    }
    return result;
}

static int open_mqtt(struct station *station, char *why, size_t size)
{
    const struct feed_config *feed = &station->config->feed;
    struct address broker;
    if (mqtt_publisher_new(&station->mqtt, feed, log_io, NULL, why, size) < 0)
        return -1;
    if (!feed->mqtt.ca[0] && address_parse(&broker, feed->mqtt.broker) == 0 && !address_is_loopback(&broker))
        log_line(LOG_NOTICE, "mqtt: without feed.mqtt.ca nothing protects what goes to %s",
                 feed->mqtt.broker);
    return feed_server_attach(station->feed, mqtt_publisher_outlet(station->mqtt));
}

static int open_lamps(struct station *station, char *why, size_t size)
{
    const struct feed_config *feed = &station->config->feed;
    if (feed->detector_count == 0)
        return 0;
    if (lamp_server_new(&station->lamps, feed, log_io, NULL, why, size) < 0)
        return -1;
    if (feed_server_attach(station->feed, lamp_server_outlet(station->lamps)) == 0)
        return 0;
    snprintf(why, size, "the feed has no outlet left for the lamp detectors");
    return -1;
}

/* The last to be opened: it makes a key where there was none, and a start that fails leaves no trace. */
static int open_history(struct station *station, const char *state_dir, uint64_t boot, char *why, size_t size)
{
    if (history_new(&station->history, station->config, state_dir, boot, why, size) < 0)
        return -1;
    if (feed_server_attach(station->feed, history_outlet(station->history)) == 0)
        return 0;
    snprintf(why, size, "the feed has no outlet left for the journal");
    return -1;
}

/* Allocates and opens everything in the order in which it can fail. */
static int open_all(struct station *station, const char *state_dir, char *why, size_t size)
{
    struct config *config = station->config;
    struct store_identity identity;
    struct agent_backend callbacks;
    char trouble[WHY_OCTETS];
    if (store_open(&station->store, state_dir, why, size) < 0)
        return -1;
    choose_database(station);
    if (cabinet_modbus_new(&station->modbus, &config->cabinet, exchange_taken, station, log_io, NULL, why,
                           size) < 0)
        return -1;
    station->app = app_new(&station->db, &config->card, cabinet_modbus_port(station->modbus), 0);
    station->backend = station->app ? backend_new(station->app, station->store, config, &station->db) : NULL;
    station->loop = mainloop_new();
    if (station->backend) {
        backend_callbacks(station->backend, &callbacks);
        station->sets = sets_new(&callbacks, config->snmp.structure_at_once);
    }
    if (!station->sets || !station->loop) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    int64_t utc_ms = clock_utc_us() / 1000;
    if (store_count_start(station->store, utc_ms, &identity, trouble, sizeof trouble) < 0)
        log_line(LOG_ALERT, "store: %s", trouble);
    if (chrony_open(&station->chrony, &config->site.chrony) < 0)
        log_line(LOG_WARNING, "clock: chronyd cannot be asked: %s", strerror(errno));
    clock_look(&station->clock_watch, &station->chrony, &station->clock);
    backend_clock(station->backend, &station->clock.clock);
    if (feed_server_new(&station->feed, &config->feed, identity.feed_boot, clock_of_feed(station), log_io,
                        NULL, why, size) < 0)
        return -1;
    if (config->feed.mqtt.present && open_mqtt(station, why, size) < 0)
        return -1;
    if (open_lamps(station, why, size) < 0)
        return -1;
    if (open_agent(station, &identity, why, size) < 0)
        return -1;
    if (config->stmp.present &&
        stmp_server_start(&station->stmp, &config->stmp, station->sets, backend_stmp(station->backend),
                          mainloop_base(station->loop), why, size) < 0)
        return -1;
    return open_history(station, state_dir, identity.feed_boot, why, size);
}

static int add_events(struct station *station)
{
    struct mainloop *loop = station->loop;
    int result = mainloop_every(loop, SUPERVISOR_PERIOD_MS, look, station);
    result |= mainloop_every(loop, CLOCK_PERIOD_MS, read_clock, station);
    result |= mainloop_every(loop, DEVICE_STEP_MS, step_device, station);
    for (size_t i = 0; i < sizeof stop_signals / sizeof *stop_signals; i++)
        result |= mainloop_signal(loop, stop_signals[i], stop, station);
    result |= mainloop_signal(loop, SIGHUP, reload_keys, station);
    result |= mainloop_readable(loop, store_event_fd(station->store), save_ended, station);
    return result;
}

/* ---- running ---- */

/* Locks what is in use, page by page as it comes into use. Under a small limit locking would make
 * later allocations fail, so it is left alone there. */
static void lock_memory(void)
{
    struct rlimit limit;
    bool allowed = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
    if (!allowed && geteuid() != 0)
        log_line(LOG_INFO, "memory is not locked: the limit on locked memory is too small");
    else if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
        log_line(LOG_INFO, "memory is not locked: %s", strerror(errno));
}

/* The signals belong to the event loop: every thread started here leaves them to it. */
static int start_threads(struct station *station)
{
    sigset_t ours, before;
    int refused = 0;
    sigemptyset(&ours);
    sigaddset(&ours, SIGHUP);
    for (size_t i = 0; i < sizeof stop_signals / sizeof *stop_signals; i++)
        sigaddset(&ours, stop_signals[i]);
    pthread_sigmask(SIG_BLOCK, &ours, &before);
    lock_memory();
    retire_database(station);
    forget_definitions(station);
    int result = store_start(station->store);
    if (result == 0)
        result = history_start(station->history);
    if (result == 0 && station->lamps)
        result = lamp_server_start(station->lamps);
    if (result == 0 && station->feed)
        result = feed_server_start(station->feed);
    if (result == 0 && station->mqtt)
        result = mqtt_publisher_start(station->mqtt);
    if (result == 0)
        result = cabinet_modbus_start(station->modbus);
    if (result == 0)
        result = tick_start(&station->tick, station->app, &refused);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0 && refused)
        log_line(LOG_INFO, "tick: no real-time priority (%s): under load ticks may come late",
                 strerror(refused));
    return result;
}

static void append_address(char *line, size_t size, bool first, const char *address)
{
    size_t length = strlen(line);
    snprintf(line + length, size - length, "%s%s", first ? "" : ",", address);
}

/* The line that whoever started us waits for. */
static void say_ready(const struct station *station)
{
    const struct config *config = station->config;
    char line[READY_OCTETS] = "tscd ready snmp=", address[ADDRESS_TEXT];
    size_t count = station->agent ? agent_address_count(station->agent) : 0;
    for (size_t ix = 0; ix < count; ix++) {
        agent_address(station->agent, ix, address, sizeof address);
        append_address(line, sizeof line, ix == 0, address);
    }
    append_address(line, sizeof line, true, count ? " feed=" : "none feed=");
    for (int ix = 0; station->feed && ix < config->feed.listen_count; ix++) {
        feed_server_address(station->feed, ix, address, sizeof address);
        append_address(line, sizeof line, ix == 0, address);
    }
    append_address(line, sizeof line, true,
                   station->feed && config->feed.listen_count ? " http=" : "none http=");
    const bool asked = history_address(station->history, address, sizeof address);
    append_address(line, sizeof line, true, asked ? address : "none");
    append_address(line, sizeof line, true, " modbus=");
    bool v6 = strchr(config->cabinet.host, ':') != NULL;
    snprintf(address, sizeof address, v6 ? "tcp6:[%.64s]:%u" : "tcp:%.64s:%u", config->cabinet.host,
             config->cabinet.port);
    append_address(line, sizeof line, true, address);
    count = station->stmp ? stmp_server_address_count(station->stmp) : 0;
    for (size_t ix = 0; ix < count; ix++) {
        stmp_server_address(station->stmp, ix, address, sizeof address);
        append_address(line, sizeof line, true, ix == 0 ? " stmp=" : ",");
        append_address(line, sizeof line, true, address);
    }
    for (int ix = 0; station->lamps && ix < config->feed.detector_count; ix++) {
        lamp_server_address(station->lamps, ix, address, sizeof address);
        append_address(line, sizeof line, true, ix == 0 ? " lamps=" : ",");
        append_address(line, sizeof line, true, address);
    }
    puts(line);
    fflush(stdout);
}

/* What somebody wants to know who asks whether the machine is fast enough. */
static void tell_lateness(const struct tick *tick)
{
    struct tick_stats stats;
    tick_get_stats(tick, &stats);
    if (stats.ticks > 0)
        log_line(LOG_INFO, "tick: %llu ticks, late by %lld us on average and %lld us at worst, %llu left out",
                 (unsigned long long)stats.ticks, (long long)(stats.sum_us / (int64_t)stats.ticks),
                 (long long)stats.worst_us, (unsigned long long)stats.left_out);
}

static void tell_published(const struct mqtt_publisher *mqtt)
{
    struct mqtt_counts counts;
    mqtt_publisher_counts(mqtt, &counts);
    log_line(LOG_INFO, "mqtt: %u published, %u replaced by newer ones, %u lost; %u connections, %u failures",
             counts.published, counts.replaced, counts.lost, counts.connections, counts.failures);
}

static void close_all(struct station *station)
{
    /* The agent first: no SET is taken any more. Then the tick, so that the heartbeat ends and the
     * cabinet takes over; then what the tick feeds. */
    if (station->sets)
        backend_finish(station->backend, station->sets);
    agent_free(station->agent);
    stmp_server_free(station->stmp);
    sets_free(station->sets);
    tick_stop(station->tick);
    cabinet_modbus_free(station->modbus);
    feed_server_free(station->feed);
    history_free(station->history);
    mqtt_publisher_free(station->mqtt);
    lamp_server_free(station->lamps);
    store_close(station->store);
    backend_free(station->backend);
    app_free(station->app);
    mainloop_free(station->loop);
    chrony_close(&station->chrony);
}

enum exit_code run_controller(struct config *config, const struct run_files *files)
{
    char why[WHY_OCTETS] = "";
    struct station *station = calloc(1, sizeof *station);
    if (!station) {
        log_line(LOG_ERR, "out of memory");
        return EXIT_ENVIRONMENT;
    }
    station->config = config;
    station->files = files;
    station->chrony.fd = -1;
    signal(SIGPIPE, SIG_IGN);
    enum exit_code result = EXIT_ENVIRONMENT;
    if (open_all(station, files->state_dir, why, sizeof why) < 0) {
        log_line(LOG_ERR, "%s", why);
    } else if (add_events(station) < 0 || start_threads(station) < 0) {
        log_line(LOG_ERR, "the system has no threads or events left");
    } else {
        station->supervisor.app = station->app;
        station->supervisor.tick = station->tick;
        say_ready(station);
        mainloop_run(station->loop);
        tell_lateness(station->tick);
        if (station->mqtt)
            tell_published(station->mqtt);
        result = EXIT_WELL;
    }
    close_all(station);
    free(station);
    return result;
}
