#include "agent_loop.h"
#include "agent_socket.h"
#include "agent_transport.h"
#include <errno.h>
#include <event2/event.h>
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
/* after the above, on which it leans */
#include <net-snmp/library/large_fd_set.h>
#include <unistd.h>

enum { STREAM_MESSAGE_MAX = 65535 };

struct loop_link {
    struct loop *loop;
    void *session; /* the library's handle; NULL: this slot is free */
    netsnmp_transport *transport;
    struct event *event;
    bool stream;
    netsnmp_large_fd_set fds; /* just this one */
};

struct loop_port {
    bool stream;
    int fd;                 /* of a datagram socket the link's, which closes it */
    struct event *listener; /* NULL: datagrams */
    struct event *resume;   /* of a listener that pauses */
    struct loop *loop;
};

struct loop {
    struct event_base *base;
    struct loop_hooks hooks;
    size_t port_count;
    struct loop_port port[LISTEN_MAX];
    struct loop_link link[LISTEN_MAX + STREAMS_MAX];
    size_t stream_count;
    uint64_t connections_refused;
};

void *loop_link_arg(const struct loop_link *link)
{
    return link->loop->hooks.arg;
}

bool loop_link_is_stream(const struct loop_link *link)
{
    return link->stream;
}

size_t loop_address_count(const struct loop *loop)
{
    return loop->port_count;
}

uint64_t loop_connections_refused(const struct loop *loop)
{
    return loop->connections_refused;
}

void loop_address(const struct loop *loop, size_t ix, char *out, size_t size)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    memset(&address, 0, sizeof(address));
    getsockname(loop->port[ix].fd, (struct sockaddr *)&address, &length);
    socket_format(loop->port[ix].stream, (const struct sockaddr *)&address, out, size);
}

int loop_send(struct loop_link *link, netsnmp_pdu *reply)
{
    /* The library returns the request's number, frees the message unless that is 0, and tells
     * failure from request 0 by the session's error alone. */
    netsnmp_session *session = snmp_sess_session(link->session);
    if (snmp_sess_send(link->session, reply) != 0) {
        return 0;
    }
    snmp_free_pdu(reply);
    return session->s_snmp_errno == SNMPERR_SUCCESS ? 0 : -1;
}

static void link_close(struct loop_link *link)
{
    struct loop *loop = link->loop;
    loop->hooks.closing(loop->hooks.arg, link);
    if (link->event != NULL) {
        event_free(link->event);
    }
    snmp_sess_close(link->session);
    netsnmp_large_fd_set_cleanup(&link->fds);
    loop->stream_count -= link->stream;
    memset(link, 0, sizeof(*link));
}

static void link_ready(evutil_socket_t fd, short what, void *arg)
{
    struct loop_link *link = arg;
    if (what & EV_TIMEOUT) {
        link_close(link);
        return;
    }
    link->loop->hooks.wakeup(link->loop->hooks.arg);
    for (int count = 0; count < MESSAGES_PER_WAKEUP; count++) {
        netsnmp_large_fd_setfd(fd, &link->fds);
        snmp_sess_read2(link->session, &link->fds);
        if (link->transport->sock < 0) { /* the library closed it: the peer left or talks nonsense */
            link_close(link);
            return;
        }
        if (transport_drained(link->transport)) {
            return;
        }
    }
}

/* A stream may hold back the rest of a message, but not claim that it is endless: the library would
 * buy memory for whatever length the first octets say. */
static int check_stream(u_char *data, size_t length)
{
    int total = asn_check_packet(data, length);
    return total > STREAM_MESSAGE_MAX ? -1 : total;
}

