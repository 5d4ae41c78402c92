#include "modbus_server.h"
#include "../io/address.h"
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER = 7, /* transaction (2), protocol (2), length (2), unit (1) */
    FRAME_MAX = MODBUS_TCP_MAX_ADU_LENGTH,
    REGISTERS_WRITTEN_MAX = 123, /* by function 16 */
};

struct client {
    int fd; /* -1: free */
    size_t length;
    uint8_t frame[FRAME_MAX];
};

struct modbus_server {
    int listener;
    struct address address;
    const struct cabinet_config *config;
    struct sim_cabinet *cabinet;
    modbus_taken *taken;
    void *taken_arg;
    modbus_t *modbus;
    modbus_mapping_t *mapping;
    struct cabinet_registers written, read; /* within the mapping */
    int writer_fd;                          /* -1: nobody has written yet */
    int64_t writer_at_us;
    struct client client[MODBUS_CLIENTS_MAX];
};

static int open_listener(struct address *address)
{
    int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&address->socket, address->length) < 0 ||
        listen(fd, MODBUS_CLIENTS_MAX) < 0 || address_of_socket(address, fd) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* One mapping for both runs of registers, and what lies between them. */
static int map_registers(struct modbus_server *server)
{
    const struct cabinet_map *map = &server->config->map;
    cabinet_map_written(map, &server->written);
    cabinet_map_read(map, &server->read);
    const struct cabinet_registers *low =
        server->written.first < server->read.first ? &server->written : &server->read;
    const struct cabinet_registers *high = low == &server->read ? &server->written : &server->read;
    unsigned first = low->first;
    unsigned end = (unsigned)high->first + high->count;
    server->mapping = modbus_mapping_new_start_address(0, 0, 0, 0, first, end - first, 0, 0);
    if (!server->mapping)
        return -1;
    server->written.value = server->mapping->tab_registers + (server->written.first - first);
    server->read.value = server->mapping->tab_registers + (server->read.first - first);
    return 0;
}

struct modbus_server *modbus_server_new(const char *address, const struct cabinet_config *config,
                                        struct sim_cabinet *cabinet, modbus_taken *taken, void *arg)
{
    struct modbus_server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    server->listener = server->writer_fd = -1;
    server->config = config;
    server->cabinet = cabinet;
    server->taken = taken;
    server->taken_arg = arg;
    for (int i = 0; i < MODBUS_CLIENTS_MAX; i++)
        server->client[i].fd = -1;
    if (address_parse(&server->address, address) < 0 || !server->address.stream) {
        fprintf(stderr, "tscsim: %s: not an address for Modbus, such as tcp:127.0.0.1:1502\n", address);
        modbus_server_free(server);
        return NULL;
    }
    server->listener = open_listener(&server->address);
    if (server->listener < 0) {
        fprintf(stderr, "tscsim: Modbus on %s: %m\n", address);
        modbus_server_free(server);
        return NULL;
    }
    server->modbus = modbus_new_tcp(NULL, 0);
    if (!server->modbus || map_registers(server) < 0) {
        fputs("tscsim: Modbus: not enough memory\n", stderr);
        modbus_server_free(server);
        return NULL;
    }
    return server;
}

void modbus_server_free(struct modbus_server *server)
{
    if (!server)
        return;
    for (int i = 0; i < MODBUS_CLIENTS_MAX; i++) {
        if (server->client[i].fd >= 0)
            close(server->client[i].fd);
    }
    if (server->listener >= 0)
        close(server->listener);
    if (server->mapping)
        modbus_mapping_free(server->mapping);
    if (server->modbus)
        modbus_free(server->modbus);
    free(server);
}

void modbus_server_address(const struct modbus_server *server, char *text, size_t size)
{
    address_print(&server->address, text, size);
}

int modbus_server_polls(const struct modbus_server *server, struct pollfd *polls)
{
    int count = 0;
    polls[count++] = (struct pollfd){.fd = server->listener, .events = POLLIN};
    for (int i = 0; i < MODBUS_CLIENTS_MAX; i++) {
        if (server->client[i].fd >= 0)
            polls[count++] = (struct pollfd){.fd = server->client[i].fd, .events = POLLIN};
    }
    return count;
}

int modbus_server_clients(const struct modbus_server *server)
{
    int count = 0;
    for (int i = 0; i < MODBUS_CLIENTS_MAX; i++)
        count += server->client[i].fd >= 0;
    return count;
}

static void drop(struct modbus_server *server, struct client *client)
{
    if (server->writer_fd == client->fd)
        server->writer_fd = -1;
    close(client->fd);
    client->fd = -1;
    client->length = 0;
}

static void welcome(struct modbus_server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (int i = 0; i < MODBUS_CLIENTS_MAX; i++) {
        if (server->client[i].fd < 0) {
            server->client[i] = (struct client){.fd = fd};
            return;
        }
    }
    close(fd);
}

static unsigned word_at(const uint8_t *octets)
{
    return (unsigned)octets[0] << 8 | octets[1];
}

/* What a request wants, taken apart. Counts of 0: it does not read, or not write. */
struct request {
    unsigned read_first, read_count;
    unsigned write_first, write_count;
    const uint8_t *values;
};

