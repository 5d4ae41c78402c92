#include "prg.h"
#include <string.h>

/* A command reaches the engine within two ticks; a request that it does not know after this was dropped. */
enum { GRACE_DS = 10 };

/* ---- layouts ---- */

static uint16_t get16(const uint8_t *octet)
{
    return (uint16_t)(octet[0] << 8 | octet[1]);
}

int prg_read_key(const uint8_t octet[PRG_KEY_OCTETS], struct prg_key *out)
{
    struct prg_key key = {
        .request_no = octet[0],
        .class_type = octet[18],
        .class_level = octet[19],
        .strategy_no = octet[20],
    };
    memcpy(key.vehicle, octet + 1, PRG_VEHICLE_OCTETS);
    if (key.request_no == 0 || key.class_type == 0 || key.class_type > PRG_CLASSES || key.class_level == 0 ||
        key.class_level > PRG_CLASSES || key.strategy_no == 0)
        return -1;
    *out = key;
    return 0;
}

int prg_read_request(const uint8_t *octet, size_t length, struct prg_request *out)
{
    struct prg_request request = {.service_s = get16(octet + 21), .departure_s = get16(octet + 23)};
    if (length == PRG_ABSOLUTE_OCTETS) {
        request.absolute = true;
        request.asked_utc_s = (uint32_t)get16(octet + 25) << 16 | get16(octet + 27);
    }
    if (request.service_s == 0 || request.departure_s == 0 || prg_read_key(octet, &request.key) != 0)
        return -1;
    *out = request;
    return 0;
}

void prg_write_status(const struct prg *prg, uint8_t out[PRG_STATUS_OCTETS])
{
    const struct prg_key *key = &prg->selected;
    const struct prg_row *row = prg->is_selected ? prg_find(prg, key) : NULL;
    memset(out, 0, PRG_STATUS_OCTETS);
    out[0] = key->request_no;
    memcpy(out + 1, key->vehicle, PRG_VEHICLE_OCTETS);
    out[18] = key->class_type;
    out[19] = key->class_level;
    out[20] = key->strategy_no;
    out[21] = (uint8_t)(row ? row->state : PRG_IDLE_NOT_VALID);
}

/* ---- the table ---- */

static bool same_key(const struct prg_key *a, const struct prg_key *b)
{
    return a->request_no == b->request_no && a->class_type == b->class_type &&
           a->class_level == b->class_level && a->strategy_no == b->strategy_no &&
           memcmp(a->vehicle, b->vehicle, PRG_VEHICLE_OCTETS) == 0;
}

static struct prg_row *find(struct prg *prg, const struct prg_key *key)
{
    for (int i = 0; i < PRG_ROWS; i++) {
        struct prg_row *row = &prg->row[i];
        if (row->state != PRG_IDLE_NOT_VALID && same_key(&row->key, key))
            return row;
    }
    return NULL;
}

const struct prg_row *prg_find(const struct prg *prg, const struct prg_key *key)
{
    for (int i = 0; i < PRG_ROWS; i++) {
        const struct prg_row *row = &prg->row[i];
        if (row->state != PRG_IDLE_NOT_VALID && same_key(&row->key, key))
            return row;
    }
    return NULL;
}

bool prg_is_open(const struct prg_row *row)
{
    return row->state == PRG_READY_QUEUED || row->state == PRG_READY_OVERRIDDEN ||
           row->state == PRG_ACTIVE_PROCESSING;
}

/* Free, or else closed before all others; NULL if every request is open. */
static const struct prg_row *best_row(const struct prg *prg)
{
    const struct prg_row *best = NULL;
    for (int i = 0; i < PRG_ROWS; i++) {
        const struct prg_row *row = &prg->row[i];
        if (row->state == PRG_IDLE_NOT_VALID)
            return row;
        if (!prg_is_open(row) && (!best || row->order < best->order))
            best = row;
    }
    return best;
}

bool prg_has_room(const struct prg *prg)
{
    return best_row(prg) != NULL;
}

