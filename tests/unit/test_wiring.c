/* Which phases stand behind a channel, and what the card makes of overlaps. */
#include "../../controller/card.h"
#include "../../controller/config.h"
#include "../../controller/wiring.h"
#include "harness.h"
#include "plans.h"
#include <string.h>

static struct database db;
static struct guard_card card;
static struct feed_config groups;
static char reason[CARD_REASON_MAX];

static void list(struct phase_list *list, int a, int b)
{
    *list = (struct phase_list){.count = (uint8_t)(b ? 2 : 1), .number = {(uint8_t)a, (uint8_t)b}};
}

/* Eight phases on channels 1 to 8, overlap 1 of `type` on channel 9. */
static void overlap_on_channel_9(enum overlap_type type, int included, int other, int modifier)
{
    plans_eight(&db);
    db.overlap[0].type = (uint8_t)type;
    list(&db.overlap[0].included, included, other);
    if (modifier)
        list(&db.overlap[0].modifier, modifier, 0);
}

static void keep(void *arg, const struct card_fault *fault)
{
    (void)arg;
    snprintf(reason, sizeof reason, "%s", fault->reason);
}

static int check_card(void)
{
    return card_check(&card, &groups, &db, keep, NULL);
}

static void an_overlap_may_run_with_what_any_of_its_phases_may(void)
{
    overlap_on_channel_9(OVERLAP_NORMAL, 2, 3, 0);
    config_card_from_database(&card, &db);
    CHECK(channel_has(&card.used, 9));
    CHECK_INT(3000, card.yellow_floor_ms[8]);
    CHECK_HEX(0xF6, card.permissive[8].word[0] & 0xFF); /* 2, 3, 5, 6, 7, 8: not 1 and 4 */
    CHECK(channel_has(&card.permissive[1], 9));
    CHECK(!channel_has(&card.permissive[0], 9));
}

static void an_arrow_belongs_to_its_protected_phase_too(void)
{
    overlap_on_channel_9(OVERLAP_FLASHING_YELLOW_4, 2, 0, 1);
    config_card_from_database(&card, &db);
    CHECK_HEX(0x31, card.permissive[8].word[0] & 0xFF); /* 1, 5, 6; beside 2 it only flashes */
    CHECK_HEX(0x02, card.yields[8].word[0] & 0xFF);
    CHECK(channel_has(&card.yields[1], 9));
    CHECK(channel_has(&card.arrow, 9));
    CHECK(channel_has(&card.dark_ok, 9));
    CHECK_INT(0, check_card());
    channel_remove(&card.yields[8], 2);
    channel_remove(&card.yields[1], 9);
    CHECK_INT(1, check_card());
}

static void a_bar_signal_has_no_yellow(void)
{
    overlap_on_channel_9(OVERLAP_TRANSIT_2, 2, 0, 0);
    config_card_from_database(&card, &db);
    CHECK(channel_has(&card.bar, 9));
    CHECK_INT(0, card.yellow_floor_ms[8]);
    channel_remove(&card.bar, 9);
    CHECK_INT(1, check_card());
    CHECK_STR("channel 9 is a channel for transit, and the lamp group is for vehicles", reason);
}

static void pedestrians_whom_the_overlap_waits_for_never_meet_it(void)
{
    overlap_on_channel_9(OVERLAP_NORMAL, 2, 0, 0);
    config_card_from_database(&card, &db);
    CHECK(channel_has(&card.permissive[8], 13)); /* those of phase 2 */
    list(&db.overlap[0].conflicting_peds, 2, 0);
    config_card_from_database(&card, &db);
    CHECK(!channel_has(&card.permissive[8], 13));
    CHECK(channel_has(&card.permissive[8], 15)); /* those of phase 6 */
}

static void red_yellow_has_to_be_permitted(void)
{
    overlap_on_channel_9(OVERLAP_NORMAL, 2, 0, 0);
    config_card_from_database(&card, &db);
    db.phase[1].red_yellow_ds = 20;
    CHECK_INT(0, check_card());
    channel_remove(&card.red_yellow, 9);
    CHECK_INT(1, check_card());
    CHECK_STR("phase 2: red and yellow together on channel 9, which the card does not let show them", reason);
}

