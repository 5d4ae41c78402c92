/* Whole PDUs in a row, from managers who do not agree, in and out of transactions: what is refused changes
 * nothing, and what is accepted leaves a database that passes every check. */
#include "../../phases/plan.h"
#include "fuzz.h"
#include <string.h>

enum { PDUS_MAX = 12, ITEMS_MAX = 24 };

struct pdu {
    size_t count;
    struct set_item item[ITEMS_MAX];
    uint8_t room[ITEMS_MAX][FUZZ_VALUE_ROOM];
};

static void read_pdu(struct fuzz_input *in, struct pdu *pdu)
{
    pdu->count = fuzz_below(in, ITEMS_MAX + 1);
    for (size_t i = 0; i < pdu->count; i++) {
        struct object_instance at;
        struct set_item *item = &pdu->item[i];
        fuzz_id(in, &item->id);
        const struct object *object = object_find(&item->id, &at) == OBJECT_OK ? at.object : NULL;
        fuzz_value(in, object, &item->value, pdu->room[i]);
    }
}

static void check_accepted(const struct pdu *pdu, const struct set_stage *stage, const struct set_sender *who)
{
    struct set_result alone;
    for (size_t i = 0; i < pdu->count; i++)
        FUZZ_REQUIRE(set_check(&pdu->item[i], (int)i + 1, who, &alone) == SET_OK);
    if (stage->db_changed)
        FUZZ_REQUIRE(fuzz_is_sound(&stage->db));
    FUZZ_REQUIRE(stage->op_count <= SET_OPS_MAX);
}

/* A number written is the number read, where nothing is worked out and no bit yields to another. */
static void check_read_back(const struct pdu *pdu, const struct object_view *view)
{
    for (size_t i = 0; i < pdu->count; i++) {
        struct object_instance at;
        struct value came;
        const struct value *wrote = &pdu->item[i].value;
        FUZZ_REQUIRE(object_find(&pdu->item[i].id, &at) == OBJECT_OK);
        const struct object *object = at.object;
        int read = object_get(&at, view, &came);
        bool changed = object->reader || object->yields || object->row_status; /* on its way into the store */
        if (object->store != STORE_DATABASE || changed || !object_exists(&at, view))
            continue;
        FUZZ_REQUIRE(read == OBJECT_OK);
        if (came.type == VALUE_INTEGER && object->high <= INT32_MAX)
            FUZZ_REQUIRE(came.number == wrote->number);
        if (came.type == VALUE_OCTETS)
            FUZZ_REQUIRE(came.length == wrote->length &&
                         memcmp(value_octets(&came), value_octets(wrote), came.length) == 0);
    }
}

static void set(struct fuzz_world *world, const struct pdu *pdu, const struct set_sender *who)
{
    static struct set_stage stage;
    static struct fuzz_world before;
    static struct plan plan;
    struct set_result result;
    struct object_view view;
    before = *world;
    fuzz_world_view(world, &view);
    view.admin = who->admin;
    enum set_error error = set_stage(pdu->item, pdu->count, &view, who, NULL, NULL, &stage, &result);
    FUZZ_REQUIRE(error == result.error);
    FUZZ_REQUIRE(memcmp(&before, world, sizeof before) == 0);
    if (error != SET_OK) {
        FUZZ_REQUIRE(result.index >= 0 && result.index <= (int)pdu->count && result.message[0]);
        return;
    }
    check_accepted(pdu, &stage, who);
    fuzz_world_commit(world, &stage);
    if (stage.db_changed)
        plan_compile(&plan, &world->db, 1);
    if (!stage.candidate_changed)
        check_read_back(pdu, &view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"user center", "community 1", "community 2", NULL};
    static struct fuzz_world world;
    static struct pdu pdu;
    struct fuzz_input in = {data, size};
    fuzz_world_init(&world);
    for (int n = 0; n < PDUS_MAX && in.left > 0; n++) {
        uint32_t how = fuzz_number(&in, 1);
        const struct set_sender who = {.who = names[how % 4],
                                       .source = "udp:192.0.2.7:40001",
                                       .admin = how & 8,
                                       .structure_at_once = how & 16};
        read_pdu(&in, &pdu);
        set(&world, &pdu, &who);
        if (how & 32)
            (void)transaction_expire(&world.transaction, how & 64 ? 1000 : 0, 300);
        fuzz_world_step(&world, how & 128 ? fuzz_below(&in, 40) : 0);
        FUZZ_REQUIRE(fuzz_is_sound(&world.db));
    }
    return 0;
}
