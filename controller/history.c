#include "history.h"
#include "../io/io_thread.h"
#include "evidence.h"
#include "http.h"
#include "log.h"
#include "recorder.h"
#include "utc_text.h"
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WHY_OCTETS = 256, PATH_OCTETS = 600, PERIOD_S = 1, EVENTS = 3 };

struct history {
    const struct config *config;
    struct feed_outlet *outlet;
    uint64_t boot;
    char path[PATH_OCTETS];

    struct event_base *base;
    struct event *event[EVENTS];
    int stop_fd;
    atomic_bool stop;
    pthread_t thread;
    bool started;

    struct journal *journal; /* NULL: it cannot be opened just now */
    struct recorder recorder;
    bool failing;
    int64_t retry_us;
    struct feed_message message;

    struct http_server *http;
    struct http_route route;
    struct evidence_key *key; /* NULL: there is none */
    struct evidence evidence;
};

/* ---- the journal, as far as the disk allows ---- */

static void note_failure(struct history *history, const char *why)
{
    if (!history->failing)
        log_line(LOG_ALERT, "journal: %s: what happens now is not kept", why);
    history->failing = true;
    history->retry_us = io_now_us() + RECORDER_RETRY_S * INT64_C(1000000);
}

static void set_aside(struct history *history, const char *why)
{
    char name[PATH_OCTETS + 32];
    if (journal_set_aside(history->path, history->boot, name, sizeof name) == 0)
        log_line(LOG_ALERT, "journal: %s is damaged (%s): kept as %s, a new one begins", history->path, why,
                 name);
    else
        log_line(LOG_ALERT, "journal: %s is damaged (%s) and cannot be put aside: %s", history->path, why,
                 strerror(errno));
}

static enum journal_result try_open(struct history *history, char *why, size_t size)
{
    const struct history_config *config = &history->config->history;
    const struct journal_limits limits = {config->journal_mb * INT64_C(1000000)};
    return journal_open(&history->journal, history->path, &limits, &history->stop, why, size);
}

static void open_journal(struct history *history)
{
    char why[WHY_OCTETS];
    enum journal_result result = try_open(history, why, sizeof why);
    if (result == JOURNAL_DAMAGED) {
        set_aside(history, why);
        result = try_open(history, why, sizeof why);
    }
    if (result == JOURNAL_OK)
        recorder_begin(&history->recorder, &history->config->feed, history->journal,
                       history->config->history.journal_days);
    else if (!atomic_load(&history->stop))
        note_failure(history, why);
}

static void close_journal(struct history *history)
{
    journal_close(history->journal);
    history->journal = NULL;
}

/* `result` as the recorder's functions return it. */
static void look_after(struct history *history, int result)
{
    if (result == 0) {
        if (history->failing && history->recorder.begin_as == JOURNAL_FULL) {
            log_line(LOG_NOTICE, "journal: written again, with a gap");
            history->failing = false;
        }
        return;
    }
    char why[WHY_OCTETS];
    snprintf(why, sizeof why, "%s", journal_error(history->journal));
    if (!journal_is_damaged(history->journal)) {
        note_failure(history, why);
        return;
    }
    close_journal(history);
    set_aside(history, why);
    open_journal(history);
}

static void take_messages(struct history *history)
{
    uint64_t lost;
    while (feed_outlet_take(history->outlet, &history->message, &lost)) {
        if (!history->journal)
            continue;
        const enum journal_kind before = history->recorder.begin_as;
        const int result = recorder_take(&history->recorder, &history->message);
        const enum journal_kind after = history->recorder.begin_as;
        if (result == 0 && before != after && after != JOURNAL_FULL)
            log_line(LOG_WARNING, "journal: a gap: %s",
                     after == JOURNAL_CLOCK ? "the clock was stepped" : "messages of the feed were missed");
        look_after(history, result);
    }
}

/* ---- what is asked ---- */

static int refuse(char text[HTTP_TEXT], int status, const char *reason)
{
    snprintf(text, HTTP_TEXT, "%s\n", reason);
    return status;
}

/* Digits alone; 0 if it is no number of a group. */
static int parse_group(const char *text)
{
    const size_t length = text ? strlen(text) : 0;
    return length >= 1 && length <= 3 && strspn(text, "0123456789") == length ? atoi(text) : 0;
}

static int answer(struct history *history, int group_no, int64_t at_utc_us, char text[HTTP_TEXT])
{
    char why[WHY_OCTETS];
    switch (evidence_find(history->journal, group_no, at_utc_us, &history->evidence, why, sizeof why)) {
    case EVIDENCE_FOUND:
        if (evidence_write(&history->evidence, history->key, text) < 0)
            return refuse(text, HTTP_UNAVAILABLE, "the evidence cannot be signed");
        return HTTP_OK;
    case EVIDENCE_NO_GROUP:
        return refuse(text, HTTP_BAD_REQUEST, why);
    case EVIDENCE_NOT_REACHED:
        return refuse(text, HTTP_NOT_FOUND, why);
    case EVIDENCE_FAILED:
        break;
    }
    return refuse(text, HTTP_UNAVAILABLE, why);
}

