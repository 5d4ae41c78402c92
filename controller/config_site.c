#include "config_read.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double length_max_m = 2000;
static const double shares_tolerance = 0.001;

#define CHRONY_ADDRESS "udp:127.0.0.1:323"

/* ---- site ---- */

static bool is_identifier(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return *text && text[strspn(text, allowed)] == '\0';
}

static void read_identifier(const struct document_node *node, char *out, size_t size)
{
    if (document_text(node, "id", REQUIRED, out, size) && !is_identifier(out))
        document_fault_key(node, "id", "letters, digits, _ and - are possible");
}

/* Only this machine's own chronyd can say how well this machine's clock is kept. */
static void read_chrony(const struct document_node *node, struct address *chrony)
{
    address_parse(chrony, CHRONY_ADDRESS);
    if (!config_read_address(node, "chrony", OPTIONAL, CONFIG_UDP, chrony, NULL))
        return;
    if (!address_is_loopback(chrony) || address_port(chrony) == 0)
        document_fault_key(node, "chrony", "a port of this machine is needed, such as " CHRONY_ADDRESS);
}

void config_read_site(struct config_reader *reader, const struct document_node *root)
{
    struct site_config *site = &reader->config->site;
    struct document_node node, roads, road = {0};
    if (!document_object(root, "site", REQUIRED, &node))
        return;
    read_identifier(&node, site->id, sizeof site->id);
    snprintf(reader->config->feed.controller, sizeof reader->config->feed.controller, "%s", site->id);
    document_text(&node, "name", REQUIRED, site->name, sizeof site->name);
    document_text(&node, "name_en", OPTIONAL, site->name_en, sizeof site->name_en);
    document_text(&node, "time_zone", OPTIONAL, site->time_zone, sizeof site->time_zone);
    static const char *const clocks[] = {"synced", "any"};
    int clock = 0;
    document_word(&node, "clock", OPTIONAL, clocks, 2, &clock);
    site->clock_trusted = clock == 1;
    read_chrony(&node, &site->chrony);
    if (document_array(&node, "roads", OPTIONAL, &roads)) {
        int max = sizeof site->road / sizeof *site->road;
        if (document_count(&roads) > max)
            document_fault(&roads, "%d roads, at most %d are possible", document_count(&roads), max);
        while (site->road_count < max && document_next(&roads, &road)) {
            if (document_as_text(&road, site->road[site->road_count], sizeof site->road[0]))
                site->road_count++;
        }
    }
    document_finish(&node);
}

/* ---- approaches ---- */

/* Inputs of the cabinet that already belong to a lane or a crosswalk. */
struct taken {
    struct detector_mask vehicle;
    uint64_t pedestrian;
};

static bool has_approach(const struct config *config, const char *id)
{
    for (int i = 0; i < config->approach_count; i++) {
        if (strcmp(config->approach[i].id, id) == 0)
            return true;
    }
    return false;
}

static void read_lane_detector(struct config_reader *reader, const struct document_node *node,
                               struct lane_config *lane, struct taken *taken)
{
    static const char *const words[] = {"stop-bar", "advance"};
    struct lane_detector *detector = &lane->detector[lane->detector_count];
    int wired = reader->map_sound ? reader->config->cabinet.map.vehicles : VEHICLE_DETECTORS_MAX;
    int64_t no = 0;
    int kind = LANE_STOP_BAR;
    if (document_int(node, "no", REQUIRED, 1, VEHICLE_DETECTORS_MAX, &no)) {
        if (no > wired)
            document_fault_key(node, "no", "there is no vehicle detector %d: the cabinet has %d", (int)no,
                               wired);
        else if (detector_has(&taken->vehicle, (int)no))
            document_fault_key(node, "no", "vehicle detector %d lies in another place already", (int)no);
        detector_put(&taken->vehicle, (int)no, true);
    }
    document_word(node, "kind", REQUIRED, words, 2, &kind);
    document_double(node, "distance_m", REQUIRED, 0, length_max_m, &detector->distance_m);
    document_double(node, "length_m", REQUIRED, 0.1, 100, &detector->length_m);
    detector->detector_no = (uint8_t)no;
    detector->kind = (enum lane_detector_kind)kind;
    lane->detector_count++;
    document_finish(node);
}

