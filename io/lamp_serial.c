#include "lamp_serial.h"
#include "lamp_frame.h"
#include "serial_port.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OCTETS = 512,
    RETRY_US = 1000 * 1000,
    /* What belongs to one request comes without such a pause, even through a USB adapter, which hands on what
     * it has every 16 ms. */
    SILENCE_US = 30 * 1000,
    /* Whoever asked has to let go of the line: three and a half characters of eleven bits. */
    TURN_BITS_E6 = 38500000,
    TURN_LEAST_US = 1750,
};

struct lamp_serial {
    struct lamp_unit *unit;
    int fd; /* -1: not open */
    int64_t retry_us;
    bool told, told_lost; /* what the log was last told */
    int64_t heard_us;     /* the newest octets came */
    bool looked;          /* no request has been found among them so far */
    int64_t upload_us;    /* when the next is due */
    int length;
    uint8_t octet[OCTETS];
};

struct lamp_serial *lamp_serial_new(struct lamp_unit *unit)
{
    struct lamp_serial *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->unit = unit;
    s->fd = -1;
    return s;
}

void lamp_serial_free(struct lamp_serial *serial)
{
    if (!serial)
        return;
    if (serial->fd >= 0 && serial->unit->config->form == LAMP_UPLOAD) {
        (void)lamp_unit_send(serial->unit, serial->fd, 0);
        serial_port_drain(serial->fd);
    }
    if (serial->fd >= 0)
        serial_port_close(serial->fd);
    free(serial);
}

/* ---- the line ---- */

static void lose(struct lamp_serial *s, int error, int64_t now_us)
{
    if (s->fd >= 0)
        serial_port_close(s->fd);
    s->fd = -1;
    s->length = 0;
    s->retry_us = now_us + RETRY_US;
    if (!s->told || !s->told_lost)
        lamp_unit_say(s->unit, s->told ? "lost" : "cannot be opened", strerror(error));
    s->told = s->told_lost = true;
}

static void try_to_open(struct lamp_serial *s, int64_t now_us)
{
    const struct lamp_detector_config *config = s->unit->config;
    s->fd = serial_port_open(config->serial, config->baud, config->even_parity);
    if (s->fd < 0) {
        lose(s, errno, now_us);
        return;
    }
    s->upload_us = now_us;
    if (s->told_lost)
        lamp_unit_say(s->unit, "found again", NULL);
    s->told = true;
    s->told_lost = false;
}

/* ---- requests ---- */

static int64_t turn_us(const struct lamp_serial *s)
{
    const int64_t characters_us = TURN_BITS_E6 / s->unit->config->baud;
    return characters_us > TURN_LEAST_US ? characters_us : TURN_LEAST_US;
}

static void forget(struct lamp_serial *s, int count)
{
    s->length -= count;
    memmove(s->octet, s->octet + count, (size_t)s->length);
}

/* Looks for a request from octet `begin` on. Returns its length and sets `from`, or returns 0. */
static int find_request(const struct lamp_serial *s, int begin, bool silent, int *from)
{
    const struct lamp_detector_config *config = s->unit->config;
    const uint8_t *octet = s->octet + begin;
    const int length = s->length - begin;
    int size;
    if (config->form == LAMP_MODBUS) {
        size = lamp_registers_find(octet, length, config->unit, silent, from);
    } else {
        const int end = lamp_frame_find_poll(&lamp_layouts[config->layout_ix], config->unit, octet, length);
        size = end > 0 ? LAMP_POLL_LENGTH : 0;
        *from = end - size;
    }
    *from += begin;
    return size;
}

static int answer_request(struct lamp_serial *s, int from, int size, int64_t now_us)
{
    switch (s->unit->config->form) {
    case LAMP_MODBUS:
        return lamp_unit_answer(s->unit, s->fd, s->octet + from, size, now_us);
    case LAMP_POLL:
        return lamp_unit_send(s->unit, s->fd, s->unit->on);
    case LAMP_UPLOAD:
    case LAMP_FORMS:
        break;
    }
    return 0;
}

/* Of several requests that have come together only the last is still waited for. Returns 0, or -1 if the line
 * is gone. */
static int answer(struct lamp_serial *s, int64_t now_us)
{
    const bool silent = now_us - s->heard_us >= SILENCE_US;
    int last = 0, last_size = 0, from, size;
    if (s->length == 0 || now_us - s->heard_us < turn_us(s))
        return 0;
    s->looked = true;
    while ((size = find_request(s, last + last_size, silent, &from)) > 0) {
        last = from;
        last_size = size;
    }
    const int result = last_size > 0 ? answer_request(s, last, last_size, now_us) : 0;
    forget(s, last + last_size);
    if (silent && s->length > 0) {
        s->unit->counts.refused++;
        s->length = 0;
    }
    return result;
}

/* Returns 0, or -1 with the reason in errno if the line is gone. */
static int listen_to(struct lamp_serial *s, int64_t now_us)
{
    /* A line full of noise: what could still become a request is at the end of it. */
    if (s->length > OCTETS / 2)
        forget(s, s->length - OCTETS / 2);
    const ssize_t got = read(s->fd, s->octet + s->length, sizeof s->octet - (size_t)s->length);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got == 0)
        errno = EIO;
    if (got <= 0)
        return -1;
    s->length += (int)got;
    s->heard_us = now_us;
    s->looked = false;
    return 0;
}

static int upload(struct lamp_serial *s, bool changed, int64_t now_us)
{
    if (s->unit->config->form != LAMP_UPLOAD || (!changed && now_us < s->upload_us))
        return 0;
    s->upload_us = now_us + s->unit->config->period_ms * INT64_C(1000);
    return lamp_unit_send(s->unit, s->fd, s->unit->on);
}

/* ---- the poll loop's side ---- */

int lamp_serial_polls(const struct lamp_serial *serial, struct pollfd *polls)
{
    if (serial->fd < 0)
        return 0;
    *polls = (struct pollfd){.fd = serial->fd, .events = POLLIN};
    return 1;
}

int64_t lamp_serial_due_us(const struct lamp_serial *serial)
{
    if (serial->fd < 0)
        return serial->retry_us;
    int64_t due_us = serial->unit->config->form == LAMP_UPLOAD ? serial->upload_us : INT64_MAX;
    const int64_t look_us = serial->heard_us + (serial->looked ? SILENCE_US : turn_us(serial));
    return serial->length > 0 && look_us < due_us ? look_us : due_us;
}

void lamp_serial_serve(struct lamp_serial *serial, bool changed, int64_t now_us)
{
    if (serial->fd < 0 && now_us >= serial->retry_us)
        try_to_open(serial, now_us);
    if (serial->fd >= 0 &&
        (listen_to(serial, now_us) < 0 || answer(serial, now_us) < 0 || upload(serial, changed, now_us) < 0))
        lose(serial, errno, now_us);
}
