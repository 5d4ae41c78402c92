#include "host_loop.h"
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

struct later {
    void (*done)(void *arg);
    void *arg;
};

static void end(evutil_socket_t signal, short what, void *arg)
{
    (void)signal;
    (void)what;
    event_base_loopbreak(arg);
}

static void fire(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct later *later = arg;
    later->done(later->arg);
    free(later);
}

struct event_base *host_loop_new(void)
{
    return event_base_new();
}

void host_loop_run(struct event_base *base)
{
    struct event *term = evsignal_new(base, SIGTERM, end, base);
    struct event *interrupt = evsignal_new(base, SIGINT, end, base);
    event_add(term, NULL);
    event_add(interrupt, NULL);
    event_base_dispatch(base);
    event_free(term);
    event_free(interrupt);
}

void host_loop_free(struct event_base *base)
{
    event_base_free(base);
    libevent_global_shutdown();
}

void host_loop_turn(struct event_base *base)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
}

int host_loop_later(struct event_base *base, int delay_ms, void (*done)(void *arg), void *arg)
{
    struct later *later = malloc(sizeof(*later));
    if (later == NULL) {
        return -1;
    }
    *later = (struct later){.done = done, .arg = arg};
    const struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = (delay_ms % 1000) * 1000};
    return event_base_once(base, -1, EV_TIMEOUT, fire, later, &delay);
}
