#include "../ntcip/agent.h"
#include "config_read.h"
#include "utc_text.h"
#include <netdb.h>
#include <stdio.h>
#include <string.h>

enum {
    PASSPHRASE_LEAST = 12,
    RATE_SOURCE_DEFAULT = 200,
    RATE_TOTAL_DEFAULT = 2000,
    RATE_MAX = 1000000,
    TRANSACTION_IDLE_DEFAULT_S = 300,
    TRANSACTION_IDLE_MAX_S = 24 * 3600,
    SECRET_LEAST = 16,
};

int config_parse_address(struct address *address, const char *text, int transports, char *why, size_t size)
{
    struct address found;
    if (address_parse(&found, text) < 0) {
        snprintf(why, size,
                 "\"%s\" is not an address such as %s: a numeric host and a port from 0 to 65535 are needed",
                 text, transports & CONFIG_UDP ? "udp:127.0.0.1:7071" : "tcp:127.0.0.1:7070");
        return -1;
    }
    if (!(transports & (found.stream ? CONFIG_TCP : CONFIG_UDP))) {
        snprintf(why, size, "\"%s\" is %s, and only %s is possible here", text, found.stream ? "TCP" : "UDP",
                 found.stream ? "UDP" : "TCP");
        return -1;
    }
    *address = found;
    return 0;
}

void config_address_host(const struct address *address, char *host, size_t size)
{
    if (getnameinfo((const struct sockaddr *)&address->socket, address->length, host, (socklen_t)size, NULL,
                    0, NI_NUMERICHOST) != 0)
        host[0] = '\0';
}

bool config_read_address(const struct document_node *object, const char *key, enum document_need need,
                         int transports, struct address *out, char *text)
{
    char found[ADDRESS_TEXT], why[2 * ADDRESS_TEXT];
    if (!document_text(object, key, need, found, sizeof found))
        return false;
    if (config_parse_address(out, found, transports, why, sizeof why) < 0) {
        document_fault_key(object, key, "%s", why);
        return false;
    }
    if (text)
        snprintf(text, ADDRESS_TEXT, "%s", found);
    return true;
}

/* An element of an array of addresses, as config_read_address(). */
static bool as_address(const struct document_node *element, int transports, struct address *out, char *text)
{
    char found[ADDRESS_TEXT], why[2 * ADDRESS_TEXT];
    if (!document_as_text(element, found, sizeof found))
        return false;
    if (config_parse_address(out, found, transports, why, sizeof why) < 0) {
        document_fault(element, "%s", why);
        return false;
    }
    snprintf(text, ADDRESS_TEXT, "%s", found);
    return true;
}

/* Whether an array has room for no more than `max`; reports it. */
static bool fits(const struct document_node *list, int max)
{
    if (document_count(list) <= max)
        return true;
    document_fault(list, "%d entries, at most %d are possible", document_count(list), max);
    return false;
}

/* ---- snmp ---- */

static const char *const role_words[] = {"monitor", "operator", "engineer", "admin"};

static void read_role(const struct document_node *node, enum snmp_role *role)
{
    int index = ROLE_MONITOR;
    document_word(node, "role", REQUIRED, role_words, sizeof role_words / sizeof *role_words, &index);
    *role = (enum snmp_role)index;
}

static void read_passphrase(const struct document_node *node, const char *key, char *out, size_t size)
{
    if (document_text(node, key, REQUIRED, out, size) && strlen(out) < PASSPHRASE_LEAST)
        document_fault_key(node, key, "%d characters, at least %d are needed", (int)strlen(out),
                           PASSPHRASE_LEAST);
}

static void read_user(const struct document_node *node, struct snmp_config *snmp)
{
    static const char *const auth_words[] = {"SHA-256", "SHA-384", "SHA-512"};
    static const char *const priv_words[] = {"AES-128"};
    struct snmp_user *user = &snmp->user[snmp->user_count];
    int auth = 0, priv = 0;
    if (document_text(node, "user", REQUIRED, user->user, sizeof user->user)) {
        if (user->user[0] == '\0')
            document_fault_key(node, "user", "empty");
        for (int i = 0; i < snmp->user_count; i++) {
            if (strcmp(snmp->user[i].user, user->user) == 0)
                document_fault_key(node, "user", "user \"%s\" stands there twice", user->user);
        }
    }
    read_role(node, &user->role);
    document_word(node, "auth", REQUIRED, auth_words, 3, &auth);
    document_word(node, "priv", REQUIRED, priv_words, 1, &priv);
    snprintf(user->auth, sizeof user->auth, "%s", auth_words[auth]);
    snprintf(user->priv, sizeof user->priv, "%s", priv_words[priv]);
    read_passphrase(node, "auth_pass", user->auth_pass, sizeof user->auth_pass);
    read_passphrase(node, "priv_pass", user->priv_pass, sizeof user->priv_pass);
    snmp->user_count++;
    document_finish(node);
}

