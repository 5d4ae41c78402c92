/* Preemption beyond the scenarios: the entry at every tenth of a cycle, links, ranks, flash, exits. */
#include "../../phases/engine.h"
#include "harness.h"
#include "lamp_checker.h"
#include "plans.h"

static struct database db;
static struct plan plan, other_plan;
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

static struct site site, fork_site;

/* The least of each interval that the entry may leave, tenths; UINT8_MAX seconds or more: the phase's own. */
struct least {
    int minimum_ds, walk_ds, ped_clear_ds, yellow_ds;
};

static struct preempt_row *row(int preempt_no)
{
    return &db.preempt[preempt_no - 1];
}

static void list(struct phase_list *phases, int first, int second)
{
    *phases = (struct phase_list){.count = second ? 2 : 1, .number = {(uint8_t)first, (uint8_t)second}};
}

/* An enabled preempt of default times that dwells in two phases. */
static void preempt(int preempt_no, int dwell, int other_dwell)
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
static void junction(void)
{
    plans_eight(&db);
    for (int phase_no = 2; phase_no <= 8; phase_no += 2) {
        db.phase[phase_no - 1].walk_s = 4;
        db.phase[phase_no - 1].ped_clear_s = 6;
    }
    memset(&in, 0, sizeof(in));
}

static bool together(int a, int b)
{
    return a == b || !(plan.structure.conflicts[a - 1] & mask_of(b));
}

/* The monitor's card: what the phases allow, yellow at least 3.0 s, red clearance at least `red_ms`. */
static void write_card(int red_ms)
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

static void begin_with(uint64_t start_mask, int red_ms)
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

static void begin(uint64_t start_mask)
{
    begin_with(start_mask, 1000);
}

/* One tick: neither the guard nor the observer at the kerb may find anything. */
static bool step(struct site *s, int quantum_ds)
{
    struct frame want;
    engine_step(&s->engine, &in, quantum_ds, &want);
    engine_get_status(&s->engine, &s->status);
    int64_t now_ms = s->status.now_ds * 100;
    enum guard_trip trip = guard_step(&s->guard, &want, now_ms, &s->shown);
    return CHECK_STR("none", guard_trip_name(trip)) && CHECK_INT(0, (int64_t)s->guard.held_frames) &&
           (lamp_check(&s->checker, &s->shown, now_ms) || CHECK_STR("", s->checker.fault));
}

static bool run_site(struct site *s, int64_t until_ds)
{
    bool fine = true;
    do {
        fine = step(s, 1) && fine;
    } while (fine && s->status.now_ds < until_ds);
    return fine;
}

static void run(int64_t until_ds)
{
    run_site(&site, until_ds);
}

static void call(int preempt_no, bool on)
{
    in.preempt = (uint16_t)(on ? in.preempt | mask_of(preempt_no) : in.preempt & ~mask_of(preempt_no));
}

static int stage(int preempt_no)
{
    return site.status.preempt_stage[preempt_no - 1];
}

/* Whether the event was written in the tick of `at_ds`. */
static bool logged(int code, int parameter, int64_t at_ds)
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

/* ---- the entry at every tenth of a cycle ---- */

/* Follows one indication of one phase; an end before `least_ds` is a fault. */
static bool long_enough(int64_t *since_ds, bool on, int64_t now_ds, int least_ds)
{
    if (on && *since_ds < 0)
        *since_ds = now_ds;
    if (on || *since_ds < 0)
        return true;
    int64_t shown_ds = now_ds - *since_ds;
    *since_ds = -1;
    return shown_ds >= least_ds;
}

static bool watch(struct site *s, const struct least *least)
{
    const struct engine_status *status = &s->status;
    bool fine = true;
    for (int no = 1; no <= 8; no++) {
        int64_t now_ds = status->now_ds;
        const struct phase_row *p = &db.phase[no - 1];
        int minimum_ds = p->minimum_green_s * 10, walk_ds = p->walk_s * 10, clear_ds = p->ped_clear_s * 10;
        minimum_ds = minimum_ds < least->minimum_ds ? minimum_ds : least->minimum_ds;
        walk_ds = walk_ds < least->walk_ds ? walk_ds : least->walk_ds;
        clear_ds = clear_ds < least->ped_clear_ds ? clear_ds : least->ped_clear_ds;
        int yellow_ds = p->yellow_ds < least->yellow_ds ? p->yellow_ds : least->yellow_ds;
        fine = CHECK(long_enough(&s->green_ds[no - 1], mask_has(status->green, no), now_ds, minimum_ds)) &&
               CHECK(long_enough(&s->walk_ds[no - 1], mask_has(status->walk, no), now_ds, walk_ds)) &&
               CHECK(long_enough(&s->clear_ds[no - 1], mask_has(status->ped_clear, no), now_ds, clear_ds)) &&
               CHECK(long_enough(&s->yellow_ds[no - 1], mask_has(status->yellow, no), now_ds, yellow_ds)) &&
               fine;
    }
    return fine;
}

