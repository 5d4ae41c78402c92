/* What a group showed at an instant, by the journal: the colour and its stamps, on an edge and in a gap,
 * before the first report and after the last, and the same answer as a camera gives. */
#include "../../controller/evidence.h"
#include "../../controller/utc_text.h"
#include "../../io/sigstate_message.h"
#include "journal_fixture.h"
#include <sys/stat.h>

enum { LEFT_NO = 1, WALK_NO = 70 };

static struct evidence e;
static char text[EVIDENCE_TEXT];

static enum evidence_result find(int group_no, int64_t at_utc_us)
{
    return evidence_find(journal, group_no, at_utc_us, &e, why, sizeof why);
}

static const struct evidence_moment *held(void)
{
    static const struct evidence_moment none;
    return e.at_ix >= 0 ? &e.moment[e.at_ix] : &none;
}

static void a_red_after_a_full_yellow_stands(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    const struct feed_state *red = fixture_state(&f, LEFT);
    const int64_t edge = utc_of(red->since_us);
    if (CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, edge + 500000))) {
        CHECK(e.known && e.enforceable);
        CHECK_INT(0, e.why_not);
        CHECK_INT(COLOR_RED, held()->color);
        CHECK_INT(edge, held()->since_utc_us);
        CHECK_INT(edge, held()->red_since_utc_us);
        CHECK_INT(1000, held()->since_error_us);
        CHECK_INT(3000, held()->yellow_ms);
        CHECK(held()->verified && held()->valid);
        CHECK_INT(COLOR_YELLOW, e.moment[e.at_ix - 1].color);
        CHECK_INT(COLOR_GREEN, e.moment[e.at_ix - 2].color);
        CHECK_INT(edge - 3000000, e.moment[e.at_ix - 1].since_utc_us);
        CHECK_STR("quwo-01", e.controller);
        CHECK(strstr(e.wiring, "\"kind\":\"arrow-left\"") != NULL);
    }
    end();
}

static void an_instant_on_an_edge_is_beyond_doubt_for_nobody(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    const int64_t edge = utc_of(fixture_state(&f, LEFT)->since_us);
    const struct {
        int64_t from_edge_us;
        enum feed_color color;
        uint32_t why_not;
    } rows[] = {
        /* The edge is known to 1 ms, the clock to 0.4 ms. */
        {-1401, COLOR_YELLOW, DOUBT_NOT_RED},
        {-1400, COLOR_YELLOW, DOUBT_NOT_RED | DOUBT_EDGE},
        {-1, COLOR_YELLOW, DOUBT_NOT_RED | DOUBT_EDGE},
        {0, COLOR_RED, DOUBT_EDGE},
        {1399, COLOR_RED, DOUBT_EDGE},
        {1400, COLOR_RED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        harness_at("%lld us from the edge", (long long)rows[i].from_edge_us);
        CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, edge + rows[i].from_edge_us));
        CHECK_INT(rows[i].color, held()->color);
        CHECK_HEX(rows[i].why_not, e.why_not);
    }
    end();
}

static void outside_the_journal_nothing_is_said(void)
{
    if (!begin())
        return;
    CHECK_INT(EVIDENCE_NOT_REACHED, find(LEFT_NO, utc_of(f.now_us)));
    CHECK_STR("the journal is empty", why);
    const int64_t first = utc_of(f.now_us);
    run_ticks(50);
    recorder_settle(&recorder);
    const int64_t last = utc_of(recorder.newest.sent_us);
    CHECK_INT(EVIDENCE_NOT_REACHED, find(LEFT_NO, first));
    CHECK(strstr(why, "the journal reaches from 2026-11-22T") != NULL);
    CHECK_INT(EVIDENCE_NOT_REACHED, find(LEFT_NO, last + 1));
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, last));
    CHECK_INT(EVIDENCE_NO_GROUP, find(2, last));
    CHECK_STR("there was no group 2", why);
    CHECK_INT(EVIDENCE_NO_GROUP, find(0, last));
    end();
}

