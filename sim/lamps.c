#include "lamps.h"
#include <string.h>

void lamps_init(struct lamps *lamps, int64_t now_us)
{
    memset(lamps, 0, sizeof *lamps);
    for (int ix = 0; ix < CHANNELS_MAX; ix++) {
        struct lamp *lamp = &lamps->lamp[ix];
        for (int i = 0; i < LAMP_HISTORY; i++)
            lamp->span[i] = (struct lamp_span){LAMP_DARK, now_us};
        lamp->out_at_us = now_us;
    }
}

static void lamp_turn(struct lamp *lamp, enum lamp_color color, int64_t now_us)
{
    lamp->newest = (uint8_t)((lamp->newest + 1) % LAMP_HISTORY);
    lamp->span[lamp->newest] = (struct lamp_span){color, now_us};
    lamp->flashing = false;
}

/* Two colours at once mean the more restrictive one. */
static enum lamp_color burning(const struct lamps *lamps, int channel_no)
{
    if (channel_has(&lamps->red, channel_no))
        return LAMP_RED;
    if (channel_has(&lamps->yellow, channel_no))
        return LAMP_YELLOW;
    return channel_has(&lamps->green, channel_no) ? LAMP_GREEN : LAMP_DARK;
}

static void look_at(struct lamps *lamps, int channel_no, int64_t now_us)
{
    struct lamp *lamp = &lamps->lamp[channel_no - 1];
    enum lamp_color color = burning(lamps, channel_no);
    if (color == LAMP_DARK) {
        if (lamp->out_at_us < 0)
            lamp->out_at_us = now_us;
        channel_add(&lamps->restless, channel_no);
        return;
    }
    bool was_out = lamp->out_at_us >= 0;
    if (color != lamp_now(lamp)->color) {
        lamp_turn(lamp, color, now_us);
        lamp->lit_at_us = now_us;
        channel_remove(&lamps->restless, channel_no);
    } else if (was_out && now_us - lamp->out_at_us > LAMP_PULSE_US) {
        lamp->flashing = true;
        lamp->lit_at_us = now_us;
        channel_add(&lamps->restless, channel_no);
    }
    lamp->out_at_us = -1;
}

bool lamps_set(struct lamps *lamps, const struct channel_mask *red, const struct channel_mask *yellow,
               const struct channel_mask *green, int64_t now_us)
{
    lamps_settle(lamps, now_us);
    uint64_t changed[2];
    for (int i = 0; i < 2; i++) {
        changed[i] = (lamps->red.word[i] ^ red->word[i]) | (lamps->yellow.word[i] ^ yellow->word[i]) |
                     (lamps->green.word[i] ^ green->word[i]);
    }
    if ((changed[0] | changed[1]) == 0)
        return false;
    lamps->red = *red;
    lamps->yellow = *yellow;
    lamps->green = *green;
    for (int i = 0; i < 2; i++) {
        for (uint64_t left = changed[i]; left != 0; left &= left - 1)
            look_at(lamps, 64 * i + mask_lowest_no(left), now_us);
    }
    return true;
}

static void settle(struct lamps *lamps, int channel_no, int64_t now_us)
{
    struct lamp *lamp = &lamps->lamp[channel_no - 1];
    if (lamp->out_at_us >= 0) {
        if (now_us - lamp->out_at_us >= LAMP_FLASH_US && lamp_now(lamp)->color != LAMP_DARK)
            lamp_turn(lamp, LAMP_DARK, lamp->out_at_us);
        if (lamp_now(lamp)->color == LAMP_DARK)
            channel_remove(&lamps->restless, channel_no);
    } else if (now_us - lamp->lit_at_us >= LAMP_FLASH_US) {
        lamp->flashing = false;
        channel_remove(&lamps->restless, channel_no);
    }
}

void lamps_settle(struct lamps *lamps, int64_t now_us)
{
    for (int i = 0; i < 2; i++) {
        for (uint64_t left = lamps->restless.word[i]; left != 0; left &= left - 1)
            settle(lamps, 64 * i + mask_lowest_no(left), now_us);
    }
}

const struct lamp_span *lamp_at(const struct lamp *lamp, int64_t at_us, const struct lamp_span **before)
{
    int back = 0;
    while (back < LAMP_HISTORY - 2 &&
           lamp->span[(lamp->newest + LAMP_HISTORY - back) % LAMP_HISTORY].since_us > at_us)
        back++;
    if (before)
        *before = &lamp->span[(lamp->newest + LAMP_HISTORY - back - 1) % LAMP_HISTORY];
    return &lamp->span[(lamp->newest + LAMP_HISTORY - back) % LAMP_HISTORY];
}

const char *lamp_color_name(enum lamp_color color)
{
    switch (color) {
    case LAMP_DARK:
        return "dark";
    case LAMP_RED:
        return "red";
    case LAMP_YELLOW:
        return "yellow";
    case LAMP_GREEN:
        return "green";
    }
    return "?";
}
