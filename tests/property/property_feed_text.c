/* In virtual time the cameras are handed the decoded messages of the feed. That is fair only if the text says
 * the same: whatever the message, a receiver that takes its text (encoded, divided, signed, parsed) and one
 * that is handed the message hear the same and answer the same, at every instant and for every group.
 *
 *     property_feed_text          a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_feed_text SEED     this seed alone */
#include "../../io/cabinet_map.h"
#include "../../io/feed_sign.h"
#include "../../io/sigstate_core.h"
#include "../../io/sigstate_message.h"
#include "../../sim/run.h"
#include "harness.h"
#include "random_plan.h"
#include <stdio.h>
#include <stdlib.h>

static const int64_t OFFSET_US = INT64_C(1795334400123456);

/* Two receivers of one feed. */
struct pair {
    const struct feed_config *config;
    struct sigstate *by_text, *by_message;
    char *line;
    size_t size;
    int64_t utc_us; /* of the newest message */
    uint64_t messages, known, enforceable;
};

static void pair_close(struct pair *pair)
{
    sigstate_close(pair->by_text);
    sigstate_close(pair->by_message);
    free(pair->line);
}

static bool pair_open(struct pair *pair, const struct feed_config *config)
{
    memset(pair, 0, sizeof *pair);
    pair->config = config;
    pair->size = feed_text_max(config) + feed_sign_length(config);
    pair->line = malloc(pair->size);
    pair->by_text = sigstate_open_feed(config, 400);
    pair->by_message = sigstate_open_feed(config, 400);
    if (pair->line && pair->by_text && pair->by_message)
        return true;
    CHECK_FAIL("not enough memory");
    pair_close(pair);
    return false;
}

/* ---- equality, field by field ---- */

static void same_state(const struct feed_state *expected, const struct feed_state *came)
{
    CHECK_INT(expected->group_ix, came->group_ix);
    CHECK_INT(expected->color, came->color);
    CHECK_INT(expected->since_us, came->since_us);
    CHECK_INT(expected->since_error_us, came->since_error_us);
    CHECK_INT(expected->red_since_us, came->red_since_us);
    CHECK_INT(expected->yellow_since_us, came->yellow_since_us);
    CHECK_INT(expected->yellow_ms, came->yellow_ms);
    /* Of an unknown earliest change the text says that it may come at once. */
    CHECK_INT(expected->min_change_ms == CHANGE_UNKNOWN ? 0 : expected->min_change_ms, came->min_change_ms);
    CHECK_INT(expected->max_change_ms, came->max_change_ms);
    CHECK_INT(expected->verified, came->verified);
    CHECK_INT(expected->enforceable, came->enforceable);
    CHECK_INT(expected->enforceable_since_us, came->enforceable_since_us);
}

static void same_message(const struct feed_message *expected, const struct feed_message *came)
{
    CHECK_INT(expected->kind, came->kind);
    CHECK_INT((int64_t)expected->boot, (int64_t)came->boot);
    CHECK_INT((int64_t)expected->seq, (int64_t)came->seq);
    CHECK_INT((int64_t)expected->state_seq, (int64_t)came->state_seq);
    CHECK_INT(expected->sent_us, came->sent_us);
    CHECK_INT(expected->clock.state, came->clock.state);
    CHECK_INT(expected->clock.error_us, came->clock.error_us);
    CHECK_INT(expected->clock.utc_offset_us, came->clock.utc_offset_us);
    CHECK_INT(expected->valid, came->valid);
    CHECK_HEX(expected->reasons, came->reasons);
    CHECK_INT(expected->part, came->part);
    CHECK_INT(expected->parts, came->parts);
    if (!CHECK_INT(expected->group_count, came->group_count))
        return;
    for (int i = 0; i < expected->group_count; i++)
        same_state(&expected->group[i], &came->group[i]);
}

