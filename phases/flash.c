/* Automatic flash (1202 v03 5.2.2.21 bits 1 and 2; TS 2 3.9.1.2): the way in leads through the entry phases
 * and their minimum to all red, the way out begins with the exit phases. Nothing on these ways is shorter
 * than in normal operation. */
#include "engine_internal.h"

/* A preempt that is served decides alone. Somebody at the police panel wants lamps to direct traffic with: a
 * flash that only a pattern asks for waits for him, one that the cabinet's switch asks for does not. */
bool flash_wanted(const struct engine *e)
{
    if (e->ctl.preempt.active_ix >= 0)
        return e->ctl.preempt.flashing;
    return (e->ctl.unit_inputs & INPUT_AUTOMATIC_FLASH) ||
           (e->ctl.coord.requested_no == PATTERN_FLASH && !e->ctl.manual);
}

static enum flash_stage next_stage(const struct engine *e, bool wanted)
{
    const struct flash_state *f = &e->ctl.flash;
    bool pause = e->plan->flash_exit_red_ds && e->ctl.preempt.active_ix < 0;
    switch ((enum flash_stage)f->stage) {
    case FLASH_OFF:
        if (wanted)
            return e->ctl.preempt.flashing ? FLASH_CLEAR : FLASH_ENTRY;
        break;
    case FLASH_ENTRY:
    case FLASH_CLEAR:
        if (!wanted)
            return FLASH_OFF;
        break;
    case FLASH_ON:
        if (!wanted)
            return pause ? FLASH_EXIT : FLASH_OFF;
        break;
    case FLASH_EXIT:
        if (wanted)
            return FLASH_ON;
        if (f->left_ds <= 0)
            return FLASH_OFF;
        break;
    }
    return (enum flash_stage)f->stage;
}

static void enter_stage(struct engine *e, enum flash_stage stage)
{
    e->ctl.flash.stage = (uint8_t)stage;
    e->ctl.flash.left_ds = stage == FLASH_EXIT ? e->plan->flash_exit_red_ds : 0;
    e->ctl.unit = stage == FLASH_ON ? UNIT_AUTOMATIC_FLASH : UNIT_RUNNING;
    ped_log_dark(e);
}

bool flash_running(struct engine *e, struct tick *t)
{
    struct flash_state *f = &e->ctl.flash;
    enum flash_stage was = (enum flash_stage)f->stage;
    bool wanted = flash_wanted(e);
    if (was == FLASH_OFF && !wanted)
        return true;
    if (was == FLASH_EXIT)
        f->left_ds -= t->dt_ds;
    enum flash_stage is = next_stage(e, wanted);
    if (is != was)
        enter_stage(e, is);
    if (is == FLASH_ON || is == FLASH_EXIT)
        return false;
    if (was == FLASH_ON || was == FLASH_EXIT) {
        unit_place_calls(e);
        if (e->ctl.preempt.active_ix < 0) /* which has phases of its own to begin with */
            unit_begin_phases(e, e->plan->flash_exit);
        t->dt_ds = 0; /* what begins in this tick has not run yet */
    }
    return true;
}

/* No lamp of a phase or an overlap was anything but red in the last tick: everybody has seen that. */
static bool was_red(const struct engine *e)
{
    const struct overlap_lamps *lamps = &e->ctl.overlap_lamps;
    return !(e->ctl.green | e->ctl.yellow | e->ctl.red_yellow | e->ctl.walk | e->ctl.ped_clear) &&
           !(lamps->green | lamps->yellow | lamps->red_yellow | lamps->walk | lamps->ped_clear);
}

void flash_step(struct engine *e, struct tick *t)
{
    struct flash_state *f = &e->ctl.flash;
    struct directions *d = &e->directions;
    t->was_red = (f->stage != FLASH_OFF || preempt_active(e)) && was_red(e);
    if (f->stage != FLASH_ENTRY && f->stage != FLASH_CLEAR)
        return;
    uint64_t entry = e->plan->flash_entry & ~e->ctl.control.phase_omit_mask;
    d->hold = d->closed = d->coordinated = 0;
    d->max_inhibit_rings = d->red_rest_rings = 0;
    d->steering = false;
    d->omit = ~entry;
    t->serviceable = call_reachable(e, entry & ~e->ctl.green);
    /* Entry phases that cannot be reached from here are not waited for. */
    if (f->stage == FLASH_ENTRY && !t->serviceable)
        f->stage = FLASH_CLEAR;
    if (f->stage == FLASH_ENTRY)
        return;
    d->omit = ~UINT64_C(0);
    t->serviceable = 0;
    d->force_off |= entry;
    d->draining = true;
}

void flash_enter(struct engine *e, const struct tick *t)
{
    if (e->ctl.flash.stage == FLASH_CLEAR && t->was_red && !e->ctl.on && !e->ctl.red_yellow &&
        overlap_all_red(e))
        enter_stage(e, FLASH_ON);
}
