#include "set.h"
#include "block_object.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum set_error __attribute__((format(printf, 4, 5)))
refuse(struct set_result *result, enum set_error error, int index, const char *format, ...)
{
    result->error = error;
    result->index = index;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->message, sizeof result->message, format, arguments);
    va_end(arguments);
    return error;
}

static enum set_error accept(struct set_result *result)
{
    *result = (struct set_result){.error = SET_OK};
    return SET_OK;
}

static enum set_error refuse_misfit(struct set_result *result, enum object_fit fit, int index,
                                    const struct object_instance *at)
{
    char name[80];
    char range[256];
    object_format(at, name, sizeof name);
    object_range_text(at->object, range, sizeof range);
    static const enum set_error errors[] = {
        [FIT_OK] = SET_OK,
        [FIT_TYPE] = SET_WRONG_TYPE,
        [FIT_LENGTH] = SET_WRONG_LENGTH,
        [FIT_VALUE] = SET_WRONG_VALUE,
    };
    return refuse(result, errors[fit], index, "%s takes %s", name, range);
}

/* set_check(), also telling where the varbind points. */
static enum set_error check_item(const struct set_item *item, int index, const struct set_sender *sender,
                                 struct object_instance *at, struct set_result *result)
{
    int found = object_find(&item->id, at);
    if (found == OBJECT_UNKNOWN)
        return refuse(result, SET_NOT_WRITABLE, index, "no such object");
    if (at->object->admin && !(sender && sender->admin))
        return refuse(result, SET_NO_ACCESS, index, "%s is for administrators", at->object->name);
    if (!at->object->writable) /* no row of it is, there or not: RFC 3416 4.2.5 */
        return refuse(result, SET_NOT_WRITABLE, index, "%s is read-only", at->object->name);
    if (found != OBJECT_OK)
        return refuse(result, SET_NO_CREATION, index, "no such row");
    enum object_fit fit = object_fits(at->object, &item->value);
    if (fit != FIT_OK)
        return refuse_misfit(result, fit, index, at);
    return accept(result);
}

enum set_error set_check(const struct set_item *item, int index, const struct set_sender *sender,
                         struct set_result *result)
{
    struct object_instance at;
    return check_item(item, index, sender, &at, result);
}

static bool same_instance(const struct object_instance *a, const struct object_instance *b)
{
    return a->object == b->object && a->row[0] == b->row[0] && a->row[1] == b->row[1];
}

/* Whether a SET of the instance shows that the centre is there, by the user's own list. */
static bool is_backup_content(const struct database *db, const struct object_instance *at)
{
    struct object_id id;
    struct packed_id packed;
    object_instance_id(at, &id);
    if (object_pack_id(&id, &packed) != 0)
        return false;
    for (int i = 0; i < BACKUP_CONTENTS_MAX; i++) {
        if (memcmp(&db->device.backup_content[i].id, &packed, sizeof packed) == 0)
            return true;
    }
    return false;
}

/* A user's own list takes the place of the standard's: what is not in it may begin the time, but not begin
 * it afresh. */
static void mark_backup(const struct database *db, const struct object_instance *at, struct control_op *op)
{
    bool standard = at->object->class == CLASS_CB;
    bool own_list = db->unit.user_backup_time_s > 0;
    op->restarts_backup = own_list ? is_backup_content(db, at) : standard;
    op->starts_backup = own_list && standard;
}

static struct control_op control_op_for(const struct object_instance *at, int64_t number)
{
    const struct object *object = at->object;
    struct control_op op = {
        .offset = (uint16_t)object->offset,
        .size = (uint8_t)object->size,
        .clear = UINT64_MAX,
        .set = (uint64_t)number,
    };
    if (object->field == FIELD_MASK) {
        int bit_ix = (at->row[0] - 1) * 8;
        op.offset = (uint16_t)(op.offset + bit_ix / 64 * 8);
        op.size = 8;
        op.clear = UINT64_C(0xFF) << (bit_ix % 64);
        op.set = (uint64_t)number << (bit_ix % 64);
    } else if (object->field == FIELD_BIT) {
        int bit_ix = at->row[0] - 1;
        op.offset = (uint16_t)(op.offset + bit_ix / 64 * 8);
        op.size = (uint8_t)(object->size < 8 ? object->size : 8);
        op.clear = UINT64_C(1) << (bit_ix % 64);
        op.set = (uint64_t)number << (bit_ix % 64);
    }
    return op;
}

