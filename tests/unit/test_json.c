/* The asc section: loading, faults at their lines, and printing that loads back. */
#include "../../ntcip/json.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char told[8192];
static struct database db;
static struct database expected;

static void tell(void *arg, int line, const char *key, const char *reason)
{
    (void)arg;
    size_t length = strlen(told);
    snprintf(told + length, sizeof(told) - length, "%d: %s: %s\n", line, key, reason);
}

/* Loads a text as the asc section of a file; returns the number of faults, -1 for no JSON. */
static int load(const char *text)
{
    struct document document;
    struct document_node root;
    struct document_node asc = {0};
    told[0] = '\0';
    if (document_parse(&document, text, strlen(text), tell, NULL) != 0)
        return -1;
    document_root(&document, &root);
    document_object(&root, "asc", REQUIRED, &asc);
    asc.document = &document;
    int faults = json_load_asc(&asc, &db);
    document_finish(&root);
    document_free(&document);
    return faults;
}

static void empty_section_is_the_default(void)
{
    CHECK_INT(0, load("{\"asc\": {}}"));
    CHECK_STR("", told);
    object_defaults(&expected);
    database_default_channels(&expected);
    CHECK_BYTES(&expected, &db, sizeof(db));
    CHECK_INT(0, load("{\"asc\": {\"channelTable\": []}}"));
    object_defaults(&expected);
    CHECK_BYTES(&expected, &db, sizeof(db));
}

static const char two_phases[] =
    "{\"asc\": {\n"
    "  \"unitStartUpFlash\": 10, \"unitStartUpAllRed\": 6,\n"
    "  \"controllerStandardTimeZone\": 28800,\n"
    "  \"phaseTable\": [\n"
    "    {\"phaseNumber\": 2, \"phaseRing\": 1, \"phaseOptions\": 1, \"phaseMinimumGreen\": 7,\n"
    "     \"phaseConcurrency\": [6], \"phaseFlashingGreen\": 3, \"phaseStartup\": 4},\n"
    "    {\"phaseRing\": 2, \"phaseOptions\": 1, \"phaseNumber\": 6, \"phaseConcurrency\": [2]}],\n"
    "  \"sequenceTable\": [\n"
    "    {\"sequenceNumber\": 1, \"sequenceRingNumber\": 1, \"sequenceData\": [2]},\n"
    "    {\"sequenceNumber\": 1, \"sequenceRingNumber\": 2, \"sequenceData\": [6]}],\n"
    "  \"vehicleDetectorTable\": [{\"vehicleDetectorNumber\": 160, \"vehicleDetectorDelay\": 65535}],\n"
    "  \"channelTable\": [{\"channelNumber\": 80, \"channelControlSource\": 2, \"channelControlType\": 2,\n"
    "     \"channelGreenIncluded\": [1, 80], \"channelFlash\": 6, \"channelPedClearIndication\": 2}]\n"
    "}}\n";

static void values_reach_their_fields(void)
{
    CHECK_INT(0, load(two_phases));
    CHECK_STR("", told);
    object_defaults(&expected);
    expected.unit.startup_flash_s = 10;
    expected.unit.startup_all_red_s = 6;
    expected.standard_time_zone_s = 28800;
    expected.phase[1].ring_no = 1;
    expected.phase[1].options = 1;
    expected.phase[1].minimum_green_s = 7;
    expected.phase[1].concurrency = (struct phase_list){1, {6}};
    expected.phase[1].flashing_green_s = 3;
    expected.phase[1].startup = STARTUP_GREEN_NO_WALK;
    expected.phase[5].ring_no = 2;
    expected.phase[5].options = 1;
    expected.phase[5].concurrency = (struct phase_list){1, {2}};
    expected.sequence[0][0] = (struct phase_list){1, {2}};
    expected.sequence[0][1] = (struct phase_list){1, {6}};
    expected.vehicle_detector[159].delay_ds = 65535;
    expected.channel[79].source_no = 2;
    expected.channel[79].type = CHANNEL_VEHICLE;
    expected.channel[79].green_included = (struct channel_list){2, {1, 80}};
    expected.channel[79].flash = CHANNEL_FLASH_RED; /* red wins over yellow */
    expected.channel[79].ped_clear_indication = PED_CLEAR_FLASHING_GREEN;
    CHECK_BYTES(&expected, &db, sizeof(db));
}

