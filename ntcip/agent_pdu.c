#include "agent_pdu.h"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <string.h>

bool pdu_is_request(const netsnmp_pdu *pdu)
{
    switch (pdu->command) {
    case SNMP_MSG_GET:
    case SNMP_MSG_GETNEXT:
    case SNMP_MSG_SET:
        return true;
    case SNMP_MSG_GETBULK:
        return pdu->version != SNMP_VERSION_1;
    default:
        return false;
    }
}

static void id_from_name(const oid *name, size_t length, struct object_id *out)
{
    out->length = (uint8_t)(length < OBJECT_ID_MAX ? length : OBJECT_ID_MAX);
    for (size_t ix = 0; ix < out->length; ix++) {
        out->arc[ix] = (uint32_t)name[ix];
    }
}

static size_t name_from_id(const struct object_id *id, oid name[OBJECT_ID_MAX])
{
    for (size_t ix = 0; ix < id->length; ix++) {
        name[ix] = id->arc[ix];
    }
    return id->length;
}

/* More than a value itself holds stays where it is, in the varbind. */
static void put_octets(const netsnmp_variable_list *v, struct value *out)
{
    out->length = (uint16_t)(v->val_len < UINT16_MAX ? v->val_len : UINT16_MAX);
    out->all = v->val.string;
    memcpy(out->octet, v->val.string, out->length < VALUE_OCTETS_MAX ? out->length : VALUE_OCTETS_MAX);
}

static void value_from_varbind(const netsnmp_variable_list *v, struct value *out)
{
    switch (v->type) {
    case ASN_INTEGER:
        out->type = VALUE_INTEGER;
        out->number = *v->val.integer;
        break;
    case ASN_COUNTER:
        out->type = VALUE_COUNTER;
        out->number = (int64_t)(uint32_t)*v->val.integer;
        break;
    case ASN_GAUGE:
        out->type = VALUE_GAUGE;
        out->number = (int64_t)(uint32_t)*v->val.integer;
        break;
    case ASN_TIMETICKS:
        out->type = VALUE_TIMETICKS;
        out->number = (int64_t)(uint32_t)*v->val.integer;
        break;
    case ASN_OPAQUE:
        out->type = VALUE_OPAQUE;
        put_octets(v, out);
        break;
    case ASN_IPADDRESS:
        out->type = v->val_len == 4 ? VALUE_IP_ADDRESS : VALUE_OTHER;
        put_octets(v, out);
        break;
    case ASN_OCTET_STR:
        out->type = VALUE_OCTETS;
        put_octets(v, out);
        break;
    case ASN_OBJECT_ID:
        out->type = VALUE_OBJECT_ID;
        id_from_name(v->val.objid, v->val_len / sizeof(oid), &out->id);
        break;
    default:
        out->type = VALUE_OTHER; /* NULL among them: its val points nowhere */
        break;
    }
}

int pdu_read_items(const netsnmp_pdu *pdu, struct set_item item[], int max)
{
    int count = 0;
    for (const netsnmp_variable_list *v = pdu->variables; v != NULL; v = v->next_variable) {
        if (count == max) {
            return -1;
        }
        id_from_name(v->name, v->name_length, &item[count].id);
        value_from_varbind(v, &item[count].value);
        count++;
    }
    return count;
}

static int put_number(netsnmp_variable_list *v, u_char type, int64_t number)
{
    long n = (long)number;
    return snmp_set_var_typed_value(v, type, &n, sizeof(n));
}

static int put_value(netsnmp_variable_list *v, const struct value *value)
{
    oid name[OBJECT_ID_MAX];
    switch (value->type) {
    case VALUE_INTEGER:
        return put_number(v, ASN_INTEGER, value->number);
    case VALUE_COUNTER:
        return put_number(v, ASN_COUNTER, value->number);
    case VALUE_GAUGE:
        return put_number(v, ASN_GAUGE, value->number);
    case VALUE_TIMETICKS:
        return put_number(v, ASN_TIMETICKS, value->number);
    case VALUE_OCTETS:
        return snmp_set_var_typed_value(v, ASN_OCTET_STR, value_octets(value), value->length);
    case VALUE_OPAQUE:
        return snmp_set_var_typed_value(v, ASN_OPAQUE, value_octets(value), value->length);
    case VALUE_IP_ADDRESS:
        return snmp_set_var_typed_value(v, ASN_IPADDRESS, value->octet, 4);
    case VALUE_OBJECT_ID:
        return snmp_set_var_typed_value(v, ASN_OBJECT_ID, name,
                                        name_from_id(&value->id, name) * sizeof(name[0]));
    case VALUE_OTHER:
        break;
    }
    return -1;
}

