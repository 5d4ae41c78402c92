/* The manager's side, for tests: requests of any version with communities, sent one at a time, each answer
 * waited for. Values both ways are those of ntcip/value.h. */
#ifndef TESTS_SNMP_CLIENT_H
#define TESTS_SNMP_CLIENT_H

#include "../../ntcip/object.h"

enum { CLIENT_ITEMS_MAX = 128 };

enum client_verb { CLIENT_GET, CLIENT_GETNEXT, CLIENT_GETBULK, CLIENT_SET };

/* What stands in the place of a value. */
enum client_exception { HAS_VALUE, NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_VIEW };

struct client_item {
    struct object_id id;
    struct value value; /* of octets the first VALUE_OCTETS_MAX; `length` tells how many there were.
                           VALUE_OTHER: NULL */
    enum client_exception exception;
};

struct client_answer {
    long error, index;
    size_t count;
    struct client_item item[CLIENT_ITEMS_MAX];
};

struct client;

/* Opens version 1 or 2 (2c) to an address like udp:127.0.0.1:161. Returns NULL if that cannot be. */
struct client *client_open(int version, const char *address, const char *community);
void client_close(struct client *client);

/* Sends the items and waits for the answer, 5 s at most. A CLIENT_GETBULK asks for as many repetitions as fit
 * the answer. Returns 0, or -1 without an answer. */
int client_ask(struct client *client, enum client_verb verb, const struct client_item *item, size_t count,
               struct client_answer *out);

#endif