static void ten_faults_are_told_at_once(void)
{
    CHECK_INT(16, load("{\"asc\": {\n"
                       "  \"unitStartUpFlash\": 256,\n"
                       "  \"unitRedRevert\": 2.5,\n"
                       "  \"phaseMinimumGreen\": 5,\n"
                       "  \"maxPhases\": 40,\n"
                       "  \"phaseControlGroupTable\": [],\n"
                       "  \"unitStartupFlash\": 10,\n"
                       "  \"phaseTable\": [\n"
                       "    {\"phaseNumber\": 1, \"phaseWalk\": \"7\", \"phaseStartup\": 7},\n"
                       "    {\"phaseNumber\": 41, \"phaseWalk\": -1},\n"
                       "    {\"phaseWalk\": 7},\n"
                       "    {\"phaseNumber\": 1, \"phaseGreen\": 7, \"phaseConcurrency\":\n"
                       "       [0, 256]}, 7],\n"
                       "  \"unitRedRevert\": 20\n"
                       "}}\n"));
    CHECK_STR("14: asc.unitRedRevert: doubled key, first on line 3\n"
              "2: asc.unitStartUpFlash: 256 is not from 0 to 255\n"
              "3: asc.unitRedRevert: must be a whole number, not a fraction or power\n"
              "4: asc.phaseMinimumGreen: belongs in a row of phaseTable\n"
              "5: asc.maxPhases: is not a stored parameter\n"
              "6: asc.phaseControlGroupTable: is not a stored parameter\n"
              "7: asc.unitStartupFlash: unknown object\n"
              "9: asc.phaseTable[0].phaseWalk: must be a whole number\n"
              "9: asc.phaseTable[0].phaseStartup: 7 is none of other(1), phaseNotOn(2), greenWalk(3), "
              "greenNoWalk(4), yellowChange(5), redClear(6)\n"
              "10: asc.phaseTable[1].phaseNumber: 41 is not from 1 to 40\n"
              "10: asc.phaseTable[1].phaseWalk: -1 is not from 0 to 255\n"
              "11: asc.phaseTable[2].phaseNumber: missing\n"
              "12: asc.phaseTable[3]: row stands twice, first on line 9\n"
              "12: asc.phaseTable[3].phaseGreen: unknown key in a row of phaseTable\n"
              "13: asc.phaseTable[3].phaseConcurrency[0]: 0 is not from 1 to 255\n"
              "13: asc.phaseTable[3].phaseConcurrency[1]: 256 is not from 1 to 255\n"
              "13: asc.phaseTable[4]: must be an object {...}\n",
              told);
}

static void rules_between_objects_have_lines(void)
{
    CHECK_INT(3, load("{\"asc\": {\n"
                      "  \"phaseTable\": [\n"
                      "    {\"phaseNumber\": 1, \"phaseRing\": 1, \"phaseOptions\": 1, \"phaseWalk\": 300,\n"
                      "     \"phaseConcurrency\": [2]},\n"
                      "    {\"phaseNumber\": 2, \"phaseRing\": 1, \"phaseOptions\": 1},\n"
                      "    {\"phaseNumber\": 5, \"phaseRing\": 2, \"phaseOptions\": 1}\n"
                      "  ],\n"
                      "  \"sequenceTable\": [\n"
                      "    {\"sequenceNumber\": 1, \"sequenceRingNumber\": 1, \"sequenceData\": [1, 2]}]\n"
                      "}}\n"));
    CHECK_STR("3: asc.phaseTable[0].phaseWalk: 300 is not from 0 to 255\n"
              "4: asc.phaseConcurrency.1: PHASE 01 CONCURRENCY FAULT: phase 1 lists phase 2 of its own ring\n"
              "8: asc.sequenceData.1.2: SEQ 01 RING 2 PHS OMITTED: phase 5 is enabled in this ring\n",
              told);
}

