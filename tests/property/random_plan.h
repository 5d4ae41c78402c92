/* Random databases that pass database_check(), and the guard's card that belongs to them. The same
 * seed gives the same database. */
#ifndef TESTS_PROPERTY_RANDOM_PLAN_H
#define TESTS_PROPERTY_RANDOM_PLAN_H

#include "../../phases/guard.h"
#include "../../phases/plan.h"
#include <string.h>

/* Marsaglia's xorshift with Vigna's multiplier; the state must not be 0. */
static inline uint64_t random_bits(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* 0 .. below-1 */
static inline int random_int(uint64_t *state, int below)
{
    return (int)((random_bits(state) >> 33) % (uint64_t)below);
}

static inline int random_between(uint64_t *state, int low, int high)
{
    return low + random_int(state, high - low + 1);
}

static inline bool one_in(uint64_t *state, int n)
{
    return random_int(state, n) == 0;
}

static inline bool phases_concurrent(const struct database *db, int a, int b)
{
    const struct phase_list *list = &db->phase[a - 1].concurrency;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] == b)
            return db->phase[a - 1].ring_no != db->phase[b - 1].ring_no;
    return false;
}

static inline void list_add(struct phase_list *list, int phase_no)
{
    list->number[list->count++] = (uint8_t)phase_no;
}

static inline void list_remove(struct phase_list *list, int phase_no)
{
    int kept = 0;
    for (int i = 0; i < list->count; i++)
        if (list->number[i] != phase_no)
            list->number[kept++] = list->number[i];
    for (int i = kept; i < list->count; i++)
        list->number[i] = 0;
    list->count = (uint8_t)kept;
}

/* Times that no rule ties to others. Short ones, so that much happens in few ticks. */
static inline void random_times(struct phase_row *row, uint64_t *random)
{
    static const uint8_t red_clear_ds[] = {0, 0, 1, 10, 20, 30};
    row->minimum_green_s = (uint8_t)random_between(random, 0, 8);
    row->passage_ds = (uint8_t)random_int(random, 40);
    row->maximum1_s = (uint8_t)random_int(random, 20);
    row->maximum2_s = (uint8_t)random_int(random, 20);
    row->maximum3_s = (uint16_t)random_int(random, 20);
    row->yellow_ds = (uint8_t)random_between(random, 30, 45);
    row->red_clear_ds = red_clear_ds[random_int(random, 6)];
    row->red_revert_ds = (uint8_t)(one_in(random, 2) ? 0 : random_int(random, 50));
    row->flashing_green_s = (uint8_t)(one_in(random, 2) ? 0 : random_between(random, 1, 3));
    if (row->walk_s) {
        row->walk_s = (uint8_t)random_between(random, 1, 7);
        row->ped_clear_s = (uint8_t)random_int(random, 9);
    }
    row->ped_clear_into_yellow_red_ds = (uint8_t)(one_in(random, 3) ? random_int(random, 60) : 0);
    row->ped_clear_before_flash = (uint8_t)random_int(random, 2);
    row->ped_walk_service = (uint8_t)random_between(random, 1, 2);
    row->dont_walk_revert_ds = (uint8_t)(one_in(random, 3) ? random_int(random, 30) : 0);
    if (one_in(random, 3)) {
        row->time_before_reduction_s = (uint8_t)random_int(random, 8);
        row->cars_before_reduction = (uint8_t)random_int(random, 4);
        row->time_to_reduce_s = (uint8_t)random_int(random, 8);
        row->reduce_by_ds = (uint8_t)random_int(random, 10);
        row->minimum_gap_ds = (uint8_t)random_int(random, 20);
    }
    if (one_in(random, 3)) {
        row->added_initial_ds = (uint8_t)random_int(random, 25);
        row->maximum_initial_s = (uint8_t)random_between(random, 1, 15);
    }
    if (one_in(random, 4)) {
        row->dynamic_max_limit_s = (uint8_t)random_int(random, 25);
        row->dynamic_max_step_ds = (uint8_t)random_int(random, 60);
    }
}

