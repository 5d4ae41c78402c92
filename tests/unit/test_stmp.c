/* STMP, message by message. */
#include "../../ntcip/device.h"
#include "harness.h"
#include <string.h>

static struct database db, candidate;
static struct control control;
static struct engine_status status;
static struct object_extra extra;
static struct device device;
static uint8_t long_value[VALUE_LONG_MAX];
static struct transaction transaction;
static struct stmp_statistics statistics;
static struct stmp_set set;
static struct set_stage stage;
static struct set_result result;
static uint8_t answer[STMP_OCTETS_MAX];
static size_t answered;

static struct object_view view_now(void)
{
    return (struct object_view){.db = &db,
                                .control = &control,
                                .status = &status,
                                .extra = &extra,
                                .device = &device,
                                .long_value = long_value,
                                .transaction = &transaction,
                                .candidate = &candidate};
}

static void member(int object_no, int index, const char *name)
{
    struct object_instance at;
    struct object_id id;
    CHECK_INT(OBJECT_OK, object_parse(name, &at));
    object_instance_id(&at, &id);
    CHECK_INT(0, dynamic_member_from_id(&id, &db.device.dynamic.member[object_no - 1][index - 1]));
    db.device.dynamic.status[object_no - 1] = DYNAMIC_VALID;
}

/* Object 13 is what a centre polls, with a gap; object 1 what it sets; 4 is being written. */
static void begin(void)
{
    object_defaults(&db);
    memset(&control, 0, sizeof(control));
    memset(&status, 0, sizeof(status));
    memset(&statistics, 0, sizeof(statistics));
    memset(&extra, 0, sizeof(extra));
    transaction_init(&transaction);
    device_init(&device);
    status.green = 0x22;
    db.phase[1].options = 0x1234;
    member(13, 1, "phaseStatusGroupGreens.1");
    member(13, 3, "phaseOptions.2");
    member(13, 255, "sysUpTime.0");
    extra.uptime_cs = 0x01020304;
    member(1, 2, "phaseWalk.1");
    member(1, 4, "phaseConcurrency.1");
    member(4, 1, "phaseWalk.4");
    db.device.dynamic.status[3] = DYNAMIC_UNDER_CREATION;
}

static enum stmp_verdict handle(const uint8_t *in, size_t size, size_t room)
{
    const struct object_view view = view_now();
    memset(answer, 0xEE, sizeof(answer));
    return stmp_handle(in, size, &view, &statistics, &set, answer, room, &answered);
}

static void check_answer(const uint8_t *expected, size_t length)
{
    CHECK_INT((int64_t)length, (int64_t)answered);
    CHECK_BYTES(expected, answer, length);
}

#define SEND(verdict, ...)                                                                                   \
    do {                                                                                                     \
        static const uint8_t in[] = {__VA_ARGS__};                                                           \
        CHECK_INT(verdict, handle(in, sizeof(in), sizeof(answer)));                                          \
    } while (0)

#define ANSWERED(...)                                                                                        \
    do {                                                                                                     \
        static const uint8_t expected[] = {__VA_ARGS__};                                                     \
        check_answer(expected, sizeof(expected));                                                            \
    } while (0)

/* Stages what was handled as an engineer's SET and answers it. */
static void carry_out(const char *who)
{
    struct object_view view = view_now();
    const struct set_sender sender = {.who = who};
    view.nameless = who == NULL;
    if (set_stage(set.item, set.count, &view, &sender, NULL, NULL, &stage, &result) == SET_OK) {
        set_transact(&stage, &db, &transaction, &candidate, 0);
        if (stage.db_changed)
            db = stage.db;
    }
    answered = stmp_answer_set(&set, &result, &statistics, answer, sizeof(answer));
}

static void a_get_answers_the_bare_values(void)
{
    begin();
    SEND(STMP_ANSWERED, 0x8D);
    ANSWERED(0xCD, 0x22, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04);
    SEND(STMP_ANSWERED, 0x81);
    ANSWERED(0xC1, 0x00, 0x00);
    CHECK_INT(2, statistics.in_kind[STMP_GET]);
    CHECK_INT(2, statistics.out_kind[STMP_GET_RESPONSE]);
    CHECK_INT(2, statistics.in_packets);
    CHECK_INT(2, statistics.out_packets);
}

