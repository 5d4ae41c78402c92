/* The receiver asked by UTC: what two clocks that are never quite right do to an answer, and what becomes of
 * messages that were sent long ago. */
#include "../../io/sigstate_message.h"
#include "feed_fixture.h"
#include "harness.h"

enum { LINE_OCTETS = 8192, NORTH = 20, OWN_ERROR_US = 20 * 1000, MS = 1000, SECOND = 1000 * 1000 };

static struct fixture f;
static struct sigstate *s;
static int64_t delay_us;   /* of messages on their way */
static int64_t own_off_us; /* by so much the caller's clock is wrong */

/* The present in three times: the controller's monotonic time is f.now_us, the caller's began an hour later.
 */
static int64_t our_us(int64_t at_us)
{
    return at_us + 3600 * INT64_C(1000000);
}

static int64_t utc_us(int64_t at_us)
{
    return at_us + INT64_C(1795334400000000) + own_off_us;
}

static enum sigstate_result hear_at(const struct feed_message *message, int64_t at_us)
{
    return sigstate_message(s, &f.config, message, our_us(at_us), utc_us(at_us));
}

static void hear(void *arg, const struct feed_message *message)
{
    (void)arg;
    hear_at(message, message->sent_us + delay_us);
}

static void begin(int32_t clock_error_us)
{
    fixture_begin(&f);
    s = sigstate_open(&(struct sigstate_options){.clock_error_us = clock_error_us});
    delay_us = own_off_us = 0;
    f.listener = hear;
    fixture_run(&f, 2);
}

static void end(void)
{
    sigstate_close(s);
    fixture_end(&f);
}

/* What the camera is told of the instant at which its own clock shows what it shows at `at_us`. */
static struct sigstate_answer ask(int64_t at_us)
{
    struct sigstate_answer answer;
    const bool enforceable = sigstate_at(s, NORTH, utc_us(at_us), our_us(f.now_us), &answer);
    CHECK(enforceable == answer.enforceable && enforceable == (answer.why == SIGSTATE_ENFORCEABLE));
    return answer;
}

static const char *why(int64_t at_us)
{
    return sigstate_why_text(ask(at_us).why);
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

static void every_reason_has_its_name(void)
{
    s = sigstate_open(&(struct sigstate_options){0});
    fixture_begin(&f);
    f.now_us = 0;
    CHECK_STR("nothing heard yet", why(0));
    end();

    begin(OWN_ERROR_US);
    struct sigstate_answer a;
    sigstate_at(s, 2, utc_us(f.now_us), our_us(f.now_us), &a);
    CHECK_STR("no such group", sigstate_why_text(a.why));
    CHECK_STR("before what is kept", why(-1000));
    f.config.group[RIGHT].margin_ms = 500;
    const int64_t red_us = pass_through_yellow();
    CHECK_STR("younger than its margin, or no full yellow before it", why(f.now_us));
    CHECK_STR("not red", why(red_us - 1 * MS));
    fixture_run(&f, 10);
    CHECK_STR("enforceable", why(f.now_us));
    CHECK_STR("in the future", why(f.now_us + 900 * MS));
    f.x.output.reasons = REASON_MANUAL;
    fixture_tick(&f);
    a = ask(f.now_us);
    CHECK_STR("invalid", sigstate_why_text(a.why));
    CHECK_HEX(SIGSTATE_REASON_MANUAL, a.reasons);
    CHECK_STR("manual", sigstate_reason_text((enum sigstate_reason)a.reasons));
    f.x.output.reasons = 0;
    fixture_run(&f, 10);
    f.lamps_lie = true;
    f.x.image.red = (struct channel_mask){0};
    fixture_run(&f, 3);
    CHECK_STR("unverified", why(f.now_us));
    f.now_us += 1100 * MS;
    CHECK_STR("silent for a second", why(f.now_us));
    end();
}

static void a_gap_and_a_new_start_have_theirs(void)
{
    begin(OWN_ERROR_US);
    pass_through_yellow();
    struct feed_message m = *fixture_newest(&f);
    m.kind = FEED_ALIVE;
    m.group_count = 0;
    m.state_seq = m.seq + 1;
    m.seq += 2;
    CHECK_INT(SIGSTATE_TAKEN, hear_at(&m, f.now_us));
    CHECK_STR("a change was missed", why(f.now_us));
    m.seq++;
    CHECK_INT(SIGSTATE_TAKEN, hear_at(&m, f.now_us + 300 * MS)); /* it will not come any more */
    CHECK_STR("a change was missed", why(f.now_us));
    m.boot++;
    m.seq = 1;
    CHECK_INT(SIGSTATE_TAKEN, hear_at(&m, f.now_us));
    CHECK_STR("the controller started anew", why(f.now_us));
    struct sigstate_counts counts;
    sigstate_counts(s, &counts);
    CHECK_INT(1, (int64_t)counts.gaps);
    CHECK_INT(2, (int64_t)counts.boots);
    end();
}

/* 20 ms of the caller's clock, 0.4 ms of the controller's, 1 ms of the edge. */
static void the_errors_of_both_clocks_are_counted_in(void)
{
    begin(OWN_ERROR_US);
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_GREEN);
    const int64_t green_us = f.now_us + 2000;
    fixture_run(&f, 15);
    CHECK_INT(20400, ask(red_us).clock_error_us);
    CHECK_STR("too near an edge", why(red_us));
    CHECK_STR("too near an edge", why(red_us + 21399));
    CHECK_STR("enforceable", why(red_us + 21400));
    CHECK_STR("enforceable", why(green_us - 21401));
    CHECK_STR("too near an edge", why(green_us - 21400));
    CHECK_STR("not red", why(green_us));
    end();
}