static void what_may_still_be_taken_back_is_not_enforceable(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    recorder_settle(&recorder);
    const int64_t last = utc_of(recorder.newest.sent_us);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, last - 999999));
    CHECK_HEX(DOUBT_NOT_SETTLED, e.why_not);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, last - 1000000));
    CHECK_HEX(0, e.why_not);
    end();
}

static void a_loss_takes_back_what_was_just_before(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    f.x.output.reasons = REASON_MANUAL;
    run_ticks(20);
    const int64_t told = utc_of(f.now_us - 2000000 + 3000); /* taken 2 ms and sent 3 ms after its tick */
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, told - 500401));
    CHECK_HEX(0, e.why_not);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, told - 500000));
    CHECK_HEX(DOUBT_INVALID, e.why_not & ~(uint32_t)DOUBT_EDGE);
    CHECK_HEX(REASON_MANUAL, held()->reasons);
    CHECK_INT(COLOR_RED, held()->color);
    f.x.output.reasons = 0;
    run_ticks(20);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, told + 1998999));
    CHECK_HEX(DOUBT_INVALID, e.why_not & ~(uint32_t)DOUBT_EDGE);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, told + 1999000));
    CHECK_HEX(0, e.why_not & DOUBT_INVALID);
    end();
}

static void across_a_gap_nothing_is_inferred(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    recorder_settle(&recorder);
    const int64_t before = utc_of(recorder.newest.sent_us);
    deaf = true;
    run_cycle();
    deaf = false;
    run_ticks(60);
    const int64_t after = count("SELECT utc_us FROM report WHERE kind = 2");
    CHECK(after > before + 13000000);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, before));
    CHECK(e.known && !e.in_gap);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, before + 1));
    CHECK(!e.known && e.in_gap && !e.enforceable);
    CHECK_HEX(DOUBT_UNKNOWN, e.why_not);
    CHECK_INT(JOURNAL_MISSED, held()->gap);
    CHECK_INT(before, e.unbroken_from_utc_us);
    CHECK_INT(after, e.unbroken_to_utc_us);
    CHECK_INT(COLOR_RED, e.moment[e.at_ix - 1].color);
    CHECK_INT(COLOR_RED, e.moment[e.at_ix + 1].color);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, after - 1));
    CHECK(!e.known);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, after));
    CHECK(e.known);
    end();
}

static void while_the_controller_was_down_nothing_is_known(void)
{
    if (!begin())
        return;
    run_ticks(20);
    recorder_end(&recorder);
    const int64_t stopped = utc_of(recorder.newest.sent_us);
    journal_close(journal);
    f.now_us += 60000000;
    if (!open_journal(OCTETS_PLENTY))
        return;
    recorder_begin(&recorder, &f.config, journal, 90);
    run_ticks(20);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, stopped + 30000000));
    CHECK(!e.known);
    CHECK_INT(JOURNAL_START, held()->gap);
    CHECK_INT(1, count("SELECT count(*) FROM report WHERE kind = 8"));
    end();
}

static void an_hour_that_came_twice_accuses_nobody(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    const int64_t red = utc_of(fixture_state(&f, LEFT)->since_us);
    f.clock.utc_offset_us -= 8000000;
    run_cycle();
    CHECK_INT(1, count("SELECT count(*) FROM report WHERE kind = 4"));
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, red + 2000000));
    CHECK_HEX(DOUBT_TWICE, e.why_not);
    CHECK(!e.known && !e.enforceable);
    end();
}

static void a_clock_put_forward_leaves_a_gap(void)
{
    if (!begin())
        return;
    run_ticks(20);
    f.clock.utc_offset_us += 3600000000;
    run_ticks(20);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, utc_of(f.now_us) - 1800000000));
    CHECK_INT(JOURNAL_CLOCK, held()->gap);
    CHECK(!e.known);
    end();
}

static struct sigstate *camera;

static void take_both(void *arg, const struct feed_message *message)
{
    take(arg, message);
    sigstate_message(camera, &f.config, message, message->sent_us, utc_of(message->sent_us));
}

