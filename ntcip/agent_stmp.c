#include "agent_stmp.h"
#include "agent_clock.h"
#include "agent_gate.h"
#include "agent_socket.h"
#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGES_PER_WAKEUP = 16 }; /* of one socket, before the others have their turn */

struct stmp_port {
    struct stmp_server *server;
    bool stream;
    int fd;
    struct event *event;
    struct event *resume; /* of a listener that pauses */
};

struct stmp_stream {
    struct stmp_server *server;
    int fd; /* -1: this one is free */
    struct sockaddr_storage from;
    struct event *event;  /* octets come */
    struct event *resume; /* there are messages left that had come before */
    bool waits;           /* one of its SETs is in work: what follows comes after it */
    size_t size;
    uint8_t in[STMP_OCTETS_MAX];
};

/* A message in work. SETs that wait for the disk keep theirs, with everything their values point to. */
struct stmp_job {
    struct stmp_server *server;
    bool taken;
    struct stmp_port *port;     /* by which a datagram came, or NULL */
    struct socket_peer peer;    /* of a datagram */
    struct stmp_stream *stream; /* by which it came otherwise; NULL once that is closed */
    uint8_t message[STMP_OCTETS_MAX];
    struct stmp_set set;
};

struct stmp_server {
    struct sets *sets;
    struct stmp_statistics *statistics;
    enum snmp_role role;
    struct gate gate;
    size_t port_count;
    struct stmp_port port[LISTEN_MAX];
    struct stmp_stream stream[STMP_STREAMS_MAX];
    struct stmp_job job[STMP_SETS_MAX + 1]; /* one is always free */
    uint8_t out[STMP_OCTETS_MAX];
};

static bool passes(struct stmp_server *server, const struct sockaddr_storage *from)
{
    struct gate_address address;
    gate_address_of((const struct sockaddr *)from, &address);
    return gate_judge(&server->gate, &address, agent_now_ns()) == GATE_PASS;
}

/* ---- answers ---- */

static void close_stream(struct stmp_stream *stream)
{
    struct stmp_server *server = stream->server;
    for (size_t ix = 0; ix < STMP_SETS_MAX + 1; ix++) {
        if (server->job[ix].stream == stream)
            server->job[ix].stream = NULL;
    }
    event_del(stream->event);
    event_del(stream->resume);
    close(stream->fd);
    stream->fd = -1;
}

/* A client that does not read its answers loses the connection: half an answer helps nobody and waiting
 * would hold up everybody. */
