/* The event log (NTCIP 1103, globalReport) on objects of the controller: what is logged, what a limit and a
 * clear time leave of it, what a configuration's status says, and what the centre reads. */
#include "../../ntcip/device.h"
#include "../../ntcip/object_arcs.h"
#include "../../ntcip/set.h"
#include "harness.h"
#include <string.h>
#include <time.h>

static struct database db;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct object_latches latches;
static struct device device;
static const struct object_view view = {.db = &db,
                                        .control = &control,
                                        .status = &status,
                                        .extra = &extra,
                                        .latches = &latches,
                                        .device = &device};
static struct eventlog *const event_log = &device.eventlog;
static struct event_rows *const rows = &db.device.event;

enum { START_S = 1700000000 };

static void fresh(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof control);
    memset(&status, 0, sizeof status);
    memset(&extra, 0, sizeof extra);
    memset(&latches, 0, sizeof latches);
    device_init(&device);
    extra.utc_s = START_S;
    rows->class[0].limit = 10;
}

/* One tick: the engine and civil time are a tenth further on. */
static void tick(void)
{
    eventlog_step(event_log, &view);
    status.now_ds++;
    extra.utc_ms = (uint16_t)(extra.utc_ms + 100);
    if (extra.utc_ms >= 1000) {
        extra.utc_ms = (uint16_t)(extra.utc_ms - 1000);
        extra.utc_s++;
    }
}

static void ticks(int count)
{
    while (count-- > 0)
        tick();
}

static struct packed_id packed(const char *name)
{
    struct packed_id out = {0};
    struct object_instance at;
    struct object_id id;
    if (*name && CHECK_INT(OBJECT_OK, object_parse(name, &at))) {
        object_instance_id(&at, &id);
        CHECK_INT(0, object_pack_id(&id, &out));
    }
    return out;
}

/* Configuration `no`: watches and logs the named instances; "" is 0.0. */
static struct event_config_row *configure(int no, enum event_mode mode, const char *compare, const char *log)
{
    struct event_config_row *row = &rows->config[no - 1];
    row->class_no = 1;
    row->mode = (uint8_t)mode;
    row->compare_id = packed(compare);
    row->log_id = packed(log);
    row->action = EVENT_STATUS_LOG;
    return row;
}

static int64_t get(const char *name)
{
    struct object_instance at;
    struct value value = {.number = -1};
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    if (object_get(&at, &view, &value) != OBJECT_OK)
        return -1;
    return value.number;
}

/* ---- what is logged ---- */

