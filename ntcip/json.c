#include "json.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- one value ---- */

static bool read_list(const struct document_node *node, const struct object *object, struct value *out)
{
    if (!document_as_array(node))
        return false;
    if (document_count(node) > object->length) {
        document_fault(node, "more than %d numbers", object->length);
        return false;
    }
    bool sound = true;
    out->length = 0;
    struct document_node element = {0};
    while (document_next(node, &element)) {
        int64_t number = 0;
        sound = document_as_int(&element, object->low, object->high, &number) && sound;
        out->octet[out->length++] = (uint8_t)number;
    }
    return sound;
}

/* An enumeration by its name: the number in "use(1), ignore(2)". */
static bool read_name(const struct document_node *node, const struct object *object, struct value *out)
{
    char word[64];
    char range[256];
    if (!document_as_text(node, word, sizeof word))
        return false;
    size_t length = strlen(word);
    for (const char *name = object->names; length > 0 && name; name = strchr(name, ' ')) {
        name += *name == ' ';
        if (strncmp(name, word, length) == 0 && name[length] == '(') {
            out->number = strtol(name + length + 1, NULL, 10);
            return true;
        }
    }
    object_range_text(object, range, sizeof range);
    document_fault(node, "\"%s\" is none of %s", word, range);
    return false;
}

static bool read_number(const struct document_node *node, const struct object *object, struct value *out)
{
    bool is_named = object->syntax == SYNTAX_NAMED; /* told by its names, not by a range */
    if (is_named && document_is_text(node))
        return read_name(node, object, out);
    if (!document_as_int(node, is_named ? INT32_MIN : object->low, is_named ? INT32_MAX : object->high,
                         &out->number))
        return false;
    if (object_fits(object, out) == FIT_OK)
        return true;
    char range[256];
    object_range_text(object, range, sizeof range);
    document_fault(node, "%" PRId64 " is none of %s", out->number, range);
    return false;
}

/* Reads "1.3.6" as an identifier. */
static bool parse_id(const char *text, struct object_id *out)
{
    out->length = 0;
    while (*text >= '0' && *text <= '9' && out->length < OBJECT_ID_MAX) {
        char *end;
        unsigned long long arc = strtoull(text, &end, 10);
        if (arc > UINT32_MAX)
            return false;
        out->arc[out->length++] = (uint32_t)arc;
        if (*end == '\0')
            return true;
        text = end + (*end == '.');
    }
    return false;
}

/* A pointer is written as a name, "timebaseAscActionNumber.5", or as an identifier in dots. */
static bool read_pointer(const struct document_node *node, const struct object *object, struct value *out)
{
    char text[96];
    char range[200];
    struct object_instance at;
    if (!document_as_text(node, text, sizeof text))
        return false;
    bool named = object_parse(text, &at) == OBJECT_OK;
    if (named)
        object_instance_id(&at, &out->id);
    if ((named || parse_id(text, &out->id)) && object_pointer_row(object, out) >= 0)
        return true;
    object_range_text(object, range, sizeof range);
    document_fault(node, "\"%s\" is not %s", text, range);
    return false;
}

/* Reads a value the object may hold, or reports why it cannot be one. */
static bool read_value(const struct document_node *node, const struct object *object, struct value *out)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        out->type = VALUE_INTEGER;
        return read_number(node, object, out);
    case SYNTAX_LIST:
        out->type = VALUE_OCTETS;
        return read_list(node, object, out);
    case SYNTAX_POINTER:
        out->type = VALUE_OBJECT_ID;
        return read_pointer(node, object, out);
    case SYNTAX_COUNTER:
    case SYNTAX_TIMETICKS:
    case SYNTAX_TEXT:
    case SYNTAX_OBJECT_ID: /* no such object can be written */
        break;
    }
    document_fault(node, "%s is read-only", object->name);
    return false;
}

/* ---- loading ---- */

struct loader {
    struct database *db;
    const struct document_node *asc;
    /* Per octet of the database the line that wrote it, negative if what stands there could not be
     * read. 0: nothing. */
    int *line_of;
    bool lost_sequence; /* a row of sequenceTable could not be placed */
};

static bool is_stored(const struct object *object)
{
    return object->store == STORE_DATABASE && object->writable;
}

/* Whether the config file keeps the object in rows of `section` (to which several MIB tables may add). */
static bool is_column(const struct object *object, const char *section)
{
    return object->table && is_stored(object) && strcmp(object->table->section, section) == 0;
}

static void put_line(struct loader *loader, const struct object_instance *at, int line)
{
    size_t offset = object_field_offset(at);
    for (size_t i = 0; i < at->object->size; i++)
        loader->line_of[offset + i] = line;
}

