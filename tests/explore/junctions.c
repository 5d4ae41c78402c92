#include "junctions.h"
#include "../unit/plans.h"
#include <stdio.h>
#include <string.h>

/* One thing a junction may have beside vehicles and pedestrians: what it adds to the database, what may
 * happen there, and how the second database differs from the first. */
struct feature {
    const char *name;
    void (*build)(struct junction *j);
    void (*vary)(struct database *db);
};

static struct choice *add(struct junction *j, const char *name)
{
    struct choice *choice = &j->choice[j->choices++];
    memset(choice, 0, sizeof *choice);
    snprintf(choice->name, sizeof choice->name, "%s", name);
    return choice;
}

/* ---- phases and traffic ---- */

/* Phases 1-4 in ring 1 and 5-8 in ring 2, a barrier behind 2 and 6; of these the ones that are used. */
static const struct {
    const char *name;
    uint64_t phases;
} shapes[] = {
    {"eight", 0xff},
    {"five", 0xab}, /* 1, 2 | 4 and 6 | 8 */
    {"tee", 0x2b},  /* 1, 2 | 4 and 6 */
};

/* Every duration is one or two steps long, or nothing: one red clearance of each pair is left out. */
static void build_phases(struct database *db, uint64_t phases)
{
    plans_eight(db);
    for (int no = 1; no <= 8; no++) {
        struct phase_row *row = &db->phase[no - 1];
        bool through = no % 2 == 0;
        row->options = 0;
        if (mask_has(phases, no))
            row->options = (uint16_t)(PHASE_ENABLED | (through ? PHASE_DUAL_ENTRY : 0));
        row->minimum_green_s = no == 2 || no == 8 ? 6 : 3;
        row->passage_ds = through ? 30 : 0;
        row->maximum1_s = through ? 9 : 6;
        row->red_clear_ds = no == 2 || no == 3 || no == 8 ? 30 : 0;
        row->walk_s = through ? 3 : 0;
        row->ped_clear_s = through ? 3 : 0;
    }
    db->unit.red_revert_ds = 60;
    db->unit.startup_flash_s = 3;
    db->unit.startup_all_red_s = 3;
}

static void add_numbered(struct junction *j, const char *what, int no, uint64_t cars, uint64_t buttons)
{
    char name[32];
    snprintf(name, sizeof name, "%s %d", what, no);
    struct choice *choice = add(j, name);
    choice->cars = cars;
    choice->buttons = buttons;
}

static void traffic(struct junction *j)
{
    add(j, "-");
    add(j, "cars everywhere")->cars = 0xff;
    for (int no = 1; no <= 8; no++) {
        if (!database_phase_enabled(&j->db[0], no))
            continue;
        add_numbered(j, "car", no, mask_of(no), 0);
        if (j->db[0].phase[no - 1].walk_s)
            add_numbered(j, "button", no, 0, mask_of(no));
    }
}

static void cars_in_pairs(struct junction *j)
{
    for (int a = 1; a <= 8; a++)
        for (int b = a + 1; b <= 8; b++)
            if (database_phase_enabled(&j->db[0], a) && database_phase_enabled(&j->db[0], b))
                add_numbered(j, "cars", 10 * a + b, mask_of(a) | mask_of(b), 0);
}

static struct phase_list one(int no)
{
    return (struct phase_list){1, {(uint8_t)no}};
}

static struct phase_list two(int a, int b)
{
    return (struct phase_list){2, {(uint8_t)a, (uint8_t)b}};
}

/* ---- options of the phases ---- */

static void greens(struct junction *j)
{
    struct phase_row *phase = j->db[0].phase;
    phase[1 - 1].flashing_green_s = 3;
    phase[2 - 1].options |= PHASE_MIN_RECALL | PHASE_CONDITIONAL_SERVICE;
    phase[4 - 1].dynamic_max_limit_s = 12;
    phase[4 - 1].dynamic_max_step_ds = 30;
    phase[4 - 1].flashing_green_s = 3;
    phase[4 - 1].ped_clear_before_flash = 0;
    phase[6 - 1].options |= PHASE_GUARANTEED_PASSAGE | PHASE_SOFT_RECALL;
    phase[6 - 1].time_before_reduction_s = 3;
    phase[6 - 1].cars_before_reduction = 2;
    phase[6 - 1].time_to_reduce_s = 3;
    phase[6 - 1].red_yellow_ds = 30;
    phase[8 - 1].options |= PHASE_SIMULTANEOUS_GAP_DISABLE;
}

