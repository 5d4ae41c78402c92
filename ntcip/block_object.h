/* What ascBlockGetControl, ascBlockData and ascBlockErrorStatus are beyond the blocks themselves: the rows
 * that are selected at present, and why the last block was refused. */
#ifndef NTCIP_BLOCK_OBJECT_H
#define NTCIP_BLOCK_OBJECT_H

#include "block.h"
#include "set.h"

/* Neither is stored. */
struct block_state {
    uint8_t selector[BLOCK_SELECTOR_MAX];
    uint8_t selector_size;
    uint16_t error; /* as enum block_error counts */
};

/* Selects the first phase, so that ascBlockData always has a value. */
void block_init(struct block_state *state);

/* Puts the elements of an ascBlockData that was judged good into `db`. */
void block_store(const struct value *value, const struct object_view *view, struct database *db);

/* A SET failed with `error` because of this varbind, judged by `view`. Where that is one of the two, notes
 * why. */
void block_refused(struct block_state *state, const struct object_view *view, const struct set_item *culprit,
                   enum set_error error);

#endif
