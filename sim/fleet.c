#include "fleet.h"
#include "../io/io_thread.h"
#include "rng.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_TEXT = 1024 };

/* ---- the configs ---- */

static void __attribute__((format(printf, 3, 4)))
say(config_fault *report, void *arg, const char *format, ...)
{
    char line[LINE_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    report(arg, line);
}

static int is_config(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

static char *join(const char *directory, const char *name)
{
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

static int load_point(struct fleet_point *point, const char *directory, const char *name,
                      config_fault *report, void *arg)
{
    point->path = join(directory, name);
    point->config = calloc(1, sizeof *point->config);
    if (!point->path || !point->config) {
        say(report, arg, "%s/%s: not enough memory", directory, name);
        return FLEET_MEMORY;
    }
    return config_load(point->config, point->path, CONFIG_WHOLE, report, arg);
}

/* The records of two points of one name could not be told apart. */
static int check_sites(const struct fleet *fleet, config_fault *report, void *arg)
{
    int status = 0;
    for (int i = 0; i < fleet->count; i++) {
        const char *id = fleet->point[i].config->site.id;
        for (int k = 0; k < i; k++) {
            if (strcmp(id, fleet->point[k].config->site.id) != 0)
                continue;
            say(report, arg, "%s: site.id: \"%s\" is that of %s", fleet->point[i].path, id,
                fleet->point[k].path);
            status = FLEET_FAULTS;
            break;
        }
    }
    return status;
}

static int load_all(struct fleet *fleet, const char *directory, struct dirent **entry, int count,
                    config_fault *report, void *arg)
{
    int worst = 0;
    fleet->point = calloc((size_t)count, sizeof *fleet->point);
    if (!fleet->point) {
        say(report, arg, "%s: not enough memory", directory);
        return FLEET_MEMORY;
    }
    for (int i = 0; i < count; i++) {
        int status = load_point(&fleet->point[fleet->count++], directory, entry[i]->d_name, report, arg);
        worst = status > worst ? status : worst;
    }
    return worst ? worst : check_sites(fleet, report, arg);
}

int fleet_load(struct fleet *fleet, const char *directory, config_fault *report, void *arg)
{
    struct dirent **entry;
    memset(fleet, 0, sizeof *fleet);
    int count = scandir(directory, &entry, is_config, alphasort);
    if (count < 0) {
        say(report, arg, "%s: %s", directory, strerror(errno));
        return FLEET_UNREADABLE;
    }
    int status = FLEET_UNREADABLE;
    if (count == 0)
        say(report, arg, "%s: there is no *.json", directory);
    else
        status = load_all(fleet, directory, entry, count, report, arg);
    for (int i = 0; i < count; i++)
        free(entry[i]);
    free(entry);
    if (status != 0)
        fleet_free(fleet);
    return status;
}

void fleet_free(struct fleet *fleet)
{
    for (int i = 0; i < fleet->count; i++) {
        free(fleet->point[i].path);
        free(fleet->point[i].config);
    }
    free(fleet->point);
    memset(fleet, 0, sizeof *fleet);
}

uint64_t fleet_seed(const char *id, uint64_t seed)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
    struct rng rng = rng_stream(seed, hash);
    return rng_u64(&rng) >> 11;
}

/* ---- the run ---- */

struct queue {
    struct fleet *fleet;
    const struct run_options *options;
    void (*done)(void *arg, int points);
    void *done_arg;
    pthread_mutex_t lock; /* of what follows */
    int next_ix;
    int finished;
};

static void run_point(struct fleet_point *point, const struct run_options *options)
{
    const char *id = point->config->site.id;
    struct run_options own = *options;
    char *records = options->records ? join(options->records, id) : NULL;
    own.seed = fleet_seed(id, options->seed);
    own.records = records;
    point->ran =
        (records || !options->records) && run_intersection(point->config, &own, &point->summary) == 0;
    if (!point->ran)
        fprintf(stderr, "tscsim: %s did not run\n", point->path);
    free(records);
}

static void *work_off(void *arg)
{
    struct queue *queue = arg;
    pthread_mutex_lock(&queue->lock);
    while (queue->next_ix < queue->fleet->count) {
        struct fleet_point *point = &queue->fleet->point[queue->next_ix++];
        pthread_mutex_unlock(&queue->lock);
        run_point(point, queue->options);
        pthread_mutex_lock(&queue->lock);
        queue->finished++;
        if (queue->done)
            queue->done(queue->done_arg, queue->finished);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

int fleet_run(struct fleet *fleet, const struct run_options *options, int jobs,
              void done(void *arg, int points), void *arg)
{
    struct queue queue = {.fleet = fleet, .options = options, .done = done, .done_arg = arg};
    pthread_t helper[FLEET_JOBS_MAX];
    int helpers = 0;
    int64_t begun_us = io_now_us();
    if (options->records)
        mkdir(options->records, 0777); /* where that fails, so does each point's own directory */
    pthread_mutex_init(&queue.lock, NULL);
    /* Where the system has no more threads, those there are do the work. */
    while (helpers < jobs - 1 && helpers < fleet->count - 1 && helpers < FLEET_JOBS_MAX &&
           pthread_create(&helper[helpers], NULL, work_off, &queue) == 0)
        helpers++;
    work_off(&queue);
    while (helpers > 0)
        pthread_join(helper[--helpers], NULL);
    pthread_mutex_destroy(&queue.lock);
    fleet->seed = options->seed;
    fleet->wall_s = (double)(io_now_us() - begun_us) / 1e6;
    for (int i = 0; i < fleet->count; i++) {
        if (!fleet->point[i].ran)
            return -1;
    }
    return 0;
}
