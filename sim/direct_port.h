/* The cabinet port without a bus: in virtual time the controller's output reaches the simulated cabinet
 * after a fixed delay, and every exchange completes. */
#ifndef SIM_DIRECT_PORT_H
#define SIM_DIRECT_PORT_H

#include "../io/cabinet.h"
#include "sim_cabinet.h"

enum {
    DIRECT_DELAY_US = 20 * 1000, /* from tick to lamp, as over Modbus */
    DIRECT_ERROR_US = 500,
};

struct direct_port {
    struct cabinet port; /* first: the port is the cabinet the controller sees */
    struct sim_cabinet *cabinet;
    cabinet_taken_fn *taken;
    void *taken_arg;
    uint16_t heartbeat;
    struct cabinet_exchange exchange; /* the newest */
};

/* `taken` (may be NULL) is called for every exchange, within the controller's tick. */
void direct_port_init(struct direct_port *direct, struct sim_cabinet *cabinet, cabinet_taken_fn *taken,
                      void *arg);

#endif
