/* What the threads of this folder share: the monotonic clock, real-time priority, one way to say
 * something to the log. */
#ifndef IO_THREAD_H
#define IO_THREAD_H

#include <stdint.h>

/* Receives one complete line without a newline. Called from the thread that found it out; must
 * not wait for anything long. */
typedef void io_log(void *arg, const char *line);

/* Microseconds of the monotonic clock. */
int64_t io_now_us(void);

/* To be called first in a thread: names it, leaves all signals to the main thread, and asks for
 * SCHED_FIFO at `priority`, unless that is 0. Where that is refused the thread
 * goes on at ordinary priority: returns 0, or the errno of the refusal. */
int io_thread_begin(const char *name, int priority);

#endif