static void get_next_goes_from_valid_to_valid(void)
{
    begin();
    SEND(STMP_ANSWERED, 0xB0);
    ANSWERED(0xC1, 0x00, 0x00);
    SEND(STMP_ANSWERED, 0xB1); /* 4 is not valid yet */
    CHECK_HEX(0xCD, answer[0]);
    SEND(STMP_ANSWERED, 0xBD);
    ANSWERED(0xED, STMP_NO_SUCH_NAME, 0);
    CHECK_INT(3, statistics.in_kind[STMP_GET_NEXT]);
}

static void what_is_not_defined_is_no_such_name(void)
{
    begin();
    SEND(STMP_ANSWERED, 0x82);
    ANSWERED(0xE2, STMP_NO_SUCH_NAME, 0);
    SEND(STMP_ANSWERED, 0x84);
    ANSWERED(0xE4, STMP_NO_SUCH_NAME, 0);
    SEND(STMP_ANSWERED, 0x80);
    ANSWERED(0xE0, STMP_NO_SUCH_NAME, 0);
    SEND(STMP_ANSWERED, 0x8F);
    ANSWERED(0xEF, STMP_NO_SUCH_NAME, 0);
    SEND(STMP_ANSWERED, 0x92, 0x01);
    ANSWERED(0xE2, STMP_NO_SUCH_NAME, 0);
    SEND(STMP_DROPPED, 0xA2, 0x01);
    CHECK_INT(5, statistics.out_error[STMP_NO_SUCH_NAME]);
    CHECK_INT(5, statistics.out_kind[STMP_ERROR_RESPONSE]);
}

static void too_long_an_answer_is_too_big(void)
{
    begin();
    static const uint8_t get[] = {0x8D};
    CHECK_INT(STMP_ANSWERED, handle(get, sizeof(get), 7));
    ANSWERED(0xED, STMP_TOO_BIG, 0);
    CHECK_INT(STMP_ANSWERED, handle(get, sizeof(get), 8));
    CHECK_INT(8, (int64_t)answered);
    CHECK_INT(1, statistics.out_error[STMP_TOO_BIG]);
    CHECK_INT(2, statistics.out_packets);
}

static void rubbish_is_dropped_and_counted(void)
{
    begin();
    CHECK_INT(STMP_DROPPED, handle(NULL, 0, sizeof(answer)));
    SEND(STMP_DROPPED, 0x30, 0x29, 0x02, 0x01);
    SEND(STMP_DROPPED, 0xF1);
    SEND(STMP_DROPPED, 0x8D, 0x00);
    SEND(STMP_DROPPED, 0xB0, 0x00);
    CHECK_INT(5, statistics.in_parse_errors);
    CHECK_INT(5, statistics.in_packets);
    CHECK_INT(0, statistics.out_packets);
}

static void responses_are_counted_and_dropped(void)
{
    begin();
    SEND(STMP_DROPPED, 0xCD, 0x22);
    SEND(STMP_DROPPED, 0xD1);
    SEND(STMP_DROPPED, 0xE1, STMP_READ_ONLY, 0x02);
    SEND(STMP_DROPPED, 0xE1, 0x06, 0x02);
    SEND(STMP_DROPPED, 0xE1);
    CHECK_INT(1, statistics.in_kind[STMP_GET_RESPONSE]);
    CHECK_INT(1, statistics.in_kind[STMP_SET_RESPONSE]);
    CHECK_INT(3, statistics.in_kind[STMP_ERROR_RESPONSE]);
    CHECK_INT(1, statistics.in_error[STMP_READ_ONLY]);
    CHECK_INT(2, statistics.in_parse_errors);
}

