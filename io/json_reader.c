#include "json_reader.h"
#include <string.h>

void json_begin(struct json_reader *r, const char *text, size_t length)
{
    *r = (struct json_reader){.at = text, .end = text + length, .first = true};
}

void json_fail(struct json_reader *r)
{
    r->bad = true;
    r->at = r->end;
}

/* The next octet, without taking it; '\0' at the end, which no JSON contains. */
static char peek(const struct json_reader *r)
{
    return r->at < r->end ? *r->at : '\0';
}

static char next_after_blanks(struct json_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
    return peek(r);
}

static bool accept(struct json_reader *r, char c)
{
    if (peek(r) != c || r->at == r->end)
        return false;
    r->at++;
    return true;
}

static void expect(struct json_reader *r, char c)
{
    if (!accept(r, c))
        json_fail(r);
}

bool json_end(struct json_reader *r)
{
    next_after_blanks(r);
    return !r->bad && r->at == r->end;
}

void json_enter(struct json_reader *r, char bracket)
{
    next_after_blanks(r);
    expect(r, bracket);
    r->first = true;
}

/* Whether a container ending with `bracket` goes on. */
static bool goes_on(struct json_reader *r, char bracket)
{
    const char c = next_after_blanks(r);
    if (r->bad)
        return false;
    if (c == bracket) {
        r->at++;
        r->first = false; /* the container itself stands in the one around it */
        return false;
    }
    if (!r->first) {
        expect(r, ',');
        if (next_after_blanks(r) == bracket)
            json_fail(r);
    }
    r->first = false;
    return !r->bad;
}

bool json_element(struct json_reader *r)
{
    return goes_on(r, ']');
}

/* ---- strings ---- */

static uint32_t hex4(struct json_reader *r)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char c = peek(r);
        const uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                               : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                               : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                      : 16;
        if (digit == 16) {
            json_fail(r);
            return 0;
        }
        value = value << 4 | digit;
        r->at++;
    }
    return value;
}

/* Behind "\u": the code point, of two surrogates if it takes two. */
static uint32_t code_point(struct json_reader *r)
{
    const uint32_t high = hex4(r);
    if (high == 0 || (high >= 0xDC00 && high < 0xE000))
        json_fail(r);
    if (high < 0xD800 || high >= 0xDC00)
        return high;
    expect(r, '\\');
    expect(r, 'u');
    const uint32_t low = hex4(r);
    if (low < 0xDC00 || low >= 0xE000)
        json_fail(r);
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static size_t put_utf8(uint32_t point, char out[4])
{
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    const size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; point >>= 6)
        out[i] = (char)(0x80 | (point & 0x3F));
    out[0] = (char)(lead[length] | point);
    return length;
}

/* One character of a string, escaped or not, octet by octet where it is not. */
static size_t character(struct json_reader *r, char out[4])
{
    static const char escape[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    out[0] = peek(r);
    if ((unsigned char)out[0] < 0x20) {
        json_fail(r);
        return 0;
    }
    r->at++;
    if (out[0] != '\\')
        return 1;
    if (accept(r, 'u'))
        return put_utf8(code_point(r), out);
    const char c = peek(r);
    const char *found = c == '\0' ? NULL : strchr(escape, c);
    if (!found) {
        json_fail(r);
        return 0;
    }
    r->at++;
    out[0] = meaning[found - escape];
    return 1;
}

static size_t without_half_a_character(const char *text, size_t length)
{
    size_t lead = length;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0)
        return length;
    const unsigned char first = (unsigned char)text[--lead];
    const size_t octets = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    return length - lead < octets ? lead : length;
}

bool json_string(struct json_reader *r, char *text, size_t size)
{
    size_t length = 0;
    bool whole = true;
    next_after_blanks(r);
    expect(r, '"');
    while (!r->bad && !accept(r, '"')) {
        char c[4];
        const size_t octets = character(r, c);
        whole = whole && length + octets < size;
        if (whole) {
            memcpy(text + length, c, octets);
            length += octets;
        }
    }
    text[r->bad ? 0 : whole ? length : without_half_a_character(text, length)] = '\0';
    return whole && !r->bad;
}

bool json_key(struct json_reader *r, char *key, size_t size)
{
    if (!goes_on(r, '}'))
        return false;
    json_string(r, key, size);
    next_after_blanks(r);
    expect(r, ':');
    return !r->bad;
}

/* ---- words and numbers ---- */

