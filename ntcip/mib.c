#include "mib.h"
#include "object_arcs.h"
#include "object_lines.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define EDITION "202611230000Z"

static const struct object_id private_root = OID(TSC);

/* What our modules build on of SNMPv2-SMI. Debian leaves the RFC's own text out of its packages, so
 * this stands in for it; where the full one is installed, either will do. */
static const char smi_text[] =
    "SNMPv2-SMI DEFINITIONS ::= BEGIN\n"
    "\n"
    "-- The registration tree and the types; the insides of the macros every tool knows by itself.\n"
    "\n"
    "org            OBJECT IDENTIFIER ::= { iso 3 }\n"
    "dod            OBJECT IDENTIFIER ::= { org 6 }\n"
    "internet       OBJECT IDENTIFIER ::= { dod 1 }\n"
    "directory      OBJECT IDENTIFIER ::= { internet 1 }\n"
    "mgmt           OBJECT IDENTIFIER ::= { internet 2 }\n"
    "mib-2          OBJECT IDENTIFIER ::= { mgmt 1 }\n"
    "transmission   OBJECT IDENTIFIER ::= { mib-2 10 }\n"
    "experimental   OBJECT IDENTIFIER ::= { internet 3 }\n"
    "private        OBJECT IDENTIFIER ::= { internet 4 }\n"
    "enterprises    OBJECT IDENTIFIER ::= { private 1 }\n"
    "security       OBJECT IDENTIFIER ::= { internet 5 }\n"
    "snmpV2         OBJECT IDENTIFIER ::= { internet 6 }\n"
    "snmpDomains    OBJECT IDENTIFIER ::= { snmpV2 1 }\n"
    "snmpProxys     OBJECT IDENTIFIER ::= { snmpV2 2 }\n"
    "snmpModules    OBJECT IDENTIFIER ::= { snmpV2 3 }\n"
    "zeroDotZero    OBJECT IDENTIFIER ::= { 0 0 }\n"
    "\n"
    "MODULE-IDENTITY MACRO ::= BEGIN TYPE NOTATION ::= \"\" END\n"
    "OBJECT-TYPE MACRO ::= BEGIN TYPE NOTATION ::= \"\" END\n"
    "NOTIFICATION-TYPE MACRO ::= BEGIN TYPE NOTATION ::= \"\" END\n"
    "\n"
    "Integer32 ::= INTEGER (-2147483648..2147483647)\n"
    "IpAddress ::= [APPLICATION 0] IMPLICIT OCTET STRING (SIZE (4))\n"
    "Counter32 ::= [APPLICATION 1] IMPLICIT INTEGER (0..4294967295)\n"
    "Gauge32 ::= [APPLICATION 2] IMPLICIT INTEGER (0..4294967295)\n"
    "Unsigned32 ::= [APPLICATION 2] IMPLICIT INTEGER (0..4294967295)\n"
    "TimeTicks ::= [APPLICATION 3] IMPLICIT INTEGER (0..4294967295)\n"
    "Opaque ::= [APPLICATION 4] IMPLICIT OCTET STRING\n"
    "\n"
    "END\n";

static bool same_id(const struct object_id *a, const uint32_t *arc, int length)
{
    return a->length == length && memcmp(a->arc, arc, (size_t)length * sizeof arc[0]) == 0;
}

/* Below mgmt, not private. */
static bool is_standard(const struct object_id *id)
{
    return id->arc[4] == 2;
}

/* Writes a text in quotes, folded at 90 columns. */
static void write_text(FILE *out, const char *text)
{
    int column = 13;
    fputc('"', out);
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > 13 && column + 1 + length > 90) {
            fprintf(out, "\n             ");
            column = 13;
        } else if (column > 13) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('"', out);
}