static void a_set_is_taken_in_whole(void)
{
    begin();
    SEND(STMP_STAGE, 0x91, 7, 2, 5, 6);
    CHECK_INT(2, set.count);
    db.phase[4].concurrency.count = db.phase[5].concurrency.count = 0;
    db.phase[0].ring_no = 1;
    carry_out("center");
    ANSWERED(0xE1, STMP_GENERAL, 0); /* concurrency is structure, and there is no transaction */
    CHECK_INT(0, db.phase[0].walk_s);
    member(2, 1, "phaseWalk.1");
    member(2, 2, "phaseControlGroupHold.1");
    SEND(STMP_STAGE, 0x92, 7, 0x22);
    carry_out(NULL);
    ANSWERED(0xD2);
    CHECK_INT(7, db.phase[0].walk_s);
    CHECK_INT(1, (int64_t)stage.op_count);
    SEND(STMP_STAGE, 0xA2, 8, 0x22);
    carry_out(NULL);
    CHECK_INT(0, (int64_t)answered);
    CHECK_INT(8, db.phase[0].walk_s);
    CHECK_INT(2, statistics.in_kind[STMP_SET]);
    CHECK_INT(1, statistics.in_kind[STMP_SET_NO_REPLY]);
    CHECK_INT(1, statistics.out_kind[STMP_SET_RESPONSE]);
}

static void a_set_names_the_member_to_blame(void)
{
    begin();
    SEND(STMP_ANSWERED, 0x91, 7, 2, 5); /* the list ends too early */
    ANSWERED(0xE1, STMP_BAD_VALUE, 4);
    SEND(STMP_ANSWERED, 0x91);
    ANSWERED(0xE1, STMP_BAD_VALUE, 2);
    SEND(STMP_ANSWERED, 0x91, 7, 0, 99); /* more than the object has */
    ANSWERED(0xE1, STMP_BAD_VALUE, 0);
    SEND(STMP_DROPPED, 0xA1, 7);
    CHECK_INT(4, statistics.in_parse_errors);
    SEND(STMP_STAGE, 0x91, 7, 1, 0); /* phase 0 */
    carry_out("center");
    ANSWERED(0xE1, STMP_BAD_VALUE, 4);
    SEND(STMP_STAGE, 0x9D, 0, 0, 0, 0, 0, 0, 0);
    carry_out("center");
    ANSWERED(0xED, STMP_READ_ONLY, 1);
    set.count = 1;
    set.index[0] = 9;
    result = (struct set_result){.error = SET_NO_CREATION, .index = 1};
    answered = stmp_answer_set(&set, &result, &statistics, answer, sizeof(answer));
    ANSWERED(0xED, STMP_NO_SUCH_NAME, 9);
    CHECK_INT(0, db.phase[0].walk_s);
}

/* STMP has no name to own a transaction by: it writes into whichever is open, and opens none. */
static void transactions_and_the_nameless(void)
{
    begin();
    member(2, 1, "phaseWalk.1");
    member(3, 1, "dbCreateTransaction.0");
    SEND(STMP_STAGE, 0x93, TRANSACTION_OPEN);
    carry_out(NULL);
    ANSWERED(0xE3, STMP_GENERAL, 0);
    CHECK_INT(TRANSACTION_NORMAL, transaction.state);
    transaction_move(&transaction, MOVE_OPEN, "center", NULL);
    transaction.touched_s = -7;
    candidate = db;
    SEND(STMP_STAGE, 0x92, 9);
    carry_out(NULL);
    ANSWERED(0xD2);
    CHECK_INT(0, db.phase[0].walk_s);
    CHECK_INT(9, candidate.phase[0].walk_s);
    CHECK_INT(-7, transaction.touched_s); /* the owner has not been heard of */
    transaction_move(&transaction, MOVE_VERIFY, "center", NULL);
    SEND(STMP_STAGE, 0x92, 10);
    carry_out(NULL);
    ANSWERED(0xE2, STMP_GENERAL, 0);
}

