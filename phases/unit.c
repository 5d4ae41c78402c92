#include "engine_internal.h"
#include <string.h>

static bool input_on(const struct tick *t, enum unit_input input)
{
    return (t->in->unit & (uint32_t)input) != 0;
}

uint16_t unit_special_functions(const struct engine *e)
{
    return e->ctl.control.special_function_mask | e->ctl.timebase.special_functions;
}

/* Both must ask for it: switch or centre, and the action in force (1202 v03 5.4.10, 5.6.3.3). */
bool unit_dimmed(const struct engine *e)
{
    bool enabled = (e->ctl.control.unit & UNIT_DIMMING) || (e->ctl.unit_inputs & INPUT_DIMMING);
    return enabled && (e->ctl.timebase.auxiliary & AUXILIARY_DIMMING);
}

int engine_command(struct engine *e, const struct control_op *op)
{
    if (e->ctl.unit == UNIT_STARTUP_FLASH || e->ctl.unit == UNIT_STARTUP_ALL_RED)
        return -1;
    control_apply(&e->ctl.control, op);
    if (op->offset == offsetof(struct control, manual_timeout_s))
        e->ctl.manual_left_ds = e->ctl.control.manual_timeout_s * 10;
    if (op->offset == offsetof(struct control, system_sync_s))
        coord_system_sync(e);
    if (op->restarts_backup || (op->starts_backup && !e->ctl.commanded)) {
        e->ctl.commanded = true;
        e->ctl.command_age_ds = 0;
        e->ctl.backup_mode = false;
    }
    return 0;
}

/* Back to local control: every command of the centre falls to 0 (1202 v03 5.4.3). */
static void expire_control(struct engine *e)
{
    memset(&e->ctl.control, 0, sizeof e->ctl.control);
    e->ctl.manual_left_ds = 0;
    e->ctl.commanded = false;
    e->ctl.backup_mode = true;
}

/* The time since the centre's last command counts, whenever the backup time itself was set. */
static void backup_step(struct engine *e, int32_t dt_ds)
{
    if (!e->ctl.commanded)
        return;
    e->ctl.command_age_ds = age(e->ctl.command_age_ds, dt_ds);
    e->obs.control_stale = true;
    if (e->plan->backup_ds && e->ctl.command_age_ds >= e->plan->backup_ds)
        expire_control(e);
}

/* One press is for every ring that is green; a green still in its minimum carries it out when that
 * is over. */
static void press_advance(struct engine *e)
{
    for (int ring = 0; ring < e->plan->structure.ring_count; ring++)
        if (e->ctl.ring[ring].interval == INTERVAL_GREEN)
            e->ctl.advance_rings |= (uint8_t)(1U << ring);
}

static bool advance_pressed(const struct engine *e, const struct tick *t)
{
    return input_on(t, INPUT_INTERVAL_ADVANCE) && !(e->ctl.unit_inputs & INPUT_INTERVAL_ADVANCE);
}

static void manual_step(struct engine *e, struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    if (c->manual_left_ds > 0) {
        c->manual_left_ds = c->manual_left_ds > t->dt_ds ? c->manual_left_ds - t->dt_ds : 0;
        c->control.manual_timeout_s = (uint8_t)((c->manual_left_ds + 9) / 10);
    }
    bool manual = (c->manual_left_ds > 0 || input_on(t, INPUT_MANUAL_CONTROL)) && !preempt_active(e);
    if (manual != c->manual) {
        emit(e, EVENT_MANUAL_CONTROL, manual);
        e->obs.control_stale = true;
    }
    c->manual = manual;
    if (!manual) {
        c->advance_rings = 0;
    } else if (c->control.interval_advance || advance_pressed(e, t)) {
        press_advance(e);
        emit(e, EVENT_INTERVAL_ADVANCE, 1);
    }
    c->control.interval_advance = 0;
}

void unit_step(struct engine *e, struct tick *t)
{
    backup_step(e, t->dt_ds);
    manual_step(e, t);
    if ((t->in->unit ^ e->ctl.unit_inputs) & INPUT_STOP_TIME)
        emit(e, EVENT_STOP_TIME, input_on(t, INPUT_STOP_TIME));
    e->ctl.unit_inputs = t->in->unit;
}

/* ---- start-up ---- */

void unit_place_calls(struct engine *e)
{
    if (!e->plan->startup_calls)
        return;
    e->ctl.locked = e->plan->structure.phases;
    e->ctl.ped_locked = e->plan->pedestrians;
}

/* The start-up phases take the state their phaseStartup names; all other rings wait for calls.
 * A phase that starts in red clearance turns green after it; one that starts in yellow gives way
 * to whoever is called next. */