/* From each of 600 tenths of a busy cycle the preempt must lead to its dwell and back. */
static void sweep(const struct least *least, bool peds, int red_ms)
{
    row(1)->minimum_green_s = (uint8_t)(least->minimum_ds / 10);
    row(1)->minimum_walk_s = (uint8_t)(least->walk_ds / 10);
    row(1)->enter_ped_clear_s = (uint8_t)(least->ped_clear_ds / 10);
    row(1)->enter_yellow_ds = (uint8_t)least->yellow_ds;
    begin_with(0x22, red_ms);
    for (int phase_no = 1; phase_no <= 8; phase_no++)
        detector_put(&in.vehicle, phase_no, phase_no % 2);
    in.pedestrian = peds ? 0xaa : 0;
    int worst_ds = 0;
    for (int offset_ds = 0; offset_ds < 600 && !harness_failed(); offset_ds++) {
        harness_at("offset %d", offset_ds);
        if (!step(&site, 1) || !watch(&site, least))
            return;
        fork_site = site;
        call(1, true);
        int64_t called_ds = site.status.now_ds + 1, dwell_ds = 0;
        for (int tick = 0; tick < 700 && !harness_failed(); tick++) {
            bool dwells = fork_site.status.preempt_stage[0] == PREEMPT_DWELL;
            if (dwells && !dwell_ds)
                dwell_ds = fork_site.status.now_ds;
            if (dwells)
                call(1, false);
            if (!step(&fork_site, 1) || !watch(&fork_site, least))
                return;
        }
        CHECK(dwell_ds > 0);
        CHECK_INT(0, fork_site.status.preempt_no);
        worst_ds = dwell_ds - called_ds > worst_ds ? (int)(dwell_ds - called_ds) : worst_ds;
        call(1, false);
    }
    /* the longest way: through the minimums, then the clearance, or red until a phase may come again */
    int way_ds = least->minimum_ds < 50 ? least->minimum_ds : 50;
    int ped_ds =
        (least->walk_ds < 40 ? least->walk_ds : 40) + (least->ped_clear_ds < 60 ? least->ped_clear_ds : 60);
    const struct phase_row *p = &db.phase[0];
    int clear_ds =
        p->flashing_green_s * 10 + (p->yellow_ds < least->yellow_ds ? p->yellow_ds : least->yellow_ds) + 20;
    if (peds && ped_ds > way_ds)
        way_ds = ped_ds;
    way_ds += clear_ds;
    if (row(1)->track_phase.count)
        way_ds += row(1)->track_green_s * 10 + clear_ds;
    harness_at("the whole cycle");
    CHECK(worst_ds <= way_ds);
}

static const struct least own = {2550, 2550, 2550, 255}, nothing = {0, 0, 0, 255}, some = {20, 10, 30, 30};

static void entry_with_own_minimums(void)
{
    junction();
    preempt(1, 4, 7);
    sweep(&own, true, 1000);
    junction();
    preempt(1, 4, 7);
    sweep(&own, false, 1000);
}

static void entry_without_minimums(void)
{
    junction();
    preempt(1, 4, 7);
    sweep(&nothing, true, 1000);
    junction();
    preempt(1, 2, 5);
    sweep(&nothing, false, 1000);
}

static void entry_over_the_track(void)
{
    junction();
    preempt(1, 2, 6);
    row(1)->track_green_s = 5;
    list(&row(1)->track_phase, 3, 8);
    sweep(&own, true, 1000);
    junction();
    preempt(1, 2, 6);
    row(1)->track_green_s = 5;
    list(&row(1)->track_phase, 3, 8);
    sweep(&nothing, true, 1000);
}

