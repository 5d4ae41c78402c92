/* A scenario: a plan, what happens to it, and what the lamps must do, in a small language that reads as
 * the standard does. docs/scenarios.md describes it; *.scn beside this file are written in it. */
#ifndef TESTS_GOLDEN_SCENARIO_H
#define TESTS_GOLDEN_SCENARIO_H

#include "../../phases/control.h"
#include "../../phases/database.h"

enum {
    SCENARIO_ACTIONS_MAX = 256,
    SCENARIO_EXPECTATIONS_MAX = 256,
    SCENARIO_TEXT = 120,
};

/* What a line of `expect` or of a trace speaks of. */
enum subject {
    SUBJECT_UNIT,
    SUBJECT_PHASE,
    SUBJECT_PED,
    SUBJECT_CALL,
    SUBJECT_PED_CALL,
    SUBJECT_NEXT,
};

/* The states of all subjects, each subject using its own. */
enum state {
    STATE_FLASH, /* unit */
    STATE_ALL_RED,
    STATE_RUNNING,
    STATE_RED, /* phase */
    STATE_YELLOW,
    STATE_GREEN,
    STATE_FLASHING_GREEN,
    STATE_DONT_WALK, /* ped */
    STATE_WALK,
    STATE_CLEARANCE,
    STATE_OFF, /* call, ped call, next */
    STATE_ON,
};

struct change {
    int64_t at_ds;
    enum subject subject;
    int no; /* phase; 0 for the unit */
    enum state state;
    int line_no; /* in the scenario file; 0 in a trace */
};

enum action_kind {
    ACTION_DETECTOR,
    ACTION_PED,     /* button down or up */
    ACTION_INPUT,   /* a switch of the cabinet */
    ACTION_COMMAND, /* of the centre */
    ACTION_SETTING, /* a stored parameter changes while the plan runs */
};

struct action {
    int64_t at_ds;
    enum action_kind kind;
    int no; /* detector; bit of enum unit_input */
    bool on;
    bool refused; /* the command must be refused */
    struct control_op op;
    char setting[SCENARIO_TEXT];
    int line_no;
};

struct scenario {
    char title[SCENARIO_TEXT];
    struct database db;
    bool starts_green; /* else it begins with power-up */
    uint64_t start_mask;
    bool others_may_change; /* only what is expected is compared, the rest may change too */
    int64_t until_ds;
    size_t action_count, expectation_count;
    struct action action[SCENARIO_ACTIONS_MAX];
    struct change expectation[SCENARIO_EXPECTATIONS_MAX]; /* in the order of scenario_order() */
};

/* Reads a scenario. Returns 0, or -1 after printing FILE:LINE: REASON to stderr. */
int scenario_read(struct scenario *scenario, const char *path);

/* Applies one settings line ("phase 2 max 40") to a database. Returns NULL or the reason why not. */
const char *scenario_setting(struct database *db, const char *text);

/* Writes a change as the language writes it, without its time: "phase 2 yellow". */
void change_text(const struct change *change, char *text, size_t size);

/* By time, subject, number: for qsort(). */
int scenario_order(const void *a, const void *b);

#endif
