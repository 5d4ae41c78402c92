/* A strict JSON document that knows its lines. Stricter than cJSON, which reads the tree: no
 * doubled keys, no text behind the end, no leading zeros, no raw control characters, no \u0000, no
 * byte order mark, valid UTF-8 only.
 *
 * A reader asks an object for the keys it knows, by the functions below, and at the end calls
 * document_finish(), which reports the keys nobody asked for. Every function reports what is wrong
 * with its value and goes on, so that one run finds all faults; each fault is told once. */
#ifndef NTCIP_DOCUMENT_H
#define NTCIP_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

/* Receives one fault. `key` is the path of the value, "asc.phaseTable[2].phaseRing", empty for the
 * text as a whole. */
typedef void document_report(void *arg, int line, const char *key, const char *reason);

struct document {
    struct cJSON *tree;
    document_report *report;
    void *report_arg;
    int faults; /* reported so far */
};

enum {
    DOCUMENT_KEY_MAX = 256, /* of a path; longer ones are cut when reported */
    DOCUMENT_DEPTH_MAX = 32,
};

/* One value and the way to it. Lives where the reader puts it; `parent` must outlive it. */
struct document_node {
    struct document *document;
    const struct document_node *parent;
    struct cJSON *item; /* NULL: not in the document */
    int index;          /* in an array; -1 in an object */
};

enum document_need { OPTIONAL, REQUIRED };

/* Reads `length` octets of JSON. Returns 0, or -1 after reporting what is wrong with the text:
 * then there is nothing to free. Doubled keys are reported but leave the document readable (the first
 * one counts). Allocates the tree; document_free() releases it. */
int document_parse(struct document *document, const char *text, size_t length, document_report *report,
                   void *arg);
void document_free(struct document *document);

/* The outermost value. */
void document_root(struct document *document, struct document_node *out);

int document_line(const struct document_node *node);

/* Writes the path of `node`. */
void document_path(const struct document_node *node, char *out, size_t size);

/* Reports a fault of the node itself, or, with document_fault_key(), of a key of it (at the key's
 * line, or the object's where the key is not there). */
void document_fault(const struct document_node *node, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_fault_key(const struct document_node *object, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports a fault found elsewhere, at a line and key of the caller's. */
void document_fault_at(struct document *document, int line, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Each of these looks for `key` in `object` and returns true when the value is there and sound;
 * otherwise the target stays as it was (so set defaults first). A missing key is a fault only if
 * REQUIRED. Texts must fit `size` with their end. */
bool document_object(const struct document_node *object, const char *key, enum document_need need,
                     struct document_node *out);
bool document_array(const struct document_node *object, const char *key, enum document_need need,
                    struct document_node *out);
bool document_int(const struct document_node *object, const char *key, enum document_need need, int64_t low,
                  int64_t high, int64_t *out);
bool document_double(const struct document_node *object, const char *key, enum document_need need, double low,
                     double high, double *out);
bool document_bool(const struct document_node *object, const char *key, enum document_need need, bool *out);
bool document_text(const struct document_node *object, const char *key, enum document_need need, char *out,
                   size_t size);

/* As document_text(), for one of `count` words: `out` becomes its index. */
bool document_word(const struct document_node *object, const char *key, enum document_need need,
                   const char *const words[], int count, int *out);

/* Whether the key stands in the object, sound or not. Does not count as asking for it. */
bool document_has(const struct document_node *object, const char *key);

/* Steps through an array or the members of an object: begin with a node whose `item` is NULL.
 *     struct document_node row = {0};
 *     while (document_next(&rows, &row)) ...
 * Members of an object count as asked for. */
bool document_next(const struct document_node *parent, struct document_node *child);

/* The key of a member, NULL in an array. */
const char *document_key(const struct document_node *node);

/* The same readings of a node at hand: an element of an array, a member from document_next(). */
bool document_is_object(const struct document_node *node);
bool document_is_text(const struct document_node *node);
bool document_as_object(const struct document_node *node);
bool document_as_array(const struct document_node *node);
bool document_as_int(const struct document_node *node, int64_t low, int64_t high, int64_t *out);
bool document_as_text(const struct document_node *node, char *out, size_t size);

/* Number of elements of an array (or members of an object). */
int document_count(const struct document_node *node);

/* Reports every key of `object` that nobody has asked for. */
void document_finish(const struct document_node *object);

#endif
