#include "snmp_trials.h"
#include <string.h>

struct value trial_number(int64_t n)
{
    return (struct value){.type = VALUE_INTEGER, .number = n};
}

static struct value octets(size_t length, uint8_t octet)
{
    static uint8_t room[UINT16_MAX];
    struct value value = {.type = VALUE_OCTETS, .length = (uint16_t)length};
    memset(value.octet, octet, VALUE_OCTETS_MAX);
    if (length > VALUE_OCTETS_MAX) {
        memset(room, octet, length);
        value.all = room;
    }
    return value;
}

static size_t number_trials(const struct object *object, struct trial *out)
{
    size_t count = 0;
    out[count++] = (struct trial){trial_number(object->low), SET_OK};
    out[count++] = (struct trial){trial_number(object->legal ? object->legal : object->high), SET_OK};
    bool folds = object->high > INT32_MAX; /* below it are the highest numbers once more */
    if (object->low > INT32_MIN && !folds)
        out[count++] = (struct trial){trial_number(object->low - 1), SET_WRONG_VALUE};
    if (object->high < INT32_MAX)
        out[count++] = (struct trial){trial_number(object->high + 1), SET_WRONG_VALUE};
    if (object->legal && object->high & ~(int64_t)object->legal)
        out[count++] = (struct trial){trial_number(object->high & ~(int64_t)object->legal), SET_WRONG_VALUE};
    if (!object->counter_too)
        out[count++] = (struct trial){{.type = VALUE_COUNTER, .number = object->low}, SET_WRONG_TYPE};
    out[count++] = (struct trial){{.type = VALUE_GAUGE, .number = object->low}, SET_WRONG_TYPE};
    out[count++] = (struct trial){octets(1, 1), SET_WRONG_TYPE};
    return count;
}

static size_t octet_trials(const struct object *object, struct trial *out)
{
    bool list = object->syntax == SYNTAX_LIST;
    size_t least = list ? 0 : (size_t)object->low, most = list ? object->length : (size_t)object->high;
    uint8_t one = list ? (uint8_t)object->high : 'a';
    size_t count = 0;
    out[count++] = (struct trial){octets(least, one), SET_OK};
    out[count++] = (struct trial){octets(most < VALUE_OCTETS_MAX ? most : VALUE_OCTETS_MAX, one), SET_OK};
    if (least > 0)
        out[count++] = (struct trial){octets(least - 1, one), SET_WRONG_LENGTH};
    if (most < UINT16_MAX)
        out[count++] = (struct trial){octets(most + 1, one), SET_WRONG_LENGTH};
    if (list && object->low > 0)
        out[count++] = (struct trial){octets(1, (uint8_t)(object->low - 1)), SET_WRONG_VALUE};
    if (list && object->high < UINT8_MAX)
        out[count++] = (struct trial){octets(1, (uint8_t)(object->high + 1)), SET_WRONG_VALUE};
    out[count++] = (struct trial){trial_number(1), SET_WRONG_TYPE};
    return count;
}

static size_t pointer_trials(const struct object *object, struct trial *out)
{
    struct value id = {.type = VALUE_OBJECT_ID, .id = {.length = 2}};
    size_t count = 0;
    out[count++] = (struct trial){id, SET_OK}; /* 0.0 */
    struct object_instance target = {.object = &object_all[0]};
    if (object->syntax == SYNTAX_POINTER)
        target = (struct object_instance){.object = object_by_name(object->target), .row = {1, 0}};
    object_instance_id(&target, &id.id);
    out[count++] = (struct trial){id, SET_OK};
    if (object->syntax == SYNTAX_POINTER) {
        id.id.arc[id.id.length - 1] = target.object->table->rows[0] + 1u;
        out[count++] = (struct trial){id, SET_WRONG_VALUE};
    }
    out[count++] = (struct trial){trial_number(1), SET_WRONG_TYPE};
    return count;
}

/* What to try with an object that can be written. */
size_t trials_of(const struct object *object, struct trial out[TRIALS_MAX])
{
    size_t count = 0;
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        count = number_trials(object, out);
        break;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_LIST:
        count = octet_trials(object, out);
        break;
    case SYNTAX_POINTER:
    case SYNTAX_REFERENCE:
        count = pointer_trials(object, out);
        break;
    case SYNTAX_COUNTER:
    case SYNTAX_GAUGE:
    case SYNTAX_TIMETICKS:
    case SYNTAX_IP_ADDRESS:
    case SYNTAX_OPAQUE:
    case SYNTAX_OBJECT_ID:
        out[count++] = (struct trial){trial_number(1), SET_WRONG_TYPE};
        break;
    }
    out[count++] = (struct trial){{.type = VALUE_OTHER}, SET_WRONG_TYPE}; /* NULL */
    return count;
}
