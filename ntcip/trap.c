#include "trap.h"
#include "oer.h"
#include <string.h>

enum {
    DATA_HEAD = 5, /* manager, sequence number, count of rows */
    MS_PER_S = 1000,
    MS_PER_DS = 100,
    MS_PER_MIN = 60000,
};

/* Whether the row of a manager is switched on and complete, notifications as a whole being on too. */
static bool manager_in_use(const struct trap_rows *rows, int ix)
{
    const struct trap_manager_row *row = &rows->manager[ix];
    return rows->control == TRAP_ENABLE && row->status == ROW_AVAILABLE && row->name_no != 0 &&
           row->credentials_no != 0;
}

static void manager_reset(struct trap_manager *m)
{
    memset(m, 0, sizeof *m);
    m->link = TRAP_LINK_UNKNOWN;
    m->error = TRAP_OK;
}

void trap_init(struct trap_station *station)
{
    memset(station, 0, sizeof *station);
    for (int ix = 0; ix < TRAP_MANAGERS_MAX; ix++) {
        manager_reset(&station->manager[ix]);
        station->manager[ix].cold_start_due = true;
    }
}

/* A row that goes out of use forgets what waits, its counts and its numbers. */
static void follow_rows(struct trap_manager *m, bool in_use)
{
    if (in_use == m->in_use)
        return;
    bool cold_start_due = m->cold_start_due;
    manager_reset(m);
    m->in_use = in_use;
    m->cold_start_due = cold_start_due;
}

static void lose_one(struct trap_manager *m, enum trap_error why)
{
    m->error = why;
    if (m->lost < UINT16_MAX)
        m->lost++;
}

/* ---- from events to traps ---- */

static size_t row_octets(const struct trap_event *event)
{
    enum { FIXED = 8, LENGTH_MAX = 3 };
    return FIXED + LENGTH_MAX + event->length;
}

/* { eventLogClass, eventLogNumber, eventLogID, eventLogTime, eventLogValue } */
static void put_row(struct trap_batch *batch, const struct trap_event *event)
{
    struct oer_writer w = oer_write_to(batch->rows + batch->length, sizeof batch->rows - batch->length);
    oer_put_number(&w, event->class_no, 1);
    oer_put_number(&w, event->number, 1);
    oer_put_number(&w, event->config_no, 2);
    oer_put_number(&w, event->time_s, 4);
    oer_put_length(&w, event->length);
    oer_put_octets(&w, event->value, event->length);
    batch->length = (uint16_t)(batch->length + w.used);
    batch->count++;
}

static uint16_t next_sequence(uint16_t sequence)
{
    return sequence == TRAP_SEQUENCE_MAX ? 1 : (uint16_t)(sequence + 1);
}

/* Makes a trap of what was gathered; a full queue loses it. */
static void close_batch(struct trap_manager *m, int ix, int depth, int64_t now_ms)
{
    struct trap_batch *batch = &m->batch;
    if (batch->count == 0)
        return;
    if (m->count >= depth || m->count == TRAP_QUEUE_MAX) {
        lose_one(m, TRAP_QUEUE_FULL);
    } else {
        m->given = next_sequence(m->given);
        struct trap *trap = &m->queue[m->count++];
        *trap = (struct trap){.sequence = m->given, .acknowledged = batch->acknowledged, .due_ms = now_ms};
        struct oer_writer w = oer_write_to(trap->data, sizeof trap->data);
        oer_put_number(&w, ix + 1, 1);
        oer_put_number(&w, trap->sequence, 2);
        oer_put_count(&w, batch->count);
        oer_put_octets(&w, batch->rows, batch->length);
        trap->length = (uint16_t)w.used;
    }
    batch->count = 0;
    batch->length = 0;
    batch->acknowledged = false;
}

