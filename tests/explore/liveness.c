#include "liveness.h"
#include <stdlib.h>
#include <string.h>

/* Each round leaves a state only the waits that one of its successors still knows in the round before: a
 * wait that goes on for n steps at most is gone after n rounds, and what never goes is on a cycle. */
static bool round_over(const struct search *s, const uint64_t *before, uint64_t *after)
{
    uint64_t changed = 0;
    for (uint32_t state = 0; state < s->expanded; state++) {
        uint64_t lasting = 0;
        for (uint64_t i = s->first[state]; i < s->first[state + 1] && (before[state] & ~lasting); i++)
            lasting |= before[s->edge[i]];
        after[state] = before[state] & lasting;
        changed |= before[state] ^ after[state];
    }
    return changed == 0;
}

/* Follows the wait from state to state until one comes again. */
static int close_lasso(const struct search *s, const uint64_t *lasting, struct lasso *lasso)
{
    uint32_t *seen_at = calloc(s->states, sizeof *seen_at); /* place on the way + 1 */
    uint32_t *way = malloc((size_t)s->states * sizeof *way);
    uint32_t state = 0, length = 0;
    if (!seen_at || !way) {
        free(seen_at);
        free(way);
        return -2;
    }
    while (!lasting[state])
        state++;
    lasso->bit = __builtin_ctzll(lasting[state]);
    while (!seen_at[state]) {
        seen_at[state] = length + 1;
        way[length++] = state;
        uint64_t i = s->first[state];
        while (!(lasting[s->edge[i]] >> lasso->bit & 1))
            i++;
        state = s->edge[i];
    }
    uint32_t begin = seen_at[state] - 1;
    lasso->entry = state;
    lasso->length = length - begin;
    memmove(way, way + begin, lasso->length * sizeof *way);
    lasso->cycle = way;
    free(seen_at);
    return -1;
}

int liveness_check(const struct search *s, struct lasso *lasso)
{
    uint64_t *before = malloc((size_t)s->states * sizeof *before);
    uint64_t *after = calloc(s->states, sizeof *after);
    int rounds = 0, result = -2;
    memset(lasso, 0, sizeof *lasso);
    if (before && after) {
        memcpy(before, s->waiting, (size_t)s->states * sizeof *before);
        for (uint32_t state = s->expanded; state < s->states; state++)
            before[state] = 0; /* not expanded: nothing is known of what follows */
        while (!round_over(s, before, after)) {
            uint64_t *done = before;
            before = after;
            after = done;
            rounds++;
        }
        uint64_t any = 0;
        for (uint32_t state = 0; state < s->expanded; state++)
            any |= after[state];
        result = any ? close_lasso(s, after, lasso) : rounds;
    }
    free(before);
    free(after);
    return result;
}
