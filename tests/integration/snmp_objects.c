/* Every object of the table, over the network: a whole walk is exactly the table; GET and GETNEXT agree with
 * it; SETs within and beyond each bound, of the wrong type, of the wrong length and to rows that cannot be,
 * by versions 1 and 2c, outside and inside of a transaction.
 *
 *     snmp_objects ADDRESS COMMUNITY     (of an agent of defaults, the community an administrator's of
 * version 1 too) snmp_objects --names               prints the names of all objects
 */
#include "../../ntcip/set.h"
#include "snmp_client.h"
#include "snmp_trials.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSTANCES_MAX = 200000, TOLD_MAX = 20, BATCH = 60, V1_NO_SUCH_NAME = 2, V1_BAD_VALUE = 3 };

/* What a walk has found. */
struct found {
    struct object_instance at;
    struct value value;
};
static struct found *found;
static size_t found_count;

static struct client *v1, *v2;
static struct client_answer answer;
static unsigned checks, failures; /* of this pass */
static bool failed;
static char place[160]; /* what is being looked at */

/* ---- telling ---- */

static void __attribute__((format(printf, 2, 3))) check(bool good, const char *format, ...)
{
    checks++;
    if (good)
        return;
    if (failures++ < TOLD_MAX) {
        va_list arguments;
        va_start(arguments, format);
        printf("FAIL snmp_objects: %s: ", place);
        vprintf(format, arguments);
        printf("\n");
        va_end(arguments);
    }
}

/* One line for a whole pass. */
static void tell(const char *pass)
{
    if (failures == 0)
        printf("ok snmp_objects: %s (%u checks)\n", pass, checks);
    else
        printf("FAIL snmp_objects: %s (%u of %u checks)\n", pass, failures, checks);
    failed = failed || failures != 0;
    checks = failures = 0;
}

static _Noreturn void give_up(const char *what)
{
    printf("FAIL snmp_objects: %s\n", what);
    exit(1);
}

static void look_at(const struct object_instance *at)
{
    object_format(at, place, sizeof place);
}

/* ---- values ---- */

/* A number beyond 31 bits travels as the negative one of the same bits, too. */
static void unfold(const struct object *object, struct value *value)
{
    if (value->type == VALUE_INTEGER && object->high > INT32_MAX && value->number < 0)
        value->number += INT64_C(1) << 32;
}

static bool same(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_INTEGER:
    case VALUE_COUNTER:
    case VALUE_GAUGE:
    case VALUE_TIMETICKS:
        return a->number == b->number;
    case VALUE_OCTETS:
    case VALUE_IP_ADDRESS:
    case VALUE_OPAQUE:
        return a->length == b->length &&
               memcmp(a->octet, b->octet, a->length < VALUE_OCTETS_MAX ? a->length : VALUE_OCTETS_MAX) == 0;
    case VALUE_OBJECT_ID:
        return a->id.length == b->id.length &&
               memcmp(a->id.arc, b->id.arc, a->id.length * sizeof a->id.arc[0]) == 0;
    case VALUE_OTHER:
        break;
    }
    return true;
}

/* Whether it may be another one a moment later, though nobody has written it. */
static bool moves(const struct object *object)
{
    return object->syntax == SYNTAX_COUNTER || object->syntax == SYNTAX_TIMETICKS ||
           object->syntax == SYNTAX_GAUGE;
}

/* Whether the table does not say that it must be there. */
static bool may_be_absent(const struct object *object)
{
    return (object->table && (object->table->present || object->table->when)) || object->store == STORE_BLOCK;
}

/* ---- the walk ---- */

static int compare(const struct object_id *a, const struct object_id *b)
{
    for (int i = 0; i < a->length && i < b->length; i++)
        if (a->arc[i] != b->arc[i])
            return a->arc[i] < b->arc[i] ? -1 : 1;
    return a->length - b->length;
}

static void take(const struct client_item *item)
{
    struct found *to = &found[found_count];
    struct object_id id;
    if (found_count == INSTANCES_MAX || object_find(&item->id, &to->at) != OBJECT_OK)
        give_up("a walk finds what is not in the table");
    look_at(&to->at);
    object_instance_id(&to->at, &id);
    check(compare(&id, &item->id) == 0, "a walk shows another name of it");
    to->value = item->value;
    unfold(to->at.object, &to->value);
    /* How many there are of what this hardware does not have is 0, though the standard begins at 1. */
    bool nothing = !to->at.object->table && !to->at.object->writable && to->value.number == 0;
    check(object_fits(to->at.object, &to->value) == FIT_OK || nothing, "its value is none it may have");
    found_count++;
}

