/* Everything that may go wrong at a junction, one fault a test, in the whole virtual intersection
 * (crossing/rig.h) with red-runners all the time: while it lasts nothing is called enforceable and nobody is
 * recorded, and afterwards the cameras work again. Each fault comes several times, in different reds of the
 * cycle and at different ages of them.
 *
 *     property_faults          one seed; PROPERTY_SEEDS=N makes it N */
#include "crossing/rig.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECOVERY_TICKS = 1800, TIMES = 4 };

/* The group whose lamps the faults of single lamps meet: a round lamp of the south approach. */
enum { VICTIM_NO = 2, RIVAL_NO = 4 };

static uint64_t last_seed = 1;

struct fault {
    void (*begin)(struct rig *rig, int hit);
    void (*during)(struct rig *rig, int tick); /* before every tick of it; may be NULL */
    void (*end)(struct rig *rig);
    bool (*over)(const struct rig
                     *rig); /* whether all of it is, some time after its end; NULL: when the junction runs */
    int ticks;
    int victim_no; /* 0: every group is concerned */
    int times;     /* 0: TIMES */
};

static void hit(struct rig *rig, const struct fault *fault, int nth)
{
    struct channel_mask groups = rig_all_groups;
    if (fault->victim_no != 0) {
        groups = (struct channel_mask){0};
        channel_add(&groups, fault->victim_no);
    }
    fault->begin(rig, nth);
    rig_doubt(rig, &groups);
    for (int i = 0; i < fault->ticks; i++) {
        if (fault->during)
            fault->during(rig, i);
        rig_run(rig, 1);
    }
    fault->end(rig);
    for (int i = 0; i < RECOVERY_TICKS && !(fault->over ? fault->over(rig) : rig_runs(rig)); i++)
        rig_run(rig, 1);
    rig_trust(rig);
}

static void check(struct rig *rig)
{
    harness_at("seed %llu: %s", (unsigned long long)rig->seed, rig->what);
    CHECK_INT(0, (int64_t)rig->false_records);
    CHECK_INT(0, (int64_t)rig->doubted_bits);
}

static bool pulsed; /* the cabinet may blink every group dark for a moment, and means nothing by it */

/* The same fault in the reds of four groups, at ages of 0.2 s to 4 s, when somebody is about to be
 * photographed. */
static void strike(const struct fault *fault)
{
    static const int struck_no[TIMES] = {VICTIM_NO, RIVAL_NO, VICTIM_NO, 5};
    for (uint64_t seed = 1; seed <= last_seed && !harness_failed(); seed++) {
        struct rig *rig = rig_new(seed);
        if (!rig)
            return;
        for (int i = 0; i < rig->config->feed.group_count; i++)
            rig->config->feed.group[i].pulsed = pulsed;
        rig_run_in(rig);
        for (int i = 0; i < (fault->times ? fault->times : TIMES) && !harness_failed(); i++) {
            const uint64_t records = rig->records;
            const int group_no = fault->victim_no ? fault->victim_no : struck_no[i];
            if (!CHECK(rig_run_to_red(rig, group_no, 1 + 10 * i + (int)(seed % 10))))
                break;
            rig_run_to_picture(rig, group_no);
            hit(rig, fault, i);
            rig_run_in(rig);
            harness_at("seed %llu, fault %d", (unsigned long long)seed, i);
            CHECK(rig->records > records);
        }
        check(rig);
        rig_free(rig);
    }
}

/* ---- the controller's own states ---- */

static void start_up(void)
{
    for (uint64_t seed = 1; seed <= last_seed; seed++) {
        struct rig *rig = rig_new(seed);
        if (!rig)
            return;
        rig_doubt(rig, &rig_all_groups);
        rig_run(rig, 20);
        while (!rig_runs(rig))
            rig_run(rig, 1);
        rig_trust(rig);
        CHECK_INT(0, (int64_t)rig->records);
        rig_run_in(rig);
        rig_run_in(rig);
        CHECK(rig->records > 0);
        check(rig);
        rig_free(rig);
    }
}

