/* A red-lamp detector in virtual time: what its channels say of a feed, and when they fall silent. */
#include "../../io/lamp_detector.h"
#include "feed_fixture.h"
#include "harness.h"

enum {
    CHANNEL_OF_LEFT = 1,
    CHANNEL_OF_RIGHT,
    CHANNEL_LEFT_YELLOW,
    CHANNEL_LEFT_GREEN,
    CHANNEL_OF_WALK,
    NOTHING
};

static struct fixture f;
static struct lamp_detector detector;
static struct lamp_detector_config config;
static bool deaf;
static uint64_t lost;

static void hear(void *arg, const struct feed_message *message)
{
    (void)arg;
    if (deaf)
        return;
    lamp_detector_take(&detector, &f.config, message, lost);
    lost = 0;
}

static void watch(int channel_no, int group_ix, enum lamp_channel_color color)
{
    config.channel[channel_no - 1] = (struct lamp_channel){f.config.group[group_ix].no, color};
}

static void begin(void)
{
    fixture_begin(&f);
    f.listener = hear;
    memset(&detector, 0, sizeof detector);
    config = (struct lamp_detector_config){.channel_count = 16};
    watch(CHANNEL_OF_LEFT, LEFT, CHANNEL_RED);
    watch(CHANNEL_OF_RIGHT, RIGHT, CHANNEL_RED);
    watch(CHANNEL_LEFT_YELLOW, LEFT, CHANNEL_YELLOW);
    watch(CHANNEL_LEFT_GREEN, LEFT, CHANNEL_GREEN);
    watch(CHANNEL_OF_WALK, WALK, CHANNEL_RED);
    deaf = false;
    lost = 0;
}

static bool on(int channel_no)
{
    return lamp_detector_channels(&detector, &config, f.now_us) >> (channel_no - 1) & 1;
}

static bool all_off(void)
{
    return lamp_detector_channels(&detector, &config, f.now_us) == 0;
}

/* A whole green and yellow of LEFT, up to a red that may be enforced. */
static void run_to_red(void)
{
    fixture_run(&f, 5);
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_run(&f, 30);
    fixture_show(&f, LEFT, COLOR_YELLOW);
    fixture_run(&f, 31);
    fixture_show(&f, LEFT, COLOR_RED);
    fixture_run(&f, 3);
}

static void each_color_has_its_channel(void)
{
    begin();
    CHECK(all_off());
    fixture_run(&f, 5);
    CHECK(all_off()); /* red and verified, but after no yellow: it could accuse nobody */
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_run(&f, 30);
    CHECK(on(CHANNEL_LEFT_GREEN) && !on(CHANNEL_LEFT_YELLOW) && !on(CHANNEL_OF_LEFT));
    fixture_show(&f, LEFT, COLOR_GREEN_FLASH);
    fixture_run(&f, 30);
    CHECK(on(CHANNEL_LEFT_GREEN) && !on(CHANNEL_LEFT_YELLOW) && !on(CHANNEL_OF_LEFT));
    fixture_show(&f, LEFT, COLOR_YELLOW);
    fixture_run(&f, 31);
    CHECK(!on(CHANNEL_LEFT_GREEN) && on(CHANNEL_LEFT_YELLOW) && !on(CHANNEL_OF_LEFT));
    fixture_show(&f, LEFT, COLOR_RED);
    fixture_tick(&f);
    CHECK_HEX(1 << (CHANNEL_OF_LEFT - 1), lamp_detector_channels(&detector, &config, f.now_us));
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    CHECK(!on(CHANNEL_OF_LEFT));
    fixture_end(&f);
}

