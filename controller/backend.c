#include "backend.h"
#include "../io/io_thread.h"
#include "../ntcip/device.h"
#include "../ntcip/json.h"
#include "card.h"
#include "io_pins.h"
#include "log.h"
#include "netports.h"
#include "version.h"
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    AUDIT_OCTETS = 1536,
    AUDIT_VALUE_OCTETS = 256,
    AUDIT_NAME_OCTETS = 96,
    FINISH_MS = 1000,
    PORTS_PERIOD_US = 10 * 1000 * 1000
};

struct backend {
    struct app *app;
    struct store *store;
    const struct config *config;
    int64_t started_us;
    bool saving;
    struct feed_clock clock; /* as it was last looked at */
    bool clock_set;          /* by globalTime, since the start */
    int64_t civil_offset_us; /* what it was set to, less the system's UTC */
    struct database db;      /* in force, or offered to the tick */
    uint16_t database_id;
    struct transaction transaction;
    struct database candidate; /* what the transaction has gathered */
    struct device device;
    int ports_fd;
    int64_t ports_due_us; /* when the network ports are looked at again */
    uint64_t strangers;   /* messages of nobody known, as last counted by the agent */
    uint8_t long_value[VALUE_LONG_MAX];

    /* What a view points to. */
    struct app_status status;
    struct control control;
    struct object_extra extra;
    struct object_latches latches;

    /* Commands on their way to the tick, at their number modulo COMMANDS_MAX. */
    uint64_t queued;
    struct control_op op[COMMANDS_MAX];
};

static int64_t now_s(void)
{
    return io_now_us() / 1000000;
}

/* ---- reading ---- */

/* The control as it will be when the tick has taken what waits. */
static void overlay_commands(struct backend *backend)
{
    backend->control = backend->status.control;
    for (uint64_t n = backend->status.commands_taken; n < backend->queued; n++)
        control_apply(&backend->control, &backend->op[n % COMMANDS_MAX]);
}

static uint8_t tick_age_ms(const struct app_status *status)
{
    int64_t age_ms = (io_now_us() - status->tick_us) / 1000;
    return (uint8_t)(age_ms < 0 ? 0 : age_ms < TICK_MS ? age_ms : TICK_MS - 1);
}

static void view(void *arg, struct object_view *out)
{
    struct backend *backend = arg;
    const struct app_status *status = &backend->status;
    struct object_extra *extra = &backend->extra;
    object_unlatch(&backend->latches, &status->engine, extra);
    app_get_status(backend->app, &backend->status);
    overlay_commands(backend);
    extra->tick_age_ms = tick_age_ms(status);
    extra->uptime_cs = (uint32_t)((io_now_us() - backend->started_us) / 10000);
    int64_t utc_us = clock_utc_us() + backend->civil_offset_us;
    extra->utc_s = utc_us / 1000000;
    extra->utc_ms = (uint16_t)(utc_us / 1000 % 1000);
    extra->database_id = backend->database_id;
    extra->frame = status->frame;
    memcpy(extra->countdown_s, status->countdown_s, sizeof extra->countdown_s);
    extra->guard_tripped = status->trip != GUARD_OK;
    extra->cabinet_flash = status->image.status & CABINET_FLASHING;
    extra->cabinet_lost = status->cabinet_lost;
    extra->local_flash = status->image.inputs & CABINET_FLASH_SWITCH;
    extra->door_open = !status->cabinet_lost && (status->image.inputs & CABINET_DOOR);
    *out = (struct object_view){
        .db = &backend->db,
        .control = &backend->control,
        .status = &backend->status.engine,
        .extra = extra,
        .latches = &backend->latches,
        .transaction = &backend->transaction,
        .candidate = &backend->candidate,
        .device = &backend->device,
        .long_value = backend->long_value,
    };
}

/* ---- SET ---- */

struct first_fault {
    size_t field_offset;
    char *message;
    size_t message_size;
    bool found;
};

static void keep_first_fault(void *arg, const struct card_fault *fault)
{
    struct first_fault *first = arg;
    if (first->found)
        return;
    first->found = true;
    first->field_offset = fault->field_offset;
    snprintf(first->message, first->message_size, "%s", fault->reason);
}

