/* How long a centre takes to bring a whole timing into a controller: all blocks are uploaded, one walk time
 * is changed, and they are downloaded in a transaction, verified and committed; then the same elements again
 * by single SETs of 100 varbinds.
 *
 *     bench_snmp_download ADDRESS COMMUNITY DIRECTORY
 *
 * Prints the times, and how long it takes to make a file of as many octets as the database durable in
 * DIRECTORY. Exit 0 if everything was taken. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "../../ntcip/block.h"
#include "../property/block_rows.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIECES_MAX = 256, VARBINDS = 100, WALK_OF_PHASE_1 = 6, DISK_TURNS = 9 };

static void *session;

static struct {
    uint8_t octet[BLOCK_DATA_MAX];
    size_t size;
} piece[PIECES_MAX];
static size_t piece_count;

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench_snmp_download: %s\n", what);
    exit(1);
}

/* ---- requests ---- */

static size_t name_of(const struct object_instance *at, oid name[OBJECT_ID_MAX])
{
    struct object_id id;
    object_instance_id(at, &id);
    for (int i = 0; i < id.length; i++)
        name[i] = id.arc[i];
    return id.length;
}

static void add(netsnmp_pdu *pdu, const struct object_instance *at, const struct value *value)
{
    oid name[OBJECT_ID_MAX], target[OBJECT_ID_MAX];
    size_t length = name_of(at, name);
    if (value->type == VALUE_OCTETS) {
        snmp_pdu_add_variable(pdu, name, length, ASN_OCTET_STR, value->octet, value->length);
    } else if (value->type == VALUE_OBJECT_ID) {
        for (int i = 0; i < value->id.length; i++)
            target[i] = value->id.arc[i];
        snmp_pdu_add_variable(pdu, name, length, ASN_OBJECT_ID, target, value->id.length * sizeof(oid));
    } else {
        u_char type = value->type == VALUE_COUNTER ? ASN_COUNTER : ASN_INTEGER;
        long number = (long)(int32_t)value->number;
        snmp_pdu_add_variable(pdu, name, length, type, &number, sizeof(number));
    }
}

/* Sends it and returns the answer, which the caller frees. */
static netsnmp_pdu *answer_to(netsnmp_pdu *pdu, const char *what)
{
    netsnmp_pdu *answer = NULL;
    if (snmp_sess_synch_response(session, pdu, &answer) != STAT_SUCCESS || !answer)
        give_up(what);
    if (answer->errstat != SNMP_ERR_NOERROR) {
        fprintf(stderr, "bench_snmp_download: %s: %s at %ld\n", what, snmp_errstring((int)answer->errstat),
                answer->errindex);
        exit(1);
    }
    return answer;
}

static struct object_instance scalar(const char *name)
{
    return (struct object_instance){.object = object_by_name(name)};
}

static void set_number(const char *object, int64_t number)
{
    struct object_instance at = scalar(object);
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_SET);
    add(pdu, &at, &(struct value){.type = VALUE_INTEGER, .number = number});
    snmp_free_pdu(answer_to(pdu, object));
}

static void set_octets(const char *object, const uint8_t *octet, size_t size)
{
    struct object_instance at = scalar(object);
    oid name[OBJECT_ID_MAX];
    size_t length = name_of(&at, name);
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_SET);
    snmp_pdu_add_variable(pdu, name, length, ASN_OCTET_STR, octet, size);
    snmp_free_pdu(answer_to(pdu, object));
}

static netsnmp_pdu *get(const char *object)
{
    struct object_instance at = scalar(object);
    oid name[OBJECT_ID_MAX];
    size_t length = name_of(&at, name);
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);
    snmp_add_null_var(pdu, name, length);
    return answer_to(pdu, object);
}

/* ---- what is measured ---- */

static void upload(void)
{
    const struct object_view view = {.db = NULL}; /* no row of these tables comes or goes */
    for (size_t i = 0; i < block_count; i++) {
        int rows = rows_of(object_by_name(block_all[i].member[0]), 0);
        for (int first = 1; first <= rows && piece_count < PIECES_MAX;) {
            struct selector selector;
            int quantity = select_rows_from(&block_all[i], first, &view, &selector);
            if (quantity == 0)
                give_up("a row that no answer carries");
            first += quantity;
            set_octets("ascBlockGetControl", selector.octet, selector.size);
            netsnmp_pdu *answer = get("ascBlockData");
            piece[piece_count].size = answer->variables->val_len;
            memcpy(piece[piece_count].octet, answer->variables->val.string, piece[piece_count].size);
            piece_count++;
            snmp_free_pdu(answer);
        }
    }
}

