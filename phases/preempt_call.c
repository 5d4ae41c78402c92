/* Who asks for preemption (1202 v03 5.7.2). A call of the cabinet, of the centre or of another preempt's
 * link is timed through delay and advance; then the preempt is wanted until it has been served. */
#include "engine_internal.h"

static uint16_t preempt_bit(int ix)
{
    return (uint16_t)(1U << ix);
}

bool preempt_outranks(const struct engine *e, int ix, int other_ix)
{
    /* equal is who is tied together by a chain of preempts that do not override their next */
    for (int i = ix; i < other_ix; i++)
        if (!(e->plan->preempt[i].control & PREEMPT_EQUALS_NEXT))
            return true;
    return false;
}

/* Who calls again is there already. */
static bool is_dwelling(const struct engine *e, int ix)
{
    return e->ctl.preempt.active_ix == ix && e->ctl.preempt.stage == PREEMPT_DWELL;
}

/* Behind the advance the preempt is wanted. Once it has begun the call is kept. */
static void end_delay(struct engine *e, int ix)
{
    struct preempt_state *s = &e->ctl.preempt;
    s->delay_left_ds[ix] = 0;
    s->advance_left_ds[ix] = is_dwelling(e, ix) ? 0 : e->plan->preempt[ix].advance_ds;
    if (!s->advance_left_ds[ix])
        return;
    s->locked |= preempt_bit(ix);
    emit(e, EVENT_PREEMPT_ADVANCE, ix + 1);
}

static void begin_call(struct engine *e, int ix)
{
    struct preempt_state *s = &e->ctl.preempt;
    s->called |= preempt_bit(ix);
    if (!is_dwelling(e, ix) && !(e->plan->preempt[ix].control & PREEMPT_NON_LOCKING))
        s->locked |= preempt_bit(ix);
    s->delay_left_ds[ix] = e->plan->preempt[ix].delay_ds;
    if (!s->delay_left_ds[ix])
        end_delay(e, ix);
}

static void end_call(struct preempt_state *s, int ix)
{
    s->called &= (uint16_t)~preempt_bit(ix);
    s->locked &= (uint16_t)~preempt_bit(ix);
    s->delay_left_ds[ix] = s->advance_left_ds[ix] = 0;
}

static void time_call(struct engine *e, int ix, int32_t dt_ds)
{
    struct preempt_state *s = &e->ctl.preempt;
    if (s->delay_left_ds[ix]) {
        s->delay_left_ds[ix] -= dt_ds;
        if (s->delay_left_ds[ix] <= 0)
            end_delay(e, ix);
    } else {
        s->advance_left_ds[ix] = s->advance_left_ds[ix] > dt_ds ? s->advance_left_ds[ix] - dt_ds : 0;
    }
}

static void input_changes(struct engine *e, int ix, bool on)
{
    struct preempt_state *s = &e->ctl.preempt;
    emit(e, on ? EVENT_PREEMPT_CALL_ON : EVENT_PREEMPT_CALL_OFF, ix + 1);
    s->calls ^= preempt_bit(ix);
    s->ignored &= (uint16_t)~preempt_bit(ix);
    s->present_ds[ix] = 0;
}

/* A call that stands too long is no longer believed, until it goes away. */
static void time_presence(struct engine *e, int ix, int32_t dt_ds)
{
    struct preempt_state *s = &e->ctl.preempt;
    int32_t maximum_ds = e->plan->preempt[ix].maximum_presence_ds;
    s->present_ds[ix] = age(s->present_ds[ix], dt_ds);
    if (!maximum_ds || s->present_ds[ix] < maximum_ds || bit_set(s->ignored, ix))
        return;
    emit(e, EVENT_PREEMPT_MAX_PRESENCE, ix + 1);
    s->ignored |= preempt_bit(ix);
    end_call(s, ix);
}

static void follow(struct engine *e, int ix, bool on, int32_t dt_ds)
{
    struct preempt_state *s = &e->ctl.preempt;
    bool was_on = bit_set(s->calls, ix), was_called = bit_set(s->called, ix);
    if (on != was_on)
        input_changes(e, ix, on);
    else if (on)
        time_presence(e, ix, dt_ds);
    if (was_called && !on && !bit_set(s->locked, ix))
        end_call(s, ix);
    else if (was_called)
        time_call(e, ix, dt_ds);
    else if (on && !bit_set(s->ignored, ix))
        begin_call(e, ix);
}

