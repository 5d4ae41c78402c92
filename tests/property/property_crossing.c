/* Vehicles are on their stop line from 200 ms before a red begins to 500 ms after, and clear of the junction
 * from 500 ms before the green begins to 200 ms after, in steps of 1 ms, while the feed comes over a bad
 * network and every clock and every lamp is as far off as it may be. Between the lamps and the camera stands
 * what stands there on the street: struct feed, signed text, datagrams with their repeats, the receiver, and
 * the camera that takes three pictures and waits for the final answer.
 *
 * Of a red, R is the instant at which the lamp truly lit, Y that of the yellow before, G that of the green
 * after it. A lamp may need a moment: S is the exchange that first found the red lit, else R itself; W is the
 * exchange that asked for the green (or the one before, if that was lost), and w how long after it the green
 * was found. e is what the bus states of its instants, d what the feed's clock and the camera's state
 * together. Every true error is drawn from what is stated, or lies at its very end. Of a crossing, t is the
 * first picture and u the last.
 *
 * It must not be recorded if t < R or u >= G, for then it was on yellow or green; nor if the yellow was
 * shorter than its floor by more than the 50 ms that docs/feed.md grants.
 *
 * It must be recorded if S + 4e + 2d <= t and u < W - w - 4e - 2d, the yellow was full and lit in time, no
 * exchange was lost at its ends, and the feed lives. Twice each error, because the true instant and the
 * stated one may lie on either side of each other; and two exchanges are in it where a lamp needs a moment.
 *
 * Anything else may be recorded or not: the errors leave both open.
 *
 * The feed lives for a crossing, if by the first message that leaves nothing to be changed (sent a second
 * after u) every change that was sent has arrived in one copy at least, or a full that was sent after it and
 * before W; and messages cover every second that reaches beyond R. Nothing here asks the receiver: it is the
 * network that counts. (Where it is silent for long, a camera may have more undecided cases than it can hold.
 * Who finds no room is not demanded either.)
 *
 *     property_crossing         a fixed list of seeds; PROPERTY_SEEDS=N makes it N long
 *     property_crossing SEED    this one */
#include "../../io/cabinet_map.h"
#include "../../io/sigstate_message.h"
#include "../../sim/camera.h"
#include "crossing/wire.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUPS = 2,
    CYCLE_TICKS = 163, /* no whole number of seconds: every edge meets the beat of the feed elsewhere */
    CYCLES = 12,
    GREEN_TICKS = 20,
    YELLOW_TICKS = 30,
    BEFORE_MS = 200,
    AFTER_MS = 500,
    SWEEP = BEFORE_MS + AFTER_MS + 1,
    EDGES = GROUPS * CYCLES,
    FLOOR_US = 3000 * 1000,
    GRANTED_US = 50 * 1000,
    BUS_MIN_US = 5 * 1000,
    BUS_MAX_US = 35 * 1000,
    LAG_MAX_US = 160 * 1000,
    LATE_TICKS = 4, /* by then every lamp is lit */
    STRIDE_US = 350 * 1000,
    STEP_US = 10 * 1000,
    TICK_US = TICK_MS * 1000,
};

/* The world's time begins at 0; the controller's and the camera's monotonic clocks somewhere else. */
#define CONTROLLER_US INT64_C(81234567890)
#define CAMERA_US     INT64_C(5555555)
#define UTC_US        INT64_C(1795334400000000)

static const int begins_tick[GROUPS] = {5, 85}; /* of each group's green in the cycle */

/* One red, as it truly was. */
struct red {
    int64_t yellow_us, begin_us, end_us; /* Y, R, G */
    int64_t sure_from_us, sure_to_us;    /* S, W - w */
    int64_t asked_us;                    /* W */
    bool unproven; /* the yellow was lit late, or an exchange was lost at either end of it */
};

struct crossing {
    int64_t at_us[CAMERA_PICTURES];
    int red_ix;
    int taken;    /* pictures */
    bool crowded; /* the camera had no eye for it: too many wait for a final answer */
    bool captured;
};

struct clocks {
    int32_t feed_us, camera_us;           /* stated */
    int32_t feed_true_us, camera_true_us; /* how far off they are */
};