static inline void random_phase(struct database *db, int phase_no, uint64_t *random)
{
    struct phase_row *row = &db->phase[phase_no - 1];
    int recall = random_int(random, 12);
    row->walk_s = (uint8_t)random_int(random, 2); /* 1: has a walk; random_times() gives it a length */
    random_times(row, random);
    row->startup = STARTUP_NOT_ON;
    row->options = (uint16_t)(PHASE_ENABLED | (random_bits(random) &
                                               (PHASE_NON_LOCKING | PHASE_DUAL_ENTRY |
                                                PHASE_SIMULTANEOUS_GAP_DISABLE | PHASE_GUARANTEED_PASSAGE |
                                                PHASE_CONDITIONAL_SERVICE | PHASE_ADDED_INITIAL_LARGEST)));
    if (recall < 4)
        row->options |= (uint16_t)(PHASE_MIN_RECALL << recall); /* minimum, maximum, ped, soft */
    if (one_in(random, 4))
        row->options |= PHASE_REST_IN_WALK;
    if (one_in(random, 4))
        row->options |= (uint16_t)(PHASE_NON_ACTUATED_1 << random_int(random, 2));

    struct vehicle_detector_row *detector = &db->vehicle_detector[phase_no - 1];
    detector->call_phase_no = (uint8_t)phase_no;
    detector->options =
        (uint8_t)(random_bits(random) | (one_in(random, 4) ? 0 : DETECTOR_CALL | DETECTOR_PASSAGE));
    detector->delay_ds = (uint16_t)(one_in(random, 3) ? random_int(random, 60) : 0);
    detector->extend_ds = (uint8_t)(one_in(random, 3) ? random_int(random, 30) : 0);
    detector->queue_limit_s = (uint8_t)random_int(random, 12);
    detector->switch_phase_no = (uint8_t)(one_in(random, 6) ? random_int(random, PHASES_MAX) : 0);
    db->pedestrian_detector[phase_no - 1].call_phase_no = (uint8_t)phase_no;
    if (one_in(random, 4))
        db->pedestrian_detector[phase_no - 1].options = PED_DETECTOR_NON_LOCKING;
}

/* The shape of a junction: for each ring and side the number of phases; rings of one cluster share its
 * barriers, those of different ones go together freely. */
struct shape {
    int rings, sides;
    int cluster[RINGS_MAX];
    int count[RINGS_MAX][4];
    int concurrent_percent;
};

static inline struct shape random_shape(uint64_t *random)
{
    struct shape s = {.rings = 2, .sides = 2, .concurrent_percent = 100};
    int kind = random_int(random, 6);
    if (kind == 0) { /* one ring */
        s.rings = s.sides = 1;
        s.count[0][0] = random_between(random, 2, 4);
    } else if (kind == 1) { /* eight phases */
        s.count[0][0] = s.count[0][1] = s.count[1][0] = s.count[1][1] = 2;
    } else if (kind == 2) { /* a T-junction */
        s.count[0][0] = random_between(random, 1, 2);
        s.count[1][0] = random_between(random, 1, 2);
        s.count[0][1] = 1;
    } else if (kind == 3) { /* sixteen phases in four rings, behind common barriers or in two halves */
        s.rings = 4;
        s.cluster[2] = s.cluster[3] = random_int(random, 2);
        for (int ring = 0; ring < 4; ring++)
            s.count[ring][0] = s.count[ring][1] = 2;
    } else { /* anything */
        s.rings = random_between(random, 1, RINGS_MAX);
        s.sides = random_between(random, 1, 3);
        s.concurrent_percent = one_in(random, 2) ? 100 : random_between(random, 60, 95);
        for (int ring = 0; ring < s.rings; ring++) {
            s.cluster[ring] = one_in(random, 4);
            for (int side = 0; side < s.sides; side++)
                s.count[ring][side] = random_int(random, s.rings > 5 ? 2 : 4);
        }
    }
    return s;
}

static inline void shuffle(int *numbers, int count, uint64_t *random)
{
    for (int i = count - 1; i > 0; i--) {
        int k = random_int(random, i + 1), kept = numbers[i];
        numbers[i] = numbers[k];
        numbers[k] = kept;
    }
}

