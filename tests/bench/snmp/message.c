#include "message.h"
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int connect_to(const char *address, const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
        connect(s, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        return -1;
    }
    return s;
}

int parse_oid(const char *text, struct octets *out)
{
    uint32_t arc[32];
    size_t count = 0;
    while (count < 32) {
        char *end;
        arc[count++] = (uint32_t)strtoul(text, &end, 10);
        if (end == text || (*end != '.' && *end != '\0')) {
            return -1;
        }
        if (*end == '\0') {
            break;
        }
        text = end + 1;
    }
    if (count < 2) {
        return -1;
    }
    out->length = 0;
    out->octet[out->length++] = (uint8_t)(40 * arc[0] + arc[1]);
    for (size_t ix = 2; ix < count && out->length < OID_OCTETS_MAX - 5; ix++) {
        for (int shift = 28; shift > 0; shift -= 7) {
            if (arc[ix] >> shift) {
                out->octet[out->length++] = (uint8_t)(0x80 | ((arc[ix] >> shift) & 0x7f));
            }
        }
        out->octet[out->length++] = (uint8_t)(arc[ix] & 0x7f);
    }
    return 0;
}

/* Puts a header before what already stands at `*at`, growing towards the front. Lengths stay below 256. */
static void put_header(uint8_t **at, const uint8_t *end, uint8_t tag)
{
    size_t length = (size_t)(end - *at);
    *--*at = (uint8_t)length;
    if (length >= 128) {
        *--*at = 0x81;
    }
    *--*at = tag;
}

static void put_octets(uint8_t **at, const void *data, size_t length)
{
    *at -= length;
    memcpy(*at, data, length);
}

uint8_t *message_request(uint8_t buffer[REQUEST_MAX], const struct request *request)
{
    static const uint8_t null_value[] = {0x05, 0x00};
    static const uint8_t version_2c[] = {0x02, 0x01, 0x01};
    const uint8_t value[] = {0x02, 0x01, request->value};
    /* error-status and error-index, or a GETBULK's non-repeaters and repetitions */
    const uint8_t numbers[] = {0x02, 0x01, 0, 0x02, 0x01, request->repetitions};
    uint32_t n = request->number;
    const uint8_t id[] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    uint8_t *end = buffer + REQUEST_MAX, *at = end;
    if (request->tag == TAG_SET) {
        put_octets(&at, value, sizeof(value));
    } else {
        put_octets(&at, null_value, sizeof(null_value));
    }
    uint8_t *rest = at;
    put_octets(&at, request->oid->octet, request->oid->length);
    put_header(&at, rest, 0x06);
    put_header(&at, end, 0x30);
    put_header(&at, end, 0x30);
    put_octets(&at, numbers, sizeof(numbers));
    rest = at;
    put_octets(&at, id, sizeof(id));
    put_header(&at, rest, 0x02);
    put_header(&at, end, request->tag);
    rest = at;
    put_octets(&at, request->community, strlen(request->community));
    put_header(&at, rest, 0x04);
    put_octets(&at, version_2c, sizeof(version_2c));
    put_header(&at, end, 0x30);
    return at;
}

/* Reads a header of the given tag (0: any); `value` becomes its content and the reader steps behind it,
 * or into it if `value` is NULL. Returns the tag, or -1. */
static int read_part(struct reader *r, int tag, struct reader *value)
{
    if (r->end - r->at < 2 || (tag != 0 && r->at[0] != tag)) {
        return -1;
    }
    int found = r->at[0];
    size_t length = r->at[1];
    r->at += 2;
    if (length >= 0x80) {
        size_t octets = length & 0x7f;
        if (octets > 2 || (size_t)(r->end - r->at) < octets) {
            return -1;
        }
        for (length = 0; octets > 0; octets--) {
            length = length << 8 | *r->at++;
        }
    }
    if ((size_t)(r->end - r->at) < length) {
        return -1;
    }
    if (value != NULL) {
        *value = (struct reader){r->at, r->at + length};
        r->at += length;
    }
    return found;
}

static int read_number(struct reader *r, int64_t *out)
{
    struct reader value;
    if (read_part(r, 0x02, &value) < 0 || value.at == value.end || value.end - value.at > 5) {
        return -1;
    }
    *out = 0;
    for (; value.at < value.end; value.at++) {
        *out = *out << 8 | *value.at;
    }
    return 0;
}

int message_answer(const uint8_t *data, size_t length, struct answer *out)
{
    struct reader r = {data, data + length}, part;
    int64_t version, error_index;
    bool whole = read_part(&r, 0x30, NULL) >= 0 && read_number(&r, &version) == 0 &&
                 read_part(&r, 0x04, &part) >= 0 && read_part(&r, 0xa2, NULL) >= 0 &&
                 read_number(&r, &out->request) == 0 && read_number(&r, &out->error) == 0 &&
                 read_number(&r, &error_index) == 0 && read_part(&r, 0x30, &out->varbinds) >= 0;
    return whole ? 0 : -1;
}

int message_varbind(struct reader *varbinds, struct reader *oid)
{
    struct reader varbind, value;
    if (varbinds->at == varbinds->end) {
        return 0;
    }
    if (read_part(varbinds, 0x30, &varbind) < 0 || read_part(&varbind, 0x06, oid) < 0) {
        return -1;
    }
    return read_part(&varbind, 0, &value);
}
