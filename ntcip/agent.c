#include "agent.h"
#include "agent_clock.h"
#include "agent_count.h"
#include "agent_gate.h"
#include "agent_library.h"
#include "agent_loop.h"
#include "agent_notify.h"
#include "agent_pdu.h"
#include "agent_socket.h"
#include "agent_transport.h"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <string.h>
#include <syslog.h>

enum { ANSWER_HEADERS = 256 }; /* of a message of version 3 around its varbinds, amply */

/* On whose behalf a message is worked on. */
struct caller {
    enum snmp_role role;
    bool aliases;
    char who[AGENT_WHO_TEXT];
};

/* A SET on its way to its answer. `reply` is a copy of what came, to be sent back; NULL: this one is free. */
struct set_request {
    struct agent *agent;
    struct loop_link *link; /* NULL: the stream it came by has gone */
    netsnmp_pdu *reply;
};

struct agent {
    struct sets *sets;
    struct agent_engine engine;
    struct gate gate;
    struct loop *loop;
    struct notify *notify;
    struct agent_counters counters;
    struct snmp_counters snmp;
    enum snmp_aliases aliases;
    uint8_t user_count;
    struct snmp_user user[SNMP_USERS_MAX]; /* names and roles alone */
    struct set_request set[SETS_WAITING_MAX];
};

/* ---- who is there ---- */

static bool judge_message(struct agent *agent, const struct sockaddr *from)
{
    agent->counters.received++;
    count_message(&agent->snmp);
    if (from == NULL) {
        agent->counters.not_allowed++;
        return false;
    }
    struct gate_address address;
    gate_address_of(from, &address);
    switch (gate_judge(&agent->gate, &address, agent_now_ns())) {
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
    return gate_judge(&agent->gate, &address, agent_now_ns()) == GATE_PASS;
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

/* A community of the config, else a stored one; those are looked up anew each time, so that a change counts
 * for the very next message. */
static bool find_community(struct agent *agent, const netsnmp_pdu *pdu, struct caller *out)
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
        return true;
    }
    if (agent->gate.name_network_count == 0) {
        return false;
    }
    const struct notify_rows *stored = &sets_view(agent->sets, ROLE_MONITOR, false)->db->device.notify;
    int name_no = gate_find_name(&agent->gate, stored, pdu->community, pdu->community_len, &address);
    if (name_no < 0) {
        return false;
    }
    out->role = gate_name_role(stored, name_no);
    if (name_no == 0) {
        snprintf(out->who, sizeof(out->who), "administrator community");
    } else {
        snprintf(out->who, sizeof(out->who), "community name %d", name_no);
    }
    return true;
}

/* Another context would be another controller behind this one; there is none. */
static bool is_our_context(const struct agent *agent, const netsnmp_pdu *pdu)
{
    return pdu->contextNameLen == 0 && pdu->contextEngineIDLen == agent->engine.id_length &&
           memcmp(pdu->contextEngineID, agent->engine.id, agent->engine.id_length) == 0;
}

/* ---- answers ---- */

/* Takes over `reply` to `command`. What the library finds too long after all goes unanswered. */
static void send_reply(struct agent *agent, struct loop_link *link, int command, netsnmp_pdu *reply)
{
    count_reply(&agent->snmp, command, reply);
    if (loop_send(link, reply) == 0) {
        agent->counters.answered++;
    } else {
        agent->snmp.silent_drops++;
    }
}