static void a_change_is_logged_with_its_time_and_value(void)
{
    fresh();
    configure(7, EVENT_ON_CHANGE, "phaseStatusGroupGreens.1", "phaseStatusGroupReds.1");
    status.red = 0xDD;
    ticks(3);
    CHECK_INT(0, get("numEvents"));
    status.green = 0x22;
    tick(); /* at 0.3 s */
    CHECK_INT(1, get("numEvents"));
    CHECK_INT(1, get("eventClassNumEvents.1"));
    CHECK_INT(1, get("eventClassNumRowsInLog.1"));
    CHECK_INT(7, get("eventLogID.1.1"));
    CHECK_INT(START_S, get("eventLogTime.1.1"));
    CHECK_INT(300, get("eventLogTimeMilliseconds.1.1"));
    CHECK_INT(1, get("eventLogClass.1.1"));
    CHECK_INT(1, get("eventLogNumber.1.1"));

    struct object_instance at;
    struct value value;
    CHECK_INT(OBJECT_OK, object_parse("eventLogValue.1.1", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    CHECK_INT(VALUE_OPAQUE, value.type);
    CHECK_INT(4, value.length);
    CHECK_BYTES("\x02\x02\x00\xDD", value.octet, 4);
}

static void nothing_is_where_nothing_was_logged(void)
{
    fresh();
    CHECK_INT(-1, get("eventLogID.1.1"));
    CHECK_INT(-1, get("eventLogValue.16.255"));
    CHECK(!eventlog_entry(event_log, 0, 1) && !eventlog_entry(event_log, 17, 1) &&
          !eventlog_entry(event_log, 1, 0));
}

static void every_type_has_its_ber(void)
{
    static const struct {
        const char *log;
        int length;
        const char *octets;
    } cases[] = {
        {"", 2, "\x05\x00"},
        {"sysUpTime", 3, "\x43\x01\x00"},
        {"detectorSampleTime", 6, "\x41\x04\x65\x53\xF1\x00"},
        {"phaseConcurrency.1", 2, "\x04\x00"},
        {"eventConfigCompareOID.2", 3, "\x06\x01\x00"},
        {"detectorVolume.1", 2, "\x05\x00"}, /* a row that is not there */
    };
    fresh();
    status.volume_ended_s = START_S;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        harness_at("%s", cases[i].log);
        eventlog_clear(event_log);
        configure(1, EVENT_ON_CHANGE, "phaseStatusGroupGreens.1", cases[i].log);
        tick();
        status.green ^= 1;
        extra.utc_s = START_S;
        tick();
        const struct event_entry *entry = eventlog_entry(event_log, 1, 1);
        if (!CHECK(entry != NULL))
            continue;
        CHECK_INT(cases[i].length, entry->length);
        CHECK_BYTES(cases[i].octets, entry->octet, (size_t)cases[i].length);
    }
}

/* Each entry notes the one before, wrapped once more, until that no longer fits. */
static void the_log_may_note_itself(void)
{
    fresh();
    rows->class[0].limit = 1;
    configure(1, EVENT_ON_CHANGE, "phaseStatusGroupGreens.1", "eventLogValue.1.1");
    int length = 0;
    for (int i = 0; i < 200; i++) {
        status.green ^= 1;
        tick();
        const struct event_entry *entry = eventlog_entry(event_log, 1, 1);
        if (i == 0 || !CHECK(entry != NULL))
            continue;
        int wrapped = length + (length >= 0x100 ? 4 : length >= 0x80 ? 3 : 2);
        length = length == 0 || wrapped > EVENT_VALUE_MAX ? 2 : wrapped;
        CHECK_INT(length, entry->length);
        CHECK_HEX(length == 2 ? 0x05 : 0x44, entry->octet[0]);
    }
}

static void each_mode_watches_its_object(void)
{
    fresh();
    configure(1, EVENT_GREATER, "unitBackupTime", "")->compare_value = 100;
    rows->config[0].compare_value2 = 5;
    configure(2, EVENT_ANDED, "phaseStatusGroupGreens.1", "")->compare_value = 0x02;
    configure(3, EVENT_PERIODIC, "", "")->compare_value = 2;
    tick();
    db.unit.backup_time_s = 101;
    status.green = 0x82;
    ticks(5); /* the bit at once; 0.5 s not yet over */
    CHECK_INT(1, eventlog_rows(event_log, 1));
    CHECK_INT(2, get("eventLogID.1.1"));
    tick();
    CHECK_INT(1, get("eventLogID.1.2"));
    CHECK_INT(600, get("eventLogTimeMilliseconds.1.2"));
    ticks(14);
    CHECK_INT(3, get("eventLogID.1.3"));
    CHECK_INT(START_S + 2, get("eventLogTime.1.3"));
    CHECK_INT(0, get("eventLogTimeMilliseconds.1.3"));
}

static void watching_clears_no_alarm(void)
{
    fresh();
    extra.restarted = true;
    configure(1, EVENT_ON_CHANGE, "unitAlarmStatus2", "shortAlarmStatus");
    struct object_view now = view;
    now.latches = NULL;
    device_step(&device, &now, 0);
    CHECK(!latches.alarm2_read && !latches.short_alarm_read);
}

static void a_changed_row_begins_anew(void)
{
    fresh();
    struct event_config_row *row = configure(1, EVENT_GREATER, "unitBackupTime", "");
    row->compare_value2 = 10;
    db.unit.backup_time_s = 1;
    ticks(9);
    row->class_no = 2;
    rows->class[1].limit = 5;
    ticks(10);
    CHECK_INT(0, get("numEvents"));
    tick();
    CHECK_INT(1, get("eventClassNumEvents.2"));
    row->action = EVENT_STATUS_DISABLED;
    tick();
    row->action = EVENT_STATUS_LOG;
    ticks(11); /* it stands still: told once more */
    CHECK_INT(2, get("eventClassNumEvents.2"));
}

/* ---- limits and clear times ---- */

/* An event of configuration 1 in every tick. */
static void storm(int count)
{
    configure(1, EVENT_ON_CHANGE, "phaseStatusGroupGreens.1", "phaseStatusGroupGreens.1");
    for (int i = 0; i < count; i++) {
        status.green ^= 1;
        tick();
    }
}

static void a_full_class_forgets_its_oldest(void)
{
    fresh();
    rows->class[0].limit = 3;
    storm(6); /* the first sample is no change */
    CHECK_INT(5, get("numEvents"));
    CHECK_INT(3, get("eventClassNumRowsInLog.1"));
    CHECK_INT(300, get("eventLogTimeMilliseconds.1.1"));
    CHECK_INT(500, get("eventLogTimeMilliseconds.1.3"));
    CHECK_INT(-1, get("eventLogTimeMilliseconds.1.4"));
}

static void a_limit_of_0_logs_nothing_and_counts(void)
{
    fresh();
    rows->class[0].limit = 0;
    storm(6);
    CHECK_INT(5, get("eventClassNumEvents.1"));
    CHECK_INT(0, get("eventClassNumRowsInLog.1"));
}

static void a_smaller_limit_drops_the_oldest(void)
{
    fresh();
    storm(9);
    CHECK_INT(8, eventlog_rows(event_log, 1));
    rows->class[0].limit = 2;
    device_follow(&device, &db.device);
    CHECK_INT(2, eventlog_rows(event_log, 1));
    CHECK_INT(700, get("eventLogTimeMilliseconds.1.1"));
    rows->class[0].limit = 10;
    storm(1);
    CHECK_INT(3, eventlog_rows(event_log, 1));
    CHECK_INT(900, get("eventLogTimeMilliseconds.1.3"));
}

static void a_clear_time_purges_up_to_itself(void)
{
    fresh();
    rows->class[0].limit = 255;
    storm(31); /* events in three seconds: nine, ten, ten and one more */
    rows->class[0].clear_time_s = START_S + 1;
    device_follow(&device, &db.device);
    CHECK_INT(11, eventlog_rows(event_log, 1));
    CHECK_INT(START_S + 2, get("eventLogTime.1.1"));
    CHECK_INT(0, get("eventLogTimeMilliseconds.1.1"));
    CHECK_INT(30, get("eventClassNumEvents.1"));
}

static void a_clear_time_to_come_blocks(void)
{
    fresh();
    storm(3);
    rows->class[0].clear_time_s = START_S + 1;
    storm(17); /* up to 1.9 s */
    CHECK_INT(0, eventlog_rows(event_log, 1));
    CHECK_INT(19, get("numEvents"));
    storm(1);
    CHECK_INT(1, eventlog_rows(event_log, 1));
    CHECK_INT(START_S + 2, get("eventLogTime.1.1"));
}

/* What was logged before the clock was set back may stand behind younger times. */
static void a_purge_keeps_the_order(void)
{
    fresh();
    storm(3);
    extra.utc_s = START_S - 100;
    storm(3);
    CHECK_INT(5, eventlog_rows(event_log, 1));
    rows->class[0].clear_time_s = START_S - 50;
    device_follow(&device, &db.device);
    CHECK_INT(2, eventlog_rows(event_log, 1));
    CHECK_INT(START_S, get("eventLogTime.1.1"));
    CHECK_INT(100, get("eventLogTimeMilliseconds.1.1"));
    CHECK_INT(200, get("eventLogTimeMilliseconds.1.2"));
}

static void classes_are_kept_apart(void)
{
    fresh();
    for (int class_no = 1; class_no <= 4; class_no++) {
        rows->class[class_no - 1].limit = 255;
        configure(class_no, EVENT_ON_CHANGE, "phaseStatusGroupGreens.1", "")->class_no = (uint8_t)class_no;
    }
    for (int i = 0; i <= 300; i++) {
        status.green ^= 1;
        tick();
    }
    for (int class_no = 1; class_no <= 4; class_no++)
        CHECK_INT(255, eventlog_rows(event_log, class_no));
    CHECK_INT(1200, get("numEvents"));
    CHECK_INT(3, get("eventLogID.3.255"));
    eventlog_clear(event_log);
    for (int class_no = 1; class_no <= 4; class_no++)
        CHECK_INT(0, eventlog_rows(event_log, class_no));
    CHECK_INT(EVENT_LOG_MAX, event_log->free_count);
    CHECK_INT(1200, get("numEvents"));
}

static void counters_roll_over(void)
{
    fresh();
    event_log->events = event_log->class[0].events = UINT16_MAX;
    storm(2);
    CHECK_INT(0, get("numEvents"));
    CHECK_INT(0, get("eventClassNumEvents.1"));
    CHECK_INT(1, eventlog_rows(event_log, 1));
}

/* ---- eventConfigStatus ---- */

static void status_tells_what_cannot_be(void)
{
    static const struct {
        const char *what;
        enum event_mode mode;
        int32_t value, value2;
        const char *compare, *log;
        enum event_status expected;
    } cases[] = {
        {"a change", EVENT_ON_CHANGE, 0, 0, "unitControlStatus", "unitControlStatus", EVENT_STATUS_LOG},
        {"a change of a list", EVENT_ON_CHANGE, 0, 0, "phaseConcurrency.1", "", EVENT_STATUS_LOG},
        {"nothing watched", EVENT_ON_CHANGE, 0, 0, "", "unitControlStatus", EVENT_STATUS_ERROR},
        {"a mode of nobody", EVENT_OTHER, 0, 0, "unitControlStatus", "", EVENT_STATUS_ERROR},
        {"above", EVENT_GREATER, 1, 0, "unitControlStatus", "", EVENT_STATUS_LOG},
        {"above, a list", EVENT_GREATER, 1, 0, "phaseConcurrency.1", "", EVENT_STATUS_ERROR},
        {"below, a counter", EVENT_SMALLER, 1, 0, "detectorSampleTime", "", EVENT_STATUS_ERROR},
        {"above, for less than no time", EVENT_GREATER, 1, -1, "unitControlStatus", "", EVENT_STATUS_ERROR},
        {"bounds", EVENT_HYSTERESIS, 5, -5, "unitControlStatus", "", EVENT_STATUS_LOG},
        {"equal bounds", EVENT_HYSTERESIS, 5, 5, "unitControlStatus", "", EVENT_STATUS_ERROR},
        {"bits of an identifier", EVENT_ANDED, 1, 0, "sysObjectID", "", EVENT_STATUS_ERROR},
        {"no bits", EVENT_ANDED, 0, 0, "unitControlStatus", "", EVENT_STATUS_ERROR},
        {"a period", EVENT_PERIODIC, 1, 0, "", "unitControlStatus", EVENT_STATUS_LOG},
        {"a period of nothing", EVENT_PERIODIC, 0, 0, "", "unitControlStatus", EVENT_STATUS_ERROR},
        {"a row that comes and goes", EVENT_ON_CHANGE, 0, 0, "detectorVolume.9", "", EVENT_STATUS_LOG},
    };
    fresh();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        harness_at("%s", cases[i].what);
        struct event_config_row *row = configure(3, cases[i].mode, cases[i].compare, cases[i].log);
        row->compare_value = cases[i].value;
        row->compare_value2 = cases[i].value2;
        CHECK_INT(cases[i].expected, get("eventConfigStatus.3"));
        row->action = EVENT_STATUS_DISABLED;
        CHECK_INT(EVENT_STATUS_DISABLED, get("eventConfigStatus.3"));
        row->action = EVENT_STATUS_OTHER;
        CHECK_INT(EVENT_STATUS_ERROR, get("eventConfigStatus.3"));
    }
}

