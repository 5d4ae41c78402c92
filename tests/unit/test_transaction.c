/* Database transactions as a manager holds the dialog: who may say what in which state, what is buffered,
 * what verifying finds, what a commit does, and that nothing of it shows before. */
#include "../../ntcip/device.h"
#include "../../ntcip/set.h"
#include "harness.h"
#include <stdio.h>
#include <string.h>

static struct database db, candidate;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct transaction transaction;
static struct device device;
static const struct object_view view = {.db = &db,
                                        .control = &control,
                                        .status = &status,
                                        .extra = &extra,
                                        .transaction = &transaction,
                                        .candidate = &candidate,
                                        .device = &device};
static struct set_stage stage;
static struct set_result result;
static int64_t now_s;

static const struct set_sender centre = {.who = "user centre"}, other = {.who = "user other"},
                               admin = {.who = "user admin", .admin = true},
                               direct = {.who = "user old", .structure_at_once = true},
                               nameless = {.who = NULL};

/* Two phases that may run together. */
static void fresh(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof control);
    transaction_init(&transaction);
    for (int no = 1; no <= 2; no++) {
        struct phase_row *row = &db.phase[no - 1];
        row->options = PHASE_ENABLED;
        row->ring_no = (uint8_t)no;
        row->minimum_green_s = 10;
        row->concurrency = (struct phase_list){.count = 1, .number = {(uint8_t)(3 - no)}};
        db.sequence[0][no - 1] = (struct phase_list){.count = 1, .number = {(uint8_t)no}};
    }
    now_s = 1000;
}

static struct set_item number(const char *name, int64_t value)
{
    struct object_instance at;
    struct set_item item = {.value = {.type = VALUE_INTEGER, .number = value}};
    if (CHECK_INT(OBJECT_OK, object_parse(name, &at)))
        object_instance_id(&at, &item.id);
    return item;
}

/* Sends a PDU and carries it out, as the agent and the controller behind it do. */
static enum set_error send(const struct set_sender *sender, const struct set_item *item, size_t count)
{
    enum set_error error = set_stage(item, count, &view, sender, NULL, NULL, &stage, &result);
    if (error != SET_OK)
        return error;
    set_transact(&stage, &db, &transaction, &candidate, now_s);
    if (stage.db_changed)
        db = stage.db;
    for (size_t i = 0; i < stage.op_count; i++)
        control_apply(&control, &stage.op[i]);
    return error;
}

static enum set_error set(const struct set_sender *sender, const char *name, int64_t value)
{
    struct set_item item = number(name, value);
    return send(sender, &item, 1);
}

static int64_t get(const char *name)
{
    struct object_instance at;
    struct value value = {.number = -1};
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    return value.number;
}

static const char *verify_error(void)
{
    static char text[256];
    struct object_instance at;
    struct value value;
    CHECK_INT(OBJECT_OK, object_parse("dbVerifyError", &at));
    CHECK_INT(OBJECT_OK, object_get(&at, &view, &value));
    memcpy(text, value.octet, value.length);
    text[value.length] = '\0';
    return text;
}

static void walk_the_whole_way(void)
{
    fresh();
    CHECK_INT(TRANSACTION_NORMAL, get("dbCreateTransaction"));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(TRANSACTION_OPEN, get("dbCreateTransaction"));
    CHECK_INT(SET_OK, set(&centre, "phaseMinimumGreen.1", 7));
    CHECK_INT(SET_OK, set(&centre, "phaseMinimumGreen.2", 8));
    CHECK_INT(10, get("phaseMinimumGreen.1")); /* what is stored, not what is buffered */
    CHECK_INT(VERDICT_NONE, get("dbVerifyStatus"));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_VERIFY));
    CHECK_INT(TRANSACTION_DONE, get("dbCreateTransaction"));
    CHECK_INT(VERDICT_GOOD, get("dbVerifyStatus"));
    CHECK_STR("NO VERIFICATION ERROR", verify_error());
    CHECK_INT(10, get("phaseMinimumGreen.1"));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK(stage.db_changed);
    CHECK_INT(TRANSACTION_NORMAL, get("dbCreateTransaction"));
    CHECK_INT(7, get("phaseMinimumGreen.1"));
    CHECK_INT(8, get("phaseMinimumGreen.2"));
}