static void tables_of_every_shape(void)
{
    CHECK_INT(0, load("{\"asc\": {\n"
                      "  \"preemptEnableBit\": \"ignore\",\n"
                      "  \"coordForceMode\": \"floating\",\n"
                      "  \"patternTable\": [{\"patternNumber\": 253, \"patternCycleTime\": 100, "
                      "\"patternSplitNumber\": 7}],\n"
                      "  \"splitTable\": [{\"splitNumber\": 253, \"splitPhase\": 40, \"splitTime\": 30, "
                      "\"splitCoordPhase\": 1}],\n"
                      "  \"timeBaseScheduleTable\": [{\"timeBaseScheduleNumber\": 255, "
                      "\"timeBaseScheduleDate\": 4294967294}],\n"
                      "  \"timeBaseDayPlanTable\": [\n"
                      "    {\"dayPlanNumber\": 99, \"dayPlanEventNumber\": 64, \"dayPlanHour\": 23,\n"
                      "     \"dayPlanActionNumberOID\": \"timebaseAscActionNumber.255\"}],\n"
                      "  \"timebaseAscActionTable\": [{\"timebaseAscActionNumber\": 255, "
                      "\"timebaseAscPattern\": 254, \"timebaseAscLampsOff\": 1}],\n"
                      "  \"overlapTable\": [{\"overlapNumber\": 32, \"overlapType\": 2, "
                      "\"overlapIncludedPhases\": [2, 3], \"overlapArrowDelay\": 20}],\n"
                      "  \"preemptTable\": [{\"preemptNumber\": 16, \"preemptDwellOverlap\": [32], "
                      "\"preemptRailroad\": 1}],\n"
                      "  \"phaseTable\": [{\"phaseNumber\": 40, \"priorityMaxReduction\": 10}],\n"
                      "  \"priorityTable\": [{\"priorityNumber\": 16, \"priorityOmitPhases\": [1]}]\n"
                      "}}\n"));
    CHECK_STR("", told);
    object_defaults(&expected);
    database_default_channels(&expected);
    expected.unit.preempt_enable_bit = PREEMPT_ENABLE_BIT_IGNORED;
    expected.coord.force_mode = FORCE_FLOATING;
    expected.pattern[252].cycle_s = 100;
    expected.pattern[252].split_no = 7;
    expected.split[252][39].time_s = 30;
    expected.split[252][39].coord = 1;
    expected.timebase.schedule[254].date = 4294967294;
    expected.timebase.day_plan[98][63] = (struct day_plan_event){.hour = 23, .action_no = 255};
    expected.timebase.action[254].pattern_no = 254;
    expected.timebase.action[254].lamps_off = 1;
    expected.overlap[31].type = OVERLAP_NORMAL;
    expected.overlap[31].included = (struct phase_list){2, {2, 3}};
    expected.overlap[31].arrow_delay_ds = 20;
    expected.preempt[15].dwell_overlap = (struct overlap_list){1, {32}};
    expected.preempt[15].railroad = 1;
    expected.priority.max_reduction_s[39] = 10;
    expected.priority.request[15].omit = (struct phase_list){1, {1}};
    CHECK_BYTES(&expected, &db, sizeof(db));
}

static void more_rules_have_lines(void)
{
    CHECK_INT(5,
              load("{\"asc\": {\n"
                   "  \"phaseTable\": [\n"
                   "    {\"phaseNumber\": 1, \"phaseRing\": 1, \"phaseOptions\": 3, \"phaseRedClear\": 10,\n"
                   "     \"phaseYellowChange\": 30, \"phasePedestrianClear\": 9,\n"
                   "     \"phaseYellowandRedChangeTimeBeforeEndPedClear\": 15},\n"
                   "    {\"phaseNumber\": 2, \"phaseRing\": 1, \"phaseOptions\": 3, \"phaseRedClear\": 10,\n"
                   "     \"phaseYellowChange\": 256, \"phasePedestrianClear\": 9,\n"
                   "     \"phaseYellowandRedChangeTimeBeforeEndPedClear\": 15}],\n"
                   "  \"sequenceTable\": [\n"
                   "    {\"sequenceNumber\": 1, \"sequenceRingNumber\": 1, \"sequenceData\": [1, 2]}],\n"
                   "  \"overlapTable\": [\n"
                   "    {\"overlapNumber\": 2, \"overlapType\": 3, \"overlapIncludedPhases\": [1],\n"
                   "     \"overlapModifierPhases\": [2, 1]}],\n"
                   "  \"preemptTable\": [\n"
                   "    {\"preemptNumber\": 3, \"preemptControl\": 16, \"preemptDwellPhase\": [1, 2]}]\n"
                   "}}\n"));
    CHECK_STR(
        "7: asc.phaseTable[1].phaseYellowChange: 256 is not from 0 to 255\n"
        "5: asc.phaseYellowandRedChangeTimeBeforeEndPedClear.1: PHASE 01 PED CLEAR FAULT: it leaves 2.5 s of "
        "yellow and red clearance, less than 3.0 s\n"
        "6: asc.phaseOptions.2: FLASH ENTRY CG FAULT: phases 1 and 2 may not be on together\n"
        "13: asc.overlapModifierPhases.2: OVLP 02 MODIFIER FAULT: phase 1 both gives green and takes it "
        "away\n"
        "15: asc.preemptDwellPhase.3: PE 03 DWELL PHASE FAULT: phases 1 and 2 may not be on together\n",
        told);
}

