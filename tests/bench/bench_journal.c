/* How large the journal of a junction gets, and how long an answer takes: one day of the whole intersection
 * in virtual time, put down once for each of DAYS days.
 *
 *     bench_journal CONFIG DAYS FILE */
#include "../../controller/app.h"
#include "../../controller/evidence.h"
#include "../../controller/recorder.h"
#include "../../io/io_thread.h"
#include "../../sim/direct_port.h"
#include "../../sim/run.h"
#include "../../sim/street.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES_MAX = 200 * 1000, QUESTIONS = 1000, TICKS_A_DAY = 24 * 3600 * 1000 / TICK_MS };

static const int64_t day_us = INT64_C(86400) * 1000000;

static struct config config;
static struct street street;
static struct direct_port direct;
static struct feed *feed;
static struct feed_clock clock_now;
static struct feed_message *message[MESSAGES_MAX]; /* without the groups they do not have */
static int count;
static int64_t full_us = INT64_MIN;

static void print_fault(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

/* Keeps what the recorder may look at: of the fulls, the states only of those it may put down. */
static void keep(void *arg, const struct feed_message *m)
{
    (void)arg;
    if (m->kind == FEED_ALIVE || count == MESSAGES_MAX)
        return;
    int groups = m->group_count;
    if (m->kind == FEED_FULL && full_us != INT64_MIN &&
        m->sent_us - full_us < (RECORDER_FULL_S - 2) * INT64_C(1000000))
        groups = 0;
    else if (m->kind == FEED_FULL && groups > 0)
        full_us = m->sent_us;
    const size_t size = offsetof(struct feed_message, group) + (size_t)groups * sizeof *m->group;
    message[count] = calloc(1, sizeof *m);
    if (!message[count])
        return;
    memcpy(message[count], m, size);
    message[count]->group_count = (uint8_t)groups;
    count++;
}

static void taken(void *arg, const struct cabinet_exchange *exchange)
{
    (void)arg;
    feed_exchange(feed, exchange, &clock_now);
}

static int simulate_day(void)
{
    const int64_t utc_offset_us = (RUN_FROM_S - config.db.standard_time_zone_s) * 1000000;
    if (street_init(&street, &config, DEMAND_MEDIUM, 1, 0, 0) < 0)
        return -1;
    clock_now = (struct feed_clock){CLOCK_SYNCED, 400, utc_offset_us};
    direct_port_init(&direct, &street.cabinet, taken, NULL);
    feed = feed_new(&config.feed, 1, keep, NULL);
    struct app *app = app_new(&config.db, &config.card, &direct.port, 0);
    if (!feed || !app)
        return -1;
    app_set_civil(app, true, utc_offset_us);
    for (int64_t i = 0; i < TICKS_A_DAY; i++) {
        const int64_t tick_us = i * TICK_MS * 1000;
        street_sense(&street, tick_us);
        app_step(app, tick_us);
        sim_cabinet_advance(&street.cabinet, tick_us + TICK_MS * 500);
        feed_poll(feed, tick_us + TICK_MS * 500, &clock_now);
        street_move(&street, tick_us);
    }
    app_free(app);
    feed_free(feed);
    street_done(&street);
    return 0;
}

/* The day again, so many days later. Batches are of a second, as on the street. */
static int put_day(struct recorder *recorder, int day)
{
    static struct feed_message m;
    int64_t committed_us = 0;
    for (int i = 0; i < count; i++) {
        m = *message[i];
        m.clock.utc_offset_us += day * day_us;
        if (recorder_take(recorder, &m) < 0)
            return -1;
        if (m.sent_us - committed_us >= 1000000 && recorder_commit(recorder) < 0)
            return -1;
        if (m.sent_us - committed_us >= 1000000)
            committed_us = m.sent_us;
    }
    return 0;
}

static void ask(struct journal *journal, int days)
{
    static struct evidence evidence;
    char why[256];
    uint64_t random = 1;
    int64_t worst_us = 0, sum_us = 0;
    int found = 0;
    for (int i = 0; i < QUESTIONS; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        const int64_t at_us = (int64_t)((random >> 16) % (uint64_t)(days * day_us));
        const int64_t begun_us = io_now_us();
        const int group_no = config.feed.group[i % config.feed.group_count].no;
        found += evidence_find(journal, group_no, at_us + clock_now.utc_offset_us, &evidence, why,
                               sizeof why) == EVIDENCE_FOUND;
        const int64_t took_us = io_now_us() - begun_us;
        sum_us += took_us;
        worst_us = took_us > worst_us ? took_us : worst_us;
    }
    printf("%d of %d questions answered, %.1f ms on average, %.1f at worst\n", found, QUESTIONS,
           (double)sum_us / QUESTIONS / 1e3, (double)worst_us / 1e3);
}

static double seconds_since(int64_t begun_us)
{
    return (double)(io_now_us() - begun_us) / 1e6;
}

int main(int argc, char **argv)
{
    const struct journal_limits limits = {INT64_C(100000) * 1000000};
    struct journal *journal;
    struct recorder recorder;
    struct journal_audit audit;
    char why[256] = "";
    const int days = argc == 4 ? atoi(argv[2]) : 0;
    if (days < 1 || config_load(&config, argv[1], CONFIG_WHOLE, print_fault, NULL) != 0) {
        fprintf(stderr, "usage: bench_journal CONFIG DAYS FILE\n");
        return 2;
    }
    remove(argv[3]);
    if (simulate_day() < 0 || journal_open(&journal, argv[3], &limits, NULL, why, sizeof why) != JOURNAL_OK) {
        fprintf(stderr, "bench_journal: %s\n", why);
        return 3;
    }
    recorder_begin(&recorder, &config.feed, journal, 100000);
    for (int day = 0; day < days; day++) {
        recorder.begin_as = day == 0 ? JOURNAL_START : JOURNAL_MISSED; /* its times begin anew */
        recorder.heard = false;
        if (put_day(&recorder, day) < 0) {
            fprintf(stderr, "bench_journal: %s\n", journal_error(journal));
            return 3;
        }
    }
    ask(journal, days);
    journal_close(journal);
    int64_t begun_us = io_now_us();
    if (journal_open(&journal, argv[3], &limits, NULL, why, sizeof why) != JOURNAL_OK)
        return 3;
    printf("opened and looked through in %.2f s\n", seconds_since(begun_us));
    begun_us = io_now_us();
    if (journal_audit(journal, &audit) < 0 || audit.wrong_from > 0)
        return 1;
    printf("%" PRId64 " reports in %" PRId64 " batches, every seal worked out in %.2f s\n", audit.reports,
           audit.seals, seconds_since(begun_us));
    journal_close(journal);
    return 0;
}
