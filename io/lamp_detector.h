/* The state of the lamps as a red-lamp detector would find it: channels that are on or off. Pure. Told by the
 * feed's messages, asked for one instant, the present.
 *
 * A detector cannot say "not enforceable": what is not enforceable reads as not red, and what is not known
 * reads as nothing lit at all. Wiring, registers and frames: docs/lamp-detector.md. */
#ifndef IO_LAMP_DETECTOR_H
#define IO_LAMP_DETECTOR_H

#include "feed.h"

enum { LAMP_SILENCE_US = 1000 * 1000 }; /* nothing is known when the newest message is older */

/* One for all detectors of a junction. Begins as all zeroes: nothing known. */
struct lamp_detector {
    bool whole; /* a full came, and no change was missed since */
    bool heard;
    uint64_t boot, seq, state_seq;
    int64_t sent_us; /* of the newest message */
    bool valid, synced;
    uint32_t reasons;  /* enum invalid_reason */
    uint16_t messages; /* heard so far, mod 65536 */
    /* By channel number less one. */
    struct channel_mask told; /* the last full named it */
    struct told_state {
        enum feed_color color;
        bool verified, enforceable;
        int64_t since_us;
        int64_t ends_us; /* not before; the message's own time where nothing is known */
    } group[CHANNELS_MAX];
};

/* The next message; `lost` of them are missing before it. A message that has been overtaken is left out. */
void lamp_detector_take(struct lamp_detector *d, const struct feed_config *config,
                        const struct feed_message *message, uint64_t lost);

/* Messages may have been lost behind the last one: nothing is known until the next full. */
void lamp_detector_missed(struct lamp_detector *d);

/* Whether the state is known at `now_us`. */
bool lamp_detector_knows(const struct lamp_detector *d, int64_t now_us);

/* The channels that are on: bit n-1 is channel n. Red: the group is enforceable, and not about to change.
 * Yellow and green (which may flash): it shows that, valid and verified. */
uint32_t lamp_detector_channels(const struct lamp_detector *d, const struct lamp_detector_config *config,
                                int64_t now_us);

/* Until when the channels stay as they are if no message comes; INT64_MAX: for ever. */
int64_t lamp_detector_until(const struct lamp_detector *d, const struct lamp_detector_config *config,
                            int64_t now_us);

/* The colour of a group in the codes of GB/T 20999-2017, under the same conditions; 0: nothing can be said.
 * `age_us` is how long it has been shown. */
uint8_t lamp_detector_color(const struct lamp_detector *d, const struct lamp_detector_config *config,
                            int group_no, int64_t now_us, int64_t *age_us);

#endif
