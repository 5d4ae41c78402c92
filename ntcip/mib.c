#include "mib.h"
#include "object.h"
#include "object_arcs.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* objects.def once more, this time as the sequence of its lines: a module owns what follows it. */
enum line_kind { LINE_MODULE, LINE_NODE, LINE_TABLE, LINE_OBJECT };

struct line {
    const char *name;
    const char *identity; /* of a module: the name of its MODULE-IDENTITY */
    const char *text;
    struct object_id id;
    enum line_kind kind;
};

#define MODULE(name_, identity_, id_, text_)                        {name_, #identity_, text_, id_, LINE_MODULE},
#define NODE(name_, id_)                                            {#name_, NULL, NULL, id_, LINE_NODE},
#define TABLE(name_, entry_, id_, keys_, present_, section_, text_) {#name_, NULL, text_, id_, LINE_TABLE},
#define OBJECT(name_, table_, id_, syntax_, access_, class_, field_, standard_, text_)                       \
    {#name_, NULL, text_, id_, LINE_OBJECT},
static const struct line lines[] = {
#include "objects.def"
};
static const size_t line_count = sizeof lines / sizeof lines[0];

static const struct object_id private_root = OID(TSC);

/* The few names of SNMPv2-SMI our modules build on. Debian leaves the RFC's own text out of its
 * packages, so this stands in for it; where the full one is installed, either will do. */
static const char smi_text[] =
    "SNMPv2-SMI DEFINITIONS ::= BEGIN\n"
    "\n"
    "-- The registration tree only; tools know the types and macros by themselves.\n"
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
    "END\n";

static bool same_id(const struct object_id *a, const uint32_t *arc, int length)
{
    return a->length == length && memcmp(a->arc, arc, (size_t)length * sizeof arc[0]) == 0;
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

/* "{ phase 4 }": the place under the node one arc up, or under a root of SNMPv2-SMI. */
static void write_place(FILE *out, const struct object_id *id)
{
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].kind == LINE_NODE && same_id(&lines[i].id, id->arc, id->length - 1)) {
            fprintf(out, "{ %s %u }", lines[i].name, id->arc[id->length - 1]);
            return;
        }
    }
    bool standard = id->arc[4] == 2; /* below mgmt, not private */
    fprintf(out, "{ %s", standard ? "mib-2" : "enterprises");
    for (int i = 6; i < id->length; i++)
        fprintf(out, " %u", id->arc[i]);
    fprintf(out, " }");
}

static void write_syntax(FILE *out, const struct object *object)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
        fprintf(out, "Integer32");
        if (object->high <= INT32_MAX) /* a wider range has no place in SMIv2 */
            fprintf(out, " (%lld..%lld)", (long long)object->low, (long long)object->high);
        break;
    case SYNTAX_NAMED:
        fprintf(out, "INTEGER { %s }", object->names);
        break;
    case SYNTAX_COUNTER:
        fprintf(out, "Counter32");
        break;
    case SYNTAX_TIMETICKS:
        fprintf(out, "TimeTicks");
        break;
    case SYNTAX_GAUGE:
        fprintf(out, "Gauge32");
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
        fprintf(out, "OCTET STRING (SIZE (%lld..%lld))", (long long)object->low, (long long)object->high);
        break;
    case SYNTAX_OPAQUE:
        fprintf(out, "Opaque (SIZE (0..%lld))", (long long)object->high);
        break;
    case SYNTAX_IP_ADDRESS:
        fprintf(out, "IpAddress");
        break;
    case SYNTAX_LIST:
        fprintf(out, "OCTET STRING (SIZE (0..%d))", object->length);
        break;
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        fprintf(out, "OBJECT IDENTIFIER");
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

static void write_default(FILE *out, const struct object *object)
{
    if (object->store != STORE_DATABASE || !object->writable)
        return;
    fprintf(out, "    DEFVAL      { ");
    if (object->syntax == SYNTAX_NAMED)
        write_named(out, object->names, object->standard);
    else if (object->field == FIELD_LIST)
        fprintf(out, "\"\"");
    else if (object->syntax == SYNTAX_IP_ADDRESS)
        fprintf(out, "'00000000'h");
    else if (object->syntax == SYNTAX_POINTER || object->syntax == SYNTAX_REFERENCE)
        fprintf(out, "zeroDotZero");
    else
        fprintf(out, "%lld", (long long)object->standard);
    fprintf(out, " }\n");
}

static void write_object(FILE *out, const struct object *object)
{
    fprintf(out, "%s OBJECT-TYPE\n    SYNTAX      ", object->name);
    write_syntax(out, object);
    fprintf(out, "\n    MAX-ACCESS  %s\n    STATUS      current\n    DESCRIPTION\n            ",
            object->writable ? "read-write" : "read-only");
    write_text(out, object->text);
    fputc('\n', out);
    write_default(out, object);
    fprintf(out, "    ::= ");
    if (object->table)
        fprintf(out, "{ %s %u }", object->table->entry, object->id.arc[object->id.length - 1]);
    else
        write_place(out, &object->id);
    fprintf(out, "\n\n");
}