struct trial {
    uint64_t seed;
    struct clocks clocks;
    int32_t bus_error_us; /* stated */
    struct wire *wire;
    struct feed *feed;
    struct sigstate *receiver;
    struct camera camera;
    struct cabinet_exchange x;
    int64_t now_us;
    struct red red[EDGES];
    int crossings;
    struct crossing crossing[2 * SWEEP];
    int reported; /* crossings that the camera has seen the end of, in the order of time */
};

static struct config config;
static struct intersection junction;
static struct trial trial;
static uint64_t demanded, open_either_way, forbidden, not_alive;

/* ---- what truly happens, drawn in advance ---- */

static struct rng draw(uint64_t what, int64_t nth)
{
    return rng_stream(trial.seed * 16 + what, (uint64_t)nth);
}

/* When the exchange of a tick is taken. */
static int64_t taken_us(int64_t tick)
{
    struct rng rng = draw(2, tick);
    return tick * TICK_US + BUS_MIN_US + (int64_t)(rng_unit(&rng) * (BUS_MAX_US - BUS_MIN_US));
}

enum answer { ANSWERED, ANSWER_LOST, WRITE_LOST };

/* In every tenth exchange something is lost on the way, but never twice in a row. */
static enum answer answer_of(int64_t tick)
{
    struct rng rng = draw(7, tick);
    if (tick % 2 == 0 || !rng_chance(&rng, 0.2))
        return ANSWERED;
    return rng_chance(&rng, 0.5) ? ANSWER_LOST : WRITE_LOST;
}

/* One in four lamps needs a moment to light, no longer than the feed grants: the second exchange after the
 * one that asks for it finds it lit. The colour before burns until then. */
static int64_t lag_us(int64_t tick, int group_ix)
{
    struct rng rng = draw(3 + (uint64_t)group_ix, tick);
    return rng_chance(&rng, 0.25) ? (int64_t)(rng_unit(&rng) * LAG_MAX_US) : 0;
}

/* One yellow in six is too short. */
static int yellow_ticks(int cycle, int group_ix)
{
    struct rng rng = draw(5 + (uint64_t)group_ix, cycle);
    return rng_chance(&rng, 1.0 / 6) ? YELLOW_TICKS - 5 : YELLOW_TICKS;
}

/* The tick in which a group begins to show a colour in a cycle; cycle CYCLES has a green to end the last red.
 */
static int64_t begin_tick(int cycle, int group_ix, enum feed_color color)
{
    int64_t tick = (int64_t)cycle * CYCLE_TICKS + begins_tick[group_ix];
    if (color != COLOR_GREEN)
        tick += GREEN_TICKS;
    if (color == COLOR_RED)
        tick += yellow_ticks(cycle, group_ix);
    return tick;
}

static int64_t lit_us(int64_t tick, int group_ix)
{
    return taken_us(answer_of(tick) == WRITE_LOST ? tick + 1 : tick) + lag_us(tick, group_ix);
}

/* When a lamp that is to change in this tick is first found to have done so. */
static int64_t found_us(int64_t tick, int group_ix)
{
    const int64_t since_us = lit_us(tick, group_ix);
    while (taken_us(tick) < since_us || answer_of(tick) != ANSWERED)
        tick++;
    return taken_us(tick);
}

/* The bus says of an exchange after a lost one that it may have been taken as early as that. */
static int64_t earliest_us(int64_t tick)
{
    return taken_us(answer_of(tick - 1) == ANSWERED ? tick : tick - 1);
}

static void foresee_reds(void)
{
    for (int i = 0; i < EDGES; i++) {
        const int cycle = i / GROUPS, group_ix = i % GROUPS;
        const int64_t yellow_tick = begin_tick(cycle, group_ix, COLOR_YELLOW);
        const int64_t red_tick = begin_tick(cycle, group_ix, COLOR_RED);
        const int64_t green_tick = begin_tick(cycle + 1, group_ix, COLOR_GREEN);
        trial.red[i] = (struct red){
            .yellow_us = lit_us(yellow_tick, group_ix),
            .begin_us = lit_us(red_tick, group_ix),
            .end_us = lit_us(green_tick, group_ix),
            .sure_from_us = found_us(red_tick, group_ix),
            .sure_to_us = 2 * earliest_us(green_tick) - found_us(green_tick, group_ix),
            .asked_us = taken_us(green_tick),
            .unproven = lag_us(yellow_tick, group_ix) > 0 || answer_of(yellow_tick) != ANSWERED ||
                        answer_of(red_tick - 1) != ANSWERED,
        };
    }
}

