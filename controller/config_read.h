/* The sections of the config file, one reader each. Private to the loader. */
#ifndef CONTROLLER_CONFIG_READ_H
#define CONTROLLER_CONFIG_READ_H

#include "../io/address.h"
#include "../ntcip/document.h"
#include "config.h"

/* Which earlier sections can be relied on, so that one slip is not told twice. */
struct config_reader {
    struct config *config;
    bool map_sound;    /* the numbers of wired inputs and outputs are known */
    bool groups_sound; /* every lamp group's number is known */
    bool card_read;    /* what could be read of it, stands */
    bool staged;       /* the file has stages: they say what each lamp group shows */
};

/* Each reads its section out of the file's outermost object. The cabinet comes first: the approaches refer
 * to its lamp groups. */
void config_read_cabinet(struct config_reader *reader, const struct document_node *root);
void config_read_site(struct config_reader *reader, const struct document_node *root);
void config_read_approaches(struct config_reader *reader, const struct document_node *root);
void config_read_snmp(struct config_reader *reader, const struct document_node *root);
void config_read_stmp(struct config_reader *reader, const struct document_node *root);
void config_read_feed(struct config_reader *reader, const struct document_node *root);
void config_read_mqtt(struct config_reader *reader, const struct document_node *feed);
void config_read_tscbm(struct config_reader *reader, const struct document_node *root);
void config_read_http(struct config_reader *reader, const struct document_node *root);
void config_read_history(struct config_reader *reader, const struct document_node *root);

/* Reads the red-lamp detectors out of the feed's object. */
void config_read_detectors(struct config_reader *reader, const struct document_node *feed_node);

/* Reads the stages, if there are any, and writes what follows from them into the database, which has been
 * read from `asc` before. Returns false if they are at fault. */
bool config_read_stages(struct config_reader *reader, const struct document_node *root,
                        const struct document_node *asc);

/* Reads an array of whole numbers low..high, none twice. Returns how many were sound. */
int config_read_numbers(const struct document_node *object, const char *key, enum document_need need, int low,
                        int high, uint8_t *out, int max);

/* Whether a text is one or more letters, digits, _ and -. */
bool config_is_identifier(const char *text);

enum config_transport { CONFIG_UDP = 1, CONFIG_TCP = 2 };

/* Reads an address of one of the `transports`. Returns 0, or -1 with the reason in `why`. */
int config_parse_address(struct address *address, const char *text, int transports, char *why, size_t size);

/* The host of an address, without brackets. */
void config_address_host(const struct address *address, char *host, size_t size);

/* As config_parse_address(), for a value of the document; `text` (ADDRESS_TEXT octets) may be NULL. */
bool config_read_address(const struct document_node *object, const char *key, enum document_need need,
                         int transports, struct address *out, char *text);

/* Reads an array of movements into the mask of enum movement. */
void config_read_movements(const struct document_node *object, const char *key, uint8_t *out);

/* The lamp group of that number, or NULL. */
const struct feed_group *config_group(const struct config *config, int no);

#endif
