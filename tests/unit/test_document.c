/* The strict JSON document: what it refuses, the lines it names, and its accessors. */
#include "../../ntcip/document.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char told[4096]; /* one "line: key: reason" per fault */
static int told_count;

static void tell(void *arg, int line, const char *key, const char *reason)
{
    (void)arg;
    size_t length = strlen(told);
    snprintf(told + length, sizeof(told) - length, "%d: %s: %s\n", line, key, reason);
    told_count++;
}

static int parse(struct document *document, const char *text, size_t length)
{
    told[0] = '\0';
    told_count = 0;
    return document_parse(document, text, length, tell, NULL);
}

static void refused(const char *expected, const char *text, size_t length)
{
    struct document document;
    harness_at("%.40s", text);
    CHECK_INT(-1, parse(&document, text, length));
    CHECK_STR(expected, told);
}

static void grammar(void)
{
    static const struct {
        const char *told;
        const char *text;
    } cases[] = {
        {"1: : the text ends where a value is expected\n", ""},
        {"2: : the text ends where a value is expected\n", " \n "},
        {"1: : begins with a byte order mark\n", "\xEF\xBB\xBF{}"},
        {"1: : text behind the end\n", "{} x"},
        {"2: : text behind the end\n", "{}\n{}"},
        {"1: : number with a leading zero\n", "[01]"},
        {"1: : number with a leading zero\n", "-00"},
        {"1: : malformed number\n", "[1.]"},
        {"1: : expected a value\n", "[.5]"},
        {"1: : expected a value\n", "[+1]"},
        {"1: : malformed number\n", "[1e]"},
        {"1: : malformed number\n", "[-]"},
        {"1: : number with too many digits\n",
         "[1.0000000000000000000000000000000000000000000000000000000000001]"},
        {"1: : expected a value\n", "[NaN]"},
        {"1: : expected a value\n", "[tru]"},
        {"1: : expected ',' or ']'\n", "[truex]"},
        {"1: : expected a value\n", "[1,]"},
        {"1: : expected a key in quotes\n", "{\"a\":1,}"},
        {"1: : expected a key in quotes\n", "{a:1}"},
        {"1: : expected ':' after the key\n", "{\"a\" 1}"},
        {"3: : expected ',' or '}'\n", "{\n\"a\": 1\n\"b\": 2}"},
        {"1: : expected ',' or ']'\n", "[1 2]"},
        {"1: : expected ',' or ']'\n", "[1"},
        {"1: : the text ends where a value is expected\n", "["},
        {"1: : text without an end quote\n", "\"abc"},
        {"1: : unknown escape in a text\n", "\"\\x\""},
        {"1: : unknown escape in a text\n", "\"\\"},
        {"1: : \\u0000 is not allowed\n", "\"a\\u0000b\""},
        {"1: : \\u needs four hex digits\n", "\"\\u12g4\""},
        {"1: : half a surrogate pair\n", "\"\\ud800\""},
        {"1: : half a surrogate pair\n", "\"\\udc00\""},
        {"1: : half a surrogate pair\n", "\"\\ud800\\u0041\""},
        {"1: : not UTF-8\n", "\"\xC0\x80\""},
        {"1: : not UTF-8\n", "\"\xE0\x80\x80\""},
        {"1: : not UTF-8\n", "\"\xED\xA0\x80\""},
        {"1: : not UTF-8\n", "\"\xF4\x90\x80\x80\""},
        {"1: : not UTF-8\n", "\"\xE4\xB8\""},
        {"1: : not UTF-8\n", "\"\x80\""},
        {"2: : expected a value\n", "[\n// comment\n1]"},
        {"1: : control character in a text (or its end quote is missing)\n", "\"a\tb\""},
        {"1: : control character in a text (or its end quote is missing)\n", "{\"a\n\": 1}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused(cases[i].told, cases[i].text, strlen(cases[i].text));
    refused("1: : expected ',' or ']'\n", "[1\0]", 4);
    refused("1: : control character in a text (or its end quote is missing)\n", "\"a\0b\"", 5);
}

static void nesting_is_bounded(void)
{
    char text[200];
    struct document document;
    memset(text, '[', DOCUMENT_DEPTH_MAX);
    memset(text + DOCUMENT_DEPTH_MAX, ']', DOCUMENT_DEPTH_MAX);
    CHECK_INT(0, parse(&document, text, 2 * DOCUMENT_DEPTH_MAX));
    document_free(&document);
    memset(text, '[', sizeof(text));
    refused("1: : nested too deep\n", text, sizeof(text));
}

static struct document document;
static struct document_node root;

static bool open_document(const char *text)
{
    if (!CHECK_INT(0, parse(&document, text, strlen(text)))) {
        CHECK_STR("", told);
        return false;
    }
    document_root(&document, &root);
    return true;
}

static void sound_values(void)
{
    if (!open_document(
            "{\"i\": -7, \"d\": 2.5e1, \"t\": \"\xE5\x9F\x8E\\u4e1c\\n\", \"b\": true, \"w\": \"through\",\n"
            " \"o\": {\"x\": 1}, \"a\": [3, 4, 5], \"zero\": -0}"))
        return;
    int64_t i = 0;
    double d = 0;
    char t[16] = "";
    bool b = false;
    int w = -1;
    static const char *const words[] = {"left", "through"};
    CHECK(document_int(&root, "i", REQUIRED, -10, 10, &i));
    CHECK_INT(-7, i);
    CHECK(document_double(&root, "d", REQUIRED, 0, 100, &d));
    CHECK_NEAR(25, d, 0);
    CHECK(document_text(&root, "t", REQUIRED, t, sizeof(t)));
    CHECK_STR("\xE5\x9F\x8E\xE4\xB8\x9C\n", t);
    CHECK(document_bool(&root, "b", REQUIRED, &b) && b);
    CHECK(document_word(&root, "w", REQUIRED, words, 2, &w));
    CHECK_INT(1, w);
    CHECK(document_int(&root, "zero", REQUIRED, 0, 1, &i));
    CHECK_INT(0, i);
    struct document_node object, array, element = {0};
    CHECK(document_object(&root, "o", REQUIRED, &object));
    CHECK(document_int(&object, "x", REQUIRED, 0, 9, &i));
    CHECK(document_array(&root, "a", REQUIRED, &array));
    CHECK_INT(3, document_count(&array));
    int64_t sum = 0;
    while (document_next(&array, &element)) {
        CHECK(document_as_int(&element, 0, 9, &i));
        CHECK_INT(3 + element.index, i);
        sum += i;
    }
    CHECK_INT(12, sum);
    CHECK(!document_int(&root, "absent", OPTIONAL, 0, 1, &i));
    CHECK(!document_has(&root, "I"));
    document_finish(&root);
    document_finish(&object);
    CHECK_STR("", told);
    CHECK_INT(0, document.faults);
    document_free(&document);
}

static void each_fault_at_its_line(void)
{
    if (!open_document("{\n"
                       "  \"i\": 3.5,\n"
                       "  \"whole\": 1.0,\n"
                       "  \"high\": 256,\n"
                       "  \"huge\": 1e999,\n"
                       "  \"big\": 99999999999999999999,\n"
                       "  \"text\": 5,\n"
                       "  \"long\": \"abcdef\",\n"
                       "  \"word\": \"up\",\n"
                       "  \"flag\": 1,\n"
                       "  \"object\": [],\n"
                       "  \"array\": {},\n"
                       "  \"list\": [1,\n"
                       "    \"x\",\n"
                       "    {\"a\":\n"
                       "      null}],\n"
                       "  \"extra\": 0,\n"
                       "  \"Flag\": true\n"
                       "}\n"))
        return;
    int64_t i = 42;
    double d = 42;
    char t[4] = "old";
    bool b = true;
    int w = 42;
    struct document_node node, element = {0};
    static const char *const words[] = {"left", "right"};
    CHECK(!document_int(&root, "i", REQUIRED, 0, 255, &i));
    CHECK(!document_int(&root, "whole", REQUIRED, 0, 255, &i));
    CHECK(!document_int(&root, "high", REQUIRED, 0, 255, &i));
    CHECK(!document_double(&root, "huge", REQUIRED, 0, 1e6, &d));
    CHECK(!document_int(&root, "big", REQUIRED, 0, INT64_MAX, &i));
    CHECK(!document_text(&root, "text", REQUIRED, t, sizeof(t)));
    CHECK(!document_text(&root, "long", REQUIRED, t, sizeof(t)));
    CHECK(!document_word(&root, "word", REQUIRED, words, 2, &w));
    CHECK(!document_bool(&root, "flag", REQUIRED, &b));
    CHECK(!document_object(&root, "object", REQUIRED, &node));
    CHECK(!document_array(&root, "array", REQUIRED, &node));
    CHECK(!document_int(&root, "gone", REQUIRED, 0, 1, &i));
    CHECK(document_array(&root, "list", REQUIRED, &node));
    CHECK(document_next(&node, &element) && document_as_int(&element, 0, 9, &i));
    CHECK(document_next(&node, &element) && !document_as_int(&element, 0, 9, &i));
    CHECK(document_next(&node, &element) && !document_int(&element, "a", REQUIRED, 0, 9, &i));
    CHECK(!document_next(&node, &element));
    document_finish(&root);
    document_finish(&root);
    CHECK_STR("2: i: must be a whole number, not a fraction or power\n"
              "3: whole: must be a whole number, not a fraction or power\n"
              "4: high: 256 is not from 0 to 255\n"
              "5: huge: inf is not from 0 to 1e+06\n"
              "6: big: 1e+20 is not from 0 to 9223372036854775807\n"
              "7: text: must be a text in quotes\n"
              "8: long: longer than 3 octets\n"
              "9: word: must be one of left, right\n"
              "10: flag: must be true or false\n"
              "11: object: must be an object {...}\n"
              "12: array: must be an array [...]\n"
              "1: gone: missing\n"
              "14: list[1]: must be a whole number\n"
              "15: list[2].a: must be a whole number\n"
              "17: extra: unknown key\n"
              "18: Flag: unknown key\n",
              told);
    CHECK_INT(16, document.faults);
    CHECK_INT(1, i);
    CHECK_STR("old", t);
    CHECK_INT(42, w);
    document_free(&document);
}

static void doubled_keys(void)
{
    if (!open_document("{\"b\": 1,\n\"a\": {\"x\": 1,\n\"x\": 2},\n\"b\": 2, \"B\": 3,\n\"b\": 4}"))
        return;
    CHECK_STR("4: b: doubled key, first on line 1\n"
              "5: b: doubled key, first on line 1\n"
              "3: a.x: doubled key, first on line 2\n",
              told);
    int64_t b = 0;
    CHECK(document_int(&root, "b", REQUIRED, 0, 9, &b));
    CHECK_INT(1, b);
    struct document_node member = {0};
    int members = 0;
    while (document_next(&root, &member))
        members++;
    CHECK_INT(3, members);
    CHECK_INT(3, told_count);
    document_free(&document);
}

static void absent_sections_are_told_once(void)
{
    if (!open_document("{}"))
        return;
    struct document_node section = {0}, inner = {0};
    int64_t i = 0;
    CHECK(!document_object(&root, "cabinet", REQUIRED, &section));
    CHECK(!document_object(&section, "card", REQUIRED, &inner));
    CHECK(!document_int(&section, "units", REQUIRED, 0, 1, &i));
    document_finish(&section);
    CHECK_STR("1: cabinet: missing\n", told);
    document_free(&document);
}

static void hostile_keys_stay_on_one_line(void)
{
    if (!open_document("{\"a\\nERROR\": 1}"))
        return;
    document_finish(&root);
    CHECK_STR("1: a?ERROR: unknown key\n", told);
    document_free(&document);
}

/* 300 kB, once as one object of many keys and once deep in lines. */
static void large_documents(void)
{
    enum { KEYS = 20000 };
    char *text = malloc(KEYS * 20 + 16);
    if (!CHECK(text != NULL))
        return;
    size_t length = 1;
    text[0] = '{';
    for (int i = 0; i < KEYS; i++)
        length += (size_t)sprintf(text + length, "%s\"k%d\":\n%d", i ? "," : "", i % (KEYS - 1), i);
    length += (size_t)sprintf(text + length, "}");
    CHECK_INT(0, parse(&document, text, length));
    char expected[80];
    snprintf(expected, sizeof(expected), "%d: k0: doubled key, first on line 1\n", KEYS);
    CHECK_STR(expected, told);
    document_root(&document, &root);
    struct document_node member = {0};
    int64_t value = 0;
    for (int i = 0; i < KEYS - 1; i++) {
        CHECK(document_next(&root, &member));
        CHECK(document_as_int(&member, i, i, &value));
        CHECK_INT(i + 1, document_line(&member));
    }
    document_free(&document);
    free(text);
}

HARNESS_MAIN({"what is not JSON is refused at its line", grammar}, {"nesting is bounded", nesting_is_bounded},
             {"sound values are read", sound_values},
             {"each fault is told once, at its line, and the target stays", each_fault_at_its_line},
             {"doubled keys are told and the first counts", doubled_keys},
             {"an absent section is told once", absent_sections_are_told_once},
             {"a hostile key cannot forge a line", hostile_keys_stay_on_one_line},
             {"large documents", large_documents}, )