/* "{ phase 4 }": the place under the module's node one arc up, or under a root of SNMPv2-SMI. */
static void write_place(FILE *out, const struct object_line *module, const struct object_id *id)
{
    for (size_t i = 0; i < object_line_count; i++) {
        const struct object_line *line = &object_lines[i];
        if (line->kind == LINE_NODE && same_id(&line->id, id->arc, id->length - 1) &&
            object_line_module(i) == module) {
            fprintf(out, "{ %s %u }", line->name, id->arc[id->length - 1]);
            return;
        }
    }
    fprintf(out, "{ %s", is_standard(id) ? "mib-2" : "enterprises");
    for (int i = 6; i < id->length; i++)
        fprintf(out, " %u", id->arc[i]);
    fprintf(out, " }");
}

/* The type alone, as a SEQUENCE names it. */
static const char *type_name(const struct object *object)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
        return "Integer32";
    case SYNTAX_NAMED:
        return "INTEGER";
    case SYNTAX_COUNTER:
        return "Counter32";
    case SYNTAX_GAUGE:
        return "Gauge32";
    case SYNTAX_TIMETICKS:
        return "TimeTicks";
    case SYNTAX_IP_ADDRESS:
        return "IpAddress";
    case SYNTAX_OPAQUE:
        return "Opaque";
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_LIST:
        return "OCTET STRING";
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        return "OBJECT IDENTIFIER";
    }
    return NULL;
}

static void write_syntax(FILE *out, const struct object *object)
{
    fputs(type_name(object), out);
    switch (object->syntax) {
    case SYNTAX_INTEGER:
        if (object->high <= INT32_MAX) /* a wider range has no place in SMIv2 */
            fprintf(out, " (%lld..%lld)", (long long)object->low, (long long)object->high);
        break;
    case SYNTAX_NAMED:
        fprintf(out, " { %s }", object->names);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OPAQUE:
    case SYNTAX_OCTETS:
        fprintf(out, " (SIZE (%lld..%lld))", (long long)object->low, (long long)object->high);
        break;
    case SYNTAX_LIST:
        fprintf(out, " (SIZE (0..%d))", object->length);
        break;
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
    case SYNTAX_IP_ADDRESS:
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        break;
    }
}

/* The name of `number` in "disable(1), enable(2)". */
static void write_named(FILE *out, const char *names, int64_t number)
{
    for (const char *name = names;; name = strchr(name, ',') + 2) {
        const char *open = strchr(name, '(');
        if (strtol(open + 1, NULL, 10) == number || !strchr(open, ',')) {
            fprintf(out, "%.*s", (int)(open - name), name);
            return;
        }
    }
}

static bool has_default(const struct object *object)
{
    return object->store == STORE_DATABASE && object->writable &&
           object->syntax != SYNTAX_COUNTER; /* SMIv2 gives it none */
}

static void write_default(FILE *out, const struct object *object)
{
    if (!has_default(object))
        return;
    fprintf(out, "    DEFVAL      { ");
    if (object->syntax == SYNTAX_NAMED)
        write_named(out, object->names, object->standard);
    else if (object->field == FIELD_LIST)
        fprintf(out, "\"\"");
    else if (object->field == FIELD_OCTETS && object->syntax == SYNTAX_OCTETS)
        fprintf(out, "'%0*d'h", 2 * object->size, 0);
    else if (object->syntax == SYNTAX_IP_ADDRESS)
        fprintf(out, "'00000000'h");
    else if (object->syntax == SYNTAX_POINTER || object->syntax == SYNTAX_REFERENCE)
        fprintf(out, "zeroDotZero");
    else
        fprintf(out, "%lld", (long long)object->standard);
    fprintf(out, " }\n");
}

static void write_object(FILE *out, const struct object_line *module, const struct object *object)
{
    fprintf(out, "%s OBJECT-TYPE\n    SYNTAX      ", object->name);
    write_syntax(out, object);
    if (object->units)
        fprintf(out, "\n    UNITS       \"%s\"", object->units);
    fprintf(out, "\n    MAX-ACCESS  %s\n    STATUS      current\n    DESCRIPTION\n            ",
            object->writable ? "read-write" : "read-only");
    write_text(out, object->text);
    fputc('\n', out);
    write_default(out, object);
    fprintf(out, "    ::= ");
    if (object->table)
        fprintf(out, "{ %s %u }", object->table->entry, object->id.arc[object->id.length - 1]);
    else
        write_place(out, module, &object->id);
    fprintf(out, "\n\n");
}