static int check_against_card(void *arg, const struct database *db, size_t *field_offset, char *message,
                              size_t message_size)
{
    const struct backend *backend = arg;
    struct first_fault first = {.message = message, .message_size = message_size};
    if (card_check(&backend->config->card, &backend->config->feed, db, keep_first_fault, &first) == 0)
        return 0;
    *field_offset = first.field_offset;
    return -1;
}

static enum agent_prepare prepare(void *arg, const struct set_stage *stage)
{
    struct backend *backend = arg;
    app_get_status(backend->app, &backend->status);
    enum unit_state unit = backend->status.engine.unit;
    if (stage->op_count > 0 && (unit == UNIT_STARTUP_FLASH || unit == UNIT_STARTUP_ALL_RED)) {
        log_line(LOG_NOTICE, "set: no command is taken during start-up");
        return PREPARE_REFUSED;
    }
    if (stage->op_count > COMMANDS_MAX - (backend->queued - backend->status.commands_taken)) {
        log_line(LOG_WARNING, "set: the queue of commands is full");
        return PREPARE_REFUSED;
    }
    if (!stage->db_changed)
        return PREPARE_DONE;
    backend->saving = store_submit(backend->store, backend->config->asc_digest, &stage->db) == 0;
    return backend->saving ? PREPARE_WAIT : PREPARE_REFUSED;
}

void backend_store_ready(struct backend *backend, struct sets *sets)
{
    bool saved;
    char why[256];
    if (!store_finished(backend->store, &saved, why, sizeof why))
        return;
    backend->saving = false;
    if (!saved)
        log_line(LOG_ALERT, "store: the database cannot be stored: %s", why);
    sets_prepared(sets, saved);
}

void backend_finish(struct backend *backend, struct sets *sets)
{
    struct pollfd fd = {.fd = store_event_fd(backend->store), .events = POLLIN};
    if (backend->saving && poll(&fd, 1, FINISH_MS) == 1)
        backend_store_ready(backend, sets);
}

static enum unit_clock_state unit_clock_state_of(enum clock_state state)
{
    switch (state) {
    case CLOCK_SYNCED:
        return UNIT_CLOCK_SYNCED;
    case CLOCK_HOLDOVER:
        return UNIT_CLOCK_HOLDOVER;
    case CLOCK_UNSYNCED:
        break;
    }
    return UNIT_CLOCK_ALONE;
}

static void follow_clock(struct backend *backend, bool by_centre)
{
    unit_clock_look(&backend->device.clock, unit_clock_state_of(backend->clock.state),
                    (backend->clock.utc_offset_us + backend->civil_offset_us) / 1000, by_centre,
                    io_now_us() / 1000);
}

/* The schedule goes by a clock that somebody vouches for: the system's time source, the centre that set it,
 * or the config. */
static void tell_civil(struct backend *backend)
{
    bool known =
        backend->clock.state != CLOCK_UNSYNCED || backend->clock_set || backend->config->site.clock_trusted;
    app_set_civil(backend->app, known, backend->clock.utc_offset_us + backend->civil_offset_us);
}

void backend_clock(struct backend *backend, const struct feed_clock *clock)
{
    backend->clock = *clock;
    tell_civil(backend);
    follow_clock(backend, false);
    if (transaction_expire(&backend->transaction, now_s(), backend->config->snmp.transaction_idle_s))
        log_line(LOG_WARNING, "set: a database transaction was left alone and is dropped");
}

static void queue_commands(struct backend *backend, const struct control_op *op, size_t count)
{
    /* This thread alone fills the queue, so the room that prepare() saw is still there. */
    uint64_t last = app_command(backend->app, op, count);
    if (last == 0)
        return;
    for (size_t i = 0; i < count; i++)
        backend->op[(last - count + i) % COMMANDS_MAX] = op[i];
    backend->queued = last;
}

/* Requests for priority come true as calls of the engine. Where the queue is full, or a SET that is being
 * saved counts on its room, the next step tries again. */
