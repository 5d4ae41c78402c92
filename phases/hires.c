#include "hires.h"

void hires_add(struct hires_ring *ring, int64_t at_ds, int code, int parameter)
{
    struct hires_event *slot = &ring->slot[ring->written % EVENTS_KEPT];
    slot->at_ds = at_ds;
    slot->code = (uint16_t)code;
    slot->parameter = (uint16_t)parameter;
    ring->written++;
}

size_t hires_read(const struct hires_ring *ring, uint64_t *cursor, struct hires_event *out, size_t max,
                  uint64_t *lost)
{
    if (*cursor > ring->written) /* the ring was begun anew since the last read */
        *cursor = 0;
    if (ring->written - *cursor > EVENTS_KEPT) {
        *lost += ring->written - EVENTS_KEPT - *cursor;
        *cursor = ring->written - EVENTS_KEPT;
    }

    size_t copied = 0;
    while (copied < max && *cursor < ring->written)
        out[copied++] = ring->slot[(*cursor)++ % EVENTS_KEPT];
    return copied;
}
