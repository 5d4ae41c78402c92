/* Signal phase and timing: what the phases and overlaps show and when that changes, as vehicles are told
 * it. The form knows the first sixteen of each. */
#ifndef PHASES_SPAT_H
#define PHASES_SPAT_H

#include "types.h"

struct engine;
struct engine_status;
struct frame;

enum {
    SPAT_ROWS = 16,
    SPAT_UNKNOWN_DS = 0xFFFF, /* a latest change that nobody can promise */
};

/* Bits of spat.status. */
enum spat_status {
    SPAT_MANUAL = 1 << 0,
    SPAT_STOP_TIME = 1 << 1, /* in all rings */
    SPAT_FAULT_FLASH = 1 << 2,
    SPAT_PREEMPT = 1 << 3,
    SPAT_PRIORITY = 1 << 4,
    SPAT_IN_STEP = 1 << 5,
    SPAT_IN_TRANSITION = 1 << 6,
    SPAT_PROGRAMMED_FLASH = 1 << 7,
};

/* Tenths of a second until the next change, counted from the tick. */
struct spat_change {
    uint16_t min_ds; /* 0: nothing is known */
    uint16_t max_ds; /* or SPAT_UNKNOWN_DS */
};

/* In the masks bit n-1 is phase or overlap n. Red with yellow counts as red, flashing green as green. */
struct spat {
    struct spat_change vehicle[SPAT_ROWS], pedestrian[SPAT_ROWS], overlap[SPAT_ROWS];
    uint16_t red, yellow, green;
    uint16_t dont_walk, ped_clear, walk;
    uint16_t overlap_red, overlap_yellow, overlap_green;
    uint16_t flashing, overlap_flashing; /* what they show goes on and off */
    uint8_t status;                      /* enum spat_status */
    uint8_t action_no;                   /* timebaseAscActionStatus */
    uint8_t tick_octet;                  /* the engine's time in tenths, its lowest octet */
    uint16_t ped_pressed;                /* phases whose push button is held now */
    uint16_t ped_call;                   /* phases with a pedestrian call */
};

/* Fills `spat` after a tick. `frame` is what leaves for the lamps, `min_ds` and `max_ds` are as
 * predict_channels() fills them, unknown where nothing can be promised; `fault`: the lamps are not the
 * engine's. */
void spat_collect(const struct engine *e, const struct engine_status *status, const struct frame *frame,
                  const int32_t min_ds[CHANNELS_MAX], const int32_t max_ds[CHANNELS_MAX], bool fault,
                  struct spat *spat);

#endif
