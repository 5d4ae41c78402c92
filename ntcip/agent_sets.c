#include "agent_sets.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sets {
    struct agent_backend backend;
    bool structure_at_once;
    bool view_taken;
    struct object_view view;
    const struct snmp_counters *counters;

    /* The front one is in work if `waiting`; the others came meanwhile. */
    bool waiting;
    size_t front, count;
    struct sets_request request[SETS_WAITING_MAX];
    int item_count;
    struct set_item item[SET_ITEMS_MAX];
    struct set_stage stage;
    struct set_result result;
};

struct sets *sets_new(const struct agent_backend *backend, bool structure_at_once)
{
    struct sets *sets = calloc(1, sizeof(*sets));
    if (sets != NULL) {
        sets->backend = *backend;
        sets->structure_at_once = structure_at_once;
    }
    return sets;
}

void sets_free(struct sets *sets)
{
    free(sets);
}

const struct agent_backend *sets_backend(const struct sets *sets)
{
    return &sets->backend;
}

void sets_count(struct sets *sets, const struct snmp_counters *counters)
{
    sets->counters = counters;
}

void sets_look_anew(struct sets *sets)
{
    sets->view_taken = false;
}

const struct object_view *sets_view(struct sets *sets, enum snmp_role role, bool aliases)
{
    if (!sets->view_taken) {
        sets->backend.view(sets->backend.arg, &sets->view);
        sets->view_taken = true;
    }
    sets->view.snmp = sets->counters;
    sets->view.admin = role == ROLE_ADMIN;
    sets->view.nameless = false;
    sets->view.aliases = aliases;
    return &sets->view;
}

static enum snmp_role role_to_set(enum object_class class)
{
    switch (class) {
    case CLASS_C:
    case CLASS_CB:
        return ROLE_OPERATOR;
    case CLASS_P:
    case CLASS_P2:
        return ROLE_ENGINEER;
    case CLASS_S:
        break; /* nobody sets a status; set_check() has the right words for it */
    }
    return ROLE_OPERATOR;
}

/* Whether this role may SET all of it. What is not there at all, set_stage() will say. */
static bool role_may_set(enum snmp_role role, const struct set_item item[], int count,
                         struct set_result *result)
{
    for (int ix = 0; ix < count; ix++) {
        struct object_instance at;
        enum snmp_role needed = ROLE_OPERATOR;
        if (object_find(&item[ix].id, &at) == OBJECT_OK) {
            needed = role_to_set(at.object->class);
        }
        if (role < needed) {
            *result = (struct set_result){.error = SET_NO_ACCESS, .index = ix + 1};
            snprintf(result->message, sizeof(result->message), "beyond the caller's role");
            return false;
        }
    }
    return true;
}

static void refuse(struct set_result *result, enum set_error error, const char *why)
{
    *result = (struct set_result){.error = error};
    snprintf(result->message, sizeof(result->message), "%s", why);
}

static void write_audit(const struct sets *sets, const struct sets_request *request)
{
    if (sets->backend.audit == NULL) {
        return;
    }
    struct agent_audit record = {.version = request->version,
                                 .role = request->role,
                                 .item = sets->item,
                                 .count = (size_t)sets->item_count,
                                 .result = &sets->result};
    memcpy(record.who, request->who, sizeof(record.who));
    memcpy(record.source, request->source, sizeof(record.source));
    sets->backend.audit(sets->backend.arg, &record);
}

/* Ends the SET at the front with sets->result. */
static void end_set(struct sets *sets)
{
    const struct sets_request request = sets->request[sets->front];
    write_audit(sets, &request);
    if (sets->result.error == SET_OK) {
        sets->backend.commit(sets->backend.arg, &sets->stage);
        sets->view_taken = false;
    } else if (sets->backend.refused != NULL && sets->result.index > 0) {
        sets->backend.refused(sets->backend.arg, &sets->item[sets->result.index - 1], sets->result.error,
                              &sets->stage.db);
    }
    sets->front = (sets->front + 1) % SETS_WAITING_MAX;
    sets->count--;
    request.answer(request.arg, &sets->result);
}

/* Judges the SET at the front and hands it to the backend. Leaves sets->result; true if it waits. */
static bool begin_set(struct sets *sets)
{
    const struct sets_request *request = &sets->request[sets->front];
    sets->result = (struct set_result){.error = SET_OK};
    int count = request->items(request->arg, sets->item, SET_ITEMS_MAX);
    sets->item_count = count < 0 ? SET_ITEMS_MAX : count;
    if (count < 0) {
        refuse(&sets->result, SET_TOO_BIG, "too many varbinds");
        return false;
    }
    if (!role_may_set(request->role, sets->item, count, &sets->result)) {
        return false;
    }
    const struct set_sender sender = {.who = request->nameless ? NULL : request->who,
                                      .source = request->source,
                                      .admin = request->role == ROLE_ADMIN,
                                      .structure_at_once = sets->structure_at_once};
    (void)sets_view(sets, request->role, request->aliases);
    sets->view.nameless = request->nameless;
    if (set_stage(sets->item, (size_t)count, &sets->view, &sender, sets->backend.check, sets->backend.arg,
                  &sets->stage, &sets->result) != SET_OK) {
        return false;
    }
    switch (sets->backend.prepare(sets->backend.arg, &sets->stage)) {
    case PREPARE_DONE:
        break;
    case PREPARE_WAIT:
        return true;
    case PREPARE_REFUSED:
        refuse(&sets->result, SET_RESOURCE_UNAVAILABLE,
               "not now: in start-up, or the commands or the store wait");
        break;
    }
    return false;
}

static void work_on_sets(struct sets *sets)
{
    while (sets->count > 0 && !sets->waiting) {
        sets->waiting = begin_set(sets);
        if (!sets->waiting) {
            end_set(sets);
        }
    }
}

bool sets_add(struct sets *sets, const struct sets_request *request)
{
    if (sets->count == SETS_WAITING_MAX) {
        return false;
    }
    sets->request[(sets->front + sets->count) % SETS_WAITING_MAX] = *request;
    sets->count++;
    work_on_sets(sets);
    return true;
}

void sets_prepared(struct sets *sets, bool durable)
{
    if (!sets->waiting) {
        return;
    }
    sets->waiting = false;
    sets->view_taken = false; /* whoever calls may be anywhere between two wake-ups */
    if (!durable) {
        refuse(&sets->result, SET_RESOURCE_UNAVAILABLE, "could not be made durable");
    }
    end_set(sets);
    work_on_sets(sets);
}