/* The type of a row: as its entry, but with a capital. */
static void write_row_type(FILE *out, const struct object_table *table)
{
    fprintf(out, "%c%s", toupper((unsigned char)table->entry[0]), table->entry + 1);
}

static void write_table(FILE *out, const struct object_line *module, const struct object_table *table)
{
    fprintf(out, "%s OBJECT-TYPE\n    SYNTAX      SEQUENCE OF ", table->name);
    write_row_type(out, table);
    fprintf(out, "\n    MAX-ACCESS  not-accessible\n    STATUS      current\n    DESCRIPTION\n            ");
    write_text(out, table->text);
    fprintf(out, "\n    ::= ");
    write_place(out, module, &table->id);
    fprintf(out, "\n\n%s OBJECT-TYPE\n    SYNTAX      ", table->entry);
    write_row_type(out, table);
    fprintf(out,
            "\n    MAX-ACCESS  not-accessible\n    STATUS      current\n    DESCRIPTION\n"
            "            \"A row of %s.\"\n    INDEX       { %s%s%s }\n    ::= { %s 1 }\n\n",
            table->name, table->key[0], table->keys == 2 ? ", " : "", table->keys == 2 ? table->key[1] : "",
            table->name);
    write_row_type(out, table);
    fprintf(out, " ::= SEQUENCE {");
    const char *between = "";
    for (size_t i = 0; i < object_count; i++) {
        if (object_all[i].table != table)
            continue;
        fprintf(out, "%s\n    %s %s", between, object_all[i].name, type_name(&object_all[i]));
        between = ",";
    }
    fprintf(out, "\n}\n\n");
}

/* The module of the object of that name. */
static const struct object_line *module_of(const char *name)
{
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind == LINE_OBJECT && strcmp(object_lines[i].name, name) == 0)
            return object_line_module(i);
    }
    return NULL;
}

/* Keys that tables of `module` take from the module `from`. */
static void write_key_imports(FILE *out, const struct object_line *module, const struct object_line *from)
{
    bool any = false;
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind != LINE_TABLE || object_line_module(i) != module)
            continue;
        const struct object_table *table = object_table_by_name(object_lines[i].name);
        for (int key = 0; key < table->keys; key++) {
            if (module_of(table->key[key]) != from)
                continue;
            fprintf(out, "%s%s", any ? ", " : "    ", table->key[key]);
            any = true;
        }
    }
    if (any)
        fprintf(out, "\n        FROM %s\n", from->name);
}

/* Whether SNMPv2-SMI must lend `name` to the module: a type of one of its objects, or their default. */
static bool uses(const struct object_line *module, const char *name)
{
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind != LINE_OBJECT || object_line_module(i) != module)
            continue;
        const struct object *object = object_by_name(object_lines[i].name);
        if (strcmp(type_name(object), name) == 0)
            return true;
        bool refers = object->syntax == SYNTAX_POINTER || object->syntax == SYNTAX_REFERENCE;
        if (refers && has_default(object) && strcmp(name, "zeroDotZero") == 0)
            return true;
    }
    return false;
}

static bool notifies(const struct object_line *module)
{
    bool found = false;
    for (size_t i = 0; i < object_line_count; i++)
        found = found || (object_lines[i].kind == LINE_NOTIFICATION && object_line_module(i) == module);
    return found;
}

