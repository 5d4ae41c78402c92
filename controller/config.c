#include "config.h"
#include "../ntcip/json.h"
#include "card.h"
#include "config_read.h"
#include <cJSON.h>
#include <errno.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_OCTETS_MAX = 4 * 1024 * 1024,
    LINE_TEXT_MAX = 640,
};

/* Faults are gathered, then told in the order of the file's lines. */
struct fault_line {
    int line;
    int found; /* order of discovery */
    char key[DOCUMENT_KEY_MAX];
    char *text;
};

struct faults {
    const char *path;
    struct fault_line *line;
    size_t count, room;
};

static void add_fault(void *arg, int line_no, const char *key, const char *reason)
{
    struct faults *faults = arg;
    if (faults->count == faults->room) {
        size_t room = faults->room ? 2 * faults->room : 16;
        struct fault_line *more = realloc(faults->line, room * sizeof *more);
        if (!more)
            return; /* the others are still told */
        faults->line = more;
        faults->room = room;
    }
    char text[LINE_TEXT_MAX];
    snprintf(text, sizeof text, "%s:%d: %s: %s", faults->path, line_no, *key ? key : "file", reason);
    struct fault_line *fault = &faults->line[faults->count];
    *fault = (struct fault_line){.line = line_no, .found = (int)faults->count, .text = strdup(text)};
    snprintf(fault->key, sizeof fault->key, "%s", key);
    faults->count++;
}

static int compare_faults(const void *a, const void *b)
{
    const struct fault_line *x = a, *y = b;
    return x->line != y->line ? (x->line > y->line) - (x->line < y->line) : x->found - y->found;
}

static void tell_faults(struct faults *faults, config_fault *report, void *arg)
{
    if (faults->count)
        qsort(faults->line, faults->count, sizeof *faults->line, compare_faults);
    for (size_t i = 0; i < faults->count; i++) {
        report(arg, faults->line[i].text ? faults->line[i].text : "out of memory");
        free(faults->line[i].text);
    }
    free(faults->line);
}

static bool has_fault_at(const struct faults *faults, const char *key)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->line[i].key, key) == 0)
            return true;
    }
    return false;
}

/* ---- the card against the plan ---- */

/* The section's row of that number in `table`. */
static bool find_row(const struct document_node *asc, const struct object_table *table, int row_no,
                     struct document_node *rows, struct document_node *row)
{
    if (!document_has(asc, table->name) || !document_array(asc, table->name, OPTIONAL, rows))
        return false;
    *row = (struct document_node){0};
    while (document_next(rows, row)) {
        int64_t number;
        if (document_is_object(row) && document_has(row, table->key[0]) &&
            document_int(row, table->key[0], OPTIONAL, 1, UINT8_MAX, &number) && number == row_no)
            return true;
    }
    return false;
}

struct card_context {
    const struct document_node *root, *asc;
    struct faults *faults;
};

/* What follows from stages is to be mended there: a phase in the stage of its number. */
static void blame_stage(const struct card_context *context, const struct object_instance *at,
                        const char *reason)
{
    struct document_node stages, list, stage = {0};
    if (!document_object(context->root, "stages", REQUIRED, &stages) ||
        !document_array(&stages, "list", REQUIRED, &list))
        return;
    bool phase = at->object->table && strcmp(at->object->table->section, "phaseTable") == 0;
    for (int i = 0; phase && i < at->row[0]; i++)
        phase = document_next(&list, &stage);
    document_fault(phase ? &stage : &stages, "%s", reason);
}

/* A value that could not be read has been told; what follows from its absence is no second fault. */
static void blame_row(const struct card_context *context, const struct document_node *place, const char *name,
                      const char *reason)
{
    char path[DOCUMENT_KEY_MAX];
    document_path(place, path, sizeof path);
    size_t length = strlen(path);
    snprintf(path + length, sizeof path - length, ".%s", name);
    if (has_fault_at(context->faults, path))
        return;
    if (document_has(place, name))
        document_fault_key(place, name, "%s", reason);
    else
        document_fault(place, "%s (%s is not given)", reason, name);
}

static void report_card_fault(void *arg, const struct card_fault *fault)
{
    const struct card_context *context = arg;
    struct object_instance at;
    struct document_node rows, row;
    bool known = object_at_offset(fault->field_offset, &at) == OBJECT_OK;
    if (known && document_has(context->root, "stages")) {
        blame_stage(context, &at, fault->reason);
        return;
    }
    bool found =
        known && at.object->table && find_row(context->asc, at.object->table, fault->row_no, &rows, &row);
    if (found)
        blame_row(context, &row, at.object->name, fault->reason);
    else
        document_fault(context->asc, "%s", fault->reason);
}

/* ---- sections ---- */

