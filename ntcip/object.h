/* The object table: every NTCIP object the controller knows, with its OID, syntax, range, access,
 * class, default and the field behind it. The table itself stands in objects.def; everything here
 * is a view of it. All tables are constant and nothing here blocks or allocates. */
#ifndef NTCIP_OBJECT_H
#define NTCIP_OBJECT_H

#include "../phases/control.h"
#include "../phases/database.h"
#include "../phases/engine.h"
#include "transaction.h"
#include "value.h"

struct device;

/* Who sends a PDU. */
struct set_sender {
    const char *who;        /* as transactions are owned: one text for one user or community. NULL: a protocol
                               without either (STMP), whose parameters join whatever transaction is open */
    const char *source;     /* udp:192.0.2.7:40001; empty where it is not known */
    bool admin;             /* may end another's transaction, and knows what only administrators may */
    bool structure_at_once; /* structural parameters are taken outside of transactions too */
};

/* Why a SET is refused: numbered as SNMPv2's error-status; version 1 has its own mapping (RFC 3584). */
enum set_error {
    SET_OK = 0,
    SET_TOO_BIG = 1,
    SET_GENERAL = 5,
    SET_NO_ACCESS = 6,
    SET_WRONG_TYPE = 7,
    SET_WRONG_LENGTH = 8,
    SET_WRONG_VALUE = 10,
    SET_NO_CREATION = 11,
    SET_INCONSISTENT_VALUE = 12,
    SET_RESOURCE_UNAVAILABLE = 13,
    SET_NOT_WRITABLE = 17,
};

enum { SET_MESSAGE_MAX = 192 };

/* What the unit around the engine supplies. Texts may be NULL: they read as empty. */
struct object_extra {
    uint8_t tick_age_ms;               /* since the tick that `status` is of, 0..99 */
    uint32_t uptime_cs;                /* since this process answers, in hundredths: sysUpTime */
    int64_t utc_s;                     /* civil time, Unix seconds; 0 while unknown */
    uint16_t utc_ms;                   /* of that second */
    uint16_t database_id;              /* object_database_id() of the database in force */
    struct frame frame;                /* what the guard let through: the colours of the channels */
    uint8_t countdown_s[CHANNELS_MAX]; /* as countdown_channels() fills it */
    bool guard_tripped;                /* the guard has latched flash */
    bool cabinet_flash;                /* the cabinet's own monitor has the lamps */
    bool local_flash;                  /* the flash switch of the police panel */
    bool cabinet_lost;                 /* the cabinet does not answer */
    bool door_open;                    /* of the cabinet */
    bool restarted;                    /* started since somebody read unitAlarmStatus2 */
    uint32_t cycle_zeros_seen;         /* as engine_status counts them, when somebody read shortAlarmStatus */
    uint32_t time_steps_seen; /* as unit_clock counts them, when somebody read unitTimeSourceStatus */
    const char *version;      /* of the software, as moduleVersion wants it: "20261123 - v0.1.0" */
    const char *contact;      /* sysContact */
    const char *name;         /* sysName */
    const char *location;     /* sysLocation */
};

/* Some things stand until they are read, whoever it is that reads. object_get() notes here that it
 * was done; object_unlatch() carries it out before the next look. */
struct object_latches {
    bool alarm2_read;
    bool short_alarm_read;
    uint32_t time_steps_read; /* how many there were then; 0: not read */
};

/* SNMP messages since the start, as the snmp group of MIB-II counts them. */
struct snmp_counters {
    uint32_t in_packets, out_packets;
    uint32_t in_bad_versions, in_bad_communities, in_bad_uses, in_parse_errors;
    uint32_t in_too_bigs, in_no_such_names, in_bad_values, in_read_onlys, in_general_errors;
    uint32_t in_read_variables, in_set_variables;
    uint32_t in_gets, in_get_nexts, in_sets, in_responses, in_traps;
    uint32_t out_too_bigs, out_no_such_names, out_bad_values, out_general_errors;
    uint32_t out_responses, out_traps;
    uint32_t silent_drops;
};

