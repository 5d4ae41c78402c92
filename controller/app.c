#include "app.h"
#include "../io/latest.h"
#include "../phases/countdown.h"
#include "../phases/predict.h"
#include "seqlock.h"
#include <stdlib.h>
#include <string.h>

enum {
    PLANS = LATEST_SLOTS + 1, /* three on the way from the server to the tick, one in force */
    LATE_MAX_US = 500 * 1000,
    FLASH_PERIOD_TICKS = 10, /* 1 Hz, lit for the first half */
};

#define CIVIL_UNKNOWN INT64_MIN

struct plan_slot {
    uint64_t seq;
    struct plan plan;
};

struct app {
    struct cabinet *cabinet;
    const struct guard_card *card;

    /* The tick's own. */
    struct engine engine;
    struct guard guard;
    struct app_status status;
    struct output output;
    struct cabinet_image image;
    uint64_t events_seen; /* cursor into the engine's ring */
    uint64_t guard_trips;
    uint64_t config_seq;
    unsigned plan_in_force_ix;
    bool plan_waits; /* the offered plan waits for a legal point */

    /* The server's own. */
    uint64_t commands_queued;
    uint64_t plans_offered;

    /* Between the threads. */
    struct plan_slot plan[PLANS];
    struct latest plan_offer;
    struct control_op command[COMMANDS_MAX];
    _Atomic uint64_t commands_published;
    _Atomic uint64_t commands_taken;
    atomic_bool guard_reset_asked;
    _Atomic int64_t utc_offset_us; /* CIVIL_UNKNOWN: nobody knows */

    /* From the tick to everyone. */
    struct seqlock status_lock;
    _Atomic uint64_t status_word[SEQLOCK_WORDS(sizeof(struct app_status))];
    _Atomic uint64_t events_begun, events_written;
    _Atomic uint64_t event_word[EVENTS_KEPT][2];
};

struct app *app_new(const struct database *db, const struct guard_card *card, struct cabinet *cabinet,
                    uint64_t start_mask)
{
    struct app *app = calloc(1, sizeof *app);
    if (!app)
        return NULL;
    app->cabinet = cabinet;
    app->card = card;
    app->utc_offset_us = CIVIL_UNKNOWN;
    latest_init(&app->plan_offer);
    app->plan_in_force_ix = LATEST_SLOTS;
    struct plan *plan = &app->plan[app->plan_in_force_ix].plan;
    plan_compile(plan, db, 1);
    guard_init(&app->guard, card);
    if (start_mask == 0) {
        engine_init(&app->engine, plan);
        guard_doubt_past(&app->guard);
    } else if (engine_init_green(&app->engine, plan, start_mask) < 0) {
        free(app);
        return NULL;
    }
    return app;
}

void app_free(struct app *app)
{
    free(app);
}

/* ---- the tick ---- */

static uint32_t unit_inputs(const struct cabinet_image *image)
{
    static const struct {
        uint32_t cabinet, unit;
    } pair[] = {
        {CABINET_STOP_TIME, INPUT_STOP_TIME},
        {CABINET_MANUAL_CONTROL, INPUT_MANUAL_CONTROL},
        {CABINET_INTERVAL_ADVANCE, INPUT_INTERVAL_ADVANCE},
        {CABINET_DOOR, INPUT_DOOR},
        {CABINET_EXTERNAL_MIN_RECALL, INPUT_EXTERNAL_MIN_RECALL},
        {CABINET_NON_ACTUATED_1, INPUT_NON_ACTUATED_1},
        {CABINET_NON_ACTUATED_2, INPUT_NON_ACTUATED_2},
        {CABINET_WALK_REST, INPUT_WALK_REST},
        {CABINET_AUTOMATIC_FLASH, INPUT_AUTOMATIC_FLASH},
        {CABINET_FREE, INPUT_FREE},
        {CABINET_DIMMING, INPUT_DIMMING},
        {CABINET_FLASH_SWITCH, INPUT_CABINET_FLASH},
    };
    uint32_t unit = image->status & CABINET_FLASHING ? INPUT_CABINET_FLASH : 0;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        unit |= image->inputs & pair[i].cabinet ? pair[i].unit : 0;
    return unit;
}

