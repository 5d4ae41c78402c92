#include "scenario.h"
#include "object_words.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const state_names[] = {
    [STATE_FLASH] = "flash",
    [STATE_ALL_RED] = "all-red",
    [STATE_RUNNING] = "running",
    [STATE_RED] = "red",
    [STATE_YELLOW] = "yellow",
    [STATE_GREEN] = "green",
    [STATE_FLASHING_GREEN] = "flashing-green",
    [STATE_FLASHING_YELLOW] = "flashing-yellow",
    [STATE_FLASHING_RED] = "flashing-red",
    [STATE_DONT_WALK] = "dont-walk",
    [STATE_WALK] = "walk",
    [STATE_CLEARANCE] = "clearance",
    [STATE_OFF] = "off",
    [STATE_ON] = "on",
};

/* A subject, how many there are of it, and the span of its states. */
static const struct {
    const char *word;
    enum state first, last;
    int count;
} subjects[] = {
    [SUBJECT_UNIT] = {"unit", STATE_FLASH, STATE_RUNNING, 0},
    [SUBJECT_PHASE] = {"phase", STATE_RED, STATE_FLASHING_GREEN, PHASES_MAX},
    [SUBJECT_PED] = {"ped", STATE_DONT_WALK, STATE_CLEARANCE, PHASES_MAX},
    [SUBJECT_OVERLAP] = {"overlap", STATE_RED, STATE_FLASHING_RED, OVERLAPS_MAX},
    [SUBJECT_CALL] = {"call", STATE_OFF, STATE_ON, PHASES_MAX},
    [SUBJECT_PED_CALL] = {"ped-call", STATE_OFF, STATE_ON, PHASES_MAX},
    [SUBJECT_NEXT] = {"next", STATE_OFF, STATE_ON, PHASES_MAX},
};

static const struct {
    const char *word;
    enum unit_input input;
} inputs[] = {
    {"stop-time", INPUT_STOP_TIME},
    {"manual-control", INPUT_MANUAL_CONTROL},
    {"interval-advance", INPUT_INTERVAL_ADVANCE},
    {"min-recall", INPUT_EXTERNAL_MIN_RECALL},
    {"non-actuated-1", INPUT_NON_ACTUATED_1},
    {"non-actuated-2", INPUT_NON_ACTUATED_2},
    {"walk-rest", INPUT_WALK_REST},
    {"flash", INPUT_AUTOMATIC_FLASH},
    {"free", INPUT_FREE},
    {"dimming", INPUT_DIMMING},
    {"door", INPUT_DOOR},
    {"cabinet-flash", INPUT_CABINET_FLASH},
};

/* Inputs of which there are several: "preempt.3". */
static const struct {
    const char *word;
    enum action_kind kind;
    int count;
} numbered_inputs[] = {
    {"preempt", ACTION_PREEMPT, PREEMPTS_MAX},
    {"priority", ACTION_PRIORITY, PRIORITIES_MAX},
    {"alarm", ACTION_ALARM, 8},
    {"interconnect", ACTION_INTERCONNECT, PATTERN_FLASH},
    {"detector-fault", ACTION_DETECTOR_FAULT, VEHICLE_DETECTORS_MAX},
};

/* What the centre can command: a mask with a bit for each phase or ring, or one number. */
static const struct {
    const char *word;
    uint16_t offset;
    uint8_t size;
    bool number;
} commands[] = {
    {"hold", offsetof(struct control, hold_mask), 8, false},
    {"omit", offsetof(struct control, phase_omit_mask), 8, false},
    {"ped-omit", offsetof(struct control, ped_omit_mask), 8, false},
    {"force-off", offsetof(struct control, force_off_mask), 8, false},
    {"call", offsetof(struct control, vehicle_call_mask), 8, false},
    {"ped-call", offsetof(struct control, ped_call_mask), 8, false},
    {"ring-force-off", offsetof(struct control, ring_force_off_mask), 1, false},
    {"ring-stop-time", offsetof(struct control, ring_stop_time_mask), 1, false},
    {"ring-max2", offsetof(struct control, ring_max2_mask), 1, false},
    {"ring-max3", offsetof(struct control, ring_max3_mask), 1, false},
    {"ring-max-inhibit", offsetof(struct control, ring_max_inhibit_mask), 1, false},
    {"ring-ped-recycle", offsetof(struct control, ring_ped_recycle_mask), 1, false},
    {"ring-red-rest", offsetof(struct control, ring_red_rest_mask), 1, false},
    {"ring-omit-red-clear", offsetof(struct control, ring_omit_red_clear_mask), 1, false},
    {"manual-timeout", offsetof(struct control, manual_timeout_s), 1, true},
    {"interval-advance", offsetof(struct control, interval_advance), 1, true},
};

