/* What the lamps shall show for one tick: the only thing that ever leaves towards the street.
 * The engine proposes a frame, the guard lets it pass or corrects it, the cabinet lights it. */
#ifndef PHASES_FRAME_H
#define PHASES_FRAME_H

#include "types.h"

/* A channel shows the colours whose bit is set; `flashing` says that what it shows goes on and
 * off at 1 Hz, `alternate` that it is lit in the other half of the second. A pedestrian channel
 * shows Walk as green and Don't Walk as red; its clearance is flashing red or flashing green. */
struct frame {
    struct channel_mask red;
    struct channel_mask yellow;
    struct channel_mask green;
    struct channel_mask flashing;
    struct channel_mask alternate;
    bool all_flash; /* the whole junction is in a flash state: no right of way is given */
};

#endif
