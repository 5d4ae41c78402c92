/* The settings lines of a scenario: `plan`, `only`, `all`, `phase`, `detector`, `unit`, `ring`, `together`,
 * and the name of any object of the database. */
#include "object_words.h"
#include "scenario.h"
#include <string.h>

struct number_key {
    const char *word;
    size_t offset;
    uint8_t size;
    bool tenths; /* stored in tenths; the scenario writes seconds */
};

struct flag_key {
    const char *word;
    uint16_t set, clear;
};

#define PHASE_KEY(word, field, tenths)                                                                       \
    {                                                                                                        \
        word, offsetof(struct phase_row, field), sizeof(((struct phase_row *)0)->field), tenths              \
    }

static const struct number_key phase_numbers[] = {
    PHASE_KEY("min", minimum_green_s, false),
    PHASE_KEY("passage", passage_ds, true),
    PHASE_KEY("max", maximum1_s, false),
    PHASE_KEY("max2", maximum2_s, false),
    PHASE_KEY("max3", maximum3_s, false),
    PHASE_KEY("yellow", yellow_ds, true),
    PHASE_KEY("red", red_clear_ds, true),
    PHASE_KEY("revert", red_revert_ds, true),
    PHASE_KEY("added-initial", added_initial_ds, true),
    PHASE_KEY("max-initial", maximum_initial_s, false),
    PHASE_KEY("before-reduction", time_before_reduction_s, false),
    PHASE_KEY("cars-before-reduction", cars_before_reduction, false),
    PHASE_KEY("to-reduce", time_to_reduce_s, false),
    PHASE_KEY("reduce-by", reduce_by_ds, true),
    PHASE_KEY("min-gap", minimum_gap_ds, true),
    PHASE_KEY("dynamic-limit", dynamic_max_limit_s, false),
    PHASE_KEY("dynamic-step", dynamic_max_step_ds, true),
    PHASE_KEY("walk", walk_s, false),
    PHASE_KEY("ped-clear", ped_clear_s, false),
    PHASE_KEY("ped-clear-into-yellow", ped_clear_into_yellow_red_ds, true),
    PHASE_KEY("flashing-green", flashing_green_s, false),
    PHASE_KEY("ped-clear-before-flash", ped_clear_before_flash, false),
};

static const struct flag_key phase_flags[] = {
    {"enabled", PHASE_ENABLED, 0},
    {"disabled", 0, PHASE_ENABLED},
    {"locking", 0, PHASE_NON_LOCKING},
    {"non-locking", PHASE_NON_LOCKING, 0},
    {"min-recall", PHASE_MIN_RECALL, 0},
    {"max-recall", PHASE_MAX_RECALL, 0},
    {"ped-recall", PHASE_PED_RECALL, 0},
    {"soft-recall", PHASE_SOFT_RECALL, 0},
    {"dual-entry", PHASE_DUAL_ENTRY, 0},
    {"simultaneous-gap-disable", PHASE_SIMULTANEOUS_GAP_DISABLE, 0},
    {"guaranteed-passage", PHASE_GUARANTEED_PASSAGE, 0},
    {"rest-in-walk", PHASE_REST_IN_WALK, 0},
    {"conditional-service", PHASE_CONDITIONAL_SERVICE, 0},
    {"non-actuated-1", PHASE_NON_ACTUATED_1, 0},
    {"non-actuated-2", PHASE_NON_ACTUATED_2, 0},
    {"added-initial-largest", PHASE_ADDED_INITIAL_LARGEST, 0},
};

static const struct {
    const char *word;
    enum phase_startup startup;
} startups[] = {
    {"not-on", STARTUP_NOT_ON}, {"green-walk", STARTUP_GREEN_WALK}, {"green", STARTUP_GREEN_NO_WALK},
    {"yellow", STARTUP_YELLOW}, {"red-clear", STARTUP_RED_CLEAR},
};

#define DETECTOR_KEY(word, field, tenths)                                                                    \
    {                                                                                                        \
        word, offsetof(struct vehicle_detector_row, field),                                                  \
            sizeof(((struct vehicle_detector_row *)0)->field), tenths                                        \
    }

static const struct number_key detector_numbers[] = {
    DETECTOR_KEY("phase", call_phase_no, false),
    DETECTOR_KEY("switch", switch_phase_no, false),
    DETECTOR_KEY("delay", delay_ds, true),
    DETECTOR_KEY("extend", extend_ds, true),
    DETECTOR_KEY("queue-limit", queue_limit_s, false),
};

