/* Any octets as ascBlockData: never read beyond the end, and rows that are taken come up again as they went
 * down. The same octets are tried as ascBlockGetControl. */
#include "../../ntcip/block.h"
#include "fuzz.h"
#include <string.h>

static bool store(void *arg, const struct object_instance *at, const struct value *value)
{
    if (object_fits(at->object, value) != FIT_OK)
        return false;
    object_store_value(at, value, arg);
    return true;
}

/* What a selector brings goes down again and changes nothing. */
static void check_selector(const uint8_t *octet, size_t size, struct fuzz_world *world,
                           const struct object_view *view)
{
    static uint8_t room[BLOCK_DATA_MAX];
    static struct database before;
    struct block_selection selection;
    int error = block_select(octet, size, view, &selection);
    FUZZ_REQUIRE(error >= 0 && error <= BLOCK_TOO_MUCH);
    if (error != BLOCK_OK)
        return;
    struct oer_writer writer = oer_write_to(room, sizeof room);
    FUZZ_REQUIRE(block_encode(&selection, view, &writer) == 0 && !writer.full);
    before = world->db;
    FUZZ_REQUIRE(block_decode(room, writer.used, view, store, &world->db) == BLOCK_OK);
    FUZZ_REQUIRE(memcmp(&before, &world->db, sizeof before) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_world world;
    struct object_view view;
    fuzz_world_init(&world);
    fuzz_world_view(&world, &view);
    check_selector(data, size, &world, &view);
    int error = block_decode(data, size, &view, store, &world.db);
    FUZZ_REQUIRE(error >= 0 && error <= BLOCK_ERROR_MAX);
    if (error == BLOCK_OK) {
        size_t selector = size; /* the header of a block is its selector */
        while (selector > 0 && block_select(data, selector, &view, NULL) == BLOCK_WRONG_LENGTH)
            selector--;
        check_selector(data, selector, &world, &view);
    }
    return 0;
}