/* A database may name what this version does not know. */
static void an_unknown_identifier_is_an_error(void)
{
    struct object_id none = OID(ASC, 99, 1, 0);
    fresh();
    struct event_config_row *row = configure(1, EVENT_ON_CHANGE, "unitControlStatus", "unitControlStatus");
    CHECK_INT(0, object_pack_id(&none, &row->log_id));
    CHECK_INT(EVENT_STATUS_ERROR, get("eventConfigStatus.1"));
    ticks(2);
    status.control = CONTROL_SYSTEM;
    ticks(2);
    CHECK_INT(0, get("numEvents"));
}

/* ---- SET ---- */

static struct set_stage stage;
static struct set_result result;

static struct set_item item(const char *name, struct value value)
{
    struct object_instance at;
    struct set_item out = {.value = value};
    if (CHECK_INT(OBJECT_OK, object_parse(name, &at)))
        object_instance_id(&at, &out.id);
    return out;
}

static enum set_error set(const struct set_item *items, size_t count)
{
    return set_stage(items, count, &view, NULL, NULL, NULL, &stage, &result);
}

static enum set_error set_id(const char *name, struct object_id id)
{
    struct set_item one = item(name, (struct value){.type = VALUE_OBJECT_ID, .id = id});
    return set(&one, 1);
}

