/* Priority on plan A, local time from the begin of the sequence: greens held and greens hurried, and what
 * stays where it is. */
#include "../../phases/engine.h"
#include "harness.h"
#include "plans.h"

static struct database db;
static struct plan plan;
static struct engine engine;
static struct inputs in;
static struct frame frame;
static struct engine_status status;
static int64_t green_at[PHASES_MAX], yellow_at[PHASES_MAX];
static uint64_t event_cursor;

static void begin(void)
{
    memset(&in, 0, sizeof(in));
    event_cursor = 0;
    plan_compile(&plan, &db, 1);
    CHECK_INT(0, engine_init_green(&engine, &plan, 0x22));
    engine_get_status(&engine, &status);
}

static void run(int64_t until_ds)
{
    while (status.now_ds < until_ds) {
        uint64_t before = status.green;
        int ix;
        engine_step(&engine, &in, 1, &frame);
        engine_get_status(&engine, &status);
        FOR_EACH_BIT(ix, status.green & ~before)
            green_at[ix] = status.now_ds;
        FOR_EACH_BIT(ix, before & ~status.green)
            yellow_at[ix] = status.now_ds;
    }
}

/* How often the code was written since the last forget_events(). */
static int events(int code)
{
    struct hires_event event;
    uint64_t cursor = event_cursor, lost = 0;
    int count = 0;
    while (hires_read(&engine.obs.events, &cursor, &event, 1, &lost))
        count += event.code == code;
    return count;
}

static void forget_events(void)
{
    event_cursor = engine.obs.events.written;
}

/* A bus line on phase 2; 3, 4, 7 and 8 may lose ten seconds each, none below its minimum. */
static void coordinate(void)
{
    plans_coordinated(&db);
    db.coord.operational_mode = 1;
    db.pattern[0].sync_point = SYNC_SEQUENCE_START;
    db.priority.request[0] = (struct priority_row){
        .enabled = 1,
        .class_no = 1,
        .arrival_s = 10,
        .max_extension_s = 10,
        .early_green = 1,
        .lockout_cycles = 2,
        .phase = {.count = 1, .number = {2}},
    };
    for (int phase_no = 3; phase_no <= 8; phase_no++)
        if (phase_no != 5 && phase_no != 6)
            db.priority.max_reduction_s[phase_no - 1] = 10;
    db.phase[3].minimum_green_s = 7;
}

static void occupy(uint64_t phases)
{
    in.vehicle.word[0] = phases;
}

static void a_green_is_held_for_the_bus(void)
{
    coordinate();
    begin();
    occupy(0xbf); /* nobody on 7 */
    run(3459);
    in.priority = 1; /* acts at local 46.0 */
    run(3539);
    in.priority = 0;
    run(4600);
    CHECK_INT(1, events(EVENT_PRIORITY_EXTENSION));
    CHECK_INT(1550 + 3000, green_at[2]); /* the next cycle again as planned */
    coordinate();
    begin();
    occupy(0xbf);
    run(3459);
    in.priority = 1;
    run(3539);
    in.priority = 0;
    run(3999);
    CHECK_INT(3540, yellow_at[1]);
    CHECK_INT(3590, green_at[2]);
    CHECK_INT(3650, yellow_at[2]);
    CHECK_INT(3700, green_at[3]);
    CHECK_INT(3950, yellow_at[3]);
}

/* It never checks out: the extension ends when the next phase has nothing left to give. */
static void an_extension_is_bounded(void)
{
    coordinate();
    begin();
    occupy(0xbf);
    run(3459);
    in.priority = 1;
    run(3999);
    CHECK_INT(3550, yellow_at[1]);
    CHECK_INT(3600, green_at[2]);
    CHECK_INT(3650, yellow_at[2]);
}

static void a_bus_too_far_away_holds_nothing(void)
{
    coordinate();
    db.priority.request[0].arrival_s = 40;
    begin();
    occupy(0xbf);
    run(3459);
    in.priority = 1;
    run(3999);
    CHECK_INT(3500, yellow_at[1]);
}

