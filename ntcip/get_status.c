/* Readers of what the engine and the unit around it do: status that no single field holds. */
#include "object_read.h"

static int bits_on(const uint64_t word[], int words)
{
    int count = 0;
    for (int i = 0; i < words; i++)
        count += __builtin_popcountll(word[i]);
    return count;
}

/* ---- detectors ---- */

int object_read_reported_alarms(const struct object_view *view, const struct object_instance *at,
                                struct value *out)
{
    enum { REPORTED_OTHER = 1 << 0 };
    out->number = detector_has(&view->status->detector_reported, at->row[0]) ? REPORTED_OTHER : 0;
    return OBJECT_OK;
}

int object_read_active_volume_detectors(const struct object_view *view, const struct object_instance *at,
                                        struct value *out)
{
    (void)at;
    out->number = bits_on(view->status->volume_detectors.word, 3);
    return OBJECT_OK;
}

int object_read_active_ped_detectors(const struct object_view *view, const struct object_instance *at,
                                     struct value *out)
{
    (void)at;
    out->number = bits_on(&view->status->ped_volume_detectors, 1);
    return OBJECT_OK;
}

/* ---- unit ---- */

/* As unitFlashStatus names them. */
enum unit_flash_status {
    FLASH_NOT = 2,
    FLASH_AUTOMATIC = 3,
    FLASH_LOCAL_MANUAL = 4,
    FLASH_FAULT_MONITOR = 5,
    FLASH_MMU = 6,
    FLASH_STARTUP = 7,
    FLASH_PREEMPT = 8,
};

int object_read_unit_flash_status(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    (void)at;
    const struct engine_status *status = view->status;
    if (status->unit == UNIT_STARTUP_FLASH)
        out->number = FLASH_STARTUP;
    else if (view->extra->guard_tripped)
        out->number = FLASH_FAULT_MONITOR;
    else if (view->extra->cabinet_flash)
        out->number = FLASH_MMU;
    else if (view->extra->local_flash)
        out->number = FLASH_LOCAL_MANUAL;
    else if (status->preempt_flash)
        out->number = FLASH_PREEMPT;
    else
        out->number = status->unit == UNIT_AUTOMATIC_FLASH ? FLASH_AUTOMATIC : FLASH_NOT;
    return OBJECT_OK;
}

int object_read_special_function(const struct object_view *view, const struct object_instance *at,
                                 struct value *out)
{
    uint16_t on = view->control->special_function_mask | view->status->special_functions;
    out->number = bit_set(on, at->row[0] - 1);
    return OBJECT_OK;
}

/* ---- alarms ---- */

/* Bits of unitAlarmStatus2 to 4 and shortAlarmStatus that we know; the others stay 0. */
enum alarm2 {
    ALARM2_RESTARTED = 1 << 0,
    ALARM2_STOP_TIME = 1 << 4,
    ALARM2_TRANSITION = 1 << 5,
};

enum alarm3 {
    ALARM3_CABINET = 1 << 0,
};

enum alarm4 {
    ALARM4_MAX_PRESENCE = 1 << 1,
    ALARM4_CLOCK = 1 << 3,
    ALARM4_SCHEDULER = 1 << 4,
};

enum short_alarm {
    SHORT_PREEMPT = 1 << 0,
    SHORT_FLASH = 1 << 1,
    SHORT_CYCLE_ZERO = 1 << 2,
    SHORT_LOCAL_FREE = 1 << 3,
    SHORT_COORDINATION = 1 << 4,
    SHORT_DETECTOR = 1 << 5,
    SHORT_ALARM_INPUT = 1 << 6,
    SHORT_STOP_TIME = 1 << 7,
};

static int when(bool condition, int bit)
{
    return condition ? bit : 0;
}

int object_read_unit_alarm_status1(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    const struct object_extra *extra = view->extra;
    out->number = view->status->alarm1 | when(extra->cabinet_flash, ALARM_MMU_FLASH) |
                  when(extra->local_flash && !extra->cabinet_flash, ALARM_LOCAL_FLASH);
    return OBJECT_OK;
}

int object_read_unit_alarm_status2(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    out->number = when(view->extra->restarted, ALARM2_RESTARTED) |
                  when(view->status->unit_inputs & INPUT_STOP_TIME, ALARM2_STOP_TIME) |
                  when(view->status->in_transition, ALARM2_TRANSITION);
    if (view->latches)
        view->latches->alarm2_read = true;
    return OBJECT_OK;
}

