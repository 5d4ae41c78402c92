/* Stages: what rings, overlaps and channels they become, and what a file may not say about them. */
#include "../../controller/config.h"
#include "../../controller/stages.h"
#include "../../ntcip/object.h"
#include "harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char example[] = SOURCE_ROOT "/configs/stages-example.json";

static struct stages stages;
static struct guard_card card;
static struct database db;

static struct stage plain_stage(void)
{
    return (struct stage){.minimum_green_s = 10,
                          .maximum_green_s = 30,
                          .extension_ds = 30,
                          .yellow_ds = 30,
                          .all_red_ds = 20,
                          .flashing_green_s = 3};
}

/* Three stages: 1 and 2; 1 and 3 with pedestrians 5; 4. */
static void begin(void)
{
    memset(&stages, 0, sizeof stages);
    memset(&card, 0, sizeof card);
    object_defaults(&db);
    database_default_channels(&db);
    stages.count = 3;
    for (int i = 0; i < 3; i++)
        stages.stage[i] = plain_stage();
    channel_add(&stages.stage[0].green, 1);
    channel_add(&stages.stage[0].green, 2);
    channel_add(&stages.stage[1].green, 1);
    channel_add(&stages.stage[1].green, 3);
    channel_add(&stages.stage[1].walk, 5);
    channel_add(&stages.stage[2].green, 4);
    stages.stage[1].walk_s = 7;
    stages.stage[1].ped_clear_s = 12;
}

static void check_channel(int no, enum channel_type type, int source_no)
{
    harness_at("channel %d", no);
    CHECK_INT(type, db.channel[no - 1].type);
    CHECK_INT(source_no, db.channel[no - 1].source_no);
}

static void a_stage_is_a_phase(void)
{
    begin();
    stages_translate(&stages, &card, &db);
    CHECK_INT(3, db.sequence[0][0].count);
    CHECK_INT(2, db.sequence[0][0].number[1]);
    CHECK_INT(1, db.phase[2].ring_no);
    CHECK(database_phase_enabled(&db, 3) && !database_phase_enabled(&db, 4));
    CHECK_INT(10, db.phase[0].minimum_green_s);
    CHECK_INT(30, db.phase[0].maximum1_s);
    CHECK_INT(3, db.phase[0].flashing_green_s);
    CHECK_INT(30, db.phase[0].yellow_ds);
    CHECK_INT(20, db.phase[0].red_clear_ds);
    CHECK_INT(7, db.phase[1].walk_s);
    CHECK_INT(STARTUP_GREEN_NO_WALK, db.phase[0].startup);
    CHECK_INT(0, database_check(&db, NULL, NULL));
}

static void a_group_of_several_stages_is_an_overlap(void)
{
    begin();
    CHECK_INT(1, stages_overlaps(&stages, &card));
    stages_translate(&stages, &card, &db);
    check_channel(1, CHANNEL_OVERLAP, 1);
    check_channel(2, CHANNEL_VEHICLE, 1);
    check_channel(3, CHANNEL_VEHICLE, 2);
    check_channel(4, CHANNEL_VEHICLE, 3);
    check_channel(5, CHANNEL_PEDESTRIAN, 2);
    check_channel(6, CHANNEL_OTHER, 0); /* the default assignment has gone */
    CHECK_INT(OVERLAP_NORMAL, db.overlap[0].type);
    CHECK_INT(2, db.overlap[0].included.count);
    CHECK_INT(2, db.overlap[0].included.number[1]);
    CHECK_INT(PED_CLEAR_FLASHING_GREEN, db.channel[4].ped_clear_indication);
}

