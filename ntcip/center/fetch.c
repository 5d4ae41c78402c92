#include "fetch.h"
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_S = 15, ANSWER_MAX = 64 * 1024, HEADERS_MAX = 8 * 1024 };

struct fetched {
    struct event_base *base;
    int status;
    char *text; /* NULL: no answer came */
    size_t length;
    char why[64];
};

static void on_error(enum evhttp_request_error error, void *arg)
{
    static const char *const words[] = {
        [EVREQ_HTTP_TIMEOUT] = "no answer came in time",
        [EVREQ_HTTP_EOF] = "the connection ended without an answer",
        [EVREQ_HTTP_INVALID_HEADER] = "what came was not HTTP",
        [EVREQ_HTTP_BUFFER_ERROR] = "the connection broke",
        [EVREQ_HTTP_REQUEST_CANCEL] = "cancelled",
        [EVREQ_HTTP_DATA_TOO_LONG] = "the answer is too long",
    };
    struct fetched *fetched = arg;
    snprintf(fetched->why, sizeof fetched->why, "%s", words[error]);
}

static void on_answer(struct evhttp_request *request, void *arg)
{
    struct fetched *fetched = arg;
    event_base_loopbreak(fetched->base);
    if (!request || evhttp_request_get_response_code(request) == 0)
        return;
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    fetched->length = evbuffer_get_length(body);
    fetched->text = malloc(fetched->length + 1);
    if (!fetched->text)
        return;
    evbuffer_remove(body, fetched->text, fetched->length);
    fetched->text[fetched->length] = '\0';
    fetched->status = evhttp_request_get_response_code(request);
}

static void ask(struct fetched *fetched, const char *host, int port, const char *path)
{
    struct evhttp_connection *connection =
        evhttp_connection_base_new(fetched->base, NULL, host, (unsigned short)port);
    struct evhttp_request *request = connection ? evhttp_request_new(on_answer, fetched) : NULL;
    if (!request) {
        if (connection)
            evhttp_connection_free(connection);
        return;
    }
    evhttp_connection_set_timeout(connection, TIMEOUT_S);
    evhttp_connection_set_max_body_size(connection, ANSWER_MAX);
    evhttp_connection_set_max_headers_size(connection, HEADERS_MAX);
    evhttp_request_set_error_cb(request, on_error);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Host", host);
    if (evhttp_make_request(connection, request, EVHTTP_REQ_GET, path) == 0)
        event_base_dispatch(fetched->base);
    evhttp_connection_free(connection);
}

static bool is_base(const struct evhttp_uri *uri)
{
    const char *host = uri ? evhttp_uri_get_host(uri) : NULL, *path = uri ? evhttp_uri_get_path(uri) : NULL;
    return host && host[0] && (!path || !path[0] || strcmp(path, "/") == 0) && !evhttp_uri_get_query(uri);
}

int fetch(const char *controller, const char *path, char **text, size_t *length, char *why, size_t size)
{
    struct evhttp_uri *uri = evhttp_uri_parse(controller);
    if (!is_base(uri)) {
        snprintf(why, size, "%s: not of the form http://HOST:PORT", controller);
        if (uri)
            evhttp_uri_free(uri);
        return FETCH_MALFORMED;
    }
    struct fetched fetched = {.base = event_base_new(), .why = "no connection"};
    const int port = evhttp_uri_get_port(uri);
    if (fetched.base)
        ask(&fetched, evhttp_uri_get_host(uri), port > 0 ? port : 80, path);
    evhttp_uri_free(uri);
    if (fetched.base)
        event_base_free(fetched.base);
    if (!fetched.text) {
        snprintf(why, size, "%s: %s", controller, fetched.why);
        return FETCH_UNREACHED;
    }
    *text = fetched.text;
    *length = fetched.length;
    return fetched.status;
}