static void ask_for_flash(struct rig *rig, int nth)
{
    rig->cabinet.inputs |= nth % 2 ? CABINET_AUTOMATIC_FLASH : CABINET_FLASH_SWITCH;
    for (int i = 0; i < RECOVERY_TICKS && !rig->flash; i++)
        rig_run(rig, 1);
}

static void hand_in(struct rig *rig, int nth)
{
    rig->cabinet.inputs |= nth % 2 ? CABINET_STOP_TIME : CABINET_MANUAL_CONTROL;
}

/* The officer steps on every four seconds. */
static void step_on(struct rig *rig, int tick)
{
    if (tick % 40 == 20)
        rig->cabinet.inputs |= CABINET_INTERVAL_ADVANCE;
    else
        rig->cabinet.inputs &= ~(uint32_t)CABINET_INTERVAL_ADVANCE;
}

static void inputs_off(struct rig *rig)
{
    rig->cabinet.inputs = 0;
}

static void flash(void)
{
    strike(&(struct fault){.begin = ask_for_flash, .end = inputs_off, .ticks = 120});
}

static void manual(void)
{
    strike(&(struct fault){.begin = hand_in, .during = step_on, .end = inputs_off, .ticks = 300});
}

static const struct control_op remote_ops[] = {
    {offsetof(struct control, hold_mask), 8, true, false, UINT64_MAX, 1 << (VICTIM_NO - 1) | 1 << 5},
    {offsetof(struct control, phase_omit_mask), 8, true, false, UINT64_MAX, 1 << (RIVAL_NO - 1)},
    {offsetof(struct control, ring_stop_time_mask), 1, true, false, UINT64_MAX, 1},
    {offsetof(struct control, manual_timeout_s), 1, true, false, UINT64_MAX, 60},
};
enum { REMOTE_OPS = sizeof remote_ops / sizeof *remote_ops };

/* A hold, an omit, a stopped ring, the centre's own stepping. */
static void centre_takes(struct rig *rig, int nth)
{
    CHECK(app_command(rig->app, &remote_ops[nth % REMOTE_OPS], 1) > 0);
}

static void centre_leaves(struct rig *rig)
{
    for (int i = 0; i < REMOTE_OPS; i++) {
        struct control_op op = remote_ops[i];
        op.set = 0;
        CHECK(app_command(rig->app, &op, 1) > 0);
    }
}

static void remote(void)
{
    strike(&(struct fault){.begin = centre_takes, .end = centre_leaves, .ticks = 300});
}

static void fire_engine_comes(struct rig *rig, int nth)
{
    (void)nth;
    rig->preempt = 1;
}

static void fire_engine_has_passed(struct rig *rig)
{
    rig->preempt = 0;
}

static bool preempt_is_over(const struct rig *rig)
{
    struct app_status status;
    app_get_status(rig->app, &status);
    return status.engine.preempt_no == 0;
}

static void preempt(void)
{
    strike(&(struct fault){
        .begin = fire_engine_comes, .end = fire_engine_has_passed, .over = preempt_is_over, .ticks = 200});
}

static int64_t adopted_us;
static uint16_t yellow_seen; /* since then; bit = line */

/* The left turn changes places with the through traffic. Runs on until that is adopted. */
static void new_structure(struct rig *rig, int nth)
{
    static const uint8_t order[2][4] = {{2, 1, 3, 4}, {1, 2, 3, 4}};
    static struct database db;
    const uint64_t before = rig->exchange.output.config_seq;
    db = rig->config->db;
    memcpy(db.sequence[0][0].number, order[nth % 2], 4);
    yellow_seen = 0;
    app_offer_plan(rig->app, &db);
    for (int i = 0; i < RECOVERY_TICKS && rig->exchange.output.config_seq == before; i++)
        rig_run(rig, 1);
    CHECK(rig->exchange.output.config_seq > before);
    adopted_us = rig->now_us - RIG_TICK_US;
}

static void nothing(struct rig *rig)
{
    (void)rig;
}

/* Every line has had its red after a yellow that began under the new plan. */
static bool all_had_their_yellow(const struct rig *rig)
{
    for (int i = 0; i < rig->line_count; i++) {
        if (rig_had_its_green(rig, rig->line[i].group_no, adopted_us))
            yellow_seen |= (uint16_t)(1 << i);
    }
    return yellow_seen == (1 << rig->line_count) - 1;
}

