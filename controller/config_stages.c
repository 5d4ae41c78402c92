#include "config_read.h"
#include "stages.h"
#include <math.h>
#include <string.h>

enum { GREEN_MOST_S = 255, FLASHING_GREEN_MOST_S = 9, DS_MOST = 255, RED_YELLOW_MOST_DS = 50 };

/* Times that stand for all stages and for one. -1: not given. */
struct times {
    int green_s, min_green_s, max_green_s;
    int extension_ds;
    int flashing_green_s;
    int yellow_ds, all_red_ds, red_yellow_ds;
    int walk_s, ped_clear_s;
};

struct stages_reader {
    const struct config_reader *reader;
    const struct guard_card *card; /* zeroed where the file's is not read */
    struct database *db;
    struct stages stages;
    struct detector_mask detectors;
    uint64_t buttons;
};

static void read_seconds(const struct document_node *node, const char *key, int low_s, int high_s, int *out_s)
{
    int64_t seconds;
    if (document_int(node, key, OPTIONAL, low_s, high_s, &seconds))
        *out_s = (int)seconds;
}

/* Seconds with at most one decimal. */
static void read_tenths(const struct document_node *node, const char *key, int low_ds, int high_ds,
                        int *out_ds)
{
    double seconds;
    if (!document_double(node, key, OPTIONAL, low_ds / 10.0, high_ds / 10.0, &seconds))
        return;
    long tenths = lround(seconds * 10);
    if (fabs(seconds * 10 - (double)tenths) > 1e-6)
        document_fault_key(node, key, "%g is not a multiple of 0.1", seconds);
    else
        *out_ds = (int)tenths;
}

static void read_times(const struct document_node *node, struct times *t)
{
    read_seconds(node, "min_green_s", 1, GREEN_MOST_S, &t->min_green_s);
    read_seconds(node, "max_green_s", 1, GREEN_MOST_S, &t->max_green_s);
    read_tenths(node, "extension_s", 0, DS_MOST, &t->extension_ds);
    read_seconds(node, "flashing_green_s", 0, FLASHING_GREEN_MOST_S, &t->flashing_green_s);
    read_tenths(node, "yellow_s", 30, DS_MOST, &t->yellow_ds);
    read_tenths(node, "all_red_s", 0, DS_MOST, &t->all_red_ds);
    read_tenths(node, "red_yellow_s", 0, RED_YELLOW_MOST_DS, &t->red_yellow_ds);
    read_seconds(node, "walk_s", 1, GREEN_MOST_S, &t->walk_s);
    read_seconds(node, "ped_clear_s", 1, GREEN_MOST_S, &t->ped_clear_s);
}

/* ---- lamp groups ---- */

static bool group_fits(const struct stages_reader *r, const struct document_node *node, const char *key,
                       int no, bool walks)
{
    if (!r->reader->groups_sound)
        return true;
    if (!channel_has(&r->card->used, no)) {
        document_fault_key(node, key, "there is no lamp group %d", no);
        return false;
    }
    if (channel_has(&r->card->pedestrian, no) == walks)
        return true;
    document_fault_key(
        node, key, walks ? "lamp group %d is not for pedestrians" : "lamp group %d is for pedestrians", no);
    return false;
}

static void read_groups(const struct stages_reader *r, const struct document_node *node, const char *key,
                        enum document_need need, bool walks, struct channel_mask *out)
{
    uint8_t channel[CHANNELS_MAX];
    int count = config_read_numbers(node, key, need, 1, CHANNELS_MAX, channel, CHANNELS_MAX);
    for (int i = 0; i < count; i++)
        if (group_fits(r, node, key, channel[i], walks))
            channel_add(out, channel[i]);
}

