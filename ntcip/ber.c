#include "ber.h"
#include <stdbool.h>

enum ber_tag {
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_NULL = 0x05,
    TAG_OBJECT_ID = 0x06,
    TAG_IP_ADDRESS = 0x40,
    TAG_COUNTER = 0x41,
    TAG_GAUGE = 0x42,
    TAG_TIMETICKS = 0x43,
    TAG_OPAQUE = 0x44,
};

struct writer {
    uint8_t *out;
    size_t size;
    size_t length;
    bool full;
};

static void put(struct writer *w, uint8_t octet)
{
    if (w->length == w->size)
        w->full = true;
    else
        w->out[w->length++] = octet;
}

/* Lengths up to 65,535, more than any value has. */
static void put_header(struct writer *w, enum ber_tag tag, size_t length)
{
    put(w, (uint8_t)tag);
    if (length >= 0x100) {
        put(w, 0x82);
        put(w, (uint8_t)(length >> 8));
    } else if (length >= 0x80) {
        put(w, 0x81);
    }
    put(w, (uint8_t)length);
}

/* Two's complement in as few octets as hold the number with its sign. */
static void put_number(struct writer *w, enum ber_tag tag, int64_t number)
{
    int octets = 1;
    while (octets < 8 && (number >> (8 * octets - 1)) != 0 && (number >> (8 * octets - 1)) != -1)
        octets++;
    put_header(w, tag, (size_t)octets);
    while (octets-- > 0)
        put(w, (uint8_t)((uint64_t)number >> (8 * octets)));
}

static void put_octets(struct writer *w, enum ber_tag tag, const uint8_t *octet, size_t length)
{
    put_header(w, tag, length);
    for (size_t i = 0; i < length; i++)
        put(w, octet[i]);
}

/* Seven bits an octet, the highest bit on all but the last. */
static int arc_octets(uint32_t arc)
{
    int octets = 1;
    while (arc >>= 7)
        octets++;
    return octets;
}

static void put_arc(struct writer *w, uint32_t arc)
{
    for (int left = arc_octets(arc) - 1; left > 0; left--)
        put(w, (uint8_t)(0x80 | (arc >> (7 * left) & 0x7F)));
    put(w, arc & 0x7F);
}

/* The first two arcs share one number. */
static void put_object_id(struct writer *w, const struct object_id *id)
{
    uint32_t first = (id->length > 0 ? id->arc[0] * 40 : 0) + (id->length > 1 ? id->arc[1] : 0);
    size_t length = (size_t)arc_octets(first);
    for (int i = 2; i < id->length; i++)
        length += (size_t)arc_octets(id->arc[i]);
    put_header(w, TAG_OBJECT_ID, length);
    put_arc(w, first);
    for (int i = 2; i < id->length; i++)
        put_arc(w, id->arc[i]);
}

int ber_encode(const struct value *value, uint8_t *out, size_t size)
{
    struct writer w = {.out = out, .size = size};
    switch (value->type) {
    case VALUE_INTEGER:
        put_number(&w, TAG_INTEGER, value->number);
        break;
    case VALUE_COUNTER:
        put_number(&w, TAG_COUNTER, value->number);
        break;
    case VALUE_GAUGE:
        put_number(&w, TAG_GAUGE, value->number);
        break;
    case VALUE_TIMETICKS:
        put_number(&w, TAG_TIMETICKS, value->number);
        break;
    case VALUE_OCTETS:
        put_octets(&w, TAG_OCTETS, value_octets(value), value->length);
        break;
    case VALUE_IP_ADDRESS:
        put_octets(&w, TAG_IP_ADDRESS, value->octet, 4);
        break;
    case VALUE_OPAQUE:
        put_octets(&w, TAG_OPAQUE, value_octets(value), value->length);
        break;
    case VALUE_OBJECT_ID:
        put_object_id(&w, &value->id);
        break;
    case VALUE_OTHER:
        return -1;
    }
    return w.full ? -1 : (int)w.length;
}

int ber_encode_null(uint8_t *out, size_t size)
{
    struct writer w = {.out = out, .size = size};
    put_header(&w, TAG_NULL, 0);
    return w.full ? -1 : (int)w.length;
}
