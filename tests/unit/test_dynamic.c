/* Definitions of dynamic objects, as a centre writes them: PDU by PDU, through set_stage(). */
#include "../../ntcip/device.h"
#include "../../ntcip/json.h"
#include "../../ntcip/object_arcs.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct database db, candidate;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct device device;
static struct transaction transaction;
static struct set_item item[16];
static size_t item_count;
static struct set_stage stage;
static struct set_result result;

static void begin(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof(control));
    device_init(&device);
    transaction_init(&transaction);
    item_count = 0;
}

static void add(const char *name, struct value value)
{
    struct object_instance at;
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    object_instance_id(&at, &item[item_count].id);
    item[item_count++].value = value;
}

static struct value number(int64_t n)
{
    return (struct value){.type = VALUE_INTEGER, .number = n};
}

static struct value text(const char *from)
{
    struct value value = {.type = VALUE_OCTETS, .length = (uint16_t)strlen(from)};
    memcpy(value.octet, from, value.length);
    return value;
}

static struct value name_of(const char *name)
{
    struct object_instance at;
    struct value value = {.type = VALUE_OBJECT_ID, .id = {.length = 2}};
    if (*name) {
        CHECK_INT(OBJECT_OK, object_parse(name, &at));
        object_instance_id(&at, &value.id);
    }
    return value;
}

/* Sends what was added, and carries it out if it is taken. */
static enum set_error send_pdu(void)
{
    const struct object_view view = {.db = &db,
                                     .control = &control,
                                     .status = &status,
                                     .extra = &extra,
                                     .transaction = &transaction,
                                     .candidate = &candidate,
                                     .device = &device};
    const struct set_sender sender = {.who = "center"};
    enum set_error error = set_stage(item, item_count, &view, &sender, NULL, NULL, &stage, &result);
    item_count = 0;
    if (error == SET_OK) {
        set_transact(&stage, &db, &transaction, &candidate, 0);
        if (stage.db_changed)
            db = stage.db;
    }
    return error;
}

static enum set_error set(const char *name, struct value value)
{
    add(name, value);
    return send_pdu();
}

static void read_id(const char *name, struct object_id *out)
{
    struct object_instance at;
    struct value value;
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &(struct object_view){.db = &db}, &value));
    *out = value.id;
}

static void expect_member(const char *variable, const char *member)
{
    struct object_id id;
    struct value expected = name_of(member);
    read_id(variable, &id);
    CHECK_INT(expected.id.length, id.length);
    CHECK_BYTES(expected.id.arc, id.arc, id.length * sizeof(id.arc[0]));
}

static void define(int object_no, const char *first, const char *second)
{
    char name[64];
    snprintf(name, sizeof(name), "dynObjConfigStatus.%d", object_no);
    CHECK_INT(SET_OK, set(name, number(DYNAMIC_UNDER_CREATION)));
    snprintf(name, sizeof(name), "dynObjVariable.%d.1", object_no);
    CHECK_INT(SET_OK, set(name, name_of(first)));
    snprintf(name, sizeof(name), "dynObjVariable.%d.2", object_no);
    CHECK_INT(SET_OK, set(name, name_of(second)));
    snprintf(name, sizeof(name), "dynObjConfigStatus.%d", object_no);
    CHECK_INT(SET_OK, set(name, number(DYNAMIC_VALID)));
}

static void what_nobody_has_defined(void)
{
    begin();
    CHECK_INT(DYNAMIC_PERSISTENCE_EVER, db.device.dynamic.persistence_min);
    for (int n = 1; n <= DYNAMIC_OBJECTS_MAX; n++) {
        CHECK_INT(DYNAMIC_INVALID, db.device.dynamic.status[n - 1]);
        CHECK(dynamic_members(&db.device.dynamic, n) == NULL);
    }
    expect_member("dynObjVariable.13.255", "");
    CHECK_INT(0, dynamic_config_id(&db.device.dynamic));
}

static void a_definition_is_written_under_creation_alone(void)
{
    begin();
    CHECK_INT(SET_INCONSISTENT_VALUE, set("dynObjVariable.1.1", name_of("phaseStatusGroupGreens.1")));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("dynObjConfigOwner.1", text("center")));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("dynObjConfigStatus.1", number(DYNAMIC_VALID)));
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_UNDER_CREATION)));
    CHECK_INT(SET_OK, set("dynObjConfigOwner.1", text("center")));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("dynObjConfigStatus.1", number(DYNAMIC_VALID))); /* no members */
    CHECK_INT(SET_OK, set("dynObjVariable.1.1", name_of("phaseStatusGroupGreens.1")));
    CHECK(dynamic_members(&db.device.dynamic, 1) == NULL);
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_VALID)));
    CHECK(dynamic_members(&db.device.dynamic, 1) != NULL);
    CHECK_INT(SET_INCONSISTENT_VALUE, set("dynObjVariable.1.1", name_of("phaseWalk.1")));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("dynObjConfigOwner.1", text("somebody")));
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_VALID)));
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_UNDER_CREATION))); /* to be changed */
    expect_member("dynObjVariable.1.1", "phaseStatusGroupGreens.1");
    CHECK_INT(SET_OK, set("dynObjVariable.1.1", name_of("")));
    expect_member("dynObjVariable.1.1", "");
    CHECK_INT(SET_WRONG_VALUE, set("dynObjConfigStatus.1", number(4)));
}

