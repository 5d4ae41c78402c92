/* One line about how the controller is doing, for whoever looks on: kept in a file that always holds a whole
 * one. */
#ifndef CONTROLLER_STATUS_LINE_H
#define CONTROLLER_STATUS_LINE_H

#include "../ntcip/feed_device.h"
#include <stddef.h>

enum { STATUS_LINE = 512 };

/* "feed: 3 subscribers; 1 refused, 0 dropped, ...", with the newest trouble at its end if there was any.
 * Pure. */
void status_line(const struct feed_device *feed, char out[STATUS_LINE]);

/* Puts `line` in the place of what the file at `path` holds. Returns 0, or -1 with errno. */
int status_line_write(const char *path, const char *line);

#endif
