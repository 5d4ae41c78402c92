/* The vehicles against a scripted lamp. */
#include "../../sim/traffic.h"
#include "harness.h"
#include <string.h>

enum { GROUP_NO = 1, OTHER_NO = 2, CROSSINGS_MAX = 512 };

struct crossing {
    int64_t at_us;
    uint32_t no;
    int lane_ix;
    enum turn turn;
};

static struct config config;
static struct intersection junction;
static struct lamps lamps;
static struct pedestrians walkers;
static struct crossing crossing[CROSSINGS_MAX];
static int crossings;

static void note_crossing(void *arg, int lane_ix, const struct vehicle *vehicle)
{
    (void)arg;
    if (crossings < CROSSINGS_MAX)
        crossing[crossings++] =
            (struct crossing){vehicle->crossed_us, vehicle->no, lane_ix, (enum turn)vehicle->turn};
}

static const struct traffic_observer observer = {note_crossing, NULL, NULL};

static void show(enum lamp_color first, enum lamp_color second, int64_t now_us)
{
    struct channel_mask mask[4] = {0};
    channel_add(&mask[first], GROUP_NO);
    channel_add(&mask[second], OTHER_NO);
    lamps_set(&lamps, &mask[LAMP_RED], &mask[LAMP_YELLOW], &mask[LAMP_GREEN], now_us);
}

/* Two approaches that face each other, one lane each for everything. */
static struct traffic *begin(double share, unsigned movements)
{
    memset(&config, 0, sizeof config);
    config.approach_count = 2;
    for (int i = 0; i < 2; i++) {
        struct approach_config *approach = &config.approach[i];
        approach->bearing_deg = 180 * i;
        approach->speed_limit_kmh = 50;
        approach->share = share;
        approach->through_share = 1;
        approach->lane_count = 1;
        approach->lane[0] = (struct lane_config){.no = 1,
                                                 .movements = (uint8_t)movements,
                                                 .left_group_no = (uint8_t)(GROUP_NO + i),
                                                 .through_group_no = (uint8_t)(GROUP_NO + i),
                                                 .length_m = 250};
    }
    crossings = 0;
    intersection_init(&junction, &config);
    lamps_init(&lamps, 0);
    pedestrians_init(&walkers, &config, 0, 1);
    return traffic_new(&junction, DEMAND_MEDIUM, 1, &observer);
}

static int64_t run(struct traffic *traffic, int64_t from_us, double seconds)
{
    for (int64_t end_us = from_us + (int64_t)(seconds * 1e6); from_us < end_us; from_us += TICK_MS * 1000) {
        lamps_settle(&lamps, from_us);
        traffic_step(traffic, &lamps, &walkers, from_us);
    }
    return from_us;
}

static void a_standing_queue_discharges_at_saturation(void)
{
    struct traffic *traffic = begin(0, MOVE_THROUGH);
    show(LAMP_RED, LAMP_RED, 0);
    for (int i = 0; i < 30; i++)
        traffic_put(traffic, 0, TURN_THROUGH, -1.0 - 6.5 * i, 0, 0);
    int64_t green_us = run(traffic, 0, 10);
    CHECK_INT(0, crossings);
    show(LAMP_GREEN, LAMP_RED, green_us);
    run(traffic, green_us, 90);
    if (!CHECK_INT(30, crossings)) {
        traffic_free(traffic);
        return;
    }
    /* Saturation flow is counted from the fourth vehicle on, as in the field. */
    double headway_s = (double)(crossing[25].at_us - crossing[3].at_us) / 22 / 1e6;
    harness_at("headway %.3f s, %.0f an hour, first after %.2f s", headway_s, 3600 / headway_s,
               (double)(crossing[0].at_us - green_us) / 1e6);
    CHECK(3600 / headway_s >= 1800 && 3600 / headway_s <= 1900);
    CHECK(crossing[0].at_us - green_us > 1000 * 1000 && crossing[0].at_us - green_us < 3500 * 1000);
    traffic_free(traffic);
}

HARNESS_MAIN({"a standing queue discharges at 1,800 to 1,900 vehicles an hour", a_standing_queue_discharges_at_saturation}, )