static void varbinds_count_in_their_order(void)
{
    begin();
    add("dynObjConfigStatus.2", number(DYNAMIC_UNDER_CREATION));
    add("dynObjConfigOwner.2", text("center"));
    add("dynObjVariable.2.7", name_of("phaseWalk.1"));
    CHECK_INT(SET_OK, send_pdu());
    add("dynObjVariable.2.9", name_of("phaseWalk.2"));
    add("dynObjConfigStatus.2", number(DYNAMIC_VALID));
    CHECK_INT(SET_OK, send_pdu());
    add("dynObjConfigStatus.2", number(DYNAMIC_INVALID));
    add("dynObjVariable.2.1", name_of("phaseWalk.2"));
    CHECK_INT(SET_INCONSISTENT_VALUE, send_pdu());
    CHECK_INT(2, result.index);
    CHECK_INT(DYNAMIC_VALID, db.device.dynamic.status[1]); /* all or nothing */
}

static void invalid_clears(void)
{
    begin();
    define(3, "phaseWalk.1", "phaseWalk.2");
    CHECK_INT(SET_OK, set("dynObjConfigStatus.3", number(DYNAMIC_INVALID)));
    expect_member("dynObjVariable.3.2", "");
    struct database fresh;
    object_defaults(&fresh);
    CHECK(memcmp(&fresh, &db, sizeof(db)) == 0);
}

static void members_are_instances_that_may_be(void)
{
    begin();
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_UNDER_CREATION)));
    CHECK_INT(SET_OK, set("dynObjVariable.1.1", name_of("sequenceData.20.8")));
    expect_member("dynObjVariable.1.1", "sequenceData.20.8");
    CHECK_INT(SET_OK, set("dynObjVariable.1.1", name_of("sysUpTime.0")));
    expect_member("dynObjVariable.1.1", "sysUpTime.0");
    struct value wrong[] = {
        name_of("phaseWalk.1"),
        name_of("phaseWalk.1"),
        name_of("dynObjVariable.1.1"),
        name_of("dynObjConfigStatus.1"),
    };
    wrong[0].id.length--;                        /* a column, no instance */
    wrong[1].id.arc[wrong[1].id.length - 1] = 0; /* no such row */
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CHECK_INT(SET_WRONG_VALUE, set("dynObjVariable.1.1", wrong[i]));
    CHECK_INT(SET_WRONG_TYPE, set("dynObjVariable.1.1", number(1)));
    expect_member("dynObjVariable.1.1", "sysUpTime.0");
}

/* Whatever is in the table, what goes in comes out; what is for administrators does not go in. */
static void every_object_may_be_named(void)
{
    for (size_t i = 0; i < object_count; i++) {
        const struct object_table *table = object_all[i].table;
        struct object_instance at = {.object = &object_all[i]}, back;
        struct dynamic_member member;
        struct object_id id;
        at.row[0] = table ? table->rows[0] : 0;
        at.row[1] = table && table->keys == 2 ? table->rows[1] : 0;
        object_instance_id(&at, &id);
        bool may = dynamic_member_from_id(&id, &member) == 0;
        CHECK(!(may && at.object->admin));
        if (!may)
            continue;
        CHECK(dynamic_member_instance(&member, &back));
        CHECK(back.object == at.object && back.row[0] == at.row[0] && back.row[1] == at.row[1]);
    }
}

static void a_transaction_gathers_definitions_too(void)
{
    begin();
    CHECK_INT(SET_OK, set("dbCreateTransaction.0", number(TRANSACTION_OPEN)));
    define(1, "phaseWalk.1", "phaseWalk.2");
    CHECK(dynamic_members(&db.device.dynamic, 1) == NULL);
    CHECK(dynamic_members(&candidate.device.dynamic, 1) != NULL);
    CHECK_INT(SET_OK, set("dbCreateTransaction.0", number(TRANSACTION_VERIFY)));
    CHECK_INT(SET_OK, set("dbCreateTransaction.0", number(TRANSACTION_NORMAL)));
    CHECK(dynamic_members(&db.device.dynamic, 1) != NULL);
}

