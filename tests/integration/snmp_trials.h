/* What to try with an object that can be written: each bound and what lies beyond it, wrong types, wrong
 * lengths. */
#ifndef TESTS_SNMP_TRIALS_H
#define TESTS_SNMP_TRIALS_H

#include "../../ntcip/set.h"

enum { TRIALS_MAX = 12 };

struct trial {
    struct value value;
    enum set_error expected; /* SET_OK: its type, length and range are those of the object */
};

struct value trial_number(int64_t n);

/* Returns how many there are. Long values stay as they are until the next call. */
size_t trials_of(const struct object *object, struct trial out[TRIALS_MAX]);

#endif
