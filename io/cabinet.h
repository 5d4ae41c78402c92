/* The port to the cabinet's field I/O. The tick writes an output and reads the newest image; both
 * return at once whatever the bus does. Behind the port stands a Modbus thread, or a simulator. */
#ifndef IO_CABINET_H
#define IO_CABINET_H

#include "../phases/frame.h"
#include "../phases/spat.h"

/* Why the published state must not be used to accuse anyone; bit set of output.reasons. The names
 * in the signal-state feed follow the same order. */
enum invalid_reason {
    REASON_STARTUP = 1 << 0,
    REASON_FLASH = 1 << 1,
    REASON_ALL_RED = 1 << 2,
    REASON_DARK = 1 << 3,
    REASON_MANUAL = 1 << 4,
    REASON_REMOTE = 1 << 5,
    REASON_PREEMPT = 1 << 6,
    REASON_FAULT = 1 << 7,
    REASON_CLOCK = 1 << 8,
    REASON_CONFIG = 1 << 9,
    REASON_STALE_CABINET = 1 << 10,
};

enum { CHANGE_UNKNOWN = -1 };

/* One tick's output on its way to the lamps. */
struct output {
    uint64_t seq;        /* counts ticks that wrote, from 1 */
    int64_t tick_us;     /* monotonic time of the tick */
    struct frame frame;  /* what the guard let through */
    bool flash_on;       /* the lit half of a flashing (not alternate) channel */
    bool healthy;        /* heartbeat goes on; false: the cabinet shall fall into its own flash */
    bool dimmed;         /* the lamps shall burn low */
    uint32_t reasons;    /* enum invalid_reason */
    uint64_t config_seq; /* counts structural plan adoptions */
    /* Earliest and latest next change of each channel's colour, from this tick; CHANGE_UNKNOWN
     * where nothing certain can be said. Element channel_no - 1. */
    int32_t min_change_ds[CHANNELS_MAX];
    int32_t max_change_ds[CHANNELS_MAX];
    /* Seconds for the displays beside the lamps; 0: nothing is to be shown. */
    uint8_t countdown_s[CHANNELS_MAX];
    /* Dark for a moment, so that such a display begins to count: no part of what the channel shows. */
    struct channel_mask pulse;
    struct spat spat;
};

/* Bits of cabinet_image.inputs, in the order of the register map's input bits. */
enum cabinet_input {
    CABINET_STOP_TIME = 1 << 0,
    CABINET_MANUAL_CONTROL = 1 << 1,
    CABINET_INTERVAL_ADVANCE = 1 << 2,
    CABINET_DOOR = 1 << 3,
    CABINET_FLASH_SWITCH = 1 << 4, /* local flash switch of the police panel */
    CABINET_EXTERNAL_MIN_RECALL = 1 << 5,
    CABINET_NON_ACTUATED_1 = 1 << 6,
    CABINET_NON_ACTUATED_2 = 1 << 7,
    CABINET_WALK_REST = 1 << 8,
    CABINET_AUTOMATIC_FLASH = 1 << 9, /* asks for a flash of the controller's own */
    CABINET_FREE = 1 << 10,
    CABINET_DIMMING = 1 << 11,
};

/* Bits of cabinet_image.status: what the cabinet's own monitor says. */
enum cabinet_status {
    CABINET_FLASHING = 1 << 0,      /* the lamps are on the cabinet's own flasher */
    CABINET_TRIP_CONFLICT = 1 << 1, /* latched in the cabinet */
    CABINET_TRIP_RED_FAIL = 1 << 2,
    CABINET_TRIP_HEARTBEAT = 1 << 3, /* clears by itself when heartbeats return */
    CABINET_TRIP_CVM = 1 << 4,       /* the controller withdrew its health line */
};

enum { ALARM_INPUTS = 8 };

/* What the cabinet said in one exchange. */
struct cabinet_image {
    struct detector_mask vehicle;
    struct detector_mask vehicle_fault;
    uint64_t pedestrian;
    uint16_t preempt, priority;             /* bit n-1: number n is called */
    uint8_t alarms;                         /* bit n-1: alarm input n is on */
    uint8_t interconnect_pattern_no;        /* 0: none */
    uint32_t inputs;                        /* enum cabinet_input */
    uint32_t status;                        /* enum cabinet_status */
    struct channel_mask red, yellow, green; /* lamps found lit */
};

/* One completed exchange: `output` was taken by the cabinet at `taken_us` (monotonic, the middle
 * of the transaction, off by at most `error_us`); `image` was read in the same transaction and
 * shows the lamps after it. */
struct cabinet_exchange {
    struct output output;
    int64_t taken_us;
    int32_t error_us;
    struct cabinet_image image;
};

/* Called for every completed exchange, in the thread of the bus. Must not block. */
typedef void cabinet_taken_fn(void *arg, const struct cabinet_exchange *exchange);

struct cabinet {
    /* Newest image. Returns its age at `now_us` in microseconds, or -1 if there never was one. */
    int64_t (*read)(struct cabinet *cabinet, struct cabinet_image *image, int64_t now_us);
    /* Hands over the newest output; one not yet sent is replaced. */
    void (*write)(struct cabinet *cabinet, const struct output *output);
};

#endif
