/* Plays scenarios against the engine: scenario_runner [--update] FILE.scn...
 *
 * Each is compared with what it expects, and with its golden trace FILE.trace: every change of every
 * indication, call and committed successor. --update writes the traces anew; the expectations stay as
 * they are. Prints one line per scenario, and for a failure what was expected, what came, at which tick. */
#include "../../phases/engine.h"
#include "scenario.h"
#include "words.h"
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_MAX = 4096, DIFFERENCES_SHOWN = 8, LINE_TEXT = 80 };

struct trace {
    size_t count;
    bool overflow;
    struct change change[TRACE_MAX];
};

struct run {
    struct scenario scenario;
    struct database db; /* as the settings have changed it so far */
    struct plan plan[2];
    int plan_ix; /* the one in force, or on offer */
    bool plan_waits;
    struct engine engine;
    struct inputs inputs;
    struct engine_status before;
    struct trace trace;
    char problem[200]; /* the scenario could not be played to its end */
    FILE *details;     /* what to print below a failure */
};

static void record(struct trace *trace, int64_t at_ds, enum subject subject, int no, enum state state)
{
    if (trace->count == TRACE_MAX) {
        trace->overflow = true;
        return;
    }
    trace->change[trace->count++] =
        (struct change){.at_ds = at_ds, .subject = subject, .no = no, .state = state};
}

static enum state unit_state(const struct engine_status *s)
{
    switch (s->unit) {
    case UNIT_STARTUP_FLASH:
    case UNIT_AUTOMATIC_FLASH:
        return STATE_FLASH;
    case UNIT_STARTUP_ALL_RED:
        return STATE_ALL_RED;
    case UNIT_RUNNING:
        break;
    }
    return STATE_RUNNING;
}

/* In a flash no phase shows a colour of its own: it counts as red. */
static enum state phase_state(const struct engine_status *s, int no)
{
    if (mask_has(s->flashing_green, no))
        return STATE_FLASHING_GREEN;
    if (mask_has(s->green, no))
        return STATE_GREEN;
    return mask_has(s->yellow, no) ? STATE_YELLOW : STATE_RED;
}

static enum state ped_state(const struct engine_status *s, int no)
{
    if (mask_has(s->walk, no))
        return STATE_WALK;
    return mask_has(s->ped_clear, no) ? STATE_CLEARANCE : STATE_DONT_WALK;
}

static enum state call_state(const struct engine_status *s, int no)
{
    return mask_has(s->vehicle_call, no) ? STATE_ON : STATE_OFF;
}

static enum state ped_call_state(const struct engine_status *s, int no)
{
    return mask_has(s->ped_call, no) ? STATE_ON : STATE_OFF;
}

static enum state next_state(const struct engine_status *s, int no)
{
    return mask_has(s->next, no) ? STATE_ON : STATE_OFF;
}

/* In the order of scenario_order(). */
static void record_changes(struct trace *trace, const struct engine_status *now,
                           const struct engine_status *before)
{
    static const struct {
        enum subject subject;
        enum state (*state)(const struct engine_status *s, int no);
    } views[] = {
        {SUBJECT_PHASE, phase_state},       {SUBJECT_PED, ped_state},   {SUBJECT_CALL, call_state},
        {SUBJECT_PED_CALL, ped_call_state}, {SUBJECT_NEXT, next_state},
    };
    if (unit_state(now) != unit_state(before))
        record(trace, now->now_ds, SUBJECT_UNIT, 0, unit_state(now));
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        for (int no = 1; no <= PHASES_MAX; no++)
            if (views[i].state(now, no) != views[i].state(before, no))
                record(trace, now->now_ds, views[i].subject, no, views[i].state(now, no));
}

static void offer_plan(struct run *run)
{
    /* The engine may still be looking at the other one. */
    if (!run->plan_waits)
        run->plan_ix = 1 - run->plan_ix;
    plan_compile(&run->plan[run->plan_ix], &run->db, 1);
    run->plan_waits = true;
}

