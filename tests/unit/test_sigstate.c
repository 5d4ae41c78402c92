/* The receiver: what it believes, for how long, and what it answers about the past. */
#include "../../io/feed_sign.h"
#include "../../io/sigstate_message.h"
#include "feed_fixture.h"
#include "harness.h"
#include <stdlib.h>

static struct fixture f;
static struct sigstate *s;
static int64_t delay_us; /* of the next messages */
static bool deaf;        /* the next messages are lost on the way */

enum { LINE_MAX_OCTETS = 8192, NORTH = 20, CROSSING = 70 };

static void hear(void *arg, const struct feed_message *message)
{
    (void)arg;
    char line[LINE_MAX_OCTETS];
    if (deaf)
        return;
    const int length = feed_encode(&f.config, message, line, sizeof line);
    CHECK_INT(SIGSTATE_TAKEN, sigstate_take(s, line, (size_t)length, message->sent_us + delay_us, 0));
}

static void hear_decoded(void *arg, const struct feed_message *message)
{
    (void)arg;
    if (!deaf)
        sigstate_message(s, &f.config, message, message->sent_us + delay_us, 0);
}

static void begin_with(feed_emit *listener)
{
    fixture_begin(&f);
    s = sigstate_open(&(struct sigstate_options){.controller = "quwo-01"});
    deaf = false;
    delay_us = 0;
    f.listener = listener;
    fixture_run(&f, 2);
}

static void begin(void)
{
    begin_with(hear);
}

static void end(void)
{
    sigstate_close(s);
    fixture_end(&f);
}

static struct sigstate_answer at(int group_no, int64_t at_us)
{
    struct sigstate_answer answer;
    sigstate_at_mono(s, group_no, at_us, f.now_us, &answer);
    return answer;
}

/* Returns the instant at which red was lit. */
static int64_t pass_through_yellow(void)
{
    fixture_show(&f, RIGHT, COLOR_GREEN);
    fixture_run(&f, 20);
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_RED);
    fixture_tick(&f);
    return f.x.taken_us;
}

static void nothing_is_known_before_a_full(void)
{
    fixture_begin(&f);
    s = sigstate_open(&(struct sigstate_options){0});
    feed_exchange(f.feed, &f.x, &f.clock);
    fixture_show(&f, RIGHT, COLOR_GREEN);
    f.listener = hear;
    deaf = false;
    f.now_us += 100000;
    f.x.taken_us = f.now_us;
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK(!at(NORTH, f.now_us).known);
    fixture_run(&f, 1); /* with the first full */
    CHECK(at(NORTH, f.now_us).known);
    CHECK_INT(COLOR_GREEN, at(NORTH, f.now_us).color);
    CHECK(!at(2, f.now_us).known); /* no such group */
    CHECK(!at(0, f.now_us).known);
    CHECK(!at(81, f.now_us).known);
    end();
}

static void check_cycle(feed_emit *listener)
{
    begin_with(listener);
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 5);
    struct sigstate_answer a = at(NORTH, f.now_us);
    CHECK(a.known && a.valid && a.verified && a.enforceable);
    CHECK_INT(COLOR_RED, a.color);
    CHECK_INT(red_us + f.clock.utc_offset_us, a.since_utc_us);
    CHECK_INT(red_us + f.clock.utc_offset_us, a.red_since_utc_us);
    CHECK_INT(1000, a.since_error_us);
    CHECK_INT(f.now_us - red_us, a.age_us);
    a = at(NORTH, red_us - 1);
    CHECK_INT(COLOR_YELLOW, a.color);
    CHECK(!a.enforceable);
    CHECK_INT(COLOR_YELLOW, at(NORTH, red_us - 3000000).color);
    CHECK_INT(COLOR_GREEN, at(NORTH, red_us - 3000001).color);
    end();
}

static void lines_and_decoded_messages_tell_the_same(void)
{
    check_cycle(hear);
    check_cycle(hear_decoded);
}

static void an_edge_is_only_known_so_well(void)
{
    begin();
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 10);
    fixture_show(&f, RIGHT, COLOR_GREEN);
    const int64_t green_us = f.now_us + 2000;
    fixture_run(&f, 5);
    CHECK(!at(NORTH, red_us).enforceable);
    CHECK(!at(NORTH, red_us + 999).enforceable);
    CHECK(at(NORTH, red_us + 1000).enforceable);
    CHECK(at(NORTH, green_us - 1001).enforceable);
    CHECK(!at(NORTH, green_us - 1000).enforceable);
    CHECK_INT(COLOR_RED, at(NORTH, green_us - 1).color);
    CHECK_INT(COLOR_GREEN, at(NORTH, green_us).color);
    end();
}