static void read_lane_group(struct config_reader *reader, const struct document_node *groups, const char *key,
                            bool moves, bool needed, uint8_t *out)
{
    int64_t no;
    if (!document_has(groups, key)) {
        if (moves && needed)
            document_fault(groups, "no lamp group is given for the movement \"%s\"", key);
        return;
    }
    if (!document_int(groups, key, OPTIONAL, 1, CHANNELS_MAX, &no))
        return;
    const struct feed_group *group = config_group(reader->config, (int)no);
    if (!moves)
        document_fault_key(groups, key, "the movement is not allowed from this lane");
    else if (!group && reader->groups_sound)
        document_fault_key(groups, key, "there is no lamp group %d", (int)no);
    else if (group && group->kind == GROUP_PEDESTRIAN)
        document_fault_key(groups, key, "lamp group %d is for pedestrians", (int)no);
    else
        *out = (uint8_t)no;
}

/* A right turn without a lamp of its own goes whenever it can yield. */
static void read_lane_groups(struct config_reader *reader, const struct document_node *node,
                             struct lane_config *lane)
{
    struct document_node groups;
    bool through_or_left = lane->movements & (MOVE_LEFT | MOVE_THROUGH);
    if (!document_object(node, "groups", through_or_left ? REQUIRED : OPTIONAL, &groups))
        return;
    read_lane_group(reader, &groups, "left", lane->movements & MOVE_LEFT, true, &lane->left_group_no);
    read_lane_group(reader, &groups, "through", lane->movements & MOVE_THROUGH, true,
                    &lane->through_group_no);
    read_lane_group(reader, &groups, "right", lane->movements & MOVE_RIGHT, false, &lane->right_group_no);
    document_finish(&groups);
}

static void read_lane(struct config_reader *reader, const struct document_node *node,
                      struct approach_config *approach, struct taken *taken)
{
    struct lane_config *lane = &approach->lane[approach->lane_count];
    struct document_node list, element = {0};
    int64_t no;
    if (document_int(node, "no", REQUIRED, 1, LANES_MAX, &no)) {
        lane->no = (uint8_t)no;
        if (no != approach->lane_count + 1)
            document_fault_key(node, "no", "lanes are numbered from the centre line out: %d is expected here",
                               approach->lane_count + 1);
    }
    config_read_movements(node, "movements", &lane->movements);
    if (lane->movements & (MOVE_CROSS | MOVE_U_TURN))
        document_fault_key(node, "movements", "a lane leads left, through or right");
    document_double(node, "length_m", REQUIRED, 10, length_max_m, &lane->length_m);
    read_lane_groups(reader, node, lane);
    if (document_array(node, "detectors", OPTIONAL, &list)) {
        if (document_count(&list) > LANE_DETECTORS_MAX)
            document_fault(&list, "%d detectors, at most %d are possible", document_count(&list),
                           LANE_DETECTORS_MAX);
        while (lane->detector_count < LANE_DETECTORS_MAX && document_next(&list, &element)) {
            if (document_as_object(&element))
                read_lane_detector(reader, &element, lane, taken);
        }
    }
    approach->lane_count++;
    document_finish(node);
}

static void read_crosswalk(struct config_reader *reader, const struct document_node *approach,
                           struct crosswalk_config *crosswalk, struct taken *taken)
{
    struct document_node node;
    int wired = reader->map_sound ? reader->config->cabinet.map.pedestrians : PEDESTRIAN_DETECTORS_MAX;
    int64_t group_no, no;
    if (!document_object(approach, "crosswalk", OPTIONAL, &node))
        return;
    crosswalk->present = true;
    if (document_int(&node, "group", REQUIRED, 1, CHANNELS_MAX, &group_no)) {
        const struct feed_group *group = config_group(reader->config, (int)group_no);
        crosswalk->group_no = (uint8_t)group_no;
        if (!group && reader->groups_sound)
            document_fault_key(&node, "group", "there is no lamp group %d", (int)group_no);
        else if (group && group->kind != GROUP_PEDESTRIAN)
            document_fault_key(&node, "group", "lamp group %d is not for pedestrians", (int)group_no);
    }
    if (document_int(&node, "detector", OPTIONAL, 1, PEDESTRIAN_DETECTORS_MAX, &no)) {
        crosswalk->detector_no = (uint8_t)no;
        if (no > wired)
            document_fault_key(&node, "detector", "there is no pedestrian detector %d: the cabinet has %d",
                               (int)no, wired);
        else if (mask_has(taken->pedestrian, (int)no))
            document_fault_key(&node, "detector", "pedestrian detector %d is in another place already",
                               (int)no);
        taken->pedestrian |= mask_of((int)no);
    }
    document_double(&node, "length_m", REQUIRED, 1, 100, &crosswalk->length_m);
    document_finish(&node);
}

