/* Just enough of SNMP version 2c for the benches: requests with one name, the parts of an answer, and where
 * it all goes to. Written apart from the agent, so that it does not share its mistakes, and much faster than
 * the library's own client, so that the bench measures the agent and not itself. */
#ifndef TESTS_BENCH_SNMP_MESSAGE_H
#define TESTS_BENCH_SNMP_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum { OID_OCTETS_MAX = 128, REQUEST_MAX = 320, TAG_GET = 0xa0, TAG_SET = 0xa3, TAG_GETBULK = 0xa5 };

/* The value of an OBJECT IDENTIFIER as it stands in a message. */
struct octets {
    size_t length;
    uint8_t octet[OID_OCTETS_MAX];
};

/* What is left to read of an answer. */
struct reader {
    const uint8_t *at, *end;
};

struct answer {
    int64_t request, error;
    struct reader varbinds; /* for message_varbind() */
};

int64_t now_us(void); /* monotonic */

/* A UDP socket connected to an IPv4 address, or -1. */
int connect_to(const char *address, const char *port);

/* "1.3.6.1.2.1.1.3.0". Returns 0 or -1. */
int parse_oid(const char *text, struct octets *out);

/* One request for one name. */
struct request {
    uint8_t tag;
    const char *community; /* below 64 octets */
    uint32_t number;
    uint8_t repetitions; /* of a GETBULK */
    uint8_t value;       /* of a SET: an INTEGER below 128 */
    const struct octets *oid;
};

/* Builds a request at the end of `buffer` and returns its beginning. */
uint8_t *message_request(uint8_t buffer[REQUEST_MAX], const struct request *request);

/* Reads an answer up to its varbinds. Returns 0, or -1 if it is none. */
int message_answer(const uint8_t *data, size_t length, struct answer *out);

/* Steps over one varbind: `oid` is the value of its name. Returns the tag of its value (0x80..0x82 are
 * noSuchObject, noSuchInstance, endOfMibView), 0 at the end, -1 if it is broken. */
int message_varbind(struct reader *varbinds, struct reader *oid);

#endif