static void a_late_verification_reaches_back(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_RED);
    f.lamps_lie = true;
    fixture_tick(&f);
    const int64_t red_us = f.x.taken_us;
    const int64_t crossing_us = red_us + 50000;
    CHECK_INT(COLOR_RED, at(NORTH, crossing_us).color);
    CHECK(!at(NORTH, crossing_us).enforceable);
    f.x.image.red = f.x.output.frame.red;
    f.x.image.yellow = f.x.output.frame.yellow;
    fixture_tick(&f);
    CHECK(!at(NORTH, crossing_us).enforceable); /* it may have been lit as late as the second read-back */
    CHECK(at(NORTH, crossing_us).verified);
    CHECK(at(NORTH, red_us + 101000).enforceable);
    end();
}

static void the_margin_holds_for_the_past_as_well(void)
{
    begin();
    f.config.group[RIGHT].margin_ms = 500;
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 20);
    CHECK(!at(NORTH, red_us + 499999).enforceable);
    CHECK(at(NORTH, red_us + 501000).enforceable);
    end();
}

static void what_is_taken_back_was_doubtful_before(void)
{
    begin();
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 30);
    const int64_t crossing_us = f.now_us - 10000;
    CHECK(at(NORTH, crossing_us).enforceable);
    fixture_silence(&f, 4); /* the cabinet fell silent right after */
    CHECK(!at(NORTH, crossing_us).enforceable);
    CHECK(!at(NORTH, f.now_us).valid);
    CHECK(at(NORTH, red_us + 2000000).enforceable); /* long before: stands */
    end();
}

/* The cabinet went into flash some time before the exchange that found it there. */
static void a_colour_that_comes_with_a_reason_takes_back_as_well(void)
{
    begin();
    pass_through_yellow();
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_YELLOW_FLASH);
    f.x.output.reasons = REASON_FLASH;
    fixture_tick(&f);
    const int64_t flash_us = f.x.taken_us;
    fixture_run(&f, 15);
    CHECK_INT(SIGSTATE_INVALID, at(NORTH, flash_us - 90000).why);
    CHECK_HEX(REASON_FLASH, at(NORTH, flash_us - 90000).reasons);
    CHECK(at(NORTH, flash_us - 600000).enforceable);
    end();
}

static void a_reason_ends_it_for_groups_that_are_not_named(void)
{
    begin();
    fixture_run(&f, 3);
    CHECK(at(CROSSING, f.now_us).valid);
    f.x.output.reasons = REASON_MANUAL;
    fixture_tick(&f);
    CHECK(!at(CROSSING, f.now_us).valid);
    CHECK_HEX(REASON_MANUAL, sigstate_reasons(s));
    const int64_t manual_us = f.now_us;
    f.x.output.reasons = 0;
    fixture_run(&f, 10);
    CHECK(at(CROSSING, f.now_us).valid);
    CHECK(!at(CROSSING, manual_us).valid);
    end();
}

static void silence_for_a_second_is_ignorance(void)
{
    begin();
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 3);
    deaf = true;
    const int64_t last_us = fixture_newest(&f)->sent_us;
    f.now_us = last_us + 1000000;
    CHECK(at(NORTH, f.now_us).known);
    f.now_us += 1;
    CHECK(!at(NORTH, f.now_us).known);
    CHECK(at(NORTH, red_us + 100000).enforceable); /* what was known stays known */
    f.x.taken_us = f.now_us;
    f.now_us = last_us;
    fixture_run(&f, 30);
    deaf = false;
    fixture_run(&f, 3);
    CHECK(at(NORTH, f.now_us).known);           /* nothing was missed */
    CHECK(!at(NORTH, last_us + 1500000).known); /* but at that moment nobody could know */
    CHECK(at(NORTH, last_us + 900000).enforceable);
    end();
}

/* That it was silent must not hide that something was missed meanwhile. */
static void a_change_in_a_silence_is_missed_since_before_it(void)
{
    begin();
    pass_through_yellow();
    fixture_run(&f, 3);
    deaf = true;
    fixture_show(&f, RIGHT, COLOR_GREEN);
    fixture_tick(&f);
    const int64_t green_us = f.x.taken_us;
    fixture_run(&f, 15);
    deaf = false;
    fixture_run(&f, 3);
    CHECK_INT(SIGSTATE_GAP, at(NORTH, green_us + 500000).why);
    fixture_run(&f, 15);
    CHECK(!at(NORTH, green_us - 1000).known);
    CHECK(!at(NORTH, green_us + 500000).known);
    CHECK_INT(SIGSTATE_GREEN, at(NORTH, f.now_us).color);
    end();
}