static void entry_with_short_clearances(void)
{
    junction();
    for (int phase_no = 1; phase_no <= 8; phase_no++) {
        db.phase[phase_no - 1].yellow_ds = 40;
        db.phase[phase_no - 1].red_clear_ds = 20;
        db.phase[phase_no - 1].flashing_green_s = 2;
    }
    preempt(1, 4, 7);
    row(1)->enter_red_clear_ds = 5;
    sweep(&some, true, 500);
}

/* ---- the call ---- */

static void centre_calls(void)
{
    static const struct control_op on = {
        .offset = offsetof(struct control, preempt_mask), .size = 2, .restarts_backup = true, .set = 1};
    junction();
    db.unit.backup_time_s = 20;
    preempt(1, 2, 6);
    begin(0x88);
    run(50);
    CHECK_INT(0, engine_command(&site.engine, &on));
    run(51);
    CHECK_INT(PREEMPT_ENTRY, stage(1));
    CHECK_HEX(1, site.status.preempt_inputs);
    run(91);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    run(249);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    run(250); /* the centre has been silent for 20 s */
    CHECK(logged(EVENT_PREEMPT_CALL_OFF, 1, 250));
    CHECK_INT(0, site.status.preempt_no);
}

static void disabled_preempt_is_inert(void)
{
    junction();
    preempt(1, 2, 6);
    preempt(2, 2, 6);
    row(1)->control = 0;
    row(2)->dwell_phase.count = 0;
    begin(0x88);
    call(1, true);
    call(2, true);
    run(200);
    CHECK_HEX(0x88, site.status.green);
    CHECK_HEX(3, site.status.preempt_inputs);
    CHECK_INT(PREEMPT_CALLED, stage(1));
    db.unit.preempt_enable_bit = PREEMPT_ENABLE_BIT_IGNORED;
    begin(0x88);
    run(200);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    CHECK_INT(PREEMPT_CALLED, stage(2));
}

static void advance_clears_the_walks(void)
{
    junction();
    preempt(1, 4, 8);
    row(1)->delay_s = 2;
    row(1)->advance_s = 12;
    row(1)->minimum_duration_s = 30;
    db.phase[1].options |= PHASE_REST_IN_WALK;
    begin(0x22);
    in.pedestrian = mask_of(2);
    run(100);
    CHECK_HEX(0x02, site.status.walk);
    call(1, true);
    run(101);
    call(1, false); /* within the delay nothing is begun yet */
    run(121);
    CHECK_INT(PREEMPT_NOT_ACTIVE, stage(1));
    call(1, true);
    run(130);
    call(1, true);
    run(142);
    CHECK(logged(EVENT_PREEMPT_ADVANCE, 1, 142));
    CHECK_INT(PREEMPT_ADVANCE, stage(1));
    CHECK_HEX(0x02, site.status.ped_clear);
    CHECK_INT(0, site.status.preempt_no);
    call(1, false); /* now it is */
    run(261);
    CHECK_HEX(0x22, site.status.green);
    CHECK_HEX(0, site.status.walk);
    run(262);
    CHECK(logged(EVENT_PREEMPT_ENTRY, 1, 262));
    CHECK_HEX(0x22, site.status.yellow);
    run(142 + 299);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    run(142 + 300); /* the least duration counts from the end of the delay */
    CHECK(logged(EVENT_PREEMPT_EXIT, 1, 442));
}

static void maximum_presence_ends_belief(void)
{
    junction();
    preempt(1, 2, 6);
    row(1)->maximum_presence_s = 30;
    list(&row(1)->exit_phase, 4, 8);
    begin(0x88);
    call(1, true);
    run(299);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    run(300);
    CHECK(logged(EVENT_PREEMPT_MAX_PRESENCE, 1, 300));
    CHECK_INT(PREEMPT_EXIT, stage(1));
    run(340);
    CHECK_HEX(0x88, site.status.green);
    CHECK_INT(PREEMPT_MAX_PRESENCE, stage(1));
    run(1000);
    CHECK_INT(0, site.status.preempt_no);
    call(1, false);
    run(1001);
    CHECK_INT(PREEMPT_NOT_ACTIVE, stage(1));
    call(1, true);
    run(1002);
    CHECK_INT(PREEMPT_ENTRY, stage(1));
}

