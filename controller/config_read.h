/* The sections of the config file, one reader each. Private to the loader. */
#ifndef CONTROLLER_CONFIG_READ_H
#define CONTROLLER_CONFIG_READ_H

#include "../ntcip/document.h"
#include "config.h"

/* Which earlier sections can be relied on, so that one slip is not told twice. */
struct config_reader {
    struct config *config;
    bool map_sound;    /* the numbers of wired inputs and outputs are known */
    bool groups_sound; /* every lamp group's number is known */
    bool card_sound;
};

/* Each reads its section out of the file's outermost object. `config_read_site` needs what
 * `config_read_cabinet` has found. */
void config_read_cabinet(struct config_reader *reader, const struct document_node *root);
void config_read_site(struct config_reader *reader, const struct document_node *root);
void config_read_approaches(struct config_reader *reader, const struct document_node *root);
void config_read_snmp(struct config_reader *reader, const struct document_node *root);
void config_read_feed(struct config_reader *reader, const struct document_node *root);
void config_read_http(struct config_reader *reader, const struct document_node *root);

/* Reads an array of whole numbers low..high, none twice. Returns how many were sound. */
int config_read_numbers(const struct document_node *object, const char *key, enum document_need need, int low,
                        int high, uint8_t *out, int max);

/* Reads an array of movements into the mask of enum movement. */
void config_read_movements(const struct document_node *object, const char *key, uint8_t *out);

/* Whether a lane or group says `id` of an approach that is there. */
bool config_has_approach(const struct config *config, const char *id);

/* The lamp group of that number, or NULL. */
const struct feed_group *config_group(const struct config *config, int no);

#endif
