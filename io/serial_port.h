/* A serial line, opened raw with eight data bits and one stop bit. Which way an RS-485 line is driven is left
 * to its driver or adapter. */
#ifndef IO_SERIAL_PORT_H
#define IO_SERIAL_PORT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether this machine's lines can be set to so many baud; false for 0. */
bool serial_port_has_baud(int64_t baud);

/* Returns a descriptor that never blocks, ours alone, or -1 with the reason in errno. */
int serial_port_open(const char *path, uint32_t baud, bool even_parity);

/* Sends what has to leave now or not at all: what still waits from before is thrown away, as news of the
 * past. Returns 0, or -1 if the line is lost. A line that takes nothing at the moment is not lost. */
int serial_port_send(int fd, const uint8_t *octet, int length);

/* Gives what still waits a tenth of a second to leave. */
void serial_port_drain(int fd);

/* What still waits is thrown away. */
void serial_port_close(int fd);

#endif
