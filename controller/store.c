#include "store.h"
#include "../io/io_thread.h"
#include "../ntcip/json.h"
#include "store_file.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WHY_OCTETS = 256, PATH_OCTETS = 512, SEEN_PERIOD_S = 60 };

/* A clock that shows less was never set: it runs from 1970 or from the day the machine was made. */
static const int64_t utc_set_ms = INT64_C(1577836800000); /* 2020 */
static const int64_t feed_boot_max = INT64_C(1) << 52;

static const char database_name[] = "database";
static const char identity_name[] = "identity";

enum job { JOB_NONE, JOB_SUBMITTED, JOB_DONE };

struct store {
    int dir;
    int lock;
    int64_t last_seen_utc_s;
    int event_fd;
    bool running;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stop;
    enum job job;
    uint8_t digest[STORE_DIGEST];
    struct database db;
    bool saved;
    char why[WHY_OCTETS];
};

/* ---- the directory ---- */

static int make_directories(const char *path)
{
    char part[PATH_OCTETS];
    if (strlen(path) >= sizeof part) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(part, path, strlen(path) + 1);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return -1;
        *slash = '/';
    }
    return mkdir(part, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

static int open_directory(struct store *store, const char *path, char *why, size_t size)
{
    if (make_directories(path) < 0 || (store->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        return -1;
    }
    store->lock = openat(store->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock < 0) {
        snprintf(why, size, "%s/lock: %s", path, strerror(errno));
        return -1;
    }
    if (flock(store->lock, LOCK_EX | LOCK_NB) < 0) {
        snprintf(why, size, "%s: another controller uses this directory", path);
        return -1;
    }
    struct stat status;
    if (fstat(store->lock, &status) == 0)
        store->last_seen_utc_s = status.st_mtime;
    return 0;
}

/* The lock's own time is where a controller leaves word that it is there: no octet is written for it. */
static void be_seen(const struct store *store)
{
    (void)futimens(store->lock, NULL);
}

int64_t store_last_seen_utc_s(const struct store *store)
{
    return store->last_seen_utc_s;
}

/* Its waits go by the monotonic clock. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int store_open(struct store **out, const char *path, char *why, size_t size)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    store->dir = store->lock = -1;
    store->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&store->mutex, NULL);
    init_condition(&store->changed);
    if (store->event_fd < 0)
        snprintf(why, size, "eventfd: %s", strerror(errno));
    if (store->event_fd < 0 || open_directory(store, path, why, size) < 0) {
        store_close(store);
        return -1;
    }
    *out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->running) {
        pthread_mutex_lock(&store->mutex);
        store->stop = true;
        pthread_cond_signal(&store->changed);
        pthread_mutex_unlock(&store->mutex);
        pthread_join(store->thread, NULL);
        be_seen(store);
    }
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->mutex);
    const int fds[] = {store->event_fd, store->lock, store->dir};
    for (int i = 0; i < 3; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
    free(store);
}

/* ---- hex ---- */

static void print_hex(const uint8_t *octet, size_t count, char *text)
{
    for (size_t i = 0; i < count; i++)
        snprintf(text + 2 * i, 3, "%02x", octet[i]);
}

static int scan_hex(const char *text, uint8_t *octet, size_t count)
{
    if (strlen(text) != 2 * count || strspn(text, "0123456789abcdef") != 2 * count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        unsigned value;
        sscanf(text + 2 * i, "%2x", &value);
        octet[i] = (uint8_t)value;
    }
    return 0;
}

/* ---- reading what was stored ---- */

/* Keeps the first thing found wrong. */
static void keep_first(void *arg, int line, const char *key, const char *reason)
{
    char *why = arg;
    if (why[0] == '\0')
        snprintf(why, WHY_OCTETS, "line %d: %s: %s", line, key, reason);
}

static int parse_identity(const char *body, size_t length, struct store_identity *identity)
{
    char why[WHY_OCTETS] = "", seed[2 * STORE_SEED + 1];
    struct document document;
    struct document_node root;
    int64_t boots, feed_boot;
    if (document_parse(&document, body, length, keep_first, why) < 0)
        return -1;
    document_root(&document, &root);
    int result = -1;
    struct store_identity found;
    if (document_as_object(&root) && document_int(&root, "boots", REQUIRED, 1, INT32_MAX, &boots) &&
        document_text(&root, "engine_seed", REQUIRED, seed, sizeof seed) &&
        scan_hex(seed, found.engine_seed, STORE_SEED) == 0) {
        feed_boot = boots; /* where the file has none, this was it */
        document_int(&root, "feed_boot", OPTIONAL, boots, feed_boot_max, &feed_boot);
        found.boots = (uint32_t)boots;
        found.feed_boot = (uint64_t)feed_boot;
        *identity = found;
        result = 0;
    }
    document_free(&document);
    return result;
}

static int parse_database(const char *body, size_t length, uint8_t digest[STORE_DIGEST], struct database *db,
                          char *why)
{
    char text[2 * STORE_DIGEST + 1];
    struct document document;
    struct document_node root, asc;
    if (document_parse(&document, body, length, keep_first, why) < 0)
        return -1;
    document_root(&document, &root);
    int result = -1;
    if (document_as_object(&root) && document_text(&root, "asc_digest", REQUIRED, text, sizeof text) &&
        document_object(&root, "asc", REQUIRED, &asc) && scan_hex(text, digest, STORE_DIGEST) == 0 &&
        json_load_asc(&asc, db) == 0)
        result = 0;
    document_free(&document);
    return result;
}

/* ---- identity ---- */

static enum store_file_result load_identity(struct store *store, struct store_identity *identity)
{
    char *body;
    size_t length;
    enum store_file_result result = store_file_read(store->dir, identity_name, &body, &length);
    if (result != STORE_FILE_OK && result != STORE_FILE_BACKUP)
        return result;
    if (parse_identity(body, length, identity) < 0)
        result = STORE_FILE_LOST;
    free(body);
    return result;
}

static int draw_seed(uint8_t seed[STORE_SEED])
{
    return getrandom(seed, STORE_SEED, 0) == STORE_SEED ? 0 : -1;
}

static enum store_file_result save_identity(struct store *store, const struct store_identity *identity)
{
    char body[128], seed[2 * STORE_SEED + 1];
    print_hex(identity->engine_seed, STORE_SEED, seed);
    int length =
        snprintf(body, sizeof body, "{\"boots\": %u, \"feed_boot\": %" PRIu64 ", \"engine_seed\": \"%s\"}\n",
                 identity->boots, identity->feed_boot, seed);
    return store_file_write(store->dir, identity_name, body, (size_t)length);
}

/* Receivers drop an older boot, so it has to pass every one they may have heard: UTC passes those that
 * could not be stored, `least` those given out before the clock was set back. */
static uint64_t choose_feed_boot(uint64_t least, int64_t utc_ms)
{
    return utc_ms >= utc_set_ms && (uint64_t)utc_ms > least ? (uint64_t)utc_ms : least;
}

int store_count_start(struct store *store, int64_t utc_ms, struct store_identity *identity, char *why,
                      size_t size)
{
    struct store_identity next = {.boots = 0};
    why[0] = '\0';
    enum store_file_result found = load_identity(store, &next);
    bool fresh = found == STORE_FILE_NONE || found == STORE_FILE_LOST || found == STORE_FILE_FAILED ||
                 next.boots >= INT32_MAX - 1;
    if (found == STORE_FILE_LOST)
        snprintf(why, size,
                 "the count of starts is damaged: this controller takes a new SNMP engine identifier");
    if (found == STORE_FILE_BACKUP)
        snprintf(why, size, "the count of starts was damaged and is taken from its backup");
    if (fresh)
        next.boots = 0;
    if (fresh && draw_seed(next.engine_seed) < 0)
        snprintf(why, size, "no random numbers: %s", strerror(errno));
    /* The backup is one start older than what was lost. */
    const uint32_t starts = found == STORE_FILE_BACKUP ? 2 : 1;
    next.boots += starts;
    next.feed_boot = choose_feed_boot(next.feed_boot + starts, utc_ms);
    if (save_identity(store, &next) != STORE_FILE_OK) {
        snprintf(
            why, size,
            "the count of starts cannot be stored (%s): for this run the SNMP engine identifier is a new one",
            strerror(errno));
        draw_seed(next.engine_seed);
        next.boots = 1;
    }
    *identity = next;
    return why[0] ? -1 : 0;
}

/* ---- database ---- */

int store_load(struct store *store, uint8_t asc_digest[STORE_DIGEST], struct database *db, char *why,
               size_t size)
{
    char *body;
    size_t length;
    why[0] = '\0';
    switch (store_file_read(store->dir, database_name, &body, &length)) {
    case STORE_FILE_NONE:
        return 0;
    case STORE_FILE_LOST:
        snprintf(why, size, "the stored database and its backup are damaged (kept as %s.damaged)",
                 database_name);
        return -1;
    case STORE_FILE_FAILED:
    case STORE_FILE_UNSURE:
        snprintf(why, size, "the stored database cannot be read: %s", strerror(errno));
        return -1;
    case STORE_FILE_BACKUP:
        snprintf(why, size, "the stored database was damaged (kept as %s.damaged): the one before is used",
                 database_name);
        break;
    case STORE_FILE_OK:
        break;
    }
    char reason[WHY_OCTETS] = "";
    int result = parse_database(body, length, asc_digest, db, reason);
    free(body);
    if (result == 0)
        return 1;
    snprintf(why, size, "the stored database does not make sense: %s", reason);
    return -1;
}

int store_retire(struct store *store, char *why, size_t size)
{
    if (renameat(store->dir, database_name, store->dir, "database.previous") == 0 || errno == ENOENT) {
        unlinkat(store->dir, "database.backup", 0);
        fsync(store->dir);
        return 0;
    }
    snprintf(why, size, "%s", strerror(errno));
    return -1;
}

/* Prints the file's body to memory, to be freed. */
static char *print_database(const uint8_t asc_digest[STORE_DIGEST], const struct database *db, size_t *length)
{
    char *body = NULL, digest[2 * STORE_DIGEST + 1];
    FILE *file = open_memstream(&body, length);
    if (!file)
        return NULL;
    print_hex(asc_digest, STORE_DIGEST, digest);
    fprintf(file, "{\n  \"asc_digest\": \"%s\",\n  \"asc\": ", digest);
    bool failed = json_print_asc(db, file, 2) < 0;
    fputs("\n}\n", file);
    if (fclose(file) != 0 || failed) {
        free(body);
        return NULL;
    }
    return body;
}

int store_save(struct store *store, const uint8_t asc_digest[STORE_DIGEST], const struct database *db,
               char *why, size_t size)
{
    size_t length = 0;
    char *body = print_database(asc_digest, db, &length);
    if (!body) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    enum store_file_result result = store_file_write(store->dir, database_name, body, length);
    if (result != STORE_FILE_OK)
        snprintf(why, size, "%s%s", strerror(errno),
                 result == STORE_FILE_UNSURE
                     ? "; nor can the old one be put back for certain: a restart may use either"
                     : "");
    free(body);
    return result == STORE_FILE_OK ? 0 : -1;
}

/* ---- the thread ---- */

/* Waits for a job or the end. */
static void wait_for_work(struct store *store)
{
    while (store->job != JOB_SUBMITTED && !store->stop) {
        const struct timespec until = {.tv_sec = (time_t)(io_now_us() / 1000000 + SEEN_PERIOD_S)};
        pthread_cond_timedwait(&store->changed, &store->mutex, &until);
        pthread_mutex_unlock(&store->mutex); /* nobody waits for the disk here */
        be_seen(store);
        pthread_mutex_lock(&store->mutex);
    }
}

static void *run(void *arg)
{
    struct store *store = arg;
    pthread_setname_np(pthread_self(), "store");
    be_seen(store);
    pthread_mutex_lock(&store->mutex);
    for (;;) {
        wait_for_work(store);
        if (store->job != JOB_SUBMITTED)
            break;
        /* Nobody else touches digest and database of a submitted job. */
        pthread_mutex_unlock(&store->mutex);
        char why[WHY_OCTETS] = "";
        bool saved = store_save(store, store->digest, &store->db, why, sizeof why) == 0;
        pthread_mutex_lock(&store->mutex);
        store->saved = saved;
        memcpy(store->why, why, sizeof why);
        store->job = JOB_DONE;
        eventfd_write(store->event_fd, 1);
    }
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

int store_start(struct store *store)
{
    store->running = pthread_create(&store->thread, NULL, run, store) == 0;
    return store->running ? 0 : -1;
}

int store_submit(struct store *store, const uint8_t asc_digest[STORE_DIGEST], const struct database *db)
{
    pthread_mutex_lock(&store->mutex);
    bool free_now = store->job == JOB_NONE;
    if (free_now) {
        memcpy(store->digest, asc_digest, STORE_DIGEST);
        store->db = *db;
        store->job = JOB_SUBMITTED;
        pthread_cond_signal(&store->changed);
    }
    pthread_mutex_unlock(&store->mutex);
    return free_now ? 0 : -1;
}

int store_event_fd(const struct store *store)
{
    return store->event_fd;
}

bool store_finished(struct store *store, bool *saved, char *why, size_t size)
{
    eventfd_t count;
    pthread_mutex_lock(&store->mutex);
    bool done = store->job == JOB_DONE;
    if (done) {
        eventfd_read(store->event_fd, &count);
        *saved = store->saved;
        snprintf(why, size, "%s", store->why);
        store->job = JOB_NONE;
    }
    pthread_mutex_unlock(&store->mutex);
    return done;
}
