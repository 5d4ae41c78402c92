/* When an event of the event log occurs (NTCIP 1103, eventConfigMode): one configuration, looked at in
 * every tick. Pure: no clock, no objects, no allocation. */
#ifndef NTCIP_EVENT_WATCH_H
#define NTCIP_EVENT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/* As eventConfigMode numbers them. */
enum event_mode {
    EVENT_OTHER = 1, /* none of ours */
    EVENT_ON_CHANGE = 2,
    EVENT_GREATER = 3,
    EVENT_SMALLER = 4,
    EVENT_HYSTERESIS = 5,
    EVENT_PERIODIC = 6,
    EVENT_ANDED = 7,
};

/* What to watch for: eventConfigCompareValue and eventConfigCompareValue2. */
struct event_condition {
    enum event_mode mode;
    int32_t value;  /* threshold, one bound, mask, or period in seconds */
    int32_t value2; /* hold time in tenths of a second, or the other bound */
};

/* The watched object as it is now. */
struct event_sample {
    bool present;    /* its row is there */
    int64_t number;  /* an INTEGER's */
    uint64_t digest; /* differs when the value differs, whatever its type */
};

struct event_watch {
    bool seen;        /* there was a sample */
    uint64_t digest;  /* of the last one */
    int64_t since_ds; /* the condition holds since; only with `holds` */
    bool holds;
    bool told;       /* the event has occurred since it holds */
    bool told_above; /* hysteresis: beyond the upper bound, and not beyond the lower one since */
    bool told_below; /* the other way round */
    int64_t due_ds;  /* periodic: the next time */
};

/* Whether mode and values make sense together: a known mode, a period of at least 1 s, a hold time that is
 * not negative, bounds that differ, a mask that has a bit. */
bool event_condition_valid(const struct event_condition *condition);

/* Whether the mode compares with a number, so that the watched object must be an INTEGER. */
bool event_mode_numeric(enum event_mode mode);

/* Forgets what was seen: the configuration is new. */
void event_watch_begin(struct event_watch *watch, const struct event_condition *condition, int64_t now_ds);

/* Takes one sample and says whether the event occurs now. Call it once a tick with a valid condition;
 * `now_ds` never goes back. What stood when watching began counts as having begun then: a value beyond its
 * threshold is an event, the first value of onChange is none. A row that is not there meets no condition. */
bool event_watch_step(struct event_watch *watch, const struct event_condition *condition,
                      const struct event_sample *sample, int64_t now_ds);

#endif
