/* The conformance document is what the table says. */
#include "../../ntcip/conformance.h"
#include "../../ntcip/object_lines.h"
#include "harness.h"
#include <string.h>

static char written[1 << 20];
static char stored[1 << 20];

static void document_is_the_table(void)
{
    FILE *out = fmemopen(written, sizeof(written), "w");
    if (!CHECK(out != NULL))
        return;
    CHECK_INT(0, conformance_write(out));
    CHECK_INT(0, fclose(out));
    FILE *in = fopen(SOURCE_ROOT "/docs/ntcip-conformance.md", "r");
    if (!CHECK(in != NULL))
        return;
    stored[fread(stored, 1, sizeof(stored) - 1, in)] = '\0';
    fclose(in);
    if (strcmp(written, stored) != 0)
        CHECK_FAIL("docs/ntcip-conformance.md is old: tscd --conformance docs/ntcip-conformance.md");
}

/* Of each standard every line of the table, whichever group it lies in. */
static void no_object_is_left_out(void)
{
    for (size_t i = 0; i < object_line_count; i++) {
        const struct object_line *line = &object_lines[i];
        char row[128];
        if ((line->kind != LINE_OBJECT && line->kind != LINE_ABSENT) || !object_line_module(i)->title[0])
            continue;
        snprintf(row, sizeof(row), "\n| %s | 1.3.6.1.", line->name);
        harness_at("%s", line->name);
        CHECK(strstr(stored, row) != NULL);
    }
}

/* A unit stands before the syntax, where the modules find it, and agrees with the name of the field. */
static void units_are_those_of_the_fields(void)
{
    static const struct {
        const char *suffix, *units;
    } known[] = {
        {"_s)", "seconds"},       {"_ds)", "tenths of a second"},
        {"_min)", "minutes"},     {"_cm)", "centimetres"},
        {"_m)", "metres"},        {"_kmh)", "kilometres an hour"},
        {"_percent)", "percent"},
    };
#define MODULE(...)
#define IN_MODULE(...)
#define NODE(...)
#define NOTIFICATION(...)
#define TABLE(...)
#define ABSENT(...)
#define OBJECT(name_, table_, id_, syntax_, access_, class_, field_, ...) {#name_, #field_},
    static const struct {
        const char *name, *field;
    } line[] = {
#include "../../ntcip/objects.def"
    };
    for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
        const struct object *object = object_by_name(line[i].name);
        size_t length = strlen(line[i].field);
        harness_at("%s", line[i].name);
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
            size_t suffix = strlen(known[k].suffix);
            if (length > suffix && strcmp(line[i].field + length - suffix, known[k].suffix) == 0)
                CHECK_STR(known[k].units, object->units ? object->units : "");
        }
        if (object->units) /* not told twice */
            CHECK(!strstr(object->text, ", in seconds") && !strstr(object->text, ", in tenths"));
    }
}

static void absent_ones_are_not_answered(void)
{
    for (size_t i = 0; i < object_line_count; i++) {
        if (object_lines[i].kind != LINE_ABSENT)
            continue;
        struct object_instance at;
        harness_at("%s", object_lines[i].name);
        CHECK(object_by_name(object_lines[i].name) == NULL);
        CHECK_INT(OBJECT_UNKNOWN, object_find(&object_lines[i].id, &at));
        CHECK(object_lines[i].text[strlen(object_lines[i].text) - 1] == '.');
    }
}

HARNESS_MAIN({"the document is what the table says", document_is_the_table},
             {"no object is left out", no_object_is_left_out},
             {"units agree with the fields", units_are_those_of_the_fields},
             {"what is absent is not answered", absent_ones_are_not_answered}, )