static void pedestrians_and_bars_have_overlaps_of_their_kind(void)
{
    begin();
    channel_add(&stages.stage[2].walk, 5);
    channel_add(&card.bar, 4);
    CHECK_INT(3, stages_overlaps(&stages, &card));
    stages_translate(&stages, &card, &db);
    check_channel(4, CHANNEL_OVERLAP, 2);
    check_channel(5, CHANNEL_PED_OVERLAP, 3);
    CHECK_INT(OVERLAP_TRANSIT_2, db.overlap[1].type);
    CHECK_INT(OVERLAP_PEDESTRIAN, db.overlap[2].type);
}

static void the_card_says_how_groups_flash(void)
{
    begin();
    channel_add(&card.flash_yellow, 1);
    channel_add(&card.flash_red, 4);
    channel_add(&stages.dark_when_red, 2);
    stages_translate(&stages, &card, &db);
    CHECK_INT(CHANNEL_FLASH_YELLOW, db.channel[0].flash);
    CHECK_INT(CHANNEL_FLASH_RED, db.channel[3].flash);
    CHECK_INT(0, db.channel[1].flash);
    CHECK_INT(1, db.channel[1].dark_when_red);
}

static void detectors_call_their_stage(void)
{
    begin();
    stages.stage[2].detector_count = 2;
    stages.stage[2].detector_no[0] = 7;
    stages.stage[2].detector_no[1] = 160;
    stages.stage[1].button_count = 1;
    stages.stage[1].button_no[0] = 3;
    stages.stage[0].recall = STAGE_MIN_RECALL;
    stages_translate(&stages, &card, &db);
    CHECK_INT(3, db.vehicle_detector[6].call_phase_no);
    CHECK_INT(3, db.vehicle_detector[159].call_phase_no);
    CHECK_INT(DETECTOR_CALL | DETECTOR_PASSAGE,
              db.vehicle_detector[6].options & (DETECTOR_CALL | DETECTOR_PASSAGE));
    CHECK_INT(2, db.pedestrian_detector[2].call_phase_no);
    CHECK(db.phase[0].options & PHASE_MIN_RECALL);
    CHECK(!(db.phase[2].options & PHASE_MIN_RECALL));
}

/* ---- the file ---- */

static struct config config;
static char first_line[640];
static int line_count;
static char text[64 * 1024], path[] = "/tmp/test_stages.XXXXXX";

static void keep_line(void *arg, const char *line)
{
    (void)arg;
    if (line_count++ == 0)
        snprintf(first_line, sizeof first_line, "%s", line);
}

/* Loads the example with one piece of its text replaced. */
static int load_changed(const char *from, const char *to)
{
    char *at = strstr(text, from);
    first_line[0] = '\0';
    line_count = 0;
    if (!at) {
        CHECK_FAIL("the example does not say %s", from);
        return -1;
    }
    FILE *file = fopen(path, "w");
    if (!CHECK(file != NULL))
        return -1;
    fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    fclose(file);
    return config_load(&config, path, CONFIG_WHOLE, keep_line, NULL);
}

static void the_example_is_sound(void)
{
    CHECK_INT(0, load_changed("\"stages\"", "\"stages\""));
    CHECK_STR("", first_line);
    CHECK_INT(1, config.feed.group[0].overlap_no);
    CHECK_INT(0, config.feed.group[0].phase_no);
    CHECK_INT(3, config.feed.group[3].phase_no);
    CHECK_INT(0, config_load(&config, example, CONFIG_ASC_ONLY, keep_line, NULL));
    CHECK_INT(25, config.db.phase[2].red_clear_ds);
}

static void a_fixed_stage_lasts_its_green(void)
{
    CHECK_INT(
        0, load_changed(
               "\"green\": [4], \"walk\": [6], \"walk_s\": 7, \"ped_clear_s\": 19, \"detectors\": [10, 11], "
               "\"buttons\": [2]",
               "\"green\": [4], \"walk\": [6], \"green_s\": 40, \"ped_clear_s\": 19"));
    const struct phase_row *row = &config.db.phase[2];
    CHECK_INT(40, row->minimum_green_s);
    CHECK_INT(40, row->maximum1_s);
    CHECK_INT(21, row->walk_s); /* the clearance ends with the green */
    CHECK(row->options & PHASE_MAX_RECALL);
    CHECK(row->options & PHASE_PED_RECALL);
}

