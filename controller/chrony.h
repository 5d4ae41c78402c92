/* How well this machine's clock is kept, as its chronyd says. Asks as `chronyc tracking` does: one datagram
 * each way of chrony's monitoring protocol, version 6 (chrony 1.31 and later). Knows no clock: times come in
 * as arguments. Nothing here blocks or allocates. */
#ifndef CONTROLLER_CHRONY_H
#define CONTROLLER_CHRONY_H

#include "../io/address.h"

enum {
    CHRONY_OCTETS = 104, /* of the request, and of its answer: it must not ask for more than it sends */
    CHRONY_SILENCE_US = 3500 * 1000, /* an answer older than this says nothing any more */
};

struct chrony_tracking {
    bool synchronised;   /* by another clock: a chronyd that follows none, or only itself, is not */
    int64_t error_us;    /* the system clock is no further off than this */
    int64_t measured_us; /* UTC by the system clock at which it was last held against its source */
};

struct chrony {
    int fd; /* -1: closed */
    uint32_t sequence;
    int64_t answered_us; /* monotonic; only if there was an answer */
    bool answered;
    struct chrony_tracking tracking;
};

/* Where chronyd answers is on this machine: another machine's clock says nothing about ours. Returns 0, or -1
 * if the system has no socket; nobody has to listen there. */
int chrony_open(struct chrony *chrony, const struct address *address);
void chrony_close(struct chrony *chrony);

/* Takes the answer to the last question, if it has come, and asks again. Call about once a second. Returns
 * true with the newest answer in `tracking`, false if there is no chronyd to be heard. */
bool chrony_ask(struct chrony *chrony, int64_t now_us, struct chrony_tracking *tracking);

/* The two datagrams. Reading returns 0, or -1 if it is no answer to request `sequence`. Pure. */
void chrony_write_request(uint32_t sequence, uint8_t octet[CHRONY_OCTETS]);
int chrony_read_answer(const uint8_t *octet, size_t length, uint32_t sequence,
                       struct chrony_tracking *tracking);

#endif