static void a_pedestrian_overlap_has_a_red_of_its_own(void)
{
    overlap_on_channel_9(OVERLAP_PEDESTRIAN, 2, 0, 0);
    config_card_from_database(&card, &db);
    CHECK(channel_has(&card.pedestrian, 9));
    card.red_floor_ms[8] = 3000;
    CHECK_INT(1, check_card());
    CHECK_STR("overlap 1: pedestrians have 1000 ms of red before a conflicting green, below the card's floor "
              "of 3000 ms for channel 9",
              reason);
    db.overlap[0].trail_red_ds = 30;
    CHECK_INT(0, check_card());
}

static void a_modifier_bars_the_overlap_where_it_waits_for_it(void)
{
    overlap_on_channel_9(OVERLAP_MINUS_GREEN_YELLOW, 2, 0, 5);
    config_card_from_database(&card, &db);
    CHECK(channel_has(&card.permissive[8], 5));
    db.overlap[0].after_modifier = 1;
    config_card_from_database(&card, &db);
    CHECK(!channel_has(&card.permissive[8], 5));
    CHECK(channel_has(&card.permissive[8], 6));
}

static void an_overlap_of_nothing_uses_no_channel(void)
{
    overlap_on_channel_9(OVERLAP_NORMAL, 39, 0, 0);
    config_card_from_database(&card, &db);
    CHECK(!channel_has(&card.used, 9));
    overlap_on_channel_9(OVERLAP_OTHER, 2, 0, 0);
    config_card_from_database(&card, &db);
    CHECK(!channel_has(&card.used, 9));
}

static void the_card_judges_overlaps_like_phases(void)
{
    overlap_on_channel_9(OVERLAP_NORMAL, 2, 3, 0);
    config_card_from_database(&card, &db);
    CHECK_INT(0, check_card());
    channel_remove(&card.permissive[8], 6);
    channel_remove(&card.permissive[5], 9);
    CHECK_INT(1, check_card());
    CHECK_STR(
        "channel 9 shows overlap 1, which may run with phase 6 of channel 6, and the card does not let 6 "
        "and 9 run together",
        reason);
    config_card_from_database(&card, &db);
    db.overlap[0].trail_green_s = 5;
    db.overlap[0].trail_yellow_ds = 29;
    CHECK_INT(1, check_card());
    CHECK_STR("overlap 1: 2900 ms of trailing yellow is below the card's floor of 3000 ms for channel 9",
              reason);
    db.overlap[0].trail_green_s = 0;
    db.channel[8].dark_when_red = 1;
    CHECK_INT(1, check_card());
    CHECK_STR("channel 9 may go dark, and its lamp group may not", reason);
}

static void a_lamp_group_belongs_to_its_overlap(void)
{
    overlap_on_channel_9(OVERLAP_NORMAL, 2, 3, 0);
    config_card_from_database(&card, &db);
    groups = (struct feed_config){.group_count = 1, .group = {{.no = 9, .overlap_no = 1}}};
    CHECK_INT(0, check_card());
    groups.group[0] = (struct feed_group){.no = 9, .phase_no = 1};
    CHECK_INT(1, check_card());
    CHECK_STR("channel 9 shows overlap 1, and its lamp group belongs to phase 1", reason);
    groups.group_count = 0;
}

HARNESS_MAIN({"an overlap may run with what any of its phases may",
              an_overlap_may_run_with_what_any_of_its_phases_may},
             {"an arrow belongs to its protected phase too", an_arrow_belongs_to_its_protected_phase_too},
             {"a modifier bars the overlap where it waits for it",
              a_modifier_bars_the_overlap_where_it_waits_for_it},
             {"an overlap of nothing uses no channel", an_overlap_of_nothing_uses_no_channel},
             {"the card judges overlaps like phases", the_card_judges_overlaps_like_phases},
             {"a bar signal has no yellow", a_bar_signal_has_no_yellow},
             {"pedestrians whom the overlap waits for never meet it",
              pedestrians_whom_the_overlap_waits_for_never_meet_it},
             {"red-yellow has to be permitted", red_yellow_has_to_be_permitted},
             {"a pedestrian overlap has a red of its own", a_pedestrian_overlap_has_a_red_of_its_own},
             {"a lamp group belongs to its overlap", a_lamp_group_belongs_to_its_overlap}, )
