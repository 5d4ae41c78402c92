/* What the engine's own files share. One tick runs in the order of the declarations below. */
#ifndef PHASES_ENGINE_INTERNAL_H
#define PHASES_ENGINE_INTERNAL_H

#include "engine.h"

/* One tick's working values: nothing of it outlives the tick. Masks of phases. */
struct tick {
    const struct inputs *in;
    int32_t dt_ds;              /* 0 in the first tick */
    bool moved;                 /* an interval, a successor or a walk is another one: the masks follow */
    uint64_t was_green;         /* greens of the tick before */
    bool was_red;               /* nothing but red was lit in the tick before */
    struct detector_mask edges; /* vehicle inputs that differ from those of the last tick, where it matters */
    uint64_t ped_edges;         /* pedestrian inputs, likewise */
    uint64_t failed_call;       /* phases called in place of failed detectors */
    uint64_t failed_passage;    /* and extended */
    uint64_t queue;             /* greens that a queue detector extends */
    uint64_t serviceable;       /* called phases that could be served: they end or extend other greens */
    uint64_t asked_to_end;      /* greens that have to end though no such phase conflicts with them */
    bool wanted;                /* somebody wants a green to begin or to end */
};

static inline uint64_t bit(int ix)
{
    return UINT64_C(1) << ix;
}

static inline int32_t age(int32_t age_ds, int32_t dt_ds)
{
    return age_ds + dt_ds < ENGINE_AGE_MAX_DS ? age_ds + dt_ds : ENGINE_AGE_MAX_DS;
}

static inline void emit(struct engine *e, int code, int parameter)
{
    hires_add(&e->obs.events, e->ctl.now_ds, code, parameter);
}

/* One event for each member of a mask that came or went, parameter from 1 on. */
static inline void emit_changes(struct engine *e, uint64_t was, uint64_t is, int on_code, int off_code)
{
    int ix;
    FOR_EACH_BIT(ix, was ^ is)
        emit(e, is & bit(ix) ? on_code : off_code, ix + 1);
}

/* The order in which a cluster passes its phases and sides now. */
static inline const struct plan_order *engine_order(const struct engine *e, int cluster)
{
    return &e->plan->structure.order[e->ctl.cluster[cluster].sequence_ix];
}

/* engine.c: the masks that the next tick, the lamps and the centre go by, from what the rings do. */
void engine_summarize(struct engine *e);

/* unit.c: switches, remote manual control, the backup timer, start-up. */
void unit_step(struct engine *e, struct tick *t);
bool unit_startup(struct engine *e, struct tick *t); /* returns whether start-up is over */
static inline uint8_t unit_stopped_rings(const struct engine *e)
{
    return e->ctl.unit_inputs & INPUT_STOP_TIME ? UINT8_MAX : e->ctl.control.ring_stop_time_mask;
}
static inline bool unit_ring_stopped(const struct engine *e, int ring)
{
    return bit_set(unit_stopped_rings(e), ring);
}
uint16_t unit_special_functions(const struct engine *e); /* that are on */
bool unit_remote_acts(
    const struct engine *e); /* a hold, force-off, omit or remote manual of the centre acts */
enum unit_control_status unit_control_status(const struct engine *e);
bool unit_dimmed(const struct engine *e);
/* From all red: calls as at power-up, and the phases to begin with: `green`, or, where it is empty, the
 * start-up phases in their states. */
void unit_place_calls(struct engine *e);
void unit_begin_phases(struct engine *e, uint64_t green);
/* What the unit tells about itself at the end of the tick: flash, alarms, special functions. */
void unit_report(struct engine *e, const struct tick *t);

/* flash.c: automatic flash: the way in over the entry phases, the way out over the exit phases. */
bool flash_wanted(const struct engine *e);
bool flash_running(struct engine *e, struct tick *t); /* moves the stage on; whether the phases may run */
void flash_step(struct engine *e, struct tick *t);    /* directions on the way in, over everybody else's */
void flash_enter(struct engine *e, const struct tick *t); /* once all is red */

