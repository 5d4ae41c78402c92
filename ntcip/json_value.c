/* One value of an object as JSON. */
#include "json.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

static bool read_list(const struct document_node *node, const struct object *object, struct value *out)
{
    if (!document_as_array(node))
        return false;
    if (document_count(node) > object->length) {
        document_fault(node, "more than %d numbers", object->length);
        return false;
    }
    bool sound = true;
    out->length = 0;
    struct document_node element = {0};
    while (document_next(node, &element)) {
        int64_t number = 0;
        sound = document_as_int(&element, object->low, object->high, &number) && sound;
        out->octet[out->length++] = (uint8_t)number;
    }
    return sound;
}

/* An enumeration by its name: the number in "use(1), ignore(2)". */
static bool read_name(const struct document_node *node, const struct object *object, struct value *out)
{
    char word[64];
    char range[256];
    if (!document_as_text(node, word, sizeof word))
        return false;
    size_t length = strlen(word);
    for (const char *name = object->names; length > 0 && name; name = strchr(name, ' ')) {
        name += *name == ' ';
        if (strncmp(name, word, length) == 0 && name[length] == '(') {
            out->number = strtol(name + length + 1, NULL, 10);
            return true;
        }
    }
    object_range_text(object, range, sizeof range);
    document_fault(node, "\"%s\" is none of %s", word, range);
    return false;
}

static bool read_number(const struct document_node *node, const struct object *object, struct value *out)
{
    bool is_named = object->syntax == SYNTAX_NAMED; /* told by its names, not by a range */
    if (is_named && document_is_text(node))
        return read_name(node, object, out);
    if (!document_as_int(node, is_named ? INT32_MIN : object->low, is_named ? INT32_MAX : object->high,
                         &out->number))
        return false;
    if (object_fits(object, out) == FIT_OK)
        return true;
    char range[256];
    object_range_text(object, range, sizeof range);
    document_fault(node, "%" PRId64 " is none of %s", out->number, range);
    return false;
}

/* Reads "1.3.6" as an identifier. */
static bool parse_id(const char *text, struct object_id *out)
{
    out->length = 0;
    while (*text >= '0' && *text <= '9' && out->length < OBJECT_ID_MAX) {
        char *end;
        unsigned long long arc = strtoull(text, &end, 10);
        if (arc > UINT32_MAX)
            return false;
        out->arc[out->length++] = (uint32_t)arc;
        if (*end == '\0')
            return true;
        text = end + (*end == '.');
    }
    return false;
}

/* A pointer is written as a name, "timebaseAscActionNumber.5", or as an identifier in dots. */
static bool read_pointer(const struct document_node *node, const struct object *object, struct value *out)
{
    char text[96];
    char range[200];
    struct object_instance at;
    if (!document_as_text(node, text, sizeof text))
        return false;
    bool named = object_parse(text, &at) == OBJECT_OK;
    if (named)
        object_instance_id(&at, &out->id);
    if ((named || parse_id(text, &out->id)) && object_pointer_row(object, out) >= 0)
        return true;
    object_range_text(object, range, sizeof range);
    document_fault(node, "\"%s\" is not %s", text, range);
    return false;
}

/* Any identifier, written like a pointer. */
static bool read_reference(const struct document_node *node, const struct object *object, struct value *out)
{
    char text[160];
    char range[96];
    struct object_instance at;
    if (!document_as_text(node, text, sizeof text))
        return false;
    bool named = object_parse(text, &at) == OBJECT_OK;
    if (named)
        object_instance_id(&at, &out->id);
    if ((named || parse_id(text, &out->id)) && object_fits(object, out) == FIT_OK)
        return true;
    object_range_text(object, range, sizeof range);
    document_fault(node, "\"%s\" is not %s", text, range);
    return false;
}

static bool refuse_length(const struct document_node *node, const struct object *object)
{
    char range[96];
    object_range_text(object, range, sizeof range);
    document_fault(node, "%s takes %s", object->name, range);
    return false;
}

static bool read_text(const struct document_node *node, const struct object *object, struct value *out)
{
    char text[VALUE_OCTETS_MAX];
    if (!document_as_text(node, text, sizeof text))
        return false;
    out->length = (uint16_t)strlen(text);
    memcpy(out->octet, text, out->length);
    return object_fits(object, out) == FIT_OK || refuse_length(node, object);
}

static int hex_digit(char digit)
{
    const char *at = digit ? strchr("0123456789abcdef", digit | 0x20) : NULL;
    return at ? (int)(at - "0123456789abcdef") : -1;
}

/* Octets are written in hex: "0a1f". */
static bool read_octets(const struct document_node *node, const struct object *object, struct value *out)
{
    char text[2 * VALUE_OCTETS_MAX + 1];
    if (!document_as_text(node, text, sizeof text))
        return false;
    size_t digits = strlen(text);
    for (size_t i = 0; i < digits; i++) {
        if (digits % 2 == 1 || hex_digit(text[i]) < 0) {
            document_fault(node, "\"%s\" is no even number of hex digits", text);
            return false;
        }
        int high = i % 2 == 1 ? out->octet[i / 2] << 4 : 0;
        out->octet[i / 2] = (uint8_t)(high | hex_digit(text[i]));
    }
    out->length = (uint16_t)(digits / 2);
    return object_fits(object, out) == FIT_OK || refuse_length(node, object);
}

