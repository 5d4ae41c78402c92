/* Seconds for the displays beside the lamps (GA/T 508): told only where they are certain. */
#ifndef PHASES_COUNTDOWN_H
#define PHASES_COUNTDOWN_H

#include "engine.h"

enum { COUNTDOWN_NONE = 0 };

/* Fills element channel_no - 1 of `seconds` with how much longer the channel shows what it shows, rounded up,
 * 1..255; COUNTDOWN_NONE where that is not certain. A green that flashes before it ends is still the same
 * green to whoever looks at it, and red with yellow the same red. `frame` is what leaves for the lamps;
 * `min_ds` and `max_ds` are as predict_channels() filled them, unknown where the lamps are not the engine's.
 * Pure. */
void countdown_channels(const struct engine *e, const struct frame *frame, const int32_t min_ds[CHANNELS_MAX],
                        const int32_t max_ds[CHANNELS_MAX], uint8_t seconds[CHANNELS_MAX]);

#endif
