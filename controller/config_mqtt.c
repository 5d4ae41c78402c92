/* The publisher of the feed: feed.mqtt. */
#include "config_read.h"
#include <stdio.h>
#include <string.h>

static const char *const default_topic = "v2x/v1/signalcontroller/{id}/spat/up";

/* Writes `form` with every {id} replaced. Returns false if it does not fit. */
static bool expand(const char *form, const char *id, char *out, size_t size)
{
    size_t length = 0;
    while (*form != '\0') {
        const bool place = strncmp(form, "{id}", 4) == 0;
        const char *part = place ? id : form;
        const size_t octets = place ? strlen(id) : 1;
        if (length + octets >= size)
            return false;
        memcpy(out + length, part, octets);
        length += octets;
        form += place ? 4 : 1;
    }
    out[length] = '\0';
    return true;
}

/* MQTT 5.0, 4.7: + and # are for subscribers, topics that begin with $ are the broker's own. */
static void read_topic(const struct document_node *node, const char *id, struct mqtt_config *mqtt)
{
    char form[MQTT_TOPIC_TEXT];
    snprintf(form, sizeof form, "%s", default_topic);
    if (document_text(node, "topic", OPTIONAL, form, sizeof form) &&
        (form[0] == '\0' || form[0] == '$' || form[strcspn(form, "+#")] != '\0'))
        document_fault_key(node, "topic", "a topic is not empty, has no + or #, and does not begin with $");
    if (!expand(form, id, mqtt->topic, sizeof mqtt->topic))
        document_fault_key(node, "topic", "longer than %d octets with its {id}", MQTT_TOPIC_TEXT - 1);
}

static void read_login(const struct document_node *node, struct mqtt_config *mqtt)
{
    document_text(node, "user", OPTIONAL, mqtt->user, sizeof mqtt->user);
    if (document_text(node, "password", OPTIONAL, mqtt->password, sizeof mqtt->password) && !mqtt->user[0])
        document_fault_key(node, "password", "a password needs a user");
    document_text(node, "ca", OPTIONAL, mqtt->ca, sizeof mqtt->ca);
    document_text(node, "cert", OPTIONAL, mqtt->cert, sizeof mqtt->cert);
    document_text(node, "key", OPTIONAL, mqtt->key, sizeof mqtt->key);
    if (!mqtt->cert[0] != !mqtt->key[0])
        document_fault_key(node, mqtt->cert[0] ? "cert" : "key", "cert and key belong together");
    else if (mqtt->cert[0] && !mqtt->ca[0])
        document_fault_key(node, "cert", "without ca there is no TLS, and nobody sees a certificate");
}

void config_read_mqtt(struct config_reader *reader, const struct document_node *feed)
{
    static const char *const versions[] = {"3.1.1", "5"};
    struct mqtt_config *mqtt = &reader->config->feed.mqtt;
    struct document_node node;
    struct address broker;
    int64_t qos = 0, region = 0, place = 0;
    int version = 1;
    char id[NAME_TEXT];
    if (!document_object(feed, "mqtt", OPTIONAL, &node))
        return;
    mqtt->present = true;
    if (config_read_address(&node, "broker", REQUIRED, CONFIG_TCP, &broker, mqtt->broker) &&
        address_port(&broker) == 0)
        document_fault_key(&node, "broker", "a broker needs a port");
    snprintf(id, sizeof id, "%s", reader->config->feed.controller);
    if (document_text(&node, "id", OPTIONAL, id, sizeof id) && !config_is_identifier(id))
        document_fault_key(&node, "id", "letters, digits, _ and - are possible");
    snprintf(mqtt->client, sizeof mqtt->client, "%s", id);
    if (document_text(&node, "client", OPTIONAL, mqtt->client, sizeof mqtt->client) && !mqtt->client[0])
        document_fault_key(&node, "client", "empty");
    read_topic(&node, id, mqtt);
    read_login(&node, mqtt);
    document_int(&node, "qos", OPTIONAL, 0, 1, &qos);
    document_word(&node, "version", OPTIONAL, versions, 2, &version);
    document_int(&node, "region", OPTIONAL, 0, UINT16_MAX, &region);
    document_int(&node, "node", OPTIONAL, 0, UINT16_MAX, &place);
    mqtt->qos = (uint8_t)qos;
    mqtt->version = version == 1 ? 5 : 3;
    mqtt->region = (uint16_t)region;
    mqtt->node = (uint16_t)place;
    document_finish(&node);
}
