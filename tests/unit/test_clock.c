/* When the next tick is due, and what UTC is worth. */
#include "../../controller/clock.h"
#include "../../controller/tick.h"
#include "harness.h"
#include <limits.h>
#include <string.h>

static const int64_t second_us = 1000000;
static const int64_t utc_us = INT64_C(1795334400000000);

static void deadlines_stay_on_the_grid(void)
{
    CHECK_INT(200000, tick_next_due(100000, 100000));
    CHECK_INT(200000, tick_next_due(100000, 100050));
    CHECK_INT(200000, tick_next_due(100000, 199999));
    CHECK_INT(300000, tick_next_due(100000, 200000)); /* one whole period late: left out */
    CHECK_INT(2300000, tick_next_due(100000, 2250000));
    CHECK_INT(200000, tick_next_due(100000, 99000));
}

/* ---- what the clock is worth ---- */

static struct clock_watch watch;
static struct clock_reading reading;
static struct feed_clock now, evidence;

static void begin(enum clock_source source)
{
    memset(&watch, 0, sizeof watch);
    reading = (struct clock_reading){
        .source = source, .disciplined = true, .error_us = 2000, .measured_us = -1, .utc_offset_us = utc_us};
    if (source == CLOCK_CHRONY)
        reading.measured_us = utc_us;
}

static int64_t look(int64_t at_us)
{
    reading.now_us = at_us;
    return clock_judge(&watch, &reading, &now, &evidence);
}

static void look_until(int64_t until_us)
{
    while (reading.now_us < until_us)
        CHECK_INT(0, look(reading.now_us + second_us));
}

static void a_clock_goes_from_synced_over_holdover_to_unsynced(void)
{
    begin(CLOCK_KERNEL);
    reading.disciplined = false;
    reading.error_us = 16 * second_us;
    look(0);
    CHECK_INT(CLOCK_UNSYNCED, now.state);
    CHECK_INT(16 * second_us, now.error_us);
    reading.disciplined = true;
    reading.error_us = 2000;
    look(10 * second_us);
    CHECK_INT(CLOCK_SYNCED, now.state);
    CHECK_INT(2000, now.error_us);
    CHECK_INT(CLOCK_SYNCED, evidence.state);
    reading.disciplined = false;
    reading.error_us = 16 * second_us;
    look(110 * second_us);
    CHECK_INT(CLOCK_HOLDOVER, now.state);
    CHECK_INT(2000 + 100 * 500, now.error_us);
    reading.disciplined = true; /* but long not heard */
    reading.error_us = 400000;
    look(120 * second_us);
    CHECK_INT(CLOCK_HOLDOVER, now.state);
    CHECK_INT(2000 + 110 * 500, now.error_us);
    reading.disciplined = false;
    reading.error_us = INT64_MAX;
    look(3000 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, now.state);
    CHECK_INT(INT32_MAX, now.error_us);
    reading.error_us = 1000;
    look(3001 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, now.state);
}

static void a_source_that_knows_little_says_how_little(void)
{
    begin(CLOCK_CHRONY);
    reading.error_us = CLOCK_SYNCED_US;
    look(second_us);
    CHECK_INT(CLOCK_SYNCED, now.state);
    begin(CLOCK_CHRONY);
    reading.error_us = CLOCK_SYNCED_US + 1;
    look(second_us);
    CHECK_INT(CLOCK_HOLDOVER, now.state);
    CHECK_INT(CLOCK_SYNCED_US + 1, now.error_us);
    reading.error_us = CLOCK_HOLDOVER_US + 1;
    look(2 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, now.state);
}

static void slewing_is_no_step(void)
{
    begin(CLOCK_CHRONY);
    for (int i = 0; i < 60; i++) {
        CHECK_INT(0, look(i * second_us));
        CHECK_INT(CLOCK_SYNCED, evidence.state);
        reading.utc_offset_us += 83333;
    }
}

/* chronyd goes on believing in the clock until it measures again. */
static void a_step_either_way_is_not_believed_until_chrony_has_measured(void)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        harness_at("step of %d s", 5 * sign);
        begin(CLOCK_CHRONY);
        look_until(20 * second_us);
        reading.measured_us = utc_us + 20 * second_us - 1; /* just before the step */
        reading.utc_offset_us += sign * 5 * second_us;
        CHECK_INT(sign * 5 * second_us, look(21 * second_us));
        CHECK_INT(CLOCK_SYNCED, now.state); /* of chronyd's */
        CHECK_INT(utc_us + sign * 5 * second_us, now.utc_offset_us);
        CHECK_INT(CLOCK_UNSYNCED, evidence.state);
        CHECK_INT(5 * second_us + 2000, evidence.error_us);
        CHECK_INT(utc_us, evidence.utc_offset_us);
        look_until(100 * second_us);
        CHECK_INT(CLOCK_UNSYNCED, evidence.state);
        CHECK_INT(utc_us, evidence.utc_offset_us);
        reading.measured_us = utc_us + 100 * second_us;
        look_until(101 * second_us);
        CHECK_INT(CLOCK_SYNCED, evidence.state);
        CHECK_INT(2000, evidence.error_us);
        CHECK_INT(utc_us + sign * 5 * second_us, evidence.utc_offset_us);
    }
}

