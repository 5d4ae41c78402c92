/* Reading: from an instance and the stores to a value. */
#include "object_arcs.h"
#include "object_read.h"
#include <stdio.h>
#include <string.h>

/* Where nobody keeps transactions. */
static const struct transaction none_open = {.state = TRANSACTION_NORMAL, .verdict = VERDICT_NONE};

/* Where nobody counts messages. */
static const struct snmp_counters none_counted;

static const void *store_of(enum object_store store, const struct object_view *view)
{
    switch (store) {
    case STORE_DATABASE:
        return view->db;
    case STORE_CONTROL:
        return view->control;
    case STORE_STATUS:
        return view->status;
    case STORE_EXTRA:
        return view->extra;
    case STORE_TRANSACTION:
        return view->transaction ? view->transaction : &none_open;
    case STORE_SNMP:
        return view->snmp ? view->snmp : &none_counted;
    case STORE_DEVICE:
    case STORE_BLOCK:
        return view->device;
    case STORE_DEFAULTS:
    case STORE_NONE:
        break;
    }
    return NULL;
}

static int64_t read_unsigned(const char *at, size_t size)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    switch (size) {
    case 1:
        memcpy(&u8, at, 1);
        return u8;
    case 2:
        memcpy(&u16, at, 2);
        return u16;
    default:
        memcpy(&u32, at, 4);
        return u32;
    }
}

/* The only signed fields are 32 bits wide. */
static int64_t read_number(const struct object *object, const char *at)
{
    int64_t number = read_unsigned(at, object->size);
    return object->low < 0 ? (int32_t)number : number;
}

/* The instance in row `row_no` of the pointer's target, or 0.0. */
static void point(const struct object *object, uint16_t row_no, struct object_id *out)
{
    if (row_no == 0) {
        *out = (struct object_id){.length = 2};
        return;
    }
    struct object_instance at = {.object = object_by_name(object->target), .row = {row_no, 0}};
    object_instance_id(&at, out);
}

/* Eight bits of a mask held in 64-bit words. */
static int64_t read_mask(const char *mask, int group_no)
{
    int bit_ix = (group_no - 1) * 8;
    uint64_t word;
    memcpy(&word, mask + bit_ix / 64 * 8, sizeof word);
    return (int64_t)((word >> (bit_ix % 64)) & 0xFF);
}

static int64_t read_bit(const char *mask, size_t size, int row_no)
{
    int bit_ix = row_no - 1;
    uint64_t word;
    if (size < sizeof word)
        word = (uint64_t)read_unsigned(mask, size);
    else
        memcpy(&word, mask + bit_ix / 64 * 8, sizeof word);
    return (int64_t)((word >> (bit_ix % 64)) & 1);
}

static enum value_type type_of(enum object_syntax syntax)
{
    switch (syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        return VALUE_INTEGER;
    case SYNTAX_COUNTER:
        return VALUE_COUNTER;
    case SYNTAX_GAUGE:
        return VALUE_GAUGE;
    case SYNTAX_TIMETICKS:
        return VALUE_TIMETICKS;
    case SYNTAX_IP_ADDRESS:
        return VALUE_IP_ADDRESS;
    case SYNTAX_OPAQUE:
        return VALUE_OPAQUE;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_LIST:
        return VALUE_OCTETS;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        return VALUE_OBJECT_ID;
    }
    return VALUE_OTHER;
}

static void put_text(struct value *out, const char *text)
{
    size_t length = text ? strnlen(text, VALUE_OCTETS_MAX - 1) : 0;
    out->length = (uint16_t)length;
    if (length > 0)
        memcpy(out->octet, text, length);
}

int object_get(const struct object_instance *at, const struct object_view *view, struct value *out)
{
    const struct object *object = at->object;
    if (!object_exists(at, view))
        return OBJECT_NO_INSTANCE;
    const char *store = store_of(object->store, view);
    out->type = type_of(object->syntax);
    if (object->store == STORE_DEFAULTS) {
        out->number = 0;
        return OBJECT_OK;
    }
    if (object->reader)
        return object->reader(view, at, out);
    switch (object->field) {
    case FIELD_FIXED:
        out->number = object->offset;
        break;
    case FIELD_KEY:
        out->number = at->row[object->offset];
        break;
    case FIELD_NUMBER:
        out->number = read_number(object, store + object_field_offset(at));
        if (object->syntax == SYNTAX_POINTER)
            point(object, (uint16_t)out->number, &out->id);
        break;
    case FIELD_MASK:
        out->number = read_mask(store + object->offset, at->row[0]);
        break;
    case FIELD_BIT:
        out->number = read_bit(store + object->offset, object->size, at->row[0]);
        break;
    case FIELD_LIST: {
        const char *list = store + object_field_offset(at);
        out->length = (uint8_t)list[0];
        memcpy(out->octet, list + 1, out->length);
        break;
    }
    case FIELD_OCTETS:
        out->length = object->size;
        memcpy(out->octet, store + object_field_offset(at), object->size);
        break;
    case FIELD_ID: {
        struct packed_id packed;
        memcpy(&packed, store + object_field_offset(at), sizeof packed);
        object_unpack_id(&packed, &out->id);
        break;
    }
    case FIELD_TEXT:
        put_text(out, store + object->offset);
        break;
    case FIELD_READER:
        break;
    }
    return OBJECT_OK;
}

static const char *known(const char *text)
{
    return text ? text : "";
}

int object_read_sys_descr(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)at;
    char text[VALUE_OCTETS_MAX];
    const char *version = known(view->extra->version);
    snprintf(text, sizeof text, "Traffic signal controller, NTCIP 1202 v03%s%s", *version ? ", " : "",
             version);
    put_text(out, text);
    return OBJECT_OK;
}

int object_read_sys_object_id(const struct object_view *view, const struct object_instance *at,
                              struct value *out)
{
    (void)view, (void)at;
    out->id = (struct object_id)OID(TSC);
    return OBJECT_OK;
}

int object_read_sys_contact(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)at;
    put_text(out, view->extra->contact);
    return OBJECT_OK;
}

int object_read_sys_name(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)at;
    put_text(out, view->extra->name);
    return OBJECT_OK;
}

int object_read_sys_location(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    (void)at;
    put_text(out, view->extra->location);
    return OBJECT_OK;
}

int object_read_null_object(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)view, (void)at;
    out->id = (struct object_id){.length = 2}; /* 0.0 */
    return OBJECT_OK;
}

int object_read_module_device_node(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)view, (void)at;
    out->id = (struct object_id)OID(ASC);
    return OBJECT_OK;
}

/* Nobody in particular makes it. */
int object_read_module_make(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)view, (void)at;
    put_text(out, "");
    return OBJECT_OK;
}

int object_read_module_model(const struct object_view *view, const struct object_instance *at,
                             struct value *out)
{
    (void)view, (void)at;
    put_text(out, "tscd");
    return OBJECT_OK;
}

int object_read_module_version(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    (void)at;
    put_text(out, view->extra->version);
    return OBJECT_OK;
}

int object_read_base_standards(const struct object_view *view, const struct object_instance *at,
                               struct value *out)
{
    (void)view, (void)at;
    put_text(out, "NTCIP 1201:2011 v03\r\nNTCIP 1202:2019 v03A");
    return OBJECT_OK;
}

int object_read_global_time(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)at;
    int64_t utc_s = view->extra->utc_s;
    out->number = utc_s < 0 ? 0 : utc_s > INT32_MAX ? INT32_MAX : utc_s;
    return OBJECT_OK;
}