static void maximum_presence_flashes_red(void)
{
    junction();
    preempt(1, 2, 6);
    row(1)->control |= PREEMPT_ALL_RED_FLASH;
    row(1)->maximum_presence_s = 30;
    list(&row(1)->exit_phase, 4, 8);
    begin(0x88);
    call(1, true);
    run(300);
    CHECK_INT(PREEMPT_MAX_PRESENCE, stage(1));
    CHECK_HEX(0x22, site.status.yellow);
    CHECK(!site.shown.all_flash);
    run(340);
    CHECK(site.shown.all_flash);
    CHECK(site.status.preempt_flash);
    CHECK_INT(UNIT_AUTOMATIC_FLASH, site.status.unit);
    CHECK_HEX(0, site.status.red | site.status.yellow | site.status.green);
    CHECK_HEX(0xff, site.shown.red.word[0] & site.shown.flashing.word[0] & 0xff);
    run(600);
    CHECK(site.shown.all_flash);
    call(1, false);
    run(601);
    CHECK(!site.shown.all_flash);
    CHECK_HEX(0x88, site.status.green);
}

/* ---- several preempts ---- */

static void lower_number_overrides(void)
{
    junction();
    preempt(2, 2, 6);
    preempt(3, 4, 8);
    begin(0x11);
    call(3, true);
    run(90);
    CHECK_INT(PREEMPT_DWELL, stage(3));
    call(2, true);
    run(91);
    CHECK_INT(2, site.status.preempt_no);
    CHECK_INT(PREEMPT_CALLED, stage(3));
    run(180);
    CHECK_INT(PREEMPT_DWELL, stage(2));
    run(400);
    call(2, false);
    run(401); /* straight into the one that waits, without an exit */
    CHECK(logged(EVENT_PREEMPT_EXIT, 2, 401));
    CHECK(logged(EVENT_PREEMPT_ENTRY, 3, 401));
    CHECK_INT(3, site.status.preempt_no);
}

static void equals_wait_for_each_other(void)
{
    junction();
    preempt(1, 2, 6);
    preempt(2, 4, 8);
    preempt(3, 4, 8);
    row(1)->control |= PREEMPT_EQUALS_NEXT;
    begin(0x11);
    call(2, true);
    run(100);
    call(1, true);
    run(200);
    CHECK_INT(2, site.status.preempt_no);
    call(2, false);
    run(300);
    CHECK_INT(1, site.status.preempt_no);
    call(3, true);
    run(400);
    CHECK_INT(1, site.status.preempt_no);
    call(2, true);
    call(1, false);
    run(410); /* 2 and 3 wait: 2 goes before 3 */
    CHECK_INT(2, site.status.preempt_no);
}

static void track_clearance_of_a_railway_stands(void)
{
    for (int railroad = 0; railroad <= 1; railroad++) {
        junction();
        preempt(1, 2, 6);
        preempt(2, 2, 6);
        row(2)->track_green_s = 10;
        row(2)->railroad = (uint8_t)railroad;
        list(&row(2)->track_phase, 4, 8);
        begin(0x11);
        call(2, true);
        run(90);
        CHECK_INT(PREEMPT_TRACK, stage(2));
        call(1, true);
        run(91);
        CHECK_INT(railroad ? 2 : 1, site.status.preempt_no);
        run(300);
        CHECK_INT(1, site.status.preempt_no);
        CHECK_INT(PREEMPT_CALLED, stage(2));
        call(1, false);
        call(2, false);
    }
}

static void link_calls_the_higher(void)
{
    junction();
    preempt(1, 4, 7);
    preempt(2, 2, 6);
    row(2)->link_no = 1;
    begin(0x22);
    call(2, true);
    run(0);
    CHECK_INT(PREEMPT_DWELL, stage(2));
    run(100);
    CHECK(logged(EVENT_PREEMPT_LINK_ON, 1, 100));
    CHECK(logged(EVENT_PREEMPT_CALL_ON, 1, 100));
    CHECK(logged(EVENT_PREEMPT_ENTRY, 1, 100));
    CHECK_INT(PREEMPT_LINK, stage(2));
    CHECK_INT(PREEMPT_ENTRY, stage(1));
    run(600);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    call(2, false);
    run(601);
    CHECK(logged(EVENT_PREEMPT_LINK_OFF, 1, 601));
    CHECK(logged(EVENT_PREEMPT_CALL_OFF, 1, 601));
    CHECK(logged(EVENT_PREEMPT_EXIT, 1, 601));
    run(700);
    CHECK_INT(0, site.status.preempt_no);
    CHECK_INT(PREEMPT_NOT_ACTIVE, stage(2));
}

