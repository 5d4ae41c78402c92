/* The pure half of the feed: what an exchange makes of the state, and when that is told. */
#include "../../io/feed.h"
#include "feed_fixture.h"
#include "harness.h"

static struct fixture f;

/* Green for a while, a yellow of `yellow_ticks`, then red. */
static void pass_through_yellow(int group_ix, int yellow_ticks)
{
    fixture_show(&f, group_ix, COLOR_GREEN);
    fixture_run(&f, 20);
    fixture_show(&f, group_ix, COLOR_YELLOW);
    fixture_run(&f, yellow_ticks);
    fixture_show(&f, group_ix, COLOR_RED);
    fixture_tick(&f);
}

static void begin(void)
{
    fixture_begin(&f);
    fixture_run(&f, 1);
}

static void nothing_is_said_of_lamps_before_the_first_exchange(void)
{
    fixture_begin(&f);
    fixture_silence(&f, 1);
    CHECK_INT(FEED_FULL, f.message[0].kind);
    CHECK_INT(0, f.message[0].group_count);
    CHECK(!f.message[0].valid);
    CHECK_HEX(REASON_STALE_CABINET, f.message[0].reasons);
    fixture_end(&f);
}

static void the_first_exchange_changes_everything(void)
{
    fixture_begin(&f);
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK_INT(FEED_CHANGE, f.message[0].kind);
    CHECK_INT(1, (int64_t)f.message[0].seq);
    CHECK_INT(0, (int64_t)f.message[0].state_seq);
    CHECK_INT(7, (int64_t)f.message[0].boot);
    fixture_end(&f);
}

static void a_change_tells_the_instant_and_chains_to_the_one_before(void)
{
    begin();
    fixture_run(&f, 10);
    const uint64_t before = fixture_newest(&f)->state_seq;
    const int from = f.count;
    const int64_t lit_us = f.now_us + 2000;
    fixture_show(&f, RIGHT, COLOR_GREEN);
    fixture_tick(&f);
    const struct feed_message *m = &f.message[from];
    CHECK_INT(FEED_CHANGE, m->kind);
    CHECK_INT(1, m->group_count);
    CHECK_INT(RIGHT, m->group[0].group_ix);
    CHECK_INT(COLOR_GREEN, m->group[0].color);
    CHECK_INT(lit_us, m->group[0].since_us);
    CHECK_INT(1000, m->group[0].since_error_us);
    CHECK_INT((int64_t)before, (int64_t)m->state_seq);
    CHECK(m->group[0].verified);
    fixture_run(&f, 3);
    CHECK_INT((int64_t)m->seq, (int64_t)fixture_newest(&f)->state_seq);
    fixture_end(&f);
}

static void full_every_second_alive_every_200_ms(void)
{
    begin();
    f.count = 0;
    fixture_run(&f, 100);
    int full = 0, alive = 0;
    uint64_t seq = 0;
    for (int i = 0; i < f.count; i++) {
        full += f.message[i].kind == FEED_FULL;
        alive += f.message[i].kind == FEED_ALIVE;
        CHECK_INT(f.message[i].kind == FEED_FULL ? GROUPS : 0, f.message[i].group_count);
        CHECK(f.message[i].seq > seq);
        seq = f.message[i].seq;
    }
    CHECK_INT(10, full);
    CHECK_INT(50, alive);
    fixture_end(&f);
}

static void red_after_a_full_yellow_is_enforceable_at_once(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    const struct feed_state *s = fixture_state(&f, RIGHT);
    CHECK_INT(COLOR_RED, s->color);
    CHECK_INT(3000, s->yellow_ms);
    CHECK_INT(s->since_us - 3000000, s->yellow_since_us);
    CHECK_INT(s->since_us, s->red_since_us);
    CHECK(s->enforceable);
    CHECK_INT(s->since_us, s->enforceable_since_us);
    CHECK(!fixture_state(&f, LEFT)->enforceable); /* no yellow seen, not red for 60 s */
    fixture_end(&f);
}

static void check_vouched(uint16_t phase, uint16_t pedestrian)
{
    struct feed_reds reds;
    feed_vouched_reds(f.feed, &reds);
    CHECK_HEX(phase, reds.phase);
    CHECK_HEX(pedestrian, reds.pedestrian);
    CHECK_HEX(0, reds.overlap);
}

