/* The object table: its order, its shape, finding, walking and reading. */
#include "../../ntcip/device.h"
#include "../../ntcip/object.h"
#include "../../ntcip/object_arcs.h"
#include "harness.h"
#include <stdlib.h>
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
                                        .device = &device,
                                        .admin = true};

static void fresh(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof(control));
    memset(&status, 0, sizeof(status));
    memset(&extra, 0, sizeof(extra));
    memset(&latches, 0, sizeof(latches));
    device_init(&device);
}

static int compare(const struct object_id *a, const struct object_id *b)
{
    for (int i = 0; i < a->length && i < b->length; i++) {
        if (a->arc[i] != b->arc[i])
            return a->arc[i] < b->arc[i] ? -1 : 1;
    }
    return a->length - b->length;
}

static bool begins(const struct object_id *id, const struct object_id *prefix)
{
    return id->length >= prefix->length &&
           memcmp(id->arc, prefix->arc, prefix->length * sizeof(uint32_t)) == 0;
}

static void table_is_in_order(void)
{
    for (size_t i = 1; i < object_count; i++) {
        harness_at("%s", object_all[i].name);
        CHECK(compare(&object_all[i - 1].id, &object_all[i].id) < 0);
        CHECK(!begins(&object_all[i].id, &object_all[i - 1].id));
    }
    for (size_t i = 1; i < object_table_count; i++)
        CHECK(compare(&object_tables[i - 1].id, &object_tables[i].id) < 0);
}

static void lines_are_sound(void)
{
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        harness_at("%s", object->name);
        CHECK(object_by_name(object->name) == object);
        CHECK(object->id.length + 2 <= OBJECT_ID_MAX);
        CHECK(object->text[strlen(object->text) - 1] == '.');
        CHECK_INT(object->writable, object->class != CLASS_S);
        if (object->table) {
            struct object_id entry = object->table->id;
            entry.arc[entry.length++] = 1;
            CHECK(begins(&object->id, &entry));
            CHECK_INT(entry.length + 1, object->id.length);
        }
        if (object->writable && object->field == FIELD_NUMBER && object->size < 8)
            CHECK(object->high < (INT64_C(1) << (8 * object->size)));
        if (object->store == STORE_DATABASE && object->syntax == SYNTAX_POINTER) {
            CHECK_INT(0, object->standard);
            CHECK(object_by_name(object->target) && object_by_name(object->target)->field == FIELD_KEY);
        } else if (object->store == STORE_DATABASE && object->field == FIELD_NUMBER) {
            struct value value = {.type = object->syntax == SYNTAX_GAUGE     ? VALUE_GAUGE
                                          : object->syntax == SYNTAX_COUNTER ? VALUE_COUNTER
                                                                             : VALUE_INTEGER,
                                  .number = object->standard};
            CHECK_INT(FIT_OK, object_fits(object, &value));
        }
        if (object->syntax == SYNTAX_LIST)
            CHECK_INT(object->length + 1, object->size);
    }
}

/* How many octets a value may have, and of which kind, whatever it says. */
static void lengths_are_kept(void)
{
    static const uint8_t octets[UINT16_MAX];
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        if (object->syntax != SYNTAX_TEXT && object->syntax != SYNTAX_OCTETS &&
            object->syntax != SYNTAX_OPAQUE)
            continue;
        bool opaque = object->syntax == SYNTAX_OPAQUE;
        struct value value = {.type = opaque ? VALUE_OPAQUE : VALUE_OCTETS, .all = octets};
        harness_at("%s", object->name);
        value.length = (uint16_t)object->high;
        CHECK_INT(FIT_OK, object_fits(object, &value));
        value.length = (uint16_t)(object->high + 1);
        CHECK_INT(FIT_LENGTH, object_fits(object, &value));
        value.type = opaque ? VALUE_OCTETS : VALUE_OPAQUE;
        CHECK_INT(FIT_TYPE, object_fits(object, &value));
    }
}

