/* Requests for priority as a priority request generator sends them (NTCIP 1211): the packed layouts of its
 * objects, and the table of requests behind them. A request names a strategy, which is a row of our
 * priorityTable; the row says which phases, how far and how urgent. Pure: the time comes in, what the engine
 * shall be asked for comes out. Layouts and states: docs/spat.md. */
#ifndef NTCIP_PRG_H
#define NTCIP_PRG_H

#include "../phases/database.h"

enum {
    PRG_ROWS = 10, /* requests kept */
    PRG_VEHICLE_OCTETS = 17,
    PRG_KEY_OCTETS = 21,
    PRG_REQUEST_OCTETS = 25,
    PRG_ABSOLUTE_OCTETS = 29,
    PRG_STATUS_OCTETS = 23,
    PRG_CLASSES = 10,
};

/* priorityRequestStatusInPRS. */
enum prg_state {
    PRG_IDLE_NOT_VALID = 1,
    PRG_READY_QUEUED = 2,
    PRG_READY_OVERRIDDEN = 3, /* checked in, while another request is being served */
    PRG_ACTIVE_PROCESSING = 4,
    PRG_ACTIVE_CANCEL = 5, /* these three, 9 and 14 do not occur here */
    PRG_ACTIVE_OVERRIDE = 6,
    PRG_ACTIVE_NOT_OVERRIDDEN = 7,
    PRG_CLOSED_CANCELED = 8,
    PRG_RESERVICE_ERROR = 9,
    PRG_CLOSED_TIME_TO_LIVE = 10, /* priorityTimeToLive has run */
    PRG_CLOSED_TIMER = 11,        /* departs before it arrives, or departed without having been served */
    PRG_CLOSED_STRATEGY = 12,     /* no such row of priorityTable is in use */
    PRG_CLOSED_COMPLETED = 13,
    PRG_ACTIVE_ADJUST_NOT_NEEDED = 14,
    PRG_CLOSED_FLASH = 15,
};

/* What tells one request from another. */
struct prg_key {
    uint8_t request_no;
    uint8_t vehicle[PRG_VEHICLE_OCTETS];
    uint8_t class_type, class_level; /* 1..10 */
    uint8_t strategy_no;
};

struct prg_request {
    struct prg_key key;
    uint16_t service_s;   /* until the vehicle reaches the stop line */
    uint16_t departure_s; /* until it has left it; both counted from the request */
    bool absolute;
    uint32_t asked_utc_s; /* when it was made, where absolute */
};

struct prg_row {
    struct prg_key key;
    enum prg_state state;
    int64_t service_ds, departure_ds;
    int64_t checked_in_ds; /* -1: not yet */
    uint64_t order;        /* of the last change; the least was closed first */
};

struct prg {
    struct prg_row row[PRG_ROWS];
    struct prg_key selected; /* by prgPriorityStatusControl */
    bool is_selected;
    uint64_t changes;
};

/* What the requests are measured against. */
struct prg_world {
    const struct priority_row *strategy; /* PRIORITIES_MAX rows */
    bool flashing;                       /* start-up included */
    uint8_t active_no;                   /* engine_status.priority_no */
    uint16_t waiting_mask;               /* engine_status.priority_requests */
};

/* Empty. */
void prg_init(struct prg *prg);

/* Take a value apart. Return 0, or -1 if a field is out of its range (`out` untouched). A request has
 * PRG_REQUEST_OCTETS, or PRG_ABSOLUTE_OCTETS where it is absolute. */
int prg_read_key(const uint8_t octet[PRG_KEY_OCTETS], struct prg_key *out);
int prg_read_request(const uint8_t *octet, size_t length, struct prg_request *out);

/* The row of that request, or NULL. */
const struct prg_row *prg_find(const struct prg *prg, const struct prg_key *key);

bool prg_is_open(const struct prg_row *row);

/* Whether there is a row for one more: free, or closed. */
bool prg_has_room(const struct prg *prg);

/* A new request, or new times for an open one: the network may deliver it twice. The caller has asked
 * prg_has_room(). `now_ds` is monotonic, `utc_s` the time of day, which an absolute request needs. */
void prg_take(struct prg *prg, const struct prg_request *request, int64_t now_ds, int64_t utc_s);

/* Withdraw a request; forget one. Without effect where there is none. */
void prg_cancel(struct prg *prg, const struct prg_key *key);
void prg_clear(struct prg *prg, const struct prg_key *key);

/* Which request prg_write_status() tells about from now on. */
void prg_select(struct prg *prg, const struct prg_key *key);

/* Its state; idleNotValid where there is none. The last octet is 0. */
void prg_write_status(const struct prg *prg, uint8_t out[PRG_STATUS_OCTETS]);

/* Time passes. Returns the rows of priorityTable that are called, bit n-1 for row n. */
uint16_t prg_step(struct prg *prg, const struct prg_world *world, int64_t now_ds);

#endif