static void write_smi_imports(FILE *out, const struct object_line *module)
{
    static const char *const lent[] = {"Integer32", "Counter32", "Gauge32",    "TimeTicks",
                                       "IpAddress", "Opaque",    "zeroDotZero"};
    fprintf(out, "    MODULE-IDENTITY, OBJECT-TYPE%s, enterprises%s",
            notifies(module) ? ", NOTIFICATION-TYPE" : "", is_standard(&module->id) ? ", mib-2" : "");
    for (size_t i = 0; i < sizeof lent / sizeof lent[0]; i++) {
        if (uses(module, lent[i]))
            fprintf(out, ", %s", lent[i]);
    }
    fprintf(out, "\n        FROM SNMPv2-SMI\n");
}

static void write_notification(FILE *out, const struct object_line *module, const struct object_line *line)
{
    fprintf(out,
            "%s NOTIFICATION-TYPE\n    OBJECTS     { %s }\n    STATUS      current\n    DESCRIPTION\n        "
            "    ",
            line->name, line->title);
    write_text(out, line->text);
    fprintf(out, "\n    ::= ");
    write_place(out, module, &line->id);
    fprintf(out, "\n\n");
}

static void write_identity(FILE *out, const struct object_line *module, int number)
{
    fprintf(out,
            "%s MODULE-IDENTITY\n    LAST-UPDATED \"%s\"\n    ORGANIZATION \"The authors of tscd\"\n"
            "    CONTACT-INFO \"See the project's README.\"\n    DESCRIPTION\n            ",
            module->identity, EDITION);
    write_text(out, module->text);
    fprintf(out, "\n    REVISION    \"%s\"\n    DESCRIPTION\n            \"First edition.\"\n", EDITION);
    struct object_id identity = private_root;
    identity.arc[identity.length++] = 9; /* where the modules themselves are registered */
    identity.arc[identity.length++] = (uint32_t)number;
    fprintf(out, "    ::= { enterprises");
    for (int i = 6; i < identity.length; i++)
        fprintf(out, " %u", identity.arc[i]);
    fprintf(out, " }\n\n");
}

/* Writes a module; it is the `number`th. */
static void write_module(FILE *out, const struct object_line *module, int number)
{
    fprintf(out, "%s DEFINITIONS ::= BEGIN\n\nIMPORTS\n", module->name);
    write_smi_imports(out, module);
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind == LINE_MODULE && &object_lines[i] != module)
            write_key_imports(out, module, &object_lines[i]);
    }
    fprintf(out, "    ;\n\n");
    write_identity(out, module, number);
    for (size_t i = 0; i < object_line_count; i++) {
        const struct object_line *line = &object_lines[i];
        if (object_line_module(i) != module)
            continue;
        switch (line->kind) {
        case LINE_NODE:
            fprintf(out, "%s OBJECT IDENTIFIER ::= ", line->name);
            write_place(out, module, &line->id);
            fprintf(out, "\n\n");
            break;
        case LINE_TABLE:
            write_table(out, module, object_table_by_name(line->name));
            break;
        case LINE_OBJECT:
            write_object(out, module, object_by_name(line->name));
            break;
        case LINE_NOTIFICATION:
            write_notification(out, module, line);
            break;
        case LINE_MODULE:
        case LINE_IN_MODULE:
        case LINE_ABSENT:
            break;
        }
    }
    fprintf(out, "END\n");
}

static FILE *open_module(const char *directory, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s.txt", directory, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return fopen(path, "w");
}

/* Closes a file, telling whether all of it was written. */
static int close_module(FILE *out)
{
    bool failed = ferror(out);
    return fclose(out) == 0 && !failed ? 0 : -1;
}

int mib_write(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return -1;
    FILE *out = open_module(path, "SNMPv2-SMI");
    if (!out)
        return -1;
    fputs(smi_text, out);
    if (close_module(out) != 0)
        return -1;
    int number = 0;
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind != LINE_MODULE)
            continue;
        out = open_module(path, object_lines[i].name);
        if (!out)
            return -1;
        write_module(out, &object_lines[i], ++number);
        if (close_module(out) != 0)
            return -1;
    }
    return 0;
}
