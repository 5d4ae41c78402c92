#include "rig.h"
#include "../../../io/sigstate_message.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUS_MIN_US = 5 * 1000,
    BUS_MAX_US = 35 * 1000,
    BUS_ERROR_US = 2000,
    CLOCK_ERROR_US = 400,
    GRANTED_US = 50 * 1000,
    MEASURE_US = 16 * 1000 * 1000,
    LONG_US = 60 * 1000 * 1000,
    OVER_TICKS = 3, /* from the line to the other places */
    FAR_TICKS = 7,
    RUN_IN_TICKS = 3000,
    DETECTORS = 20, /* of the config */
};

static const double BUS_LOSS = 0.03; /* share of exchanges */

#define CAMERA_US INT64_C(777000000) /* the camera's monotonic clock less the world's */

const struct channel_mask rig_all_groups = {{UINT64_MAX, UINT64_MAX}};

static void note(struct rig *rig, const char *what, int group_no, int64_t at_us)
{
    if (rig->what[0] == '\0')
        snprintf(rig->what, sizeof rig->what, "group %d, %lld.%06lld s: %s", group_no,
                 (long long)(at_us / 1000000), (long long)(at_us % 1000000), what);
}

/* ---- the truth ---- */

static bool doubted(const struct rig *rig, int group_no, int64_t at_us)
{
    return channel_has(&rig->doubt.groups, group_no) && at_us >= rig->doubt.from_us &&
           at_us < rig->doubt.to_us;
}

/* Why a crossing may not be recorded; NULL: it may. */
static const char *objection(const struct rig *rig, int group_no, int64_t at_us)
{
    const struct lamp_span *before;
    const struct lamp_span *span = lamp_at(&rig->cabinet.lamps.lamp[group_no - 1], at_us, &before);
    const int64_t floor_us = rig->config->card.yellow_floor_ms[group_no - 1] * INT64_C(1000);
    if (doubted(rig, group_no, at_us))
        return "recorded in doubt";
    if (at_us >= rig->flash_from_us && at_us < rig->flash_to_us)
        return "recorded in flash";
    if (span->color != LAMP_RED || span->since_us > at_us)
        return "recorded without a red";
    if (at_us - span->since_us >= LONG_US)
        return NULL;
    if (before->color != LAMP_YELLOW || span->since_us - before->since_us < floor_us - GRANTED_US)
        return "recorded without a full yellow";
    return NULL;
}

static bool note_record(void *arg, enum camera_event event, const struct camera_case *the_case)
{
    struct rig *rig = arg;
    if (event != CAMERA_RECORD)
        return true;
    rig->records++;
    for (int i = 0; i < CAMERA_PICTURES; i++) {
        const int64_t at_us = the_case->picture[i].at_us - CAMERA_US;
        const char *why = objection(rig, the_case->group_no, at_us);
        if (why) {
            rig->false_records++;
            note(rig, why, the_case->group_no, at_us);
            break;
        }
    }
    return true;
}

static void note_flash(struct rig *rig)
{
    const bool flash = sim_cabinet_flashes(&rig->cabinet) || rig->exchange.output.frame.all_flash;
    if (flash && !rig->flash) {
        rig->flash_from_us = rig->now_us;
        rig->flash_to_us = INT64_MAX;
    } else if (!flash && rig->flash) {
        rig->flash_to_us = rig->now_us;
    }
    rig->flash = flash;
}

/* ---- the feed ---- */

static int64_t camera_utc_us(const struct rig *rig)
{
    return rig->one_clock ? rig->utc_us : RIG_UTC_US;
}

int64_t rig_camera_us(const struct rig *rig)
{
    return rig->now_us + CAMERA_US;
}

int64_t rig_camera_utc(const struct rig *rig)
{
    return rig->now_us + camera_utc_us(rig);
}

/* What comes from a wire, or from anybody who has one. */
static void take(struct rig *rig, const char *text, size_t length, int64_t now_us)
{
    sigstate_take(rig->receiver, text, length, now_us + CAMERA_US, now_us + camera_utc_us(rig));
}

static void hear(void *arg, const char *text, size_t length, int64_t now_us)
{
    struct rig *rig = arg;
    if (!rig->unplugged)
        take(rig, text, length, now_us);
}

static void emit(void *arg, const struct feed_message *message)
{
    struct rig *rig = arg;
    for (int i = 0; i < message->group_count; i++) {
        const struct feed_state *state = &message->group[i];
        const int no = rig->config->feed.group[state->group_ix].no;
        (state->enforceable ? channel_add : channel_remove)(&rig->told, no);
    }
    if (message->kind == FEED_FULL)
        rig->full = *message;
    wire_send(rig->wire, message);
}