void unit_begin_phases(struct engine *e, uint64_t green)
{
    const struct plan *plan = e->plan;
    const struct plan_structure *s = &plan->structure;
    uint64_t starting = green;
    if (!green) {
        green = plan->startup_green;
        starting = green | plan->startup_yellow | plan->startup_red_clear;
        e->ctl.walk_start = plan->startup_green_walk;
        e->ctl.no_walk_start = green & ~plan->startup_green_walk;
    }
    int ix;
    FOR_EACH_BIT(ix, starting) {
        struct ring_state *r = &e->ctl.ring[s->ring_of[ix]];
        struct cluster_state *cluster = &e->ctl.cluster[s->cluster_of_ring[s->ring_of[ix]]];
        cluster->side = s->side_of[ix];
        cluster->crossing = true;
        if (green & bit(ix)) {
            r->next_ix = (int8_t)ix;
            continue;
        }
        r->phase_ix = (int8_t)ix;
        bool yellow = plan->startup_yellow & bit(ix);
        ring_begin_clearance(e, s->ring_of[ix], yellow ? INTERVAL_YELLOW : INTERVAL_RED_CLEAR);
        r->served_here = yellow;
        r->next_ix = (int8_t)(yellow ? -1 : ix);
        cluster->crossing = !yellow;
        if (r->left_ds == 0)
            r->interval = INTERVAL_REST;
    }
    engine_summarize(e);
}

/* Each stage ends at the tick its time is up; a stage of 0 s takes no tick. Where flash is wanted, start-up
 * flash goes over into it. */
bool unit_startup(struct engine *e, struct tick *t)
{
    struct engine_ctl *c = &e->ctl;
    if (c->unit == UNIT_RUNNING || c->unit == UNIT_AUTOMATIC_FLASH)
        return true;
    c->startup_left_ds -= t->dt_ds;
    if (c->startup_left_ds <= 0 && c->unit == UNIT_STARTUP_FLASH) {
        if (flash_wanted(e)) {
            c->unit = UNIT_AUTOMATIC_FLASH;
            c->flash.stage = FLASH_ON;
            return true;
        }
        c->unit = UNIT_STARTUP_ALL_RED;
        ped_log_dark(e);
        c->startup_left_ds = e->plan->startup_all_red_ds;
    }
    if (c->startup_left_ds > 0 || c->unit == UNIT_STARTUP_FLASH)
        return false;
    c->unit = UNIT_RUNNING;
    unit_place_calls(e);
    unit_begin_phases(e, 0);
    t->dt_ds = 0; /* what begins in this tick has not run yet */
    return true;
}

/* ---- what the unit tells ---- */

bool unit_remote_acts(const struct engine *e)
{
    const struct control *c = &e->ctl.control;
    return c->phase_omit_mask || c->ped_omit_mask || c->hold_mask || c->force_off_mask ||
           c->ring_stop_time_mask || c->ring_force_off_mask || c->manual_timeout_s;
}

/* Who decides the pattern controls; but a hold or an omit of the centre is its decision too, where it
 * leaves the pattern to the junction. */
enum unit_control_status unit_control_status(const struct engine *e)
{
    enum unit_control_status source = (enum unit_control_status)e->ctl.coord.source;
    if (e->ctl.manual_left_ds > 0)
        return CONTROL_REMOTE_MANUAL;
    if (e->ctl.manual)
        return CONTROL_LOCAL_MANUAL;
    if (source == CONTROL_STANDBY && unit_remote_acts(e))
        return CONTROL_SYSTEM;
    return source ? source : CONTROL_OTHER;
}

__attribute__((noinline)) static void log_control(struct engine *e)
{
    uint8_t control = (uint8_t)unit_control_status(e);
    e->obs.control_stale = false;
    if (control != e->obs.control)
        emit(e, EVENT_UNIT_CONTROL, control);
    e->obs.control = control;
}

static enum flash_status flash_status(const struct engine *e)
{
    if (e->ctl.unit == UNIT_RUNNING || e->ctl.unit == UNIT_STARTUP_ALL_RED)
        return FLASH_STATUS_NONE;
    if (e->ctl.unit == UNIT_STARTUP_FLASH)
        return FLASH_STATUS_STARTUP;
    return e->ctl.preempt.flashing ? FLASH_STATUS_PREEMPT : FLASH_STATUS_AUTOMATIC;
}

void unit_report(struct engine *e, const struct tick *t)
{
    struct engine_obs *obs = &e->obs;
    uint8_t flash = (uint8_t)flash_status(e), alarm1 = fault_alarm1(e), alarms = t->in->alarms;
    uint16_t special = unit_special_functions(e);
    bool alarmed = alarm1 != obs->alarm1 || alarms != obs->alarm_inputs;
    if (flash == obs->flash_status && !alarmed && special == obs->special_functions && !obs->control_stale)
        return;
    log_control(e);
    if (flash != obs->flash_status)
        emit(e, EVENT_UNIT_FLASH, flash);
    if (alarm1 != obs->alarm1)
        emit(e, EVENT_ALARM_1, alarm1);
    if (alarms != obs->alarm_inputs)
        emit(e, EVENT_ALARM_GROUP, alarms);
    emit_changes(e, obs->special_functions, special, EVENT_SPECIAL_FUNCTION_ON, EVENT_SPECIAL_FUNCTION_OFF);
    emit_changes(e, obs->alarm_inputs, alarms, EVENT_ALARM_ON, EVENT_ALARM_OFF);
    obs->flash_status = flash;
    obs->alarm1 = alarm1;
    obs->alarm_inputs = alarms;
    obs->special_functions = special;
}