static void names_are_unique(void)
{
    for (size_t i = 0; i < object_count; i++) {
        for (size_t k = i + 1; k < object_count; k++)
            if (strcmp(object_all[i].name, object_all[k].name) == 0)
                CHECK_FAIL("%s stands twice", object_all[i].name);
    }
}

/* Two objects on one field would make the config file ambiguous. */
static void fields_are_their_own(void)
{
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        if (object->store != STORE_DATABASE || !object->writable)
            continue;
        struct object_instance first = {.object = object};
        struct object_instance last = {.object = object};
        if (object->table) {
            first.row[0] = 1;
            last.row[0] = object->table->rows[0];
            first.row[1] = object->table->keys == 2 ? 1 : 0;
            last.row[1] = object->table->keys == 2 ? object->table->rows[1] : 0;
        }
        struct object_instance found = {0};
        harness_at("%s", object->name);
        CHECK_INT(OBJECT_OK, object_at_offset(object_field_offset(&first), &found));
        CHECK(found.object == object && found.row[0] == first.row[0] && found.row[1] == first.row[1]);
        CHECK_INT(OBJECT_OK, object_at_offset(object_field_offset(&last) + object->size - 1, &found));
        CHECK(found.object == object && found.row[0] == last.row[0] && found.row[1] == last.row[1]);
    }
    struct object_instance none;
    CHECK_INT(OBJECT_UNKNOWN, object_at_offset(sizeof(struct database), &none));
}

static int find(const char *expected, struct object_id id)
{
    struct object_instance at;
    int result = object_find(&id, &at);
    if (result == OBJECT_OK) {
        char name[96];
        object_format(&at, name, sizeof(name));
        CHECK_STR(expected, name);
    }
    return result;
}

static void find_is_exact(void)
{
    CHECK_INT(OBJECT_OK, find("sysDescr.0", (struct object_id)OID(1, 3, 6, 1, 2, 1, 1, 1, 0)));
    CHECK_INT(OBJECT_OK, find("phaseMinimumGreen.2", (struct object_id)OID(ASC, 1, 2, 1, 4, 2)));
    CHECK_INT(OBJECT_OK, find("phaseMinimumGreen.40", (struct object_id)OID(ASC, 1, 2, 1, 4, 40)));
    CHECK_INT(OBJECT_OK, find("sequenceData.20.8", (struct object_id)OID(ASC, 7, 3, 1, 3, 20, 8)));
    CHECK_INT(OBJECT_OK, find("controllerLocalTime.0", (struct object_id)OID(GLOBAL, 3, 6, 0)));
    CHECK_INT(OBJECT_OK, find("phaseFlashingGreen.1", (struct object_id)OID(TSC, 2, 1, 1, 1)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 2, 1, 4, 0)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 2, 1, 4, 41)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 2, 1, 4, UINT32_MAX)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 2, 1, 4)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 2, 1, 4, 2, 0)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 7, 3, 1, 3, 1)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 7, 3, 1, 3, 1, 9)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 1)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 1, 1, 1)));
    CHECK_INT(OBJECT_UNKNOWN, find("", (struct object_id)OID(ASC, 2, 2, 1, 3, 1)));
    CHECK_INT(OBJECT_UNKNOWN, find("", (struct object_id)OID(ASC, 99, 1, 0)));
    CHECK_INT(OBJECT_UNKNOWN, find("", (struct object_id)OID(1)));
    CHECK_INT(OBJECT_UNKNOWN, find("", (struct object_id)OID(2, 999)));
    CHECK_INT(OBJECT_UNKNOWN, find("", (struct object_id){.length = 0}));
}

/* MMITSS and others ask for some scalars at .1 or without an instance. */
static void old_clients_find_scalars(void)
{
    CHECK_INT(OBJECT_OK, find("unitBackupTime.0", (struct object_id)OID(ASC, 3, 3)));
    CHECK_INT(OBJECT_OK, find("unitBackupTime.0", (struct object_id)OID(ASC, 3, 3, 1)));
    CHECK_INT(OBJECT_OK, find("maxSpecialFunctionOutputs.0", (struct object_id)OID(ASC, 3, 13)));
    CHECK_INT(OBJECT_OK, find("maxSpecialFunctionOutputs.0", (struct object_id)OID(ASC, 3, 13, 1)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 3, 3, 2)));
    CHECK_INT(OBJECT_NO_INSTANCE, find("", (struct object_id)OID(ASC, 3, 1, 1)));
    struct object_instance next;
    CHECK_INT(OBJECT_OK, object_next(&(struct object_id)OID(ASC, 3, 3, 0), &view, &next));
    CHECK_STR("unitRedRevert", next.object->name);
}

