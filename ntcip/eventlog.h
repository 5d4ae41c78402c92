/* The event log of NTCIP 1103 (globalReport): what happened, when, and what an object of the centre's choice
 * was then. Events are found by looking at the watched objects once a tick. The configuration is stored with
 * the database; the log itself is lost with the power. Pure: no clock, no allocation. */
#ifndef NTCIP_EVENTLOG_H
#define NTCIP_EVENTLOG_H

#include "event_watch.h"
#include "object.h"

enum {
    EVENT_VALUE_MAX = 260,  /* octets of an entry's value: 256 and their BER header */
    EVENT_LATENCY_MS = 200, /* the status is one tick old at most, and looked at once a tick */
};

/* As eventConfigAction and eventConfigStatus number them. */
enum event_status {
    EVENT_STATUS_OTHER = 1,
    EVENT_STATUS_DISABLED = 2,
    EVENT_STATUS_LOG = 3,
    EVENT_STATUS_ERROR = 4,
};

struct event_entry {
    uint32_t time_s;    /* as globalTime counts */
    uint16_t time_ms;   /* of that second */
    uint16_t config_no; /* row of eventLogConfigTable */
    uint16_t length;
    uint8_t octet[EVENT_VALUE_MAX]; /* the value in BER; NULL where there was none, or a longer one */
};

/* One class's entries: places in `entry`, the oldest at `first_ix`. */
struct event_class {
    uint16_t place[EVENT_CLASS_LIMIT_MAX];
    uint16_t first_ix;
    uint16_t rows;
    uint16_t events;       /* occurred since power-up, modulo 65,536 */
    uint16_t entries;      /* made since power-up, modulo 65,536 */
    uint32_t cleared_to_s; /* eventClassClearTime as it was last carried out */
};

/* A configuration as it was last seen, with its identifiers looked up. */
struct event_config {
    struct event_config_row row;
    bool active; /* its status is `log` */
    struct event_condition condition;
    struct object_instance compare, log; /* no object: none */
    struct event_watch watch;
};

struct eventlog {
    struct event_config config[EVENT_CONFIGS_MAX];
    struct event_class class[EVENT_CLASSES_MAX];
    struct event_entry entry[EVENT_LOG_MAX];
    uint16_t free[EVENT_LOG_MAX]; /* places of `entry` that are not used */
    uint16_t free_count;
    uint16_t events; /* numEvents, modulo 65,536 */
};

/* An empty log, everything counted from 0. */
void eventlog_init(struct eventlog *log);

/* Looks at every configured object, once a tick, and logs what occurs. Hold times and periods go by the
 * engine's time (view->status->now_ds), entries are stamped with civil time (view->extra). */
void eventlog_step(struct eventlog *log, const struct object_view *view);

/* Follows limits and clear times: drops the oldest beyond a class's limit and what is not younger than its
 * clear time. eventlog_step() does it too; call it when the database has changed, so that a GET right after
 * the SET sees it. */
void eventlog_follow(struct eventlog *log, const struct event_rows *rows);

/* How many entries the class holds, and one of them: number 1 is the oldest. NULL: not there. */
int eventlog_rows(const struct eventlog *log, int class_no);
const struct event_entry *eventlog_entry(const struct eventlog *log, int class_no, int number);

/* What eventConfigStatus says of a row: ERROR where a log was asked for that cannot be kept. */
enum event_status eventlog_status(const struct event_config_row *row);

/* Whether an identifier may be watched or logged: an instance of ours (its row may come and go), outside of
 * what only administrators may read. Puts it into `out`, which may be NULL. */
bool eventlog_may_read(const struct object_id *id, struct object_instance *out);

/* Empties the log; the counters of events go on. */
void eventlog_clear(struct eventlog *log);

#endif
