#include "document.h"
#include "document_scan.h"
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cJSON leaves room in its nodes: `valueint` of every node holds the line here (numbers are read from
 * `valuedouble`), and these bits of `type` lie above its own. */
enum {
    MARK_TAKEN = 1 << 12,    /* somebody asked for it, or it was reported */
    MARK_DOUBLED = 1 << 13,  /* an earlier member has the same key */
    MARK_FRACTION = 1 << 14, /* written with a fraction or an exponent */
};

static void report(struct document *document, int line, const char *key, const char *format,
                   va_list arguments)
{
    char reason[256];
    vsnprintf(reason, sizeof reason, format, arguments);
    document->faults++;
    document->report(document->report_arg, line, key, reason);
}

void document_fault_at(struct document *document, int line, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(document, line, key, format, arguments);
    va_end(arguments);
}

/* Gives every node its line, in the order in which the scan met them. */
static void put_lines(cJSON *item, const int **line)
{
    int number = *(*line)++;
    item->valueint = abs(number);
    if (number < 0)
        item->type |= MARK_FRACTION;
    for (cJSON *child = item->child; child; child = child->next)
        put_lines(child, line);
}

int document_count(const struct document_node *node)
{
    return node->item ? cJSON_GetArraySize(node->item) : 0;
}

struct member {
    cJSON *item;
    int position;
};

static int compare_members(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    int order = strcmp(left->item->string, right->item->string);
    return order != 0 ? order : left->position - right->position;
}

/* Reports doubled keys of one object. Sorted, so that a hostile file costs no quadratic time. */
static int find_doubled(const struct document_node *object)
{
    int count = document_count(object);
    if (count < 2)
        return 0;
    struct member *members = calloc((size_t)count, sizeof *members);
    if (!members)
        return -1;
    int position = 0;
    for (cJSON *child = object->item->child; child; child = child->next, position++)
        members[position] = (struct member){child, position};
    qsort(members, (size_t)count, sizeof *members, compare_members);
    int first = 0;
    for (int i = 1; i < count; i++) {
        if (strcmp(members[first].item->string, members[i].item->string) != 0) {
            first = i;
            continue;
        }
        members[i].item->type |= MARK_DOUBLED | MARK_TAKEN;
        struct document_node node = {object->document, object, members[i].item, -1};
        document_fault(&node, "doubled key, first on line %d", members[first].item->valueint);
    }
    free(members);
    return 0;
}

static int find_all_doubled(const struct document_node *node)
{
    if (cJSON_IsObject(node->item) && find_doubled(node) != 0)
        return -1;
    int index = 0;
    for (cJSON *item = node->item->child; item; item = item->next, index++) {
        struct document_node child = {node->document, node, item, cJSON_IsArray(node->item) ? index : -1};
        if (item->child && find_all_doubled(&child) != 0)
            return -1;
    }
    return 0;
}

int document_parse(struct document *document, const char *text, size_t length, document_report *report_fault,
                   void *arg)
{
    *document = (struct document){.report = report_fault, .report_arg = arg};
    int *lines = malloc((length + 1) * sizeof *lines);
    if (!lines) {
        document_fault_at(document, 1, "", "out of memory");
        return -1;
    }
    struct scan_fault fault;
    if (document_scan(text, length, lines, &fault) < 0) {
        document_fault_at(document, fault.line, "", "%s", fault.reason);
        free(lines);
        return -1;
    }
    document->tree = cJSON_ParseWithLength(text, length);
    struct document_node root;
    document_root(document, &root);
    const int *line = lines;
    if (document->tree)
        put_lines(document->tree, &line);
    free(lines);
    if (!document->tree || find_all_doubled(&root) != 0) {
        document_fault_at(document, 1, "", "out of memory");
        document_free(document);
        return -1;
    }
    return 0;
}

void document_free(struct document *document)
{
    cJSON_Delete(document->tree);
    document->tree = NULL;
}

void document_root(struct document *document, struct document_node *out)
{
    *out = (struct document_node){.document = document, .item = document->tree, .index = -1};
}

int document_line(const struct document_node *node)
{
    for (; node; node = node->parent) {
        if (node->item)
            return node->item->valueint;
    }
    return 1;
}

const char *document_key(const struct document_node *node)
{
    return node->item ? node->item->string : NULL;
}

/* Appends a key; control characters, which only a hostile file has there, must not reach a log. */
static void append_key(char *out, size_t size, const char *key)
{
    size_t length = strlen(out);
    if (length > 0 && length + 1 < size)
        out[length++] = '.';
    for (; *key && length + 1 < size; key++)
        out[length++] = (unsigned char)*key < 0x20 ? '?' : *key;
    out[length] = '\0';
}

void document_path(const struct document_node *node, char *out, size_t size)
{
    out[0] = '\0';
    if (!node->parent)
        return;
    document_path(node->parent, out, size);
    size_t length = strlen(out);
    if (node->index >= 0)
        snprintf(out + length, size - length, "[%d]", node->index);
    else if (node->item && node->item->string)
        append_key(out, size, node->item->string);
}

void document_fault(const struct document_node *node, const char *format, ...)
{
    char path[DOCUMENT_KEY_MAX];
    document_path(node, path, sizeof path);
    va_list arguments;
    va_start(arguments, format);
    report(node->document, document_line(node), path, format, arguments);
    va_end(arguments);
}

void document_fault_key(const struct document_node *object, const char *key, const char *format, ...)
{
    char path[DOCUMENT_KEY_MAX];
    document_path(object, path, sizeof path);
    append_key(path, sizeof path, key);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object->item, key);
    va_list arguments;
    va_start(arguments, format);
    report(object->document, item ? item->valueint : document_line(object), path, format, arguments);
    va_end(arguments);
}

