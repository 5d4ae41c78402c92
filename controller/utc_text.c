#include "utc_text.h"
#include "../phases/calendar.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t second_us = 1000000;
static const int64_t last_s = INT64_C(253402300799); /* the end of year 9999 */

void utc_print(int64_t utc_us, char out[UTC_TEXT])
{
    if (utc_us < 0)
        utc_us = 0;
    if (utc_us / second_us > last_s)
        utc_us = last_s * second_us;
    const int64_t seconds = utc_us / second_us;
    const struct calendar_date date = calendar_date(seconds / CALENDAR_DAY_S);
    const int of_day = (int)(seconds % CALENDAR_DAY_S);
    snprintf(out, UTC_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", date.year, date.month, date.day,
             of_day / 3600, of_day / 60 % 60, of_day % 60, (int)(utc_us % second_us));
}

static int number(const char *digit, int count)
{
    int value = 0;
    while (count-- > 0)
        value = value * 10 + *digit++ - '0';
    return value;
}

/* ".123456Z" or "Z", in microseconds; -1 if it is neither. */
static int64_t parse_fraction(const char *text)
{
    int64_t value = 0, weight = second_us;
    if (*text == '.') {
        do {
            if (*++text < '0' || *text > '9' || (weight /= 10) == 0)
                return -1;
            value += (*text - '0') * weight;
        } while (text[1] != 'Z');
        text++;
    }
    return strcmp(text, "Z") == 0 ? value : -1;
}

int utc_parse(const char *text, int64_t *utc_us)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return -1;
    }
    const int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    const int hour = number(text + 11, 2), minute = number(text + 14, 2), second = number(text + 17, 2);
    const int64_t fraction = parse_fraction(text + sizeof shape - 1);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > calendar_month_length(year, month) ||
        hour > 23 || minute > 59 || second > 59 || fraction < 0)
        return -1;
    const int64_t seconds = calendar_day(year, month, day) * CALENDAR_DAY_S + hour * INT64_C(3600) +
                            minute * INT64_C(60) + second;
    *utc_us = seconds * second_us + fraction;
    return 0;
}
