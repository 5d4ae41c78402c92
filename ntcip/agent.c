#include "agent.h"
#include "agent_gate.h"
#include "agent_library.h"
#include "agent_loop.h"
#include "agent_pdu.h"
#include "agent_transport.h"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

enum {
    SETS_WAITING_MAX = 16, /* behind the one being made durable */
    ANSWER_HEADERS = 256,  /* of a message of version 3 around its varbinds, amply */
};

/* On whose behalf a message is worked on. */
struct caller {
    enum snmp_role role;
    char who[AGENT_WHO_TEXT];
};

/* A SET on its way to its answer. `reply` is a copy of what came, to be sent back. */
struct set_request {
    struct loop_link *link; /* NULL: the stream it came by has gone */
    bool stream;
    netsnmp_pdu *reply;
    struct caller caller;
};

struct agent {
    struct agent_backend backend;
    struct agent_engine engine;
    struct gate gate;
    struct loop *loop;
    struct agent_counters counters;
    bool view_taken; /* since the wake-up: messages that wait together see one state */
    struct object_view view;
    uint8_t user_count;
    struct snmp_user user[SNMP_USERS_MAX]; /* names and roles alone */
    bool structure_at_once;

    /* SETs go one at a time: front is in work if `waiting`, the others came meanwhile. */
    bool waiting;
    size_t set_front, set_count;
    struct set_request set[SETS_WAITING_MAX];
    int item_count;
    struct set_item item[SET_ITEMS_MAX];
    struct set_stage stage;
    struct set_result result;
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- who is there ---- */

static bool judge_message(struct agent *agent, const struct sockaddr *from)
{
    agent->counters.received++;
    if (from == NULL) {
        agent->counters.not_allowed++;
        return false;
    }
    struct gate_address address;
    gate_address_of(from, &address);
    switch (gate_judge(&agent->gate, &address, monotonic_ns())) {
    case GATE_PASS:
        return true;
    case GATE_NOT_ALLOWED:
        agent->counters.not_allowed++;
        break;
    case GATE_OVER_SOURCE:
        agent->counters.over_source++;
        break;
    case GATE_OVER_TOTAL:
        agent->counters.over_total++;
        break;
    }
    return false;
}

static int before_parsing(netsnmp_session *session, netsnmp_transport *transport, void *sender, int length)
{
    (void)transport;
    struct agent *agent = loop_link_arg(session->callback_magic);
    return judge_message(agent, transport_sender(sender, length)) ? 1 : 0;
}

static bool accept_stream(void *arg, const struct sockaddr *from)
{
    struct agent *agent = arg;
    struct gate_address address;
    gate_address_of(from, &address);
    return gate_judge(&agent->gate, &address, monotonic_ns()) == GATE_PASS;
}

/* Names the caller of a version 3 message the library has authenticated. */
static bool find_user(const struct agent *agent, const netsnmp_pdu *pdu, struct caller *out)
{
    for (size_t ix = 0; ix < agent->user_count; ix++) {
        const struct snmp_user *u = &agent->user[ix];
        if (strlen(u->user) == pdu->securityNameLen &&
            memcmp(u->user, pdu->securityName, pdu->securityNameLen) == 0) {
            out->role = u->role;
            snprintf(out->who, sizeof(out->who), "user %s", u->user);
            return true;
        }
    }
    return false;
}

static bool find_community(const struct agent *agent, const netsnmp_pdu *pdu, struct caller *out)
{
    const struct sockaddr *from = transport_sender(pdu->transport_data, pdu->transport_data_length);
    if (from == NULL) {
        return false;
    }
    struct gate_address address;
    gate_address_of(from, &address);
    int ix = gate_find_community(&agent->gate, pdu->version == SNMP_VERSION_1, pdu->community,
                                 pdu->community_len, &address);
    if (ix >= 0) {
        out->role = agent->gate.community[ix].role;
        snprintf(out->who, sizeof(out->who), "community %d", ix + 1);
    }
    return ix >= 0;
}

/* Another context would be another controller behind this one; there is none. */
static bool is_our_context(const struct agent *agent, const netsnmp_pdu *pdu)
{
    return pdu->contextNameLen == 0 && pdu->contextEngineIDLen == agent->engine.id_length &&
           memcmp(pdu->contextEngineID, agent->engine.id, agent->engine.id_length) == 0;
}

/* ---- answers ---- */

/* Takes over `reply`. What the library finds too long after all goes unanswered. */
static void send_reply(struct agent *agent, struct loop_link *link, netsnmp_pdu *reply)
{
    agent->counters.answered += loop_send(link, reply) == 0;
}

static void refuse_user(struct agent *agent, struct loop_link *link, netsnmp_pdu *pdu)
{
    agent->counters.denied++;
    netsnmp_pdu *reply = snmp_clone_pdu(pdu);
    if (reply != NULL) {
        pdu_answer_error(reply, SNMP_ERR_AUTHORIZATIONERROR, 0);
        send_reply(agent, link, reply);
    }
}

static const struct object_view *current_view(struct agent *agent, enum snmp_role role)
{
    if (!agent->view_taken) {
        agent->backend.view(agent->backend.arg, &agent->view);
        agent->view_taken = true;
    }
    agent->view.admin = role == ROLE_ADMIN;
    return &agent->view;
}

static size_t answer_limit(const netsnmp_pdu *pdu)
{
    size_t limit = 65507;
    if (pdu->version == SNMP_VERSION_3 && pdu->msgMaxSize >= ANSWER_OCTETS_MIN &&
        (size_t)pdu->msgMaxSize < limit) {
        limit = (size_t)pdu->msgMaxSize;
    }
    return limit - ANSWER_HEADERS;
}

static void answer_read(struct agent *agent, struct loop_link *link, const struct caller *caller,
                        netsnmp_pdu *pdu)
{
    netsnmp_pdu *reply = snmp_clone_pdu(pdu);
    if (reply == NULL) {
        return;
    }
    if (pdu_answer_read(reply, current_view(agent, caller->role), answer_limit(pdu)) != 0) {
        snmp_free_pdu(reply);
        return;
    }
    if (reply->errstat != SNMP_ERR_NOERROR) { /* goes out with the varbinds as they came */
        long error = reply->errstat, index = reply->errindex;
        snmp_free_pdu(reply);
        reply = snmp_clone_pdu(pdu);
        if (reply == NULL) {
            return;
        }
        pdu_answer_error(reply, error, index);
    }
    send_reply(agent, link, reply);
}

/* ---- SET ---- */

static enum snmp_role role_to_set(enum object_class class)
{
    switch (class) {
    case CLASS_C:
    case CLASS_CB:
        return ROLE_OPERATOR;
    case CLASS_P:
    case CLASS_P2:
        return ROLE_ENGINEER;
    case CLASS_S:
        break; /* nobody sets a status; set_check() has the right words for it */
    }
    return ROLE_OPERATOR;
}

/* Whether this role may SET all of it. What is not there at all, set_stage() will say. */
static bool role_may_set(enum snmp_role role, const struct set_item item[], int count,
                         struct set_result *result)
{
    for (int ix = 0; ix < count; ix++) {
        struct object_instance at;
        enum snmp_role needed = ROLE_OPERATOR;
        if (object_find(&item[ix].id, &at) == OBJECT_OK) {
            needed = role_to_set(at.object->class);
        }
        if (role < needed) {
            *result = (struct set_result){.error = SET_NO_ACCESS, .index = ix + 1};
            snprintf(result->message, sizeof(result->message), "beyond the caller's role");
            return false;
        }
    }
    return true;
}

static const char *version_text(const netsnmp_pdu *pdu)
{
    return pdu->version == SNMP_VERSION_1 ? "v1" : pdu->version == SNMP_VERSION_3 ? "v3" : "v2c";
}

static void source_of(const struct set_request *request, char out[AGENT_SOURCE_TEXT])
{
    const netsnmp_pdu *pdu = request->reply;
    const struct sockaddr *from = transport_sender(pdu->transport_data, pdu->transport_data_length);
    transport_format(request->stream, from, out, AGENT_SOURCE_TEXT);
}

static void write_audit(const struct agent *agent, const struct set_request *request)
{
    if (agent->backend.audit == NULL) {
        return;
    }
    const netsnmp_pdu *pdu = request->reply;
    struct agent_audit record = {.version = version_text(pdu),
                                 .role = request->caller.role,
                                 .item = agent->item,
                                 .count = (size_t)agent->item_count,
                                 .result = &agent->result};
    memcpy(record.who, request->caller.who, sizeof(record.who));
    source_of(request, record.source);
    agent->backend.audit(agent->backend.arg, &record);
}

/* Ends the SET at the front with agent->result. */
static void end_set(struct agent *agent)
{
    struct set_request *request = &agent->set[agent->set_front];
    write_audit(agent, request);
    if (agent->result.error == SET_OK) {
        agent->backend.commit(agent->backend.arg, &agent->stage);
        agent->view_taken = false;
        agent->counters.sets_taken++;
    } else {
        agent->counters.sets_refused++;
        agent->counters.denied += agent->result.error == SET_NO_ACCESS;
    }
    pdu_answer_set(request->reply, &agent->result);
    if (request->link != NULL) {
        send_reply(agent, request->link, request->reply);
    } else {
        snmp_free_pdu(request->reply);
    }
    agent->set_front = (agent->set_front + 1) % SETS_WAITING_MAX;
    agent->set_count--;
}

static void refuse(struct set_result *result, enum set_error error, const char *why)
{
    *result = (struct set_result){.error = error};
    snprintf(result->message, sizeof(result->message), "%s", why);
}

/* Judges the SET at the front and hands it to the backend. Leaves agent->result; true if it waits. */
static bool begin_set(struct agent *agent)
{
    const struct set_request *request = &agent->set[agent->set_front];
    agent->result = (struct set_result){.error = SET_OK};
    int count = pdu_read_items(request->reply, agent->item, SET_ITEMS_MAX);
    agent->item_count = count < 0 ? SET_ITEMS_MAX : count;
    if (count < 0) {
        refuse(&agent->result, SET_TOO_BIG, "too many varbinds");
        return false;
    }
    if (!role_may_set(request->caller.role, agent->item, count, &agent->result)) {
        return false;
    }
    char source[AGENT_SOURCE_TEXT];
    source_of(request, source);
    const struct set_sender sender = {.who = request->caller.who,
                                      .source = source,
                                      .admin = request->caller.role == ROLE_ADMIN,
                                      .structure_at_once = agent->structure_at_once};
    if (set_stage(agent->item, (size_t)count, current_view(agent, request->caller.role), &sender,
                  agent->backend.check, agent->backend.arg, &agent->stage, &agent->result) != SET_OK) {
        return false;
    }
    switch (agent->backend.prepare(agent->backend.arg, &agent->stage)) {
    case PREPARE_DONE:
        break;
    case PREPARE_WAIT:
        return true;
    case PREPARE_REFUSED:
        refuse(&agent->result, SET_RESOURCE_UNAVAILABLE,
               "not now: in start-up, or the commands or the store wait");
        break;
    }
    return false;
}

static void work_on_sets(struct agent *agent)
{
    while (agent->set_count > 0 && !agent->waiting) {
        agent->waiting = begin_set(agent);
        if (!agent->waiting) {
            end_set(agent);
        }
    }
}

void agent_prepared(struct agent *agent, bool durable)
{
    if (!agent->waiting) {
        return;
    }
    agent->waiting = false;
    agent->view_taken = false; /* whoever calls may be anywhere between two wake-ups */
    if (!durable) {
        refuse(&agent->result, SET_RESOURCE_UNAVAILABLE, "could not be made durable");
    }
    end_set(agent);
    work_on_sets(agent);
}

static void take_set(struct agent *agent, struct loop_link *link, netsnmp_pdu *pdu,
                     const struct caller *caller)
{
    if (agent->set_count == SETS_WAITING_MAX) {
        return; /* no answer: the sender will ask again */
    }
    netsnmp_pdu *reply = snmp_clone_pdu(pdu);
    if (reply == NULL) {
        return;
    }
    agent->set[(agent->set_front + agent->set_count) % SETS_WAITING_MAX] = (struct set_request){
        .link = link, .stream = loop_link_is_stream(link), .reply = reply, .caller = *caller};
    agent->set_count++;
    work_on_sets(agent);
}

/* ---- from the library ---- */

static int take_message(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
    (void)session;
    (void)request;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) {
        return 1;
    }
    struct loop_link *link = magic;
    struct agent *agent = loop_link_arg(link);
    if (!pdu_is_request(pdu)) {
        agent->counters.unknown++;
        return 1;
    }
    struct caller caller = {.role = ROLE_MONITOR};
    if (pdu->version == SNMP_VERSION_3) {
        if (!is_our_context(agent, pdu)) {
            agent->counters.unknown++;
            return 1;
        }
        if (pdu->securityLevel != SNMP_SEC_LEVEL_AUTHPRIV || !find_user(agent, pdu, &caller)) {
            refuse_user(agent, link, pdu);
            return 1;
        }
    } else if (!find_community(agent, pdu, &caller)) {
        agent->counters.unknown++;
        return 1;
    }
    if (pdu->command == SNMP_MSG_SET) {
        take_set(agent, link, pdu, &caller);
    } else {
        answer_read(agent, link, &caller, pdu);
    }
    return 1;
}

