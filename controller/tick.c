#include "tick.h"
#include "../io/io_thread.h"
#include "seqlock.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

enum {
    TICK_US = TICK_MS * 1000,
    PRIORITY = 50,
    STACK_TOUCHED = 64 * 1024,
};

struct tick {
    struct app *app;
    pthread_t thread;
    sem_t started;
    int refused;
    atomic_bool stop;
    struct tick_stats stats;
    struct seqlock lock;
    _Atomic uint64_t word[SEQLOCK_WORDS(sizeof(struct tick_stats))];
};

int64_t tick_next_due(int64_t due_us, int64_t now_us)
{
    int64_t behind_us = now_us > due_us ? now_us - due_us : 0;
    return due_us + (behind_us / TICK_US + 1) * TICK_US;
}

static void wait_until(int64_t due_us)
{
    struct timespec due = {due_us / 1000000, due_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        continue;
}

/* The pages of the stack shall be there before they are needed. */
__attribute__((noinline)) static void touch_stack(void)
{
    volatile char stack[STACK_TOUCHED];
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
}

static void count_lateness(struct tick_stats *stats, int64_t late_us)
{
    stats->ticks++;
    stats->sum_us += late_us;
    stats->late_50ms += late_us > 50 * 1000;
    stats->late_100ms += late_us > 100 * 1000;
    stats->late_500ms += late_us > 500 * 1000;
    stats->left_out += (uint64_t)(late_us / TICK_US);
    if (late_us > stats->worst_us)
        stats->worst_us = late_us;
}

static void *run(void *arg)
{
    struct tick *tick = arg;
    tick->refused = io_thread_begin("tick", PRIORITY);
    sem_post(&tick->started);
    touch_stack();
    int64_t due_us = io_now_us() + TICK_US;
    while (!atomic_load_explicit(&tick->stop, memory_order_relaxed)) {
        wait_until(due_us);
        int64_t now_us = io_now_us();
        app_step(tick->app, now_us);
        count_lateness(&tick->stats, now_us - due_us);
        seqlock_write(&tick->lock, tick->word, &tick->stats, sizeof tick->stats);
        due_us = tick_next_due(due_us, now_us);
    }
    return NULL;
}

int tick_start(struct tick **out, struct app *app, int *refused)
{
    struct tick *tick = calloc(1, sizeof *tick);
    if (!tick)
        return -1;
    tick->app = app;
    sem_init(&tick->started, 0, 0);
    if (pthread_create(&tick->thread, NULL, run, tick) != 0) {
        sem_destroy(&tick->started);
        free(tick);
        return -1;
    }
    while (sem_wait(&tick->started) < 0 && errno == EINTR)
        continue;
    *refused = tick->refused;
    *out = tick;
    return 0;
}

void tick_stop(struct tick *tick)
{
    if (!tick)
        return;
    atomic_store_explicit(&tick->stop, true, memory_order_relaxed);
    pthread_join(tick->thread, NULL);
    sem_destroy(&tick->started);
    free(tick);
}

void tick_get_stats(const struct tick *tick, struct tick_stats *stats)
{
    seqlock_read(&tick->lock, tick->word, stats, sizeof *stats);
}
