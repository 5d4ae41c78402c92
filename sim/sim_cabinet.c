#include "sim_cabinet.h"
#include <string.h>

enum { FLASHER_HALF_US = 500 * 1000 };

static const uint32_t LATCHED = CABINET_TRIP_CONFLICT | CABINET_TRIP_RED_FAIL;
static const uint32_t TRIPS =
    CABINET_TRIP_CONFLICT | CABINET_TRIP_RED_FAIL | CABINET_TRIP_HEARTBEAT | CABINET_TRIP_CVM;

/* Lights what is to burn now, by the controller's command or by the own flasher. */
static void light(struct sim_cabinet *cabinet, int64_t now_us)
{
    struct channel_mask lit[3] = {cabinet->command.red, cabinet->command.yellow, cabinet->command.green};
    if (sim_cabinet_flashes(cabinet)) {
        memset(lit, 0, sizeof lit);
        if (cabinet->flasher_on) {
            lit[0] = cabinet->card->flash_red;
            lit[1] = cabinet->card->flash_yellow;
        }
    }
    for (int color = 0; color < 3; color++) {
        for (int i = 0; i < 2; i++) {
            lit[color].word[i] |= cabinet->faults.stuck[color].word[i];
            lit[color].word[i] &= ~cabinet->faults.broken[color].word[i];
        }
    }
    lamps_set(&cabinet->lamps, &lit[0], &lit[1], &lit[2], now_us);
}

void sim_cabinet_init(struct sim_cabinet *cabinet, const struct guard_card *card, int heartbeat_ms,
                      int64_t now_us)
{
    memset(cabinet, 0, sizeof *cabinet);
    cabinet->card = card;
    cabinet->heartbeat_limit_us = (int64_t)heartbeat_ms * 1000;
    cabinet->heartbeat_at_us = -1;
    cabinet->conflict_since_us = cabinet->dual_since_us = -1;
    cabinet->status = CABINET_FLASHING | CABINET_TRIP_HEARTBEAT;
    cabinet->flasher_on = true;
    lamps_init(&cabinet->lamps, now_us);
    light(cabinet, now_us);
}

bool sim_cabinet_shows_flash(const struct sim_cabinet *cabinet)
{
    const struct lamps *lamps = &cabinet->lamps;
    uint64_t beyond = 0;
    for (int i = 0; i < 2; i++) {
        beyond |= lamps->green.word[i] | (lamps->red.word[i] & ~cabinet->card->flash_red.word[i]) |
                  (lamps->yellow.word[i] & ~cabinet->card->flash_yellow.word[i]);
    }
    return beyond == 0;
}

/* Right of way, or its end, on two channels that the card does not allow together, arrows that yield apart.
 * The yellows of a flash give nobody the right of way. */
static bool conflict_burns(const struct sim_cabinet *cabinet)
{
    const struct lamps *lamps = &cabinet->lamps;
    struct channel_mask going, arrows;
    if (sim_cabinet_shows_flash(cabinet))
        return false;
    for (int i = 0; i < 2; i++) {
        going.word[i] = lamps->green.word[i] | lamps->yellow.word[i];
        arrows.word[i] = lamps->yellow.word[i] & cabinet->card->arrow.word[i];
    }
    for (int i = 0; i < 2; i++) {
        for (uint64_t left = going.word[i]; left != 0; left &= left - 1) {
            int no = 64 * i + mask_lowest_no(left);
            struct channel_mask others = going;
            channel_remove(&others, no);
            const struct channel_mask *allowed = &cabinet->card->permissive[no - 1];
            const struct channel_mask *yields = &cabinet->card->yields[no - 1];
            for (int k = 0; k < 2; k++) {
                uint64_t yielding =
                    channel_has(&arrows, no) ? yields->word[k] : yields->word[k] & arrows.word[k];
                if (others.word[k] & ~allowed->word[k] & ~yielding)
                    return true;
            }
        }
    }
    return false;
}

static bool two_colors_burn(const struct sim_cabinet *cabinet)
{
    const struct lamps *lamps = &cabinet->lamps;
    uint64_t two = 0;
    for (int i = 0; i < 2; i++) {
        uint64_t red = lamps->red.word[i], yellow = lamps->yellow.word[i], green = lamps->green.word[i];
        two |= (red & yellow & ~cabinet->card->red_yellow.word[i]) | (red & green) | (yellow & green);
    }
    return two != 0;
}

