/* The asc section of a config file: the database in JSON, by walking the object table. Scalars go
 * by name, tables are arrays of rows, lists are arrays of numbers, enumerations are numbers. */
#ifndef NTCIP_JSON_H
#define NTCIP_JSON_H

#include "document.h"
#include "object.h"
#include <stdio.h>

/* Reads the section into `db`, which first gets every default; a missing channelTable is the NEMA
 * assignment. Reports every fault through the document (single values and the rules between objects,
 * each at its line) and returns their number: `db` is fit for use only with 0. May allocate. */
int json_load_asc(const struct document_node *asc, struct database *db);

/* Writes the section as a JSON object: what differs from the defaults, in the order of the OIDs.
 * json_load_asc() makes an equal database of it. `indent` columns stand before each line but the first.
 * Returns 0, or -1 if the stream failed. Allocates. */
int json_print_asc(const struct database *db, FILE *out, int indent);

/* Reads a value the object may hold, or reports through the document why it cannot be one. */
bool json_read_value(const struct document_node *node, const struct object *object, struct value *out);

/* One value as JSON: a number, a text, an array for a list, a text in dots for an object identifier.
 * Returns 0, or -1 if `size` octets do not hold it (1,600 hold any). */
int json_print_value(const struct object *object, const struct value *value, char *out, size_t size);

/* The reverse, for a text by itself ("5", "[1, 2]"): a value the object may hold. Returns 0, or -1 with
 * the reason in words. May allocate. */
int json_parse_value(const struct object *object, const char *text, struct value *out, char *reason,
                     size_t reason_size);

#endif
