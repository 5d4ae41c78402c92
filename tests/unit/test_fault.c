/* Calls that are not served, and what is done about it. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;

enum { P2_6 = 0x22, ACTIVE = ALARM_COORD_ACTIVE, FREE = ALARM_LOCAL_FREE };

static void begin(void)
{
    memset(&in, 0, sizeof in);
    db.unit.cycle_fault_cycles = 2;
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, P2_6));
}

static void run(int64_t until_ds)
{
    do {
        engine_step(&engine, &in, 1, &frame);
        engine_get_status(&engine, &status);
    } while (status.now_ds < until_ds);
    harness_at("%lld.%lld s", (long long)status.now_ds / 10, (long long)status.now_ds % 10);
}

static void omit(uint64_t phases)
{
    struct control_op op = {
        .offset = offsetof(struct control, phase_omit_mask), .size = 8, .clear = UINT64_MAX, .set = phases};
    CHECK_INT(0, engine_command(&engine, &op));
}

static void offer(void)
{
    static struct plan next[2];
    static int turn;
    turn = !turn;
    plan_compile(&next[turn], &db, 1);
    CHECK(engine_adopt(&engine, &next[turn]));
}

/* Plan A in step from the start, and a call on 3, which the centre has omitted, from 10.0 on. */
static void omitted_call(void)
{
    plans_coordinated(&db);
    db.coord.operational_mode = 1;
    begin();
    run(10);
    omit(1 << 2);
    run(99);
    detector_put(&in.vehicle, 3, true);
    run(100);
}

/* cf-1: two cycles of 100 s after the call coordination gives up. */
static void cf_1(void)
{
    omitted_call();
    CHECK(status.coordinated);
    CHECK_HEX(ACTIVE, status.alarm1);
    run(2099);
    CHECK_HEX(ACTIVE, status.alarm1);
    run(2100);
    CHECK_HEX(ALARM_CYCLE_FAULT, status.alarm1 & ALARM_CYCLE_FAULT);
    run(2101);
    CHECK_HEX(ALARM_CYCLE_FAULT | FREE, status.alarm1);
    CHECK_INT(PATTERN_FREE, status.pattern_no);
    CHECK_INT(1, status.requested_pattern_no);
    CHECK_INT(FREE_FAILED, status.free_reason);
}

/* Served in free operation: coordination is tried again, and the fault is forgotten when it holds. */
static void coordination_retried(void)
{
    omitted_call();
    run(2200);
    omit(0);
    while (!(status.green & 1 << 2) && status.now_ds < 5000)
        run(status.now_ds + 1);
    CHECK_HEX(ALARM_COORD_FAULT, status.alarm1 & (ALARM_COORD_FAULT | ALARM_CYCLE_FAULT));
    run(status.now_ds + 2000);
    CHECK_HEX(ALARM_COORD_FAULT | ACTIVE, status.alarm1);
    run(status.now_ds + 3000);
    CHECK_HEX(ACTIVE, status.alarm1);
}

/* Again within the time: coordination is left alone, until another pattern is called. */
static void coordination_fails(void)
{
    db.pattern[1] = db.pattern[0];
    omitted_call();
    run(2200);
    omit(0);
    while (!(status.alarm1 & ACTIVE) && status.now_ds < 6000)
        run(status.now_ds + 1);
    omit(1 << 2);
    run(status.now_ds + 2400);
    CHECK_HEX(ALARM_COORD_FAIL | FREE, status.alarm1);
    omit(0);
    run(status.now_ds + 1000);
    CHECK_HEX(ALARM_COORD_FAIL | FREE, status.alarm1);
    CHECK_INT(FREE_FAILED, status.free_reason);
    db.pattern[1] = db.pattern[0];
    db.coord.operational_mode = 2;
    offer();
    run(status.now_ds + 1000);
    CHECK_HEX(ACTIVE, status.alarm1);
    CHECK_INT(2, status.pattern_no);
}

/* The centre changes its mind about the pattern: that alone is reason enough to try. */
static void another_pattern(void)
{
    plans_coordinated(&db);
    db.pattern[1] = db.pattern[0];
    struct control_op op = {
        .offset = offsetof(struct control, system_pattern_no), .size = 1, .clear = UINT64_MAX, .set = 1};
    begin();
    engine_step(&engine, &in, 1, &frame);
    CHECK_INT(0, engine_command(&engine, &op));
    omit(1 << 2);
    detector_put(&in.vehicle, 3, true);
    run(2500);
    CHECK_INT(FREE_FAILED, status.free_reason);
    op.set = 2;
    CHECK_INT(0, engine_command(&engine, &op));
    run(2510);
    CHECK_HEX(0, status.alarm1 & ALARM_CYCLE_FAULT);
    CHECK(status.free_reason != FREE_FAILED);
}

/* Free: two rounds at their longest, each side two phases of at most 30 + 3 + 1 s. */
static void cycle_fail_in_free(void)
{
    plans_eight(&db);
    begin();
    run(1);
    omit(1 << 2);
    detector_put(&in.vehicle, 3, true);
    run(2 + 2 * 1360 - 1);
    CHECK_HEX(0, status.alarm1);
    run(2 + 2 * 1360);
    CHECK_HEX(ALARM_CYCLE_FAIL, status.alarm1);
    omit(0);
    run(status.now_ds + 200);
    CHECK_HEX(0, status.alarm1);
}

/* A fault that free operation does not cure is a cycle fail as well. */
static void not_cured_in_free(void)
{
    omitted_call();
    run(2110 + 2 * 1400);
    CHECK_HEX(ALARM_CYCLE_FAULT | ALARM_CYCLE_FAIL | FREE, status.alarm1);
}

/* Not a fault: a phase the pattern leaves out, a time under manual control, and with 0 nothing is. */
static void no_fault(void)
{
    plans_coordinated(&db);
    db.coord.operational_mode = 1;
    db.split[0][2].mode = SPLIT_OMITTED;
    db.split[0][3].time_s = 45;
    begin();
    detector_put(&in.vehicle, 3, true);
    run(5000);
    CHECK_HEX(ACTIVE, status.alarm1);

    omitted_call();
    run(1500);
    in.unit = INPUT_MANUAL_CONTROL;
    run(1510);
    CHECK_HEX(FREE, status.alarm1);
    in.unit = 0;
    run(2500);
    CHECK_HEX(0, status.alarm1 & (ALARM_CYCLE_FAULT | ALARM_CYCLE_FAIL));

    omitted_call();
    db.unit.cycle_fault_cycles = 0;
    offer();
    run(6000);
    CHECK_HEX(ACTIVE, status.alarm1);
}

static void local_free(void)
{
    plans_coordinated(&db);
    db.coord.operational_mode = 1;
    begin();
    run(100);
    in.unit = INPUT_FREE;
    run(101);
    CHECK_HEX(FREE, status.alarm1);
    in.unit = 0;
    db.pattern[0].cycle_s = 20;
    offer();
    run(200);
    CHECK_HEX(FREE, status.alarm1);
    db.coord.operational_mode = PATTERN_FREE;
    offer();
    run(300);
    CHECK_HEX(0, status.alarm1);
}

HARNESS_MAIN({"cf-1: a call unserved for two cycles", cf_1},
             {"served in free operation: coordination is tried again", coordination_retried},
             {"coordination fails again and is left alone", coordination_fails},
             {"another pattern is tried", another_pattern},
             {"a call unserved in free operation", cycle_fail_in_free},
             {"a fault that free operation does not cure", not_cured_in_free}, {"what is no fault", no_fault},
             {"free for a reason of its own", local_free}, )