/* Takes apart the `length` octets behind the unit. Returns 0 or the Modbus exception. */
static int parse_request(const uint8_t *pdu, size_t length, struct request *request)
{
    *request = (struct request){0};
    switch (pdu[0]) {
    case MODBUS_FC_READ_HOLDING_REGISTERS:
        if (length != 5)
            return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
        request->read_first = word_at(pdu + 1);
        request->read_count = word_at(pdu + 3);
        return request->read_count >= 1 && request->read_count <= CABINET_READ_MAX
                   ? 0
                   : MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
    case MODBUS_FC_WRITE_SINGLE_REGISTER:
        if (length != 5)
            return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
        request->write_first = word_at(pdu + 1);
        request->write_count = 1;
        request->values = pdu + 3;
        return 0;
    case MODBUS_FC_WRITE_MULTIPLE_REGISTERS:
        if (length < 6)
            return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
        request->write_first = word_at(pdu + 1);
        request->write_count = word_at(pdu + 3);
        request->values = pdu + 6;
        return request->write_count >= 1 && request->write_count <= REGISTERS_WRITTEN_MAX &&
                       pdu[5] == 2 * request->write_count && length == 6U + pdu[5]
                   ? 0
                   : MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
    case MODBUS_FC_WRITE_AND_READ_REGISTERS:
        if (length < 10)
            return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
        request->read_first = word_at(pdu + 1);
        request->read_count = word_at(pdu + 3);
        request->write_first = word_at(pdu + 5);
        request->write_count = word_at(pdu + 7);
        request->values = pdu + 10;
        return request->read_count >= 1 && request->read_count <= CABINET_READ_MAX &&
                       request->write_count >= 1 && request->write_count <= CABINET_WRITE_MAX &&
                       pdu[9] == 2 * request->write_count && length == 10U + pdu[9]
                   ? 0
                   : MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
    default:
        return MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
    }
}

static bool within(unsigned first, unsigned count, unsigned room_first, unsigned room_count)
{
    return first >= room_first && first + count <= room_first + room_count;
}

/* Whether this client may write now; a controller that has fallen silent has lost its place. */
static bool may_write(struct modbus_server *server, const struct client *client, int64_t now_us)
{
    if (server->writer_fd == client->fd || server->writer_fd < 0)
        return true;
    return now_us - server->writer_at_us >= (int64_t)server->config->heartbeat_ms * 1000;
}

static int judge(struct modbus_server *server, const struct client *client, const struct request *request,
                 int64_t now_us)
{
    const modbus_mapping_t *mapping = server->mapping;
    if (request->read_count > 0 &&
        !within(request->read_first, request->read_count, (unsigned)mapping->start_registers,
                (unsigned)mapping->nb_registers))
        return MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
    if (request->write_count == 0)
        return 0;
    if (!within(request->write_first, request->write_count, server->written.first, server->written.count))
        return MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
    return may_write(server, client, now_us) ? 0 : MODBUS_EXCEPTION_SLAVE_OR_SERVER_BUSY;
}

static void carry_out(struct modbus_server *server, const struct client *client,
                      const struct request *request, int64_t now_us)
{
    const struct cabinet_map *map = &server->config->map;
    if (request->write_count > 0) {
        server->writer_fd = client->fd;
        server->writer_at_us = now_us;
        for (unsigned i = 0; i < request->write_count; i++)
            server->written.value[request->write_first - server->written.first + i] =
                (uint16_t)word_at(request->values + 2 * i);
        struct cabinet_command command;
        cabinet_map_get_command(map, &server->written, &command);
        sim_cabinet_take(server->cabinet, &command, now_us);
        server->taken(server->taken_arg, now_us);
    }
    struct cabinet_image image;
    sim_cabinet_image(server->cabinet, &image);
    cabinet_map_put_image(map, &image, server->cabinet->command.heartbeat, &server->read);
}

/* Answers one complete frame. Returns 0, or -1 if the client cannot be served any longer. */
static int answer(struct modbus_server *server, struct client *client, const uint8_t *frame, size_t length,
                  int64_t now_us)
{
    if (frame[6] != server->config->unit)
        return 0; /* meant for somebody else behind this address */
    struct request request;
    int exception = parse_request(frame + HEADER, length - HEADER, &request);
    if (exception == 0)
        exception = judge(server, client, &request, now_us);
    modbus_set_socket(server->modbus, client->fd);
    if (exception != 0)
        return modbus_reply_exception(server->modbus, frame, (unsigned)exception) < 0 ? -1 : 0;
    carry_out(server, client, &request, now_us);
    /* It does the writing once more, with the same values, and composes the answer. */
    return modbus_reply(server->modbus, frame, (int)length, server->mapping) < 0 ? -1 : 0;
}

/* Answers the complete frames at hand and keeps the rest. */
static int answer_all(struct modbus_server *server, struct client *client, int64_t now_us)
{
    size_t done = 0;
    while (client->length - done >= HEADER) {
        const uint8_t *frame = client->frame + done;
        size_t behind = word_at(frame + 4); /* unit and what follows */
        if (word_at(frame + 2) != 0 || behind < 2 || behind > FRAME_MAX - HEADER + 1)
            return -1; /* not Modbus: there is no way back into step */
        if (client->length - done < HEADER - 1 + behind)
            break;
        if (answer(server, client, frame, HEADER - 1 + behind, now_us) < 0)
            return -1;
        done += HEADER - 1 + behind;
    }
    client->length -= done;
    memmove(client->frame, client->frame + done, client->length);
    return 0;
}

static void listen_to(struct modbus_server *server, struct client *client, int64_t now_us)
{
    ssize_t got = recv(client->fd, client->frame + client->length, sizeof client->frame - client->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got > 0)
        client->length += (size_t)got;
    if (got <= 0 || answer_all(server, client, now_us) < 0)
        drop(server, client);
}

void modbus_server_serve(struct modbus_server *server, const struct pollfd *polls, int count, int64_t now_us)
{
    for (int i = 0; i < count; i++) {
        if (polls[i].revents == 0)
            continue;
        if (polls[i].fd == server->listener) {
            welcome(server);
            continue;
        }
        for (int c = 0; c < MODBUS_CLIENTS_MAX; c++) {
            if (server->client[c].fd == polls[i].fd)
                listen_to(server, &server->client[c], now_us);
        }
    }
}
