/* What the config file says about SNMP: where the agent listens and who may do what. Plain data,
 * filled by the config loader, read by the agent. */
#ifndef NTCIP_AGENT_CONFIG_H
#define NTCIP_AGENT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LISTEN_MAX = 8,
    SNMP_USERS_MAX = 16,
    SNMP_COMMUNITIES_MAX = 16,
    SNMP_NETWORKS_MAX = 8,
    STMP_NETWORKS_MAX = SNMP_COMMUNITIES_MAX,
    SNMP_ADDRESS_TEXT = 96,
};

/* Each role includes the ones before it: monitor reads status, operator also writes control
 * objects, engineer also the database, admin also users and communities. */
enum snmp_role { ROLE_MONITOR, ROLE_OPERATOR, ROLE_ENGINEER, ROLE_ADMIN };

struct snmp_user {
    char user[33];
    enum snmp_role role;
    char auth[16]; /* SHA-256, SHA-384, SHA-512 */
    char priv[16]; /* AES-128 */
    char auth_pass[65];
    char priv_pass[65];
};

struct snmp_community {
    char community[33];
    char from[64]; /* network in CIDR notation */
    enum snmp_role role;
    bool v1;
};

struct snmp_network {
    char from[64]; /* in CIDR notation */
};

/* Which versions may name some scalars as old clients do: at .1 and bare instead of .0. */
enum snmp_aliases { ALIASES_V1, ALIASES_NONE, ALIASES_ALL };

struct snmp_config {
    bool present;
    uint8_t listen_count;
    char listen[LISTEN_MAX][SNMP_ADDRESS_TEXT]; /* udp:127.0.0.1:1161, udp6:[::1]:1161, tcp:..., tcp6:... */
    uint8_t user_count;
    struct snmp_user user[SNMP_USERS_MAX];
    uint8_t community_count;
    struct snmp_community community[SNMP_COMMUNITIES_MAX];
    uint8_t name_network_count; /* from there the names of communityNameTable open versions 1 and 2c */
    struct snmp_network name_network[SNMP_NETWORKS_MAX];
    uint32_t rate_per_source; /* requests a second; loopback is unlimited unless rate_loopback */
    uint32_t rate_total;
    bool rate_loopback;
    uint32_t transaction_idle_s; /* a database transaction left alone for so long is dropped */
    enum snmp_aliases aliases;
    bool structure_at_once; /* structural parameters are taken outside of transactions too */
};

/* The same about STMP, where nobody has a name: who may come from where, and all with one role. */
struct stmp_config {
    bool present;
    uint8_t listen_count;
    char listen[LISTEN_MAX][SNMP_ADDRESS_TEXT];
    uint8_t from_count;
    char from[STMP_NETWORKS_MAX][64]; /* in CIDR notation */
    enum snmp_role role;
    uint32_t rate_per_source;
    uint32_t rate_total;
    bool rate_loopback;
};

/* Why an agent cannot start. */
enum agent_error {
    AGENT_OK = 0,
    AGENT_BAD_CONFIG = -1, /* an address, network, user or protocol that makes no sense */
    AGENT_NO_PORT = -2,    /* occupied or not permitted */
    AGENT_NO_MEMORY = -3,
};

#endif
