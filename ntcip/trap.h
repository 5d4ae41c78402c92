/* Notifications with acknowledgement (NTCIP 1103 v03, ntcipTraps): what is sent to which manager and when,
 * what is sent again, what is given up. Pure: the caller brings the time, the stored rows and the way out.
 *
 * An event that a manager wants is gathered with others for as long as its row says and becomes a trap with
 * a number of its own. Traps wait in a queue of the manager's depth: one to be acknowledged until the
 * manager names its number or every repeat is used up, another until it is sent once. Each trap that finds
 * the queue full, each one given up and each one that could not be sent counts as lost.
 *
 * Nothing here blocks or allocates; one `struct trap_station` holds everything. */
#ifndef NTCIP_TRAP_H
#define NTCIP_TRAP_H

#include "../phases/database_notify.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    TRAP_QUEUE_MAX = 16,       /* trapMgmtQueueDepth may ask for as many */
    TRAP_BATCH_MAX = 16,       /* trapMaxAggregationEvents */
    TRAP_DATA_MAX = 1024,      /* trapMaxAggregationSize: a message stays within one Ethernet frame */
    TRAP_SEQUENCE_MAX = 65535, /* 1 follows; 0 is never given */
};

/* trapMgmtLinkState. */
enum trap_link {
    TRAP_LINK_UNKNOWN = 1, /* nothing acknowledged and nothing given up yet */
    TRAP_LINK_UP = 2,      /* the last word: an acknowledgement */
    TRAP_LINK_DOWN = 3,    /* the last word: a trap given up */
};

/* trapMgmtErrStatus: the last thing that went wrong; an acknowledgement takes it back. */
enum trap_error {
    TRAP_OK = 1,
    TRAP_NO_ADDRESS = 2,     /* the logical name is not in use or has no address */
    TRAP_NO_CREDENTIALS = 3, /* the community row is empty, or there is no such user */
    TRAP_NOT_SENT = 4,       /* the network refused it */
    TRAP_UNACKNOWLEDGED = 5, /* every repeat was used up */
    TRAP_QUEUE_FULL = 6,
};

enum trap_kind { TRAP_OF_EVENTS, TRAP_COLD_START, TRAP_AUTHENTICATION_FAILURE };

/* One entry of the event log. `value` is the complete BER of what was logged. */
struct trap_event {
    uint16_t config_no; /* eventLogID */
    uint8_t class_no;
    uint8_t number; /* its row within the class when it was entered */
    uint32_t time_s;
    const uint8_t *value;
    size_t length;
};

/* Rows of one trap in the making, encoded. */
struct trap_batch {
    uint8_t count; /* 0: none in the making */
    bool acknowledged;
    int64_t due_ms;
    uint16_t length;
    uint8_t rows[TRAP_DATA_MAX];
};

struct trap {
    uint16_t sequence;
    bool acknowledged; /* stays until it is */
    uint8_t tries;
    int64_t due_ms; /* of the next try, or of giving up */
    uint16_t length;
    uint8_t data[TRAP_DATA_MAX];
};

struct trap_manager {
    bool in_use;
    bool cold_start_due, authentication_due;
    struct trap_batch batch;
    uint8_t count;
    struct trap queue[TRAP_QUEUE_MAX];  /* the oldest first */
    uint16_t given, sent, acknowledged; /* sequence numbers: the newest of each */
    uint16_t lost;                      /* stays at its highest */
    enum trap_link link;
    enum trap_error error;
    int64_t next_ms; /* trapMgmtAntiStreamRate: not before */
};

struct trap_station {
    struct trap_manager manager[TRAP_MANAGERS_MAX];
    uint16_t counter[TRAP_EVENTS_MAX][TRAP_MANAGERS_MAX]; /* trapCounter: 0 follows 65535 */
    uint16_t last_length;
    uint8_t last[TRAP_DATA_MAX]; /* trapData: what the last trap to anybody carried */
};

/* What is to go out. `data` stays until the callback returns. */
struct trap_message {
    enum trap_kind kind;
    int manager_no;
    uint16_t sequence; /* of TRAP_OF_EVENTS */
    const uint8_t *data;
    size_t length;
};

/* Where it goes, out of the stored rows. */
struct trap_route {
    uint8_t address[4];
    uint16_t port;
    enum trap_protocol protocol;
    struct community_name community; /* of versions 1 and 2c */
    int user_no;                     /* of version 3: its place in the config, from 1 */
};

/* Hands a message to the network without waiting. Returns TRAP_OK, or why it did not leave. */
typedef enum trap_error trap_send(void *arg, const struct trap_message *message);

/* Empty, with coldStart due to the managers in use at the first step. */
void trap_init(struct trap_station *station);

/* A new entry of the log. */
void trap_event(struct trap_station *station, const struct trap_rows *rows, const struct trap_event *event,
                int64_t now_ms);

/* Somebody asked with a wrong name. Until it is sent, further ones are the same notification. */
void trap_authentication_failure(struct trap_station *station);

/* Sends, repeats and gives up what is due. Any monotonic clock will do. */
void trap_step(struct trap_station *station, const struct trap_rows *rows, int64_t now_ms, trap_send *send,
               void *arg);

/* The manager has written trapMgmtSeqNumACK: the trap of this number, and only that, is done with. A number
 * that waits for nobody changes nothing but what is read back: answers to a SET get lost. */
void trap_acknowledge(struct trap_station *station, int manager_no, uint16_t sequence);

/* TRAP_OK and the route of a manager, or what is missing of it. */
enum trap_error trap_find_route(const struct notify_rows *rows, int manager_no, struct trap_route *out);

#endif
