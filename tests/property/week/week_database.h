/* A random database with everything in it, two versions of it, and the card of a cabinet that fits both. */
#ifndef TESTS_PROPERTY_WEEK_DATABASE_H
#define TESTS_PROPERTY_WEEK_DATABASE_H

#include "../../../phases/guard.h"
#include "../../../phases/plan.h"

enum { WEEK_LEADS = 40 }; /* so much higher than a phase's own are the numbers of detectors ahead of it */

struct week_junction {
    struct database db[2]; /* the second has other times, perhaps less structure, but no new conflict */
    struct plan plan[2];
    struct guard_card card;
    bool omits_red_clear; /* the centre may leave red clearances out: the card has no floor for them */
    int64_t utc_ds;       /* at which the week begins; a change of daylight saving is near in most */
};

/* Both versions pass database_check(). */
void week_random_junction(struct week_junction *junction, uint64_t *random);

/* A junction as it stands in a config file; both versions are the same. Returns 0, or -1 after saying why on
 * standard error. */
int week_load_junction(struct week_junction *junction, const char *path, uint64_t *random);

#endif