static enum set_error judge(const struct object_view *view, const struct object_instance *at,
                            const struct value *value, int index, struct set_result *result)
{
    char message[SET_MESSAGE_MAX] = "";
    enum set_error error = object_judge_value(view, at, value, message);
    return error == SET_OK ? accept(result) : refuse(result, error, index, "%s", message);
}

/* The PDU as a whole, before anything is staged. */
static enum set_error check_items(const struct set_item item[], size_t count, const struct object_view *view,
                                  const struct set_sender *sender, struct set_stage *stage,
                                  struct set_result *result)
{
    if (count > SET_ITEMS_MAX)
        return refuse(result, SET_TOO_BIG, 0, "more than %d varbinds", SET_ITEMS_MAX);
    bool shut = view->control->unit & UNIT_DISABLE_REMOTE;
    for (size_t i = 0; i < count; i++) {
        int index = (int)i + 1;
        struct object_instance *at = &stage->at[i];
        if (check_item(&item[i], index, sender, at, result) != SET_OK)
            return result->error;
        if (object_is_alias(&item[i].id, at) && !view->aliases)
            return refuse(result, SET_NO_CREATION, index, "%s stands at .0 alone", at->object->name);
        if (!object_exists(at, view))
            return refuse(result, SET_NO_CREATION, index, "no such row now");
        bool unit_control =
            at->object->store == STORE_CONTROL && at->object->offset == offsetof(struct control, unit);
        if (shut && !unit_control)
            return refuse(result, SET_GENERAL, index, "remote commands are disabled by unitControl");
        for (size_t before = 0; before < i; before++) {
            if (same_instance(&stage->at[before], at))
                return refuse(result, SET_INCONSISTENT_VALUE, index, "%s stands in the request twice",
                              at->object->name);
        }
    }
    return accept(result);
}

/* ---- transactions ---- */

/* Whether a SET of it changes the database, or would if its value were not the only one there is. */
static bool is_parameter(const struct object *object)
{
    bool pinned = object->pinned && (object->class == CLASS_P || object->class == CLASS_P2);
    return object->store == STORE_DATABASE || object->store == STORE_DEFAULTS ||
           object->store == STORE_BLOCK || pinned;
}

/* Everything of a PDU, as far as transactions look at it. */
struct request {
    const struct set_sender *sender;
    const struct transaction *transaction;
    int parameter, structure, move; /* the first varbind of the kind, from 1; 0: none */
    int64_t wanted;                 /* what dbCreateTransaction is to become */
};

static struct request look_through(const struct set_item item[], size_t count, const struct object_view *view,
                                   const struct set_sender *sender, const struct set_stage *stage)
{
    struct request request = {.sender = sender, .transaction = view->transaction};
    for (size_t i = count; i-- > 0;) {
        const struct object *object = stage->at[i].object;
        int index = (int)i + 1;
        if (is_parameter(object))
            request.parameter = index;
        if (is_parameter(object) && object->class == CLASS_P2)
            request.structure = index;
        if (object->store == STORE_TRANSACTION) {
            request.move = index;
            request.wanted = item[i].value.number;
        }
    }
    return request;
}

