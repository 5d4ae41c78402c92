/* Blocks: which rows may be asked for, what the octets are, and what is wrong with those that are not. */
#include "../../ntcip/block.h"
#include "harness.h"
#include <stdio.h>
#include <string.h>

static struct database db;
static const struct object_view view = {.db = &db};
static uint8_t buffer[BLOCK_DATA_MAX];

static int set_up(void)
{
    object_defaults(&db);
    return 0;
}

static void blocks_are_sound(void)
{
    for (size_t i = 0; i < block_count; i++) {
        const struct block *block = &block_all[i];
        harness_at("%s", block->name);
        CHECK(i == 0 || block_all[i - 1].id < block->id);
        const struct object *first = object_by_name(block->member[0]);
        int members = 0;
        for (; block->member[members]; members++) {
            const struct object *object = object_by_name(block->member[members]);
            harness_at("%s", block->member[members]);
            if (!object || !first) {
                CHECK_FAIL("no such object");
                return;
            }
            CHECK(object->table == first->table);
            CHECK(object->writable);
        }
        CHECK(members <= BLOCK_MEMBERS_MAX);
    }
}

static void blocks_are_documented(void)
{
    static char text[32768];
    FILE *file = fopen(SOURCE_ROOT "/docs/blocks.md", "r");
    if (!CHECK(file != NULL))
        return;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < block_count; i++) {
        char line[1024];
        int length = snprintf(line, sizeof(line), "| %02X | %s | ", block_all[i].id, block_all[i].name);
        const struct object_table *table = object_by_name(block_all[i].member[0])->table;
        length += snprintf(line + length, sizeof(line) - (size_t)length, "%s", table ? table->key[0] : "1");
        if (table && table->keys == 2)
            length += snprintf(line + length, sizeof(line) - (size_t)length, ", %s", table->key[1]);
        for (int m = 0; block_all[i].member[m]; m++)
            length += snprintf(line + length, sizeof(line) - (size_t)length, "%s%s", m ? ", " : " | ",
                               block_all[i].member[m]);
        harness_at("%s", line);
        CHECK(strstr(text, line) != NULL);
    }
}

/* ---- what is asked for ---- */