int scenario_order(const void *a, const void *b)
{
    const struct change *x = a;
    const struct change *y = b;
    if (x->at_ds != y->at_ds)
        return x->at_ds < y->at_ds ? -1 : 1;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    return (x->no > y->no) - (x->no < y->no);
}

void change_text(const struct change *change, char *text, size_t size)
{
    if (change->subject == SUBJECT_UNIT)
        snprintf(text, size, "unit %s", state_names[change->state]);
    else
        snprintf(text, size, "%s %d %s", subjects[change->subject].word, change->no,
                 state_names[change->state]);
}

static bool on_or_off(const char *word, bool *on)
{
    *on = strcmp(word, "on") == 0;
    return *on || strcmp(word, "off") == 0;
}

/* The state a word names for a subject; false if it has no such state. */
static bool find_state(enum subject subject, const char *word, enum state *state)
{
    for (int s = (int)subjects[subject].first; s <= (int)subjects[subject].last; s++) {
        if (strcmp(word, state_names[s]) == 0) {
            *state = (enum state)s;
            return true;
        }
    }
    return false;
}

static bool find_subject(const char *word, enum subject *subject)
{
    for (size_t i = 0; i < COUNT(subjects); i++) {
        if (strcmp(word, subjects[i].word) == 0) {
            *subject = (enum subject)i;
            return true;
        }
    }
    return false;
}

/* expect TIME status OBJECT VALUE... | expect TIME event CODE PARAMETER */
static const char *read_check(struct scenario *scenario, const struct words *words, int line_no)
{
    struct check *check = &scenario->check[scenario->check_count];
    int64_t code, parameter;
    if (scenario->check_count == SCENARIO_CHECKS_MAX)
        return "too many expectations";
    *check = (struct check){.line_no = line_no};
    if (words->count < 4 || !words_tenths(words->word[1], &check->at_ds))
        return "expect TIME status OBJECT VALUE..., or expect TIME event CODE PARAMETER";
    if (strcmp(words->word[2], "status") == 0) {
        const char *reason = object_words_find(words->word[3], &check->at);
        if (reason)
            return reason;
        object_words_join(words, 4, check->value);
    } else {
        if (words->count != 5 || !words_within(words->word[3], 0, UINT16_MAX, &code) ||
            !words_within(words->word[4], 0, UINT16_MAX, &parameter))
            return "expect TIME event CODE PARAMETER";
        check->code = (int)code;
        check->parameter = (int)parameter;
    }
    scenario->check_count++;
    return NULL;
}

/* expect TIME unit STATE | expect TIME SUBJECT NUMBER... STATE */
static const char *read_change(struct scenario *scenario, const struct words *words, int line_no)
{
    struct change change = {.line_no = line_no};
    if (words->count < 4 || !words_tenths(words->word[1], &change.at_ds) ||
        !find_subject(words->word[2], &change.subject))
        return "expect TIME SUBJECT [NUMBER...] STATE";
    int last = words->count - 1;
    if (!find_state(change.subject, words->word[last], &change.state))
        return "no such state";
    if ((change.subject == SUBJECT_UNIT) != (last == 3))
        return "which one?";
    for (int i = 3; i < last || (change.subject == SUBJECT_UNIT && i == 3); i++) {
        int64_t no = 0;
        if (change.subject != SUBJECT_UNIT &&
            !words_within(words->word[i], 1, subjects[change.subject].count, &no))
            return "there is none of that number";
        if (scenario->expectation_count == SCENARIO_EXPECTATIONS_MAX)
            return "too many expectations";
        change.no = (int)no;
        scenario->expectation[scenario->expectation_count++] = change;
    }
    return NULL;
}

static const char *read_expectation(struct scenario *scenario, const struct words *words, int line_no)
{
    if (words->count == 3 && strcmp(words->word[1], "among") == 0 && strcmp(words->word[2], "others") == 0) {
        scenario->others_may_change = true;
        return NULL;
    }
    if (words->count > 2 && (strcmp(words->word[2], "status") == 0 || strcmp(words->word[2], "event") == 0))
        return read_check(scenario, words, line_no);
    return read_change(scenario, words, line_no);
}

/* NAME NUMBER on|off, or NAME VALUE for the plain numbers, from word `at` on */
static const char *read_command(struct action *action, const struct words *words, int at)
{
    for (size_t i = 0; i < COUNT(commands); i++) {
        int64_t no;
        if (strcmp(words->word[at], commands[i].word) != 0)
            continue;
        action->kind = ACTION_COMMAND;
        action->op = (struct control_op){
            .offset = commands[i].offset, .size = commands[i].size, .restarts_backup = true};
        if (words->count <= at + 1 ||
            !words_within(words->word[at + 1], 0, commands[i].number ? 255 : PHASES_MAX, &no))
            return "which one?";
        if (commands[i].number) {
            action->op.clear = UINT8_MAX;
            action->op.set = (uint64_t)no;
            return words->count == at + 2 ? NULL : "a word too many";
        }
        if (no == 0 || no > commands[i].size * 8 || words->count != at + 3 ||
            !on_or_off(words->word[at + 2], &action->on))
            return "NUMBER on|off";
        *(action->on ? &action->op.set : &action->op.clear) = mask_of((int)no);
        return NULL;
    }
    return "nobody can do that";
}

