/* The rules between the cabinet's card and the database. The guard would stop a plan that breaks one;
 * these find it before it is put in force, in a config file and in a SET alike. */
#ifndef CONTROLLER_CARD_H
#define CONTROLLER_CARD_H

#include "../io/io_config.h"
#include "../phases/database.h"
#include "../phases/guard.h"

enum { CARD_REASON_MAX = 192 };

/* One breach: the database field that carries the blame, the row it stands in (phase or channel),
 * and what is wrong with it in words. */
struct card_fault {
    size_t field_offset;
    int row_no;
    const char *reason;
};

typedef void card_report(void *arg, const struct card_fault *fault);

/* Checks that the database lets no phases run together whose channels the card keeps apart, that no
 * yellow or red clearance is below the card's floor, that every lamp group is driven by its phase and
 * everything driven is a lamp group, and that flash shows what the card says. Returns the number of
 * breaches. Pure; never blocks. */
int card_check(const struct guard_card *card, const struct feed_config *groups, const struct database *db,
               card_report *report, void *arg);

#endif
