#include "log.h"
#include "clock.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 2048 };

static const char *level_name(int level)
{
    static const char *const names[] = {"emergency", "alarm",  "critical", "error",
                                        "warning",   "notice", "info",     "debug"};
    return level >= LOG_EMERG && level <= LOG_DEBUG ? names[level] : "notice";
}

void log_line(int level, const char *format, ...)
{
    char line[LINE_MAX_OCTETS], stamp[CLOCK_STAMP];
    clock_stamp(clock_utc_us(), stamp);
    int head = snprintf(line, sizeof line, "%s %s ", stamp, level_name(level));
    va_list args;
    va_start(args, format);
    vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
    va_end(args);
    size_t length = strlen(line);
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7F)
            line[i] = '?';
    }
    line[length++] = '\n';
    /* Nobody is left to be told that the line could not be written. */
    if (write(STDERR_FILENO, line, length) < 0)
        return;
}

void log_agent(void *arg, int level, const char *line)
{
    (void)arg;
    log_line(level, "snmp: %s", line);
}

void log_io(void *arg, const char *line)
{
    (void)arg;
    log_line(LOG_NOTICE, "%s", line);
}