static void follow_requests(struct backend *backend)
{
    struct prg_device *prg = &backend->device.prg;
    struct control_op op;
    if (backend->saving || !prg_device_command(prg, &backend->control, &op) ||
        backend->queued - backend->status.commands_taken == COMMANDS_MAX)
        return;
    queue_commands(backend, &op, 1);
    prg_device_commanded(prg, &op);
}

/* The wiring and the network, as their objects tell them. */
static void follow_station(struct backend *backend)
{
    const struct app_status *status = &backend->status;
    io_pins_put(&backend->device.io, &status->image, status->cabinet_lost, &status->frame,
                status->trip == GUARD_OK);
    if (io_now_us() < backend->ports_due_us)
        return;
    backend->ports_due_us = io_now_us() + PORTS_PERIOD_US;
    netports_look(backend->ports_fd, &backend->device.ports);
}

void backend_step(struct backend *backend)
{
    struct object_view now;
    view(backend, &now);
    now.latches = NULL; /* what goes on by itself has read no alarm */
    int64_t now_ms = io_now_us() / 1000;
    follow_station(backend);
    device_step(&backend->device, &now, now_ms);
    spat_expire(&backend->device.spat, backend->config->tscbm.requester_s, now_ms);
    follow_requests(backend);
}

void backend_receivers(const struct backend *backend, struct tscbm_receivers *out)
{
    spat_receivers(&backend->config->tscbm, &backend->db, &backend->device.spat, out);
}

/* ---- notifications ---- */

struct outbox {
    struct agent *agent;
    const struct notify_rows *rows;
};

static enum trap_error send_trap(void *arg, const struct trap_message *message)
{
    const struct outbox *outbox = arg;
    struct trap_route route;
    enum trap_error found = trap_find_route(outbox->rows, message->manager_no, &route);
    return found == TRAP_OK ? agent_notify(outbox->agent, message, &route) : found;
}

void backend_notify(struct backend *backend, struct agent *agent)
{
    const struct notify_rows *rows = &backend->db.device.notify;
    struct device *device = &backend->device;
    struct outbox outbox = {agent, rows};
    struct agent_counters counters;
    agent_get_counters(agent, &counters);
    if (counters.unknown != backend->strangers && backend->db.device.authentication_traps == 1)
        trap_authentication_failure(&device->traps);
    backend->strangers = counters.unknown;
    trap_step(&device->traps, &rows->trap, device->now_ms, send_trap, &outbox);
}

/* ---- SET, carried out ---- */

static void commit(void *arg, const struct set_stage *stage)
{
    struct backend *backend = arg;
    set_transact(stage, &backend->db, &backend->transaction, &backend->candidate, now_s());
    if (stage->db_changed) {
        bool replan = database_differs_for_engine(&backend->db, &stage->db);
        backend->db = stage->db;
        backend->database_id = object_database_id(&backend->db);
        if (replan) /* a plan taken anew forgets the faults it was suspected of */
            app_offer_plan(backend->app, &backend->db);
        device_follow(&backend->device, &backend->db.device);
    }
    if (stage->op_count > 0)
        queue_commands(backend, stage->op, stage->op_count);
    if (stage->sets_clock) {
        backend->clock_set = true;
        backend->civil_offset_us = stage->clock_utc_s * 1000000 - clock_utc_us();
        tell_civil(backend);
        follow_clock(backend, true);
    }
    set_call_device(stage, &backend->device);
}

static void refused(void *arg, const struct set_item *culprit, enum set_error error,
                    const struct database *staged)
{
    struct backend *backend = arg;
    struct object_view then;
    view(backend, &then);
    then.db = staged;
    device_refused(&backend->device, &then, culprit, error);
}

/* ---- audit ---- */

struct text {
    char octet[AUDIT_OCTETS];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text->octet + text->length, sizeof text->octet - text->length, format, args);
    va_end(args);
    if (length > 0)
        text->length += (size_t)length;
    if (text->length >= sizeof text->octet)
        text->length = sizeof text->octet - 1;
}

