#include "journal_file.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    APPLICATION_ID = 0x5453434A, /* "TSCJ" */
    SCHEMA_VERSION = 1,
    BUSY_MS = 2000, /* somebody works on the file with sqlite3 */
    CHECK_STEPS = 10000,
    PRUNED_AT_ONCE = 2,
    PATH_OCTETS = 1024,
};

/* Numbers are kept as what is small in SQLite's variable lengths: distances back from the report instead of
 * instants. NULL: never, or not. */
static const char schema[] =
    "CREATE TABLE report (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " mono_us INTEGER NOT NULL, utc_us INTEGER NOT NULL, clock INTEGER NOT NULL, clock_error_us INTEGER NOT "
    "NULL,"
    " valid INTEGER NOT NULL, reasons INTEGER NOT NULL, boot INTEGER, controller TEXT);"
    "CREATE INDEX stretch ON report (id) WHERE kind <= 5;"
    "CREATE TABLE lamp_group (report INTEGER NOT NULL, group_no INTEGER NOT NULL, wiring TEXT NOT NULL,"
    " PRIMARY KEY (report, group_no)) WITHOUT ROWID;"
    "CREATE TABLE state (report INTEGER NOT NULL, group_no INTEGER NOT NULL, color INTEGER NOT NULL,"
    " since_ago_us INTEGER NOT NULL, since_error_us INTEGER NOT NULL, red_ago_us INTEGER, yellow_ago_us "
    "INTEGER,"
    " yellow_ms INTEGER NOT NULL, verified INTEGER NOT NULL, enforceable_ago_us INTEGER,"
    " PRIMARY KEY (report, group_no)) WITHOUT ROWID;"
    "CREATE TABLE seal (report INTEGER PRIMARY KEY, digest BLOB NOT NULL);"
    "INSERT INTO seal VALUES (0, zeroblob(32));"
    /* For people who look with sqlite3 alone. */
    "CREATE VIEW history AS SELECT report.id AS report, group_no,"
    " strftime('%Y-%m-%dT%H:%M:%f', (utc_us - since_ago_us) / 1e6, 'unixepoch') AS since,"
    " since_error_us / 1000.0 AS since_error_ms,"
    " CASE color WHEN 0 THEN 'red' WHEN 1 THEN 'yellow' WHEN 2 THEN 'green' WHEN 3 THEN 'red-flash'"
    " WHEN 4 THEN 'yellow-flash' WHEN 5 THEN 'green-flash' WHEN 6 THEN 'red-yellow' ELSE 'dark' END AS color,"
    " verified, valid, enforceable_ago_us IS NOT NULL AS enforceable FROM state JOIN report"
    " ON report.id = state.report;";

/* ---- opening ---- */