/* A list that cannot be read is told once, not again by every rule that misses it. */
static void unreadable_values_breach_no_rule(void)
{
    CHECK_INT(
        2,
        load("{\"asc\": {\n"
             "  \"phaseTable\": [\n"
             "    {\"phaseNumber\": 1, \"phaseRing\": 1, \"phaseOptions\": 1, \"phaseConcurrency\": [5]},\n"
             "    {\"phaseNumber\": 5, \"phaseRing\": 2, \"phaseOptions\": 1, \"phaseConcurrency\": 1}\n"
             "  ],\n"
             "  \"sequenceTable\": [\n"
             "    {\"sequenceNumber\": 1, \"sequenceRingNumber\": 1, \"sequenceData\": [1]},\n"
             "    {\"sequenceNumber\": 1, \"sequenceRingNumber\": 9, \"sequenceData\": [5]}]\n"
             "}}\n"));
    CHECK_STR("4: asc.phaseTable[1].phaseConcurrency: must be an array [...]\n"
              "8: asc.sequenceTable[1].sequenceRingNumber: 9 is not from 1 to 8\n",
              told);
}

static void the_section_must_be_an_object(void)
{
    CHECK_INT(0, load("{}"));
    CHECK_STR("1: asc: missing\n", told);
    load("{\"asc\": 1}");
    CHECK_STR("1: asc: must be an object {...}\n", told);
}

/* Prints `db` and loads it back; `text` holds what was printed. */
static char text[8000000];

static void round_trip(void)
{
    static char inner[7999000];
    memset(inner, 0, sizeof(inner));
    FILE *out = fmemopen(inner, sizeof(inner), "w");
    if (!CHECK(out != NULL))
        return;
    CHECK_INT(0, json_print_asc(&db, out, 2));
    CHECK_INT(0, fclose(out));
    snprintf(text, sizeof(text), "{\n  \"asc\": %s\n}\n", inner);
    expected = db;
    CHECK_INT(0, load(text));
    CHECK_STR("", told);
    CHECK_BYTES(&expected, &db, sizeof(db));
}

static void printing_is_short_and_stable(void)
{
    CHECK_INT(0, load(two_phases));
    db.channel[79] = db.channel[0];
    round_trip();
    CHECK_STR(
        "{\n"
        "  \"asc\": {\n"
        "    \"phaseTable\": [\n"
        "      {\"phaseNumber\": 2, \"phaseMinimumGreen\": 7, \"phaseStartup\": 4, \"phaseOptions\": 1, "
        "\"phaseRing\": 1, \"phaseConcurrency\": [6], \"phaseFlashingGreen\": 3},\n"
        "      {\"phaseNumber\": 6, \"phaseOptions\": 1, \"phaseRing\": 2, \"phaseConcurrency\": [2]}\n"
        "    ],\n"
        "    \"vehicleDetectorTable\": [\n"
        "      {\"vehicleDetectorNumber\": 160, \"vehicleDetectorDelay\": 65535}\n"
        "    ],\n"
        "    \"unitStartUpFlash\": 10,\n"
        "    \"sequenceTable\": [\n"
        "      {\"sequenceNumber\": 1, \"sequenceRingNumber\": 1, \"sequenceData\": [2]},\n"
        "      {\"sequenceNumber\": 1, \"sequenceRingNumber\": 2, \"sequenceData\": [6]}\n"
        "    ],\n"
        "    \"channelTable\": [],\n"
        "    \"controllerStandardTimeZone\": 28800,\n"
        "    \"unitStartUpAllRed\": 6\n"
        "  }\n"
        "}\n",
        text);
    object_defaults(&db);
    database_default_channels(&db);
    round_trip();
    CHECK_STR("{\n  \"asc\": {}\n}\n", text);
}

static enum value_type type_of(const struct object *object)
{
    return object->syntax == SYNTAX_COUNTER ? VALUE_COUNTER
           : object->syntax == SYNTAX_GAUGE ? VALUE_GAUGE
                                            : VALUE_INTEGER;
}

static int64_t random_number(const struct object *object)
{
    struct value value = {.type = type_of(object)};
    do {
        value.number = object->low + (int64_t)(((uint64_t)rand() << 31 | (uint64_t)rand()) %
                                               (uint64_t)(object->high - object->low + 1));
    } while (object_fits(object, &value) != FIT_OK);
    return value.number;
}