static void refuse_user(struct agent *agent, struct loop_link *link, netsnmp_pdu *pdu)
{
    agent->counters.denied++;
    netsnmp_pdu *reply = snmp_clone_pdu(pdu);
    if (reply != NULL) {
        pdu_answer_error(reply, SNMP_ERR_AUTHORIZATIONERROR, 0);
        send_reply(agent, link, pdu->command, reply);
    }
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
    if (pdu_answer_read(reply, sets_view(agent->sets, caller->role, caller->aliases), answer_limit(pdu)) !=
        0) {
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
    send_reply(agent, link, pdu->command, reply);
}

/* ---- SET ---- */

static const char *version_text(const netsnmp_pdu *pdu)
{
    return pdu->version == SNMP_VERSION_1 ? "v1" : pdu->version == SNMP_VERSION_3 ? "v3" : "v2c";
}

static int read_items(void *arg, struct set_item item[], int max)
{
    const struct set_request *request = arg;
    return pdu_read_items(request->reply, item, max);
}

static void answer_set(void *arg, const struct set_result *result)
{
    struct set_request *request = arg;
    netsnmp_pdu *reply = request->reply;
    struct agent_counters *counters = &request->agent->counters;
    request->reply = NULL;
    counters->sets_taken += result->error == SET_OK;
    counters->sets_refused += result->error != SET_OK;
    counters->denied += result->error == SET_NO_ACCESS;
    request->agent->snmp.in_bad_uses += result->error == SET_NO_ACCESS;
    pdu_answer_set(reply, result);
    if (request->link != NULL) {
        send_reply(request->agent, request->link, SNMP_MSG_SET, reply);
    } else {
        snmp_free_pdu(reply);
    }
}

static struct set_request *free_request(struct agent *agent)
{
    for (size_t ix = 0; ix < SETS_WAITING_MAX; ix++) {
        if (agent->set[ix].reply == NULL) {
            return &agent->set[ix];
        }
    }
    return NULL;
}

static void take_set(struct agent *agent, struct loop_link *link, netsnmp_pdu *pdu,
                     const struct caller *caller)
{
    struct set_request *request = free_request(agent);
    netsnmp_pdu *reply = request != NULL ? snmp_clone_pdu(pdu) : NULL;
    if (reply == NULL) {
        return; /* no answer: the sender will ask again */
    }
    *request = (struct set_request){.agent = agent, .link = link, .reply = reply};
    struct sets_request set = {.role = caller->role,
                               .aliases = caller->aliases,
                               .version = version_text(pdu),
                               .arg = request,
                               .items = read_items,
                               .answer = answer_set};
    memcpy(set.who, caller->who, sizeof(set.who));
    const struct sockaddr *from = transport_sender(pdu->transport_data, pdu->transport_data_length);
    socket_format(loop_link_is_stream(link), from, set.source, sizeof(set.source));
    if (!sets_add(agent->sets, &set)) {
        request->reply = NULL;
        snmp_free_pdu(reply);
    }
}

/* ---- from the library ---- */

static bool takes_aliases(const struct agent *agent, const netsnmp_pdu *pdu)
{
    return agent->aliases == ALIASES_ALL || (agent->aliases == ALIASES_V1 && pdu->version == SNMP_VERSION_1);
}

static int take_message(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
    (void)session;
    (void)request;
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) {
        return 1;
    }
    struct loop_link *link = magic;
    struct agent *agent = loop_link_arg(link);
    count_request(&agent->snmp, pdu);
    if (!pdu_is_request(pdu)) {
        agent->counters.unknown++;
        return 1;
    }
    struct caller caller = {.role = ROLE_MONITOR, .aliases = takes_aliases(agent, pdu)};
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
        agent->snmp.in_bad_communities++;
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
    sets_look_anew(agent->sets);
}

static void link_closes(void *arg, struct loop_link *link)
{
    struct agent *agent = arg;
    for (size_t ix = 0; ix < SETS_WAITING_MAX; ix++) {
        if (agent->set[ix].link == link) {
            agent->set[ix].link = NULL;
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
    const char *bad;
    if (gate_init(&agent->gate, config, &bad) != 0) {
        snprintf(message, size, "community: %s is not a network like 10.1.0.0/16 or fd00::/8", bad);
        return AGENT_BAD_CONFIG;
    }
    int result = library_start(config, &agent->engine, agent->sets, message, size);
    if (result == AGENT_OK) {
        const struct loop_hooks hooks = {.arg = agent,
                                         .accept = accept_stream,
                                         .wakeup = take_new_view,
                                         .before = before_parsing,
                                         .message = take_message,
                                         .closing = link_closes};
        result = loop_open(&agent->loop, config, base, &hooks, message, size);
    }
    if (result == AGENT_OK && (agent->notify = notify_open()) == NULL) {
        snprintf(message, size, "no socket for notifications");
        loop_close(agent->loop);
        result = AGENT_NO_PORT;
    }
    library_keep_quiet();
    if (result != AGENT_OK) {
        library_stop();
    }
    return result;
}

int agent_start(struct agent **out, const struct snmp_config *config, const struct agent_engine *engine,
                struct sets *sets, struct event_base *base, char *message, size_t size)
{
    struct agent *agent = calloc(1, sizeof(*agent));
    if (agent == NULL) {
        snprintf(message, size, "memory is short");
        return AGENT_NO_MEMORY;
    }
    agent->sets = sets;
    sets_count(sets, &agent->snmp);
    agent->engine = *engine;
    agent->aliases = config->aliases;
    agent->user_count = config->user_count;
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
    notify_close(agent->notify);
    sets_count(agent->sets, NULL);
    for (size_t ix = 0; ix < SETS_WAITING_MAX; ix++) {
        snmp_free_pdu(agent->set[ix].reply);
    }
    library_stop();
    free(agent);
}

enum trap_error agent_notify(struct agent *agent, const struct trap_message *message,
                             const struct trap_route *route)
{
    const struct snmp_user *user =
        route->user_no >= 1 && route->user_no <= agent->user_count ? &agent->user[route->user_no - 1] : NULL;
    sets_look_anew(agent->sets); /* whoever calls may be anywhere between two wake-ups */
    enum trap_error error = notify_send(agent->notify, message, route, &agent->engine, user,
                                        sets_view(agent->sets, ROLE_MONITOR, false)->extra->uptime_cs);
    agent->snmp.out_traps += error == TRAP_OK;
    agent->snmp.out_packets += error == TRAP_OK;
    return error;
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
    struct socket_address address;
    return socket_parse(text, &address, message, size);
}
