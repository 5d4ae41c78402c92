/* What values objects take, and how they get into the database. */
#include "object.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool value_same(const struct value *a, const struct value *b)
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
        return a->length == b->length && memcmp(value_octets(a), value_octets(b), a->length) == 0;
    case VALUE_OBJECT_ID:
        return a->id.length == b->id.length &&
               memcmp(a->id.arc, b->id.arc, a->id.length * sizeof a->id.arc[0]) == 0;
    case VALUE_OTHER:
        break;
    }
    return false;
}

/* Whether a parameter has the value already. */
static bool unchanged(const struct object_view *view, const struct object_instance *at,
                      const struct value *value)
{
    struct value now;
    return at->object->store == STORE_DATABASE && object_get(at, view, &now) == OBJECT_OK &&
           value_same(&now, value);
}

enum set_error object_judge_value(const struct object_view *view, const struct object_instance *at,
                                  const struct value *value, char message[SET_MESSAGE_MAX])
{
    if (!at->object->judge || unchanged(view, at, value))
        return SET_OK;
    return at->object->judge(view, at, value, message);
}

/* Whether `names` ("disable(1), enable(2)") has `number`. */
static bool has_named(const char *names, int64_t number)
{
    for (const char *open = strchr(names, '('); open; open = strchr(open + 1, '(')) {
        if (strtol(open + 1, NULL, 10) == number)
            return true;
    }
    return false;
}

static enum object_fit fits_number(const struct object *object, const struct value *value)
{
    bool counter = object->counter_too && value->type == VALUE_COUNTER;
    if (value->type != VALUE_INTEGER && !counter)
        return FIT_TYPE;
    bool folded = object->high > INT32_MAX && value->number < 0 && value->number >= INT32_MIN;
    if (!folded && (value->number < object->low || value->number > object->high))
        return FIT_VALUE;
    if (object->syntax == SYNTAX_NAMED && !has_named(object->names, value->number))
        return FIT_VALUE;
    if (object->legal && (value->number & ~(int64_t)object->legal))
        return FIT_VALUE;
    return FIT_OK;
}

static enum object_fit fits_list(const struct object *object, const struct value *value)
{
    if (value->type != VALUE_OCTETS)
        return FIT_TYPE;
    if (value->length > object->length)
        return FIT_LENGTH;
    for (int i = 0; i < value->length; i++) {
        if (value->octet[i] < object->low || value->octet[i] > object->high)
            return FIT_VALUE;
    }
    return FIT_OK;
}

int object_pointer_row(const struct object *object, const struct value *value)
{
    const struct object_id *id = &value->id;
    struct object_instance at;
    if (id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0)
        return 0;
    if (object_find(id, &at) != OBJECT_OK || at.object != object_by_name(object->target))
        return -1;
    return at.row[0];
}

static enum object_fit fits_octets(const struct object *object, const struct value *value)
{
    if (value->type != (object->syntax == SYNTAX_OPAQUE ? VALUE_OPAQUE : VALUE_OCTETS))
        return FIT_TYPE;
    return value->length >= object->low && value->length <= object->high ? FIT_OK : FIT_LENGTH;
}

static enum object_fit fits_reference(const struct value *value)
{
    struct packed_id packed;
    if (value->type != VALUE_OBJECT_ID)
        return FIT_TYPE;
    return object_pack_id(&value->id, &packed) == 0 ? FIT_OK : FIT_VALUE;
}

enum object_fit object_fits(const struct object *object, const struct value *value)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
    case SYNTAX_NAMED:
        return fits_number(object, value);
    case SYNTAX_LIST:
        return fits_list(object, value);
    case SYNTAX_COUNTER:
        return value->type == VALUE_COUNTER || (object->gauge_too && value->type == VALUE_GAUGE) ? FIT_OK
                                                                                                 : FIT_TYPE;
    case SYNTAX_TIMETICKS:
        return value->type == VALUE_TIMETICKS ? FIT_OK : FIT_TYPE;
    case SYNTAX_GAUGE:
        return value->type == VALUE_GAUGE ? FIT_OK : FIT_TYPE;
    case SYNTAX_TEXT:
    case SYNTAX_OCTETS:
    case SYNTAX_OPAQUE:
        return fits_octets(object, value);
    case SYNTAX_IP_ADDRESS:
        return value->type == VALUE_IP_ADDRESS ? FIT_OK : FIT_TYPE;
    case SYNTAX_OBJECT_ID:
        return value->type == VALUE_OBJECT_ID ? FIT_OK : FIT_TYPE;
    case SYNTAX_REFERENCE:
        return fits_reference(value);
    case SYNTAX_POINTER:
        if (value->type != VALUE_OBJECT_ID)
            return FIT_TYPE;
        return object_pointer_row(object, value) >= 0 ? FIT_OK : FIT_VALUE;
    }
    return FIT_TYPE;
}