/* All that a camera would enforce that asked a second later, and no more, is enforceable by the journal. */
static void the_journal_answers_as_a_camera_does(void)
{
    if (!begin())
        return;
    camera = sigstate_open_feed(&f.config, 0);
    f.listener = take_both;
    int asked = 0, enforceable = 0;
    run_ticks(620);
    for (int step = 0; step < 12 && !harness_failed(); step++) {
        static const enum feed_color colors[] = {COLOR_GREEN, COLOR_GREEN_FLASH, COLOR_YELLOW, COLOR_RED};
        static const int ticks[] = {20, 10, 30, 15};
        fixture_show(&f, LEFT, colors[step % 4]);
        f.x.output.reasons = step == 7 ? REASON_REMOTE : 0;
        f.lamps_lie = step == 8;
        for (int i = 0; i < ticks[step % 4]; i++) {
            f.count = 0;
            fixture_tick(&f);
            recorder_settle(&recorder);
            struct sigstate_answer answer;
            const int64_t at = utc_of(f.now_us - 1500000 + i * 7001 % 100000);
            sigstate_at(camera, LEFT_NO, at, f.now_us, &answer);
            harness_at("step %d tick %d", step, i);
            if (!answer.known || !CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, at)))
                continue;
            asked++;
            enforceable += e.enforceable;
            const struct evidence_moment *m = held();
            CHECK(answer.final);
            CHECK_INT((int)answer.color, (int)m->color);
            CHECK_INT(answer.valid, m->valid);
            CHECK_INT(answer.verified, m->verified);
            CHECK_INT(answer.enforceable, e.enforceable);
            CHECK_INT(answer.since_utc_us, m->since_utc_us);
        }
    }
    harness_at("all");
    CHECK(asked > 150);
    CHECK(enforceable > 20);
    sigstate_close(camera);
    end();
}

static void hours_later_the_answer_is_the_same(void)
{
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    const int64_t edge = utc_of(fixture_state(&f, LEFT)->since_us);
    for (int i = 0; i < 10; i++) {
        run_ticks(100);
        f.now_us += 2400000000; /* no exchange: the cabinet was silent */
    }
    run_cycle();
    CHECK(count("SELECT count(*) FROM report WHERE kind = 5") >= 5);
    CHECK_INT(EVIDENCE_FOUND, find(LEFT_NO, edge + 1000000));
    CHECK_HEX(0, e.why_not);
    CHECK_INT(EVIDENCE_FOUND, find(WALK_NO, edge + 1000000));
    CHECK_INT(COLOR_RED, held()->color);
    end();
}

/* Whatever octet of the file is damaged: there is an answer or a reason. */
static void a_damaged_octet_does_no_harm(void)
{
    enum { DAMAGES = 400 };
    static uint8_t octets[256 * 1024];
    if (!begin())
        return;
    run_ticks(20);
    run_cycle();
    const int64_t at = utc_of(fixture_state(&f, LEFT)->since_us) + 500000;
    end();
    int fd = open(path, O_RDWR);
    const ssize_t size = read(fd, octets, sizeof octets);
    CHECK(size > 0 && size < (ssize_t)sizeof octets);
    uint32_t random = 1;
    for (int i = 0; i < DAMAGES; i++) {
        random = random * 1664525 + 1013904223;
        const off_t place = (off_t)(random >> 8) % size;
        const uint8_t wrong = (uint8_t)(octets[place] ^ (1U << (random >> 5 & 7)));
        CHECK_INT(1, pwrite(fd, &wrong, 1, place));
        if (journal_open_to_read(&journal, path, why, sizeof why) == 0) {
            struct journal_audit audit;
            find(LEFT_NO, at);
            journal_audit(journal, &audit);
            journal_close(journal);
        }
        CHECK_INT(1, pwrite(fd, octets + place, 1, place));
    }
    close(fd);
}

