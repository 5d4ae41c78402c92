/* The event log: any configuration, any class, while watched objects change and time goes by. No entry is
 * lost or kept twice, no class has more than its limit, and every row that is named can be read. */
#include "fuzz.h"
#include <string.h>

enum { STEPS_MAX = 16, ITEMS_MAX = 10, TICKS_MAX = 16 };

static struct fuzz_world world;

static void set(const struct set_item item[], size_t count)
{
    static struct set_stage stage;
    const struct set_sender who = {
        .who = "user center", .source = "", .admin = true, .structure_at_once = true};
    struct set_result result;
    struct object_view view;
    fuzz_world_view(&world, &view);
    if (set_stage(item, count, &view, &who, NULL, NULL, &stage, &result) == SET_OK)
        fuzz_world_commit(&world, &stage);
}

/* One SET of whatever belongs to the group. */
static void configure(struct fuzz_input *in, size_t first, size_t count)
{
    static struct set_item item[ITEMS_MAX];
    static uint8_t room[ITEMS_MAX][FUZZ_VALUE_ROOM];
    size_t items = 1 + fuzz_below(in, ITEMS_MAX);
    for (size_t i = 0; i < items; i++) {
        struct object_instance at;
        fuzz_id_among(in, first, count, &item[i].id);
        const struct object *object = object_find(&item[i].id, &at) == OBJECT_OK ? at.object : NULL;
        fuzz_value(in, object, &item[i].value, room[i]);
    }
    set(item, items);
}

/* One SET that may well begin to log. */
static void watch(struct fuzz_input *in)
{
    int row = 1 + (int)fuzz_below(in, EVENT_CONFIGS_MAX),
        class_no = 1 + (int)fuzz_below(in, EVENT_CLASSES_MAX);
    int limit = (int)fuzz_below(in, EVENT_CLASS_LIMIT_MAX + 1), mode = 1 + (int)fuzz_below(in, 7);
    int value = (int8_t)fuzz_number(in, 1), value2 = (int8_t)fuzz_number(in, 1);
    struct set_item item[] = {
        fuzz_item("eventClassLimit", class_no, 0, limit),
        fuzz_item("eventConfigClass", row, 0, class_no),
        fuzz_item("eventConfigMode", row, 0, mode),
        fuzz_item("eventConfigCompareValue", row, 0, value),
        fuzz_item("eventConfigCompareValue2", row, 0, value2),
        fuzz_item("eventConfigCompareOID", row, 0, 0),
        fuzz_item("eventConfigLogOID", row, 0, 0),
        fuzz_item("eventConfigAction", row, 0, 3),
    };
    for (size_t i = 5; i < 7; i++) {
        item[i].value.type = VALUE_OBJECT_ID;
        fuzz_id(in, &item[i].value.id);
    }
    set(item, sizeof item / sizeof *item);
}

/* Something to watch changes; civil time may jump. */
static void disturb(struct fuzz_input *in)
{
    uint8_t *octet = (uint8_t *)&world.control;
    octet[fuzz_below(in, sizeof world.control)] ^= (uint8_t)fuzz_number(in, 1);
    if (fuzz_below(in, 16) == 0)
        world.extra.utc_s = (int64_t)fuzz_number(in, 4);
}

static void check_classes(void)
{
    const struct eventlog *log = &world.device.eventlog;
    static bool used[EVENT_LOG_MAX];
    size_t kept = log->free_count;
    memset(used, 0, sizeof used);
    for (int class_no = 1; class_no <= EVENT_CLASSES_MAX; class_no++) {
        int rows = eventlog_rows(log, class_no);
        FUZZ_REQUIRE(rows >= 0 && rows <= world.db.device.event.class[class_no - 1].limit);
        for (int number = 1; number <= rows; number++) {
            const struct event_entry *entry = eventlog_entry(log, class_no, number);
            FUZZ_REQUIRE(entry && entry->length <= EVENT_VALUE_MAX && entry->length >= 2);
            FUZZ_REQUIRE(!used[entry - log->entry]);
            used[entry - log->entry] = true;
        }
        FUZZ_REQUIRE(eventlog_entry(log, class_no, 0) == NULL);
        FUZZ_REQUIRE(eventlog_entry(log, class_no, rows + 1) == NULL);
        kept += (size_t)rows;
    }
    FUZZ_REQUIRE(kept == EVENT_LOG_MAX);
}

/* A walk over the group: every name leads to a value, and every entry of the log has its turn. */
static void check_walk(size_t first, size_t count)
{
    const struct object *number = object_by_name("eventLogNumber");
    int entries = 0;
    struct object_id id = object_all[first].id;
    struct object_instance at;
    struct object_view view;
    struct value value;
    fuzz_world_view(&world, &view);
    while (object_next(&id, &view, &at) == OBJECT_OK && at.object < &object_all[first + count]) {
        object_instance_id(&at, &id);
        FUZZ_REQUIRE(object_get(&at, &view, &value) == OBJECT_OK);
        entries += at.object == number;
    }
    for (int class_no = 1; class_no <= EVENT_CLASSES_MAX; class_no++)
        entries -= eventlog_rows(&world.device.eventlog, class_no);
    FUZZ_REQUIRE(entries == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t first = (size_t)(object_by_name("maxEventLogConfigs") - object_all);
    size_t count = (size_t)(object_by_name("eventTimeLatency") + 1 - object_all) - first;
    fuzz_world_init(&world);
    for (int n = 0; n < STEPS_MAX && in.left > 0; n++) {
        switch (fuzz_below(&in, 4)) {
        case 0:
            configure(&in, first, count);
            break;
        case 1:
            watch(&in);
            break;
        default:
            disturb(&in);
            break;
        }
        check_classes();
        fuzz_world_step(&world, fuzz_below(&in, TICKS_MAX));
        check_classes();
    }
    if (size % 8 == 0) /* it takes three times as long as everything before it */
        check_walk(first, count);
    return 0;
}
