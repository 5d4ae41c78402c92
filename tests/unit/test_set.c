/* SET of whole PDUs: each object's bounds, and that a PDU is applied in whole or not at all. */
#include "../../ntcip/device.h"
#include "../../ntcip/object_arcs.h"
#include "../../ntcip/set.h"
#include "harness.h"
#include <stdio.h>
#include <string.h>

static struct database db;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct transaction transaction;
static struct database candidate;
static struct device device;
static const struct object_view view = {.db = &db,
                                        .control = &control,
                                        .status = &status,
                                        .extra = &extra,
                                        .transaction = &transaction,
                                        .candidate = &candidate,
                                        .device = &device,
                                        .admin = true,
                                        .aliases = true};
static struct set_stage stage;
static struct set_result result;
static struct set_item item[SET_ITEMS_MAX + 1];
static size_t item_count;

static void put_list(struct phase_list *list, const char *numbers)
{
    list->count = (uint8_t)strlen(numbers);
    for (int i = 0; i < list->count; i++)
        list->number[i] = (uint8_t)(numbers[i] - '0');
}

/* The plain eight phases in two rings. */
static void eight_phases(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof(control));
    for (int no = 1; no <= 8; no++) {
        struct phase_row *row = &db.phase[no - 1];
        row->options = PHASE_ENABLED;
        row->ring_no = no <= 4 ? 1 : 2;
        row->minimum_green_s = 10;
        bool first_side = (no - 1) % 4 < 2;
        put_list(&row->concurrency, no <= 4 ? (first_side ? "56" : "78") : (first_side ? "12" : "34"));
    }
    put_list(&db.sequence[0][0], "1234");
    put_list(&db.sequence[0][1], "5678");
    item_count = 0;
}

static void add_id(struct object_id id, struct value value)
{
    item[item_count++] = (struct set_item){id, value};
}

static void add(const char *name, struct value value)
{
    struct object_instance at;
    struct object_id id;
    if (!CHECK_INT(OBJECT_OK, object_parse(name, &at)))
        return;
    object_instance_id(&at, &id);
    add_id(id, value);
}

static struct value number(int64_t n)
{
    return (struct value){.type = VALUE_INTEGER, .number = n};
}

static struct value octets(const char *text)
{
    struct value value = {.type = VALUE_OCTETS, .length = (uint16_t)strlen(text)};
    memcpy(value.octet, text, value.length);
    return value;
}

static const struct set_sender *sender; /* NULL: nobody in particular */

static enum set_error run(void)
{
    enum set_error error = set_stage(item, item_count, &view, sender, NULL, NULL, &stage, &result);
    CHECK_INT(error, result.error);
    CHECK_INT(error == SET_OK, result.message[0] == '\0');
    item_count = 0;
    return error;
}

/* A PDU of one varbind. */
static enum set_error set(const char *name, struct value value)
{
    item_count = 0;
    add(name, value);
    return run();
}

/* ---- every object, generated from the table ---- */

static bool only_differs(const void *a, const void *b, size_t size, size_t offset, size_t length)
{
    const char *left = a;
    const char *right = b;
    return memcmp(left, right, offset) == 0 &&
           memcmp(left + offset + length, right + offset + length, size - offset - length) == 0;
}