static bool accept_word(struct json_reader *r, const char *word)
{
    const size_t length = strlen(word);
    next_after_blanks(r);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0)
        return false;
    r->at += length;
    return true;
}

bool json_null(struct json_reader *r)
{
    return accept_word(r, "null");
}

bool json_bool(struct json_reader *r)
{
    if (accept_word(r, "true"))
        return true;
    if (!accept_word(r, "false"))
        json_fail(r);
    return false;
}

/* Digits of a number: value times 10 to the power of `exponent`. */
struct decimal {
    bool negative;
    bool cut; /* there were more digits, not all zero */
    int64_t value;
    int exponent;
};

/* Takes the digits that come; each counts one to the exponent if it finds no room, `place` if it does. */
static void digits(struct json_reader *r, struct decimal *d, int place)
{
    if (peek(r) < '0' || peek(r) > '9')
        json_fail(r);
    for (; peek(r) >= '0' && peek(r) <= '9'; r->at++) {
        const int digit = *r->at - '0';
        if (d->value <= (INT64_MAX - 9) / 10) {
            d->value = d->value * 10 + digit;
            d->exponent += place;
        } else {
            d->cut |= digit != 0;
            d->exponent += place + 1;
        }
    }
}

static int exponent(struct json_reader *r)
{
    const int far = 10000; /* beyond every number there is */
    const bool negative = accept(r, '-');
    int value = 0;
    if (!negative)
        accept(r, '+');
    if (peek(r) < '0' || peek(r) > '9')
        json_fail(r);
    for (; peek(r) >= '0' && peek(r) <= '9'; r->at++)
        value = value < far ? value * 10 + (*r->at - '0') : far;
    return negative ? -value : value;
}

static struct decimal number(struct json_reader *r)
{
    struct decimal d = {0};
    next_after_blanks(r);
    d.negative = accept(r, '-');
    if (!accept(r, '0'))
        digits(r, &d, 0);
    if (accept(r, '.'))
        digits(r, &d, -1);
    if (accept(r, 'e') || accept(r, 'E'))
        d.exponent += exponent(r);
    return d;
}

/* Makes the exponent 0. Beyond what fits the value is INT64_MAX. */
static void settle(struct decimal *d)
{
    for (; d->exponent > 0 && d->value != 0; d->exponent--) {
        if (d->value > INT64_MAX / 10) {
            d->value = INT64_MAX;
            d->cut = true;
            break;
        }
        d->value *= 10;
    }
    for (; d->exponent < 0 && d->value != 0; d->exponent++) {
        d->cut |= d->value % 10 != 0;
        d->value /= 10;
    }
}

int64_t json_integer(struct json_reader *r, int64_t low, int64_t high)
{
    struct decimal d = number(r);
    settle(&d);
    const int64_t value = d.negative ? -d.value : d.value;
    if (d.cut || value < low || value > high)
        json_fail(r);
    return r->bad ? 0 : value;
}

int64_t json_thousandths(struct json_reader *r, int64_t high)
{
    struct decimal d = number(r);
    d.exponent += 3;
    settle(&d);
    if (d.negative && (d.value != 0 || d.cut))
        json_fail(r);
    if (r->bad)
        return 0;
    return d.value >= high ? high : d.value + d.cut;
}

/* ---- what nobody wants ---- */

static void skip_scalar(struct json_reader *r)
{
    char c[4];
    switch (next_after_blanks(r)) {
    case '"':
        r->at++;
        while (!r->bad && !accept(r, '"'))
            character(r, c);
        break;
    case 't':
    case 'f':
        json_bool(r);
        break;
    case 'n':
        if (!json_null(r))
            json_fail(r);
        break;
    default:
        number(r);
    }
}

void json_skip(struct json_reader *r)
{
    char close[JSON_DEPTH_MAX];
    char key[1];
    int depth = 0;
    do {
        const char c = next_after_blanks(r);
        if (c == '{' || c == '[') {
            if (depth == JSON_DEPTH_MAX) {
                json_fail(r);
                return;
            }
            json_enter(r, c);
            close[depth++] = c == '{' ? '}' : ']';
        } else {
            skip_scalar(r);
        }
        /* To the next value, or out of all that end here. */
        while (depth > 0 && !(close[depth - 1] == '}' ? json_key(r, key, sizeof key) : json_element(r)))
            depth--;
    } while (depth > 0 && !r->bad);
}
