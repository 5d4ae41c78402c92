/* Dates and wall clocks; the C library, with zones written out in POSIX form, is the judge. */
#include "../../phases/calendar.h"
#include "harness.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct daylight_rule no_rows[DAYLIGHT_ROWS_MAX];

/* Today's American rule: dstTable's defaults, from March. */
static const struct daylight_rule america[DAYLIGHT_ROWS_MAX] = {{
    .begin_month = 3,
    .begin_occurrence = 2,
    .begin_day_of_week = 1,
    .begin_day_of_month = 1,
    .begin_s = 7200,
    .end_month = 11,
    .end_occurrence = 1,
    .end_day_of_week = 1,
    .end_day_of_month = 1,
    .end_s = 7200,
    .adjust_s = 3600,
}};

/* Saving over the turn of the year, by half an hour. */
static const struct daylight_rule lord_howe[DAYLIGHT_ROWS_MAX] = {{
    .begin_month = 10,
    .begin_occurrence = 1,
    .begin_day_of_week = 1,
    .begin_day_of_month = 1,
    .begin_s = 7200,
    .end_month = 4,
    .end_occurrence = 1,
    .end_day_of_week = 1,
    .end_day_of_month = 1,
    .end_s = 7200,
    .adjust_s = 1800,
}};

static int64_t utc(int year, int month, int day, int hour, int minute, int second)
{
    return calendar_day(year, month, day) * CALENDAR_DAY_S + hour * 3600 + minute * 60 + second;
}

static void dates_there_and_back(void)
{
    for (int64_t day = -200000; day < 200000; day++) {
        time_t t = (time_t)(day * CALENDAR_DAY_S);
        struct tm tm;
        gmtime_r(&t, &tm);
        struct calendar_date date = calendar_date(day);
        harness_at("day %lld", (long long)day);
        if (!CHECK(date.year == tm.tm_year + 1900 && date.month == tm.tm_mon + 1 && date.day == tm.tm_mday &&
                   date.day_of_week == tm.tm_wday + 1) ||
            !CHECK_INT(day, calendar_day(date.year, date.month, date.day)))
            return;
    }
}

static void leap_years(void)
{
    CHECK_INT(29, calendar_month_length(2024, 2));
    CHECK_INT(28, calendar_month_length(2025, 2));
    CHECK_INT(29, calendar_month_length(2000, 2));
    CHECK_INT(28, calendar_month_length(2100, 2));
    CHECK_INT(31, calendar_month_length(2024, 12));
    CHECK_INT(calendar_day(2024, 3, 1), calendar_day(2024, 2, 30));
}

static void beyond_2038(void)
{
    CHECK_INT(INT64_C(2147483648), utc(2038, 1, 19, 3, 14, 8));
    struct calendar_clock clock = calendar_clock(INT64_C(2147483648), 8 * 3600, DAYLIGHT_NONE, no_rows);
    CHECK_INT(INT64_C(2147483648) + 28800, clock.local_s);
    CHECK_INT(7200, calendar_clock(utc(2040, 7, 1, 0, 0, 0), 3600, DAYLIGHT_EUROPE, no_rows).offset_s);
}

/* Every quarter of an hour of the years from `from` to before `to`. */
static void check_zone(const char *posix_zone, int from, int to, int32_t zone_s, int saving,
                       const struct daylight_rule *table)
{
    setenv("TZ", posix_zone, 1);
    tzset();
    for (int64_t s = utc(from, 1, 1, 0, 0, 0); s < utc(to, 1, 1, 0, 0, 0); s += 900) {
        time_t t = (time_t)s;
        struct tm tm;
        localtime_r(&t, &tm);
        struct calendar_clock clock = calendar_clock(s, zone_s, saving, table);
        harness_at("%s at %lld", posix_zone, (long long)s);
        if (!CHECK_INT(tm.tm_gmtoff, clock.offset_s) || !CHECK_INT(s + tm.tm_gmtoff, clock.local_s))
            return;
    }
}

static void china_has_none(void)
{
    check_zone("CST-8", 2024, 2027, 8 * 3600, DAYLIGHT_NONE, america);
}

static void america_by_table(void)
{
    check_zone("EST5EDT,M3.2.0,M11.1.0", 2024, 2030, -5 * 3600, DAYLIGHT_TABLE, america);
    check_zone("PST8PDT,M3.2.0,M11.1.0", 2038, 2040, -8 * 3600, DAYLIGHT_TABLE, america);
}

static void america_until_2006(void)
{
    check_zone("EST5EDT,M4.1.0,M10.5.0", 2000, 2006, -5 * 3600, DAYLIGHT_US, no_rows);
}

static void europe(void)
{
    check_zone("CET-1CEST,M3.5.0,M10.5.0/3", 2024, 2030, 3600, DAYLIGHT_EUROPE, no_rows);
}

static void southern_half_hour(void)
{
    check_zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2024, 2030, 37800, DAYLIGHT_TABLE, lord_howe);
}

static void unknown_rules_are_none(void)
{
    CHECK_INT(3600, calendar_clock(utc(2024, 7, 1, 0, 0, 0), 3600, 1, america).offset_s);
    CHECK_INT(3600, calendar_clock(utc(2024, 7, 1, 0, 0, 0), 3600, DAYLIGHT_TABLE, no_rows).offset_s);
}

/* The weekday counted from a day of the month: first Sunday on or after the 9th, last but one Friday on or
 * before the 20th, a day that February has not. */
