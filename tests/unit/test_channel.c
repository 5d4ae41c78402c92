/* What the channels light: a trace of what one of them shows, letters and the second of every change. R, Y, G
 * are lit, small ones flash, - is dark. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"
#include <stdio.h>

enum { STEPS_MAX = 16 };

static struct database db;
static struct plan plan;
static struct engine engine;

/* What happens: a detector on or off, or a call of `act`. */
static struct step {
    int at_ds;
    uint64_t on, off; /* detectors */
    void (*act)(void);
} steps[STEPS_MAX];
static int step_count;
static int button_no; /* that is pressed throughout; 0 none */

/* Yellow 3.0, red clearance 2.0, minimum 5, passage 2.0. Channels 1 to 8 are the phases. */
static void begin(void)
{
    plans_eight(&db);
    for (int ix = 0; ix < 8; ix++)
        db.phase[ix].red_clear_ds = 20;
    step_count = 0;
}

static void detectors(double at_s, uint64_t on, uint64_t off)
{
    steps[step_count++] = (struct step){(int)(at_s * 10 + 0.5), on, off, NULL};
}

static void at(double at_s, void (*act)(void))
{
    steps[step_count++] = (struct step){(int)(at_s * 10 + 0.5), 0, 0, act};
}

static void add_overlap(int no, const char *included, int channel_no)
{
    struct overlap_row *row = &db.overlap[no - 1];
    row->type = OVERLAP_NORMAL;
    for (; *included; included++)
        row->included.number[row->included.count++] = (uint8_t)(*included - '0');
    db.channel[channel_no - 1] = (struct channel_row){.source_no = (uint8_t)no, .type = CHANNEL_OVERLAP};
}

static void letters(const struct frame *f, int no, char text[4])
{
    bool flashing = channel_has(&f->flashing, no);
    size_t used = 0;
    if (channel_has(&f->red, no))
        text[used++] = flashing ? 'r' : 'R';
    if (channel_has(&f->yellow, no))
        text[used++] = flashing ? 'y' : 'Y';
    if (channel_has(&f->green, no))
        text[used++] = flashing ? 'g' : 'G';
    if (used == 0)
        text[used++] = '-';
    text[used] = '\0';
}

/* Starts with `start` green and plays `seconds`: the trace of channel `no`. */
static const char *trace(uint64_t start, int no, int seconds)
{
    static char text[256];
    char last[4] = "", now[4];
    size_t used = 0;
    struct inputs in = {.pedestrian = button_no ? mask_of(button_no) : 0};
    struct frame frame;
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, start));
    text[0] = '\0';
    for (int at_ds = 0; at_ds <= seconds * 10; at_ds++) {
        for (int i = 0; i < step_count; i++) {
            if (steps[i].at_ds != at_ds)
                continue;
            in.vehicle.word[0] = (in.vehicle.word[0] | steps[i].on) & ~steps[i].off;
            if (steps[i].act)
                steps[i].act();
        }
        engine_step(&engine, &in, 1, &frame);
        letters(&frame, no, now);
        if (strcmp(now, last) != 0 && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %d.%d", used ? ", " : "", now,
                                     at_ds / 10, at_ds % 10);
        strcpy(last, now);
    }
    return text;
}

/* ---- red-yellow ---- */

static void omit_4(void)
{
    engine_command(&engine, &(struct control_op){.offset = offsetof(struct control, phase_omit_mask),
                                                 .size = 8,
                                                 .set = mask_of(4)});
}

static void red_yellow_runs_beside_clearances(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 20;
    detectors(0, mask_of(4), 0);
    CHECK_STR("R 0.0, RY 8.0, G 10.0", trace(mask_of(2), 4, 12));
    CHECK_STR("G 0.0, Y 5.0, R 8.0", trace(mask_of(2), 2, 12));
}

static void red_yellow_begins_in_the_others_yellow(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 20;
    db.phase[2 - 1].red_clear_ds = 5;
    detectors(0, mask_of(4), 0);
    CHECK_STR("R 0.0, RY 6.5, G 8.5", trace(mask_of(2), 4, 12));
}

