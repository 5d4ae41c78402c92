/* Cycle diagnostics (1202 v03 5.4.8): a call that waits for some cycles and is not served. In coordination
 * that is a cycle fault, and the phases run free. Once they have served it there (coord fault), coordination
 * is tried again; if that fails as well (coord fail), it is left alone until another pattern or another
 * database comes. In free operation a call that waits so long is a cycle fail, and only told.
 *
 * What counts is a call that stands and is not served, whatever closes its phase, the centre's omit included;
 * a phase that the pattern itself leaves out is no fault. */
#include "engine_internal.h"

static uint64_t waiting_calls(const struct engine *e)
{
    uint64_t programmed = e->directions.omit & ~e->ctl.control.phase_omit_mask;
    uint64_t called = e->ctl.vehicle_call | (e->ctl.ped_call & ~e->directions.ped_omit);
    return called & ~(e->ctl.green | programmed);
}

/* Notes since when each call waits; looks only at those that come and go. */
static void follow_calls(struct engine *e)
{
    struct fault_state *f = &e->ctl.fault;
    uint64_t waiting = waiting_calls(e);
    int ix;
    if (waiting == f->waiting)
        return;
    FOR_EACH_BIT(ix, waiting & ~f->waiting)
        f->since_ds[ix] = e->ctl.now_ds;
    f->waiting = waiting;
    f->oldest_ds = e->ctl.now_ds;
    FOR_EACH_BIT(ix, waiting)
        if (f->since_ds[ix] < f->oldest_ds)
            f->oldest_ds = f->since_ds[ix];
}

/* The calls that have waited for `limit_ds`. */
static uint64_t overdue_calls(const struct engine *e, int64_t limit_ds)
{
    const struct fault_state *f = &e->ctl.fault;
    uint64_t overdue = 0;
    int ix;
    if (e->ctl.now_ds - f->oldest_ds < limit_ds)
        return 0;
    FOR_EACH_BIT(ix, f->waiting)
        if (e->ctl.now_ds - f->since_ds[ix] >= limit_ds)
            overdue |= bit(ix);
    return overdue;
}

static void judge_coordination(struct engine *e, uint64_t overdue, int64_t limit_ds)
{
    struct fault_state *f = &e->ctl.fault;
    bool retried = f->alarms & ALARM_COORD_FAULT;
    if (overdue) {
        f->alarms = retried ? ALARM_COORD_FAIL : ALARM_CYCLE_FAULT;
        f->coord_shut = true;
        f->pattern_no = e->ctl.coord.requested_no;
        f->unserved = overdue;
    } else if (!retried || e->ctl.now_ds - f->begun_ds >= 2 * limit_ds) {
        /* Twice the time: a call that comes at the end of the first has as long to be served. */
        f->alarms = 0;
    }
}

static void judge_free(struct engine *e, uint64_t overdue)
{
    struct fault_state *f = &e->ctl.fault;
    f->alarms &= (uint8_t)~ALARM_CYCLE_FAIL;
    if (overdue)
        f->alarms |= ALARM_CYCLE_FAIL;
    f->unserved &= f->waiting;
    if (!(f->alarms & ALARM_CYCLE_FAULT) || f->unserved)
        return;
    f->alarms = ALARM_COORD_FAULT;
    f->coord_shut = false;
}

void fault_forget(struct engine *e)
{
    struct fault_state *f = &e->ctl.fault;
    f->coord_shut = false;
    f->alarms &= ALARM_CYCLE_FAIL;
}

/* Nobody is kept waiting by mistake where a preempt, a hand or a flash has the junction. */
static bool taken_over(const struct engine *e)
{
    bool stopped = (e->ctl.unit_inputs & INPUT_STOP_TIME) || e->ctl.control.ring_stop_time_mask;
    return stopped || e->ctl.manual || e->ctl.preempt.active_ix >= 0 || e->ctl.flash.stage != FLASH_OFF ||
           e->ctl.draining;
}

void fault_step(struct engine *e)
{
    struct fault_state *f = &e->ctl.fault;
    const struct coord_state *c = &e->ctl.coord;
    if (!e->plan->cycle_fault_cycles)
        return;
    bool coordinated = c->stage == COORD_RUNNING, counts = !taken_over(e);
    if (f->coord_shut && c->requested_no != f->pattern_no)
        fault_forget(e);
    if (coordinated != f->coordinated)
        f->begun_ds = e->ctl.now_ds;
    if (coordinated != f->coordinated || !counts)
        f->waiting = 0; /* all calls are counted anew */
    f->coordinated = coordinated;
    if (!counts)
        return;
    follow_calls(e);
    int32_t cycle_ds = coordinated ? c->program.nominal_ds : e->plan->longest_round_ds;
    int64_t limit_ds = (int64_t)e->plan->cycle_fault_cycles * cycle_ds;
    uint64_t overdue = overdue_calls(e, limit_ds);
    if (coordinated)
        judge_coordination(e, overdue, limit_ds);
    else
        judge_free(e, overdue);
}

/* Free for a reason of its own, not because free operation was asked for or is a passage. */
static bool locally_free(const struct engine *e)
{
    switch ((enum free_reason)e->ctl.coord.free_reason) {
    case FREE_NOT:
    case FREE_COMMAND:
    case FREE_TRANSITION:
        return false;
    case FREE_OTHER:
    case FREE_INPUT:
    case FREE_COORD:
    case FREE_BAD_PLAN:
    case FREE_BAD_CYCLE:
    case FREE_SPLIT_OVERRUN:
    case FREE_INVALID_OFFSET:
    case FREE_FAILED:
        break;
    }
    return true;
}

uint8_t fault_alarm1(const struct engine *e)
{
    bool active = e->ctl.coord.stage == COORD_RUNNING && e->ctl.preempt.active_ix < 0;
    return (uint8_t)(e->ctl.fault.alarms | (locally_free(e) ? ALARM_LOCAL_FREE : 0) |
                     (active ? ALARM_COORD_ACTIVE : 0));
}