static void same_answer(const struct sigstate_answer *expected, const struct sigstate_answer *came)
{
    CHECK_INT(expected->known, came->known);
    CHECK_INT(expected->enforceable, came->enforceable);
    CHECK_INT(expected->final, came->final);
    CHECK_INT(expected->why, came->why);
    CHECK_INT(expected->color, came->color);
    CHECK_INT(expected->valid, came->valid);
    CHECK_INT(expected->verified, came->verified);
    CHECK_HEX(expected->reasons, came->reasons);
    CHECK_INT(expected->age_us, came->age_us);
    CHECK_INT(expected->since_utc_us, came->since_utc_us);
    CHECK_INT(expected->since_error_us, came->since_error_us);
    CHECK_INT(expected->clock_error_us, came->clock_error_us);
    CHECK_INT(expected->red_since_utc_us, came->red_since_utc_us);
}

static void ask(struct pair *pair, int group_no, int64_t utc_us, int64_t now_us)
{
    struct sigstate_answer expected, came;
    sigstate_at(pair->by_message, group_no, utc_us, now_us, &expected);
    sigstate_at(pair->by_text, group_no, utc_us, now_us, &came);
    same_answer(&expected, &came);
    pair->known += came.known;
    pair->enforceable += came.enforceable;
}

/* About every edge of the last message, and some while ago. */
static void ask_everything(struct pair *pair, const struct feed_message *m, int64_t now_us)
{
    static const int64_t back_us[] = {0, 1, 50000, 399999, 400001, 1000000, 7000000};
    for (int i = 0; i < pair->config->group_count && !harness_failed(); i++) {
        for (size_t k = 0; k < sizeof back_us / sizeof *back_us; k++)
            ask(pair, pair->config->group[i].no, pair->utc_us - back_us[k], now_us);
    }
    for (int i = 0; i < m->group_count && !harness_failed(); i++) {
        const int64_t since_us = m->group[i].since_us + m->clock.utc_offset_us;
        for (int64_t off_us = -1; off_us <= 1; off_us++)
            ask(pair, pair->config->group[m->group[i].group_ix].no, since_us + off_us, now_us);
    }
}

static void same_junction(const struct pair *pair)
{
    CHECK_STR(sigstate_controller(pair->by_message), sigstate_controller(pair->by_text));
    CHECK_HEX(sigstate_reasons(pair->by_message), sigstate_reasons(pair->by_text));
    for (int i = 0;; i++) {
        const struct sigstate_group *expected = sigstate_group(pair->by_message, i);
        const struct sigstate_group *came = sigstate_group(pair->by_text, i);
        if (!expected || !came) {
            CHECK(expected == came);
            return;
        }
        CHECK_INT(expected->no, came->no);
        CHECK_STR(expected->name, came->name);
        CHECK_INT(expected->kind, came->kind);
        CHECK_INT(expected->phase_no, came->phase_no);
        CHECK_INT(expected->overlap_no, came->overlap_no);
        CHECK_STR(expected->approach, came->approach);
        CHECK_HEX(expected->movements, came->movements);
        CHECK_INT(expected->dark_ok, came->dark_ok);
        if (CHECK_INT(expected->lane_count, came->lane_count))
            CHECK_BYTES(expected->lane, came->lane, (size_t)expected->lane_count);
    }
}

/* ---- one message ---- */

static void hear_both(void *arg, const struct feed_message *m)
{
    struct pair *pair = arg;
    const int length = feed_encode(pair->config, m, pair->line, pair->size - feed_sign_length(pair->config));
    if (harness_failed() || !CHECK(length > 0) ||
        !CHECK_INT(0, feed_sign(pair->config, pair->line, (size_t)length, pair->line + length)))
        return;
    const int64_t now_us = m->sent_us + 700; /* it has travelled */
    pair->utc_us = now_us + m->clock.utc_offset_us;
    const enum sigstate_result expected =
        sigstate_message(pair->by_message, pair->config, m, now_us, pair->utc_us);
    CHECK_INT(expected, sigstate_take(pair->by_text, pair->line,
                                      (size_t)length + feed_sign_length(pair->config), now_us, pair->utc_us));
    same_message(&pair->by_message->incoming.message, &pair->by_text->incoming.message);
    same_junction(pair);
    if (pair->messages++ % 16 == 0 || m->kind == FEED_CHANGE)
        ask_everything(pair, m, now_us);
}

