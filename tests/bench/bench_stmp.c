/* The same data polled in three ways: as a dynamic object over STMP, as one SNMP GET of all of it, and by one
 * GET for each name, as simple centres do.
 *
 *     bench_stmp SNMP_PORT STMP_PORT OBJECT_NO COMMUNITY OUTSTANDING SECONDS TURNS OID...
 *
 * The object has to hold just these OIDs. The ways take turns of SECONDS each, so that what else the machine
 * does meets all alike; OUTSTANDING requests are kept on their way. A poll is all of the data once. Octets
 * are those of the UDP payload and, for the wire, 28 more of IPv4 and UDP a datagram. Exit 0 unless an answer
 * was wrong. */
#include "snmp/message.h"
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { OIDS_MAX = 100, MESSAGE_MAX = 4096, WAYS = 3, HEADERS = 28 };

struct message {
    size_t length;
    uint8_t octet[MESSAGE_MAX];
};

struct way {
    const char *name;
    int socket;
    bool stmp;
    size_t message_count; /* that make one poll */
    struct message message[OIDS_MAX];
    size_t next_ix;
    uint64_t sent, sent_octets, answers, answer_octets, wrong;
    double seconds;
};

/* A header before what lies between `at` and `end`, growing towards the front. */
static void put_header(uint8_t **at, const uint8_t *end, uint8_t tag)
{
    size_t length = (size_t)(end - *at);
    *--*at = (uint8_t)length;
    if (length >= 0x80) {
        *--*at = (uint8_t)(length >> 8);
        *--*at = 0x82;
    }
    *--*at = tag;
}

static void put_octets(uint8_t **at, const void *data, size_t length)
{
    *at -= length;
    memcpy(*at, data, length);
}

/* A GET of version 2c for some names. */
static void build_get(const char *community, const struct octets oid[], size_t count, struct message *out)
{
    static const uint8_t numbers[] = {0x02, 0x01, 0x01, 0x02, 0x01,
                                      0x00, 0x02, 0x01, 0x00}; /* request-id 1 */
    static const uint8_t null_value[] = {0x05, 0x00}, version_2c[] = {0x02, 0x01, 0x01};
    uint8_t buffer[MESSAGE_MAX], *end = buffer + sizeof(buffer), *at = end;
    for (size_t ix = count; ix-- > 0;) {
        uint8_t *varbind_end = at;
        put_octets(&at, null_value, sizeof(null_value));
        uint8_t *name_end = at;
        put_octets(&at, oid[ix].octet, oid[ix].length);
        put_header(&at, name_end, 0x06);
        put_header(&at, varbind_end, 0x30);
    }
    put_header(&at, end, 0x30);
    put_octets(&at, numbers, sizeof(numbers));
    put_header(&at, end, TAG_GET);
    uint8_t *community_end = at;
    put_octets(&at, community, strlen(community));
    put_header(&at, community_end, 0x04);
    put_octets(&at, version_2c, sizeof(version_2c));
    put_header(&at, end, 0x30);
    out->length = (size_t)(end - at);
    memcpy(out->octet, at, out->length);
}

static bool is_right(const struct way *way, const uint8_t *data, size_t length)
{
    struct answer answer;
    if (way->stmp) {
        return length > 1 && data[0] == (way->message[0].octet[0] | 0x40);
    }
    return message_answer(data, length, &answer) == 0 && answer.error == 0;
}

static void send_next(struct way *way)
{
    const struct message *message = &way->message[way->next_ix];
    way->next_ix = (way->next_ix + 1) % way->message_count;
    way->sent++;
    way->sent_octets += message->length;
    (void)send(way->socket, message->octet, message->length, 0);
}

static void take_answers(struct way *way)
{
    uint8_t data[MESSAGE_MAX];
    ssize_t length;
    while ((length = recv(way->socket, data, sizeof(data), MSG_DONTWAIT)) >= 0) {
        way->answers++;
        way->answer_octets += (uint64_t)length;
        way->wrong += !is_right(way, data, (size_t)length);
        send_next(way);
    }
}

