/* The receiver's own transport: connects, listens, connects again. */
#include "address.h"
#include "sigstate_core.h"
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    RETRY_MS = 500,
    CONNECT_MS = 3000,
    QUIET_MS = 3000, /* a feed speaks five times a second: who is silent for so long is gone */
    READS_MAX = 64,  /* in one call, so that a flood does not keep it for ever */
};

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };
enum link_event { EVENT_SOCKET, EVENT_TIMER };

struct sigstate_link {
    struct address address;
    unsigned interface_ix; /* 0: as the routing table says */
    char interface[IF_NAMESIZE];
    enum link_state state;
    int epoll_fd, timer_fd, fd;
    size_t length;
    bool overlong; /* the line that comes is too long already */
    char text[SIGSTATE_LINE_MAX];
};

/* ---- clocks ---- */

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t sigstate_now_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Both at one instant: of a few tries the one in which the readings lay closest together. */
static void read_clocks(int64_t *now_us, int64_t *utc_us)
{
    int64_t best_us = INT64_MAX;
    for (int i = 0; i < 3; i++) {
        const int64_t before_us = sigstate_now_us();
        const int64_t between_us = read_clock(CLOCK_REALTIME);
        const int64_t after_us = sigstate_now_us();
        if (after_us - before_us >= best_us)
            continue;
        best_us = after_us - before_us;
        *now_us = after_us;
        *utc_us = between_us + best_us / 2;
    }
}

/* ---- the connection ---- */

static void arm_timer(struct sigstate_link *link, int ms)
{
    const struct itimerspec at = {.it_value = {ms / 1000, ms % 1000 * 1000000L}};
    timerfd_settime(link->timer_fd, 0, &at, NULL);
}

static void hang_up(struct sigstate_link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
    link->length = 0;
    link->overlong = false;
    link->state = LINK_DOWN;
    arm_timer(link, RETRY_MS);
}

static int watch(struct sigstate_link *link, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = EVENT_SOCKET};
    return epoll_ctl(link->epoll_fd, operation, link->fd, &event);
}

static int connect_stream(struct sigstate_link *link)
{
    if (connect(link->fd, (const struct sockaddr *)&link->address.socket, link->address.length) != 0 &&
        errno != EINPROGRESS)
        return -1;
    link->state = LINK_CONNECTING;
    arm_timer(link, CONNECT_MS);
    return watch(link, EPOLL_CTL_ADD, EPOLLOUT);
}

