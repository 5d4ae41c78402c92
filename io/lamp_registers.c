#include "lamp_registers.h"
#include <modbus.h>
#include <string.h>

/* ---- the map ---- */

static uint16_t saturated(int64_t value)
{
    return value < 0 ? 0 : value < LAMP_AGE_MAX ? (uint16_t)value : LAMP_AGE_MAX;
}

void lamp_registers_fill(const struct lamp_detector *d, const struct lamp_detector_config *config,
                         const struct lamp_counts *counts, int64_t now_us, uint8_t *input,
                         uint16_t *registers)
{
    const uint32_t on = lamp_detector_channels(d, config, now_us);
    const bool known = lamp_detector_knows(d, now_us);
    for (int i = 0; i < LAMP_CHANNELS_MAX; i++)
        input[i] = on >> i & 1;
    input[LAMP_INPUT_KNOWN] = known;
    input[LAMP_INPUT_VALID] = known && d->valid;
    input[LAMP_INPUT_SYNCED] = known && d->synced;

    memset(registers, 0, LAMP_REGISTERS * sizeof *registers);
    registers[LAMP_REGISTER_CHANNELS] = (uint16_t)on;
    registers[LAMP_REGISTER_CHANNELS + 1] = (uint16_t)(on >> 16);
    registers[LAMP_REGISTER_STATUS] =
        (uint16_t)(input[LAMP_INPUT_KNOWN] | input[LAMP_INPUT_VALID] << 1 | input[LAMP_INPUT_SYNCED] << 2);
    registers[LAMP_REGISTER_REASONS] = known ? (uint16_t)d->reasons : 0;
    registers[LAMP_REGISTER_HEARTBEAT] = d->messages;
    registers[LAMP_REGISTER_CHANGES] = counts->changes;
    registers[LAMP_REGISTER_AGE_MS] = d->heard ? saturated((now_us - d->sent_us) / 1000) : LAMP_AGE_MAX;
    registers[LAMP_REGISTER_SIZE] = config->channel_count;
    registers[LAMP_REGISTER_ANSWERED] = counts->answered;
    registers[LAMP_REGISTER_REFUSED] = counts->refused;
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        int64_t age_us;
        registers[LAMP_REGISTER_COLOR + no - 1] = lamp_detector_color(d, config, no, now_us, &age_us);
        registers[LAMP_REGISTER_TIME_DS + no - 1] = saturated(age_us / 100000);
    }
}

/* ---- requests ---- */

static unsigned word_at(const uint8_t *octet)
{
    return (unsigned)octet[0] << 8 | octet[1];
}

int lamp_registers_judge(const uint8_t *pdu, size_t length)
{
    unsigned most, end;
    switch (pdu[0]) {
    case MODBUS_FC_READ_DISCRETE_INPUTS:
        most = MODBUS_MAX_READ_BITS;
        end = LAMP_INPUTS;
        break;
    case MODBUS_FC_READ_HOLDING_REGISTERS:
    case MODBUS_FC_READ_INPUT_REGISTERS:
        most = MODBUS_MAX_READ_REGISTERS;
        end = LAMP_REGISTERS;
        break;
    default:
        return MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
    }
    if (length != 5)
        return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
    const unsigned first = word_at(pdu + 1), count = word_at(pdu + 3);
    if (count < 1 || count > most)
        return MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
    return first + count <= end ? 0 : MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
}

/* The check of the serial line; over a frame and its own check it comes out as 0. */
static uint16_t crc_of(const uint8_t *octet, int length)
{
    unsigned crc = 0xFFFF;
    for (int i = 0; i < length; i++) {
        crc ^= octet[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    return (uint16_t)crc;
}

/* How long the request that begins with these octets is, its unit and check included; 0 if its function has
 * no length that we know, or too little has come to tell. */
static int request_length(const uint8_t *octet, int length)
{
    enum { UNIT = 1, CHECK = 2, SINGLE = UNIT + 5 + CHECK, COUNT_MULTIPLE = 6, COUNT_BOTH = 10 };
    switch (length > 1 ? octet[1] : 0) {
    case MODBUS_FC_READ_COILS:
    case MODBUS_FC_READ_DISCRETE_INPUTS:
    case MODBUS_FC_READ_HOLDING_REGISTERS:
    case MODBUS_FC_READ_INPUT_REGISTERS:
    case MODBUS_FC_WRITE_SINGLE_COIL:
    case MODBUS_FC_WRITE_SINGLE_REGISTER:
        return SINGLE;
    case MODBUS_FC_WRITE_MULTIPLE_COILS:
    case MODBUS_FC_WRITE_MULTIPLE_REGISTERS:
        return length > COUNT_MULTIPLE ? COUNT_MULTIPLE + 1 + octet[COUNT_MULTIPLE] + CHECK : 0;
    case MODBUS_FC_WRITE_AND_READ_REGISTERS:
        return length > COUNT_BOTH ? COUNT_BOTH + 1 + octet[COUNT_BOTH] + CHECK : 0;
    default:
        return 0;
    }
}

int lamp_registers_find(const uint8_t *octet, int length, uint8_t unit, bool silent, int *from)
{
    enum { LEAST = 4, EXCEPTION = 0x80 };
    for (int i = 0; length - i >= LEAST; i++) {
        if (octet[i] != unit)
            continue;
        int size = request_length(octet + i, length - i);
        if (size == 0 && silent && octet[i + 1] < EXCEPTION)
            size = length - i;
        if (size == 0 || size > length - i || crc_of(octet + i, size) != 0)
            continue;
        *from = i;
        return size;
    }
    return 0;
}
