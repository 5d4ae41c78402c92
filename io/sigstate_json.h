/* From the text of a feed message to the decoded one. Private to the receiver. */
#ifndef IO_SIGSTATE_JSON_H
#define IO_SIGSTATE_JSON_H

#include "feed.h"

/* `group_ix` of each group is its channel number less one. Unknown keys are passed over. Returns 0, or
 * -1 if the text is not a message of this format; `controller` and `message` are undefined then. */
int sigstate_decode(const char *json, size_t length, char controller[NAME_TEXT],
                    struct feed_message *message);

#endif
