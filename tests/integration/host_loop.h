/* The event loop of agent_host and of the fuzz target of its messages: runs until SIGTERM or SIGINT, or for
 * one timer. In a file of its own because the headers of libevent and of phases both declare an event_add().
 */
#ifndef TESTS_INTEGRATION_HOST_LOOP_H
#define TESTS_INTEGRATION_HOST_LOOP_H

struct event_base;

struct event_base *host_loop_new(void);
void host_loop_run(struct event_base *base);
void host_loop_free(struct event_base *base);

/* Does what waits to be done and returns. */
void host_loop_turn(struct event_base *base);

/* Calls `done` from the loop after `delay_ms`. Returns 0 or -1. */
int host_loop_later(struct event_base *base, int delay_ms, void (*done)(void *arg), void *arg);

#endif
