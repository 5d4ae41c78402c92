/* Blocks (NTCIP 1202 v03 5.12): many parameters of a table in one OCTET STRING, in OER. ascBlockGetControl
 * says which rows of which block a GET of ascBlockData brings; a SET of ascBlockData names them itself:
 *
 *     dataType, dataID, index1, quantity1 [, index2, quantity2], number of rows, row, row, ...
 *
 * A block of a table with two keys brings all rows of its first index before those of the next. Pure: nothing
 * here blocks, allocates or keeps anything. */
#ifndef NTCIP_BLOCK_H
#define NTCIP_BLOCK_H

#include "oer.h"

enum {
    BLOCK_SELECTOR_MAX = 12,
    BLOCK_DATA_MAX = VALUE_LONG_MAX, /* the most an answer brings */
    BLOCK_MEMBERS_MAX = 24,
};

/* Why a block is refused, as ascBlockErrorStatus numbers it. Of a key (0 or 1) 2 more each. What is
 * wrong with an element is 100 times its row in the block, plus its place in the row, both from 1. */
enum block_error {
    BLOCK_OK = 0,
    BLOCK_NO_TYPE = 1,
    BLOCK_NO_ID = 2,
    BLOCK_NO_INDEX = 3,
    BLOCK_NO_QUANTITY = 4,
    BLOCK_WRONG_LENGTH = 13,
    BLOCK_TOO_MUCH = 14,     /* of a selector: the answer could be longer than BLOCK_DATA_MAX */
    BLOCK_WRONG_ROWS = 14,   /* of data: not as many rows as the quantities say */
    BLOCK_ERROR_MAX = 65535, /* stands for elements beyond row 654 as well */
};

/* The blocks that STMP, which they are about, does not carry. */
enum {
    BLOCK_DYNAMIC_DEFINITION = 0x0F,
    BLOCK_DYNAMIC_OWNER = 0x10,
    BLOCK_DYNAMIC_STATUS = 0x11,
};

struct block {
    uint8_t id;
    const char *name;
    const char *const *member; /* names of objects; NULL behind the last */
};

/* All blocks of data type 0, in the order of their ids. */
extern const struct block block_all[];
extern const size_t block_count;

/* Rows of a block. A block of scalars has the one row 1; without a second key that is 1, 1 too. */
struct block_selection {
    const struct block *block;
    uint8_t first[2];
    uint8_t quantity[2];
};

/* Judges what ascBlockGetControl is to become. Returns 0 or an enum block_error. `view` tells which rows
 * are there; `out` may be NULL. */
int block_select(const uint8_t *octet, size_t size, const struct object_view *view,
                 struct block_selection *out);

/* What ascBlockData reads as. The writer is full if it does not fit. Returns 0, or -1 where a value
 * cannot be read. */
int block_encode(const struct block_selection *selection, const struct object_view *view,
                 struct oer_writer *writer);

/* Takes one element; false refuses it. */
typedef bool block_visitor(void *arg, const struct object_instance *at, const struct value *value);

/* Takes ascBlockData apart, one `visit` for each element, until one is refused. Returns 0 or what
 * ascBlockErrorStatus is to say; only then are all elements known to be good. */
int block_decode(const uint8_t *octet, size_t size, const struct object_view *view, block_visitor *visit,
                 void *arg);

/* Says a rule in words: an error below 100. */
void block_rule_text(int rule, char *out, size_t size);

#endif
