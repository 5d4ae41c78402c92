/* The main thread's event loop: timers, descriptors, signals. */
#ifndef CONTROLLER_MAINLOOP_H
#define CONTROLLER_MAINLOOP_H

struct event_base;
struct mainloop;

typedef void mainloop_fn(void *arg);

enum { MAINLOOP_EVENTS_MAX = 8 };

/* Returns NULL if the system has no room for one. */
struct mainloop *mainloop_new(void);
void mainloop_free(struct mainloop *loop);

/* What the SNMP agent hangs its own events on. */
struct event_base *mainloop_base(struct mainloop *loop);

/* Each calls `fn` from the loop: every `period_ms`, whenever `fd` is readable, at a signal. Returns 0
 * or -1. */
int mainloop_every(struct mainloop *loop, int period_ms, mainloop_fn *fn, void *arg);
int mainloop_readable(struct mainloop *loop, int fd, mainloop_fn *fn, void *arg);
int mainloop_signal(struct mainloop *loop, int number, mainloop_fn *fn, void *arg);

/* Serves until mainloop_stop() is called from one of the callbacks. */
void mainloop_run(struct mainloop *loop);
void mainloop_stop(struct mainloop *loop);

#endif
