/* A red-lamp detector on a serial line, in any of the three forms. A line that is not there or goes away is
 * tried again once a second. Never blocks. */
#ifndef IO_LAMP_SERIAL_H
#define IO_LAMP_SERIAL_H

#include "lamp_unit.h"
#include <poll.h>

struct lamp_serial;

/* Allocates; the line is opened when served first. NULL if memory is short. */
struct lamp_serial *lamp_serial_new(struct lamp_unit *unit);

/* Who is sent frames unasked is told at last that nothing is lit. NULL is allowed. */
void lamp_serial_free(struct lamp_serial *serial);

/* Fills what to poll for; returns the number, 0 or 1. */
int lamp_serial_polls(const struct lamp_serial *serial, struct pollfd *polls);

/* When lamp_serial_serve() has to be called at the latest. */
int64_t lamp_serial_due_us(const struct lamp_serial *serial);

/* Reads what has come, answers, sends what is due. `changed`: so have the channels. */
void lamp_serial_serve(struct lamp_serial *serial, bool changed, int64_t now_us);

#endif
