/* Sends datagrams just as they are told and says what comes back, for what no proper client would send.
 *
 *     snmp_raw PORT COMMUNITY     (to 127.0.0.1)
 *
 * Each line of input is one datagram, octets in hex, blanks as you like. For each one line: `silence`, or
 * `error E index I varbinds N`, or `answer` for one of another kind. Silence is known without waiting: behind
 * each datagram goes a proper question, and what has not come before its answer does not come. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DATAGRAM_MAX = 65507, PROBE_MAX = 128, WAIT_MS = 10000 };

/* Of the proper question; nobody else asks with it. */
static const uint8_t probe_id[] = {0x5a, 0xa5, 0x5a, 0xa5};

static size_t read_hex(const char *line, uint8_t *out)
{
    size_t digits = 0;
    for (; *line != '\0' && digits < 2 * (size_t)DATAGRAM_MAX; line++) {
        const char *all = "0123456789abcdef", *digit = strchr(all, *line);
        if (digit != NULL) {
            out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | (digit - all));
            digits++;
        }
    }
    return digits / 2;
}

/* GET sysUpTime.0 by version 2c. */
static size_t build_probe(const char *community, uint8_t out[PROBE_MAX])
{
    static const uint8_t rest[] = {0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0e, 0x30, 0x0c, 0x06,
                                   0x08, 0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x03, 0x00, 0x05, 0x00};
    size_t name = strlen(community), pdu = 2 + sizeof(probe_id) + sizeof(rest), at = 0;
    const uint8_t head[] = {0x30, (uint8_t)(3 + 2 + name + 2 + pdu), 0x02, 0x01, 0x01, 0x04, (uint8_t)name};
    const uint8_t get[] = {0xa0, (uint8_t)pdu, 0x02, sizeof(probe_id)};
    memcpy(out, head, sizeof(head));
    at += sizeof(head);
    memcpy(out + at, community, name);
    at += name;
    memcpy(out + at, get, sizeof(get));
    at += sizeof(get);
    memcpy(out + at, probe_id, sizeof(probe_id));
    at += sizeof(probe_id);
    memcpy(out + at, rest, sizeof(rest));
    return at + sizeof(rest);
}

struct reader {
    const uint8_t *at, *end;
};

/* The content of the next part, if it has that tag; the reader steps behind it. */
static bool read_part(struct reader *r, int tag, struct reader *content)
{
    if (r->end - r->at < 2 || r->at[0] != tag) {
        return false;
    }
    size_t length = r->at[1];
    r->at += 2;
    if (length >= 0x80) {
        int octets = (int)length & 0x7f;
        for (length = 0; octets > 0 && r->at < r->end; octets--) {
            length = length << 8 | *r->at++;
        }
    }
    if ((size_t)(r->end - r->at) < length) {
        return false;
    }
    *content = (struct reader){r->at, r->at + length};
    r->at += length;
    return true;
}

static void print_answer(const uint8_t *data, size_t length)
{
    struct reader all = {data, data + length}, message, part, pdu, error, index, list;
    int varbinds = 0;
    if (!read_part(&all, 0x30, &message) || !read_part(&message, 0x02, &part) ||
        !read_part(&message, 0x04, &part) || !read_part(&message, 0xa2, &pdu) ||
        !read_part(&pdu, 0x02, &part) || !read_part(&pdu, 0x02, &error) || !read_part(&pdu, 0x02, &index) ||
        !read_part(&pdu, 0x30, &list)) {
        printf("answer\n");
        return;
    }
    while (read_part(&list, 0x30, &part)) {
        varbinds++;
    }
    printf("error %d index %d varbinds %d\n", error.end[-1], index.end[-1], varbinds);
}

/* Prints what came before the answer to the proper question. Returns 0, or -1 if that did not come. */
static int wait_for_probe(int s)
{
    static uint8_t data[DATAGRAM_MAX];
    bool answered = false;
    struct pollfd wait = {.fd = s, .events = POLLIN};
    while (poll(&wait, 1, WAIT_MS) == 1) {
        ssize_t length = recv(s, data, sizeof(data), 0);
        if (length < 0) {
            return -1;
        }
        if (memmem(data, (size_t)length, probe_id, sizeof(probe_id)) != NULL) {
            if (!answered) {
                printf("silence\n");
            }
            return 0;
        }
        print_answer(data, (size_t)length);
        answered = true;
    }
    return -1;
}

int main(int argc, char **argv)
{
    static char line[3 * DATAGRAM_MAX];
    static uint8_t datagram[DATAGRAM_MAX];
    uint8_t probe[PROBE_MAX];
    if (argc != 3 || strlen(argv[2]) > 32) {
        fprintf(stderr, "usage: snmp_raw PORT COMMUNITY\n");
        return 2;
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    if (s < 0 || connect(s, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("snmp_raw");
        return 3;
    }
    size_t probe_length = build_probe(argv[2], probe);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        size_t length = read_hex(line, datagram);
        if (send(s, datagram, length, 0) < 0 || send(s, probe, probe_length, 0) < 0 ||
            wait_for_probe(s) != 0) {
            printf("no answer to a proper question\n");
            return 1;
        }
    }
    return 0;
}