static void act(struct run *run, const struct action *action)
{
    switch (action->kind) {
    case ACTION_DETECTOR:
        detector_put(&run->inputs.vehicle, action->no, action->on);
        break;
    case ACTION_PED:
        if (action->on)
            run->inputs.pedestrian |= mask_of(action->no);
        else
            run->inputs.pedestrian &= ~mask_of(action->no);
        break;
    case ACTION_INPUT:
        if (action->on)
            run->inputs.unit |= (uint32_t)action->no;
        else
            run->inputs.unit &= ~(uint32_t)action->no;
        break;
    case ACTION_COMMAND:
        if ((engine_command(&run->engine, &action->op) != 0) != action->refused)
            snprintf(run->problem, sizeof(run->problem), "line %d: the command was %s", action->line_no,
                     action->refused ? "taken" : "refused");
        break;
    case ACTION_SETTING:
        scenario_setting(&run->db, action->setting);
        offer_plan(run);
        break;
    }
}

static void report_fault(void *arg, const struct database_fault *fault)
{
    struct run *run = arg;
    snprintf(run->problem, sizeof(run->problem), "the plan breaks rule %d: rows %d and %d, value %d",
             (int)fault->rule, fault->row1, fault->row2, fault->value);
}

static void begin(struct run *run)
{
    run->db = run->scenario.db;
    if (database_check(&run->db, report_fault, run) != 0)
        return;
    plan_compile(&run->plan[0], &run->db, 1);
    if (!run->scenario.starts_green)
        engine_init(&run->engine, &run->plan[0]);
    else if (engine_init_green(&run->engine, &run->plan[0], run->scenario.start_mask) != 0)
        snprintf(run->problem, sizeof(run->problem), "these phases cannot start together");
    /* Before the first tick all is red and nobody has called. */
    run->before.unit = run->scenario.starts_green ? UNIT_RUNNING : UNIT_STARTUP_FLASH;
}

static void play(struct run *run)
{
    const struct scenario *scenario = &run->scenario;
    for (int64_t now_ds = 0; now_ds <= scenario->until_ds && !run->problem[0]; now_ds++) {
        struct frame frame;
        struct engine_status status;
        for (size_t i = 0; i < scenario->action_count; i++)
            if (scenario->action[i].at_ds == now_ds)
                act(run, &scenario->action[i]);
        if (run->plan_waits)
            run->plan_waits = !engine_adopt(&run->engine, &run->plan[run->plan_ix]);
        engine_step(&run->engine, &run->inputs, 1, &frame);
        engine_get_status(&run->engine, &status);
        if (status.now_ds != now_ds)
            snprintf(run->problem, sizeof(run->problem), "tick %lld counts itself as %lld", (long long)now_ds,
                     (long long)status.now_ds);
        record_changes(&run->trace, &status, &run->before);
        run->before = status;
    }
    if (run->trace.overflow)
        snprintf(run->problem, sizeof(run->problem), "more than %d changes", TRACE_MAX);
}

static void difference(const struct run *run, size_t *shown, const struct change *change, const char *verdict,
                       const char *path)
{
    char text[LINE_TEXT];
    if (++*shown > DIFFERENCES_SHOWN)
        return;
    change_text(change, text, sizeof(text));
    fprintf(run->details, "    tick %lld (%lld.%lld s): %s %s", (long long)change->at_ds,
            (long long)change->at_ds / 10, (long long)change->at_ds % 10, verdict, text);
    if (change->line_no)
        fprintf(run->details, " (%s:%d)", path, change->line_no);
    fprintf(run->details, "\n");
}

static bool is_indication(const struct change *change)
{
    return change->subject == SUBJECT_UNIT || change->subject == SUBJECT_PHASE ||
           change->subject == SUBJECT_PED;
}