/* ---- messages made up from nothing ---- */

static void random_text(char *text, size_t size, uint64_t *random)
{
    static const char *const pieces[] = {"a", "7", "-", " ", "\"", "\\", "/", "\x01", "\x1f", "路", "é", "🚦"};
    size_t length = 0;
    text[0] = '\0';
    for (int i = random_int(random, 12); i > 0; i--) {
        const char *piece = pieces[random_int(random, sizeof pieces / sizeof *pieces)];
        if (length + strlen(piece) < size)
            length += (size_t)snprintf(text + length, size - length, "%s", piece);
    }
}

static void random_group(struct feed_group *group, int no, uint64_t *random)
{
    memset(group, 0, sizeof *group);
    group->no = (uint8_t)no;
    group->kind = (enum group_kind)random_int(random, GROUP_KINDS);
    if (one_in(random, 3))
        group->overlap_no = (uint8_t)random_between(random, 1, OVERLAPS_MAX);
    else
        group->phase_no = (uint8_t)random_between(random, 1, PHASES_MAX);
    random_text(group->name, sizeof group->name, random);
    random_text(group->approach, sizeof group->approach, random);
    group->movements = (uint8_t)random_int(random, 1 << MOVEMENTS);
    group->lane_count = (uint8_t)random_int(random, GROUP_LANES_MAX + 1);
    for (int i = 0; i < group->lane_count; i++)
        group->lane[i] = (uint8_t)random_between(random, 1, 8);
    group->dark_ok = one_in(random, 2);
    group->yellow_floor_ms = 3000;
}

static void random_config(struct feed_config *config, uint64_t *random)
{
    memset(config, 0, sizeof *config);
    snprintf(config->controller, sizeof config->controller, "quwo-%d", random_int(random, 1000));
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (one_in(random, 4))
            random_group(&config->group[config->group_count++], no, random);
    }
    config->destination_count = (uint8_t)random_int(random, 2);
    config->key_count = (uint8_t)random_int(random, 3);
    for (int i = 0; i < config->key_count; i++) {
        snprintf(config->key[i].id, sizeof config->key[i].id, "key-%d", i);
        config->key[i].secret_length = (uint8_t)random_between(random, 16, 64);
        for (int k = 0; k < config->key[i].secret_length; k++)
            config->key[i].secret[k] = (uint8_t)random_int(random, 256);
    }
}

static int64_t random_past(uint64_t *random, int64_t now_us)
{
    const int64_t back_us = one_in(random, 4) ? random_int(random, 3) : random_int(random, 200000000);
    return back_us < now_us ? now_us - back_us : 0;
}

static int32_t random_size(uint64_t *random)
{
    return one_in(random, 8) ? INT32_MAX : random_int(random, one_in(random, 2) ? 4000 : 1000000);
}

static void random_state(struct feed_state *state, int group_ix, int64_t sent_us, uint64_t *random)
{
    *state = (struct feed_state){
        .group_ix = (uint8_t)group_ix,
        .color = (enum feed_color)random_int(random, FEED_COLORS),
        .since_us = random_past(random, sent_us),
        .since_error_us = random_size(random),
        .red_since_us = one_in(random, 4) ? -1 : random_past(random, sent_us),
        .yellow_since_us = one_in(random, 4) ? -1 : random_past(random, sent_us),
        .yellow_ms = random_size(random),
        .min_change_ms = one_in(random, 4) ? CHANGE_UNKNOWN : random_size(random),
        .max_change_ms = one_in(random, 4) ? CHANGE_UNKNOWN : random_size(random),
        .verified = one_in(random, 2),
        .enforceable = one_in(random, 2),
        .enforceable_since_us = -1,
    };
    if (state->enforceable)
        state->enforceable_since_us = random_past(random, sent_us);
}

