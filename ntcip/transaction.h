/* Database transactions (NTCIP 1201 v03 2.3.1): parameters are gathered in a candidate, checked as a whole,
 * and become the database in one step, or not at all. Pure: who keeps a transaction carries out what
 * set_stage() has judged. Nothing here blocks. */
#ifndef NTCIP_TRANSACTION_H
#define NTCIP_TRANSACTION_H

#include "../phases/database.h"

enum { TRANSACTION_OWNER_MAX = 64, TRANSACTION_ERROR_MAX = 256 };

/* dbCreateTransaction. Verifying takes no time here: from VERIFY it goes to DONE at once. */
enum transaction_state {
    TRANSACTION_NORMAL = 1,
    TRANSACTION_OPEN = 2,
    TRANSACTION_VERIFY = 3,
    TRANSACTION_DONE = 6,
};

/* dbVerifyStatus. */
enum transaction_verdict {
    VERDICT_NONE = 1,
    VERDICT_FAULTY = 2,
    VERDICT_GOOD = 3,
};

/* What a SET of dbCreateTransaction does. */
enum transaction_move {
    MOVE_NONE,
    MOVE_OPEN,   /* the candidate begins as a copy of the database */
    MOVE_REOPEN, /* it is worked on again as it is */
    MOVE_VERIFY,
    MOVE_DISCARD,
    MOVE_COMMIT,
};

struct transaction {
    uint8_t state;                     /* enum transaction_state */
    uint8_t verdict;                   /* enum transaction_verdict */
    char error[TRANSACTION_ERROR_MAX]; /* dbVerifyError: what verifying has found; empty before */
    char owner[TRANSACTION_OWNER_MAX]; /* who opened it; empty in NORMAL */
    int64_t touched_s; /* when it was last written to, by whatever clock transaction_expire() is given */
};

void transaction_init(struct transaction *t);

/* What writing `wanted` does now; false where the state does not take it. */
bool transaction_takes(const struct transaction *t, int64_t wanted, enum transaction_move *move);

/* Whether `who` may go on with it. Nobody owns what is not open. NULL, who comes by a protocol without
 * names, is nobody. */
bool transaction_is_owned(const struct transaction *t, const char *who);

/* The states behind a move. `error` is what verifying has found, NULL or empty for nothing. */
void transaction_move(struct transaction *t, enum transaction_move move, const char *who, const char *error);

/* The owner has written. */
void transaction_touch(struct transaction *t, int64_t now_s);

/* Gives up what its owner has left alone for `idle_s`. Returns whether it did. */
bool transaction_expire(struct transaction *t, int64_t now_s, int64_t idle_s);

#endif