/* Sets one instance and checks what it reads afterwards, and that nothing else moved. */
static void expect_taken(const struct object_instance *at, const struct value *value,
                         const struct value *stored)
{
    struct object_id id;
    object_instance_id(at, &id);
    item_count = 0;
    add_id(id, *value);
    if (!CHECK_INT(SET_OK, run())) {
        CHECK_STR("", result.message);
        return;
    }
    struct control after = control;
    for (size_t i = 0; i < stage.op_count; i++)
        control_apply(&after, &stage.op[i]);
    size_t offset = at->object->offset;
    switch (at->object->store) {
    case STORE_DATABASE:
        CHECK_INT(0, (int64_t)stage.op_count);
        CHECK(only_differs(&stage.db, &db, sizeof(db), object_field_offset(at), at->object->size));
        CHECK_INT(memcmp(&stage.db, &db, sizeof(db)) != 0, stage.db_changed);
        break;
    case STORE_CONTROL:
        CHECK_INT(1, (int64_t)stage.op_count);
        CHECK_INT(at->object->class == CLASS_CB, stage.op[0].restarts_backup);
        CHECK(!stage.db_changed);
        if (at->object->field == FIELD_MASK)
            offset += (size_t)(at->row[0] - 1) / 8 * 8;
        if (at->object->field == FIELD_BIT)
            offset += (size_t)(at->row[0] - 1) / 64 * 8;
        CHECK(only_differs(&after, &control, sizeof(control), offset, stage.op[0].size));
        break;
    case STORE_DEFAULTS: /* they stand already */
        CHECK(!stage.db_changed);
        break;
    case STORE_BLOCK:
    case STORE_DEVICE: /* the tests of each module know what comes of it */
        CHECK(stage.calls_device && !stage.db_changed);
        return;
    case STORE_TRANSACTION:
    case STORE_NONE:
    case STORE_STATUS:
    case STORE_SNMP:
    case STORE_EXTRA:
        CHECK(stage.sets_clock);
        CHECK_INT(value->number, stage.clock_utc_s);
        return;
    }
    struct object_view staged = {.db = &stage.db,
                                 .control = &after,
                                 .status = &status,
                                 .extra = &extra,
                                 .device = &device,
                                 .admin = true};
    struct value read;
    CHECK_INT(OBJECT_OK, object_get(at, &staged, &read));
    CHECK_INT(stored->type, read.type);
    if (stored->type == VALUE_OCTETS || stored->type == VALUE_IP_ADDRESS) {
        CHECK_INT(stored->length, read.length);
        CHECK_BYTES(stored->octet, read.octet, stored->length);
    } else if (stored->type == VALUE_OBJECT_ID) {
        CHECK_INT(stored->id.length, read.id.length);
        CHECK_BYTES(stored->id.arc, read.id.arc, stored->id.length * sizeof stored->id.arc[0]);
    } else {
        CHECK_INT(stored->number, read.number);
    }
}

static void expect_refused(const struct object_instance *at, const struct value *value, enum set_error error)
{
    struct object_id id;
    object_instance_id(at, &id);
    item_count = 0;
    add_id(id, *value);
    if (!CHECK_INT(error, run()))
        harness_at("%s", result.message);
    CHECK_INT(1, result.index);
}

/* Takes a fitting value as the object itself judges it; one that stands there already without a question. */
static void expect_judged(const struct object_instance *at, const struct value *value)
{
    char message[SET_MESSAGE_MAX];
    enum set_error error = object_judge_value(&view, at, value, message);
    if (error == SET_OK)
        expect_taken(at, value, value);
    else
        expect_refused(at, value, error);
}

static bool named(const struct object *object, int64_t n)
{
    char label[24];
    snprintf(label, sizeof(label), "(%d)", (int)n);
    return strstr(object->names, label) != NULL;
}

static void try_numbers(const struct object_instance *at)
{
    const struct object *object = at->object;
    const int64_t tries[] = {object->low - 1, object->low,      object->low + 1, object->high - 1,
                             object->high,    object->high + 1, INT32_MIN,       INT32_MAX};
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        int64_t n = tries[i];
        bool folded = object->high > INT32_MAX && n < 0; /* bit 31 as the sign */
        bool fits = n <= object->high && (n >= object->low || folded) &&
                    !(object->legal && (n & ~(int64_t)object->legal)) &&
                    (object->syntax != SYNTAX_NAMED || named(object, n));
        struct value value = number(n);
        struct value stored = number(folded ? (uint32_t)n : n);
        if (object->store == STORE_DEFAULTS)
            stored.number = 0;
        if (object->row_status && n == ROW_ACTIVATE)
            stored.number = ROW_AVAILABLE;
        if (object->row_status && n == ROW_DEACTIVATE)
            stored.number = ROW_STANDBY;
        if (fits && object->judge)
            expect_judged(at, &value);
        else if (fits)
            expect_taken(at, &value, &stored);
        else
            expect_refused(at, &value, SET_WRONG_VALUE);
    }
    struct value text = octets("\1");
    struct value counter = {.type = VALUE_COUNTER, .number = object->low};
    struct value gauge = {.type = VALUE_GAUGE, .number = object->low};
    struct value other = {.type = VALUE_OTHER};
    expect_refused(at, &text, SET_WRONG_TYPE);
    expect_refused(at, &gauge, SET_WRONG_TYPE);
    expect_refused(at, &other, SET_WRONG_TYPE);
    if (object->counter_too)
        expect_taken(at, &counter, &counter);
    else
        expect_refused(at, &counter, SET_WRONG_TYPE);
}