/* Red without the right to call it so: too short a yellow, a flash, a red beside a yellow. */
static void no_other_red_counts(void)
{
    static const enum feed_color others[] = {COLOR_RED_FLASH, COLOR_RED_YELLOW, COLOR_YELLOW_FLASH,
                                             COLOR_DARK};
    begin();
    f.config.group[LEFT].arrow = true;
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_run(&f, 30);
    fixture_show(&f, LEFT, COLOR_YELLOW);
    fixture_run(&f, 20);
    fixture_show(&f, LEFT, COLOR_RED);
    fixture_run(&f, 10);
    CHECK(!on(CHANNEL_OF_LEFT));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        run_to_red();
        harness_at("colour %d", (int)others[i]);
        CHECK(on(CHANNEL_OF_LEFT));
        fixture_show(&f, LEFT, others[i]);
        fixture_run(&f, 30);
        CHECK(!on(CHANNEL_OF_LEFT) && !on(CHANNEL_LEFT_GREEN) && !on(CHANNEL_LEFT_YELLOW));
        fixture_show(&f, LEFT, COLOR_RED);
        fixture_run(&f, 1);
        CHECK(!on(CHANNEL_OF_LEFT));
    }
    fixture_end(&f);
}

static void with_any_reason_nothing_is_lit(void)
{
    for (uint32_t reason = REASON_STARTUP; reason <= REASON_STALE_CABINET; reason <<= 1) {
        begin();
        harness_at("reason %#x", reason);
        run_to_red();
        CHECK(on(CHANNEL_OF_LEFT));
        if (reason == REASON_STALE_CABINET) {
            fixture_silence(&f, 5);
        } else if (reason == REASON_CLOCK) {
            f.config.clock_required = true;
            f.clock.state = CLOCK_UNSYNCED;
            fixture_tick(&f);
        } else if (reason == REASON_CONFIG) {
            f.x.output.config_seq++;
            fixture_tick(&f);
        } else {
            f.x.output.reasons = reason;
            fixture_tick(&f);
        }
        CHECK_HEX(reason, detector.reasons & reason);
        CHECK(all_off());
        fixture_end(&f);
    }
}

/* Neither red, nor yellow, nor green when the lamps do not show what they were told to. */
static void unverified_is_not_lit(void)
{
    static const enum feed_color colors[] = {COLOR_GREEN, COLOR_YELLOW, COLOR_RED};
    for (size_t i = 0; i < sizeof colors / sizeof *colors; i++) {
        begin();
        harness_at("colour %d", (int)colors[i]);
        run_to_red();
        fixture_show(&f, LEFT, colors[i]);
        fixture_run(&f, 5);
        CHECK(!all_off());
        f.lamps_lie = true;
        f.x.image.red = f.x.image.yellow = f.x.image.green = (struct channel_mask){0};
        fixture_run(&f, 3);
        CHECK(all_off());
        fixture_end(&f);
    }
}

static void a_second_of_silence_ends_it(void)
{
    begin();
    run_to_red();
    deaf = true;
    const int64_t heard_us = detector.sent_us;
    CHECK_INT(heard_us + LAMP_SILENCE_US + 1, lamp_detector_until(&detector, &config, f.now_us));
    f.now_us = heard_us + LAMP_SILENCE_US;
    CHECK(on(CHANNEL_OF_LEFT));
    f.now_us++;
    CHECK(all_off());
    CHECK(!lamp_detector_knows(&detector, f.now_us));
    CHECK_INT(INT64_MAX, lamp_detector_until(&detector, &config, f.now_us));
    fixture_end(&f);
}

/* Whatever is missing, nothing is known until a full comes; then all is as before. */
static void a_gap_ends_it_until_the_next_full(void)
{
    for (int way = 0; way < 4; way++) {
        begin();
        run_to_red();
        harness_at("way %d", way);
        struct feed_message m = *fixture_newest(&f);
        m.kind = FEED_ALIVE;
        m.seq++;
        m.group_count = 0;
        if (way == 0)
            lamp_detector_take(&detector, &f.config, &m, 1); /* the outlet says so */
        if (way == 1)
            lamp_detector_missed(&detector);
        if (way == 2) {
            m.state_seq++; /* a change that never came */
            lamp_detector_take(&detector, &f.config, &m, 0);
        }
        if (way == 3) {
            m.boot++;
            m.seq = 1;
            lamp_detector_take(&detector, &f.config, &m, 0);
        }
        CHECK(all_off());
        fixture_end(&f);
    }
    begin();
    run_to_red();
    lamp_detector_missed(&detector);
    fixture_run(&f, 11);
    CHECK(on(CHANNEL_OF_LEFT));
    deaf = true; /* a whole green is missed, and of the next red only a change is heard */
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    deaf = false;
    fixture_show(&f, LEFT, COLOR_RED);
    fixture_tick(&f);
    CHECK(all_off());
    fixture_end(&f);
}

