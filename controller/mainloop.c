#include "mainloop.h"
#include <event2/event.h>
#include <stdlib.h>

struct slot {
    struct event *event;
    mainloop_fn *fn;
    void *arg;
};

struct mainloop {
    struct event_base *base;
    int count;
    struct slot slot[MAINLOOP_EVENTS_MAX];
};

struct mainloop *mainloop_new(void)
{
    struct mainloop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return NULL;
    loop->base = event_base_new();
    if (!loop->base) {
        free(loop);
        return NULL;
    }
    return loop;
}

void mainloop_free(struct mainloop *loop)
{
    if (!loop)
        return;
    for (int i = 0; i < loop->count; i++)
        event_free(loop->slot[i].event);
    event_base_free(loop->base);
    free(loop);
}

struct event_base *mainloop_base(struct mainloop *loop)
{
    return loop->base;
}

static void call(evutil_socket_t fd, short what, void *arg)
{
    const struct slot *slot = arg;
    (void)fd;
    (void)what;
    slot->fn(slot->arg);
}

static int add(struct mainloop *loop, evutil_socket_t fd, short what, const struct timeval *period,
               mainloop_fn *fn, void *arg)
{
    if (loop->count == MAINLOOP_EVENTS_MAX)
        return -1;
    struct slot *slot = &loop->slot[loop->count];
    *slot = (struct slot){NULL, fn, arg};
    slot->event = event_new(loop->base, fd, what | EV_PERSIST, call, slot);
    if (!slot->event)
        return -1;
    if (event_add(slot->event, period) < 0) {
        event_free(slot->event);
        return -1;
    }
    loop->count++;
    return 0;
}

int mainloop_every(struct mainloop *loop, int period_ms, mainloop_fn *fn, void *arg)
{
    struct timeval period = {period_ms / 1000, period_ms % 1000 * 1000};
    return add(loop, -1, 0, &period, fn, arg);
}

int mainloop_readable(struct mainloop *loop, int fd, mainloop_fn *fn, void *arg)
{
    return add(loop, fd, EV_READ, NULL, fn, arg);
}

int mainloop_signal(struct mainloop *loop, int number, mainloop_fn *fn, void *arg)
{
    return add(loop, number, EV_SIGNAL, NULL, fn, arg);
}

void mainloop_run(struct mainloop *loop)
{
    event_base_dispatch(loop->base);
}

void mainloop_stop(struct mainloop *loop)
{
    event_base_loopbreak(loop->base);
}