/* timebase.c: civil time, schedule, day plan, action. */
void timebase_step(struct engine *e, const struct tick *t);
/* Tenths since the pattern sync reference last came by the local clock (timebaseAscPatternSync, 1202 v03
 * 5.6.1), 0..863999; -1 while civil time is unknown. */
int64_t timebase_since_sync_ds(const struct engine *e);
/* How long the action in force is sure to stay, the centre's commands apart; INT32_MAX without a schedule. */
int32_t timebase_steady_ds(const struct engine *e);

/* coord.c: which pattern, the local clock, force-offs, permissives. */
void coord_select(struct engine *e, const struct tick *t); /* pattern, recalls, sequence; before the calls */
void coord_step(struct engine *e, struct tick *t);         /* local clock; hold, force-off, closed phases */
bool coord_in_step(const struct engine *e); /* the clock needs no correction, and no other pattern waits */
void coord_system_sync(struct engine *e);   /* systemSyncControl was written */
void coord_side_changed(struct engine *e);  /* other clearances stand before the phases now */
int32_t coord_maximum(const struct engine *e, int ix); /* a split that is the maximum; 0 none */
/* Until the coordinated green of the ring yields; INT32_MAX where the ring is not in one. */
int32_t coord_time_to_yield_ds(const struct engine *e, int ring);
/* Until the green of the ring is forced off by its split; INT32_MAX where no clock forces it. */
int32_t coord_time_to_force_ds(const struct engine *e, int ring);
/* The phases the local clock has green in `in_ds` from now, preempted or not; none in free operation. */
uint64_t coord_due(const struct engine *e, int32_t in_ds);
void coord_get_status(const struct engine *e, struct engine_status *s);

/* preempt_call.c: who asks for preemption, and who goes before whom. */
void preempt_calls(struct engine *e, const struct tick *t);
int preempt_wanted(const struct engine *e); /* the one to be served next; -1 none */
bool preempt_outranks(const struct engine *e, int ix, int other_ix);
void preempt_link(struct engine *e, int ix); /* its dwell green is over: calls its link */
enum preempt_stage preempt_stage_of(const struct engine *e, int ix);

/* preempt.c: the service of one preempt. */
void preempt_decide(struct engine *e, const struct tick *t); /* who is served, and how far; in flash too */
void preempt_step(struct engine *e, struct tick *t);         /* where the rings are led */
void preempt_arrive(struct engine *e);                       /* after them: whether they are there */
bool preempt_lets_end(const struct engine *e, int ring);     /* a green that is not part of the target */
bool preempt_ends_green(struct engine *e, int ring); /* whether it is the preempt that ends this green */
/* How long a clearance of `normal_ds` lasts, begun now. */
int32_t preempt_clearance(const struct engine *e, int ring, enum ring_interval interval, int32_t normal_ds);
int32_t preempt_ped_clearance(const struct engine *e, int phase_ix, int32_t normal_ds);
uint32_t preempt_overlaps(const struct engine *e); /* that may show more than red now */
/* Whether the lamps flash for a preempt, and which phases and overlaps flash yellow, not red. */
bool preempt_flash(const struct engine *e, uint64_t *phases, uint32_t *overlaps);

/* From the begin of the entry to the end of the exit; not yet in its delay or advance. */
static inline bool preempt_active(const struct engine *e)
{
    return e->ctl.preempt.active_ix >= 0;
}

/* priority.c */
void priority_step(struct engine *e, struct tick *t);
void priority_get_status(const struct engine *e, struct engine_status *s);

/* speed.c: measured speeds, speed management. */
void speed_select(struct engine *e, const struct tick *t); /* measures; suspends recalls; before the calls */
void speed_step(struct engine *e);                         /* rest in red; phases that wait */

/* diagnostic.c: failed detectors and what they ask for; before anybody looks at detectors. */
void diagnostic_step(struct engine *e, struct tick *t);
/* How a report writes a detector's alarms (detectorOccupancy, pedestrianDetectorActuations); 0 none. */
int diagnostic_code(uint8_t alarms);

/* report.c: volume, occupancy, speed; pedestrians. `raw`: the vehicle inputs of this tick. */
void report_step(struct engine *e, const struct tick *t, const struct detector_mask *raw);