static void selectors_are_judged(void)
{
    static const struct {
        int error;
        size_t size;
        uint8_t octet[12];
    } cases[] = {
        {0, 4, {0, 0x00, 1, 1}},
        {0, 4, {0, 0x00, 1, PHASES_MAX}},
        {0, 4, {0, 0x00, PHASES_MAX, 1}},
        {0, 6, {0, 0x04, SPLITS_MAX, 1, 1, PHASES_MAX}},
        {0, 6, {0, 0x04, 1, SPLITS_MAX, 1, PHASES_MAX}},
        {0, 4, {0, 0x12, 1, 1}},
        {BLOCK_NO_TYPE, 4, {1, 0x00, 1, 1}},
        {BLOCK_NO_TYPE, 4, {255, 255, 0, 0}},
        {BLOCK_NO_ID, 4, {0, 0x13, 1, 1}},
        {BLOCK_NO_ID, 4, {0, 0xFF, 1, 1}},
        {BLOCK_NO_INDEX, 4, {0, 0x00, 0, 1}},
        {BLOCK_NO_INDEX, 4, {0, 0x00, PHASES_MAX + 1, 1}},
        {BLOCK_NO_QUANTITY, 4, {0, 0x00, 1, 0}},
        {BLOCK_NO_QUANTITY, 4, {0, 0x00, 1, PHASES_MAX + 1}},
        {BLOCK_NO_QUANTITY, 4, {0, 0x00, PHASES_MAX, 255}},
        {BLOCK_NO_INDEX + 2, 6, {0, 0x07, 1, 1, 0, 1}},
        {BLOCK_NO_INDEX + 2, 6, {0, 0x07, 1, 1, RINGS_MAX + 1, 1}},
        {BLOCK_NO_QUANTITY + 2, 6, {0, 0x07, 1, 1, 1, 0}},
        {BLOCK_NO_QUANTITY + 2, 6, {0, 0x07, 1, 1, 2, RINGS_MAX}},
        {BLOCK_NO_INDEX, 4, {0, 0x0A, 1, 1}}, /* a table without rows */
        {BLOCK_NO_INDEX, 4, {0, 0x12, 2, 1}}, /* the scalars are one row */
        {BLOCK_NO_QUANTITY, 4, {0, 0x12, 1, 2}},
        {BLOCK_WRONG_LENGTH, 0, {0}},
        {BLOCK_WRONG_LENGTH, 1, {0}},
        {BLOCK_WRONG_LENGTH, 3, {0, 0x00, 1}},
        {BLOCK_WRONG_LENGTH, 5, {0, 0x00, 1, 1, 1}},
        {BLOCK_WRONG_LENGTH, 6, {0, 0x00, 1, 1, 1, 1}},
        {BLOCK_WRONG_LENGTH, 4, {0, 0x04, 1, 1}}, /* two keys */
        {BLOCK_WRONG_LENGTH, 5, {0, 0x04, 1, 1, 1}},
        {BLOCK_TOO_MUCH, 6, {0, 0x0C, 1, DAY_PLANS_MAX, 1, DAY_PLAN_EVENTS_MAX}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        harness_at("case %zu", i);
        struct block_selection selection = {.block = NULL};
        CHECK_INT(cases[i].error, block_select(cases[i].octet, cases[i].size, &view, &selection));
        CHECK((cases[i].error == 0) == (selection.block != NULL));
    }
}

/* ---- the octets ---- */

static size_t encode(const uint8_t *selector, size_t size)
{
    struct block_selection selection;
    if (!CHECK_INT(0, block_select(selector, size, &view, &selection)))
        return 0;
    struct oer_writer writer = oer_write_to(buffer, sizeof(buffer));
    CHECK_INT(0, block_encode(&selection, &view, &writer));
    CHECK(!writer.full);
    return writer.used;
}

#define CHECK_BLOCK(selector, ...)                                                                           \
    do {                                                                                                     \
        static const uint8_t expected[] = {__VA_ARGS__};                                                     \
        CHECK_INT(sizeof(expected), (int64_t)encode(selector, sizeof(selector)));                            \
        CHECK_BYTES(expected, buffer, sizeof(expected));                                                     \
    } while (0)

/* The example of docs/blocks.md. */
static void a_phase_block(void)
{
    object_defaults(&db);
    db.phase[1] = (struct phase_row){
        .walk_s = 7,
        .ped_clear_s = 12,
        .minimum_green_s = 5,
        .passage_ds = 20,
        .maximum1_s = 30,
        .maximum2_s = 40,
        .yellow_ds = 36,
        .red_clear_ds = 20,
        .red_revert_ds = 20,
        .startup = 1,
        .options = PHASE_ENABLED | PHASE_NON_LOCKING | PHASE_DUAL_ENTRY,
        .ring_no = 1,
        .concurrency = {2, {5, 6}},
    };
    db.phase[2].minimum_green_s = 5;
    static const uint8_t selector[] = {0, 0, 2, 2};
    CHECK_BLOCK(selector, 0x00, 0x00, 0x02, 0x02, 0x01, 0x02,         /* two rows */
                0x07, 0x0C, 0x05, 0x14, 0x1E, 0x28, 0x24, 0x14, 0x14, /* walk to red revert */
                0, 0, 0, 0, 0, 0, 0, 0, 0,                            /* initial, gap, maximum */
                0x01, 0x04, 0x21, 0x01, 0x02, 0x05, 0x06,             /* start-up to concurrency */
                0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
}

static void a_split_block_goes_by_its_first_index(void)
{
    object_defaults(&db);
    db.split[2][3].time_s = 34;
    db.split[2][4].time_s = 35;
    db.split[3][3].time_s = 44;
    db.split[3][4].coord = 1;
    static const uint8_t selector[] = {0, 4, 3, 2, 4, 2};
    CHECK_BLOCK(selector, 0, 4, 3, 2, 4, 2, 1, 4, 34, 2, 0, 35, 2, 0, 44, 2, 0, 0, 2, 1);
}

static void a_day_plan_points_to_its_action(void)
{
    object_defaults(&db);
    db.timebase.day_plan[0][0] = (struct day_plan_event){.hour = 6, .minute = 30, .action_no = 3};
    static const uint8_t selector[] = {0, 0x0C, 1, 1, 1, 2};
    CHECK_BLOCK(selector, 0, 0x0C, 1, 1, 1, 2, 1, 2, 6, 30, 0x0F, 0x2B, 6, 1, 4, 1, 0x89, 0x36, 4, 2, 1, 5, 3,
                1, 1, 3, 0, 0, 1, 0);
}

static void the_scalars_are_one_row(void)
{
    object_defaults(&db);
    db.unit.startup_flash_s = 10;
    db.unit.backup_time_s = 600;
    db.standard_time_zone_s = 28800;
    static const uint8_t selector[] = {0, 0x12, 1, 1};
    size_t size = encode(selector, sizeof(selector));
    static const uint8_t begin[] = {0, 0x12, 1, 1, 1, 1, 0, 10, 1, 0x02, 0x58};
    static const uint8_t end[] = {0, 0, 0x70, 0x80};
    CHECK_BYTES(begin, buffer, sizeof(begin));
    CHECK_BYTES(end, buffer + size - sizeof(end), sizeof(end));
}

/* ---- what comes in ---- */

struct taken {
    struct database db;
    int count;
};

static bool take(void *arg, const struct object_instance *at, const struct value *value)
{
    struct taken *taken = arg;
    if (object_fits(at->object, value) != FIT_OK)
        return false;
    taken->count++;
    object_store_value(at, value, &taken->db);
    return true;
}

static int decode(const uint8_t *octet, size_t size, struct taken *taken)
{
    taken->count = 0;
    return block_decode(octet, size, &view, take, taken);
}

static void faults_name_their_place(void)
{
    static const struct {
        int error;
        size_t size;
        uint8_t octet[24];
    } cases[] = {
        {0, 10, {0, 3, 9, 1, 1, 1, 90, 10, 2, 1}},
        {BLOCK_NO_TYPE, 10, {9, 3, 9, 1, 1, 1, 90, 10, 2, 1}},
        {BLOCK_NO_ID, 10, {0, 0x20, 9, 1, 1, 1, 90, 10, 2, 1}},
        {BLOCK_NO_INDEX, 10, {0, 3, 254, 1, 1, 1, 90, 10, 2, 1}},
        {BLOCK_NO_QUANTITY, 10, {0, 3, 253, 2, 1, 2, 90, 10, 2, 1}},
        {BLOCK_WRONG_LENGTH, 0, {0}},
        {BLOCK_WRONG_LENGTH, 4, {0, 3, 9, 1}},
        {BLOCK_WRONG_LENGTH, 9, {0, 3, 9, 1, 1, 1, 90, 10, 2}},
        {BLOCK_WRONG_LENGTH, 11, {0, 3, 9, 1, 1, 1, 90, 10, 2, 1, 0}},
        {BLOCK_WRONG_LENGTH, 9, {0, 9, 1, 1, 1, 1, 2, 200, 1}}, /* a list that ends too early */
        {BLOCK_WRONG_ROWS, 10, {0, 3, 9, 1, 1, 0, 90, 10, 2, 1}},
        {BLOCK_WRONG_ROWS, 14, {0, 3, 9, 1, 1, 2, 90, 10, 2, 1, 90, 10, 2, 1}},
        {104, 10, {0, 3, 9, 1, 1, 1, 90, 10, 2, 0}},        /* sequence 0 */
        {202, 12, {0, 5, 1, 2, 1, 2, 0, 0, 0, 0, 0x10, 0}}, /* there is no such auxiliary function */
        {102, 10, {0, 9, 1, 1, 1, 1, 2, 1, 0, 0}},          /* includes phase 0 */
        {101, 10, {0, 9, 1, 1, 1, 1, 99, 0, 0, 0}},         /* no type of overlap */
    };
    static struct taken taken;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        harness_at("case %zu", i);
        CHECK_INT(cases[i].error, decode(cases[i].octet, cases[i].size, &taken));
    }
}

static void every_cut_is_too_short(void)
{
    static struct taken taken;
    static const uint8_t selector[] = {0, 6, 1, 2};
    object_defaults(&db);
    size_t size = encode(selector, sizeof(selector));
    CHECK_INT(0, decode(buffer, size, &taken));
    CHECK_INT(46, taken.count);
    for (size_t cut = 0; cut < size; cut++)
        CHECK_INT(BLOCK_WRONG_LENGTH, decode(buffer, cut, &taken));
}

static void far_rows_are_still_told(void)
{
    static struct taken taken;
    static const uint8_t selector[] = {0, 4, 1, 50, 1, PHASES_MAX};
    object_defaults(&db);
    size_t size = encode(selector, sizeof(selector));
    buffer[size - 1] = 2; /* a coordinated phase is 0 or 1 */
    CHECK_INT(BLOCK_ERROR_MAX, decode(buffer, size, &taken));
}

HARNESS_MAIN_WITH(set_up, NULL, {"blocks are sound", blocks_are_sound},
                  {"blocks are documented", blocks_are_documented},
                  {"selectors are judged", selectors_are_judged}, {"a phase block", a_phase_block},
                  {"a split block goes by its first index", a_split_block_goes_by_its_first_index},
                  {"a day plan points to its action", a_day_plan_points_to_its_action},
                  {"the scalars are one row", the_scalars_are_one_row},
                  {"faults name their place", faults_name_their_place},
                  {"every cut is too short", every_cut_is_too_short},
                  {"far rows are still told", far_rows_are_still_told}, )
