/* What writing and reading the journal share: the open file, its statements, how a batch is digested. Private
 * to the journal. */
#ifndef CONTROLLER_JOURNAL_FILE_H
#define CONTROLLER_JOURNAL_FILE_H

#include "journal.h"
#include <sqlite3.h>

enum journal_statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_PUT_REPORT,
    STATEMENT_PUT_STATE,
    STATEMENT_PUT_GROUP,
    STATEMENT_PUT_SEAL,
    STATEMENT_LAST_SEAL,
    STATEMENT_PAGES_USED,
    STATEMENT_OLDEST,
    STATEMENT_DROP_REPORTS,
    STATEMENT_DROP_STATES,
    STATEMENT_DROP_GROUPS,
    STATEMENT_DROP_SEALS,
    STATEMENT_STRETCHES,
    STATEMENT_NEWEST,
    STATEMENT_ENTRIES,
    STATEMENT_WIRING,
    STATEMENT_SEALS,
    STATEMENT_REPORTS_OF_BATCH,
    STATEMENT_GROUPS_OF_BATCH,
    STATEMENT_STATES_OF_BATCH,
    STATEMENTS,
};

struct journal {
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENTS];
    const atomic_bool *stop;
    int64_t pages_max;

    bool in_batch;
    int64_t sealed;                 /* the report up to which the newest seal reaches */
    uint8_t digest[JOURNAL_DIGEST]; /* of that seal */
    int64_t report;                 /* the newest */

    int code; /* SQLite's, of the last failure */
    char why[256];
};

/* Prepares every statement of a file that has its tables. Returns 0 or -1. */
int journal_prepare(struct journal *journal);

/* Keeps what SQLite says of the failure `code`. Returns -1. */
int journal_fail(struct journal *journal, int code);

/* A statement with its first `count` parameters, whole numbers. */
sqlite3_stmt *journal_bound(struct journal *journal, enum journal_statement statement, int count, ...);

/* One step of it: 1 there is a row, 0 it is done and reset, -1 it failed and is reset. */
int journal_step(struct journal *journal, sqlite3_stmt *statement);

/* Steps a statement that gives no row. Returns 0 or -1. */
int journal_run(struct journal *journal, sqlite3_stmt *statement);

/* The seal of the batch that holds the reports behind `after` up to `last`: SHA-256 over the seal before it
 * (`digest` on entry) in hex and every row as sqlite3's shell prints it. Returns 0 or -1. */
int journal_digest_batch(struct journal *journal, int64_t after, int64_t last,
                         uint8_t digest[JOURNAL_DIGEST]);

#endif
