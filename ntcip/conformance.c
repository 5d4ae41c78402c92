#include "conformance.h"
#include "object_lines.h"
#include <string.h>

enum conformance { SUPPORTED, PINNED, MISSING, ABSENT, CONFORMANCES };

static const char introduction[] =
    "# NTCIP conformance\n"
    "\n"
    "What this controller answers of each standard, object by object. `tscd --conformance FILE` writes this "
    "list from "
    "the\n"
    "object table, and a test holds the two together. [objects.md](objects.md) says where we read a standard "
    "our own "
    "way.\n"
    "\n"
    "* **supported**: bound to what the controller does. Some have one value by nature, such as the number "
    "of rows of a "
    "table.\n"
    "* **decided elsewhere**: read as it is; a SET is taken of the value that stands, and of no other.\n"
    "* **not present**: of hardware or a protocol that this controller does not have: the value the standard "
    "has for that, "
    "or a\n"
    "  table without rows.\n"
    "* **absent**: not answered.\n"
    "\n";

static enum conformance conformance_of(const struct object_line *line)
{
    if (line->kind == LINE_ABSENT)
        return ABSENT;
    const struct object *object = object_by_name(line->name);
    if (object->missing || (object->table && object->table->rows[0] == 0))
        return MISSING;
    return object->pinned ? PINNED : SUPPORTED;
}

static bool is_counted(const struct object_line *line)
{
    return line->kind == LINE_OBJECT || line->kind == LINE_ABSENT;
}

static void write_counts(FILE *out)
{
    fprintf(out, "| standard | objects | supported | decided elsewhere | not present | absent |\n"
                 "|---|---:|---:|---:|---:|---:|\n");
    for (size_t m = 0; m < object_line_count; m++) {
        const struct object_line *module = &object_lines[m];
        int count[CONFORMANCES] = {0};
        int all = 0;
        if (module->kind != LINE_MODULE || !module->title[0])
            continue;
        for (size_t i = 0; i < object_line_count; i++) {
            if (!is_counted(&object_lines[i]) || object_line_module(i) != module)
                continue;
            count[conformance_of(&object_lines[i])]++;
            all++;
        }
        fprintf(out, "| %s | %d | %d | %d | %d | %d |\n", module->title, all, count[SUPPORTED], count[PINNED],
                count[MISSING], count[ABSENT]);
    }
}

static void write_id(FILE *out, const struct object_id *id)
{
    for (int i = 0; i < id->length; i++)
        fprintf(out, i ? ".%u" : "%u", id->arc[i]);
}

static void write_how(FILE *out, const struct object_line *line)
{
    const struct object *object = object_by_name(line->name);
    switch (conformance_of(line)) {
    case SUPPORTED:
        fprintf(out, "supported");
        if (object->field == FIELD_FIXED)
            fprintf(out, ", always %u", object->offset);
        break;
    case PINNED:
        fprintf(out, "decided elsewhere: %s", line->text);
        break;
    case MISSING:
        if (object->table)
            fprintf(out, "not present: no rows");
        else
            fprintf(out, "not present: %s", line->text);
        break;
    case ABSENT:
        fprintf(out, "absent: %s", line->text);
        break;
    case CONFORMANCES:
        break;
    }
}

static void write_object(FILE *out, const struct object_line *line)
{
    const struct object *object = object_by_name(line->name);
    const char *access = !object ? "" : object->writable ? "read-write" : "read-only";
    fprintf(out, "| %s | ", line->name);
    write_id(out, &line->id);
    fprintf(out, " | %s | ", access);
    write_how(out, line);
    fprintf(out, " |\n");
}

/* One table for each group that has objects of its own. */
static void write_module(FILE *out, const struct object_line *module)
{
    const char *group = NULL;
    const char *written = NULL;
    fprintf(out, "\n## %s\n", module->title);
    for (size_t i = 0; i < object_line_count; i++) {
        const struct object_line *line = &object_lines[i];
        if (object_line_module(i) != module)
            continue;
        if (line->kind == LINE_NODE)
            group = line->name;
        if (!is_counted(line))
            continue;
        if (group && group != written)
            fprintf(out, "\n### %s\n| object | identifier | access | how |\n|---|---|---|---|\n", group);
        written = group;
        write_object(out, line);
    }
}

int conformance_write(FILE *out)
{
    fputs(introduction, out);
    write_counts(out);
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind == LINE_MODULE && object_lines[i].title[0])
            write_module(out, &object_lines[i]);
    }
    return ferror(out) ? -1 : 0;
}