static void a_long_red_yellow_lengthens_the_clearance(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 60;
    detectors(0, mask_of(4), 0);
    CHECK_STR("R 0.0, RY 5.0, G 11.0", trace(mask_of(2), 4, 12));
}

static void red_yellow_waits_for_the_slower_ring(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = db.phase[8 - 1].red_yellow_ds = 20;
    db.phase[6 - 1].red_clear_ds = 45;
    detectors(0, mask_of(4) | mask_of(8), 0);
    CHECK_STR("R 0.0, RY 10.5, G 12.5", trace(mask_of(2) | mask_of(6), 4, 14));
    CHECK_STR("R 0.0, RY 10.5, G 12.5", trace(mask_of(2) | mask_of(6), 8, 14));
}

static void unequal_red_yellows_end_together(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 20;
    db.phase[8 - 1].red_yellow_ds = 60;
    detectors(0, mask_of(4) | mask_of(8), 0);
    CHECK_STR("R 0.0, RY 9.0, G 11.0", trace(mask_of(2) | mask_of(6), 4, 14));
    CHECK_STR("R 0.0, RY 5.0, G 11.0", trace(mask_of(2) | mask_of(6), 8, 14));
}

static void red_yellow_outlives_an_omit(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 20;
    detectors(0, mask_of(4) | mask_of(3), 0);
    detectors(1, 0, mask_of(3));
    at(9.0, omit_4);
    CHECK_STR("R 0.0, RY 8.0, G 10.0", trace(mask_of(2), 4, 12));
    at(7.9, omit_4);
    CHECK_STR("R 0.0", trace(mask_of(2), 4, 12));
}

static struct plan other;

/* Any structural difference will do. */
static void offer_other_plan(void)
{
    struct database changed = db;
    changed.phase[1 - 1].options = 0;
    plan_compile(&other, &changed, 1);
    CHECK(!engine_adopt(&engine, &other));
}

static void adopt_other_plan(void)
{
    CHECK(engine_adopt(&engine, &other));
}

static void red_yellow_outlives_a_structural_plan(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 20;
    detectors(0, mask_of(4), 0);
    detectors(9.5, 0, mask_of(4));
    at(9.0, offer_other_plan);
    CHECK_STR("R 0.0, RY 8.0, G 10.0, Y 15.0, R 18.0", trace(mask_of(2), 4, 22));
}

/* The plan drains the junction; 4, which comes next, has no red of its own to wait for. */
static void red_revert_of_an_overlap_outlives_a_structural_plan(void)
{
    begin();
    db.phase[2 - 1].red_revert_ds = 100;
    add_overlap(1, "24", 20);
    detectors(0, mask_of(4), 0);
    at(1.0, offer_other_plan);
    at(11.0, adopt_other_plan);
    CHECK_STR("G 0.0, Y 5.0, R 8.0, G 18.0", trace(mask_of(2), 20, 20));
}

static void an_overlap_shows_the_red_yellow_of_its_phase(void)
{
    begin();
    db.phase[3 - 1].red_yellow_ds = db.phase[4 - 1].red_yellow_ds = 20;
    add_overlap(1, "34", 9);
    detectors(0, mask_of(3) | mask_of(4), 0);
    detectors(11, 0, mask_of(3));
    CHECK_STR("R 0.0, RY 8.0, G 10.0", trace(mask_of(2), 9, 25)); /* and stays green into 4 */
}

static void an_idle_ring_shows_red_yellow_first(void)
{
    begin();
    db.phase[6 - 1].red_yellow_ds = 20;
    detectors(3.0, mask_of(6), 0);
    CHECK_STR("R 0.0, RY 3.0, G 5.0", trace(mask_of(2), 6, 8));
}

static void red_yellow_ends_the_lead_of_pedestrians(void)
{
    begin();
    db.phase[4 - 1].red_yellow_ds = 20;
    db.phase[4 - 1].walk_s = 5;
    db.phase[4 - 1].ped_advance_walk_ds = 30;
    detectors(0, mask_of(4), 0);
    CHECK_STR("R 0.0, RY 8.0, G 10.0", trace(mask_of(2), 4, 12));
    button_no = 4;
    CHECK_STR("R 0.0, RY 11.0, G 13.0", trace(mask_of(2), 4, 14));
    CHECK_STR("R 0.0, G 10.0", trace(mask_of(2), 14, 14));
    button_no = 0;
}

