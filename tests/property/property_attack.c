/* What somebody with a cable into the cameras' network may try, and what happens to the controller in the
 * middle of a red, in the whole virtual intersection (crossing/rig.h) with red-runners all the time: nobody
 * is recorded whom the truth does not convict, and what was dropped is counted with its reason.
 *
 * A subscriber that never reads, a destination that is not allowed, and what the centre sees of both, are
 * tried with real sockets: tests/unit/test_feed_thread.c, tests/integration/feed.sh.
 *
 *     property_attack          one seed; PROPERTY_SEEDS=N makes it N */
#include "../../io/feed_sign.h"
#include "../../io/sigstate_verify.h"
#include "crossing/rig.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VICTIM_NO = 2, ATTACK_TICKS = 1500, INSTANTS = 40, DEEP_OCTETS = 1024 * 1024 };

static uint64_t last_seed = 1;
static uint64_t seed;
static struct rig *rig;

static void begin(void)
{
    rig = rig_new(seed);
    if (rig)
        rig_run_in(rig);
}

static void end(void)
{
    harness_at("seed %llu: %s", (unsigned long long)seed, rig->what);
    CHECK_INT(0, (int64_t)rig->false_records);
    CHECK_INT(0, (int64_t)rig->doubted_bits);
    rig_free(rig);
}

static struct sigstate_counts counts(void)
{
    struct sigstate_counts c;
    sigstate_counts(rig->receiver, &c);
    return c;
}

static void for_each_seed(void (*attack)(void))
{
    for (seed = 1; seed <= last_seed && !harness_failed(); seed++) {
        begin();
        if (rig) {
            attack();
            end();
        }
    }
}

/* ---- the controller starts anew ---- */

/* Down so briefly that nobody is silent, until the cabinet flashes, and for a minute. */
static void reboot_in_red(void)
{
    static const int down_ticks[] = {1, 8, 30, 600};
    for (size_t i = 0; i < sizeof down_ticks / sizeof *down_ticks; i++) {
        const uint64_t records = rig->records, boots = counts().boots;
        CHECK(rig_run_to_red(rig, VICTIM_NO, 5 + 10 * (int)i));
        rig_stop(rig);
        rig_doubt(rig, &rig_all_groups);
        rig_run(rig, down_ticks[i]);
        rig_start(rig);
        rig_run(rig, 20);
        while (!rig_runs(rig))
            rig_run(rig, 1);
        rig_trust(rig);
        rig_run_in(rig);
        harness_at("seed %llu, down for %d ticks", (unsigned long long)seed, down_ticks[i]);
        CHECK_INT((int64_t)boots + 1, (int64_t)counts().boots);
        CHECK(rig->records > records);
    }
}

static void a_reboot_in_red(void)
{
    for_each_seed(reboot_in_red);
}

/* ---- what was signed once ---- */

struct recording {
    int count;
    struct wire_datagram *datagram; /* in the order in which they were sent */
};

static struct recording record_all(void)
{
    const struct wire *wire = rig->wire;
    struct recording r = {.count = wire->count < WIRE_KEPT_MAX ? wire->count : WIRE_KEPT_MAX};
    r.datagram = malloc((size_t)r.count * sizeof *r.datagram);
    for (int i = 0; i < r.count; i++)
        r.datagram[i] = wire->datagram[(wire->count - r.count + i) % WIRE_KEPT_MAX];
    return r;
}

static void inject(const struct wire_datagram *d)
{
    rig_inject(rig, d->text, d->length);
}

/* Three a tick, of any age. */
static void inject_at_random(const struct recording *r, struct rng *rng)
{
    for (int i = 0; i < 3; i++)
        inject(&r->datagram[rng_u64(rng) % (uint64_t)r->count]);
}

static void replay_of_the_same_boot(void)
{
    struct rng rng = rng_stream(seed, 11);
    const uint64_t records = rig->records;
    struct recording r = record_all();
    for (int i = 0; i < ATTACK_TICKS; i++) {
        inject_at_random(&r, &rng);
        for (int age = 1; age < 60; age += 7) /* and of the last five seconds */
            inject(&rig->wire->datagram[(rig->wire->count - age) % WIRE_KEPT_MAX]);
        rig_run(rig, 1);
    }
    CHECK(rig->records > records + 10); /* it has cost nothing */
    CHECK(counts().replayed > ATTACK_TICKS);
    free(r.datagram);
}