/* Phase 2 is vouched for by RIGHT, its pedestrians by WALK, phase 5 by LEFT. */
static void a_phase_is_vouched_for_by_all_its_groups(void)
{
    begin();
    check_vouched(0, 0);
    pass_through_yellow(RIGHT, 30);
    check_vouched(1U << 1, 0);
    f.config.group[LEFT].phase_no = 2; /* red as long, without a yellow */
    check_vouched(0, 0);
    f.config.group[LEFT].phase_no = 5;
    fixture_run(&f, 601);
    check_vouched(1U << 1 | 1U << 4, 1U << 1);
    f.x.output.reasons = REASON_MANUAL;
    fixture_run(&f, 1);
    check_vouched(0, 0);
    fixture_end(&f);
}

static void red_after_a_short_yellow_waits_for_60_s(void)
{
    begin();
    pass_through_yellow(RIGHT, 29);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    const int64_t since_us = fixture_state(&f, RIGHT)->since_us;
    fixture_run(&f, 598);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_run(&f, 3);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    CHECK_INT(since_us + 60000000, fixture_state(&f, RIGHT)->enforceable_since_us);
    fixture_end(&f);
}

static void a_yellow_delayed_on_the_bus_is_still_full(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_RED);
    f.x.output.tick_us = f.now_us;
    f.x.taken_us = f.now_us - 30000; /* the frame before was that much slower */
    cabinet_map_lit(&f.x.output, &f.x.image.red, &f.x.image.yellow, &f.x.image.green);
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK_INT(2968, fixture_state(&f, RIGHT)->yellow_ms);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void a_yellow_that_may_have_come_late_is_not_full(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_GREEN);
    fixture_run(&f, 20);
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    f.lamps_lie = true;
    fixture_run(&f, 1);
    f.lamps_lie = false;
    fixture_run(&f, 29);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK_INT(101000, fixture_state(&f, RIGHT)->since_error_us);
    fixture_show(&f, RIGHT, COLOR_RED);
    fixture_run(&f, 5);
    CHECK_INT(3000, fixture_state(&f, RIGHT)->yellow_ms);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

/* The answer to the write that ended it was lost, and the next exchange says so. */
static void a_yellow_that_may_have_ended_early_is_not_full(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_RED);
    f.x.taken_us = f.now_us + 2000;
    f.x.error_us = 52000;
    cabinet_map_lit(&f.x.output, &f.x.image.red, &f.x.image.yellow, &f.x.image.green);
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK_INT(3000, fixture_state(&f, RIGHT)->yellow_ms);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void the_margin_must_have_run(void)
{
    begin();
    f.config.group[RIGHT].margin_ms = 500;
    pass_through_yellow(RIGHT, 30);
    const struct feed_state *s = fixture_state(&f, RIGHT);
    const int64_t since_us = s->since_us;
    CHECK(s->verified);
    CHECK(!s->enforceable);
    fixture_run(&f, 5);
    s = fixture_state(&f, RIGHT);
    CHECK(s->enforceable);
    CHECK_INT(since_us + 500000, s->enforceable_since_us);
    fixture_end(&f);
}

static void an_invalid_moment_counts_while_it_lasts(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 10);
    f.x.output.reasons = REASON_REMOTE;
    fixture_run(&f, 20);
    fixture_show(&f, RIGHT, COLOR_RED);
    fixture_run(&f, 3);
    CHECK(!fixture_newest(&f)->valid);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    f.x.output.reasons = 0;
    fixture_run(&f, 3);
    CHECK(fixture_newest(&f)->valid);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    CHECK(fixture_state(&f, RIGHT)->enforceable_since_us > fixture_state(&f, RIGHT)->since_us);
    fixture_end(&f);
}

static void a_reason_ends_validity_and_enforcement_in_the_same_message(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    f.count = 0;
    f.x.output.reasons = REASON_PREEMPT | REASON_MANUAL;
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK_INT(1, f.count);
    CHECK_INT(FEED_CHANGE, f.message[0].kind);
    CHECK(!f.message[0].valid);
    CHECK_HEX(REASON_PREEMPT | REASON_MANUAL, f.message[0].reasons);
    CHECK_INT(1, f.message[0].group_count);
    CHECK(!f.message[0].group[0].enforceable);
    fixture_end(&f);
}

static void validity_alone_is_a_change_without_groups(void)
{
    begin();
    f.count = 0;
    f.x.output.reasons = REASON_REMOTE;
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK_INT(1, f.count);
    CHECK_INT(0, f.message[0].group_count);
    fixture_end(&f);
}

