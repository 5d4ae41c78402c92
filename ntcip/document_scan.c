#include "document_scan.h"
#include "document.h"
#include <string.h>

struct scan {
    const unsigned char *at;
    const unsigned char *end;
    int line;
    int depth;
    int *lines;
    long count;
    const char *reason; /* set once, by the first fault */
};

static bool fail(struct scan *s, const char *reason)
{
    s->reason = reason;
    return false;
}

/* The next octet, 0 at the end (a real 0 is no JSON anyway). */
static unsigned char peek(const struct scan *s)
{
    return s->at < s->end ? *s->at : 0;
}

static void skip_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        if (*s->at == '\n')
            s->line++;
        s->at++;
    }
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* One UTF-8 sequence of more than one octet; overlong forms, surrogates and numbers above U+10FFFF
 * are not UTF-8. */
static bool scan_utf8(struct scan *s)
{
    unsigned char lead = *s->at;
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead < 0xC2 || lead > 0xF4)
        return fail(s, "not UTF-8");
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    for (int i = 1; i <= more; i++) {
        if (s->end - s->at <= i || s->at[i] < low || s->at[i] > high)
            return fail(s, "not UTF-8");
        low = 0x80;
        high = 0xBF;
    }
    s->at += more + 1;
    return true;
}

bool document_is_plain_text(const uint8_t *octet, size_t length)
{
    struct scan s = {.at = octet, .end = octet + length};
    while (s.at < s.end) {
        if (*s.at >= 0x80 ? !scan_utf8(&s) : *s.at < 0x20 || *s.at++ == 0x7F)
            return false;
    }
    return true;
}

/* Four hex digits; -1 where they are not. */
static int scan_hex4(struct scan *s)
{
    int number = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char c = peek(s);
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
        s->at++;
    }
    return number;
}

static bool scan_escape(struct scan *s)
{
    s->at++;
    unsigned char c = peek(s);
    if (c == 0 || !strchr("\"\\/bfnrtu", c))
        return fail(s, "unknown escape in a text");
    s->at++;
    if (c != 'u')
        return true;
    int number = scan_hex4(s);
    if (number < 0)
        return fail(s, "\\u needs four hex digits");
    if (number == 0)
        return fail(s, "\\u0000 is not allowed");
    if (number >= 0xDC00 && number <= 0xDFFF)
        return fail(s, "half a surrogate pair");
    if (number >= 0xD800 && number <= 0xDBFF) {
        if (peek(s) != '\\' || s->end - s->at < 2 || s->at[1] != 'u')
            return fail(s, "half a surrogate pair");
        s->at += 2;
        int second = scan_hex4(s);
        if (second < 0xDC00 || second > 0xDFFF)
            return fail(s, "half a surrogate pair");
    }
    return true;
}

static bool scan_string(struct scan *s)
{
    s->at++;
    while (s->at < s->end && *s->at != '"') {
        if (*s->at < 0x20)
            return fail(s, "control character in a text (or its end quote is missing)");
        if (*s->at == '\\') {
            if (!scan_escape(s))
                return false;
        } else if (*s->at >= 0x80) {
            if (!scan_utf8(s))
                return false;
        } else {
            s->at++;
        }
    }
    if (s->at == s->end)
        return fail(s, "text without an end quote");
    s->at++;
    return true;
}

static bool scan_digits(struct scan *s)
{
    if (!is_digit(peek(s)))
        return fail(s, "malformed number");
    while (is_digit(peek(s)))
        s->at++;
    return true;
}

/* Marks the value just begun as more than a plain integer. */
static void mark_fraction(struct scan *s)
{
    int *line = &s->lines[s->count - 1];
    if (*line > 0)
        *line = -*line;
}

/* cJSON reads at most 63 octets of a number. */
enum { NUMBER_MAX = 60 };

static bool scan_number(struct scan *s)
{
    const unsigned char *begin = s->at;
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0') {
        s->at++;
        if (is_digit(peek(s)))
            return fail(s, "number with a leading zero");
    } else if (!scan_digits(s)) {
        return false;
    }
    if (peek(s) == '.') {
        mark_fraction(s);
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        mark_fraction(s);
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (!scan_digits(s))
            return false;
    }
    return s->at - begin <= NUMBER_MAX || fail(s, "number with too many digits");
}

static bool scan_literal(struct scan *s, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, word, length) != 0)
        return fail(s, "expected a value");
    s->at += length;
    return true;
}

static bool scan_value(struct scan *s, int line);

static bool scan_member(struct scan *s)
{
    if (peek(s) != '"')
        return fail(s, "expected a key in quotes");
    int line = s->line;
    if (!scan_string(s))
        return false;
    skip_space(s);
    if (peek(s) != ':')
        return fail(s, "expected ':' after the key");
    s->at++;
    skip_space(s);
    return scan_value(s, line);
}

/* An object or an array: `close` says which. */
static bool scan_group(struct scan *s, unsigned char close)
{
    if (++s->depth > DOCUMENT_DEPTH_MAX)
        return fail(s, "nested too deep");
    s->at++;
    skip_space(s);
    bool empty = peek(s) == close;
    while (!empty) {
        if (close == '}' ? !scan_member(s) : !scan_value(s, s->line))
            return false;
        skip_space(s);
        if (peek(s) == close)
            break;
        if (peek(s) != ',')
            return fail(s, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
        s->at++;
        skip_space(s);
    }
    s->at++;
    s->depth--;
    return true;
}

static bool scan_value(struct scan *s, int line)
{
    if (s->at == s->end)
        return fail(s, "the text ends where a value is expected");
    s->lines[s->count++] = line;
    switch (*s->at) {
    case '{':
        return scan_group(s, '}');
    case '[':
        return scan_group(s, ']');
    case '"':
        return scan_string(s);
    case 't':
        return scan_literal(s, "true");
    case 'f':
        return scan_literal(s, "false");
    case 'n':
        return scan_literal(s, "null");
    default:
        if (*s->at != '-' && !is_digit(*s->at))
            return fail(s, "expected a value");
        return scan_number(s);
    }
}

long document_scan(const char *text, size_t length, int *lines, struct scan_fault *fault)
{
    const unsigned char *begin = (const unsigned char *)text;
    struct scan s = {.at = begin, .end = begin + length, .line = 1, .lines = lines};
    bool sound;
    if (length >= 3 && memcmp(begin, "\xEF\xBB\xBF", 3) == 0) {
        sound = fail(&s, "begins with a byte order mark");
    } else {
        skip_space(&s);
        sound = scan_value(&s, s.line);
        if (sound)
            skip_space(&s);
        if (sound && s.at != s.end)
            sound = fail(&s, "text behind the end");
    }
    if (sound)
        return s.count;
    *fault = (struct scan_fault){.line = s.line, .reason = s.reason};
    return -1;
}
