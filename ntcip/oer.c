#include "oer.h"
#include <stdlib.h>
#include <string.h>

struct oer_writer oer_write_to(uint8_t *at, size_t room)
{
    return (struct oer_writer){.at = at, .room = room};
}

struct oer_reader oer_read_from(const uint8_t *at, size_t size)
{
    return (struct oer_reader){.at = at, .left = size};
}

int oer_number_size(int64_t low, int64_t high)
{
    if (low == INT32_MIN && high == INT32_MAX)
        return 0;
    if (low >= 0)
        return high <= UINT8_MAX ? 1 : high <= UINT16_MAX ? 2 : 4;
    if (low >= INT8_MIN && high <= INT8_MAX)
        return -1;
    return low >= INT16_MIN && high <= INT16_MAX ? -2 : -4;
}

/* ---- writing ---- */

void oer_put_octets(struct oer_writer *writer, const uint8_t *octet, size_t count)
{
    if (writer->full || count > writer->room - writer->used) {
        writer->full = true;
        return;
    }
    if (count != 0)
        memcpy(writer->at + writer->used, octet, count);
    writer->used += count;
}

void oer_put_number(struct oer_writer *writer, int64_t number, int octets)
{
    uint8_t octet[8];
    for (int i = 0; i < octets; i++)
        octet[i] = (uint8_t)((uint64_t)number >> 8 * (octets - 1 - i));
    oer_put_octets(writer, octet, (size_t)octets);
}

/* How many octets the number takes, at least one. */
static int octets_of(size_t number)
{
    int octets = 1;
    while (octets < 8 && (uint64_t)number >> 8 * octets)
        octets++;
    return octets;
}

void oer_put_length(struct oer_writer *writer, size_t length)
{
    if (length >= 0x80)
        oer_put_number(writer, 0x80 + octets_of(length), 1);
    oer_put_number(writer, (int64_t)length, octets_of(length));
}

void oer_put_integer(struct oer_writer *writer, int64_t number)
{
    int octets = 1;
    while (octets < 8 && number >> (8 * octets - 1) != 0 && number >> (8 * octets - 1) != -1)
        octets++;
    oer_put_length(writer, (size_t)octets);
    oer_put_number(writer, number, octets);
}

void oer_put_count(struct oer_writer *writer, size_t count)
{
    oer_put_length(writer, (size_t)octets_of(count));
    oer_put_number(writer, (int64_t)count, octets_of(count));
}

/* One part of an identifier, seven bits to the octet, the highest bit set in all but the last. */
static void put_part(struct oer_writer *writer, uint32_t part)
{
    int more = 0;
    while (more < 4 && part >> 7 * (more + 1))
        more++;
    for (; more > 0; more--)
        oer_put_number(writer, 0x80 | (part >> 7 * more & 0x7F), 1);
    oer_put_number(writer, part & 0x7F, 1);
}

void oer_put_object_id(struct oer_writer *writer, const struct object_id *id)
{
    uint8_t body[5 * OBJECT_ID_MAX];
    struct oer_writer inner = oer_write_to(body, sizeof body);
    put_part(&inner, (id->length > 0 ? id->arc[0] * 40 : 0) + (id->length > 1 ? id->arc[1] : 0));
    for (int i = 2; i < id->length; i++)
        put_part(&inner, id->arc[i]);
    oer_put_length(writer, inner.used);
    oer_put_octets(writer, body, inner.used);
}

/* Of octets that are always as many, no length needs to be told. */
static bool of_fixed_size(const struct object *object)
{
    return object->syntax == SYNTAX_OCTETS && object->low == object->high;
}

static void put_sized(struct oer_writer *writer, int64_t number, int size)
{
    if (size == 0)
        oer_put_integer(writer, number);
    else
        oer_put_number(writer, number, abs(size));
}

void oer_put_value(struct oer_writer *writer, const struct object *object, const struct value *value)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
        put_sized(writer, value->number, oer_number_size(object->low, object->high));
        break;
    case SYNTAX_NAMED:
        oer_put_number(writer, value->number, 1);
        break;
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
        oer_put_number(writer, value->number, 4);
        break;
    case SYNTAX_IP_ADDRESS:
        oer_put_octets(writer, value->octet, 4);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
    case SYNTAX_LIST:
        if (!of_fixed_size(object))
            oer_put_length(writer, value->length);
        oer_put_octets(writer, value_octets(value), value->length);
        break;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        oer_put_object_id(writer, &value->id);
        break;
    }
}

/* Of the identifier of the target's last row. */
static size_t pointer_size_max(const struct object *object)
{
    const struct object *target = object_by_name(object->target);
    struct object_instance at = {.object = target, .row = {target->table->rows[0], target->table->rows[1]}};
    uint8_t octet[1 + 5 * OBJECT_ID_MAX];
    struct oer_writer writer = oer_write_to(octet, sizeof octet);
    struct object_id id;
    object_instance_id(&at, &id);
    oer_put_object_id(&writer, &id);
    return writer.used;
}

size_t oer_value_size_max(const struct object *object)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER: {
        int size = oer_number_size(object->low, object->high);
        return size == 0 ? 5 : (size_t)abs(size);
    }
    case SYNTAX_NAMED:
        return 1;
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
    case SYNTAX_IP_ADDRESS:
        return 4;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
        return 3 + (size_t)object->high;
    case SYNTAX_LIST:
        return 3 + (size_t)object->length;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
        return 1 + 5 * OBJECT_ID_MAX;
    case SYNTAX_POINTER:
        return pointer_size_max(object);
    }
    return 0;
}

