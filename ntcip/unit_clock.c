#include "unit_clock.h"
#include "device.h"
#include "object_read.h"
#include <stdlib.h>

void unit_clock_init(struct unit_clock *clock)
{
    *clock = (struct unit_clock){.state = UNIT_CLOCK_ALONE, .cause = CLOCK_CAUSE_UNKNOWN};
}

static enum unit_clock_cause cause_of(const struct unit_clock *clock, enum unit_clock_state state,
                                      bool by_centre)
{
    if (by_centre)
        return CLOCK_CAUSE_CENTRE;
    if (state != UNIT_CLOCK_SYNCED)
        return CLOCK_CAUSE_UNKNOWN;
    return clock->state == UNIT_CLOCK_SYNCED ? CLOCK_CAUSE_SOURCE : CLOCK_CAUSE_NEW_SOURCE;
}

void unit_clock_look(struct unit_clock *clock, enum unit_clock_state state, int64_t utc_offset_ms,
                     bool by_centre, int64_t now_ms)
{
    int64_t step_ms = clock->looked_at ? utc_offset_ms - clock->utc_offset_ms : 0;
    if (llabs(step_ms) >= UNIT_CLOCK_STEP_MS) {
        clock->steps++;
        clock->cause = cause_of(clock, state, by_centre);
        clock->stepped_at_ms = now_ms;
        clock->step_ms = step_ms;
        clock->step_utc_s = (uint32_t)((now_ms + utc_offset_ms) / 1000);
    }
    clock->looked_at = true;
    clock->utc_offset_ms = utc_offset_ms;
    clock->state = state;
    clock->was_synced = clock->was_synced || state == UNIT_CLOCK_SYNCED;
}

void unit_clock_delta(int64_t step_ms, uint8_t out[UNIT_CLOCK_DELTA])
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    int64_t ms = step_ms >= DAY_MS ? DAY_MS - 1000 : step_ms <= -DAY_MS ? 1000 - DAY_MS : step_ms;
    uint16_t milliseconds = (uint16_t)(ms % 1000);
    out[0] = (uint8_t)(ms / 3600000);
    out[1] = (uint8_t)(ms / 60000 % 60);
    out[2] = (uint8_t)(ms / 1000 % 60);
    out[3] = (uint8_t)(milliseconds >> 8);
    out[4] = (uint8_t)milliseconds;
}

/* ---- objects ---- */

enum time_source { TIME_CRYSTAL = 4, TIME_NTP = 6 };

enum time_status {
    TIME_NOT_ACTIVE = 1,
    TIME_ACTIVE = 2,
    TIME_OUT = 4,
    TIME_PENDING = 5,
    TIME_NON_SEQUENTIAL = 6,
};

int object_read_time_source(const struct object_view *view, const struct object_instance *at,
                            struct value *out)
{
    (void)view;
    out->number = at->row[0] == 1 ? TIME_NTP : TIME_CRYSTAL;
    return OBJECT_OK;
}

int object_read_time_source_current(const struct object_view *view, const struct object_instance *at,
                                    struct value *out)
{
    (void)at;
    out->number = view->device->clock.state == UNIT_CLOCK_ALONE ? TIME_CRYSTAL : TIME_NTP;
    return OBJECT_OK;
}

int object_read_time_source_status(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    const struct unit_clock *clock = &view->device->clock;
    bool told = clock->steps == view->extra->time_steps_seen ||
                view->device->now_ms - clock->stepped_at_ms >= UNIT_CLOCK_TOLD_MS;
    if (view->latches)
        view->latches->time_steps_read = clock->steps;
    if (!told)
        out->number = TIME_NON_SEQUENTIAL;
    else if (clock->state == UNIT_CLOCK_SYNCED)
        out->number = TIME_ACTIVE;
    else if (clock->state == UNIT_CLOCK_HOLDOVER)
        out->number = TIME_OUT;
    else
        out->number = clock->was_synced ? TIME_NOT_ACTIVE : TIME_PENDING;
    return OBJECT_OK;
}

int object_read_time_step_source(const struct object_view *view, const struct object_instance *at,
                                 struct value *out)
{
    (void)at;
    out->number = view->device->clock.cause;
    return OBJECT_OK;
}

int object_read_time_step(const struct object_view *view, const struct object_instance *at, struct value *out)
{
    (void)at;
    out->number = view->device->clock.step_utc_s;
    return OBJECT_OK;
}

int object_read_time_step_delta(const struct object_view *view, const struct object_instance *at,
                                struct value *out)
{
    (void)at;
    const struct unit_clock *clock = &view->device->clock;
    out->length = clock->steps > 0 ? UNIT_CLOCK_DELTA : 0;
    if (clock->steps > 0)
        unit_clock_delta(clock->step_ms, out->octet);
    return OBJECT_OK;
}
