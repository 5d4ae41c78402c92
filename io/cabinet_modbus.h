/* The cabinet's field I/O over Modbus TCP. libmodbus blocks, so it gets a thread of its own: each
 * output goes out, and the lamps, detectors and switches come in, in one transaction (function 23).
 * The register map: docs/cabinet.md. */
#ifndef IO_CABINET_MODBUS_H
#define IO_CABINET_MODBUS_H

#include "cabinet.h"
#include "io_config.h"
#include "io_thread.h"

struct cabinet_modbus;

/* Allocates; connects to nothing yet. `config` must outlive it. `taken` (may be NULL) and `log` are
 * called from the bus thread. Returns 0, or -1 with the reason in `why`. */
int cabinet_modbus_new(struct cabinet_modbus **modbus, const struct cabinet_config *config,
                       cabinet_taken_fn *taken, void *taken_arg, io_log *log, void *log_arg, char *why,
                       size_t size);

/* Starts the thread, which connects, and after any error closes and connects again, first after
 * 100 ms, at last every second. Returns 0, or -1 if the system has no thread left. */
int cabinet_modbus_start(struct cabinet_modbus *modbus);

/* Stops the thread and frees. Waits for a transaction under way (response_ms at most, twice that while
 * connecting). NULL is allowed. The last output stays in the cabinet until its heartbeat runs out. */
void cabinet_modbus_free(struct cabinet_modbus *modbus);

/* The port for the tick. Its read and its write each belong to one thread; neither ever waits. An
 * output whose tick_us (as io_now_us()) is more than 300 ms old when its turn comes is not sent. */
struct cabinet *cabinet_modbus_port(struct cabinet_modbus *modbus);

#endif
