/* Puts JSON together, piece by piece, in a buffer of the caller's. cJSON takes twenty times as long to build
 * and print the same. What does not fit is left out and remembered: look at `full` at the end. */
#ifndef IO_TEXT_H
#define IO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    char *at;
    char *end;
    bool full;
};

static inline void text_put(struct text *t, const char *s, size_t length)
{
    if ((size_t)(t->end - t->at) < length) {
        t->full = true;
        return;
    }
    memcpy(t->at, s, length);
    t->at += length;
}

static inline void text_raw(struct text *t, const char *s)
{
    text_put(t, s, strlen(s));
}

/* With its quotes; UTF-8 stays as it is. */
void text_string(struct text *t, const char *s);

void text_number(struct text *t, int64_t value);

void text_bool(struct text *t, bool value);

/* Microseconds as milliseconds with their decimals. */
void text_ms(struct text *t, int64_t us);

/* "2026-11-22T08:00:00.123456Z" with its quotes; with `decimals` 3, rounded to milliseconds. */
void text_utc(struct text *t, int64_t utc_us, int decimals);

/* The names of the bits that are set, lowest first, with commas between them. */
void text_names(struct text *t, uint32_t bits, int count, const char *name_of(int));

#endif
