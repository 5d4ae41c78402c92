/* One junction of eight phases with preempts, its monitor and an observer at the kerb, for the tests of
 * preemption. */
#ifndef TESTS_UNIT_PREEMPT_FIXTURE_H
#define TESTS_UNIT_PREEMPT_FIXTURE_H

#include "../../phases/engine.h"
#include "harness.h"
#include "lamp_checker.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct guard_card card;
static struct inputs in;

/* One junction with all that watches it; a copy is another future. */
struct site {
    struct engine engine;
    struct guard guard;
    struct lamp_checker checker;
    struct engine_status status;
    struct frame shown;
    int64_t green_ds[8], walk_ds[8], clear_ds[8], yellow_ds[8]; /* begin of each, -1 while it is not on */
};

static struct site site;

static inline struct preempt_row *row(int preempt_no)
{
    return &db.preempt[preempt_no - 1];
}

static inline void list(struct phase_list *phases, int first, int second)
{
    *phases = (struct phase_list){.count = second ? 2 : 1, .number = {(uint8_t)first, (uint8_t)second}};
}

/* An enabled preempt of default times that dwells in two phases. */
static inline void preempt(int preempt_no, int dwell, int other_dwell)
{
    *row(preempt_no) = (struct preempt_row){
        .control = PREEMPT_ENABLED | PREEMPT_NON_LOCKING,
        .minimum_green_s = 255,
        .minimum_walk_s = 255,
        .enter_ped_clear_s = 255,
        .enter_yellow_ds = 255,
        .enter_red_clear_ds = 255,
        .track_yellow_ds = 255,
        .track_red_clear_ds = 255,
        .dwell_green_s = 10,
        .sequence_no = 1,
        .exit_type = PREEMPT_EXIT_PHASES,
        .exit_calls = PREEMPT_CALLS_VEHICLES,
    };
    list(&row(preempt_no)->dwell_phase, dwell, other_dwell);
}

/* Eight phases with walks of 4 s and clearances of 6 s beside the even ones. */
static inline void junction(void)
{
    plans_eight(&db);
    for (int phase_no = 2; phase_no <= 8; phase_no += 2) {
        db.phase[phase_no - 1].walk_s = 4;
        db.phase[phase_no - 1].ped_clear_s = 6;
    }
    memset(&in, 0, sizeof(in));
}

static inline bool together(int a, int b)
{
    return a == b || !(plan.structure.conflicts[a - 1] & mask_of(b));
}

/* The monitor's card: what the phases allow, yellow at least 3.0 s, red clearance at least `red_ms`. */
static inline void write_card(int red_ms)
{
    memset(&card, 0, sizeof(card));
    for (int a = 1; a <= plan.structure.channel_count; a++) {
        const struct plan_channel *channel = &plan.structure.channel[a - 1];
        if (channel->source == SOURCE_NONE)
            continue;
        channel_add(&card.used, a);
        channel_add(&card.flash_red, a);
        card.yellow_floor_ms[a - 1] = 3000;
        card.red_floor_ms[a - 1] = (uint16_t)red_ms;
        if (channel->source == SOURCE_PEDESTRIAN) {
            channel_add(&card.pedestrian, a);
            card.red_floor_ms[a - 1] = 0;
        }
        for (int b = 1; b <= plan.structure.channel_count; b++) {
            const struct plan_channel *other = &plan.structure.channel[b - 1];
            if (other->source != SOURCE_NONE && together(channel->source_ix + 1, other->source_ix + 1))
                channel_add(&card.permissive[a - 1], b);
        }
    }
}

static inline void begin_with(uint64_t start_mask, int red_ms)
{
    plan_compile(&plan, &db, 1);
    write_card(red_ms);
    memset(&site, 0, sizeof(site));
    memset(site.green_ds, -1, sizeof(site.green_ds));
    memset(site.walk_ds, -1, sizeof(site.walk_ds));
    memset(site.clear_ds, -1, sizeof(site.clear_ds));
    memset(site.yellow_ds, -1, sizeof(site.yellow_ds));
    CHECK_INT(0, engine_init_green(&site.engine, &plan, start_mask));
    guard_init(&site.guard, &card);
    lamp_checker_init(&site.checker, &card);
}

static inline void begin(uint64_t start_mask)
{
    begin_with(start_mask, 1000);
}

/* One tick: neither the guard nor the observer at the kerb may find anything. */
static inline bool step(struct site *s, int quantum_ds)
{
    struct frame want;
    engine_step(&s->engine, &in, quantum_ds, &want);
    engine_get_status(&s->engine, &s->status);
    int64_t now_ms = s->status.now_ds * 100;
    enum guard_trip trip = guard_step(&s->guard, &want, now_ms, &s->shown);
    return CHECK_STR("none", guard_trip_name(trip)) && CHECK_INT(0, (int64_t)s->guard.held_frames) &&
           (lamp_check(&s->checker, &s->shown, now_ms) || CHECK_STR("", s->checker.fault));
}

static inline bool run_site(struct site *s, int64_t until_ds)
{
    bool fine = true;
    do {
        fine = step(s, 1) && fine;
    } while (fine && s->status.now_ds < until_ds);
    return fine;
}

static inline void run(int64_t until_ds)
{
    run_site(&site, until_ds);
}

static inline void call(int preempt_no, bool on)
{
    in.preempt = (uint16_t)(on ? in.preempt | mask_of(preempt_no) : in.preempt & ~mask_of(preempt_no));
}

static inline int stage(int preempt_no)
{
    return site.status.preempt_stage[preempt_no - 1];
}

/* Whether the event was written in the tick of `at_ds`. */
static inline bool logged(int code, int parameter, int64_t at_ds)
{
    const struct hires_ring *ring = &site.engine.obs.events;
    uint64_t from = ring->written > EVENTS_KEPT ? ring->written - EVENTS_KEPT : 0;
    for (uint64_t i = from; i < ring->written; i++) {
        const struct hires_event *event = &ring->slot[i % EVENTS_KEPT];
        if (event->code == code && event->parameter == parameter && event->at_ds == at_ds)
            return true;
    }
    return false;
}

#endif
