#include "eventlog.h"
#include "ber.h"
#include "object_arcs.h"
#include <string.h>

/* ---- the entries ---- */

static struct event_class *class_of(struct eventlog *log, int class_no)
{
    return &log->class[class_no - 1];
}

/* Where a class's entry `row_ix` (0 the oldest) stands in `place`. */
static int place_ix(const struct event_class *class, int row_ix)
{
    return (class->first_ix + row_ix) % EVENT_CLASS_LIMIT_MAX;
}

void eventlog_init(struct eventlog *log)
{
    memset(log, 0, sizeof *log);
    for (int i = 0; i < EVENT_LOG_MAX; i++)
        log->free[log->free_count++] = (uint16_t)i;
}

static void drop_oldest(struct eventlog *log, struct event_class *class)
{
    log->free[log->free_count++] = class->place[class->first_ix];
    class->first_ix = (uint16_t)place_ix(class, 1);
    class->rows--;
}

/* A clear time of 0 is none. */
static bool is_cleared(uint32_t clear_time_s, uint32_t time_s)
{
    return clear_time_s != 0 && time_s <= clear_time_s;
}

/* The clock may have been set back, so older entries may carry later times: each is looked at. */
static void drop_until(struct eventlog *log, struct event_class *class, uint32_t clear_time_s)
{
    uint16_t kept = 0;
    for (int row_ix = 0; row_ix < class->rows; row_ix++) {
        uint16_t place = class->place[place_ix(class, row_ix)];
        if (is_cleared(clear_time_s, log->entry[place].time_s))
            log->free[log->free_count++] = place;
        else
            class->place[place_ix(class, kept++)] = place;
    }
    class->rows = kept;
}

void eventlog_follow(struct eventlog *log, const struct event_rows *rows)
{
    for (int class_no = 1; class_no <= EVENT_CLASSES_MAX; class_no++) {
        struct event_class *class = class_of(log, class_no);
        const struct event_class_row *row = &rows->class[class_no - 1];
        while (class->rows > row->limit)
            drop_oldest(log, class);
        if (class->cleared_to_s != row->clear_time_s)
            drop_until(log, class, row->clear_time_s);
        class->cleared_to_s = row->clear_time_s;
    }
}

int eventlog_rows(const struct eventlog *log, int class_no)
{
    return class_no >= 1 && class_no <= EVENT_CLASSES_MAX ? log->class[class_no - 1].rows : 0;
}

const struct event_entry *eventlog_entry(const struct eventlog *log, int class_no, int number)
{
    if (number < 1 || number > eventlog_rows(log, class_no))
        return NULL;
    const struct event_class *class = &log->class[class_no - 1];
    return &log->entry[class->place[place_ix(class, number - 1)]];
}

void eventlog_clear(struct eventlog *log)
{
    for (int class_no = 1; class_no <= EVENT_CLASSES_MAX; class_no++) {
        struct event_class *class = class_of(log, class_no);
        while (class->rows > 0)
            drop_oldest(log, class);
    }
}

/* A place for one more entry of the class: its oldest entry's, where the limit is reached. */
static struct event_entry *take_place(struct eventlog *log, struct event_class *class, int limit)
{
    if (class->rows == limit && limit > 0)
        drop_oldest(log, class);
    if (class->rows >= limit || log->free_count == 0)
        return NULL;
    uint16_t place = log->free[--log->free_count];
    class->place[place_ix(class, class->rows++)] = place;
    return &log->entry[place];
}

/* ---- the configurations ---- */

static bool begins_with(const struct object_id *id, const struct object_id *root)
{
    return id->length >= root->length && memcmp(id->arc, root->arc, root->length * sizeof root->arc[0]) == 0;
}

static bool is_null(const struct object_id *id)
{
    return id->length == 2 && id->arc[0] == 0 && id->arc[1] == 0;
}

bool eventlog_may_read(const struct object_id *id, struct object_instance *out)
{
    static const struct object_id security = OID(GLOBAL, 5);
    struct object_instance at;
    if (begins_with(id, &security) || object_find(id, &at) != OBJECT_OK || at.object->admin)
        return false;
    if (out)
        *out = at;
    return true;
}

static struct event_condition condition_of(const struct event_config_row *row)
{
    return (struct event_condition){(enum event_mode)row->mode, row->compare_value, row->compare_value2};
}

static bool is_integer(const struct object *object)
{
    return object->syntax == SYNTAX_INTEGER || object->syntax == SYNTAX_NAMED;
}