/* Reads one value into the database; with at->row[0] 0 in a table it is only judged. */
static void load_value(struct loader *loader, const struct document_node *node,
                       const struct object_instance *at)
{
    struct value value;
    bool sound = read_value(node, at->object, &value);
    if (at->object->table && at->row[0] == 0)
        return;
    put_line(loader, at, sound ? document_line(node) : -document_line(node));
    if (sound)
        object_store_value(at, &value, loader->db);
}

/* Reads the keys of a row. Returns its number among all rows, counted from 0, or -1 if it has no
 * place: then at->row stays 0. */
static int load_keys(const struct document_node *row, const struct object_table *table,
                     struct object_instance *at)
{
    int64_t number[2] = {0, 1};
    bool sound = true;
    for (int key = 0; key < table->keys; key++)
        sound = document_int(row, table->key[key], REQUIRED, 1, table->rows[key], &number[key]) && sound;
    if (!sound)
        return -1;
    for (int key = 0; key < table->keys; key++)
        at->row[key] = (uint16_t)number[key];
    return (int)((number[0] - 1) * table->rows[1] + number[1] - 1);
}

static bool is_key(const struct object_table *table, const char *name)
{
    for (int key = 0; key < table->keys; key++) {
        if (strcmp(table->key[key], name) == 0)
            return true;
    }
    return false;
}

/* Until its values say otherwise, the whole row stands on the row's own line. */
static void put_row_line(struct loader *loader, const char *section, struct object_instance at, int line)
{
    for (size_t i = 0; i < object_count; i++) {
        at.object = &object_all[i];
        if (is_column(at.object, section))
            put_line(loader, &at, line);
    }
}

/* `row_lines` holds for each row of the table the line that described it. */
static void load_row(struct loader *loader, const struct document_node *row, const struct object_table *table,
                     int *row_lines)
{
    if (!document_as_object(row))
        return;
    struct object_instance at = {0};
    int row_ix = load_keys(row, table, &at);
    if (row_ix >= 0 && row_lines[row_ix] != 0) {
        document_fault(row, "row stands twice, first on line %d", row_lines[row_ix]);
        at = (struct object_instance){0};
    } else if (row_ix >= 0) {
        row_lines[row_ix] = document_line(row);
        put_row_line(loader, table->name, at, document_line(row));
    }
    if (at.row[0] == 0 && strcmp(table->name, "sequenceTable") == 0)
        loader->lost_sequence = true;
    struct document_node member = {0};
    while (document_next(row, &member)) {
        const char *name = document_key(&member);
        if (is_key(table, name))
            continue;
        at.object = object_by_name(name);
        if (at.object && is_column(at.object, table->name))
            load_value(loader, &member, &at);
        else
            document_fault(&member, "unknown key in a row of %s", table->name);
    }
}

static void load_table(struct loader *loader, const struct document_node *rows,
                       const struct object_table *table)
{
    if (!document_as_array(rows))
        return;
    int *row_lines = calloc((size_t)table->rows[0] * table->rows[1], sizeof *row_lines);
    if (!row_lines) {
        document_fault(rows, "out of memory");
        return;
    }
    struct document_node row = {0};
    while (document_next(rows, &row))
        load_row(loader, &row, table, row_lines);
    free(row_lines);
}

/* Whether it is a table of the config file. */
static bool is_stored_table(const struct object_table *table)
{
    bool stored = false;
    for (size_t i = 0; i < object_count; i++)
        stored = stored || is_column(&object_all[i], table->name);
    return stored;
}

static void load_member(struct loader *loader, const struct document_node *member)
{
    const char *name = document_key(member);
    const struct object *object = object_by_name(name);
    const struct object_table *table = object_table_by_name(name);
    if (object && is_stored(object) && !object->table)
        load_value(loader, member, &(struct object_instance){.object = object});
    else if (object && is_stored(object))
        document_fault(member, "belongs in a row of %s", object->table->section);
    else if (table && is_stored_table(table))
        load_table(loader, member, table);
    else if (object || table)
        document_fault(member, "is not a stored parameter");
    else
        document_fault(member, "unknown object");
}

/* ---- rules between objects ---- */

static int line_of_field(const struct loader *loader, const void *field)
{
    return loader->line_of[(const char *)field - (const char *)loader->db];
}

static bool concurrency_lost(const struct loader *loader, int phase_no)
{
    return phase_no >= 1 && phase_no <= PHASES_MAX &&
           line_of_field(loader, &loader->db->phase[phase_no - 1].concurrency) < 0;
}

static bool any_concurrency_lost(const struct loader *loader)
{
    bool lost = false;
    for (int phase_no = 1; phase_no <= PHASES_MAX; phase_no++)
        lost = lost || concurrency_lost(loader, phase_no);
    return lost;
}