/* A block is a value like any other, but STMP does not carry how its own objects are defined. */
static void blocks_travel_save_for_definitions(void)
{
    static const uint8_t splits[] = {0x00, 0x04, 0x01, 0x01, 0x01, 0x02};
    static const uint8_t states[] = {0x00, 0x11, 0x01, 0x01};
    begin();
    member(5, 1, "ascBlockData.0");
    memcpy(device.block.selector, splits, sizeof(splits));
    device.block.selector_size = sizeof(splits);
    SEND(STMP_ANSWERED, 0x85);
    ANSWERED(0xC5, 14, 0x00, 0x04, 0x01, 0x01, 0x01, 0x02, 0x01, 0x02, 0, 2, 0, 0, 2, 0);
    memcpy(device.block.selector, states, sizeof(states));
    device.block.selector_size = sizeof(states);
    SEND(STMP_ANSWERED, 0x85);
    ANSWERED(0xE5, STMP_GENERAL, 1);
    transaction_move(&transaction, MOVE_OPEN, "center", NULL);
    candidate = db;
    SEND(STMP_STAGE, 0x95, 14, 0x00, 0x04, 0x01, 0x01, 0x01, 0x02, 0x01, 0x02, 9, 2, 0, 8, 2, 0);
    carry_out(NULL);
    ANSWERED(0xD5);
    CHECK_INT(9, candidate.split[0][0].time_s);
    SEND(STMP_STAGE, 0x95, 7, 0x00, 0x11, 0x01, 0x01, 0x01, 0x01, 0x03);
    carry_out(NULL);
    ANSWERED(0xE5, STMP_GENERAL, 1);
    CHECK_INT(DYNAMIC_VALID, candidate.device.dynamic.status[0]);
}

static int measure(const uint8_t *in, size_t size)
{
    return stmp_measure(in, size, &db.device.dynamic);
}

/* On a stream the definition tells where a message ends. */
static void a_message_is_measured(void)
{
    begin();
    static const uint8_t stream[] = {0x91, 7, 2, 5, 6, 0x8D, 0xB0, 0xA1, 7, 0, 0x92, 0};
    CHECK_INT(0, measure(stream, 0));
    for (size_t size = 1; size < 5; size++)
        CHECK_INT(0, measure(stream, size));
    CHECK_INT(5, measure(stream, 5));
    CHECK_INT(5, measure(stream, sizeof(stream)));
    CHECK_INT(1, measure(stream + 5, 7));
    CHECK_INT(1, measure(stream + 6, 6));
    CHECK_INT(3, measure(stream + 7, 5));
    CHECK_INT(-1, measure(stream + 10, 2)); /* not defined */
    static const uint8_t nobody[] = {0x30, 0xF1, 0xC1, 0xD1, 0xE1};
    for (size_t i = 0; i < sizeof(nobody); i++)
        CHECK_INT(-1, measure(nobody + i, 1));
}

/* Any octets at all: an answer is never longer than its room, and a stream's message than the stream. */
static void any_octets(void)
{
    uint32_t random = 1;
    begin();
    for (int round = 0; round < 200000; round++) {
        uint8_t in[12];
        for (size_t i = 0; i < sizeof(in); i++) {
            random = random * 1664525 + 1013904223;
            in[i] = (uint8_t)(random >> 24);
        }
        size_t size = in[11] % 12, room = 3 + in[10] % 9;
        in[0] |= 0x80;
        enum stmp_verdict verdict = handle(in, size, room);
        CHECK(answered <= room && answer[room] == 0xEE);
        CHECK(verdict != STMP_ANSWERED || answered > 0);
        CHECK(measure(in, size) <= (int)size);
        if (harness_failed())
            return;
    }
}

HARNESS_MAIN({"a get answers the bare values", a_get_answers_the_bare_values},
             {"get-next goes from valid to valid", get_next_goes_from_valid_to_valid},
             {"what is not defined is noSuchName", what_is_not_defined_is_no_such_name},
             {"too long an answer is tooBig", too_long_an_answer_is_too_big},
             {"rubbish is dropped and counted", rubbish_is_dropped_and_counted},
             {"responses are counted and dropped", responses_are_counted_and_dropped},
             {"a SET is taken in whole", a_set_is_taken_in_whole},
             {"a SET names the member to blame", a_set_names_the_member_to_blame},
             {"transactions and the nameless", transactions_and_the_nameless},
             {"blocks travel, save for definitions", blocks_travel_save_for_definitions},
             {"a message is measured", a_message_is_measured}, {"any octets", any_octets}, )
