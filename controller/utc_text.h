/* UTC as people and programs write it: "2026-11-22T08:00:00.123456Z". No clock is read here. */
#ifndef CONTROLLER_UTC_TEXT_H
#define CONTROLLER_UTC_TEXT_H

#include <stdint.h>

enum { UTC_TEXT = 32 };

/* Writes microseconds since 1970 with six decimals. What lies outside the years 1970 to 9999 is written as
 * the nearest of them. */
void utc_print(int64_t utc_us, char out[UTC_TEXT]);

/* Reads it back; the decimals may be fewer or left out. Returns 0, or -1 if it is anything else, a local time
 * or a day that is not in the calendar. */
int utc_parse(const char *text, int64_t *utc_us);

#endif