static void identifiers_are_judged(void)
{
    static const char *const columns[] = {"eventConfigCompareOID.1", "eventConfigLogOID.64"};
    fresh();
    for (int i = 0; i < 2; i++) {
        harness_at("%s", columns[i]);
        CHECK_INT(SET_OK, set_id(columns[i], (struct object_id){.length = 2}));
        CHECK_INT(SET_OK, set_id(columns[i], (struct object_id)OID(ASC, 1, 4, 1, 4, 1)));
        CHECK_INT(SET_OK, set_id(columns[i], (struct object_id)OID(REPORT, 4, 1, 5, 16, 255)));
        CHECK_INT(SET_WRONG_VALUE, set_id(columns[i], (struct object_id)OID(ASC, 1, 4, 1, 4)));
        CHECK_INT(SET_WRONG_VALUE, set_id(columns[i], (struct object_id)OID(ASC, 1, 4, 1, 4, 6)));
        CHECK_INT(SET_WRONG_VALUE, set_id(columns[i], (struct object_id)OID(ASC, 99, 0)));
        CHECK_INT(SET_WRONG_VALUE, set_id(columns[i], (struct object_id)OID(1, 3, 6, 1, 2, 1, 25, 1, 0)));
        CHECK_INT(SET_WRONG_VALUE, set_id(columns[i], (struct object_id)OID(GLOBAL, 5, 1, 0)));
        CHECK_INT(SET_WRONG_VALUE, set_id(columns[i], (struct object_id){.length = 3}));
    }
}