static void try_pointers(const struct object_instance *at)
{
    struct object_instance row = {.object = object_by_name(at->object->target), .row = {1, 0}};
    struct value value = {.type = VALUE_OBJECT_ID, .id = {.length = 2}};
    struct value integer = number(1);
    expect_taken(at, &value, &value);
    object_instance_id(&row, &value.id);
    expect_taken(at, &value, &value);
    value.id.arc[value.id.length - 1] = row.object->table->rows[0];
    expect_taken(at, &value, &value);
    value.id.arc[value.id.length - 1]++;
    expect_refused(at, &value, SET_WRONG_VALUE);
    value.id.arc[value.id.length - 1] = 0;
    expect_refused(at, &value, SET_WRONG_VALUE);
    value.id.length--;
    expect_refused(at, &value, SET_WRONG_VALUE);
    value.id.arc[value.id.length - 1]++; /* another column of the same row */
    value.id.arc[value.id.length++] = 1;
    expect_refused(at, &value, SET_WRONG_VALUE);
    value.id.length = 0;
    expect_refused(at, &value, SET_WRONG_VALUE);
    expect_refused(at, &integer, SET_WRONG_TYPE);
}

static void try_lists(const struct object_instance *at)
{
    struct value value = {.type = VALUE_OCTETS, .length = 0};
    struct value integer = number(1);
    expect_taken(at, &value, &value);
    value.length = at->object->length;
    for (int i = 0; i < value.length; i++)
        value.octet[i] = (uint8_t)(at->object->high - i % at->object->high);
    expect_taken(at, &value, &value);
    value.octet[3] = (uint8_t)(at->object->low - 1);
    expect_refused(at, &value, SET_WRONG_VALUE);
    value.octet[3] = (uint8_t)at->object->low;
    if (at->object->high < 255) {
        value.octet[0] = (uint8_t)(at->object->high + 1);
        expect_refused(at, &value, SET_WRONG_VALUE);
        value.octet[0] = 1;
    }
    value.length++;
    expect_refused(at, &value, SET_WRONG_LENGTH);
    value.length = UINT16_MAX;
    expect_refused(at, &value, SET_WRONG_LENGTH);
    expect_refused(at, &integer, SET_WRONG_TYPE);
}

static void try_octets(const struct object_instance *at)
{
    struct value value = {.type = VALUE_OCTETS};
    struct value integer = number(1);
    for (int length = (int)at->object->low; length <= at->object->high; length++) {
        value.length = (uint16_t)length;
        memset(value.octet, 'a', (size_t)length);
        expect_judged(at, &value);
    }
    value.length++;
    expect_refused(at, &value, SET_WRONG_LENGTH);
    value.length = UINT16_MAX;
    expect_refused(at, &value, SET_WRONG_LENGTH);
    expect_refused(at, &integer, SET_WRONG_TYPE);
}

static void try_counter(const struct object_instance *at, enum value_type type)
{
    static const int64_t tries[] = {0, 1, INT32_MAX, UINT32_MAX};
    struct value integer = number(1);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        struct value value = {.type = type, .number = tries[i]};
        expect_judged(at, &value);
    }
    struct value counter = {.type = VALUE_COUNTER, .number = 5};
    struct value gauge = {.type = VALUE_GAUGE, .number = 5};
    if (at->object->gauge_too)
        expect_taken(at, &gauge, &counter);
    else if (type == VALUE_COUNTER)
        expect_refused(at, &gauge, SET_WRONG_TYPE);
    else
        expect_refused(at, &counter, SET_WRONG_TYPE);
    expect_refused(at, &integer, SET_WRONG_TYPE);
}

static void try_address(const struct object_instance *at)
{
    struct value value = {.type = VALUE_IP_ADDRESS, .length = 4, .octet = {192, 0, 2, 255}};
    struct value four = {.type = VALUE_OCTETS, .length = 4};
    expect_judged(at, &value);
    expect_refused(at, &four, SET_WRONG_TYPE);
}

static void try_reference(const struct object_instance *at)
{
    struct value value = {.type = VALUE_OBJECT_ID, .id = {.length = 2}};
    struct value integer = number(1);
    expect_judged(at, &value);
    value.id = (struct object_id)OID(ASC, 1, 2, 1, 4, 2);
    expect_judged(at, &value);
    value.id = (struct object_id)OID(ASC, 99);
    expect_judged(at, &value);
    while (value.id.length < OBJECT_ID_MAX)
        value.id.arc[value.id.length++] = UINT32_MAX;
    expect_refused(at, &value, SET_WRONG_VALUE);
    expect_refused(at, &integer, SET_WRONG_TYPE);
}

