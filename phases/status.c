#include "engine_internal.h"
#include <string.h>

static int ring_code(const struct engine *e, const struct ring_state *r)
{
    switch ((enum ring_interval)r->interval) {
    case INTERVAL_REST:
        return RING_RED_REST;
    case INTERVAL_YELLOW:
        return RING_YELLOW;
    case INTERVAL_RED_CLEAR:
        return RING_RED_CLEAR;
    case INTERVAL_BEFORE_GREEN:
        return RING_UNDEFINED;
    case INTERVAL_GREEN:
    case INTERVAL_FLASHING_GREEN:
        break;
    }
    if (!r->minimum_done)
        return RING_MIN_GREEN;
    if (r->maxed)
        return RING_MAXIMUM;
    bool wanted = (e->ctl.vehicle_call | e->ctl.soft_call | e->ctl.ped_call) &
                  e->plan->structure.conflicts[r->phase_ix];
    return r->gapped && !wanted ? RING_GREEN_REST : RING_EXTENSION;
}

static uint8_t ring_status(const struct engine *e, const struct ring_state *r)
{
    static const uint8_t cause[] = {
        [TERMINATION_NONE] = 0,           [TERMINATION_GAP] = 1 << 3,     [TERMINATION_MAX] = 1 << 4,
        [TERMINATION_FORCE_OFF] = 1 << 5, [TERMINATION_PREEMPT] = 1 << 5,
    };
    return (uint8_t)(ring_code(e, r) | cause[r->termination]);
}

static void rings(const struct engine *e, struct engine_status *s)
{
    for (int ring = 0; ring < RINGS_MAX; ring++) {
        const struct ring_state *r = &e->ctl.ring[ring];
        bool used = e->plan->structure.ring_length[ring] > 0;
        s->ring_status[ring] = used ? ring_status(e, r) : RING_RED_REST;
        s->ring_phase_no[ring] = (uint8_t)(r->phase_ix + 1);
        s->ring_stopped[ring] = used && unit_ring_stopped(e, ring);
        s->stop_time |= s->ring_stopped[ring];
        if (used && r->interval == INTERVAL_FLASHING_GREEN)
            s->flashing_green |= bit(r->phase_ix);
    }
}

static uint32_t local_time_s(const struct engine *e, int64_t at_ds)
{
    const struct timebase_state *t = &e->ctl.timebase;
    return (uint32_t)(t->utc_ds ? (t->utc_ds - (e->ctl.now_ds - at_ds)) / 10 + t->utc_offset_s : 0);
}

static void reports(const struct engine *e, struct engine_status *s)
{
    const struct engine_obs *o = &e->obs;
    if (e->plan->volume_period_ds != PERIOD_NONE) {
        bool collecting = e->plan->volume_period_ds != PERIOD_CYCLE || o->vehicles.collecting;
        s->volume_detectors = e->plan->volume_detectors;
        s->volume_elapsed_s = (uint16_t)(collecting ? o->vehicles.sampled_ds / 10 : 0);
    }
    s->volume_sequence = o->vehicles.sequence;
    s->volume_ended_s = o->vehicles.duration_s ? local_time_s(e, o->vehicles.ended_ds) : 0;
    memcpy(s->volume, o->volume, sizeof s->volume);
    memcpy(s->occupancy, o->occupancy, sizeof s->occupancy);
    for (int i = 0; i < VEHICLE_DETECTORS_MAX; i++)
        s->speed[i] = o->speed[i] ? o->speed[i] : SPEED_UNKNOWN;
    if (e->plan->ped_period_ds != PERIOD_NONE)
        s->ped_volume_detectors = e->plan->ped_detectors_reported;
    s->ped_volume_sequence = o->pedestrians.sequence;
    s->ped_volume_duration_s = o->pedestrians.duration_s;
    s->ped_volume_ended_s = o->pedestrians.duration_s ? local_time_s(e, o->pedestrians.ended_ds) : 0;
    memcpy(s->ped_actuations, o->ped_actuations, sizeof s->ped_actuations);
    memcpy(s->ped_services, o->ped_services, sizeof s->ped_services);
}

