#include "feed_udp.h"
#include "address.h"
#include "feed.h"
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REPEATS = 2,
    REPEAT_US = 50 * 1000,
    WAITING_MAX = 256, /* more changes than any junction makes in 100 ms */
};

struct waiting {
    int64_t sent_us;
    size_t length;
    char text[FEED_MESSAGE_MAX];
};

struct feed_udp {
    int fd4, fd6; /* -1: not needed */
    const struct feed_config *config;
    struct feed_status *status;
    int count;
    struct address destination[FEED_DESTINATIONS_MAX];
    /* A ring in the order of sending. Each repeat has its own cursor: all datagrams wait equally
     * long for it, so none overtakes another. */
    uint64_t kept;
    uint64_t repeated[REPEATS];
    struct waiting waiting[WAITING_MAX];
};

/* Multicast leaves on the interface of that name. */
static int choose_interface(int fd, int family, const char *name)
{
    const int index = (int)if_nametoindex(name);
    const struct ip_mreqn request = {.imr_ifindex = index};
    if (index == 0)
        return -1;
    return family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index)
                              : setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
}

static int open_socket(int family, const char *interface, char *why, size_t size)
{
    const int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        snprintf(why, size, "no UDP socket: %s", strerror(errno));
    if (fd < 0 || !interface[0] || choose_interface(fd, family, interface) == 0)
        return fd;
    snprintf(why, size, "multicast cannot leave on %s: %s", interface, strerror(errno));
    close(fd);
    return -1;
}

static int add_destination(struct feed_udp *udp, const char *text, bool signed_messages, char *why,
                           size_t size)
{
    struct address *a = &udp->destination[udp->count];
    if (address_parse(a, text) != 0 || a->stream || address_port(a) == 0) {
        snprintf(why, size, "%s is not an address to send datagrams to", text);
        return -1;
    }
    if (!signed_messages && !address_is_loopback(a)) {
        snprintf(why, size, "%s is not on this machine: without a key the feed goes nowhere else", text);
        return -1;
    }
    int *fd = a->socket.ss_family == AF_INET6 ? &udp->fd6 : &udp->fd4;
    if (*fd < 0 && (*fd = open_socket(a->socket.ss_family, udp->config->multicast_interface, why, size)) < 0)
        return -1;
    udp->count++;
    return 0;
}

int feed_udp_open(struct feed_udp **udp, const struct feed_config *config, struct feed_status *status,
                  char *why, size_t size)
{
    struct feed_udp *u = calloc(1, sizeof *u);
    if (!u) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    u->fd4 = u->fd6 = -1;
    u->config = config;
    u->status = status;
    for (int i = 0; i < config->destination_count; i++) {
        if (add_destination(u, config->destination[i], config->key_count > 0, why, size) != 0) {
            feed_udp_close(u);
            return -1;
        }
    }
    *udp = u;
    return 0;
}

void feed_udp_close(struct feed_udp *udp)
{
    if (!udp)
        return;
    if (udp->fd4 >= 0)
        close(udp->fd4);
    if (udp->fd6 >= 0)
        close(udp->fd6);
    free(udp);
}

static void send_to_all(struct feed_udp *udp, const char *text, size_t length)
{
    for (int i = 0; i < udp->count; i++) {
        const struct address *a = &udp->destination[i];
        const int fd = a->socket.ss_family == AF_INET6 ? udp->fd6 : udp->fd4;
        /* A datagram that cannot leave is a datagram lost; receivers live with that. */
        const ssize_t sent =
            sendto(fd, text, length, MSG_NOSIGNAL, (const struct sockaddr *)&a->socket, a->length);
        feed_status_datagram(udp->status, i, udp->config->destination[i], sent < 0 ? errno : 0);
    }
}

void feed_udp_send(struct feed_udp *udp, const char *text, size_t length, bool repeat, int64_t now_us)
{
    if (udp->count == 0 || length > FEED_MESSAGE_MAX)
        return;
    send_to_all(udp, text, length);
    if (!repeat || udp->kept - udp->repeated[REPEATS - 1] == WAITING_MAX)
        return;
    struct waiting *w = &udp->waiting[udp->kept++ % WAITING_MAX];
    w->sent_us = now_us;
    w->length = length;
    memcpy(w->text, text, length);
}

int64_t feed_udp_poll(struct feed_udp *udp, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    for (int i = 0; i < REPEATS; i++) {
        for (; udp->repeated[i] < udp->kept; udp->repeated[i]++) {
            const struct waiting *w = &udp->waiting[udp->repeated[i] % WAITING_MAX];
            const int64_t due_us = w->sent_us + (i + 1) * REPEAT_US;
            if (due_us > now_us) {
                next_us = due_us < next_us ? due_us : next_us;
                break;
            }
            send_to_all(udp, w->text, w->length);
        }
    }
    return next_us;
}
