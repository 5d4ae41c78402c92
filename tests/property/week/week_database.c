#include "week_database.h"
#include "../../../controller/config.h"
#include "../random_overlaps.h"
#include "../random_preempts.h"
#include <stdio.h>
#include <time.h>

enum { DAY_S = 86400, ACTIONS = 8 };

/* ---- phases and detectors ---- */

static void random_extras(struct database *db, int phase_no, uint64_t *random)
{
    struct phase_row *row = &db->phase[phase_no - 1];
    struct vehicle_detector_row *vehicle = &db->vehicle_detector[phase_no - 1];
    struct pedestrian_detector_row *ped = &db->pedestrian_detector[phase_no - 1];
    if (one_in(random, 4))
        row->alternate_minimum_s = (uint8_t)random_between(random, 1, 8);
    if (one_in(random, 5)) {
        vehicle->travel_mode = TRAVEL_BICYCLE;
        row->bicycle_minimum_s = (uint8_t)random_between(random, 1, 12);
    }
    if (!row->walk_s)
        return;
    if (one_in(random, 3))
        row->ped_advance_walk_ds = (uint8_t)random_between(random, 5, 50);
    else if (one_in(random, 3))
        row->ped_delay_ds = (uint8_t)random_between(random, 5, 50);
    if (one_in(random, 3)) {
        row->ped_alternate_walk_s = (uint8_t)random_int(random, 12);
        row->ped_alternate_clear_s = (uint8_t)random_int(random, 12);
        ped->push_time_ds = (uint8_t)random_between(random, 1, 30);
        ped->options |= PED_DETECTOR_ALTERNATE;
    }
}

/* Orders that pass the barriers as the first sequence does. */
static void random_sequence(struct database *db, int sequence_no, uint64_t *random)
{
    struct phase_list *order = db->sequence[sequence_no - 1];
    do {
        memcpy(order, db->sequence[0], sizeof db->sequence[0]);
        for (int ring = 0; ring < RINGS_MAX; ring++) {
            struct phase_list *list = &order[ring];
            if (list->count < 2 || one_in(random, 3))
                continue;
            int at = random_int(random, list->count - 1);
            uint8_t kept = list->number[at];
            list->number[at] = list->number[at + 1];
            list->number[at + 1] = kept;
        }
    } while (database_check(db, NULL, NULL) != 0);
}

/* ---- preempts and priority ---- */

static void keep_compatible(struct phase_list *list, const struct database *db)
{
    struct phase_list kept = {0};
    for (int i = 0; i < list->count; i++) {
        bool fits = database_phase_enabled(db, list->number[i]);
        for (int k = 0; k < kept.count; k++)
            fits = fits && phases_concurrent(db, list->number[i], kept.number[k]);
        if (fits)
            list_add(&kept, list->number[i]);
    }
    *list = kept;
}

static void random_overlap_list(struct overlap_list *list, uint64_t *random)
{
    if (one_in(random, 2))
        return;
    for (int no = 1; no <= RANDOM_OVERLAPS; no++)
        if (one_in(random, 2))
            list->number[list->count++] = (uint8_t)no;
}

static void sound_preempts(struct database *db, uint64_t *random)
{
    random_preempts(db, random);
    for (int i = 0; i < RANDOM_PREEMPTS; i++) {
        struct preempt_row *row = &db->preempt[i];
        row->enter_red_clear_ds = random_allowance(30, random);
        row->track_red_clear_ds = random_allowance(30, random);
        row->sequence_no = (uint8_t)random_between(random, 1, 2);
        keep_compatible(&row->track_phase, db);
        keep_compatible(&row->dwell_phase, db);
        keep_compatible(&row->exit_phase, db);
        random_overlap_list(&row->track_overlap, random);
        random_overlap_list(&row->dwell_overlap, random);
        random_overlap_list(&row->cycling_overlap, random);
    }
    db->unit.preempt_enable_bit = one_in(random, 2) ? PREEMPT_ENABLE_BIT_USED : PREEMPT_ENABLE_BIT_IGNORED;
}

static void random_priority(struct database *db, uint64_t *random)
{
    for (int i = 0; i < 4; i++) {
        struct priority_row *row = &db->priority.request[i];
        *row = (struct priority_row){
            .enabled = (uint8_t)!one_in(random, 4),
            .class_no = (uint8_t)random_between(random, 1, 10),
            .arrival_s = (uint8_t)random_int(random, 30),
            .max_extension_s = (uint8_t)random_int(random, 20),
            .early_green = (uint8_t)random_int(random, 2),
            .lockout_cycles = (uint8_t)random_int(random, 3),
            .time_to_live_s = (uint8_t)(one_in(random, 2) ? 0 : random_between(random, 10, 120)),
        };
        random_members(&row->phase, db, 2, random);
        random_members(&row->omit, db, 2, random);
    }
    for (int i = 0; i < PHASES_MAX; i++)
        db->priority.max_reduction_s[i] = (uint8_t)random_int(random, 15);
}

