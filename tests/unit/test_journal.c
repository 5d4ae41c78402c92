/* The journal keeps what it was told, as long as it may, and finds out what was done to it: by age, a limit,
 * a full disk, a damaged file, somebody's hand. */
#include "journal_fixture.h"
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

enum { LEFT_NO = 1 };

/* ---- what is kept ---- */

struct reading {
    int entries, states;
    struct journal_entry newest_state;
};

static bool read_entry(void *arg, const struct journal_entry *entry)
{
    struct reading *reading = arg;
    reading->entries++;
    if (entry->has_state) {
        reading->states++;
        reading->newest_state = *entry;
    }
    return true;
}

static void every_change_comes_back_with_its_stamps(void)
{
    if (!begin())
        return;
    struct reading reading = {0};
    struct journal *reader;
    run_ticks(20);
    run_cycle();
    const struct feed_state *is = fixture_state(&f, LEFT);
    CHECK_INT(0, journal_open_to_read(&reader, path, why, sizeof why));
    CHECK_INT(0, journal_entries(reader, LEFT_NO, 1, read_entry, &reading));
    CHECK_INT(4, reading.states); /* red at the beginning, green, yellow, red */
    const struct feed_state *was = &reading.newest_state.state;
    CHECK_INT(COLOR_RED, was->color);
    CHECK_INT(is->since_us, was->since_us);
    CHECK_INT(is->since_error_us, was->since_error_us);
    CHECK_INT(is->red_since_us, was->red_since_us);
    CHECK_INT(is->yellow_since_us, was->yellow_since_us);
    CHECK_INT(is->yellow_ms, was->yellow_ms);
    CHECK_INT(is->verified, was->verified);
    CHECK_INT(is->enforceable, was->enforceable);
    CHECK_INT(is->enforceable_since_us, was->enforceable_since_us);
    CHECK_INT(CLOCK_SYNCED, reading.newest_state.clock);
    CHECK_INT(400, reading.newest_state.clock_error_us);
    CHECK_INT(f.clock.utc_offset_us, reading.newest_state.utc_us - reading.newest_state.mono_us);
    journal_close(reader);
    end();
}

static void a_batch_is_kept_whole_or_not_at_all(void)
{
    if (!begin())
        return;
    run_ticks(20);
    const int64_t kept = count("SELECT max(id) FROM report");
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    CHECK(journal != NULL);
    journal_close(journal); /* as a power cut: nobody has committed */
    CHECK_INT(kept, count("SELECT max(id) FROM report"));
    if (!open_journal(OCTETS_PLENTY))
        return;
    recorder_begin(&recorder, &f.config, journal, 90);
    run_ticks(20);
    CHECK_INT(kept + 1, count("SELECT id FROM report WHERE kind = 1 AND id > 1"));
    end();
}

static void a_quiet_junction_takes_little(void)
{
    if (!begin())
        return;
    run_ticks(50);
    const int64_t before = count("SELECT count(*) FROM report");
    for (int i = 0; i < 1200; i++) {
        f.count = 0;
        fixture_tick(&f);
        recorder_commit(&recorder);
    }
    /* Two minutes: one report every ten seconds, and the pedestrians' red proven after one. */
    CHECK_NEAR(14, (double)(count("SELECT count(*) FROM report") - before), 1);
    end();
}

/* ---- making room ---- */

static void pass_hours(int hours)
{
    for (int i = 0; i < hours; i++) {
        f.now_us += INT64_C(3600) * 1000000;
        run_ticks(20);
    }
}

static void what_is_old_goes(void)
{
    if (!begin())
        return;
    recorder.keep_us = INT64_C(10) * 3600 * 1000000;
    pass_hours(30);
    const int64_t now = utc_of(f.now_us), oldest = count("SELECT min(utc_us) FROM report");
    CHECK_NEAR(11.0, (double)(now - oldest) / 3.6e9, 1.1);
    struct journal_audit audit;
    CHECK_INT(0, journal_audit(journal, &audit));
    CHECK_INT(0, audit.wrong_from);
    CHECK_INT(count("SELECT count(*) FROM report"), audit.reports);
    CHECK_INT(0, count("SELECT count(*) FROM state WHERE report < (SELECT min(id) FROM report)"));
    end();
}

