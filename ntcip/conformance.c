#include "conformance.h"
#include "object_lines.h"
#include <string.h>

enum conformance { SUPPORTED, PINNED, MISSING, ABSENT, CONFORMANCES };

static const char introduction[] =
    "# NTCIP conformance\n"
    "\n"
    "What this controller answers of each standard, object by object. `tscd --conformance FILE` writes\n"
    "this list from the object table, and a test holds the two together. Where we read a standard our own\n"
    "way says [objects.md](objects.md).\n"
    "\n"
    "* **supported**: bound to what the controller does. Some have one value by nature, such as the number\n"
    "  of rows of a table.\n"
    "* **decided elsewhere**: read as it is; a SET is taken of the value that stands, and of no other.\n"
    "* **not present**: of hardware or a protocol that this controller does not have: the value the\n"
    "  standard has for that, or a table without rows.\n"
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

/* The smallest group of the module that the object lies in. */
static const struct object_line *group_of(size_t ix)
{
    const struct object_id *id = &object_lines[ix].id;
    const struct object_line *group = NULL;
    for (size_t i = 0; i < object_line_count; i++) {
        const struct object_line *node = &object_lines[i];
        if (node->kind != LINE_NODE || object_line_module(i) != object_line_module(ix))
            continue;
        bool around = node->id.length < id->length &&
                      memcmp(node->id.arc, id->arc, node->id.length * sizeof id->arc[0]) == 0;
        if (around && (!group || node->id.length > group->id.length))
            group = node;
    }
    return group;
}

static void write_group(FILE *out, const struct object_line *group)
{
    bool begun = false;
    for (size_t i = 0; i < object_line_count; i++) {
        if (!is_counted(&object_lines[i]) || group_of(i) != group)
            continue;
        if (!begun)
            fprintf(out, "\n### %s\n| object | identifier | access | how |\n|---|---|---|---|\n",
                    group->name);
        begun = true;
        write_object(out, &object_lines[i]);
    }
}

static void write_module(FILE *out, const struct object_line *module)
{
    fprintf(out, "\n## %s\n", module->title);
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind == LINE_NODE && object_line_module(i) == module)
            write_group(out, &object_lines[i]);
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