static struct sigstate_answer now(int64_t now_us)
{
    struct sigstate_answer answer;
    int64_t at_us;
    CHECK_INT(0, sigstate_now(s, now_us, &at_us));
    sigstate_at_mono(s, NORTH, at_us, now_us, &answer);
    return answer;
}

/* A slow link with a long queue: they keep coming, but tell of the past. */
static void messages_that_come_late_are_no_present(void)
{
    begin();
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 2);
    CHECK(now(f.now_us).enforceable);
    delay_us = 900000;
    fixture_run(&f, 10);
    CHECK(now(f.now_us + delay_us).enforceable);
    delay_us = 1100000;
    fixture_run(&f, 10);
    int64_t at_us;
    CHECK(!now(f.now_us + delay_us).known);
    CHECK_INT(0, sigstate_now(s, f.now_us + delay_us, &at_us));
    CHECK(at_us > fixture_newest(&f)->sent_us + 1000000); /* the real present */
    CHECK(at(NORTH, red_us + 2000).enforceable);          /* of the past they may speak */
    delay_us = 0;
    fixture_run(&f, 2);
    CHECK(now(f.now_us).enforceable);
    end();
}

/* Two clocks are never equally fast: that must not be taken for a delay. */
static void a_receivers_clock_may_run_fast(void)
{
    begin_with(hear_decoded);
    for (int i = 0; i < 66000; i++) {
        f.count = 0;
        delay_us = f.now_us / 6000;
        fixture_tick(&f);
    }
    CHECK(now(f.now_us + delay_us).known);
    CHECK(delay_us > SIGSTATE_SILENCE_US);
    end();
}

static void repeats_and_reordering_are_normal(void)
{
    begin();
    pass_through_yellow();
    char line[LINE_MAX_OCTETS];
    for (int i = 0; i < f.count; i++) {
        if (fixture_newest(&f)->seq - f.message[i].seq > 64)
            continue;
        const int length = feed_encode(&f.config, &f.message[i], line, sizeof line);
        CHECK_INT(SIGSTATE_OLD, sigstate_take(s, line, (size_t)length, f.now_us, 0));
    }
    CHECK(at(NORTH, f.now_us).enforceable);
    fixture_run(&f, 200);
    CHECK(at(NORTH, f.now_us).known);
    const int length = feed_encode(&f.config, &f.message[0], line, sizeof line);
    CHECK_INT(SIGSTATE_OLD, sigstate_take(s, line, (size_t)length, f.now_us, 0));
    CHECK(!at(NORTH, f.now_us).known); /* that old is not normal any more */
    fixture_run(&f, 10);
    CHECK(at(NORTH, f.now_us).known);
    end();
}

static void a_missed_change_is_noticed_and_healed_by_a_full(void)
{
    begin();
    const int64_t red_us = pass_through_yellow();
    do
        fixture_tick(&f); /* to a place where the next message is an alive */
    while (f.now_us % 1000000 != 200000);
    const int64_t before_us = f.now_us;
    deaf = true;
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    const int64_t green_us = f.x.taken_us;
    deaf = false;
    fixture_silence(&f, 1);
    CHECK_INT(FEED_ALIVE, fixture_newest(&f)->kind);
    CHECK(!at(1, f.now_us).known);
    CHECK(!at(NORTH, f.now_us).known);
    CHECK(!at(NORTH, before_us).known);
    fixture_run(&f, 10);
    CHECK_INT(COLOR_GREEN, at(1, f.now_us).color);
    CHECK_INT(COLOR_GREEN, at(1, green_us).color);
    CHECK(!at(1, green_us - 1).known);
    /* The full says that this red has been lit all the while. */
    CHECK(at(NORTH, f.now_us).enforceable);
    CHECK(at(NORTH, before_us).enforceable);
    CHECK_INT(red_us + f.clock.utc_offset_us, at(NORTH, before_us).since_utc_us);
    end();
}

static enum sigstate_result hear_recorded(int i, int64_t now_us)
{
    char line[LINE_MAX_OCTETS];
    const int length = feed_encode(&f.config, &f.message[i], line, sizeof line);
    return sigstate_take(s, line, (size_t)length, now_us, 0);
}