static void detectors(const struct engine *e, struct engine_status *s)
{
    s->detector_active = e->ctl.active;
    s->ped_detector_active = e->ctl.ped_raw;
    s->detector_failed = e->ctl.failed;
    s->ped_detector_failed = e->ctl.ped_failed;
    for (int i = 0; i < VEHICLE_DETECTORS_MAX; i++) {
        s->detector_alarms[i] = e->ctl.diagnostic[i].alarms;
        detector_put(&s->detector_reported, i + 1, s->detector_alarms[i] & DETECTOR_OTHER_FAULT);
    }
    for (int i = 0; i < PEDESTRIAN_DETECTORS_MAX; i++)
        s->ped_detector_alarms[i] = e->ctl.ped_diagnostic[i].alarms;
    s->speed_managed = e->ctl.speed.managed;
    s->speed_withheld = e->ctl.speed.withheld;
}

static void preempts(const struct engine *e, struct engine_status *s)
{
    const struct preempt_state *p = &e->ctl.preempt;
    s->preempt_inputs = p->inputs;
    s->preempt_no = (uint8_t)(p->active_ix + 1);
    for (int ix = 0; ix < PREEMPTS_MAX; ix++)
        s->preempt_stage[ix] = (uint8_t)preempt_stage_of(e, ix);
    s->preempt_flash = e->ctl.unit == UNIT_AUTOMATIC_FLASH && p->flashing;
}

/* Outputs as they burn: a flashing green counts as green, a flashing yellow arrow as yellow, a flashing red
 * one as red, a dark one as nothing. A pedestrian overlap walks in green and clears in yellow (1202 v03
 * 5.10.4.3). */
static void overlaps(const struct engine *e, struct engine_status *s)
{
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    s->overlap_green = lamps->green | lamps->walk;
    s->overlap_yellow = lamps->yellow | lamps->ped_clear;
    s->overlap_red =
        e->plan->overlaps & ~(lamps->green | lamps->yellow | lamps->walk | lamps->ped_clear | lamps->dark);
    s->overlap_flashing = lamps->flashing;
}

static void timebase(const struct engine *e, struct engine_status *s)
{
    const struct timebase_state *tb = &e->ctl.timebase;
    s->utc_ds = tb->utc_ds;
    s->civil_known = tb->utc_ds != 0;
    if (s->civil_known) {
        s->local_time_s = tb->utc_ds / 10 + tb->utc_offset_s;
        s->utc_offset_s = tb->utc_offset_s;
    }
    s->day_plan_no = tb->day_plan_no;
    s->schedule_row_no = tb->schedule_row_no;
    s->action_no = tb->action_no;
    s->auxiliary = tb->auxiliary;
}

void engine_get_status(const struct engine *e, struct engine_status *s)
{
    const struct engine_ctl *c = &e->ctl;
    memset(s, 0, sizeof *s);
    s->now_ds = c->now_ds;
    s->unit = (enum unit_state)c->unit;
    rings(e, s);
    detectors(e, s);
    reports(e, s);
    timebase(e, s);
    preempts(e, s);
    s->special_functions = unit_special_functions(e);
    s->dimmed = unit_dimmed(e);
    s->alarm1 = fault_alarm1(e);
    s->alarm_inputs = e->obs.alarm_inputs;
    if (c->unit != UNIT_STARTUP_FLASH && c->unit != UNIT_AUTOMATIC_FLASH) {
        s->green = c->green;
        s->yellow = c->yellow;
        s->red = e->plan->structure.phases & ~c->green & ~c->yellow;
        s->walk = c->walk;
        s->ped_clear = c->ped_clear;
        s->dont_walk = e->plan->structure.phases & ~c->walk & ~c->ped_clear;
        overlaps(e, s);
    }
    s->vehicle_call = c->vehicle_call | c->soft_call;
    s->ped_call = c->ped_call;
    s->on = c->on;
    s->next = c->next;
    s->manual = c->manual;
    s->remote_control = unit_remote_acts(e);
    s->control = unit_control_status(e);
    s->backup_mode = c->backup_mode;
    s->structure_waits = c->draining;
    s->unit_inputs = c->unit_inputs;
    coord_get_status(e, s);
    priority_get_status(e, s);
    if (c->commanded && e->plan->backup_ds > c->command_age_ds)
        s->backup_left_s = (uint32_t)(e->plan->backup_ds - c->command_age_ds + 9) / 10;
}