/* Mostly the next one; now and then a gap, a repeat, a new start. */
static void random_order(struct feed_message *m, uint64_t *random)
{
    m->seq++;
    if (one_in(random, 20))
        m->seq += (uint64_t)random_int(random, 200);
    if (one_in(random, 20) && m->seq > 70)
        m->seq -= (uint64_t)random_int(random, 70);
    if (one_in(random, 100)) {
        m->boot++;
        m->seq = 1 + (uint64_t)random_int(random, 3);
    }
    m->sent_us += random_int(random, one_in(random, 30) ? 3000000 : 300000);
    m->clock.state = (enum clock_state)random_int(random, 3);
    m->clock.error_us = random_int(random, 5000);
    if (one_in(random, 30))
        m->clock.utc_offset_us += random_int(random, 2000000) - 1000000;
}

static void random_message(struct feed_message *m, const struct feed_config *config, uint64_t *random)
{
    random_order(m, random);
    m->kind = (enum feed_kind)random_int(random, 3);
    m->part = m->parts = 1;
    m->reasons = one_in(random, 2) ? 0 : (uint32_t)random_int(random, 1 << FEED_REASONS);
    m->valid = m->reasons == 0;
    m->group_count = 0;
    for (int i = 0; i < config->group_count && m->kind != FEED_ALIVE; i++) {
        if (m->kind == FEED_FULL || one_in(random, 4))
            random_state(&m->group[m->group_count++], i, m->sent_us, random);
    }
}

static void made_up(uint64_t seed)
{
    static struct feed_config config;
    static struct feed_message m;
    struct pair pair;
    uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1, state_seq = 0;
    int group_ix;
    random_config(&config, &random);
    if (!CHECK_INT(0, feed_check_lengths(&config, &group_ix)) || !pair_open(&pair, &config))
        return;
    m = (struct feed_message){.boot = (uint64_t)random_between(&random, 1, 1000000),
                              .sent_us = random_past(&random, INT64_C(1) << 45),
                              .clock = {.utc_offset_us = OFFSET_US}};
    for (int i = 0; i < 400 && !harness_failed(); i++) {
        harness_at("seed %llu, message %d", (unsigned long long)seed, i);
        random_message(&m, &config, &random);
        m.state_seq = one_in(&random, 20) ? state_seq + 1 : state_seq;
        if (m.kind == FEED_FULL && config.destination_count > 0)
            feed_split(&config, &m, hear_both, &pair);
        else
            hear_both(&pair, &m);
        if (m.kind == FEED_CHANGE)
            state_seq = m.seq;
    }
    CHECK(config.group_count == 0 || pair.known > 0);
    pair_close(&pair);
}

/* ---- messages of a feed whose cabinet does anything ---- */

static void random_exchange(struct cabinet_exchange *x, const struct feed_config *config, uint64_t *random)
{
    struct frame *frame = &x->output.frame;
    for (int i = 0; i < config->group_count; i++) {
        const int no = config->group[i].no;
        if (!one_in(random, 12))
            continue;
        struct channel_mask *const lamps[] = {&frame->red, &frame->yellow, &frame->green};
        for (int k = 0; k < 3; k++)
            channel_remove(lamps[k], no);
        channel_add(lamps[random_int(random, 3)], no);
        (one_in(random, 8) ? channel_add : channel_remove)(&frame->flashing, no);
    }
    x->output.seq++;
    x->output.flash_on = x->output.seq / 5 % 2 == 0;
    x->output.reasons = one_in(random, 40)  ? (uint32_t)random_int(random, 1 << FEED_REASONS)
                        : one_in(random, 4) ? 0
                                            : x->output.reasons;
    x->output.config_seq += one_in(random, 300);
    for (int ix = 0; ix < CHANNELS_MAX; ix++) {
        x->output.min_change_ds[ix] = random_int(random, 100);
        x->output.max_change_ds[ix] = one_in(random, 3) ? CHANGE_UNKNOWN : 100 + random_int(random, 100);
    }
    if (!one_in(random, 30))
        cabinet_map_lit(&x->output, &x->image.red, &x->image.yellow, &x->image.green);
    x->image.status = one_in(random, 100) ? CABINET_FLASHING : 0;
}

