/* Plays scenarios against the engine: scenario_runner [--update] FILE.scn...
 *
 * Each is compared with what it expects, and with its golden trace FILE.trace: every change of every
 * indication, call and committed successor. --update writes the traces anew; the expectations stay as
 * they are. Prints one line per scenario, and for a failure what was expected, what came, at which tick. */
#include "../../ntcip/device.h"
#include "../../phases/countdown.h"
#include "../../phases/predict.h"
#include "object_words.h"
#include "scenario.h"
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
    struct frame frame;
    int64_t utc_s, utc_at_ds; /* civil time as it was set last, and when */
    struct engine_status before;
    struct trace trace;
    struct set_stage stage;
    struct device device;
    uint64_t events_seen;
    size_t failed_checks;
    const char *path;
    char problem[WORDS_TEXT]; /* the scenario could not be played to its end */
    FILE *details;            /* what to print below a failure */
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

/* What is not yet, or no longer, lit counts as red. */
static enum state overlap_state(const struct engine_status *s, int no)
{
    bool flashing = mask_has(s->overlap_flashing, no);
    if (mask_has(s->overlap_green, no))
        return flashing ? STATE_FLASHING_GREEN : STATE_GREEN;
    if (mask_has(s->overlap_yellow, no))
        return flashing ? STATE_FLASHING_YELLOW : STATE_YELLOW;
    return flashing ? STATE_FLASHING_RED : STATE_RED;
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
        {SUBJECT_PHASE, phase_state}, {SUBJECT_PED, ped_state},           {SUBJECT_OVERLAP, overlap_state},
        {SUBJECT_CALL, call_state},   {SUBJECT_PED_CALL, ped_call_state}, {SUBJECT_NEXT, next_state},
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

static int64_t civil_now(const struct run *run, int64_t now_ds)
{
    return run->utc_s ? run->utc_s + (now_ds - run->utc_at_ds) / 10 : 0;
}

static void set_civil(struct run *run, int64_t utc_s, int64_t now_ds)
{
    run->utc_s = utc_s;
    run->utc_at_ds = now_ds;
}

static void view_now(const struct run *run, const struct engine_status *status, struct object_view *view,
                     struct object_extra *extra)
{
    int64_t now_ds = status->now_ds > 0 ? status->now_ds : 0;
    *extra = (struct object_extra){
        .uptime_cs = (uint32_t)now_ds * 10,
        .utc_s = civil_now(run, now_ds),
        .database_id = object_database_id(&run->db),
        .frame = run->frame,
    };
    int32_t min_ds[CHANNELS_MAX], max_ds[CHANNELS_MAX];
    predict_channels(&run->engine, min_ds, max_ds);
    countdown_channels(&run->engine, &run->frame, min_ds, max_ds, extra->countdown_s);
    *view = (struct object_view){
        .db = &run->db,
        .control = &run->engine.ctl.control,
        .status = status,
        .extra = extra,
        .device = &run->device,
        .admin = true,
    };
}

/* A SET of one object, on the way a SET from the network takes. Returns NULL, or why it was refused. */
static const char *carry_out(struct run *run, const struct action *action)
{
    struct object_view view;
    struct object_extra extra;
    struct set_result result;
    struct set_stage *stage = &run->stage;
    view_now(run, &run->before, &view, &extra);
    if (set_stage(&action->item, 1, &view, NULL, NULL, NULL, stage, &result) != SET_OK)
        return set_error_name(result.error);
    for (size_t i = 0; i < stage->op_count; i++)
        if (engine_command(&run->engine, &stage->op[i]) != 0)
            return set_error_name(SET_RESOURCE_UNAVAILABLE);
    if (stage->db_changed) {
        run->db = stage->db;
        offer_plan(run);
    }
    if (stage->sets_clock)
        set_civil(run, stage->clock_utc_s, action->at_ds);
    set_call_device(stage, &run->device);
    return NULL;
}

/* Whether the command was taken or refused as the scenario says. */
static void judge(struct run *run, const struct action *action, const char *refusal)
{
    if ((refusal != NULL) != action->refused)
        snprintf(run->problem, sizeof(run->problem), "line %d: the command was %s", action->line_no,
                 refusal ? refusal : "taken");
}

static uint64_t with_bit(uint64_t mask, int no, bool on)
{
    return on ? mask | mask_of(no) : mask & ~mask_of(no);
}

static void act(struct run *run, const struct action *action)
{
    struct inputs *in = &run->inputs;
    char scratch[WORDS_TEXT];
    switch (action->kind) {
    case ACTION_DETECTOR:
        detector_put(&in->vehicle, action->no, action->on);
        break;
    case ACTION_DETECTOR_FAULT:
        detector_put(&in->vehicle_fault, action->no, action->on);
        break;
    case ACTION_PED:
        in->pedestrian = with_bit(in->pedestrian, action->no, action->on);
        break;
    case ACTION_INPUT:
        in->unit = action->on ? in->unit | (uint32_t)action->no : in->unit & ~(uint32_t)action->no;
        break;
    case ACTION_PREEMPT:
        in->preempt = (uint16_t)with_bit(in->preempt, action->no, action->on);
        break;
    case ACTION_PRIORITY:
        in->priority = (uint16_t)with_bit(in->priority, action->no, action->on);
        break;
    case ACTION_ALARM:
        in->alarms = (uint8_t)with_bit(in->alarms, action->no, action->on);
        break;
    case ACTION_INTERCONNECT:
        in->interconnect_pattern_no = (uint8_t)(action->on ? action->no : 0);
        break;
    case ACTION_CIVIL:
        set_civil(run, action->utc_s, action->at_ds);
        break;
    case ACTION_COMMAND:
        judge(run, action, engine_command(&run->engine, &action->op) == 0 ? NULL : "refused");
        break;
    case ACTION_SET:
        judge(run, action, carry_out(run, action));
        break;
    case ACTION_SETTING:
        scenario_setting(&run->db, action->setting, scratch);
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
    run->utc_s = run->scenario.utc_s;
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

static void failed_check(struct run *run, const struct check *check, const char *text)
{
    if (++run->failed_checks <= DIFFERENCES_SHOWN)
        fprintf(run->details, "    tick %lld (%lld.%lld s): %s (%s:%d)\n", (long long)check->at_ds,
                (long long)check->at_ds / 10, (long long)check->at_ds % 10, text, run->path, check->line_no);
}

static void check_object(struct run *run, const struct check *check, const struct engine_status *status)
{
    struct object_view view;
    struct object_extra extra;
    struct value value;
    char came[WORDS_TEXT] = "nothing";
    char text[2 * WORDS_TEXT + 128];
    char name[80];
    view_now(run, status, &view, &extra);
    if (object_get(&check->at, &view, &value) == OBJECT_OK)
        object_words_print(&check->at, &value, came);
    if (strcmp(came, check->value) == 0)
        return;
    object_format(&check->at, name, sizeof(name));
    snprintf(text, sizeof(text), "expected %s %s, came %s", name, check->value, came);
    failed_check(run, check, text);
}

/* Moves *next behind the event the check asks for: events of one tick come in the order expected. */
static void check_event(struct run *run, const struct check *check, const struct hires_event event[],
                        size_t count, size_t *next)
{
    char text[80];
    for (size_t i = *next; i < count; i++) {
        if (event[i].code == check->code && event[i].parameter == check->parameter) {
            *next = i + 1;
            return;
        }
    }
    snprintf(text, sizeof(text), "expected event %d %d, it did not come, or not in this order", check->code,
             check->parameter);
    failed_check(run, check, text);
}

static void check_tick(struct run *run, const struct engine_status *status)
{
    static struct hires_event event[EVENTS_KEPT];
    const struct scenario *scenario = &run->scenario;
    uint64_t lost = 0;
    size_t count = hires_read(&run->engine.obs.events, &run->events_seen, event, EVENTS_KEPT, &lost);
    size_t next = 0;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->check[i];
        if (check->at_ds != status->now_ds)
            continue;
        if (check->at.object)
            check_object(run, check, status);
        else
            check_event(run, check, event, count, &next);
    }
}

static void play(struct run *run)
{
    const struct scenario *scenario = &run->scenario;
    for (int64_t now_ds = 0; now_ds <= scenario->until_ds && !run->problem[0]; now_ds++) {
        struct engine_status status;
        for (size_t i = 0; i < scenario->action_count; i++)
            if (scenario->action[i].at_ds == now_ds)
                act(run, &scenario->action[i]);
        if (run->plan_waits)
            run->plan_waits = !engine_adopt(&run->engine, &run->plan[run->plan_ix]);
        run->inputs.utc_ds = run->utc_s ? run->utc_s * 10 + now_ds - run->utc_at_ds : 0;
        engine_step(&run->engine, &run->inputs, 1, &run->frame);
        engine_get_status(&run->engine, &status);
        if (status.now_ds != now_ds)
            snprintf(run->problem, sizeof(run->problem), "tick %lld counts itself as %lld", (long long)now_ds,
                     (long long)status.now_ds);
        record_changes(&run->trace, &status, &run->before);
        check_tick(run, &status);
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
           change->subject == SUBJECT_PED || change->subject == SUBJECT_OVERLAP;
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
    run->path = path;
    begin(run);
    play(run);
    if (run->problem[0])
        fprintf(run->details, "    %s: %s\n", path, run->problem);
    bool good = meets_expectations(run, path) && run->failed_checks == 0 && !run->problem[0];
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