/* "192.0.2.7" */
static bool read_address(const struct document_node *node, struct value *out)
{
    char text[32];
    struct object_id part;
    if (!document_as_text(node, text, sizeof text))
        return false;
    bool sound = parse_id(text, &part) && part.length == 4;
    for (int i = 0; sound && i < 4; i++) {
        sound = part.arc[i] <= 255;
        out->octet[i] = (uint8_t)part.arc[i];
    }
    out->length = 4;
    if (!sound)
        document_fault(node, "\"%s\" is no IPv4 address", text);
    return sound;
}

static bool read_counter(const struct document_node *node, struct value *out)
{
    return document_as_int(node, 0, UINT32_MAX, &out->number);
}

bool json_read_value(const struct document_node *node, const struct object *object, struct value *out)
{
    if (!object->writable) {
        document_fault(node, "%s is read-only", object->name);
        return false;
    }
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        out->type = VALUE_INTEGER;
        return read_number(node, object, out);
    case SYNTAX_LIST:
        out->type = VALUE_OCTETS;
        return read_list(node, object, out);
    case SYNTAX_POINTER:
        out->type = VALUE_OBJECT_ID;
        return read_pointer(node, object, out);
    case SYNTAX_REFERENCE:
        out->type = VALUE_OBJECT_ID;
        return read_reference(node, object, out);
    case SYNTAX_TEXT:
        out->type = VALUE_OCTETS;
        return read_text(node, object, out);
    case SYNTAX_OCTETS:
        out->type = VALUE_OCTETS;
        return read_octets(node, object, out);
    case SYNTAX_IP_ADDRESS:
        out->type = VALUE_IP_ADDRESS;
        return read_address(node, out);
    case SYNTAX_COUNTER:
        out->type = VALUE_COUNTER;
        return read_counter(node, out);
    case SYNTAX_GAUGE:
        out->type = VALUE_GAUGE;
        return read_counter(node, out);
    case SYNTAX_TIMETICKS:
    case SYNTAX_OPAQUE:
    case SYNTAX_OBJECT_ID: /* no such object can be written */
        break;
    }
    return false;
}

/* ---- printing ---- */

static int print_text(const struct value *value, char *out, size_t size)
{
    size_t length = 0;
    const uint8_t *all = value_octets(value);
    for (int i = 0; i < value->length; i++) {
        uint8_t octet = all[i];
        const char *format = octet < 0x20 ? "\\u%04x" : octet == '"' || octet == '\\' ? "\\%c" : "%c";
        length += (size_t)snprintf(out + length, size - length, format, octet);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
}

static int print_hex(const struct value *value, char *out, size_t size)
{
    const uint8_t *octet = value_octets(value);
    if (2 * (size_t)value->length + 2 > size)
        return -1;
    for (int i = 0; i < value->length; i++)
        snprintf(out + 2 * i, 3, "%02x", octet[i]);
    return 2 * value->length;
}

static int print_numbers(const struct value *value, char *out, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < value->length; i++) {
        length += (size_t)snprintf(out + length, size - length, "%s%d", i > 0 ? ", " : "", value->octet[i]);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
}

static int print_id(const struct object_id *id, char *out, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < id->length; i++) {
        length += (size_t)snprintf(out + length, size - length, "%s%" PRIu32, i > 0 ? "." : "", id->arc[i]);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
}

int json_print_value(const struct object *object, const struct value *value, char *out, size_t size)
{
    if (size < 32)
        return -1;
    const char *around = "\"\"";
    int length = 0;
    out[1] = '\0';
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
        snprintf(out, size, "%" PRId64, value->number);
        return 0;
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
        length = print_hex(value, out + 1, size - 1);
        break;
    case SYNTAX_IP_ADDRESS:
        length = snprintf(out + 1, size - 1, "%d.%d.%d.%d", value->octet[0], value->octet[1], value->octet[2],
                          value->octet[3]);
        break;
    case SYNTAX_TEXT:
        length = print_text(value, out + 1, size - 1);
        break;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        length = print_id(&value->id, out + 1, size - 1);
        break;
    case SYNTAX_LIST:
        around = "[]";
        length = print_numbers(value, out + 1, size - 1);
        break;
    }
    if (length < 0)
        return -1;
    out[0] = around[0];
    out[length + 1] = around[1];
    out[length + 2] = '\0';
    return 0;
}

/* ---- a value by itself ---- */

struct reason {
    char *text;
    size_t size;
};

static void keep_reason(void *arg, int line, const char *key, const char *text)
{
    const struct reason *reason = arg;
    (void)line, (void)key;
    snprintf(reason->text, reason->size, "%s", text);
}

int json_parse_value(const struct object *object, const char *text, struct value *out, char *reason,
                     size_t reason_size)
{
    struct reason kept = {reason, reason_size};
    struct document document;
    struct document_node root;
    if (document_parse(&document, text, strlen(text), keep_reason, &kept) != 0)
        return -1;
    document_root(&document, &root);
    struct value value = {0};
    bool sound = json_read_value(&root, object, &value);
    document_free(&document);
    if (!sound)
        return -1;
    *out = value;
    return 0;
}