static void try_values(const struct object_instance *at)
{
    switch (at->object->syntax) {
    case SYNTAX_LIST:
        try_lists(at);
        break;
    case SYNTAX_POINTER:
        try_pointers(at);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
        try_octets(at);
        break;
    case SYNTAX_GAUGE:
        try_counter(at, VALUE_GAUGE);
        break;
    case SYNTAX_COUNTER:
        try_counter(at, VALUE_COUNTER);
        break;
    case SYNTAX_IP_ADDRESS:
        try_address(at);
        break;
    case SYNTAX_REFERENCE:
        try_reference(at);
        break;
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
    case SYNTAX_TIMETICKS:
    case SYNTAX_OPAQUE:
    case SYNTAX_OBJECT_ID:
        try_numbers(at);
        break;
    }
}

/* All phases disabled: no rule between objects applies. Remote manual control is on. */
static void bare_view(void)
{
    object_defaults(&db);
    transaction_init(&transaction);
    memset(&control, 0, sizeof(control));
    control.manual_timeout_s = 1;
}

/* A row that may come is not made by a SET, whatever fitting value it brings. */
static void expect_absent(const struct object_instance *at)
{
    const struct value any[] = {
        number(at->object->low),
        {.type = VALUE_OCTETS, .length = (uint16_t)at->object->low},
        {.type = VALUE_IP_ADDRESS, .length = 4},
    };
    for (size_t i = 0; i < sizeof any / sizeof any[0]; i++) {
        if (object_fits(at->object, &any[i]) == FIT_OK)
            expect_refused(at, &any[i], SET_NO_CREATION);
    }
}

static void every_object_keeps_its_bounds(void)
{
    static const struct set_sender administrator = {.admin = true, .structure_at_once = true};
    static const struct set_sender engineer = {.structure_at_once = true};
    bare_view();
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        struct object_instance at = {.object = object};
        if (object->store == STORE_TRANSACTION && object->writable)
            continue; /* what it takes depends on its state: see test_transaction */
        for (int last = 0; last < (object->table ? 2 : 1); last++) {
            if (object->table)
                at.row[0] = last ? object->table->rows[0] : 1;
            if (object->table && object->table->keys == 2)
                at.row[1] = last ? object->table->rows[1] : 1;
            harness_at("%s.%d", object->name, at.row[0]);
            struct value any = number(object->low);
            sender = &engineer;
            if (object->admin)
                expect_refused(&at, &any, SET_NO_ACCESS);
            sender = &administrator;
            if (object->table && object->table->rows[0] == 0)
                expect_refused(&(struct object_instance){object, {1, object->table->keys == 2}}, &any,
                               object->writable ? SET_NO_CREATION : SET_NOT_WRITABLE);
            else if (!object->writable)
                expect_refused(&at, &any, SET_NOT_WRITABLE);
            else if (!object_exists(&at, &view))
                expect_absent(&at);
            else if (object->judge && object->store != STORE_DATABASE) /* its module's tests know */
                expect_refused(&at, &(struct value){.type = VALUE_OTHER}, SET_WRONG_TYPE);
            else
                try_values(&at);
        }
    }
    sender = NULL;
}

/* ---- single rules ---- */

static void unknown_places(void)
{
    eight_phases();
    add_id((struct object_id)OID(ASC, 99, 1, 0), number(1));
    CHECK_INT(SET_NOT_WRITABLE, run());
    add_id((struct object_id)OID(ASC, 1, 2, 1, 4, 41), number(1));
    CHECK_INT(SET_NO_CREATION, run());
    add_id((struct object_id){.length = 0}, number(1));
    CHECK_INT(SET_NOT_WRITABLE, run());
    CHECK_INT(SET_OK, run()); /* an empty PDU changes nothing */
    CHECK(!stage.db_changed && stage.op_count == 0 && !stage.sets_clock);
}

static void first_culprit_is_named(void)
{
    eight_phases();
    add("phaseMinimumGreen.1", number(5));
    add("phaseWalk.1", number(7));
    add("phaseYellowChange.1", number(256));
    add("maxPhases.0", number(3));
    CHECK_INT(SET_WRONG_VALUE, run());
    CHECK_INT(3, result.index);
    CHECK_STR("phaseYellowChange.1 takes 0 to 255", result.message);
    CHECK_INT(10, db.phase[0].minimum_green_s);
}