static inline void random_structure(struct database *db, uint64_t *random)
{
    struct shape s = random_shape(random);
    int number[PHASES_MAX], side_of[PHASES_MAX + 1] = {0}, used = 0;
    for (int i = 0; i < PHASES_MAX; i++)
        number[i] = i + 1;
    shuffle(number, PHASES_MAX, random);
    for (int ring = 0; ring < s.rings; ring++)
        for (int side = 0; side < s.sides; side++)
            for (int i = 0; i < s.count[ring][side] && used < PHASES_MAX; i++) {
                int phase_no = number[used++];
                side_of[phase_no] = side;
                random_phase(db, phase_no, random);
                db->phase[phase_no - 1].ring_no = (uint8_t)(ring + 1);
                list_add(&db->sequence[0][ring], phase_no);
            }
    for (int i = 0; i < used; i++)
        for (int k = 0; k < i; k++) {
            int a = number[i], b = number[k];
            int ring_a = db->phase[a - 1].ring_no - 1, ring_b = db->phase[b - 1].ring_no - 1;
            bool together = s.cluster[ring_a] != s.cluster[ring_b] ||
                            (side_of[a] == side_of[b] && random_int(random, 100) < s.concurrent_percent);
            if (ring_a == ring_b || !together)
                continue;
            list_add(&db->phase[a - 1].concurrency, b);
            list_add(&db->phase[b - 1].concurrency, a);
        }
}

static inline void random_startup(struct database *db, uint64_t *random)
{
    int started[RINGS_MAX], count = 0;
    for (int no = 1; no <= PHASES_MAX && count < RINGS_MAX; no++) {
        if (!database_phase_enabled(db, no) || one_in(random, 3))
            continue;
        bool fits = true;
        for (int i = 0; i < count; i++)
            fits = fits && phases_concurrent(db, no, started[i]);
        if (!fits)
            continue;
        started[count++] = no;
        db->phase[no - 1].startup = (uint8_t)random_between(random, STARTUP_GREEN_WALK, STARTUP_RED_CLEAR);
    }
}

/* Every phase has a vehicle channel, and a pedestrian one if it walks; the rest of them is unused. */
static inline void random_channels(struct database *db, uint64_t *random)
{
    int number[CHANNELS_MAX], used = 0;
    for (int i = 0; i < CHANNELS_MAX; i++)
        number[i] = i + 1;
    shuffle(number, CHANNELS_MAX, random);
    for (int no = 1; no <= PHASES_MAX; no++) {
        if (!database_phase_enabled(db, no))
            continue;
        struct channel_row *row = &db->channel[number[used++] - 1];
        row->type = CHANNEL_VEHICLE;
        row->source_no = (uint8_t)no;
        row->flash = one_in(random, 2) ? CHANNEL_FLASH_RED : CHANNEL_FLASH_YELLOW;
        if (db->phase[no - 1].walk_s == 0)
            continue;
        row = &db->channel[number[used++] - 1];
        row->type = CHANNEL_PEDESTRIAN;
        row->source_no = (uint8_t)no;
        row->ped_clear_indication = (uint8_t)random_between(random, 1, 2);
    }
}

/* Detectors that fail easily, of both kinds, and what they ask for then. */
static inline void random_diagnostics(struct database *db, uint64_t *random)
{
    for (int i = 0; i < PHASES_MAX; i++) {
        struct vehicle_detector_row *vehicle = &db->vehicle_detector[i];
        struct pedestrian_detector_row *ped = &db->pedestrian_detector[i];
        vehicle->no_activity_min = (uint8_t)(one_in(random, 4) ? random_between(random, 1, 2) : 0);
        vehicle->max_presence_min = (uint8_t)(one_in(random, 4) ? random_between(random, 1, 2) : 0);
        vehicle->erratic_counts = (uint8_t)(one_in(random, 4) ? random_between(random, 1, 20) : 0);
        vehicle->fail_time_s = (uint8_t)(one_in(random, 4) ? 255 : random_int(random, 20));
        ped->no_activity_min = (uint8_t)(one_in(random, 4) ? random_between(random, 1, 3) : 0);
        ped->erratic_counts = (uint8_t)(one_in(random, 4) ? random_between(random, 1, 5) : 0);
    }
    db->unit.ped_fail_recall = (uint8_t)random_int(random, 2);
    db->unit.detector_good_min = (uint8_t)random_int(random, 2);
}

