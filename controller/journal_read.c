#include "journal_file.h"
#include <stdio.h>
#include <string.h>

/* The numbers in the file outlive the program that wrote them. */
_Static_assert(JOURNAL_FULL == 5 && JOURNAL_STOP == 8, "kinds");
_Static_assert(COLOR_RED == 0 && COLOR_DARK == 7, "colours");
_Static_assert(CLOCK_SYNCED == 0 && CLOCK_UNSYNCED == 2, "states of the clock");
_Static_assert(REASON_STARTUP == 1 && REASON_STALE_CABINET == 1 << 10, "reasons");

/* An instant or a distance, within bounds that leave room to reckon: who has changed the file may have
 * written anything. */
static int64_t take_us(sqlite3_stmt *row, int column)
{
    const int64_t most_us = INT64_C(1) << 60, us = sqlite3_column_int64(row, column);
    return us > most_us ? most_us : us < -most_us ? -most_us : us;
}

/* ---- stretches ---- */

static void take_stretch(sqlite3_stmt *row, struct journal_stretch *stretch)
{
    const unsigned char *controller = sqlite3_column_text(row, 4);
    stretch->report = sqlite3_column_int64(row, 0);
    stretch->kind = (enum journal_kind)sqlite3_column_int(row, 1);
    stretch->boot = (uint64_t)sqlite3_column_int64(row, 2);
    stretch->from_utc_us = stretch->to_utc_us = take_us(row, 3);
    snprintf(stretch->controller, sizeof stretch->controller, "%s",
             controller ? (const char *)controller : "");
}

static int newest_utc_us(struct journal *journal, int64_t *utc_us)
{
    sqlite3_stmt *s = journal->statement[STATEMENT_NEWEST];
    const int found = journal_step(journal, s);
    if (found == 1)
        *utc_us = take_us(s, 0);
    sqlite3_reset(s);
    return found < 0 ? -1 : 0;
}

/* Where a stretch ends is known from the one after it. */
int journal_stretches(struct journal *journal, journal_stretch_fn *fn, void *arg)
{
    sqlite3_stmt *rows = journal->statement[STATEMENT_STRETCHES];
    struct journal_stretch stretch = {.report = 0};
    int result;
    bool wanted = true;
    while (wanted && (result = journal_step(journal, rows)) == 1) {
        if (stretch.report > 0) {
            stretch.to_utc_us = take_us(rows, 5);
            wanted = fn(arg, &stretch);
        }
        take_stretch(rows, &stretch);
    }
    sqlite3_reset(rows);
    if (!wanted)
        return 0;
    if (result == 0 && stretch.report > 0) {
        result = newest_utc_us(journal, &stretch.to_utc_us);
        if (result == 0)
            fn(arg, &stretch);
    }
    return result;
}

/* ---- entries ---- */

static int64_t ago(sqlite3_stmt *row, int column, int64_t mono_us)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? -1 : mono_us - take_us(row, column);
}

static void take_state(sqlite3_stmt *row, int64_t mono_us, struct feed_state *state)
{
    *state = (struct feed_state){
        .color = (enum feed_color)sqlite3_column_int(row, 9),
        .since_us = ago(row, 10, mono_us),
        .since_error_us = sqlite3_column_int(row, 11),
        .red_since_us = ago(row, 12, mono_us),
        .yellow_since_us = ago(row, 13, mono_us),
        .yellow_ms = sqlite3_column_int(row, 14),
        .min_change_ms = CHANGE_UNKNOWN,
        .max_change_ms = CHANGE_UNKNOWN,
        .verified = sqlite3_column_int(row, 15) != 0,
        .enforceable_since_us = ago(row, 16, mono_us),
    };
    state->enforceable = state->enforceable_since_us >= 0;
}

/* Numbers outside their enumerations can only come from a hand that has changed the file. */
static bool makes_sense(const struct journal_entry *entry)
{
    return entry->report > 0 && entry->kind >= JOURNAL_START && entry->kind <= JOURNAL_STOP &&
           entry->clock >= CLOCK_SYNCED && entry->clock <= CLOCK_UNSYNCED &&
           (!entry->has_state || (entry->state.color >= COLOR_RED && entry->state.color <= COLOR_DARK));
}