static void walks(struct junction *j)
{
    struct phase_row *phase = j->db[0].phase;
    phase[2 - 1].options |= PHASE_REST_IN_WALK;
    phase[4 - 1].ped_advance_walk_ds = 30;
    phase[6 - 1].ped_walk_service = 2;
    phase[6 - 1].dont_walk_revert_ds = 30;
    phase[6 - 1].ped_delay_ds = 30;
    phase[8 - 1].options |= PHASE_PED_RECALL;
    phase[8 - 1].ped_clear_into_yellow_red_ds = 30;
}

static void detectors(struct junction *j)
{
    struct vehicle_detector_row *detector = j->db[0].vehicle_detector;
    detector[1 - 1].delay_ds = 60;
    detector[2 - 1].extend_ds = 30;
    detector[6 - 1].options |= DETECTOR_QUEUE;
    detector[6 - 1].queue_limit_s = 6;
    j->db[0].phase[4 - 1].options |= PHASE_NON_LOCKING;
    detector[4 - 1].options |= DETECTOR_RED_LOCK;
}

/* ---- overlaps ---- */

/* A turns with 1 and 2, one after the other; B trails 2; C goes with 6, but not beside 1. */
static void overlaps(struct junction *j)
{
    j->db[0].overlap[0] = (struct overlap_row){.type = OVERLAP_NORMAL, .included = two(1, 2)};
    j->db[0].overlap[1] = (struct overlap_row){
        .type = OVERLAP_NORMAL,
        .trail_green_s = 3,
        .trail_yellow_ds = 30,
        .trail_red_ds = 30,
        .included = one(2),
    };
    j->db[0].overlap[2] = (struct overlap_row){
        .type = OVERLAP_MINUS_GREEN_YELLOW,
        .after_modifier = 1,
        .included = one(6),
        .modifier = one(1),
    };
}

/* D turns left: protected with 1, flashing beside 2, unless pedestrians of 2 cross. */
static void arrows(struct junction *j)
{
    j->db[0].overlap[3] = (struct overlap_row){
        .type = OVERLAP_FLASHING_YELLOW_3,
        .arrow_delay_ds = 30,
        .included = one(2),
        .modifier = one(1),
        .conflicting_peds = one(2),
    };
}

/* ---- commands of the centre ---- */

/* A bit of a control word is set or cleared. */
static void command(struct junction *j, const char *name, size_t offset, uint8_t size, uint64_t bit)
{
    char text[32];
    for (int on = 1; on >= 0; on--) {
        snprintf(text, sizeof text, "%s %s", name, on ? "on" : "off");
        add(j, text)->command =
            (struct control_op){.offset = (uint16_t)offset, .size = size, .clear = bit, .set = on ? bit : 0};
    }
}

static void commands(struct junction *j)
{
    command(j, "hold 2", offsetof(struct control, hold_mask), 8, mask_of(2));
    command(j, "force off 6", offsetof(struct control, force_off_mask), 8, mask_of(6));
    command(j, "force off ring 1", offsetof(struct control, ring_force_off_mask), 1, 1);
    command(j, "omit 4", offsetof(struct control, phase_omit_mask), 8, mask_of(4));
    command(j, "ped omit 6", offsetof(struct control, ped_omit_mask), 8, mask_of(6));
}

/* ---- a hand on the switches ---- */

static struct choice *turn(struct junction *j, const char *name, uint32_t unit)
{
    struct choice *choice = add(j, name);
    choice->turned = unit;
    return choice;
}

static void manual(struct junction *j)
{
    turn(j, "manual control", INPUT_MANUAL_CONTROL);
    add(j, "interval advance")->pressed = INPUT_INTERVAL_ADVANCE;
}

static void stop_time(struct junction *j)
{
    turn(j, "stop time", INPUT_STOP_TIME);
}

