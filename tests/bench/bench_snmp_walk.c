/* Walks an SNMP agent's tree by version 2c GETBULK, one request at a time as a client must, again and again,
 * and measures how many varbinds a second that brings.
 *
 *     bench_snmp_walk ADDRESS PORT COMMUNITY REPETITIONS SECONDS OID
 *
 * A walk begins at OID and ends where the names leave it or the tree ends. Names must ascend. One line of
 * results; exit 0 unless an answer was wrong or did not come, or not even one walk was finished. */
#include "snmp/message.h"
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_MAX = 65536, ANSWER_WAIT_MS = 1000, SAMPLES_MAX = 1 << 20 };

struct walk {
    int socket;
    const char *community;
    uint8_t repetitions;
    uint32_t request;
    struct octets root, last;
    bool ended; /* the tree or the part of it asked for */
    uint64_t walks, varbinds, in_walk;
    size_t sample_count;
    uint32_t sample_us[SAMPLES_MAX]; /* of whole requests */
};

/* Arc by arc; a prefix comes first. */
static int compare_names(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    size_t i = 0, j = 0;
    while (i < a_length && j < b_length) {
        uint32_t x = 0, y = 0;
        do {
            x = x << 7 | (a[i] & 0x7f);
        } while (i < a_length && (a[i++] & 0x80));
        do {
            y = y << 7 | (b[j] & 0x7f);
        } while (j < b_length && (b[j++] & 0x80));
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return i < a_length ? 1 : j < b_length ? -1 : 0;
}

static bool is_within(const struct octets *root, const struct reader *name)
{
    return (size_t)(name->end - name->at) >= root->length && memcmp(name->at, root->octet, root->length) == 0;
}

/* Takes the varbinds of one answer. Returns 0, or -1 if they are wrong. */
static int take_varbinds(struct walk *walk, struct reader *varbinds)
{
    struct reader name;
    int type;
    while ((type = message_varbind(varbinds, &name)) > 0) {
        size_t length = (size_t)(name.end - name.at);
        if ((type >= 0x80 && type <= 0x82) || !is_within(&walk->root, &name)) {
            walk->ended = true;
            return 0;
        }
        if (length > OID_OCTETS_MAX ||
            compare_names(name.at, length, walk->last.octet, walk->last.length) <= 0) {
            return -1;
        }
        walk->last.length = length;
        memcpy(walk->last.octet, name.at, length);
        walk->varbinds++;
        walk->in_walk++;
    }
    return type;
}

/* One request and its answer. Returns 0 or -1. */
static int ask(struct walk *walk)
{
    static uint8_t data[ANSWER_MAX];
    uint8_t buffer[REQUEST_MAX];
    int64_t begin_us = now_us();
    walk->request = (walk->request + 1) & 0x7fffffff;
    const struct request request = {.tag = TAG_GETBULK,
                                    .community = walk->community,
                                    .number = walk->request,
                                    .repetitions = walk->repetitions,
                                    .oid = &walk->last};
    uint8_t *begin = message_request(buffer, &request);
    if (send(walk->socket, begin, (size_t)(buffer + sizeof(buffer) - begin), 0) < 0) {
        return -1;
    }
    struct pollfd wait = {.fd = walk->socket, .events = POLLIN};
    struct answer answer;
    do {
        if (poll(&wait, 1, ANSWER_WAIT_MS) <= 0) {
            return -1;
        }
        ssize_t length = recv(walk->socket, data, sizeof(data), 0);
        if (length < 0 || message_answer(data, (size_t)length, &answer) != 0) {
            return -1;
        }
    } while (answer.request != walk->request);
    if (walk->sample_count < SAMPLES_MAX) {
        walk->sample_us[walk->sample_count++] = (uint32_t)(now_us() - begin_us);
    }
    return answer.error == 0 ? take_varbinds(walk, &answer.varbinds) : -1;
}

static int compare_samples(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void print_results(struct walk *walk, uint64_t tree, double seconds)
{
    size_t n = walk->sample_count;
    qsort(walk->sample_us, n, sizeof(walk->sample_us[0]), compare_samples);
    printf("walks=%llu of=%llu per_second=%.0f requests=%zu p50_us=%u p99_us=%u p999_us=%u\n",
           (unsigned long long)walk->walks, (unsigned long long)tree, (double)walk->varbinds / seconds, n,
           n > 0 ? walk->sample_us[n / 2] : 0, n > 0 ? walk->sample_us[n * 99 / 100] : 0,
           n > 0 ? walk->sample_us[n * 999 / 1000] : 0);
}

int main(int argc, char **argv)
{
    static struct walk walk;
    int repetitions = argc == 7 ? atoi(argv[4]) : 0;
    if (repetitions < 1 || repetitions > 127 || parse_oid(argv[6], &walk.root) != 0 ||
        strlen(argv[3]) >= 64) {
        fprintf(stderr, "usage: bench_snmp_walk ADDRESS PORT COMMUNITY REPETITIONS(1..127) SECONDS OID\n");
        return 2;
    }
    walk.socket = connect_to(argv[1], argv[2]);
    walk.community = argv[3];
    walk.repetitions = (uint8_t)repetitions;
    walk.last = walk.root;
    uint64_t tree = 0;
    int64_t begin_us = now_us(), end_us = begin_us + (int64_t)(atof(argv[5]) * 1e6);
    while (now_us() < end_us || walk.walks == 0) {
        if (ask(&walk) != 0) {
            fprintf(stderr, "bench_snmp_walk: a wrong answer, or none\n");
            return 1;
        }
        if (walk.ended) {
            walk.ended = false;
            walk.walks++;
            walk.last = walk.root;
            tree = walk.in_walk;
            walk.in_walk = 0;
        }
    }
    print_results(&walk, tree, (double)(now_us() - begin_us) / 1e6);
    return tree > 0 ? 0 : 1;
}
