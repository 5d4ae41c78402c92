/* A red-lamp detector beside whole junctions in virtual time, with traffic, broken lamps, hands on the
 * switches and a feed that is not always heard: whenever it says red, the feed's newest word on that group is
 * "enforceable" and the lamp burns red; whenever it says yellow or green, that is verified; and with a lead
 * the red burns for as long again.
 *
 *     property_lamp          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_lamp SEED     this seed alone */
#include "../../controller/app.h"
#include "../../controller/config.h"
#include "../../io/lamp_detector.h"
#include "../../sim/direct_port.h"
#include "../../sim/rng.h"
#include "../../sim/street.h"
#include "harness.h"
#include <stdlib.h>
#include <string.h>

enum { TICKS = 6000, TICK_US = 100 * 1000, LEAD_MS = 200, TROUBLE_TICKS = 50, CALM_TICKS = 600 };

enum trouble { NO_TROUBLE, BROKEN_LAMP, FLASH_SWITCH, STOPPED_TIME, MANUAL, DEAF, TROUBLES };

static const char *const paths[] = {SOURCE_ROOT "/configs/chengdong-s234.json",
                                    SOURCE_ROOT "/configs/four-leg.json"};

/* The feed's newest word on a group. */
struct word {
    bool said;
    struct feed_state state;
};

static struct config config;
static struct street street;
static struct direct_port port;
static struct app *app;
static struct feed *feed;
static const struct feed_clock feed_clock = {CLOCK_SYNCED, 400, INT64_C(1767596400000000)};
static struct rng rng;
static int64_t now_us;

static struct lamp_detector detector;
static struct lamp_detector_config red, lead, yellow, green;
static struct word word[CHANNELS_MAX];
static bool valid;
static bool calm; /* nothing breaks a promise: no hand, no fault */
static int64_t heard_us;
static int64_t promised_us[LAMP_CHANNELS_MAX];
static int64_t looks, reds, leads;

static enum trouble trouble;
static int trouble_no;

static uint64_t first_seed = 1, last_seed = 3;

/* ---- what is said and what is true ---- */

static void hear(void *arg, const struct feed_message *m)
{
    (void)arg;
    if (trouble == DEAF)
        return;
    lamp_detector_take(&detector, &config.feed, m, 0);
    heard_us = m->sent_us;
    valid = m->valid;
    for (int i = 0; i < m->group_count; i++)
        word[config.feed.group[m->group[i].group_ix].no - 1] = (struct word){true, m->group[i]};
}

static void check_channel(int no, uint32_t reds_on, uint32_t leads_on, uint32_t yellows_on,
                          uint32_t greens_on)
{
    const struct word *w = &word[no - 1];
    const bool known = w->said && valid && now_us - heard_us <= LAMP_SILENCE_US;
    const bool enforceable = known && w->state.enforceable && w->state.color == COLOR_RED;
    const enum lamp_color burns = lamp_now(&street.cabinet.lamps.lamp[no - 1])->color;
    if (bit_set(reds_on, no - 1) != enforceable && detector.whole)
        CHECK_FAIL("%lld: channel %d says red %d, the feed enforceable %d", (long long)now_us, no,
                   bit_set(reds_on, no - 1), enforceable);
    if (bit_set(reds_on, no - 1) && !enforceable)
        CHECK_FAIL("%lld: channel %d says red against the feed", (long long)now_us, no);
    if (bit_set(leads_on & ~reds_on, no - 1))
        CHECK_FAIL("%lld: channel %d says red with a lead and not without", (long long)now_us, no);
    if ((bit_set(yellows_on, no - 1) || bit_set(greens_on, no - 1)) && !(known && w->state.verified))
        CHECK_FAIL("%lld: channel %d says what is not verified", (long long)now_us, no);
    /* A lamp that breaks is found out with the exchange after; deaf is deaf. */
    if (trouble == BROKEN_LAMP || trouble == DEAF)
        return;
    if (bit_set(reds_on, no - 1) && burns != LAMP_RED)
        CHECK_FAIL("%lld: channel %d says red, the lamp shows %s", (long long)now_us, no,
                   lamp_color_name(burns));
    if (bit_set(yellows_on, no - 1) && burns != LAMP_YELLOW)
        CHECK_FAIL("%lld: channel %d says yellow, the lamp shows %s", (long long)now_us, no,
                   lamp_color_name(burns));
    if (bit_set(greens_on, no - 1) && burns != LAMP_GREEN)
        CHECK_FAIL("%lld: channel %d says green, the lamp shows %s", (long long)now_us, no,
                   lamp_color_name(burns));
}

static void look(int64_t at_us)
{
    now_us = at_us;
    const uint32_t reds_on = lamp_detector_channels(&detector, &red, at_us);
    const uint32_t leads_on = lamp_detector_channels(&detector, &lead, at_us);
    const uint32_t yellows_on = lamp_detector_channels(&detector, &yellow, at_us);
    const uint32_t greens_on = lamp_detector_channels(&detector, &green, at_us);
    for (int no = 1; no <= red.channel_count; no++) {
        check_channel(no, reds_on, leads_on, yellows_on, greens_on);
        looks++;
        reds += bit_set(reds_on, no - 1);
        leads += bit_set(leads_on, no - 1);
        if (bit_set(leads_on, no - 1))
            promised_us[no - 1] = at_us + LEAD_MS * INT64_C(1000);
    }
}