static void link_to_a_lower_rank_is_none(void)
{
    junction();
    preempt(1, 2, 6);
    preempt(2, 4, 8);
    row(1)->link_no = 2;
    begin(0x22);
    call(1, true);
    run(300);
    CHECK_INT(1, site.status.preempt_no);
    CHECK_INT(PREEMPT_NOT_ACTIVE, stage(2));
}

/* A locking call overridden before its dwell comes back, though its input has gone. */
static void memory_lasts_until_the_dwell(void)
{
    junction();
    preempt(1, 2, 6);
    preempt(2, 4, 8);
    row(2)->control = PREEMPT_ENABLED;
    begin(0x22);
    call(2, true);
    run(10);
    call(2, false);
    call(1, true);
    run(20);
    CHECK_INT(1, site.status.preempt_no);
    call(1, false);
    run(200);
    CHECK_INT(2, site.status.preempt_no);
    run(600);
    CHECK_INT(0, site.status.preempt_no);
    CHECK_INT(PREEMPT_NOT_ACTIVE, stage(2));
}

/* ---- dwell ---- */

static void dwell_serves_its_peds(void)
{
    junction();
    preempt(1, 2, 6);
    list(&row(1)->dwell_ped, 2, 0);
    list(&row(1)->exit_phase, 4, 8);
    begin(0x22);
    run(100);
    call(1, true);
    in.pedestrian = mask_of(6);
    run(101); /* the phase stands green already */
    in.pedestrian = 0;
    CHECK_HEX(0x02, site.status.walk);
    run(300);
    CHECK_HEX(0, site.status.walk | site.status.ped_clear);
    in.pedestrian = mask_of(2);
    run(301);
    in.pedestrian = 0;
    CHECK_HEX(0x02, site.status.walk);
    call(1, false);
    run(302); /* the exit cuts no walk and no clearance */
    CHECK_INT(PREEMPT_EXIT, stage(1));
    run(400);
    CHECK_HEX(0x02, site.status.green);
    CHECK_HEX(0x20, site.status.red & 0x20);
    run(401);
    CHECK_HEX(0x02, site.status.yellow);
}

static void dwell_cycles_by_calls(void)
{
    junction();
    preempt(1, 2, 5);
    list(&row(1)->cycling_phase, 1, 6);
    list(&row(1)->cycling_ped, 6, 0);
    begin(0x88);
    detector_put(&in.vehicle, 3, true);
    detector_put(&in.vehicle, 7, true);
    call(1, true);
    run(90);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    CHECK_HEX(0x12, site.status.green);
    detector_put(&in.vehicle, 1, true);
    in.pedestrian = 0x28;
    run(180);
    CHECK_HEX(0x21, site.status.green);
    CHECK_HEX(0x20, site.status.walk | site.status.ped_clear);
    run(1000); /* 3 and 7 have no part in it, nor have the pedestrians of 4 */
    CHECK_HEX(0x21, site.status.green);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    call(1, false);
    run(1001);
    CHECK_INT(0, site.status.preempt_no);
    CHECK_HEX(0xde, site.status.vehicle_call);
}

/* Without dwell phases, what is green and may cycle stays. */
static void dwell_of_cycling_phases_alone(void)
{
    junction();
    preempt(1, 0, 0);
    row(1)->dwell_phase.count = 0;
    list(&row(1)->cycling_phase, 2, 6);
    begin(0x12);
    run(60);
    call(1, true);
    run(61);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    CHECK_HEX(0x02, site.status.green);
    CHECK_HEX(0x10, site.status.yellow);
    detector_put(&in.vehicle, 6, true);
    run(110);
    CHECK_HEX(0x22, site.status.green);
}

static void dwell_follows_its_sequence(void)
{
    static const uint8_t lag[] = {2, 1, 3, 4};
    junction();
    memcpy(db.sequence[1][0].number, lag, sizeof(lag));
    db.sequence[1][0].count = 4;
    db.sequence[1][1] = db.sequence[0][1];
    preempt(1, 4, 8);
    list(&row(1)->cycling_phase, 1, 2);
    row(1)->sequence_no = 2;
    begin(0x88);
    call(1, true);
    run(0);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    detector_put(&in.vehicle, 1, true);
    detector_put(&in.vehicle, 2, true);
    run(100);
    CHECK_HEX(0x02, site.status.green);
    call(1, false);
    run(101);
    CHECK_INT(0, site.engine.directions.sequence_ix);
}

