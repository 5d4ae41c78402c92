/* Load for an SNMP agent: keeps a number of version 2c GETs outstanding over UDP and measures how fast
 * right answers come.
 *
 *     bench_snmp_load ADDRESS PORT COMMUNITY OUTSTANDING SECONDS OID...
 *
 * Each request asks for one of the OIDs, in turn. An answer counts only if its request-id, its error
 * status and its OID are right and it carries a value. One line of results; exit 0 unless an answer
 * was wrong or none came. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    OUTSTANDING_MAX = 256,
    OIDS_MAX = 512,
    OID_OCTETS_MAX = 64,
    MESSAGE_MAX = 256,
    ANSWER_MAX = 1500,
    SAMPLES_MAX = 1 << 22,
    LOST_AFTER_US = 1000000,
};

struct octets {
    size_t length;
    uint8_t octet[OID_OCTETS_MAX];
};

/* One outstanding request. Its request-id is its slot plus `turn` times OUTSTANDING_MAX, so that a late
 * answer to a request given up is told from the right one. */
struct slot {
    uint32_t turn;
    size_t oid_ix;
    int64_t sent_us;
};

struct load {
    int socket;
    const char *community;
    size_t oid_count;
    struct octets oid[OIDS_MAX];
    size_t next_oid_ix;
    int outstanding;
    struct slot slot[OUTSTANDING_MAX];
    uint64_t lost, wrong;
    size_t sample_count;
    uint32_t *sample_us;
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* "1.3.6.1.2.1.1.3.0" into the octets of its BER value. Returns 0 or -1. */
static int parse_oid(const char *text, struct octets *out)
{
    uint32_t arc[32];
    size_t count = 0;
    while (count < 32) {
        char *end;
        arc[count++] = (uint32_t)strtoul(text, &end, 10);
        if (end == text || (*end != '.' && *end != '\0')) {
            return -1;
        }
        if (*end == '\0') {
            break;
        }
        text = end + 1;
    }
    if (count < 2) {
        return -1;
    }
    out->length = 0;
    out->octet[out->length++] = (uint8_t)(40 * arc[0] + arc[1]);
    for (size_t ix = 2; ix < count && out->length < OID_OCTETS_MAX - 5; ix++) {
        for (int shift = 28; shift > 0; shift -= 7) {
            if (arc[ix] >> shift) {
                out->octet[out->length++] = (uint8_t)(0x80 | ((arc[ix] >> shift) & 0x7f));
            }
        }
        out->octet[out->length++] = (uint8_t)(arc[ix] & 0x7f);
    }
    return 0;
}

/* Puts a header before what already stands at `*at`, growing towards the front. Lengths stay below
 * 128 but for the outermost parts, so two forms are enough. */
static void put_header(uint8_t **at, const uint8_t *end, uint8_t tag)
{
    size_t length = (size_t)(end - *at);
    if (length < 128) {
        *--*at = (uint8_t)length;
    } else {
        *--*at = (uint8_t)length;
        *--*at = 0x81;
    }
    *--*at = tag;
}

static void put_octets(uint8_t **at, const void *data, size_t length)
{
    *at -= length;
    memcpy(*at, data, length);
}

/* Builds the GET of a slot at the end of `buffer` and returns its beginning. */
static uint8_t *build_get(const struct load *load, int ix, uint8_t buffer[MESSAGE_MAX])
{
    static const uint8_t null_value[] = {0x05, 0x00};
    static const uint8_t no_error[] = {0x02, 0x01, 0x00, 0x02, 0x01, 0x00};
    static const uint8_t version_2c[] = {0x02, 0x01, 0x01};
    const struct slot *slot = &load->slot[ix];
    const struct octets *oid = &load->oid[slot->oid_ix];
    uint32_t request = slot->turn * OUTSTANDING_MAX + (uint32_t)ix;
    const uint8_t id[] = {(uint8_t)(request >> 24), (uint8_t)(request >> 16), (uint8_t)(request >> 8),
                          (uint8_t)request};
    uint8_t *end = buffer + MESSAGE_MAX, *at = end;
    put_octets(&at, null_value, sizeof(null_value));
    uint8_t *value = at;
    put_octets(&at, oid->octet, oid->length);
    put_header(&at, value, 0x06);
    put_header(&at, end, 0x30);
    put_header(&at, end, 0x30);
    put_octets(&at, no_error, sizeof(no_error));
    uint8_t *rest = at;
    put_octets(&at, id, sizeof(id));
    put_header(&at, rest, 0x02);
    put_header(&at, end, 0xa0);
    rest = at;
    put_octets(&at, load->community, strlen(load->community));
    put_header(&at, rest, 0x04);
    put_octets(&at, version_2c, sizeof(version_2c));
    put_header(&at, end, 0x30);
    return at;
}

/* What is left to read of an answer. */
struct reader {
    const uint8_t *at, *end;
};

/* Reads a header of the given tag (0: any); `value` becomes its content and the reader steps behind it,
 * or into it if `value` is NULL. Returns the tag, or -1. */
static int read_part(struct reader *r, int tag, struct reader *value)
{
    if (r->end - r->at < 2 || (tag != 0 && r->at[0] != tag)) {
        return -1;
    }
    int found = r->at[0];
    size_t length = r->at[1];
    r->at += 2;
    if (length >= 0x80) {
        size_t octets = length & 0x7f;
        if (octets > 2 || (size_t)(r->end - r->at) < octets) {
            return -1;
        }
        for (length = 0; octets > 0; octets--) {
            length = length << 8 | *r->at++;
        }
    }
    if ((size_t)(r->end - r->at) < length) {
        return -1;
    }
    if (value != NULL) {
        *value = (struct reader){r->at, r->at + length};
        r->at += length;
    }
    return found;
}

static int read_number(struct reader *r, int64_t *out)
{
    struct reader value;
    if (read_part(r, 0x02, &value) < 0 || value.at == value.end || value.end - value.at > 5) {
        return -1;
    }
    *out = 0;
    for (; value.at < value.end; value.at++) {
        *out = *out << 8 | *value.at;
    }
    return 0;
}

/* The slot an answer belongs to, or -1 if it is not one; *right tells whether it is as it should be. */
static int read_answer(const struct load *load, const uint8_t *data, size_t length, bool *right)
{
    struct reader r = {data, data + length}, part;
    int64_t version, request, error, error_index;
    if (read_part(&r, 0x30, NULL) < 0 || read_number(&r, &version) < 0 || read_part(&r, 0x04, &part) < 0 ||
        read_part(&r, 0xa2, NULL) < 0 || read_number(&r, &request) < 0 || read_number(&r, &error) < 0 ||
        read_number(&r, &error_index) < 0) {
        return -1;
    }
    int ix = (int)(request % OUTSTANDING_MAX);
    const struct slot *slot = &load->slot[ix];
    if (ix >= load->outstanding || request / OUTSTANDING_MAX != slot->turn) {
        return -1;
    }
    const struct octets *oid = &load->oid[slot->oid_ix];
    *right = false;
    if (error == 0 && read_part(&r, 0x30, NULL) >= 0 && read_part(&r, 0x30, NULL) >= 0 &&
        read_part(&r, 0x06, &part) >= 0 && (size_t)(part.end - part.at) == oid->length &&
        memcmp(part.at, oid->octet, oid->length) == 0) {
        int type = read_part(&r, 0, &part);
        *right = type > 0 && type < 0x80 && type != 0x05; /* 0x80..0x82 are noSuchObject and the like */
    }
    return ix;
}

static void send_slot(struct load *load, int ix)
{
    uint8_t buffer[MESSAGE_MAX];
    struct slot *slot = &load->slot[ix];
    slot->turn = (slot->turn + 1) & 0x7fffff / OUTSTANDING_MAX;
    slot->oid_ix = load->next_oid_ix;
    load->next_oid_ix = (load->next_oid_ix + 1) % load->oid_count;
    slot->sent_us = now_us();
    uint8_t *begin = build_get(load, ix, buffer);
    (void)send(load->socket, begin, (size_t)(buffer + MESSAGE_MAX - begin), 0);
}

/* Takes all answers that are there; each frees its slot for the next request. */
static void take_answers(struct load *load)
{
    enum { BATCH = 32 };
    static uint8_t data[BATCH][ANSWER_MAX];
    struct mmsghdr message[BATCH];
    struct iovec part[BATCH];
    memset(message, 0, sizeof(message));
    for (size_t n = 0; n < BATCH; n++) {
        part[n] = (struct iovec){data[n], ANSWER_MAX};
        message[n].msg_hdr.msg_iov = &part[n];
        message[n].msg_hdr.msg_iovlen = 1;
    }
    int count = recvmmsg(load->socket, message, BATCH, MSG_DONTWAIT, NULL);
    int64_t now = now_us();
    for (int n = 0; n < count; n++) {
        bool right;
        int ix = read_answer(load, data[n], message[n].msg_len, &right);
        if (ix < 0) {
            continue;
        }
        if (!right) {
            load->wrong++;
        } else if (load->sample_count < SAMPLES_MAX) {
            load->sample_us[load->sample_count++] = (uint32_t)(now - load->slot[ix].sent_us);
        }
        send_slot(load, ix);
    }
}

static void give_up_lost(struct load *load)
{
    int64_t now = now_us();
    for (int ix = 0; ix < load->outstanding; ix++) {
        if (now - load->slot[ix].sent_us > LOST_AFTER_US) {
            load->lost++;
            send_slot(load, ix);
        }
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int connect_to(const char *address, const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
        connect(s, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        return -1;
    }
    return s;
}

static int parse_arguments(struct load *load, int argc, char **argv)
{
    if (argc < 7 || argc - 6 > OIDS_MAX) {
        return -1;
    }
    load->community = argv[3];
    load->outstanding = atoi(argv[4]);
    for (int ix = 6; ix < argc; ix++) {
        if (parse_oid(argv[ix], &load->oid[load->oid_count++]) != 0) {
            return -1;
        }
    }
    return load->outstanding > 0 && load->outstanding <= OUTSTANDING_MAX && strlen(load->community) < 64 ? 0
                                                                                                         : -1;
}

int main(int argc, char **argv)
{
    static struct load load;
    if (parse_arguments(&load, argc, argv) != 0) {
        fprintf(stderr, "usage: bench_snmp_load ADDRESS PORT COMMUNITY OUTSTANDING SECONDS OID...\n");
        return 2;
    }
    load.sample_us = malloc(SAMPLES_MAX * sizeof(*load.sample_us));
    load.socket = connect_to(argv[1], argv[2]);
    if (load.sample_us == NULL || load.socket < 0) {
        perror("bench_snmp_load");
        return 3;
    }
    int64_t begin = now_us(), end = begin + (int64_t)(atof(argv[5]) * 1e6);
    for (int ix = 0; ix < load.outstanding; ix++) {
        send_slot(&load, ix);
    }
    while (now_us() < end) {
        struct pollfd wait = {.fd = load.socket, .events = POLLIN};
        if (poll(&wait, 1, 100) > 0) {
            take_answers(&load);
        } else {
            give_up_lost(&load);
        }
    }
    double seconds = (double)(now_us() - begin) / 1e6;
    qsort(load.sample_us, load.sample_count, sizeof(*load.sample_us), compare);
    size_t n = load.sample_count;
    printf("answers=%zu per_second=%.0f p50_us=%u p99_us=%u lost=%llu wrong=%llu\n", n, (double)n / seconds,
           n > 0 ? load.sample_us[n / 2] : 0, n > 0 ? load.sample_us[n * 99 / 100] : 0,
           (unsigned long long)load.lost, (unsigned long long)load.wrong);
    free(load.sample_us);
    return n > 0 && load.wrong == 0 ? 0 : 1;
}
