/* SNMP messages for fuzzing: built from the end to the beginning, as nothing has to be known in advance then.
 */
#ifndef TESTS_FUZZ_BER_H
#define TESTS_FUZZ_BER_H

#include "../../ntcip/value.h"
#include <stddef.h>

enum { BER_ROOM = 16384 };

struct ber {
    size_t at; /* where the message begins in `octet`; it ends with it */
    uint8_t octet[BER_ROOM];
};

void ber_begin(struct ber *b);

/* Each puts something before what is there. What has no room is left out: the message is a broken one then.
 */
void ber_put_octets(struct ber *b, const uint8_t *octet, size_t count);
void ber_put_header(struct ber *b, uint8_t tag, size_t length);
void ber_put_number(struct ber *b, uint8_t tag, int64_t number);
void ber_put_text(struct ber *b, const char *text);
void ber_put_id(struct ber *b, const struct object_id *id);
void ber_put_value(struct ber *b, const struct value *value);

/* What has been put since there were `end` octets becomes one part. */
void ber_wrap(struct ber *b, uint8_t tag, size_t end);

size_t ber_length(const struct ber *b);

/* A version 1 or 2c message around the varbinds that are there. */
struct ber_message {
    uint8_t version; /* 0 or 1 */
    const char *community;
    uint8_t pdu; /* its tag */
    int64_t request, error, index;
};
void ber_finish(struct ber *b, const struct ber_message *message);

/* One varbind; `value` NULL is a NULL. */
void ber_put_varbind(struct ber *b, const struct object_id *id, const struct value *value);

#endif
