/* Counts messages for the snmp group of MIB-II. */
#ifndef NTCIP_AGENT_COUNT_H
#define NTCIP_AGENT_COUNT_H

#include "object.h"
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

/* A message came in: also what the library has found out about those before it that it could not decode. */
void count_message(struct snmp_counters *counters);

/* The library has decoded a PDU, whoever sent it. */
void count_request(struct snmp_counters *counters, const netsnmp_pdu *pdu);

/* `reply` to `command` is about to be sent. */
void count_reply(struct snmp_counters *counters, int command, const netsnmp_pdu *reply);

#endif