/* Writing dbCreateTransaction: the states' own rules, and whose transaction it is. */
static enum set_error check_move(const struct request *request, struct set_stage *stage,
                                 struct set_result *result)
{
    const struct transaction *t = request->transaction;
    if (!t || !request->sender)
        return refuse(result, SET_NOT_WRITABLE, request->move, "there are no transactions here");
    if (request->parameter)
        return refuse(result, SET_GENERAL, 0, "a parameter beside dbCreateTransaction");
    bool mine = t->state == TRANSACTION_NORMAL || transaction_is_owned(t, request->sender->who);
    if (!mine && !request->sender->admin)
        return refuse(result, SET_GENERAL, 0, "the transaction of somebody else");
    if (!request->sender->who)
        return refuse(result, SET_GENERAL, 0, "a transaction needs a sender with a name");
    if (!transaction_takes(t, request->wanted, &stage->move))
        return refuse(result, SET_WRONG_VALUE, request->move, "dbCreateTransaction does not take %d now",
                      (int)request->wanted);
    return accept(result);
}

/* Writing parameters: at once in normal operation, into the candidate by the transaction's owner. */
static enum set_error check_parameters(const struct request *request, struct set_result *result)
{
    const struct transaction *t = request->transaction;
    if (t->state == TRANSACTION_NORMAL && request->structure && !request->sender->structure_at_once)
        return refuse(result, SET_GENERAL, 0, "varbind %d is structure and needs a transaction",
                      request->structure);
    if (t->state != TRANSACTION_NORMAL && request->sender->who &&
        !transaction_is_owned(t, request->sender->who))
        return refuse(result, SET_GENERAL, 0, "somebody else has a transaction open");
    if (t->state != TRANSACTION_NORMAL && t->state != TRANSACTION_OPEN)
        return refuse(result, SET_GENERAL, 0, "the transaction is verified: reopen it first");
    return accept(result);
}

static enum set_error add_op(struct set_stage *stage, const struct control_op *op, int index,
                             struct set_result *result)
{
    if (stage->op_count == SET_OPS_MAX)
        return refuse(result, SET_RESOURCE_UNAVAILABLE, index, "too many commands in one request");
    stage->op[stage->op_count++] = *op;
    return accept(result);
}

/* Whatever is in the user's own list begins the backup time afresh, be it a command or not. While the unit
 * starts up, when it takes no commands, there is no such time. */
static enum set_error apply_backup(const struct object_view *view, const struct object_instance *at,
                                   struct set_stage *stage, int index, struct set_result *result)
{
    const struct control_op op = {.size = sizeof(uint64_t), .restarts_backup = true}; /* changes no bit */
    bool starting = view->status->unit == UNIT_STARTUP_FLASH || view->status->unit == UNIT_STARTUP_ALL_RED;
    bool listed = view->db->unit.user_backup_time_s > 0 && at->object->store != STORE_CONTROL &&
                  is_backup_content(view->db, at);
    return listed && !starting ? add_op(stage, &op, index, result) : accept(result);
}

/* Puts each varbind where it belongs in the stage. Each is judged by what those before it leave. */
static enum set_error apply_items(const struct set_item item[], size_t count, const struct object_view *view,
                                  struct set_stage *stage, struct set_result *result)
{
    struct object_view staged = *view;
    staged.db = &stage->db;
    for (size_t i = 0; i < count; i++) {
        const struct object_instance *at = &stage->at[i];
        struct control_op op;
        if (judge(&staged, at, &item[i].value, (int)i + 1, result) != SET_OK)
            return result->error;
        if (apply_backup(view, at, stage, (int)i + 1, result) != SET_OK)
            return result->error;
        switch (at->object->store) {
        case STORE_DATABASE:
            object_store_value(at, &item[i].value, &stage->db);
            break;
        case STORE_CONTROL:
            op = control_op_for(at, item[i].value.number);
            mark_backup(view->db, at, &op);
            if (add_op(stage, &op, (int)i + 1, result) != SET_OK)
                return result->error;
            break;
        case STORE_TRANSACTION: /* judged by check_move() */
            break;
        case STORE_DEFAULTS:
            if (item[i].value.number == 1)
                object_store_defaults(at->object, &stage->db);
            break;
        case STORE_DEVICE:
            stage->calls_device = true;
            break;
        case STORE_BLOCK:
            block_store(&item[i].value, view, &stage->db);
            stage->calls_device = true;
            break;
        case STORE_EXTRA:
        case STORE_SNMP:
        case STORE_STATUS:
        case STORE_NONE: /* the only writable one outside the stores is globalTime */
            stage->sets_clock = true;
            stage->clock_utc_s = item[i].value.number;
            break;
        }
    }
    return accept(result);
}

