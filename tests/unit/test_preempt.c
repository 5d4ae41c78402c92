/* Who is served, what the dwell does, and where the exit leads. */
#include "preempt_fixture.h"

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
    CHECK(!logged(EVENT_PREEMPT_EXIT, 2, 401));
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

/* The plan that comes has no link any more. */
static void link_taken_out_of_the_plan(void)
{
    static struct plan unlinked;
    junction();
    preempt(1, 4, 7);
    preempt(2, 2, 6);
    row(2)->link_no = 1;
    begin(0x22);
    call(2, true);
    run(300);
    CHECK_INT(1, site.status.preempt_no);
    row(2)->link_no = 0;
    plan_compile(&unlinked, &db, 1);
    CHECK(engine_adopt(&site.engine, &unlinked));
    run(301);
    CHECK(logged(EVENT_PREEMPT_CALL_OFF, 1, 301));
    CHECK_INT(2, site.status.preempt_no);
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

/* Sixteen phases in two clusters that never wait for each other: the preempt leads both. */
static void clusters_are_led_together(void)
{
    junction();
    for (int phase_no = 9; phase_no <= 16; phase_no++)
        plans_phase(&db, phase_no, phase_no <= 12 ? 3 : 4);
    for (int a = 9; a <= 10; a++)
        for (int b = 13; b <= 14; b++) {
            plans_concurrent(&db, a, b);
            plans_concurrent(&db, a + 2, b + 2);
        }
    for (int a = 1; a <= 8; a++)
        for (int b = 9; b <= 16; b++)
            plans_concurrent(&db, a, b);
    preempt(1, 2, 6);
    preempt(2, 2, 12);
    list(&row(2)->cycling_phase, 1, 16);
    begin(0x2222);
    call(1, true);
    run(100);
    CHECK_INT(PREEMPT_DWELL, stage(1));
    CHECK_HEX(0x0022, site.status.green);
    call(1, false);
    call(2, true);
    run(200);
    CHECK_INT(PREEMPT_DWELL, stage(2));
    CHECK_HEX(0x0802, site.status.green);
    detector_put(&in.vehicle, 16, true);
    detector_put(&in.vehicle, 13, true);
    run(300);
    CHECK_HEX(0x8802, site.status.green);
}

HARNESS_MAIN({"the centre calls, and is forgotten when it falls silent", centre_calls},
             {"a preempt not enabled, or without phases, is inert", disabled_preempt_is_inert},
             {"the advance clears the walks and keeps the call", advance_clears_the_walks},
             {"a call beyond the maximum presence is ignored until it changes", maximum_presence_ends_belief},
             {"or answered by all-red flash", maximum_presence_flashes_red},
             {"a lower number overrides a higher one", lower_number_overrides},
             {"equals wait for each other", equals_wait_for_each_other},
             {"track clearance of a railway is never interrupted", track_clearance_of_a_railway_stands},
             {"a link calls the higher preempt", link_calls_the_higher},
             {"a link to a lower rank is none", link_to_a_lower_rank_is_none},
             {"a link taken out of the plan", link_taken_out_of_the_plan},
             {"a locking call is kept until its dwell", memory_lasts_until_the_dwell},
             {"dwell serves its pedestrians", dwell_serves_its_peds},
             {"dwell cycles by calls", dwell_cycles_by_calls},
             {"dwell of cycling phases alone", dwell_of_cycling_phases_alone},
             {"dwell follows its own sequence", dwell_follows_its_sequence}, {"dwell flashes", dwell_flashes},
             {"the exit leaves calls", exit_calls_everybody},
             {"exit to the longest queue", exit_to_the_longest_queue},
             {"exit to the phase cut short", exit_to_the_one_cut_short},
             {"sets in conflict are reduced", conflicting_sets_are_reduced},
             {"clusters are led together", clusters_are_led_together})