static void read_community(const struct document_node *node, struct snmp_config *snmp)
{
    struct snmp_community *community = &snmp->community[snmp->community_count];
    char why[160];
    if (document_text(node, "community", REQUIRED, community->community, sizeof community->community) &&
        community->community[0] == '\0')
        document_fault_key(node, "community", "empty");
    if (document_text(node, "from", REQUIRED, community->from, sizeof community->from) &&
        agent_check_network(community->from, why, sizeof why) < 0)
        document_fault_key(node, "from", "%s", why);
    read_role(node, &community->role);
    document_bool(node, "v1", OPTIONAL, &community->v1);
    snmp->community_count++;
    document_finish(node);
}

/* Where SNMP or STMP is to be answered. */
static void read_listen(const struct document_node *node, char out[][SNMP_ADDRESS_TEXT], uint8_t *count)
{
    struct document_node list, element = {0};
    char why[160];
    if (!document_array(node, "listen", REQUIRED, &list) || !fits(&list, LISTEN_MAX))
        return;
    while (document_next(&list, &element)) {
        if (!document_as_text(&element, out[*count], SNMP_ADDRESS_TEXT))
            continue;
        if (agent_check_listen(out[*count], why, sizeof why) < 0)
            document_fault(&element, "%s", why);
        else
            ++*count;
    }
}

/* The networks from which stored community names are taken. */
static void read_name_networks(const struct document_node *node, struct snmp_config *snmp)
{
    struct document_node list, element = {0};
    char why[160];
    if (!document_array(node, "community_objects", OPTIONAL, &list) || !fits(&list, SNMP_NETWORKS_MAX))
        return;
    while (document_next(&list, &element)) {
        char *text = snmp->name_network[snmp->name_network_count].from;
        if (!document_as_text(&element, text, sizeof snmp->name_network[0].from))
            continue;
        if (agent_check_network(text, why, sizeof why) < 0)
            document_fault(&element, "%s", why);
        else
            snmp->name_network_count++;
    }
}

static void read_rates(const struct document_node *node, uint32_t *per_source, uint32_t *total,
                       bool *loopback)
{
    int64_t rate = RATE_SOURCE_DEFAULT, all = RATE_TOTAL_DEFAULT;
    document_int(node, "rate", OPTIONAL, 1, RATE_MAX, &rate);
    document_int(node, "rate_total", OPTIONAL, 1, RATE_MAX, &all);
    document_bool(node, "rate_loopback", OPTIONAL, loopback);
    *per_source = (uint32_t)rate;
    *total = (uint32_t)all;
}

void config_read_snmp(struct config_reader *reader, const struct document_node *root)
{
    struct snmp_config *snmp = &reader->config->snmp;
    struct document_node node, list, element = {0};
    if (!document_object(root, "snmp", OPTIONAL, &node))
        return;
    snmp->present = true;
    read_listen(&node, snmp->listen, &snmp->listen_count);
    if (document_array(&node, "v3", OPTIONAL, &list) && fits(&list, SNMP_USERS_MAX)) {
        while (document_next(&list, &element)) {
            if (document_as_object(&element))
                read_user(&element, snmp);
        }
    }
    element = (struct document_node){0};
    if (document_array(&node, "v2c", OPTIONAL, &list) && fits(&list, SNMP_COMMUNITIES_MAX)) {
        while (document_next(&list, &element)) {
            if (document_as_object(&element))
                read_community(&element, snmp);
        }
    }
    read_name_networks(&node, snmp);
    static const char *const alias_words[] = {
        [ALIASES_V1] = "v1", [ALIASES_NONE] = "none", [ALIASES_ALL] = "all"};
    int64_t idle_s = TRANSACTION_IDLE_DEFAULT_S;
    read_rates(&node, &snmp->rate_per_source, &snmp->rate_total, &snmp->rate_loopback);
    document_int(&node, "transaction_idle_s", OPTIONAL, 10, TRANSACTION_IDLE_MAX_S, &idle_s);
    int aliases = ALIASES_V1;
    document_word(&node, "aliases", OPTIONAL, alias_words, 3, &aliases);
    snmp->aliases = (enum snmp_aliases)aliases;
    document_bool(&node, "structure_at_once", OPTIONAL, &snmp->structure_at_once);
    snmp->transaction_idle_s = (uint32_t)idle_s;
    document_finish(&node);
}

/* ---- stmp ---- */

