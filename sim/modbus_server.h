/* The cabinet's field I/O as a Modbus TCP server. Serves several clients from one poll loop; the first that
 * writes is the controller and the only one that may write until it leaves or falls silent, the others
 * read. Knows functions 3, 6, 16 and 23. Never blocks; a client that sends rubbish or does not take its
 * answers is shown the door. */
#ifndef SIM_MODBUS_SERVER_H
#define SIM_MODBUS_SERVER_H

#include "sim_cabinet.h"
#include <poll.h>

enum {
    MODBUS_CLIENTS_MAX = 8,
    MODBUS_POLLS_MAX = MODBUS_CLIENTS_MAX + 1,
};

struct modbus_server;

/* Called after a command was written and taken by the cabinet. */
typedef void modbus_taken(void *arg, int64_t now_us);

/* Opens the server on `address` (tcp:127.0.0.1:1502, port 0 for any). The pointers must outlive it.
 * Returns NULL after saying on standard error why. */
struct modbus_server *modbus_server_new(const char *address, const struct cabinet_config *config,
                                        struct sim_cabinet *cabinet, modbus_taken *taken, void *arg);
void modbus_server_free(struct modbus_server *server);

/* The address in use, as the config would write it. */
void modbus_server_address(const struct modbus_server *server, char *text, size_t size);

/* Fills what to poll for; returns the number, at most MODBUS_POLLS_MAX. */
int modbus_server_polls(const struct modbus_server *server, struct pollfd *polls);

/* Serves what poll() reported on the same descriptors. */
void modbus_server_serve(struct modbus_server *server, const struct pollfd *polls, int count, int64_t now_us);

/* Clients connected. */
int modbus_server_clients(const struct modbus_server *server);

#endif