static void random_octets(struct value *value, int least, int most, int low, int high)
{
    value->length = (uint16_t)(least + rand() % (most - least + 1));
    for (int k = 0; k < value->length; k++)
        value->octet[k] = (uint8_t)(low + rand() % (high - low + 1));
}

/* Any value that fits. */
static struct value random_value(const struct object *object)
{
    struct value value = {.type = VALUE_OCTETS};
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        return (struct value){.type = VALUE_INTEGER, .number = random_number(object)};
    case SYNTAX_COUNTER:
        return (struct value){.type = VALUE_COUNTER, .number = rand()};
    case SYNTAX_GAUGE:
        return (struct value){.type = VALUE_GAUGE, .number = rand()};
    case SYNTAX_LIST:
        random_octets(&value, 0, object->length, 1, (int)object->high);
        break;
    case SYNTAX_TEXT:
        random_octets(&value, (int)object->low, (int)object->high, ' ', '~');
        break;
    case SYNTAX_OCTETS:
        random_octets(&value, (int)object->low, (int)object->high, 0, 255);
        break;
    case SYNTAX_IP_ADDRESS:
        value.type = VALUE_IP_ADDRESS;
        random_octets(&value, 4, 4, 0, 255);
        break;
    case SYNTAX_POINTER:
    case SYNTAX_REFERENCE: {
        const char *target = object->target ? object->target : "phaseNumber";
        struct object_instance to = {.object = object_by_name(target)};
        to.row[0] = (uint16_t)(1 + rand() % to.object->table->rows[0]);
        value.type = VALUE_OBJECT_ID;
        object_instance_id(&to, &value.id);
        break;
    }
    case SYNTAX_TIMETICKS:
    case SYNTAX_OPAQUE:
    case SYNTAX_OBJECT_ID: /* no such parameter */
        CHECK_FAIL("%s has no value that can be stored", object->name);
        break;
    }
    return value;
}

/* Every parameter at a random legal value; the phases stay disabled, so that no rule applies. */
static void any_database_prints_and_loads(void)
{
    srand(7);
    for (int round = 0; round < 5; round++) {
        object_defaults(&db);
        for (size_t i = 0; i < object_count; i++) {
            const struct object *object = &object_all[i];
            if (object->store != STORE_DATABASE || !object->writable || object->judge ||
                strcmp(object->name, "phaseRing") == 0)
                continue;
            int rows = object->table ? object->table->rows[0] * object->table->rows[1] : 1;
            for (int row = 0; row < rows; row++) {
                struct object_instance at = {.object = object};
                if (object->table) {
                    at.row[0] = (uint16_t)(row / object->table->rows[1] + 1);
                    at.row[1] = (uint16_t)(object->table->keys == 2 ? row % object->table->rows[1] + 1 : 0);
                }
                struct value value = random_value(object);
                object_store_value(&at, &value, &db);
            }
        }
        for (int ix = 0; ix < EVENT_CLASSES_MAX; ix++) /* all together within the log */
            db.device.event.class[ix].limit %= EVENT_LOG_MAX / EVENT_CLASSES_MAX + 1;
        round_trip();
    }
}

static void print(const char *name, struct value value, const char *expected_text)
{
    struct object_instance at;
    char out[1100];
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(0, json_print_value(at.object, &value, out, sizeof(out)));
    CHECK_STR(expected_text, out);
}

static void values_print(void)
{
    print("phaseWalk.1", (struct value){.number = 7}, "7");
    print("controllerStandardTimeZone.0", (struct value){.number = -28800}, "-28800");
    print("sysUpTime.0", (struct value){.number = UINT32_MAX}, "4294967295");
    print("sequenceData.1.1", (struct value){.length = 3, .octet = {1, 2, 40}}, "[1, 2, 40]");
    print("sequenceData.1.1", (struct value){.length = 0}, "[]");
    print("sysName.0", (struct value){.length = 5, .octet = {'a', '"', '\\', '\n', 'b'}},
          "\"a\\\"\\\\\\u000ab\"");
    print("sysObjectID.0", (struct value){.id = {3, {1, 3, 6}}}, "\"1.3.6\"");
    struct value longest = {.length = VALUE_OCTETS_MAX};
    memset(longest.octet, 1, sizeof(longest.octet));
    char small[64], large[2000];
    const struct object *name = object_by_name("sysName");
    CHECK_INT(-1, json_print_value(name, &longest, small, sizeof(small)));
    CHECK_INT(0, json_print_value(name, &longest, large, sizeof(large)));
    CHECK_INT(2 + 6 * VALUE_OCTETS_MAX, (int64_t)strlen(large));
}