/* Whether a breach may only follow from a value that was reported as unreadable already. */
static bool follows_from_lost(const struct loader *loader, const struct database_fault *fault)
{
    if (loader->line_of[fault->field_offset] < 0)
        return true;
    switch (fault->rule) {
    case RULE_CONCURRENCY_ONE_SIDED:
    case RULE_STARTUP_CONFLICT:
        return concurrency_lost(loader, fault->row1) || concurrency_lost(loader, fault->row2);
    case RULE_SEQUENCE_PHASE_MISSING:
        return loader->lost_sequence;
    case RULE_SEQUENCE_ORDER:
        return loader->lost_sequence || any_concurrency_lost(loader);
    case RULE_CONCURRENT_SAME_RING:
    case RULE_SEQUENCE_PHASE_TWICE:
    case RULE_SEQUENCE_WRONG_RING:
    case RULE_PHASE_RING_RANGE:
        break;
    }
    return false;
}

/* The line of the field, else of its table, else of the section. */
static int line_to_blame(const struct loader *loader, const struct database_fault *fault,
                         const struct object_instance *at)
{
    int line = loader->line_of[fault->field_offset];
    if (line != 0)
        return line;
    struct document_node member = {0};
    while (at->object->table && document_next(loader->asc, &member)) {
        if (strcmp(document_key(&member), at->object->table->section) == 0)
            return document_line(&member);
    }
    return document_line(loader->asc);
}

static void report_breach(void *arg, const struct database_fault *fault)
{
    const struct loader *loader = arg;
    struct object_instance at;
    if (follows_from_lost(loader, fault) || object_at_offset(fault->field_offset, &at) != OBJECT_OK)
        return;
    char name[80];
    char key[DOCUMENT_KEY_MAX + sizeof name];
    char text[160];
    document_path(loader->asc, key, sizeof key);
    size_t length = strlen(key);
    object_format(&at, name, sizeof name);
    snprintf(key + length, sizeof key - length, "%s%s", length > 0 ? "." : "", name);
    object_fault_text(fault, text, sizeof text);
    document_fault_at(loader->asc->document, line_to_blame(loader, fault, &at), key, "%s", text);
}

int json_load_asc(const struct document_node *asc, struct database *db)
{
    int faults_before = asc->document->faults;
    size_t octets = sizeof *db;
    struct loader loader = {.db = db, .asc = asc, .line_of = calloc(octets, sizeof(int))};
    object_defaults(db);
    if (!loader.line_of) {
        document_fault(asc, "out of memory");
        return 1;
    }
    if (asc->item && document_as_object(asc)) {
        struct document_node member = {0};
        while (document_next(asc, &member))
            load_member(&loader, &member);
    }
    if (!document_has(asc, "channelTable"))
        database_default_channels(db);
    database_check(db, report_breach, &loader);
    free(loader.line_of);
    return asc->document->faults - faults_before;
}

/* ---- printing ---- */

static int print_text(const struct value *value, char *out, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < value->length; i++) {
        uint8_t octet = value->octet[i];
        const char *format = octet < 0x20 ? "\\u%04x" : octet == '"' || octet == '\\' ? "\\%c" : "%c";
        length += (size_t)snprintf(out + length, size - length, format, octet);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
}

static int print_numbers(const struct value *value, char *out, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < value->length; i++) {
        length += (size_t)snprintf(out + length, size - length, "%s%d", i > 0 ? ", " : "", value->octet[i]);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
}

static int print_id(const struct object_id *id, char *out, size_t size)
{
    size_t length = 0;
    for (int i = 0; i < id->length; i++) {
        length += (size_t)snprintf(out + length, size - length, "%s%" PRIu32, i > 0 ? "." : "", id->arc[i]);
        if (length + 2 > size)
            return -1;
    }
    return (int)length;
}

int json_print_value(const struct object *object, const struct value *value, char *out, size_t size)
{
    if (size < 32)
        return -1;
    const char *around = "\"\"";
    int length = 0;
    out[1] = '\0';
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
    case SYNTAX_COUNTER:
    case SYNTAX_TIMETICKS:
        snprintf(out, size, "%" PRId64, value->number);
        return 0;
    case SYNTAX_TEXT:
        length = print_text(value, out + 1, size - 1);
        break;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_POINTER:
        length = print_id(&value->id, out + 1, size - 1);
        break;
    case SYNTAX_LIST:
        around = "[]";
        length = print_numbers(value, out + 1, size - 1);
        break;
    }
    if (length < 0)
        return -1;
    out[0] = around[0];
    out[length + 1] = around[1];
    out[length + 2] = '\0';
    return 0;
}

struct printer {
    const struct database *db;
    FILE *out;
    int indent;
    bool any; /* a member was printed */
};

