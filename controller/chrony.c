#include "chrony.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Places in the request, and in the answer. All numbers are big-endian. */
enum {
    AT_VERSION = 0,
    AT_TYPE = 1,
    AT_COMMAND = 4,
    AT_REQUEST_SEQUENCE = 8,
    AT_REPLY = 6,
    AT_STATUS = 8,
    AT_SEQUENCE = 16,
    AT_REFERENCE = 28,
    AT_LEAP = 54,
    AT_SECONDS_HIGH = 56,
    AT_SECONDS = 60,
    AT_NANOSECONDS = 64,
    AT_CORRECTION = 68,
    AT_ROOT_DELAY = 92,
    AT_ROOT_DISPERSION = 96,
};

enum {
    VERSION = 6,
    TYPE_REQUEST = 1,
    TYPE_ANSWER = 2,
    COMMAND_TRACKING = 33,
    REPLY_TRACKING = 5,
    STATUS_SUCCESS = 0,
    LEAP_UNSYNCHRONISED = 3,
    SECONDS_HIGH_NONE = 0x7FFFFFFF, /* a sender whose time has 32 bits only */
};

static const uint32_t reference_itself = 0x7F7F0101; /* `local stratum`: nobody's clock but its own */

static uint16_t word_at(const uint8_t *octet)
{
    return (uint16_t)(octet[0] << 8 | octet[1]);
}

static uint32_t long_at(const uint8_t *octet)
{
    return (uint32_t)word_at(octet) << 16 | word_at(octet + 2);
}

static void put_long(uint8_t *octet, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        octet[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The protocol's own floating point, 7 bits of exponent and 25 of coefficient, both signed: seconds, in
 * microseconds. */
static double microseconds_at(const uint8_t *octet)
{
    const uint32_t word = long_at(octet);
    int exponent = (int)(word >> 25);
    int coefficient = (int)(word & 0x1FFFFFF);
    if (exponent >= 1 << 6)
        exponent -= 1 << 7;
    if (coefficient >= 1 << 24)
        coefficient -= 1 << 25;
    return ldexp(coefficient, exponent - 25) * 1e6;
}

void chrony_write_request(uint32_t sequence, uint8_t octet[CHRONY_OCTETS])
{
    memset(octet, 0, CHRONY_OCTETS);
    octet[AT_VERSION] = VERSION;
    octet[AT_TYPE] = TYPE_REQUEST;
    octet[AT_COMMAND + 1] = COMMAND_TRACKING;
    put_long(octet + AT_REQUEST_SEQUENCE, sequence);
}

int chrony_read_answer(const uint8_t *octet, size_t length, uint32_t sequence,
                       struct chrony_tracking *tracking)
{
    if (length != CHRONY_OCTETS || octet[AT_VERSION] != VERSION || octet[AT_TYPE] != TYPE_ANSWER ||
        word_at(octet + AT_COMMAND) != COMMAND_TRACKING || word_at(octet + AT_REPLY) != REPLY_TRACKING ||
        word_at(octet + AT_STATUS) != STATUS_SUCCESS || long_at(octet + AT_SEQUENCE) != sequence)
        return -1;
    const uint32_t high = long_at(octet + AT_SECONDS_HIGH);
    const int64_t seconds =
        (int64_t)(high == SECONDS_HIGH_NONE ? 0 : high & 0xFF) << 32 | long_at(octet + AT_SECONDS);
    /* What is still being corrected, and what the way to the best clock may add on top. */
    const double error_us = fabs(microseconds_at(octet + AT_CORRECTION)) +
                            fabs(microseconds_at(octet + AT_ROOT_DISPERSION)) +
                            fabs(microseconds_at(octet + AT_ROOT_DELAY)) / 2;
    *tracking = (struct chrony_tracking){
        .synchronised = word_at(octet + AT_LEAP) != LEAP_UNSYNCHRONISED &&
                        long_at(octet + AT_REFERENCE) != 0 &&
                        long_at(octet + AT_REFERENCE) != reference_itself,
        .error_us = error_us < INT32_MAX ? (int64_t)error_us + 1 : INT32_MAX,
        .measured_us = seconds * 1000000 + long_at(octet + AT_NANOSECONDS) / 1000,
    };
    return 0;
}

int chrony_open(struct chrony *chrony, const struct address *address)
{
    *chrony = (struct chrony){.fd = -1};
    const int fd = socket(address->socket.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&address->socket, address->length) != 0) {
        close(fd);
        return -1;
    }
    chrony->fd = fd;
    return 0;
}

void chrony_close(struct chrony *chrony)
{
    if (chrony->fd >= 0)
        close(chrony->fd);
    chrony->fd = -1;
}

bool chrony_ask(struct chrony *chrony, int64_t now_us, struct chrony_tracking *tracking)
{
    uint8_t octet[CHRONY_OCTETS + 1]; /* one more, to know a longer one */
    ssize_t length;
    if (chrony->fd < 0)
        return false;
    while ((length = recv(chrony->fd, octet, sizeof octet, 0)) >= 0) {
        if (chrony_read_answer(octet, (size_t)length, chrony->sequence, &chrony->tracking) == 0) {
            chrony->answered = true;
            chrony->answered_us = now_us;
        }
    }
    /* A number that those who cannot listen do not guess: where the clock stands within its period. */
    chrony->sequence += (uint32_t)now_us | 1;
    chrony_write_request(chrony->sequence, octet);
    /* Where nobody listens, this or the next call fails, and the answer gets old. */
    (void)!send(chrony->fd, octet, CHRONY_OCTETS, MSG_NOSIGNAL);
    if (!chrony->answered || now_us - chrony->answered_us > CHRONY_SILENCE_US)
        return false;
    *tracking = chrony->tracking;
    return true;
}
