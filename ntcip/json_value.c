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

bool json_read_value(const struct document_node *node, const struct object *object, struct value *out)
{
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
    case SYNTAX_COUNTER:
    case SYNTAX_TIMETICKS:
    case SYNTAX_TEXT:
    case SYNTAX_OBJECT_ID: /* no such object can be written */
        break;
    }
    document_fault(node, "%s is read-only", object->name);
    return false;
}

/* ---- printing ---- */

static int print_text(const struct value *value, char *out, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < value->length; i++) {
        uint8_t octet = value->octet[i];
        const char *format = octet < 0x20 ? "\\u%04x" : octet == '"' || octet == '\\' ? "\\%c" : "%c";
        length += (size_t)snprintf(out + length, size - length, format, octet);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
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
    case SYNTAX_TIMETICKS:
        snprintf(out, size, "%" PRId64, value->number);
        return 0;
    case SYNTAX_TEXT:
        length = print_text(value, out + 1, size - 1);
        break;
    case SYNTAX_OBJECT_ID:
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