/* What the clock was worth before the step says nothing of it afterwards. */
static void a_measurement_that_finds_the_clock_wrong_is_no_trust(void)
{
    begin(CLOCK_CHRONY);
    look_until(20 * second_us);
    reading.utc_offset_us += 5 * second_us;
    look(21 * second_us);
    look_until(40 * second_us);
    reading.measured_us = utc_us + 40 * second_us;
    reading.error_us = 5 * second_us + 2000;
    look(41 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, now.state);
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
}

static void a_measurement_does_not_shorten_the_time_of_doubt(void)
{
    begin(CLOCK_CHRONY);
    look_until(20 * second_us);
    reading.utc_offset_us += 5 * second_us;
    look(21 * second_us);
    for (int64_t at_us = 22 * second_us; at_us < 31 * second_us; at_us += second_us) {
        reading.measured_us += second_us;
        look(at_us);
        CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    }
    reading.measured_us += second_us;
    look(31 * second_us);
    CHECK_INT(CLOCK_SYNCED, evidence.state);
}

static void a_step_of_a_clock_that_nobody_kept_is_followed(void)
{
    begin(CLOCK_KERNEL);
    reading.disciplined = false;
    reading.error_us = 16 * second_us;
    look_until(20 * second_us);
    reading.utc_offset_us += 5000 * second_us;
    CHECK_INT(5000 * second_us, look(21 * second_us));
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    CHECK_INT(utc_us + 5000 * second_us, evidence.utc_offset_us);
    reading.disciplined = true;
    reading.error_us = 2000;
    CHECK_INT(0, look(22 * second_us));
    CHECK_INT(CLOCK_SYNCED, evidence.state);
}