static void read_networks(const struct document_node *node, struct stmp_config *stmp)
{
    struct document_node list, element = {0};
    char why[160];
    if (!document_array(node, "from", REQUIRED, &list) || !fits(&list, STMP_NETWORKS_MAX))
        return;
    while (document_next(&list, &element)) {
        char *text = stmp->from[stmp->from_count];
        if (!document_as_text(&element, text, sizeof stmp->from[0]))
            continue;
        if (agent_check_network(text, why, sizeof why) < 0)
            document_fault(&element, "%s", why);
        else
            stmp->from_count++;
    }
}

/* Nobody proves who he is in STMP: he is not taken for an administrator. */
void config_read_stmp(struct config_reader *reader, const struct document_node *root)
{
    struct stmp_config *stmp = &reader->config->stmp;
    struct document_node node;
    int role = ROLE_MONITOR;
    if (!document_object(root, "stmp", OPTIONAL, &node))
        return;
    stmp->present = true;
    read_listen(&node, stmp->listen, &stmp->listen_count);
    read_networks(&node, stmp);
    document_word(&node, "role", OPTIONAL, role_words, ROLE_ADMIN, &role);
    stmp->role = (enum snmp_role)role;
    read_rates(&node, &stmp->rate_per_source, &stmp->rate_total, &stmp->rate_loopback);
    document_finish(&node);
}

/* ---- feed ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads pairs of hex digits. Returns the number of octets, or -1. */
static int read_hex(const char *text, uint8_t *out, size_t max)
{
    size_t count = 0;
    for (; text[0] && text[1]; text += 2) {
        int high = hex_digit(text[0]), low = hex_digit(text[1]);
        if (high < 0 || low < 0 || count == max)
            return -1;
        out[count++] = (uint8_t)(high << 4 | low);
    }
    return *text ? -1 : (int)count;
}

bool config_is_identifier(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return *text && text[strspn(text, allowed)] == '\0';
}

/* A moment of UTC; 0 if it is not there. */
static void read_utc(const struct document_node *node, const char *key, int64_t *utc_us)
{
    char text[UTC_TEXT];
    if (document_text(node, key, OPTIONAL, text, sizeof text) && utc_parse(text, utc_us) != 0)
        document_fault_key(node, key, "\"%s\" is not UTC such as 2026-12-01T00:00:00Z", text);
}

static void read_key(const struct document_node *node, struct feed_config *feed)
{
    struct feed_key *key = &feed->key[feed->key_count];
    char secret[2 * sizeof key->secret + 1];
    if (document_text(node, "id", REQUIRED, key->id, sizeof key->id)) {
        if (!config_is_identifier(key->id))
            document_fault_key(node, "id", "letters, digits, _ and - are possible");
        for (int i = 0; i < feed->key_count; i++) {
            if (strcmp(feed->key[i].id, key->id) == 0)
                document_fault_key(node, "id", "key \"%s\" stands there twice", key->id);
        }
    }
    if (document_text(node, "secret", REQUIRED, secret, sizeof secret)) {
        int length = read_hex(secret, key->secret, sizeof key->secret);
        if (length < SECRET_LEAST)
            document_fault_key(node, "secret", "%d to %d octets in hex are needed", SECRET_LEAST,
                               (int)sizeof key->secret);
        else
            key->secret_length = (uint8_t)length;
    }
    read_utc(node, "from", &key->from_us);
    read_utc(node, "until", &key->until_us);
    if (key->from_us != 0 && key->until_us != 0 && key->until_us <= key->from_us)
        document_fault_key(node, "until", "is not after \"from\": the key would never be valid");
    feed->key_count++;
    document_finish(node);
}

static void read_feed_listen(const struct document_node *node, struct feed_config *feed)
{
    struct document_node list, element = {0};
    struct address address;
    if (!document_array(node, "listen", OPTIONAL, &list) || !fits(&list, FEED_LISTEN_MAX))
        return;
    while (document_next(&list, &element)) {
        if (as_address(&element, CONFIG_TCP, &address, feed->listen[feed->listen_count]))
            feed->listen_count++;
    }
}

/* Called after the keys were read: who is not on this machine gets signed messages or none. */
static void read_destinations(const struct document_node *node, struct feed_config *feed, bool has_keys)
{
    struct document_node list, element = {0};
    struct address address;
    if (!document_array(node, "destinations", OPTIONAL, &list) || !fits(&list, FEED_DESTINATIONS_MAX))
        return;
    while (document_next(&list, &element)) {
        if (!as_address(&element, CONFIG_UDP, &address, feed->destination[feed->destination_count]))
            continue;
        if (address_port(&address) == 0)
            document_fault(&element, "a destination needs a port");
        else if (!has_keys && !address_is_loopback(&address))
            document_fault(&element, "without a key in feed.keys only this machine may be a destination");
        else
            feed->destination_count++;
    }
}

