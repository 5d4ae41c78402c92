#include "tscbm_sender.h"
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REFUSED_US = TSCBM_REFUSED_S * 1000 * 1000,
    FORGIVEN_US = 5 * 1000 * 1000, /* without a refusal for so long, somebody listens */
    ERRORS_MAX = 2 * TSCBM_RECEIVERS_MAX,
};

struct refusals {
    int64_t first_us, last_us; /* 0: none */
    bool given_up;
};

struct tscbm_sender {
    int fd4, fd6; /* -1: there is none */
    struct tscbm_receivers to;
    struct refusals refusals[TSCBM_RECEIVERS_MAX];
};

/* ---- who does not listen ---- */

static void note_refusal(struct tscbm_sender *sender, const struct address *from, int64_t now_us)
{
    for (int i = 0; i < sender->to.count; i++) {
        const struct tscbm_receiver *receiver = &sender->to.receiver[i];
        struct refusals *r = &sender->refusals[i];
        if (receiver->asked_no == 0 || !address_equals(&receiver->address, from))
            continue;
        if (r->last_us == 0 || now_us - r->last_us > FORGIVEN_US)
            r->first_us = now_us;
        r->last_us = now_us;
        r->given_up = r->given_up || now_us - r->first_us >= REFUSED_US;
    }
}

/* Takes what the network has answered to earlier datagrams. */
static void take_errors(struct tscbm_sender *sender, int fd, int64_t now_us)
{
    for (int i = 0; fd >= 0 && i < ERRORS_MAX; i++) {
        struct address to = {.stream = false};
        union {
            char octets[512];
            struct cmsghdr align;
        } control;
        struct msghdr message = {
            .msg_name = &to.socket,
            .msg_namelen = sizeof to.socket,
            .msg_control = control.octets,
            .msg_controllen = sizeof control.octets,
        };
        if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
            struct sock_extended_err error;
            bool v4 = c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR;
            bool v6 = c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR;
            if (!v4 && !v6)
                continue;
            memcpy(&error, CMSG_DATA(c), sizeof error);
            if (error.ee_errno == ECONNREFUSED)
                note_refusal(sender, &to, now_us);
        }
    }
}

/* ---- sending ---- */

/* A refusal of an earlier datagram is reported by the next call, whoever that one is for. */
static void send_one(struct tscbm_sender *sender, const struct address *to, const uint8_t *octet,
                     size_t length, int64_t now_us)
{
    int fd = to->socket.ss_family == AF_INET6 ? sender->fd6 : sender->fd4;
    for (int attempt = 0; fd >= 0 && attempt < 2; attempt++) {
        if (sendto(fd, octet, length, MSG_NOSIGNAL, (const struct sockaddr *)&to->socket, to->length) >= 0)
            return;
        take_errors(sender, fd, now_us);
    }
}

void tscbm_sender_send(struct tscbm_sender *sender, const struct spat *spat, const struct spat *for_cameras,
                       int64_t utc_us, int64_t now_us)
{
    uint8_t octet[TSCBM_LENGTH_CALLS];
    struct tscbm message;
    if (sender->to.count == 0)
        return;
    take_errors(sender, sender->fd4, now_us);
    take_errors(sender, sender->fd6, now_us);
    for (int i = 0; i < sender->to.count; i++) {
        const struct tscbm_receiver *receiver = &sender->to.receiver[i];
        if (sender->refusals[i].given_up)
            continue;
        tscbm_make(&message, receiver->camera ? for_cameras : spat, receiver->form, utc_us);
        send_one(sender, &receiver->address, octet, tscbm_encode(&message, octet), now_us);
    }
}

void tscbm_sender_receivers(struct tscbm_sender *sender, const struct tscbm_receivers *receivers)
{
    struct refusals kept[TSCBM_RECEIVERS_MAX] = {{0}};
    for (int i = 0; i < receivers->count; i++) {
        const struct tscbm_receiver *next = &receivers->receiver[i];
        for (int j = 0; j < sender->to.count; j++) {
            const struct tscbm_receiver *before = &sender->to.receiver[j];
            if (before->asked_no == next->asked_no && address_equals(&before->address, &next->address))
                kept[i] = sender->refusals[j];
        }
    }
    sender->to = *receivers;
    memcpy(sender->refusals, kept, sizeof kept);
}

/* ---- beginning and end ---- */

static int open_socket(int family, int level, int option)
{
    const int on = 1;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)setsockopt(fd, level, option, &on, sizeof on);
    return fd;
}

int tscbm_sender_open(struct tscbm_sender **sender, char *why, size_t size)
{
    struct tscbm_sender *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    s->fd4 = open_socket(AF_INET, IPPROTO_IP, IP_RECVERR);
    s->fd6 = open_socket(AF_INET6, IPPROTO_IPV6, IPV6_RECVERR);
    if (s->fd4 < 0 && s->fd6 < 0) {
        snprintf(why, size, "no UDP socket for the broadcast message: %s", strerror(errno));
        tscbm_sender_close(s);
        return -1;
    }
    *sender = s;
    return 0;
}

void tscbm_sender_close(struct tscbm_sender *sender)
{
    if (!sender)
        return;
    if (sender->fd4 >= 0)
        close(sender->fd4);
    if (sender->fd6 >= 0)
        close(sender->fd6);
    free(sender);
}