/* The library sets values, and an exception is none. */
static int put_exception(netsnmp_variable_list *v, u_char exception)
{
    int result = snmp_set_var_typed_value(v, ASN_NULL, NULL, 0);
    v->type = exception;
    return result;
}

/* A little more than what the varbind takes on the wire. */
static size_t octets_of(const netsnmp_variable_list *v)
{
    enum { HEADERS = 12, NUMBER = 5 };
    size_t octets = HEADERS;
    for (size_t ix = 0; ix < v->name_length; ix++) {
        octets += v->name[ix] < 128 ? 1 : v->name[ix] < 16384 ? 2 : 5;
    }
    if (v->type == ASN_OCTET_STR || v->type == ASN_OPAQUE) {
        return octets + v->val_len;
    }
    return octets + (v->type == ASN_OBJECT_ID ? NUMBER * v->val_len / sizeof(oid) : NUMBER);
}

enum answer { ANSWERED, ANSWER_ABSENT, ANSWER_NO_VALUE, ANSWER_FAILED };

/* Puts the value of exactly this instance into its varbind. */
static enum answer answer_get(netsnmp_variable_list *v, const struct object_view *view)
{
    struct object_id id;
    struct object_instance at;
    struct value value;
    id_from_name(v->name, v->name_length, &id);
    int found = v->name_length > OBJECT_ID_MAX ? OBJECT_UNKNOWN : object_find(&id, &at);
    if (found == OBJECT_OK && object_is_alias(&id, &at) && !view->aliases) {
        found = OBJECT_NO_INSTANCE;
    }
    if (found == OBJECT_OK) {
        found = object_get(&at, view, &value);
    }
    if (found == OBJECT_OK) {
        return put_value(v, &value) == 0 ? ANSWERED : ANSWER_FAILED;
    }
    if (found == OBJECT_FAILED) {
        return ANSWER_NO_VALUE;
    }
    u_char exception = found == OBJECT_UNKNOWN ? SNMP_NOSUCHOBJECT : SNMP_NOSUCHINSTANCE;
    return put_exception(v, exception) == 0 ? ANSWER_ABSENT : ANSWER_FAILED;
}

/* Makes the varbind the one that follows it. At the end it keeps its name. */
static enum answer answer_next(netsnmp_variable_list *v, const struct object_view *view)
{
    struct object_id id;
    struct object_instance at;
    struct value value;
    id_from_name(v->name, v->name_length, &id);
    for (;;) {
        if (object_next(&id, view, &at) != OBJECT_OK) {
            return put_exception(v, SNMP_ENDOFMIBVIEW) == 0 ? ANSWER_ABSENT : ANSWER_FAILED;
        }
        object_instance_id(&at, &id);
        if (object_get(&at, view, &value) == OBJECT_OK) {
            break;
        }
    }
    oid name[OBJECT_ID_MAX];
    size_t length = name_from_id(&id, name);
    return snmp_set_var_objid(v, name, length) == 0 && put_value(v, &value) == 0 ? ANSWERED : ANSWER_FAILED;
}

static int answer_singles(netsnmp_pdu *reply, const struct object_view *view, size_t max_octets)
{
    size_t octets = 0;
    int index = 1;
    for (netsnmp_variable_list *v = reply->variables; v != NULL; v = v->next_variable, index++) {
        enum answer answer = reply->command == SNMP_MSG_GET ? answer_get(v, view) : answer_next(v, view);
        if (answer == ANSWER_FAILED) {
            return -1;
        }
        if (answer == ANSWER_NO_VALUE) {
            reply->errstat = SNMP_ERR_GENERR;
            reply->errindex = index;
            return 0;
        }
        if (answer == ANSWER_ABSENT && reply->version == SNMP_VERSION_1) {
            reply->errstat = SNMP_ERR_NOSUCHNAME;
            reply->errindex = index;
            return 0;
        }
        octets += octets_of(v);
        if (octets > max_octets) { /* at once: the rest could be a thousand blocks of 32 kB */
            reply->errstat = SNMP_ERR_TOOBIG;
            return 0;
        }
    }
    return 0;
}

/* The list under construction of an answer to GETBULK. */
struct bulk {
    const struct object_view *view;
    netsnmp_variable_list *head, *last;
    netsnmp_variable_list **link; /* where the next one goes */
    size_t octets, max_octets;
    int count;
};

/* Appends the successor of a name. A varbind that no longer fits ends the answer (ANSWER_ABSENT with
 * *full set). */
