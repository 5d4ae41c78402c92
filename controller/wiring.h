/* Which phases stand behind each channel, worked out from the database alone: what the rules of the
 * cabinet's card are held against. */
#ifndef CONTROLLER_WIRING_H
#define CONTROLLER_WIRING_H

#include "../phases/database.h"

/* Masks of phases. */
struct wiring {
    uint64_t with[PHASES_MAX]; /* phases that may have right of way together with it, itself included */
    /* Of a channel: the phases that give it right of way, directly or through an overlap (of an arrow
     * also those it is protected with); none: nothing drives it. */
    uint64_t driving[CHANNELS_MAX];
    uint64_t yielding[CHANNELS_MAX];    /* among these: phases beside which it only flashes its arrow */
    uint64_t barred[CHANNELS_MAX];      /* phases during which its overlap shows red */
    uint64_t barred_peds[CHANNELS_MAX]; /* phases during whose walk and clearance it does */
    uint64_t walking[CHANNELS_MAX];     /* of a channel of pedestrians: its phase */
};

/* Pure. */
void wiring_read(struct wiring *wiring, const struct database *db);

enum wiring_meeting {
    WIRING_NEVER,
    WIRING_YIELDING, /* both at once, but one of them is a flashing arrow then */
    WIRING_TOGETHER,
};

/* Whether the plan may give both channels right of way at once. */
enum wiring_meeting wiring_meeting(const struct wiring *wiring, int channel_no, int other_no);

/* The overlap a channel shows, NULL if it shows none. */
const struct overlap_row *wiring_overlap(const struct database *db, int channel_no);

/* A channel of pedestrians, of a phase or of an overlap. */
bool wiring_is_pedestrian(const struct database *db, int channel_no);

/* The channel shows a bar signal, which has no yellow. */
bool wiring_is_bar(const struct database *db, int channel_no);

/* The phase's red-yellow is shown by the channel. */
bool wiring_shows_red_yellow(const struct database *db, int channel_no);

#endif