/* ---- coordination and the schedule ---- */

static int random_pattern_no(uint64_t *random)
{
    return one_in(random, 4) ? PATTERN_FREE : random_between(random, 1, RANDOM_PATTERNS);
}

/* A week of seven days, a special day, and nights in flash. */
static void random_calendar(struct database *db, uint64_t *random)
{
    struct timebase_row *timebase = &db->timebase;
    for (int i = 0; i < ACTIONS; i++)
        timebase->action[i] = (struct action_row){
            .pattern_no = (uint8_t)random_pattern_no(random),
            .auxiliary = (uint8_t)random_int(random, 16),
            .special_functions = (uint8_t)random_bits(random),
            .speed_management = (uint8_t)random_int(random, 2),
            .lamps_off = (uint8_t)one_in(random, 3),
        };
    timebase->action[0].pattern_no = PATTERN_FLASH;
    for (int plan = 0; plan < 3; plan++) {
        struct day_plan_event *event = timebase->day_plan[plan];
        event[0] = (struct day_plan_event){1, (uint8_t)random_int(random, 60), 1};
        for (int i = 1; i < 8; i++)
            event[i] = (struct day_plan_event){(uint8_t)random_between(random, 2, 23),
                                               (uint8_t)random_int(random, 60),
                                               (uint8_t)random_between(random, 2, ACTIONS)};
        event[8] = (struct day_plan_event){5, 0, 2}; /* no night longer than this */
    }
    timebase->schedule[0] = (struct schedule_row){UINT32_MAX - 1, 0x1ffe, 0xfe, 1};
    timebase->schedule[1] = (struct schedule_row){UINT32_MAX - 1, 0x1ffe, 1 << 1 | 1 << 7, 2};
    timebase->schedule[2] = (struct schedule_row){1U << random_between(random, 1, 31), 0x1ffe, 0xfe, 3};
    timebase->pattern_sync_min =
        (uint16_t)(one_in(random, 3) ? PATTERN_SYNC_AT_ACTION : random_int(random, 1440));
}

static int64_t utc_s_of(int year, int month, int day)
{
    struct tm at = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return timegm(&at);
}

/* The week begins shortly before the clocks change, where they do. */
static int64_t random_start_s(struct database *db, uint64_t *random)
{
    static const uint8_t savings[] = {DAYLIGHT_NONE, DAYLIGHT_US, DAYLIGHT_EUROPE, DAYLIGHT_TABLE};
    int year = random_between(random, 2025, 2037);
    db->daylight_saving = savings[random_int(random, 4)];
    db->standard_time_zone_s = 1800 * random_between(random, -20, 24);
    int64_t from_s = utc_s_of(year, 1, 1) + DAY_S * (int64_t)random_int(random, 360);
    if (db->daylight_saving == DAYLIGHT_US)
        from_s = one_in(random, 2) ? utc_s_of(year, 4, 1) : utc_s_of(year, 10, 25);
    else if (db->daylight_saving == DAYLIGHT_EUROPE)
        from_s = one_in(random, 2) ? utc_s_of(year, 3, 25) : utc_s_of(year, 10, 25);
    from_s += random_int(random, DAY_S);
    db->timebase.daylight[0] = (struct daylight_rule){
        .begin_month = DAYLIGHT_ABSOLUTE,
        .begin_s = (uint32_t)(from_s + random_int(random, 3 * DAY_S)),
        .end_month = DAYLIGHT_ABSOLUTE,
        .end_s = (uint32_t)(from_s + random_between(random, 3 * DAY_S, 6 * DAY_S)),
        .adjust_s = 3600,
    };
    return from_s;
}

/* Coordination with another sequence, by the schedule in most. */
static void random_timing(struct database *db, uint64_t *random)
{
    random_sequence(db, 2, random);
    random_coordination(db, random);
    for (int i = 0; i < RANDOM_PATTERNS; i++)
        db->pattern[i].sequence_no = (uint8_t)random_between(random, 1, 2);
    if (!one_in(random, 6))
        db->coord.operational_mode = 0;
    db->unit.cycle_fault_cycles = (uint8_t)(one_in(random, 3) ? random_between(random, 2, 10) : 0);
    random_calendar(db, random);
}

/* ---- all of it ---- */

