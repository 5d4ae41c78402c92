/* Whatever stands in the parameters of the blocks: uploaded and downloaded into a fresh controller it is the
 * same, octet by octet; and no octets that anybody sends do harm.
 *
 *     property_block          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_block SEED     this seed alone */
#include "../../ntcip/device.h"
#include "../../ntcip/set.h"
#include "block_rows.h"
#include "harness.h"
#include "random_plan.h"
#include <stdlib.h>

static struct database from, to;
static struct control control;
static struct engine_status status;
static struct device device;
static struct transaction transaction;
static const struct object_view view = {.db = &from,
                                        .control = &control,
                                        .status = &status,
                                        .device = &device,
                                        .transaction = &transaction,
                                        .candidate = &to};
static uint8_t buffer[BLOCK_DATA_MAX];

/* ---- random parameters ---- */

static void random_octets(uint64_t *random, int most, int low, int high, struct value *value)
{
    value->type = VALUE_OCTETS;
    value->length = (uint16_t)random_int(random, most + 1);
    for (int i = 0; i < value->length; i++)
        value->octet[i] = (uint8_t)random_between(random, low, high);
}

static void random_number(const struct object *object, uint64_t *random, struct value *value)
{
    uint64_t choices = (uint64_t)(object->high - object->low) + 1;
    value->type = object->syntax == SYNTAX_COUNTER ? VALUE_COUNTER : VALUE_INTEGER;
    value->number = object->low + (int64_t)(random_bits(random) % choices);
    if (object->legal)
        value->number &= object->legal;
}

/* The identifier of an instance of `object`, or 0.0. */
static void random_id(const struct object *object, uint64_t *random, struct value *value)
{
    struct object_instance at = {.object = object};
    for (int key = 0; object->table && key < object->table->keys; key++)
        at.row[key] = (uint16_t)random_int(random, object->table->rows[key] + 1); /* 0 is refused */
    value->type = VALUE_OBJECT_ID;
    value->id = (struct object_id){.length = 2};
    if (!one_in(random, 4))
        object_instance_id(&at, &value->id);
}

static void random_value(const struct object *object, uint64_t *random, struct value *value)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
    case SYNTAX_COUNTER:
        random_number(object, random, value);
        break;
    case SYNTAX_LIST:
        random_octets(random, object->length, (int)object->low, (int)object->high, value);
        break;
    case SYNTAX_TEXT:
        random_octets(random, (int)object->high, ' ', '~', value);
        break;
    case SYNTAX_POINTER:
        random_id(object_by_name(object->target), random, value);
        break;
    case SYNTAX_REFERENCE:
        random_id(&object_all[random_int(random, (int)object_count)], random, value);
        break;
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
    case SYNTAX_IP_ADDRESS:
    case SYNTAX_OBJECT_ID:
        CHECK_FAIL("no block has such an element");
    }
}

/* A value that the object takes. */
static void random_good_value(const struct object_instance *at, uint64_t *random, struct value *value)
{
    char message[SET_MESSAGE_MAX];
    do {
        random_value(at->object, random, value);
    } while (!harness_failed() &&
             (object_fits(at->object, value) != FIT_OK ||
              (at->object->judge && at->object->judge(&view, at, value, message) != SET_OK)));
}

/* Only then are the definitions of dynamic objects taken. */
static void create_dynamic_objects(struct database *db)
{
    for (int ix = 0; ix < DYNAMIC_OBJECTS_MAX; ix++)
        db->device.dynamic.status[ix] = DYNAMIC_UNDER_CREATION;
}

static void random_parameters(uint64_t *random)
{
    object_defaults(&from);
    create_dynamic_objects(&from);
    for (size_t i = 0; i < block_count; i++) {
        for (const char *const *name = block_all[i].member; *name; name++) {
            struct object_instance at = {.object = object_by_name(*name)};
            int rows = rows_of(at.object, 0) * rows_of(at.object, 1);
            for (int row_ix = 0; row_ix < rows; row_ix++) {
                struct value value;
                at.row[0] = (uint16_t)(row_ix / rows_of(at.object, 1) + 1);
                at.row[1] = (uint16_t)(row_ix % rows_of(at.object, 1) + 1);
                random_good_value(&at, random, &value);
                object_store_value(&at, &value, &from);
            }
        }
    }
}

