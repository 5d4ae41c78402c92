#include "run.h"
#include "../controller/app.h"
#include "../io/io_thread.h"
#include "direct_port.h"
#include "street.h"
#include <stdlib.h>

struct run {
    const struct config *config;
    struct street street;
    struct direct_port direct;
    struct app *app;
    struct feed *feed;
    struct feed_clock clock;
    feed_emit *hear;
    void *hear_arg;
    int64_t now_us;
};

/* A message of the feed reaches every camera at once. */
static void tell_cameras(void *arg, const struct feed_message *message)
{
    struct run *run = arg;
    street_hear(&run->street, message, run->now_us);
    if (run->hear)
        run->hear(run->hear_arg, message);
}

static void taken(void *arg, const struct cabinet_exchange *exchange)
{
    struct run *run = arg;
    struct street *street = &run->street;
    run->now_us = exchange->taken_us;
    bool flash = exchange->output.frame.all_flash || sim_cabinet_flashes(&street->cabinet);
    street_watch(street, flash, exchange->output.reasons == 0, exchange->taken_us);
    if (run->feed)
        feed_exchange(run->feed, exchange, &run->clock);
}

static int begin(struct run *run, const struct run_options *options)
{
    const struct config *config = run->config;
    if (street_init(&run->street, config, options->demand, options->seed, 0, 0) < 0)
        return street_refuse();
    int64_t from_s = options->from_s ? options->from_s : RUN_FROM_S;
    int64_t utc_offset_us = (from_s - config->db.standard_time_zone_s) * 1000000;
    run->street.utc_offset_us = utc_offset_us;
    direct_port_init(&run->direct, &run->street.cabinet, taken, run);
    run->hear = options->hear;
    run->hear_arg = options->hear_arg;
    run->clock = (struct feed_clock){CLOCK_SYNCED, 400, utc_offset_us};
    if (config->has_feed) {
        run->feed = feed_new(&config->feed, 1, tell_cameras, run);
        if (!run->feed)
            return street_refuse();
    }
    run->app = app_new(&config->db, &config->card, &run->direct.port, 0);
    if (!run->app)
        return street_refuse();
    app_set_civil(run->app, true, utc_offset_us);
    return options->records ? street_keep_records(&run->street, options->records) : 0;
}

static void tick(struct run *run, int64_t tick_us)
{
    run->now_us = tick_us;
    street_sense(&run->street, tick_us);
    app_step(run->app, tick_us);
    /* The rest of the tick, with the lamps lit. */
    run->now_us = tick_us + TICK_MS * 1000 / 2;
    sim_cabinet_advance(&run->street.cabinet, run->now_us);
    if (run->feed)
        feed_poll(run->feed, run->now_us, &run->clock);
    street_judge(&run->street, run->now_us);
    street_move(&run->street, tick_us);
}

static void end(struct run *run)
{
    if (run->feed)
        feed_free(run->feed);
    if (run->app)
        app_free(run->app);
    street_done(&run->street);
    free(run);
}

int run_intersection(const struct config *config, const struct run_options *options, struct summary *summary)
{
    int64_t begun_us = io_now_us();
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        return street_refuse();
    run->config = config;
    int result = begin(run, options);
    if (result == 0) {
        int64_t ticks = (int64_t)(options->hours * 3600 * 1000 / TICK_MS + 0.5);
        for (int64_t i = 0; i < ticks; i++)
            tick(run, i * TICK_MS * 1000);
        street_finish(&run->street, run->now_us);
        struct app_status status;
        app_get_status(run->app, &status);
        street_sum_up(&run->street, summary);
        summary->has_guard = true;
        summary->guard_trips = status.guard_trips;
        summary->wall_s = (double)(io_now_us() - begun_us) / 1e6;
    }
    end(run);
    return result;
}