/* A wake-up a little early or late is no jump of the clock: civil time advances by one tick as the engine's
 * does, unless the clock says otherwise by a tick or more. */
static int64_t civil_now(const struct app *app, int64_t now_us)
{
    const int64_t tick_us = TICK_MS * 1000;
    int64_t offset_us = atomic_load_explicit(&app->utc_offset_us, memory_order_relaxed);
    if (offset_us == CIVIL_UNKNOWN)
        return 0;
    int64_t utc_us = now_us + offset_us;
    int64_t next_ds = app->status.utc_ds + 1;
    int64_t wrong_us = utc_us - next_ds * tick_us;
    bool steady = app->status.utc_ds != 0 && wrong_us > -tick_us && wrong_us < tick_us;
    return steady ? next_ds : (utc_us + tick_us / 2) / tick_us;
}

static struct inputs read_inputs(const struct app *app)
{
    const struct cabinet_image *image = &app->image;
    return (struct inputs){
        .vehicle = image->vehicle,
        .vehicle_fault = image->vehicle_fault,
        .pedestrian = image->pedestrian,
        .utc_ds = app->status.utc_ds,
        .unit = unit_inputs(image),
        .preempt = image->preempt,
        .priority = image->priority,
        .alarms = image->alarms,
        .interconnect_pattern_no = image->interconnect_pattern_no,
    };
}

/* Reads the cabinet into app->image. A lost one leaves nothing on: neither detectors nor switches. */
static int64_t read_cabinet(struct app *app, int64_t now_us)
{
    if (!app->cabinet)
        return 0;
    int64_t age_us = app->cabinet->read(app->cabinet, &app->image, now_us);
    if (age_us < 0 || age_us > CABINET_STALE_US)
        app->image = (struct cabinet_image){0};
    return age_us;
}

static void take_commands(struct app *app)
{
    uint64_t published = atomic_load_explicit(&app->commands_published, memory_order_acquire);
    uint64_t taken = atomic_load_explicit(&app->commands_taken, memory_order_relaxed);
    if (taken == published)
        return;
    for (; taken < published; taken++) {
        if (engine_command(&app->engine, &app->command[taken % COMMANDS_MAX]) < 0)
            app->status.commands_refused++;
    }
    atomic_store_explicit(&app->commands_taken, taken, memory_order_release);
}

static void take_plan(struct app *app)
{
    if (latest_take(&app->plan_offer))
        app->plan_waits = true;
    if (!app->plan_waits)
        return;
    unsigned offered_ix = app->plan_offer.front;
    const struct plan *in_force = &app->plan[app->plan_in_force_ix].plan;
    const struct plan *offered = &app->plan[offered_ix].plan;
    if (!engine_adopt(&app->engine, offered))
        return;
    if (plan_structure_differs(in_force, offered))
        app->config_seq++;
    app->plan_offer.front = app->plan_in_force_ix;
    app->plan_in_force_ix = offered_ix;
    app->plan_waits = false;
}

/* No lamp of any channel is lit, though the junction does not flash. */
static bool is_dark(const struct frame *f)
{
    uint64_t lit = 0;
    for (int i = 0; i < 2; i++)
        lit |= f->red.word[i] | f->yellow.word[i] | f->green.word[i];
    return lit == 0 && !f->all_flash;
}

static uint32_t reasons_of(const struct app_status *status, enum flash_stage stage, bool held)
{
    uint32_t reasons = status->frame.all_flash ? REASON_FLASH : 0;
    if (held)
        reasons |= REASON_STARTUP | REASON_FLASH;
    switch (status->engine.unit) {
    case UNIT_STARTUP_FLASH:
        reasons |= REASON_STARTUP | REASON_FLASH;
        break;
    case UNIT_STARTUP_ALL_RED:
        reasons |= REASON_STARTUP | REASON_ALL_RED;
        break;
    case UNIT_AUTOMATIC_FLASH:
        reasons |= REASON_FLASH;
        break;
    case UNIT_RUNNING:
        break;
    }
    if (stage == FLASH_CLEAR || stage == FLASH_EXIT)
        reasons |= REASON_ALL_RED;
    if (is_dark(&status->frame))
        reasons |= REASON_DARK;
    if (status->engine.preempt_no != 0)
        reasons |= REASON_PREEMPT;
    bool remote_stop = status->control.ring_stop_time_mask != 0;
    if (status->engine.remote_control || remote_stop)
        reasons |= REASON_REMOTE;
    /* A stop time that the centre did not ask for is somebody's hand at the cabinet. */
    if (status->engine.manual || (status->engine.stop_time && !remote_stop))
        reasons |= REASON_MANUAL;
    if (status->trip != GUARD_OK)
        reasons |= REASON_FAULT;
    if (status->cabinet_lost)
        reasons |= REASON_STALE_CABINET;
    return reasons;
}