static void lamps_may_settle_for_two_exchanges(void)
{
    begin();
    fixture_run(&f, 5);
    f.lamps_lie = true;
    fixture_show(&f, RIGHT, COLOR_GREEN);
    const int64_t since_us = f.now_us + 2000;
    fixture_run(&f, 2);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    f.lamps_lie = false;
    fixture_run(&f, 1);
    const struct feed_state *s = fixture_state(&f, RIGHT);
    CHECK(s->verified);
    CHECK_INT(since_us, s->since_us);
    CHECK_INT(200000 + 1000, s->since_error_us); /* lit at the latest by the exchange that saw it */
    fixture_end(&f);
}

static void lamps_that_come_later_are_verified_from_then_on(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    f.lamps_lie = true;
    fixture_show(&f, RIGHT, COLOR_RED);
    const int64_t red_us = f.now_us + 2000;
    fixture_run(&f, 3);
    f.lamps_lie = false;
    const int64_t seen_us = f.now_us + 2000;
    fixture_run(&f, 1);
    const struct feed_state *s = fixture_state(&f, RIGHT);
    CHECK(s->verified);
    CHECK_INT(seen_us, s->since_us);
    CHECK_INT(red_us, s->red_since_us);
    CHECK(!s->enforceable);
    fixture_end(&f);
}