/* Between the PDUs the candidate may be what no database may be. */
static void what_cannot_run_is_told_and_dropped(void)
{
    fresh();
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(SET_OK, set(&centre, "phaseRing.2", 1));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_VERIFY));
    CHECK_INT(VERDICT_FAULTY, get("dbVerifyStatus"));
    CHECK(strstr(verify_error(), "PHASE 01 CONCURRENCY FAULT") != NULL);
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK(!stage.db_changed);
    CHECK_INT(2, get("phaseRing.2"));
    CHECK_STR("", verify_error());
}

static void a_verified_one_may_be_worked_on_again(void)
{
    fresh();
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(SET_OK, set(&centre, "phaseMinimumGreen.1", 7));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_VERIFY));
    CHECK_INT(SET_GENERAL, set(&centre, "phaseMinimumGreen.1", 9));
    CHECK_INT(0, result.index);
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(VERDICT_NONE, get("dbVerifyStatus"));
    CHECK_INT(SET_OK, set(&centre, "phaseMinimumGreen.2", 8));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_VERIFY));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK_INT(7, get("phaseMinimumGreen.1")); /* from the first time */
    CHECK_INT(8, get("phaseMinimumGreen.2"));
}

/* The centre's transaction in this state, nothing gathered yet. */
static void standing_in(int state)
{
    transaction.state = (uint8_t)state;
    snprintf(transaction.owner, sizeof transaction.owner, "%s", centre.who);
    candidate = db;
}

static void states_take_what_they_take(void)
{
    static const struct {
        int state;
        int takes[2];
    } rule[] = {
        {TRANSACTION_NORMAL, {TRANSACTION_OPEN, 0}},
        {TRANSACTION_OPEN, {TRANSACTION_VERIFY, TRANSACTION_NORMAL}},
        {TRANSACTION_VERIFY, {0, 0}},
        {TRANSACTION_DONE, {TRANSACTION_NORMAL, TRANSACTION_OPEN}},
    };
    for (size_t i = 0; i < sizeof rule / sizeof rule[0]; i++)
        for (int wanted = 0; wanted <= 7; wanted++) {
            fresh();
            standing_in(rule[i].state);
            bool takes = wanted && (wanted == rule[i].takes[0] || wanted == rule[i].takes[1]);
            harness_at("state %d, written %d", rule[i].state, wanted);
            CHECK_INT(takes ? SET_OK : SET_WRONG_VALUE, set(&centre, "dbCreateTransaction", wanted));
            CHECK_INT(takes ? 0 : 1, result.index);
            if (!takes)
                CHECK_INT(rule[i].state, transaction.state);
        }
}

/* Every state that is not normal, everything that could be written: a stranger gets genErr for the PDU as a
 * whole, the administrator what the owner would get. */
static void strangers_move_nothing(void)
{
    static const int states[] = {TRANSACTION_OPEN, TRANSACTION_VERIFY, TRANSACTION_DONE};
    static const int written[] = {TRANSACTION_NORMAL, TRANSACTION_OPEN, TRANSACTION_VERIFY, TRANSACTION_DONE};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        for (size_t n = 0; n < sizeof written / sizeof written[0]; n++) {
            harness_at("state %d, written %d", states[i], written[n]);
            fresh();
            standing_in(states[i]);
            CHECK_INT(SET_GENERAL, set(&other, "dbCreateTransaction", written[n]));
            CHECK_INT(0, result.index);
            CHECK_INT(SET_GENERAL, set(&nameless, "dbCreateTransaction", written[n]));
            CHECK_INT(SET_GENERAL, set(&other, "phaseMinimumGreen.1", 7));
            CHECK_INT(0, result.index);
            CHECK_INT(states[i], transaction.state);
            enum set_error owner = set(&centre, "dbCreateTransaction", written[n]);
            fresh();
            standing_in(states[i]);
            CHECK_INT(owner, set(&admin, "dbCreateTransaction", written[n]));
        }
}