bool document_has(const struct document_node *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object->item, key) != NULL;
}

/* The member of that key. An object that is not there itself was reported where it is missing. */
static bool take(const struct document_node *object, const char *key, enum document_need need,
                 struct document_node *out)
{
    if (!object->item)
        return false;
    cJSON *item = cJSON_GetObjectItemCaseSensitive(object->item, key);
    if (!item) {
        if (need == REQUIRED)
            document_fault_key(object, key, "missing");
        return false;
    }
    item->type |= MARK_TAKEN;
    *out = (struct document_node){object->document, object, item, -1};
    return true;
}

bool document_next(const struct document_node *parent, struct document_node *child)
{
    cJSON *item = child->item ? child->item->next : parent->item ? parent->item->child : NULL;
    int index = child->item ? child->index + 1 : 0;
    while (item && (item->type & MARK_DOUBLED))
        item = item->next;
    if (!item)
        return false;
    item->type |= MARK_TAKEN;
    *child = (struct document_node){parent->document, parent, item, cJSON_IsArray(parent->item) ? index : -1};
    return true;
}

bool document_is_object(const struct document_node *node)
{
    return cJSON_IsObject(node->item);
}

bool document_is_text(const struct document_node *node)
{
    return cJSON_IsString(node->item);
}

bool document_as_object(const struct document_node *node)
{
    if (cJSON_IsObject(node->item))
        return true;
    document_fault(node, "must be an object {...}");
    return false;
}

bool document_as_array(const struct document_node *node)
{
    if (cJSON_IsArray(node->item))
        return true;
    document_fault(node, "must be an array [...]");
    return false;
}

bool document_as_int(const struct document_node *node, int64_t low, int64_t high, int64_t *out)
{
    double number = node->item->valuedouble;
    if (!cJSON_IsNumber(node->item)) {
        document_fault(node, "must be a whole number");
        return false;
    }
    if ((node->item->type & MARK_FRACTION)) {
        document_fault(node, "must be a whole number, not a fraction or power");
        return false;
    }
    if (!(number >= (double)low && number <= (double)high)) {
        document_fault(node, "%.15g is not from %lld to %lld", number, (long long)low, (long long)high);
        return false;
    }
    *out = (int64_t)number;
    return true;
}

static bool as_double(const struct document_node *node, double low, double high, double *out)
{
    double number = node->item->valuedouble;
    if (!cJSON_IsNumber(node->item)) {
        document_fault(node, "must be a number");
        return false;
    }
    if (!(number >= low && number <= high)) {
        document_fault(node, "%.15g is not from %g to %g", number, low, high);
        return false;
    }
    *out = number;
    return true;
}

bool document_as_text(const struct document_node *node, char *out, size_t size)
{
    if (!cJSON_IsString(node->item)) {
        document_fault(node, "must be a text in quotes");
        return false;
    }
    size_t length = strlen(node->item->valuestring);
    if (length >= size) {
        document_fault(node, "longer than %zu octets", size - 1);
        return false;
    }
    memcpy(out, node->item->valuestring, length + 1);
    return true;
}

bool document_object(const struct document_node *object, const char *key, enum document_need need,
                     struct document_node *out)
{
    struct document_node node;
    if (!take(object, key, need, &node) || !document_as_object(&node))
        return false;
    *out = node;
    return true;
}

bool document_array(const struct document_node *object, const char *key, enum document_need need,
                    struct document_node *out)
{
    struct document_node node;
    if (!take(object, key, need, &node) || !document_as_array(&node))
        return false;
    *out = node;
    return true;
}

bool document_int(const struct document_node *object, const char *key, enum document_need need, int64_t low,
                  int64_t high, int64_t *out)
{
    struct document_node node;
    return take(object, key, need, &node) && document_as_int(&node, low, high, out);
}

bool document_double(const struct document_node *object, const char *key, enum document_need need, double low,
                     double high, double *out)
{
    struct document_node node;
    return take(object, key, need, &node) && as_double(&node, low, high, out);
}

bool document_bool(const struct document_node *object, const char *key, enum document_need need, bool *out)
{
    struct document_node node;
    if (!take(object, key, need, &node))
        return false;
    if (!cJSON_IsBool(node.item)) {
        document_fault(&node, "must be true or false");
        return false;
    }
    *out = cJSON_IsTrue(node.item);
    return true;
}

bool document_text(const struct document_node *object, const char *key, enum document_need need, char *out,
                   size_t size)
{
    struct document_node node;
    return take(object, key, need, &node) && document_as_text(&node, out, size);
}

/* "one of a, b, c" for a fault. */
static void list_words(const char *const words[], int count, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (int i = 0; i < count && length < size; i++)
        length += (size_t)snprintf(out + length, size - length, "%s%s", i > 0 ? ", " : "", words[i]);
}

bool document_word(const struct document_node *object, const char *key, enum document_need need,
                   const char *const words[], int count, int *out)
{
    struct document_node node;
    if (!take(object, key, need, &node))
        return false;
    for (int i = 0; cJSON_IsString(node.item) && i < count; i++) {
        if (strcmp(node.item->valuestring, words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    char choice[160];
    list_words(words, count, choice, sizeof choice);
    document_fault(&node, "must be one of %s", choice);
    return false;
}

void document_finish(const struct document_node *object)
{
    if (!cJSON_IsObject(object->item))
        return;
    for (cJSON *item = object->item->child; item; item = item->next) {
        if (item->type & MARK_TAKEN)
            continue;
        item->type |= MARK_TAKEN;
        struct document_node node = {object->document, object, item, -1};
        document_fault(&node, "unknown key");
    }
}