static void structural_plan_change(void)
{
    strike(&(struct fault){.begin = new_structure, .end = nothing, .over = all_had_their_yellow, .ticks = 1});
}

/* ---- lamps ---- */

/* Two greens that the card keeps apart: by a lamp that does not go out, and by a card that somebody has
 * changed. */
static void two_greens(struct rig *rig, int nth)
{
    (void)nth;
    channel_add(&rig->faults.stuck[2], VICTIM_NO);
    channel_add(&rig->faults.stuck[2], RIVAL_NO);
}

static void repaired(struct rig *rig)
{
    memset(&rig->faults, 0, sizeof rig->faults);
    rig_run(rig, 1);
    sim_cabinet_reset(&rig->cabinet, rig->now_us);
}

static void conflict_in_the_cabinet(void)
{
    strike(&(struct fault){.begin = two_greens, .end = repaired, .ticks = 150, .victim_no = VICTIM_NO});
}

static void card_forbids_what_is_lit(struct rig *rig, int nth)
{
    (void)nth;
    memset(rig->card.permissive, 0, sizeof rig->card.permissive);
    for (int i = 0; i < RECOVERY_TICKS && !rig->exchange.output.frame.all_flash; i++)
        rig_run(rig, 1);
}

static void card_put_right(struct rig *rig)
{
    rig->card = rig->config->card;
    app_reset_guard(rig->app);
}

static void conflict_stopped_by_the_guard(void)
{
    strike(&(struct fault){.begin = card_forbids_what_is_lit, .end = card_put_right, .ticks = 150});
}

static void red_burns_out(struct rig *rig, int nth)
{
    (void)nth;
    channel_add(&rig->faults.broken[0], VICTIM_NO);
}

static void lamp_dark(void)
{
    strike(&(struct fault){.begin = red_burns_out, .end = repaired, .ticks = 150, .victim_no = VICTIM_NO});
}

static void lamp_dark_where_lamps_blink(void)
{
    pulsed = true;
    lamp_dark();
    pulsed = false;
}

/* The wire of one read-back is off, or shows another colour besides. */
static void eye_lies(struct rig *rig, int nth)
{
    channel_add(nth % 2 ? &rig->phantom[2] : &rig->unseen[0], VICTIM_NO);
}

static void eye_sees(struct rig *rig)
{
    memset(rig->unseen, 0, sizeof rig->unseen);
    memset(rig->phantom, 0, sizeof rig->phantom);
}

static void read_back_wrong(void)
{
    strike(&(struct fault){.begin = eye_lies, .end = eye_sees, .ticks = 700, .victim_no = VICTIM_NO});
}

/* ---- bus, clock, network ---- */

static void cable_out(struct rig *rig, int nth)
{
    (void)nth;
    rig->cut = true;
}

static void cable_in(struct rig *rig)
{
    rig->cut = false;
}

static void cabinet_lost(void)
{
    strike(&(struct fault){.begin = cable_out, .end = cable_in, .ticks = 100});
}

/* Too short for the cabinet to flash, too long for the feed. */
static void cabinet_lost_for_half_a_second(void)
{
    strike(&(struct fault){.begin = cable_out, .end = cable_in, .ticks = 5});
}

/* Of the first second the next message may still say that nothing has changed. */
static void camera_cable_out(struct rig *rig, int nth)
{
    (void)nth;
    rig->unplugged = true;
    rig_run(rig, 10);
}

static void camera_cable_in(struct rig *rig)
{
    rig->unplugged = false;
}

/* For part of a red, and for some cycles. */
static void camera_cut_off(void)
{
    strike(&(struct fault){.begin = camera_cable_out, .end = camera_cable_in, .ticks = 20});
    strike(&(struct fault){.begin = camera_cable_out, .end = camera_cable_in, .ticks = 600});
}

/* Somebody sets the clock, and who keeps it learns of it late. A step is found within a second, and no
 * message carries it before. */
static void set_clock(struct rig *rig, int nth, int64_t step_us)
{
    rig->by_kernel = nth % 2;
    rig->utc_us += step_us;
    if (!rig->one_clock)
        for (int i = 0; i < 10 && rig->evidence.state == CLOCK_SYNCED; i++)
            rig_run(rig, 1);
}