static void one_slip_is_one_line(void)
{
    static const struct {
        const char *from, *to, *part;
    } slips[] = {
        {"\"green\": [1, 2]", "\"green\": [1, 4]",
         "stages.list[0]: lamp groups 1 and 4 are green together, and the card keeps them apart"},
        {"\"green\": [4]", "\"green\": [9]", "stages.list[2].green: there is no lamp group 9"},
        {"\"green\": [4]", "\"green\": [6]", "lamp group 6 is for pedestrians"},
        {"\"walk\": [5]", "\"walk\": [3]", "lamp group 3 is not for pedestrians"},
        {"\"yellow_s\": 3,", "\"yellow_s\": 2.5,", "stages.yellow_s: 2.5 is not from 3 to 25.5"},
        {"\"all_red_s\": 2.5", "\"all_red_s\": 2.55", "2.55 is not a multiple of 0.1"},
        {"\"green\": [4]", "\"green\": [4], \"all_red_s\": 0.5",
         "stages.list[2]: phase 3: 500 ms of red clearance is below the card's floor"},
        {"\"max_green_s\": 25", "\"max_green_s\": 5", "a longest green of 5 s is below the least of 8 s"},
        {"\"max_green_s\": 25", "\"max_gren_s\": 5", "stages.list[0].max_gren_s"},
        {"\"max_green_s\": 25", "\"green_s\": 25", "a stage with green_s always lasts as long"},
        {"\"detectors\": [1]", "\"detectors\": [2]", "detector 2 calls another stage already"},
        {"\"ped_clear_s\": 19, ", "", "stages.list[2]: ped_clear_s is not given"},
        {"\"unitRedRevert\": 20,", "\"unitRedRevert\": 20, \"phaseTable\": [],",
         "asc.phaseTable: follows from the stages and may not be given beside them"},
        {"\"approach\": \"S\",\n       \"movements\": [\"through\"]",
         "\"phase\": 2, \"approach\": \"S\",\n       \"movements\": [\"through\"]",
         "the stages say when the lamp group is green"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        harness_at("%s", slips[i].to);
        CHECK_INT(1, load_changed(slips[i].from, slips[i].to));
        if (!strstr(first_line, slips[i].part))
            CHECK_FAIL("expected \"%s\", came \"%s\"", slips[i].part, first_line);
        CHECK_INT(1, line_count);
    }
}

static void the_digest_sees_the_stages(void)
{
    uint8_t before[32];
    load_changed("\"stages\"", "\"stages\"");
    memcpy(before, config.asc_digest, sizeof before);
    load_changed("\"max_green_s\": 25", "\"max_green_s\": 26");
    CHECK(memcmp(before, config.asc_digest, sizeof before) != 0);
}

static int set_up(void)
{
    FILE *file = fopen(example, "r");
    int fd = mkstemp(path);
    if (!file || fd < 0)
        return -1;
    close(fd);
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return 0;
}

static int tear_down(void)
{
    return remove(path);
}

HARNESS_MAIN_WITH(set_up, tear_down, {"a stage is a phase", a_stage_is_a_phase},
                  {"a group of several stages is an overlap", a_group_of_several_stages_is_an_overlap},
                  {"pedestrians and bars have overlaps of their kind",
                   pedestrians_and_bars_have_overlaps_of_their_kind},
                  {"the card says how groups flash", the_card_says_how_groups_flash},
                  {"detectors call their stage", detectors_call_their_stage},
                  {"the example is sound", the_example_is_sound},
                  {"a fixed stage lasts its green", a_fixed_stage_lasts_its_green},
                  {"one slip is one line", one_slip_is_one_line},
                  {"the digest sees the stages", the_digest_sees_the_stages})
