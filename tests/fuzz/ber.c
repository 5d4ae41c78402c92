#include "ber.h"
#include <string.h>

void ber_begin(struct ber *b)
{
    b->at = BER_ROOM;
}

size_t ber_length(const struct ber *b)
{
    return BER_ROOM - b->at;
}

void ber_put_octets(struct ber *b, const uint8_t *octet, size_t count)
{
    if (count == 0 || count > b->at)
        return;
    b->at -= count;
    memcpy(b->octet + b->at, octet, count);
}

static void put_octet(struct ber *b, uint8_t octet)
{
    ber_put_octets(b, &octet, 1);
}

void ber_put_header(struct ber *b, uint8_t tag, size_t length)
{
    if (length < 0x80) {
        put_octet(b, (uint8_t)length);
    } else {
        uint8_t octets = 0;
        for (size_t rest = length; rest > 0; rest >>= 8, octets++)
            put_octet(b, (uint8_t)rest);
        put_octet(b, 0x80 | octets);
    }
    put_octet(b, tag);
}

void ber_wrap(struct ber *b, uint8_t tag, size_t end)
{
    ber_put_header(b, tag, ber_length(b) - end);
}

void ber_put_number(struct ber *b, uint8_t tag, int64_t number)
{
    size_t end = ber_length(b);
    for (;;) {
        uint8_t octet = (uint8_t)number;
        put_octet(b, octet);
        number >>= 8;
        if ((number == 0 && octet < 0x80) || (number == -1 && octet >= 0x80) || ber_length(b) - end == 8)
            break;
    }
    ber_wrap(b, tag, end);
}

void ber_put_text(struct ber *b, const char *text)
{
    size_t end = ber_length(b);
    ber_put_octets(b, (const uint8_t *)text, strlen(text));
    ber_wrap(b, 0x04, end);
}

static void put_arc(struct ber *b, uint32_t arc)
{
    put_octet(b, arc & 0x7f);
    while ((arc >>= 7) > 0)
        put_octet(b, 0x80 | (arc & 0x7f));
}

void ber_put_id(struct ber *b, const struct object_id *id)
{
    size_t end = ber_length(b);
    for (int ix = id->length - 1; ix >= 2; ix--)
        put_arc(b, id->arc[ix]);
    put_arc(b, (id->length > 0 ? id->arc[0] : 0) * 40 + (id->length > 1 ? id->arc[1] : 0));
    ber_wrap(b, 0x06, end);
}

void ber_put_value(struct ber *b, const struct value *value)
{
    static const uint8_t tags[] = {
        [VALUE_INTEGER] = 0x02, [VALUE_COUNTER] = 0x41,    [VALUE_GAUGE] = 0x42, [VALUE_TIMETICKS] = 0x43,
        [VALUE_OCTETS] = 0x04,  [VALUE_IP_ADDRESS] = 0x40, [VALUE_OPAQUE] = 0x44};
    size_t end = ber_length(b);
    switch (value->type) {
    case VALUE_INTEGER:
    case VALUE_COUNTER:
    case VALUE_GAUGE:
    case VALUE_TIMETICKS:
        ber_put_number(b, tags[value->type], value->number);
        break;
    case VALUE_OCTETS:
    case VALUE_OPAQUE:
    case VALUE_IP_ADDRESS:
        ber_put_octets(b, value_octets(value), value->length);
        ber_wrap(b, tags[value->type], end);
        break;
    case VALUE_OBJECT_ID:
        ber_put_id(b, &value->id);
        break;
    case VALUE_OTHER:
        ber_put_header(b, 0x05, 0);
        break;
    }
}

void ber_put_varbind(struct ber *b, const struct object_id *id, const struct value *value)
{
    size_t end = ber_length(b);
    if (value)
        ber_put_value(b, value);
    else
        ber_put_header(b, 0x05, 0);
    ber_put_id(b, id);
    ber_wrap(b, 0x30, end);
}

void ber_finish(struct ber *b, const struct ber_message *message)
{
    ber_wrap(b, 0x30, 0);
    ber_put_number(b, 0x02, message->index);
    ber_put_number(b, 0x02, message->error);
    ber_put_number(b, 0x02, message->request);
    ber_wrap(b, message->pdu, 0);
    ber_put_text(b, message->community);
    ber_put_number(b, 0x02, message->version);
    ber_wrap(b, 0x30, 0);
}
