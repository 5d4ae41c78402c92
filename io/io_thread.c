#include "io_thread.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

int64_t io_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int io_thread_begin(const char *name, int priority)
{
    const struct sched_param wanted = {.sched_priority = priority};
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pthread_setname_np(pthread_self(), name);
    return priority > 0 ? pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted) : 0;
}
