/* Whole-PDU SET: everything that can fail is tried on copies first, so that a PDU is applied in
 * whole or not at all. Nothing here blocks, allocates or touches the live stores. */
#ifndef NTCIP_SET_H
#define NTCIP_SET_H

#include "object.h"

enum {
    SET_ITEMS_MAX = 1024, /* varbinds in one PDU */
    SET_OPS_MAX = 512,    /* control objects there are, and some to spare */
    SET_SOURCE_MAX = 64,
};

struct set_item {
    struct object_id id;
    struct value value;
};

struct set_result {
    enum set_error error;
    int index; /* of the culprit, from 1; 0: the PDU as a whole */
    char message[SET_MESSAGE_MAX];
};

/* A further check of the staged database, e.g. against the cabinet's floors. Returns 0, or -1 with
 * the field to blame and a message. */
typedef int set_database_check(void *arg, const struct database *db, size_t *field_offset, char *message,
                               size_t message_size);

/* What a PDU will do once it is carried out. About 150 kB: keep one, do not put it on a small
 * stack. */
struct set_stage {
    struct database db; /* the database, or the candidate of the transaction, with the PDU applied */
    bool db_changed;    /* the database is to become `db`, which differs from the one before */
    bool candidate_changed;
    enum transaction_move move;
    char verify_error[TRANSACTION_ERROR_MAX]; /* what MOVE_VERIFY has found; empty: nothing */
    char who[TRANSACTION_OWNER_MAX];          /* the sender */
    char source[SET_SOURCE_MAX];
    bool calls_device;                 /* objects outside of the engine are written: set_call_device() */
    struct control_op op[SET_OPS_MAX]; /* in the order of the varbinds */
    size_t op_count;
    bool sets_clock; /* globalTime was written */
    int64_t clock_utc_s;
    /* private: the varbinds as they came, which their owner keeps until the stage is carried out, and decoded
     */
    const struct set_item *item;
    size_t count;
    struct object_instance at[SET_ITEMS_MAX];
};

/* Judges one varbind by itself: exists, for this sender (may be NULL), writable, type, length, range. `index`
 * goes into the result. Returns the error. */
enum set_error set_check(const struct set_item *item, int index, const struct set_sender *sender,
                         struct set_result *result);

/* Judges a whole PDU: set_check() of each, the same object twice, the rules between control objects and
 * those of transactions, database_check() and `check` (may be NULL) on the staged database. `view` is the
 * state now, its control with all operations not yet taken by the tick already applied. Inside of a
 * transaction only each value by itself is judged, and all of them together when it is verified; control
 * objects act at once all the same. A `sender` of NULL knows no transactions: everything is taken at once.
 * On error `stage` holds nothing of use. Returns the error, as in `result`. */
enum set_error set_stage(const struct set_item item[], size_t count, const struct object_view *view,
                         const struct set_sender *sender, set_database_check *check, void *check_arg,
                         struct set_stage *stage, struct set_result *result);

/* Carries out what a stage does to a transaction: its states, its candidate. */
void set_transact(const struct set_stage *stage, const struct database *db, struct transaction *transaction,
                  struct database *candidate, int64_t now_s);

/* Carries out what a stage does outside of the engine. */
void set_call_device(const struct set_stage *stage, struct device *device);

/* "wrongValue" and the like. */
const char *set_error_name(enum set_error error);

#endif