/* The stretch of road a camera watches: by law nobody may stand within 50 m of a junction, and the last
 * metres belong to whoever waits at the line. */
static void read_stretch(const struct document_node *node, struct camera_config *camera)
{
    static const double least_m = 20; /* three pictures have to show that a vehicle has moved */
    camera->from_m = 5;
    camera->to_m = 50;
    bool sound = document_double(node, "from_m", OPTIONAL, 0, length_max_m, &camera->from_m) ||
                 !document_has(node, "from_m");
    sound &= document_double(node, "to_m", OPTIONAL, 0, length_max_m, &camera->to_m) ||
             !document_has(node, "to_m");
    if (sound && camera->to_m - camera->from_m < least_m)
        document_fault(node, "from %.0f to %.0f m is no stretch of %.0f m", camera->from_m, camera->to_m,
                       least_m);
}

static void read_dwell(const struct document_node *node, struct camera_config *camera)
{
    int64_t dwell_s = 180;
    document_int(node, "dwell_s", OPTIONAL, 10, 3600, &dwell_s);
    camera->dwell_s = (uint16_t)dwell_s;
}

static void read_camera(struct config_reader *reader, const struct document_node *node,
                        const struct approach_config *approach)
{
    static const char *const words[] = {"red-light", "wrong-way", "parking"};
    struct config *config = reader->config;
    if (config->camera_count == CAMERAS_MAX) {
        document_fault(node, "more than %d cameras", CAMERAS_MAX);
        return;
    }
    struct camera_config *camera = &config->camera[config->camera_count];
    int kind = CAMERA_RED_LIGHT;
    read_identifier(node, camera->id, sizeof camera->id);
    for (int i = 0; i < config->camera_count; i++) {
        if (strcmp(config->camera[i].id, camera->id) == 0)
            document_fault_key(node, "id", "camera \"%s\" stands there twice", camera->id);
    }
    document_word(node, "kind", REQUIRED, words, 3, &kind);
    camera->kind = (enum camera_kind)kind;
    if (camera->kind != CAMERA_RED_LIGHT)
        read_stretch(node, camera);
    if (camera->kind == CAMERA_PARKING)
        read_dwell(node, camera);
    snprintf(camera->approach, sizeof camera->approach, "%s", approach->id);
    camera->lane_count = (uint8_t)config_read_numbers(
        node, "lanes", REQUIRED, 1, approach->lane_count ? approach->lane_count : 1, camera->lane, LANES_MAX);
    config->camera_count++;
    document_finish(node);
}

static void read_turns(const struct document_node *node, struct approach_config *approach)
{
    struct document_node turns;
    if (!document_object(node, "turns", REQUIRED, &turns))
        return;
    bool sound = document_double(&turns, "left", REQUIRED, 0, 1, &approach->left_share);
    sound &= document_double(&turns, "through", REQUIRED, 0, 1, &approach->through_share);
    sound &= document_double(&turns, "right", REQUIRED, 0, 1, &approach->right_share);
    double sum = approach->left_share + approach->through_share + approach->right_share;
    if (sound && fabs(sum - 1) > shares_tolerance)
        document_fault(&turns, "the shares add up to %.3f, not to 1", sum);
    document_finish(&turns);
}

static void read_offences(const struct document_node *approach, struct offence_rates *rates)
{
    static const double most = 60;
    struct document_node node;
    *rates = (struct offence_rates){.wrong_way = 0.4, .parking = 0.6, .short_stops = 3};
    if (!document_object(approach, "offences", OPTIONAL, &node))
        return;
    document_double(&node, "wrong_way", OPTIONAL, 0, most, &rates->wrong_way);
    document_double(&node, "parking", OPTIONAL, 0, most, &rates->parking);
    document_double(&node, "short_stops", OPTIONAL, 0, most, &rates->short_stops);
    document_finish(&node);
}

