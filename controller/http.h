/* A small HTTP server for pages that are asked for and answered at once. It belongs to an event loop and to
 * the thread that runs it. Only GET; everything is closed after its answer. */
#ifndef CONTROLLER_HTTP_H
#define CONTROLLER_HTTP_H

#include <stddef.h>

enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_UNAVAILABLE = 503,
    HTTP_TEXT = 32 * 1024, /* the longest answer */
    HTTP_CONNECTIONS_MAX = 32,
};

struct event_base;
struct http_server;
struct http_query; /* what stands behind the '?' */

/* The value of a key, decoded; NULL if it is not there. */
const char *http_value(const struct http_query *query, const char *key);

/* Writes an answer as plain text, and returns its status. */
typedef int http_page(void *arg, const struct http_query *query, char text[HTTP_TEXT]);

struct http_route {
    const char *path;
    http_page *page;
    void *arg;
};

/* Listens on an address such as tcp:127.0.0.1:8080 and answers `count` routes; all else is 404. `routes` must
 * outlive the server. Returns 0, or -1 with the reason in `why`. */
int http_open(struct http_server **out, struct event_base *base, const char *listen,
              const struct http_route *routes, int count, char *why, size_t size);

/* Where it really listens. */
void http_address(const struct http_server *server, char *text, size_t size);

/* NULL is allowed. */
void http_close(struct http_server *server);

#endif