static void limits_beyond_the_log_are_a_general_error(void)
{
    struct value most = {.type = VALUE_INTEGER, .number = 255};
    fresh();
    rows->class[0].limit = rows->class[5].limit = rows->class[9].limit = 255;
    struct set_item items[2] = {item("eventClassLimit.2", most), item("eventClassLimit.3", most)};
    CHECK_INT(SET_GENERAL, set(items, 2));
    CHECK(result.index >= 1);
    CHECK_INT(SET_OK, set(items, 1));
    items[1].value.number = 4; /* 1,024 in all */
    CHECK_INT(SET_OK, set(items, 2));
    items[1].value.number = 5;
    CHECK_INT(SET_GENERAL, set(items, 2));
    CHECK_STR("EVENT LOG FAULT: the limits of the classes add up to 1025, the log holds 1024",
              result.message);
    items[1] = item("eventClassLimit.1", (struct value){.type = VALUE_INTEGER, .number = 0});
    CHECK_INT(SET_OK, set(items, 2)); /* one makes room for the other */
}

static void a_description_is_plain_text(void)
{
    static const struct {
        const char *octets;
        enum set_error expected;
    } cases[] = {
        {"", SET_OK},
        {"Phases \"1\" to \\8", SET_OK},
        {"\xE7\xBB\xBF\xE7\x81\xAF", SET_OK},
        {"a\nb", SET_WRONG_VALUE},
        {"\x7F", SET_WRONG_VALUE},
        {"\xFF", SET_WRONG_VALUE},
        {"\xE7\xBB", SET_WRONG_VALUE},
    };
    fresh();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        harness_at("case %zu", i);
        struct value value = {.type = VALUE_OCTETS, .length = (uint16_t)strlen(cases[i].octets)};
        memcpy(value.octet, cases[i].octets, value.length);
        struct set_item one = item("eventClassDescription.2", value);
        CHECK_INT(cases[i].expected, set(&one, 1));
    }
    struct value zero = {.type = VALUE_OCTETS, .length = 1};
    struct set_item one = item("eventClassDescription.2", zero);
    CHECK_INT(SET_WRONG_VALUE, set(&one, 1));
}