static int execute(struct journal *journal, const char *text)
{
    const int code = sqlite3_exec(journal->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : journal_fail(journal, code);
}

/* Reads one number or text by a statement of its own. */
static int ask(struct journal *journal, const char *text, int64_t *number, char *word, size_t size)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(journal->db, text, -1, &s, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(s);
    if (code == SQLITE_ROW && number)
        *number = sqlite3_column_int64(s, 0);
    if (code == SQLITE_ROW && word)
        snprintf(word, size, "%s", (const char *)sqlite3_column_text(s, 0));
    const int result = code == SQLITE_ROW ? 0 : journal_fail(journal, code);
    sqlite3_finalize(s);
    return result;
}

static int create(struct journal *journal)
{
    char text[96];
    snprintf(text, sizeof text, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             APPLICATION_ID, SCHEMA_VERSION);
    if (execute(journal, "PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE") < 0 ||
        execute(journal, schema) < 0)
        return -1;
    return execute(journal, text);
}

/* A journal of ours, of this version. */
static enum journal_result identify(struct journal *journal, bool may_create)
{
    int64_t application = 0, version = 0, tables = 0;
    if (ask(journal, "PRAGMA application_id", &application, NULL, 0) < 0 ||
        ask(journal, "PRAGMA user_version", &version, NULL, 0) < 0 ||
        ask(journal, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0) < 0)
        return journal_is_damaged(journal) ? JOURNAL_DAMAGED : JOURNAL_FAILED;
    if (may_create && application == 0 && version == 0 && tables == 0)
        return create(journal) < 0 ? JOURNAL_FAILED : JOURNAL_OK;
    if (application == APPLICATION_ID && version == SCHEMA_VERSION)
        return JOURNAL_OK;
    snprintf(journal->why, sizeof journal->why, "%s",
             application == APPLICATION_ID ? "it is of another version" : "it is not a journal");
    return JOURNAL_DAMAGED;
}

static int is_stopped(void *arg)
{
    const struct journal *journal = arg;
    return journal->stop && atomic_load(journal->stop);
}

/* Page by page; what the rows say is for journal_audit(). */
static enum journal_result check(struct journal *journal)
{
    char word[128];
    sqlite3_progress_handler(journal->db, CHECK_STEPS, is_stopped, journal);
    const int asked = ask(journal, "PRAGMA quick_check(1)", NULL, word, sizeof word);
    sqlite3_progress_handler(journal->db, 0, NULL, NULL);
    if (asked < 0)
        return journal_is_damaged(journal) ? JOURNAL_DAMAGED : JOURNAL_FAILED;
    if (strcmp(word, "ok") == 0)
        return JOURNAL_OK;
    snprintf(journal->why, sizeof journal->why, "%s", word);
    return JOURNAL_DAMAGED;
}

/* Goes on behind the newest seal. */
static enum journal_result resume(struct journal *journal)
{
    if (journal_prepare(journal) < 0)
        return JOURNAL_DAMAGED;
    if (journal_seal(journal, &journal->sealed, journal->digest) < 0)
        return JOURNAL_DAMAGED;
    if (journal->report == journal->sealed)
        return JOURNAL_OK;
    snprintf(journal->why, sizeof journal->why, "its newest reports do not end with its newest seal");
    return JOURNAL_DAMAGED;
}

/* A path as SQLite's URI; everything but the plainest characters in hex. */
static int print_uri(const char *path, bool still, char *uri, size_t size)
{
    size_t length = (size_t)snprintf(uri, size, "file:");
    for (; *path && length + 4 < size; path++) {
        const bool plain = strchr("/._-", *path) || (*path >= '0' && *path <= '9') ||
                           (*path >= 'A' && *path <= 'Z') || (*path >= 'a' && *path <= 'z');
        length +=
            (size_t)snprintf(uri + length, size - length, plain ? "%c" : "%%%02X", (unsigned char)*path);
    }
    const char *tail = still ? "?immutable=1" : "";
    if (*path || length + strlen(tail) >= size)
        return -1;
    memcpy(uri + length, tail, strlen(tail) + 1);
    return 0;
}

static struct journal *open_file(const char *path, int flags, char *why, size_t size)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal) {
        snprintf(why, size, "out of memory");
        return NULL;
    }
    const int code = sqlite3_open_v2(path, &journal->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(journal->db, 1);
        sqlite3_busy_timeout(journal->db, BUSY_MS);
        return journal;
    }
    snprintf(why, size, "%s", journal->db ? sqlite3_errmsg(journal->db) : "out of memory");
    journal_close(journal);
    return NULL;
}