/* Speed management: the detectors of two phases make a pair, wherever they lie. */
static inline void random_speeds(struct database *db, uint64_t *random)
{
    struct vehicle_detector_row *lead = NULL;
    for (int no = 1; no <= PHASES_MAX; no++) {
        struct vehicle_detector_row *row = &db->vehicle_detector[no - 1];
        if (!database_phase_enabled(db, no) || one_in(random, 8))
            continue;
        row->options2 = (uint8_t)(DETECTOR_SPEED | (one_in(random, 2) ? DETECTOR_SPEED_BY_LENGTH : 0));
        row->average_vehicle_length_cm = (uint16_t)random_between(random, 1, 1000);
        row->length_cm = (uint16_t)random_between(random, 1, 4500);
        if (lead) {
            lead->options2 |= DETECTOR_LEAD;
            lead->paired_detector_no = (uint8_t)no;
            lead->paired_spacing_cm = (uint16_t)random_between(random, 1, 10000);
        }
        lead = lead || one_in(random, 8) ? NULL : row;
    }
    db->speed = (struct speed_row){
        .mode = SPEED_ON,
        .limit_kmh = (uint8_t)random_between(random, 10, 80),
        .delay_ds = (uint8_t)random_int(random, 256),
        .bound_s = (uint8_t)random_int(random, 40),
        .low_demand_veh = (uint8_t)(one_in(random, 2) ? UINT8_MAX : random_int(random, 60)),
    };
}

static inline void random_database(struct database *db, uint64_t *random)
{
    do {
        memset(db, 0, sizeof(*db));
        random_structure(db, random);
    } while (database_check(db, NULL, NULL) != 0);
    if (one_in(random, 2))
        random_startup(db, random);
    random_channels(db, random);
    db->unit.red_revert_ds = (uint8_t)(one_in(random, 3) ? 0 : random_between(random, 20, 40));
    db->unit.startup_flash_s = (uint8_t)random_int(random, 4);
    db->unit.startup_all_red_s = (uint8_t)random_int(random, 3);
    db->unit.startup_flash_mode = (uint8_t)random_between(random, STARTUP_FLASH_AUTO, STARTUP_FLASH_ALL_RED);
    db->unit.startup_calls = (uint8_t)random_int(random, 2);
    db->unit.backup_prevent = (uint8_t)one_in(random, 3);
    db->unit.last_car_recall = (uint8_t)random_int(random, 2);
    db->unit.auto_ped_clear = (uint8_t)random_between(random, 1, 2);
    db->unit.backup_time_s = (uint16_t)(one_in(random, 2) ? 0 : random_between(random, 5, 60));
    uint64_t own = ~*random; /* a stream of their own, so that what follows does not depend on them */
    random_bits(&own);
    if (one_in(&own, 2))
        random_diagnostics(db, &own);
    if (one_in(&own, 3))
        random_speeds(db, &own);
}

/* Gives an option to some phases that may be on together. */
static inline void random_option(struct database *db, int option, uint64_t *random)
{
    uint64_t chosen = 0;
    for (int no = 1; no <= PHASES_MAX; no++) {
        bool fits = database_phase_enabled(db, no);
        for (uint64_t others = chosen; others; others &= others - 1)
            fits = fits && phases_concurrent(db, no, mask_lowest_no(others));
        if (!fits || one_in(random, 3))
            continue;
        chosen |= mask_of(no);
        db->phase[no - 1].options |= (uint16_t)option;
    }
}

static inline void random_flash(struct database *db, uint64_t *random)
{
    if (!one_in(random, 3))
        random_option(db, PHASE_FLASH_ENTRY, random);
    if (!one_in(random, 3))
        random_option(db, PHASE_FLASH_EXIT, random);
    db->unit.flash_exit_red_s = (uint8_t)(one_in(random, 2) ? random_int(random, 6) : 0);
}

/* ---- coordination ---- */

enum { RANDOM_PATTERNS = 4 };

/* Every day the same: around ten o'clock something else every few minutes. */
static inline void random_schedule(struct database *db, uint64_t *random)
{
    struct timebase_row *timebase = &db->timebase;
    timebase->schedule[0] = (struct schedule_row){0xfffffffe, 0x1ffe, 0xfe, 1};
    for (int ix = 0; ix < 8; ix++) {
        int pattern_no = random_int(random, RANDOM_PATTERNS + 3);
        timebase->action[ix].pattern_no =
            (uint8_t)(pattern_no > RANDOM_PATTERNS ? pattern_no - RANDOM_PATTERNS - 1 + PATTERN_FREE
                                                   : pattern_no);
        timebase->day_plan[0][ix] = (struct day_plan_event){
            .hour = 10, .minute = (uint8_t)random_int(random, 30), .action_no = (uint8_t)(ix + 1)};
    }
    timebase->pattern_sync_min = (uint16_t)(one_in(random, 2) ? PATTERN_SYNC_AT_ACTION : 0);
}