static void walk_everything(void)
{
    struct client_item from = {.id = {.length = 2, .arc = {1, 3}}};
    found_count = 0;
    for (;;) {
        if (client_ask(v2, CLIENT_GETBULK, &from, 1, &answer) != 0 || answer.error != 0 || answer.count == 0)
            give_up("a walk is not answered");
        for (size_t i = 0; i < answer.count; i++) {
            if (answer.item[i].exception == END_OF_VIEW)
                return;
            if (compare(&answer.item[i].id, &from.id) <= 0)
                give_up("a walk does not go on");
            take(&answer.item[i]);
            from = answer.item[i];
        }
    }
}

/* The table, instance by instance: each is found next, or may be absent. */
static void the_walk_is_the_table(void)
{
    size_t next = 0;
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        int rows = object->table ? object->table->rows[0] : 1;
        int columns = object->table && object->table->keys == 2 ? object->table->rows[1] : 1;
        for (int row = 0; row < rows * columns; row++) {
            struct object_instance at = {.object = object};
            if (object->table) {
                at.row[0] = (uint16_t)(row / columns + 1);
                at.row[1] = (uint16_t)(object->table->keys == 2 ? row % columns + 1 : 0);
            }
            const struct object_instance *here = &found[next].at;
            bool there = next < found_count && here->object == object && here->row[0] == at.row[0] &&
                         here->row[1] == at.row[1];
            look_at(&at);
            check(there || may_be_absent(object), "is not in a walk");
            next += there;
        }
    }
    check(next == found_count, "a walk has %zu instances, the table %zu", found_count, next);
    tell("a walk is the table, in its order, with values of the right type and range");
}

/* ---- GET and GETNEXT ---- */

static void check_read(const struct client_item *item, const struct found *expected)
{
    struct object_id id;
    struct value value = item->value;
    object_instance_id(&expected->at, &id);
    unfold(expected->at.object, &value);
    look_at(&expected->at);
    check(compare(&id, &item->id) == 0, "another instance is read");
    check(item->exception == HAS_VALUE && (moves(expected->at.object) || same(&value, &expected->value)),
          "it does not read as in the walk");
}

static void everything_is_read(void)
{
    struct client_item item[BATCH];
    for (size_t first = 0; first < found_count; first += BATCH) {
        size_t count = found_count - first < BATCH ? found_count - first : BATCH;
        for (size_t i = 0; i < count; i++)
            object_instance_id(&found[first + i].at, &item[i].id);
        if (client_ask(v2, CLIENT_GET, item, count, &answer) != 0 || answer.count != count)
            give_up("a GET is not answered");
        for (size_t i = 0; i < count; i++)
            check_read(&answer.item[i], &found[first + i]);
        if (client_ask(v2, CLIENT_GETNEXT, item, count, &answer) != 0 || answer.count != count)
            give_up("a GETNEXT is not answered");
        for (size_t i = 0; i < count; i++) {
            if (first + i + 1 < found_count)
                check_read(&answer.item[i], &found[first + i + 1]);
            else
                check(answer.item[i].exception == END_OF_VIEW, "something follows the end");
        }
    }
    tell("GET reads each instance, GETNEXT the one behind it");
}

/* The object itself, a row too low, a row too high, an instance with an arc too many. */
static size_t names_beside(const struct object *object, struct client_item item[4])
{
    for (int i = 0; i < 4; i++)
        item[i] = (struct client_item){.id = object->id, .value = trial_number(object->low)};
    const struct object_table *table = object->table;
    struct object_instance first = {.object = object,
                                    .row = {table ? 1 : 0, table && table->keys == 2 ? 1 : 0}};
    for (int i = 1; i < 4; i++)
        object_instance_id(&first, &item[i].id);
    struct object_id *low = &item[1].id, *high = &item[2].id, *deep = &item[3].id;
    if (table) {
        low->arc[low->length - 1] = 0;
        high->arc[high->length - 1] = table->rows[table->keys - 1] + 1u;
    } else {
        low->arc[low->length - 1] = 2;
        high->arc[high->length - 1] = UINT32_MAX;
    }
    deep->arc[deep->length++] = 1;
    return 4;
}