/* "preempt.3" */
static const char *read_numbered_input(struct action *action, const char *word)
{
    const char *point = strchr(word, '.');
    for (size_t i = 0; point && i < COUNT(numbered_inputs); i++) {
        int64_t no;
        if (strlen(numbered_inputs[i].word) != (size_t)(point - word) ||
            strncmp(word, numbered_inputs[i].word, (size_t)(point - word)) != 0)
            continue;
        if (!words_within(point + 1, 1, numbered_inputs[i].count, &no))
            return "there is none of that number";
        action->kind = numbered_inputs[i].kind;
        action->no = (int)no;
        return NULL;
    }
    return "no such input";
}

static const char *read_input(struct action *action, const struct words *words)
{
    if (words->count != 5 || !on_or_off(words->word[4], &action->on))
        return "at TIME input NAME on|off";
    for (size_t i = 0; i < COUNT(inputs); i++) {
        if (strcmp(words->word[3], inputs[i].word) == 0) {
            action->kind = ACTION_INPUT;
            action->no = (int)inputs[i].input;
            return NULL;
        }
    }
    return read_numbered_input(action, words->word[3]);
}

/* 2026-11-22T06:00:00Z, or `unknown` */
static const char *read_civil(const char *word, int64_t *utc_s)
{
    struct tm when = {0};
    *utc_s = 0;
    if (strcmp(word, "unknown") == 0)
        return NULL;
    const char *end = strptime(word, "%Y-%m-%dT%H:%M:%SZ", &when);
    if (!end || *end != '\0')
        return "civil time is UTC, as 2026-11-22T06:00:00Z, or unknown";
    *utc_s = timegm(&when);
    return NULL;
}

/* command OBJECT VALUE..., from the object's name at word `at` on */
static const char *read_set(struct action *action, const struct words *words, int at,
                            char scratch[WORDS_TEXT])
{
    struct object_instance instance;
    action->kind = ACTION_SET;
    if (at >= words->count)
        return "command OBJECT VALUE...";
    const char *reason = object_words_find(words->word[at], &instance);
    if (reason)
        return reason;
    if (!instance.object->writable)
        return "the object is read-only";
    object_instance_id(&instance, &action->item.id);
    return object_words_value(&instance, words, at + 1, &action->item.value, scratch);
}

/* NUMBER chatters TIMES: on for a tick and off for a tick, so often. */
static const char *add_chatter(struct scenario *scenario, struct action *action, int64_t times)
{
    if (scenario->action_count + (size_t)(2 * times) > SCENARIO_ACTIONS_MAX)
        return "too many actions";
    for (int i = 0; i < 2 * (int)times; i++) {
        action[i] = action[0];
        action[i].at_ds = action[0].at_ds + i;
        action[i].on = i % 2 == 0;
    }
    scenario->action_count += (size_t)(2 * times);
    return NULL;
}

/* NUMBER on, NUMBER off, NUMBER for SECONDS, or NUMBER chatters TIMES; a button alone is pressed for one
 * tick. Adds one action, or more. */
static const char *read_detector(struct scenario *scenario, struct action *action, const struct words *words,
                                 bool ped)
{
    int64_t no, times;
    int64_t length_ds = 1;
    action->kind = ped ? ACTION_PED : ACTION_DETECTOR;
    action->on = true;
    if (words->count < 4 ||
        !words_within(words->word[3], 1, ped ? PEDESTRIAN_DETECTORS_MAX : VEHICLE_DETECTORS_MAX, &no))
        return "which one?";
    action->no = (int)no;
    if (words->count == 6 && strcmp(words->word[4], "chatters") == 0 &&
        words_within(words->word[5], 1, SCENARIO_ACTIONS_MAX, &times))
        return add_chatter(scenario, action, times);
    bool pulse = (ped && words->count == 4) || (words->count == 6 && strcmp(words->word[4], "for") == 0 &&
                                                words_tenths(words->word[5], &length_ds) && length_ds > 0);
    if (!pulse && (words->count != 5 || !on_or_off(words->word[4], &action->on)))
        return "NUMBER on|off, NUMBER for SECONDS, or NUMBER chatters TIMES";
    scenario->action_count++;
    if (pulse) {
        action[1] = action[0];
        action[1].at_ds += length_ds;
        action[1].on = false;
        scenario->action_count++;
    }
    return NULL;
}