/* Nor do numbers that nobody could have written. */
static void absurd_numbers_do_no_harm(void)
{
    static const char *const hands[] = {
        "UPDATE report SET utc_us = 9223372036854775807 WHERE id > 1",
        "UPDATE report SET mono_us = -9223372036854775808",
        "UPDATE state SET since_ago_us = -9223372036854775808, enforceable_ago_us = 9223372036854775807",
        "UPDATE state SET since_error_us = -2147483648, yellow_ms = 9223372036854775807",
        "UPDATE state SET color = 99",
        "UPDATE report SET kind = -1 WHERE id > 1",
        "UPDATE report SET id = -9223372036854775808 WHERE id = 1",
        "UPDATE lamp_group SET wiring = zeroblob(5000)",
    };
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        harness_at("%s", hands[i]);
        if (!begin())
            return;
        run_ticks(20);
        run_cycle();
        edit(hands[i]);
        if (find(LEFT_NO, utc_of(fixture_state(&f, LEFT)->since_us) + 500000) == EVIDENCE_FOUND)
            CHECK(evidence_write(&e, NULL, text) > 0);
        end();
    }
}

/* ---- the text and its signature ---- */

static int write_signed(const struct evidence_key *key)
{
    run_ticks(20);
    run_cycle();
    find(LEFT_NO, utc_of(fixture_state(&f, LEFT)->since_us) + 500000);
    return evidence_write(&e, key, text);
}

static struct evidence_key *new_key(const char *name)
{
    char key_path[PATH + 32];
    struct evidence_key *key = NULL;
    snprintf(key_path, sizeof key_path, "%s/%s", dir_path, name);
    CHECK_INT(0, evidence_key_create(key_path, why, sizeof why));
    CHECK_INT(0, evidence_key_load(&key, key_path, why, sizeof why));
    return key;
}

static bool has_line(const char *line)
{
    const char *found = strstr(text, line);
    return found && (found == text || found[-1] == '\n') && found[strlen(line)] == '\n';
}

static void it_reads_one_fact_a_line(void)
{
    if (!begin())
        return;
    const int length = write_signed(NULL);
    CHECK(length > 0);
    CHECK(has_line("tsc-evidence: 1"));
    CHECK(has_line("controller: quwo-01"));
    CHECK(has_line("group: 1"));
    CHECK(has_line("state: red"));
    CHECK(has_line("enforceable: yes"));
    CHECK(has_line("why-not: -"));
    CHECK(has_line("age-ms: 500.000"));
    CHECK(has_line("yellow-ms: 3000"));
    CHECK(has_line("clock: synced"));
    CHECK(has_line("key: none"));
    CHECK(strstr(text, "\\\"左转\\\"") != NULL); /* its name, quotes and all, as JSON */
    end();
}

static void any_change_is_found(void)
{
    if (!begin())
        return;
    struct evidence_key *key = new_key("one.key"), *other = new_key("two.key");
    const int length = write_signed(key);
    CHECK(length > 0);
    CHECK_INT(0, evidence_check(text, (size_t)length, key, why, sizeof why));
    for (int i = 0; i < length && !harness_failed(); i++) {
        harness_at("octet %d", i);
        text[i] ^= 1;
        CHECK_INT(-1, evidence_check(text, (size_t)length, key, why, sizeof why));
        text[i] ^= 1;
        CHECK_INT(-1, evidence_check(text, (size_t)i, key, why, sizeof why));
    }
    harness_at("all");
    CHECK_INT(-1, evidence_check(text, (size_t)length, other, why, sizeof why));
    CHECK(strstr(why, "not signed with this key") != NULL);
    evidence_key_free(key);
    evidence_key_free(other);
    end();
}

