/* The cabinet around the controller: lamp switches with read-back, an own conflict monitor, and an own
 * flasher for when the controller is silent or unwell. The monitor works on the lamps that burn and
 * on the permissive card alone; it shares no code with the controller's guard, as in the field. Knows no
 * clock: times come in as arguments. */
#ifndef SIM_SIM_CABINET_H
#define SIM_SIM_CABINET_H

#include "../io/cabinet_map.h"
#include "../phases/guard.h"
#include "lamps.h"

/* How long the monitor looks on before it latches. */
enum {
    MONITOR_CONFLICT_US = 300 * 1000,
    MONITOR_DUAL_US = 450 * 1000,
    MONITOR_DARK_US = 1000 * 1000,
};

/* A lamp that cannot burn, and one that cannot go out: for tests of read-back and monitor. */
struct lamp_faults {
    struct channel_mask broken[3]; /* red, yellow, green */
    struct channel_mask stuck[3];
};

struct sim_cabinet {
    const struct guard_card *card;
    int64_t heartbeat_limit_us;
    struct cabinet_command command; /* the newest taken */
    int64_t heartbeat_at_us;        /* it last changed; -1: never heard */
    bool beaten;                    /* command.heartbeat holds one */
    uint32_t status;                /* enum cabinet_status */
    uint32_t inputs;                /* enum cabinet_input: the switches */
    struct detector_mask vehicle;
    uint64_t pedestrian;
    struct lamp_faults faults;
    struct lamps lamps;
    int64_t conflict_since_us, dual_since_us; /* -1: all well */
    bool flasher_on;
};

/* Dark, without a controller. `card` must outlive the cabinet. */
void sim_cabinet_init(struct sim_cabinet *cabinet, const struct guard_card *card, int heartbeat_ms,
                      int64_t now_us);

/* The controller's newest command is taken: the lamps follow at once. */
void sim_cabinet_take(struct sim_cabinet *cabinet, const struct cabinet_command *command, int64_t now_us);

/* Time passes: monitor, heartbeat, flasher. Call at least every 100 ms. */
void sim_cabinet_advance(struct sim_cabinet *cabinet, int64_t now_us);

/* What a read of the cabinet finds. */
void sim_cabinet_image(const struct sim_cabinet *cabinet, struct cabinet_image *image);

/* The technician presses reset: latched trips are forgotten. */
void sim_cabinet_reset(struct sim_cabinet *cabinet, int64_t now_us);

/* Nothing burns that the flash image of the card does not have: in its dark half, nothing at all. */
bool sim_cabinet_shows_flash(const struct sim_cabinet *cabinet);

/* Lamps are on the cabinet's own flasher. */
static inline bool sim_cabinet_flashes(const struct sim_cabinet *cabinet)
{
    return (cabinet->status & CABINET_FLASHING) != 0;
}

#endif