/* Between two ticks, where a test may have declared the end of its doubt. */
static void check_bits(struct rig *rig)
{
    const bool doubt = rig->now_us >= rig->doubt.from_us + RIG_NOTICE_US && rig->now_us < rig->doubt.to_us;
    const bool flash = rig->flash && rig->now_us >= rig->flash_from_us + RIG_NOTICE_US;
    if (rig->unplugged || !(doubt || flash))
        return;
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (channel_has(&rig->told, no) && (flash || channel_has(&rig->doubt.groups, no))) {
            rig->doubted_bits++;
            note(rig, "called enforceable in doubt", no, rig->now_us);
        }
    }
}

/* Once a second: what chronyd says of the clock, which it holds against its source every 16 s; or the kernel,
 * which is told by nobody that a clock is right that somebody has set. */
static void look_at_clock(struct rig *rig)
{
    const int64_t wrong_us = rig->utc_us - RIG_UTC_US;
    struct feed_clock clock;
    if (rig->now_us - rig->measured_us >= MEASURE_US || rig->measured_us == 0) {
        rig->measured_us = rig->now_us;
        rig->measured_error_us = llabs(wrong_us);
    }
    const struct clock_reading reading = {
        .source = rig->by_kernel ? CLOCK_KERNEL : CLOCK_CHRONY,
        .disciplined = !rig->unkept && (!rig->by_kernel || wrong_us == 0),
        .error_us = CLOCK_ERROR_US + rig->measured_error_us,
        .measured_us = rig->by_kernel ? -1 : rig->measured_us + rig->utc_us,
        .now_us = rig->now_us + rig->mono_us,
        .utc_offset_us = rig->utc_us - rig->mono_us,
    };
    clock_judge(&rig->clock_watch, &reading, &clock, &rig->evidence);
}

static void poll_feed(struct rig *rig)
{
    if (!rig->feed)
        return;
    rig->wire->now_us = rig->now_us;
    feed_poll(rig->feed, rig->now_us + rig->mono_us, &rig->evidence);
}

/* ---- the bus ---- */

static int64_t port_read(struct cabinet *port, struct cabinet_image *image, int64_t now_us)
{
    const struct rig *rig = (const struct rig *)port;
    if (!rig->heard)
        return -1;
    *image = rig->exchange.image;
    return now_us - rig->exchange.taken_us;
}

static void read_back(const struct rig *rig, struct cabinet_image *image)
{
    struct channel_mask *lit[3] = {&image->red, &image->yellow, &image->green};
    sim_cabinet_image(&rig->cabinet, image);
    image->preempt = rig->preempt;
    for (int color = 0; color < 3; color++) {
        for (int i = 0; i < 2; i++) {
            lit[color]->word[i] |= rig->phantom[color].word[i];
            lit[color]->word[i] &= ~rig->unseen[color].word[i];
        }
    }
}

static void port_write(struct cabinet *port, const struct output *output)
{
    struct rig *rig = (struct rig *)port;
    struct cabinet_exchange *x = &rig->exchange;
    if (rig->cut || rng_chance(&rig->rng, BUS_LOSS))
        return;
    if (output->healthy)
        rig->heartbeat++;
    struct cabinet_command command = {.heartbeat = rig->heartbeat, .healthy = output->healthy};
    cabinet_map_lit(output, &command.red, &command.yellow, &command.green);
    rig->now_us += (int64_t)rng_between(&rig->rng, BUS_MIN_US, BUS_MAX_US);
    sim_cabinet_take(&rig->cabinet, &command, rig->now_us);
    x->output = *output;
    x->error_us = BUS_ERROR_US;
    x->taken_us =
        rig->now_us + rig->mono_us + (int64_t)(rng_between(&rig->rng, -1, 1) * (double)BUS_ERROR_US);
    read_back(rig, &x->image);
    rig->heard = true;
    note_flash(rig);
    rig->wire->now_us = rig->now_us + BUS_ERROR_US;
    feed_exchange_at(rig->feed, x, &rig->evidence, rig->wire->now_us + rig->mono_us);
}

/* ---- the course of things ---- */

static void pass(struct rig *rig, int64_t until_us)
{
    rig->now_us = until_us;
    wire_advance(rig->wire, until_us);
    camera_poll(&rig->camera, until_us + CAMERA_US);
}

