#include "calendar.h"

enum {
    DAYS_OF_4_YEARS = 1461,
    DAYS_OF_100_YEARS = 36524,
    DAYS_OF_400_YEARS = 146097,
    MARCH_1_OF_YEAR_0 = -719468, /* as a day */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years are counted from March here, so that the leap day is a year's last and the months before it have
 * lengths that repeat every five: 31 30 31 30 31. */
int64_t calendar_day(int32_t year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int from_march = month > 2 ? month - 3 : month + 9;
    int64_t of_year = (153 * from_march + 2) / 5 + day - 1;
    return MARCH_1_OF_YEAR_0 + 365 * y + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) + of_year;
}

static int day_of_week(int64_t day)
{
    int64_t from_sunday = day + 4; /* 1 January 1970 was a Thursday */
    return (int)(from_sunday - floor_div(from_sunday, 7) * 7) + 1;
}

struct calendar_date calendar_date(int64_t day)
{
    int64_t from_march_0 = day - MARCH_1_OF_YEAR_0;
    int64_t era = floor_div(from_march_0, DAYS_OF_400_YEARS);
    int64_t of_era = from_march_0 - era * DAYS_OF_400_YEARS;
    int64_t leap_days =
        of_era / (DAYS_OF_4_YEARS - 1) - of_era / DAYS_OF_100_YEARS + of_era / (DAYS_OF_400_YEARS - 1);
    int64_t y = (of_era - leap_days) / 365;
    int of_year = (int)(of_era - (365 * y + y / 4 - y / 100));
    int from_march = (5 * of_year + 2) / 153;
    int month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (struct calendar_date){
        .year = (int32_t)(y + era * 400 + (month <= 2)),
        .month = (uint8_t)month,
        .day = (uint8_t)(of_year - (153 * from_march + 2) / 5 + 1),
        .day_of_week = (uint8_t)day_of_week(day),
    };
}

int calendar_month_length(int32_t year, int month)
{
    int64_t next = month < 12 ? calendar_day(year, month + 1, 1) : calendar_day(year + 1, 1, 1);
    return (int)(next - calendar_day(year, month, 1));
}

/* ---- daylight saving ---- */

/* The rule of the United States until 2006, which is what NTCIP's enableUSDST means; today's is written as a
 * row of dstTable. */
static const struct daylight_rule us_rule = {
    .begin_month = 4,
    .begin_occurrence = 1,
    .begin_day_of_week = 1,
    .begin_day_of_month = 1,
    .begin_s = 2 * 3600,
    .end_month = 10,
    .end_occurrence = DAYLIGHT_LAST,
    .end_day_of_week = 1,
    .end_day_of_month = 31,
    .end_s = 2 * 3600,
    .adjust_s = 3600,
};

static const struct daylight_rule europe_rule = {
    .begin_month = 3,
    .begin_occurrence = DAYLIGHT_LAST,
    .begin_day_of_week = 1,
    .begin_day_of_month = 31,
    .begin_s = 2 * 3600,
    .end_month = 10,
    .end_occurrence = DAYLIGHT_LAST,
    .end_day_of_week = 1,
    .end_day_of_month = 31,
    .end_s = 3 * 3600,
    .adjust_s = 3600,
};

/* The day of one year on which a rule changes the clock: a weekday counted from a day of the month on, or
 * back from it, or that day itself. */
static int64_t change_day(int32_t year, int month, int occurrence, int weekday, int day_of_month)
{
    int length = calendar_month_length(year, month);
    int64_t from = calendar_day(year, month, day_of_month < length ? day_of_month : length);
    int ahead = (weekday - day_of_week(from) + 7) % 7;
    if (occurrence == DAYLIGHT_SPECIFIC_DAY)
        return from;
    if (occurrence < DAYLIGHT_LAST)
        return from + ahead + 7 * (occurrence - 1);
    return from - (7 - ahead) % 7 - 7 * (occurrence - DAYLIGHT_LAST);
}

/* When the rule's saving begins and ends, in UTC, as far as it concerns `utc_s`; `offset_s` is the clock's
 * without it. Returns false for a row that is not used. */
static bool rule_span(const struct daylight_rule *rule, int64_t utc_s, int32_t offset_s, int64_t *begin_s,
                      int64_t *end_s)
{
    if (rule->begin_month == DAYLIGHT_ABSOLUTE) {
        *begin_s = rule->begin_s;
        *end_s = rule->end_s;
        return *begin_s < *end_s;
    }
    if (rule->begin_month < 1 || rule->begin_month > 12 || rule->end_month < 1 || rule->end_month > 12)
        return false;
    int32_t year = calendar_date(floor_div(utc_s + offset_s, CALENDAR_DAY_S)).year;
    int64_t begin_day = change_day(year, rule->begin_month, rule->begin_occurrence, rule->begin_day_of_week,
                                   rule->begin_day_of_month);
    int64_t end_day = change_day(year, rule->end_month, rule->end_occurrence, rule->end_day_of_week,
                                 rule->end_day_of_month);
    *begin_s = begin_day * CALENDAR_DAY_S + rule->begin_s - offset_s;
    *end_s = end_day * CALENDAR_DAY_S + rule->end_s - offset_s - rule->adjust_s;
    return *begin_s != *end_s;
}

struct calendar_clock calendar_clock(int64_t utc_s, int32_t zone_s, int saving,
                                     const struct daylight_rule table[DAYLIGHT_ROWS_MAX])
{
    const struct daylight_rule *rule = saving == DAYLIGHT_US       ? &us_rule
                                       : saving == DAYLIGHT_EUROPE ? &europe_rule
                                       : saving == DAYLIGHT_TABLE  ? table
                                                                   : NULL;
    int rules = !rule ? 0 : rule == table ? DAYLIGHT_ROWS_MAX : 1;
    struct calendar_clock clock = {.offset_s = zone_s, .shown_s = INT64_MIN};
    for (int i = 0; i < rules; i++, rule++) {
        int64_t begin_s, end_s;
        if (!rule_span(rule, utc_s, clock.offset_s, &begin_s, &end_s))
            continue;
        /* South of the equator the saving runs over the turn of the year. */
        bool begun = utc_s >= begin_s, ended = utc_s >= end_s;
        if (begin_s < end_s ? begun && !ended : begun || !ended)
            clock.offset_s += rule->adjust_s;
        else if (ended && utc_s < end_s + rule->adjust_s)
            clock.shown_s = end_s + clock.offset_s + rule->adjust_s - 1;
    }
    clock.local_s = utc_s + clock.offset_s;
    if (clock.shown_s < clock.local_s)
        clock.shown_s = clock.local_s;
    return clock;
}