/* What a full yellow is and which arrows flash stands on the guard card, what a group of stages shows in the
 * database; the rest of a group comes from the cabinet. */
static void complete_groups(struct config *config, bool staged)
{
    for (int i = 0; i < config->feed.group_count; i++) {
        struct feed_group *group = &config->feed.group[i];
        const struct channel_row *channel = &config->db.channel[group->no - 1];
        bool overlap = channel->type == CHANNEL_OVERLAP || channel->type == CHANNEL_PED_OVERLAP;
        if (staged && overlap)
            group->overlap_no = channel->source_no;
        else if (staged)
            group->phase_no = channel->source_no;
        group->yellow_floor_ms = config->card.yellow_floor_ms[group->no - 1];
        group->arrow = channel_has(&config->card.arrow, group->no);
    }
}

/* Digest of the section, and of the stages if there are any, without white space, so that laying the file out
 * anew changes nothing. */
static int digest_asc(const struct document_node *root, const struct document_node *asc, uint8_t digest[32])
{
    const cJSON *stages = cJSON_GetObjectItemCaseSensitive(root->item, "stages");
    char *text = cJSON_PrintUnformatted(asc->item), *more = stages ? cJSON_PrintUnformatted(stages) : NULL;
    char *whole = NULL;
    bool printed = text && (more || !stages);
    int length = printed ? asprintf(&whole, "%s%s", text, more ? more : "") : -1;
    if (length >= 0) {
        SHA256((const unsigned char *)whole, (size_t)length, digest);
        free(whole);
    }
    cJSON_free(text);
    cJSON_free(more);
    return length >= 0 ? 0 : -1;
}

static void report_breach(void *arg, const struct database_fault *fault)
{
    char text[160];
    object_fault_text(fault, text, sizeof text);
    document_fault(arg, "%s", text);
}

static void read_asc(struct config_reader *reader, const struct document_node *root, struct faults *faults,
                     enum config_scope scope)
{
    struct config *config = reader->config;
    struct document_node asc;
    if (!document_object(root, "asc", REQUIRED, &asc))
        return;
    json_load_asc(&asc, &config->db);
    if (digest_asc(root, &asc, config->asc_digest) < 0)
        document_fault(&asc, "out of memory");
    bool sound = config_read_stages(reader, root, &asc);
    if (reader->staged && sound)
        database_check(&config->db, report_breach, &asc);
    if (scope == CONFIG_ASC_ONLY)
        return;
    complete_groups(config, reader->staged);
    struct card_context context = {root, &asc, faults};
    if (sound && reader->card_read && reader->groups_sound)
        card_check(&config->card, &config->feed, &config->db, report_card_fault, &context);
}

static void read_document(struct config_reader *reader, struct document *document, struct faults *faults,
                          enum config_scope scope)
{
    struct document_node root;
    document_root(document, &root);
    if (!document_as_object(&root))
        return;
    reader->staged = document_has(&root, "stages");
    if (scope == CONFIG_WHOLE) {
        config_read_cabinet(reader, &root);
        config_read_site(reader, &root);
        config_read_approaches(reader, &root);
        config_read_snmp(reader, &root);
        config_read_stmp(reader, &root);
        config_read_feed(reader, &root);
        config_read_tscbm(reader, &root);
        config_read_http(reader, &root);
        config_read_history(reader, &root);
    }
    read_asc(reader, &root, faults, scope);
    if (scope == CONFIG_WHOLE)
        document_finish(&root);
}

/* ---- the file ---- */

/* Reads the whole file. Returns its text, to be freed, or NULL with errno set. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = malloc(FILE_OCTETS_MAX + 1);
    if (text) {
        *length = fread(text, 1, FILE_OCTETS_MAX + 1, file);
        int error = ferror(file) ? errno : *length > FILE_OCTETS_MAX ? EFBIG : 0;
        if (error) {
            free(text);
            text = NULL;
            errno = error;
        }
    }
    int error = errno;
    fclose(file);
    errno = error;
    return text;
}

int config_load(struct config *config, const char *path, enum config_scope scope, config_fault *report,
                void *arg)
{
    size_t length = 0;
    char *text = read_file(path, &length);
    if (!text) {
        char line[LINE_TEXT_MAX];
        snprintf(line, sizeof line, "%s: cannot be read: %s", path, strerror(errno));
        report(arg, line);
        return 2;
    }
    memset(config, 0, sizeof *config);
    struct faults faults = {.path = path};
    struct document document;
    if (document_parse(&document, text, length, add_fault, &faults) == 0) {
        struct config_reader reader = {.config = config};
        read_document(&reader, &document, &faults, scope);
        document_free(&document);
    }
    free(text);
    bool sound = faults.count == 0;
    tell_faults(&faults, report, arg);
    return sound ? 0 : 1;
}