static const struct flag_key detector_flags[] = {
    {"call", DETECTOR_CALL, 0},         {"no-call", 0, DETECTOR_CALL},
    {"extends", DETECTOR_PASSAGE, 0},   {"no-passage", 0, DETECTOR_PASSAGE},
    {"queue", DETECTOR_QUEUE, 0},       {"yellow-lock", DETECTOR_YELLOW_LOCK, 0},
    {"red-lock", DETECTOR_RED_LOCK, 0},
};

#define UNIT_KEY(word, field, tenths)                                                                        \
    {                                                                                                        \
        word, offsetof(struct unit_row, field), sizeof(((struct unit_row *)0)->field), tenths                \
    }

static const struct number_key unit_numbers[] = {
    UNIT_KEY("flash", startup_flash_s, false),           UNIT_KEY("all-red", startup_all_red_s, false),
    UNIT_KEY("startup-calls", startup_calls, false),     UNIT_KEY("revert", red_revert_ds, true),
    UNIT_KEY("backup-time", backup_time_s, false),       UNIT_KEY("backup-prevent", backup_prevent, false),
    UNIT_KEY("last-car-recall", last_car_recall, false), UNIT_KEY("auto-ped-clear", auto_ped_clear, false),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Stores `value` in a field of 1, 2 or 4 octets. */
static bool put_number(void *row, const struct number_key *key, int64_t value)
{
    unsigned char *field = (unsigned char *)row + key->offset;
    if (value < 0 || value >> (8 * key->size) != 0)
        return false;
    switch (key->size) {
    case 1:
        *field = (uint8_t)value;
        return true;
    case 2:
        memcpy(field, &(uint16_t){(uint16_t)value}, sizeof(uint16_t));
        return true;
    default:
        memcpy(field, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
        return true;
    }
}

/* `KEY VALUE` of one table at word *at; moves *at past it. False if no such key, or a bad value. */
static bool take_number(void *row, const struct number_key *keys, size_t count, const struct words *words,
                        int *at)
{
    for (size_t i = 0; i < count; i++) {
        int64_t value;
        if (strcmp(words->word[*at], keys[i].word) != 0)
            continue;
        if (*at + 1 >= words->count)
            return false;
        const char *text = words->word[*at + 1];
        if (!(keys[i].tenths ? words_tenths(text, &value) : words_number(text, &value)) ||
            !put_number(row, &keys[i], value))
            return false;
        *at += 2;
        return true;
    }
    return false;
}

static const struct flag_key *find_flag(const struct flag_key *keys, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, keys[i].word) == 0)
            return &keys[i];
    return NULL;
}

static bool take_startup(struct phase_row *row, const struct words *words, int *at)
{
    if (strcmp(words->word[*at], "startup") != 0 || *at + 1 >= words->count)
        return false;
    for (size_t i = 0; i < COUNT(startups); i++) {
        if (strcmp(words->word[*at + 1], startups[i].word) == 0) {
            row->startup = (uint8_t)startups[i].startup;
            *at += 2;
            return true;
        }
    }
    return false;
}

static const char *set_phase(struct phase_row *row, const struct words *words, int at)
{
    while (at < words->count) {
        const struct flag_key *flag = find_flag(phase_flags, COUNT(phase_flags), words->word[at]);
        if (flag) {
            row->options = (uint16_t)((row->options | flag->set) & ~flag->clear);
            at++;
        } else if (!take_number(row, phase_numbers, COUNT(phase_numbers), words, &at) &&
                   !take_startup(row, words, &at)) {
            return "no such setting of a phase, or no such value";
        }
    }
    return NULL;
}

static const char *set_detector(struct vehicle_detector_row *row, const struct words *words, int at)
{
    while (at < words->count) {
        const struct flag_key *flag = find_flag(detector_flags, COUNT(detector_flags), words->word[at]);
        if (flag) {
            row->options = (uint8_t)((row->options | flag->set) & ~flag->clear);
            at++;
        } else if (!take_number(row, detector_numbers, COUNT(detector_numbers), words, &at)) {
            return "no such setting of a detector, or no such value";
        }
    }
    return NULL;
}

static const char *set_ring(struct database *db, const struct words *words)
{
    int64_t ring_no;
    int64_t phase_no;
    if (words->count < 3 || !words_within(words->word[1], 1, RINGS_MAX, &ring_no))
        return "ring NUMBER PHASE...";
    struct phase_list *sequence = &db->sequence[0][ring_no - 1];
    memset(sequence, 0, sizeof(*sequence));
    for (int i = 2; i < words->count; i++) {
        if (!words_within(words->word[i], 1, PHASES_MAX, &phase_no))
            return "no such phase";
        sequence->number[sequence->count++] = (uint8_t)phase_no;
        struct phase_row *row = &db->phase[phase_no - 1];
        row->ring_no = (uint8_t)ring_no;
        row->options |= PHASE_ENABLED | PHASE_NON_LOCKING;
        row->yellow_ds = 30;
        row->startup = STARTUP_NOT_ON;
        db->vehicle_detector[phase_no - 1].call_phase_no = (uint8_t)phase_no;
        db->vehicle_detector[phase_no - 1].options =
            DETECTOR_PASSAGE | DETECTOR_CALL | DETECTOR_ADDED_INITIAL;
        db->pedestrian_detector[phase_no - 1].call_phase_no = (uint8_t)phase_no;
    }
    return NULL;
}

