/* Watch and report blocks: what they may hold, and how their values become one OCTET STRING. */
#include "../../ntcip/device.h"
#include "../../ntcip/set.h"
#include "harness.h"
#include <string.h>

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

static struct object_id id_of(const char *name)
{
    struct object_instance at;
    struct object_id id = {.length = 0};
    if (CHECK_INT(OBJECT_OK, object_parse(name, &at)))
        object_instance_id(&at, &id);
    return id;
}

static void hold(struct block_rows *rows, int row_no, int block_no, const char *name)
{
    struct block_object_row *row = &rows->object[row_no - 1];
    struct object_id id = id_of(name);
    row->status = ROW_AVAILABLE;
    row->block_no = (uint8_t)block_no;
    CHECK_INT(0, object_pack_id(&id, &row->object));
}

static struct value read_value(const char *name)
{
    struct object_instance at;
    struct value value = {.type = VALUE_OTHER};
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    return value;
}

static void fresh(void)
{
    object_defaults(&db);
    memset(&latches, 0, sizeof latches);
    device_init(&device);
    for (int ix = 0; ix < BLOCKS_MAX; ix++) {
        db.device.notify.watch.block[ix].status = ROW_AVAILABLE;
        db.device.notify.report.block[ix].status = ROW_AVAILABLE;
    }
    db.phase[1].minimum_green_s = 12;
    db.phase[1].maximum3_s = 0x1234;
    db.phase[1].concurrency = (struct phase_list){.count = 2, .number = {5, 6}};
}

static void values_stand_in_the_order_of_their_rows(void)
{
    fresh();
    struct block_rows *rows = &db.device.notify.watch;
    hold(rows, 3, 2, "phaseConcurrency.2");
    hold(rows, 1, 2, "phaseMinimumGreen.2");
    hold(rows, 2, 2, "phaseMaximum3.2");
    hold(rows, 4, 1, "phaseMinimumGreen.1");
    static const uint8_t expected[] = {12, 0x12, 0x34, 2, 5, 6};
    struct value value = read_value("watchBlockValue.2");
    if (CHECK_INT(sizeof expected, value.length))
        CHECK_BYTES(expected, value.octet, sizeof expected);
    CHECK_INT(1, read_value("watchBlockValue.1").length);
    CHECK_INT(0, read_value("watchBlockValue.3").length);
    rows->object[1].status = ROW_STANDBY;
    CHECK_INT(4, read_value("watchBlockValue.2").length);
    rows->block[1].status = ROW_STANDBY;
    CHECK_INT(0, read_value("watchBlockValue.2").length);
}

static void a_report_is_what_was_at_the_last_step(void)
{
    fresh();
    hold(&db.device.notify.report, 1, 1, "phaseMinimumGreen.2");
    CHECK_INT(0, read_value("reportBlockValue.1").length);
    device_step(&device, &view, 0);
    db.phase[1].minimum_green_s = 13;
    CHECK_INT(12, read_value("reportBlockValue.1").octet[0]);
    device_step(&device, &view, 100);
    CHECK_INT(13, read_value("reportBlockValue.1").octet[0]);
}

/* Half a block would be taken for a whole one of other objects. */
static void what_cannot_be_read_empties_its_block(void)
{
    fresh();
    struct block_rows *rows = &db.device.notify.watch;
    hold(rows, 1, 1, "phaseMinimumGreen.2");
    hold(rows, 2, 1, "communityNameAdmin.0");
    CHECK_INT(0, read_value("watchBlockValue.1").length);
    hold(rows, 2, 1, "watchBlockValue.1");
    CHECK_INT(0, read_value("watchBlockValue.1").length);
    hold(rows, 2, 1, "reportBlockValue.2");
    CHECK_INT(0, read_value("watchBlockValue.1").length);
    for (int row_no = 2; row_no <= BLOCK_OBJECTS_MAX; row_no++)
        hold(rows, row_no, 1, "sysDescr.0");
    CHECK_INT(0, read_value("watchBlockValue.1").length);
}

static void reading_a_block_clears_no_alarm(void)
{
    fresh();
    hold(&db.device.notify.watch, 1, 1, "unitAlarmStatus2.0");
    hold(&db.device.notify.watch, 2, 1, "shortAlarmStatus.0");
    CHECK_INT(2, read_value("watchBlockValue.1").length);
    CHECK(!latches.alarm2_read && !latches.short_alarm_read);
}

static enum set_error set_held(const char *row, struct object_id id)
{
    static struct set_stage stage;
    struct set_result result;
    struct set_item item = {.id = id_of(row), .value = {.type = VALUE_OBJECT_ID, .id = id}};
    return set_stage(&item, 1, &view, NULL, NULL, NULL, &stage, &result);
}

static void only_what_anybody_may_read_can_be_held(void)
{
    fresh();
    CHECK_INT(SET_OK, set_held("watchOID.1", id_of("phaseMinimumGreen.2")));
    CHECK_INT(SET_OK, set_held("reportOID.64", (struct object_id){.length = 2}));
    CHECK_INT(SET_WRONG_VALUE, set_held("watchOID.1", id_of("communityNameAdmin.0")));
    CHECK_INT(SET_WRONG_VALUE, set_held("reportOID.1", id_of("communityNameUser.1")));
    CHECK_INT(SET_WRONG_VALUE, set_held("watchOID.1", id_of("watchBlockValue.2")));
    CHECK_INT(SET_WRONG_VALUE, set_held("watchOID.1", (struct object_id){3, {1, 3, 6}}));
}

static void clearing_puts_the_defaults_back(void)
{
    static struct set_stage stage;
    static struct database before;
    struct set_result result;
    fresh();
    hold(&db.device.notify.watch, 7, 1, "phaseMinimumGreen.2");
    hold(&db.device.notify.report, 7, 1, "phaseMinimumGreen.2");
    before = db;
    struct set_item item = {.id = id_of("clearWatchObjects.0"), .value = {.type = VALUE_INTEGER}};
    CHECK_INT(SET_OK, set_stage(&item, 1, &view, NULL, NULL, NULL, &stage, &result));
    CHECK(!stage.db_changed); /* 0 asks for nothing */
    item.value.number = 1;
    CHECK_INT(SET_OK, set_stage(&item, 1, &view, NULL, NULL, NULL, &stage, &result));
    CHECK(stage.db_changed);
    CHECK_INT(ROW_INVALID, stage.db.device.notify.watch.object[6].status);
    CHECK_INT(0, stage.db.device.notify.watch.object[6].object.length);
    memset(&before.device.notify.watch.object, 0, sizeof before.device.notify.watch.object);
    memset(&stage.db.device.notify.watch.object, 0, sizeof before.device.notify.watch.object);
    CHECK_BYTES(&before, &stage.db, sizeof before); /* and nothing else */
    CHECK_INT(0, read_value("clearWatchObjects.0").number);
    item.value.number = 2;
    CHECK_INT(SET_WRONG_VALUE, set_stage(&item, 1, &view, NULL, NULL, NULL, &stage, &result));
}

HARNESS_MAIN({"values stand in the order of their rows", values_stand_in_the_order_of_their_rows},
             {"a report is what was at the last step", a_report_is_what_was_at_the_last_step},
             {"what cannot be read empties its block", what_cannot_be_read_empties_its_block},
             {"reading a block clears no alarm", reading_a_block_clears_no_alarm},
             {"only what anybody may read can be held", only_what_anybody_may_read_can_be_held},
             {"clearing puts the defaults back", clearing_puts_the_defaults_back}, )
