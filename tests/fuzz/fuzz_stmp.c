/* Dynamic objects defined over SNMP and carried by STMP: any definition, any message. An answer keeps its
 * form, what a GET brings can be set again and changes nothing, and a stream is cut into messages at the same
 * places however little of it has come. */
#include "../../ntcip/stmp.h"
#include "fuzz.h"
#include <string.h>

enum { MEMBERS_MAX = 12, MESSAGES_MAX = 8, MESSAGE_MAX = 2048 };

static struct fuzz_world world, before;
static struct set_stage stage;

static enum set_error carry_out(const struct set_item item[], size_t count, const struct set_sender *who,
                                struct set_result *result)
{
    struct object_view view;
    fuzz_world_view(&world, &view);
    view.admin = who->admin;
    enum set_error error = set_stage(item, count, &view, who, NULL, NULL, &stage, result);
    if (error == SET_OK)
        fuzz_world_commit(&world, &stage);
    return error;
}

static void set_status(int number, int64_t status)
{
    const struct set_sender who = {.who = "user center", .source = "", .admin = true};
    struct set_result result;
    struct set_item item = fuzz_item("dynObjConfigStatus", number, 0, status);
    (void)carry_out(&item, 1, &who, &result);
}

/* Members are set one by one, so that a bad one costs no good one. */
static void define(struct fuzz_input *in, int number)
{
    const struct set_sender who = {.who = "user center", .source = "", .admin = true};
    enum { VALID = 1, UNDER_CREATION = 2 };
    struct set_result result;
    set_status(number, UNDER_CREATION);
    for (uint32_t count = fuzz_below(in, MEMBERS_MAX + 1); count > 0; count--) {
        struct set_item item = fuzz_item("dynObjVariable", number, 1 + (int)fuzz_below(in, 255), 0);
        item.value.type = VALUE_OBJECT_ID;
        fuzz_id(in, &item.value.id);
        (void)carry_out(&item, 1, &who, &result);
    }
    set_status(number, VALID);
}

/* Wherever a message ends, it ends there with fewer and with more octets behind it. */
static void check_measure(const uint8_t *message, size_t size)
{
    const struct dynamic_rows *rows = &world.db.device.dynamic;
    int whole = stmp_measure(message, size, rows);
    FUZZ_REQUIRE(whole >= -1 && whole <= (int)size);
    for (size_t part = 1; part < size; part++) {
        int found = stmp_measure(message, part, rows);
        FUZZ_REQUIRE(found <= 0 ? whole <= 0 || found == 0 : found == whole);
        FUZZ_REQUIRE((found == -1) == (whole == -1));
    }
}

/* A SET as it came by STMP. */
static void take_set(const struct stmp_set *set, uint8_t *out, size_t room)
{
    const struct set_sender who = {.who = NULL, .source = ""};
    struct set_result result;
    before = world;
    (void)carry_out(set->item, set->count, &who, &result);
    FUZZ_REQUIRE(result.error == SET_OK || memcmp(&before.db, &world.db, sizeof world.db) == 0);
    size_t length = stmp_answer_set(set, &result, &world.device.stmp, out, room);
    FUZZ_REQUIRE(length == (set->reply ? result.error == SET_OK ? 1U : 3U : 0U));
}

/* The answer to a GET, sent back as a SET: taken or refused, it changes nothing of the database. */
static void send_back(uint8_t *answer, size_t length)
{
    static struct stmp_set set;
    static uint8_t out[MESSAGE_MAX];
    struct object_view view;
    size_t out_length;
    enum { GET_RESPONSE_TO_SET = (STMP_GET_RESPONSE ^ STMP_SET) << 4 };
    answer[0] ^= GET_RESPONSE_TO_SET;
    fuzz_world_view(&world, &view);
    FUZZ_REQUIRE(stmp_handle(answer, length, &view, &world.device.stmp, &set, out, sizeof out, &out_length) ==
                 STMP_STAGE);
    struct database db = world.db;
    take_set(&set, out, sizeof out);
    FUZZ_REQUIRE(memcmp(&db, &world.db, sizeof db) == 0);
}

static void handle(const uint8_t *message, size_t size)
{
    static struct stmp_set set;
    static uint8_t out[MESSAGE_MAX];
    struct object_view view;
    size_t length = 0;
    fuzz_world_view(&world, &view);
    check_measure(message, size);
    switch (stmp_handle(message, size, &view, &world.device.stmp, &set, out, sizeof out, &length)) {
    case STMP_ANSWERED:
        FUZZ_REQUIRE(length >= 1 && length <= sizeof out && (out[0] & 0x80));
        if ((out[0] >> 4 & 7) == STMP_GET_RESPONSE)
            send_back(out, length);
        else
            FUZZ_REQUIRE(length == 3);
        break;
    case STMP_STAGE:
        take_set(&set, out, sizeof out);
        break;
    case STMP_DROPPED:
        FUZZ_REQUIRE(length == 0);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    static uint8_t message[64];
    fuzz_world_init(&world);
    for (uint32_t count = 1 + fuzz_below(&in, 2); count > 0; count--)
        define(&in, 1 + (int)fuzz_below(&in, 13));
    for (int n = 0; n < MESSAGES_MAX && in.left > 0; n++)
        handle(message, fuzz_octets(&in, message, fuzz_below(&in, sizeof message + 1)));
    return 0;
}