/* Lamp groups that the card keeps apart may not stand in one stage. */
static void check_apart(const struct stages_reader *r, const struct document_node *node,
                        const struct stage *stage)
{
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (!channel_has(&stage->green, no) && !channel_has(&stage->walk, no))
            continue;
        for (int other = no + 1; other <= CHANNELS_MAX; other++) {
            bool together = channel_has(&stage->green, other) || channel_has(&stage->walk, other);
            if (together && r->reader->card_read && !channel_has(&r->card->permissive[no - 1], other))
                document_fault(node,
                               "lamp groups %d and %d are green together, and the card keeps them apart", no,
                               other);
        }
    }
}

/* ---- what calls a stage ---- */

static void read_detectors(struct stages_reader *r, const struct document_node *node, struct stage *stage)
{
    stage->detector_count = (uint8_t)config_read_numbers(
        node, "detectors", OPTIONAL, 1, VEHICLE_DETECTORS_MAX, stage->detector_no, STAGE_DETECTORS_MAX);
    for (int i = 0; i < stage->detector_count; i++) {
        int no = stage->detector_no[i];
        if (detector_has(&r->detectors, no) || r->db->vehicle_detector[no - 1].call_phase_no)
            document_fault_key(node, "detectors", "detector %d calls another stage already", no);
        detector_put(&r->detectors, no, true);
    }
    stage->button_count = (uint8_t)config_read_numbers(node, "buttons", OPTIONAL, 1, PEDESTRIAN_DETECTORS_MAX,
                                                       stage->button_no, STAGE_DETECTORS_MAX);
    for (int i = 0; i < stage->button_count; i++) {
        int no = stage->button_no[i];
        if (mask_has(r->buttons, no) || r->db->pedestrian_detector[no - 1].call_phase_no)
            document_fault_key(node, "buttons", "button %d calls another stage already", no);
        r->buttons |= mask_of(no);
    }
}

/* A stage that nothing could call is recalled. */
static void read_recall(const struct document_node *node, struct stage *stage)
{
    static const char *const words[] = {"none", "min", "max"};
    int recall = stage->detector_count || stage->button_count ? STAGE_NO_RECALL : STAGE_MIN_RECALL;
    document_word(node, "recall", OPTIONAL, words, 3, &recall);
    stage->recall = (enum stage_recall)recall;
}

/* ---- green ---- */