/* Where a reader looks. The caller keeps what the pointers name unchanged while it reads. */
struct object_view {
    const struct database *db;
    const struct control *control;
    const struct engine_status *status;
    const struct object_extra *extra;
    struct object_latches *latches;        /* NULL: a look that clears nothing */
    const struct transaction *transaction; /* NULL: there are none here */
    const struct database *candidate;      /* of the transaction; NULL with it */
    const struct device
        *device;         /* what is kept outside of the engine; never NULL where such objects are read */
    uint8_t *long_value; /* room for VALUE_LONG_MAX octets, where a reader leaves what a value does not hold;
                            NULL: such values cannot be read */
    const struct snmp_counters *snmp; /* NULL: nobody counts */
    bool admin;                       /* the reader may see what only an administrator may */
    bool nameless;                    /* the reader comes by STMP, which has no names */
    bool aliases;                     /* it may name some scalars as old clients do */
};

enum object_syntax {
    SYNTAX_INTEGER, /* low..high, and only bits of `legal` where that is not 0. Where `high` needs 32
                       bits, a negative number is the same bits as clients without longer ones write it */
    SYNTAX_NAMED,   /* one of the numbers in `names` */
    SYNTAX_COUNTER,
    SYNTAX_GAUGE,
    SYNTAX_TIMETICKS,
    SYNTAX_TEXT,   /* OCTET STRING for people, low..high octets */
    SYNTAX_OCTETS, /* OCTET STRING for machines, low..high octets */
    SYNTAX_OPAQUE, /* BER within BER, up to `high` octets */
    SYNTAX_IP_ADDRESS,
    SYNTAX_LIST, /* OCTET STRING of numbers low..high, at most `length` of them */
    SYNTAX_OBJECT_ID,
    SYNTAX_REFERENCE, /* OBJECT IDENTIFIER of whatever the centre means, or 0.0 */
    SYNTAX_POINTER, /* OBJECT IDENTIFIER of the key `target` in one row of its table, or 0.0: kept as the row
                     */
};

/* What a SET of the object means. */
enum object_class {
    CLASS_S,  /* status: read only */
    CLASS_P,  /* parameter of the database */
    CLASS_P2, /* parameter that changes structure: belongs in a transaction */
    CLASS_C,  /* control: acts at once, never stored */
    CLASS_CB, /* control whose SET also restarts the backup timer (unitBackupTime) */
};

enum object_store {
    STORE_NONE,
    STORE_DATABASE,
    STORE_CONTROL,
    STORE_STATUS,
    STORE_EXTRA,
    STORE_TRANSACTION,
    STORE_DEFAULTS, /* the part of the database that a SET of 1 puts back to its defaults; reads 0 */
    STORE_DEVICE,   /* struct device: read by `reader`, written by `writer` */
    STORE_SNMP,     /* struct snmp_counters */
    STORE_BLOCK,    /* ascBlockData: many database values; `writer` is told afterwards */
};

enum object_field {
    FIELD_FIXED,  /* the number `offset` itself */
    FIELD_KEY,    /* the row's own number; `offset` says which key, 0 or 1 */
    FIELD_NUMBER, /* an integer of `size` octets at `offset`, `stride` from row to row */
    FIELD_MASK,   /* eight bits of a mask of 64-bit words; row 1 holds numbers 1..8 */
    FIELD_BIT,    /* one bit of a mask of `size` octets or of 64-bit words; row 1 is the lowest */
    FIELD_LIST,   /* a count and so many octets, whatever they mean; `size` octets in all */
    FIELD_OCTETS, /* `size` octets, always all of them */
    FIELD_ID,     /* a struct packed_id */
    FIELD_TEXT,   /* a text that ends with 0; `size` octets in all */
    FIELD_READER, /* nowhere: `reader` works it out */
};

struct object_view;
struct object_instance;

/* Whether a row of a table whose rows come and go is there. A key the table does not have is 0. The last key
 * counts without gaps: where a row is not there, none behind it is, until the first of two keys changes. */
typedef bool object_rows(const struct object_view *view, const uint16_t row[2]);

struct object_table {
    const char *name;
    const char *entry;
    struct object_id id; /* of the table */
    uint8_t keys;        /* 1 or 2 */
    const char *key[2];
    uint16_t rows[2];    /* every row 1..rows exists, unless `present` says otherwise */
    uint16_t present;    /* offset in engine_status of the mask of rows that exist; 0: all do */
    object_rows *when;   /* NULL: they do not come and go otherwise */
    const char *section; /* the table of the config file that keeps the columns */
    const char *text;
};

