#include "week.h"
#include "week_world.h"
#include <stdio.h>
#include <string.h>

enum { TWIN_TICKS = 2 * 36000, TWIN_PERIOD = 100 };

struct run {
    struct week_junction junction;
    struct world world;
    struct observer observer;
    struct engine engine, twin;
    struct guard guard;
    struct frame frame;
    struct engine_status status;
    const struct plan *offered; /* not adopted yet, or NULL */
    int now;                    /* database in force */
    uint64_t traced[8];
};

static int begin(struct run *r, const struct week_task *task)
{
    uint64_t random = task->seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    memset(r, 0, sizeof *r);
    if (!task->config_path)
        week_random_junction(&r->junction, &random);
    else if (week_load_junction(&r->junction, task->config_path, &random) != 0)
        return -1;
    world_init(&r->world, &r->junction, task->seed);
    observer_init(&r->observer, &r->junction.db[0]);
    guard_init(&r->guard, &r->junction.card);
    memset(&r->twin, 0xA5, sizeof r->twin); /* what lay in memory before must not matter */
    engine_init(&r->engine, &r->junction.plan[0]);
    engine_init(&r->twin, &r->junction.plan[0]);
    return 0;
}

static void offer_plan(struct run *r, bool twin)
{
    if (!r->offered && r->world.changes_plan)
        r->offered = &r->junction.plan[1 - r->now];
    if (!r->offered)
        return;
    if (twin)
        engine_adopt(&r->twin, r->offered);
    if (!engine_adopt(&r->engine, r->offered))
        return;
    r->offered = NULL;
    r->now = 1 - r->now;
    r->observer.counts.plans++;
    observer_adopt(&r->observer, &r->junction.db[r->now]);
}

static void follow_twin(struct run *r, int64_t tick)
{
    struct frame frame;
    engine_step(&r->twin, &r->world.in, 1, &frame);
    if (tick % TWIN_PERIOD)
        return;
    if (engine_digest(&r->engine) != engine_digest(&r->twin))
        observer_blame(&r->observer, "the digest of the twin differs");
    r->twin = r->engine; /* and a copy goes on as its original does */
}

static void pass_guard(struct run *r, int64_t tick)
{
    struct frame shown;
    enum guard_trip trip = guard_step(&r->guard, &r->frame, tick * TICK_MS, &shown);
    if (trip != GUARD_OK)
        observer_blame(&r->observer, "the guard trips: %s, channels %d and %d", guard_trip_name(trip),
                       r->guard.trip_channel_no, r->guard.trip_other_no);
    if (r->guard.held_frames)
        observer_blame(&r->observer, "the guard holds a frame");
}

/* One line for each tick in which something changes, masks in hex. */
static void trace(struct run *r, int64_t tick)
{
    const struct engine_status *s = &r->status;
    uint64_t seen[] = {s->green,
                       s->flashing_green,
                       s->yellow,
                       s->walk,
                       s->ped_clear,
                       s->next,
                       s->overlap_green | s->overlap_yellow << 32,
                       s->pattern_no | (uint64_t)s->preempt_no << 8 | (uint64_t)s->unit << 16};
    if (memcmp(seen, r->traced, sizeof seen) == 0)
        return;
    memcpy(r->traced, seen, sizeof seen);
    printf("%lld green %llx flashing %llx yellow %llx walk %llx clear %llx next %llx overlaps %llx/%llx "
           "flashing %llx pattern %d preempt %d unit %d calls %llx %llx local %d\n",
           (long long)tick, (unsigned long long)s->green, (unsigned long long)s->flashing_green,
           (unsigned long long)s->yellow, (unsigned long long)s->walk, (unsigned long long)s->ped_clear,
           (unsigned long long)s->next, (unsigned long long)s->overlap_green,
           (unsigned long long)s->overlap_yellow, (unsigned long long)s->overlap_flashing, s->pattern_no,
           s->preempt_no, (int)s->unit, (unsigned long long)s->vehicle_call, (unsigned long long)s->ped_call,
           s->local_ds);
}

static void step(struct run *r, int64_t tick)
{
    struct control_op op;
    bool twin = tick < TWIN_TICKS;
    world_step(&r->world, tick);
    if (world_command(&r->world, &op)) {
        engine_command(&r->engine, &op);
        if (twin)
            engine_command(&r->twin, &op);
    }
    offer_plan(r, twin);
    engine_step(&r->engine, &r->world.in, 1, &r->frame);
    if (twin)
        follow_twin(r, tick);
    engine_get_status(&r->engine, &r->status);
    struct week_hands hands = {&r->engine.ctl.control, world_disturbs(&r->world)};
    observer_step(&r->observer, &r->status, &r->frame, &hands);
    pass_guard(r, tick);
}

static void add(struct week_counts *sum, const struct week_counts *c)
{
    const int64_t *from = (const int64_t *)c;
    int64_t *to = (int64_t *)sum;
    for (size_t i = 0; i < sizeof *c / sizeof *from; i++)
        to[i] += from[i];
}

const char *week_play(const struct week_task *task, struct week_counts *counts)
{
    static struct run r;
    if (begin(&r, task) != 0)
        return "no junction";
    for (int64_t tick = 0; tick < task->ticks && !r.observer.fault[0]; tick++) {
        step(&r, tick);
        if (task->trace_from >= 0 && tick >= task->trace_from)
            trace(&r, tick);
    }
    if (!r.observer.fault[0])
        observer_finish(&r.observer);
    add(counts, &r.observer.counts);
    return r.observer.fault[0] ? r.observer.fault : NULL;
}
