#include "clock.h"
#include "../io/io_thread.h"
#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

enum {
    SYNCED_ERROR_US = 100 * 1000,    /* the kernel's bound while a source is heard */
    HOLDOVER_ERROR_US = 1000 * 1000, /* beyond it a stamp is no evidence */
    DRIFT_PPM = 500,                 /* what the kernel assumes of an undisciplined clock */
};

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

void clock_judge(struct clock_watch *watch, bool disciplined, int64_t error_us, int64_t now_us,
                 struct feed_clock *clock)
{
    if (disciplined && error_us <= SYNCED_ERROR_US) {
        *watch = (struct clock_watch){true, now_us, (int32_t)error_us};
        clock->state = CLOCK_SYNCED;
        clock->error_us = (int32_t)error_us;
        return;
    }
    int64_t drifted_us = watch->synced_error_us + (now_us - watch->synced_at_us) / 1000000 * DRIFT_PPM;
    if (watch->was_synced && drifted_us <= HOLDOVER_ERROR_US) {
        clock->state = CLOCK_HOLDOVER;
        clock->error_us = (int32_t)drifted_us;
        return;
    }
    watch->was_synced = false;
    clock->state = CLOCK_UNSYNCED;
    clock->error_us = error_us > INT32_MAX ? INT32_MAX : (int32_t)error_us;
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

void clock_read(struct clock_watch *watch, struct feed_clock *clock)
{
    struct timex kernel = {.modes = 0};
    int state = adjtimex(&kernel);
    bool disciplined = state >= 0 && state != TIME_ERROR && !(kernel.status & STA_UNSYNC);
    clock->utc_offset_us = utc_offset_us();
    clock_judge(watch, disciplined, state < 0 ? INT32_MAX : kernel.maxerror, io_now_us(), clock);
}