static void only_its_owner_goes_on_with_it(void)
{
    fresh();
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(SET_GENERAL, set(&other, "phaseMinimumGreen.1", 7));
    CHECK_INT(0, result.index);
    CHECK_INT(SET_GENERAL, set(&other, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK_INT(0, result.index);
    CHECK_INT(SET_GENERAL, set(&admin, "phaseMinimumGreen.1", 7));
    CHECK_INT(SET_OK, set(&admin, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK_INT(SET_OK, set(&other, "phaseMinimumGreen.1", 7));
    CHECK_INT(7, get("phaseMinimumGreen.1"));
}

/* Control acts now, whoever sends it; what is wrong by itself is refused at once. */
static void in_between_control_acts_at_once(void)
{
    fresh();
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(SET_OK, set(&other, "phaseControlGroupHold.1", 1));
    CHECK_HEX(1, control.hold_mask);
    struct set_item both[] = {number("phaseControlGroupHold.1", 2), number("phaseMinimumGreen.1", 7)};
    CHECK_INT(SET_GENERAL, send(&other, both, 2));
    CHECK_HEX(1, control.hold_mask);
    CHECK_INT(SET_OK, send(&centre, both, 2));
    CHECK_HEX(2, control.hold_mask);
    CHECK_INT(10, get("phaseMinimumGreen.1"));
    CHECK_INT(SET_WRONG_VALUE, set(&centre, "phaseMinimumGreen.1", 256));
    CHECK_INT(1, result.index);
}

/* STMP knows no community: what it sets joins the transaction that is open, whosever it is. */
static void who_has_no_name_joins_in(void)
{
    fresh();
    CHECK_INT(SET_OK, set(&nameless, "phaseMinimumGreen.1", 6));
    CHECK_INT(6, get("phaseMinimumGreen.1"));
    CHECK_INT(SET_GENERAL, set(&nameless, "phaseRing.1", 1));
    CHECK_INT(SET_GENERAL, set(&nameless, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(0, result.index);
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    CHECK_INT(SET_OK, set(&nameless, "phaseMinimumGreen.1", 7));
    CHECK_INT(6, get("phaseMinimumGreen.1"));
    CHECK_INT(SET_GENERAL, set(&nameless, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_VERIFY));
    CHECK_INT(SET_GENERAL, set(&nameless, "phaseMinimumGreen.1", 8));
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_NORMAL));
    CHECK_INT(7, get("phaseMinimumGreen.1"));
}

static void structure_needs_a_transaction(void)
{
    fresh();
    CHECK_INT(SET_GENERAL, set(&centre, "phaseOptions.1", PHASE_ENABLED | PHASE_MIN_RECALL));
    CHECK_INT(0, result.index);
    CHECK_INT(SET_OK, set(&direct, "phaseOptions.1", PHASE_ENABLED | PHASE_MIN_RECALL));
    CHECK_INT(PHASE_ENABLED | PHASE_MIN_RECALL, get("phaseOptions.1"));
    CHECK_INT(SET_OK, set(&centre, "phaseMinimumGreen.1", 7)); /* timing does not */
    struct set_item mixed[] = {number("dbCreateTransaction", TRANSACTION_OPEN),
                               number("phaseMinimumGreen.1", 8)};
    CHECK_INT(SET_GENERAL, send(&centre, mixed, 2));
    CHECK_INT(TRANSACTION_NORMAL, transaction.state);
}

static void one_left_alone_is_dropped(void)
{
    fresh();
    CHECK_INT(SET_OK, set(&centre, "dbCreateTransaction", TRANSACTION_OPEN));
    now_s = 1200;
    CHECK_INT(SET_OK, set(&centre, "phaseMinimumGreen.1", 7));
    CHECK(!transaction_expire(&transaction, 1499, 300));
    CHECK(transaction_expire(&transaction, 1500, 300));
    CHECK_INT(TRANSACTION_NORMAL, get("dbCreateTransaction"));
    CHECK_INT(10, get("phaseMinimumGreen.1"));
    CHECK(!transaction_expire(&transaction, 9999, 300));
}

HARNESS_MAIN({"the whole way", walk_the_whole_way},
             {"what cannot run is told and dropped", what_cannot_run_is_told_and_dropped},
             {"a verified one may be worked on again", a_verified_one_may_be_worked_on_again},
             {"states take what they take", states_take_what_they_take},
             {"strangers move nothing", strangers_move_nothing},
             {"only its owner goes on with it", only_its_owner_goes_on_with_it},
             {"in between control acts at once", in_between_control_acts_at_once},
             {"who has no name joins in", who_has_no_name_joins_in},
             {"structure needs a transaction", structure_needs_a_transaction},
             {"one left alone is dropped", one_left_alone_is_dropped})
