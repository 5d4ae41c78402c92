/* The modes of the event log (NTCIP 1103, eventConfigMode), tick by tick: a line of samples, and in which of
 * them the event occurs. */
#include "../../ntcip/event_watch.h"
#include "harness.h"
#include <string.h>

enum { ABSENT = 99 }; /* a sample at which the watched row is not there */

static void play_at(int line, struct event_condition condition, const int samples[], const char *expected)
{
    struct event_watch watch;
    char came[64] = "";
    harness_at("line %d", line);
    CHECK(event_condition_valid(&condition));
    event_watch_begin(&watch, &condition, 1000);
    for (int i = 0; expected[i]; i++) {
        struct event_sample sample = {samples[i] != ABSENT, samples[i], (uint64_t)samples[i]};
        came[i] = event_watch_step(&watch, &condition, &sample, 1000 + i) ? '!' : '.';
    }
    CHECK_STR(expected, came);
}

/* PLAY(mode, value, value2, ticks, samples...): `!` where the event occurs. */
#define PLAY(mode_, value_, value2_, expected_, ...)                                                         \
    play_at(__LINE__, (struct event_condition){mode_, value_, value2_}, (const int[]){__VA_ARGS__}, expected_)

static void a_change_is_told_in_its_tick(void)
{
    PLAY(EVENT_ON_CHANGE, 0, 0, "...!.!!.", 5, 5, 5, 6, 6, 5, 0, 0);
    PLAY(EVENT_ON_CHANGE, -3, -3, ".!", 5, 6); /* both values mean nothing here */
}

static void a_row_that_comes_anew_is_no_change(void)
{
    PLAY(EVENT_ON_CHANGE, 0, 0, "......!", 5, 5, ABSENT, ABSENT, 7, 7, 8);
    PLAY(EVENT_ON_CHANGE, 0, 0, "...!", ABSENT, 5, 5, 4);
}

static void greater_is_told_once_until_it_ends(void)
{
    PLAY(EVENT_GREATER, 10, 0, "..!...!.", 9, 10, 11, 12, 11, 10, 11, 11);
    PLAY(EVENT_GREATER, -5, 0, ".!", -5, -4);
}

static void what_stands_at_first_counts(void)
{
    PLAY(EVENT_GREATER, 10, 0, "!..", 11, 11, 11);
    PLAY(EVENT_GREATER, 10, 2, "..!", 11, 11, 11);
    PLAY(EVENT_HYSTERESIS, 10, 20, "!..", 5, 5, 5);
}

static void greater_must_hold(void)
{
    /* For 0.3 s: seen at both ends of them. */
    PLAY(EVENT_GREATER, 10, 3, "....!...", 0, 11, 11, 11, 11, 11, 11, 0);
    /* A tenth too short, twice; each gap begins the count anew. */
    PLAY(EVENT_GREATER, 10, 3, "...........!", 0, 11, 11, 11, 0, 11, 11, 11 - 1, 11, 12, 13, 14);
    /* Absent is not greater. */
    PLAY(EVENT_GREATER, 10, 3, "......!", 11, 11, ABSENT, 11, 11, 11, 11);
}

static void smaller_is_the_mirror(void)
{
    PLAY(EVENT_SMALLER, 10, 0, "..!..!", 11, 10, 9, 9, 10, 9);
    PLAY(EVENT_SMALLER, 10, 2, "....!", 11, 10, 9, 9, 9);
    PLAY(EVENT_SMALLER, 10, 0, "...", ABSENT, ABSENT, 10);
}

static void any_of_the_bits_counts(void)
{
    PLAY(EVENT_ANDED, 0x0A, 0, "..!...!", 0x05, 0x15, 0x02, 0x08, 0x0A, 0x05, 0x08);
    /* The bits may take turns while the time runs. */
    PLAY(EVENT_ANDED, 0x0A, 2, "..!..", 0x02, 0x08, 0x02, 0x02, 0x02);
    /* The highest bit makes the mask negative. */
    PLAY(EVENT_ANDED, INT32_MIN, 0, ".!", 1, INT32_MIN);
}

static void hysteresis_wants_the_other_bound_first(void)
{
    /* Bounds 10 and 20, in either order. */
    PLAY(EVENT_HYSTERESIS, 10, 20, "..!.....!....!", 15, 20, 21, 19, 21, 15, 10, 15, 9, 15, 9, 20, 10, 21);
    PLAY(EVENT_HYSTERESIS, 20, 10, "..!.....!....!", 15, 20, 21, 19, 21, 15, 10, 15, 9, 15, 9, 20, 10, 21);
    PLAY(EVENT_HYSTERESIS, 10, 20, "!..!", 21, ABSENT, 21, 9);
}

static void periods_are_counted_from_the_beginning(void)
{
    struct event_condition condition = {EVENT_PERIODIC, 2, 0};
    struct event_sample none = {.present = false};
    struct event_watch watch;
    event_watch_begin(&watch, &condition, 7);
    for (int64_t now_ds = 7; now_ds < 7 + 100; now_ds++) {
        harness_at("tick %d", (int)now_ds);
        bool expected = now_ds > 7 && (now_ds - 7) % 20 == 0;
        CHECK_INT(expected, event_watch_step(&watch, &condition, &none, now_ds));
    }
    harness_at("after a pause");
    CHECK(event_watch_step(&watch, &condition, &none, 7 + 205));
    CHECK(!event_watch_step(&watch, &condition, &none, 7 + 219));
    CHECK(event_watch_step(&watch, &condition, &none, 7 + 220));
}

static void what_makes_no_sense_is_known(void)
{
    static const struct event_condition senseless[] = {
        {EVENT_OTHER, 1, 1},        {EVENT_GREATER, 5, -1}, {EVENT_SMALLER, 5, -1},
        {EVENT_HYSTERESIS, 7, 7},   {EVENT_PERIODIC, 0, 0}, {EVENT_PERIODIC, -1, 0},
        {EVENT_ANDED, 0, 0},        {EVENT_ANDED, 1, -1},   {(enum event_mode)0, 1, 1},
        {(enum event_mode)8, 1, 1},
    };
    for (size_t i = 0; i < sizeof senseless / sizeof senseless[0]; i++) {
        harness_at("row %zu", i);
        CHECK(!event_condition_valid(&senseless[i]));
    }
}

HARNESS_MAIN({"a change is told in its tick", a_change_is_told_in_its_tick},
             {"a row that comes anew is no change", a_row_that_comes_anew_is_no_change},
             {"greater is told once until it ends", greater_is_told_once_until_it_ends},
             {"what stands at first counts", what_stands_at_first_counts},
             {"greater must hold for compareValue2", greater_must_hold},
             {"smaller is the mirror", smaller_is_the_mirror},
             {"andedWithValue: any of the bits counts", any_of_the_bits_counts},
             {"hysteresis wants the other bound first", hysteresis_wants_the_other_bound_first},
             {"periods are counted from the beginning", periods_are_counted_from_the_beginning},
             {"a condition that makes no sense is known", what_makes_no_sense_is_known})
