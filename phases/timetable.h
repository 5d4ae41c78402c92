/* Fixed-time operation: where a pattern keeps every phase on recall up to its force-off, nothing that traffic
 * does can move a green, and the program of the cycle is a timetable. */
#ifndef PHASES_TIMETABLE_H
#define PHASES_TIMETABLE_H

#include "engine.h"

/* Whether the cycle that runs follows its program to the tick, whatever traffic does. Only somebody's hand
 * (on the clock too) and the schedule can change that; a plan with preempts, priority, overlaps or anything
 * else that may move a green has no timetable. */
bool timetable_binds(const struct engine *e);

/* Time until phase `ix` next changes its colour by a timetable that binds, in tenths of a second; -1 where
 * that lies in another cycle, which may be another one. */
int32_t timetable_change_ds(const struct engine *e, int ix);

#endif