/* unitMCEIntAdv has a meaning only under remote manual control, which the same PDU may turn on. */
static enum set_error check_control(size_t count, const struct object_view *view,
                                    const struct set_stage *stage, struct set_result *result)
{
    struct control after = *view->control;
    for (size_t i = 0; i < stage->op_count; i++)
        control_apply(&after, &stage->op[i]);
    if (after.interval_advance == 0 || after.manual_timeout_s != 0)
        return accept(result);
    for (size_t i = 0; i < count; i++) {
        const struct object *object = stage->at[i].object;
        if (object->store == STORE_CONTROL && object->offset == offsetof(struct control, interval_advance))
            return refuse(result, SET_WRONG_VALUE, (int)i + 1, "%s: remote manual control is off",
                          object->name);
    }
    return accept(result);
}

/* The varbind that wrote the field at `offset`, 0 where none did. */
static int index_of_field(size_t offset, const struct set_stage *stage, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct object_instance *at = &stage->at[i];
        if (at->object->store != STORE_DATABASE)
            continue;
        size_t field = object_field_offset(at);
        if (offset >= field && offset < field + at->object->size)
            return (int)i + 1;
    }
    return 0;
}

static int index_of_first_parameter(const struct set_stage *stage, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_parameter(stage->at[i].object))
            return (int)i + 1;
    }
    return 0;
}

/* The one fault to be told: the first with a field this PDU wrote, else the first of all. */
struct kept_fault {
    const struct set_stage *stage;
    size_t count;
    bool found;
    int index;
    struct database_fault fault;
};

static void keep_fault(void *arg, const struct database_fault *fault)
{
    struct kept_fault *kept = arg;
    int index = index_of_field(fault->field_offset, kept->stage, kept->count);
    if (kept->found && (kept->index != 0 || index == 0))
        return;
    kept->found = true;
    kept->index = index;
    kept->fault = *fault;
}

/* Whether the staged database can run, and with which error it is refused. Leaves the reason and the varbind
 * to blame. */
static enum set_error runs(size_t count, set_database_check *check, void *check_arg,
                           const struct set_stage *stage, char message[SET_MESSAGE_MAX], int *index)
{
    struct kept_fault kept = {.stage = stage, .count = count};
    size_t offset = 0;
    if (database_check(&stage->db, keep_fault, &kept) != 0)
        object_fault_text(&kept.fault, message, SET_MESSAGE_MAX);
    else if (check && check(check_arg, &stage->db, &offset, message, SET_MESSAGE_MAX) != 0)
        kept.index = index_of_field(offset, stage, count);
    else
        return SET_OK;
    *index = kept.index != 0 ? kept.index : index_of_first_parameter(stage, count);
    /* NTCIP 1103, eventClassLimit, wants this one error where others are told apart. */
    bool general = kept.found && kept.fault.rule == RULE_EVENT_LOG_SIZE;
    return general ? SET_GENERAL : SET_INCONSISTENT_VALUE;
}

/* What a move finds out, and what it makes of the database. */
static void stage_move(const struct object_view *view, set_database_check *check, void *check_arg,
                       struct set_stage *stage)
{
    char message[SET_MESSAGE_MAX];
    int index;
    stage->verify_error[0] = '\0';
    if (stage->move != MOVE_VERIFY && stage->move != MOVE_COMMIT)
        return;
    stage->db = *view->candidate;
    if (stage->move == MOVE_COMMIT)
        stage->db_changed = memcmp(&stage->db, view->db, sizeof stage->db) != 0;
    else if (runs(0, check, check_arg, stage, message, &index) != SET_OK)
        snprintf(stage->verify_error, sizeof stage->verify_error, "%s", message);
}