static void mixed_pdu_is_taken_whole(void)
{
    eight_phases();
    add("phaseMinimumGreen.1", number(5));
    add("phaseControlGroupHold.2", number(0x81));
    add("unitRedRevert.0", number(20));
    add("phaseControlGroupForceOff.1", number(2));
    add("globalTime.0", (struct value){.type = VALUE_COUNTER, .number = 1795392000});
    CHECK_INT(SET_OK, run());
    CHECK_INT(5, stage.db.phase[0].minimum_green_s);
    CHECK_INT(20, stage.db.unit.red_revert_ds);
    CHECK(stage.db_changed);
    CHECK_INT(2, (int64_t)stage.op_count);
    struct control after = {.hold_mask = UINT64_MAX};
    control_apply(&after, &stage.op[0]);
    control_apply(&after, &stage.op[1]);
    CHECK_HEX(0xFFFFFFFFFFFF81FF, after.hold_mask);
    CHECK_HEX(2, after.force_off_mask);
    CHECK(stage.sets_clock);
    CHECK_INT(1795392000, stage.clock_utc_s);
}

static void unchanged_database_is_told(void)
{
    eight_phases();
    CHECK_INT(SET_OK, set("phaseMinimumGreen.1", number(10)));
    CHECK(!stage.db_changed);
}

static void same_object_twice(void)
{
    eight_phases();
    add("phaseWalk.1", number(1));
    add("phaseWalk.2", number(1));
    add("phaseWalk.1", number(1));
    CHECK_INT(SET_INCONSISTENT_VALUE, run());
    CHECK_INT(3, result.index);
    add("unitBackupTime.0", number(1));
    add_id((struct object_id)OID(ASC, 3, 3, 1), number(1)); /* the same by its old name */
    CHECK_INT(SET_INCONSISTENT_VALUE, run());
    CHECK_INT(2, result.index);
}

static void rules_blame_their_varbind(void)
{
    eight_phases();
    add("phaseWalk.3", number(1));
    add("phaseConcurrency.3", octets("\x07\x08\x01"));
    CHECK_INT(SET_INCONSISTENT_VALUE, run());
    CHECK_INT(2, result.index);
    CHECK_STR("PHASE 03 CONCURRENCY FAULT: phase 3 lists phase 1 of its own ring", result.message);

    add("phaseWalk.3", number(1));
    add("phaseConcurrency.3", octets("\x07"));
    CHECK_INT(SET_INCONSISTENT_VALUE, run()); /* the culprit is phase 8, which still lists 3 */
    CHECK_INT(1, result.index);
    CHECK_STR("PHASE 08 MUTUAL FAULT: phase 8 lists phase 3, which does not list it", result.message);

    add("phaseConcurrency.8", octets("\x04"));
    add("phaseConcurrency.3", octets("\x07"));
    CHECK_INT(SET_OK, run());

    CHECK_INT(SET_INCONSISTENT_VALUE, set("sequenceData.1.2", octets("\5\6\7")));
    CHECK_STR("SEQ 01 RING 2 PHS OMITTED: phase 8 is enabled in this ring", result.message);
    CHECK_INT(SET_INCONSISTENT_VALUE, set("sequenceData.1.2", octets("\5\6\7\10\5")));
    CHECK_INT(SET_INCONSISTENT_VALUE, set("phaseRing.4", number(9)));
    CHECK_INT(SET_OK, set("sequenceData.1.2", octets("\6\5\7\10")));
}

static int refuse_yellow(void *arg, const struct database *staged, size_t *field_offset, char *message,
                         size_t size)
{
    (void)arg;
    if (staged->phase[1].yellow_ds >= 30)
        return 0;
    *field_offset = offsetof(struct database, phase[1].yellow_ds);
    snprintf(message, size, "below the cabinet's floor");
    return -1;
}

static void further_check_is_asked(void)
{
    eight_phases();
    db.phase[1].yellow_ds = 40;
    add("phaseWalk.2", number(1));
    add("phaseYellowChange.2", number(20));
    CHECK_INT(SET_INCONSISTENT_VALUE, set_stage(item, 2, &view, NULL, refuse_yellow, NULL, &stage, &result));
    CHECK_INT(2, result.index);
    CHECK_STR("below the cabinet's floor", result.message);
    item[1].value.number = 30;
    CHECK_INT(SET_OK, set_stage(item, 2, &view, NULL, refuse_yellow, NULL, &stage, &result));
}