/* Takes over `fd`, also on failure. */
static int link_open(struct loop *loop, int fd, bool stream)
{
    struct loop_link *link = loop->link;
    while (link->session != NULL) {
        link++; /* callers keep to the limits, so one is free */
    }
    netsnmp_transport *transport = transport_new(fd, stream);
    if (transport == NULL) {
        close(fd);
        return -1;
    }
    netsnmp_session wish;
    snmp_sess_init(&wish);
    wish.version = SNMP_DEFAULT_VERSION;
    wish.isAuthoritative = SNMP_SESS_AUTHORITATIVE;
    wish.callback = loop->hooks.message;
    wish.callback_magic = link;
    void *session = snmp_sess_add_ex(&wish, transport, loop->hooks.before, NULL, NULL, NULL, NULL,
                                     stream ? check_stream : NULL, NULL);
    if (session == NULL) {
        return -1; /* the library has freed the transport */
    }
    *link = (struct loop_link){.loop = loop, .session = session, .transport = transport, .stream = stream};
    netsnmp_large_fd_set_init(&link->fds, fd + 1);
    NETSNMP_LARGE_FD_ZERO(&link->fds);
    loop->stream_count += stream;
    const struct timeval idle = {.tv_sec = STREAM_IDLE_S};
    link->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, link_ready, link);
    if (link->event == NULL || event_add(link->event, stream ? &idle : NULL) != 0) {
        link_close(link);
        return -1;
    }
    return 0;
}

/* With no descriptor or memory left, accepting would fail again at once and for ever: pause. */
static void pause_listener(struct loop_port *port)
{
    const struct timeval pause = {.tv_sec = 1};
    if (event_add(port->resume, &pause) == 0) {
        event_del(port->listener);
    }
}

static void listen_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct loop_port *port = arg;
    if (event_add(port->listener, NULL) != 0) {
        pause_listener(port);
    }
}

static void stream_waits(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct loop_port *port = arg;
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    int accepted = accept4(fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_listener(port);
        }
        return;
    }
    struct loop *loop = port->loop;
    if (loop->stream_count == STREAMS_MAX ||
        !loop->hooks.accept(loop->hooks.arg, (const struct sockaddr *)&from)) {
        loop->connections_refused++;
        close(accepted);
        return;
    }
    (void)link_open(loop, accepted, true);
}

static int port_open(struct loop *loop, const char *text, char *message, size_t size)
{
    struct socket_address address;
    if (socket_parse(text, &address, message, size) != 0) {
        return AGENT_BAD_CONFIG;
    }
    int fd = socket_open(&address, message, size);
    if (fd < 0) {
        return AGENT_NO_PORT;
    }
    struct loop_port *port = &loop->port[loop->port_count];
    *port = (struct loop_port){.stream = address.stream, .fd = fd, .loop = loop};
    if (!address.stream) {
        if (link_open(loop, fd, false) != 0) {
            return AGENT_NO_MEMORY;
        }
        loop->port_count++;
        return AGENT_OK;
    }
    loop->port_count++;
    port->listener = event_new(loop->base, fd, EV_READ | EV_PERSIST, stream_waits, port);
    port->resume = evtimer_new(loop->base, listen_again, port);
    return port->listener != NULL && port->resume != NULL && event_add(port->listener, NULL) == 0
               ? AGENT_OK
               : AGENT_NO_MEMORY;
}

int loop_open(struct loop **out, const struct snmp_config *config, struct event_base *base,
              const struct loop_hooks *hooks, char *message, size_t size)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        return AGENT_NO_MEMORY;
    }
    loop->base = base;
    loop->hooks = *hooks;
    int result = AGENT_OK;
    for (size_t ix = 0; ix < config->listen_count && result == AGENT_OK; ix++) {
        result = port_open(loop, config->listen[ix], message, size);
    }
    if (result != AGENT_OK) {
        if (result == AGENT_NO_MEMORY) {
            snprintf(message, size, "memory is short");
        }
        loop_close(loop);
        return result;
    }
    *out = loop;
    return AGENT_OK;
}

void loop_close(struct loop *loop)
{
    for (size_t ix = 0; ix < sizeof(loop->link) / sizeof(loop->link[0]); ix++) {
        if (loop->link[ix].session != NULL) {
            link_close(&loop->link[ix]);
        }
    }
    for (size_t ix = 0; ix < loop->port_count; ix++) {
        if (loop->port[ix].stream) {
            if (loop->port[ix].listener != NULL) {
                event_free(loop->port[ix].listener);
            }
            if (loop->port[ix].resume != NULL) {
                event_free(loop->port[ix].resume);
            }
            close(loop->port[ix].fd);
        }
    }
    free(loop);
}