/* The camera sees one who crossed so many ticks ago at this place. */
static void show(struct rig *rig, uint64_t ticks_ago, enum place place)
{
    if (rig->ticks < ticks_ago)
        return;
    const uint64_t crossed = rig->ticks - ticks_ago;
    const int ix = (int)(crossed % (uint64_t)rig->line_count);
    struct rng rng = rng_stream(rig->seed, crossed);
    const int64_t at_us = (int64_t)rig->ticks * RIG_TICK_US + (int64_t)(rng_unit(&rng) * RIG_TICK_US);
    const struct passing passing = {
        .vehicle_no = (uint32_t)crossed + 1,
        .lane_ix = rig->line[ix].lane_ix,
        .turn = rig->line[ix].turn,
        .place = place,
        .at_us = at_us + CAMERA_US,
        .utc_us = at_us + camera_utc_us(rig),
    };
    camera_passed(&rig->camera, &passing);
}

/* The next in turn crosses his line within this tick; the ones before are further on. */
static void run_reds(struct rig *rig)
{
    show(rig, 0, PLACE_LINE);
    show(rig, OVER_TICKS, PLACE_OVER);
    show(rig, FAR_TICKS, PLACE_FAR);
}

static void tick(struct rig *rig)
{
    const int64_t tick_us = (int64_t)rig->ticks * RIG_TICK_US;
    check_bits(rig);
    pass(rig, tick_us);
    if (rig->ticks % 10 == 3)
        look_at_clock(rig);
    poll_feed(rig);
    rig->cabinet.vehicle.word[0] = (UINT64_C(1) << DETECTORS) - 1; /* somebody waits everywhere */
    if (rig->app)
        app_step(rig->app, tick_us + rig->mono_us);
    pass(rig, tick_us + RIG_TICK_US / 2);
    rig->cabinet.faults = rig->faults;
    sim_cabinet_advance(&rig->cabinet, rig->now_us);
    note_flash(rig);
    poll_feed(rig);
    pass(rig, tick_us + RIG_TICK_US);
    run_reds(rig);
    rig->ticks++;
}

void rig_run(struct rig *rig, int ticks)
{
    while (ticks-- > 0)
        tick(rig);
}

bool rig_runs(const struct rig *rig)
{
    struct app_status status;
    if (!rig->app || sim_cabinet_flashes(&rig->cabinet))
        return false;
    app_get_status(rig->app, &status);
    return status.engine.unit == UNIT_RUNNING && !status.frame.all_flash;
}

void rig_run_in(struct rig *rig)
{
    for (int i = 0; i < rig->line_count; i++) {
        if (!CHECK(rig_run_to_red(rig, rig->line[i].group_no, 1)))
            return;
    }
}

bool rig_had_its_green(const struct rig *rig, int group_no, int64_t since_us)
{
    const struct lamp *lamp = &rig->cabinet.lamps.lamp[group_no - 1];
    const struct lamp_span *green = &lamp->span[(lamp->newest + LAMP_HISTORY - 2) % LAMP_HISTORY];
    return lamp_now(lamp)->color == LAMP_RED && lamp_before(lamp)->color == LAMP_YELLOW &&
           green->color == LAMP_GREEN && green->since_us >= since_us;
}

bool rig_run_to_red(struct rig *rig, int group_no, int ticks)
{
    const struct lamp *lamp = &rig->cabinet.lamps.lamp[group_no - 1];
    const int64_t from_us = rig->now_us;
    for (int i = 0; i < RUN_IN_TICKS; i++) {
        if (rig_had_its_green(rig, group_no, from_us) &&
            rig->now_us - lamp_now(lamp)->since_us >= (int64_t)ticks * RIG_TICK_US)
            return true;
        tick(rig);
    }
    return false;
}

void rig_run_to_picture(struct rig *rig, int group_no)
{
    while (rig->line[(rig->ticks - FAR_TICKS) % (uint64_t)rig->line_count].group_no != group_no)
        tick(rig);
}

void rig_doubt(struct rig *rig, const struct channel_mask *groups)
{
    rig->doubt.groups = *groups;
    rig->doubt.from_us = rig->now_us;
    rig->doubt.to_us = INT64_MAX;
}

void rig_trust(struct rig *rig)
{
    rig->doubt.to_us = rig->now_us - RIG_TICK_US;
}

void rig_inject(struct rig *rig, const char *text, size_t length)
{
    take(rig, text, length, rig->now_us);
}

/* ---- beginning and end ---- */

void rig_renew_camera(struct rig *rig, int32_t clock_error_us)
{
    rig->one_clock = clock_error_us == SIGSTATE_SAME_CLOCK;
    sigstate_close(rig->receiver);
    rig->receiver = sigstate_open_feed(&rig->config->feed, clock_error_us);
    CHECK(rig->receiver != NULL);
    camera_init(&rig->camera, &rig->config->camera[0], &rig->junction, rig->receiver, note_record, rig);
    rig->camera.lanes = UINT64_MAX; /* one camera that sees all lanes does the work of four */
}