static int by_time(const void *a, const void *b)
{
    const struct crossing *x = a, *y = b;
    return (x->at_us[0] > y->at_us[0]) - (x->at_us[0] < y->at_us[0]);
}

/* Each is at the line, over it and further on within so long; `at_us` is when it is at one of these places.
 */
static struct crossing cross(int red_ix, int place, int64_t at_us)
{
    struct crossing c = {.red_ix = red_ix};
    for (int i = 0; i < CAMERA_PICTURES; i++)
        c.at_us[i] = at_us + (i - place) * STRIDE_US;
    return c;
}

/* Every millisecond of both sweeps once, dealt out to the reds: the first picture around the beginning of a
 * red, the last one around its end. */
static void foresee_crossings(void)
{
    for (int i = 0; i < SWEEP; i++) {
        const int red_ix = (int)((trial.seed + (uint64_t)i) % EDGES);
        const struct red *red = &trial.red[red_ix];
        trial.crossing[i] = cross(red_ix, PLACE_LINE, red->begin_us + (i - BEFORE_MS) * 1000);
        trial.crossing[SWEEP + i] = cross(red_ix, PLACE_FAR, red->end_us + (i - AFTER_MS) * 1000);
    }
    trial.crossings = 2 * SWEEP;
    qsort(trial.crossing, 2 * SWEEP, sizeof *trial.crossing, by_time);
}

/* ---- the street ---- */

static void make_junction(void)
{
    config.approach_count = 1;
    strcpy(config.approach[0].id, "S");
    config.approach[0].lane_count = GROUPS;
    strcpy(config.feed.controller, "test-01");
    config.feed.group_count = GROUPS;
    config.feed.key_count = 1;
    config.feed.key[0] = (struct feed_key){.id = "a", .secret = "0123456789abcdef", .secret_length = 16};
    config.feed.destination_count = 1;
    config.camera_count = 1;
    config.camera[0] =
        (struct camera_config){.kind = CAMERA_RED_LIGHT, .approach = "S", .lane_count = GROUPS};
    for (uint8_t i = 0; i < GROUPS; i++) {
        config.approach[0].lane[i] = (struct lane_config){
            .no = i + 1, .movements = MOVE_THROUGH, .through_group_no = i + 1, .length_m = 200};
        config.feed.group[i] =
            (struct feed_group){.no = i + 1, .phase_no = i + 1, .yellow_floor_ms = FLOOR_US / 1000};
        config.camera[0].lane[i] = i + 1;
        channel_add(&config.card.used, i + 1);
    }
    intersection_init(&junction, &config);
}

static void hear(void *arg, const char *text, size_t length, int64_t now_us)
{
    (void)arg;
    /* Handed over in memory of its own size, so that reading beyond it is found out. */
    char *exact = malloc(length);
    memcpy(exact, text, length);
    sigstate_take(trial.receiver, exact, length, now_us + CAMERA_US,
                  now_us + UTC_US + trial.clocks.camera_true_us);
    free(exact);
}

static bool note_record(void *arg, enum camera_event event, const struct camera_case *the_case)
{
    (void)arg;
    if (event == CAMERA_RECORD)
        trial.crossing[the_case->vehicle_no].captured = true;
    return true;
}

/* One picture of a crossing, if its time has come. */
static void show(int ix)
{
    struct crossing *c = &trial.crossing[ix];
    if (c->taken == CAMERA_PICTURES || c->at_us[c->taken] > trial.now_us)
        return;
    const struct passing passing = {
        .vehicle_no = (uint32_t)ix,
        .lane_ix = (uint8_t)(c->red_ix % GROUPS),
        .turn = TURN_THROUGH,
        .place = (enum place)c->taken,
        .at_us = c->at_us[c->taken] + CAMERA_US,
        .utc_us = c->at_us[c->taken] + UTC_US + trial.clocks.camera_true_us,
    };
    c->crowded |= c->taken++ == 0 && trial.camera.busy == UINT64_MAX;
    camera_passed(&trial.camera, &passing);
}

