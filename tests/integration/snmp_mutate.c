/* Sends broken SNMP messages over UDP: good ones with octets flipped, cut off, doubled, or lengths that
 * lie. The same seed sends the same messages.
 *
 *     snmp_mutate PORT COUNT SEED     (to 127.0.0.1, community "lab")
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGE_MAX = 512, CHANGES_MAX = 4 };

struct message {
    size_t length;
    uint8_t octet[MESSAGE_MAX];
};

#define MESSAGE(...)                                                                                         \
    {                                                                                                        \
        sizeof((uint8_t[]){__VA_ARGS__}),                                                                    \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }

static const struct message good[] = {
    /* version 1: GET sysDescr.0 */
    MESSAGE(0x30, 0x24, 0x02, 0x01, 0x00, 0x04, 0x03, 'l', 'a', 'b', 0xa0, 0x1a, 0x02, 0x02, 0x12, 0x34, 0x02,
            0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0e, 0x30, 0x0c, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x02, 0x01,
            0x01, 0x01, 0x00, 0x05, 0x00),
    /* version 2c: SET phaseMinimumGreen.2 to 9 */
    MESSAGE(0x30, 0x2d, 0x02, 0x01, 0x01, 0x04, 0x03, 'l', 'a', 'b', 0xa3, 0x23, 0x02, 0x02, 0x12, 0x35, 0x02,
            0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x17, 0x30, 0x15, 0x06, 0x10, 0x2b, 0x06, 0x01, 0x04, 0x01,
            0x89, 0x36, 0x04, 0x02, 0x01, 0x01, 0x02, 0x01, 0x04, 0x02, 0x00, 0x02, 0x01, 0x09),
    /* version 2c: GETBULK with 1 non-repeater and 10 repetitions of two names */
    MESSAGE(0x30, 0x2f, 0x02, 0x01, 0x01, 0x04, 0x03, 'l', 'a', 'b', 0xa5, 0x25, 0x02, 0x02, 0x12, 0x36, 0x02,
            0x01, 0x01, 0x02, 0x01, 0x0a, 0x30, 0x19, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x06, 0x01, 0x02, 0x01,
            0x05, 0x00, 0x30, 0x0c, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x89, 0x36, 0x04, 0x05, 0x00),
    /* version 3: the question for the engine */
    MESSAGE(0x30, 0x3a, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02, 0x02, 0x4a, 0x69, 0x02, 0x03, 0x00, 0xff, 0xe3,
            0x04, 0x01, 0x04, 0x02, 0x01, 0x03, 0x04, 0x10, 0x30, 0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02,
            0x01, 0x00, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c,
            0x02, 0x02, 0x1b, 0x55, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00),
};

static uint64_t random_state;

/* xorshift64* */
static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static void change(struct message *m)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x05, 0x30, 0xa0, 0xa8};
    size_t at = m->length > 0 ? random_below((uint32_t)m->length) : 0;
    switch (random_below(5)) {
    case 0:
        m->octet[at] = (uint8_t)random_below(256);
        break;
    case 1:
        m->octet[at] = telling[random_below(sizeof(telling))];
        break;
    case 2:
        m->octet[at] ^= (uint8_t)(1U << random_below(8));
        break;
    case 3:
        m->length = at;
        break;
    case 4: /* say it again */
        if (m->length + at <= MESSAGE_MAX) {
            memcpy(m->octet + m->length, m->octet, at);
            m->length += at;
        }
        break;
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: snmp_mutate PORT COUNT SEED\n");
        return 2;
    }
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    random_state = strtoull(argv[3], NULL, 10) * 2 + 1;
    int count = atoi(argv[2]);
    for (int n = 0; n < count; n++) {
        struct message m = good[(size_t)n % (sizeof(good) / sizeof(good[0]))];
        uint32_t changes = 1 + random_below(CHANGES_MAX);
        for (uint32_t c = 0; c < changes; c++) {
            change(&m);
        }
        if (sendto(s, m.octet, m.length, 0, (const struct sockaddr *)&to, sizeof(to)) < 0) {
            perror("snmp_mutate");
            return 3;
        }
    }
    printf("sent %d\n", count);
    return 0;
}
