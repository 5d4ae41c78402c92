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

/* Displays that are told nothing count by themselves from a pulse: the lamp's drive goes dark once, for 150
 * to 300 ms, and nobody else takes that for a change. A pulse lasts two ticks, from the one at which a red or
 * a steady green has just countdown_pulse_s left and that is certain. `pulse` are the channels dark at the
 * tick before; becomes those dark at this one. The other arguments are as above. */
void countdown_pulses(const struct engine *e, const struct frame *frame, const int32_t min_ds[CHANNELS_MAX],
                      const int32_t max_ds[CHANNELS_MAX], struct channel_mask *pulse);

#endif