/* ---- upload and download ---- */

/* A SET of ascBlockData in the transaction that gathers `to`. */
static enum set_error set_block(const uint8_t *octet, size_t size)
{
    static struct set_stage stage;
    static struct set_item item;
    static struct set_result result;
    struct object_instance at = {.object = object_by_name("ascBlockData")};
    object_instance_id(&at, &item.id);
    item.value = (struct value){.type = VALUE_OCTETS, .length = (uint16_t)size};
    item.value.all = octet;
    memcpy(item.value.octet, octet, size < VALUE_OCTETS_MAX ? size : VALUE_OCTETS_MAX);
    const struct set_sender sender = {.who = "property"};
    if (set_stage(&item, 1, &view, &sender, NULL, NULL, &stage, &result) == SET_OK) {
        set_transact(&stage, &from, &transaction, &to, 0);
        set_call_device(&stage, &device);
    } else {
        struct object_view staged = view;
        staged.db = &stage.db;
        device_refused(&device, &staged, &item, result.error);
    }
    return result.error;
}

static void begin(void)
{
    object_defaults(&to);
    create_dynamic_objects(&to);
    device_init(&device);
    transaction_init(&transaction);
    transaction_move(&transaction, MOVE_OPEN, "property", NULL);
}

/* What to do with the `size` octets of one piece of a block in `buffer`. */
typedef void with_piece(size_t size, uint64_t *random);

static void each_piece(with_piece *with, uint64_t *random)
{
    for (size_t i = 0; i < block_count && !harness_failed(); i++) {
        int rows = rows_of(object_by_name(block_all[i].member[0]), 0);
        for (int first = 1; first <= rows;) {
            struct selector selector;
            struct block_selection selection;
            int quantity = select_rows_from(&block_all[i], first, &view, &selector);
            if (quantity == 0) {
                CHECK_FAIL("not even row %d of block %s fits", first, block_all[i].name);
                return;
            }
            first += quantity;
            CHECK_INT(0, block_select(selector.octet, selector.size, &view, &selection));
            struct oer_writer writer = oer_write_to(buffer, sizeof(buffer));
            CHECK_INT(0, block_encode(&selection, &view, &writer));
            CHECK(!writer.full);
            with(writer.used, random);
        }
    }
}

static void download(size_t size, uint64_t *random)
{
    (void)random;
    CHECK_INT(SET_OK, set_block(buffer, size));
}

/* Other octets mean something else, or nothing: never more than there is. */
static void mangle(size_t size, uint64_t *random)
{
    for (int times = 0; times < 20; times++) {
        size_t at = (size_t)random_int(random, (int)(one_in(random, 2) ? size : size < 12 ? size : 12));
        uint8_t *exact = malloc(size); /* where a sanitizer sees what is read behind it */
        if (!exact)
            abort();
        memcpy(exact, buffer, size);
        exact[at] = (uint8_t)random_int(random, 256);
        enum set_error error = set_block(exact, size);
        CHECK(error == SET_OK || error == SET_WRONG_VALUE);
        CHECK((error == SET_OK) == (device.block.error == BLOCK_OK));
        free(exact);
    }
}

static uint64_t first_seed = 1, last_seed = 8;

static void download_is_the_inverse_of_upload(void)
{
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++) {
        uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15);
        harness_at("seed %llu", (unsigned long long)seed);
        random_parameters(&random);
        begin();
        each_piece(download, &random);
        CHECK(memcmp(&from, &to, sizeof(from)) == 0);
    }
}

static void mangled_blocks_do_no_harm(void)
{
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++) {
        uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15);
        harness_at("seed %llu", (unsigned long long)seed);
        random_parameters(&random);
        begin();
        each_piece(mangle, &random);
    }
}

static const struct harness_test tests[] = {
    {"download is the inverse of upload", download_is_the_inverse_of_upload},
    {"mangled blocks do no harm", mangled_blocks_do_no_harm},
};

int main(int argc, char **argv)
{
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
