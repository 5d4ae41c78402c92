#include "transaction.h"
#include <stdio.h>
#include <string.h>

void transaction_init(struct transaction *t)
{
    *t = (struct transaction){.state = TRANSACTION_NORMAL, .verdict = VERDICT_NONE};
}

bool transaction_takes(const struct transaction *t, int64_t wanted, enum transaction_move *move)
{
    *move = MOVE_NONE;
    switch ((enum transaction_state)t->state) {
    case TRANSACTION_NORMAL:
        if (wanted == TRANSACTION_OPEN)
            *move = MOVE_OPEN;
        break;
    case TRANSACTION_OPEN:
        if (wanted == TRANSACTION_VERIFY)
            *move = MOVE_VERIFY;
        else if (wanted == TRANSACTION_NORMAL)
            *move = MOVE_DISCARD;
        break;
    case TRANSACTION_DONE:
        if (wanted == TRANSACTION_OPEN)
            *move = MOVE_REOPEN;
        else if (wanted == TRANSACTION_NORMAL)
            *move = t->verdict == VERDICT_GOOD ? MOVE_COMMIT : MOVE_DISCARD;
        break;
    case TRANSACTION_VERIFY:
        break;
    }
    return *move != MOVE_NONE;
}

bool transaction_is_owned(const struct transaction *t, const char *who)
{
    return t->state != TRANSACTION_NORMAL && who && strcmp(t->owner, who) == 0;
}

void transaction_move(struct transaction *t, enum transaction_move move, const char *who, const char *error)
{
    bool faulty = error && *error;
    switch (move) {
    case MOVE_NONE:
        return;
    case MOVE_OPEN:
        transaction_init(t);
        t->state = TRANSACTION_OPEN;
        snprintf(t->owner, sizeof t->owner, "%s", who);
        return;
    case MOVE_REOPEN:
        t->state = TRANSACTION_OPEN;
        t->verdict = VERDICT_NONE;
        t->error[0] = '\0';
        return;
    case MOVE_VERIFY:
        t->state = TRANSACTION_DONE;
        t->verdict = faulty ? VERDICT_FAULTY : VERDICT_GOOD;
        snprintf(t->error, sizeof t->error, "%s", faulty ? error : "NO VERIFICATION ERROR");
        return;
    case MOVE_DISCARD:
    case MOVE_COMMIT:
        transaction_init(t);
        return;
    }
}

void transaction_touch(struct transaction *t, int64_t now_s)
{
    t->touched_s = now_s;
}

bool transaction_expire(struct transaction *t, int64_t now_s, int64_t idle_s)
{
    if (t->state == TRANSACTION_NORMAL || now_s - t->touched_s < idle_s)
        return false;
    transaction_init(t);
    return true;
}
