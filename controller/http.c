#include "http.h"
#include "../io/address.h"
#include "config_read.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_S = 5, HEADERS_MAX = 4096 };

struct http_query {
    struct evkeyvalq values;
};

struct http_server {
    struct event_base *base;
    struct evhttp *http;
    struct evconnlistener *listener;
    struct event *second;
    const struct http_route *route;
    int count;
    char address[ADDRESS_TEXT];
    char text[HTTP_TEXT];
};

const char *http_value(const struct http_query *query, const char *key)
{
    return evhttp_find_header(&query->values, key);
}

/* ---- answers ---- */

static void reply(struct evhttp_request *request, int status, const char *text)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct evbuffer *body = evhttp_request_get_output_buffer(request);
    evhttp_add_header(headers, "Content-Type", "text/plain; charset=utf-8");
    evhttp_add_header(headers, "Connection", "close");
    evbuffer_add(body, text, strlen(text));
    evhttp_send_reply(request, status, status == HTTP_OK ? "OK" : "Refused", NULL);
}

static void on_request(struct evhttp_request *request, void *arg)
{
    struct http_server *server = arg;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = evhttp_uri_get_path(uri), *text = evhttp_uri_get_query(uri);
    struct http_query query;
    for (int i = 0; path && i < server->count; i++) {
        if (strcmp(path, server->route[i].path) != 0)
            continue;
        if (evhttp_parse_query_str(text ? text : "", &query.values) < 0) {
            reply(request, HTTP_BAD_REQUEST, "what stands behind the '?' cannot be read\n");
            return;
        }
        const int status = server->route[i].page(server->route[i].arg, &query, server->text);
        evhttp_clear_headers(&query.values);
        reply(request, status, server->text);
        return;
    }
    reply(request, HTTP_NOT_FOUND, "there is no such page\n");
}

/* ---- no more connections than are good for us ---- */

static int count_descriptor(const struct event_base *base, const struct event *event, void *arg)
{
    (void)base;
    int *count = arg;
    *count += event_get_fd(event) >= 0;
    return 0;
}

/* evhttp does not count its connections. Each is a descriptor in the loop, as are the few of others. */
static bool is_crowded(struct http_server *server)
{
    int count = 0;
    event_base_foreach_event(server->base, count_descriptor, &count);
    return count >= HTTP_CONNECTIONS_MAX;
}

static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
    struct http_server *server = arg;
    (void)base;
    if (is_crowded(server))
        evconnlistener_disable(server->listener);
    return NULL; /* evhttp makes its own */
}

static void on_second(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *server = arg;
    (void)fd;
    (void)what;
    if (!is_crowded(server))
        evconnlistener_enable(server->listener);
}

/* ---- opening ---- */

static int bind_address(struct http_server *server, const char *listen, char *why, size_t size)
{
    struct address address;
    char host[ADDRESS_TEXT];
    if (config_parse_address(&address, listen, CONFIG_TCP, why, size) < 0)
        return -1;
    config_address_host(&address, host, sizeof host);
    struct evhttp_bound_socket *bound =
        evhttp_bind_socket_with_handle(server->http, host, address_port(&address));
    if (!bound) {
        snprintf(why, size, "%s: %s", listen, strerror(errno));
        return -1;
    }
    server->listener = evhttp_bound_socket_get_listener(bound);
    address_of_socket(&address, evhttp_bound_socket_get_fd(bound));
    address_print(&address, server->address, sizeof server->address);
    return 0;
}

int http_open(struct http_server **out, struct event_base *base, const char *listen,
              const struct http_route *routes, int count, char *why, size_t size)
{
    const struct timeval second = {1, 0};
    struct http_server *server = calloc(1, sizeof *server);
    if (server) {
        server->base = base;
        server->route = routes;
        server->count = count;
        server->http = evhttp_new(base);
        server->second = event_new(base, -1, EV_PERSIST, on_second, server);
    }
    if (!server || !server->http || !server->second || event_add(server->second, &second) < 0) {
        snprintf(why, size, "out of memory");
        http_close(server);
        return -1;
    }
    evhttp_set_timeout(server->http, TIMEOUT_S);
    evhttp_set_max_headers_size(server->http, HEADERS_MAX);
    evhttp_set_max_body_size(server->http, 0);
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET);
    evhttp_set_gencb(server->http, on_request, server);
    evhttp_set_bevcb(server->http, on_accept, server);
    if (bind_address(server, listen, why, size) < 0) {
        http_close(server);
        return -1;
    }
    *out = server;
    return 0;
}

void http_address(const struct http_server *server, char *text, size_t size)
{
    snprintf(text, size, "%s", server->address);
}

void http_close(struct http_server *server)
{
    if (!server)
        return;
    if (server->second)
        event_free(server->second);
    if (server->http)
        evhttp_free(server->http);
    free(server);
}
