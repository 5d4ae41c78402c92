#include "supervisor.h"
#include "log.h"

enum { HUNG_US = 1000 * 1000, SETTLING_TICKS = 5 };

static const char civil_unknown[] =
    "clock: civil time is not known: no schedule runs until the clock is synchronised or set";

static void tell_edge(int level, bool was, bool is, const char *begins, const char *ends)
{
    if (is && !was)
        log_line(level, "%s", begins);
    else if (was && !is)
        log_line(LOG_NOTICE, "%s", ends);
}

static void tell_cabinet(const struct app_status *was, const struct app_status *is)
{
    static const struct {
        uint32_t bit;
        const char *begins, *ends;
    } trips[] = {
        {CABINET_FLASHING, "cabinet: its own flasher has the lamps", "cabinet: its own flasher is off"},
        {CABINET_TRIP_CONFLICT, "cabinet: its monitor has latched a conflict",
         "cabinet: its monitor was reset"},
        {CABINET_TRIP_RED_FAIL, "cabinet: its monitor has latched a missing lamp",
         "cabinet: its monitor was reset"},
        {CABINET_TRIP_HEARTBEAT, "cabinet: it hears no heartbeat", "cabinet: it hears the heartbeat"},
        {CABINET_TRIP_CVM, "cabinet: it sees the health line down", "cabinet: it sees the health line up"},
    };
    tell_edge(LOG_ALERT, was->cabinet_lost, is->cabinet_lost,
              "cabinet: lost, nothing is heard from its field I/O", "cabinet: its field I/O answers");
    if (was->cabinet_lost || is->cabinet_lost)
        return; /* the bits of a lost cabinet say nothing */
    for (size_t i = 0; i < sizeof trips / sizeof *trips; i++)
        tell_edge(LOG_WARNING, was->image.status & trips[i].bit, is->image.status & trips[i].bit,
                  trips[i].begins, trips[i].ends);
    tell_edge(LOG_NOTICE, was->image.inputs & CABINET_FLASH_SWITCH, is->image.inputs & CABINET_FLASH_SWITCH,
              "cabinet: the flash switch is on", "cabinet: the flash switch is off");
    tell_edge(LOG_NOTICE, was->image.inputs & CABINET_DOOR, is->image.inputs & CABINET_DOOR,
              "cabinet: a door is open", "cabinet: the doors are shut");
}

static void tell_unit(enum unit_state was, enum unit_state is)
{
    if (was == is)
        return;
    switch (is) {
    case UNIT_RUNNING:
        log_line(LOG_NOTICE, was == UNIT_AUTOMATIC_FLASH ? "automatic flash is over" : "start-up is over");
        break;
    case UNIT_AUTOMATIC_FLASH:
        log_line(LOG_NOTICE, "automatic flash");
        break;
    case UNIT_STARTUP_FLASH:
    case UNIT_STARTUP_ALL_RED:
        if (was == UNIT_RUNNING || was == UNIT_AUTOMATIC_FLASH)
            log_line(LOG_WARNING, "the junction goes to flash and begins with start-up again");
        break;
    }
}

static void tell_engine(const struct app_status *was, const struct app_status *is)
{
    tell_unit(was->engine.unit, is->engine.unit);
    tell_edge(LOG_NOTICE, was->engine.manual, is->engine.manual, "manual control", "manual control ends");
    tell_edge(LOG_NOTICE, was->engine.backup_mode, is->engine.backup_mode,
              "the centre is silent: its commands have lapsed", "the centre commands again");
    tell_edge(LOG_WARNING, !was->engine.civil_known, !is->engine.civil_known, civil_unknown,
              "clock: civil time is known");
    if (was->plan_seq != is->plan_seq)
        log_line(LOG_INFO, "plan %llu is in force", (unsigned long long)is->plan_seq);
    if (was->commands_refused != is->commands_refused)
        log_line(LOG_NOTICE, "a command came during start-up and was dropped");
}

static void tell_guard(const struct app_status *was, const struct app_status *is)
{
    if (was->guard_trips != is->guard_trips)
        log_line(LOG_ALERT,
                 "guard: %s on channel %d (other channel %d): flash is latched until the cabinet's flash "
                 "switch is "
                 "turned on and off again",
                 guard_trip_name(is->trip), is->trip_channel_no, is->trip_other_no);
    if (was->trip != GUARD_OK && is->trip == GUARD_OK)
        log_line(LOG_NOTICE, "guard: reset");
    if (was->guard_held_frames == 0 && is->guard_held_frames != 0)
        log_line(LOG_WARNING, "guard: a clearance is held to its floor (counted from now on)");
}

static void tell_ticks(const struct tick_stats *was, const struct tick_stats *is)
{
    if (was->late_100ms != is->late_100ms)
        log_line(LOG_WARNING,
                 "tick: late by more than 100 ms (%llu times; %llu by more than 500 ms; worst %lld ms)",
                 (unsigned long long)is->late_100ms, (unsigned long long)is->late_500ms,
                 (long long)(is->worst_us / 1000));
}

/* Somebody stands at the cabinet and has seen the flash: switching it off again is the reset. */
static void reset_by_switch(struct supervisor *supervisor, const struct app_status *was,
                            const struct app_status *is)
{
    bool released = (was->image.inputs & CABINET_FLASH_SWITCH) && !(is->image.inputs & CABINET_FLASH_SWITCH);
    if (is->trip != GUARD_OK && released && !is->cabinet_lost)
        app_reset_guard(supervisor->app);
}

void supervisor_look(struct supervisor *supervisor, int64_t now_us)
{
    struct app_status status;
    struct tick_stats ticks;
    app_get_status(supervisor->app, &status);
    if (status.tick < SETTLING_TICKS)
        return; /* the first connection to the cabinet is no event */
    tick_get_stats(supervisor->tick, &ticks);
    bool hung = now_us - status.tick_us > HUNG_US;
    tell_edge(LOG_ALERT, supervisor->hung, hung, "tick: it stands still", "tick: it runs again");
    tell_cabinet(&supervisor->last, &status);
    if (supervisor->started) {
        tell_engine(&supervisor->last, &status);
        reset_by_switch(supervisor, &supervisor->last, &status);
    } else if (!status.engine.civil_known) {
        log_line(LOG_WARNING, "%s", civil_unknown);
    }
    tell_guard(&supervisor->last, &status);
    tell_ticks(&supervisor->ticks, &ticks);
    supervisor->last = status;
    supervisor->ticks = ticks;
    supervisor->hung = hung;
    supervisor->started = true;
}