static void datagrams_of_the_same_boot_again(void)
{
    for_each_seed(replay_of_the_same_boot);
}

static void replay_of_an_earlier_boot(void)
{
    struct rng rng = rng_stream(seed, 12);
    struct recording r = record_all();
    rig_stop(rig);
    rig_run(rig, 20);
    rig_start(rig);
    const uint64_t records = rig->records;
    for (int i = 0; i < ATTACK_TICKS; i++) {
        inject_at_random(&r, &rng);
        rig_run(rig, 1);
    }
    CHECK(rig->records > records);
    CHECK(counts().replayed > ATTACK_TICKS);
    free(r.datagram);
}

static void datagrams_of_an_earlier_boot(void)
{
    for_each_seed(replay_of_an_earlier_boot);
}

/* The camera is new, its controller does not reach it, and it hears what was said a week ago, in its order
 * and at its pace. */
static void replay_of_last_week(void)
{
    struct recording r = record_all();
    rig_stop(rig);
    rig_skip_days(rig, 7);
    rig_start(rig);
    rig_renew_camera(rig, 0);
    rig->unplugged = true;
    const uint64_t records = rig->records;
    const int64_t later_us = rig->now_us - r.datagram[0].sent_us;
    for (int i = 0; i < r.count && !harness_failed();) {
        for (; i < r.count && r.datagram[i].sent_us + later_us <= rig->now_us; i++)
            inject(&r.datagram[i]);
        rig_run(rig, 1);
    }
    CHECK_INT((int64_t)records, (int64_t)rig->records);
    CHECK_INT(r.count, (int64_t)counts().replayed);
    rig->unplugged = false;
    rig_run_in(rig);
    CHECK(rig->records > records);
    free(r.datagram);
}

static void datagrams_of_last_week_for_a_new_camera(void)
{
    for_each_seed(replay_of_last_week);
}

/* Everything arrives, and late: by so little that it is no replay, and from the first message that the camera
 * hears. */
static void delay_everything(void)
{
    static const int64_t late_ms[] = {300, 700, 1500, 4500};
    for (size_t k = 0; k < sizeof late_ms / sizeof *late_ms; k++) {
        rig_renew_camera(rig, 0);
        rig->unplugged = true;
        int next = rig->wire->count;
        for (int i = 0; i < ATTACK_TICKS; i++) {
            rig_run(rig, 1);
            for (; next < rig->wire->count; next++) {
                const struct wire_datagram *d = &rig->wire->datagram[next % WIRE_KEPT_MAX];
                if (d->sent_us + late_ms[k] * 1000 > rig->now_us)
                    break;
                inject(d);
            }
        }
        rig->unplugged = false;
    }
}

static void everything_held_back(void)
{
    for_each_seed(delay_everything);
}

/* ---- what was never signed ---- */

/* Says that every group is red and enforceable, and has been for ten seconds. */
static void forge(const struct feed_key *key, const char *controller)
{
    struct feed_config ours = rig->config->feed;
    struct feed_message m = rig->full;
    char text[WIRE_OCTETS * 16];
    m.seq = rig->full.seq + 50;
    m.sent_us = rig->now_us + rig->mono_us;
    for (int i = 0; i < m.group_count; i++) {
        struct feed_state *state = &m.group[i];
        state->color = COLOR_RED;
        state->verified = state->enforceable = true;
        state->since_us = state->enforceable_since_us = state->red_since_us = m.sent_us - 10000000;
        state->since_error_us = 0;
    }
    m.valid = true;
    m.reasons = 0;
    snprintf(ours.controller, sizeof ours.controller, "%s", controller);
    ours.key_count = key ? 1 : 0;
    if (key)
        ours.key[0] = *key;
    const int length = feed_encode(&ours, &m, text, sizeof text);
    if (CHECK(length > 0) && CHECK_INT(0, feed_sign(&ours, text, (size_t)length, text + length)))
        rig_inject(rig, text, (size_t)length + feed_sign_length(&ours));
}

static const struct feed_key old_key = {.id = "one", .secret = "0123456789abcdef", .secret_length = 16};
static const struct feed_key new_key = {.id = "two", .secret = "fedcba9876543210", .secret_length = 16};

