/* One configured red-lamp detector at work: what its clients or its line are answered, and how often that
 * was. Belongs to the thread of the detectors. */
#ifndef IO_LAMP_UNIT_H
#define IO_LAMP_UNIT_H

#include "io_thread.h"
#include "lamp_registers.h"
#include <modbus.h>

struct lamp_unit {
    const struct lamp_detector_config *config;
    const struct lamp_detector *state;
    struct lamp_counts counts;
    uint32_t on; /* the channels when last looked at */
    io_log *log;
    void *log_arg;
    modbus_t *modbus; /* NULL: this form does without */
    modbus_mapping_t *mapping;
};

/* Allocates what libmodbus needs. The pointers must outlive the unit. Returns 0, or -1 if memory is short. */
int lamp_unit_begin(struct lamp_unit *unit, const struct lamp_detector_config *config,
                    const struct lamp_detector *state, io_log *log, void *log_arg);
void lamp_unit_end(struct lamp_unit *unit);

/* Looks at the channels anew. Returns whether one has changed. */
bool lamp_unit_look(struct lamp_unit *unit, int64_t now_us);

/* Answers a complete Modbus request, a TCP one from its transaction number on, a serial one from its unit on
 * to the end of its check. Returns 0, or -1 if the answer could not be sent whole. Never blocks. */
int lamp_unit_answer(struct lamp_unit *unit, int fd, const uint8_t *frame, int length, int64_t now_us);

/* Sends the frame of the forms without Modbus: the channels `on`. Returns 0, or -1 if the line is lost. */
int lamp_unit_send(struct lamp_unit *unit, int fd, uint32_t on);

/* One line for the log: "lamp detector NAME WHAT: WHY". */
void lamp_unit_say(const struct lamp_unit *unit, const char *what, const char *why);

#endif