/* Flash is entered from the side street and left to the main street, after a moment of red. */
static void flash(struct junction *j)
{
    turn(j, "flash", INPUT_AUTOMATIC_FLASH)->disturbs = true;
    j->db[0].phase[4 - 1].options |= PHASE_FLASH_ENTRY;
    j->db[0].phase[2 - 1].options |= PHASE_FLASH_EXIT;
    j->db[0].phase[6 - 1].options |= PHASE_FLASH_EXIT;
    j->db[0].unit.flash_exit_red_s = 3;
}

/* ---- a preempt ---- */

/* A railway crosses the side street: 4 clears the track, the main street stays green while the train
 * passes. On the way in everything is as short as it may be. */
static void preempt(struct junction *j)
{
    j->db[0].phase[2 - 1].yellow_ds = j->db[0].phase[4 - 1].yellow_ds = 60;
    j->db[0].preempt[0] = (struct preempt_row){
        .control = PREEMPT_ENABLED,
        .minimum_green_s = 0,
        .minimum_walk_s = 0,
        .enter_ped_clear_s = 3,
        .enter_yellow_ds = 30,
        .enter_red_clear_ds = 0,
        .track_green_s = 6,
        .track_yellow_ds = 30,
        .track_red_clear_ds = 0,
        .dwell_green_s = 3,
        .minimum_duration_s = 12,
        .sequence_no = 1,
        .exit_type = PREEMPT_EXIT_PHASES,
        .railroad = 1,
        .track_phase = one(4),
        .dwell_phase = two(2, 6),
        .dwell_ped = one(6),
        .exit_phase = one(4),
    };
    add(j, "train")->preempt = 1;
}

/* A fire engine on the main street may come at any time and stand there too long; while it is there the
 * left turn is served by calls. */
static void emergency(struct junction *j)
{
    j->db[0].preempt[1] = (struct preempt_row){
        .control = PREEMPT_ENABLED | PREEMPT_NON_LOCKING | PREEMPT_ALL_RED_FLASH,
        .delay_s = 3,
        .maximum_presence_s = 24,
        .minimum_green_s = 3,
        .minimum_walk_s = UINT8_MAX,
        .enter_ped_clear_s = UINT8_MAX,
        .enter_yellow_ds = UINT8_MAX,
        .enter_red_clear_ds = UINT8_MAX,
        .dwell_green_s = 6,
        .sequence_no = 1,
        .exit_type = PREEMPT_EXIT_SHORT_SERVICE,
        .dwell_phase = one(2),
        .cycling_phase = two(1, 6),
        .exit_phase = one(2),
    };
    add(j, "fire engine")->preempt = 2;
}

/* A bus to the side street: its green comes early, or is held. */
static void priority(struct junction *j)
{
    j->db[0].priority.request[0] = (struct priority_row){
        .enabled = 1,
        .class_no = 1,
        .arrival_s = 6,
        .max_extension_s = 3,
        .early_green = 1,
        .time_to_live_s = 12,
        .phase = one(4),
    };
    for (int no = 1; no <= 8; no++)
        j->db[0].priority.max_reduction_s[no - 1] = 3;
    add(j, "bus")->priority = 1;
}

/* ---- coordination ---- */

/* A split for each of the eight phases; who is not there leaves his to his neighbour. */
static void split(struct database *db, int split_no, const uint8_t time_s[8])
{
    struct split_row *row = db->split[split_no - 1];
    for (int no = 1; no <= 8; no++) {
        int left_out = no % 2 == 0 && !database_phase_enabled(db, no - 1) ? time_s[no - 2] : 0;
        row[no - 1].time_s = (uint8_t)(time_s[no - 1] + left_out);
        row[no - 1].mode = SPLIT_NONE;
        row[no - 1].coord = no == 2 || no == 6;
    }
}

/* The left turns come behind the straight ones. */
static void lag_lefts(struct database *db, int sequence_no)
{
    for (int ring = 0; ring < 2; ring++) {
        struct phase_list *order = &db->sequence[sequence_no - 1][ring];
        order->count = 4;
        for (int i = 0; i < 4; i++)
            order->number[i] = (uint8_t)(4 * ring + (i ^ 1) + 1);
    }
}

