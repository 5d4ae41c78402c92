#include "lamp_unit.h"
#include "lamp_frame.h"
#include "serial_port.h"
#include <stdio.h>

enum { TCP_HEADER = 7, SERIAL_HEADER = 1, SERIAL_CHECK = 2 };

static bool is_tcp(const struct lamp_unit *unit)
{
    return unit->config->listen[0] != '\0';
}

int lamp_unit_begin(struct lamp_unit *unit, const struct lamp_detector_config *config,
                    const struct lamp_detector *state, io_log *log, void *log_arg)
{
    *unit = (struct lamp_unit){.config = config, .state = state, .log = log, .log_arg = log_arg};
    if (config->form != LAMP_MODBUS)
        return 0;
    /* It composes the answers; sockets and lines are opened, waited for and read here, where nobody can make
     * anybody else wait. */
    unit->modbus = is_tcp(unit) ? modbus_new_tcp(NULL, 0)
                                : modbus_new_rtu(config->serial, (int)config->baud,
                                                 config->even_parity ? 'E' : 'N', 8, 1);
    unit->mapping = modbus_mapping_new(0, LAMP_INPUTS, LAMP_REGISTERS, LAMP_REGISTERS);
    return unit->modbus && unit->mapping ? 0 : -1;
}

void lamp_unit_end(struct lamp_unit *unit)
{
    if (unit->mapping)
        modbus_mapping_free(unit->mapping);
    if (unit->modbus)
        modbus_free(unit->modbus);
}

bool lamp_unit_look(struct lamp_unit *unit, int64_t now_us)
{
    const uint32_t on = lamp_detector_channels(unit->state, unit->config, now_us);
    if (on == unit->on)
        return false;
    unit->on = on;
    unit->counts.changes++;
    return true;
}

int lamp_unit_answer(struct lamp_unit *unit, int fd, const uint8_t *frame, int length, int64_t now_us)
{
    const int header = is_tcp(unit) ? TCP_HEADER : SERIAL_HEADER;
    const int behind = is_tcp(unit) ? 0 : SERIAL_CHECK;
    modbus_mapping_t *mapping = unit->mapping;
    modbus_set_socket(unit->modbus, fd);
    const int exception = lamp_registers_judge(frame + header, (size_t)(length - header - behind));
    if (exception != 0) {
        unit->counts.refused++;
        return modbus_reply_exception(unit->modbus, frame, (unsigned)exception) < 0 ? -1 : 0;
    }
    unit->counts.answered++;
    lamp_registers_fill(unit->state, unit->config, &unit->counts, now_us, mapping->tab_input_bits,
                        mapping->tab_registers);
    for (int i = 0; i < LAMP_REGISTERS; i++)
        mapping->tab_input_registers[i] = mapping->tab_registers[i];
    return modbus_reply(unit->modbus, frame, length, mapping) < 0 ? -1 : 0;
}

int lamp_unit_send(struct lamp_unit *unit, int fd, uint32_t on)
{
    uint8_t octet[LAMP_REPLY_MAX];
    const struct lamp_detector_config *config = unit->config;
    const int length =
        lamp_frame_reply(&lamp_layouts[config->layout_ix], config->unit, on, config->channel_count, octet);
    unit->counts.answered++;
    return serial_port_send(fd, octet, length);
}

void lamp_unit_say(const struct lamp_unit *unit, const char *what, const char *why)
{
    char line[256];
    snprintf(line, sizeof line, "lamp detector %s %s%s%s",
             is_tcp(unit) ? unit->config->listen : unit->config->serial, what, why ? ": " : "",
             why ? why : "");
    unit->log(unit->log_arg, line);
}