/* The rules of transactions, where the sender knows them. */
static enum set_error check_request(const struct request *request, struct set_stage *stage,
                                    struct set_result *result)
{
    if (request->move)
        return check_move(request, stage, result);
    if (!request->sender || !request->transaction || !request->parameter)
        return accept(result);
    return check_parameters(request, result);
}

enum set_error set_stage(const struct set_item item[], size_t count, const struct object_view *view,
                         const struct set_sender *sender, set_database_check *check, void *check_arg,
                         struct set_stage *stage, struct set_result *result)
{
    stage->op_count = 0;
    stage->sets_clock = stage->db_changed = stage->candidate_changed = stage->calls_device = false;
    stage->item = item;
    stage->count = count;
    stage->clock_utc_s = 0;
    stage->move = MOVE_NONE;
    snprintf(stage->who, sizeof stage->who, "%s", sender && sender->who ? sender->who : "");
    snprintf(stage->source, sizeof stage->source, "%s", sender && sender->source ? sender->source : "");
    if (check_items(item, count, view, sender, stage, result) != SET_OK)
        return result->error;
    struct request request = look_through(item, count, view, sender, stage);
    if (check_request(&request, stage, result) != SET_OK)
        return result->error;
    bool into_candidate =
        sender && request.parameter && view->transaction && view->transaction->state == TRANSACTION_OPEN;
    stage->db = into_candidate ? *view->candidate : *view->db;
    if (apply_items(item, count, view, stage, result) != SET_OK)
        return result->error;
    stage->candidate_changed = into_candidate;
    stage->db_changed = !into_candidate && memcmp(&stage->db, view->db, sizeof stage->db) != 0;
    stage_move(view, check, check_arg, stage);
    if (check_control(count, view, stage, result) != SET_OK)
        return result->error;
    char message[SET_MESSAGE_MAX];
    int index;
    enum set_error error = SET_OK;
    if (stage->db_changed)
        error = runs(count, check, check_arg, stage, message, &index);
    return error == SET_OK ? accept(result) : refuse(result, error, index, "%s", message);
}

void set_transact(const struct set_stage *stage, const struct database *db, struct transaction *transaction,
                  struct database *candidate, int64_t now_s)
{
    if (stage->candidate_changed)
        *candidate = stage->db;
    if (stage->move == MOVE_OPEN)
        *candidate = *db;
    transaction_move(transaction, stage->move, stage->who, stage->verify_error);
    bool owner_writes = stage->candidate_changed && transaction_is_owned(transaction, stage->who);
    if (owner_writes || stage->move != MOVE_NONE)
        transaction_touch(transaction, now_s);
}

void set_call_device(const struct set_stage *stage, struct device *device)
{
    const struct set_sender sender = {.who = stage->who, .source = stage->source};
    for (size_t i = 0; i < stage->count; i++) {
        const struct object_instance *at = &stage->at[i];
        if (at->object->writer)
            at->object->writer(device, at, &stage->item[i].value, &sender);
    }
}

const char *set_error_name(enum set_error error)
{
    switch (error) {
    case SET_OK:
        return "noError";
    case SET_TOO_BIG:
        return "tooBig";
    case SET_GENERAL:
        return "genErr";
    case SET_NO_ACCESS:
        return "noAccess";
    case SET_WRONG_TYPE:
        return "wrongType";
    case SET_WRONG_LENGTH:
        return "wrongLength";
    case SET_WRONG_VALUE:
        return "wrongValue";
    case SET_NO_CREATION:
        return "noCreation";
    case SET_INCONSISTENT_VALUE:
        return "inconsistentValue";
    case SET_RESOURCE_UNAVAILABLE:
        return "resourceUnavailable";
    case SET_NOT_WRITABLE:
        return "notWritable";
    }
    return "unknown";
}
