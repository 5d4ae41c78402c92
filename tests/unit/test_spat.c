/* What is told in flash, by hand and under a preempt, and of red with yellow. What holds in free running
 * traffic is in property_spat. */
#include "../../phases/engine.h"
#include "../../phases/predict.h"
#include "../../phases/spat.h"
#include "harness.h"
#include "plans.h"
#include <string.h>

static struct database db;
static struct plan plan;
static struct engine engine;
static struct engine_status status;
static struct frame frame;
static struct inputs in;
static struct spat spat;

static void begin(void)
{
    memset(&in, 0, sizeof in);
    plan_compile(&plan, &db, 1);
    engine_init(&engine, &plan);
}

static void run(int ticks)
{
    int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    while (ticks-- > 0)
        engine_step(&engine, &in, 1, &frame);
    engine_get_status(&engine, &status);
    predict_channels(&engine, min_ds, max_ds);
    spat_collect(&engine, &status, &frame, min_ds, max_ds, false, &spat);
}

static void run_until_green(int phase_no)
{
    for (int ticks = 0; ticks < 3000 && !mask_has(spat.green, phase_no); ticks++)
        run(1);
    CHECK(mask_has(spat.green, phase_no));
}

static void start_up_flashes(void)
{
    plans_eight(&db);
    db.unit.startup_flash_s = 10;
    begin();
    run(1);
    CHECK(frame.all_flash);
    CHECK_HEX(SPAT_PROGRAMMED_FLASH, spat.status);
    CHECK_HEX(0xFF, spat.flashing);
    CHECK_HEX(0xFF, spat.red | spat.yellow);
    CHECK_HEX(0, spat.green | (spat.red & spat.yellow));
    CHECK_HEX(0, spat.walk | spat.dont_walk | spat.ped_clear);
    CHECK_INT(0, spat.vehicle[1].min_ds);
    CHECK_HEX(SPAT_UNKNOWN_DS, spat.vehicle[1].max_ds);
    spat_collect(&engine, &status, &frame, (int32_t[CHANNELS_MAX]){0}, (int32_t[CHANNELS_MAX]){0}, true,
                 &spat);
    CHECK_HEX(SPAT_FAULT_FLASH, spat.status);
}

static void what_is_not_there(void)
{
    plans_eight(&db);
    begin();
    run_until_green(2);
    CHECK_HEX(0, spat.flashing);
    for (int ix = 8; ix < SPAT_ROWS; ix++) {
        CHECK_INT(0, spat.vehicle[ix].min_ds);
        CHECK_HEX(SPAT_UNKNOWN_DS, spat.vehicle[ix].max_ds);
    }
    CHECK(spat.vehicle[1].min_ds > 0);
}

static void hands_and_buttons(void)
{
    plans_eight(&db);
    db.phase[3].walk_s = db.phase[3].ped_clear_s = 7;
    begin();
    run_until_green(2);
    in.unit = INPUT_STOP_TIME;
    run(1);
    CHECK_HEX(SPAT_STOP_TIME, spat.status & SPAT_STOP_TIME);
    in.unit = INPUT_MANUAL_CONTROL;
    run(1);
    CHECK_HEX(SPAT_MANUAL, spat.status);
    in.unit = 0;
    in.pedestrian = mask_of(4);
    run(1);
    CHECK_HEX(0x08, spat.ped_pressed);
    CHECK_HEX(0x08, spat.ped_call & 0x08);
    in.pedestrian = 0;
    run(1);
    CHECK_HEX(0, spat.ped_pressed);
    CHECK_HEX(0x08, spat.ped_call & 0x08);
}

static void red_with_yellow(void)
{
    bool seen = false;
    plans_eight(&db);
    for (int ix = 0; ix < 8; ix++) {
        db.phase[ix].red_yellow_ds = 20;
        db.phase[ix].options |= PHASE_MAX_RECALL;
    }
    begin();
    for (int tick = 0; tick < 3000 && !harness_failed(); tick++) {
        run(1);
        for (int ix = 0; ix < 8 && !frame.all_flash; ix++) {
            if (spat.red >> ix & 1)
                CHECK_HEX(SPAT_UNKNOWN_DS, spat.vehicle[ix].max_ds);
            else
                seen = seen || spat.vehicle[ix].max_ds != SPAT_UNKNOWN_DS;
        }
        CHECK_HEX(0, spat.red & spat.yellow);
    }
    CHECK(seen);
}

HARNESS_MAIN({"start-up flashes, and says which colour", start_up_flashes},
             {"nothing is told of what is not there", what_is_not_there},
             {"hands and push buttons show", hands_and_buttons},
             {"red with yellow is red, and its end is not promised", red_with_yellow}, )
