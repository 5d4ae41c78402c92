#include "card.h"
#include "config.h"
#include "wiring.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LOCK_STEP_YELLOW_MS = 3000, DS_MS = 100 };

struct check {
    const struct guard_card *card;
    const struct feed_config *groups;
    const struct database *db;
    struct wiring wiring;
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

#define OVERLAP_FIELD(overlap_no, field)                                                                     \
    (offsetof(struct database, overlap[(overlap_no)-1]) + offsetof(struct overlap_row, field))

static const struct phase_row *phase_row(const struct check *check, int phase_no)
{
    return &check->db->phase[phase_no - 1];
}

static const struct channel_row *channel_row(const struct check *check, int channel_no)
{
    return &check->db->channel[channel_no - 1];
}

/* The phases behind a lamp group; none if nothing drives it or it is none. */
static uint64_t group_phases(const struct check *check, int channel_no)
{
    return channel_has(&check->card->used, channel_no) ? check->wiring.driving[channel_no - 1] : 0;
}

static bool lists(const struct phase_list *list, int phase_no)
{
    for (int i = 0; i < list->count; i++) {
        if (list->number[i] == phase_no)
            return true;
    }
    return false;
}

/* "phase 3", "overlap 1" */
static const char *source_text(const struct check *check, int channel_no, char text[16])
{
    snprintf(text, 16, "%s %d", wiring_overlap(check->db, channel_no) ? "overlap" : "phase",
             channel_row(check, channel_no)->source_no);
    return text;
}

/* Two channels of one phase, or one of them of an overlap: the channel's source is to blame. */
static void blame_source(struct check *check, int channel_no, int other_no)
{
    char source[16], with[16];
    source_text(check, other_no, source);
    source_text(check, channel_no, with);
    if (strcmp(source, with) == 0)
        blame(check, CHANNEL_FIELD(other_no, source_no), other_no,
              "channel %d shows %s like channel %d, and the card does not let %d and %d run together",
              other_no, source, channel_no, channel_no, other_no);
    else
        blame(check, CHANNEL_FIELD(other_no, source_no), other_no,
              "channel %d shows %s, which may run with %s of channel %d, and the card does not let %d and %d "
              "run together",
              other_no, source, with, channel_no, channel_no, other_no);
}

static bool pair_allowed(const struct check *check, int channel_no, int other_no)
{
    bool permissive = channel_has(&check->card->permissive[channel_no - 1], other_no);
    switch (wiring_meeting(&check->wiring, channel_no, other_no)) {
    case WIRING_NEVER:
        return true;
    case WIRING_YIELDING:
        return permissive || channel_has(&check->card->yields[channel_no - 1], other_no);
    case WIRING_TOGETHER:
        break;
    }
    return permissive;
}

static void check_pair(struct check *check, int channel_no, int other_no)
{
    if (!group_phases(check, channel_no) || !group_phases(check, other_no) ||
        pair_allowed(check, channel_no, other_no))
        return;
    int phase_no = channel_row(check, channel_no)->source_no;
    int other_phase_no = channel_row(check, other_no)->source_no;
    bool of_phases = !wiring_overlap(check->db, channel_no) && !wiring_overlap(check->db, other_no);
    if (!of_phases || phase_no == other_phase_no) {
        blame_source(check, channel_no, other_no);
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

/* An overlap that trails its phases clears by its own times. */
static void check_trailing_floors(struct check *check, int channel_no, const struct overlap_row *overlap)
{
    int overlap_no = channel_row(check, channel_no)->source_no;
    int yellow_floor_ms = check->card->yellow_floor_ms[channel_no - 1];
    int red_floor_ms = check->card->red_floor_ms[channel_no - 1];
    if (overlap->trail_green_s == 0)
        return;
    if (overlap->trail_yellow_ds && overlap->trail_yellow_ds * DS_MS < yellow_floor_ms)
        blame(check, OVERLAP_FIELD(overlap_no, trail_yellow_ds), overlap_no,
              "overlap %d: %d ms of trailing yellow is below the card's floor of %d ms for channel %d",
              overlap_no, overlap->trail_yellow_ds * DS_MS, yellow_floor_ms, channel_no);
    if (overlap->trail_red_ds * DS_MS < red_floor_ms)
        blame(check, OVERLAP_FIELD(overlap_no, trail_red_ds), overlap_no,
              "overlap %d: %d ms of trailing red is below the card's floor of %d ms for channel %d",
              overlap_no, overlap->trail_red_ds * DS_MS, red_floor_ms, channel_no);
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

/* A pedestrian overlap keeps others waiting for its own steady don't walk, or its phases' red clearance. */
static void check_ped_overlap_floor(struct check *check, int channel_no, const struct overlap_row *overlap)
{
    int overlap_no = channel_row(check, channel_no)->source_no;
    int red_ds = overlap->trail_red_ds, floor_ms = check->card->red_floor_ms[channel_no - 1];
    int ix;
    FOR_EACH_BIT(ix, check->wiring.driving[channel_no - 1])
        if (phase_row(check, ix + 1)->red_clear_ds > red_ds)
            red_ds = phase_row(check, ix + 1)->red_clear_ds;
    if (red_ds * DS_MS < floor_ms)
        blame(check, OVERLAP_FIELD(overlap_no, trail_red_ds), overlap_no,
              "overlap %d: pedestrians have %d ms of red before a conflicting green, below the card's floor "
              "of %d ms for channel %d",
              overlap_no, red_ds * DS_MS, floor_ms, channel_no);
}

static void check_floors(struct check *check, int channel_no)
{
    const struct overlap_row *overlap = wiring_overlap(check->db, channel_no);
    bool pedestrian = wiring_is_pedestrian(check->db, channel_no);
    int ix;
    if (overlap && pedestrian) {
        check_ped_overlap_floor(check, channel_no, overlap);
        return;
    }
    FOR_EACH_BIT(ix, check->wiring.driving[channel_no - 1]) {
        if (pedestrian)
            check_pedestrian_floor(check, channel_no, ix + 1);
        else
            check_vehicle_floors(check, channel_no, ix + 1);
    }
    if (overlap)
        check_trailing_floors(check, channel_no, overlap);
}

static void check_red_yellow(struct check *check, int channel_no)
{
    int ix;
    if (channel_has(&check->card->red_yellow, channel_no) || !wiring_shows_red_yellow(check->db, channel_no))
        return;
    FOR_EACH_BIT(ix, check->wiring.driving[channel_no - 1])
        if (phase_row(check, ix + 1)->red_yellow_ds)
            blame(check, PHASE_FIELD(ix + 1, red_yellow_ds), ix + 1,
                  "phase %d: red and yellow together on channel %d, which the card does not let show them",
                  ix + 1, channel_no);
}

/* An arrow of four sections is dark while the lamp of its protected phase shows the green. */
static bool dark_while_protected(const struct overlap_row *overlap)
{
    return overlap && (overlap->type == OVERLAP_FLASHING_YELLOW_4 || overlap->type == OVERLAP_FLASHING_RED_4);
}

static void check_dark(struct check *check, int channel_no)
{
    const struct channel_row *row = channel_row(check, channel_no);
    if (channel_has(&check->card->dark_ok, channel_no))
        return;
    if (row->dark_when_red || row->off_by_schedule)
        blame(check,
              row->dark_when_red ? CHANNEL_FIELD(channel_no, dark_when_red)
                                 : CHANNEL_FIELD(channel_no, off_by_schedule),
              channel_no, "channel %d may go dark, and its lamp group may not", channel_no);
    else if (dark_while_protected(wiring_overlap(check->db, channel_no)))
        blame(check, OVERLAP_FIELD(row->source_no, type), row->source_no,
              "overlap %d is dark while its protected phase is green, and lamp group %d may not be dark",
              row->source_no, channel_no);
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

static const char *kind_text(bool pedestrian, bool bar)
{
    return pedestrian ? "pedestrians" : bar ? "transit" : "vehicles";
}

static void check_channel(struct check *check, int channel_no)
{
    bool is_group = channel_has(&check->card->used, channel_no);
    bool driven = check->wiring.driving[channel_no - 1] != 0;
    char source[16];
    if (!is_group) {
        if (driven)
            blame(check, CHANNEL_FIELD(channel_no, source_no), channel_no,
                  "channel %d shows %s, and the cabinet has no lamp group %d", channel_no,
                  source_text(check, channel_no, source), channel_no);
        return;
    }
    if (!driven) {
        if (!channel_has(&check->card->dark_ok, channel_no))
            blame(check, CHANNEL_FIELD(channel_no, source_no), channel_no,
                  "no enabled phase drives lamp group %d, which may not be dark", channel_no);
        return;
    }
    const char *kind =
        kind_text(wiring_is_pedestrian(check->db, channel_no), wiring_is_bar(check->db, channel_no));
    const char *lamps = kind_text(channel_has(&check->card->pedestrian, channel_no),
                                  channel_has(&check->card->bar, channel_no));
    if (strcmp(kind, lamps) != 0) {
        blame(check, CHANNEL_FIELD(channel_no, type), channel_no,
              "channel %d is a channel for %s, and the lamp group is for %s", channel_no, kind, lamps);
        return;
    }
    check_floors(check, channel_no);
    check_red_yellow(check, channel_no);
    check_dark(check, channel_no);
    check_flash(check, channel_no);
}

/* What the feed tells the cameras about a group has to stay true. */
static void check_group(struct check *check, const struct feed_group *group)
{
    char source[16];
    bool overlap = wiring_overlap(check->db, group->no) != NULL;
    int source_no = channel_row(check, group->no)->source_no;
    bool agrees = source_no == (overlap ? group->overlap_no : group->phase_no);
    if (check->wiring.driving[group->no - 1] && !agrees)
        blame(check, CHANNEL_FIELD(group->no, source_no), group->no,
              "channel %d shows %s, and its lamp group belongs to %s %d", group->no,
              source_text(check, group->no, source), group->overlap_no ? "overlap" : "phase",
              group->overlap_no ? group->overlap_no : group->phase_no);
}

int card_check(const struct guard_card *card, const struct feed_config *groups, const struct database *db,
               card_report *report, void *arg)
{
    struct check check = {.card = card, .groups = groups, .db = db, .report = report, .report_arg = arg};
    wiring_read(&check.wiring, db);
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

static void pair(struct channel_mask matrix[CHANNELS_MAX], int channel_no, int other_no)
{
    channel_add(&matrix[channel_no - 1], other_no);
    channel_add(&matrix[other_no - 1], channel_no);
}

/* What the lamps of one channel have to be able to do. */
static void admit_channel(struct guard_card *card, const struct database *db, const struct wiring *wiring,
                          int no)
{
    const struct channel_row *row = &db->channel[no - 1];
    channel_add(&card->used, no);
    if (wiring_is_pedestrian(db, no))
        channel_add(&card->pedestrian, no);
    else if (wiring_is_bar(db, no))
        channel_add(&card->bar, no);
    else
        card->yellow_floor_ms[no - 1] = LOCK_STEP_YELLOW_MS;
    if (wiring->yielding[no - 1])
        channel_add(&card->arrow, no);
    if (wiring_shows_red_yellow(db, no))
        channel_add(&card->red_yellow, no);
    if (row->dark_when_red || row->off_by_schedule || dark_while_protected(wiring_overlap(db, no)))
        channel_add(&card->dark_ok, no);
    if (row->flash & CHANNEL_FLASH_RED)
        channel_add(&card->flash_red, no);
    else if (row->flash & CHANNEL_FLASH_YELLOW)
        channel_add(&card->flash_yellow, no);
}

void config_card_from_database(struct guard_card *card, const struct database *db)
{
    struct wiring wiring;
    wiring_read(&wiring, db);
    memset(card, 0, sizeof *card);
    for (int no = 1; no <= CHANNELS_MAX; no++) {
        if (!wiring.driving[no - 1])
            continue;
        admit_channel(card, db, &wiring, no);
        for (int other_no = 1; other_no < no; other_no++) {
            enum wiring_meeting meeting = wiring_meeting(&wiring, no, other_no);
            if (wiring.driving[other_no - 1] && meeting != WIRING_NEVER)
                pair(meeting == WIRING_TOGETHER ? card->permissive : card->yields, no, other_no);
        }
    }
}
