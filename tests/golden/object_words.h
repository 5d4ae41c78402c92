/* Objects in the words of a scenario: a name, and a value or the numbers of a list. */
#ifndef TESTS_GOLDEN_OBJECT_WORDS_H
#define TESTS_GOLDEN_OBJECT_WORDS_H

#include "../../ntcip/object.h"
#include "words.h"

/* Finds the object that a word names. Returns NULL, or the reason why not. */
const char *object_words_find(const char *word, struct object_instance *at);

/* Takes the words from number `first` on as a value the object may hold. Returns NULL, or the reason why
 * not, which may stand in `scratch`. */
const char *object_words_value(const struct object_instance *at, const struct words *words, int first,
                               struct value *out, char scratch[WORDS_TEXT]);

/* Writes a value as object_words_value() takes it: "2 6" for a list. */
void object_words_print(const struct object_instance *at, const struct value *value, char out[WORDS_TEXT]);

/* Writes the words from number `first` on with a blank between them. */
void object_words_join(const struct words *words, int first, char out[WORDS_TEXT]);

#endif
