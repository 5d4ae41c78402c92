/* Asks a controller over HTTP and waits for the answer. */
#ifndef CENTER_FETCH_H
#define CENTER_FETCH_H

#include <stddef.h>

enum {
    FETCH_UNREACHED = -1,
    FETCH_MALFORMED = -2, /* `controller` is not of the form http://HOST:PORT */
};

/* Fetches `path`, with its query, from `controller`. Returns the status and the text (to be freed, ends in a
 * 0 that `length` does not count), or one of the above with the reason in `why`. */
int fetch(const char *controller, const char *path, char **text, size_t *length, char *why, size_t size);

#endif