static int evidence_page(void *arg, const struct http_query *query, char text[HTTP_TEXT])
{
    struct history *history = arg;
    const int group_no = parse_group(http_value(query, "group"));
    const char *at = http_value(query, "at");
    int64_t at_utc_us;
    if (group_no == 0)
        return refuse(text, HTTP_BAD_REQUEST, "group=NUMBER is needed");
    if (!at || utc_parse(at, &at_utc_us) < 0)
        return refuse(text, HTTP_BAD_REQUEST, "at=UTC is needed, such as 2026-11-22T08:00:00.123456Z");
    if (history->config->history.journal_days == 0)
        return refuse(text, HTTP_UNAVAILABLE, "no journal is kept: history.journal_days is 0");
    if (!history->journal)
        return refuse(text, HTTP_UNAVAILABLE, "the journal cannot be opened just now");
    if (!history->key)
        return refuse(text, HTTP_UNAVAILABLE, "there is no key to sign with");
    /* What has just happened is put down first: that nothing has, once a second at most, whoever asks how
     * often. */
    struct recorder *recorder = &history->recorder;
    const bool quiet = recorder->newest.sent_us - recorder->put_us >= PERIOD_S * INT64_C(1000000);
    look_after(history, quiet ? recorder_settle(recorder) : recorder_commit(recorder));
    if (!history->journal)
        return refuse(text, HTTP_UNAVAILABLE, "the journal cannot be opened just now");
    return answer(history, group_no, at_utc_us, text);
}

/* ---- the thread ---- */

static void on_message(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    take_messages(arg);
}

static void on_period(evutil_socket_t fd, short what, void *arg)
{
    struct history *history = arg;
    (void)fd;
    (void)what;
    if (history->journal)
        look_after(history, recorder_commit(&history->recorder));
    else if (history->config->history.journal_days > 0 && io_now_us() >= history->retry_us)
        open_journal(history);
}

static void on_stop(evutil_socket_t fd, short what, void *arg)
{
    struct history *history = arg;
    (void)fd;
    (void)what;
    event_base_loopbreak(history->base);
}

static void *run(void *arg)
{
    struct history *history = arg;
    pthread_setname_np(pthread_self(), "journal");
    if (history->config->history.journal_days > 0)
        open_journal(history);
    event_base_dispatch(history->base);
    take_messages(history);
    if (history->journal)
        recorder_end(&history->recorder);
    return NULL;
}

int history_start(struct history *history)
{
    history->started = pthread_create(&history->thread, NULL, run, history) == 0;
    return history->started ? 0 : -1;
}

/* ---- opening ---- */

/* A controller whose key is lost gets another one, and the centre has to be told. */
static void open_key(struct history *history, const char *state_dir)
{
    char path[PATH_OCTETS], why[PATH_OCTETS + WHY_OCTETS], id[EVIDENCE_KEY_ID];
    snprintf(path, sizeof path, "%s/%s", state_dir, evidence_key_name);
    const bool missing = access(path, F_OK) < 0 && errno == ENOENT;
    if ((missing && evidence_key_create(path, why, sizeof why) < 0) ||
        evidence_key_load(&history->key, path, why, sizeof why) < 0) {
        log_line(LOG_ALERT, "evidence: %s: nothing can be signed", why);
        return;
    }
    if (!missing)
        return;
    evidence_key_id(history->key, id);
    log_line(access(history->path, F_OK) == 0 ? LOG_ALERT : LOG_NOTICE,
             "evidence: a new key was made, %s: the centre has to know it (tscctl key show)", id);
}

static int add_event(struct history *history, int ix, int fd, event_callback_fn fn)
{
    const struct timeval period = {PERIOD_S, 0};
    history->event[ix] =
        event_new(history->base, fd, fd < 0 ? EV_PERSIST : EV_READ | EV_PERSIST, fn, history);
    return history->event[ix] ? event_add(history->event[ix], fd < 0 ? &period : NULL) : -1;
}

static int open_loop(struct history *history, char *why, size_t size)
{
    history->outlet = feed_outlet_new();
    history->base = event_base_new();
    history->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!history->outlet || !history->base || history->stop_fd < 0 ||
        add_event(history, 0, feed_outlet_fd(history->outlet), on_message) < 0 ||
        add_event(history, 1, -1, on_period) < 0 || add_event(history, 2, history->stop_fd, on_stop) < 0) {
        snprintf(why, size, "no event loop for the journal: %s", strerror(errno));
        return -1;
    }
    history->route = (struct http_route){"/evidence", evidence_page, history};
    const char *listen = history->config->http_listen;
    return listen[0] ? http_open(&history->http, history->base, listen, &history->route, 1, why, size) : 0;
}

int history_new(struct history **out, const struct config *config, const char *state_dir, uint64_t boot,
                char *why, size_t size)
{
    struct history *history = calloc(1, sizeof *history);
    if (!history) {
        snprintf(why, size, "out of memory");
        return -1;
    }
    history->config = config;
    history->boot = boot;
    history->stop_fd = -1;
    snprintf(history->path, sizeof history->path, "%s/journal.db", state_dir);
    if (open_loop(history, why, size) < 0) {
        history_free(history);
        return -1;
    }
    open_key(history, state_dir);
    *out = history;
    return 0;
}

struct feed_outlet *history_outlet(const struct history *history)
{
    return history->outlet;
}

bool history_address(const struct history *history, char *text, size_t size)
{
    if (!history->http)
        return false;
    http_address(history->http, text, size);
    return true;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    if (history->started) {
        atomic_store(&history->stop, true);
        eventfd_write(history->stop_fd, 1);
        pthread_join(history->thread, NULL);
    }
    close_journal(history);
    http_close(history->http);
    for (int i = 0; i < EVENTS; i++) {
        if (history->event[i])
            event_free(history->event[i]);
    }
    if (history->base)
        event_base_free(history->base);
    if (history->stop_fd >= 0)
        close(history->stop_fd);
    feed_outlet_free(history->outlet);
    evidence_key_free(history->key);
    free(history);
}