/* ---- reading ---- */

const uint8_t *oer_get_octets(struct oer_reader *reader, size_t count)
{
    if (reader->broken || count > reader->left) {
        reader->broken = true;
        return NULL;
    }
    const uint8_t *octet = reader->at;
    reader->at += count;
    reader->left -= count;
    return octet;
}

uint64_t oer_get_unsigned(struct oer_reader *reader, int octets)
{
    const uint8_t *octet = oer_get_octets(reader, (size_t)octets);
    uint64_t number = 0;
    for (int i = 0; octet && i < octets; i++)
        number = number << 8 | octet[i];
    return number;
}

int64_t oer_get_signed(struct oer_reader *reader, int octets)
{
    uint64_t number = oer_get_unsigned(reader, octets);
    uint64_t sign = UINT64_C(1) << (8 * octets - 1);
    return (int64_t)((number ^ sign) - sign);
}

/* A number of so many octets as somebody else has counted; more than 8 are refused, and 0 mean nothing. */
static size_t get_counted(struct oer_reader *reader, size_t octets)
{
    if (octets < 1 || octets > 8) {
        reader->broken = true;
        return 0;
    }
    uint64_t number = oer_get_unsigned(reader, (int)octets);
    if (number > SIZE_MAX) {
        reader->broken = true;
        return 0;
    }
    return (size_t)number;
}

size_t oer_get_length(struct oer_reader *reader)
{
    uint64_t first = oer_get_unsigned(reader, 1);
    return first < 0x80 ? (size_t)first : get_counted(reader, (size_t)(first & 0x7F));
}

int64_t oer_get_integer(struct oer_reader *reader)
{
    size_t octets = oer_get_length(reader);
    if (octets < 1 || octets > 8) {
        reader->broken = true;
        return 0;
    }
    return oer_get_signed(reader, (int)octets);
}

size_t oer_get_count(struct oer_reader *reader)
{
    size_t octets = oer_get_length(reader);
    return get_counted(reader, octets);
}

static uint32_t get_part(struct oer_reader *reader)
{
    uint32_t part = 0;
    uint64_t octet;
    do {
        octet = oer_get_unsigned(reader, 1);
        if (part > UINT32_MAX >> 7)
            reader->broken = true;
        part = part << 7 | (uint32_t)(octet & 0x7F);
    } while (octet & 0x80 && !reader->broken);
    return part;
}

void oer_get_object_id(struct oer_reader *reader, struct object_id *id)
{
    size_t size = oer_get_length(reader);
    const uint8_t *body = oer_get_octets(reader, size);
    struct oer_reader inner = oer_read_from(body, body ? size : 0);
    uint32_t first = get_part(&inner);
    uint32_t root = first < 80 ? first / 40 : 2;
    struct object_id taken = {.length = 2, .arc = {root, first - root * 40}};
    while (inner.left > 0 && !inner.broken) {
        uint32_t part = get_part(&inner);
        if (taken.length < OBJECT_ID_MAX)
            taken.arc[taken.length++] = part;
    }
    if (inner.broken)
        reader->broken = true;
    if (!reader->broken)
        *id = taken;
}

static void get_string(struct oer_reader *reader, enum value_type type, size_t length, struct value *value)
{
    if (length > UINT16_MAX)
        reader->broken = true;
    const uint8_t *octet = oer_get_octets(reader, length);
    if (!octet)
        return;
    value->type = type;
    value->length = (uint16_t)length;
    value->all = octet;
    memcpy(value->octet, octet, length < VALUE_OCTETS_MAX ? length : VALUE_OCTETS_MAX);
}

static void get_number(struct oer_reader *reader, enum value_type type, int size, struct value *value)
{
    int64_t number = size == 0  ? oer_get_integer(reader)
                     : size < 0 ? oer_get_signed(reader, -size)
                                : (int64_t)oer_get_unsigned(reader, size);
    if (reader->broken)
        return;
    value->type = type;
    value->number = number;
}

void oer_get_value(struct oer_reader *reader, const struct object *object, struct value *value)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
        get_number(reader, VALUE_INTEGER, oer_number_size(object->low, object->high), value);
        break;
    case SYNTAX_NAMED:
        get_number(reader, VALUE_INTEGER, 1, value);
        break;
    case SYNTAX_COUNTER:
        get_number(reader, VALUE_COUNTER, 4, value);
        break;
    case SYNTAX_GAUGE:
        get_number(reader, VALUE_GAUGE, 4, value);
        break;
    case SYNTAX_TIMETICKS:
        get_number(reader, VALUE_TIMETICKS, 4, value);
        break;
    case SYNTAX_IP_ADDRESS:
        get_string(reader, VALUE_IP_ADDRESS, 4, value);
        break;
    case SYNTAX_OPAQUE:
        get_string(reader, VALUE_OPAQUE, oer_get_length(reader), value);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_LIST:
        get_string(reader, VALUE_OCTETS,
                   of_fixed_size(object) ? (size_t)object->high : oer_get_length(reader), value);
        break;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        value->type = VALUE_OBJECT_ID;
        oer_get_object_id(reader, &value->id);
        break;
    }
}