/* The preempt that `ix` calls by its link: as long as the demand that made it lasts, and the plan knows of
 * it. None: an empty mask. */
static uint16_t follow_link(struct engine *e, int ix)
{
    struct preempt_state *s = &e->ctl.preempt;
    int link_ix = e->plan->preempt[ix].link_ix;
    if (!bit_set(s->linking, ix))
        return 0;
    if (bit_set(s->called, ix) && link_ix >= 0)
        return preempt_bit(link_ix);
    s->linking &= (uint16_t)~preempt_bit(ix);
    if (link_ix >= 0)
        emit(e, EVENT_PREEMPT_LINK_OFF, link_ix + 1);
    return 0;
}

/* What a new plan no longer knows is forgotten. */
static void drop_unused(struct engine *e)
{
    struct preempt_state *s = &e->ctl.preempt;
    uint16_t unused = (uint16_t)((s->calls | s->called | s->linking) & ~e->plan->preempts);
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)unused) {
        end_call(s, ix);
        s->present_ds[ix] = 0;
    }
    s->calls &= e->plan->preempts;
    s->ignored &= e->plan->preempts;
    s->linking &= e->plan->preempts;
}

void preempt_calls(struct engine *e, const struct tick *t)
{
    struct preempt_state *s = &e->ctl.preempt;
    s->inputs = t->in->preempt | e->ctl.control.preempt_mask;
    uint16_t inputs = s->inputs & e->plan->preempts;
    if (!(inputs | s->calls | s->called))
        return;
    drop_unused(e);
    unsigned linked = 0;
    for (int ix = PREEMPTS_MAX - 1; ix >= 0; ix--) { /* links lead to lower numbers */
        if (!bit_set(e->plan->preempts, ix))
            continue;
        follow(e, ix, bit_set(inputs | linked, ix), t->dt_ds);
        linked |= follow_link(e, ix);
    }
}

void preempt_link(struct engine *e, int ix)
{
    struct preempt_state *s = &e->ctl.preempt;
    int link_ix = e->plan->preempt[ix].link_ix;
    if (link_ix < 0 || bit_set(s->linking, ix) || !bit_set(s->called, ix) ||
        !bit_set(e->plan->preempts, link_ix) || !preempt_outranks(e, link_ix, ix))
        return;
    s->linking |= preempt_bit(ix);
    emit(e, EVENT_PREEMPT_LINK_ON, link_ix + 1);
    if (!bit_set(s->calls, link_ix))
        follow(e, link_ix, true, 0);
}

/* Those that would be served now, were no other in service. One whose call is no longer believed asks
 * for the all-red flash, if it is to have one. */
static uint16_t wanted(const struct engine *e)
{
    const struct preempt_state *s = &e->ctl.preempt;
    uint16_t mask = 0;
    int ix;
    FOR_EACH_BIT(ix, (uint64_t)(s->called | s->ignored)) {
        int control = e->plan->preempt[ix].control;
        bool served = s->active_ix == ix && s->stage != PREEMPT_EXIT;
        bool waits = s->delay_left_ds[ix] || s->advance_left_ds[ix];
        bool invalid = bit_set(s->ignored, ix) && !(control & PREEMPT_ALL_RED_FLASH);
        bool yields = e->ctl.flash.stage != FLASH_OFF && (control & PREEMPT_YIELDS_TO_FLASH);
        if (!served && !waits && !invalid && !yields)
            mask |= preempt_bit(ix);
    }
    return mask;
}

/* The highest in rank; among equals the one that has been calling longest. */
int preempt_wanted(const struct engine *e)
{
    const struct preempt_state *s = &e->ctl.preempt;
    int best = -1, ix;
    FOR_EACH_BIT(ix, (uint64_t)wanted(e)) {
        if (best < 0 || (!preempt_outranks(e, best, ix) && s->present_ds[ix] > s->present_ds[best]))
            best = ix;
    }
    return best;
}

enum preempt_stage preempt_stage_of(const struct engine *e, int ix)
{
    const struct preempt_state *s = &e->ctl.preempt;
    if (s->active_ix == ix)
        return (enum preempt_stage)s->stage;
    if (bit_set(s->ignored, ix))
        return PREEMPT_MAX_PRESENCE;
    if (bit_set(s->linking, ix))
        return PREEMPT_LINK;
    if (s->advance_left_ds[ix])
        return PREEMPT_ADVANCE;
    return bit_set(s->called | s->inputs, ix) ? PREEMPT_CALLED : PREEMPT_NOT_ACTIVE;
}