static void append_value(struct text *text, const struct object *object, const struct value *value)
{
    char json[AUDIT_VALUE_OCTETS];
    if (json_print_value(object, value, json, sizeof json) < 0)
        append(text, "(long)");
    else
        append(text, "%s", json);
}

/* Which rows of which block; what was in them before is not what the object reads as. */
static void append_block(struct text *text, const struct value *value)
{
    enum { HEADER_OCTETS = 6 };
    append(text, " -> \"");
    for (int i = 0; i < HEADER_OCTETS && i < value->length; i++)
        append(text, "%02x", value_octets(value)[i]);
    append(text, "\" and on, %d octets", value->length);
}

static void append_item(struct text *text, const struct object_view *view_now, const struct set_item *item)
{
    struct object_instance at;
    struct value old;
    if (object_find(&item->id, &at) != OBJECT_OK) {
        for (int i = 0; i < item->id.length && i < OBJECT_ID_MAX; i++)
            append(text, i ? ".%u" : "%u", item->id.arc[i]);
        return;
    }
    char name[AUDIT_NAME_OCTETS];
    object_format(&at, name, sizeof name);
    append(text, "%s", name);
    if (at.object->admin) { /* the log has more readers than administrators */
        append(text, " -> (not shown)");
        return;
    }
    if (object_fits(at.object, &item->value) == FIT_TYPE)
        return;
    if (at.object->store == STORE_BLOCK) {
        append_block(text, &item->value);
        return;
    }
    if (object_get(&at, view_now, &old) == OBJECT_OK) {
        append(text, " ");
        append_value(text, at.object, &old);
    }
    append(text, " -> ");
    append_value(text, at.object, &item->value);
}

static void audit(void *arg, const struct agent_audit *record)
{
    struct text text = {.length = 0};
    struct object_view view_now;
    view(arg, &view_now);
    size_t told = 0;
    while (told < record->count && text.length < AUDIT_OCTETS / 2) {
        append(&text, told ? ", " : "");
        append_item(&text, &view_now, &record->item[told++]);
    }
    if (told < record->count)
        append(&text, ", and %zu more", record->count - told);
    const struct set_result *result = record->result;
    if (result->error == SET_OK)
        log_line(LOG_NOTICE, "set: %s, %s, %s: %s: taken", record->who, record->source, record->version,
                 text.octet);
    else
        log_line(LOG_NOTICE, "set: %s, %s, %s: %s: refused: %s at %d: %s", record->who, record->source,
                 record->version, text.octet, set_error_name(result->error), result->index, result->message);
}

/* ---- the whole ---- */

struct backend *backend_new(struct app *app, struct store *store, const struct config *config,
                            const struct database *db)
{
    struct backend *backend = calloc(1, sizeof *backend);
    if (!backend)
        return NULL;
    backend->app = app;
    backend->store = store;
    backend->config = config;
    backend->started_us = io_now_us();
    transaction_init(&backend->transaction);
    device_init(&backend->device);
    io_pins_list(&config->cabinet.map, &backend->device.io);
    backend->ports_fd = netports_open(&backend->device.ports);
    backend->ports_due_us = backend->started_us + PORTS_PERIOD_US;
    backend->device.spat.enabled = config->tscbm.enabled;
    backend->db = *db;
    backend->database_id = object_database_id(db);
    backend->extra.restarted = true;
    backend->extra.version = TSC_MODULE_VERSION;
    backend->extra.name = config->site.id;
    backend->extra.location = config->site.name_en[0] ? config->site.name_en : config->site.name;
    return backend;
}

void backend_free(struct backend *backend)
{
    if (backend && backend->ports_fd >= 0)
        close(backend->ports_fd);
    free(backend);
}

struct stmp_statistics *backend_stmp(struct backend *backend)
{
    return &backend->device.stmp;
}

struct feed_device *backend_feed(struct backend *backend)
{
    return &backend->device.feed;
}

void backend_callbacks(struct backend *backend, struct agent_backend *out)
{
    *out = (struct agent_backend){
        .arg = backend,
        .view = view,
        .check = check_against_card,
        .prepare = prepare,
        .commit = commit,
        .refused = refused,
        .audit = audit,
        .log = log_agent,
    };
}