static void values_parse(void)
{
    struct value value;
    char reason[128] = "";
    CHECK_INT(0, json_parse_value(object_by_name("phaseWalk"), "7", &value, reason, sizeof(reason)));
    CHECK_INT(VALUE_INTEGER, value.type);
    CHECK_INT(7, value.number);
    CHECK_INT(0, json_parse_value(object_by_name("sequenceData"), "[1, 2]", &value, reason, sizeof(reason)));
    CHECK_INT(VALUE_OCTETS, value.type);
    CHECK_INT(2, value.length);
    CHECK_BYTES("\1\2", value.octet, 2);
    const struct object *enumerated = object_by_name("preemptEnableBit");
    CHECK_INT(0, json_parse_value(enumerated, "\"ignore\"", &value, reason, sizeof(reason)));
    CHECK_INT(2, value.number);
    const struct object *event = object_by_name("dayPlanActionNumberOID");
    CHECK_INT(0, json_parse_value(event, "\"timebaseAscActionNumber.5\"", &value, reason, sizeof(reason)));
    CHECK_INT(5, object_pointer_row(event, &value));
    CHECK_INT(
        0, json_parse_value(event, "\"1.3.6.1.4.1.1206.4.2.1.5.3.1.1.255\"", &value, reason, sizeof(reason)));
    CHECK_INT(255, object_pointer_row(event, &value));
    CHECK_INT(0, json_parse_value(event, "\"0.0\"", &value, reason, sizeof(reason)));
    CHECK_INT(0, object_pointer_row(event, &value));
    static const struct {
        const char *name, *text, *reason;
    } wrong[] = {
        {"phaseWalk", "", "the text ends where a value is expected"},
        {"phaseWalk", "07", "number with a leading zero"},
        {"phaseWalk", "7 8", "text behind the end"},
        {"phaseWalk", "256", "256 is not from 0 to 255"},
        {"phaseWalk", "[7]", "must be a whole number"},
        {"sequenceData", "7", "must be an array [...]"},
        {"sequenceData", "[256]", "256 is not from 1 to 255"},
        {"channelDim", "16", "16 is none of 0 to 255 using only bits 0x0F"},
        {"globalDaylightSaving", "5",
         "5 is none of disableDST(2), enableUSDST(3), enableEuropeDST(4), enableDaylightSavingNode(20)"},
        {"preemptEnableBit", "\"us\"", "\"us\" is none of use(1), ignore(2)"},
        {"preemptEnableBit", "\"use(1)\"", "\"use(1)\" is none of use(1), ignore(2)"},
        {"preemptEnableBit", "\"\"", "\"\" is none of use(1), ignore(2)"},
        {"dayPlanActionNumberOID", "5", "must be a text in quotes"},
        {"dayPlanActionNumberOID", "\"timebaseAscActionNumber.256\"",
         "\"timebaseAscActionNumber.256\" is not the identifier of an instance of timebaseAscActionNumber, "
         "or "
         "0.0"},
        {"dayPlanActionNumberOID", "\"1.3.\"",
         "\"1.3.\" is not the identifier of an instance of timebaseAscActionNumber, or 0.0"},
        {"sysName", "\"x\"", "sysName is read-only"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        harness_at("%s %s", wrong[i].name, wrong[i].text);
        CHECK_INT(-1, json_parse_value(object_by_name(wrong[i].name), wrong[i].text, &value, reason,
                                       sizeof(reason)));
        CHECK_STR(wrong[i].reason, reason);
    }
}

HARNESS_MAIN({"an empty section is the default", empty_section_is_the_default},
             {"values reach their fields", values_reach_their_fields},
             {"all faults are told at once, each at its line", ten_faults_are_told_at_once},
             {"rules between objects have lines too", rules_between_objects_have_lines},
             {"tables of every shape are read", tables_of_every_shape},
             {"the rules of overlaps, preempts and clearances have lines", more_rules_have_lines},
             {"what cannot be read breaches no rule", unreadable_values_breach_no_rule},
             {"the section must be an object", the_section_must_be_an_object},
             {"printing is short, ordered and loads back", printing_is_short_and_stable},
             {"any database prints and loads back", any_database_prints_and_loads},
             {"values print as JSON", values_print}, {"values parse from JSON", values_parse}, )