static void dwell_flashes(void)
{
    junction();
    preempt(1, 2, 6);
    row(1)->control |= PREEMPT_FLASH_DWELL;
    list(&row(1)->exit_phase, 4, 8);
    list(&row(1)->cycling_phase, 1, 5); /* ignored */
    db.unit.flash_exit_red_s = 3;
    begin(0x88);
    for (int no = 1; no <= 8; no++) {
        channel_remove(&card.flash_red, no);
        channel_add(no == 2 || no == 6 ? &card.flash_yellow : &card.flash_red, no);
    }
    call(1, true);
    run(89);
    CHECK(!site.shown.all_flash);
    run(90);
    CHECK(site.shown.all_flash);
    CHECK(logged(EVENT_PREEMPT_DWELL, 1, 90));
    CHECK_INT(PREEMPT_DWELL, stage(1));
    CHECK_HEX(0x22, site.shown.yellow.word[0]);
    CHECK_HEX(0xdd, site.shown.red.word[0] & 0xff);
    run(300);
    call(1, false);
    run(301);
    CHECK(!site.shown.all_flash);
    CHECK_HEX(0, site.status.green);
    run(330);
    CHECK_HEX(0, site.status.green);
    run(331);
    CHECK_HEX(0x88, site.status.green);
    CHECK_INT(0, site.status.preempt_no);
}

/* ---- exit ---- */

static void exit_calls_everybody(void)
{
    for (int calls = PREEMPT_CALLS_NONE; calls <= PREEMPT_CALLS_ALL; calls++) {
        junction();
        preempt(1, 2, 6);
        row(1)->exit_calls = (uint8_t)calls;
        list(&row(1)->exit_phase, 4, 8);
        begin(0x88);
        call(1, true);
        run(300);
        call(1, false);
        run(345);
        CHECK_HEX(0x88, site.status.green);
        CHECK_HEX(calls == PREEMPT_CALLS_NONE ? 0 : 0x77, site.status.vehicle_call);
        CHECK_HEX(calls == PREEMPT_CALLS_ALL ? 0x22 : 0, site.status.ped_call);
    }
}

static void exit_to_the_longest_queue(void)
{
    junction();
    preempt(1, 2, 6);
    row(1)->exit_type = PREEMPT_EXIT_QUEUE_DELAY;
    list(&row(1)->exit_phase, 4, 8);
    begin(0x22);
    call(1, true);
    for (int64_t tick = 0; tick < 200; tick++) {
        detector_put(&in.vehicle, 3, tick % 40 < 10);
        detector_put(&in.vehicle, 8, tick % 50 < 10);
        detector_put(&in.vehicle, 7, tick % 20 < 10);
        run(tick);
    }
    detector_put(&in.vehicle, 3, true);
    detector_put(&in.vehicle, 7, true);
    detector_put(&in.vehicle, 8, true);
    run(200);
    call(1, false);
    run(260);
    CHECK_HEX(0x44, site.status.green);
}

static void exit_to_the_one_cut_short(void)
{
    junction();
    preempt(1, 2, 6);
    row(1)->exit_type = PREEMPT_EXIT_SHORT_SERVICE;
    row(1)->minimum_green_s = 2;
    list(&row(1)->exit_phase, 3, 7);
    begin(0x48);
    run(9);
    call(1, true);
    run(200);
    call(1, false);
    run(260);
    CHECK_HEX(0x48, site.status.green);
    begin(0x48); /* had all it wanted */
    run(100);
    call(1, true);
    run(300);
    call(1, false);
    run(360);
    CHECK_HEX(0x44, site.status.green);
}

/* ---- among the other ways of operation ---- */

static void red_revert_holds(void)
{
    junction();
    for (int phase_no = 1; phase_no <= 8; phase_no++)
        db.phase[phase_no - 1].red_revert_ds = 50;
    preempt(1, 2, 6);
    begin(0x22);
    detector_put(&in.vehicle, 4, true);
    run(60); /* yellow since 5.0, red at 8.0 */
    call(1, true);
    run(129);
    CHECK_HEX(0, site.status.green);
    run(130);
    CHECK_HEX(0x22, site.status.green);
    CHECK_INT(PREEMPT_DWELL, stage(1));
}

