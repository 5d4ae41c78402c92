/* One tick of the controller, from the cabinet's image to the lamps: the one path that the tick
 * thread, the simulator and the tests all call. Owns engine and guard. Knows no clock: time comes
 * in as arguments. */
#ifndef CONTROLLER_APP_H
#define CONTROLLER_APP_H

#include "../io/cabinet.h"
#include "../phases/engine.h"
#include "../phases/guard.h"
#include <stdatomic.h>

enum {
    COMMANDS_MAX = 512,            /* commands waiting for the tick */
    CABINET_STALE_US = 300 * 1000, /* image older than this: the cabinet counts as lost */
};

/* What one tick leaves for everyone else. */
struct app_status {
    uint64_t tick;   /* counts ticks */
    int64_t tick_us; /* monotonic */
    int64_t utc_ds;  /* civil time, tenths since 1970 UTC; 0 while nobody knows it */
    struct engine_status engine;
    struct control control;            /* as the engine holds it after this tick */
    uint64_t commands_taken;           /* commands the tick has dealt with: see app_command() */
    uint64_t commands_refused;         /* among them: dropped during start-up */
    struct frame frame;                /* what the guard let through */
    uint8_t countdown_s[CHANNELS_MAX]; /* as countdown_channels() fills it */
    struct cabinet_image image;
    int64_t image_age_us; /* -1: never heard */
    bool cabinet_lost;
    uint32_t reasons;     /* enum invalid_reason */
    enum guard_trip trip; /* latched */
    uint8_t trip_channel_no, trip_other_no;
    uint64_t guard_held_frames;
    uint64_t guard_trips;
    uint64_t plan_seq; /* number of the plan in force: see app_offer_plan() */
    bool plan_waits;   /* a structural plan waits for all-red */
};

struct app;

/* Allocates all there is to allocate. `card` and `cabinet` must outlive the app. With start_mask
 * != 0 start-up is skipped (lock-step only). Returns NULL if the start phases conflict or memory
 * is short. */
struct app *app_new(const struct database *db, const struct guard_card *card, struct cabinet *cabinet,
                    uint64_t start_mask);
void app_free(struct app *app);

/* Civil time from the next tick on: UTC = monotonic time + `utc_offset_us`; unknown where not `known`.
 * Within the tick it runs by 0.1 s with every tick, and follows the clock where that has come to differ by
 * as much. For any one thread; never blocks. */
void app_set_civil(struct app *app, bool known, int64_t utc_offset_us);

/* Runs one tick at monotonic time `now_us`. One that begins more than 500 ms after it was due is not
 * healthy: the cabinet gets no heartbeat from it. Allocates nothing, waits for nobody. */
void app_step(struct app *app, int64_t now_us);

/* ---- for one other thread (the one that serves SNMP) ---- */

/* Queues `count` operations, all or none, taken together by the next tick. Returns their number in the
 * count of all ever queued (compare with commands_taken), or 0 if the queue is full. */
uint64_t app_command(struct app *app, const struct control_op *op, size_t count);

/* Compiles `db` into the spare plan and offers it; one still waiting is replaced. Returns its
 * number. The caller has run database_check(). Allocates nothing; cannot fail. */
uint64_t app_offer_plan(struct app *app, const struct database *db);

/* Clears a latched guard trip: the engine begins again with start-up. */
void app_reset_guard(struct app *app);

/* ---- for any thread ---- */

/* Copies the newest status. Never blocks the tick. */
void app_get_status(const struct app *app, struct app_status *status);

/* High-resolution events since *cursor, as hires_read(). */
size_t app_read_events(const struct app *app, uint64_t *cursor, struct hires_event *out, size_t max,
                       uint64_t *lost);

#endif