static void take_new_view(void *arg)
{
    struct agent *agent = arg;
    agent->view_taken = false;
}

static void link_closes(void *arg, struct loop_link *link)
{
    struct agent *agent = arg;
    for (size_t n = 0; n < agent->set_count; n++) {
        struct set_request *request = &agent->set[(agent->set_front + n) % SETS_WAITING_MAX];
        if (request->link == link) {
            request->link = NULL;
        }
    }
}

/* ---- start and end ---- */

void agent_engine_id(struct agent_engine *engine, const uint8_t seed[AGENT_ENGINE_SEED])
{
    /* RFC 3411 5: the enterprise (NEMA, 1206) with the top bit set, then "octets", then ours. */
    static const uint8_t prefix[] = {0x80, 0x00, 0x04, 0xb6, 0x05};
    memcpy(engine->id, prefix, sizeof(prefix));
    memcpy(engine->id + sizeof(prefix), seed, AGENT_ENGINE_SEED);
    engine->id_length = sizeof(prefix) + AGENT_ENGINE_SEED;
}

static int open_all(struct agent *agent, const struct snmp_config *config, struct event_base *base,
                    char *message, size_t size)
{
    size_t bad_ix;
    if (gate_init(&agent->gate, config, &bad_ix) != 0) {
        snprintf(message, size, "community %zu: %s is not a network like 10.1.0.0/16 or fd00::/8", bad_ix + 1,
                 config->community[bad_ix].from);
        return AGENT_BAD_CONFIG;
    }
    int result = library_start(config, &agent->engine, &agent->backend, message, size);
    if (result == AGENT_OK) {
        const struct loop_hooks hooks = {.arg = agent,
                                         .accept = accept_stream,
                                         .wakeup = take_new_view,
                                         .before = before_parsing,
                                         .message = take_message,
                                         .closing = link_closes};
        result = loop_open(&agent->loop, config, base, &hooks, message, size);
    }
    library_keep_quiet();
    if (result != AGENT_OK) {
        library_stop();
    }
    return result;
}