/* Begins a member of the section. */
static void print_name(struct printer *printer, const char *name)
{
    fprintf(printer->out, "%s\n%*s\"%s\": ", printer->any ? "," : "", printer->indent + 2, "", name);
    printer->any = true;
}

/* Reads the field; false if it holds the default. */
static bool get_changed(const struct database *db, const struct object_instance *at, struct value *out)
{
    object_get(at, &(struct object_view){.db = db}, out);
    if (at->object->syntax == SYNTAX_POINTER)
        return object_pointer_row(at->object, out) != 0;
    return at->object->field == FIELD_LIST ? out->length > 0 : out->number != at->object->standard;
}

static void print_value(struct printer *printer, const struct object *object, const struct value *value)
{
    char text[1100];
    json_print_value(object, value, text, sizeof text);
    fputs(text, printer->out);
}

/* Prints one row if anything in it differs from the defaults, and before the first the name of the
 * table. Returns whether it did. */
static bool print_row(struct printer *printer, const struct object_table *table, struct object_instance at,
                      bool first)
{
    bool begun = false;
    for (size_t i = 0; i < object_count; i++) {
        struct value value;
        at.object = &object_all[i];
        if (!is_column(at.object, table->name) || !get_changed(printer->db, &at, &value))
            continue;
        if (!begun && first) {
            print_name(printer, table->name);
            fputc('[', printer->out);
        }
        if (!begun) {
            fprintf(printer->out, "%s\n%*s{", first ? "" : ",", printer->indent + 4, "");
            for (int key = 0; key < table->keys; key++)
                fprintf(printer->out, "%s\"%s\": %d", key > 0 ? ", " : "", table->key[key], at.row[key]);
            begun = true;
        }
        fprintf(printer->out, ", \"%s\": ", at.object->name);
        print_value(printer, at.object, &value);
    }
    if (begun)
        fputc('}', printer->out);
    return begun;
}

static void print_table(struct printer *printer, const struct object_table *table)
{
    bool first = true;
    for (int row_ix = 0; row_ix < table->rows[0] * table->rows[1]; row_ix++) {
        struct object_instance at = {.row = {(uint16_t)(row_ix / table->rows[1] + 1), 0}};
        if (table->keys == 2)
            at.row[1] = (uint16_t)(row_ix % table->rows[1] + 1);
        if (print_row(printer, table, at, first))
            first = false;
    }
    if (!first)
        fprintf(printer->out, "\n%*s]", printer->indent + 2, "");
}

/* Left out, channelTable means the NEMA assignment; so it is left out only then. `other` is room to
 * work in: a database is too much for a small stack. */
static void print_channels(struct printer *printer, const struct object_table *table, struct database *other)
{
    object_defaults(other);
    if (memcmp(other->channel, printer->db->channel, sizeof other->channel) == 0) {
        print_name(printer, table->name);
        fputs("[]", printer->out);
        return;
    }
    database_default_channels(other);
    if (memcmp(other->channel, printer->db->channel, sizeof other->channel) != 0)
        print_table(printer, table);
}

int json_print_asc(const struct database *db, FILE *out, int indent)
{
    struct printer printer = {.db = db, .out = out, .indent = indent};
    const struct object_table *printed = NULL;
    struct database *other = malloc(sizeof *other);
    if (!other)
        return -1;
    fputc('{', out);
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        struct value value;
        if (!is_stored(object))
            continue;
        if (!object->table) {
            struct object_instance at = {.object = object};
            if (get_changed(db, &at, &value)) {
                print_name(&printer, object->name);
                print_value(&printer, object, &value);
            }
        } else if (object->table != printed && is_column(object, object->table->name)) {
            printed = object->table;
            if (strcmp(printed->name, "channelTable") == 0)
                print_channels(&printer, printed, other);
            else
                print_table(&printer, printed);
        }
    }
    if (printer.any)
        fprintf(out, "\n%*s", indent, "");
    fputc('}', out);
    free(other);
    return ferror(out) ? -1 : 0;
}

/* ---- a value by itself ---- */

struct reason {
    char *text;
    size_t size;
};

static void keep_reason(void *arg, int line, const char *key, const char *text)
{
    const struct reason *reason = arg;
    (void)line, (void)key;
    snprintf(reason->text, reason->size, "%s", text);
}

int json_parse_value(const struct object *object, const char *text, struct value *out, char *reason,
                     size_t reason_size)
{
    struct reason kept = {reason, reason_size};
    struct document document;
    struct document_node root;
    if (document_parse(&document, text, strlen(text), keep_reason, &kept) != 0)
        return -1;
    document_root(&document, &root);
    struct value value = {0};
    bool sound = read_value(&root, object, &value);
    document_free(&document);
    if (!sound)
        return -1;
    *out = value;
    return 0;
}
