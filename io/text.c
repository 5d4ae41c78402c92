#include "text.h"
#include <stdio.h>

void text_string(struct text *t, const char *s)
{
    text_raw(t, "\"");
    for (; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        char escape[8];
        if (c == '"' || c == '\\')
            text_put(t, (const char[]){'\\', *s}, 2);
        else if (c < 0x20)
            text_put(t, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
        else
            text_put(t, s, 1);
    }
    text_raw(t, "\"");
}

void text_number(struct text *t, int64_t value)
{
    char digit[20];
    size_t first = sizeof digit;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digit[--first] = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (value < 0)
        text_raw(t, "-");
    text_put(t, digit + first, sizeof digit - first);
}

static void put_padded(struct text *t, int64_t value, size_t width)
{
    char digit[8];
    for (size_t i = width; i-- > 0; value /= 10)
        digit[i] = (char)('0' + value % 10);
    text_put(t, digit, width);
}

void text_bool(struct text *t, bool value)
{
    text_raw(t, value ? "true" : "false");
}

void text_ms(struct text *t, int64_t us)
{
    text_number(t, us / 1000);
    text_raw(t, ".");
    put_padded(t, us % 1000, 3);
}

/* The date by counting in years that begin in March, so that the leap day is the last of its year. */
void text_utc(struct text *t, int64_t utc_us, int decimals)
{
    const int64_t second = 1000000, day = 86400 * second;
    const int64_t latest = INT64_C(253402300799) * second; /* the end of year 9999 */
    utc_us += decimals == 3 ? 500 : 0;
    utc_us = utc_us < 0 ? 0 : utc_us > latest ? latest : utc_us;
    const int64_t days = utc_us / day + 719468; /* since 1 March of year 0 */
    const int64_t of_day = utc_us % day / second;
    const int64_t era = days / 146097, of_era = days % 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t march_month = (5 * of_year + 2) / 153;
    const int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    text_raw(t, "\"");
    put_padded(t, era * 400 + year_of_era + (month <= 2), 4);
    text_raw(t, "-");
    put_padded(t, month, 2);
    text_raw(t, "-");
    put_padded(t, of_year - (153 * march_month + 2) / 5 + 1, 2);
    text_raw(t, "T");
    put_padded(t, of_day / 3600, 2);
    text_raw(t, ":");
    put_padded(t, of_day / 60 % 60, 2);
    text_raw(t, ":");
    put_padded(t, of_day % 60, 2);
    text_raw(t, ".");
    if (decimals == 3)
        put_padded(t, utc_us % second / 1000, 3);
    else
        put_padded(t, utc_us % second, 6);
    text_raw(t, "Z\"");
}

void text_names(struct text *t, uint32_t bits, int count, const char *name_of(int))
{
    const char *comma = "";
    for (int i = 0; i < count; i++) {
        if (!(bits >> i & 1U))
            continue;
        text_raw(t, comma);
        text_string(t, name_of(i));
        comma = ",";
    }
}
