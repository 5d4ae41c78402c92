#include "status_line.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_OCTETS = 512 };

static const char *const state_words[] = {"not known", "synced", "in holdover", "not synced"};
static const char *const source_words[] = {"nobody", "the kernel", "chronyd"};

void status_line(const struct feed_device *feed, char out[STATUS_LINE])
{
    const int length = snprintf(
        out, STATUS_LINE,
        "feed: %u subscribers; %u refused, %u too slow, %u lost; %u messages unsent, %u datagrams failed, "
        "%u exchanges lost; clock %s (to %u ms, says %s)",
        feed->subscribers, feed->refused, feed->dropped, feed->lost, feed->unsent, feed->datagrams_failed,
        feed->exchanges_lost, state_words[feed->clock_state], feed->clock_error_ms,
        source_words[feed->clock_source]);
    if (feed->trouble[0] && length < STATUS_LINE)
        snprintf(out + length, (size_t)(STATUS_LINE - length), ". Last: %s", feed->trouble);
}

int status_line_write(const char *path, const char *line)
{
    char fresh[PATH_OCTETS];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return -1;
    const int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    bool whole = write(fd, line, strlen(line)) == (ssize_t)strlen(line) && write(fd, "\n", 1) == 1;
    whole &= close(fd) == 0;
    return whole ? rename(fresh, path) : -1;
}
