/* What several objects have in common: values that others decide, lists of identifiers, and what comes of
 * those. */
#include "../../ntcip/device.h"
#include "../../ntcip/object_arcs.h"
#include "../../ntcip/set.h"
#include "harness.h"
#include <string.h>

static struct database db;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct device device;
static const struct object_view view = {
    .db = &db, .control = &control, .status = &status, .extra = &extra, .device = &device};
static struct set_stage stage;
static struct set_result result;

static void fresh(void)
{
    object_defaults(&db);
    device_init(&device);
    memset(&control, 0, sizeof(control));
    memset(&status, 0, sizeof(status));
    memset(&extra, 0, sizeof(extra));
    status.unit = UNIT_RUNNING;
}

static enum set_error set(const char *name, struct value value)
{
    static struct set_item item;
    struct object_instance at;
    if (!CHECK_INT(OBJECT_OK, object_parse(name, &at)))
        return SET_GENERAL;
    object_instance_id(&at, &item.id);
    item.value = value;
    return set_stage(&item, 1, &view, NULL, NULL, NULL, &stage, &result);
}

static struct value number(int64_t n)
{
    return (struct value){.type = VALUE_INTEGER, .number = n};
}

static struct value named(const struct object_id *id)
{
    return (struct value){.type = VALUE_OBJECT_ID, .id = *id};
}

static const struct object_id nothing = {.length = 2};
static const struct object_id minimum_greens = OID(ASC, 1, 2, 1, 4);
static const struct object_id phase_4 = OID(ASC, 1, 2, 1, 4, 4);
static const struct object_id pattern_control = OID(ASC, 4, 14, 0);
static const struct object_id reds = OID(ASC, 1, 4, 1, 2, 1);

static void pinned_takes_what_stands(void)
{
    fresh();
    CHECK_INT(SET_OK, set("unitTimeSourceCommanded.0", number(6)));
    CHECK(stage.calls_device && !stage.db_changed);
    CHECK_INT(SET_INCONSISTENT_VALUE, set("unitTimeSourceCommanded.0", number(5)));
    CHECK_STR("unitTimeSourceCommanded cannot be changed over the network", result.message);
    CHECK_INT(SET_OK, set("cabinetEnvironDeviceType.1.1", number(2)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("cabinetEnvironDeviceType.1.1", number(3)));
    device.ports = (struct ports){.count = 1, .port = {{.up = true}}};
    CHECK_INT(SET_OK, set("commPortEnable.1", number(1)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("commPortEnable.1", number(2)));
    CHECK_INT(SET_NO_CREATION, set("commPortEnable.2", number(1)));
    struct value address = {.type = VALUE_IP_ADDRESS, .length = 4};
    CHECK_INT(SET_OK, set("ecfgStaticDNS.1", address));
    address.octet[0] = 10;
    CHECK_INT(SET_INCONSISTENT_VALUE, set("ecfgStaticDNS.1", address));
}

static void lists_take_what_has_a_meaning(void)
{
    fresh();
    CHECK_INT(SET_OK, set("globalSetIdOID.1", named(&minimum_greens)));
    CHECK_INT(SET_OK, set("globalSetIdOID.1", named(&phase_4)));
    CHECK_INT(SET_OK, set("globalSetIdOID.1", named(&nothing)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("globalSetIdOID.1", named(&reds)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("globalSetIdOID.1", named(&pattern_control)));
    CHECK_INT(SET_OK, set("unitUserDefinedBackupTimeContentOID.1", named(&pattern_control)));
    CHECK_INT(SET_OK, set("unitUserDefinedBackupTimeContentOID.1", named(&phase_4)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("unitUserDefinedBackupTimeContentOID.1", named(&minimum_greens)));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("unitUserDefinedBackupTimeContentOID.1", named(&reds)));
}

static void identifier_looks_at_the_list(void)
{
    fresh();
    uint16_t all = object_database_id(&db);
    db.phase[3].walk_s = 9;
    CHECK(object_database_id(&db) != all);
    CHECK_INT(0, object_pack_id(&minimum_greens, &db.device.global_set_id[0]));
    uint16_t some = object_database_id(&db);
    db.phase[3].walk_s = 10;
    CHECK_INT(some, object_database_id(&db));
    db.phase[39].minimum_green_s = 3;
    CHECK(object_database_id(&db) != some);
    CHECK_INT(0, object_pack_id(&phase_4, &db.device.global_set_id[0]));
    uint16_t one = object_database_id(&db);
    db.phase[39].minimum_green_s = 4;
    CHECK_INT(one, object_database_id(&db));
    db.phase[3].minimum_green_s = 5;
    CHECK(object_database_id(&db) != one);
    /* behind an empty row the list has ended */
    one = object_database_id(&db);
    CHECK_INT(0, object_pack_id(&minimum_greens, &db.device.global_set_id[2]));
    CHECK_INT(one, object_database_id(&db));
}

static void own_list_restarts_the_backup_time(void)
{
    fresh();
    CHECK_INT(SET_OK, set("systemPatternControl.0", number(254)));
    CHECK(stage.op_count == 1 && stage.op[0].restarts_backup && !stage.op[0].starts_backup);
    db.unit.user_backup_time_s = 10;
    CHECK_INT(0, object_pack_id(&phase_4, &db.device.backup_content[15].id));
    CHECK_INT(SET_OK, set("systemPatternControl.0", number(254)));
    CHECK(stage.op_count == 1 && !stage.op[0].restarts_backup && stage.op[0].starts_backup);
    CHECK_INT(SET_OK, set("phaseMinimumGreen.5", number(0)));
    CHECK_INT(0, (int64_t)stage.op_count);
    CHECK_INT(SET_OK, set("phaseMinimumGreen.4", number(0)));
    CHECK(stage.op_count == 1 && stage.op[0].restarts_backup);
    struct control after = control;
    control_apply(&after, &stage.op[0]);
    CHECK_BYTES(&control, &after, sizeof(control));
    status.unit = UNIT_STARTUP_FLASH; /* when no command is taken, and no time runs */
    CHECK_INT(SET_OK, set("phaseMinimumGreen.4", number(0)));
    CHECK_INT(0, (int64_t)stage.op_count);
    CHECK_INT(0, object_pack_id(&pattern_control, &db.device.backup_content[0].id));
    CHECK_INT(SET_OK, set("systemPatternControl.0", number(254)));
    CHECK(stage.op_count == 1 && stage.op[0].restarts_backup);
}

HARNESS_MAIN({"what others decide takes what stands", pinned_takes_what_stands},
             {"lists take what has a meaning", lists_take_what_has_a_meaning},
             {"globalSetIDParameter looks at its list", identifier_looks_at_the_list},
             {"a list of one's own restarts the backup time", own_list_restarts_the_backup_time}, )
