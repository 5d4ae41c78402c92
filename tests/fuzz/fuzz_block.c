/* ascBlockGetControl and ascBlockData: any selector, any block. What a selector brings can be set again and
 * changes nothing; what is taken from a block fits its object. */
#include "../../ntcip/block.h"
#include "fuzz.h"
#include <string.h>

static struct fuzz_world world;

/* What was read is what is there. */
static bool is_the_same(void *arg, const struct object_instance *at, const struct value *value)
{
    struct object_view *view = arg;
    struct database *copy = &world.candidate;
    FUZZ_REQUIRE(at->object->writable && object_fits(at->object, value) == FIT_OK);
    if (at->object->store != STORE_DATABASE)
        return true;
    *copy = *view->db;
    object_store_value(at, value, copy);
    FUZZ_REQUIRE(memcmp(copy, view->db, sizeof *copy) == 0);
    return true;
}

static bool is_sound(void *arg, const struct object_instance *at, const struct value *value)
{
    (void)arg;
    FUZZ_REQUIRE(at->object->writable);
    return object_fits(at->object, value) == FIT_OK;
}

/* An error names a rule, or an element by its row and its place in the row. */
static void check_text(int error)
{
    enum { FIRST_ELEMENT = 100 };
    char text[200] = "";
    FUZZ_REQUIRE(error >= BLOCK_OK && error <= BLOCK_ERROR_MAX);
    if (error == BLOCK_OK || error >= FIRST_ELEMENT)
        return;
    block_rule_text(error, text, sizeof text);
    FUZZ_REQUIRE(text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t encoded[VALUE_LONG_MAX];
    struct block_selection selection;
    struct object_view view;
    if (size == 0)
        return 0;
    if (!world.long_value)
        fuzz_world_init(&world);
    fuzz_world_view(&world, &view);
    if (data[0] & 1) {
        check_text(block_decode(data + 1, size - 1, &view, is_sound, NULL));
        return 0;
    }
    int error = block_select(data + 1, size - 1, &view, &selection);
    check_text(error);
    if (error != BLOCK_OK)
        return 0;
    struct oer_writer writer = oer_write_to(encoded, sizeof encoded);
    FUZZ_REQUIRE(block_encode(&selection, &view, &writer) == 0 && !writer.full);
    FUZZ_REQUIRE(block_decode(encoded, writer.used, &view, is_the_same, &view) == BLOCK_OK);
    return 0;
}
