/* The words of the feed, for the encoder and for the receiver. */
#include "feed.h"

const char *feed_color_name(enum feed_color color)
{
    static const char *const name[FEED_COLORS] = {
        [COLOR_RED] = "red",
        [COLOR_YELLOW] = "yellow",
        [COLOR_GREEN] = "green",
        [COLOR_RED_FLASH] = "red-flash",
        [COLOR_YELLOW_FLASH] = "yellow-flash",
        [COLOR_GREEN_FLASH] = "green-flash",
        [COLOR_RED_YELLOW] = "red-yellow",
        [COLOR_DARK] = "dark",
    };
    return name[color];
}

const char *feed_kind_name(enum feed_kind kind)
{
    static const char *const name[] = {
        [FEED_FULL] = "full", [FEED_CHANGE] = "change", [FEED_ALIVE] = "alive"};
    return name[kind];
}

const char *feed_clock_name(enum clock_state state)
{
    static const char *const name[] = {
        [CLOCK_SYNCED] = "synced", [CLOCK_HOLDOVER] = "holdover", [CLOCK_UNSYNCED] = "unsynced"};
    return name[state];
}

const char *feed_reason_name(int reason_ix)
{
    static const char *const name[FEED_REASONS] = {"startup", "flash",  "all-red",      "dark",
                                                   "manual",  "remote", "preempt",      "fault",
                                                   "clock",   "config", "stale-cabinet"};
    return name[reason_ix];
}