static void gather(struct trap_manager *m, int ix, int depth, const struct trap_event_row *wish,
                   const struct trap_event *event, int64_t now_ms)
{
    struct trap_batch *batch = &m->batch;
    if (DATA_HEAD + batch->length + row_octets(event) > TRAP_DATA_MAX)
        close_batch(m, ix, depth, now_ms);
    int64_t due_ms = now_ms + (int64_t)wish->aggregation_ds * MS_PER_DS;
    if (batch->count == 0 || due_ms < batch->due_ms)
        batch->due_ms = due_ms;
    batch->acknowledged = batch->acknowledged || wish->mode == TRAP_ACKNOWLEDGED;
    put_row(batch, event);
    if (batch->count == TRAP_BATCH_MAX)
        close_batch(m, ix, depth, now_ms);
}

void trap_event(struct trap_station *station, const struct trap_rows *rows, const struct trap_event *event,
                int64_t now_ms)
{
    if (event->config_no < 1 || event->config_no > TRAP_EVENTS_MAX)
        return;
    for (int ix = 0; ix < TRAP_MANAGERS_MAX; ix++) {
        struct trap_manager *m = &station->manager[ix];
        const struct trap_event_row *wish = &rows->event[event->config_no - 1][ix];
        follow_rows(m, manager_in_use(rows, ix));
        if (!m->in_use || wish->enable != TRAP_ENABLE)
            continue;
        station->counter[event->config_no - 1][ix]++;
        if (DATA_HEAD + row_octets(event) > TRAP_DATA_MAX)
            lose_one(m, TRAP_NOT_SENT);
        else
            gather(m, ix, rows->manager[ix].queue_depth, wish, event, now_ms);
    }
}

void trap_authentication_failure(struct trap_station *station)
{
    for (int ix = 0; ix < TRAP_MANAGERS_MAX; ix++)
        station->manager[ix].authentication_due = station->manager[ix].in_use;
}

/* ---- sending ---- */

static void remove_trap(struct trap_manager *m, int at)
{
    m->count--;
    memmove(&m->queue[at], &m->queue[at + 1], (size_t)(m->count - at) * sizeof m->queue[0]);
}

/* What every repeat was used up for. */
static void give_up_overdue(struct trap_manager *m, const struct trap_manager_row *row, int64_t now_ms)
{
    for (int at = 0; at < m->count;) {
        const struct trap *trap = &m->queue[at];
        if (trap->tries > row->retries && trap->due_ms <= now_ms) {
            remove_trap(m, at);
            lose_one(m, TRAP_UNACKNOWLEDGED);
            m->link = TRAP_LINK_DOWN;
        } else {
            at++;
        }
    }
}

/* The trap whose turn it is: the one longest due, among equals the oldest. */
static int find_due(const struct trap_manager *m, int64_t now_ms)
{
    int found = -1;
    for (int at = 0; at < m->count; at++) {
        const struct trap *trap = &m->queue[at];
        if (trap->due_ms <= now_ms && (found < 0 || trap->due_ms < m->queue[found].due_ms))
            found = at;
    }
    return found;
}

/* One that is to be acknowledged stays, whether it left or not: its repeats are for both. */
static void after_try(struct trap_manager *m, int at, const struct trap_manager_row *row, int64_t now_ms,
                      enum trap_error result)
{
    struct trap *trap = &m->queue[at];
    if (trap->tries == 0)
        m->sent = trap->sequence;
    if (!trap->acknowledged) {
        remove_trap(m, at);
        if (result != TRAP_OK)
            lose_one(m, result);
        return;
    }
    int64_t pause_s = row->repeat_s + (int64_t)trap->tries * row->delta_s;
    trap->tries++;
    trap->due_ms = now_ms + pause_s * MS_PER_S;
    if (result != TRAP_OK)
        m->error = result;
}