static void a_key_is_made_once_and_for_its_owner_alone(void)
{
    clear_directory();
    char key_path[PATH + 32], public[EVIDENCE_PUBLIC_PEM], id[EVIDENCE_KEY_ID], again[EVIDENCE_KEY_ID];
    struct evidence_key *key = new_key("evidence.key"), *pinned = NULL;
    struct stat stat;
    uint8_t signature[EVIDENCE_SIGNATURE];
    snprintf(key_path, sizeof key_path, "%s/evidence.key", dir_path);
    CHECK_INT(0, lstat(key_path, &stat));
    CHECK_HEX(0100600, stat.st_mode);
    CHECK_INT(-1, evidence_key_create(key_path, why, sizeof why));
    CHECK(strstr(why, "File exists") != NULL);
    evidence_key_id(key, id);
    CHECK_INT(0, strncmp(id, "ed25519:", 8));
    CHECK_INT(EVIDENCE_KEY_ID - 1, (int64_t)strlen(id));

    CHECK_INT(0, evidence_key_public(key, public));
    snprintf(key_path, sizeof key_path, "%s/public.pem", dir_path);
    FILE *file = fopen(key_path, "w");
    fputs(public, file);
    fclose(file);
    CHECK_INT(0, evidence_key_load(&pinned, key_path, why, sizeof why));
    evidence_key_id(pinned, again);
    CHECK_STR(id, again);
    CHECK_INT(0, evidence_key_sign(key, "red", 3, signature));
    CHECK_INT(0, evidence_key_verify(pinned, "red", 3, signature));
    CHECK_INT(-1, evidence_key_verify(pinned, "rad", 3, signature));
    CHECK_INT(-1, evidence_key_sign(pinned, "red", 3, signature));
    file = fopen(key_path, "w");
    fputs("-----BEGIN PRIVATE KEY-----\nnothing\n", file);
    fclose(file);
    evidence_key_free(pinned);
    CHECK_INT(-1, evidence_key_load(&pinned, key_path, why, sizeof why));
    CHECK(strstr(why, "not an Ed25519 key") != NULL);
    evidence_key_free(key);
}

static void utc_is_read_strictly(void)
{
    static const char *const wrong[] = {
        "",
        "2026-11-22",
        "2026-11-22T08:00:00",
        "2026-11-22T08:00:00+08:00",
        "2026-11-22 08:00:00Z",
        "2026-11-31T08:00:00Z",
        "2026-02-29T08:00:00Z",
        "2026-13-01T08:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T08:60:00Z",
        "2026-11-22T08:00:60Z",
        "2026-11-22T08:00:00.Z",
        "2026-11-22T08:00:00.1234567Z",
        "2026-11-22T08:00:00.12",
        "2026-11-22T08:00:00Zz",
        "1969-12-31T23:59:59Z",
        "now",
    };
    int64_t utc_us = 7;
    char printed[UTC_TEXT];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        harness_at("\"%s\"", wrong[i]);
        CHECK_INT(-1, utc_parse(wrong[i], &utc_us));
        CHECK_INT(7, utc_us);
    }
    harness_at("all");
    CHECK_INT(0, utc_parse("2026-11-22T08:00:00.12Z", &utc_us));
    utc_print(utc_us, printed);
    CHECK_STR("2026-11-22T08:00:00.120000Z", printed);
    CHECK_INT(INT64_C(1795334400120000), utc_us);
    CHECK_INT(0, utc_parse("2028-02-29T23:59:59.999999Z", &utc_us));
    utc_print(utc_us + 1, printed);
    CHECK_STR("2028-03-01T00:00:00.000000Z", printed);
}

HARNESS_MAIN_WITH(
    set_up, tear_down, {"a red after a full yellow stands", a_red_after_a_full_yellow_stands},
    {"an instant on an edge is beyond doubt for nobody", an_instant_on_an_edge_is_beyond_doubt_for_nobody},
    {"outside the journal nothing is said", outside_the_journal_nothing_is_said},
    {"what may still be taken back is not enforceable", what_may_still_be_taken_back_is_not_enforceable},
    {"a loss takes back what was just before", a_loss_takes_back_what_was_just_before},
    {"across a gap nothing is inferred", across_a_gap_nothing_is_inferred},
    {"while the controller was down nothing is known", while_the_controller_was_down_nothing_is_known},
    {"an hour that came twice accuses nobody", an_hour_that_came_twice_accuses_nobody},
    {"a clock put forward leaves a gap", a_clock_put_forward_leaves_a_gap},
    {"the journal answers as a camera does", the_journal_answers_as_a_camera_does},
    {"hours later the answer is the same", hours_later_the_answer_is_the_same},
    {"a damaged octet does no harm", a_damaged_octet_does_no_harm},
    {"absurd numbers do no harm", absurd_numbers_do_no_harm},
    {"it reads one fact a line", it_reads_one_fact_a_line}, {"any change is found", any_change_is_found},
    {"a key is made once and for its owner alone", a_key_is_made_once_and_for_its_owner_alone},
    {"UTC is read strictly", utc_is_read_strictly}, )
