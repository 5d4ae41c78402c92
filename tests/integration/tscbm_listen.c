/* Hears the broadcast message on a free port of this machine and writes one line for each:
 *
 *     LENGTH VERSION SEQUENCE REDS YELLOWS GREENS STATUS SECOND-OF-DAY MILLISECOND
 *
 * the masks as decimal numbers of the first eight phases, as SNMP has them. Before it comes a line `GAP n`
 * where the sequence has left n numbers out, as it does on a machine that is too busy. A datagram that is no
 * message, and a phase that changes outside of the times told for it since its last change, is a line that
 * begins with BROKEN; a flash in between ends what was told. */
#include "../../io/tscbm.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static struct tscbm last;
static int64_t count, now_ds;
static int64_t not_before_ds[SPAT_ROWS], not_after_ds[SPAT_ROWS];

static int shown(const struct spat *s, int ix)
{
    return (s->red >> ix & 1) | (s->yellow >> ix & 1) << 1 | (s->green >> ix & 1) << 2 |
           (s->flashing >> ix & 1) << 3;
}

static void judge(const struct spat *s, int ix)
{
    const struct spat_change *told = &s->vehicle[ix];
    const uint8_t flash = SPAT_FAULT_FLASH | SPAT_PROGRAMMED_FLASH;
    bool first = count == 0 || ((s->status | last.spat.status) & flash);
    if (first || shown(s, ix) != shown(&last.spat, ix)) {
        if (!first && now_ds < not_before_ds[ix])
            printf("BROKEN phase %d changes too early\n", ix + 1);
        not_before_ds[ix] = 0;
        not_after_ds[ix] = INT64_MAX;
    }
    if (now_ds > not_after_ds[ix])
        printf("BROKEN phase %d changes too late\n", ix + 1);
    if (not_before_ds[ix] < now_ds + told->min_ds)
        not_before_ds[ix] = now_ds + told->min_ds;
    if (told->max_ds != SPAT_UNKNOWN_DS && not_after_ds[ix] > now_ds + told->max_ds)
        not_after_ds[ix] = now_ds + told->max_ds;
}

static void hear(const uint8_t *octet, size_t length)
{
    struct tscbm m;
    if (tscbm_decode(octet, length, &m) != 0) {
        printf("BROKEN %zu octets that are no message\n", length);
        return;
    }
    uint8_t ticks = (uint8_t)(m.spat.tick_octet - last.spat.tick_octet);
    if (count > 0 && ticks != 1)
        printf("GAP %d\n", (uint8_t)(ticks - 1));
    now_ds += ticks;
    for (int ix = 0; ix < SPAT_ROWS; ix++)
        judge(&m.spat, ix);
    count++;
    last = m;
    printf("%zu %d %d %d %d %d %d %u %d\n", length, m.version, m.spat.tick_octet, m.spat.red & 0xFF,
           m.spat.yellow & 0xFF, m.spat.green & 0xFF, m.spat.status, m.second_of_day, m.millisecond);
}

int main(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof at;
    uint8_t octet[2048];
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return 3;
    printf("tscbm_listen ready port=%u\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        ssize_t length = recv(fd, octet, sizeof octet, 0);
        if (length >= 0)
            hear(octet, (size_t)length);
        fflush(stdout);
    }
}
