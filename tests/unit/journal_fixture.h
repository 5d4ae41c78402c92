/* A feed in virtual time (feed_fixture.h) whose messages go into a journal in a directory of this run's own.
 */
#ifndef TESTS_UNIT_JOURNAL_FIXTURE_H
#define TESTS_UNIT_JOURNAL_FIXTURE_H

#include "../../controller/recorder.h"
#include "feed_fixture.h"
#include "harness.h"
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH = 64, WHY = 256, OCTETS_PLENTY = 1 << 30 };

static char dir_path[PATH], path[PATH + 16];
static char why[WHY];
static struct fixture f;
static struct journal *journal;
static struct recorder recorder;
static bool deaf; /* messages find no room */

static int set_up(void)
{
    snprintf(dir_path, sizeof dir_path, "/tmp/test_journal.XXXXXX");
    if (!mkdtemp(dir_path))
        return -1;
    snprintf(path, sizeof path, "%s/journal.db", dir_path);
    return 0;
}

static void clear_directory(void)
{
    DIR *list = opendir(dir_path);
    const struct dirent *entry;
    while (list && (entry = readdir(list)))
        unlinkat(dirfd(list), entry->d_name, 0);
    if (list)
        closedir(list);
}

static int tear_down(void)
{
    clear_directory();
    return rmdir(dir_path);
}

static void take(void *arg, const struct feed_message *message)
{
    (void)arg;
    if (!deaf)
        recorder_take(&recorder, message);
}

static bool open_journal(int64_t octets)
{
    const struct journal_limits limits = {octets};
    if (CHECK_INT(JOURNAL_OK, journal_open(&journal, path, &limits, NULL, why, sizeof why)))
        return true;
    CHECK_STR("", why);
    journal = NULL;
    return false;
}

/* A fresh journal beside a junction that begins with everything red. */
static bool begin(void)
{
    clear_directory();
    fixture_begin(&f);
    deaf = false;
    if (!open_journal(OCTETS_PLENTY))
        return false;
    recorder_begin(&recorder, &f.config, journal, 90);
    f.listener = take;
    return true;
}

static void end(void)
{
    journal_close(journal);
    fixture_end(&f);
}

static inline void run_ticks(int ticks)
{
    for (int i = 0; i < ticks; i++) {
        f.count = 0; /* more than the fixture keeps */
        fixture_tick(&f);
        if (i % 10 == 9)
            recorder_commit(&recorder);
    }
    recorder_settle(&recorder);
}

/* One cycle of the left arrow: green, a full yellow, red. */
static inline void run_cycle(void)
{
    fixture_show(&f, LEFT, COLOR_GREEN);
    run_ticks(50);
    fixture_show(&f, LEFT, COLOR_YELLOW);
    run_ticks(30);
    fixture_show(&f, LEFT, COLOR_RED);
    run_ticks(50);
}

static inline int64_t utc_of(int64_t mono_us)
{
    return mono_us + f.clock.utc_offset_us;
}

/* The file in another hand. */
static inline void edit(const char *statement)
{
    sqlite3 *db = NULL;
    CHECK_INT(SQLITE_OK, sqlite3_open(path, &db));
    CHECK_INT(SQLITE_OK, sqlite3_exec(db, statement, NULL, NULL, NULL));
    sqlite3_close(db);
}

static inline int64_t count(const char *statement)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    int64_t value = -1;
    sqlite3_open(path, &db);
    if (sqlite3_prepare_v2(db, statement, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return value;
}

#endif