/* What the centre does: command OBJECT VALUE..., or a word for it; `refused` may stand before. */
static const char *read_centre(struct action *action, const struct words *words, char scratch[WORDS_TEXT])
{
    action->refused = strcmp(words->word[2], "refused") == 0;
    int at = action->refused ? 3 : 2;
    if (at >= words->count)
        return "refused what?";
    if (strcmp(words->word[at], "command") == 0)
        return read_set(action, words, at + 1, scratch);
    return read_command(action, words, at);
}

/* at TIME WHAT... */
static const char *read_action(struct scenario *scenario, const struct words *words, const char *line,
                               int line_no, char scratch[WORDS_TEXT])
{
    struct action *action = &scenario->action[scenario->action_count];
    if (scenario->action_count + 2 > SCENARIO_ACTIONS_MAX)
        return "too many actions";
    *action = (struct action){.line_no = line_no};
    if (words->count < 3 || !words_tenths(words->word[1], &action->at_ds))
        return "at TIME WHAT...";
    const char *what = words->word[2];
    const char *reason = NULL;
    if (strcmp(what, "detector") == 0 || strcmp(what, "ped") == 0)
        return read_detector(scenario, action, words, what[0] == 'p');
    if (strcmp(what, "input") == 0) {
        reason = read_input(action, words);
    } else if (strcmp(what, "civil") == 0) {
        action->kind = ACTION_CIVIL;
        reason = words->count == 4 ? read_civil(words->word[3], &action->utc_s) : "civil WHEN";
    } else if (strcmp(what, "set") == 0) {
        struct database unused = scenario->db;
        action->kind = ACTION_SETTING;
        snprintf(action->setting, sizeof(action->setting), "%s", strstr(line, "set") + 3);
        reason = scenario_setting(&unused, action->setting, scratch);
    } else {
        reason = read_centre(action, words, scratch);
    }
    if (!reason)
        scenario->action_count++;
    return reason;
}

static const char *read_start(struct scenario *scenario, const struct words *words)
{
    scenario->starts_green = true;
    for (int i = 1; i < words->count; i++) {
        int64_t no;
        if (!words_within(words->word[i], 1, PHASES_MAX, &no))
            return "no such phase";
        scenario->start_mask |= mask_of((int)no);
    }
    return NULL;
}

static const char *read_line(struct scenario *scenario, const char *line, int line_no,
                             char scratch[WORDS_TEXT])
{
    struct words words;
    if (!words_split(&words, line))
        return "too long";
    if (words.count == 0)
        return NULL;
    const char *first = words.word[0];
    if (strcmp(first, "title") == 0) {
        const char *title = line + 5 + strspn(line + 5, " \t");
        snprintf(scenario->title, sizeof(scenario->title), "%.*s", (int)strcspn(title, "\r\n"), title);
        return NULL;
    }
    if (strcmp(first, "start") == 0)
        return read_start(scenario, &words);
    if (strcmp(first, "at") == 0)
        return read_action(scenario, &words, line, line_no, scratch);
    if (strcmp(first, "until") == 0)
        return words.count == 2 && words_tenths(words.word[1], &scenario->until_ds) ? NULL : "until TIME";
    if (strcmp(first, "expect") == 0)
        return read_expectation(scenario, &words, line_no);
    if (strcmp(first, "civil") == 0)
        return words.count == 2 ? read_civil(words.word[1], &scenario->utc_s) : "civil WHEN";
    if (strcmp(first, "set") == 0)
        line = strstr(line, "set") + 3;
    return scenario_setting(&scenario->db, line, scratch);
}

/* What stands in a cabinet where nobody has set anything, but for the red revert. */
static void defaults(struct database *db)
{
    object_defaults(db);
    database_default_channels(db);
    db->unit.red_revert_ds = 20;
}

int scenario_read(struct scenario *scenario, const char *path)
{
    char line[WORDS_TEXT], scratch[WORDS_TEXT];
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        return -1;
    }
    memset(scenario, 0, sizeof(*scenario));
    defaults(&scenario->db);
    const char *reason = NULL;
    int line_no = 0;
    while (!reason && fgets(line, sizeof(line), file))
        reason = read_line(scenario, line, ++line_no, scratch);
    fclose(file);
    if (!reason && scenario->until_ds == 0)
        reason = "it has no end: until TIME";
    if (!reason && scenario->title[0] == '\0')
        reason = "it has no title";
    if (reason) {
        fprintf(stderr, "%s:%d: %s\n", path, line_no, reason);
        return -1;
    }
    qsort(scenario->expectation, scenario->expectation_count, sizeof(scenario->expectation[0]),
          scenario_order);
    return 0;
}