static size_t expected_instances(void)
{
    size_t count = 0;
    for (size_t i = 0; i < object_count; i++) {
        const struct object_table *table = object_all[i].table;
        if (!table)
            count++;
        else if (!table->present && !table->when)
            count += (size_t)table->rows[0] * table->rows[1];
    }
    return count;
}

static void walk_visits_all_in_order(void)
{
    fresh();
    struct object_id id = {.length = 0};
    struct object_instance at;
    size_t count = 0;
    while (object_next(&id, &view, &at) == OBJECT_OK) {
        struct object_id next;
        struct object_instance again;
        struct value value;
        object_instance_id(&at, &next);
        if (compare(&id, &next) >= 0) {
            CHECK_FAIL("%s does not come behind its predecessor", at.object->name);
            return;
        }
        CHECK_INT(OBJECT_OK, object_find(&next, &again));
        CHECK(again.object == at.object && again.row[0] == at.row[0] && again.row[1] == at.row[1]);
        CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
        id = next;
        count++;
    }
    CHECK_INT((int64_t)expected_instances(), (int64_t)count);
}

enum { INSTANCES_MAX = 150000 };
static struct object_id walked[INSTANCES_MAX];

/* Whatever OID is asked for, the answer is the first instance behind it. */
static void next_is_the_successor(void)
{
    fresh();
    status.volume_detectors.word[0] = 0x90;
    status.volume_detectors.word[2] = 1;
    size_t count = 0;
    struct object_id id = {.length = 0};
    struct object_instance at;
    while (count < INSTANCES_MAX && object_next(&id, &view, &at) == OBJECT_OK) {
        object_instance_id(&at, &id);
        walked[count++] = id;
    }
    CHECK_INT((int64_t)expected_instances() + 3 * 3, (int64_t)count);
    srand(1);
    for (int round = 0; round < 20000; round++) {
        id = walked[(size_t)rand() % count];
        for (int change = rand() % 3; change >= 0; change--) {
            int what = rand() % 4;
            if (what == 0 && id.length > 1)
                id.length--;
            else if (what == 1 && id.length < OBJECT_ID_MAX)
                id.arc[id.length++] = (uint32_t)(rand() % 3);
            else if (what == 2)
                id.arc[id.length - 1] += (uint32_t)(rand() % 3 - 1);
            else
                id.arc[rand() % id.length] += (uint32_t)(rand() % 3 - 1);
        }
        size_t low = 0, high = count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (compare(&walked[middle], &id) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        int result = object_next(&id, &view, &at);
        if (low == count) {
            CHECK_INT(OBJECT_UNKNOWN, result);
            continue;
        }
        struct object_id next;
        if (!CHECK_INT(OBJECT_OK, result))
            return;
        object_instance_id(&at, &next);
        if (compare(&walked[low], &next) != 0) {
            CHECK_FAIL("round %d: got %s.%d", round, at.object->name, at.row[0]);
            return;
        }
    }
}

static int64_t get(const char *name)
{
    struct object_instance at;
    struct value value;
    if (!CHECK_INT(OBJECT_OK, object_parse(name, &at)))
        return -1;
    if (object_get(&at, &view, &value) != OBJECT_OK)
        return -2;
    return value.number;
}

static void rows_that_come_and_go(void)
{
    fresh();
    status.volume_detectors.word[1] = 1; /* detector 65 */
    status.volume[64] = 17;
    status.occupancy[64] = 44;
    status.speed[64] = 511;
    status.ped_volume_detectors = mask_of(40);
    status.ped_actuations[39] = 12;
    CHECK_INT(17, get("detectorVolume.65"));
    CHECK_INT(44, get("detectorOccupancy.65"));
    CHECK_INT(511, get("detectorAvgSpeed.65"));
    CHECK_INT(-2, get("detectorVolume.64"));
    CHECK_INT(1, get("activeVolumeOccupancyDetectors"));
    CHECK_INT(12, get("pedestrianDetectorActuations.40"));
    CHECK_INT(-2, get("pedestrianDetectorActuations.39"));
    CHECK_INT(1, get("activePedestrianDetectors"));
    struct object_instance at;
    CHECK_INT(OBJECT_OK, object_next(&(struct object_id)OID(ASC, 2, 5, 4), &view, &at));
    CHECK_INT(65, at.row[0]);
    CHECK_INT(OBJECT_OK, object_next(&(struct object_id)OID(ASC, 2, 5, 4), NULL, &at));
    CHECK_STR("volumeOccupancyPeriodV3", at.object->name);
}

static void groups_are_slices_of_masks(void)
{
    fresh();
    status.green = mask_of(1) | mask_of(8) | mask_of(9) | mask_of(40);
    control.hold_mask = mask_of(10) | mask_of(33);
    control.vehicle_actuation.word[2] = UINT64_C(1) << 31; /* detector 160 */
    status.detector_active.word[1] = 2;                    /* detector 66 */
    channel_add(&extra.frame.red, 80);
    CHECK_HEX(0x81, (uint64_t)get("phaseStatusGroupGreens.1"));
    CHECK_HEX(0x01, (uint64_t)get("phaseStatusGroupGreens.2"));
    CHECK_HEX(0x00, (uint64_t)get("phaseStatusGroupGreens.3"));
    CHECK_HEX(0x80, (uint64_t)get("phaseStatusGroupGreens.5"));
    CHECK_HEX(0x02, (uint64_t)get("phaseControlGroupHold.2"));
    CHECK_HEX(0x01, (uint64_t)get("phaseControlGroupHold.5"));
    CHECK_HEX(0x80, (uint64_t)get("vehicleDetectorControlGroupActuation.20"));
    CHECK_HEX(0x02, (uint64_t)get("vehicleDetectorStatusGroupActive.9"));
    CHECK_HEX(0x80, (uint64_t)get("channelStatusGroupReds.10"));
}

static void fields_of_every_width(void)
{
    fresh();
    db.phase[1].minimum_green_s = 7;
    db.phase[39].options = 0x8001;
    db.vehicle_detector[159].delay_ds = 65535;
    db.standard_time_zone_s = -28800;
    db.sequence[2][1] = (struct phase_list){2, {5, 6}};
    db.split[252][39].time_s = 41;
    db.split[1][2].coord = 1;
    db.timebase.schedule[254].date = UINT32_C(1) << 31;
    db.timebase.day_plan[98][63].minute = 59;
    db.timebase.day_plan[1][2].action_no = 255;
    db.priority.request[15].lockout_cycles = 3;
    db.priority.max_reduction_s[39] = 12;
    status.ring_status[7] = 0x0C;
    extra.uptime_cs = UINT32_MAX;
    extra.utc_s = 1795392000;
    extra.database_id = 0xBEEF;
    CHECK_INT(7, get("phaseMinimumGreen.2"));
    CHECK_INT(0x8001, get("phaseOptions.40"));
    CHECK_INT(65535, get("vehicleDetectorDelay.160"));
    CHECK_INT(-28800, get("controllerStandardTimeZone.0"));
    CHECK_INT(-28800, get("globalLocalTimeDifferential.0"));
    CHECK_INT(41, get("splitTime.253.40"));
    CHECK_INT(1, get("splitCoordPhase.2.3"));
    CHECK_INT(INT64_C(1) << 31, get("timeBaseScheduleDate.255"));
    CHECK_INT(59, get("dayPlanMinute.99.64"));
    CHECK_INT(3, get("priorityLockout.16"));
    CHECK_INT(12, get("priorityMaxReduction.40"));
    CHECK_INT(0x0C, get("ringStatus.8"));
    CHECK_INT(UINT32_MAX, get("sysUpTime.0"));
    CHECK_INT(1795392000, get("globalTime.0"));
    CHECK_INT(1795392000 - 28800, get("controllerLocalTime.0"));
    CHECK_INT(0xBEEF, get("globalSetIDParameter.0"));
    CHECK_INT(3, get("sequenceNumber.3.2"));
    CHECK_INT(2, get("sequenceRingNumber.3.2"));
    CHECK_INT(40, get("maxPhases.0"));
    CHECK_INT(5, get("maxPhaseGroups.0"));
    CHECK_INT(20, get("maxVehicleDetectorStatusGroups.0"));
    struct object_instance at;
    struct value value;
    CHECK_INT(OBJECT_OK, object_parse("sequenceData.3.2", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    CHECK_INT(VALUE_OCTETS, value.type);
    CHECK_INT(2, value.length);
    CHECK_BYTES("\5\6", value.octet, 2);
    static const struct object_id action = OID(ASC, 5, 3, 1, 1, 255);
    CHECK_INT(OBJECT_OK, object_parse("dayPlanActionNumberOID.2.3", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    CHECK_INT(VALUE_OBJECT_ID, value.type);
    CHECK_INT(action.length, value.id.length);
    CHECK_BYTES(action.arc, value.id.arc, action.length * sizeof(action.arc[0]));
    CHECK_INT(OBJECT_OK, object_parse("dayPlanActionNumberOID.2.4", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    CHECK_INT(2, value.id.length);
    CHECK_INT(0, value.id.arc[0]);
    CHECK_INT(0, value.id.arc[1]);
}

static void get_text(const char *name, const char *expected)
{
    struct object_instance at;
    struct value value;
    char text[VALUE_OCTETS_MAX + 1];
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    memcpy(text, value.octet, value.length);
    text[value.length] = '\0';
    CHECK_STR(expected, text);
}

static void texts(void)
{
    fresh();
    get_text("sysName.0", "");
    get_text("sysDescr.0", "Traffic signal controller, NTCIP 1202 v03");
    extra.version = "20261123 - v0.1.0";
    extra.name = "S234";
    get_text("sysName.0", "S234");
    get_text("sysDescr.0", "Traffic signal controller, NTCIP 1202 v03, 20261123 - v0.1.0");
    get_text("moduleVersion.1", "20261123 - v0.1.0");
    char longer[400];
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    extra.name = longer;
    char cut[256];
    memset(cut, 'x', sizeof(cut));
    cut[255] = '\0';
    get_text("sysName.0", cut);
}

static void unit_status_in_words(void)
{
    fresh();
    status.unit = UNIT_STARTUP_FLASH;
    CHECK_INT(7, get("unitFlashStatus"));
    status.unit = UNIT_RUNNING;
    CHECK_INT(2, get("unitFlashStatus"));
    extra.local_flash = true;
    CHECK_INT(4, get("unitFlashStatus"));
    extra.cabinet_flash = true;
    CHECK_INT(6, get("unitFlashStatus"));
    extra.guard_tripped = true;
    CHECK_INT(5, get("unitFlashStatus"));
    extra = (struct object_extra){0};
    status.unit = UNIT_AUTOMATIC_FLASH;
    CHECK_INT(3, get("unitFlashStatus"));
    status.preempt_flash = true;
    CHECK_INT(8, get("unitFlashStatus"));
    status.control = CONTROL_TIMEBASE;
    CHECK_INT(6, get("unitControlStatus"));
}

static void alarms_in_bits(void)
{
    fresh();
    status.civil_known = true;
    CHECK_HEX(0, (uint64_t)get("unitAlarmStatus1"));
    CHECK_HEX(0, (uint64_t)get("unitAlarmStatus2"));
    CHECK_HEX(0, (uint64_t)get("unitAlarmStatus3"));
    CHECK_HEX(0, (uint64_t)get("unitAlarmStatus4"));
    CHECK_HEX(0, (uint64_t)get("shortAlarmStatus"));
    status.alarm1 = ALARM_LOCAL_FREE | ALARM_CYCLE_FAULT;
    extra.local_flash = true;
    CHECK_HEX(0x61, (uint64_t)get("unitAlarmStatus1"));
    CHECK_HEX(0x0A, (uint64_t)get("shortAlarmStatus"));
    extra.cabinet_flash = true; /* the monitor's flash hides the switch */
    CHECK_HEX(0x51, (uint64_t)get("unitAlarmStatus1"));
    status.unit_inputs = INPUT_STOP_TIME;
    status.in_transition = true;
    CHECK_HEX(0x30, (uint64_t)get("unitAlarmStatus2"));
    extra.cabinet_lost = true;
    CHECK_HEX(0x01, (uint64_t)get("unitAlarmStatus3"));
    status.civil_known = false;
    status.preempt_stage[15] = PREEMPT_MAX_PRESENCE;
    status.action_no = 7;
    db.timebase.action[6].pattern_no = 3;
    CHECK_HEX(0x1A, (uint64_t)get("unitAlarmStatus4"));
    status.pattern_no = 3;
    CHECK_HEX(0x0A, (uint64_t)get("unitAlarmStatus4"));
    status.alarm_inputs = 0x81;
    status.coord_alarm = true;
    status.preempt_inputs = mask_of(9);
    detector_put(&status.detector_failed, 160, true);
    CHECK_HEX(0xFB, (uint64_t)get("shortAlarmStatus"));
    CHECK_HEX(0x81, (uint64_t)get("alarmGroupState.1"));
    CHECK_HEX(0x01, (uint64_t)get("preemptStatusGroup.2"));
    CHECK_HEX(0x80, (uint64_t)get("vehicleDetectorStatusGroupAlarms.20"));
}

/* Whoever reads clears; until the next look every reader sees the same. */
static void two_bits_clear_when_read(void)
{
    fresh();
    extra.restarted = true;
    status.cycle_zeros = 1;
    CHECK_HEX(0x01, (uint64_t)get("unitAlarmStatus2"));
    CHECK_HEX(0x01, (uint64_t)get("unitAlarmStatus2"));
    object_unlatch(&latches, &status, &extra);
    CHECK_HEX(0x00, (uint64_t)get("unitAlarmStatus2"));
    CHECK_HEX(0x04, (uint64_t)get("shortAlarmStatus"));
    object_unlatch(&latches, &status, &extra);
    CHECK_HEX(0x00, (uint64_t)get("shortAlarmStatus"));
    status.cycle_zeros++;
    object_unlatch(&latches, &status, &extra);
    status.cycle_zeros++; /* passed behind the look */
    CHECK_HEX(0x04, (uint64_t)get("shortAlarmStatus"));
}

static void coordination_in_seconds(void)
{
    fresh();
    CHECK_INT(0, get("coordCycleStatus"));
    CHECK_INT(1, get("localFreeStatus"));
    status.free_reason = FREE_NOT;
    status.cycle_ds = 1000;
    CHECK_INT(100, get("coordCycleStatus"));
    status.local_ds = 301;
    CHECK_INT(69, get("coordCycleStatus"));
    status.local_ds = 999;
    CHECK_INT(0, get("coordCycleStatus"));
    status.sync_ds = 309;
    CHECK_INT(30, get("coordSyncStatus"));
    CHECK_INT(2, get("localFreeStatus"));
    status.cycle_ds = 6000;
    CHECK_INT(500, get("coordCycleStatus"));
    status.local_ds = 0;
    CHECK_INT(510, get("coordCycleStatus"));
}

static void local_time_knows_daylight_saving(void)
{
    fresh();
    db.standard_time_zone_s = -21600;
    extra.utc_s = 1000000;
    CHECK_INT(-21600, get("globalLocalTimeDifferential"));
    status.civil_known = true;
    status.utc_offset_s = -18000;
    CHECK_INT(-18000, get("globalLocalTimeDifferential"));
    CHECK_INT(1000000 - 18000, get("controllerLocalTime"));
    CHECK_INT(-21600, get("controllerStandardTimeZone"));
}

static void single_bits_are_rows(void)
{
    fresh();
    control.preempt_mask = 0x8001;
    control.special_function_mask = 2;
    status.special_functions = 4;
    control.vehicle_reset.word[2] = 1;
    CHECK_INT(1, get("preemptControlState.1"));
    CHECK_INT(0, get("preemptControlState.2"));
    CHECK_INT(1, get("preemptControlState.16"));
    CHECK_INT(1, get("vehicleDetectorReset.129"));
    CHECK_INT(0, get("vehicleDetectorReset.128"));
    CHECK_INT(1, get("specialFunctionOutputControl.2"));
    CHECK_INT(0, get("specialFunctionOutputStatus.2"));
    CHECK_INT(1, get("specialFunctionOutputStatus.3"));
    CHECK_INT(1, get("specialFunctionOutputState.2"));
    CHECK_INT(1, get("specialFunctionOutputState.3"));
    CHECK_INT(0, get("specialFunctionOutputState.4"));
}

static void names_parse_and_format(void)
{
    static const char *const good[] = {"sysUpTime.0", "phaseMinimumGreen.40", "sequenceData.20.8"};
    static const char *const rowless[] = {
        "phaseMinimumGreen",    "phaseMinimumGreen.",    "phaseMinimumGreen.0",
        "phaseMinimumGreen.41", "phaseMinimumGreen.1.1", "phaseMinimumGreen.01",
        "phaseMinimumGreen.-1", "phaseMinimumGreen.1x",  "sysUpTime.1",
        "sysUpTime.",           "sequenceData.1",        "phaseMinimumGreen.99999999999"};
    struct object_instance at;
    char name[96];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CHECK_INT(OBJECT_OK, object_parse(good[i], &at));
        object_format(&at, name, sizeof(name));
        CHECK_STR(good[i], name);
    }
    CHECK_INT(OBJECT_OK, object_parse("sysUpTime", &at));
    for (size_t i = 0; i < sizeof(rowless) / sizeof(rowless[0]); i++) {
        harness_at("%s", rowless[i]);
        CHECK_INT(OBJECT_NO_INSTANCE, object_parse(rowless[i], &at));
    }
    CHECK_INT(OBJECT_UNKNOWN, object_parse("phaseminimumgreen.1", &at));
    CHECK_INT(OBJECT_UNKNOWN, object_parse("", &at));
    CHECK_INT(OBJECT_UNKNOWN, object_parse(".1", &at));
    char endless[300];
    memset(endless, 'a', sizeof(endless));
    endless[sizeof(endless) - 1] = '\0';
    CHECK_INT(OBJECT_UNKNOWN, object_parse(endless, &at));
}

static void defaults(void)
{
    fresh();
    CHECK_INT(0, get("unitStartUpFlash"));
    CHECK_INT(5, get("unitStartUpAllRed"));
    CHECK_INT(1, get("unitStartUpCalls"));
    CHECK_INT(0, get("unitBackupPrevent"));
    CHECK_INT(1, get("unitLastCarRecall"));
    CHECK_INT(1, get("unitAutoPedestrianClear"));
    CHECK_INT(1, get("phaseStartup.40"));
    CHECK_INT(1, get("phasePedWalkService.1"));
    CHECK_INT(1, get("phasePedClearBeforeFlash.17"));
    CHECK_INT(65535, get("vehicleDetectorLength.160"));
    CHECK_INT(2, get("vehicleDetectorTravelMode.1"));
    CHECK_INT(1, get("channelControlType.80"));
    CHECK_INT(1, get("channelPedClearIndication.80"));
    CHECK_INT(20, get("globalDaylightSaving"));
    CHECK_INT(DAYLIGHT_DISABLED, get("dstBeginMonth.8"));
    CHECK_INT(3600, get("dstSecondsToAdjust.8"));
    CHECK_INT(CORRECTION_SHORTWAY, get("coordCorrectionMode"));
    CHECK_INT(MAXIMUM_INHIBIT, get("coordMaximumMode"));
    CHECK_INT(FORCE_FIXED, get("coordForceMode"));
    CHECK_INT(SYNC_FIRST_GREEN_BEGIN, get("patternCoordSyncPoint.253"));
    CHECK_INT(SPLIT_NONE, get("splitMode.253.40"));
    CHECK_INT(255, get("preemptMinimumGreen.16"));
    CHECK_INT(10, get("preemptDwellGreen.16"));
    CHECK_INT(1, get("overlapAfterModifier.32"));
    CHECK_INT(1, get("preemptEnableBit"));
    CHECK_INT(20, get("coordAddPercent"));
    CHECK_INT(50, get("speedManagementLimit"));
}

static void database_id_tells_change(void)
{
    fresh();
    uint16_t before = object_database_id(&db);
    CHECK_INT(before, object_database_id(&db));
    db.phase[3].minimum_green_s++;
    CHECK(before != object_database_id(&db));
}

static void there_and_back(struct object_id id)
{
    struct packed_id packed;
    struct object_id back;
    if (!CHECK_INT(0, object_pack_id(&id, &packed)))
        return;
    object_unpack_id(&packed, &back);
    CHECK_INT(id.length, back.length);
    CHECK(memcmp(id.arc, back.arc, id.length * sizeof id.arc[0]) == 0);
}

static void identifiers_are_packed(void)
{
    struct packed_id packed;
    for (size_t i = 0; i < object_count; i++)
        there_and_back(object_all[i].id);
    there_and_back((struct object_id){.length = 2});
    there_and_back((struct object_id){.length = 3, .arc = {1, 3, UINT32_MAX}});
    there_and_back((struct object_id){.length = 3, .arc = {2, 999, 127}});
    there_and_back((struct object_id){.length = 4, .arc = {0, 39, 128, 0}});
    struct object_id wrong = {.length = 2, .arc = {0, 40}};
    CHECK_INT(-1, object_pack_id(&wrong, &packed));
    wrong = (struct object_id){.length = 2, .arc = {3, 1}};
    CHECK_INT(-1, object_pack_id(&wrong, &packed));
    wrong = (struct object_id){.length = 1, .arc = {1}};
    CHECK_INT(-1, object_pack_id(&wrong, &packed));
    wrong = (struct object_id){.length = OBJECT_ID_MAX, .arc = {1, 3}};
    for (int i = 2; i < OBJECT_ID_MAX; i++)
        wrong.arc[i] = UINT32_MAX;
    CHECK_INT(-1, object_pack_id(&wrong, &packed));
}

HARNESS_MAIN({"identifiers are packed and unpacked", identifiers_are_packed},
             {"the table is in the order of the OIDs", table_is_in_order},
             {"each line of the table is sound", lines_are_sound},
             {"strings are as long as their lines allow", lengths_are_kept},
             {"no name stands twice", names_are_unique},
             {"no two objects share a stored field", fields_are_their_own},
             {"find takes exact instances only", find_is_exact},
             {"old clients find scalars at .1 and bare", old_clients_find_scalars},
             {"a walk visits every instance in order", walk_visits_all_in_order},
             {"next is the first instance behind any OID", next_is_the_successor},
             {"volume rows exist only for detectors that take part", rows_that_come_and_go},
             {"group objects are slices of masks", groups_are_slices_of_masks},
             {"fields of every width and place are read", fields_of_every_width},
             {"texts come from the unit and are cut to their length", texts},
             {"unit status is worked out", unit_status_in_words},
             {"alarms are told in the bits of the standard", alarms_in_bits},
             {"two alarm bits stand until they are read", two_bits_clear_when_read},
             {"positions in the cycle are whole seconds", coordination_in_seconds},
             {"local time includes daylight saving", local_time_knows_daylight_saving},
             {"single bits of a mask are rows", single_bits_are_rows},
             {"names of instances parse and format", names_parse_and_format},
             {"defaults are those of the MIB and ours", defaults},
             {"globalSetIDParameter changes with the database", database_id_tells_change}, )