static void clock_set_ahead(struct rig *rig, int nth)
{
    set_clock(rig, nth, 5000000);
}

static void clock_set_back(struct rig *rig, int nth)
{
    set_clock(rig, nth, -5000000);
}

static void clock_put_right(struct rig *rig)
{
    rig->utc_us = RIG_UTC_US;
    rig->unkept = false;
}

static bool clock_is_trusted(const struct rig *rig)
{
    return rig->evidence.state == CLOCK_SYNCED;
}

static void clock_stepped_ahead(void)
{
    strike(&(struct fault){
        .begin = clock_set_ahead, .end = clock_put_right, .over = clock_is_trusted, .ticks = 300});
}

static void clock_stepped_back(void)
{
    strike(&(struct fault){
        .begin = clock_set_back, .end = clock_put_right, .over = clock_is_trusted, .ticks = 300});
}

/* A camera that has no clock but the controller's, at a junction that does not ask whether it is right: its
 * stamps jump with the clock, and must not be looked for where it stood before. */
static void step_the_only_clock(int64_t step_us)
{
    for (uint64_t seed = 1; seed <= last_seed && !harness_failed(); seed++) {
        struct rig *rig = rig_new(seed);
        if (!rig)
            return;
        rig->config->feed.clock_required = false;
        rig_renew_camera(rig, SIGSTATE_SAME_CLOCK);
        for (int i = 0; i < TIMES; i++) {
            const uint64_t records = rig->records;
            rig_run_in(rig);
            harness_at("seed %llu, step %d", (unsigned long long)seed, i);
            CHECK(rig->records > records);
            CHECK(rig_run_to_red(rig, VICTIM_NO, 1 + 10 * i));
            rig->utc_us += step_us;
            rig_run(rig, 300);
            rig->utc_us -= step_us;
            for (int wait = 0; wait < RECOVERY_TICKS && !clock_is_trusted(rig); wait++)
                rig_run(rig, 1);
        }
        check(rig);
        rig_free(rig);
    }
}

static void only_clock_stepped(void)
{
    step_the_only_clock(5000000);
    step_the_only_clock(-5000000);
}

/* Half an hour without a source: for a while a clock that was right goes on being right enough. */
static void nobody_keeps_the_clock(struct rig *rig, int nth)
{
    (void)nth;
    rig->unkept = true;
    for (int i = 0; i < RECOVERY_TICKS * 10 && rig->evidence.error_us <= FEED_CLOCK_ERROR_MS * 1000; i++)
        rig_run(rig, 1);
    CHECK(rig->evidence.state == CLOCK_HOLDOVER);
}

static void clock_lost(void)
{
    strike(&(struct fault){.begin = nobody_keeps_the_clock,
                           .end = clock_put_right,
                           .over = clock_is_trusted,
                           .ticks = 300,
                           .times = 1});
}

static const struct harness_test tests[] = {
    {"start-up", start_up},
    {"flash, by the switch and by the controller", flash},
    {"manual control and stop time at the cabinet", manual},
    {"remote control, phase by phase", remote},
    {"preempt", preempt},
    {"a structural plan change", structural_plan_change},
    {"a conflict, found by the cabinet's monitor", conflict_in_the_cabinet},
    {"a conflict, stopped by the guard", conflict_stopped_by_the_guard},
    {"a red that burns out", lamp_dark},
    {"a red that burns out where the cabinet gives countdown pulses", lamp_dark_where_lamps_blink},
    {"a read-back that is wrong", read_back_wrong},
    {"the cabinet lost", cabinet_lost},
    {"the cabinet lost for half a second", cabinet_lost_for_half_a_second},
    {"the camera cut off", camera_cut_off},
    {"the clock stepped by 5 s ahead", clock_stepped_ahead},
    {"the clock stepped by 5 s back", clock_stepped_back},
    {"the only clock there is stepped by 5 s either way", only_clock_stepped},
    {"the clock kept by nobody", clock_lost},
};

int main(int argc, char **argv)
{
    last_seed = harness_seed_count(last_seed);
    return harness_run(argc, argv, tests, sizeof tests / sizeof *tests, NULL, NULL);
}