static enum trap_error send_plain(struct trap_manager *m, int ix, trap_send *send, void *arg)
{
    const struct trap_message message = {
        .kind = m->cold_start_due ? TRAP_COLD_START : TRAP_AUTHENTICATION_FAILURE, .manager_no = ix + 1};
    if (m->cold_start_due)
        m->cold_start_due = false;
    else
        m->authentication_due = false;
    return send(arg, &message);
}

/* Sends what is due to one manager, as far as its rate lets it. */
static void step_manager(struct trap_station *station, int ix, const struct trap_manager_row *row,
                         int64_t now_ms, trap_send *send, void *arg)
{
    struct trap_manager *m = &station->manager[ix];
    for (int tries = 0; tries < TRAP_QUEUE_MAX + 2; tries++) { /* each waiting one once */
        if (row->rate != 0 && now_ms < m->next_ms)
            return;
        if (m->cold_start_due || m->authentication_due) {
            enum trap_error result = send_plain(m, ix, send, arg);
            if (result != TRAP_OK)
                m->error = result;
        } else {
            int at = find_due(m, now_ms);
            if (at < 0)
                return;
            const struct trap *trap = &m->queue[at];
            station->last_length = trap->length;
            memcpy(station->last, trap->data, trap->length);
            const struct trap_message message = {TRAP_OF_EVENTS, ix + 1, trap->sequence, trap->data,
                                                 trap->length};
            after_try(m, at, row, now_ms, send(arg, &message));
        }
        m->next_ms = row->rate != 0 ? now_ms + MS_PER_MIN / row->rate : 0;
    }
}

void trap_step(struct trap_station *station, const struct trap_rows *rows, int64_t now_ms, trap_send *send,
               void *arg)
{
    for (int ix = 0; ix < TRAP_MANAGERS_MAX; ix++) {
        struct trap_manager *m = &station->manager[ix];
        const struct trap_manager_row *row = &rows->manager[ix];
        follow_rows(m, manager_in_use(rows, ix));
        if (m->in_use) {
            if (m->batch.count > 0 && m->batch.due_ms <= now_ms)
                close_batch(m, ix, row->queue_depth, now_ms);
            give_up_overdue(m, row, now_ms);
            step_manager(station, ix, row, now_ms, send, arg);
        }
        m->cold_start_due = m->cold_start_due && m->in_use; /* whoever is named later missed the start */
    }
}

void trap_acknowledge(struct trap_station *station, int manager_no, uint16_t sequence)
{
    struct trap_manager *m = &station->manager[manager_no - 1];
    m->acknowledged = sequence;
    for (int at = 0; at < m->count; at++) {
        if (m->queue[at].sequence == sequence && m->queue[at].tries > 0) {
            remove_trap(m, at);
            m->link = TRAP_LINK_UP;
            m->error = TRAP_OK;
            return;
        }
    }
}

enum trap_error trap_find_route(const struct notify_rows *rows, int manager_no, struct trap_route *out)
{
    static const uint8_t nowhere[4];
    const struct trap_manager_row *row = &rows->trap.manager[manager_no - 1];
    if (row->name_no < 1 || row->name_no > LOGICAL_NAMES_MAX)
        return TRAP_NO_ADDRESS;
    const struct logical_name_row *name = &rows->logical_name[row->name_no - 1];
    if (name->status != ROW_AVAILABLE || memcmp(name->address, nowhere, sizeof nowhere) == 0)
        return TRAP_NO_ADDRESS;
    *out = (struct trap_route){.port = row->port, .protocol = row->protocol, .user_no = row->credentials_no};
    memcpy(out->address, name->address, sizeof out->address);
    if (row->protocol == TRAP_SNMP_V3)
        return TRAP_OK;
    if (row->credentials_no < 1 || row->credentials_no > COMMUNITY_NAMES_MAX ||
        rows->community[row->credentials_no - 1].name.length == 0)
        return TRAP_NO_CREDENTIALS;
    out->community = rows->community[row->credentials_no - 1].name;
    return TRAP_OK;
}
