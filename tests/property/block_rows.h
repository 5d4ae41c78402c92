/* How a centre cuts a table into blocks. */
#ifndef TESTS_PROPERTY_BLOCK_ROWS_H
#define TESTS_PROPERTY_BLOCK_ROWS_H

#include "../../ntcip/block.h"

struct selector {
    uint8_t octet[BLOCK_SELECTOR_MAX];
    size_t size;
};

static inline int rows_of(const struct object *object, int key)
{
    return object->table ? object->table->rows[key] : 1;
}

/* Selects as many rows of the block as one answer carries, from row `first` of its first key on. Returns how
 * many, 0 if not even one fits. */
static inline int select_rows_from(const struct block *block, int first, const struct object_view *view,
                                   struct selector *out)
{
    const struct object *object = object_by_name(block->member[0]);
    *out = (struct selector){.size = 0};
    bool two = object->table && object->table->keys == 2;
    for (int quantity = rows_of(object, 0) - first + 1; quantity > 0; quantity--) {
        *out = (struct selector){
            {0, block->id, (uint8_t)first, (uint8_t)quantity, 1, (uint8_t)rows_of(object, 1)}, two ? 6 : 4};
        if (block_select(out->octet, out->size, view, NULL) == BLOCK_OK)
            return quantity;
    }
    return 0;
}

#endif