/* One turn. What is still on its way at its end is waited for. */
static void run(struct way *way, int outstanding, double seconds)
{
    int64_t begin = now_us(), end = begin + (int64_t)(seconds * 1e6);
    struct pollfd wait = {.fd = way->socket, .events = POLLIN};
    for (int n = 0; n < outstanding; n++) {
        send_next(way);
    }
    while (now_us() < end) {
        if (poll(&wait, 1, 1000) == 1) {
            take_answers(way);
        } else {
            send_next(way); /* something was lost */
        }
    }
    way->seconds += (double)(now_us() - begin) / 1e6;
    uint8_t data[MESSAGE_MAX];
    while (poll(&wait, 1, 100) == 1) {
        (void)recv(way->socket, data, sizeof(data), MSG_DONTWAIT);
    }
}

static double polls_per_second(const struct way *way)
{
    return (double)way->answers / (double)way->message_count / way->seconds;
}

static double wire_octets(const struct way *way)
{
    double messages = (double)way->message_count;
    return messages * ((double)way->sent_octets / (double)way->sent +
                       (double)way->answer_octets / (double)way->answers + 2 * HEADERS);
}

static void print(const struct way *way)
{
    double messages = (double)way->message_count;
    printf("%-24s %8.0f polls/s, a poll: %3.0f datagrams, %5.0f octets asked, %5.0f answered, %5.0f on the "
           "wire, %llu wrong\n",
           way->name, polls_per_second(way), 2 * messages,
           messages * (double)way->sent_octets / (double)way->sent,
           messages * (double)way->answer_octets / (double)way->answers, wire_octets(way),
           (unsigned long long)way->wrong);
}

int main(int argc, char **argv)
{
    static struct way ways[WAYS] = {{.name = "STMP, one object:", .stmp = true},
                                    {.name = "SNMP, one GET:"},
                                    {.name = "SNMP, a GET a name:"}};
    static struct octets oid[OIDS_MAX];
    size_t count = 0;
    for (int ix = 8; ix < argc && count < OIDS_MAX; ix++, count++) {
        if (parse_oid(argv[ix], &oid[count]) != 0) {
            count = 0;
            break;
        }
    }
    if (count == 0) {
        fprintf(stderr, "usage: bench_stmp SNMP_PORT STMP_PORT OBJECT_NO COMMUNITY OUTSTANDING SECONDS TURNS "
                        "OID...\n");
        return 2;
    }
    ways[0].message_count = ways[1].message_count = 1;
    ways[0].message[0] = (struct message){.length = 1, .octet = {(uint8_t)(0x80 | atoi(argv[3]))}};
    build_get(argv[4], oid, count, &ways[1].message[0]);
    ways[2].message_count = count;
    for (size_t ix = 0; ix < count; ix++) {
        build_get(argv[4], &oid[ix], 1, &ways[2].message[ix]);
    }
    for (int ix = 0; ix < WAYS; ix++) {
        ways[ix].socket = connect_to("127.0.0.1", argv[ways[ix].stmp ? 2 : 1]);
    }
    for (int turn = 0; turn < atoi(argv[7]); turn++) {
        for (int ix = 0; ix < WAYS; ix++) {
            run(&ways[ix], atoi(argv[5]), atof(argv[6]));
        }
    }
    bool right = true;
    for (int ix = 0; ix < WAYS; ix++) {
        print(&ways[ix]);
        right = right && ways[ix].wrong == 0 && ways[ix].answers > 0;
    }
    for (int ix = 1; ix < WAYS; ix++) {
        printf("STMP against %-20s %.1f times the polls, %.1f %% of the octets on the wire\n", ways[ix].name,
               polls_per_second(&ways[0]) / polls_per_second(&ways[ix]),
               100 * wire_octets(&ways[0]) / wire_octets(&ways[ix]));
    }
    return right ? 0 : 1;
}