static void by_blocks(void)
{
    for (size_t i = 0; i < piece_count; i++)
        set_octets("ascBlockData", piece[i].octet, piece[i].size);
}

struct batch {
    netsnmp_pdu *pdu;
    int count;
    size_t total;
};

static void send_batch(struct batch *batch)
{
    if (batch->pdu)
        snmp_free_pdu(answer_to(batch->pdu, "single SETs"));
    *batch = (struct batch){.total = batch->total};
}

static bool add_element(void *arg, const struct object_instance *at, const struct value *value)
{
    struct batch *batch = arg;
    if (!batch->pdu)
        batch->pdu = snmp_pdu_create(SNMP_MSG_SET);
    add(batch->pdu, at, value);
    batch->total++;
    if (++batch->count == VARBINDS)
        send_batch(batch);
    return true;
}

static size_t elements;

static void by_elements(void)
{
    const struct object_view view = {.db = NULL};
    struct batch batch = {.pdu = NULL};
    for (size_t i = 0; i < piece_count; i++)
        block_decode(piece[i].octet, piece[i].size, &view, add_element, &batch);
    send_batch(&batch);
    elements = batch.total;
}

/* A whole transaction; another walk time each time, so that there is something to store. */
static double transaction_ms(void (*download)(void), const char *name)
{
    piece[0].octet[WALK_OF_PHASE_1] = (uint8_t)(piece[0].octet[WALK_OF_PHASE_1] == 9 ? 8 : 9);
    int64_t start_us = now_us();
    set_number("dbCreateTransaction", 2);
    download();
    int64_t loaded_us = now_us();
    set_number("dbCreateTransaction", 3);
    netsnmp_pdu *answer = get("dbVerifyStatus");
    if (*answer->variables->val.integer != 3)
        give_up("the database does not verify");
    snmp_free_pdu(answer);
    int64_t verified_us = now_us();
    set_number("dbCreateTransaction", 1);
    int64_t end_us = now_us();
    printf("by %s: %.0f ms (wanted: under 1000), of which load %.1f, verify %.1f, store %.1f\n", name,
           (double)(end_us - start_us) / 1000, (double)(loaded_us - start_us) / 1000,
           (double)(verified_us - loaded_us) / 1000, (double)(end_us - verified_us) / 1000);
    return (double)(end_us - start_us) / 1000;
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A new file in the place of the old one, durable, as the store makes it. */
static double disk_ms(const char *directory)
{
    static uint8_t content[sizeof(struct database)];
    char old[512], new[512];
    int64_t took_us[DISK_TURNS];
    snprintf(old, sizeof(old), "%s/bench", directory);
    snprintf(new, sizeof(new), "%s/bench.new", directory);
    for (int turn = 0; turn < DISK_TURNS; turn++) {
        int64_t start_us = now_us();
        int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int at = open(directory, O_RDONLY | O_DIRECTORY);
        if (fd < 0 || at < 0 || write(fd, content, sizeof(content)) != (ssize_t)sizeof(content) ||
            fsync(fd) != 0 || close(fd) != 0 || rename(new, old) != 0 || fsync(at) != 0 || close(at) != 0)
            give_up("cannot write to the directory");
        took_us[turn] = now_us() - start_us;
    }
    unlink(old);
    qsort(took_us, DISK_TURNS, sizeof(took_us[0]), compare_times);
    int64_t middle_us = took_us[DISK_TURNS / 2];
    return (double)middle_us / 1000;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        give_up("needs ADDRESS COMMUNITY DIRECTORY");
    netsnmp_session settings;
    init_snmp("bench");
    snmp_sess_init(&settings);
    settings.version = SNMP_VERSION_2c;
    settings.peername = argv[1];
    settings.community = (u_char *)argv[2];
    settings.community_len = strlen(argv[2]);
    settings.timeout = 5000000;
    settings.retries = 0;
    session = snmp_sess_open(&settings);
    if (!session)
        give_up("cannot open the session");
    int64_t start_us = now_us();
    upload();
    size_t octets = 0;
    for (size_t i = 0; i < piece_count; i++)
        octets += piece[i].size;
    printf("upload: %zu blocks, %zu octets, %.0f ms\n", piece_count, octets,
           (double)(now_us() - start_us) / 1000);
    double blocks_ms = transaction_ms(by_blocks, "blocks");
    double elements_ms = transaction_ms(by_elements, "single SETs");
    double file_ms = disk_ms(argv[3]);
    printf(
        "%zu elements by single SETs of %d took %.1f times as long as by blocks; a file of %zu octets takes "
        "this disk %.1f ms\n",
        elements, VARBINDS, elements_ms / blocks_ms, sizeof(struct database), file_ms);
    snmp_sess_close(session);
    return 0;
}