/* The type of a row: as its entry, but with a capital. */
static void write_row_type(FILE *out, const struct object_table *table)
{
    fprintf(out, "%c%s", toupper((unsigned char)table->entry[0]), table->entry + 1);
}

static void write_table(FILE *out, const struct object_table *table)
{
    fprintf(out, "%s OBJECT-TYPE\n    SYNTAX      SEQUENCE OF ", table->name);
    write_row_type(out, table);
    fprintf(out, "\n    MAX-ACCESS  not-accessible\n    STATUS      current\n    DESCRIPTION\n            ");
    write_text(out, table->text);
    fprintf(out, "\n    ::= ");
    write_place(out, &table->id);
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
        const struct object *object = &object_all[i];
        if (object->table != table)
            continue;
        fprintf(out, "%s\n    %s ", between, object->name);
        between = ",";
        if (object->syntax == SYNTAX_NAMED)
            fprintf(out, "INTEGER");
        else if (object->syntax == SYNTAX_INTEGER)
            fprintf(out, "Integer32");
        else if (object->syntax == SYNTAX_TEXT || object->syntax == SYNTAX_LIST)
            fprintf(out, "OCTET STRING");
        else
            write_syntax(out, object);
    }
    fprintf(out, "\n}\n\n");
}

/* The module whose lines contain the object of that name. */
static const char *module_of(const char *name)
{
    const char *module = NULL;
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].kind == LINE_MODULE)
            module = lines[i].name;
        else if (strcmp(lines[i].name, name) == 0)
            return module;
    }
    return NULL;
}

/* Keys that tables of the module at lines[begin] take from the module `from`. */
static void write_key_imports(FILE *out, size_t begin, const char *from)
{
    bool any = false;
    for (size_t i = begin + 1; i < line_count && lines[i].kind != LINE_MODULE; i++) {
        if (lines[i].kind != LINE_TABLE)
            continue;
        const struct object_table *table = object_table_by_name(lines[i].name);
        for (int key = 0; key < table->keys; key++) {
            if (strcmp(module_of(table->key[key]), from) != 0)
                continue;
            fprintf(out, "%s%s", any ? ", " : "    ", table->key[key]);
            any = true;
        }
    }
    if (any)
        fprintf(out, "\n        FROM %s\n", from);
}

/* What SNMPv2-SMI must lend: the root and the types in use. */
static void write_smi_imports(FILE *out, size_t begin)
{
    bool counter = false;
    bool ticks = false;
    bool integer = false;
    for (size_t i = begin + 1; i < line_count && lines[i].kind != LINE_MODULE; i++) {
        if (lines[i].kind != LINE_OBJECT)
            continue;
        enum object_syntax syntax = object_by_name(lines[i].name)->syntax;
        counter = counter || syntax == SYNTAX_COUNTER;
        ticks = ticks || syntax == SYNTAX_TIMETICKS;
        integer = integer || syntax == SYNTAX_INTEGER;
    }
    bool standard = lines[begin].id.arc[4] == 2;
    fprintf(out, "    MODULE-IDENTITY, OBJECT-TYPE, enterprises%s%s%s%s\n        FROM SNMPv2-SMI\n",
            standard ? ", mib-2" : "", integer ? ", Integer32" : "", counter ? ", Counter32" : "",
            ticks ? ", TimeTicks" : "");
}

/* Writes the module that begins at lines[begin]; it is the `number`th. */
static void write_module(FILE *out, size_t begin, int number)
{
    const struct line *module = &lines[begin];
    fprintf(out, "%s DEFINITIONS ::= BEGIN\n\nIMPORTS\n", module->name);
    write_smi_imports(out, begin);
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].kind == LINE_MODULE && i != begin)
            write_key_imports(out, begin, lines[i].name);
    }
    fprintf(out,
            "    ;\n\n%s MODULE-IDENTITY\n    LAST-UPDATED \"202611230000Z\"\n"
            "    ORGANIZATION \"The authors of tscd\"\n    CONTACT-INFO \"See the project's README.\"\n"
            "    DESCRIPTION\n            ",
            module->identity);
    write_text(out, module->text);
    struct object_id identity = private_root;
    identity.arc[identity.length++] = 9; /* where the modules themselves are registered */
    identity.arc[identity.length++] = (uint32_t)number;
    fprintf(out, "\n    ::= { enterprises");
    for (int i = 6; i < identity.length; i++)
        fprintf(out, " %u", identity.arc[i]);
    fprintf(out, " }\n\n");
    for (size_t i = begin + 1; i < line_count && lines[i].kind != LINE_MODULE; i++) {
        if (lines[i].kind == LINE_NODE) {
            fprintf(out, "%s OBJECT IDENTIFIER ::= ", lines[i].name);
            write_place(out, &lines[i].id);
            fprintf(out, "\n\n");
        } else if (lines[i].kind == LINE_TABLE) {
            write_table(out, object_table_by_name(lines[i].name));
        } else {
            write_object(out, object_by_name(lines[i].name));
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
    for (size_t i = 0; i < line_count; i++) {
        if (lines[i].kind != LINE_MODULE)
            continue;
        out = open_module(path, lines[i].name);
        if (!out)
            return -1;
        write_module(out, i, ++number);
        if (close_module(out) != 0)
            return -1;
    }
    return 0;
}
