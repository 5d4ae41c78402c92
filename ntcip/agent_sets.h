/* What every protocol before the objects shares: one look at the state for all messages that wait
 * together, and the SETs, which go one at a time, whoever brings them. A SET is judged as a whole
 * (set_stage), handed to the backend to be made durable, audited, committed, answered.
 *
 * Everything here and every callback runs in the thread of the event loop. */
#ifndef NTCIP_AGENT_SETS_H
#define NTCIP_AGENT_SETS_H

#include "agent_config.h"
#include "set.h"

enum {
    SETS_WAITING_MAX = 16, /* those in work included */
    AGENT_WHO_TEXT = 64,
    AGENT_SOURCE_TEXT = 64,
};

/* What is kept of one SET, taken or refused. */
struct agent_audit {
    char who[AGENT_WHO_TEXT]; /* "user center", "community 1" (its place in the config, not its name), "stmp"
                               */
    char source[AGENT_SOURCE_TEXT]; /* udp:192.0.2.7:40001 */
    const char *version;            /* v1, v2c, v3, stmp */
    enum snmp_role role;
    const struct set_item *item;
    size_t count;
    const struct set_result *result; /* error SET_OK: it is taken */
};

enum agent_prepare {
    PREPARE_DONE,    /* durable (or nothing of it needs to be); commit may follow */
    PREPARE_WAIT,    /* in work: sets_prepared() will tell */
    PREPARE_REFUSED, /* disk or queue full: nothing was changed */
};

/* The controller behind the protocols. */
struct agent_backend {
    void *arg;

    /* The newest state, its control with every operation not yet taken by the tick applied, so that
     * a value just SET reads back at once. What it points to stays unchanged until the loop is
     * returned to or `commit` called. Must not block. */
    void (*view)(void *arg, struct object_view *view);

    /* A further check of a staged database, as in set_stage(); may be NULL. */
    set_database_check *check;

    /* Makes sure that `commit` of this stage cannot fail: writes a changed database to disk, keeps
     * room in queues. One at a time; `stage` stays unchanged until commit or refusal. Should it not
     * return PREPARE_WAIT it may block, and everything else on the event loop waits with it. */
    enum agent_prepare (*prepare)(void *arg, const struct set_stage *stage);

    /* Carries the stage out. Cannot fail. */
    void (*commit)(void *arg, const struct set_stage *stage);

    /* A SET was refused because of `culprit`; `staged` is the database as it was judged by. May be NULL. */
    void (*refused)(void *arg, const struct set_item *culprit, enum set_error error,
                    const struct database *staged);

    /* Called once for each SET by someone known, just before `commit` (view still shows the old
     * values) or after the refusal. May be NULL. */
    void (*audit)(void *arg, const struct agent_audit *record);

    /* A line worth a log entry, without line end; level as in syslog.h. May be NULL. */
    void (*log)(void *arg, int level, const char *line);
};

/* A SET as a protocol hands it over. */
struct sets_request {
    enum snmp_role role;
    bool aliases; /* some scalars may be named as old clients do */
    char who[AGENT_WHO_TEXT];
    char source[AGENT_SOURCE_TEXT];
    const char *version;
    bool nameless; /* `who` is for the audit alone: it owns no transaction, and writes into whichever is open
                    */
    void *arg;
    /* Copies what is to be set. Returns how many, or -1 if there are more than `max`. */
    int (*items)(void *arg, struct set_item item[], int max);
    /* The SET has ended; called exactly once, unless sets_free() comes first. */
    void (*answer)(void *arg, const struct set_result *result);
};

struct sets;

/* `backend` is copied. Returns NULL if memory is short. */
struct sets *sets_new(const struct agent_backend *backend, bool structure_at_once);

/* What waits is forgotten unanswered: let it finish first. NULL is allowed. */
void sets_free(struct sets *sets);

const struct agent_backend *sets_backend(const struct sets *sets);

/* Every view has these counters from now on. */
void sets_count(struct sets *sets, const struct snmp_counters *counters);

/* The state as it was when first asked for since sets_look_anew() or the last commit, for a reader of that
 * role who may use aliases or not. */
const struct object_view *sets_view(struct sets *sets, enum snmp_role role, bool aliases);
void sets_look_anew(struct sets *sets);

/* Takes a SET in; it may be answered before this returns. False if too many wait: there will be no
 * answer, and the sender will ask again. */
bool sets_add(struct sets *sets, const struct sets_request *request);

/* Ends a PREPARE_WAIT: `durable` commits and answers, else the SET is refused. */
void sets_prepared(struct sets *sets, bool durable);

#endif
