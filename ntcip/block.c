#include "block.h"
#include <stdio.h>

/* ---- which rows ---- */

static const struct block *block_by_id(uint8_t id)
{
    for (size_t i = 0; i < block_count; i++) {
        if (block_all[i].id == id)
            return &block_all[i];
    }
    return NULL;
}

/* The elements of one row. Returns how many there are. */
static int find_members(const struct block *block, const struct object *member[BLOCK_MEMBERS_MAX])
{
    int count = 0;
    for (; block->member[count]; count++)
        member[count] = object_by_name(block->member[count]);
    return count;
}

static int keys_of(const struct object_table *table)
{
    return table ? table->keys : 1;
}

/* Row `row_ix` of those selected, counted from 0. */
static struct object_instance instance_of(const struct block_selection *selection,
                                          const struct object *object, int row_ix)
{
    struct object_instance at = {.object = object};
    if (!object->table)
        return at;
    at.row[0] = (uint16_t)(selection->first[0] + row_ix / selection->quantity[1]);
    if (object->table->keys == 2)
        at.row[1] = (uint16_t)(selection->first[1] + row_ix % selection->quantity[1]);
    return at;
}

static int row_count(const struct block_selection *selection)
{
    return selection->quantity[0] * selection->quantity[1];
}

/* Whether the row is one of the table's and there at present. */
static bool has_row(const struct object_table *table, const struct object *object, int key, int row_no,
                    const struct object_view *view)
{
    if (!table)
        return row_no == 1;
    struct object_instance at = {.object = object, .row = {1, table->keys == 2}};
    at.row[key] = (uint16_t)row_no;
    return row_no >= 1 && row_no <= table->rows[key] && object_exists(&at, view);
}

/* The rules 1 to 12 of both objects, on what stands at the beginning of either. */
static int select_rows(struct oer_reader *reader, const struct object_view *view, struct block_selection *out)
{
    uint64_t type = oer_get_unsigned(reader, 1);
    uint64_t id = oer_get_unsigned(reader, 1);
    if (reader->broken)
        return BLOCK_WRONG_LENGTH;
    if (type != 0)
        return BLOCK_NO_TYPE;
    *out = (struct block_selection){block_by_id((uint8_t)id), {1, 1}, {1, 1}};
    if (!out->block)
        return BLOCK_NO_ID;
    const struct object *object = object_by_name(out->block->member[0]);
    int keys = keys_of(object->table);
    for (int key = 0; key < keys; key++) {
        out->first[key] = (uint8_t)oer_get_unsigned(reader, 1);
        out->quantity[key] = (uint8_t)oer_get_unsigned(reader, 1);
    }
    if (reader->broken)
        return BLOCK_WRONG_LENGTH;
    for (int key = 0; key < keys; key++) {
        int last = out->first[key] + out->quantity[key] - 1;
        if (!has_row(object->table, object, key, out->first[key], view))
            return BLOCK_NO_INDEX + 2 * key;
        if (out->quantity[key] == 0)
            return BLOCK_NO_QUANTITY + 2 * key;
        for (int row_no = out->first[key] + 1; row_no <= last; row_no++) {
            if (!has_row(object->table, object, key, row_no, view))
                return BLOCK_NO_QUANTITY + 2 * key;
        }
    }
    return BLOCK_OK;
}

/* The longest that the data of a selection can get. */
static size_t size_max(const struct block_selection *selection)
{
    const struct object *member[BLOCK_MEMBERS_MAX];
    int count = find_members(selection->block, member);
    size_t row = 0;
    for (int i = 0; i < count; i++)
        row += oer_value_size_max(member[i]);
    enum { HEADER_MAX = 6 + 1 + 3 };
    return HEADER_MAX + row * (size_t)row_count(selection);
}

int block_select(const uint8_t *octet, size_t size, const struct object_view *view,
                 struct block_selection *out)
{
    struct oer_reader reader = oer_read_from(octet, size);
    struct block_selection selection;
    int error = select_rows(&reader, view, &selection);
    if (error == BLOCK_OK && reader.left != 0)
        error = BLOCK_WRONG_LENGTH;
    if (error == BLOCK_OK && size_max(&selection) > BLOCK_DATA_MAX)
        error = BLOCK_TOO_MUCH;
    if (error == BLOCK_OK && out)
        *out = selection;
    return error;
}

/* ---- their values ---- */

int block_encode(const struct block_selection *selection, const struct object_view *view,
                 struct oer_writer *writer)
{
    const struct object *member[BLOCK_MEMBERS_MAX];
    int members = find_members(selection->block, member);
    int keys = keys_of(member[0]->table);
    int rows = row_count(selection);
    oer_put_number(writer, 0, 1);
    oer_put_number(writer, selection->block->id, 1);
    for (int key = 0; key < keys; key++) {
        oer_put_number(writer, selection->first[key], 1);
        oer_put_number(writer, selection->quantity[key], 1);
    }
    oer_put_count(writer, (size_t)rows);
    for (int row_ix = 0; row_ix < rows; row_ix++) {
        for (int i = 0; i < members; i++) {
            struct object_instance at = instance_of(selection, member[i], row_ix);
            struct value value;
            if (object_get(&at, view, &value) != OBJECT_OK)
                return -1;
            oer_put_value(writer, member[i], &value);
        }
    }
    return 0;
}

static int element_error(int row_ix, int member_ix)
{
    int error = (row_ix + 1) * 100 + member_ix + 1;
    return error < BLOCK_ERROR_MAX ? error : BLOCK_ERROR_MAX;
}

int block_decode(const uint8_t *octet, size_t size, const struct object_view *view, block_visitor *visit,
                 void *arg)
{
    struct oer_reader reader = oer_read_from(octet, size);
    struct block_selection selection;
    int error = select_rows(&reader, view, &selection);
    if (error != BLOCK_OK)
        return error;
    const struct object *member[BLOCK_MEMBERS_MAX];
    int members = find_members(selection.block, member);
    int rows = row_count(&selection);
    size_t counted = oer_get_count(&reader);
    if (reader.broken)
        return BLOCK_WRONG_LENGTH;
    if (counted != (size_t)rows)
        return BLOCK_WRONG_ROWS;
    for (int row_ix = 0; row_ix < rows; row_ix++) {
        for (int i = 0; i < members; i++) {
            struct object_instance at = instance_of(&selection, member[i], row_ix);
            struct value value;
            oer_get_value(&reader, member[i], &value);
            if (reader.broken)
                return BLOCK_WRONG_LENGTH;
            if (!visit(arg, &at, &value))
                return element_error(row_ix, i);
        }
    }
    return reader.left == 0 ? BLOCK_OK : BLOCK_WRONG_LENGTH;
}

void block_rule_text(int rule, char *out, size_t size)
{
    static const char *const rules[] = {
        [BLOCK_OK] = "nothing wrong",
        [BLOCK_NO_TYPE] = "no such type of data",
        [BLOCK_NO_ID] = "no such block",
        [BLOCK_NO_INDEX] = "the first index is not there",
        [BLOCK_NO_QUANTITY] = "not so many of the first index",
        [BLOCK_NO_INDEX + 2] = "the second index is not there",
        [BLOCK_NO_QUANTITY + 2] = "not so many of the second index",
        [BLOCK_WRONG_LENGTH] = "too short or too long",
        [BLOCK_WRONG_ROWS] = "too many rows, or not as many as announced",
    };
    snprintf(out, size, "block rule %d: %s", rule, rules[rule]);
}