/* Controller and cameras must mean the same instant: without a synchronised clock the state accuses
 * nobody, unless they share one clock anyhow. */
static void read_feed_clock(const struct document_node *node, struct feed_config *feed)
{
    static const char *const words[] = {"any", "synced"};
    int index = 1;
    document_word(node, "clock", OPTIONAL, words, sizeof words / sizeof *words, &index);
    feed->clock_required = index == 1;
}

void config_read_feed(struct config_reader *reader, const struct document_node *root)
{
    struct feed_config *feed = &reader->config->feed;
    struct document_node node, list, element = {0};
    if (!document_object(root, "feed", OPTIONAL, &node))
        return;
    reader->config->has_feed = true;
    bool has_keys = false;
    if (document_array(&node, "keys", OPTIONAL, &list) && fits(&list, FEED_KEYS_MAX)) {
        has_keys = document_count(&list) > 0;
        while (document_next(&list, &element)) {
            if (document_as_object(&element))
                read_key(&element, feed);
        }
    }
    read_feed_clock(&node, feed);
    document_text(&node, "multicast_interface", OPTIONAL, feed->multicast_interface,
                  sizeof feed->multicast_interface);
    read_feed_listen(&node, feed);
    read_destinations(&node, feed, has_keys);
    config_read_mqtt(reader, &node);
    config_read_detectors(reader, &node);
    document_finish(&node);
}

/* ---- the broadcast message ---- */

enum { TSCBM_PORT = 6053, REQUESTER_MAX_S = 7 * 24 * 3600 };

static void read_broadcast_receivers(const struct document_node *node, const char *key,
                                     struct address to[BROADCAST_RECEIVERS_MAX], uint8_t *count)
{
    struct document_node list, element = {0};
    if (!document_array(node, key, OPTIONAL, &list) || !fits(&list, BROADCAST_RECEIVERS_MAX))
        return;
    while (document_next(&list, &element)) {
        char text[ADDRESS_TEXT];
        if (!as_address(&element, CONFIG_UDP, &to[*count], text))
            continue;
        if (address_port(&to[*count]) == 0)
            document_fault(&element, "a receiver needs a port");
        else
            ++*count;
    }
}

void config_read_tscbm(struct config_reader *reader, const struct document_node *root)
{
    struct tscbm_config *tscbm = &reader->config->tscbm;
    int64_t enabled = 0, port = TSCBM_PORT, requester_s = 0;
    struct document_node node;
    if (document_object(root, "tscbm", OPTIONAL, &node)) {
        document_int(&node, "enabled", OPTIONAL, 0, 255, &enabled);
        document_int(&node, "port", OPTIONAL, 1, 65535, &port);
        document_int(&node, "requester_s", OPTIONAL, 0, REQUESTER_MAX_S, &requester_s);
        read_broadcast_receivers(&node, "receivers", tscbm->receiver, &tscbm->receiver_count);
        read_broadcast_receivers(&node, "cameras", tscbm->camera, &tscbm->camera_count);
        document_finish(&node);
    }
    tscbm->enabled = (uint8_t)enabled;
    tscbm->port = (uint16_t)port;
    tscbm->requester_s = (uint32_t)requester_s;
}

/* ---- http ---- */

void config_read_http(struct config_reader *reader, const struct document_node *root)
{
    struct document_node node;
    struct address address;
    if (!document_object(root, "http", OPTIONAL, &node))
        return;
    config_read_address(&node, "listen", REQUIRED, CONFIG_TCP, &address, reader->config->http_listen);
    document_finish(&node);
}

/* ---- history ---- */

enum {
    JOURNAL_DAYS = 90,
    JOURNAL_DAYS_MAX = 3650,
    JOURNAL_MB = 500,
    JOURNAL_MB_LEAST = 10,
    JOURNAL_MB_MAX = 100000
};

void config_read_history(struct config_reader *reader, const struct document_node *root)
{
    int64_t days = JOURNAL_DAYS, mb = JOURNAL_MB;
    struct document_node node;
    if (document_object(root, "history", OPTIONAL, &node)) {
        document_int(&node, "journal_days", OPTIONAL, 0, JOURNAL_DAYS_MAX, &days);
        document_int(&node, "journal_mb", OPTIONAL, JOURNAL_MB_LEAST, JOURNAL_MB_MAX, &mb);
        document_finish(&node);
    }
    reader->config->history = (struct history_config){(uint16_t)days, (uint32_t)mb};
}
