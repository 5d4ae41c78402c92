/* The junction as its users meet it: approaching lanes, the lamp each movement obeys, and who must
 * give way to whom. Worked out once from the config; constant afterwards. */
#ifndef SIM_INTERSECTION_H
#define SIM_INTERSECTION_H

#include "../controller/config.h"

enum { INTERSECTION_LANES_MAX = 64, NO_APPROACH = -1 };

enum turn { TURN_LEFT, TURN_THROUGH, TURN_RIGHT, TURNS };

/* Where a vehicle on its way across is told of: its front on the stop line, its rear over the line, and so
 * far on that it clearly has not stopped behind it. */
enum place { PLACE_LINE, PLACE_OVER, PLACE_FAR, PLACES };

struct lane_layout {
    const struct lane_config *config;
    uint8_t approach_ix;
    double limit_ms; /* speed limit */
    bool allowed[TURNS];
    uint8_t group_no[TURNS]; /* the lamp this movement obeys; 0 with right: any red, after yielding */
    uint8_t sight_group_no;  /* the lamp a right turn without its own looks at: green means go; 0 none */
};

struct intersection {
    const struct config *config;
    int lane_count;
    struct lane_layout lane[INTERSECTION_LANES_MAX];
    /* Per approach: the approaches across and on the driver's left, and where its turns leave. */
    int8_t opposite_ix[APPROACHES_MAX];
    int8_t from_left_ix[APPROACHES_MAX];
    int8_t from_right_ix[APPROACHES_MAX];
    uint64_t lane_mask[APPROACHES_MAX];       /* bit = index in lane[] */
    double turn_share[APPROACHES_MAX][TURNS]; /* of the turns some lane allows; sum 1, or all 0 */
    double share_sum;
};

/* `config` must outlive the intersection. Returns 0, or -1 if there are more lanes than fit. */
int intersection_init(struct intersection *junction, const struct config *config);

/* The lanes a camera looks at; bit = index in lane[]. */
uint64_t intersection_watched(const struct intersection *junction, const struct camera_config *camera);

/* The lamp group whose red makes this movement an offence; 0: none does. A round red lets a right turn pass,
 * even where its drivers wait for it; a red arrow does not. */
int intersection_binding_group(const struct intersection *junction, int lane_ix, enum turn turn);

#endif