static void a_red_is_shortened(void)
{
    coordinate();
    begin();
    occupy(0xbb); /* nobody on 3 and 7 */
    run(3499);
    occupy(0xbf);
    run(3699);
    in.priority = 1; /* acts at local 70.0, when 4 turns green */
    run(4300);
    CHECK_INT(3700, green_at[3]);
    CHECK_INT(3850, yellow_at[3]);
    CHECK_INT(3850, yellow_at[7]);
    CHECK_INT(3900, green_at[0]);
    in.priority = 0;
    run(4999);
    CHECK_INT(4500, yellow_at[1]); /* the yield is where it was */
    CHECK_INT(1, events(EVENT_PRIORITY_EARLY_GREEN));
    CHECK_INT(1, events(EVENT_PRIORITY_SERVICE_START));
    CHECK_INT(1, events(EVENT_PRIORITY_SERVICE_END));
    CHECK_INT(events(EVENT_PRIORITY_FORCE_OFF), events(EVENT_PRIORITY_FORCES_OFF));
    CHECK(events(EVENT_PRIORITY_FORCES_OFF) > 0);
    CHECK_INT(1, events(EVENT_PRIORITY_DETECTOR_ON));
    CHECK_INT(1, events(EVENT_PRIORITY_DETECTOR_OFF));
}

static void locked_out_after_a_service(void)
{
    coordinate();
    begin();
    occupy(0xff);
    run(3459);
    in.priority = 1;
    run(3539);
    in.priority = 0;
    run(4069);
    forget_events();
    in.priority = 1; /* 60 s later: logged, not adjusted */
    run(5500);
    CHECK_INT(1, events(EVENT_PRIORITY_CHECK_IN));
    CHECK_INT(0, events(EVENT_PRIORITY_EARLY_GREEN) + events(EVENT_PRIORITY_EXTENSION));
    run(6000); /* two cycles after the service it is */
    CHECK_INT(1, events(EVENT_PRIORITY_EARLY_GREEN));
}

/* A phase that may be skipped is, but not a second time before it had its green. */
static void a_phase_is_skipped_once_in_a_row(void)
{
    coordinate();
    db.priority.request[0].lockout_cycles = 0;
    db.priority.request[0].max_extension_s = 0;
    db.priority.request[0].omit = (struct phase_list){.count = 2, .number = {1, 5}};
    begin();
    occupy(0xff);
    int64_t served_at = green_at[0], longest_ds = 0;
    bool skipped = false;
    for (int cycle = 0; cycle < 12; cycle++) {
        in.priority = 0;
        run(status.now_ds + 100);
        in.priority = 1; /* a bus in every cycle */
        run(status.now_ds + 900);
        skipped = skipped || green_at[0] == served_at;
        longest_ds = status.now_ds - green_at[0] > longest_ds ? status.now_ds - green_at[0] : longest_ds;
        served_at = green_at[0];
    }
    CHECK(skipped);
    CHECK(longest_ds <= 2500);
}

/* Walk and clearance of a phase in the way run to their ends. */
static void no_pedestrian_is_hurried(void)
{
    coordinate();
    db.phase[3].walk_s = 7;
    db.phase[3].ped_clear_s = 15;
    begin();
    occupy(0x22);
    in.pedestrian = mask_of(4);
    run(3499);
    in.priority = 1;
    run(3999);
    CHECK(yellow_at[3] - green_at[3] >= 220);
}

/* Free operation: held up to the extension beyond the gap, and others ended at their minimum. */
static void without_a_cycle(void)
{
    coordinate();
    db.coord.operational_mode = 0;
    begin();
    run(100);
    in.vehicle.word[0] = mask_of(4);
    in.priority = 1; /* acts at 10.1; nothing keeps the green but the request */
    run(300);
    CHECK_INT(201, yellow_at[1]);
    in.priority = 0;
    run(310);
    coordinate();
    db.coord.operational_mode = 0;
    begin();
    in.vehicle.word[0] = mask_of(4);
    run(150);
    CHECK_HEX(mask_of(4), status.green);
    in.priority = 1;
    run(300);
    CHECK_INT(100, green_at[3]);
    CHECK_INT(170, yellow_at[3]);
}

HARNESS_MAIN({"a green is held for the bus", a_green_is_held_for_the_bus},
             {"an extension is bounded", an_extension_is_bounded},
             {"a bus too far away holds nothing", a_bus_too_far_away_holds_nothing},
             {"a red is shortened", a_red_is_shortened},
             {"locked out after a service", locked_out_after_a_service},
             {"a phase is skipped once in a row", a_phase_is_skipped_once_in_a_row},
             {"no pedestrian is hurried", no_pedestrian_is_hurried}, {"without a cycle", without_a_cycle})
