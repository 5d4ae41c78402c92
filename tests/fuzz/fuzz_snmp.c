/* Whole datagrams into the agent, over a real socket and through net-snmp: built from the table and then
 * damaged, or any octets. Who may only read changes nothing; the database stays one that passes every check.
 */
#include "../../ntcip/agent.h"
#include "../integration/host_loop.h"
#include "ber.h"
#include "fuzz.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DATAGRAMS_MAX = 6, ITEMS_MAX = 16, ANSWER_MAX = 65536 };

static struct fuzz_world world;
static struct agent *agent;
static struct sets *sets;
static struct event_base *base;
static int client;

/* ---- the backend ---- */

static void view(void *arg, struct object_view *out)
{
    fuzz_world_view(arg, out);
}

static enum agent_prepare prepare(void *arg, const struct set_stage *stage)
{
    (void)arg;
    (void)stage;
    return PREPARE_DONE;
}

static void commit(void *arg, const struct set_stage *stage)
{
    fuzz_world_commit(arg, stage);
}

static void refused(void *arg, const struct set_item *culprit, enum set_error error,
                    const struct database *staged)
{
    fuzz_world_refused(arg, culprit, error, staged);
}

static void add_community(struct snmp_config *config, const char *name, enum snmp_role role)
{
    struct snmp_community *c = &config->community[config->community_count++];
    snprintf(c->community, sizeof c->community, "%s", name);
    snprintf(c->from, sizeof c->from, "127.0.0.0/8");
    c->role = role;
    c->v1 = true;
}

static void stop(void)
{
    agent_free(agent);
    sets_free(sets);
    host_loop_free(base);
}

static void start(void)
{
    static struct snmp_config config = {.present = true, .listen_count = 1, .user_count = 1};
    static const struct agent_backend backend = {
        .arg = &world, .view = view, .prepare = prepare, .commit = commit, .refused = refused};
    struct agent_engine engine = {.boots = 1};
    char message[200], address[SNMP_ADDRESS_TEXT];
    snprintf(config.listen[0], sizeof config.listen[0], "udp:127.0.0.1:0");
    config.user[0] =
        (struct snmp_user){"center", ROLE_ENGINEER, "SHA-256", "AES-128", "authentic-1", "private-123"};
    add_community(&config, "r", ROLE_MONITOR);
    add_community(&config, "w", ROLE_ENGINEER);
    add_community(&config, "a", ROLE_ADMIN);
    agent_engine_id(&engine, (const uint8_t *)"agent-fuzz-1");
    base = host_loop_new();
    sets = sets_new(&backend, false);
    FUZZ_REQUIRE(sets != NULL);
    FUZZ_REQUIRE(agent_start(&agent, &config, &engine, sets, base, message, sizeof message) == AGENT_OK);
    agent_address(agent, 0, address, sizeof address);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    to.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
    client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    FUZZ_REQUIRE(connect(client, (const struct sockaddr *)&to, sizeof to) == 0);
    atexit(stop);
}

/* ---- the messages ---- */

static void put_varbinds(struct fuzz_input *in, struct ber *b)
{
    static uint8_t room[FUZZ_VALUE_ROOM];
    for (uint32_t count = fuzz_below(in, ITEMS_MAX + 1); count > 0; count--) {
        struct object_id id;
        struct object_instance at;
        struct value value;
        fuzz_id(in, &id);
        const struct object *object = object_find(&id, &at) == OBJECT_OK ? at.object : NULL;
        fuzz_value(in, object, &value, room);
        ber_put_varbind(b, &id, fuzz_below(in, 16) == 0 ? NULL : &value);
    }
}

/* A few octets of it become others, or its end is lost. */
static size_t damage(struct fuzz_input *in, struct ber *b)
{
    size_t length = ber_length(b);
    for (uint32_t count = fuzz_below(in, 4); count > 0 && length > 0; count--) {
        uint32_t at = fuzz_number(in, 2) % (uint32_t)length;
        if (fuzz_below(in, 8) == 0)
            length = at;
        else
            b->octet[b->at + at] = (uint8_t)fuzz_number(in, 1);
    }
    return length;
}

/* Builds a datagram. Returns where it begins. */
static const uint8_t *build(struct fuzz_input *in, struct ber *b, size_t *length)
{
    static const char *const communities[] = {"r", "w", "a", "?"};
    static const uint8_t pdus[] = {0xa0, 0xa1, 0xa3, 0xa5, 0xa3, 0xa2, 0xa6, 0xa8};
    uint32_t how = fuzz_number(in, 1);
    ber_begin(b);
    if (how & 0x80) { /* nothing but the input */
        *length = fuzz_octets(in, b->octet, fuzz_number(in, 2) % BER_ROOM);
        return b->octet;
    }
    put_varbinds(in, b);
    const struct ber_message message = {.version = how & 1,
                                        .community = communities[how >> 1 & 3],
                                        .pdu = pdus[how >> 3 & 7],
                                        .request = 1 + (int64_t)fuzz_number(in, 1),
                                        .error = (int32_t)fuzz_number(in, 1),
                                        .index = (int32_t)fuzz_number(in, how & 0x40 ? 4 : 1)};
    ber_finish(b, &message);
    *length = how & 0x40 ? damage(in, b) : ber_length(b);
    return b->octet + b->at;
}

/* One datagram goes in, at most one comes out. Returns whether somebody who may write could have sent it. */
static bool exchange(struct fuzz_input *in)
{
    static struct ber b;
    static uint8_t answer[ANSWER_MAX];
    size_t length;
    const uint8_t *at = build(in, &b, &length);
    (void)send(client, at, length, 0);
    host_loop_turn(base);
    int answers = 0;
    while (recv(client, answer, sizeof answer, MSG_DONTWAIT) >= 0)
        answers++;
    FUZZ_REQUIRE(answers <= 1);
    return memchr(at, 'w', length) != NULL || memchr(at, 'a', length) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct database before;
    struct fuzz_input in = {data, size};
    bool may_write = false;
    if (!agent)
        start();
    fuzz_world_init(&world);
    before = world.db;
    for (int n = 0; n < DATAGRAMS_MAX && in.left > 0; n++)
        may_write = exchange(&in) || may_write;
    FUZZ_REQUIRE(fuzz_is_sound(&world.db));
    if (!may_write)
        FUZZ_REQUIRE(memcmp(&before, &world.db, sizeof before) == 0);
    return 0;
}