static void sign_with(const struct feed_key *first, const struct feed_key *second)
{
    struct feed_config *feed = &rig->config->feed;
    feed->key_count = 0;
    feed->key[feed->key_count++] = *first;
    if (second)
        feed->key[feed->key_count++] = *second;
}

/* A new receiver, which has this key. */
static void camera_with(const struct feed_key *key)
{
    const struct feed_config as_it_is = rig->config->feed;
    sign_with(key, NULL);
    rig_renew_camera(rig, 0);
    rig->config->feed = as_it_is;
}

static void forge_for_a_cycle(const struct feed_key *key, const char *controller)
{
    for (int i = 0; i < ATTACK_TICKS / 3; i++) {
        forge(key, controller);
        rig_run(rig, 1);
    }
}

static uint64_t records_of_a_cycle(void)
{
    const uint64_t before = rig->records;
    rig_run_in(rig);
    return rig->records - before;
}

static void roll_the_key(void)
{
    CHECK(records_of_a_cycle() > 0);
    sign_with(&old_key, &new_key); /* both for a while */
    CHECK(records_of_a_cycle() > 0);
    camera_with(&new_key);
    CHECK(records_of_a_cycle() > 0);
    CHECK_INT(0, (int64_t)counts().forged);
    sign_with(&new_key, NULL); /* the old one is withdrawn */
    CHECK(records_of_a_cycle() > 0);
    const uint64_t unknown = counts().unknown_key;
    forge_for_a_cycle(&old_key, rig->config->feed.controller);
    CHECK_INT((int64_t)unknown + ATTACK_TICKS / 3, (int64_t)counts().unknown_key);
    camera_with(&old_key); /* who was forgotten records nobody, and its count says why */
    CHECK_INT(0, (int64_t)records_of_a_cycle());
    CHECK(counts().unknown_key > 0);
    camera_with(&new_key);
}

static void a_key_rolled_and_the_old_one_stolen(void)
{
    for_each_seed(roll_the_key);
}

static void forgeries(void)
{
    const struct feed_key guessed = {.id = "one", .secret = "0123456789abcdeg", .secret_length = 16};
    forge_for_a_cycle(NULL, rig->config->feed.controller);
    CHECK_INT(ATTACK_TICKS / 3, (int64_t)counts().not_signed);
    forge_for_a_cycle(&new_key, rig->config->feed.controller);
    CHECK_INT(ATTACK_TICKS / 3, (int64_t)counts().unknown_key);
    forge_for_a_cycle(&guessed, rig->config->feed.controller);
    CHECK_INT(ATTACK_TICKS / 3, (int64_t)counts().forged);
    forge_for_a_cycle(&old_key, "quwo-99"); /* the neighbour's, who has the same key */
    CHECK_INT(ATTACK_TICKS / 3, (int64_t)counts().foreign);
    CHECK(records_of_a_cycle() > 0);
}

static void states_that_nobody_signed(void)
{
    for_each_seed(forgeries);
}

/* That the forgeries above are good ones: with the right key they do convict the innocent. */
static void the_right_key_is_all_there_is_between(void)
{
    seed = 1;
    begin();
    if (!rig)
        return;
    forge_for_a_cycle(&old_key, rig->config->feed.controller);
    CHECK(rig->false_records > 0);
    rig_free(rig);
}

/* ---- damage ---- */

/* All that the camera's receiver would say of the last ten seconds. */
struct opinion {
    struct sigstate_answer answer[CHANNELS_MAX][INSTANTS];
};

static void ask_all(struct opinion *opinion)
{
    memset(opinion, 0, sizeof *opinion);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        for (int i = 0; i < INSTANTS; i++)
            sigstate_at(rig->receiver, no, rig_camera_utc(rig) - i * INT64_C(250000), rig_camera_us(rig),
                        &opinion->answer[no - 1][i]);
    }
}

/* Every one is dropped, and counted as something. */
static void offer_damaged(const char *text, size_t length)
{
    char *exact = malloc(length + 1); /* so that reading beyond is found out */
    memcpy(exact, text, length);
    const enum sigstate_result result =
        sigstate_take(rig->receiver, exact, length, rig_camera_us(rig), rig_camera_utc(rig));
    CHECK(result < 0);
    free(exact);
}