/* The newest message of a kind in what was recorded. */
static int find_recorded(enum feed_kind kind)
{
    int i = f.count - 1;
    while (i > 0 && f.message[i].kind != kind)
        i--;
    return i;
}

/* Two changes and an alive are sent while nothing arrives. Returns the place of the first change. */
static int send_two_changes(void)
{
    begin();
    pass_through_yellow();
    fixture_run(&f, 5);
    deaf = true;
    fixture_show(&f, RIGHT, COLOR_GREEN);
    fixture_tick(&f);
    const int first = find_recorded(FEED_CHANGE);
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    fixture_run(&f, 2);
    deaf = false;
    return first;
}

static void what_is_overtaken_is_taken_in_its_place(void)
{
    const int first = send_two_changes();
    const int second = find_recorded(FEED_CHANGE), alive = find_recorded(FEED_ALIVE);
    const int64_t green_us = f.message[first].group[0].since_us;
    CHECK(second > first && alive > second);
    CHECK(at(NORTH, green_us - 2000).enforceable);
    CHECK_INT(SIGSTATE_TAKEN, hear_recorded(alive, f.now_us));
    CHECK_INT(SIGSTATE_GAP, at(NORTH, green_us - 2000).why);
    CHECK_INT(SIGSTATE_TAKEN, hear_recorded(second, f.now_us + 10000));
    CHECK_INT(SIGSTATE_GAP, at(1, f.now_us).why);
    CHECK_INT(SIGSTATE_TAKEN, hear_recorded(first, f.now_us + 20000));
    CHECK(at(NORTH, green_us - 2000).enforceable);
    CHECK_INT(SIGSTATE_GREEN, at(NORTH, green_us).color);
    CHECK_INT(SIGSTATE_GREEN, at(1, f.now_us).color);
    CHECK_INT(SIGSTATE_OLD, hear_recorded(second, f.now_us + 30000));
    struct sigstate_counts counts;
    sigstate_counts(s, &counts);
    CHECK_INT(0, (int64_t)counts.gaps);
    end();
}

/* A full of a large junction takes more numbers than anybody can remember. */
static void a_repeat_behind_a_long_full_is_normal(void)
{
    begin();
    pass_through_yellow();
    char line[LINE_MAX_OCTETS];
    struct feed_message alive = f.message[find_recorded(FEED_ALIVE)];
    const struct feed_message *change = &f.message[find_recorded(FEED_CHANGE)];
    alive.seq = change->seq + 81;
    alive.state_seq = change->seq;
    alive.sent_us = change->sent_us + 20000;
    hear(NULL, &alive);
    const int length = feed_encode(&f.config, change, line, sizeof line);
    CHECK_INT(SIGSTATE_OLD, sigstate_take(s, line, (size_t)length, f.now_us, 0));
    CHECK(at(NORTH, f.now_us).enforceable);
    end();
}

static void what_does_not_come_in_time_is_missed(void)
{
    const int first = send_two_changes();
    const int64_t green_us = f.message[first].group[0].since_us;
    CHECK_INT(SIGSTATE_TAKEN, hear_recorded(find_recorded(FEED_CHANGE), f.now_us));
    while (f.now_us % 1000000 != 0)
        fixture_tick(&f); /* until the next full is due */
    fixture_tick(&f);
    CHECK_INT(SIGSTATE_OLD, hear_recorded(first, f.now_us)); /* too late to be of use */
    CHECK_INT(SIGSTATE_GAP, at(NORTH, green_us - 2000).why);
    CHECK_INT(SIGSTATE_GREEN, at(NORTH, f.now_us - 150000).color);
    struct sigstate_counts counts;
    sigstate_counts(s, &counts);
    CHECK_INT(1, (int64_t)counts.gaps);
    end();
}

static void a_new_start_is_unknown_until_a_full(void)
{
    begin();
    pass_through_yellow();
    struct feed_message m = *fixture_newest(&f);
    m.kind = FEED_ALIVE;
    m.boot++;
    m.seq = 1;
    m.state_seq = 0;
    m.group_count = 0;
    hear(NULL, &m);
    CHECK(!at(NORTH, f.now_us).known);
    m.boot--;
    m.seq = 100000;
    char line[LINE_MAX_OCTETS];
    const int length = feed_encode(&f.config, &m, line, sizeof line);
    CHECK_INT(SIGSTATE_REPLAYED,
              sigstate_take(s, line, (size_t)length, f.now_us, 0)); /* the start before is over */
    end();
}