void rig_stop(struct rig *rig)
{
    app_free(rig->app);
    feed_free(rig->feed);
    rig->app = NULL;
    rig->feed = NULL;
    rig->heard = false;
    rig->told = (struct channel_mask){0}; /* by nobody any more */
}

void rig_skip_days(struct rig *rig, int days)
{
    rig->ticks += (uint64_t)days * 24 * 3600 * 1000 / TICK_MS;
    rig->now_us = (int64_t)rig->ticks * RIG_TICK_US;
}

void rig_start(struct rig *rig)
{
    rig->boot++;
    rig->mono_us = (rig->boot == 1 ? INT64_C(81234567890) : INT64_C(12000000)) - rig->now_us;
    memset(&rig->clock_watch, 0, sizeof rig->clock_watch);
    look_at_clock(rig);
    rig->feed = feed_new(&rig->config->feed, rig->boot, emit, rig);
    rig->app = app_new(&rig->config->db, &rig->card, &rig->port, 0);
    CHECK(rig->feed != NULL && rig->app != NULL);
}

static void tell(void *arg, const char *line)
{
    (void)arg;
    CHECK_FAIL("%s", line);
}

static void shorten_cycle(struct database *db)
{
    for (int i = 0; i < PHASES_MAX; i++) {
        if (db->phase[i].ring_no == 0)
            continue;
        db->phase[i].minimum_green_s = db->phase[i].maximum1_s = 3;
        db->phase[i].walk_s = db->phase[i].ped_clear_s = 0;
        db->phase[i].yellow_ds = 30; /* the floor */
        db->phase[i].red_clear_ds = 10;
    }
    db->unit.startup_flash_s = 2;
    db->unit.startup_all_red_s = 2;
}

/* One line for each group that a lane obeys; a right turn without a lamp has none. */
static void find_lines(struct rig *rig)
{
    for (int lane_ix = 0; lane_ix < rig->junction.lane_count; lane_ix++) {
        for (int turn = 0; turn < TURNS; turn++) {
            const uint8_t group_no = rig->junction.lane[lane_ix].group_no[turn];
            bool known = group_no == 0;
            for (int i = 0; i < rig->line_count; i++)
                known |= rig->line[i].group_no == group_no;
            if (known)
                continue;
            rig->line[rig->line_count].lane_ix = (uint8_t)lane_ix;
            rig->line[rig->line_count].group_no = group_no;
            rig->line[rig->line_count++].turn = (enum turn)turn;
        }
    }
}

static bool load(struct rig *rig)
{
    struct config *config = rig->config;
    if (!CHECK_INT(0, config_load(config, SOURCE_ROOT "/configs/four-leg.json", CONFIG_WHOLE, tell, NULL)))
        return false;
    shorten_cycle(&config->db);
    config->feed.clock_required = true;
    config->feed.key_count = 1;
    config->feed.key[0] = (struct feed_key){.id = "one", .secret = "0123456789abcdef", .secret_length = 16};
    config->feed.destination_count = 1; /* fulls are numbered as for datagrams */
    rig->card = config->card;
    intersection_init(&rig->junction, config);
    find_lines(rig);
    sim_cabinet_init(&rig->cabinet, &config->card, config->cabinet.heartbeat_ms, 0);
    rig_renew_camera(rig, 0);
    return true;
}

struct rig *rig_new(uint64_t seed)
{
    static const struct wire_manners fair = {
        .loss = 0.01, .doubled = 0.02, .delay_us = 5000, .jitter_us = 30000};
    struct rig *rig = calloc(1, sizeof *rig);
    if (!CHECK(rig != NULL))
        return NULL;
    rig->config = calloc(1, sizeof *rig->config);
    rig->wire = malloc(sizeof *rig->wire);
    rig->port.read = port_read;
    rig->port.write = port_write;
    rig->seed = seed;
    rig->rng = rng_stream(seed, 0);
    rig->utc_us = RIG_UTC_US;
    rig->doubt.from_us = INT64_MAX / 2;
    if (!CHECK(rig->config != NULL && rig->wire != NULL) || !load(rig)) {
        rig_free(rig);
        return NULL;
    }
    wire_init(rig->wire, &rig->config->feed, &fair, seed, hear, rig);
    rig_start(rig);
    return rig;
}

void rig_free(struct rig *rig)
{
    rig_stop(rig);
    sigstate_close(rig->receiver);
    free(rig->wire);
    free(rig->config);
    free(rig);
}