/* Looks the row's identifiers up. Returns whether events can be logged by it. */
static bool resolve(const struct event_config_row *row, struct object_instance *compare,
                    struct object_instance *log)
{
    struct event_condition condition = condition_of(row);
    struct object_id id;
    *compare = *log = (struct object_instance){.object = NULL};
    if (!event_condition_valid(&condition) || row->class_no < 1 || row->class_no > EVENT_CLASSES_MAX)
        return false;
    object_unpack_id(&row->log_id, &id);
    if (!is_null(&id) && !eventlog_may_read(&id, log))
        return false;
    if (condition.mode == EVENT_PERIODIC)
        return true;
    object_unpack_id(&row->compare_id, &id);
    return eventlog_may_read(&id, compare) &&
           (!event_mode_numeric(condition.mode) || is_integer(compare->object));
}

enum event_status eventlog_status(const struct event_config_row *row)
{
    struct object_instance compare, log;
    if (row->action == EVENT_STATUS_DISABLED)
        return EVENT_STATUS_DISABLED;
    return row->action == EVENT_STATUS_LOG && resolve(row, &compare, &log) ? EVENT_STATUS_LOG
                                                                           : EVENT_STATUS_ERROR;
}

static void configure(struct event_config *config, const struct event_config_row *row, int64_t now_ds)
{
    memcpy(&config->row, row, sizeof *row); /* its padding too: rows are compared as octets */
    config->active = resolve(row, &config->compare, &config->log) && row->action == EVENT_STATUS_LOG;
    config->condition = condition_of(row);
    event_watch_begin(&config->watch, &config->condition, now_ds);
}

/* ---- the step ---- */

static uint64_t digest_octets(const void *data, size_t size)
{
    const uint8_t *octet = data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ octet[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t digest_of(const struct value *value)
{
    switch (value->type) {
    case VALUE_OCTETS:
    case VALUE_OPAQUE:
    case VALUE_IP_ADDRESS:
        return digest_octets(value_octets(value), value->length);
    case VALUE_OBJECT_ID:
        return digest_octets(value->id.arc, value->id.length * sizeof value->id.arc[0]);
    case VALUE_INTEGER:
    case VALUE_COUNTER:
    case VALUE_GAUGE:
    case VALUE_TIMETICKS:
    case VALUE_OTHER:
        break;
    }
    return (uint64_t)value->number;
}

static struct event_sample sample_of(const struct object_instance *at, const struct object_view *view)
{
    struct value value;
    if (!at->object || object_get(at, view, &value) != OBJECT_OK)
        return (struct event_sample){.present = false};
    return (struct event_sample){
        .present = true,
        .number = is_integer(at->object) ? value.number : 0,
        .digest = digest_of(&value),
    };
}

static int encode(const struct object_instance *at, const struct object_view *view, uint8_t *out, size_t size)
{
    struct value value;
    int length = -1;
    if (at->object && object_get(at, view, &value) == OBJECT_OK)
        length = ber_encode(&value, out, size);
    return length < 0 ? ber_encode_null(out, size) : length;
}

/* Counts an event, and logs it where the class's limit and clear time allow. */
static void record(struct eventlog *log, int config_no, const struct event_class_row *row,
                   const struct object_view *view)
{
    const struct event_config *config = &log->config[config_no - 1];
    struct event_class *class = class_of(log, config->row.class_no);
    log->events++;
    class->events++;
    uint32_t time_s = (uint32_t)view->extra->utc_s;
    if (is_cleared(row->clear_time_s, time_s))
        return;
    struct event_entry entry = {
        .time_s = time_s,
        .time_ms = view->extra->utc_ms,
        .config_no = (uint16_t)config_no,
    };
    /* What is noted may come from the log itself: read it before a place is taken there. */
    entry.length = (uint16_t)encode(&config->log, view, entry.octet, sizeof entry.octet);
    struct event_entry *place = take_place(log, class, row->limit);
    if (!place)
        return;
    *place = entry;
    class->entries++;
}

/* A changed row is a new one: what was seen before is forgotten. */
static void follow_config(struct event_config *config, const struct event_config_row *row, int64_t now_ds)
{
    if (memcmp(&config->row, row, sizeof *row) != 0)
        configure(config, row, now_ds);
}

void eventlog_step(struct eventlog *log, const struct object_view *view)
{
    const struct event_rows *rows = &view->db->device.event;
    int64_t now_ds = view->status->now_ds;
    eventlog_follow(log, rows);
    for (int ix = 0; ix < EVENT_CONFIGS_MAX; ix++) {
        struct event_config *config = &log->config[ix];
        follow_config(config, &rows->config[ix], now_ds);
        if (!config->active)
            continue;
        struct event_sample sample = sample_of(&config->compare, view);
        if (event_watch_step(&config->watch, &config->condition, &sample, now_ds))
            record(log, ix + 1, &rows->class[config->row.class_no - 1], view);
    }
}
