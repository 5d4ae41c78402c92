/* What a camera's picture shows: the approach at one instant, with everybody on it and the lamps as they
 * truly burned; drawn as SVG from above, the traffic going to the right. */
#ifndef SIM_SNAPSHOT_H
#define SIM_SNAPSHOT_H

#include "lamps.h"
#include "sight.h"
#include <stdio.h>

enum { SNAPSHOT_LAMPS = 8 };

struct snapshot_lamp {
    const struct feed_group *group;
    enum lamp_color color;
    bool flashing;
};

struct snapshot {
    uint8_t approach_ix;
    double from_m, to_m; /* the part of the road it shows, beyond the stop line */
    struct sight sight;
    int lamp_count; /* lamp groups of the approach, those for vehicles */
    struct snapshot_lamp lamp[SNAPSHOT_LAMPS];
};

/* `far_m`: how far before the line there is something to see. */
void snapshot_take(struct snapshot *snapshot, const struct traffic *traffic, const struct lamps *lamps,
                   int approach_ix, double far_m, int64_t at_us);

/* Who and what is written into the picture. The texts are plain UTF-8. */
struct snapshot_caption {
    const struct intersection *junction;
    uint32_t vehicle_no; /* the accused */
    int lane_ix;
    int group_no; /* whose lamp is framed; 0 none */
    double x_m;   /* where the accused is */
    const char *plate;
    const char *title;   /* the kind of offence */
    const char *picture; /* which picture of how many, and what it shows */
    const char *time;
    const char *state;  /* what the feed said of the lamp */
    const char *record; /* its name */
};

/* Writes the whole SVG document. Errors are the stream's. */
void snapshot_draw(const struct snapshot *snapshot, const struct snapshot_caption *caption, FILE *out);

/* The lamp of a group in the picture; NULL: it is not there. */
const struct snapshot_lamp *snapshot_lamp_of(const struct snapshot *snapshot, int group_no);

#endif