static uint64_t dropped(void)
{
    const struct sigstate_counts c = counts();
    return c.malformed + c.not_signed + c.unknown_key + c.forged + c.foreign + c.replayed;
}

static void damage(const struct wire_datagram *d)
{
    char text[WIRE_OCTETS];
    const uint64_t before = dropped();
    memcpy(text, d->text, d->length);
    for (size_t bit = 0; bit < 8 * d->length && !harness_failed(); bit++) {
        harness_at("bit %zu of %.*s", bit, (int)d->length, d->text);
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        offer_damaged(text, d->length);
        text[bit / 8] = d->text[bit / 8];
    }
    for (size_t length = 0; length < d->length && !harness_failed(); length++) {
        harness_at("%zu octets of %.*s", length, (int)d->length, d->text);
        offer_damaged(text, length);
    }
    CHECK_INT((int64_t)(before + 9 * d->length), (int64_t)dropped());
}

/* The newest of its kind that was sent. */
static const struct wire_datagram *newest(enum feed_kind kind)
{
    int i = rig->wire->count - 1;
    while (i > 0 && rig->wire->datagram[i % WIRE_KEPT_MAX].kind != kind)
        i--;
    return &rig->wire->datagram[i % WIRE_KEPT_MAX];
}

static void a_bit_flipped_or_the_end_cut_off(void)
{
    static struct opinion before, after;
    seed = 1;
    begin();
    if (!rig)
        return;
    CHECK(rig_run_to_red(rig, VICTIM_NO, 3));
    rig->unplugged = true;
    ask_all(&before);
    damage(newest(FEED_CHANGE));
    damage(newest(FEED_FULL));
    damage(newest(FEED_ALIVE));
    ask_all(&after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    end();
}

/* Signed with the right key: the one who wrote it knows it, or is the controller gone mad. */
static void offer_signed(char *text, size_t length)
{
    const struct feed_config *feed = &rig->config->feed;
    CHECK_INT(0, feed_sign(feed, text, length, text + length));
    offer_damaged(text, length + feed_sign_length(feed));
}

static void json_a_megabyte_deep(void)
{
    static struct opinion before, after;
    static const size_t depths[] = {10, 1000, 60 * 1000, 120 * 1000, DEEP_OCTETS};
    seed = 1;
    begin();
    if (!rig)
        return;
    char *text = malloc(2 * DEEP_OCTETS + 1000);
    const struct wire_datagram *alive = newest(FEED_ALIVE);
    const size_t json = verifier_json_length(alive->text, alive->length);
    ask_all(&before);
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        harness_at("%zu deep", depths[i]);
        memset(text, '[', depths[i]);
        offer_signed(text, depths[i]);
        memset(text + depths[i], ']', depths[i]);
        offer_signed(text, 2 * depths[i]);
        /* Under a key that is none of the format's. */
        const int head = sprintf(text, "{\"later\":");
        memset(text + head, '[', depths[i]);
        memcpy(text + head + depths[i], alive->text + 1, json - 1);
        offer_signed(text, (size_t)head + depths[i] + json - 1);
    }
    ask_all(&after);
    CHECK(memcmp(&before, &after, sizeof before) == 0);
    free(text);
    end();
}

static const struct harness_test tests[] = {
    {"the controller is rebooted in red", a_reboot_in_red},
    {"datagrams of the same boot come again", datagrams_of_the_same_boot_again},
    {"datagrams of an earlier boot", datagrams_of_an_earlier_boot},
    {"datagrams of last week, for a new camera", datagrams_of_last_week_for_a_new_camera},
    {"everything is held back", everything_held_back},
    {"a key is rolled, and the old one stolen", a_key_rolled_and_the_old_one_stolen},
    {"states that nobody signed", states_that_nobody_signed},
    {"the right key is all there is between", the_right_key_is_all_there_is_between},
    {"a bit flipped, or the end cut off", a_bit_flipped_or_the_end_cut_off},
    {"JSON a megabyte deep", json_a_megabyte_deep},
};

int main(int argc, char **argv)
{
    last_seed = harness_seed_count(last_seed);
    return harness_run(argc, argv, tests, sizeof tests / sizeof *tests, NULL, NULL);
}
