/* Earliest and latest next change of each channel's colour, counted from the last tick.
 *
 * Earliest: no calls, presses, force-offs or omits can bring the change before it; timing set anew
 * and a fault can. Latest: given only where the change is certain (a clearance that runs), else
 * unknown: a green may rest, be held or be stopped for ever. */
#ifndef PHASES_PREDICT_H
#define PHASES_PREDICT_H

#include "engine.h"

enum { PREDICT_UNKNOWN = -1 };

/* Fills element channel_no - 1 of both; PREDICT_UNKNOWN where nothing can be said. Pure. */
void predict_channels(const struct engine *e, int32_t min_ds[CHANNELS_MAX], int32_t max_ds[CHANNELS_MAX]);

#endif