static void a_lamp_that_fails_later_is_told_at_once(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 10);
    f.count = 0;
    f.lamps_lie = true;
    memset(&f.x.image.red, 0, sizeof f.x.image.red);
    fixture_tick(&f);
    CHECK_INT(FEED_CHANGE, f.message[0].kind);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    CHECK_INT(COLOR_RED, fixture_state(&f, RIGHT)->color);
    f.lamps_lie = false;
    fixture_run(&f, 598);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_run(&f, 5);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void a_yellow_nobody_saw_is_no_yellow(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    f.lamps_lie = true;
    fixture_run(&f, 30);
    f.lamps_lie = false;
    fixture_show(&f, RIGHT, COLOR_RED);
    fixture_run(&f, 5);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void a_silent_cabinet_is_noticed_and_interrupts(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 5);
    f.count = 0;
    fixture_silence(&f, 3);
    CHECK(!fixture_newest(&f)->valid);
    CHECK_HEX(REASON_STALE_CABINET, fixture_newest(&f)->reasons);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    const int64_t back_us = f.now_us + 2000;
    fixture_run(&f, 1);
    CHECK(fixture_newest(&f)->valid);
    CHECK_INT(back_us, fixture_state(&f, RIGHT)->since_us);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void a_lost_exchange_interrupts(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    feed_missed(f.feed);
    const int64_t next_us = f.now_us + 2000;
    fixture_run(&f, 1);
    CHECK_INT(next_us, fixture_state(&f, RIGHT)->since_us);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void config_stands_until_each_group_had_its_yellow(void)
{
    begin();
    fixture_run(&f, 3);
    CHECK(fixture_newest(&f)->valid);
    f.x.output.config_seq++;
    fixture_tick(&f);
    CHECK_HEX(REASON_CONFIG, fixture_newest(&f)->reasons);
    pass_through_yellow(RIGHT, 30);
    CHECK_HEX(REASON_CONFIG, fixture_newest(&f)->reasons);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    pass_through_yellow(LEFT, 30);
    fixture_run(&f, 2);
    CHECK_HEX(0, fixture_newest(&f)->reasons);
    CHECK(fixture_state(&f, LEFT)->enforceable);
    CHECK(fixture_state(&f, RIGHT)->enforceable); /* its own yellow was full and undisturbed */
    fixture_end(&f);
}

static void the_clock_counts_where_it_is_required(void)
{
    begin();
    f.clock.state = CLOCK_UNSYNCED;
    fixture_run(&f, 2);
    CHECK(fixture_newest(&f)->valid);
    f.config.clock_required = true;
    f.clock.state = CLOCK_HOLDOVER;
    fixture_run(&f, 2);
    CHECK(fixture_newest(&f)->valid);
    f.clock.state = CLOCK_UNSYNCED;
    fixture_run(&f, 2);
    CHECK_HEX(REASON_CLOCK, fixture_newest(&f)->reasons);
    fixture_end(&f);
}

static void half_a_second_of_error_is_too_much(void)
{
    begin();
    f.config.clock_required = true;
    pass_through_yellow(RIGHT, 30);
    f.clock.state = CLOCK_HOLDOVER;
    f.clock.error_us = 500000;
    fixture_run(&f, 2);
    CHECK(fixture_newest(&f)->valid);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    f.clock.error_us = 500001;
    fixture_run(&f, 2);
    CHECK_HEX(REASON_CLOCK, fixture_newest(&f)->reasons);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    f.clock.error_us = 400;
    fixture_run(&f, 2);
    CHECK_HEX(0, fixture_newest(&f)->reasons);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    CHECK(fixture_state(&f, RIGHT)->enforceable_since_us > fixture_state(&f, RIGHT)->since_us);
    fixture_end(&f);
}

static void colors_are_logical(void)
{
    static const enum feed_color shown[] = {COLOR_RED,        COLOR_YELLOW,       COLOR_GREEN,
                                            COLOR_RED_FLASH,  COLOR_YELLOW_FLASH, COLOR_GREEN_FLASH,
                                            COLOR_RED_YELLOW, COLOR_DARK};
    begin();
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        fixture_show(&f, RIGHT, shown[i]);
        const int changes = fixture_changes(&f);
        fixture_run(&f, 20); /* through dark halves as well */
        const enum feed_color told = shown[i] == COLOR_RED_FLASH ? COLOR_RED : shown[i];
        CHECK_STR(feed_color_name(told), feed_color_name(fixture_state(&f, RIGHT)->color));
        CHECK(fixture_state(&f, RIGHT)->verified);
        CHECK_INT(changes + (i > 0), fixture_changes(&f));
    }
    fixture_end(&f);
}

static void a_red_that_flashes_as_a_countdown_is_no_news(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 7);
    const int changes = fixture_changes(&f);
    const int64_t since_us = fixture_state(&f, RIGHT)->since_us;
    fixture_show(&f, RIGHT, COLOR_RED_FLASH);
    fixture_run(&f, 60);
    fixture_show(&f, RIGHT, COLOR_RED);
    fixture_run(&f, 20);
    CHECK_INT(changes, fixture_changes(&f));
    CHECK_INT(COLOR_RED, fixture_state(&f, RIGHT)->color);
    CHECK_INT(since_us, fixture_state(&f, RIGHT)->since_us);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

/* The controller pulses two frames; the cabinet makes three of it. */
static void a_countdown_pulse_is_no_news(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_run(&f, 5);
    const int changes = fixture_changes(&f);
    channel_add(&f.x.output.pulse, f.config.group[LEFT].no);
    channel_add(&f.x.output.pulse, f.config.group[RIGHT].no);
    fixture_run(&f, 2);
    f.x.output.pulse = (struct channel_mask){{0}};
    f.lamps_lie = true;
    fixture_run(&f, 1);
    f.lamps_lie = false;
    fixture_run(&f, 20);
    CHECK_INT(changes, fixture_changes(&f));
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    CHECK_INT(COLOR_GREEN, fixture_state(&f, LEFT)->color);
    fixture_end(&f);
}

static void a_lamp_that_does_not_come_back_from_a_pulse_is_told(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 5);
    const int changes = fixture_changes(&f);
    const int64_t lit_us = f.x.taken_us;
    channel_add(&f.x.output.pulse, f.config.group[RIGHT].no);
    fixture_run(&f, 2);
    f.x.output.pulse = (struct channel_mask){{0}};
    f.lamps_lie = true;
    fixture_run(&f, 1);
    CHECK_INT(300000, f.x.taken_us - lit_us);
    CHECK_INT(changes, fixture_changes(&f));
    fixture_run(&f, 1);
    CHECK_INT(changes + 1, fixture_changes(&f));
    CHECK_INT(COLOR_RED, fixture_state(&f, RIGHT)->color);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

/* Dark for so many exchanges, without the controller's doing. Returns how many changes are told. */
static int changes_told_of_darkness(int exchanges)
{
    begin();
    f.config.group[RIGHT].pulsed = true;
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 5);
    const int changes = fixture_changes(&f);
    f.lamps_lie = true;
    channel_remove(&f.x.image.red, f.config.group[RIGHT].no);
    fixture_run(&f, exchanges);
    f.lamps_lie = false;
    fixture_run(&f, 20);
    const int told = fixture_changes(&f) - changes;
    fixture_end(&f);
    return told;
}

static void a_cabinet_may_give_pulses_by_itself(void)
{
    CHECK_INT(0, changes_told_of_darkness(1));
    CHECK_INT(0, changes_told_of_darkness(3));
    CHECK_INT(2, changes_told_of_darkness(4)); /* gone, and back */
}

static void a_pulse_that_does_not_end_is_a_dark_lamp(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 5);
    channel_add(&f.x.output.pulse, f.config.group[RIGHT].no);
    fixture_run(&f, 5);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    fixture_end(&f);
}