static void send_answer(const struct stmp_job *job, size_t length)
{
    const uint8_t *out = job->server->out;
    if (job->port)
        (void)socket_send(job->port->fd, out, length, &job->peer);
    else if (job->stream &&
             send(job->stream->fd, out, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
        close_stream(job->stream);
}

static struct stmp_job *free_job(struct stmp_server *server)
{
    for (size_t ix = 0; ix < STMP_SETS_MAX + 1; ix++) {
        if (!server->job[ix].taken)
            return &server->job[ix];
    }
    return NULL;
}

/* ---- SET ---- */

static int copy_items(void *arg, struct set_item item[], int max)
{
    const struct stmp_job *job = arg;
    if (job->set.count > max)
        return -1;
    memcpy(item, job->set.item, job->set.count * sizeof item[0]);
    return job->set.count;
}

static void answer_set(void *arg, const struct set_result *result)
{
    struct stmp_job *job = arg;
    struct stmp_server *server = job->server;
    size_t length = stmp_answer_set(&job->set, result, server->statistics, server->out, sizeof server->out);
    if (length > 0)
        send_answer(job, length);
    job->taken = false;
    if (job->stream && job->stream->waits) {
        job->stream->waits = false;
        event_active(job->stream->resume, EV_TIMEOUT, 0);
    }
    job->stream = NULL;
}

static void stage_set(struct stmp_job *job)
{
    struct stmp_server *server = job->server;
    const struct sockaddr_storage *from = job->port ? &job->peer.from : &job->stream->from;
    struct sets_request request = {.role = server->role,
                                   .who = "stmp",
                                   .version = "stmp",
                                   .nameless = true,
                                   .arg = job,
                                   .items = copy_items,
                                   .answer = answer_set};
    socket_format(!job->port, (const struct sockaddr *)from, request.source, sizeof request.source);
    job->taken = true;
    bool spare = free_job(server) != NULL;
    if (spare && sets_add(server->sets, &request)) {
        if (job->taken && job->stream) {
            job->stream->waits = true;
            event_del(job->stream->event);
        }
        return;
    }
    answer_set(job, &(struct set_result){.error = SET_RESOURCE_UNAVAILABLE});
}

/* Works on job->message. */
static void work_on(struct stmp_job *job, size_t size)
{
    struct stmp_server *server = job->server;
    size_t length;
    switch (stmp_handle(job->message, size, sets_view(server->sets, server->role, false), server->statistics,
                        &job->set, server->out, sizeof server->out, &length)) {
    case STMP_ANSWERED:
        send_answer(job, length);
        break;
    case STMP_STAGE:
        stage_set(job);
        return;
    case STMP_DROPPED:
        break;
    }
    job->stream = NULL;
}

/* ---- datagrams ---- */

static void datagrams_wait(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct stmp_port *port = arg;
    struct stmp_server *server = port->server;
    sets_look_anew(server->sets);
    for (int count = 0; count < MESSAGES_PER_WAKEUP; count++) {
        struct stmp_job *job = free_job(server);
        job->port = port;
        job->stream = NULL;
        ssize_t size = socket_receive(fd, job->message, sizeof job->message, &job->peer);
        if (size < 0)
            return;
        if (passes(server, &job->peer.from))
            work_on(job, (size_t)size);
    }
}

/* ---- streams ---- */

/* Works on the first message of the stream. False if there is none yet, or no longer a stream. */
static bool take_message(struct stmp_stream *stream)
{
    struct stmp_server *server = stream->server;
    const struct object_view *view = sets_view(server->sets, server->role, false);
    int measured = stmp_measure(stream->in, stream->size, &view->db->device.dynamic);
    if (measured == 0) {
        if (stream->size == sizeof stream->in)
            close_stream(stream); /* it claims to be longer than any is */
        return false;
    }
    size_t length = measured > 0 ? (size_t)measured : stream->size;
    if (!passes(server, &stream->from)) {
        close_stream(stream);
        return false;
    }
    struct stmp_job *job = free_job(server);
    job->port = NULL;
    job->stream = stream;
    memcpy(job->message, stream->in, length);
    stream->size -= length;
    memmove(stream->in, stream->in + length, stream->size);
    work_on(job, length);
    if (measured < 0 && stream->fd >= 0)
        close_stream(stream);
    return stream->fd >= 0;
}

static void work_on_stream(struct stmp_stream *stream)
{
    for (int count = 0; count < MESSAGES_PER_WAKEUP; count++) {
        if (stream->waits || !take_message(stream))
            return;
    }
    event_active(stream->resume, EV_TIMEOUT, 0);
}

static int listen_to(struct stmp_stream *stream)
{
    const struct timeval idle = {.tv_sec = STMP_IDLE_S};
    if (event_add(stream->event, &idle) == 0)
        return 0;
    close_stream(stream);
    return -1;
}

static void resume_stream(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct stmp_stream *stream = arg;
    if (listen_to(stream) != 0)
        return;
    sets_look_anew(stream->server->sets);
    work_on_stream(stream);
}

static void stream_ready(evutil_socket_t fd, short what, void *arg)
{
    struct stmp_stream *stream = arg;
    size_t room = sizeof stream->in - stream->size;
    if (what & EV_TIMEOUT) {
        close_stream(stream);
        return;
    }
    if (room == 0)
        return; /* full of messages: resume_stream() is about to work on them */
    ssize_t size = recv(fd, stream->in + stream->size, room, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        close_stream(stream);
        return;
    }
    stream->size += (size_t)size;
    sets_look_anew(stream->server->sets);
    work_on_stream(stream);
}

static struct stmp_stream *free_stream(struct stmp_server *server)
{
    for (size_t ix = 0; ix < STMP_STREAMS_MAX; ix++) {
        if (server->stream[ix].fd < 0)
            return &server->stream[ix];
    }
    return NULL;
}

static void open_stream(struct stmp_server *server, int fd, const struct sockaddr_storage *from)
{
    struct stmp_stream *stream = free_stream(server);
    if (!stream || !passes(server, from)) {
        close(fd);
        return;
    }
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* answers wait for no other */
    stream->fd = fd;
    stream->from = *from;
    stream->size = 0;
    stream->waits = false;
    event_assign(stream->event, event_get_base(stream->resume), fd, EV_READ | EV_PERSIST, stream_ready,
                 stream);
    (void)listen_to(stream);
}

static void stream_waits(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct stmp_port *port = arg;
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    const struct timeval pause = {.tv_sec = 1};
    int accepted = accept4(fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0)
        open_stream(port->server, accepted, &from);
    else if ((errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) &&
             event_add(port->resume, &pause) == 0)
        event_del(port->event); /* accepting would fail again at once and for ever */
}

static void listen_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    const struct stmp_port *port = arg;
    event_add(port->event, NULL);
}

/* ---- start and end ---- */

static int open_port(struct stmp_server *server, const char *text, struct event_base *base, char *message,
                     size_t size)
{
    struct socket_address address;
    if (socket_parse(text, &address, message, size) != 0)
        return AGENT_BAD_CONFIG;
    int fd = socket_open(&address, message, size);
    if (fd < 0)
        return AGENT_NO_PORT;
    struct stmp_port *port = &server->port[server->port_count++];
    *port = (struct stmp_port){.server = server, .stream = address.stream, .fd = fd};
    port->event =
        event_new(base, fd, EV_READ | EV_PERSIST, address.stream ? stream_waits : datagrams_wait, port);
    port->resume = evtimer_new(base, listen_again, port);
    return port->event && port->resume && event_add(port->event, NULL) == 0 ? AGENT_OK : AGENT_NO_MEMORY;
}

static int open_all(struct stmp_server *server, const struct stmp_config *config, struct event_base *base,
                    char *message, size_t size)
{
    size_t bad_ix;
    if (gate_init_stmp(&server->gate, config, &bad_ix) != 0) {
        snprintf(message, size, "stmp: %s is not a network like 10.1.0.0/16 or fd00::/8",
                 config->from[bad_ix]);
        return AGENT_BAD_CONFIG;
    }
    snprintf(message, size, "memory is short");
    for (size_t ix = 0; ix < STMP_SETS_MAX + 1; ix++)
        server->job[ix].server = server;
    for (size_t ix = 0; ix < STMP_STREAMS_MAX; ix++) {
        struct stmp_stream *stream = &server->stream[ix];
        stream->server = server;
        stream->event = event_new(base, -1, EV_READ | EV_PERSIST, stream_ready, stream);
        stream->resume = event_new(base, -1, 0, resume_stream, stream);
        if (!stream->event || !stream->resume)
            return AGENT_NO_MEMORY;
    }
    int result = AGENT_OK;
    for (size_t ix = 0; ix < config->listen_count && result == AGENT_OK; ix++)
        result = open_port(server, config->listen[ix], base, message, size);
    return result;
}

int stmp_server_start(struct stmp_server **out, const struct stmp_config *config, struct sets *sets,
                      struct stmp_statistics *statistics, struct event_base *base, char *message, size_t size)
{
    struct stmp_server *server = calloc(1, sizeof *server);
    if (!server) {
        snprintf(message, size, "memory is short");
        return AGENT_NO_MEMORY;
    }
    server->sets = sets;
    server->statistics = statistics;
    server->role = config->role;
    for (size_t ix = 0; ix < STMP_STREAMS_MAX; ix++)
        server->stream[ix].fd = -1;
    int result = open_all(server, config, base, message, size);
    if (result != AGENT_OK) {
        stmp_server_free(server);
        return result;
    }
    *out = server;
    return AGENT_OK;
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

void stmp_server_free(struct stmp_server *server)
{
    if (!server)
        return;
    for (size_t ix = 0; ix < STMP_STREAMS_MAX; ix++) {
        struct stmp_stream *stream = &server->stream[ix];
        if (stream->fd >= 0)
            close_stream(stream);
        free_event(stream->event);
        free_event(stream->resume);
    }
    for (size_t ix = 0; ix < server->port_count; ix++) {
        free_event(server->port[ix].event);
        free_event(server->port[ix].resume);
        close(server->port[ix].fd);
    }
    free(server);
}

size_t stmp_server_address_count(const struct stmp_server *server)
{
    return server->port_count;
}

void stmp_server_address(const struct stmp_server *server, size_t ix, char *out, size_t size)
{
    const struct stmp_port *port = &server->port[ix];
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    getsockname(port->fd, (struct sockaddr *)&address, &length);
    socket_format(port->stream, (const struct sockaddr *)&address, out, size);
}
