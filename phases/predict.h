/* Earliest and latest next change of each channel's colour, counted from the last tick.
 *
 * Both hold whatever traffic does, with vehicles, pedestrians, priority and preempts, and whatever the
 * schedule and the correction of the offset bring. They are void where a hand intervenes: a command of the
 * centre, a switch in the cabinet, a plan set anew, a fault. A latest time is given only where it is
 * certain in this sense; else it is unknown: a green without a call against it may rest for ever. */
#ifndef PHASES_PREDICT_H
#define PHASES_PREDICT_H

#include "engine.h"

enum { PREDICT_UNKNOWN = -1 };

/* Fills element channel_no - 1 of both; PREDICT_UNKNOWN where nothing can be said. Pure. */
void predict_channels(const struct engine *e, int32_t min_ds[CHANNELS_MAX], int32_t max_ds[CHANNELS_MAX]);

#endif
