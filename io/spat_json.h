/* The state of the junction in the JSON form in which traffic platforms take signal phase and timing over
 * MQTT. Pure. Every text is the whole junction: who reads one needs no other. Format: docs/mqtt.md.
 *
 * The form has no word for "red, but not to be enforced". So light 3, red, is said of an enforceable red
 * alone; every other red, and what the read-back does not bear out, is light 0, unavailable. */
#ifndef IO_SPAT_JSON_H
#define IO_SPAT_JSON_H

#include "feed.h"

/* `light_state`. 2, a flashing red, is never sent: some receivers count it as red. */
enum spat_light {
    SPAT_UNAVAILABLE = 0,
    SPAT_DARK = 1,
    SPAT_RED = 3,
    SPAT_GREEN_FLASH = 4,
    SPAT_GREEN_PERMISSIVE = 5,
    SPAT_GREEN_PROTECTED = 6,
    SPAT_YELLOW = 7,
    SPAT_YELLOW_FLASH = 8,
};

enum { SPAT_PHASES_MAX = 16 }; /* of one element of `intersections` */

/* What the messages of the feed add up to. Zeroed: nothing is known, not even the time. */
struct spat_state {
    bool known;                 /* a full has come, and nothing since has put it in doubt */
    struct feed_message newest; /* its header, and the kind of the newest that was news */
    int64_t stamp_us;           /* monotonic instant for which all of this is true */
    struct spat_group {
        bool told;
        struct feed_state state;
        int64_t told_us; /* `sent` of the message that told it: its changes count from there */
    } group[CHANNELS_MAX];
};

/* Takes the next message of the feed. Returns whether there is news to publish: after a full or a change, not
 * after an alive, nor before the first full. */
bool spat_state_take(struct spat_state *state, const struct feed_message *message);

/* From `now_us` (monotonic) on the junction is unknown, until the next full. */
void spat_state_forget(struct spat_state *state, int64_t now_us);

/* Octets that the longest text of this config may take. */
size_t spat_json_max(const struct feed_config *config);

/* Writes the text, without an end. Returns its length, or -1 if it does not fit. */
int spat_json_encode(const struct feed_config *config, const struct spat_state *state, char *text,
                     size_t size);

/* What is said of one group; `reasons` are the message's. */
enum spat_light spat_light(const struct feed_group *group, const struct feed_state *state, uint32_t reasons);

/* The code for a time that is off by at most `error_us`: 0 unknown, 1 up to 100 s, 15 up to 1 ms. */
int spat_time_confidence(enum clock_state state, int64_t error_us);

#endif