/* Clearance and the longest service that the split of a phase has to hold. */
static inline int least_split_s(const struct phase_row *row)
{
    int service_s = row->minimum_green_s, ped_s = row->walk_s + row->ped_clear_s;
    int clearance_ds = row->flashing_green_s * 10 + row->yellow_ds + row->red_clear_ds;
    return (service_s > ped_s ? service_s : ped_s) + (clearance_ds + 9) / 10;
}

/* Splits of one side that come to the same sum in every ring of the cluster. Returns that sum. */
static inline int random_side(struct database *db, const struct plan_structure *s, int cluster, int side,
                              struct split_row *split, uint64_t *random)
{
    int length_s = 0, spare_s = random_int(random, 15);
    for (int pass = 0; pass < 2; pass++)
        for (int ring = 0; ring < s->ring_count; ring++) {
            uint64_t mine = s->ring_phases[ring] & s->cluster[cluster].side_phases[side];
            int sum_s = 0, ix, last = -1;
            if (!mine || s->cluster_of_ring[ring] != cluster)
                continue;
            FOR_EACH_BIT(ix, mine) {
                sum_s += pass ? split[ix].time_s : least_split_s(&db->phase[ix]);
                if (!pass)
                    split[ix].time_s = (uint8_t)least_split_s(&db->phase[ix]);
                if (last < 0 || one_in(random, 2))
                    last = ix;
            }
            if (!pass && sum_s + spare_s > length_s)
                length_s = sum_s + spare_s;
            if (pass && split[last].time_s + length_s - sum_s < 256)
                split[last].time_s = (uint8_t)(split[last].time_s + length_s - sum_s);
        }
    return length_s;
}

/* One pattern whose splits fit, if they fit into 255 s; one in six has a fault of some kind. */
static inline void random_pattern(struct database *db, const struct plan_structure *s, int pattern_no,
                                  uint64_t *random)
{
    struct pattern_row *pattern = &db->pattern[pattern_no - 1];
    struct split_row *split = db->split[pattern_no - 1];
    int longest_s = 0, ix;
    FOR_EACH_BIT(ix, s->phases)
        split[ix] = (struct split_row){
            .mode = (uint8_t)(one_in(random, 3) ? random_between(random, SPLIT_NONE, SPLIT_MAX_AND_PED_RECALL)
                                                : SPLIT_NONE),
            .options = (uint8_t)one_in(random, 5)};
    for (int c = 0; c < s->cluster_count; c++) {
        int cycle_s = 0, coordinated_side = random_int(random, s->cluster[c].side_count);
        for (int side = 0; side < s->cluster[c].side_count; side++)
            cycle_s += random_side(db, s, c, side, split, random);
        longest_s = cycle_s > longest_s ? cycle_s : longest_s;
        uint64_t candidates = s->cluster[c].side_phases[coordinated_side];
        if (c > 0 && one_in(random, 3))
            continue; /* a cluster that is left alone */
        while (candidates) {
            int chosen = __builtin_ctzll(candidates);
            split[chosen].coord = 1;
            candidates &= ~(s->conflicts[chosen] | (UINT64_C(1) << chosen));
            if (one_in(random, 4))
                break;
        }
    }
    int cycle_s = longest_s + random_int(random, 20);
    *pattern = (struct pattern_row){
        .cycle_s = (uint8_t)(cycle_s > 255 || one_in(random, 12) ? random_int(random, 256) : cycle_s),
        .split_no = (uint8_t)pattern_no,
        .sequence_no = 1,
        .sync_point = (uint8_t)random_between(random, SYNC_SEQUENCE_START, SYNC_LAST_YELLOW_END),
        .options = (uint8_t)random_between(random, PATTERN_OPTION_UNIT, PATTERN_OPTION_MAXIMUM_3),
    };
    pattern->offset_s = (uint8_t)random_int(random, one_in(random, 12) ? 256 : pattern->cycle_s + 1);
}