static void enter(struct prg *prg, struct prg_row *row, enum prg_state state)
{
    if (row->state != state)
        row->order = ++prg->changes;
    row->state = state;
}

void prg_init(struct prg *prg)
{
    memset(prg, 0, sizeof *prg);
    for (int i = 0; i < PRG_ROWS; i++)
        prg->row[i].state = PRG_IDLE_NOT_VALID;
}

void prg_take(struct prg *prg, const struct prg_request *request, int64_t now_ds, int64_t utc_s)
{
    struct prg_row *row = find(prg, &request->key);
    if (!row || !prg_is_open(row)) {
        const struct prg_row *taken = row ? row : best_row(prg);
        if (!taken)
            return;
        row = &prg->row[taken - prg->row];
        *row = (struct prg_row){.key = request->key, .state = PRG_IDLE_NOT_VALID, .checked_in_ds = -1};
        enter(prg, row, PRG_READY_QUEUED);
    }
    int64_t asked_ds = request->absolute ? now_ds + ((int64_t)request->asked_utc_s - utc_s) * 10 : now_ds;
    row->service_ds = asked_ds + request->service_s * INT64_C(10);
    row->departure_ds = asked_ds + request->departure_s * INT64_C(10);
}

void prg_cancel(struct prg *prg, const struct prg_key *key)
{
    struct prg_row *row = find(prg, key);
    if (row && prg_is_open(row))
        enter(prg, row, PRG_CLOSED_CANCELED);
}

void prg_clear(struct prg *prg, const struct prg_key *key)
{
    struct prg_row *row = find(prg, key);
    if (row)
        row->state = PRG_IDLE_NOT_VALID;
}

void prg_select(struct prg *prg, const struct prg_key *key)
{
    prg->selected = *key;
    prg->is_selected = true;
}

/* ---- time ---- */

/* The row of priorityTable that serves the request; NULL if none is in use. */
static const struct priority_row *strategy_of(const struct prg_world *world, const struct prg_row *row)
{
    int no = row->key.strategy_no;
    const struct priority_row *strategy = no <= PRIORITIES_MAX ? &world->strategy[no - 1] : NULL;
    return strategy && strategy->enabled && strategy->phase.count > 0 ? strategy : NULL;
}

static enum prg_state next_state(const struct prg_world *world, const struct prg_row *row, int64_t now_ds)
{
    const struct priority_row *strategy = strategy_of(world, row);
    int no = row->key.strategy_no;
    if (world->flashing)
        return PRG_CLOSED_FLASH;
    if (!strategy)
        return PRG_CLOSED_STRATEGY;
    if (row->departure_ds < row->service_ds)
        return PRG_CLOSED_TIMER;
    if (now_ds >= row->departure_ds)
        return row->state == PRG_ACTIVE_PROCESSING ? PRG_CLOSED_COMPLETED : PRG_CLOSED_TIMER;
    if (row->checked_in_ds < 0)
        return PRG_READY_QUEUED;
    if (world->active_no == no)
        return PRG_ACTIVE_PROCESSING;
    if (now_ds >= row->checked_in_ds + GRACE_DS && !(world->waiting_mask & 1U << (no - 1)))
        return PRG_CLOSED_TIME_TO_LIVE;
    return world->active_no ? PRG_READY_OVERRIDDEN : PRG_READY_QUEUED;
}

uint16_t prg_step(struct prg *prg, const struct prg_world *world, int64_t now_ds)
{
    uint16_t called = 0;
    for (int i = 0; i < PRG_ROWS; i++) {
        struct prg_row *row = &prg->row[i];
        if (!prg_is_open(row))
            continue;
        enter(prg, row, next_state(world, row, now_ds));
        if (!prg_is_open(row))
            continue;
        int64_t arrival_ds = strategy_of(world, row)->arrival_s * INT64_C(10);
        if (row->checked_in_ds < 0 && now_ds >= row->service_ds - arrival_ds)
            row->checked_in_ds = now_ds;
        if (row->checked_in_ds >= 0)
            called |= (uint16_t)(1U << ((row->key.strategy_no - 1U) % PRIORITIES_MAX));
    }
    return called;
}