/* The exchange that should have found it lit again was lost. */
static void a_pulse_whose_end_nobody_saw_is_a_dark_lamp(void)
{
    begin();
    f.config.group[RIGHT].pulsed = true;
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 5);
    f.lamps_lie = true;
    memset(&f.x.image.red, 0, sizeof f.x.image.red);
    fixture_run(&f, 3);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    fixture_silence(&f, 2);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    CHECK_HEX(0, fixture_newest(&f)->reasons);
    fixture_end(&f);
}

static void a_pulse_proves_nothing_of_a_lamp_that_is_dark(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    f.lamps_lie = true;
    channel_remove(&f.x.image.red, f.config.group[RIGHT].no);
    fixture_run(&f, 5);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    channel_add(&f.x.output.pulse, f.config.group[RIGHT].no);
    fixture_run(&f, 2);
    f.x.output.pulse = (struct channel_mask){{0}};
    fixture_run(&f, 5);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    fixture_end(&f);
}

static void a_wrong_lamp_during_a_pulse_is_told_at_once(void)
{
    begin();
    pass_through_yellow(RIGHT, 30);
    fixture_run(&f, 5);
    f.lamps_lie = true;
    channel_remove(&f.x.image.red, f.config.group[RIGHT].no);
    channel_add(&f.x.image.green, f.config.group[RIGHT].no);
    channel_add(&f.x.output.pulse, f.config.group[RIGHT].no);
    fixture_run(&f, 1);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    fixture_end(&f);
}

static void a_flashing_red_arrow_is_no_red(void)
{
    begin();
    f.config.group[LEFT].arrow = true;
    fixture_show(&f, LEFT, COLOR_RED_FLASH);
    fixture_run(&f, 650); /* beyond the minute after which a red needs no yellow */
    CHECK_STR("red-flash", feed_color_name(fixture_state(&f, LEFT)->color));
    CHECK(!fixture_state(&f, LEFT)->enforceable);
    fixture_end(&f);
}

static void a_flash_of_the_junction_is_never_enforceable(void)
{
    begin();
    f.x.output.frame.all_flash = true;
    fixture_show(&f, LEFT, COLOR_RED_FLASH);
    fixture_run(&f, 1);
    CHECK_STR("red-flash", feed_color_name(fixture_state(&f, LEFT)->color));
    fixture_run(&f, 650);
    CHECK(fixture_state(&f, RIGHT)->verified);
    CHECK(!fixture_state(&f, RIGHT)->enforceable);
    fixture_end(&f);
}

static void on_the_cabinets_own_flasher_the_lamps_found_lit_are_told(void)
{
    begin();
    f.lamps_lie = true;
    f.x.image.status = CABINET_FLASHING | CABINET_TRIP_CONFLICT;
    memset(&f.x.image.red, 0, sizeof f.x.image.red);
    fixture_tick(&f);
    CHECK_HEX(REASON_FLASH | REASON_FAULT, fixture_newest(&f)->reasons);
    CHECK_INT(COLOR_DARK, fixture_state(&f, RIGHT)->color);
    CHECK_INT(100000 + 1000, fixture_state(&f, RIGHT)->since_error_us); /* since the exchange before */
    channel_add(&f.x.image.yellow, 20);
    fixture_tick(&f);
    CHECK_INT(COLOR_YELLOW_FLASH, fixture_state(&f, RIGHT)->color);
    memset(&f.x.image.yellow, 0, sizeof f.x.image.yellow);
    fixture_run(&f, 5);
    CHECK_INT(COLOR_YELLOW_FLASH, fixture_state(&f, RIGHT)->color);
    CHECK(!fixture_state(&f, RIGHT)->verified);
    fixture_end(&f);
}

static void a_poll_with_an_earlier_time_takes_nothing_back(void)
{
    begin();
    fixture_show(&f, RIGHT, COLOR_YELLOW);
    fixture_run(&f, 30);
    fixture_show(&f, RIGHT, COLOR_RED);
    f.x.taken_us = f.now_us + 20000;
    cabinet_map_lit(&f.x.output, &f.x.image.red, &f.x.image.yellow, &f.x.image.green);
    feed_exchange(f.feed, &f.x, &f.clock);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    const int64_t sent_us = fixture_newest(&f)->sent_us;
    f.clock.state = CLOCK_HOLDOVER; /* makes it judge anew */
    feed_poll(f.feed, f.now_us, &f.clock);
    CHECK(fixture_state(&f, RIGHT)->enforceable);
    CHECK(fixture_newest(&f)->sent_us >= sent_us);
    fixture_end(&f);
}

