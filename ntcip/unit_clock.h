/* Where civil time comes from, and whether it has jumped, for the ASC clock objects of 1202 v03 5.4.22. Part
 * of struct device. Pure: who owns the clock says once a second what it looks like. */
#ifndef NTCIP_UNIT_CLOCK_H
#define NTCIP_UNIT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    UNIT_CLOCK_STEP_MS = 100,       /* differences below are put right little by little, and are no jump */
    UNIT_CLOCK_TOLD_MS = 10 * 1000, /* so long unitTimeSourceStatus tells of a jump, unless it is read */
    TIME_SOURCES = 2,
    UNIT_CLOCK_DELTA = 5, /* octets of unitTimeNonSequentialDelta */
};

/* What the clock runs by. */
enum unit_clock_state {
    UNIT_CLOCK_SYNCED,   /* a time source is heard */
    UNIT_CLOCK_HOLDOVER, /* it was, not long ago */
    UNIT_CLOCK_ALONE,    /* the crystal by itself */
};

/* Who made it jump; numbered as unitTimeNonSequentialSource. */
enum unit_clock_cause {
    CLOCK_CAUSE_UNKNOWN = 1,
    CLOCK_CAUSE_CENTRE = 3,
    CLOCK_CAUSE_NEW_SOURCE = 5,
    CLOCK_CAUSE_SOURCE = 6,
};

struct unit_clock {
    enum unit_clock_state state;
    bool was_synced; /* at any time since the start */
    bool looked_at;
    int64_t utc_offset_ms;       /* civil time less the clock that never jumps */
    uint32_t steps;              /* jumps there were */
    enum unit_clock_cause cause; /* of the last one; unknown while there was none */
    int64_t stepped_at_ms;
    int64_t step_ms;
    uint32_t step_utc_s; /* civil time right behind it */
};

void unit_clock_init(struct unit_clock *clock);

/* The clock as it is now. `by_centre`: globalTime was SET just now. `now_ms` is of the clock that never
 * jumps. */
void unit_clock_look(struct unit_clock *clock, enum unit_clock_state state, int64_t utc_offset_ms,
                     bool by_centre, int64_t now_ms);

/* A difference as hours, minutes, seconds and two octets of milliseconds, each with the sign of the whole in
 * two's complement; at most a second short of a day. */
void unit_clock_delta(int64_t step_ms, uint8_t out[UNIT_CLOCK_DELTA]);

#endif
