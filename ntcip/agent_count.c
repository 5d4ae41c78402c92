#include "agent_count.h"

void count_message(struct snmp_counters *counters)
{
    counters->in_packets++;
    counters->in_parse_errors = snmp_get_statistic(STAT_SNMPINASNPARSEERRS);
    counters->in_bad_versions = snmp_get_statistic(STAT_SNMPINBADVERSIONS);
}

static void count_error_received(struct snmp_counters *counters, long error)
{
    switch (error) {
    case SNMP_ERR_TOOBIG:
        counters->in_too_bigs++;
        break;
    case SNMP_ERR_NOSUCHNAME:
        counters->in_no_such_names++;
        break;
    case SNMP_ERR_BADVALUE:
        counters->in_bad_values++;
        break;
    case SNMP_ERR_READONLY:
        counters->in_read_onlys++;
        break;
    case SNMP_ERR_GENERR:
        counters->in_general_errors++;
        break;
    default:
        break;
    }
}

void count_request(struct snmp_counters *counters, const netsnmp_pdu *pdu)
{
    switch (pdu->command) {
    case SNMP_MSG_GET:
        counters->in_gets++;
        break;
    case SNMP_MSG_GETNEXT:
        counters->in_get_nexts++;
        break;
    case SNMP_MSG_SET:
        counters->in_sets++;
        break;
    case SNMP_MSG_RESPONSE:
        counters->in_responses++;
        count_error_received(counters, pdu->errstat);
        break;
    case SNMP_MSG_TRAP:
    case SNMP_MSG_TRAP2:
        counters->in_traps++;
        break;
    default: /* GETBULK and the rest have no counter of their own */
        break;
    }
}

static uint32_t varbinds(const netsnmp_pdu *pdu)
{
    uint32_t count = 0;
    for (const netsnmp_variable_list *v = pdu->variables; v != NULL; v = v->next_variable) {
        count++;
    }
    return count;
}

void count_reply(struct snmp_counters *counters, int command, const netsnmp_pdu *reply)
{
    counters->out_packets++;
    counters->out_responses++;
    switch (reply->errstat) {
    case SNMP_ERR_NOERROR:
        if (command == SNMP_MSG_SET) {
            counters->in_set_variables += varbinds(reply);
        } else {
            counters->in_read_variables += varbinds(reply);
        }
        break;
    case SNMP_ERR_TOOBIG:
        counters->out_too_bigs++;
        break;
    case SNMP_ERR_NOSUCHNAME:
        counters->out_no_such_names++;
        break;
    case SNMP_ERR_BADVALUE:
        counters->out_bad_values++;
        break;
    case SNMP_ERR_GENERR:
        counters->out_general_errors++;
        break;
    default:
        break;
    }
}
