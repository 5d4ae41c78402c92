/* Speaks STMP, octet by octet: stmp_client udp:127.0.0.1:PORT STEP...
 *
 *   +HEX   sends a message; over TCP it need not be a whole one
 *   -      prints what comes, one datagram in hex
 *   -N     prints the next N octets of a stream
 *   .      prints "nothing", if nothing comes for a while
 *   w      waits until it is ended by a signal
 *   x      prints "closed", if the connection ends without another octet
 *
 * What does not come within two seconds is printed as "late". */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OCTETS_MAX = 65536, PATIENCE_MS = 2000, QUIET_MS = 200 };

static int connect_to(const char *address, bool *stream)
{
    char kind[4], host[64];
    unsigned port;
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (sscanf(address, "%3[a-z]:%63[0-9.]:%u", kind, host, &port) != 3 || port > UINT16_MAX ||
        inet_pton(AF_INET, host, &to.sin_addr) != 1)
        return -1;
    *stream = strcmp(kind, "tcp") == 0;
    to.sin_port = htons((uint16_t)port);
    int fd = socket(AF_INET, *stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool send_hex(int fd, const char *hex)
{
    static uint8_t octet[OCTETS_MAX];
    size_t count = strlen(hex) / 2;
    for (size_t ix = 0; ix < count; ix++) {
        unsigned value;
        if (ix == OCTETS_MAX || sscanf(hex + 2 * ix, "%2x", &value) != 1)
            return false;
        octet[ix] = (uint8_t)value;
    }
    return send(fd, octet, count, MSG_NOSIGNAL) == (ssize_t)count;
}

static bool comes(int fd, int within_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, within_ms) == 1;
}

/* Prints one datagram, or `wanted` octets of a stream. */
static void print_received(int fd, size_t wanted)
{
    static uint8_t octet[OCTETS_MAX];
    size_t count = 0;
    do {
        if (!comes(fd, PATIENCE_MS)) {
            puts("late");
            return;
        }
        ssize_t size = recv(fd, octet + count, sizeof(octet) - count, 0);
        if (size <= 0) {
            puts("closed");
            return;
        }
        count += (size_t)size;
    } while (count < wanted);
    for (size_t ix = 0; ix < count; ix++)
        printf("%02x", octet[ix]);
    puts(count > wanted && wanted > 0 ? " and more" : "");
}

static void print_end(int fd)
{
    uint8_t octet;
    if (!comes(fd, PATIENCE_MS))
        puts("late");
    else
        puts(recv(fd, &octet, 1, 0) <= 0 ? "closed" : "something");
}

static bool take(int fd, const char *step)
{
    switch (step[0]) {
    case '+':
        return send_hex(fd, step + 1);
    case '-':
        print_received(fd, strtoul(step + 1, NULL, 10));
        return true;
    case '.':
        puts(comes(fd, QUIET_MS) ? "something" : "nothing");
        return true;
    case 'w':
        pause();
        return true;
    case 'x':
        print_end(fd);
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    bool stream;
    int fd = argc > 1 ? connect_to(argv[1], &stream) : -1;
    if (fd < 0) {
        fprintf(stderr, "stmp_client: no connection\n");
        return 3;
    }
    int on = 1;
    if (stream)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* steps go out by themselves */
    for (int ix = 2; ix < argc; ix++) {
        if (!take(fd, argv[ix])) {
            fprintf(stderr, "stmp_client: %s: not sent\n", argv[ix]);
            return 2;
        }
        fflush(stdout);
    }
    close(fd);
    return 0;
}
