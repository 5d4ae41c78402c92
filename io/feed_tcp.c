#include "feed_tcp.h"
#include "address.h"
#include "feed.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACCEPTED_MAX = FEED_SUBSCRIBERS_MAX, /* then a pause of a second, as after each refusal */
    GONE_MS = 10 * 1000,                 /* who acknowledges nothing for this long is lost */
    /* What may wait for one subscriber, here and unsent in its socket. In a second there is one full, and
     * seldom more than as much again. */
    QUEUED_FULLS = 3,
    UNSENT_FULLS = 1,
};

struct feed_subscriber {
    struct feed_tcp *tcp;
    struct bufferevent *stream; /* NULL: this place is free */
    char name[ADDRESS_TEXT];
};

struct feed_tcp {
    bool signed_messages;
    size_t full_octets; /* of the longest full */
    struct event_base *base;
    struct feed_status *status;
    feed_tcp_joined *joined;
    void *arg;
    int listening;
    struct evconnlistener *listener[FEED_LISTEN_MAX];
    struct address bound[FEED_LISTEN_MAX];
    int subscribers;
    int accepted; /* since the last pause */
    bool pausing; /* nobody is accepted for a moment */
    struct feed_subscriber subscriber[FEED_SUBSCRIBERS_MAX];
};

static void count_present(struct feed_tcp *tcp, int change)
{
    tcp->subscribers += change;
    feed_status_set(tcp->status, FEED_SUBSCRIBERS, (unsigned)tcp->subscribers);
}

static void drop(struct feed_subscriber *s, enum feed_counter counter, const char *why)
{
    bufferevent_free(s->stream);
    s->stream = NULL;
    count_present(s->tcp, -1);
    feed_status_add(s->tcp->status, counter, 1);
    feed_status_trouble(s->tcp->status, "feed subscriber %s %s", s->name, why);
}

static void refuse(struct feed_tcp *tcp, const char *who, const char *why)
{
    feed_status_add(tcp->status, FEED_REFUSED, 1);
    feed_status_trouble(tcp->status, "feed subscriber %s refused: %s", who, why);
}

/* A subscriber has nothing to say and is not listened to. One that is gone is found out by the next line. */
static void on_event(struct bufferevent *stream, short what, void *arg)
{
    (void)stream;
    char why[128];
    if (!(what & BEV_EVENT_ERROR))
        return;
    snprintf(why, sizeof why, "lost: %s", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    drop(arg, FEED_LOST, why);
}

static void on_pause_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct feed_tcp *tcp = arg;
    tcp->pausing = false;
    tcp->accepted = 0;
    for (int i = 0; i < tcp->listening; i++)
        evconnlistener_enable(tcp->listener[i]);
}

/* Who comes too often, or in vain, must not keep the feed from those who are here already. Nor, when no
 * descriptor is left and accepting fails again at once, the feed itself. */
static void pause_accepting(struct feed_tcp *tcp)
{
    const struct timeval pause = {1, 0};
    if (tcp->pausing || event_base_once(tcp->base, -1, EV_TIMEOUT, on_pause_end, tcp, &pause) != 0)
        return;
    tcp->pausing = true;
    for (int i = 0; i < tcp->listening; i++)
        evconnlistener_disable(tcp->listener[i]);
}

