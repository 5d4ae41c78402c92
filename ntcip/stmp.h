/* The Simple Transportation Management Protocol (NTCIP 1103): one octet that says what is wanted of which
 * dynamic object, and the bare values of its members.
 *
 *     bit 7     1
 *     bits 6-4  enum stmp_kind
 *     bits 3-0  number of the dynamic object, 1 to 13
 *
 * A request that cannot be granted is answered by an error: the octet, the error's number, and the
 * dynObjIndex of the member to blame, 0 for none. Pure; nothing here blocks or allocates. */
#ifndef NTCIP_STMP_H
#define NTCIP_STMP_H

#include "dynamic.h"

enum { STMP_OCTETS_MAX = 65507 }; /* of a message: what one UDP datagram takes */

enum stmp_kind {
    STMP_GET,
    STMP_SET,
    STMP_SET_NO_REPLY,
    STMP_GET_NEXT,
    STMP_GET_RESPONSE,
    STMP_SET_RESPONSE,
    STMP_ERROR_RESPONSE,
    STMP_KINDS,
};

/* As in version 1 of SNMP. */
enum stmp_error {
    STMP_OK,
    STMP_TOO_BIG,
    STMP_NO_SUCH_NAME,
    STMP_BAD_VALUE,
    STMP_READ_ONLY,
    STMP_GENERAL,
    STMP_ERRORS,
};

/* stmpStatistics (NTCIP 1103 A.5.4), counted since the start. */
struct stmp_statistics {
    uint32_t in_packets;
    uint32_t out_packets;
    uint32_t in_parse_errors;
    uint32_t in_error[STMP_ERRORS]; /* by the number in error-responses */
    uint32_t out_error[STMP_ERRORS];
    uint32_t in_kind[STMP_KINDS];
    uint32_t out_kind[STMP_KINDS];
};

/* A SET that was understood: its values wait to be staged. `index` is the dynObjIndex of each. */
struct stmp_set {
    uint8_t object_no;
    bool reply;
    uint16_t count;
    uint8_t index[DYNAMIC_MEMBERS_MAX];
    struct set_item item[DYNAMIC_MEMBERS_MAX];
};

enum stmp_verdict {
    STMP_ANSWERED, /* the answer is ready to be sent */
    STMP_STAGE,    /* stage `set`, carry it out, then stmp_answer_set() */
    STMP_DROPPED,  /* no answer is due */
};

/* Handles one whole message. An answer goes to out[0..room-1], its length to *length (0 if there is none);
 * `room` is at least 3. `set` is work space and the result of STMP_STAGE. */
enum stmp_verdict stmp_handle(const uint8_t *in, size_t size, const struct object_view *view,
                              struct stmp_statistics *statistics, struct stmp_set *set, uint8_t *out,
                              size_t room, size_t *length);

/* Writes the answer to a SET that ended with `result`. Returns its length, 0 where no reply is wanted. */
size_t stmp_answer_set(const struct stmp_set *set, const struct set_result *result,
                       struct stmp_statistics *statistics, uint8_t *out, size_t room);

/* Where the first message of a stream ends: its definition tells the length of what follows the first octet.
 * Returns that length, 0 if more has to come, -1 where nobody can tell, as with an undefined object. */
int stmp_measure(const uint8_t *in, size_t size, const struct dynamic_rows *rows);

#endif