static void pattern(struct database *db, int pattern_no, int offset_s)
{
    db->pattern[pattern_no - 1] = (struct pattern_row){
        .cycle_s = 36,
        .offset_s = (uint8_t)offset_s,
        .split_no = 1,
        .sequence_no = (uint8_t)pattern_no,
        .sync_point = SYNC_FIRST_GREEN_BEGIN,
        .options = PATTERN_OPTION_INHIBIT,
    };
}

static void call_pattern(struct junction *j, const char *name, int pattern_no)
{
    struct choice *choice = add(j, name);
    choice->disturbs = true;
    choice->command = (struct control_op){.offset = offsetof(struct control, system_pattern_no),
                                          .size = 1,
                                          .clear = UINT8_MAX,
                                          .set = (uint64_t)pattern_no};
}

static void coordination(struct junction *j)
{
    static const uint8_t times_s[8] = {6, 12, 9, 9, 6, 12, 6, 12};
    split(&j->db[0], 1, times_s);
    lag_lefts(&j->db[0], 2);
    pattern(&j->db[0], 1, 0);
    pattern(&j->db[0], 2, 12);
    j->db[0].coord = (struct coord_row){
        .correction_mode = CORRECTION_SHORTWAY,
        .maximum_mode = MAXIMUM_INHIBIT,
        .force_mode = FORCE_FIXED,
        .unit_sync_point = SYNC_FIRST_GREEN_BEGIN - 1,
        .add_percent = 25,
        .subtract_percent = 25,
    };
    call_pattern(j, "pattern 1", 1);
    call_pattern(j, "pattern 2", 2);
    call_pattern(j, "pattern free", PATTERN_FREE);
}

/* ---- other plans ---- */

static void other_plan(struct junction *j)
{
    bool there = false;
    for (int i = 0; i < j->choices; i++)
        there = there || j->choice[i].adopt;
    if (!there)
        add(j, "the other plan")->adopt = true;
}

/* Every time that runs in one plan is another one in the other. */
static void other_times(struct database *db)
{
    for (int no = 1; no <= 8; no++) {
        struct phase_row *row = &db->phase[no - 1];
        row->minimum_green_s = (uint8_t)(9 - row->minimum_green_s);
        row->maximum1_s = (uint8_t)(15 - row->maximum1_s);
        row->passage_ds = (uint8_t)(30 - row->passage_ds);
        row->red_clear_ds = (uint8_t)(30 - row->red_clear_ds);
        row->yellow_ds = no == 2 || no == 8 ? 60 : 30;
        row->walk_s = row->walk_s ? 6 : 0;
    }
    db->unit.red_revert_ds = 30;
}

/* Another order, a pair of phases parted, a phase switched off. */
static void other_structure(struct database *db)
{
    struct phase_list *order = &db->sequence[0][0];
    order->number[0] = 2;
    order->number[1] = 1;
    db->phase[7 - 1].options = 0;
    db->phase[1 - 1].concurrency = (struct phase_list){1, {5}};
    db->phase[6 - 1].concurrency = (struct phase_list){1, {2}};
}

/* ---- features ---- */

static const struct feature features[] = {
    {"pairs", cars_in_pairs, NULL},
    {"greens", greens, NULL},
    {"walks", walks, NULL},
    {"detectors", detectors, NULL},
    {"overlaps", overlaps, NULL},
    {"arrows", arrows, NULL},
    {"commands", commands, NULL},
    {"manual", manual, NULL},
    {"stop", stop_time, NULL},
    {"flash", flash, NULL},
    {"preempt", preempt, NULL},
    {"emergency", emergency, NULL},
    {"priority", priority, NULL},
    {"patterns", coordination, NULL},
    {"times", other_plan, other_times},
    {"structure", other_plan, other_structure},
};

enum { FEATURES = sizeof features / sizeof features[0] };

const char *junction_feature(int ix)
{
    return ix < FEATURES ? features[ix].name : NULL;
}

static bool is_named(const char *full, const char *name, size_t length)
{
    return strlen(full) == length && memcmp(full, name, length) == 0;
}

