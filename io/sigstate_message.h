/* The receiver for those within the project: handed the decoded messages of a feed in virtual time, and
 * asked in the controller's monotonic time. What is public stands in sigstate.h. */
#ifndef IO_SIGSTATE_MESSAGE_H
#define IO_SIGSTATE_MESSAGE_H

#include "feed.h"
#include "sigstate.h"

/* A receiver without an address for the feed of this config, by its name and with its keys. NULL with errno
 * as sigstate_open(). */
struct sigstate *sigstate_open_feed(const struct feed_config *config, int32_t clock_error_us);

/* One decoded message of a feed with this config. */
enum sigstate_result sigstate_message(struct sigstate *s, const struct feed_config *config,
                                      const struct feed_message *message, int64_t now_us, int64_t utc_us);

/* What group `group_no` showed at `at_us` of the controller's monotonic time; no clock's error comes into it,
 * and `why` is never SIGSTATE_CLOCK. */
bool sigstate_at_mono(const struct sigstate *s, int group_no, int64_t at_us, int64_t now_us,
                      struct sigstate_answer *answer);

/* An instant of UTC (by the newest message), or the present one (by the message delayed least), in the
 * controller's monotonic time. Returns 0, or -1 if there has been none. */
int sigstate_from_utc(const struct sigstate *s, int64_t utc_us, int64_t *at_us);
int sigstate_now(const struct sigstate *s, int64_t now_us, int64_t *at_us);

#endif