/* Every expectation must be met; an indication nobody expected must not come, unless others may. */
static bool meets_expectations(const struct run *run, const char *path)
{
    const struct scenario *scenario = &run->scenario;
    const struct trace *trace = &run->trace;
    size_t differences = 0;
    size_t e = 0;
    size_t t = 0;
    while (e < scenario->expectation_count || t < trace->count) {
        const struct change *want = &scenario->expectation[e];
        const struct change *came = &trace->change[t];
        int order = e == scenario->expectation_count ? 1
                    : t == trace->count              ? -1
                                                     : scenario_order(want, came);
        if (order == 0 && want->state == came->state) {
            e++;
            t++;
        } else if (order <= 0) {
            difference(run, &differences, want, "expected", path);
            e++;
        } else {
            if (is_indication(came) && !scenario->others_may_change)
                difference(run, &differences, came, "came, not expected:", path);
            t++;
        }
    }
    if (differences > DIFFERENCES_SHOWN)
        fprintf(run->details, "    and %zu more\n", differences - DIFFERENCES_SHOWN);
    return differences == 0;
}

static void trace_line(const struct change *change, char *line, size_t size)
{
    char text[LINE_TEXT];
    change_text(change, text, sizeof(text));
    snprintf(line, size, "%6lld.%lld %s\n", (long long)change->at_ds / 10, (long long)change->at_ds % 10,
             text);
}

static bool write_trace(const struct run *run, const char *path)
{
    const struct trace *trace = &run->trace;
    FILE *file = fopen(path, "w");
    bool good = file != NULL;
    for (size_t i = 0; i < trace->count && good; i++) {
        char line[LINE_TEXT + 32];
        trace_line(&trace->change[i], line, sizeof(line));
        good = fputs(line, file) >= 0;
    }
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        fprintf(run->details, "    cannot write %s: %s\n", path, strerror(errno));
    return good;
}

static bool equals_trace(const struct run *run, const char *path)
{
    const struct trace *trace = &run->trace;
    FILE *file = fopen(path, "r");
    size_t differences = 0;
    if (!file) {
        fprintf(run->details, "    no golden trace: %s: %s\n", path, strerror(errno));
        return false;
    }
    for (size_t i = 0; differences < DIFFERENCES_SHOWN; i++) {
        char want[LINE_TEXT + 32] = "";
        char came[LINE_TEXT + 32] = "";
        bool more = fgets(want, sizeof(want), file) != NULL;
        if (i < trace->count)
            trace_line(&trace->change[i], came, sizeof(came));
        if (!more && i >= trace->count)
            break;
        if (strcmp(want, came) == 0)
            continue;
        differences++;
        want[strcspn(want, "\n")] = '\0';
        came[strcspn(came, "\n")] = '\0';
        fprintf(run->details, "    %s:%zu: expected \"%s\", came \"%s\"\n", path, i + 1, want, came);
    }
    fclose(file);
    return differences == 0;
}

/* The trace of a/b.scn is a/b.trace. */
static bool trace_path(const char *scenario_path, char *path, size_t size)
{
    size_t length = strlen(scenario_path);
    if (length < 4 || strcmp(scenario_path + length - 4, ".scn") != 0)
        return false;
    return snprintf(path, size, "%.*s.trace", (int)length - 4, scenario_path) < (int)size;
}

static bool run_scenario(struct run *run, const char *path, bool update)
{
    char golden[4096];
    if (!trace_path(path, golden, sizeof(golden)) || scenario_read(&run->scenario, path) != 0)
        return false;
    begin(run);
    play(run);
    if (run->problem[0])
        fprintf(run->details, "    %s: %s\n", path, run->problem);
    bool good = meets_expectations(run, path) && !run->problem[0];
    if (update)
        return write_trace(run, golden) && good;
    return equals_trace(run, golden) && good;
}

int main(int argc, char **argv)
{
    bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
    int first = update ? 2 : 1;
    int failed = 0;
    struct run *run = malloc(sizeof(*run));
    if (!run || first >= argc) {
        fprintf(stderr, "usage: scenario_runner [--update] FILE.scn...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = first; i < argc; i++) {
        char *details = NULL;
        size_t size = 0;
        memset(run, 0, sizeof(*run));
        run->details = open_memstream(&details, &size);
        if (!run->details)
            return 2;
        bool good = run_scenario(run, argv[i], update);
        fclose(run->details);
        failed += !good;
        printf("%s scenario %s: %s\n%s", good ? "ok" : "FAIL", basename(argv[i]), run->scenario.title,
               details);
        free(details);
    }
    free(run);
    return failed == 0 ? 0 : 1;
}