/* A channel that is to burn has been out too long, as the controller went on to command it: one that
 * falls silent in the dark half of its flash is a matter of the heartbeat. In the controller's own
 * flash only those of the flash image are to burn. */
static bool channel_out(const struct sim_cabinet *cabinet)
{
    const struct lamps *lamps = &cabinet->lamps;
    bool flash = sim_cabinet_shows_flash(cabinet);
    for (int i = 0; i < 2; i++) {
        uint64_t out = cabinet->card->used.word[i] & ~cabinet->card->dark_ok.word[i] &
                       ~(lamps->red.word[i] | lamps->yellow.word[i] | lamps->green.word[i]);
        if (flash)
            out &= cabinet->card->flash_red.word[i] | cabinet->card->flash_yellow.word[i];
        for (; out != 0; out &= out - 1) {
            int64_t out_us =
                cabinet->heartbeat_at_us - lamps->lamp[64 * i + mask_lowest_no(out) - 1].out_at_us;
            if (out_us >= MONITOR_DARK_US)
                return true;
        }
    }
    return false;
}

static bool lasted(int64_t *since_us, bool wrong, int64_t limit_us, int64_t now_us)
{
    if (!wrong)
        *since_us = -1;
    else if (*since_us < 0)
        *since_us = now_us;
    return *since_us >= 0 && now_us - *since_us >= limit_us;
}

/* The monitor rests while the flasher has the lamps: there is nothing left to switch off. */
static void watch_lamps(struct sim_cabinet *cabinet, int64_t now_us)
{
    if (sim_cabinet_flashes(cabinet)) {
        cabinet->conflict_since_us = cabinet->dual_since_us = -1;
        return;
    }
    if (lasted(&cabinet->conflict_since_us, conflict_burns(cabinet), MONITOR_CONFLICT_US, now_us) ||
        lasted(&cabinet->dual_since_us, two_colors_burn(cabinet), MONITOR_DUAL_US, now_us))
        cabinet->status |= CABINET_TRIP_CONFLICT;
    if (channel_out(cabinet))
        cabinet->status |= CABINET_TRIP_RED_FAIL;
}

/* Settles who has the lamps, and lights them. */
static void decide(struct sim_cabinet *cabinet, int64_t now_us)
{
    bool silent =
        cabinet->heartbeat_at_us < 0 || now_us - cabinet->heartbeat_at_us >= cabinet->heartbeat_limit_us;
    uint32_t status = cabinet->status & LATCHED;
    if (silent)
        status |= CABINET_TRIP_HEARTBEAT;
    if (cabinet->heartbeat_at_us >= 0 && !cabinet->command.healthy)
        status |= CABINET_TRIP_CVM;
    if ((status & TRIPS) || (cabinet->inputs & CABINET_FLASH_SWITCH))
        status |= CABINET_FLASHING;
    cabinet->status = status;
    cabinet->flasher_on = now_us / FLASHER_HALF_US % 2 == 0;
    light(cabinet, now_us);
}

void sim_cabinet_take(struct sim_cabinet *cabinet, const struct cabinet_command *command, int64_t now_us)
{
    if (!cabinet->beaten || command->heartbeat != cabinet->command.heartbeat)
        cabinet->heartbeat_at_us = now_us;
    cabinet->beaten = true;
    cabinet->command = *command;
    decide(cabinet, now_us);
    watch_lamps(cabinet, now_us);
}

void sim_cabinet_advance(struct sim_cabinet *cabinet, int64_t now_us)
{
    watch_lamps(cabinet, now_us);
    decide(cabinet, now_us);
    lamps_settle(&cabinet->lamps, now_us);
}

void sim_cabinet_image(const struct sim_cabinet *cabinet, struct cabinet_image *image)
{
    *image = (struct cabinet_image){
        .vehicle = cabinet->vehicle,
        .pedestrian = cabinet->pedestrian,
        .inputs = cabinet->inputs,
        .status = cabinet->status,
        .red = cabinet->lamps.red,
        .yellow = cabinet->lamps.yellow,
        .green = cabinet->lamps.green,
    };
}

void sim_cabinet_reset(struct sim_cabinet *cabinet, int64_t now_us)
{
    cabinet->status &= ~LATCHED;
    decide(cabinet, now_us);
}