/* Works a value out, whose type is already set. Returns enum object_result; OBJECT_OK, OBJECT_NO_INSTANCE or
 * OBJECT_FAILED. */
typedef int object_reader(const struct object_view *view, const struct object_instance *at,
                          struct value *out);

/* What a syntax cannot say about a fitting value. Returns SET_OK, or the error with its reason in words. */
typedef enum set_error object_judge(const struct object_view *view, const struct object_instance *at,
                                    const struct value *value, char message[SET_MESSAGE_MAX]);

/* Carries out a SET of what lies outside of the engine. Cannot fail: object_judge has been asked. */
typedef void object_writer(struct device *device, const struct object_instance *at, const struct value *value,
                           const struct set_sender *sender);

/* Puts a value into the database where more is to be done than to store a field. Returns 0, or -1 with
 * nothing changed where it cannot be kept. */
typedef int object_keeper(struct database *db, const struct object_instance *at, const struct value *value);

struct object {
    const char *name;
    const struct object_table *table; /* NULL: a scalar */
    struct object_id id;              /* of the object; an instance adds .0 or the row's numbers */
    enum object_syntax syntax;
    bool lenient;     /* a scalar found at .1 and bare too: old clients' aliases */
    bool counter_too; /* also takes a Counter, as earlier versions had it */
    bool gauge_too;   /* a Counter that also takes a Gauge: snmpset has no letter for a Counter */
    bool admin;       /* only administrators read or write it */
    bool row_status;  /* RowStatusStatic: to activate is to be available, to deactivate to stand by */
    bool writable;
    bool pinned;  /* only the value it has is taken: it is decided elsewhere */
    bool missing; /* stands for hardware there is none of: a fixed value, or no rows */
    enum object_class class;
    int64_t low, high;     /* of a number; of TEXT and OCTETS the number of octets */
    uint16_t length;       /* of a list */
    uint16_t legal;        /* bits that may be set; 0: all */
    uint16_t wins, yields; /* where bit `wins` is set, bit `yields` is stored as 0 */
    const char *names;     /* "disable(1), enable(2)" */
    const char *units;     /* what a number counts: "seconds"; NULL where it is none */
    const char *target;    /* of a pointer: the name of the key it points to */
    enum object_store store;
    enum object_field field;
    uint32_t offset;
    uint16_t size;
    uint16_t stride;
    object_reader *reader; /* works the value out, whatever `field` is */
    object_judge *judge;   /* NULL: every fitting value will do */
    object_writer *writer; /* of STORE_DEVICE and STORE_BLOCK */
    object_keeper *keeper; /* of STORE_DATABASE; NULL: as `field` says */
    int64_t standard;      /* value when nothing was written (a list: empty) */
    const char *text;      /* one sentence */
};

/* One object in one row. Rows count from 1; a scalar has 0, 0. */
struct object_instance {
    const struct object *object;
    uint16_t row[2];
};

/* All objects, in the order of their OIDs. */
extern const struct object object_all[];
extern const size_t object_count;

/* All tables, in the order of their OIDs. */
extern const struct object_table object_tables[];
extern const size_t object_table_count;

enum object_result {
    OBJECT_OK = 0,
    OBJECT_UNKNOWN = -1,     /* SNMP noSuchObject */
    OBJECT_NO_INSTANCE = -2, /* SNMP noSuchInstance: the object is known, this row is not */
    OBJECT_FAILED = -3,      /* SNMP genErr: it has no value now */
};

/* Finds the instance named by exactly `id`. Old clients' ways to write some OIDs are understood
 * too (`unitBackupTime` at .1 and bare). Returns enum object_result; a row of a table whose rows
 * come and go is found even while absent: object_get() tells. OBJECT_NO_INSTANCE leaves the object in `out`.
 */
int object_find(const struct object_id *id, struct object_instance *out);

/* Whether `id`, by which the instance was found, is such an old client's way. */
bool object_is_alias(const struct object_id *id, const struct object_instance *at);

/* The first existing instance behind `id` in lexicographic order. Returns OBJECT_UNKNOWN at the
 * end. `view` may be NULL: tables whose rows come and go then count as empty. */