static void a_clock_that_is_wrong_empties_nothing(void)
{
    if (!begin())
        return;
    pass_hours(10);
    const int64_t oldest = count("SELECT min(id) FROM report");
    f.clock.utc_offset_us += INT64_C(1000) * 86400 * 1000000; /* years ahead */
    f.clock.state = CLOCK_UNSYNCED;
    pass_hours(3);
    CHECK_INT(oldest, count("SELECT min(id) FROM report"));
    f.clock.state = CLOCK_SYNCED; /* and somebody vouches for it: two hours go with each that comes */
    f.clock.utc_offset_us += 1000000;
    run_ticks(20);
    CHECK_INT(14 - 2, count("SELECT count(*) FROM report WHERE kind <= 5"));
    end();
}

static void the_limit_holds(void)
{
    enum { LIMIT = 256 * 1024 };
    if (!begin())
        return;
    journal_close(journal);
    if (!open_journal(LIMIT))
        return;
    recorder_begin(&recorder, &f.config, journal, 90);
    recorder.full_us = 0;
    for (int hour = 0; hour < 20; hour++) {
        f.now_us += INT64_C(3600) * 1000000;
        for (int i = 0; i < 200; i++) {
            fixture_show(&f, LEFT, i % 2 ? COLOR_RED : COLOR_GREEN);
            f.count = 0;
            fixture_tick(&f);
        }
        recorder_commit(&recorder);
        const int64_t used = count("SELECT page_count - freelist_count FROM pragma_page_count, "
                                   "pragma_freelist_count") *
                             4096;
        CHECK(used <= LIMIT);
    }
    CHECK(count("SELECT min(id) FROM report") > 1);
    CHECK(count("SELECT count(*) FROM report WHERE kind <= 5") > 2);
    struct journal_audit audit;
    CHECK_INT(0, journal_audit(journal, &audit));
    CHECK_INT(0, audit.wrong_from);
    end();
}

/* ---- a disk that refuses ---- */

/* From here on no file can grow beyond `octets`: as if the disk were full. */
static void limit_files(rlim_t octets)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_full_disk_is_a_gap(void)
{
    if (!begin())
        return;
    signal(SIGXFSZ, SIG_IGN);
    run_ticks(20);
    limit_files(4096);
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    const int refused = recorder_commit(&recorder);
    CHECK_INT(-1, refused);
    CHECK(journal_error(journal)[0] != '\0');
    CHECK(!journal_is_damaged(journal));
    run_ticks(20);
    limit_files(RLIM_INFINITY);
    run_ticks(120); /* it is asked again ten seconds later */
    CHECK_INT(1, count("SELECT count(*) FROM report WHERE kind = 3"));
    CHECK_INT(0, count("SELECT count(*) FROM report WHERE kind = 2"));
    struct journal_audit audit;
    CHECK_INT(0, journal_audit(journal, &audit));
    CHECK_INT(0, audit.wrong_from);
    end();
}

/* ---- damage ---- */

static enum journal_result reopen(void)
{
    const struct journal_limits limits = {OCTETS_PLENTY};
    journal = NULL;
    return journal_open(&journal, path, &limits, NULL, why, sizeof why);
}

static void overwrite(off_t at, const void *octets, size_t size)
{
    const int fd = open(path, O_WRONLY);
    CHECK_INT((int64_t)size, pwrite(fd, octets, size, at));
    close(fd);
}

static void a_damaged_file_is_told_and_set_aside(void)
{
    char name[WHY];
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    journal_close(journal);
    overwrite(2 * 4096 + 2, "damage damage damage damage", 27);
    CHECK_INT(JOURNAL_DAMAGED, reopen());
    CHECK(why[0] != '\0');
    overwrite(0, "no journal at all", 17);
    CHECK_INT(JOURNAL_DAMAGED, reopen());
    CHECK_STR("file is not a database", why);
    CHECK_INT(0, journal_set_aside(path, 77, name, sizeof name));
    CHECK(strstr(name, "journal.db.damaged-77") != NULL);
    CHECK_INT(0, access(name, F_OK));
    CHECK_INT(JOURNAL_OK, reopen());
    recorder_begin(&recorder, &f.config, journal, 90);
    run_ticks(20);
    CHECK_INT(1, count("SELECT kind FROM report WHERE id = 1"));
    end();
}