/* As chronyd does it when it has found out the time after power came back. */
static void a_step_to_the_right_time_is_followed_and_doubted(void)
{
    begin(CLOCK_CHRONY);
    reading.disciplined = false;
    look_until(20 * second_us);
    reading.disciplined = true;
    reading.utc_offset_us += 5000 * second_us;
    look(21 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    CHECK_INT(utc_us + 5000 * second_us, evidence.utc_offset_us);
    look_until(40 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    reading.measured_us += 20 * second_us;
    look(41 * second_us);
    CHECK_INT(CLOCK_SYNCED, evidence.state);
}

static void back_and_forth_is_two_steps(void)
{
    begin(CLOCK_CHRONY);
    look_until(20 * second_us);
    reading.utc_offset_us += 5 * second_us;
    look(21 * second_us);
    CHECK_INT(5 * second_us + 2000, evidence.error_us);
    reading.utc_offset_us -= 5 * second_us;
    CHECK_INT(-5 * second_us, look(22 * second_us));
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    CHECK_INT(2000, evidence.error_us);
    CHECK_INT(utc_us, evidence.utc_offset_us);
}

/* The kernel withdraws its word at a step, until somebody gives it anew. */
static void a_step_told_by_the_kernel_lasts_until_the_clock_is_kept_again(void)
{
    begin(CLOCK_KERNEL);
    look_until(20 * second_us);
    reading.utc_offset_us -= 5 * second_us;
    reading.disciplined = false;
    reading.error_us = 16 * second_us;
    CHECK_INT(-5 * second_us, look(21 * second_us));
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    look_until(60 * second_us);
    CHECK_INT(CLOCK_UNSYNCED, evidence.state);
    reading.disciplined = true;
    reading.error_us = 3000;
    look_until(61 * second_us);
    CHECK_INT(CLOCK_SYNCED, evidence.state);
}

/* ---- chronyd's answers ---- */

/* As chronyd 4.3 sent it, following a server on the same machine; chronyc said of it: root delay 4.348 us,
 * root dispersion 0.517 us, system time 1.024 us fast. */
static const uint8_t told[CHRONY_OCTETS] = {
    0x06, 0x02, 0x00, 0x00, 0x00, 0x21, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x7f, 0x00,
    0x00, 0x01, 0x7f, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x6b, 0x04, 0x44, 0xc0, 0x28, 0x6c, 0x81, 0x23, 0xdd, 0x76, 0x99, 0x57, 0xce, 0xad, 0x59,
    0x8d, 0xd4, 0xa7, 0x4b, 0x27, 0xf0, 0xd5, 0xa3, 0x50, 0xee, 0x85, 0x94, 0xd6, 0xfa, 0x96,
    0xd1, 0xf1, 0xe0, 0x91, 0xe5, 0x09, 0xda, 0x8a, 0x2a, 0xdb, 0x00, 0xe3, 0x9e, 0xaa};

static void an_answer_of_chrony_is_read(void)
{
    struct chrony_tracking tracking;
    CHECK_INT(0, chrony_read_answer(told, sizeof told, 0x12345678, &tracking));
    CHECK(tracking.synchronised);
    CHECK_INT(4, tracking.error_us); /* 1.024 + 0.517 + 4.348 / 2, rounded up */
    CHECK_INT(INT64_C(1795441856678199), tracking.measured_us);
}

static void a_chrony_that_follows_nobody_is_not_synchronised(void)
{
    uint8_t octet[CHRONY_OCTETS];
    struct chrony_tracking tracking;
    memcpy(octet, told, sizeof octet);
    octet[55] = 3; /* it says so */
    CHECK_INT(0, chrony_read_answer(octet, sizeof octet, 0x12345678, &tracking));
    CHECK(!tracking.synchronised);
    memcpy(octet, told, sizeof octet);
    memcpy(octet + 28, (const uint8_t[]){0x7F, 0x7F, 0x01, 0x01}, 4); /* it follows itself */
    CHECK_INT(0, chrony_read_answer(octet, sizeof octet, 0x12345678, &tracking));
    CHECK(!tracking.synchronised);
}

static void what_is_no_answer_is_not_taken_for_one(void)
{
    static const int matters[] = {0, 1, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19};
    uint8_t octet[CHRONY_OCTETS + 1] = {0};
    struct chrony_tracking tracking = {.error_us = -7};
    for (size_t length = 0; length <= sizeof octet; length++) {
        memcpy(octet, told, sizeof told);
        if (length != sizeof told)
            CHECK_INT(-1, chrony_read_answer(octet, length, 0x12345678, &tracking));
    }
    for (size_t i = 0; i < sizeof matters / sizeof *matters; i++) {
        memcpy(octet, told, sizeof told);
        octet[matters[i]] ^= 1;
        CHECK_INT(-1, chrony_read_answer(octet, sizeof told, 0x12345678, &tracking));
    }
    CHECK_INT(-7, tracking.error_us);
}

static void no_answer_makes_an_error_smaller_than_nothing(void)
{
    uint8_t octet[CHRONY_OCTETS];
    struct chrony_tracking tracking;
    for (int at = 68; at < CHRONY_OCTETS; at += 4) {
        for (unsigned top = 0; top < 256; top++) {
            memcpy(octet, told, sizeof octet);
            octet[at] = (uint8_t)top;
            CHECK_INT(0, chrony_read_answer(octet, sizeof octet, 0x12345678, &tracking));
            CHECK(tracking.error_us > 0 && tracking.error_us <= INT32_MAX);
        }
    }
}

static void a_request_is_as_long_as_its_answer(void)
{
    uint8_t octet[CHRONY_OCTETS];
    chrony_write_request(0x12345678, octet);
    static const uint8_t head[20] = {6, 1, 0, 0, 0, 33, 0, 0, 0x12, 0x34, 0x56, 0x78};
    CHECK(memcmp(head, octet, sizeof head) == 0);
}

static void a_stamp_is_utc_with_milliseconds(void)
{
    char stamp[CLOCK_STAMP];
    clock_stamp(INT64_C(1795334400123999), stamp);
    CHECK_STR("2026-11-22T08:00:00.123Z", stamp);
}

HARNESS_MAIN(
    {"deadlines stay on the grid", deadlines_stay_on_the_grid},
    {"a clock goes from synced over holdover to unsynced",
     a_clock_goes_from_synced_over_holdover_to_unsynced},
    {"a source that knows little says how little", a_source_that_knows_little_says_how_little},
    {"slewing is no step", slewing_is_no_step},
    {"a step either way is not believed until chrony has measured",
     a_step_either_way_is_not_believed_until_chrony_has_measured},
    {"a measurement does not shorten the time of doubt", a_measurement_does_not_shorten_the_time_of_doubt},
    {"a measurement that finds the clock wrong is no trust",
     a_measurement_that_finds_the_clock_wrong_is_no_trust},
    {"a step of a clock that nobody kept is followed", a_step_of_a_clock_that_nobody_kept_is_followed},
    {"a step to the right time is followed and doubted", a_step_to_the_right_time_is_followed_and_doubted},
    {"back and forth is two steps", back_and_forth_is_two_steps},
    {"a step told by the kernel lasts until the clock is kept again",
     a_step_told_by_the_kernel_lasts_until_the_clock_is_kept_again},
    {"an answer of chrony is read", an_answer_of_chrony_is_read},
    {"a chrony that follows nobody is not synchronised", a_chrony_that_follows_nobody_is_not_synchronised},
    {"what is no answer is not taken for one", what_is_no_answer_is_not_taken_for_one},
    {"no answer makes an error smaller than nothing", no_answer_makes_an_error_smaller_than_nothing},
    {"a request is as long as its answer", a_request_is_as_long_as_its_answer},
    {"a stamp is UTC with milliseconds", a_stamp_is_utc_with_milliseconds}, )
