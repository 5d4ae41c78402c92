/* The reader behind the receiver: what is JSON and what is not, and that nothing makes it recurse. */
#include "../../io/json_reader.h"
#include "harness.h"
#include <stdlib.h>
#include <string.h>

/* Whether the text is one value of JSON. It lies in memory of its own length, so that reading beyond is found
 * out. */
static bool is_json(const char *text, size_t length)
{
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, text, length);
    struct json_reader r;
    json_begin(&r, exact, length);
    json_skip(&r);
    const bool well = json_end(&r);
    free(exact);
    return well;
}

static void values_are_told_from_what_is_none(void)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "10",
                                       "1.5",
                                       "-1.25e+3",
                                       "1E-2",
                                       "true",
                                       "false",
                                       "null",
                                       "\"\"",
                                       "\"a\\n\\/\"",
                                       "\"\\u00e9\"",
                                       "[]",
                                       "{}",
                                       " [ 1 , 2 ] ",
                                       "{\"a\":{}}",
                                       "[[],[]]",
                                       "{\"\":0}",
                                       "\"\\ud83d\\ude00\"",
                                       "{\"a\":1,\"b\":[true,null,{\"c\":\"d\"}]}",
                                       "\t[\r\n]"};
    static const char *const bad[] = {"",
                                      " ",
                                      "01",
                                      "1.",
                                      ".5",
                                      "-",
                                      "+1",
                                      "1e",
                                      "1e+",
                                      "tru",
                                      "nul",
                                      "True",
                                      "NaN",
                                      "\"",
                                      "\"a",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u0000\"",
                                      "\"\\ud83d\"",
                                      "\"\\ude00\"",
                                      "\"\\ud83d\\u0041\"",
                                      "\"\n\"",
                                      "[",
                                      "]",
                                      "[1",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{",
                                      "}",
                                      "{a:1}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{1:2}",
                                      "{\"a\" 1}",
                                      "[}",
                                      "{]",
                                      "[1}",
                                      "1 2",
                                      "[] []",
                                      "'a'",
                                      "/**/1",
                                      "[1,,2]",
                                      "\\"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        harness_at("%s", good[i]);
        CHECK(is_json(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        harness_at("%s", bad[i]);
        CHECK(!is_json(bad[i], strlen(bad[i])));
    }
    CHECK(!is_json("\"a\0b\"", 5));
    CHECK(!is_json("1\0", 2));
}

static int64_t integer(const char *text, bool *bad)
{
    struct json_reader r;
    json_begin(&r, text, strlen(text));
    const int64_t value = json_integer(&r, -1000, INT64_C(1) << 53);
    *bad = !json_end(&r);
    return value;
}

static void whole_numbers_are_whole(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"7", 7},
                {"-1000", -1000},
                {"5.0", 5},
                {"1e3", 1000},
                {"12.50e1", 125},
                {"1000e-3", 1},
                {"9007199254740992", INT64_C(1) << 53},
                {"0e99999999999", 0},
                {"0.000e5", 0}};
    static const char *const bad[] = {"1.5",
                                      "-1001",
                                      "9007199254740993",
                                      "1e300",
                                      "99999999999999999999999999",
                                      "1e-1",
                                      "\"1\"",
                                      "true",
                                      "[1]",
                                      "1e99999999999",
                                      "0.0000000000000000000000001"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        bool is_bad;
        harness_at("%s", good[i].text);
        CHECK_INT(good[i].value, integer(good[i].text, &is_bad));
        CHECK(!is_bad);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool is_bad;
        harness_at("%s", bad[i]);
        CHECK_INT(0, integer(bad[i], &is_bad));
        CHECK(is_bad);
    }
}

