#include "json.h"
#include <stdlib.h>
#include <string.h>

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
    bool sound = json_read_value(node, at->object, &value);
    if (at->object->table && at->row[0] == 0)
        return;
    put_line(loader, at, sound ? document_line(node) : -document_line(node));
    if (sound && object_store_value(at, &value, loader->db) != 0)
        document_fault(node, "nothing that %s takes", at->object->name);
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

static bool clearance_lost(const struct loader *loader, int phase_no)
{
    const struct phase_row *row = &loader->db->phase[phase_no - 1];
    return line_of_field(loader, &row->yellow_ds) < 0 || line_of_field(loader, &row->red_clear_ds) < 0;
}

/* Whether a breach may only follow from a value that was reported as unreadable already. */
static bool follows_from_lost(const struct loader *loader, const struct database_fault *fault)
{
    if (loader->line_of[fault->field_offset] < 0)
        return true;
    switch (fault->rule) {
    case RULE_CONCURRENCY_ONE_SIDED:
    case RULE_STARTUP_CONFLICT:
    case RULE_FLASH_ENTRY_CONFLICT:
    case RULE_FLASH_EXIT_CONFLICT:
        return concurrency_lost(loader, fault->row1) || concurrency_lost(loader, fault->row2);
    case RULE_PREEMPT_TRACK_CONFLICT:
    case RULE_PREEMPT_DWELL_CONFLICT:
    case RULE_PREEMPT_EXIT_CONFLICT:
        return concurrency_lost(loader, fault->row2) || concurrency_lost(loader, fault->value);
    case RULE_PED_CLEAR_BUFFER:
        return clearance_lost(loader, fault->row1);
    case RULE_SEQUENCE_PHASE_MISSING:
        return loader->lost_sequence;
    case RULE_SEQUENCE_ORDER:
        return loader->lost_sequence || any_concurrency_lost(loader);
    case RULE_CONCURRENT_SAME_RING:
    case RULE_SEQUENCE_PHASE_TWICE:
    case RULE_SEQUENCE_WRONG_RING:
    case RULE_PHASE_RING_RANGE:
    case RULE_OVERLAP_PHASE_TWICE:
    case RULE_OVERLAP_MODIFIER:
    case RULE_EVENT_LOG_SIZE:
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

/* Room to work in: a database is too much for a small stack. */
struct scratch {
    struct database defaults, other;
    const struct object *column[]; /* room for all objects: those of the table being printed */
};

struct printer {
    const struct database *db;
    struct scratch *scratch;
    size_t column_count;
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

static bool is_changed(const struct printer *printer, const struct object_instance *at)
{
    size_t offset = object_field_offset(at);
    return memcmp((const char *)printer->db + offset, (const char *)&printer->scratch->defaults + offset,
                  at->object->size) != 0;
}

static void print_value(struct printer *printer, const struct object_instance *at)
{
    char text[1600];
    struct value value;
    object_get(at, &(struct object_view){.db = printer->db, .admin = true}, &value);
    json_print_value(at->object, &value, text, sizeof text);
    fputs(text, printer->out);
}

/* Prints one row if anything in it differs from the defaults, and before the first the name of the
 * table. Returns whether it did. */
static bool print_row(struct printer *printer, const struct object_table *table, struct object_instance at,
                      bool first)
{
    bool begun = false;
    for (size_t i = 0; i < printer->column_count; i++) {
        at.object = printer->scratch->column[i];
        if (!is_changed(printer, &at))
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
        print_value(printer, &at);
    }
    if (begun)
        fputc('}', printer->out);
    return begun;
}

static void print_table(struct printer *printer, const struct object_table *table)
{
    bool first = true;
    printer->column_count = 0;
    for (size_t i = 0; i < object_count; i++) {
        if (is_column(&object_all[i], table->name))
            printer->scratch->column[printer->column_count++] = &object_all[i];
    }
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

/* Left out, channelTable means the NEMA assignment; so it is left out only then. */
static void print_channels(struct printer *printer, const struct object_table *table)
{
    struct database *other = &printer->scratch->other;
    if (memcmp(printer->scratch->defaults.channel, printer->db->channel, sizeof other->channel) == 0) {
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
    struct scratch *scratch = malloc(sizeof *scratch + object_count * sizeof(const struct object *));
    struct printer printer = {.db = db, .scratch = scratch, .out = out, .indent = indent};
    const struct object_table *printed = NULL;
    if (!scratch)
        return -1;
    object_defaults(&scratch->defaults);
    scratch->other = scratch->defaults;
    fputc('{', out);
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        if (!is_stored(object))
            continue;
        if (!object->table) {
            struct object_instance at = {.object = object};
            if (is_changed(&printer, &at)) {
                print_name(&printer, object->name);
                print_value(&printer, &at);
            }
        } else if (object->table != printed && is_column(object, object->table->name)) {
            printed = object->table;
            if (strcmp(printed->name, "channelTable") == 0)
                print_channels(&printer, printed);
            else
                print_table(&printer, printed);
        }
    }
    if (printer.any)
        fprintf(out, "\n%*s", indent, "");
    fputc('}', out);
    free(scratch);
    return ferror(out) ? -1 : 0;
}