/* fault.c: calls that are not served in time. */
void fault_step(struct engine *e);
void fault_forget(struct engine *e);          /* coordination may be tried again */
uint8_t fault_alarm1(const struct engine *e); /* enum alarm1, but for the flashes the cabinet reports */

/* overlap.c: lamps that go by several phases. */
void overlap_clear(struct engine *e, const struct tick *t); /* what runs out, before phases begin */
void overlap_step(struct engine *e, const struct tick *t);  /* what follows from the phases */
bool overlap_blocks(const struct engine *e, int ix);        /* phase `ix` has to wait for one to clear */
/* How long the phase has yet to wait for overlaps that clear; INT32_MAX: not known. */
int32_t overlap_wait_ds(struct engine *e, int phase_ix);
/* The phases with which the arrows end that keep the walk of `phases` waiting. */
uint64_t overlap_arrows_closing(struct engine *e, uint64_t phases);
bool overlap_all_red(const struct engine *e);
void overlap_reset(struct engine *e); /* from all red; what is left of a red that must be seen stays */
void overlap_red_yellow(struct engine *e, uint64_t phases); /* `phases` begin theirs */

/* red_yellow.c: red and yellow together before a green, which then comes whatever happens. */
void red_yellow_count(struct engine *e, const struct tick *t, const struct plan_cluster *cluster);
void red_yellow_step(struct engine *e);                       /* begins where the green is due */
bool red_yellow_lets_start(const struct engine *e, int ring); /* the ring's successor has had its own */

/* detector.c: delay, extension, switching, queue limit; counts. */
void detector_step(struct engine *e, struct tick *t);
int32_t detector_added_initial(struct engine *e, int phase_ix); /* and starts counting anew */

/* call.c: memory, recalls; what is serviceable. */
void call_step(struct engine *e, struct tick *t);
void call_settle(struct engine *e, struct tick *t); /* once all directions are known */
void call_soft_recall(struct engine *e, struct tick *t);
bool call_conflicting(const struct engine *e, const struct tick *t, int phase_ix);
uint64_t call_reachable(const struct engine *e,
                        uint64_t phases); /* without those backup prevention forbids */

/* ring.c: the intervals of one ring. */
/* Returns whether the ring can move on, if anybody or anything wants it to. */
bool ring_step(struct engine *e, struct tick *t, int ring);
void ring_start(struct engine *e, struct tick *t, int ring);
void ring_end_green(struct engine *e, int ring, int next_ix);
void ring_give_way(struct engine *e, int ring); /* out of INTERVAL_BEFORE_GREEN, without a green */
void ring_begin_clearance(struct engine *e, int ring, enum ring_interval interval);
bool ring_ready(const struct engine *e, int ring);

/* green.c: initial, passage, gap reduction, maximum. */
void green_begin(struct engine *e, struct tick *t, int ring);
void green_step(struct engine *e, const struct tick *t, struct ring_state *r, int ring, int32_t dt_ds,
                bool conflicting);
int32_t green_maximum(const struct engine *e, int ring);
void green_ended(struct engine *e, int ring);

/* ped.c: walk, pedestrian clearance. */
/* Settles whether and when the phase that begins has its walk. Returns by how long the walk leads the
 * green, 0 if it does not. */
bool ped_comes_with_green(const struct engine *e, int phase_ix); /* if that began now */
int32_t ped_begin(struct engine *e, int ring);
void ped_step(struct engine *e, struct tick *t, int ring, int32_t dt_ds, bool conflicting);
bool ped_lets_green_end(const struct engine *e, int ring);
/* Least time until pedestrians who are on their way let the green end. */
int32_t ped_holds_green_ds(const struct engine *e, int ring);
void ped_log_dark(struct engine *e);    /* the unit went into a flash, or came out of it */
void ped_begin_cycle(struct engine *e); /* a new cycle of the coordination: walks are counted anew */

/* barrier.c: which phase comes next, alone or over a barrier. */
void barrier_step(struct engine *e, struct tick *t, int cluster);

/* channel.c */
void channel_frame(struct engine *e, struct frame *frame);

#endif