/* ---- dark ---- */

static void an_arrow_is_dark_outside_its_phase(void)
{
    begin();
    db.channel[4 - 1].dark_when_red = 1;
    db.phase[4 - 1].red_yellow_ds = 20;
    detectors(0, mask_of(4), 0);
    detectors(11, mask_of(2), mask_of(4));
    CHECK_STR("- 0.0, RY 8.0, G 10.0, Y 15.0, - 18.0", trace(mask_of(2), 4, 21));
}

static void no_walk_with_green_6(void)
{
    engine.ctl.no_walk_start |= mask_of(6); /* as start-up asks for it */
}

/* The call of a green that began without its walk may be taken up while it runs, but not as it begins, before
 * the overlap is seen that the walk would meet. */
static void a_green_does_not_recycle_into_an_overlap(void)
{
    begin();
    db.phase[6 - 1].walk_s = 5;
    db.phase[6 - 1].ped_clear_s = 8;
    db.phase[6 - 1].ped_walk_service = 2;
    db.pedestrian_detector[6 - 1].call_phase_no = 6;
    add_overlap(1, "2", 20);
    db.overlap[0].conflicting_peds = (struct phase_list){.count = 1, .number = {6}};
    db.channel[21 - 1] = (struct channel_row){.source_no = 6, .type = CHANNEL_PEDESTRIAN};
    button_no = 6;
    at(0.1, no_walk_with_green_6);
    detectors(0.1, mask_of(6), 0);
    CHECK_STR("R 0.0, G 0.1", trace(mask_of(2), 6, 20));
    CHECK_STR("G 0.0, Y 0.1, R 3.1", trace(mask_of(2), 20, 20));
    CHECK_STR("R 0.0, G 5.2, r 10.2", trace(mask_of(2), 21, 18));
    button_no = 0;
}

static void lamps_off(void)
{
    engine.ctl.timebase.lamps_off = true;
}

static void lamps_on(void)
{
    engine.ctl.timebase.lamps_off = false;
}

static void a_channel_goes_off_and_comes_back_in_red(void)
{
    begin();
    db.channel[2 - 1].off_by_schedule = 1;
    detectors(0, mask_of(4), 0);
    detectors(11, mask_of(2), mask_of(4));
    at(1.0, lamps_off);
    at(21.0, lamps_on);
    detectors(21, mask_of(4), 0);
    detectors(41, 0, mask_of(2));
    /* 2 is green from 20.0 to 43.0 in the dark */
    CHECK_STR("G 0.0, Y 5.0, - 8.0, R 46.0", trace(mask_of(2), 2, 48));
}

HARNESS_MAIN({"red-yellow runs beside the clearances of others", red_yellow_runs_beside_clearances},
             {"red-yellow begins in the yellow of others", red_yellow_begins_in_the_others_yellow},
             {"a red-yellow longer than the clearances lengthens them",
              a_long_red_yellow_lengthens_the_clearance},
             {"over a barrier red-yellow waits for the slower ring", red_yellow_waits_for_the_slower_ring},
             {"unequal red-yellows end together", unequal_red_yellows_end_together},
             {"red-yellow outlives an omit", red_yellow_outlives_an_omit},
             {"red-yellow outlives a structural plan", red_yellow_outlives_a_structural_plan},
             {"red revert of an overlap outlives a structural plan",
              red_revert_of_an_overlap_outlives_a_structural_plan},
             {"an overlap shows the red-yellow of its phase", an_overlap_shows_the_red_yellow_of_its_phase},
             {"an idle ring shows red-yellow first", an_idle_ring_shows_red_yellow_first},
             {"red-yellow ends the lead of pedestrians", red_yellow_ends_the_lead_of_pedestrians},
             {"an arrow is dark outside its phase", an_arrow_is_dark_outside_its_phase},
             {"a green does not recycle into an overlap", a_green_does_not_recycle_into_an_overlap},
             {"a channel goes off and comes back in red", a_channel_goes_off_and_comes_back_in_red})