static void keep_part(void *arg, const struct feed_message *m)
{
    struct feed_message *part = arg;
    part[m->part - 1] = *m;
}

static void parts_count_when_all_have_come_in_any_order(void)
{
    static struct feed_message part[GROUPS];
    fixture_begin(&f);
    s = sigstate_open(&(struct sigstate_options){0});
    deaf = false;
    for (int i = 0; i < GROUPS; i++) /* names so long that each group needs its own part */
        memset(f.config.group[i].name, 'x', NAME_TEXT - 1);
    memset(f.config.controller, 'y', NAME_TEXT - 1);
    f.config.destination_count = 1;
    f.config.key_count = 3;
    for (int i = 0; i < 3; i++)
        strcpy(f.config.key[i].id, "a-key-with-a-rather-long-name");
    feed_free(f.feed);
    f.feed = feed_new(&f.config, 7, fixture_record, &f);
    feed_exchange(f.feed, &f.x, &f.clock);
    for (int lost = 3; lost >= 0; lost--) {
        f.now_us += 100000;
        feed_full(f.feed, f.now_us, &f.clock, fixture_record, &f);
        feed_split(&f.config, fixture_newest(&f), keep_part, part);
        for (int i = 0; i < GROUPS; i++) {
            const int next = (i + lost + 2) % GROUPS;
            if (next + 1 != lost)
                hear(NULL, &part[next]);
        }
        CHECK_INT(lost == 0, at(NORTH, f.now_us).known);
    }
    CHECK_INT(COLOR_RED, at(1, f.now_us).color);
    CHECK_INT(COLOR_RED, at(CROSSING, f.now_us).color);
    end();
}

static void only_signed_messages_of_this_controller_count(void)
{
    static const struct feed_key key[2] = {
        {.id = "old", .secret = "0123456789abcdef", .secret_length = 16},
        {.id = "new", .secret = "fedcba9876543210", .secret_length = 16},
    };
    begin();
    fixture_run(&f, 10);
    const struct sigstate_key ours = {key[1].id, key[1].secret, key[1].secret_length};
    struct sigstate *receiver =
        sigstate_open(&(struct sigstate_options){.controller = "quwo-01", .keys = &ours, .key_count = 1});
    struct sigstate *foreign = sigstate_open(&(struct sigstate_options){.controller = "quwo-02"});
    char line[LINE_MAX_OCTETS];
    size_t length = (size_t)feed_encode(&f.config, fixture_newest(&f), line, sizeof line);
    CHECK_INT(SIGSTATE_UNSIGNED, sigstate_take(receiver, line, length, f.now_us, 0));
    CHECK_INT(SIGSTATE_FOREIGN, sigstate_take(foreign, line, length, f.now_us, 0));
    struct feed_config sender = f.config;
    sender.key_count = 1;
    sender.key[0] = key[0];
    feed_sign(&sender, line, length, line + length);
    CHECK_INT(SIGSTATE_UNKNOWN_KEY,
              sigstate_take(receiver, line, length + feed_sign_length(&sender), f.now_us, 0));
    sender.key_count = 2; /* both while keys are changed */
    sender.key[1] = key[1];
    feed_sign(&sender, line, length, line + length);
    CHECK_INT(SIGSTATE_TAKEN, sigstate_take(receiver, line, length + feed_sign_length(&sender), f.now_us, 0));
    sigstate_close(receiver);
    sigstate_close(foreign);
    end();
}

static void replace(char *text, const char *old, const char *new)
{
    char *found = strstr(text, old);
    if (!CHECK(found))
        return;
    char rest[LINE_MAX_OCTETS];
    snprintf(rest, sizeof rest, "%s", found + strlen(old));
    sprintf(found, "%s%s", new, rest);
}