static void show_crossings(void)
{
    for (int i = trial.reported; i < trial.crossings && trial.crossing[i].at_us[0] <= trial.now_us; i++)
        show(i);
    while (trial.reported < trial.crossings && trial.crossing[trial.reported].taken == CAMERA_PICTURES)
        trial.reported++;
}

static void pass(int64_t until_us)
{
    while (trial.now_us < until_us) {
        trial.now_us = trial.now_us + STEP_US < until_us ? trial.now_us + STEP_US : until_us;
        wire_advance(trial.wire, trial.now_us);
        show_crossings();
        camera_poll(&trial.camera, trial.now_us + CAMERA_US);
    }
}

/* ---- the controller ---- */

static struct feed_clock feed_clock(void)
{
    return (struct feed_clock){CLOCK_SYNCED, trial.clocks.feed_us,
                               UTC_US - CONTROLLER_US + trial.clocks.feed_true_us};
}

static enum feed_color commanded(int64_t tick, int group_ix)
{
    const int cycle = (int)(tick / CYCLE_TICKS);
    if (tick < begin_tick(cycle, group_ix, COLOR_GREEN) || tick >= begin_tick(cycle, group_ix, COLOR_RED))
        return COLOR_RED;
    return tick < begin_tick(cycle, group_ix, COLOR_YELLOW) ? COLOR_GREEN : COLOR_YELLOW;
}

/* What burns of a group: the colour of the tick before while the lamp of this one's lags. */
static enum feed_color burning(int64_t tick, int group_ix)
{
    const int64_t at_us = taken_us(tick);
    int64_t began = tick;
    const enum feed_color color = commanded(tick, group_ix);
    while (began > 0 && tick - began < LATE_TICKS && commanded(began - 1, group_ix) == color)
        began--;
    return began > 0 && tick - began < LATE_TICKS && at_us < lit_us(began, group_ix)
               ? commanded(began - 1, group_ix)
               : color;
}

static void light(struct channel_mask mask[3], int group_ix, enum feed_color color)
{
    channel_add(&mask[color == COLOR_RED ? 0 : color == COLOR_YELLOW ? 1 : 2], group_ix + 1);
}

static void exchange(int64_t tick)
{
    struct cabinet_exchange *x = &trial.x;
    struct channel_mask asked[3] = {0}, found[3] = {0};
    struct rng rng = draw(8, tick);
    const struct feed_clock clock = feed_clock();
    for (int i = 0; i < GROUPS; i++) {
        light(asked, i, commanded(tick, i));
        light(found, i, burning(tick, i));
    }
    x->output.seq++;
    x->output.tick_us = tick * TICK_US + CONTROLLER_US;
    x->output.frame = (struct frame){.red = asked[0], .yellow = asked[1], .green = asked[2]};
    x->image.red = found[0];
    x->image.yellow = found[1];
    x->image.green = found[2];
    /* Where the answer before was lost, the cabinet may have taken that write already. */
    const int64_t unsure_us = answer_of(tick - 1) == ANSWERED ? 0 : (taken_us(tick) - taken_us(tick - 1)) / 2;
    x->error_us = trial.bus_error_us + (int32_t)unsure_us;
    x->taken_us = taken_us(tick) - unsure_us + CONTROLLER_US +
                  (int64_t)(rng_between(&rng, -1, 1) * (double)trial.bus_error_us);
    trial.wire->now_us = trial.now_us;
    feed_exchange_at(trial.feed, x, &clock, trial.now_us + CONTROLLER_US);
}

static void poll_feed(void)
{
    const struct feed_clock clock = feed_clock();
    trial.wire->now_us = trial.now_us;
    feed_poll(trial.feed, trial.now_us + CONTROLLER_US, &clock);
}

static void run_tick(int64_t tick)
{
    pass(tick * TICK_US);
    poll_feed();
    pass(taken_us(tick) + trial.bus_error_us); /* the middle of the transaction is over, and its end */
    if (answer_of(tick) == ANSWERED)
        exchange(tick);
    pass(tick * TICK_US + TICK_US / 2);
    poll_feed();
}