static void another_database_is_left_alone(void)
{
    clear_directory();
    edit("CREATE TABLE diary (day TEXT)");
    CHECK_INT(JOURNAL_DAMAGED, reopen());
    CHECK_STR("it is not a journal", why);
    CHECK_INT(-1, journal_open_to_read(&journal, path, why, sizeof why));
    CHECK_INT(0, count("SELECT count(*) FROM diary"));
    CHECK_INT(JOURNAL_FAILED, journal_open(&journal, "/nowhere/journal.db", &(struct journal_limits){1}, NULL,
                                           why, sizeof why));
    CHECK_INT(-1, journal_open_to_read(&journal, "/nowhere/journal.db", why, sizeof why));
}

static void one_that_is_being_checked_can_be_left(void)
{
    if (!begin())
        return;
    atomic_bool stop = true;
    const struct journal_limits limits = {OCTETS_PLENTY};
    for (int i = 0; i < 60; i++)
        run_cycle();
    journal_close(journal);
    CHECK_INT(JOURNAL_FAILED, journal_open(&journal, path, &limits, &stop, why, sizeof why));
    CHECK_STR("interrupted", why);
    fixture_end(&f);
}

/* ---- somebody's hand ---- */

static void a_changed_row_is_found(void)
{
    static const char *const hands[] = {
        "UPDATE state SET color = 0 WHERE report = 9 AND group_no = 1",
        "UPDATE state SET since_ago_us = since_ago_us + 1 WHERE report = 9",
        "UPDATE report SET utc_us = utc_us - 1000 WHERE id = 9",
        "UPDATE lamp_group SET wiring = replace(wiring, 'North', 'South')",
        "DELETE FROM state WHERE report = 9",
        "DELETE FROM report WHERE id = 9",
        "INSERT INTO state VALUES (9, 5, 0, 0, 0, 0, NULL, 0, 1, 0)",
        "UPDATE seal SET digest = zeroblob(32) WHERE report > 1",
        "DELETE FROM seal WHERE report = (SELECT max(report) FROM seal)",
        "DELETE FROM seal WHERE report = (SELECT report FROM seal ORDER BY report LIMIT 1 OFFSET 3)",
    };
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        harness_at("%s", hands[i]);
        if (!begin())
            return;
        struct journal_audit audit;
        run_ticks(20);
        run_cycle();
        run_cycle();
        CHECK_INT(0, journal_audit(journal, &audit));
        CHECK_INT(0, audit.wrong_from);
        CHECK_INT(1, audit.first_report);
        edit(hands[i]);
        CHECK_INT(0, journal_audit(journal, &audit));
        CHECK(audit.wrong_from > 0 && audit.wrong_from <= 12 + 4 * (i == 8));
        end();
    }
}

static void rows_behind_the_newest_seal_are_not_gone_on_from(void)
{
    if (!begin())
        return;
    run_ticks(20);
    journal_close(journal);
    edit("INSERT INTO report SELECT id + 1, 7, seq, mono_us, utc_us, clock, clock_error_us, valid, reasons, "
         "NULL, NULL"
         " FROM report ORDER BY id DESC LIMIT 1");
    CHECK_INT(JOURNAL_DAMAGED, reopen());
    CHECK_STR("its newest reports do not end with its newest seal", why);
    fixture_end(&f);
}

HARNESS_MAIN_WITH(
    set_up, tear_down, {"every change comes back with its stamps", every_change_comes_back_with_its_stamps},
    {"a batch is kept whole or not at all", a_batch_is_kept_whole_or_not_at_all},
    {"a quiet junction takes little", a_quiet_junction_takes_little}, {"what is old goes", what_is_old_goes},
    {"a clock that is wrong empties nothing", a_clock_that_is_wrong_empties_nothing},
    {"the limit holds", the_limit_holds}, {"a full disk is a gap", a_full_disk_is_a_gap},
    {"a damaged file is told and set aside", a_damaged_file_is_told_and_set_aside},
    {"another database is left alone", another_database_is_left_alone},
    {"one that is being checked can be left", one_that_is_being_checked_can_be_left},
    {"a changed row is found", a_changed_row_is_found},
    {"rows behind the newest seal are not gone on from", rows_behind_the_newest_seal_are_not_gone_on_from}, )