static enum answer bulk_append(struct bulk *bulk, const netsnmp_variable_list *after, bool *full)
{
    netsnmp_variable_list *v =
        snmp_varlist_add_variable(bulk->link, after->name, after->name_length, ASN_NULL, NULL, 0);
    if (v == NULL) {
        return ANSWER_FAILED;
    }
    enum answer answer = answer_next(v, bulk->view);
    bulk->octets += octets_of(v);
    *full = bulk->octets > bulk->max_octets || bulk->count == BULK_VARBINDS_MAX;
    if (*full) {
        snmp_free_var(v);
        *bulk->link = NULL;
        return ANSWER_ABSENT;
    }
    bulk->link = &v->next_variable;
    bulk->last = v;
    bulk->count++;
    return answer;
}

/* Non-repeaters once, then row after row of the repeaters until the repetitions are used up, nothing
 * follows anywhere, or the answer is full (RFC 3416 4.2.3). */
static int bulk_fill(struct bulk *bulk, const netsnmp_variable_list *asked, long non_repeaters,
                     long repetitions)
{
    bool full = false;
    for (; asked != NULL && non_repeaters > 0 && !full; asked = asked->next_variable, non_repeaters--) {
        if (bulk_append(bulk, asked, &full) == ANSWER_FAILED) {
            return -1;
        }
    }
    const netsnmp_variable_list *previous = asked; /* the row before, walked in step with the new one */
    bool more = asked != NULL;
    for (long row = 0; row < repetitions && more && !full; row++) {
        const netsnmp_variable_list *first = NULL;
        more = false;
        for (const netsnmp_variable_list *a = asked; a != NULL && !full; a = a->next_variable) {
            enum answer answer = bulk_append(bulk, previous, &full);
            if (answer == ANSWER_FAILED) {
                return -1;
            }
            more = more || answer == ANSWERED;
            first = first == NULL ? bulk->last : first;
            previous = previous->next_variable;
        }
        previous = first;
    }
    return 0;
}

static int answer_bulk(netsnmp_pdu *reply, const struct object_view *view, size_t max_octets)
{
    struct bulk bulk = {.view = view, .max_octets = max_octets, .link = &bulk.head};
    netsnmp_variable_list *asked = reply->variables;
    int result = bulk_fill(&bulk, asked, reply->non_repeaters, reply->max_repetitions);
    reply->variables = bulk.head;
    reply->errstat = SNMP_ERR_NOERROR;
    reply->errindex = 0;
    if (bulk.head == NULL && bulk.octets > max_octets) {
        reply->errstat = SNMP_ERR_TOOBIG;
    }
    snmp_free_varbind(asked);
    return result;
}

int pdu_answer_read(netsnmp_pdu *reply, const struct object_view *view, size_t max_octets)
{
    int result;
    if (reply->command == SNMP_MSG_GETBULK) {
        result = answer_bulk(reply, view, max_octets);
    } else {
        reply->errstat = SNMP_ERR_NOERROR;
        reply->errindex = 0;
        result = answer_singles(reply, view, max_octets);
    }
    reply->command = SNMP_MSG_RESPONSE;
    return result;
}

/* RFC 3584 4.4. */
static long version_1_error(enum set_error error)
{
    switch (error) {
    case SET_OK:
        return SNMP_ERR_NOERROR;
    case SET_TOO_BIG:
        return SNMP_ERR_TOOBIG;
    case SET_WRONG_TYPE:
    case SET_WRONG_LENGTH:
    case SET_WRONG_VALUE:
    case SET_INCONSISTENT_VALUE:
        return SNMP_ERR_BADVALUE;
    case SET_NO_ACCESS:
    case SET_NO_CREATION:
    case SET_NOT_WRITABLE:
        return SNMP_ERR_NOSUCHNAME;
    case SET_GENERAL:
    case SET_RESOURCE_UNAVAILABLE:
        break;
    }
    return SNMP_ERR_GENERR;
}

void pdu_answer_set(netsnmp_pdu *reply, const struct set_result *result)
{
    reply->command = SNMP_MSG_RESPONSE;
    reply->errstat = reply->version == SNMP_VERSION_1 ? version_1_error(result->error) : (long)result->error;
    reply->errindex = result->error == SET_OK ? 0 : result->index;
}

void pdu_answer_error(netsnmp_pdu *reply, long error, long index)
{
    reply->command = SNMP_MSG_RESPONSE;
    reply->errstat = error;
    reply->errindex = index;
    if (error == SNMP_ERR_TOOBIG && reply->version != SNMP_VERSION_1) { /* RFC 3416 4.2.1: empty then */
        snmp_free_varbind(reply->variables);
        reply->variables = NULL;
    }
}
