/* What a machine makes of the load by itself: answers the GETs of bench_snmp_load with what came, looking
 * nothing up. An agent that lets somebody wait longer than this has only itself to blame.
 *
 *     bench_echo     (on a free port of 127.0.0.1, which its ready line names; until it is ended) */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGE_MAX = 2048, GET = 0xa0, RESPONSE = 0xa2, NULL_VALUE = 0x05, OCTET_STRING = 0x04 };

/* Makes a version 2c GET of one name its answer, the value an empty OCTET STRING. Returns false if it is
 * none. */
static bool make_answer(uint8_t *message, size_t length)
{
    enum { COMMUNITY_LENGTH_AT = 6 };
    size_t pdu = COMMUNITY_LENGTH_AT + 1U + message[COMMUNITY_LENGTH_AT];
    if (length < pdu + 4 || message[pdu] != GET || message[length - 2] != NULL_VALUE) {
        return false;
    }
    message[pdu] = RESPONSE;
    message[length - 2] = OCTET_STRING;
    return true;
}

int main(void)
{
    uint8_t message[MESSAGE_MAX];
    struct sockaddr_in address = {.sin_family = AF_INET}, from;
    socklen_t length = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0 || bind(s, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        getsockname(s, (struct sockaddr *)&address, &length) != 0) {
        perror("bench_echo");
        return 3;
    }
    printf("bench_echo ready echo=udp:127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        socklen_t from_length = sizeof(from);
        ssize_t n = recvfrom(s, message, sizeof(message), 0, (struct sockaddr *)&from, &from_length);
        if (n > 16 && make_answer(message, (size_t)n)) {
            (void)sendto(s, message, (size_t)n, 0, (const struct sockaddr *)&from, from_length);
        }
    }
}