/* An error bound is never made smaller by rounding. */
static void thousandths_are_rounded_up(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"0.4", 400},
                {"3.000", 3000},
                {"0.0001", 1},
                {"1.0000001", 1001},
                {"2.5e-2", 25},
                {"1e300", 1000000},
                {"999.9999", 1000000},
                {"1000", 1000000},
                {"-0.0", 0},
                {"123456789012345678901234567890", 1000000},
                {"1e-300", 1}};
    static const char *const bad[] = {"-0.1", "-1e-300", "null", "\"0\""};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct json_reader r;
        harness_at("%s", good[i].text);
        json_begin(&r, good[i].text, strlen(good[i].text));
        CHECK_INT(good[i].value, json_thousandths(&r, 1000000));
        CHECK(json_end(&r));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct json_reader r;
        harness_at("%s", bad[i]);
        json_begin(&r, bad[i], strlen(bad[i]));
        CHECK_INT(0, json_thousandths(&r, 1000000));
        CHECK(!json_end(&r));
    }
}

static void strings_are_utf8_and_cut_between_characters(void)
{
    static const struct {
        const char *json, *text;
        bool whole;
    } string[] = {{"\"abc\"", "abc", true},         {"\"\\\"\\\\\\/\\b\\f\\t\"", "\"\\/\b\f\t", true},
                  {"\"\\u5317\"", "北", true},      {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80", true},
                  {"\"1234567\"", "1234567", true}, {"\"12345678\"", "1234567", false},
                  {"\"12345北\"", "12345", false},  {"\"北进口\"", "北进", false},
                  {"\"1北进口\"", "1北进", false}};
    for (size_t i = 0; i < sizeof string / sizeof *string; i++) {
        struct json_reader r;
        char text[8];
        harness_at("%s", string[i].json);
        json_begin(&r, string[i].json, strlen(string[i].json));
        CHECK_INT(string[i].whole, json_string(&r, text, sizeof text));
        CHECK_STR(string[i].text, text);
        CHECK(json_end(&r));
    }
}

static void members_and_elements_come_in_order(void)
{
    static const char text[] = "{\"a\":[1,{\"x\":[]},2],\"b\":{},\"c\":null,\"d\":false}";
    struct json_reader r;
    char key[4];
    json_begin(&r, text, sizeof text - 1);
    json_enter(&r, '{');
    CHECK(json_key(&r, key, sizeof key));
    CHECK_STR("a", key);
    json_enter(&r, '[');
    CHECK(json_element(&r));
    CHECK_INT(1, json_integer(&r, 0, 9));
    CHECK(json_element(&r));
    json_skip(&r);
    CHECK(json_element(&r));
    CHECK_INT(2, json_integer(&r, 0, 9));
    CHECK(!json_element(&r));
    CHECK(json_key(&r, key, sizeof key));
    json_enter(&r, '{');
    CHECK(!json_key(&r, key, sizeof key));
    CHECK(json_key(&r, key, sizeof key));
    CHECK(json_null(&r));
    CHECK(json_key(&r, key, sizeof key));
    CHECK(!json_null(&r));
    CHECK(!json_bool(&r));
    CHECK(!json_key(&r, key, sizeof key));
    CHECK(json_end(&r));
}

/* A megabyte of brackets costs a look at the first few. */
static void depth_is_bounded(void)
{
    enum { MEGABYTE = 1 << 20 };
    static char deep[MEGABYTE];
    static const char *const opening[] = {"[", "{\"a\":", "[[0],"};
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) {
        const size_t length = strlen(opening[i]);
        for (size_t k = 0; k < sizeof deep; k++)
            deep[k] = opening[i][k % length];
        CHECK(!is_json(deep, sizeof deep));
    }
    memset(deep, '[', JSON_DEPTH_MAX);
    memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    CHECK(is_json(deep, 2 * JSON_DEPTH_MAX));
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    CHECK(!is_json(deep, 2 * JSON_DEPTH_MAX + 2));
}

HARNESS_MAIN({"values are told from what is none", values_are_told_from_what_is_none},
             {"whole numbers are whole", whole_numbers_are_whole},
             {"thousandths are rounded up", thousandths_are_rounded_up},
             {"strings are UTF-8 and cut between characters", strings_are_utf8_and_cut_between_characters},
             {"members and elements come in order", members_and_elements_come_in_order},
             {"depth is bounded", depth_is_bounded}, )