static void who_has_the_controllers_clock_knows_the_instant(void)
{
    begin(SIGSTATE_SAME_CLOCK);
    f.clock.state = CLOCK_UNSYNCED;
    f.clock.error_us = 16 * SECOND;
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 10);
    CHECK_INT(0, ask(red_us).clock_error_us);
    CHECK_STR("too near an edge", why(red_us + 999));
    CHECK_STR("enforceable", why(red_us + 1000));
    end();
}

static void an_answer_is_final_a_second_later(void)
{
    begin(OWN_ERROR_US);
    const int64_t red_us = pass_through_yellow();
    const int64_t crossing_us = red_us + 50 * MS;
    fixture_run(&f, 8);
    CHECK(ask(crossing_us).enforceable);
    CHECK(!ask(crossing_us).final);
    fixture_run(&f, 5);
    CHECK(ask(crossing_us).enforceable);
    CHECK(ask(crossing_us).final);
    CHECK(!ask(f.now_us).final);
    end();
}

static void a_clock_that_is_not_synchronised_is_no_evidence(void)
{
    begin(OWN_ERROR_US);
    const int64_t red_us = pass_through_yellow();
    f.clock.state = CLOCK_UNSYNCED;
    fixture_run(&f, 10);
    CHECK_STR("the clocks are no evidence", why(red_us + 100 * MS));
    CHECK(ask(red_us + 100 * MS).known);
    f.clock.state = CLOCK_HOLDOVER;
    f.clock.error_us = 100 * MS;
    fixture_run(&f, 10);
    CHECK_STR("enforceable", why(red_us + 200 * MS));
    f.clock.error_us = 481 * MS; /* with ours more than half a second */
    fixture_run(&f, 10);
    CHECK_STR("the clocks are no evidence", why(red_us + 900 * MS));
    end();
}

/* Until the doubt is over, nothing; the state itself has been known all the while. */
static void check_doubt(int64_t red_us)
{
    fixture_run(&f, 2);
    CHECK_STR("the clocks are no evidence", why(f.now_us));
    f.count = 0;
    fixture_run(&f, 90);
    CHECK_STR("the clocks are no evidence", why(f.now_us));
    f.count = 0;
    fixture_run(&f, 15);
    CHECK_STR("enforceable", why(f.now_us));
    CHECK_STR("enforceable", why(red_us + 2 * SECOND));
}

static void a_clock_that_is_set_is_doubted_for_a_while(void)
{
    static const struct {
        int64_t own_us, controller_us;
    } step[] = {{5 * SECOND, 0}, {-5 * SECOND, 0},           {0, 5 * SECOND},         {0, -5 * SECOND},
                {100 * MS, 0},   {0, -INT64_C(1) * 30 * MS}, {2 * SECOND, 2 * SECOND}};
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        harness_at("case %zu", i);
        begin(OWN_ERROR_US);
        const int64_t red_us = pass_through_yellow();
        fixture_run(&f, 3);
        CHECK(ask(f.now_us).enforceable);
        own_off_us += step[i].own_us;
        f.clock.utc_offset_us += step[i].controller_us;
        fixture_run(&f, 10);
        CHECK(!ask(f.now_us).enforceable);
        own_off_us -= step[i].own_us;
        f.clock.utc_offset_us -= step[i].controller_us;
        check_doubt(red_us);
        end();
    }
}

static void two_clocks_that_disagree_are_no_evidence(void)
{
    static const int64_t off_us[] = {-700 * MS, -30 * MS, 700 * MS};
    for (size_t i = 0; i < sizeof off_us / sizeof *off_us; i++) {
        harness_at("off by %lld us", (long long)off_us[i]);
        begin(OWN_ERROR_US);
        sigstate_close(s);
        s = sigstate_open(&(struct sigstate_options){.clock_error_us = OWN_ERROR_US});
        own_off_us = off_us[i]; /* a message comes before it was sent, or very late */
        pass_through_yellow();
        fixture_run(&f, 20);
        CHECK_STR("the clocks are no evidence", why(f.now_us - SECOND));
        end();
    }
}