/* ---- the verdict ---- */

/* When the camera decides: as soon as it has news so late that nothing to come changes the answer. INT64_MAX:
 * it never has. */
static int64_t decided_us(int64_t last_us)
{
    const struct wire *wire = trial.wire;
    const int64_t final_us = last_us + SIGSTATE_FINAL_US + trial.clocks.feed_us + trial.clocks.camera_us;
    int64_t heard_us = INT64_MAX;
    for (int i = wire->count - 1; i >= 0 && wire->datagram[i].sent_us >= final_us; i--) {
        if (wire->datagram[i].arrived_us < heard_us)
            heard_us = wire->datagram[i].arrived_us;
    }
    return heard_us;
}

/* Whether what the network delivered by then says all there is to say of a crossing. */
static bool feed_lives(const struct red *red, int64_t last_us)
{
    const int64_t by_us = decided_us(last_us);
    const struct wire *wire = trial.wire;
    int64_t full_sent_us = INT64_MIN, covered_us = 0;
    if (by_us == INT64_MAX)
        return false;
    for (int i = 0; i < wire->count && wire->datagram[i].sent_us <= by_us; i++) {
        const struct wire_datagram *d = &wire->datagram[i];
        if (d->arrived_us > by_us)
            continue;
        if (d->sent_us >= red->begin_us && d->sent_us - covered_us > SIGSTATE_SILENCE_US)
            return false;
        covered_us = d->sent_us;
        if (d->kind == FEED_FULL && d->sent_us < red->asked_us)
            full_sent_us = d->sent_us;
    }
    for (int i = 0; i < wire->count && wire->datagram[i].sent_us <= covered_us; i++) {
        const struct wire_datagram *d = &wire->datagram[i];
        if (d->kind == FEED_CHANGE && d->sent_us > full_sent_us && d->arrived_us > by_us)
            return false;
    }
    return true;
}

static void judge(const struct crossing *c)
{
    const struct red *red = &trial.red[c->red_ix];
    const int64_t first_us = c->at_us[0], last_us = c->at_us[CAMERA_PICTURES - 1];
    const int64_t unsure_us = 4 * trial.bus_error_us + 2 * (trial.clocks.feed_us + trial.clocks.camera_us);
    const int64_t yellow_us = red->begin_us - red->yellow_us;
    const bool was_red = first_us >= red->begin_us && last_us < red->end_us;
    const bool full = yellow_us >= FLOOR_US - GRANTED_US;
    harness_at("seed %llu: red %d, from %lld us after it began to %lld us before it ended, yellow of %lld us",
               (unsigned long long)trial.seed, c->red_ix, (long long)(first_us - red->begin_us),
               (long long)(red->end_us - last_us), (long long)yellow_us);
    if (!was_red || !full) {
        forbidden++;
        CHECK(!c->captured);
    } else if (first_us < red->sure_from_us + unsure_us || last_us >= red->sure_to_us - unsure_us ||
               red->unproven || yellow_us < FLOOR_US - (BUS_MAX_US - BUS_MIN_US)) {
        open_either_way++;
    } else if (c->crowded || !feed_lives(red, last_us)) {
        not_alive++;
    } else {
        demanded++;
        CHECK(c->captured);
    }
}

static void run_trial(uint64_t seed, const struct clocks *clocks, const struct wire_manners *manners)
{
    memset(&trial, 0, sizeof trial);
    trial.seed = seed;
    trial.clocks = *clocks;
    trial.bus_error_us = seed % 2 ? 500 : 5000;
    trial.wire = malloc(sizeof *trial.wire);
    trial.feed = feed_new(&config.feed, 1, wire_send, trial.wire);
    trial.receiver = sigstate_open_feed(&config.feed, clocks->camera_us);
    if (!CHECK(trial.wire != NULL && trial.feed != NULL && trial.receiver != NULL))
        return;
    camera_init(&trial.camera, &config.camera[0], &junction, trial.receiver, note_record, NULL);
    wire_init(trial.wire, &config.feed, manners, seed, hear, NULL);
    foresee_reds();
    foresee_crossings();
    for (int64_t tick = 0; tick < CYCLES * CYCLE_TICKS + GREEN_TICKS + begins_tick[GROUPS - 1] + 50; tick++)
        run_tick(tick);
    CHECK_INT(trial.crossings, trial.reported);
    for (int i = 0; i < trial.crossings && !harness_failed(); i++)
        judge(&trial.crossing[i]);
    sigstate_close(trial.receiver);
    feed_free(trial.feed);
    free(trial.wire);
}