static void what_is_not_there_is_not_read(void)
{
    struct client_item item[4];
    for (size_t i = 0; i < object_count; i++) {
        snprintf(place, sizeof place, "%s", object_all[i].name);
        size_t count = names_beside(&object_all[i], item);
        if (client_ask(v2, CLIENT_GET, item, count, &answer) != 0 || answer.count != count)
            give_up("a GET of what is not there is not answered");
        check(answer.error == 0, "error %ld", answer.error);
        for (size_t n = 0; n < count; n++)
            check(answer.item[n].exception == NO_SUCH_INSTANCE ||
                      (object_all[i].lenient && answer.item[n].exception == HAS_VALUE),
                  "a row that is not there is read (%zu)", n);
        client_ask(v1, CLIENT_GET, &item[1], 1, &answer);
        check(answer.error == V1_NO_SUCH_NAME && answer.index == 1, "version 1: error %ld at %ld",
              answer.error, answer.index);
    }
    tell("rows beside the table are not there");
}

/* ---- SET ---- */

/* RFC 3584 4.4. */
static long in_version_1(enum set_error error)
{
    switch (error) {
    case SET_WRONG_TYPE:
    case SET_WRONG_LENGTH:
    case SET_WRONG_VALUE:
    case SET_INCONSISTENT_VALUE:
        return V1_BAD_VALUE;
    case SET_NO_ACCESS:
    case SET_NO_CREATION:
    case SET_NOT_WRITABLE:
        return V1_NO_SUCH_NAME;
    case SET_OK:
    case SET_TOO_BIG:
    case SET_GENERAL:
    case SET_RESOURCE_UNAVAILABLE:
        break;
    }
    return (long)SET_GENERAL;
}

static long set_by(struct client *client, const struct object_id *id, const struct value *value)
{
    struct client_item item = {.id = *id, .value = *value};
    if (client_ask(client, CLIENT_SET, &item, 1, &answer) != 0)
        give_up("a SET is not answered");
    return answer.error;
}

/* By both versions, each in its own words. */
static void refused(const struct object_id *id, const struct value *value, enum set_error expected)
{
    long index = expected == SET_GENERAL ? 0 : 1;
    long came = set_by(v2, id, value);
    check(came == (long)expected && answer.index == index, "%s expected, error %ld at %ld came",
          set_error_name(expected), came, answer.index);
    came = set_by(v1, id, value);
    check(came == in_version_1(expected) && answer.index == index,
          "version 1: error %ld expected, %ld at %ld came", in_version_1(expected), came, answer.index);
}

static struct value read_now(const struct object_instance *at)
{
    struct client_item item = {.value = {.type = VALUE_OTHER}};
    object_instance_id(at, &item.id);
    if (client_ask(v2, CLIENT_GET, &item, 1, &answer) != 0)
        give_up("a GET is not answered");
    if (answer.count == 1 && answer.error == 0)
        item = answer.item[0];
    unfold(at->object, &item.value);
    return item.value;
}

/* Where only the range is judged, and what is read is what was written. */
static bool is_plain(const struct object *object)
{
    bool stored = object->store == STORE_DATABASE || object->store == STORE_CONTROL;
    return stored && !object->judge && !object->reader && !object->wins && !object->row_status;
}

/* A value of the right kind, outside of a transaction. What else may stand against it, the object's own judge
 * knows. */
static void try_good(const struct object_instance *at, const struct value *value)
{
    const struct object *object = at->object;
    struct object_id id;
    object_instance_id(at, &id);
    if (object->store == STORE_DATABASE && object->class == CLASS_P2) {
        refused(&id, value, SET_GENERAL);
        return;
    }
    struct value before = read_now(at);
    long came = set_by(v2, &id, value);
    check(came == SET_OK || object->judge, "a value within its range: error %ld", came);
    if (came != SET_OK)
        return;
    struct value after = read_now(at);
    check(!is_plain(object) || same(&after, value), "it does not read as it was written");
    if (object->store == STORE_DATABASE || object->store == STORE_CONTROL)
        check(set_by(v1, &id, &before) == SET_OK, "its old value is not taken back");
}

static void try_object(const struct object_instance *at)
{
    struct trial trial[TRIALS_MAX];
    struct object_id id;
    look_at(at);
    object_instance_id(at, &id);
    struct value before = read_now(at), low = trial_number(at->object->low);
    if (!at->object->writable) {
        refused(&id, &low, SET_NOT_WRITABLE);
        return;
    }
    size_t count = trials_of(at->object, trial);
    for (size_t i = 0; i < count; i++) {
        if (trial[i].expected != SET_OK)
            refused(&id, &trial[i].value, trial[i].expected);
        else if (at->object->store != STORE_TRANSACTION && at->object->store != STORE_BLOCK)
            try_good(at, &trial[i].value);
    }
    struct value after = read_now(at);
    bool kept = at->object->store == STORE_DATABASE || at->object->store == STORE_CONTROL;
    check(!kept || same(&before, &after), "it is not what it was before");
}

