/* What the controller has to say: one line each on standard error, with UTC and severity. Any thread
 * may call; a line is written at once and whole. */
#ifndef CONTROLLER_LOG_H
#define CONTROLLER_LOG_H

#include <syslog.h>

/* `level` as in syslog.h: LOG_ALERT for what somebody has to look at now, LOG_ERR, LOG_WARNING,
 * LOG_NOTICE, LOG_INFO. Control characters in the text come out as question marks, so that nothing from
 * outside can forge a line. May block on standard error: never called by the tick. */
void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same as callbacks of the agent and of io. */
void log_agent(void *arg, int level, const char *line);
void log_io(void *arg, const char *line);

#endif