static void an_overtaken_message_is_left_out(void)
{
    begin();
    run_to_red();
    struct feed_message red = {0};
    fixture_run(&f, 10);
    for (int i = 0; i < f.count; i++) {
        if (f.message[i].kind == FEED_FULL)
            red = f.message[i];
    }
    CHECK(red.group_count == GROUPS && red.group[LEFT].enforceable);
    fixture_show(&f, LEFT, COLOR_GREEN);
    fixture_tick(&f);
    CHECK(!on(CHANNEL_OF_LEFT));
    lamp_detector_take(&detector, &f.config, &red, 0);
    CHECK(!on(CHANNEL_OF_LEFT));
    fixture_end(&f);
}

/* A red whose end is near goes out in advance; one of which nothing is known never comes on. */
static void a_lead_takes_the_red_away_before_its_end(void)
{
    begin();
    config.lead_ms = 200;
    run_to_red();
    CHECK(!on(CHANNEL_OF_LEFT));
    for (int i = 0; i < CHANNELS_MAX; i++)
        f.x.output.min_change_ds[i] = 20;
    fixture_run(&f, 10); /* a full among them */
    CHECK(on(CHANNEL_OF_LEFT));
    const int64_t ends_us = detector.group[0].ends_us; /* by the newest full */
    CHECK_NEAR((double)f.now_us + 1.5e6, (double)ends_us, 6e5);
    CHECK(lamp_detector_until(&detector, &config, f.now_us) < ends_us); /* a silence would come before */
    detector.sent_us = ends_us - 500000;
    f.now_us = ends_us - 200001;
    CHECK(on(CHANNEL_OF_LEFT));
    CHECK_INT(ends_us - 200000, lamp_detector_until(&detector, &config, f.now_us));
    f.now_us++;
    CHECK(!on(CHANNEL_OF_LEFT));
    fixture_end(&f);
}

static void the_codes_tell_no_more_than_the_channels(void)
{
    static const struct {
        enum feed_color color;
        uint8_t code;
    } shown[] = {
        {COLOR_GREEN, 0x20},      {COLOR_GREEN_FLASH, 0x21}, {COLOR_YELLOW, 0x30}, {COLOR_RED, 0x10},
        {COLOR_RED_YELLOW, 0x40}, {COLOR_GREEN, 0x20},       {COLOR_RED, 0},       {COLOR_DARK, 0x01},
        {COLOR_RED_FLASH, 0x11},  {COLOR_YELLOW_FLASH, 0x31}};
    int64_t age_us;
    begin();
    f.config.group[LEFT].arrow = true;
    fixture_run(&f, 3);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        harness_at("step %zu", i);
        fixture_show(&f, LEFT, shown[i].color);
        fixture_run(&f, 31);
        CHECK_HEX(shown[i].code, lamp_detector_color(&detector, &config, 1, f.now_us, &age_us));
        CHECK_NEAR(shown[i].code ? 3.1e6 : 0, (double)age_us, 10000);
    }
    CHECK_HEX(0, lamp_detector_color(&detector, &config, 2, f.now_us, &age_us)); /* there is no such group */
    deaf = true;
    fixture_silence(&f, 11);
    CHECK_HEX(0, lamp_detector_color(&detector, &config, 1, f.now_us, &age_us));
    fixture_end(&f);
}

HARNESS_MAIN({"each colour has its channel", each_color_has_its_channel},
             {"no red counts but the enforceable one", no_other_red_counts},
             {"with any reason nothing is lit", with_any_reason_nothing_is_lit},
             {"what is not verified is not lit", unverified_is_not_lit},
             {"a second of silence ends it", a_second_of_silence_ends_it},
             {"a gap ends it until the next full", a_gap_ends_it_until_the_next_full},
             {"an overtaken message is left out", an_overtaken_message_is_left_out},
             {"a lead takes the red away before its end", a_lead_takes_the_red_away_before_its_end},
             {"the colour codes tell no more than the channels", the_codes_tell_no_more_than_the_channels})