static void forecasts_are_counted_from_sent(void)
{
    begin();
    f.x.output.min_change_ds[0] = 20;
    f.x.output.max_change_ds[0] = 100;
    fixture_run(&f, 10);
    feed_full(f.feed, f.x.output.tick_us + 160000, &f.clock, fixture_record, &f);
    const struct feed_state *s = fixture_state(&f, LEFT);
    CHECK_INT(1840, s->min_change_ms);
    CHECK_INT(9840, s->max_change_ms);
    CHECK_INT(CHANGE_UNKNOWN, fixture_state(&f, RIGHT)->max_change_ms);
    fixture_end(&f);
}

HARNESS_MAIN(
    {"nothing is said of lamps before the first exchange",
     nothing_is_said_of_lamps_before_the_first_exchange},
    {"the first exchange changes everything", the_first_exchange_changes_everything},
    {"a change tells the instant and chains to the one before",
     a_change_tells_the_instant_and_chains_to_the_one_before},
    {"full every second, alive every 200 ms", full_every_second_alive_every_200_ms},
    {"red after a full yellow is enforceable at once", red_after_a_full_yellow_is_enforceable_at_once},
    {"a phase is vouched for by all its groups", a_phase_is_vouched_for_by_all_its_groups},
    {"red after a short yellow waits for 60 s", red_after_a_short_yellow_waits_for_60_s},
    {"a yellow delayed on the bus is still full", a_yellow_delayed_on_the_bus_is_still_full},
    {"a yellow that may have come late is not full", a_yellow_that_may_have_come_late_is_not_full},
    {"a yellow that may have ended early is not full", a_yellow_that_may_have_ended_early_is_not_full},
    {"the margin must have run", the_margin_must_have_run},
    {"an invalid moment since the yellow counts while it lasts", an_invalid_moment_counts_while_it_lasts},
    {"a reason ends validity and enforcement in the same message",
     a_reason_ends_validity_and_enforcement_in_the_same_message},
    {"validity alone is a change without groups", validity_alone_is_a_change_without_groups},
    {"lamps may settle for two exchanges", lamps_may_settle_for_two_exchanges},
    {"lamps that come later are verified from then on", lamps_that_come_later_are_verified_from_then_on},
    {"a lamp that fails later is told at once", a_lamp_that_fails_later_is_told_at_once},
    {"a yellow nobody saw is no yellow", a_yellow_nobody_saw_is_no_yellow},
    {"a silent cabinet is noticed and interrupts", a_silent_cabinet_is_noticed_and_interrupts},
    {"a lost exchange interrupts", a_lost_exchange_interrupts},
    {"config stands until each group had its yellow", config_stands_until_each_group_had_its_yellow},
    {"the clock counts where it is required", the_clock_counts_where_it_is_required},
    {"half a second of error is too much", half_a_second_of_error_is_too_much},
    {"colors are logical", colors_are_logical},
    {"a red that flashes as a countdown is no news", a_red_that_flashes_as_a_countdown_is_no_news},
    {"a countdown pulse is no news", a_countdown_pulse_is_no_news},
    {"a lamp that does not come back from a pulse is told",
     a_lamp_that_does_not_come_back_from_a_pulse_is_told},
    {"a cabinet may give pulses by itself", a_cabinet_may_give_pulses_by_itself},
    {"a pulse that does not end is a dark lamp", a_pulse_that_does_not_end_is_a_dark_lamp},
    {"a pulse whose end nobody saw is a dark lamp", a_pulse_whose_end_nobody_saw_is_a_dark_lamp},
    {"a pulse proves nothing of a lamp that is dark", a_pulse_proves_nothing_of_a_lamp_that_is_dark},
    {"a wrong lamp during a pulse is told at once", a_wrong_lamp_during_a_pulse_is_told_at_once},
    {"a flashing red arrow is no red", a_flashing_red_arrow_is_no_red},
    {"a flash of the junction is never enforceable", a_flash_of_the_junction_is_never_enforceable},
    {"on the cabinet's own flasher the lamps found lit are told",
     on_the_cabinets_own_flasher_the_lamps_found_lit_are_told},
    {"a poll with an earlier time takes nothing back", a_poll_with_an_earlier_time_takes_nothing_back},
    {"forecasts are counted from sent", forecasts_are_counted_from_sent}, )