static void try_rows_beside(const struct object *object)
{
    struct client_item item[4];
    snprintf(place, sizeof place, "beside %s", object->name);
    size_t count = names_beside(object, item);
    for (size_t i = 0; i < count; i++)
        if (!object->lenient || i > 0)
            refused(&item[i].id, &item[i].value, object->writable ? SET_NO_CREATION : SET_NOT_WRITABLE);
}

/* The first and the last row of each object that a walk has found. */
static void for_each_object(void (*act)(const struct object_instance *at))
{
    for (size_t i = 0; i < found_count; i++) {
        bool first = i == 0 || found[i - 1].at.object != found[i].at.object;
        bool last = i + 1 == found_count || found[i + 1].at.object != found[i].at.object;
        if (first || last)
            act(&found[i].at);
    }
}

static void every_object_is_set(void)
{
    struct object_instance manual;
    struct object_id id;
    struct value on = trial_number(255), off = trial_number(0);
    /* unitMCEIntAdv can be written under remote manual control alone. */
    if (object_parse("unitMCETimeout.0", &manual) != OBJECT_OK)
        give_up("unitMCETimeout");
    object_instance_id(&manual, &id);
    set_by(v2, &id, &on);
    for_each_object(try_object);
    set_by(v2, &id, &off);
    tell("SETs at and beyond the bounds, of wrong types and lengths, by both versions");
    for (size_t i = 0; i < object_count; i++)
        try_rows_beside(&object_all[i]);
    tell("rows beside the table are not created");
}

/* ---- in a transaction ---- */

static void try_in_transaction(const struct object_instance *at)
{
    struct trial trial[TRIALS_MAX];
    struct object_id id;
    if (!at->object->writable || at->object->store != STORE_DATABASE)
        return;
    look_at(at);
    object_instance_id(at, &id);
    struct value before = read_now(at);
    size_t count = trials_of(at->object, trial);
    for (size_t i = 0; i < count; i++) {
        if (trial[i].expected != SET_OK)
            refused(&id, &trial[i].value, trial[i].expected);
        else
            check(set_by(v2, &id, &trial[i].value) == SET_OK || at->object->judge,
                  "is not gathered: error %ld", answer.error);
    }
    struct value after = read_now(at);
    check(same(&before, &after), "what is gathered is read");
}

static void move(enum transaction_state to)
{
    struct object_instance at;
    struct object_id id;
    struct value value = trial_number(to);
    snprintf(place, sizeof place, "dbCreateTransaction := %d", to);
    check(object_parse("dbCreateTransaction.0", &at) == OBJECT_OK, "is not there");
    object_instance_id(&at, &id);
    check(set_by(v2, &id, &value) == SET_OK, "error %ld", answer.error);
}

static void every_parameter_is_gathered(void)
{
    move(TRANSACTION_OPEN);
    for_each_object(try_in_transaction);
    move(TRANSACTION_NORMAL);
    tell("the same within a transaction, where nothing of it is read, and none of it is left");
}

/* A second walk is the first one. */
static void nothing_has_changed(void)
{
    struct found *before = malloc(found_count * sizeof *before);
    size_t count = found_count;
    if (!before)
        give_up("memory is short");
    memcpy(before, found, found_count * sizeof *before);
    walk_everything();
    snprintf(place, sizeof place, "the walk at the end");
    check(count == found_count, "%zu instances, before %zu", found_count, count);
    for (size_t i = 0; i < count && i < found_count; i++) {
        const struct object *object = found[i].at.object;
        bool kept = object->store == STORE_DATABASE || object->store == STORE_CONTROL;
        look_at(&found[i].at);
        check(!kept || same(&before[i].value, &found[i].value), "has changed for good");
    }
    free(before);
    tell("after all of it every parameter and command is what it was");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--names") == 0) {
        for (size_t i = 0; i < object_count; i++)
            printf("%s\n", object_all[i].name);
        return 0;
    }
    if (argc != 3) {
        fprintf(stderr, "usage: snmp_objects ADDRESS COMMUNITY | --names\n");
        return 2;
    }
    found = malloc(INSTANCES_MAX * sizeof *found);
    v1 = client_open(1, argv[1], argv[2]);
    v2 = client_open(2, argv[1], argv[2]);
    if (!found || !v1 || !v2)
        give_up("no session");
    walk_everything();
    the_walk_is_the_table();
    everything_is_read();
    what_is_not_there_is_not_read();
    every_object_is_set();
    every_parameter_is_gathered();
    nothing_has_changed();
    printf("    %zu objects, %zu instances\n", object_count, found_count);
    client_close(v1);
    client_close(v2);
    free(found);
    return failed;
}
