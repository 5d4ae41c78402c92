/* The newest value between one writing and one reading thread, by three slots: neither side ever
 * waits for the other, whoever is preempted where. The caller keeps the three slots; this keeps
 * who may touch which. A value not taken in time is replaced by the next. */
#ifndef IO_LATEST_H
#define IO_LATEST_H

#include <stdatomic.h>
#include <stdbool.h>

enum { LATEST_SLOTS = 3, LATEST_FRESH = 4 };

struct latest {
    unsigned back;       /* slot the writer fills */
    unsigned front;      /* slot the reader reads */
    atomic_uint between; /* the third slot; LATEST_FRESH is set while the reader has not seen it */
};

static inline void latest_init(struct latest *l)
{
    l->back = 0;
    l->front = 1;
    atomic_init(&l->between, 2);
}

/* Writer: slot `back` is complete; `back` is another one afterwards. */
static inline void latest_publish(struct latest *l)
{
    l->back = atomic_exchange_explicit(&l->between, l->back | LATEST_FRESH, memory_order_acq_rel) &
              ~(unsigned)LATEST_FRESH;
}

/* Reader: makes the newest value the one in slot `front`. False: there is none newer. */
static inline bool latest_take(struct latest *l)
{
    if (!(atomic_load_explicit(&l->between, memory_order_relaxed) & LATEST_FRESH))
        return false;
    l->front =
        atomic_exchange_explicit(&l->between, l->front, memory_order_acq_rel) & ~(unsigned)LATEST_FRESH;
    return true;
}

#endif