/* When each channel changes next. Nothing is foretold of a junction that stands in flash, nor of a
 * channel that the guard shows otherwise than the engine asked. */
static void foretell_changes(struct app *app, bool held)
{
    struct output *output = &app->output;
    if (held || app->status.frame.all_flash) {
        for (int ix = 0; ix < CHANNELS_MAX; ix++)
            output->min_change_ds[ix] = output->max_change_ds[ix] = CHANGE_UNKNOWN;
        return;
    }
    predict_channels(&app->engine, output->min_change_ds, output->max_change_ds);
    if (app->guard.holding.word[0] == 0 && app->guard.holding.word[1] == 0)
        return;
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (channel_has(&app->guard.holding, no))
            output->min_change_ds[no - 1] = output->max_change_ds[no - 1] = CHANGE_UNKNOWN;
    }
}

static void foretell(struct app *app, bool held)
{
    struct output *output = &app->output;
    foretell_changes(app, held);
    countdown_channels(&app->engine, &app->status.frame, output->min_change_ds, output->max_change_ds,
                       output->countdown_s);
    countdown_pulses(&app->engine, &app->status.frame, output->min_change_ds, output->max_change_ds,
                     &output->pulse);
    memcpy(app->status.countdown_s, output->countdown_s, sizeof output->countdown_s);
    spat_collect(&app->engine, &app->status.engine, &app->status.frame, output->min_change_ds,
                 output->max_change_ds, held, &output->spat);
}

static void publish_events(struct app *app)
{
    struct hires_event event;
    uint64_t lost = 0;
    uint64_t written = atomic_load_explicit(&app->events_written, memory_order_relaxed);
    while (hires_read(&app->engine.obs.events, &app->events_seen, &event, 1, &lost) == 1) {
        _Atomic uint64_t *word = app->event_word[written % EVENTS_KEPT];
        /* A reader that meets a word of this event knows from events_begun that the old one is
         * going: each store below releases the one before. */
        atomic_store_explicit(&app->events_begun, ++written, memory_order_relaxed);
        atomic_store_explicit(&word[0], (uint64_t)event.at_ds, memory_order_release);
        atomic_store_explicit(&word[1], (uint64_t)event.code << 16 | event.parameter, memory_order_release);
        atomic_store_explicit(&app->events_written, written, memory_order_release);
    }
}

static void publish_status(struct app *app)
{
    seqlock_write(&app->status_lock, app->status_word, &app->status, sizeof app->status);
}

static void write_output(struct app *app, bool healthy)
{
    struct output *output = &app->output;
    const struct app_status *status = &app->status;
    output->seq++;
    output->tick_us = status->tick_us;
    output->frame = status->frame;
    output->flash_on = status->tick % FLASH_PERIOD_TICKS < FLASH_PERIOD_TICKS / 2;
    output->healthy = healthy;
    output->dimmed = status->engine.dimmed;
    output->reasons = status->reasons;
    output->config_seq = app->config_seq;
    app->cabinet->write(app->cabinet, output);
}

void app_set_civil(struct app *app, bool known, int64_t utc_offset_us)
{
    atomic_store_explicit(&app->utc_offset_us, known ? utc_offset_us : CIVIL_UNKNOWN, memory_order_relaxed);
}