static void counted_weekdays(void)
{
    struct daylight_rule table[DAYLIGHT_ROWS_MAX] = {america[0]};
    table[0].begin_month = 10;
    table[0].begin_occurrence = 1;
    table[0].begin_day_of_month = 9;
    table[0].end_month = 3;
    table[0].end_occurrence = DAYLIGHT_LAST + 1;
    table[0].end_day_of_week = 6;
    table[0].end_day_of_month = 20;
    int64_t begin_s = utc(2024, 10, 13, 2, 0, 0), end_s = utc(2024, 3, 8, 1, 0, 0);
    CHECK_INT(0, calendar_clock(begin_s - 1, 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(3600, calendar_clock(begin_s, 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(3600, calendar_clock(end_s - 1, 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(0, calendar_clock(end_s, 0, DAYLIGHT_TABLE, table).offset_s);

    table[0].begin_month = 2;
    table[0].begin_occurrence = DAYLIGHT_SPECIFIC_DAY;
    table[0].begin_day_of_month = 30;
    begin_s = utc(2025, 2, 28, 2, 0, 0);
    CHECK_INT(0, calendar_clock(begin_s - 1, 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(3600, calendar_clock(begin_s, 0, DAYLIGHT_TABLE, table).offset_s);
}

static void absolute_moments(void)
{
    int64_t begin_s = utc(2026, 5, 3, 18, 30, 0), end_s = utc(2026, 9, 1, 0, 0, 0);
    struct daylight_rule table[DAYLIGHT_ROWS_MAX] = {
        {.begin_month = DAYLIGHT_DISABLED, .end_month = 3, .adjust_s = 3600},
        {.begin_month = DAYLIGHT_ABSOLUTE,
         .begin_s = (uint32_t)begin_s,
         .end_s = (uint32_t)end_s,
         .adjust_s = 1200},
    };
    CHECK_INT(28800, calendar_clock(begin_s - 1, 28800, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(30000, calendar_clock(begin_s, 28800, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(30000, calendar_clock(end_s - 1, 28800, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(28800, calendar_clock(end_s, 28800, DAYLIGHT_TABLE, table).offset_s);
}

/* Two rows: an hour in March, another in May on top of it, back in two steps as well. */
static void steps_add_up(void)
{
    struct daylight_rule table[DAYLIGHT_ROWS_MAX] = {america[0], america[0]};
    table[1].begin_month = 5;
    table[1].end_month = 8;
    CHECK_INT(0, calendar_clock(utc(2026, 2, 1, 0, 0, 0), 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(3600, calendar_clock(utc(2026, 4, 1, 0, 0, 0), 0, DAYLIGHT_TABLE, table).offset_s);
    int64_t second_s = utc(2026, 5, 10, 1, 0, 0); /* 02:00 on a clock one hour ahead */
    CHECK_INT(3600, calendar_clock(second_s - 1, 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(7200, calendar_clock(second_s, 0, DAYLIGHT_TABLE, table).offset_s);
    CHECK_INT(3600, calendar_clock(utc(2026, 9, 1, 0, 0, 0), 0, DAYLIGHT_TABLE, table).offset_s);
}

/* New York, 8 March 2026: 02:00 to 03:00 does not exist; 1 November: 01:00 to 02:00 comes twice. */
static void gap_and_fold(void)
{
    int64_t gap_s = utc(2026, 3, 8, 7, 0, 0), fold_s = utc(2026, 11, 1, 6, 0, 0);
    struct calendar_clock clock = calendar_clock(gap_s - 1, -18000, DAYLIGHT_TABLE, america);
    CHECK_INT(utc(2026, 3, 8, 1, 59, 59), clock.local_s);
    clock = calendar_clock(gap_s, -18000, DAYLIGHT_TABLE, america);
    CHECK_INT(utc(2026, 3, 8, 3, 0, 0), clock.local_s);
    CHECK_INT(clock.local_s, clock.shown_s);

    clock = calendar_clock(fold_s - 1, -18000, DAYLIGHT_TABLE, america);
    CHECK_INT(utc(2026, 11, 1, 1, 59, 59), clock.local_s);
    CHECK_INT(clock.local_s, clock.shown_s);
    clock = calendar_clock(fold_s, -18000, DAYLIGHT_TABLE, america);
    CHECK_INT(utc(2026, 11, 1, 1, 0, 0), clock.local_s);
    CHECK_INT(utc(2026, 11, 1, 1, 59, 59), clock.shown_s);
    clock = calendar_clock(fold_s + 3599, -18000, DAYLIGHT_TABLE, america);
    CHECK_INT(utc(2026, 11, 1, 1, 59, 59), clock.local_s);
    clock = calendar_clock(fold_s + 3600, -18000, DAYLIGHT_TABLE, america);
    CHECK_INT(utc(2026, 11, 1, 2, 0, 0), clock.local_s);
    CHECK_INT(clock.local_s, clock.shown_s);
}

HARNESS_MAIN({"days and dates agree with the C library, 1422 to 2517", dates_there_and_back},
             {"leap years", leap_years}, {"seconds beyond 2038", beyond_2038},
             {"China keeps one time", china_has_none}, {"America, by dstTable", america_by_table},
             {"America until 2006, enableUSDST", america_until_2006}, {"Europe", europe},
             {"saving over the turn of the year, by half an hour", southern_half_hour},
             {"a rule that is not known, or a table without rows, saves nothing", unknown_rules_are_none},
             {"weekdays counted from a day of the month", counted_weekdays},
             {"absolute moments in UTC", absolute_moments}, {"rows in force together add up", steps_add_up},
             {"the hour that is missing and the hour that comes twice", gap_and_fold}, )
