/* Between the SNMP library's messages and the object core: values both ways, and the answers to GET,
 * GETNEXT and GETBULK. */
#ifndef NTCIP_AGENT_PDU_H
#define NTCIP_AGENT_PDU_H

#include "set.h"

struct snmp_pdu;

enum {
    BULK_VARBINDS_MAX = 128, /* in one answer to GETBULK, however many were asked for */
    ANSWER_OCTETS_MIN = 484, /* what every SNMP engine must take */
};

/* Whether the agent answers this command in this version of SNMP at all. */
bool pdu_is_request(const struct snmp_pdu *pdu);

/* Turns `reply`, a copy of a GET, GETNEXT or GETBULK, into its answer of about `max_octets` at most.
 * Returns 0, or -1 if memory is short. With an errstat left in it the varbinds have been worked on: the
 * answer is then a fresh copy of what was asked and pdu_answer_error(). */
int pdu_answer_read(struct snmp_pdu *reply, const struct object_view *view, size_t max_octets);

/* Makes `reply`, a copy of what was asked, an answer with this error. */
void pdu_answer_error(struct snmp_pdu *reply, long error, long index);

/* Marks `reply`, a copy of a SET, as answered with this result, in the words of its version. */
void pdu_answer_set(struct snmp_pdu *reply, const struct set_result *result);

/* Copies the varbinds of a SET. Returns their number, or -1 if there are more than `max`. */
int pdu_read_items(const struct snmp_pdu *pdu, struct set_item item[], int max);

#endif