static void the_config_id_tells_valid_definitions_apart(void)
{
    begin();
    define(1, "phaseWalk.1", "phaseWalk.2");
    uint16_t first = dynamic_config_id(&db.device.dynamic);
    CHECK(first != 0);
    CHECK_INT(SET_OK, set("dynObjConfigStatus.2", number(DYNAMIC_UNDER_CREATION)));
    CHECK_INT(SET_OK, set("dynObjVariable.2.1", name_of("phaseWalk.3")));
    CHECK_INT(first, dynamic_config_id(&db.device.dynamic)); /* nobody is served it yet */
    CHECK_INT(SET_OK, set("dynObjConfigStatus.2", number(DYNAMIC_VALID)));
    CHECK(first != dynamic_config_id(&db.device.dynamic));
    CHECK_INT(SET_OK, set("dynObjConfigStatus.2", number(DYNAMIC_INVALID)));
    CHECK_INT(first, dynamic_config_id(&db.device.dynamic));
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_UNDER_CREATION)));
    CHECK_INT(0, dynamic_config_id(&db.device.dynamic));
    CHECK_INT(SET_OK, set("dynObjConfigOwner.1", text("center")));
    CHECK_INT(SET_OK, set("dynObjConfigStatus.1", number(DYNAMIC_VALID)));
    CHECK(first != dynamic_config_id(&db.device.dynamic));
}

static void an_outage_is_outlived_or_not(void)
{
    static const struct {
        uint16_t persistence_min;
        int64_t outage_s;
        bool outlived;
    } cases[] = {
        {DYNAMIC_PERSISTENCE_EVER, 0, true},
        {DYNAMIC_PERSISTENCE_EVER, INT64_MAX, true},
        {DYNAMIC_PERSISTENCE_EVER, -1, true},
        {0, 0, false},
        {1, 60, true},
        {1, 61, false},
        {1, -1, false},
        {65534, 65534 * 60, true},
        {65534, 65534 * 60 + 1, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        harness_at("case %zu", i);
        define(13, "phaseWalk.1", "phaseWalk.2");
        db.device.dynamic.persistence_min = cases[i].persistence_min;
        CHECK_INT(!cases[i].outlived, dynamic_survive(&db.device.dynamic, cases[i].outage_s));
        CHECK_INT(cases[i].outlived, dynamic_members(&db.device.dynamic, 13) != NULL);
        CHECK_INT(cases[i].persistence_min, db.device.dynamic.persistence_min);
    }
}

static char reason[200];

static void keep_reason(void *arg, int line, const char *key, const char *why)
{
    (void)arg, (void)line;
    snprintf(reason, sizeof(reason), "%s: %s", key, why);
}

static int load(const char *json, struct database *out)
{
    struct document document;
    struct document_node root;
    reason[0] = '\0';
    CHECK_INT(0, document_parse(&document, json, strlen(json), keep_reason, NULL));
    document_root(&document, &root);
    int faults = json_load_asc(&root, out);
    document_free(&document);
    return faults;
}

/* As the store keeps them: by name, since places in the table differ from version to version. */
static void definitions_are_written_and_read(void)
{
    begin();
    define(1, "phaseStatusGroupGreens.1", "sysUpTime.0");
    CHECK_INT(SET_OK, set("dynamicObjectPersistence.0", number(60)));
    char *body = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&body, &length);
    CHECK_INT(0, json_print_asc(&db, file, 0));
    fclose(file);
    CHECK(strstr(body, "phaseStatusGroupGreens.1") != NULL ||
          strstr(body, "1.3.6.1.4.1.1206.4.2.1.1.4.1.4.1") != NULL);
    static struct database again;
    CHECK_INT(0, load(body, &again));
    CHECK(memcmp(&db, &again, sizeof(db)) == 0);
    free(body);
    CHECK_INT(1, load("{\"dynObjDef\": [{\"dynObjNumber\": 1, \"dynObjIndex\": 1, "
                      "\"dynObjVariable\": \"dynObjConfigStatus.1\"}]}",
                      &again));
    CHECK_STR("dynObjDef[0].dynObjVariable: nothing that dynObjVariable takes", reason);
}

HARNESS_MAIN({"nothing is defined at first", what_nobody_has_defined},
             {"a definition is written under creation alone", a_definition_is_written_under_creation_alone},
             {"varbinds count in their order", varbinds_count_in_their_order},
             {"invalid clears", invalid_clears},
             {"members are instances that may be", members_are_instances_that_may_be},
             {"every object may be named", every_object_may_be_named},
             {"a transaction gathers definitions too", a_transaction_gathers_definitions_too},
             {"the config ID tells valid definitions apart", the_config_id_tells_valid_definitions_apart},
             {"an outage is outlived or not", an_outage_is_outlived_or_not},
             {"definitions are written and read", definitions_are_written_and_read}, )
