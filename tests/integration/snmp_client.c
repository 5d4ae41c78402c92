#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "snmp_client.h"
#include <stdlib.h>
#include <string.h>

struct client {
    void *session;
};

struct client *client_open(int version, const char *address, const char *community)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    netsnmp_session wanted;
    snmp_sess_init(&wanted);
    char peer[128], name[64];
    snprintf(peer, sizeof peer, "%s", address);
    snprintf(name, sizeof name, "%s", community);
    wanted.version = version == 1 ? SNMP_VERSION_1 : SNMP_VERSION_2c;
    wanted.peername = peer;
    wanted.community = (u_char *)name;
    wanted.community_len = strlen(name);
    wanted.retries = 0;
    wanted.timeout = 5000000;
    client->session = snmp_sess_open(&wanted);
    if (client->session)
        return client;
    free(client);
    return NULL;
}

void client_close(struct client *client)
{
    if (!client)
        return;
    snmp_sess_close(client->session);
    free(client);
}

/* ---- values ---- */

static size_t to_oid(const struct object_id *id, oid out[OBJECT_ID_MAX])
{
    for (int i = 0; i < id->length; i++)
        out[i] = id->arc[i];
    return id->length;
}

static void from_oid(const oid *name, size_t length, struct object_id *out)
{
    out->length = (uint8_t)(length < OBJECT_ID_MAX ? length : OBJECT_ID_MAX);
    for (int i = 0; i < out->length; i++)
        out->arc[i] = (uint32_t)name[i];
}

static void add(netsnmp_pdu *pdu, const struct client_item *item)
{
    static const u_char tag[] = {
        [VALUE_INTEGER] = ASN_INTEGER,  [VALUE_COUNTER] = ASN_COUNTER,
        [VALUE_GAUGE] = ASN_GAUGE,      [VALUE_TIMETICKS] = ASN_TIMETICKS,
        [VALUE_OCTETS] = ASN_OCTET_STR, [VALUE_IP_ADDRESS] = ASN_IPADDRESS,
        [VALUE_OPAQUE] = ASN_OPAQUE,    [VALUE_OBJECT_ID] = ASN_OBJECT_ID,
        [VALUE_OTHER] = ASN_NULL,
    };
    const struct value *value = &item->value;
    oid name[OBJECT_ID_MAX], target[OBJECT_ID_MAX];
    size_t length = to_oid(&item->id, name);
    switch (value->type) {
    case VALUE_INTEGER:
    case VALUE_COUNTER:
    case VALUE_GAUGE:
    case VALUE_TIMETICKS: {
        long number = (long)(int32_t)value->number; /* the library sends 32 bits */
        snmp_pdu_add_variable(pdu, name, length, tag[value->type], &number, sizeof number);
        break;
    }
    case VALUE_OCTETS:
    case VALUE_IP_ADDRESS:
    case VALUE_OPAQUE:
        snmp_pdu_add_variable(pdu, name, length, tag[value->type], value_octets(value), value->length);
        break;
    case VALUE_OBJECT_ID:
        snmp_pdu_add_variable(pdu, name, length, ASN_OBJECT_ID, target,
                              to_oid(&value->id, target) * sizeof(oid));
        break;
    case VALUE_OTHER:
        snmp_pdu_add_variable(pdu, name, length, ASN_NULL, NULL, 0);
        break;
    }
}

static void read_octets(enum value_type type, const netsnmp_variable_list *v, struct value *out)
{
    out->type = type;
    out->length = (uint16_t)v->val_len;
    memcpy(out->octet, v->val.string, v->val_len < VALUE_OCTETS_MAX ? v->val_len : VALUE_OCTETS_MAX);
}

static void read_value(const netsnmp_variable_list *v, struct client_item *out)
{
    struct value *value = &out->value;
    switch (v->type) {
    case ASN_INTEGER:
        *value = (struct value){.type = VALUE_INTEGER, .number = *v->val.integer};
        break;
    case ASN_COUNTER:
        *value = (struct value){.type = VALUE_COUNTER, .number = (uint32_t)*v->val.integer};
        break;
    case ASN_GAUGE:
        *value = (struct value){.type = VALUE_GAUGE, .number = (uint32_t)*v->val.integer};
        break;
    case ASN_TIMETICKS:
        *value = (struct value){.type = VALUE_TIMETICKS, .number = (uint32_t)*v->val.integer};
        break;
    case ASN_OCTET_STR:
        read_octets(VALUE_OCTETS, v, value);
        break;
    case ASN_IPADDRESS:
        read_octets(VALUE_IP_ADDRESS, v, value);
        break;
    case ASN_OPAQUE:
        read_octets(VALUE_OPAQUE, v, value);
        break;
    case ASN_OBJECT_ID:
        value->type = VALUE_OBJECT_ID;
        from_oid(v->val.objid, v->val_len / sizeof(oid), &value->id);
        break;
    case SNMP_NOSUCHOBJECT:
        out->exception = NO_SUCH_OBJECT;
        break;
    case SNMP_NOSUCHINSTANCE:
        out->exception = NO_SUCH_INSTANCE;
        break;
    case SNMP_ENDOFMIBVIEW:
        out->exception = END_OF_VIEW;
        break;
    default:
        value->type = VALUE_OTHER;
    }
}

/* ---- requests ---- */

int client_ask(struct client *client, enum client_verb verb, const struct client_item *item, size_t count,
               struct client_answer *out)
{
    static const int command[] = {[CLIENT_GET] = SNMP_MSG_GET,
                                  [CLIENT_GETNEXT] = SNMP_MSG_GETNEXT,
                                  [CLIENT_GETBULK] = SNMP_MSG_GETBULK,
                                  [CLIENT_SET] = SNMP_MSG_SET};
    netsnmp_pdu *pdu = snmp_pdu_create(command[verb]), *answer = NULL;
    if (!pdu)
        return -1;
    oid name[OBJECT_ID_MAX];
    for (size_t i = 0; i < count; i++) {
        if (verb == CLIENT_SET)
            add(pdu, &item[i]);
        else
            snmp_add_null_var(pdu, name, to_oid(&item[i].id, name));
    }
    if (verb == CLIENT_GETBULK) {
        pdu->non_repeaters = 0;
        pdu->max_repetitions = (long)(CLIENT_ITEMS_MAX / count);
    }
    if (snmp_sess_synch_response(client->session, pdu, &answer) != STAT_SUCCESS || !answer)
        return -1;
    *out = (struct client_answer){.error = answer->errstat, .index = answer->errindex};
    for (const netsnmp_variable_list *v = answer->variables; v && out->count < CLIENT_ITEMS_MAX;
         v = v->next_variable) {
        struct client_item *to = &out->item[out->count++];
        from_oid(v->name, v->name_length, &to->id);
        read_value(v, to);
    }
    snmp_free_pdu(answer);
    return 0;
}