int object_next(const struct object_id *id, const struct object_view *view, struct object_instance *out);

/* The instance in the row that is number `row_ix` of all rows, counted in order from 0. */
struct object_instance object_instance_at(const struct object *object, int row_ix);

/* The full OID of an instance. */
void object_instance_id(const struct object_instance *at, struct object_id *out);

/* Reads one instance. Returns OBJECT_OK, OBJECT_NO_INSTANCE or OBJECT_FAILED. */
int object_get(const struct object_instance *at, const struct object_view *view, struct value *out);

/* Clears in `extra` what was read since the last call. `status` is what it was read from. */
void object_unlatch(struct object_latches *latches, const struct engine_status *status,
                    struct object_extra *extra);

/* The object of that name, or NULL. */
const struct object *object_by_name(const char *name);
const struct object_table *object_table_by_name(const char *name);

/* Parses "phaseMinimumGreen.2", "sequenceData.1.2", "sysUpTime.0" (".0" may be left out).
 * Returns enum object_result. */
int object_parse(const char *text, struct object_instance *out);

/* Writes "phaseMinimumGreen.2" into `out`. */
void object_format(const struct object_instance *at, char *out, size_t size);

/* Whether the row is there now, and for this reader; always true but in tables whose rows come and go. */
bool object_exists(const struct object_instance *at, const struct object_view *view);

/* Where the field of an instance begins in its store (not for FIELD_MASK and FIELD_FIXED). */
size_t object_field_offset(const struct object_instance *at);

/* The database object whose field covers `offset` of struct database. Returns enum object_result. */
int object_at_offset(size_t offset, struct object_instance *out);

/* Whether a value is one the object may hold, or why not. */
enum object_fit { FIT_OK, FIT_TYPE, FIT_LENGTH, FIT_VALUE };
enum object_fit object_fits(const struct object *object, const struct value *value);

/* The row a pointer's value points to: 0 for 0.0, -1 if it is no row of the object's target. */
int object_pointer_row(const struct object *object, const struct value *value);

/* Says in words what the object takes: "0 to 255", "at most 40 numbers from 1 to 255". */
void object_range_text(const struct object *object, char *out, size_t size);

/* What only the object itself can say about a fitting value, with the reason in words. To write what stands
 * there is no change, and always taken: a centre may bring back all it has read. */
enum set_error object_judge_value(const struct object_view *view, const struct object_instance *at,
                                  const struct value *value, char message[SET_MESSAGE_MAX]);

/* Puts a fitting value into the database. The object must be of STORE_DATABASE. Returns 0, or -1 where its
 * keeper cannot keep the value, which a judge has not let pass. */
int object_store_value(const struct object_instance *at, const struct value *value, struct database *db);

/* An identifier as the database keeps it, BER without tag and length, and back. 0.0 is no octets at all.
 * Packing returns -1 for what is longer than a packed_id. */
int object_pack_id(const struct object_id *id, struct packed_id *out);
void object_unpack_id(const struct packed_id *packed, struct object_id *out);

/* Puts the defaults back into the part of the database that an object of STORE_DEFAULTS names. */
void object_store_defaults(const struct object *object, struct database *db);

/* Fills `db` with every object's default, all unused octets zero. */
void object_defaults(struct database *db);

/* A walk over stored parameters: the instance `named`, or all behind a shorter identifier (a column, a table,
 * a group). Give what the first returns to the second until that returns false. */
struct object_parameters {
    struct object_id named;
    /* private */
    struct object_instance at;
    bool single;
    size_t object_ix;
    int row_ix;
};
struct object_parameters object_parameters(const struct object_id *named);
bool object_next_parameter(struct object_parameters *walk, struct object_instance *out);

/* globalSetIDParameter: a 16-bit value that differs when the database differs (save for the one
 * chance in 65,536), or what globalSetIdTable names of it. Reads all of that: call it when the database
 * changes, not for every GET. */
uint16_t object_database_id(const struct database *db);

/* Says in words what database_check() found, beginning as NTCIP 1202 has it: "PHASE 03 CONCURRENCY
 * FAULT: phase 3 lists phase 1 of its own ring". One text for the SET's refusal, the config file
 * and dbVerifyError. */
void object_fault_text(const struct database_fault *fault, char *out, size_t size);

#endif