/* Why somebody may not subscribe; NULL: welcome. */
static const char *refusal(const struct feed_tcp *tcp, const struct address *from)
{
    if (!tcp->signed_messages && !address_is_loopback(from))
        return "without a key the feed goes nowhere else than to this machine";
    if (tcp->subscribers == FEED_SUBSCRIBERS_MAX)
        return "there are too many already";
    return NULL;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int length,
                      void *arg)
{
    (void)listener;
    struct feed_tcp *tcp = arg;
    struct address from = {.stream = true, .length = (socklen_t)length};
    memcpy(&from.socket, peer, (size_t)length);
    char name[ADDRESS_TEXT];
    address_print(&from, name, sizeof name);
    const char *why = refusal(tcp, &from);
    if (why || ++tcp->accepted == ACCEPTED_MAX)
        pause_accepting(tcp);
    struct bufferevent *stream = why ? NULL : bufferevent_socket_new(tcp->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!stream) {
        evutil_closesocket(fd);
        refuse(tcp, name, why ? why : "out of memory");
        return;
    }
    const int on = 1;
    const unsigned gone_ms = GONE_MS, unsent = (unsigned)(UNSENT_FULLS * tcp->full_octets);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof gone_ms);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    struct feed_subscriber *s = tcp->subscriber;
    while (s->stream)
        s++;
    s->tcp = tcp;
    s->stream = stream;
    memcpy(s->name, name, sizeof name);
    count_present(tcp, 1);
    feed_status_add(tcp->status, FEED_JOINED, 1);
    feed_status_say(tcp->status, "feed subscriber %s joined", name);
    bufferevent_setcb(stream, NULL, NULL, on_event, s);
    bufferevent_enable(stream, EV_WRITE);
    tcp->joined(tcp->arg, s);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    (void)listener;
    struct feed_tcp *tcp = arg;
    refuse(tcp, "of unknown address", strerror(EVUTIL_SOCKET_ERROR()));
    pause_accepting(tcp);
}

static int listen_at(struct feed_tcp *tcp, const char *text, char *why, size_t size)
{
    struct address *a = &tcp->bound[tcp->listening];
    if (address_parse(a, text) != 0 || !a->stream) {
        snprintf(why, size, "%s is not an address to listen at", text);
        return -1;
    }
    const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    struct evconnlistener *listener = evconnlistener_new_bind(tcp->base, on_accept, tcp, flags, 16,
                                                              (struct sockaddr *)&a->socket, (int)a->length);
    if (!listener) {
        snprintf(why, size, "cannot listen at %s: %s", text, strerror(errno));
        return -1;
    }
    evconnlistener_set_error_cb(listener, on_accept_error);
    tcp->listener[tcp->listening++] = listener;
    return address_of_socket(a, evconnlistener_get_fd(listener));
}

int feed_tcp_open(struct feed_tcp **tcp, const struct feed_config *config, struct event_base *base,
                  struct feed_status *status, feed_tcp_joined *joined, void *arg, char *why, size_t size)
{
    struct feed_tcp *t = calloc(1, sizeof *t);
    if (!t) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    t->signed_messages = config->key_count > 0;
    t->full_octets = feed_text_max(config);
    t->base = base;
    t->status = status;
    t->joined = joined;
    t->arg = arg;
    for (int i = 0; i < config->listen_count; i++) {
        if (listen_at(t, config->listen[i], why, size) != 0) {
            feed_tcp_close(t);
            return -1;
        }
    }
    *tcp = t;
    return 0;
}

void feed_tcp_close(struct feed_tcp *tcp)
{
    if (!tcp)
        return;
    for (int i = 0; i < FEED_SUBSCRIBERS_MAX; i++) {
        if (tcp->subscriber[i].stream)
            bufferevent_free(tcp->subscriber[i].stream);
    }
    for (int i = 0; i < tcp->listening; i++)
        evconnlistener_free(tcp->listener[i]);
    free(tcp);
}

void feed_tcp_address(const struct feed_tcp *tcp, int ix, char *text, size_t size)
{
    address_print(&tcp->bound[ix], text, size);
}

void feed_tcp_send_to(struct feed_tcp *tcp, struct feed_subscriber *subscriber, const char *line,
                      size_t length)
{
    const size_t waiting = evbuffer_get_length(bufferevent_get_output(subscriber->stream));
    if (waiting + length > QUEUED_FULLS * tcp->full_octets)
        drop(subscriber, FEED_DROPPED, "dropped: it reads too slowly");
    else if (bufferevent_write(subscriber->stream, line, length) != 0)
        drop(subscriber, FEED_DROPPED, "dropped: out of memory");
}

void feed_tcp_send(struct feed_tcp *tcp, const char *line, size_t length)
{
    for (int i = 0; i < FEED_SUBSCRIBERS_MAX; i++) {
        if (tcp->subscriber[i].stream)
            feed_tcp_send_to(tcp, &tcp->subscriber[i], line, length);
    }
}

int feed_tcp_subscribers(const struct feed_tcp *tcp)
{
    return tcp->subscribers;
}
