#include "words.h"
#include <string.h>

bool words_split(struct words *words, const char *line)
{
    size_t length = strcspn(line, "#\r\n");
    words->count = 0;
    if (length >= sizeof(words->text))
        return false;
    memcpy(words->text, line, length);
    words->text[length] = '\0';
    char *rest = NULL;
    for (char *word = strtok_r(words->text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        if (words->count == WORDS_MAX)
            return false;
        words->word[words->count++] = word;
    }
    return true;
}

bool words_number(const char *word, int64_t *value)
{
    int64_t sum = 0;
    if (*word == '\0' || strlen(word) > 9)
        return false;
    for (; *word; word++) {
        if (*word < '0' || *word > '9')
            return false;
        sum = sum * 10 + (*word - '0');
    }
    *value = sum;
    return true;
}

bool words_tenths(const char *word, int64_t *tenths)
{
    char digits[16];
    size_t length = strlen(word);
    const char *point = strchr(word, '.');
    if (length == 0 || length > 9 || (point && (point == word || strlen(point) != 2)))
        return false;
    size_t whole = point ? (size_t)(point - word) : length;
    memcpy(digits, word, whole);
    digits[whole] = point ? point[1] : '0';
    digits[whole + 1] = '\0';
    return words_number(digits, tenths);
}

bool words_within(const char *word, int64_t lowest, int64_t highest, int64_t *value)
{
    int64_t number;
    if (!words_number(word, &number) || number < lowest || number > highest)
        return false;
    *value = number;
    return true;
}