static void malformed_lines_change_nothing(void)
{
    static const char *const slip[][2] = {
        {"\"feed\":1", "\"feed\":2"},
        {"\"seq\":", "\"seq\":-"},
        {"\"seq\":", "\"seq\":0.5e1"},
        {"\"kind\":\"full\"", "\"kind\":\"fool\""},
        {"\"no\":20", "\"no\":81"},
        {"\"no\":20", "\"no\":1"},
        {"\"color\":\"red\"", "\"color\":\"rot\""},
        {"\"verified\":true", "\"verified\":1"},
        {"\"red_since\":\"2", "\"red_since\":\"x"},
        {"Z\"", "\""},
        {"\"groups\":[", "\"groups\":[7,"},
        {"\"valid\":true", "\"valid\":null"},
        {"\"boot\":7", "\"boot\":1e300"},
        {"]}", "]}]"},
    };
    begin();
    fixture_run(&f, 10);
    int last = f.count - 1;
    while (f.message[last].kind != FEED_FULL)
        last--;
    f.message[last].seq += 1000;
    char good[LINE_MAX_OCTETS], bad[LINE_MAX_OCTETS];
    const int length = feed_encode(&f.config, &f.message[last], good, sizeof good - 1);
    good[length] = '\0';
    for (size_t i = 0; i < sizeof slip / sizeof *slip; i++) {
        harness_at("slip %s", slip[i][1]);
        strcpy(bad, good);
        replace(bad, slip[i][0], slip[i][1]);
        CHECK_INT(SIGSTATE_MALFORMED, sigstate_take(s, bad, strlen(bad), f.now_us, 0));
    }
    for (int cut = 0; cut < length; cut++) {
        char *exact = malloc((size_t)cut + 1); /* so that reading beyond is found out */
        memcpy(exact, good, (size_t)cut);
        CHECK_INT(SIGSTATE_MALFORMED, sigstate_take(s, exact, (size_t)cut, f.now_us, 0));
        free(exact);
    }
    CHECK(at(NORTH, f.now_us).known);
    CHECK_INT(SIGSTATE_TAKEN, sigstate_take(s, good, (size_t)length, f.now_us, 0));
    end();
}

static void history_is_bounded(void)
{
    begin();
    int64_t first_us = 0;
    for (int i = 0; i < 40; i++) {
        fixture_show(&f, RIGHT, i % 2 == 0 ? COLOR_GREEN : COLOR_RED);
        fixture_tick(&f);
        first_us = i == 0 ? f.x.taken_us : first_us;
    }
    CHECK(!at(NORTH, first_us + 1).known);
    CHECK(at(NORTH, f.now_us - 2000000).known);
    end();
}

static void instants_of_utc_and_of_now(void)
{
    begin();
    int64_t at_us;
    CHECK_INT(0, sigstate_from_utc(s, f.clock.utc_offset_us + 1234567, &at_us));
    CHECK_INT(1234567, at_us);
    CHECK_INT(0, sigstate_now(s, fixture_newest(&f)->sent_us + 77, &at_us));
    CHECK_INT(fixture_newest(&f)->sent_us + 77, at_us);
    struct sigstate *empty = sigstate_open(&(struct sigstate_options){0});
    CHECK_INT(-1, sigstate_now(empty, 0, &at_us));
    CHECK_INT(-1, sigstate_from_utc(empty, 0, &at_us));
    sigstate_close(empty);
    end();
}

HARNESS_MAIN(
    {"nothing is known before a full", nothing_is_known_before_a_full},
    {"lines and decoded messages tell the same", lines_and_decoded_messages_tell_the_same},
    {"an edge is only known so well", an_edge_is_only_known_so_well},
    {"a late verification reaches back", a_late_verification_reaches_back},
    {"the margin holds for the past as well", the_margin_holds_for_the_past_as_well},
    {"what is taken back was doubtful before", what_is_taken_back_was_doubtful_before},
    {"a colour that comes with a reason takes back as well",
     a_colour_that_comes_with_a_reason_takes_back_as_well},
    {"a reason ends it for groups that are not named", a_reason_ends_it_for_groups_that_are_not_named},
    {"silence for a second is ignorance", silence_for_a_second_is_ignorance},
    {"a change in a silence is missed since before it", a_change_in_a_silence_is_missed_since_before_it},
    {"messages that come late are no present", messages_that_come_late_are_no_present},
    {"a receiver's clock may run fast", a_receivers_clock_may_run_fast},
    {"repeats and reordering are normal", repeats_and_reordering_are_normal},
    {"a missed change is noticed and healed by a full", a_missed_change_is_noticed_and_healed_by_a_full},
    {"what is overtaken is taken in its place", what_is_overtaken_is_taken_in_its_place},
    {"a repeat behind a long full is normal", a_repeat_behind_a_long_full_is_normal},
    {"what does not come in time is missed", what_does_not_come_in_time_is_missed},
    {"a new start is unknown until a full", a_new_start_is_unknown_until_a_full},
    {"parts count when all have come, in any order", parts_count_when_all_have_come_in_any_order},
    {"only signed messages of this controller count", only_signed_messages_of_this_controller_count},
    {"malformed lines change nothing", malformed_lines_change_nothing},
    {"history is bounded", history_is_bounded}, {"instants of UTC and of now", instants_of_utc_and_of_now}, )