/* `green_s` is a green of always the same length; else traffic decides between a least and a most. */
static void read_green(const struct document_node *node, struct times *t, struct stage *stage)
{
    read_seconds(node, "green_s", 1, GREEN_MOST_S, &t->green_s);
    if (!document_has(node, "green_s")) {
        read_recall(node, stage);
        if (t->min_green_s < 0 || t->max_green_s < 0)
            document_fault(node, "neither green_s nor min_green_s and max_green_s are given");
        else if (t->max_green_s < t->min_green_s)
            document_fault(node, "a longest green of %d s is below the least of %d s", t->max_green_s,
                           t->min_green_s);
        return;
    }
    static const char *const others[] = {"min_green_s", "max_green_s", "extension_s",
                                         "recall",      "detectors",   "buttons"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (document_has(node, others[i]))
            document_fault_key(node, others[i], "a stage with green_s always lasts as long");
    t->min_green_s = t->max_green_s = t->green_s;
    stage->recall = STAGE_MAX_RECALL;
}

/* In a stage of fixed length the clearance ends with the green. */
static void read_walk(const struct document_node *node, struct times *t, struct stage *stage)
{
    bool walks = stage->walk.word[0] | stage->walk.word[1];
    bool fixed = t->green_s > 0;
    if (!walks)
        return;
    if (t->ped_clear_s < 0) {
        document_fault(node, "ped_clear_s is not given");
        return;
    }
    if (fixed && !document_has(node, "walk_s"))
        t->walk_s = t->green_s - t->ped_clear_s;
    if (t->walk_s < 0 && !fixed) {
        document_fault(node, "walk_s is not given");
    } else if (fixed && (t->walk_s < 1 || t->walk_s + t->ped_clear_s > t->green_s)) {
        document_fault(node, "%d s of green leave pedestrians no time to walk and to clear for %d s",
                       t->green_s, t->ped_clear_s);
    } else {
        stage->walk_s = (uint8_t)t->walk_s;
        stage->ped_clear_s = (uint8_t)t->ped_clear_s;
    }
    stage->ped_recall = stage->button_count == 0;
}

static void read_stage(struct stages_reader *r, const struct document_node *node, const struct times *common)
{
    struct stage *stage = &r->stages.stage[r->stages.count++];
    struct times t = *common;
    char name[NAME_TEXT];
    document_text(node, "name", OPTIONAL, name, sizeof name);
    read_groups(r, node, "green", OPTIONAL, false, &stage->green);
    read_groups(r, node, "walk", OPTIONAL, true, &stage->walk);
    if (!document_has(node, "green") && !document_has(node, "walk"))
        document_fault(node, "no lamp group is green");
    check_apart(r, node, stage);
    read_times(node, &t);
    read_detectors(r, node, stage);
    read_green(node, &t, stage);
    read_walk(node, &t, stage);
    stage->minimum_green_s = (uint8_t)(t.min_green_s > 0 ? t.min_green_s : 0);
    stage->maximum_green_s = (uint8_t)(t.max_green_s > 0 ? t.max_green_s : 0);
    stage->extension_ds = (uint8_t)t.extension_ds;
    stage->flashing_green_s = (uint8_t)t.flashing_green_s;
    stage->yellow_ds = (uint8_t)t.yellow_ds;
    stage->all_red_ds = (uint8_t)t.all_red_ds;
    stage->red_yellow_ds = (uint8_t)t.red_yellow_ds;
    document_finish(node);
}

/* ---- the section ---- */

/* What the stages make may not stand in the database as well. */
static void refuse_tables(const struct document_node *asc)
{
    static const char *const made[] = {"phaseTable", "sequenceTable", "channelTable", "overlapTable"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (document_has(asc, made[i]))
            document_fault_key(asc, made[i], "follows from the stages and may not be given beside them");
}

static void read_list(struct stages_reader *r, const struct document_node *section,
                      const struct times *common)
{
    struct document_node list, node = {0};
    if (!document_array(section, "list", REQUIRED, &list))
        return;
    if (document_count(&list) < 2 || document_count(&list) > PHASES_MAX) {
        document_fault(&list, "%d stages, 2 to %d are possible", document_count(&list), PHASES_MAX);
        return;
    }
    while (document_next(&list, &node))
        if (document_as_object(&node))
            read_stage(r, &node, common);
    int overlaps = stages_overlaps(&r->stages, r->card);
    if (overlaps > OVERLAPS_MAX)
        document_fault(&list, "%d lamp groups are green in several stages, at most %d can be", overlaps,
                       OVERLAPS_MAX);
}

bool config_read_stages(struct config_reader *reader, const struct document_node *root,
                        const struct document_node *asc)
{
    static const char *const clearances[] = {"flashing-green", "flashing-red"};
    struct document_node section;
    struct times common = {-1, -1, -1, 30, 0, 30, 20, 0, -1, -1};
    struct stages_reader r = {.reader = reader, .card = &reader->config->card, .db = &reader->config->db};
    int faults_before = root->document->faults, clearance = 0;
    if (!document_object(root, "stages", OPTIONAL, &section))
        return !document_has(root, "stages");
    refuse_tables(asc);
    read_times(&section, &common);
    document_word(&section, "ped_clear", OPTIONAL, clearances, 2, &clearance);
    r.stages.ped_clear_red = clearance == 1;
    read_groups(&r, &section, "dark_when_red", OPTIONAL, false, &r.stages.dark_when_red);
    uint8_t channel[CHANNELS_MAX];
    int count =
        config_read_numbers(&section, "off_by_schedule", OPTIONAL, 1, CHANNELS_MAX, channel, CHANNELS_MAX);
    for (int i = 0; i < count; i++)
        channel_add(&r.stages.off_by_schedule, channel[i]);
    read_list(&r, &section, &common);
    document_finish(&section);
    if (root->document->faults > faults_before)
        return false;
    stages_translate(&r.stages, r.card, r.db);
    return true;
}
