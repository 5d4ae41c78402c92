/* Calendar arithmetic: dates, and what a wall clock in a zone with daylight saving shows. Pure integers, the
 * Gregorian calendar throughout; seconds and days count from 1 January 1970. */
#ifndef PHASES_CALENDAR_H
#define PHASES_CALENDAR_H

#include "database.h"

enum { CALENDAR_DAY_S = 86400 };

struct calendar_date {
    int32_t year;
    uint8_t month;       /* 1..12 */
    uint8_t day;         /* of the month, 1..31 */
    uint8_t day_of_week; /* 1 Sunday .. 7 Saturday */
};

/* Days from 1 January 1970 to a date; `month` 1..12. A day beyond the end of its month counts on. */
int64_t calendar_day(int32_t year, int month, int day);

/* The date of a day, which may lie before 1970. */
struct calendar_date calendar_date(int64_t day);

/* Days of a month, 28..31. */
int calendar_month_length(int32_t year, int month);

/* A wall clock at one moment. When daylight saving ends, an hour is shown twice: during the second time
 * `shown_s` stays at the end of the first. */
struct calendar_clock {
    int32_t offset_s; /* local time minus UTC */
    int64_t local_s;  /* what it shows */
    int64_t shown_s;  /* the latest it has shown; never less than local_s */
};

/* The clock at `utc_s` in a zone that is `zone_s` ahead of UTC in standard time. `saving` is one of enum
 * daylight_saving (globalDaylightSaving, 1201 v03 2.4.2; any other value: none), `table` the rows of dstTable
 * (2.4.8.2), looked at only for DAYLIGHT_TABLE. Rows in force at the same time add up; a row's moments are
 * read on the clock that the rows before it make. A row whose months say nothing is not used. */
struct calendar_clock calendar_clock(int64_t utc_s, int32_t zone_s, int saving,
                                     const struct daylight_rule table[DAYLIGHT_ROWS_MAX]);

#endif
