#include "object_words.h"
#include "../../ntcip/json.h"
#include <stdio.h>
#include <string.h>

const char *object_words_find(const char *word, struct object_instance *at)
{
    switch (object_parse(word, at)) {
    case OBJECT_OK:
        return NULL;
    case OBJECT_NO_INSTANCE:
        return "the object has no such row";
    default:
        return "no such object";
    }
}

static void join(const struct words *words, int first, const char *between, char out[WORDS_TEXT])
{
    size_t length = 0;
    out[0] = '\0';
    for (int i = first; i < words->count && length < WORDS_TEXT; i++)
        length += (size_t)snprintf(out + length, WORDS_TEXT - length, "%s%s", i > first ? between : "",
                                   words->word[i]);
}

void object_words_join(const struct words *words, int first, char out[WORDS_TEXT])
{
    join(words, first, " ", out);
}

const char *object_words_value(const struct object_instance *at, const struct words *words, int first,
                               struct value *out, char scratch[WORDS_TEXT])
{
    char json[WORDS_TEXT + 2];
    char text[WORDS_TEXT];
    join(words, first, ",", text);
    switch (at->object->syntax) {
    case SYNTAX_LIST:
        snprintf(json, sizeof json, "[%s]", text);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
    case SYNTAX_IP_ADDRESS:
    case SYNTAX_OBJECT_ID:
    case SYNTAX_REFERENCE:
    case SYNTAX_POINTER:
        snprintf(json, sizeof json, "\"%s\"", text);
        break;
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
        snprintf(json, sizeof json, "%s", text);
        break;
    }
    return json_parse_value(at->object, json, out, scratch, WORDS_TEXT) == 0 ? NULL : scratch;
}

void object_words_print(const struct object_instance *at, const struct value *value, char out[WORDS_TEXT])
{
    char json[1200];
    size_t length = 0;
    if (json_print_value(at->object, value, json, sizeof json) != 0)
        json[0] = '\0';
    for (const char *c = json; *c && length < WORDS_TEXT - 1; c++)
        if (!strchr("[],\"", *c))
            out[length++] = *c;
    out[length] = '\0';
}