static void any_cabinet(uint64_t seed)
{
    static struct feed_config config;
    static struct cabinet_exchange x;
    struct pair pair;
    uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15) + 7;
    struct feed_clock clock = {CLOCK_SYNCED, 400, OFFSET_US};
    random_config(&config, &random);
    if (!pair_open(&pair, &config))
        return;
    struct feed *feed = feed_new(&config, 7, hear_both, &pair);
    int64_t now_us = 1000000;
    memset(&x, 0, sizeof x);
    for (int tick = 0; feed && tick < 2000 && !harness_failed(); tick++) {
        harness_at("seed %llu, tick %d", (unsigned long long)seed, tick);
        random_exchange(&x, &config, &random);
        x.output.tick_us = now_us;
        x.taken_us = now_us + 2000;
        x.error_us = 1000 + random_int(&random, 3000);
        if (one_in(&random, 200))
            feed_missed(feed);
        if (!one_in(&random, 50))
            feed_exchange(feed, &x, &clock);
        for (int half = 0; half < 2; half++) {
            now_us += one_in(&random, 300) ? 1500000 : 50000;
            feed_poll(feed, now_us, &clock);
        }
    }
    CHECK(feed != NULL);
    CHECK(config.group_count == 0 || pair.known > 0);
    feed_free(feed);
    pair_close(&pair);
}

/* ---- messages of real runs ---- */

static void tell(void *arg, const char *line)
{
    (void)arg;
    CHECK_FAIL("%s", line);
}

/* From start-up into ordinary operation; at night into the flash. */
static void real_run(int point_no, int64_t from_s)
{
    static struct config config;
    struct pair pair;
    struct summary summary;
    char path[512];
    snprintf(path, sizeof path, "%s/configs/quwo/%02d.json", SOURCE_ROOT, point_no);
    memset(&config, 0, sizeof config);
    if (!CHECK_INT(0, config_load(&config, path, CONFIG_WHOLE, tell, NULL)) ||
        !pair_open(&pair, &config.feed))
        return;
    harness_at("%s", config.site.id);
    const struct run_options options = {.hours = 0.05,
                                        .demand = DEMAND_HIGH,
                                        .seed = 3,
                                        .from_s = from_s,
                                        .hear = hear_both,
                                        .hear_arg = &pair};
    CHECK_INT(0, run_intersection(&config, &options, &summary));
    CHECK(pair.messages > 1000 && pair.known > 1000 && pair.enforceable > 100);
    pair_close(&pair);
}

static uint64_t first_seed = 1, last_seed = 12;

static void the_text_of_any_message_says_what_it_is(void)
{
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++)
        made_up(seed);
}

static void and_of_any_cabinet(void)
{
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++)
        any_cabinet(seed);
}

static void and_of_real_runs(void)
{
    static const int points[] = {1, 5, 8, 12, 21, 23};
    for (size_t i = 0; i < sizeof points / sizeof *points && !harness_failed(); i++)
        real_run(points[i], 0);
    real_run(2, RUN_FROM_S + (16 * 60 + 28) * 60); /* 23:28 */
}

static const struct harness_test tests[] = {
    {"the text of any message says what it is", the_text_of_any_message_says_what_it_is},
    {"and that of a feed whose cabinet does anything", and_of_any_cabinet},
    {"and that of real runs", and_of_real_runs},
};

int main(int argc, char **argv)
{
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    return harness_run(argc, argv, tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}