/* ---- the cabinet ---- */

/* The shortest red clearance of a channel in either database, and on the way into a preempt. */
static int shortest_red_ds(const struct known known[2], const struct database db[2], int channel_ix)
{
    int shortest_ds = UINT8_MAX;
    for (int i = 0; i < 2; i++) {
        int red_ds = known[i].channel[channel_ix].red_clear_ds;
        shortest_ds = red_ds < shortest_ds ? red_ds : shortest_ds;
        for (int k = 0; k < PREEMPTS_MAX; k++) {
            const struct preempt_row *p = &db[i].preempt[k];
            if (!(p->control & PREEMPT_ENABLED))
                continue;
            shortest_ds = shortest_ds < p->enter_red_clear_ds ? shortest_ds : p->enter_red_clear_ds;
            if (p->track_phase.count)
                shortest_ds = shortest_ds < p->track_red_clear_ds ? shortest_ds : p->track_red_clear_ds;
        }
    }
    return shortest_ds;
}

/* The permissive card and its floors: no higher than either database's times. */
static void fill_card(struct guard_card *card, const struct known known[2], const struct database db[2])
{
    int ix, other;
    memset(card, 0, sizeof *card);
    card->used.word[0] = known[0].used;
    card->dark_ok.word[0] = known[0].used & ~known[1].used;
    FOR_EACH_BIT(ix, (uint64_t)known[0].used) {
        const struct known_channel *c = &known[0].channel[ix];
        channel_add(&card->flash_red, ix + 1);
        FOR_EACH_BIT(other, (uint64_t)(known[0].used & ~c->rivals))
            channel_add(&card->permissive[ix], other + 1);
        FOR_EACH_BIT(other, (uint64_t)(c->rivals & ~c->lax))
            channel_add(&card->yields[ix], other + 1);
        if (c->pedestrian) {
            channel_add(&card->pedestrian, ix + 1);
            continue;
        }
        if (c->arrow)
            channel_add(&card->arrow, ix + 1);
        if (c->red_yellow)
            channel_add(&card->red_yellow, ix + 1);
        card->yellow_floor_ms[ix] = 3000;
        card->red_floor_ms[ix] = (uint16_t)(shortest_red_ds(known, db, ix) * TICK_MS);
    }
}

/* Goes to the next of the names joined by '+': it begins at *name and has the returned length. */
static size_t next_name(const char **name)
{
    *name += **name == '+';
    return strcspn(*name, "+");
}

static int shape_named(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (is_named(shapes[i].name, name, length))
            return (int)i;
    return -1;
}

static int feature_named(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
        if (is_named(features[i].name, name, length))
            return (int)i;
    return -1;
}

/* Both databases: a feature adds to both what it builds, and varies the second. */
static int build_databases(struct junction *j, const char *name)
{
    size_t length = next_name(&name);
    int shape = shape_named(name, length), found[FEATURES], count = 0;
    if (shape < 0)
        return -1;
    build_phases(&j->db[0], shapes[shape].phases);
    traffic(j);
    for (name += length; *name; name += length) {
        length = next_name(&name);
        found[count] = feature_named(name, length);
        if (found[count] < 0 || count == FEATURES - 1)
            return -1;
        features[found[count++]].build(j);
    }
    j->db[1] = j->db[0];
    for (int i = 0; i < count; i++)
        if (features[found[i]].vary)
            features[found[i]].vary(&j->db[1]);
    return 0;
}

int junction_build(struct junction *j, const char *name)
{
    memset(j, 0, sizeof *j);
    if (build_databases(j, name) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        if (database_check(&j->db[i], NULL, NULL) != 0)
            return -1;
        plan_compile(&j->plan[i], &j->db[i], 1);
    }
    bool drains = plan_structure_differs(&j->plan[0], &j->plan[1]);
    for (int i = 0; i < j->choices; i++)
        j->choice[i].disturbs = j->choice[i].disturbs || (j->choice[i].adopt && drains);
    known_init(j->known, j->db, 2);
    fill_card(&j->card, j->known, j->db);
    caps_init(&j->caps, j->plan, 2, &j->card);
    return 0;
}