/* ---- the table over the network, and what it costs ---- */

static int walk(struct object_id id, struct object_id *last)
{
    struct object_id root = id;
    struct object_instance at;
    struct value value;
    int count = 0;
    while (object_next(&id, &view, &at) == OBJECT_OK) {
        object_instance_id(&at, &id);
        *last = id;
        if (memcmp(id.arc, root.arc, root.length * sizeof root.arc[0]) != 0)
            break;
        CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
        count++;
    }
    return count;
}

static void a_walk_finds_what_is_there(void)
{
    struct object_id last;
    fresh();
    CHECK_INT(0, walk((struct object_id)OID(REPORT, 4), &last));
    rows->class[15].limit = 4;
    storm(3);
    rows->config[0].class_no = 16;
    for (int i = 0; i < 3; i++) {
        status.green ^= 1;
        tick();
    }
    CHECK_INT(2, eventlog_rows(event_log, 1));
    CHECK_INT(2, eventlog_rows(event_log, 16));
    CHECK_INT(6 * 4, walk((struct object_id)OID(REPORT, 4), &last));
    CHECK_INT(5, last.arc[11]); /* maxEventClasses is next */
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Generous bounds, for a machine that does other things besides and for sanitizers. */
static void a_step_and_a_walk_are_cheap(void)
{
    enum { STEPS = 1000, WALKS = 20 };
    struct object_id last;
    fresh();
    for (int no = 1; no <= EVENT_CONFIGS_MAX; no++)
        configure(no, EVENT_ON_CHANGE, "phaseStatusGroupGreens.1", "phaseStatusGroupGreens.1");
    tick();
    double begin_us = now_us();
    ticks(STEPS);
    double step_us = (now_us() - begin_us) / STEPS;
    begin_us = now_us();
    for (int i = 0; i < WALKS; i++)
        CHECK_INT(0, walk((struct object_id)OID(REPORT, 4), &last));
    double walk_us = (now_us() - begin_us) / WALKS;
    harness_at("%.1f us a step, %.1f us to pass an empty log", step_us, walk_us);
    CHECK(step_us < 500);
    CHECK(walk_us < 20000);
}

HARNESS_MAIN({"a change is logged with its time and value", a_change_is_logged_with_its_time_and_value},
             {"nothing is where nothing was logged", nothing_is_where_nothing_was_logged},
             {"every type has its BER", every_type_has_its_ber},
             {"the log may note itself", the_log_may_note_itself},
             {"each mode watches its object", each_mode_watches_its_object},
             {"watching clears no alarm", watching_clears_no_alarm},
             {"a changed row begins anew", a_changed_row_begins_anew},
             {"a full class forgets its oldest", a_full_class_forgets_its_oldest},
             {"a limit of 0 logs nothing, and counts", a_limit_of_0_logs_nothing_and_counts},
             {"a smaller limit drops the oldest", a_smaller_limit_drops_the_oldest},
             {"a clear time purges up to itself", a_clear_time_purges_up_to_itself},
             {"a clear time to come blocks", a_clear_time_to_come_blocks},
             {"a purge keeps the order", a_purge_keeps_the_order},
             {"classes are kept apart", classes_are_kept_apart}, {"counters roll over", counters_roll_over},
             {"the status tells what cannot be", status_tells_what_cannot_be},
             {"an unknown identifier is an error", an_unknown_identifier_is_an_error},
             {"identifiers are judged", identifiers_are_judged},
             {"limits beyond the log are a general error", limits_beyond_the_log_are_a_general_error},
             {"a description is plain text", a_description_is_plain_text},
             {"a walk finds what is there", a_walk_finds_what_is_there},
             {"a step and a walk are cheap", a_step_and_a_walk_are_cheap})