void object_range_text(const struct object *object, char *out, size_t size)
{
    switch (object->syntax) {
    case SYNTAX_INTEGER:
        if (object->legal)
            snprintf(out, size, "%lld to %lld using only bits 0x%02X", (long long)object->low,
                     (long long)object->high, object->legal);
        else
            snprintf(out, size, "%lld to %lld", (long long)object->low, (long long)object->high);
        break;
    case SYNTAX_NAMED:
        snprintf(out, size, "%s", object->names);
        break;
    case SYNTAX_COUNTER:
        snprintf(out, size, "a counter");
        break;
    case SYNTAX_TIMETICKS:
        snprintf(out, size, "a time in hundredths of a second");
        break;
    case SYNTAX_GAUGE:
        snprintf(out, size, "a gauge");
        break;
    case SYNTAX_TEXT:
        if (object->low > 0)
            snprintf(out, size, "a text of %lld to %lld octets", (long long)object->low,
                     (long long)object->high);
        else
            snprintf(out, size, "a text of at most %lld octets", (long long)object->high);
        break;
    case SYNTAX_OCTETS:
        snprintf(out, size, "%lld to %lld octets", (long long)object->low, (long long)object->high);
        break;
    case SYNTAX_OPAQUE:
        snprintf(out, size, "BER of at most %lld octets", (long long)object->high);
        break;
    case SYNTAX_IP_ADDRESS:
        snprintf(out, size, "an IPv4 address");
        break;
    case SYNTAX_REFERENCE:
        snprintf(out, size, "an object identifier that BER writes in at most %d octets", PACKED_ID_MAX);
        break;
    case SYNTAX_LIST:
        snprintf(out, size, "at most %d numbers from %lld to %lld", object->length, (long long)object->low,
                 (long long)object->high);
        break;
    case SYNTAX_OBJECT_ID:
        snprintf(out, size, "an object identifier");
        break;
    case SYNTAX_POINTER:
        snprintf(out, size, "the identifier of an instance of %s, or 0.0", object->target);
        break;
    }
}

static void store_number(char *field, size_t size, int64_t number)
{
    uint8_t u8 = (uint8_t)number;
    uint16_t u16 = (uint16_t)number;
    uint32_t u32 = (uint32_t)number;
    switch (size) {
    case 1:
        memcpy(field, &u8, 1);
        break;
    case 2:
        memcpy(field, &u16, 2);
        break;
    default:
        memcpy(field, &u32, 4);
        break;
    }
}

static int64_t row_status_after(int64_t command)
{
    if (command == ROW_ACTIVATE)
        return ROW_AVAILABLE;
    return command == ROW_DEACTIVATE ? ROW_STANDBY : command;
}

int object_store_value(const struct object_instance *at, const struct value *value, struct database *db)
{
    const struct object *object = at->object;
    if (object->keeper)
        return object->keeper(db, at, value);
    char *field = (char *)db + object_field_offset(at);
    if (object->field == FIELD_LIST) {
        memset(field, 0, object->size);
        field[0] = (char)value->length;
        memcpy(field + 1, value->octet, value->length);
        return 0;
    }
    if (object->field == FIELD_OCTETS) {
        memcpy(field, value->octet, object->size);
        return 0;
    }
    if (object->field == FIELD_ID) {
        struct packed_id packed;
        if (object_pack_id(&value->id, &packed) == 0)
            memcpy(field, &packed, sizeof packed);
        return 0;
    }
    int64_t number = object->syntax == SYNTAX_POINTER ? object_pointer_row(object, value) : value->number;
    if (object->row_status)
        number = row_status_after(number);
    if (number & object->wins)
        number &= ~(int64_t)object->yields;
    store_number(field, object->size, number);
    return 0;
}

/* Defaults of every field that begins within these octets of the database. */
static void put_defaults(struct database *db, size_t offset, size_t size)
{
    memset((char *)db + offset, 0, size);
    for (size_t i = 0; i < object_count; i++) {
        const struct object *object = &object_all[i];
        if (object->store != STORE_DATABASE || !object->writable || object->field != FIELD_NUMBER ||
            object->offset < offset || object->offset >= offset + size)
            continue;
        int rows = object->table ? object->table->rows[0] * object->table->rows[1] : 1;
        for (int row_ix = 0; row_ix < rows; row_ix++)
            store_number((char *)db + object->offset + (size_t)row_ix * object->stride, object->size,
                         object->standard);
    }
}