static void random_everything(struct database *db, uint64_t *random)
{
    bool any;
    do {
        any = false;
        random_database(db, random);
        for (int no = 1; no <= PHASES_MAX; no++)
            if (database_phase_enabled(db, no)) {
                random_extras(db, no, random);
                any = true;
            }
    } while (!any || database_check(db, NULL, NULL) != 0);
    if (one_in(random, 2))
        random_diagnostics(db, random);
    if (one_in(random, 2)) {
        random_speeds(db, random);
        db->speed.mode = one_in(random, 2) ? SPEED_SCHEDULED : SPEED_ON;
    }
    random_overlaps(db, random);
    random_timing(db, random);
    sound_preempts(db, random);
    random_flash(db, random);
    random_priority(db, random);
}

/* Other times everywhere. */
static void vary(struct database *db, uint64_t *random)
{
    vary_times(db, random);
    for (int i = 0; i < RANDOM_OVERLAPS; i++) {
        struct overlap_row *row = &db->overlap[i];
        row->walk_s = (uint8_t)random_int(random, 8);
        row->ped_clear_s = (uint8_t)random_int(random, 8);
        if (row->trail_green_s)
            row->trail_green_s = (uint8_t)random_between(random, 1, 6);
    }
    if (one_in(random, 2))
        vary_structure(db, random);
}

/* ---- the card ---- */

static bool part_of(const struct channel_mask *a, const struct channel_mask *b, const struct channel_mask *c)
{
    return !((a->word[0] & ~(b->word[0] | c->word[0])) | (a->word[1] & ~(b->word[1] | c->word[1])));
}

/* A database that asks for no more right of way than the card gives. */
static bool card_allows(const struct guard_card *card, const struct guard_card *asked)
{
    static const struct channel_mask none;
    bool allows = part_of(&asked->red_yellow, &card->red_yellow, &none);
    for (int i = 0; i < CHANNELS_MAX; i++)
        allows = allows && part_of(&asked->permissive[i], &card->permissive[i], &none) &&
                 part_of(&asked->yields[i], &card->permissive[i], &card->yields[i]);
    return allows;
}

/* The least a preempt leaves of any red clearance. */
static int least_red_ds(const struct database *db)
{
    int least_ds = 255;
    for (int i = 0; i < PREEMPTS_MAX; i++) {
        const struct preempt_row *row = &db->preempt[i];
        int enter_ds = row->enter_red_clear_ds, track_ds = row->track_red_clear_ds;
        if (i < RANDOM_PREEMPTS && enter_ds < least_ds)
            least_ds = enter_ds;
        if (i < RANDOM_PREEMPTS && track_ds < least_ds)
            least_ds = track_ds;
    }
    return least_ds;
}

static void make_card(struct week_junction *j)
{
    struct guard_card other;
    config_card_from_database(&other, &j->db[1]);
    raise_floors(&j->card, &j->db[0]);
    raise_floors(&other, &j->db[1]);
    int least_ms = j->omits_red_clear ? 0 : 100 * least_red_ds(&j->db[0]);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        uint16_t *floor_ms = &j->card.red_floor_ms[no - 1];
        if (!channel_has(&other.used, no))
            channel_add(&j->card.dark_ok, no);
        else if (other.red_floor_ms[no - 1] < *floor_ms)
            *floor_ms = other.red_floor_ms[no - 1];
        if (*floor_ms > least_ms)
            *floor_ms = (uint16_t)least_ms;
    }
}

void week_random_junction(struct week_junction *j, uint64_t *random)
{
    struct guard_card asked;
    memset(j, 0, sizeof *j);
    random_everything(&j->db[0], random);
    j->utc_ds = random_start_s(&j->db[0], random) * 10;
    j->omits_red_clear = one_in(random, 4);
    config_card_from_database(&j->card, &j->db[0]);
    do {
        j->db[1] = j->db[0];
        vary(&j->db[1], random);
        config_card_from_database(&asked, &j->db[1]);
    } while (database_check(&j->db[1], NULL, NULL) != 0 || !card_allows(&j->card, &asked));
    make_card(j);
    for (int i = 0; i < 2; i++)
        plan_compile(&j->plan[i], &j->db[i], 1);
}

static void say(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

int week_load_junction(struct week_junction *j, const char *path, uint64_t *random)
{
    static struct config config;
    memset(j, 0, sizeof *j);
    if (config_load(&config, path, CONFIG_WHOLE, say, NULL) != 0)
        return -1;
    j->db[0] = j->db[1] = config.db;
    j->card = config.card;
    j->utc_ds = 10 * (utc_s_of(2027, 1, 1) + random_int(random, DAY_S));
    for (int i = 0; i < 2; i++)
        plan_compile(&j->plan[i], &j->db[i], 1);
    return 0;
}