void app_step(struct app *app, int64_t now_us)
{
    struct app_status *status = &app->status;
    bool late = status->tick > 0 && now_us - status->tick_us > TICK_MS * 1000 + LATE_MAX_US;
    status->tick++;
    status->tick_us = now_us;

    status->image_age_us = read_cabinet(app, now_us);
    status->image = app->image;
    status->cabinet_lost = status->image_age_us < 0 || status->image_age_us > CABINET_STALE_US;
    if (atomic_exchange_explicit(&app->guard_reset_asked, false, memory_order_acquire))
        guard_reset(&app->guard);

    take_plan(app);
    take_commands(app);
    status->utc_ds = civil_now(app, now_us);
    struct inputs in = read_inputs(app);
    struct frame want;
    engine_step(&app->engine, &in, 1, &want);

    /* While the lamps are not ours the engine waits at the beginning of start-up. It is stepped all
     * the same: detectors go on being counted, and its time goes on. */
    bool held = status->cabinet_lost || (app->image.status & CABINET_FLASHING) ||
                (app->image.inputs & CABINET_FLASH_SWITCH) || app->guard.trip != GUARD_OK;
    if (held)
        guard_flash_frame(app->card, &want);
    enum guard_trip trip_before = app->guard.trip;
    status->trip = guard_step(&app->guard, &want, now_us / 1000, &status->frame);
    if (trip_before == GUARD_OK && status->trip != GUARD_OK) {
        app->guard_trips++;
        held = true;
    }
    if (held)
        engine_restart(&app->engine);

    engine_get_status(&app->engine, &status->engine);
    status->control = app->engine.ctl.control;
    status->commands_taken = atomic_load_explicit(&app->commands_taken, memory_order_relaxed);
    status->trip_channel_no = app->guard.trip_channel_no;
    status->trip_other_no = app->guard.trip_other_no;
    status->guard_held_frames = app->guard.held_frames;
    status->guard_trips = app->guard_trips;
    status->plan_seq = app->plan[app->plan_in_force_ix].seq;
    status->plan_waits = app->plan_waits;
    status->reasons = reasons_of(status, (enum flash_stage)app->engine.ctl.flash.stage, held);
    foretell(app, held);
    if (app->cabinet)
        write_output(app, !late && status->trip == GUARD_OK);
    publish_status(app);
    publish_events(app);
}

/* ---- the server's side ---- */

uint64_t app_command(struct app *app, const struct control_op *op, size_t count)
{
    uint64_t taken = atomic_load_explicit(&app->commands_taken, memory_order_acquire);
    if (count == 0 || count > COMMANDS_MAX - (app->commands_queued - taken))
        return 0;
    for (size_t i = 0; i < count; i++)
        app->command[(app->commands_queued + i) % COMMANDS_MAX] = op[i];
    app->commands_queued += count;
    atomic_store_explicit(&app->commands_published, app->commands_queued, memory_order_release);
    return app->commands_queued;
}

uint64_t app_offer_plan(struct app *app, const struct database *db)
{
    struct plan_slot *slot = &app->plan[app->plan_offer.back];
    plan_compile(&slot->plan, db, 1);
    slot->seq = ++app->plans_offered;
    latest_publish(&app->plan_offer);
    return app->plans_offered;
}

void app_reset_guard(struct app *app)
{
    atomic_store_explicit(&app->guard_reset_asked, true, memory_order_release);
}

void app_get_status(const struct app *app, struct app_status *status)
{
    seqlock_read(&app->status_lock, app->status_word, status, sizeof *status);
}

size_t app_read_events(const struct app *app, uint64_t *cursor, struct hires_event *out, size_t max,
                       uint64_t *lost)
{
    uint64_t written = atomic_load_explicit(&app->events_written, memory_order_acquire);
    if (written > EVENTS_KEPT && *cursor < written - EVENTS_KEPT) {
        *lost += written - EVENTS_KEPT - *cursor;
        *cursor = written - EVENTS_KEPT;
    }
    size_t count = 0;
    while (count < max && *cursor < written) {
        const _Atomic uint64_t *word = app->event_word[*cursor % EVENTS_KEPT];
        uint64_t at_ds = atomic_load_explicit(&word[0], memory_order_acquire);
        uint64_t what = atomic_load_explicit(&word[1], memory_order_acquire);
        uint64_t begun = atomic_load_explicit(&app->events_begun, memory_order_relaxed);
        if (begun > *cursor + EVENTS_KEPT)
            ++*lost; /* overwritten under our eyes */
        else
            out[count++] = (struct hires_event){(int64_t)at_ds, (uint16_t)(what >> 16), (uint16_t)what};
        ++*cursor;
    }
    return count;
}
