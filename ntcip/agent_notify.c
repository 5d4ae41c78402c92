#include "agent_notify.h"
#include "agent_socket.h"
#include "agent_transport.h"
#include "object_arcs.h"
#include <arpa/inet.h>
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum { NTCIP_TRAP = 1 }; /* specific trap of version 1, and the last arc under ntcipTraps.0 of the others */

struct notify {
    void *session;
};

static int ignore_message(int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
    (void)operation, (void)session, (void)request, (void)pdu, (void)magic;
    return 1;
}

struct notify *notify_open(void)
{
    char why[128];
    struct socket_address any;
    if (socket_parse("udp:0.0.0.0:0", &any, why, sizeof(why)) != 0) {
        return NULL;
    }
    int fd = socket_open(&any, why, sizeof(why));
    struct notify *notify = fd >= 0 ? calloc(1, sizeof(*notify)) : NULL;
    netsnmp_transport *transport = notify != NULL ? transport_new(fd, false) : NULL;
    if (transport == NULL) {
        free(notify);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    netsnmp_session wish;
    snmp_sess_init(&wish);
    wish.version = SNMP_DEFAULT_VERSION;
    wish.isAuthoritative = SNMP_SESS_AUTHORITATIVE;
    wish.callback = ignore_message;
    notify->session = snmp_sess_add_ex(&wish, transport, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    if (notify->session == NULL) { /* the library has freed the transport */
        free(notify);
        return NULL;
    }
    return notify;
}

void notify_close(struct notify *notify)
{
    if (notify != NULL) {
        snmp_sess_close(notify->session);
        free(notify);
    }
}

/* ---- what a message says ---- */

static const oid sys_up_time[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
static const oid snmp_trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
static const oid standard_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};
static const oid ntcip_traps[] = {TRAPS};
static const oid system_id[] = {TSC};

#define ARCS(name) (sizeof(name) / sizeof((name)[0]))

static long generic_trap(enum trap_kind kind)
{
    switch (kind) {
    case TRAP_COLD_START:
        return SNMP_TRAP_COLDSTART;
    case TRAP_AUTHENTICATION_FAILURE:
        return SNMP_TRAP_AUTHFAIL;
    case TRAP_OF_EVENTS:
        break;
    }
    return SNMP_TRAP_ENTERPRISESPECIFIC;
}

/* RFC 3584 3.2: a generic trap n is standard_traps.(n + 1), one of an enterprise stands behind a zero. */
static bool put_identity(netsnmp_pdu *pdu, enum trap_kind kind, uint32_t uptime_cs)
{
    long uptime = (long)uptime_cs;
    oid which[OBJECT_ID_MAX];
    size_t length = kind == TRAP_OF_EVENTS ? ARCS(ntcip_traps) : ARCS(standard_traps);
    memcpy(which, kind == TRAP_OF_EVENTS ? ntcip_traps : standard_traps, length * sizeof(which[0]));
    if (kind == TRAP_OF_EVENTS) {
        which[length++] = 0;
        which[length++] = NTCIP_TRAP;
    } else {
        which[length++] = (oid)generic_trap(kind) + 1;
    }
    return snmp_pdu_add_variable(pdu, sys_up_time, ARCS(sys_up_time), ASN_TIMETICKS, &uptime,
                                 sizeof(uptime)) != NULL &&
           snmp_pdu_add_variable(pdu, snmp_trap_oid, ARCS(snmp_trap_oid), ASN_OBJECT_ID, which,
                                 length * sizeof(which[0])) != NULL;
}

static bool add_named(netsnmp_pdu *pdu, const char *name, u_char type, const void *value, size_t length)
{
    struct object_instance at;
    struct object_id id;
    oid arcs[OBJECT_ID_MAX];
    if (object_parse(name, &at) != OBJECT_OK) {
        return false;
    }
    object_instance_id(&at, &id);
    for (size_t ix = 0; ix < id.length; ix++) {
        arcs[ix] = id.arc[ix];
    }
    return snmp_pdu_add_variable(pdu, arcs, id.length, type, value, length) != NULL;
}

/* What the manager has to SET to acknowledge names itself: its row and the number. */
static bool put_events(netsnmp_pdu *pdu, const struct trap_message *message)
{
    char name[32];
    long sequence = message->sequence;
    snprintf(name, sizeof(name), "trapMgmtSeqNum.%d", message->manager_no);
    return add_named(pdu, name, ASN_INTEGER, &sequence, sizeof(sequence)) &&
           add_named(pdu, "trapData.0", ASN_OCTET_STR, message->data, message->length);
}

static netsnmp_pdu *new_version_1(const struct trap_message *message, uint32_t uptime_cs)
{
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_TRAP);
    if (pdu == NULL) {
        return NULL;
    }
    bool ours = message->kind == TRAP_OF_EVENTS;
    pdu->trap_type = generic_trap(message->kind);
    pdu->specific_type = ours ? NTCIP_TRAP : 0;
    pdu->time = uptime_cs;
    pdu->enterprise_length = ours ? ARCS(ntcip_traps) : ARCS(system_id);
    pdu->enterprise = snmp_duplicate_objid(ours ? ntcip_traps : system_id, pdu->enterprise_length);
    if (pdu->enterprise == NULL || (ours && !put_events(pdu, message))) {
        snmp_free_pdu(pdu);
        return NULL;
    }
    return pdu;
}

static netsnmp_pdu *new_version_2(const struct trap_message *message, uint32_t uptime_cs)
{
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_TRAP2);
    if (pdu != NULL && (!put_identity(pdu, message->kind, uptime_cs) ||
                        (message->kind == TRAP_OF_EVENTS && !put_events(pdu, message)))) {
        snmp_free_pdu(pdu);
        pdu = NULL;
    }
    return pdu;
}