static void interval_advance_needs_remote_manual(void)
{
    eight_phases();
    CHECK_INT(SET_WRONG_VALUE, set("unitMCEIntAdv.0", number(1)));
    CHECK_INT(1, result.index);
    CHECK_INT(SET_OK, set("unitMCEIntAdv.0", number(0)));
    add("phaseWalk.1", number(1));
    add("unitMCEIntAdv.0", number(1));
    add("unitMCETimeout.0", number(30));
    CHECK_INT(SET_OK, run()); /* turned on by the same PDU */
    control.manual_timeout_s = 5;
    CHECK_INT(SET_OK, set("unitMCEIntAdv.0", number(1)));
    add("unitMCETimeout.0", number(0));
    add("unitMCEIntAdv.0", number(1));
    CHECK_INT(SET_WRONG_VALUE, run());
    CHECK_INT(2, result.index);
}

static void disabled_remote_shuts_everything_else(void)
{
    eight_phases();
    CHECK_INT(SET_WRONG_VALUE, set("unitControl.0", number(1))); /* a reserved bit */
    CHECK_INT(SET_OK, set("unitControl.0", number(UNIT_DISABLE_REMOTE)));
    control_apply(&control, &stage.op[0]);
    add("unitControl.0", number(0));
    add("phaseWalk.1", number(1));
    CHECK_INT(SET_GENERAL, run());
    CHECK_INT(2, result.index);
    CHECK_INT(SET_GENERAL, set("globalTime.0", number(1)));
    CHECK_INT(SET_OK, set("unitControl.0", number(0)));
    control_apply(&control, &stage.op[0]);
    CHECK_INT(SET_OK, set("phaseWalk.1", number(1)));
}

static void red_flash_wins_over_yellow(void)
{
    eight_phases();
    CHECK_INT(SET_OK, set("channelFlash.3", number(0x0E)));
    CHECK_HEX(0x0C, stage.db.channel[2].flash);
    CHECK_INT(SET_OK, set("channelFlash.3", number(0x0A)));
    CHECK_HEX(0x0A, stage.db.channel[2].flash);
    CHECK_INT(SET_WRONG_VALUE, set("channelFlash.3", number(0x10)));
}

static void too_many_varbinds(void)
{
    eight_phases();
    for (int row = 1; row <= VEHICLE_DETECTORS_MAX; row++) {
        static const char *const columns[] = {"Options", "CallPhase",  "SwitchPhase",
                                              "Extend",  "QueueLimit", "FailTime"};
        for (int column = 0; column < 6; column++) {
            char name[64];
            snprintf(name, sizeof(name), "vehicleDetector%s.%d", columns[column], row);
            add(name, number(1));
        }
    }
    CHECK_INT(SET_OK, run());
    CHECK_INT(1, stage.db.vehicle_detector[159].extend_ds);
    item_count = SET_ITEMS_MAX + 1;
    CHECK_INT(SET_TOO_BIG, run());
    CHECK_INT(0, result.index);
}

/* One PDU may hold every command there is. */
static void all_commands_at_once(void)
{
    bare_view();
    item_count = 0;
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        if (object->store != STORE_CONTROL)
            continue;
        for (int row = object->table ? 1 : 0; row <= (object->table ? object->table->rows[0] : 0); row++) {
            struct object_instance at = {.object = object, .row = {(uint16_t)row, 0}};
            struct object_id id;
            object_instance_id(&at, &id);
            add_id(id, number(0));
        }
    }
    size_t commands = item_count;
    CHECK(commands > 60);
    CHECK_INT(SET_OK, run());
    CHECK_INT((int64_t)commands, (int64_t)stage.op_count);
}

HARNESS_MAIN({"every object keeps its bounds and moves nothing else", every_object_keeps_its_bounds},
             {"what is not there cannot be set", unknown_places},
             {"the first culprit is named", first_culprit_is_named},
             {"a mixed PDU is staged whole", mixed_pdu_is_taken_whole},
             {"a SET to the same value changes nothing", unchanged_database_is_told},
             {"the same object twice is inconsistent", same_object_twice},
             {"a rule between objects blames the varbind that broke it", rules_blame_their_varbind},
             {"the caller's own check is asked last", further_check_is_asked},
             {"interval advance needs remote manual control", interval_advance_needs_remote_manual},
             {"disabled remote commands shut everything else", disabled_remote_shuts_everything_else},
             {"red flash wins over yellow", red_flash_wins_over_yellow},
             {"more varbinds than a PDU may have are too big", too_many_varbinds},
             {"one PDU may hold every command", all_commands_at_once}, )
