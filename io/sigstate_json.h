/* From the text of a feed message to the decoded one. Private to the receiver. */
#ifndef IO_SIGSTATE_JSON_H
#define IO_SIGSTATE_JSON_H

#include "sigstate_core.h"

/* Unknown keys are passed over; a known one that comes twice is an error. Allocates nothing and does not
 * recurse. Returns 0, or -1 if the text is not a message of this format; `heard` is undefined then. */
int sigstate_decode(const char *json, size_t length, struct sigstate_heard *heard);

#endif