/* ---- the trials ---- */

static uint64_t first_seed = 1, last_seed = 1;

/* The network of a trial: with everything else as told, its delay lies anywhere up to 80 ms. */
static struct wire_manners manners_of(struct rng *rng, double loss, double muted, bool reordered,
                                      bool doubled)
{
    const int64_t delay_us = (int64_t)rng_between(rng, 0, 80 * 1000);
    return (struct wire_manners){.loss = loss,
                                 .muted = muted,
                                 .doubled = doubled ? 0.3 : 0,
                                 .delay_us = reordered ? 0 : delay_us,
                                 .jitter_us = reordered ? 80 * 1000 : 0};
}

/* Clocks that agree, and clocks that differ by up to 50 ms, as they say themselves. */
static struct clocks clocks_of(struct rng *rng, bool apart)
{
    struct clocks c = {.feed_us = 400, .camera_us = 0};
    if (!apart) {
        c.feed_true_us = rng_chance(rng, 0.5) ? 400 : -400;
        return c;
    }
    c.feed_us = (int32_t)rng_between(rng, 0, 50 * 1000);
    c.camera_us = 50 * 1000 - c.feed_us;
    const double part = rng_chance(rng, 0.5) ? 1 : rng_between(rng, -1, 1);
    const double sign = rng_chance(rng, 0.5) ? 1 : -1;
    c.feed_true_us = (int32_t)(sign * part * c.feed_us);
    c.camera_true_us = (int32_t)(-sign * part * c.camera_us);
    return c;
}

static void sweep(double loss, double muted)
{
    demanded = open_either_way = forbidden = not_alive = 0;
    for (uint64_t seed = first_seed; seed <= last_seed && !harness_failed(); seed++) {
        for (unsigned kind = 0; kind < 8 && !harness_failed(); kind++) {
            struct rng rng = rng_stream(seed, 100 + kind);
            const struct wire_manners manners = manners_of(&rng, loss, muted, kind & 1, kind & 2);
            const struct clocks clocks = clocks_of(&rng, kind & 4);
            run_trial(seed * 8 + kind, &clocks, &manners);
        }
    }
    harness_at("over all");
    CHECK(demanded > 0 && forbidden > 0);
    printf(
        "    crossings: %llu must be recorded, %llu must not, %llu may, of %llu the feed told too little\n",
        (unsigned long long)demanded, (unsigned long long)forbidden, (unsigned long long)open_either_way,
        (unsigned long long)not_alive);
}

static void nothing_lost(void)
{
    sweep(0, 0);
    CHECK_INT(0, (int64_t)not_alive);
}

static void one_in_a_hundred_lost(void)
{
    sweep(0.01, 0);
}

static void one_in_twenty_lost(void)
{
    sweep(0.05, 0);
}

static void one_in_five_lost(void)
{
    sweep(0.2, 0);
    CHECK(demanded > 4 * not_alive);
}

/* Whatever the repeats are for: changes that never come, and fulls that would have told of them. */
static void whole_messages_lost(void)
{
    sweep(0, 0.4);
}

static const struct harness_test tests[] = {
    {"around both edges of red, every crossing as the lamp was", nothing_lost},
    {"and with 1 % of the datagrams lost", one_in_a_hundred_lost},
    {"and with 5 %", one_in_twenty_lost},
    {"and with 20 %", one_in_five_lost},
    {"and with whole messages lost", whole_messages_lost},
};

int main(int argc, char **argv)
{
    harness_seeds(&argc, argv, &first_seed, &last_seed);
    make_junction();
    return harness_run(argc, argv, tests, sizeof tests / sizeof *tests, NULL, NULL);
}