static int join(const struct sigstate_link *link)
{
    if (link->address.socket.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&link->address.socket;
        const struct ipv6_mreq request = {in6->sin6_addr, link->interface_ix};
        return !IN6_IS_ADDR_MULTICAST(&in6->sin6_addr)
                   ? 0
                   : setsockopt(link->fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&link->address.socket;
    const struct ip_mreqn request = {.imr_multiaddr = in->sin_addr, .imr_ifindex = (int)link->interface_ix};
    return !IN_MULTICAST(ntohl(in->sin_addr.s_addr))
               ? 0
               : setsockopt(link->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
}

/* Several receivers of one machine may hear the same group. */
static int open_datagrams(struct sigstate *s)
{
    struct sigstate_link *link = s->link;
    const int on = 1;
    if (link->interface[0] != '\0' && (link->interface_ix = if_nametoindex(link->interface)) == 0)
        return -1;
    if (setsockopt(link->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(link->fd, (const struct sockaddr *)&link->address.socket, link->address.length) != 0 ||
        join(link) != 0 || watch(link, EPOLL_CTL_ADD, EPOLLIN) != 0)
        return -1;
    link->state = LINK_UP;
    s->counts.connections++;
    arm_timer(link, 0);
    return 0;
}

static void call(struct sigstate *s)
{
    struct sigstate_link *link = s->link;
    const bool stream = link->address.stream;
    link->fd = socket(link->address.socket.ss_family,
                      (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0 || (stream ? connect_stream(link) : open_datagrams(s)) != 0)
        hang_up(link);
}

static void finish_call(struct sigstate *s)
{
    struct sigstate_link *link = s->link;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0 ||
        watch(link, EPOLL_CTL_MOD, EPOLLIN) != 0) {
        hang_up(link);
        return;
    }
    link->state = LINK_UP;
    s->counts.connections++;
    arm_timer(link, QUIET_MS);
}

/* ---- lines and datagrams ---- */

/* Takes the whole lines there are; keeps the beginning of the next. */
static void take_lines(struct sigstate *s, int64_t now_us, int64_t utc_us)
{
    struct sigstate_link *link = s->link;
    size_t done = 0;
    const char *end;
    while ((end = memchr(link->text + done, '\n', link->length - done)) != NULL) {
        const size_t length = (size_t)(end - (link->text + done));
        if (!link->overlong)
            sigstate_take(s, link->text + done, length, now_us, utc_us);
        link->overlong = false;
        done += length + 1;
    }
    link->length -= done;
    memmove(link->text, link->text + done, link->length);
    if (link->length == sizeof link->text || link->overlong) {
        s->counts.malformed += !link->overlong;
        link->overlong = true;
        link->length = 0;
    }
}

static void hear(struct sigstate *s)
{
    struct sigstate_link *link = s->link;
    for (int reads = 0; reads < READS_MAX; reads++) {
        int64_t now_us = 0, utc_us = 0;
        const ssize_t got = recv(link->fd, link->text + link->length, sizeof link->text - link->length, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (got < 0 || (got == 0 && link->address.stream)) {
            hang_up(link);
            return;
        }
        read_clocks(&now_us, &utc_us);
        if (link->address.stream) {
            link->length += (size_t)got;
            take_lines(s, now_us, utc_us);
        } else {
            sigstate_take(s, link->text, (size_t)got, now_us, utc_us);
        }
    }
    if (link->address.stream)
        arm_timer(link, QUIET_MS);
}

static void serve_socket(struct sigstate *s)
{
    switch (s->link->state) {
    case LINK_DOWN:
        break;
    case LINK_CONNECTING:
        finish_call(s);
        break;
    case LINK_UP:
        hear(s);
        break;
    }
}

static void serve_timer(struct sigstate *s)
{
    struct sigstate_link *link = s->link;
    uint64_t expired;
    if (read(link->timer_fd, &expired, sizeof expired) != (ssize_t)sizeof expired)
        return; /* set anew meanwhile */
    if (link->state == LINK_DOWN)
        call(s);
    else
        hang_up(link);
}

int sigstate_follow(struct sigstate *s, int timeout_ms)
{
    struct epoll_event event[2];
    bool socket_ready = false, timer_ready = false;
    if (!s->link) {
        errno = EINVAL;
        return -1;
    }
    const uint64_t taken = s->counts.taken;
    const int count = epoll_wait(s->link->epoll_fd, event, 2, timeout_ms);
    for (int i = 0; i < count; i++) {
        socket_ready |= event[i].data.u32 == EVENT_SOCKET;
        timer_ready |= event[i].data.u32 == EVENT_TIMER;
    }
    /* What has come counts before the time in which it should have. */
    if (socket_ready)
        serve_socket(s);
    if (timer_ready)
        serve_timer(s);
    return (int)(s->counts.taken - taken);
}

int sigstate_fd(const struct sigstate *s)
{
    return s->link ? s->link->epoll_fd : -1;
}

/* ---- beginning and end ---- */

int sigstate_link_open(struct sigstate *s, const char *address, const char *interface)
{
    struct address a;
    if (address_parse(&a, address) != 0 || address_port(&a) == 0 ||
        (interface && strlen(interface) >= IF_NAMESIZE)) {
        errno = EINVAL;
        return -1;
    }
    struct sigstate_link *link = calloc(1, sizeof *link);
    if (!link)
        return -1;
    s->link = link;
    link->address = a;
    if (interface)
        memcpy(link->interface, interface, strlen(interface));
    link->fd = link->timer_fd = -1;
    link->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (link->epoll_fd < 0)
        return -1;
    link->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = EVENT_TIMER};
    if (link->timer_fd < 0 || epoll_ctl(link->epoll_fd, EPOLL_CTL_ADD, link->timer_fd, &event) != 0)
        return -1;
    call(s);
    return 0;
}

void sigstate_link_close(struct sigstate *s)
{
    if (!s->link)
        return;
    if (s->link->fd >= 0)
        close(s->link->fd);
    if (s->link->timer_fd >= 0)
        close(s->link->timer_fd);
    if (s->link->epoll_fd >= 0)
        close(s->link->epoll_fd);
    free(s->link);
    s->link = NULL;
}