static void manual_control_gives_way(void)
{
    junction();
    preempt(1, 2, 6);
    in.unit = INPUT_MANUAL_CONTROL;
    begin(0x88);
    run(100);
    CHECK(site.status.manual);
    call(1, true);
    run(101); /* the walk that waited to be ended by hand is timed */
    CHECK(!site.status.manual);
    CHECK_HEX(0x88, site.status.ped_clear);
    call(1, false);
    run(161);
    CHECK_HEX(0x88, site.status.yellow);
    run(302);
    CHECK(site.status.manual);
}

static void stop_time_freezes(void)
{
    junction();
    preempt(1, 2, 6);
    begin(0x88);
    call(1, true);
    run(90);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    call(1, false);
    in.unit = INPUT_STOP_TIME;
    run(500);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    in.unit = 0;
    run(600);
    CHECK(logged(EVENT_PREEMPT_EXIT, 1, 600));
}

static void centre_is_not_heard(void)
{
    static const struct control_op hold = {
        .offset = offsetof(struct control, hold_mask), .size = 8, .set = 8};
    static const struct control_op omit = {
        .offset = offsetof(struct control, phase_omit_mask), .size = 8, .set = 2};
    junction();
    preempt(1, 2, 6);
    begin(0x88);
    run(10);
    engine_command(&site.engine, &hold);
    engine_command(&site.engine, &omit);
    call(1, true);
    run(100);
    CHECK_HEX(0x22, site.status.green);
}

/* A structure offered in the middle of a preempt waits for its end, or for an all-red on its way. */
static void structure_waits_for_the_preempt(void)
{
    junction();
    preempt(1, 2, 6);
    begin(0x22);
    call(1, true);
    run(100);
    db.phase[2].options &= (uint16_t)~PHASE_ENABLED;
    channel_add(&card.dark_ok, 3);
    plan_compile(&other_plan, &db, 1);
    for (int tick = 0; tick < 300; tick++) {
        CHECK(!engine_adopt(&site.engine, &other_plan));
        step(&site, 1);
    }
    CHECK_HEX(0x22, site.status.green);
    call(1, false);
    bool adopted = false;
    for (int tick = 0; tick < 100 && !adopted; tick++) {
        adopted = engine_adopt(&site.engine, &other_plan);
        step(&site, 1);
    }
    CHECK(adopted);
    CHECK_INT(0, site.status.preempt_no);
}

/* The plan that comes knows the running preempt no more: it is left in order. */
static void preempt_taken_out_of_the_plan(void)
{
    for (int target = 0; target <= 1; target++) {
        junction();
        preempt(1, 2, 6);
        list(&row(1)->exit_phase, 4, 8);
        begin(0x88);
        call(1, true);
        run(target ? 100 : 60);
        row(1)->control = 0;
        plan_compile(&other_plan, &db, 1);
        CHECK(engine_adopt(&site.engine, &other_plan));
        run(target ? 185 : 145);
        CHECK_INT(0, site.status.preempt_no);
        CHECK_HEX(0x88, site.status.green);
        call(1, false);
    }
}

/* Adopted in an all-red on the way, the plan knows the phases no more that the preempt waits for. */
static void phases_taken_out_of_the_plan(void)
{
    junction();
    db.unit.red_revert_ds = 50;
    preempt(1, 2, 6);
    begin(0x22);
    detector_put(&in.vehicle, 4, true);
    run(60);
    call(1, true);
    run(100); /* all red until the red revert of 2 and 6 has run */
    db.phase[1].options &= (uint16_t)~PHASE_ENABLED;
    db.phase[5].options &= (uint16_t)~PHASE_ENABLED;
    card.dark_ok.word[0] = 0x5022; /* theirs, and their pedestrians' */
    plan_compile(&other_plan, &db, 1);
    CHECK(engine_adopt(&site.engine, &other_plan));
    run(101);
    CHECK_INT(0, site.status.preempt_no);
    run(200);
    CHECK(site.status.green != 0);
}

/* A database that no check has passed: of two that conflict one is left out. */
static void conflicting_sets_are_reduced(void)
{
    junction();
    preempt(1, 2, 4);
    row(1)->dwell_phase = (struct phase_list){.count = 4, .number = {1, 4, 6, 99}};
    list(&row(1)->exit_phase, 3, 4);
    begin(0x88);
    call(1, true);
    run(200);
    CHECK_HEX(0x21, site.status.green);
    call(1, false);
    run(260);
    CHECK_HEX(0x04, site.status.green & 0x0c);
}