/* No red that was on with a lead has ended within it. */
static void check_promises(int64_t taken_us)
{
    for (int no = 1; no <= lead.channel_count && calm; no++) {
        const enum lamp_color burns = lamp_now(&street.cabinet.lamps.lamp[no - 1])->color;
        if (burns != LAMP_RED && promised_us[no - 1] > taken_us)
            CHECK_FAIL("%lld: channel %d ends its red %lld us too early", (long long)taken_us, no,
                       (long long)(promised_us[no - 1] - taken_us));
    }
}

static void taken(void *arg, const struct cabinet_exchange *exchange)
{
    (void)arg;
    check_promises(exchange->taken_us);
    feed_exchange(feed, exchange, &feed_clock);
    look(exchange->taken_us + exchange->error_us);
}

/* ---- the junction ---- */

static void begin_trouble(int tick)
{
    if (tick % CALM_TICKS == CALM_TICKS - 1) {
        trouble = (enum trouble)(rng_u64(&rng) % TROUBLES);
        trouble_no = config.feed.group[rng_u64(&rng) % config.feed.group_count].no;
        calm = false;
    } else if (tick % CALM_TICKS == TROUBLE_TICKS) {
        trouble = NO_TROUBLE;
        sim_cabinet_reset(&street.cabinet, tick * (int64_t)TICK_US);
    } else if (tick % CALM_TICKS == 2 * TROUBLE_TICKS) {
        calm = true;
    }
    struct lamp_faults *faults = &street.cabinet.faults;
    *faults = (struct lamp_faults){0};
    if (trouble == BROKEN_LAMP)
        channel_add(&faults->broken[trouble_no % 3], trouble_no);
    street.cabinet.inputs = trouble == FLASH_SWITCH   ? CABINET_FLASH_SWITCH
                            : trouble == STOPPED_TIME ? CABINET_STOP_TIME
                            : trouble == MANUAL       ? CABINET_MANUAL_CONTROL
                                                      : 0;
}

static void step(int tick)
{
    const int64_t tick_us = tick * (int64_t)TICK_US;
    begin_trouble(tick);
    street_sense(&street, tick_us);
    app_step(app, tick_us);
    sim_cabinet_advance(&street.cabinet, tick_us + TICK_US / 2);
    feed_poll(feed, tick_us + TICK_US / 2, &feed_clock);
    look(tick_us + TICK_US / 2);
    street_move(&street, tick_us);
    look(tick_us + TICK_US);
}

static void watch_all(struct lamp_detector_config *c, enum lamp_channel_color color, uint16_t lead_ms)
{
    *c = (struct lamp_detector_config){.channel_count = LAMP_CHANNELS_MAX, .lead_ms = lead_ms};
    for (int i = 0; i < config.feed.group_count; i++) {
        const uint8_t no = config.feed.group[i].no;
        if (no <= LAMP_CHANNELS_MAX)
            c->channel[no - 1] = (struct lamp_channel){no, color};
    }
}

static void say_fault(void *arg, const char *line)
{
    (void)arg;
    CHECK_FAIL("%s", line);
}

static void run_junction(const char *path, uint64_t seed)
{
    harness_at("seed %llu, %s", (unsigned long long)seed, path);
    if (!CHECK_INT(0, config_load(&config, path, CONFIG_WHOLE, say_fault, NULL)))
        return;
    watch_all(&red, CHANNEL_RED, 0);
    watch_all(&lead, CHANNEL_RED, LEAD_MS);
    watch_all(&yellow, CHANNEL_YELLOW, 0);
    watch_all(&green, CHANNEL_GREEN, 0);
    memset(&detector, 0, sizeof detector);
    memset(word, 0, sizeof word);
    memset(promised_us, 0, sizeof promised_us);
    rng = rng_stream(seed, 1);
    trouble = NO_TROUBLE;
    calm = true;
    street_init(&street, &config, DEMAND_HIGH, seed, 0, 0);
    direct_port_init(&port, &street.cabinet, taken, NULL);
    feed = feed_new(&config.feed, 1, hear, NULL);
    app = app_new(&config.db, &config.card, &port.port, 0);
    app_set_civil(app, true, feed_clock.utc_offset_us);
    for (int tick = 0; tick < TICKS && !harness_failed(); tick++)
        step(tick);
    feed_free(feed);
    app_free(app);
    street_done(&street);
}

static void says_no_more_than_the_feed(void)
{
    looks = reds = leads = 0;
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++) {
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
            run_junction(paths[i], seed);
    }
    printf("# %lld looks at channels, %lld found red, %lld of them with a lead of %d ms\n", (long long)looks,
           (long long)reds, (long long)leads, LEAD_MS);
    CHECK(reds > looks / 50);
    CHECK(leads > reds / 2);
}

static const struct harness_test tests[] = {
    {"a red-lamp detector says no more than the feed, and keeps its lead", says_no_more_than_the_feed},
};

int main(int argc, char **argv)
{
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
