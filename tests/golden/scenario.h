/* A scenario: a plan, what happens to it, and what the lamps must do, in a small language that reads as
 * the standard does. docs/scenarios.md describes it; *.scn beside this file are written in it. */
#ifndef TESTS_GOLDEN_SCENARIO_H
#define TESTS_GOLDEN_SCENARIO_H

#include "../../ntcip/set.h"
#include "words.h"

enum {
    SCENARIO_ACTIONS_MAX = 256,
    SCENARIO_EXPECTATIONS_MAX = 512,
    SCENARIO_CHECKS_MAX = 256,
    SCENARIO_TEXT = 120,
};

/* What a line of `expect` or of a trace speaks of. */
enum subject {
    SUBJECT_UNIT,
    SUBJECT_PHASE,
    SUBJECT_PED,
    SUBJECT_OVERLAP,
    SUBJECT_CALL,
    SUBJECT_PED_CALL,
    SUBJECT_NEXT,
};

/* The states of all subjects, each subject using its own. */
enum state {
    STATE_FLASH, /* unit */
    STATE_ALL_RED,
    STATE_RUNNING,
    STATE_RED, /* phase, overlap */
    STATE_YELLOW,
    STATE_GREEN,
    STATE_FLASHING_GREEN,
    STATE_FLASHING_YELLOW, /* overlap: arrows */
    STATE_FLASHING_RED,
    STATE_DONT_WALK, /* ped */
    STATE_WALK,
    STATE_CLEARANCE,
    STATE_OFF, /* call, ped call, next */
    STATE_ON,
};

struct change {
    int64_t at_ds;
    enum subject subject;
    int no; /* phase or overlap; 0 for the unit */
    enum state state;
    int line_no; /* in the scenario file; 0 in a trace */
};

enum action_kind {
    ACTION_DETECTOR,
    ACTION_DETECTOR_FAULT, /* the detector's own unit reports it */
    ACTION_PED,            /* button down or up */
    ACTION_INPUT,          /* a switch of the cabinet */
    ACTION_PREEMPT,
    ACTION_PRIORITY,
    ACTION_ALARM,
    ACTION_INTERCONNECT, /* the pattern the hardwire interconnect asks for */
    ACTION_CIVIL,        /* the clock is set */
    ACTION_COMMAND,      /* of the centre, word by word */
    ACTION_SET,          /* of the centre: a SET of any object */
    ACTION_SETTING,      /* a stored parameter changes while the plan runs */
};

struct action {
    int64_t at_ds;
    enum action_kind kind;
    int no; /* detector, preempt, ...; bit of enum unit_input */
    bool on;
    bool refused; /* the command must be refused */
    struct control_op op;
    struct set_item item;
    int64_t utc_s; /* 0: the clock is lost */
    char setting[WORDS_TEXT];
    int line_no;
};

/* What must be found in one tick, beside the changes of the indications. */
struct check {
    int64_t at_ds;
    int line_no;
    struct object_instance at; /* the object to be read; none: an event is looked for */
    char value[WORDS_TEXT];    /* as object_words_print() writes it */
    int code, parameter;       /* of the event */
};

struct scenario {
    char title[SCENARIO_TEXT];
    struct database db;
    bool starts_green; /* else it begins with power-up */
    uint64_t start_mask;
    int64_t utc_s;          /* civil time at 0.0; 0: unknown */
    bool others_may_change; /* only what is expected is compared, the rest may change too */
    int64_t until_ds;
    size_t action_count, expectation_count, check_count;
    struct action action[SCENARIO_ACTIONS_MAX];
    struct change expectation[SCENARIO_EXPECTATIONS_MAX]; /* in the order of scenario_order() */
    struct check check[SCENARIO_CHECKS_MAX];              /* as they were written */
};

/* Reads a scenario. Returns 0, or -1 after printing FILE:LINE: REASON to stderr. */
int scenario_read(struct scenario *scenario, const char *path);

/* Applies one settings line ("phase 2 max 40", "patternCycleTime.1 100") to a database. Returns NULL or
 * the reason why not, which may stand in `scratch`. */
const char *scenario_setting(struct database *db, const char *text, char scratch[WORDS_TEXT]);

/* Writes a change as the language writes it, without its time: "phase 2 yellow". */
void change_text(const struct change *change, char *text, size_t size);

/* By time, subject, number: for qsort(). */
int scenario_order(const void *a, const void *b);

#endif