/* Nobody else's to read, as all in a state directory; SQLite gives its other files the same rights. */
static void create_private(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

enum journal_result journal_open(struct journal **out, const char *path, const struct journal_limits *limits,
                                 const atomic_bool *stop, char *why, size_t size)
{
    create_private(path);
    struct journal *journal = open_file(path, SQLITE_OPEN_READWRITE, why, size);
    if (!journal)
        return JOURNAL_FAILED;
    journal->stop = stop;
    int64_t page_octets = 0;
    enum journal_result result = identify(journal, true);
    /* A commit appends to the log and waits until the disk has it (FULL); the file itself follows later. A
     * cut at any moment leaves whole transactions, and of those committed all. */
    if (result == JOURNAL_OK && execute(journal, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                                 "PRAGMA journal_size_limit = 4194304") < 0)
        result = journal_is_damaged(journal) ? JOURNAL_DAMAGED : JOURNAL_FAILED;
    if (result == JOURNAL_OK)
        result = check(journal);
    if (result == JOURNAL_OK)
        result = resume(journal);
    if (result == JOURNAL_OK && ask(journal, "PRAGMA page_size", &page_octets, NULL, 0) < 0)
        result = JOURNAL_FAILED;
    if (result != JOURNAL_OK) {
        snprintf(why, size, "%s", journal->why);
        journal_close(journal);
        return result;
    }
    journal->pages_max = limits->octets / page_octets;
    *out = journal;
    return JOURNAL_OK;
}

int journal_open_to_read(struct journal **out, const char *path, char *why, size_t size)
{
    char uri[PATH_OCTETS], log[PATH_OCTETS];
    snprintf(log, sizeof log, "%s-wal", path);
    /* Without a log beside it nobody writes to it, and it may lie where nothing can be written. */
    const bool still = access(log, F_OK) < 0;
    if (print_uri(path, still, uri, sizeof uri) < 0) {
        snprintf(why, size, "%s", strerror(ENAMETOOLONG));
        return -1;
    }
    struct journal *journal = open_file(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, why, size);
    if (!journal)
        return -1;
    /* All that is asked is answered from the moment of opening, whatever a writer does meanwhile. */
    if (identify(journal, false) == JOURNAL_OK && journal_prepare(journal) == 0 &&
        execute(journal, "BEGIN") == 0) {
        *out = journal;
        return 0;
    }
    snprintf(why, size, "%s", journal->why);
    journal_close(journal);
    return -1;
}

int journal_set_aside(const char *path, uint64_t boot, char *name, size_t size)
{
    static const char *const tail[] = {"-wal", "-shm"};
    char from[PATH_OCTETS], to[PATH_OCTETS];
    snprintf(name, size, "%s.damaged-%" PRIu64, path, boot);
    if (rename(path, name) < 0)
        return -1;
    /* The log goes with its file: left behind, it would be taken for the new one's. */
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s%s", path, tail[i]);
        snprintf(to, sizeof to, "%s%s", name, tail[i]);
        if (rename(from, to) < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

/* ---- putting ---- */

/* A batch that failed is gone as a whole. */
static int give_up(struct journal *journal)
{
    if (!sqlite3_get_autocommit(journal->db)) {
        sqlite3_step(journal->statement[STATEMENT_ROLLBACK]);
        sqlite3_reset(journal->statement[STATEMENT_ROLLBACK]);
    }
    journal->in_batch = false;
    journal->report = journal->sealed;
    return -1;
}

static int begin(struct journal *journal)
{
    if (journal->in_batch)
        return 0;
    if (journal_run(journal, journal->statement[STATEMENT_BEGIN]) < 0)
        return -1;
    journal->in_batch = true;
    return 0;
}

static int put_report(struct journal *journal, enum journal_kind kind, const struct feed_config *config,
                      const struct feed_message *m)
{
    sqlite3_stmt *s =
        journal_bound(journal, STATEMENT_PUT_REPORT, 9, journal->report + 1, (int64_t)kind, (int64_t)m->seq,
                      m->sent_us, m->sent_us + m->clock.utc_offset_us, (int64_t)m->clock.state,
                      (int64_t)m->clock.error_us, (int64_t)m->valid, (int64_t)m->reasons);
    sqlite3_bind_null(s, 10);
    sqlite3_bind_null(s, 11);
    if (kind <= JOURNAL_FULL) {
        sqlite3_bind_int64(s, 10, (int64_t)m->boot);
        sqlite3_bind_text(s, 11, config->controller, -1, SQLITE_STATIC);
    }
    if (journal_run(journal, s) < 0)
        return -1;
    journal->report++;
    return 0;
}

static void bind_ago(sqlite3_stmt *s, int column, int64_t at_us, int64_t now_us)
{
    if (at_us < 0)
        sqlite3_bind_null(s, column);
    else
        sqlite3_bind_int64(s, column, now_us - at_us);
}

static int put_state(struct journal *journal, int group_no, const struct feed_state *state, int64_t sent_us)
{
    sqlite3_stmt *s =
        journal_bound(journal, STATEMENT_PUT_STATE, 5, journal->report, (int64_t)group_no,
                      (int64_t)state->color, sent_us - state->since_us, (int64_t)state->since_error_us);
    bind_ago(s, 6, state->red_since_us, sent_us);
    bind_ago(s, 7, state->yellow_since_us, sent_us);
    sqlite3_bind_int64(s, 8, state->yellow_ms);
    sqlite3_bind_int64(s, 9, state->verified);
    bind_ago(s, 10, state->enforceable ? state->enforceable_since_us : -1, sent_us);
    return journal_run(journal, s);
}

static int put_group(struct journal *journal, const struct feed_group *group)
{
    char wiring[JOURNAL_WIRING];
    const int length = feed_encode_wiring(group, wiring, sizeof wiring);
    if (length < 0) {
        snprintf(journal->why, sizeof journal->why, "the description of group %u is too long", group->no);
        return -1;
    }
    sqlite3_stmt *s = journal_bound(journal, STATEMENT_PUT_GROUP, 2, journal->report, (int64_t)group->no);
    sqlite3_bind_text(s, 3, wiring, length, SQLITE_TRANSIENT);
    return journal_run(journal, s);
}

static int put_all(struct journal *journal, enum journal_kind kind, const struct feed_config *config,
                   const struct feed_message *m)
{
    if (begin(journal) < 0 || put_report(journal, kind, config, m) < 0)
        return -1;
    for (int i = 0; kind <= JOURNAL_FULL && i < config->group_count; i++) {
        if (put_group(journal, &config->group[i]) < 0)
            return -1;
    }
    const int states = kind <= JOURNAL_CHANGE ? m->group_count : 0;
    for (int i = 0; i < states; i++) {
        if (put_state(journal, config->group[m->group[i].group_ix].no, &m->group[i], m->sent_us) < 0)
            return -1;
    }
    return 0;
}

int journal_put(struct journal *journal, enum journal_kind kind, const struct feed_config *config,
                const struct feed_message *message)
{
    /* A stretch begins a batch: what is removed later ends with a seal. */
    if (kind <= JOURNAL_FULL && journal_commit(journal) < 0)
        return -1;
    return put_all(journal, kind, config, message) < 0 ? give_up(journal) : 0;
}

/* ---- making it durable, making room ---- */

static int drop_oldest(struct journal *journal, int64_t horizon_utc_us)
{
    sqlite3_stmt *oldest = journal->statement[STATEMENT_OLDEST];
    const int found = journal_step(journal, oldest);
    if (found <= 0)
        return found;
    const int64_t next = sqlite3_column_int64(oldest, 0), ended_utc_us = sqlite3_column_int64(oldest, 1);
    sqlite3_reset(oldest);
    if (ended_utc_us >= horizon_utc_us)
        return 0;
    static const enum journal_statement drops[] = {STATEMENT_DROP_REPORTS, STATEMENT_DROP_STATES,
                                                   STATEMENT_DROP_GROUPS, STATEMENT_DROP_SEALS};
    if (begin(journal) < 0)
        return -1;
    for (size_t i = 0; i < sizeof drops / sizeof *drops; i++) {
        if (journal_run(journal, journal_bound(journal, drops[i], 1, next)) < 0)
            return give_up(journal);
    }
    journal->in_batch = false;
    if (journal_run(journal, journal->statement[STATEMENT_COMMIT]) < 0)
        return give_up(journal);
    return 1;
}

static int64_t pages_used(struct journal *journal)
{
    sqlite3_stmt *s = journal->statement[STATEMENT_PAGES_USED];
    const int64_t pages = journal_step(journal, s) == 1 ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_reset(s);
    return pages;
}

/* What fails here fails at the next batch as well, and is told then. */
static void make_room(struct journal *journal)
{
    int64_t pages = 0;
    while (pages_used(journal) > journal->pages_max && drop_oldest(journal, INT64_MAX) == 1)
        ;
    /* Freed pages are used again; a file shrinks only where the limit was lowered. */
    if (ask(journal, "PRAGMA page_count", &pages, NULL, 0) == 0 && pages > journal->pages_max)
        execute(journal, "PRAGMA incremental_vacuum(1000)");
}

int journal_prune(struct journal *journal, int64_t horizon_utc_us)
{
    if (journal_commit(journal) < 0)
        return -1;
    int dropped = 1;
    for (int i = 0; i < PRUNED_AT_ONCE && dropped == 1; i++)
        dropped = drop_oldest(journal, horizon_utc_us);
    return dropped < 0 ? -1 : 0;
}

static int put_seal(struct journal *journal, const uint8_t digest[JOURNAL_DIGEST])
{
    sqlite3_stmt *s = journal_bound(journal, STATEMENT_PUT_SEAL, 1, journal->report);
    sqlite3_bind_blob(s, 2, digest, JOURNAL_DIGEST, SQLITE_STATIC);
    return journal_run(journal, s);
}

int journal_commit(struct journal *journal)
{
    if (!journal->in_batch)
        return 0;
    uint8_t digest[JOURNAL_DIGEST];
    memcpy(digest, journal->digest, sizeof digest);
    if (journal_digest_batch(journal, journal->sealed, journal->report, digest) < 0 ||
        put_seal(journal, digest) < 0 || journal_run(journal, journal->statement[STATEMENT_COMMIT]) < 0)
        return give_up(journal);
    journal->in_batch = false;
    journal->sealed = journal->report;
    memcpy(journal->digest, digest, sizeof digest);
    make_room(journal);
    return 0;
}