static void take_entry(sqlite3_stmt *row, struct journal_entry *entry)
{
    entry->report = sqlite3_column_int64(row, 0);
    entry->kind = (enum journal_kind)sqlite3_column_int(row, 1);
    entry->mono_us = take_us(row, 2);
    entry->utc_us = take_us(row, 3);
    entry->clock = (enum clock_state)sqlite3_column_int(row, 4);
    entry->clock_error_us = sqlite3_column_int(row, 5);
    entry->valid = sqlite3_column_int(row, 6) != 0;
    entry->reasons = (uint32_t)sqlite3_column_int64(row, 7);
    entry->has_state = sqlite3_column_type(row, 8) != SQLITE_NULL;
    if (entry->has_state)
        take_state(row, entry->mono_us, &entry->state);
}

int journal_entries(struct journal *journal, int group_no, int64_t from_report, journal_entry_fn *fn,
                    void *arg)
{
    sqlite3_stmt *rows = journal_bound(journal, STATEMENT_ENTRIES, 2, (int64_t)group_no, from_report);
    struct journal_entry entry;
    int result;
    while ((result = journal_step(journal, rows)) == 1) {
        take_entry(rows, &entry);
        if (!makes_sense(&entry)) {
            snprintf(journal->why, sizeof journal->why, "report %lld makes no sense",
                     (long long)entry.report);
            result = -1;
            break;
        }
        if (!fn(arg, &entry)) {
            result = 0;
            break;
        }
    }
    sqlite3_reset(rows);
    return result;
}

int journal_wiring(struct journal *journal, int group_no, int64_t report, char wiring[JOURNAL_WIRING])
{
    sqlite3_stmt *s = journal_bound(journal, STATEMENT_WIRING, 2, report, (int64_t)group_no);
    const int found = journal_step(journal, s);
    if (found == 1)
        snprintf(wiring, JOURNAL_WIRING, "%s", (const char *)sqlite3_column_text(s, 0));
    sqlite3_reset(s);
    return found;
}

/* ---- seals ---- */

static bool take_digest(sqlite3_stmt *row, uint8_t digest[JOURNAL_DIGEST])
{
    if (sqlite3_column_bytes(row, 1) != JOURNAL_DIGEST)
        return false;
    memcpy(digest, sqlite3_column_blob(row, 1), JOURNAL_DIGEST);
    return true;
}

int journal_seal(struct journal *journal, int64_t *report, uint8_t digest[JOURNAL_DIGEST])
{
    sqlite3_stmt *s = journal->statement[STATEMENT_LAST_SEAL];
    const int found = journal_step(journal, s);
    int result = found == 1 && take_digest(s, digest) ? 0 : -1;
    if (result == 0) {
        *report = sqlite3_column_int64(s, 0);
        /* An empty journal, or one of which all but the newest seal has gone, has no reports. */
        journal->report = sqlite3_column_type(s, 2) == SQLITE_NULL ? *report : sqlite3_column_int64(s, 2);
    } else if (found >= 0) {
        snprintf(journal->why, sizeof journal->why, "its newest seal is missing");
    }
    sqlite3_reset(s);
    return result;
}

static void note_batch(struct journal_audit *audit, int64_t after, int64_t last, bool holds)
{
    audit->seals++;
    audit->last_report = last;
    if (!holds && audit->wrong_from == 0) {
        audit->wrong_from = after + 1;
        audit->wrong_to = last;
    }
}

/* The first seal kept is taken as it stands: its reports have gone, or it is the beginning. A seal that does
 * not hold does not make those after it wrong. */
int journal_audit(struct journal *journal, struct journal_audit *audit)
{
    sqlite3_stmt *seals = journal->statement[STATEMENT_SEALS];
    uint8_t told[JOURNAL_DIGEST], found[JOURNAL_DIGEST];
    int64_t after = -1;
    int result;
    memset(audit, 0, sizeof *audit);
    while ((result = journal_step(journal, seals)) == 1) {
        const int64_t last = sqlite3_column_int64(seals, 0);
        const bool whole = take_digest(seals, told);
        if (after < 0) {
            audit->first_report = last + 1;
            audit->last_report = last;
        } else if (journal_digest_batch(journal, after, last, found) < 0) {
            result = -1;
            break;
        } else {
            note_batch(audit, after, last, whole && memcmp(told, found, sizeof told) == 0);
        }
        after = last;
        memcpy(found, told, sizeof found);
    }
    sqlite3_reset(seals);
    if (result < 0)
        return -1;
    int64_t sealed;
    if (journal_seal(journal, &sealed, told) < 0)
        return -1;
    audit->reports = audit->last_report - audit->first_report + 1;
    if (journal->report != sealed)
        note_batch(audit, sealed, journal->report, false);
    return 0;
}
