#include "clock.h"
#include "../io/io_thread.h"
#include "log.h"
#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

int64_t clock_utc_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_stamp(int64_t utc_us, char out[CLOCK_STAMP])
{
    time_t seconds = (time_t)(utc_us / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t length = strftime(out, CLOCK_STAMP, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + length, CLOCK_STAMP - length, ".%03dZ", (int)(utc_us / 1000 % 1000));
}

/* Both clocks at one instant: of a few tries the one in which the readings lay closest together. */
static int64_t utc_offset_us(void)
{
    int64_t best_us = INT64_MAX, offset_us = 0;
    for (int i = 0; i < 5; i++) {
        int64_t before_us = io_now_us();
        int64_t utc_us = clock_utc_us();
        int64_t after_us = io_now_us();
        if (after_us - before_us < best_us) {
            best_us = after_us - before_us;
            offset_us = utc_us - (before_us + after_us) / 2;
        }
    }
    return offset_us;
}

static void ask_kernel(struct clock_reading *reading)
{
    struct timex kernel = {.modes = 0};
    const int state = adjtimex(&kernel);
    reading->source = CLOCK_KERNEL;
    reading->disciplined = state >= 0 && state != TIME_ERROR && !(kernel.status & STA_UNSYNC);
    reading->error_us = state < 0 ? INT32_MAX : kernel.maxerror;
    reading->measured_us = -1;
}

int64_t clock_look(struct clock_watch *watch, struct chrony *chrony, struct clock_look *look)
{
    struct chrony_tracking tracking;
    struct clock_reading reading = {.now_us = io_now_us(), .utc_offset_us = utc_offset_us()};
    if (chrony_ask(chrony, reading.now_us, &tracking)) {
        reading.source = CLOCK_CHRONY;
        reading.disciplined = tracking.synchronised;
        reading.error_us = tracking.error_us;
        reading.measured_us = tracking.measured_us;
    } else {
        ask_kernel(&reading);
    }
    look->source = reading.source;
    return clock_judge(watch, &reading, &look->clock, &look->evidence);
}

void clock_tell(const struct clock_look *before, const struct clock_look *now, int64_t step_us, bool required)
{
    const struct feed_clock *clock = &now->evidence;
    const char *who = now->source == CLOCK_CHRONY ? "chronyd" : "the kernel";
    const double error_s = clock->error_us / 1e6;
    const int alarm = required ? LOG_ALERT : LOG_NOTICE;
    if (step_us != 0)
        log_line(alarm, "clock: UTC has stepped by %+.3f s", (double)step_us / 1e6);
    if (before && clock->state == before->evidence.state && now->source == before->source)
        return;
    switch (clock->state) {
    case CLOCK_SYNCED:
        log_line(LOG_NOTICE, "clock: synchronised, %s says: to %.3f s", who, error_s);
        break;
    case CLOCK_HOLDOVER:
        log_line(alarm, "clock: nobody knows it to 200 ms, %s says: off by up to %.3f s", who, error_s);
        break;
    case CLOCK_UNSYNCED:
        log_line(alarm, "clock: not synchronised, %s says", who);
        break;
    }
}
