/* A camera that knows a red-lamp detector only. Asks every 20 ms, or hears, and writes a line whenever the
 * answer is another one:
 *
 *     ON KNOWN VALID COLOR-OF-GROUP-1...        over Modbus: channels in hex, two status bits, eight codes in
 * hex ON                                        over frames silent                                    no
 * answer for a second
 *
 *     lamp_client tcp ADDRESS | rtu DEVICE | poll DEVICE | hear DEVICE
 *     lamp_client write tcp ADDRESS | write rtu DEVICE      tries to write in every way, prints each refusal
 *     lamp_client rubbish DEVICE                            half a request and noise, then ends */
#include "../../io/address.h"
#include "../../io/io_thread.h"
#include "../../io/lamp_frame.h"
#include "../../io/lamp_registers.h"
#include "../../io/serial_port.h"
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { UNIT = 1, BAUD = 9600, EVERY_MS = 20, SETTLE_MS = 100, SILENT_US = 1000 * 1000, SIZE = 16 };

static char said[128];

static void say(const char *line)
{
    if (strcmp(line, said) == 0)
        return;
    snprintf(said, sizeof said, "%s", line);
    puts(said);
    fflush(stdout);
}

static modbus_t *connect_to(const char *form, const char *where)
{
    modbus_t *modbus = NULL;
    if (strcmp(form, "tcp") == 0) {
        struct address address;
        if (address_parse(&address, where) != 0)
            return NULL;
        modbus = modbus_new_tcp("127.0.0.1", address_port(&address));
    } else {
        modbus = modbus_new_rtu(where, BAUD, 'N', 8, 1);
    }
    modbus_set_slave(modbus, UNIT);
    modbus_set_response_timeout(modbus, 0, 500000);
    if (modbus_connect(modbus) == 0) {
        /* What somebody before us has asked may still be answered. */
        (void)poll(NULL, 0, strcmp(form, "rtu") == 0 ? SETTLE_MS : 0);
        modbus_flush(modbus);
        return modbus;
    }
    modbus_free(modbus);
    return NULL;
}

/* What the three kinds of reading say has to agree. Returns 0, or -1 if there is no answer. */
static int ask(modbus_t *modbus, char *line, size_t size)
{
    uint8_t input[LAMP_INPUTS];
    uint16_t head[8], color[8], again[8];
    if (modbus_read_registers(modbus, 0, 8, head) < 0 ||
        modbus_read_input_registers(modbus, LAMP_REGISTER_COLOR, 8, color) < 0 ||
        modbus_read_input_bits(modbus, 0, LAMP_INPUTS, input) < 0 ||
        modbus_read_input_registers(modbus, 0, 8, again) < 0)
        return -1;
    unsigned on = 0;
    for (int i = 0; i < SIZE; i++)
        on |= (unsigned)input[i] << i;
    if (head[0] == again[0] && head[0] != on)
        snprintf(line, size, "BROKEN register %x, inputs %x", head[0], on);
    else
        snprintf(line, size, "%x %d %d %x %x %x %x %x %x %x %x", on, input[LAMP_INPUT_KNOWN],
                 input[LAMP_INPUT_VALID], color[0], color[1], color[2], color[3], color[4], color[5],
                 color[6], color[7]);
    return 0;
}

_Noreturn static void watch_modbus(const char *form, const char *where)
{
    modbus_t *modbus = NULL;
    int64_t answered_us = io_now_us();
    for (;;) {
        char line[sizeof said] = "";
        if (!modbus)
            modbus = connect_to(form, where);
        if (modbus && ask(modbus, line, sizeof line) == 0) {
            answered_us = io_now_us();
            say(line);
        } else {
            if (modbus) {
                modbus_close(modbus);
                modbus_free(modbus);
                modbus = NULL;
            }
            if (io_now_us() - answered_us > SILENT_US)
                say("silent");
        }
        (void)poll(NULL, 0, EVERY_MS);
    }
}

static int watch_frames(bool asks, const char *where)
{
    const int fd = serial_port_open(where, BAUD, false);
    const struct lamp_layout *layout = &lamp_layouts[0];
    uint8_t octet[256], question[LAMP_POLL_LENGTH];
    size_t length = 0;
    int64_t answered_us = io_now_us();
    lamp_frame_poll(layout, UNIT, question);
    while (fd >= 0) {
        struct pollfd line = {.fd = fd, .events = POLLIN};
        if (asks && serial_port_send(fd, question, sizeof question) < 0)
            break;
        (void)poll(asks ? NULL : &line, asks ? 0 : 1, EVERY_MS);
        const ssize_t got = read(fd, octet + length, sizeof octet - length);
        uint32_t on;
        int end;
        length += got > 0 ? (size_t)got : 0;
        while ((end = lamp_frame_find_reply(layout, UNIT, octet, (int)length, SIZE, &on)) > 0) {
            char text[16];
            snprintf(text, sizeof text, "%x", on);
            say(text);
            answered_us = io_now_us();
            length -= (size_t)end;
            memmove(octet, octet + end, length);
        }
        if (length == sizeof octet)
            length = 0;
        if (io_now_us() - answered_us > SILENT_US)
            say("silent");
    }
    perror(where);
    return 3;
}

static int try_to_write(const char *form, const char *where)
{
    static const uint16_t word[2] = {0xFFFF, 0xFFFF};
    static const uint8_t bit[2] = {1, 1};
    uint16_t read_back[1];
    modbus_t *modbus = connect_to(form, where);
    if (!modbus)
        return 3;
#define TRY(call) printf("%s\n", (call) < 0 ? modbus_strerror(errno) : "written")
    TRY(modbus_write_bit(modbus, 0, 1));
    TRY(modbus_write_register(modbus, 0, 0xFFFF));
    TRY(modbus_write_bits(modbus, 0, 2, bit));
    TRY(modbus_write_registers(modbus, 0, 2, word));
    TRY(modbus_mask_write_register(modbus, 0, 0, 0xFFFF));
    TRY(modbus_write_and_read_registers(modbus, 0, 2, word, 0, 1, read_back));
    TRY(modbus_read_registers(modbus, LAMP_REGISTERS, 1, read_back));
#undef TRY
    modbus_close(modbus);
    modbus_free(modbus);
    return 0;
}

static int send_rubbish(const char *where)
{
    static const uint8_t rubbish[] = {0x01, 0x03, 0x00, 0x55, 0xAA, 0x01, 0x00, 0xFF, 0x55, 0xAA, 0x01, 0x11};
    const int fd = serial_port_open(where, BAUD, false);
    if (fd < 0 || serial_port_send(fd, rubbish, sizeof rubbish) < 0)
        return 3;
    serial_port_close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "write") == 0)
        return try_to_write(argv[2], argv[3]);
    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "tcp") == 0 || strcmp(argv[1], "rtu") == 0)
        watch_modbus(argv[1], argv[2]);
    if (strcmp(argv[1], "rubbish") == 0)
        return send_rubbish(argv[2]);
    return watch_frames(strcmp(argv[1], "poll") == 0, argv[2]);
}
