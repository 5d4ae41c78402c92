/* Reads JSON (RFC 8259) straight from its text, value by value, in the order in which it stands there. No
 * tree, no memory, no recursion.
 *
 *     json_enter(&r, '{');
 *     while (json_key(&r, key, sizeof key)) {
 *         if (strcmp(key, "no") == 0)
 *             no = json_integer(&r, 1, 80);
 *         else
 *             json_skip(&r);
 *     }
 *
 * An error stays: from then on every value is 0 and every container at its end, so that it is enough to ask
 * `bad` once. */
#ifndef IO_JSON_READER_H
#define IO_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 32 }; /* of what is skipped */

struct json_reader {
    const char *at;
    const char *end;
    bool first; /* nothing stands yet in the innermost container */
    bool bad;
};

void json_begin(struct json_reader *r, const char *text, size_t length);

/* Nothing but blanks may follow. Returns whether all of the text was well. */
bool json_end(struct json_reader *r);

/* Says that a value is not what it has to be. */
void json_fail(struct json_reader *r);

/* Enters an object '{' or an array '['. */
void json_enter(struct json_reader *r, char bracket);

/* The key of the next member, cut where it is longer; false: the object is over. Its value must be read next.
 */
bool json_key(struct json_reader *r, char *key, size_t size);

/* Whether another element follows; false: the array is over. */
bool json_element(struct json_reader *r);

/* Passes over a value of any kind. */
void json_skip(struct json_reader *r);

/* Whether null comes next; reads it if so. */
bool json_null(struct json_reader *r);

bool json_bool(struct json_reader *r);

/* A string as UTF-8 with its end; cut, between two characters, where it is longer. Returns whether all of it
 * went in. NUL in a string is an error. */
bool json_string(struct json_reader *r, char *text, size_t size);

/* A whole number between the two. */
int64_t json_integer(struct json_reader *r, int64_t low, int64_t high);

/* A number not below 0, times 1000: rounded up, never more than `high`. */
int64_t json_thousandths(struct json_reader *r, int64_t high);

#endif