/* ---- on whose behalf ---- */

static bool sign_by_name(netsnmp_pdu *pdu, const struct community_name *name)
{
    pdu->community = netsnmp_memdup(name->octet, name->length);
    pdu->community_len = name->length;
    return pdu->community != NULL;
}

/* A trap's sender is the authority on it: keys and clock are those of our own engine. */
static bool sign_by_user(netsnmp_pdu *pdu, const struct agent_engine *engine, const struct snmp_user *user)
{
    pdu->securityModel = SNMP_SEC_MODEL_USM;
    pdu->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
    pdu->securityName = strdup(user->user);
    pdu->securityNameLen = strlen(user->user);
    pdu->securityEngineID = netsnmp_memdup(engine->id, engine->id_length);
    pdu->securityEngineIDLen = engine->id_length;
    pdu->contextEngineID = netsnmp_memdup(engine->id, engine->id_length);
    pdu->contextEngineIDLen = engine->id_length;
    pdu->contextName = strdup("");
    return pdu->securityName != NULL && pdu->securityEngineID != NULL && pdu->contextEngineID != NULL &&
           pdu->contextName != NULL;
}

static bool address_to(netsnmp_pdu *pdu, const struct trap_route *route)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(route->port)};
    memcpy(&to.sin_addr, route->address, sizeof(route->address));
    return transport_address_to((const struct sockaddr *)&to, sizeof(to), &pdu->transport_data,
                                &pdu->transport_data_length) == 0;
}

static int closing_flag(enum trap_protocol protocol)
{
    switch (protocol) {
    case TRAP_SNMP_V1:
        return NETSNMP_DS_LIB_DISABLE_V1;
    case TRAP_SNMP_V2C:
        return NETSNMP_DS_LIB_DISABLE_V2c;
    case TRAP_SNMP_V3:
        break;
    }
    return NETSNMP_DS_LIB_DISABLE_V3;
}

/* Takes over `pdu`. The library has one switch for what may come in and what may go out in a version; those
 * of the config are about coming in. */
static enum trap_error send_pdu(struct notify *notify, netsnmp_pdu *pdu, enum trap_protocol protocol)
{
    int flag = closing_flag(protocol);
    int closed = netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, flag);
    netsnmp_session *session = snmp_sess_session(notify->session);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, flag, false);
    int request = snmp_sess_send(notify->session, pdu);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, flag, closed);
    if (request != 0) {
        return TRAP_OK; /* the library has freed it */
    }
    snmp_free_pdu(pdu);
    return session->s_snmp_errno == SNMPERR_SUCCESS ? TRAP_OK : TRAP_NOT_SENT;
}

enum trap_error notify_send(struct notify *notify, const struct trap_message *message,
                            const struct trap_route *route, const struct agent_engine *engine,
                            const struct snmp_user *user, uint32_t uptime_cs)
{
    if (route->protocol == TRAP_SNMP_V3 && user == NULL) {
        return TRAP_NO_CREDENTIALS;
    }
    netsnmp_pdu *pdu = route->protocol == TRAP_SNMP_V1 ? new_version_1(message, uptime_cs)
                                                       : new_version_2(message, uptime_cs);
    if (pdu == NULL) {
        return TRAP_NOT_SENT;
    }
    bool whole = address_to(pdu, route);
    switch (route->protocol) {
    case TRAP_SNMP_V1:
        pdu->version = SNMP_VERSION_1;
        whole = whole && sign_by_name(pdu, &route->community);
        break;
    case TRAP_SNMP_V2C:
        pdu->version = SNMP_VERSION_2c;
        whole = whole && sign_by_name(pdu, &route->community);
        break;
    case TRAP_SNMP_V3:
        pdu->version = SNMP_VERSION_3;
        whole = whole && sign_by_user(pdu, engine, user);
        break;
    }
    if (!whole) {
        snmp_free_pdu(pdu);
        return TRAP_NOT_SENT;
    }
    return send_pdu(notify, pdu, route->protocol);
}
