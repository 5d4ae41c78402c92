#include "feed_status.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void feed_status_init(struct feed_status *status, io_log *log, void *arg)
{
    memset(status, 0, sizeof *status);
    status->log = log;
    status->arg = arg;
    latest_init(&status->trouble_latest);
}

void feed_status_add(struct feed_status *status, enum feed_counter counter, unsigned count)
{
    atomic_fetch_add_explicit(&status->counter[counter], count, memory_order_relaxed);
}

void feed_status_set(struct feed_status *status, enum feed_counter counter, unsigned value)
{
    atomic_store_explicit(&status->counter[counter], value, memory_order_relaxed);
}

unsigned feed_status_get(const struct feed_status *status, enum feed_counter counter)
{
    return atomic_load_explicit(&status->counter[counter], memory_order_relaxed);
}

void feed_status_datagram(struct feed_status *status, int ix, const char *destination, int error)
{
    struct feed_destination_status *d = &status->destination[ix];
    const int before = atomic_exchange_explicit(&d->error, error, memory_order_relaxed);
    atomic_fetch_add_explicit(error ? &d->failed : &d->sent, 1, memory_order_relaxed);
    if (error)
        feed_status_add(status, FEED_DATAGRAMS_FAILED, 1);
    if (error && error != before)
        feed_status_trouble(status, "feed: datagrams to %s do not leave: %s", destination, strerror(error));
    else if (!error && before)
        feed_status_say(status, "feed: datagrams to %s leave again", destination);
}

void feed_status_say(struct feed_status *status, const char *format, ...)
{
    char line[FEED_TROUBLE_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    status->log(status->arg, line);
}

void feed_status_trouble(struct feed_status *status, const char *format, ...)
{
    char *line = status->trouble[status->trouble_latest.back];
    va_list args;
    va_start(args, format);
    vsnprintf(line, FEED_TROUBLE_TEXT, format, args);
    va_end(args);
    status->log(status->arg, line);
    latest_publish(&status->trouble_latest);
}

const char *feed_status_last_trouble(struct feed_status *status)
{
    latest_take(&status->trouble_latest);
    return status->trouble[status->trouble_latest.front];
}
