#include "journal_file.h"
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stretch begins with kinds up to 5, JOURNAL_FULL: the index `stretch` holds these reports alone. */
static const char *const sql[STATEMENTS] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_PUT_REPORT] = "INSERT INTO report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_PUT_STATE] = "INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STATEMENT_PUT_GROUP] = "INSERT INTO lamp_group VALUES (?, ?, ?)",
    [STATEMENT_PUT_SEAL] = "INSERT INTO seal VALUES (?, ?)",
    [STATEMENT_LAST_SEAL] =
        "SELECT report, digest, (SELECT max(id) FROM report) FROM seal ORDER BY report DESC LIMIT 1",
    [STATEMENT_PAGES_USED] =
        "SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count",
    [STATEMENT_OLDEST] =
        "SELECT id, utc_us FROM report INDEXED BY stretch WHERE kind <= 5 ORDER BY id LIMIT 1 OFFSET 1",
    [STATEMENT_DROP_REPORTS] = "DELETE FROM report WHERE id < ?",
    [STATEMENT_DROP_STATES] = "DELETE FROM state WHERE report < ?",
    [STATEMENT_DROP_GROUPS] = "DELETE FROM lamp_group WHERE report < ?",
    [STATEMENT_DROP_SEALS] = "DELETE FROM seal WHERE report < ? - 1",
    [STATEMENT_STRETCHES] = ("SELECT id, kind, boot, utc_us, controller,"
                             " (SELECT utc_us FROM report AS last WHERE last.id = begun.id - 1)"
                             " FROM report AS begun INDEXED BY stretch WHERE kind <= 5 ORDER BY id"),
    [STATEMENT_NEWEST] = "SELECT utc_us FROM report ORDER BY id DESC LIMIT 1",
    [STATEMENT_ENTRIES] =
        ("SELECT id, kind, mono_us, utc_us, clock, clock_error_us, valid, reasons, group_no, color,"
         " since_ago_us, since_error_us, red_ago_us, yellow_ago_us, yellow_ms, verified, enforceable_ago_us"
         " FROM report LEFT JOIN state ON state.report = id AND group_no = ? WHERE id >= ? ORDER BY id"),
    [STATEMENT_WIRING] =
        ("SELECT wiring FROM lamp_group WHERE report <= ? AND group_no = ? ORDER BY report DESC LIMIT 1"),
    [STATEMENT_SEALS] = "SELECT report, digest FROM seal ORDER BY report",
    [STATEMENT_REPORTS_OF_BATCH] = "SELECT * FROM report WHERE id > ? AND id <= ? ORDER BY id",
    [STATEMENT_GROUPS_OF_BATCH] = "SELECT * FROM lamp_group WHERE report > ? AND report <= ? ORDER BY 1, 2",
    [STATEMENT_STATES_OF_BATCH] = "SELECT * FROM state WHERE report > ? AND report <= ? ORDER BY 1, 2",
};

int journal_fail(struct journal *journal, int code)
{
    journal->code = code;
    snprintf(journal->why, sizeof journal->why, "%s", sqlite3_errmsg(journal->db));
    return -1;
}

const char *journal_error(const struct journal *journal)
{
    return journal->why;
}

bool journal_is_damaged(const struct journal *journal)
{
    const int code = journal->code & 0xFF;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

int journal_prepare(struct journal *journal)
{
    for (int i = 0; i < STATEMENTS; i++) {
        const int code = sqlite3_prepare_v3(journal->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                            &journal->statement[i], NULL);
        if (code != SQLITE_OK)
            return journal_fail(journal, code);
    }
    return 0;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(journal->statement[i]);
    sqlite3_close(journal->db);
    free(journal);
}

sqlite3_stmt *journal_bound(struct journal *journal, enum journal_statement statement, int count, ...)
{
    sqlite3_stmt *s = journal->statement[statement];
    va_list values;
    va_start(values, count);
    for (int i = 1; i <= count; i++)
        sqlite3_bind_int64(s, i, va_arg(values, int64_t));
    va_end(values);
    return s;
}

int journal_step(struct journal *journal, sqlite3_stmt *statement)
{
    const int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return 1;
    /* Said before the reset, which may say it differently. */
    const int result = code == SQLITE_DONE ? 0 : journal_fail(journal, code);
    sqlite3_reset(statement);
    return result;
}

int journal_run(struct journal *journal, sqlite3_stmt *statement)
{
    return journal_step(journal, statement);
}

/* ---- seals ---- */

static void digest_text(EVP_MD_CTX *sha, const char *text)
{
    EVP_DigestUpdate(sha, text, strlen(text));
}

/* As `sqlite3 -list` prints it: columns apart by '|', nothing for NULL, a newline behind the row. */
static void digest_row(EVP_MD_CTX *sha, sqlite3_stmt *row)
{
    const int columns = sqlite3_column_count(row);
    for (int i = 0; i < columns; i++) {
        const unsigned char *text = sqlite3_column_text(row, i);
        if (i > 0)
            digest_text(sha, "|");
        if (text)
            digest_text(sha, (const char *)text);
    }
    digest_text(sha, "\n");
}

static int digest_rows(struct journal *journal, EVP_MD_CTX *sha, enum journal_statement which, int64_t after,
                       int64_t last)
{
    sqlite3_stmt *rows = journal_bound(journal, which, 2, after, last);
    int result;
    while ((result = journal_step(journal, rows)) == 1)
        digest_row(sha, rows);
    return result;
}

int journal_digest_batch(struct journal *journal, int64_t after, int64_t last, uint8_t digest[JOURNAL_DIGEST])
{
    char hex[2 * JOURNAL_DIGEST + 2];
    for (int i = 0; i < JOURNAL_DIGEST; i++)
        snprintf(hex + 2 * i, sizeof hex - (size_t)(2 * i), "%02x\n", digest[i]);
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    if (!sha || EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(sha);
        snprintf(journal->why, sizeof journal->why, "no SHA-256");
        return -1;
    }
    digest_text(sha, hex);
    int result = digest_rows(journal, sha, STATEMENT_REPORTS_OF_BATCH, after, last);
    if (result == 0)
        result = digest_rows(journal, sha, STATEMENT_GROUPS_OF_BATCH, after, last);
    if (result == 0)
        result = digest_rows(journal, sha, STATEMENT_STATES_OF_BATCH, after, last);
    if (result == 0)
        EVP_DigestFinal_ex(sha, digest, NULL);
    EVP_MD_CTX_free(sha);
    return result;
}