static inline void random_coordination(struct database *db, uint64_t *random)
{
    static struct plan_structure structure;
    plan_compile_rings(&structure, db, 1);
    db->coord = (struct coord_row){
        .operational_mode = (uint8_t)(one_in(random, 2) ? random_between(random, 1, RANDOM_PATTERNS) : 0),
        .correction_mode = (uint8_t)random_between(random, CORRECTION_DWELL, CORRECTION_SUBTRACT_ONLY),
        .maximum_mode = (uint8_t)random_between(random, MAXIMUM_1, MAXIMUM_3),
        .force_mode = (uint8_t)random_between(random, FORCE_FLOATING, FORCE_FIXED),
        .unit_sync_point = (uint8_t)random_between(random, 1, 7),
        .add_percent = (uint8_t)random_between(random, 1, 30),
        .subtract_percent = (uint8_t)random_between(random, 1, 25),
        .dwell_max_s = (uint8_t)random_int(random, 30),
        .actuated = (uint8_t)one_in(random, 3),
    };
    for (int pattern_no = 1; pattern_no <= RANDOM_PATTERNS; pattern_no++)
        random_pattern(db, &structure, pattern_no, random);
}

/* Other times for the same structure. */
static inline void vary_times(struct database *db, uint64_t *random)
{
    for (int no = 1; no <= PHASES_MAX; no++)
        if (database_phase_enabled(db, no) && !one_in(random, 3))
            random_times(&db->phase[no - 1], random);
    db->unit.red_revert_ds = (uint8_t)random_int(random, 40);
    db->unit.auto_ped_clear = (uint8_t)random_between(random, 1, 2);
}

/* Another structure that gives no right of way the first one would not: another order, a pair of phases
 * parted, a phase switched off. */
static inline void vary_structure(struct database *db, uint64_t *random)
{
    struct database before = *db;
    for (int tries = 0; tries < 50; tries++) {
        int ring = random_int(random, RINGS_MAX), no = random_between(random, 1, PHASES_MAX);
        struct phase_list *order = &db->sequence[0][ring];
        struct phase_list *with = &db->phase[no - 1].concurrency;
        if (order->count > 1) {
            int i = random_int(random, order->count), k = random_int(random, order->count);
            uint8_t kept = order->number[i];
            order->number[i] = order->number[k];
            order->number[k] = kept;
        }
        if (one_in(random, 2) && with->count) {
            int other = with->number[random_int(random, with->count)];
            list_remove(with, other);
            list_remove(&db->phase[other - 1].concurrency, no);
        }
        if (one_in(random, 4))
            db->phase[no - 1].options &= (uint16_t)~PHASE_ENABLED;
        struct plan plan;
        plan_compile(&plan, db, 1);
        if (database_check(db, NULL, NULL) == 0 && plan.structure.phases != 0)
            return;
        *db = before;
    }
}

/* Adds what `db` needs to a card: its channels and floors no higher than its times. What may go together
 * is read from the first database alone. */
static inline void card_admit(struct guard_card *card, const struct database *db, bool first, bool red_floors)
{
    for (int a = 1; a <= CHANNELS_MAX; a++) {
        const struct channel_row *row = &db->channel[a - 1];
        if (!row->source_no)
            continue;
        if (!database_phase_enabled(db, row->source_no)) {
            channel_add(&card->dark_ok, a);
            continue;
        }
        const struct phase_row *phase = &db->phase[row->source_no - 1];
        bool vehicle = row->type == CHANNEL_VEHICLE;
        int red_ms = vehicle && red_floors ? phase->red_clear_ds * 100 : 0;
        if (first || red_ms < card->red_floor_ms[a - 1])
            card->red_floor_ms[a - 1] = (uint16_t)red_ms;
        if (!first)
            continue;
        channel_add(&card->used, a);
        card->yellow_floor_ms[a - 1] = 3000;
        if (!vehicle)
            channel_add(&card->pedestrian, a);
        if (row->flash)
            channel_add(row->flash == CHANNEL_FLASH_RED ? &card->flash_red : &card->flash_yellow, a);
        for (int b = 1; b <= CHANNELS_MAX; b++) {
            int other = db->channel[b - 1].source_no;
            if (other && (other == row->source_no || phases_concurrent(db, row->source_no, other)))
                channel_add(&card->permissive[a - 1], b);
        }
    }
}

#endif
