#include "card.h"
#include "config.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LOCK_STEP_YELLOW_MS = 3000, DS_MS = 100 };

struct check {
    const struct guard_card *card;
    const struct feed_config *groups;
    const struct database *db;
    card_report *report;
    void *report_arg;
    int faults;
};

__attribute__((format(printf, 4, 5))) static void blame(struct check *check, size_t field_offset, int row_no,
                                                        const char *format, ...)
{
    char reason[CARD_REASON_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    check->faults++;
    check->report(check->report_arg, &(struct card_fault){field_offset, row_no, reason});
}

#define PHASE_FIELD(phase_no, field)                                                                         \
    (offsetof(struct database, phase[(phase_no)-1]) + offsetof(struct phase_row, field))
#define CHANNEL_FIELD(channel_no, field)                                                                     \
    (offsetof(struct database, channel[(channel_no)-1]) + offsetof(struct channel_row, field))

static const struct phase_row *phase_row(const struct check *check, int phase_no)
{
    return &check->db->phase[phase_no - 1];
}

/* The phase whose colours the channel shows, 0 if nothing drives it. */
static int driving_phase_no(const struct database *db, int channel_no)
{
    const struct channel_row *row = &db->channel[channel_no - 1];
    bool of_phase = row->type == CHANNEL_VEHICLE || row->type == CHANNEL_PEDESTRIAN;
    if (!of_phase || row->source_no == 0 || row->source_no > PHASES_MAX ||
        !database_phase_enabled(db, row->source_no))
        return 0;
    return row->source_no;
}

static bool lists(const struct phase_list *list, int phase_no)
{
    for (int i = 0; i < list->count; i++) {
        if (list->number[i] == phase_no)
            return true;
    }
    return false;
}

/* Whether the plan may give both phases right of way at once. */
static bool may_be_on_together(const struct database *db, int a_no, int b_no)
{
    return a_no == b_no || lists(&db->phase[a_no - 1].concurrency, b_no) ||
           lists(&db->phase[b_no - 1].concurrency, a_no);
}

/* The phase whose colours a lamp group shows, 0 if nothing drives it or it is none. */
static int group_phase_no(const struct check *check, int channel_no)
{
    return channel_has(&check->card->used, channel_no) ? driving_phase_no(check->db, channel_no) : 0;
}

static void check_pair(struct check *check, int channel_no, int other_no)
{
    int phase_no = group_phase_no(check, channel_no);
    int other_phase_no = group_phase_no(check, other_no);
    if (!phase_no || !other_phase_no || channel_has(&check->card->permissive[channel_no - 1], other_no) ||
        !may_be_on_together(check->db, phase_no, other_phase_no))
        return;
    if (phase_no == other_phase_no) {
        blame(check, CHANNEL_FIELD(other_no, source_no), other_no,
              "channel %d shows phase %d like channel %d, and the card does not let %d and %d run together",
              other_no, phase_no, channel_no, channel_no, other_no);
        return;
    }
    bool one_lists = lists(&phase_row(check, phase_no)->concurrency, other_phase_no);
    int culprit_no = one_lists ? phase_no : other_phase_no;
    blame(check, PHASE_FIELD(culprit_no, concurrency), culprit_no,
          "phase %d may run with phase %d, and the card does not let their channels %d and %d run together",
          culprit_no, one_lists ? other_phase_no : phase_no, one_lists ? channel_no : other_no,
          one_lists ? other_no : channel_no);
}

static void check_vehicle_floors(struct check *check, int channel_no, int phase_no)
{
    const struct phase_row *phase = phase_row(check, phase_no);
    int yellow_floor_ms = check->card->yellow_floor_ms[channel_no - 1];
    int red_floor_ms = check->card->red_floor_ms[channel_no - 1];
    if (phase->yellow_ds * DS_MS < yellow_floor_ms)
        blame(check, PHASE_FIELD(phase_no, yellow_ds), phase_no,
              "phase %d: %d ms of yellow is below the card's floor of %d ms for channel %d", phase_no,
              phase->yellow_ds * DS_MS, yellow_floor_ms, channel_no);
    if (phase->red_clear_ds * DS_MS < red_floor_ms)
        blame(check, PHASE_FIELD(phase_no, red_clear_ds), phase_no,
              "phase %d: %d ms of red clearance is below the card's floor of %d ms for channel %d", phase_no,
              phase->red_clear_ds * DS_MS, red_floor_ms, channel_no);
}

/* A pedestrian lamp is red from the end of its clearance to the end of the phase's red clearance. */
static void check_pedestrian_floor(struct check *check, int channel_no, int phase_no)
{
    const struct phase_row *phase = phase_row(check, phase_no);
    int red_ms = (phase->yellow_ds + phase->red_clear_ds - phase->ped_clear_into_yellow_red_ds) * DS_MS;
    int floor_ms = check->card->red_floor_ms[channel_no - 1];
    if (red_ms >= floor_ms)
        return;
    size_t field = phase->ped_clear_into_yellow_red_ds ? PHASE_FIELD(phase_no, ped_clear_into_yellow_red_ds)
                                                       : PHASE_FIELD(phase_no, red_clear_ds);
    blame(check, field, phase_no,
          "phase %d: pedestrians have %d ms of red before a conflicting green, below the card's floor of %d "
          "ms for channel %d",
          phase_no, red_ms, floor_ms, channel_no);
}

/* The engine flashes red where both bits are set. */
static void check_flash(struct check *check, int channel_no)
{
    uint8_t flash = check->db->channel[channel_no - 1].flash;
    bool red = flash & CHANNEL_FLASH_RED;
    bool yellow = !red && (flash & CHANNEL_FLASH_YELLOW);
    const char *card = channel_has(&check->card->flash_red, channel_no)      ? "red"
                       : channel_has(&check->card->flash_yellow, channel_no) ? "yellow"
                                                                             : "dark";
    const char *plan = red ? "red" : yellow ? "yellow" : "dark";
    if (strcmp(card, plan) != 0)
        blame(check, CHANNEL_FIELD(channel_no, flash), channel_no,
              "channel %d is %s in flash, and the card says %s", channel_no, plan, card);
}

static void check_channel(struct check *check, int channel_no)
{
    const struct channel_row *row = &check->db->channel[channel_no - 1];
    bool is_group = channel_has(&check->card->used, channel_no);
    int phase_no = driving_phase_no(check->db, channel_no);
    if (!is_group) {
        if (phase_no)
            blame(check, CHANNEL_FIELD(channel_no, source_no), channel_no,
                  "channel %d shows phase %d, and the cabinet has no lamp group %d", channel_no, phase_no,
                  channel_no);
        return;
    }
    if (!phase_no) {
        if (!channel_has(&check->card->dark_ok, channel_no))
            blame(check, CHANNEL_FIELD(channel_no, source_no), channel_no,
                  "no enabled phase drives lamp group %d, which may not be dark", channel_no);
        return;
    }
    if ((row->type == CHANNEL_PEDESTRIAN) != channel_has(&check->card->pedestrian, channel_no)) {
        blame(check, CHANNEL_FIELD(channel_no, type), channel_no,
              "channel %d is a %s channel, and the lamp group is for %s", channel_no,
              row->type == CHANNEL_PEDESTRIAN ? "pedestrian" : "vehicle",
              row->type == CHANNEL_PEDESTRIAN ? "vehicles" : "pedestrians");
        return;
    }
    if (row->type == CHANNEL_PEDESTRIAN)
        check_pedestrian_floor(check, channel_no, phase_no);
    else
        check_vehicle_floors(check, channel_no, phase_no);
    check_flash(check, channel_no);
}

/* What the feed tells the cameras about a group has to stay true. */
static void check_group(struct check *check, const struct feed_group *group)
{
    int phase_no = driving_phase_no(check->db, group->no);
    if (phase_no && phase_no != group->phase_no)
        blame(check, CHANNEL_FIELD(group->no, source_no), group->no,
              "channel %d shows phase %d, and its lamp group belongs to phase %d", group->no, phase_no,
              group->phase_no);
}

int card_check(const struct guard_card *card, const struct feed_config *groups, const struct database *db,
               card_report *report, void *arg)
{
    struct check check = {card, groups, db, report, arg, 0};
    for (int no = 1; no <= CHANNELS_MAX; no++)
        check_channel(&check, no);
    for (int i = 0; i < groups->group_count; i++)
        check_group(&check, &groups->group[i]);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        for (int other_no = no + 1; other_no <= CHANNELS_MAX; other_no++)
            check_pair(&check, no, other_no);
    }
    return check.faults;
}

void config_card_from_database(struct guard_card *card, const struct database *db)
{
    memset(card, 0, sizeof *card);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        int phase_no = driving_phase_no(db, no);
        if (!phase_no)
            continue;
        const struct channel_row *row = &db->channel[no - 1];
        channel_add(&card->used, no);
        if (row->type == CHANNEL_PEDESTRIAN)
            channel_add(&card->pedestrian, no);
        else
            card->yellow_floor_ms[no - 1] = LOCK_STEP_YELLOW_MS;
        if (row->flash & CHANNEL_FLASH_RED)
            channel_add(&card->flash_red, no);
        else if (row->flash & CHANNEL_FLASH_YELLOW)
            channel_add(&card->flash_yellow, no);
        for (int other_no = 1; other_no < no; other_no++) {
            int other_phase_no = driving_phase_no(db, other_no);
            if (other_phase_no && may_be_on_together(db, phase_no, other_phase_no)) {
                channel_add(&card->permissive[no - 1], other_no);
                channel_add(&card->permissive[other_no - 1], no);
            }
        }
    }
}
