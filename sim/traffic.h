/* The vehicles: they arrive, choose a lane, follow each other, obey the lamps they see (most of them),
 * give way, and leave. Advances in steps of one tick; the instant at which a stop line is crossed is
 * interpolated. Fixed arrays, nothing allocated after traffic_new(). */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include "intersection.h"
#include "lamps.h"
#include "pedestrians.h"
#include "rng.h"
#include "strays.h"

enum demand {
    DEMAND_NIGHT,
    DEMAND_LOW,
    DEMAND_MEDIUM,
    DEMAND_HIGH,
    DEMAND_DAY, /* one of those, by the hour */
};

enum {
    LANE_VEHICLES = 64, /* room on one lane; a power of two */
    LANE_WAITING = 256, /* and before its entry */
};

/* What a driver made of the lamp that is showing now. */
enum verdict { VERDICT_NONE, VERDICT_STOP, VERDICT_GO };

enum temper {
    TEMPER_LAWFUL,
    TEMPER_HASTY,   /* overrates how far a yellow will carry */
    TEMPER_RECKLESS /* does not stop for red when nobody stands before him */
};

struct vehicle {
    double x_m; /* front bumper beyond the stop line; negative: still before it */
    double v_ms;
    double wish_ms; /* desired speed */
    double headway_s;
    int64_t reaction_us; /* from green to setting off */
    int64_t arrived_us;
    int64_t crossed_us; /* the stop line; -1 not yet */
    uint32_t no;        /* counted from 1 */
    float length_m;
    uint8_t turn;    /* enum turn */
    uint8_t temper;  /* enum temper */
    uint8_t verdict; /* enum verdict */
    uint8_t place;   /* enum place: the next one it is told of; PLACES: all were */
    bool slow;       /* has come to a stop and not got going again */
    uint8_t stops;
};

struct traffic_lane {
    struct vehicle slot[LANE_VEHICLES];
    uint32_t first; /* slot of the foremost, modulo LANE_VEHICLES */
    uint32_t count;
    struct {
        int64_t arrived_us;
        uint8_t turn;
    } waiting[LANE_WAITING];
    uint32_t waiting_first, waiting_count;
};

/* How fast vehicles passed a place, each against the limit of its approach. */
struct traffic_speeds {
    uint64_t passed;
    uint64_t over; /* above the limit */
    double sum_ms;
};

struct traffic_totals {
    uint64_t vehicles;                         /* arrived */
    uint64_t served;                           /* left on the other side */
    uint64_t turned_away;                      /* found even the road before the entry full */
    uint64_t stops;                            /* of the served */
    double delay_s;                            /* of the served, against an empty road and green */
    struct traffic_speeds approach, stop_line; /* TRAFFIC_APPROACH_M before the line, and on it */
};

/* A vehicle passed a place at an instant of the tick that is being stepped. */
typedef void traffic_passed(void *arg, int lane_ix, const struct vehicle *vehicle, enum place place,
                            int64_t at_us);

struct traffic_observer {
    traffic_passed *passed;
    void *arg;
};

struct traffic {
    const struct intersection *junction;
    struct traffic_observer observer;
    struct rng arrivals[APPROACHES_MAX];
    struct rng drivers;
    double arrival_chance[APPROACHES_MAX]; /* in one tick */
    int64_t turn_taken_us;                 /* in flash one vehicle after the other: the last one's entry */
    uint64_t active_mask;                  /* lanes with anyone on them */
    struct traffic_totals totals;
    uint32_t numbers;
    struct strays strays;
    struct traffic_lane lane[INTERSECTION_LANES_MAX];
};

extern const double TRAFFIC_FAR_M;      /* of PLACE_FAR */
extern const double TRAFFIC_APPROACH_M; /* where speeds on the approach are taken; lanes may be shorter */

/* What the demand is at that hour of local time: never DEMAND_DAY. */
enum demand demand_at(enum demand demand, int hour);

/* Allocates. `demand` is not DEMAND_DAY. `junction` must outlive it. NULL: memory is short. */
struct traffic *traffic_new(const struct intersection *junction, enum demand demand, uint64_t seed,
                            const struct traffic_observer *observer);

/* From now on so many arrive; not DEMAND_DAY. */
void traffic_set_demand(struct traffic *traffic, enum demand demand);
void traffic_free(struct traffic *traffic);

/* Moves everyone from `from_us` to one tick later, past the lamps as they are now. */
void traffic_step(struct traffic *traffic, const struct lamps *lamps, const struct pedestrians *walkers,
                  int64_t from_us);

/* Puts one lawful vehicle behind all others of a lane, as if it had just arrived (tests). Returns it, or NULL
 * if there is no room. */
struct vehicle *traffic_put(struct traffic *traffic, int lane_ix, enum turn turn, double x_m, double v_ms,
                            int64_t now_us);

/* Vehicles in the lane that stand or crawl, those waiting before the entry included. */
int traffic_queue(const struct traffic *traffic, int lane_ix);

/* How far the front is beyond the stop line when the vehicle is told of at this place. */
double traffic_place_m(const struct vehicle *vehicle, enum place place);

static inline struct vehicle *traffic_vehicle(struct traffic_lane *lane, uint32_t nth)
{
    return &lane->slot[(lane->first + nth) % LANE_VEHICLES];
}

#endif