/* Nothing rests on ticks of a tenth. */
static void coarse_ticks(void)
{
    junction();
    preempt(1, 4, 7);
    row(1)->delay_s = 4;
    row(1)->advance_s = 4;
    row(1)->track_green_s = 4;
    list(&row(1)->track_phase, 3, 8);
    begin(0x22);
    for (int phase_no = 1; phase_no <= 8; phase_no++)
        detector_put(&in.vehicle, phase_no, true);
    unsigned seen = 0;
    for (int tick = 0; tick < 600; tick++) {
        call(1, tick % 41 > 7 && tick % 41 < 25);
        in.pedestrian = tick % 5 ? 0 : 0xff;
        if (!step(&site, 30))
            return;
        seen |= 1U << stage(1);
    }
    unsigned all = 1U << PREEMPT_NOT_ACTIVE | 1U << PREEMPT_CALLED | 1U << PREEMPT_ADVANCE |
                   1U << PREEMPT_ENTRY | 1U << PREEMPT_TRACK | 1U << PREEMPT_DWELL;
    CHECK_HEX(all, all & seen);
}

/* A yellow of no length: the guard holds its floor, and nothing trips. */
static void yellow_of_no_length(void)
{
    junction();
    preempt(1, 4, 8);
    row(1)->enter_yellow_ds = row(1)->enter_red_clear_ds = 0;
    begin(0x22);
    run(60);
    call(1, true);
    struct frame want;
    for (int tick = 0; tick < 100; tick++) {
        engine_step(&site.engine, &in, 1, &want);
        engine_get_status(&site.engine, &site.status);
        CHECK_INT(GUARD_OK, guard_step(&site.guard, &want, site.status.now_ds * 100, &site.shown));
        CHECK(lamp_check(&site.checker, &site.shown, site.status.now_ds * 100));
    }
    CHECK_INT(PREEMPT_DWELL, stage(1));
    CHECK(site.guard.held_frames > 0);
}

HARNESS_MAIN({"entry at every tenth of a cycle, the phases' minimums", entry_with_own_minimums},
             {"entry at every tenth of a cycle, no minimums", entry_without_minimums},
             {"entry at every tenth of a cycle, over the track", entry_over_the_track},
             {"entry at every tenth of a cycle, shortened clearances", entry_with_short_clearances},
             {"the centre calls, and is forgotten when it falls silent", centre_calls},
             {"a preempt not enabled, or without phases, is inert", disabled_preempt_is_inert},
             {"the advance clears the walks and keeps the call", advance_clears_the_walks},
             {"a call beyond the maximum presence is ignored until it changes", maximum_presence_ends_belief},
             {"or answered by all-red flash", maximum_presence_flashes_red},
             {"a lower number overrides a higher one", lower_number_overrides},
             {"equals wait for each other", equals_wait_for_each_other},
             {"track clearance of a railway is never interrupted", track_clearance_of_a_railway_stands},
             {"a link calls the higher preempt", link_calls_the_higher},
             {"a link to a lower rank is none", link_to_a_lower_rank_is_none},
             {"a locking call is kept until its dwell", memory_lasts_until_the_dwell},
             {"dwell serves its pedestrians", dwell_serves_its_peds},
             {"dwell cycles by calls", dwell_cycles_by_calls},
             {"dwell of cycling phases alone", dwell_of_cycling_phases_alone},
             {"dwell follows its own sequence", dwell_follows_its_sequence}, {"dwell flashes", dwell_flashes},
             {"the exit leaves calls", exit_calls_everybody},
             {"exit to the longest queue", exit_to_the_longest_queue},
             {"exit to the phase cut short", exit_to_the_one_cut_short},
             {"red revert holds", red_revert_holds}, {"manual control gives way", manual_control_gives_way},
             {"stop time freezes", stop_time_freezes},
             {"hold and omit of the centre are not heard", centre_is_not_heard},
             {"a new structure waits for the preempt", structure_waits_for_the_preempt},
             {"a preempt taken out of the plan is left in order", preempt_taken_out_of_the_plan},
             {"phases taken out of the plan", phases_taken_out_of_the_plan},
             {"sets in conflict are reduced", conflicting_sets_are_reduced}, {"coarse ticks", coarse_ticks},
             {"a yellow of no length is held by the guard", yellow_of_no_length})