/* Every turn that is taken needs a lane that allows it. */
static void check_turns(const struct document_node *node, const struct approach_config *approach)
{
    const struct {
        const char *key;
        double share;
        uint8_t movement;
    } turns[] = {
        {"left", approach->left_share, MOVE_LEFT},
        {"through", approach->through_share, MOVE_THROUGH},
        {"right", approach->right_share, MOVE_RIGHT},
    };
    uint8_t allowed = 0;
    for (int i = 0; i < approach->lane_count; i++)
        allowed |= approach->lane[i].movements;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        if (turns[i].share > 0 && !(allowed & turns[i].movement))
            document_fault_key(node, "turns", "no lane allows the movement \"%s\"", turns[i].key);
    }
}

static void read_approach(struct config_reader *reader, const struct document_node *node, struct taken *taken)
{
    struct config *config = reader->config;
    struct approach_config *approach = &config->approach[config->approach_count];
    struct document_node list, element = {0};
    read_identifier(node, approach->id, sizeof approach->id);
    if (has_approach(config, approach->id))
        document_fault_key(node, "id", "approach \"%s\" stands there twice", approach->id);
    document_text(node, "name", REQUIRED, approach->name, sizeof approach->name);
    document_text(node, "name_en", OPTIONAL, approach->name_en, sizeof approach->name_en);
    document_double(node, "bearing_deg", REQUIRED, 0, 360, &approach->bearing_deg);
    document_double(node, "speed_limit_kmh", REQUIRED, 5, 120, &approach->speed_limit_kmh);
    document_double(node, "share", REQUIRED, 0, 1, &approach->share);
    read_turns(node, approach);
    if (document_array(node, "lanes", REQUIRED, &list)) {
        if (document_count(&list) > LANES_MAX)
            document_fault(&list, "%d lanes, at most %d are possible", document_count(&list), LANES_MAX);
        while (approach->lane_count < LANES_MAX && document_next(&list, &element)) {
            if (document_as_object(&element))
                read_lane(reader, &element, approach, taken);
        }
        check_turns(node, approach);
    }
    read_crosswalk(reader, node, &approach->crosswalk, taken);
    read_offences(node, &approach->offences);
    element = (struct document_node){0};
    if (document_array(node, "cameras", OPTIONAL, &list)) {
        while (document_next(&list, &element)) {
            if (document_as_object(&element))
                read_camera(reader, &element, approach);
        }
    }
    config->approach_count++;
    document_finish(node);
}

/* A lamp group that speaks of an approach has to find it, and its lanes. */
static void check_groups(const struct config_reader *reader, const struct document_node *root)
{
    const struct config *config = reader->config;
    struct document_node cabinet, groups, node = {0};
    if (!reader->groups_sound || !document_object(root, "cabinet", OPTIONAL, &cabinet) ||
        !document_array(&cabinet, "groups", OPTIONAL, &groups))
        return;
    for (int i = 0; i < config->feed.group_count && document_next(&groups, &node); i++) {
        const struct feed_group *group = &config->feed.group[i];
        const struct approach_config *approach = NULL;
        for (int a = 0; a < config->approach_count; a++) {
            if (strcmp(config->approach[a].id, group->approach) == 0)
                approach = &config->approach[a];
        }
        if (!approach && group->approach[0])
            document_fault_key(&node, "approach", "there is no approach \"%s\"", group->approach);
        for (int l = 0; approach && l < group->lane_count; l++) {
            if (group->lane[l] > approach->lane_count)
                document_fault_key(&node, "lanes", "approach \"%s\" has no lane %d", approach->id,
                                   group->lane[l]);
        }
    }
}

void config_read_approaches(struct config_reader *reader, const struct document_node *root)
{
    struct config *config = reader->config;
    struct document_node list, node = {0};
    struct taken taken = {0};
    if (!document_array(root, "approaches", OPTIONAL, &list))
        return;
    if (document_count(&list) > APPROACHES_MAX)
        document_fault(&list, "%d approaches, at most %d are possible", document_count(&list),
                       APPROACHES_MAX);
    while (config->approach_count < APPROACHES_MAX && document_next(&list, &node)) {
        if (document_as_object(&node))
            read_approach(reader, &node, &taken);
    }
    check_groups(reader, root);
}