static void a_delay_on_the_way_is_no_disagreement(void)
{
    begin(OWN_ERROR_US);
    own_off_us = OWN_ERROR_US;
    delay_us = 80 * MS;
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 10);
    CHECK_STR("enforceable", why(red_us + 50 * MS));
    end();
}

static void a_datagram_of_last_week_is_dropped(void)
{
    begin(OWN_ERROR_US);
    pass_through_yellow();
    struct feed_message full = *fixture_newest(&f);
    for (int i = f.count; full.kind != FEED_FULL;)
        full = f.message[--i];
    const int64_t week_us = 7 * 86400 * INT64_C(1000000);
    CHECK_INT(SIGSTATE_REPLAYED, hear_at(&full, f.now_us + week_us));
    CHECK_INT(SIGSTATE_REPLAYED, hear_at(&full, f.now_us + 6 * SECOND));
    CHECK_INT(SIGSTATE_REPLAYED, hear_at(&full, f.now_us - week_us)); /* nor one of next week */
    CHECK_INT(SIGSTATE_OLD, hear_at(&full, f.now_us));
    CHECK_STR("enforceable", why(f.now_us)); /* none of them did any harm */

    sigstate_close(s); /* the camera starts anew and has never heard of any boot */
    s = sigstate_open(&(struct sigstate_options){.clock_error_us = OWN_ERROR_US});
    CHECK_INT(SIGSTATE_REPLAYED, hear_at(&full, f.now_us + week_us));
    CHECK_STR("nothing heard yet", why(f.now_us));
    full.boot -= 1;
    CHECK_INT(SIGSTATE_TAKEN, hear_at(&full, f.now_us));
    full.boot += 1;
    CHECK_INT(SIGSTATE_TAKEN, hear_at(&full, f.now_us));
    full.boot -= 1;
    CHECK_INT(SIGSTATE_REPLAYED, hear_at(&full, f.now_us));
    struct sigstate_counts counts;
    sigstate_counts(s, &counts);
    CHECK_INT(2, (int64_t)counts.replayed);
    end();
}

/* Who has no clock takes what a thief recorded; but the thief's lamps are those of then. */
static void without_a_clock_an_old_feed_speaks_of_the_past_only(void)
{
    begin(OWN_ERROR_US);
    const int64_t red_us = pass_through_yellow();
    fixture_run(&f, 12);
    sigstate_close(s);
    s = sigstate_open(&(struct sigstate_options){.clock_error_us = OWN_ERROR_US});
    const int64_t later_us = 3600 * INT64_C(1000000);
    struct feed_message full = {0};
    for (int i = 0; i < f.count; i++) {
        if (f.message[i].kind == FEED_FULL && f.message[i].sent_us > red_us)
            full = f.message[i];
    }
    CHECK_INT(SIGSTATE_TAKEN, sigstate_message(s, &f.config, &full, our_us(f.now_us + later_us), 0));
    struct sigstate_answer a;
    sigstate_at(s, NORTH, utc_us(f.now_us + later_us), our_us(f.now_us + later_us), &a);
    CHECK(!a.known);
    sigstate_at(s, NORTH, utc_us(red_us + 100 * MS), our_us(f.now_us + later_us), &a);
    CHECK(a.enforceable);
    end();
}

static void absurd_instants_are_not_known(void)
{
    static const int64_t absurd_us[] = {INT64_MIN, -1, 0, INT64_MAX};
    begin(OWN_ERROR_US);
    for (size_t i = 0; i < sizeof absurd_us / sizeof *absurd_us; i++) {
        struct sigstate_answer a;
        CHECK(!sigstate_at(s, NORTH, absurd_us[i], our_us(f.now_us), &a));
        CHECK(!a.known);
    }
    end();
}

HARNESS_MAIN({"every reason has its name", every_reason_has_its_name},
             {"a gap and a new start have theirs", a_gap_and_a_new_start_have_theirs},
             {"the errors of both clocks are counted in", the_errors_of_both_clocks_are_counted_in},
             {"who has the controller's clock knows the instant",
              who_has_the_controllers_clock_knows_the_instant},
             {"an answer is final a second later", an_answer_is_final_a_second_later},
             {"a clock that is not synchronised is no evidence",
              a_clock_that_is_not_synchronised_is_no_evidence},
             {"a clock that is set is doubted for a while", a_clock_that_is_set_is_doubted_for_a_while},
             {"two clocks that disagree are no evidence", two_clocks_that_disagree_are_no_evidence},
             {"a delay on the way is no disagreement", a_delay_on_the_way_is_no_disagreement},
             {"a datagram of last week is dropped", a_datagram_of_last_week_is_dropped},
             {"without a clock an old feed speaks of the past only",
              without_a_clock_an_old_feed_speaks_of_the_past_only},
             {"absurd instants are not known", absurd_instants_are_not_known}, )
