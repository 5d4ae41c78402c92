/* The way into a preempt, begun at every tenth of a cycle. */
#include "../../phases/predict.h"
#include "preempt_fixture.h"

static struct site fork_site;

/* The least of each interval that the entry may leave, tenths; UINT8_MAX seconds or more: the phase's own. */
struct least {
    int minimum_ds, walk_ds, ped_clear_ds, yellow_ds;
};

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

/* With preempts that come at random no lamp changes before its earliest time, nor after its latest. */
static void predictions_hold(void)
{
    static int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    static int64_t earliest[17], latest[17];
    char color[17] = "";
    uint64_t random = 11;
    junction();
    preempt(1, 2, 6);
    preempt(2, 4, 7);
    row(1)->track_green_s = 3;
    row(1)->track_yellow_ds = 30;
    row(1)->minimum_green_s = 3;
    row(1)->minimum_walk_s = 0;
    row(1)->enter_ped_clear_s = 2;
    list(&row(1)->track_phase, 3, 8);
    list(&row(2)->cycling_phase, 3, 8);
    list(&row(2)->cycling_ped, 8, 0);
    for (int phase_no = 1; phase_no <= 8; phase_no++)
        db.phase[phase_no - 1].yellow_ds = (uint8_t)(30 + phase_no);
    begin(0x22);
    for (int tick = 0; tick < 40000; tick++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        if (random >> 60 == 0)
            detector_put(&in.vehicle, (int)(random >> 32 & 7) + 1, random >> 40 & 1);
        in.pedestrian = random >> 58 == 1 ? 1U << (random >> 32 & 7) : 0;
        if (random >> 56 == 32)
            in.preempt = (uint16_t)(random >> 33 & 3);
        if (!step(&site, 1))
            return;
        for (int no = 1; no <= 16; no++) {
            char now = channel_has(&site.shown.green, no)    ? 'G'
                       : channel_has(&site.shown.yellow, no) ? 'Y'
                                                             : 'R';
            harness_at("tick %d channel %d %c to %c", tick, no, color[no] ? color[no] : '-', now);
            if (tick && now != color[no] &&
                !CHECK(site.status.now_ds >= earliest[no] && site.status.now_ds <= latest[no]))
                return;
            color[no] = now;
        }
        predict_channels(&site.engine, min_ds, max_ds);
        for (int no = 1; no <= 16; no++) {
            earliest[no] = min_ds[no - 1] < 0 ? 0 : site.status.now_ds + min_ds[no - 1];
            latest[no] = max_ds[no - 1] < 0 ? INT64_MAX : site.status.now_ds + max_ds[no - 1];
        }
    }
}

HARNESS_MAIN({"entry at every tenth of a cycle, the phases' minimums", entry_with_own_minimums},
             {"entry at every tenth of a cycle, no minimums", entry_without_minimums},
             {"entry at every tenth of a cycle, over the track", entry_over_the_track},
             {"entry at every tenth of a cycle, shortened clearances", entry_with_short_clearances},
             {"coarse ticks", coarse_ticks},
             {"a yellow of no length is held by the guard", yellow_of_no_length},
             {"predictions hold", predictions_hold})
