/* One line of a scenario cut into words, and numbers out of words. */
#ifndef TESTS_GOLDEN_WORDS_H
#define TESTS_GOLDEN_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum { WORDS_MAX = 48, WORDS_TEXT = 256 };

struct words {
    int count;
    char *word[WORDS_MAX];
    char text[WORDS_TEXT];
};

/* Splits at blanks; a `#` ends the line. False if it has too many characters or words. */
bool words_split(struct words *words, const char *line);

/* A whole number. */
bool words_number(const char *word, int64_t *value);

/* Seconds with at most one decimal, as tenths: "14.2" is 142. */
bool words_tenths(const char *word, int64_t *tenths);

bool words_within(const char *word, int64_t lowest, int64_t highest, int64_t *value);

#endif