int agent_start(struct agent **out, const struct snmp_config *config, const struct agent_engine *engine,
                const struct agent_backend *backend, struct event_base *base, char *message, size_t size)
{
    struct agent *agent = calloc(1, sizeof(*agent));
    if (agent == NULL) {
        snprintf(message, size, "memory is short");
        return AGENT_NO_MEMORY;
    }
    agent->backend = *backend;
    agent->engine = *engine;
    agent->user_count = config->user_count;
    agent->structure_at_once = config->structure_at_once;
    for (size_t ix = 0; ix < config->user_count; ix++) {
        memcpy(agent->user[ix].user, config->user[ix].user, sizeof(agent->user[ix].user));
        agent->user[ix].role = config->user[ix].role;
    }
    int result = open_all(agent, config, base, message, size);
    if (result != AGENT_OK) {
        free(agent);
        return result;
    }
    *out = agent;
    return AGENT_OK;
}

void agent_free(struct agent *agent)
{
    if (agent == NULL) {
        return;
    }
    loop_close(agent->loop);
    for (; agent->set_count > 0; agent->set_count--) {
        snmp_free_pdu(agent->set[agent->set_front].reply);
        agent->set_front = (agent->set_front + 1) % SETS_WAITING_MAX;
    }
    library_stop();
    free(agent);
}

size_t agent_address_count(const struct agent *agent)
{
    return loop_address_count(agent->loop);
}

void agent_address(const struct agent *agent, size_t ix, char *out, size_t size)
{
    loop_address(agent->loop, ix, out, size);
}

void agent_get_counters(const struct agent *agent, struct agent_counters *out)
{
    *out = agent->counters;
    out->connections_refused = loop_connections_refused(agent->loop);
}

int agent_check_network(const char *text, char *message, size_t size)
{
    struct gate_network network;
    if (gate_parse_network(text, &network) == 0) {
        return 0;
    }
    snprintf(message, size, "not a network like 10.1.0.0/16 or fd00::/8");
    return -1;
}

int agent_check_listen(const char *text, char *message, size_t size)
{
    struct transport_address address;
    return transport_parse(text, &address, message, size);
}
