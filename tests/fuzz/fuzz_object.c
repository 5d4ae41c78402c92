/* Any name: what is found is what was asked for, and what is next is the very next. */
#include "fuzz.h"
#include <string.h>

static int compare(const struct object_id *a, const struct object_id *b)
{
    for (int i = 0; i < a->length && i < b->length; i++) {
        if (a->arc[i] != b->arc[i])
            return a->arc[i] < b->arc[i] ? -1 : 1;
    }
    return a->length - b->length;
}

static void check_found(const struct object_id *id, const struct object_view *view)
{
    struct object_instance at;
    struct object_id named;
    struct value value;
    if (object_find(id, &at) != OBJECT_OK)
        return;
    object_instance_id(&at, &named);
    FUZZ_REQUIRE(at.object->lenient || compare(id, &named) == 0);
    if (object_get(&at, view, &value) == OBJECT_OK && at.object->table == NULL)
        FUZZ_REQUIRE(at.row[0] == 0 && at.row[1] == 0);
}

/* The name given by its text is the same instance. */
static void check_text(const struct object_instance *at)
{
    char text[128];
    struct object_instance again;
    object_format(at, text, sizeof text);
    FUZZ_REQUIRE(object_parse(text, &again) == OBJECT_OK);
    FUZZ_REQUIRE(again.object == at->object && again.row[0] == at->row[0] && again.row[1] == at->row[1]);
}

static void check_next(const struct object_id *id, const struct object_view *view)
{
    struct object_instance at, found;
    struct object_id next, between;
    struct value value;
    if (object_next(id, view, &at) != OBJECT_OK)
        return;
    object_instance_id(&at, &next);
    FUZZ_REQUIRE(compare(id, &next) < 0);
    FUZZ_REQUIRE(object_find(&next, &found) == OBJECT_OK && object_exists(&at, view));
    FUZZ_REQUIRE(object_get(&at, view, &value) != OBJECT_NO_INSTANCE || at.object->reader);
    check_text(&at);
    /* Nothing lies between: whatever sorts before it and not before `id` leads to it too. */
    between = next;
    between.length--;
    if (compare(id, &between) <= 0) {
        FUZZ_REQUIRE(object_next(&between, view, &found) == OBJECT_OK);
        FUZZ_REQUIRE(found.object == at.object && found.row[0] == at.row[0] && found.row[1] == at.row[1]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_world world;
    struct object_view view;
    struct fuzz_input in = {data, size};
    if (world.db.unit.red_revert_ds == 0)
        fuzz_world_init(&world);
    fuzz_world_view(&world, &view);
    view.admin = fuzz_below(&in, 2);
    while (in.left > 0) {
        struct object_id id;
        fuzz_id(&in, &id);
        check_found(&id, &view);
        check_next(&id, &view);
    }
    return 0;
}