int object_read_unit_alarm_status3(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    out->number = when(view->extra->cabinet_lost, ALARM3_CABINET);
    return OBJECT_OK;
}

static bool beyond_presence(const struct engine_status *status)
{
    bool beyond = false;
    for (int ix = 0; ix < PREEMPTS_MAX; ix++)
        beyond = beyond || status->preempt_stage[ix] == PREEMPT_MAX_PRESENCE;
    return beyond;
}

/* The schedule's action asks for a pattern, and another one runs. */
static bool schedule_waits(const struct object_view *view)
{
    const struct engine_status *status = view->status;
    if (status->action_no == 0)
        return false;
    uint8_t pattern_no = view->db->timebase.action[status->action_no - 1].pattern_no;
    return pattern_no != 0 && pattern_no != status->pattern_no;
}

int object_read_unit_alarm_status4(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    out->number = when(beyond_presence(view->status), ALARM4_MAX_PRESENCE) |
                  when(!view->status->civil_known, ALARM4_CLOCK) |
                  when(schedule_waits(view), ALARM4_SCHEDULER);
    return OBJECT_OK;
}

int object_read_short_alarm_status(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    const struct engine_status *status = view->status;
    const struct object_extra *extra = view->extra;
    bool detector_failed = bits_on(status->detector_failed.word, 3) > 0 || status->ped_detector_failed != 0;
    out->number = when(status->preempt_inputs != 0, SHORT_PREEMPT) |
                  when(extra->cabinet_flash || extra->local_flash, SHORT_FLASH) |
                  when(status->cycle_zeros != extra->cycle_zeros_seen, SHORT_CYCLE_ZERO) |
                  when(status->alarm1 & ALARM_LOCAL_FREE, SHORT_LOCAL_FREE) |
                  when(status->coord_alarm, SHORT_COORDINATION) | when(detector_failed, SHORT_DETECTOR) |
                  when(status->alarm_inputs != 0, SHORT_ALARM_INPUT) |
                  when(status->unit_inputs & INPUT_STOP_TIME, SHORT_STOP_TIME);
    if (view->latches)
        view->latches->short_alarm_read = true;
    return OBJECT_OK;
}

void object_unlatch(struct object_latches *latches, const struct engine_status *status,
                    struct object_extra *extra)
{
    if (latches->alarm2_read)
        extra->restarted = false;
    if (latches->short_alarm_read)
        extra->cycle_zeros_seen = status->cycle_zeros;
    if (latches->time_steps_read > 0)
        extra->time_steps_seen = latches->time_steps_read;
    *latches = (struct object_latches){0};
}

/* ---- coordination ---- */

enum { COORD_STATUS_MAX_S = 510 };

static int64_t whole_seconds(int32_t tenths)
{
    int32_t seconds = tenths / 10;
    return seconds < COORD_STATUS_MAX_S ? seconds : COORD_STATUS_MAX_S;
}

int object_read_local_free_status(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    (void)at;
    out->number = view->status->free_reason ? (int64_t)view->status->free_reason : (int64_t)FREE_OTHER;
    return OBJECT_OK;
}

int object_read_coord_cycle_status(const struct object_view *view, const struct object_instance *at,
                                   struct value *out)
{
    (void)at;
    out->number = whole_seconds(view->status->cycle_ds - view->status->local_ds);
    return OBJECT_OK;
}

int object_read_coord_sync_status(const struct object_view *view, const struct object_instance *at,
                                  struct value *out)
{
    (void)at;
    out->number = whole_seconds(view->status->sync_ds);
    return OBJECT_OK;
}

/* ---- time ---- */

/* Daylight saving is the engine's to know; before it knows the time, there is none. */
static int32_t local_offset_s(const struct object_view *view)
{
    return view->status->civil_known ? view->status->utc_offset_s : view->db->standard_time_zone_s;
}

int object_read_local_time_differential(const struct object_view *view, const struct object_instance *at,
                                        struct value *out)
{
    (void)at;
    out->number = local_offset_s(view);
    return OBJECT_OK;
}

int object_read_local_time(const struct object_view *view, const struct object_instance *at,
                           struct value *out)
{
    (void)at;
    int64_t utc_s = view->extra->utc_s;
    int64_t local_s = utc_s > 0 ? utc_s + local_offset_s(view) : 0;
    out->number = (uint32_t)(local_s < 0 ? 0 : local_s);
    return OBJECT_OK;
}