/* The phases of one side of a barrier: those of different rings may be on together. */
static const char *set_together(struct database *db, const struct words *words)
{
    for (int i = 1; i < words->count; i++) {
        for (int j = 1; j < words->count; j++) {
            int64_t a;
            int64_t b;
            if (!words_within(words->word[i], 1, PHASES_MAX, &a) ||
                !words_within(words->word[j], 1, PHASES_MAX, &b))
                return "no such phase";
            struct phase_list *with = &db->phase[a - 1].concurrency;
            if (db->phase[a - 1].ring_no != db->phase[b - 1].ring_no)
                with->number[with->count++] = (uint8_t)b;
        }
    }
    return NULL;
}

/* `plan eight-phase` is the two-ring plan of the NEMA tradition, in the language itself. */
static const char *set_plan(struct database *db, const struct words *words, char scratch[WORDS_TEXT])
{
    static const char *const eight_phase[] = {"ring 1 1 2 3 4", "ring 2 5 6 7 8", "together 1 2 5 6",
                                              "together 3 4 7 8"};
    if (words->count != 2 || strcmp(words->word[1], "eight-phase") != 0)
        return "the ready plan is: eight-phase";
    for (size_t i = 0; i < COUNT(eight_phase); i++) {
        const char *reason = scenario_setting(db, eight_phase[i], scratch);
        if (reason)
            return reason;
    }
    return NULL;
}

/* `only 2 4`: every other phase of the plan is disabled. */
static const char *set_only(struct database *db, const struct words *words)
{
    uint64_t kept = 0;
    for (int i = 1; i < words->count; i++) {
        int64_t no;
        if (!words_within(words->word[i], 1, PHASES_MAX, &no))
            return "no such phase";
        kept |= mask_of((int)no);
    }
    for (int no = 1; no <= PHASES_MAX; no++)
        if (!mask_has(kept, no))
            db->phase[no - 1].options &= (uint16_t)~PHASE_ENABLED;
    return NULL;
}

/* OBJECT VALUE... */
static const char *set_object(struct database *db, const struct words *words, char scratch[WORDS_TEXT])
{
    struct object_instance at;
    struct value value;
    const char *reason = object_words_find(words->word[0], &at);
    if (reason)
        return reason;
    if (at.object->store != STORE_DATABASE || !at.object->writable)
        return "it is no setting";
    reason = object_words_value(&at, words, 1, &value, scratch);
    if (!reason)
        object_store_value(&at, &value, db);
    return reason;
}

const char *scenario_setting(struct database *db, const char *text, char scratch[WORDS_TEXT])
{
    struct words words;
    int64_t no;
    if (!words_split(&words, text) || words.count == 0)
        return "no words, or too many";
    const char *first = words.word[0];
    if (strcmp(first, "plan") == 0)
        return set_plan(db, &words, scratch);
    if (strcmp(first, "ring") == 0)
        return set_ring(db, &words);
    if (strcmp(first, "together") == 0)
        return set_together(db, &words);
    if (strcmp(first, "only") == 0)
        return set_only(db, &words);
    if (strcmp(first, "phase") == 0 && words.count > 2 && words_within(words.word[1], 1, PHASES_MAX, &no))
        return set_phase(&db->phase[no - 1], &words, 2);
    if (strcmp(first, "detector") == 0 && words.count > 2 &&
        words_within(words.word[1], 1, VEHICLE_DETECTORS_MAX, &no))
        return set_detector(&db->vehicle_detector[no - 1], &words, 2);
    if (strcmp(first, "unit") == 0) {
        int at = 1;
        while (at < words.count)
            if (!take_number(&db->unit, unit_numbers, COUNT(unit_numbers), &words, &at))
                return "no such setting of the unit, or no such value";
        return NULL;
    }
    if (strcmp(first, "all") == 0) {
        for (int i = 0; i < PHASES_MAX; i++) {
            const char *reason = db->phase[i].ring_no ? set_phase(&db->phase[i], &words, 1) : NULL;
            if (reason)
                return reason;
        }
        return NULL;
    }
    return set_object(db, &words, scratch);
}
