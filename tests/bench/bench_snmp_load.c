/* Load for an SNMP agent: keeps a number of version 2c GETs outstanding over UDP and measures how fast
 * right answers come.
 *
 *     bench_snmp_load [--set VALUE] ADDRESS PORT COMMUNITY OUTSTANDING SECONDS OID...
 *
 * Each request asks for one of the OIDs, in turn, or sets it to VALUE (0 to 127) and VALUE xor 1 in turn. An
 * answer counts only if its request-id, its error status and its OID are right and it carries a value. One
 * line of results; exit 0 unless an answer was wrong or none came. */
#include "snmp/message.h"
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    OUTSTANDING_MAX = 256,
    OIDS_MAX = 512,
    ANSWER_MAX = 1500,
    SAMPLES_MAX = 1 << 22,
    LOST_AFTER_US = 1000000,
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
    bool sets;         /* SETs instead of GETs, */
    uint8_t set_value; /* of this value and its neighbour in turn, so that each changes something */
    size_t oid_count;
    struct octets oid[OIDS_MAX];
    size_t next_oid_ix;
    int outstanding;
    struct slot slot[OUTSTANDING_MAX];
    uint64_t lost, wrong;
    size_t sample_count;
    uint32_t *sample_us;
};

/* The slot an answer belongs to, or -1 if it is not one; *right tells whether it is as it should be. */
static int read_answer(const struct load *load, const uint8_t *data, size_t length, bool *right)
{
    struct answer answer;
    if (message_answer(data, length, &answer) != 0) {
        return -1;
    }
    int ix = (int)(answer.request % OUTSTANDING_MAX);
    const struct slot *slot = &load->slot[ix];
    if (ix >= load->outstanding || answer.request / OUTSTANDING_MAX != slot->turn) {
        return -1;
    }
    const struct octets *oid = &load->oid[slot->oid_ix];
    struct reader name;
    int type = answer.error == 0 ? message_varbind(&answer.varbinds, &name) : -1;
    *right = type > 0 && type < 0x80 && type != 0x05 && (size_t)(name.end - name.at) == oid->length &&
             memcmp(name.at, oid->octet, oid->length) == 0;
    return ix;
}

static void send_slot(struct load *load, int ix)
{
    uint8_t buffer[REQUEST_MAX];
    struct slot *slot = &load->slot[ix];
    slot->turn = (slot->turn + 1) & 0x7fffff / OUTSTANDING_MAX;
    slot->oid_ix = load->next_oid_ix;
    load->next_oid_ix = (load->next_oid_ix + 1) % load->oid_count;
    slot->sent_us = now_us();
    load->set_value ^= 1;
    const struct request request = {.tag = load->sets ? TAG_SET : TAG_GET,
                                    .community = load->community,
                                    .number = slot->turn * OUTSTANDING_MAX + (uint32_t)ix,
                                    .value = load->set_value,
                                    .oid = &load->oid[slot->oid_ix]};
    uint8_t *begin = message_request(buffer, &request);
    (void)send(load->socket, begin, (size_t)(buffer + sizeof(buffer) - begin), 0);
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
    if (argc > 2 && strcmp(argv[1], "--set") == 0) {
        load.sets = true;
        load.set_value = (uint8_t)(atoi(argv[2]) & 0x7f);
        argc -= 2;
        argv += 2;
    }
    if (parse_arguments(&load, argc, argv) != 0) {
        fprintf(stderr,
                "usage: bench_snmp_load [--set VALUE] ADDRESS PORT COMMUNITY OUTSTANDING SECONDS OID...\n");
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
    printf("answers=%zu per_second=%.0f p50_us=%u p99_us=%u p999_us=%u lost=%llu wrong=%llu\n", n,
           (double)n / seconds, n > 0 ? load.sample_us[n / 2] : 0, n > 0 ? load.sample_us[n * 99 / 100] : 0,
           n > 0 ? load.sample_us[n * 999 / 1000] : 0, (unsigned long long)load.lost,
           (unsigned long long)load.wrong);
    free(load.sample_us);
    return n > 0 && load.wrong == 0 ? 0 : 1;
}