void object_defaults(struct database *db)
{
    put_defaults(db, 0, sizeof *db);
}

void object_store_defaults(const struct object *object, struct database *db)
{
    put_defaults(db, object->offset, object->size);
}

/* Phases named together that may not be on together. */
static void conflict_text(const struct database_fault *fault, char *out, size_t size)
{
    static const char *const meeting[] = {
        [RULE_STARTUP_CONFLICT] = "START PHASE",   [RULE_FLASH_ENTRY_CONFLICT] = "FLASH ENTRY",
        [RULE_FLASH_EXIT_CONFLICT] = "FLASH EXIT", [RULE_PREEMPT_TRACK_CONFLICT] = "TRACK",
        [RULE_PREEMPT_DWELL_CONFLICT] = "DWELL",   [RULE_PREEMPT_EXIT_CONFLICT] = "EXIT",
    };
    bool preempt = fault->rule == RULE_PREEMPT_TRACK_CONFLICT || fault->rule == RULE_PREEMPT_DWELL_CONFLICT ||
                   fault->rule == RULE_PREEMPT_EXIT_CONFLICT;
    if (preempt)
        snprintf(out, size, "PE %02d %s PHASE FAULT: phases %d and %d may not be on together", fault->row1,
                 meeting[fault->rule], fault->row2, fault->value);
    else
        snprintf(out, size, "%s CG FAULT: phases %d and %d may not be on together", meeting[fault->rule],
                 fault->row1, fault->row2);
}

void object_fault_text(const struct database_fault *fault, char *out, size_t size)
{
    int a = fault->row1;
    int b = fault->row2;
    int value = fault->value;
    switch (fault->rule) {
    case RULE_CONCURRENT_SAME_RING:
        if (value == a)
            snprintf(out, size, "PHASE %02d CONCURRENCY FAULT: phase %d lists itself", a, a);
        else
            snprintf(out, size, "PHASE %02d CONCURRENCY FAULT: phase %d lists phase %d of its own ring", a, a,
                     value);
        break;
    case RULE_CONCURRENCY_ONE_SIDED:
        snprintf(out, size, "PHASE %02d MUTUAL FAULT: phase %d lists phase %d, which does not list it", a, a,
                 b);
        break;
    case RULE_SEQUENCE_PHASE_TWICE:
        snprintf(out, size, "SEQ %02d SAME PHASE FAULT: ring %d names phase %d twice", a, b, value);
        break;
    case RULE_SEQUENCE_WRONG_RING:
        snprintf(out, size, "SEQ %02d RING %d FAULT: phase %d belongs to another ring", a, b, value);
        break;
    case RULE_SEQUENCE_PHASE_MISSING:
        snprintf(out, size, "SEQ %02d RING %d PHS OMITTED: phase %d is enabled in this ring", a, b, value);
        break;
    case RULE_SEQUENCE_ORDER:
        snprintf(out, size, "SEQ %02d CG SEQ FAULT: ring %d passes the barriers in another order", a, b);
        break;
    case RULE_STARTUP_CONFLICT:
    case RULE_FLASH_ENTRY_CONFLICT:
    case RULE_FLASH_EXIT_CONFLICT:
    case RULE_PREEMPT_TRACK_CONFLICT:
    case RULE_PREEMPT_DWELL_CONFLICT:
    case RULE_PREEMPT_EXIT_CONFLICT:
        conflict_text(fault, out, size);
        break;
    case RULE_PHASE_RING_RANGE:
        snprintf(out, size, "PHASE %02d RING FAULT: there is no ring %d, only 1 to %d", a, value, RINGS_MAX);
        break;
    case RULE_PED_CLEAR_BUFFER:
        snprintf(
            out, size,
            "PHASE %02d PED CLEAR FAULT: it leaves %d.%d s of yellow and red clearance, less than %d.%d s", a,
            value / 10, value % 10, PED_BUFFER_DS / 10, PED_BUFFER_DS % 10);
        break;
    case RULE_OVERLAP_PHASE_TWICE:
        snprintf(out, size, "OVLP %02d INC PHASE MULTI FAULT: phase %d is included twice", a, value);
        break;
    case RULE_OVERLAP_MODIFIER:
        snprintf(out, size, "OVLP %02d MODIFIER FAULT: phase %d both gives green and takes it away", a,
                 value);
        break;
    case RULE_EVENT_LOG_SIZE:
        snprintf(out, size, "EVENT LOG FAULT: the limits of the classes add up to %d, the log holds %d",
                 value, EVENT_LOG_MAX);
        break;
    }
}
